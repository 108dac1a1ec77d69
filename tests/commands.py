"""The `sgo` command for tests: run in this process as a person on a day, its answer and exit status kept."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.world import World, noon

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as JSON: exactly one value on standard output."""
        return json.loads(self.out)

    @property
    def rules(self) -> set[str]:
        """The rules a refusal names."""
        assert self.status == 3, (self.status, self.out, self.err)
        return {reason["rule"] for reason in self.json["refused"]}


@dataclass
class Sgo:
    """`sgo(…)` runs a command. It is some day, and somebody is at the keyboard, until that changes."""

    environment: dict[str, str]
    day: date
    person: str | None = None

    def __call__(self, *words: str, status: int | None = 0, person: str | None = None, stdin: str = "") -> Answer:
        """Run `sgo` with these words; the exit status must be `status` (None: whatever it is)."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._environment(person).items():
                patch.setenv(name, value)
            patch.setattr("sys.stdin", io.StringIO(stdin))
            with redirect_stdout(out), redirect_stderr(err):
                ended = main(list(words))
        answer = Answer(ended, out.getvalue(), err.getvalue())
        right = status is None or answer.status == status
        assert right, f"sgo {' '.join(words)}: {answer.status}\n{answer.out}{answer.err}"
        return answer

    def process(self, *words: str, status: int = 0, person: str | None = None, stdin: str = "") -> Answer:
        """The same in a process of its own, as a script runs it."""
        ended = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env={**os.environ, **self._environment(person)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        answer = Answer(ended.returncode, ended.stdout, ended.stderr)
        assert answer.status == status, f"sgo {' '.join(words)}: {answer.status}\n{answer.out}{answer.err}"
        return answer

    def _environment(self, person: str | None) -> dict[str, str]:
        who = person or self.person
        return {
            **self.environment,
            "SGO_TESTING": "1",
            "SGO_NOW": noon(self.day).isoformat(),
            **({"SGO_PERSON": who} if who else {}),
        }


def in_world(world: World, *, day: date) -> Sgo:
    """The command line of a small county."""
    settings = world.office.settings
    return Sgo({"SGO_HOME": str(settings.home), "DATABASE_URL": settings.database_url}, day)
