"""The Review Group: agendas, quorum, views, outcomes (rules 5.3, practice PT-2 to PT-4)."""

from __future__ import annotations

from datetime import date

from states import history
from states.facts import Facts, MeetingSeen
from states.records.decision import KeyDecisionNotToProgress
from states.records.group import (
    Business,
    GroupOutcome,
    GroupProgresses,
    MeetingChange,
    MovedWithMeeting,
    NotProgressing,
    Objection,
    Papers,
    UrgentNoted,
    View,
)
from states.records.trajectory import Trajectory
from states.vocabulary import Role, Service, Unmet, rank

REVIEW_GROUP_BODY = "Review Group"
#: Who may write down what a service said in the group (practice PT-4).
KEEP_THE_GROUPS_RECORD = frozenset({Role.GROUP_ADMINISTRATOR, Role.GROUP_CHAIR})


def _named_meeting(facts: Facts) -> MeetingSeen | None:
    return facts.meetings.get(getattr(facts.record, "meeting", "") or "")


def meeting_is_of_the_group(facts: Facts) -> Unmet | None:
    """The meeting named is a planned meeting of the Review Group (rules T2)."""
    named = _named_meeting(facts)
    if named is None:
        return Unmet("T2", "There is no meeting with this reference.", "meeting")
    if named.body != REVIEW_GROUP_BODY:
        return Unmet("T2", f"{named.ref} is a meeting of another body ({named.body}).", "meeting")
    if named.called_off(facts.today):
        return Unmet("T2", f"The meeting of {named.held_on} has been {named.status}: choose another.", "meeting")
    return None


def meeting_is_to_come(facts: Facts) -> Unmet | None:
    """A child is listed for a meeting that is still to come (rules T2)."""
    named = _named_meeting(facts)
    if named is not None and named.held_on < facts.on:
        return Unmet("T2", f"The meeting of {named.held_on} is already past: choose a later one.", "meeting")
    return None


def next_meeting_is_later(facts: Facts) -> Unmet | None:
    """A child is adjourned to a later meeting than the one that could not decide (rules R-RG-4, PT-3)."""
    named = _named_meeting(facts)
    if named is not None and facts.listed is not None and named.held_on <= facts.listed.held_on:
        return Unmet("PT-3", f"Name a meeting after the one of {facts.listed.held_on}.", "meeting")
    return None


def trajectory_newer_than_last_seen(facts: Facts) -> Unmet | None:
    """A child comes back from further work with a newer trajectory than the group last saw (rules T10)."""
    seen = facts.last(*history.GROUP_OUTCOMES, "group_adjourns")
    latest = facts.latest_entry(Trajectory)
    work = facts.last(*history.FURTHER_WORK_STEPS)
    if latest is None or (seen is not None and latest.seq < seen.seq) or (work is not None and latest.seq < work.seq):
        return Unmet("T10", "The trajectory must be updated before the child goes back to the group.", None)
    return None


def head_of_service_lets_it_go_on(facts: Facts) -> Unmet | None:
    """After so many rounds, or months, of further work a Head of Service says whether it goes on (rules R-FW-2)."""
    limit = facts.policy.trajectory.loops_before_head_of_service
    months = facts.policy.trajectory.loop_months_before_head_of_service
    if history.further_work_loops(facts) < limit and not history.waited_long(facts):
        return None
    last = facts.last(*history.FURTHER_WORK_STEPS)
    yes = facts.last("continue_further_work")
    if yes is None or (last is not None and yes.seq < last.seq):
        return Unmet(
            "R-FW-2",
            f"After {limit} rounds of further work, or {months} months in further work and put off after it, a Head of "
            "Service must confirm 'continue' (continue_further_work).",
        )
    return None


def on_an_agenda(facts: Facts) -> Unmet | None:
    """The group decides about a child at the meeting whose agenda the child is on (rules R-RG-1)."""
    if facts.listed is None:
        return Unmet("R-RG-1", "The child is not on the agenda of a meeting.")
    if facts.listed.held_on > facts.on:
        return Unmet("R-RG-1", f"The meeting is on {facts.listed.held_on}: it has not been held on {facts.on}.")
    if facts.listed.called_off(facts.today):
        return Unmet("R-RG-1", f"That meeting was {facts.listed.status}.")
    return None


def quorate(facts: Facts) -> Unmet | None:
    """The chair and enough of the services, there or in writing (practice PT-4)."""
    if facts.listed is None:
        return None
    needed = facts.policy.group.quorum_services
    heard = history.services_heard(facts)
    if facts.listed.chair is None:
        return Unmet("PT-4", "The meeting has no chair on record.")
    if len(heard) < needed:
        missing = ", ".join(sorted(history.missing_services(facts)))
        return Unmet(
            "PT-4",
            f"The meeting is not quorate: {needed} services must be there or have written. Missing: {missing}. "
            "Record who attended, add a written view, or adjourn.",
        )
    return None


def service_speaks_for_itself(facts: Facts) -> Unmet | None:
    """A service's view is given by whoever speaks for it; chair or administrator may write it down (R-RG-3, PT-4).

    The views of child, parents and carers may be written down by anyone allocated (practice PT-12).
    """
    service = facts.filed(View).voice.value
    if service not in set(Service):
        return None
    if service not in facts.deciders_services:
        return Unmet(
            "R-RG-3",
            f"Only somebody who speaks for {service} in the group gives its view. The group's chair or administrator "
            "may write it down: then name that person as the one who decided.",
            "decided_by",
        )
    if facts.recorded_by != facts.decided_by and not facts.recorders_roles & KEEP_THE_GROUPS_RECORD:
        return Unmet(
            "R-RG-3",
            f"The view of {service} is written down by the one who gives it, or by the group's chair or administrator.",
            "decided_by",
        )
    return None


def each_service_has_its_view(facts: Facts) -> Unmet | None:
    """Each service's view on this child is written down before the outcome (rules R-RG-3)."""
    if facts.listed is None:
        return None
    # A service that is said to have written has written about this child, or it was not heard on this child.
    there = facts.listed.heard(facts.policy.group.services)
    silent = there - history.services_with_views(facts)
    if silent:
        return Unmet("R-RG-3", "Record the view of " + " and ".join(sorted(silent)) + " on this child first.")
    return None


def papers_in_or_accepted(facts: Facts) -> Unmet | None:
    """Papers are in; late ones with the chair's word (practice PT-4)."""
    since = facts.since("list_for_group", *history.INTO_GROUP_BY_EVENT)
    accepted = any(e.trigger == "accept_late_papers" for e in since)
    entry = facts.latest_entry(Papers, since)
    if entry is None:
        return Unmet("R-RG-2", "The papers for the group have not been filed (file_papers).")
    record = Papers.model_validate(entry.data)
    if facts.listed is None:
        return None
    due = facts.calendar.add_working_days(facts.listed.held_on, -facts.policy.group.papers_working_days_before)
    if entry.happened_on > due and not record.chair_accepts_late and not accepted:
        return Unmet("PT-4", f"The papers came after {due}: the chair must accept them (accept_late_papers).")
    return None


def reason_for_amber_or_red(facts: Facts) -> Unmet | None:
    """Colour and decision are separate; going ahead with amber or red has its reason (rules R-RAG-3, A9)."""
    record = facts.filed(GroupProgresses)
    colour = record.colour.value if record.colour else history.colour(facts)
    if colour and colour not in facts.policy.rating.progress_without_reason and not record.going_ahead_reason:
        return Unmet("T3", f"The child is rated {colour}: give the reason for going ahead.", "going_ahead_reason")
    return None


def changed_colour_explained(facts: Facts) -> Unmet | None:
    """The group confirms the Team Manager's colour or changes it with a reason; both are kept (PT-2)."""
    record = facts.record
    assert isinstance(record, GroupOutcome)
    if record.colour and record.colour.value != history.colour(facts) and not record.colour_reason:
        return Unmet("PT-2", f"The group changes the colour to {record.colour.value}: say why.", "colour_reason")
    if record.colour and record.colour.value not in facts.policy.rating.colours:
        return Unmet("R-RAG-1", f"This authority does not use the colour {record.colour.value}.", "colour")
    return None


def sibling_impact_said(facts: Facts) -> Unmet | None:
    """Brothers and sisters are heard together and decided separately: say what it means for them (A40)."""
    record = facts.record
    assert isinstance(record, GroupOutcome | NotProgressing)
    if facts.has_siblings and not record.sibling_impact:
        return Unmet("A40", "Brothers or sisters are linked: say what this means for them.", "sibling_impact")
    return None


def _return_on(facts: Facts) -> date:
    value = getattr(facts.record, "return_on")  # noqa: B009 - several records carry the field
    assert isinstance(value, date)
    return value


def return_date_in_the_future(facts: Facts) -> Unmet | None:
    """A child who comes back has a date, and the date is to come (rules R-RG-6, T4)."""
    day = _return_on(facts)
    if day <= facts.on:
        return Unmet("R-RG-6", f"The return date {day} is not in the future.", "return_on")
    return None


def return_date_in_time_for_the_child(facts: Facts) -> Unmet | None:
    """The return date should fall before the review after next and the seventeenth birthday (rules R-RG-6)."""
    day = _return_on(facts)
    calendar, policy = facts.calendar, facts.policy
    age = policy.group.return_before_age
    birth, review = facts.head.date_of_birth, facts.head.next_review_on
    limits: list[tuple[date, str]] = []
    if birth is not None and calendar.attains(birth, age) > facts.on:
        limits.append((calendar.attains(birth, age), f"the child is {age}"))
    if review is not None and review >= facts.on:
        after_next = calendar.add_months_by(review, policy.reviews.then_months)
        limits.append((after_next, "the child's review after next (ROA) is due"))
    for limit, why in sorted(limits):
        if day >= limit:
            return Unmet("R-RG-6", f"The return date {day} is not before {limit}, when {why}.", "return_on")
    return None


def return_date_within_the_interval(facts: Facts) -> Unmet | None:
    """Each colour has its longest interval; longer needs a Head of Service's reason (practice PT-2, A10)."""
    day = _return_on(facts)
    group = facts.policy.group
    longest = facts.calendar.add(facts.on, group.longest_return)
    if day > longest:
        return Unmet("A10", f"Nobody may set a return date after {longest} ({group.longest_return}).", "return_on")
    record = facts.record
    colour = getattr(record, "colour", None)
    in_force = colour.value if colour else history.colour(facts)
    span = {str(c): s for c, s in group.return_within.items()}.get(in_force or "")
    if span is None:
        return None
    latest = facts.calendar.add(facts.on, span)
    if day <= latest:
        return None
    person = facts.people.get(getattr(record, "longer_agreed_by", None) or "")
    senior = person is not None and any(
        (rank(role) or -1) >= (rank(Role(group.longer_return_rank)) or 0) for role in person.roles
    )
    if not getattr(record, "longer_reason", None) or not senior:
        return Unmet(
            "R-RG-4",
            f"For this colour the child comes back by {latest} ({span}). For a later date give the reason and the "
            f"{group.longer_return_rank} who agreed to it.",
            "longer_reason",
        )
    return None


def first_loop_within_its_months(facts: Facts) -> Unmet | None:
    """The first round of further work is short (rules R-FW-1)."""
    if history.further_work_loops(facts) > 0:
        return None
    number = facts.policy.trajectory.further_work_first_loop_months
    latest = facts.calendar.add_months_by(facts.on, number)
    if _return_on(facts) > latest and not getattr(facts.record, "longer_reason", None):
        return Unmet(
            "R-FW-1",
            f"The first round of further work ends by {latest} ({number} months); for longer give the reason.",
            "longer_reason",
        )
    return None


def look_again_or_why_never(facts: Facts) -> Unmet | None:
    """A decision not to go on is looked at again, unless there is a reason (rules R-NP-1)."""
    record = facts.record
    assert isinstance(record, NotProgressing | KeyDecisionNotToProgress)
    if record.reopen_on is not None and record.no_reopen_reason:
        return Unmet("R-NP-1", "Give either a date to look again or the reason for none, not both.", "reopen_on")
    if record.reopen_on is not None and record.reopen_on <= facts.on:
        return Unmet("R-NP-1", f"The date to look again ({record.reopen_on}) is not in the future.", "reopen_on")
    return None


def service_was_missing(facts: Facts) -> Unmet | None:
    """Only a service that was not heard may object (practice PT-4)."""
    if facts.last(*history.PROGRESSED) is None:
        return Unmet("PT-4", "The group has not decided to progress.")
    if not history.missing_services(facts):
        return Unmet("PT-4", "Every service was heard when the group decided.")
    record = facts.filed(Objection)
    if record.service.value not in facts.policy.group.services:
        return Unmet("PT-4", f"{record.service.value} is not a service of the group.", "service")
    if record.service.value not in history.missing_services(facts):
        return Unmet("PT-4", f"{record.service.value} was heard when the group decided.", "service")
    if record.service.value not in facts.deciders_services:
        return Unmet("PT-4", f"Only the member for {record.service.value} may object for it.", "service")
    return None


def within_the_objection_days(facts: Facts) -> Unmet | None:
    """A missing service has a few working days to object (practice PT-4)."""
    entry = facts.last(*history.PROGRESSED)
    if entry is None:
        return None
    last = facts.calendar.add_working_days(entry.happened_on, facts.policy.group.objection_working_days)
    if facts.on > last:
        return Unmet("PT-4", f"The time to object ended on {last}. Call the child in to the next meeting instead.")
    return None


def listed_by_a_person(facts: Facts) -> Unmet | None:
    """A child the group must hear because of what happened stays on the agenda (design 4.2)."""
    came = facts.last("list_for_group", *history.INTO_GROUP_BY_EVENT)
    if came is None or came.trigger != "list_for_group":
        return Unmet(
            "T5", "The child is on the agenda because of an event the group must hear: it cannot be taken off."
        )
    return None


def late_papers_can_be_accepted(facts: Facts) -> Unmet | None:
    """The chair accepts papers that are late, or will be: the day they were due is over (practice PT-4)."""
    if facts.listed is None:
        return Unmet("PT-4", "The child is not on the agenda of a meeting.")
    due = facts.calendar.add_working_days(facts.listed.held_on, -facts.policy.group.papers_working_days_before)
    if facts.on <= due:
        return Unmet("PT-4", f"The papers are not late: they are due on {due}.")
    return None


def urgent_decisions_allowed(facts: Facts) -> Unmet | None:
    """Whether the chair may decide between two meetings is the authority's choice (practice PT-15)."""
    if not facts.policy.group.urgent_decision_allowed:
        return Unmet("PT-15", "This authority takes no urgent decisions between meetings: list the child for one.")
    return None


def services_have_written(facts: Facts) -> Unmet | None:
    """Enough services have written their view on this child lately, as many as make a quorum (practice PT-15)."""
    needed, days = facts.policy.group.quorum_services, facts.policy.group.urgent_views_working_days
    written = history.services_in_writing(facts)
    if len(written) < needed:
        missing = ", ".join(sorted(frozenset(facts.policy.group.services) - written))
        return Unmet(
            "PT-15",
            f"Between meetings the chair decides on written views: {needed} services must have written within the last "
            f"{days} working days (add_view). Missing: {missing}.",
        )
    return None


def urgent_decision_waits_to_be_noted(facts: Facts) -> Unmet | None:
    """There is an urgent decision that no meeting has noted yet (practice PT-15)."""
    if history.to_be_noted_at(facts) is None:
        return Unmet("PT-15", "No urgent decision on this child waits to be noted.")
    return None


def noted_at_a_meeting_that_was_held(facts: Facts) -> Unmet | None:
    """It is noted at a meeting after the decision that has taken place (practice PT-15)."""
    named = facts.meetings.get(facts.filed(UrgentNoted).meeting)
    decided = facts.last("decide_urgently")
    if named is None or named.called_off(facts.today):
        return None  # said already
    if named.held_on > facts.on:
        return Unmet("PT-15", f"That meeting is on {named.held_on}: nothing has been noted there yet.", "meeting")
    if decided is not None and named.held_on < decided.happened_on:
        return Unmet("PT-15", f"That meeting was before the decision of {decided.happened_on}.", "meeting")
    return None


def missed_meeting_is_called_off(facts: Facts) -> Unmet | None:
    """A child goes to another meeting because its own is called off, or comes back to it (practice PT-15)."""
    record = facts.filed(MovedWithMeeting)
    if record.how is MeetingChange.PUT_BACK:
        last = facts.last("move_with_meeting")
        if last is None or (last.data["missed"], last.data["meeting"]) != (record.meeting, record.missed):
            return Unmet("PT-15", "The child did not come from that meeting.", "meeting")
        return None
    missed = facts.meetings.get(record.missed)
    if missed is None or not missed.called_off(facts.today):
        return Unmet("PT-15", "That meeting has not been called off.", "missed")
    return None


def child_is_at_the_missed_meeting(facts: Facts) -> Unmet | None:
    """The child is on the agenda of the meeting that is missed, or due back at it (practice PT-15)."""
    record = facts.filed(MovedWithMeeting)
    missed = facts.meetings.get(record.missed)
    if record.business is Business.LISTED:
        listed = facts.listed.ref if facts.listed and facts.head.state == "REVIEW_GROUP" else None
        there = listed == record.missed
    elif record.business is Business.TO_NOTE:
        there = history.to_be_noted_at(facts) == record.missed
    else:
        waits = facts.head.state in ("DEFERRED", "FURTHER_WORK")
        there = waits and missed is not None and history.returns_to(facts) in (missed.ref, missed.held_on)
    if not there:
        return Unmet("PT-15", f"The child is not at that meeting: {record.business.value}.", "missed")
    return None


def desk_reviews_allowed(facts: Facts) -> Unmet | None:
    """Whether the group may decide 'unchanged' between meetings is the authority's choice (PT-2)."""
    if not facts.policy.group.desk_review_allowed:
        return Unmet("PT-2", "This authority does not use desk reviews: list the child for a meeting.")
    return None
