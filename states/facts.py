"""What a guard may know: the case's history, the record being filed, and the dates and rules that judge it.

Everything is a plain frozen value. Facts are a fold over the history, so the facts of any past day, or of a
history with one record corrected, are built the same way as today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from states.calendar import Calendar
from states.policy import Policy
from states.records.base import Record
from states.vocabulary import Role, Service

R = TypeVar("R", bound=Record)


class RecordIncomplete(Exception):
    """A guard asked for a record that is not filled in yet: it cannot be judged until it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a case's history, with the content that is true of it today (design 5.5)."""

    id: str
    seq: int
    trigger: str
    from_state: str | None
    to_state: str
    happened_on: date
    recorded_on: date
    decided_by: str
    recorded_by: str
    role: str
    confirmed: bool
    kind: str
    data: Mapping[str, Any]
    nature: str = "decision"
    about: str | None = None

    @property
    def moved(self) -> bool:
        """Whether this event changed the state."""
        return self.from_state != self.to_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The case row and what the case system says about the child."""

    ref: str
    state: str | None
    version: int = 0
    colour: str | None = None
    date_of_birth: date | None = None
    legal_status: str | None = None
    placement_code: str | None = None
    kinship: bool | None = None
    lived_with_carers_since: date | None = None
    next_review_on: date | None = None
    finance_position: str | None = None
    agreement_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSeen:
    """A meeting as the guards see it: when, which body, and which services were there."""

    ref: str
    body: str
    held_on: date
    status: str = "planned"
    chair: str | None = None
    present: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    called_off_on: date | None = None

    def called_off(self, on: date) -> bool:
        """Whether it was known on a London date that it does not take place on its day (practice PT-15)."""
        return self.status in ("cancelled", "moved") and (self.called_off_on is None or self.called_off_on <= on)

    def heard(self, services: Iterable[str]) -> frozenset[str]:
        """The services that were present or wrote (practice PT-4)."""
        return frozenset(services) & (self.present | self.written)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSeen:
    """A person named in a record: whether they still work here and what they may be."""

    id: str
    enabled: bool
    roles: frozenset[Role]
    services: frozenset[Service] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSeen:
    """A funding request as the guards of its child, or of another request, see it."""

    ref: str
    child: str  # the case it belongs to, by reference
    covers: frozenset[str]  # that child and the brothers and sisters it is also for
    kind: str
    purpose_kind: str
    household: str
    value: Decimal  # pounds: the whole, or of an allowance the yearly value; the highest asked or recommended
    state: str
    opened_on: date
    formal: bool = False  # it has gone to whoever hears or decides it: no longer an illustration
    signed_on: date | None = None
    confirmed: bool = False  # the signature is the signatory's own, or they have confirmed it (practice PR-2)
    noticed: bool = False  # the notice of decision has gone out


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSeen:
    """The child a funding request is for: stage, birth and history, as the request's guards see them."""

    ref: str
    state: str
    entries: tuple[Entry, ...]
    date_of_birth: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a guard may look at. `on` is the day it happened; `today` the day it is written down."""

    head: Head
    entries: tuple[Entry, ...]  # the history that counts (see `live`)
    given: Record | None  # None while the record is still to be filled in
    on: date
    today: date
    decided_by: str
    recorded_by: str
    policy: Policy
    calendar: Calendar
    listed: MeetingSeen | None = None  # the meeting whose agenda the child is on
    meetings: Mapping[str, MeetingSeen] = field(default_factory=dict)  # meetings the record names
    people: Mapping[str, PersonSeen] = field(default_factory=dict)  # people the record names
    deciders_services: frozenset[str] = frozenset()  # the services the decider speaks for
    deciders_roles: frozenset[Role] = frozenset()
    deciders_posts: frozenset[Role] = frozenset()  # every post they hold, of whatever team: how senior they are
    deciders_new_posts: frozenset[Role] = frozenset()  # posts too new to sign money with (reliability C13)
    recorders_roles: frozenset[Role] = frozenset()
    acting_for: str | None = None  # whom the decider covers for in this
    late_reason: str | None = None
    has_siblings: bool = False
    whole: tuple[Entry, ...] = ()  # the history with what was reversed or moved away
    requests: tuple[RequestSeen, ...] = ()  # of a child: its requests; of a request: the others of the household
    child: ChildSeen | None = None  # of a request: whom it is for

    @property
    def record(self) -> Record:
        """The record being filed. Raises RecordIncomplete while there is none to judge."""
        if self.given is None:
            raise RecordIncomplete
        return self.given

    def filed(self, kind: type[R]) -> R:
        """The record being filed, as the type its row declares."""
        assert isinstance(self.record, kind)
        return self.record

    def since(self, *triggers: str) -> tuple[Entry, ...]:
        """The history after the last of these triggers; all of it when there was none."""
        for position in range(len(self.entries) - 1, -1, -1):
            if self.entries[position].trigger in triggers:
                return self.entries[position + 1 :]
        return self.entries

    def last(self, *triggers: str) -> Entry | None:
        """The latest entry of one of these triggers."""
        return next((e for e in reversed(self.entries) if e.trigger in triggers), None)

    def last_move(self) -> Entry | None:
        """The latest entry that changed the state."""
        return next((e for e in reversed(self.entries) if e.moved), None)

    def all(self, kind: type[R], within: Sequence[Entry] | None = None) -> Iterator[tuple[Entry, R]]:
        """Every record of a kind, oldest first."""
        for entry in self.entries if within is None else within:
            if entry.kind == kind.kind:
                yield entry, kind.model_validate(entry.data)

    def latest(self, kind: type[R], within: Sequence[Entry] | None = None) -> R | None:
        """The latest record of a kind."""
        found = self.latest_entry(kind, within)
        return kind.model_validate(found.data) if found else None

    def latest_entry(self, kind: type[Record], within: Sequence[Entry] | None = None) -> Entry | None:
        """The latest entry that carries a record of this kind."""
        entries = self.entries if within is None else within
        return next((e for e in reversed(entries) if e.kind == kind.kind), None)

    def holder(self, role: Role) -> str | None:
        """Who holds an allocated post on the day it happened (rules R-ALC-1)."""
        for entry in reversed(self.entries):
            of_this_post = entry.kind == "allocation" and entry.data.get("role") == role.value
            if of_this_post and entry.happened_on <= self.on:
                person = entry.data.get("person")
                return str(person) if person else None
        return None


VOIDING = ("reverse_last", "move_act_to_right_child")


def live(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The history that still counts: without the steps that were reversed or moved to another child.

    Reversing and moving stay in the history as events of their own (rules R-SM-3); they void one other.
    """
    entries = tuple(sorted(entries, key=lambda e: e.seq))
    void = {e.about for e in entries if e.trigger in VOIDING and e.about}
    return tuple(e for e in entries if e.id not in void and e.trigger not in VOIDING)
