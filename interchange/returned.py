"""What a file says about each child: the typed rows every import gives, whatever the file was.

A date carries a qualifier, because a single year's return holds only that year's episodes: the start of
something already running when the year began is known to be on or before the first row (returns 0.3).
"on or before" still proves that nine or twelve months have passed when it is old enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from interchange.codes import KINSHIP, SHORT_BREAKS
from interchange.problems import Problem

UNKNOWN: Final = "unknown"
"""A team or worker the source cannot name (practice 7): for the confirm queue, never a guess."""

ESTIMATED_DAY: Final = 15


class Qualifier(StrEnum):
    """How well a start date is known."""

    EXACT = "exact"
    ON_OR_BEFORE = "on_or_before"


@dataclass(frozen=True, slots=True, order=True)
class Since:
    """A start date with its qualifier."""

    on: date
    qualifier: Qualifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One row of the Episodes table. A code that could not be read is None; `ended` None means open.

    Postcodes and URN say only whether two rows are the same placement; they are kept out of `repr`.
    """

    started: date
    reason: str | None
    legal_status: str | None
    need: str | None
    placement: str | None
    provider: str | None
    ended: date | None
    end_reason: str | None
    postcode: str
    urn: str
    line: int

    def __repr__(self) -> str:
        return f"Episode({self.started}–{self.ended or 'open'}, {self.legal_status}, {self.placement})"

    @property
    def open(self) -> bool:
        """No end date. A reason without a date does not close an episode (DfE rule 148)."""
        return self.ended is None

    @property
    def short_breaks(self) -> bool:
        """V3 or V4: never counted as looked after."""
        return self.legal_status in SHORT_BREAKS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedChild:
    """A child as one file tells it. Dates are London dates; None is unknown; nothing is invented.

    `open` says whether the child has an open episode; `why_not_a_case` is None exactly when a case is
    wanted. The facts of the placement and the legal status are those of the open episode, else None.
    """

    council_id: str
    sex: str | None = None
    date_of_birth: date | None = None
    ethnicity: str | None = None
    need: str | None = None
    legal_status: str | None = None
    legal_status_since: date | None = None
    legal_status_since_qualifier: Qualifier | None = None
    looked_after_since: date | None = None
    looked_after_since_qualifier: Qualifier | None = None
    placement_code: str | None = None
    placement_since: date | None = None
    placement_since_qualifier: Qualifier | None = None
    placement_provider: str | None = None
    placement_order_since: date | None = None
    placement_order_since_qualifier: Qualifier | None = None
    adoption_decision_on: date | None = None
    adoption_decision_reversed_on: date | None = None
    placed_for_adoption_on: date | None = None
    previous_permanence: str | None = None
    last_review_on: date | None = None
    last_visit_on: date | None = None
    permanence_plan: str | None = None
    allocated_team: str = UNKNOWN
    allocated_worker: str = UNKNOWN
    candidate: bool = False
    candidate_reason: str | None = None
    open: bool
    why_not_a_case: str | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    episodes: tuple[Episode, ...] = ()
    file: str = ""
    sheet: str | None = None
    line: int | None = None

    @property
    def kinship(self) -> bool | None:
        """Whether the placement is with relatives or friends (U1 to U3); None when it is unknown."""
        return None if self.placement_code is None else self.placement_code in KINSHIP

    @property
    def date_of_birth_qualifier(self) -> Qualifier | None:
        """A date of birth is exact or unknown; see also `date_of_birth_may_be_estimated`."""
        return None if self.date_of_birth is None else Qualifier.EXACT

    @property
    def date_of_birth_may_be_estimated(self) -> bool:
        """An unknown day of birth is returned as the 15th (returns 5), so a 15th may be an estimate."""
        return self.date_of_birth is not None and self.date_of_birth.day == ESTIMATED_DAY


@dataclass(frozen=True, slots=True)
class TableRead:
    """One table of the file: how many rows it has, and whether they say anything this system uses."""

    table: str
    file: str
    rows: int
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Everything one reading gave. Children are in order of their identifier, whatever the file's order.

    `business_date` is the day the file speaks of: see the reader for how it is inferred.
    """

    source: str
    year: str
    business_date: date
    tables: tuple[TableRead, ...]
    children: tuple[ReturnedChild, ...]
    rejected: tuple[Problem, ...]
    flagged: tuple[Problem, ...]

    @property
    def rows(self) -> int:
        """Rows read, of every table, used or not."""
        return sum(table.rows for table in self.tables)


def cases_of(returned: Return) -> tuple[ReturnedChild, ...]:
    """The children who become cases: an open episode that is not short breaks (V3, V4)."""
    return tuple(child for child in returned.children if child.why_not_a_case is None)


def not_cases_of(returned: Return) -> dict[str, int]:
    """The others, counted with why not: together with `cases_of` they are every child of the file."""
    counted: dict[str, int] = {}
    for child in returned.children:
        if child.why_not_a_case is not None:
            counted[child.why_not_a_case] = counted.get(child.why_not_a_case, 0) + 1
    return dict(sorted(counted.items()))
