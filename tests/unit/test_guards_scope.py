"""Who is on the pathway: opening, bringing forward, rating, closing (rules 5.1, 5.2; practice PT-1, PT-17)."""

from datetime import date
from typing import Any

import pytest

from states.guards import scope
from states.policy import Span
from states.records.opening import BroughtForward
from states.stages import S
from tests.factories import entry, facts, filed, judged, policy

TODAY = date(2026, 3, 10)


def joins(**differs):
    return facts(None, given=filed("open_case", date_of_birth=date(2017, 5, 1), **differs), born=None)


def brought(stage, **differs):
    """A child brought forward with the stage and nothing else said of what was decided."""
    return facts(None, given=filed("bring_forward", stage=stage, **differs))


# --- opening ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "rule"),
    [
        (date(2008, 3, 11), None),  # eighteen tomorrow
        (date(2008, 3, 10), "R-LAW-11"),  # eighteen today, from 00:00 (R-CLK-7)
        (date(1999, 1, 1), "R-LAW-11"),
        (date(2026, 3, 11), "R-ELG-4"),  # still to be born
        (date(2026, 3, 10), None),
        (None, None),  # a source that cannot say is queried, not refused (practice 7)
    ],
)
def test_a_child_joins_until_the_eighteenth_birthday(born, rule):
    given = filed("open_case").model_copy(update={"date_of_birth": born})

    assert judged(scope.child_is_under_eighteen, facts(None, given=given)) == rule


def test_born_on_29_february_a_child_turns_eighteen_on_1_march_where_the_policy_says_so():
    given = filed("open_case", date_of_birth=date(2008, 2, 29))

    assert judged(scope.child_is_under_eighteen, facts(None, given=given, on=date(2026, 2, 28))) is None
    assert judged(scope.child_is_under_eighteen, facts(None, given=given, on=date(2026, 3, 1))) == "R-LAW-11"


def test_a_feed_from_before_the_eighteenth_birthday_still_opens_the_case():
    born, fed = date(2008, 3, 1), date(2026, 2, 20)
    given = filed("open_case", date_of_birth=born, fed_on=fed)

    assert judged(scope.child_is_under_eighteen, facts(None, given=given)) is None


def test_a_feed_that_is_older_than_the_child_is_judged_and_not_a_failure():
    given = filed("open_case", date_of_birth=date(2025, 5, 1), fed_on=date(2025, 3, 31))

    assert judged(scope.child_is_under_eighteen, facts(None, given=given)) is None


def test_a_date_of_birth_to_come_is_refused_when_what_is_known_of_a_child_changes():
    born = filed("update_child", date_of_birth=date(2026, 3, 11))

    assert judged(scope.born_before_today, facts(S.RATED, given=born)) == "R-ELG-4"
    assert judged(scope.born_before_today, facts(S.RATED, given=filed("update_child", date_of_birth=TODAY))) is None
    assert judged(scope.born_before_today, facts(S.RATED, given=filed("update_child"))) is None


# --- bringing forward ------------------------------------------------------------------------------------

BEFORE: dict[str, Any] = {"colour": "AMBER", "rated_on": date(2025, 9, 1)}
NEEDED: dict[str, dict[str, Any]] = {
    "COHORT": {},
    "RATED": BEFORE,
    "DEFERRED": {**BEFORE, "return_on": date(2026, 6, 1)},
    "FURTHER_WORK": {**BEFORE, "return_on": date(2026, 6, 1)},
    "TRAJECTORY": {**BEFORE, "group_progressed_on": date(2025, 10, 1)},
    "KEY_DECISION": {
        **BEFORE,
        "group_progressed_on": date(2025, 10, 1),
        "initial_meeting_on": date(2025, 10, 20),
    },
    "RATIFICATION": {**BEFORE, "group_progressed_on": date(2025, 10, 1), "kdd_on": date(2025, 12, 1)},
    "ASSESSMENT": {**BEFORE, "kdd_on": date(2025, 12, 1), "ratified_on": date(2026, 1, 8)},
    "FINANCIAL_PACKAGE": {"kdd_on": date(2025, 12, 1), "ratified_on": date(2026, 1, 8)},
    "SIGN_OFF": {"kdd_on": date(2025, 12, 1), "ratified_on": date(2026, 1, 8)},
    "WITH_LEGAL": {
        "kdd_on": date(2025, 12, 1),
        "ratified_on": date(2026, 1, 8),
        "submitted_on": date(2026, 3, 2),
    },
    "IN_COURT": {"issued_on": date(2026, 3, 2)},
    "ORDER_MADE": {"order_on": date(2026, 3, 2)},
    "POST_ORDER": {"order_on": date(2026, 3, 2)},
    "NOT_PROGRESSING": {},
    "NOT_APPLICABLE": {"no_return_reason": "Accommodated; looked at again if a care order is made."},
}


@pytest.mark.parametrize("stage", NEEDED)
def test_a_stage_is_brought_forward_with_the_decisions_that_lead_to_it(stage):
    assert judged(scope.evidence_for_the_stage, brought(stage, **NEEDED[stage])) is None


@pytest.mark.parametrize(
    ("stage", "left_out"), [(stage, field) for stage, fields in NEEDED.items() for field in fields]
)
def test_each_decision_that_leads_to_a_stage_is_needed(stage, left_out):
    given = {k: v for k, v in NEEDED[stage].items() if k != left_out}

    unmet = scope.evidence_for_the_stage(brought(stage, **given))

    assert unmet is not None
    assert unmet.field == ("return_on" if stage == "NOT_APPLICABLE" else left_out)


def test_everything_that_is_lacking_for_a_stage_is_named_at_once_by_its_label():
    unmet = scope.evidence_for_the_stage(brought("ASSESSMENT"))

    assert unmet is not None
    for label in ("RAG colour", "Rated on", "KDD decided on", "Ratified at the ROA on"):
        assert f"'{label}'" in unmet.reason


def test_a_child_to_whom_the_pathway_does_not_apply_has_a_date_to_look_again_or_a_reason():
    assert judged(scope.evidence_for_the_stage, brought("NOT_APPLICABLE")) == "PT-1"
    assert judged(scope.evidence_for_the_stage, brought("NOT_APPLICABLE", return_on=date(2026, 9, 1))) is None


def test_an_unsupported_application_joins_where_the_work_begins_without_earlier_decisions():
    assert judged(scope.evidence_for_the_stage, brought("TRAJECTORY", unsupported_application=True)) is None


@pytest.mark.parametrize("stage", ["KEY_DECISION", "ASSESSMENT", "WITH_LEGAL", "IN_COURT", "ORDER_MADE"])
def test_an_unsupported_application_skips_no_decision_at_a_later_stage(stage):
    assert judged(scope.evidence_for_the_stage, brought(stage, unsupported_application=True)) == "PT-17"


@pytest.mark.parametrize(
    "field",
    [
        "rated_on",
        "group_progressed_on",
        "initial_meeting_on",
        "kdd_on",
        "ratified_on",
        "submitted_on",
        "issued_on",
        "order_on",
    ],
)
def test_what_was_decided_elsewhere_cannot_lie_in_the_future(field):
    tomorrow = brought("COHORT", **{field: date(2026, 3, 11)})
    today = brought("COHORT", **{field: TODAY})

    unmet = scope.evidence_is_past(tomorrow)

    assert unmet is not None
    assert (unmet.rule, unmet.field) == ("PT-17", field)
    assert judged(scope.evidence_is_past, today) is None


def test_a_return_date_that_is_brought_forward_may_be_to_come_or_late_already():
    late = {**NEEDED["DEFERRED"], "return_on": date(2025, 12, 1)}  # inherited lateness (practice PR-4)

    assert judged(scope.evidence_is_past, brought("DEFERRED", **NEEDED["DEFERRED"])) is None
    assert judged(scope.evidence_for_the_stage, brought("DEFERRED", **late)) is None


@pytest.mark.parametrize("stage", ["ENDED", "REVIEW_GROUP", "rated", "SOMEWHERE"])
def test_a_stage_that_is_none_is_refused_with_the_stages_there_are(stage):
    unmet = scope.stage_is_known(brought(stage))

    assert unmet is not None
    assert unmet.rule == "PT-17"
    assert "DEFERRED" in unmet.reason


def test_evidence_is_always_written_down():
    assert BroughtForward.model_fields["external_evidence"].is_required()


# --- rating ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "rule"),
    [
        (date(2008, 9, 11), TODAY, None),  # seventeen and a half tomorrow
        (date(2008, 9, 10), TODAY, "R-ELG-1"),  # today
        (date(2008, 8, 31), date(2026, 2, 28), None),  # 31 August and six months: not before 1 March
        (date(2008, 8, 31), date(2026, 3, 1), "R-ELG-1"),
        (None, TODAY, None),
    ],
)
def test_a_child_is_rated_while_there_is_time_for_notice_and_court(born, on, rule):
    assert judged(scope.young_enough_to_rate, facts(S.COHORT, given=filed("rate"), born=born, on=on)) == rule


def test_the_age_limit_may_be_set_in_years():
    limit = policy(scope={"max_age_at_rating": Span.parse("17 years")})
    at = facts(S.COHORT, given=filed("rate"), born=date(2009, 3, 10), policy=limit)

    assert judged(scope.young_enough_to_rate, at) == "R-ELG-1"


def test_a_colour_the_authority_does_not_use_is_refused():
    three = policy(rating={"colours": ("GREEN", "AMBER", "RED")})
    yellow = filed("rate", colour="YELLOW")

    assert judged(scope.colour_is_ours, facts(S.COHORT, given=yellow, policy=three)) == "R-RAG-1"
    assert judged(scope.colour_is_ours, facts(S.COHORT, given=yellow)) is None


@pytest.mark.parametrize("trigger", ["rate", "record_barrier"])
def test_another_barrier_says_which(trigger):
    nameless = filed(trigger, source=S.COHORT, barriers=["OTHER"])
    named = filed(trigger, source=S.COHORT, barriers=["OTHER"], other_barrier="A lease")

    assert judged(scope.other_barrier_named, facts(S.COHORT, given=nameless)) == "R-RAG-6"
    assert judged(scope.other_barrier_named, facts(S.COHORT, given=named)) is None


# --- put aside and closed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look_again_on", "why_none", "rule"),
    [
        (date(2026, 3, 11), None, None),
        (TODAY, None, "PT-1"),
        (date(2026, 1, 5), None, "PT-1"),
        (None, None, "PT-1"),
        (None, "Adopted in all but name; the order is next week.", None),
    ],
)
def test_nobody_is_put_aside_without_a_date_to_look_again_or_a_reason(look_again_on, why_none, rule):
    given = filed("mark_not_applicable", look_again_on=look_again_on, no_date_reason=why_none)

    assert judged(scope.a_date_to_look_again_or_why_not, facts(S.COHORT, given=given)) == rule


@pytest.mark.parametrize(
    ("born", "rule"),
    [(date(2008, 3, 11), "T23"), (date(2008, 3, 10), None), (None, None), (date(2027, 1, 1), None)],
)
def test_turned_eighteen_is_checked_against_the_birthday(born, rule):
    given = filed("end", why="turned eighteen")

    assert judged(scope.code_fits_the_end, facts(S.POST_ORDER, given=given, born=born)) == rule


def test_another_reason_to_close_asks_for_no_birthday():
    assert judged(scope.code_fits_the_end, facts(S.RATED, given=filed("end", why="died"))) is None


@pytest.mark.parametrize("trigger", ["record_death", "record_move_away", "record_leaving"])
def test_a_death_a_move_or_leaving_always_asks_for_a_person(trigger):
    at = facts(S.ASSESSMENT, entry("rate"), given=filed(trigger))

    assert judged(scope.somebody_must_look, at) == "PR-1"
