"""Flow, meetings ahead, the SGO team's board and the monthly report: what managers watch (practice 6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for

from casework.boards import ahead, flow, report, sgo_team
from casework.boards.narrowing import NONE, Wanted
from casework.boards.where import teams_and_workers
from web.doors import Access, access, here
from web.formats import COLOUR_WORDS

pages = Blueprint("flow", __name__)


def _asked() -> Wanted:
    team = Wanted.of(request.args).team
    return Wanted(team="" if team == NONE else team)


@pages.get("/overview/flow")
@access(Access.SIGNED_IN)
def show() -> str:
    """How long each stage takes, how many go on each month, when orders are to be expected."""
    me, wanted = here(), _asked()
    who: dict[str, Any] = {"by": me.who.id, "today": me.today}
    found, (teams, _) = me.read(
        None,
        "flow",
        lambda session: (flow.how_it_flows(session, wanted=wanted, **who), teams_and_workers(session, **who)),
    )
    return render_template("flow.html", found=found, teams=teams, wanted=wanted, reached=flow.REACHED)


@pages.get("/overview/meetings")
@access(Access.SIGNED_IN)
def meetings() -> str:
    """What is on each agenda against the time it has, and who misses the next meeting."""
    me, wanted = here(), _asked()
    who: dict[str, Any] = {"by": me.who.id, "today": me.today}
    found, (teams, _) = me.read(
        None,
        "meetings ahead",
        lambda session: (ahead.meetings_to_come(session, wanted=wanted, **who), teams_and_workers(session, **who)),
    )
    return render_template("meetings_ahead.html", found=found, teams=teams, wanted=wanted, today=me.today)


@pages.get("/overview/sgo-team")
@access(Access.SIGNED_IN)
def sgo() -> str:
    """Per worker the assessments with their week, checks outstanding, court dates, and room for one more."""
    me = here()
    workers = me.read(
        None, "SGO team", lambda session: sgo_team.team_board(session, by=me.who.id, today=me.today)
    )
    return render_template("sgo_team.html", workers=workers, today=me.today)


@pages.get("/overview/report")
@access(Access.SIGNED_IN)
def monthly() -> str:
    """The monthly permanence report, for reading and for print."""
    me, wanted = here(), _asked()
    month = a_month(request.args.get("month", "")) or me.today.replace(day=1)
    who: dict[str, Any] = {"by": me.who.id, "today": me.today}
    found, (teams, _) = me.read(
        None,
        "permanence report",
        lambda session: (
            report.monthly(session, month=month, wanted=wanted, **who),
            teams_and_workers(session, **who),
        ),
    )
    months = [flow.first_of_months_ago(me.today, back) for back in range(12)]
    return render_template(
        "report.html",
        found=found,
        teams=teams,
        wanted=wanted,
        months=[(f"{one:%Y-%m}", f"{one:%B %Y}") for one in months],
        month=f"{month:%Y-%m}",
        colour_words=COLOUR_WORDS,
        list_of=lambda state: url_for("children.show", state=state),
        today=me.today,
    )


def a_month(words: str) -> date | None:
    """The first day of a month as it stands in an address: 2026-11."""
    try:
        return date.fromisoformat(f"{words.strip()}-01")
    except ValueError:
        return None
