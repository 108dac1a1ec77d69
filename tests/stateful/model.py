"""What a case may do next, said a second time: plain words, own tables, no code of the system's.

Written from design 4.2 and the rules alone, to be compared with the engine over random histories. It remembers a
case by folding plain steps; a step that was taken back is left out of the fold. Numbers are those of the county
in `policies/leicestershire.toml`, as `rules.md` 14 and `practice.md` print them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
from dateutil.relativedelta import relativedelta

Step = dict[str, Any]
Condition = Callable[["Memory", Step], bool]

# ── Who (design 4.2; rules 0.3: a posted level is a floor) ────────────────────────────────────────────────────
RANKS = ("Team Manager", "Head of Service", "Assistant Director", "Director")
TM, HOS, SGO, SAW, CSW, SSW = (
    "Team Manager", "Head of Service", "SGO team manager", "SGO assessment worker", "child's social worker",
    "supervising social worker",
)  # fmt: skip
IRO, CHAIR, MEMBER, KDD, LEGAL = (
    "independent reviewing officer", "Review Group chair", "Review Group member", "KDD chair", "Legal",
)  # fmt: skip
OWN = {SAW, CSW, SSW, IRO}
STAFF = {SAW, CSW, SSW, TM, SGO}
LISTING = {"group administrator", TM, SGO, MEMBER}
INTAKE = {TM, SGO, "data manager"}

# ── Where (design 4.1, 4.2) ───────────────────────────────────────────────────────────────────────────────────
LINE = [
    "RATED",
    "REVIEW_GROUP",
    "DEFERRED",
    "TRAJECTORY",
    "FURTHER_WORK",
    "KEY_DECISION",
    "RATIFICATION",
    "ASSESSMENT",
    "FINANCIAL_PACKAGE",
    "SIGN_OFF",
    "WITH_LEGAL",
]
WORKING = LINE[3:]
AFTER = LINE[6:]
MONEY = LINE[7:10]
OUTSIDE = ["NOT_APPLICABLE", "NOT_PROGRESSING"]
OPEN = ["COHORT", *LINE, *OUTSIDE, "IN_COURT", "ORDER_MADE", "POST_ORDER"]
ALL = [*OPEN, "ENDED"]
SAME, BACK, NAMED, LISTED_FROM = "=", "<", "record", "listed from"
D, F, A = "decision", "fact", "act"

#: trigger: (nature, from, to, who)
TABLE: dict[str, tuple[str, list[str | None], str, set[str]]] = {
    "open_case": (D, [None], "COHORT", INTAKE),
    "bring_forward": (D, [None], NAMED, INTAKE | {LEGAL}),
    "rate": (D, ["COHORT"], "RATED", {TM}),
    "mark_not_applicable": (D, ["COHORT", "RATED"], "NOT_APPLICABLE", {TM}),
    "reconsider": (D, ["NOT_APPLICABLE"], "COHORT", {TM}),
    "rerate": (D, [*LINE], SAME, {TM}),
    "list_for_group": (D, ["RATED", "DEFERRED", "FURTHER_WORK"], "REVIEW_GROUP", LISTING),
    "take_off_agenda": (D, ["REVIEW_GROUP"], LISTED_FROM, LISTING),
    "group_progresses": (D, ["REVIEW_GROUP"], "TRAJECTORY", {CHAIR}),
    "decide_urgently": (D, ["RATED", "DEFERRED", "FURTHER_WORK", "REVIEW_GROUP"], "TRAJECTORY", {CHAIR}),
    "group_defers": (D, ["REVIEW_GROUP"], "DEFERRED", {CHAIR}),
    "group_asks_further_work": (D, ["REVIEW_GROUP"], "FURTHER_WORK", {CHAIR}),
    "group_decides_not_to_progress": (D, ["REVIEW_GROUP"], "NOT_PROGRESSING", {CHAIR}),
    "group_adjourns": (D, ["REVIEW_GROUP"], SAME, {CHAIR}),
    "service_objects": (D, ["TRAJECTORY"], "REVIEW_GROUP", {MEMBER}),
    "desk_review_unchanged": (D, ["DEFERRED"], SAME, {CHAIR}),
    "needs_further_work": (D, ["TRAJECTORY"], "FURTHER_WORK", {SAW}),
    "proceed_to_kdd": (D, ["TRAJECTORY", "FURTHER_WORK"], "KEY_DECISION", {SAW}),
    "carer_declines": (D, [*WORKING], "REVIEW_GROUP", {SAW}),
    "return_to_group": (D, [*WORKING], "REVIEW_GROUP", {SAW, TM}),
    "return_to_kdd": (D, [*AFTER], "KEY_DECISION", {SAW}),
    "kdd_sgo_appropriate": (D, ["KEY_DECISION"], "RATIFICATION", {KDD}),
    "kdd_further_work": (D, ["KEY_DECISION"], "FURTHER_WORK", {KDD}),
    "kdd_not_to_progress": (D, ["KEY_DECISION"], "NOT_PROGRESSING", {KDD}),
    "kdd_adjourns": (D, ["KEY_DECISION"], SAME, {KDD}),
    "roa_ratifies": (D, ["RATIFICATION"], "ASSESSMENT", {IRO}),
    "roa_does_not_ratify": (D, ["RATIFICATION"], "REVIEW_GROUP", {IRO}),
    "roa_defers": (D, ["RATIFICATION"], SAME, {IRO}),
    "override_ratification": (D, ["RATIFICATION", "REVIEW_GROUP"], "ASSESSMENT", {HOS}),
    "complete_assessment": (D, ["ASSESSMENT"], "FINANCIAL_PACKAGE", {SAW}),
    "agree_package": (D, ["FINANCIAL_PACKAGE"], "SIGN_OFF", {SAW}),
    "submit_to_legal": (D, [*MONEY], "WITH_LEGAL", {SAW}),
    "legal_returns": (D, ["WITH_LEGAL"], "ASSESSMENT", {LEGAL}),
    "application_issued": (F, ["COHORT", *LINE, *OUTSIDE], "IN_COURT", OWN | {LEGAL}),
    "order_made": (F, ["COHORT", *LINE, *OUTSIDE, "IN_COURT", "ENDED"], "ORDER_MADE", OWN | {LEGAL}),
    "court_refuses": (F, ["IN_COURT"], "NOT_PROGRESSING", OWN | {LEGAL}),
    "withdraw_application": (F, ["IN_COURT"], NAMED, OWN | {LEGAL}),
    "activate_support": (D, ["ORDER_MADE"], "POST_ORDER", {"permanence support co-ordinator"}),
    "stop": (D, [*LINE], "NOT_PROGRESSING", {CHAIR, KDD, HOS}),
    "reopen": (D, ["NOT_PROGRESSING"], "RATED", {TM, IRO}),
    "end": (D, [*OPEN], "ENDED", {TM}),
    "transfer_out": (D, [*OPEN], "ENDED", {TM}),
    "merge": (D, [*OPEN], "ENDED", {TM, "data manager"}),
    "reverse_last": (D, [*ALL], BACK, set()),  # the role of the step taken back
    # What stays, and what a step above looks at.
    "allocate": (A, [*OPEN], SAME, {TM, SGO}),
    "change_applicants": (A, [s for s in OPEN if s != "NOT_APPLICABLE"], SAME, STAFF | OWN | {KDD}),
    "add_view": (A, [*OPEN], SAME, STAFF | OWN | {MEMBER, CHAIR}),
    "note_told": (A, [*ALL], SAME, STAFF | OWN | {LEGAL}),
    "file_papers": (A, ["REVIEW_GROUP"], SAME, STAFF | {"group administrator"}),
    "continue_further_work": (D, ["FURTHER_WORK"], SAME, {HOS}),
    "record_trajectory": (A, [*WORKING], SAME, {SAW, CSW, SSW}),
    "record_initial_meeting": (A, ["TRAJECTORY", "FURTHER_WORK"], SAME, {SAW}),
    "record_family_network_meeting": (A, [*LINE], SAME, {SAW}),
    "record_genogram": (A, [*LINE], SAME, {SAW}),
    "record_review": (F, [*OPEN], SAME, OWN | {TM}),
    "record_visit": (F, [*OPEN], SAME, OWN | {TM, SGO}),
    "request_check": (A, [*AFTER], SAME, {SAW}),
    "receive_check": (A, [*AFTER], SAME, {SAW}),
    "draft_support_plan": (A, [*AFTER], SAME, {SAW, CSW}),
    "sign_support_plan": (A, [*AFTER], SAME, {SAW}),
    "write_report": (A, [*MONEY, "WITH_LEGAL"], SAME, {SAW}),
    "check_quality": (D, [*MONEY], SAME, {SGO, TM, SAW}),
    "write_statement": (A, [*MONEY], SAME, {SAW}),
    "set_financial_position": (A, [*WORKING], SAME, {SAW, "CFS Permanence"}),
    "record_proposal_notice": (A, [*MONEY], SAME, {SAW, TM, SGO}),
    "close_representations": (A, [*MONEY], SAME, {SAW, TM, SGO}),
    "record_decision_notice": (A, [*MONEY], SAME, {SAW, TM, SGO}),
    "record_notice_of_intention": (F, [*ALL], SAME, OWN | {LEGAL, TM, SGO}),
    "record_placement_change": (F, [*ALL], SAME, STAFF | OWN),
    "pause_clock": (A, [*LINE], SAME, {SAW, TM, SGO}),
    "resume_clock": (A, [*OPEN], SAME, {SAW, TM, SGO}),
    "flag_safeguarding": (A, [*OPEN], SAME, STAFF | OWN | {"safeguarding lead"}),
    "clear_safeguarding": (D, [*OPEN], SAME, {TM, "safeguarding lead"}),
    "confirm_decision": (A, [*ALL], SAME, {"everybody"}),
    "correct": (A, [*ALL], SAME, STAFF | OWN),
    "move_act_to_right_child": (A, [*ALL], SAME, {TM, SGO}),  # the last step too: then it leads back, as a decision
    "record_death": (F, [*ALL], SAME, STAFF | OWN),
    "record_leaving": (F, [*ALL], SAME, STAFF | OWN | {LEGAL, "permanence support co-ordinator"}),
}  # fmt: skip


def may(trigger: str, roles: set[str]) -> bool:
    """Whether one of these roles is named for a trigger, or outranks the lowest post that is."""
    who = TABLE[trigger][3]
    posts = [RANKS.index(r) for r in who if r in RANKS]
    held = [RANKS.index(r) for r in roles if r in RANKS]
    return ("everybody" in who and bool(roles)) or bool(who & roles) or bool(posts and held and max(held) >= min(posts))


# ── The calendar (rules 2) ────────────────────────────────────────────────────────────────────────────────────
@lru_cache
def _bank(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def working(day: date) -> bool:
    """Monday to Friday and no bank holiday in England (R-CLK-1)."""
    return day.weekday() < 5 and day not in _bank(day.year)


def move_working(day: date, number: int) -> date:
    """So many working days on, or back."""
    one = timedelta(1 if number > 0 else -1)
    while number:
        day += one
        number -= one.days if working(day) else 0
    return day


def months(day: date, number: int) -> date:
    """The corresponding date, clipped to the end of the month (R-CLK-4)."""
    return day + relativedelta(months=number)


def age(born: date | None, on: date) -> int | None:
    """Years on a day; none where no date of birth can say."""
    return None if born is None or born > on else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def day(text: Any) -> date | None:
    """A date of a record."""
    return date.fromisoformat(text) if isinstance(text, str) else text


# ── What is remembered ────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Memory:
    """What the steps that count say about the child. What belongs to a round is forgotten when a new one starts."""

    state: str | None = None
    born: date | None = None
    siblings: bool = False
    seq: int = 0
    moved_on: date | None = None
    colour: str | None = None
    allocated: list[tuple[date, str | None]] = field(default_factory=list)
    applicants: frozenset[str] | None = None
    safeguarding: bool = False
    standing: date | None = None
    meetings_held: int = 0
    meeting_excused: bool = False
    genogram: bool = False
    checks: dict[tuple[str, str], bool] = field(default_factory=dict)  # asked for; whether it is back
    back: list[str] = field(default_factory=list)
    notice: bool = False
    childs_views: list[date] = field(default_factory=list)
    trajectory_at: int = -1
    group_saw_at: int = -1
    worked_at: int = -1
    continued_at: int = -1
    listed_from: str | None = None
    came_by: str | None = None  # the last of: listed, brought back, an outcome of the group
    views: set[str] = field(default_factory=set)
    wrote: list[tuple[date, str]] = field(default_factory=list)  # every view, with its day
    papers: tuple[date, bool] | None = None
    progressed: tuple[date, set[str]] | None = None  # the group's last agreement, and who was missing
    money: str | None = None
    agreed_money: str | None = None
    # of this round
    go: bool = False
    loops: int = 0
    waits: list[tuple[date, date | None]] = field(default_factory=list)  # in further work or put off after it
    met: str | None = None
    met_at: int = -1
    planned: dict[str, str] | None = None
    last_plan: set[str] = field(default_factory=set)
    kdd_on: date | None = None
    kdd_by: str | None = None
    considered: list[date | None] = field(default_factory=list)
    ratified: bool = False
    ratified_confirmed: bool = True
    decided: frozenset[str] | None = None
    excused: list[frozenset[str]] = field(default_factory=list)
    report: Step | None = None
    agreed: bool = False
    plan: set[str] | None = None
    signed: bool = False
    statement: bool = False
    proposal: Step | None = None
    closed: date | None = None
    answered: bool = False


ROUND = [f.name for f in fields(Memory)][[f.name for f in fields(Memory)].index("go") :]
SERVICES = {"Fostering", "Safeguarding", "Virtual School"}
INTO_GROUP = {"carer_declines", "return_to_group", "roa_does_not_ratify", "service_objects"}
PROGRESSED = {"group_progresses", "decide_urgently"}
OUTCOMES = PROGRESSED | {"group_defers", "group_asks_further_work", "group_decides_not_to_progress"}
FURTHER = {"group_asks_further_work", "needs_further_work", "kdd_further_work"}
UNDOES_KDD = {"carer_declines", "return_to_group", "return_to_kdd", "service_objects"}
SIGNED_OR_SENT = {
    "sign_support_plan", "record_proposal_notice", "record_decision_notice", "close_representations", "note_told",
    "confirm_decision",
}  # fmt: skip


#: What keeps the history straight can itself be neither corrected nor moved (R-SM-3, PT-16).
STRAIGHTENS = {"reverse_last", "correct", "confirm_decision", "dispute_decision", "move_act_to_right_child"}


def heard(m: Memory, s: Step) -> set[str]:
    """The services that were there, or whose view on this child is written down (PT-4)."""
    there: set[str] = s["listed"]["there"] if s["listed"] else set()
    return there | (m.views & SERVICES)


def wrote(m: Memory, s: Step) -> set[str]:
    """The services that have written within the ten working days before an urgent decision (PT-15)."""
    return {voice for on, voice in m.wrote if voice in SERVICES and move_working(s["on"], -10) <= on <= s["on"]}


def remember(m: Memory, s: Step) -> None:
    """Fold one accepted step into the memory."""
    t, p, on = s["trigger"], s["paper"], s["on"]
    if s["from"] != s["to"]:
        m.moved_on = on
    m.seq, m.state = s["seq"], s["to"]
    if t in {"open_case", "bring_forward", "reconsider", "reopen"}:
        fresh = Memory()
        for name in ROUND:
            setattr(m, name, getattr(fresh, name))
        m.money, m.decided = None, m.applicants
    if s["from"] != s["to"]:
        _wait(m, s)
    if t == "bring_forward":
        _brought_forward(m, p)
    if p.get("colour"):
        m.colour = p["colour"]
    if t in OUTCOMES:
        m.go, m.came_by = t in PROGRESSED, t
        if m.go:
            m.progressed = (on, SERVICES - (wrote(m, s) if t == "decide_urgently" else heard(m, s)))
    if t in OUTCOMES | {"group_adjourns"}:
        m.group_saw_at = s["seq"]
    if t in FURTHER:
        m.loops, m.worked_at = m.loops + 1, s["seq"]
    _fold_group_and_kdd(m, s)
    ACTS.get(t, lambda m, s: None)(m, s)


def _brought_forward(m: Memory, p: dict[str, Any]) -> None:
    m.go = bool(p.get("group_progressed_on") or p.get("unsupported_application"))
    m.met = "can progress without delay" if p.get("initial_meeting_on") else None
    m.kdd_on, m.ratified = day(p.get("kdd_on")), p.get("ratified_on") is not None


def _wait(m: Memory, s: Step) -> None:
    if m.waits and m.waits[-1][1] is None:
        m.waits[-1] = (m.waits[-1][0], s["on"])
    if s["to"] == "FURTHER_WORK" or (m.waits and s["to"] == "DEFERRED"):
        m.waits.append((s["on"], None))


def _fold_group_and_kdd(m: Memory, s: Step) -> None:
    t, p, on = s["trigger"], s["paper"], s["on"]
    if t in INTO_GROUP | {"list_for_group"}:
        m.came_by, m.papers, m.views = t, None, set()
        m.listed_from = s["from"]
    if t == "group_adjourns":
        m.views = set()
    if t in UNDOES_KDD:
        m.kdd_on, m.ratified, m.ratified_confirmed = None, False, True
    if t == "kdd_sgo_appropriate":
        m.kdd_on, m.kdd_by, m.ratified, m.ratified_confirmed = on, s["by"], False, True
        m.decided, m.excused, m.considered = m.applicants, [], []
    if t in {"roa_ratifies", "override_ratification"}:
        m.ratified, m.ratified_confirmed = True, s["confirmed"]
    if t == "roa_defers" or (t == "record_review" and p["considered_plan"]):
        m.considered.append(None if t == "roa_defers" else on)


def _applicants(m: Memory, s: Step) -> None:
    m.applicants = frozenset(r["name"] for r in s["paper"]["people"] if r["kind"] == "applicant" and not r.get("until"))
    if m.decided is None:
        m.decided = m.applicants
    if s["paper"].get("no_return_because") and (s["role"] == KDD or (m.kdd_by and s["by"] == m.kdd_by)):
        m.excused.append(m.applicants)


def _trajectory(m: Memory, s: Step) -> None:
    rows = s["paper"]["milestones"]
    m.planned = (m.planned or {}) | {r["step"]: r["planned_on"] for r in rows}
    m.last_plan, m.trajectory_at = {r["step"] for r in rows}, s["seq"]


def _view(m: Memory, s: Step) -> None:
    m.views.add(s["paper"]["voice"])
    m.wrote.append((s["on"], s["paper"]["voice"]))
    if s["paper"]["voice"] == "child":
        m.childs_views.append(s["on"])


def _check_back(m: Memory, s: Step) -> None:
    key = (s["paper"]["check"], s["paper"]["on_whom"])
    m.checks[key] = True
    m.back.append(key[0])


def _quality(m: Memory, s: Step) -> None:
    authors = {m.report["paper"]["author"], m.report["by"]} if m.report else set()
    own = s["by"] in authors or (not s["confirmed"] and s["recorder"] in authors)
    m.agreed = s["paper"]["outcome"] == "agreed" and not own


def _meeting_of_family(m: Memory, s: Step) -> None:
    m.meetings_held += s["paper"]["held"]
    m.meeting_excused |= bool(s["paper"].get("not_held_reason"))


def _placement(m: Memory, s: Step) -> None:
    if s["paper"]["how"] == "ended: new carers":
        m.standing = s["on"]


def _set(**values: Any) -> Callable[[Memory, Step], None]:
    def store(m: Memory, s: Step) -> None:
        for name, value in values.items():
            setattr(m, name, value(s) if callable(value) else value)

    return store


ACTS: dict[str, Callable[[Memory, Step], None]] = {
    "allocate": lambda m, s: (
        m.allocated.append((s["on"], s["paper"].get("person"))) if s["paper"]["role"] == SAW else None
    ),
    "change_applicants": _applicants,
    "add_view": _view,
    "file_papers": _set(papers=lambda s: (s["on"], bool(s["paper"].get("chair_accepts_late")))),
    "continue_further_work": _set(continued_at=lambda s: s["seq"]),
    "record_trajectory": _trajectory,
    "record_initial_meeting": _set(met=lambda s: s["paper"]["outcome"], met_at=lambda s: s["seq"]),
    "record_family_network_meeting": _meeting_of_family,
    "record_genogram": _set(genogram=True),
    "request_check": lambda m, s: m.checks.update({(s["paper"]["check"], s["paper"]["on_whom"]): False}),
    "receive_check": _check_back,
    "draft_support_plan": _set(plan=lambda s: {n["area"] for n in s["paper"]["needs"]}, signed=False),
    "sign_support_plan": _set(signed=True),
    "write_report": _set(report=lambda s: s, agreed=False),
    "check_quality": _quality,
    "write_statement": _set(statement=True),
    "set_financial_position": _set(
        money=lambda s: s["paper"]["position"], agreed_money=lambda s: s["paper"]["position"]
    ),
    "record_proposal_notice": _set(proposal=lambda s: s, closed=None, answered=False),
    "close_representations": _set(closed=lambda s: s["on"]),
    "record_decision_notice": _set(answered=True),
    "record_notice_of_intention": _set(notice=True),
    "record_placement_change": _placement,
    "pause_clock": _set(standing=lambda s: s["on"]),
    "resume_clock": _set(standing=None),
    "flag_safeguarding": _set(safeguarding=True),
    "clear_safeguarding": _set(safeguarding=False),
}
