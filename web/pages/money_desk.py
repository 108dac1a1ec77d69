"""The money desk: requests and for whom they wait, hearings, clocks, reviews, the budget (practice 6.4, PM-7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from casework.funding.desk import Asked, Desk, Waiting, money_desk
from casework.funding.tracker import READERS as READ_THE_TRACKER
from casework.funding.tracker import tracker
from interchange.sheets import Column
from interchange.tracker_rows import Tracker
from states.records.funding import FundingKind
from web.doors import Access, Here, access, here
from web.downloads import as_workbook
from web.navigation import SEES_MONEY
from web.taking_out import FileOrForm, take_out

pages = Blueprint("money_desk", __name__)
PAGE = 50
KINDS = [(kind.value, kind.words[:1].upper() + kind.words[1:]) for kind in FundingKind]


@pages.get("/money")
@access(Access.POSTS, posts=SEES_MONEY)
def show() -> str:
    """The desk, and what is committed against the budget for those who keep the tracker."""
    me, asked = here(), Asked.of(request.args)

    def look(session: Session) -> tuple[Desk, Tracker | None]:
        desk = money_desk(session, by=me.who.id, today=me.today, asked=asked)
        return desk, tracker(session, by=me.who.id, now=me.now) if reads_the_tracker(me) else None

    number = min(max(1, request.args.get("page", 1, type=int)), 100_000)
    desk, kept = me.read_list("money desk", look, searched=asked != Asked() or number > 1)
    return render_template(
        "money_desk.html",
        desk=desk,
        lines=desk.waiting[(number - 1) * PAGE : number * PAGE],
        page=number,
        pages=max(1, -(-len(desk.waiting) // PAGE)),
        turn=lambda to: url_for("money_desk.show", page=to, **asked.address()),
        clocks=PAGE,
        tracker=kept,
        asked=asked,
        plain=asked == Asked(),
        kinds=KINDS,
        download=url_for("money_desk.download", **asked.address()),
        today=me.today,
    )


COLUMNS = (
    Column("Request"), Column("Child"), Column("Team", 24), Column("Kind", 26), Column("In all or a year, pounds"),
    Column("Stands", 28), Column("Waits for", 34), Column("To do", 60), Column("Since", 12),
    Column("Working days"), Column("Due", 12), Column("Working days over"), Column("Meeting", 26),
    Column("Outside the pathway"),
)  # fmt: skip


@pages.route("/money.xlsx", methods=["GET", "POST"])
@access(Access.POSTS, posts=SEES_MONEY)
def download() -> FileOrForm:
    """The list in view, for Excel; every request and child in it is logged as looked at."""
    me, asked = here(), Asked.of(request.args)
    return take_out(
        "money desk",
        lambda session: money_desk(session, by=me.who.id, today=me.today, asked=asked),
        lambda seen: sorted({ref for line in seen.waiting for ref in (line.ref, line.child)}),
        lambda desk: as_workbook("money-desk", me.today, COLUMNS, (_row(line) for line in desk.waiting)),
        back=url_for("money_desk.show", **asked.address()),
    )


def _row(line: Waiting) -> tuple[str | date | int | bool | Decimal | None, ...]:
    heard = f"{line.heard.body}, {line.heard.held_on.isoformat()}" if line.heard else None
    return (
        line.ref, line.child, line.team, line.kind, line.value, line.stands, line.whom, line.what, line.since,
        line.working_days, line.due_on, line.over, heard, line.finance_only,
    )  # fmt: skip


def reads_the_tracker(me: Here) -> bool:
    """Whether somebody at the browser keeps or reads the finance tracker."""
    return bool(me.who.roles & set(READ_THE_TRACKER))
