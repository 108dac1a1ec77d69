"""What is wrong with a value, in words for people, for every kind of fault that pydantic knows.

Nobody who types a record, a setting or a policy reads pydantic's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS: dict[str, str] = {
    "missing": "is missing",
    "none_required": "must be left empty",
    "extra_forbidden": "is not known here",
    "bool": "must be yes or no",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is a number with too many digits",
    "int": "must be a whole number",
    "float": "must be a number",
    "decimal": "must be a number",
    "finite_number": "must be a number",
    "multiple_of": "must be a multiple of {multiple_of}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "datetime": "must be a moment such as 2026-03-04T09:30:00+00:00",
    "timezone": "needs its time zone, such as 2026-03-04T09:30:00+00:00",
    "date": "must be a date such as 2026-03-04",
    "time": "must be a time of day such as 09:30",
    "string_too_short": "needs at least {min_length} character",
    "string_too_long": "is too long: at most {max_length}",
    "string_pattern_mismatch": "is not of the form that is asked for",
    "string_unicode": "holds half a character: take it out",
    "string": "must be text",
    "bytes": "must be text",
    "too_short": "needs at least {min_length} entry",
    "too_long": "is too long: at most {max_length}",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "tuple": "must be a list",
    "list": "must be a list",
    "set": "must be a list",
    "frozen_set": "must be a list",
    "iterable": "must be a list",
    "unhashable": "must be one value, not a list or a table",
    "dict": "must be a table of names and values",
    "mapping": "must be a table of names and values",
    "model": "must be a table of names and values",
    "dataclass": "must be a table of names and values",
    "path": "must be the path of a file or folder",
    "url": "must be an address",
    "json": "cannot be read as JSON",
}
_OTHERWISE = "cannot be understood"


def in_words(kind: str, context: Mapping[str, Any] | None = None) -> str:
    """The words for a type of error, to follow the name of what is wrong: `must be a whole number`.

    `context` is pydantic's own. A check of ours (`value_error`, `assertion_error`) brings its own words.
    """
    said = dict(context or {})
    if kind in ("value_error", "assertion_error"):
        return str(said.get("error", _OTHERWISE))
    template = _template(kind)
    try:
        return template.format(**said)
    except KeyError:
        return _OTHERWISE


def _template(kind: str) -> str:
    """By the whole type, else by how it begins: `date_from_datetime_inexact` is about a date."""
    if kind in _WORDS:
        return _WORDS[kind]
    begins = [name for name in _WORDS if kind.startswith(f"{name}_")]
    return _WORDS[max(begins, key=len)] if begins else _OTHERWISE
