"""The calculator: a means test filled in on a page or from a file, every step shown, the carers' sheet (rules 7.3).

By itself it keeps nothing. From a request it is kept with it, an illustration apart from a decision (R-MT-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from casework import doing, policies
from casework.acting.commands import Command
from casework.errors import NotFound, Refused, Unusable
from casework.funding import means
from documents.calculation_sheet import render_sheet, sheet_of
from interchange.household import EXAMPLE, HouseholdFile, HouseholdRefused, household_of
from states.means_test.calculation import MeansTestRefused, work_out
from states.means_test.household import Household
from states.means_test.result import MeansTest
from states.means_test.words import Purpose
from states.records.base import unmet_fields
from states.vocabulary import Unmet
from web import forms
from web.doors import Access, access, here
from web.navigation import READS_MEANS
from web.printing import printable

pages = Blueprint("calculator", __name__)
FIELDS = Household.fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a calculation is for: a request, or nothing that is kept."""

    ref: str | None = None
    seen: means.Seen | None = None

    @property
    def address(self) -> str:
        """Where its form is sent."""
        return url_for("calculator.take", ref=self.ref) if self.ref else url_for("calculator.work")


@pages.get("/money/calculator")
@access(Access.POSTS, posts=READS_MEANS)
def show() -> str:
    """An empty form: an illustration as of today."""
    begin = {"on": here().today.isoformat(), "purpose": Purpose.ILLUSTRATION.value, "income": [{}], "outgoings": [{}]}
    return _form(About(), forms.from_record(begin, FIELDS))


@pages.post("/money/calculator")
@access(Access.POSTS, posts=READS_MEANS)
def work() -> str | Answer | tuple[str, int]:
    """Work it out, change the rows, read a file, or print the sheet. Nothing is kept."""
    return _answer(About())


@pages.get("/money/calculator/example")
@access(Access.POSTS, posts=READS_MEANS)
def example() -> Response:
    """A file to begin with, with every field (`sgo means-test --example`)."""
    answer = Response(EXAMPLE.read_text(encoding="utf-8"), mimetype="text/plain")
    answer.headers["Content-Disposition"] = 'attachment; filename="household.toml"'
    return answer


@pages.get("/requests/<ref>/means-test")
@access(Access.CASE)
def of_request(ref: str) -> str:
    """The means tests of a request: the one that counts with every step, those before it, those of the household."""
    seen = _seen(ref)
    wanted = request.args.get("event", "")
    chosen = next((one for one in seen.recorded if one.event == wanted), next(iter(seen.recorded), None))
    return render_template(
        "means_tests.html",
        seen=seen,
        chosen=chosen,
        numbers=sheet_of(chosen.result).numbers if chosen and chosen.result else (),
        done=request.args.get("done", ""),
    )


@pages.get("/requests/<ref>/means-test/<mark>/sheet")
@access(Access.CASE)
def sheet(ref: str, mark: str) -> Answer:
    """The carers' sheet of a means test that is kept with a request, to print."""
    seen = _seen(ref)
    found = next((one.result for one in seen.recorded if one.mark == mark and one.result), None)
    if found is None:
        raise NotFound("means test", mark)
    return printable(render_sheet(found))


@pages.get("/requests/<ref>/means-test/new")
@access(Access.CASE)
def begin(ref: str) -> str:
    """The form, filled with the household as it was last time."""
    seen = _seen(ref)
    return _form(About(ref=ref, seen=seen), forms.from_record(seen.begin, FIELDS))


@pages.post("/requests/<ref>/means-test/new")
@access(Access.CASE)
def take(ref: str) -> str | Answer | tuple[str, int]:
    """Work it out, or keep it with the request."""
    return _answer(About(ref=ref, seen=_seen(ref)))


@pages.post("/requests/<ref>/means-test/<mark>/use")
@access(Access.CASE)
def use(ref: str, mark: str) -> Answer | tuple[str, int]:
    """Record a means test of the household that is kept already, such as a brother's or sister's (practice PR-6)."""
    me = here()
    command = Command(trigger=means.TRIGGER, ref=ref, happened_on=me.today, record={})
    doing.perform_many(
        me.office,
        lambda session: means.record_kept(session, ref, mark, by=me.actor, now=me.now),
        command,
        by=me.actor,
        now=me.now,
    )
    return redirect(url_for("calculator.of_request", ref=ref, done="kept"))


def _seen(ref: str) -> means.Seen:
    me = here()
    return me.read(ref, "means test", lambda session: means.means_of(session, ref, by=me.who.id, now=me.now))


def _answer(about: About) -> str | Answer | tuple[str, int]:
    action = request.form.get("action", "look")
    if action == "file":
        return _from_file(about)
    values = forms.posted(request.form, FIELDS)
    if action.startswith(("add:", "remove:", "change")):
        return _form(about, values)
    values = forms.without_empty_rows(values, FIELDS)
    try:
        asked = Household.model_validate(forms.record_of(values, FIELDS))
        result = _worked_out(asked)
        if action == "keep" and about.ref:
            return _keep(about.ref, asked)
    except ValidationError as wrong:
        return _form(about, values, unmet_fields(wrong, Household)), 422
    except (MeansTestRefused, Refused) as refused:
        return _form(about, values, refused.reasons), 422
    except Unusable as unusable:
        return _form(about, values, [Unmet("", str(unusable))]), 422
    if action == "sheet":
        return printable(render_sheet(result))
    return _result(about, values, result)


def _from_file(about: About) -> str | tuple[str, int]:
    """A household's file: worked out, or every fault of it with its line."""
    given = request.files.get("household")
    typed = forms.posted(request.form, FIELDS)
    if given is None or not given.filename:
        return _form(about, typed, in_file=["Choose a file first."]), 422
    try:
        read = household_of(given.stream.read(), name=given.filename)
        result = _worked_out(read.asked, read)
    except HouseholdRefused as refused:
        said = [f"Line {one.line}: {' '.join(filter(None, (one.field, one.reason)))}" for one in refused.faults]
        return _form(about, typed, in_file=said), 422
    except Unusable as unusable:
        return _form(about, typed, in_file=[str(unusable)]), 422
    return _result(about, forms.from_record(read.asked.content(), FIELDS), result)


def _worked_out(asked: Household, read: HouseholdFile | None = None) -> MeansTest:
    """Under the policy in force on its day. Raises MeansTestRefused, or of a file HouseholdRefused; Unusable."""
    me = here()

    def look(session: Session) -> MeansTest:
        return work_out(asked, policies.in_force(session, asked.on).policy)

    try:
        return me.read(None, "calculator", look)
    except MeansTestRefused as refused:
        if read is None:
            raise
        raise read.refused(refused.reasons) from None


def _keep(ref: str, asked: Household) -> Answer:
    me = here()
    command = Command(trigger=means.TRIGGER, ref=ref, happened_on=me.today, record={})
    doing.perform_many(
        me.office,
        lambda session: means.record_new(session, ref, asked, by=me.actor, now=me.now),
        command,
        by=me.actor,
        now=me.now,
    )
    return redirect(url_for("calculator.of_request", ref=ref, done="kept"))


def _form(
    about: About, values: dict[str, Any], wrong: Sequence[Unmet] = (), *, in_file: Sequence[str] = ()
) -> str:
    values = {**values, **{name: rows for name, rows in forms.empty_rows(Household).items() if not values.get(name)}}
    return render_template(
        "calculator.html",
        about=about,
        fields={seen.name: seen for seen in FIELDS},
        typed=forms.Typed(values=values),
        wrong=forms.errors(wrong, FIELDS),
        in_file=in_file,
    )


def _result(about: About, values: dict[str, Any], result: MeansTest) -> str:
    return render_template(
        "calculated.html",
        about=about,
        result=result,
        numbers=sheet_of(result).numbers,
        hidden=list(forms.as_posted(values, FIELDS)),
    )
