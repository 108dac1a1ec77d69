"""The signature: who may, at which amount, apart from whoever prepared it; and what it freezes (R-FIN-3)."""

from __future__ import annotations

from states import asked
from states.facts import Facts
from states.funding_stages import F
from states.money import shown
from states.records.funding_decision import FundingApproved
from states.records.funding_hearing import SecondView
from states.records.keeping import Correction
from states.stages import S
from states.vocabulary import Role, Unmet, rank


def _deciders_rank(facts: Facts) -> int:
    return max((level for level in map(rank, facts.deciders_roles) if level is not None), default=-1)


def stands_apart(facts: Facts) -> Unmet | None:
    """Nobody decides what they prepared, assessed, recommended or chaired; nor through cover (R5, R-FIN-6)."""
    involved = asked.involved(facts)
    for person, theirs in ((facts.decided_by, True), (facts.acting_for, False)):
        if person is not None and person in involved:
            whose = "You" if theirs else "The person you stand in for"
            return Unmet(
                "R-FIN-6",
                f"{whose} {involved[person]}: somebody else has to decide, {_who_else(facts)}.",
                "decided_by",
            )
    return None


def returned_by_somebody_apart(facts: Facts) -> Unmet | None:
    """Returned is an outcome as agreed and refused are: it is not for whoever had a part in it (R-FIN-6, R-FIN-8)."""
    apart = stands_apart(facts)
    if apart is None:
        return None
    return Unmet(
        apart.rule,
        f"{apart.reason} Whoever prepared it gets it back by taking the last step back (reverse_last), or withdraws it "
        "(withdraw_request).",
        apart.field,
    )


def _who_else(facts: Facts) -> str:
    tier = asked.tier(facts)
    post = tier.post.value if tier else Role.HEAD_OF_SERVICE.value
    return f"another {post} or a more senior post"


def senior_enough_to_sign(facts: Facts) -> Unmet | None:
    """The tier by the highest amount ever named and all it is counted with; a floor, never an equality (R-FIN-3)."""
    tier = asked.tier(facts)
    if tier is None or _deciders_rank(facts) >= tier.rank:
        return None
    total, own = asked.amount_for_tier(facts), max(asked.values_in_round(facts))
    together = asked.others_in_words(len(asked.counted_with(facts)))  # which ones is for whoever may open them (R22)
    at = shown(total if asked.may_say_the_sum(facts) else own)
    counted = f", counted together with {together}," if asked.counted_with(facts) else ""
    return Unmet(
        "R-FIN-3",
        f"At {at}{counted} this is for the {tier.post.value} or a more senior post to sign: {tier.clause}",
        "decided_by",
    )


def post_is_not_new(facts: Facts) -> Unmet | None:
    """Who was given the post less than the policy's hours ago, or by themselves, signs nothing by it (C13)."""
    tier = asked.tier(facts)
    second = facts.head.state == F.SECOND_VIEW.name  # also where nothing is filed yet, and it is only foretold
    floor = tier.rank if tier is not None and not second else rank(Role.HEAD_OF_SERVICE)
    steady = facts.deciders_roles - facts.deciders_new_posts
    long_enough = max((level for level in map(rank, steady) if level is not None), default=-1)
    if floor is None or _deciders_rank(facts) < floor or long_enough >= floor:
        return None
    hours = facts.policy.finance.signing_hours_after_grant
    return Unmet(
        "C13",
        f"The post was given less than {hours} hours ago, or by its holder: until then {_who_else(facts)} signs.",
        "decided_by",
    )


def dmt_lets_it(facts: Facts) -> Unmet | None:
    """Above its limit DMT approves first, and at no less; its no is final below the Director (R-FIN-5, A4)."""
    tier, seen = asked.tier(facts), asked.dmt_view(facts)
    if tier is None or not tier.dmt:
        return None
    if seen is None:
        return Unmet("R-FIN-5", f"DMT has not approved this: {tier.clause}")
    agreed, view = seen
    director = _deciders_rank(facts) >= (rank(Role.DIRECTOR) or 0)
    blocks = facts.policy.finance.dmt_refusal == "blocks below Director"
    if not agreed and blocks and not director:
        return Unmet("A4", "DMT has refused this: only the Director can agree to it (take_to_director).")
    record = facts.record
    own = asked.asked(facts)
    if agreed and isinstance(record, FundingApproved) and own is not None:
        signed, considered = asked.value_of(record.amount, record.frequency), asked.value_of(view.amount, own.frequency)
        if signed > considered:
            return Unmet("R-FIN-5", f"DMT looked at {shown(considered)}: no more can be agreed.", "amount")
    return None


def what_was_shown_is_what_is_signed(facts: Facts) -> Unmet | None:
    """Whoever signs has seen the request as it is now (reliability R6)."""
    read, now = getattr(facts.record, "shown", None), asked.mark_of(facts)
    if read != now:
        return Unmet(
            "R6",
            f"The request has changed since you read it: what stands there now has the mark {now}, not {read}. "
            "Read it again.",
            "shown",
        )
    return None


def decision_record_complete(facts: Facts) -> Unmet | None:
    """Where an Officer Decision Record is mandatory, it says who was consulted and what it means for equality (A25)."""
    tier, record = asked.tier(facts), facts.record
    if tier is None or not tier.record_mandatory:
        return None
    lacking = [
        name
        for name, value in (
            ("Officers consulted", getattr(record, "officers_consulted", None)),
            ("Equality and human rights implications (EHRIA)", getattr(record, "equality", None)),
        )
        if not value
    ]
    if lacking:
        return Unmet(
            "R-FIN-11",
            f"For this decision an Officer Decision Record is mandatory. Still missing: {', '.join(lacking)}.",
            "officers_consulted",
        )
    return None


def agreed_as_the_kind_is_paid(facts: Facts) -> Unmet | None:
    """What is agreed is paid the way the kind is paid: no single payment for an allowance (rules R-MON-3)."""
    own, record = asked.asked(facts), facts.filed(FundingApproved)
    if own is not None and (asked.PER_YEAR[own.frequency] > 1) != (asked.PER_YEAR[record.frequency] > 1):
        once = asked.PER_YEAR[own.frequency] == 1
        if once or record.frequency.value == "once":
            return Unmet("R-MON-3", f"What is asked is paid {own.frequency.value}.", "frequency")
    if record.ends_on is not None and record.ends_on <= record.starts_on:
        return Unmet("R-FIN-7", f"It starts on {record.starts_on}: it must end later.", "ends_on")
    return None


def remuneration_signed_before_the_order(facts: Facts) -> Unmet | None:
    """Money with a remuneration element is signed before the order or without it (rules R-MON-2, R-FIN-13)."""
    own = asked.asked(facts)
    if own is not None and own.remuneration and asked.order_made(facts):
        return Unmet(
            "R-FIN-13",
            "The order has been made: the remuneration element can no longer be agreed. Take the request up again "
            "without it.",
        )
    return None


def somebody_more_senior_decides(facts: Facts) -> Unmet | None:
    """A view is passed on where the decision is a more senior post's (rules R-FIN-1)."""
    tier = asked.tier(facts)
    if tier is not None and tier.rank <= (rank(Role.HEAD_OF_SERVICE) or 0):
        return Unmet("R-FIN-3", "The Head of Service signs this one: agree or refuse it (head_of_service_approves).")
    return None


def no_recommendation_to_disagree_with(facts: Facts) -> Unmet | None:
    """Against a meeting's recommendation a second Head of Service is asked first (rules A5)."""
    tier = asked.tier(facts)
    heard = asked.recommended(facts)
    second = facts.policy.finance.second_view != "off"
    if heard is not None and heard.supports and second:
        return Unmet("A5", "The meeting supports this: a second view comes first (head_of_service_disagrees).")
    if tier is not None and tier.rank > (rank(Role.HEAD_OF_SERVICE) or 0):
        return Unmet("R-FIN-3", f"The {tier.post.value} decides this: say what you think (head_of_service_agrees).")
    return None


def there_is_a_recommendation(facts: Facts) -> Unmet | None:
    """Who disagrees disagrees with something: a meeting's recommendation (rules A5)."""
    heard = asked.recommended(facts)
    if heard is None or not heard.supports:
        return Unmet("A5", "No meeting has recommended this: refuse it, or return it with questions.")
    return None


def second_is_somebody_else(facts: Facts) -> Unmet | None:
    """The second view is another person's, outside the child's line, who has had no part in it (A5)."""
    first = asked.dissented(facts)
    if facts.filed(SecondView).in_line:
        return Unmet("A5", "The second view comes from outside the child's line of management.", "in_line")
    if first is not None and first.decided_by in (facts.decided_by, facts.acting_for):
        return Unmet("A5", "The second view is another person's than the first.", "decided_by")
    if Role.TEAM_MANAGER in facts.deciders_roles:
        return Unmet("A5", "Whoever manages the child's team is in the child's line of management.", "decided_by")
    return stands_apart(facts)


def not_whoever_refused(facts: Facts) -> Unmet | None:
    """Representations are looked at by somebody else than whoever refused (rules A22)."""
    refused = next((e for e in reversed(asked.this_round(facts)) if e.to_state == F.REFUSED.name), None)
    if refused is not None and refused.decided_by in (facts.decided_by, facts.acting_for):
        return Unmet("A22", "Somebody else than whoever refused has to decide now.", "decided_by")
    return None


def signature_confirmed(facts: Facts) -> Unmet | None:
    """A signature recorded for somebody else takes effect when that person confirms it (practice PR-2)."""
    signed = asked.signature(facts)
    if signed is None:
        return Unmet("R-FIN-14", "A decision in principle is not enough: nobody has signed this round.")
    if not signed.confirmed:
        return Unmet(
            "PR-2", "The signature was recorded for somebody else, who has not confirmed it: it has no effect yet."
        )
    return None


def nothing_signed_is_corrected(facts: Facts) -> Unmet | None:
    """Signed means frozen: what was signed changes in a new round only (reliability R6)."""
    named = facts.filed(Correction).event
    entry = next((e for e in facts.entries if e.id == named), None)
    if entry is not None and asked.is_frozen(facts, entry):
        return Unmet(
            "R6",
            "This was signed, or is what was signed: it does not change any more. Open a new round (open_new_round).",
            "event",
        )
    return None


def no_signature_is_taken_back(facts: Facts) -> Unmet | None:
    """A signature is not taken back as a slip: a new round is opened (reliability R6)."""
    last = facts.last_move()
    if last is not None and asked.is_frozen(facts, last):
        return Unmet("R6", "A signature is not taken back: open a new round (open_new_round).")
    return None


SIGNING = (
    stands_apart,
    not_whoever_refused,
    senior_enough_to_sign,
    post_is_not_new,
    what_was_shown_is_what_is_signed,
    decision_record_complete,
)
#: Facts of a child's case after which most money is needed no more, and how whoever signs is told.
_NO_LONGER = {
    "record_death": "the child has died",
    "record_move_away": "the child has moved away",
    "record_leaving": "the child has left care another way",
}


def child_still_needs_it(facts: Facts) -> Unmet | None:
    """Whoever signs is told of what may have ended the need; the decision stays theirs (practice PR-1, PR-5)."""
    child = asked.of_the_child(facts)
    ended = next((entry for entry in reversed(child.entries) if entry.trigger in _NO_LONGER), None)
    if ended is not None:
        return Unmet("PR-5", f"Look again: {_NO_LONGER[ended.trigger]} ({ended.happened_on}).")
    if facts.child is not None and facts.child.state == S.NOT_PROGRESSING.name:
        return Unmet("PR-5", "Look again: the child's way to special guardianship has been stopped.")
    return None


AGREEING = (*SIGNING, dmt_lets_it, agreed_as_the_kind_is_paid, remuneration_signed_before_the_order)
