"""Funding requests on the command line: opening one, the list, one with everything whoever signs must see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import funding_papers
from cli.options import As, Evidence, FieldValues, Json, Key, LateReason, On, RecordFile, Ref, state_named
from cli.output import Page, answer, day
from cli.terminal import at_desk

if TYPE_CHECKING:
    from decimal import Decimal

    from casework.funding.requests import RequestLine, RequestSeen

app = typer.Typer(help="Funding requests: open, list, show; papers, means test, tracker.", no_args_is_help=True)


@app.command("open")
def open_request(
    ref: Ref,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="standard_allowance, needs_led_allowance, grant, loan, legal_costs or settling_in.",
        ),
    ],
    field_values: FieldValues = None,
    record: RecordFile = None,
    on: On = None,
    decided_by: Annotated[
        str | None, typer.Option("--decided-by", metavar="PERSON", help="Who asks for it, if not you.")
    ] = None,
    evidence: Evidence = None,
    late_reason: LateReason = None,
    key: Key = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Open a funding request for a child: it gets a reference of its own, and goes on by `sgo trigger`.

    sgo funding open SG-7K4QM2XD --kind grant amount=9999.99 frequency=once purpose_kind=vehicle …

    All fields: sgo trigger --explain open_request
    """
    from casework.acting.commands import Command
    from cli.records import read_record
    from cli.steps import show_result

    given = {**read_record(record, field_values), "funding": kind}
    with at_desk(as_) as here:
        command = Command(
            trigger="open_request",
            about=ref,
            happened_on=on or here.today,
            record=given,
            decided_by=decided_by,
            evidence=evidence,
            late_reason=late_reason,
            key=key,
        )
        show_result(here.perform(command), json)


@app.command("list")
def list_requests(
    child: Annotated[str | None, typer.Option("--child", metavar="REF", help="Only for this child.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Only this state, such as WITH_DIRECTOR.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed requests too.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """The funding requests you may open: overdue first, then by what is due next."""
    from casework.funding import requests
    from states.funding_stages import F

    wanted = state_named(state, F)
    with at_desk(as_) as here:
        lines = here.read(
            child,
            "requests",
            lambda session: requests.list_requests(
                session,
                by=here.person_id,
                today=here.today,
                child=child,
                state=wanted,
                include_closed=closed or wanted == "REQUEST_CLOSED",
            ),
        )
        answer(json, lines, lambda page: _listed(page, lines))


@app.command("show")
def show(ref: Ref, as_: As = None, json: Json = False) -> None:
    """One request on one page: what is asked, what it rests on, who signs by which clause, the mark to sign with."""
    from casework.funding import requests

    with at_desk(as_) as here:
        seen = here.read(
            ref,
            "request",
            lambda session: requests.show_request(session, ref, by=here.person_id, today=here.today),
        )
        answer(json, seen, lambda page: _sheet(page, seen))


def _listed(page: Page, lines: list[RequestLine]) -> None:
    if not lines:
        page.line("No funding request that you may open.")
        return
    page.table(
        ("Request", "Child", "Kind", "Amount", "Stands", "Since", "Due"),
        [
            (
                one.ref,
                one.child,
                one.words,
                f"{_money(one.agreed if one.agreed is not None else one.amount)} {one.frequency.partition(':')[0]}",
                one.stands + ("" if one.signed_on is None or one.confirmed else " (unconfirmed)"),
                day(one.since),
                day(one.next_due) + (" LATE" if one.overdue else ""),
            )
            for one in lines
        ],
        indent=0,
        rigid=(0, 1),
    )


def _sheet(page: Page, seen: RequestSeen) -> None:
    page.title(f"{seen.ref} · {seen.words} for {seen.child} · {seen.stands} since {day(seen.since)}")
    if not seen.formal:
        page.line("An illustration: until ratification it goes to nobody.", indent=2, style="bold")
    page.heading("What is asked")
    for name, value in seen.asked.items():
        if value not in (None, [], ""):
            page.line(f"{name}: {_plain(value)}", indent=2)
    _who_signs(page, seen)
    if seen.papers:
        page.heading("What it rests on")
        page.line(", ".join(sorted(seen.papers)), indent=2)
    for one in seen.said:
        page.item(f"{one['step']} by {one['by']} on {one['on']}")
    if seen.hearings:
        page.heading("Hearings")
        page.table(
            ("Meeting", "Body", "On", "Status"),
            [(one["ref"], one["body"], day(one["held_on"]), one["status"]) for one in seen.hearings],
        )
    if seen.signatures:
        page.heading("Signatures")
        for signed in seen.signatures:
            what = f"agreed {_money(signed.amount)}" if signed.agreed else "refused"
            page.line(f"{signed.by}: {what} · mark {signed.mark} · {signed.confirmation}", indent=2)
    still = [one for one in seen.deadlines if one.closed_as is None]
    if still:
        page.heading("Due")
        page.table(("What", "Whose", "By"), [(one.words, one.owner, day(one.due)) for one in still])
    for flag in seen.flags:
        page.line(f"NEEDS ATTENTION: {flag['words']} ({flag['rule']})", indent=2, style="bold")
    page.heading("How it came to be")
    page.table(
        ("On", "Step", "By", ""),
        [
            (day(e.happened_on), e.words, e.decided_by, "" if e.confirmation in _THEIRS else e.confirmation)
            for e in seen.chronology
        ],
    )
    page.line()
    page.line(f"Version {seen.version} · round {seen.rounds} · mark of what stands here: {seen.mark}")
    page.line(f"Whoever signs gives it back: sgo trigger {seen.ref} … shown={seen.mark}")


_THEIRS = ("own", "confirmed")


def _who_signs(page: Page, seen: RequestSeen) -> None:
    who = seen.authority
    page.heading("Who signs")
    dmt = ", after DMT has approved" if who.dmt else ""
    page.line(f"At {who.counted.at}: the {who.post} or a more senior post{dmt}.", indent=2)
    if who.counted.words and who.counted.total is not None:
        page.line(f"Counted together with {who.counted.words}.", indent=2)
    page.line(who.clause, indent=2)
    if who.contradiction:
        page.line(f"The guidance contradicts itself. {who.contradiction}", indent=2, style="bold")
    if who.record_mandatory:
        page.line("An Officer Decision Record is mandatory.", indent=2)


def _money(amount: Decimal | None) -> str:
    from states.money import shown

    return "–" if amount is None else shown(amount)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return str(value)


funding_papers.add_to(app)
