"""The night a rule looks at: its date, the cut-offs that follow from it, and what stood on that date.

Every date a rule compares with is worked out here, once a night, with the calendar and the policy in force; in
SQL a stored date is only ever compared with one (design 5.10). A night that looks back, because it was missed or
because somebody asks again, sees its day as it began, which is when the night of it runs: what happened on the
day or since had not happened yet. What was corrected or taken back since shows as it is known today (design 5.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Exists, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from casework.acting.deadlines import SUPERSEDED, WITHDRAWN
from persistence.tables import Case, Deadline, Event, Milestone, Pause, Person, Record
from states.calendar import Calendar
from states.facts import VOIDING
from states.policy import Policy
from states.vocabulary import State

#: The first and the last case of a chunk; every rule confines itself to them.
FIRST: Final = bindparam("first_case", type_=Case.id.type)
LAST: Final = bindparam("last_case", type_=Case.id.type)

#: A rule's answer: the columns `case_id` and `since`.
Columns = Select[*tuple[Any, ...]]

_DAY = timedelta(days=1)
#: The records that may give a child a colour (practice PT-2).
_GIVES_A_COLOUR = (
    "rating", "brought_forward", "group_progresses", "group_defers", "group_asks_further_work",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """A business date as a rule sees it. `today` is the London date on which it is looked at."""

    day: date
    today: date
    policy: Policy
    calendar: Calendar
    _asked: dict[Callable[[AsOf], Columns], Columns] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def asked(self, find: Callable[[AsOf], Columns]) -> Columns:
        """What a rule asks this night, made once: it is the same for every chunk, which is named when it is run."""
        if find not in self._asked:
            self._asked[find] = find(self)
        return self._asked[find]

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
        return self.too_long_ago(lambda day: self.calendar.add_months_by(day, months))

    def too_long_ago(self, due: Callable[[date], date], *, on: date | None = None) -> date:
        """What was counted from a day before this one is late on the night's day, or on another.

        `due` says to which day it leads.
        """
        day = on or self.day
        first = day - (due(day) - day)
        while due(first - _DAY) >= day:
            first -= _DAY
        while due(first) < day:
            first += _DAY
        return first

    def entered_late_before(self, recorded_on: date, working_days: int) -> date:
        """What happened before this date and was written down on a day was more than so many days late."""
        return self.too_long_ago(lambda day: self.calendar.add_working_days(day, working_days), on=recorded_on)

    def more_than_working_days_ago(self, number: int) -> date:
        """What was to be done within so many working days of a day before this one is late (rules R-CLK-2)."""
        return self.too_long_ago(lambda day: self.calendar.add_working_days(day, number))

    def within_weeks(self, weeks: int) -> date:
        """The first day that is not less than so many weeks ahead."""
        return self.day + timedelta(weeks=weeks)

    def youngest_of(self, age: int, *, on: date | None = None) -> date:
        """The last date of birth of somebody who is as old as that on the night's day, or another (rules R-CLK-7)."""
        day = on or self.day
        born = self.calendar.add_months_by(day, -12 * age) + _DAY * 2
        while self.calendar.attains(born, age) > day:
            born -= _DAY
        return born

    # -- what stood when the night looked -----------------------------------------------------------------

    def within(self, *case_ids: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """The cases of the chunk, said of every table that a rule reads.

        That rows of two tables are of one case tells PostgreSQL nothing of the range of the second: where it is
        not said of it too, the whole table is read for every chunk.
        """
        return and_(*(case_id.between(FIRST, LAST) for case_id in case_ids))

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
        event = aliased(Event)
        corrected = exists().where(event.id == deadline.closed_by_event, event.trigger == "correct")
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
        event = aliased(Event)
        return (
            select(event.to_state)
            .where(event.case_id == Case.id, self.happened(event.happened_on))
            .order_by(event.seq.desc())
            .limit(1)
            .scalar_subquery()
        )

    def is_in(self, states: Iterable[State]) -> ColumnElement[bool]:
        """The case was in one of these states."""
        return self.state().in_(sorted(state.name for state in states))

    def state_since(self) -> ColumnElement[date]:
        """The day on which it had come into the state."""
        if not self.past:
            return Case.state_since.expression
        event = aliased(Event)
        moved = or_(event.from_state.is_(None), event.from_state != event.to_state)
        return (
            select(event.happened_on)
            .where(event.case_id == Case.id, self.happened(event.happened_on), moved)
            .order_by(event.seq.desc())
            .limit(1)
            .scalar_subquery()
        )

    def colour(self) -> ColumnElement[str | None]:
        """The colour the child had."""
        if not self.past:
            return Case.colour.expression
        return self._last_said("colour", _GIVES_A_COLOUR)

    def finance_position(self) -> ColumnElement[str | None]:
        """Where the money stood."""
        if not self.past:
            return Case.finance_position.expression
        return self._last_said("position", ("financial_position",))

    def _last_said(self, field: str, kinds: Iterable[str]) -> ColumnElement[str | None]:
        record, event = aliased(Record), aliased(Event)
        said = record.data[field].as_string()
        return (
            select(said)
            .join(event, event.id == record.for_event)
            .where(
                record.case_id == Case.id,
                record.kind.in_(kinds),
                said.is_not(None),
                self.happened(record.happened_on),
                not_(_corrected(record, aliased(Record))),
                not_(_undone(event, aliased(Event))),
            )
            .order_by(event.seq.desc())
            .limit(1)
            .scalar_subquery()
        )

    def counts(self) -> ColumnElement[bool]:
        """What a record says of its event is true of it today: neither corrected since nor taken back."""
        later, void = aliased(Record), aliased(Event)
        corrected, undone = _corrected(Record, later), _undone(Event, void)
        return and_(not_(corrected.where(self.within(later.case_id))), not_(undone.where(self.within(void.case_id))))

    def last_event(self) -> ColumnElement[date]:
        """When something had last happened on the case."""
        if not self.past:
            return Case.last_event_on.expression
        event = aliased(Event)
        return (
            select(func.max(event.happened_on))
            .where(event.case_id == Case.id, self.happened(event.happened_on))
            .scalar_subquery()
        )

    def at_work(self) -> ColumnElement[bool]:
        """The person's account was open."""
        now: ColumnElement[bool] = Person.enabled.expression
        if not self.past:
            return now
        began = datetime(self.day.year, self.day.month, self.day.day, tzinfo=ZoneInfo("Europe/London"))
        return or_(now, Person.disabled_at >= began)

    def unmet(self) -> ColumnElement[bool]:
        """The milestone had not been reached."""
        return or_(Milestone.done_on.is_(None), self.to_come(Milestone.done_on))

    def paused(self, case_id: Any, *, until_after: bool = False) -> ColumnElement[bool]:
        """The case's local clocks stood still; with `until_after`, and were not expected to run again yet."""
        pause = exists().where(
            self.within(Pause.case_id),
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
        children = Case.child_case_id.is_(None)  # what is found in a request is its child's
        return and_(self.happened(Case.opened_on), still_open, children)


def _corrected(record: Any, later: Any) -> Exists:
    return exists().where(later.case_id == record.case_id, later.supersedes == record.id)


def _undone(event: Any, void: Any) -> Exists:
    return exists().where(void.case_id == event.case_id, void.about_event == event.id, void.trigger.in_(VOIDING))
