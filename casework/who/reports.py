"""Access reports: what somebody has looked at, what was exported, who was turned away (reliability E.3.1, C1, C7).

Of a child whose record the reader may not open there is no line, restricted ones above all (R22). The information
guardian reads every line, and opens no record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.units import Office
from casework.who.access import powers, visible
from casework.who.access_log import Look
from casework.who.people import find_person
from casework.who.staffing import REPORT_READERS, require
from persistence.tables import Case, Person
from states.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One look, by whom and at what."""

    at: datetime
    person: str
    name: str
    ref: str | None
    what: str
    outcome: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway:
    """How often somebody asked for what is not open to them."""

    person: str
    name: str
    times: int
    most_in_an_hour: int
    often: bool


def looked_at_by(office: Office, session: Session, *, who: str, by: str, today: date, since: datetime) -> list[Looked]:
    """What a colleague has looked at since an instant, newest first. Raises Refused for who may not ask."""
    require(session, by, REPORT_READERS, today, "access report")
    person = find_person(session, who)
    found = office.access_log.looked_at_by(person.id, since=since)
    return _lines(session, reversed(found), by=by, today=today)


def exports(office: Office, session: Session, *, by: str, today: date, since: datetime) -> list[Looked]:
    """What has left the system as a file since an instant, newest first."""
    require(session, by, REPORT_READERS, today, "access report")
    return _lines(session, office.access_log.of_kind("export", since=since), by=by, today=today)


def turned_away(office: Office, session: Session, *, by: str, today: date, since: datetime) -> list[TurnedAway]:
    """Who asked for what is not open to them since an instant, the most often first."""
    require(session, by, REPORT_READERS, today, "access report")
    limit = policies.in_force(session, today).policy.records.turned_away_in_an_hour
    times: dict[str, list[datetime]] = {}
    for look in office.access_log.of_kind("", outcome="denied", since=since):
        times.setdefault(look.person_id, []).append(look.at)
    people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(times)))}
    found = [
        TurnedAway(
            person=people[who].handle,
            name=people[who].name,
            times=len(at),
            most_in_an_hour=most,
            often=most >= limit,  # somebody should ask why (reliability C1)
        )
        for who, at in times.items()
        if who in people and (most := _most_in_an_hour(at))
    ]
    return sorted(found, key=lambda one: (-one.most_in_an_hour, -one.times, one.person))


def _most_in_an_hour(times: Iterable[datetime]) -> int:
    ordered = sorted(times)
    counts: Counter[datetime] = Counter()
    for start in ordered:
        counts[start] = sum(start <= at < start + timedelta(hours=1) for at in ordered)
    return max(counts.values(), default=0)


def _lines(session: Session, looks: Iterable[Look], *, by: str, today: date) -> list[Looked]:
    found = list(looks)
    guardian = Role.GUARDIAN in powers(session, by, None, today).posts
    refs = {look.case_ref for look in found if look.case_ref}
    open_refs = refs if guardian else set(
        session.scalars(select(Case.ref).where(Case.ref.in_(refs), visible(session, by, today)))
    )
    people = {person.id: person for person in session.scalars(select(Person))}
    return [
        Looked(
            at=look.at,
            person=people[look.person_id].handle if look.person_id in people else look.person_id,
            name=people[look.person_id].name if look.person_id in people else "",
            ref=look.case_ref,
            what=look.what,
            outcome=look.outcome,
            channel=look.channel,
        )
        for look in found
        if look.case_ref is None or look.case_ref in open_refs
    ]
