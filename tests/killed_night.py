"""Check a night and be killed with -9 after so many chunks.

`python -m tests.killed_night URL HOME DATE NOW CHUNKS`

Nothing is said to anybody: the lease, the row of the night and the line in the ledger stay as they were in that
moment (reliability R16).
"""

import os
import signal
import sys
from datetime import date, datetime
from pathlib import Path

from casework.overnight import night
from casework.overnight.night_check import Check
from casework.settings import Settings
from casework.units import Office
from persistence.engine import Database


def kill_after(chunks: int) -> None:
    """Be killed before the next chunk is begun."""
    whole, done = Check._chunk, [0]

    def chunk(self, ids):
        if done[0] == chunks:
            os.kill(os.getpid(), signal.SIGKILL)
        done[0] += 1
        return whole(self, ids)

    Check._chunk = chunk


if __name__ == "__main__":
    url, home, day, now, chunks = sys.argv[1:]
    kill_after(int(chunks))
    office = Office(Settings(home=Path(home), database_url=url), Database.open(url))
    night.run_night(
        office,
        business_date=date.fromisoformat(day),
        replay=False,
        now=datetime.fromisoformat(now),
        chunk=1,
    )
