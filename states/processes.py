"""The processes there are: a child's pathway, and the request for money beside it (design 4).

What is true of both, their clocks and their steps' words, is asked here.
"""

from __future__ import annotations

from states.funding import FUNDING
from states.pathway import PATHWAY
from states.vocabulary import Process, Transition

#: Every process by the name its rows are stored under.
PROCESSES: dict[str, Process] = {process.name: process for process in (PATHWAY, FUNDING)}
#: The rows of all of them, the pathway's first.
ALL_ROWS: tuple[Transition, ...] = tuple(row for process in PROCESSES.values() for row in process.rows)


def is_request(process: str) -> bool:
    """Whether what is stored under this process is a funding request, not a child."""
    return process == FUNDING.name
