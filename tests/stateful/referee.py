"""The independent model at work: may this step be taken, and where does it lead?"""

from __future__ import annotations

from datetime import date, timedelta

from tests.stateful.judging import CONDITIONS
from tests.stateful.model import (
    BACK,
    LISTED_FROM,
    NAMED,
    SAME,
    SIGNED_OR_SENT,
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
        return [s for s in self.steps if s["id"] not in self.void and s["trigger"] != "reverse_last"]

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
        if t == "confirm_decision" and not self.confirmable(s):
            return None
        if not may(judged, s["roles"]):
            return None
        if nature != "fact" and not all(holds(m, s) for holds in CONDITIONS.get(t, ())):
            return None
        return self.leads(to, s)

    def confirmable(self, s: Step) -> bool:
        """Only by the person it is recorded for, and once (PR-2)."""
        named = next((e for e in self.live() if e["id"] == s["paper"]["event"]), None)
        return named is not None and named["by"] == s["by"] == s["recorder"] and not named["confirmed"]

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
        if s["trigger"] in ("reverse_last", "confirm_decision"):
            if s["trigger"] == "reverse_last":
                undone = self.last_move()
                assert undone is not None
                self.void.add(undone["id"])
            self.memory = Memory(born=self.born, siblings=self.siblings)
            for step in self.live():
                remember(self.memory, step)
            self.memory.state = to
        else:
            remember(self.memory, self.steps[-1])
