"""Who signs which money: the rules' own words and numbers, and money as people write it (rules 7.2, A1, PM-1)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.funding_papers import KINDS
from demo.papers import paper
from docs.authority_page import authority_page, boundaries
from states.asked import counted_with
from states.authority import APPENDIX_D, PROCEDURE, STRICT_UP, Tier, by_source, needs_contract, tier_of
from states.facts import RequestSeen
from states.funding_stages import F
from states.money import pence, pounds, pounds_above_nil, shown
from states.records.funding import FundingAsked, FundingKind
from states.vocabulary import RANKS, Role
from tests.factories import TODAY, facts, leicestershire, policy

HOS, AD, DIRECTOR = Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR
FINANCE = leicestershire().finance

#: Written out from R-FIN-3 and A1: amount, then (post, DMT) by the procedure, by Appendix D, by strict_up.
WRITTEN = [
    ("0.01", (HOS, False), (AD, False), (HOS, False)),
    ("9999.99", (HOS, False), (AD, False), (HOS, False)),
    ("10000.00", (AD, False), (AD, False), (AD, True)),
    ("10000.01", (AD, True), (AD, False), (AD, True)),
    ("19999.99", (AD, True), (AD, False), (AD, True)),
    ("20000.00", (AD, True), (DIRECTOR, False), (DIRECTOR, True)),
    ("20000.01", (DIRECTOR, True), (DIRECTOR, False), (DIRECTOR, True)),
    ("750000.00", (DIRECTOR, True), (DIRECTOR, False), (DIRECTOR, True)),
]


def said(tier: Tier) -> tuple[Role, bool]:
    return tier.post, tier.dmt


@pytest.mark.parametrize(("amount", "procedure", "form", "strict"), WRITTEN)
def test_who_signs_at_which_amount_by_each_reading(amount, procedure, form, strict):
    found = [said(by_source(source, Decimal(amount), FINANCE)) for source in (PROCEDURE, APPENDIX_D, STRICT_UP)]

    assert found == [procedure, form, strict]


@pytest.mark.parametrize("kind", [FundingKind.GRANT, FundingKind.LOAN, FundingKind.SETTLING_IN])
def test_grants_loans_and_settling_in_go_by_the_reading_in_force(kind):
    for source in (PROCEDURE, APPENDIX_D, STRICT_UP):
        finance = policy(finance={"tier_source": source}).finance
        for amount, *_ in WRITTEN:
            assert said(tier_of(kind, Decimal(amount), finance)) == said(by_source(source, Decimal(amount), finance))


def test_a_contradiction_of_the_guidance_is_said_and_both_clauses_are_quoted():
    tier = tier_of(FundingKind.GRANT, Decimal("9999.99"), FINANCE)

    assert "“be sent to the Head of Service for requests under £10,000" in tier.clause
    assert tier.contradiction is not None
    assert "Assistant Director" in tier.contradiction
    assert "“Under £20,000 can be signed off by Assistant Director”" in tier.contradiction
    assert tier_of(FundingKind.GRANT, Decimal(10000), FINANCE).contradiction is None  # both say Assistant Director


@pytest.mark.parametrize(
    ("kind", "post"),
    [
        (FundingKind.STANDARD_ALLOWANCE, HOS),  # PM-1
        (FundingKind.LEGAL_COSTS, HOS),  # rules 14
        (FundingKind.NEEDS_LED_ALLOWANCE, AD),  # A2: whatever the amount
    ],
)
def test_the_other_kinds_have_their_post_whatever_the_amount(kind, post):
    assert {said(tier_of(kind, Decimal(amount), FINANCE)) for amount, *_ in WRITTEN} == {(post, False)}


def test_a_limit_for_the_yearly_value_sends_a_dearer_package_to_the_director():
    finance = policy(finance={"annual_value_director_above": 20000}).finance  # PM-2: off by default
    signs = [tier_of(FundingKind.NEEDS_LED_ALLOWANCE, Decimal(amount), finance) for amount in ("20000", "20000.01")]

    assert [tier.post for tier in signs] == [AD, DIRECTOR]


def test_the_decision_record_is_mandatory_for_the_director_alone():
    assert [by_source(PROCEDURE, Decimal(amount), FINANCE).record_mandatory for amount in ("20000", "20000.01")] == [
        False,
        True,
    ]


SOURCES = st.sampled_from([PROCEDURE, APPENDIX_D, STRICT_UP])


@given(st.decimals(min_value="0.01", max_value="9999999.99", places=2), SOURCES)
def test_a_higher_amount_never_falls_to_a_lower_post(amount, source):
    tier, dearer = by_source(source, amount, FINANCE), by_source(source, amount + Decimal("0.01"), FINANCE)

    assert RANKS.index(dearer.post) >= RANKS.index(tier.post)
    assert dearer.dmt >= tier.dmt


@pytest.mark.parametrize(
    ("kind", "amount", "tied_to", "needed"),
    [
        (FundingKind.LOAN, "1", None, True),
        (FundingKind.GRANT, "9999.99", None, False),
        (FundingKind.GRANT, "10000", None, True),
        (FundingKind.GRANT, "50", "property", True),
        (FundingKind.SETTLING_IN, "50", "vehicle", True),
        (FundingKind.STANDARD_ALLOWANCE, "142.50", None, False),
    ],
)
def test_when_a_contract_is_needed(kind, amount, tied_to, needed):
    assert needs_contract(kind, Decimal(amount), tied_to, FINANCE) is needed  # R-FIN-9, A19


def test_the_page_shows_every_boundary_by_every_reading():
    page = authority_page(leicestershire())

    assert [shown(amount) for amount in boundaries(FINANCE)] == [
        "£0.01", "£9,999.99", "£10,000.00", "£10,000.01", "£19,999.99", "£20,000.00", "£20,000.01",
    ]  # fmt: skip
    assert all(f"| {shown(amount)} |" in page for amount in boundaries(FINANCE))
    assert "| £20,000.00 | Assistant Director, after DMT | Director; decision record mandatory |" in page


# -- money as people write it (R-FIN-15) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "amount"),
    [("8000", "8000"), ("1234.5", "1234.50"), ("£1,234.50", "1234.50"), (10.5, "10.50"), (7, "7"), (" 12.00 ", "12")],
)
def test_an_amount_is_read_as_people_write_it(written, amount):
    assert pounds_above_nil(written) == Decimal(amount)


@pytest.mark.parametrize(
    ("state", "signed", "counts"),
    [
        (F.PREPARING, None, True),  # open, though not submitted yet
        (F.WITH_HEAD_OF_SERVICE, None, True),
        (F.SIGNED_OFF, TODAY, True),
        (F.REQUEST_CLOSED, TODAY, True),  # agreed, paid and closed
        (F.REQUEST_CLOSED, None, False),  # withdrawn, or refused and closed
        (F.REFUSED, None, False),
    ],
)
def test_open_and_agreed_requests_of_a_household_for_one_purpose_are_one_sum(state, signed, counts):
    """R-FIN-4, A24: also one that was paid and closed, or a sum could be split after all."""
    own = FundingAsked.model_validate(paper("open_request", on=TODAY, **{"funding": "grant", **KINDS["grant"]}))
    other = RequestSeen(
        ref="FR-2", child="SG-2", covers=frozenset({"SG-2"}), kind="grant", household=own.household,
        purpose_kind=own.purpose_kind, value=Decimal(4000), state=state.name, opened_on=TODAY, signed_on=signed,
    )  # fmt: skip
    together = counted_with(facts(None, given=own, requests=(other,)))
    assert [one.ref for one in together] == (["FR-2"] if counts else [])


ARABIC, FULL_WIDTH = "\u0661\u0662", "12.\uff150"  # digits elsewhere, not on an order for money


@pytest.mark.parametrize(
    "written",
    ["0", "-5", "abc", "1.005", "", "1,23", "1e3", "NaN", None, True, "12345678", ARABIC, FULL_WIDTH],
)
def test_what_is_no_amount_is_refused_in_words(written):
    with pytest.raises(ValueError, match=r"^An amount"):
        pounds_above_nil(written)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_pence_come_back_as_the_pounds_they_were(number):
    amount = Decimal(number) / 100

    assert pence(pounds(f"{amount:.2f}")) == number
