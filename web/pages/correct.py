"""One entry of a history put right: its record as a form, what would change, then the correction (R-SM-3).

Of a child and of a funding request alike. The wrong one stays, marked. The state never moves; dates that hang on the
entry are worked out anew. What a signature rests on is not put right: it changes in a new round (reliability R6).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting.commands import Command
from casework.errors import Conflict, Refused, Unusable
from casework.funding.requests import RequestSeen, show_request
from casework.reading.lines import Line
from casework.reading.showing import PROTECTED, CaseSeen, show_case
from casework.who.choosing import Chooseable, handles_by_id, names_of_people, to_choose_from
from states.processes import names_a_request
from states.records.base import FieldSeen, Kind
from states.vocabulary import Unmet
from web import forms
from web.answers import answer, fields_of, label_of
from web.doors import Access, Here, access, here

pages = Blueprint("correct", __name__)
#: Entries that are put right by doing them again, not by changing what they say.
NOT_CORRECTED = frozenset(
    {"correct", "reverse_last", "move_act_to_right_child", "confirm_decision", "dispute_decision"}
)
#: What a request names of other cases. Some of them may be hidden from whoever corrects it (reliability R22), so none
#: is shown to be changed here: what is asked for is asked anew.
OF_OTHER_CASES = frozenset({"siblings", "linked_to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The entry that is wrong, with what it says as a form would."""

    ref: str
    version: int
    line: Line
    fields: tuple[FieldSeen, ...]
    left_out: tuple[str, ...]  # fields that hold a protected address: nobody is shown it to change it (PT-20)
    asked_anew: tuple[str, ...]  # fields of a request that name other cases
    frozen: bool  # a signature rests on it (reliability R6)
    said: dict[str, Any]
    choose: Chooseable
    names: dict[str, str]

    @property
    def of_request(self) -> bool:
        """Whether it is an entry of a funding request."""
        return names_a_request(self.ref)


@pages.get("/cases/<ref>/correct/<event>")
@access(Access.CASE)
def show(ref: str, event: str) -> str:
    """What the entry says, to be changed."""
    entry = _entry(here(), ref, event)
    values = {**entry.said, "happened_on": forms.parts_of(entry.line.happened_on), "why": ""}
    return _form(entry, values)


@pages.post("/cases/<ref>/correct/<event>")
@access(Access.CASE)
def take(ref: str, event: str) -> str | Response | tuple[str, int]:
    """Look at what would change, or put it right."""
    me = here()
    entry = _entry(me, ref, event)
    posted = forms.posted(request.form, entry.fields)
    values = {**posted, "happened_on": forms.posted_date(request.form, "happened_on")}
    values["why"] = request.form.get("why", "").strip()
    version = request.form.get("version", entry.version, type=int)
    action = request.form.get("action", "look")
    if action.startswith(("add:", "remove:", "change")):
        return _form(entry, values, version=version)
    try:
        command = _command(entry, values, version=version, key=request.form.get("key"), me=me)
        if action == "do":
            result = me.perform(command)
            return redirect(url_for("child.show", ref=ref, done=result.event))
        preview = doing.preview(me.office, command, by=me.actor, now=me.now)
    except Refused as refused:
        wrong = _errors(refused.reasons, entry, values)
        return _form(entry, values, wrong=wrong, version=version), 422
    except (Unusable, Conflict) as wrong_way:
        wrong = forms.errors([Unmet("", str(wrong_way))], entry.fields)
        status = 409 if isinstance(wrong_way, Conflict) else 422
        return _form(entry, values, wrong=wrong, version=entry.version), status
    named = {seen.name: seen for seen in entry.fields}
    return render_template(
        "correct_check.html",
        entry=entry,
        changed=[_difference(named, entry.names, one) for one in preview.changed],
        preview=preview,
        why=values["why"],
        version=version,
        key=secrets.token_hex(16),
        hidden=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in ("csrf_token", "action", "version", "key")
        ],
    )


def _entry(me: Here, ref: str, event: str) -> Entry:
    def look(session: Session) -> Entry | None:
        of_request = names_a_request(ref)
        show = show_request if of_request else show_case
        seen: RequestSeen | CaseSeen = show(session, ref, by=me.who.id, today=me.today)
        line = next((line for line in seen.chronology if line.event == event), None)
        if line is None or line.trigger in NOT_CORRECTED or line.standing == "taken back":
            return None
        handles = handles_by_id(session)
        asked = [seen for seen in fields_of(line.trigger).values() if seen.name in line.record]
        guarded = {one.name for one in asked if _protected(line.record[one.name])}
        others = OF_OTHER_CASES if of_request else frozenset()
        fields = tuple(one for one in asked if one.name not in guarded | others)
        return Entry(
            ref=ref,
            version=seen.version,
            line=line,
            fields=fields,
            left_out=tuple(one.label for one in asked if one.name in guarded),
            asked_anew=tuple(one.label for one in asked if one.name in others),
            frozen=isinstance(seen, RequestSeen) and event in seen.frozen,
            said=_with_handles(forms.from_record(line.record, fields), fields, handles),
            choose=to_choose_from(session, today=me.today),
            names=names_of_people(session),
        )

    found = me.read(ref, "form:correct", look)
    if found is None:
        abort(404)
    return found


def _protected(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, dict) and row.get("address") == PROTECTED for row in value)


def _with_handles(values: dict[str, Any], fields: tuple[FieldSeen, ...], handles: dict[str, str]) -> dict[str, Any]:
    """People as the form offers them to choose: by handle."""
    for seen in fields:
        if seen.kind is Kind.PERSON:
            values[seen.name] = handles.get(values[seen.name], values[seen.name])
        elif seen.kind is Kind.ROWS:
            values[seen.name] = [_with_handles(row, seen.rows, handles) for row in values[seen.name]]
    return values


def _command(entry: Entry, values: dict[str, Any], *, version: int, key: str | None, me: Here) -> Command:
    """Only what was changed is sent; an emptied field as nothing."""
    was, now = forms.record_of(entry.said, entry.fields), forms.record_of(values, entry.fields)
    changes = {name: now.get(name) for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)}
    record: dict[str, Any] = {"event": entry.line.event, "reason": values["why"]}
    if changes:
        record["changes"] = json.dumps(changes)
    on = forms.day_of(values["happened_on"], "When it happened")
    if on != entry.line.happened_on:
        record["happened_on"] = on.isoformat()
    return Command(
        ref=entry.ref,
        trigger="correct",
        happened_on=me.today,
        record={name: value for name, value in record.items() if value},
        version=version,
        key=key,
    )


def _errors(reasons: Sequence[Unmet], entry: Entry, values: dict[str, Any]) -> forms.Errors:
    """What is still needed. What is corrected may have a reason too: an empty one is the correction's."""
    silent = not values["why"]
    own = [replace(unmet, field="why") if silent and unmet.field == "reason" else unmet for unmet in reasons]
    found = forms.errors(own, entry.fields)
    return replace(found, fields=found.fields | {"why"})


def _difference(
    named: dict[str, FieldSeen], names: dict[str, str], changed: tuple[str, Any, Any]
) -> tuple[str, Any, Any]:
    field, was, now = changed
    if field not in named:
        return ("When it happened" if field == "happened_on" else field, was, now)
    seen = named[field]
    return (label_of(seen), _said(seen, was, names), _said(seen, now, names))


def _said(seen: FieldSeen, value: Any, names: dict[str, str]) -> Any:
    if value in (None, [], ()):
        return None
    told = answer(seen, value, names)
    if seen.kind is Kind.ROWS:
        return "; ".join(", ".join(f"{label}: {one}" for label, one in row) for row in told)
    return told


def _form(
    entry: Entry, values: dict[str, Any], *, wrong: forms.Errors | None = None, version: int | None = None
) -> str:
    return render_template(
        "correct.html",
        entry=entry,
        typed=forms.Typed(values=values),
        wrong=wrong or forms.Errors(),
        version=entry.version if version is None else version,
    )
