"""Workbooks that mean harm or are broken: refused before they are opened, in words (reliability C30, R17)."""

import random
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from interchange.annex_a import read_annex_a
from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import FileRefused
from tests.returns import LIST_8, LIST_10, write_workbook

CHILD: dict[str, Any] = {
    "Child Unique ID": 1373595,
    "Date of Birth": date(2012, 12, 30),
    "Date Started to be Looked After": date(2017, 8, 6),
    "Start date of current legal status": date(2018, 7, 12),
    "Child's Legal Status": "C2: FCO",
    "Start Date of Most Recent Placement": date(2019, 11, 2),
    "Placement Type": "U1: relatives",
}
TYPES = "[Content_Types].xml"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return as_excel_saves(write_workbook(tmp_path / "Annex A.xlsx", [CHILD]))


def as_excel_saves(path: Path) -> Path:
    """Texts moved to the table of shared strings, where Excel keeps them."""
    texts: list[bytes] = []

    def share(found: re.Match[bytes]) -> bytes:
        texts.append(found[2])
        return b'%s t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    def share_all(xml: bytes) -> bytes:
        return re.sub(rb'(<c [^>]*?) t="inlineStr"><is><t>(.*?)</t></is></c>', share, xml)

    def declare(xml: bytes) -> bytes:
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        part = b'<Override PartName="/%s" ContentType="%s" />' % (STRINGS.encode(), kind)
        return xml.replace(b"</Types>", part + b"</Types>")

    forge(path, {SHEET: share_all, TYPES: declare})
    strings = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return forge(path, {STRINGS: b'<sst xmlns="%s">%s</sst>' % (space, strings)})


def forge(path: Path, change: Mapping[str, Callable[[bytes], bytes] | bytes]) -> Path:
    """The same workbook with some parts changed or added."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for name, how in change.items():
        parts[name] = how if isinstance(how, bytes) else how(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def refused(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(FileRefused) as refusal:
        read_annex_a(path, limits=limits)
    (problem,) = refusal.value.problems
    assert "/" not in problem.file
    return problem.rule


class TestWhatIsNotAWorkbook:
    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"", "FILE-EMPTY"),
            (b"Child Unique ID,Gender\n1,M\n", "BOOK-TYPE"),
            (b"%PDF-1.7", "BOOK-TYPE"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "BOOK-LOCKED"),
            (b"PK\x03\x04 and then nothing", "BOOK-DAMAGED"),
        ],
        ids=["nothing", "a text file", "a PDF", "a password or the old format", "cut off"],
    )
    def test_is_refused_by_its_content_whatever_its_name(self, tmp_path, content, rule):
        path = tmp_path / "Annex A.xlsx"
        path.write_bytes(content)
        assert refused(path) == rule

    def test_includes_other_zip_files(self, tmp_path):
        path = tmp_path / "a.xlsx"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("word/document.xml", "<w/>")
        assert refused(path) == "BOOK-TYPE"

    def test_includes_what_is_not_there(self, tmp_path):
        assert refused(tmp_path / "a.xlsx") == "FILE-MISSING"
        assert refused(tmp_path) == "FILE-MISSING"

    def test_a_workbook_is_read_whatever_its_name(self, workbook):
        assert len(read_annex_a(workbook.rename(workbook.with_suffix(".tmp"))).children) == 1


class TestBombs:
    def test_by_ratio(self, workbook):
        """(reliability C30)"""
        assert refused(forge(workbook, {"xl/media/a.xml": b"a" * 5_000_000})) == "BOOK-BOMB"

    def test_by_size(self, workbook):
        noise = random.Random(1).randbytes(300_000)
        assert (
            refused(forge(workbook, {"xl/media/a.bin": noise}), Limits(unpacked_bytes=200_000)) == "BOOK-BOMB"
        )

    def test_by_size_on_disk(self, workbook):
        assert refused(workbook, Limits(workbook_bytes=1_000)) == "FILE-SIZE"

    def test_by_number_of_parts(self, workbook):
        assert refused(forge(workbook, {f"xl/media/{n}": b"x" for n in range(1_100)})) == "BOOK-BOMB"

    def test_by_parts_of_one_name(self, workbook):
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(workbook, "a") as package:
            package.writestr(SHEET, b"<worksheet/>")
        assert refused(workbook) == "BOOK-BOMB"

    def test_by_cells_that_are_tiny_on_disk_and_huge_in_memory(self, workbook):
        cells = b"<c/>" * 60_000
        forge(
            workbook,
            {SHEET: lambda xml: xml.replace(b"</sheetData>", b"<row>" + cells + b"</row></sheetData>")},
        )
        assert refused(workbook, Limits(part_tags=50_000)) == "BOOK-BOMB"

    @pytest.mark.parametrize(
        "bomb",
        [
            b"<row>" + b"<c/>" * 60_000 + b"</row>",
            b"<row/>" * 60_000,
            b"<row " + b" ".join(b'a%d="1"' % n for n in range(6_000)) + b"/>",
            b'<row><c t="inlineStr"><is><t>' + b"x" * 2_000_000 + b"</t></is></c></row>",
        ],
        ids=["cells in a row", "rows", "attributes", "a text"],
    )
    def test_by_what_a_reader_would_hold_in_memory_at_once(self, workbook, bomb):
        forge(workbook, {SHEET: lambda xml: xml.replace(b"</sheetData>", bomb + b"</sheetData>")})
        assert refused(workbook, replace(DEFAULT_LIMITS, packed_ratio=100_000)) == "BOOK-BOMB"

    def test_by_sizes_that_the_package_lies_about(self, workbook):
        forge(workbook, {"xl/media/a.bin": random.Random(1).randbytes(50_000)})
        content = bytearray(workbook.read_bytes())
        at = content.rindex(b"xl/media/a.bin") - 46 + 24  # the directory's "unpacked size" of that part
        content[at : at + 4] = (10).to_bytes(4, "little")
        workbook.write_bytes(content)
        assert refused(workbook) == "BOOK-DAMAGED"

    def test_by_rows_claimed_at_the_end_of_the_world(self, workbook):
        """A row number is only a number; reading does not count up to it."""
        row = b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row></sheetData>'
        forge(workbook, {SHEET: lambda xml: xml.replace(b"</sheetData>", row)})
        assert len(read_annex_a(workbook).children) == 1

    def test_by_a_size_that_the_sheet_claims(self, workbook):
        def claim(xml: bytes) -> bytes:
            start = xml.index(b"<dimension")
            return xml[:start] + b'<dimension ref="A1:XFD1048576"/>' + xml[xml.index(b"/>", start) + 2 :]

        assert len(read_annex_a(forge(workbook, {SHEET: claim})).children) == 1

    def test_by_columns(self, workbook):
        cell = b'<row r="9"><c r="ZZ9"><v>1</v></c><c r="GT9"><v>1</v></c></row></sheetData>'
        forge(workbook, {SHEET: lambda xml: xml.replace(b"</sheetData>", cell.replace(b"GT9", b"GS9"))})
        assert refused(workbook) == "FILE-ROWS"

    def test_by_rows(self, tmp_path):
        rows = [CHILD | {"Child Unique ID": n} for n in range(30)]
        assert refused(write_workbook(tmp_path / "a.xlsx", rows), Limits(rows=20)) == "FILE-ROWS"


class TestEntitiesAndMacros:
    LAUGHS = (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    )

    @pytest.mark.parametrize("part", [SHEET, STRINGS, "xl/workbook.xml", "xl/styles.xml", TYPES])
    @pytest.mark.parametrize(
        "entity",
        [LAUGHS, b'<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>'],
        ids=["that laugh", "that read another file"],
    )
    def test_entities_are_refused_in_any_part(self, workbook: Path, part: str, entity: bytes):
        """(reliability C30)"""
        def add(xml: bytes) -> bytes:
            head, _, body = xml.rpartition(b"?>")
            assert b"<" in body
            return head + (b"?>" if head else b"") + entity + body

        assert refused(forge(workbook, {part: add})) == "BOOK-DAMAGED"

    def test_macros_are_refused_even_if_renamed(self, workbook):
        assert refused(forge(workbook, {"xl/vbaProject.bin": b"macro"})) == "BOOK-MACROS"

    def test_a_macro_workbook_is_refused_by_its_declared_type(self, workbook):
        def macro(xml: bytes) -> bytes:
            return xml.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")

        assert refused(forge(workbook, {TYPES: macro})) == "BOOK-MACROS"

    def test_encrypted_parts_are_refused(self, workbook):
        content = bytearray(workbook.read_bytes())
        at = 0
        while (at := content.find(b"PK\x01\x02", at)) >= 0:
            content[at + 8] |= 1
            at += 4
        workbook.write_bytes(content)
        assert refused(workbook) == "BOOK-LOCKED"

    def test_a_workbook_of_formulas_nobody_calculated_is_refused(self, tmp_path):
        rows = [CHILD | {"Child Unique ID": f"=B{n}*1"} for n in range(2, 6)]
        assert refused(write_workbook(tmp_path / "a.xlsx", rows)) == "BOOK-FORMULAS"


class TestDamage:
    @pytest.mark.parametrize(
        "change",
        [
            {SHEET: b"<worksheet"},
            {SHEET: b""},
            {STRINGS: b"<sst/>"},
            {"xl/workbook.xml": b"<workbook/>"},
            {"xl/styles.xml": b"<html/>"},
            {TYPES: b"<Types/>"},
            {"xl/_rels/workbook.xml.rels": b"<Relationships/>"},
        ],
        ids=lambda change: next(iter(change)).rpartition("/")[2] + " " + next(iter(change.values())).decode(),
    )
    def test_is_said_and_never_a_traceback(self, workbook, change):
        with pytest.raises(FileRefused) as refusal:
            read_annex_a(forge(workbook, change))
        assert refusal.value.problems[0].rule in {"BOOK-DAMAGED", "SHEET-MISSING", "SHEET-HEADINGS"}

    @pytest.mark.parametrize("seed", range(60))
    def test_at_random_ends_in_a_return_or_a_refusal(self, workbook, seed):
        """Bytes of the package and bytes inside its parts, where a checksum would hide them."""
        chance = random.Random(seed)

        def damage(content: bytes) -> bytes:
            changed = bytearray(content)
            for _ in range(chance.randrange(1, 5)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)

        if seed % 2:
            forge(workbook, {chance.choice([SHEET, STRINGS, "xl/styles.xml", "xl/workbook.xml"]): damage})
        else:
            workbook.write_bytes(damage(workbook.read_bytes()))
        whole_or_refused(workbook)

    def test_of_two_lists_of_one_name_is_not_guessed_at(self, tmp_path):
        book = Workbook()
        for title in ("List 8 north", "List 8 south"):
            book.create_sheet(title).append(LIST_8)
        book.save(tmp_path / "a.xlsx")
        assert refused(tmp_path / "a.xlsx") == "SHEET-TWICE"

    def test_of_a_list_without_headings_is_said(self, tmp_path):
        assert (
            refused(write_workbook(tmp_path / "a.xlsx", [], headings=["see other file"])) == "SHEET-HEADINGS"
        )

    def test_of_an_empty_list_leaves_no_day_to_speak_of(self, tmp_path):
        assert refused(write_workbook(tmp_path / "a.xlsx", [])) == "FILE-NO-DATES"


VALUES = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(-10, 60_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(2099, 12, 31)),
    st.times(),
    st.sampled_from(
        ["C2", "E1: PO", "U1", "U6: x", "#N/A", "#REF!", "01/02/2019", "31/02/2019", "=1+1", "=A1"]
    ),
    st.integers(1, 4),
)


def usable(text: object) -> bool:
    """What openpyxl itself can write into a cell."""
    return not isinstance(text, str) or all(c.isprintable() for c in text)


@given(
    rows=st.lists(st.fixed_dictionaries({name: VALUES.filter(usable) for name in LIST_8}), max_size=5),
    adoptions=st.lists(st.fixed_dictionaries({name: VALUES.filter(usable) for name in LIST_10}), max_size=3),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_cells_whatever_end_in_anything_but_a_return_or_a_refusal(tmp_path_factory, rows, adoptions):
    path = tmp_path_factory.mktemp("fuzz") / "a.xlsx"
    whole_or_refused(write_workbook(path, rows, adoptions=adoptions))


def whole_or_refused(path: Path) -> None:
    """A whole result or a refusal with reasons; any other exception fails the test."""
    try:
        returned = read_annex_a(path)
    except FileRefused as refusal:
        problems = refusal.problems
    else:
        problems = (*returned.rejected, *returned.flagged)
        for child in returned.children:
            assert child.candidate is (child.candidate_reason is not None)
            assert child.allocated_worker
            assert (child.why_not_a_case is None) <= child.open
    for problem in problems:
        assert problem.message
        assert len(problem.message) < 400
