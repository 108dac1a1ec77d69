"""Before the decision: what may be asked, what must be there, who hears it (rules 7, practice PM-1 to PM-4, PT-9)."""

from __future__ import annotations

from states import asked, authority, history
from states.facts import Facts, MeetingSeen
from states.funding_stages import F
from states.policy.recurring import Body
from states.records.funding import (
    ALLOWANCES,
    Frequency,
    FundingAsked,
    FundingKind,
    FundingReferral,
    Horizon,
    MeansTestDone,
    NeedsAssessed,
    Timing,
)
from states.records.funding_hearing import (
    CameAs,
    DmtView,
    FundingInterest,
    FundingListed,
    FundingRecommended,
    FundingReturned,
)
from states.records.standing import HowMoved
from states.stages import S
from states.vocabulary import Unmet

#: Which body hears a request in a state (rules R-FIN-1, R-FIN-2, A28).
HEARD_BY = {
    F.AT_REVIEW_GROUP.name: Body.REVIEW_GROUP.value,
    F.AT_PERMANENCE_PANEL.name: Body.PERMANENCE_PANEL.value,
    F.AT_DMT.name: Body.DMT.value,
}
LISTED = ("list_request", "adjourn_hearing")


# -- what may be asked -----------------------------------------------------------------------------------------


def kind_is_offered(facts: Facts) -> Unmet | None:
    """Only a kind that the authority offers, and for which somebody signs (practice PM-1)."""
    own = facts.filed(FundingAsked)
    if own.funding.value not in facts.policy.finance.kinds:
        return Unmet("PM-1", f"This authority does not offer a {own.funding.words}.", "funding")
    return None


def kind_fits_the_frequency(facts: Facts) -> Unmet | None:
    """An allowance is paid again and again, everything else once or in instalments (rules R-MON-3)."""
    own = facts.filed(FundingAsked)
    single = own.frequency in (Frequency.ONCE, Frequency.INSTALMENTS)
    if (own.funding in ALLOWANCES) == single:
        how = "again and again" if own.funding in ALLOWANCES else "once or in instalments"
        return Unmet("R-MON-3", f"A {own.funding.words} is paid {how}.", "frequency")
    return None


def end_follows_start(facts: Facts) -> Unmet | None:
    """Payments end after they start."""
    own = facts.filed(FundingAsked)
    if own.ends_on is not None and own.ends_on <= own.starts_on:
        return Unmet("R-FIN-7", f"It starts on {own.starts_on}: it must end later.", "ends_on")
    return None


def child_may_have_requests(facts: Facts) -> Unmet | None:
    """From a positive Key Decision Discussion; outside the pathway and after the order at any time (PT-9, PT-1)."""
    if facts.child is not None and facts.child.state == S.ENDED.name:
        return Unmet("PR-5", "The child's case is closed: no money is asked for in it any more.")
    if asked.order_made(facts) or asked.finance_only(facts) or asked.may_be_formal(facts):
        return None
    if history.kdd_positive(asked.of_the_child(facts)):
        return None
    return Unmet(
        "PT-9",
        "Money is talked about once a Key Decision Discussion (KDD) has found special guardianship right; for a child "
        "outside the pathway, mark that first (mark_not_applicable).",
    )


def timing_fits_the_order(facts: Facts) -> Unmet | None:
    """Before the order or after it is a fact of the child, not a choice (rules A18)."""
    own = facts.filed(FundingAsked)
    after = asked.order_made(facts)
    if after and own.timing is Timing.PRE_ORDER:
        return Unmet("A18", "The order has been made: this is a request after the order.", "timing")
    if not after and own.timing is Timing.POST_ORDER and not asked.finance_only(facts):
        return Unmet("A18", "No order has been made yet: this is a request before the order.", "timing")
    return None


def remuneration_before_the_order(facts: Facts) -> Unmet | None:
    """A remuneration element is decided before the order or never, and says why (rules R-MON-2, R-FIN-13)."""
    own = facts.filed(FundingAsked)
    if own.remuneration is None or own.remuneration == 0:
        return None
    if asked.order_made(facts) or own.timing is Timing.POST_ORDER:
        return Unmet("R-MON-2", "After the order no remuneration element can be added.", "remuneration")
    if not own.remuneration_because:
        return Unmet("R-MON-2", "Say why the remuneration element is necessary.", "remuneration_because")
    if own.remuneration > own.amount:
        return Unmet("R-MON-2", "The remuneration element is part of the amount.", "remuneration")
    return None


def legal_costs_for_that_purpose(facts: Facts) -> Unmet | None:
    """Legal costs are asked as such, so that means are left out of account (rules R-MON-8)."""
    own = facts.filed(FundingAsked)
    if (own.funding is FundingKind.LEGAL_COSTS) != (own.purpose_kind.value == "legal costs"):
        return Unmet("R-MON-8", "Legal costs are their own kind and their own purpose.", "purpose_kind")
    return None


# -- what must be there ----------------------------------------------------------------------------------------


def formal_from_ratification(facts: Facts) -> Unmet | None:
    """Before ratification a request is an illustration and goes nowhere (practice PT-9, rules A8)."""
    if asked.may_be_formal(facts):
        return None
    return Unmet(
        "PT-9",
        "Until the child's review (ROA) has ratified the decision, this is an illustration: it cannot go to anybody to "
        "hear or decide.",
    )


def placement_stands(facts: Facts) -> Unmet | None:
    """A placement that ended stops the money until the clocks run again (practice PT-13)."""
    stopped = history.standing_still(asked.of_the_child(facts))
    if stopped is not None and stopped.data.get("how") == HowMoved.ENDED.value:
        return Unmet(
            "PT-13",
            f"The placement ended on {stopped.happened_on}: money stands still until that is settled (resume_clock).",
        )
    return None


def papers_are_there(facts: Facts) -> Unmet | None:
    """What whoever decides needs to read: the means test, the needs-led assessment or the referral (R-FIN-1)."""
    own = asked.asked(facts)
    if own is None:
        return None
    if own.funding is FundingKind.STANDARD_ALLOWANCE and not _has_formal_means_test(facts):
        return Unmet("R-MT-10", "The means test that counts is missing (record_means_test); not an illustration.")
    if own.funding is FundingKind.NEEDS_LED_ALLOWANCE and facts.latest(NeedsAssessed) is None:
        return Unmet("R-NLA-1", "The needs-led assessment (Appendix C) is missing (write_needs_assessment).")
    needs = facts.latest(NeedsAssessed)
    if needs is not None and not (needs.no_means_test_because or _has_formal_means_test(facts)):
        return Unmet("R-NLA-2", "Record the means test behind the assessment (record_means_test), or say why not.")
    if authority.goes_by_amount(own.funding, facts.policy.finance) and facts.latest(FundingReferral) is None:
        return Unmet("PM-4", "The referral is missing (write_referral).")
    return None


def _has_formal_means_test(facts: Facts) -> bool:
    return any(not test.illustrative for _, test in facts.all(MeansTestDone))


def every_horizon_is_covered(facts: Facts) -> Unmet | None:
    """Needs are looked at now, in the medium and in the long term (rules R-NLA-1)."""
    there = {need.horizon for need in facts.filed(NeedsAssessed).needs}
    lacking = [horizon.value for horizon in Horizon if horizon not in there]
    if lacking:
        return Unmet("R-NLA-1", "Needs are missing for: " + ", ".join(lacking) + ".", "needs")
    return None


def voice_heard_before(facts: Facts) -> Unmet | None:
    """The child was heard before the assessment was written (rules R-NLA-2)."""
    heard = facts.filed(NeedsAssessed).childs_voice_on
    if heard > facts.on:
        return Unmet("R-NLA-2", f"The child cannot have been heard on {heard}: that is later.", "childs_voice_on")
    return None


def referral_fits_the_kind(facts: Facts) -> Unmet | None:
    """A loan says how it is paid back; work without quotes says why (practice PM-4)."""
    record, own = facts.filed(FundingReferral), asked.asked(facts)
    if own is not None and own.funding is FundingKind.LOAN and not (record.repayment and record.instalments):
        return Unmet("PM-4", "A loan needs how, and in how many instalments, it is paid back.", "repayment")
    if not record.quotes and not record.no_quotes_because:
        return Unmet("PM-4", "Give the quotes, or say why there are none.", "quotes")
    return None


def illustration_before_ratification(facts: Facts) -> Unmet | None:
    """Before ratification a means test is an illustration and is marked as one (rules R-MT-10, practice PT-9)."""
    if not facts.filed(MeansTestDone).illustrative and not asked.may_be_formal(facts):
        return Unmet("R-MT-10", "Before ratification a means test is an illustration.", "illustrative")
    return None


# -- hearings --------------------------------------------------------------------------------------------------


def _named(facts: Facts) -> MeetingSeen | None:
    return facts.meetings.get(getattr(facts.record, "meeting", "") or "")


def meeting_hears_this(facts: Facts) -> Unmet | None:
    """The meeting is one of the body that hears the request, to come and not called off (rules R-FIN-2, A28)."""
    named, body = _named(facts), HEARD_BY.get(facts.head.state or "")
    if named is None:
        return Unmet("R-FIN-2", "There is no meeting with this reference.", "meeting")
    if named.body != body:
        return Unmet("A28", f"{named.ref} is a meeting of another body ({named.body}); this goes to {body}.", "meeting")
    if named.called_off(facts.today):
        return Unmet("R-FIN-2", f"The meeting of {named.held_on} has been {named.status}: choose another.", "meeting")
    if named.held_on < facts.on:
        return Unmet("R-FIN-2", f"The meeting of {named.held_on} is already past: choose a later one.", "meeting")
    return None


def adjourned_to_a_later_meeting(facts: Facts) -> Unmet | None:
    """A hearing is put off to a later meeting (practice PM-4)."""
    named = _named(facts)
    if named is not None and facts.listed is not None and named.held_on <= facts.listed.held_on:
        return Unmet("PM-4", f"Name a meeting after the one of {facts.listed.held_on}.", "meeting")
    return None


def heard_at_its_meeting(facts: Facts) -> Unmet | None:
    """A hearing takes place at the meeting whose agenda it is on, on its day or after (rules R-FIN-2)."""
    body = HEARD_BY.get(facts.head.state or "")
    listed = facts.listed
    if listed is None or listed.body != body:
        return Unmet("R-FIN-2", "The request is not on the agenda of a meeting that hears it (list_request).")
    if listed.held_on > facts.on:
        return Unmet("R-FIN-2", f"The meeting is on {listed.held_on}: it has not been held on {facts.on}.")
    if listed.called_off(facts.today):
        return Unmet("R-FIN-2", f"That meeting was {listed.status}.")
    return None


def chair_speaks_for_the_meeting(facts: Facts) -> Unmet | None:
    """What a meeting says is said by whoever chaired it (rules R-FIN-1)."""
    if facts.listed is None:
        return None
    if facts.listed.chair is None:
        return Unmet("PM-4", "The meeting has no chair on record.")
    if facts.listed.chair != facts.decided_by:
        return Unmet("R-FIN-1", "Only whoever chairs the meeting says what it recommends.", "decided_by")
    return None


def hearing_quorate(facts: Facts) -> Unmet | None:
    """Enough members besides the chair, counting nobody with an interest (practice PM-4, PT-4)."""
    record = facts.record
    assert isinstance(record, FundingRecommended | DmtView)
    group = facts.head.state == F.AT_REVIEW_GROUP.name
    needed = facts.policy.group.quorum_services if group else facts.policy.finance.quorum_members
    conflicted = {one.person for one in record.interests}
    members = {one.person for one in record.attendance if one.came_as is CameAs.MEMBER} - conflicted
    if len(members - {facts.decided_by}) < needed:
        return Unmet(
            "PM-4",
            f"The hearing is not quorate: {needed} members without an interest are needed besides the chair. Adjourn.",
            "attendance",
        )
    return None


def workers_were_there(facts: Facts) -> Unmet | None:
    """Those who can answer questions attend, or somebody stands in for them; else adjourn (practice PM-4, A27)."""
    own, record = asked.asked(facts), facts.filed(FundingRecommended)
    wanted = [CameAs.CHILDS_WORKER]
    if own is not None and own.funding is FundingKind.NEEDS_LED_ALLOWANCE:
        wanted = [CameAs.ASSESSMENT_WORKER, CameAs.CHILDS_WORKER]
    missing = [one.value for one in wanted if one not in {there.came_as for there in record.attendance}]
    if missing:
        return Unmet(
            "PM-4",
            f"Not there: {' and '.join(missing)}. Adjourn (adjourn_hearing), or name who stood in.",
            "attendance",
        )
    return None


def interests_kept_out(facts: Facts) -> Unmet | None:
    """Who has an interest takes no part; a chair with one does not chair (rules R-FIN-6, R-FIN-11)."""
    record = facts.record
    assert isinstance(record, FundingRecommended | DmtView)
    interests: tuple[FundingInterest, ...] = record.interests
    if any(one.person == facts.decided_by for one in interests):
        return Unmet("R-FIN-6", "The chair has declared an interest: somebody else chairs this item.", "interests")
    if any(one.took_part for one in interests):
        return Unmet("R-FIN-6", "Somebody with an interest took part: hear the item again without them.", "interests")
    return None


def recommendation_says_how_much(facts: Facts) -> Unmet | None:
    """A meeting that supports a request says at which amount (rules R-FIN-7)."""
    record = facts.filed(FundingRecommended)
    if record.supports and (record.amount is None or record.frequency is None):
        return Unmet("R-FIN-7", "Say which amount is recommended, and how often.", "amount")
    return None


def chair_would_also_decide(facts: Facts) -> Unmet | None:
    """A chair who is also senior enough to sign is warned at agenda stage (practice PM-3). A caution."""
    if not isinstance(facts.given, FundingListed):
        return None
    named, tier = _named(facts), asked.tier(facts)
    if named is None or named.chair is None or tier is None:
        return None
    chair = facts.people.get(named.chair)
    if chair is not None and tier.post in chair.roles:
        return Unmet(
            "PM-3",
            f"The meeting's chair is also {tier.post.value}: whoever chairs this hearing cannot sign the decision. "
            f"Another {tier.post.value}, or a more senior post, has to sign, or somebody else chairs this item.",
            "meeting",
        )
    return None


def answers_are_to_come(facts: Facts) -> Unmet | None:
    """Questions are answered by a day that is still to come (rules R-FIN-8)."""
    if facts.filed(FundingReturned).due_on < facts.on:
        return Unmet("R-FIN-8", "The day by which answers are wanted is past.", "due_on")
    return None


def nothing_revised_since_returned(facts: Facts) -> Unmet | None:
    """Answers go back to whoever asked; a request that was changed starts again (rules A23, R-FIN-8)."""
    since = facts.since(*RETURNS)
    if any(entry.trigger == "revise_request" for entry in since):
        return Unmet("R-FIN-8", "The request has been changed since: take it up again instead (take_up_again).")
    return None


RETURNS = (
    "chair_returns",
    "head_of_service_returns",
    "assistant_director_returns",
    "director_returns",
)
ASK = (
    kind_is_offered,
    kind_fits_the_frequency,
    end_follows_start,
    timing_fits_the_order,
    remuneration_before_the_order,
    legal_costs_for_that_purpose,
)
SUBMIT = (formal_from_ratification, placement_stands, papers_are_there)
HEARING = (heard_at_its_meeting, chair_speaks_for_the_meeting, interests_kept_out, hearing_quorate)
