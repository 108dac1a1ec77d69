"""Arguments and options that mean the same in every command."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

import typer

#: The one word the running command needs to know about how to answer, also when it fails.
_asked: dict[str, bool] = {}


def _remember(value: bool) -> bool:
    _asked["json"] = value
    return value


def json_is_asked() -> bool:
    """Whether the running command was given `--json`."""
    return _asked.get("json", False)


def forget() -> None:
    """Begin anew: a process may run several commands, as the tests do."""
    _asked.clear()


def a_day(words: str) -> date:
    """A date such as 2025-03-04. Raises ValueError, which becomes wrong usage."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise typer.BadParameter(f"{words!r} is not a date such as 2025-03-04.") from None


As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="PERSON",
        envvar="SGO_PERSON",
        show_envvar=True,
        help="Who you are: the handle by which the system knows you.",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Answer in JSON, with stable keys.", callback=_remember),
]
Ref = Annotated[str, typer.Argument(metavar="REF", help="The case's reference, such as SG-7K4QM2XD.")]
On = Annotated[
    date | None,
    typer.Option("--on", metavar="DATE", parser=a_day, help="The day it happened, if not today."),
]
DecidedBy = Annotated[
    str | None,
    typer.Option(
        "--decided-by", metavar="PERSON", help="Who decided it, if not you. It waits for their confirmation."
    ),
]
Evidence = Annotated[
    str | None,
    typer.Option("--evidence", metavar="TEXT", help="Where it is written: minute, e-mail, signed form."),
]
LateReason = Annotated[
    str | None,
    typer.Option("--late-reason", metavar="TEXT", help="Why it is entered so long after it happened."),
]
RecordFile = Annotated[
    str | None,
    typer.Option("--record", metavar="FILE|-", help="The record as a JSON object; - reads standard input."),
]
FieldValues = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FIELD=VALUE",
        help="Fields of the record, over those of --record. Several choices: A,B; rows: a JSON list.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="TEXT", help="Your own key for this act: sent twice, it is done once."),
]


def state_named(given: str | None, states: type[Enum]) -> str | None:
    """The state that `--state` names, in either case. Raises BadParameter with every state where there is none such."""
    if given is not None and given.upper() not in states.__members__:
        raise typer.BadParameter(f"There is no state {given!r}. States: {', '.join(states.__members__)}.")
    return given.upper() if given else None
