"""After the signature: notices, conditions, contract, tracker, payment (rules R-SUP-7, R-SUP-9, R-FIN-9)."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps

from states import asked, authority
from states.facts import Facts
from states.funding_stages import F
from states.guards.funding_signing import signature_confirmed
from states.money import shown
from states.records.assessment import HowClosed
from states.records.funding import (
    AgreementUploaded,
    Frequency,
    FundingClosed,
    FundingReviewed,
    Payment,
    TiedTo,
    WhyClosed,
)
from states.records.funding_decision import (
    ConditionsAgreed,
    ContractAsked,
    ContractSigned,
    FundingDecisionNotice,
    FundingProposal,
    FundingRepresentations,
)
from states.vocabulary import Guard, Unmet


def _refused(facts: Facts) -> bool:
    return facts.head.state == F.REFUSED.name


def decision_stands(facts: Facts) -> Unmet | None:
    """A notice is about a decision that its signatory stands by (practice PR-2)."""
    decided = asked.decision(facts)
    if decided is not None and not decided.confirmed:
        return Unmet("PR-2", "The decision was recorded for somebody else, who has not confirmed it yet.")
    return None


def enough_time_to_answer(facts: Facts) -> Unmet | None:
    """Representations have their days; fewer need a reason, and never fewer than the floor (R-SUP-8, A35)."""
    record, notices = facts.filed(FundingProposal), facts.policy.notices
    if record.sent_on > facts.today:
        return Unmet("R-SUP-7", f"It cannot have been sent on {record.sent_on}: that day is still to come.", "sent_on")
    if record.representations_close_on is None:
        return None
    days = (record.representations_close_on - record.sent_on).days
    if days < notices.representations_floor_days:
        least = notices.representations_floor_days
        return Unmet("R-SUP-8", f"Representations need at least {least} days.", "representations_close_on")
    if days < notices.representations_days and not record.shortened_because:
        usual = notices.representations_days
        return Unmet("R-SUP-8", f"Fewer than {usual} days need recorded consent or urgency.", "shortened_because")
    return None


def _proposal(facts: Facts) -> FundingProposal | None:
    return facts.latest(FundingProposal, asked.this_round(facts))


def time_to_answer_may_close(facts: Facts) -> Unmet | None:
    """The period is over, or the person has answered (rules R-SUP-7)."""
    proposal, record = _proposal(facts), facts.filed(FundingRepresentations)
    if proposal is None:
        return Unmet("R-SUP-7", "No notice of proposed decision has been sent (issue_proposal_notice).")
    last = proposal.representations_close_on or proposal.sent_on + timedelta(
        days=facts.policy.notices.representations_days
    )
    if record.how is HowClosed.PERIOD_OVER and facts.on <= last:
        return Unmet("R-SUP-7", f"The time for representations runs until {last}.", "how")
    if record.how is HowClosed.RECEIVED and not (record.said and record.answer):
        return Unmet("R-SUP-7", "Write down what was said, and the answer.", "answer")
    return None


def representations_closed(facts: Facts) -> Unmet | None:
    """No decision goes out before representations are in or their time is over (rules R-SUP-7)."""
    within = asked.this_round(facts)
    proposed, closed = facts.latest_entry(FundingProposal, within), facts.latest_entry(FundingRepresentations, within)
    if proposed is None:
        return Unmet("R-SUP-7", "The notice of proposed decision has not been sent (issue_proposal_notice).")
    if closed is None or closed.seq < proposed.seq:
        return Unmet("R-SUP-7", "The time for representations is not closed (close_funding_representations).")
    return None


def decision_notice_after_that(facts: Facts) -> Unmet | None:
    """The notice of decision follows the representations, and no day that is still to come (rules R-SUP-9)."""
    record = facts.filed(FundingDecisionNotice)
    closed = facts.latest_entry(FundingRepresentations, asked.this_round(facts))
    if record.sent_on > facts.today:
        return Unmet("R-SUP-9", f"It cannot have been sent on {record.sent_on}: that day is still to come.", "sent_on")
    if closed is not None and record.sent_on < closed.happened_on:
        return Unmet("R-SUP-7", f"Representations were only closed on {closed.happened_on}.", "sent_on")
    return None


def charge_is_said_plainly(facts: Facts) -> Unmet | None:
    """Where money is tied to a home, the notice says that a charge can cost it (rules R-FIN-9)."""
    own = asked.asked(facts)
    if own is not None and own.tied_to is TiedTo.PROPERTY and not facts.filed(FundingDecisionNotice).charge_warning:
        return Unmet("R-FIN-9", "Say plainly that a charge is placed and default can cost the home.", "charge_warning")
    return None


def conditions_complete(facts: Facts) -> Unmet | None:
    """Regular money starts once the guardian has agreed what to tell, and the yearly statement (rules R-MON-5)."""
    record = facts.filed(ConditionsAgreed)
    if not (record.tell_at_once and record.yearly_statement):
        return Unmet("R-MON-5", "Both must be agreed: to tell of changes, and the annual statement.", "tell_at_once")
    return None


def contract_is_needed(facts: Facts) -> Unmet | None:
    """A contract is asked for where the authority's rules need one (rules R-FIN-9, A19)."""
    if not _needs_contract(facts):
        return Unmet("R-FIN-9", "No contract is needed for this kind and amount.")
    return None


def _needs_contract(facts: Facts) -> bool:
    own, agreed = asked.asked(facts), asked.agreed(facts)
    if own is None:
        return False
    amount = agreed.amount if agreed else own.amount
    tied = own.tied_to.value if own.tied_to else None
    return authority.needs_contract(own.funding, amount, tied, facts.policy.finance)


def carers_were_advised_first(facts: Facts) -> Unmet | None:
    """Carers are told to take their own advice when, or before, a contract is asked for (rules R-FIN-9)."""
    record = facts.filed(ContractAsked)
    if record.advised_on > facts.today or record.asked_on > facts.today:
        return Unmet("R-FIN-9", "Both days must have been.", "advised_on")
    return None


def advice_before_signing(facts: Facts) -> Unmet | None:
    """The carers' own legal advice came before their signature (rules R-FIN-9)."""
    record, own = facts.filed(ContractSigned), asked.asked(facts)
    if record.advice_given_on > record.signed_on:
        return Unmet("R-FIN-9", "The carers' own advice must be before they sign.", "advice_given_on")
    if record.signed_on > facts.today:
        return Unmet("R-FIN-9", f"It cannot have been signed on {record.signed_on}.", "signed_on")
    if own is not None and own.tied_to is TiedTo.PROPERTY and record.charge.value == "not about property":
        return Unmet("R-FIN-9", "This is about property: say what became of the legal charge.", "charge")
    return None


def contract_in_place(facts: Facts) -> Unmet | None:
    """Where a contract is needed, nothing is paid before it is signed (rules R-FIN-9)."""
    if _needs_contract(facts) and facts.latest(ContractSigned, asked.this_round(facts)) is None:
        return Unmet("R-FIN-9", "The contract is not signed (ask_for_contract, record_contract).")
    return None


def conditions_agreed(facts: Facts) -> Unmet | None:
    """Regular money waits for the conditions (rules R-MON-5)."""
    agreed = asked.agreed(facts)
    periodic = agreed is not None and asked.PER_YEAR[agreed.frequency] > 1
    if periodic and facts.latest(ConditionsAgreed, asked.this_round(facts)) is None:
        return Unmet("R-MON-5", "The carers have not agreed the conditions of regular money (agree_conditions).")
    return None


def decision_notice_out(facts: Facts) -> Unmet | None:
    """Nothing is paid before the notice of decision (rules R-FIN-14)."""
    if facts.latest(FundingDecisionNotice, asked.this_round(facts)) is None:
        return Unmet("R-SUP-9", "The notice of decision has not been sent (issue_decision_notice).")
    return None


def on_the_tracker(facts: Facts) -> Unmet | None:
    """The agreement is in the case system, received, and on the tracker (rules R-FIN-10, practice PR-7)."""
    done = {e.trigger for e in asked.this_round(facts)}
    lacking = [step for step in ("upload_agreement", "receive_agreement", "enter_on_tracker") if step not in done]
    if lacking:
        return Unmet("R-FIN-10", f"Still to do: {', '.join(lacking)}.")
    return None


def paid_again_and_again(facts: Facts) -> Unmet | None:
    """Only what is paid again and again is reviewed every year (rules R-REV-1, A32)."""
    agreed = asked.agreed(facts)
    if agreed is None or asked.PER_YEAR[agreed.frequency] <= 1:
        return Unmet("R-REV-1", "This is no regular payment: it has no annual review.")
    return None


def statement_has_come(facts: Facts) -> Unmet | None:
    """The day on which the annual statement came is no day that is still to come (rules R-REV-1)."""
    came = facts.filed(FundingReviewed).statement_on
    if came is not None and came > facts.today:
        return Unmet("R-REV-1", f"The statement cannot have come on {came}.", "statement_on")
    return None


def uploaded_before(facts: Facts) -> Unmet | None:
    """CFS Permanence receives what was sent, and enters what it has (practice PR-7)."""
    if not any(e.kind == AgreementUploaded.kind for e in asked.this_round(facts)):
        return Unmet("PR-7", "The agreement has not been sent yet (upload_agreement).")
    return None


def entered_once(facts: Facts) -> Unmet | None:
    """An agreement stands on the tracker once (rules R-FIN-10)."""
    if any(e.trigger == "enter_on_tracker" for e in asked.this_round(facts)):
        return Unmet("R-FIN-10", "This agreement is on the tracker already.")
    return None


def refusal_is_over(facts: Facts) -> Unmet | None:
    """A refused request is closed once its representations are over; an agreement when payments have ended (A22)."""
    why = facts.filed(FundingClosed).why
    if _refused(facts) != (why is WhyClosed.REFUSED):
        return Unmet("R-FIN-8", f"The request was {'refused' if _refused(facts) else 'agreed'}: say so.", "why")
    return representations_closed(facts) if _refused(facts) else None


def remuneration_was_in_time(facts: Facts) -> Unmet | None:
    """A remuneration element whose signature is not before the order is not payable, whenever one learns of it."""
    own, signed, made = asked.asked(facts), asked.signature(facts), asked.order_made_on(facts)
    if own is None or not own.remuneration or signed is None or made is None or signed.happened_on < made:
        return None
    return Unmet(
        "R-MON-2",
        f"The order was made on {made}, and this was signed on {signed.happened_on}: a remuneration element is agreed "
        "before the order or never. Open a new round without it (open_new_round).",
    )


#: Days from one payment to the next, by how many there are in a year; a month at its shortest but February's.
_DAYS_AT_LEAST = {52: 7, 13: 28, 12: 30, 1: 365}


def something_is_agreed(facts: Facts) -> Unmet | None:
    """What is paid rests on a signature, of this round or of the last one that was signed (rules R-FIN-14)."""
    if asked.signed_in_force(facts) is None:
        return Unmet("R-FIN-14", "Nothing has been agreed: what was paid rests on no decision.")
    return None


def no_more_than_was_agreed(facts: Facts) -> Unmet | None:
    """What was paid comes to no more than the agreement: of a single sum the whole, else a period ahead (R-FIN-14).

    A new round's agreement takes the place of the last one's: what was paid of a single sum in any round counts, and
    of regular money what was paid since the agreement's first day.
    """
    agreement = asked.under_the_agreement(facts)
    agreed = asked.agreed(agreement) if agreement is not None else None
    if agreed is None:
        return None
    single = agreed.frequency in (Frequency.ONCE, Frequency.INSTALMENTS)
    paid = facts.filed(Payment).amount + sum(
        Payment.model_validate(entry.data).amount
        for entry in facts.entries
        if entry.kind == Payment.kind and (single or entry.happened_on >= agreed.starts_on)
    )
    until = min(facts.on, agreed.ends_on or facts.on)
    days = (until - agreed.starts_on).days
    begun = max(0, days // _DAYS_AT_LEAST[asked.PER_YEAR[agreed.frequency]] + 1)
    most = agreed.amount if single else agreed.amount * (begun + 1)
    if paid <= most:
        return None
    return Unmet(
        "R-FIN-14",
        f"With this {shown(paid)} has been paid, and by now {'no more than ' if not single else ''}{shown(most)} was "
        "agreed: what is paid over that rests on no decision.",
        "amount",
    )


def _by_the_agreement(guard: Guard) -> Guard:
    """Ask it of the round whose agreement holds: a payment is a fact in every state, and a new round may be open."""

    @wraps(guard)
    def asked_of_it(facts: Facts) -> Unmet | None:
        agreement = asked.under_the_agreement(facts)
        return guard(agreement) if agreement is not None else None

    return asked_of_it


PAYABLE = (
    signature_confirmed,
    remuneration_was_in_time,
    representations_closed,
    decision_notice_out,
    conditions_agreed,
    contract_in_place,
)
#: What a payment that was made should have had, whatever has begun since (practice PR-1).
PAID = (something_is_agreed, *(_by_the_agreement(guard) for guard in PAYABLE), no_more_than_was_agreed)
