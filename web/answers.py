"""What was written down at a step, by the labels people filled it in under: names for people, days for dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from casework.reading.lines import Line
from states.processes import ALL_ROWS
from states.records.base import FieldSeen, Kind
from web.formats import day, option, pounds


def answers_of(line: Line, names: Mapping[str, str]) -> list[tuple[str, Any]]:
    """(label, value) of everything a line of the chronology says; `names` of people by handle and by id."""
    return answers_in(fields_of(line.trigger), line.record, names)


def answers_in(
    fields: Mapping[str, FieldSeen], content: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, Any]]:
    """(label, value) of everything a record says, by the fields it was filled in under."""
    return [
        (label_of(fields[name]), answer(fields[name], value, names)) if name in fields else (_plain(name), value)
        for name, value in content.items()
        if value not in (None, "", [], {})
    ]


def label_of(seen: FieldSeen) -> str:
    """A field's label beside what was filled in: of money the unit stands with the amount."""
    return seen.label.replace(" in pounds", "") if seen.money else seen.label


@cache
def fields_of(trigger: str) -> dict[str, FieldSeen]:
    """Every field that a step asks for, by name, whichever of its rows asks."""
    return {seen.name: seen for row in ALL_ROWS if row.trigger == trigger for seen in row.record.fields()}


def answer(seen: FieldSeen, value: Any, names: Mapping[str, str]) -> Any:
    """One field's value as people read it; of rows, a list of (label, value) for each."""
    match seen.kind:
        case Kind.ROWS if isinstance(value, Sequence):
            inner = {one.name: one for one in seen.rows}
            return [
                [
                    (label_of(inner[name]), answer(inner[name], one, names))
                    for name, one in row.items()
                    if name in inner and one not in (None, "", [])
                ]
                for row in value
            ]
        case Kind.PERSON:
            return names.get(str(value), value)
        case Kind.DATE:
            return day(value)
        case Kind.NUMBER if seen.money:
            return pounds(value)
        case Kind.CHOICE:
            return option(str(value))
        case Kind.CHOICES if seen.options:
            return [option(str(one)) for one in value]
        case _:
            return value


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
