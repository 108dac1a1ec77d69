"""A list that leaves as a file: a long one asks first what for, and for a proof of who takes it (reliability C7, C48).

The form stands at the address of the file itself, with everything that narrowed the list in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.who.pace import TooFast
from casework.who.taking_out import ListTooLong, ReasonNeeded
from web.doors import here

T = TypeVar("T")
FileOrForm = Response | str | tuple[str, int]


def take_out(
    what: str,
    query: Callable[[Session], T],
    refs: Callable[[T], Sequence[str]],
    write: Callable[[T], Response],
    *,
    back: str,
) -> FileOrForm:
    """The file; or the form that asks for a reason, with what was typed. `back`: the address of the list."""
    me, asked = here(), request.method == "POST"
    reason = request.form.get("reason", "") if asked else None
    if asked and (proof := me.proof_first()) is not None:
        return proof
    try:
        found = doing.take_out(me.office, what, query, refs, by=me.actor, now=me.now, reason=reason)
    except ReasonNeeded as needed:
        page = {"what": what, "listed": needed.listed, "back": back, "reason": reason or ""}
        if not asked:
            return render_template("take_out.html", wrong={}, **page)
        return render_template("take_out.html", wrong={"reason": needed.reasons[0].reason}, **page), 422
    except ListTooLong as long:
        said = long.reasons[0].reason
        return render_template("take_out.html", wrong={"": said}, what=what, listed=None, back=back, too_long=True), 422
    except TooFast as fast:
        if not asked:
            raise
        page = {"what": what, "listed": None, "back": back, "reason": reason or ""}
        return render_template("take_out.html", wrong={"": fast.words}, **page), 429
    return write(found)
