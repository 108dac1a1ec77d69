"""Small questions of the command line about one child or one installation, answered in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.delivery import letters, outbox
from casework.delivery.letters import LetterLine
from casework.errors import NotFound, Refused, Unusable
from casework.following import follow_up, quarantine
from casework.units import Office
from casework.who import staffing
from casework.who.access import open_case_row, powers
from casework.who.access_log import Look
from casework.who.taking_out import reasons_of
from persistence.tables import FollowUp, Person
from states.vocabulary import Role, Unmet

__all__ = [
    "CaseHead",
    "LookedAt",
    "PolicyLine",
    "head_of",
    "letter_of",
    "letters_of",
    "may_see_who_looked",
    "policy_versions",
    "release_all",
    "retry",
    "who_looked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """Where a case stands, in one line."""

    ref: str
    process: str
    state: str
    since: date
    version: int


def head_of(session: Session, ref: str, *, by: str, today: date) -> CaseHead:
    """Where a case stands. Raises NotFound alike for unknown and hidden (reliability R22)."""
    case = open_case_row(session, ref, by=by, today=today)
    return CaseHead(ref=case.ref, process=case.process, state=case.state, since=case.state_since, version=case.version)


# -- letters ----------------------------------------------------------------------------------------------


def letters_of(session: Session, ref: str, *, by: str, today: date) -> list[LetterLine]:
    """The letters of a case. Raises NotFound alike for unknown and hidden (reliability R22)."""
    return letters.list_letters(session, open_case_row(session, ref, by=by, today=today).id)


def letter_of(session: Session, ref: str, letter: str, *, by: str, today: date) -> tuple[LetterLine, bytes]:
    """One letter of a case, by its id or the beginning of it, as HTML. Raises NotFound."""
    found = [one for one in letters_of(session, ref, by=by, today=today) if one.id.startswith(letter)]
    if len(found) != 1 or not letter:
        raise NotFound("letter", letter)
    return letters.read_letter(session, found[0].id)


# -- who looked -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """One line of "who has seen this child's record" (reliability E.3.1)."""

    at: datetime
    person: str
    what: str
    outcome: str
    rules: tuple[str, ...]
    channel: str
    os_user: str | None
    reason: str | None  # what a long list with this child on it was taken out for (reliability C7)


def may_see_who_looked(session: Session, ref: str, *, by: str, today: date) -> None:
    """Raises NotFound for a case this person may not open, Refused for who may open it and yet not ask."""
    if Role.GUARDIAN in powers(session, by, None, today).posts:
        return  # who guards the information asks of every record, and opens none
    case = open_case_row(session, ref, by=by, today=today)
    if not powers(session, by, case, today).roles & staffing.ACCESS_READERS:
        posts = ", ".join(sorted(role.value for role in staffing.ACCESS_READERS))
        raise Refused("who-looked", (Unmet("R20", f"Only {posts} may see who looked at a record."),))


def who_looked(office: Office, ref: str) -> list[LookedAt]:
    """Every look at a child's record, oldest first. The caller has asked `may_see_who_looked`."""
    with office.reading() as session:
        names = {person.id: person.handle for person in session.scalars(select(Person))}
    reasons = reasons_of(office)
    return [_looked(look, names, reasons) for look in office.access_log.who_looked(ref)]


def _looked(look: Look, names: dict[str, str], reasons: Mapping[tuple[str, datetime, str], str]) -> LookedAt:
    return LookedAt(
        at=look.at,
        person=names.get(look.person_id, look.person_id),
        what=look.what,
        outcome=look.outcome,
        rules=tuple(look.rules),
        channel=look.channel,
        os_user=look.os_user,
        reason=reasons.get((look.person_id, look.at, look.what)),
    )


# -- messages and follow-ups ------------------------------------------------------------------------------


def retry(session: Session, ids: list[str], *, by: str) -> dict[str, int]:
    """Have failed messages and failed follow-ups tried again from the start; how many of each.

    Raises Unusable for an id that is neither; nothing is then changed.
    """
    known = set(session.scalars(select(FollowUp.id).where(FollowUp.id.in_(ids))))
    for follow_up_id in sorted(known):
        if not follow_up.retry(session, follow_up_id):
            raise Unusable(f"The follow-up {follow_up_id} has not failed. Nothing was changed.")
    mails = [one for one in ids if one not in known]
    return {
        "messages": outbox.retry(session, mails, by=by) if mails else 0,
        "follow_ups": len(known),
    }


def release_all(session: Session, *, by: str) -> dict[str, int]:
    """Let everything go that is held since a restore: messages first, then follow-ups (reliability R26)."""
    return {
        "messages": outbox.release(session, None, by=by),
        "follow_ups": quarantine.release_follow_ups(session),
    }


# -- policy -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLine:
    """One adopted policy."""

    sequence: int
    sha256: str
    from_on: date
    file_name: str
    adopted_by: str | None
    adopted_at: datetime


def policy_versions(session: Session) -> list[PolicyLine]:
    """Every adopted policy, in the order of adoption, with who adopted it."""
    names = {person.id: person.handle for person in session.scalars(select(Person))}
    return [
        PolicyLine(
            sequence=version.sequence,
            sha256=version.sha256,
            from_on=version.from_on,
            file_name=version.file_name,
            adopted_by=names.get(version.adopted_by or ""),
            adopted_at=version.adopted_at,
        )
        for version in policies.versions(session)
    ]
