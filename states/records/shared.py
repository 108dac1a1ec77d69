"""Rows that several records share."""

from __future__ import annotations

from datetime import date

from states.records.base import Row, choice, day, text, words
from states.records.codes import Method, Option


class Action(Row):
    """Something agreed to be done: what, by whom, by when."""

    what: str = words("What is to be done")
    who: str = text("Who will do it")
    by_when: date = day("By when")


class Told(Row):
    """Somebody who has been told (practice PT-20)."""

    who: str = text("Who was told", "A role or relationship, such as 'carers' or 'child'.")
    told_on: date = day("When")
    how: Method = choice("How")


class OptionCompared(Row):
    """One way to permanence, weighed (rules S1-2)."""

    option: Option = choice("Option")
    points_for: str = words("What speaks for it, for this child")
    points_against: str = words("What speaks against it, for this child")
