"""A child's documents: letters to print and send, papers that are kept elsewhere (practice PR-7, PT-20)."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.delivery.letters import LetterLine
from casework.handles import letter_of, letters_of
from casework.reading.showing import CaseSeen, show_case
from web.doors import Access, access, here
from web.printing import printable

pages = Blueprint("documents", __name__)


@pages.get("/cases/<ref>/documents")
@access(Access.CHILD)
def show(ref: str) -> str:
    """The letters of a child, and where papers are."""
    me = here()

    def look(session: Session) -> tuple[CaseSeen, list[LetterLine]]:
        seen = show_case(session, ref, by=me.who.id, today=me.today)
        return seen, letters_of(session, ref, by=me.who.id, today=me.today)

    seen, letters = me.read(ref, "documents", look)
    stands = [line for line in reversed(seen.chronology) if line.standing != "taken back"]
    kept = [line for line in stands if line.record.get("reference")]
    return render_template("documents.html", case=seen, letters=letters, kept=kept, today=me.today)


@pages.get("/cases/<ref>/documents/<letter>")
@access(Access.CHILD)
def letter(ref: str, letter: str) -> Response:
    """One letter, to print."""
    me = here()
    _, html = me.read(
        ref, "letter", lambda session: letter_of(session, ref, letter, by=me.who.id, today=me.today)
    )
    return printable(html.decode())
