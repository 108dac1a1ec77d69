"""One's own meetings in one's own diary: an address that a diary fetches, and a way to take it back."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request

from casework import calendar_feeds
from casework.calendar_feeds import FeedSeen
from web.doors import Access, access, here
from web.entering import now, office

pages = Blueprint("my_calendar", __name__)


@pages.get("/my-work/calendar")
@access(Access.SIGNED_IN)
def show() -> str:
    """Whether there is an address, and how to get one."""
    me = here()
    return _page(me.read(None, "calendar", lambda session: calendar_feeds.feed_of(session, me.who.id)))


@pages.post("/my-work/calendar")
@access(Access.SIGNED_IN)
def change() -> str:
    """A new address, shown once; or none any more."""
    me = here()
    if request.form.get("action") == "revoke":
        me.change(lambda session: calendar_feeds.revoke_feed(session, me.who.id, now=me.now))
        return _page(None, revoked=True)
    token = me.change(lambda session: calendar_feeds.make_feed(session, me.who.id, now=me.now))
    base = office().settings.link_base or request.host_url.rstrip("/")
    feed = me.read(None, "calendar", lambda session: calendar_feeds.feed_of(session, me.who.id))
    return _page(feed, address=f"{base}/calendar/{token}.ics")


@pages.get("/calendar/<token>.ics")
@access(Access.ANYONE)
def fetch(token: str) -> Response:
    """The calendar itself: whoever holds the secret may fetch it; it names no child and nobody else."""
    instant = now()
    with office().reading() as session:
        person_id = calendar_feeds.whose(session, token)
        if person_id is None:
            abort(404)
        file = calendar_feeds.calendar_of(session, person_id, office().settings, now=instant)
    return Response(file, content_type="text/calendar; charset=utf-8")


def _page(feed: FeedSeen | None, *, address: str | None = None, revoked: bool = False) -> str:
    return render_template("my_calendar.html", feed=feed, address=address, revoked=revoked)
