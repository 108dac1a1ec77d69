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


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that does not fit: its `(section, key)`, and why."""

    path: tuple[str, str]
    reason: str


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
    found: dict[tuple[Path, bool], PolicyProblem] = {}
    details = [detail for detail in error.errors() if not _only_follows(detail)]
    # A value that is no table at all is said once, as that, and not also as a missing value.
    details.sort(key=lambda detail: detail["type"] == "missing")
    for detail in details:
        path = _path_in_file(detail)
        line, column = place(path)
        key = ".".join(str(part) for part in path[:2])
        about_a_name = detail["loc"][-1] == "[key]"
        problem = PolicyProblem(name, line, column, key, _reason(detail, path, policy))
        found.setdefault((path, about_a_name), problem)
    return tuple(found.values())


def _only_follows(detail: ErrorDetails) -> bool:
    """A list counts as too short for pydantic when its items are wrong: those are said by themselves."""
    given = detail["input"]
    return (
        detail["type"] == "too_short"
        and isinstance(given, list | tuple)
        and len(given) >= detail.get("ctx", {}).get("min_length", 1)
    )


def _path_in_file(detail: ErrorDetails) -> Path:
    """Where the file holds what a check looked at: `origin` and `value` are not told apart there."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    if len(location) < 2:
        return location
    section, key, *rest = location
    if key == "origin" and rest:
        name, *part = ("from" if part == "from_date" else part for part in rest)
        return (section, name, *(part or ("value",)))
    if detail["type"] == "extra_forbidden" and not rest:
        return (section, key)
    return (section, key, "value", *rest)


def _reason(detail: ErrorDetails, path: Path, policy: type[BaseModel]) -> str:
    match detail["type"], len(path):
        case "missing", 1:
            return "this section is missing"
        case "missing", 3 if path[2] == "value" and path[1] not in detail["input"]["origin"]:
            return "is missing"
        case "missing", 3:
            return f"has no {path[-1]}; write {TABLE}"
        case "extra_forbidden", 1:
            return "there is no such section" + _nearest(path[-1], tuple(policy.model_fields))
        case "extra_forbidden", 2:
            section = policy.model_fields[str(path[0])].annotation
            keys = tuple(getattr(section, "model_fields", ()))
            return "there is no such key" + _nearest(path[-1], keys)
        case "extra_forbidden" | "unexpected_keyword_argument", 3:
            return f"{path[-1]} is not a part of a value" + _nearest(path[-1], PARTS)
        case "dataclass_type" | "dataclass_exact_type", _:
            return f"must be written as {TABLE}"
        case "model_type" | "model_attributes_type", 1:
            return f"must be a section: [{path[0]}] on a line of its own, its values below"
        case "value_error", 1:
            return str(detail["ctx"]["error"])
        case kind, _:
            within = path[3:-1] if kind in ("missing", "extra_forbidden") else path[3:]
            inside = [f"item {part + 1}" if isinstance(part, int) else part for part in within]
            said = "" if detail["loc"][-1] == "[key]" else ", ".join(inside)
            return f"{said} {_value_reason(detail)}".strip()


_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
_SHAPES = {
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number without quotes",
    "bool_type": "must be true or false without quotes",
    "string_type": "must be words in quotes",
    "tuple_type": "must be a list in square brackets",
    "mapping_type": "must be a table in curly brackets",
    "dict_type": "must be a table in curly brackets",
    "model_type": "must be a table in curly brackets",
    "string_pattern_mismatch": 'must look like "D-01"',
}


def _value_reason(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"has no {detail['loc'][-1]}"
        case "extra_forbidden":
            return f"has no use for {detail['loc'][-1]}"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "value_error":
            reason = str(context["error"])
        case "literal_error" | "enum":
            reason = f"must be {context['expected']}"
        case kind if kind in _BOUNDS:
            reason = f"must be {_BOUNDS[kind]} {next(iter(context.values()))}"
        case kind:
            reason = _SHAPES.get(kind, detail["msg"][0].lower() + detail["msg"][1:])
    return f"{reason}; it says {_shown(detail['input'])}"


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
