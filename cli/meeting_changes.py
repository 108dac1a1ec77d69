"""Meetings called off: moved, cancelled, put back; every child and request goes along (practice PT-15)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import As, Json, a_day
from cli.output import Page, answer, day, plain
from cli.terminal import Desk, at_desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from casework.meetings import MeetingMove

MeetingRef = Annotated[str, typer.Argument(metavar="MEETING", help="Its reference, such as MT-7K4QM2XD.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show what would change and who would be told; do nothing.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `sgo meeting`."""
    app.command("move")(move)
    app.command("cancel")(cancel)
    app.command("put-back")(put_back)


def move(
    meeting: MeetingRef,
    reason: Reason,
    to: Annotated[date, typer.Option("--to", metavar="DATE", parser=a_day, help="The new day.")],
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="The new time, such as 10:00.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="TEXT", help="The new place.")] = None,
    preview: Preview = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Hold a meeting on another day: its children, papers and dates go along; everyone is told once."""
    from casework import meetings

    with at_desk(as_) as here:
        _do(
            here,
            lambda session: meetings.move_meeting(
                session, ref=meeting, to=to, reason=reason, by=here.actor, now=here.now, starts_at=at, place=place
            ),
            preview,
            json,
        )


def cancel(
    meeting: MeetingRef,
    reason: Reason,
    instead: Annotated[
        str | None,
        typer.Option("--instead", metavar="MEETING", help="Where its children are heard; otherwise the next one."),
    ] = None,
    preview: Preview = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Call a meeting off: its children go to the next one, with the days of their papers; everyone is told once."""
    from casework import meetings

    with at_desk(as_) as here:
        _do(
            here,
            lambda session: meetings.cancel_meeting(
                session, ref=meeting, instead=instead, reason=reason, by=here.actor, now=here.now
            ),
            preview,
            json,
        )


def put_back(
    meeting: MeetingRef, reason: Reason, preview: Preview = False, as_: As = None, json: Json = False
) -> None:
    """Let a meeting that was called off take place after all: the way back from move and cancel."""
    from casework import meetings

    with at_desk(as_) as here:
        _do(
            here,
            lambda session: meetings.put_back(session, ref=meeting, reason=reason, by=here.actor, now=here.now),
            preview,
            json,
        )


def _do(here: Desk, change: Callable[[Session], MeetingMove], preview: bool, json: bool) -> None:
    done = (here.try_out if preview else here.office.in_one_unit)(change)
    shown: dict[str, Any] = {**plain(done), "preview": preview}
    if preview and done.became == "moved":
        shown["instead"] = None  # its reference is given when it is done
    answer(json, shown, lambda page: _page(page, done, preview))


def _page(page: Page, done: MeetingMove, preview: bool) -> None:
    became = done.became if done.became.startswith("takes") else f"is {done.became}"
    page.title(f"{done.meeting} · {day(done.held_on)} · {became}")
    if done.instead_on and not done.became.startswith("takes"):
        papers = f", papers by {day(done.papers_due_on)}" if done.papers_due_on else ""
        which = "" if preview and done.became == "moved" else f" ({done.instead})"
        page.line(f"Instead: {day(done.instead_on)}{which}{papers}", indent=2)
    page.heading("Children who go along")
    if not done.children:
        page.line("None that you can open.", indent=2)
    rows = [
        (one.ref, one.business, _change(one.papers_were_due, one.papers_due), _change(one.return_was, one.return_on))
        for one in done.children
    ]
    page.table(("Case", "What for", "Papers by", "Back on"), rows, rigid=(0,))
    if done.requests:
        page.heading("Requests for money")
        money = [
            (one.ref, one.child, "waits for another meeting" if one.waits else "goes along",
             "" if one.waits else _change(one.papers_were_due, one.papers_due))
            for one in done.requests
        ]
        page.table(("Request", "Child", "", "Papers by"), money, rigid=(0, 1))
    page.heading(f"Told once each: {len(done.told)}")
    page.line(", ".join(done.told) or "Nobody.", indent=2)
    if preview:
        page.line()
        page.line("Nothing has been changed: this is a preview.", style="bold")


def _change(was: date | None, now: date | None) -> str:
    if was == now:
        return day(now) if now else ""
    return f"{day(was)} → {day(now)}"
