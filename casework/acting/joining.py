"""Where a funding request and its child's case meet: a signature that has effect is written into the child's history.

The child's case learns of the agreement by an act of its own, in the same unit: it is chained, dated and shown like
everything else, and it is what lets the case go on to Legal (practice PT-9, rules R-FIN-10).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting.commands import Actor, Command, Result
from casework.acting.preparing import Prepared
from casework.errors import NotFound
from persistence.tables import Case, Event, FundingCover, FundingRequest
from states.asked import APPROVALS, REFUSALS
from states.processes import is_request
from states.records import base
from states.records.codes import FinancePosition
from states.records.funding_decision import FundingApproved, FundingRefused
from states.records.keeping import Confirmed
from states.stages import S
from states.vocabulary import Unmet

NOTE = "note_agreement"


def tell_the_children(
    session: Session,
    request: Case,
    event: Event,
    record: base.Record,
    *,
    by: Actor,
    now: datetime,
    act: Callable[..., Result],
) -> None:
    """Write a signature that has effect into the history of every child it is for.

    It has effect when the signatory signs, or confirms what was recorded for them (practice PR-2). A brother's or
    sister's case that is closed, or closed to the signatory, is left as it is.
    """
    signed = _signature(session, request, event, record)
    if signed is None:
        return
    covered = select(Case).join(FundingCover, FundingCover.child_case_id == Case.id)
    for child in session.scalars(covered.where(FundingCover.case_id == request.id).order_by(Case.id)).all():
        if child.state == S.ENDED.name:
            continue
        position = {"position": FinancePosition.AGREED.value, "agreement_ref": request.ref}
        note = Command(
            ref=child.ref,
            trigger=NOTE,
            happened_on=event.happened_on,
            record=position,
            decided_by=signed.decided_by,
            late_reason=event.late_reason,
            quiet=True,
        )
        try:
            act(session, note, by=by, now=now)
        except NotFound:
            if child.id == request.child_case_id:
                raise


NOT_BY_COMMAND_LINE = Unmet(
    "design 7", "Money is not signed by command line here: the installation has cli_decisions off."
)


def not_by_this_channel(
    session: Session, prepared: Prepared, record: base.Record, by: Actor
) -> tuple[Unmet, ...]:
    """Money is signed, and a signature confirmed, by command line only where the installation allows it (design 7)."""
    if by.signs_money or not is_request(prepared.process.name):
        return ()
    signs = isinstance(record, FundingApproved | FundingRefused)
    if isinstance(record, Confirmed):
        named = session.get(Event, record.event)
        signs = named is not None and named.trigger in (*APPROVALS, *REFUSALS)
    if not signs:
        return ()
    return (NOT_BY_COMMAND_LINE,)


def _signature(session: Session, request: Case, event: Event, record: base.Record) -> Event | None:
    if request.child_case_id is None:
        return None
    if event.trigger in APPROVALS:
        return event if event.decided_by == event.recorded_by else None
    if not isinstance(record, Confirmed):
        return None
    there = session.get_one(FundingRequest, request.id)
    return session.get(Event, record.event) if record.event == there.signed_event else None
