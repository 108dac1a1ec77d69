"""A request that is also for brothers and sisters: who may be named, and who stays though out of sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.errors import Refused
from demo.funding_papers import KINDS
from persistence.tables import Case, FundingCover
from tests.county import ChildAt
from tests.money import ASSESSING, CHILDS, Money, with_money
from tests.rows import case_of
from tests.world import START

DAY = ASSESSING
ASKED = {"funding": "grant", **KINDS["grant"]}


@pytest.fixture
def family(child_at: ChildAt) -> tuple[Money, str, str]:
    """A ratified child with a linked brother, and the people who ask for money."""
    world, child = child_at("ASSESSMENT")
    brother = world.open_child(START)
    world.do("link_sibling", DAY - timedelta(1), "sol.sw", ref=child, sibling=brother)
    return with_money(world), child, brother


def covered(money: Money, ref: str) -> set[str]:
    """Every child the request is for, whoever may see them."""
    request = case_of(money.world, ref).id
    with money.world.office.reading() as session:
        whose = select(Case.ref).join(FundingCover, FundingCover.child_case_id == Case.id)
        return set(session.scalars(whose.where(FundingCover.case_id == request)))


def test_only_a_linked_brother_or_sister_is_named_and_the_refusal_says_who_is_not(family):
    money, child, brother = family
    stranger = money.world.open_child(START)

    for named in (stranger, "SG-00000000", child):
        with pytest.raises(Refused) as refused:
            money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": brother}, {"case": named}])
        (reason,) = [one for one in refused.value.reasons if one.field == "siblings"]
        assert reason.rule == "R-SM-4"
        assert named in reason.reason
        assert brother not in reason.reason

    ref = money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": brother}])
    assert covered(money, ref) == {child, brother}


def test_whoever_cannot_see_a_brother_neither_drops_nor_finds_him(family):
    money, child, brother = family
    ref = money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": brother}])
    money.world.do("restrict", DAY, "rowan.tm", ref=brother, people=[{"person": "rowan.tm"}])

    money.do("revise_request", DAY, CHILDS, ref, **ASKED, amount="5000.00", siblings=[])

    assert covered(money, ref) == {child, brother}
    assert brother not in str(money.seen(ref, DAY, CHILDS))
    with pytest.raises(Refused) as hidden:
        money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": brother}])
    with pytest.raises(Refused) as unknown:
        money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": "SG-00000000"}])
    assert str(hidden.value).replace(brother, "REF") == str(unknown.value).replace("SG-00000000", "REF")


def test_whoever_sees_a_brother_may_leave_him_out(family):
    money, child, brother = family
    ref = money.opened(child, "grant", DAY, who=CHILDS, siblings=[{"case": brother}])

    money.do("revise_request", DAY, CHILDS, ref, **ASKED, siblings=[])

    assert covered(money, ref) == {child}
