"""The reviewing officer's page: own children, coming reviews, decisions to confirm, concerns (practice PT-21)."""

from __future__ import annotations

from flask import Blueprint, render_template

from casework.reading.reviewing import Reviewing, reviewing
from states.vocabulary import Role
from web.doors import Access, access, here

pages = Blueprint("reviews", __name__)


@pages.get("/reviews")
@access(Access.POSTS, posts=[Role.IRO, Role.IRO_MANAGER])
def show() -> str:
    """Everything of a reviewing officer, the next review first."""
    me = here()
    seen: Reviewing = me.read_many(
        "reviews",
        lambda session: reviewing(session, by=me.who.id, today=me.today),
        lambda found: [child.ref for child in found.children],
    )
    late = [child for child in seen.children if child.next_review_on and child.next_review_on < me.today]
    coming = [child for child in seen.children if child.next_review_on and child.next_review_on >= me.today]
    unknown = [child for child in seen.children if child.next_review_on is None]
    return render_template("reviews.html", seen=seen, late=late, coming=coming, unknown=unknown, today=me.today)
