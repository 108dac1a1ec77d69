"""Signing in by a password and a code kept here: who comes in, who does not, how long it lasts (R23, C23, C25)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from casework.errors import Refused
from casework.settings import Settings, SignInSettings
from casework.units import open_office
from casework.who import accounts, passwords, staffing
from casework.who.people import add_person, grant_role
from casework.who.second_factor import code_at
from states.vocabulary import Role
from tests.county import FURNISHED, Templates
from tests.pages import Pages, Visitor, as_form
from tests.world import LONG_AGO, START, World, furnish, noon
from web.doors import Access, access

PASSWORD = "hedgehog kettle violin"
OTHER = "marmalade tractor seven"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with next to no cost: what it costs is tested in tests/unit/test_passwords.py."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    passwords._nobodys.cache_clear()


@pytest.fixture
def small(_sqlite_children: Templates, tmp_path: Path) -> Iterator[World]:
    """The county on SQLite only: for what does not depend on the database."""
    with _sqlite_children.world(_sqlite_children.reached(FURNISHED), tmp_path / "home") as county:
        yield county


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world, sign_in_as=False)


@pytest.fixture
def small_pages(small: World) -> Pages:
    return Pages(small, sign_in_as=False)


def invite(pages: Pages, who: str, by: str = "amy.administrator") -> str:
    world = pages.world
    return world.office.in_one_unit(
        lambda session: accounts.invite(
            session, who=who, by=world.ids[by], today=pages.now.date(), now=pages.now, hours=48
        )
    )


def with_password(pages: Pages, who: str, password: str = PASSWORD) -> None:
    token = invite(pages, who)
    pages.world.office.in_one_unit(
        lambda session: accounts.accept(session, token, password, shortest=12, system="SGO pathway", now=pages.now)
    )


def with_code(pages: Pages, who: str) -> tuple[str, list[str]]:
    """A second factor; answers its key and the recovery codes. Its first code is used up."""
    office, who = pages.world.office, pages.world.ids[who]
    key = office.in_one_unit(lambda session: accounts.begin_second_factor(session, who, now=pages.now))
    codes = office.in_one_unit(
        lambda session: accounts.confirm_second_factor(session, who, the_code(pages, key), now=pages.now)
    )
    pages.now += timedelta(seconds=30)
    return key, codes


def the_code(pages: Pages, key: str) -> str:
    return code_at(key, int(pages.now.timestamp()) // 30)


def sign_in(visitor: Visitor, who: str, password: str = PASSWORD) -> int:
    return visitor.send("/sign-in/password", name=who, password=password).status_code


def is_in(visitor: Visitor) -> bool:
    return visitor.client.get("/my-work").status_code == 200


def said(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


# --- the link and the password -------------------------------------------------------------------------------


def test_somebody_sets_a_password_by_a_link_and_signs_in_with_it(pages):
    visitor = pages.stranger()
    token = invite(pages, "sol.sw")

    opened = visitor.client.get(f"/set-password/{token}")
    form = visitor.get("/set-password")
    chosen = visitor.send("/set-password", password=PASSWORD, again=PASSWORD)

    assert opened.location == "/set-password"  # the secret does not stay in the address bar
    assert "sol.sw" in form.text
    assert chosen.status_code == 302
    assert sign_in(visitor, "sol.sw", OTHER) == 422
    assert sign_in(visitor, " Sol.SW ") == 302
    assert is_in(visitor)


def test_a_link_is_good_once_for_two_days_and_until_the_next_one(small_pages):
    pages = small_pages
    first = invite(pages, "sol.sw")
    second = invite(pages, "sol.sw")
    late = invite(pages, "nell.sw")

    def opens(token: str) -> bool:
        visitor = pages.stranger()
        visitor.client.get(f"/set-password/{token}")
        return visitor.client.get("/set-password").status_code == 200

    assert [opens(first), opens(second), opens("of nobody")] == [False, True, False]
    with_password(pages, "sol.sw")
    assert not opens(second)
    pages.now += timedelta(hours=47, minutes=59)
    assert opens(late)
    pages.now += timedelta(minutes=1)
    assert not opens(late)


def test_a_password_that_will_not_do_is_refused_and_leaves_the_link_good(small_pages):
    visitor = small_pages.stranger()
    visitor.client.get(f"/set-password/{invite(small_pages, 'sol.sw')}")

    short = visitor.post("/set-password", 422, password="short", again="short")
    twice = visitor.post("/set-password", 422, password=PASSWORD, again=OTHER)
    visitor.post("/set-password", 302, password=PASSWORD, again=PASSWORD)

    assert "at least 12 characters" in short.text
    assert "the same password twice" in twice.text


def test_only_an_administrator_makes_a_link_and_none_for_a_mailbox_or_a_leaver(small):
    pages = Pages(small, sign_in_as=False)
    with pytest.raises(Refused, match="system administrator"):
        invite(pages, "sol.sw", by="hana.hos")
    small.office.in_one_unit(
        lambda s: staffing.disable(s, who="nell.sw", by=small.ids["amy.administrator"], today=START, now=noon(START))
    )
    for who in ("cfs.permanence", "nell.sw"):
        with pytest.raises(Exception, match=r"mailbox|ended"):
            invite(pages, who)


def test_a_wrong_password_and_a_name_that_nobody_has_answer_with_the_same_words(small_pages):
    """No way to find out who has an account (C25)."""
    with_password(small_pages, "sol.sw")
    answers = [
        said(small_pages.stranger().send("/sign-in/password", name=who, password=OTHER)).replace(who, "")
        for who in ("sol.sw", "nell.sw", "nobody.here")
    ]

    assert len(set(answers)) == 1
    assert "do not belong together" in answers[0]


def test_who_has_left_does_not_come_in_with_the_right_password(small_pages):
    small = small_pages.world
    with_password(small_pages, "sol.sw")
    small.office.in_one_unit(
        lambda s: staffing.disable(s, who="sol.sw", by=small.ids["amy.administrator"], today=START, now=noon(START))
    )

    assert sign_in(small_pages.stranger(), "sol.sw") == 422


def test_where_everybody_comes_by_the_identity_provider_no_password_is_taken(sqlite_url, tmp_path):
    settings = Settings(home=tmp_path, database_url=sqlite_url, sign_in=SignInSettings(local=False))
    with open_office(settings) as office:
        visitor = Pages(furnish(office, now=noon(START)), sign_in_as=False).stranger()

        assert sign_in(visitor, "sol.sw") == 404
        assert "password" not in visitor.get("/sign-in").fields


def test_nobody_is_anybody_outside_an_invented_county(small_pages):
    visitor = small_pages.stranger()

    assert visitor.send("/sign-in", person=small_pages.world.ids["sol.sw"]).status_code == 404
    assert not is_in(visitor)


# --- too many attempts -----------------------------------------------------------------------------------------


def test_who_fails_five_times_waits_longer_each_time_and_is_never_locked_out(small_pages):
    """(reliability C25)"""
    pages = small_pages
    with_password(pages, "sol.sw")
    visitor = pages.stranger()

    assert [sign_in(visitor, "sol.sw", OTHER) for _ in range(6)] == [422] * 5 + [429]
    assert sign_in(visitor, "sol.sw") == 429  # the right one has to wait as well: nothing can be read off
    pages.now += timedelta(seconds=31)
    assert sign_in(visitor, "sol.sw", OTHER) == 422
    pages.now += timedelta(seconds=31)
    assert sign_in(visitor, "sol.sw") == 429  # a minute now
    pages.now += timedelta(seconds=30)
    assert sign_in(visitor, "sol.sw") == 302


def test_a_name_that_nobody_has_waits_as_well(small_pages):
    visitor = small_pages.stranger()

    assert [sign_in(visitor, "nobody.here") for _ in range(6)] == [422] * 5 + [429]


def test_nobody_keeps_a_colleague_out_by_failing_in_their_name(small_pages):
    """Whoever signed in from their own place before is not held up by failures elsewhere."""
    pages = small_pages
    with_password(pages, "sol.sw")
    own = pages.stranger(at="10.0.0.1")
    assert sign_in(own, "sol.sw") == 302
    for number in range(25):
        sign_in(pages.stranger(at=f"10.9.0.{number}"), "sol.sw", OTHER)

    assert sign_in(pages.stranger(at="10.9.0.200"), "sol.sw") == 429
    assert sign_in(pages.stranger(at="10.0.0.1"), "sol.sw") == 302


def test_one_place_that_tries_many_names_waits_too(small_pages):
    visitor = small_pages.stranger()

    answers = [sign_in(visitor, f"name.{number}") for number in range(61)]

    assert answers == [422] * 60 + [429]


def test_codes_are_no_faster_to_guess_than_passwords(small_pages):
    pages = small_pages
    with_password(pages, "sol.sw")
    with_code(pages, "sol.sw")
    visitor = pages.stranger()
    sign_in(visitor, "sol.sw")

    answers = [visitor.send("/sign-in/code", code="000000").status_code for _ in range(6)]

    assert answers == [422] * 5 + [429]
    assert sign_in(visitor, "sol.sw") == 429  # and beginning again does not begin the count again


# --- the second factor -------------------------------------------------------------------------------------------


def test_with_a_second_factor_a_password_alone_opens_nothing(pages):
    """(reliability C25)"""
    with_password(pages, "sol.sw")
    key, recovery = with_code(pages, "sol.sw")
    visitor = pages.stranger()

    assert sign_in(visitor, "sol.sw") == 302
    assert not is_in(visitor)
    code = the_code(pages, key)
    visitor.post("/sign-in/code", 302, code=code)
    assert is_in(visitor)

    replay = pages.stranger()
    sign_in(replay, "sol.sw")
    replay.post("/sign-in/code", 422, code=code)  # the same code again
    replay.post("/sign-in/code", 302, code=recovery[3].upper())
    assert is_in(replay)
    again = pages.stranger()
    sign_in(again, "sol.sw")
    again.post("/sign-in/code", 422, code=recovery[3])


@pytest.mark.parametrize(
    ("who", "needed"), [("hana.hos", True), ("abel.ad", True), ("dara.director", True), ("rowan.tm", False)]
)
def test_whoever_signs_money_sets_up_a_second_factor_before_anything_opens(small_pages, who, needed):
    pages = small_pages
    with_password(pages, who)
    visitor = pages.stranger()

    onward = visitor.send("/sign-in/password", name=who, password=PASSWORD).location

    assert is_in(visitor) != needed
    if needed:
        assert onward == "/sign-in/second-factor"
        page = visitor.get(onward)
        key = re.search(r"secret=([A-Z2-7]+)", " ".join(page.links))[1]
        visitor.post(onward, 422, code="000000")
        done = visitor.post(onward, code=the_code(pages, key))
        assert len(re.findall(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", done.text)) == 10
        assert is_in(visitor)
        assert visitor.send("/account/remove-second-factor").status_code == 422


def test_who_covers_for_a_signatory_needs_a_second_factor_too(small_pages):
    pages, small = small_pages, small_pages.world
    with_password(pages, "rowan.tm")
    small.office.in_one_unit(
        lambda s: staffing.add_cover(
            s,
            absent="hana.hos",
            covering="rowan.tm",
            from_on=START,
            until_on=START,
            reason="leave",
            by=small.ids["hana.hos"],
            today=START,
            now=noon(START),
        )
    )

    assert pages.stranger().send("/sign-in/password", name="rowan.tm", password=PASSWORD).location.endswith(
        "second-factor"
    )


def test_a_lost_second_factor_of_a_signatory_comes_back_by_two_administrators(small_pages):
    """One administrator alone cannot become the Head of Service (C13)."""
    pages, small = small_pages, small_pages.world
    with small.office.unit_of_work() as session:
        second = add_person(session, handle="ben.administrator", name="Ben", email=None, now=noon(START))
        grant_role(session, person=second, role=Role.ADMINISTRATOR, from_on=LONG_AGO, now=noon(START))
        small.ids["ben.administrator"] = second.id
    with_password(pages, "hana.hos")
    with_code(pages, "hana.hos")

    def reset(by: str) -> None:
        small.office.in_one_unit(
            lambda s: accounts.reset_second_factor(s, who="hana.hos", by=small.ids[by], today=START, now=pages.now)
        )

    with pytest.raises(Refused):
        reset("hana.hos")
    reset("amy.administrator")

    assert sign_in(pages.stranger(), "hana.hos") == 422  # the password is gone as well
    with pytest.raises(Refused, match="another administrator"):
        invite(pages, "hana.hos", by="amy.administrator")
    assert invite(pages, "hana.hos", by="ben.administrator")


# --- how long it lasts, and how it ends ----------------------------------------------------------------------------


def test_disabling_ends_every_sign_in_at_once_and_for_good(pages):
    """reliability C23: the live session, the other browser and the password are dead; coming back begins anew."""
    world = pages.world
    with_password(pages, "sol.sw")
    browsers = [pages.stranger(), pages.stranger(at="10.0.0.9")]
    for one in browsers:
        sign_in(one, "sol.sw")
        assert is_in(one)

    amy = world.ids["amy.administrator"]
    world.office.in_one_unit(lambda s: staffing.disable(s, who="sol.sw", by=amy, today=START, now=pages.now))
    assert [is_in(one) for one in browsers] == [False, False]
    world.office.in_one_unit(lambda s: staffing.enable(s, who="sol.sw", by=amy, today=START))
    assert [is_in(one) for one in browsers] == [False, False]
    pages.now += timedelta(seconds=1)
    assert sign_in(browsers[0], "sol.sw") == 302
    assert is_in(browsers[0])


def test_signing_out_ends_this_browser_and_a_copied_cookie_with_it(small_pages):
    with_password(small_pages, "sol.sw")
    visitor, thief = small_pages.stranger(), small_pages.stranger()
    sign_in(visitor, "sol.sw")
    stolen = visitor.client.get_cookie("sgo-in").value
    thief.client.set_cookie("sgo-in", stolen)
    assert is_in(thief)

    visitor.send("/sign-out")

    assert not is_in(visitor)
    assert not is_in(thief)


def test_the_token_changes_with_each_sign_in_and_is_kept_nowhere(small_pages):
    with_password(small_pages, "sol.sw")
    visitor = small_pages.stranger()
    visitor.client.set_cookie("sgo-in", "chosen by somebody else")
    sign_in(visitor, "sol.sw")
    first = visitor.client.get_cookie("sgo-in").value
    sign_in(visitor, "sol.sw")

    cookie = visitor.client.get_cookie("sgo-in")
    assert len({first, cookie.value, "chosen by somebody else"}) == 3
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/")
    files = list(Path(small_pages.world.office.database.url.database).parent.glob("*.db*"))
    assert len(files) >= 2
    assert not any(cookie.value.encode() in file.read_bytes() for file in files)


def test_behind_tls_the_cookie_is_the_hosts_own(sqlite_url, tmp_path):
    settings = Settings(home=tmp_path, database_url=sqlite_url, link_base="https://sgo.council.example")
    with open_office(settings) as office:
        pages = Pages(furnish(office, now=noon(START)), sign_in_as=False)
        with_password(pages, "sol.sw")
        answer = pages.app.test_client().post(
            "/sign-in/password",
            data={"name": "sol.sw", "password": PASSWORD},
            base_url="https://sgo.council.example",
        )

        cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-sgo-in="))
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_changing_the_password_ends_all_other_browsers(small_pages):
    pages = small_pages
    with_password(pages, "sol.sw")
    here, there = pages.stranger(), pages.stranger(at="10.0.0.9")
    for one in (here, there):
        sign_in(one, "sol.sw")

    here.post("/account/password", 422, old=OTHER, password=OTHER, again=OTHER)
    here.post("/account/password", 302, old=PASSWORD, password=OTHER, again=OTHER)

    assert [is_in(here), is_in(there)] == [True, False]
    assert [sign_in(there, "sol.sw"), sign_in(there, "sol.sw", OTHER)] == [422, 302]


def test_my_sign_in_says_where_i_am_signed_in_and_what_failed(small_pages):
    pages = small_pages
    with_password(pages, "sol.sw")
    sign_in(pages.stranger(), "sol.sw")
    pages.now += timedelta(minutes=10)
    for _ in range(2):
        sign_in(pages.stranger(at="10.0.0.66"), "sol.sw", OTHER)
    visitor = pages.stranger(at="10.0.0.9")
    sign_in(visitor, "sol.sw")

    page = visitor.get("/account")
    visitor.send("/account/end-others")

    assert "2 attempts to sign in as you failed" in " ".join(page.text.split())
    assert page.text.count("last used") == 2
    assert visitor.get("/account").text.count("last used") == 1


# --- what was typed, and where one comes from ----------------------------------------------------------------------


def test_a_form_that_comes_after_the_sign_in_ended_is_given_back_to_its_sender_alone(world):
    pages = Pages(world)
    ref = world.open_child(START)
    path = f"/cases/{ref}/step/set_latest_position"
    typed = as_form({"position": "He asked about his grandmother.", "next_step": "Call her", "who": "sol.sw"}, START)
    visitor = pages.as_("sol.sw", on=START)
    pages.now += timedelta(minutes=31)

    sent = visitor.send(path, action="look", **typed)
    visitor.client.get(sent.location)
    back = visitor.send("/sign-in", person=world.ids["sol.sw"])
    page = visitor.get(back.location)

    assert back.location.startswith("/held/")
    assert page.fields["position"] == ["He asked about his grandmother."]
    assert "csrf_token" in page.fields
    other = pages.as_("rowan.tm")
    other.get(back.location, 404)
    again = visitor.send(path, **{name: values[0] for name, values in page.fields.items()})
    assert again.status_code in (200, 422)
    assert "He asked about his grandmother." in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent_by", "kept"),
    [({"Sec-Fetch-Site": "same-origin"}, True), ({"Sec-Fetch-Site": "cross-site"}, False), ({}, False)],
)
def test_a_window_left_open_while_its_owner_signed_out_and_in_again_loses_nothing(world, sent_by, kept):
    """The other window's form carries the mark of the sign-in before; nothing is done with it unasked (C26)."""
    pages = Pages(world)
    pages.app.config["WTF_CSRF_ENABLED"] = True
    ref = world.open_child(START)
    visitor = pages.stranger()
    pages.now = noon(START)
    enter(visitor, world.ids["sol.sw"])
    path = f"/cases/{ref}/step/set_latest_position"
    old = visitor.get(path).fields["csrf_token"][0]
    visitor.send("/sign-out", csrf_token=old)
    enter(visitor, world.ids["sol.sw"])

    typed = {"csrf_token": old, "action": "look", "position": "He asked about his grandmother."}
    answer = visitor.client.post(path, data=typed, headers=sent_by)

    assert answer.status_code == (302 if kept else 400)
    if kept:
        page = visitor.get(answer.location)
        assert page.fields["position"] == ["He asked about his grandmother."]
        again = visitor.send(path, **{name: values[0] for name, values in page.fields.items()})
        assert "He asked about his grandmother." in again.get_data(as_text=True)


def enter(visitor: Visitor, person_id: str) -> None:
    """Sign in as somebody, with the mark that the page gives."""
    mark = visitor.get("/sign-in").fields["csrf_token"][0]
    assert visitor.send("/sign-in", person=person_id, csrf_token=mark).status_code == 302


def test_a_form_of_nobody_is_kept_nowhere(small_pages):
    small_pages.world.open_child(START)
    answer = small_pages.stranger().send("/cases/SG-00000000/step/rate", reason="x" * 500)

    assert answer.location == "/sign-in"


def test_a_link_in_a_mail_leads_through_one_page_of_ours(small_pages):
    """A link opens nothing by itself: a strict cookie comes with a second request of our own (reliability C37)."""
    answer = small_pages.stranger().client.get("/my-work", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert 'content="0; url=/my-work"' in answer.get_data(as_text=True)


def test_what_another_site_sends_is_refused_whatever_it_carries(small_pages):
    """reliability C26: also where the token is right."""
    visitor = Pages(small_pages.world).as_("sol.sw")
    answer = visitor.client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert is_in(visitor)


# --- proof before what cannot be taken back ------------------------------------------------------------------------


def test_a_signature_needs_a_proof_of_the_last_minutes_and_keeps_what_was_typed(small_pages):
    """R-FIN, A.7 7.5.3: tried on a route as the funding pages declare theirs."""
    pages = small_pages
    sign = access(Access.SIGNED_IN, proved=True)(lambda: "signed")
    pages.app.add_url_rule("/sign-money", endpoint="sign_money", view_func=sign, methods=["GET", "POST"])
    with_password(pages, "hana.hos")
    key, _ = with_code(pages, "hana.hos")
    visitor = pages.stranger()
    sign_in(visitor, "hana.hos")
    visitor.post("/sign-in/code", 302, code=the_code(pages, key))

    assert visitor.send("/sign-money").data == b"signed"
    pages.now += timedelta(minutes=5, seconds=1)
    asked = visitor.send("/sign-money", amount="1200", password="not to be kept")
    assert asked.location.startswith("/prove?next=")
    visitor.get(asked.location)
    visitor.post("/prove", 422, password=PASSWORD)  # without the code
    visitor.post("/prove", 422, password=OTHER, code=the_code(pages, key))
    onward = visitor.send("/prove", password=PASSWORD, code=the_code(pages, key)).location
    page = visitor.get(onward)

    assert page.fields["amount"] == ["1200"]
    assert "password" not in page.fields
    assert visitor.send("/sign-money", amount="1200").data == b"signed"
