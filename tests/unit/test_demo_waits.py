"""The demo waits for its processes as long as they live, says which are ready, and what to do if they never are."""

import json
from pathlib import Path

import pytest

from casework.errors import Unusable
from demo.run import READY_SECONDS, _until_ready


class Slow:
    """A machine on which each look at the processes takes ten seconds; `states`: what stands there at each."""

    def __init__(self, home: Path, states: list[dict[str, str]], *, ends_at: float = 1e9) -> None:
        self.home, self.states, self.ends_at = home, states, ends_at
        self.now, self.said = 0.0, list[str]()

    def wait(self) -> list[str]:
        _until_ready(
            self.home,
            lambda: 1 if self.now >= self.ends_at else None,
            self.said.append,
            port=4200,
            clock=lambda: self.now,
            pause=self._pause,
        )
        return self.said

    def _pause(self, _seconds: float) -> None:
        self.now += 10
        found = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        parts = {name: {"state": state} for name, state in found.items()}
        (self.home / "status.json").write_text(json.dumps({"parts": parts}))


def test_a_slow_machine_is_waited_for_and_each_part_is_said_once(tmp_path: Path) -> None:
    starting = {"pages": "ready", "worker": "starting"}
    slow = Slow(tmp_path, [starting] * 15 + [{"pages": "ready", "worker": "ready"}])
    said = slow.wait()
    assert slow.now == 160  # longer than the minute and a half after which it gave up before
    assert [line for line in said if "is ready" in line] == ["  pages is ready (10 s)", "  worker is ready (160 s)"]
    assert any("still waiting for worker" in line for line in said)


def test_a_part_that_dies_and_is_started_again_is_said(tmp_path: Path) -> None:
    states = [{"pages": "starting"}, {"pages": "waiting"}, {"pages": "starting"}, {"pages": "ready"}]
    said = Slow(tmp_path, states).wait()
    assert any("pages has ended and is started again" in line and "pages.log" in line for line in said)


def test_what_never_becomes_ready_is_named_with_its_log_and_what_works_without_it(tmp_path: Path) -> None:
    slow = Slow(tmp_path, [{"pages": "ready", "prefect": "starting"}])
    with pytest.raises(Unusable) as refused:
        slow.wait()
    assert slow.now > READY_SECONDS
    words = str(refused.value)
    assert "prefect is not ready" in words
    assert str(tmp_path / "logs" / "prefect.log") in words
    assert "pages is not ready" not in words
    assert "sgo case list" in words


def test_processes_that_have_ended_are_not_waited_for(tmp_path: Path) -> None:
    slow = Slow(tmp_path, [{"pages": "starting"}], ends_at=20)
    with pytest.raises(Unusable, match="Is port 4200 in use"):
        slow.wait()
    assert slow.now == 20
