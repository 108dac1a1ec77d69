"""What the system runs on: the policy and its history, notices as they read, mail held."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import handles, policies
from casework.delivery import outbox, previews
from casework.errors import NotFound, Refused, Unusable
from casework.who import staffing
from states.policy import policy_values
from states.policy.values import plain
from web.doors import Access, access, here

pages = Blueprint("keeping", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/policy")
@access(Access.SIGNED_IN)
def policy() -> str:
    """Every value in force today, whose authority it rests on, and the versions there have been."""
    me = here()
    with me.office.reading() as session:
        found = policies.in_force(session, me.today)
        versions = handles.policy_versions(session)
    sections: dict[str, list[dict[str, object]]] = {}
    for one in policy_values(found.policy):
        sections.setdefault(one.section, []).append(
            {"key": one.key, "value": plain(one.value), "mark": str(one.origin.mark), "source": one.origin.source}
        )
    return render_template("policy.html", found=found, sections=sections, versions=list(reversed(versions)))


@pages.get("/policy/<int:sequence>")
@access(Access.SIGNED_IN)
def version(sequence: int) -> str:
    """What one version changed against the one before."""
    me = here()
    with me.office.reading() as session:
        versions = {one.sequence: one for one in handles.policy_versions(session)}
        if sequence not in versions:
            raise NotFound("version of the policy")
        changes = policies.changes(session, sequence)
    return render_template("policy_version.html", version=versions[sequence], changes=changes)


@pages.get("/administration/notices")
@access(Access.POSTS, posts=staffing.MAIL_KEEPERS)
def notices() -> str:
    """Every kind of message: to whom, how, by which rule."""
    return render_template("notices.html", lines=previews.catalogue())


@pages.get("/administration/notices/<notice_id>")
@access(Access.POSTS, posts=staffing.MAIL_KEEPERS)
def notice(notice_id: str) -> str:
    """One of them as its reader gets it, with invented words."""
    me = here()
    seen = previews.preview(notice_id, system_name=me.office.settings.system_name, today=me.today)
    return render_template("notice.html", seen=seen)


@pages.route("/administration/mail", methods=["GET", "POST"])
@access(Access.POSTS, posts=staffing.MAIL_KEEPERS)
def mail() -> Answer:
    """Messages that are held since a restore, that failed, or that wait: let them go, hold them, try again."""
    me = here()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            count = me.office.in_one_unit(lambda session: _settle(session, me.who.id, me.today))
            return redirect(url_for("keeping.mail", done=count))
        except (Refused, Unusable) as error:
            wrong = {"": error.reasons[0].reason if isinstance(error, Refused) else str(error)}

    def look(session: Session) -> list[outbox.OutboxLine]:
        staffing.require(session, me.who.id, staffing.MAIL_KEEPERS, me.today, "outbox list")
        return outbox.list_outbox(session, limit=200)

    lines = me.read(None, "outbox", look)
    page = render_template(
        "mail.html",
        held=[one for one in lines if one.status == outbox.Status.QUARANTINED],
        failed=[one for one in lines if one.status in (outbox.Status.DEAD, outbox.Status.NEEDS_A_PERSON)],
        waiting=[
            one
            for one in lines
            if one.status in (outbox.Status.QUEUED, outbox.Status.UNKNOWN, outbox.Status.SENDING)
        ],
        wrong=wrong,
        done=request.args.get("done", ""),
    )
    return page, 422 if wrong else 200


def _settle(session: Session, by: str, today: date) -> int:
    """What the button says, to the messages that are ticked; how many."""
    staffing.require(session, by, staffing.MAIL_KEEPERS, today, "outbox")
    action, ids = request.form.get("action", ""), request.form.getlist("id")
    if action == "release-all":
        return sum(handles.release_all(session, by=by).values())
    if not ids:
        raise Unusable("Tick at least one message.")
    if action == "release":
        return outbox.release(session, ids, by=by)
    if action == "hold":
        return outbox.hold(session, ids, by=by)
    if action == "retry":
        return outbox.retry(session, ids, by=by)
    raise Unusable("There is no such button.")
