"""Access reports: what somebody has looked at, what was exported, who was turned away or held back.

Reliability E.3.1, C1, C7, C48. Of a child whose record the reader may not open there is no line, restricted ones above
all (R22). The information guardian reads every line, and opens no record.
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
from casework.who.pace import Asking
from casework.who.people import find_person
from casework.who.staffing import REPORT_READERS, require
from casework.who.taking_out import how_many, reasons_of
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
    reason: str | None  # what a long list was taken out for


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A list that left as a file, as far as whoever reads this may open what is on it."""

    at: datetime
    person: str
    name: str
    what: str
    listed: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway:
    """How often somebody asked for what is not open to them, or faster than they may."""

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
    return _lines(office, session, reversed(found), by=by, today=today, since=since)


def exports(office: Office, session: Session, *, by: str, today: date, since: datetime) -> list[Export]:
    """What has left the system as a file since an instant, newest first, and what for."""
    require(session, by, REPORT_READERS, today, "access report")
    looks = office.access_log.of_kind(f"read:{Asking.EXPORT.value}", outcome="allowed", since=since)
    found: dict[tuple[datetime, str, str], list[Looked]] = {}
    for line in _lines(office, session, looks, by=by, today=today, since=since):
        found.setdefault((line.at, line.person, line.what), []).append(line)
    return [
        Export(
            at=lines[0].at,
            person=lines[0].person,
            name=lines[0].name,
            what=lines[0].what,
            listed=how_many([line.ref for line in lines if line.ref]),
            reason=lines[0].reason,
        )
        for lines in found.values()
    ]


def turned_away(office: Office, session: Session, *, by: str, today: date, since: datetime) -> list[TurnedAway]:
    """Who asked for what is not open to them since an instant, the most often first."""
    require(session, by, REPORT_READERS, today, "access report")
    limit = policies.in_force(session, today).policy.records.turned_away_in_an_hour
    return _how_often(session, office.access_log.of_kind("", outcome="denied", since=since), limit)


def held_back(office: Office, session: Session, *, by: str, today: date, since: datetime) -> list[TurnedAway]:
    """Who asked for lists faster than one person may since an instant, the most often first (reliability C48)."""
    require(session, by, REPORT_READERS, today, "access report")
    limit = policies.in_force(session, today).policy.records.too_fast_in_an_hour
    return _how_often(session, office.access_log.of_kind(" of ", outcome="refused", since=since), limit)


def _how_often(session: Session, looks: Iterable[Look], limit: int) -> list[TurnedAway]:
    times: dict[str, list[datetime]] = {}
    for look in looks:
        times.setdefault(look.person_id, []).append(look.at)
    people = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(times)))}
    found = [
        TurnedAway(
            person=people[who].handle,
            name=people[who].name,
            times=len(at),
            most_in_an_hour=most,
            often=most >= limit,  # somebody should ask why
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


def _lines(
    office: Office, session: Session, looks: Iterable[Look], *, by: str, today: date, since: datetime
) -> list[Looked]:
    found = list(looks)
    reasons = reasons_of(office, since=since)
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
            reason=reasons.get((look.person_id, look.at, look.what)),
        )
        for look in found
        if look.case_ref is None or look.case_ref in open_refs
    ]
