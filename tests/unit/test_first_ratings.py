"""The first ratings of an imported cohort are spread by priority (practice PT-1, PR-4)."""

from datetime import date

from casework.importing.first_ratings import spread
from interchange.returned import ReturnedChild
from states.policy import Policy
from tests.world import leicestershire

MONDAY = date(2025, 4, 7)


def a_child(council_id: str, place: str, born: date | None = date(2014, 6, 15), *, candidate: bool = True):
    return ReturnedChild(
        council_id=council_id, placement_code=place, date_of_birth=born, candidate=candidate, open=True
    )


def with_backlog(number: int) -> Policy:
    policy = leicestershire()
    night = policy.night.model_copy(update={"backlog_per_month": number})
    return policy.model_copy(update={"night": night})


def order(children: list[ReturnedChild], policy: Policy | None = None) -> list[str]:
    return [
        child.council_id for child, _ in spread(children, today=MONDAY, policy=policy or leicestershire())
    ]


def test_candidates_come_first_and_by_the_authoritys_order_of_priority() -> None:
    children = [
        a_child("another", "K2", candidate=False),
        a_child("fostered", "U4"),
        a_child("kinship, not matched", "U3"),
        a_child("kinship", "U1"),
        a_child("fostered, not matched", "U6"),
    ]
    assert order(children) == ["kinship", "fostered", "kinship, not matched", "fostered, not matched", "another"]


def test_another_authority_may_order_them_otherwise() -> None:
    policy = leicestershire()
    scope = policy.scope.model_copy(update={"priority": ("other", "kinship long-term")})
    children = [a_child("kinship", "U1"), a_child("fostered", "U4"), a_child("not matched", "U6")]
    # what the authority does not name comes last
    assert order(children, policy.model_copy(update={"scope": scope})) == ["not matched", "kinship", "fostered"]


def test_within_a_priority_the_older_child_comes_first_and_one_of_unknown_age_last() -> None:
    children = [
        a_child("unknown", "U1", None),
        a_child("five", "U1", date(2020, 1, 1)),
        a_child("ten", "U1", date(2015, 1, 1)),
    ]
    assert order(children) == ["ten", "five", "unknown"]


def test_each_month_takes_as_many_as_the_policy_releases() -> None:
    children = [a_child(f"{number:02d}", "U1") for number in range(5)]
    days = [day for _, day in spread(children, today=MONDAY, policy=with_backlog(2))]
    assert days == [MONDAY, MONDAY, date(2025, 5, 7), date(2025, 5, 7), date(2025, 6, 7)]


def test_the_corresponding_day_of_a_shorter_month_is_its_last() -> None:
    children = [a_child(f"{number}", "U1") for number in range(3)]
    days = [day for _, day in spread(children, today=date(2025, 1, 31), policy=with_backlog(1))]
    assert days == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]


def test_a_file_with_few_new_children_puts_nobody_off() -> None:
    children = [a_child(f"{number:02d}", "U1") for number in range(40)]
    assert {day for _, day in spread(children, today=MONDAY, policy=leicestershire())} == {MONDAY}


def test_nobody_is_put_off_until_the_rating_comes_too_late_for_their_age() -> None:
    """Born 15 January 2008: 17 and a half on 15 July 2025, a Tuesday. The rating is due 20 working days after
    the child is in scope, so before 15 July: the last day in scope is the 21st working day before it. Counting
    back from 14 July (the first) the 21st is 16 June."""
    children = [a_child("first", "U1", date(2007, 12, 1)), a_child("nearly too old", "U1", date(2008, 1, 15))]
    far = with_backlog(1)
    children += [a_child(f"older {n}", "U1", date(2007, 12, 2)) for n in range(8)]
    found = {child.council_id: day for child, day in spread(children, today=MONDAY, policy=far)}
    assert found["nearly too old"] == date(2025, 6, 16)


def test_somebody_who_is_nearly_too_old_already_is_in_scope_from_today() -> None:
    children = [a_child("first", "K2", date(2007, 10, 10)), a_child("second", "K2", date(2007, 10, 11))]
    assert {day for _, day in spread(children, today=MONDAY, policy=with_backlog(1))} == {MONDAY}


def test_a_thousand_children_of_unknown_age_stay_within_the_calendar() -> None:
    children = [a_child(f"{number:04d}", "U1", None) for number in range(1000)]
    last = max(day for _, day in spread(children, today=MONDAY, policy=with_backlog(1)))
    assert last < date(2025 + 18, 1, 1)
