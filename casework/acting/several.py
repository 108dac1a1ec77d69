"""Several acts as one: the same for brothers and sisters, or the past steps of one child in order.

All or none: they share one unit of work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting.acts import act
from casework.acting.commands import Actor, Command, Result
from casework.delivery.telling import ask_the_decider
from casework.errors import Refused, Unusable
from casework.who.access import siblings_open_to
from persistence.tables import Case, new_id
from states.calendar import london_date
from states.vocabulary import Unmet


def act_for_siblings(
    session: Session,
    command: Command,
    *,
    also: Sequence[str],
    differences: Mapping[str, Mapping[str, Any]],
    by: Actor,
    now: datetime,
) -> tuple[Result, ...]:
    """Enter once, apply to the chosen brothers and sisters, with what differs for each (practice PR-6).

    Each child keeps an event of their own; all or none. Raises what `act` raises, naming the case.
    """
    assert command.ref is not None
    today = london_date(now)
    known = siblings_open_to(session, command.ref, by=by.person_id, today=today)
    chosen = [ref for ref in dict.fromkeys(also) if ref != command.ref]
    reasons = [
        Unmet("PR-6", f"{ref} is not linked as a brother or sister of {command.ref}.")
        for ref in chosen
        if ref not in known
    ]
    reasons += [
        Unmet("PR-6", f"{ref} is not among the chosen children: what differs for them would be lost.")
        for ref in differences
        if ref not in (command.ref, *chosen)
    ]
    if reasons:
        raise Refused(command.trigger, reasons)
    ids = dict(session.execute(select(Case.ref, Case.id).where(Case.ref.in_([command.ref, *chosen]))).all())
    bulk = new_id()
    results = []
    for ref in sorted(ids, key=lambda r: ids[r]):
        one = replace(
            command,
            ref=ref,
            record={**command.record, **differences.get(ref, {})},
            bulk_id=bulk,
            key=f"{command.key}:{ref}" if command.key else None,
            version=command.version if ref == command.ref else None,
        )
        try:
            results.append(act(session, one, by=by, now=now))
        except Refused as refused:
            raise Refused(command.trigger, [_of(ref, unmet) for unmet in refused.reasons]) from None
    return tuple(results)


def _of(ref: str, unmet: Unmet) -> Unmet:
    """The reason with the child whom it concerns."""
    return Unmet(unmet.rule, f"{ref}: {unmet.reason}", unmet.field)


def catch_up(
    session: Session, commands: Sequence[Command], *, by: Actor, now: datetime
) -> tuple[Result, ...]:
    """Enter several past acts of one case in order at once (practice PT-18).

    True dates rule. Steps already overtaken send nothing: only the last one speaks. Whoever is said to have
    decided is asked to confirm all the same (practice PR-2). `version` of the first command counts. Raises
    what `act` raises, and Unusable for acts of more than one case.
    """
    if len({command.ref for command in commands}) > 1:
        raise Unusable("These are acts of different children: enter each child's by themselves.")
    results = []
    for number, command in enumerate(commands):
        last = number == len(commands) - 1
        version = command.version if number == 0 else None
        result = act(session, replace(command, quiet=not last, version=version), by=by, now=now)
        if result.unconfirmed and not last and not result.repeated:
            ask_the_decider(session, result.event, now=now)
        results.append(result)
    return tuple(results)
