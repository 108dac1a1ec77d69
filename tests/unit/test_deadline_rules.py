"""Deadlines: which a step opens, to which date it counts, when it stands still (rules 2, 5.0; dates by hand)."""

from datetime import date

import pytest

from casework.acting.deadlines import openings
from states import deadlines as due
from states.counting import Standing, after_pauses
from states.pathway import PATHWAY
from states.stages import S
from states.vocabulary import Basis, Role, Unit
from tests.factories import entry, facts, filed, group_meeting, policy, row

TUESDAY = date(2026, 3, 10)
CALENDAR = facts(S.RATED).calendar


def opened(trigger, state, *entries, on=TUESDAY, record=None, row_of=None, **more):
    """{name: due date} of what a step opens; of several with one name, all of them in order."""
    given = filed(trigger, on=on, source=state, **(record or {}))
    at = facts(state, *entries, given=given, on=on, **more)
    found: dict[str, object] = {}
    for one in openings(row_of or row(trigger, state), at):
        there = found.get(one.due.name)
        found[one.due.name] = one.due_on if there is None else (there, one.due_on)
    return found


MEETING = {"MT-1": group_meeting(on=date(2026, 4, 8))}  # the Wednesday after Easter


# --- what each step opens --------------------------------------------------------------------------------


def test_the_first_rating_is_due_twenty_working_days_after_the_child_came_into_scope():
    # Good Friday 3 and Easter Monday 6 April are no working days.
    assert opened("open_case", None) == {"first_rating": date(2026, 4, 9)}
    assert opened("open_case", None, record={"eligible_on": date(2026, 3, 2)}) == {"first_rating": date(2026, 3, 30)}


def test_a_rating_is_refreshed_after_six_months():
    assert opened("rate", S.COHORT) == {"rerating": date(2026, 9, 10)}
    assert opened("rerate", S.ASSESSMENT, on=date(2026, 8, 31)) == {"rerating": date(2027, 2, 28)}


def test_a_child_put_aside_is_looked_at_again_on_the_date_given():
    looked = opened("mark_not_applicable", S.RATED, record={"look_again_on": date(2026, 9, 7)})
    never = opened("mark_not_applicable", S.RATED, record={"look_again_on": None, "no_date_reason": "Adopted."})

    assert (looked, never) == ({"look_again": date(2026, 9, 7)}, {})


@pytest.mark.parametrize(
    ("trigger", "state"),
    [
        ("list_for_group", S.RATED),
        ("list_for_group", S.FURTHER_WORK),
        ("carer_declines", S.ASSESSMENT),
        ("return_to_group", S.ASSESSMENT),
        ("service_objects", S.TRAJECTORY),
        ("group_adjourns", S.REVIEW_GROUP),
    ],
)
def test_papers_are_due_five_working_days_before_the_meeting(trigger, state):
    # Back from Wednesday 8 April over Tue 7, Thu 2, Wed 1, Tue 31 to Mon 30 March.
    assert opened(trigger, state, meetings=MEETING) == {"papers": date(2026, 3, 30)}


def test_an_adjourned_child_whose_papers_are_in_is_not_asked_for_them_again():
    in_already = (entry("list_for_group", source=S.RATED), entry("file_papers"))

    assert opened("group_adjourns", S.REVIEW_GROUP, *in_already, meetings=MEETING) == {}


THERE = group_meeting(on=TUESDAY)
TWO = group_meeting(on=TUESDAY, present=frozenset({"Fostering", "Safeguarding"}))


def test_agreeing_to_progress_asks_for_trajectory_worker_and_minutes():
    assert opened("group_progresses", S.REVIEW_GROUP, listed=THERE) == {
        "trajectory": date(2026, 3, 24),  # ten working days
        "allocation": date(2026, 3, 17),  # five
        "minutes": date(2026, 3, 17),
    }


def test_a_missing_service_may_object_for_five_working_days():
    assert opened("group_progresses", S.REVIEW_GROUP, listed=TWO)["objection"] == date(2026, 3, 17)


def test_a_worker_who_was_there_already_has_fifteen_working_days_from_the_decision():
    worker = entry("allocate", source=S.RATED)

    assert opened("group_progresses", S.REVIEW_GROUP, worker, listed=THERE) == {
        "trajectory": date(2026, 3, 24),
        "initial_meeting": date(2026, 3, 31),
        "minutes": date(2026, 3, 17),
    }


def test_the_initial_meeting_is_due_fifteen_working_days_after_the_first_worker_was_named():
    assert opened("allocate", S.TRAJECTORY) == {"initial_meeting": date(2026, 3, 31)}
    assert opened("allocate", S.TRAJECTORY, record={"role": Role.CHILDS_WORKER.value}) == {}


def test_another_worker_does_not_start_the_fifteen_days_again():
    first = entry("allocate", source=S.TRAJECTORY)
    left = entry("allocate", source=S.TRAJECTORY, person=None)

    assert opened("allocate", S.TRAJECTORY, first) == {}
    assert opened("allocate", S.TRAJECTORY, first, left) == {}


def test_a_child_that_comes_back_is_met_again_within_fifteen_days_of_its_worker():
    before = (
        entry("allocate", source=S.TRAJECTORY),
        entry("record_initial_meeting"),
        entry("stop", source=S.TRAJECTORY),
    )

    assert opened("allocate", S.TRAJECTORY, *before, entry("reopen")) == {"initial_meeting": date(2026, 3, 31)}


def test_further_work_has_its_return_date_and_a_trajectory_to_update():
    assert opened("needs_further_work", S.TRAJECTORY, record={"return_on": date(2026, 5, 12)}) == {
        "return_to_group": date(2026, 5, 12),
        "trajectory": date(2026, 3, 24),
    }


def test_the_third_round_of_further_work_asks_the_head_of_service():
    two_rounds = (entry("needs_further_work"), entry("group_progresses"), entry("needs_further_work"))

    assert "continue_or_stop" not in opened("needs_further_work", S.TRAJECTORY, *two_rounds[:2])
    assert opened("needs_further_work", S.TRAJECTORY, *two_rounds)["continue_or_stop"] == date(2026, 3, 24)


def test_the_kdd_is_held_within_twenty_working_days():
    assert opened("proceed_to_kdd", S.TRAJECTORY) == {"kdd": date(2026, 4, 9)}


def test_a_positive_kdd_is_ratified_within_three_months_and_recorded_within_five_days():
    carers = entry("change_applicants", source=S.KEY_DECISION)

    assert opened("kdd_sgo_appropriate", S.KEY_DECISION, on=date(2025, 11, 28)) == {
        "ratification": date(2026, 2, 28),
        "kdd_record": date(2025, 12, 5),
    }
    assert opened("kdd_sgo_appropriate", S.KEY_DECISION, carers)["carers_letter"] == date(2026, 3, 17)


def test_the_assessment_counts_six_twelve_and_sixteen_weeks_from_the_ratification():
    assert opened("roa_ratifies", S.RATIFICATION) == {
        "assessment_start": date(2026, 3, 24),
        "assessment_midpoint": date(2026, 4, 21),
        "assessment_target": date(2026, 6, 2),
        "assessment_ceiling": date(2026, 6, 30),
    }


def test_the_weeks_of_a_case_brought_forward_count_from_the_ratification_elsewhere():
    elsewhere = {"stage": "ASSESSMENT", "ratified_on": date(2026, 1, 6)}
    [this] = [r for r in PATHWAY.rows if r.trigger == "bring_forward" and r.to is S.ASSESSMENT]

    assert opened("bring_forward", None, record=elsewhere, row_of=this) == {
        "assessment_midpoint": date(2026, 2, 17),
        "assessment_target": date(2026, 3, 31),
        "assessment_ceiling": date(2026, 4, 28),
    }


def test_every_condition_of_a_ratification_has_its_date():
    conditions = [
        {"condition": "A letter from the school", "owner": "worker", "by_when": "2026-04-01"},
        {"condition": "A second opinion", "owner": "worker", "by_when": "2026-05-01"},
    ]

    found = opened("roa_ratifies", S.RATIFICATION, record={"conditions": conditions})

    assert found["condition"] == (date(2026, 4, 1), date(2026, 5, 1))


def test_a_decision_that_is_not_ratified_is_heard_within_twenty_working_days():
    found = opened("roa_does_not_ratify", S.RATIFICATION, meetings=MEETING)

    assert found == {"relist": date(2026, 4, 9), "papers": date(2026, 3, 30)}


def test_carers_may_apply_three_months_after_their_notice_and_not_before():
    found = opened(
        "record_notice_of_intention", S.RATED, on=date(2025, 12, 1), record={"received_on": date(2025, 11, 30)}
    )

    assert found == {
        "earliest_application": date(2026, 3, 1),
        "notice_acknowledged": date(2025, 12, 5),  # five working days after Sunday 30 November
    }


def test_reports_are_with_legal_ten_working_days_before_they_are_filed():
    # Back from Tuesday 14 April 2026 over Easter to Friday 27 March.
    assert opened("submit_to_legal", S.SIGN_OFF, record={"filing_on": date(2026, 4, 14)}) == {
        "reports_to_legal": date(2026, 3, 27)
    }


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"in_care_proceedings": False}, {}),
        ({"in_care_proceedings": True}, {}),  # a wrong deadline is worse than none
        (
            {"in_care_proceedings": True, "care_proceedings_issued_on": date(2026, 1, 5)},
            {"care_proceedings": date(2026, 7, 5)},  # twenty-six weeks beginning with that day
        ),
    ],
)
def test_the_twenty_six_weeks_begin_with_the_day_the_care_proceedings_were_issued(record, found):
    assert opened("application_issued", S.WITH_LEGAL, record=record) == found


def test_representations_run_twenty_eight_days_or_to_the_day_given():
    sent = {"sent_on": date(2026, 3, 9)}

    assert opened("record_proposal_notice", S.ASSESSMENT, record=sent) == {"representations": date(2026, 4, 6)}
    given = {**sent, "representations_close_on": date(2026, 3, 27), "shortened_because": "Urgent."}
    assert opened("record_proposal_notice", S.ASSESSMENT, record=given) == {"representations": date(2026, 3, 27)}


def test_after_a_refusal_the_care_plan_is_reviewed_within_twenty_eight_days():
    assert opened("court_refuses", S.IN_COURT) == {
        "care_plan_review": date(2026, 4, 7),
        "reopen_review": date(2027, 3, 10),
    }
    given = {"review_on": date(2026, 3, 20), "reopen_on": date(2026, 9, 1)}
    assert opened("court_refuses", S.IN_COURT, record=given) == {
        "care_plan_review": date(2026, 3, 20),
        "reopen_review": date(2026, 9, 1),
    }


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({}, {"reopen_review": date(2027, 3, 10)}),
        ({"reopen_on": date(2026, 9, 1)}, {"reopen_review": date(2026, 9, 1)}),
        ({"no_reopen_reason": "Turns eighteen in May."}, {}),
    ],
)
def test_a_decision_not_to_progress_is_looked_at_again_within_twelve_months(record, found):
    assert opened("stop", S.RATED, record=record) == found


def test_a_view_against_the_plan_is_looked_at_within_ten_working_days():
    assert opened("add_view", S.RATED, record={"voice": "parent", "stance": "against"}) == {
        "opposition": date(2026, 3, 24)
    }
    assert opened("add_view", S.RATED, record={"voice": "Fostering", "stance": "against"}) == {}
    assert opened("add_view", S.RATED, record={"voice": "child", "stance": "unsure"}) == {}


def test_the_iros_twenty_working_days_are_for_the_whole_way():
    informal = entry("raise_concern")

    assert opened("raise_concern", S.RATED) == {"iro_concern": date(2026, 4, 9)}
    assert opened("raise_concern", S.RATED, informal, record={"stage": "formal"}) == {}
    assert opened("raise_concern", S.RATED, informal, entry("resolve_concern")) == {"iro_concern": date(2026, 4, 9)}


def test_only_a_placement_that_ended_asks_for_a_new_rating():
    respite = {"how": "respite, hospital or holiday"}

    assert opened("record_placement_change", S.ASSESSMENT) == {"rerating_after_change": date(2026, 3, 24)}
    assert opened("record_placement_change", S.ASSESSMENT, record=respite) == {}


def test_an_order_made_on_a_friday_is_followed_up_on_monday():
    assert opened("order_made", S.IN_COURT, on=date(2026, 4, 24)) == {"order_followed_up": date(2026, 4, 27)}


# --- whose calendar --------------------------------------------------------------------------------------


def test_closed_days_of_the_authority_extend_local_clocks_and_never_the_law():
    closed = policy(calendar={"closedown_days": (date(2026, 3, 11), date(2026, 3, 12))})

    assert opened("open_case", None, policy=closed) == {"first_rating": date(2026, 4, 13)}
    assert opened("raise_concern", S.RATED, policy=closed) == {"iro_concern": date(2026, 4, 9)}


def test_the_numbers_are_the_authoritys():
    other = policy(
        rating={"first_rating_working_days": 5},
        assessment={"target_weeks": 10},
        not_progressing={"reopen_review_months": 6},
    )

    assert opened("open_case", None, policy=other) == {"first_rating": date(2026, 3, 17)}
    assert opened("roa_ratifies", S.RATIFICATION, policy=other)["assessment_target"] == date(2026, 5, 19)
    assert opened("stop", S.RATED, policy=other) == {"reopen_review": date(2026, 9, 10)}


@pytest.mark.parametrize("one", due.ALL_DUES, ids=[f"{n}-{d.name}" for n, d in enumerate(due.ALL_DUES)])
def test_the_law_and_the_court_never_stand_still(one):
    if one.basis in (Basis.STATUTORY, Basis.COURT):
        assert one.pauses is False
    else:
        assert one.pauses is not one.runs_on


@pytest.mark.parametrize(
    "one",
    [due.EARLIEST_APPLICATION, due.CARE_PROCEEDINGS, due.IRO_CONCERN, due.PLAN_REVIEW, due.REPRESENTATIONS],
)
def test_what_the_law_sets_is_called_statutory(one):
    assert one.basis is Basis.STATUTORY


def test_an_authority_that_starts_early_counts_the_assessment_from_the_kdd():
    """Rules A8, R-ASM-2: the start is the ratification, or the KDD where early start is allowed."""
    kdd = entry("kdd_sgo_appropriate", on=date(2026, 2, 10))
    early = policy(assessment={"start": "after_kdd"})

    usual = opened("roa_ratifies", S.RATIFICATION, kdd)
    found = opened("roa_ratifies", S.RATIFICATION, kdd, policy=early)

    assert usual["assessment_target"] == date(2026, 6, 2)  # twelve weeks from 10 March
    assert (found["assessment_midpoint"], found["assessment_target"], found["assessment_ceiling"]) == (
        date(2026, 3, 24),
        date(2026, 5, 5),
        date(2026, 6, 2),
    )


def test_the_decision_is_distributed_within_the_shorter_of_the_two_times():
    """Minutes and decision go out in one act (rules 5.0, R-RG-8)."""
    three = policy(group={"decisions_told_working_days": 3})

    found = opened("group_decides_not_to_progress", S.REVIEW_GROUP, policy=three)

    assert found["minutes"] == date(2026, 3, 13)


# --- pauses ----------------------------------------------------------------------------------------------


def stood(first_due, unit, *pauses, opened_on=TUESDAY):
    standing = tuple(Standing(from_on=start, until_on=end) for start, end in pauses)
    return after_pauses(first_due, unit, opened_on, standing, CALENDAR)


def day(month, number):
    return date(2026, month, number)


@pytest.mark.parametrize(
    ("start", "end", "moved_to"),
    [
        (day(3, 16), day(3, 23), day(3, 31)),  # Monday to Monday: five working days
        (day(3, 13), day(3, 14), day(3, 25)),  # Friday, on again on Saturday: one
        (day(3, 14), day(3, 16), day(3, 24)),  # Saturday to Monday: none was lost
        (day(3, 16), day(3, 17), day(3, 25)),
        (day(3, 16), day(3, 16), day(3, 24)),  # on again the same day
        (day(3, 24), day(3, 25), day(3, 25)),  # from the last day, which is still in time
    ],
)
def test_a_pause_gives_back_the_working_days_on_which_the_clock_stood(start, end, moved_to):
    assert stood(day(3, 24), Unit.WORKING_DAYS, (start, end)) == moved_to  # ten working days from 10 March


def test_the_days_given_back_skip_the_bank_holidays_they_fall_on():
    # Five working days given back to Tuesday 31 March: 1, 2, 7, 8, 9 April.
    assert stood(day(3, 31), Unit.WORKING_DAYS, (day(3, 16), day(3, 23))) == day(4, 9)


def test_a_pause_over_easter_gives_back_no_more_than_was_lost():
    # Thursday 2 to Tuesday 7 April: only Thursday was a working day.
    assert stood(day(4, 9), Unit.WORKING_DAYS, (day(4, 2), day(4, 7))) == day(4, 10)


@pytest.mark.parametrize("unit", [Unit.WEEKS, Unit.MONTHS, Unit.DAYS])
def test_other_clocks_get_back_calendar_days_and_land_where_they_land(unit):
    # Twelve weeks from 10 March are Tuesday 2 June; four days later is a Saturday, and no more than four is due.
    assert stood(day(6, 2), unit, (day(4, 1), day(4, 5))) == day(6, 6)


def test_while_a_clock_stands_still_there_is_no_date():
    assert stood(day(6, 2), Unit.WEEKS, (day(4, 1), None)) is None


def test_a_clock_that_was_late_before_it_was_stopped_stays_late():
    assert stood(day(3, 24), Unit.WORKING_DAYS, (day(3, 25), None)) == day(3, 24)
    assert stood(day(3, 24), Unit.WORKING_DAYS, (day(3, 25), day(4, 20))) == day(3, 24)


def test_a_pause_before_the_clock_began_gives_nothing_back():
    assert stood(day(3, 24), Unit.WORKING_DAYS, (day(2, 2), day(3, 9))) == day(3, 24)


def test_a_pause_that_was_on_when_the_clock_began_counts_from_there():
    # Standing since February, on again on Thursday 12 March: Tuesday and Wednesday were lost.
    assert stood(day(3, 24), Unit.WORKING_DAYS, (day(2, 2), day(3, 12))) == day(3, 26)


def test_several_pauses_add_up_in_their_order():
    pauses = ((day(4, 20), day(4, 24)), (day(4, 1), day(4, 3)))

    assert stood(day(6, 2), Unit.WEEKS, *pauses) == day(6, 8)  # two days and four


def test_a_pause_that_begins_in_the_days_given_back_still_counts():
    # Due 24 March; a week lost moves it to 31 March; a second pause on 26 March is before that.
    assert stood(day(3, 24), Unit.WORKING_DAYS, (day(3, 16), day(3, 23)), (day(3, 26), day(3, 27))) == day(4, 1)
