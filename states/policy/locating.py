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
        """Line and column of a value; where it is absent, of what it would be in; else the last line."""
        for length in range(len(path), 0, -1):
            part = path[:length]
            if part in self.values and (length > 2 or (len(path) > 2 and not self._is_table(part))):
                return self._line_and_column(self.values[part])
            if part in self.keys:
                return self._line_and_column(self.keys[part])
        return self._text.rstrip("\n").count("\n") + 1, 1

    def _is_table(self, path: Path) -> bool:
        return self._text.startswith("{", self.values[path])

    def _line_and_column(self, at: int) -> tuple[int, int]:
        return self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)

    def _document(self) -> None:
        table: Path = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                start = self._at
                brackets = 2 if self._text.startswith("[[", self._at) else 1
                self._at += brackets
                table = self._key()
                self._at = self._text.index("]", self._at) + brackets
                self.keys.setdefault(table, start)
                if brackets == 2:
                    number = sum(1 for path in self.keys if path[:-1] == table and isinstance(path[-1], int))
                    table = (*table, number)
                    self.keys[table] = start
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
            part = self._token(_BARE_KEY)
            parts.append(tomllib.loads(f"key = {part}")["key"] if part[0] in "\"'" else part)
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
            self._token(_SCALAR)

    def _token(self, plain: re.Pattern[str]) -> str:
        token = _STRING.match(self._text, self._at) or plain.match(self._text, self._at)
        if token is None:
            raise ValueError("only a text that tomllib accepts can be walked")
        self._at = token.end()
        return token[0]

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
