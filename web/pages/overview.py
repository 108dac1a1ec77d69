"""Where every child is: a board and the same as tables; each figure leads to the list behind it (practice 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from casework.boards.narrowing import AGES, NONE, Wanted
from casework.boards.where import Board, teams_and_workers, where_everyone_is
from web.doors import Access, access, here
from web.formats import COLOUR_WORDS

pages = Blueprint("overview", __name__)
COLOURS = {**COLOUR_WORDS, NONE: "No rating"}


@pages.get("/overview")
@access(Access.SIGNED_IN)
def show() -> str:
    """Where every child is whom the asker may open."""
    me = here()
    asked = Wanted.of(request.args)
    wanted = Wanted(team=asked.team, worker=asked.worker)

    def query(session: Session) -> tuple[Board, tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
        who: dict[str, Any] = {"by": me.who.id, "today": me.today}
        return where_everyone_is(session, wanted=wanted, **who), teams_and_workers(session, **who)

    board, (teams, workers) = me.read(None, "overview", query)
    return render_template(
        "overview.html",
        board=board,
        teams=teams,
        workers=workers,
        wanted=wanted,
        ages=AGES,
        colours=COLOURS,
        colour_heads=[f"#{COLOURS.get(colour, colour)}" for colour in board.colours],
        age_heads=[f"#{age.words}" for age in AGES],
        list_of=list_addresses(wanted),
        as_table=request.args.get("as") == "table",
        today=me.today,
    )


def list_addresses(wanted: Wanted) -> Callable[..., str]:
    """Where the children behind a figure are listed. A board has hundreds: the route is asked for once."""
    children = url_for("children.show")

    def list_of(order: str = "", **differs: Any) -> str:
        asked = wanted.address(**differs) | ({"order": order} if order else {})
        return f"{children}?{urlencode(asked)}" if asked else children

    return list_of
