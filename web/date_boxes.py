"""A date as people type it into three boxes, or copy it into one of them, as ISO text.

A month may be a word, and a whole date copied from a letter or another system may stand in one box while the others
are empty. What is no date is passed on as it was typed, to be refused in words.
"""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Mapping

#: By the first letters of a month's name, its number.
_MONTHS = {name.lower(): at for names in (month_name, month_abbr) for at, name in enumerate(names) if name}
_MONTHS["sept"] = 9
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ][0-9:.]+Z?)?")
_DAY_FIRST = re.compile(r"(?:[a-z]+,? +)?([0-9]{1,2})(?:st|nd|rd|th)?[-/., ]+([0-9]{1,2}|[a-z]+)[-/., ]+([0-9]{4})")


def as_iso(boxes: Mapping[str, object]) -> str:
    """Three boxes (day, month, year) as ISO text; empty where nothing stands in them."""
    year, month, day = (str(boxes.get(part, "")).strip() for part in ("year", "month", "day"))
    said = [part for part in (year, month, day) if part]
    if not said:
        return ""
    if len(said) == 1 and (whole := _whole(said[0])):
        return whole
    return _put_together(year, month, day) or f"{day}/{month}/{year}"


def _whole(copied: str) -> str | None:
    """A date that stands in one piece."""
    text = " ".join(copied.lower().split())
    if found := _YEAR_FIRST.fullmatch(text.upper()):
        return _put_together(*found.groups())
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
        return _put_together(year, month, day)
    return None


def _put_together(year: str, month: str, day: str) -> str | None:
    month = str(_MONTHS.get(month.lower().rstrip("."), month))
    if not (re.fullmatch("[0-9]{1,4}", year) and re.fullmatch("[0-9]{1,2}", month) and re.fullmatch("[0-9]{1,2}", day)):
        return None
    return f"{int(year):04d}-{int(month):02d}-{int(day):02d}"
