"""Opening a record in an emergency, and its review (reliability R35)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, Ref
from cli.output import Page, answer, day, moment
from cli.terminal import at_desk

if TYPE_CHECKING:
    from casework.who.emergency import Opened

app = typer.Typer(help="Open a record in an emergency: read only, some hours, never unseen.", no_args_is_help=True)

Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it cannot wait, in a sentence.")]


@app.command("open")
def open_record(ref: Ref, reason: Why, as_: As = None, json: Json = False) -> None:
    """Open a record that is not open to you. The information guardian is told at once."""
    from casework.doing import open_in_emergency

    with at_desk(as_) as here:
        opened = open_in_emergency(here.office, ref, reason=reason, by=here.actor, now=here.now)

        def for_people(page: Page) -> None:
            page.line(f"{ref} is open to you until {moment(opened.until_at)}, to read: sgo case show {ref}")
            page.line("The information guardian has been told, and will ask you about it.")

        answer(json, opened, for_people)


@app.command("list")
def list_opened(as_: As = None, json: Json = False) -> None:
    """Records opened in an emergency, those that wait for a review first."""
    from casework.who import emergency

    with at_desk(as_) as here:
        found = here.read(
            None, "opened in an emergency", lambda s: emergency.opened(s, by=here.person_id, today=here.today)
        )

        def for_people(page: Page) -> None:
            if not found:
                page.line("No record has been opened in an emergency.")
            rows = [(one.id, one.ref, one.person, moment(one.opened_at), _standing(one), one.reason) for one in found]
            page.table(("Id", "Record", "By", "Opened", "Review", "Reason"), rows, indent=0, rigid=(1,))

        answer(json, found, for_people)


@app.command("review")
def review(
    emergency_id: Annotated[str, typer.Argument(metavar="ID", help="As `sgo emergency list` shows it.")],
    words: Annotated[str, typer.Option("--found", metavar="TEXT", help="What you found.")],
    justified: Annotated[bool, typer.Option("--right/--wrong", help="Whether it was right to open it.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Say whether it was right to open a record."""
    from casework.who import emergency

    with at_desk(as_) as here:
        found = here.office.in_one_unit(
            lambda s: emergency.review(
                s, emergency_id, justified=justified, words=words, by=here.person_id, today=here.today, now=here.now
            )
        )
        answer(json, found, lambda page: page.line(f"{found.ref}: {_standing(found)}."))


def _standing(one: Opened) -> str:
    if one.reviewed_at is None:
        return f"due by {day(one.review_by)}"
    return f"{'right' if one.justified else 'not right'}, {one.reviewed_by} on {day(one.reviewed_at.date())}"
