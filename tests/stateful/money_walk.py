"""Random histories of a funding request on the pure engine, each step judged by the engine and an independent judge.

`run_money_machine(steps, seed)` walks many requests. Most steps are the usual next one with a complete record; the
others any trigger, by anybody, and often with a spoilt record, a stale mark or in somebody else's place.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from demo.funding_papers import KINDS
from demo.papers import paper
from states import asked
from states.calendar import Calendar
from states.engine import Fired, NotPermitted, explain, fire
from states.facts import ChildSeen, Entry, Facts, Head, MeetingSeen, RequestSeen, live
from states.funding import FUNDING
from states.permission import may_decide, row_that_decides
from states.records.base import Record
from states.vocabulary import Role, Transition, Unmet
from tests.stateful.money_judge import ADMIN, CFS, CSW, GROUP, MEETS, PANEL, SAW, SGO, TABLE, Judge, Step
from tests.stateful.walk import Diverged, policy

START = date(2026, 3, 2)
#: Some hold two posts, as people do: a chair who also signs, a worker who was promoted.
PEOPLE: dict[str, set[str]] = {
    "sam": {SAW}, "cal": {CSW}, "tess": {SGO}, "una": {SAW, "Head of Service"},
    "cfs": {CFS, ADMIN}, "gus": {GROUP}, "pia": {PANEL}, "hob": {PANEL, "Head of Service"},
    "hal": {"Head of Service"}, "tim": {"Team Manager", "Head of Service"}, "ada": {"Assistant Director"},
    "abe": {"Assistant Director", GROUP}, "dot": {"Director"}, "dan": {"Director", PANEL},
}  # fmt: skip
ASKING = ("sam", "cal", "tess", "una")
CHAIRS = {"Review Group": ("gus", "abe"), "Permanence Panel": ("pia", "hob", "dan"), "DMT": ("ada", "abe", "dot")}
AMOUNTS = ("1200.00", "9999.99", "10000.00", "10000.01", "20000.00", "20000.01")
FORWARD: dict[str, tuple[str, ...]] = {
    "-": ("open_request",),
    "PREPARING": ("record_means_test", "write_needs_assessment", "write_referral", "submit_request", "submit_request"),
    "AT_REVIEW_GROUP": ("list_request", "chair_recommends", "chair_recommends", "chair_returns"),
    "AT_PERMANENCE_PANEL": ("list_request", "chair_recommends", "chair_recommends", "adjourn_hearing"),
    "AT_DMT": ("list_request", "dmt_approves", "dmt_approves", "dmt_refuses"),
    "WITH_HEAD_OF_SERVICE": (
        "head_of_service_approves", "head_of_service_agrees", "head_of_service_disagrees", "head_of_service_refuses",
    ),
    "SECOND_VIEW": ("second_head_of_service_views",),
    "WITH_ASSISTANT_DIRECTOR": ("assistant_director_approves", "assistant_director_refuses", "take_to_director"),
    "WITH_DIRECTOR": ("director_approves", "director_approves", "director_refuses"),
    "RETURNED": ("answer_questions", "take_up_again", "revise_request"),
    "APPROVED": ("open_new_round",),
    "REFUSED": ("hear_representations", "hear_representations", "open_new_round"),
    "REQUEST_CLOSED": ("reverse_last",),
}  # fmt: skip
RARE = {"withdraw_request": 0.1, "reverse_last": 2.5}
REQUEST_STEPS = 60


class MoneyWalk:
    """One invented request, walked by chance."""

    def __init__(self, dice: random.Random, counts: Counter[str]) -> None:
        self.dice, self.counts = dice, counts
        self.today, self.state, self.entries = START, "-", list[Entry]()
        self.kind = dice.choice(list(KINDS))
        self.household = dice.random() < 0.3  # somebody there had money for the same purpose within the year
        self.judge = Judge(Decimal(8000) if self.household and self.kind in ("grant", "loan", "settling_in") else
                           Decimal(0))  # fmt: skip
        self.meetings: dict[str, dict[str, Any]] = {}
        self.told: list[str] = []
        self.cursor = 0

    # -- what is tried ------------------------------------------------------------------------------------

    def make(self) -> Step:
        """Something somebody tries."""
        dice = self.dice
        usual = dice.random() < 0.75
        if usual:
            ways = FORWARD[self.state]
            trigger = ways[self.cursor % len(ways)] if self.state == "PREPARING" else dice.choice(ways)
            self.cursor += 1
        else:
            anywhere = dice.random() < 0.2
            triggers = [t for t, (where, _) in TABLE.items() if anywhere or self.state in where]
            trigger = dice.choices(triggers, [RARE.get(t, 1.0) for t in triggers])[0]
        if self.state == "-":
            trigger = "open_request"
        self.today += timedelta(dice.choice((0, 0, 1, 2)))
        fault = dice.choice(("who", "record", "stale", "for")) if dice.random() < 0.2 else None
        by = self.somebody(trigger, anybody=fault == "who")
        content = self.record(trigger, fault, by)
        return {
            "trigger": trigger,
            "by": by,
            "roles": PEOPLE[by],
            "acting_for": dice.choice(list(PEOPLE)) if fault == "for" else None,
            "on": self.today,
            "paper": content,
            "stale": fault == "stale",
            "meetings": self.meetings,
        }

    def somebody(self, trigger: str, *, anybody: bool) -> str:
        """Whoever could do it, or anybody at all."""
        dice = self.dice
        if trigger == "reverse_last":
            return dice.choice(list(PEOPLE))
        able = [who for who, roles in PEOPLE.items() if self.judge.may(trigger, roles)]
        listed = self.meetings.get(self.judge.memory.listed or "")
        if listed is not None and trigger.startswith(("chair_", "dmt_")) and not anybody:
            return str(listed["chair"])
        return dice.choice(list(PEOPLE) if anybody or not able else able)

    def record(self, trigger: str, fault: str | None, by: str) -> dict[str, Any]:
        """A complete record, or one that is spoilt."""
        spoilt = fault == "record"
        if trigger.endswith(("_approves", "_refuses")) and not trigger.startswith("dmt"):
            differs = self.signature(trigger, spoilt)
        elif trigger in ("chair_recommends", "dmt_approves", "dmt_refuses"):
            differs = {**self.said(trigger), **self.came(spoilt, by)}
        elif trigger in ("list_request", "adjourn_hearing", "move_with_meeting", "wait_for_meeting"):
            differs = self.where(trigger, spoilt)
        elif trigger == "second_head_of_service_views":
            differs = {"supports_request": self.dice.random() < 0.5, "in_line": spoilt}
        else:
            differs = self.asking(trigger)
        return {name: value for name, value in paper(trigger, on=self.today, **differs).items() if value is not None}

    def money(self) -> dict[str, Any]:
        """What is asked for now."""
        m = self.judge.memory
        return {"amount": str(m.asked), "frequency": m.often} if m.kind else {}

    def asking(self, trigger: str) -> dict[str, Any]:
        """What is asked for, and what it rests on."""
        if trigger in ("open_request", "revise_request"):
            asked_for = {"funding": self.kind, "household": "HH-1", **KINDS[self.kind]}
            if self.kind in ("grant", "loan", "settling_in"):
                asked_for["amount"] = self.dice.choice(AMOUNTS)
            return asked_for
        if trigger not in ("write_needs_assessment", "write_referral"):
            return {}
        pays_back = self.kind == "loan" and trigger == "write_referral"
        more = {"repayment": "Monthly.", "instalments": 24} if pays_back else {}
        return {"author": self.dice.choice(ASKING), **more}

    def where(self, trigger: str, spoilt: bool) -> dict[str, Any]:
        """Which meeting hears it, or is missed."""
        if trigger in ("list_request", "adjourn_hearing"):
            return {"meeting": self.meeting(spoilt)}
        missed = {"missed": self.called_off(spoilt), "how": "cancelled"}
        if trigger == "wait_for_meeting":
            return missed
        return {**missed, "meeting": self.meeting(spoilt=False), "business": "to be heard"}

    def said(self, trigger: str) -> dict[str, Any]:
        """What a hearing says."""
        money = self.money()
        if trigger != "chair_recommends":
            return {"amount": money.get("amount")}
        if self.dice.random() > 0.8:
            return {"supports": False, "amount": None, "frequency": None}
        if self.dice.random() < 0.2 and self.kind in ("grant", "loan"):
            money["amount"] = self.dice.choice(AMOUNTS)
        return {"supports": True, **money}

    def signature(self, trigger: str, spoilt: bool) -> dict[str, Any]:
        """Agreed or refused; the mark of what was read is put in when it is tried."""
        differs: dict[str, Any] = {"shown": "", **({"equality": None} if spoilt else {})}
        if trigger.endswith("_refuses"):
            return differs
        differs |= self.money()
        if self.dice.random() < 0.1:
            differs["amount"] = self.dice.choice(AMOUNTS)
        return differs

    def came(self, spoilt: bool, chair: str) -> dict[str, Any]:
        """Who was at a hearing: enough, and now and then too few, or somebody with an interest."""
        there = [("mo", "member"), ("max", "member"), ("sam", SAW), ("cal", CSW)]
        attendance = [{"person": who, "came_as": "member" if came == "member" else came} for who, came in there]
        interests: list[dict[str, Any]] = []
        if spoilt:
            how = self.dice.choice(("few", "no worker", "interest", "took part", "chair"))
            if how == "few":
                attendance = attendance[1:]
            elif how == "no worker":
                attendance = attendance[:3]
            else:
                who = chair if how == "chair" else "max"
                interests = [{"person": who, "interest": "Knows them.", "took_part": how == "took part"}]
        return {"attendance": attendance, "interests": interests}

    def meeting(self, spoilt: bool) -> str:
        """A meeting of the body that hears it, today or later; spoilt: of another body, past or called off."""
        body = MEETS.get(self.state, "DMT")
        held_on = self.today + timedelta(self.dice.choice((0, 0, 1, 7)))
        off = False
        if spoilt:
            how = self.dice.choice(("body", "past", "off"))
            body = self.dice.choice(list(MEETS.values())) if how == "body" else body
            held_on, off = self.today - timedelta(3) if how == "past" else held_on, how == "off"
        ref = f"M-{len(self.meetings)}"
        self.meetings[ref] = {"body": body, "held_on": held_on, "off": off, "chair": self.dice.choice(CHAIRS[body])}
        return ref

    def called_off(self, spoilt: bool) -> str:
        """The meeting whose agenda it is on, called off by now; spoilt: not called off, or another."""
        ref = self.judge.memory.listed
        if ref is None or (spoilt and self.dice.random() < 0.5):
            return self.meeting(spoilt=True)
        if not spoilt:
            self.meetings[ref]["off"] = True
        return ref

    # -- the engine and the judge -------------------------------------------------------------------------

    def facts(self, s: Step, record: Record | None) -> Facts:
        """What the engine may know."""
        counting = live(self.entries)
        seen = {
            ref: MeetingSeen(
                ref=ref, body=m["body"], held_on=m["held_on"], chair=m["chair"],
                status="cancelled" if m["off"] else "planned",
            )
            for ref, m in self.meetings.items()
        }  # fmt: skip
        other = RequestSeen(
            ref="FR-2", child="SG-2", covers=frozenset({"SG-2"}), kind="grant", household="HH-1",
            purpose_kind=str(KINDS[self.kind].get("purpose_kind", "vehicle")), value=Decimal(8000), state="APPROVED",
            opened_on=START, formal=True, signed_on=START,
        )  # fmt: skip
        listed = self.judge.memory.listed
        return Facts(
            head=Head(ref="FR-1", state=None if self.state == "-" else self.state),
            entries=counting,
            whole=tuple(self.entries),
            given=record,
            on=s["on"],
            today=s["on"],
            decided_by=s["by"],
            recorded_by=s["by"],
            policy=policy(),
            calendar=Calendar.of(policy()),
            listed=seen.get(listed or ""),
            meetings=seen,
            deciders_roles=frozenset(map(Role, s["roles"])),
            deciders_posts=frozenset(map(Role, s["roles"])),
            recorders_roles=frozenset(map(Role, s["roles"])),
            acting_for=s["acting_for"],
            requests=(other,) if self.household else (),
            child=ChildSeen(ref="SG-1", state="NOT_APPLICABLE", entries=()),
        )

    def step(self) -> None:
        """Try one thing; raise Diverged when engine and judge disagree."""
        s = self.make()
        trigger = s["trigger"]
        rows = [row for row in FUNDING.rows if row.trigger == trigger]
        if "shown" in s["paper"]:
            s["paper"]["shown"] = "0" * 16 if s["stale"] else asked.mark_of(self.facts(s, None))
        record = rows[0].record.model_validate(s["paper"])
        facts = self.facts(s, record)

        def permission(row: Transition) -> Unmet | None:
            deciding = row_that_decides(FUNDING, row, facts)
            ok = may_decide(frozenset(map(Role, s["roles"])), deciding)
            return None if ok else Unmet("0.3", "Somebody else decides this.")

        expected = self.judge.ask(s)
        fired: Fired | None = None
        reasons: tuple[Unmet, ...] = ()
        try:
            fired = fire(FUNDING, trigger, facts, permission)
        except NotPermitted as refused:
            reasons = refused.unmet
        to = fired.to_state if fired else None
        self.counts["steps"] += 1
        self.counts["moves" if fired else "refusals"] += 1
        self.told.append(f"{s['on']} {trigger} by {s['by']} for {s['acting_for']}: {self.state} -> {to}")
        if to != expected:
            raise self.diverged(f"engine {to} {[u.reason for u in reasons]}, judge {expected}", s)
        if fired is None and not reasons:
            raise self.diverged("a refusal gives no reason", s)
        if bool(explain(FUNDING, trigger, facts, permission)) == (fired is not None):
            raise self.diverged("what is explained is not what is done", s)
        if fired:
            self.took(s, fired)

    def took(self, s: Step, fired: Fired) -> None:
        """Write the step down, and see that the history tells the state, and that nobody signed what is theirs."""
        about = None
        if s["trigger"] == "reverse_last":
            about = [e for e in live(self.entries) if e.moved][-1].id
            self.counts["reversals"] += 1
        signs = fired.to_state in ("APPROVED", "REFUSED") and self.state not in ("APPROVED", "REFUSED")
        if signs and s["trigger"] != "reverse_last":
            self.counts["signatures"] += 1
            if s["by"] in self.judge.involved() - {self.judge.memory.dissent}:
                raise self.diverged("who took part has decided", s)
        self.entries.append(
            Entry(
                id=f"e{len(self.entries)}",
                seq=len(self.entries),
                trigger=s["trigger"],
                from_state=None if self.state == "-" else self.state,
                to_state=fired.to_state,
                happened_on=s["on"],
                recorded_on=s["on"],
                decided_by=s["by"],
                recorded_by=s["by"],
                role="",
                confirmed=True,
                kind=fired.row.record.kind,
                nature=fired.row.nature.value,
                about=about,
                data=fired.row.record.model_validate(s["paper"]).content(),
            )
        )
        self.judge.took(s, fired.to_state)
        if fired.to_state != self.state:
            self.cursor = 0
        self.state = fired.to_state
        told = [e for e in live(self.entries) if e.moved][-1].to_state
        if told != self.state:
            raise self.diverged(f"the history replays to {told}", s)
        self.counts[f"state {self.state}"] += 1
        self.counts[f"trigger {s['trigger']}"] += 1

    def diverged(self, why: str, s: Step) -> Diverged:
        """The failure, with the whole history."""
        return Diverged("\n".join([why, f"step: {s}", f"memory: {self.judge.memory}", "history:", *self.told]))


def run_money_machine(steps: int, seed: int) -> dict[str, Any]:
    """Walk so many steps; raises Diverged at the first disagreement. Deterministic for a seed."""
    dice, counts = random.Random(seed), Counter[str]()
    while counts["steps"] < steps:
        walk = MoneyWalk(dice, counts)
        for _ in range(min(REQUEST_STEPS, steps - counts["steps"])):
            walk.step()
            if walk.state == "REQUEST_CLOSED" and dice.random() < 0.3:
                break

    def of(kind: str) -> dict[str, int]:
        return {name.removeprefix(kind): n for name, n in sorted(counts.items()) if name.startswith(kind)}

    told = ("steps", "moves", "refusals", "reversals", "signatures")
    return {**{name: counts[name] for name in told}, "divergences": 0, "states": of("state "), "times": of("trigger ")}
