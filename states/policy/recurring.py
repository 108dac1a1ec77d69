"""How often a body meets, as a policy file says it: "2nd Thursday of the month", "every 4 weeks from 2026-01-07"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}
_MONTHLY = re.compile(rf"({'|'.join(ORDINALS)}) ({'|'.join(WEEKDAYS)}) of the month")
_WEEKLY = re.compile(r"every (?:(\d{1,2}) weeks|week) from (\d{4}-\d{2}-\d{2})")
_WEEK = timedelta(weeks=1)


class Body(StrEnum):
    """The bodies whose meetings are planned for many children at once (rules 1.2)."""

    REVIEW_GROUP = "Review Group"
    PERMANENCE_PANEL = "Permanence Panel"
    DMT = "DMT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """The days on which a body meets: so many weeks apart, or on one weekday of each month.

    `every_weeks` counts from `first`; `nth` is 1 to 4, or -1 for the last such weekday of a month.
    """

    weekday: int
    every_weeks: int | None = None
    first: date | None = None
    nth: int | None = None

    @classmethod
    def parse(cls, words: object) -> Self:
        """Read "2nd Thursday of the month" or "every 2 weeks from 2026-01-08".

        Raises ValueError, in words for a policy officer, for anything else.
        """
        if isinstance(words, cls):
            return words
        if isinstance(words, str):
            if monthly := _MONTHLY.fullmatch(words):
                return cls(weekday=WEEKDAYS.index(monthly[2]), nth=ORDINALS[monthly[1]])
            weekly = _WEEKLY.fullmatch(words)
            if weekly and int(weekly[1] or 1) > 0 and (first := _day(weekly[2])) is not None:
                return cls(weekday=first.weekday(), every_weeks=int(weekly[1] or 1), first=first)
        raise ValueError(
            'must say how often it meets, such as "2nd Thursday of the month" (1st to 4th, or last) or '
            '"every 4 weeks from 2026-01-07"'
        )

    @classmethod
    def like(cls, first: date, often: Literal["weekly", "fortnightly", "monthly"]) -> Self:
        """The calendar that has its first day on a London date and goes on as often; monthly: on its weekday."""
        if often != "monthly":
            return cls(weekday=first.weekday(), every_weeks=1 if often == "weekly" else 2, first=first)
        nth = (first.day - 1) // 7 + 1
        return cls(weekday=first.weekday(), nth=nth if nth < 5 else -1)

    def __str__(self) -> str:
        if self.every_weeks is not None:
            often = "every week" if self.every_weeks == 1 else f"every {self.every_weeks} weeks"
            return f"{often} from {self.first}"
        ordinal = next(word for word, nth in ORDINALS.items() if nth == self.nth)
        return f"{ordinal} {WEEKDAYS[self.weekday]} of the month"

    def days(self, start: date, end: date) -> Iterator[date]:
        """Every such day from one London date to another, both included; days off among them."""
        if self.every_weeks is not None and self.first is not None:
            apart = self.every_weeks * _WEEK
            day = self.first + max(0, -(-(start - self.first).days // apart.days)) * apart
            while day <= end:
                yield day
                day += apart
            return
        month = start.replace(day=1)
        while month <= end:
            day = self._of_month(month)
            if start <= day <= end:
                yield day
            month = (month + timedelta(days=32)).replace(day=1)

    def _of_month(self, first: date) -> date:
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        if self.nth == -1:
            while (day + _WEEK).month == first.month:
                day += _WEEK
            return day
        return day + ((self.nth or 1) - 1) * _WEEK

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None
