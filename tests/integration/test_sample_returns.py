"""The public sample returns, read whole where they are at hand (they are never part of the project).

Every number expected here is counted in the test, by a few plain lines over the same files, or was published
about them; none is taken from what our code once answered.
"""

import csv
import random
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from interchange.annex_a import read_annex_a
from interchange.problems import by_rule
from interchange.returned import Qualifier, Return, ReturnedChild, cases_of, not_cases_of
from interchange.ssda903 import read_return

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLES = [
    ("return_2017_18", "", "2017/18", date(2018, 3, 31)),
    ("return_2018_19", "2018-", "2018/19", date(2019, 3, 31)),
]

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def day(text: str) -> date:
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: sample[0])
def sample(request: pytest.FixtureRequest) -> tuple[Path, str, str, date]:
    folder, prefix, year, end = request.param
    if not (DATA / folder).is_dir():
        pytest.skip(f"the public sample {folder} is not at hand")
    return DATA / folder, prefix, year, end


@pytest.fixture(scope="module")
def episodes(sample) -> dict[str, list[Row]]:
    folder, prefix, _, _ = sample
    by_child: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows_of(folder / f"{prefix}episodes.csv"), key=lambda row: day(row["DECOM"])):
        by_child[row["CHILD"]].append(row)
    return by_child


@pytest.fixture(scope="module")
def returned(sample) -> Return:
    return read_return(sample[0])


def in_care(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["DEC"] and row["LS"] not in {"V3", "V4"}]


class TestYearlyReturn:
    def test_speaks_of_the_end_of_its_year(self, returned, sample):
        _, _, year, end = sample
        assert (returned.year, returned.business_date) == (year, end)

    def test_is_read_to_the_last_row_of_every_table(self, returned, sample):
        folder, _, _, _ = sample
        assert {table.file: table.rows for table in returned.tables} == {
            path.name: len(rows_of(path)) for path in folder.glob("*.csv")
        }

    def test_has_every_child_of_its_header(self, returned, sample):
        folder, prefix, _, _ = sample
        header = {row["CHILD"]: row for row in rows_of(folder / f"{prefix}header.csv")}
        assert {child.council_id for child in returned.children} == header.keys()
        for child in returned.children:
            assert child.date_of_birth == day(header[child.council_id]["DOB"])
            assert child.sex == {"1": "M", "2": "F"}[header[child.council_id]["SEX"]]

    def test_gives_a_case_for_every_child_with_an_open_episode_but_short_breaks(self, returned, episodes):
        expected = {child for child, rows in episodes.items() if in_care(rows)}
        assert {child.council_id for child in cases_of(returned)} == expected
        assert len(expected) + sum(not_cases_of(returned).values()) == len(returned.children)

    def test_says_why_each_other_child_is_no_case(self, returned, episodes):
        no_case = [child for child in returned.children if child.why_not_a_case]
        whys: Counter[str] = Counter()
        for child in no_case:
            rows = episodes.get(child.council_id, [])
            if not rows:
                whys["no episode in the return"] += 1
            elif any(not row["DEC"] for row in rows):
                whys["short breaks only (V3, V4)"] += 1
            elif rows[-1]["REC"] == "X1":
                whys["the last episode says it continues (X1) but nothing continues it"] += 1
            else:
                whys["left care"] += 1
        assert not_cases_of(returned) == dict(whys)

    def test_marks_the_candidates(self, returned, episodes, sample):
        """Set C' of returns 5: C2 and U1, U3, U4 or U6, under 18 (the samples' children all are)."""
        _, _, _, end = sample
        expected = {
            child
            for child, rows in episodes.items()
            if in_care(rows)
            and in_care(rows)[-1]["LS"] == "C2"
            and in_care(rows)[-1]["PLACE"] in {"U1", "U3", "U4", "U6"}
        }
        candidates = [child for child in returned.children if child.candidate]
        assert {child.council_id for child in candidates} == expected
        for child in candidates:
            assert child.date_of_birth is not None
            assert child.date_of_birth.replace(year=child.date_of_birth.year + 18) > end

    def test_flags_every_open_row_for_its_reason_and_rejects_none(self, returned, episodes):
        """148: in the samples every open row has a reason to have ceased."""
        open_rows = [row for rows in episodes.values() for row in rows if not row["DEC"]]
        assert all(row["REC"] for row in open_rows)
        assert by_rule(returned.flagged)["148"] == len(open_rows)
        assert returned.rejected == ()

    def test_flags_what_plain_counting_finds(self, returned, episodes):
        every = [row for rows in episodes.values() for row in rows]
        pairs = [(a, b) for rows in episodes.values() for a, b in pairwise(rows)]
        expected = {
            "142": sum(not a["DEC"] for a, _ in pairs),
            "378": sum(row["PLACE"] == "P1" and row["LS"] == "V2" for row in every),
            "408": sum(row["PLACE"] in {"A5", "A6"} and row["LS"] != "E1" for row in every),
            "501": sum(bool(a["DEC"]) and day(b["DECOM"]) < day(a["DEC"]) for a, b in pairs),
            "516": sum(row["REC"] in {"E45", "E46"} and not row["PLACE"].startswith("U") for row in every),
            "550": sum(row["PLACE_PROVIDER"] == "PR0" and row["PLACE"] != "P1" for row in every),
        }
        found = by_rule(returned.flagged)
        assert {rule: found.get(rule, 0) for rule in expected} == expected

    def test_gives_dates_that_the_file_supports(self, returned, episodes):
        """Each start is the start of one of the child's rows; care is exact only where a row says S."""
        for child in cases_of(returned):
            starts = {day(row["DECOM"]): row for row in episodes[child.council_id]}
            assert child.looked_after_since in starts
            assert child.legal_status_since in starts
            assert child.placement_since in starts
            if child.looked_after_since_qualifier is Qualifier.EXACT:
                first = starts[child.looked_after_since]
                others = [row["LS"] for row in episodes[child.council_id]]
                assert first["RNE"] == "S" or {"V3", "V4"} & set(others)

    def test_dates_a_single_row_as_returns_defines_them(self, returned, episodes):
        """One row in the file: exact for what its reason says began then, else on or before."""
        alone = [child for child in cases_of(returned) if len(episodes[child.council_id]) == 1]
        assert alone
        for child in alone:
            (row,) = episodes[child.council_id]
            assert child.looked_after_since == child.placement_since == day(row["DECOM"])
            assert child.looked_after_since_qualifier == exact_if(row["RNE"] == "S")
            assert child.legal_status_since_qualifier == exact_if(row["RNE"] in "SLBU")
            assert child.placement_since_qualifier == exact_if(row["RNE"] in "SPB")

    def test_says_the_same_again_and_in_any_order_of_its_rows(self, returned, sample, tmp_path):
        assert read_return(sample[0]) == returned
        shuffled = tmp_path / "shuffled"
        shutil.copytree(sample[0], shuffled)
        for path in shuffled.iterdir():
            path.chmod(0o644)
            head, *lines = path.read_text(encoding="utf-8-sig").splitlines()
            random.Random(3).shuffle(lines)
            path.write_text("\n".join([head, *lines]), encoding="utf-8")
        again = read_return(shuffled)
        assert as_told(again) == as_told(returned)
        assert by_rule(again.flagged) == by_rule(returned.flagged)


def exact_if(certain: bool) -> Qualifier:
    return Qualifier.EXACT if certain else Qualifier.ON_OR_BEFORE


def as_told(returned: Return) -> list[ReturnedChild]:
    return [
        replace(child, line=None, episodes=tuple(replace(e, line=0) for e in child.episodes))
        for child in returned.children
    ]


def test_the_sample_of_2017_18_is_the_one_that_was_described():
    """2,675 children, 2,123 with episodes, 5,050 episodes, 1,413 open, 62 overlaps (returns 2)."""
    folder = DATA / "return_2017_18"
    if not folder.is_dir():
        pytest.skip("the public sample is not at hand")
    returned = read_return(folder)
    assert len(returned.children) == 2_675
    assert sum(bool(child.episodes) for child in returned.children) == 2_123
    assert sum(len(child.episodes) for child in returned.children) == 5_050
    found = by_rule(returned.flagged)
    assert (found["148"], found["408"], found["501"]) == (1_413, 359, 62)


@pytest.fixture
def workbook() -> Path:
    path = DATA / "annex_a" / "Annex_A.xlsx"
    if not path.is_file():
        pytest.skip("the public sample workbook is not at hand")
    return path


class TestSampleWorkbook:
    """Five children as they stand on List 8, read off the sheet by eye."""

    def test_gives_its_children(self, workbook):
        children = {child.council_id: child for child in read_annex_a(workbook).children}
        assert {key: (c.legal_status, c.placement_code, c.candidate) for key, c in children.items()} == {
            "1761444": ("E1", "U6", False),
            "1373595": ("C2", "U1", True),
            "14065184": ("C2", "U4", True),
            "2529037": ("C2", "U6", True),
            "3623204": (None, None, False),
        }
        assert children["1373595"].looked_after_since == date(2009, 8, 6)
        assert children["1373595"].legal_status_since == date(2010, 7, 12)
        assert children["1373595"].placement_since == date(2009, 11, 2)
        assert children["1373595"].allocated_worker == "Eugene Swift"
        assert (children["3623204"].ended_on, children["3623204"].end_reason) == (date(2020, 9, 22), "E47")

    def test_gives_a_case_for_each_child_still_in_care(self, workbook):
        returned = read_annex_a(workbook)
        assert len(cases_of(returned)) == 4
        assert not_cases_of(returned) == {"left care": 1}

    def test_points_at_what_is_odd_and_rejects_nothing(self, workbook):
        """Formulas in List 10's dates (16 of them in columns we read), children not on List 8, two dates
        before birth, one person over eighteen."""
        returned = read_annex_a(workbook)
        assert returned.rejected == ()
        assert by_rule(returned.flagged) == {
            "CELL-FORMULA": 16,
            "LIST10-CHILD": 5,
            "BORN-LATER": 2,
            "AGE-18": 1,
        }

    def test_says_the_same_again(self, workbook):
        assert read_annex_a(workbook) == read_annex_a(workbook)
