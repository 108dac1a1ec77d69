"""When a child comes back to the group, and rounds of further work (rules R-RG-4, R-RG-6, R-FW-1, R-FW-2, T10)."""

from datetime import date

import pytest

from states import choices, history
from states.guards import group
from states.policy import Span
from states.stages import S
from states.vocabulary import Role
from tests.factories import entry, facts, filed, judged, person, policy

TODAY = date(2026, 3, 10)  # a Tuesday
SENIOR = person("hos", Role.HEAD_OF_SERVICE)


def deferring(rated, return_on, *, on=TODAY, trigger="group_defers", people=(), more=None, **record):
    people = {p.id: p for p in people}
    given = filed(trigger, on=on, return_on=return_on, **record)
    state = S.DEFERRED if trigger == "desk_review_unchanged" else S.REVIEW_GROUP
    return facts(state, entry("rate", colour=rated), given=given, on=on, people=people, **(more or {}))


# --- the future ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("return_on", "rule"),
    [(date(2026, 3, 9), "R-RG-6"), (TODAY, "R-RG-6"), (date(2026, 3, 11), None)],
)
@pytest.mark.parametrize(
    "trigger",
    ["group_defers", "group_asks_further_work", "needs_further_work", "kdd_further_work", "desk_review_unchanged"],
)
def test_a_child_comes_back_on_a_day_to_come(trigger, return_on, rule):
    assert (
        judged(group.return_date_in_the_future, facts(S.REVIEW_GROUP, given=filed(trigger, return_on=return_on)))
        == rule
    )


# --- the interval of the colour --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colour", "return_on", "rule"),
    [
        ("YELLOW", date(2026, 4, 21), None),  # six weeks
        ("YELLOW", date(2026, 4, 22), "R-RG-4"),
        ("AMBER", date(2026, 9, 10), None),  # six months
        ("AMBER", date(2026, 9, 11), "R-RG-4"),
        ("RED", date(2027, 3, 10), None),  # twelve months
        ("GREEN", date(2027, 3, 10), None),  # no interval of its own, only the longest
        ("GREEN", date(2027, 3, 11), "A10"),
        ("RED", date(2027, 3, 11), "A10"),
    ],
)
def test_each_colour_comes_back_within_its_interval(colour, return_on, rule):
    assert judged(group.return_date_within_the_interval, deferring(colour, return_on)) == rule


def test_six_months_from_the_end_of_august_end_with_february():
    on = date(2026, 8, 31)

    assert judged(group.return_date_within_the_interval, deferring("AMBER", date(2027, 2, 28), on=on)) is None
    assert judged(group.return_date_within_the_interval, deferring("AMBER", date(2027, 3, 1), on=on)) == "R-RG-4"


def test_an_interval_may_be_set_in_years():
    years = policy(group={"longest_return": Span.parse("1 year")})
    at = deferring("RED", date(2027, 3, 11), more={"policy": years})

    assert judged(group.return_date_within_the_interval, at) == "A10"


@pytest.mark.parametrize("trigger", ["group_defers", "group_asks_further_work", "desk_review_unchanged"])
def test_longer_needs_a_reason_and_a_head_of_service_who_agreed(trigger):
    late = date(2026, 6, 1)

    def asked(*people, **record):
        return judged(
            group.return_date_within_the_interval,
            deferring("YELLOW", late, trigger=trigger, people=people, **record),
        )

    why = {"longer_reason": "The house is ready in May."}
    assert asked() == "R-RG-4"
    assert asked(**why) == "R-RG-4"
    assert asked(SENIOR, longer_agreed_by="hos") == "R-RG-4"
    assert asked(SENIOR, longer_agreed_by="hos", **why) is None
    assert asked(person("tm", Role.TEAM_MANAGER), longer_agreed_by="tm", **why) == "R-RG-4"
    assert asked(person("ad", Role.ASSISTANT_DIRECTOR), longer_agreed_by="ad", **why) is None
    assert asked(person("chair", Role.GROUP_CHAIR), longer_agreed_by="chair", **why) == "R-RG-4"
    assert asked(longer_agreed_by="unknown", **why) == "R-RG-4"


def test_nobody_sets_a_date_after_the_longest_whatever_is_agreed():
    at = deferring("AMBER", date(2027, 3, 11), people=[SENIOR], longer_agreed_by="hos", longer_reason="A long lease.")

    assert judged(group.return_date_within_the_interval, at) == "A10"


def test_the_interval_is_that_of_the_colour_the_group_gives():
    at = deferring("YELLOW", date(2026, 9, 1), colour="AMBER", colour_reason="Family time.")

    assert judged(group.return_date_within_the_interval, at) is None


def test_a_desk_review_only_where_the_authority_uses_them():
    off = policy(group={"desk_review_allowed": False})
    given = filed("desk_review_unchanged")

    assert judged(group.desk_reviews_allowed, facts(S.DEFERRED, given=given)) is None
    assert judged(group.desk_reviews_allowed, facts(S.DEFERRED, given=given, policy=off)) == "PT-2"


# --- further work ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("return_on", "why", "rule"),
    [
        (date(2026, 6, 10), None, None),  # three months
        (date(2026, 6, 11), None, "R-FW-1"),
        (date(2026, 6, 11), "The therapist starts in June.", None),
    ],
)
@pytest.mark.parametrize("trigger", ["group_asks_further_work", "needs_further_work", "kdd_further_work"])
def test_the_first_round_of_further_work_takes_three_months_at_most(trigger, return_on, why, rule):
    given = filed(trigger, return_on=return_on, longer_reason=why)

    assert judged(group.first_loop_within_its_months, facts(S.TRAJECTORY, given=given)) == rule


def test_a_later_round_may_take_longer():
    given = filed("needs_further_work", return_on=date(2026, 8, 1))
    at = facts(S.TRAJECTORY, entry("needs_further_work"), given=given)

    assert judged(group.first_loop_within_its_months, at) is None


def test_a_child_that_comes_back_on_to_the_pathway_starts_its_first_round_again():
    given = filed("needs_further_work", return_on=date(2026, 8, 1))
    at = facts(
        S.TRAJECTORY, entry("needs_further_work"), entry("stop", source=S.FURTHER_WORK), entry("reopen"), given=given
    )

    assert judged(group.first_loop_within_its_months, at) == "R-FW-1"


def relisting(*entries):
    return facts(S.FURTHER_WORK, *entries, given=filed("list_for_group"))


WROTE = entry("record_trajectory")
SEEN = entry("group_asks_further_work")


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((SEEN,), "T10"),
        ((WROTE, SEEN), "T10"),
        ((SEEN, WROTE), None),
        ((SEEN, WROTE, entry("list_for_group", source=S.FURTHER_WORK), entry("group_adjourns"), SEEN), "T10"),
        # Adjourned and taken off again: the group has seen this version.
        (
            (
                SEEN,
                WROTE,
                entry("list_for_group", source=S.FURTHER_WORK),
                entry("group_adjourns"),
                entry("take_off_agenda", to=S.FURTHER_WORK),
            ),
            "T10",
        ),
        ((entry("group_progresses"), WROTE, entry("needs_further_work")), "T10"),
        ((entry("group_progresses"), WROTE, entry("needs_further_work"), WROTE), None),
    ],
)
def test_a_child_comes_back_with_a_newer_trajectory_than_the_group_last_saw(entries, rule):
    assert judged(group.trajectory_newer_than_last_seen, relisting(*entries)) == rule


ROUND = (entry("needs_further_work"), entry("list_for_group", source=S.FURTHER_WORK), entry("group_progresses"))
CONTINUE = entry("continue_further_work")


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ((*ROUND, entry("kdd_further_work")), None),  # the second
        ((*ROUND, *ROUND, SEEN), "R-FW-2"),  # the third
        ((*ROUND, *ROUND, SEEN, CONTINUE), None),
        ((*ROUND, *ROUND, SEEN, CONTINUE, entry("list_for_group", source=S.FURTHER_WORK), SEEN), "R-FW-2"),
        ((*ROUND, *ROUND, CONTINUE, SEEN), "R-FW-2"),  # said before the third round began
        ((*ROUND, *ROUND, entry("stop", source=S.TRAJECTORY), entry("reopen"), SEEN), None),
    ],
)
def test_from_the_third_round_on_a_head_of_service_says_whether_it_goes_on(entries, rule):
    assert judged(group.head_of_service_lets_it_go_on, relisting(*entries)) == rule


def test_the_question_to_the_head_of_service_opens_with_the_third_round():
    at_the_second = facts(S.TRAJECTORY, *ROUND)
    at_the_third = facts(S.TRAJECTORY, *ROUND, *ROUND)

    assert choices.loops_reached(at_the_second) is False
    assert choices.loops_reached(at_the_third) is True
    assert history.further_work_loops(at_the_third) == 2
