"""The process itself, as a table, a drawing, or data."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from states.policy import Policy
    from states.vocabulary import Process


class Format(StrEnum):
    """How the process is shown."""

    TABLE = "table"
    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


class Which(StrEnum):
    """Which process."""

    CASE = "case"
    FUNDING = "funding"


def pathway(
    process: Annotated[Which, typer.Option("--process", help="Which process.")] = Which.CASE,
    format: Annotated[Format, typer.Option("--format", help="How to show it.")] = Format.TABLE,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="STATE", help="Only the steps from or to this state, such as ASSESSMENT."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="With the numbers of this file, not those in force."),
    ] = None,
) -> None:
    """The pathway, or the funding request: every step, who decides, what is written, what it opens, who is told."""
    from cli.output import tell
    from states import diagram
    from states.processes import PROCESSES

    chosen = PROCESSES[process.value]
    if stage is not None:
        chosen = _narrowed(chosen, stage)
    shown = {
        Format.TABLE: lambda: diagram.as_table(chosen, _numbers(policy)),
        Format.MERMAID: lambda: diagram.as_mermaid(chosen),
        Format.SVG: lambda: diagram.as_svg(chosen),
        Format.JSON: lambda: diagram.as_json(chosen, _numbers(policy)),
    }
    sys.stdout.write(shown[format]().rstrip("\n") + "\n")
    if format is Format.TABLE and stage is None and sys.stdout.isatty():
        tell(f"One stage of it: sgo pathway --stage {next(iter(chosen.states)).name}")


def _narrowed(process: Process, stage: str) -> Process:
    """The rows of a process that lead from a state or to it; not those that are open in many states."""
    from cli.options import state_named
    from states.diagram.arrows import MANY

    name = state_named(stage, process.states)
    rows = tuple(
        row
        for row in process.rows
        if getattr(row.to, "name", None) == name
        or (len(row.source) < MANY and any(one is not None and one.name == name for one in row.source))
    )
    return replace(process, rows=rows)


def _numbers(file: Path | None) -> Policy:
    """The policy of the file; else the one in force here; else the one that comes with the system."""
    from casework import policies
    from casework.errors import Unusable
    from casework.units import NoDatabase
    from cli.output import tell
    from cli.policy import usable_policy
    from cli.running import SHIPPED_POLICY
    from cli.terminal import an_office

    if file is not None:
        return usable_policy(file)
    try:
        with an_office() as here, here.office.reading() as session:
            return policies.in_force(session, here.today).policy
    except (NoDatabase, Unusable):
        tell(f"No policy is in force here: the numbers are those of {SHIPPED_POLICY.name}.")
        return usable_policy(SHIPPED_POLICY)
