"""The Review Group: agendas, quorum, views, papers, outcomes, objections (rules 5.3, practice PT-2 to PT-4)."""

from dataclasses import replace
from datetime import date

import pytest

from states import choices
from states.guards import group
from states.stages import S
from states.vocabulary import Role
from tests.factories import entry, facts, filed, group_meeting, judged, policy, views

TODAY = date(2026, 3, 10)  # a Tuesday


def listed(trigger, *entries, meeting=None, **more):
    """A child on today's agenda about whom the group decides."""
    on = more.get("on", TODAY)
    given = filed(trigger, on=on, **more.pop("record", {}))
    return facts(
        S.REVIEW_GROUP,
        entry("list_for_group", source=S.RATED, on=date(2026, 2, 20)),
        *entries,
        given=given,
        listed=meeting or group_meeting(on=on),
        **more,
    )


# --- agendas ---------------------------------------------------------------------------------------------


def naming(meeting, trigger="list_for_group", *entries, state=S.RATED, **more):
    return facts(state, *entries, given=filed(trigger, meeting="MT-1"), meetings={meeting.ref: meeting}, **more)


def test_a_child_is_listed_for_a_meeting_that_there_is():
    at = facts(S.RATED, given=filed("list_for_group", meeting="MT-9"))

    assert judged(group.meeting_is_of_the_group, at) == "T2"


def test_a_child_is_listed_for_a_meeting_of_the_group_and_of_no_other_body():
    assert judged(group.meeting_is_of_the_group, naming(group_meeting())) is None
    assert judged(group.meeting_is_of_the_group, naming(group_meeting(body="Permanence Panel"))) == "T2"


def test_a_child_is_not_listed_for_a_meeting_that_was_cancelled():
    assert judged(group.meeting_is_of_the_group, naming(group_meeting(status="cancelled"))) == "T2"


@pytest.mark.parametrize(
    ("held_on", "rule"), [(date(2026, 3, 9), "T2"), (date(2026, 3, 10), None), (date(2026, 4, 14), None)]
)
def test_a_child_is_listed_for_a_meeting_that_is_still_to_come(held_on, rule):
    assert judged(group.meeting_is_to_come, naming(group_meeting(on=held_on))) == rule


@pytest.mark.parametrize(("held_on", "rule"), [(TODAY, "PT-3"), (date(2026, 3, 2), "PT-3"), (date(2026, 4, 14), None)])
def test_an_adjourned_child_goes_to_a_later_meeting_than_the_one_that_could_not_decide(held_on, rule):
    next_one = group_meeting("MT-1", on=held_on)
    at = naming(next_one, "group_adjourns", state=S.REVIEW_GROUP, listed=group_meeting("MT-0", on=TODAY))

    assert judged(group.next_meeting_is_later, at) == rule


def test_the_group_decides_only_about_a_child_on_its_agenda():
    assert judged(group.on_an_agenda, facts(S.REVIEW_GROUP, given=filed("group_defers"))) == "R-RG-1"


@pytest.mark.parametrize(
    ("meeting", "rule"),
    [
        (group_meeting(on=TODAY), None),
        (group_meeting(on=date(2026, 3, 9)), None),
        (group_meeting(on=date(2026, 3, 11)), "R-RG-1"),
        (group_meeting(on=TODAY, status="cancelled"), "R-RG-1"),
    ],
)
def test_the_group_decides_at_a_meeting_that_has_been_held(meeting, rule):
    assert judged(group.on_an_agenda, listed("group_defers", meeting=meeting)) == rule


def test_only_what_a_person_put_on_the_agenda_is_taken_off_again():
    by_hand = facts(S.REVIEW_GROUP, entry("list_for_group", source=S.RATED), given=filed("take_off_agenda"))
    after = [
        facts(
            S.REVIEW_GROUP,
            entry("list_for_group", source=S.RATED),
            entry("group_progresses"),
            entry(event),
            given=filed("take_off_agenda"),
        )
        for event in ("carer_declines", "return_to_group", "roa_does_not_ratify", "service_objects")
    ]

    assert judged(group.listed_by_a_person, by_hand) is None
    assert {judged(group.listed_by_a_person, at) for at in after} == {"T5"}


@pytest.mark.parametrize("back", [S.RATED, S.DEFERRED, S.FURTHER_WORK])
def test_a_child_taken_off_goes_back_to_where_it_was_listed_from(back):
    at = facts(
        S.REVIEW_GROUP,
        entry("list_for_group", source=back),
        entry("group_adjourns"),  # an adjournment in between changes nothing
        given=filed("take_off_agenda"),
    )

    assert [s for s in (S.RATED, S.DEFERRED, S.FURTHER_WORK) if choices.came_from(s)(at)] == [back]


# --- quorum and views ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "written", "rule"),
    [
        ({"Fostering", "Safeguarding", "Virtual School"}, (), None),
        ({"Fostering", "Safeguarding"}, (), None),  # two of the three
        ({"Fostering"}, ("Virtual School",), None),  # a missing service gives a written view
        ({"Fostering"}, (), "PT-4"),
        ((), ("Safeguarding",), "PT-4"),
        ((), (), "PT-4"),
        ({"Fostering", "Health"}, (), "PT-4"),  # Health is no service of this group
    ],
)
def test_the_group_is_quorate_with_its_chair_and_two_services_there_or_in_writing(present, written, rule):
    meeting = group_meeting(present=frozenset(present))
    at = listed("group_progresses", *views(*written), meeting=meeting)

    assert judged(group.quorate, at) == rule


def test_a_view_on_the_child_from_before_it_was_listed_this_time_makes_no_quorum():
    at = facts(
        S.REVIEW_GROUP,
        *views("Safeguarding", "Virtual School", on=date(2025, 9, 9)),
        entry("group_defers", on=date(2025, 9, 9)),
        entry("list_for_group", source=S.DEFERRED),
        given=filed("group_progresses"),
        listed=group_meeting(present=frozenset({"Fostering"})),
    )

    assert judged(group.quorate, at) == "PT-4"


def test_without_a_chair_the_group_is_not_quorate():
    assert judged(group.quorate, listed("group_progresses", meeting=group_meeting(chair=None))) == "PT-4"


def test_the_quorum_is_the_authoritys_number():
    three = policy(group={"quorum_services": 3})
    meeting = group_meeting(present=frozenset({"Fostering", "Safeguarding"}))

    assert judged(group.quorate, listed("group_progresses", meeting=meeting, policy=three)) == "PT-4"


def test_each_service_that_came_says_its_view_on_this_child_first():
    at = listed("group_progresses", *views("Fostering"))

    unmet = group.each_service_has_its_view(at)

    assert unmet is not None
    assert unmet.rule == "R-RG-3"
    assert "Safeguarding and Virtual School" in unmet.reason


def test_a_service_said_to_have_written_has_written_about_this_child():
    meeting = group_meeting(present=frozenset({"Fostering"}), written=frozenset({"Safeguarding"}))

    assert (
        judged(group.each_service_has_its_view, listed("group_progresses", *views("Fostering"), meeting=meeting))
        == "R-RG-3"
    )
    both = listed("group_progresses", *views("Fostering", "Safeguarding"), meeting=meeting)
    assert judged(group.each_service_has_its_view, both) is None


def test_views_of_the_child_and_the_parents_are_no_service():
    at = listed("group_progresses", *views("child", "parent"), meeting=group_meeting(present=frozenset()))

    assert judged(group.quorate, at) == "PT-4"


# --- papers ----------------------------------------------------------------------------------------------


def papers(on, **record):
    return entry("file_papers", on=on, **record)


@pytest.mark.parametrize(
    ("filed_on", "accepted", "rule"),
    [
        (date(2026, 3, 3), None, None),  # five working days before Tuesday 10 March
        (date(2026, 3, 4), None, "PT-4"),
        (date(2026, 3, 4), False, "PT-4"),
        (date(2026, 3, 10), True, None),  # the chair may accept late ones
    ],
)
def test_papers_come_five_working_days_before_or_the_chair_accepts_them(filed_on, accepted, rule):
    at = listed("group_defers", papers(filed_on, chair_accepts_late=accepted))

    assert judged(group.papers_in_or_accepted, at) == rule


def test_the_five_working_days_before_a_meeting_after_easter_skip_the_bank_holidays():
    # Wednesday 8 April 2026: back over Tue 7, Thu 2, Wed 1 April, Tue 31 and Mon 30 March.
    in_time = listed("group_defers", papers(date(2026, 3, 30)), on=date(2026, 4, 8))
    late = listed("group_defers", papers(date(2026, 3, 31)), on=date(2026, 4, 8))

    assert judged(group.papers_in_or_accepted, in_time) is None
    assert judged(group.papers_in_or_accepted, late) == "PT-4"


def test_without_papers_the_group_does_not_decide():
    assert judged(group.papers_in_or_accepted, listed("group_defers")) == "R-RG-2"


def test_the_papers_of_an_earlier_listing_are_not_the_papers():
    at = facts(
        S.REVIEW_GROUP,
        entry("list_for_group", source=S.RATED),
        papers(date(2025, 9, 1)),
        entry("group_defers"),
        entry("list_for_group", source=S.DEFERRED),
        given=filed("group_defers"),
        listed=group_meeting(),
    )

    assert judged(group.papers_in_or_accepted, at) == "R-RG-2"


def test_an_adjourned_child_needs_no_second_papers():
    at = listed("group_defers", papers(date(2026, 2, 25)), entry("group_adjourns", on=date(2026, 3, 3)))

    assert judged(group.papers_in_or_accepted, at) is None
    assert choices.papers_still_to_come(at) is False
    assert choices.papers_still_to_come(listed("group_adjourns")) is True


# --- outcomes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rated", "record", "rule"),
    [
        ("GREEN", {}, None),
        ("YELLOW", {}, None),
        ("AMBER", {}, "T3"),
        ("RED", {}, "T3"),
        ("AMBER", {"going_ahead_reason": "Everyone has waited for this."}, None),
        ("AMBER", {"colour": "GREEN", "colour_reason": "Family time is settled."}, None),
        ("GREEN", {"colour": "RED", "colour_reason": "An allegation."}, "T3"),
    ],
)
def test_amber_and_red_children_go_ahead_with_a_reason(rated, record, rule):
    at = listed("group_progresses", entry("rate", colour=rated), record=record)

    assert judged(group.reason_for_amber_or_red, at) == rule


def test_the_last_colour_counts_whoever_gave_it():
    rated_amber = entry("rate", colour="AMBER")
    group_said_green = entry("group_defers", colour="GREEN", colour_reason="Settled.")
    again_amber = entry("rerate", source=S.DEFERRED, colour="AMBER")

    after_the_group = listed("group_progresses", rated_amber, group_said_green)
    after_another_rating = listed("group_progresses", rated_amber, group_said_green, again_amber)

    assert judged(group.reason_for_amber_or_red, after_the_group) is None
    assert judged(group.reason_for_amber_or_red, after_another_rating) == "T3"


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({}, None),
        ({"colour": "AMBER"}, None),  # confirmed
        ({"colour": "GREEN"}, "PT-2"),
        ({"colour": "GREEN", "colour_reason": "Family time is settled."}, None),
    ],
)
def test_the_group_confirms_the_colour_or_says_why_it_changes(record, rule):
    at = listed("group_defers", entry("rate", colour="AMBER"), record=record)

    assert judged(group.changed_colour_explained, at) == rule


def test_the_group_cannot_give_a_colour_the_authority_does_not_use():
    three = policy(rating={"colours": ("GREEN", "AMBER", "RED")})
    record = {"colour": "YELLOW", "colour_reason": "Nearly."}

    assert judged(group.changed_colour_explained, listed("group_defers", record=record, policy=three)) == "R-RAG-1"


@pytest.mark.parametrize(
    "trigger",
    ["group_progresses", "group_defers", "group_asks_further_work", "group_decides_not_to_progress"],
)
def test_every_outcome_says_what_it_means_for_brothers_and_sisters_where_there_are_some(trigger):
    said = {"sibling_impact": "Stays with her brother."}

    assert judged(group.sibling_impact_said, listed(trigger, has_siblings=True)) == "A40"
    assert judged(group.sibling_impact_said, listed(trigger, has_siblings=True, record=said)) is None
    assert judged(group.sibling_impact_said, listed(trigger)) is None


@pytest.mark.parametrize("trigger", ["stop", "kdd_not_to_progress", "group_decides_not_to_progress"])
@pytest.mark.parametrize(
    ("reopen_on", "why_never", "rule"),
    [
        (None, None, None),  # the usual twelve months
        (date(2026, 3, 11), None, None),
        (TODAY, None, "R-NP-1"),
        (None, "Turns eighteen in May.", None),
        (date(2026, 9, 1), "Turns eighteen in May.", "R-NP-1"),
    ],
)
def test_not_to_progress_is_looked_at_again_unless_there_is_a_reason(trigger, reopen_on, why_never, rule):
    given = filed(trigger, reopen_on=reopen_on, no_reopen_reason=why_never)

    assert judged(group.look_again_or_why_never, facts(S.RATED, given=given)) == rule


# --- objections ------------------------------------------------------------------------------------------


def objecting(
    *after, on=TODAY, service="Virtual School", speaks_for=("Virtual School",), present=("Fostering", "Safeguarding")
):
    """The group progressed on Tuesday 3 March 2026 without the services that were not there."""
    return facts(
        S.TRAJECTORY,
        entry("list_for_group", source=S.RATED, on=date(2026, 2, 10)),
        *views("Fostering", "Safeguarding", on=date(2026, 3, 3)),
        entry("group_progresses", on=date(2026, 3, 3)),
        *after,
        given=filed("service_objects", service=service),
        on=on,
        listed=group_meeting(on=date(2026, 3, 3), present=frozenset(present)),
        deciders_services=frozenset(speaks_for),
    )


@pytest.mark.parametrize(
    ("on", "rule"), [(date(2026, 3, 3), None), (date(2026, 3, 10), None), (date(2026, 3, 11), "PT-4")]
)
def test_a_missing_service_has_five_working_days_to_object(on, rule):
    assert judged(group.within_the_objection_days, objecting(on=on)) == rule


def test_the_service_that_was_missing_may_object_through_its_own_member():
    assert judged(group.service_was_missing, objecting()) is None
    assert judged(group.service_was_missing, objecting(speaks_for=("Fostering",))) == "PT-4"


def test_a_service_that_was_heard_may_not_object():
    assert judged(group.service_was_missing, objecting(service="Fostering", speaks_for=("Fostering",))) == "PT-4"


def test_a_service_that_writes_after_the_decision_was_still_missing_when_it_was_taken():
    late = views("Virtual School", on=date(2026, 3, 5))

    assert judged(group.service_was_missing, objecting(*late)) is None


def test_nobody_objects_for_the_child_or_before_the_group_has_decided():
    before = facts(S.TRAJECTORY, given=filed("service_objects"), deciders_services=frozenset({"Virtual School"}))

    assert judged(group.service_was_missing, objecting(service="child", speaks_for=("child",))) == "PT-4"
    assert judged(group.service_was_missing, before) == "PT-4"


def test_a_missing_service_is_told_of_its_days_only_where_one_was_missing():
    two = listed(
        "group_progresses",
        *views("Fostering", "Safeguarding"),
        meeting=group_meeting(present=frozenset({"Fostering", "Safeguarding"})),
    )

    assert choices.service_missing(two) is True
    assert choices.service_missing(listed("group_progresses")) is False


# --- a service speaks for itself (R-RG-3, PT-4) --------------------------------------------------------------


@pytest.mark.parametrize(
    ("voice", "speaks_for", "recorder", "recorders_roles", "rule"),
    [
        ("Fostering", {"Fostering"}, "decider", set(), None),
        ("Fostering", {"Safeguarding"}, "decider", {Role.GROUP_CHAIR}, "R-RG-3"),  # the chair is not the service
        ("Fostering", set(), "decider", {Role.CHILDS_WORKER}, "R-RG-3"),
        ("Virtual School", {"Virtual School"}, "ash", {Role.GROUP_ADMINISTRATOR}, None),
        ("Virtual School", {"Virtual School"}, "ash", {Role.GROUP_CHAIR}, None),
        ("Virtual School", {"Virtual School"}, "ash", {Role.TEAM_MANAGER}, "R-RG-3"),
        ("child", set(), "decider", {Role.CHILDS_WORKER}, None),  # PT-12: anyone allocated
        ("parent", set(), "ash", {Role.TEAM_MANAGER}, None),
        ("carer", set(), "decider", set(), None),
        ("other", set(), "decider", set(), None),
    ],
)
def test_a_services_view_is_its_own_and_written_down_by_it_or_by_the_group(
    voice, speaks_for, recorder, recorders_roles, rule
):
    at = facts(
        S.REVIEW_GROUP,
        given=filed("add_view", voice=voice),
        deciders_services=frozenset(speaks_for),
        recorded_by=recorder,
        recorders_roles=frozenset(recorders_roles),
    )

    assert judged(group.service_speaks_for_itself, at) == rule


# --- waiting too long (R-FW-2) -------------------------------------------------------------------------------


def waiting(*spans, on, then=S.FURTHER_WORK, first="needs_further_work"):
    """In further work, then put off: (from, until) each, the last one open; nothing else in between counts."""
    history = []
    for start, end in spans:
        history.append(entry(first if len(history) == 0 else "group_defers", on=start))
        if end is not None:
            history.append(entry("list_for_group", source=S.FURTHER_WORK if len(history) == 1 else S.DEFERRED, on=end))
    return facts(then, *history, given=filed("list_for_group"), on=on)


@pytest.mark.parametrize(
    ("spans", "on", "rule"),
    [
        (((date(2025, 6, 10), None),), date(2026, 3, 9), None),  # nine months are up on 10 March
        (((date(2025, 6, 10), None),), date(2026, 3, 10), "R-FW-2"),
        # 10 June to 10 July (30 days), then from 9 August: 30 days of waiting lost, so 30 days later: 9 April.
        (((date(2025, 6, 10), date(2025, 7, 10)), (date(2025, 8, 9), None)), date(2026, 4, 8), None),
        (((date(2025, 6, 10), date(2025, 7, 10)), (date(2025, 8, 9), None)), date(2026, 4, 9), "R-FW-2"),
    ],
)
def test_nine_months_in_further_work_and_put_off_after_it_need_a_head_of_service(spans, on, rule):
    assert judged(group.head_of_service_lets_it_go_on, waiting(*spans, on=on)) == rule


def test_a_child_put_off_as_long_as_the_colour_allows_goes_round_no_loop():
    """PT-2: a red child comes back after twelve months; the months begin with the first further work."""
    since = date(2025, 3, 10)
    at = waiting((since, None), on=date(2026, 3, 9), then=S.DEFERRED, first="group_defers")
    worked_on = entry("group_asks_further_work", on=date(2026, 2, 12))
    listed = entry("list_for_group", source=S.DEFERRED, on=date(2026, 2, 2))

    assert judged(group.head_of_service_lets_it_go_on, at) is None
    assert choices.loops_reached(at) is False
    later = facts(S.FURTHER_WORK, entry("group_defers", on=since), listed, worked_on, given=filed("list_for_group"))
    assert judged(group.head_of_service_lets_it_go_on, replace(later, on=date(2026, 11, 11))) is None
    assert judged(group.head_of_service_lets_it_go_on, replace(later, on=date(2026, 11, 12))) == "R-FW-2"


def test_a_head_of_service_who_has_spoken_since_lets_it_go_on():
    began = entry("needs_further_work", on=date(2025, 6, 10))
    at = facts(S.FURTHER_WORK, began, entry("continue_further_work"), given=filed("list_for_group"))

    assert judged(group.head_of_service_lets_it_go_on, at) is None
    assert choices.loops_reached(facts(S.TRAJECTORY, began)) is True  # the deadline to speak opens with the next loop


def test_a_new_round_begins_without_the_old_waiting():
    history = (entry("needs_further_work", on=date(2025, 3, 10)), entry("stop", source=S.FURTHER_WORK), entry("reopen"))

    assert judged(group.head_of_service_lets_it_go_on, facts(S.FURTHER_WORK, *history)) is None


def test_the_months_are_the_authoritys():
    at = waiting((date(2025, 12, 10), None), on=date(2026, 3, 10))
    three = policy(trajectory={"loop_months_before_head_of_service": 3})

    assert judged(group.head_of_service_lets_it_go_on, replace(at, policy=three)) == "R-FW-2"


# --- a return date in time for the child (R-RG-6) -------------------------------------------------------------


@pytest.mark.parametrize(
    ("return_on", "born", "review", "rule"),
    [
        (date(2026, 9, 9), date(2009, 9, 10), None, None),  # the day before the seventeenth birthday
        (date(2026, 9, 10), date(2009, 9, 10), None, "R-RG-6"),
        (date(2026, 9, 10), date(2009, 3, 10), None, None),  # seventeen already: it cannot be before
        (date(2026, 9, 30), None, date(2026, 4, 1), None),  # the review after next is due on 1 October
        (date(2026, 10, 1), None, date(2026, 4, 1), "R-RG-6"),
        (date(2026, 10, 1), None, None, None),
    ],
)
def test_a_return_date_should_fall_before_the_review_after_next_and_before_seventeen(return_on, born, review, rule):
    at = facts(
        S.REVIEW_GROUP,
        given=filed("group_defers", return_on=return_on),
        born=born,
        head={"next_review_on": review},
    )

    assert judged(group.return_date_in_time_for_the_child, at) == rule
