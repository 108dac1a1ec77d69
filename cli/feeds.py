"""Files in: the statutory return and Annex A, as cases (practice 7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import As, Json
from cli.output import Page, answer, tell
from cli.terminal import Desk, Interrupted, at_desk

if TYPE_CHECKING:
    from casework.importing.import_report import ImportReport

app = typer.Typer(help="Files in: the SSDA903 return, Ofsted's Annex A.", no_args_is_help=True)

_SHOWN = 20
_NOTHING = "Stopped; nothing was imported."


@app.command("ssda903")
def ssda903(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="The return's XML, its CSV tables, or their folder.")
    ],
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM", help="The team the children belong to.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """A case for every child with an open episode; the same file again changes nothing.

    Rows that cannot be used are listed and left out. A child missing from the file is queried, never closed.
    """
    from casework.importing import imports

    _there(paths)
    _import(
        as_,
        json,
        lambda here: imports.import_ssda903(
            here.office, paths, team=team, by=here.actor, now=here.now, on_progress=_progress()
        ),
    )


@app.command("annex-a")
def annex_a(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook.")],
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM", help="The team the children belong to.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """A case for every looked-after child of the workbook; the same file again changes nothing."""
    from casework.importing import imports

    _there([file])
    _import(
        as_,
        json,
        lambda here: imports.import_annex_a(
            here.office, file, team=team, by=here.actor, now=here.now, on_progress=_progress()
        ),
    )


def _there(paths: list[Path]) -> None:
    from casework.errors import Unusable

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Unusable(f"There is no {', '.join(missing)}.")


def _import(as_: str | None, json: bool, work: Callable[[Desk], ImportReport]) -> None:
    from casework.importing import imports

    with at_desk(as_) as here:
        tell("Reading the file …")
        try:
            report = work(here).as_json()
        except KeyboardInterrupt:
            kept = imports.was_kept(here.office, by=here.actor, now=here.now)
            raise Interrupted("Stopped; the import was done by then." if kept else _NOTHING) from None
        answer(json, report, lambda page: _page(page, report))


def _progress() -> Callable[[str, int, int], None]:
    """Says each stage on standard error, with and without a terminal: a large file takes a minute."""
    told: dict[str, int] = {}

    def say(what: str, done: int, of: int) -> None:
        if of and told.get(what) != done:
            told[what] = done
            tell(f"  {what}: {done:,} of {of:,}")

    return say


def _page(page: Page, report: dict[str, Any]) -> None:
    page.title(
        f"{report['rows']} rows of {report['children']} children: {report['created']} cases opened, "
        f"{report['changed']} changed, {report['unchanged']} unchanged"
    )
    for name, words in (("rejected", "Rows left out"), ("flagged", "To look at")):
        found = report[name]
        if not found:
            continue
        page.heading(f"{words}: {len(found)}")
        counts: dict[tuple[str, str], int] = {}
        for one in found:
            counts[one["rule"], one["message"].split(" It says")[0]] = (
                counts.get((one["rule"], one["message"].split(" It says")[0]), 0) + 1
            )
        rows = [
            (str(number), rule, message)
            for (rule, message), number in sorted(counts.items(), key=lambda pair: -pair[1])
        ]
        page.table(("Rows", "Rule", "What is wrong"), rows[:_SHOWN], rigid=(0, 1))
        if len(rows) > _SHOWN:
            page.line(f"… and {len(rows) - _SHOWN} more kinds.", indent=2)
    if report["rejected"] or report["flagged"]:
        page.line()
        page.line("Each row with its file, line and column: --json")
