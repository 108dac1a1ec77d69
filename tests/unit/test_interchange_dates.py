"""Dates as returns and spreadsheets write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.dates import is_adult, last_night, return_date, typed_date, year_end, year_label, year_start


@pytest.mark.parametrize(
    "text",
    ["", "1/4/2017", "2017-04-01", "31/02/2018", "00/01/2018", "01/13/2018", "01/04/17", "01/04/0017",
     "01/04/9999", "\u0660\u0661/04/2017", "01/04/2017 "],
)  # fmt: skip
def test_a_return_date_is_written_in_one_way_only(text):
    assert return_date(text) is None


def test_a_return_date_is_day_first():
    assert return_date("03/04/2017") == date(2017, 4, 3)


@pytest.mark.parametrize(
    "text",
    ["15/06/2013", "15-06-2013", "15.06.2013", "15 June 2013", "15-Jun-2013", "2013-06-15",
     "2013-06-15 00:00:00", "2013-06-15T00:00:00", " 15/6/2013 "],
)  # fmt: skip
def test_a_date_typed_as_text_is_read_when_it_cannot_be_mistaken(text):
    assert typed_date(text) == date(2013, 6, 15)


@pytest.mark.parametrize(
    "text", ["15/06/13", "June 2013", "13/2013", "yesterday", "15/14/2013", "2013", "9" * 40]
)
def test_a_date_that_would_have_to_be_guessed_is_not_read(text):
    assert typed_date(text) is None


@given(st.text())
def test_reading_a_date_never_fails(text):
    assert return_date(text) is None or "/" in text
    typed_date(text)


def test_the_collection_year_runs_from_april_to_march():
    assert year_end(date(2018, 3, 31)) == date(2018, 3, 31)
    assert year_end(date(2018, 4, 1)) == date(2019, 3, 31)
    assert year_start(date(2018, 3, 31)) == date(2017, 4, 1)
    assert year_label(date(2018, 3, 31)) == "2017/18"
    assert year_label(date(2000, 3, 31)) == "1999/00"


def test_an_episode_that_ends_on_1_april_belongs_to_the_year_before():
    assert year_end(last_night(date(2018, 4, 1))) == date(2018, 3, 31)


def test_a_person_is_adult_from_the_eighteenth_birthday():
    assert not is_adult(date(2000, 4, 1), date(2018, 3, 31))
    assert is_adult(date(2000, 3, 31), date(2018, 3, 31))
    assert is_adult(date(2000, 2, 29), date(2018, 2, 28))
