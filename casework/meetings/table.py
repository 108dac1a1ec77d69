"""The Review Group's table: tonight's children in rows, with all that the group looks at (practice 6.1, PT-2 to PT-4).

A handful of queries however many children there are. Only children whose records the reader may open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import loading
from casework.errors import NotFound
from casework.meetings.keeping import find_meeting, may_see
from casework.meetings.order import siblings_together
from casework.who.access import reads_journey, visible
from casework.who.choosing import handles_by_id
from persistence.tables import AgendaItem, Attendance, Case, Confirmation, Event, Meeting, Person, SiblingLink, Team
from states.calendar import Calendar
from states.facts import Entry, live
from states.history import GROUP_OUTCOMES, INTO_GROUP_BY_EVENT, PROGRESSED
from states.pathway import PATHWAY
from states.policy import Policy
from states.records.codes import Voice

ON_THE_TABLE = ("listed", "heard", "adjourned")
TO_NOTE = ("to note", "noted")
#: What a group decides about a child that is before it.
_OUTCOMES = (*GROUP_OUTCOMES, "group_adjourns", "note_urgent_decision")
#: The chair's urgent decision is made between two meetings, never at one (PT-15).
HERE = tuple(trigger for trigger in _OUTCOMES if trigger != "decide_urgently")
_INTO = ("list_for_group", "group_adjourns", *INTO_GROUP_BY_EVENT)
WORDS = {row.trigger: row.words for row in reversed(PATHWAY.rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """What one service, or somebody of the family, thinks of the plan. `stance` None: nothing written yet."""

    whose: str
    stance: str | None
    words: str
    on: date | None
    who: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the group decided about a child at this meeting."""

    event: str
    trigger: str
    words: str
    reason: str | None
    return_on: date | None
    colour: str | None
    actions: tuple[dict[str, Any], ...]
    by: str
    confirmed: bool
    distributed: bool
    provisional_until: date | None  # a service was missing: until then it may object (practice PT-4)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One child on the table."""

    number: int
    ref: str
    version: int
    status: str
    team: str | None
    restricted: bool
    journey_shown: bool  # whether the reader reads colour, position, views and what was decided (rules 11.1)
    colour: str | None
    proposed: str | None  # the Team Manager's colour (practice PT-2)
    proposed_by: str | None
    proposed_because: str | None
    barriers: tuple[str, ...]
    needs_a_reason: bool  # to go ahead with this colour (rules T3)
    why_now: str
    last_decision: str | None
    last_decided_on: date | None
    position: str | None
    position_on: date | None
    next_step: str | None
    papers: str
    papers_ok: bool
    views: tuple[ServiceView, ...]
    family: tuple[ServiceView, ...]
    siblings: tuple[str, ...]
    has_siblings: bool
    usual_return: date | None  # the last day to come back on by the colour's interval
    decided: Decided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceThere:
    """A service at the table: who speaks for it, and how it was there; None where it was not."""

    service: str
    person: str | None
    handle: str | None
    how: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """A meeting of the group with its children."""

    ref: str
    body: str
    held_on: date
    starts_at: str | None
    status: str
    chair: str | None
    chair_handle: str | None
    chair_id: str | None
    services: tuple[ServiceThere, ...]
    quorum: int
    quorate: bool
    objection_days: int
    rows: tuple[TableRow, ...]
    to_note: tuple[TableRow, ...]

    @property
    def heard(self) -> int:
        """How many children have an outcome."""
        return sum(1 for row in (*self.rows, *self.to_note) if row.decided is not None)


def group_table(session: Session, ref: str, *, by: str, today: date) -> GroupTable:
    """The table of a meeting for one reader. Raises NotFound alike for unknown and hidden (R22)."""
    meeting = find_meeting(session, ref)
    if meeting.event_id is not None or not may_see(session, meeting, by, today):
        raise NotFound("meeting", ref)
    return _Table(session, meeting, by, today).seen()


class _Table:
    def __init__(self, session: Session, meeting: Meeting, by: str, today: date) -> None:
        self.session, self.meeting, self.by, self.today = session, meeting, by, today
        self.sees, self.shown = visible(session, by, today), reads_journey(session, by, today)
        self.policy: Policy = policies.in_force(session, today).policy
        self.calendar = Calendar.of(self.policy)
        self.names = dict(session.execute(select(Person.id, Person.name)).all())
        self.handles = handles_by_id(session)

    def seen(self) -> GroupTable:
        group, meeting = self.policy.group, self.meeting
        services = self._services()
        self.there = frozenset(one.service for one in services if one.how in ("present", "written view"))
        cases = self._cases()
        ids = [child.id for child, *_ in cases.values()]
        entries = loading.load_entries_of(self.session, ids)
        siblings, linked = self._siblings(ids)
        self.waiting = self._unconfirmed(ids)
        heard = [ref for ref, (_, status, *_) in cases.items() if status in ON_THE_TABLE]
        order = [*siblings_together(self.session, heard), *(ref for ref in cases if ref not in heard)]
        rows = [
            self._row(number, *cases[ref], live(entries[cases[ref][0].id]), siblings, linked)
            for number, ref in enumerate(order, start=1)
        ]
        return GroupTable(
            ref=meeting.ref,
            body=meeting.body,
            held_on=meeting.held_on,
            starts_at=meeting.starts_at,
            status=meeting.status,
            chair=self.names.get(meeting.chair_id or ""),
            chair_handle=self.handles.get(meeting.chair_id or ""),
            chair_id=meeting.chair_id,
            services=services,
            quorum=group.quorum_services,
            quorate=meeting.chair_id is not None and len(self.there) >= group.quorum_services,
            objection_days=group.objection_working_days,
            rows=tuple(row for row in rows if row.status in ON_THE_TABLE),
            to_note=tuple(row for row in rows if row.status in TO_NOTE),
        )

    def _services(self) -> tuple[ServiceThere, ...]:
        found: dict[str, Attendance] = {}
        for one in self.session.scalars(select(Attendance).where(Attendance.meeting_id == self.meeting.id)):
            there = found.get(one.service or "")
            if there is None or there.how == "apologies":
                found[one.service or ""] = one
        return tuple(self._service(service.value, found.get(service.value)) for service in self.policy.group.services)

    def _service(self, service: str, there: Attendance | None) -> ServiceThere:
        person = there.person_id or "" if there is not None else ""
        return ServiceThere(
            service=service,
            person=self.names.get(person),
            handle=self.handles.get(person),
            how=there.how if there is not None else None,
        )

    def _cases(self) -> dict[str, tuple[Case, str, str | None, bool]]:
        """The children of the meeting, as they were listed: case, how it stands, team, whether its journey is read."""
        query = (
            select(Case, AgendaItem.status, Team.name, case((self.shown, 1), else_=0))
            .join(AgendaItem, AgendaItem.case_id == Case.id)
            .join(Event, Event.id == AgendaItem.event_id)
            .outerjoin(Team, Team.id == Case.team_id)
            .where(
                AgendaItem.meeting_id == self.meeting.id,
                AgendaItem.status.in_((*ON_THE_TABLE, *TO_NOTE)),
                self.sees,
            )
            .order_by(Event.recorded_at, Case.ref)
        )
        found = self.session.execute(query)
        return {child.ref: (child, status, team, bool(reads)) for child, status, team, reads in found}

    def _siblings(self, ids: Sequence[int]) -> tuple[dict[int, set[str]], set[int]]:
        """By case: the brothers and sisters whose record the reader may open; and the cases that have any."""
        links = self.session.execute(
            select(SiblingLink.case_id, SiblingLink.sibling_id).where(
                SiblingLink.until_on.is_(None), or_(SiblingLink.case_id.in_(ids), SiblingLink.sibling_id.in_(ids))
            )
        ).all()
        ends = {end for link in links for end in (link.case_id, link.sibling_id)}
        open_to = select(Case.id, Case.ref).where(Case.id.in_(ends), self.sees)
        refs = dict(self.session.execute(open_to).all())
        found: dict[int, set[str]] = {}
        for link in links:
            for one, other in ((link.case_id, link.sibling_id), (link.sibling_id, link.case_id)):
                if other in refs:
                    found.setdefault(one, set()).add(refs[other])
        return found, {end for end in ends if end in set(ids)}

    def _unconfirmed(self, ids: Sequence[int]) -> set[str]:
        query = select(Confirmation.event_id).where(Confirmation.case_id.in_(ids), Confirmation.status != "confirmed")
        return set(self.session.scalars(query))

    def _row(
        self,
        number: int,
        child: Case,
        status: str,
        team: str | None,
        reads: bool,
        entries: Sequence[Entry],
        siblings: Mapping[int, set[str]],
        linked: set[int],
    ) -> TableRow:
        decided_at = self._decided_at(entries)
        before = entries[:decided_at] if decided_at is not None else entries
        earlier = _last(before, *GROUP_OUTCOMES, "group_adjourns")
        rated = _last(entries, "rate", "rerate")
        span = {str(c): s for c, s in self.policy.group.return_within.items()}.get(child.colour or "")
        papers, papers_ok = self._papers(before)
        row = TableRow(
            number=number,
            ref=child.ref,
            version=child.version,
            status=status,
            team=team,
            restricted=child.restricted,
            journey_shown=reads,
            colour=child.colour,
            proposed=rated.data.get("colour") if rated else None,
            proposed_by=self.names.get(rated.decided_by) if rated else None,
            proposed_because=rated.data.get("reason") if rated else None,
            barriers=tuple(rated.data.get("barriers") or ()) if rated else (),
            needs_a_reason=bool(child.colour) and child.colour not in self.policy.rating.progress_without_reason,
            why_now=_why(before),
            last_decision=WORDS[earlier.trigger] if earlier else None,
            last_decided_on=earlier.happened_on if earlier else None,
            position=child.latest_position,
            position_on=child.position_on,
            next_step=child.next_step,
            papers=papers,
            papers_ok=papers_ok,
            views=tuple(self._view(service.value, _since_listed(before)) for service in self.policy.group.services),
            family=tuple(
                view
                for voice in (Voice.CHILD, Voice.CARER, Voice.PARENT)
                if (view := self._view(voice.value, entries)).stance is not None
            ),
            siblings=tuple(sorted(siblings.get(child.id, ()))),
            has_siblings=child.id in linked,
            usual_return=self.calendar.add(self.meeting.held_on, span) if span else None,
            decided=self._decided(entries, decided_at) if decided_at is not None else None,
        )
        return row if reads else _withheld(row)

    def _decided_at(self, entries: Sequence[Entry]) -> int | None:
        """Where in a history the outcome of this meeting stands, if there is one."""
        held_on = self.meeting.held_on
        return next(
            (n for n, e in reversed(list(enumerate(entries))) if e.trigger in HERE and e.happened_on == held_on), None
        )

    def _decided(self, entries: Sequence[Entry], at: int) -> Decided:
        entry = entries[at]
        data = entry.data
        heard = self.there | {e.data["voice"] for e in _since_listed(entries[:at]) if e.kind == "view"}
        missing = {s.value for s in self.policy.group.services} - heard
        provisional = entry.trigger in PROGRESSED and bool(missing)
        days = self.policy.group.objection_working_days
        return Decided(
            event=entry.id,
            trigger=entry.trigger,
            words=WORDS[entry.trigger],
            reason=data.get("reason") or data.get("explanation") or data.get("remarks"),
            return_on=date.fromisoformat(data["return_on"]) if data.get("return_on") else None,
            colour=data.get("colour"),
            actions=tuple(data.get("actions") or ()),
            by=self.names.get(entry.decided_by, entry.decided_by),
            confirmed=entry.id not in self.waiting,
            distributed=any(e.trigger == "distribute_minutes" for e in entries[at + 1 :]),
            provisional_until=self.calendar.add_working_days(entry.happened_on, days) if provisional else None,
        )

    def _papers(self, entries: Sequence[Entry]) -> tuple[str, bool]:
        since = _since_listed(entries)
        filed, due = _last(since, "file_papers"), self.meeting.papers_due_on
        if filed is None:
            return ("not in yet", False)
        if due is None or filed.happened_on <= due:
            return ("in", True)
        if filed.data.get("chair_accepts_late") or _last(since, "accept_late_papers"):
            return ("late, accepted by the chair", True)
        return ("late, not accepted yet", False)

    def _view(self, whose: str, entries: Sequence[Entry]) -> ServiceView:
        said = next((e for e in reversed(entries) if e.kind == "view" and e.data["voice"] == whose), None)
        if said is None:
            return ServiceView(whose=whose, stance=None, words="", on=None, who=None)
        return ServiceView(
            whose=whose,
            stance=said.data["stance"],
            words=said.data["view"],
            on=said.happened_on,
            who=self.names.get(said.decided_by),
        )


def _withheld(row: TableRow) -> TableRow:
    """A row for who reads no journey: that the child is there, and the lines of what was decided without the rest."""
    decided = row.decided
    return replace(
        row,
        colour=None,
        proposed=None,
        proposed_by=None,
        proposed_because=None,
        barriers=(),
        needs_a_reason=False,
        position=None,
        position_on=None,
        next_step=None,
        views=tuple(replace(view, stance=None, words="", on=None, who=None) for view in row.views),
        family=(),
        usual_return=None,
        decided=replace(decided, reason=None, return_on=None, colour=None, actions=()) if decided else None,
    )


def _last(entries: Sequence[Entry], *triggers: str) -> Entry | None:
    return next((e for e in reversed(entries) if e.trigger in triggers), None)


def _since_listed(entries: Sequence[Entry]) -> Sequence[Entry]:
    at = next((n for n in range(len(entries) - 1, -1, -1) if entries[n].trigger in _INTO), 0)
    return entries[at:]


def _why(entries: Sequence[Entry]) -> str:
    listed = _last(entries, *_INTO)
    if listed is None:
        return "on the agenda"
    return str(listed.data.get("why") or WORDS[listed.trigger])
