"""Ten acts of one morning: each commits at once, and its follow-up, mail and dates come after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

from casework.acting.commands import Actor, Command, Result
from casework.doing import perform
from casework.units import Office
from demo.caseload import Caseload
from demo.papers import paper
from demo.routes import Team
from states.stages import S


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """One act of the morning, in words a visitor understands."""

    words: str
    state: S
    number: int
    who: str  # a handle, or the post of the child's team: manager, worker, assessor, iro
    trigger: str
    differs: Mapping[str, Any] = field(default_factory=dict)
    decided_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act that was done, and how long its person waited."""

    act: Morning
    who: str
    result: Result
    milliseconds: float


def acts_of(today: date, caseload: Caseload) -> tuple[Morning, ...]:
    """The ten acts, on children that stand where each can happen."""
    meeting = caseload.meetings[min(day for day in caseload.meetings if day > today + timedelta(days=7))]
    return (
        Morning(
            words="A Team Manager rates a child", state=S.COHORT, number=0, who="manager", trigger="rate"
        ),
        Morning(
            words="The administrator puts a child on the Review Group's agenda",
            state=S.RATED,
            number=0,
            who="ash.admin",
            trigger="list_for_group",
            differs={"meeting": meeting},
        ),
        Morning(
            words="A social worker writes the latest position",
            state=S.DEFERRED,
            number=0,
            who="worker",
            trigger="set_latest_position",
        ),
        Morning(
            words="An assessment worker takes a child on to the Key Decision Discussion",
            state=S.TRAJECTORY,
            number=0,
            who="assessor",
            trigger="proceed_to_kdd",
        ),
        Morning(
            words="A date is set for a Key Decision Discussion",
            state=S.KEY_DECISION,
            number=0,
            who="assessor",
            trigger="schedule_kdd",
            differs={"chair": "quin.kdd", "legal_adviser": "lex.legal"},
        ),
        Morning(
            words="The chair decides: special guardianship is right for this child",
            state=S.KEY_DECISION,
            number=1,
            who="quin.kdd",
            trigger="kdd_sgo_appropriate",
            differs={"legal_adviser": "lex.legal"},
        ),
        Morning(
            words="A social worker records the review's ratification for the IRO, who is asked to confirm",
            state=S.RATIFICATION,
            number=0,
            who="worker",
            trigger="roa_ratifies",
            decided_by="iro",
        ),
        Morning(
            words="A safeguarding concern is flagged: people are told at once and the clocks stop",
            state=S.ASSESSMENT,
            number=0,
            who="worker",
            trigger="flag_safeguarding",
        ),
        Morning(
            words="Legal records a new direction of the court",
            state=S.IN_COURT,
            number=0,
            who="lex.legal",
            trigger="record_court_direction",
        ),
        Morning(
            words="The court makes the order: a child is home",
            state=S.IN_COURT,
            number=1,
            who="lex.legal",
            trigger="order_made",
        ),
    )


def do_the_morning(office: Office, caseload: Caseload, *, today: date, clock: Any) -> Iterator[Done]:
    """Do the ten acts, one after the other, as their people would."""
    for morning in acts_of(today, caseload):
        refs = caseload.cases.get(morning.state, [])
        if len(refs) <= morning.number:
            continue  # a smaller caseload has not this many children everywhere
        ref = refs[morning.number]
        team = caseload.teams[ref]
        now: datetime = clock()
        who = _person(morning.who, team, today)
        command = Command(
            ref=ref,
            trigger=morning.trigger,
            happened_on=today,
            record=paper(morning.trigger, on=today, **morning.differs),
            decided_by=_person(morning.decided_by, team, today) if morning.decided_by else None,
        )
        began = perf_counter()
        result = perform(office, command, by=Actor(person_id=caseload.staff[who], channel="demo"), now=now)
        yield Done(act=morning, who=who, result=result, milliseconds=(perf_counter() - began) * 1000)


def _person(who: str, team: Team, today: date) -> str:
    worker = team.worker_on(today)
    posts = {"manager": team.manager, "worker": worker, "assessor": team.assessor, "iro": team.iro}
    return posts.get(who, who)
