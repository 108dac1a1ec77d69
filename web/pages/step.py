"""Do a step: the form from the record, what it would do before it is done, and the way back to what was typed.

Of a child and of a funding request alike. Three posts to one address: look (what would happen), do it, and keep what is
typed for later. A version that is no longer current shows what happened meanwhile beside what was typed; the same post
twice does one thing (R7). Whoever puts their name to money shows again who they are before it counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting import drafts
from casework.acting.commands import Command, Result
from casework.acting.several import act_for_siblings
from casework.acting.trying import Tried
from casework.errors import Conflict, Refused, Unusable
from casework.funding.beginnings import begins_with, opening_begins_with
from casework.funding.deciding import Deciding, decide
from casework.funding.requests import show_request
from casework.handles import CaseHead, head_of
from casework.reading.lines import Line
from casework.reading.queries import NextStep, next_steps, steps_beside
from casework.reading.showing import show_case
from casework.who.access import siblings_open_to
from casework.who.choosing import Chooseable, Deciders, deciders_of, names_of_people, to_choose_from
from states.processes import is_request, opened_beside, rows_of
from states.records.base import FieldSeen, Kind
from states.vocabulary import Nature, Transition, Unmet
from web import forms
from web.answers import answers_of, label_of
from web.doors import Access, Here, access, here
from web.formats import pounds

pages = Blueprint("step", __name__)
#: The field of a signature that holds the mark of what its signatory has read (reliability R6).
MARK = "shown"
#: What the buttons of a form ask for, beside adding and taking away its rows.
ACTIONS = frozenset({"look", "do", "keep", "throw-away", "read-again", "change"})
#: What is about one child, or about one line of a history: never entered for brothers and sisters too.
OF_ONE_CHILD = frozenset({
    "confirm_decision", "dispute_decision", "correct", "clear_flag", "move_act_to_right_child", "link_sibling",
    "end_sibling_link", "reverse_last", "merge", "bring_forward", "record_death", "update_child", "move_with_meeting",
    "note_urgent_decision",
})  # fmt: skip
NOT_OURS = "This form was changed on its way here, and nothing was done. Open it again from the child's page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A step on a child or a request, as its form needs it."""

    case: CaseHead
    row: Transition
    step: NextStep | None
    fields: tuple[FieldSeen, ...]
    choose: Chooseable
    opens: bool = False  # a request beside this child
    begins: dict[str, Any] = field(default_factory=dict)
    deciders: Deciders = field(default_factory=Deciders)  # of whom it is asked who decided
    deciding: Deciding | None = None  # what is signed, for a step that gives back its mark
    siblings: tuple[str, ...] = ()  # for whom the same may be entered at once (practice PR-6)

    @property
    def of_request(self) -> bool:
        """Whether it is a step of a funding request."""
        return is_request(self.case.process)


@pages.get("/cases/<ref>/step/<trigger>")
@access(Access.CASE)
def show(ref: str, trigger: str) -> str:
    """The form, as it was left, or fresh."""
    me = here()
    sheet, draft = me.read(ref, f"form:{trigger}", lambda session: _sheet(session, me, ref, trigger))
    values = draft.values if draft else {**_fresh(sheet), **_today(me.today), **_named(request.args, sheet.fields)}
    version = draft.version if draft else sheet.case.version
    return _form(sheet, values, version=version, key=_new_key(), draft=draft)


@pages.post("/cases/<ref>/step/<trigger>")
@access(Access.CASE)
def take(ref: str, trigger: str) -> str | Response | tuple[str, int]:
    """Look at it, do it, keep it for later, or change the rows of the form."""
    me = here()
    sheet, _ = me.read(ref, f"form:{trigger}", lambda session: _sheet(session, me, ref, trigger))
    values = {**forms.posted(request.form, sheet.fields), **_envelope(), "differs": _posted_differences(sheet)}
    version, key, action = _asked(sheet)
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
    if action == "read-again" and sheet.deciding is not None:
        values[MARK], version = sheet.deciding.page.shown_mark, sheet.case.version
        return _form(sheet, values, version=version, key=key)
    if action == "change" or action.startswith(("add:", "remove:")):
        return _form(sheet, values, version=version, key=key)
    if action == "do" and sheet.row.signs and (proof := me.proof_first()) is not None:
        return proof
    try:
        command = _command(sheet, values, version=version, key=key)
        family = _Family(
            also=tuple(one for one in values["also"] if one in sheet.siblings), differences=_differences(sheet, values)
        )
        if action == "do":
            result = _perform(me, command, family)
            me.office.in_one_unit(lambda session: drafts.throw_away(session, me.who.id, ref, trigger))
            return redirect(url_for("child.show", ref=result.ref, done=result.event))
        tried = doing.try_out(me.office, command, by=me.actor, now=me.now)
        others = doing.rehearse(me.office, _for_all(me, command, family)) if family else ()
    except Refused as refused:
        wrong = forms.errors(refused.reasons, sheet.fields)
        return _form(sheet, values, version=version, key=key, wrong=wrong), 422
    except Unusable as unusable:
        wrong = forms.errors([Unmet("", str(unusable))], sheet.fields)
        return _form(sheet, values, version=version, key=key, wrong=wrong), 422
    except Conflict:
        return _overtaken(me, sheet, values, version), 409
    return _check(sheet, values, tried, [one for one in others if one.ref != ref], version=version, key=key)


@dataclass(frozen=True, slots=True)
class _Family:
    """The brothers and sisters for whom the same is entered, and what differs for each (practice PR-6)."""

    also: tuple[str, ...]
    differences: dict[str, dict[str, Any]]

    def __bool__(self) -> bool:
        """Whether anybody but the child whose form it is was thought of: a difference without its tick is refused."""
        return bool(self.also or self.differences)


def _for_all(me: Here, command: Command, family: _Family) -> Callable[[Session], tuple[Result, ...]]:
    """The same for brothers and sisters, but for what differs: entered once, all or none (practice PR-6)."""
    also, differences = family.also, family.differences
    return lambda session: act_for_siblings(
        session, command, also=also, differences=differences, by=me.actor, now=me.now
    )


def _perform(me: Here, command: Command, family: _Family) -> Result:
    """Do it; the answer is that of the child whose form it was."""
    if not family:
        return me.perform(command)
    results = doing.perform_many(me.office, _for_all(me, command, family), command, by=me.actor, now=me.now)
    return next(one for one in results if one.ref == command.ref)


def _asked(sheet: Sheet) -> tuple[int, str, str]:
    """The version the form was made of, its key, and what is to be done. What no form of ours sends is refused."""
    form = request.form
    version, key = form.get("version", str(sheet.case.version)), form.get("key", _new_key())
    action = form.get("action", "look")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        abort(400, NOT_OURS)
    if not key.strip() or (action not in ACTIONS and not action.startswith(("add:", "remove:"))):
        abort(400, NOT_OURS)
    return int(version), key, action


def _sheet(session: Session, me: Here, ref: str, trigger: str) -> tuple[Sheet, drafts.Draft | None]:
    case = head_of(session, ref, by=me.who.id, today=me.today)
    opens = opened_beside(case.process, trigger)
    rows = opens or rows_of(case.process, trigger)
    if not rows:
        abort(404)
    by, today, now = me.who.id, me.today, me.now
    if opens:
        offered = steps_beside(session, ref, by=by, today=today)
    else:
        offered = next_steps(session, ref, by=by, today=today, now=now)
    step = next((one for one in offered if one.trigger == trigger), None)
    fields = step.fields if step else rows[0].record.fields()
    row = next((row for row in rows if step is not None and _is_row_of(step, row)), rows[0])
    signs_what_it_read = any(seen.name == MARK for seen in fields)
    sheet = Sheet(
        case=case,
        row=row,
        step=step,
        fields=fields,
        choose=to_choose_from(session, today=me.today),
        opens=bool(opens),
        begins=_begins(session, me, case, row, opens=bool(opens)),
        deciders=deciders_of(session, row, ref=ref, today=today),
        siblings=_siblings(session, me, case, row, opens=bool(opens)),
        deciding=decide(session, ref, by=by, today=today, now=now) if signs_what_it_read else None,
    )
    return sheet, drafts.find(session, me.who.id, ref, trigger)


def _siblings(session: Session, me: Here, case: CaseHead, row: Transition, *, opens: bool) -> tuple[str, ...]:
    """For whom the same may be entered: decisions are made for each child by themselves (R-SM-4)."""
    if opens or is_request(case.process) or row.nature is Nature.DECISION or row.trigger in OF_ONE_CHILD:
        return ()
    return tuple(siblings_open_to(session, case.ref, by=me.who.id, today=me.today))


def _is_row_of(step: NextStep, row: Transition) -> bool:
    """Whether a step is offered by this row: several rows of one trigger lead elsewhere, and are called otherwise."""
    return (row.words, row.record.fields()) == (step.words, step.fields)


def _begins(session: Session, me: Here, case: CaseHead, row: Transition, *, opens: bool) -> dict[str, Any]:
    """What is known already of what the form asks for."""
    if opens:
        return opening_begins_with(session, case.ref, by=me.who.id, today=me.today)
    if is_request(case.process):
        return begins_with(session, case.ref, row.record, by=me.who.id, today=me.today)
    return {}


def _form(
    sheet: Sheet,
    values: dict[str, Any],
    *,
    version: int,
    key: str,
    wrong: forms.Errors | None = None,
    draft: drafts.Draft | None = None,
) -> str:
    missing = sheet.step.missing if sheet.step else ()
    return render_template(
        "step.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        wrong=wrong or forms.Errors(),
        version=version,
        key=key,
        draft=draft,
        decision=sheet.row.nature is Nature.DECISION,
        mine=sheet.step is not None and not any(u.field == "decided_by" for u in missing),
        not_yours=[u for u in missing if u.field == "decided_by"] if sheet.of_request or sheet.opens else [],
        mark=MARK,
        differs=_differing(sheet, values),
        unspoken=forms.Errors(),  # what is wrong stands at the fields that are the same for all
    )


def _differing(sheet: Sheet, values: dict[str, Any]) -> list[tuple[str, forms.Typed, bool]]:
    """For each brother or sister what stands in their part of the form, and whether anything does."""
    typed = values.get("differs", {})
    found = {one: forms.Typed(values=typed.get(one, {})) for one in sheet.siblings}
    return [(one, given, bool(forms.record_of(given.values, sheet.fields))) for one, given in found.items()]


def _check(
    sheet: Sheet, values: dict[str, Any], tried: Tried, others: Sequence[Result], *, version: int, key: str
) -> str:
    return render_template(
        "step_check.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        answers=_answers(sheet, values),
        tried=tried,
        others=others,
        version=version,
        key=key,
        happened_on=forms.date_text(values.get("happened_on")),
        differs=[(ref, _answers_of(sheet, record)) for ref, record in _differences(sheet, values).items()],
        hidden=list(_hidden(request.form.items(multi=True))),
    )


def _overtaken(me: Here, sheet: Sheet, values: dict[str, Any], version: int) -> str:
    """What happened to the child, or on the request, while this was being typed, beside what was typed."""
    what = "request" if sheet.of_request else "case"
    (now, chronology), names = me.read(
        sheet.case.ref, what, lambda session: (_as_it_is(session, me, sheet), names_of_people(session))
    )
    since = [line for line in chronology if line.seq > version]
    return render_template(
        "step_overtaken.html",
        sheet=sheet,
        answers=_answers(sheet, values),
        since=since,
        said={line.event: answers_of(line, names) for line in since},
        version=now,
        hidden=list(_hidden(request.form.items(multi=True))),
    )


def _as_it_is(session: Session, me: Here, sheet: Sheet) -> tuple[int, Sequence[Line]]:
    if sheet.of_request:
        asked = show_request(session, sheet.case.ref, by=me.who.id, today=me.today)
        return asked.version, asked.chronology
    seen = show_case(session, sheet.case.ref, by=me.who.id, today=me.today)
    return seen.version, seen.chronology


def _hidden(items: Any) -> Any:
    return ((name, value) for name, value in items if name not in ("csrf_token", "action", "version"))


def _answers(sheet: Sheet, values: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was typed, by label, for looking over."""
    return _answers_of(sheet, forms.record_of(values, sheet.fields))


def _answers_of(sheet: Sheet, record: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(label_of(seen), _answer(seen, record[seen.name])) for seen in sheet.fields if seen.name in record]


def _answer(seen: FieldSeen, value: Any) -> Any:
    if seen.money:
        return pounds(value)
    if seen.kind is Kind.ROWS:
        inner = {one.name: one for one in seen.rows}
        return [[(label_of(inner[name]), _answer(inner[name], one)) for name, one in row.items()] for row in value]
    return value


def _command(sheet: Sheet, values: dict[str, Any], *, version: int, key: str) -> Command:
    on = forms.date_text(values.get("happened_on"))
    try:
        happened_on = date.fromisoformat(on)
    except ValueError:
        words = "Enter the day on which it happened, such as 27 3 2026."
        raise Refused(sheet.row.trigger, [Unmet("", words, "happened_on")]) from None
    return Command(
        ref=None if sheet.opens else sheet.case.ref,
        about=sheet.case.ref if sheet.opens else None,
        trigger=sheet.row.trigger,
        happened_on=happened_on,
        record=forms.record_of(values, sheet.fields),
        decided_by=values.get("decided_by") or None,
        evidence=values.get("evidence") or None,
        late_reason=values.get("late_reason") or None,
        version=None if sheet.opens else version,
        key=key,
    )


def _posted_differences(sheet: Sheet) -> dict[str, dict[str, Any]]:
    """What was typed for each brother or sister beside what is the same for all: their fields bear their reference."""
    return {one: forms.posted(request.form, sheet.fields, f"{one}.") for one in sheet.siblings}


def _differences(sheet: Sheet, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What differs for a brother or sister, field by field; what was left empty is the same."""
    typed = {one: forms.record_of(values["differs"][one], sheet.fields) for one in sheet.siblings}
    return {one: record for one, record in typed.items() if record}


def _envelope() -> dict[str, Any]:
    form = request.form
    words = {name: form.get(name, "").strip() for name in ("decided_by", "late_reason", "evidence")}
    return {"happened_on": forms.posted_date(form, "happened_on"), "also": form.getlist("also"), **words}


def _today(today: date) -> dict[str, Any]:
    return {"happened_on": forms.parts_of(today)}


def _fresh(sheet: Sheet) -> dict[str, Any]:
    known = forms.from_record(sheet.begins, sheet.fields) if sheet.begins else {}
    return {**forms.empty_rows(sheet.row.record), **{name: value for name, value in known.items() if value}}


def _named(args: Any, fields: tuple[FieldSeen, ...]) -> dict[str, Any]:
    """What the link that led here names: a date as ISO text."""
    dates = {seen.name for seen in fields if seen.kind is Kind.DATE}
    given = args.to_dict()
    return {name: forms.parts_from(value) if name in dates else value for name, value in given.items()}


def _new_key() -> str:
    return secrets.token_hex(16)
