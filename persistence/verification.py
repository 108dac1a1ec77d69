"""The check that history is as it was written: every case, every event, every record, every seal.

It reads in chunks of cases and holds one chunk in memory, however long the history. Dates are compared in
the form the database stores them in: nothing between the row and its hash is interpreted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, NoReturn

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    FromClause,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from persistence.audit import (
    ACCESS_FIELDS,
    EVENT_FIELDS,
    FIRST_ACCESS,
    FIRST_ROOT,
    RECORD_FIELDS,
    SEAL_FIELDS,
    AccessHead,
    SealedHead,
    canonical_json,
    encode,
    genesis_hash,
    hash_of,
    seal_root,
)
from persistence.papers import verify_papers
from persistence.tables import Access, Case, Event, FundingSignature, PolicyVersion, Record, Seal, SealHead
from persistence.tables.base import Instant

_CASES_AT_ONCE = 500
_ROWS_AT_ONCE = 5_000
#: The steps in which somebody signs money, agreed or refused (rules R-FIN-7): what was shown is kept for each.
SIGNS_MONEY = (
    "head_of_service_approves",
    "assistant_director_approves",
    "director_approves",
    "head_of_service_refuses",
    "assistant_director_refuses",
    "director_refuses",
)
_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a seal said, kept outside the database: the anchor no one with the database can move."""

    sequence: int
    business_date: date
    sealed_at: datetime
    cases: int
    events: int
    access_seq: int
    access_hash: str
    previous_root: str
    root: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written, and where: a case's reference and sequence, or a seal."""

    where: str
    what: str


@dataclass(slots=True)
class Verification:
    """What a check has read and found. The first problems are listed, all are counted."""

    events: int = 0
    cases: int = 0
    records: int = 0
    seals: int = 0
    policies: int = 0
    reads: int = 0  # lines of the access log
    found: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.found

    @property
    def first_bad(self) -> str | None:
        """Where the first problem is, such as SG-7K4QM2XD/3."""
        return self.problems[0].where if self.problems else None

    def say(self, where: str, what: str) -> None:
        """Note a problem."""
        self.found += 1
        if len(self.problems) < _LISTED:
            self.problems.append(Problem(where, what))


def verify(session: Session, *, head: Head | None = None) -> Verification:
    """Check the whole case database in one reading unit, against an outside `head` where there is one.

    Found without a head: an edit of any column, a deletion, an insertion, a swap, a tail cut off since the
    last seal was made. With it also: a rewrite of everything, seals and all, up to the head's night.
    """
    found = Verification()
    judged_by: dict[str, str] = {}
    _cases(session, found, judged_by)
    _policies(session, found, judged_by)
    _signatures(session, found)
    verify_papers(session, found.say)
    _seals(session, found, head)
    return found


# -- cases ------------------------------------------------------------------------------------------------


def _cases(session: Session, found: Verification, judged_by: dict[str, str]) -> None:
    after = 0
    records_seen = 0
    while True:
        cases = session.execute(
            select(Case.id, Case.ref, Case.state, Case.last_seq, Case.head_hash)
            .where(Case.id > after)
            .order_by(Case.id)
            .limit(_CASES_AT_ONCE)
        ).all()
        # The last chunk has no upper end: events of a case that was deleted from the end are seen too.
        upto = cases[-1].id if len(cases) == _CASES_AT_ONCE else None
        vouched = _chunk(session, found, cases, after=after, upto=upto, judged_by=judged_by)
        records_seen += _records(session, found, vouched, after, upto)
        found.cases += len(cases)
        if upto is None:
            break
        after = upto
    found.records = records_seen


def _chunk(
    session: Session,
    found: Verification,
    cases: Sequence[Any],
    *,
    after: int,
    upto: int | None,
    judged_by: dict[str, str],
) -> dict[str, tuple[str, str | None]]:
    """Check the chains of some cases; every record an event vouches for, with where and its hash.

    `judged_by` gathers each policy that judged an event, by its hash, and where it first did.
    """
    vouched: dict[str, tuple[str, str | None]] = {}
    table = Event.__table__
    names = (*EVENT_FIELDS, "hash")
    lines = _Lines("event", EVENT_FIELDS, frozenset({"case_id", "seq"}))
    query = (
        select(*_as_written(session, table, names))
        .where(table.c.case_id > after, *([table.c.case_id <= upto] if upto else []))
        .order_by(table.c.case_id, table.c.seq)
    )
    by_id = {case.id: case for case in cases}
    rows = session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    case_at, seq_at, link_at, hash_at = (names.index(n) for n in ("case_id", "seq", "previous_hash", "hash"))
    state_at, record_at, content_at = (names.index(n) for n in ("to_state", "record_id", "record_hash"))
    policy_at = names.index("policy_sha256")
    for case_id, events in groupby(rows, key=lambda row: row[case_at]):
        case = by_id.pop(case_id, None)
        ref = f"case {case_id}" if case is None else case.ref
        if case is None:
            found.say(ref, "events of a case that is not there")
        expected, link = 1, genesis_hash(ref)
        state = None
        for row in events:
            found.events += 1
            seq, own, claimed = row[seq_at], row[hash_at], row[link_at]
            if seq != expected:
                found.say(f"{ref}/{expected}", f"missing: the next event kept is {seq}")
            elif claimed != link and case is not None:
                found.say(f"{ref}/{seq}", "does not follow from the event before it")
            if lines.hash(claimed, row) != own:
                found.say(f"{ref}/{seq}", "is not as it was written")
            if row[policy_at] not in judged_by:
                judged_by[row[policy_at]] = f"{ref}/{seq}"
            if row[record_at] is not None:
                vouched[row[record_at]] = (f"{ref}/{seq}", row[content_at])
            expected, link, state = seq + 1, own, row[state_at]
        if case is not None and (case.last_seq, case.head_hash) != (expected - 1, link):
            found.say(f"{ref}/{expected}", f"missing: the case counts {case.last_seq} events")
        elif case is not None and case.state != state:
            found.say(ref, f"the case says {case.state}, its history says {state}")
    for case in by_id.values():
        found.say(f"{case.ref}/1", "missing: the case has no history at all")
    return vouched


def _records(
    session: Session,
    found: Verification,
    vouched: Mapping[str, tuple[str, str | None]],
    after: int,
    upto: int | None,
) -> int:
    """Check that each record is what its event vouches for, and that there is no other."""
    table = Record.__table__
    names = (*RECORD_FIELDS, "content_hash")
    query = select(*_as_written(session, table, names)).where(
        table.c.case_id > after, *([table.c.case_id <= upto] if upto else [])
    )
    id_at, event_at, data_at, hash_at = (names.index(n) for n in ("id", "event_id", "data", "content_hash"))
    missing = dict(vouched)
    seen = 0
    for row in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        seen += 1
        where, content = missing.pop(row[id_at], (None, None))
        if where is None:
            found.say(f"event {row[event_at]}", "a record that its event does not know")
        elif content != row[hash_at]:
            found.say(where, "its record is not the one it was filed with")
        if _parsed("record", "", RECORD_FIELDS, row, data_at) != row[hash_at]:
            found.say(where or f"event {row[event_at]}", "its record is not as it was written")
    for where, _ in missing.values():
        found.say(where, "its record is missing")
    return seen


# -- policies ---------------------------------------------------------------------------------------------


def _policies(session: Session, found: Verification, judged_by: Mapping[str, str]) -> None:
    """Check that every adopted policy is the one its hash names, and that what judged an event is still there.

    Decisions store the hash of the policy that judged them (design 5.7), and events are chained: a policy whose
    text was changed cannot pass for the one that judged, with its old hash or with a new one.
    """
    kept: set[str] = set()
    query = select(PolicyVersion.sequence, PolicyVersion.sha256, PolicyVersion.content)
    for row in session.execute(query.order_by(PolicyVersion.sequence)):
        found.policies += 1
        where = f"policy {row.sequence}"
        if row.sequence != found.policies:
            found.say(f"policy {found.policies}", f"missing: the next policy kept is {row.sequence}")
            found.policies = row.sequence
        if not isinstance(row.content, str) or sha256(row.content.encode()).hexdigest() != row.sha256:
            found.say(where, "is not as it was adopted")
        kept.add(row.sha256)
    for missing, where in judged_by.items():
        if missing not in kept:
            found.say(where, f"the policy that judged it ({missing[:12]}) is not among those adopted")


# -- signatures -------------------------------------------------------------------------------------------


def _signatures(session: Session, found: Verification) -> None:
    """Check that what was shown to whoever signed money is what it was, and what their record says (R6)."""
    query = (
        select(
            FundingSignature.event_id, FundingSignature.shown, FundingSignature.sha256, Case.ref, Event.seq, Record.data
        )
        .join(Case, Case.id == FundingSignature.case_id)
        .join(Event, Event.id == FundingSignature.event_id)
        .join(Record, Record.id == Event.record_id)
        .order_by(FundingSignature.case_id, Event.seq)
    )
    for row in session.execute(query):
        where = f"{row.ref}/{row.seq}"
        if sha256(row.shown.encode()).hexdigest() != row.sha256:
            found.say(where, "what was signed is not as it was shown")
        elif not row.sha256.startswith(str(row.data.get("shown"))):
            found.say(where, "the signature is on something else than what was shown")
    kept = select(func.count()).select_from(FundingSignature).scalar_subquery()
    given = select(func.count()).where(Event.trigger.in_(SIGNS_MONEY)).scalar_subquery()
    missing = session.scalar(select(given - kept)) or 0
    if missing:
        much = "missing" if missing > 0 else "too many"
        found.say("signatures", f"{abs(missing)} {much}: what was shown is kept for each")


# -- seals ------------------------------------------------------------------------------------------------


def _seals(session: Session, found: Verification, head: Head | None) -> None:
    """Check the seals, that the histories still reach what they sealed, and the outside head."""
    root, cases, events = FIRST_ROOT, 0, 0
    roots: dict[int, str] = {}
    reached: dict[int, int] = {}  # how far each case's history was sealed
    sealed = _heads_by_seal(session)
    sequence, heads = next(sealed, (None, []))
    for seal in session.scalars(select(Seal).order_by(Seal.sequence)):
        where = f"seal {seal.sequence}"
        found.seals += 1
        if seal.sequence != found.seals:
            found.say(where, "the seal before it is missing")
        if seal.previous_root != root:
            found.say(where, "does not follow from the seal before it")
        while sequence is not None and sequence < seal.sequence:
            found.say(f"seal {sequence}", "is missing: only its heads are left")
            sequence, heads = next(sealed, (None, []))
        mine = heads if sequence == seal.sequence else []
        if sequence == seal.sequence:
            sequence, heads = next(sealed, (None, []))
        for one in mine:
            cases += one.case_id not in reached
            events += one.seq - reached.get(one.case_id, 0)
            reached[one.case_id] = one.seq
        if seal_root({name: getattr(seal, name) for name in SEAL_FIELDS}, mine) != seal.root:
            found.say(where, "is not as it was written")
        elif (seal.cases, seal.events) != (cases, events):
            found.say(where, "its counts do not add up")
        roots[seal.sequence] = root = seal.root
    if sequence is not None:
        found.say(f"seal {sequence}", "is missing: only its heads are left")
    _sealed_but_gone(session, found)
    if head is not None and roots.get(head.sequence) != head.root:
        how = "rewritten" if head.sequence in roots else "cut off"
        found.say(f"seal {head.sequence}", f"history was {how} since the head of {head.business_date}")


def _heads_by_seal(session: Session) -> Iterator[tuple[int, list[SealedHead]]]:
    query = select(SealHead.sequence, SealHead.case_id, SealHead.seq, SealHead.hash)
    rows = session.execute(
        query.order_by(SealHead.sequence, SealHead.case_id).execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for sequence, group in groupby(rows, key=lambda row: int(row[0])):
        yield sequence, [SealedHead(row[1], row[2], row[3]) for row in group]


def _sealed_but_gone(session: Session, found: Verification) -> None:
    """What was sealed and is no longer what it was, or no longer there."""
    gone = session.execute(
        select(SealHead.case_id, SealHead.seq, SealHead.sequence, Case.ref)
        .outerjoin(Event, and_(Event.case_id == SealHead.case_id, Event.seq == SealHead.seq))
        .outerjoin(Case, Case.id == SealHead.case_id)
        .where(or_(Event.hash.is_(None), Event.hash != SealHead.hash))
        .order_by(SealHead.case_id, SealHead.seq)
    )
    for row in gone:
        found.say(f"{row.ref or f'case {row.case_id}'}/{row.seq}", f"is not what seal {row.sequence} sealed")


# -- the access log ---------------------------------------------------------------------------------------


def access_marks(session: Session) -> list[AccessHead]:
    """How far each seal says the access log had got; `session` is one on the case database."""
    rows = session.execute(select(Seal.access_seq, Seal.access_hash).order_by(Seal.sequence))
    return [AccessHead(seq=row.access_seq, hash=row.access_hash) for row in rows]


def verify_access(session: Session, found: Verification, marks: Sequence[AccessHead] = ()) -> None:
    """Check the access log's chain, and that it reaches what the seals and the outside head say of it.

    `session` is one on the access log; what is found is added to `found`.
    """
    names = (*ACCESS_FIELDS, "hash")
    table = Access.__table__
    query = select(*_as_written(session, table, names)).order_by(table.c.seq)
    seq_at, link_at, rules_at, hash_at = (names.index(n) for n in ("seq", "previous_hash", "rules", "hash"))
    due: dict[int, str] = {mark.seq: mark.hash for mark in marks if mark.seq}
    link, expected = FIRST_ACCESS, 1
    for row in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        found.reads += 1
        where = f"access {row[seq_at]}"
        if row[seq_at] != expected:
            found.say(f"access {expected}", f"missing: the next line kept is {row[seq_at]}")
        elif row[link_at] != link:
            found.say(where, "does not follow from the line before it")
        if _parsed("access", row[link_at], ACCESS_FIELDS, row, rules_at) != row[hash_at]:
            found.say(where, "is not as it was written")
        if due.pop(row[seq_at], row[hash_at]) != row[hash_at]:
            found.say(where, "is not what a seal says of it")
        link, expected = row[hash_at], row[seq_at] + 1
    for seq in sorted(due):
        found.say(f"access {seq}", "missing: a seal says that the log had got so far")


# -- rows as they are written -----------------------------------------------------------------------------


def _as_written(session: Session, table: FromClause, names: Sequence[str]) -> list[ColumnElement[Any]]:
    """The columns as the text that was hashed, made by the database: dates and instants are not read."""
    postgres = session.get_bind().dialect.name == "postgresql"
    return [_text_of(table.c[name], postgres=postgres) for name in names]


def _text_of(column: ColumnElement[Any], *, postgres: bool) -> ColumnElement[Any]:
    kind = column.type
    if isinstance(kind, Instant):
        if postgres:
            pattern = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
            return func.to_char(func.timezone("UTC", column), pattern, type_=String())
        return func.replace(type_coerce(column, String()), " ", "T", type_=String()) + "+00:00"
    if isinstance(kind, Date | JSON):
        return cast(column, String()) if postgres else type_coerce(column, String())
    return column


class _Lines:
    """Hashes whole rows of text and numbers, fast: the canonical form is filled into a ready pattern.

    The pattern's answer is used only where it must be what the encoder would have written: no character
    that JSON escapes, nothing beyond ASCII. Other rows take the encoder's way.
    """

    def __init__(self, kind: str, names: Sequence[str], numbers: frozenset[str]) -> None:
        self._kind = kind
        self._names = names
        self._numbers = numbers
        self._patterns: dict[tuple[bool, ...], tuple[str, int]] = {}

    def hash(self, link: str, row: Any) -> str:
        """The hash a row should have; `row` begins with the columns of `names`."""
        values = row[: len(self._names)]
        shape = tuple([value is None for value in values])
        pattern, quotes = self._patterns.get(shape) or self._pattern(shape)
        written = pattern % tuple([value for value in values if value is not None])
        if written.isascii() and written.count('"') == quotes:
            line = written.encode()
            if len(line.translate(None, _ESCAPED)) == len(line):
                return hash_of(self._kind, link, written)
        filled = zip(self._names, values, strict=True)
        return _hash_of_fields(self._kind, link, {name: value for name, value in filled if value is not None})

    def _pattern(self, shape: tuple[bool, ...]) -> tuple[str, int]:
        there = [name for name, empty in zip(self._names, shape, strict=True) if not empty]
        pattern = ",".join(f'"{name}":' + ("%s" if name in self._numbers else '"%s"') for name in there)
        found = self._patterns[shape] = ("{" + pattern + "}", pattern.count('"'))
        return found


#: What JSON writes otherwise than it is, besides the quotation mark.
_ESCAPED = bytes(range(32)) + b"\\"


def _parsed(kind: str, link: str, names: Sequence[str], row: Any, json_at: int) -> str | None:
    """The same for a row one of whose columns is JSON; None where it cannot be one that we wrote."""
    fields = {name: value for name, value in zip(names, row, strict=False) if value is not None}
    try:
        fields[names[json_at]] = _read_json(row[json_at])
        return _hash_of_fields(kind, link, fields)
    except (ValueError, TypeError):
        return None


def _hash_of_fields(kind: str, link: str, fields: dict[str, Any]) -> str:
    if bytes in map(type, fields.values()):
        return ""  # SQLite lets a forger put bytes where text belongs; we never do
    written = encode(fields)  # nearly every row is ASCII, and then this is its canonical form already
    return hash_of(kind, link, written if written.isascii() else canonical_json(fields))


def _no_float(number: str) -> NoReturn:
    raise ValueError(f"{number} is not a number that we write")


_read_json = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode
