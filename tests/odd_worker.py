"""The worker with something wrong about it, as a process of its own: `python -m tests.odd_worker ODDITY`.

It runs `workflows.worker` unchanged but for one thing:
  lingers     the last step waits while the file `linger` is in the home folder, and says so in `lingering`
  hurried     it gives Prefect 3 s for a run instead of 30
  watchful    it looks every second whether a night was missed
  fails       the last step fails with words that must never leave the case database (`canary` in the home)
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from casework.following import follow_up
from workflows import worker


def lingers(step: Any, home: Path) -> Any:
    def lingering(office: Any, follow_up_id: str, *, now: Any) -> Any:
        counts = step(office, follow_up_id, now=now)
        if (home / "linger").exists():
            (home / "lingering").write_text(follow_up_id)
        while (home / "linger").exists():
            time.sleep(0.05)
        return counts

    return lingering


def fails(_step: Any, home: Path) -> Any:
    def failing(office: Any, follow_up_id: str, *, now: Any) -> Any:
        words = (home / "canary").read_text()
        try:
            raise KeyError(words)
        except KeyError as error:
            raise ValueError(f"for {words}") from error

    return failing


if __name__ == "__main__":
    home = Path(os.environ["SGO_HOME"])
    match sys.argv[1]:
        case "lingers":
            follow_up.make_documents = lingers(follow_up.make_documents, home)
        case "fails":
            follow_up.make_documents = fails(follow_up.make_documents, home)
        case "watchful":
            worker.NIGHT_SECONDS = 1.0
        case "hurried":
            worker.FLOW_LIMIT_SECONDS = 3.0
    sys.exit(worker.main())
