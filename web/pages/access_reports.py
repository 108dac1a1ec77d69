"""Who looked at which record, by child and by colleague; what was exported; records opened in an emergency."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing, handles
from casework.errors import NotFound, Refused, Unusable
from casework.who import emergency, reports
from casework.who.matrix import SIGHT, Scope
from casework.who.people import PersonLine, list_people
from casework.who.staffing import EMERGENCY_REVIEWERS, REPORT_READERS
from states.vocabulary import Role
from web.doors import Access, Here, access, here

pages = Blueprint("access_reports", __name__)
Answer = str | Response | tuple[str, int]

WEEKS = 4
#: Who may be on call for children, whether or not one is allocated to them now.
WITH_CHILDREN = frozenset(role for role, sight in SIGHT.items() if sight.scope is not Scope.NONE)


@pages.get("/cases/<ref>/who-looked")
@access(Access.CASE)
def who_looked(ref: str) -> str:
    """Every look at one child's record."""
    me = here()
    me.read(ref, "who looked", lambda session: handles.may_see_who_looked(session, ref, by=me.who.id, today=me.today))
    looks = handles.who_looked(me.office, ref)
    if not looks:
        raise NotFound("case", ref)
    return render_template("who_looked.html", ref=ref, looks=list(reversed(looks)))


@pages.get("/access")
@access(Access.POSTS, posts=EMERGENCY_REVIEWERS | REPORT_READERS)
def show() -> str:
    """Opened in an emergency, exported, turned away."""
    return _page(here())


@pages.post("/access/emergency/<emergency_id>")
@access(Access.POSTS, posts=EMERGENCY_REVIEWERS - {Role.AUDITOR})
def review(emergency_id: str) -> Answer:
    """Say whether it was right to open a record."""
    me = here()
    words, field = request.form.get("words", ""), f"words-{emergency_id}"
    if request.form.get("justified") not in ("yes", "no"):
        return _page(me, wrong={f"justified-{emergency_id}": "Say whether it was right."}, typed=words), 422
    try:
        me.office.in_one_unit(
            lambda session: emergency.review(
                session,
                emergency_id,
                justified=request.form["justified"] == "yes",
                words=words,
                by=me.who.id,
                today=me.today,
                now=me.now,
            )
        )
    except Unusable as error:
        return _page(me, wrong={field: str(error)}, typed=words), 422
    return redirect(url_for("access_reports.show", done="reviewed"))


@pages.get("/access/people/<person_id>")
@access(Access.POSTS, posts=REPORT_READERS)
def by_person(person_id: str) -> str:
    """What one colleague has looked at in the last weeks."""
    me = here()

    def look(session: Session) -> tuple[list[reports.Looked], PersonLine]:
        looked = reports.looked_at_by(
            me.office, session, who=person_id, by=me.who.id, today=me.today, since=me.now - timedelta(weeks=WEEKS)
        )
        return looked, next(one for one in list_people(session, on=me.today) if one.id == person_id)

    looked, person = me.read(None, "access report", look)
    return render_template("access_by_person.html", looked=looked, person=person, weeks=WEEKS)


@pages.get("/emergency")
@access(Access.POSTS, posts=WITH_CHILDREN)
def ask() -> str:
    """A record that is not open to you, and cannot wait."""
    return render_template("emergency.html", wrong={}, ref=request.args.get("ref", ""), reason="")


@pages.post("/emergency")
@access(Access.POSTS, posts=WITH_CHILDREN, proved=True)
def open_record() -> Answer:
    """Open it, for some hours, to read; the information guardian is told."""
    me = here()
    ref, reason = request.form.get("ref", "").strip().upper(), request.form.get("reason", "").strip()
    try:
        opened = doing.open_in_emergency(me.office, ref, reason=reason, by=me.actor, now=me.now)
    except NotFound:
        wrong = {"ref": "There is no record of this reference. Look at it again: it begins with two letters."}
    except (Refused, Unusable) as error:
        wrong = {"reason": error.reasons[0].reason if isinstance(error, Refused) else str(error)}
    else:
        return redirect(url_for("child.show", ref=opened.ref))
    return render_template("emergency.html", wrong=wrong, ref=ref, reason=reason), 422


def _page(me: Here, *, wrong: dict[str, str] | None = None, typed: str = "") -> str:
    since = me.now - timedelta(weeks=WEEKS)
    reader = bool(me.who.roles & REPORT_READERS)

    def look(
        session: Session,
    ) -> tuple[list[emergency.Opened], dict[str, list[Any]]]:
        opened = emergency.opened(session, by=me.who.id, today=me.today)
        if not reader:
            return opened, {}
        asked: dict[str, Any] = {"by": me.who.id, "today": me.today, "since": since}
        return opened, {
            "exported": reports.exports(me.office, session, **asked),
            "turned_away": reports.turned_away(me.office, session, **asked),
            "held_back": reports.held_back(me.office, session, **asked),
            "people": list_people(session, on=me.today),
        }

    opened, reported = me.read(None, "access reports", look)
    open_forms = {one.id for one in opened if not one.reviewed_at}
    # What has been reviewed meanwhile has no form any more that the summary could lead to.
    wrong = {field if field.partition("-")[2] in open_forms else "": words for field, words in (wrong or {}).items()}
    return render_template(
        "access_reports.html",
        opened=opened,
        **reported,
        reader=reader,
        reviews=bool(me.who.roles & (EMERGENCY_REVIEWERS - {Role.AUDITOR})),
        wrong=wrong or {},
        typed=typed,
        done=request.args.get("done", ""),
        today=me.today,
        weeks=WEEKS,
    )
