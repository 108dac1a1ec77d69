"""Keeping the record straight, and what holds for every act: dates, lateness (design 5.5, R-SM-3, PR-2, PT-16)."""

from datetime import date

import pytest

from states import choices, engine
from states.guards import envelope, keeping
from states.pathway import PATHWAY
from states.stages import S
from states.vocabulary import Role
from tests.factories import anybody, entry, facts, filed, judged, numbered, person, policy

TODAY = date(2026, 3, 10)  # a Tuesday
RATED = entry("rate", on=date(2026, 2, 3))
LISTED = entry("list_for_group", source=S.RATED, on=date(2026, 2, 10))
PROGRESSED = entry("group_progresses", on=date(2026, 3, 3))


def taking_back(*entries, state=S.TRAJECTORY):
    return facts(state, *entries, given=filed("reverse_last"))


def refusal(at, trigger="reverse_last"):
    with pytest.raises(engine.NotPermitted) as refused:
        engine.fire(PATHWAY, trigger, at, anybody)
    return [u.rule for u in refused.value.unmet]


# --- taking the last step back ---------------------------------------------------------------------------


def test_the_last_step_is_taken_back_to_the_state_before_it():
    at = taking_back(RATED, LISTED, PROGRESSED)

    fired = engine.fire(PATHWAY, "reverse_last", at, anybody)

    assert (fired.from_state, fired.to_state) == ("TRAJECTORY", "REVIEW_GROUP")


def reversal(about, source, to):
    return entry("reverse_last", source=source, to=to, about=about)


def test_a_step_is_taken_back_once_and_the_one_before_it_never():
    undone = (RATED, LISTED, PROGRESSED, reversal("e3", S.TRAJECTORY, S.REVIEW_GROUP))

    assert refusal(taking_back(*undone, state=S.REVIEW_GROUP)) == ["design 5.5"]


def test_what_is_done_anew_after_a_reversal_can_be_taken_back_again():
    anew = (RATED, LISTED, PROGRESSED, reversal("e3", S.TRAJECTORY, S.REVIEW_GROUP), entry("group_defers"))
    and_back = (*anew, reversal("e5", S.DEFERRED, S.REVIEW_GROUP))

    assert (
        engine.fire(PATHWAY, "reverse_last", taking_back(*anew, state=S.DEFERRED), anybody).to_state == "REVIEW_GROUP"
    )
    assert refusal(taking_back(*and_back, state=S.REVIEW_GROUP)) == ["design 5.5"]


def test_a_step_that_was_moved_to_the_right_child_is_not_followed_by_a_reversal():
    moved = (RATED, LISTED, entry("move_act_to_right_child", source=S.REVIEW_GROUP, to=S.RATED, about="e2"))

    assert refusal(taking_back(*moved, state=S.RATED)) == ["design 5.5"]


@pytest.mark.parametrize(
    "later",
    [
        entry("note_told", source=S.TRAJECTORY),  # a letter
        entry("confirm_decision", source=S.TRAJECTORY),  # a signature
        entry("restrict", source=S.TRAJECTORY),  # a decision that leaves the state
        entry("rerate", source=S.TRAJECTORY),
        entry("clear_safeguarding", source=S.TRAJECTORY),
    ],
    ids=lambda e: e.trigger,
)
def test_after_a_decision_a_signature_or_a_letter_a_step_is_corrected_instead(later):
    unmet = keeping.last_step_can_be_taken_back(taking_back(RATED, LISTED, PROGRESSED, later))

    assert unmet is not None
    assert later.trigger in unmet.reason


@pytest.mark.parametrize("later", ["allocate", "set_latest_position", "add_view", "record_court_direction"])
def test_what_is_no_decision_does_not_stand_in_the_way(later):
    at = taking_back(RATED, LISTED, PROGRESSED, entry(later, source=S.TRAJECTORY))

    assert judged(keeping.last_step_can_be_taken_back, at) is None


def test_opening_a_case_is_no_step_to_take_back():
    assert refusal(taking_back(entry("open_case"), state=S.COHORT)) == ["design 5.5"]
    assert refusal(taking_back(state=S.COHORT)) == ["design 5.5"]


# --- confirming, correcting, moving ----------------------------------------------------------------------


def answering(trigger, *entries, by="chair", recorded_by=None, **record):
    return facts(S.TRAJECTORY, *entries, given=filed(trigger, **record), decided_by=by, recorded_by=recorded_by or by)


FOR_THE_CHAIR = entry("group_progresses", by="chair", recorded_by="clerk", confirmed=False)


@pytest.mark.parametrize("trigger", ["confirm_decision", "dispute_decision"])
@pytest.mark.parametrize(
    ("more", "rule"),
    [({}, None), ({"by": "clerk"}, "PR-2"), ({"by": "chair", "recorded_by": "clerk"}, "PR-2")],
)
def test_only_the_person_a_decision_is_recorded_for_answers_for_it(trigger, more, rule):
    assert judged(keeping.you_are_the_decider, answering(trigger, FOR_THE_CHAIR, **more)) == rule


def test_a_decision_is_confirmed_once():
    done = entry("group_progresses", by="chair", confirmed=True)

    assert judged(keeping.still_to_confirm, answering("confirm_decision", FOR_THE_CHAIR)) is None
    assert judged(keeping.still_to_confirm, answering("confirm_decision", done)) == "PR-2"


def test_a_decision_that_somebody_else_corrects_is_confirmed_once_more():
    done = entry("group_progresses", by="chair", confirmed=True)
    by_another = entry("correct", source=S.TRAJECTORY, by="clerk", about="e1", changes="reason=Other")
    by_themselves = entry("correct", source=S.TRAJECTORY, by="chair", about="e1", changes="reason=Other")
    again = entry("confirm_decision", source=S.TRAJECTORY, by="chair", about="e1")

    assert judged(keeping.still_to_confirm, answering("confirm_decision", done, by_another)) is None
    assert judged(keeping.still_to_confirm, answering("confirm_decision", done, by_themselves)) == "PR-2"
    assert judged(keeping.still_to_confirm, answering("confirm_decision", done, by_another, again)) == "PR-2"


@pytest.mark.parametrize("trigger", ["confirm_decision", "dispute_decision", "correct", "move_act_to_right_child"])
def test_an_entry_that_is_not_there_or_was_taken_back_is_named_by_nobody(trigger):
    undone = (LISTED, PROGRESSED, reversal("e2", S.TRAJECTORY, S.REVIEW_GROUP))

    assert judged(keeping.entry_is_on_the_case, answering(trigger, *undone, event="e2")) == "R-SM-3"
    assert judged(keeping.entry_is_on_the_case, answering(trigger, *undone, event="e9")) == "R-SM-3"
    assert judged(keeping.entry_is_on_the_case, answering(trigger, *undone, event="e1")) is None


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({}, "R-SM-3"),
        ({"changes": "reason=A better one"}, None),
        ({"happened_on": date(2026, 3, 2)}, None),
    ],
)
def test_a_correction_says_what_changes(record, rule):
    assert judged(keeping.can_be_corrected, answering("correct", PROGRESSED, **record)) == rule


@pytest.mark.parametrize("kept", ["confirm_decision", "dispute_decision"])
def test_what_keeps_the_record_straight_is_neither_corrected_nor_moved(kept):
    there = entry(kept, source=S.TRAJECTORY)

    assert judged(keeping.can_be_corrected, answering("correct", there, changes="note=x")) == "R-SM-3"
    assert judged(keeping.can_move_to_another_child, answering("move_act_to_right_child", there)) == "PT-16"


@pytest.mark.parametrize(
    ("entries", "event", "rule"),
    [
        ((LISTED, PROGRESSED), "e2", None),  # the last step
        ((LISTED, PROGRESSED), "e1", "PT-16"),
        ((PROGRESSED, entry("add_view", source=S.TRAJECTORY)), "e2", None),  # left the state alone
        ((PROGRESSED, entry("note_told", source=S.TRAJECTORY)), "e1", "design 5.5"),
        ((entry("open_case"),), "e1", "PT-16"),
    ],
)
def test_an_act_moves_to_the_right_child_if_it_left_the_state_or_was_the_last_step(entries, event, rule):
    at = answering("move_act_to_right_child", *entries, event=event)

    assert judged(keeping.can_move_to_another_child, at) == rule


def test_moving_the_last_step_takes_the_case_back_and_moving_an_act_leaves_it():
    last_step = answering("move_act_to_right_child", LISTED, PROGRESSED, event="e2")
    an_act = answering(
        "move_act_to_right_child", LISTED, PROGRESSED, entry("add_view", source=S.TRAJECTORY), event="e3"
    )

    assert engine.fire(PATHWAY, "move_act_to_right_child", last_step, anybody).to_state == "REVIEW_GROUP"
    assert engine.fire(PATHWAY, "move_act_to_right_child", an_act, anybody).to_state == "TRAJECTORY"
    assert choices.entry_moved_the_state(last_step) is not choices.entry_moved_the_state(an_act)


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        (person("p1", Role.TEAM_MANAGER), None),
        (person("p1", Role.DIRECTOR), None),
        (person("p1", Role.ASSESSMENT_WORKER), "R22"),
        (person("p1", Role.TEAM_MANAGER, enabled=False), "R22"),
        (person("p2", Role.TEAM_MANAGER), "R22"),  # not among the people named
    ],
)
def test_somebody_who_can_lift_a_restriction_is_among_the_people_named(seen, rule):
    at = facts(S.RATED, given=filed("restrict", people=[{"person": "p1"}]), people={seen.id: seen})

    assert judged(keeping.somebody_can_lift_it, at) == rule


def test_the_history_that_counts_leaves_out_what_was_taken_back_and_what_took_it_back():
    story = numbered(RATED, LISTED, reversal("e2", S.REVIEW_GROUP, S.RATED), entry("rerate", source=S.RATED))

    at = facts(S.RATED, *story)

    assert [e.id for e in at.entries] == ["e1", "e4"]
    assert [e.id for e in at.whole] == ["e1", "e2", "e3", "e4"]


# --- dates of every act ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "rule"), [(TODAY, None), (date(2026, 3, 11), "R-SM-3")])
def test_what_is_still_to_come_has_not_happened(on, rule):
    assert judged(envelope.not_in_the_future, facts(S.RATED, on=on, today=TODAY)) == rule


@pytest.mark.parametrize(("on", "rule"), [(date(2026, 3, 3), None), (date(2026, 3, 2), "R-SM-3"), (TODAY, None)])
def test_a_decision_follows_the_step_that_led_to_it(on, rule):
    assert judged(envelope.after_the_step_before, facts(S.TRAJECTORY, PROGRESSED, on=on, today=TODAY)) == rule


@pytest.mark.parametrize(
    ("on", "why", "rule"),
    [
        (date(2026, 3, 3), None, None),  # five working days ago
        (date(2026, 3, 2), None, "R-SM-3"),
        (date(2026, 3, 2), "I was on leave.", None),
    ],
)
def test_a_decision_entered_late_says_why(on, why, rule):
    five = policy(records={"late_entry_working_days": 5})
    at = facts(S.RATED, on=on, today=TODAY, late_reason=why, policy=five)

    assert judged(envelope.late_entry_explained, at) == rule


def test_the_days_of_lateness_skip_the_bank_holidays_of_easter():
    five = policy(records={"late_entry_working_days": 5})
    # From Thursday 2 April to Friday 10 April 2026 there are four working days: Tue, Wed, Thu, Fri.
    at = facts(S.RATED, on=date(2026, 4, 2), today=date(2026, 4, 10), policy=five)
    later = facts(S.RATED, on=date(2026, 4, 2), today=date(2026, 4, 14), policy=five)

    assert judged(envelope.late_entry_explained, at) is None
    assert judged(envelope.late_entry_explained, later) == "R-SM-3"


def test_a_year_nobody_can_mean_is_refused_in_words_and_not_a_failure():
    at = facts(S.COHORT, given=filed("rate"), on=date(206, 3, 10), today=TODAY, born=None)

    assert "R-CLK-1" in refusal(at, "rate")
