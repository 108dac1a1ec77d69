"""The night a rule looks at: its date, the cut-offs that follow from it, and what stood on that date.

Every date a rule compares with is worked out here, once a night, with the calendar and the policy in force; in
SQL a stored date is only ever compared with one (design 5.10). A night that looks back, because it was missed or
because somebody asks again, undoes what has happened since: what was met later was still open then. What was
corrected or taken back since shows as it is known today (design 5.5, `--as-at`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from casework.deadlines import SUPERSEDED, WITHDRAWN
from persistence.tables import Case, Deadline, Event, Milestone, Pause
from states.calendar import Calendar
from states.policy import Policy

#: The first and the last case of a chunk; every rule confines itself to them.
FIRST: Final = bindparam("first_case", type_=Case.id.type)
LAST: Final = bindparam("last_case", type_=Case.id.type)

#: A rule's answer: the columns `case_id` and `since`.
Columns = Select[*tuple[Any, ...]]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """A business date as a rule sees it. `today` is the London date on which it is looked at."""

    day: date
    today: date
    policy: Policy
    calendar: Calendar

    @property
    def past(self) -> bool:
        """Whether the night looks back on a day that is over."""
        return self.day < self.today

    # -- cut-offs: a stored date before one of these is long enough ago ------------------------------------

    def overdue_by_more_than(self, working_days: int) -> date:
        """What was due before this date is more than so many working days late (rules R-CLK-2)."""
        return self.calendar.add_working_days(self.day + _DAY, -working_days - 1)

    def more_than_days_ago(self, days: int) -> date:
        """What happened before this date is more than so many days ago."""
        return self.day - timedelta(days=days)

    def more_than_months_ago(self, months: int) -> date:
        """What happened before this date is more than so many months ago (rules R-CLK-4)."""
        first = self.calendar.add_months_by(self.day, -months)
        while self.calendar.add_months_by(first - _DAY, months) >= self.day:
            first -= _DAY
        while self.calendar.add_months_by(first, months) < self.day:
            first += _DAY
        return first

    # -- what stood on the day ----------------------------------------------------------------------------

    def within(self, case_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """The cases of the chunk."""
        return case_id.between(FIRST, LAST)

    def stands(self, deadline: Any = Deadline) -> ColumnElement[bool]:
        """The deadline was open on the day. One whose step was taken back never was."""
        still_open: ColumnElement[bool] = deadline.closed_as.is_(None)
        if not self.past:
            return still_open
        corrected = exists().where(Event.id == deadline.closed_by_event, Event.trigger == "correct")
        closed_later = and_(
            deadline.closed_on > self.day,
            deadline.closed_as != WITHDRAWN,
            or_(deadline.closed_as != SUPERSEDED, not_(corrected)),
        )
        return and_(deadline.opened_on <= self.day, or_(still_open, closed_later))

    def overdue(self, name: str, *, before: date | None = None) -> Columns:
        """(case, due date) of the deadlines of a name that had passed by the day, or were due before a date.

        A deadline is in time for the whole of its day (rules R-CLK-2); while its clock stands still it has no
        date and is not late (rules R-CLK-9).
        """
        return (
            select(Deadline.case_id.label("case_id"), func.min(Deadline.due_on).label("since"))
            .where(
                self.within(Deadline.case_id),
                Deadline.name == name,
                self.stands(),
                Deadline.due_on < (before or self.day),
            )
            .group_by(Deadline.case_id)
        )

    def state(self) -> ColumnElement[str]:
        """The state the case was in."""
        if not self.past:
            return Case.state.expression
        return (
            select(Event.to_state)
            .where(Event.case_id == Case.id, Event.happened_on <= self.day)
            .order_by(Event.seq.desc())
            .limit(1)
            .scalar_subquery()
        )

    def last_event(self) -> ColumnElement[date]:
        """When something last happened on the case."""
        if not self.past:
            return Case.last_event_on.expression
        return (
            select(func.max(Event.happened_on))
            .where(Event.case_id == Case.id, Event.happened_on <= self.day)
            .scalar_subquery()
        )

    def unmet(self) -> ColumnElement[bool]:
        """The milestone was not reached by the day."""
        if not self.past:
            return Milestone.done_on.is_(None)
        return or_(Milestone.done_on.is_(None), Milestone.done_on > self.day)

    def paused(self, case_id: Any, *, until_after: bool = False) -> ColumnElement[bool]:
        """The case's local clocks stood still; with `until_after`, and were not expected to run again yet."""
        pause = exists().where(
            Pause.case_id == case_id,
            Pause.from_on <= self.day,
            or_(Pause.until_on.is_(None), Pause.until_on > self.day),
        )
        return pause.where(Pause.expected_on >= self.day) if until_after else pause
