"""Files that are no return, or mean harm: refused whole, in words (reliability C30, C31, R17)."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import FileRefused, by_rule
from interchange.returned import Return
from interchange.ssda903 import read_return
from tests.returns import COLUMNS, write_return, write_table

EPISODE = "A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,"
HEADER = "A1,1,15/06/2014,WBRI,UN1,,"


def refused(*paths: Path, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """The rules by which the files are refused."""
    with pytest.raises(FileRefused) as refusal:
        read_return(paths, limits=limits)
    for problem in refusal.value.problems:
        assert "/" not in problem.file, "only base names are shown"
        assert len(problem.message) < 400
    return [problem.rule for problem in refusal.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_return(tmp_path / "return", Header=[HEADER], Episodes=[EPISODE])


class TestFilesThatCannotBeRead:
    def test_a_file_that_is_not_there(self, folder):
        assert refused(folder, folder / "reviews.csv") == ["FILE-MISSING"]

    def test_a_name_with_a_nul(self, folder):
        assert refused(folder, Path("a\0b.csv")) == ["FILE-MISSING"]

    def test_a_pipe_which_would_wait_for_ever(self, folder):
        os.mkfifo(folder / "reviews.csv")
        assert refused(folder) == ["FILE-MISSING"]

    def test_a_folder_without_a_return(self, tmp_path):
        assert refused(tmp_path) == ["FILE-NONE"]

    def test_nothing_at_all(self):
        assert refused() == ["FILE-NONE"]

    def test_an_empty_file(self, folder):
        (folder / "reviews.csv").write_bytes(b"")
        assert refused(folder) == ["FILE-EMPTY"]

    def test_a_file_of_blank_lines(self, folder):
        (folder / "reviews.csv").write_bytes(b"\n\n\n")
        assert refused(folder) == ["FILE-EMPTY"]

    @pytest.mark.parametrize("content", [b"PK\x03\x04\x14\0\0\0", "CHILD,DOB\n".encode("utf-16"), b"CHILD\0"])
    def test_a_file_that_is_not_text(self, folder, content):
        (folder / "reviews.csv").write_bytes(content)
        assert refused(folder) == ["FILE-BINARY"]

    def test_text_in_neither_encoding(self, folder):
        (folder / "reviews.csv").write_bytes(b"CHILD,DOB,REVIEW,REVIEW_CODE\n\x81\x8d,,,\n")
        assert refused(folder) == ["FILE-ENCODING"]

    def test_a_file_that_is_too_large(self, folder):
        assert refused(folder, limits=Limits(file_bytes=60)) == ["FILE-SIZE", "FILE-SIZE"]

    def test_more_rows_than_an_import_may_have(self, folder):
        write_table(folder, "Episodes", [EPISODE] * 9)
        assert refused(folder, limits=Limits(rows=5)) == ["FILE-ROWS"]

    def test_a_million_columns(self, folder):
        (folder / "reviews.csv").write_text("," * 90_000 + "X\n")
        assert refused(folder) == ["FILE-ROWS"]

    def test_a_cell_of_two_million_characters(self, folder):
        write_table(folder, "Reviews", ["A1,15/06/2014,01/09/2017,PN1", "A" * 2_000_000 + ",,,"])
        with pytest.raises(FileRefused) as refusal:
            read_return(folder)
        (problem,) = refusal.value.problems
        assert (problem.rule, problem.line) == ("FILE-LINE", 3)

    def test_a_cell_that_grows_over_many_lines(self, folder):
        write_table(folder, "Reviews", ['"A1', *["x" * 1_000] * 200, '",,,'])
        assert refused(folder) == ["FILE-LINE"]

    @pytest.mark.parametrize("row", ['"A1,15/06/2014,01/09/2017,PN1', '"A1"x,15/06/2014,01/09/2017,PN1'])
    def test_quotation_marks_that_do_not_match(self, folder, row):
        write_table(folder, "Reviews", ["A1,15/06/2014,01/09/2017,PN1", row])
        with pytest.raises(FileRefused) as refusal:
            read_return(folder)
        (problem,) = refusal.value.problems
        assert (problem.file, problem.rule, problem.line) == ("reviews.csv", "FILE-QUOTES", 3)


class TestTablesThatAreNotTheReturns:
    def write(self, folder: Path, header: str) -> Path:
        (folder / "reviews.csv").write_text(header + "\n")
        return folder

    def test_a_table_of_something_else(self, folder):
        assert refused(self.write(folder, "Name,Address,Telephone")) == ["FILE-TABLE"]

    def test_cells_separated_otherwise(self, folder):
        with pytest.raises(FileRefused, match="separated by commas"):
            read_return(self.write(folder, "CHILD;DOB;REVIEW;REVIEW_CODE"))

    def test_every_missing_column_is_named(self, folder):
        header = COLUMNS["Episodes"].replace("DECOM,", "").replace(",URN", "")
        with pytest.raises(FileRefused) as refusal:
            read_return(self.write(folder, header))
        assert [(p.rule, p.column) for p in refusal.value.problems] == [
            ("COLUMN-MISSING", "DECOM"),
            ("COLUMN-MISSING", "URN"),
        ]

    @pytest.mark.parametrize("column", ["STATUS", "CREATED_BY", "CASE_ID"])
    def test_a_column_the_return_does_not_have(self, folder, column):
        """Nobody sets a status or an owner through an import (reliability C31)."""
        with pytest.raises(FileRefused) as refusal:
            read_return(self.write(folder, f"{COLUMNS['Reviews']},{column}"))
        assert [(p.rule, p.column) for p in refusal.value.problems] == [("COLUMN-UNKNOWN", column)]

    def test_a_column_that_stands_twice(self, folder):
        assert refused(self.write(folder, "CHILD,DOB,REVIEW,REVIEW,REVIEW_CODE")) == ["COLUMN-TWICE"]

    def test_two_files_of_one_table(self, folder):
        write_table(folder, "Episodes", [EPISODE], name="last-year.csv")
        assert refused(folder) == ["FILE-TWICE"]

    @pytest.mark.parametrize(
        ("gone", "rule"), [("header", "FILE-NO-HEADER"), ("episodes", "FILE-NO-EPISODES")]
    )
    def test_a_return_without_its_backbone(self, folder, gone, rule):
        (folder / f"{gone}.csv").unlink()
        write_table(folder, "Reviews", [])
        assert refused(folder) == [rule]

    def test_a_return_without_one_readable_date(self, folder):
        write_table(folder, "Episodes", ["A1,soon,S,C2,N1,U4,PR1,,,,,,"])
        assert refused(folder) == ["FILE-NO-DATES", "141"]

    def test_the_faults_of_all_files_at_once(self, folder):
        (folder / "a.csv").write_bytes(b"")
        (folder / "b.csv").write_bytes(b"\0")
        (folder / "c.csv").write_text("CHILD,DOB,REVIEW\n")
        assert refused(folder) == ["FILE-EMPTY", "FILE-BINARY", "COLUMN-MISSING"]


CELLS = st.one_of(
    st.sampled_from(
        ["", "A1", "A2", "00012", "02/05/2017", "14/07/2017", "31/02/2017", "15/06/2014", "S", "L", "P",
         "T", "B", "U", "C2", "E1", "V4", "X1", "E45", "U1", "T1", "A5", "N1", "PR0", "PR1", "PN1", "RD1",
         "P2", "=1+1", "NaN", "-1", "1e9", "zz/zz/zzzz", "'; DROP TABLE", "ß", "\u202e", "﷽", " ", '"',
         "01/01/1900", "31/12/2100"]
    ),
    st.text(max_size=12),
)  # fmt: skip


def quoted(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def rows_of(table: str) -> st.SearchStrategy[list[str]]:
    width = len(COLUMNS[table].split(","))
    usual = st.lists(CELLS, min_size=width, max_size=width)
    return st.lists(st.one_of(usual, st.lists(CELLS, max_size=width + 3)).map(quoted), max_size=8)


@given(tables=st.fixed_dictionaries({table: rows_of(table) for table in COLUMNS}))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_rows_whatever_end_in_anything_but_a_return_or_a_refusal(tmp_path_factory, tables):
    """Fuzzed rows: never a traceback; every row is read, rejected or flagged; the result is whole."""
    folder = write_return(tmp_path_factory.mktemp("fuzz") / "return", **tables)
    check(folder)


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_to_the_bytes_ends_in_anything_but_a_return_or_a_refusal(folder, seed):
    write_table(folder, "Reviews", ["A1,15/06/2014,01/09/2017,PN1"] * 30)
    chance = random.Random(seed)
    for path in sorted(folder.iterdir()):
        content = bytearray(path.read_bytes())
        for _ in range(chance.randrange(4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
    check(folder)


def check(folder: Path) -> None:
    """A whole return or a refusal with reasons; any other exception fails the test."""
    try:
        returned = read_return(folder)
    except FileRefused as refusal:
        problems = refusal.problems
    else:
        check_whole(returned)
        problems = (*returned.rejected, *returned.flagged)
    for problem in problems:
        assert problem.message
        assert len(problem.message) < 400


def check_whole(returned: Return) -> None:
    for child in returned.children:
        assert child.council_id
        assert child.candidate is (child.candidate_reason is not None)
        assert not child.candidate or child.legal_status == "C2"
        assert (child.why_not_a_case is None) <= child.open
        assert (child.looked_after_since is not None) is child.open
        for since in (child.legal_status_since, child.placement_since):
            if since is not None:
                assert child.looked_after_since is not None
                assert since >= child.looked_after_since
    assert sum(by_rule(returned.rejected).values()) == len(returned.rejected)
