"""Years of history of many children, brought in at once: past acts in bulk, in one unit of work (design 5.1).

Each act is judged by the same engine and leaves the same rows as one done alone (`casework.acting.acts`). What
is remembered instead of asked a thousand times is who works here, which policy was in force and what was written
about the child a moment ago; and a child's events, records and deadlines are inserted together. Nothing is sent
and nothing runs: this is the past. A test tells the same histories both ways and compares every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import acts, deadlines, effects, keeping, loading, writing
from casework.acting.commands import Actor, Command, Result
from casework.acting.filing import OPENING, beyond_the_guards, filed_record, flag_hidden_twins
from casework.acting.preparing import Prepared, facts_of, last_row
from casework.errors import NotFound, Refused
from casework.policies import InForce
from casework.straight import put, table_of, values_of
from casework.who.access import Powers, permission_for, powers_by
from casework.who.people import Held, Posts
from persistence import soonest
from persistence.tables import Case, Child, Cover, Deadline, Event, Person, Record, RoleGrant, new_id
from states import engine
from states.calendar import london_date
from states.facts import Entry, Facts, MeetingSeen, PersonSeen
from states.pathway import PATHWAY
from states.vocabulary import Role, Service

#: Acts that work on what was written before, or on the clocks: they are done alone, on rows that are there.
DONE_ALONE = frozenset((*keeping.STRAIGHTENS, *effects.MOVES_CLOCKS, "take_off_agenda"))
#: Effects that read the history they belong to.
_READS_HISTORY = frozenset({"trajectory"})


class Chronicle:
    """The telling of many children's histories in one unit. Who works here must not change meanwhile.

    `in_force` keeps by day what was in force, for further units before which no policy is adopted.
    """

    def __init__(self, session: Session, *, in_force: dict[date, InForce] | None = None) -> None:
        self.session = session
        self.staff = _Staff(session)
        self.lookups = _Remembered(session, self.staff)
        self._policies = {} if in_force is None else in_force

    def child(self) -> Story:
        """A child whose history begins with an act that opens a case."""
        return Story(self)

    def policy_on(self, day: date) -> InForce:
        """The policy in force on a London date."""
        if day not in self._policies:
            self._policies[day] = policies.in_force(self.session, day)
        return self._policies[day]


@dataclass(frozen=True, slots=True)
class _Held:
    """A post on the child, from a day until before another."""

    role: Role
    person_id: str
    from_on: date
    until_on: date | None = None


class Story:
    """One child's history being told, act by act, and then kept."""

    def __init__(self, chronicle: Chronicle) -> None:
        self.chronicle, self.session = chronicle, chronicle.session
        self.ref: str | None = None
        self._alone = False  # from here on every act is done alone
        self._case: Case | None = None
        self._child: Child | None = None
        self._whole: tuple[Entry, ...] = ()
        self._allocated: list[_Held] = []
        self._events: list[Event] = []
        self._records: list[Record] = []
        self._deadlines: list[Deadline] = []

    def act(self, command: Command, *, by: Actor, now: datetime) -> Result:
        """Tell one act of this child; its reference need not be given. Raises what `acts.act` raises."""
        command = replace(command, ref=self.ref, quiet=True)
        for_another = command.decided_by is not None and command.decided_by not in self._names_of(by)
        if not self._alone and (command.trigger in DONE_ALONE or for_another):
            self.keep()
            self._alone = True
        if self._alone:
            result = acts.act(self.session, command, by=by, now=now)
            self.ref = result.ref
            return result
        return self._told(self._prepared(command, by, now), by=by, now=now)

    def keep(self) -> None:
        """Write down what was told."""
        if self._case is None or self._child is None or self._alone:
            return
        self._write_history()
        put(self.session, *self._deadlines)
        put(self.session, self._child)
        table = table_of(Case)
        changed = {k: v for k, v in values_of(self._case).items() if k not in ("id", soonest.KEPT)}
        self.session.connection().execute(update(table).where(table.c.id == self._case.id).values(changed))
        self.session.flush()

    def _names_of(self, by: Actor) -> tuple[str, ...]:
        return by.person_id, self.chronicle.staff.handles.get(by.person_id, "")

    def _write_history(self) -> None:
        put(self.session, *self._events)
        put(self.session, *self._records)
        self._events, self._records = [], []

    # -- judging --------------------------------------------------------------------------------------------

    def _prepared(self, command: Command, by: Actor, now: datetime) -> Prepared:
        today = london_date(now)
        recorder = self._powers(by.person_id, today)
        if not (recorder.sees if self._case is not None else recorder.enabled):
            raise NotFound("case", self.ref or "")
        on = min(command.happened_on, today)
        decider = recorder if on == today else self._powers(by.person_id, on)
        return Prepared(
            command=command,
            case=self._case,
            child=self._child,
            whole=self._whole,
            policy=self.chronicle.policy_on(on),
            decider=decider,
            recorder=recorder,
            permission=permission_for(decider, recorder, last_row=last_row(self._whole)),
            today=today,
            process=PATHWAY,
        )

    def _powers(self, person_id: str, on: date) -> Powers:
        posts = self.chronicle.staff.posts(person_id, on, self._allocated)
        return powers_by(self.session, posts, person_id, self._case)

    def _told(self, prepared: Prepared, *, by: Actor, now: datetime) -> Result:
        session, command = self.session, prepared.command
        record = filed_record(session, prepared, known=self.chronicle.staff.ids)
        facts = facts_of(session, prepared, record, lookups=self.chronicle.lookups)
        reasons = beyond_the_guards(session, prepared, record)
        try:
            fired = engine.fire(PATHWAY, command.trigger, facts, prepared.permission)
        except engine.NotPermitted as refused:
            raise Refused(command.trigger, (*refused.unmet, *reasons)) from None
        if reasons:
            raise Refused(command.trigger, reasons)

        event_id = new_id()
        case, child = self._case, self._child
        if case is None or child is None:
            case, child = self._opened(record, fired, event_id, command)
        filed = writing.record_row(case, record, command, event_id)
        event = writing.event_row(
            prepared, case, fired, event_id=event_id, record=record, filed=filed, by=by, now=now
        )
        self._events.append(event)
        self._records.append(filed)
        self._due(case, fired, facts, event)
        for name, value in writing.move_on(case, event).items():
            setattr(case, name, value)
        entry = writing.entry_of(event, filed, prepared.today)
        self._whole = (*self._whole, entry)
        flags = acts.write_flags(session, case, event, facts, fired)
        self._took_effect(case, child, entry, now)
        if command.trigger in OPENING:
            flag_hidden_twins(session, prepared, record, case, event_id)
        return Result(
            ref=case.ref,
            trigger=command.trigger,
            from_state=fired.from_state,
            to_state=fired.to_state,
            event=event_id,
            version=case.version,
            flags=flags,
        )

    # -- writing --------------------------------------------------------------------------------------------

    def _opened(
        self, record: Any, fired: engine.Fired, event_id: str, command: Command
    ) -> tuple[Case, Child]:
        """The case row, in the database for the id that the rest is hashed with; never an object of the session."""
        case = writing.case_row(record, fired.to_state, event_id, command)
        table = table_of(Case)
        without_id = {k: v for k, v in values_of(case).items() if k != "id"}
        case.id = self.session.connection().execute(insert(table).returning(table.c.id), without_id).scalar_one()
        self._case, self._child = case, Child(case_id=case.id, council_id=record.council_id, unknown=[])
        self.ref = case.ref
        return self._case, self._child

    def _due(self, case: Case, fired: engine.Fired, facts: Facts, event: Event) -> None:
        state = PATHWAY.states[fired.to_state]
        step = deadlines.step_of(fired.row, facts, event_id=event.id, to_state=state)
        deadlines.close_those(self._deadlines, step)
        self._deadlines += deadlines.rows_of(case.id, step.opening, facts, event_id=event.id, to_state=state)

    def _took_effect(self, case: Case, child: Child, entry: Entry, now: datetime) -> None:
        if entry.kind in _READS_HISTORY:
            self._write_history()
        effects.apply(self.session, case, child, entry, now=now)
        if entry.kind == "allocation":
            self._handed_over(entry)
        if entry.kind in ("sibling_linked", "sibling_unlinked"):
            self.chronicle.lookups.families_changed()

    def _handed_over(self, entry: Entry) -> None:
        role, person = Role(entry.data["role"]), entry.data.get("person")
        self._allocated = [
            replace(held, until_on=max(entry.happened_on, held.from_on))
            if held.role is role and held.until_on is None
            else held
            for held in self._allocated
        ]
        if person:
            self._allocated.append(_Held(role, person, entry.happened_on))


class _Staff:
    """Who works here and holds which post when, read once."""

    def __init__(self, session: Session) -> None:
        people = list(session.scalars(select(Person)))
        self.handles = {person.id: person.handle for person in people}
        self.ids = {**{p.handle: p.id for p in people}, **{p.id: p.id for p in people}}
        self._enabled = {person.id for person in people if person.enabled}
        self._grants: dict[str, list[RoleGrant]] = {}
        for grant in session.scalars(select(RoleGrant).order_by(RoleGrant.from_on, RoleGrant.id)):
            self._grants.setdefault(grant.person_id, []).append(grant)
        self._covers: dict[str, list[Cover]] = {}
        for cover in session.scalars(select(Cover).where(Cover.ended_at.is_(None))):
            self._covers.setdefault(cover.covering_id, []).append(cover)

    def posts(self, person_id: str, on: date, allocated: Iterable[_Held]) -> Posts:
        """What somebody is on a London date, as `people.posts_of` answers it."""
        absent = [c.absent_id for c in self._covers.get(person_id, ()) if c.from_on <= on <= c.until_on]
        who = dict.fromkeys((person_id, *absent))
        grants = sorted((g for one in who for g in self._granted(one, on)), key=lambda g: (g.from_on, g.id))
        return Posts(
            enabled=person_id in self._enabled,
            held=tuple((g.person_id, _held(g)) for g in grants),
            allocated=tuple(
                (one.person_id, one.role)
                for one in allocated
                if one.person_id in who and one.from_on <= on and (one.until_on is None or one.until_on > on)
            ),
        )

    def seen(self, person_id: str, on: date) -> PersonSeen | None:
        """Somebody whom a record names, as `loading.people_seen` answers it."""
        if person_id not in self.handles:
            return None
        held = [_held(grant) for grant in self._granted(person_id, on)]
        return PersonSeen(
            id=person_id,
            enabled=person_id in self._enabled,
            roles=frozenset(one.role for one in held),
            services=frozenset(one.service for one in held if one.service),
        )

    def _granted(self, person_id: str, on: date) -> Sequence[RoleGrant]:
        grants = self._grants.get(person_id, ())
        return [g for g in grants if g.from_on <= on and (g.until_on is None or g.until_on >= on)]


def _held(grant: RoleGrant) -> Held:
    service = Service(grant.service) if grant.service else None
    return Held(role=Role(grant.role), team_id=grant.team_id, service=service)


class _Remembered(loading.Lookups):
    """What was looked up once in this unit. Meetings of the bodies are as they were held."""

    def __init__(self, session: Session, staff: _Staff) -> None:
        super().__init__(session)
        self._staff = staff
        self._meetings: dict[str, MeetingSeen] = {}
        self._families: dict[int, bool] = {}

    def meetings(self, refs: Iterable[str]) -> dict[str, MeetingSeen]:
        """Meetings by reference, each asked for once."""
        wanted = {ref for ref in refs if ref}
        self._meetings |= super().meetings(wanted - self._meetings.keys())
        return {ref: self._meetings[ref] for ref in wanted if ref in self._meetings}

    def people(self, ids: Iterable[str], on: date) -> dict[str, PersonSeen]:
        """People by id, of those who work here."""
        seen: Mapping[str, PersonSeen | None] = {id_: self._staff.seen(id_, on) for id_ in ids if id_}
        return {id_: one for id_, one in seen.items() if one is not None}

    def has_siblings(self, case_id: int) -> bool:
        """Whether brothers or sisters are linked, as long as no link was written since."""
        if case_id not in self._families:
            self._families[case_id] = super().has_siblings(case_id)
        return self._families[case_id]

    def families_changed(self) -> None:
        """A link was written or ended: ask again."""
        self._families.clear()
