"""Values that contradict each other, or the law, are refused at the value to change."""

from pathlib import Path

import pytest

from states.policy import PolicyRefused, load_policy

TEXT = (Path(__file__).parents[2] / "policies" / "leicestershire.toml").read_text(encoding="utf-8")


def said_after(*changes: tuple[str, str]) -> list[str]:
    """What is said of the shipped file once each text is replaced; places are checked on the way."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(PolicyRefused) as refused:
        load_policy(text, name="county.toml")
    lines = text.splitlines()
    for problem in refused.value.problems:
        line = lines[problem.line - 1]
        assert line.startswith((problem.key.split(".")[1], "value = {")), "the line is that of the value"
        assert line[: problem.column - 1].endswith("value = "), "the column is that of the value"
    return [f"{problem.key}: {problem.reason}" for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "midpoint_week = { value = 6",
            "midpoint_week = { value = 10",
            "assessment.midpoint_week: must be less than assessment.warning_week (10); it says 10. "
            "The mid-point comes first (NT-13).",
        ),
        (
            "warning_week = { value = 10",
            "warning_week = { value = 12",
            "assessment.warning_week: must be less than assessment.target_weeks (12); it says 12. "
            "A warning comes before (NT-13).",
        ),
        (
            "ceiling_weeks = { value = 16",
            "ceiling_weeks = { value = 11",
            "assessment.target_weeks: must be at most assessment.ceiling_weeks (11); it says 12. (R-ASM-2)",
        ),
        (
            "representations_days = { value = 28",
            "representations_days = { value = 13",
            "notices.representations_floor_days: must be at most notices.representations_days (13); "
            "it says 14. (R-SUP-8)",
        ),
        (
            "first_rating_working_days = { value = 20",
            "first_rating_working_days = { value = 10",
            "warn.rating_working_days: must be less than rating.first_rating_working_days (10); it says 10. "
            "A warning comes before (NT-02).",
        ),
        (
            "loop_months_before_head_of_service = { value = 9",
            "loop_months_before_head_of_service = { value = 2",
            "trajectory.further_work_first_loop_months: must be at most "
            "trajectory.loop_months_before_head_of_service (2); it says 3. "
            "The first loop alone would go to the Head of Service (R-FW-2).",
        ),
        (
            "return_before_age = { value = 17",
            "return_before_age = { value = 18",
            "group.return_before_age: must be less than scope.ends_at_age (18); it says 18. (R-RG-6)",
        ),
        (
            "quorum_services = { value = 2",
            "quorum_services = { value = 4",
            "group.quorum_services: must be at most 3, the number of group.services; it says 4 (PT-4)",
        ),
        (
            '["Fostering", "Safeguarding", "Virtual School"]',
            '["Fostering", "Safeguarding", "Fostering"]',
            "group.services: names Fostering more than once",
        ),
        (
            'off = { value = ["D-18", "D-19"',
            'off = { value = ["D-18", "D-18"',
            "night.off: names D-18 more than once",
        ),
        (
            'YELLOW = "6 weeks", AMBER = "6 months", RED = "12 months"',
            'YELLOW = "6 weeks", AMBER = "6 months"',
            "group.return_within: has no interval for RED; "
            "such a child may not wait without a return date (R-RAG-3)",
        ),
        (
            'RED = "12 months"',
            'RED = "53 weeks"',
            "group.return_within: RED is 53 weeks, longer than group.longest_return, "
            "which is 12 months (A10)",
        ),
        (
            'YELLOW = "6 weeks"',
            'YELLOW = "14 days"',
            "warn.return_working_days: 10 working days is not less than the return interval of YELLOW, "
            "which is 14 days (NT-05)",
        ),
        (
            "bring_forward_after_days = { value = 56",
            "bring_forward_after_days = { value = 92",
            "roa.bring_forward_after_days: 92 days is not less than roa.late_after_months, 3 months (D-10)",
        ),
        (
            'value = "17y6m"',
            'value = "17y9m"',
            "scope.max_age_at_rating: 17 years 9 months leaves no time before 18 for 3 months' notice and "
            "12 weeks in court (court.minimum_weeks, R-ELG-1)",
        ),
        (
            'value = "17y6m"',
            'value = "900 weeks"',
            'scope.max_age_at_rating: must be in years and months; it says "900 weeks"',
        ),
        (
            'value = "GB-ENG"',
            'value = "GB-ENGLAND"',
            'calendar.region: no bank holidays are known for "GB-ENGLAND"; England is "GB-ENG" (R-CLK-1)',
        ),
        (
            'value = "02:15 Europe/London"',
            'value = "01:00 Europe/London"',
            "night.at: may not be from 01:00 to 01:59, as the clocks change; it says 01:00 (reliability P10)",
        ),
        (
            'value = "02:15 Europe/London"',
            'value = "01:59 Europe/London"',
            "night.at: may not be from 01:00 to 01:59, as the clocks change; it says 01:59 (reliability P10)",
        ),
        (
            'value = "02:15 Europe/London"',
            'value = "02:15 Europe/Leicester"',
            'night.at: must be in Europe/London, as every date is; it says "Europe/Leicester" (R-CLK-8)',
        ),
        (
            'value = "07:30"',
            'value = "02:15"',
            "mail.digest_at: must be later than night.at (02:15); it says 02:15",
        ),
        (
            "after = 10, to",
            "after = 20, to",
            "night.ladder_working_days: must climb: Team Manager after 20, "
            "then Head of Service after 20 (rules 10)",
        ),
        (
            'to = "Assistant Director"',
            'to = "Team Manager"',
            "night.ladder_working_days: must climb: Head of Service after 20, "
            "then Team Manager after 30 (rules 10)",
        ),
        (
            'to = "Head of Service", urgent_only = true',
            'to = "Head of Service"',
            "night.ladder_working_days: Head of Service must have urgent_only = true (PN-2)",
        ),
        (
            "value = [10, 5, 2]",
            "value = [10, 5, 5]",
            "warn.court_direction_working_days: must go down; it says 10, 5, 5 (NT-21)",
        ),
        (
            "value = [1, 5, 15, 60, 240]",
            "value = [1, 5, 5]",
            "mail.retry_minutes: must go up; it says 1, 5, 5 (reliability B.4)",
        ),
        ('"KDD" = 36', '"KDD" = 27', "trajectory.weeks_before_order: puts KDD after ROA (PT-10)"),
        (
            '"notice of intention" = 27',
            '"notice of intention" = 25',
            "trajectory.weeks_before_order: leaves 13 weeks from notice to application; "
            "it takes 3 months (R-LAW-4)",
        ),
        ('"genogram" = 24, ', "", "trajectory.weeks_before_order: has no number for genogram"),
    ],
)
def test_two_values_that_cannot_both_be_right_are_refused(before: str, after: str, said: str):
    assert said_after((before, after)) == [said]


def test_a_colour_that_children_are_not_rated_with_may_not_be_used_elsewhere():
    assert said_after(
        ('value = ["GREEN", "YELLOW", "AMBER", "RED"]', 'value = ["GREEN", "AMBER", "RED"]')
    ) == [
        "rating.progress_without_reason: names YELLOW, which is not in rating.colours (R-RAG-3)",
        "group.return_within: names YELLOW, which is not in rating.colours (R-RG-4)",
    ]


# The law


@pytest.mark.parametrize(
    ("key", "law", "looser", "must", "rule"),
    [
        ("legal.notice_months", 3, 2, "be 3", "R-LAW-4"),
        ("legal.notice_months", 3, 4, "be 3", "R-LAW-4"),
        ("court.care_proceedings_weeks", 26, 30, "be 26", "R-LAW-13"),
        ("court.extension_weeks", 8, 9, "be 8", "R-LAW-13"),
        ("scope.carer_lived_with_years", 1, 2, "be 1", "R-LAW-3"),
        ("reviews.first_working_days", 20, 21, "be at most 20", "R-LAC-1"),
        ("reviews.second_months", 3, 4, "be at most 3", "R-LAC-1"),
        ("reviews.then_months", 6, 7, "be at most 6", "R-LAC-1"),
        ("reviews.visit_first_weeks", 1, 2, "be at most 1", "R-LAC-4"),
        ("reviews.visit_weeks", 6, 7, "be at most 6", "R-LAC-4"),
        ("reviews.visit_then_months", 3, 4, "be at most 3", "R-LAC-4"),
        ("reviews.iro_dispute_working_days", 20, 25, "be at most 20", "R-LAC-6"),
        ("post_order.plan_review_months", 12, 13, "be at most 12", "R-SUP-10"),
        ("records.looked_after_years_from_birth", 75, 74, "be at least 75", "R-REC-1"),
        ("records.death_before_18_years", 15, 14, "be at least 15", "R-REC-1"),
        ("records.adoption_years", 100, 99, "be at least 100", "R-REC-2"),
    ],
)
def test_a_number_looser_than_the_law_is_refused(key: str, law: int, looser: int, must: str, rule: str):
    name = key.split(".")[1]
    said = said_after((f"\n{name} = {{ value = {law}", f"\n{name} = {{ value = {looser}"))
    assert f"{key}: must {must}; it says {looser}. The law sets it ({rule})" in said


def test_a_number_of_the_law_may_not_be_passed_off_as_the_authoritys_own():
    assert said_after(
        ('notice_months = { value = 3, mark = "ACT"', 'notice_months = { value = 3, mark = "LP"')
    ) == ["legal.notice_months: must be marked ACT, for the law sets it; it is marked LP (R-LAW-4)"]


def test_a_number_stricter_than_the_law_is_the_authoritys_own_and_marked_so():
    stricter = 'then_months = { value = 5, mark = "REG"'
    assert said_after(('then_months = { value = 6, mark = "REG"', stricter)) == [
        "reviews.then_months: is marked REG, but the law says 6; "
        "a stricter number of your own is marked LP (R-LAC-1)"
    ]
    own = TEXT.replace(
        'then_months = { value = 6, mark = "REG", check = "v"', 'then_months = { value = 5, mark = "LP"'
    )
    assert load_policy(own, name="county.toml").reviews.then_months == 5


# One mistake does not hide another


def test_a_contradiction_is_found_beside_a_mistyped_value_of_its_own_section():
    said = said_after(
        ('meets = { value = "monthly"', "meets = { value = 4"),
        ("quorum_services = { value = 2", "quorum_services = { value = 4"),
    )
    assert [line.split(":")[0] for line in said] == ["group.quorum_services", "group.meets"]


def test_a_check_whose_value_cannot_be_read_is_left_out():
    said = said_after(("midpoint_week = { value = 6", 'midpoint_week = { value = "6"'))
    assert said == ['assessment.midpoint_week: must be a whole number without quotes; it says "6"']


LOCAL = 'local_allowance = { value = [{ from = 2025-04-06, region = "Here", per = "%s", bands = [%s] }%s]'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            LOCAL % ("week", "{ from_age = 0, pounds = 176 }, { from_age = 5, pounds = 258 }", ""),
            None,
        ),
        (
            LOCAL % ("week", "{ from_age = 0, pounds = 175.99 }, { from_age = 5, pounds = 258 }", ""),
            "rates.local_allowance: is below the national minimum on 2025-04-06 at the age of 3: 175.99 a week, where "
            "Rest of England has 176 a week (rules 7.4)",
        ),
        (
            # 258 a week is 1,118 a month.
            LOCAL % ("month", "{ from_age = 0, pounds = 1117.99 }", ""),
            "rates.local_allowance: is below the national minimum on 2025-04-06 at the age of 16: 1117.99 a month, "
            "where Rest of England has 258 a week (rules 7.4)",
        ),
        (
            LOCAL
            % (
                "week",
                "{ from_age = 0, pounds = 300 }",
                ', { from = 2025-04-06, region = "There", per = "week", bands = [{ from_age = 0, pounds = 300 }] }',
            ),
            "rates.local_allowance: must be for one region; it is for Here and There (R-MON-9)",
        ),
    ],
)
def test_the_councils_own_allowance_is_one_table_and_reaches_the_national_minimum(value, said):
    change = ("local_allowance = { value = []", value)
    if said is None:
        load_policy(TEXT.replace(*change), name="county.toml")
    else:
        assert any(line.startswith(said) for line in said_after(change)), said_after(change)


def test_the_region_is_one_of_the_national_minimum():
    change = ('region = { value = "Rest of England"', 'region = { value = "Wales"')
    assert said_after(change) == [
        "rates.region: must be one of London, South East, Rest of England, as in rates.national_minimum_allowance; "
        'it says "Wales"'
    ]
