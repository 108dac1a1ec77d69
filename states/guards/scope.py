"""Who is on the pathway, and rating (rules 5.1, 5.2, practice PT-1, PT-2)."""

from __future__ import annotations

from states import history
from states.facts import Facts
from states.funding_stages import UNSIGNED, F
from states.policy import Policy
from states.records.closing import Ended
from states.records.codes import Barrier, WhyEnded
from states.records.opening import BroughtForward, ChildOpened, ChildUpdated, MarkedNotApplicable
from states.records.rating import BarrierRecorded, LatestPosition, Rating
from states.stages import S
from states.vocabulary import Unmet

#: What must have been decided before a stage can be brought forward (practice PT-17).
EVIDENCE_FOR: dict[S, tuple[str, ...]] = {
    S.RATED: ("colour", "rated_on"),
    S.DEFERRED: ("colour", "rated_on", "return_on"),
    S.FURTHER_WORK: ("colour", "rated_on", "return_on"),
    S.TRAJECTORY: ("colour", "rated_on", "group_progressed_on"),
    S.KEY_DECISION: ("colour", "rated_on", "group_progressed_on", "initial_meeting_on"),
    S.RATIFICATION: ("colour", "rated_on", "group_progressed_on", "kdd_on"),
    S.ASSESSMENT: ("colour", "rated_on", "kdd_on", "ratified_on"),
    S.FINANCIAL_PACKAGE: ("kdd_on", "ratified_on"),
    S.SIGN_OFF: ("kdd_on", "ratified_on"),
    S.WITH_LEGAL: ("kdd_on", "ratified_on", "submitted_on"),
    S.IN_COURT: ("issued_on",),
    S.ORDER_MADE: ("order_on",),
    S.POST_ORDER: ("order_on",),
    S.NOT_PROGRESSING: (),
    S.NOT_APPLICABLE: (),
    S.COHORT: (),
}


def _age_limit_reached(facts: Facts, policy: Policy) -> bool:
    birth = facts.head.date_of_birth
    return birth is not None and facts.on >= facts.calendar.reaches(birth, policy.scope.max_age_at_rating)


def young_enough_to_rate(facts: Facts) -> Unmet | None:
    """There must be time for three months' notice and the court (rules R-ELG-1)."""
    if _age_limit_reached(facts, facts.policy):
        return Unmet(
            "R-ELG-1",
            f"The child is {facts.policy.scope.max_age_at_rating} or older: there is no time left for notice and "
            "court. Mark the pathway as not applicable, with the reason.",
        )
    return None


def colour_is_ours(facts: Facts) -> Unmet | None:
    """The colour is one of the authority's (rules R-RAG-1)."""
    colour = facts.filed(Rating).colour.value
    if colour not in facts.policy.rating.colours:
        return Unmet("R-RAG-1", f"This authority does not use the colour {colour}.", "colour")
    return None


def next_step_follows(facts: Facts) -> Unmet | None:
    """The next step is to be done on the day of the position or later (practice PR-3).

    A day that is past by now is true history where the position is as old.
    """
    by_when = facts.filed(LatestPosition).by_when
    if by_when < facts.on:
        return Unmet(
            "PR-3",
            f"The next step is to be done by {by_when}, which is before the day of this position ({facts.on}). "
            "Give the day by which it will be done; if this was the position on an earlier day, give that day as the "
            "one it happened on.",
            "by_when",
        )
    return None


def other_barrier_named(facts: Facts) -> Unmet | None:
    """A barrier called OTHER says what it is (rules R-RAG-6)."""
    record = facts.record
    assert isinstance(record, Rating | BarrierRecorded)
    if Barrier.OTHER in record.barriers and not record.other_barrier:
        return Unmet("R-RAG-6", "Say what the other barrier is.", "other_barrier")
    return None


def a_date_to_look_again_or_why_not(facts: Facts) -> Unmet | None:
    """Nobody is put aside without a date to look again, or the reason for none (rules 0.3)."""
    record = facts.filed(MarkedNotApplicable)
    if record.look_again_on is None and not record.no_date_reason:
        return Unmet("PT-1", "Give a date to look again, or say why there is none.", "look_again_on")
    if record.look_again_on is not None and record.look_again_on <= facts.on:
        return Unmet("PT-1", f"The date to look again ({record.look_again_on}) must be in the future.", "look_again_on")
    return None


def child_is_under_eighteen(facts: Facts) -> Unmet | None:
    """A special guardianship order ends at eighteen (rules R-LAW-11).

    A feed is judged by the day it is true of: somebody who has turned eighteen since is for a person to close
    (practice PR-5), and is seen until then.
    """
    record = facts.record
    assert isinstance(record, ChildOpened)
    age = facts.policy.scope.ends_at_age
    on = min(record.fed_on or facts.on, facts.on)
    if record.date_of_birth and record.date_of_birth > facts.on:
        return Unmet("R-ELG-4", "The date of birth is in the future.", "date_of_birth")
    if record.date_of_birth and facts.calendar.attains(record.date_of_birth, age) <= on:
        return Unmet("R-LAW-11", f"The child is already {age}.", "date_of_birth")
    return None


def stage_is_known(facts: Facts) -> Unmet | None:
    """A case can be brought forward to any open stage that has a state here (practice PT-17)."""
    stage = facts.filed(BroughtForward).stage
    if stage not in S.__members__ or S[stage] not in EVIDENCE_FOR:
        known = ", ".join(s.name for s in EVIDENCE_FOR)
        return Unmet(
            "PT-17", f"There is no stage {stage!r} to bring a child forward to. Choose one of {known}.", "stage"
        )
    return None


def evidence_for_the_stage(facts: Facts) -> Unmet | None:
    """The decisions that lead to a stage are carried with their dates (practice PT-17).

    A carer who applies without us joins where the work begins, with nothing decided before (rules R-NOT-2); at
    any later stage the dates are needed all the same.
    """
    record = facts.filed(BroughtForward)
    if record.stage not in S.__members__:
        return None
    stage = S[record.stage]
    if stage is S.TRAJECTORY and record.unsupported_application:
        return None
    if stage is S.NOT_APPLICABLE and record.return_on is None and record.no_return_reason is None:
        return Unmet("PT-1", "Give a date to look again, or say why there is none.", "return_on")
    lacking = [f for f in EVIDENCE_FOR.get(stage, ()) if getattr(record, f) is None]
    if lacking:
        labels = ", ".join(f"'{BroughtForward.model_fields[f].title}'" for f in lacking)
        return Unmet("PT-17", f"To bring a child forward to {record.stage}, {labels} must be given.", lacking[0])
    return None


def evidence_is_past(facts: Facts) -> Unmet | None:
    """What is brought forward as decided was decided before (practice PT-17)."""
    record = facts.filed(BroughtForward)
    fields = sorted({f for needed in EVIDENCE_FOR.values() for f in needed} - {"colour", "return_on"})
    to_come = [f for f in fields if (day := getattr(record, f)) is not None and day > facts.on]
    if to_come:
        labels = ", ".join(f"'{BroughtForward.model_fields[f].title}'" for f in to_come)
        return Unmet("PT-17", f"What was decided elsewhere cannot lie in the future: {labels}.", to_come[0])
    return None


def born_before_today(facts: Facts) -> Unmet | None:
    """Nobody on the pathway is still to be born (rules R-ELG-4)."""
    birth = facts.filed(ChildUpdated).date_of_birth
    if birth is not None and birth > facts.on:
        return Unmet("R-ELG-4", "The date of birth is in the future.", "date_of_birth")
    return None


def code_fits_the_end(facts: Facts) -> Unmet | None:
    """Turning eighteen is checked against the birthday (practice PR-5, rules R-CLK-7)."""
    record = facts.filed(Ended)
    age, known = facts.policy.scope.ends_at_age, history.age(facts)
    if record.why is WhyEnded.EIGHTEEN and known is not None and known < age:
        return Unmet("T23", f"By the date of birth on file the child is not yet {age}.", "why")
    return None


def somebody_must_look(facts: Facts) -> Unmet | None:
    """A death, a move, leaving care are facts; what they mean for the case a named person says (PR-1, PR-5)."""
    return Unmet("PR-1", "A person must decide what this means for the case: it is never closed by the system.")


def no_money_left_undecided(facts: Facts) -> Unmet | None:
    """Nobody watches over the requests of a closed case: what is still being decided is decided or withdrawn (PR-5)."""
    unsigned = {state.name for state in UNSIGNED}
    return _left_open(facts, [one.ref for one in facts.requests if one.state in unsigned], "decided or withdrawn")


def no_request_left_behind(facts: Facts) -> Unmet | None:
    """Money stays with the case it was asked for: so that case stays, or its requests are closed first (PT-16)."""
    there = [one.ref for one in facts.requests if one.state != F.REQUEST_CLOSED.name]
    return _left_open(facts, there, "closed, or merge the other case into this one")


def _left_open(facts: Facts, refs: list[str], what: str) -> Unmet | None:
    own = facts.head.ref
    mine = [one.ref for one in facts.requests if one.ref in refs and one.child == own]
    if not mine:
        return None
    which = "is a funding request" if len(mine) == 1 else "are funding requests"
    return Unmet("PR-5", f"There {which} of this child: {', '.join(mine)}. First {what}.")
