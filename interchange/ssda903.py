"""Read a yearly SSDA903 return: a set of CSV files and folders, or one XML file (returns 1, 5).

`read_return` gives one `Return`: every child, those with an open episode described as far as the file
allows, and every row left out or flagged. Nothing here reads the clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

from interchange import delimited, return_xml
from interchange.children import child_from, inferred_business_date
from interchange.dates import year_end, year_label
from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import FileRefused, Problem, Problems, refusal, shown_name
from interchange.returned import Return, TableRead
from interchange.rows import (
    Reading,
    Table,
    read_decisions,
    read_episodes,
    read_headers,
    read_permanence,
    read_reviews,
)
from interchange.tables import TABLES, USED, table_of

SOURCE: Final = "ssda903"
_SUFFIXES: Final = frozenset({".csv", ".xml"})
_SNIFFED: Final = 64


def read_return(
    paths: Iterable[str | Path] | str | Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    business_date: date | None = None,
    keep_episodes: bool = True,
) -> Return:
    """Read one year's return from files and folders, given in any order.

    The day it speaks of is `business_date`, or else inferred: the 31 March that ends the collection year
    which the most episodes fit (`children.inferred_business_date`). Without `keep_episodes` the children
    come without their rows, which saves memory on a large return. Raises `FileRefused`, listing the
    structural faults of all files at once; then nothing of them is used (practice 7, reliability R17).
    """
    problems = Problems()
    found = _find([paths] if isinstance(paths, str | Path) else paths)
    tables = _open(found, limits, problems)
    reading = _read(tables, business_date, problems)
    reading.keep_episodes = keep_episodes
    children = tuple(
        child_from(council_id, reading, problems)
        for council_id in sorted(reading.headers.keys() | reading.episodes.keys())
    )
    rejected, flagged = problems.listed()
    return Return(
        source=SOURCE,
        year=year_label(year_end(reading.business_date)),
        business_date=reading.business_date,
        tables=tuple(
            TableRead(table, tables[table].name, tables[table].rows_seen, table in USED)
            for table in TABLES
            if table in tables
        ),
        children=children,
        rejected=rejected,
        flagged=flagged,
    )


@dataclass(slots=True)
class _Found:
    """The files a return consists of, and those in its folders that are not part of it."""

    csv: list[Path]
    xml: list[Path]
    ignored: list[str]


def _find(paths: Iterable[str | Path]) -> _Found:
    """Sort the files into CSV, XML and others; a file named twice counts once."""
    found = _Found([], [], [])
    seen: set[Path] = set()
    names: list[str] = []
    for given in map(Path, paths):
        names.append(shown_name(given))
        for path, in_folder in _members(given):
            if path in seen:
                continue
            seen.add(path)
            if in_folder and path.suffix.lower() not in _SUFFIXES:
                found.ignored.append(shown_name(path))
            elif _is_xml(path):
                found.xml.append(path)
            else:
                found.csv.append(path)
    if not found.csv and not found.xml:
        raise refusal("FILE-NONE", ", ".join(names))
    if found.xml and (found.csv or len(found.xml) > 1):
        raise refusal("FILE-MIXED", ", ".join(sorted(shown_name(path) for path in found.csv + found.xml)))
    return found


def _members(given: Path) -> list[tuple[Path, bool]]:
    """The file itself, or the visible files of a folder, by name."""
    try:
        if not given.is_dir():
            return [(given.resolve(), False)]
        inside = sorted(path for path in given.iterdir() if not path.name.startswith((".", "~$")))
        return [(path.resolve(), True) for path in inside if not path.is_dir()]
    except (OSError, ValueError, RuntimeError) as error:  # unreadable, a NUL in the name, a loop of links
        raise refusal("FILE-MISSING", shown_name(given)) from error


def _is_xml(path: Path) -> bool:
    """By its first characters, since names are free; what cannot be read is refused when it is opened."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as raw:
            return raw.read(_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    except OSError:
        return False


def _open(found: _Found, limits: Limits, problems: Problems) -> Mapping[str, Table]:
    """Every table of the return, by name. Raises `FileRefused` with the faults of all files."""
    if found.xml:
        return return_xml.opened(found.xml[0], limits)
    tables: dict[str, delimited.Delimited] = {}
    faults: list[Problem] = []
    for path in found.csv:
        try:
            file = delimited.opened(path, limits)
            table = table_of(file.header, file.name)
        except FileRefused as refused:
            faults.extend(refused.problems)
            continue
        if table in tables:
            faults.extend(
                refusal("FILE-TWICE", file.name, f"{table} is also in {tables[table].name}.").problems
            )
            continue
        tables[table] = file
        if file.encoding == delimited.WINDOWS:
            problems.note("FILE-WINDOWS", file.name, None, None)
    if not faults:  # else the table may be in one of the refused files
        everything = ", ".join(sorted(shown_name(path) for path in found.csv))
        for table, rule in (("Header", "FILE-NO-HEADER"), ("Episodes", "FILE-NO-EPISODES")):
            if table not in tables:
                faults.extend(refusal(rule, everything).problems)
    if faults:
        raise FileRefused(faults)
    for name in found.ignored:
        problems.note("FILE-IGNORED", name, None, None)
    return tables


def _read(tables: Mapping[str, Table], business_date: date | None, problems: Problems) -> Reading:
    """Read the tables that say something, and count the others."""
    header, episodes = tables["Header"], tables["Episodes"]
    by_child = read_episodes(episodes, problems)
    on = business_date or inferred_business_date(chain.from_iterable(by_child.values()))
    if on is None:
        raise FileRefused([*refusal("FILE-NO-DATES", episodes.name).problems, *problems.rejected])
    reading = Reading(
        header_file=header.name,
        episodes_file=episodes.name,
        headers=read_headers(header, problems),
        episodes=by_child,
        business_date=on,
    )
    for table in ("Reviews", "PlacedAdoption", "PrevPerm"):
        if table not in tables:
            problems.note("TABLE-ABSENT", table, None, None)
    if "Reviews" in tables:
        reading.last_reviews = read_reviews(tables["Reviews"], reading.headers, year_end(on), problems)
    if "PlacedAdoption" in tables:
        reading.decisions = read_decisions(tables["PlacedAdoption"], reading.headers, problems)
    if "PrevPerm" in tables:
        reading.permanence = read_permanence(tables["PrevPerm"], reading.headers, problems)
    for table, file in tables.items():
        if table not in USED:
            _count(file, problems)
    return reading


def _count(file: Table, problems: Problems, columns: Sequence[str] = ()) -> None:
    """Pass over a table that says nothing here, so that its rows are counted and its shape is checked."""
    for _ in file.rows(columns, problems):
        pass
