"""What a funding request waits for, and from which posts: in each state, and after the signature paper by paper.

Pure, and over what a projection knows: nothing here judges a step, the guards do. It only says on whose desk a request
lies, so that nobody has to look for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from states.funding import ASSISTANT_DIRECTOR, CFS, DIRECTOR, HEAD_OF_SERVICE, LISTERS, WORKERS
from states.funding_stages import HEARD, SIGNED, F
from states.vocabulary import Role

#: In which order the papers after a decision follow one another (rules R-SUP-7 to R-SUP-9, R-FIN-10).
NOTICES = ("issue_proposal_notice", "close_funding_representations", "issue_decision_notice")
FILING = ("upload_agreement", "receive_agreement", "enter_on_tracker")
#: Every step by which `waits_for` knows how far the papers are.
PAPERS = (*NOTICES, *FILING, "agree_conditions", "ask_for_contract", "record_contract", "sign_off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """One thing that a request waits for."""

    what: str
    step: str
    by: tuple[Role, ...]
    clock: str | None = None  # the deadline it is done by
    decides: bool = False  # a view or a signature: whoever gives it reads the decision on one page first
    chair: bool = False  # of the meeting that hears it, whatever posts they hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a request without reading its history."""

    state: F
    done: frozenset[str] = frozenset()  # the steps taken since what is asked for was last opened
    listed: bool = False
    confirmed: bool = True  # the signature is the signatory's own, or they have confirmed it (practice PR-2)
    periodic: bool = False
    contract: bool = False  # one has to be signed before anything is paid (rules R-FIN-9)


_DESKS = {
    F.WITH_HEAD_OF_SERVICE: (HEAD_OF_SERVICE, "funding_head_of_service"),
    F.WITH_ASSISTANT_DIRECTOR: (ASSISTANT_DIRECTOR, "funding_assistant_director"),
    F.WITH_DIRECTOR: (DIRECTOR, "funding_director"),
}
_FIRST_STEP = {
    F.WITH_HEAD_OF_SERVICE: "head_of_service_approves",
    F.WITH_ASSISTANT_DIRECTOR: "assistant_director_approves",
    F.WITH_DIRECTOR: "director_approves",
}


def waits_for(known: Progress) -> tuple[Waits, ...]:
    """Everything that a request waits for now, the first thing first; nothing while a signature is unconfirmed."""
    state = known.state
    if state is F.PREPARING:
        return (Waits(what="Prepare and submit", step="submit_request", by=WORKERS, clock="funding_needs_led"),)
    if state is F.RETURNED:
        return (Waits(what="Answer the questions", step="answer_questions", by=WORKERS, clock="funding_answers"),)
    if state in HEARD or state is F.AT_DMT:
        return (_hearing(known),)
    if state in _DESKS:
        by, clock = _DESKS[state]
        what = "Decide: agree, return or refuse"
        return (Waits(what=what, step=_FIRST_STEP[state], by=by, clock=clock, decides=True),)
    if state is F.SECOND_VIEW:
        step, clock = "second_head_of_service_views", "funding_second_head_of_service"
        return (Waits(what="Give the second view", step=step, by=HEAD_OF_SERVICE, clock=clock, decides=True),)
    if state is F.REFUSED:
        return _notices(known)
    if state in SIGNED and known.confirmed:
        return _papers(known)
    return ()


def _hearing(known: Progress) -> Waits:
    if not known.listed:
        return Waits(what="Put it on an agenda", step="list_request", by=LISTERS)
    dmt = known.state is F.AT_DMT
    what = "Say what DMT decides" if dmt else "Hear it and recommend"
    return Waits(what=what, step="dmt_approves" if dmt else "chair_recommends", by=(), decides=True, chair=True)


def _papers(known: Progress) -> tuple[Waits, ...]:
    found = [*_filing(known), *_notices(known)]
    after_notices = "issue_decision_notice" in known.done
    if known.periodic and after_notices and "agree_conditions" not in known.done:
        found.append(Waits(what="Agree the conditions with the carers", step="agree_conditions", by=WORKERS))
    if known.contract and "record_contract" not in known.done:
        asked = "ask_for_contract" in known.done
        what, step = ("Sign the contract", "record_contract") if asked else ("Ask for a contract", "ask_for_contract")
        clock = "funding_contract" if asked else None
        found.append(Waits(what=what, step=step, by=(Role.LEGAL,) if asked else WORKERS, clock=clock))
    if not found and known.state is not F.SIGNED_OFF:
        found.append(Waits(what="Sign off: payable", step="sign_off", by=CFS))
    return tuple(found)


def _filing(known: Progress) -> tuple[Waits, ...]:
    step = next((one for one in FILING if one not in known.done), None)
    match step:
        case "upload_agreement":
            words = "Add the agreement to the case system and send it on"
            return (Waits(what=words, step=step, by=WORKERS, clock="funding_upload"),)
        case "receive_agreement":
            return (Waits(what="Confirm that the agreement is here", step=step, by=CFS, clock="funding_tracker"),)
        case "enter_on_tracker":
            return (Waits(what="Enter it on the tracker", step=step, by=CFS, clock="funding_tracker"),)
        case _:
            return ()


def _notices(known: Progress) -> tuple[Waits, ...]:
    step = next((one for one in NOTICES if one not in known.done), None)
    match step:
        case "issue_proposal_notice":
            return (Waits(what="Send the notice of proposed decision", step=step, by=WORKERS),)
        case "close_funding_representations":
            words = "Close the time for representations"
            return (Waits(what=words, step=step, by=WORKERS, clock="funding_representations"),)
        case "issue_decision_notice":
            return (Waits(what="Send the notice of decision", step=step, by=WORKERS),)
        case _:
            return ()
