"""The children somebody works with, most urgent first, narrowed by state or colour."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from casework.reading.queries import list_cases
from states.stages import S
from web.doors import Access, access, here
from web.formats import COLOUR_WORDS

pages = Blueprint("children", __name__)
PAGE = 50


@pages.get("/children")
@access(Access.SIGNED_IN)
def show() -> str:
    """A page of the list."""
    me = here()
    state = request.args.get("state", "")
    colour = request.args.get("colour", "")
    wanted = request.args.get("find", "").strip().upper()
    lines = me.read(
        None,
        "cases",
        lambda session: list_cases(
            session,
            by=me.who.id,
            today=me.today,
            state=state if state in S.__members__ else None,
            include_closed=bool(request.args.get("closed")),
        ),
    )
    lines = [
        line for line in lines if (not colour or line.colour == colour) and (not wanted or wanted in line.ref)
    ]
    number = max(1, request.args.get("page", 1, type=int))
    pages_in_all = max(1, -(-len(lines) // PAGE))
    number = min(number, pages_in_all)
    return render_template(
        "children.html",
        lines=lines[(number - 1) * PAGE : number * PAGE],
        total=len(lines),
        page=number,
        pages=pages_in_all,
        states=[(s.name, s.words) for s in S],
        colours=COLOUR_WORDS,
        state=state,
        colour=colour,
        find=wanted,
        closed=request.args.get("closed", ""),
        today=me.today,
    )
