"""What other machines call: GOV.UK Notify saying what became of a message. No page, no session, no form."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from casework.delivery import arrivals
from web.doors import Access, access
from web.entering import now, office

pages = Blueprint("callbacks", __name__)
#: What Notify says of one message is a few hundred characters.
LONGEST = 16 * 1024


@pages.post("/notify/callback")
@access(Access.MACHINE)
def notify() -> Response:
    """Hear it and answer with a status alone; who has not the token learns nothing, not even of what is wrong."""
    request.max_content_length = LONGEST
    status = arrivals.told(
        office(), authorization=request.headers.get("Authorization"), body=request.get_data(cache=False), now=now()
    )
    answer = Response(status=status, mimetype="text/plain")
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
