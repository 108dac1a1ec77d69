"""Signing in and out. On an invented county anyone may be tried; elsewhere an account is needed."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casework.who.visitors import visitor, visitors
from states.calendar import london_date
from web.doors import Access, access, now, office, own_path, sign_out
from web.doors import sign_in as begin

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@access(Access.ANYONE)
def choose() -> str:
    """Who are you?"""
    people = []
    if current_app.config["SIGN_IN_AS"]:
        with office().reading() as session:
            people = visitors(session, on=london_date(now()))
    return render_template("sign_in.html", people=people, next=request.args.get("next", ""))


@pages.post("/sign-in")
@access(Access.ANYONE)
def enter() -> Response:
    """Sign in as somebody of an invented county."""
    if not current_app.config["SIGN_IN_AS"]:
        abort(404)
    person_id = request.form.get("person", "")
    with office().reading() as session:
        who = visitor(session, person_id, on=london_date(now()))
    if who is None:
        return redirect(url_for("sign_in.choose"))
    begin(who.id)
    return redirect(own_path(request.form.get("next")))


@pages.post("/sign-out")
@access(Access.ANYONE)
def leave() -> Response:
    """Sign out."""
    sign_out()
    return redirect(url_for("sign_in.choose"))
