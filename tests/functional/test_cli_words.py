"""What a newcomer meets at the command line: the right name of a step, another try, a word when stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from casework import units
from casework.acting.commands import Result
from casework.errors import Busy
from casework.following import leases
from cli import feeds, step_sheet
from cli.output import Page
from states.plain_text import as_written
from tests.commands import Sgo
from tests.returns import write_return
from tests.world import World
from workflows import process, serve

EPISODES = ["101,01/04/2020,S,C2,N1,U1,PR1,,,,,,", "102,01/04/2021,S,C2,N1,U1,PR1,,,,,,"]


def test_an_import_says_how_far_it_is_and_when_stopped_that_nothing_was_kept(
    sgo: Sgo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(write_return(tmp_path / "return", Episodes=EPISODES))

    def stopped() -> Any:
        def say(what: str, *_numbers: int) -> None:
            if what == "opening cases":  # Ctrl-C in the middle of it
                raise KeyboardInterrupt

        return say

    with monkeypatch.context() as patch:
        patch.setattr(feeds, "_progress", stopped)
        ended = sgo("import", "ssda903", folder, person="dean.data", status=130)
    assert ended.err.splitlines()[-1] == "Stopped; nothing was imported."
    assert sgo("case", "list", "--json", person="dean.data").json == []

    done = sgo("import", "ssda903", folder, "--json", person="dean.data")
    assert done.json["created"] == 2
    assert "opening cases: 2 of 2" in done.err


def test_the_scheduler_and_what_starts_wait_for_a_busy_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    monkeypatch.setattr(process, "BUSY_PAUSE_SECONDS", 0.0)

    def busy_twice(what: str, then: Any) -> Any:
        def asked(*args: Any, **kwargs: Any) -> Any:
            tries.append(what)
            if tries.count(what) <= 2:
                raise Busy("The database is busy with other work.")
            return then(*args, **kwargs)

        return asked

    stop = threading.Event()
    monkeypatch.setattr(units, "open_office", busy_twice("open", units.open_office))
    office = process.office_when_free(world.office.settings, stop)
    assert office is not None
    assert tries == ["open"] * 3
    with office:
        monkeypatch.setattr(leases, "take", busy_twice("take", leases.take))
        scheduler = serve.Scheduler(world.office.settings, office, stop=stop, owner="here:1:now")
        assert [scheduler._have_the_name() for _ in range(3)] == [False, False, True]
    stop.set()
    assert process.office_when_free(world.office.settings, stop) is None


def test_the_runs_are_planned_anew_however_prefect_went_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is in the same process and goes on (design 2)."""
    stop, ready, began = threading.Event(), threading.Event(), []
    ends = [serve.Unplanned("Prefect went away."), ConnectionError("lost"), SystemExit(1)]

    class Scheduler:
        def __init__(self, *_: Any, **given: Any) -> None:
            self.ready = given["ready"]

        async def run(self) -> None:
            began.append(1)
            if ends:
                raise ends.pop()
            self.ready()
            stop.set()

    monkeypatch.setattr(process, "START_AGAIN", (0.0,))
    monkeypatch.setattr(serve, "Scheduler", Scheduler)

    serve.keep_planned(world.office.settings, world.office, stop=stop, owner="here:1:now", ready=ready.set)

    assert len(began) == 4
    assert ready.is_set()


def test_a_step_is_called_by_where_it_led(capsys: pytest.CaptureFixture[str]) -> None:
    done = Result(
        ref="FR-7K4QM2XD",
        trigger="submit_request",
        from_state="PREPARING",
        to_state="WITH_HEAD_OF_SERVICE",
        event="1",
        version=2,
    )
    step_sheet.result(Page(), done)
    assert "Submit: with the Head of Service" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sg-d2e0byhv", "SG-D2E0BYHV"),
        ("Fr-7k4qm2xd", "FR-7K4QM2XD"),
        ("meeting=mt-7k4qm2xd", "meeting=MT-7K4QM2XD"),
        ("sg-d2e0byhv:D-05", "SG-D2E0BYHV:D-05"),
        ("reason=sg-d2e0byhv is her brother", "reason=sg-d2e0byhv is her brother"),  # words stay as they are typed
        ("--as", "--as"),
    ],
)
def test_a_reference_is_known_however_it_is_typed(typed: str, meant: str) -> None:
    assert as_written(typed) == meant


def test_a_reference_of_the_other_kind_is_pointed_to_its_own_command(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    assert sgo("case", "show", ref.lower(), "--json", person="sol.sw").json["ref"] == ref
    assert f"sgo case show {ref}" in sgo("funding", "show", ref, person="sol.sw", status=3).err
    assert "sgo funding show FR-7K4QM2XD" in sgo("case", "show", "FR-7K4QM2XD", person="sol.sw", status=3).err


def test_cover_that_lends_a_higher_rank_is_said_in_plain_words(sgo: Sgo) -> None:
    def cover(absent: str, covering: str) -> str:
        words = ["--from", "2025-01-06", "--until", "2025-01-10", "--reason", "leave"]
        return sgo("cover", "add", absent, covering, *words, person=absent).err

    said = cover("hana.hos", "sol.sw")
    assert "can read and decide everything that hana.hos can as Head of Service" in " ".join(said.split())
    assert "sgo cover end" in said
    assert cover("rowan.tm", "imara.tm") == ""


def test_one_stage_of_the_pathway_is_shown_alone(sgo: Sgo) -> None:
    whole, one = sgo("pathway").out, sgo("pathway", "--stage", "in_court").out
    assert "court_refuses" in one
    assert len(one.splitlines()) < len(whole.splitlines()) / 4
    assert "There is no state" in sgo("pathway", "--stage", "NOWHERE", status=2).err
