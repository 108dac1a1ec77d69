"""The policy in force: adopted, dated, append-only (design 5.7).

Files are inputs. The running system reads only what was adopted; a decision stores the version that judged it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.errors import Unusable
from persistence.tables import PolicyVersion
from states.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A policy and the hash a decision stores with it."""

    policy: Policy
    sha256: str
    from_on: date


@lru_cache(maxsize=64)
def _read(sha256: str, content: str) -> Policy:
    return Policy.from_canonical_json(content)


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
    row = session.execute(
        select(PolicyVersion.sha256, PolicyVersion.content, PolicyVersion.from_on)
        .where(PolicyVersion.from_on <= on)
        .order_by(PolicyVersion.from_on.desc(), PolicyVersion.sequence.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        row = session.execute(
            select(PolicyVersion.sha256, PolicyVersion.content, PolicyVersion.from_on)
            .order_by(PolicyVersion.from_on, PolicyVersion.sequence)
            .limit(1)
        ).one_or_none()
    if row is None:
        raise Unusable("No policy has been adopted yet. Run: sgo policy adopt FILE --from DATE --as PERSON")
    return InForce(policy=_read(row.sha256, row.content), sha256=row.sha256, from_on=row.from_on)


def by_hash(session: Session, sha256: str) -> Policy:
    """The policy a past decision was judged by (reliability R28)."""
    content = session.scalar(select(PolicyVersion.content).where(PolicyVersion.sha256 == sha256).limit(1))
    if content is None:
        raise Unusable(f"There is no adopted policy {sha256[:12]}.")
    return _read(sha256, content)


def versions(session: Session) -> list[PolicyVersion]:
    """Every adopted policy, in the order of adoption."""
    return list(session.scalars(select(PolicyVersion).order_by(PolicyVersion.sequence)))
