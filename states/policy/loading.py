"""A policy file's text, checked whole: types, marks, sources, and values that contradict each other."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from states.policy.contradictions import contradictions
from states.policy.document import Policy
from states.policy.locating import Locations
from states.policy.problems import PolicyProblem, PolicyRefused, problems_of
from states.policy.sections import Section, split_tables


def load_policy(text: str, *, name: str) -> Policy:
    """The policy in a TOML text; `name` is the file's name, for messages.

    Raises PolicyRefused with every problem and its place: a lacking, mistyped or unknown value, one
    without its mark, source or date, and values that contradict each other or the law.
    """
    text = text.replace("\r\n", "\n")
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused((_unreadable(error, text, name),)) from None
    places = Locations(text)
    problems: tuple[PolicyProblem, ...] = ()
    try:
        policy = Policy.model_validate(tables)
        whole = True
    except ValidationError as error:
        problems = problems_of(error, Policy, name=name, place=places.place)
        policy, whole = _what_can_be_read(tables, problems), False
    for found in contradictions(policy, whole=whole):
        line, column = places.place((*found.path, "value"))
        problems += (PolicyProblem(name, line, column, ".".join(found.path), found.reason),)
    if problems:
        raise PolicyRefused(problems)
    return policy


def _unreadable(error: tomllib.TOMLDecodeError, text: str, name: str) -> PolicyProblem:
    said = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    reason = f"cannot be read as TOML: {said[1] if said else error}"
    if said and said[2]:
        return PolicyProblem(name, int(said[2]), int(said[3]), "", reason)
    last = text.rstrip("\n").rsplit("\n", 1)[-1]
    return PolicyProblem(name, text.rstrip("\n").count("\n") + 1, len(last) + 1, "", reason)


def _what_can_be_read(tables: dict[str, Any], problems: tuple[PolicyProblem, ...]) -> Policy:
    """The values that are right, so that one mistake does not hide another. The rest are not there."""
    wrong = {problem.key for problem in problems}
    made: dict[str, Any] = {}
    for section, field in Policy.model_fields.items():
        kind, given = field.annotation, tables.get(section)
        if not isinstance(given, dict) or not isinstance(kind, type) or not issubclass(kind, Section):
            continue
        good = [key for key in kind.names() if key in given and f"{section}.{key}" not in wrong]
        split = split_tables({key: given[key] for key in good})
        values: dict[str, Any] = {
            key: _adapter(kind.model_fields[key]).validate_python(split[key]) for key in good
        }
        values["origin"] = _adapter(kind.model_fields["origin"]).validate_python(split["origin"])
        made[section] = kind.model_construct(None, **values)
    return Policy.model_construct(None, **made)


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)
