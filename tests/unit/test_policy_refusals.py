"""A policy file that cannot be used is refused with every problem, each in its line and column."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.policy import PolicyProblem, PolicyRefused, load_policy

TEXT = (Path(__file__).parents[2] / "policies" / "leicestershire.toml").read_text(encoding="utf-8")


def problems_after(*changes: tuple[str, str]) -> tuple[PolicyProblem, ...]:
    """What is wrong with the shipped file once each text, which it holds, is replaced."""
    with pytest.raises(PolicyRefused) as refused:
        load_policy(changed(*changes), name="county.toml")
    return refused.value.problems


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def where(text: str, words: str) -> tuple[int, int]:
    """Line and column of the first place where these words stand, counted the plain way."""
    before = text[: text.index(words)]
    return before.count("\n") + 1, len(before.rsplit("\n", 1)[-1]) + 1


FIRST_RATING = (
    'first_rating_working_days = { value = 20, mark = "DEF", source = "R-ELG-3", from = 2026-01-01 }'
)


# A value of the wrong kind


@pytest.mark.parametrize(
    ("before", "after", "key", "reason"),
    [
        (
            "days = { value = 20, mark",
            'days = { value = "20", mark',
            "rating.first_rating_working_days",
            'must be a whole number without quotes; it says "20"',
        ),
        (
            "days = { value = 20, mark",
            "days = { value = 20.5, mark",
            "rating.first_rating_working_days",
            "must be a whole number without quotes; it says 20.5",
        ),
        (
            "days = { value = 20, mark",
            "days = { value = true, mark",
            "rating.first_rating_working_days",
            "must be a whole number without quotes; it says true",
        ),
        (
            "days = { value = 20, mark",
            "days = { value = 0, mark",
            "rating.first_rating_working_days",
            "must be more than 0; it says 0",
        ),
        (
            "days = { value = 20, mark",
            "days = { value = -5, mark",
            "rating.first_rating_working_days",
            "must be more than 0; it says -5",
        ),
        (
            "days = { value = 20, mark",
            "days = { value = 5000, mark",
            "rating.first_rating_working_days",
            "must be at most 1000; it says 5000",
        ),
        (
            "line = { value = true",
            "line = { value = 1",
            "kdd.chair_may_be_in_line",
            "must be true or false without quotes; it says 1",
        ),
        ('"Leicestershire County Council"', "7", "authority.name", "must be words in quotes; it says 7"),
        ('"Leicestershire County Council"', '""', "authority.name", "must not be empty"),
        (
            '"sgo.panel@leicestershire.example"',
            '"the panel"',
            "authority.mailbox",
            'must be a mail address; it says "the panel"',
        ),
        (
            'value = "17y6m"',
            'value = "nearly 18"',
            "scope.max_age_at_rating",
            'must be a length of time in quotes, such as "6 weeks", "12 months" or "17y6m"; '
            'it says "nearly 18"',
        ),
        (
            'value = "02:15 Europe/London"',
            'value = "2.15am"',
            "night.at",
            'must be a time and a zone in quotes, such as "02:15 Europe/London"; it says "2.15am"',
        ),
        (
            'value = "07:30"',
            'value = "7.30"',
            "mail.digest_at",
            'must be a time of day in quotes, such as "07:30"; it says "7.30"',
        ),
        (
            'value = "date of adoption"',
            'value = "soon"',
            "night.go_live",
            'must be a date such as 2026-12-24 or "date of adoption"; it says "soon"',
        ),
        (
            "value = [], mark",
            'value = ["Christmas"], mark',
            "calendar.closedown_days",
            'item 1 must be a date such as 2026-12-24; it says "Christmas"',
        ),
        (
            'value = "monthly"',
            'value = "quarterly"',
            "group.meets",
            "must be 'weekly', 'fortnightly' or 'monthly'; it says \"quarterly\"",
        ),
        (
            'rank = { value = "Head of Service"',
            'rank = { value = "IRO"',
            "group.longer_return_rank",
            'must be one of Team Manager, Head of Service, Assistant Director, Director; it says "IRO"',
        ),
        (
            'value = ["GREEN", "YELLOW", "AMBER", "RED"]',
            'value = "GREEN"',
            "rating.colours",
            'must be a list in square brackets; it says "GREEN"',
        ),
        (
            'value = { YELLOW = "6 weeks", AMBER = "6 months", RED = "12 months" }',
            'value = "6 weeks"',
            "group.return_within",
            'must be a table in curly brackets; it says "6 weeks"',
        ),
        ("value = [10, 5, 2]", "value = []", "warn.court_direction_working_days", "must not be empty"),
        (
            'value = ["D-18", "D-19", "D-29"]',
            'value = ["D-18", "19"]',
            "night.off",
            'item 2 must look like "D-01"; it says "19"',
        ),
    ],
)
def test_a_mistyped_value_is_refused_where_it_stands(before: str, after: str, key: str, reason: str):
    [problem] = problems_after((before, after))
    assert (problem.file, problem.key, problem.reason) == ("county.toml", key, reason)
    line = changed((before, after)).splitlines()[problem.line - 1]
    assert line.startswith(key.split(".")[1])
    value = line.index("value = ") + len("value = ")
    if "item" in reason:
        assert line[problem.column - 1 :].startswith('"'), "the column is that of the item"
        assert problem.column - 1 > value
    else:
        assert problem.column - 1 == value


@pytest.mark.parametrize(
    ("before", "after", "at", "reason"),
    [
        ('AMBER = "6 months"', "AMBER = 6", "6, RED", "AMBER must be a length of time in quotes"),
        ("[10, 5, 2]", '[10, "5", 2]', '"5", 2]', "item 2 must be a whole number"),
        ('to = "owner"', 'to = "her"', '"her"', "item 1, to must be one of owner, Team Manager"),
        ('{ after = 0, to = "owner" }', "{ after = 0 }", "{ after = 0 }", "item 1 has no to"),
        ('to = "owner"', 'to = "owner", whom = 1', "1 }, { after = 10", "item 1 has no use for whom"),
        (
            "urgent_only = true",
            "urgent_only = 1",
            "1 }, { after = 30",
            "item 3, urgent_only must be true or false",
        ),
        ('"genogram" = 24', '"genogram" = "24"', '"24"', "genogram must be a whole number"),
    ],
)
def test_a_mistyped_part_of_a_list_or_table_is_named_and_placed(
    before: str, after: str, at: str, reason: str
):
    [problem] = problems_after((before, after))
    assert problem.reason.startswith(reason)
    assert (problem.line, problem.column) == where(changed((before, after)), at)


def test_a_wrong_name_and_the_wrong_value_beside_it_are_both_refused():
    value, name = problems_after(('AMBER = "6 months"', 'BLUE = "half a year"'))
    assert name.reason == "must be 'GREEN', 'YELLOW', 'AMBER' or 'RED'; it says \"BLUE\""
    assert value.reason.startswith("BLUE must be a length of time")


def test_a_name_that_is_not_in_the_list_of_names_is_refused():
    problems = problems_after(('"genogram" = 24', '"family tree" = 24'))
    assert [problem.key for problem in problems] == ["trajectory.weeks_before_order"]
    assert problems[0].reason.startswith("must be 'initial meeting', 'KDD'")
    assert problems[0].reason.endswith('it says "family tree"')


# What is not there, and what is not known


def test_a_missing_value_is_named_at_its_section():
    [problem] = problems_after((FIRST_RATING + "\n", ""))
    assert (problem.key, problem.reason) == ("rating.first_rating_working_days", "is missing")
    assert (problem.line, problem.column) == where(TEXT, "[rating]")


def test_a_missing_section_is_named_at_the_end_of_the_file():
    start, end = TEXT.index("[views]"), TEXT.index("# How long before a date")
    [problem] = problems_after((TEXT[start:end], ""))
    assert (problem.key, problem.reason) == ("views", "this section is missing")
    assert (problem.line, problem.column) == (
        TEXT.replace(TEXT[start:end], "").rstrip("\n").count("\n") + 1,
        1,
    )


def test_a_misspelt_key_is_named_with_the_nearest_and_the_missing_one_too():
    missing, unknown = problems_after(("refresh_months", "refesh_months"))
    assert (missing.key, missing.reason) == ("rating.refresh_months", "is missing")
    assert (unknown.key, unknown.reason) == (
        "rating.refesh_months",
        "there is no such key; did you mean refresh_months?",
    )
    assert (unknown.line, unknown.column) == where(TEXT, "refresh_months")


def test_a_misspelt_section_is_named_with_the_nearest():
    unknown, missing = problems_after(("[kdd]", "[kddd]"))
    assert (unknown.key, unknown.reason) == ("kddd", "there is no such section; did you mean kdd?")
    assert (unknown.line, unknown.column) == where(TEXT, "[kdd]")
    assert (missing.key, missing.reason) == ("kdd", "this section is missing")


@pytest.mark.parametrize("key", ["origin", '"no such"'])
def test_a_key_nobody_knows_is_refused_whatever_its_name(key: str):
    [problem] = problems_after(
        ("[rating]\n", f'[rating]\n{key} = {{ value = 1, mark = "DEF", source = "x", from = 2026-01-01 }}\n')
    )
    assert "there is no such key" in problem.reason


# What is said about a value


@pytest.mark.parametrize(
    ("after", "reason", "column"),
    [
        ("first_rating_working_days = 20", "must be written as { value = …", "20"),
        (
            'first_rating_working_days = { mark = "DEF", source = "R-ELG-3", from = 2026-01-01 }',
            "has no value; write { value = …",
            "first",
        ),
        (
            'first_rating_working_days = { value = 20, source = "R-ELG-3", from = 2026-01-01 }',
            "has no mark; write { value = …",
            "first",
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", from = 2026-01-01 }',
            "has no source; write { value = …",
            "first",
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", source = "R-ELG-3" }',
            "has no from; write { value = …",
            "first",
        ),
        (
            'first_rating_working_days = { value = 20, mark = "LAW", source = "R-ELG-3", from = 2026-01-01 }',
            "must be 'ACT', 'REG', 'SG', 'NSG', 'LP', 'CASE', 'SEED', 'DEF' or 'UNC'; it says \"LAW\"",
            '"LAW"',
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", source = "", from = 2026-01-01 }',
            "must not be empty",
            '""',
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", source = "R-ELG-3", from = "spring" }',
            'must be a date such as 2026-12-24; it says "spring"',
            '"spring"',
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", check = "x", '
            'source = "R", from = 2026-01-01 }',
            "must be 'v', 'p' or 'k'; it says \"x\"",
            '"x"',
        ),
        (
            'first_rating_working_days = { value = 20, mark = "DEF", sauce = "x", '
            'source = "R", from = 2026-01-01 }',
            "sauce is not a part of a value; did you mean source?",
            '"x"',
        ),
    ],
)
def test_a_value_that_does_not_say_where_it_comes_from_is_refused(after: str, reason: str, column: str):
    [problem] = problems_after((FIRST_RATING, after))
    assert problem.key == "rating.first_rating_working_days"
    assert problem.reason.startswith(reason)
    line = changed((FIRST_RATING, after)).splitlines()[problem.line - 1]
    assert line == after
    assert line[problem.column - 1 :].startswith(column)


# A file that is no TOML


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        ("refresh_months = { value = 6", "refresh_months = { value =", (0, 27)),
        ("[rating]\n", "[rating\n", (-3, 8)),
    ],
)
def test_a_file_that_is_no_toml_is_refused_where_it_stops_making_sense(
    before: str, after: str, at: tuple[int, int]
):
    [problem] = problems_after((before, after))
    line, _ = where(TEXT, "refresh_months")
    assert (problem.line, problem.column) == (line + at[0], at[1])
    assert problem.reason.startswith("cannot be read as TOML: ")


def test_a_file_cut_off_in_the_middle_is_refused_at_its_end():
    cut = TEXT[: TEXT.index("R-ELG-3") + 4]
    with pytest.raises(PolicyRefused) as refused:
        load_policy(cut, name="county.toml")
    [problem] = refused.value.problems
    assert (problem.line, problem.column) == (cut.count("\n") + 1, len(cut.rsplit("\n", 1)[-1]) + 1)


def test_an_empty_file_lacks_every_section():
    with pytest.raises(PolicyRefused) as refused:
        load_policy("", name="county.toml")
    sections = [line for line in TEXT.splitlines() if line.startswith("[") and "." not in line]
    assert len(refused.value.problems) == len(sections), "a name with a dot is one value's table"
    assert {(problem.line, problem.column) for problem in refused.value.problems} == {(1, 1)}


# All of it at once


def test_every_problem_is_listed_at_once_in_the_order_of_the_file():
    problems = problems_after(
        (FIRST_RATING, "first_rating_working_days = 20"),
        ("quorum_services = { value = 2", "quorum_services = { value = 4"),
        ("midpoint_week = { value = 6", "midpoint_week = { value = 13"),
        ("notice_months = { value = 3", "notice_months = { value = 2"),
        ('value = "07:30"', 'value = "half past"'),
    )
    assert [problem.key for problem in problems] == [
        "rating.first_rating_working_days",
        "group.quorum_services",
        "assessment.midpoint_week",
        "assessment.midpoint_week",
        "legal.notice_months",
        "mail.digest_at",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_the_refusal_says_file_line_column_key_and_reason():
    with pytest.raises(PolicyRefused) as refused:
        load_policy(changed((FIRST_RATING, "first_rating_working_days = 20")), name="county.toml")
    line, column = where(TEXT, FIRST_RATING)
    assert str(refused.value) == (
        f"county.toml, line {line}, column {column + 28}: rating.first_rating_working_days: "
        'must be written as { value = …, mark = "DEF", source = "…", from = 2026-01-01 }'
    )


# However it is written


def test_a_file_with_the_line_ends_of_windows_is_read_alike():
    assert load_policy(TEXT.replace("\n", "\r\n"), name="w.toml") == load_policy(TEXT, name="l.toml")


def test_values_written_as_tables_of_several_lines_are_read_and_placed():
    several = (
        '\n[rating.first_rating_working_days]\nmark = "DEF" # \'\'\'\nsource = """R-\nELG-3"""\n'
        'from = 2026-01-01\nvalue = "x"\n[group]\n'
    )
    [problem] = problems_after((FIRST_RATING + "\n", ""), ("[group]\n", several))
    assert problem.key == "rating.first_rating_working_days"
    assert (problem.line, problem.column) == where(
        changed((FIRST_RATING + "\n", ""), ("[group]\n", several)), '"x"'
    )


def test_dotted_keys_are_read_and_placed():
    dotted = (
        'first_rating_working_days.value = "x"\nfirst_rating_working_days.mark = "DEF"\n'
        "first_rating_working_days.source = 'it''s'\nfirst_rating_working_days.from = 2026-01-01"
    ).replace("'it''s'", "'R-ELG-3 # not a comment'")
    [problem] = problems_after((FIRST_RATING, dotted))
    assert (problem.line, problem.column) == where(changed((FIRST_RATING, dotted)), '"x"')


@given(data=st.data())
def test_no_spoilt_file_is_met_with_anything_but_a_refusal(data: st.DataObject):
    start = data.draw(st.integers(min_value=0, max_value=len(TEXT)))
    length = data.draw(st.integers(min_value=0, max_value=40))
    put = data.draw(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["[", "]", "{", "}", '"', '"""', "= 1", "\n", "#", ".", "-1", "true"]),
        )
    )
    spoilt = TEXT[:start] + put + TEXT[start + length :]
    try:
        load_policy(spoilt, name="spoilt.toml")
    except PolicyRefused as refused:
        lines = spoilt.replace("\r\n", "\n").split("\n")
        for problem in refused.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('per = "week", bands = [{ from_age = 1, pounds = 300 }]', "bands must begin at from_age = 0"),
        ('per = "week", bands = [{ from_age = 0, pounds = 3 }, { from_age = 0, pounds = 3 }]', "go up from band to"),
        ('per = "week", bands = [{ from_age = 0, pounds = 300.005 }]', "pounds must be an amount in pounds"),
        ('per = "week", bands = [{ from_age = 0, pounds = -3 }]', "pounds must be at least 0"),
        ('per = "week", bands = [{ from_age = 0, pounds = nan }]', "pounds must be a number such as 26.05"),
        ('per = "week", bands = [{ from_age = 18, pounds = 3 }]', "from_age must be at most 17"),
        ('per = "day", bands = [{ from_age = 0, pounds = 300 }]', "per must be 'week' or 'month'"),
        ('bands = [{ from_age = 0, pounds = 300 }]', "has no per"),
    ],
)
def test_a_table_of_rates_that_cannot_be_is_refused_with_its_part(table, said):
    local = f'local_allowance = {{ value = [{{ from = 2025-04-06, region = "X", {table} }}]'
    text = TEXT.replace("local_allowance = { value = []", local)
    with pytest.raises(PolicyRefused) as refused:
        load_policy(text, name="county.toml")

    [problem] = refused.value.problems
    assert problem.key == "rates.local_allowance"
    assert said in problem.reason
    assert text.splitlines()[problem.line - 1].startswith("local_allowance")
