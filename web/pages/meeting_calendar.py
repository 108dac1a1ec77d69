"""A year of a body's meetings planned at once: looked at day by day, confirmed; and the way back (practice PT-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing, policies
from casework.errors import Conflict, Refused, Unusable
from casework.meetings.calendars import (
    Series,
    call_off_together,
    empty_to_come,
    faults_of,
    plan_series,
)
from casework.meetings.keeping import KEEP_CALENDARS, MeetingLine
from casework.meetings.moving import MeetingMove
from casework.who.choosing import Chooseable, to_choose_from
from states.calendar import Calendar
from states.policy.recurring import ORDINALS, WEEKDAYS, Body
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, Here, access, here
from web.pages.meetings import reasons_of

pages = Blueprint("meeting_calendar", __name__)
Answer = str | Response | tuple[str, int]
#: How often, as the form asks it.
POLICY, MONTHLY, WEEKLY = "policy", "monthly", "weekly"
WORDS = ("body", "how", "nth", "weekday", "weeks", "chair", "starts_at", "place")
DATES = ("since", "until")
OVERTAKEN = "Somebody planned a meeting of this body since you looked, and nothing was planned. Look at the days again."


@pages.get("/meetings/calendar")
@access(Access.POSTS, posts=KEEP_CALENDARS)
def show() -> str:
    """The form, for a year from today; and the meetings to come that can be called off again."""
    me = here()
    body = request.args.get("body", Body.REVIEW_GROUP.value)
    return _page(me, {"body": body, "how": POLICY, "since": forms.parts_of(me.today)})


@pages.post("/meetings/calendar")
@access(Access.POSTS, posts=KEEP_CALENDARS)
def plan() -> Answer:
    """Look at the days, or plan them; what was looked at is what is planned."""
    me = here()
    values: dict[str, Any] = {name: request.form.get(name, "").strip() for name in WORDS}
    values |= {name: forms.posted_date(request.form, name) for name in DATES}
    action, seen = request.form.get("action", "look"), request.form.get("mark", "")
    if action == "change":
        return _page(me, values)
    try:
        asked = _asked(me, values)

        def fill_in(session: Session) -> Series:
            series = plan_series(session, **asked, by=me.who.id, today=me.today, now=me.now)
            if action == "do" and series.mark != seen:
                raise Conflict(OVERTAKEN)
            return series

        if action == "do":
            planned = sum(day.is_new for day in me.change(fill_in).days)
            return redirect(url_for("meeting_calendar.show", body=values["body"], done=planned))
        return _page(me, values, series=doing.rehearse(me.office, fill_in))
    except Conflict as overtaken:
        return _page(me, values, wrong=(Unmet("", str(overtaken)),)), 409
    except (Refused, Unusable) as wrong:
        return _page(me, values, wrong=reasons_of(wrong)), 422


@pages.post("/meetings/calendar/call-off")
@access(Access.POSTS, posts=KEEP_CALENDARS)
def call_off() -> Answer:
    """Look at what calling off the meetings that are ticked would mean, or do it."""
    me = here()
    body, reason, refs = request.form.get("body", ""), request.form.get("reason", "").strip(), _ticked()

    def together(session: Session) -> tuple[MeetingMove, ...]:
        return call_off_together(session, refs, reason=reason, by=me.actor, now=me.now)

    values = {"body": body, "how": POLICY, "since": forms.parts_of(me.today), "reason": reason, "refs": refs}
    if request.form.get("action") == "change":
        return _page(me, values)
    try:
        if request.form.get("action") == "do":
            done = me.change(together)
            return redirect(url_for("meeting_calendar.show", body=body, off=len(done)))
        return _page(me, values, off=doing.rehearse(me.office, together))
    except (Refused, Unusable) as wrong:
        return _page(me, values, wrong=reasons_of(wrong)), 422


def _ticked() -> list[str]:
    return list(dict.fromkeys(request.form.getlist("refs")))[:200]


def _asked(me: Here, values: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, as a calendar is planned. Raises Refused with everything that is wrong with it."""
    wrong: list[Unmet] = []
    dates: dict[str, date | None] = {}
    for name, label in (("since", "From"), ("until", "To")):
        try:
            empty = name == "until" and not any(values[name].values())
            dates[name] = None if empty else forms.day_of(values[name], label)
        except Unusable as none:
            dates[name] = None
            wrong.append(Unmet("", str(none), name))
    asked = {
        "body": values["body"],
        **dates,
        "recurring": _how_often(values, dates["since"], wrong),
        **{name: values[name] or None for name in ("chair", "starts_at", "place")},
    }
    with me.office.reading() as session:
        found = faults_of(session, **asked, today=me.today)
    often = "weeks" if values["how"] == WEEKLY else "nth"
    wrong += [replace(one, field=often) if one.field == "every" else one for one in found]
    if wrong:
        raise Refused("calendar", wrong)
    return asked


def _how_often(values: dict[str, Any], since: date | None, wrong: list[Unmet]) -> str | None:
    if values["how"] == MONTHLY:
        if values["nth"] not in ORDINALS or values["weekday"] not in WEEKDAYS:
            wrong.append(Unmet("PT-15", "Choose which weekday of the month.", "nth"))
            return None
        return f"{values['nth']} {values['weekday']} of the month"
    if values["how"] == WEEKLY:
        if not (values["weeks"].isascii() and values["weeks"].isdigit() and 0 < int(values["weeks"]) < 53):
            wrong.append(Unmet("PT-15", "Say every how many weeks, from 1 to 52.", "weeks"))
            return None
        return f"every {int(values['weeks'])} weeks from {since}" if since else None
    return None


def _page(
    me: Here,
    values: dict[str, Any],
    *,
    wrong: tuple[Unmet, ...] = (),
    series: Series | None = None,
    off: tuple[MeetingMove, ...] = (),
) -> str:
    body = values["body"] if values["body"] in set(Body) else Body.REVIEW_GROUP.value

    def look(session: Session) -> tuple[list[MeetingLine], Chooseable, dict[str, str], date, str]:
        policy = policies.in_force(session, me.today).policy
        return (
            empty_to_come(session, body=body, by=me.who.id, today=me.today),
            to_choose_from(session, today=me.today),
            {str(name): str(rule) for name, rule in policy.meetings.calendars.items()},
            Calendar.of(policy).add_months_by(me.today, policy.meetings.planned_ahead_months),
            policy.meetings.on_a_day_off,
        )

    empty, choose, rules, usual_end, on_a_day_off = me.read(None, "form:calendar", look)
    named = {handle: words.rpartition(" (")[0] for handle, words in choose.people}
    return render_template(
        "meeting_calendar.html",
        body=body,
        bodies=[one.value for one in Body],
        rules=rules,
        ordinals=list(ORDINALS),
        weekdays=WEEKDAYS,
        usual_end=usual_end,
        on_a_day_off=on_a_day_off,
        choose=choose,
        empty=empty,
        typed=forms.Typed(values=values),
        ticked=set(values.get("refs", ())),
        wrong=wrong,
        series=series,
        off=off,
        told=sorted({named.get(handle, handle) for one in off for handle in one.told}),
        hidden=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in ("csrf_token", "action", "mark")
        ],
        done=request.args.get("done", ""),
        called_off=request.args.get("off", ""),
        today=me.today,
    )
