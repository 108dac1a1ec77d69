"""The words the process tables are written in.

A process is a tuple of `Transition` rows. Everything a row can say is defined here, so a reader who
knows these words can read `states/pathway.py` from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from states.calendar import Calendar
    from states.facts import Facts
    from states.policy import Policy
    from states.records.base import Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state stands: its words on the screen (practice 5) and its cell in the diagram."""

    words: str
    column: int
    row: int


class State(Enum):
    """A state of a process. Stored by name; each member's value is its `Place`."""

    @property
    def words(self) -> str:
        """What people read on the screen."""
        return str(self.value.words)

    @property
    def place(self) -> Place:
        """Where the diagram draws it."""
        place: Place = self.value
        return place


class Role(StrEnum):
    """What a person may be: ranked posts, specialist posts, members of bodies (rules 1.1, 1.2)."""

    CHILDS_WORKER = "child's social worker"
    ASSESSMENT_WORKER = "SGO assessment worker"
    SUPERVISING_WORKER = "supervising social worker"
    IRO = "independent reviewing officer"
    IRO_MANAGER = "IRO manager"
    TEAM_MANAGER = "Team Manager"
    HEAD_OF_SERVICE = "Head of Service"
    ASSISTANT_DIRECTOR = "Assistant Director"
    DIRECTOR = "Director"
    SGO_TEAM = "SGO team manager"
    GROUP_ADMINISTRATOR = "group administrator"
    GROUP_CHAIR = "Review Group chair"
    GROUP_MEMBER = "Review Group member"
    KDD_CHAIR = "KDD chair"
    LEGAL = "Legal"
    CO_ORDINATOR = "permanence support co-ordinator"
    PANEL_CHAIR = "Permanence Panel chair"
    CFS_PERMANENCE = "CFS Permanence"
    FINANCE = "finance officer"
    VIRTUAL_SCHOOL = "Virtual School"
    HEALTH = "looked-after children's nurse"
    SAFEGUARDING = "safeguarding lead"
    DATA_MANAGER = "data manager"
    ADMINISTRATOR = "system administrator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    GUARDIAN = "information guardian"


#: Ranked posts, lowest first. A posted level is a floor: a more senior post may always decide (rules 0.3).
RANKS: tuple[Role, ...] = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR)

#: Posts held on one child by allocation, never by a general grant.
ALLOCATED: frozenset[Role] = frozenset(
    {Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.SUPERVISING_WORKER, Role.IRO}
)


def rank(role: Role) -> int | None:
    """The rank of a ranked post, or None for a specialist (design 5.7)."""
    return RANKS.index(role) if role in RANKS else None


class Service(StrEnum):
    """The services that review each child in the Review Group (rules R-RG-1)."""

    FOSTERING = "Fostering"
    SAFEGUARDING = "Safeguarding"
    VIRTUAL_SCHOOL = "Virtual School"


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that is still needed: the rule, and words a social worker can act on."""

    rule: str
    reason: str
    field: str | None = None


Guard = Callable[["Facts"], Unmet | None]
Choice = Callable[["Facts"], bool]


class Basis(StrEnum):
    """What stands behind a deadline. A statutory breach is permanent (design 6)."""

    STATUTORY = "statutory"
    COURT = "court direction"
    SERVICE = "service standard"
    LOCAL = "local"


class Unit(StrEnum):
    """What a deadline is counted in; a pause gives back its length in the same unit (rules R-CLK-9)."""

    WORKING_DAYS = "working days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    GIVEN = "the date given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How a due date follows from its anchor: a number of one unit, read from the policy.

    `number` is None where the act's record gives the date itself.
    """

    unit: Unit
    number: Callable[[Policy], int] | None = None
    not_before: bool = False
    backwards: bool = False
    beginning_with: bool = False  # the anchor is day 1 of the period (rules R-CLK-3)


class Delivery(StrEnum):
    """Whether a notice goes at once or waits for the person's digest (design 5.12)."""

    NOW = "now"
    DIGEST = "digest"


class Party(StrEnum):
    """Somebody a notice goes to who is not simply the holder of a role."""

    DECIDER = "the person the decision is recorded for"
    RECORDER = "the person who recorded the step"
    TOLD_BEFORE = "everyone an earlier notice of this step went to"
    MISSING_SERVICE = "the member of a service that was missing"
    CARERS = "the carers"
    NEW_HOLDER = "the person just allocated"
    READER = "everybody with work on the pathway"
    STAND_IN = "whoever is at work while a colleague is not"
    INVITED = "everyone invited to a meeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One kind of message (rules 8). Its words live in the folder `notifications/templates/<folder>/`."""

    id: str
    folder: str
    words: str
    to: tuple[Role | Party, ...]
    delivery: Delivery = Delivery.DIGEST
    dated: bool = False  # carries a calendar entry for the meeting named in the record
    rule: str = ""

    @property
    def is_letter(self) -> bool:
        """Carers get letters, not mails: a task to send one (design 5.11)."""
        return Party.CARERS in self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """Rungs before (or after) a due date: when each is reached, `notice` goes out once (rules 8)."""

    notice: Notice
    numbers: Callable[[Policy], tuple[int, ...]]
    unit: Unit
    after: bool = False
    from_anchor: bool = False  # counted from where the deadline starts, such as "week 10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline that a transition opens: whose it is, how it is counted, when it stops mattering."""

    name: str
    words: str
    owner: Role
    basis: Basis
    count: Count
    rule: str
    anchor: str | None = None  # a date field of the record; None: the day it happened
    while_in: frozenset[State] | None = None  # leaving these states closes it as "moved on"; None: never
    warns: tuple[Warn, ...] = ()
    many: bool = False  # several may be open at once (each court direction)
    runs_on: bool = False  # a date to look at the child again never stands still, whatever else does
    only_if: Choice | None = None

    @property
    def pauses(self) -> bool:
        """Local clocks and service standards can pause; law and the court never do (rules R-CLK-9)."""
        return self.basis in (Basis.LOCAL, Basis.SERVICE) and not self.runs_on


class Nature(StrEnum):
    """Decisions are guarded; facts are never refused; acts stay in the state (practice PR-1)."""

    DECISION = "decision"
    FACT = "fact"
    ACT = "act"


class Anywhere(Enum):
    """Where a row leads when not to one fixed state."""

    SAME = "the same state"
    BACK = "the state before the last step"
    NAMED = "the state the record names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of a process table.

    `by` has no default on purpose: nobody may, until somebody is named. The roles are floors and are
    tested on the person who decided, not on the one who typed (practice PR-2).
    """

    trigger: str
    words: str
    source: frozenset[State | None]
    to: State | Anywhere
    by: frozenset[Role]
    record: type[Record]
    rule: str
    nature: Nature = Nature.DECISION
    guards: tuple[Guard, ...] = ()
    cautions: tuple[Guard, ...] = ()  # what is said and flagged, and stands in nobody's way
    when: Choice | None = None  # which of several rows of one trigger applies
    opens: tuple[Due, ...] = ()
    meets: tuple[Due, ...] = ()
    ends: tuple[Due, ...] = ()  # closes as "moved on": what the step leaves without an object, met or not
    meets_if: tuple[tuple[Choice, Due], ...] = ()
    tells: tuple[Notice, ...] = ()
    tells_if: tuple[tuple[Choice, Notice], ...] = ()
    by_anyone_allocated: bool = False  # besides `by`: whoever holds a post on the child (design 4.2)
    carries: tuple[str, ...] = ()  # triggers whose guards this row carries and whose deadlines it meets (PT-9)
    signs: bool = False  # somebody puts their name to money: they show again who they are (reliability A.7: 7.5.3)

    def __post_init__(self) -> None:
        if not self.by:
            raise ValueError(f"{self.trigger}: a row must name who may do it")
        if not self.source:
            raise ValueError(f"{self.trigger}: a row must name the states it starts from")

    @property
    def flow(self) -> bool:
        """Whether anything follows: an act that opens no deadline and tells nobody needs no run."""
        return bool(self.opens or self.meets or self.tells or self.tells_if) or self.nature is not Nature.ACT

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every notice this row can send."""
        return self.tells + tuple(notice for _, notice in self.tells_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A whole process: its name, its states and its rows."""

    name: str
    states: type[State]
    rows: tuple[Transition, ...]
    final: frozenset[State] = field(default_factory=frozenset)
    usual: tuple[State, ...] = ()  # the usual way, where rows that depend on the record do not tell it
    letters: str = ""  # how the references of its cases begin, before the dash

    @property
    def triggers(self) -> tuple[str, ...]:
        """Every trigger once, in the order of the table."""
        return tuple(dict.fromkeys(row.trigger for row in self.rows))

    def rows_for(self, trigger: str, state: State | None) -> tuple[Transition, ...]:
        """The rows of a trigger that start from a state."""
        return tuple(r for r in self.rows if r.trigger == trigger and state in r.source)


def due_on(count: Count, *, anchor: date, policy: Policy, calendar: Calendar) -> date:
    """The London date that a count from an anchor leads to (rules R-CLK-2 to R-CLK-4)."""
    if count.unit is Unit.GIVEN or count.number is None:
        return anchor
    if count.beginning_with:
        return calendar.beginning_with_weeks(anchor, count.number(policy))
    number = count.number(policy) * (-1 if count.backwards else 1)
    return shift(anchor, number, count.unit, calendar=calendar, not_before=count.not_before)


def shift(day: date, number: int, unit: Unit, *, calendar: Calendar, not_before: bool = False) -> date:
    """Move a date by a number of one unit, by the rules of the calendar (rules R-CLK-1..4)."""
    match unit:
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(day, number)
        case Unit.WEEKS:
            return calendar.add_weeks(day, number)
        case Unit.MONTHS:
            return (
                calendar.add_months_not_before(day, number)
                if not_before
                else calendar.add_months_by(day, number)
            )
        case Unit.DAYS:
            return date.fromordinal(day.toordinal() + number)
        case Unit.GIVEN:
            return day
