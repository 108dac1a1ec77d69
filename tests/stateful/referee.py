"""The independent model at work: may this step be taken, and where does it lead?"""

from __future__ import annotations

import json
from datetime import date, timedelta

from tests.stateful.judging import CONDITIONS
from tests.stateful.model import (
    BACK,
    LISTED_FROM,
    NAMED,
    SAME,
    SIGNED_OR_SENT,
    STRAIGHTENS,
    TABLE,
    Memory,
    Step,
    may,
    remember,
    working,
)


class Model:
    """One case as the model sees it."""

    def __init__(self, born: date | None, siblings: bool) -> None:
        self.born, self.siblings = born, siblings
        self.steps: list[Step] = []
        self.void: set[str] = set()
        self.memory = Memory(born=born, siblings=siblings)

    def live(self) -> list[Step]:
        """The steps that still count."""
        voiding = ("reverse_last", "move_act_to_right_child")
        return [s for s in self.steps if s["id"] not in self.void and s["trigger"] not in voiding]

    def last_move(self) -> Step | None:
        """The last step that counts and moved the case."""
        return next((s for s in reversed(self.live()) if s["from"] != s["to"]), None)

    def reversible(self) -> Step | None:
        """The step that may be taken back: once, and nothing decided, signed or sent since (design 5.5)."""
        last = self.last_move()
        moves = [s for s in self.steps if s["from"] != s["to"]]
        if last is None or last["from"] is None or moves[-1] is not last:
            return None
        since = [s for s in self.live() if s["seq"] > last["seq"]]
        stands = any(s["trigger"] in SIGNED_OR_SENT or TABLE[s["trigger"]][0] == "decision" for s in since)
        return None if stands else last

    def ask(self, s: Step) -> str | None:
        """Where a step leads; None when it is refused."""
        m, t = self.memory, s["trigger"]
        nature, sources, to, _ = TABLE[t]
        named = self.named(s)
        if t == "move_act_to_right_child" and named is not None and named["from"] != named["to"]:
            nature, to = "decision", BACK  # the step on the wrong child had moved the case
        if m.state not in sources or s["on"] > s["today"]:
            return None
        if nature == "decision":
            late = sum(working(s["on"] + timedelta(n)) for n in range(1, (s["today"] - s["on"]).days + 1))
            if (m.moved_on and s["on"] < m.moved_on) or (late > 5 and not s["late_reason"]):
                return None
        judged = t
        if t == "reverse_last":
            undone = self.reversible()
            if undone is None:
                return None
            judged = undone["trigger"]
        if not self.straightens(s, named, back=to == BACK):
            return None
        if not may(judged, s["roles"]):
            return None
        if nature != "fact" and not all(holds(m, s) for holds in CONDITIONS.get(t, ())):
            return None
        return self.leads(to, s)

    def straightens(self, s: Step, named: Step | None, *, back: bool) -> bool:
        """Whether the entry named can be confirmed, put right, or moved to another child; other steps name none."""
        t = s["trigger"]
        if t == "confirm_decision":
            return self.confirmable(s)
        if t not in ("correct", "move_act_to_right_child"):
            return True
        if named is None or named["trigger"] in STRAIGHTENS:
            return False
        return named is self.reversible() if back else t != "correct" or bool(s["paper"].get("changes"))

    def confirmable(self, s: Step) -> bool:
        """Only by the person it is recorded for, and once (PR-2)."""
        named = self.named(s)
        if named is None or not named["by"] == s["by"] == s["recorder"]:
            return False
        return not named["confirmed"] or self.corrected_by_another(named)

    def corrected_by_another(self, named: Step) -> bool:
        """Somebody else has corrected it since it was last answered: it may be confirmed once more (PR-2)."""
        about = [e for e in self.live() if e["paper"].get("event") == named["id"]]
        answered = max((e["seq"] for e in about if e["trigger"] == "confirm_decision"), default=0)
        return any(e["trigger"] == "correct" and e["seq"] > answered and e["by"] != named["by"] for e in about)

    def named(self, s: Step) -> Step | None:
        """The entry that a step is about, if it still counts."""
        return next((e for e in self.live() if e["id"] == s["paper"].get("event")), None)

    def leads(self, to: str, s: Step) -> str | None:
        """The state a row leads to, where it is not one fixed state."""
        last = self.last_move()
        if to == SAME:
            return self.memory.state
        if to == BACK:
            return last["from"] if last else None
        if to == LISTED_FROM:
            return self.memory.listed_from
        if to == NAMED and s["trigger"] == "withdraw_application":
            return "NOT_PROGRESSING" if s["paper"]["how"] == "for good" else "WITH_LEGAL"
        return str(s["paper"]["stage"]) if to == NAMED else to

    def took(self, s: Step, to: str) -> None:
        """Remember a step that was taken."""
        s = {**s, "from": self.memory.state, "to": to}
        self.steps.append(s)
        if s["trigger"] == "confirm_decision":
            self.steps = [{**e, "confirmed": e["confirmed"] or e["id"] == s["paper"]["event"]} for e in self.steps]
        if s["trigger"] == "correct":
            right = json.loads(s["paper"]["changes"])
            event = s["paper"]["event"]
            self.steps = [
                {**e, "paper": {**e["paper"], **right}} if e["id"] == event else e for e in self.steps
            ]
        if s["trigger"] in ("reverse_last", "confirm_decision", "correct", "move_act_to_right_child"):
            if s["trigger"] == "reverse_last":
                undone = self.last_move()
                assert undone is not None
                self.void.add(undone["id"])
            if s["trigger"] == "move_act_to_right_child":
                self.void.add(s["paper"]["event"])
            self.memory = Memory(born=self.born, siblings=self.siblings)
            for step in self.live():
                remember(self.memory, step)
            self.memory.state = to
        else:
            remember(self.memory, self.steps[-1])
