"""A household's form as a file: read whole, or refused with every fault, its line, its field and its reason."""

import json
from pathlib import Path

import pytest

from interchange.household import EXAMPLE, LARGEST, HouseholdRefused, read_household
from states.means_test.household import Household
from states.means_test.words import IncomeKind, OutgoingKind, Part, Per, Purpose
from states.vocabulary import Unmet

TEXT = EXAMPLE.read_text(encoding="utf-8")


def written(folder: Path, text: str | bytes, name: str = "household.toml") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def faults_of(folder: Path, text: str | bytes, name: str = "household.toml") -> list[tuple[int, str, str]]:
    with pytest.raises(HouseholdRefused) as refused:
        read_household(written(folder, text, name))
    return [(fault.line, fault.field, fault.reason) for fault in refused.value.faults]


def test_the_example_is_read_and_names_every_field_and_every_choice():
    asked = read_household(EXAMPLE).asked

    assert [child.name for child in asked.children] == ["Robin", "Wren"]
    assert str(asked.income[0].amount) == "3185.40"
    for seen in Household.fields():
        for field in (seen, *seen.rows):
            assert field.name in TEXT, field.name
    for choices in (IncomeKind, OutgoingKind, Part, Per, Purpose):
        assert [one.value for one in choices if one.value not in TEXT] == []


def test_json_with_the_same_names_is_read_alike(tmp_path):
    asked = read_household(EXAMPLE).asked

    again = read_household(written(tmp_path, json.dumps(asked.content(), indent=2), "household.json")).asked
    assert again == asked


def test_every_fault_is_said_with_its_line_and_field(tmp_path):
    text = TEXT.replace("amount = 600\n", "amount = -600\n").replace('per = "year"\n', 'per = "fortnight"\n', 1)
    text = text.replace("born = 2020-11-02", "born = soon").replace('purpose = "illustration"', 'porpoise = "x"')
    text = text.replace("born = soon", 'born = "soon"').replace("amount = 22.50", "amount = 22.505")

    faults = faults_of(tmp_path, text)
    lines = text.splitlines()
    said = {field: (lines[line - 1], reason) for line, field, reason in faults}
    assert len(faults) == 6
    assert said["income.2.amount"][0] == "amount = -600"
    assert "more than nothing" in said["income.2.amount"][1]
    assert said["income.2.per"][0].startswith("per = ")
    assert said["children.2.born"][0].startswith("born = ")
    assert "two decimals" in said["outgoings.3.amount"][1]
    assert said["porpoise"][0].startswith("porpoise = ")
    assert "is missing" in said["purpose"][1]


def test_a_fault_in_json_is_said_with_its_line(tmp_path):
    form = {"on": "2025-09-01", "purpose": "decision", "children": [], "household": [{"part": "aunt"}]}
    text = json.dumps(form, indent=1)

    faults = {field: line for line, field, _ in faults_of(tmp_path, text, "x.json")}
    lines = text.splitlines()
    assert lines[faults["household.1.part"] - 1].strip() == '"part": "aunt"'
    assert lines[faults["children"] - 1].strip().startswith('"children"')
    assert "household.1.born" in faults


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (b"\xff\xfeo\x00n\x00", "x.toml", "UTF-8"),
        (b"x" * (LARGEST + 1), "x.toml", "far larger"),
        ("on = ", "x.toml", "cannot be read as TOML"),
        ("[" * 100_000, "x.toml", "cannot be read as TOML"),
        ('{"on": }', "x.json", "is not JSON: line 1"),
        ('{"on": 1, "on": 2}', "x.json", "twice"),
        ("[" * 100_000, "x.json", "JSON"),
        ('{"income": [{"amount": NaN}]}', "x.json", "NaN"),
        ("no braces", "x.json", "not JSON"),
    ],
)
def test_a_file_that_is_no_form_is_refused_as_a_whole(tmp_path, text, name, reason):
    [(line, _, said)] = faults_of(tmp_path, text, name)

    assert line == 1
    assert reason in said


def test_an_amount_is_read_as_people_write_it_and_nothing_else_is(tmp_path):
    for given in ("1200", "1200.5", '"1,200.50"', '"£1200"'):
        read_household(written(tmp_path, TEXT.replace("amount = 3185.40", f"amount = {given}")))
    for given in ("-5", "1.005", '"abc"', "nan", "inf", "true", "1e30", '""', "[]"):
        [(line, field, reason)] = faults_of(tmp_path, TEXT.replace("amount = 3185.40", f"amount = {given}"))
        assert field == "income.1.amount", given
        assert TEXT.splitlines()[line - 1] == "amount = 3185.40"
        assert reason


def test_what_the_calculation_refuses_is_said_in_its_place_too(tmp_path):
    given = read_household(written(tmp_path, TEXT))
    [fault] = given.refused([Unmet("R-MT-6", "Linden is not born.", "household.2.born")]).faults

    assert TEXT.splitlines()[fault.line - 1] == "born = 2014-07-30"
    assert str(fault) == f"household.toml:{fault.line}:{fault.column} household.3.born: Linden is not born. (R-MT-6)"
