"""The policy in force: adopted, dated, append-only (design 5.7).

Files are inputs. The running system reads only what was adopted; a decision stores the version that judged it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.straight import rows
from persistence.tables import PolicyVersion
from states.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A policy and the hash a decision stores with it."""

    policy: Policy
    sha256: str
    from_on: date


_VERSION = select(PolicyVersion.sha256, PolicyVersion.from_on)
_IN_FORCE = (
    _VERSION.where(PolicyVersion.from_on <= bindparam("on", type_=Date))
    .order_by(PolicyVersion.from_on.desc(), PolicyVersion.sequence.desc())
    .limit(1)
)
_FIRST = _VERSION.order_by(PolicyVersion.from_on, PolicyVersion.sequence).limit(1)
#: Policies that were read once, by their hash: what was adopted never changes.
_read: dict[str, Policy] = {}


def adopt(
    session: Session, policy: Policy, *, file_name: str, from_on: date, by: str | None, now: datetime
) -> PolicyVersion:
    """Put a policy in force from a London date. The same policy for the same date is adopted once."""
    sha = policy.sha256()
    there = session.scalars(
        select(PolicyVersion).where(PolicyVersion.sha256 == sha, PolicyVersion.from_on == from_on)
    ).first()
    if there is not None:
        return there
    last = session.scalar(select(func.max(PolicyVersion.sequence))) or 0
    version = PolicyVersion(
        sequence=last + 1,
        sha256=sha,
        from_on=from_on,
        content=policy.canonical_json(),
        file_name=file_name,
        adopted_by=by,
        adopted_at=now,
    )
    session.add(version)
    session.flush()
    return version


def in_force(session: Session, on: date) -> InForce:
    """The policy in force on a London date: the latest that begins by then, the last adopted winning.

    Before the first adopted policy the first one judges. Raises Unusable when none was ever adopted.
    """
    row = rows(session, _IN_FORCE, on=on).one_or_none() or rows(session, _FIRST).one_or_none()
    if row is None:
        raise Unusable("No policy has been adopted yet. Run: sgo policy adopt FILE --from DATE --as PERSON")
    return InForce(policy=by_hash(session, row.sha256), sha256=row.sha256, from_on=row.from_on)


def by_hash(session: Session, sha256: str) -> Policy:
    """The policy a past decision was judged by (reliability R28)."""
    if sha256 not in _read:
        content = session.scalar(select(PolicyVersion.content).where(PolicyVersion.sha256 == sha256).limit(1))
        if content is None:
            raise Unusable(f"There is no adopted policy {sha256[:12]}.")
        _read[sha256] = Policy.from_canonical_json(content)
    return _read[sha256]


def versions(session: Session) -> list[PolicyVersion]:
    """Every adopted policy, in the order of adoption."""
    return list(session.scalars(select(PolicyVersion).order_by(PolicyVersion.sequence)))
