"""The finance tracker as an Excel workbook that finance can work with: typed cells, filters, totals, no surprises.

Every cell has the spreadsheet's own type. A text stays a text whatever it begins with: it is written as a string and
marked as quoted, so that `=HYPERLINK(…)` typed into a purpose is shown and never calculated (reliability C30). The
only formulas are our own totals of the rows that a filter leaves.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from interchange.tracker_rows import (
    BUDGET_COLUMNS,
    CHANGE_COLUMNS,
    COLUMNS,
    TOTALLED,
    CellKind,
    Column,
    Tracker,
    Value,
)

SHEET: Final = "Tracker"
FORMATS: Final = {
    CellKind.TEXT: "@",
    CellKind.DAY: "dd/mm/yyyy",
    CellKind.POUNDS: '"£"#,##0.00;-"£"#,##0.00',
    CellKind.WHOLE: "0",
}
_THIN, _THICK = Side(style="thin", color="FF808080"), Side(style="medium", color="FF000000")
_HEAD = PatternFill("solid", fgColor="FFD9D9D9")
_FONT, _BOLD = Font(name="Arial", size=10), Font(name="Arial", size=10, bold=True)
#: Above the headings of every sheet: what it is, as at when, the totals.
_HEADINGS_AT = 5
#: How many characters of columns stand legibly on one landscape page.
_PAGE = 220
_LINE = 13.5


def tracker_book(tracker: Tracker) -> bytes:
    """The workbook, as a file's content."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = "Finance tracker"
    book.properties.creator = tracker.authority
    as_at = f"{tracker.authority} · as at {_said(tracker.as_at)} · made for {tracker.made_for}"
    years = f"This year is {tracker.year}, next year {tracker.year_after}."
    _sheet(
        book,
        _Table(
            name=SHEET,
            title="Special guardianship: finance tracker",
            about=f"{as_at} · {years}",
            columns=COLUMNS,
            rows=tracker.rows,
            totalled=TOTALLED,
            frozen=1,
        ),
    )
    _sheet(
        book,
        _Table(
            name="Changes",
            title="Changes, as dated lines",
            about=as_at,
            columns=CHANGE_COLUMNS,
            rows=tracker.changes,
            frozen=1,
        ),
    )
    _sheet(
        book,
        _Table(
            name="Budget",
            title="Committed against budget, by kind",
            about=f"{as_at} · {years} An empty budget: none has been entered in the policy.",
            columns=BUDGET_COLUMNS,
            rows=tracker.budget,
            totalled=frozenset(column.field for column in BUDGET_COLUMNS if column.kind is not CellKind.TEXT),
            frozen=1,
        ),
    )
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    name: str
    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    totalled: frozenset[str] = frozenset()
    frozen: int = 0


def _sheet(book: Workbook, table: _Table) -> None:
    sheet: Worksheet = book.create_sheet(table.name)
    last = max(_HEADINGS_AT + len(table.rows), _HEADINGS_AT + 1)
    put(sheet, 1, 2, table.title, CellKind.TEXT).font = Font(name="Arial", size=14, bold=True)
    put(sheet, 2, 2, table.about, CellKind.TEXT).font = _FONT
    if table.totalled:
        _totals(sheet, table, last)
    for number, column in enumerate(table.columns, start=1):
        head = put(sheet, _HEADINGS_AT, number, column.heading, CellKind.TEXT)
        head.font, head.fill = _BOLD, _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal=_side(column), indent=_indent(column))
        head.border = Border(top=_THICK, bottom=_THICK, left=_THIN, right=_THIN)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for down, row in enumerate(table.rows, start=_HEADINGS_AT + 1):
        for across, column in enumerate(table.columns, start=1):
            filled = put(sheet, down, across, getattr(row, column.field), column.kind)
            filled.font = _FONT
            filled.border = Border(bottom=_THIN)
            filled.alignment = Alignment(
                wrap_text=column.kind is CellKind.TEXT, vertical="top", horizontal=_side(column), indent=_indent(column)
            )
        sheet.row_dimensions[down].height = _LINE * max(
            _lines(getattr(row, column.field), column) for column in table.columns
        )
    sheet.row_dimensions[_HEADINGS_AT].height = 32
    sheet.freeze_panes = f"{get_column_letter(table.frozen + 1)}{_HEADINGS_AT + 1}"
    sheet.auto_filter.ref = f"A{_HEADINGS_AT}:{get_column_letter(len(table.columns))}{last}"
    _printed(sheet, pages_wide=-(-sum(column.width for column in table.columns) // _PAGE))


def _totals(sheet: Worksheet, table: _Table, last: int) -> None:
    """What all rows come to, as a number, and what the rows come to that a filter leaves, as a formula."""
    for down, words in ((3, "All rows"), (4, "Rows shown")):
        put(sheet, down, 1, words, CellKind.TEXT).font = _BOLD
        for across, column in enumerate(table.columns, start=1):
            if column.field not in table.totalled:
                continue
            if words == "All rows":
                cell = put(sheet, down, across, _sum(getattr(row, column.field) for row in table.rows), column.kind)
            else:
                letter = get_column_letter(across)
                cell = put(sheet, down, across, None, column.kind)
                cell.value = f"=SUBTOTAL(109,{letter}{_HEADINGS_AT + 1}:{letter}{last})"
            cell.font = _BOLD
            cell.alignment = Alignment(horizontal="right", indent=1)


def _sum(values: Iterable[Value]) -> Value:
    """The sum of a column; none where a row has no number, for then it would be of some rows only."""
    numbers = list(values)
    if not all(isinstance(number, Decimal | int) for number in numbers):
        return None
    total = sum((Decimal(number) for number in numbers if isinstance(number, Decimal | int)), Decimal(0))
    return int(total) if numbers and all(isinstance(number, int) for number in numbers) else total


def _lines(value: Value, column: Column) -> int:
    """How many lines a text takes in its column: programs differ in whether they find that out by themselves."""
    if column.kind is not CellKind.TEXT or value is None:
        return 1
    return sum(max(1, -(-len(part) // max(1, column.width - 2))) for part in str(value).split("\n"))


def put(sheet: Worksheet, down: int, across: int, value: Value, kind: CellKind) -> Cell:
    """Write a value with its type; a text is never a formula, whatever it begins with. Answers the cell."""
    cell = sheet.cell(down, across)
    assert isinstance(cell, Cell), "no cells are merged here"
    cell.number_format = FORMATS[kind]
    if value is None:
        return cell
    if kind is not CellKind.TEXT:
        cell.value = value
        return cell
    text = _clean(str(value))
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@", "\t"))
    return cell


def _clean(text: str) -> str:
    """Without what a spreadsheet's file cannot hold; Excel keeps 32,767 characters of a cell."""
    return "".join(c for c in text if c in "\n\t" or c >= " ")[:32_767]


def _side(column: Column) -> str:
    return "right" if column.kind in (CellKind.POUNDS, CellKind.WHOLE) else "left"


def _indent(column: Column) -> int:
    """A number stands off from the text in the column after it."""
    return int(_side(column) == "right")


def _said(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _printed(sheet: Worksheet, *, pages_wide: int) -> None:
    """Landscape, so many pages wide, the headings and the first column on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages_wide, 0
    sheet.print_title_cols = "A:A"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{_HEADINGS_AT}:{_HEADINGS_AT}"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.75, header=0.3, footer=0.4)
    sheet.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart("Confidential: children's records"), right=_HeaderFooterPart("Page &P of &N")
    )
