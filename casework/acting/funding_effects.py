"""What an entry of a funding request's history changes beside its state: money, hearings, what was signed.

A projection of the history, as `casework.acting.effects` is for a child. Only a signature is more: what was shown when
it was given is kept for ever (reliability R6).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.acting.effects_on_meetings import MISSED, PUT_BACK
from persistence.tables import (
    AgendaItem,
    Case,
    Event,
    FundingCover,
    FundingRequest,
    FundingSignature,
    Meeting,
    new_id,
)
from states import asked
from states.facts import Entry, Facts
from states.funding_stages import DECIDED, F
from states.money import PENNY, pence
from states.records.funding import Frequency
from states.records.funding_decision import FundingApproved, FundingRefused
from states.records.group import MeetingChange

#: How a request stands on an agenda: children are listed, heard, put back; requests only stand beside them.
ON_AGENDA, HEARD_THERE, OFF_AGENDA = "request", "request heard", "request moved"
_DECIDED = frozenset(state.name for state in DECIDED)


def apply(session: Session, case: Case, entry: Entry) -> None:
    """Let one entry take effect."""
    there = session.get(FundingRequest, case.id)
    effect = EFFECTS.get(entry.trigger)
    if effect is not None:
        effect(session, case, there, entry)
    if entry.moved:
        case.closed = entry.to_state == F.REQUEST_CLOSED.name
        if there is not None and entry.to_state in _DECIDED and entry.from_state not in _DECIDED:
            there.decided_on = entry.happened_on
        _leave_agenda(session, case, entry, HEARD_THERE)


def rebuild(session: Session, case: Case, entries: Iterable[Entry]) -> None:
    """Wipe what the history changed beside the state, and let the history that counts take effect again."""
    session.flush()
    for table in (FundingCover, FundingRequest, AgendaItem):
        session.execute(delete(table).where(table.case_id == case.id))
    case.closed = False
    session.flush()
    session.expire_all()
    for entry in entries:
        apply(session, case, entry)
        session.flush()


# -- what is asked ----------------------------------------------------------------------------------------------


def _opened(session: Session, case: Case, there: FundingRequest | None, entry: Entry) -> None:
    if there is None:
        there = FundingRequest(case_id=case.id, value_pence=0, rounds=1, **_columns(entry.data))
        session.add(there)
    _asked(session, case, there, entry)


def _asked(session: Session, case: Case, there: FundingRequest | None, entry: Entry) -> None:
    assert there is not None, "a request is opened first"
    for name, value in _columns(entry.data).items():
        setattr(there, name, value)
    _names(there, entry.data["amount"], entry.data["frequency"])
    session.execute(delete(FundingCover).where(FundingCover.case_id == case.id))
    named = [row["case"] for row in entry.data.get("siblings", ())]
    children = {case.child_case_id, *session.scalars(select(Case.id).where(Case.ref.in_(named)))}
    session.add_all(FundingCover(case_id=case.id, child_case_id=child) for child in sorted(c for c in children if c))


def _columns(data: Any) -> dict[str, Any]:
    return {
        "kind": data["funding"],
        "timing": data["timing"],
        "purpose_kind": data["purpose_kind"],
        "household": data["household"],
        "household_key": asked.household_key(data["household"]),
        "frequency": data["frequency"],
        "tied_to": data.get("tied_to"),
        "asked_pence": pence(Decimal(data["amount"])),
        "remuneration_pence": pence(Decimal(data.get("remuneration") or 0)),
        "starts_on": date.fromisoformat(data["starts_on"]),
        "ends_on": date.fromisoformat(data["ends_on"]) if data.get("ends_on") else None,
    }


def _names(there: FundingRequest, amount: str | None, frequency: str | None) -> None:
    """An amount was named: what it comes to counts if it is the highest of this round (rules A23)."""
    if amount is not None:
        value = asked.value_of(Decimal(amount), Frequency(frequency or there.frequency))
        there.value_pence = max(there.value_pence, pence(value))


def _named(_session: Session, _case: Case, there: FundingRequest | None, entry: Entry) -> None:
    assert there is not None
    _names(there, entry.data.get("amount"), entry.data.get("frequency"))


def _submitted(_session: Session, _case: Case, there: FundingRequest | None, entry: Entry) -> None:
    assert there is not None
    there.submitted_on = there.submitted_on or entry.happened_on


def _new_round(_session: Session, _case: Case, there: FundingRequest | None, _entry: Entry) -> None:
    """What was signed stays in force; this round starts from what is asked now (reliability R6)."""
    assert there is not None
    there.rounds += 1
    there.submitted_on = there.decided_on = there.noticed_on = None
    there.contract_on = there.on_tracker_on = there.paid_on = None
    value = asked.value_of(there.asked_pence * PENNY, Frequency(there.frequency))
    there.value_pence = pence(value)


# -- what was decided -------------------------------------------------------------------------------------------


def _agreed(_session: Session, _case: Case, there: FundingRequest | None, entry: Entry) -> None:
    assert there is not None
    there.agreed_pence = pence(Decimal(entry.data["amount"]))
    there.agreed_frequency = entry.data["frequency"]
    there.signed_on, there.signed_by, there.signed_event = entry.happened_on, entry.decided_by, entry.id
    _names(there, entry.data["amount"], entry.data["frequency"])


def _on(column: str, field: str) -> Callable[[Session, Case, FundingRequest | None, Entry], None]:
    def note(_session: Session, _case: Case, there: FundingRequest | None, entry: Entry) -> None:
        assert there is not None
        setattr(there, column, date.fromisoformat(entry.data[field]))

    return note


def _paid(_session: Session, _case: Case, there: FundingRequest | None, entry: Entry) -> None:
    assert there is not None
    if there.signed_on is not None and there.decided_on is None:
        return  # a new round is open: it rests on the agreement of the one before, which these columns left behind
    there.paid_on = min(there.paid_on or entry.happened_on, entry.happened_on)


# -- hearings ---------------------------------------------------------------------------------------------------


def _listed(session: Session, case: Case, _there: FundingRequest | None, entry: Entry) -> None:
    _leave_agenda(session, case, entry, OFF_AGENDA)
    meeting = session.scalars(select(Meeting).where(Meeting.ref == entry.data["meeting"])).one()
    session.add(
        AgendaItem(id=new_id(), meeting_id=meeting.id, case_id=case.id, status=ON_AGENDA, event_id=entry.id)
    )


def _moved_with_meeting(session: Session, case: Case, _there: FundingRequest | None, entry: Entry) -> None:
    """The item goes where the meeting went, or comes back; what was missed stays to be seen (practice PT-15)."""
    back = entry.data["how"] == MeetingChange.PUT_BACK.value
    _leave_agenda(session, case, entry, PUT_BACK if back else MISSED[entry.data["how"]])
    meeting = session.scalars(select(Meeting).where(Meeting.ref == entry.data["meeting"])).one()
    of_both = (AgendaItem.case_id == case.id, AgendaItem.meeting_id == meeting.id)
    missed = session.scalars(select(AgendaItem).where(*of_both, AgendaItem.status.in_(MISSED.values()))).all()
    if back and missed:
        missed[-1].status, missed[-1].ended_by_event = ON_AGENDA, None
        return
    session.add(AgendaItem(id=new_id(), meeting_id=meeting.id, case_id=case.id, status=ON_AGENDA, event_id=entry.id))


def _lost_its_meeting(session: Session, case: Case, _there: FundingRequest | None, entry: Entry) -> None:
    _leave_agenda(session, case, entry, MISSED[entry.data["how"]])


def _leave_agenda(session: Session, case: Case, entry: Entry, status: str) -> None:
    there = select(AgendaItem).where(AgendaItem.case_id == case.id, AgendaItem.status == ON_AGENDA)
    for item in session.scalars(there):
        item.status, item.ended_by_event = status, entry.id


EFFECTS: dict[str, Callable[[Session, Case, FundingRequest | None, Entry], None]] = {
    "open_request": _opened,
    "revise_request": _asked,
    "submit_request": _submitted,
    "chair_recommends": _named,
    "dmt_approves": _named,
    "dmt_refuses": _named,
    "open_new_round": _new_round,
    **dict.fromkeys(asked.APPROVALS, _agreed),
    "issue_decision_notice": _on("noticed_on", "sent_on"),
    "record_contract": _on("contract_on", "signed_on"),
    "enter_on_tracker": _on("on_tracker_on", "entered_on"),
    "record_payment": _paid,
    "list_request": _listed,
    "adjourn_hearing": _listed,
    "move_with_meeting": _moved_with_meeting,
    "wait_for_meeting": _lost_its_meeting,
}


# -- the signature ------------------------------------------------------------------------------------------------


def keep_signature(session: Session, case: Case, event: Event, facts: Facts, *, now: datetime) -> None:
    """Where somebody signs: keep what was shown to them, with the clause that let them (reliability R6, rules A1)."""
    if not isinstance(facts.record, FundingApproved | FundingRefused):
        return
    shown = json.dumps(asked.as_shown(facts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    tier = asked.tier(facts)
    assert tier is not None
    amount = getattr(facts.record, "amount", None)
    session.flush()
    session.add(
        FundingSignature(
            event_id=event.id,
            case_id=case.id,
            signed_by=event.decided_by,
            agreed=event.trigger in asked.APPROVALS,
            amount_pence=pence(amount) if amount is not None else None,
            clause=tier.clause,
            contradiction=tier.contradiction,
            shown=shown,
            sha256=sha256(shown.encode()).hexdigest(),
            at=now,
        )
    )
