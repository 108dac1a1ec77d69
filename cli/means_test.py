"""`sgo means-test`: what a family can afford and what allowance follows, worked out from a file (rules 7.3)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.output import Page, answer, day

if TYPE_CHECKING:
    from decimal import Decimal

    from interchange.household import HouseholdFile
    from states.means_test.result import Award, MeansTest, Step
    from states.policy import Policy

_WIDTH = 11


def means_test(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The household, as TOML or JSON: see --example.")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="With the numbers of this file, not those in force on the day."),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", metavar="FILE", help="Write the carer's calculation sheet (HTML) too.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a file to begin with: every field.")] = False,
    json: Json = False,
) -> None:
    """Work out a means test: every step in plain words, the award for each child by the week and by the month.

    Nothing is kept. A file that cannot be used is refused with every fault, its line and its reason: exit status 3.
    """
    import sys

    from casework.errors import Unusable
    from interchange.household import EXAMPLE, read_household
    from states.means_test.calculation import MeansTestRefused, work_out

    if example:
        sys.stdout.write(EXAMPLE.read_text(encoding="utf-8"))
        return
    if file is None:
        raise typer.BadParameter("Name a FILE, or see: sgo means-test --example")
    try:
        given = read_household(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from None
    try:
        result = work_out(given.asked, _policy_of(given, policy))
    except MeansTestRefused as refused:
        raise given.refused(refused.reasons) from None
    if sheet is not None:
        _write_sheet(sheet, result)
    answer(json, result.content(), lambda page: show(page, result, sheet))


def _policy_of(given: HouseholdFile, file: Path | None) -> Policy:
    from casework import policies
    from cli.policy import usable_policy
    from cli.terminal import an_office

    if file is not None:
        return usable_policy(file)
    with an_office() as here, here.office.reading() as session:
        return policies.in_force(session, given.asked.on).policy


def _write_sheet(file: Path, result: MeansTest) -> None:
    from casework.errors import Unusable
    from cli.files import write_for_oneself
    from documents.calculation_sheet import render_sheet

    try:
        write_for_oneself(file, render_sheet(result))
    except OSError as error:
        raise Unusable(f"The sheet cannot be written to {file}: {error.strerror}.") from None


def show(page: Page, result: MeansTest, sheet: Path | None = None) -> None:
    """A means test for people at a terminal; amounts by week and by month, shown to the penny."""
    kind = "ILLUSTRATION: it decides nothing" if result.is_illustration else "for a decision"
    page.title(f"Means test · {day(result.on)} · {kind} · {result.authority}")
    for words in result.stand_ins:
        page.item(f"STAND-IN: {words}", indent=0)
    _show_steps(page, "Household", result.steps)
    for award in result.children:
        _show_steps(page, f"{award.name}, {award.age} ({award.band})", award.steps)
        _show_award(page, award)
    page.line()
    together = f"Together {pounds(result.total)} a {result.per}. " if len(result.children) > 1 else ""
    page.line(f"{together}Mark of this calculation: {result.mark}", style="bold")
    if sheet is not None:
        page.line(f"The carer's sheet: {sheet}")


def _show_steps(page: Page, heading: str, steps: tuple[Step, ...]) -> None:
    rows: list[tuple[str, ...]] = []
    styles: list[str | None] = []
    for step in steps:
        rows.append((step.letter, step.title, *_amounts(step.annual)))
        rows.append(("", f"{step.words} ({step.rule})", "", ""))
        styles += ["bold", None]
        for line in step.lines:
            words = f"· {line.words}"
            rows.append(("", words, *_amounts(line.annual)) if line.counted else ("", words, "not counted", ""))
            styles.append(None)
        for one in step.uses:
            rows.append(("", f"{one.key} = {one.value} [{one.mark}{'·' + one.check if one.check else ''}]", "", ""))
            styles.append("dim")
    page.heading(heading)
    page.table(("", "", "a week".rjust(_WIDTH), "a month".rjust(_WIDTH)), rows, rigid=(2, 3), styles=styles)


def _amounts(annual: Decimal) -> tuple[str, str]:
    from states.means_test.result import a
    from states.means_test.words import Per

    return pounds(a(Per.WEEK, annual)).rjust(_WIDTH), pounds(a(Per.MONTH, annual)).rjust(_WIDTH)


def _show_award(page: Page, award: Award) -> None:
    amount = f"{pounds(award.weekly)} a week, which is {pounds(award.monthly)} a month"
    page.line(f"→ {award.nil_because or amount}", indent=2, style="bold")
    if award.next_change:
        change = award.next_change
        page.line(
            f"From the birthday on {day(change.on)} (age {change.age}): {pounds(change.award)} a {award.per}, "
            "if nothing else changes (R-MT-12).",
            indent=4,
        )


def pounds(amount: Decimal) -> str:
    """An amount to the penny as people read it; below nought with a minus."""
    from states.means_test.result import to_the_penny
    from states.money import shown

    exact = to_the_penny(amount)
    return f"−{shown(-exact)}" if exact < 0 else shown(exact)
