"""The finance tracker: typed cells, no formula that we did not write, and a workbook held against ours cell by cell."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.problems import FileRefused
from interchange.tracker_book import tracker_book
from interchange.tracker_reading import Reconciliation, reconcile
from interchange.tracker_rows import COLUMNS, BudgetLine, CellKind, Tracker, TrackerChange, TrackerRow

HEADINGS = 5
LINK = '=HYPERLINK("http://x.example","a")'
HOSTILE = ("=1+1", "+44", "-5 hours", "@SUM(A1)", LINK, "'=1", "\t=1", "=cmd|' /C calc'!A0")
EMPTY_ROW = TrackerRow(
    request="FR-7K4QM2XD",
    child="SG-7K4QM2XD",
    council_id=None,
    carer="H00123",
    children=1,
    kind="grant",
    purpose="a car",
    status="Signed",
    amount=Decimal("9999.99"),
    cycle="once",
    starts_on=None,
    last_day=None,
    why_it_ends=None,
    cost_code=None,
    supplier=None,
    decided_by=None,
    decided_on=None,
    clause=None,
    contract=None,
    reviewed_on=None,
    review_due_on=None,
    eighteen_on=None,
    paid_to_date=Decimal("0.00"),
    this_year=Decimal("9999.99"),
    next_year=Decimal("0.00"),
    full_year=Decimal("9999.99"),
)
FULL_ROW = replace(
    EMPTY_ROW,
    request="FR-23456789",
    council_id="0012345",
    children=2,
    kind="needs-led allowance",
    amount=Decimal("152.86"),
    cycle="each week",
    starts_on=date(2026, 4, 6),
    last_day=date(2033, 2, 27),
    why_it_ends="eighteenth birthday",
    cost_code="00471",
    supplier="0009",
    decided_by="Assistant Director",
    decided_on=date(2026, 3, 3),
    clause="Requests between £10,000 and £20,000",
    contract="signed 1 March 2026",
    reviewed_on=date(2026, 3, 1),
    review_due_on=date(2027, 3, 1),
    eighteen_on=date(2033, 2, 28),
    paid_to_date=Decimal("1528.60"),
    this_year=Decimal("7839.99"),
    next_year=Decimal("7948.72"),
    full_year=Decimal("7948.72"),
)
ROWS = (EMPTY_ROW, FULL_ROW)


def tracker(rows: tuple[TrackerRow, ...] = ROWS) -> Tracker:
    change = TrackerChange(
        request=FULL_ROW.request, on=date(2026, 9, 1), what="age band", before=None, after="=1+1", by="Director"
    )
    budget = BudgetLine(
        kind="grant",
        requests=1,
        this_year=Decimal("9999.99"),
        this_budget=Decimal("8000.00"),
        next_year=Decimal("0.00"),
        next_budget=None,
    )
    return Tracker(
        authority="Leicestershire County Council",
        as_at=date(2026, 11, 22),
        made_for="a finance officer",
        year="2026/27",
        year_after="2027/28",
        rows=rows,
        changes=(change,),
        budget=(budget,),
    )


def written(folder: Path, rows: tuple[TrackerRow, ...] = ROWS) -> Path:
    file = folder / "tracker.xlsx"
    file.write_bytes(tracker_book(tracker(rows)))
    return file


def edited(folder: Path, cells: dict[str, Any], rows: tuple[TrackerRow, ...] = ROWS) -> Path:
    """Our export after somebody in finance changed cells of it, by their addresses."""
    file = written(folder, rows)
    book = openpyxl.load_workbook(file)
    for address, value in cells.items():
        book["Tracker"][address] = value
    book.save(file)
    return file


def column(field: str) -> str:
    [at] = [number for number, one in enumerate(COLUMNS) if one.field == field]
    return openpyxl.utils.get_column_letter(at + 1)


def differing(result: Reconciliation) -> list[tuple[int | None, str | None, str, str]]:
    return [(one.row, one.column, one.ours, one.theirs) for one in result.differences]


# --- What is written ----------------------------------------------------------------------------------------


def test_every_cell_has_the_spreadsheets_own_type():
    sheet = openpyxl.load_workbook(io.BytesIO(tracker_book(tracker())))["Tracker"]
    kinds = {CellKind.TEXT: str, CellKind.DAY: date, CellKind.POUNDS: (int, float), CellKind.WHOLE: int}

    assert [cell.value for cell in sheet[HEADINGS]] == [one.heading for one in COLUMNS]
    for across, one in enumerate(COLUMNS, start=1):
        cell = sheet.cell(HEADINGS + 2, across)
        assert isinstance(cell.value, kinds[one.kind]), one.heading
        assert sheet.cell(HEADINGS + 1, across).number_format == cell.number_format, "an empty cell has its type, too"
    assert sheet[f"{column('council_id')}{HEADINGS + 2}"].value == "0012345", "its zeros stay"
    assert sheet[f"{column('amount')}{HEADINGS + 2}"].number_format == '"£"#,##0.00;-"£"#,##0.00'
    assert sheet[f"{column('last_day')}{HEADINGS + 2}"].number_format == "dd/mm/yyyy"


def test_headings_stay_in_sight_can_be_filtered_and_are_totalled():
    book = openpyxl.load_workbook(io.BytesIO(tracker_book(tracker())))
    sheet, budget = book["Tracker"], book["Budget"]

    assert sheet.freeze_panes == "B6"
    assert sheet.auto_filter.ref == f"A5:{column('full_year')}7"
    assert sheet[f"{column('this_year')}3"].value == 17839.98
    assert sheet[f"{column('this_year')}4"].value == f"=SUBTOTAL(109,{column('this_year')}6:{column('this_year')}7)"
    assert all(sheet.column_dimensions[column(one.field)].width == one.width for one in COLUMNS)
    assert [cell.value for cell in budget[6]] == ["grant", 1, 9999.99, 8000, -1999.99, 0, None, None]
    assert budget["G3"].value is None, "no total of budgets where one of them is not entered"


def test_no_text_of_ours_becomes_a_formula():
    rows = tuple(
        replace(FULL_ROW, request=f"FR-2345678{n}", purpose=text, cost_code=text, supplier=text, clause=text)
        for n, text in enumerate(HOSTILE)
    )
    book = openpyxl.load_workbook(io.BytesIO(tracker_book(tracker(rows))))

    formulas = [cell for sheet in book for line in sheet for cell in line if cell.data_type == "f"]
    assert all(cell.row == 4 and cell.value.startswith("=SUBTOTAL(109,") for cell in formulas)
    shown = [book["Tracker"][f"{column('purpose')}{HEADINGS + 1 + n}"] for n in range(len(HOSTILE))]
    assert [cell.value for cell in shown] == list(HOSTILE)
    assert [bool(cell.quotePrefix) for cell in shown] == [text[0] in "=+-@\t" for text in HOSTILE]


def test_an_empty_tracker_is_a_workbook_too(tmp_path):
    assert reconcile(written(tmp_path, ()), ()).differences == ()


# --- What is read back --------------------------------------------------------------------------------------


def test_our_own_export_read_again_has_no_difference(tmp_path):
    result = reconcile(written(tmp_path), ROWS)

    assert result.differences == ()
    assert (result.our_rows, result.their_rows, result.cells) == (2, 2, 2 * len(COLUMNS))
    assert result.ignored_columns == ()


texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40))
sums = st.decimals(0, 9_999_999, places=2)
days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2090, 1, 1)))


any_row = st.builds(
    replace,
    st.just(FULL_ROW),
    purpose=texts,
    cost_code=st.one_of(st.none(), texts),
    amount=sums,
    this_year=sums,
    starts_on=days,
    eighteen_on=days,
    children=st.integers(1, 9),
)


@settings(max_examples=40)
@given(row=any_row)
def test_whatever_stands_in_it_our_own_export_has_no_difference(tmp_path_factory, row):
    file = written(tmp_path_factory.mktemp("tracker"), (row,))

    assert reconcile(file, (row,)).differences == ()


def test_each_changed_cell_is_listed_with_its_place_ours_and_theirs(tmp_path):
    at = {field: f"{column(field)}7" for field in ("amount", "last_day", "children", "cost_code", "status", "clause")}
    cells = {
        at["amount"]: 152.87,
        at["last_day"]: date(2033, 2, 28),
        at["children"]: 3,
        at["cost_code"]: "471",
        at["status"]: None,
        at["clause"]: "soon",
    }
    result = reconcile(edited(tmp_path, cells), ROWS)

    assert differing(result) == [
        (7, f"{column('children')} Children", "2", "3"),
        (7, f"{column('status')} Status", "Signed", "empty"),
        (7, f"{column('amount')} Amount", "£152.86", "£152.87"),
        (7, f"{column('last_day')} End", "27 Feb 2033", "28 Feb 2033"),
        (7, f"{column('cost_code')} Cost code", "00471", "471"),
        (7, f"{column('clause')} Clause", "Requests between £10,000 and £20,000", "soon"),
    ]
    assert {one.sheet for one in result.differences} == {"Tracker"}
    assert {one.request for one in result.differences} == {FULL_ROW.request}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("last_day", "27/02/2033", None),  # a date somebody typed as text says the same
        ("amount", "£152.86", None),
        ("amount", 152.86000000000001, None),
        ("supplier", "0009 ", None),
        ("amount", 152.865, "has parts of a penny"),
        ("amount", "a lot", "is not an amount in pounds"),
        ("amount", True, "is not an amount in pounds"),
        ("last_day", "when 18", "is not a date"),
        ("children", 1.5, "is not a whole number"),
        ("children", "two", "is not a whole number"),
        ("amount", "=1+1", "a formula without its result"),
        ("amount", "#N/A", "is not an amount in pounds"),
    ],
)
def test_a_cell_is_read_as_finance_would_mean_it_or_said_to_be_unreadable(tmp_path, field, value, why):
    result = reconcile(edited(tmp_path, {f"{column(field)}7": value}), ROWS)

    if why is None:
        assert result.differences == ()
    else:
        [one] = result.differences
        assert one.row == 7
        assert one.why.startswith(why) or one.why == "an error of the spreadsheet"


def test_rows_that_are_missing_unknown_or_twice_are_listed(tmp_path):
    third = replace(FULL_ROW, request="FR-99999999")
    result = reconcile(edited(tmp_path, {"A6": FULL_ROW.request, "A8": "FR-22222222"}, (*ROWS, third)), (*ROWS, third))

    assert [(one.row, one.request, one.why) for one in result.differences if one.column is None] == [
        (7, FULL_ROW.request, "the request stands in row 6 already"),
        (8, "FR-22222222", "no agreed request of ours has this reference"),
        (None, EMPTY_ROW.request, "it is missing from the file"),
        (None, "FR-99999999", "it is missing from the file"),
    ]


def test_columns_may_stand_in_another_order_and_others_among_them(tmp_path):
    file = tmp_path / "theirs.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Our own title"])
    order = [*reversed(COLUMNS)]
    sheet.append([one.heading.upper() for one in order] + ["Remarks"])
    for row in ROWS:
        sheet.append([getattr(row, one.field) for one in order] + ["seen"])
    book.save(file)
    result = reconcile(file, ROWS)

    assert result.differences == ()
    assert result.ignored_columns == ("Remarks",)


# --- What is refused ----------------------------------------------------------------------------------------


def test_a_sheet_without_our_columns_is_refused_with_every_one_that_is_missing(tmp_path):
    cells = {f"{column('amount')}5": "Sum", f"{column('last_day')}5": "Start"}
    with pytest.raises(FileRefused) as refused:
        reconcile(edited(tmp_path, cells), ROWS)

    assert [(p.rule, p.column, p.message.partition("“")[2]) for p in refused.value.problems] == [
        ("COLUMN-TWICE", column("last_day"), "Start”."),
        ("COLUMN-MISSING", None, "Amount”."),
        ("COLUMN-MISSING", None, "End”."),
    ]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "FILE-EMPTY"),
        (b"Request,Child\nFR-1,SG-1\n", "BOOK-TYPE"),
        (b"\xd0\xcf\x11\xe0 locked", "BOOK-LOCKED"),
        (b"PK\x03\x04 cut off", "BOOK-DAMAGED"),
    ],
)
def test_a_file_that_is_no_tracker_is_refused_with_its_reason(tmp_path, content, rule):
    file = tmp_path / "tracker.xlsx"
    file.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        reconcile(file, ROWS)

    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_a_workbook_without_the_headings_is_refused(tmp_path):
    file = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(file)
    with pytest.raises(FileRefused) as refused:
        reconcile(file, ROWS)

    assert [problem.rule for problem in refused.value.problems] == ["SHEET-HEADINGS"]
