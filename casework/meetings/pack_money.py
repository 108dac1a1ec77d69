"""A page of the pack for each funding request of a meeting (practice PM-3, PM-4, PM-6, 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.meetings.money import RequestHeard, items_of, requests_heard
from notifications.pack import Request
from notifications.wording import on_a_letter, one_line
from persistence.tables import Allocation, Case, Meeting, Person
from states import asked
from states.money import shown
from states.policy.recurring import Body
from states.records.funding import FundingReferral, MeansTestDone, NeedsAssessed
from states.records.funding_hearing import FundingSubmitted
from states.vocabulary import Role

#: What a meeting may say of a request (rules R-FIN-1, R-FIN-5, practice PM-4).
SAYS: Mapping[str, tuple[str, ...]] = {
    Body.REVIEW_GROUP: ("Recommend", "Do not recommend", "Return with questions", "Adjourn"),
    Body.PERMANENCE_PANEL: ("Recommend", "Do not recommend", "Return with questions", "Adjourn"),
    Body.DMT: ("Approve", "Refuse", "Adjourn"),
}
_PRESENT = (Role.ASSESSMENT_WORKER.value, Role.CHILDS_WORKER.value)
_RESTS_ON = ((MeansTestDone, "Means test"), (NeedsAssessed, "Needs-led assessment"), (FundingReferral, "Referral"))


def requests_of(
    session: Session, meeting: Meeting, *, by: str, today: date
) -> tuple[tuple[str, Request], ...]:
    """The pages of a meeting's requests for one reader, each with its part: "" main, S supplement, R restricted."""
    numbers: dict[str, int] = {}
    found = []
    items = items_of(session, [meeting.id], by=by, today=today).get(meeting.id, ())
    for heard in requests_heard(session, meeting.ref, items, by=by, today=today):
        part = "R" if heard.item.restricted else "S" if heard.late else ""
        numbers[part] = numbers.get(part, 0) + 1
        found.append((part, _page(session, heard, f"{part}M{numbers[part]}")))
    return tuple(found)


def _page(session: Session, heard: RequestHeard, number: str) -> Request:
    facts, item = heard.facts, heard.item
    own = asked.asked(facts)
    assert own is not None, "a request is opened with what is asked"
    said = facts.latest(FundingSubmitted, asked.this_round(facts))
    until = f" until {on_a_letter(own.ends_on)}" if own.ends_on else ""
    return Request(
        number=number,
        ref=item.ref,
        child=item.child,
        kind=item.words[:1].upper() + item.words[1:],
        asked=f"{shown(item.amount)} {item.frequency}",
        purpose=item.purpose,
        what_for=own.purpose,
        period=f"To {own.payee}, from {on_a_letter(own.starts_on)}{until}.",
        presented_by=_presenting(session, item.child, facts.today),
        summary=said.summary if said else "not written yet",
        carers_views=said.carers_views if said else "not written yet",
        rests_on=tuple(
            f"{words} of {on_a_letter(entry.happened_on)}"
            for kind, words in _RESTS_ON
            if (entry := facts.latest_entry(kind)) is not None
        ),
        so_far=heard.so_far,
        counts_as=_counts_as(heard),
        signs=f"{heard.post} or a more senior post{', after DMT has approved' if heard.dmt else ''}",
        clause=heard.clause,
        contradiction=heard.contradiction,
        may_sign=tuple(f"{one_line(one.name)} ({one.post})" for one in heard.may_sign),
        warning=heard.warning,
        papers=f"in since {on_a_letter(heard.submitted_on)}" if heard.submitted_on else "not in yet",
        stamp=heard.late,
    )


def _counts_as(heard: RequestHeard) -> str:
    """The amount by which the signatory is found, and what it is counted with, as far as the reader may know (R22)."""
    counted = heard.counted
    if counted.total is None or not counted.words:
        return counted.at
    return f"{counted.at}, counted together with {counted.words}"


def _presenting(session: Session, child: str, on: date) -> tuple[str, ...]:
    """The assessment worker and the child's worker: they attend, or somebody stands in (practice PM-4)."""
    query = (
        select(Person.name, Allocation.role)
        .join(Allocation, Allocation.person_id == Person.id)
        .join(Case, Case.id == Allocation.case_id)
        .where(
            Case.ref == child,
            Allocation.role.in_(_PRESENT),
            Allocation.from_on <= on,
            or_(Allocation.until_on.is_(None), Allocation.until_on > on),
        )
        .order_by(Allocation.role, Person.name)
    )
    return tuple(f"{one_line(name)} ({role})" for name, role in session.execute(query))
