"""Dates as returns write them: `dd/mm/yyyy` as text, the collection year, birthdays."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
ADULT_YEARS: Final = 18

_RETURN_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[ \-]([a-z]{3,9})[ \-,]*([0-9]{4})", re.ASCII)
_MIDNIGHT = re.compile(r"[ t]0?0:00(:00(\.0+)?)?$", re.ASCII)
_MONTHS: Final = {
    month[:length]: number
    for number, month in enumerate(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
        start=1,
    )
    for length in (3, len(month))
} | {"sept": 9}
_LONGEST: Final = 30


@lru_cache(maxsize=65_536)
def return_date(text: str) -> date | None:
    """The date of a return's cell, written `dd/mm/yyyy` and nothing else; None when it is no such date."""
    found = _RETURN_DATE.fullmatch(text)
    return _date(found[3], found[2], found[1]) if found else None


def typed_date(text: str) -> date | None:
    """A date typed as text into a spreadsheet, day first; None when it cannot be read without guessing.

    Two-digit years are not read: nobody can tell which century was meant.
    """
    if len(text) > _LONGEST:
        return None
    words = _MIDNIGHT.sub("", text.strip().lower())
    if found := _DAY_FIRST.fullmatch(words):
        return _date(found[3], found[2], found[1])
    if found := _YEAR_FIRST.fullmatch(words):
        return _date(found[1], found[2], found[3])
    if found := _NAMED_MONTH.fullmatch(words):
        month = _MONTHS.get(found[2])
        return _date(found[3], month, found[1]) if month else None
    return None


def year_end(day: date) -> date:
    """The 31 March on or after `day`: the end of the collection year it falls in."""
    end = date(day.year, 3, 31)
    return end if day <= end else date(day.year + 1, 3, 31)


def year_start(end: date) -> date:
    """The 1 April that begins the collection year ending on `end`."""
    return date(end.year - 1, 4, 1)


def year_label(end: date) -> str:
    """The collection year as people write it: 31 March 2018 → `2017/18`."""
    return f"{end.year - 1}/{end.year % 100:02d}"


def last_night(ended: date) -> date:
    """The day before an episode ended: it lies in the collection year the episode is returned in."""
    return ended - timedelta(days=1)


def is_adult(born: date, on: date) -> bool:
    """Whether a person born on `born` is 18 or over on `on`; born on 29 February, adult on the 28th."""
    return _comes_of_age(born) <= on


@lru_cache(maxsize=65_536)
def _comes_of_age(born: date) -> date:
    return born + relativedelta(years=ADULT_YEARS)


def _date(year: str, month: str | int, day: str) -> date | None:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
