"""A tracker workbook from finance held against ours, cell by cell (practice PM-5): what differs, and where.

The columns are found by their headings, in any order. Nothing is changed by it: a person decides which side is right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from interchange.dates import typed_date
from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import FileRefused, Problem, refusal, shown_value
from interchange.rules import RULES
from interchange.tracker_book import SHEET
from interchange.tracker_rows import COLUMNS, KEY, CellKind, Column, TrackerRow, Value
from interchange.workbook import EMPTY, Book, Cell, column_letter, opened
from states.money import PENNY, pounds, shown

HEADINGS_WITHIN: Final = 30
"""How far down the headings are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One cell, or one row, that is not the same. `column` is the letter with its heading; None for a whole row."""

    sheet: str
    row: int | None
    column: str | None
    request: str
    ours: str
    theirs: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What a workbook's rows came to beside ours."""

    file: str
    sheet: str
    our_rows: int
    their_rows: int
    cells: int
    differences: tuple[Difference, ...]
    ignored_columns: tuple[str, ...]


def reconcile(path: Path, rows: Sequence[TrackerRow], *, limits: Limits = DEFAULT_LIMITS) -> Reconciliation:
    """Hold a tracker workbook against our rows. Raises `FileRefused` for a file that cannot be used."""
    with opened(path, limits) as book:
        sheet, headings = _find(book)
        known = {row.request: row for row in rows}
        found: list[Difference] = []
        seen: dict[str, int] = {}
        cells = 0
        for number, line in book.rows(sheet):
            if number <= headings.row:
                continue
            request = _text(headings.cell(KEY, line))
            if not request:
                continue
            here = _Here(sheet=sheet, row=number, request=request)
            if request in seen:
                found.append(here.whole("–", "a row", f"the request stands in row {seen[request]} already"))
                continue
            seen[request] = number
            if request not in known:
                found.append(here.whole("no such row", "a row", "no agreed request of ours has this reference"))
                continue
            for column in COLUMNS:
                cells += 1
                if (other := _compared(here, column, known[request], headings, line)) is not None:
                    found.append(other)
        found += [
            _Here(sheet=sheet, row=None, request=request).whole("a row", "no such row", "it is missing from the file")
            for request in known
            if request not in seen
        ]
        return Reconciliation(
            file=book.name,
            sheet=sheet,
            our_rows=len(rows),
            their_rows=len(seen),
            cells=cells,
            differences=tuple(found),
            ignored_columns=headings.ignored,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headings:
    row: int
    at: Mapping[str, int]
    ignored: tuple[str, ...]

    def cell(self, column: Column, line: Sequence[Cell]) -> Cell:
        index = self.at[column.field]
        return line[index] if index < len(line) else EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    sheet: str
    row: int | None
    request: str

    def whole(self, ours: str, theirs: str, why: str) -> Difference:
        return Difference(
            sheet=self.sheet, row=self.row, column=None, request=self.request, ours=ours, theirs=theirs, why=why
        )


def _find(book: Book) -> tuple[str, _Headings]:
    """The sheet with the headings: ours by its name, else the first that has them. Raises `FileRefused`."""
    sheets = sorted(book.sheets, key=lambda name: name != SHEET)
    best: tuple[str, int, list[Cell]] | None = None
    for sheet in sheets:
        for number, line in book.rows(sheet):
            if number > HEADINGS_WITHIN:
                break
            names = {_folded(_text(cell)) for cell in line}
            if _folded(KEY.heading) in names and len(names & {_folded(c.heading) for c in COLUMNS}) > 1:
                best = (sheet, number, line)
                break
        if best is not None:
            break
    if best is None:
        raise refusal("SHEET-HEADINGS", book.name)
    sheet, number, line = best
    return sheet, _headings(book.name, sheet, number, line)


def _headings(file: str, sheet: str, number: int, line: Sequence[Cell]) -> _Headings:
    fields = {_folded(column.heading): column for column in COLUMNS}
    at: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    for index, cell in enumerate(line):
        name = _text(cell)
        column = fields.get(_folded(name))
        if column is None:
            ignored += [shown_value(name)] if name else []
        elif column.field in at:
            words = f"{RULES['COLUMN-TWICE'].words} It is “{column.heading}”."
            problems.append(Problem(file, number, column_letter(index), "COLUMN-TWICE", words, sheet))
        else:
            at[column.field] = index
    missing = [column.heading for column in COLUMNS if column.field not in at]
    words = RULES["COLUMN-MISSING"].words
    problems += [
        Problem(file, number, None, "COLUMN-MISSING", f"{words} It is “{heading}”.", sheet) for heading in missing
    ]
    if problems:
        raise FileRefused(problems)
    return _Headings(row=number, at=at, ignored=tuple(ignored))


def _compared(
    here: _Here, column: Column, row: TrackerRow, headings: _Headings, line: Sequence[Cell]
) -> Difference | None:
    cell = headings.cell(column, line)
    ours: Value = getattr(row, column.field)
    theirs, why = _value(cell, column.kind)
    if why is None and theirs == _alike(ours):
        return None
    letter = column_letter(headings.at[column.field])
    return Difference(
        sheet=here.sheet,
        row=here.row,
        column=f"{letter} {column.heading}",
        request=here.request,
        ours=_said(ours),
        theirs=_said(theirs) if why is None else shown_value(str(cell.value)) if cell.value is not None else "empty",
        why=why or "differs",
    )


def _alike(value: Value) -> Value:
    """Ours as it would be read back: an empty text is nothing, spaces are ordinary ones."""
    return (_plain(value) or None) if isinstance(value, str) else value


def _value(cell: Cell, kind: CellKind) -> tuple[Value, str | None]:
    """What stands in a cell of theirs, and why it cannot be used where it cannot."""
    if cell.unsaved:
        return None, "a formula without its result: open the file in Excel and save it"
    if cell.error:
        return None, "an error of the spreadsheet"
    text = _text(cell)
    if not text:
        return None, None
    match kind:
        case CellKind.TEXT:
            return text, None
        case CellKind.DAY:
            return _day(cell.value, text)
        case CellKind.POUNDS:
            return _pounds(cell.value, text)
        case CellKind.WHOLE:
            return _whole(cell.value, text)


def _day(value: object, text: str) -> tuple[Value, str | None]:
    if isinstance(value, datetime):
        return value.date(), None
    if isinstance(value, date):
        return value, None
    day = typed_date(text) if isinstance(value, str) else None
    return (day, None) if day else (None, "is not a date")


def _pounds(value: object, text: str) -> tuple[Value, str | None]:
    try:
        exact = Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else pounds(text)
        rounded = exact.quantize(PENNY)
    except (ValueError, InvalidOperation):
        return None, "is not an amount in pounds"
    # A spreadsheet keeps sums in binary: what is off by a millionth is that, what is off by more is a difference.
    if abs(rounded - exact) > Decimal("0.000001"):
        return None, "has parts of a penny"
    return rounded, None


def _whole(value: object, text: str) -> tuple[Value, str | None]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None, "is not a whole number"
    if isinstance(value, bool) or not number.is_finite() or number != number.to_integral_value():
        return None, "is not a whole number"
    return int(number), None


def _text(cell: Cell) -> str:
    """A cell as words; a number that finance typed as a code loses no digit and gains no point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return _plain(str(value))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _folded(text: str) -> str:
    return text.casefold()


def _said(value: Value) -> str:
    match value:
        case None:
            return "empty"
        case Decimal():
            return shown(value) if value >= 0 else f"−{shown(-value)}"
        case date():
            return f"{value.day} {value:%b %Y}"
        case _:
            return shown_value(str(value))


