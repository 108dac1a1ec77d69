"""Administration by pages: people, roles by two administrators, cover, policy, calendars, notices, held mail (C13)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from casework import policies
from casework.errors import Refused
from casework.who import granting, staffing
from casework.who.people import add_person, find_person, grant_role, list_people
from persistence.tables import Outbox
from states.policy import load_policy
from states.vocabulary import Role
from tests.county import FURNISHED, Templates
from tests.pages import Pages, Visitor
from tests.rows import rows_of
from tests.world import LONG_AGO, POLICY, START, World, noon


@pytest.fixture
def world(_sqlite_children: Templates, tmp_path: Path) -> Iterator[World]:
    """On SQLite only: the pages' own work does not depend on the database. A second administrator is here."""
    with _sqlite_children.world(_sqlite_children.reached(FURNISHED), tmp_path / "home") as county:
        with county.office.unit_of_work() as session:
            second = add_person(session, handle="ben.administrator", name="Ben Elm", email=None, now=noon(START))
            grant_role(session, person=second, role=Role.ADMINISTRATOR, from_on=LONG_AGO, now=noon(START))
            county.ids["ben.administrator"] = second.id
        yield county


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


@pytest.fixture
def amy(pages: Pages) -> Visitor:
    return pages.as_("amy.administrator", on=START)


def person_of(world: World, handle: str):
    with world.office.reading() as session:
        return next(one for one in list_people(session, on=START) if one.handle == handle)


def page_of(world: World, handle: str) -> str:
    return f"/administration/people/{person_of(world, handle).id}"


def flat(page) -> str:
    return " ".join(page.text.split())


def test_somebody_new_is_added_gets_roles_and_a_link(world, pages, amy):
    amy.post("/administration/people", 422, handle="A Khan", name="Amina Khan")
    amy.post("/administration/people", 302, handle="a.khan", name="Amina Khan", working_days=["1", "3"])
    path = page_of(world, "a.khan")

    amy.post(path, 302, action="give", role="Review Group member@Fostering")
    link = amy.post(path, action="invite")

    assert person_of(world, "a.khan").working_days == "13"
    assert person_of(world, "a.khan").roles == ("Review Group member (Fostering)",)
    token = re.search(r"/set-password/([\w-]{43})", link.text)[1]
    assert token not in amy.get(path).text  # shown once
    stranger = pages.stranger()
    stranger.client.get(f"/set-password/{token}")
    assert "a.khan" in stranger.get("/set-password").text


def test_a_role_needs_a_second_administrator_once_children_are_here(world, pages, amy):
    """reliability C13: nobody confirms what they asked for, or their own; the second one's word gives the role."""
    world.open_child()
    path = page_of(world, "sol.sw")
    amy.post(path, 302, action="give", role="Assistant Director")
    waiting = amy.get("/administration")
    asked = re.search(r"/administration/roles/(\w{32})", amy.client.get("/administration").get_data(as_text=True))[1]

    assert person_of(world, "sol.sw").roles == ("child's social worker",)
    assert "Assistant Director for Sol Carrow" in flat(waiting)
    amy.post(f"/administration/roles/{asked}", 422, answer="confirm")
    amy.post(path, 422, action="give", role="Assistant Director")
    assert "Confirm or decline" not in amy.get("/my-work").text
    assert "Confirm or decline" in pages.as_("ben.administrator").get("/my-work").text
    pages.as_("ben.administrator").post(f"/administration/roles/{asked}", 302, answer="confirm")
    assert "Assistant Director" in person_of(world, "sol.sw").roles
    pages.as_("ben.administrator").post(f"/administration/roles/{asked}", 404, answer="decline")


def test_who_asked_may_take_it_back_and_a_director_may_confirm(world, pages, amy):
    world.open_child()
    amy.post(page_of(world, "ben.administrator"), 302, action="give", role="auditor")
    amy.post(page_of(world, "sol.sw"), 302, action="give", role="auditor")
    with world.office.reading() as session:
        found = {one.person: one for one in granting.waiting(session)}
    own, other = found["ben.administrator"], found["sol.sw"]

    with pytest.raises(Refused, match="of their own"), world.office.unit_of_work() as session:
        granting.answer(
            session, own.id, confirmed=True, by=world.ids["ben.administrator"], today=START, now=noon(START)
        )
    amy.post(f"/administration/roles/{own.id}", 302, answer="decline")
    pages.as_("dara.director").post(f"/administration/roles/{other.id}", 302, answer="confirm")

    assert "auditor" not in person_of(world, "ben.administrator").roles
    assert "auditor" in person_of(world, "sol.sw").roles


def test_nobody_changes_what_they_are_themselves(world, amy):
    own = page_of(world, "amy.administrator")

    page = amy.post(own, 422, action="give", role="Director")

    assert "Nobody gives a role to themselves" in page.text


def test_leaving_and_coming_back(world, pages, amy):
    path = page_of(world, "sol.sw")
    sol = pages.as_("sol.sw")
    amy.post(path, 302, action="disable")

    assert sol.client.get("/my-work").status_code == 302
    assert "left" in amy.get("/administration/people").text
    amy.post(path, 302, action="enable")
    assert sol.client.get("/my-work").status_code == 302  # what was open before stays closed
    amy.post(path, 302, action="describe", name="Sol Carrow-Reed", email="sol@county.example", working_days=["1", "2"])
    changed = person_of(world, "sol.sw")
    assert (changed.name, changed.email, changed.working_days) == ("Sol Carrow-Reed", "sol@county.example", "12")
    amy.post(path, 422, action="describe", name="", email="", working_days=["1"])


def test_what_no_button_says_and_who_nobody_is_do_nothing(amy):
    amy.post("/administration/people/" + "0" * 32, 404, action="disable")
    amy.get("/administration/people/" + "0" * 32, 404)


def test_giving_powers_asks_first_who_is_there(world, pages, amy):
    pages.now += timedelta(minutes=6)

    answer = amy.send(page_of(world, "sol.sw"), action="disable")

    assert answer.location.startswith("/prove")
    assert person_of(world, "sol.sw").enabled


def test_cover_is_arranged_and_ended_by_who_may(world, pages):
    """C12: by managers and whoever is away; nobody makes themselves a more senior colleague's cover."""
    manager = pages.as_("rowan.tm", on=START)
    parts = {"day": "6", "month": "1", "year": "2025"}
    days = {f"{name}-{part}": number for name in ("from", "until") for part, number in parts.items()}
    manager.post("/administration/cover", 422, absent="hana.hos", covering="rowan.tm", reason="leave", **days)
    empty = manager.post("/administration/cover", 422)
    assert empty.leads_to == ["absent", "covering", "from-day", "until-day", "reason"]
    manager.post("/administration/cover", 422, absent="sol.sw", covering="nell.sw", reason="leave")
    manager.post("/administration/cover", 302, absent="sol.sw", covering="nell.sw", reason="leave", **days)
    page = manager.client.get("/administration/cover").get_data(as_text=True)

    manager.post("/administration/cover", 302, end=re.search(r'name="end" value="(\w{32})"', page)[1])

    assert "Nobody stands in for anybody" in manager.get("/administration/cover").text


def test_teams_are_added_once(amy):
    amy.post("/administration/teams", 302, name="Children in Care West")
    amy.post("/administration/teams", 422, name="Children in Care West")

    assert "Children in Care West" in amy.get("/administration/teams").text


def test_the_policy_says_what_is_in_force_and_what_each_version_changed(world, pages):
    words = POLICY.read_text(encoding="utf-8")
    later = load_policy(re.sub(r"(first_rating_working_days *= { value =) \d+", r"\1 15", words), name="later.toml")
    with world.office.unit_of_work() as session:
        by = world.ids["amy.administrator"]
        policies.adopt(session, later, file_name="later.toml", from_on=START, by=by, now=noon(START))
    visitor = pages.as_("sol.sw", on=START)

    page, first, second = visitor.get("/policy"), visitor.get("/policy/1"), visitor.get("/policy/2")

    assert "Working days to the first rating" in page.text
    assert "It was the first" in first.text
    assert re.search(r"Rating: Working days to the first rating\s*20\s*15", flat(second))
    visitor.get("/policy/3", 404)


def test_every_notice_can_be_read_before_it_is_sent(pages):
    visitor = pages.as_("otto.operator", on=START)
    links = [one for one in visitor.get("/administration/notices").links if one.startswith("/administration/notices/")]

    empty = [link for link in links if len(visitor.get(link).text) < 200]

    assert len(links) > 60
    assert empty == []
    visitor.get("/administration/notices/NOTHING", 404)


def test_mail_that_is_held_goes_when_somebody_says_so(world, pages):
    """R26: after a restore nothing leaves by itself."""
    world.do("rate", START + timedelta(3), "sol.sw", ref=world.open_child(), decided_by="rowan.tm")
    with world.office.unit_of_work() as session:
        messages = session.query(Outbox).all()
        for row in messages:
            row.status = "quarantined"
        ids = [row.id for row in messages]
    visitor = pages.as_("otto.operator", on=START + timedelta(3))

    assert "Let everything go" in visitor.get("/administration/mail").text
    visitor.post("/administration/mail", 422, action="release")
    visitor.post("/administration/mail", 422, action="hold", id=ids[0])
    visitor.post("/administration/mail", 302, action="release", id=ids[0])
    assert "quarantined" not in {row.status for row in rows_of(world, Outbox, id=ids[0])}
    visitor.post("/administration/mail", 302, action="release-all")
    assert not [row for row in rows_of(world, Outbox) if row.status == "quarantined"]


def test_the_last_administrator_stays(world, pages, amy):
    with world.office.unit_of_work() as session:
        staffing.disable(
            session,
            who="ben.administrator",
            by=world.ids["amy.administrator"],
            today=START,
            now=noon(START),
        )
        assert find_person(session, "ben.administrator").enabled is False

    assert "only system administrator" in flat(amy.post(page_of(world, "amy.administrator"), 422, action="disable"))
