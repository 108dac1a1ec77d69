"""Random histories of a case on the pure engine, each step judged by the engine and by the independent model.

`run_process_machine(steps, seed)` walks many cases of some hundred steps. Three steps in four try the usual next one
with a complete record; the others any trigger, any roles, any date, and often a spoilt record.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from states.calendar import Calendar
from states.engine import Fired, NotPermitted, Permission, explain, fire, offers
from states.facts import Entry, Facts, Head, MeetingSeen, PersonSeen, live
from states.pathway import PATHWAY
from states.permission import may_decide, row_that_decides
from states.policy import Policy, load_policy
from states.records.base import Record
from states.vocabulary import Nature, Process, Role, Transition, Unmet
from tests.stateful.model import Step
from tests.stateful.tries import CHANCE, PEOPLE, Tries

POLICY = Path(__file__).parents[2] / "policies" / "leicestershire.toml"
CASE_STEPS = 150
TOLD = ("steps", "moves", "refusals", "reversals", "corrections", "moved to another child")


class Diverged(AssertionError):
    """Engine and model disagree, or something that must hold does not; carries the whole history."""


@cache
def policy() -> Policy:
    """The county's numbers."""
    return load_policy(POLICY.read_text(encoding="utf-8"), name=POLICY.name)


class Walk(Tries):
    """One invented case, walked by chance."""

    process: ClassVar[Process] = PATHWAY

    def watch(self, trigger: str, facts: Facts, permission: Permission) -> None:
        """A walk may look at what is about to be tried; this one does not."""

    def __init__(self, dice: random.Random, counts: Counter[str]) -> None:
        super().__init__(dice)
        self.counts, self.told = counts, list[str]()

    def facts(self, s: Step, record: Record | None) -> Facts:
        """What the engine may know."""
        counting = live(self.entries)
        money = next((e.data["position"] for e in reversed(counting) if e.trigger == "set_financial_position"), None)
        seen = {ref: seen_meeting(m) for ref, m in self.meetings.items()}
        return Facts(
            head=Head(ref="C-1", state=self.state, date_of_birth=self.born, finance_position=money),
            entries=counting,
            whole=tuple(self.entries),
            given=record,
            on=s["on"],
            today=s["today"],
            decided_by=s["by"],
            recorded_by=s["recorder"],
            policy=policy(),
            calendar=Calendar.of(policy()),
            listed=seen[s["listed"]["ref"]] if s["listed"] else None,
            meetings=seen,
            people={p: PersonSeen(id=p, enabled=True, roles=frozenset(map(Role, r))) for p, r in PEOPLE.items()},
            deciders_services=frozenset(s["services"]),
            deciders_roles=frozenset(map(Role, s["roles"])),
            deciders_posts=frozenset(map(Role, s["posts"])),
            recorders_roles=frozenset(map(Role, s["recorders"])),
            late_reason=s["late_reason"],
            has_siblings=self.siblings,
        )

    def step(self) -> None:
        """Try one thing; raise Diverged when engine and model disagree."""
        s = self.make()
        trigger = s["trigger"]
        rows = [r for r in self.process.rows if r.trigger == trigger]
        record = rows[0].record.model_validate(s["paper"])
        facts, before = self.facts(s, record), tuple(self.entries)

        def permission(row: Transition) -> Unmet | None:
            deciding = row_that_decides(self.process, row, facts)
            ok = may_decide(frozenset(map(Role, s["roles"])), deciding)
            return None if ok else Unmet("0.3", "Somebody else decides this.")

        self.watch(trigger, facts, permission)
        expected = self.model.ask(s)
        fired: Fired | None = None
        reasons: tuple[Unmet, ...] = ()
        try:
            fired = fire(self.process, trigger, facts, permission)
        except NotPermitted as refused:
            reasons = refused.unmet
        to = fired.to_state if fired else None
        self.counts["steps"] += 1
        self.counts["moves" if fired else "refusals"] += 1
        self.told.append(f"{s['seq']} {s['on']} {trigger} {sorted(s['roles'])} by {s['by']}: {self.state} -> {to}")
        if to != expected:
            raise self.diverged(f"engine {to} {[u.reason for u in reasons]}, model {expected}", s)
        if fired is None and (not reasons or tuple(self.entries) != before):
            raise self.diverged("a refusal gives no reason, or changed something", s)
        if bool(explain(self.process, trigger, facts, permission)) == (fired is not None):
            raise self.diverged("what is explained is not what is done", s)
        if self.counts["steps"] % 3 == 0:
            self.compare_with_offers(s, facts, permission, fired, reasons)
        if fired:
            self.took(s, fired)

    def compare_with_offers(
        self, s: Step, facts: Facts, permission: Permission, fired: Fired | None, reasons: tuple[Unmet, ...]
    ) -> None:
        """What is offered as possible works with a complete record, and nothing else does."""
        trigger = s["trigger"]
        offered = {o.row.trigger: o for o in offers(self.process, replace(facts, given=None), permission)}.get(trigger)
        if fired and (offered is None or offered.missing):
            raise self.diverged("a step was taken that was not offered as possible", s)
        if offered and not offered.missing and not fired and s["sound"] and trigger not in CHANCE:
            raise self.diverged(f"offered, complete, and refused: {[u.reason for u in reasons]}", s)

    def took(self, s: Step, fired: Fired) -> None:
        """Write the step down, and see that the history still tells the state."""
        about = s["paper"].get("event")
        if s["trigger"] == "reverse_last":
            undone = [e for e in live(self.entries) if e.moved][-1]
            about = undone.id
            if fired.to_state != undone.from_state:
                raise self.diverged("reversal did not lead back to the stored state", s)
            self.counts["reversals"] += 1
        if s["trigger"] == "correct":
            right = json.loads(s["paper"]["changes"])
            self.entries = [replace(e, data={**e.data, **right}) if e.id == about else e for e in self.entries]
            self.counts["corrections"] += 1
        if s["trigger"] == "move_act_to_right_child":
            self.counts["moved to another child"] += 1
        if s["trigger"] == "confirm_decision":
            self.entries = [replace(e, confirmed=True) if e.id == about else e for e in self.entries]
        self.entries.append(
            Entry(
                id=s["id"],
                seq=s["seq"],
                trigger=s["trigger"],
                from_state=self.state,
                to_state=fired.to_state,
                happened_on=s["on"],
                recorded_on=s["today"],
                decided_by=s["by"],
                recorded_by=s["recorder"],
                role=s["role"],
                confirmed=s["confirmed"],
                kind=fired.row.record.kind,
                nature=fired.row.nature.value,
                about=about,
                data=fired.row.record.model_validate(s["paper"]).content(),
            )
        )
        self.model.took(s, fired.to_state)
        if fired.row.nature is Nature.ACT and fired.to_state != self.state:
            raise self.diverged("an act moved the case", s)
        if fired.to_state != self.state:
            self.cursor = 0
        self.state = fired.to_state
        told = [e for e in live(self.entries) if e.moved][-1].to_state
        if told != self.state or self.model.memory.state != self.state:
            raise self.diverged(f"the history replays to {told}", s)
        self.counts[f"state {self.state}"] += 1
        self.counts[f"trigger {s['trigger']}"] += 1

    def diverged(self, why: str, s: Step) -> Diverged:
        """The failure, with the whole history."""
        return Diverged("\n".join([why, f"step: {s}", f"memory: {self.model.memory}", "history:", *self.told]))


def seen_meeting(m: dict[str, Any]) -> MeetingSeen:
    """A meeting as the engine sees it."""
    return MeetingSeen(
        ref=m["ref"],
        body=m["body"],
        held_on=m["held_on"],
        status=m["status"],
        chair=m["chair"],
        present=frozenset(m["there"]),
    )


def run_process_machine(steps: int, seed: int, *, kind: type[Walk] = Walk) -> dict[str, Any]:
    """Walk so many steps; raises Diverged at the first disagreement. Deterministic for a seed.

    `times_taken` says how often each trigger was taken.
    """
    dice, counts = random.Random(seed), Counter[str]()
    while counts["steps"] < steps:
        walk = kind(dice, counts)
        for _ in range(min(CASE_STEPS, steps - counts["steps"])):
            walk.step()
            if walk.state in ("ENDED", "POST_ORDER", "ORDER_MADE") and dice.random() < 0.1:
                break

    def of(kind: str) -> list[str]:
        return sorted(name.removeprefix(kind) for name in counts if name.startswith(kind))

    return {
        **{name: counts[name] for name in TOLD},
        "divergences": 0,
        "states_visited": of("state "),
        "triggers_fired": of("trigger "),
        "times_taken": {name: counts[f"trigger {name}"] for name in of("trigger ")},
    }
