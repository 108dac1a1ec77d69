"""Runs: what ran by itself, what it did, and how everything that keeps the system going stands (design 5.13)."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casework import doing
from casework.acting.commands import Command
from casework.boards import runs
from casework.following import health
from casework.following.ledger import RunState
from casework.overnight import night
from states.vocabulary import Role
from web.doors import Access, Here, access, here

pages = Blueprint("runs", __name__)
PAGE = 50
WEEK = timedelta(days=7)
STATES = [(state.value, state.value.capitalize()) for state in RunState]


@pages.get("/runs")
@access(Access.SIGNED_IN)
def show() -> str:
    """The newest runs first, and how it stands."""
    me = here()
    number = min(max(1, request.args.get("page", 1, type=int)), 100_000)
    state, flow = request.args.get("state", "")[:20], request.args.get("flow", "")[:80]

    who = looker(me)
    found = me.read(
        None,
        "runs",
        lambda session: runs.list_runs(
            session, who, state=state, flow=flow, limit=PAGE, offset=(number - 1) * PAGE, since=me.now - WEEK
        ),
    )
    return render_template(
        "runs.html",
        found=found,
        operator=who.operator,
        stands=health.health(me.office, me.now),
        states=STATES,
        state=state,
        flow=flow,
        page=number,
        turn=lambda to: url_for("runs.show", page=to, state=state or None, flow=flow or None),
        prefect=me.office.settings.prefect.ui_link if who.operator else None,
        now=me.now,
        begun=request.args.get("begun", ""),
    )


@pages.get("/runs/<run>")
@access(Access.SIGNED_IN)
def one(run: str) -> str:
    """One run: what it was about, what it did, what went wrong, and whether it can be tried again."""
    me = here()
    who, found = looker(me), _one(me, run)
    link = me.office.settings.prefect.ui_link if who.operator else None
    prefect = f"{link.rstrip('/')}/runs/flow-run/{found.run.line.prefect_run_id}" if link else None
    return render_template(
        "run.html",
        found=found,
        operator=who.operator,
        may_again=who.operator or who.manager,
        prefect=prefect if found.run.line.prefect_run_id else None,
        done=request.args.get("done", ""),
    )


def looker(me: Here) -> runs.Looker:
    """Whoever asks, as far as runs are concerned."""
    return runs.looker(me.who.id, me.who.roles, me.today)


def _one(me: Here, run: str) -> runs.RunWhole:
    return me.read(None, "runs", lambda session: runs.a_run(session, looker(me), run))


@pages.post("/runs/<run>/again")
@access(Access.SIGNED_IN)
def again(run: str) -> Response:
    """Have a failed follow-up tried again. What was done stays done, and nothing is sent twice."""
    me = here()
    _one(me, run)
    doing.perform_many(
        me.office,
        lambda session: runs.try_again(session, looker(me), run),
        Command(trigger="try_again", happened_on=me.today),
        by=me.actor,
        now=me.now,
    )
    return redirect(url_for("runs.one", run=run, done="again"))


@pages.post("/runs/night")
@access(Access.POSTS, posts=(Role.OPERATOR,))
def check_now() -> Response:
    """Take up a night that is missing, as `sgo overnight` does: twice changes nothing. For operators."""
    me = here()
    threading.Thread(target=_nights, args=(me,), daemon=True).start()
    return redirect(url_for("runs.show", begun="night"))


def _nights(me: Here) -> None:
    """Every night that is due. What goes wrong is in the ledger, where the page shows it."""
    with suppress(Exception):  # the night has kept it in full under a reference
        night.run_due_nights(me.office, now=me.now)

