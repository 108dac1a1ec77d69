"""The public sample returns taken in whole, where they are at hand (they are never part of the project).

Every number expected here is counted in the test by a few plain lines over the same files.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from casework.importing.imports import import_annex_a, import_ssda903
from casework.overnight.night import run_night
from casework.settings import Settings
from casework.units import open_office
from persistence.tables import Case, Child, Deadline, Event, FollowUp, Outbox
from persistence.verification import verify
from tests.nights import at_night
from tests.world import TEAM, World, furnish, noon

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLES = [("return_2017_18", "", date(2018, 4, 16)), ("return_2018_19", "2018-", date(2019, 4, 15))]
Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def day(text: str) -> date:
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


def in_care(episodes: list[Row]) -> dict[str, Row]:
    """The present episode of every child who has one: open, not short breaks, the latest."""
    still_open = [row for row in episodes if not row["DEC"] and row["LS"] not in {"V3", "V4"}]
    return {row["CHILD"]: row for row in sorted(still_open, key=lambda row: day(row["DECOM"]))}


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample[0])
def sample(request: pytest.FixtureRequest) -> tuple[Path, str, date]:
    folder, prefix, today = request.param
    if not (DATA / folder).is_dir():
        pytest.skip(f"the public sample {folder} is not at hand")
    return DATA / folder, prefix, today


@pytest.fixture
def world(database_url, tmp_path, monkeypatch) -> Iterator[World]:
    monkeypatch.setattr("tests.world.LONG_AGO", date(2010, 1, 1))
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as office:
        yield furnish(office, now=datetime(2017, 1, 3, 12, tzinfo=UTC))


def count(world: World, table: type) -> int:
    with world.office.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.slow
def test_a_public_return_becomes_cases_that_the_night_looks_at(world, sample):
    folder, prefix, today = sample
    by, now = world.actor("dean.data"), noon(today)
    header = {row["CHILD"]: row for row in rows_of(folder / f"{prefix}header.csv")}
    present = in_care(rows_of(folder / f"{prefix}episodes.csv"))
    end = date(today.year, 3, 31)
    adults = {c for c in present if day(header[c]["DOB"]).replace(year=day(header[c]["DOB"]).year + 18) <= today}
    candidates = {
        child
        for child, row in present.items()
        if row["LS"] == "C2"
        and row["PLACE"] in {"U1", "U3", "U4", "U6"}
        and day(header[child]["DOB"]).replace(year=day(header[child]["DOB"]).year + 18) > end
    }

    report = import_ssda903(world.office, [folder], team=TEAM, by=by, now=now)

    assert report.rows == sum(len(rows_of(path)) for path in folder.glob("*.csv"))
    assert (report.children, report.cases) == (len(header), len(present))
    assert (report.candidates, report.kept_out) == (len(candidates), len(adults))
    assert report.created == len(present) - len(adults)
    with world.office.reading() as session:
        there = {
            child.council_id: (case, child)
            for case, child in session.execute(select(Case, Child).join(Child, Child.case_id == Case.id))
        }
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
    assert (count(world, FollowUp), count(world, Event)) == (1, report.created)
    assert count(world, Outbox) == 1

    again = import_ssda903(world.office, [folder], team=TEAM, by=by, now=noon(today))
    assert (again.created, again.changed, again.unchanged) == (0, 0, report.created)
    assert again.missing_from_file == 0
    assert count(world, Event) == report.created

    night = run_night(world.office, business_date=today, replay=False, now=at_night(today))
    assert (night.expected, night.examined, night.skipped) == (report.created, report.created, 0)
    with world.office.reading() as session:
        per_day = Counter(session.scalars(select(Child.fed_on)))
    assert per_day == {end: report.created}


@pytest.mark.slow
def test_the_first_ratings_of_a_public_return_are_spread_over_the_months(world, sample):
    """40 a month by the policy: candidates in the first, and nobody after the age of seventeen and a half."""
    folder, _, today = sample
    report = import_ssda903(world.office, [folder], by=world.actor("dean.data"), now=noon(today))
    with world.office.reading() as session:
        rows = session.execute(
            select(Case.candidate, Child.date_of_birth, Deadline.anchor_on, Deadline.due_on)
            .join(Child, Child.case_id == Case.id)
            .join(Deadline, Deadline.case_id == Case.id)
            .where(Deadline.name == "first_rating")
        ).all()
    assert len(rows) == report.created
    assert {anchor for candidate, _, anchor, _ in rows if candidate} == {today}
    months = Counter(anchor for _, _, anchor, _ in rows)
    assert months[today] >= 40
    regular = [anchor for anchor in months if anchor.day == today.day and anchor != today]
    assert regular
    assert all(months[anchor] <= 40 + 1 for anchor in regular)
    for _, born, anchor, due in rows:
        assert anchor == today or due < date(born.year + 18, born.month, min(born.day, 28))


@pytest.mark.slow
def test_the_public_workbook_becomes_the_cases_of_its_list_8(world):
    path = DATA / "annex_a" / "Annex_A.xlsx"
    if not path.is_file():
        pytest.skip("the public sample workbook is not at hand")
    sheet = load_workbook(path, data_only=True)["List 8"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] and str(row[0]).isdigit()]
    today = date(2021, 3, 1)
    wanted = [row for row in rows if row[19] is None]  # not ceased to be looked after
    by = world.actor("dean.data")

    report = import_annex_a(world.office, path, by=by, now=noon(today))

    assert (report.children, report.cases) == (len(rows), len(wanted))
    assert report.created + report.kept_out == len(wanted)
    assert [line.rule for line in report.rejected] == ["R-LAW-11"] * report.kept_out
    with world.office.reading() as session:
        there = dict(session.execute(select(Child.council_id, Child.looked_after_since)).all())
    assert there == {
        str(row[0]): row[7].date() for row in wanted if (today - row[3].date()).days < 18 * 365.25
    }
    again = import_annex_a(world.office, path, by=by, now=noon(today))
    assert (again.created, again.changed, again.unchanged) == (0, 0, report.created)
    night = run_night(world.office, business_date=today, replay=False, now=at_night(today))
    assert (night.expected, night.examined) == (report.created, report.created)
