"""The reviewing officer's page: own children, coming reviews, decisions to confirm, concerns with a clock (PT-21)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from casework.who.people import add_cover, find_person
from tests.pages import Pages, as_form, line
from tests.queries import counting
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database

#: A Tuesday; the child at the review of arrangements is ratified on day 57.
TODAY = START + timedelta(57)


@pytest.fixture
def ref(world: World) -> str:
    """A child whose plan waits for the review, with an IRO of their own."""
    return world.child_at("RATIFICATION")


def test_own_children_stand_by_their_next_review_and_say_what_waits_for_it(world: World, ref: str) -> None:
    """Late, coming, without a date; what has changed in four weeks; each with the step that is the officer's."""
    later, nothing = world.open_child(), world.open_child()
    coming = TODAY + timedelta(3)
    world.do("schedule_review", TODAY, "oda.iro", ref=ref, held_on=coming)
    world.do("schedule_review", START + timedelta(1), "oda.iro", ref=later, held_on=START + timedelta(20))
    page = Pages(world).as_("oda.iro", on=TODAY).get("/reviews")
    said = line(page)

    assert "3 children" in said
    parts = said.partition("Review date has passed")[2].partition("Coming reviews")
    assert later in parts[0]
    without = parts[2].partition("No review date known")
    assert (ref in without[0], nothing in without[2]) == (True, True)
    assert "Waits for the review" in without[0]
    assert re.search(r"KDD: special guardianship is right 22 Feb 2025", without[0])
    assert f"/cases/{ref}/step/roa_ratifies" in page.links
    assert f"/cases/{later}/step/roa_ratifies" not in page.links
    assert {f"/cases/{one}/step/raise_concern" for one in (ref, later, nothing)} <= set(page.links)


def test_a_decision_recorded_in_their_name_is_confirmed_from_here(world: World, ref: str) -> None:
    """practice PR-2: it stands here until they say that it is theirs, and then no more."""
    event = world.do("roa_ratifies", TODAY, "sol.sw", ref=ref, decided_by="oda.iro").event
    officer = Pages(world).as_("oda.iro", on=TODAY)
    page = officer.get("/reviews")

    assert "1 decision to confirm" in line(page)
    assert "written down by Sol Carrow" in line(page)
    path = f"/cases/{ref}/step/confirm_decision"
    assert f"{path}?event={event}" in page.links
    assert f"/cases/{ref}/step/dispute_decision?event={event}" in page.links
    officer.post(path, 302, action="do", **as_form({"event": event}, TODAY))
    assert "to confirm" not in line(officer.get("/reviews"))


def test_a_concern_has_its_working_day_out_of_twenty_and_is_late_the_day_after(world: World, ref: str) -> None:
    """Twenty working days for the whole way, bank holidays not counted (R-LAC-6): 18 and 21 April 2025 are Easter's."""
    raised = date(2025, 4, 1)
    world.do("raise_concern", raised, "oda.iro", ref=ref)
    pages = Pages(world)

    for on, said in (
        (raised, "Working day 0 of 20, to be settled by 1 May 2025"),
        (date(2025, 4, 22), "Working day 13 of 20, to be settled by 1 May 2025"),
        (date(2025, 5, 1), "Working day 20 of 20, to be settled by 1 May 2025"),
        (date(2025, 5, 2), "Working day 21 of 20 , was to be settled by 1 May 2025"),
    ):
        assert said.replace(" ", "") in line(pages.as_("oda.iro", on=on).get("/reviews")).replace(" ", ""), on
    page = pages.as_("oda.iro", on=raised).get("/reviews")
    assert f"/cases/{ref}/step/raise_concern?stage=formal" in page.links
    world.do("raise_concern", date(2025, 5, 2), "oda.iro", ref=ref, stage="formal")
    formal = line(pages.as_("oda.iro", on=date(2025, 5, 2)).get("/reviews"))
    assert "Formal" in formal
    assert "Make it formal" not in formal
    world.do("resolve_concern", date(2025, 5, 6), "oda.iro", ref=ref)
    assert "concern" not in line(pages.as_("oda.iro", on=date(2025, 5, 6)).get("/reviews")).replace("Concern about", "")


def test_a_colleague_sees_none_of_them_their_manager_all_and_others_no_page(world: World, ref: str) -> None:
    """Nor does anybody see a restricted child there; who covers sees the absent officer's for those days."""
    hidden = world.open_child()
    world.do("restrict", START + timedelta(1), "rowan.tm", ref=hidden, people=[{"person": "rowan.tm"}])
    pages = Pages(world)

    assert "No child is allocated to you." in line(pages.as_("per.iro", on=TODAY).get("/reviews"))
    manager = line(pages.as_("uma.iromanager", on=TODAY).get("/reviews"))
    assert (ref in manager, "of every reviewing officer" in manager, hidden in manager) == (True, True, False)
    assert hidden not in pages.as_("oda.iro", on=TODAY).get("/reviews").text
    pages.as_("rowan.tm", on=TODAY).get("/reviews", 403)
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, "oda.iro"),
            covering=find_person(session, "per.iro"),
            from_on=TODAY,
            until_on=TODAY,
            reason="leave",
            recorded_by=None,
            now=noon(START),
        )
    assert ref in pages.as_("per.iro", on=TODAY).get("/reviews").text
    assert ref not in pages.as_("per.iro", on=TODAY + timedelta(1)).get("/reviews").text


def test_the_page_asks_no_more_of_the_database_for_more_children(world: World, ref: str) -> None:
    pages = Pages(world)
    officer = pages.as_("oda.iro", on=TODAY)
    asked = []
    for _ in range(2):
        with counting(world) as queries:
            officer.get("/reviews")
        asked.append(len(queries))
        for _ in range(4):
            world.open_child(TODAY)

    assert asked[0] == asked[1]
