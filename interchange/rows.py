"""Read the rows of each table of a return: which cell can be used, which row cannot (rules.py says why)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from interchange import codes
from interchange.dates import return_date
from interchange.episode_rules import Decision
from interchange.problems import Problems
from interchange.returned import Episode

RETURN_ID: Final = 10
_IDENTIFIER = re.compile(r"[A-Z0-9](?:[A-Z0-9 ._/\-]{0,18}[A-Z0-9])?", re.ASCII)
_PART_DATE = re.compile(r"(?:ZZ|[0-9]{2})/(?:ZZ|[0-9]{2})/(?:ZZZZ|[0-9]{4})", re.ASCII)

EPISODE_COLUMNS: Final = (
    "CHILD",
    "DECOM",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "DEC",
    "REC",
    "REASON_PLACE_CHANGE",
    "PL_POST",
    "URN",
)
_NO_PROVIDER: Final = codes.TEMPORARY | {"Z1", "Z11", "Z12", "Z13", "Z14"}


class Table(Protocol):
    """Where the rows of one table come from."""

    rows_seen: int

    @property
    def name(self) -> str:
        """The file's base name."""
        ...

    def rows(self, columns: Sequence[str], problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """Line number and the named cells of each row."""
        ...


@dataclass(slots=True)
class HeaderRow:
    """Who the child is. None is unknown."""

    sex: str | None
    born: date | None
    ethnicity: str | None
    line: int


@dataclass(slots=True, kw_only=True)
class Reading:
    """Everything read of a return, by child. A table the return does not have is None."""

    header_file: str
    episodes_file: str
    headers: dict[str, HeaderRow]
    episodes: dict[str, list[Episode]]
    business_date: date
    keep_episodes: bool = True
    decisions: dict[str, list[Decision]] | None = None
    permanence: dict[str, str | None] | None = None
    last_reviews: dict[str, date] = field(default_factory=dict)


def identifier(text: str) -> str | None:
    """A council's identifier of a child, leading zeros kept; None when the cell cannot be one."""
    return text if _IDENTIFIER.fullmatch(text) else None


def read_headers(table: Table, problems: Problems) -> dict[str, HeaderRow]:
    """The Header: one row a child. Of two rows that differ, only what they agree on is known (INT32)."""
    headers: dict[str, HeaderRow] = {}
    disputed: dict[str, set[str]] = {}
    for line, (child, sex, born, ethnicity) in table.rows(("CHILD", "SEX", "DOB", "ETHNIC"), problems):
        if identifier(child) is None:
            problems.note("ROW-CHILD", table.name, line, "CHILD")
            continue
        if len(child) > RETURN_ID:
            problems.note("CHILD-LENGTH", table.name, line, "CHILD")
        row = HeaderRow(codes.SEX.get(sex), return_date(born), _one_of(codes.ETHNICITY, ethnicity), line)
        if row.sex is None:
            problems.note("101", table.name, line, "SEX", sex)
        if row.born is None:
            problems.note("102", table.name, line, "DOB", born)
        if row.ethnicity is None:
            problems.note("103", table.name, line, "ETHNIC", ethnicity)
        known = headers.setdefault(child, row)
        if known is not row:
            problems.note("INT32", table.name, line, "CHILD")
            disputed.setdefault(child, set()).update(_differences(known, row))
            known.line = min(known.line, line)
    for child, fields in disputed.items():
        for name in fields:
            setattr(headers[child], name, None)
    return headers


def read_episodes(table: Table, problems: Problems) -> dict[str, list[Episode]]:
    """The Episodes, by child, in the order of the file."""
    episodes: dict[str, list[Episode]] = {}
    for line, cells in table.rows(EPISODE_COLUMNS, problems):
        child = cells[0]
        known = episodes.get(child)
        if known is None and identifier(child) is None:
            problems.note("ROW-CHILD", table.name, line, "CHILD")
            continue
        episode = _episode(table.name, line, cells, problems)
        if episode is None:
            continue
        if known is None:
            episodes[child] = [episode]
        else:
            known.append(episode)
    return episodes


def _episode(file: str, line: int, cells: Sequence[str], problems: Problems) -> Episode | None:
    """One row, or None when it was rejected."""
    _, decom, rne, ls, cin, place, provider, dec, rec, change, postcode, urn = cells
    started = return_date(decom)
    if started is None:
        problems.note("141", file, line, "DECOM", decom)
        return None
    ended = return_date(dec) if dec else None
    if dec and ended is None:
        problems.note("147", file, line, "DEC", dec)
        return None
    if ended is not None and ended < started:
        problems.note("356", file, line, "DEC")
        return None

    def code(
        table: Mapping[str, str], value: str, rule: str, column: str, *, needed: bool = True
    ) -> str | None:
        read = table.get(value)
        if read is None and (value or needed):
            problems.note(rule, file, line, column, value)
        return read

    if change and change not in codes.PLACE_CHANGE:
        problems.note("1009", file, line, "REASON_PLACE_CHANGE", change)
    if bool(dec) != bool(rec):
        problems.note("148", file, line, "REC" if rec else "DEC")
    placement = code(_PLACEMENT, place, "146", "PLACE")
    return Episode(
        started=started,
        reason=code(_REASON, rne, "143", "RNE"),
        legal_status=code(_LEGAL_STATUS, ls, "144", "LS"),
        need=code(_NEED, cin, "145", "CIN"),
        placement=placement,
        provider=code(_PROVIDER, provider, "178", "PLACE_PROVIDER", needed=placement not in _NO_PROVIDER),
        ended=ended,
        end_reason=code(_CEASED, rec, "149", "REC", needed=False),
        postcode=postcode.replace(" ", ""),
        urn=urn,
        line=line,
    )


def read_reviews(
    table: Table, headers: Mapping[str, HeaderRow], year_end: date, problems: Problems
) -> dict[str, date]:
    """The latest review of each child, up to the end of the return's year."""
    latest: dict[str, date] = {}
    belongs = _Belonging(table, headers, problems, "INT08", "INT17")
    for line, (child, born, reviewed, part) in table.rows(
        ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"), problems
    ):
        if not belongs(child, born, line):
            continue
        on = return_date(reviewed)
        if on is None:
            problems.note("166", table.name, line, "REVIEW", reviewed)
            continue
        if part not in codes.REVIEW:
            problems.note("167", table.name, line, "REVIEW_CODE", part)
        if on > year_end:
            problems.note("REVIEW-LATER", table.name, line, "REVIEW")
        elif child not in latest or latest[child] < on:
            latest[child] = on
    return latest


def read_decisions(
    table: Table, headers: Mapping[str, HeaderRow], problems: Problems
) -> dict[str, list[Decision]]:
    """Decisions that a child should be placed for adoption, and their reversals, in order of decision."""
    decisions: dict[str, list[Decision]] = {}
    columns = ("CHILD", "DOB", "DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED")
    belongs = _Belonging(table, headers, problems, "INT02", "INT12")
    for line, (child, born, decided, reversed_, reason) in table.rows(columns, problems):
        if not belongs(child, born, line):
            continue
        decided_on, reversed_on = return_date(decided), return_date(reversed_) if reversed_ else None
        if decided_on is None:
            problems.note("115", table.name, line, "DATE_PLACED", decided)
            continue
        if reversed_ and reversed_on is None:
            problems.note("116", table.name, line, "DATE_PLACED_CEASED", reversed_)
            continue
        if bool(reversed_) != bool(reason):
            problems.note("119", table.name, line, "REASON_PLACED_CEASED")
        if reason and reason not in codes.ADOPTION_REVERSED:
            problems.note("120", table.name, line, "REASON_PLACED_CEASED", reason)
        decision = Decision(decided_on=decided_on, reversed_on=reversed_on, reason=reason or None)
        decisions.setdefault(child, []).append(decision)
    for listed in decisions.values():
        listed.sort(key=lambda d: (d.decided_on, d.reversed_on or date.max, d.reason or ""))
    return decisions


def read_permanence(
    table: Table, headers: Mapping[str, HeaderRow], problems: Problems
) -> dict[str, str | None]:
    """Previous permanence by child: P2, a special guardianship that broke down, is a warning."""
    permanence: dict[str, str | None] = {}
    columns = ("CHILD", "DOB", "PREV_PERM", "DATE_PERM")
    disputed: set[str] = set()
    belongs = _Belonging(table, headers, problems, "INT07", "INT16")
    for line, (child, born, previous, on) in table.rows(columns, problems):
        if not belongs(child, born, line):
            continue
        code = _one_of(codes.PREVIOUS_PERMANENCE, previous)
        if code is None and previous:
            problems.note("631", table.name, line, "PREV_PERM", previous)
        if on and (not _PART_DATE.fullmatch(on) or ("ZZ" not in on and return_date(on) is None)):
            problems.note("632", table.name, line, "DATE_PERM", on)
        if permanence.setdefault(child, code) != code:
            problems.note("INT35", table.name, line, "PREV_PERM")
            disputed.add(child)
    return permanence | dict.fromkeys(disputed)


@dataclass(frozen=True, slots=True)
class _Belonging:
    """Whether a row of another table is about a child of the Header (reliability C32)."""

    table: Table
    headers: Mapping[str, HeaderRow]
    problems: Problems
    absent: str
    other: str

    def __call__(self, child: str, born: str, line: int) -> bool:
        """The child is there and, where both dates of birth are given, was born on the same day."""
        header = self.headers.get(child)
        if header is None:
            rule = self.absent if identifier(child) else "ROW-CHILD"
            self.problems.note(rule, self.table.name, line, "CHILD")
            return False
        if header.born is not None and born and return_date(born) != header.born:
            self.problems.note(self.other, self.table.name, line, "DOB")
            return False
        return True


def _differences(one: HeaderRow, other: HeaderRow) -> set[str]:
    return {name for name in ("sex", "born", "ethnicity") if getattr(one, name) != getattr(other, name)}


def _one_of(known: Mapping[str, str] | frozenset[str], value: str) -> str | None:
    return value if value in known else None


def _shared(table: Mapping[str, str]) -> dict[str, str]:
    """Each code to itself: a hundred thousand rows then share one string a code."""
    return {code: code for code in table}


_REASON: Final = _shared(codes.REASON_FOR_EPISODE)
_LEGAL_STATUS: Final = _shared(codes.LEGAL_STATUS)
_NEED: Final = _shared(codes.NEED)
_PLACEMENT: Final = _shared(codes.PLACEMENT)
_PROVIDER: Final = _shared(codes.PROVIDER)
_CEASED: Final = _shared(codes.REASON_CEASED)
