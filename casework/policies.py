"""The policy in force: adopted, dated, append-only (design 5.7).

Files are inputs. The running system reads only what was adopted; a decision stores the version that judged it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.once import once
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


@once
def in_force(session: Session, on: date) -> InForce:
    """The policy in force on a London date: the latest that begins by then, the last adopted winning.

    Before the first adopted policy the first one judges. Raises Unusable when none was ever adopted.
    """
    row = rows(session, _IN_FORCE, on=on).one_or_none() or rows(session, _FIRST).one_or_none()
    if row is None:
        raise Unusable("No policy has been adopted yet. Run: sgo policy adopt FILE --from DATE --as PERSON")
    return InForce(policy=by_hash(session, row.sha256), sha256=row.sha256, from_on=row.from_on)


class PolicyLacks(Unusable):
    """An adopted policy has no value for something this version of the program needs, nor has any adopted later."""

    def __init__(self, version: PolicyVersion, lacking: Sequence[tuple[str, str]]) -> None:
        self.lacking = tuple(lacking)
        keys = ", ".join(f"{section}.{key}" for section, key in self.lacking)
        super().__init__(
            f"The adopted policy (version {version.sequence}, {version.file_name}, from {version.from_on}) has "
            f"no value for {keys}, which this version of the program needs. No number of an authority is guessed: add "
            "it to the policy file (policies/leicestershire.toml shows how), then: "
            "sgo policy adopt FILE --from DATE --as PERSON"
        )


def lacking(session: Session, on: date) -> str | None:
    """What the policy in force on a London date lacks for this version of the program, in words (decision 0012).

    None where it lacks nothing, and where no policy was ever adopted.
    """
    if session.scalar(select(PolicyVersion.sequence).limit(1)) is None:
        return None
    try:
        in_force(session, on)
    except Unusable as unusable:
        return str(unusable)
    return None


def by_hash(session: Session, sha256: str) -> Policy:
    """The policy a past decision was judged by (reliability R28).

    What a version lacks because the program learnt to ask for it later is taken from the version that was adopted
    next and has it. Raises PolicyLacks, an Unusable that names every key, where none has.
    """
    if sha256 not in _read:
        stored = select(PolicyVersion).where(PolicyVersion.sha256 == sha256)
        version = session.scalars(stored.order_by(PolicyVersion.sequence).limit(1)).first()
        if version is None:
            raise Unusable(f"There is no adopted policy {sha256[:12]}.")
        tables = Policy.as_stored(version.content)
        if lacking := Policy.lacking(tables):
            return Policy.from_tables(_filled(session, version, tables, lacking), name="stored policy")
        _read[sha256] = Policy.from_tables(tables, name="stored policy")
    return _read[sha256]


def _filled(
    session: Session, version: PolicyVersion, tables: dict[str, dict[str, Any]], lacking: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    later = session.scalars(
        select(PolicyVersion.content)
        .where(PolicyVersion.sequence > version.sequence)
        .order_by(PolicyVersion.sequence)
    )
    for content in later:
        other = Policy.as_stored(content)
        for section, key in lacking:
            if key in other.get(section, {}):
                tables.setdefault(section, {}).setdefault(key, other[section][key])
    if still := Policy.lacking(tables):
        raise PolicyLacks(version, still)
    return tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A value that one version of the policy sets otherwise than the one before; None where there was or is none."""

    section: str
    key: str
    before: Any
    after: Any
    source: str


def changes(session: Session, sequence: int) -> list[Changed] | None:
    """What a version changed against the one adopted before it; None for the first. As they were stored."""
    stored = {
        one.sequence: Policy.as_stored(one.content)
        for one in versions(session)
        if one.sequence in (sequence, sequence - 1)
    }
    if sequence - 1 not in stored:
        return None
    before, after = stored[sequence - 1], stored[sequence]
    found = []
    for section in sorted(before.keys() | after.keys()):
        old, new = before.get(section, {}), after.get(section, {})
        for key in sorted(old.keys() | new.keys()):
            was, is_now = old.get(key, {}).get("value"), new.get(key, {}).get("value")
            if was != is_now:
                source = (new.get(key) or old.get(key) or {}).get("source", "")
                found.append(Changed(section=section, key=key, before=was, after=is_now, source=source))
    return found


def versions(session: Session) -> list[PolicyVersion]:
    """Every adopted policy, in the order of adoption."""
    return list(session.scalars(select(PolicyVersion).order_by(PolicyVersion.sequence)))
