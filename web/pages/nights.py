"""Last night: whether it looked at everyone, what it found; nights side by side, and how it goes on (design 5.10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from casework.boards import nights
from casework.drift import history
from casework.drift.rules import RULES
from casework.following import health
from states.vocabulary import Role
from web.doors import Access, Here, access, here

pages = Blueprint("nights", __name__)
SHOWN = timedelta(days=27)


@pages.get("/nights")
@access(Access.SIGNED_IN)
def last() -> str:
    """Last night, and the four weeks before it."""
    me = here()

    def query(session: Session) -> dict[str, Any]:
        kept = nights.nights_kept(session, today=me.today, limit=1)
        found = _of(session, me, kept[0]) if kept else {"night": None, "lines": []}
        return {**found, "missing": health.heartbeat(session, me.now)}

    return render_template("night.html", last=True, today=me.today, **me.read(None, "night", query))


@pages.get("/nights/<on>")
@access(Access.SIGNED_IN)
def show(on: str) -> str:
    """The night of a date, and the four weeks before it."""
    me = here()
    day = a_day(on)
    if day is None or day > me.today:
        abort(404)
    found = me.read(None, "night", lambda session: _of(session, me, day))
    if found["night"] is None:
        abort(404)
    return render_template("night.html", last=False, missing=None, today=me.today, **found)


def _of(session: Session, me: Here, on: date) -> dict[str, Any]:
    whole = Role.OPERATOR in me.who.roles
    return {
        "night": nights.a_night(session, on, by=me.who.id, today=me.today, whole=whole),
        "lines": nights.night_by_night(session, by=me.who.id, today=on, since=on - SHOWN, whole=whole),
    }


@pages.get("/nights/compare")
@access(Access.SIGNED_IN)
def compare() -> str:
    """Two nights side by side: what is new, what is over, what went up or got worse."""
    me = here()
    kept = me.read(None, "night", lambda session: nights.nights_kept(session, today=me.today))
    before = kept[1] if len(kept) > 1 else me.today - timedelta(days=1)
    one, other = a_day(request.args.get("from", "")) or before, a_day(request.args.get("to", ""))
    other = other or (kept[0] if kept else me.today)
    found = me.read(
        None, "night", lambda session: history.compare(session, one, other, by=me.who.id, today=me.today)
    )
    parts = (
        ("New", found.new, "Nothing is new."),
        ("Over", found.cleared, "Nothing is over."),
        ("Gone up or worse", found.escalated, "Nothing went up or got worse."),
    )
    return render_template("nights_compared.html", found=found, parts=parts, today=me.today)


@pages.get("/nights/trend")
@access(Access.SIGNED_IN)
def trend() -> str:
    """How many findings stood after each night, or each week, by rule."""
    me = here()
    weekly = request.args.get("by") == "week"
    since = me.today - (timedelta(weeks=26) if weekly else SHOWN)
    stands = me.read(
        None,
        "night",
        lambda session: history.trend(session, by=me.who.id, today=me.today, since=since, weekly=weekly),
    )
    rules = sorted({rule for stand in stands for rule in stand.findings})
    return render_template(
        "nights_trend.html",
        stands=stands,
        rules=[(rule, RULES[rule].words if rule in RULES else "") for rule in rules],
        weekly=weekly,
        other=url_for("nights.trend", by="" if weekly else "week"),
    )


def a_day(words: str) -> date | None:
    """A date as it stands in an address or in a date field; None for anything else."""
    try:
        return date.fromisoformat(words.strip())
    except ValueError:
        return None
