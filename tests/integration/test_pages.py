"""The pages with a real database: who may ask, what is shown, and a step from its form to the history."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from casework.who.people import add_cover, disable_person, find_person
from demo.papers import paper
from states.pathway import PATHWAY
from states.vocabulary import Role
from tests.pages import Page, Pages, as_form
from tests.world import START, World, noon
from web.doors import Access, access, guard_every_route

pytestmark = pytest.mark.one_database

MONDAY = START
THURSDAY = START + timedelta(3)
PRIVATE = {"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff"}


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


def rating(**differs: object) -> dict[str, object]:
    return as_form(paper("rate", on=THURSDAY, **differs), THURSDAY)


# --- who may ask -------------------------------------------------------------------------------------------


def test_a_route_that_does_not_say_who_may_use_it_is_refused_when_the_application_is_made():
    app = Flask("test", static_folder=None)
    app.add_url_rule("/open", view_func=access(Access.ANYONE)(lambda: "open"), endpoint="open")
    guard_every_route(app)
    app.add_url_rule("/forgotten", view_func=lambda: "open to all", endpoint="forgotten")

    with pytest.raises(RuntimeError, match="forgotten"):
        guard_every_route(app)


def test_nothing_of_a_child_is_shown_to_somebody_who_is_not_signed_in(world, pages):
    ref = world.open_child()
    nobody = pages.app.test_client()
    asked = 0
    for rule in pages.app.url_map.iter_rules():
        level = pages.app.view_functions[rule.endpoint].access
        if level in (Access.ANYONE, Access.MACHINE) or "GET" not in rule.methods:
            continue
        path = re.sub(r"<any\('([^']+)'.*?>", r"\1", rule.rule).replace("<ref>", ref)
        path = re.sub("<[a-z_:]+>", "rate", re.sub(r"<int:\w+>", "1", path))
        answer = nobody.get(path)
        asked += 1
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in"), path
    assert asked >= 4


def test_every_answer_is_private_and_allows_nothing_from_elsewhere(world, pages):
    """(reliability C43)"""
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    for path in ("/my-work", "/children", f"/cases/{ref}", f"/cases/{ref}/step/rate", "/nowhere"):
        answer = visitor.client.get(path)
        assert {name: answer.headers[name] for name in PRIVATE} == PRIVATE, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_a_hidden_child_and_one_that_never_was_answer_with_the_same_bytes(world, pages):
    ref = world.open_child()
    stranger = pages.as_("imara.tm", on=THURSDAY)

    hidden, never = (stranger.client.get(f"/cases/{one}") for one in (ref, "SG-00000000"))
    posted = stranger.send(f"/cases/{ref}/step/rate", action="do", **rating())

    assert (hidden.status_code, never.status_code, posted.status_code) == (404, 404, 404)
    assert _without_nonce(hidden.data) == _without_nonce(never.data)


def _without_nonce(page: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]+"|csrf_token" value="[^"]+"', b"", page)


def test_somebody_whose_account_is_closed_is_out_with_the_next_click(world, pages):
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    visitor.get("/my-work")

    with world.office.unit_of_work() as session:
        disable_person(session, who="rowan.tm", now=noon(THURSDAY))

    assert visitor.client.get("/my-work").status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(30, 200), (31, 302)])
def test_half_an_hour_without_a_click_signs_out(pages, minutes, status):
    """(reliability C43)"""
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    pages.now += timedelta(minutes=minutes)

    assert visitor.client.get("/my-work").status_code == status


def test_a_working_day_later_one_signs_in_again_however_busy(pages):
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    for _ in range(24):  # twelve hours, a click every half hour
        pages.now += timedelta(minutes=30)
        assert visitor.client.get("/my-work").status_code == 200

    pages.now += timedelta(minutes=1)

    assert visitor.client.get("/my-work").status_code == 302


def test_a_form_from_elsewhere_changes_nothing(world, pages):
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    pages.app.config["WTF_CSRF_ENABLED"] = True

    answer = visitor.send(f"/cases/{ref}/step/rate", action="do", **rating())

    assert answer.status_code == 400
    assert _state(visitor.get(f"/cases/{ref}")) == "Not yet rated"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x()"])
def test_signing_in_leads_only_to_a_page_of_this_site(world, pages, wanted):
    """(reliability C26)"""
    client = pages.app.test_client()

    answer = client.post("/sign-in", data={"person": world.ids["rowan.tm"], "next": wanted})

    assert answer.location == "/my-work"


# --- what is shown -----------------------------------------------------------------------------------------


def test_my_work_says_what_waits_why_until_when_and_leads_to_the_form(world, pages):
    """The first rating is due fifteen working days after eligibility (R-ELG-3): it waits on the Team Manager."""
    ref = world.open_child()

    page = pages.as_("rowan.tm", on=THURSDAY).get("/my-work")
    other = pages.as_("imara.tm", on=THURSDAY).get("/my-work")

    assert "First RAG rating" in page.text
    assert f"/cases/{ref}/step/rate" in page.links
    assert ref not in other.text


def test_a_decision_recorded_in_my_name_waits_in_my_work_until_i_confirm_it(world, pages):
    ref = world.open_child()
    world.do("rate", THURSDAY, "sol.sw", ref=ref, decided_by="rowan.tm")
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    link = next(one for one in visitor.get("/my-work").links if "/confirm_decision" in one)

    form = visitor.get(link)
    visitor.post(
        link.partition("?")[0],
        302,
        action="do",
        event=form.fields["event"][0],
        version=form.fields["version"][0],
        **as_form({}, THURSDAY),
    )

    assert "/confirm_decision" not in " ".join(visitor.get("/my-work").links)
    assert "Not confirmed yet" not in visitor.get(f"/cases/{ref}").text


def test_markup_in_what_somebody_typed_is_shown_as_text(world, pages):
    """reliability C27: pasted into a field, shown on the page as it was typed, and inert."""
    ref = world.open_child()
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }}"
    world.do("set_latest_position", THURSDAY, "sol.sw", ref=ref, position=nasty)
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    for path in (f"/cases/{ref}", "/children"):
        raw = visitor.client.get(path).get_data(as_text=True)
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert "{{ 7*7 }}" in raw


def test_a_protected_address_is_on_no_page(world, pages):
    """reliability C35, PT-20: for the letter to that person only."""
    ref = world.open_child()
    person = {
        "name": "Hazel Hidden",
        "kind": "applicant",
        "relationship": "aunt",
        "address": "7 Canary Close",
        "protected": True,
    }
    world.do("change_applicants", THURSDAY, "sol.sw", ref=ref, people=[person])

    page = pages.as_("rowan.tm", on=THURSDAY).client.get(f"/cases/{ref}").get_data(as_text=True)

    assert "Hazel Hidden" in page
    assert "Canary Close" not in page


def test_every_step_has_a_form_with_every_field_of_its_record(world, pages):
    """All but those that open a case: a child that is still to be opened has no page of their own."""
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    visitor.get(f"/cases/{ref}/step/open_case", 404)
    for trigger in PATHWAY.triggers[2:]:
        page = visitor.get(f"/cases/{ref}/step/{trigger}")
        shown = {name.removeprefix("record-").partition("-")[0].partition(".")[0] for name in page.fields}
        records = {row.record for row in PATHWAY.rows if row.trigger == trigger}
        assert any({seen.name for seen in record.fields()} <= shown for record in records), trigger


# --- doing a step ------------------------------------------------------------------------------------------


def test_looking_at_a_step_says_what_would_happen_and_changes_nothing(world, pages):
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    page = visitor.post(f"/cases/{ref}/step/rate", action="look", **rating())

    assert "The child moves from Not yet rated to Rated." in _line(page)
    assert "nothing has been changed yet" in page.text
    assert _state(visitor.get(f"/cases/{ref}")) == "Not yet rated"


def test_a_step_that_is_confirmed_is_done_once_however_often_it_is_sent(world, pages):
    """(reliability C18)"""
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    form = visitor.get(f"/cases/{ref}/step/rate").fields
    sent = {"action": "do", "key": form["key"][0], "version": form["version"][0], **rating()}

    first, again = visitor.send(f"/cases/{ref}/step/rate", **sent), visitor.send(f"/cases/{ref}/step/rate", **sent)

    assert (first.status_code, again.status_code) == (302, 302)
    assert first.location == again.location
    page = visitor.get(first.location)
    assert "Rate is recorded." in page.text
    assert _state(page) == "Rated"
    assert page.text.count("Decided by Rowan Ashby (Team Manager)") == 1 + 4  # rated; opened, three allocated


def test_everything_that_is_missing_is_listed_beside_its_field_and_nothing_typed_is_lost(world, pages):
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    typed = rating(colour=None, childs_view_known=None, reason="Settled with her aunt since spring.")

    answer = visitor.send(f"/cases/{ref}/step/rate", action="do", **typed)
    words = answer.get_data(as_text=True)
    page = Page(words)

    assert answer.status_code == 422
    assert {"#colour", "#childs_view_known"} <= set(page.links)
    assert {"colour", "childs_view_known"} <= set(page.ids)
    assert "Settled with her aunt since spring." in words
    assert "<title>Error: " in words


def test_a_date_that_is_none_is_refused_in_words_and_stands_as_it_was_typed(world, pages):
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    typed = {**rating(), "happened_on-day": "31", "happened_on-month": "2"}

    page = visitor.post(f"/cases/{ref}/step/rate", 422, action="look", **typed)

    assert "Enter the day on which it happened" in page.text
    assert page.fields["happened_on-day"] == ["31"]


def test_the_wrong_person_learns_who_can_and_may_write_down_what_they_decided(world, pages):
    ref = world.open_child()
    visitor = pages.as_("sol.sw", on=THURSDAY)

    form = visitor.get(f"/cases/{ref}/step/rate")
    refused = visitor.post(f"/cases/{ref}/step/rate", 422, action="do", **rating())
    visitor.post(f"/cases/{ref}/step/rate", 302, action="do", decided_by="rowan.tm", **rating())

    assert "This is for others to decide" in form.text
    assert "Team Manager" in refused.text
    assert "Not confirmed yet" in visitor.get(f"/cases/{ref}").text


def test_somebody_who_was_overtaken_sees_what_happened_beside_what_they_wrote(world, pages):
    """(reliability C17)"""
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    version = visitor.get(f"/cases/{ref}/step/rate").fields["version"][0]
    world.do("set_latest_position", THURSDAY, "sol.sw", ref=ref, position="The aunt has been taken ill.")
    typed = {**rating(reason="Settled with her aunt."), "version": version}

    page = visitor.post(f"/cases/{ref}/step/rate", 409, action="do", **typed)

    assert "The aunt has been taken ill." in page.text
    assert "Settled with her aunt." in page.text
    current = page.fields["version"][0]
    visitor.post(f"/cases/{ref}/step/rate", 302, action="do", **{**typed, "version": current})


def test_what_is_kept_for_later_comes_back_as_it_was_to_whoever_wrote_it_and_to_nobody_else(world, pages):
    ref = world.open_child()
    path = f"/cases/{ref}/step/rate"
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    visitor.post(path, 302, action="keep", **rating(reason="Half a thought", colour=None))

    assert path in visitor.get("/my-work").links
    assert "Half a thought" in visitor.client.get(path).get_data(as_text=True)
    assert "Half a thought" not in pages.as_("sol.sw").client.get(path).get_data(as_text=True)
    visitor.post(path, 302, action="throw-away")
    assert "Half a thought" not in visitor.client.get(path).get_data(as_text=True)


def test_rows_are_added_and_removed_without_losing_what_is_typed(world, pages):
    ref = world.child_at("KEY_DECISION")
    path = f"/cases/{ref}/step/kdd_sgo_appropriate"
    visitor = pages.as_("quin.kdd", on=START + timedelta(47))
    first = {"options-count": "1", "options.0.option": "adoption", "reasons": "Still writing"}

    two = visitor.client.post(path, data={"action": "add:options", **first}).get_data(as_text=True)
    none = visitor.client.post(path, data={"action": "remove:options:0", **first}).get_data(as_text=True)

    assert Page(two).fields["options-count"] == ["2"]
    assert "Still writing" in two
    assert Page(none).fields["options-count"] == ["0"]


def test_a_whole_key_decision_goes_through_its_form(world, pages):
    """Rows, choices, people and dates as a browser sends them are the record the act takes."""
    ref = world.child_at("KEY_DECISION")
    on = START + timedelta(47)
    record = paper("kdd_sgo_appropriate", on=on, legal_adviser="lex.legal")
    world.do("schedule_kdd", START + timedelta(37), "ida.saw", ref=ref, chair="quin.kdd", legal_adviser="lex.legal")

    visitor = pages.as_("quin.kdd", on=on)
    visitor.post(f"/cases/{ref}/step/kdd_sgo_appropriate", 302, action="do", **as_form(record, on))

    assert _state(visitor.get(f"/cases/{ref}")) == "Ratification at the Review of Arrangements (ROA)"


def test_the_page_of_a_past_day_offers_no_steps_and_says_which_day_it_shows(world, pages):
    ref = world.open_child()
    world.do("rate", THURSDAY, "rowan.tm", ref=ref)

    page = pages.as_("rowan.tm", on=THURSDAY).get(f"/cases/{ref}?as_at={MONDAY.isoformat()}")

    assert _state(page) == "Not yet rated"
    assert "What is true of 6 January 2025" in page.text
    assert not any("/step/" in link for link in page.links)


@pytest.mark.parametrize("day", ["1066-01-01", "2030-01-01", "tomorrow"])
def test_a_day_on_which_there_was_no_case_is_answered_in_words(world, pages, day):
    ref = world.open_child()

    answer = pages.as_("rowan.tm", on=THURSDAY).client.get(f"/cases/{ref}?as_at={day}")

    assert answer.status_code in (200, 422)
    assert "reference to whoever runs" not in answer.get_data(as_text=True)


def _state(page: Page) -> str:
    _before, _, after = _line(page).partition("Where the child is")
    return after.strip().partition(" since ")[0]


def _line(page: Page) -> str:
    return " ".join(page.text.split())


def test_dates_are_worked_with_as_dates(world, pages):
    """A guard against a page that shows one thing and sends another: the day typed is the day recorded."""
    ref = world.open_child()
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    visitor.post(f"/cases/{ref}/step/rate", 302, action="do", **as_form(paper("rate", on=MONDAY), MONDAY))

    seen = visitor.get(f"/cases/{ref}")

    assert "6 January 2025, recorded on 9 January 2025." in _line(seen)
    assert date(2025, 1, 9) == THURSDAY


def test_a_page_for_certain_posts_is_refused_to_all_others_and_open_to_whoever_covers(world, pages):
    page = access(Access.POSTS, posts=[Role.OPERATOR])(lambda: "for operators")
    pages.app.add_url_rule("/for-operators", endpoint="for_operators", view_func=page)

    stranger = pages.as_("rowan.tm", on=THURSDAY).get("/for-operators", 403)
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, "otto.operator"),
            covering=find_person(session, "rowan.tm"),
            from_on=THURSDAY,
            until_on=THURSDAY,
            reason="leave",
            recorded_by=None,
            now=noon(THURSDAY),
        )

    assert "It is for: operator" in _line(stranger)
    for who in ("otto.operator", "rowan.tm"):
        assert pages.as_(who).client.get("/for-operators").data == b"for operators"
