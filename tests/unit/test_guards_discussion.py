"""When the Key Decision Discussion is, who chairs it, and how the carers may apply (R-ELG-5, R-LAW-3, A17, PT-8)."""

from datetime import date

import pytest

from states import standing
from states.guards import discussion
from states.stages import S
from states.standing import Route
from states.vocabulary import Role
from tests.factories import facts, filed, judged, person, policy

TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.mark.parametrize(("held_on", "rule"), [(date(2026, 3, 9), "R-KDD-1"), (TODAY, None), (date(2026, 3, 20), None)])
def test_a_kdd_is_arranged_for_a_day_that_is_not_past(held_on, rule):
    given = filed("schedule_kdd", held_on=held_on)

    assert judged(discussion.kdd_date_to_come, facts(S.KEY_DECISION, given=given)) == rule


@pytest.mark.parametrize(("next_on", "rule"), [(TODAY, "PT-3"), (date(2026, 3, 11), None)])
def test_an_adjourned_kdd_has_a_next_date_to_come(next_on, rule):
    given = filed("kdd_adjourns", next_on=next_on)

    assert judged(discussion.next_kdd_to_come, facts(S.KEY_DECISION, given=given)) == rule


# --- who chairs it (A17) ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "asked", "rule"),
    [
        ({Role.KDD_CHAIR}, "Team Manager", "A17"),  # a specialist's post has no rank
        ({Role.KDD_CHAIR, Role.TEAM_MANAGER}, "Team Manager", None),
        ({Role.KDD_CHAIR, Role.HEAD_OF_SERVICE}, "Team Manager", None),  # a floor
        ({Role.KDD_CHAIR, Role.TEAM_MANAGER}, "Head of Service", "A17"),
        ({Role.KDD_CHAIR, Role.DIRECTOR}, "Head of Service", None),
        (set(), "Team Manager", "A17"),
    ],
)
def test_the_chair_of_a_kdd_holds_the_post_the_authority_asks_for_or_a_higher_one(posts, asked, rule):
    rules = policy(kdd={"chair_rank": asked})
    at = facts(S.KEY_DECISION, deciders_posts=frozenset(posts), policy=rules)

    assert judged(discussion.chair_senior_enough, at) == rule


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        (person("chair", Role.KDD_CHAIR, Role.TEAM_MANAGER), None),
        (person("chair", Role.KDD_CHAIR), "A17"),
        (person("chair", Role.TEAM_MANAGER), "A17"),
        (person("chair", Role.KDD_CHAIR, Role.TEAM_MANAGER, enabled=False), "A17"),
        (person("other", Role.KDD_CHAIR, Role.TEAM_MANAGER), "A17"),
    ],
)
def test_the_chair_named_for_a_date_may_chair_and_works_here(named, rule):
    at = facts(S.KEY_DECISION, given=filed("schedule_kdd", chair="chair"), people={named.id: named})

    assert judged(discussion.named_chair_may_chair, at) == rule


# --- before the review (PT-8) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("review", "held_on", "rule"),
    [
        (date(2026, 4, 8), date(2026, 4, 7), None),  # the working day before the review
        (date(2026, 4, 8), date(2026, 4, 8), "PT-8"),
        (date(2026, 4, 7), date(2026, 4, 2), None),  # Easter lies between
        (date(2026, 4, 7), date(2026, 4, 6), "PT-8"),
        (date(2026, 3, 9), date(2026, 4, 8), None),  # a review that is over
        (None, date(2026, 4, 8), None),
        (date(2026, 3, 11), date(2026, 3, 10), "PT-8"),  # tomorrow: too soon
    ],
)
def test_a_kdd_is_best_on_a_working_day_before_the_known_review(review, held_on, rule):
    at = facts(S.KEY_DECISION, given=filed("schedule_kdd", held_on=held_on), head={"next_review_on": review})

    assert judged(discussion.kdd_before_the_review, at) == rule


def test_before_a_date_is_chosen_the_last_good_day_is_proposed():
    at = facts(S.KEY_DECISION, head={"next_review_on": date(2026, 4, 7)})

    unmet = discussion.kdd_before_the_review(at)

    assert unmet is not None
    assert "propose a day up to 2026-04-02" in unmet.reason  # Thursday before Good Friday


# --- by which way the carers may apply (R-LAW-3, R-ELG-5) --------------------------------------------------


@pytest.mark.parametrize(
    ("since", "placement", "kinship", "status", "route"),
    [
        (date(2025, 3, 10), "U4", None, None, Route.FOSTER_PARENT),  # one year today
        (date(2025, 3, 11), "U4", None, "C2", Route.CONSENT),  # a day short, in care
        (date(2025, 3, 11), "U4", None, None, Route.LEAVE),
        (date(2025, 3, 10), "P1", True, None, Route.RELATIVE),
        (date(2025, 3, 10), "P1", False, "C2", Route.CONSENT),
        (date(2023, 3, 10), "P1", False, None, Route.LIVED_LONG),  # three years
        (date(2023, 3, 11), "P1", False, None, Route.LEAVE),
        (None, "U4", True, "C1", Route.CONSENT),
        (None, "U4", True, None, Route.UNKNOWN),
    ],
)
def test_the_way_to_apply_follows_from_how_long_the_child_has_lived_there(since, placement, kinship, status, route):
    head = {"lived_with_carers_since": since, "placement_code": placement, "kinship": kinship, "legal_status": status}
    at = facts(S.TRAJECTORY, head=head)

    assert standing.route(at) is route
    assert judged(discussion.carer_has_standing, at) == (None if route.free else "R-ELG-5")
    assert standing.in_words(at).startswith(("The carers may apply", "How the carers may apply"))


def test_the_words_say_from_when_the_carers_need_nobodys_consent():
    head = {"lived_with_carers_since": date(2025, 9, 1), "legal_status": "C2", "placement_code": "U4"}
    at = facts(S.TRAJECTORY, head=head)

    assert "from 2026-09-01" in standing.in_words(at)
