"""To the council's identity provider and back: to sign in, or to show again who one is."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.who import accounts
from states.calendar import london_date
from web import entering
from web.doors import Access, access
from web.entering import now, office, own_path
from web.provider import BACK, Claims, NotProven, Provider

pages = Blueprint("provider", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/sign-in/provider")
@access(Access.ANYONE)
def go() -> Answer:
    """Sign in at the council's own page."""
    if wanted := request.args.get("next"):
        session["next"] = wanted
    return _sent(again=False)


@pages.get("/prove/provider")
@access(Access.SIGNED_IN)
def prove() -> Answer:
    """Show again there who one is."""
    return _sent(again=True)


@pages.get(BACK)
@access(Access.ANYONE)
def back() -> Answer:
    """What the provider has to say, once, to the browser that asked."""
    remembered = session.pop("asked_provider", None)
    if not isinstance(remembered, dict):
        return _not_in("This page is only the way back from the council's sign-in. Please begin at the sign-in page.")
    try:
        claims = _provider().answered(remembered, query=request.query_string.decode("ascii", "replace"), now=now())
    except NotProven as error:
        return _not_in(str(error))
    person_id = office().in_one_unit(lambda unit: _whom(unit, claims))
    if remembered["again"]:
        found = entering.signed_in()
        if found is None or person_id != found.browser.person_id:
            return _not_in("This was somebody else's sign-in: it proves nothing of you.")
        office().sign_ins.prove(found.browser, now=now())
        return render_template("once_more.html", path=own_path(session.pop("after_proof", None)))
    if person_id is None:
        return _not_in("Nobody here is linked to your council account yet.", subject=claims.subject)
    entering.begin(person_id, how="provider")
    return render_template("once_more.html", path=own_path(session.pop("next", None)))


def _whom(unit: Session, claims: Claims) -> str | None:
    settings = office().settings.provider
    handles = claims.words(settings.link_claim) if settings.link_claim else ()
    person = accounts.by_provider(
        unit,
        issuer=claims.issuer,
        subject=claims.subject,
        handle=handles[0] if len(handles) == 1 else None,
        now=now(),
    )
    if person is None:
        return None
    if settings.roles:
        posts = settings.posts(claims.words(settings.roles_claim))
        accounts.take_posts(unit, person, posts, today=london_date(now()), now=now())
    return person.id


def _sent(*, again: bool) -> Answer:
    try:
        address, remembered = _provider().ask(now=now(), again=again)
    except NotProven as error:
        return _not_in(str(error))
    session["asked_provider"] = remembered
    return redirect(address)


def _provider() -> Provider:
    provider = current_app.config["PROVIDER"]
    if provider is None:
        abort(404)
    return cast("Provider", provider)


def _not_in(words: str, *, subject: str | None = None) -> tuple[str, int]:
    return render_template("not_signed_in.html", words=words, subject=subject, start=url_for("sign_in.choose")), 403
