"""Notice, court, order, pauses and concerns (rules 5.11, R-CLK-9, R-ASM-12, R-LAC-6; practice PR-1, PT-21)."""

from datetime import date

import pytest

from states import choices, engine
from states.guards import court
from states.pathway import PATHWAY
from states.stages import S
from tests.factories import anybody, entry, facts, filed, judged

TODAY = date(2026, 3, 10)


# --- notice of intention and application -----------------------------------------------------------------


def notice(received_on):
    return entry("record_notice_of_intention", source=S.RATED, on=received_on, received_on=received_on)


@pytest.mark.parametrize(
    ("received_on", "issued_on", "rule"),
    [
        (date(2025, 11, 30), date(2026, 2, 28), "T17"),
        (date(2025, 11, 30), date(2026, 3, 1), None),  # 30 November and three months: not before 1 March
        (date(2025, 12, 2), date(2026, 3, 1), "T17"),
        (date(2025, 12, 2), date(2026, 3, 2), None),
        (date(2025, 12, 31), date(2026, 3, 31), None),
    ],
)
def test_an_application_three_months_after_the_notice(received_on, issued_on, rule):
    given = filed("application_issued", on=issued_on)

    assert (
        judged(court.three_months_notice, facts(S.WITH_LEGAL, notice(received_on), given=given, on=issued_on)) == rule
    )


def test_an_application_without_notice_needs_an_exemption():
    exempt = filed("application_issued", exemption="leave of the court")

    assert judged(court.three_months_notice, facts(S.WITH_LEGAL, given=filed("application_issued"))) == "T17"
    assert judged(court.three_months_notice, facts(S.WITH_LEGAL, given=exempt)) is None


@pytest.mark.parametrize(("received_on", "rule"), [(TODAY, None), (date(2026, 3, 11), "R-NOT-1")])
def test_a_notice_was_received_on_a_day_that_has_been(received_on, rule):
    given = filed("record_notice_of_intention", received_on=received_on)

    assert judged(court.notice_is_past, facts(S.RATED, given=given)) == rule


@pytest.mark.parametrize(("state", "rule"), [(S.WITH_LEGAL, None), (S.ASSESSMENT, "PR-1"), (S.COHORT, "PR-1")])
def test_an_application_normally_follows_the_file_with_legal(state, rule):
    assert judged(court.submitted_before_issue, facts(state, given=filed("application_issued"))) == rule


@pytest.mark.parametrize(
    ("within", "issued_on", "rule"), [(False, None, None), (True, None, "R-CRT-2"), (True, date(2026, 1, 5), None)]
)
def test_within_care_proceedings_the_day_they_were_issued_is_asked_for(within, issued_on, rule):
    given = filed("application_issued", in_care_proceedings=within, care_proceedings_issued_on=issued_on)

    assert judged(court.proceedings_have_their_date, facts(S.WITH_LEGAL, given=given)) == rule


# Care proceedings issued on Monday 5 January 2026 end, at 26 weeks beginning with that day, on Sunday 5 July.
ISSUED = entry(
    "application_issued", source=S.WITH_LEGAL, in_care_proceedings=True, care_proceedings_issued_on="2026-01-05"
)


@pytest.mark.parametrize(
    ("entries", "new_end", "rule"),
    [
        ((), date(2026, 8, 1), "R-CRT-2"),
        ((ISSUED,), date(2026, 8, 30), None),  # eight weeks
        ((ISSUED,), date(2026, 8, 31), "R-LAW-13"),
        ((ISSUED, entry("extend_proceedings", new_end_on="2026-08-30")), date(2026, 10, 25), None),
        ((ISSUED, entry("extend_proceedings", new_end_on="2026-08-30")), date(2026, 10, 26), "R-LAW-13"),
    ],
)
def test_care_proceedings_are_extended_by_eight_weeks_at_a_time(entries, new_end, rule):
    given = filed("extend_proceedings", new_end_on=new_end)

    assert judged(court.extension_within_its_weeks, facts(S.IN_COURT, *entries, given=given)) == rule


# --- facts are never refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "state", "flags"),
    [
        ("application_issued", S.COHORT, {"PR-1", "T17"}),
        ("order_made", S.RATED, {"PR-1"}),
        ("record_notice_of_intention", S.ENDED, set()),
        ("record_court_direction", S.NOT_APPLICABLE, set()),
        ("record_placement_change", S.ENDED, set()),
        ("record_death", S.POST_ORDER, {"PR-1"}),
        ("record_move_away", S.IN_COURT, {"PR-1"}),
        ("record_leaving", S.POST_ORDER, {"PR-1"}),
        ("record_review", S.COHORT, set()),
    ],
)
def test_a_fact_is_recorded_from_any_state_and_flagged_for_what_is_missing(trigger, state, flags):
    fired = engine.fire(PATHWAY, trigger, facts(state, given=filed(trigger, source=state)), anybody)

    assert {flag.rule for flag in fired.flags} == flags


@pytest.mark.parametrize(
    "trigger",
    [
        "record_notice_of_intention",
        "record_court_direction",
        "record_placement_change",
        "record_death",
        "record_move_away",
        "record_leaving",
    ],
)
def test_what_happens_to_a_child_can_be_recorded_from_every_state(trigger):
    assert {state for row in PATHWAY.rows if row.trigger == trigger for state in row.source} == set(S)


def test_a_fact_cannot_have_happened_on_a_day_to_come():
    at = facts(S.IN_COURT, given=filed("order_made"), on=date(2026, 3, 11), today=TODAY)

    with pytest.raises(engine.NotPermitted) as refused:
        engine.fire(PATHWAY, "order_made", at, anybody)

    assert [u.rule for u in refused.value.unmet] == ["R-SM-3"]


def test_facts_come_to_light_in_any_order():
    progressed = entry("group_progresses", on=date(2026, 3, 3))
    at = facts(S.TRAJECTORY, progressed, given=filed("order_made"), on=date(2026, 1, 20), today=TODAY)

    assert engine.fire(PATHWAY, "order_made", at, anybody).to_state == "ORDER_MADE"


# --- the order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "placement", "rule"),
    [
        ("E45", "U1", None),
        ("E46", "U6", None),
        ("E45", "P1", "R-CRT-4"),
        ("E46", "H5", "R-CRT-4"),
        ("E47", "P1", None),
        ("E48", "K2", None),
        ("E45", None, None),
    ],
)
def test_the_codes_of_former_foster_carers_need_a_foster_placement(code, placement, rule):
    at = facts(S.IN_COURT, given=filed("order_made", end_code=code), head={"placement_code": placement})

    assert judged(court.end_code_fits_the_placement, at) == rule


@pytest.mark.parametrize(("born", "rule"), [(date(2008, 3, 10), None), (date(2008, 3, 9), "R-CRT-4"), (None, None)])
def test_an_order_after_the_eighteenth_birthday_is_an_error_on_the_birthday_it_is_not(born, rule):
    assert judged(court.order_before_eighteen, facts(S.IN_COURT, given=filed("order_made"), born=born)) == rule


@pytest.mark.parametrize(("state", "blue", "rule"), [(S.IN_COURT, False, None), (S.ASSESSMENT, True, "PR-1")])
def test_an_order_without_an_application_is_out_of_the_blue(state, blue, rule):
    at = facts(state, given=filed("order_made"))

    assert judged(court.application_before_order, at) == rule
    assert choices.out_of_the_blue(at) is blue


@pytest.mark.parametrize(
    ("position", "record", "says"),
    [
        ("no financial support sought", {}, None),
        (None, {}, None),
        ("agreed", {"conditions_agreed_on": TODAY, "first_payment_on": TODAY}, None),
        (
            "agreed",
            {},
            "Support is paid: give the day on which the guardian agreed the conditions and the date of the "
            "first payment.",
        ),
        ("agreed", {"conditions_agreed_on": TODAY}, "Support is paid: give the date of the first payment."),
    ],
)
def test_where_support_is_paid_its_conditions_and_first_payment_are_given(position, record, says):
    at = facts(S.ORDER_MADE, given=filed("activate_support", **record), head={"finance_position": position})

    unmet = court.payment_facts_where_paid(at)

    assert (unmet.reason if unmet else None) == says


# --- refused and withdrawn -------------------------------------------------------------------------------


def test_a_refused_application_asks_for_another_plan():
    none_yet = filed("court_refuses", alternative_plan=None)

    assert judged(court.plan_when_refused, facts(S.IN_COURT, given=none_yet)) == "R-NP-1"
    assert judged(court.plan_when_refused, facts(S.IN_COURT, given=filed("court_refuses"))) is None


@pytest.mark.parametrize(("review_on", "rule"), [(None, None), (date(2026, 4, 7), None), (date(2026, 4, 8), "T20")])
def test_after_a_refusal_the_care_plan_is_reviewed_within_twenty_eight_days(review_on, rule):
    given = filed("court_refuses", review_on=review_on)

    assert judged(court.review_soon_after_refusal, facts(S.IN_COURT, given=given)) == rule


@pytest.mark.parametrize(
    ("how", "to", "flags"),
    [("for good", "NOT_PROGRESSING", ["R-NP-1"]), ("to issue it again", "WITH_LEGAL", [])],
)
def test_an_application_is_withdrawn_for_good_or_to_issue_it_again(how, to, flags):
    given = filed("withdraw_application", how=how, alternative_plan=None)

    fired = engine.fire(PATHWAY, "withdraw_application", facts(S.IN_COURT, given=given), anybody)

    assert fired.to_state == to
    assert [flag.rule for flag in fired.flags] == flags


def test_a_direction_that_is_met_was_recorded_before():
    directed = entry("record_court_direction", source=S.IN_COURT, id="d1")
    met = filed("meet_direction", direction="d1")

    assert judged(court.direction_is_known, facts(S.IN_COURT, directed, given=met)) is None
    assert judged(court.direction_is_known, facts(S.IN_COURT, given=met)) == "R-CRT-1"
    assert judged(court.direction_is_known, facts(S.IN_COURT, entry("rate", id="d1"), given=met)) == "R-CRT-1"


# --- pauses and concerns ---------------------------------------------------------------------------------

PAUSED = entry("pause_clock", source=S.ASSESSMENT, on=date(2026, 3, 3))
RESUMED = entry("resume_clock", source=S.ASSESSMENT, on=date(2026, 3, 5))
MOVED = entry("record_placement_change", source=S.ASSESSMENT, on=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("entries", "may_pause", "may_resume"),
    [
        ((), None, "R-CLK-9"),
        ((PAUSED,), "R-CLK-9", None),
        ((PAUSED, RESUMED), None, "R-CLK-9"),
        ((MOVED,), "R-CLK-9", None),  # a placement that ended stops the clocks (practice PT-13)
        ((MOVED, RESUMED), None, "R-CLK-9"),
    ],
)
def test_clocks_are_paused_once_and_resumed_once(entries, may_pause, may_resume):
    pausing = facts(S.ASSESSMENT, *entries, given=filed("pause_clock"))
    resuming = facts(S.ASSESSMENT, *entries, given=filed("resume_clock"))

    assert judged(court.not_paused_yet, pausing) == may_pause
    assert judged(court.is_paused, resuming) == may_resume


def test_clocks_do_not_go_on_before_they_stood_still():
    at = facts(S.ASSESSMENT, PAUSED, given=filed("resume_clock"), on=date(2026, 3, 2), today=TODAY)

    assert judged(court.is_paused, at) == "R-CLK-9"


@pytest.mark.parametrize("trigger", ["pause_clock", "flag_safeguarding"])
@pytest.mark.parametrize(("expected_on", "rule"), [(TODAY, "R-CLK-9"), (date(2026, 3, 11), None)])
def test_a_pause_has_a_day_to_come_on_which_it_should_end(trigger, expected_on, rule):
    at = facts(S.ASSESSMENT, given=filed(trigger, expected_on=expected_on))

    assert judged(court.resume_expected_later, at) == rule


def test_a_safeguarding_concern_is_flagged_and_cleared_in_turn():
    flagged, cleared = entry("flag_safeguarding"), entry("clear_safeguarding")

    assert judged(court.no_safeguarding_open_already, facts(S.RATED, flagged)) == "R-ASM-12"
    assert judged(court.no_safeguarding_open_already, facts(S.RATED, flagged, cleared)) is None
    assert judged(court.safeguarding_is_open, facts(S.RATED)) == "R-ASM-12"
    assert judged(court.safeguarding_is_open, facts(S.RATED, flagged)) is None


INFORMAL, SETTLED = entry("raise_concern"), entry("resolve_concern")


@pytest.mark.parametrize(
    ("entries", "stage", "rule"),
    [
        ((), "informal", None),
        ((), "formal", None),  # the IRO may skip stages
        ((INFORMAL,), "formal", None),
        ((INFORMAL,), "informal", "R-LAC-6"),
        ((INFORMAL, SETTLED), "informal", None),
    ],
)
def test_a_concern_of_the_iro_goes_up_or_is_settled(entries, stage, rule):
    at = facts(S.RATED, *entries, given=filed("raise_concern", stage=stage))

    assert judged(court.concern_goes_up, at) == rule


def test_only_an_open_concern_is_settled():
    assert judged(court.concern_is_open, facts(S.RATED)) == "R-LAC-6"
    assert judged(court.concern_is_open, facts(S.RATED, INFORMAL)) is None
    assert judged(court.concern_is_open, facts(S.RATED, INFORMAL, SETTLED)) == "R-LAC-6"


def test_a_concern_that_goes_up_keeps_its_twenty_days():
    assert choices.concern_is_new(facts(S.RATED)) is True
    assert choices.concern_is_new(facts(S.RATED, INFORMAL)) is False
    assert choices.concern_is_new(facts(S.RATED, INFORMAL, SETTLED)) is True
