"""The night a rule looks at: its date, the cut-offs that follow from it, and what stood on that date.

Every date a rule compares with is worked out here, once a night, with the calendar and the policy in force; in
SQL a stored date is only ever compared with one (design 5.10). A night that looks back, because it was missed or
because somebody asks again, sees its day as it began, which is when the night of it runs: what happened on the
day or since had not happened yet. What was corrected or taken back since shows as it is known today (design 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from casework.acting.deadlines import SUPERSEDED, WITHDRAWN
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

    # -- what stood when the night looked -----------------------------------------------------------------

    def within(self, case_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """The cases of the chunk."""
        return case_id.between(FIRST, LAST)

    def happened(self, on: Any) -> ColumnElement[bool]:
        """It had happened: before the day, or today."""
        condition: ColumnElement[bool] = on < self.day if self.past else on <= self.day
        return condition

    def to_come(self, on: Any) -> ColumnElement[bool]:
        """It has a date, and had not happened yet."""
        condition: ColumnElement[bool] = on >= self.day if self.past else on > self.day
        return condition

    def stands(self, deadline: Any = Deadline) -> ColumnElement[bool]:
        """The deadline was open. One whose step was taken back never was, nor one that a correction replaced."""
        still_open: ColumnElement[bool] = deadline.closed_as.is_(None)
        if not self.past:
            return still_open
        corrected = exists().where(Event.id == deadline.closed_by_event, Event.trigger == "correct")
        closed_later = and_(
            self.to_come(deadline.closed_on),
            deadline.closed_as != WITHDRAWN,
            or_(deadline.closed_as != SUPERSEDED, not_(corrected)),
        )
        return and_(self.happened(deadline.opened_on), or_(still_open, closed_later))

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
            .where(Event.case_id == Case.id, self.happened(Event.happened_on))
            .order_by(Event.seq.desc())
            .limit(1)
            .scalar_subquery()
        )

    def last_event(self) -> ColumnElement[date]:
        """When something had last happened on the case."""
        if not self.past:
            return Case.last_event_on.expression
        return (
            select(func.max(Event.happened_on))
            .where(Event.case_id == Case.id, self.happened(Event.happened_on))
            .scalar_subquery()
        )

    def unmet(self) -> ColumnElement[bool]:
        """The milestone had not been reached."""
        return or_(Milestone.done_on.is_(None), self.to_come(Milestone.done_on))

    def paused(self, case_id: Any, *, until_after: bool = False) -> ColumnElement[bool]:
        """The case's local clocks stood still; with `until_after`, and were not expected to run again yet."""
        pause = exists().where(
            Pause.case_id == case_id,
            self.happened(Pause.from_on),
            or_(Pause.until_on.is_(None), self.to_come(Pause.until_on)),
        )
        return pause.where(Pause.expected_on >= self.day) if until_after else pause

    def open_cases(self, *, replay: bool) -> ColumnElement[bool]:
        """The cases to look at: those open now, as far as they had been opened; a replay's were open then."""
        still_open: ColumnElement[bool] = Case.closed.is_(False)
        if replay:
            still_open = or_(still_open, self.to_come(Case.state_since))
        return and_(self.happened(Case.opened_on), still_open)
