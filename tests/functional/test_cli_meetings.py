"""Meetings by command line: calendar, agenda, cancelled and put back, pack, minutes (practice PT-4, PT-15)."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from tests.commands import Sgo, in_world
from tests.county import ChildAt
from tests.world import World

#: The child of `child_at("REVIEW_GROUP")` is on the agenda of Thursday 23 January 2025.
JANUARY = date(2025, 1, 23)


@pytest.fixture
def at_the_group(child_at: ChildAt) -> tuple[Sgo, World, str]:
    world, ref = child_at("REVIEW_GROUP")
    sgo = in_world(world, day=date(2025, 1, 14))
    sgo.person = "ash.admin"
    return sgo, world, ref


def test_a_calendar_is_previewed_planned_and_listed(at_the_group: tuple[Sgo, World, str]) -> None:
    sgo, _, _ = at_the_group
    spring = ("--from", "2025-03-01", "--until", "2025-05-31", "--chair", "wren.chair", "--at", "10:00")

    preview = sgo("meeting", "calendar", *spring, "--preview", "--json").json
    assert [(one["held_on"], one["ref"]) for one in preview["days"]] == [
        ("2025-03-13", None),
        ("2025-04-10", None),
        ("2025-05-08", None),
    ]
    assert "a preview" in sgo("meeting", "calendar", *spring, "--preview").out
    planned = sgo("meeting", "calendar", *spring, "--json").json
    assert planned["rule"] == "2nd Thursday of the month"
    shown = sgo("meeting", "list", "--since", "2025-03-01", "--json").json
    assert [one["ref"] for one in shown] == [one["ref"] for one in planned["days"]]
    assert "2nd Thursday" in sgo("meeting", "calendar", "--every", "monthly", "--json", status=2).err


def test_a_meeting_is_cancelled_with_a_preview_and_put_back(at_the_group: tuple[Sgo, World, str]) -> None:
    sgo, _, ref = at_the_group
    [january] = sgo("meeting", "list", "--json").json
    sgo("meeting", "plan", "--on", "2025-02-13", "--chair", "wren.chair")
    cancel = ("meeting", "cancel", january["ref"], "--reason", "The building is closed.")

    preview = sgo(*cancel, "--preview").out
    assert "16 Jan 2025 → 6 Feb 2025" in preview
    assert "fern.fostering" in preview
    assert "Nothing has been changed" in preview
    assert sgo("meeting", "show", january["ref"], "--json").json["status"] == "planned"

    done = sgo(*cancel, "--json").json
    assert done["children"][0] == {
        "ref": ref,
        "business": "to be heard",
        "papers_were_due": "2025-01-16",
        "papers_due": "2025-02-06",
        "return_was": None,
        "return_on": None,
    }
    listed = {one["held_on"]: one["status"] for one in sgo("case", "show", ref, "--json").json["meetings"]}
    assert listed == {"2025-01-23": "missed: meeting cancelled", "2025-02-13": "listed"}
    assert "The building is closed." in sgo("meeting", "show", january["ref"]).out

    sgo("meeting", "put-back", january["ref"], "--reason", "It is open after all.")
    listed = {one["held_on"]: one["status"] for one in sgo("case", "show", ref, "--json").json["meetings"]}
    assert listed == {"2025-01-23": "listed", "2025-02-13": "put back"}
    assert "PT-15" in sgo(*cancel, "--json", status=3, person="rowan.tm").rules


def test_a_meeting_is_moved_to_another_day(at_the_group: tuple[Sgo, World, str]) -> None:
    sgo, _, ref = at_the_group
    [january] = sgo("meeting", "list", "--json").json

    moved = sgo("meeting", "move", january["ref"], "--to", "2025-01-30", "--reason", "The chair is ill.", "--json").json

    assert (moved["became"], moved["instead_on"], moved["papers_due_on"]) == ("moved", "2025-01-30", "2025-01-23")
    assert sgo("meeting", "next", ref, "--json").json[0]["held_on"] == "2025-01-30"
    assert "On the agenda of 30 January 2025." in sgo("case", "show", ref).out


def test_a_pack_is_a_file_that_only_its_reader_can_open(at_the_group: tuple[Sgo, World, str], tmp_path: Path) -> None:
    sgo, _, ref = at_the_group
    [january] = sgo("meeting", "list", "--json").json
    file = tmp_path / "pack.html"

    made = sgo("meeting", "pack", january["ref"], "--out", str(file), "--json").json

    assert made == {"meeting": january["ref"], "file": str(file), "children": [ref]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ref in file.read_text(encoding="utf-8")
    assert "PT-4" in sgo("meeting", "pack", january["ref"], "--json", status=3, person="sol.sw").rules
    assert "cannot be written" in sgo("meeting", "pack", january["ref"], "--out", "/nowhere/pack.html", status=2).err


def test_what_goes_out_before_a_meeting_and_what_comes_out_of_it(at_the_group: tuple[Sgo, World, str]) -> None:
    sgo, world, ref = at_the_group
    [january] = sgo("meeting", "list", "--json").json
    sgo.day = date(2025, 1, 17)
    assert sgo("meeting", "send-out", "--json").json == {"agendas": 1}
    assert "Nothing is due" in sgo("meeting", "send-out").out
    assert "17 Jan 2025" in sgo("meeting", "show", january["ref"]).out

    sgo.day = JANUARY
    world.hold_group(ref, january["ref"], JANUARY)
    world.do("group_defers", JANUARY, "wren.chair", ref=ref, return_on="2025-02-20")
    said = sgo("meeting", "minutes", january["ref"]).out
    assert f"{ref}: Return to group later" in said
    assert "Back on 20 Feb 2025" in said
    assert "Fern Norwood for Fostering (present)" in said
    done = sgo("meeting", "distribute", january["ref"], "--reference", "M7", "--to", "workers, IRO", "--json").json
    assert done == [{"ref": ref, "done": True, "why_not": None}]
    assert "Distributed." in sgo("meeting", "minutes", january["ref"]).out
