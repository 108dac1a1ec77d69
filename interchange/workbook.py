"""Excel workbooks, looked at before they are opened: an .xlsx is a zip file that may unpack to anything.

Checks come first (reliability C30): type, size, number of parts, unpacked size, ratio, tags a part, macros,
passwords. Only then does openpyxl read it, with defusedxml refusing entities, formulas never calculated.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from interchange.delimited import CHUNK, check_size
from interchange.limits import Limits
from interchange.problems import FileRefused, refusal, shown_name

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
"""How a password-protected workbook and the old .xls both begin."""
_ENCRYPTED: Final = 0x1
_TYPES: Final = "[Content_Types].xml"
_BYTE_ORDER_MARK: Final = 3
_ROW: Final = re.compile(rb"(?:\w+:)?(row|si)[\s>/]")
_FORMULA: Final = re.compile(rb"(?:\w+:)?f[\s>/]")
_LAST_ROW: Final = 1_048_576
"""Excel's own; a part may claim a row beyond it to make a reader count there."""

if not openpyxl.DEFUSEDXML:
    raise ImportError("defusedxml is needed to read workbooks safely; install the project's requirements")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the file was saved: its value, or for a formula the result saved with it.

    `unsaved` is a formula that nobody calculated; one whose result is an empty text is not.
    """

    value: object = None
    formula: bool = False
    unsaved: bool = False
    error: bool = False
    number_format: str = "General"


EMPTY: Final = Cell()


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook. One with formulas is read twice side by side: for their results, and where they are.

    Where no cell holds a formula, `formulas` is `results`.
    """

    name: str
    results: Workbook
    formulas: Workbook
    limits: Limits

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets with cells, in order."""
        return [sheet.title for sheet in self.results.worksheets]

    @property
    def epoch(self) -> datetime:
        """Day 0 of the workbook's dates: it differs between the 1900 and the 1904 calendar."""
        return self.results.epoch

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """Row number (from 1) and cells of each row that is not blank, from column A.

        Raises `FileRefused` for a sheet that is too large or damaged.
        """
        for filled, (number, cells) in enumerate(_refusing_damage(self.name, self._rows(sheet)), start=1):
            if filled > self.limits.rows or cells[-1] is not EMPTY:
                raise refusal("FILE-ROWS", self.name, line=number, sheet=sheet)
            yield number, cells

    def _rows(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        results = self._cells(self.results, sheet)
        formulas = self._cells(self.formulas, sheet) if self.formulas is not self.results else None
        blank: object = None
        for number, row in enumerate(results, start=1):
            beside = next(formulas) if formulas is not None else row
            if row is blank:  # openpyxl gives one and the same row for each that the sheet leaves out
                continue
            cells = [
                _cell(result, formula) if result.value is not None or formula.value is not None else EMPTY
                for result, formula in zip(row, beside, strict=True)
            ]
            if any(cell is not EMPTY for cell in cells):
                yield number, cells
            else:
                blank = row

    def _cells(self, book: Workbook, sheet: str) -> Iterator[tuple[Any, ...]]:
        """One column more than is allowed, so that it is seen when a row has too many."""
        rows: Iterator[tuple[Any, ...]] = book[sheet].iter_rows(
            max_row=_LAST_ROW, max_col=self.limits.columns + 1
        )
        return rows


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Book]:
    """Check a workbook and open it for reading. Raises `FileRefused` for all that is wrong with the file."""
    name = shown_name(path)
    check_size(path, name, limits.workbook_bytes)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        # openpyxl tells of features it passes over: none of them is data.
        warnings.simplefilter("ignore", UserWarning)
        try:
            raw = [stack.enter_context(path.open("rb")) for _ in range(2)]
            has_formulas = _check_package(raw[0], name, limits)
            results = _load(raw[0], data_only=True)
            formulas = _load(raw[1], data_only=False) if has_formulas else results
        except FileRefused:
            raise
        except Exception as error:  # a damaged workbook fails in openpyxl in dozens of ways
            raise refusal("BOOK-DAMAGED", name) from error
        yield Book(name, results, formulas, limits)


def _refusing_damage(name: str, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
    """The same rows; what openpyxl stumbles over on the way refuses the file."""
    try:
        yield from rows
    except FileRefused:
        raise
    except Exception as error:
        raise refusal("BOOK-DAMAGED", name) from error


def column_letter(index: int) -> str:
    """0 → A, 33 → AH."""
    return get_column_letter(index + 1)


def _load(raw: BinaryIO, *, data_only: bool) -> Workbook:
    book = openpyxl.load_workbook(raw, read_only=True, data_only=data_only, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet claims of its own size is not believed
    return book


def _cell(result: object, formula: object) -> Cell:
    value, data_type = getattr(result, "value", None), getattr(result, "data_type", "n")
    is_formula = getattr(formula, "data_type", "n") == "f"
    return Cell(
        value=value,
        formula=is_formula,
        unsaved=is_formula and value is None and data_type != "str",
        error=data_type == "e",
        number_format=getattr(result, "number_format", None) or "General",
    )


def _check_package(raw: BinaryIO, name: str, limits: Limits) -> bool:
    """Refuse what must not be opened; else say whether any cell holds a formula."""
    begins = raw.read(len(_ZIP))
    if begins == _OLE:
        raise refusal("BOOK-LOCKED", name)
    if begins != _ZIP:
        raise refusal("BOOK-TYPE", name)
    with zipfile.ZipFile(raw) as package:
        members = package.infolist()
        names = {member.filename for member in members}
        if _TYPES not in names or not any(part.startswith("xl/") for part in names):
            raise refusal("BOOK-TYPE", name)
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise refusal("BOOK-LOCKED", name)
        if any("vbaproject" in part.lower() for part in names):
            raise refusal("BOOK-MACROS", name)
        unpacked = sum(member.file_size for member in members)
        if len(members) > limits.members or len(names) != len(members) or unpacked > limits.unpacked_bytes:
            raise refusal("BOOK-BOMB", name)
        if any(member.file_size > limits.packed_ratio * max(member.compress_size, 1) for member in members):
            raise refusal("BOOK-BOMB", name)
        with_formulas = [_check_part(package, member, name, limits) for member in members]
        return any(with_formulas)


def _check_part(package: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limits: Limits) -> bool:
    """Count a part's tags without building anything from them; say whether one is a formula."""
    pieces = _pieces(package, member, limits.line_bytes)
    if len(next(pieces).strip()) > _BYTE_ORDER_MARK:
        return False  # a picture or the like: no parser would get past its first byte
    run, rows, formulas = 0, 0, False
    for tags, piece in enumerate(pieces, start=1):
        run += 1
        if begins := _ROW.match(piece):
            run = 0
            if begins[1] == b"row":
                rows += 1
                if rows > limits.part_rows or len(piece.partition(b">")[0]) > limits.row_tag_bytes:
                    raise refusal("BOOK-BOMB", name)
        if tags > limits.part_tags or run > limits.run_tags or len(piece) > limits.line_bytes:
            raise refusal("BOOK-BOMB", name)
        if b"macroEnabled" in piece and member.filename == _TYPES:
            raise refusal("BOOK-MACROS", name)
        formulas = formulas or _FORMULA.match(piece) is not None
    return formulas


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo, longest: int) -> Iterator[bytes]:
    """What stands between one "<" and the next, a tag and the text after it; one too long is cut."""
    unfinished = b""
    with package.open(member) as part:
        while chunk := part.read(CHUNK):
            *whole, unfinished = (unfinished + chunk).split(b"<")
            yield from whole
            if len(unfinished) > longest:
                yield unfinished
                unfinished = b""
    yield unfinished
