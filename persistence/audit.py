"""The audit chain: how history is hashed, and how each night's heads are sealed.

Each case has a chain: an event carries the hash of the one before it, the first carries its case's genesis
(design 5.4). Each night the heads of all chains are sealed into one root, itself chained to the night
before; the root leaves the database, so that not even a rewrite of everything goes unseen (reliability
R19, E.4). Nothing here is secret: anyone can recompute a hash from the row. `persistence.verification`
does.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from persistence.tables import Access, Case, Event, Record, Seal, SealHead

#: What goes into a hash is every column but the hash itself, so that no column can be left out.
EVENT_FIELDS = tuple(sorted(c.name for c in Event.__table__.columns if c.name != "hash"))
RECORD_FIELDS = tuple(sorted(c.name for c in Record.__table__.columns if c.name != "content_hash"))
ACCESS_FIELDS = tuple(sorted(c.name for c in Access.__table__.columns if c.name != "hash"))

_ROWS_AT_ONCE = 5_000


# -- writing down -----------------------------------------------------------------------------------------


def canonical_json(value: Any) -> str:
    """The one way to write a value down: keys sorted, text in NFC, instants in UTC, no floats.

    Raises TypeError for a float (money is whole pence) and whatever JSON cannot hold, ValueError for an
    instant without a time zone.
    """
    return encode(_plain(value))


#: Writes a value that is in its canonical form already.
encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str and value.isascii():  # most of what is written: ASCII is in NFC already
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key must be text")
        return {
            key if key.isascii() else unicodedata.normalize("NFC", key): _plain(one) for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


# -- hashes -----------------------------------------------------------------------------------------------


def genesis_hash(ref: str) -> str:
    """What the first event of a case carries as the hash before it."""
    return hash_of("genesis", ref)


def event_hash(previous_hash: str, fields: Mapping[str, Any]) -> str:
    """The hash of an event: over the hash before it and every column but `hash`.

    Empty columns are left out, so that a column added one day does not change what is written. Raises
    ValueError for a name that is no column, which would otherwise be left out unnoticed.
    """
    return _row_hash("event", previous_hash, {**fields, "previous_hash": previous_hash}, EVENT_FIELDS, "hash")


def record_hash(fields: Mapping[str, Any]) -> str:
    """The hash of a record's content: over every column but `content_hash`. The event carries it too."""
    return _row_hash("record", "", fields, RECORD_FIELDS, "content_hash")


def access_hash(previous_hash: str, fields: Mapping[str, Any]) -> str:
    """The hash of a line of the access log."""
    line = {**fields, "previous_hash": previous_hash}
    return _row_hash("access", previous_hash, line, ACCESS_FIELDS, "hash")


def hash_of(kind: str, *parts: str) -> str:
    """SHA-256 with the kind in front, so that a hash of one kind never passes for another."""
    return sha256("\0".join((f"sgo-{kind}-v1", *parts)).encode()).hexdigest()


def _row_hash(kind: str, previous: str, fields: Mapping[str, Any], names: tuple[str, ...], own: str) -> str:
    if unknown := fields.keys() - _columns(names, own):
        raise ValueError(f"{kind} has no column {', '.join(sorted(unknown))}")
    row = {name: fields[name] for name in names if fields.get(name) is not None}
    return hash_of(kind, previous, canonical_json(row))


@cache
def _columns(names: tuple[str, ...], own: str) -> frozenset[str]:
    return frozenset((*names, own))


# -- seals ------------------------------------------------------------------------------------------------

#: The root before the first seal, and the hash before the first line of the access log.
FIRST_ROOT = hash_of("genesis", "seals")
FIRST_ACCESS = hash_of("genesis", "access log")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessHead:
    """How far the access log has got."""

    seq: int = 0
    hash: str = FIRST_ACCESS


@dataclass(frozen=True, slots=True)
class SealedHead:
    """One case's head in a seal."""

    case_id: int
    seq: int
    hash: str


def access_head(session: Session) -> AccessHead:
    """The last line of the access log; `session` is one on the access log."""
    last = session.execute(select(Access.seq, Access.hash).order_by(Access.seq.desc()).limit(1)).one_or_none()
    return AccessHead() if last is None else AccessHead(seq=last.seq, hash=last.hash)


def seal_root(seal: Mapping[str, Any], heads: Iterable[SealedHead]) -> str:
    """The root of a seal: over the root before it, what the seal says, and its heads by ascending case id."""
    listed = sha256()
    for head in heads:
        listed.update(f"{head.case_id}:{head.seq}:{head.hash}\n".encode())
    said = {name: seal[name] for name in SEAL_FIELDS}
    return hash_of("seal", seal["previous_root"], canonical_json({**said, "heads": listed.hexdigest()}))


SEAL_FIELDS = tuple(sorted(c.name for c in Seal.__table__.columns if c.name != "root"))


def last_seal(session: Session) -> Seal | None:
    """The newest seal."""
    return session.scalars(select(Seal).order_by(Seal.sequence.desc()).limit(1)).one_or_none()


def seal(session: Session, business_date: date, now: datetime, *, access: AccessHead | None = None) -> Seal:
    """Seal every case's chain as it stands: the heads that moved since the last seal, in id order.

    Through the chain the root vouches for all heads, not only those that moved. `access` is how far the
    access log has got. Writes in the session's unit and does not commit.
    """
    before = last_seal(session)
    sealed = (
        select(SealHead.case_id, func.max(SealHead.seq).label("seq")).group_by(SealHead.case_id).subquery()
    )
    moved = session.execute(
        select(Case.id, Case.last_seq, Case.head_hash, func.coalesce(sealed.c.seq, 0).label("sealed"))
        .outerjoin(sealed, sealed.c.case_id == Case.id)
        .where(Case.last_seq > func.coalesce(sealed.c.seq, 0))
        .order_by(Case.id)
    ).all()
    access = access or AccessHead()
    fields: dict[str, Any] = {
        "sequence": 1 if before is None else before.sequence + 1,
        "business_date": business_date,
        "sealed_at": now,
        # Counted from the seal before, not afresh: it is what these heads add that is being sealed.
        "cases": (0 if before is None else before.cases) + sum(row.sealed == 0 for row in moved),
        "events": (0 if before is None else before.events) + sum(row.last_seq - row.sealed for row in moved),
        "access_seq": access.seq,
        "access_hash": access.hash,
        "previous_root": FIRST_ROOT if before is None else before.root,
    }
    heads = [SealedHead(row.id, row.last_seq, row.head_hash) for row in moved]
    new = Seal(**fields, root=seal_root(fields, heads))
    session.add(new)
    session.flush()
    for start in range(0, len(heads), _ROWS_AT_ONCE):
        session.execute(
            insert(SealHead),
            [
                {"sequence": new.sequence, "case_id": head.case_id, "seq": head.seq, "hash": head.hash}
                for head in heads[start : start + _ROWS_AT_ONCE]
            ],
        )
    return new
