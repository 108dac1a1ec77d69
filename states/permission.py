"""Who may decide a step: posts as floors, specialists by name, and whoever is allocated where a row says so.

Pure: it sees the roles that the person holds *for this child* (general grants, and the posts allocated on the
child), never the person. Whose roles are asked is the caller's affair: the decider's (practice PR-2).
"""

from __future__ import annotations

from states.facts import Facts
from states.vocabulary import ALLOCATED, Process, Role, Transition, rank

TAKEN_BACK_BY = "reverse_last"


def floor(row: Transition) -> int | None:
    """The lowest rank of post that may decide a row; None where only specialists are named (rules 0.3)."""
    return min((r for r in map(rank, row.by) if r is not None), default=None)


def may_decide(roles: frozenset[Role], row: Transition, *, allocated: bool = False) -> bool:
    """Whether somebody with these roles for the child may decide a row (rules 0.3, design 5.7).

    A ranked post named in the row is a floor: a more senior post may always decide. Specialists are not
    ranked, so no seniority stands in for them. `allocated` says that the person holds a post on the child in
    another way than through `roles`; it counts only where the row lets anyone allocated do it.
    """
    if roles & row.by:
        return True
    lowest = floor(row)
    held = max((r for r in map(rank, roles) if r is not None), default=None)
    if lowest is not None and held is not None and held >= lowest:
        return True
    return row.by_anyone_allocated and (allocated or bool(roles & ALLOCATED))


def who_may(row: Transition) -> frozenset[Role]:
    """Every role that opens a row by itself, seniors included."""
    return frozenset(role for role in Role if may_decide(frozenset({role}), row))


def row_that_decides(process: Process, row: Transition, facts: Facts) -> Transition:
    """The row whose roles count: taking a step back needs a role of the step taken back (design 4.2, 5.5).

    Of several rows with that trigger the one is meant that led from and to the states of the last move. Where
    there is no step to take back the row itself stands: a guard says so.
    """
    if row.trigger != TAKEN_BACK_BY:
        return row
    last = facts.last_move()
    if last is None:
        return row
    state = process.states[last.from_state] if last.from_state else None
    rows = process.rows_for(last.trigger, state)
    reached = tuple(r for r in rows if getattr(r.to, "name", None) == last.to_state)
    return next(iter(reached or rows), row)
