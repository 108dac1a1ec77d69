"""The tables of an SSDA903 return: a table is known by its columns, never by its file's name (returns 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from interchange.problems import FileRefused, Problem, Problems, shown_value

TABLES: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(columns.split(","))
    for name, columns in {
        "Header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
        "Episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
        "HOME_POST,PL_POST,URN",
        "Reviews": "CHILD,DOB,REVIEW,REVIEW_CODE",
        "UASC": "CHILD,SEX,DOB,DUC",
        "OC2": "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,"
        "HEALTH_ASSESSMENT,SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED",
        "OC3": "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM",
        "AD1": "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR",
        "PlacedAdoption": "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED",
        "PrevPerm": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM",
        "Missing": "CHILD,DOB,MISSING,MIS_START,MIS_END",
        "SWEpisodes": "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON",
        "DoLo": "CHILD,DOB,DOLO_START,DOLO_END",
    }.items()
}

USED: Final = frozenset({"Header", "Episodes", "Reviews", "PlacedAdoption", "PrevPerm"})
"""The tables that say something about a child's way to a special guardianship order."""

_LOOKS_LIKE = 0.6


def table_of(header: Sequence[str], file: str) -> str:
    """The table whose columns these are, in any order.

    Raises `FileRefused` naming every missing, unknown (reliability C31) or repeated column.
    """
    names = frozenset(header)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FileRefused(_column("COLUMN-TWICE", file, name) for name in twice)
    for table, columns in TABLES.items():
        if names == frozenset(columns):
            return table
    nearest = max(TABLES, key=lambda table: _likeness(names, table))
    wanted = frozenset(TABLES[nearest])
    if len(names & wanted) < _LOOKS_LIKE * len(wanted):
        raise FileRefused([Problem(file, 1, None, "FILE-TABLE", _not_a_table(header))])
    missing = [
        _column("COLUMN-MISSING", file, name, nearest) for name in TABLES[nearest] if name not in names
    ]
    unknown = [_column("COLUMN-UNKNOWN", file, name, nearest) for name in header if name not in wanted]
    raise FileRefused([*missing, *unknown])


def _likeness(names: frozenset[str], table: str) -> float:
    wanted = frozenset(TABLES[table])
    return len(names & wanted) / len(names | wanted)


def _column(rule: str, file: str, name: str, table: str | None = None) -> Problem:
    looks = f" The table looks like {table}." if table else ""
    shown = shown_value(name)
    return Problem(file, 1, shown, rule, f"{Problems().message(rule)} It is “{shown}”.{looks}")


def _not_a_table(header: Sequence[str]) -> str:
    words = Problems().message("FILE-TABLE")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        return f"{words} Cells must be separated by commas."
    return words
