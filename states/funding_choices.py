"""Which of several rows of a funding request applies: where it goes next, by kind, amount and what was said."""

from __future__ import annotations

from states import asked, authority
from states.facts import Facts
from states.funding_stages import F
from states.guards.funding import RETURNS
from states.records.funding import FundingKind
from states.records.funding_hearing import SecondView
from states.vocabulary import Choice, Role

_DESK = {
    Role.HEAD_OF_SERVICE: F.WITH_HEAD_OF_SERVICE,
    Role.ASSISTANT_DIRECTOR: F.WITH_ASSISTANT_DIRECTOR,
    Role.DIRECTOR: F.WITH_DIRECTOR,
}


def _submitted_to(facts: Facts) -> F | None:
    """Who has a request first: a meeting where one hears its kind, else the post that signs it (R-FIN-1, R-FIN-2)."""
    own, tier = asked.asked(facts), asked.tier(facts)
    if own is None or tier is None:
        return None
    if own.funding is FundingKind.NEEDS_LED_ALLOWANCE:
        return F.AT_REVIEW_GROUP
    if authority.is_heard(own.funding, facts.policy.finance):
        return F.AT_PERMANENCE_PANEL
    return _DESK[tier.post]


def _after_hearing(facts: Facts) -> F | None:
    """A grant or loan goes to DMT or to the post for its amount (R-FIN-5)."""
    tier = asked.tier(facts)
    if tier is None:
        return None
    return F.AT_DMT if tier.dmt else _DESK[tier.post]


def _up(facts: Facts) -> F | None:
    """The desk of the post that signs: at least the Assistant Director's."""
    tier = asked.tier(facts)
    return F.WITH_DIRECTOR if tier is not None and tier.post is Role.DIRECTOR else F.WITH_ASSISTANT_DIRECTOR


def _after_second_view(facts: Facts) -> F | None:
    """Two against what the Head of Service would sign: refused. Else somebody more senior decides (rules A5)."""
    tier = asked.tier(facts)
    if tier is None or tier.post is not Role.HEAD_OF_SERVICE:
        return _up(facts)
    if not facts.filed(SecondView).supports_request:
        return F.REFUSED
    return _DESK[facts.policy.finance.split_below_first_tier_decided_by]


def _looked_at_again_by(facts: Facts) -> F | None:
    """Representations go to a more senior desk than the one that refused; the Director's is the last (rules A22)."""
    refused = next((e for e in reversed(asked.this_round(facts)) if e.to_state == F.REFUSED.name), None)
    low = (F.WITH_HEAD_OF_SERVICE.name, F.SECOND_VIEW.name)
    return F.WITH_ASSISTANT_DIRECTOR if refused is not None and refused.from_state in low else F.WITH_DIRECTOR


def submitted_to(state: F) -> Choice:
    """The request's kind and amount take it here first."""
    return lambda facts: _submitted_to(facts) is state


def goes_after_hearing(state: F) -> Choice:
    """After a hearing the request goes here."""
    return lambda facts: _after_hearing(facts) is state


def goes_up_to(state: F) -> Choice:
    """This post signs it."""
    return lambda facts: _up(facts) is state


def second_view_leads_to(state: F) -> Choice:
    """After the second view the request goes here."""
    return lambda facts: _after_second_view(facts) is state


def second_view_is_asked(facts: Facts) -> bool:
    """A disagreement is put to a second Head of Service (rules A5)."""
    return facts.policy.finance.second_view != "off"


def passed_straight_up_to(state: F) -> Choice:
    """Where no second view is asked, a disagreement goes to whoever signs (rules A5)."""
    return lambda facts: not second_view_is_asked(facts) and _up(facts) is state


def returned_from(state: F) -> Choice:
    """The questions came from here: answers go back there."""

    def chosen(facts: Facts) -> bool:
        returned = facts.last(*RETURNS)
        return returned is not None and returned.from_state == state.name

    return chosen


def looked_at_again_by(state: F) -> Choice:
    """Representations are looked at here."""
    return lambda facts: _looked_at_again_by(facts) is state
