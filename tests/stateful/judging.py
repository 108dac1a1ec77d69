"""The conditions of the independent model: for each trigger what must hold, as the rules say it in simple terms."""

from __future__ import annotations

from datetime import date, timedelta

from tests.stateful.model import (
    OPEN,
    RANKS,
    SERVICES,
    Condition,
    Memory,
    Step,
    age,
    day,
    heard,
    months,
    move_working,
    wrote,
)

ALWAYS_CHECKED = {"enhanced DBS", "medical", "local authority", "home health and safety"}
NEEDS = {
    "health", "education", "emotional and behavioural", "identity", "family relationships and family time", "self-care",
}  # fmt: skip
#: What another authority must have decided before a child joins at a stage (PT-17).
BEFORE = {
    "RATED": "colour rated_on",
    "DEFERRED": "colour rated_on return_on",
    "FURTHER_WORK": "colour rated_on return_on",
    "TRAJECTORY": "colour rated_on group_progressed_on",
    "KEY_DECISION": "colour rated_on group_progressed_on initial_meeting_on",
    "RATIFICATION": "colour rated_on group_progressed_on kdd_on",
    "ASSESSMENT": "colour rated_on kdd_on ratified_on",
    "FINANCIAL_PACKAGE": "kdd_on ratified_on",
    "SIGN_OFF": "kdd_on ratified_on",
    "WITH_LEGAL": "kdd_on ratified_on submitted_on",
    "IN_COURT": "issued_on",
    "ORDER_MADE": "order_on",
    "POST_ORDER": "order_on",
}


def worker(m: Memory, s: Step) -> bool:
    """Who holds the assessment worker's post on the day (R-ALC-1)."""
    held = [who for on, who in m.allocated if on <= s["on"]]
    return bool(held) and held[-1] is not None


def outsider(m: Memory, s: Step) -> bool:
    """The IRO is not the one who assesses (R-LAC-2)."""
    held = [who for on, who in m.allocated if on <= s["on"]]
    return not held or held[-1] != s["by"]


def next_meeting(m: Memory, s: Step) -> bool:
    """A meeting of the group that is still to come and not cancelled (T2)."""
    named = s["named"]
    return bool(
        named and named["body"] == "Review Group" and named["status"] != "cancelled" and named["held_on"] >= s["on"]
    )


def can_decide(m: Memory, s: Step) -> bool:
    """Held, quorate, every service there has said its view, papers in (R-RG-1 to R-RG-3, PT-4)."""
    at = s["listed"]
    if at is None or at["held_on"] > s["on"] or at["status"] == "cancelled" or at["chair"] is None:
        return False
    if len(heard(m, s)) < 2 or at["there"] - m.views or m.papers is None:
        return False
    filed, accepted = m.papers
    return filed <= move_working(at["held_on"], -5) or accepted


def colour_explained(m: Memory, s: Step) -> bool:
    """The group changes a colour with a reason (PT-2)."""
    given = s["paper"].get("colour")
    return not given or given == m.colour or bool(s["paper"].get("colour_reason"))


def siblings_said(m: Memory, s: Step) -> bool:
    """What it means for brothers and sisters is said (A40)."""
    return not m.siblings or bool(s["paper"].get("sibling_impact"))


def reason_for_colour(m: Memory, s: Step) -> bool:
    """Amber and red go ahead with a reason (T3, A9)."""
    colour = s["paper"].get("colour") or m.colour
    return colour not in {"AMBER", "RED"} or bool(s["paper"].get("going_ahead_reason"))


def comes_back(m: Memory, s: Step) -> bool:
    """A date to come (R-RG-6)."""
    returns = day(s["paper"]["return_on"])
    return returns is not None and returns > s["on"]


def in_the_interval(m: Memory, s: Step) -> bool:
    """YELLOW six weeks, AMBER six months, RED twelve; longer by a Head of Service; never over twelve (PT-2, A10)."""
    p, on = s["paper"], s["on"]
    returns = day(p["return_on"])
    assert returns is not None
    if returns > months(on, 12):
        return False
    spans = {"YELLOW": on + timedelta(weeks=6), "AMBER": months(on, 6), "RED": months(on, 12)}
    last = spans.get(p.get("colour") or m.colour or "")
    senior = set(RANKS[1:]) & s["people"].get(p.get("longer_agreed_by"), set())
    return last is None or returns <= last or bool(p.get("longer_reason") and senior)


def first_loop_short(m: Memory, s: Step) -> bool:
    """The first further work is three months at most, or says why not (R-FW-1)."""
    returns = day(s["paper"]["return_on"])
    assert returns is not None
    return m.loops > 0 or returns <= months(s["on"], 3) or bool(s["paper"].get("longer_reason"))


def looks_again(m: Memory, s: Step) -> bool:
    """A date to look again, to come, or a reason for none; not both (R-NP-1)."""
    again = day(s["paper"].get("reopen_on"))
    return again is None or (again > s["on"] and not s["paper"].get("no_reopen_reason"))


def resubmitted(m: Memory, s: Step) -> bool:
    """From further work: a trajectory not seen; a Head of Service after three rounds or nine months (T10, R-FW-2)."""
    if m.state != "FURTHER_WORK":
        return True
    newer = m.trajectory_at > max(m.group_saw_at, m.worked_at)
    waited = sum(((until or s["on"]) - since for since, until in m.waits), timedelta())
    long = bool(m.waits) and m.waits[0][0] + waited >= months(m.waits[0][0], 9)
    return newer and ((m.loops < 3 and not long) or m.continued_at > m.worked_at)


def may_object(m: Memory, s: Step) -> bool:
    """The member of a service that was missing, within five working days (PT-4)."""
    if m.progressed is None:
        return False
    decided_on, missing = m.progressed
    service = s["paper"]["service"]
    return service in missing and service in s["services"] and s["on"] <= move_working(decided_on, 5)


def own_view(m: Memory, s: Step) -> bool:
    """A service speaks for itself; chair and administrator may write it down for its member (R-RG-3, PT-4)."""
    voice = s["paper"]["voice"]
    if voice not in SERVICES:
        return True
    written_down = s["by"] == s["recorder"] or s["recorders"] & {"group administrator", "Review Group chair"}
    return voice in s["services"] and bool(written_down)


def ready_for_kdd(m: Memory, s: Step) -> bool:
    """Progressed, allocated, met, with a trajectory to the order (T8, PT-5)."""
    met = m.met is not None and m.met != "carer declines" and (m.met != "further work" or m.worked_at > m.met_at)
    return (
        m.go
        and worker(m, s)
        and met
        and m.planned is not None
        and {"KDD", "ROA", "final hearing or order"} <= m.last_plan
    )


def kdd_held(m: Memory, s: Step) -> bool:
    """Nothing open on safeguarding, legal oversight, guardianship compared, a senior chair (T11, PT-7, A17)."""
    p = s["paper"]
    options = {o["option"] for o in p["options"]}
    oversight = (p["adviser_present"] and p.get("legal_adviser")) or p.get("written_advice")
    compared = "special guardianship order" in options and len(options) > 1
    return not m.safeguarding and bool(oversight) and compared and bool(s["posts"] & set(RANKS))


def review(m: Memory, s: Step) -> bool:
    """A review held, after the KDD, with the code of the child's age (T14, R-ROA-4)."""
    years = age(m.born, s["on"])
    coded = years is None or (years < 4) == (s["paper"]["participation"] == "PN0")
    held = bool(s["paper"].get("review_held", True))
    return held and m.kdd_on is not None and s["on"] >= m.kdd_on and coded and outsider(m, s)


def covers(m: Memory, s: Step) -> bool:
    """The applicants are those the KDD decided on, or its chair has said why not (PT-11)."""
    return m.applicants == m.decided or m.applicants in m.excused


def may_override(m: Memory, s: Step) -> bool:
    """A review since the KDD has considered it; or the last one did not ratify and the group has not decided (A6)."""
    if m.state == "REVIEW_GROUP":
        return m.came_by == "roa_does_not_ratify" and covers(m, s)
    considered = any(on is None or m.kdd_on is None or on >= m.kdd_on for on in m.considered)
    return considered and covers(m, s)


def report_done(m: Memory, s: Step) -> bool:
    """A whole report that recommends, agreed by somebody else; a whole plan; the same applicants (R-ASM-9)."""
    if m.report is None or not m.agreed:
        return False
    p = m.report["paper"]
    written = {row["section"] for row in p["sections"] if row.get("content") or row.get("not_applicable_because")}
    return len(written) == 10 and p["recommends"] and covers(m, s) and m.ratified and (m.plan or set()) == NEEDS


def assessed(m: Memory, s: Step) -> bool:
    """Also: not paused, a family network meeting, a genogram, every check back and three references (R-ASM)."""
    family = m.meetings_held > 0 or m.meeting_excused
    checks = all(m.checks.values()) and set(m.back) >= ALWAYS_CHECKED and m.back.count("personal reference") >= 3
    return report_done(m, s) and m.standing is None and not m.safeguarding and family and m.genogram and checks


def money_final(m: Memory, s: Step) -> bool:
    """Agreed, or no financial support sought (R-ASM-9)."""
    return m.money in {"agreed", "no financial support sought"}


def filed(m: Memory, s: Step) -> bool:
    """All that Legal needs (R-ASM-9 to R-ASM-11, PR-2)."""
    p, on = s["paper"], s["on"]
    if not (report_done(m, s) and money_final(m, s)) or m.report is None or m.plan is None:
        return False
    if m.state != "SIGN_OFF" and not assessed(m, s):
        return False
    wishes = max([*m.childs_views, day(m.report["paper"]["childs_wishes_on"]) or date.min])
    filing = day(p["filing_on"])
    assert filing is not None
    return (
        m.ratified_confirmed and m.kdd_on is not None and not m.safeguarding and m.signed and m.statement
        and m.proposal is not None and m.closed is not None and m.answered
        and (m.notice or p.get("notice_exemption") is not None)
        and (day(p["advice_offered_on"]) or on) <= on and months(wishes, 3) >= on
        and filing >= on and months(m.report["on"], 6) >= filing
    )  # fmt: skip


def paid(m: Memory, s: Step) -> bool:
    """Where support is paid its dates are given (T19)."""
    p = s["paper"]
    return m.agreed_money != "agreed" or bool(p.get("conditions_agreed_on") and p.get("first_payment_on"))


def young(m: Memory, s: Step) -> bool:
    """Under seventeen and a half at the first rating (R-ELG-1)."""
    return m.born is None or s["on"] < months(m.born, 17 * 12 + 6)


def joins(m: Memory, s: Step) -> bool:
    """Born, and not yet eighteen (R-LAW-11)."""
    years = age(m.born, s["on"])
    return m.born is None or (years is not None and years < 18)


def brought(m: Memory, s: Step) -> bool:
    """A known stage, with the decisions that lead there, all of them past (PT-17, R-NOT-2)."""
    p, stage = s["paper"], s["paper"]["stage"]
    if not joins(m, s) or stage not in OPEN or stage == "REVIEW_GROUP":
        return False
    if stage == "NOT_APPLICABLE" and not (p.get("return_on") or p.get("no_return_reason")):
        return False
    decided = [v for k, v in p.items() if k in " ".join(BEFORE.values()).split() and k not in ("colour", "return_on")]
    if any((day(v) or s["on"]) > s["on"] for v in decided):
        return False
    free = stage == "TRAJECTORY" and p.get("unsupported_application")
    return bool(free) or all(p.get(name) for name in BEFORE.get(stage, "").split())


def put_aside(m: Memory, s: Step) -> bool:
    """A date to look again, or why there is none (PT-1)."""
    again = day(s["paper"].get("look_again_on"))
    return again > s["on"] if again else bool(s["paper"].get("no_date_reason"))


def allocatable(m: Memory, s: Step) -> bool:
    """Somebody who works here, may hold the post and has no conflict (T6)."""
    p = s["paper"]
    return not p.get("person") or bool(p["no_conflict"] and p["role"] in s["people"].get(p["person"], set()))


def in_true_order(m: Memory, s: Step) -> bool:
    """Each step once, KDD before ROA, notice before application, every moved date explained (PT-10, R-TRJ-3)."""
    rows = s["paper"]["milestones"]
    when = {r["step"]: r["planned_on"] for r in rows}
    ordered = all(
        when[b] >= when[a]
        for a, b in (("KDD", "ROA"), ("notice of intention", "application"))
        if a in when and b in when
    )
    old = m.planned or {}
    moved = [r for r in rows if old.get(r["step"], r["planned_on"]) != r["planned_on"]]
    return ordered and len(when) == len(rows) and all(r.get("slip_reason") or r.get("done_on") for r in moved)


def invited(m: Memory, s: Step) -> bool:
    """All three asked, the carers informed first, a worker allocated (T7, R-IM-1)."""
    p = s["paper"]
    asked = p["childs_worker_invited"] and p["carers_invited"] and p["supervising_worker_invited"]
    return bool(asked) and (day(p["information_given_on"]) or s["on"]) <= s["on"] and worker(m, s)


def not_own_report(m: Memory, s: Step) -> bool:
    """Somebody else than the author (R-ASM-9)."""
    return m.report is not None and s["by"] not in {m.report["paper"]["author"], m.report["by"]}


def time_to_answer(m: Memory, s: Step) -> bool:
    """Twenty-eight days; fewer with a reason, never under fourteen (R-SUP-8, A35)."""
    p = s["paper"]
    sent, closes = day(p["sent_on"]), day(p.get("representations_close_on"))
    assert sent is not None
    span = (closes - sent).days if closes else 28
    return sent <= s["today"] and span >= 14 and (span >= 28 or bool(p.get("shortened_because")))


def may_close(m: Memory, s: Step) -> bool:
    """The period is over, or the person has answered (R-SUP-7)."""
    if m.proposal is None:
        return False
    p, sent = s["paper"], m.proposal["paper"]
    last = day(sent.get("representations_close_on")) or (day(sent["sent_on"]) or s["on"]) + timedelta(28)
    if p["how"] == "the period is over":
        return bool(s["on"] > last)
    return p["how"] != "representations received" or bool(p.get("answer"))


def after_closing(m: Memory, s: Step) -> bool:
    """No decision before representations are closed (R-SUP-7, R-SUP-9)."""
    sent = day(s["paper"]["sent_on"])
    return m.closed is not None and sent is not None and m.closed <= sent <= s["today"]


def named_agreement(m: Memory, s: Step) -> bool:
    """Agreed money has its reference, and where it was agreed: these children have no request here (R-FIN-10).

    Whoever decided it there is named, and is not whoever prepared or recommended it (R-FIN-6).
    """
    p = s["paper"]
    told = all(p.get(name) for name in ("agreement_ref", "agreed_elsewhere", "elsewhere_prepared_by"))
    decided = p.get("elsewhere_decided_by")
    return p["position"] != "agreed" or bool(told and decided and decided != p["elsewhere_prepared_by"])


def ahead(name: str) -> Condition:
    """A date of the record that is to come."""
    return lambda m, s: (day(s["paper"][name]) or s["on"]) > s["on"]


def filled(yes: str, words: str, other: str) -> Condition:
    """Where yes the words, where no the others."""
    return lambda m, s: bool(s["paper"].get(words if s["paper"][yes] else other))


def barrier_named(m: Memory, s: Step) -> bool:
    """OTHER says what (R-RAG-6)."""
    return "OTHER" not in s["paper"].get("barriers", ()) or bool(s["paper"].get("other_barrier"))


OUTCOME = (can_decide, siblings_said, colour_explained)
CONDITIONS: dict[str, tuple[Condition, ...]] = {
    "open_case": (joins,),
    "bring_forward": (brought,),
    "rate": (young, barrier_named),
    "rerate": (barrier_named,),
    "mark_not_applicable": (put_aside,),
    "list_for_group": (next_meeting, resubmitted),
    "take_off_agenda": (lambda m, s: m.came_by == "list_for_group",),
    "group_progresses": (*OUTCOME, reason_for_colour),
    "decide_urgently": (
        lambda m, s: len(wrote(m, s)) >= 2,
        next_meeting, colour_explained, siblings_said, reason_for_colour, resubmitted,
    ),
    "group_defers": (*OUTCOME, comes_back, in_the_interval),
    "group_asks_further_work": (*OUTCOME, comes_back, in_the_interval, first_loop_short),
    "group_decides_not_to_progress": (can_decide, siblings_said, looks_again),
    "group_adjourns": (
        next_meeting,
        lambda m, s: s["listed"] is not None and s["listed"]["held_on"] <= s["on"],
        lambda m, s: s["listed"]["status"] != "cancelled" and s["named"]["held_on"] > s["listed"]["held_on"],
    ),
    "service_objects": (next_meeting, may_object),
    "desk_review_unchanged": (comes_back, in_the_interval),
    "needs_further_work": (worker, comes_back, first_loop_short),
    "proceed_to_kdd": (ready_for_kdd,),
    "carer_declines": (next_meeting,),
    "return_to_group": (next_meeting,),
    "kdd_sgo_appropriate": (kdd_held,),
    "kdd_further_work": (kdd_held, comes_back, first_loop_short),
    "kdd_not_to_progress": (kdd_held, looks_again),
    "kdd_adjourns": (ahead("next_on"),),
    "roa_ratifies": (review, covers, lambda m, s: bool(s["paper"]["plan_updated"])),
    "roa_does_not_ratify": (review, next_meeting),
    "roa_defers": (review,),
    "override_ratification": (may_override,),
    "complete_assessment": (assessed,),
    "agree_package": (money_final,),
    "submit_to_legal": (filed,),
    "activate_support": (paid,),
    "stop": (looks_again,),
    "end": (lambda m, s: s["paper"]["why"] != "turned eighteen" or (age(m.born, s["on"]) or 99) >= 18,),
    "allocate": (allocatable,),
    "add_view": (own_view,),
    "change_applicants": (lambda m, s: any(not r.get("until") for r in s["paper"]["people"]),),
    "record_trajectory": (in_true_order,),
    "record_initial_meeting": (invited,),
    "record_family_network_meeting": (filled("held", "family_plan", "not_held_reason"),),
    "draft_support_plan": (
        ahead("review_on"),
        lambda m, s: (day(s["paper"]["review_on"]) or s["on"]) <= months(s["on"], 12),
    ),
    "sign_support_plan": (lambda m, s: m.plan is not None, filled("signed", "signed_by", "disagreement")),
    "write_report": (
        filled("recommends", "qualification", "alternative"),
        lambda m, s: (day(s["paper"]["childs_wishes_on"]) or s["on"]) <= s["on"],
    ),
    "check_quality": (not_own_report,),
    "set_financial_position": (named_agreement,),
    "record_proposal_notice": (time_to_answer,),
    "close_representations": (may_close,),
    "record_decision_notice": (after_closing,),
    "pause_clock": (lambda m, s: m.standing is None, ahead("expected_on")),
    "resume_clock": (lambda m, s: m.standing is not None and m.standing <= s["on"],),
    "flag_safeguarding": (lambda m, s: not m.safeguarding, ahead("expected_on")),
    "clear_safeguarding": (lambda m, s: m.safeguarding,),
}  # fmt: skip
