"""What a list of next steps leaves out or sets apart: acts with nothing to act on, and facts out of their order.

Nothing is refused by this: whoever asks for such a step is answered by its guards. It is what people read first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from states import history
from states.facts import Entry, Facts
from states.guards import group
from states.records.assessment import Report
from states.records.court import NoticeAcknowledged, NoticeOfIntention
from states.records.decision import ConditionMet, Ratification
from states.stages import ASSESSING, OPEN, S
from states.vocabulary import Nature, State, Transition


def nothing_to_act_on(trigger: str, facts: Facts) -> bool:
    """Whether there is nothing in a child's history that this act could be about: no concern to clear, say."""
    has_something = _HAS_SOMETHING.get(trigger)
    return has_something is not None and not has_something(facts)


def out_of_its_order(row: Transition, state: State | None) -> bool:
    """Whether a fact would come from outside the order of the pathway here (practice PR-1).

    An order from the cohort, a death, a move: recorded at once when it has happened, and nobody's next step.
    """
    return row.nature is Nature.FACT and state in row.source and state not in USUAL.get(row.trigger, frozenset())


#: Where a fact is an ordinary next step. The facts of the child's life are so nowhere.
USUAL: Mapping[str, frozenset[S]] = {
    "application_issued": frozenset({S.WITH_LEGAL}),
    "order_made": frozenset({S.IN_COURT}),
    "court_refuses": frozenset({S.IN_COURT}),
    "withdraw_application": frozenset({S.IN_COURT}),
    "extend_proceedings": frozenset({S.IN_COURT}),
    "record_court_direction": frozenset({S.IN_COURT}),
    "record_notice_of_intention": ASSESSING | {S.WITH_LEGAL},
    "record_review": OPEN,
    "record_visit": OPEN,
    "record_placement_change": frozenset(),
    "record_death": frozenset(),
    "record_move_away": frozenset(),
    "record_leaving": frozenset(),
}


def _flagged_for_cfs(facts: Facts, but_for: str) -> bool:
    """Whether an upload made for CFS Permanence has not been answered in this way yet (practice PR-7)."""
    answered = {e.data.get("upload") for e in facts.entries if e.trigger == but_for}
    return any(
        e.trigger == "record_on_case_system" and e.data.get("for_cfs") and e.id not in answered for e in facts.entries
    )


def _conditions_open(facts: Facts) -> bool:
    ratified = facts.latest_entry(Ratification)
    if ratified is None:
        return False
    met = [e for e in facts.entries if e.kind == ConditionMet.kind and e.seq > ratified.seq]
    return len(ratified.data.get("conditions") or ()) > len(met)


def _directions_open(facts: Facts) -> bool:
    met = {e.data.get("direction") for e in facts.entries if e.trigger == "meet_direction"}
    return any(e.trigger == "record_court_direction" and e.id not in met for e in facts.entries)


def _notice_waits(facts: Facts) -> bool:
    notice, answered = facts.latest_entry(NoticeOfIntention), facts.latest_entry(NoticeAcknowledged)
    return notice is not None and _after(notice, answered)


def _decision_undistributed(facts: Facts) -> bool:
    decided = facts.last(*history.GROUP_OUTCOMES, "group_adjourns")
    return decided is not None and _after(decided, facts.last("distribute_minutes"))


def _after(one: Entry, other: Entry | None) -> bool:
    return other is None or one.seq > other.seq


def _last_is(facts: Facts, trigger: str, *, ended_by: str) -> bool:
    last = facts.last(trigger, ended_by)
    return last is not None and last.trigger == trigger


def _waits_at_a_meeting_called_off(facts: Facts) -> bool:
    back = facts.last("move_with_meeting")
    called_off = facts.listed is not None and facts.listed.called_off(facts.today)
    return called_off or back is not None


#: By act: whether there is something it could be about.
_HAS_SOMETHING: Mapping[str, Callable[[Facts], bool]] = {
    "clear_safeguarding": history.safeguarding_open,
    "resume_clock": lambda facts: history.standing_still(facts) is not None,
    "resolve_concern": lambda facts: _last_is(facts, "raise_concern", ended_by="resolve_concern"),
    "lift_restriction": lambda facts: _last_is(facts, "restrict", ended_by="lift_restriction"),
    "end_sibling_link": lambda facts: facts.has_siblings,
    "meet_condition": _conditions_open,
    "acknowledge_notice": _notice_waits,
    "meet_direction": _directions_open,
    "receive_document": lambda facts: _flagged_for_cfs(facts, "receive_document"),
    "enter_document_on_tracker": lambda facts: _flagged_for_cfs(facts, "enter_document_on_tracker"),
    "distribute_minutes": _decision_undistributed,
    "note_urgent_decision": lambda facts: history.to_be_noted_at(facts) is not None,
    "move_with_meeting": _waits_at_a_meeting_called_off,
    "accept_late_papers": lambda facts: group.late_papers_can_be_accepted(facts) is None,
    "check_quality": lambda facts: facts.latest_entry(Report) is not None,
    "note_agreement": lambda facts: any(one.signed_on is not None and one.confirmed for one in facts.requests),
}
