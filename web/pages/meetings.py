"""Meetings: those to come, one with its agenda, who came, and who was told (practice PT-4, PT-15)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import meetings
from casework.errors import Refused, Unusable
from casework.meetings.keeping import KEEP_CALENDARS
from casework.meetings.seen import MeetingSeen, see_meeting
from casework.meetings.table import GroupTable, group_table
from casework.who.choosing import Chooseable, to_choose_from
from states.guards.group import REVIEW_GROUP_BODY
from states.policy.recurring import Body
from states.vocabulary import Service, Unmet
from web import forms
from web.doors import Access, access, here

pages = Blueprint("meetings", __name__)


@pages.get("/meetings")
@access(Access.SIGNED_IN)
def every() -> str:
    """The meetings to come, or those that have been."""
    me = here()
    body, past = request.args.get("body", ""), bool(request.args.get("past"))
    lines = me.read(
        None,
        "meetings",
        lambda session: meetings.list_meetings(
            session, by=me.who.id, today=me.today, body=body or None, since=None if past else me.today
        ),
    )
    if past:
        lines = [line for line in reversed(lines) if line.held_on < me.today][:100]
    return render_template(
        "meetings.html",
        lines=lines,
        body=body,
        bodies=meetings.BODIES,
        past=past,
        today=me.today,
        plans=bool(me.who.roles & KEEP_CALENDARS),
    )


@pages.get("/meetings/new")
@access(Access.SIGNED_IN)
def new() -> str:
    """Put a meeting on the calendar."""
    me = here()
    choose = me.read(None, "form:meeting", lambda session: to_choose_from(session, today=me.today))
    return _new(choose, {"body": REVIEW_GROUP_BODY})


@pages.post("/meetings/new")
@access(Access.SIGNED_IN)
def plan() -> str | Response | tuple[str, int]:
    """Plan it; whoever may not is told so."""
    me = here()
    values = _posted("body", "chair", "starts_at", "place") | {"held_on": forms.posted_date(request.form, "held_on")}
    try:
        held_on = forms.day_of(values["held_on"], "When")
        ref = me.change(
            lambda session: (
                meetings.plan_meeting(
                    session,
                    body=values["body"],
                    held_on=held_on,
                    chair=values["chair"] or None,
                    starts_at=values["starts_at"] or None,
                    place=values["place"] or None,
                    by=me.who.id,
                    today=me.today,
                    now=me.now,
                ).ref
            )
        )
    except (Refused, Unusable) as wrong:
        choose = me.read(None, "form:meeting", lambda session: to_choose_from(session, today=me.today))
        return _new(choose, values, reasons_of(wrong)), 422
    return redirect(url_for("meetings.show", ref=ref, done="planned"))


def _new(choose: Chooseable, values: dict[str, Any], wrong: tuple[Unmet, ...] = ()) -> str:
    return render_template(
        "meeting_new.html", choose=choose, typed=forms.Typed(values=values), wrong=wrong, bodies=list(Body),
        plans=bool(here().who.roles & KEEP_CALENDARS),
    )


@pages.get("/meetings/<ref>")
@access(Access.MEETING)
def show(ref: str) -> str:
    """One meeting."""
    return _page(ref)


@pages.post("/meetings/<ref>")
@access(Access.MEETING)
def change(ref: str) -> str | Response | tuple[str, int]:
    """Write down who came, or name who chairs."""
    me = here()
    values = _posted("person", "service", "how", "substitute_for", "chair")
    action = request.form.get("action", "")

    def write(session: Session) -> None:
        if action == "chair":
            if not values["chair"]:
                raise Unusable("Choose who chairs the meeting.")
            meetings.set_chair(session, ref=ref, chair=values["chair"], by=me.who.id, today=me.today)
            return
        meetings.record_attendance(
            session,
            ref=ref,
            person=values["person"] or None,
            service=Service(values["service"]) if values["service"] in set(Service) else None,
            how=values["how"],
            by=me.who.id,
            today=me.today,
            now=me.now,
            substitute_for=values["substitute_for"] or None,
        )

    try:
        me.change(write)
    except (Refused, Unusable) as wrong:
        return _page(ref, values, reasons_of(wrong)), 422
    back = "table.show" if request.form.get("back") == "table" else "meetings.show"
    return redirect(url_for(back, ref=ref, done=action))


def _page(ref: str, values: dict[str, Any] | None = None, wrong: tuple[Unmet, ...] = ()) -> str:
    me = here()

    def look(session: Session) -> tuple[MeetingSeen, GroupTable | None, Chooseable]:
        seen = see_meeting(session, ref, by=me.who.id, today=me.today)
        of_the_group = seen.line.body == REVIEW_GROUP_BODY and seen.child is None
        table = group_table(session, ref, by=me.who.id, today=me.today) if of_the_group else None
        return seen, table, to_choose_from(session, today=me.today)

    seen, table, choose = me.read_many("meeting", look, lambda found: _children(found[0]))
    return render_template(
        "meeting.html",
        seen=seen,
        line=seen.line,
        table=table,
        choose=choose,
        typed=forms.Typed(values=values or {"how": "present"}),
        wrong=wrong,
        services=list(Service),
        today=me.today,
        done=request.args.get("done", ""),
    )


def _children(seen: MeetingSeen) -> list[str]:
    requests = [item.ref for item in seen.line.requests]
    return [*(item.ref for item in seen.line.items), *requests, *([seen.child] if seen.child else [])]


def _posted(*names: str) -> dict[str, Any]:
    return {name: request.form.get(name, "").strip() for name in names}


def reasons_of(wrong: Refused | Unusable) -> tuple[Unmet, ...]:
    """What stood in the way, as a page lists it."""
    return tuple(wrong.reasons) if isinstance(wrong, Refused) else (Unmet("", str(wrong)),)
