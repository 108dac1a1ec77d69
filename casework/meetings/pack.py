"""What stands in the pack of a meeting, gathered for one reader: only children and requests they may open.

Children stand by reference and the council's id; by name only where the authority's policy says so, and a
restricted child never (design 5.11). Late papers and late children go into the supplement (practice PT-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting.deadlines import DeadlineSeen
from casework.errors import NotFound, Refused
from casework.meetings.invited import MEMBERS
from casework.meetings.keeping import KEEPERS, find_meeting, may_see
from casework.meetings.order import siblings_together
from casework.meetings.pack_money import SAYS, requests_of
from casework.reading.lines import Line
from casework.reading.showing import CaseSeen, show_case
from casework.who.access import powers, visible
from interchange.codes import LEGAL_STATUS, PLACEMENT
from notifications.pack import Child, Colour, Due, Milestone, Pack, ToNote, View, render_pack
from notifications.wording import in_words, on_a_letter, one_line, time_of_day
from persistence.tables import AgendaItem, Attendance, Case, Event, Meeting, Person, RoleGrant
from states.calendar import LONDON, london_date
from states.history import GROUP_OUTCOMES, INTO_GROUP_BY_EVENT
from states.policy import Policy
from states.policy.recurring import Body
from states.records.code_words import WORDS
from states.records.codes import Voice
from states.vocabulary import Role, Service, Unmet

#: Posts that read a pack besides those who sit at the meeting or keep it.
READERS = KEEPERS | {Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR, Role.IRO_MANAGER, Role.AUDITOR}
OUTCOMES = ("Agree to progress", "Return to group", "Further work", "Not to progress", "Adjourn")
BASIS = {
    "statutory": "the law",
    "court direction": "the court",
    "service standard": "service standard",
    "local": "local aim",
}
_LISTED = ("list_for_group", "group_adjourns", *INTO_GROUP_BY_EVENT)
_MILESTONES = 8  # what fits on a page
_NOT_YET = "not written yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackMade:
    """A pack as one HTML page, and the children and requests whose records it shows: each reading is logged."""

    ref: str
    html: str
    children: tuple[str, ...]


def pack_of(session: Session, ref: str, *, by: str, now: datetime) -> PackMade:
    """The pack of a meeting for one reader, made at an instant.

    Raises NotFound alike for unknown and hidden, and Refused for who has no part in the meeting.
    """
    today = london_date(now)
    meeting = find_meeting(session, ref)
    if not may_see(session, meeting, by, today):
        raise NotFound("meeting", ref)
    seats = frozenset(MEMBERS.get(meeting.body, ()))
    if not powers(session, by, None, today).roles & (READERS | seats) and meeting.chair_id != by:
        raise Refused("pack", (Unmet("PT-4", "A pack is for the members of the meeting and those who present to it."),))
    return _Pack(session, meeting, by=by, now=now).made()


class _Pack:
    """One pack in the making."""

    def __init__(self, session: Session, meeting: Meeting, *, by: str, now: datetime) -> None:
        self.session, self.meeting, self.by, self.now = session, meeting, by, now
        self.today = london_date(now)
        self.policy: Policy = policies.in_force(session, self.today).policy
        self.names = dict(session.execute(select(Person.handle, Person.name)).all())
        self.numbers: dict[str, str] = {}

    def made(self) -> PackMade:
        listed, to_note = self._items("listed", "heard"), self._items("to note")
        together = siblings_together(self.session, listed)
        seen = {ref: show_case(self.session, ref, by=self.by, today=self.today) for ref in (*together, *to_note)}
        apart = [ref for ref in together if seen[ref].restricted]
        stamps = {ref: self._stamp(seen[ref]) for ref in together}
        late = [ref for ref in together if stamps[ref] and ref not in apart]
        main = [ref for ref in together if ref not in apart and ref not in late]
        for letter, refs in (("", main), ("S", late), ("R", apart)):
            self.numbers |= {ref: f"{letter}{number}" for number, ref in enumerate(refs, start=1)}
        pages = {ref: self._child(seen[ref], stamps[ref]) for ref in together}
        money = requests_of(self.session, self.meeting, by=self.by, today=self.today)
        pack = Pack(
            **self._cover(),
            children=tuple(pages[ref] for ref in main),
            supplement=tuple(pages[ref] for ref in late),
            restricted=tuple(pages[ref] for ref in apart),
            to_note=tuple(self._to_note(seen[ref]) for ref in to_note if not seen[ref].restricted),
            requests=tuple(page for part, page in money if part == ""),
            requests_late=tuple(page for part, page in money if part == "S"),
            requests_restricted=tuple(page for part, page in money if part == "R"),
        )
        read = (*seen, *(page.ref for _, page in money))
        return PackMade(ref=self.meeting.ref, html=render_pack(pack), children=read)

    def _items(self, *statuses: str) -> list[str]:
        """The children on the agenda whom the reader may open, in the order in which they were listed."""
        query = (
            select(Case.ref)
            .join(AgendaItem, AgendaItem.case_id == Case.id)
            .join(Event, Event.id == AgendaItem.event_id)
            .where(
                AgendaItem.meeting_id == self.meeting.id,
                AgendaItem.status.in_(statuses),
                visible(self.session, self.by, self.today),
            )
            .order_by(Event.recorded_at, Case.ref)
        )
        return list(dict.fromkeys(self.session.scalars(query)))

    # -- the cover ----------------------------------------------------------------------------------------

    def _cover(self) -> dict[str, Any]:
        meeting, group = self.meeting, self.policy.group
        chair = self.session.get(Person, meeting.chair_id) if meeting.chair_id else None
        excused = self.session.execute(
            select(Person.name, Attendance.service)
            .join(Person, Person.id == Attendance.person_id)
            .where(Attendance.meeting_id == meeting.id, Attendance.how == "apologies")
            .order_by(Person.name)
        )
        of_the_group = meeting.body == Body.REVIEW_GROUP
        services = ", ".join(group.services)
        return {
            "authority": self.policy.authority.name,
            "body": f"SGO {meeting.body}" if of_the_group else meeting.body,
            "ref": meeting.ref,
            "held_on": in_words(meeting.held_on),
            "starts_at": time_of_day(meeting.starts_at),
            "place": one_line(meeting.place) if meeting.place else None,
            "chair": one_line(chair.name) if chair else "not named yet",
            "papers_due_on": in_words(meeting.papers_due_on) if meeting.papers_due_on else None,
            "quorum": f"the chair and {group.quorum_services} of: {services}" if of_the_group else None,
            "apologies": tuple(f"{one_line(name)}{f' ({service})' if service else ''}" for name, service in excused),
            "made_for": one_line(self.session.get_one(Person, self.by).name),
            "made_at": f"{on_a_letter(self.today)} at {self.now.astimezone(LONDON):%H:%M}",
            "outcomes": OUTCOMES if of_the_group and meeting.held_on >= self.today else (),
            "hears_children": meeting.body not in (Body.PERMANENCE_PANEL, Body.DMT),
            "says": SAYS.get(meeting.body, ()) if meeting.held_on >= self.today else (),
        }

    # -- a child ------------------------------------------------------------------------------------------

    def _child(self, seen: CaseSeen, stamp: str | None) -> Child:
        lines = [line for line in seen.chronology if line.standing != "taken back"]
        views = self._views(lines)
        milestones = [m for m in seen.milestones if m["slip_days"] or not m["done"]]
        position = seen.position
        presenting = self._presenting(seen)
        return Child(
            number=self.numbers[seen.ref],
            ref=seen.ref,
            known_as=self._known_as(seen),
            colour=self._colour(seen, lines),
            age=self._age(seen),
            team=seen.team or "no team yet",
            presented_by=presenting,
            people=tuple((_big(p["role"]), self._name(p["person"])) for p in seen.people if p["now"]),
            why=self._why(lines),
            standing=self._standing(seen),
            last_decision=_last_decision(lines),
            position=position["position"] or "No latest position has been written yet.",
            position_on=on_a_letter(position["on"]) if position["on"] else None,
            next_step=_next_step(position),
            views=views,
            services_in=_services_in(views, self.policy),
            milestones=tuple(_milestone(m, self.today) for m in milestones[:_MILESTONES]),
            more_milestones=len(milestones[_MILESTONES:]),
            dues=tuple(_due(d) for d in _running(seen.deadlines)),
            siblings=tuple(
                f"{ref} (item {self.numbers[ref]})" if ref in self.numbers else f"{ref} (not on this agenda)"
                for ref in seen.siblings
            ),
            papers=self._papers(lines),
            papers_in=self._papers_in(lines),
            stamp=stamp,
        )

    def _known_as(self, seen: CaseSeen) -> str:
        """The council's id; the name with it where the policy says so, and the child is not restricted."""
        council = f"council id {one_line(seen.child['council_id'])}"
        names = [one_line(n) for n in (seen.child["given_names"], seen.child["family_name"]) if n]
        shown = self.policy.meetings.pack_shows_names and not seen.restricted
        return f"{' '.join(names)}, {council}" if shown and names else council

    def _age(self, seen: CaseSeen) -> str:
        return "" if seen.age is None else f"{seen.age} years old"

    def _colour(self, seen: CaseSeen, lines: Sequence[Line]) -> Colour:
        rated = next((line for line in reversed(lines) if line.trigger in ("rate", "rerate")), None)
        if rated is None:
            return Colour.of(seen.colour)
        barriers = [_barrier(code) for code in rated.record.get("barriers", ())]
        if rated.record.get("other_barrier"):
            barriers = [b for b in barriers if b != "other"] + [rated.record["other_barrier"]]
        proposed = rated.record["colour"]
        changed = "" if proposed == seen.colour else f" (the Team Manager proposed {proposed})"
        return Colour.of(
            seen.colour,
            since=f"{on_a_letter(rated.happened_on)} by {self._name(rated.decided_by)}{changed}",
            reason=rated.record["reason"],
            barriers=", ".join(barriers),
        )

    def _presenting(self, seen: CaseSeen) -> str:
        """The child's Team Manager (NT-03)."""
        team = select(Case.team_id).where(Case.ref == seen.ref).scalar_subquery()
        query = (
            select(Person.name)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(
                RoleGrant.role == Role.TEAM_MANAGER.value,
                RoleGrant.team_id == team,
                RoleGrant.from_on <= self.today,
                or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= self.today),
                Person.enabled,
            )
            .order_by(Person.name)
        )
        return ", ".join(one_line(name) for name in self.session.scalars(query)) or "the Team Manager"

    def _why(self, lines: Sequence[Line]) -> str:
        listed = next((line for line in reversed(lines) if line.trigger in _LISTED), None)
        if listed is None:
            return "on the agenda"
        if listed.trigger != "list_for_group":
            return listed.words
        note = f": {listed.record['note']}" if listed.record.get("note") else ""
        return f"{listed.record['why']}{note}"

    def _standing(self, seen: CaseSeen) -> tuple[str, ...]:
        child = seen.child
        legal = LEGAL_STATUS.get(child["legal_status"] or "", child["legal_status"] or "legal status not known")
        review = child["next_review_on"]
        placed = PLACEMENT.get(child["placement_code"] or "", child["placement_code"] or "placement not known")
        return (
            f"{_big(legal)}{_since(child['legal_status_since'])}",
            f"{_big(placed)}{_since(child['placement_since'])}",
            f"Looked after{_since(child['looked_after_since'])}",
            f"Next review (ROA): {on_a_letter(review) if review else 'no date known'}",
        )

    def _views(self, lines: Sequence[Line]) -> tuple[View, ...]:
        """Each service's view for this meeting, then the latest of the child and the family by then (PT-12).

        For this meeting is what was said since the decision before it, and not after its own: a pack that is printed
        again after the meeting shows what the meeting had before it.
        """
        decided = [n for n, line in enumerate(lines) if line.trigger in GROUP_OUTCOMES]
        before = [n for n in decided if lines[n].happened_on < self.meeting.held_on]
        lines = lines[: next((n + 1 for n in decided if n not in before), None)]
        since = lines[before[-1] + 1 :] if before else lines
        found: list[View] = []
        for service in self.policy.group.services:
            said = _last_view(since, service.value)
            silent = View(whose=service.value, stance=_NOT_YET, words="", on=None)
            found.append(_view(service.value, said) if said else silent)
        for voice in (Voice.CHILD, Voice.CARER, Voice.PARENT, Voice.OTHER):
            said = _last_view(lines, voice.value)
            if said is not None:
                found.append(_view(_big(voice.value), said))
            elif voice is Voice.CHILD:
                found.append(View(whose="Child", stance="not known yet", words="", on=None))
        return tuple(found)

    def _filed(self, lines: Sequence[Line]) -> Line | None:
        return next((line for line in reversed(self._since_listed(lines)) if line.trigger == "file_papers"), None)

    def _papers(self, lines: Sequence[Line]) -> str:
        filed, due = self._filed(lines), self.meeting.papers_due_on
        if filed is None:
            return f"not in yet (due {on_a_letter(due)})" if due else "not in yet"
        late = due is not None and filed.happened_on > due
        return f"in since {on_a_letter(filed.happened_on)}{', late' if late else ''}: {filed.record['reference']}"

    def _papers_in(self, lines: Sequence[Line]) -> str:
        filed, due = self._filed(lines), self.meeting.papers_due_on
        if filed is None:
            return "not in yet"
        return "in, late" if due is not None and filed.happened_on > due else "in"

    def _stamp(self, seen: CaseSeen) -> str | None:
        """What makes a child one of the supplement: papers after their day, or listed after the agenda went out."""
        lines = [line for line in seen.chronology if line.standing != "taken back"]
        filed, due = self._filed(lines), self.meeting.papers_due_on
        if filed is not None and due is not None and filed.happened_on > due:
            accepted = filed.record.get("chair_accepts_late") or any(
                line.trigger == "accept_late_papers" for line in self._since_listed(lines)
            )
            word = "accepted by the chair" if accepted else "not accepted by the chair yet"
            return f"LATE PAPERS · {on_a_letter(filed.happened_on)} · {word}"
        listed = next((line for line in reversed(lines) if line.trigger in _LISTED), None)
        sent = london_date(self.meeting.agenda_at) if self.meeting.agenda_at else None
        if listed is not None and sent is not None and listed.recorded_on > sent:
            return f"LISTED LATE · {on_a_letter(listed.recorded_on)}"
        return None

    def _since_listed(self, lines: Sequence[Line]) -> Sequence[Line]:
        listed = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].trigger in _LISTED), 0)
        return lines[listed:]

    def _to_note(self, seen: CaseSeen) -> ToNote:
        lines = [line for line in seen.chronology if line.standing != "taken back"]
        decided = next(line for line in reversed(lines) if line.trigger == "decide_urgently")
        before = [line for line in lines if line.seq < decided.seq]
        wrote = [s.value for s in Service if _last_view(before, s.value) is not None]
        return ToNote(
            ref=seen.ref,
            known_as=self._known_as(seen),
            decided=f"Agreed to progress on {on_a_letter(decided.happened_on)} by {self._name(decided.decided_by)}.",
            reason=decided.record["reason"],
            because=decided.record["urgent_because"],
            wrote=", ".join(wrote) or "nobody",
        )

    def _name(self, handle: str | None) -> str:
        return one_line(self.names.get(handle or "", handle or "nobody"))


# -- small words --------------------------------------------------------------------------------------------


def _last_view(lines: Iterable[Line], voice: str) -> Line | None:
    return next(
        (line for line in reversed(list(lines)) if line.trigger == "add_view" and line.record["voice"] == voice), None
    )


def _view(whose: str, said: Line) -> View:
    through = f" (through {said.record['through']})" if said.record.get("through") else ""
    return View(
        whose=whose,
        stance=said.record["stance"],
        words=f"{said.record['view']}{through}",
        on=on_a_letter(said.happened_on),
    )


def _services_in(views: Sequence[View], policy: Policy) -> str:
    services = {s.value for s in policy.group.services}
    silent = [v.whose for v in views if v.whose in services and v.stance == _NOT_YET]
    return "all" if not silent else f"missing: {', '.join(silent)}"


def _last_decision(lines: Sequence[Line]) -> str:
    decided = next((line for line in reversed(lines) if line.trigger in GROUP_OUTCOMES), None)
    if decided is None:
        return "first time at the group"
    returns = decided.record.get("return_on")
    back = f", back by {on_a_letter(date.fromisoformat(returns))}" if returns else ""
    return f"{decided.words}, {on_a_letter(decided.happened_on)}{back}"


def _next_step(position: dict[str, object]) -> str | None:
    if not position["next_step"]:
        return None
    who = f" ({position['who']})" if position["who"] else ""
    by = position["by_when"]
    return f"{position['next_step']}{who}{f', by {on_a_letter(by)}' if isinstance(by, date) else ''}"


def _milestone(one: dict[str, object], today: date) -> Milestone:
    planned, forecast, done, slip = one["planned"], one["forecast"], one["done"], one["slip_days"]
    assert isinstance(planned, date)
    assert isinstance(forecast, date)
    assert isinstance(slip, int)
    moved = ""
    if slip:
        why = f": {one['reason']}" if one["reason"] else ""
        days = "1 day" if abs(slip) == 1 else f"{abs(slip)} days"
        moved = f"{days} {'later' if slip > 0 else 'earlier'}{why}"
    late = done is None and forecast < today
    now = f"done {on_a_letter(done)}" if isinstance(done, date) else on_a_letter(forecast)
    return Milestone(
        step=_big(str(one["step"])),
        planned=on_a_letter(planned),
        now=f"{now}, past" if late else now,
        moved=moved,
        late=late,
    )


def _running(deadlines: Iterable[DeadlineSeen]) -> list[DeadlineSeen]:
    return sorted(
        (d for d in deadlines if d.closed_as is None), key=lambda d: (not d.overdue, d.due is None, d.due or date.max)
    )


def _due(one: DeadlineSeen) -> Due:
    return Due(
        by="paused" if one.due is None else on_a_letter(one.due),
        what=one.words,
        who=_big(one.owner),
        basis=BASIS.get(one.basis, one.basis),
        late=one.overdue,
    )


def _since(on: date | None) -> str:
    return f" since {on_a_letter(on)}" if on else ""


def _big(words: str) -> str:
    return words[:1].upper() + words[1:]


def _barrier(code: str) -> str:
    words = WORDS.get(code, code)
    return words if words.startswith("IFA") else words[:1].lower() + words[1:]
