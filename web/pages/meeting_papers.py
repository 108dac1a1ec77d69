"""What goes to the members of a meeting, and what comes out of it: pack, minutes, distribution (practice PT-4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from casework.errors import Refused, Unusable
from casework.meetings import minutes as kept
from casework.meetings import pack as packs
from casework.meetings.minutes import Distributed
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, access, here
from web.pages.meetings import reasons_of
from web.printing import printable

pages = Blueprint("meeting_papers", __name__)


@pages.get("/meetings/<ref>/pack")
@access(Access.MEETING)
def pack(ref: str) -> Response:
    """The pack to print: only children whose records the reader may open."""
    me = here()
    made = me.read_many(
        "pack", lambda session: packs.pack_of(session, ref, by=me.who.id, now=me.now), lambda made: made.children
    )
    return printable(made.html)


@pages.get("/meetings/<ref>/minutes")
@access(Access.MEETING)
def minutes(ref: str) -> str:
    """The minutes: who came, and what was decided about each child."""
    return _page(ref)


@pages.post("/meetings/<ref>/minutes")
@access(Access.MEETING)
def distribute(ref: str) -> str | tuple[str, int]:
    """Write down that the decisions were distributed; a result for each child."""
    me = here()
    values = {name: request.form.get(name, "").strip() for name in ("reference", "sent_to")}
    try:
        if missing := _missing(values):
            raise Refused("distribute_minutes", missing)
        done = me.change(
            lambda session: kept.distribute(session, ref, **values, by=me.actor, now=me.now)
        )
    except (Refused, Unusable) as wrong:
        return _page(ref, values=values, wrong=reasons_of(wrong)), 422
    return _page(ref, done=done)


def _missing(values: dict[str, str]) -> list[Unmet]:
    asked = {"reference": "Give the minute reference.", "sent_to": "Say to whom the decisions were sent."}
    return [Unmet("R-RG-8", words, name) for name, words in asked.items() if not values[name]]


def _page(
    ref: str,
    *,
    values: dict[str, str] | None = None,
    wrong: tuple[Unmet, ...] = (),
    done: tuple[Distributed, ...] | None = None,
) -> str:
    me = here()
    seen = me.read_many(
        "minutes",
        lambda session: kept.minutes_of(session, ref, by=me.who.id, today=me.today),
        lambda seen: seen.read,
    )
    return render_template(
        "minutes.html", seen=seen, typed=forms.Typed(values=values or {}), wrong=wrong, done=done, today=me.today
    )
