"""Where in a TOML text each key and value stands, so that a problem can be shown in its place.

`tomllib` reads the values and does not say where they were. This walks a text that `tomllib` has
already accepted, and so needs to know only where a key or a value begins and ends.
"""

from __future__ import annotations

import re
import tomllib

from states.policy.problems import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class Locations:
    """Line and column, from 1, of every key and value of a TOML text, by its path."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self._document()

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a value; of its nearest key where it is absent; else the last line."""
        if path in self.values and len(path) > 2:
            return self._line_and_column(self.values[path])
        for length in range(len(path), 0, -1):
            if path[:length] in self.keys:
                return self._line_and_column(self.keys[path[:length]])
        return self._text.rstrip("\n").count("\n") + 1, 1

    def _line_and_column(self, at: int) -> tuple[int, int]:
        return self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)

    def _document(self) -> None:
        table: Path = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                start = self._at
                self._at += 2 if self._text.startswith("[[", self._at) else 1
                table = self._key()
                self._at = self._text.index("]", self._at)
                self._at += 2 if self._text.startswith("]]", self._at) else 1
                self.keys.setdefault(table, start)
            else:
                self._pair(table)

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table + self._key()
        for length in range(len(table) + 1, len(path) + 1):
            self.keys.setdefault(path[:length], start)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _key(self) -> Path:
        parts: list[str] = []
        while True:
            self._skip_blank()
            token = _STRING.match(self._text, self._at) or _BARE_KEY.match(self._text, self._at)
            assert token, "only a text that tomllib accepts is walked"
            self._at = token.end()
            quoted = token[0][0] in "\"'"
            parts.append(tomllib.loads(f"k = {token[0]}")["k"] if quoted else token[0])
            self._skip_blank()
            if not self._text.startswith(".", self._at):
                return tuple(parts)
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip_blank()
        self.values[path] = self._at
        opening = self._text[self._at]
        if opening in "[{":
            self._at += 1
            self._items(path, "]" if opening == "[" else "}")
        else:
            token = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            assert token, "only a text that tomllib accepts is walked"
            self._at = token.end()

    def _items(self, path: Path, closing: str) -> None:
        number = 0
        while self._skip_blank() and self._text[self._at] != closing:
            if self._text[self._at] == ",":
                self._at += 1
            elif closing == "]":
                self._value((*path, number))
                number += 1
            else:
                self._pair(path)
        self._at += 1

    def _skip_blank(self) -> bool:
        """Move past space and comments; whether anything is left."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._at < len(self._text)
