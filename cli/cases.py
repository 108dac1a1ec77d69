"""Children: opening a case, the list, the sheet, the handover, who was told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.files import write_for_oneself
from cli.options import As, FieldValues, Json, Key, LateReason, On, RecordFile, Ref, a_day, state_named
from cli.output import Page, answer, day, plain
from cli.terminal import at_desk

app = typer.Typer(help="Children: open a case, list, show, hand over.", no_args_is_help=True)

#: Options of `sgo case open` that are fields of the record under the same name.
_FIELDS = ("council_id", "team", "given_names", "family_name", "date_of_birth", "legal_status", "placement_code")


@app.command("open")
def open_case(
    council_id: Annotated[str, typer.Option("--council-id", metavar="ID", help="The council's id for the child.")],
    field_values: FieldValues = None,
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM", help="The team.")] = None,
    given_names: Annotated[str | None, typer.Option("--given-names", metavar="TEXT")] = None,
    family_name: Annotated[str | None, typer.Option("--family-name", metavar="TEXT")] = None,
    date_of_birth: Annotated[date | None, typer.Option("--date-of-birth", metavar="DATE", parser=a_day)] = None,
    legal_status: Annotated[str | None, typer.Option("--legal-status", metavar="CODE", help="Such as C2.")] = None,
    placement_code: Annotated[str | None, typer.Option("--placement", metavar="CODE", help="Such as U1.")] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="STATE",
            help="Join at the stage reached elsewhere, such as DEFERRED; with --evidence.",
        ),
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option("--evidence", metavar="TEXT", help="With --stage: which decisions, and where they are."),
    ] = None,
    record: RecordFile = None,
    on: On = None,
    late_reason: LateReason = None,
    key: Key = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Open a case: the child joins the cohort, or with --stage the stage reached elsewhere.

    Further fields as FIELD=VALUE: sgo trigger --explain open_case, or bring_forward.
    """
    from casework.acting.commands import Command
    from cli.records import read_record
    from cli.steps import show_result

    given = read_record(record, field_values)
    options = (council_id, team, given_names, family_name, date_of_birth, legal_status, placement_code)
    given |= {name: plain(value) for name, value in zip(_FIELDS, options, strict=True) if value is not None}
    if stage is not None:
        given["stage"] = stage
        given |= {"external_evidence": evidence} if evidence is not None else {}
    with at_desk(as_) as here:
        command = Command(
            trigger="open_case" if stage is None else "bring_forward",
            happened_on=on or here.today,
            record=given,
            evidence=evidence,
            late_reason=late_reason,
            key=key,
        )
        show_result(here.perform(command), json)


@app.command("list")
def list_cases(
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Only this state, such as ASSESSMENT.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed cases too.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """The children you work with, most urgent first."""
    from casework.reading import queries
    from cli import case_sheet
    from states.stages import S

    wanted = state_named(state, S)
    with at_desk(as_) as here:
        lines = here.read(
            None,
            "cases",
            lambda session: queries.list_cases(
                session,
                by=here.person_id,
                today=here.today,
                state=wanted,
                include_closed=closed or wanted == "ENDED",
                limit=limit,
                with_meetings=True,
            ),
        )
        answer(json, lines, lambda page: case_sheet.listed(page, lines))


@app.command("show")
def show(
    ref: Ref,
    as_at: Annotated[
        date | None,
        typer.Option("--as-at", metavar="DATE", parser=a_day, help="What is true of that day, as known today."),
    ] = None,
    known_at: Annotated[
        date | None,
        typer.Option("--known-at", metavar="DATE", parser=a_day, help="What had been recorded by that day."),
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """One child on one page: where things stand, what is next, by when, with whom, and how it came to be."""
    from casework.reading import showing
    from cli import case_sheet

    with at_desk(as_) as here:
        seen = here.read(
            ref,
            "case",
            lambda session: showing.show_case(
                session, ref, by=here.person_id, today=here.today, as_at=as_at, known_at=known_at
            ),
        )
        answer(json, seen, lambda page: case_sheet.sheet(page, seen))


@app.command("handover")
def handover(ref: Ref, as_: As = None, json: Json = False) -> None:
    """What a new worker needs on day one: position, next dates, promises made to the carers."""
    from casework.reading import queries
    from cli import case_sheet

    with at_desk(as_) as here:
        seen = here.read(
            ref,
            "handover",
            lambda session: queries.handover(session, ref, by=here.person_id, today=here.today),
        )
        answer(json, seen, lambda page: case_sheet.handover(page, seen))


@app.command("told")
def told(ref: Ref, as_: As = None, json: Json = False) -> None:
    """Who was told of what, when and how: by a message from here, or by a person."""
    from casework.reading import queries

    with at_desk(as_) as here:
        seen = here.read(
            ref,
            "told",
            lambda session: queries.who_was_told(session, ref, by=here.person_id, today=here.today),
        )

        def for_people(page: Page) -> None:
            page.title(f"{ref}: who was told")
            if not seen:
                page.line("Nobody has been told of anything yet.", indent=2)
            page.table(
                ("What", "Who", "When", "How", ""),
                [(one.what, one.who, day(one.when), one.how, one.status) for one in seen],
                rigid=(2,),
            )

        answer(json, _told(seen), for_people)


def _told(seen: Any) -> list[Any]:
    return [plain(one) for one in seen]


@app.command("text")
def text(
    ref: Ref,
    event: Annotated[
        str | None, typer.Option("--event", metavar="EVENT", help="Which entry; without it the last one.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """What was done, as text to copy into the case system, which is the record of practice."""
    from casework.reading import drafting

    with at_desk(as_) as here:
        found = here.read(
            ref,
            "text for the case system",
            lambda session: drafting.text_for_case_system(
                session, ref, by=here.person_id, today=here.today, event=event
            ),
        )

        def for_people(page: Page) -> None:
            for line in found.text.splitlines():
                page.line(line)
            page.line("When it is there: sgo trigger REF record_on_case_system", style="dim")

        answer(json, found, for_people)


@app.command("options")
def options(
    ref: Ref,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; otherwise REF-options.html here.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """The comparison of options to print for the initial meeting: side by side for the carers, a page for the child."""
    from casework.errors import Unusable
    from casework.reading.options import comparison_of_options

    with at_desk(as_) as here:
        made = here.read(
            ref,
            "comparison of options",
            lambda session: comparison_of_options(session, ref, by=here.person_id, today=here.today),
        )
        file = out or Path(f"{made.ref}-options.html")
        try:
            write_for_oneself(file, made.html)
        except OSError as error:
            raise Unusable(f"The page cannot be written to {file}: {error.strerror}.") from None
        words = f"{file}: open it in a browser and print it on A4. It goes to carers and child at the initial meeting."
        answer(json, {"ref": made.ref, "file": str(file)}, lambda page: page.line(words))


@app.command("standing")
def carers_standing(ref: Ref, as_: As = None, json: Json = False) -> None:
    """By which way the carers may apply to the court, by what is recorded of the child."""
    from casework.reading import drafting

    with at_desk(as_) as here:
        found = here.read(
            ref,
            "carers' standing",
            lambda session: drafting.carer_standing(session, ref, by=here.person_id, today=here.today),
        )
        data = {
            "ref": found.ref,
            "route": found.route.name,
            "free": found.route.free,
            "words": found.words,
            "lived_since": plain(found.lived_since),
        }
        answer(json, data, lambda page: page.line(found.words))


@app.command("draft-trajectory")
def draft_trajectory(
    ref: Ref,
    order_on: Annotated[
        date, typer.Option("--order-on", metavar="DATE", parser=a_day, help="The target date of the order.")
    ],
    as_: As = None,
    json: Json = False,
) -> None:
    """A trajectory to start from: the usual milestones, counted backwards from the target order.

    With --json its `record` can be filled in further, and recorded: sgo trigger REF record_trajectory --record FILE
    """
    from casework.reading import drafting

    with at_desk(as_) as here:
        found = here.read(
            ref,
            "draft of a trajectory",
            lambda session: drafting.draft_trajectory(
                session, ref, order_on=order_on, by=here.person_id, today=here.today
            ),
        )

        def for_people(page: Page) -> None:
            page.title(f"{ref}: a trajectory to start from, for an order on {day(order_on)}")
            rows = [
                (m.step, day(m.planned_on), m.owner, "done" if m.done_on else "already past" if m.past else "")
                for m in found.milestones
            ]
            page.table(("Milestone", "Planned for", "Owner", ""), rows)
            if any(m.past for m in found.milestones):
                page.line("Some days are already past: choose a later target, or other dates.")

        data = {"ref": ref, "record": found.record, "past": [m.step for m in found.milestones if m.past]}
        answer(json, data, for_people)
