"""The next meetings of a funding request: which it makes, which it misses, by how much, at what cost (design 6, PT-15).

A request is ready when it is submitted: then what it rests on is there (rules R-FIN-1). Until then every day that
goes by counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting.funding_effects import ON_AGENDA
from casework.funding.requests import facts_today
from casework.meetings.coming import (
    Coming,
    coming_of,
    day_in_words,
    next_meetings,
    on_the_agenda,
    sitting_of,
    sittings_to_come,
    working_days_in_words,
)
from casework.who.access import open_case_row
from persistence.tables import AgendaItem, Case, Meeting
from states import asked
from states.calendar import Calendar
from states.facts import Facts
from states.funding_choices import submitted_to
from states.funding_stages import F
from states.guards.funding import HEARD_BY
from states.policy.recurring import Body
from states.processes import is_request
from states.sittings import Sitting, making

_SUBMITS = ("submit_request", "answer_questions")


def meetings_ahead(session: Session, ref: str, *, by: str, today: date) -> tuple[Coming, ...]:
    """The next meetings of a child, or of a funding request, for somebody who may open it. Raises NotFound."""
    case = open_case_row(session, ref, by=by, today=today)
    if is_request(case.process):
        return next_meetings_of_request(session, case, by=by, today=today)
    return next_meetings(session, case, today)


def next_meetings_of_request(session: Session, case: Case, *, by: str, today: date) -> tuple[Coming, ...]:
    """The next meetings a request needs, on a London date: the body that hears it, and DMT after that."""
    facts = facts_today(session, case, by=by, today=today)
    body = _body(case, facts)
    if body is None:
        return ()
    sittings = sittings_to_come(session, today)
    first = _first(session, case, facts, body, sittings.get(body, ()), today)
    tier = asked.tier(facts)
    if body == Body.DMT or tier is None or not tier.dmt:
        return (first,)
    return (first, *_then_dmt(first, sittings, facts))


def _body(case: Case, facts: Facts) -> str | None:
    if case.state in HEARD_BY:
        return HEARD_BY[case.state]
    if case.state in (F.PREPARING.name, F.RETURNED.name):
        heard = (F.AT_REVIEW_GROUP, F.AT_PERMANENCE_PANEL)
        return next((HEARD_BY[state.name] for state in heard if submitted_to(state)(facts)), None)
    return None


def _first(
    session: Session, case: Case, facts: Facts, body: str, sittings: Sequence[Sitting], today: date
) -> Coming:
    submitted = next((e for e in reversed(asked.this_round(facts)) if e.trigger in _SUBMITS), None)
    waits = case.state in HEARD_BY and submitted is not None
    ready = max(submitted.happened_on, case.state_since) if waits and submitted is not None else today
    calendar = Calendar.of(facts.policy)
    meeting = session.scalars(
        select(Meeting)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.case_id == case.id, AgendaItem.status == ON_AGENDA)
    ).first()
    if meeting is not None:
        return _listed(sitting_of(meeting), sittings, ready, calendar)
    made = making(sittings, ready_on=ready, calendar=calendar)
    found = coming_of(body, made, ready, "the day it was submitted" if waits else "today", facts.policy)
    if waits and found.held_on is not None:
        then = f"Can be heard by the {body} of {day_in_words(found.held_on)}: put it on the agenda."
        missed = found.words.partition(". Makes")[0]
        return replace(found, words=f"{missed}. {then}" if found.misses else then)
    return found


def _listed(there: Sitting, sittings: Sequence[Sitting], ready: date, calendar: Calendar) -> Coming:
    if there.papers_due_on is None or ready <= there.papers_due_on:
        return on_the_agenda(there, sittings, ready_on=ready)
    late = calendar.working_days_between(there.papers_due_on, ready)
    said = f"but it was submitted {working_days_in_words(late)} after the papers were due: the chair must accept it"
    return on_the_agenda(there, sittings, ready_on=ready, late=late, said=said)


def _then_dmt(first: Coming, sittings: Mapping[str, Sequence[Sitting]], facts: Facts) -> Iterable[Coming]:
    """Above its limit a request goes to DMT after the hearing (rules R-FIN-5)."""
    if first.held_on is None:
        return
    calendar = Calendar.of(facts.policy)
    ready = calendar.next_working_day(first.held_on + timedelta(days=1))
    made = making(sittings.get(Body.DMT, ()), ready_on=ready, calendar=calendar)
    yield coming_of(Body.DMT, made, ready, "the hearing before it", facts.policy)
