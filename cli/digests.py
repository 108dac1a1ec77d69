"""The digest: what waited for one person today, and for the people of a manager; counts for who runs it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, a_day
from cli.output import Page, answer, day
from cli.terminal import at_desk

if TYPE_CHECKING:
    from casework.digest.reading import DigestShown, TeamLine

app = typer.Typer(help="The digest: one message a day for each person.", no_args_is_help=True)

OnDay = Annotated[
    date | None, typer.Option("--on", metavar="DATE", parser=a_day, help="Of that day; otherwise the latest.")
]


@app.command("show")
def show(
    of: Annotated[
        str | None, typer.Option("--of", metavar="PERSON", help="Of somebody whose children you manage.")
    ] = None,
    team: Annotated[
        bool, typer.Option("--team", help="Everybody's, as far as it is about children you may open: in numbers.")
    ] = False,
    on: OnDay = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Your digest: what waits on you, what is coming up, what happened."""
    from casework.digest import reading

    if team and of is not None:
        raise typer.BadParameter("Either --of PERSON or --team.")
    with at_desk(as_) as here:
        settings = here.office.settings
        if team:
            lines = here.read(
                None,
                "digests",
                lambda session: reading.team(session, settings, by=here.person_id, on=on, today=here.today),
            )
            answer(json, lines, lambda page: _team(page, lines))
        else:
            seen = here.read(
                None,
                "digest",
                lambda session: reading.show(session, settings, by=here.person_id, of=of, on=on, today=here.today),
            )
            answer(json, seen, lambda page: _digest(page, seen))


def _digest(page: Page, seen: DigestShown) -> None:
    page.title(seen.words)
    group = ""
    for line in seen.lines:
        if line.group != group:
            group = line.group
            page.heading(group)
        mark = f"{line.mark.upper()}: " if line.mark else ""
        page.item(f"{mark}{line.words}")
        about = " · ".join(part for part in (line.ref, line.when) if part)
        if about:
            page.line(about, indent=4)
        covering = ", for a colleague you are covering" if line.covering else ""
        page.line(f"Because {line.why}{covering}.", indent=4, style="dim")
    if seen.still_open:
        page.line()
        page.line(f"From earlier days, something is still open and late for {', '.join(seen.still_open)}.")
    if seen.page is not None:
        page.heading("Your week")
        page.line(seen.page.trend)
        rows = [
            (one.rule, f"{one.words}\n{one.where}" if one.where else one.words, str(one.now), str(one.before))
            for one in seen.page.rules
        ]
        page.table(("Rule", "What it is, and in which teams", "Now", "A week ago"), rows, rigid=(0,))
        page.heading("Those that need somebody most")
        for one in seen.page.worst:
            page.item(one)
    if seen.status is None:
        page.line("What waits on you now: sgo case list, and sgo drift list")
    if seen.status is not None and seen.status != "sent":
        page.line()
        page.line(f"As a mail: {seen.status}.", style="dim")


def _team(page: Page, lines: list[TeamLine]) -> None:
    if not lines:
        page.line("No digest of that day is about children you can open.")
        return
    rows = [(one.person, str(one.waits), str(one.marked), str(one.lines)) for one in lines]
    page.table(("Person", "Waits on them", "Late or urgent", "All lines"), rows, indent=0, rigid=(0,))
    page.line()
    page.line("One of them: sgo digest show --of PERSON")


@app.command("list")
def list_digests(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many days.")] = 14,
    as_: As = None,
    json: Json = False,
) -> None:
    """The days' digests in numbers: made, sent, waiting, failed. For whoever runs the system."""
    from casework.digest import reading

    with at_desk(as_) as here:
        lines = here.read(
            None,
            "digest counts",
            lambda session: reading.counts(session, by=here.person_id, today=here.today, limit=limit),
        )

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No digest has been made yet: the night makes them.")
                return
            rows = [
                (
                    day(one.for_day) + ("" if one.complete else " (incomplete)"),
                    *map(
                        str, (one.digests, one.lines, one.left_out, one.sent, one.waiting, one.suppressed, one.failed)
                    ),
                )
                for one in lines
            ]
            heads = ("Day", "Digests", "Lines", "Left out", "Sent", "Waiting", "Kept back", "Failed")
            page.table(heads, rows, indent=0, rigid=(0,))

        answer(json, lines, for_people)
