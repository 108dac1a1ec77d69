"""What goes to the members of a meeting, and what comes out of it: packs, agendas, minutes (practice PT-4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import write_for_oneself
from cli.options import As, Json
from cli.output import Page, answer, day, plain
from cli.terminal import an_office, at_desk

if TYPE_CHECKING:
    from casework.meetings.minutes import Minutes

MeetingRef = Annotated[str, typer.Argument(metavar="MEETING", help="Its reference, such as MT-7K4QM2XD.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `sgo meeting`."""
    app.command("pack")(pack)
    app.command("send-out")(send_out)
    app.command("minutes")(minutes)
    app.command("distribute")(distribute)


def pack(
    meeting: MeetingRef,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; otherwise MEETING.html here.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """The pack to print: a cover, a page for each child and request you may open, supplement, restricted part."""
    from casework import doing
    from casework.errors import Unusable
    from casework.meetings import pack as packs

    with at_desk(as_) as here:
        made = doing.read_of_many(
            here.office,
            "pack",
            lambda session: packs.pack_of(session, meeting, by=here.person_id, now=here.now),
            lambda made: made.children,
            by=here.actor,
            now=here.now,
        )
        file = out or Path(f"{made.ref}.html")
        try:
            write_for_oneself(file, made.html)
        except OSError as error:
            raise Unusable(f"The pack cannot be written to {file}: {error.strerror}.") from None
        said = {"meeting": made.ref, "file": str(file), "children": list(made.children)}
        number = len(made.children)
        words = f"{file}: {number} {'page' if number == 1 else 'pages'}. Open it in a browser and print it on A4."
        answer(json, said, lambda page: page.line(words))


def send_out(json: Json = False) -> None:
    """Send now what is due before meetings: invitations, agendas, supplements. The scheduler does it every morning."""
    from casework.following.leases import owner_of_this_process
    from casework.following.ledger import How
    from casework.meetings import agendas

    with an_office() as here:
        counts = agendas.send_out(here.office, owner=owner_of_this_process(here.now), now=here.now, how=How.PLAIN)
        said = ", ".join(f"{number} {what}" for what, number in counts.items())
        answer(json, counts, lambda page: page.line(f"Written: {said}." if said else "Nothing is due."))


def minutes(meeting: MeetingRef, as_: As = None, json: Json = False) -> None:
    """The minutes: who came, and what was decided about each child you may open, with reasons and actions."""
    from casework import doing
    from casework.meetings import minutes as kept

    with at_desk(as_) as here:
        seen = doing.read_of_many(
            here.office,
            "minutes",
            lambda session: kept.minutes_of(session, meeting, by=here.person_id, today=here.today),
            lambda seen: seen.read,
            by=here.actor,
            now=here.now,
        )
        answer(json, plain(seen), lambda page: _minutes(page, seen))


def _minutes(page: Page, seen: Minutes) -> None:
    page.title(f"Minutes · {seen.body} · {day(seen.held_on)} · {seen.meeting}")
    page.line(f"Chair: {seen.chair or 'nobody named'}")
    came = [f"{who or '–'}{f' for {service}' if service else ''} ({how})" for who, service, how in seen.attendance]
    page.line(f"There: {'; '.join(came) or 'nobody is written down'}")
    for one in seen.outcomes:
        page.heading(f"{one.ref}: {one.outcome}")
        page.line(one.reason or "", indent=2)
        if one.return_on:
            page.line(f"Back on {day(one.return_on)}", indent=2)
        for action in one.actions:
            page.item(f"{action['what']} ({action['who']}, by {day(action['by_when'])})")
        page.line("Distributed." if one.distributed else "Not distributed yet: sgo meeting distribute", indent=2)
    for request in seen.requests:
        page.heading(f"{request.ref} ({request.words} for {request.child}): {request.outcome}")
        if request.amount is not None:
            page.line(f"£{request.amount:,.2f} {request.frequency or ''}".rstrip(), indent=2)
        page.line(request.said or "", indent=2)
        for words, value in (("Dissent", request.dissent), ("Conditions", request.conditions)):
            if value:
                page.line(f"{words}: {value}", indent=2)
        page.line(f"Chair: {request.chair}{'' if request.confirmed else ' (not confirmed yet)'}", indent=2)
        if request.attendance:
            page.line(f"There: {'; '.join(request.attendance)}", indent=2)
            page.line(f"Interests: {'; '.join(request.interests) or 'none declared'}", indent=2)
            page.line(f"Quorum: {request.members} members without an interest, {request.needed} needed", indent=2)
    if not seen.outcomes and not seen.requests:
        page.line("No child or request that you can open was heard.", indent=2)


def distribute(
    meeting: MeetingRef,
    reference: Annotated[str, typer.Option("--reference", metavar="TEXT", help="Minute reference.")],
    to: Annotated[str, typer.Option("--to", metavar="TEXT", help="To whom the decisions were sent.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Write down that the decisions were distributed, for every child heard at once; a result for each child."""
    from casework.meetings import minutes as kept

    with at_desk(as_) as here:
        done = here.office.in_one_unit(
            lambda session: kept.distribute(
                session, meeting, reference=reference, sent_to=to, by=here.actor, now=here.now
            )
        )

        def for_people(page: Page) -> None:
            rows = [(one.ref, "distributed" if one.done else f"NOT: {one.why_not}") for one in done]
            page.table(("Case", ""), rows, indent=0, rigid=(0,))
            if not rows:
                page.line("No decision of this meeting waits to be distributed.")

        answer(json, [plain(one) for one in done], for_people)
