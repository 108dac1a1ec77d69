"""What an entry of the history changes beside the case's state: people, agendas, milestones, clocks.

Everything here is a projection of the history. `apply` is called once for a new entry; `rebuild` wipes the
projections of a case and applies the whole history again, which is how a correction, a reversal or a moved
entry takes effect (design 5.5). The two must always agree, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from casework.acting import funding_effects, loading, waiting
from casework.errors import Unusable
from casework.straight import change, table_of
from casework.who.people import find_team
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
    new_id,
    new_ref,
)
from states.facts import Entry, live
from states.history import BACK_BEFORE_KDD, ROUND_STARTS
from states.records.codes import FinancePosition, PauseReason, StepName
from states.records.group import Business, MeetingChange
from states.records.standing import HowMoved
from states.stages import S

#: The body a child's own meetings are held by.
KDD_BODY, REVIEW_BODY, INITIAL_BODY = "KDD", "ROA", "Initial meeting"

#: How an item stands on an agenda: to be heard, or an urgent decision to be noted; and what became of it.
ON_AGENDA, TO_NOTE, PUT_BACK = "listed", "to note", "put back"
MISSED = {
    MeetingChange.CANCELLED.value: "missed: meeting cancelled",
    MeetingChange.MOVED.value: "missed: meeting moved",
}

CHILD_COLUMNS = (
    "given_names",
    "family_name",
    "date_of_birth",
    "sex",
    "legal_status",
    "legal_status_since",
    "legal_status_exact",
    "looked_after_since",
    "looked_after_exact",
    "placement_code",
    "placement_since",
    "placement_exact",
    "placement_provider",
    "kinship",
    "permanence_plan",
    "placement_order_since",
    "next_review_on",
    "last_review_on",
    "fed_on",
)
DATES = frozenset(c for c in CHILD_COLUMNS if c.endswith(("_since", "_on", "_birth")))
PROJECTED = (Allocation, Contact, AccessGrant, SiblingLink, AgendaItem, Pause, Milestone, BarrierSeen, LoopStay)

#: Steps after which milestones that had been reached lie ahead again (practice PT-11, PT-3).
SETS_BACK: dict[str, tuple[StepName, ...]] = {
    **dict.fromkeys(BACK_BEFORE_KDD, (StepName.KDD, StepName.ROA, StepName.REPORTS_TO_LEGAL)),
    "roa_does_not_ratify": (StepName.KDD, StepName.ROA),
    "legal_returns": (StepName.REPORTS_TO_LEGAL,),
    "withdraw_application": (StepName.APPLICATION,),
}
#: The milestone of the child's trajectory that a step reaches (rules R-TRJ-2).
REACHES: dict[str, tuple[StepName, ...]] = {
    "record_initial_meeting": (StepName.INITIAL_MEETING,),
    "kdd_sgo_appropriate": (StepName.KDD,),
    "roa_ratifies": (StepName.ROA,),
    "override_ratification": (StepName.ROA,),
    "record_notice_of_intention": (StepName.NOTICE,),
    "request_check": (StepName.CHECKS_REQUESTED, StepName.ASSESSMENT_START),
    "record_family_network_meeting": (StepName.FAMILY_NETWORK_MEETING,),
    "record_genogram": (StepName.GENOGRAM,),
    "hold_midpoint_review": (StepName.MIDPOINT,),
    "draft_support_plan": (StepName.SUPPORT_PLAN,),
    "record_proposal_notice": (StepName.PROPOSAL_NOTICE,),
    "close_representations": (StepName.REPRESENTATIONS_END,),
    "complete_assessment": (StepName.CHECKS_RETURNED,),
    "submit_to_legal": (StepName.REPORTS_TO_LEGAL,),
    "application_issued": (StepName.APPLICATION,),
    "order_made": (StepName.ORDER,),
    "activate_support": (StepName.FIRST_PAYMENT,),
}
MONEY_REACHES: dict[str, tuple[StepName, ...]] = {
    FinancePosition.BEING_ASSESSED.value: (StepName.FINANCIAL_ASSESSMENT,),
    FinancePosition.AGREED.value: (StepName.FINANCE_DECISION,),
}


class Applied:
    """One entry being applied: the rows it may touch."""

    def __init__(self, session: Session, case: Case, child: Child, entry: Entry, now: datetime) -> None:
        self.session, self.case, self.child, self.entry, self.now = session, case, child, entry, now
        self.data: dict[str, Any] = dict(entry.data)

    def day(self, field: str) -> date | None:
        """A date field of the record."""
        value = self.data.get(field)
        return date.fromisoformat(value) if value else None


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
    _reach(one)
    waiting.follow(session, case, entry)
    if entry.moved:
        case.closed = entry.to_state == S.ENDED.name
        if entry.from_state == S.REVIEW_GROUP.name and entry.trigger != "take_off_agenda":
            _leave_agenda(one, "heard")
    if doors != (case.team_id, case.restricted):
        _requests_follow(session, case)


def _requests_follow(session: Session, case: Case) -> None:
    """A child's funding requests have its team, and are open to whom it is open (reliability R22)."""
    theirs = update(Case).where(Case.child_case_id == case.id)
    session.execute(theirs.values(team_id=case.team_id, restricted=case.restricted))


def rebuild(session: Session, case: Case, child: Child, entries: Iterable[Entry], *, now: datetime) -> None:
    """Wipe what the history changed beside the state, and let the history that counts take effect again."""
    if case.child_case_id is not None:
        funding_effects.rebuild(session, case, entries)
        return
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


# -- the child ----------------------------------------------------------------------------------------------


def _opened(one: Applied) -> None:
    for name in CHILD_COLUMNS:
        setattr(one.child, name, _value(name, one.data.get(name)))
    for name in ("legal_status_exact", "looked_after_exact", "placement_exact"):
        setattr(one.child, name, bool(one.data.get(name, True)))
    one.child.unknown = list(one.data.get("unknown", ()))
    one.case.candidate = bool(one.data.get("candidate"))
    one.case.candidate_reason = one.data.get("candidate_reason")
    one.case.source = str(one.data.get("source", "typed"))
    one.case.team_id = _team(one, one.data.get("team"))
    one.case.colour = one.data.get("colour")
    one.case.rated_on = one.day("rated_on")
    if one.data.get("order_on"):
        one.child.looked_after_ended_on = one.day("order_on")


def _updated(one: Applied) -> None:
    for name in CHILD_COLUMNS:
        if one.data.get(name) is not None:
            setattr(one.child, name, _value(name, one.data[name]))
    one.child.unknown = [field for field in one.child.unknown if one.data.get(field) is None]
    if one.data.get("team") is not None:
        one.case.team_id = _team(one, one.data["team"])
    if one.data.get("candidate") is not None:
        one.case.candidate = bool(one.data["candidate"])
        one.case.candidate_reason = one.data.get("candidate_reason")


def _value(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DATES and isinstance(value, str) else value


def _team(one: Applied, name: str | None) -> str | None:
    if not name:
        return None
    known: dict[str, str] = one.session.info.setdefault("teams", {})  # in this unit: a file asks often
    if name not in known:
        try:
            known[name] = find_team(one.session, name).id
        except Unusable:
            return None  # a team we do not know is confirmed by a person, not invented (practice 7)
    return known[name]


def _rated(one: Applied) -> None:
    one.case.colour = one.data["colour"]
    one.case.rated_on = one.entry.happened_on


def _group_colour(one: Applied) -> None:
    if one.data.get("colour"):
        one.case.colour = one.data["colour"]


def _position(one: Applied) -> None:
    one.case.latest_position = one.data["position"]
    one.case.position_on = one.entry.happened_on
    one.case.next_step = one.data["next_step"]
    one.case.next_step_who = one.data["who"][:120]
    one.case.next_step_by = one.day("by_when")


def _money(one: Applied) -> None:
    one.case.finance_position = one.data["position"]
    one.case.agreement_ref = (one.data.get("agreement_ref") or "")[:60] or None


def _placement(one: Applied) -> None:
    if one.data["how"] == HowMoved.RESPITE.value:
        return  # never breaks *lived with* (practice PT-13)
    if one.data.get("placement_code"):
        one.child.placement_code = one.data["placement_code"]
    if one.data.get("provider"):
        one.child.placement_provider = one.data["provider"]
    if one.data.get("kinship") is not None:
        one.child.kinship = one.data["kinship"]
    if one.data["how"] == HowMoved.ENDED.value:
        one.child.placement_since, one.child.placement_exact = one.entry.happened_on, True
        one.data["reason"] = PauseReason.PLACEMENT_ENDED.value  # local clocks stand still (practice PT-13)
        _pause(one)


def _ordered(one: Applied) -> None:
    one.child.end_code = one.data.get("end_code")
    if one.data.get("looked_after_until_now", True):
        one.child.looked_after_ended_on = one.entry.happened_on


# -- people and family ----------------------------------------------------------------------------------------


def _allocated(one: Applied) -> None:
    for held in one.session.scalars(
        select(Allocation).where(
            Allocation.case_id == one.case.id,
            Allocation.role == one.data["role"],
            Allocation.until_on.is_(None),
        )
    ):
        held.until_on, held.ended_by_event = max(one.entry.happened_on, held.from_on), one.entry.id
    if one.data.get("person"):
        one.session.add(
            Allocation(
                id=new_id(),
                case_id=one.case.id,
                role=one.data["role"],
                person_id=one.data["person"],
                from_on=one.entry.happened_on,
                event_id=one.entry.id,
            )
        )


def _applicants(one: Applied) -> None:
    there = one.session.scalars(
        select(Contact).where(Contact.case_id == one.case.id, Contact.until_on.is_(None))
    ).all()
    for old in there:
        old.until_on, old.ended_by_event = one.entry.happened_on, one.entry.id
        old.why_ended = "record changed"
    for person in one.data["people"]:
        until = date.fromisoformat(person["until"]) if person.get("until") else None
        one.session.add(
            Contact(
                id=new_id(),
                case_id=one.case.id,
                kind=person["kind"],
                name=person["name"],
                relationship=person.get("relationship"),
                address=person.get("address"),
                protected=bool(person["protected"]),
                needs=person.get("needs"),
                from_on=one.entry.happened_on,
                until_on=until,
                why_ended=person.get("why_left"),
                event_id=one.entry.id,
            )
        )


def _sibling(one: Applied) -> None:
    other = _case(one, one.data["sibling"])
    same_day = select(SiblingLink).where(
        SiblingLink.case_id == one.case.id,
        SiblingLink.sibling_id == other.id,
        SiblingLink.from_on == one.entry.happened_on,
    )
    link = one.session.scalars(same_day).one_or_none()
    if link is None:
        link = SiblingLink(
            id=new_id(), case_id=one.case.id, sibling_id=other.id, from_on=one.entry.happened_on, event_id=""
        )
        one.session.add(link)
    link.event_id, link.until_on, link.ended_by_event = one.entry.id, None, None


def _no_sibling(one: Applied) -> None:
    other = _case(one, one.data["sibling"])
    pair = or_(
        (SiblingLink.case_id == one.case.id) & (SiblingLink.sibling_id == other.id),
        (SiblingLink.case_id == other.id) & (SiblingLink.sibling_id == one.case.id),
    )
    for link in one.session.scalars(select(SiblingLink).where(pair, SiblingLink.until_on.is_(None))):
        link.until_on, link.ended_by_event = max(one.entry.happened_on, link.from_on), one.entry.id


def _case(one: Applied, ref: str) -> Case:
    return one.session.scalars(select(Case).where(Case.ref == ref)).one()


def _restricted(one: Applied) -> None:
    one.case.restricted = True
    one.session.execute(delete(AccessGrant).where(AccessGrant.case_id == one.case.id))
    for who in {row["person"] for row in one.data["people"]}:
        one.session.add(AccessGrant(id=new_id(), case_id=one.case.id, person_id=who, event_id=one.entry.id))


def _open_again(one: Applied) -> None:
    one.case.restricted = False
    one.session.execute(delete(AccessGrant).where(AccessGrant.case_id == one.case.id))


# -- meetings -------------------------------------------------------------------------------------------------


def _on_agenda(one: Applied) -> None:
    _leave_agenda(one, "adjourned")
    _put_on_agenda(one, _meeting_named(one, "meeting"), ON_AGENDA)


def _moved_with_meeting(one: Applied) -> None:
    """The child's item on the agenda goes where the meeting went, or comes back; what was missed stays to be seen."""
    if one.data["business"] == Business.RETURNS.value:
        return
    status = ON_AGENDA if one.data["business"] == Business.LISTED.value else TO_NOTE
    missed, meeting = _meeting_named(one, "missed"), _meeting_named(one, "meeting")
    back = one.data["how"] == MeetingChange.PUT_BACK.value
    for item in _items(one, missed, status):
        item.status, item.ended_by_event = PUT_BACK if back else MISSED[one.data["how"]], one.entry.id
    again = _items(one, meeting, *MISSED.values()) if back else []
    if again:
        again[-1].status, again[-1].ended_by_event = status, None
        return
    _put_on_agenda(one, meeting, status)


def _urgently(one: Applied) -> None:
    """Off the agenda, where it was on one, and on that of the meeting to which it is reported (practice PT-15)."""
    _group_colour(one)
    _leave_agenda(one, "decided between meetings")
    _put_on_agenda(one, _meeting_named(one, "meeting"), TO_NOTE)


def _noted(one: Applied) -> None:
    for item in one.session.scalars(
        select(AgendaItem).where(AgendaItem.case_id == one.case.id, AgendaItem.status == TO_NOTE)
    ):
        item.status, item.ended_by_event = "noted", one.entry.id


def _meeting_named(one: Applied, field: str) -> Meeting:
    return one.session.scalars(select(Meeting).where(Meeting.ref == one.data[field])).one()


def _items(one: Applied, meeting: Meeting, *statuses: str) -> list[AgendaItem]:
    of_both = (AgendaItem.case_id == one.case.id, AgendaItem.meeting_id == meeting.id)
    return list(one.session.scalars(select(AgendaItem).where(*of_both, AgendaItem.status.in_(statuses))))


def _put_on_agenda(one: Applied, meeting: Meeting, status: str) -> None:
    one.session.add(
        AgendaItem(
            id=new_id(), meeting_id=meeting.id, case_id=one.case.id, status=status, event_id=one.entry.id
        )
    )


def _leave_agenda(one: Applied, how: str) -> None:
    for item in one.session.scalars(_LISTED, {"case": one.case.id}):
        if item.event_id != one.entry.id:
            item.status, item.ended_by_event = how, one.entry.id


_LISTED = select(AgendaItem).where(AgendaItem.case_id == bindparam("case"), AgendaItem.status == "listed")


def _off_agenda(one: Applied) -> None:
    _leave_agenda(one, "taken off")


def _own_meeting(body: str, field: str = "held_on") -> Callable[[Applied], None]:
    def set_up(one: Applied) -> None:
        held_on = one.day(field)
        there = one.session.scalars(select(Meeting).where(Meeting.event_id == one.entry.id)).one_or_none()
        if there is not None:  # a rebuild, or a corrected record
            there.held_on = held_on or there.held_on
            there.starts_at, there.place = one.data.get("starts_at"), one.data.get("place")
            there.chair_id = one.data.get("chair") or there.chair_id
            return
        one.session.add(
            Meeting(
                id=new_id(),
                ref=new_ref("MT"),
                body=body,
                held_on=held_on,
                starts_at=one.data.get("starts_at"),
                place=one.data.get("place"),
                chair_id=one.data.get("chair"),
                status="planned",
                event_id=one.entry.id,
                created_by=one.entry.recorded_by,
                created_at=one.now,
            )
        )

    return set_up


def _review_date(one: Applied) -> None:
    _own_meeting(REVIEW_BODY)(one)
    one.child.next_review_on = one.day("held_on")


def _reviewed(one: Applied) -> None:
    one.child.last_review_on = one.entry.happened_on
    one.child.next_review_on = one.day("next_review_on")


# -- trajectory and clocks --------------------------------------------------------------------------------------


def _trajectory(one: Applied) -> None:
    version = 1 + max(
        one.session.scalars(select(Milestone.trajectory_version).where(Milestone.case_id == one.case.id)),
        default=0,
    )
    there = {
        m.name: m for m in one.session.scalars(select(Milestone).where(Milestone.case_id == one.case.id))
    }
    order = [step.value for step in StepName]
    for row in one.data["milestones"]:
        planned = date.fromisoformat(row["planned_on"])
        done = date.fromisoformat(row["done_on"]) if row.get("done_on") else None
        old = there.pop(row["step"], None)
        if old is None:
            one.session.add(
                Milestone(
                    id=new_id(),
                    case_id=one.case.id,
                    name=row["step"],
                    position=order.index(row["step"]),
                    baseline_on=planned,
                    forecast_on=planned,
                    done_on=done,
                    owner=row["owner"][:64],
                    slip_reason=row.get("slip_reason"),
                    trajectory_version=version,
                    event_id=one.entry.id,
                )
            )
        else:
            old.forecast_on, old.owner = planned, row["owner"][:64]
            old.done_on = done or old.done_on
            old.slip_reason = row.get("slip_reason") or old.slip_reason
            old.trajectory_version, old.event_id = version, one.entry.id
    for left_out in there.values():
        if left_out.done_on is None:
            one.session.delete(left_out)
    one.session.flush()
    for step, on in _reached_before(one).items():
        _done(one, step, on)


def _reached_before(one: Applied) -> dict[StepName, date]:
    """What this round had reached before the trajectory was written: done, though nobody says so (PT-5)."""
    reached: dict[StepName, date] = {}
    for entry in live(loading.load_entries(one.session, one.case.id)):
        if entry.seq >= one.entry.seq:
            break
        if entry.trigger in ROUND_STARTS:
            reached.clear()
        for step in SETS_BACK.get(entry.trigger, ()):
            reached.pop(step, None)
        for step in reaches(entry):
            reached.setdefault(step, entry.happened_on)
    return reached


def reaches(entry: Entry) -> tuple[StepName, ...]:
    """The milestones that an entry reaches (rules R-TRJ-2)."""
    if entry.trigger == "set_financial_position":
        return MONEY_REACHES.get(entry.data["position"], ())
    return REACHES.get(entry.trigger, ())


def _reach(one: Applied) -> None:
    for step in SETS_BACK.get(one.entry.trigger, ()):
        change(one.session, _SET_BACK, [{"case": one.case.id, "step": step.value}])
    for step in reaches(one.entry):
        _done(one, step, one.entry.happened_on)


def _done(one: Applied, step: StepName, on: date) -> None:
    change(one.session, _REACHED, [{"case": one.case.id, "step": step.value, "on": on}])


_OF_STEP = (
    table_of(Milestone).c.case_id == bindparam("case"),
    table_of(Milestone).c.name == bindparam("step"),
)
_SET_BACK = update(table_of(Milestone)).where(*_OF_STEP).values(done_on=None)
_REACHED = (
    update(table_of(Milestone))
    .where(*_OF_STEP, table_of(Milestone).c.done_on.is_(None))
    .values(done_on=bindparam("on"))
)


def _pause(one: Applied) -> None:
    one.session.add(
        Pause(
            id=new_id(),
            case_id=one.case.id,
            reason=str(one.data.get("reason") or "safeguarding enquiry")[:64],
            from_on=one.entry.happened_on,
            expected_on=one.day("expected_on") or one.entry.happened_on,
            event_id=one.entry.id,
        )
    )


def _resume(*kinds: str) -> Callable[[Applied], None]:
    def resume(one: Applied) -> None:
        for pause in one.session.scalars(
            select(Pause).where(Pause.case_id == one.case.id, Pause.until_on.is_(None))
        ):
            if (pause.reason == SAFEGUARDING) == ("safeguarding" in kinds):
                pause.until_on = max(one.entry.happened_on, pause.from_on)
                pause.ended_by_event = one.entry.id

    return resume


SAFEGUARDING = "safeguarding"


def _safeguarding(one: Applied) -> None:
    one.data["reason"] = SAFEGUARDING
    _pause(one)


# -- ending -------------------------------------------------------------------------------------------------


def _merged(one: Applied) -> None:
    one.case.merged_into = one.data["into"]


EFFECTS: dict[str, Callable[[Applied], None]] = {
    "child_opened": _opened,
    "brought_forward": _opened,
    "child_updated": _updated,
    "rating": _rated,
    "group_progresses": _group_colour,
    "group_defers": _group_colour,
    "group_asks_further_work": _group_colour,
    "latest_position": _position,
    "financial_position": _money,
    "placement_change": _placement,
    "order_made": _ordered,
    "allocation": _allocated,
    "applicants": _applicants,
    "sibling_linked": _sibling,
    "sibling_unlinked": _no_sibling,
    "restricted": _restricted,
    "restriction_lifted": _open_again,
    "listing": _on_agenda,
    "group_adjourns": _on_agenda,
    "back_to_group": _on_agenda,
    "objection": _on_agenda,
    "not_ratified": _on_agenda,
    "off_agenda": _off_agenda,
    "moved_with_meeting": _moved_with_meeting,
    "urgent_decision": _urgently,
    "urgent_noted": _noted,
    "kdd_scheduled": _own_meeting(KDD_BODY),
    "kdd_adjourned": _own_meeting(KDD_BODY, "next_on"),
    "review_scheduled": _review_date,
    "initial_meeting_invited": _own_meeting(INITIAL_BODY),
    "trajectory": _trajectory,
    "clock_paused": _pause,
    "clock_resumed": _resume("clock"),
    "safeguarding": _safeguarding,
    "safeguarding_cleared": _resume("safeguarding"),
    "merged": _merged,
}
AFTER_STEP: dict[str, Callable[[Applied], None]] = {
    "roa_ratifies": _reviewed,
    "roa_does_not_ratify": _reviewed,
    "roa_defers": _reviewed,
    "record_review": _reviewed,
}
#: Entries that change how long the local clocks have stood still.
MOVES_CLOCKS = frozenset(
    {"pause_clock", "resume_clock", "flag_safeguarding", "clear_safeguarding", "record_placement_change"}
)
