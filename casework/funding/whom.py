"""For whom a request waits, and for what: by where it stands and what has been done since (rules 7.1, practice 6.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from casework.funding.hearings import Listed
from states import authority
from states.asked import PER_YEAR
from states.funding_stages import SIGNED, F
from states.guards.funding import HEARD_BY
from states.policy.sections import FinancePolicy
from states.records.funding import Frequency, FundingKind
from states.vocabulary import Role

_DESKS = {
    F.WITH_HEAD_OF_SERVICE: (Role.HEAD_OF_SERVICE.value, "To agree, or to say why not"),
    F.SECOND_VIEW: ("A second Head of Service", "To give a second view"),
    F.WITH_ASSISTANT_DIRECTOR: (Role.ASSISTANT_DIRECTOR.value, "To decide"),
    F.WITH_DIRECTOR: (Role.DIRECTOR.value, "To decide"),
}
_WORKER, _CFS, _LEGAL = "worker", Role.CFS_PERMANENCE.value, Role.LEGAL.value
#: What follows a signature, whoever does it: the step that does it, and the words (R-SUP-7, R-SUP-9, PR-7).
_NOTICES = (
    ("issue_proposal_notice", _WORKER, "Send the notice of proposed decision"),
    ("close_funding_representations", _WORKER, "Close the time for representations"),
    ("issue_decision_notice", _WORKER, "Send the notice of decision"),
)
_AGREEMENT = (
    ("upload_agreement", _WORKER, "Add the agreement to the case system and send it"),
    ("receive_agreement", _CFS, "Confirm that the agreement was received"),
    ("enter_on_tracker", _CFS, "Enter the agreement on the tracker"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a request that waits. `signer`: in whose name a decision waits to be confirmed."""

    state: F
    kind: FundingKind
    agreed: Decimal | None
    frequency: str
    tied_to: str | None
    workers: tuple[str, ...]
    signer: str | None
    done: frozenset[str]  # the steps taken in this round
    heard: Listed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """For whom it waits, and what they do."""

    whom: str
    what: str


def awaited(one: Standing, finance: FinancePolicy, today: date) -> Awaited:
    """For whom a request waits on a London date, and what is to be done."""
    workers = ", ".join(one.workers) or "Nobody is allocated"
    if one.state in _DESKS:
        whom, what = _DESKS[one.state]
        return Awaited(whom=whom, what=what)
    if one.state.name in HEARD_BY:
        return _hearing(one, today)
    if one.state is F.PREPARING:
        return Awaited(whom=workers, what="To prepare and submit it")
    if one.state is F.RETURNED:
        return Awaited(whom=workers, what="To answer the questions")
    if one.signer is not None:
        return Awaited(whom=one.signer, what="To confirm the decision recorded in their name")
    tasks = list(_tasks(one, finance))
    whom_all = dict.fromkeys(workers if whom == _WORKER else whom for whom, _ in tasks)
    return Awaited(whom=", ".join(whom_all), what=_one_after_the_other([words for _, words in tasks]))


def _one_after_the_other(tasks: Sequence[str]) -> str:
    return "; ".join([*tasks[:1], *(words[0].lower() + words[1:] for words in tasks[1:])])


def _hearing(one: Standing, today: date) -> Awaited:
    body = HEARD_BY[one.state.name]
    if one.heard is None:
        return Awaited(whom=_CFS, what=f"To put it on an agenda of the {body}")
    if one.heard.held_on < today:
        return Awaited(whom=f"Chair of the {body}", what="To record what the hearing came to")
    return Awaited(whom=f"The {body}", what="To hear it")


def _tasks(one: Standing, finance: FinancePolicy) -> Iterator[tuple[str, str]]:
    """What is open after the decision: of each chain the first step that has not been taken, then the last one."""
    chains = [_NOTICES, _AGREEMENT] if one.state in SIGNED else [_NOTICES[:2]]
    still = [next(((whom, words) for step, whom, words in chain if step not in one.done), None) for chain in chains]
    found = [task for task in still if task is not None]
    if one.state in SIGNED:
        found += _before_payment(one, finance)
    yield from found
    if not found:
        yield (_CFS, "Sign it off: payable" if one.state in SIGNED else "Close the request")


def _before_payment(one: Standing, finance: FinancePolicy) -> Iterator[tuple[str, str]]:
    if PER_YEAR[Frequency(one.frequency)] > 1 and "agree_conditions" not in one.done:
        yield _WORKER, "Record that the carers agree the conditions"
    if one.state is F.CONTRACT_PENDING and "record_contract" not in one.done:
        yield _LEGAL, "Record the signed contract"
    needed = one.agreed is not None and authority.needs_contract(one.kind, one.agreed, one.tied_to, finance)
    if one.state is F.APPROVED and needed and "record_contract" not in one.done:
        yield _WORKER, "Ask for a contract"
