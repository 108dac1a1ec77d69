"""Questions the guards ask of a funding request's history: what is asked, by whom, at which amount it is signed.

Pure, as `states/history.py` is for a child; each answers for the day the act happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import Any
from unicodedata import normalize

from dateutil.relativedelta import relativedelta

from states import authority, history
from states.facts import Entry, Facts, RequestSeen
from states.funding_stages import DECIDED, SIGNED, F
from states.records.funding import (
    Frequency,
    FundingAsked,
    FundingKind,
    FundingReferral,
    FundingRevised,
    MeansTestDone,
    NeedsAssessed,
)
from states.records.funding_decision import FundingApproved
from states.records.funding_hearing import DmtView, FundingRecommended
from states.stages import S
from states.vocabulary import Role, rank

#: A round of a request starts here: after a signature what is asked may change only in a new one (reliability R6).
ROUND_STARTS = ("open_request", "open_new_round")
APPROVALS = ("head_of_service_approves", "assistant_director_approves", "director_approves")
REFUSALS = (
    "head_of_service_refuses",
    "second_head_of_service_views",
    "assistant_director_refuses",
    "director_refuses",
)
#: Steps in which somebody spoke for or against the money before it was signed (rules R-FIN-6).
SPOKE = (
    "chair_recommends",
    "head_of_service_agrees",
    "head_of_service_disagrees",
    "second_head_of_service_views",
    "dmt_approves",
    "dmt_refuses",
    "take_to_director",
)
#: Steps in which somebody prepared or assessed it.
PREPARED = (
    "open_request",
    "revise_request",
    "record_means_test",
    "write_needs_assessment",
    "write_referral",
    "submit_request",
    "answer_questions",
    "take_up_again",
    "hear_representations",
    "open_new_round",
    "correct",
)
PER_YEAR = {
    Frequency.ONCE: 1,
    Frequency.INSTALMENTS: 1,
    Frequency.WEEKLY: 52,
    Frequency.FOUR_WEEKLY: 13,
    Frequency.MONTHLY: 12,
    Frequency.YEARLY: 1,
}


def value_of(amount: Decimal, frequency: Frequency) -> Decimal:
    """What an amount comes to: the whole of a single payment, a year of an allowance (rules R-FIN-4)."""
    return amount * PER_YEAR[frequency]


def asked(facts: Facts) -> FundingAsked | None:
    """What is asked for, as it stands: with what is being filed, if that changes it."""
    if isinstance(facts.given, FundingAsked):
        return facts.given
    for entry in reversed(facts.entries):
        if entry.kind == FundingRevised.kind:
            return FundingRevised.model_validate(entry.data)
        if entry.kind == FundingAsked.kind:
            return FundingAsked.model_validate(entry.data)
    return None


def this_round(facts: Facts) -> tuple[Entry, ...]:
    """The history since the request was opened, or opened again after a signature."""
    return facts.since(*ROUND_STARTS)


def recommended(facts: Facts) -> FundingRecommended | None:
    """The chair's recommendation in this round."""
    if isinstance(facts.given, FundingRecommended):
        return facts.given
    return facts.latest(FundingRecommended, this_round(facts))


def values_in_round(facts: Facts) -> Iterator[Decimal]:
    """Every amount this round has named, as its value: asked, recommended, considered by DMT, signed."""
    start = asked(facts)
    if start is None:
        return
    yield value_of(start.amount, start.frequency)
    records: list[Any] = [facts.given] if facts.given is not None else []
    within = this_round(facts)
    before = facts.entries[: len(facts.entries) - len(within)]
    begun_with = [entry for entry in before if entry.kind in (FundingAsked.kind, FundingRevised.kind)][-1:]
    for entry in (*begun_with, *within):
        kind = _NAMES_AMOUNTS.get(entry.kind)
        if kind is not None:
            records.append(kind.model_validate(entry.data))
    for record in records:
        if isinstance(record, FundingAsked | FundingRecommended | FundingApproved) and record.amount is not None:
            yield value_of(record.amount, record.frequency or start.frequency)
        elif isinstance(record, DmtView):
            yield value_of(record.amount, start.frequency)


_NAMES_AMOUNTS: dict[str, type[Any]] = {
    kind.kind: kind for kind in (FundingAsked, FundingRevised, FundingRecommended, DmtView)
}


def household_key(number: str) -> str:
    """A household's number as it is compared: letters and digits alone, so no other spelling splits a sum (C14)."""
    return "".join(sign for sign in normalize("NFKC", number).casefold() if sign.isalnum()) or number


def counted_with(facts: Facts) -> tuple[RequestSeen, ...]:
    """The other requests of the household for the same purpose, open or agreed, of the last months (R-FIN-4, A24)."""
    own = asked(facts)
    if own is None:
        return ()
    since = facts.on - relativedelta(months=facts.policy.finance.aggregate_months)
    household = household_key(own.household)
    children = {row.case for row in own.siblings} | ({facts.child.ref} if facts.child is not None else set())
    return tuple(
        other
        for other in facts.requests
        if other.purpose_kind == own.purpose_kind
        and (household_key(other.household) == household or not children.isdisjoint(other.covers))
        and (other.signed_on or other.opened_on) >= since
        and _counts(other)
        and authority.goes_by_amount(FundingKind(other.kind), facts.policy.finance)
        == authority.goes_by_amount(own.funding, facts.policy.finance)
    )


def _counts(other: RequestSeen) -> bool:
    """Open, a draft too, or agreed, also when it is paid and closed by now; not what was refused or withdrawn."""
    if other.state == F.REQUEST_CLOSED.name:
        return other.signed_on is not None
    return other.state != F.REFUSED.name


def amount_for_tier(facts: Facts) -> Decimal:
    """The amount by which the signatory is found: the highest named in this round, and what it is counted with.

    It never falls once it was named (rules R-FIN-4, A23, A24).
    """
    return max(values_in_round(facts)) + sum((other.value for other in counted_with(facts)), Decimal(0))


def may_say_the_sum(facts: Facts) -> bool:
    """Whether the sum that places the tier may be told to whoever writes this down (reliability R22).

    To whoever holds a post that signs; to others where nothing of a brother or sister counts along, for whoever opens
    a child's request may open the child's other requests too.
    """
    child = facts.child.ref if facts.child is not None else None
    if all(other.child == child for other in counted_with(facts)):
        return True
    least = rank(Role.HEAD_OF_SERVICE) or 0
    return any((rank(role) or 0) >= least for role in facts.recorders_roles)


def others_in_words(number: int) -> str:
    """So many requests that are not named."""
    return "another request of the household" if number == 1 else f"{number} other requests of the household"


def tier(facts: Facts) -> authority.Tier | None:
    """Who must sign this request at least; None while nothing is asked."""
    own = asked(facts)
    return authority.tier_of(own.funding, amount_for_tier(facts), facts.policy.finance) if own else None


# -- who did what ------------------------------------------------------------------------------------------


def involved(facts: Facts) -> dict[str, str]:
    """Everybody who prepared or assessed it in any round, recommended or chaired in this one, and what they did (R5).

    What was written in an earlier round is still what is signed in a later one, and those who wrote it are still its
    authors; a hearing is held anew. A step that was taken back was taken all the same by whoever took it, or has said
    that it is theirs.
    """
    found: dict[str, str] = {}
    whole = facts.whole or facts.entries
    stands = {entry.id for entry in facts.entries}
    starts = [entry.seq for entry in facts.entries if entry.trigger in ROUND_STARTS]
    for entry in whole:
        if entry.id not in stands and not entry.confirmed:
            continue
        if entry.trigger in PREPARED:
            found.setdefault(entry.decided_by, "prepared or assessed the request")
        if entry.trigger in SPOKE and not (starts and entry.seq < starts[-1]):
            found[entry.decided_by] = _SPOKE_AS.get(entry.trigger, "spoke on the request before")
        author = entry.data.get("author")
        if author:
            found.setdefault(str(author), "wrote the assessment or the referral")
    return found


_SPOKE_AS = {
    "chair_recommends": "chaired the hearing and recommended",
    "dmt_approves": "chaired the hearing at DMT",
    "dmt_refuses": "chaired the hearing at DMT",
}


def dissented(facts: Facts) -> Entry | None:
    """The first Head of Service's disagreement in this round."""
    within = this_round(facts)
    return next((e for e in reversed(within) if e.trigger == "head_of_service_disagrees"), None)


def dmt_view(facts: Facts) -> tuple[bool, DmtView] | None:
    """Whether DMT agreed, and what it looked at, in this round."""
    entry = next((e for e in reversed(this_round(facts)) if e.trigger in ("dmt_approves", "dmt_refuses")), None)
    return (entry.trigger == "dmt_approves", DmtView.model_validate(entry.data)) if entry else None


def signature(facts: Facts) -> Entry | None:
    """The signature of this round: the entry by which it was agreed."""
    return next((e for e in reversed(this_round(facts)) if e.trigger in APPROVALS), None)


def decision(facts: Facts) -> Entry | None:
    """The decision of this round, agreed or refused."""
    decided = {state.name for state in DECIDED}
    moved = [e for e in this_round(facts) if e.moved and e.from_state not in decided and e.to_state in decided]
    return moved[-1] if moved else None


def signed_in_force(facts: Facts) -> Entry | None:
    """The last signature of any round: an agreement holds until another takes its place."""
    return next((e for e in reversed(facts.entries) if e.trigger in APPROVALS), None)


def under_the_agreement(facts: Facts) -> Facts | None:
    """The facts of the round whose signature holds: what is paid while a new round is open rests on the last one's.

    None where nothing was ever agreed.
    """
    signed = signed_in_force(facts)
    if signed is None:
        return None
    anew = next((e.seq for e in facts.entries if e.trigger in ROUND_STARTS and e.seq > signed.seq), None)
    if anew is None:
        return facts
    return replace(facts, entries=tuple(entry for entry in facts.entries if entry.seq < anew))


# -- the child ------------------------------------------------------------------------------------------------


def of_the_child(facts: Facts) -> Facts:
    """The facts of the child a request is for: the pathway's own questions are asked of them."""
    child = facts.child
    if child is None:
        return replace(facts, entries=(), whole=(), given=None, listed=None)
    return replace(
        facts,
        head=replace(facts.head, ref=child.ref, state=child.state, date_of_birth=child.date_of_birth),
        entries=child.entries,
        whole=child.entries,
        given=None,
        listed=None,
    )


def order_made(facts: Facts) -> bool:
    """Whether the child's order has been made."""
    return facts.child is not None and facts.child.state in (S.ORDER_MADE.name, S.POST_ORDER.name)


def order_made_on(facts: Facts) -> date | None:
    """The day on which the child's order was made, as it is known now; None where none was."""
    made = of_the_child(facts).last("order_made")
    return made.happened_on if made is not None else None


def finance_only(facts: Facts) -> bool:
    """Whether the child is outside the pathway: the request is prepared by the locality (practice PT-1, PM-4)."""
    return facts.child is not None and facts.child.state == S.NOT_APPLICABLE.name


def may_be_formal(facts: Facts) -> bool:
    """From ratification; outside the pathway and after the order at once (practice PT-9, rules A8)."""
    if order_made(facts) or finance_only(facts):
        return True
    child = of_the_child(facts)
    if facts.policy.assessment.start == "after_kdd" and history.kdd_positive(child):
        return True
    return history.ratified(child)


# -- what is shown and signed ---------------------------------------------------------------------------------


def as_shown(facts: Facts) -> dict[str, Any]:
    """All that whoever signs has seen of this round: the request, what supports it, what was said on it."""
    own = asked(replace(facts, given=None))
    latest = {
        kind.kind: found.content()
        for kind in (MeansTestDone, NeedsAssessed, FundingReferral, FundingRecommended, DmtView)
        if (found := facts.latest(kind, _with_what_is_carried(facts))) is not None
    }
    said = [
        {"step": e.trigger, "by": e.decided_by, "on": e.happened_on.isoformat(), "said": dict(e.data)}
        for e in this_round(facts)
        if e.trigger in SPOKE
    ]
    counted = [{"ref": other.ref, "value": str(other.value)} for other in counted_with(replace(facts, given=None))]
    return {"asked": own.content() if own else None, "papers": latest, "said": said, "counted_with": counted}


def _with_what_is_carried(facts: Facts) -> tuple[Entry, ...]:
    """Papers of earlier rounds hold until new ones are written; hearings do not."""
    heard = {FundingRecommended.kind, DmtView.kind}
    round_ = {e.id for e in this_round(facts)}
    return tuple(e for e in facts.entries if e.id in round_ or e.kind not in heard)


def mark_of(facts: Facts) -> str:
    """The mark of what is shown: 16 characters of its hash. Another mark, and something has changed since."""
    text = dumps(as_shown(facts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]



def agreed(facts: Facts) -> FundingApproved | None:
    """What was agreed in this round."""
    return facts.latest(FundingApproved, this_round(facts))


def is_frozen(facts: Facts, entry: Entry) -> bool:
    """Whether a signature, agreed or refused, came with or after an entry that it rests on (reliability R6)."""
    decided = {*(state.name for state in SIGNED), F.REFUSED.name}
    signatures = [e.seq for e in facts.entries if e.moved and e.to_state in decided and e.from_state not in decided]
    return any(entry.seq <= seq for seq in signatures)
