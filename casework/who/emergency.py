"""Opening a record in an emergency: with a reason, for some hours, read only, and never unseen (reliability R35, C44).

Refusing information about a child in danger is a harm too. Whoever has work with children may open a record that is
not open to them, restricted or another team's; the information guardian is told at once and reviews it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework import policies
from casework.delivery.outbox import queue
from casework.errors import NotFound, Refused, Unusable
from casework.who.access import powers
from casework.who.interests import register_keepers
from casework.who.matrix import SIGHT, Scope
from casework.who.people import LONGEST_REASON, a_line
from casework.who.staffing import EMERGENCY_REVIEWERS, require
from persistence.tables import Case, EmergencyAccess, Person, new_id
from states.calendar import Calendar, london_date
from states.notices import EMERGENCY
from states.vocabulary import Role, Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A record that was opened in an emergency."""

    id: str
    ref: str
    person: str
    name: str
    reason: str
    opened_at: datetime
    until_at: datetime
    review_by: date
    reviewed_at: datetime | None
    reviewed_by: str | None
    justified: bool | None
    review: str | None


def open_record(session: Session, ref: str, *, reason: str, by: str, channel: str, now: datetime) -> Opened:
    """Open one record for the hours that the policy gives; the information guardian is told at once.

    Raises NotFound for a reference that is nobody's or a child too near to them (reliability C5), Refused for who has
    no work with children, Unusable for a reason that is none, or where the record is open to them anyway.
    """
    today = london_date(now)
    held = powers(session, by, None, today)
    if not held.enabled or not any(SIGHT[role].scope is not Scope.NONE for role in held.posts):
        raise Refused("emergency", (Unmet("R35", "Only who works with children may open a record in an emergency."),))
    case = session.scalars(select(Case).where(Case.ref == ref)).one_or_none()
    if case is None:
        raise NotFound("case", ref)
    mine = powers(session, by, case, today)
    if mine.too_near:
        raise NotFound("case", ref)
    if mine.sees:
        raise Unusable("This record is open to you as it is.")
    reason = a_line(reason, what="The reason", longest=LONGEST_REASON)
    if len(reason) < 15:
        raise Unusable("Say in a sentence why it cannot wait: somebody will read it.")
    hours = policies.in_force(session, today).policy.records.emergency_access_hours
    opened = EmergencyAccess(
        id=new_id(),
        case_id=case.id,
        person_id=by,
        reason=reason,
        opened_at=now,
        until_at=now + timedelta(hours=hours),
        channel=channel,
    )
    session.add(opened)
    session.flush()
    queue(
        session,
        occasion=f"emergency:{opened.id}",
        recipients=[(who, role.value, EMERGENCY) for who, role in register_keepers(session, today) if who != by],
        now=now,
        first=True,
    )
    return _seen(session, [opened])[0]


def opened(session: Session, *, by: str, today: date, since: date | None = None) -> list[Opened]:
    """Every record opened in an emergency, those without a review first, then the latest.

    Raises Refused for anybody but the information guardian, auditors and directors.
    """
    require(session, by, EMERGENCY_REVIEWERS, today, "emergency list")
    query = select(EmergencyAccess).order_by(
        EmergencyAccess.reviewed_at.is_not(None), EmergencyAccess.opened_at.desc(), EmergencyAccess.id
    )
    found = [one for one in session.scalars(query) if since is None or london_date(one.opened_at) >= since]
    return _seen(session, found)


def review(
    session: Session, emergency_id: str, *, justified: bool, words: str, by: str, today: date, now: datetime
) -> Opened:
    """Say whether it was right to open it. Raises Refused for who may not and for one's own, Unusable twice."""
    require(session, by, EMERGENCY_REVIEWERS - {Role.AUDITOR}, today, "emergency review")
    found = session.get(EmergencyAccess, emergency_id)
    if found is None:
        raise NotFound("emergency")
    if found.person_id == by:
        raise Refused("emergency review", (Unmet("R35", "Nobody reviews what they opened themselves."),))
    if found.reviewed_at is not None:
        raise Unusable("It has been reviewed already.")
    words = a_line(words, what="What you found", longest=LONGEST_REASON)
    if not words:
        raise Unusable("Say what you found.")
    found.reviewed_at, found.reviewed_by, found.justified, found.review = now, by, justified, words
    session.flush()
    return _seen(session, [found])[0]


def _seen(session: Session, found: list[EmergencyAccess]) -> list[Opened]:
    who, reviewer = aliased(Person), aliased(Person)
    about = {
        row.id: row
        for row in session.execute(
            select(EmergencyAccess.id, Case.ref, who.handle, who.name, reviewer.handle.label("reviewer"))
            .join(Case, Case.id == EmergencyAccess.case_id)
            .join(who, who.id == EmergencyAccess.person_id)
            .outerjoin(reviewer, reviewer.id == EmergencyAccess.reviewed_by)
            .where(EmergencyAccess.id.in_([one.id for one in found]))
        )
    }
    seen = []
    for one in found:
        on = london_date(one.opened_at)
        policy = policies.in_force(session, on).policy
        due = Calendar.of(policy).add_working_days(on, policy.records.emergency_review_working_days)
        row = about[one.id]
        seen.append(
            Opened(
                id=one.id,
                ref=row.ref,
                person=row.handle,
                name=row.name,
                reason=one.reason,
                opened_at=one.opened_at,
                until_at=one.until_at,
                review_by=due,
                reviewed_at=one.reviewed_at,
                reviewed_by=row.reviewer,
                justified=one.justified,
                review=one.review,
            )
        )
    return seen
