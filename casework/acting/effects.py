"""What an entry of the history changes beside the case's state: people, agendas, milestones, clocks.

Everything here is a projection of the history. `apply` is called once for a new entry; `rebuild` wipes the
projections of a case and applies the whole history again, which is how a correction, a reversal or a moved
entry takes effect (design 5.5). The two must always agree, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.acting import effects_on_child as on_child
from casework.acting import effects_on_meetings as on_meetings
from casework.acting import effects_on_time as on_time
from casework.acting import funding_effects, waiting
from casework.acting.applied import Applied
from persistence.tables import (
    AccessGrant,
    AgendaItem,
    Allocation,
    BarrierSeen,
    Case,
    Child,
    Contact,
    Event,
    LoopStay,
    Meeting,
    Milestone,
    Pause,
    SiblingLink,
    Visit,
)
from states.facts import Entry
from states.stages import S

PROJECTED = (Allocation, Contact, AccessGrant, SiblingLink, AgendaItem, Pause, Milestone, BarrierSeen, LoopStay, Visit)


def apply(session: Session, case: Case, child: Child, entry: Entry, *, now: datetime) -> None:
    """Let one entry take effect."""
    if case.child_case_id is not None:
        funding_effects.apply(session, case, entry)
        return
    doors = (case.team_id, case.restricted)
    one = Applied(session, case, child, entry, now)
    effect = EFFECTS.get(entry.kind)
    if effect is not None:
        effect(one)
    after = AFTER_STEP.get(entry.trigger)
    if after is not None:
        after(one)
    on_time.reach(one)
    waiting.follow(session, case, entry)
    if entry.moved:
        closed = entry.to_state == S.ENDED.name
        if case.closed != closed:  # an assignment alone, of what is there already, costs every act a flush
            case.closed = closed
        if entry.from_state == S.REVIEW_GROUP.name and entry.trigger != "take_off_agenda":
            on_meetings.leave_agenda(one, "heard")
    if doors != (case.team_id, case.restricted) and entry.seq > 1:  # a child who joins has no requests yet
        _requests_follow(session, case)


def _requests_follow(session: Session, case: Case) -> None:
    """A child's funding requests have its team, and are open to whom it is open (reliability R22)."""
    theirs = update(Case).where(Case.child_case_id == case.id)
    session.execute(theirs.values(team_id=case.team_id, restricted=case.restricted))


def rebuild(session: Session, case: Case, child: Child, entries: Iterable[Entry], *, now: datetime) -> None:
    """Wipe what the history changed beside the state, and let the history that counts take effect again."""
    session.flush()
    entries = tuple(entries)
    kept = _ended_elsewhere(session, case)
    for table in PROJECTED:
        session.execute(delete(table).where(table.case_id == case.id))
    for name in _OF_THE_CASE:
        setattr(case, name, None)
    case.restricted = case.closed = False
    child.looked_after_ended_on = child.end_code = None
    session.flush()  # before what was wiped is forgotten, or this would be forgotten with it
    session.expire_all()
    for entry in entries:
        apply(session, case, child, entry, now=now)
        session.flush()
    _end_again(session, case, kept)
    _call_off(session, case, {entry.id for entry in entries})
    _requests_follow(session, case)


_OF_THE_CASE = (
    "colour",
    "rated_on",
    "latest_position",
    "position_on",
    "next_step",
    "next_step_who",
    "next_step_by",
    "finance_position",
    "agreement_ref",
    "merged_into",
)

_Ends = dict[tuple[int, date], tuple[date, str]]


def _ended_elsewhere(session: Session, case: Case) -> _Ends:
    """The ends of sibling links that stand in the other child's history; and ours on their links, undone.

    A link is one row for two cases: whoever rebuilds one must not lose what the other says.
    """
    ours = select(Event.id).where(Event.case_id == case.id)
    for theirs in session.scalars(
        select(SiblingLink).where(SiblingLink.sibling_id == case.id, SiblingLink.ended_by_event.in_(ours))
    ):
        theirs.until_on = theirs.ended_by_event = None
    ended = select(SiblingLink).where(
        SiblingLink.case_id == case.id,
        SiblingLink.ended_by_event.is_not(None),
        SiblingLink.ended_by_event.not_in(ours),
    )
    return {
        (link.sibling_id, link.from_on): (link.until_on, link.ended_by_event)
        for link in session.scalars(ended)
        if link.until_on is not None and link.ended_by_event is not None
    }


def _end_again(session: Session, case: Case, kept: _Ends) -> None:
    for link in session.scalars(select(SiblingLink).where(SiblingLink.case_id == case.id)):
        until, event = kept.get((link.sibling_id, link.from_on), (None, None))
        if until is not None and (link.until_on is None or until <= link.until_on):
            link.until_on, link.ended_by_event = until, event


def _call_off(session: Session, case: Case, standing: set[str]) -> None:
    """A meeting that was set up on the wrong child, or by a step taken back, does not take place."""
    own = select(Meeting).join(Event, Event.id == Meeting.event_id).where(Event.case_id == case.id)
    for meeting in session.scalars(own):
        if meeting.event_id not in standing and meeting.status == "planned":
            meeting.status = "cancelled"


EFFECTS: dict[str, Callable[[Applied], None]] = {
    "child_opened": on_child.opened,
    "brought_forward": on_child.opened,
    "child_updated": on_child.updated,
    "rating": on_child.rated,
    "group_progresses": on_child.group_colour,
    "group_defers": on_child.group_colour,
    "group_asks_further_work": on_child.group_colour,
    "latest_position": on_child.position,
    "financial_position": on_child.money,
    "placement_change": on_child.placement,
    "order_made": on_child.ordered,
    "visit": on_child.visited,
    "allocation": on_child.allocated,
    "applicants": on_child.applicants,
    "sibling_linked": on_child.sibling,
    "sibling_unlinked": on_child.no_sibling,
    "restricted": on_child.restricted,
    "restriction_lifted": on_child.open_again,
    "listing": on_meetings.on_agenda,
    "group_adjourns": on_meetings.on_agenda,
    "back_to_group": on_meetings.on_agenda,
    "objection": on_meetings.on_agenda,
    "not_ratified": on_meetings.on_agenda,
    "off_agenda": on_meetings.off_agenda,
    "moved_with_meeting": on_meetings.moved_with_meeting,
    "urgent_decision": on_meetings.urgently,
    "urgent_noted": on_meetings.noted,
    "kdd_scheduled": on_meetings.own_meeting(on_meetings.KDD_BODY),
    "kdd_adjourned": on_meetings.own_meeting(on_meetings.KDD_BODY, "next_on"),
    "review_scheduled": on_meetings.review_date,
    "initial_meeting_invited": on_meetings.own_meeting(on_meetings.INITIAL_BODY),
    "trajectory": on_time.trajectory,
    "clock_paused": on_time.pause,
    "clock_resumed": on_time.resume("clock"),
    "safeguarding": on_time.safeguarding,
    "safeguarding_cleared": on_time.resume("safeguarding"),
    "merged": on_child.merged,
}
AFTER_STEP: dict[str, Callable[[Applied], None]] = {
    "roa_ratifies": on_meetings.reviewed,
    "roa_does_not_ratify": on_meetings.reviewed,
    "roa_defers": on_meetings.reviewed,
    "record_review": on_meetings.reviewed,
}
#: Entries that change how long the local clocks have stood still.
MOVES_CLOCKS = frozenset(
    {"pause_clock", "resume_clock", "flag_safeguarding", "clear_safeguarding", "record_placement_change"}
)
