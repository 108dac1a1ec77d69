"""What would happen if a row of the process lost one of its conditions: would any fast test notice?

A condition of a row is *noticed* when, somewhere in the random walks against the independent model, it alone stands
between a step and its being taken: without it the engine would go on where the model refuses. What the walks do not
reach is listed: conditions of facts, which flag and never refuse, and of acts of which the model does not speak. Some
of the conditions that the walks noticed are then really taken away, to see the machine diverge.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

from states.pathway import PATHWAY
from states.vocabulary import Process
from tests.stateful.noticing import Condition, conditions, name_of, watched_walk
from tests.stateful.walk import Diverged, Walk, run_process_machine

#: How many conditions are really taken away.
TRIED, QUICKLY_TRIED = 40, 3



def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """Every condition of every row; `unnoticed` names those whose removal no fast test would see."""
    started = time.monotonic()
    steps = 5_000 if quick else 50_000
    noticed, _ = watched_walk(steps, seed)
    unnoticed = sorted(name_of(one) for one in conditions() - noticed)
    chosen = random.Random(seed).sample(sorted(noticed, key=name_of), QUICKLY_TRIED if quick else TRIED)
    survived = [name_of(one) for one in chosen if not _missed(one, steps, seed)]
    return {
        "conditions": len(conditions()),
        "noticed_by_the_walks": len(noticed),
        "unnoticed": unnoticed,
        "taken_away": len(chosen),
        "survived": survived,
        "seed": seed,
        "seconds": round(time.monotonic() - started, 1),
        "failed": bool(survived),
    }


def without(one: Condition) -> Process:
    """The process with one condition of one row taken away."""
    rows = list(PATHWAY.rows)
    row = rows[one.row]
    rows[one.row] = replace(row, guards=tuple(g for g in row.guards if g.__name__ != one.guard))
    return replace(PATHWAY, rows=tuple(rows))


def _missed(one: Condition, steps: int, seed: int) -> bool:
    """Whether the machine diverges from the model without this condition."""
    try:
        mutant = type("MutantWalk", (Walk,), {"process": without(one)})
        run_process_machine(steps, seed, kind=mutant)
    except Diverged:
        return True
    return False
