"""Counting dates as the pathway does: working days, weeks, months (rules R-CLK-1 to R-CLK-4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json, a_day
from cli.output import answer

if TYPE_CHECKING:
    from states.calendar import Calendar

app = typer.Typer(help="Dates, counted as the pathway counts them.", no_args_is_help=True)


@app.command("add")
def add(
    day: Annotated[date, typer.Argument(metavar="DATE", parser=a_day, help="The day to count from: day 0.")],
    working_days: Annotated[int | None, typer.Option("--working-days", metavar="N")] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N")] = None,
    weeks: Annotated[int | None, typer.Option("--weeks", metavar="N")] = None,
    months: Annotated[int | None, typer.Option("--months", metavar="N")] = None,
    not_before: Annotated[
        bool,
        typer.Option(
            "--not-before",
            help="With --months: where something may not happen for so long, the last day of the month counts "
            "on to the first: 30 November and 3 months is 1 March.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """A date so many working days, days, weeks or months on; a negative N counts back. One ISO date."""
    given = [number for number in (working_days, days, weeks, months) if number is not None]
    if len(given) != 1:
        raise typer.BadParameter("Say how far, in one unit: --working-days, --days, --weeks or --months.")
    if not_before and months is None:
        raise typer.BadParameter("--not-before goes with --months.")
    from states.calendar import CalendarTooShort

    calendar = _calendar()
    try:
        if working_days is not None:
            found = calendar.add_working_days(day, working_days)
        elif days is not None:
            found = calendar.add_days(day, days)
        elif weeks is not None:
            found = calendar.add_weeks(day, weeks)
        elif not_before:
            found = calendar.add_months_not_before(day, months or 0)
        else:
            found = calendar.add_months_by(day, months or 0)
    except (OverflowError, ValueError, CalendarTooShort) as error:
        raise typer.BadParameter(f"There is no such date: {error}") from None
    answer(json, {"date": found}, lambda page: page.line(found.isoformat()))


def _calendar() -> Calendar:
    """The calendar of the policy in force here; without one, England's bank holidays."""
    from casework import policies
    from casework.errors import Unusable
    from casework.units import NoDatabase
    from cli.output import tell
    from cli.terminal import an_office
    from states.calendar import Calendar

    try:
        with an_office() as here, here.office.reading() as session:
            return Calendar.of(policies.in_force(session, here.today).policy)
    except (NoDatabase, Unusable):
        tell("No policy is in force here: counted with England's bank holidays and no closedown days.")
        return Calendar()
