"""Means tests kept with the requests that rest on them: an illustration apart from a decision (rules R-MT-10).

A means test is of a household, so brothers and sisters share one: worked out once, recorded on each request (PR-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import acts
from casework.acting.commands import Actor, Command, Result
from casework.acting.loading import load_entries
from casework.errors import NotFound, Refused, Unusable
from casework.who.access import open_case_row, powers, visible_requests
from casework.who.matrix import Data
from persistence.tables import Case, Child, FundingRequest, MeansTestKept, Person, Record
from states.calendar import london_date
from states.facts import Entry, live
from states.funding_stages import F
from states.means_test.calculation import work_out
from states.means_test.household import Household
from states.means_test.result import Award, MeansTest
from states.processes import is_request
from states.records.funding import MeansTestDone
from states.vocabulary import Unmet

TRIGGER = "record_means_test"
_CHANGES = (F.PREPARING.name, F.RETURNED.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A means test as it is kept."""

    mark: str
    household: str
    illustration: bool
    result: MeansTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording one came to: the act, the means test, and what this request's child gets."""

    done: Result
    result: MeansTest
    award: Award
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRequest:
    """A means test as it was recorded on a request. `result`: none where it was worked out elsewhere."""

    event: str
    on: date
    by: str
    illustration: bool
    mark: str
    result: MeansTest | None
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The means tests of a request, the last first; those kept of its household; and a form to begin a new one."""

    ref: str
    child: str
    household: str
    may_change: bool  # nothing is signed yet
    recorded: tuple[OnRequest, ...]
    beside: tuple[Kept, ...]  # of the household, not on this request: a brother's or sister's (practice PR-6)
    begin: dict[str, object]


def means_of(session: Session, ref: str, *, by: str, now: datetime) -> Seen:
    """The means tests of a request. Raises NotFound, Refused for whose post reads none (rules 11.1)."""
    today = london_date(now)
    case = _request(session, ref, by=by, now=now)
    if Data.MEANS not in powers(session, by, case, today).reads:
        raise Refused("means test", [Unmet("rules 11.1", "Your post reads no means test of this child.")])
    there = session.get_one(FundingRequest, case.id)
    handles = dict(session.execute(select(Person.id, Person.name)).all())
    entries = [one for one in reversed(live(load_entries(session, case.id))) if one.kind == MeansTestDone.kind]
    recorded = tuple(_on_request(session, entry, handles) for entry in entries)
    marks = {one.mark for one in recorded}
    beside = tuple(
        kept(session, mark) for mark in _of_household(session, there.household, by=by, today=today) if mark not in marks
    )
    before = [one.result for one in recorded if one.result is not None] + [one.result for one in beside]
    return Seen(
        ref=case.ref,
        child=session.get_one(Case, case.child_case_id).ref,
        household=there.household,
        may_change=case.state in _CHANGES,
        recorded=recorded,
        beside=beside,
        begin=_begin(session, case, before, today),
    )


def _of_household(session: Session, household: str, *, by: str, today: date) -> list[str]:
    """The means tests on requests of a household that this person may open, the last first (reliability R22)."""
    named = (
        select(Record.data)
        .join(Case, Case.id == Record.case_id)
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .where(
            FundingRequest.household == household,
            Record.kind == MeansTestDone.kind,
            visible_requests(session, by, today),
        )
    )
    marks = {str(data.get("sheet")) for data in session.scalars(named)}
    query = (
        select(MeansTestKept.mark)
        .where(MeansTestKept.household == household, MeansTestKept.mark.in_(marks))
        .order_by(MeansTestKept.tested_on.desc(), MeansTestKept.made_at.desc())
    )
    return list(session.scalars(query))


def _on_request(session: Session, entry: Entry, handles: dict[str, str]) -> OnRequest:
    done = MeansTestDone.model_validate(entry.data)
    result, why_not = None, ""
    try:
        result = kept(session, done.sheet).result
    except Unusable as wrong:
        elsewhere = session.get(MeansTestKept, done.sheet) is None
        why_not = "It was worked out elsewhere: its steps are not kept here." if elsewhere else str(wrong)
    return OnRequest(
        event=entry.id,
        on=entry.happened_on,
        by=handles.get(entry.decided_by, entry.decided_by),
        illustration=done.illustrative,
        mark=done.sheet,
        result=result,
        why_not=why_not,
    )


def _begin(session: Session, case: Case, before: list[MeansTest], today: date) -> dict[str, object]:
    """What a new means test begins with: the household as it was last time, else the child whom it is for."""
    if before:
        return {**before[0].asked.content(), "on": today.isoformat()}
    assert case.child_case_id is not None
    child = session.get_one(Child, case.child_case_id)
    sought = {"name": child.given_names or "", "born": str(child.date_of_birth or "")}
    return {"on": today.isoformat(), "children": [sought], "income": [{}], "outgoings": [{}]}


def record_new(
    session: Session, ref: str, asked: Household, *, by: Actor, now: datetime, on: date | None = None
) -> Recorded:
    """Work out a means test, keep it, and record it on a request. All or nothing.

    Raises NotFound, MeansTestRefused, Refused, Unusable.
    """
    case = _request(session, ref, by=by.person_id, now=now)
    there = session.get(FundingRequest, case.id)
    assert there is not None, "a request is opened with what is asked"
    result = keep(session, asked, household=there.household, by=by, now=now)
    return _record(session, case, result, by=by, now=now, on=on)


def keep(session: Session, asked: Household, *, household: str, by: Actor, now: datetime) -> MeansTest:
    """Work out a means test under the policy of its day, and keep it for a household. Raises MeansTestRefused."""
    found = policies.in_force(session, asked.on)
    result = work_out(asked, found.policy)
    if session.get(MeansTestKept, result.mark) is None:
        session.add(
            MeansTestKept(
                mark=result.mark,
                household=household,
                illustration=result.is_illustration,
                tested_on=result.on,
                content=result.canonical(),
                policy_sha256=found.sha256,
                made_by=by.person_id,
                made_at=now,
            )
        )
        session.flush()
    return result


def record_of(result: MeansTest, award: Award) -> dict[str, Any]:
    """What a request's record says of a means test that is kept, for the child of an award."""
    return {
        "illustrative": result.is_illustration,
        "tested_on": result.on.isoformat(),
        "weekly_award": str(award.weekly),
        "passported": bool(result.not_tested_because),
        "sheet": result.mark,
        "rates": _rates(award),
    }


def record_kept(
    session: Session, ref: str, mark: str, *, by: Actor, now: datetime, on: date | None = None
) -> Recorded:
    """Record on a request a means test that is kept already, such as a brother's or sister's (practice PR-6).

    Raises NotFound where it is of another household or nobody's whom this person may open; Refused, Unusable.
    """
    case = _request(session, ref, by=by.person_id, now=now)
    found = session.get(MeansTestKept, mark)
    there = session.get(FundingRequest, case.id)
    if found is None or there is None or found.household != there.household:
        raise NotFound("means test of this household with the mark", mark)
    return _record(session, case, kept(session, mark).result, by=by, now=now, on=on)


def kept(session: Session, mark: str) -> Kept:
    """A means test by its mark. Raises Unusable where it was worked out elsewhere, or is not as it was kept."""
    found = session.get(MeansTestKept, mark)
    if found is None:
        raise Unusable(
            f"The means test {mark} is not kept here: it was worked out elsewhere. "
            "Work it out again: sgo funding means-test REQUEST FILE"
        )
    result = MeansTest.from_canonical(found.content)
    if result.mark != mark:
        raise Unusable(f"The means test {mark} is not as it was kept: it was changed in the database.")
    return Kept(mark=mark, household=found.household, illustration=found.illustration, result=result)


def _request(session: Session, ref: str, *, by: str, now: datetime) -> Case:
    case = open_case_row(session, ref, by=by, today=london_date(now))
    if not is_request(case.process) or case.child_case_id is None:
        raise NotFound("request", ref)
    return case


def _record(
    session: Session, case: Case, result: MeansTest, *, by: Actor, now: datetime, on: date | None
) -> Recorded:
    award = _award_of(session, case, result)
    command = Command(
        trigger=TRIGGER,
        ref=case.ref,
        happened_on=on or london_date(now),
        record=record_of(result, award),
    )
    done = acts.act(session, command, by=by, now=now)
    return Recorded(done=done, result=result, award=award, shared_with=_others(session, case, by=by, now=now))


def _award_of(session: Session, case: Case, result: MeansTest) -> Award:
    """What this request's child gets, found by date of birth: names may be written in many ways."""
    assert case.child_case_id is not None
    born = session.get_one(Child, case.child_case_id).date_of_birth
    matching = [child.name for child in result.asked.children if child.born == born]
    awards = [award for award in result.children if award.name in matching]
    if not awards:
        words = f"None of the children of this means test was born on {born}, as the child of {case.ref} was."
        raise Refused(TRIGGER, [Unmet("R-MT-7", words, "children")])
    return awards[0]


def _rates(award: Award) -> str:
    """The rate the allowance rests on, in the words of the sheet."""
    used = next(one for step in award.steps for one in step.uses if one.key.endswith("_allowance"))
    return used.value[:200]


def _others(session: Session, case: Case, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Open requests of the same household that this person may open: the means test is theirs, too."""
    there = session.get_one(FundingRequest, case.id)
    query = (
        select(Case.ref)
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .where(
            FundingRequest.household == there.household,
            Case.id != case.id,
            Case.closed.is_(False),
            visible_requests(session, by.person_id, london_date(now)),
        )
    )
    return tuple(session.scalars(query.order_by(Case.id)))

