"""The children somebody works with, narrowed and ordered as asked: a page of the list, or all of it for Excel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.boards.listing import ChildLine, Listed, Order, list_children
from casework.boards.narrowing import AGES, NONE, Wanted
from casework.boards.where import teams_and_workers
from interchange.sheets import Column, Value
from states.stages import S
from web.doors import Access, access, here
from web.downloads import as_workbook
from web.formats import COLOUR_WORDS
from web.taking_out import FileOrForm, take_out

pages = Blueprint("children", __name__)
PAGE = 50
#: References that no child has: of a request and of a meeting.
_ELSEWHERE = re.compile(r"(FR|MT)-[0-9A-Z]{8}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed by, as (value, words)."""

    teams: list[tuple[str, str]]
    workers: list[tuple[str, str]]


STATES = [(state.name, state.words) for state in S]
COLOURS = [*COLOUR_WORDS.items(), (NONE, "No rating")]
ORDERS = [
    (Order.URGENT.value, "Most urgent first"),
    (Order.LONGEST.value, "Longest where they are first"),
    (Order.REFERENCE.value, "By reference"),
]


@pages.get("/children")
@access(Access.SIGNED_IN)
def show() -> str | Response:
    """A page of the list; a whole reference leads to the page of what it names, a meeting or a request, too."""
    me = here()
    wanted, order = Wanted.of(request.args), order_asked_for()
    if _ELSEWHERE.fullmatch(wanted.find):
        where = "meetings.show" if wanted.find.startswith("MT-") else "child.show"
        return redirect(url_for(where, ref=wanted.find))
    asked = min(max(1, request.args.get("page", 1, type=int)), 1_000_000)

    def a_page(session: Session, number: int) -> Listed:
        who: dict[str, Any] = {"by": me.who.id, "today": me.today}
        return list_children(
            session, wanted=wanted, order=order, limit=PAGE, offset=(number - 1) * PAGE, **who
        )

    def query(session: Session) -> tuple[int, Listed, Choices]:
        number, found = asked, a_page(session, asked)
        if found.total and not found.lines:  # past the end: the last one
            number = -(-found.total // PAGE)
            found = a_page(session, number)
        return number, found, Choices(*teams_and_workers(session, by=me.who.id, today=me.today))

    searched = bool(wanted.address()) or asked > 1
    number, found, choices = me.read_list("cases", query, searched=searched)
    return render_template(
        "children.html",
        found=found,
        choices=choices,
        states=STATES,
        # Who reads no colour of those in view does not narrow the list by one either.
        colours=COLOURS if wanted.colour or any(line.journey_shown for line in found.lines) else [],
        ages=[(age.name, age.words) for age in AGES],
        orders=ORDERS,
        wanted=wanted,
        order=order.value,
        page=number,
        pages=max(1, -(-found.total // PAGE)),
        link=lambda **differs: url_for("children.show", order=order.value, **wanted.address(), **differs),
        download=url_for("children.download", order=order.value, **wanted.address()),
        today=me.today,
    )


@pages.route("/children.xlsx", methods=["GET", "POST"])
@access(Access.SIGNED_IN)
def download() -> FileOrForm:
    """The whole list in view, for Excel; every child in it is logged as looked at."""
    me = here()
    wanted, order = Wanted.of(request.args), order_asked_for()
    return take_out(
        "children",
        lambda session: list_children(session, by=me.who.id, today=me.today, wanted=wanted, order=order),
        lambda listed: [line.ref for line in listed.lines],
        lambda found: as_workbook("children", me.today, COLUMNS, (_row(line) for line in found.lines)),
        back=url_for("children.show", order=order.value, **wanted.address()),
    )


def order_asked_for() -> Order:
    """The order in the address; the most urgent first where there is none."""
    asked = request.args.get("order", "")
    return Order(asked) if asked in set(Order) else Order.URGENT


COLUMNS = (
    Column("Child", 14),
    Column("Where", 34),
    Column("Since", 12),
    Column("Days there"),
    Column("Rating"),
    Column("SGO candidate"),
    Column("Team", 26),
    Column("Child's social worker", 24),
    Column("SGO assessment worker", 24),
    Column("Latest position", 60),
    Column("Next step", 40),
    Column("Who", 24),
    Column("By when", 12),
    Column("Next date", 12),
    Column("What is due", 40),
    Column("Dates late"),
    Column("To look at"),
)


def _rating(line: ChildLine) -> str:
    if not line.journey_shown:
        return "not shown to you"
    return COLOUR_WORDS.get(line.colour or "", line.colour or "not rated")


def _row(line: ChildLine) -> tuple[Value, ...]:
    return (
        line.ref, line.words, line.since, line.days, _rating(line),
        line.candidate, line.team, line.childs_worker, line.assessment_worker, line.latest_position, line.next_step,
        line.next_step_who, line.next_step_by, line.next_due, line.next_what, line.overdue, line.flags,
    )  # fmt: skip
