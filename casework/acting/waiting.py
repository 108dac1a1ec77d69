"""What stands in a child's way, and how long the child has waited, kept so that the night asks by comparing dates.

Two projections of the history, written by `casework.acting.effects`: what was named as standing in the way at each
rating and hearing, and for how many in a row by then (rules R-RAG-5, D-07); and the stretches in which the child was
in further work, or deferred after it, end to end (rules R-FW-2, D-08). Who was never in further work and waits for the
date to return that the colour allows goes round no loop (practice PT-2).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from persistence.tables import BarrierSeen, Case, LoopStay, new_id
from states.facts import Entry
from states.history import FURTHER_WORK_STEPS, GROUP_OUTCOMES
from states.stages import S

RATING, HEARING = "rating", "hearing"
LOOPS = frozenset({S.DEFERRED.name, S.FURTHER_WORK.name})
#: Steps with which a child on record begins a new round: what was counted before it counts no more.
_BEGINS_AGAIN = frozenset({"reconsider", "reopen"})
_SERIES = {"rate": RATING, "rerate": RATING, **dict.fromkeys(GROUP_OUTCOMES, HEARING)}
_IN_THE_WAY = select(BarrierSeen).where(
    BarrierSeen.case_id == bindparam("case"),
    BarrierSeen.series == bindparam("series"),
    BarrierSeen.until_on.is_(None),
)
_STAYS = (
    select(LoopStay)
    .where(LoopStay.case_id == bindparam("case"), LoopStay.this_round)
    .order_by(LoopStay.from_on)
)


def follow(session: Session, case: Case, entry: Entry) -> None:
    """Let one entry of the history take effect on what stands in the way and on the waiting."""
    if entry.trigger in _BEGINS_AGAIN:
        _begin_again(session, case, entry)
    series = _SERIES.get(entry.trigger)
    if series is not None:
        _seen(session, case, entry, series, entry.data.get("barriers") or ())
    if entry.trigger == "continue_further_work":
        staying = update(LoopStay).where(LoopStay.case_id == case.id, LoopStay.until_on.is_(None))
        session.execute(staying.values(agreed_on=entry.happened_on))
    if entry.moved and LOOPS & {entry.from_state, entry.to_state}:
        _stay(session, case, entry)


def _begin_again(session: Session, case: Case, entry: Entry) -> None:
    ended = {"until_on": entry.happened_on, "ended_by_event": entry.id}
    session.execute(
        update(BarrierSeen).where(BarrierSeen.case_id == case.id, BarrierSeen.until_on.is_(None)).values(ended)
    )
    session.execute(update(LoopStay).where(LoopStay.case_id == case.id).values(this_round=False))


def _seen(session: Session, case: Case, entry: Entry, series: str, codes: Iterable[str]) -> None:
    there = {one.code: one for one in session.scalars(_IN_THE_WAY, {"case": case.id, "series": series})}
    for one in there.values():
        one.until_on, one.ended_by_event = entry.happened_on, entry.id
    for code in dict.fromkeys(codes):
        before = there.get(code)
        session.add(
            BarrierSeen(
                id=new_id(),
                case_id=case.id,
                series=series,
                code=code,
                times=before.times + 1 if before else 1,
                first_on=before.first_on if before else entry.happened_on,
                seen_on=entry.happened_on,
                event_id=entry.id,
            )
        )


def _stay(session: Session, case: Case, entry: Entry) -> None:
    """The child leaves one of the waiting states, comes into one, or goes from one to the other."""
    stays = session.scalars(_STAYS, {"case": case.id}).all()
    for one in stays:
        if one.until_on is None:
            one.until_on, one.ended_by_event = max(entry.happened_on, one.from_on), entry.id
    if entry.to_state == S.FURTHER_WORK.name or (stays and entry.to_state in LOOPS):
        session.flush()
        last = max(stays, key=lambda one: (one.until_on or date.min, one.loops), default=None)
        waited = last.until_on - last.counted_from if last and last.until_on else None
        session.add(
            LoopStay(
                id=new_id(),
                case_id=case.id,
                from_on=entry.happened_on,
                counted_from=entry.happened_on - waited if waited else entry.happened_on,
                loops=(last.loops if last else 0) + (entry.trigger in FURTHER_WORK_STEPS),
                event_id=entry.id,
            )
        )

