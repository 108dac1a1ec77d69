"""Random walks of one child through the pathway, by acts: what may be done is done, what is refused is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from casework.errors import CaseworkError
from persistence.tables import Event
from states.pathway import PATHWAY
from tests.rows import case_of, rows_of
from tests.world import World

T = TypeVar("T")
Choose = Callable[[list[T]], T]

#: What may be tried from anywhere: (trigger, who). Most are refused at any one time.
PLAIN: tuple[tuple[str, str], ...] = (
    ("rate", "rowan.tm"),
    ("mark_not_applicable", "rowan.tm"),
    ("reconsider", "rowan.tm"),
    ("take_off_agenda", "ash.admin"),
    ("desk_review_unchanged", "wren.chair"),
    ("needs_further_work", "ida.saw"),
    ("proceed_to_kdd", "ida.saw"),
    ("return_to_kdd", "ida.saw"),
    ("kdd_adjourns", "quin.kdd"),
    ("roa_ratifies", "oda.iro"),
    ("roa_defers", "oda.iro"),
    ("override_ratification", "hana.hos"),
    ("complete_assessment", "ida.saw"),
    ("submit_to_legal", "ida.saw"),
    ("legal_returns", "lex.legal"),
    ("application_issued", "lex.legal"),
    ("order_made", "lex.legal"),
    ("court_refuses", "lex.legal"),
    ("withdraw_application", "lex.legal"),
    ("activate_support", "coral.coordinator"),
    ("stop", "hana.hos"),
    ("reopen", "rowan.tm"),
    ("end", "rowan.tm"),
    ("set_latest_position", "sol.sw"),
    ("add_view", "sol.sw"),
    ("record_barrier", "sol.sw"),
    ("record_trajectory", "sol.sw"),
    ("invite_to_initial_meeting", "ida.saw"),
    ("record_initial_meeting", "ida.saw"),
    ("schedule_review", "oda.iro"),
    ("record_review", "oda.iro"),
    ("record_visit", "sol.sw"),
    ("record_notice_of_intention", "lex.legal"),
    ("record_court_direction", "lex.legal"),
    ("record_proposal_notice", "ida.saw"),
    ("start_viability", "ida.saw"),
    ("record_viability", "ida.saw"),
    ("pause_clock", "ida.saw"),
    ("resume_clock", "ida.saw"),
    ("flag_safeguarding", "sol.sw"),
    ("clear_safeguarding", "rowan.tm"),
    ("raise_concern", "oda.iro"),
    ("resolve_concern", "oda.iro"),
    ("lift_restriction", "rowan.tm"),
    ("review_support_plan", "coral.coordinator"),
)
#: Who may take back what was decided last.
TAKERS_BACK = ("rowan.tm", "ida.saw", "quin.kdd", "oda.iro", "wren.chair", "lex.legal", "ash.admin", "hana.hos")
#: Acts after which little can happen: tried less often.
LEAVES = ("end", "stop", "order_made", "restrict", "lift_restriction", "mark_not_applicable")
COLOURS = ["GREEN", "YELLOW", "AMBER", "RED"]


@dataclass
class Walk:
    """One child's random way. `choose` draws; `done` names the acts that went through."""

    world: World
    ref: str
    today: date
    choose: Choose[Any]
    sibling: str
    done: list[str] = field(default_factory=list)

    def step(self) -> None:
        """Try one act on a day a little later, or a little back-dated."""
        self.today += timedelta(self.choose([0, 1, 3, 9]))
        state = PATHWAY.states[case_of(self.world, self.ref).state]
        names = [*SPECIAL, *SPECIAL, *(name for name, _ in PLAIN)]
        possible = [n for n in names if n == "correct again" or PATHWAY.rows_for(n, state)]
        act = self.choose(possible)
        if act in LEAVES and self.choose([True, True, True, False]):
            act = self.choose(possible)
        try:
            if act in SPECIAL:
                SPECIAL[act](self)
            else:
                self.do(act, dict(PLAIN)[act])
        except CaseworkError:
            return

    def do(self, trigger: str, who: str, **differs: Any) -> None:
        """One act today; a few are written down days after they happened."""
        back = self.choose([0, 0, 0, 2])
        self.world.do(trigger, self.today - timedelta(back), who, ref=self.ref, today=self.today, **differs)
        self.done.append(trigger)

    def meeting(self, days: int) -> str:
        return self.world.meeting(self.today + timedelta(days))


def _rerate(walk: Walk) -> None:
    walk.do("rerate", "rowan.tm", colour=walk.choose(COLOURS))


def _list(walk: Walk) -> None:
    walk.do("list_for_group", "ash.admin", meeting=walk.meeting(12))


def _hear(outcome: str) -> Callable[[Walk], None]:
    def hear(walk: Walk) -> None:
        if case_of(walk.world, walk.ref).state != "REVIEW_GROUP":
            return
        events = [e for e in rows_of(walk.world, Event) if e.trigger == "list_for_group"]
        if not events:
            return
        meeting = walk.world.meeting(walk.today)
        walk.do("group_adjourns", "wren.chair", meeting=meeting)
        walk.world.attend(meeting, walk.today)
        walk.world.do("file_papers", walk.today, "rowan.tm", ref=walk.ref, chair_accepts_late=True)
        for who, service in (("fern.fostering", "Fostering"), ("sage.safeguarding", "Safeguarding")):
            walk.world.do("add_view", walk.today, who, ref=walk.ref, voice=service, view="Settled.")
        more: dict[str, Any] = {"going_ahead_reason": "It is right."} if outcome == "group_progresses" else {}
        walk.world.do(outcome, walk.today, "wren.chair", ref=walk.ref, sibling_impact="None.", **more)
        walk.done.append(outcome)

    return hear


def _back(trigger: str) -> Callable[[Walk], None]:
    return lambda walk: walk.do(
        trigger, "oda.iro" if trigger.startswith("roa") else "ida.saw", meeting=walk.meeting(14)
    )


def _allocate(walk: Walk) -> None:
    role, people = walk.choose(
        [
            ("SGO assessment worker", ["ida.saw", "kit.saw"]),
            ("SGO assessment worker", ["ida.saw"]),
            ("child's social worker", ["sol.sw", "nell.sw"]),
        ]
    )
    walk.do("allocate", "rowan.tm", role=role, person=walk.choose(people))


def _applicants(walk: Walk) -> None:
    names = walk.choose([["Alder Quill"], ["Alder Quill", "Hazel Quill"], ["Rowan Quill"]])
    people = [{"name": name, "kind": "applicant", "protected": False} for name in names]
    walk.do("change_applicants", "sol.sw", people=people)


def _kdd(walk: Walk) -> None:
    walk.do("schedule_kdd", "ida.saw", chair="quin.kdd")


def _decide(walk: Walk) -> None:
    walk.do("kdd_sgo_appropriate", "quin.kdd", legal_adviser="lex.legal")


def _link(trigger: str) -> Callable[[Walk], None]:
    def link(walk: Walk) -> None:
        if walk.choose([True, False]):
            walk.do(trigger, "sol.sw", sibling=walk.sibling)
        else:  # the same link, from the other child's side
            walk.world.do(trigger, walk.today, "sol.sw", ref=walk.sibling, sibling=walk.ref)
            walk.done.append(f"{trigger} by the sibling")

    return link


def _placement(walk: Walk) -> None:
    how = walk.choose(["ended: new carers", "respite, hospital or holiday", "same carers, new status or address"])
    walk.do("record_placement_change", "sol.sw", how=how, placement_code=walk.choose(["U4", "U1", None]))


#: Evidence of an agreement from elsewhere: by which reference, where and when, and by two people.
SIGNED_ELSEWHERE = {
    "agreement_ref": "AG-1",
    "agreed_elsewhere": "Signed in the old system on 3 March.",
    "elsewhere_prepared_by": "Ira Gable, assessment worker",
    "elsewhere_decided_by": "Hale Moss, Head of Service",
}


def _money(walk: Walk) -> None:
    position = walk.choose(["being assessed", "agreed", "no financial support sought"])
    walk.do("set_financial_position", "ida.saw", position=position, **SIGNED_ELSEWHERE)


def _update(walk: Walk) -> None:
    walk.do("update_child", "dean.data", sex=walk.choose(["male", "female"]), placement_provider="PR2")


def _restrict(walk: Walk) -> None:
    people = [{"person": who} for who in ("rowan.tm", "sol.sw", "ida.saw", "oda.iro", "dean.data")]
    walk.do("restrict", "rowan.tm", people=people)


def _reverse(walk: Walk) -> None:
    for who in TAKERS_BACK:
        try:
            walk.world.do("reverse_last", walk.today, who, ref=walk.ref)
        except CaseworkError:
            continue
        walk.done.append("reverse_last")
        return


def _correct(walk: Walk) -> None:
    case = case_of(walk.world, walk.ref)
    event = walk.choose([e for e in rows_of(walk.world, Event) if e.case_id == case.id])
    days = walk.choose([-3, -1, 0])
    walk.world.do(
        "correct",
        walk.today,
        "rowan.tm",
        ref=walk.ref,
        event=event.id,
        happened_on=event.happened_on + timedelta(days) if days else None,
        changes="reason=Said otherwise.",
    )
    walk.done.append(f"correct {event.trigger}")


SPECIAL: dict[str, Callable[[Walk], None]] = {
    "rerate": _rerate,
    "list_for_group": _list,
    "group_progresses": _hear("group_progresses"),
    "group_defers": _hear("group_defers"),
    "group_asks_further_work": _hear("group_asks_further_work"),
    "carer_declines": _back("carer_declines"),
    "return_to_group": _back("return_to_group"),
    "roa_does_not_ratify": _back("roa_does_not_ratify"),
    "allocate": _allocate,
    "change_applicants": _applicants,
    "schedule_kdd": _kdd,
    "kdd_sgo_appropriate": _decide,
    "link_sibling": _link("link_sibling"),
    "end_sibling_link": _link("end_sibling_link"),
    "record_placement_change": _placement,
    "set_financial_position": _money,
    "update_child": _update,
    "restrict": _restrict,
    "reverse_last": _reverse,
    "correct": _correct,
    "correct again": _correct,
}
