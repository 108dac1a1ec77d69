"""Many children at once, each by themselves: a result per child (practice PT-2, PT-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import As, DecidedBy, Evidence, FieldValues, Json, Key, LateReason, On, RecordFile
from cli.output import Page, answer
from cli.terminal import Desk, at_desk

if TYPE_CHECKING:
    from casework.acting.commands import Command
    from casework.each_child import Answer

#: Some child's act was refused; those of the others are done.
SOME_REFUSED = 3


def bulk(
    trigger: Annotated[str, typer.Argument(metavar="TRIGGER", help="The step or act.")],
    field_values: FieldValues = None,
    refs: Annotated[
        list[str] | None, typer.Option("--ref", metavar="REF", help="A child's case; repeat for each.")
    ] = None,
    as_: As = None,
    on: On = None,
    decided_by: DecidedBy = None,
    record: RecordFile = None,
    differences: Annotated[
        str | None,
        typer.Option("--differences", metavar="FILE", help="JSON: for each --ref REF the fields that differ."),
    ] = None,
    evidence: Evidence = None,
    late_reason: LateReason = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Take the same step for many children, each by themselves, such as a desk review that changes nothing.

    sgo bulk desk_review_unchanged --ref SG-… --ref SG-… return_on=2026-05-12 reason="No change"

    A child who is refused holds up nobody else: exit status 3 says that there were some, and which.
    """
    from casework.acting.commands import Command
    from casework.each_child import commands_for
    from cli.records import check_trigger, read_differences, read_record

    check_trigger(trigger)
    if not refs:
        raise typer.BadParameter("Name the children: --ref REF, once for each.")
    given = read_record(record, field_values)
    differ = read_differences(differences, refs)
    with at_desk(as_) as here:
        command = Command(
            trigger=trigger,
            happened_on=on or here.today,
            record=given,
            decided_by=decided_by,
            evidence=evidence,
            late_reason=late_reason,
            key=key,
        )
        _do(here, commands_for(command, refs, differ), json)


def reassign(
    leaving: Annotated[str, typer.Option("--from", metavar="PERSON", help="Who holds the children now.")],
    no_conflict: Annotated[
        bool,
        typer.Option("--no-conflict/--conflict", help="Has the new person no conflict of interest?"),
    ],
    to: Annotated[
        str | None, typer.Option("--to", metavar="PERSON", help="Who takes them over; empty: nobody is named yet.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="POST", help="Only this post, such as \"child's social worker\".")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="REF", help="Only this child; repeat for several.")
    ] = None,
    handover: Annotated[
        str | None, typer.Option("--handover", metavar="TEXT", help="Promises made to carers, what to know.")
    ] = None,
    on: On = None,
    key: Key = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Pass the children of somebody who leaves to somebody else: one allocation a child (practice PT-19).

    Before you do: sgo case handover REF. Exit status 3 says that some could not be passed on, and which.
    """
    from dataclasses import replace

    from casework import each_child

    post = _post(role)
    with at_desk(as_) as here:
        held = here.read(
            None,
            "posts",
            lambda session: each_child.held_by(session, leaving, by=here.person_id, today=here.today, role=post),
        )
        chosen = [(ref, post) for ref, post in held if not only or ref in only]
        commands = each_child.reassignment(
            chosen, to=to, on=on or here.today, no_conflict=no_conflict, handover=handover
        )
        _do(here, [replace(c, key=f"{key}:{c.ref}:{c.record['role']}" if key else None) for c in commands], json)


def _post(role: str | None) -> Any:
    from states.records.trajectory import PostOnACase

    if role is not None and role not in set(PostOnACase):
        raise typer.BadParameter(f"There is no post {role!r} on a case. Posts: {', '.join(PostOnACase)}.")
    return PostOnACase(role) if role is not None else None


def _do(here: Desk, commands: list[Command], json: bool) -> None:
    from casework.each_child import do_each
    from cli import step_sheet

    answers = do_each(here.office, commands, by=here.actor, now=here.now)
    refused = [one for one in answers if one.result is None]

    def for_people(page: Page) -> None:
        if not answers:
            page.line("There is no child to do this for.")
        for one in answers:
            if one.result is not None:
                step_sheet.result(page, one.result)
                continue
            page.line(f"{one.ref}: not done", style="bold")
            for unmet in one.reasons:
                page.item(f"{unmet.reason} ({unmet.rule})")
        page.line(f"Done for {len(answers) - len(refused)} of {len(answers)} children.")

    answer(json, {"results": [_json(one) for one in answers], "refused": len(refused)}, for_people)
    if refused:
        raise typer.Exit(SOME_REFUSED)


def _json(one: Answer) -> dict[str, Any]:
    if one.result is not None:
        return {**one.result.as_json(), "repeated": one.result.repeated}
    return {"ref": one.ref, "refused": [{"rule": u.rule, "reason": u.reason} for u in one.reasons]}
