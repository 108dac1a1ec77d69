"""My work: what waits on me, late first; what I sent that waits on others; my meetings (practice 6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.acting import drafts
from casework.following import health
from casework.reading.my_work import Task, my_work, step_words
from casework.who import emergency, granting
from states.vocabulary import Role
from web.doors import Access, Here, access, here
from web.pages import catch_up
from web.pages.administration import CONFIRMERS

pages = Blueprint("my_work", __name__)
#: What is due, or meets, later than this is folded away, with its number on the fold.
SOON = timedelta(weeks=8)


@pages.get("/")
@access(Access.SIGNED_IN)
def start() -> Response:
    """The first page is one's own work."""
    return redirect(url_for("my_work.show"))


@pages.get("/my-work")
@access(Access.SIGNED_IN)
def show() -> str:
    """Everything that waits on whoever asks."""
    me = here()
    work, begun, missing, answers = me.read(
        None,
        "my work",
        lambda session: (
            my_work(session, by=me.who.id, today=me.today),
            drafts.kept_by(session, me.who.id, today=me.today),
            health.heartbeat(session, me.now),
            _answers(session, me),
        ),
    )
    return render_template(
        "my_work.html",
        work=work,
        drafts=_begun(begun),
        groups=_by_time(work.tasks, me.today),
        later=_later(work.tasks, me.today),
        meetings=[one for one in work.meetings if one.held_on <= me.today + SOON],
        meetings_later=[one for one in work.meetings if one.held_on > me.today + SOON],
        missing=missing,
        answers=answers,
        today=me.today,
    )


def _answers(session: Session, me: Here) -> list[tuple[str, str, date | None]]:
    """(words, address, until when) of what others wait for that is no step: a review of a look, a role to confirm.

    A record opened in an emergency is the guardian's to review; when that is late it is a Director's too.
    """
    found: list[tuple[str, str, date | None]] = []
    guards = Role.GUARDIAN in me.who.roles
    if guards or Role.DIRECTOR in me.who.roles:
        found += [
            (f"Say whether it was right to open {one.ref}", url_for("access_reports.show"), one.review_by)
            for one in emergency.opened(session, by=me.who.id, today=me.today)
            if one.reviewed_at is None and one.person != me.who.handle and (guards or one.review_by < me.today)
        ]
    if me.who.roles & CONFIRMERS:
        found += [
            (f"Confirm or decline: {one.role} for {one.name}", url_for("administration.show"), None)
            for one in granting.waiting(session)
            if me.who.handle not in (one.person, one.asked_by)
        ]
    return found


def _begun(begun: list[tuple[str, str, datetime]]) -> list[tuple[str, str]]:
    """(words, address) of what was left: a form for each child, a table once."""
    found: dict[str, str] = {}
    for ref, trigger, _at in begun:
        table, _, meeting = trigger.partition(":")
        if trigger == catch_up.DRAFT:
            found[url_for("catch_up.show", ref=ref)] = f"Several past steps, {ref}"
        elif meeting:
            found.setdefault(url_for(f"{table}.show", ref=meeting), f"The table of {meeting}")
        else:
            found[url_for("step.show", ref=ref, trigger=trigger)] = f"{step_words(trigger)}, {ref}"
    return [(words, address) for address, words in found.items()]


def _by_time(tasks: tuple[Task, ...], today: date) -> list[tuple[str, list[Task]]]:
    """Late, this week, the week after, the coming weeks; what stands still comes last. What is later is folded."""
    sunday = today + timedelta(days=6 - today.weekday())
    names = ("Late", "This week", "Next week", "In the next eight weeks", "Standing still")
    groups: dict[str, list[Task]] = {name: [] for name in names}
    for task in tasks:
        if task.due is None:
            groups["Standing still"].append(task)
        elif task.late:
            groups["Late"].append(task)
        elif task.due <= sunday:
            groups["This week"].append(task)
        elif task.due <= sunday + timedelta(days=7):
            groups["Next week"].append(task)
        elif task.due <= today + SOON:
            groups["In the next eight weeks"].append(task)
    return [(name, found) for name, found in groups.items() if found]


def _later(tasks: tuple[Task, ...], today: date) -> list[Task]:
    """What is due later than that: nothing late, whatever else is said of it."""
    return [task for task in tasks if task.due is not None and not task.late and task.due > today + SOON]
