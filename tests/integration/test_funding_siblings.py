"""A request that is also for brothers and sisters: who may be named, and who stays though out of sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.errors import Refused
from casework.funding import papers
from casework.funding.deciding import decide
from casework.funding.gathering import gather
from casework.funding.paper_words import words_of
from casework.funding.tracker import tracker
from casework.meetings.pack_money import requests_of
from demo.funding_papers import KINDS
from documents.papers import OnePage, PaperKind
from persistence.tables import Case, FundingCover, Meeting
from tests.county import ChildAt
from tests.money import ASSESSING, CHILDS, Money, with_money
from tests.rows import case_of
from tests.world import START, noon

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


# -- counted together, and kept apart -------------------------------------------------------------------------------


@pytest.fixture
def counted_along(family) -> tuple[Money, str, str]:
    """A grant of 8,000, with the 16,000 that a restricted brother of the household asks for the same purpose."""
    money, child, brother = family
    money.world.do("mark_not_applicable", DAY, "rowan.tm", ref=brother)
    his = money.opened(brother, "grant", DAY, who="tam.sgo", amount="16000.00")
    money.world.do("restrict", DAY, "rowan.tm", ref=brother, people=[{"person": "rowan.tm"}])
    return money, money.submitted(child, "grant", DAY), his


#: By role: whether the sum of 24,000 is told, and whether the brother's request is named. Whoever signs knows by
#: which sum it is theirs, whoever opens both knows both, and everybody is told that another one counts.
TOLD = {
    "sol.sw": (False, False),
    "tam.sgo": (False, False),
    "piers.panel": (False, False),
    "cfs.permanence": (False, False),
    "hana.hos": (True, False),
    "abel.ad": (True, False),
    "dara.director": (True, False),
    "rowan.tm": (True, True),  # named on the brother's restricted record
}


def test_a_brothers_request_counts_along_and_is_named_to_nobody_who_may_not_open_it(counted_along):
    """R-FIN-4, A24 and R22: the tier is the sum's for everybody; the sum and the reference are not for everybody."""
    money, ref, his = counted_along
    for who, (sum_told, named) in TOLD.items():
        seen = money.seen(ref, DAY, who)
        counted = seen.authority.counted
        assert seen.authority.post == "Director", who
        assert (counted.total == 24000) is sum_told, who
        assert (his in str(seen)) is named, who
        if not sum_told:
            assert not any(amount in str(seen) for amount in ("24,000", "24000", "16,000", "16000")), who
        assert ("another request of the household" in f"{counted.at} {counted.words}") is not named, who
        with money.world.office.reading() as session:
            page = str(decide(session, ref, by=money.world.ids[who], today=DAY).page)
        assert ("24,000" in page, his in page) == (sum_told, False), who


def test_a_pack_and_a_kept_paper_say_no_more_than_their_readers_may_know(counted_along):
    money, ref, his = counted_along
    meeting = money.listed(ref, DAY)
    with money.world.office.reading() as session:
        row = session.scalars(select(Meeting).where(Meeting.ref == meeting)).one()
        for who, sum_told in (("piers.panel", False), ("hana.hos", True)):
            ((_, page),) = requests_of(session, row, by=money.world.ids[who], today=DAY)
            assert his not in str(page)
            assert ("24,000" in str(page)) is sum_told
            assert "another request of the household" in page.counts_as
        paper = words_of(
            PaperKind.ONE_PAGE, gather(session, ref, by=money.world.ids["hana.hos"], today=DAY, kept=True), version=1
        )
    assert isinstance(paper, OnePage)
    assert paper.clause.startswith("At £8,000.00, counted together with another request of the household: ")


def test_a_refused_signature_names_no_brothers_request_and_no_sum_to_whoever_only_writes_it_down(family):
    money, child, brother = family
    ref = money.submitted(child, "grant", DAY)
    money.heard(ref, DAY)
    money.world.do("mark_not_applicable", DAY, "rowan.tm", ref=brother)
    his = money.opened(brother, "grant", DAY, who="tam.sgo", amount="16000.00")
    for who, sum_told in (("hana.hos", True), ("cfs.permanence", False)):
        with pytest.raises(Refused) as refused:
            money.do("head_of_service_approves", DAY, who, ref, decided_by="hana.hos")
        (reason,) = [one.reason for one in refused.value.reasons if one.rule == "R-FIN-3"]
        assert ("£24,000.00" in reason, his in reason) == (sum_told, False)
        assert "counted together with another request of the household" in reason
        assert "for the Director" in reason


def test_a_paper_that_names_a_brother_is_not_read_by_whom_he_is_hidden_from(family):
    money, child, brother = family
    ref = money.agreed(child, "legal_costs", DAY, who=CHILDS, siblings=[{"case": brother}])
    world = money.world
    with world.office.unit_of_work() as session:
        papers.make_paper(session, ref, PaperKind.ONE_PAGE, by=world.actor("rowan.tm"), now=noon(DAY))
    read = {"kind": PaperKind.ONE_PAGE, "now": noon(DAY)}
    with world.office.reading() as session:
        assert papers.read_paper(session, ref, by=world.ids[CHILDS], **read)
        (row,) = tracker(session, by=world.ids["cfs.permanence"], now=noon(DAY)).rows
        assert row.children == 2
    world.do("restrict", DAY, "rowan.tm", ref=brother, people=[{"person": "rowan.tm"}])

    with world.office.reading() as session:
        with pytest.raises(Refused) as refused:
            papers.read_paper(session, ref, by=world.ids[CHILDS], **read)
        assert brother not in str(refused.value)
        assert papers.read_paper(session, ref, by=world.ids["rowan.tm"], **read)
        (row,) = tracker(session, by=world.ids["cfs.permanence"], now=noon(DAY)).rows
        assert row.children == 1
    with world.office.unit_of_work() as session:
        papers.make_paper(session, ref, PaperKind.ONE_PAGE, by=world.actor(CHILDS), now=noon(DAY))
    with world.office.reading() as session:
        assert papers.read_paper(session, ref, by=world.ids[CHILDS], **read).line.version == 2

