"""What a command says: one JSON value for programs, or plain lines for people. Diagnostics go to standard error.

Pages for people are at most 100 columns wide, coloured only on a terminal, and never mean anything by colour
alone. Text of children's records is shown without control characters, so that no record can write to a terminal.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100

#: Python will not have these as names of fields; the interface has them as keys (design 7).
_KEYS = {"from_state": "from", "to_state": "to"}


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dataclasses as objects, days and instants in ISO form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_KEYS.get(f.name, f.name): plain(getattr(value, f.name)) for f in fields(value)}
    match value:
        case Enum():
            return value.value
        case date() | datetime():
            return value.isoformat()
        case Path() | Decimal():  # money in pounds as text: no float ever
            return str(value)
        case Mapping():
            return {str(plain(key)): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
        case _:
            return value


def answer(as_json: bool, data: Any, for_people: Callable[[Page], None]) -> None:
    """Give a command's answer: as one line of JSON, or as a page."""
    if as_json:
        print_json(data)
    else:
        for_people(Page())


def print_json(data: Any) -> None:
    """One JSON value on one line, in ASCII: readable by any program in any locale."""
    sys.stdout.write(json.dumps(plain(data), ensure_ascii=True) + "\n")


def tell(words: str) -> None:
    """Say something beside the answer, on standard error."""
    sys.stderr.write(clean(words) + "\n")


def clean(words: str) -> str:
    """Text that can do nothing to a terminal: no control characters but new lines, no turned-round writing."""
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs") or c == "\u00ad" else " "
        for c in words
    )


def day(on: date | str | None) -> str:
    """A date as people write it: 6 Jan 2025."""
    if on is None:
        return "–"
    if isinstance(on, str):
        on = date.fromisoformat(on[:10])
    return f"{on.day} {on:%b %Y}"


def moment(at: datetime) -> str:
    """An instant in London, to the minute."""
    from zoneinfo import ZoneInfo

    here = at.astimezone(ZoneInfo("Europe/London"))
    return f"{day(here.date())} {here:%H:%M}"


class Page:
    """A page for people on standard output."""

    def __init__(self) -> None:
        from rich.console import Console

        size = None if sys.stdout.isatty() else WIDTH
        console = Console(file=sys.stdout, width=size, highlight=False, markup=False, emoji=False, soft_wrap=False)
        console.width = min(console.width, WIDTH)
        self._console: Console = console

    def title(self, words: str) -> None:
        """The first line of a page."""
        self.line(words, style="bold")

    def heading(self, words: str) -> None:
        """The name of a section, after an empty line."""
        self.line()
        self.line(words, style="bold")

    def line(self, words: str = "", *, indent: int = 0, style: str | None = None) -> None:
        """A paragraph, wrapped and indented."""
        from rich.padding import Padding
        from rich.text import Text

        self._print(Padding(Text(clean(words), style=style or ""), (0, 0, 0, indent)))

    def item(self, words: str, *, indent: int = 2) -> None:
        """An entry of a list: its further lines stand under its first word."""
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=0)
        grid.add_column(width=indent + 2)
        grid.add_column(ratio=1)
        grid.add_row(" " * indent + "-", Text(clean(words)))
        grid.width = self._console.width
        self._print(grid)

    def pairs(self, rows: Iterable[tuple[str, str]], *, indent: int = 2) -> None:
        """Labels and what stands beside them, in two columns; an empty one is left out."""
        self.table((), [(label, words) for label, words in rows if words], indent=indent)

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        indent: int = 2,
        styles: Sequence[str | None] = (),
        rigid: Sequence[int] = (),
    ) -> None:
        """Rows in columns, with a style for each row; `rigid` columns are never wrapped. No rows: nothing."""
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        lines = [list(row) for row in rows]
        if not lines:
            return
        table = Table(box=None, show_header=bool(heads), pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for number in range(len(lines[0])):
            head = heads[number] if heads else ""
            table.add_column(head, no_wrap=number in rigid, overflow="fold")
        for number, row in enumerate(lines):
            style = styles[number] if number < len(styles) else None
            table.add_row(*(Text(clean(cell), style=style or "") for cell in row))
        self._print(Padding(table, (0, 0, 0, indent)))

    def _print(self, what: Any) -> None:
        """Print without the spaces that fill each line to the console's width."""
        with self._console.capture() as written:
            self._console.print(what)
        for row in written.get().splitlines():
            self._console.file.write(row.rstrip() + "\n")
