"""What a file says of a child, as the record of an act; and what of it is news for a case that is there.

A file is as old as the day it speaks of. What a person wrote down after that day stands, and so does what a
later file said. A date that a file knows only as "on or before" never blurs a better one (returns 0.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from interchange.returned import UNKNOWN, Qualifier, ReturnedChild
from persistence.tables import Event, Record
from states.records.standing import HowMoved

#: Facts of one value each, by the field of the record; a file that does not say one leaves it alone.
PLAIN = (
    "date_of_birth",
    "sex",
    "legal_status",
    "placement_code",
    "placement_provider",
    "kinship",
    "permanence_plan",
)
#: (date, whether it is exact) of what has been so since a day.
SINCE = (
    ("legal_status_since", "legal_status_exact"),
    ("looked_after_since", "looked_after_exact"),
    ("placement_since", "placement_exact"),
)
#: What no return says of anybody, and what the sources may not say: it waits to be confirmed (practice 7).
NEVER_SAID = ("given_names", "family_name", "next_review_on", "worker", "carer")
MAY_BE_UNSAID = (
    "date_of_birth",
    "sex",
    "legal_status",
    "legal_status_since",
    "looked_after_since",
    "placement_code",
    "placement_since",
    "placement_provider",
    "permanence_plan",
    "last_review_on",
)
#: Where records come from that no person wrote.
FILES = frozenset({"ssda903", "annex_a"})
#: A file's view of who is a candidate follows from these.
_CANDIDATE_BY = frozenset({"legal_status", "placement_code", "date_of_birth"})
#: The columns are shorter than a cell may be.
LONGEST_PLAN, LONGEST_ID = 120, 40


def new_record(
    child: ReturnedChild, *, source: str, as_at: date, team: str | None, eligible_on: date
) -> dict[str, Any]:
    """The record of `open_case` for a child of a file. `team` is one we know, or None."""
    said = facts(child)
    unsaid = [name for name in MAY_BE_UNSAID if said.get(name) is None]
    return {
        **said,
        "council_id": child.council_id,
        "candidate": child.candidate,
        "candidate_reason": child.candidate_reason,
        "team": team,
        "eligible_on": eligible_on,
        "unknown": [*NEVER_SAID, *unsaid, *([] if team else ["team"])],
        "source": source,
        "fed_on": as_at,
    }


def facts(child: ReturnedChild) -> dict[str, Any]:
    """What the file says about the child and the placement, by field; None where it does not."""
    said: dict[str, Any] = {name: getattr(child, name) for name in PLAIN}
    for since, exact in SINCE:
        said[since] = getattr(child, since)
        said[exact] = getattr(child, f"{since}_qualifier") is not Qualifier.ON_OR_BEFORE
    said["placement_order_since"] = child.placement_order_since
    said["last_review_on"] = child.last_review_on
    said["last_visit_on"] = child.last_visit_on
    said["permanence_plan"] = (child.permanence_plan or "")[:LONGEST_PLAN].strip() or None
    return said


def team_named(child: ReturnedChild) -> str | None:
    """The team the file names, if it names one."""
    return None if child.allocated_team == UNKNOWN else child.allocated_team


def news(child: ReturnedChild, known: Mapping[Any, Any], *, keep: frozenset[str]) -> dict[str, Any]:
    """What a file as old as what we know, or newer, changes: the fields of `update_child`, none if nothing.

    `known` is what stands now, by column; `keep` are the fields a person has written since.
    """
    said = facts(child)
    changed = {name: said[name] for name in PLAIN if said[name] is not None and said[name] != known[name]}
    same_status = said["legal_status"] == known["legal_status"]
    for since, exact in SINCE:
        new = _better(
            (known[since], known[exact]),
            (said[since], said[exact]),
            known_as_at=known["fed_on"],
            same=same_status or since != "legal_status_since",
        )
        if new is not None:
            changed[since], changed[exact] = new
    ordered = _better(
        (known["placement_order_since"], known["legal_status_exact"]),
        (child.placement_order_since, child.placement_order_since_qualifier is Qualifier.EXACT),
        known_as_at=known["fed_on"],
        same=same_status,
    )
    if ordered is not None and ordered[0] != known["placement_order_since"]:
        changed["placement_order_since"] = ordered[0]
    reviewed = said["last_review_on"]
    if reviewed is not None and (known["last_review_on"] is None or reviewed > known["last_review_on"]):
        changed["last_review_on"] = reviewed
    visited = said["last_visit_on"]
    if visited is not None and (known["last_visit_on"] is None or visited > known["last_visit_on"]):
        changed["last_visit_on"] = visited
    if child.candidate != known["candidate"] or (
        child.candidate and child.candidate_reason != known["candidate_reason"]
    ):
        changed |= {"candidate": child.candidate, "candidate_reason": child.candidate_reason}
    if keep & _CANDIDATE_BY:
        keep |= {"candidate", "candidate_reason"}
    return {name: value for name, value in changed.items() if name not in keep}


Dated = tuple[date | None, bool]


def _better(known: Dated, said: Dated, *, known_as_at: date | None, same: bool) -> Dated | None:
    """The date that should stand where what is said is news; None where what is known stays.

    "On or before" a day that was past when we last heard agrees with any earlier date we know, and says less.
    """
    before, exact_before = known
    on, exact = said
    if on is None or known == said:
        return None
    if before is None or not same or exact:
        return said
    if before <= on and (known_as_at is None or on <= known_as_at):
        return None
    return None if before == on and exact_before else said


def written_since(session: Session, case_ids: Iterable[int], day: date) -> dict[int, frozenset[str]]:
    """By case: the fields that a person, not a file, has written down after a London date."""
    old = aliased(Record)
    rows = session.execute(
        select(Event.case_id, Event.trigger, Record.data, old.data)
        .join(Record, Record.event_id == Event.id)
        .outerjoin(old, old.id == Record.supersedes)
        .where(
            Event.case_id.in_(list(case_ids)),
            Event.recorded_on > day,
            Event.trigger.in_(("update_child", "record_placement_change", "correct")),
        )
    )
    found: dict[int, frozenset[str]] = {}
    for case_id, trigger, data, before in rows:
        found[case_id] = found.get(case_id, frozenset()) | _fields(trigger, data, before or {})
    return found


def _fields(trigger: str, data: Mapping[str, Any], before: Mapping[str, Any]) -> frozenset[str]:
    if trigger == "correct":
        return _whole(name for name, value in data.items() if value != before.get(name))
    if trigger == "record_placement_change":
        moved = data.get("how") != HowMoved.RESPITE.value
        return _whole({"placement_code", "placement_provider", "kinship", "placement_since"} if moved else ())
    if data.get("source") in FILES:
        return frozenset()
    return _whole(name for name, value in data.items() if value is not None)


def _whole(names: Iterable[str]) -> frozenset[str]:
    """A date and whether it is exact are one thing; so are being a candidate and why."""
    kept = frozenset(names)
    for pair in (*SINCE, ("candidate", "candidate_reason")):
        if kept & set(pair):
            kept |= set(pair)
    return kept
