"""The public sample returns, read and taken in whole, where they are at hand (they are never part of the project).

Every number expected here is counted in the test, by a few plain lines over the same files, or was published
about them; none is taken from what our code once answered.
"""

import csv
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from casework.importing.imports import ImportReport, import_annex_a, import_ssda903
from casework.overnight.night import run_night
from casework.settings import Settings
from casework.units import open_office
from interchange.annex_a import read_annex_a
from interchange.problems import by_rule
from interchange.returned import Qualifier, Return, ReturnedChild, cases_of, not_cases_of
from interchange.ssda903 import read_return
from persistence.tables import Case, Child, Deadline, Event, FollowUp, Outbox
from persistence.verification import verify
from tests.county import Templates
from tests.nights import at_night
from tests.world import TEAM, World, furnish, noon

ALONE = pytest.mark.xdist_group
DATA = Path(__file__).parents[2].parent / "shared" / "data"
#: What is read once is asked many times: each sample is one process's.
SAMPLES = [
    pytest.param(("return_2017_18", "", "2017/18", date(2018, 3, 31)), marks=ALONE("return_2017_18")),
    pytest.param(("return_2018_19", "2018-", "2018/19", date(2019, 3, 31)), marks=ALONE("return_2018_19")),
]
#: The Monday on which each is taken in, and into which database: what an import writes is the same for both.
TAKEN_IN = {"2017/18": (date(2018, 4, 16), "postgres"), "2018/19": (date(2019, 4, 15), "sqlite")}

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

# -- taken in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakenIn:
    """A sample that was imported, what the import said, and the children it made by the council's id."""

    world: World
    report: ImportReport
    today: date
    there: dict[str, tuple[Case, Child]]

    def count(self, table: type) -> int:
        with self.world.office.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture(scope="module")
def taken_in(sample, request, tmp_path_factory) -> Iterator[TakenIn]:
    folder, _, year, _ = sample
    today, kind = TAKEN_IN[year]
    templates = request.getfixturevalue(f"_{kind}_children")
    with an_older_county(templates, tmp_path_factory.mktemp("home")) as world:
        by = world.actor("dean.data")
        report = import_ssda903(world.office, [folder], team=TEAM, by=by, now=noon(today))
        with world.office.reading() as session:
            rows = session.execute(select(Case, Child).join(Child, Child.case_id == Case.id)).all()
        yield TakenIn(world, report, today, {child.council_id: (case, child) for case, child in rows})


@contextmanager
def an_older_county(templates: Templates, home: Path) -> Iterator[World]:
    """Its policy and staff were there before the samples' years."""
    name = templates.clone_of(templates.empty)
    with open_office(Settings(home=home, database_url=templates.address(name))) as office:
        yield furnish(office, now=datetime(2017, 1, 3, 12, tzinfo=UTC), since=date(2010, 1, 1))
    templates.drop(name)


@pytest.mark.slow
class TestTakenIn:
    """These tests follow one another: the import, the import again, the night over all its cases."""

    def test_becomes_a_case_for_every_child_in_care(self, taken_in, sample, episodes):
        folder, prefix, _, end = sample
        report, today, there = taken_in.report, taken_in.today, taken_in.there
        header = {row["CHILD"]: row for row in rows_of(folder / f"{prefix}header.csv")}
        present = {child: in_care(rows)[-1] for child, rows in episodes.items() if in_care(rows)}
        eighteen = {c: day(header[c]["DOB"]).replace(year=day(header[c]["DOB"]).year + 18) for c in present}
        adults = {child for child in present if eighteen[child] <= today}
        candidates = {
            child
            for child, row in present.items()
            if row["LS"] == "C2" and row["PLACE"] in {"U1", "U3", "U4", "U6"} and eighteen[child] > end
        }
        assert report.rows == sum(len(rows_of(path)) for path in folder.glob("*.csv"))
        assert (report.children, report.cases) == (len(header), len(present))
        assert (report.candidates, report.kept_out) == (len(candidates), len(adults))
        assert report.created == len(present) - len(adults)
        with taken_in.world.office.reading() as session:
            assert verify(session).found == 0
        assert there.keys() == present.keys() - adults
        assert {c for c, (case, _) in there.items() if case.candidate} == candidates - adults
        for council_id, (case, child) in there.items():
            row = present[council_id]
            assert (child.legal_status, child.placement_code) == (row["LS"], row["PLACE"])
            assert child.date_of_birth == day(header[council_id]["DOB"])
            assert (case.state, case.source, child.fed_on) == ("COHORT", "ssda903", end)
            assert child.looked_after_since is not None
            assert child.looked_after_since <= day(row["DECOM"])
        # One run and one mail, to the team's manager: nobody is flooded.
        assert (taken_in.count(FollowUp), taken_in.count(Event)) == (1, report.created)
        assert taken_in.count(Outbox) == 1

    def test_spreads_the_first_ratings_over_the_months(self, taken_in):
        """40 a month by the policy: candidates in the first, and nobody after the age of seventeen and a half."""
        today = taken_in.today
        with taken_in.world.office.reading() as session:
            rows = session.execute(
                select(Case.candidate, Child.date_of_birth, Deadline.anchor_on, Deadline.due_on)
                .join(Child, Child.case_id == Case.id)
                .join(Deadline, Deadline.case_id == Case.id)
                .where(Deadline.name == "first_rating")
            ).all()
        assert len(rows) == taken_in.report.created
        assert {anchor for candidate, _, anchor, _ in rows if candidate} == {today}
        months = Counter(anchor for _, _, anchor, _ in rows)
        assert months[today] >= 40
        regular = [anchor for anchor in months if anchor.day == today.day and anchor != today]
        assert regular
        assert all(months[anchor] <= 40 + 1 for anchor in regular)
        for _, born, anchor, due in rows:
            assert anchor == today or due < date(born.year + 18, born.month, min(born.day, 28))

    def test_changes_nothing_when_it_is_taken_in_again(self, taken_in, sample):
        world, created = taken_in.world, taken_in.report.created
        by, now = world.actor("dean.data"), noon(taken_in.today)
        again = import_ssda903(world.office, [sample[0]], team=TEAM, by=by, now=now)
        assert (again.created, again.changed, again.unchanged) == (0, 0, created)
        assert again.missing_from_file == 0
        assert taken_in.count(Event) == created

    def test_is_looked_at_by_the_night_to_the_last_child(self, taken_in, sample):
        world, today, created = taken_in.world, taken_in.today, taken_in.report.created
        night = run_night(world.office, business_date=today, replay=False, now=at_night(today))
        assert (night.expected, night.examined, night.skipped) == (created, created, 0)
        with world.office.reading() as session:
            fed = Counter(session.scalars(select(Child.fed_on)))
        assert fed == {sample[3]: created}


@pytest.mark.slow
def test_the_public_workbook_becomes_the_cases_of_its_list_8(world, workbook):
    sheet = load_workbook(workbook, data_only=True)["List 8"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] and str(row[0]).isdigit()]
    today = date(2021, 3, 1)
    wanted = [row for row in rows if row[19] is None]  # not ceased to be looked after
    by = world.actor("dean.data")

    report = import_annex_a(world.office, workbook, by=by, now=noon(today))

    assert (report.children, report.cases) == (len(rows), len(wanted))
    assert report.created + report.kept_out == len(wanted)
    assert [line.rule for line in report.rejected] == ["R-LAW-11"] * report.kept_out
    with world.office.reading() as session:
        there = dict(session.execute(select(Child.council_id, Child.looked_after_since)).all())
    assert there == {
        str(row[0]): row[7].date() for row in wanted if (today - row[3].date()).days < 18 * 365.25
    }
    again = import_annex_a(world.office, workbook, by=by, now=noon(today))
    assert (again.created, again.changed, again.unchanged) == (0, 0, report.created)
    night = run_night(world.office, business_date=today, replay=False, now=at_night(today))
    assert (night.expected, night.examined) == (report.created, report.created)
