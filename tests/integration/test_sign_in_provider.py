"""Signing in through an identity provider over real HTTP: the right answer, and every way to be the wrong one (C25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from casework.settings import ProviderSettings, Settings, SettingsRefused
from casework.units import open_office
from casework.who import accounts, staffing
from casework.who.people import list_people
from tests.identity_provider import CLIENT, SECRET, IdentityProvider, Lies, a_provider, asked_for
from tests.pages import Pages, Visitor
from tests.world import START, furnish, noon
from web.doors import Access, access

ROLES = {
    "sgo.manager": "Team Manager @ Children in Care South",
    "sgo.member": "Review Group member @ Fostering",
    "sgo.audit": "auditor",
}


class Clock:
    at = noon(START)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    clock = Clock()
    with a_provider(clock) as running:
        yield running


@pytest.fixture
def pages(sqlite_url: str, tmp_path: Path, provider: IdentityProvider) -> Iterator[Pages]:
    """A county whose people sign in through the provider, known there as `sgo_handle` when they first come."""
    (tmp_path / "client.secret").write_text(SECRET + "\n")
    settings = Settings(
        home=tmp_path,
        database_url=sqlite_url,
        link_base="http://127.0.0.1:9",
        provider=ProviderSettings(
            issuer=provider.issuer,
            client_id=CLIENT,
            client_secret_file=tmp_path / "client.secret",
            link_claim="sgo_handle",
            roles=ROLES,
        ),
    )
    with open_office(settings) as office:
        county = Pages(furnish(office, now=noon(START)), sign_in_as=False)
        county.app.config["NOW"] = provider.now
        yield county


def goes(visitor: Visitor, provider: IdentityProvider, start: str = "/sign-in/provider") -> str:
    """A browser is sent to the provider; answers the path with which it comes back."""
    return "/sign-in/back?" + provider.browse(visitor.client.get(start).location)


def comes_in(pages: Pages, provider: IdentityProvider) -> Visitor:
    visitor = pages.stranger()
    visitor.get(goes(visitor, provider))
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.client.get("/my-work").status_code == 200


def roles_of(pages: Pages, handle: str) -> tuple[str, ...]:
    with pages.world.office.reading() as session:
        return next(one.roles for one in list_people(session, on=START) if one.handle == handle)


def test_somebody_signs_in_through_the_provider_with_pkce_state_and_nonce(pages, provider):
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    visitor = pages.stranger()
    location = visitor.client.get("/sign-in/provider?next=/children").location

    asked = asked_for(location)
    answer = visitor.client.get("/sign-in/back?" + provider.browse(location))

    assert {"code_challenge", "state", "nonce"} <= asked.keys()
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid profile")
    assert asked["redirect_uri"] == "http://127.0.0.1:9/sign-in/back"
    assert 'content="0; url=/' in answer.get_data(as_text=True)
    assert is_in(visitor)
    assert "Sol Carrow" in visitor.get("/account").text


def test_a_person_is_known_by_issuer_and_subject_from_then_on(pages, provider):
    """Whoever gets a colleague's handle into their claims is not that colleague (A.7 10.5.2)."""
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    comes_in(pages, provider)
    provider.person = {"sub": "s-2", "sgo_handle": "sol.sw"}
    other = pages.stranger()
    refused = other.get(goes(other, provider), 403)
    provider.person = {"sub": "s-1", "sgo_handle": "hana.hos"}

    assert "s-2" in refused.text
    assert not is_in(other)
    assert "Sol Carrow" in comes_in(pages, provider).get("/account").text


def test_an_administrator_links_somebody_by_the_subject_they_were_shown(pages, provider):
    provider.person = {"sub": "s-9", "email": "sol.sw@county.example"}
    visitor = pages.stranger()
    visitor.get(goes(visitor, provider), 403)

    with pages.world.office.unit_of_work() as session:
        accounts.link(
            session,
            who="sol.sw",
            issuer=provider.issuer,
            subject="s-9",
            by=pages.world.ids["amy.administrator"],
            today=START,
            now=noon(START),
        )

    assert is_in(comes_in(pages, provider))


LIES = {
    "another nonce": Lies(claims={"nonce": "of another question"}),
    "no nonce": Lies(claims={"nonce": None}),
    "another issuer": Lies(claims={"iss": "https://other.example/v2.0"}),
    "for somebody else": Lies(claims={"aud": "another-client"}),
    "asked by somebody else": Lies(claims={"azp": "another-client"}),
    "run out": Lies(claims={"exp": int(noon(START).timestamp()) - 61}),
    "without an end": Lies(claims={"exp": None}),
    "from tomorrow": Lies(claims={"iat": int(noon(START).timestamp()) + 86_400}),
    "of nobody": Lies(claims={"sub": None}),
    "not signed": Lies(algorithm="none"),
    "signed with the public key": Lies(algorithm="HS256"),
    "signed by somebody else": Lies(another_key=True),
    "no token": Lies(no_token=True),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_what_is_not_the_providers_answer_to_our_question_opens_nothing(pages, provider):
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    comes_in(pages, provider)
    came_in = []
    for name, lies in LIES.items():
        visitor = pages.stranger()
        provider.lies = Lies()
        back = goes(visitor, provider)
        provider.lies = lies
        if visitor.client.get(back).status_code != 403 or is_in(visitor):
            came_in.append(name)

    assert came_in == []
    provider.lies = Lies()
    assert is_in(comes_in(pages, provider))


def test_an_answer_is_good_once_in_the_browser_that_asked_and_for_a_quarter_of_an_hour(pages, provider):
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    visitor, thief = pages.stranger(), pages.stranger()
    back = goes(visitor, provider)

    assert thief.client.get(back).status_code == 403  # a browser that asked nothing
    thief.client.get("/sign-in/provider")
    assert thief.client.get(back).status_code == 403  # and one that asked something else: another state
    assert visitor.client.get(back).status_code == 200
    assert visitor.client.get(back).status_code == 403
    late = goes(visitor, provider)
    provider.now.at += timedelta(minutes=15, seconds=1)
    assert visitor.client.get(late).status_code == 403


def test_who_says_no_at_the_provider_is_told_so(pages, provider):
    visitor = pages.stranger()
    visitor.client.get("/sign-in/provider")

    answer = visitor.get("/sign-in/back?error=access_denied&error_description=<script>", 403)

    assert "did not show who you are" in answer.text
    assert "<script>" not in answer.text


def test_a_provider_that_is_away_or_another_one_is_said_in_words(pages, provider):
    visitor = pages.stranger()
    provider.lies = Lies(metadata={"issuer": "https://other.example"})
    assert "not what the settings name" in visitor.get("/sign-in/provider", 403).text
    provider.lies = Lies(metadata={"authorization_endpoint": "http://other.example/authorize"})
    fresh = Pages(pages.world, sign_in_as=False).stranger()
    assert "not what the settings name" in fresh.get("/sign-in/provider", 403).text


def test_keys_that_the_provider_has_changed_are_asked_for_again(pages, provider, monkeypatch):
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    comes_in(pages, provider)
    provider.key = type(provider.key).generate_key(2048, {"kid": "two"})
    monkeypatch.setattr("web.provider.time.monotonic", lambda: 10_000_000.0)  # more than a second later

    assert is_in(comes_in(pages, provider))


def test_roles_follow_the_claims_at_each_sign_in_and_those_given_here_stay(pages, provider):
    """R23: what the provider no longer says is gone with the next sign-in, team and service included."""
    provider.person = {"sub": "s-1", "sgo_handle": "wren.chair", "roles": ["sgo.manager", "sgo.member", "unknown"]}
    comes_in(pages, provider)
    first = roles_of(pages, "wren.chair")
    provider.person = {"sub": "s-1", "roles": ["sgo.audit"]}
    comes_in(pages, provider)

    assert set(first) == {
        "Review Group chair",
        "Team Manager (Children in Care South)",
        "Review Group member (Fostering)",
    }
    assert set(roles_of(pages, "wren.chair")) == {"Review Group chair", "auditor"}


def test_somebody_whose_access_has_ended_does_not_come_back_through_the_provider(pages, provider):
    provider.person = {"sub": "s-1", "sgo_handle": "sol.sw"}
    visitor = comes_in(pages, provider)
    amy = pages.world.ids["amy.administrator"]
    pages.world.office.in_one_unit(
        lambda s: staffing.disable(s, who="sol.sw", by=amy, today=START, now=provider.now())
    )

    assert not is_in(visitor)
    assert not is_in(pages.stranger())
    again = pages.stranger()
    again.get(goes(again, provider), 403)


def test_a_fresh_proof_is_the_providers_and_must_be_fresh(pages, provider):
    """Before money is signed the provider asks for the password again, and says when it did (A.7 7.5.3)."""
    sign = access(Access.SIGNED_IN, proved=True)(lambda: "signed")
    pages.app.add_url_rule("/sign-money", endpoint="sign_money", view_func=sign)
    provider.person = {"sub": "s-1", "sgo_handle": "hana.hos"}
    visitor = comes_in(pages, provider)
    provider.now.at += timedelta(minutes=10)

    asked = visitor.client.get("/sign-money").location
    visitor.get(asked)
    location = visitor.client.get("/prove/provider").location
    assert {name: asked_for(location)[name] for name in ("prompt", "max_age")} == {"prompt": "login", "max_age": "0"}
    provider.lies = Lies(claims={"auth_time": int((provider.now() - timedelta(minutes=10)).timestamp())})
    visitor.get("/sign-in/back?" + provider.browse(location), 403)
    assert visitor.client.get("/sign-money").status_code == 302
    provider.lies = Lies()
    provider.person = {"sub": "s-2"}
    visitor.get(goes(visitor, provider, "/prove/provider"), 403)  # somebody else's password proves nothing
    provider.person = {"sub": "s-1"}
    visitor.get(goes(visitor, provider, "/prove/provider"))

    assert visitor.client.get("/sign-money").data == b"signed"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('issuer = "http://login.example/v2.0"\nclient_id = "x"', "must begin with https"),
        ('issuer = "https://login.example/v2.0"', "client_id"),
        ('issuer = "https://login.example/v2.0"\nclient_id = "x"\n[provider.roles]\na = "Emperor"', "Emperor"),
        ('issuer = "https://login.example/v2.0"\nclient_id = "x"\nclient_secret = "y"', "client_secret_file"),
        ('issuer = "https://login.example/v2.0"\nclient_id = "x"', "link_base"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_in_words(tmp_path, written, said):
    (tmp_path / "sgo.toml").write_text(f"[provider]\n{written}\n")

    with pytest.raises(SettingsRefused, match=said):
        Settings.load({}, home=tmp_path)
