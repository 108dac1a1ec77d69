"""A random month of an office: things happen, people leave, cover, change days; processes are killed, clocks jump.

What must hold whatever happens (reliability R11): each message is said by itself, or in one digest, or kept back
with a reason; nobody reads of the same thing twice; who was there all the time has read everything. Each thing happens
to a child of its own, so a reference in a mail says which it was; drift is switched off, it has tests of its own.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date, timedelta
from typing import ClassVar

from sqlalchemy import select

from casework import policies
from casework.delivery import outbox
from casework.delivery.sending import deliver_waiting
from casework.drift.rules import RULES
from casework.overnight.night import run_due_nights
from casework.units import Office
from casework.who import people
from notifications.channels import Sent
from notifications.messages import Message
from persistence.tables import AccessGrant, Attempt, Case, Digest, DigestLine, Outbox, Person, new_id
from states.notices import NT_04, NT_06, NT_21_NEW, NT_32, RATED
from states.vocabulary import Role
from tests.factories import policy
from tests.histories import open_case
from tests.mailroom import LONG_AGO, allocate
from tests.nights import at_night

FIRST = date(2026, 3, 2)  # a Monday; Good Friday is 3 April, the clocks go forward on 29 March
PATTERNS = ("12345", "123", "45", "135", "1234567")
SLOW, URGENT = (RATED, NT_04, NT_06), (NT_21_NEW, NT_32)
_CALM = 14
_REF = re.compile(r"SG-[0-9]{8}")


class Killed(BaseException):
    """kill -9, as far as one process can do it to itself: nothing after it is written."""


class FragileOffice(Office):
    """An office whose process may die before or after any unit of work."""

    dice: ClassVar[random.Random] = random.Random(0)
    danger: ClassVar[float] = 0.0
    dead: ClassVar[bool] = False

    def in_one_unit(self, use_case):
        self._perhaps_die()
        done = Office.in_one_unit(self, use_case)
        self._perhaps_die()
        return done

    def unit_of_work(self):
        if FragileOffice.dead:
            raise Killed
        return Office.unit_of_work(self)

    def _perhaps_die(self) -> None:
        if FragileOffice.dead or self.dice.random() < self.danger:
            FragileOffice.dead = True
            raise Killed


class Post:
    """A channel that takes everything, and remembers it."""

    name = "post"

    def __init__(self) -> None:
        self.taken: list[Message] = []

    def send(self, message: Message) -> Sent:
        self.taken.append(message)
        return Sent("250 ok")

    def accepted_before(self, message: Message) -> Sent | None:
        """It can tell, so that a lost answer makes no second copy: what is proved here is the digest."""
        return Sent("250 ok before") if any(one.id == message.id for one in self.taken) else None


class Walk:
    """One walk, remade by its seed."""

    def __init__(self, office: Office, seed: int) -> None:
        self.dice = random.Random(seed)
        FragileOffice.dice, FragileOffice.danger, FragileOffice.dead = random.Random(seed + 1), 0.0, False
        self.office = FragileOffice(office.settings, office.database)
        self.post = Post()
        self.kills = self.jumps = 0
        self.events: dict[str, tuple[str, set[str]]] = {}  # event -> reference, recipients
        self.troubled: set[str] = set()  # people something befell
        self.touched: set[str] = set()  # children something befell
        self.withdrawn: set[str] = set()
        self.covering: dict[str, date] = {}
        self.now = at_night(FIRST, 12)
        self._furnish()

    def _furnish(self) -> None:
        with self.office.unit_of_work() as session:
            quiet = policy(night={"off": tuple(RULES)}, mail={"per_person_cap_per_hour": 1_000})
            policies.adopt(session, quiet, file_name="quiet.toml", from_on=LONG_AGO, by=None, now=self.now)
            self.team = people.add_team(session, name="Children in Care North").id
            team = people.find_team(session, self.team)
            self.workers, self.managers = [], []
            for number in range(8):
                manager = number < 2
                person = people.add_person(
                    session,
                    handle=f"p{number}.x",
                    name=f"Person {number}",
                    email=f"p{number}@council.example",
                    now=self.now,
                    working_days="12345" if manager else self.dice.choice(PATTERNS),
                )
                (self.managers if manager else self.workers).append(person.id)
                if manager:
                    people.grant_role(
                        session, person=person, role=Role.TEAM_MANAGER, team=team, from_on=LONG_AGO, now=self.now
                    )
            self.addresses = dict(session.execute(select(Person.id, Person.email)).all())

    # -- what may happen ----------------------------------------------------------------------------------

    def something(self) -> None:
        """One thing of the day."""
        chosen = self.dice.choices(
            (self.step, self.cover, self.leave, self.days_change, self.restrict, self.withdraw, self.take_over),
            weights=(12, 2, 0.3, 1, 1, 1, 1),
        )[0]
        chosen()
        self.now += timedelta(minutes=self.dice.randint(1, 40))

    def step(self) -> None:
        ref = f"SG-{len(self.events):08}"
        worker, iro = self.dice.sample(self.workers, 2)
        with self.office.unit_of_work() as session:
            case = open_case(session, ref)
            case.team_id, case.state = self.team, "RATED"
            allocate(session, case.id, Role.CHILDS_WORKER, worker)
            allocate(session, case.id, Role.IRO, iro)
            event = new_id()
            notice = self.dice.choice(SLOW if self.dice.random() < 0.8 else URGENT)
            told = [(worker, Role.CHILDS_WORKER), (iro, Role.IRO), *((m, Role.TEAM_MANAGER) for m in self.managers)]
            told = told[: self.dice.randint(1, 4)]
            outbox.queue(
                session,
                occasion=f"event:{event}",
                event_id=event,
                case_id=case.id,
                recipients=[(who, role, notice) for who, role in told],
                now=self.now,
            )
        self.events[event] = (ref, {who for who, _ in told})

    def cover(self) -> None:
        today = self.now.date()
        absent, covering = self.dice.sample(self.workers + self.managers, 2)
        if self.covering.get(covering, FIRST) > today or self.covering.get(absent, FIRST) > today:
            return
        until = today + timedelta(days=self.dice.randint(0, 6))
        with self.office.unit_of_work() as session:
            one, other = session.get_one(Person, absent), session.get_one(Person, covering)
            if one.enabled and other.enabled:
                people.add_cover(
                    session,
                    absent=one,
                    covering=other,
                    from_on=today,
                    until_on=until,
                    reason="leave",
                    recorded_by=None,
                    now=self.now,
                )
                self.covering |= {covering: until + timedelta(days=1), absent: until + timedelta(days=1)}
                self.troubled |= {absent}

    def leave(self) -> None:
        if len(self.workers) > 4:
            gone = self.workers.pop(self.dice.randrange(len(self.workers)))
            with self.office.unit_of_work() as session:
                session.get_one(Person, gone).enabled = False
            self.troubled.add(gone)

    def days_change(self) -> None:
        with self.office.unit_of_work() as session:
            session.get_one(Person, self.dice.choice(self.workers)).working_days = self.dice.choice(PATTERNS)

    def restrict(self) -> None:
        if not self.events:
            return
        ref, told = self.events[self.dice.choice(sorted(self.events))]
        named = self.dice.sample(sorted(told), self.dice.randint(0, len(told)))
        with self.office.unit_of_work() as session:
            case = session.scalars(select(Case).where(Case.ref == ref)).one()
            if not case.restricted:
                case.restricted = True
                session.add_all(
                    AccessGrant(id=new_id(), case_id=case.id, person_id=one, event_id=new_id())
                    for one in named
                )
        self.touched.add(ref)

    def withdraw(self) -> None:
        if not self.events:
            return
        event = self.dice.choice(sorted(self.events))
        with self.office.unit_of_work() as session:
            outbox.withdraw(session, event, reason="taken back")
        self.withdrawn.add(event)

    def take_over(self) -> None:
        if not self.events:
            return
        ref, _ = self.events[self.dice.choice(sorted(self.events))]
        with self.office.unit_of_work() as session:
            case_id = session.scalars(select(Case.id).where(Case.ref == ref)).one()
            allocate(session, case_id, Role.CHILDS_WORKER, self.dice.choice(self.workers), from_on=FIRST)
        self.touched.add(ref)

    # -- the machines -------------------------------------------------------------------------------------

    def night(self) -> None:
        self._may_die(lambda: run_due_nights(self.office, now=self.now))

    def mails(self) -> None:
        self._may_die(lambda: deliver_waiting(self.office, now=self.now, channel=self.post))

    def _may_die(self, work) -> None:
        try:
            work()
        except Killed:
            self.kills += 1
        FragileOffice.dead = False
        self.now += timedelta(minutes=20)  # what it held has run out

    def walk(self, days: int) -> None:
        """So many days with everything that may happen, and as many as any cover lasts in which nothing does."""
        for number in range(days + _CALM):
            calm = number >= days
            FragileOffice.danger = 0.0 if calm else 0.02
            day = FIRST + timedelta(days=number + 1)
            self.now = at_night(day, 2, 20)
            if calm or self.dice.random() > 0.15:  # else the machine is off: it is caught up later
                for _ in range(1 if calm else self.dice.randint(1, 3)):
                    self.night()
            self.now = max(self.now, at_night(day, 7, 40))
            self.mails()
            for _ in range(0 if calm else self.dice.randint(0, 5)):
                self.something()
                if self.dice.random() < 0.3:
                    self.mails()
            if not calm and self.dice.random() < 0.1:  # the clock is set back, and somebody starts a night
                self.jumps += 1
                self.now -= timedelta(hours=self.dice.randint(1, 30))
                self.night()

    # -- what must hold -----------------------------------------------------------------------------------

    def judge(self) -> dict[str, int]:
        """Raises AssertionError with what is wrong; else counts of what was looked at."""
        with self.office.reading() as session:
            rows = list(session.scalars(select(Outbox)))
            alone = set(session.scalars(select(Attempt.outbox_id).where(Attempt.outcome == "sent")))
            in_digests = Counter(
                session.scalars(
                    select(DigestLine.outbox_id)
                    .join(Digest, Digest.id == DigestLine.digest_id)
                    .join(Outbox, Outbox.id == Digest.outbox_id)
                    .where(DigestLine.left_out.is_(None), Outbox.status == "sent")
                )
            )
            days = Counter(tuple(row) for row in session.execute(select(Digest.person_id, Digest.for_day)))
        messages = [row for row in rows if not outbox.is_digest(row)]
        for row in messages:
            kept_back = row.status in ("suppressed", "withdrawn") and bool(row.reason)
            said = (row.id in alone) + in_digests[row.id] + kept_back
            if row.status == "withdrawn" and said == 2:  # taken back after it had been read
                said = 1
            assert said == 1, (row.status, row.reason, row.delivery, row.id in alone, in_digests[row.id])
        assert set(days.values()) <= {1}
        read = Counter(
            (ref, message.to_address) for message in self.post.taken for ref in set(_REF.findall(message.rendered.text))
        )
        twice = {key: number for key, number in read.items() if number > 1}
        assert not twice, twice
        missing = {
            (ref, self.addresses[who])
            for event, (ref, told) in self.events.items()
            for who in told - self.troubled
            if event not in self.withdrawn and ref not in self.touched and not read[ref, self.addresses[who]]
        }
        assert not missing, missing
        return {
            "messages": len(messages),
            "digests": len(rows) - len(messages),
            "read": read.total(),
            "kills": self.kills,
            "jumps": self.jumps,
        }


def a_walk(office: Office, *, seed: int, days: int) -> dict[str, int]:
    """Walk, judge, and answer the counts."""
    walk = Walk(office, seed)
    walk.walk(days)
    return walk.judge()
