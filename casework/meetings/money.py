"""The funding requests of a meeting: what is asked, what has been said so far, who may sign, and what is late.

Requests stand on an agenda beside the children (rules R-FIN-1, R-FIN-2). A chair who would also decide is named while
there is still time to do it otherwise (practice PM-3). A restricted child's request is there only for the people
named (reliability R22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from casework.acting.funding_effects import HEARD_THERE, OFF_AGENDA, ON_AGENDA
from casework.funding.counting import Counted, counted_for
from casework.funding.requests import facts_today
from casework.who.access import visible_requests
from persistence.tables import AgendaItem, Case, Event, FundingRequest, Meeting, Person, RoleGrant
from states import asked, authority
from states.calendar import london_date
from states.facts import Facts
from states.funding_stages import F
from states.money import PENNY
from states.records.funding import FundingKind
from states.vocabulary import RANKS, Role

#: How a request stands on an agenda, in words.
WORDS = {ON_AGENDA: "to be heard", HEARD_THERE: "heard", OFF_AGENDA: "put off"}
_SUBMITS = ("submit_request", "answer_questions")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem:
    """A funding request on an agenda, as far as the reader may open it. Money in pounds."""

    ref: str
    child: str
    restricted: bool
    words: str  # the kind, as people read it
    purpose: str
    amount: Decimal
    frequency: str
    status: str  # how it stands on this agenda
    stands: str  # where it stands now
    listed_on: date
    to_be_heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Somebody who may sign a request."""

    name: str
    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHeard:
    """A request with all that a meeting needs to know of it."""

    item: RequestItem
    facts: Facts
    counted: Counted  # by what the signatory is found: the highest named, and what it is counted with
    post: str
    dmt: bool
    clause: str
    contradiction: str | None
    so_far: str  # the recommendation so far
    may_sign: tuple[Signatory, ...]
    warning: str | None  # the chair would also decide (practice PM-3)
    submitted_on: date | None
    late: str | None  # why it belongs to the supplement


def items_of(session: Session, meetings: Iterable[str], *, by: str, today: date) -> dict[str, tuple[RequestItem, ...]]:
    """The requests of meetings, by meeting id, in the order in which they were listed: one query for all."""
    child = aliased(Case)
    query = (
        select(AgendaItem.meeting_id, AgendaItem.status, Case, FundingRequest, child.ref, Event.recorded_at)
        .join(Case, Case.id == AgendaItem.case_id)
        .join(FundingRequest, FundingRequest.case_id == Case.id)
        .join(child, child.id == Case.child_case_id)
        .join(Event, Event.id == AgendaItem.event_id)
        .where(AgendaItem.meeting_id.in_(list(meetings)), visible_requests(session, by, today))
        .order_by(Event.recorded_at, Case.id, AgendaItem.ended_by_event.is_(None))
    )
    found: dict[str, dict[str, RequestItem]] = {}
    for meeting_id, status, case, there, childs_ref, listed_at in session.execute(query):
        found.setdefault(meeting_id, {})[case.ref] = RequestItem(  # listed twice: how it stands now
            ref=case.ref,
            child=childs_ref,
            restricted=case.restricted,
            words=FundingKind(there.kind).words,
            purpose=there.purpose_kind or "",
            amount=there.asked_pence * PENNY,
            frequency=there.frequency.partition(":")[0],
            status=WORDS.get(status, status),
            stands=F[case.state].words,
            listed_on=london_date(listed_at),
            to_be_heard=status == ON_AGENDA,
        )
    return {meeting_id: tuple(items.values()) for meeting_id, items in found.items()}


def requests_heard(
    session: Session, ref: str, there: Sequence[RequestItem], *, by: str, today: date
) -> tuple[RequestHeard, ...]:
    """The requests that a meeting is to hear or has heard, with all it needs to know of each; `there`: its items."""
    items = [item for item in there if item.status in (WORDS[ON_AGENDA], WORDS[HEARD_THERE])]
    if not items:
        return ()
    meeting = session.scalars(select(Meeting).where(Meeting.ref == ref)).one()
    cases = {case.ref: case for case in session.scalars(select(Case).where(Case.ref.in_([item.ref for item in items])))}
    posts = _holders(session, meeting.held_on)
    found = []
    for item in items:
        case = cases[item.ref]
        facts = facts_today(session, case, by=by, today=today)
        counted = counted_for(session, facts, case, by=by, today=today)
        found.append(_heard(item, facts, counted, meeting, posts))
    return tuple(found)


def _heard(
    item: RequestItem, facts: Facts, counted: Counted, meeting: Meeting, posts: Mapping[str, tuple[str, Role]]
) -> RequestHeard:
    tier = asked.tier(facts)
    assert tier is not None, "a request is opened with what is asked"
    apart = {*asked.involved(facts), *((meeting.chair_id,) if meeting.chair_id else ())}
    may_sign = _who_signs(posts, tier, apart)
    chairs = posts.get(meeting.chair_id or "")
    submitted = next((e for e in reversed(asked.this_round(facts)) if e.trigger in _SUBMITS), None)
    return RequestHeard(
        item=item,
        facts=facts,
        counted=counted,
        post=tier.post.value,
        dmt=tier.dmt,
        clause=tier.clause,
        contradiction=tier.contradiction,
        so_far=so_far(facts),
        may_sign=may_sign,
        warning=_warning(tier, may_sign) if chairs is not None and chairs[1] is tier.post else None,
        submitted_on=submitted.happened_on if submitted else None,
        late=_late(item, submitted.happened_on if submitted else None, meeting),
    )


def so_far(facts: Facts) -> str:
    """What has been recommended in this round, in a sentence."""
    heard, dmt, dissent = asked.recommended(facts), asked.dmt_view(facts), asked.dissented(facts)
    said = []
    if heard is not None:
        how_much = f" £{heard.amount:,.2f} {str(heard.frequency).partition(':')[0]}" if heard.amount else ""
        said.append(f"the chair recommends{how_much}" if heard.supports else "the meeting does not support it")
        if heard.dissent:
            said.append(f"dissent: {heard.dissent}")
    if dissent is not None:
        said.append("a Head of Service disagrees")
    if dmt is not None:
        said.append(f"DMT has {'approved' if dmt[0] else 'refused'} it")
    line = "; ".join(said)
    return f"{line[:1].upper()}{line[1:]}." if line else "Nothing has been recommended yet."


def _holders(session: Session, on: date) -> dict[str, tuple[str, Role]]:
    """Who holds a post that signs money on a London date: name and the most senior post, by person."""
    query = (
        select(Person.id, Person.name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_([role.value for role in SIGNING_POSTS]),
            RoleGrant.from_on <= on,
            or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
            Person.enabled,
        )
        .order_by(Person.name)
    )
    found: dict[str, tuple[str, Role]] = {}
    for person_id, name, held in session.execute(query):
        role = Role(held)
        before = found.get(person_id)
        if before is None or RANKS.index(role) > RANKS.index(before[1]):
            found[person_id] = (name, role)
    return found


#: The posts that sign money, the least senior first (rules R-FIN-3).
SIGNING_POSTS = RANKS[1:]


def _who_signs(
    posts: Mapping[str, tuple[str, Role]], tier: authority.Tier, apart: set[str]
) -> tuple[Signatory, ...]:
    """Those senior enough who have had no part in it, the least senior first: a floor, not an equality."""
    found = [
        (RANKS.index(role), Signatory(name=name, post=role.value))
        for person_id, (name, role) in posts.items()
        if person_id not in apart and RANKS.index(role) >= RANKS.index(tier.post)
    ]
    return tuple(signs for _, signs in sorted(found, key=lambda one: (one[0], one[1].name)))


def _warning(tier: authority.Tier, may_sign: Sequence[Signatory]) -> str:
    others = ", ".join(f"{one.name} ({one.post})" for one in may_sign)
    who = f"Who may sign: {others}." if others else "Nobody else may sign it: somebody else has to chair this item."
    return f"The chair is also {tier.post.value}, and cannot sign what they recommend. {who}"


def _late(item: RequestItem, submitted_on: date | None, meeting: Meeting) -> str | None:
    """What makes a request one of the supplement: submitted after its papers were due, or listed after the agenda."""
    due = meeting.papers_due_on
    if submitted_on is not None and due is not None and submitted_on > due:
        return f"LATE PAPERS · {_day(submitted_on)} · due {_day(due)}"
    sent = london_date(meeting.agenda_at) if meeting.agenda_at else None
    if sent is not None and item.listed_on > sent:
        return f"LISTED LATE · {_day(item.listed_on)}"
    return None


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
