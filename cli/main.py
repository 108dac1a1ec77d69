"""`sgo`: the command line, a public interface (design 7). Names, JSON keys and exit statuses stay as they are."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer

from cli import (
    accounts,
    audit,
    cases,
    dates,
    digests,
    drift,
    emergency,
    failures,
    feeds,
    funding,
    interests,
    means_test,
    meetings,
    messages,
    options,
    output,
    pathway,
    people,
    policy,
    running,
    steps,
)
from states.plain_text import as_written

app = typer.Typer(
    name="sgo",
    help="Brings children out of care and into a permanent home: the Special Guardianship Order pathway.",
    epilog="Exit status: 0 done · 2 wrong usage · 3 refused, nothing changed · 4 somebody was first · 1 else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,  # into a file or a pipe: plain lines
    context_settings={"terminal_width": 100},
)
app.add_typer(cases.app, name="case", rich_help_panel=steps.CHILDREN)
steps.add_to(app)
app.add_typer(funding.app, name="funding", rich_help_panel=steps.CHILDREN)
app.add_typer(drift.app, name="drift", rich_help_panel=steps.CHILDREN)
app.command("trajectory", rich_help_panel=steps.CHILDREN)(drift.trajectory)
app.add_typer(messages.letters, name="letters", rich_help_panel=steps.CHILDREN)
app.add_typer(meetings.app, name="meeting", rich_help_panel=steps.CHILDREN)
app.add_typer(feeds.app, name="import", rich_help_panel=steps.CHILDREN)
app.command("means-test", rich_help_panel=steps.CHILDREN)(means_test.means_test)
app.add_typer(emergency.app, name="emergency", rich_help_panel=steps.CHILDREN)
app.add_typer(interests.app, name="interest", rich_help_panel=steps.CHILDREN)
app.add_typer(digests.app, name="digest", rich_help_panel=steps.CHILDREN)
app.add_typer(people.person, name="person")
app.add_typer(accounts.app, name="account")
app.add_typer(people.team, name="team")
app.add_typer(people.cover, name="cover")
app.add_typer(policy.app, name="policy")
app.command("pathway")(pathway.pathway)
app.add_typer(dates.app, name="dates")
running.add_to(app)
app.add_typer(messages.outbox, name="outbox", rich_help_panel=running.RUNNING)
app.add_typer(audit.app, name="audit", rich_help_panel=running.RUNNING)


@cache
def _command() -> Any:
    """The commands, put together once a process."""
    return typer.main.get_command(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit status. What goes wrong is said in words, never as a traceback."""
    options.forget()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character shows another
            stream.reconfigure(errors="replace")
    given = [as_written(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    try:
        status = _command().main(args=given, prog_name="sgo", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone, as with `sgo case list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failures.OTHER
    except Exception as error:  # noqa: BLE001 - the last door: every failure becomes words and a status
        return failures.report(error)
    if status == failures.INTERRUPTED:  # Ctrl-C, as the library that reads the arguments hands it on
        output.tell("Stopped.")
        return failures.INTERRUPTED
    return failures.DONE if status is None else (status if status in range(5) else failures.OTHER)
