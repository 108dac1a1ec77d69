"""Several past steps of one child, entered in order at once: back from leave (practice PT-18).

Each step is filled in on its own form and put on a list that only its writer sees; then all are tried together, looked
at, and entered or refused as one. True dates rule; only the last one speaks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting import drafts
from casework.acting.commands import Command, Result
from casework.acting.several import catch_up
from casework.errors import Conflict, Refused, Unusable
from casework.handles import CaseHead, head_of
from casework.who.choosing import Chooseable, names_of_people, to_choose_from
from states.pathway import PATHWAY
from states.processes import is_request
from states.vocabulary import Nature, Transition, Unmet
from web import forms
from web.answers import answer, fields_of
from web.doors import Access, Here, access, here

pages = Blueprint("catch_up", __name__)
DRAFT = "catch_up"
AT_MOST = 20
#: What is never a past step of a child that is there.
NOT_HERE = frozenset({"open_case", "bring_forward", "correct", "reverse_last", "merge", "move_act_to_right_child"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One step on the list."""

    number: int
    trigger: str
    words: str
    happened_on: str
    answers: list[tuple[str, Any]]
    wrong: tuple[Unmet, ...]
    result: Result | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSheet:
    """A past step as its form needs it: what the form of a step of today shows, without judging it."""

    case: CaseHead
    row: Transition
    fields: tuple[Any, ...]
    choose: Chooseable
    step: None = None


@pages.get("/cases/<ref>/catch-up")
@access(Access.CHILD)
def show(ref: str) -> str:
    """The list so far."""
    return _page(here(), ref)


@pages.post("/cases/<ref>/catch-up")
@access(Access.CHILD)
def take(ref: str) -> str | Response | tuple[str, int]:
    """Add a step, take one off, try them all, or enter them."""
    me = here()
    action = request.form.get("action", "look")
    if action == "add":
        trigger = request.form.get("trigger", "")
        if trigger not in dict(_steps()):
            return _page(me, ref, said="Choose the step that was done."), 422
        return redirect(url_for("catch_up.form", ref=ref, trigger=trigger))
    head, steps = _list(me, ref)
    if action.startswith("remove:"):
        number = action.partition(":")[2]
        left = [step for at, step in enumerate(steps) if str(at) != number]
        _keep(me, ref, left, head.version)
        return redirect(url_for("catch_up.show", ref=ref))
    commands = [_command(ref, step) for step in steps]
    if not commands:
        return _page(me, ref, said="Put at least one step on the list."), 422
    key = request.form.get("key") or secrets.token_hex(16)
    try:
        use_case = _use_case(me, commands, key)
        if action == "do":
            results = doing.perform_many(me.office, use_case, commands[-1], by=me.actor, now=me.now)
            me.change(lambda session: drafts.throw_away(session, me.who.id, ref, DRAFT))
            return redirect(url_for("child.show", ref=ref, done=results[-1].event))
        tried = doing.rehearse(me.office, use_case)
    except Refused as refused:
        return _page(me, ref, wrong=(refused.trigger, refused.reasons)), 422
    except (Unusable, Conflict) as wrong:
        return _page(me, ref, said=str(wrong)), 422
    return _page(me, ref, tried=tried)


@pages.get("/cases/<ref>/catch-up/<trigger>")
@access(Access.CHILD)
def form(ref: str, trigger: str) -> str:
    """The form of one past step."""
    sheet = _sheet(here(), ref, trigger)
    return _form(sheet, dict(forms.empty_rows(sheet.row.record)))


@pages.post("/cases/<ref>/catch-up/<trigger>")
@access(Access.CHILD)
def add(ref: str, trigger: str) -> str | Response | tuple[str, int]:
    """Put it on the list; whether it may be done is asked of all together."""
    me = here()
    sheet = _sheet(me, ref, trigger)
    values = forms.posted(request.form, sheet.fields)
    values |= {"happened_on": forms.posted_date(request.form, "happened_on")}
    values |= {name: request.form.get(name, "").strip() for name in ("decided_by", "late_reason", "evidence")}
    if request.form.get("action", "").startswith(("add:", "remove:")):
        return _form(sheet, values)
    try:
        on = forms.day_of(values["happened_on"], "When did it happen?")
    except Unusable as wrong:
        return _form(sheet, values, forms.errors([Unmet("", str(wrong), "happened_on")], sheet.fields)), 422
    head, steps = _list(me, ref)
    step = {
        "trigger": trigger,
        "happened_on": on.isoformat(),
        "record": forms.record_of(values, sheet.fields),
        **{name: values[name] or None for name in ("decided_by", "late_reason", "evidence")},
    }
    steps = sorted([*steps, step], key=lambda one: str(one["happened_on"]))[:AT_MOST]
    _keep(me, ref, steps, head.version)
    return redirect(url_for("catch_up.show", ref=ref))


def _use_case(me: Here, commands: list[Command], key: str) -> Callable[[Session], tuple[Result, ...]]:
    keyed = [replace(command, key=f"{key}:{number}") for number, command in enumerate(commands)]
    return lambda session: catch_up(session, keyed, by=me.actor, now=me.now)


def _list(me: Here, ref: str) -> tuple[CaseHead, list[dict[str, Any]]]:
    def look(session: Session) -> tuple[CaseHead, list[dict[str, Any]]]:
        head = head_of(session, ref, by=me.who.id, today=me.today)
        draft = drafts.find(session, me.who.id, ref, DRAFT)
        return head, list(draft.values["steps"]) if draft else []

    found = me.read(ref, "form:catch-up", look)
    if is_request(found[0].process):
        abort(404)  # money is asked for and signed step by step
    return found


def _keep(me: Here, ref: str, steps: list[dict[str, Any]], version: int) -> None:
    def keep(session: Session) -> None:
        if steps:
            drafts.keep(
                session,
                person_id=me.who.id,
                ref=ref,
                trigger=DRAFT,
                values={"steps": steps},
                version=version,
                now=me.now,
            )
        else:
            drafts.throw_away(session, me.who.id, ref, DRAFT)

    me.change(keep)


def _command(ref: str, step: dict[str, Any]) -> Command:
    return Command(
        ref=ref,
        trigger=step["trigger"],
        happened_on=date.fromisoformat(step["happened_on"]),
        record=step["record"],
        decided_by=step["decided_by"],
        evidence=step["evidence"],
        late_reason=step["late_reason"],
    )


def _page(
    me: Here,
    ref: str,
    *,
    said: str | None = None,
    wrong: tuple[str, tuple[Unmet, ...]] | None = None,
    tried: tuple[Result, ...] = (),
) -> str:
    head, steps = _list(me, ref)
    names = me.read(ref, "form:catch-up", names_of_people)
    failed = next((at for at, step in enumerate(steps) if wrong and step["trigger"] == wrong[0]), None)
    past = [
        Past(
            number=number,
            trigger=step["trigger"],
            words=dict(_steps())[step["trigger"]],
            happened_on=step["happened_on"],
            answers=[
                (fields_of(step["trigger"])[name].label, answer(fields_of(step["trigger"])[name], value, names))
                for name, value in step["record"].items()
            ],
            wrong=wrong[1] if wrong and number == failed else (),
            result=tried[number] if tried else None,
        )
        for number, step in enumerate(steps)
    ]
    return render_template(
        "catch_up.html",
        case=head,
        past=past,
        steps=_steps(),
        said=said,
        wrong=wrong,
        tried=tried,
        key=secrets.token_hex(16),
    )


def _sheet(me: Here, ref: str, trigger: str) -> StepSheet:
    rows = [row for row in PATHWAY.rows if row.trigger == trigger and row.source != {None}]
    if not rows or trigger in NOT_HERE:
        abort(404)
    head, choose = me.read(
        ref,
        f"form:{trigger}",
        lambda session: (
            head_of(session, ref, by=me.who.id, today=me.today),
            to_choose_from(session, today=me.today),
        ),
    )
    if is_request(head.process):
        abort(404)
    return StepSheet(case=head, row=rows[0], fields=rows[0].record.fields(), choose=choose)


def _form(sheet: StepSheet, values: dict[str, Any], wrong: forms.Errors | None = None) -> str:
    return render_template(
        "catch_up_step.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        wrong=wrong or forms.Errors(),
        version=sheet.case.version,
        key="",
        draft=None,
        decision=sheet.row.nature is Nature.DECISION,
        mine=True,
    )


def _steps() -> list[tuple[str, str]]:
    """Every step of the table, by its words."""
    words = {row.trigger: row.words for row in reversed(PATHWAY.rows) if row.trigger not in NOT_HERE}
    return sorted(words.items(), key=lambda one: one[1])
