"""The audit: is history as it was written, the night's seal, who looked at a child's record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, Ref
from cli.output import Page, answer, day, moment, plain
from cli.terminal import an_office, at_desk

if TYPE_CHECKING:
    from casework.handles import LookedAt

app = typer.Typer(help="The audit: verify, seal, who looked at a child's record.", no_args_is_help=True)


@app.command("verify")
def verify(
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="A head kept outside: nothing before it can be rewritten."),
    ] = None,
    json: Json = False,
) -> None:
    """Check every event, record, seal and look against its chain. Exit status 1 if anything is not as written."""
    from casework.safety import seals

    kept = seals.read_head(head) if head is not None else None
    with an_office() as here:
        found = seals.verify(here.office, head=kept)
    data = {
        "events": found.events,
        "cases": found.cases,
        "records": found.records,
        "seals": found.seals,
        "policies": found.policies,
        "reads": found.reads,
        "ok": found.ok,
        "first_bad": found.first_bad,
        "found": found.found,
        "problems": plain(found.problems),
    }

    def for_people(page: Page) -> None:
        counts = f"{found.events} events of {found.cases} cases, {found.records} records, {found.seals} seals"
        page.line(f"Checked: {counts}, {found.policies} policies, {found.reads} looks.")
        if found.ok:
            page.line("History is as it was written.")
            return
        page.line(f"NOT AS IT WAS WRITTEN: {found.found} places.", style="bold")
        for problem in found.problems:
            page.item(f"{problem.where}: {problem.what}")

    answer(json, data, for_people)
    if not found.ok:
        raise typer.Exit(1)


@app.command("seal")
def seal(json: Json = False) -> None:
    """Seal all histories as of now and write the head outside the database, once a day. The night does this."""
    from casework.safety import seals

    with an_office() as here:
        head = seals.seal(here.office, here.today, here.now)
        folder = here.office.settings.seals_folder

    def for_people(page: Page) -> None:
        page.line(f"Sealed for {day(head.business_date)}: {head.events} events of {head.cases} cases.")
        page.line(f"The head is in {folder}: keep a copy away from this machine.")

    answer(json, head, for_people)


def _what(one: LookedAt) -> str:
    return f"{one.what}: {one.reason}" if one.reason else one.what


@app.command("who-looked")
def who_looked(ref: Ref, as_: As = None, json: Json = False) -> None:
    """Every look at a child's record: who, when, what, and what was denied."""
    from casework import handles

    with at_desk(as_) as here:
        here.read(
            ref,
            "who looked",
            lambda session: handles.may_see_who_looked(session, ref, by=here.person_id, today=here.today),
        )
        lines = handles.who_looked(here.office, ref)

        def for_people(page: Page) -> None:
            page.title(f"{ref}: who looked")
            rows = [
                (moment(one.at), one.person, _what(one), " ".join((one.outcome, *one.rules)), one.channel)
                for one in lines
            ]
            page.table(("When", "Who", "What", "", "How"), rows, indent=0, rigid=(0,))

        answer(json, lines, for_people)
