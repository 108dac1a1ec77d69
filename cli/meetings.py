"""Meetings of the bodies: planned, chaired, attended (rules R-RG-1)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import meeting_changes, meeting_papers
from cli.options import As, Json, Ref, a_day
from cli.output import Page, answer, day, plain
from cli.terminal import Desk, at_desk
from states.vocabulary import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from casework.meetings import Coming, MeetingLine, PlannedDay, Series
    from casework.meetings.money import RequestHeard

app = typer.Typer(
    help="Meetings: calendars, agendas, attendance, what is moved, minutes and packs.", no_args_is_help=True
)

meeting_changes.add_to(app)
meeting_papers.add_to(app)

MeetingRef = Annotated[str, typer.Argument(metavar="MEETING", help="Its reference, such as MT-7K4QM2XD.")]


@app.command("plan")
def plan(
    on: Annotated[date, typer.Option("--on", metavar="DATE", parser=a_day, help="The day of the meeting.")],
    body: Annotated[
        str, typer.Option("--body", metavar="BODY", help="Review Group, KDD, ROA, Permanence Panel, DMT …")
    ] = "Review Group",
    chair: Annotated[str | None, typer.Option("--chair", metavar="PERSON", help="Who chairs it.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="Such as 10:00.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="TEXT", help="Where.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Put a meeting on the calendar."""
    from casework import meetings

    with at_desk(as_) as here:
        ref = here.office.in_one_unit(
            lambda session: (
                meetings.plan_meeting(
                    session,
                    body=body,
                    held_on=on,
                    chair=chair,
                    starts_at=at,
                    place=place,
                    by=here.person_id,
                    today=here.today,
                    now=here.now,
                ).ref
            )
        )
        _show(here, ref, json)


@app.command("calendar")
def calendar(
    body: Annotated[
        str, typer.Option("--body", metavar="BODY", help="Review Group, Permanence Panel or DMT.")
    ] = "Review Group",
    since: Annotated[
        date | None, typer.Option("--from", metavar="DATE", parser=a_day, help="From this day on; otherwise today.")
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--until", metavar="DATE", parser=a_day, help="To this day; otherwise as the policy plans ahead."),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="RULE",
            help="Not by the policy's calendar but by this: '2nd Thursday of the month', 'every 4 weeks from DATE'.",
        ),
    ] = None,
    chair: Annotated[str | None, typer.Option("--chair", metavar="PERSON", help="Who chairs them.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="Such as 10:00.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="TEXT", help="Where.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show the days, and plan nothing.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Fill in a body's calendar: every meeting of some months, days off skipped. Again: only what is missing."""
    from casework import meetings

    with at_desk(as_) as here:
        series = here.try_out if preview else here.office.in_one_unit
        planned = series(
            lambda session: meetings.plan_series(
                session,
                body=body,
                since=since or here.today,
                until=until,
                recurring=every,
                chair=chair,
                starts_at=at,
                place=place,
                by=here.person_id,
                today=here.today,
                now=here.now,
            )
        )
        answer(json, _series_json(planned, preview), lambda page: _series(page, planned, preview))


def _series_json(planned: Series, preview: bool) -> dict[str, Any]:
    days = [{**plain(one), "ref": None if preview and one.what.startswith("new") else one.ref} for one in planned.days]
    return {"body": planned.body, "rule": planned.rule, "preview": preview, "days": days}


def _series(page: Page, planned: Series, preview: bool) -> None:
    page.title(f"{planned.body}: {planned.rule}")
    rows = [
        (
            f"{one.held_on:%a} {day(one.held_on)}" if one.held_on else f"({one.by_calendar:%a} {day(one.by_calendar)})",
            day(one.papers_due_on),
            "–" if one.ref is None or (preview and one.what.startswith("new")) else one.ref,
            _becomes(one),
        )
        for one in planned.days
    ]
    page.table(("When", "Papers by", "Meeting", ""), rows, rigid=(0, 1, 2))
    if preview:
        page.line()
        page.line("Nothing has been planned: this is a preview.", style="bold")


def _becomes(one: PlannedDay) -> str:
    """What becomes of a day, why it is moved or left out, and what else needs its chair or its room."""
    words = f"{one.what.value}: {one.day_off}, {day(one.by_calendar)}" if one.day_off else one.what.value
    clashes = [f"{also.body} has {' and '.join(also.clashes)} that day" for also in one.also if also.clashes]
    return "; ".join((words, *clashes))


@app.command("next")
def next_meetings(ref: Ref, as_: As = None, json: Json = False) -> None:
    """Which meetings a child, or a funding request, makes next, what it misses, by how much, and what that costs."""
    from casework import meetings

    with at_desk(as_) as here:
        coming = here.read(
            ref,
            "next meetings",
            lambda session: meetings.meetings_ahead(session, ref, by=here.person_id, today=here.today),
        )
        answer(json, [plain(one) for one in coming], lambda page: ahead(page, coming))


def ahead(page: Page, coming: Sequence[Coming]) -> None:
    """The next meetings of a child, a line each."""
    if not coming:
        page.line("No meeting is waited for now.", indent=2)
    for one in coming:
        page.item(one.words)


@app.command("list")
def list_meetings(
    body: Annotated[str | None, typer.Option("--body", metavar="BODY", help="Only of this body.")] = None,
    since: Annotated[
        date | None,
        typer.Option("--since", metavar="DATE", parser=a_day, help="From this day on; otherwise from today."),
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Meetings to come, with as many of their children and requests as you may open."""
    from casework import meetings

    with at_desk(as_) as here:
        lines = here.read(
            None,
            "meetings",
            lambda session: meetings.list_meetings(
                session, by=here.person_id, today=here.today, body=body, since=since or here.today
            ),
        )

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No meetings.")
                return
            rows = [
                (
                    one.ref,
                    f"{day(one.held_on)} {one.starts_at or ''}",
                    one.body,
                    one.chair or "no chair",
                    day(one.papers_due_on),
                    str(len(one.items)),
                    str(len(one.requests)),
                    one.status,
                )
                for one in lines
            ]
            heads = ("Meeting", "When", "Body", "Chair", "Papers by", "Children", "Requests", "")
            page.table(heads, rows, indent=0, rigid=(0, 1, 4))

        answer(json, [_json(line) for line in lines], for_people)


@app.command("show")
def show(meeting: MeetingRef, as_: As = None, json: Json = False) -> None:
    """One meeting: who came, its children, and its requests for money with who may sign them."""
    with at_desk(as_) as here:
        _show(here, meeting, json)


@app.command("attend")
def attend(
    meeting: MeetingRef,
    person: Annotated[str | None, typer.Option("--person", metavar="PERSON", help="Who.")] = None,
    service: Annotated[Service | None, typer.Option("--service", help="For which service they spoke.")] = None,
    how: Annotated[
        str, typer.Option("--how", metavar="HOW", help="present, apologies, or 'written view'.")
    ] = "present",
    substitute_for: Annotated[
        str | None,
        typer.Option("--substitute-for", metavar="MEMBER", help="In the place of which member of that service."),
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Write down who came, who sent apologies, and who sent a written view.

    For a service of the Review Group speaks its member, or a substitute: name the member too.
    """
    from casework import meetings

    with at_desk(as_) as here:
        here.office.in_one_unit(
            lambda session: (
                meetings.record_attendance(
                    session,
                    ref=meeting,
                    person=person,
                    service=service,
                    how=how,
                    substitute_for=substitute_for,
                    by=here.person_id,
                    today=here.today,
                    now=here.now,
                ).id
            )
        )
        _show(here, meeting, json)


@app.command("chair")
def chair(
    meeting: MeetingRef,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who chairs it.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Name or change who chairs a meeting."""
    from casework import meetings

    with at_desk(as_) as here:
        here.office.in_one_unit(
            lambda session: (
                meetings.set_chair(session, ref=meeting, chair=person, by=here.person_id, today=here.today).id
            )
        )
        _show(here, meeting, json)


def _show(here: Desk, ref: str, json: bool) -> None:
    from casework import meetings
    from casework.meetings.money import requests_heard

    def look(session: Session) -> tuple[MeetingLine, Sequence[RequestHeard]]:
        line = meetings.show_meeting(session, ref, by=here.person_id, today=here.today)
        return line, requests_heard(session, ref, line.requests, by=here.person_id, today=here.today)

    found, requests = here.read(None, "meeting", look)
    answer(json, _json(found), lambda page: _sheet(page, found, requests))


def _json(seen: MeetingLine) -> dict[str, Any]:
    came = [{"person": person, "service": service, "how": how} for person, service, how in seen.attendance]
    return {**plain(seen), "attendance": came}


def _sheet(page: Page, seen: MeetingLine, requests: Sequence[RequestHeard]) -> None:
    page.title(f"{seen.ref} · {seen.body} · {day(seen.held_on)} {seen.starts_at or ''} · {seen.status}")
    page.pairs(
        (
            ("Place:", seen.place or ""),
            ("Chair:", seen.chair or "nobody named"),
            ("Papers by:", day(seen.papers_due_on) if seen.papers_due_on else ""),
            ("Agenda sent:", day(seen.agenda_on) if seen.agenda_on else ""),
            ("Called off:", seen.because or ""),
            ("Instead:", seen.instead or ""),
        )
    )
    if seen.attendance:
        page.heading("Who came")
        page.table((), [(person or "–", service or "", how) for person, service, how in seen.attendance])
    page.heading("Children")
    if not seen.items:
        page.line("None that you can open.", indent=2)
    page.table(
        ("Case", "Stage", "Colour", ""),
        [(item.ref, item.state, item.colour or "–", item.status) for item in seen.items],
        rigid=(0,),
    )
    if seen.requests:
        page.heading("Requests for money")
        rows = [
            (one.ref, one.child, one.words, f"£{one.amount:,.2f} {one.frequency}", one.stands, one.status)
            for one in seen.requests
        ]
        page.table(("Request", "Child", "Kind", "Asked", "Stands", ""), rows, rigid=(0, 1))
    for heard in requests:
        if heard.item.to_be_heard:
            _request(page, heard)


def _request(page: Page, heard: RequestHeard) -> None:
    """What a meeting needs to know of a request before it is heard, and who may sign it (practice PM-3)."""
    page.heading(f"{heard.item.ref}: {heard.counted.at}")
    page.line(heard.so_far, indent=2)
    page.line(f"Signs: {heard.post} or a more senior post{', after DMT has approved' if heard.dmt else ''}.", indent=2)
    page.line(heard.clause, indent=2)
    if heard.contradiction:
        page.line(f"The guidance contradicts itself. {heard.contradiction}", indent=2)
    names = ", ".join(f"{one.name} ({one.post})" for one in heard.may_sign)
    page.line(f"May sign: {names or 'nobody who has had no part in it'}.", indent=2)
    if heard.warning:
        page.line(f"NEEDS ATTENTION: {heard.warning}", indent=2, style="bold")
    if heard.late:
        page.line(heard.late, indent=2, style="bold")
