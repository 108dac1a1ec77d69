"""Which meeting a child makes, and which it misses by how much: arithmetic over a body's calendar (practice PT-15).

Pure: the dates are those on record, the numbers the policy's. Where it comes from is `casework/meetings/coming.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from states.calendar import Calendar
from states.policy import Policy
from states.policy.recurring import Body, Recurring


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A meeting of a body that is to come. `ref` is None where it is only expected; papers None where none are due."""

    body: str
    held_on: date
    ref: str | None = None
    papers_due_on: date | None = None

    @property
    def closes_on(self) -> date:
        """The last day on which a child can still be ready for it."""
        return self.papers_due_on or self.held_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A meeting that is missed: by how many working days, and what waiting for the next one costs in days."""

    sitting: Sitting
    working_days: int
    costs_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Which meeting a child makes who is ready on a day, and the one before that it misses."""

    makes: Sitting | None
    missed: Missed | None
    then: Sitting | None  # the one after: where it goes if this one is missed too

    @property
    def at_stake_days(self) -> int | None:
        """What it would cost to miss the meeting it makes."""
        return (self.then.held_on - self.makes.held_on).days if self.makes and self.then else None


def making(sittings: Iterable[Sitting], *, ready_on: date, calendar: Calendar) -> Making:
    """The first sitting a child can make that is ready on a London date, and the one just before it.

    A sitting can be made up to and with the day its papers are due. What it misses is counted in working days.
    """
    inorder = sorted(sittings, key=lambda s: (s.held_on, s.ref or ""))
    missed = [one for one in inorder if one.closes_on < ready_on]
    open_ = [one for one in inorder if one.closes_on >= ready_on]
    makes, then = (*open_, None, None)[:2]
    last = missed[-1] if missed and makes is not None else None
    return Making(
        makes=makes,
        missed=Missed(
            sitting=last,
            working_days=calendar.working_days_between(last.closes_on, ready_on),
            costs_days=(makes.held_on - last.held_on).days,
        )
        if last is not None and makes is not None
        else None,
        then=then,
    )


def planned_days(recurring: Recurring, start: date, end: date, policy: Policy) -> Iterator[tuple[date, date | None]]:
    """(day by the calendar, day on which it is held) between two London dates; None: no meeting that time.

    A day off (R-CLK-1) gives way as `meetings.on_a_day_off` says; closing days of the authority are days off too.
    """
    calendar = Calendar.of(policy)
    for day in recurring.days(start, end):
        if calendar.is_working_day(day):
            yield day, day
        elif policy.meetings.on_a_day_off == "the working day after":
            yield day, calendar.next_working_day(day)
        elif policy.meetings.on_a_day_off == "the working day before":
            yield day, calendar.previous_working_day(day)
        else:
            yield day, None


def papers_due_on(body: str, held_on: date, policy: Policy) -> date | None:
    """The London date by which papers are in, in working days before the meeting (R-RG-2); None: none are asked."""
    if body == Body.REVIEW_GROUP:
        number: int | None = policy.group.papers_working_days_before
    else:
        number = policy.meetings.papers_working_days_before.get(Body(body)) if body in set(Body) else None
    return None if number is None else Calendar.of(policy).add_working_days(held_on, -number)


def in_weeks(days: int) -> str:
    """A stretch of days as people say it: "four weeks", "10 days"."""
    if days % 7 or days < 7:
        return f"{days} day" if days == 1 else f"{days} days"
    weeks = days // 7
    small = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    number = small[weeks] if weeks < len(small) else str(weeks)
    return f"{number} week" if weeks == 1 else f"{number} weeks"
