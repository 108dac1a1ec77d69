"""How children of the demo came to where they are: for each state a way there, step by step, in days.

A way is planned first, dates only, and then walked through the same acts that people use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from demo.papers import CHECKS
from states.calendar import Calendar
from states.stages import S
from states.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act: when, by whom, what differs from the usual paper. `meeting`: the day of a group meeting."""

    on: date
    who: str
    trigger: str
    decided_by: str | None = None
    meeting: date | None = None
    differs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who works with a child."""

    manager: str
    worker: str
    assessor: str
    fostering: str
    iro: str
    leaves: tuple[date, str | None] | None = None  # the worker's last day, and who takes over, if anybody

    def holder_on(self, day: date) -> str | None:
        """The child's social worker on a day; None where the last one left and nobody took over."""
        return self.worker if self.leaves is None or day <= self.leaves[0] else self.leaves[1]

    def worker_on(self, day: date, *, instead: str | None = None) -> str:
        """Who writes for the child's worker on a day: the worker, else `instead`, else the manager."""
        return self.holder_on(day) or instead or self.manager


class Way:
    """A plan being written: it knows the day it has reached."""

    def __init__(
        self, start: date, team: Team, meetings: list[date], calendar: Calendar, child: dict[str, Any]
    ) -> None:
        self.day = calendar.next_working_day(start)
        self.team, self.meetings, self.calendar, self.child = team, meetings, calendar, child
        self.steps: list[Step] = []

    @property
    def worker(self) -> str:
        """The child's social worker today, or who writes for them."""
        return self.team.worker_on(self.day, instead=self.team.assessor)

    def wait(self, days: int) -> None:
        """Let days pass, to the next working day."""
        self.day = self.calendar.next_working_day(self.day + timedelta(days=days))

    def do(
        self,
        who: str,
        trigger: str,
        *,
        meeting: date | None = None,
        decided_by: str | None = None,
        **differs: Any,
    ) -> None:
        """One act today."""
        self.steps.append(
            Step(
                on=self.day, who=who, trigger=trigger, meeting=meeting, decided_by=decided_by, differs=differs
            )
        )

    def next_meeting(self, days: int = 10) -> date:
        """The first meeting at least so many days from now."""
        return next(m for m in self.meetings if m >= self.day + timedelta(days=days))

    # -- the parts that ways are made of ---------------------------------------------------------------------

    def join(self) -> None:
        """Into the cohort, with the people who work with the child."""
        self.do(self.team.manager, "open_case", **self.child)
        for role, person in (
            (Role.CHILDS_WORKER, self.team.holder_on(self.day)),
            (Role.SUPERVISING_WORKER, self.team.fostering),
            (Role.IRO, self.team.iro),
        ):
            if person is None:
                continue
            self.do(self.team.manager, "allocate", role=role.value, person=person)

    def rated(self, colour: str) -> None:
        """Rated by the Team Manager."""
        self.wait(9)
        self.do(self.team.manager, "rate", colour=colour)

    def listed(self) -> None:
        """On the agenda of the next meeting."""
        self.do("ash.admin", "list_for_group", meeting=self.next_meeting(1))

    def heard(self, outcome: str, *, why: str = "newly rated", **differs: Any) -> None:
        """Listed, papers in, three views, and an outcome at the meeting."""
        self.wait(4)
        meeting = self.next_meeting(14)
        self.do("ash.admin", "list_for_group", meeting=meeting, why=why)
        self.day = self.calendar.add_working_days(meeting, -7)
        self.do(self.team.manager, "file_papers")
        self.day = meeting
        for who, voice in (
            ("fern.fostering", "Fostering"),
            ("sage.safeguarding", "Safeguarding"),
            ("vale.school", "Virtual School"),
        ):
            self.do(who, "add_view", voice=voice, view="Supports the plan, with the actions agreed.")
        self.do("wren.chair", outcome, **differs)
        self.wait(4)
        self.do("ash.admin", "distribute_minutes")

    def prepared(self) -> None:
        """Allocated, met, with a trajectory."""
        self.wait(3)
        self.do("tam.sgo", "allocate", role=Role.ASSESSMENT_WORKER.value, person=self.team.assessor)
        self.do(self.team.assessor, "change_applicants")
        self.wait(9)
        self.do(self.worker, "record_trajectory")
        self.wait(3)
        self.do(self.team.assessor, "record_initial_meeting")

    def decided(self) -> None:
        """A positive Key Decision Discussion."""
        self.do(self.team.assessor, "proceed_to_kdd")
        self.wait(2)
        self.do(
            self.team.assessor,
            "schedule_kdd",
            chair="quin.kdd",
            legal_adviser="lex.legal",
            held_on=self.calendar.next_working_day(self.day + timedelta(days=14)),
        )
        self.day = self.calendar.next_working_day(self.day + timedelta(days=14))
        self.do("quin.kdd", "kdd_sgo_appropriate", legal_adviser="lex.legal")

    def ratified(self, *, recorded: bool = False) -> None:
        """Ratified at the review; now and then recorded for the IRO, who confirms."""
        self.wait(2)
        self.do(self.worker, "note_told")
        self.do(self.team.assessor, "record_on_case_system")
        self.wait(24)
        if recorded:
            self.do(self.worker, "roa_ratifies", decided_by=self.team.iro)
            self.steps.append(Step(on=self.day, who=self.team.iro, trigger="confirm_decision"))
        else:
            self.do(self.team.iro, "roa_ratifies")

    def noticed(self) -> None:
        """The carers give notice, and it is acknowledged."""
        self.wait(4)
        self.do("lex.legal", "record_notice_of_intention")
        self.wait(2)
        self.do("lex.legal", "acknowledge_notice")

    def assessed(self) -> None:
        """Everything an assessment needs, up to its completion."""
        for check, whom in CHECKS:
            self.do(self.team.assessor, "request_check", check=check, on_whom=whom)
        self.wait(20)
        self.do(self.team.assessor, "record_family_network_meeting")
        self.do(self.team.assessor, "record_genogram")
        for check, whom in CHECKS:
            self.do(self.team.assessor, "receive_check", check=check, on_whom=whom)
        self.wait(12)
        self.do(self.team.assessor, "hold_midpoint_review")
        self.wait(10)
        self.do(self.worker, "add_view")
        self.do(self.team.assessor, "draft_support_plan")
        self.wait(5)
        self.do(self.team.assessor, "write_report", author=self.team.assessor)
        self.do("tam.sgo", "check_quality")
        self.do(self.team.assessor, "complete_assessment")

    def agreed(self) -> None:
        """No money is sought, and the package is agreed."""
        self.do(self.team.assessor, "set_financial_position")
        self.wait(2)
        self.do(self.team.assessor, "agree_package")

    def submitted(self) -> None:
        """Notices, signatures, statement: to Legal."""
        self.do(self.team.assessor, "record_proposal_notice")
        self.wait(30)
        self.do(self.team.assessor, "close_representations", how="the period is over")
        self.do(self.team.assessor, "record_decision_notice")
        self.do(self.team.assessor, "sign_support_plan")
        self.do(self.team.assessor, "write_statement", author=self.team.assessor)
        self.wait(1)
        self.do(
            self.team.assessor,
            "submit_to_legal",
            filing_on=self.calendar.next_working_day(self.day + timedelta(days=75)),
        )

    def issued(self) -> None:
        """In court, three months and more after the notice."""
        self.wait(45)
        self.do("lex.legal", "application_issued")

    def ordered(self) -> None:
        """The order is made."""
        self.wait(60)
        self.do("lex.legal", "order_made")


Route = Callable[[Way], None]


def _to_key_decision(way: Way) -> None:
    way.join()
    way.rated("GREEN")
    way.heard("group_progresses")
    way.prepared()


def _to_assessment(way: Way, *, recorded: bool = False) -> None:
    _to_key_decision(way)
    way.decided()
    way.ratified(recorded=recorded)


def _to_court(way: Way) -> None:
    _to_assessment(way)
    way.noticed()
    way.assessed()
    way.agreed()
    way.submitted()
    way.issued()


def _cohort(way: Way) -> None:
    way.join()


def _not_applicable(way: Way) -> None:
    way.join()
    way.wait(5)
    way.do(way.team.manager, "mark_not_applicable")


def _rated(way: Way) -> None:
    way.join()
    way.rated("YELLOW")


def _listed(way: Way) -> None:
    way.join()
    way.rated("GREEN")
    way.wait(3)
    way.listed()


def _deferred(way: Way) -> None:
    way.join()
    way.rated("AMBER")
    way.heard("group_defers", return_on=way.next_meeting(90))


def _further_work(way: Way) -> None:
    way.join()
    way.rated("YELLOW")
    way.heard("group_progresses")
    way.prepared()
    way.do(way.team.assessor, "needs_further_work")


def _trajectory(way: Way) -> None:
    _to_key_decision(way)
    way.do(way.worker, "set_latest_position")


def _key_decision(way: Way) -> None:
    _to_key_decision(way)
    way.do(way.team.assessor, "proceed_to_kdd")


def _ratification(way: Way) -> None:
    _to_key_decision(way)
    way.decided()


def _assessment(way: Way) -> None:
    _to_assessment(way, recorded=True)
    way.noticed()
    way.do(way.team.assessor, "request_check")


def _package(way: Way) -> None:
    _to_assessment(way)
    way.noticed()
    way.assessed()


def _sign_off(way: Way) -> None:
    _package(way)
    way.agreed()


def _with_legal(way: Way) -> None:
    _sign_off(way)
    way.submitted()


def _in_court(way: Way) -> None:
    _to_court(way)
    way.wait(3)
    way.do("lex.legal", "record_court_direction")


def _order_made(way: Way) -> None:
    _to_court(way)
    way.ordered()


def _post_order(way: Way) -> None:
    _order_made(way)
    way.wait(1)
    way.do("coral.coordinator", "activate_support")


def _not_progressing(way: Way) -> None:
    way.join()
    way.rated("RED")
    way.heard("group_decides_not_to_progress")


def _ended(way: Way) -> None:
    way.join()
    way.wait(30)
    way.do(way.team.manager, "end")


ROUTES: dict[S, Route] = {
    S.COHORT: _cohort,
    S.NOT_APPLICABLE: _not_applicable,
    S.RATED: _rated,
    S.REVIEW_GROUP: _listed,
    S.DEFERRED: _deferred,
    S.FURTHER_WORK: _further_work,
    S.TRAJECTORY: _trajectory,
    S.KEY_DECISION: _key_decision,
    S.RATIFICATION: _ratification,
    S.ASSESSMENT: _assessment,
    S.FINANCIAL_PACKAGE: _package,
    S.SIGN_OFF: _sign_off,
    S.WITH_LEGAL: _with_legal,
    S.IN_COURT: _in_court,
    S.ORDER_MADE: _order_made,
    S.POST_ORDER: _post_order,
    S.NOT_PROGRESSING: _not_progressing,
    S.ENDED: _ended,
}


def plan(
    target: S,
    *,
    reached_by: date,
    team: Team,
    meetings: list[date],
    calendar: Calendar,
    child: dict[str, Any],
    begun: Callable[[date], Way] | None = None,
) -> list[Step]:
    """The steps of a way that reaches its state by a London date, and not much earlier.

    `begun`: how a way begins on a day, where it is not the plain one.
    """
    start = reached_by - timedelta(days=30)
    while True:
        way = begun(start) if begun else Way(start, team, meetings, calendar, dict(child))
        ROUTES[target](way)
        if way.steps[-1].on <= reached_by:
            return way.steps
        start -= timedelta(days=max(7, (way.steps[-1].on - reached_by).days))
