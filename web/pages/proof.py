"""Showing again who one is before something that cannot be taken back, and what was typed before a sign-in ended."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from casework.who import accounts
from web.doors import Access, Here, access, here
from web.entering import address, office, own_path
from web.pages.sign_in import wait_words

pages = Blueprint("proof", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/prove")
@access(Access.SIGNED_IN)
def ask() -> str:
    """Please show again who you are."""
    session["after_proof"] = own_path(request.args.get("next"))
    return _form(here())


@pages.post("/prove")
@access(Access.SIGNED_IN)
def prove() -> Answer:
    """Password, and the code where there is a second factor; in an invented county a word is enough."""
    me = here()
    if me.browser.how == "provider":
        return redirect(url_for("provider.prove"))
    if me.browser.how != "invented":
        name = me.who.handle
        wait = office().sign_ins.wait(name, person_id=me.who.id, address=address(), now=me.now)
        if wait:
            return _form(me, error=f"Please wait {wait_words(wait)}, then try again."), 429
        if not office().in_one_unit(
            lambda unit: accounts.proves(
                unit,
                me.who.id,
                password=request.form.get("password", ""),
                code=request.form.get("code", ""),
                now=me.now,
            )
        ):
            office().sign_ins.failed(name, address=address(), now=me.now)
            return _form(me, error="This does not show that it is you. Nothing was done; please try again."), 422
        office().sign_ins.forgive(name, address=address())
    office().sign_ins.prove(me.browser, now=me.now)
    return redirect(own_path(session.pop("after_proof", None)))


@pages.get("/held/<held>")
@access(Access.SIGNED_IN)
def held(held: str) -> str:
    """What you sent while you were signed out; nothing has been done with it yet."""
    me = here()
    with office().reading() as unit:
        found = accounts.held(unit, held, person_id=me.who.id)
    if found is None:
        abort(404)
    path, fields = found
    return render_template("held.html", path=path, fields=fields, held=held)


@pages.post("/held/<held>")
@access(Access.SIGNED_IN)
def throw_away(held: str) -> Response:
    """It is not wanted any more."""
    me = here()
    office().in_one_unit(lambda unit: accounts.let_go(unit, held, person_id=me.who.id))
    return redirect(url_for("my_work.show"))


def _form(me: Here, *, error: str | None = None) -> str:
    with office().reading() as unit:
        account = accounts.known(unit, me.who.id, today=me.today)
    return render_template("prove.html", account=account, how=me.browser.how, error=error)
