"""What can be wrong with a file: one visible list of rules, and the problems found (practice 7).

A structural fault refuses the whole file (`FileRefused`). A row that cannot be used is *rejected*: left
out and listed. Everything else is *flagged*: the row is used, the value that cannot be read becomes
unknown, and nothing is invented. Numbers are the Department for Education's own where it has one
(returns 5); the others are ours and say so.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from interchange.rules import RULES, Effect, RowRule

__all__ = ["RULES", "Effect", "FileRefused", "Problem", "Problems", "RowRule", "Severity", "shown_name"]

LONGEST_NAME = 100
LONGEST_VALUE = 80
REMEMBERED_WORDS = 50_000


class Severity(StrEnum):
    """Whether the row is left out or only pointed at."""

    REJECT = "reject"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, and where: file name, line, column and rule, in plain words.

    `file` is a base name, never a path. `line` is the line of a text file or the row of a sheet (from 1),
    None when the whole file is meant. `column` is the heading in a text file, the letter in a sheet.
    """

    file: str
    line: int | None
    column: str | None
    rule: str
    message: str
    sheet: str | None = None

    @property
    def severity(self) -> Severity:
        """`flag` for what is only pointed at, `reject` for what is left out or refuses the file."""
        return Severity.FLAG if RULES[self.rule].effect is Effect.FLAGS else Severity.REJECT

    def __str__(self) -> str:
        sheet = f", {self.sheet}" if self.sheet else ""
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{sheet}{line}{column}: {self.message} ({self.rule})"


class FileRefused(Exception):
    """Nothing of the file was used. Holds every problem found, so that all can be mended at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def shown_name(path: str | Path) -> str:
    """The base name as people may see it: no folders, no invisible or turning characters (C33)."""
    name = Path(path).name
    seen = "".join(c for c in name if c.isprintable() and unicodedata.category(c) not in {"Cf", "Co"})
    return seen if len(seen) <= LONGEST_NAME else seen[: LONGEST_NAME - 1] + "…"


def shown_value(value: str) -> str:
    """A cell's text, shortened and without control characters, fit to be quoted in a message."""
    seen = "".join(c if c.isprintable() else "·" for c in value[: LONGEST_VALUE + 1])
    return seen if len(seen) <= LONGEST_VALUE else seen[:LONGEST_VALUE] + "…"


@dataclass(slots=True)
class Problems:
    """Collects what one reading finds. A hundred thousand flags must fit in memory, so words are shared."""

    rejected: list[Problem] = field(default_factory=list)
    flagged: list[Problem] = field(default_factory=list)
    _words: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def note(  # noqa: PLR0917 - called once a row: positional is what a problem's fields are
        self,
        rule: str,
        file: str,
        line: int | None,
        column: str | None,
        value: str | None = None,
        sheet: str | None = None,
    ) -> None:
        """List a problem under the effect its rule declares. Raises KeyError for an undeclared rule."""
        problem = Problem(file, line, column, rule, self.message(rule, value), sheet)
        listed = self.flagged if RULES[rule].effect is Effect.FLAGS else self.rejected
        listed.append(problem)

    def message(self, rule: str, value: str | None = None) -> str:
        """The rule's words, with the offending text quoted when there is one."""
        known = self._words.get((rule, value))
        if known is not None:
            return known
        words = RULES[rule].words
        if value is not None:
            words = f"{words} It says “{shown_value(value)}”." if value.strip() else f"{words} It is blank."
        if len(self._words) < REMEMBERED_WORDS:
            self._words[rule, value] = words
        return words

    def listed(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """Rejected and flagged, each by file, sheet, line and rule: the same whatever order rules ran in."""
        return tuple(sorted(self.rejected, key=_place)), tuple(sorted(self.flagged, key=_place))


def refusal(
    rule: str,
    file: str,
    detail: str = "",
    *,
    line: int | None = None,
    column: str | None = None,
    sheet: str | None = None,
) -> FileRefused:
    """A refusal with one problem; `detail` completes the rule's words."""
    words = RULES[rule].words
    return FileRefused([Problem(file, line, column, rule, f"{words} {detail}".strip(), sheet)])


def by_rule(problems: Iterable[Problem]) -> dict[str, int]:
    """How many problems each rule has, most first: for notes and summaries."""
    return dict(sorted(Counter(p.rule for p in problems).items(), key=lambda pair: (-pair[1], pair[0])))


def _place(problem: Problem) -> tuple[str, str, int, str, str]:
    return (problem.file, problem.sheet or "", problem.line or 0, problem.rule, problem.column or "")
