"""The assessment, the package and what Legal needs (rules 5.9, R-ASM-9, practice PT-9)."""

from __future__ import annotations

from datetime import timedelta

from states import history
from states.facts import Facts, RequestSeen
from states.funding_stages import DECIDED, SIGNED, UNSIGNED, F
from states.guards.decision import decision_covers_the_applicants, no_safeguarding_open
from states.guards.freshness import report_fresh, wishes_fresh
from states.records.assessment import (
    DecisionNotice,
    FamilyNetworkMeeting,
    FinancialPosition,
    Genogram,
    HowClosed,
    ProposalNotice,
    Report,
    RepresentationsClosed,
    Statement,
    Submission,
    SupportPlan,
    SupportPlanSigned,
    Viability,
)
from states.records.codes import CheckKind, FinancePosition, NeedArea, ReportSection
from states.records.court import NoticeOfIntention
from states.vocabulary import Unmet

#: Checks that every assessment has; the others where they apply (rules R-ASM-4).
ALWAYS_CHECKED = (CheckKind.DBS, CheckKind.MEDICAL, CheckKind.LOCAL_AUTHORITY, CheckKind.HOME)


_UNDECIDED = frozenset(state.name for state in UNSIGNED)
_SIGNED = frozenset(state.name for state in SIGNED)
_DECIDED = frozenset(state.name for state in DECIDED)


def decision_ratified(facts: Facts) -> Unmet | None:
    """Nothing goes to Legal that a review has not ratified, or a Head of Service overridden (R-ROA-1)."""
    if not history.ratified(facts):
        return Unmet("R-ROA-1", "The decision has not been ratified at the child's review (ROA).")
    return None


def ratification_confirmed(facts: Facts) -> Unmet | None:
    """A ratification recorded for the IRO must be confirmed by the IRO first (practice PR-2)."""
    entry = history.ratification(facts)
    if entry is not None and not entry.confirmed:
        return Unmet("PR-2", "The ratification was recorded for somebody else, who has not confirmed it yet.")
    return None


def kdd_was_positive(facts: Facts) -> Unmet | None:
    """The Key Decision Discussion found special guardianship right (rules R-ASM-9)."""
    if not history.kdd_positive(facts):
        return Unmet("R-ASM-9", "No Key Decision Discussion that still holds has found special guardianship right.")
    return None


def not_paused(facts: Facts) -> Unmet | None:
    """An assessment whose clock stands still is not finished (rules R-ASM-12)."""
    if history.paused(facts):
        return Unmet("R-CLK-9", "The assessment is paused: resume it first.")
    return None


def report_complete(facts: Facts) -> Unmet | None:
    """Every prescribed section is written, or says why it does not apply (rules 5.10)."""
    found = history.latest_report(facts)
    if found is None:
        return Unmet("R-ASM-5", "The report has not been written (write_report).")
    done = {s.section for s in found[1].sections if s.content or s.not_applicable_because}
    missing = [s.value for s in ReportSection if s not in done]
    if missing:
        return Unmet("R-ASM-5", "The report has nothing under: " + "; ".join(missing) + ".")
    return None


def report_recommends(facts: Facts) -> Unmet | None:
    """A negative assessment goes back to the KDD, not on (practice PT-11)."""
    found = history.latest_report(facts)
    if found is not None and not found[1].recommends:
        return Unmet("PT-11", "The report does not recommend special guardianship: use return_to_kdd.")
    return None


def alternative_when_negative(facts: Facts) -> Unmet | None:
    """A report that does not recommend the order says what it recommends instead (rules 5.10, 9)."""
    record = facts.filed(Report)
    if not record.recommends and not record.alternative:
        return Unmet("R-ASM-5", "Say what the report recommends instead.", "alternative")
    return None


def wishes_ascertained_before(facts: Facts) -> Unmet | None:
    """The child has been asked before the report says so (rules 5.10)."""
    record = facts.filed(Report)
    if record.childs_wishes_on > facts.on:
        return Unmet(
            "R-ASM-5", f"The child cannot have been asked on {record.childs_wishes_on} already.", "childs_wishes_on"
        )
    return None


def checked_by_somebody_else(facts: Facts) -> Unmet | None:
    """A second person has agreed the report; never its author (rules R-ASM-9)."""
    if not history.checked_by_another(facts):
        return Unmet(
            "R-ASM-9",
            "The latest report has not been agreed by somebody other than its author (check_quality).",
        )
    return None


def not_the_author(facts: Facts) -> Unmet | None:
    """Nobody checks their own report (rules R-ASM-9, reliability R5)."""
    found = history.latest_report(facts)
    if found is None:
        return Unmet("R-ASM-9", "There is no report to check yet (write_report).")
    if {facts.decided_by, facts.acting_for} & {found[1].author, found[0].decided_by}:
        return Unmet("R-ASM-9", "The author of the report cannot check it: ask somebody else.")
    return None


def family_network_met(facts: Facts) -> Unmet | None:
    """At least one Family Network Meeting, or the reason for none (rules R-ASM-8)."""
    needed = facts.policy.assessment.family_network_meetings
    found = [record for _, record in facts.all(FamilyNetworkMeeting)]
    if sum(1 for r in found if r.held) >= needed or any(r.not_held_reason for r in found):
        return None
    return Unmet("R-ASM-8", "Record a Family Network Meeting, or why there is none (record_family_network_meeting).")


def meeting_or_reason(facts: Facts) -> Unmet | None:
    """A Family Network Meeting says what the family plans, or why it was not held (rules R-ASM-8)."""
    record = facts.filed(FamilyNetworkMeeting)
    if record.held and not record.family_plan:
        return Unmet("R-ASM-8", "Write down the family's plan.", "family_plan")
    if not record.held and not record.not_held_reason:
        return Unmet("R-ASM-8", "Say why no Family Network Meeting was held.", "not_held_reason")
    return None


def genogram_made(facts: Facts) -> Unmet | None:
    """The cultural genogram is done (rules R-ASM-1)."""
    if facts.latest(Genogram) is None:
        return Unmet("R-ASM-1", "The cultural genogram is missing (record_genogram).")
    return None


def checks_are_back(facts: Facts) -> Unmet | None:
    """Every check asked for is back, and the references are enough (rules R-ASM-4)."""
    waiting = history.open_checks(facts)
    if waiting:
        return Unmet("R-ASM-4", "Checks that are not back: " + ", ".join(waiting) + ".")
    kinds = [e.data.get("check") for e in facts.entries if e.kind == "check_received"]
    lacking = [k.value for k in ALWAYS_CHECKED if k.value not in kinds]
    if lacking:
        return Unmet("R-ASM-4", "Checks that are missing: " + ", ".join(lacking) + ".")
    references = kinds.count(CheckKind.REFERENCE.value)
    if references < facts.policy.assessment.references:
        return Unmet(
            "R-ASM-4", f"{facts.policy.assessment.references} personal references are needed; {references} are back."
        )
    return None


def plan_drafted(facts: Facts) -> Unmet | None:
    """There is a support plan (rules R-ASM-6)."""
    if facts.latest(SupportPlan, history.this_round(facts)) is None:
        return Unmet("R-ASM-6", "The support plan has not been drafted (draft_support_plan).")
    return None


def plan_covers_every_area(facts: Facts) -> Unmet | None:
    """The support plan speaks of each area of need, if only to say that there is none (rules R-ASM-6)."""
    plan = facts.latest(SupportPlan, history.this_round(facts))
    if plan is None:
        return None
    silent = [area.value for area in NeedArea if area not in {need.area for need in plan.needs}]
    if silent:
        return Unmet("R-ASM-6", "The support plan says nothing about: " + "; ".join(silent) + ".")
    return None


def plan_review_within_a_year(facts: Facts) -> Unmet | None:
    """A support plan is reviewed within the time the regulations give (rules R-ASM-6)."""
    record = facts.filed(SupportPlan)
    latest = facts.calendar.add_months_by(facts.on, facts.policy.post_order.plan_review_months)
    if not facts.on < record.review_on <= latest:
        return Unmet("R-ASM-6", f"The plan's review must be after today and by {latest}.", "review_on")
    return None


def plan_signed(facts: Facts) -> Unmet | None:
    """The latest support plan is signed, or the disagreement is written down (rules R-ASM-9)."""
    rounds = history.this_round(facts)
    plan = facts.latest_entry(SupportPlan, rounds)
    signed = facts.latest_entry(SupportPlanSigned, rounds)
    if signed is None or (plan is not None and signed.seq < plan.seq):
        return Unmet("R-ASM-9", "The support plan is not signed, nor is a disagreement recorded (sign_support_plan).")
    return None


def signed_or_why_not(facts: Facts) -> Unmet | None:
    """A plan that is not signed by all carries the disagreement (rules R-ASM-6)."""
    record = facts.filed(SupportPlanSigned)
    if not record.signed and not record.disagreement:
        return Unmet("R-ASM-6", "Write down the disagreement.", "disagreement")
    return None


def statement_written(facts: Facts) -> Unmet | None:
    """The statement of why this is in the child's best interests (rules R-ASM-9)."""
    if facts.latest(Statement, history.this_round(facts)) is None:
        return Unmet("R-ASM-9", "The statement of the child's best interests is missing (write_statement).")
    return None


def challenge_explained(facts: Facts) -> Unmet | None:
    """A negative viability comes with how to challenge it (rules R-ASM-3)."""
    record = facts.filed(Viability)
    if not record.positive and not record.told_how_to_challenge:
        return Unmet("R-ASM-3", "Tell the person how to challenge the outcome.", "told_how_to_challenge")
    return None


def money_is_final(facts: Facts) -> Unmet | None:
    """The money is agreed under a reference, or no financial support is sought (rules R-ASM-9)."""
    for request in facts.requests:
        if request.state in _UNDECIDED:
            return Unmet(
                "PT-9", f"The {_by_name(request, facts)} is not decided yet ({F[request.state].words})."
            )
        if request.state in _SIGNED and not request.confirmed:
            which = _by_name(request, facts)
            return Unmet("PR-2", f"The signature on the {which} was recorded for somebody who has not confirmed it.")
    if any(request.state in _DECIDED for request in facts.requests):
        return None
    latest = facts.latest(FinancialPosition, history.this_round(facts))
    if latest is None or latest.position not in (FinancePosition.AGREED, FinancePosition.NOT_SOUGHT):
        return Unmet(
            "R-ASM-9",
            "The financial decision is not final: a funding request is signed, or the financial position says 'no "
            "financial support sought', or 'agreed' with evidence from elsewhere (set_financial_position).",
        )
    return None


def _by_name(request: RequestSeen, facts: Facts) -> str:
    """A request by its reference; a brother's or sister's is not named to whoever may not open them (R22)."""
    if request.child == facts.head.ref:
        return f"funding request {request.ref}"
    return "funding request of a brother or sister that is also for this child"


def agreement_named(facts: Facts) -> Unmet | None:
    """Agreed money rests on a request that was signed here, or on evidence from elsewhere (design 4.2, R-FIN-10)."""
    record = facts.filed(FinancialPosition)
    if record.position is not FinancePosition.AGREED:
        return None
    if not record.agreement_ref:
        return Unmet("R-FIN-10", "Give the reference of the agreement.", "agreement_ref")
    if record.agreed_elsewhere is None and not _signed_here(facts, record.agreement_ref):
        return Unmet(
            "R-FIN-10",
            f"{record.agreement_ref} is no funding request for this child that was signed here. Where it was agreed "
            "elsewhere, say where, by whom and when.",
            "agreed_elsewhere",
        )
    return _decided_apart(record) if record.agreed_elsewhere is not None else None


def _decided_apart(record: FinancialPosition) -> Unmet | None:
    """Evidence from elsewhere says who decided, and that it was not whoever prepared or recommended it (R-FIN-6)."""
    prepared, decided = record.elsewhere_prepared_by, record.elsewhere_decided_by
    lacking = [
        words
        for name, words in (
            (prepared, "who prepared or recommended it there"),
            (decided, "who decided it there"),
        )
        if not name
    ]
    if not prepared or not decided:
        return Unmet("R-FIN-10", f"Say {' and '.join(lacking)}.", "elsewhere_decided_by")
    if _by_name_alone(prepared) == _by_name_alone(decided):
        return Unmet(
            "R-FIN-6",
            f"By this evidence {decided} decided what they had prepared or recommended: nobody may. It is no agreement "
            "here; open a funding request, so that somebody else decides (open_request).",
            "elsewhere_decided_by",
        )
    return None


def _by_name_alone(person: str) -> str:
    """A person as written, without post, capitals, spaces and stops: of "H. Thorpe, Head of Service" hthorpe."""
    return "".join(letter for letter in person.partition(",")[0].casefold() if letter.isalnum())


def agreement_signed_here(facts: Facts) -> Unmet | None:
    """An agreement is noted on a child when its signature has effect (practice PR-2, R-FIN-10)."""
    record = facts.filed(FinancialPosition)
    if record.position is FinancePosition.AGREED and _signed_here(facts, record.agreement_ref or ""):
        return None
    return Unmet("R-FIN-10", "No funding request of this reference was signed for this child.", "agreement_ref")


def _signed_here(facts: Facts, ref: str) -> bool:
    return any(one.ref == ref and one.signed_on is not None and one.confirmed for one in facts.requests)


def proposal_notice_closed(facts: Facts) -> Unmet | None:
    """The proposal notice is sent and the time for representations is over (rules R-SUP-7, R-ASM-9)."""
    sent = facts.latest_entry(ProposalNotice, history.this_round(facts))
    if sent is None and _requests_say_it(facts):
        return None
    if sent is None:
        return Unmet("R-SUP-7", "The notice of proposed decision has not been sent (record_proposal_notice).")
    if not history.representations_over(facts):
        return Unmet("R-SUP-7", "The time for representations is not closed (close_representations).")
    return None


def _requests_say_it(facts: Facts) -> bool:
    """Whether the notices of the funding requests have told the family, plan and money in one (R-SUP-7, A28)."""
    decided = [one for one in facts.requests if one.state in _DECIDED]
    return bool(decided) and all(one.noticed for one in decided)


def decision_notice_sent(facts: Facts) -> Unmet | None:
    """The notice of decision is sent, on the latest proposal (rules R-SUP-9, R-ASM-9)."""
    this_round = history.this_round(facts)
    proposed = facts.latest_entry(ProposalNotice, this_round)
    decided = facts.latest_entry(DecisionNotice, this_round)
    if proposed is None and decided is None and _requests_say_it(facts):
        return None
    if decided is None or (proposed is not None and decided.seq < proposed.seq):
        return Unmet("R-SUP-9", "The notice of decision has not been sent (record_decision_notice).")
    return None


def enough_time_for_representations(facts: Facts) -> Unmet | None:
    """Representations have their days; fewer need a reason, and never fewer than the floor (R-SUP-8)."""
    record = facts.filed(ProposalNotice)
    if record.sent_on > facts.today:
        return Unmet(
            "R-SUP-7", f"The notice cannot have been sent on {record.sent_on}: that day is still to come.", "sent_on"
        )
    if record.representations_close_on is None:
        return None
    days = (record.representations_close_on - record.sent_on).days
    notices = facts.policy.notices
    if days < notices.representations_floor_days:
        return Unmet(
            "R-SUP-8",
            f"Representations need at least {notices.representations_floor_days} days.",
            "representations_close_on",
        )
    if days < notices.representations_days and not record.shortened_because:
        return Unmet(
            "R-SUP-8",
            f"Fewer than {notices.representations_days} days need recorded consent or urgency.",
            "shortened_because",
        )
    return None


def representations_may_close(facts: Facts) -> Unmet | None:
    """The period is over, or the person has answered (rules R-SUP-7)."""
    entry = facts.latest_entry(ProposalNotice, history.this_round(facts))
    if entry is None:
        return Unmet("R-SUP-7", "No notice of proposed decision has been sent.")
    record = facts.filed(RepresentationsClosed)
    if record.how is HowClosed.PERIOD_OVER:
        sent = ProposalNotice.model_validate(entry.data)
        last = sent.representations_close_on or sent.sent_on + timedelta(days=facts.policy.notices.representations_days)
        if facts.on <= last:
            return Unmet("R-SUP-7", f"The time for representations runs until {last}.", "how")
    if record.how is HowClosed.RECEIVED and not record.answer:
        return Unmet("R-SUP-7", "Write down what was said, and the answer.", "answer")
    return None


def closed_before_deciding(facts: Facts) -> Unmet | None:
    """No decision before representations are in or their time is over (rules R-SUP-7)."""
    closed = facts.latest_entry(RepresentationsClosed, history.this_round(facts))
    if closed is None or not history.representations_over(facts):
        return Unmet("R-SUP-7", "The notice of decision cannot go out before representations are closed.")
    record = facts.filed(DecisionNotice)
    if record.sent_on > facts.today:
        return Unmet("R-SUP-9", f"It cannot have been sent on {record.sent_on}: that day is still to come.", "sent_on")
    if record.sent_on < closed.happened_on:
        return Unmet("R-SUP-7", f"Representations were only closed on {closed.happened_on}.", "sent_on")
    return None


def advice_offered(facts: Facts) -> Unmet | None:
    """Independent legal advice was offered to the carers before submission (rules R-ASM-9)."""
    record = facts.filed(Submission)
    if record.advice_offered_on > facts.on:
        return Unmet(
            "R-ASM-9", "The offer of independent legal advice must be before the submission.", "advice_offered_on"
        )
    return None


def notice_of_intention_given(facts: Facts) -> Unmet | None:
    """The carers' notice is there with its date, or the reason why none is needed (rules R-ASM-9)."""
    if facts.latest(NoticeOfIntention) is not None:
        return None
    if facts.filed(Submission).notice_exemption is not None:
        return None
    return Unmet("R-NOT-1", "No notice of intention to apply has been recorded (record_notice_of_intention).")


def filing_to_come(facts: Facts) -> Unmet | None:
    """Reports go to Legal before the filing date (rules R-ASM-11)."""
    record = facts.filed(Submission)
    if record.filing_on < facts.on:
        return Unmet("R-ASM-11", f"The filing date {record.filing_on} is already past.", "filing_on")
    return None


COMPLETE_ASSESSMENT = (
    decision_ratified,
    not_paused,
    report_complete,
    report_recommends,
    checked_by_somebody_else,
    family_network_met,
    genogram_made,
    checks_are_back,
    plan_drafted,
    plan_covers_every_area,
    decision_covers_the_applicants,
)
AGREE_PACKAGE = (money_is_final,)
SUBMIT = (
    decision_ratified,
    ratification_confirmed,
    kdd_was_positive,
    decision_covers_the_applicants,
    no_safeguarding_open,  # the assessment pauses at any time (rules R-ASM-12): it does not go to Legal
    report_complete,
    report_recommends,
    checked_by_somebody_else,
    plan_covers_every_area,
    plan_signed,
    statement_written,
    money_is_final,
    proposal_notice_closed,
    decision_notice_sent,
    advice_offered,
    notice_of_intention_given,
    wishes_fresh,
    report_fresh,
    filing_to_come,
)
