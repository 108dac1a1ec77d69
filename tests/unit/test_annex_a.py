"""Reading Annex A's List 8 and List 10 as authorities really fill them (returns 2 and 3)."""

import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from interchange.annex_a import read_annex_a
from interchange.problems import FileRefused, by_rule
from interchange.returned import Qualifier, Return, ReturnedChild, cases_of, not_cases_of
from tests.returns import LIST_8, write_workbook

CHILD: dict[str, Any] = {
    "Child Unique ID": 1373595,
    "Gender": "b) Female",
    "Ethnicity": "a) WBRI",
    "Date of Birth": date(2012, 12, 30),
    "Age of Child (Years)": 8.2101300,
    "Date Started to be Looked After": date(2017, 8, 6),
    "Child's Category of Need": "N1 - Abuse or Neglect",
    "Start date of current legal status": date(2018, 7, 12),
    "Child's Legal Status": "C2: FCO",
    "Date of Latest Statutory Review": date(2021, 1, 12),
    "What is the permanence plan for this child?": "c) SGO/CAO",
    "Start Date of Most Recent Placement": date(2019, 11, 2),
    "Placement Type": "a) U1: Foster placement - relatives - long term",
    "Placement Provider": "b) PR1 - Own provision",
    "Allocated Team": "Children in Care Team 1",
    "Allocated Worker": "Eugene\xa0Swift",
}
ADOPTION: dict[str, Any] = {
    "Child Unique ID": 1373595,
    "Date of Birth": date(2012, 12, 30),
    "Date of Decision that Child Should be Placed for Adoption": date(2018, 5, 1),
    "Date of Placement Order": date(2018, 7, 10),
    "Date Placed for Adoption": date(2018, 9, 1),
}


def read(path: Path, *rows: dict[str, Any], **options: Any) -> Return:
    return read_annex_a(write_workbook(path / "Annex A.xlsx", rows, **options))


def only_child(returned: Return) -> ReturnedChild:
    (child,) = returned.children
    return child


def flagged(returned: Return) -> list[tuple[str, int | None, str | None]]:
    return [(p.rule, p.line, p.column) for p in returned.flagged if p.rule != "TABLE-ABSENT"]


class TestChildInCare:
    def test_is_described_with_the_dates_the_yearly_return_has_lost(self, tmp_path):
        returned = read(tmp_path, CHILD)
        child = only_child(returned)
        assert child.council_id == "1373595"
        assert (child.sex, child.ethnicity, child.date_of_birth) == ("F", "WBRI", date(2012, 12, 30))
        assert (child.looked_after_since, child.looked_after_since_qualifier) == (
            date(2017, 8, 6),
            Qualifier.EXACT,
        )
        assert (child.legal_status, child.legal_status_since) == ("C2", date(2018, 7, 12))
        assert (child.placement_code, child.placement_provider, child.kinship) == ("U1", "PR1", True)
        assert child.permanence_plan == "SGO/CAO"
        assert (child.allocated_team, child.allocated_worker) == ("Children in Care Team 1", "Eugene Swift")
        assert child.last_review_on == date(2021, 1, 12)
        assert child.candidate
        assert (child.sheet, child.line) == ("List 8", 2)
        assert flagged(returned) == []

    def test_has_been_with_the_carer_at_least_since_the_placement_began(self, tmp_path):
        """The list's placement start begins anew at a house or agency move, so it understates (returns 3)."""
        child = only_child(read(tmp_path, CHILD))
        assert (child.placement_since, child.placement_since_qualifier) == (
            date(2019, 11, 2),
            Qualifier.ON_OR_BEFORE,
        )

    def test_has_an_unknown_team_and_worker_when_the_list_names_none(self, tmp_path):
        child = only_child(read(tmp_path, CHILD | {"Allocated Team": "#N/A", "Allocated Worker": None}))
        assert (child.allocated_team, child.allocated_worker) == ("unknown", "unknown")

    def test_takes_the_placement_order_from_list_10(self, tmp_path):
        row = CHILD | {"Child's Legal Status": "E1: Placement order"}
        child = only_child(read(tmp_path, row, adoptions=[ADOPTION]))
        assert child.placement_order_since == date(2018, 7, 10)
        assert child.adoption_decision_on == date(2018, 5, 1)
        assert child.placed_for_adoption_on == date(2018, 9, 1)

    def test_takes_the_placement_order_from_the_legal_status_without_list_10(self, tmp_path):
        child = only_child(read(tmp_path, CHILD | {"Child's Legal Status": "E1: Placement order"}))
        assert child.placement_order_since == date(2018, 7, 12)

    def test_has_no_placement_order_under_another_legal_status(self, tmp_path):
        """Revoked: the plan changed and a care order is in force again."""
        assert only_child(read(tmp_path, CHILD, adoptions=[ADOPTION])).placement_order_since is None


def test_everyone_still_in_care_becomes_a_case_but_short_breaks(tmp_path):
    returned = read(
        tmp_path,
        CHILD,
        CHILD | {"Child Unique ID": 2, "Date Ceased to be Looked After": date(2020, 9, 22),
                 "Reason Ceased to be Looked After": "k) E47: Special Guardianship Orders - relative/friend"},
        CHILD | {"Child Unique ID": 3, "Child's Legal Status": "V4: short breaks"},
        CHILD | {"Child Unique ID": 4, "Child's Legal Status": "nobody knows"},
    )  # fmt: skip
    assert [child.council_id for child in cases_of(returned)] == ["1373595", "4"]
    assert not_cases_of(returned) == {"left care": 1, "short breaks only (V3, V4)": 1}
    ended = next(child for child in returned.children if child.council_id == "2")
    assert (ended.ended_on, ended.end_reason, ended.candidate) == (date(2020, 9, 22), "E47", False)
    assert flagged(returned) == [("CELL-CODE", 5, "I")]


class TestCodes:
    """The token first, the list's wording second (returns 3)."""

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("E1: Placement order", "E1"), ("C2: FCO", "C2"), ("C1: ICO", "C1"), ("c) C2", "C2"),
            ("V2: Single period under S20", "V2"), ("full care order", "C2"), ("Interim Care Order", "C1"),
            ("Placement Order", "E1"), ("Section 20", "V2"), ("s.20 accommodation", "V2"),
            ("Emergency Protection Order", "L2"), ("X9", None),
        ],
    )  # fmt: skip
    def test_of_legal_status(self, tmp_path, text, code):
        assert only_child(read(tmp_path, CHILD | {"Child's Legal Status": text})).legal_status == code

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("a) U1: Foster placement - relatives - long term", "U1"), ("k) P1: Placed with parents", "P1"),
            ("f) U6: Foster placement - not FFA", "U6"), ("n) H5: Residential accommodation", "H5"),
            ("Foster placement with relative or friend - long term", "U1"),
            ("Foster placement with relative or friend - not long term or FFA", "U3"),
            ("Foster placement with other foster carer - long term", "U4"),
            ("Foster placement with other foster carer, neither long term nor FFA", "U6"),
            ("Placed with own parents", "P1"), ("Foster placement", None), ("Y77", None),
        ],
    )  # fmt: skip
    def test_of_placement(self, tmp_path, text, code):
        assert only_child(read(tmp_path, CHILD | {"Placement Type": text})).placement_code == code


class TestHeadings:
    def test_are_found_below_a_title_in_any_dress(self, tmp_path):
        """The sample's own variants: "Age", a stray bracket, curly quotes, capitals, double spaces."""
        dressed = {
            "Age of Child (Years)": "Age",
            "Child's Legal Status": "CHILD’S  legal status)",
            "Placement Type": " placement type ",
            "Allocated Worker": "Allocated social worker",
        }
        headings = [dressed.get(heading, heading) for heading in LIST_8]
        row = {dressed.get(heading, heading): value for heading, value in CHILD.items()}
        returned = read(
            tmp_path, row, headings=headings, sheet="Annex A - List 8 (in care)",
            above=[["Leafshire County Council"], [], ["As at", date(2021, 2, 26)]],
        )  # fmt: skip
        child = only_child(returned)
        assert (child.legal_status, child.placement_code, child.allocated_worker) == (
            "C2",
            "U1",
            "Eugene Swift",
        )
        assert child.line == 5
        assert flagged(returned) == []

    def test_name_the_list_when_the_sheet_does_not(self, tmp_path):
        assert len(read(tmp_path, CHILD, sheet="Sheet1").children) == 1

    def test_in_another_order_say_the_same(self, tmp_path):
        turned = only_child(read(tmp_path, CHILD, headings=tuple(reversed(LIST_8))))
        assert turned == only_child(read(tmp_path, CHILD))

    def test_that_the_list_cannot_do_without_refuse_the_file_all_at_once(self, tmp_path):
        missing = {"Child's Legal Status", "Date Ceased to be Looked After"}
        with pytest.raises(FileRefused) as refusal:
            read(tmp_path, CHILD, headings=[h for h in LIST_8 if h not in missing])
        assert {p.rule for p in refusal.value.problems} == {"COLUMN-MISSING"}
        for heading in missing:
            assert heading in str(refusal.value)

    def test_that_stand_twice_refuse_the_file(self, tmp_path):
        with pytest.raises(FileRefused) as refusal:
            read(tmp_path, CHILD, headings=[*LIST_8, "child's legal status"])
        assert [(p.rule, p.column) for p in refusal.value.problems] == [("COLUMN-TWICE", "S")]

    def test_that_are_merged_away_refuse_the_file(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD])
        book = load_workbook(path)
        book["List 8"].merge_cells("H1:I1")
        book.save(path)
        with pytest.raises(FileRefused) as refusal:
            read_annex_a(path)
        assert [p.rule for p in refusal.value.problems] == ["COLUMN-MISSING"]

    def test_that_are_not_the_lists_are_not_read(self, tmp_path):
        """No column of a file sets anything it is not meant to (reliability C31)."""
        returned = read(tmp_path, CHILD | {"Status": "APPROVED"}, headings=[*LIST_8, "Status"])
        assert flagged(returned) == [("COLUMN-IGNORED", 1, "S")]
        assert "APPROVED" not in repr(returned)

    def test_that_are_useful_but_absent_are_said_once(self, tmp_path):
        headings = [heading for heading in LIST_8 if heading != "Allocated Worker"]
        returned = read(tmp_path, *({**CHILD, "Child Unique ID": n} for n in range(1, 9)), headings=headings)
        assert by_rule(returned.flagged)["COLUMN-ABSENT"] == 1
        assert {child.allocated_worker for child in returned.children} == {"unknown"}


class TestCells:
    """A value that cannot be read is unknown and pointed at with row and letter; the row is used."""

    STARTED = "Date Started to be Looked After"  # column F
    CEASED = "Date Ceased to be Looked After"  # column L

    @pytest.mark.parametrize(
        ("value", "day", "rule"),
        [
            (date(2017, 8, 6), date(2017, 8, 6), None),
            ("06/08/2017", date(2017, 8, 6), "CELL-TEXT-DATE"),
            ("6 August 2017", date(2017, 8, 6), "CELL-TEXT-DATE"),
            (42953, date(2017, 8, 6), "CELL-SERIAL"),
            ("08/06/17", None, "CELL-DATE"),
            ("not known", None, "CELL-DATE"),
            (-5, None, "CELL-DATE"),
            (1e30, None, "CELL-DATE"),
            (True, None, "CELL-DATE"),
            ("#REF!", None, "CELL-ERROR"),
            ("#N/A", None, "CELL-ERROR"),
            ("N/A", None, None),
            ("-", None, None),
            ("", None, None),
            (None, None, None),
        ],
    )
    def test_hold_dates_in_many_forms(self, tmp_path, value, day, rule):
        returned = read(tmp_path, CHILD | {self.STARTED: value})
        assert only_child(returned).looked_after_since == day
        assert flagged(returned) == ([(rule, 2, "F")] if rule else [])

    def test_hold_dates_of_the_1904_calendar(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD])
        book = load_workbook(path)
        book.epoch = CALENDAR_MAC_1904
        book["List 8"]["F2"] = date(2017, 8, 6)
        book["List 8"]["H2"] = (
            42953 - 1462
        )  # a plain number, four years and a day fewer than in 1900's calendar
        book.save(path)
        child = only_child(read_annex_a(path, business_date=date(2030, 1, 1)))
        assert child.looked_after_since == date(2017, 8, 6)
        assert child.legal_status_since == date(2017, 8, 6)

    def test_with_a_formula_are_taken_from_the_result_saved_with_it(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD | {self.STARTED: "=D2+1000"}])
        with_results(path, {"D2+1000": "42953"})
        returned = read_annex_a(path)
        assert only_child(returned).looked_after_since == date(2017, 8, 6)
        assert ("CELL-FORMULA", 2, "F") in flagged(returned)

    def test_with_a_formula_nobody_calculated_are_unknown(self, tmp_path):
        returned = read(tmp_path, CHILD | {self.STARTED: "=D2+1000"})
        assert only_child(returned).looked_after_since is None
        assert flagged(returned) == [("CELL-NO-RESULT", 2, "F")]

    def test_with_a_formula_whose_result_is_an_empty_text_are_blank(self, tmp_path):
        """=IF(left,date,"") in "ceased" is common: the child is in care."""
        path = write_workbook(tmp_path / "a.xlsx", [CHILD | {self.CEASED: "=D2+1"}])
        with_results(path, {"D2+1": ""}, text=True)
        assert len(cases_of(read_annex_a(path))) == 1

    @pytest.mark.parametrize("value", ["#N/A", "n/a", "", None])
    def test_that_are_empty_in_ceased_mean_in_care(self, tmp_path, value):
        assert len(cases_of(read(tmp_path, CHILD | {self.CEASED: value}))) == 1

    @pytest.mark.parametrize("value", ["yes", "#REF!", "=D2+1"])
    def test_that_cannot_be_read_in_ceased_leave_the_row_out(self, tmp_path, value):
        returned = read(tmp_path, CHILD | {"Child Unique ID": 7}, CHILD | {self.CEASED: value})
        assert [(p.rule, p.line, p.column) for p in returned.rejected] == [("CELL-CEASED", 3, "L")]
        assert [child.council_id for child in returned.children] == ["7"]

    def test_with_dates_after_the_day_of_the_list_are_unknown(self, tmp_path):
        others = [CHILD | {"Child Unique ID": n} for n in range(1, 4)]
        returned = read(tmp_path, *others, CHILD | {self.STARTED: date(2081, 8, 6)})
        assert returned.business_date == date(2021, 1, 12)
        assert flagged(returned) == [("CELL-LATER", 5, "F")]
        mistyped = next(child for child in returned.children if child.council_id == "1373595")
        assert mistyped.looked_after_since is None

    def test_with_dates_before_birth_are_pointed_at(self, tmp_path):
        returned = read(tmp_path, CHILD | {"Date of Birth": date(2019, 1, 1)})
        assert flagged(returned) == [("BORN-LATER", 2, "F"), ("BORN-LATER", 2, "H")]

    def test_of_two_million_characters_do_no_harm(self, tmp_path):
        """Excel holds 32,767; a forged file may hold more."""
        path = write_workbook(tmp_path / "a.xlsx", [CHILD | {"Allocated Worker": "MARK"}])
        rewrite(path, lambda xml: xml.replace(b"MARK", b"x" * 2_000_000))
        try:
            worker = only_child(read_annex_a(path)).allocated_worker
        except FileRefused as refusal:
            worker = str(refusal)
        assert len(worker) < 400


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("value", "shown_as", "identifier"),
        [
            (1373595, "General", "1373595"),
            (1373595.0, "General", "1373595"),
            ("0013735", "General", "0013735"),
            (13735, "0000000", "0013735"),
            ("c-123/4", "General", "C-123/4"),
        ],
    )
    def test_keep_their_leading_zeros(self, tmp_path, value, shown_as, identifier):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD | {"Child Unique ID": value}])
        book = load_workbook(path)
        book["List 8"]["A2"].number_format = shown_as
        book.save(path)
        assert only_child(read_annex_a(path)).council_id == identifier

    @pytest.mark.parametrize(
        "value", [None, "", "#N/A", 12.5, -3, 1234567890123456, True, "x" * 40, "<b>", "a,b"]
    )
    def test_that_cannot_be_one_leave_the_row_out(self, tmp_path, value):
        returned = read(tmp_path, CHILD, CHILD | {"Child Unique ID": value})
        assert [(p.rule, p.line, p.column) for p in returned.rejected] == [("ROW-CHILD", 3, "A")]

    def test_below_a_merged_cell_are_missing(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD, CHILD | {"Child Unique ID": 5}])
        book = load_workbook(path)
        book["List 8"].merge_cells("A2:A3")
        book.save(path)
        assert [(p.rule, p.line) for p in read_annex_a(path).rejected] == [("ROW-CHILD", 3)]

    def test_alone_in_a_row_are_no_child(self, tmp_path):
        returned = read(tmp_path, CHILD, {"Child Unique ID": "Total"})
        assert [(p.rule, p.line) for p in returned.rejected] == [("ROW-NOTHING", 3)]


class TestChildrenListedTwice:
    def test_are_the_one_still_in_care_whatever_the_order(self, tmp_path):
        before = CHILD | {"Date Ceased to be Looked After": date(2020, 9, 22)}
        again = CHILD | {"Date Started to be Looked After": date(2020, 11, 1)}
        for order in ([before, again], [again, before]):
            returned = read(tmp_path, *order)
            assert only_child(returned).looked_after_since == date(2020, 11, 1)
            assert [rule for rule, _, _ in flagged(returned)] == ["ROW-PERIODS"]

    def test_in_two_equal_rows_are_one(self, tmp_path):
        returned = read(tmp_path, CHILD, CHILD)
        assert [rule for rule, _, _ in flagged(returned)] == ["ROW-TWICE"]
        assert len(returned.children) == 1


class TestList10:
    def test_of_a_child_born_on_another_day_is_left_out(self, tmp_path):
        """The row may have slipped by one: identifier and birth disagree (reliability C32)."""
        row = ADOPTION | {"Date of Birth": date(2013, 1, 1)}
        returned = read(tmp_path, CHILD, adoptions=[row])
        assert [(p.rule, p.sheet, p.line) for p in returned.rejected] == [("LIST10-BIRTH", "List 10", 2)]
        assert only_child(returned).adoption_decision_on is None

    def test_of_a_child_not_in_care_says_nothing(self, tmp_path):
        returned = read(tmp_path, CHILD, adoptions=[ADOPTION | {"Child Unique ID": 99}])
        assert flagged(returned) == [("LIST10-CHILD", 2, "A")]

    def test_absent_is_said_once(self, tmp_path):
        returned = read(tmp_path, CHILD)
        assert [(p.rule, p.sheet) for p in returned.flagged] == [("TABLE-ABSENT", "List 10")]

    def test_of_two_decisions_is_the_later(self, tmp_path):
        later = ADOPTION | {"Date of Decision that Child Should be Placed for Adoption": date(2020, 1, 1)}
        for order in ([ADOPTION, later], [later, ADOPTION]):
            assert only_child(read(tmp_path, CHILD, adoptions=order)).adoption_decision_on == date(2020, 1, 1)


class TestTheDayOfTheList:
    def test_is_the_latest_thing_that_had_happened(self, tmp_path):
        assert read(tmp_path, CHILD).business_date == date(2021, 1, 12)

    def test_can_be_said_by_the_caller(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD])
        returned = read_annex_a(path, business_date=date(2021, 3, 16))
        assert (returned.year, returned.business_date) == ("2020/21", date(2021, 3, 16))

    def test_decides_who_is_still_a_child(self, tmp_path):
        path = write_workbook(tmp_path / "a.xlsx", [CHILD | {"Date of Birth": date(2003, 3, 1)}])
        day_before, birthday = date(2021, 2, 28), date(2021, 3, 1)
        assert only_child(read_annex_a(path, business_date=day_before)).candidate
        adult = read_annex_a(path, business_date=birthday)
        assert not only_child(adult).candidate
        assert len(cases_of(adult)) == 1, "a person decides what becomes of the case (practice PR-5)"
        assert ("AGE-18", 2, "L") in flagged(adult)


def test_the_order_of_the_rows_never_matters(tmp_path):
    rows = [CHILD | {"Child Unique ID": n, "Placement Type": f"U{n}"} for n in range(1, 7)]
    first, again = read(tmp_path, *rows), read(tmp_path, *reversed(rows))
    assert [replace(child, line=None) for child in first.children] == [
        replace(child, line=None) for child in again.children
    ]


def rewrite(path: Path, change: Any, part: str = "xl/worksheets/sheet1.xml") -> None:
    """Change one part of a workbook byte by byte, and the shared strings with it."""
    copy = path.with_suffix(".copy")
    shutil.move(path, copy)
    with zipfile.ZipFile(copy) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, change(content) if member in {part, "xl/sharedStrings.xml"} else content)


def with_results(path: Path, results: dict[str, str], *, text: bool = False) -> None:
    """Put results beside formulas, as Excel does when it saves."""

    def change(xml: bytes) -> bytes:
        for formula, result in results.items():
            found = f"<f>{formula}</f><v />".encode()
            assert found in xml or f"<f>{formula}</f><v></v>".encode() in xml
            xml = xml.replace(found, f"<f>{formula}</f><v>{result}</v>".encode())
            if text:
                before, _, after = xml.partition(f"<f>{formula}".encode())
                start = before.rindex(b"<c ")
                xml = (
                    before[:start]
                    + before[start:].replace(b"<c ", b'<c t="str" ')
                    + f"<f>{formula}".encode()
                    + after
                )
        return xml

    rewrite(path, change)


def test_a_workbook_of_other_sheets_is_refused(tmp_path):
    book = Workbook()
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(FileRefused) as refusal:
        read_annex_a(tmp_path / "a.xlsx")
    assert [p.rule for p in refusal.value.problems] == ["SHEET-MISSING"]
