"""Do a step: the form from the record, what it would do before it is done, and the way back to what was typed.

Three posts to one address: look (what would happen), do it, and keep what is typed for later. A version that is
no longer current shows what happened meanwhile beside what was typed; the same post twice does one thing (R7).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting import drafts
from casework.acting.commands import Command
from casework.acting.trying import Tried
from casework.errors import Conflict, Refused, Unusable
from casework.handles import CaseHead, head_of
from casework.reading.queries import NextStep, next_steps
from casework.reading.showing import show_case
from casework.who.choosing import Chooseable, to_choose_from
from states.pathway import PATHWAY
from states.records.base import FieldSeen, Kind, Record
from states.vocabulary import Nature, Transition, Unmet
from web import forms
from web.doors import Access, Here, access, here

pages = Blueprint("step", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A step on a child, as its form needs it."""

    case: CaseHead
    row: Transition
    step: NextStep | None
    fields: tuple[FieldSeen, ...]
    choose: Chooseable


@pages.get("/cases/<ref>/step/<trigger>")
@access(Access.CASE)
def show(ref: str, trigger: str) -> str:
    """The form, as it was left, or fresh."""
    me = here()
    sheet, draft = me.read(ref, f"form:{trigger}", lambda session: _sheet(session, me, ref, trigger))
    values = draft.values if draft else {**_fresh(sheet.row.record), **_today(me.today), **request.args.to_dict()}
    version = draft.version if draft else sheet.case.version
    return _form(sheet, values, version=version, key=_new_key(), draft=draft)


@pages.post("/cases/<ref>/step/<trigger>")
@access(Access.CASE)
def take(ref: str, trigger: str) -> str | Response | tuple[str, int]:
    """Look at it, do it, keep it for later, or change the rows of the form."""
    me = here()
    sheet, _ = me.read(ref, f"form:{trigger}", lambda session: _sheet(session, me, ref, trigger))
    values = {**forms.posted(request.form, sheet.fields), **_envelope()}
    version = request.form.get("version", sheet.case.version, type=int)
    key = request.form.get("key") or _new_key()
    action = request.form.get("action", "look")
    if action == "keep":
        me.office.in_one_unit(
            lambda session: drafts.keep(
                session, person_id=me.who.id, ref=ref, trigger=trigger, values=values, version=version, now=me.now
            )
        )
        return redirect(url_for("child.show", ref=ref, done="kept"))
    if action == "throw-away":
        me.office.in_one_unit(lambda session: drafts.throw_away(session, me.who.id, ref, trigger))
        return redirect(url_for("step.show", ref=ref, trigger=trigger))
    if action.startswith(("add:", "remove:", "change")):
        return _form(sheet, values, version=version, key=key)
    try:
        command = _command(sheet, values, version=version, key=key)
        if action == "do":
            result = me.perform(command)
            me.office.in_one_unit(lambda session: drafts.throw_away(session, me.who.id, ref, trigger))
            return redirect(url_for("child.show", ref=ref, done=result.event))
        tried = doing.try_out(me.office, command, by=me.actor, now=me.now)
    except Refused as refused:
        wrong = forms.errors(refused.reasons, sheet.fields)
        return _form(sheet, values, version=version, key=key, wrong=wrong), 422
    except Unusable as unusable:
        wrong = forms.errors([Unmet("", str(unusable))], sheet.fields)
        return _form(sheet, values, version=version, key=key, wrong=wrong), 422
    except Conflict:
        return _overtaken(me, sheet, values, version), 409
    return _check(sheet, values, tried, version=version, key=key)


def _sheet(session: Session, me: Here, ref: str, trigger: str) -> tuple[Sheet, drafts.Draft | None]:
    case = head_of(session, ref, by=me.who.id, today=me.today)
    rows = [row for row in PATHWAY.rows if row.trigger == trigger and row.source != {None}]
    if not rows:
        abort(404)
    step = next((s for s in next_steps(session, ref, by=me.who.id, today=me.today) if s.trigger == trigger), None)
    fields = step.fields if step else rows[0].record.fields()
    row = next((row for row in rows if row.record.fields() == fields), rows[0])
    sheet = Sheet(case=case, row=row, step=step, fields=fields, choose=to_choose_from(session, today=me.today))
    return sheet, drafts.find(session, me.who.id, ref, trigger)


def _form(
    sheet: Sheet,
    values: dict[str, Any],
    *,
    version: int,
    key: str,
    wrong: forms.Errors | None = None,
    draft: drafts.Draft | None = None,
) -> str:
    return render_template(
        "step.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        wrong=wrong or forms.Errors(),
        version=version,
        key=key,
        draft=draft,
        decision=sheet.row.nature is Nature.DECISION,
        mine=sheet.step is not None and not any(u.field == "decided_by" for u in sheet.step.missing),
    )


def _check(sheet: Sheet, values: dict[str, Any], tried: Tried, *, version: int, key: str) -> str:
    return render_template(
        "step_check.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        answers=_answers(sheet.fields, values),
        tried=tried,
        version=version,
        key=key,
        happened_on=forms.date_text(values.get("happened_on")),
        hidden=list(_hidden(request.form.items(multi=True))),
    )


def _overtaken(me: Here, sheet: Sheet, values: dict[str, Any], version: int) -> str:
    """What happened to the child while this was being typed, beside what was typed."""
    seen = me.read(
        sheet.case.ref, "case", lambda session: show_case(session, sheet.case.ref, by=me.who.id, today=me.today)
    )
    return render_template(
        "step_overtaken.html",
        sheet=sheet,
        answers=_answers(sheet.fields, values),
        since=[line for line in seen.chronology if line.seq > version],
        version=seen.version,
        hidden=list(_hidden(request.form.items(multi=True))),
    )


def _hidden(items: Any) -> Any:
    return ((name, value) for name, value in items if name not in ("csrf_token", "action", "version"))


def _answers(fields: tuple[FieldSeen, ...], values: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was typed, by label, for looking over."""
    record = forms.record_of(values, fields)
    return [(seen.label, _answer(seen, record[seen.name])) for seen in fields if seen.name in record]


def _answer(seen: FieldSeen, value: Any) -> Any:
    if seen.kind is Kind.ROWS:
        labels = {inner.name: inner.label for inner in seen.rows}
        return [[(labels[name], one) for name, one in row.items()] for row in value]
    return value


def _command(sheet: Sheet, values: dict[str, Any], *, version: int, key: str) -> Command:
    on = forms.date_text(values.get("happened_on"))
    try:
        happened_on = date.fromisoformat(on)
    except ValueError:
        words = "Enter the day on which it happened, such as 27 3 2026."
        raise Refused(sheet.row.trigger, [Unmet("", words, "happened_on")]) from None
    return Command(
        ref=sheet.case.ref,
        trigger=sheet.row.trigger,
        happened_on=happened_on,
        record=forms.record_of(values, sheet.fields),
        decided_by=values.get("decided_by") or None,
        evidence=values.get("evidence") or None,
        late_reason=values.get("late_reason") or None,
        version=version,
        key=key,
    )


def _envelope() -> dict[str, Any]:
    form = request.form
    when = {part: form.get(f"happened_on-{part}", "").strip() for part in ("day", "month", "year")}
    words = {name: form.get(name, "").strip() for name in ("decided_by", "late_reason", "evidence")}
    return {"happened_on": when, **words}


def _today(today: date) -> dict[str, Any]:
    return {"happened_on": {"day": str(today.day), "month": str(today.month), "year": str(today.year)}}


def _fresh(record: type[Record]) -> dict[str, Any]:
    return forms.empty_rows(record)


def _new_key() -> str:
    return secrets.token_hex(16)
