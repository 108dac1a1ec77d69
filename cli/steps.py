"""Doing things with a child's case: what can be done, doing it, catching up, confirming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import many, step_sheet
from cli.options import As, DecidedBy, Evidence, FieldValues, Json, Key, LateReason, On, RecordFile, Ref
from cli.output import Page, answer, day, plain
from cli.terminal import Desk, at_desk

if TYPE_CHECKING:
    from casework.acting.commands import Command, Result

CHILDREN = "Children"


def add_to(app: typer.Typer) -> None:
    """The commands of this room."""
    app.command("transitions", rich_help_panel=CHILDREN)(transitions)
    app.command("trigger", rich_help_panel=CHILDREN)(trigger)
    app.command("catch-up", rich_help_panel=CHILDREN)(catch_up)
    app.command("bulk", rich_help_panel=CHILDREN)(many.bulk)
    app.command("reassign", rich_help_panel=CHILDREN)(many.reassign)
    app.command("confirm", rich_help_panel=CHILDREN)(confirm)
    app.command("dispute", rich_help_panel=CHILDREN)(dispute)
    app.command("confirmations", rich_help_panel=CHILDREN)(confirmations)


def transitions(ref: Ref, as_: As = None, json: Json = False) -> None:
    """What can be done with a child's case now, by you, and what is still needed for the rest."""
    from casework import handles
    from casework.reading import queries

    with at_desk(as_) as here:
        seen, steps = here.read(
            ref,
            "transitions",
            lambda session: (
                handles.head_of(session, ref, by=here.person_id, today=here.today),
                queries.next_steps(
                    session,
                    ref,
                    by=here.person_id,
                    today=here.today,
                    now=here.now,
                    signs_money=here.actor.signs_money,
                ),
            ),
        )
        answer(json, [_step(step) for step in steps], lambda page: step_sheet.steps(page, seen, steps))


def _step(step: Any) -> dict[str, Any]:
    return {
        "trigger": step.trigger,
        "words": step.words,
        "to": step.to,
        "nature": step.nature,
        "by": list(step.by),
        "allowed": step.allowed,
        "missing": [{"rule": u.rule, "reason": u.reason, "field": u.field} for u in step.missing],
        "hints": [{"rule": u.rule, "reason": u.reason, "field": u.field} for u in step.hints],
        "fields": plain(step.fields),
    }


def trigger(
    ref: Annotated[str | None, typer.Argument(metavar="REF", help="The reference of a case or a request.")] = None,
    trigger: Annotated[
        str | None, typer.Argument(metavar="TRIGGER", help="The step or act. See: sgo transitions REF")
    ] = None,
    field_values: FieldValues = None,
    as_: As = None,
    on: On = None,
    decided_by: DecidedBy = None,
    record: RecordFile = None,
    version: Annotated[
        int | None,
        typer.Option("--version", metavar="N", help="Refuse if the case is no longer at this version."),
    ] = None,
    key: Key = None,
    evidence: Evidence = None,
    late_reason: LateReason = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="REF", help="A brother or sister it applies to as well; repeatable."),
    ] = None,
    differences: Annotated[
        str | None,
        typer.Option("--differences", metavar="FILE", help="JSON: for each --also REF the fields that differ."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only for `correct`: show what would change, change nothing.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="TRIGGER", help="Show what a step asks for, and do nothing."),
    ] = None,
    json: Json = False,
) -> None:
    """Take a step, or record an act or a fact, on a child's case or a funding request.

    sgo trigger SG-7K4QM2XD rate colour=GREEN reason="Settled" … --on 2025-03-04

    Everything that is still needed is listed at once, with its rule, and exit status 3.
    """
    if explain is not None:
        _explain(explain, json)
        return
    if ref is None or trigger is None:
        raise typer.BadParameter("Name the case and the step: sgo trigger REF TRIGGER [field=value …]")
    from casework.acting.commands import Command
    from cli.records import check_trigger, read_differences, read_record

    check_trigger(trigger)
    if preview and trigger != "correct":
        raise typer.BadParameter("--preview shows what a correction would change: it goes with `correct`.")
    if differences is not None and not also:
        raise typer.BadParameter("--differences goes with --also REF.")
    given = read_record(record, field_values)
    differ = read_differences(differences, also or ())
    with at_desk(as_) as here:
        command = Command(
            ref=ref,
            trigger=trigger,
            happened_on=on or here.today,
            record=given,
            decided_by=decided_by,
            evidence=evidence,
            late_reason=late_reason,
            version=version,
            key=key,
        )
        if preview:
            _show_preview(here, command, json)
        elif also:
            show_results(_for_siblings(here, command, also, differ), json)
        else:
            show_result(here.perform(command), json)


def _explain(trigger: str, json: bool) -> None:
    from cli.records import check_trigger
    from states.processes import ALL_ROWS

    check_trigger(trigger)
    rows = tuple(row for row in ALL_ROWS if row.trigger == trigger)
    records = tuple(dict.fromkeys(row.record for row in rows))
    data = {
        "trigger": trigger,
        "words": " / ".join(dict.fromkeys(row.words for row in rows)),
        "nature": rows[0].nature.value,
        "rule": rows[0].rule,
        "by": sorted({role.value for row in rows for role in row.by}),
        "anyone_allocated": any(row.by_anyone_allocated for row in rows),
        "from": sorted({state.name for row in rows for state in row.source if state is not None}),
        "to": sorted({getattr(row.to, "name", str(row.to)) for row in rows}),
        "fields": plain([field for record in records for field in record.fields()]),
    }
    answer(json, data, lambda page: step_sheet.explained(page, rows))


def _for_siblings(
    here: Desk, command: Command, also: list[str], differ: dict[str, dict[str, Any]]
) -> tuple[Result, ...]:
    from casework.acting import several

    return here.perform_many(
        lambda session: several.act_for_siblings(
            session, command, also=also, differences=differ, by=here.actor, now=here.now
        ),
        command,
    )


def _show_preview(here: Desk, command: Command, json: bool) -> None:
    from casework import doing

    found = doing.preview(here.office, command, by=here.actor, now=here.now)
    data = {
        "preview": True,
        "changed": [{"field": name, "was": was, "will_be": will_be} for name, was, will_be in found.changed],
        "deadlines": [plain(moved) for moved in found.deadlines],
        "flags": [{"rule": u.rule, "reason": u.reason} for u in found.flags],
    }
    answer(json, data, lambda page: step_sheet.preview(page, data))


def show_result(result: Result, json: bool) -> None:
    """What one act did: the keys of design 7."""
    answer(json, result_json(result), lambda page: step_sheet.result(page, result))


def show_results(results: tuple[Result, ...], json: bool) -> None:
    """What several acts did together."""
    data = {"results": [result_json(result) for result in results]}

    def for_people(page: Page) -> None:
        for result in results:
            step_sheet.result(page, result)

    answer(json, data, for_people)


def result_json(result: Result) -> dict[str, Any]:
    """The answer as stable keys; `repeated` says that the act had been done before, under the same key."""
    return {**result.as_json(), "repeated": result.repeated}


def catch_up(
    ref: Ref,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A JSON list of acts in their order.")],
    as_: As = None,
    late_reason: LateReason = None,
    json: Json = False,
) -> None:
    """Enter several past acts in order, at once: back from leave (practice PT-18).

    Each act: {"trigger", "on", "record", "decided_by", "evidence", "late_reason"}. True dates rule; all are
    entered or none. Steps already overtaken send no mail: only the last one speaks.
    """
    from casework.acting import several
    from casework.acting.commands import Command
    from cli.records import read_acts

    commands = read_acts(file, ref=ref, late_reason=late_reason)
    with at_desk(as_) as here:
        together = Command(ref=ref, trigger="catch_up", happened_on=here.today)
        results = here.perform_many(
            lambda session: several.catch_up(session, commands, by=here.actor, now=here.now), together
        )
        show_results(results, json)


def confirm(
    ref: Ref,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The decision. See: sgo confirmations")],
    as_: As = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A note, if there is one.")] = None,
    json: Json = False,
) -> None:
    """Confirm a decision that somebody recorded in your name."""
    _answer_for(as_, ref, "confirm_decision", {"event": event, "note": note or ""}, json)


def dispute(
    ref: Ref,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The decision. See: sgo confirmations")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What is not right.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Say that a decision recorded in your name is not yours: an urgent flag for the Team Manager."""
    _answer_for(as_, ref, "dispute_decision", {"event": event, "reason": reason}, json)


def _answer_for(as_: str | None, ref: str, trigger: str, record: dict[str, str], json: bool) -> None:
    from casework.acting.commands import Command

    with at_desk(as_) as here:
        command = Command(ref=ref, trigger=trigger, happened_on=here.today, record=record)
        show_result(here.perform(command), json)


def confirmations(as_: As = None, json: Json = False) -> None:
    """The decisions recorded in your name that wait for you to confirm or dispute them."""
    from casework.reading import queries

    with at_desk(as_) as here:
        waiting = here.read(None, "confirmations", lambda session: queries.to_confirm(session, by=here.person_id))
        data = [
            {"ref": ref, "event": event, "trigger": trigger, "happened_on": on} for ref, event, trigger, on in waiting
        ]

        def for_people(page: Page) -> None:
            if not waiting:
                page.line("No decision waits for you.")
                return
            page.table(
                ("Case", "Decision", "Decided on", "Event"),
                [(ref, trigger, day(on), event) for ref, event, trigger, on in waiting],
                indent=0,
                rigid=(0, 3),
            )
            page.line()
            page.line("sgo confirm REF EVENT, or sgo dispute REF EVENT --reason TEXT")

        answer(json, data, for_people)
