"""The words of each paper of a request, from its records (rules 1.3; source 003, Appendices C and D).

Each builder says in words what is not known; where a paper cannot be made at all it is refused with what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from casework.errors import Refused
from casework.funding.gathering import TIMES_A_YEAR, Gathered, in_words
from documents.papers import (
    NOT_RECORDED,
    AgreementPaper,
    DecisionNoticePaper,
    DecisionRecordPaper,
    NeedShown,
    NeedsPaper,
    OnePage,
    Paper,
    PaperKind,
    ProposalNoticePaper,
    SignatureBox,
)
from states import asked as asking
from states.authority import Tier
from states.commitments import Agreed, FinancialYear
from states.facts import Entry
from states.money import shown
from states.records.funding import (
    Frequency,
    FundingAsked,
    FundingKind,
    FundingReferral,
    MeansTestDone,
    NeedsAssessed,
)
from states.records.funding_decision import (
    FundingApproved,
    FundingDecisionNotice,
    FundingProposal,
    FundingRefused,
)
from states.records.funding_hearing import DmtView, FundingRecommended, FundingSubmitted, SecondView
from states.vocabulary import Role, Unmet, rank

SIGN_HERE = "………………………………………………………"
_PERIODIC = {frequency for frequency, times in TIMES_A_YEAR.items() if times}
_CONTACT = "If anything in this letter is unclear, ask the worker who wrote to you."


def words_of(kind: PaperKind, given: Gathered, *, version: int) -> Paper:
    """The words of a paper. Raises Refused with what is missing."""
    common = {
        "authority": given.policy.authority.name,
        "request": given.ref,
        "made_on": in_words(given.facts.today),
        "version": str(version),
    }
    return BUILDERS[kind](given, common)


def _wanted(kind: PaperKind, rule: str, reason: str) -> Refused:
    return Refused(f"document {kind}", [Unmet(rule, reason)])


def _asked(given: Gathered) -> FundingAsked:
    found = asking.asked(given.facts)
    assert found is not None, "a request is opened with what is asked"
    return found


# -- Appendix C ---------------------------------------------------------------------------------------------------


def _needs(given: Gathered, common: dict[str, str]) -> Paper:
    entry = given.facts.latest_entry(NeedsAssessed)
    if entry is None:
        raise _wanted(PaperKind.NEEDS_ASSESSMENT, "R-NLA-1", "No needs-led assessment is written yet.")
    record = NeedsAssessed.model_validate(entry.data)
    return NeedsPaper(
        **common,
        worker=given.who(record.author),
        written_on=in_words(entry.happened_on),
        children=given.children,
        carers=given.carers,
        timing=_asked(given).timing.value,
        oversight_reason=record.oversight_reason,
        financial_request=record.financial_request,
        past_harm=record.past_harm,
        identity=record.identity,
        health=record.health,
        education=record.education,
        development=record.development,
        family=record.family,
        carers_part=record.carers_part,
        needs=tuple(
            NeedShown(
                horizon=need.horizon.value,
                need=need.need,
                met_by_carers=need.met_by_carers,
                funding_adds=need.funding_adds,
            )
            for need in record.needs
        ),
        childs_voice=record.childs_voice,
        voice_heard_on=in_words(record.childs_voice_on),
        differences=record.differences or "",
        decision=_standing(given),
        actions=_actions(given),
    )


def _standing(given: Gathered) -> str:
    """What was decided of the request, or where it is on its way there."""
    entry = asking.decision(given.facts)
    if entry is None:
        return f"Not decided yet: {_where(given)}."
    if entry.trigger in asking.APPROVALS:
        record = FundingApproved.model_validate(entry.data)
        return (
            f"Agreed: {_sum(record.amount, record.frequency)}, by {given.signed(entry)}, on "
            f"{in_words(entry.happened_on)}."
        )
    return f"Refused by {given.signed(entry)}, on {in_words(entry.happened_on)}."


def _where(given: Gathered) -> str:
    from states.funding_stages import F

    words = F[str(given.facts.head.state)].words
    return words[0].lower() + words[1:]


def _actions(given: Gathered) -> str:
    recommended = asking.recommended(given.facts)
    return (recommended.conditions if recommended else None) or "None recorded."


# -- Appendix D ---------------------------------------------------------------------------------------------------


def _agreement(given: Gathered, common: dict[str, str]) -> Paper:
    own, tier = _asked(given), _tier(given)
    agreed = asking.agreed(given.facts)
    referral = given.facts.latest(FundingReferral)
    amount, frequency = (agreed.amount, agreed.frequency) if agreed else (own.amount, own.frequency)
    starts, ends = (agreed.starts_on, agreed.ends_on) if agreed else (own.starts_on, own.ends_on)
    return AgreementPaper(
        **common,
        children=given.children,
        carers=given.carers,
        kind_words=_kind(own),
        timing=own.timing.value,
        amount=_sum(amount, frequency) if agreed else f"Asked: {_sum(amount, frequency)}",
        period=_period(given, frequency, starts, ends),
        full_year=shown(_agreed(given, amount, frequency, starts, ends).full_year),
        budget_code=(agreed.budget_code if agreed else own.cost_code) or NOT_RECORDED,
        background=_joined(own.purpose, agreed.reasons if agreed else None),
        alternatives=(agreed.alternatives if agreed else referral.alternatives if referral else None) or NOT_RECORDED,
        documents=(agreed.background_documents if agreed else None) or _papers(given),
        conditions=(agreed.conditions if agreed else None) or "None recorded.",
        boxes=_boxes(given, tier),
        clause=tier.clause,
        contradiction=tier.contradiction or "",
        decision_record_needed=tier.record_mandatory,
        status=_standing(given),
    )


def _tier(given: Gathered) -> Tier:
    tier = asking.tier(given.facts)
    assert tier is not None, "a request is opened with what is asked"
    return tier


#: Each signatory's box, in the form's order: title, the form's own prompt, the steps that fill it, the post.
_BOXES: tuple[tuple[str, str, tuple[str, ...], Role | None], ...] = (
    (
        "Permanence Panel/SGO Review Group: overview and recommendation",
        "",
        ("chair_recommends",),
        None,
    ),
    (
        "Head of Service: overview and recommendation",
        "",
        ("head_of_service_approves", "head_of_service_agrees", "head_of_service_disagrees", "head_of_service_refuses"),
        Role.HEAD_OF_SERVICE,
    ),
    (
        "Second Head of Service: view",
        "",
        ("second_head_of_service_views",),
        None,
    ),
    ("DMT", "", ("dmt_approves", "dmt_refuses"), None),
    (
        "Assistant Director: overview and recommendation",
        "The form says: under £20,000 can be signed off by Assistant Director.",
        ("assistant_director_approves", "assistant_director_refuses", "take_to_director"),
        Role.ASSISTANT_DIRECTOR,
    ),
    (
        "Director: overview and recommendation",
        "The form says: over £20,000 to be signed off by Director. Officer Decision Record to be completed.",
        ("director_approves", "director_refuses"),
        Role.DIRECTOR,
    ),
)


def _boxes(given: Gathered, tier: Tier) -> tuple[SignatureBox, ...]:
    within = asking.this_round(given.facts)
    boxes = []
    for title, prompt, triggers, post in _BOXES:
        entry = next((e for e in reversed(within) if e.trigger in triggers), None)
        if entry is not None:
            boxes.append(_filled(given, title, prompt, entry))
        elif (why := _not_needed(given, tier, title, post)) is not None:
            boxes.append(_box(title, prompt, needed=False, note=why))
        else:
            boxes.append(_box(title, prompt, note="Not signed yet."))
    return tuple(boxes)


def _not_needed(given: Gathered, tier: Tier, title: str, post: Role | None) -> str | None:
    """Why nobody signs a box of this request; None where somebody has to."""
    own = _asked(given)
    heard = own.funding in (FundingKind.NEEDS_LED_ALLOWANCE, FundingKind.GRANT, FundingKind.LOAN)
    if title.startswith("Permanence Panel"):
        return None if heard else f"not needed: no meeting hears {_kind(own)}."
    if title == "DMT":
        return None if tier.dmt else "not needed at this amount."
    if title.startswith("Second"):
        return None if asking.dissented(given.facts) else "not needed: nobody disagreed."
    assert post is not None
    level = rank(post)
    assert level is not None
    if level > tier.rank:
        return f"not needed: the {tier.post} signs."
    if level < tier.rank and not (heard and own.funding is FundingKind.NEEDS_LED_ALLOWANCE):
        return f"not needed: the {tier.post} signs."
    return None


def _box(title: str, prompt: str, *, needed: bool = True, note: str = "") -> SignatureBox:
    return SignatureBox(
        title=title,
        prompt=prompt if needed else "",
        amount=SIGN_HERE,
        overview=SIGN_HERE,
        signed=False,
        needed=needed,
        signed_by=SIGN_HERE,
        signed_on=SIGN_HERE,
        note=note,
    )


def _filled(given: Gathered, title: str, prompt: str, entry: Entry) -> SignatureBox:
    data = entry.data
    own = _asked(given)
    amount = data.get("amount")
    frequency = Frequency(data["frequency"]) if data.get("frequency") else own.frequency
    view = next((data[name] for name in ("overview", "view", "reasons") if data.get(name)), NOT_RECORDED)
    extra = [f"Dissent: {data['dissent']}"] if data.get("dissent") else []
    extra += [f"Conditions: {data['conditions']}"] if data.get("conditions") else []
    return SignatureBox(
        title=title,
        prompt=prompt,
        amount=_sum(Decimal(str(amount)), frequency) if amount else "No amount named.",
        overview="\n".join([f"{_SAYS.get(entry.trigger, 'Recommendation')}: {view}", *extra]),
        signed=True,
        needed=True,
        signed_by=given.signed(entry),
        signed_on=in_words(entry.happened_on),
        note="",
    )


_SAYS = {
    "chair_recommends": "Recommendation",
    "head_of_service_agrees": "Agrees",
    "head_of_service_disagrees": "Disagrees",
    "second_head_of_service_views": "Second view",
    "dmt_approves": "Approves",
    "dmt_refuses": "Does not approve",
    "take_to_director": "Takes it to the Director",
    **dict.fromkeys(asking.APPROVALS, "Agreed"),
    **dict.fromkeys(
        ("head_of_service_refuses", "assistant_director_refuses", "director_refuses"), "Refused"
    ),
}


# -- the Officer Decision Record ----------------------------------------------------------------------------------


def _record(given: Gathered, common: dict[str, str]) -> Paper:
    entry = asking.decision(given.facts)
    if entry is None or entry.kind not in (FundingApproved.kind, FundingRefused.kind):
        raise _wanted(PaperKind.DECISION_RECORD, "R-FIN-11", f"Nothing is decided yet: {_where(given)}.")
    tier = _tier(given)
    agreed = FundingApproved.model_validate(entry.data) if entry.kind == FundingApproved.kind else None
    signed = agreed or FundingRefused.model_validate(entry.data)
    if agreed is not None:
        decision = (
            f"To agree {_sum(agreed.amount, agreed.frequency)}, "
            f"{_period(given, agreed.frequency, agreed.starts_on, agreed.ends_on)}, for: {agreed.purpose}\n"
            f"How the amount was worked out: {agreed.method}\nConditions: {agreed.conditions}"
        )
    else:
        decision = "To refuse the request."
    return DecisionRecordPaper(
        **common,
        title=signed.title,
        decision_maker=f"{given.who(entry.decided_by)}, {entry.role}",
        decided_on=in_words(entry.happened_on),
        effective_from=in_words(agreed.effective_from if agreed else entry.happened_on),
        background=_joined(_asked(given).purpose, signed.reasons),
        alternatives=signed.alternatives,
        consulted=signed.officers_consulted or "None.",
        decision=decision,
        equality=signed.equality or "None recorded.",
        documents=signed.background_documents,
        interests=signed.interest or "None declared.",
        clause=tier.clause,
        contradiction=tier.contradiction or "",
        confirmed=f"Signed in the system: {given.signed(entry)}, on {in_words(entry.happened_on)}.",
    )


# -- notices ------------------------------------------------------------------------------------------------------


def _proposal(given: Gathered, common: dict[str, str]) -> Paper:
    record = given.facts.latest(FundingProposal, asking.this_round(given.facts))
    if record is None:
        raise _wanted(
            PaperKind.PROPOSAL_NOTICE, "R-SUP-7", "No notice of proposed decision is recorded (issue_proposal_notice)."
        )
    usual = record.sent_on + timedelta(days=given.policy.notices.representations_days)
    return ProposalNoticePaper(
        **common,
        to=given.carers,
        about=given.about,
        sent_on=in_words(record.sent_on),
        needs=record.needs,
        basis=record.basis,
        services=record.services,
        proposed_amount=record.proposed_amount,
        conditions=record.conditions,
        plan=record.plan,
        answer_until=in_words(record.representations_close_on or usual),
        how_to_answer=record.how_to_answer,
        shortened_because=record.shortened_because or "",
        contact=_CONTACT,
    )


def _decision_notice(given: Gathered, common: dict[str, str]) -> Paper:
    record = given.facts.latest(FundingDecisionNotice, asking.this_round(given.facts))
    if record is None:
        raise _wanted(
            PaperKind.DECISION_NOTICE, "R-SUP-9", "No notice of decision is recorded (issue_decision_notice)."
        )
    agreed = asking.agreed(given.facts)
    return DecisionNoticePaper(
        **common,
        to=given.carers,
        about=given.about,
        sent_on=in_words(record.sent_on),
        agreed=agreed is not None,
        reasons=record.reasons,
        plan_and_monitor=record.plan_and_monitor,
        how_determined=record.how_determined,
        payment=record.payment,
        conditions=record.conditions,
        review=record.review,
        responsibilities=record.responsibilities,
        charge_warning=record.charge_warning or "",
        periodic=agreed is not None and agreed.frequency in _PERIODIC,
        contact=_CONTACT,
    )


# -- one page -----------------------------------------------------------------------------------------------------


def _one_page(given: Gathered, common: dict[str, str]) -> Paper:
    own, tier = _asked(given), _tier(given)
    within = asking.this_round(given.facts)
    sum_ = _agreed(given, own.amount, own.frequency, own.starts_on, own.ends_on)
    year = FinancialYear.of(given.facts.today)
    recommended = asking.recommended(given.facts)
    dissent = asking.dissented(given.facts)
    second = given.facts.latest(SecondView, within)
    submitted = given.facts.latest(FundingSubmitted, within)
    dissents = [recommended.dissent] if recommended and recommended.dissent else []
    dissents += [f"{given.signed(dissent)}: {dissent.data['reasons']}"] if dissent else []
    return OnePage(
        **common,
        children=given.children,
        asked=f"{_sum(own.amount, own.frequency)}, {_period(given, own.frequency, own.starts_on, own.ends_on)}",
        why=own.purpose,
        kind_words=_kind(own),
        timing=own.timing.value,
        this_year=f"{shown(sum_.in_year(year))} in {year}",
        full_year=shown(sum_.full_year) if sum_.times_a_year else f"{shown(sum_.full_year)}, once",
        to_eighteen=shown(sum_.altogether()) if sum_.last_day or not sum_.times_a_year else "Not known: no birthday.",
        recommendation=_recommendation(recommended),
        dissent="\n".join(dissents) or "None.",
        second_view=f"{'For' if second.supports_request else 'Against'}: {second.reasons}" if second else "None.",
        dmt=_dmt(given) or ("Still to approve." if tier.dmt else "Not needed at this amount."),
        carers_views=submitted.carers_views if submitted else NOT_RECORDED,
        who_signs=f"the {tier.post} or a more senior post{', after DMT' if tier.dmt else ''}",
        clause=f"At {given.counted.at}: {tier.clause}",
        contradiction=tier.contradiction or "",
        shown_mark=asking.mark_of(given.facts),
    )


def _recommendation(recommended: FundingRecommended | None) -> str:
    if recommended is None:
        return "None: no meeting has recommended it."
    amount = f" {shown(recommended.amount)}" if recommended.amount else ""
    return f"{'To agree' if recommended.supports else 'Not to agree'}{amount}. {recommended.overview}"


def _dmt(given: Gathered) -> str:
    found = asking.dmt_view(given.facts)
    if found is None:
        return ""
    approves, view = found
    return f"{'Approves' if approves else 'Does not approve'} {shown(view.amount)}. {view.reasons}"


# -- shared words -------------------------------------------------------------------------------------------------


def _kind(own: FundingAsked) -> str:
    words = own.funding.words
    return words[0].upper() + words[1:]


def _sum(amount: Decimal, frequency: Frequency) -> str:
    return f"{shown(amount)} {frequency.value.partition(':')[0]}"


def _period(given: Gathered, frequency: Frequency, starts: Any, ends: Any) -> str:
    if frequency is Frequency.ONCE:
        return f"payable from {in_words(starts)}"
    if ends is not None:
        return f"from {in_words(starts)} until {in_words(ends)}"
    birthday = given.eighteen_on()
    last = f" ({in_words(birthday - timedelta(days=1))} is the last day)" if birthday else ""
    return f"from {in_words(starts)} until the eighteenth birthday{last}"


def _agreed(given: Gathered, amount: Decimal, frequency: Frequency, starts: Any, ends: Any) -> Agreed:
    birthday = given.eighteen_on()
    last = ends or (birthday - timedelta(days=1) if birthday else None)
    return Agreed(amount=amount, times_a_year=TIMES_A_YEAR[frequency], starts_on=starts, last_day=last)


def _papers(given: Gathered) -> str:
    names = {
        MeansTestDone.kind: "Means test",
        NeedsAssessed.kind: "Needs-led assessment (Appendix C)",
        FundingReferral.kind: "Referral for a grant or loan",
        FundingRecommended.kind: "Recommendation of the meeting",
        DmtView.kind: "View of DMT",
    }
    there = [words for kind, words in names.items() if any(e.kind == kind for e in given.facts.entries)]
    return "\n".join(there) or "None recorded."


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


BUILDERS: dict[PaperKind, Callable[[Gathered, dict[str, str]], Paper]] = {
    PaperKind.NEEDS_ASSESSMENT: _needs,
    PaperKind.AGREEMENT: _agreement,
    PaperKind.DECISION_RECORD: _record,
    PaperKind.PROPOSAL_NOTICE: _proposal,
    PaperKind.DECISION_NOTICE: _decision_notice,
    PaperKind.ONE_PAGE: _one_page,
}
