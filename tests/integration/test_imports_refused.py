"""Who may take a file in, for which children, and what becomes of a file that cannot be used (rules 11.1, R21)"""


import json
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from casework.errors import Refused
from casework.importing.import_report import FileRefused
from persistence.tables import (
    ImportBatch,
)
from tests.imported import (
    AT_HOME,
    EVERYBODY,
    FOSTERED,
    KIN,
    ON_LIST_8,
    SOUTH,
    TODAY,
    YEAR_END,
    annex_a,
    children,
    everything,
    take_in,
)
from tests.returns import write_workbook

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("who", ["sol.sw", "wren.chair", "tam.sgo", "amy.administrator", "ava.auditor"])
def test_only_a_data_manager_or_a_team_manager_may_import(world, files, who):
    before = everything(world)
    with pytest.raises(Refused, match="Only a data manager or a Team Manager"):
        take_in(world, files.a_return(KIN), who=who)
    assert everything(world) == before
    look = world.office.access_log.looked_at_by(world.ids[who])[-1]
    assert (look.what, look.outcome, look.rules) == ("act:import_ssda903", "refused", ("R-ELG-3",))


@pytest.mark.parametrize("who", ["rowan.tm", "hana.hos"])
def test_a_team_manager_and_a_more_senior_post_may_import(world, files, who):
    assert take_in(world, files.a_return(KIN), who=who).created == 1


def test_a_team_manager_takes_in_the_children_of_their_own_team_and_no_others(world, tmp_path):
    """R21 (rules 11.1): row by row; a child of no known team waits for somebody to say whose it is."""
    theirs = {"Child Unique ID": "77002", "Allocated Team": SOUTH}
    nobodys = {"Child Unique ID": "77003", "Allocated Team": "Nope"}
    book = write_workbook(tmp_path / "a.xlsx", [ON_LIST_8, ON_LIST_8 | theirs, ON_LIST_8 | nobodys])
    report = annex_a(world, book, who="rowan.tm")
    assert (report.created, report.kept_out) == (2, 1)
    assert children(world).keys() == {"77001", "77003"}
    (line,) = report.rejected
    assert (line.sheet, line.rule) == ("List 8", "R21")
    assert line.message.startswith(f"Not taken in: Only the Team Manager of {SOUTH}")
    again = annex_a(world, book, who="dean.data", on=TODAY + timedelta(days=1))
    assert (again.created, again.kept_out) == (1, 0)


def test_a_file_that_is_said_to_be_another_teams_is_refused_row_by_row(world, files):
    report = take_in(world, files.a_return(KIN, FOSTERED), team=SOUTH, who="rowan.tm")
    assert (report.created, report.kept_out) == (0, 2)
    assert report.rejected_by_rule == {"R21": 2}


def test_a_structural_fault_refuses_the_whole_file_with_every_fault(world, files):
    path = files.a_return(KIN)
    (path / "header.csv").unlink()
    (path / "notes.csv").write_text("A,B\n1,2\n", encoding="utf-8")
    before = everything(world)
    with pytest.raises(FileRefused) as refused:
        take_in(world, path)
    assert everything(world) == before
    assert [(line.file, line.rule) for line in refused.value.lines] == [("notes.csv", "FILE-TABLE")]
    assert refused.value.as_json()["refused"][0]["rule"] == "FILE-TABLE"


def test_bad_rows_are_left_out_and_named_and_the_good_ones_go_in(world, files):
    bad = "X1,99/99/2024,S,C2,N1,U1,PR1,,,,,,"
    report = take_in(world, files.a_return(KIN, bad))
    assert report.created == 1
    assert [(line.file, line.line, line.column, line.rule) for line in report.rejected] == [
        ("episodes.csv", 3, "DECOM", "141")
    ]
    assert report.rejected_by_rule == {"141": 1}


def test_an_import_that_is_interrupted_leaves_nothing(world, files):
    before = everything(world)

    def interrupt(what: str, done: int, of: int) -> None:
        if what == "opening cases":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(world, files.a_return(*EVERYBODY), on_progress=interrupt)
    assert everything(world) == before
    assert take_in(world, files.a_return(*EVERYBODY)).created == 3


def test_two_imports_at_the_same_moment_open_each_child_once(world, files):
    paths = [files.a_return(KIN, FOSTERED, AT_HOME) for _ in range(2)]
    start, reports = Barrier(2), []

    def one(path: Path) -> None:
        start.wait()
        reports.append(take_in(world, path))

    threads = [Thread(target=one, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((r.created, r.unchanged) for r in reports) == [(0, 3), (3, 0)]
    assert everything(world)["Case"] == 3


def test_the_report_has_the_keys_that_scripts_depend_on(world, files):
    report = take_in(world, files.a_return(KIN, "X1,99/99/2024,S,C2,N1,U1,PR1,,,,,,")).as_json()
    promised = {"rows", "children", "created", "changed", "unchanged", "rejected", "flagged"}
    also = {"cases", "candidates", "missing_from_file", "business_date", "flagged_by_rule", "rejected_by_rule"}
    assert promised | also <= report.keys()
    assert report["rejected"][0].keys() == {"file", "line", "column", "rule", "message"}
    assert json.loads(json.dumps(report)) == report


def test_the_batch_is_kept_with_its_numbers_and_the_hash_of_the_files(world, files):
    path = files.a_return(KIN)
    report = take_in(world, path)
    take_in(world, path, on=TODAY + timedelta(days=1))
    with world.office.reading() as session:
        first, second = session.scalars(select(ImportBatch).order_by(ImportBatch.imported_at)).all()
    assert (first.id, first.kind, first.business_date) == (report.batch, "ssda903", YEAR_END)
    assert (first.summary["created"], second.summary["created"]) == (1, 0)
    assert first.sha256 == second.sha256
    assert first.imported_by == world.ids["dean.data"]
