"""The deadlines of funding requests: each step's turn-round, the whole route, notices, contract (rules R-FIN-12).

Their numbers are policy (`finance_days`, `notices`); how they are counted is `states/counting.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from states import asked
from states import notices as n
from states import notices_funding as money
from states.counting import AS_GIVEN, Number, days, months, working_days
from states.facts import Facts
from states.funding_stages import DECIDED, HEARD, UNDER_DECISION, F
from states.records.funding import FundingKind, MeansTestDone
from states.vocabulary import Basis, Count, Due, Role, State, Unit, Warn

_LATE = (Warn(notice=money.NT_17_LATE, numbers=lambda p: (1,), unit=Unit.WORKING_DAYS, after=True),)


def _step(name: str, words: str, owner: Role, number: Number, while_in: frozenset[State], **more: Any) -> Due:
    """One step's turn-round: whoever has it next, and CFS Permanence when it is late (NT-17)."""
    return Due(
        name=name,
        words=words,
        owner=owner,
        basis=Basis.LOCAL,
        count=working_days(number),
        rule="R-FIN-12",
        while_in=while_in,
        warns=_LATE,
        **more,
    )


def _with_dmt(facts: Facts) -> bool:
    tier = asked.tier(facts)
    return tier is not None and tier.dmt


def _without_dmt(facts: Facts) -> bool:
    return not _with_dmt(facts)


def _counts_for_a_needs_led_request(facts: Facts) -> bool:
    own = asked.asked(facts)
    formal = not facts.filed(MeansTestDone).illustrative
    return formal and own is not None and own.funding is FundingKind.NEEDS_LED_ALLOWANCE


def _paid_again_and_again(facts: Facts) -> bool:
    agreed = asked.agreed(facts)
    return agreed is not None and asked.PER_YEAR[agreed.frequency] > 1


def _usual_time(facts: Facts) -> bool:
    return getattr(facts.record, "representations_close_on", None) is None


def _time_given(facts: Facts) -> bool:
    return not _usual_time(facts)


CHAIR = _step(
    "funding_chair",
    "Recommendation on a funding request",
    Role.CFS_PERMANENCE,
    lambda p: p.finance_days.chair,
    HEARD,
    anchor="meeting",
)
LISTING = replace(
    _step(
        "funding_listing",
        "Funding request put on the agenda of another meeting",
        Role.CFS_PERMANENCE,
        lambda p: p.finance_days.listing,
        HEARD | {F.AT_DMT},
    ),
    rule="PT-15",
)
HEAD_OF_SERVICE = _step(
    "funding_head_of_service",
    "Funding request: Head of Service",
    Role.HEAD_OF_SERVICE,
    lambda p: p.finance_days.head_of_service,
    frozenset({F.WITH_HEAD_OF_SERVICE}),
)
SECOND_HEAD_OF_SERVICE = _step(
    "funding_second_head_of_service",
    "Funding request: second Head of Service",
    Role.HEAD_OF_SERVICE,
    lambda p: p.finance_days.second_head_of_service,
    frozenset({F.SECOND_VIEW}),
)
ASSISTANT_DIRECTOR = _step(
    "funding_assistant_director",
    "Funding request: Assistant Director",
    Role.ASSISTANT_DIRECTOR,
    lambda p: p.finance_days.assistant_director,
    frozenset({F.WITH_ASSISTANT_DIRECTOR}),
)
DMT = _step(
    "funding_dmt",
    "Funding request: DMT",
    Role.ASSISTANT_DIRECTOR,
    lambda p: p.finance_days.dmt,
    frozenset({F.AT_DMT}),
)
DIRECTOR = _step(
    "funding_director",
    "Funding request: Director",
    Role.DIRECTOR,
    lambda p: p.finance_days.director,
    frozenset({F.WITH_DIRECTOR}),
)
ROUTE = _step(
    "funding_route",
    "Funding request decided",
    Role.CFS_PERMANENCE,
    lambda p: p.finance_days.route_without_dmt,
    UNDER_DECISION | {F.RETURNED},
    only_if=_without_dmt,
)
ROUTE_WITH_DMT = replace(
    ROUTE, count=working_days(lambda p: p.finance_days.route_with_dmt), only_if=_with_dmt
)
NEEDS_LED = Due(
    name="funding_needs_led",
    words="Needs-led assessment to the Review Group",
    owner=Role.ASSESSMENT_WORKER,
    basis=Basis.LOCAL,
    count=working_days(lambda p: p.finance_days.needs_led),
    rule="R-NLA-3",
    while_in=frozenset({F.PREPARING, F.RETURNED}),
    only_if=_counts_for_a_needs_led_request,
)
ANSWERS = Due(
    name="funding_answers",
    words="Questions on a funding request answered",
    owner=Role.ASSESSMENT_WORKER,
    basis=Basis.LOCAL,
    count=AS_GIVEN,
    rule="R-FIN-8",
    anchor="due_on",
    while_in=frozenset({F.RETURNED}),
)
UPLOAD = Due(
    name="funding_upload",
    words="Finance agreement added to the case system and sent to CFS Permanence",
    owner=Role.ASSESSMENT_WORKER,
    basis=Basis.LOCAL,
    count=working_days(lambda p: p.finance_days.sign_off_to_tracker),
    rule="R-FIN-10",
    while_in=frozenset({F.APPROVED, F.CONTRACT_PENDING}),
    warns=_LATE,
)
TRACKER = Due(
    name="funding_tracker",
    words="Finance agreement entered on the tracker",
    owner=Role.CFS_PERMANENCE,
    basis=Basis.LOCAL,
    count=working_days(lambda p: p.finance_days.sign_off_to_tracker),
    rule="R-FIN-10",
    while_in=frozenset({F.APPROVED, F.CONTRACT_PENDING}),
)
CONTRACT = Due(
    name="funding_contract",
    words="Contract signed",
    owner=Role.LEGAL,
    basis=Basis.LOCAL,
    count=working_days(lambda p: p.finance_days.contract),
    rule="D-39",
    while_in=frozenset({F.CONTRACT_PENDING}),
    warns=_LATE,
)
REVIEW = Due(
    name="funding_review",
    words="Annual review of an allowance",
    owner=Role.CO_ORDINATOR,
    basis=Basis.LOCAL,
    count=months(lambda p: p.post_order.allowance_review_months),
    rule="R-REV-1",
    anchor="pay_from",
    while_in=frozenset({F.SIGNED_OFF}),
    only_if=_paid_again_and_again,
)
REVIEW_AGAIN = replace(REVIEW, anchor=None)
REPRESENTATIONS = Due(
    name="funding_representations",
    words="Time for representations on proposed money",
    owner=Role.ASSESSMENT_WORKER,
    # The number is the authority's; that the time stated in the notice is given is law (R-SUP-7): it never pauses.
    basis=Basis.STATUTORY,
    count=days(lambda p: p.notices.representations_days),
    rule="R-SUP-8",
    anchor="sent_on",
    while_in=DECIDED,
    warns=(
        Warn(notice=n.NT_16_NEAR, numbers=lambda p: (p.warn.representations_days,), unit=Unit.DAYS),
        Warn(notice=n.NT_16_OVER, numbers=lambda p: (0,), unit=Unit.DAYS),
    ),
    only_if=_usual_time,
)
REPRESENTATIONS_GIVEN = replace(
    REPRESENTATIONS,
    count=Count(unit=Unit.GIVEN),
    anchor="representations_close_on",
    only_if=_time_given,
)
