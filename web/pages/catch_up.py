"""Several past steps of one child or one request, entered in order at once: back from leave (practice PT-18).

Each step is filled in on its own form and put on a list that only its writer sees; then all are tried together, looked
at, and entered or refused as one. True dates rule; only the last one speaks. A request is signed on a form of its own,
with what is signed before the eyes of whoever signs (reliability R6); whoever speaks for money without signing it
shows again who they are before the list is entered.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting import drafts
from casework.acting.commands import Command, Result
from casework.acting.several import catch_up
from casework.errors import Conflict, Refused, Unusable
from casework.funding.beginnings import begins_with
from casework.handles import CaseHead, head_of
from casework.who.choosing import Chooseable, Deciders, deciders_of, names_of_people, to_choose_from
from states.asked import APPROVALS, REFUSALS
from states.processes import PROCESSES, is_request, rows_of
from states.rows import NEW_CASE
from states.vocabulary import Nature, Transition, Unmet
from web import forms
from web.answers import answer, fields_of
from web.doors import Access, Here, access, here

pages = Blueprint("catch_up", __name__)
DRAFT = "catch_up"
AT_MOST = 20
FULL = f"{AT_MOST} steps are on the list, and it takes no more: enter those first, then go on with this one."
OVERTAKEN = "Something happened here since you looked, and nothing was entered. Your list is as it was: look again."
#: What is never a past step of a child or a request that is there.
NOT_HERE = frozenset({"open_case", "bring_forward", "correct", "reverse_last", "merge", "move_act_to_right_child"})
#: Nor what a request is signed by, or a signature confirmed: that is done on its own form, and shown first.
SIGNED_ALONE = frozenset({*APPROVALS, *REFUSALS, "confirm_decision", "dispute_decision"})
#: A step whose own words say where it goes.
CALLED = {"head_of_service_agrees": "Agree, and pass on"}


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
    begins: dict[str, Any]
    deciders: Deciders
    step: None = None

    @property
    def of_request(self) -> bool:
        """Whether it is a step of a funding request."""
        return is_request(self.case.process)


@pages.get("/cases/<ref>/catch-up")
@access(Access.CASE)
def show(ref: str) -> str:
    """The list so far."""
    return _page(here(), ref)


@pages.post("/cases/<ref>/catch-up")
@access(Access.CASE)
def take(ref: str) -> str | Response | tuple[str, int]:
    """Add a step, take one off, try them all, or enter them."""
    me = here()
    action = request.form.get("action", "look")
    head, steps = _list(me, ref)
    if action == "add":
        trigger = request.form.get("trigger", "")
        if trigger not in _steps(head.process):
            return _page(me, ref, said="Choose the step that was done."), 422
        return redirect(url_for("catch_up.form", ref=ref, trigger=trigger))
    if action.startswith("remove:"):
        number = action.partition(":")[2]
        left = [step for at, step in enumerate(steps) if str(at) != number]
        _keep(me, ref, left, head.version)
        return redirect(url_for("catch_up.show", ref=ref))
    commands = [_command(ref, step) for step in steps]
    if not commands:
        return _page(me, ref, said="Put at least one step on the list."), 422
    speaks = any(row.signs for command in commands for row in rows_of(head.process, command.trigger))
    if action == "do" and speaks and (proof := me.proof_first()) is not None:
        return proof
    key = request.form.get("key") or secrets.token_hex(16)
    try:
        if action == "do":  # what was looked at is what is entered
            commands[0] = replace(commands[0], version=request.form.get("version", head.version, type=int))
        use_case = _use_case(me, commands, key)
        if action == "do":
            results = doing.perform_many(me.office, use_case, commands[-1], by=me.actor, now=me.now)
            me.change(lambda session: drafts.throw_away(session, me.who.id, ref, DRAFT))
            return redirect(url_for("child.show", ref=ref, done=results[-1].event))
        tried = doing.rehearse(me.office, use_case)
    except Refused as refused:
        return _page(me, ref, wrong=(refused.trigger, refused.reasons)), 422
    except Conflict:
        return _page(me, ref, said=OVERTAKEN), 409
    except Unusable as wrong:
        return _page(me, ref, said=str(wrong)), 422
    return _page(me, ref, tried=tried)


@pages.get("/cases/<ref>/catch-up/<trigger>")
@access(Access.CASE)
def form(ref: str, trigger: str) -> str:
    """The form of one past step; of one on the list (`step`: its place there) as it was filled in."""
    me = here()
    sheet = _sheet(me, ref, trigger)
    _, steps = _list(me, ref)
    if (at := _place(request.args.get("step", ""), steps, trigger)) is not None:
        return _form(sheet, dict(steps[at]["typed"]), instead=at)
    known = forms.from_record(sheet.begins, sheet.fields) if sheet.begins else {}
    return _form(sheet, {**forms.empty_rows(sheet.row.record), **{name: said for name, said in known.items() if said}})


@pages.post("/cases/<ref>/catch-up/<trigger>")
@access(Access.CASE)
def add(ref: str, trigger: str) -> str | Response | tuple[str, int]:
    """Put it on the list; whether it may be done is asked of all together."""
    me = here()
    sheet = _sheet(me, ref, trigger)
    values = forms.posted(request.form, sheet.fields)
    values |= {"happened_on": forms.posted_date(request.form, "happened_on")}
    values |= {name: request.form.get(name, "").strip() for name in ("decided_by", "late_reason", "evidence")}
    head, steps = _list(me, ref)
    instead = _place(request.form.get("instead", ""), steps, trigger)
    if request.form.get("action", "").startswith(("add:", "remove:")):
        return _form(sheet, values, instead=instead)
    try:
        on = forms.day_of(values["happened_on"], "When did it happen?")
    except Unusable as wrong:
        wrongly = forms.errors([Unmet("", str(wrong), "happened_on")], sheet.fields)
        return _form(sheet, values, wrongly, instead=instead), 422
    step = {
        "trigger": trigger,
        "happened_on": on.isoformat(),
        "record": forms.record_of(values, sheet.fields),
        **{name: values[name] or None for name in ("decided_by", "late_reason", "evidence")},
        "typed": values,
    }
    steps = [one for at, one in enumerate(steps) if at != instead]
    if len(steps) >= AT_MOST:
        return _form(sheet, values, forms.errors([Unmet("", FULL)], sheet.fields)), 422
    steps = sorted([*steps, step], key=lambda one: str(one["happened_on"]))
    _keep(me, ref, steps, head.version)
    return redirect(url_for("catch_up.show", ref=ref))


def _place(asked: str, steps: list[dict[str, Any]], trigger: str) -> int | None:
    """Where a step that is to be changed stands on the list; None where it is not there any more."""
    at = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else AT_MOST
    return at if at < len(steps) and steps[at]["trigger"] == trigger and "typed" in steps[at] else None


def _use_case(me: Here, commands: list[Command], key: str) -> Callable[[Session], tuple[Result, ...]]:
    keyed = [replace(command, key=f"{key}:{number}") for number, command in enumerate(commands)]
    return lambda session: catch_up(session, keyed, by=me.actor, now=me.now)


def _list(me: Here, ref: str) -> tuple[CaseHead, list[dict[str, Any]]]:
    def look(session: Session) -> tuple[CaseHead, list[dict[str, Any]]]:
        head = head_of(session, ref, by=me.who.id, today=me.today)
        draft = drafts.find(session, me.who.id, ref, DRAFT)
        return head, list(draft.values["steps"]) if draft else []

    return me.read(ref, "form:catch-up", look)


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
    words = _steps(head.process)
    failed = next((at for at, step in enumerate(steps) if wrong and step["trigger"] == wrong[0]), None)
    past = [
        Past(
            number=number,
            trigger=step["trigger"],
            words=words[step["trigger"]],
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
        steps=sorted(words.items(), key=lambda one: one[1]),
        of_request=is_request(head.process),
        said=said,
        wrong=wrong,
        tried=tried,
        key=secrets.token_hex(16),
    )


def _sheet(me: Here, ref: str, trigger: str) -> StepSheet:
    def look(session: Session) -> StepSheet | None:
        head = head_of(session, ref, by=me.who.id, today=me.today)
        if trigger not in _steps(head.process):
            return None
        row = replace(rows_of(head.process, trigger)[0], words=_steps(head.process)[trigger])
        begins: dict[str, Any] = {}
        if is_request(head.process):
            begins = begins_with(session, ref, row.record, by=me.who.id, today=me.today)
        choose = to_choose_from(session, today=me.today)
        deciders = deciders_of(session, row, ref=ref, today=me.today)
        return StepSheet(
            case=head, row=row, fields=row.record.fields(), choose=choose, begins=begins, deciders=deciders
        )

    found = me.read(ref, f"form:{trigger}", look)
    if found is None:
        abort(404)
    return found


def _form(
    sheet: StepSheet, values: dict[str, Any], wrong: forms.Errors | None = None, *, instead: int | None = None
) -> str:
    return render_template(
        "catch_up_step.html",
        sheet=sheet,
        typed=forms.Typed(values=values),
        wrong=wrong or forms.Errors(),
        version=sheet.case.version,
        key="",
        draft=None,
        instead=instead,
        decision=sheet.row.nature is Nature.DECISION,
        mine=True,
    )


@cache
def _steps(process: str) -> dict[str, str]:
    """What people call every step that can have been done; where one leads is known when it is tried."""
    left_out = NOT_HERE | SIGNED_ALONE if is_request(process) else NOT_HERE
    rows: dict[str, list[Transition]] = {}
    for row in PROCESSES[process].rows:
        if row.trigger not in left_out and row.source != NEW_CASE:
            rows.setdefault(row.trigger, []).append(row)
    words = {trigger: _called(found) for trigger, found in rows.items()}
    alike = [said for said, times in Counter(words.values()).items() if times > 1]
    return {
        trigger: f"{said} ({', '.join(sorted(rows[trigger][0].by))})" if said in alike else said
        for trigger, said in words.items()
    }


def _called(rows: list[Transition]) -> str:
    """Of a step that leads to several places, the step alone: Submit, not where it goes."""
    if rows[0].trigger in CALLED:
        return CALLED[rows[0].trigger]
    heads = {row.words.partition(":")[0] for row in rows}
    return heads.pop() if len(rows) > 1 and len(heads) == 1 else rows[0].words
