"""What somebody must hear of at once when records are asked for or taken out (reliability C1, C5, C7, C48).

Each alarm goes once a London date for one person. A mail says that there is something to look at, and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.delivery.outbox import queue
from casework.errors import Busy, Unusable
from casework.units import Office
from casework.who.interests import near_by_ref, register_keepers
from casework.who.people import GRANTED
from persistence.tables import Allocation, Case, Person, RoleGrant
from states.calendar import london_date
from states.notices import LARGE_EXPORT, TOO_FAST, TOO_NEAR, TURNED_AWAY
from states.vocabulary import Notice, Role

HOUR = timedelta(hours=1)


def after_denied(office: Office, *, ref: str | None, person_id: str, now: datetime) -> None:
    """Somebody was turned away, and that is in the log: tell whoever must know of it.

    Their manager of the hour in which it became too often, the guardian of a child they are too near to. A database
    that is busy makes no difference to the answer: the access reports show it all the same.
    """
    today = london_date(now)
    with office.reading() as session:
        near = ref is not None and near_by_ref(session, ref, person_id)
        try:
            often = policies.in_force(session, today).policy.records.turned_away_in_an_hour
        except Unusable:  # before a policy is adopted nothing is here to guess at
            return
    times = len(office.access_log.of_kind("", outcome="denied", since=now - HOUR, person_id=person_id))
    with suppress(Busy):
        if near:
            office.in_one_unit(lambda session: _tell(session, TOO_NEAR, person_id, now, ref=ref or ""))
        if times >= often:
            office.in_one_unit(lambda session: _tell(session, TURNED_AWAY, person_id, now))


def after_export(office: Office, *, person_id: str, now: datetime) -> None:
    """A long list left as a file: the information guardian is told (reliability C7)."""
    with suppress(Busy):
        office.in_one_unit(lambda session: _tell(session, LARGE_EXPORT, person_id, now))


def after_too_fast(office: Office, *, person_id: str, now: datetime) -> None:
    """Somebody asked for more lists than one person may: told of when it is again and again (reliability C48)."""
    with office.reading() as session:
        often = policies.in_force(session, london_date(now)).policy.records.too_fast_in_an_hour
    if len(office.access_log.of_kind(" of ", outcome="refused", since=now - HOUR, person_id=person_id)) >= often:
        with suppress(Busy):
            office.in_one_unit(lambda session: _tell(session, TOO_FAST, person_id, now))


def _tell(session: Session, notice: Notice, person_id: str, now: datetime, *, ref: str = "") -> None:
    today = london_date(now)
    keepers = register_keepers(session, today)
    told = [(who, role) for who, role in keepers if who != person_id]
    if notice in (TURNED_AWAY, TOO_FAST):
        told = [(who, Role.TEAM_MANAGER) for who in _managers(session, person_id, now)] or told
    queue(
        session,
        occasion=f"{notice.id}:{person_id}:{ref}:{today.isoformat()}",
        recipients=[(who, role.value, notice) for who, role in told],
        now=now,
    )


def _managers(session: Session, person_id: str, now: datetime) -> list[str]:
    """The Team Managers of the teams whose children somebody holds, or in which they have a post."""
    today = london_date(now)
    theirs = (
        select(RoleGrant.team_id)
        .where(RoleGrant.person_id == person_id, RoleGrant.team_id.is_not(None), *GRANTED)
        .union(
            select(Case.team_id)
            .join(Allocation, Allocation.case_id == Case.id)
            .where(Allocation.person_id == person_id, or_(Allocation.until_on.is_(None), Allocation.until_on > today))
        )
    )
    found = session.scalars(
        select(Person.id)
        .where(
            Person.enabled,
            Person.id != person_id,
            exists().where(
                RoleGrant.person_id == Person.id,
                RoleGrant.role == Role.TEAM_MANAGER.value,
                RoleGrant.team_id.in_(theirs),
                *GRANTED,
            ),
        )
        .order_by(Person.id),
        {"on": today},
    )
    return list(found)
