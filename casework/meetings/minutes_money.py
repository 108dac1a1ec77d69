"""What a meeting said of funding requests: outcome, attendance, interests, quorum (rules R-FIN-1, R-FIN-11, PM-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import loading
from casework.meetings.money import RequestItem, items_of
from casework.policies import in_force
from persistence.tables import AgendaItem, Case, Meeting, Person
from states.facts import Entry, live
from states.policy import Policy
from states.policy.recurring import Body
from states.records.funding_hearing import CameAs

#: What a meeting says of a request, as minutes have it.
SAID: Mapping[str, str] = {
    "chair_recommends": "Recommended",
    "chair_returns": "Returned with questions",
    "dmt_approves": "DMT approves",
    "dmt_refuses": "DMT refuses",
    "adjourn_hearing": "Adjourned to a later meeting",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOutcome:
    """What a meeting said of one funding request. Money in pounds; people by name."""

    ref: str
    child: str
    restricted: bool
    words: str
    outcome: str
    amount: Decimal | None
    frequency: str | None
    said: str | None  # overview, reasons, questions
    dissent: str | None
    conditions: str | None
    attendance: tuple[str, ...]
    interests: tuple[str, ...]
    members: int  # without an interest, besides the chair
    needed: int
    chair: str
    confirmed: bool


def outcomes_of(session: Session, meeting: Meeting, *, by: str, today: date) -> tuple[RequestOutcome, ...]:
    """The outcomes of a meeting's requests for one reader, in the order in which they were listed."""
    items = {item.ref: item for item in items_of(session, [meeting.id], by=by, today=today).get(meeting.id, ())}
    cases = session.scalars(select(Case).where(Case.ref.in_(items))).all()
    ended = dict(
        session.execute(
            select(AgendaItem.case_id, AgendaItem.ended_by_event).where(
                AgendaItem.meeting_id == meeting.id, AgendaItem.ended_by_event.is_not(None)
            )
        ).all()
    )
    told = loading.load_entries_of(session, [case.id for case in cases])
    policy = in_force(session, meeting.held_on).policy
    names = dict(session.execute(select(Person.id, Person.name)).all())
    found: dict[str, RequestOutcome] = {}
    for case in cases:
        entry = next((e for e in live(told[case.id]) if e.id == ended.get(case.id)), None)
        if entry is not None and entry.trigger in SAID:
            found[case.ref] = _outcome(items[case.ref], entry, meeting, policy, names)
    return tuple(found[ref] for ref in items if ref in found)


def _outcome(
    item: RequestItem, entry: Entry, meeting: Meeting, policy: Policy, names: Mapping[str, str]
) -> RequestOutcome:
    data = entry.data
    group = meeting.body == Body.REVIEW_GROUP
    interests: list[dict[str, Any]] = list(data.get("interests") or ())
    came: list[dict[str, Any]] = list(data.get("attendance") or ())
    members = {one["person"] for one in came if one["came_as"] == CameAs.MEMBER.value}
    outcome = SAID[entry.trigger]
    if entry.trigger == "chair_recommends" and not data.get("supports"):
        outcome = "Not recommended"
    return RequestOutcome(
        ref=item.ref,
        child=item.child,
        restricted=item.restricted,
        words=item.words,
        outcome=outcome,
        amount=Decimal(data["amount"]) if data.get("amount") else None,
        frequency=str(data["frequency"]).partition(":")[0] if data.get("frequency") else None,
        said=data.get("overview") or data.get("reasons") or data.get("questions") or data.get("reason"),
        dissent=data.get("dissent"),
        conditions=data.get("conditions"),
        attendance=tuple(_there(one, names) for one in came),
        interests=tuple(
            f"{names.get(one['person'], one['person'])}: {one['interest']} "
            f"({'took part' if one['took_part'] else 'left for the item'})"
            for one in interests
        ),
        members=len(members - {one["person"] for one in interests} - {entry.decided_by}),
        needed=policy.group.quorum_services if group else policy.finance.quorum_members,
        chair=names.get(entry.decided_by, entry.decided_by),
        confirmed=entry.confirmed,
    )


def _there(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    substitute = ", substitute" if one.get("substitute") else ""
    return f"{names.get(one['person'], one['person'])} ({one['came_as']}{substitute})"
