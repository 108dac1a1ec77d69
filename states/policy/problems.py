"""What is wrong with a policy file, said so that a policy officer can put it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]
Place = Callable[[Path], tuple[int, int]]

TABLE = '{ value = …, mark = "DEF", source = "…", from = 2026-01-01 }'
PARTS = ("value", "mark", "check", "source", "from")


@dataclass(frozen=True, slots=True, order=True)
class PolicyProblem:
    """One thing wrong: the file's name, line and column (from 1), `section.key`, and why."""

    file: str
    line: int
    column: int
    key: str
    reason: str

    def __str__(self) -> str:
        what = f"{self.key}: " if self.key else ""
        return f"{self.file}, line {self.line}, column {self.column}: {what}{self.reason}"


class PolicyRefused(Exception):
    """A policy file that cannot be used. `problems` lists everything wrong with it at once."""

    def __init__(self, problems: tuple[PolicyProblem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def problems_of(
    error: ValidationError, policy: type[BaseModel], *, name: str, place: Place
) -> tuple[PolicyProblem, ...]:
    """Every failed check of a policy's types, in plain words and in its place.

    `place` gives line and column of a path in the file; of what is missing, where it belongs.
    """
    found: dict[tuple[Path, str], PolicyProblem] = {}
    for detail in error.errors():
        path = _path_in_file(detail)
        reason = _reason(detail, path, policy)
        line, column = place(path)
        key = ".".join(str(part) for part in path[:2])
        found.setdefault((path, reason), PolicyProblem(name, line, column, key, reason))
    return tuple(found.values())


def _path_in_file(detail: ErrorDetails) -> Path:
    """Where the file holds what a check looked at: `origin` and `value` are not told apart there."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    if len(location) < 2:
        return location
    section, key, *rest = location
    if key != "origin":
        return (
            (section, key)
            if detail["type"] in ("missing", "extra_forbidden") and not rest
            else (section, key, "value", *rest)
        )
    if not rest:
        return (section,)
    return (section, *("from" if part == "from_date" else part for part in rest))


def _reason(detail: ErrorDetails, path: Path, policy: type[BaseModel]) -> str:
    match detail["type"], len(path):
        case "missing", 1:
            return "this section is missing"
        case "missing", 2:
            given = detail["input"]
            if isinstance(given, dict) and path[1] in given.get("origin", {}):
                return f"has no value; write {TABLE}"
            return "is missing"
        case "missing", _:
            return f"has no {path[-1]}; write {TABLE}"
        case "extra_forbidden", 1:
            return "there is no such section" + _nearest(path[-1], tuple(policy.model_fields))
        case "extra_forbidden", 2:
            section = policy.model_fields[str(path[0])].annotation
            keys = tuple(getattr(section, "model_fields", ()))
            return "there is no such key" + _nearest(path[-1], keys)
        case "extra_forbidden" | "unexpected_keyword_argument", _:
            return f"{path[-1]} is not a part of a value" + _nearest(path[-1], PARTS)
        case "dataclass_type" | "dataclass_exact_type", _:
            return f"must be written as {TABLE}"
        case "model_type" | "model_attributes_type", 1:
            return f"must be a section: [{path[0]}] on a line of its own, its values below"
        case _:
            item = next((part for part in path[3:] if isinstance(part, int)), None)
            return ("" if item is None else f"item {item + 1} ") + _value_reason(detail)


def _value_reason(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    given = _shown(detail["input"])
    match detail["type"]:
        case "value_error":
            return f"{context['error']}; it says {given}"
        case "literal_error" | "enum":
            return f"must be {context['expected']}; it says {given}"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"must be a whole number without quotes; it says {given}"
        case "bool_type":
            return f"must be true or false without quotes; it says {given}"
        case "string_type":
            return f"must be words in quotes; it says {given}"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            bound = next(iter(context.values()))
            words = {
                "greater_than": "more than",
                "greater_than_equal": "at least",
                "less_than": "less than",
                "less_than_equal": "at most",
            }
            return f"must be {words[detail['type']]} {bound}; it says {given}"
        case "tuple_type":
            return f"must be a list in square brackets; it says {given}"
        case "mapping_type" | "dict_type":
            return f"must be a table in curly brackets; it says {given}"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f'must look like "D-01"; it says {given}'
        case _:
            return f"{detail['msg'][0].lower()}{detail['msg'][1:]}; it says {given}"


def _shown(given: object) -> str:
    words = (
        f'"{given}"'
        if isinstance(given, str)
        else str(given).lower()
        if isinstance(given, bool)
        else str(given)
    )
    return words if len(words) <= 60 else words[:57] + "…"


def _nearest(word: str | int, names: tuple[str, ...]) -> str:
    near = get_close_matches(str(word), [name for name in names if name != "origin"], n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
