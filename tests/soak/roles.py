"""Every step of every state is tried by somebody of every role that may not do it: each is refused, by the act itself.

One person holds each role and nothing else, and is allocated to nobody. Who may do what is asked of the independent
model (`tests/stateful/model.py`), not of the system. What each tries is a complete record, so that nothing but the
role, or the sight of the child that goes with it, stands in the way for certain.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.databases import fresh_sqlite
from casework.errors import NotFound, Refused
from casework.who.people import add_person, grant_role
from persistence.tables import Event
from states.pathway import PATHWAY
from states.vocabulary import Role, Service
from tests.stateful.model import TABLE, may
from tests.world import LONG_AGO, START, World, a_world, noon

TODAY = START + timedelta(300)
QUICK = ("RATED", "KEY_DECISION", "IN_COURT")

#: The states beside the plain way, and how a child gets there: from where, on which day, by what, whom.
BESIDE: dict[str, tuple[str, int, str, str]] = {
    "DEFERRED": ("REVIEW_GROUP", 17, "group_defers", "wren.chair"),
    "FURTHER_WORK": ("TRAJECTORY", 31, "needs_further_work", "ida.saw"),
    "NOT_APPLICABLE": ("COHORT", 2, "mark_not_applicable", "rowan.tm"),
    "NOT_PROGRESSING": ("RATED", 4, "stop", "hana.hos"),
    "ENDED": ("COHORT", 2, "end", "rowan.tm"),
}


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """Every cell of state × step × wrong role, or those of three states."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    let_through: list[str] = []
    with tempfile.TemporaryDirectory(prefix="sgo-soak-") as folder:
        home = Path(folder)
        with a_world(fresh_sqlite(home), home) as world:
            people = _one_of_each(world)
            for state in QUICK if quick else PATHWAY.states.__members__:
                ref = _child_at(world, state)
                before = _events(world)
                for trigger in sorted({row.trigger for row in PATHWAY.rows if PATHWAY.states[state] in row.source}):
                    for role in Role:
                        if _is_wrong(trigger, role):
                            outcome = _tries(world, ref, trigger, people[role])
                            counts[outcome] += 1
                            if outcome == "let through":
                                let_through.append(f"{trigger} in {state} by {role.value}")
                counts["left something"] += _events(world) - before
                counts["states"] += 1
    failed = bool(let_through or counts["left something"] or counts["refused for something else"])
    return {
        "cells": sum(counts.values()) - counts["states"] - counts["left something"],
        **counts,
        "let_through": let_through[:20],
        "seconds": round(time.monotonic() - started, 1),
        "failed": failed,
    }


def _is_wrong(trigger: str, role: Role) -> bool:
    """Whether the model knows the step and says that this role may not do it."""
    return trigger in TABLE and trigger != "reverse_last" and not may(trigger, {role.value})


def _tries(world: World, ref: str, trigger: str, who: str) -> str:
    try:
        world.do(trigger, TODAY, who, ref=ref)
    except NotFound:
        return "not found"
    except Refused as refused:
        for_the_role = any(unmet.field == "decided_by" for unmet in refused.reasons)
        return "refused" if for_the_role else "refused for something else"
    return "let through"


def _one_of_each(world: World) -> dict[Role, str]:
    """Somebody for every role, who has no other."""
    people = {}
    with world.office.unit_of_work() as session:
        for number, role in enumerate(Role):
            handle = f"only.{number}"
            person = add_person(session, handle=handle, name=f"Only {number}", email=None, now=noon(START))
            service = Service.FOSTERING if role is Role.GROUP_MEMBER else None
            grant_role(session, person=person, role=role, service=service, from_on=LONG_AGO, now=noon(START))
            world.ids[handle] = person.id
            people[role] = handle
    return people


def _child_at(world: World, state: str) -> str:
    if state not in BESIDE:
        return world.child_at(state)
    before, day, trigger, who = BESIDE[state]
    on = START + timedelta(day)
    if before == "REVIEW_GROUP":
        ref, meeting = world.child_at("RATED"), world.meeting(on)
        world.do("list_for_group", START + timedelta(4), "ash.admin", ref=ref, meeting=meeting)
        world.hold_group(ref, meeting, on)
    else:
        ref = world.child_at(before)
        if before == "TRAJECTORY":
            role = "SGO assessment worker"
            world.do("allocate", on - timedelta(1), "tam.sgo", ref=ref, role=role, person="ida.saw")
    world.do(trigger, on, who, ref=ref)
    return ref


def _events(world: World) -> int:
    with world.office.reading() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0
