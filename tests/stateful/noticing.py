"""Which conditions of which rows the random walks put to the test: where one alone refuses a step."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from states.calendar import CalendarTooShort
from states.engine import Permission
from states.facts import Facts, RecordIncomplete
from states.guards.envelope import FOR_ACTS, FOR_DECISIONS
from states.pathway import PATHWAY
from states.vocabulary import Guard, Nature, Transition
from tests.stateful.walk import Walk, run_process_machine


class Condition(NamedTuple):
    """One condition of one row of the process; rows by their place in the table."""

    row: int
    trigger: str
    guard: str


def conditions() -> set[Condition]:
    """Every condition of every row: what refuses, and what only flags."""
    return {
        Condition(number, row.trigger, guard.__name__)
        for number, row in enumerate(PATHWAY.rows)
        for guard in row.guards
    }


def name_of(one: Condition) -> str:
    """A condition in words: the step, from where, and the condition."""
    sources = sorted(state.name if state else "NEW" for state in PATHWAY.rows[one.row].source)
    where = ", ".join(sources) if len(sources) < 4 else f"{len(sources)} states"
    return f"{one.trigger} ({where}): {one.guard}"


def sole_refusals(trigger: str, facts: Facts, permission: Permission) -> set[Condition]:
    """The conditions that alone stand against a step: without one of them it would be taken, or not flagged."""
    state = PATHWAY.states[facts.head.state] if facts.head.state else None
    found: set[Condition] = set()
    for number, row in enumerate(PATHWAY.rows):
        if row.trigger != trigger or state not in row.source or not _applies(row, facts):
            continue
        envelope = FOR_DECISIONS if row.nature is Nature.DECISION else FOR_ACTS
        if permission(row) is not None or any(_unmet(guard, facts) for guard in envelope):
            continue
        unmet = [guard for guard in row.guards if _unmet(guard, facts)]
        if len(unmet) == 1:
            found.add(Condition(number, row.trigger, unmet[0].__name__))
    return found


def _applies(row: Transition, facts: Facts) -> bool:
    try:
        return row.when is None or row.when(facts)
    except RecordIncomplete:
        return False


def _unmet(guard: Guard, facts: Facts) -> bool:
    try:
        return guard(facts) is not None
    except (RecordIncomplete, CalendarTooShort):
        return False


class Watched(Walk):
    """A walk that remembers which conditions refused a step alone."""

    noticed: ClassVar[set[Condition]] = set()

    def watch(self, trigger: str, facts: Facts, permission: Permission) -> None:
        """Facts are flagged, not refused, and the model does not speak of flags: they are left to tests by hand."""
        self.noticed.update(
            one
            for one in sole_refusals(trigger, facts, permission)
            if PATHWAY.rows[one.row].nature is not Nature.FACT
        )


def watched_walk(steps: int, seed: int) -> tuple[set[Condition], dict[str, Any]]:
    """Walk so many steps; answers the conditions that were put to the test, and the walk's figures."""
    noticed: set[Condition] = set()
    watched = type("WatchedWalk", (Watched,), {"noticed": noticed})
    figures = run_process_machine(steps, seed, kind=watched)
    return noticed, figures

