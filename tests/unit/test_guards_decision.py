"""From the agreement to progress to the Key Decision Discussion (rules 5.4 to 5.7, practice PT-5 to PT-10)."""

from datetime import date

import pytest

from states.guards import decision
from states.stages import S
from states.vocabulary import Role
from tests.factories import entry, facts, filed, judged, person, policy

TODAY = date(2026, 3, 10)  # a Tuesday
PROGRESSED = entry("group_progresses", on=date(2026, 1, 13))
MET = entry("record_initial_meeting", on=date(2026, 2, 3))
WORKED = entry("needs_further_work", on=date(2026, 2, 4))


def going_on(*entries, state=S.TRAJECTORY, **more):
    return facts(state, *entries, given=filed("proceed_to_kdd"), **more)


# --- who may go on ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((PROGRESSED,), None),
        ((), "PT-5"),
        ((entry("group_asks_further_work"),), "PT-5"),
        ((PROGRESSED, entry("needs_further_work")), None),  # after further work straight to the KDD
        ((PROGRESSED, entry("kdd_further_work")), None),
        ((PROGRESSED, entry("carer_declines"), entry("group_asks_further_work")), "PT-5"),
        ((PROGRESSED, entry("stop", source=S.TRAJECTORY), entry("reopen")), "PT-5"),
        ((entry("bring_forward", stage="TRAJECTORY", group_progressed_on=date(2025, 9, 2)),), None),
        ((entry("bring_forward", stage="TRAJECTORY", unsupported_application=True),), None),
        ((entry("bring_forward", stage="FURTHER_WORK"),), "PT-5"),
    ],
)
def test_only_a_child_whom_the_group_has_progressed_goes_to_the_kdd(entries, rule):
    assert judged(decision.group_has_progressed, going_on(*entries)) == rule


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((), "R-ALC-1"),
        ((entry("allocate", person="worker"),), None),
        ((entry("allocate", role=Role.CHILDS_WORKER.value),), "R-ALC-1"),
        ((entry("allocate"), entry("allocate", person=None)), "R-ALC-1"),  # left, and nobody is named yet
        ((entry("allocate", on=date(2026, 3, 11)),), "R-ALC-1"),  # from tomorrow
    ],
)
def test_a_named_assessment_worker_holds_the_case_on_that_day(entries, rule):
    assert judged(decision.worker_allocated, going_on(*entries)) == rule


def test_the_initial_meeting_of_this_round_is_recorded():
    again = (MET, entry("stop", source=S.TRAJECTORY), entry("reopen"))
    elsewhere = entry("bring_forward", stage="TRAJECTORY", initial_meeting_on=date(2025, 12, 2))

    assert judged(decision.initial_meeting_lets_it_go_on, going_on()) == "T8"
    assert judged(decision.initial_meeting_lets_it_go_on, going_on(MET)) is None
    assert judged(decision.initial_meeting_lets_it_go_on, going_on(*again)) == "T8"
    assert judged(decision.initial_meeting_lets_it_go_on, going_on(elsewhere)) is None


def meeting_that_ends_in(outcome):
    return entry("record_initial_meeting", outcome=outcome)


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((meeting_that_ends_in("can progress without delay"),), None),
        ((meeting_that_ends_in("further work"),), "T8"),
        ((meeting_that_ends_in("further work"), WORKED), None),  # the meeting is kept (practice PT-5)
        ((meeting_that_ends_in("further work"), meeting_that_ends_in("can progress without delay")), None),
        ((meeting_that_ends_in("carer declines"),), "R-IM-2"),
        ((meeting_that_ends_in("carer declines"), WORKED), "R-IM-2"),
        ((), None),  # that there is none is said by another condition
    ],
)
def test_the_meeting_must_say_that_the_child_can_go_on(entries, rule):
    assert judged(decision.initial_meeting_says_go_on, going_on(*entries)) == rule


def test_the_initial_meeting_asks_everyone_and_says_who_was_left_out():
    given = filed("record_initial_meeting", carers_invited=False, supervising_worker_invited=False)

    unmet = decision.everyone_invited(facts(S.TRAJECTORY, given=given))

    assert unmet is not None
    assert unmet.rule == "T7"
    assert "the carers, the supervising social worker" in unmet.reason


@pytest.mark.parametrize(("given_on", "rule"), [(date(2026, 3, 10), None), (date(2026, 3, 11), "R-IM-1")])
def test_carers_have_the_written_information_before_the_meeting(given_on, rule):
    given = filed("record_initial_meeting", information_given_on=given_on)

    assert judged(decision.information_given_first, facts(S.TRAJECTORY, given=given)) == rule


@pytest.mark.parametrize(
    ("seen", "record", "rule"),
    [
        (person("worker", Role.ASSESSMENT_WORKER), {}, None),
        (person("worker", Role.ASSESSMENT_WORKER), {"no_conflict": False}, "T6"),
        (person("worker", Role.ASSESSMENT_WORKER, enabled=False), {}, "T6"),
        (person("worker", Role.CHILDS_WORKER), {}, "T6"),
        (person("somebody", Role.ASSESSMENT_WORKER), {}, "T6"),
        (person("worker"), {"person": None}, None),  # the post falls empty
    ],
)
def test_a_post_goes_to_somebody_who_works_here_may_hold_it_and_has_no_conflict(seen, record, rule):
    at = facts(S.TRAJECTORY, given=filed("allocate", **record), people={seen.id: seen})

    assert judged(decision.person_can_hold_the_post, at) == rule


# --- the trajectory --------------------------------------------------------------------------------------


def planned(**dates):
    """Milestones by a short name: `planned(KDD=date(...), ROA=date(...))`."""
    names = {"NOTICE": "notice of intention", "APPLICATION": "application", "ORDER": "final hearing or order"}
    rows = []
    for step, given in dates.items():
        day, more = given if isinstance(given, tuple) else (given, {})
        rows.append({"step": names.get(step, step), "planned_on": day.isoformat(), "owner": "worker", **more})
    return rows


def writing(milestones, *entries):
    return facts(S.TRAJECTORY, *entries, given=filed("record_trajectory", milestones=milestones))


@pytest.mark.parametrize(
    ("milestones", "rule"),
    [
        (planned(KDD=date(2026, 5, 1), ROA=date(2026, 6, 1)), None),
        (planned(ROA=date(2026, 5, 1), KDD=date(2026, 5, 1)), None),  # on one day
        (planned(ROA=date(2026, 4, 30), KDD=date(2026, 5, 1)), "PT-10"),
        (planned(NOTICE=date(2026, 5, 1), APPLICATION=date(2026, 8, 1)), None),
        (planned(NOTICE=date(2026, 8, 2), APPLICATION=date(2026, 8, 1)), "PT-10"),
        # Any other order only warns: the order before the KDD, say, is for a person to see.
        (planned(KDD=date(2026, 5, 1), ORDER=date(2026, 4, 1)), None),
        (planned(KDD=date(2026, 5, 1)) + planned(KDD=date(2026, 5, 2)), "R-TRJ-3"),
    ],
)
def test_only_true_dependencies_block_the_order_of_a_trajectory(milestones, rule):
    assert judged(decision.milestones_in_true_order, writing(milestones)) == rule


FIRST = entry("record_trajectory", milestones=planned(KDD=date(2026, 5, 1), ROA=date(2026, 6, 1)))


@pytest.mark.parametrize(
    ("kdd", "rule"),
    [
        (date(2026, 5, 1), None),
        (date(2026, 5, 8), "R-TRJ-3"),
        (date(2026, 4, 24), "R-TRJ-3"),  # earlier is a move as well (design 6: the reason each time)
        ((date(2026, 5, 8), {"slip_reason": "worker"}), None),
        ((date(2026, 5, 8), {"done_on": "2026-05-08"}), None),
    ],
)
def test_each_time_a_date_moves_there_is_a_reason(kdd, rule):
    assert judged(decision.moved_dates_explained, writing(planned(KDD=kdd, ROA=date(2026, 6, 1)), FIRST)) == rule


def test_every_date_that_moved_without_a_reason_is_named():
    unmet = decision.moved_dates_explained(writing(planned(KDD=date(2026, 5, 2), ROA=date(2026, 6, 2)), FIRST))

    assert unmet is not None
    assert "KDD, ROA" in unmet.reason


def test_leaving_a_milestone_out_for_one_version_does_not_hide_its_move():
    without = entry("record_trajectory", milestones=planned(ROA=date(2026, 6, 1)))

    at = writing(planned(KDD=date(2026, 9, 1), ROA=date(2026, 6, 1)), FIRST, without)

    assert judged(decision.moved_dates_explained, at) == "R-TRJ-3"


def test_a_child_that_comes_back_starts_a_trajectory_of_its_own():
    at = writing(planned(KDD=date(2026, 9, 1)), FIRST, entry("stop", source=S.TRAJECTORY), entry("reopen"))

    assert judged(decision.moved_dates_explained, at) is None


@pytest.mark.parametrize(
    ("milestones", "rule"),
    [
        (planned(KDD=date(2026, 5, 1), ROA=date(2026, 6, 1), ORDER=date(2026, 12, 1)), None),
        (planned(KDD=date(2026, 5, 1), ROA=date(2026, 6, 1)), "R-TRJ-1"),
        (planned(ORDER=date(2026, 12, 1)), "R-TRJ-1"),
    ],
)
def test_a_complete_trajectory_has_the_dates_of_kdd_roa_and_order(milestones, rule):
    at = going_on(entry("record_trajectory", milestones=milestones))

    assert judged(decision.trajectory_complete, at) == rule


def test_without_a_trajectory_nobody_goes_on():
    assert judged(decision.trajectory_complete, going_on()) == "T8"


# --- the Key Decision Discussion -------------------------------------------------------------------------

KDD_OUTCOMES = ["kdd_sgo_appropriate", "kdd_further_work", "kdd_not_to_progress"]


def deciding(trigger="kdd_sgo_appropriate", *entries, policy=None, **record):
    return facts(S.KEY_DECISION, *entries, given=filed(trigger, **record), policy=policy)


@pytest.mark.parametrize("trigger", KDD_OUTCOMES)
@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"legal_adviser": "adviser", "adviser_present": True}, None),
        ({"legal_adviser": None, "adviser_present": True}, "T11"),  # present, but who?
        ({"legal_adviser": "adviser", "adviser_present": False}, "T11"),
        ({"legal_adviser": None, "adviser_present": False}, "T11"),
        ({"legal_adviser": None, "adviser_present": False, "written_advice": "Advice of 2 March"}, None),
    ],
)
def test_a_kdd_has_an_adviser_who_is_there_or_written_advice(trigger, record, rule):
    assert judged(decision.legal_oversight, deciding(trigger, **record)) == rule


def test_an_authority_may_ask_for_the_adviser_to_be_there():
    there = policy(kdd={"legal_advice": "present"})
    written = {"adviser_present": False, "written_advice": "Advice of 2 March"}

    assert judged(decision.legal_oversight, deciding(policy=there, **written)) == "T11"
    assert judged(decision.legal_oversight, deciding(policy=there)) is None


def test_a_chair_in_the_line_of_management_is_recorded_and_allowed_where_policy_says_so():
    outside = policy(kdd={"chair_may_be_in_line": False})

    assert judged(decision.chair_allowed, deciding(chair_in_line=True)) is None
    assert judged(decision.chair_allowed, deciding(chair_in_line=True, policy=outside)) == "PT-7"
    assert judged(decision.chair_allowed, deciding(chair_in_line=False, policy=outside)) is None


def option(name):
    return {"option": name, "points_for": "Security.", "points_against": "Less help."}


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["special guardianship order", "long-term fostering"], None),
        (["long-term fostering", "adoption"], "R-KDD-2"),
        (["special guardianship order", "special guardianship order"], "R-KDD-2"),
    ],
)
def test_special_guardianship_is_compared_with_another_way(options, rule):
    assert judged(decision.guardianship_compared, deciding(options=[option(o) for o in options])) == rule


def test_an_open_safeguarding_concern_is_settled_before_the_decision():
    flagged, cleared = entry("flag_safeguarding"), entry("clear_safeguarding")

    assert judged(decision.no_safeguarding_open, deciding()) is None
    assert judged(decision.no_safeguarding_open, deciding("kdd_further_work", flagged)) == "R-ASM-12"
    assert judged(decision.no_safeguarding_open, deciding("kdd_further_work", flagged, cleared)) is None
    assert judged(decision.no_safeguarding_open, deciding("kdd_further_work", flagged, cleared, flagged)) == "R-ASM-12"
