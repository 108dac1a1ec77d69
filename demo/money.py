"""The county's requests for money: some dozens, of every kind and at every desk, told by the acts people use.

Deterministic, and quiet like the rest of the history. Some wait for a signature, one for too long; one is returned, one
is refused and looked at again; packages were signed on cases that went to Legal, and one child's order is near with
the money not agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from casework import policies
from casework.acting import acts
from casework.acting.commands import Actor, Command
from casework.funding import means, requests
from casework.reading.queries import list_cases
from casework.reading.showing import show_case
from demo.calendar import at_noon
from demo.funding_papers import KINDS
from demo.households import household_of
from demo.papers import paper
from demo.population import COUNTY
from demo.routes import Team
from states.calendar import Calendar
from states.means_test.calculation import work_out
from states.means_test.household import Household
from states.stages import S

#: Who hears and signs: the chairs by body, and the second of a post where the first has had a part.
CHAIRS = {"Review Group": "wren.chair", "Permanence Panel": "piers.panel", "DMT": "asa.ad"}
CFS = "cfs.permanence"
_LATE = "Written down from the signed papers when the tracker was begun."
_MEMBERS = ("fern.fostering", "sage.safeguarding")
_SIGNS = ("_approves", "_refuses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What every request has in common: staff, meetings by body and day, and the first day that is not past."""

    session: Session
    staff: Mapping[str, str]
    meetings: Mapping[str, Mapping[date, str]]
    calendar: Calendar
    before: date
    since: Mapping[str, date]  # by child: the first day on which money is talked about


class Request:
    """One request being told, day by day; `ref` once it is open."""

    def __init__(
        self, around: Around, child: str, team: Team, kind: str, *, ago: int, asks: str | None = None, **differs: Any
    ) -> None:
        self.around, self.child, self.team, self.kind = around, child, team, kind
        self.day = max(around.calendar.add_working_days(around.before, -ago), around.since[child])
        self.recorded = self.day
        self.ref: str | None = None
        self.acts = 0
        self.given = {"funding": kind, **KINDS[kind], **differs}
        self.asks = asks or team.assessor
        if kind == "standard_allowance":  # what the means test comes to is what is asked for
            award = work_out(self._household(), policies.in_force(around.session, self.day).policy).children[0]
            self.given["amount"] = str(award.weekly)
        self.do("open_request", self.asks, **self.given)

    # -- one act ------------------------------------------------------------------------------------------

    def do(self, trigger: str, who: str, **more: Any) -> None:
        """One act on the day it is."""
        around = self.around
        if trigger.endswith(_SIGNS) and not trigger.startswith("dmt"):
            assert self.ref is not None
            seen = requests.show_request(around.session, self.ref, by=around.staff[who], today=self.day)
            more = {"shown": seen.mark, **more}
            childs = show_case(around.session, self.child, by=around.staff["tam.sgo"], today=self.day).chronology
            self.recorded = max(self.recorded, *(line.recorded_on for line in childs))  # which hears of it
        if trigger.endswith("_approves") or trigger in ("chair_recommends", "dmt_refuses"):
            often = {} if trigger.startswith("dmt") else {"frequency": self.given.get("frequency", "once")}
            more = {"amount": self.given.get("amount", "8000.00"), **often, **more}
        self.recorded = max(self.recorded, self.day)
        command = Command(
            ref=self.ref,
            about=None if self.ref else self.child,
            trigger=trigger,
            happened_on=self.day,
            record=paper(trigger, on=self.day, **more),
            late_reason=_LATE if self.recorded > self.day else None,
            quiet=True,
        )
        by = Actor(person_id=around.staff[who], channel="demo")
        self.ref = acts.act(around.session, command, by=by, now=at_noon(self.recorded)).ref
        self.acts += 1

    def wait(self, days: int) -> None:
        """So many working days go by, but not into what is still to come."""
        last = self.around.calendar.previous_working_day(self.around.before - timedelta(days=1))
        self.day = min(self.around.calendar.add_working_days(self.day, days), last)

    def tested(self, *, illustration: bool = False) -> None:
        """The household's means test is worked out, kept with its steps, and recorded."""
        around = self.around
        by = Actor(person_id=around.staff[self.asks], channel="demo")
        result = means.keep(
            around.session,
            self._household(illustration=illustration),
            household=self.given["household"],
            by=by,
            now=at_noon(self.day),
        )
        self.do("record_means_test", self.asks, **means.record_of(result, result.children[0]))

    def _household(self, *, illustration: bool = False) -> Household:
        whose = show_case(
            self.around.session, self.child, by=self.around.staff["tam.sgo"], today=self.day
        ).child
        return household_of(
            whose["given_names"] or "The child",
            whose["date_of_birth"],
            on=self.day,
            number=int(self.given["household"].removeprefix("HH-")),
            illustration=illustration,
        )

    # -- the way ------------------------------------------------------------------------------------------

    def prepared(self) -> Request:
        """What the kind rests on is written."""
        self.wait(1)
        if self.kind.endswith("_allowance"):
            self.tested()
        if self.kind == "needs_led_allowance":
            self.do("write_needs_assessment", self.asks, author=self.asks)
        if self.kind in ("grant", "loan", "settling_in"):
            loan = {"repayment": "Monthly from the allowance.", "instalments": 24} if self.kind == "loan" else {}
            self.do("write_referral", self.asks, author=self.asks, **loan)
        return self

    def submitted(self) -> Request:
        """It has gone to whoever hears or signs it first."""
        self.prepared().wait(1)
        self.do("submit_request", self.asks)
        return self

    def listed(self, body: str, *, ahead: bool = False) -> bool:
        """On the agenda of the next meeting it can make, in the past or still to come; False where there is none."""
        least = self.around.calendar.add_working_days(self.day, 6)
        days = [on for on in sorted(self.around.meetings[body]) if on >= (self.around.before if ahead else least)]
        if not days or (days[0] >= self.around.before) is not ahead:
            return False
        self.wait(1)
        self.do("list_request", CFS, meeting=self.around.meetings[body][days[0]])
        if not ahead:
            self.day = days[0]
        return True

    def heard(self, body: str) -> bool:
        """Recommended by a meeting that has been held; False where none has been in time."""
        if not self.listed(body):
            return False
        self.do("chair_recommends", CHAIRS[body], attendance=self.came())
        return True

    def came(self) -> list[dict[str, str]]:
        """Who was at a hearing, besides the chair."""
        here = [{"person": who, "came_as": "member"} for who in _MEMBERS]
        here.append({"person": self.team.worker_on(self.day), "came_as": "child's social worker"})
        return [*here, {"person": self.asks, "came_as": "SGO assessment worker"}]

    def signed(self) -> Request:
        """A standard allowance, or legal costs, signed by the Head of Service."""
        self.submitted().wait(3)
        self.do("head_of_service_approves", "hana.hos")
        return self

    def noticed(self, *, periodic: bool = True) -> Request:
        """Both notices, and the carers agree to the conditions of regular money."""
        self.do("upload_agreement", self.asks)
        self.do("issue_proposal_notice", self.asks)
        self.wait(2)
        self.do("close_funding_representations", self.asks)
        self.do("issue_decision_notice", self.asks)
        if periodic:
            self.do("agree_conditions", self.asks)
        return self

    def on_tracker(self, *, periodic: bool = True) -> Request:
        """Noticed, received and on the tracker."""
        self.noticed(periodic=periodic).wait(1)
        self.do("receive_agreement", CFS)
        self.do("enter_on_tracker", CFS)
        return self

    def payable(self, *, periodic: bool = True) -> Request:
        """On the tracker and signed off."""
        self.on_tracker(periodic=periodic).do("sign_off", CFS)
        return self


Begin = Callable[..., Request]


# -- what became of them ------------------------------------------------------------------------------------------


def _illustration(begin: Begin) -> Request:
    request = begin("standard_allowance", ago=6)
    request.tested(illustration=True)
    return request


def _prepared(begin: Begin) -> Request:
    return begin("grant", ago=4, amount="3400.00").prepared()


def _for_the_group(begin: Begin) -> Request:
    request = begin("needs_led_allowance", ago=9).submitted()
    request.listed("Review Group", ahead=True)
    return request


def _for_the_panel(begin: Begin) -> Request:
    request = begin("grant", ago=12, amount="15000.00").submitted()
    request.listed("Permanence Panel", ahead=True)
    return request


def _to_be_listed(begin: Begin) -> Request:
    return begin("loan", ago=3, amount="9500.00").submitted()


def _for_dmt(begin: Begin) -> Request:
    request = begin("grant", ago=70, amount="17500.00").submitted()
    if request.heard("Permanence Panel"):
        request.listed("DMT", ahead=True)
    return request


def _waits_for_a_signature(begin: Begin) -> Request:
    return begin("standard_allowance", ago=5).submitted()


def _waits_too_long(begin: Begin) -> Request:
    return begin("standard_allowance", ago=16).submitted()


def _second_view(begin: Begin) -> Request:
    request = begin("needs_led_allowance", ago=60, amount="310.00").submitted()
    if request.heard("Review Group"):
        request.wait(3)
        request.do("head_of_service_disagrees", "hana.hos")
    return request


def _with_the_assistant_director(begin: Begin) -> Request:
    request = begin("needs_led_allowance", ago=55, amount="240.00").submitted()
    if request.heard("Review Group"):
        request.wait(3)
        request.do("head_of_service_agrees", "hugo.hos")
    return request


def _with_the_director(begin: Begin) -> Request:
    request = begin("grant", ago=75, amount="24000.00", purpose_kind="building work or adaptation").submitted()
    if request.heard("Permanence Panel") and request.listed("DMT"):
        request.do("dmt_approves", CHAIRS["DMT"], attendance=request.came())
    return request


def _returned(begin: Begin) -> Request:
    request = begin("standard_allowance", ago=10).submitted()
    request.wait(2)
    request.do("head_of_service_returns", "hugo.hos")
    return request


def _withdrawn(begin: Begin) -> Request:
    request = begin("grant", ago=14, amount="900.00").prepared()
    request.wait(3)
    request.do("withdraw_request", request.asks)
    return request


def _signed(begin: Begin) -> Request:
    return begin("standard_allowance", ago=12).signed()


def _package(begin: Begin) -> Request:
    return begin("standard_allowance", ago=45).signed().on_tracker()


def _money_not_agreed(begin: Begin) -> Request:
    """The order is near, and the part that replaces the fostering fee can be agreed before it only (R-FIN-13)."""
    why = "The fee was part of the fostering payment, and without it the carers cannot apply."
    return begin("standard_allowance", ago=4, remuneration="40.00", remuneration_because=why).submitted()


def _in_payment(begin: Begin) -> Request:
    """Agreed a year ago: its yearly review is due."""
    request = begin("standard_allowance", ago=252, timing="after the order").signed().payable()
    request.wait(5)
    request.do("record_payment", CFS, amount=request.given["amount"])
    return request


def _no_contract(begin: Begin) -> Request:
    request = begin("loan", ago=110, amount="6000.00", timing="after the order").submitted()
    if request.heard("Permanence Panel"):
        request.wait(3)
        request.do("head_of_service_approves", "hana.hos")
    return request


def _refused(begin: Begin) -> Request:
    """Refused, and with what the carers say about that before the Assistant Director (A22)."""
    request = begin("standard_allowance", ago=40, timing="after the order").submitted()
    request.wait(3)
    request.do("head_of_service_refuses", "hana.hos")
    request.do("issue_proposal_notice", request.asks)
    request.wait(12)
    request.do("hear_representations", request.asks)
    return request


def _paid_once(begin: Begin) -> Request:
    request = begin("grant", ago=130, amount="1800.00", timing="after the order").submitted()
    if request.heard("Permanence Panel"):
        request.wait(3)
        request.do("head_of_service_approves", "hana.hos")
        request.payable(periodic=False).wait(3)
        request.do("record_payment", CFS, amount="1800.00")
    return request


def _not_sent_on(begin: Begin) -> Request:
    """Signed for a child without an assessment worker: whose task the papers are, nobody has said."""
    return begin("legal_costs", ago=8, asks="tam.sgo").signed()


#: Where the child stands, how many of so many children as there are in 694, and what became of the request.
STORIES: Sequence[tuple[S, int, Callable[[Begin], Request]]] = (
    (S.RATIFICATION, 2, _illustration),
    (S.ASSESSMENT, 1, _with_the_director),
    (S.ASSESSMENT, 1, _for_dmt),
    (S.ASSESSMENT, 1, _second_view),
    (S.ASSESSMENT, 1, _with_the_assistant_director),
    (S.ASSESSMENT, 2, _prepared),
    (S.ASSESSMENT, 2, _for_the_group),
    (S.ASSESSMENT, 1, _waits_too_long),
    (S.ASSESSMENT, 1, _returned),
    (S.ASSESSMENT, 1, _withdrawn),
    (S.SIGN_OFF, 1, _signed),
    (S.WITH_LEGAL, 3, _package),
    (S.IN_COURT, 4, _package),
    (S.POST_ORDER, 5, _in_payment),
    (S.POST_ORDER, 1, _no_contract),
    (S.POST_ORDER, 1, _refused),
    (S.POST_ORDER, 2, _paid_once),
    (S.NOT_APPLICABLE, 2, _not_sent_on),
)


#: The same, of what was asked for this week.
THIS_WEEK: Sequence[tuple[S, int, Callable[[Begin], Request]]] = (
    (S.ASSESSMENT, 2, _for_the_panel),
    (S.ASSESSMENT, 1, _to_be_listed),
    (S.ASSESSMENT, 2, _waits_for_a_signature),
    (S.FINANCIAL_PACKAGE, 2, _waits_for_a_signature),
    (S.IN_COURT, 1, _money_not_agreed),
)
def _contract_awaited(begin: Begin) -> Request:
    """A loan is secured by a contract: nothing is paid before it is signed (R-FIN-9)."""
    request = _no_contract(begin)
    request.wait(2)
    request.do("ask_for_contract", request.asks)
    return request


#: Of a small caseload: where the child stands, the how manieth there, and what became of the request. The morning's
#: acts are done on the first ones.
A_FEW: Sequence[tuple[S, int, Callable[[Begin], Request]]] = (
    (S.RATIFICATION, 1, _illustration),
    (S.ASSESSMENT, 1, _prepared),
    (S.ASSESSMENT, 1, _waits_for_a_signature),
    (S.ASSESSMENT, 2, _for_the_group),
    (S.ASSESSMENT, 2, _returned),
    (S.FINANCIAL_PACKAGE, 0, _waits_too_long),
    (S.SIGN_OFF, 0, _signed),
    (S.WITH_LEGAL, 0, _package),
    (S.NOT_APPLICABLE, 0, _second_view),
    (S.NOT_APPLICABLE, 0, _with_the_director),
    (S.NOT_APPLICABLE, 0, _to_be_listed),
    (S.NOT_APPLICABLE, 1, _with_the_assistant_director),
    (S.NOT_APPLICABLE, 1, _for_dmt),
    (S.NOT_APPLICABLE, 1, _for_the_panel),
    (S.POST_ORDER, 0, _in_payment),
    (S.POST_ORDER, 0, _contract_awaited),
    (S.POST_ORDER, 1, _refused),
    (S.POST_ORDER, 1, _paid_once),
)
#: In these stages money may have been agreed before the child came there.
_EARLIER = frozenset({S.FINANCIAL_PACKAGE, S.SIGN_OFF, S.WITH_LEGAL, S.IN_COURT, S.NOT_APPLICABLE})


def ask_for_a_little(around: Around, *, cases: Mapping[S, list[str]], teams: Mapping[str, Team]) -> int:
    """Tell the few requests of a small caseload, at least one at every desk; answers how many acts.

    Several may be one child's: each is asked for by a household of its own.
    """
    told = 0
    for number, (state, place, story) in enumerate(A_FEW):
        for child in cases.get(state, [])[place : place + 1]:
            # Outside the pathway nobody is allocated: the team asks (practice PT-1, PM-4).
            common = {"household": f"HH-{1001 + number}", "asks": "tam.sgo" if state is S.NOT_APPLICABLE else None}

            def begin(
                kind: str, *, ago: int, child: str = child, common: dict[str, Any] = common, **more: Any
            ) -> Request:
                return Request(around, child, teams[child], kind, ago=ago, **{**common, **more})

            told += story(begin).acts
    return told


def around_of(
    session: Session,
    staff: Mapping[str, str],
    meetings: Mapping[str, Mapping[date, str]],
    calendar: Calendar,
    *,
    before: date,
    cases: Mapping[S, list[str]],
) -> Around:
    """What the requests for these children have in common; of each child the day from which money is talked about."""
    there = {line.ref: line.since for line in list_cases(session, by=staff["tam.sgo"], today=before)}
    since = {
        ref: date.min if state in _EARLIER else calendar.next_working_day(there[ref] + timedelta(days=1))
        for state, refs in cases.items()
        for ref in refs
        if ref in there
    }
    return Around(session=session, staff=staff, meetings=meetings, calendar=calendar, before=before, since=since)


def ask_for_money(
    session: Session,
    staff: Mapping[str, str],
    meetings: Mapping[str, Mapping[date, str]],
    calendar: Calendar,
    *,
    before: date,
    cases: Mapping[S, list[str]],
    teams: Mapping[str, Team],
    children: int,
    this_week: bool = False,
) -> int:
    """Tell the county's requests, all before a day, or those of the day before alone; answers how many acts.

    `cases`: the children by stage for whom nobody has asked yet, and of whom nothing is still to come; whoever is asked
    for is taken off. The first two of each are left as they are, and those go first who have been there longest.
    """
    around = around_of(session, staff, meetings, calendar, before=before, cases=cases)
    since = around.since
    near = calendar.add_working_days(before, -3)
    waiting = {
        state: iter(sorted((ref for ref in refs[2:] if since.get(ref, before) < near), key=lambda ref: since[ref]))
        for state, refs in cases.items()
    }
    told, households = 0, count(3001 if this_week else 2001)
    for state, number, story in THIS_WEEK if this_week else STORIES:
        for _ in range(max(1, round(number * children / COUNTY))):
            child = next(waiting.get(state, iter(())), None)
            if child is None:
                break

            def begin(kind: str, *, ago: int, asks: str | None = None, child: str = child, **more: Any) -> Request:
                given = {"household": f"HH-{next(households)}", **more}
                return Request(around, child, teams[child], kind, ago=1 if this_week else ago, asks=asks, **given)

            cases[state].remove(child)
            told += story(begin).acts
    return told
