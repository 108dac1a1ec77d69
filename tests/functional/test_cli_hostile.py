"""What a hostile or hurried newcomer types: every refusal is in plain words, and nothing is written."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.commands import Answer, Sgo
from tests.world import START, World

SOUTH = "Children in Care South"


def _refusals(answer: Answer) -> list[str]:
    return [one["reason"] for one in answer.json["refused"]]


# -- whose team it is -------------------------------------------------------------------------------------


def test_a_case_is_opened_for_a_team_only_by_whose_powers_reach_it(sgo: Sgo, world: World) -> None:
    # rules 11.1: a Team Manager's children are their team's; a Head of Service's are everyone's.
    for person, number, status in (("rowan.tm", "1", 3), ("imara.tm", "2", 0), ("hana.hos", "3", 0)):
        said = sgo("case", "open", "--council-id", number, "--team", SOUTH, "--json", person=person, status=status)
        if status:
            assert said.rules == {"R21"}
            assert _refusals(said) == [
                f"Only the Team Manager of {SOUTH}, or somebody who works with all teams, opens a case there."
            ]


def test_a_case_joined_at_a_later_stage_is_within_the_same_reach(sgo: Sgo, world: World) -> None:
    words = ("case", "open", "--council-id", "9", "--team", SOUTH, "--stage", "NOT_PROGRESSING", "--evidence", "Minute")
    more = ("no_return_reason=Settled",)
    assert sgo(*words, *more, "--json", person="rowan.tm", status=3).rules == {"R21"}


# -- the clock --------------------------------------------------------------------------------------------


def test_a_clock_that_went_back_behind_the_last_entry_is_refused_and_reported(sgo: Sgo, world: World) -> None:
    """(reliability C41)"""
    # reliability R30: what is recorded never carries an earlier day than what was recorded before it.
    ref = world.open_child()
    version = sgo("case", "show", ref, "--json", person="rowan.tm").json["version"]
    sgo.day = START - timedelta(days=2)
    said = sgo("trigger", ref, "set_latest_position", "position=x", "next_step=y", "who=z",
               f"by_when={START}", person="rowan.tm", status=2).err  # fmt: skip
    assert f"clock says {sgo.day}" in said
    assert f"recorded on {START}" in said
    assert "clock" in [one["what"] for one in sgo("health", "--json", status=1).json["problems"]]
    sgo.day = START
    assert sgo("case", "show", ref, "--json", person="rowan.tm").json["version"] == version


# -- text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u202e"], ids=["NUL", "escape", "bidi"])
def test_no_text_of_a_record_holds_signs_that_break_or_deceive(sgo: Sgo, world: World, sign: str) -> None:
    ref = world.open_child()
    record = {"position": f"Se{sign}ttled", "next_step": "x", "who": f"So{sign}l", "by_when": "2025-02-01"}
    said = sgo("trigger", ref, "set_latest_position", "--record", "-", "--json", "--key", f"k{ord(sign)}",
               person="rowan.tm", status=3, stdin=json.dumps(record))  # fmt: skip
    assert {one["field"] for one in said.json["refused"]} == {"position", "who"}
    assert all("as character 3" in reason for reason in _refusals(said))


def test_half_a_character_is_refused_wherever_it_stands(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    words = ("trigger", ref, "rate", "--key", "k1")
    for more, stdin in ((("--record", "-"), '{"reason": "Se\\ud800ttled"}'), (("reason=a\udcff",), "")):
        said = sgo(*words, *more, person="rowan.tm", status=2, stdin=stdin).err
        assert "half a character" in said


def test_the_texts_beside_a_record_are_looked_at_too(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    for option in ("--evidence", "--late-reason"):
        said = sgo("trigger", ref, "rate", option, "a\u202eb", "--json", person="rowan.tm", status=3)
        assert ["turns the direction" in reason for reason in _refusals(said)] == [True]


@pytest.mark.parametrize("name", ["Line\nbreak", "Esc\x1b[31m", "Over\u202eride", "x" * 121, "   "])
def test_names_are_one_plain_line_of_a_sensible_length(sgo: Sgo, world: World, name: str) -> None:
    for words in (
        ("person", "add", "new.person", "--name", name),
        ("team", "add", name),
        ("cover", "add", "sol.sw", "rowan.tm", "--from", "2025-02-01", "--until", "2025-02-02", "--reason", name * 2),
        ("meeting", "plan", "Review Group", "2025-02-03", "--place", name * 2),
    ):
        person = "ash.admin" if words[0] == "meeting" else "amy.administrator"
        said = sgo(*words, person=person, status=2).err
        assert "should not have" not in said
        assert said.strip()
    assert "new.person" not in sgo("person", "list").out


def test_a_contact_is_named_in_one_plain_line(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    people = [{"name": "Ada\nBcc: all", "kind": "parent", "protected": False}]
    record = json.dumps({"people": people, "reason": "New"})
    said = sgo("trigger", ref, "change_applicants", "--record", "-", "--json", person="sol.sw", status=3, stdin=record)
    assert _refusals(said) == ["'People', row 1, 'Name' goes on in a second line after 3 characters: write it in one."]


# -- codes ------------------------------------------------------------------------------------------------


def test_codes_of_the_return_are_checked_when_they_are_typed(sgo: Sgo, world: World) -> None:
    said = sgo("case", "open", "--council-id", "5", "--legal-status", "c2", "--placement", "U9", "--json",
               person="rowan.tm", status=3)  # fmt: skip
    wrong = {one["field"]: one["reason"] for one in said.json["refused"]}
    assert "Did you mean C2 (full care order)" in wrong["legal_status"]
    assert "U4 (foster placement, long term)" in wrong["placement_code"]
    ref = world.open_child()
    for trigger, more in (("update_child", ("source=typed",)), ("record_placement_change", ("how=ended: new carers",))):
        said = sgo("trigger", ref, trigger, "placement_code=foster placement, long term", *more, "reason=x", "--json",
                   person="rowan.tm", status=3)  # fmt: skip
        if trigger == "record_placement_change":
            assert any("U4 (foster placement, long term)" in reason for reason in _refusals(said))


# -- days -------------------------------------------------------------------------------------------------


def test_the_next_step_is_not_due_before_the_position_it_follows(sgo: Sgo, world: World) -> None:
    # practice PR-3: a day that is past by now is true history only where the position is as old.
    ref = world.open_child()
    sgo.day = START + timedelta(days=30)
    words = ("trigger", ref, "set_latest_position", "position=x", "next_step=y", "who=z")
    words += ("by_when=2025-01-20", "--json")
    assert sgo(*words, person="rowan.tm", status=3).rules == {"PR-3"}
    assert sgo(*words, "--on", "2025-01-10", person="rowan.tm").json["trigger"] == "set_latest_position"


def test_looking_at_days_to_come_or_before_the_case_is_answered_in_plain_words(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    for option in ("--as-at", "--known-at"):
        said = sgo("case", "show", ref, option, "2099-01-01", person="rowan.tm", status=2).err
        asked = option.lstrip("-").replace("-", " ").capitalize()
        words = f"that day is still to come: today is {START}. Name a day that has been."
        assert said.strip() == f"{asked} 2099-01-01: {words}"
        said = sgo("case", "show", ref, option, "1990-01-01", person="rowan.tm", status=2).err
        assert f"on 1990-01-01: it {'begins' if option == '--as-at' else 'was entered'} on {START}" in said


# -- who may ----------------------------------------------------------------------------------------------


def test_whoever_may_not_take_a_step_learns_who_may_and_nothing_else(sgo: Sgo, world: World) -> None:
    # rules 0.3: the wrong person is not asked for the fields of a form that is not theirs.
    ref = world.open_child()
    said = sgo("trigger", ref, "rate", "--json", person="sol.sw", status=3)
    (reason,) = _refusals(said)
    assert reason.startswith("Only Team Manager")
    assert len(_refusals(sgo("trigger", ref, "rate", "--json", person="rowan.tm", status=3))) > 1


# -- JSON -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"colour": "GREEN", "colour": "RED"}', "gives 'colour' twice: which one is meant?"),
        ('{"a": [{"b": 1, "b": 2}]}', "gives 'b' twice: which one is meant?"),
        ('{\n  "colour": GREEN\n}', "is not JSON: line 2, column 13, a value is missing"),
        ('{"many": NaN}', "holds NaN, which is no value"),
        ('["colour"]', "must hold a JSON object"),
        ("", "is not JSON: line 1, column 1, a value is missing"),
    ],
)
def test_a_record_that_cannot_be_read_is_said_with_its_place(sgo: Sgo, world: World, text: str, words: str) -> None:
    ref = world.open_child()
    assert words in sgo("trigger", ref, "rate", "--record", "-", person="rowan.tm", status=2, stdin=text).err


def test_no_day_is_changed_by_what_was_refused(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    before = sgo("case", "show", ref, "--json", person="rowan.tm").json
    sgo("trigger", ref, "rate", "colour=\x1b", person="rowan.tm", status=3)
    sgo("trigger", ref, "set_latest_position", "who=\x1b", person="rowan.tm", status=3)
    assert sgo("case", "show", ref, "--json", person="rowan.tm").json == before
    assert date.fromisoformat(before["since"]) == START
