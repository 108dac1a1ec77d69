"""Passing on the children of somebody who leaves: each by themselves, with a result per child (practice PT-19)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from casework import each_child
from casework.boards.where import teams_and_workers
from casework.who.choosing import names_of_people, to_choose_from
from states.vocabulary import Role, Unmet
from web import forms
from web.doors import Access, Here, access, here

pages = Blueprint("passing_on", __name__)
#: Who allocates: managers and the SGO team. Whether a child may be passed on is asked again for each.
WHO = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR, Role.SGO_TEAM, Role.IRO_MANAGER)


@pages.get("/pass-on")
@access(Access.POSTS, posts=WHO)
def show() -> str:
    """Whose children, and which of them."""
    me = here()
    leaving = request.args.get("from", "")
    return _form(me, leaving, forms.Typed(values={"on": _parts(me.today)}), ())


@pages.post("/pass-on")
@access(Access.POSTS, posts=WHO)
def do() -> str | tuple[str, int]:
    """One allocation a child. A child who is refused holds up nobody else."""
    me = here()
    leaving = request.form.get("from", "")
    chosen = request.form.getlist("chosen")
    when = {part: request.form.get(f"on-{part}", "").strip() for part in ("day", "month", "year")}
    values = {name: request.form.get(name, "").strip() for name in ("to", "handover", "no_conflict")}
    typed = forms.Typed(values={**values, "on": when, "chosen": chosen})
    wrong = []
    if not chosen:
        wrong.append(Unmet("", "Choose at least one child.", "chosen"))
    if not values["to"]:
        wrong.append(Unmet("R-ALC-1", "Say who takes them over.", "to"))
    if values["no_conflict"] not in ("yes", "no"):
        wrong.append(Unmet("R-ALC-1", "Say whether the new person has no conflict of interest.", "no_conflict"))
    try:
        on = date.fromisoformat(forms.date_text(when))
    except ValueError:
        on = me.today
        wrong.append(Unmet("", "Enter the day, such as 27 3 2027.", "on"))
    if wrong:
        return _form(me, leaving, typed, tuple(wrong)), 422
    held = me.read(None, "posts", lambda session: _held(session, me, leaving))
    wanted = [(ref, post) for ref, post in held if f"{ref}:{post}" in chosen]
    commands = each_child.reassignment(
        wanted,
        to=values["to"],
        on=on,
        no_conflict=values["no_conflict"] == "yes",
        handover=values["handover"] or None,
    )
    key = request.form.get("key") or secrets.token_hex(16)
    commands = [replace(one, key=f"{key}:{one.ref}:{one.record['role']}") for one in commands]
    answers = each_child.do_each(me.office, commands, by=me.actor, now=me.now)
    return render_template(
        "passed_on.html",
        results=[(answer, command.record["role"]) for answer, command in zip(answers, commands, strict=True)],
        done=sum(one.result is not None for one in answers),
        leaving=leaving,
        names=me.read(None, "posts", names_of_people),
        to=values["to"],
    )


def _held(session: Session, me: Here, leaving: str) -> list[tuple[str, str]]:
    return each_child.held_by(session, leaving, by=me.who.id, today=me.today) if leaving else []


def _form(me: Here, leaving: str, typed: forms.Typed, wrong: tuple[Unmet, ...]) -> str:
    def query(session: Session) -> tuple[Any, ...]:
        _, workers = teams_and_workers(session, by=me.who.id, today=me.today)
        known = leaving if leaving in {one for one, _ in workers} else ""
        return workers, known, _held(session, me, known), to_choose_from(session, today=me.today)

    workers, known, held, choose = me.read(None, "posts", query)
    names = frozenset({"chosen", "to", "no_conflict", "on"})
    return render_template(
        "pass_on.html",
        workers=workers,
        leaving=known,
        held=held,
        choose=choose,
        typed=typed,
        wrong=forms.Errors(listed=wrong, fields=names, dates=frozenset({"on"})),
        key=secrets.token_hex(16),
    )


def _parts(day: date) -> dict[str, str]:
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
