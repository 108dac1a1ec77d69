"""What people type, and copy, into the three boxes of a date."""

import pytest

from web.date_boxes import as_iso
from web.forms import date_text


@pytest.mark.parametrize(
    ("day", "month", "year", "text"),
    [
        ("", "", "", ""),
        ("9", "1", "2025", "2025-01-09"),
        (" 09 ", "01", "2025", "2025-01-09"),
        ("9", "January", "2025", "2025-01-09"),
        ("9", "sept", "2025", "2025-09-09"),
        ("9", "Dec.", "2025", "2025-12-09"),
        ("9/1/2025", "", "", "2025-01-09"),
        ("09.01.2025", "", "", "2025-01-09"),
        ("2025-01-09", "", "", "2025-01-09"),
        ("", "", "2025-01-09T00:00:00", "2025-01-09"),
        ("9 January 2025", "", "", "2025-01-09"),
        ("Thursday 9th Jan 2025", "", "", "2025-01-09"),
        ("9\u00a0January\u00a02025", "", "", "2025-01-09"),
        # No dates: passed on as typed, and refused in words.
        ("31", "2", "2025", "2025-02-31"),
        ("9", "1", "25", "0025-01-09"),
        ("9/1/25", "", "", "9/1/25//"),
        ("9/1/2025", "2", "", "9/1/2025/2/"),
        ("\u00b2", "1", "2025", "\u00b2/1/2025"),
        ("9", "1", "9" * 5000, "9/1/" + "9" * 5000),
        ("9", "Smarch", "2025", "9/Smarch/2025"),
        ("next week", "", "", "next week//"),
    ],
)
def test_a_date_is_read_as_people_write_it_and_what_is_none_is_passed_on(day, month, year, text):
    assert as_iso({"day": day, "month": month, "year": year}) == text


def test_a_form_in_which_the_date_was_no_boxes_is_empty():
    assert date_text("9 January 2025") == ""
