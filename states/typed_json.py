"""JSON that people wrote, by hand or with a script: read strictly, and what is wrong said with its place."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class NotJson(ValueError):
    """The text cannot be used as JSON. The words say why, and where."""


def read_json(text: str) -> Any:
    """What a JSON text holds. Raises NotJson: not JSON (line and column), a key given twice, or no number."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
        return found
    except json.JSONDecodeError as wrong:
        raise NotJson(f"is not JSON: line {wrong.lineno}, column {wrong.colno}, {_plain(wrong.msg)}") from None
    except UnicodeEncodeError:
        raise NotJson("holds half a character somewhere: take it out") from None
    except NotJson:
        raise
    except (ValueError, RecursionError):  # thousands of digits, or of brackets
        raise NotJson("is not JSON that can be read: a number is too long, or lists lie too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotJson(f"gives {key[:60]!r} twice: which one is meant?")
        found[key] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise NotJson(f"holds {word}, which is no value")


_MEANINGS = (
    ("Expecting property name", "a name in double quotes is missing"),
    ("Illegal trailing comma", "there is a comma too many"),
    ("Expecting ',' delimiter", "a comma or a closing bracket is missing"),
    ("Expecting ':' delimiter", "a colon is missing"),
    ("Expecting value", "a value is missing"),
    ("Unterminated string", "a text is not closed with a double quote"),
    ("Invalid control character", "a text goes over a line end or holds a control character"),
    ("Invalid \\", "a backslash stands before something it does not go with"),
    ("Extra data", "something follows after its end"),
)


def _plain(said: str) -> str:
    return next((words for begins, words in _MEANINGS if said.startswith(begins)), "something is wrong there")
