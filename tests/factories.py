"""Facts, entries and records with good defaults, without a database: a test says only what matters to it.

    facts(S.REVIEW_GROUP, entry("list_for_group", meeting="MT-1"), given=filed("group_defers", return_on=date(...)))

A record is the demo's paper for its trigger with what differs. The day is Tuesday 10 March 2026 unless said
otherwise; the policy is Leicestershire's, with what a test changes in it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from demo.papers import paper
from states.calendar import Calendar
from states.facts import Entry, Facts, Head, MeetingSeen, PersonSeen, live
from states.pathway import PATHWAY
from states.policy import Policy, load_policy
from states.records.base import Record
from states.stages import S
from states.vocabulary import Anywhere, Guard, Nature, Role, Transition, Unmet

FILE = Path(__file__).parents[1] / "policies" / "leicestershire.toml"
#: A Tuesday. Bank holidays near it: 25 and 26 December 2025, 1 January, 3 and 6 April, 4 and 25 May 2026.
TODAY = date(2026, 3, 10)
SERVICES = frozenset({"Fostering", "Safeguarding", "Virtual School"})


@cache
def leicestershire() -> Policy:
    """Leicestershire's policy, read once."""
    return load_policy(FILE.read_text(encoding="utf-8"), name=FILE.name)


def policy(**sections: dict[str, Any]) -> Policy:
    """Leicestershire's policy with other values: `policy(group={"quorum_services": 3})`."""
    base = leicestershire()
    changed = {name: getattr(base, name).model_copy(update=keys) for name, keys in sections.items()}
    return base.model_copy(update=changed)


def row(trigger: str, source: S | None = None) -> Transition:
    """The row of a trigger that starts from a state; the first one where no state is given."""
    rows = [r for r in PATHWAY.rows if r.trigger == trigger and (source is None or source in r.source)]
    return rows[0]


def filed(trigger: str, *, on: date = TODAY, source: S | None = None, **differs: Any) -> Record:
    """The record of a trigger, complete, with what differs. None leaves a field out."""
    defaults: dict[str, Any] = {
        "meeting": "MT-1",
        "missed": "MT-0",
        "author": "author",
        "person": "worker",
        "event": "e1",
        "upload": "e1",
        "into": "CH-2",
        "to_case": "CH-2",
        "sibling": "CH-2",
        "flag": "f1",
        "direction": "e1",
        "chair": "chair",
        "legal_adviser": "adviser",
        "role": Role.ASSESSMENT_WORKER.value,
        "stage": S.COHORT.name,
        "people": [{"person": "chair"}],
    }
    kind = row(trigger, source).record
    written = paper(trigger, on=on)
    for name, value in defaults.items():
        if name in kind.model_fields and name not in written:
            written[name] = value
    return kind.model_validate({k: v for k, v in {**written, **differs}.items() if v is not None})


def entry(
    trigger: str,
    *,
    on: date = TODAY,
    source: S | None = None,
    to: S | None = None,
    by: str = "decider",
    recorded_by: str | None = None,
    in_role: str = "",
    confirmed: bool = True,
    about: str | None = None,
    id: str | None = None,
    **differs: Any,
) -> Entry:
    """A line of history. `facts` numbers the lines in the order in which they are given, from 1 (`e1`, `e2`)."""
    taken = row(trigger, source)
    start = source or next((s for s in S if s in taken.source), None)
    end = to or (taken.to if isinstance(taken.to, S) else start)
    record = filed(trigger, on=on, source=source, **differs)
    assert end is not None or taken.to is Anywhere.BACK
    return Entry(
        id=id or "",
        seq=0,
        trigger=trigger,
        from_state=start.name if start else None,
        to_state=end.name if end else "",
        happened_on=on,
        recorded_on=on,
        decided_by=by,
        recorded_by=recorded_by or by,
        role=in_role,
        confirmed=confirmed,
        kind=record.kind,
        data=record.content(),
        nature=taken.nature.value,
        about=about,
    )


def numbered(*entries: Entry) -> tuple[Entry, ...]:
    """Entries in their order: the first is `e1`."""
    return tuple(replace(e, seq=n, id=e.id or f"e{n}") for n, e in enumerate(entries, start=1))


def facts(
    state: S | None,
    *entries: Entry,
    given: Record | None = None,
    on: date = TODAY,
    today: date | None = None,
    policy: Policy | None = None,
    born: date | None = date(2017, 5, 1),
    head: dict[str, Any] | None = None,
    **more: Any,
) -> Facts:
    """What a guard may know of a case in a state, with this history and this record."""
    rules = policy or leicestershire()
    whole = numbered(*entries)
    more = {"decided_by": "decider", "recorded_by": "decider", **more}
    return Facts(
        head=Head(ref="CH-1", state=state.name if state else None, date_of_birth=born, **(head or {})),
        entries=live(whole),
        whole=whole,
        given=given,
        on=on,
        today=today or on,
        policy=rules,
        calendar=Calendar.of(rules),
        **more,
    )


def group_meeting(ref: str = "MT-1", *, on: date = TODAY, **more: Any) -> MeetingSeen:
    """A meeting of the Review Group: with a chair, and all three services there, unless said otherwise."""
    values: dict[str, Any] = {
        "body": "Review Group",
        "status": "planned",
        "chair": "chair",
        "present": SERVICES,
        "written": frozenset(),
    }
    return MeetingSeen(ref=ref, held_on=on, **{**values, **more})


def person(id: str, *roles: Role, enabled: bool = True) -> PersonSeen:
    """A person a record names."""
    return PersonSeen(id=id, enabled=enabled, roles=frozenset(roles))


def views(*voices: str, on: date = TODAY) -> tuple[Entry, ...]:
    """The view of each of these services, written down."""
    return tuple(entry("add_view", source=S.REVIEW_GROUP, on=on, voice=voice) for voice in voices)


def rule_of(unmet: Unmet | None) -> str | None:
    """The rule that is not met, or None."""
    return unmet.rule if unmet else None


def judged(guard: Guard, seen: Facts) -> str | None:
    """What a guard says of these facts: the rule that is not met, or None."""
    return rule_of(guard(seen))


def anybody(_row: Transition) -> Unmet | None:
    """A permission that lets everybody do everything."""
    return None


def nobody(refused: Transition) -> Unmet | None:
    """A permission that lets nobody do anything."""
    return Unmet(refused.rule, "Only others may do this.", "decided_by")


def as_role(role: Role) -> Any:
    """The permission of somebody with one role for the child."""
    from states.permission import may_decide

    def permission(asked: Transition) -> Unmet | None:
        return None if may_decide(frozenset({role}), asked) else Unmet(asked.rule, "Only others may do this.")

    return permission


def natures(*kinds: Nature) -> tuple[Transition, ...]:
    """The rows of these natures."""
    return tuple(r for r in PATHWAY.rows if r.nature in kinds)
