"""Signing in and out: by password and code kept here, through the identity provider, or as one of an invented county.

Whatever fails says the same, and takes as long, whether or not there is such an account.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from casework.errors import Refused
from casework.who import accounts
from casework.who.second_factor import app_address, in_fours
from casework.who.sign_ins import CODE, ENROLMENT
from casework.who.visitors import visitor, visitors
from states.calendar import london_date
from web.doors import Access, access
from web.entering import address, begin, limits, now, office, own_path, sign_out, waiting

pages = Blueprint("sign_in", __name__)
Answer = str | Response | tuple[str, int]

WRONG = "The name and the password do not belong together. After several wrong attempts you have to wait a little."
WRONG_CODE = "This code is not right. Type the six digits that the app shows now; each works once."


@pages.get("/sign-in")
@access(Access.ANYONE)
def choose() -> str:
    """Who are you?"""
    if wanted := request.args.get("next"):
        session["next"] = wanted
    return _form()


@pages.post("/sign-in")
@access(Access.ANYONE)
def enter() -> Response:
    """Sign in as somebody of an invented county."""
    if not current_app.config["SIGN_IN_AS"]:
        abort(404)
    person_id = request.form.get("person", "")
    with office().reading() as session_:
        who = visitor(session_, person_id, on=london_date(now()))
    if who is None:
        return redirect(url_for("sign_in.choose"))
    begin(who.id, how="invented")
    return _onward()


@pages.post("/sign-in/password")
@access(Access.ANYONE)
def password() -> Answer:
    """The first half: name and password."""
    if not limits().local:
        abort(404)
    name = request.form.get("name", "").strip()
    with office().reading() as unit:
        person_id = accounts.id_of(unit, name)
        if wait := _wait(name, person_id):
            return _form(name=name, wait=wait), 429
        who = accounts.of_password(unit, name, request.form.get("password", ""))
        waits_for = accounts.still_asked(unit, who.id, london_date(now())) if who is not None else None
    if who is None:
        office().sign_ins.failed(name, address=address(), now=now())
        return _form(name=name, error=WRONG), 422
    if waits_for != CODE:  # a password alone does not yet show that it is they
        office().sign_ins.forgive(name, address=address())
    begin(who.id, how="password", waits_for=waits_for)
    if waits_for is not None:
        return redirect(url_for("sign_in.code" if waits_for == CODE else "sign_in.second_factor"))
    return _onward()


@pages.route("/sign-in/code", methods=["GET", "POST"])
@access(Access.ANYONE)
def code() -> Answer:
    """The second half: the app's code, or a recovery code."""
    half = waiting(CODE)
    if half is None:
        return redirect(url_for("sign_in.choose"))
    if request.method == "GET":
        return render_template("sign_in_code.html", error=None, wait=None)
    handle = _handle(half.person_id)
    if wait := _wait(handle, half.person_id):
        return render_template("sign_in_code.html", error=None, wait=wait), 429
    typed = request.form.get("code", "")
    right = office().in_one_unit(lambda unit: accounts.is_code(unit, half.person_id, typed, now=now()))
    if not right:
        office().sign_ins.failed(handle, address=address(), now=now())
        return render_template("sign_in_code.html", error=WRONG_CODE, wait=None), 422
    office().sign_ins.forgive(handle, address=address())
    begin(half.person_id, how="password and code")
    return _onward()


@pages.route("/sign-in/second-factor", methods=["GET", "POST"])
@access(Access.ANYONE)
def second_factor() -> Answer:
    """Whoever signs money sets up a second factor before anything opens."""
    half = waiting(ENROLMENT)
    if half is None:
        return redirect(url_for("sign_in.choose"))
    if request.method == "GET":
        return enrolment(half.person_id, needed=True)
    try:
        codes = office().in_one_unit(
            lambda unit: accounts.confirm_second_factor(
                unit, half.person_id, request.form.get("code", ""), now=now()
            )
        )
    except Refused as refused:
        return enrolment(half.person_id, needed=True, error=refused.reasons[0].reason), 422
    begin(half.person_id, how="password and code")
    return render_template("recovery_codes.html", codes=codes, onward=own_path(session.pop("next", None)))


@pages.get("/set-password/<token>")
@access(Access.ANYONE)
def link(token: str) -> Response:
    """A one-time link: its secret leaves the address bar at once."""
    session["link"] = token
    return redirect(url_for("sign_in.set_password"))


@pages.route("/set-password", methods=["GET", "POST"])
@access(Access.ANYONE)
def set_password() -> Answer:
    """Choose a password by a one-time link."""
    token = session.get("link", "")
    with office().reading() as unit:
        person = accounts.invited(unit, token, now=now()) if token else None
        name = (person.name, person.handle) if person is not None else None
    if name is None:
        return render_template("set_password.html", name=None, words=accounts.LINK_OVER, wrong={}), 422
    if request.method == "GET":
        return render_template("set_password.html", name=name, wrong={}, length=limits().password_length)
    chosen = request.form.get("password", "")
    wrong = {} if chosen == request.form.get("again") else {"again": "Type the same password twice."}
    try:
        if not wrong:
            office().in_one_unit(
                lambda unit: accounts.accept(
                    unit,
                    token,
                    chosen,
                    shortest=limits().password_length,
                    system=office().settings.system_name,
                    now=now(),
                )
            )
    except Refused as refused:
        wrong = {unmet.field or "password": unmet.reason for unmet in refused.reasons}
    if wrong:
        return render_template("set_password.html", name=name, wrong=wrong, length=limits().password_length), 422
    session.pop("link", None)
    return redirect(url_for("sign_in.choose", done="password"))


@pages.post("/sign-out")
@access(Access.ANYONE)
def leave() -> Response:
    """Sign out."""
    sign_out()
    return redirect(url_for("sign_in.choose", done="out"))


def enrolment(person_id: str, *, needed: bool, error: str | None = None) -> str:
    """The page that shows the key for the app."""
    secret = office().in_one_unit(lambda unit: accounts.begin_second_factor(unit, person_id, now=now()))
    return render_template(
        "second_factor.html",
        key=in_fours(secret),
        app=app_address(secret, system=office().settings.system_name, handle=_handle(person_id)),
        needed=needed,
        error=error,
    )


def wait_words(wait: timedelta) -> str:
    """How long somebody has to wait, in words."""
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} seconds" if seconds < 90 else f"{-(-seconds // 60)} minutes"


def _wait(name: str, person_id: str | None) -> str | None:
    wait = office().sign_ins.wait(name, person_id=person_id, address=address(), now=now())
    return wait_words(wait) if wait else None


def _onward() -> Response:
    return redirect(own_path(request.form.get("next") or session.pop("next", None)))


def _handle(person_id: str) -> str:
    with office().reading() as unit:
        return accounts.known(unit, person_id, today=london_date(now())).handle


def _form(*, name: str = "", error: str | None = None, wait: str | None = None) -> str:
    people = []
    if current_app.config["SIGN_IN_AS"]:
        with office().reading() as unit:
            people = visitors(unit, on=london_date(now()))
    return render_template(
        "sign_in.html",
        people=people,
        local=limits().local,
        provider=office().settings.provider.name if current_app.config["PROVIDER"] else None,
        name=name,
        error=error,
        wait=wait,
        done=request.args.get("done", ""),
        wanted=session.get("next"),
    )
