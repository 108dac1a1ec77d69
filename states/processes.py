"""The processes there are: a child's pathway, and the request for money beside it (design 4).

What is true of both, their clocks and their steps' words, is asked here.
"""

from __future__ import annotations

from states.funding import FUNDING
from states.pathway import PATHWAY
from states.rows import NEW_CASE
from states.vocabulary import Process, State, Transition

#: Every process by the name its rows are stored under.
PROCESSES: dict[str, Process] = {process.name: process for process in (PATHWAY, FUNDING)}
#: The rows of all of them, the pathway's first.
ALL_ROWS: tuple[Transition, ...] = tuple(row for process in PROCESSES.values() for row in process.rows)


def is_request(process: str) -> bool:
    """Whether what is stored under this process is a funding request, not a child."""
    return process == FUNDING.name


def names_a_request(ref: str) -> bool:
    """Whether a reference is a funding request's by its letters; it may be nobody's all the same."""
    return ref.startswith(f"{FUNDING.letters}-")


def rows_of(process: str, trigger: str) -> tuple[Transition, ...]:
    """The rows of a trigger by which a case of a process goes on from somewhere; none: there is no such step."""
    return tuple(row for row in PROCESSES[process].rows if row.trigger == trigger and row.source != NEW_CASE)


def opened_beside(process: str, trigger: str) -> tuple[Transition, ...]:
    """The rows of a trigger by which a case of this process gets another beside it: a child a funding request."""
    if process != PATHWAY.name:
        return ()
    return tuple(row for row in FUNDING.rows if row.trigger == trigger and row.source == NEW_CASE)


_STATES: dict[str, State] = {state.name: state for process in PROCESSES.values() for state in process.states}


def state_named(name: str) -> State:
    """A state by the name it is stored under; no name stands in two processes. Raises KeyError."""
    return _STATES[name]


def rows_for(trigger: str, state: State | None) -> tuple[Transition, ...]:
    """The rows of a trigger that start from a state, of whichever process the state belongs to."""
    return tuple(row for row in _BY_TRIGGER.get(trigger, ()) if state in row.source)


def words_of_move(trigger: str, from_state: str | None, to_state: str) -> str:
    """What people call a step that led from one state to another: of several rows the one that leads there."""
    state = _STATES.get(from_state or "")
    rows = (row for row in _BY_TRIGGER.get(trigger, ()) if state in row.source)
    return next((row.words for row in rows if getattr(row.to, "name", None) == to_state), words_of(trigger))


_BY_TRIGGER: dict[str, tuple[Transition, ...]] = {
    trigger: tuple(row for row in ALL_ROWS if row.trigger == trigger)
    for trigger in dict.fromkeys(row.trigger for row in ALL_ROWS)
}


def words_of(trigger: str) -> str:
    """What people call a step, of whichever process."""
    return next((row.words for row in _BY_TRIGGER.get(trigger, ())), trigger)
