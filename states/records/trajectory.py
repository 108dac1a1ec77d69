"""The dated path to the order, and the work that opens it (rules 5.4 to 5.6)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.records.base import Record, Row, choice, choices, day, person, rows, text, words, yes_no
from states.records.codes import Barrier, SlipReason, StepName
from states.records.shared import Action
from states.vocabulary import Role


class PostOnACase(StrEnum):
    """The posts that are held on one child."""

    CHILDS_WORKER = Role.CHILDS_WORKER.value
    ASSESSMENT_WORKER = Role.ASSESSMENT_WORKER.value
    SUPERVISING_WORKER = Role.SUPERVISING_WORKER.value
    IRO = Role.IRO.value


class Allocated(Record):
    """A named person takes a post on this child; the one before keeps their place in the history."""

    kind = "allocation"
    rule = "R-ALC-1"

    role: PostOnACase = choice("Post")
    person: str | None = person("Who", "Empty only when somebody leaves and nobody is named yet.", optional=True)
    no_conflict: bool = yes_no("Has this person no conflict of interest?")
    handover: str | None = words("Promises made to the carer, next dates, what to know", optional=True)


class MilestonePlanned(Row):
    """One milestone of the trajectory."""

    step: StepName = choice("Milestone")
    planned_on: date = day("Planned for")
    owner: str = text("Owner")
    done_on: date | None = day("Done on", optional=True)
    slip_reason: SlipReason | None = choice("Why the date moved", optional=True)


class Trajectory(Record):
    """The child's own trajectory: versioned, owned by the child's social worker (rules R-TRJ-1)."""

    kind = "trajectory"
    rule = "R-TRJ-1"

    milestones: tuple[MilestonePlanned, ...] = rows("Milestones", at_least=1)
    target_order_on: date = day("Target date of the order")
    barriers: tuple[Barrier, ...] = choices("What stands in the way")
    barrier_actions: str | None = words("What is done about it", optional=True)
    dependencies: str = words("What depends on what")
    carers_position: str = words("Where the carers stand")
    childs_position: str = words("Where the child stands")
    family_time: str = words("The work on family time (contact)")
    would_stop: str = words("What would stop this plan")


class InitialMeetingInvited(Record):
    """The initial meeting has a date; the carers have the written information first (rules R-IM-1)."""

    kind = "initial_meeting_invited"
    rule = "R-IM-1"

    held_on: date = day("Date")
    starts_at: str | None = text("Time", "Such as 10:30.", optional=True)
    place: str | None = text("Place", optional=True)


class MeetingOutcome(StrEnum):
    """What an initial meeting can end in (rules R-IM-2)."""

    CAN_PROGRESS = "can progress without delay"
    FURTHER_WORK = "further work"
    CARER_DECLINES = "carer declines"


class InitialMeeting(Record):
    """The first meeting with carers, social worker and supervising worker (rules R-IM-1 to R-IM-3)."""

    kind = "initial_meeting"
    rule = "R-IM-3"

    outcome: MeetingOutcome = choice("Outcome")
    childs_worker_invited: bool = yes_no("Was the child's social worker invited?")
    carers_invited: bool = yes_no("Were the carers invited?")
    supervising_worker_invited: bool = yes_no("Was the supervising social worker invited?")
    attended: str = words("Who attended")
    information_given_on: date = day("Written information given to the carers on")
    information_given: str = words(
        "Which information", "The order, loss of looked-after status, money, benefits, support, independent advice."
    )
    options_compared_given: bool = yes_no("Was the comparison of options given to carers and child?")
    childs_view: str = words("The child's view")
    carers_view: str = words("The carers' view")
    barriers: tuple[Barrier, ...] = choices("What stands in the way")
    actions: tuple[Action, ...] = rows("Actions")


class FurtherWork(Record):
    """What is needed before the child can go on, agreed by the three workers (rules R-FW-1)."""

    kind = "further_work"
    rule = "R-FW-1"

    reason: str = words("What needs work first")
    actions: tuple[Action, ...] = rows("Actions with their owners", at_least=1)
    return_on: date = day("Proposed return to the group on")
    longer_reason: str | None = words("If longer than the usual first interval: the reason", optional=True)


class Continued(Record):
    """A Head of Service confirms that further work goes on (rules R-FW-2)."""

    kind = "continued"
    rule = "R-FW-2"

    reason: str = words("Why it should go on")


class ReadyForKdd(Record):
    """The child can go to the Key Decision Discussion (rules T8)."""

    kind = "ready_for_kdd"
    rule = "T8"

    reason: str = words("Why the child can progress without delay")
