"""What an entry changes about the child, and about the people around the child (design 5.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, or_, select

from casework.acting import effects_on_time as on_time
from casework.acting.applied import Applied
from casework.errors import Unusable
from casework.who.people import find_team
from persistence.tables import (
    AccessGrant,
    Allocation,
    Case,
    Contact,
    SiblingLink,
    Visit,
    new_id,
)
from states.records.codes import PauseReason
from states.records.standing import HowMoved

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


def opened(one: Applied) -> None:
    """The child as the record that opened the case says."""
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
    _was_visited(one, one.day("last_visit_on"))


def updated(one: Applied) -> None:
    """What became known of the child, field by field."""
    for name in CHILD_COLUMNS:
        if one.data.get(name) is not None:
            setattr(one.child, name, _value(name, one.data[name]))
    one.child.unknown = [field for field in one.child.unknown if one.data.get(field) is None]
    if one.data.get("team") is not None:
        one.case.team_id = _team(one, one.data["team"])
    if one.data.get("candidate") is not None:
        one.case.candidate = bool(one.data["candidate"])
        one.case.candidate_reason = one.data.get("candidate_reason")
    _was_visited(one, one.day("last_visit_on"))


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


def rated(one: Applied) -> None:
    """The colour, and since when."""
    one.case.colour = one.data["colour"]
    one.case.rated_on = one.entry.happened_on


def group_colour(one: Applied) -> None:
    """The colour, where the group set another."""
    if one.data.get("colour"):
        one.case.colour = one.data["colour"]


def position(one: Applied) -> None:
    """The latest position and the next step (practice PR-3)."""
    one.case.latest_position = one.data["position"]
    one.case.position_on = one.entry.happened_on
    one.case.next_step = one.data["next_step"]
    one.case.next_step_who = one.data["who"][:120]
    one.case.next_step_by = one.day("by_when")


def money(one: Applied) -> None:
    """How the money stands."""
    one.case.finance_position = one.data["position"]
    one.case.agreement_ref = (one.data.get("agreement_ref") or "")[:60] or None


def placement(one: Applied) -> None:
    """Where the child lives, since when, and what stands still meanwhile (practice PT-13)."""
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
        on_time.pause(one)


def ordered(one: Applied) -> None:
    """An order was made: the return's code, and the end of being looked after."""
    one.child.end_code = one.data.get("end_code")
    if one.data.get("looked_after_until_now", True):
        one.child.looked_after_ended_on = one.entry.happened_on


def visited(one: Applied) -> None:
    """A visit of the day on which it happened (rules R-LAC-4)."""
    _was_visited(one, one.entry.happened_on)


def _was_visited(one: Applied, day: date | None) -> None:
    """One row a day, however often a day is told: by a worker here and by the case system's list."""
    if day is None:
        return
    if one.entry.seq == 1 or one.session.scalar(_VISIT, {"case": one.case.id, "day": day}) is None:
        one.session.add(Visit(id=new_id(), case_id=one.case.id, visited_on=day, event_id=one.entry.id))


_VISIT = select(Visit.id).where(Visit.case_id == bindparam("case"), Visit.visited_on == bindparam("day"))


# -- people and family ----------------------------------------------------------------------------------------


def allocated(one: Applied) -> None:
    """Somebody holds a post on the case; whoever held it before does no longer."""
    for held in one.session.scalars(_HELD, {"case": one.case.id, "role": one.data["role"]}):
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


_HELD = select(Allocation).where(
    Allocation.case_id == bindparam("case"), Allocation.role == bindparam("role"), Allocation.until_on.is_(None)
)


def applicants(one: Applied) -> None:
    """The people of the case as the record names them (practice PT-11)."""
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


def sibling(one: Applied) -> None:
    """Two cases are of brothers and sisters, from both sides."""
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


def no_sibling(one: Applied) -> None:
    """They are no longer linked."""
    other = _case(one, one.data["sibling"])
    pair = or_(
        (SiblingLink.case_id == one.case.id) & (SiblingLink.sibling_id == other.id),
        (SiblingLink.case_id == other.id) & (SiblingLink.sibling_id == one.case.id),
    )
    for link in one.session.scalars(select(SiblingLink).where(pair, SiblingLink.until_on.is_(None))):
        link.until_on, link.ended_by_event = max(one.entry.happened_on, link.from_on), one.entry.id


def _case(one: Applied, ref: str) -> Case:
    return one.session.scalars(select(Case).where(Case.ref == ref)).one()


def restricted(one: Applied) -> None:
    """Only the people named may open the case."""
    one.case.restricted = True
    one.session.execute(delete(AccessGrant).where(AccessGrant.case_id == one.case.id))
    for who in {row["person"] for row in one.data["people"]}:
        one.session.add(AccessGrant(id=new_id(), case_id=one.case.id, person_id=who, event_id=one.entry.id))


def open_again(one: Applied) -> None:
    """Whoever may open cases may open this one again."""
    one.case.restricted = False
    one.session.execute(delete(AccessGrant).where(AccessGrant.case_id == one.case.id))


def merged(one: Applied) -> None:
    """The case goes on under another reference (practice PT-16)."""
    one.case.merged_into = one.data["into"]
