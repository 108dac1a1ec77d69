"""Where every child is: a board and the same as tables; each figure leads to the list behind it (practice 6)."""

from __future__ import annotations

from typing import Any

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
        list_of=lambda order="", **differs: list_address(wanted, order, **differs),
        as_table=request.args.get("as") == "table",
        today=me.today,
    )


def list_address(wanted: Wanted, order: str = "", **differs: Any) -> str:
    """Where the children behind a figure are listed."""
    more: dict[str, Any] = {"order": order} if order else {}
    return url_for("children.show", **wanted.address(**differs), **more)
