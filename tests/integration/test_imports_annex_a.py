"""List 8 and List 10 of Annex A become cases (design 7, practice 7)"""


from datetime import date, timedelta

import pytest
from sqlalchemy import select

from persistence.tables import Visit
from tests.imported import (
    FOSTERED,
    ON_LIST_8,
    SOUTH,
    TODAY,
    annex_a,
    children,
    everything,
    take_in,
)
from tests.returns import LIST_8, write_workbook

pytestmark = pytest.mark.one_database


def test_a_child_of_list_8_joins_with_plan_team_and_exact_dates(world, tmp_path):
    report = annex_a(world, write_workbook(tmp_path / "annex.xlsx", [ON_LIST_8]))
    case, child = children(world)["77001"]

    assert (report.created, report.candidates, case.source) == (1, 1, "annex_a")
    assert child.permanence_plan == "SGO/CAO"
    assert (child.looked_after_since, child.looked_after_exact) == (date(2021, 3, 9), True)
    # The list's date begins anew when the same carer moves house, so it is on or before.
    assert (child.placement_since, child.placement_exact) == (date(2021, 11, 2), False)
    assert case.team_id is not None
    assert not {"team", "permanence_plan"} & set(child.unknown)
    assert {"worker", "carer"} <= set(child.unknown)


def test_the_same_workbook_again_changes_nothing(world, tmp_path):
    path = write_workbook(tmp_path / "annex.xlsx", [ON_LIST_8])
    annex_a(world, path)
    before = everything(world)
    again = annex_a(world, path, on=TODAY + timedelta(days=1))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert everything(world) == before | {"ImportBatch": 2}


def test_a_child_who_moved_to_another_team_by_the_list_moves(world, tmp_path):
    annex_a(world, write_workbook(tmp_path / "a.xlsx", [ON_LIST_8]))
    before = children(world)["77001"][0].team_id
    seen = {"Date of Latest Statutory Review": date(2025, 3, 4), "Allocated Team": SOUTH}
    report = annex_a(world, write_workbook(tmp_path / "b.xlsx", [ON_LIST_8 | seen]), on=TODAY + timedelta(days=1))
    assert report.changed == 1
    assert children(world)["77001"][0].team_id != before


def test_a_team_we_do_not_know_is_to_be_confirmed_and_not_invented(world, tmp_path):
    annex_a(world, write_workbook(tmp_path / "a.xlsx", [ON_LIST_8 | {"Allocated Team": "Nope"}]))
    case, child = children(world)["77001"]
    assert case.team_id is None
    assert "team" in child.unknown


def test_a_list_repairs_nothing_that_the_return_knows_better(world, files, tmp_path):
    """The return says since when with this carer; the list's date for the placement only says less."""
    take_in(world, files.a_return("77001,09/03/2024,S,C2,N1,U1,PR1,,,,,,", FOSTERED))
    listed = ON_LIST_8 | {
        "Date Started to be Looked After": date(2024, 3, 9),
        "Start Date of Most Recent Placement": date(2024, 12, 1),
        "Start date of current legal status": date(2024, 3, 9),
        "Date of Latest Statutory Review": date(2025, 4, 3),
    }
    annex_a(world, write_workbook(tmp_path / "a.xlsx", [listed]), on=TODAY + timedelta(days=1))
    _, child = children(world)["77001"]
    assert (child.placement_since, child.placement_exact) == (date(2024, 3, 9), True)
    assert child.permanence_plan == "SGO/CAO"


def test_the_last_visit_of_the_list_is_a_dated_fact_and_told_once(world, tmp_path):
    """Rules R-LAC-4: each later list adds the visit it tells of; an earlier day changes nothing."""
    visit = "Date of Last Social Work Visit"
    first, later = date(2025, 2, 3), date(2025, 3, 3)
    for number, on in enumerate((first, first, later, first)):
        path = write_workbook(tmp_path / f"{number}.xlsx", [ON_LIST_8 | {visit: on}], headings=(*LIST_8, visit))
        annex_a(world, path, on=TODAY + timedelta(days=number))
    with world.office.reading() as session:
        assert session.scalars(select(Visit.visited_on).order_by(Visit.visited_on)).all() == [first, later]
