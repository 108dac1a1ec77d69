"""Many children at once: rating, listing, and the desk review that changes nothing; a result for each (practice PT-2).

Each child is an act of their own: one who is refused holds up nobody else, and what was typed stands again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from casework.acting.commands import Command
from casework.each_child import Answer, do_each
from casework.errors import Unusable
from casework.reading.grids import GridLine, grid_lines
from casework.who.choosing import Chooseable, Deciders, deciders_of, to_choose_from
from states.pathway import PATHWAY
from states.records.group import DeskReview, Listing, WhyListed
from states.records.rating import Rating
from states.stages import S
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, Here, access, here

pages = Blueprint("grid", __name__)
PAGE = 25
#: What is typed once for all children.
SHARED = ("meeting", "reason", "note", "decided_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One thing that can be done for many children at once."""

    name: str
    title: str
    lead: str
    states: tuple[S, ...]
    button: str


GRIDS = {
    "rate": Grid(
        name="rate",
        title="Rate children",
        lead="Children not yet rated, the soonest due first. Fill in the rows you know; the others stay as they are.",
        states=(S.COHORT,),
        button="Rate these children",
    ),
    "list": Grid(
        name="list",
        title="Put children on an agenda",
        lead="Children who wait for the Review Group, the soonest due back first.",
        states=(S.RATED, S.DEFERRED, S.FURTHER_WORK),
        button="Put the ticked children on the agenda",
    ),
    "desk-review": Grid(
        name="desk-review",
        title="Desk review",
        lead="Children who return to the group later. Tick those with whom nothing has changed; call in whom the group "
        "should see.",
        states=(S.DEFERRED,),
        button="Save the desk review",
    ),
}
#: The step whose posts decide in each.
DECIDES = {
    what: next(row for row in PATHWAY.rows if row.trigger == trigger)
    for what, trigger in (("rate", "rate"), ("list", "list_for_group"), ("desk-review", "desk_review_unchanged"))
}
WHY = {
    S.RATED.name: WhyListed.RATED,
    S.DEFERRED.name: WhyListed.RETURN_DATE,
    S.FURTHER_WORK.name: WhyListed.RESUBMITTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was typed for all children and for each, and what came of it."""

    shared: dict[str, Any]
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """A child with what stands in its row, and what came of it."""

    line: GridLine
    typed: forms.Typed
    wrong: forms.Errors
    version: int


@pages.get("/grid/<any('rate', 'list', 'desk-review'):what>")
@access(Access.SIGNED_IN)
def show(what: str) -> str:
    """The grid, fresh."""
    me = here()
    lines, choose, deciders = _look(me, what)
    values: dict[str, Any] = {"meeting": request.args.get("meeting", "")}
    return _page(GRIDS[what], lines, choose, Sent(shared=values), deciders=deciders, today=me.today)


@pages.post("/grid/<any('rate', 'list', 'desk-review'):what>")
@access(Access.SIGNED_IN)
def take(what: str) -> str | tuple[str, int]:
    """Do it for each child of whom something is typed or ticked."""
    me = here()
    grid = GRIDS[what]
    lines, choose, deciders = _look(me, what)
    shared: dict[str, Any] = {name: request.form.get(name, "").strip() for name in SHARED}
    typed = {line.ref: _posted(what, line, request.form) for line in lines if f"{line.ref}.version" in request.form}
    key = request.form.get("key") or secrets.token_hex(16)
    commands = []
    for line in lines:
        if line.ref in typed:
            command = _command(grid, line, typed[line.ref], shared, me.today)
            commands += [replace(command, key=f"{key}:{line.ref}")] if command else []
    answers = do_each(me.office, commands, by=me.actor, now=me.now)
    done = {answer.ref for answer in answers if answer.result is not None}
    lines, choose, deciders = _look(me, what)
    kept = {ref: values for ref, values in typed.items() if ref not in done}
    refused = any(answer.result is None for answer in answers)
    sent = Sent(shared=shared, kept=kept, answers=answers, nothing=not commands)
    page = _page(grid, lines, choose, sent, deciders=deciders, today=me.today)
    return (page, 422) if refused else page


def _look(me: Here, what: str) -> tuple[list[GridLine], Chooseable, Deciders]:
    return me.read_many(
        f"grid:{what}",
        lambda session: (
            grid_lines(session, by=me.who.id, today=me.today, states=GRIDS[what].states),
            to_choose_from(session, today=me.today),
            deciders_of(session, DECIDES[what], ref=None, today=me.today),
        ),
        lambda found: [line.ref for line in found[0]],
    )


def _posted(what: str, line: GridLine, form: MultiDict[str, str]) -> dict[str, Any]:
    prefix = f"{line.ref}."
    own = {"version": form.get(f"{prefix}version", str(line.version)), "do": form.get(f"{prefix}do", "")}
    if what == "rate":
        return {**forms.posted(form, Rating.fields(), prefix), **own}
    return {**own, "return_on": forms.posted_date(form, f"{prefix}return_on")}


def _command(
    grid: Grid, line: GridLine, values: dict[str, Any], shared: dict[str, Any], today: date
) -> Command | None:
    """What is to be done for one child: nothing, where nothing is typed."""
    trigger, record = _act(grid, line, values, shared)
    if not trigger:
        return None
    version = values["version"]
    return Command(
        ref=line.ref,
        trigger=trigger,
        happened_on=today,
        record=record,
        decided_by=shared["decided_by"] or None if trigger != "list_for_group" else None,
        version=int(version) if version.isdigit() else line.version,
    )


def _act(grid: Grid, line: GridLine, values: dict[str, Any], shared: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if grid.name == "rate":
        record = forms.record_of(values, Rating.fields())
        return ("rate", record) if record else ("", {})
    if grid.name == "list" and values["do"]:
        given = {"meeting": shared["meeting"], "why": WHY[line.state].value, "note": shared["note"]}
        return "list_for_group", forms.record_of(given, Listing.fields())
    if values["do"] == "call-in":
        given = {"meeting": shared["meeting"], "why": WhyListed.CALLED_IN.value, "note": shared["note"]}
        return "list_for_group", forms.record_of(given, Listing.fields())
    if values["do"] == "unchanged":
        given = {"return_on": values["return_on"], "reason": shared["reason"]}
        return "desk_review_unchanged", forms.record_of(given, DeskReview.fields())
    return "", {}


def _page(
    grid: Grid, lines: list[GridLine], choose: Chooseable, sent: Sent, *, deciders: Deciders, today: date
) -> str:
    number = max(1, request.values.get("page", 1, type=int))
    pages_in_all = max(1, -(-len(lines) // PAGE))
    number = min(number, pages_in_all)
    reasons = {answer.ref: answer.reasons for answer in sent.answers if answer.result is None}
    fields = list(Rating.fields()) if grid.name == "rate" else []
    rows = [
        _row(line, fields, sent.kept.get(line.ref), reasons.get(line.ref, ()))
        for line in _those_shown(lines, sent.kept, number)
    ]
    group = [(ref, words) for ref, words in choose.meetings if words.startswith("Review Group,")]
    return render_template(
        "grid.html",
        grid=grid,
        rows=rows,
        total=len(lines),
        page=number,
        pages=pages_in_all,
        shared=forms.Typed(values=sent.shared),
        choose=choose,
        deciders=deciders,
        meetings=group,
        fields={seen.name: seen for seen in fields},
        answers=sent.answers,
        nothing=sent.nothing,
        key=secrets.token_hex(16),
        today=today,
    )


def _those_shown(lines: list[GridLine], kept: dict[str, Any], number: int) -> list[GridLine]:
    """A page of the list; after saving, those in which something still stands come first."""
    first = [line for line in lines if line.ref in kept]
    rest = [line for line in lines if line.ref not in kept]
    return lines[(number - 1) * PAGE : number * PAGE] if not kept else [*first, *rest][: max(PAGE, len(first))]


def _row(
    line: GridLine, fields: list[Any], values: dict[str, Any] | None, reasons: tuple[Unmet, ...]
) -> GridRow:
    fresh = {"return_on": forms.parts_of(line.usual_return), "do": ""}
    try:
        version = int(values["version"]) if values and not reasons else line.version
    except ValueError:
        raise Unusable("The page was changed on its way: open it again.") from None
    return GridRow(
        line=line,
        typed=forms.Typed(values=values or fresh),
        wrong=forms.errors(reasons, fields, prefix=f"{line.ref}."),
        version=version,
    )
