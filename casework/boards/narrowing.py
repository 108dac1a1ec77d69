"""Which children a board or a list is about: the same words in both, so that a figure leads to its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, exists, or_

from casework.acting.deadlines import OPENS_A_DOOR
from persistence.tables import Allocation, Case, Deadline
from states.stages import S
from states.vocabulary import Role

#: A child without a colour, or without a team, in an address.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Age:
    """How long children have been where they are: from so many days on, and fewer than so many."""

    name: str
    words: str
    from_days: int
    below_days: int | None


#: Stretches for looking at, not rules: what is late is said by deadlines.
AGES = (
    Age("0", "under 4 weeks", 0, 28),
    Age("4", "4 to 12 weeks", 28, 84),
    Age("12", "12 to 26 weeks", 84, 182),
    Age("26", "26 weeks or more", 182, None),
)
_BY_NAME = {age.name: age for age in AGES}
#: The posts by which a board counts somebody's children.
WORKERS = (Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asked to see. Empty words: everything."""

    state: str = ""
    colour: str = ""
    team: str = ""  # its id
    worker: str = ""  # a person's id: children on whom they hold a post
    age: str = ""
    late: bool = False
    find: str = ""  # in the reference
    closed: bool = False  # those who are closed, too

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """From an address; what is not known is left out."""
        words = {name: str(asked.get(name, "")).strip() for name in ("state", "colour", "team", "worker", "age")}
        words["state"] = words["state"] if words["state"] in S.__members__ else ""
        words["age"] = words["age"] if words["age"] in _BY_NAME else ""
        return cls(
            **{name: value[:60] for name, value in words.items()},
            find=str(asked.get("find", "")).strip().upper()[:20],
            late=bool(asked.get("late")),
            closed=bool(asked.get("closed")),
        )

    def address(self, **differs: Any) -> dict[str, Any]:
        """The words for the address of a list, without those that ask for everything."""
        asked = {name: getattr(self, name) for name in _WORDS} | differs
        return {name: "1" if value is True else value for name, value in asked.items() if value}

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """The conditions on `Case`."""
        found: list[ColumnElement[bool]] = [] if self.closed else [Case.closed.is_(False)]
        if self.state:
            found.append(Case.state == self.state)
        if self.colour:
            found.append(Case.colour.is_(None) if self.colour == NONE else Case.colour == self.colour)
        if self.team:
            found.append(Case.team_id.is_(None) if self.team == NONE else Case.team_id == self.team)
        if self.worker:
            found.append(held_by(self.worker, today))
        if self.age:
            age = _BY_NAME[self.age]
            found.append(Case.state_since <= today - timedelta(days=age.from_days))
            if age.below_days is not None:
                found.append(Case.state_since > today - timedelta(days=age.below_days))
        if self.late:
            found.append(Case.next_due < today)
        if self.find:
            found.append(Case.ref.contains(self.find, autoescape=True))
        return found


_WORDS = tuple(word.name for word in fields(Wanted))


def age_of(days: int) -> Age:
    """The stretch that a number of days falls into."""
    return next(age for age in reversed(AGES) if days >= age.from_days or age is AGES[0])


def late(today: date) -> ColumnElement[bool]:
    """The condition on `Deadline`: it has passed and is not done."""
    return and_(Deadline.closed_as.is_(None), Deadline.due_on < today, Deadline.name.not_in(OPENS_A_DOOR))


def on_day(today: date) -> ColumnElement[bool]:
    """The condition on `Allocation`: it is held on a day."""
    return and_(Allocation.from_on <= today, or_(Allocation.until_on.is_(None), Allocation.until_on > today))


def held_by(person_id: str, today: date) -> ColumnElement[bool]:
    """The condition on `Case`: somebody holds a post on the child."""
    held = exists().where(Allocation.case_id == Case.id, Allocation.person_id == person_id, on_day(today))
    return held.correlate_except(Allocation)
