"""The day's digests, made after the night: one a person at work, from committed rows (design 5.10, 5.12).

Each digest is one unit of work with its lines: whoever is killed leaves whole digests, and the next look makes the
others. A message is in one digest at most and a person has one a day, by unique keys (reliability R11). When all are
there the day has its own row, which a monitor asks for.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select, union
from sqlalchemy.orm import Session

from casework.delivery import outcomes
from casework.delivery.outbox import Status, of_digest, queue
from casework.delivery.recipients import NotSent, cover_for, holders, reader_of
from casework.digest import week
from casework.drift.telling import Telling, due_to_tell
from casework.following import leases, ledger
from casework.following.ledger import How, RunState
from casework.policies import in_force
from casework.units import Office
from casework.who.access import powers
from casework.who.matrix import SIGHT, Scope
from casework.who.patterns import at_work
from persistence.among import among
from persistence.tables import (
    Allocation,
    Cover,
    Digest,
    DigestDay,
    DigestLine,
    Outbox,
    Person,
    RoleGrant,
    new_id,
)
from states.calendar import Calendar, london_date
from states.notices import DIGEST
from states.policy import Policy
from states.vocabulary import Party, Role

FLOW = "digest"
LEASE = "digest"
#: How long one builder is waited for, and how soon a build that failed is tried again.
LASTS = timedelta(minutes=15)
LONDON = ZoneInfo("Europe/London")
URGENT = "urgent"
#: Posts that have children to do with; who has no other gets a digest only when something is in it.
_WITH_CHILDREN = [role.value for role, sight in SIGHT.items() if sight.scope is not Scope.NONE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What one look made: digests, and the lines in them."""

    digests: int = 0
    lines: int = 0
    passed_on: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A finding that somebody is to read."""

    finding_id: str
    because: str
    behalf_of: str | None


@dataclass(slots=True)
class _Plan:
    """Who is to read what today, before anything is written."""

    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    nobodys: list[str] = field(default_factory=list)  # messages whose reader is not to have them
    errors: list[Exception] = field(default_factory=list)  # of messages whose reader cannot be found out
    findings: dict[str, list[_Told]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """The date and what holds on it."""

    day: date
    now: datetime
    policy: Policy
    calendar: Calendar

    @property
    def sent_from(self) -> datetime | None:
        """When the digests leave: at the policy's time in London; None where that has passed."""
        at = datetime.combine(self.day, self.policy.mail.digest_at, tzinfo=LONDON)
        return at if at > self.now else None


def is_built(session: Session, day: date) -> bool:
    """Whether all digests of a London date have been made."""
    return session.get(DigestDay, day) is not None


def build(office: Office, *, now: datetime, how: How = How.PLAIN, prefect_run_id: str | None = None) -> Built:
    """Make today's digests, those that are not there yet. Twice changes nothing.

    A person whose digest cannot be made stops nobody else's: the error is in the ledger, the day stays to be done
    and is tried again a quarter of an hour later. Nothing is done while another process is at it.
    """
    day = london_date(now)
    with office.reading() as session:
        if is_built(session, day):
            return Built()
        policy = in_force(session, day).policy
    owner = f"{leases.owner_of_this_process(now)}:{secrets.token_hex(4)}"
    if not leases.take(office, LEASE, owner=owner, now=now, lasts=LASTS):
        return Built()
    this = _Day(day=day, now=now, policy=policy, calendar=Calendar.of(policy))
    run_id = office.in_one_unit(
        lambda session: ledger.start(
            session, flow=FLOW, owner=owner, how=how, now=now, business_date=day, prefect_run_id=prefect_run_id
        )
    )
    try:
        built, error_ref = _all(office, this)
    except BaseException:
        leases.release(office, LEASE, owner=owner)
        raise
    counts = {"digests": built.digests, "lines": built.lines, "passed_on": built.passed_on}
    state = RunState.COMPLETED if error_ref is None else RunState.FAILED
    office.in_one_unit(
        lambda session: ledger.finish(session, run_id, now=now, counts=counts, state=state, error_ref=error_ref)
    )
    if error_ref is None:
        leases.release(office, LEASE, owner=owner)
    return built


def _all(office: Office, this: _Day) -> tuple[Built, str | None]:
    """Every digest that is missing, and the reference of the first error."""
    passed_on, plan = _pass_on(office, this)
    with office.reading() as session:
        _plan_findings(session, this, plan)
        people = _people(session, this, plan)
    digests = lines = 0
    error_ref: str | None = None
    for person_id in people:
        try:
            made = office.in_one_unit(
                partial(
                    _make,
                    this=this,
                    person_id=person_id,
                    messages=plan.messages.get(person_id, ()),
                    findings=plan.findings.get(person_id, ()),
                )
            )
        except Exception as error:  # noqa: BLE001 - kept in full under a reference; the others get theirs
            error_ref = error_ref or ledger.error(office, where=FLOW, exc=error, now=this.now)
            continue
        if made is not None:
            digests, lines = digests + 1, lines + made
    if error_ref is None:
        office.in_one_unit(lambda session: _all_there(session, this))
    for wrong in plan.errors[:1]:  # everybody has a digest; a message that is in none is in the ledger
        ledger.error(office, where=FLOW, exc=wrong, now=this.now)
    return Built(digests=digests, lines=lines, passed_on=passed_on), error_ref


def _pass_on(office: Office, this: _Day) -> tuple[int, _Plan]:
    """What its reader is not to have goes to whoever holds the post now, until nothing is left to pass on.

    How many were, and who reads what then. Each message is asked about again when it goes into a digest.
    """
    passed = 0
    seen: set[str] = set()
    while True:
        with office.reading() as session:
            plan = _plan_messages(session, this)
        nobodys = [one for one in plan.nobodys if one not in seen]
        if not nobodys:
            return passed, plan
        seen.update(nobodys)
        for outbox_id in nobodys:
            passed += office.in_one_unit(partial(_not_sent, this=this, outbox_id=outbox_id))


def _not_sent(session: Session, *, this: _Day, outbox_id: str) -> int:
    row = session.get_one(Outbox, outbox_id, with_for_update=True)
    if row.status != Status.FOR_DIGEST:
        return 0
    why = reader_of(session, row, on=this.day)
    if not isinstance(why, NotSent) or why.unreachable:
        return 0
    outcomes.not_sent(session, row, why, now=this.now)
    return 1


# -- who reads what ---------------------------------------------------------------------------------------


def _plan_messages(session: Session, this: _Day) -> _Plan:
    plan = _Plan()
    waiting = select(Outbox).where(Outbox.status == Status.FOR_DIGEST).order_by(Outbox.created_at, Outbox.id)
    for row in session.scalars(waiting):
        try:
            reader = reader_of(session, row, on=this.day)
        except Exception as error:  # noqa: BLE001 - it stays where it is, and stops no other; see `_all`
            plan.errors.append(error)
            continue
        if not isinstance(reader, NotSent):
            plan.messages[reader.person_id].append(row.id)
        elif reader.unreachable:
            plan.messages[reader.reader_id].append(row.id)
        else:
            plan.nobodys.append(row.id)
    return plan


def _plan_findings(session: Session, this: _Day, plan: _Plan) -> None:
    """What the night found, for those at work whose it is; what is urgent for those who stand in, too."""
    staff = _Staff.of(session, this)
    for part in due_to_tell(session, this.day):
        done = _told_lately(session, this, [one.finding.id for one in part])
        for one in part:
            for who, because, behalf_of in _readers(session, this, staff, one):
                key = (who, one.finding.id)
                if key in done or who not in staff.working:
                    continue
                by_post = behalf_of is None and isinstance(because, Role)  # found by a post that sees the child
                if not by_post and not powers(session, who, one.case, this.day).sees:
                    continue
                done.add(key)
                plan.findings[who].append(
                    _Told(finding_id=one.finding.id, because=because.value, behalf_of=behalf_of)
                )


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who has an account, who is at work today, and who is away and covered: asked once a night."""

    people: frozenset[str]
    working: frozenset[str]
    covered: frozenset[str]
    managers: dict[str | None, list[str]]  # by team, as far as asked

    @classmethod
    def of(cls, session: Session, this: _Day) -> _Staff:
        people = list(session.scalars(select(Person).where(Person.enabled)))
        covered = select(Cover.absent_id).where(*_in_force(this.day))
        return cls(
            people=frozenset(one.id for one in people),
            working=frozenset(one.id for one in people if at_work(one, this.day, this.calendar)),
            covered=frozenset(session.scalars(covered)),
            managers={},
        )


def _readers(
    session: Session, this: _Day, staff: _Staff, telling: Telling
) -> Iterable[tuple[str, Role | Party, str | None]]:
    """(who, because of what, on whose behalf) is to read a finding: its people, or whoever covers for them."""
    case = telling.case
    for person_id, why in telling.people:
        cover = cover_for(session, person_id, case, this.day) if person_id in staff.covered else None
        reader = cover.id if cover is not None else person_id
        if reader not in staff.people:
            continue
        yield reader, why, person_id if cover is not None else None
        if telling.finding.severity == URGENT and reader not in staff.working:
            if case.team_id not in staff.managers:
                staff.managers[case.team_id] = holders(session, case, Role.TEAM_MANAGER, on=this.day)
            yield from ((one, Party.STAND_IN, None) for one in staff.managers[case.team_id])


def _in_force(on: date) -> list[ColumnElement[bool]]:
    return [Cover.from_on <= on, Cover.until_on >= on, Cover.ended_at.is_(None)]


def _told_lately(session: Session, this: _Day, finding_ids: Sequence[str]) -> set[tuple[str, str]]:
    """(person, finding): a finding that stands is told again after so many days, not every day (rules 10)."""
    again_from = this.day - timedelta(days=this.policy.night.alert_again_days)
    query = (
        select(Digest.person_id, DigestLine.finding_id)
        .join(Digest, Digest.id == DigestLine.digest_id)
        .where(
            among(DigestLine.finding_id, finding_ids), DigestLine.left_out.is_(None), Digest.for_day > again_from
        )
    )
    return {(person_id, finding_id) for person_id, finding_id in session.execute(query) if finding_id}


def _people(session: Session, this: _Day, plan: _Plan) -> list[str]:
    """Who gets a digest: everybody at work with a post or a line; not who is away and covered, without a line."""
    on = this.day
    in_post = union(
        select(RoleGrant.person_id).where(
            RoleGrant.role.in_(_WITH_CHILDREN),
            RoleGrant.from_on <= on,
            or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
        ),
        select(Allocation.person_id).where(
            Allocation.from_on <= on, or_(Allocation.until_on.is_(None), Allocation.until_on > on)
        ),
    )
    away = set(session.scalars(select(Cover.absent_id).where(*_in_force(on))))
    with_lines = plan.messages.keys() | plan.findings.keys()
    posts = set(session.scalars(select(in_post.subquery().c.person_id)))
    people = session.scalars(select(Person).where(Person.enabled).order_by(Person.id))
    return [
        person.id
        for person in people
        if at_work(person, on, this.calendar)
        and (person.id in with_lines or (person.id in posts and person.id not in away))
    ]


# -- one digest -------------------------------------------------------------------------------------------


def _make(
    session: Session, *, this: _Day, person_id: str, messages: Sequence[str], findings: Sequence[_Told]
) -> int | None:
    """One person's digest with its lines; how many. None where it is there already."""
    there = select(Digest.id).where(Digest.person_id == person_id, Digest.for_day == this.day)
    if session.scalar(there) is not None:
        return None
    (outbox_id,) = queue(
        session,
        occasion=of_digest(this.day),
        recipients=[(person_id, Party.READER.value, DIGEST)],
        now=this.now,
        not_before=this.sent_from,
    )
    digest = Digest(
        id=new_id(),
        person_id=person_id,
        for_day=this.day,
        outbox_id=outbox_id,
        with_page=week.is_wanted(session, person_id, this.day, this.policy),
        built_at=this.now,
    )
    session.add(digest)
    session.flush()
    added = [
        *_message_lines(session, this, digest, messages),
        *_finding_lines(session, digest, findings),
    ]
    session.flush()
    return len(added)


def _message_lines(session: Session, this: _Day, digest: Digest, messages: Sequence[str]) -> Iterable[DigestLine]:
    for outbox_id in messages:
        row = session.get_one(Outbox, outbox_id, with_for_update=True)
        if row.status != Status.FOR_DIGEST:  # withdrawn meanwhile
            continue
        reader = reader_of(session, row, on=this.day)
        who = reader.reader_id if isinstance(reader, NotSent) else reader.person_id
        if who != digest.person_id or (isinstance(reader, NotSent) and not reader.unreachable):
            continue  # it waits for the next look
        row.status = Status.IN_DIGEST
        line = DigestLine(
            id=new_id(),
            digest_id=digest.id,
            outbox_id=row.id,
            because=row.because,
            behalf_of=row.recipient_id if row.recipient_id != digest.person_id else None,
        )
        session.add(line)
        session.flush()  # the next one is asked whether this says it already
        yield line


def _finding_lines(session: Session, digest: Digest, findings: Sequence[_Told]) -> Iterable[DigestLine]:
    for told in findings:
        line = DigestLine(
            id=new_id(),
            digest_id=digest.id,
            finding_id=told.finding_id,
            because=told.because,
            behalf_of=told.behalf_of,
        )
        session.add(line)
        yield line


def _all_there(session: Session, this: _Day) -> None:
    if is_built(session, this.day):
        return
    digests = list(session.scalars(select(Digest.id).where(Digest.for_day == this.day)))
    lines = session.scalar(select(func.count()).where(among(DigestLine.digest_id, digests))) or 0
    session.add(DigestDay(for_day=this.day, people=len(digests), lines=lines, built_at=this.now))
