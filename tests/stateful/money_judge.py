"""What a funding request may do next, said a second time: from rules 7 in plain words, with none of the system's code.

It remembers a request by folding plain steps; a step that was taken back is left out of the fold, but who took it
took part all the same (R5). The numbers are those of rules R-FIN-3 for the procedure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Step = dict[str, Any]

RANKS = ("Team Manager", "Head of Service", "Assistant Director", "Director")
SAW, CSW, SGO, CFS = "SGO assessment worker", "child's social worker", "SGO team manager", "CFS Permanence"
ADMIN, GROUP, PANEL = "group administrator", "Review Group chair", "Permanence Panel chair"
ASKERS = {SAW, CSW, SGO}
KEEPERS = {CFS, ADMIN, GROUP, PANEL, SGO}
HOS, AD, DIRECTOR = RANKS[1:]
DESK = {HOS: "WITH_HEAD_OF_SERVICE", AD: "WITH_ASSISTANT_DIRECTOR", DIRECTOR: "WITH_DIRECTOR"}
DESKS = {*DESK.values()}
MEETS = {"AT_REVIEW_GROUP": "Review Group", "AT_PERMANENCE_PANEL": "Permanence Panel", "AT_DMT": "DMT"}
HEARD = {"AT_REVIEW_GROUP", "AT_PERMANENCE_PANEL"}
OPEN = {"PREPARING", "RETURNED", "SECOND_VIEW", *DESKS, *MEETS}
#: R-FIN-2 and PM-1: what goes by its amount, and so before the Permanence Panel.
BY_AMOUNT = {"grant", "loan", "settling_in"}
PAPERS = {"record_means_test": "means", "write_needs_assessment": "needs", "write_referral": "referral"}
YEARLY = {"once": 1, "each week": 52}

#: trigger: (where, who). Where it leads is in `Judge`.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "open_request": ({"-"}, ASKERS),
    "revise_request": ({"PREPARING", "RETURNED"}, ASKERS),
    "record_means_test": ({"PREPARING", "RETURNED"}, ASKERS),
    "write_needs_assessment": ({"PREPARING", "RETURNED"}, ASKERS),
    "write_referral": ({"PREPARING", "RETURNED"}, ASKERS),
    "submit_request": ({"PREPARING"}, ASKERS),
    "list_request": (set(MEETS), {CFS, ADMIN}),
    "adjourn_hearing": (set(MEETS), {CFS, ADMIN, GROUP, PANEL, AD}),
    "move_with_meeting": (set(MEETS), KEEPERS),
    "wait_for_meeting": (set(MEETS), KEEPERS),
    "chair_recommends": (HEARD, {GROUP, PANEL}),
    "chair_returns": (HEARD, {GROUP, PANEL}),
    "dmt_approves": ({"AT_DMT"}, {AD}),
    "dmt_refuses": ({"AT_DMT"}, {AD}),
    "head_of_service_approves": ({DESK[HOS]}, {HOS}),
    "head_of_service_agrees": ({DESK[HOS]}, {HOS}),
    "head_of_service_disagrees": ({DESK[HOS]}, {HOS}),
    "head_of_service_refuses": ({DESK[HOS]}, {HOS}),
    "head_of_service_returns": ({DESK[HOS]}, {HOS}),
    "second_head_of_service_views": ({"SECOND_VIEW"}, {HOS}),
    "assistant_director_approves": ({DESK[AD]}, {AD}),
    "assistant_director_refuses": ({DESK[AD]}, {AD}),
    "assistant_director_returns": ({DESK[AD]}, {AD}),
    "take_to_director": ({DESK[AD]}, {AD}),
    "director_approves": ({DESK[DIRECTOR]}, {DIRECTOR}),
    "director_refuses": ({DESK[DIRECTOR]}, {DIRECTOR}),
    "director_returns": ({DESK[DIRECTOR]}, {DIRECTOR}),
    "answer_questions": ({"RETURNED"}, ASKERS),
    "take_up_again": ({"RETURNED"}, ASKERS),
    "withdraw_request": (OPEN, {*ASKERS, "Team Manager"}),
    "hear_representations": ({"REFUSED"}, ASKERS),
    "open_new_round": ({"APPROVED", "REFUSED"}, ASKERS),
    "reverse_last": ({*OPEN, "APPROVED", "REFUSED", "REQUEST_CLOSED"}, set()),
}
MOVES = {
    "open_request", "submit_request", "chair_recommends", "chair_returns", "dmt_approves", "dmt_refuses",
    "answer_questions", "take_up_again", "withdraw_request", "hear_representations", "open_new_round",
    "head_of_service_approves", "head_of_service_agrees", "head_of_service_disagrees", "head_of_service_refuses",
    "head_of_service_returns", "second_head_of_service_views", "assistant_director_approves",
    "assistant_director_refuses", "assistant_director_returns", "take_to_director", "director_approves",
    "director_refuses", "director_returns",
}  # fmt: skip
#: R-FIN-6: whoever does one of these prepared, assessed, recommended or spoke.
TAKES_PART = (MOVES | {"revise_request", "record_means_test", "write_needs_assessment", "write_referral"}) - {
    "chair_returns", "head_of_service_returns", "assistant_director_returns", "director_returns",
    "withdraw_request", "head_of_service_approves", "head_of_service_refuses", "assistant_director_approves",
    "assistant_director_refuses", "director_approves", "director_refuses",
}  # fmt: skip
#: Of these, what is said of one round; the rest is still signed in a later one.
SPEAKS = {
    "chair_recommends", "dmt_approves", "dmt_refuses", "head_of_service_agrees", "head_of_service_disagrees",
    "second_head_of_service_views", "take_to_director",
}  # fmt: skip
#: What may not be done by whoever took part, nor in their place (C8, C11).
STANDS_APART = {
    "head_of_service_approves", "head_of_service_refuses", "head_of_service_agrees", "head_of_service_disagrees",
    "second_head_of_service_views", "assistant_director_approves", "assistant_director_refuses", "take_to_director",
    "director_approves", "director_refuses", "head_of_service_returns", "assistant_director_returns",
    "director_returns",
}  # fmt: skip
SIGNS = {t for t in STANDS_APART if t.endswith(("_approves", "_refuses"))}


def senior(roles: set[str]) -> int:
    """How high the highest of these posts stands; -1 for none."""
    return max((RANKS.index(role) for role in roles if role in RANKS), default=-1)


@dataclass
class Memory:
    """A request as the judge remembers it."""

    state: str = "-"
    kind: str = ""
    often: str = "once"
    asked: Decimal = Decimal(0)
    highest: Decimal = Decimal(0)  # A23: the highest named in this round, as a value
    papers: set[str] = field(default_factory=set)
    listed: str | None = None  # the meeting
    supported: bool | None = None  # by the chair, in this round
    dissent: str | None = None
    dmt: tuple[bool, Decimal] | None = None
    asked_by: str = ""  # where the questions came from
    revised: bool = False  # since the questions
    refused: tuple[str, str] | None = None  # from which desk, by whom


class Judge:
    """Folds steps, and says what the next one may lead to."""

    def __init__(self, counted: Decimal) -> None:
        self.counted = counted  # A24: what the household has had for the same purpose
        self.steps: list[Step] = []
        self.reversed: set[int] = set()
        self.memory = Memory()

    # -- the rules ----------------------------------------------------------------------------------------

    def tier(self, m: Memory, more: Decimal = Decimal(0)) -> tuple[str, bool]:
        """R-FIN-3: who signs at least, and whether DMT comes first; `more` is a value that is named just now."""
        if m.kind in ("standard_allowance", "legal_costs"):
            return HOS, False
        if m.kind == "needs_led_allowance":
            return AD, False
        amount = max(m.highest, more) + self.counted
        post = HOS if amount < 10_000 else AD if amount <= 20_000 else DIRECTOR
        return post, amount > 10_000

    def involved(self) -> set[str]:
        """Whoever prepared or assessed it in any round, or spoke in this one, even in what was taken back."""
        begun = max((n for n, s in self.alive() if s["trigger"] in ("open_request", "open_new_round")), default=0)
        found = set()
        for n, s in enumerate(self.steps):
            if s["trigger"] in TAKES_PART and (n >= begun or s["trigger"] not in SPEAKS):
                found.add(s["by"])
                found |= {s["paper"]["author"]} if s["paper"].get("author") else set()
        return found

    def alive(self) -> list[tuple[int, Step]]:
        """The steps that count, with their place."""
        return [(n, s) for n, s in enumerate(self.steps) if n not in self.reversed and s["trigger"] != "reverse_last"]

    def may(self, trigger: str, roles: set[str]) -> bool:
        """Who is named, or somebody more senior than the post that is."""
        who = TABLE[trigger][1]
        floors = [RANKS.index(role) for role in who if role in RANKS]
        return bool(who & roles) or bool(floors and senior(roles) >= min(floors))

    def ask(self, s: Step) -> str | None:
        """The state it leads to; None where it must be refused."""
        m, trigger = self.memory, s["trigger"]
        if m.state not in TABLE[trigger][0]:
            return None
        if trigger == "reverse_last":
            return self.taken_back(s)
        if not self.may(trigger, s["roles"]):
            return None
        if trigger in STANDS_APART and {s["by"], s["acting_for"]} & self.involved():
            return None
        to: str | None = getattr(self, f"_{trigger}", self._stays)(m, s)
        if trigger in SIGNS and to is not None and not self.may_sign(m, s):
            return None
        return to

    def may_sign(self, m: Memory, s: Step) -> bool:
        """R-FIN-3, R6, A22, A25, and of who agrees R-FIN-5 and A4."""
        agrees = s["trigger"].endswith("_approves")
        value = Decimal(s["paper"]["amount"]) * YEARLY[m.often] if agrees else Decimal(0)
        post, dmt = self.tier(m, value)
        if senior(s["roles"]) < RANKS.index(post) or s["stale"]:
            return False
        if m.refused is not None and m.refused[1] in (s["by"], s["acting_for"]):
            return False
        if post == DIRECTOR and not s["paper"].get("equality"):
            return False
        if not agrees or not dmt:
            return True
        if m.dmt is None:
            return False
        agreed, looked_at = m.dmt
        return value <= looked_at if agreed else senior(s["roles"]) == 3

    def _stays(self, m: Memory, _s: Step) -> str | None:
        return m.state

    def _open_request(self, _m: Memory, _s: Step) -> str:
        return "PREPARING"

    def _submit_request(self, m: Memory, _s: Step) -> str | None:
        if m.kind == "standard_allowance":
            return DESK[HOS] if "means" in m.papers else None
        if m.kind == "needs_led_allowance":
            return "AT_REVIEW_GROUP" if {"means", "needs"} <= m.papers else None
        if "needs" in m.papers and "means" not in m.papers:
            return None
        if m.kind in BY_AMOUNT:
            return "AT_PERMANENCE_PANEL" if "referral" in m.papers else None
        return DESK[HOS]

    def _list_request(self, m: Memory, s: Step) -> str | None:
        """R-FIN-2: a meeting of the body that hears it, to come and not called off."""
        at = s["meetings"][s["paper"]["meeting"]]
        there = at["body"] == MEETS[m.state] and not at["off"] and at["held_on"] >= s["on"]
        return m.state if there else None

    def _adjourn_hearing(self, m: Memory, s: Step) -> str | None:
        """PM-4: to a later meeting than the one it is on."""
        before = s["meetings"].get(m.listed)
        if before is not None and s["meetings"][s["paper"]["meeting"]]["held_on"] <= before["held_on"]:
            return None
        return self._list_request(m, s)

    def on_it(self, m: Memory, s: Step) -> bool:
        """PT-15: it is on the agenda of the meeting that is missed, which is called off."""
        missed = s["meetings"][s["paper"]["missed"]]
        return bool(m.listed == s["paper"]["missed"] and missed["off"] and missed["body"] == MEETS[m.state])

    def _move_with_meeting(self, m: Memory, s: Step) -> str | None:
        return self._list_request(m, s) if self.on_it(m, s) else None

    def _wait_for_meeting(self, m: Memory, s: Step) -> str | None:
        return m.state if self.on_it(m, s) else None

    def heard(self, m: Memory, s: Step) -> bool:
        """Held, of the right body, not called off, said by its chair (R-FIN-1)."""
        at = s["meetings"].get(m.listed)
        if at is None or at["body"] != MEETS[m.state] or at["off"] or at["held_on"] > s["on"]:
            return False
        return bool(at["chair"] == s["by"])

    def hearing(self, m: Memory, s: Step) -> bool:
        """Quorate without those who have an interest, none of whom took part (PM-4, R-FIN-6)."""
        interested = {one["person"] for one in s["paper"].get("interests", ())}
        members = {one["person"] for one in s["paper"]["attendance"] if one["came_as"] == "member"}
        took_part = any(one["took_part"] for one in s["paper"].get("interests", ()))
        enough = len(members - interested - {s["by"]}) >= 2
        return self.heard(m, s) and enough and s["by"] not in interested and not took_part

    def _chair_recommends(self, m: Memory, s: Step) -> str | None:
        came = {one["came_as"] for one in s["paper"]["attendance"]}
        wanted = {"child's social worker"}
        wanted |= {"SGO assessment worker"} if m.kind == "needs_led_allowance" else set()
        if not self.hearing(m, s) or not wanted <= came:
            return None
        if s["paper"]["supports"] and not s["paper"].get("amount"):
            return None
        if m.state == "AT_REVIEW_GROUP":
            return DESK[HOS]
        named = Decimal(s["paper"].get("amount") or 0) * YEARLY[m.often]
        post, dmt = self.tier(m, named)
        return "AT_DMT" if dmt else DESK[post]

    def _chair_returns(self, m: Memory, s: Step) -> str | None:
        return "RETURNED" if self.heard(m, s) else None

    def _dmt_approves(self, m: Memory, s: Step) -> str | None:
        post, _ = self.tier(m, Decimal(s["paper"]["amount"]) * YEARLY[m.often])
        return DESK[DIRECTOR if post == DIRECTOR else AD] if self.hearing(m, s) else None

    _dmt_refuses = _dmt_approves

    def _up(self, m: Memory) -> str:
        return DESK[DIRECTOR if self.tier(m)[0] == DIRECTOR else AD]

    def _head_of_service_approves(self, _m: Memory, _s: Step) -> str:
        return "APPROVED"

    _assistant_director_approves = _director_approves = _head_of_service_approves

    def _assistant_director_refuses(self, _m: Memory, _s: Step) -> str:
        return "REFUSED"

    _director_refuses = _assistant_director_refuses

    def _head_of_service_refuses(self, m: Memory, _s: Step) -> str | None:
        """A5: against a recommendation another is asked first; where somebody else decides, one says what one thinks.
        """
        return None if m.supported or self.tier(m)[0] != HOS else "REFUSED"

    def _head_of_service_agrees(self, m: Memory, _s: Step) -> str | None:
        return None if self.tier(m)[0] == HOS else self._up(m)

    def _head_of_service_disagrees(self, m: Memory, _s: Step) -> str | None:
        return "SECOND_VIEW" if m.supported else None

    def _second_head_of_service_views(self, m: Memory, s: Step) -> str | None:
        """A5: a view of another; two against what the Head of Service signs is a refusal, else it goes up."""
        if s["paper"]["in_line"] or m.dissent in (s["by"], s["acting_for"]) or "Team Manager" in s["roles"]:
            return None
        if self.tier(m)[0] == HOS and not s["paper"]["supports_request"]:
            return "REFUSED"
        return self._up(m)

    def _take_to_director(self, _m: Memory, _s: Step) -> str:
        return DESK[DIRECTOR]

    def _head_of_service_returns(self, _m: Memory, _s: Step) -> str:
        return "RETURNED"

    _assistant_director_returns = _director_returns = _head_of_service_returns

    def _answer_questions(self, m: Memory, _s: Step) -> str | None:
        return None if m.revised else m.asked_by

    def _take_up_again(self, _m: Memory, _s: Step) -> str:
        return "PREPARING"

    _open_new_round = _take_up_again

    def _withdraw_request(self, _m: Memory, _s: Step) -> str:
        return "REQUEST_CLOSED"

    def _hear_representations(self, m: Memory, _s: Step) -> str:
        """A22: somebody more senior than the desk that refused; the Director's is the last."""
        low = m.refused is not None and m.refused[0] in (DESK[HOS], "SECOND_VIEW")
        return DESK[AD] if low else DESK[DIRECTOR]

    def taken_back(self, s: Step) -> str | None:
        """A slip is taken back once, by whoever could have taken the step, and no signature ever (R6)."""
        alive = [(n, one) for n, one in self.alive() if one["trigger"] in MOVES]
        moves = [n for n, one in enumerate(self.steps) if one["trigger"] in MOVES or one["trigger"] == "reverse_last"]
        if not alive or alive[-1][1]["trigger"] == "open_request" or moves[-1] != alive[-1][0]:
            return None
        at, last = alive[-1]
        later = [one["trigger"] for n, one in self.alive() if n > at]
        if last["to"] in ("APPROVED", "REFUSED") or "adjourn_hearing" in later:
            return None
        return str(last["from"]) if self.may(last["trigger"], s["roles"]) else None

    # -- what is remembered -------------------------------------------------------------------------------

    def took(self, s: Step, to: str) -> None:
        """A step was taken: remember it, or forget what it takes back."""
        step = {**s, "from": self.memory.state, "to": to}
        if s["trigger"] == "reverse_last":
            self.reversed.add([n for n, one in self.alive() if one["trigger"] in MOVES][-1])
        self.steps.append(step)
        memory = Memory()
        for _, one in self.alive():
            self.fold(memory, one)
        memory.state = to
        self.memory = memory

    def fold(self, m: Memory, s: Step) -> None:
        """One step of the history."""
        trigger, paper = s["trigger"], s["paper"]
        if trigger in ("open_request", "revise_request"):
            m.kind, m.often, m.asked = paper["funding"], paper["frequency"], Decimal(paper["amount"])
            m.revised = True
        if trigger == "open_new_round":
            m.highest, m.supported, m.dissent, m.dmt, m.refused = m.asked * YEARLY[m.often], None, None, None, None
        if paper.get("amount") and trigger != "write_referral":
            m.highest = max(m.highest, Decimal(paper["amount"]) * YEARLY[m.often])
        if trigger in PAPERS:
            m.papers.add(PAPERS[trigger])
        if trigger in ("list_request", "adjourn_hearing", "move_with_meeting"):
            m.listed = paper["meeting"]
        if trigger == "wait_for_meeting":
            m.listed = None
        if trigger == "chair_recommends":
            m.supported = paper["supports"]
        if trigger in ("dmt_approves", "dmt_refuses"):
            m.dmt = trigger == "dmt_approves", Decimal(paper["amount"]) * YEARLY[m.often]
        if trigger == "head_of_service_disagrees":
            m.dissent = s["by"]
        if trigger.endswith("_returns"):
            m.asked_by, m.revised = s["from"], False
        if s["to"] == "REFUSED":
            m.refused = s["from"], s["by"]
