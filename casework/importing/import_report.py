"""What became of a file: the numbers, every row left out or pointed at, and what a person is asked (practice 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.errors import Refused
from interchange import problems
from interchange.problems import Problem
from states.vocabulary import Unmet

#: Besides the rules of the rows (`interchange.problems.RULES`): what only shows beside the cases that are there.
CASE_CLOSED = "CASE-CLOSED"
ID_TOO_LONG = "CHILD-LENGTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """A row, or a child, that was left out or is only pointed at: where it stands, and why."""

    file: str
    line: int | None
    column: str | None
    rule: str
    message: str
    sheet: str | None = None

    @classmethod
    def of(cls, problem: Problem) -> ImportLine:
        """A problem that the reading found."""
        return cls(
            file=problem.file,
            line=problem.line,
            column=problem.column,
            rule=problem.rule,
            message=problem.message,
            sheet=problem.sheet,
        )

    def as_json(self) -> dict[str, Any]:
        """The line as stable keys (design 7)."""
        where = {} if self.sheet is None else {"sheet": self.sheet}
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "rule": self.rule,
            "message": self.message,
            **where,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What a file gave. `cases` are the children it wants a case for, and they all come out somewhere:
    `created`, `changed`, `unchanged`, `kept_out` by a rule, or `closed` (their case is closed and stays so).
    """

    batch: str
    source: str
    business_date: date  # the day the file speaks of
    rows: int
    children: int
    cases: int
    candidates: int
    created: int
    changed: int
    unchanged: int
    kept_out: int
    closed: int
    missing_from_file: int  # open cases of children whom the file does not name: asked about, never closed
    left_care: int  # open cases of children who have left care by the file: the same
    unknown: dict[str, int]  # by field: new cases for which the source could not say it
    rejected: tuple[ImportLine, ...]
    flagged: tuple[ImportLine, ...]

    @property
    def rejected_by_rule(self) -> dict[str, int]:
        """How many rows each rule left out, most first."""
        return _by_rule(self.rejected)

    @property
    def flagged_by_rule(self) -> dict[str, int]:
        """How many rows each rule points at, most first."""
        return _by_rule(self.flagged)

    def numbers(self) -> dict[str, Any]:
        """Everything but the single rows: what is kept with the batch."""
        return {
            "source": self.source,
            "rows": self.rows,
            "children": self.children,
            "cases": self.cases,
            "candidates": self.candidates,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "kept_out": self.kept_out,
            "closed": self.closed,
            "missing_from_file": self.missing_from_file,
            "left_care": self.left_care,
            "unknown": self.unknown,
            "rejected_by_rule": self.rejected_by_rule,
            "flagged_by_rule": self.flagged_by_rule,
        }

    def as_json(self) -> dict[str, Any]:
        """The report as stable keys (design 7)."""
        return {
            **self.numbers(),
            "batch": self.batch,
            "business_date": self.business_date.isoformat(),
            "rejected": [line.as_json() for line in self.rejected],
            "flagged": [line.as_json() for line in self.flagged],
        }


class FileRefused(Refused):
    """The file as a whole cannot be used, and nothing of it was (practice 7). Holds every fault found."""

    def __init__(self, what: str, found: Sequence[Problem]) -> None:
        self.lines = tuple(ImportLine.of(problem) for problem in found)
        super().__init__(what, [Unmet(problem.rule, str(problem)) for problem in found])

    @classmethod
    def because(cls, what: str, refused: problems.FileRefused) -> FileRefused:
        """The reader's refusal in casework's words."""
        return cls(what, refused.problems)

    def as_json(self) -> dict[str, Any]:
        """What stands against the file, as stable keys."""
        return {
            "refused": [{"rule": one.rule, "reason": one.reason} for one in self.reasons],
            "rejected": [line.as_json() for line in self.lines],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinding:
    """What one import asks of people: one finding for all its children, not one for each (practice 7).

    `refs` are the cases the reader may open; `number` counts those and nobody else's.
    """

    batch: str
    source: str
    business_date: date
    about: str  # missing from the file | left care by the file | unknown: <field>
    words: str
    number: int
    refs: tuple[str, ...] = ()


def _by_rule(lines: Iterable[ImportLine]) -> dict[str, int]:
    counted = Counter(line.rule for line in lines)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
