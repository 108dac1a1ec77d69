"""The review (ROA), going ahead without it, and who applies (rules 5.8, A6; practice PT-8, PT-11)."""

from datetime import date

import pytest

from states import choices, history
from states.guards import decision
from states.stages import S
from states.vocabulary import Role
from tests.factories import entry, facts, filed, judged, policy

TODAY = date(2026, 3, 10)
KDD = entry("kdd_sgo_appropriate", on=date(2026, 2, 10), by="kdd-chair")


def reviewing(trigger="roa_ratifies", *entries, born=date(2017, 5, 1), on=TODAY, **record):
    return facts(S.RATIFICATION, *(entries or (KDD,)), given=filed(trigger, on=on, **record), born=born, on=on)


# --- the review ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["roa_ratifies", "roa_does_not_ratify"])
def test_a_review_that_was_not_held_decides_nothing(trigger):
    assert judged(decision.review_was_held, reviewing(trigger, review_held=False)) == "T14"
    assert judged(decision.review_was_held, reviewing(trigger)) is None


@pytest.mark.parametrize(
    ("on", "rule"), [(date(2026, 2, 9), "R-LAC-2"), (date(2026, 2, 10), None), (date(2026, 3, 10), None)]
)
def test_the_review_considers_a_decision_that_has_been_taken(on, rule):
    assert judged(decision.review_after_the_kdd, reviewing(on=on)) == rule


def test_without_a_positive_kdd_that_still_holds_there_is_nothing_to_ratify():
    undone = (KDD, entry("return_to_kdd", source=S.RATIFICATION))
    elsewhere = entry("bring_forward", stage="RATIFICATION", kdd_on=date(2026, 1, 20))

    assert judged(decision.review_after_the_kdd, reviewing("roa_ratifies", *undone)) == "R-LAC-2"
    assert judged(decision.review_after_the_kdd, reviewing("roa_ratifies", elsewhere)) is None
    assert (
        judged(decision.review_after_the_kdd, reviewing("roa_ratifies", elsewhere, on=date(2026, 1, 19))) == "R-LAC-2"
    )


@pytest.mark.parametrize("trigger", ["roa_ratifies", "roa_does_not_ratify", "roa_defers", "record_review"])
@pytest.mark.parametrize(
    ("born", "code", "rule"),
    [
        (date(2022, 3, 10), "PN0", "R-ROA-4"),  # four today
        (date(2022, 3, 10), "PN1", None),
        (date(2022, 3, 11), "PN0", None),  # four tomorrow
        (date(2022, 3, 11), "PN1", "R-ROA-4"),
        (date(2017, 5, 1), "PN7", None),
        (None, "PN0", None),  # nobody can say
    ],
)
def test_pn0_is_for_children_under_four_at_the_review(trigger, born, code, rule):
    assert judged(decision.participation_fits_the_age, reviewing(trigger, born=born, participation=code)) == rule


def test_a_ratified_decision_changes_the_permanence_plan():
    assert judged(decision.plan_says_guardianship, reviewing(plan_updated=False)) == "R-ROA-3"
    assert judged(decision.plan_says_guardianship, reviewing()) is None


@pytest.mark.parametrize(
    ("next_review_on", "far"),
    [(None, False), (date(2026, 5, 5), False), (date(2026, 5, 6), True)],  # 56 days from 10 March
)
def test_a_review_more_than_fifty_six_days_away_is_asked_to_come_forward(next_review_on, far):
    at = facts(S.KEY_DECISION, given=filed("kdd_sgo_appropriate"), head={"next_review_on": next_review_on})

    assert choices.review_far_away(at) is far


# --- going ahead without ratification ---------------------------------------------------------------------


def overriding(*entries, roles=(Role.HEAD_OF_SERVICE,), state=S.RATIFICATION, policy=None):
    given = filed("override_ratification")
    return facts(state, *entries, given=given, deciders_roles=frozenset(roles), policy=policy)


def review(on, considered=True):
    return entry("record_review", source=S.RATIFICATION, on=on, considered_plan=considered)


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((KDD,), "R-LAC-2"),
        ((KDD, entry("roa_defers")), None),
        ((KDD, review(date(2026, 2, 20))), None),
        ((KDD, review(date(2026, 2, 20), considered=False)), "R-LAC-2"),
        ((review(date(2026, 2, 1)), KDD), "R-LAC-2"),  # before the decision it should have considered
        ((KDD, review(date(2026, 2, 9))), "R-LAC-2"),  # held before, written down after
        ((KDD, entry("roa_defers"), entry("return_to_kdd", source=S.RATIFICATION), KDD), "R-LAC-2"),
    ],
)
def test_an_override_needs_a_review_since_the_kdd_that_has_considered_the_plan(entries, rule):
    assert judged(decision.a_review_has_considered_it, overriding(*entries)) == rule


def test_a_review_of_an_earlier_round_considered_another_plan():
    old = (KDD, entry("roa_defers"), entry("stop", source=S.RATIFICATION))
    anew = entry("bring_forward", stage="RATIFICATION", kdd_on=date(2026, 2, 1))

    assert judged(decision.a_review_has_considered_it, overriding(*old, anew)) == "R-LAC-2"


NOT_RATIFIED = entry("roa_does_not_ratify")


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((KDD, NOT_RATIFIED), None),
        ((KDD, NOT_RATIFIED, entry("group_adjourns")), None),  # the group has not decided
        ((KDD, NOT_RATIFIED, entry("group_defers"), entry("list_for_group", source=S.DEFERRED)), "A6"),
        ((KDD, entry("return_to_group", source=S.RATIFICATION)), "A6"),
        ((entry("list_for_group", source=S.RATED),), "A6"),
    ],
)
def test_from_the_groups_agenda_only_a_refusal_the_group_has_not_decided_on_since_is_overridden(entries, rule):
    assert judged(decision.last_review_did_not_ratify, overriding(*entries, state=S.REVIEW_GROUP)) == rule


@pytest.mark.parametrize(
    ("needed", "roles", "rule"),
    [
        ("Head of Service", {Role.HEAD_OF_SERVICE}, None),
        ("Head of Service", {Role.DIRECTOR}, None),  # a floor, never an equality (rules 0.3)
        ("Head of Service", {Role.TEAM_MANAGER}, "A6"),
        ("Assistant Director", {Role.HEAD_OF_SERVICE}, "A6"),
        ("Assistant Director", {Role.ASSISTANT_DIRECTOR}, None),
        ("Assistant Director", {Role.KDD_CHAIR, Role.IRO}, "A6"),  # specialists are not ranked
    ],
)
def test_the_authority_says_how_senior_an_override_is(needed, roles, rule):
    at = overriding(KDD, roles=roles, policy=policy(roa={"override_rank": needed}))

    assert judged(decision.senior_enough_to_override, at) == rule


# --- does it still hold? ---------------------------------------------------------------------------------

RATIFIED = entry("roa_ratifies", on=date(2026, 3, 3))
OVERRIDE = entry("override_ratification", source=S.RATIFICATION)
BACK_TO_KDD = entry("return_to_kdd", source=S.ASSESSMENT)
BACK_TO_GROUP = entry("return_to_group", source=S.ASSESSMENT)


@pytest.mark.parametrize(
    ("entries", "positive", "ratified"),
    [
        ((), False, False),
        ((KDD,), True, False),
        ((KDD, RATIFIED), True, True),
        ((KDD, OVERRIDE), True, True),
        ((KDD, RATIFIED, BACK_TO_KDD), False, False),
        ((KDD, RATIFIED, BACK_TO_KDD, KDD), True, False),  # the review considers it anew
        ((KDD, RATIFIED, BACK_TO_KDD, KDD, RATIFIED), True, True),
        ((KDD, RATIFIED, BACK_TO_GROUP), False, False),
        ((KDD, RATIFIED, entry("carer_declines", source=S.ASSESSMENT)), False, False),
        ((KDD, RATIFIED, entry("stop", source=S.ASSESSMENT), entry("reopen")), False, False),
        ((KDD, NOT_RATIFIED, entry("override_ratification", source=S.REVIEW_GROUP)), True, True),
        ((KDD, RATIFIED, entry("submit_to_legal", source=S.SIGN_OFF), entry("legal_returns")), True, True),
        ((entry("bring_forward", stage="ASSESSMENT", kdd_on="2026-01-20", ratified_on="2026-02-20"),), True, True),
        (
            (entry("bring_forward", stage="ASSESSMENT", kdd_on="2026-01-20", ratified_on="2026-02-20"), BACK_TO_KDD),
            False,
            False,
        ),
    ],
)
def test_a_decision_holds_until_the_case_goes_back_behind_it(entries, positive, ratified):
    at = facts(S.ASSESSMENT, *entries)

    assert (history.kdd_positive(at), history.ratified(at)) == (positive, ratified)


# --- who applies -----------------------------------------------------------------------------------------


def people(*names, others=(), **more):
    rows = [{"name": n, "kind": "applicant", "protected": False} for n in names]
    rows += [{"name": n, "kind": "advocate", "protected": False} for n in others]
    return entry("change_applicants", source=S.RATIFICATION, people=rows, **more)


def left(name, stays):
    rows = [
        {"name": stays, "kind": "applicant", "protected": False},
        {"name": name, "kind": "applicant", "protected": False, "until": "2026-02-20"},
    ]
    return entry("change_applicants", source=S.RATIFICATION, people=rows)


BECAUSE = {"no_return_because": "The second applicant was part of the discussion."}


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((people("Alder"), KDD), None),
        ((people("Alder"), KDD, people("Alder", "Bryony")), "PT-11"),
        ((people("Alder", "Bryony"), KDD, left("Bryony", stays="Alder")), "PT-11"),
        ((people("Alder"), KDD, people("Alder", others=["Advocate"])), None),  # an advocate is no applicant
        ((KDD, people("Alder")), None),  # first written down after the KDD
        ((KDD, people("Alder"), people("Bryony")), "PT-11"),
        ((people("Alder"), KDD, people("Alder", "Bryony"), people("Alder")), None),  # and back
        ((people("Alder"), KDD, people("Bryony"), entry("return_to_kdd", source=S.RATIFICATION), KDD), None),
    ],
)
def test_the_decision_covers_the_people_who_applied_when_it_was_taken(entries, rule):
    assert judged(decision.decision_covers_the_applicants, reviewing("roa_ratifies", *entries)) == rule


@pytest.mark.parametrize(
    ("by", "role", "rule"),
    [
        ("kdd-chair", "", None),  # who chaired that discussion
        ("another", Role.KDD_CHAIR.value, None),
        ("worker", Role.ASSESSMENT_WORKER.value, "PT-11"),  # the worker cannot excuse it
    ],
)
def test_only_the_chair_of_the_kdd_says_why_a_change_need_not_go_back(by, role, rule):
    changed = people("Alder", "Bryony", by=by, in_role=role, **BECAUSE)

    at = reviewing("roa_ratifies", people("Alder"), KDD, changed)

    assert judged(decision.decision_covers_the_applicants, at) == rule


def test_the_chairs_reason_covers_later_lists_of_the_same_applicants():
    excused = people("Alder", "Bryony", by="kdd-chair", **BECAUSE)
    moved_house = people("Alder", "Bryony", others=["Advocate"])

    at = reviewing("roa_ratifies", people("Alder"), KDD, excused, moved_house)

    assert judged(decision.decision_covers_the_applicants, at) is None


def test_at_least_one_person_stays_on_the_case():
    gone = [{"name": "Alder", "kind": "applicant", "protected": False, "until": "2026-02-20"}]

    at = facts(S.RATIFICATION, given=filed("change_applicants", people=gone))

    assert judged(decision.applicants_change_needs_kdd_or_reason, at) == "PT-11"


def test_a_letter_goes_to_the_carers_who_are_still_there():
    assert choices.carers_on_record(facts(S.RATED)) is False
    assert choices.carers_on_record(facts(S.RATED, people("Alder"))) is True
    assert choices.carers_on_record(facts(S.RATED, people("Alder"), people(others=["Advocate"]))) is False
