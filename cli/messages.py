"""Messages that could not go, and letters that a person prints and sends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, Ref
from cli.output import Page, answer, moment
from cli.terminal import Desk, at_desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from casework.delivery.outbox import OutboxLine

outbox = typer.Typer(help="Messages: waiting, failed, held.", no_args_is_help=True)
letters = typer.Typer(help="Letters to carers: list, print.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID", help="Of messages. See: sgo outbox list")]


@outbox.command("list")
def list_outbox(
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Such as dead, or 'needs a person'; repeatable."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1)] = 100,
    as_: As = None,
    json: Json = False,
) -> None:
    """What waits, what failed and what is held; finished messages only by --status."""
    from casework.delivery import outbox as messages
    from casework.who import staffing

    with at_desk(as_) as here:

        def listed(session: Session) -> list[messages.OutboxLine]:
            staffing.require(session, here.person_id, staffing.MAIL_KEEPERS, here.today, "outbox list")
            return messages.list_outbox(session, statuses=status, limit=limit)

        lines = here.read(None, "outbox", listed)

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No message waits, and none has failed.")
                return
            rows = [
                (one.id, one.status, one.recipient, one.case_ref or "–", _why(one), str(one.attempts)) for one in lines
            ]
            page.table(("Message", "Status", "To", "Case", "Why", "Tries"), rows, indent=0, rigid=(3,))

        answer(json, lines, for_people)


def _why(one: OutboxLine) -> str:
    return one.reason or one.arrival or ""


@outbox.command("retry")
def retry(ids: Ids, as_: As = None, json: Json = False) -> None:
    """Try failed messages, or failed automatic follow-ups, again from the start.

    A message that needs a person may have arrived already: that a second copy may come is your decision.
    """
    from casework import handles

    _change(as_, "outbox retry", json, lambda session, here: handles.retry(session, ids, by=here.person_id))


@outbox.command("release")
def release(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Of held messages.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All held messages, and then the held follow-ups: after a restore.")
    ] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Let held messages go."""
    from casework import handles
    from casework.delivery import outbox as messages

    if bool(ids) == everything:
        raise typer.BadParameter("Name the messages, or say --all.")

    def let_go(session: Session, here: Desk) -> dict[str, int]:
        if everything:
            return handles.release_all(session, by=here.person_id)
        return {"messages": messages.release(session, ids, by=here.person_id), "follow_ups": 0}

    _change(as_, "outbox release", json, let_go)


@outbox.command("hold")
def hold(ids: Ids, as_: As = None, json: Json = False) -> None:
    """Keep messages from going out until somebody releases them."""
    from casework.delivery import outbox as messages

    _change(
        as_,
        "outbox hold",
        json,
        lambda session, here: {"messages": messages.hold(session, ids, by=here.person_id), "follow_ups": 0},
    )


@outbox.command("check")
def check(as_: As = None, json: Json = False) -> None:
    """Would mail leave with the settings as they are? The mail server or GOV.UK Notify is asked; nothing is sent."""
    from casework.delivery import channels
    from casework.who import staffing

    with at_desk(as_) as here:
        here.read(
            None,
            "outbox check",
            lambda session: staffing.require(
                session, here.person_id, staffing.MAIL_KEEPERS, here.today, "outbox check"
            ),
        )
        mail = here.office.settings.mail
        problems = channels.problems_when_asked(here.office.settings)

        def for_people(page: Page) -> None:
            if not problems and mail.channel == "file":
                page.line(f"Mails are written as files into {mail.folder}; none leaves this machine.")
            elif not problems:
                page.line(f"The channel {mail.channel} would take mail.")
            for words in problems:
                page.line(words)

        answer(json, {"channel": mail.channel, "ok": not problems, "problems": problems}, for_people)
    if problems:
        raise typer.Exit(1)


def _change(as_: str | None, what: str, json: bool, change: Callable[[Session, Desk], dict[str, int]]) -> None:
    from casework.who import staffing

    with at_desk(as_) as here:

        def changed(session: Session) -> dict[str, int]:
            staffing.require(session, here.person_id, staffing.MAIL_KEEPERS, here.today, what)
            return change(session, here)

        counts = here.office.in_one_unit(changed)

        def for_people(page: Page) -> None:
            page.line(f"{counts['messages']} messages, {counts['follow_ups']} automatic follow-ups.")

        answer(json, counts, for_people)


# -- letters ----------------------------------------------------------------------------------------------


@letters.command("list")
def list_letters(ref: Ref, as_: As = None, json: Json = False) -> None:
    """A child's letters, newest first: to whom, and what they need to read it."""
    from casework import handles

    with at_desk(as_) as here:
        lines = here.read(
            ref,
            "letters",
            lambda session: handles.letters_of(session, ref, by=here.person_id, today=here.today),
        )

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No letters have been made.")
                return
            rows = [
                (one.id[:12], one.title, one.addressee or "–", one.needs or "", moment(one.made_at)) for one in lines
            ]
            page.table(("Letter", "What", "To", "Needs", "Made"), rows, indent=0, rigid=(0,))
            page.line()
            page.line("sgo letters print REF LETTER --to FILE. When it is sent: sgo trigger REF note_told")

        answer(json, lines, for_people)


@letters.command("print")
def print_letter(
    ref: Ref,
    letter: Annotated[str, typer.Argument(metavar="LETTER", help="Its id, or the beginning of it.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A new file; otherwise standard output.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """A letter, ready to print, as HTML."""
    import sys

    from casework import handles
    from casework.errors import Unusable

    with at_desk(as_) as here:
        line, body = here.read(
            ref,
            "letter",
            lambda session: handles.letter_of(session, ref, letter, by=here.person_id, today=here.today),
        )
        if to is None and not json:
            sys.stdout.write(body.decode())
            return
        if to is not None:
            try:
                with to.open("xb") as file:
                    to.chmod(0o600)
                    file.write(body)
            except OSError as error:
                raise Unusable(f"The letter cannot be written to {to}: {error.strerror}.") from None
        data = {"letter": line, "file": to, "html": None if to else body.decode()}
        answer(json, data, lambda page: page.line(f"{line.title}: {to}"))
