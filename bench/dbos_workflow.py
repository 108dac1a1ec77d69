"""A three-step workflow in DBOS, timed: what durable execution costs there, with steps that do nothing.

`python bench/dbos_workflow.py ADDRESS TIMES` prints the seconds of each run as JSON. It is run as a file, so that it
may use a Python that has DBOS and nothing of ours.
"""

import json
import logging
import sys
import time

from dbos import DBOS


@DBOS.step()
def first(number: int) -> int:
    """Nothing, kept."""
    return number + 1


@DBOS.step()
def second(number: int) -> int:
    """Nothing, kept."""
    return number + 1


@DBOS.step()
def third(number: int) -> int:
    """Nothing, kept."""
    return number + 1


@DBOS.workflow()
def workflow(number: int) -> int:
    """One after the other."""
    return third(second(first(number)))


def main(address: str, times: int) -> None:
    """Time so many runs, after a few that warm up."""
    logging.disable(logging.ERROR)
    DBOS(config={"name": "bench", "system_database_url": address, "log_level": "ERROR", "run_admin_server": False})
    DBOS.launch()
    seconds = []
    for number in range(times + 10):
        start = time.perf_counter()
        assert workflow(number) == number + 3
        if number >= 10:
            seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds), flush=True)
    DBOS.destroy()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
