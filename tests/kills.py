"""Kill a writing process at random moments and count what was acknowledged and lost (reliability R2, T3).

`python -m tests.kills FOLDER KILLS SEED` prints JSON. It is a process of its own because it forks: a child
commits units as fast as it can and acknowledges each through a pipe; the parent kills it with -9.
"""

import json
import os
import random
import select as polling
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from persistence.engine import Database
from persistence.schema import migrate
from persistence.tables import Team, new_id


def commit_until_killed(url: str, first: int, acknowledgements: int) -> None:
    """Each unit writes two rows, so that a torn one would show."""
    database = Database.open(url)
    number = first
    while True:
        with database.writing() as session:
            session.add_all([Team(id=new_id(), name=f"{number} {half}") for half in ("a", "b")])
        os.write(acknowledgements, f"{number}\n".encode())
        number += 1


def kills(folder: Path, times: int, seed: int) -> dict[str, int]:
    """The figures of `times` kills."""
    url = f"sqlite:///{folder / 'sgo.db'}"
    migrate(url)
    chance = random.Random(seed)
    acknowledged: set[int] = set()
    lost = torn = 0
    for turn in range(times):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            commit_until_killed(url, turn * 1_000_000, write)
        os.close(write)
        polling.select([read], [], [], 60)  # the first acknowledgement: it is at work
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(read) as pipe:
            acknowledged |= {int(line) for line in pipe if line.endswith("\n")}
        kept = rows(url)
        lost += sum(kept.get(number, 0) != 2 for number in acknowledged)
        torn += sum(count != 2 for count in kept.values())
    return {"kills": times, "acknowledged": len(acknowledged), "lost": lost, "torn": torn}


def rows(url: str) -> dict[int, int]:
    """How many rows of each unit are there after a restart."""
    database = Database.open(url)
    with database.reading() as session:
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        unit = func.substr(Team.name, 1, func.instr(Team.name, " ") - 1)
        found = {
            int(number): count for number, count in session.execute(select(unit, func.count()).group_by(unit))
        }
    database.dispose()
    return found


if __name__ == "__main__":
    print(json.dumps(kills(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
