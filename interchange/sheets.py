"""A list as an Excel workbook: typed cells, and nothing in it that Excel would calculate (reliability C29).

Text stays the text it was: what begins like a formula is marked as text in the way Excel itself does it, so that a
telephone number or a name survives the way there and back.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")
_LONGEST_CELL = 32_767  # Excel's own limit

#: What may stand in a cell.
Value = str | int | float | Decimal | date | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and how wide it is in characters."""

    heading: str
    width: int = 14


def workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet with a heading row that stays in sight and can be filtered by."""
    from openpyxl import Workbook  # slow to load: a page that offers a list does not wait for it
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A2"
    headings = []
    for column in columns:
        cell = _cell(sheet, column.heading)
        cell.font = Font(bold=True)
        headings.append(cell)
    sheet.append(headings)
    number = 1
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        number += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(columns)))}{number}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell: Any = WriteOnlyCell(sheet)
    if isinstance(value, bool):
        cell.value = "yes" if value else "no"
    elif isinstance(value, str):
        words = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL]
        cell.value = words
        if words.startswith(_STARTS_A_FORMULA):
            cell.data_type = "s"
            cell.quotePrefix = True
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "dd/mm/yyyy"
        elif isinstance(value, Decimal):
            cell.number_format = '"£"#,##0.00'
    found: Cell = cell
    return found
