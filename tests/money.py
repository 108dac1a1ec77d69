"""A world in which money is asked for and signed: the people who do it, and short ways through the routes.

    money = with_money(world)
    ref = money.opened(child, "grant", day, amount="9999.99")
    money.heard(ref, day)                       # submitted, listed, recommended
    money.signed(ref, day, "hana.hos")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from casework.acting.commands import Command, Result
from casework.doing import perform
from casework.errors import Refused
from casework.funding import requests
from demo.funding_papers import KINDS
from demo.papers import paper
from demo.staff import engage_for_money
from tests.rows import case_of
from tests.world import LONG_AGO, START, World, noon

#: Who asks, who came, and who signs by post.
ASKS, CHILDS = "ida.saw", "sol.sw"
PANEL_CHAIR, GROUP_CHAIR, DMT_CHAIR = "piers.panel", "wren.chair", "asa.ad"
MEMBERS = ("fern.fostering", "sage.safeguarding")
APPROVES = {
    "WITH_HEAD_OF_SERVICE": ("head_of_service_approves", "hana.hos"),
    "WITH_ASSISTANT_DIRECTOR": ("assistant_director_approves", "abel.ad"),
    "WITH_DIRECTOR": ("director_approves", "dara.director"),
}
BODIES = {
    "AT_REVIEW_GROUP": ("Review Group", GROUP_CHAIR),
    "AT_PERMANENCE_PANEL": ("Permanence Panel", PANEL_CHAIR),
    "AT_DMT": ("DMT", DMT_CHAIR),
}


@dataclass
class Money:
    """The world with the people who hear and sign money."""

    world: World
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def opened(self, child: str, kind: str, on: date, *, who: str = ASKS, **differs: Any) -> str:
        """A request of a kind, opened for a child; answers its reference."""
        given = {"funding": kind, **KINDS[kind], **differs}
        command = Command(
            trigger="open_request",
            about=child,
            happened_on=on,
            record=paper("open_request", on=on, **given),
        )
        result = perform(self.world.office, command, by=self.world.actor(who), now=noon(on))
        self.kinds[result.ref] = {name: given[name] for name in ("amount", "frequency") if name in given} or {}
        return result.ref

    def do(self, trigger: str, on: date, who: str, ref: str, **more: Any) -> Result:
        """One step of a request with a complete record; whoever signs gives back the mark of what stands there."""
        if trigger.endswith(("_approves", "_refuses")) and not trigger.startswith("dmt"):
            more.setdefault("shown", self.mark(ref, on))
        if trigger.endswith("_approves") or trigger in ("chair_recommends", "dmt_refuses"):
            more = {**self._asked(ref, dmt=trigger.startswith("dmt")), **more}
        return self.world.do(trigger, on, who, ref=ref, **more)

    def _asked(self, ref: str, *, dmt: bool) -> dict[str, Any]:
        asked = self.kinds.get(ref, {})
        return {k: v for k, v in asked.items() if not dmt or k == "amount"}

    def seen(self, ref: str, on: date, who: str = "tam.sgo") -> requests.RequestSeen:
        """The request as somebody sees it on a day."""
        with self.world.office.reading() as session:
            return requests.show_request(session, ref, by=self.world.ids[who], today=on)

    def mark(self, ref: str, on: date) -> str:
        """The mark of what stands on the request."""
        return self.seen(ref, on).mark

    def state(self, ref: str, on: date) -> str:
        """Where the request stands."""
        return self.seen(ref, on).state

    def prepared(self, child: str, kind: str, on: date, *, who: str = ASKS, **differs: Any) -> str:
        """A request with what its kind rests on, not yet submitted."""
        ref = self.opened(child, kind, on, who=who, **differs)
        if kind in ("standard_allowance", "needs_led_allowance"):
            self.do("record_means_test", on, ASKS, ref)
        if kind == "needs_led_allowance":
            self.do("write_needs_assessment", on, ASKS, ref, author=ASKS)
        if kind in ("grant", "loan", "settling_in"):
            loan = {"repayment": "Monthly from the allowance.", "instalments": 24} if kind == "loan" else {}
            self.do("write_referral", on, CHILDS, ref, author=CHILDS, **loan)
        return ref

    def submitted(self, child: str, kind: str, on: date, *, who: str = ASKS, **differs: Any) -> str:
        """A request that has gone to whoever hears or signs it first."""
        ref = self.prepared(child, kind, on, who=who, **differs)
        self.do("submit_request", on, who, ref)
        return ref

    def listed(self, ref: str, on: date, *, held_on: date | None = None, chair: str | None = None) -> str:
        """On the agenda of a meeting of the body that hears it; answers the meeting."""
        body, usual = BODIES[self.state(ref, on)]
        meeting = self.world.meeting(held_on or on, body=body, chair=chair or usual)
        self.do("list_request", on, "cfs.permanence", ref, meeting=meeting)
        return meeting

    def attendance(self, *others: str, came_as: str = "member") -> list[dict[str, Any]]:
        """Two members and both workers, and whoever else came."""
        here = [{"person": who, "came_as": "member"} for who in MEMBERS]
        here += [{"person": CHILDS, "came_as": "child's social worker"}]
        here += [{"person": ASKS, "came_as": "SGO assessment worker"}]
        return [*here, *({"person": who, "came_as": came_as} for who in others)]

    def heard(self, ref: str, on: date, **differs: Any) -> None:
        """Listed and recommended at one meeting, and approved by DMT where that is needed."""
        self.listed(ref, on)
        chair = BODIES[self.state(ref, on)][1]
        self.do("chair_recommends", on, chair, ref, attendance=self.attendance(), **differs)
        if self.state(ref, on) == "AT_DMT":
            self.listed(ref, on)
            self.do("dmt_approves", on, DMT_CHAIR, ref, attendance=self.attendance())

    def signed(self, ref: str, on: date, **differs: Any) -> Result:
        """Agreed and signed by the post that has it on the desk."""
        if self.state(ref, on) == "WITH_HEAD_OF_SERVICE" and self.seen(ref, on).authority.post != "Head of Service":
            self.do("head_of_service_agrees", on, "hana.hos", ref)
        trigger, who = APPROVES[self.state(ref, on)]
        return self.do(trigger, on, who, ref, **differs)

    def agreed(self, child: str, kind: str, on: date, **differs: Any) -> str:
        """A request taken the whole way to a signature, on one day; answers its reference."""
        ref = self.submitted(child, kind, on, **differs)
        if self.state(ref, on) in BODIES:
            self.heard(ref, on)
        self.signed(ref, on)
        return ref

    def payable(self, ref: str, on: date, *, contract: bool = False, periodic: bool = False) -> None:
        """Notices, conditions, contract and tracker: everything that payment waits for."""
        self.do("upload_agreement", on, ASKS, ref)
        self.do("issue_proposal_notice", on, ASKS, ref)
        self.do("close_funding_representations", on, ASKS, ref)
        warned = {"charge_warning": "A charge is placed: default can cost the home."} if contract else {}
        self.do("issue_decision_notice", on, ASKS, ref, **warned)
        if periodic:
            self.do("agree_conditions", on, ASKS, ref)
        if contract:
            self.do("ask_for_contract", on, CHILDS, ref)
            self.do("record_contract", on, "lex.legal", ref, charge="placed")
        self.do("receive_agreement", on, "cfs.permanence", ref)
        self.do("enter_on_tracker", on, "cfs.permanence", ref)
        self.do("sign_off", on, "cfs.permanence", ref)


def with_money(world: World, *, since: date = LONG_AGO) -> Money:
    """Engage the people who hear and sign money."""
    with world.office.unit_of_work() as session:
        world.ids.update(engage_for_money(session, since=since, now=noon(START)))
    return Money(world)


#: The day on which the standard child of `world.child_at("ASSESSMENT")` has been ratified for a fortnight.
ASSESSING = START + timedelta(days=72)


def position(money: Money, child: str) -> tuple[str | None, str | None]:
    """What the child's case says of its money, and the agreement it names."""
    case = case_of(money.world, child)
    return case.finance_position, case.agreement_ref


def rules_of(refused: Refused) -> set[str]:
    """The rules by which something was refused."""
    return {unmet.rule for unmet in refused.reasons}
