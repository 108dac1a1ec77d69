"""The application that answers a browser: one office, the pages, and what protects them (design 5.14)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader, PrefixLoader

from casework.units import Office
from states.plain_text import as_written
from states.vocabulary import Role
from web import assets, entering, formats, forms, names, navigation, safety, words
from web.compiled import CompiledOnce
from web.doors import door_of, guard_every_route
from web.pages import (
    access_reports,
    account,
    administration,
    attention,
    callbacks,
    child,
    children,
    flow,
    helping,
    interests,
    keeping,
    my_work,
    nights,
    overview,
    passing_on,
    proof,
    provider,
    requests,
    runs,
    sign_in,
    step,
)
from web.provider import Provider
from web.rooms import MEETING_PAGES, MONEY_PAGES

KEY_FILE = "pages.key"
PAGES = (
    callbacks.pages,
    sign_in.pages,
    provider.pages,
    proof.pages,
    account.pages,
    my_work.pages,
    children.pages,
    child.pages,
    requests.pages,
    step.pages,
    overview.pages,
    attention.pages,
    nights.pages,
    runs.pages,
    access_reports.pages,
    interests.pages,
    administration.pages,
    keeping.pages,
    flow.pages,
    passing_on.pages,
    helping.pages,
)
#: Every page there is: what is served, and what `docs/who-sees-what.md` lists.
EVERY_PAGE = (*PAGES, *MEETING_PAGES, *MONEY_PAGES)

#: What is not everyday work: at the foot of each page, for whom it is open to.
FOOTER = (
    ("Your sign-in", "account.show"),
    ("Open a restricted record", "access_reports.ask"),
    ("Access reports", "access_reports.show"),
    ("Register of interests", "interests.register"),
    ("Cover", "administration.cover"),
    ("Policy", "keeping.policy"),
    ("Administration", "administration.show"),
)
#: What stands on the page of administration, for whom it is open to.
ADMINISTRATION = (
    ("People, their roles and accounts", "administration.everybody"),
    ("Teams", "administration.teams"),
    ("Cover", "administration.cover"),
    ("Policy in force and what changed", "keeping.policy"),
    ("Plan a year of meetings", "meeting_calendar.show"),
    ("Notices as they read", "keeping.notices"),
    ("Messages that are held, failed or wait", "keeping.mail"),
    ("Access reports", "access_reports.show"),
)
#: The places about money, for whom each is open to.
MONEY = (
    ("Money desk", "money_desk.show"),
    ("Calculator", "calculator.show"),
    ("Finance tracker", "finance_tracker.show"),
)
#: The place of the overview that is not open to everybody who may open it.
OVERVIEW = (("Pass children on", "passing_on.show"),)


def create_app(office: Office, *, now: Callable[[], datetime], sign_in_as: bool = False) -> Flask:
    """The pages of an installation.

    `now`: the clock, aware UTC. `sign_in_as`: anyone may sign in as anyone, with a banner that says so; only for
    an invented county on this machine.
    """
    app = Flask("web", static_folder=None)
    app.secret_key = _secret(office.settings.home / KEY_FILE)
    app.config.update(
        OFFICE=office,
        NOW=now,
        SIGN_IN_AS=sign_in_as,
        PROVIDER=_provider(office),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="sgo",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(office.settings.link_base or "").startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=24),  # the sign-in itself ends in the database
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in lasts: what somebody typed slowly is not lost
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which our own policy never lets a browser send
    )
    app.jinja_options = {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.autoescape = True
    app.jinja_env.loader = ChoiceLoader(
        [PackageLoader("web"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    app.jinja_env.bytecode_cache = CompiledOnce()
    formats.add_to(app)
    navigation.add_to(app)
    names.add_to(app)
    words.add_to(app)
    app.jinja_env.globals["field_name"] = forms.name_of
    CSRFProtect(app).exempt(callbacks.pages)
    safety.protect(app)
    entering.keep_cookies(app)
    assets.serve(app)
    for pages in EVERY_PAGE:
        app.register_blueprint(pages)
    guard_every_route(app)
    app.url_value_preprocessor(_as_written)
    app.jinja_env.globals["footer_places"] = partial(_open_places, app)
    return app


def _as_written(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A reference in an address is known however it was typed."""
    if values and isinstance(ref := values.get("ref"), str):
        values["ref"] = as_written(ref)


def _provider(office: Office) -> Provider | None:
    settings = office.settings
    return Provider(settings.provider, base=settings.link_base or "") if settings.provider.issuer else None


def _open_places(app: Flask, roles: frozenset[Role], where: str = "foot") -> list[tuple[str, str]]:
    """What stands at the foot of a page, or in a place of its own, for these posts: (words, endpoint)."""
    places = {"administration": ADMINISTRATION, "money": MONEY, "overview": OVERVIEW}.get(where, FOOTER)
    doors = ((words, name, door_of(app.view_functions[name])) for words, name in places)
    return [(words, name) for words, name, door in doors if door and (not door.posts or door.posts & roles)]


def _secret(path: Path) -> bytes:
    """The key that signs cookies: made once, readable by its owner only."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()
