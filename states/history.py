"""Questions the guards ask of a case's history. Pure; each answers for the day the act happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from states.facts import Entry, Facts
from states.records.assessment import (
    CheckReceived,
    CheckRequested,
    ProposalNotice,
    Quality,
    QualityCheck,
    Report,
    RepresentationsClosed,
)
from states.records.codes import ContactKind, Voice
from states.records.group import Business, UrgentDecision, View
from states.records.opening import BroughtForward
from states.records.rating import Rating
from states.records.standing import ApplicantsChanged, HowMoved

#: A round of work starts here: what was decided before it does not carry a child on.
ROUND_STARTS = ("open_case", "bring_forward", "reconsider", "reopen")
PROGRESSED = ("group_progresses", "decide_urgently")
GROUP_OUTCOMES = (
    *PROGRESSED,
    "group_defers",
    "group_asks_further_work",
    "group_decides_not_to_progress",
)
INTO_GROUP_BY_EVENT = ("carer_declines", "return_to_group", "roa_does_not_ratify", "service_objects")
FURTHER_WORK_STEPS = ("group_asks_further_work", "needs_further_work", "kdd_further_work")
#: A child in these states waits for the group (rules R-FW-2).
FURTHER_WORK = "FURTHER_WORK"
WAITING = ("DEFERRED", FURTHER_WORK)
BACK_BEFORE_KDD = ("carer_declines", "return_to_group", "return_to_kdd", "service_objects")


def age(facts: Facts) -> int | None:
    """The child's age in years on the day it happened; None where no date of birth can say."""
    birth = facts.head.date_of_birth
    return None if birth is None or birth > facts.on else facts.calendar.age_on(birth, facts.on)


def brought_forward(facts: Facts) -> BroughtForward | None:
    """What another system or authority had already decided, where this round began that way (PT-17)."""
    start = facts.last(*ROUND_STARTS)
    if start is None or start.trigger != "bring_forward":
        return None
    return BroughtForward.model_validate(start.data)


def this_round(facts: Facts) -> tuple[Entry, ...]:
    """The history since the child last came onto the pathway."""
    return facts.since(*ROUND_STARTS)


def colour(facts: Facts) -> str | None:
    """The colour in force: the group's where it changed the Team Manager's (practice PT-2)."""
    for entry in reversed(facts.entries):
        if entry.data.get("colour") and (entry.kind == Rating.kind or entry.trigger in GROUP_OUTCOMES):
            return str(entry.data["colour"])
        if entry.kind == BroughtForward.kind and entry.data.get("colour"):
            return str(entry.data["colour"])
    return facts.head.colour


def group_progressed(facts: Facts) -> bool:
    """Whether the group's latest decision in this round is to progress (practice PT-5)."""
    outcome = next((e for e in reversed(this_round(facts)) if e.trigger in GROUP_OUTCOMES), None)
    if outcome is not None:
        return outcome.trigger in PROGRESSED
    forward = brought_forward(facts)
    if forward is None:
        return False
    # A carer who applies without us: the duty to investigate and report applies all the same (R-NOT-2).
    return forward.group_progressed_on is not None or forward.unsupported_application


def kdd_positive(facts: Facts) -> bool:
    """Whether a Key Decision Discussion found special guardianship right, and nothing has undone that."""
    decided = facts.since(*ROUND_STARTS, *BACK_BEFORE_KDD)
    if any(e.trigger == "kdd_sgo_appropriate" for e in decided):
        return True
    forward = brought_forward(facts)
    undone = any(e.trigger in BACK_BEFORE_KDD for e in this_round(facts))
    return forward is not None and forward.kdd_on is not None and not undone


def kdd_positive_on(facts: Facts) -> date | None:
    """The day of the positive Key Decision Discussion that still holds."""
    entry = facts.last("kdd_sgo_appropriate")
    if entry is not None and kdd_positive(facts):
        return entry.happened_on
    forward = brought_forward(facts)
    return forward.kdd_on if forward and kdd_positive(facts) else None


def ratification(facts: Facts) -> Entry | None:
    """The ratification or override since the last positive KDD."""
    after = facts.since(*ROUND_STARTS, *BACK_BEFORE_KDD, "kdd_sgo_appropriate")
    return next((e for e in reversed(after) if e.trigger in ("roa_ratifies", "override_ratification")), None)


def ratified(facts: Facts) -> bool:
    """Whether the decision has been ratified or overridden (rules R-ROA-1)."""
    if ratification(facts) is not None:
        return True
    forward = brought_forward(facts)
    undone = any(e.trigger in BACK_BEFORE_KDD for e in this_round(facts))
    return forward is not None and forward.ratified_on is not None and not undone


def assessment_may_start(facts: Facts) -> date:
    """From when the assessment's clocks run: its ratification, or the KDD where the authority starts early (A8)."""
    if facts.policy.assessment.start == "after_kdd":
        return kdd_positive_on(facts) or facts.on
    return facts.on


def applicants(facts: Facts, within: Sequence[Entry]) -> frozenset[str] | None:
    """Who applies, by the last list in a stretch of history; None where there is none (practice PT-11)."""
    people = facts.latest(ApplicantsChanged, within)
    if people is None:
        return None
    return frozenset(p.name for p in people.people if p.kind is ContactKind.APPLICANT and p.until is None)


def safeguarding_open(facts: Facts) -> bool:
    """Whether a safeguarding concern is unsettled (rules R-ASM-12)."""
    last = facts.last("flag_safeguarding", "clear_safeguarding")
    return last is not None and last.trigger == "flag_safeguarding"


def paused(facts: Facts) -> bool:
    """Whether the local clocks stand still (rules R-CLK-9)."""
    return standing_still(facts) is not None or safeguarding_open(facts)


def standing_still(facts: Facts) -> Entry | None:
    """What stopped the local clocks, if they stand still: a pause, or a placement that ended (PT-13)."""
    for entry in reversed(facts.entries):
        if entry.trigger == "resume_clock":
            return None
        if entry.trigger == "pause_clock" or entry.data.get("how") == HowMoved.ENDED.value:
            return entry
    return None


def services_with_views(facts: Facts) -> frozenset[str]:
    """The services whose view on this child was written down between its listing and the outcome (R-RG-3).

    What a missing service writes afterwards does not make it one that was heard (practice PT-4).
    """
    since = facts.since("list_for_group", "group_adjourns", *INTO_GROUP_BY_EVENT)
    decided = next((i for i, e in enumerate(since) if e.trigger in GROUP_OUTCOMES), len(since))
    return frozenset(view.voice.value for _, view in facts.all(View, since[:decided]))


def services_heard(facts: Facts) -> frozenset[str]:
    """The services that were there or wrote their view (practice PT-4); between meetings, that wrote (PT-15)."""
    if _between_meetings(facts):
        return services_in_writing(facts)
    here = facts.listed.heard(facts.policy.group.services) if facts.listed else frozenset()
    return here | (services_with_views(facts) & frozenset(facts.policy.group.services))


def _between_meetings(facts: Facts) -> bool:
    """Whether the decision looked at is the chair's urgent one: the one being filed, or the last there was."""
    if facts.given is not None and facts.given.kind == UrgentDecision.kind:
        return True
    last = facts.last("list_for_group", "group_adjourns", *INTO_GROUP_BY_EVENT, *GROUP_OUTCOMES)
    return last is not None and last.trigger == "decide_urgently"


def services_in_writing(facts: Facts) -> frozenset[str]:
    """The services whose view on this child was written shortly before the chair's urgent decision (PT-15)."""
    decided = facts.last("decide_urgently")
    filed = facts.given is not None and facts.given.kind == UrgentDecision.kind
    on = facts.on if filed or decided is None else decided.happened_on
    before = facts.entries if filed or decided is None else tuple(e for e in facts.entries if e.seq < decided.seq)
    since = facts.calendar.add_working_days(on, -facts.policy.group.urgent_views_working_days)
    wrote = {view.voice.value for entry, view in facts.all(View, before) if since <= entry.happened_on <= on}
    return frozenset(wrote) & frozenset(facts.policy.group.services)


def missing_services(facts: Facts) -> frozenset[str]:
    """The services that were neither there nor wrote (practice PT-4)."""
    return frozenset(facts.policy.group.services) - services_heard(facts)


def returns_to(facts: Facts) -> str | date | None:
    """When the child is due back at the group: the date given, or the meeting it moved with (practice PT-15)."""
    for entry in reversed(facts.entries):
        if entry.trigger == "move_with_meeting" and entry.data["business"] == Business.RETURNS:
            return str(entry.data["meeting"])
        if entry.data.get("return_on"):
            return date.fromisoformat(entry.data["return_on"])
    return None


def to_be_noted_at(facts: Facts) -> str | None:
    """The meeting to which the chair's latest urgent decision is reported, until it is noted (practice PT-15)."""
    for entry in reversed(facts.entries):
        if entry.trigger == "note_urgent_decision":
            return None
        if entry.trigger == "move_with_meeting" and entry.data["business"] == Business.TO_NOTE:
            return str(entry.data["meeting"])
        if entry.trigger == "decide_urgently":
            return str(entry.data["meeting"])
    return None


def further_work_loops(facts: Facts) -> int:
    """How many times in a row the child has gone into further work in this round (rules R-FW-2)."""
    return sum(1 for e in this_round(facts) if e.trigger in FURTHER_WORK_STEPS)


def waited_long(facts: Facts) -> bool:
    """Whether the child has been in further work, and put off after it, for the policy's months (rules R-FW-2).

    Counted in this round, in days; so many months are measured from the day on which the first further work began.
    Who only waits for the date to return that the colour allows goes round no loop (practice PT-2).
    """
    began: date | None = None
    since: date | None = None
    waited = timedelta()
    for entry in facts.entries:
        if entry.trigger in ROUND_STARTS:
            began, since, waited = None, None, timedelta()
        if not entry.moved:
            continue
        if since is not None:
            waited += entry.happened_on - since
        counts = entry.to_state == FURTHER_WORK or (began is not None and entry.to_state in WAITING)
        since = entry.happened_on if counts else None
        began = began or since
    if began is None:
        return False
    if since is not None:
        waited += facts.on - since
    months = facts.policy.trajectory.loop_months_before_head_of_service
    return began + waited >= facts.calendar.add_months_by(began, months)


def latest_report(facts: Facts) -> tuple[Entry, Report] | None:
    """The latest report in this round."""
    found = list(facts.all(Report, this_round(facts)))
    return found[-1] if found else None


def checked_by_another(facts: Facts) -> bool:
    """Whether the last check of the latest report agreed it, and was somebody else's (rules R-ASM-9).

    A check that its author wrote down in another's name counts once that person confirms it (practice PR-2).
    """
    report = latest_report(facts)
    if report is None:
        return False
    entry, content = report
    authors = {content.author, entry.decided_by}
    checks = [(e, c) for e, c in facts.all(QualityCheck, this_round(facts)) if e.seq > entry.seq]
    if not checks:
        return False
    last, check = checks[-1]
    theirs = last.decided_by not in authors and (last.confirmed or last.recorded_by not in authors)
    return check.outcome is Quality.AGREED and theirs


def open_checks(facts: Facts) -> tuple[str, ...]:
    """Checks that were asked for, or asked for again, and have not come back since (rules R-ASM-4)."""
    back = {(c.check, c.on_whom): e.seq for e, c in facts.all(CheckReceived)}
    asked = {(c.check, c.on_whom): e.seq for e, c in facts.all(CheckRequested)}
    return tuple(
        f"{check.value} on {whom}" for (check, whom), seq in asked.items() if back.get((check, whom), -1) < seq
    )


def representations_over(facts: Facts) -> bool:
    """Whether the time for representations on the latest proposal has ended (rules R-SUP-7)."""
    sent = facts.latest_entry(ProposalNotice, this_round(facts))
    closed = facts.latest_entry(RepresentationsClosed, this_round(facts))
    return sent is not None and closed is not None and closed.seq > sent.seq


def childs_wishes_on(facts: Facts) -> date | None:
    """When the child's wishes were last ascertained: a recorded view or the report (rules R-ASM-9)."""
    views = [e.happened_on for e, v in facts.all(View) if v.voice is Voice.CHILD]
    report = latest_report(facts)
    written = [report[1].childs_wishes_on] if report else []
    return max(views + written, default=None)
