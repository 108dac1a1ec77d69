"""The finance tracker: every agreed sum, its workbook, and finance's own held against ours (practice PM-5, PM-7)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import secure_filename

from casework import doing
from casework.funding import tracker as kept
from casework.importing.import_report import FileRefused, ImportLine
from interchange.sheets import MEDIA_TYPE
from interchange.tracker_rows import Tracker
from web.doors import Access, access, here
from web.taking_out import FileOrForm, take_out

if TYPE_CHECKING:
    from interchange.tracker_reading import Reconciliation

pages = Blueprint("finance_tracker", __name__)
#: So many differences are shown; a workbook with more is of another day or another authority.
SHOWN = 200


@pages.get("/money/tracker")
@access(Access.POSTS, posts=kept.READERS)
def show() -> str:
    """Every agreed sum that the reader may open, and the way to hold finance's workbook against it."""
    return _page()


@pages.route("/money/tracker.xlsx", methods=["GET", "POST"])
@access(Access.POSTS, posts=kept.READERS)
def download() -> FileOrForm:
    """The workbook: typed cells, totals, filters; every request in it is logged as looked at."""
    me = here()
    return take_out(
        "finance tracker",
        lambda session: kept.tracker(session, by=me.who.id, now=me.now),
        lambda made: [row.request for row in made.rows],
        _workbook,
        back=url_for("finance_tracker.show"),
    )


def _workbook(made: Tracker) -> Response:
    from interchange.tracker_book import tracker_book  # what writes workbooks is slow to load

    answer = Response(tracker_book(made), mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="finance-tracker-{here().today.isoformat()}.xlsx"'
    return answer


@pages.post("/money/tracker")
@access(Access.POSTS, posts=kept.READERS)
def reconcile() -> str | tuple[str, int]:
    """Finance's workbook held against ours, cell by cell. Nothing is changed by it."""
    me = here()
    given = request.files.get("workbook")
    if given is None or not given.filename:
        return _page(nothing_chosen=True), 422
    with tempfile.TemporaryDirectory(prefix="sgo-tracker-") as folder:
        file = Path(folder) / (secure_filename(given.filename) or "workbook")
        given.save(file)
        try:
            found = doing.read_of_many(
                me.office,
                "finance tracker reconciled",
                lambda session: kept.reconcile(session, file, by=me.who.id, now=me.now),
                lambda _: [],
                by=me.actor,
                now=me.now,
            )
        except FileRefused as refused:
            return _page(problems=tuple(refused.lines)), 422
    return _page(found=found)


def _page(
    *, found: Reconciliation | None = None, problems: tuple[ImportLine, ...] = (), nothing_chosen: bool = False
) -> str:
    me = here()
    made = me.read(None, "finance tracker", lambda session: kept.tracker(session, by=me.who.id, now=me.now))
    return render_template(
        "finance_tracker.html",
        tracker=made,
        found=found,
        problems=problems,
        nothing_chosen=nothing_chosen,
        shown=SHOWN,
        today=me.today,
    )
