"""Which of several rows applies, and when a deadline or a notice belongs to a step: pure yes or no."""

from __future__ import annotations

from datetime import timedelta

from states import history
from states.facts import Facts
from states.records.codes import Stance, Voice
from states.records.court import ApplicationWithdrawn, CourtDirection, HowWithdrawn
from states.records.decision import Ratification
from states.records.group import Business, MeetingChange, MovedWithMeeting, Papers, View
from states.records.keeping import ActMoved
from states.records.opening import BroughtForward
from states.records.standing import Concern, ConcernStage, HowMoved, PlacementChange
from states.records.trajectory import Allocated, PostOnACase
from states.vocabulary import Choice, State


def stage_is(stage: State) -> Choice:
    """The record brings the case forward to this stage."""
    return lambda facts: isinstance(facts.record, BroughtForward) and facts.record.stage == stage.name


def came_from(state: State) -> Choice:
    """The child was put on the agenda from this state (design 4.2)."""

    def chosen(facts: Facts) -> bool:
        listed = facts.last("list_for_group")
        return listed is not None and listed.from_state == state.name

    return chosen


def withdrawn(how: HowWithdrawn) -> Choice:
    """The application is withdrawn in this way."""
    return lambda facts: facts.filed(ApplicationWithdrawn).how is how


def service_missing(facts: Facts) -> bool:
    """A service neither came nor wrote: it may object within its days (practice PT-4)."""
    return facts.listed is not None and bool(history.missing_services(facts))


def service_has_not_written(facts: Facts) -> bool:
    """The chair decides urgently without a service's view: it may object within its days (practice PT-15, PT-4)."""
    return bool(history.missing_services(facts))


def papers_still_to_come(facts: Facts) -> bool:
    """No papers have been filed since the child was listed: an adjournment does not ask for them twice."""
    return facts.latest_entry(Papers, facts.since("list_for_group", *history.INTO_GROUP_BY_EVENT)) is None


def _moves(facts: Facts, business: Business) -> bool:
    return facts.filed(MovedWithMeeting).business is business


def moves_and_papers_to_come(facts: Facts) -> bool:
    """A listed child moves with its meeting, its papers are not in, and there is still time for them (PT-15)."""
    if not _moves(facts, Business.LISTED) or not papers_still_to_come(facts):
        return False
    there = facts.meetings[facts.filed(MovedWithMeeting).meeting].held_on
    return facts.calendar.add_working_days(there, -facts.policy.group.papers_working_days_before) >= facts.on


def return_moves(facts: Facts) -> bool:
    """The child was due back at a meeting that is called off (practice PT-15)."""
    return _moves(facts, Business.RETURNS)


def noting_moves(facts: Facts) -> bool:
    """An urgent decision was to be noted at a meeting that is called off (practice PT-15)."""
    return _moves(facts, Business.TO_NOTE)


def relisting_moves(facts: Facts) -> bool:
    """A child that was not ratified cannot be heard within its days, for the meeting is called off (PT-15, A6)."""
    came = facts.last("list_for_group", *history.INTO_GROUP_BY_EVENT)
    if not _moves(facts, Business.LISTED) or came is None or came.trigger != "roa_does_not_ratify":
        return False
    days = facts.policy.roa.not_ratified_relist_working_days
    record = facts.filed(MovedWithMeeting)
    later = facts.meetings[record.meeting].held_on > facts.calendar.add_working_days(came.happened_on, days)
    return later or record.how is MeetingChange.PUT_BACK


def loops_reached(facts: Facts) -> bool:
    """This round of further work is one at which a Head of Service must speak (rules R-FW-2)."""
    many = history.further_work_loops(facts) + 1 >= facts.policy.trajectory.loops_before_head_of_service
    return many or history.waited_long(facts)


def carers_on_record(facts: Facts) -> bool:
    """There is somebody to write to."""
    return bool(history.applicants(facts, facts.entries))


def review_far_away(facts: Facts) -> bool:
    """The child's next review is further off than policy likes: ask to bring it forward (practice PT-8)."""
    next_on = facts.head.next_review_on
    return next_on is not None and next_on > facts.on + timedelta(days=facts.policy.roa.bring_forward_after_days)


def conditions_set(facts: Facts) -> bool:
    """The review ratified with conditions (practice PT-3)."""
    return bool(facts.filed(Ratification).conditions)


def out_of_the_blue(facts: Facts) -> bool:
    """An order without an application on record (practice PR-1)."""
    return facts.head.state != "IN_COURT"


def view_is_against(facts: Facts) -> bool:
    """Child, parent or carer is against the plan (practice PT-12)."""
    view = facts.filed(View)
    return view.stance is Stance.AGAINST and view.voice in (Voice.CHILD, Voice.PARENT, Voice.CARER)


def placement_ended(facts: Facts) -> bool:
    """The placement ended; respite, hospital and holiday are not that (practice PT-13)."""
    return facts.filed(PlacementChange).how is HowMoved.ENDED


def direction_is_new(facts: Facts) -> bool:
    """A direction that changes none before it."""
    return facts.filed(CourtDirection).replaces is None


def direction_changes(facts: Facts) -> bool:
    """A direction that changes an earlier one."""
    return facts.filed(CourtDirection).replaces is not None


def direction_is_earlier(facts: Facts) -> bool:
    """The court wants it earlier than planned (practice PT-14)."""
    return facts.filed(CourtDirection).replaces_target


def concern_is_formal(facts: Facts) -> bool:
    """The IRO's concern is formal (practice PT-21)."""
    return facts.filed(Concern).stage is ConcernStage.FORMAL


def concern_is_informal(facts: Facts) -> bool:
    """The IRO's concern is informal (practice PT-21)."""
    return facts.filed(Concern).stage is ConcernStage.INFORMAL


def post_is_assessment_worker(facts: Facts) -> bool:
    """The post filled is the assessment worker's."""
    record = facts.filed(Allocated)
    return record.role is PostOnACase.ASSESSMENT_WORKER and record.person is not None


def somebody_took_over(facts: Facts) -> bool:
    """A post passes from one person to another (practice PT-19)."""
    record = facts.filed(Allocated)
    return record.person is not None and any(
        e.kind == "allocation" and e.data.get("role") == record.role.value for e in facts.entries
    )


def concern_is_new(facts: Facts) -> bool:
    """No concern is open: one that goes up a stage keeps its days, for they are for the whole way (R-LAC-6)."""
    last = facts.last("raise_concern", "resolve_concern")
    return last is None or last.trigger == "resolve_concern"


def viability_negative(facts: Facts) -> bool:
    """A viability assessment is negative (rules R-ASM-3)."""
    return not getattr(facts.record, "positive", True)


def entry_moved_the_state(facts: Facts) -> bool:
    """The entry that stands on the wrong child had moved the case (practice PT-16)."""
    named = facts.filed(ActMoved).event
    return any(e.id == named and e.moved for e in facts.entries)


def entry_left_the_state(facts: Facts) -> bool:
    """The entry that stands on the wrong child had left the case where it was (practice PT-16)."""
    return not entry_moved_the_state(facts)
