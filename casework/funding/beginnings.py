"""What the form of a step on a request begins with: what the request says already, to be changed where it differs.

Nothing is decided by it. Whoever signs gives back the mark of what stood there when the form was opened: if that has
changed by then, the signature is refused and what stands there is read again (reliability R6).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.funding.requests import RequestSeen, show_request
from casework.who.access import open_case_row, visible_requests
from persistence.tables import Case, FundingRequest, Person
from states.records.base import Kind, Record
from states.records.funding import FundingRevised, Timing
from states.records.funding_decision import FundingApproved, FundingRefused
from states.records.funding_hearing import DmtView, FundingRecommended
from states.stages import S

#: What an approval takes over from what was asked for, by its own names.
_AGREED_AS_ASKED = {
    "amount": "amount",
    "frequency": "frequency",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
    "purpose": "purpose",
    "budget_code": "cost_code",
}


def begins_with(
    session: Session, ref: str, record: type[Record], *, by: str, today: date
) -> dict[str, Any]:
    """The content a form of this record begins with, as JSON-ready values. Raises NotFound, for a child's case too."""
    seen = show_request(session, ref, by=by, today=today)
    given = _of_request(seen, record, today)
    names = {one.name for one in record.fields() if one.kind is Kind.PERSON}
    if "author" in names:
        given["author"] = session.scalar(select(Person.handle).where(Person.id == by))
    return {name: value for name, value in given.items() if value not in (None, "", [])}


def _of_request(seen: RequestSeen, record: type[Record], today: date) -> dict[str, Any]:
    heard = seen.papers.get(FundingRecommended.kind) or {}
    said = {name: heard.get(name) for name in ("amount", "frequency") if heard.get(name)}
    title = f"{seen.words[:1].upper()}{seen.words[1:]}, {seen.ref}"
    match record.kind:
        case FundingRevised.kind:
            return dict(seen.asked)
        case FundingApproved.kind:
            agreed = {own: seen.asked.get(theirs) for own, theirs in _AGREED_AS_ASKED.items()}
            settled = {"shown": seen.mark, "title": title, "effective_from": today.isoformat()}
            return {**agreed, **said, "conditions": heard.get("conditions"), **settled}
        case FundingRefused.kind:
            return {"shown": seen.mark, "title": title}
        case FundingRecommended.kind:
            return {name: seen.asked.get(name) for name in ("amount", "frequency")}
        case DmtView.kind:
            return {"amount": said.get("amount") or seen.asked.get("amount")}
        case _:
            return {}


def opening_begins_with(session: Session, child: str, *, by: str, today: date) -> dict[str, Any]:
    """What a new request for a child begins with: before or after the order, and the household of those before it."""
    case = open_case_row(session, child, by=by, today=today)
    after = case.state in (S.ORDER_MADE.name, S.POST_ORDER.name)
    given = {"timing": (Timing.POST_ORDER if after else Timing.PRE_ORDER).value}
    theirs = visible_requests(session, by, today)
    households = session.scalars(
        select(FundingRequest.household)
        .join(Case, Case.id == FundingRequest.case_id)
        .where(Case.child_case_id == case.id, theirs)
        .distinct()
        .limit(2)
    ).all()
    return {**given, "household": households[0]} if len(households) == 1 else given
