"""What stands in a cell of Annex A: an identifier, a date, a code in front of or inside words (returns 3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from openpyxl.utils.datetime import from_excel

from interchange.annex_columns import Columns
from interchange.dates import FIRST_YEAR, LAST_YEAR, typed_date
from interchange.problems import Problems
from interchange.rows import identifier
from interchange.workbook import EMPTY, Book, Cell

LONGEST_TEXT: Final = 200
EXACT_DIGITS: Final = 15
"""Excel keeps fifteen digits of a number; a longer identifier is no longer the one that was typed."""

_NOTHING: Final = frozenset({"", "-", "--", "n/a", "na", "#n/a", "null", "none", "not applicable"})
_LETTERED = re.compile(r"^\s*[a-z]{1,2}\)\s*", re.IGNORECASE)
_ZEROS = re.compile(r"0+", re.ASCII)

LEGAL_CODE = re.compile(r"\b(C1|C2|D1|E1|V[234]|L[123]|J[123])\b")
PLACEMENT_CODE = re.compile(r"\b([AHKPRSTUZ][0-9]{1,2})\b")
CEASED_CODE = re.compile(r"\b(E[0-9]{1,2}[AB]?)\b")
PROVIDER_CODE = re.compile(r"\b(PR[0-5])\b")
NEED_CODE = re.compile(r"\b(N[1-8])\b")
ETHNIC_CODE = re.compile(r"\b([A-Z]{4})\b")

_NOT_LONG: Final = r"\b(not|nor|neither|short)\b"
_RELATIVE: Final = r"relative|friend|kinship|connected|family and friends"
Wording = Sequence[tuple[str, str]]
"""Patterns tried in order on lower-case words, and the code each stands for."""

LEGAL_WORDS: Final[Wording] = (
    (r"placement order", "E1"),
    (r"interim care|\bico\b", "C1"),
    (r"(full )?care order|\bfco\b", "C2"),
    (r"short breaks?.*agreement|agreed series", "V4"),
    (r"short breaks?|series of short|respite", "V3"),
    (r"section 20|\bs\.? ?20\b|single period|accommodat", "V2"),
    (r"police protection", "L1"),
    (r"emergency protection|\bepo\b", "L2"),
    (r"child assessment order", "L3"),
    (r"remand", "J1"),
    (r"\bpace\b", "J2"),
    (r"youth rehabilitation", "J3"),
)
PLACEMENT_WORDS: Final[Wording] = (
    (rf"(?=.*foster)(?=.*({_RELATIVE}))(?=.*{_NOT_LONG})", "U3"),
    (rf"(?=.*({_RELATIVE}))(?=.*(ffa|fostering for adoption|concurrent))", "U2"),
    (rf"(?=.*foster)(?=.*({_RELATIVE}))(?=.*long[ -]?term)", "U1"),
    (rf"(?=.*foster)(?=.*{_NOT_LONG})", "U6"),
    (r"\bffa\b|fostering for adoption|concurrent", "U5"),
    (r"(?=.*foster)(?=.*long[ -]?term)", "U4"),
    (r"placed with (own )?parent", "P1"),
    (r"secure", "K1"),
    (r"children.?s home", "K2"),
    (r"supported accommodation", "K3"),
    (r"residential school", "S1"),
    (r"young offender|prison", "R5"),
)
SEX_WORDS: Final[Wording] = (
    (r"\bfemale\b|\bf\b", "F"),
    (r"\bmale\b|\bm\b", "M"),
    (r"not (stated|known)|\bu\b", "U"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list, its cells reached by field; what is odd about one is noted where it is read."""

    book: Book
    columns: Columns
    number: int
    cells: Sequence[Cell]
    problems: Problems

    def cell(self, field: str) -> Cell:
        """The field's cell; an empty one where the list has no such column."""
        index = self.columns.at.get(field)
        return EMPTY if index is None or index >= len(self.cells) else self.cells[index]

    def note(self, rule: str, field: str | None = None, value: object = None) -> None:
        """List a problem of this row, at the field's column."""
        letter = None if field is None else self.columns.letter(field)
        shown = None if value is None else str(value)[:LONGEST_TEXT]
        self.problems.note(rule, self.book.name, self.number, letter, shown, self.columns.sheet)

    def blank(self, field: str) -> bool:
        """Nothing stands there: empty, a dash, "#N/A" from a look-up that found nothing."""
        cell = self.cell(field)
        return not cell.unsaved and _words(cell.value).lower() in _NOTHING

    def text(self, field: str) -> str | None:
        """Words, without a list's leading letter; None when there are none or they cannot be had."""
        cell = self.cell(field)
        if not self._has_value(field, cell):
            return None
        return _LETTERED.sub("", _words(cell.value))[:LONGEST_TEXT].strip() or None

    def child(self) -> str | None:
        """The child's identifier, with the leading zeros a number format shows; None if it cannot be one."""
        value, shown = self.cell("child").value, self.cell("child").number_format
        if isinstance(value, bool) or self.cell("child").error:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int):
            if value < 0 or len(str(value)) > EXACT_DIGITS:
                return None
            return str(value).zfill(len(shown)) if _ZEROS.fullmatch(shown[: EXACT_DIGITS + 1]) else str(value)
        return identifier(_words(value).upper()) if isinstance(value, str) else None

    def day(self, field: str) -> date | None:
        """A date, however the authority wrote it; None when blank or unreadable, the latter noted."""
        cell = self.cell(field)
        if not self._has_value(field, cell):
            return None
        day, rule = self._as_day(cell.value)
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.note("CELL-DATE", field, cell.value)
            return None
        if rule is not None:
            self.note(rule, field)
        return day

    def code(
        self, field: str, token: re.Pattern[str], known: Container[str], words: Wording = ()
    ) -> str | None:
        """The code in the cell: its token first, the list's wording second; None, and noted, if neither."""
        text = self.text(field)
        if text is None:
            return None
        for found in token.findall(text.upper()):
            if found in known:
                return str(found)
        lower = text.lower()
        for pattern, code in words:
            if re.search(pattern, lower):
                return code
        self.note("CELL-CODE", field, text)
        return None

    def _has_value(self, field: str, cell: Cell) -> bool:
        """Whether there is a value to read; a formula or an error is noted on the way."""
        if cell.unsaved:
            self.note("CELL-NO-RESULT", field)
            return False
        if cell.error:
            self.note("CELL-ERROR", field, cell.value)
            return False
        if _words(cell.value).lower() in _NOTHING:
            return False
        if cell.formula:
            self.note("CELL-FORMULA", field)
        return True

    def _as_day(self, value: object) -> tuple[date | None, str | None]:
        if isinstance(value, datetime):
            return value.date(), None
        if isinstance(value, date):
            return value, None
        if isinstance(value, str):
            return typed_date(_words(value)), "CELL-TEXT-DATE"
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._serial(value), "CELL-SERIAL"
        return None, None

    def _serial(self, value: float) -> date | None:
        """Excel's day number in the workbook's own calendar, 1900 or 1904."""
        try:
            day = from_excel(value, self.book.epoch)
        except (ValueError, OverflowError):
            return None
        return day.date() if isinstance(day, datetime) else None


def sex_of(text: str | None) -> str | None:
    """F, M or U from words such as "b) Female"."""
    if text is None:
        return None
    return next((code for pattern, code in SEX_WORDS if re.search(pattern, text.lower())), None)


def _words(value: object) -> str:
    """Text with ordinary spaces and quotes, trimmed; "" for nothing."""
    if value is None:
        return ""
    return " ".join(unicodedata.normalize("NFKC", str(value)[: LONGEST_TEXT * 2]).replace("’", "'").split())
