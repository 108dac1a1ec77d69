"""Where in a JSON text each key and value stands, so that a problem can be shown in its place.

Walks a text that was already accepted as JSON, and so needs to know only where a value begins and ends.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^,\]}\s]+")


class JsonPlaces:
    """Line and column, from 1, of every value of a JSON text, by its path."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._values: dict[Path, int] = {}
        self._value(())

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a value; where it is absent, of what it would be in."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._values:
                at = self._values[path[:length]]
                return self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)
        return 1, 1

    def _value(self, path: Path) -> None:
        self._skip()
        self._values[path] = self._at
        match self._text[self._at]:
            case "{":
                self._table(path)
            case "[":
                self._list(path)
            case '"':
                self._string()
            case _:
                scalar = _SCALAR.match(self._text, self._at)
                self._at = scalar.end() if scalar else len(self._text)

    def _table(self, path: Path) -> None:
        self._at += 1
        while self._skip() != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            key = self._string()
            self._skip()
            self._at += 1  # the colon
            self._value((*path, key))
        self._at += 1

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._skip() != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._value((*path, number))
            number += 1
        self._at += 1

    def _string(self) -> str:
        found, self._at = scanstring(self._text, self._at + 1, True)
        return str(found)

    def _skip(self) -> str:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at]
