"""Needs attention: what the nights found, who is late and why, and saying "I'm dealing with it" (practice 5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from casework import doing
from casework.acting.commands import Command
from casework.boards.attention import Asked, needs_attention, one_finding
from casework.boards.where import teams_and_workers
from casework.drift import acknowledging
from casework.drift.findings import FindingLine
from casework.drift.rules import CATALOGUE, Severity
from casework.errors import NotFound, Refused, Unusable
from casework.following import health
from interchange.sheets import Column
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, Here, access, here
from web.downloads import as_workbook
from web.taking_out import FileOrForm, take_out

pages = Blueprint("attention", __name__)
PAGE = 50
SEVERITIES = [(one.value, words) for one, words in zip(Severity, ("For information", "Warning", "Urgent"), strict=True)]
DEALING = [("nobody", "Nobody is"), ("somebody", "Somebody is"), ("back", "Somebody was, and it is back")]
RULES = [(rule.id, f"{rule.id} {rule.words}") for rule in CATALOGUE if rule.find is not None]


@pages.get("/attention")
@access(Access.SIGNED_IN)
def show() -> str:
    """What needs attention, in figures and line by line."""
    me = here()
    asked = Asked.of(request.args)
    number = min(max(1, request.args.get("page", 1, type=int)), 100_000)
    who: dict[str, Any] = {"by": me.who.id, "today": me.today}
    found, (teams, workers), missing = me.read_list(
        "needs attention",
        lambda session: (
            needs_attention(session, asked=asked, limit=PAGE, offset=(number - 1) * PAGE, **who),
            teams_and_workers(session, **who),
            health.heartbeat(session, me.now),
        ),
        searched=asked != Asked() or number > 1,
    )
    return render_template(
        "attention.html",
        found=found,
        missing=missing,
        asked=asked,
        plain=asked == Asked(),
        rules=RULES,
        severities=SEVERITIES,
        dealing=DEALING,
        teams=teams,
        workers=workers,
        page=number,
        pages=max(1, -(-found.all.number // PAGE)),
        link=lambda **differs: url_for("attention.show", **asked.address(**differs)),
        turn=lambda to: url_for("attention.show", page=to, **asked.address()),
        download=url_for("attention.download", **asked.address()),
        done=request.args.get("done", ""),
        today=me.today,
    )


COLUMNS = (
    Column("Child"), Column("Worker", 30), Column("Rule", 8), Column("What", 60), Column("Severity"),
    Column("Since", 12), Column("Found on", 12), Column("Over on", 12), Column("For", 34),
    Column("Gone up to", 24), Column("Dealing with it", 24), Column("What they do", 50), Column("Until", 12),
    Column("Inherited", 10),
)  # fmt: skip


@pages.route("/attention.xlsx", methods=["GET", "POST"])
@access(Access.SIGNED_IN)
def download() -> FileOrForm:
    """The whole list in view, for Excel; every child in it is logged as looked at."""
    me = here()
    asked = Asked.of(request.args)
    return take_out(
        "what needs attention",
        lambda session: needs_attention(session, by=me.who.id, today=me.today, asked=asked),
        lambda seen: sorted({line.ref for line in seen.lines}),
        lambda found: as_workbook(
            "needs-attention",
            me.today,
            COLUMNS,
            (_row(line, found.workers_of.get(line.ref)) for line in found.lines),
        ),
        back=url_for("attention.show", **asked.address()),
    )


def _row(line: FindingLine, worker: str | None) -> tuple[str | date | bool | None, ...]:
    said = line.dealing
    return (
        line.ref, worker, line.rule, line.words, line.severity, line.since, line.first_found_on, line.cleared_on,
        ", ".join(line.owners), ", ".join(line.went_up_to), said.person if said else None,
        said.reason if said else None, said.until_on if said else None, line.inherited,
    )  # fmt: skip


@pages.get("/attention/<finding>/dealing")
@access(Access.SIGNED_IN)
def dealing_form(finding: str) -> str:
    """I'm dealing with it: what I do about it, and until when."""
    me = here()
    soon = me.today + timedelta(days=7)
    typed = {"until": {"day": str(soon.day), "month": str(soon.month), "year": str(soon.year)}}
    return _form(_finding(me, finding), forms.Typed(values=typed))


@pages.post("/attention/<finding>/dealing")
@access(Access.SIGNED_IN)
def dealing(finding: str) -> str | Answer | tuple[str, int]:
    """Say so. Nobody else is told until the date given; if it still stands then, it is back."""
    me = here()
    line = _finding(me, finding)
    reason = request.form.get("reason", "")
    when = {part: request.form.get(f"until-{part}", "").strip() for part in ("day", "month", "year")}
    typed = forms.Typed(values={"reason": reason, "until": when})
    try:
        until = date.fromisoformat(forms.date_text(when))
    except ValueError:
        wrong = [Unmet("rules 10", "Enter the date until when, such as 27 3 2027.", "until")]
        return _form(line, typed, wrong), 422
    logged = Command(trigger="acknowledge", happened_on=me.today, ref=line.ref)
    try:
        doing.perform_many(
            me.office,
            lambda session: acknowledging.acknowledge(
                session, finding, by=me.who.id, reason=reason, until=until, today=me.today, now=me.now
            ),
            logged,
            by=me.actor,
            now=me.now,
        )
    except Refused as refused:
        return _form(line, typed, list(refused.reasons)), 422
    except Unusable as unusable:
        return _form(line, typed, [Unmet("", str(unusable))]), 422
    return redirect(url_for("attention.show", done=line.ref))


def _finding(me: Here, finding: str) -> FindingLine:
    def query(session: Any) -> FindingLine:
        line = one_finding(session, finding, by=me.who.id, today=me.today)
        if line is None:
            raise NotFound("finding", finding)
        return line

    return me.read(None, "finding", query)


def _form(line: FindingLine, typed: forms.Typed, wrong: list[Unmet] | None = None) -> str:
    names = frozenset({"reason", "until"})
    told = forms.Errors(listed=tuple(wrong or ()), fields=names, dates=frozenset({"until"}))
    return render_template("dealing.html", line=line, typed=typed, wrong=told)
