"""The Review Group's table: tonight's children in rows, typed live, saved row by row (practice 6.1).

One form for all the rows: whatever is saved, what stands in the other rows comes back as it was. What is typed is
also kept on the way (by the script, where there is one), so that a closed lid loses nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.acting import drafts
from casework.meetings.deciding import RowSaved, RowTyped, ViewTyped, save_row
from casework.meetings.table import GroupTable, TableRow, group_table
from casework.reading.happened import Happened, happened_since
from casework.who.choosing import Chooseable, to_choose_from
from states.pathway import PATHWAY
from states.records.base import FieldSeen, Record
from states.records.codes import Stance
from states.stages import S
from states.vocabulary import Service
from web import forms
from web.doors import Access, Here, access, here

pages = Blueprint("table", __name__)

#: What can be typed in a row; a decision not to progress has a form of its own, for it needs another plan.
IN_A_ROW = ("group_progresses", "group_defers", "group_asks_further_work", "group_adjourns")
RECORDS: dict[str, type[Record]] = {
    trigger: next(iter(PATHWAY.rows_for(trigger, S.REVIEW_GROUP))).record for trigger in IN_A_ROW
}
#: Every field of these records once, by name: a row shows them all, each outcome takes its own.
FIELDS: dict[str, FieldSeen] = {
    seen.name: seen for record in reversed(RECORDS.values()) for seen in record.fields()
}
_DRAFT = "table:{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """A child's row with what stands in its form, and what came of saving it."""

    row: TableRow
    typed: forms.Typed
    wrong: forms.Errors
    version: int
    saved: RowSaved | None = None
    since: tuple[Happened, ...] = ()


@pages.get("/meetings/<ref>/table")
@access(Access.MEETING)
def show(ref: str) -> str:
    """The table, with what was typed and not yet saved."""
    me = here()
    table, choose, kept = _look(me, ref)
    values = {one: draft.values for one, draft in kept.items()}
    return _page(me, table, choose, values, kept={one: draft.version for one, draft in kept.items()})


@pages.post("/meetings/<ref>/table")
@access(Access.MEETING)
def take(ref: str) -> str | Response | tuple[str, int]:
    """Save one row or all that have something in them, keep what is typed, or change the rows of actions."""
    me = here()
    table, choose, _ = _look(me, ref)
    values = {row.ref: _posted(row) for row in table.rows}
    versions = {row.ref: request.form.get(f"{row.ref}.version", row.version, type=int) for row in table.rows}
    action = request.form.get("action", "save")
    if action == "keep":
        _keep(me, ref, table, values, versions)
        wants_page = request.headers.get("X-Requested-With") is None
        return redirect(url_for("table.show", ref=ref, kept="yes")) if wants_page else ("", 204)
    if not action.startswith("save"):
        return _page(me, table, choose, values, kept=versions)
    only = action.partition(":")[2]
    key = request.form.get("key") or secrets.token_hex(16)
    saved: dict[str, RowSaved] = {}
    for row in table.rows:
        typed = _typed(row, values[row.ref], versions[row.ref], key)
        if row.ref == only or (not only and (typed.views or typed.outcome)):
            saved[row.ref] = save_row(me.office, ref, typed, by=me.actor, now=me.now)
    done = [one for one, result in saved.items() if result.results]
    _throw_away(me, ref, done)
    table, choose, _ = _look(me, ref)
    values = {one: given for one, given in values.items() if one not in done}
    kept = {one: version for one, version in versions.items() if one in values}
    page = _page(me, table, choose, values, kept=kept, saved=saved, nothing=not saved)
    return page, _status(saved)


def _status(saved: dict[str, RowSaved]) -> int:
    if any(one.overtaken for one in saved.values()):
        return 409
    return 422 if any(one.reasons for one in saved.values()) else 200


def _look(me: Here, ref: str) -> tuple[GroupTable, Chooseable, dict[str, drafts.Draft]]:
    return me.read_many(
        "table",
        lambda session: (
            group_table(session, ref, by=me.who.id, today=me.today),
            to_choose_from(session, today=me.today),
            drafts.kept_for(session, me.who.id, _DRAFT.format(ref)),
        ),
        lambda found: [row.ref for row in (*found[0].rows, *found[0].to_note)],
    )


def _page(
    me: Here,
    table: GroupTable,
    choose: Chooseable,
    values: dict[str, dict[str, Any]],
    *,
    kept: dict[str, int],
    saved: dict[str, RowSaved] | None = None,
    nothing: bool = False,
) -> str:
    saved = saved or {}
    overtaken = {ref: kept[ref] for ref, one in saved.items() if one.overtaken}
    since = (
        me.read(None, "table", lambda session: happened_since(session, overtaken, by=me.who.id, today=me.today))
        if overtaken
        else {}
    )
    rows = [_row_form(row, values, kept, saved.get(row.ref), since.get(row.ref, ())) for row in table.rows]
    wrong = [
        {"text": f"{one.row.ref}: {line['text']}", "href": line.get("href", f"#row-{one.row.ref}")}
        for one in rows
        if one.wrong.listed
        for line in one.wrong.summary()
    ]
    return render_template(
        "group_table.html",
        table=table,
        rows=rows,
        choose=choose,
        wrong=wrong,
        fields=FIELDS,
        outcomes=[(trigger, PATHWAY.rows_for(trigger, S.REVIEW_GROUP)[0].words) for trigger in IN_A_ROW],
        stances=[stance.value for stance in Stance],
        services=list(Service),
        chairs=table.chair_id == me.who.id,
        key=secrets.token_hex(16),
        nothing=nothing,
        kept=request.args.get("kept"),
        today=me.today,
        typed=forms.Typed(values={"how": "present"}),
    )


def _row_form(
    row: TableRow,
    values: dict[str, dict[str, Any]],
    kept: dict[str, int],
    saved: RowSaved | None,
    since: tuple[Happened, ...],
) -> RowForm:
    fresh: dict[str, Any] = {"barriers": list(row.barriers), "actions": [{}]}
    reasons = saved.reasons if saved and not saved.overtaken else ()
    return RowForm(
        row=row,
        typed=forms.Typed(values=values.get(row.ref, fresh)),
        wrong=forms.errors(reasons, list(FIELDS.values()), prefix=f"{row.ref}."),
        version=row.version if saved and saved.overtaken else kept.get(row.ref, row.version),
        saved=saved,
        since=since,
    )


def _posted(row: TableRow) -> dict[str, Any]:
    prefix = f"{row.ref}."
    own = {name: request.form.get(f"{prefix}{name}", "").strip() for name in ("outcome", "late_reason")}
    views = {
        f"view.{view.whose}.{part}": request.form.get(f"{prefix}view.{view.whose}.{part}", "").strip()
        for view in row.views
        for part in ("stance", "words")
    }
    return {**forms.posted(request.form, list(FIELDS.values()), prefix), **own, **views}


def _typed(row: TableRow, values: dict[str, Any], version: int, key: str) -> RowTyped:
    outcome = values["outcome"] if values["outcome"] in RECORDS else None
    given = [
        ViewTyped(
            service=view.whose,
            stance=values[f"view.{view.whose}.stance"],
            words=values[f"view.{view.whose}.words"],
        )
        for view in row.views
    ]
    return RowTyped(
        ref=row.ref,
        version=version,
        views=tuple(view for view in given if view.stance or view.words),
        outcome=outcome,
        record=forms.record_of(values, RECORDS[outcome].fields()) if outcome else {},
        late_reason=values["late_reason"] or None,
        key=key,
    )


def _keep(
    me: Here, ref: str, table: GroupTable, values: dict[str, dict[str, Any]], versions: dict[str, int]
) -> None:
    """Every row with something in it, for whoever typed it and nobody else."""

    def keep(session: Session) -> None:
        for row in table.rows:
            if _has_something(values[row.ref]):
                drafts.keep(
                    session,
                    person_id=me.who.id,
                    ref=row.ref,
                    trigger=_DRAFT.format(ref),
                    values=values[row.ref],
                    version=versions[row.ref],
                    now=me.now,
                )

    me.change(keep)


def _throw_away(me: Here, ref: str, done: list[str]) -> None:
    """What has been saved is no draft any more."""

    def throw(session: Session) -> None:
        for one in done:
            drafts.throw_away(session, me.who.id, one, _DRAFT.format(ref))

    if done:
        me.change(throw)


def _has_something(values: dict[str, Any]) -> bool:
    own = any(value for name, value in values.items() if name not in FIELDS)
    record = forms.record_of(values, list(FIELDS.values()))
    record.pop("barriers", None)  # they stand there from the rating
    return own or bool(record)
