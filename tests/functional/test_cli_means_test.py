"""`sgo means-test`: a file in, every step out; the carer's sheet; refusals with their place. No database needed."""

import json
from datetime import date
from pathlib import Path

import pytest

from interchange.household import EXAMPLE
from tests.commands import Sgo

POLICY = Path(__file__).parents[2] / "policies" / "leicestershire.toml"
WITH = ("--policy", str(POLICY))


@pytest.fixture
def sgo(tmp_path) -> Sgo:
    return Sgo(environment={"SGO_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}, day=date(2025, 9, 1))


def test_every_step_is_answered_in_words_and_as_data(sgo):
    page = sgo("means-test", str(EXAMPLE), *WITH).out
    data = sgo("means-test", str(EXAMPLE), *WITH, "--json").json

    assert "ILLUSTRATION: it decides nothing" in page
    assert "STAND-IN: " in page
    assert "means_test.income_share_kept = 0.8 [NSG·v]" in page
    assert [child["weekly"] for child in data["children"]] == ["152.86", "134.86"]
    assert data["purpose"] == "illustration"
    assert data["mark"] in page
    assert [step["letter"] for step in data["steps"]] == ["A", "B", "C", "D", "F"]
    assert all(step["rule"].startswith("R-MT-") for step in data["steps"])
    assert "," not in json.dumps(data["steps"][0]["weekly"]), "unrounded, as text"


def test_the_carers_sheet_is_written_for_oneself_and_holds_the_same_figures(sgo, tmp_path):
    sheet = tmp_path / "sheet.html"
    sgo("means-test", str(EXAMPLE), *WITH, "--sheet", str(sheet))
    text = sheet.read_text(encoding="utf-8")

    assert sheet.stat().st_mode & 0o077 == 0
    for words in ("Illustration only", "£152.86 a week", "£134.86", "Some rates are stand-ins", "Linden"):
        assert words in text
    assert "<script" not in text


def test_names_cannot_write_into_the_sheet(sgo, tmp_path):
    hostile, sheet = tmp_path / "h.toml", tmp_path / "sheet.html"
    hostile.write_text(EXAMPLE.read_text(encoding="utf-8").replace('"Robin"', '"<b>{{ 7*7 }}</b>"'), encoding="utf-8")
    sgo("means-test", str(hostile), *WITH, "--sheet", str(sheet))

    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;" in sheet.read_text(encoding="utf-8")


def test_a_wrong_file_is_refused_with_every_fault_and_nothing_is_worked_out(sgo, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace("amount = 780", "amount = -780").replace('"carer"', '"aunt"'),
        encoding="utf-8",
    )
    answer = sgo("means-test", str(wrong), *WITH, "--json", status=3)

    assert {fault["field"] for fault in answer.json["refused"]} == {"outgoings.1.amount", "household.1.part"}
    assert all(fault["line"] > 1 and fault["reason"] for fault in answer.json["refused"])
    said = sgo("means-test", str(wrong), *WITH, status=3)
    assert "wrong.toml:" in said.err
    assert said.out == ""


def test_a_household_that_cannot_be_is_refused_in_its_place(sgo, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(EXAMPLE.read_text(encoding="utf-8").replace("born = 2017-03-14", "born = 2027-03-14"), "utf-8")

    [fault] = sgo("means-test", str(wrong), *WITH, "--json", status=3).json["refused"]
    assert (fault["field"], fault["rule"]) == ("children.1.born", "R-MT-1")


def test_the_example_is_printed_and_other_usage_is_explained(sgo, tmp_path):
    assert sgo("means-test", "--example").out == EXAMPLE.read_text(encoding="utf-8")
    assert "--example" in sgo("means-test", status=2).err
    assert "cannot be read" in sgo("means-test", str(tmp_path / "none.toml"), *WITH, status=2).err
