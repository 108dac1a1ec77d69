"""A meeting moved, cancelled or put back: first what it would mean for its children, then the act (practice PT-15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing, meetings
from casework.errors import Refused, Unusable
from casework.meetings import MeetingLine, MeetingMove
from casework.who.choosing import Chooseable, to_choose_from
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, Here, access, here
from web.pages.meetings import reasons_of

pages = Blueprint("meeting_changes", __name__)


@dataclass(frozen=True, slots=True)
class Change:
    """One of the three things that can become of a meeting."""

    name: str
    title: str
    button: str


CHANGES = {
    "move": Change("move", "Move this meeting", "Move it"),
    "cancel": Change("cancel", "Cancel this meeting", "Cancel it"),
    "put-back": Change("put-back", "Let this meeting take place after all", "Put it back"),
}


@pages.get("/meetings/<ref>/<any('move', 'cancel', 'put-back'):what>")
@access(Access.MEETING)
def show(ref: str, what: str) -> str:
    """The form."""
    me = here()
    line, choose = _look(me, ref)
    values = {"held_on": {}, "starts_at": line.starts_at or "", "place": line.place or ""}
    return _form(line, choose, what, values)


@pages.post("/meetings/<ref>/<any('move', 'cancel', 'put-back'):what>")
@access(Access.MEETING)
def take(ref: str, what: str) -> str | Response | tuple[str, int]:
    """Look at what it would mean, or do it."""
    me = here()
    line, choose = _look(me, ref)
    values: dict[str, Any] = {
        name: request.form.get(name, "").strip() for name in ("starts_at", "place", "reason", "instead")
    }
    values["held_on"] = forms.posted_date(request.form, "held_on")
    action = request.form.get("action", "look")
    if action == "change":
        return _form(line, choose, what, values)
    try:
        use_case = _use_case(me, ref, what, values)
        if action == "do":
            done = me.change(use_case)
            return redirect(url_for("meetings.show", ref=done.instead if what == "move" else ref, done=what))
        tried = doing.rehearse(me.office, use_case)
    except (Refused, Unusable) as wrong:
        return _form(line, choose, what, values, reasons_of(wrong)), 422
    names = {handle: words.rpartition(" (")[0] for handle, words in choose.people}
    hidden = [(name, value) for name, value in request.form.items() if name not in ("csrf_token", "action")]
    return render_template(
        "meeting_change_check.html",
        line=line,
        change=CHANGES[what],
        tried=tried,
        told=[names.get(handle, handle) for handle in tried.told],
        values=values,
        hidden=hidden,
    )


def _use_case(me: Here, ref: str, what: str, values: dict[str, Any]) -> Callable[[Session], MeetingMove]:
    if not values["reason"]:
        raise Refused("meeting", (Unmet("PT-15", "Say why: everyone who is told reads it.", "reason"),))
    how: dict[str, Any] = {"ref": ref, "reason": values["reason"], "by": me.actor, "now": me.now}
    if what == "move":
        how["to"] = forms.day_of(values["held_on"], "The new day")
        how |= {name: values[name] or None for name in ("starts_at", "place")}
        return lambda session: meetings.move_meeting(session, **how)
    if what == "cancel":
        how["instead"] = values["instead"] or None
        return lambda session: meetings.cancel_meeting(session, **how)
    return lambda session: meetings.put_back(session, **how)


def _look(me: Here, ref: str) -> tuple[MeetingLine, Chooseable]:
    return me.read(
        None,
        "form:meeting",
        lambda session: (
            meetings.show_meeting(session, ref, by=me.who.id, today=me.today),
            to_choose_from(session, today=me.today),
        ),
    )


def _form(
    line: MeetingLine, choose: Chooseable, what: str, values: dict[str, Any], wrong: tuple[Unmet, ...] = ()
) -> str:
    others = [(ref, words) for ref, words in choose.meetings if ref != line.ref and words.startswith(f"{line.body},")]
    return render_template(
        "meeting_change.html",
        line=line,
        change=CHANGES[what],
        typed=forms.Typed(values=values),
        wrong=wrong,
        others=others,
    )
