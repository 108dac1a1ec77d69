"""A row of a process in words: who, from where, on what conditions, by when, and who is told.

The table, the JSON and the pages all take their words from here, so that they say the same.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from states.policy import Policy
from states.records.base import FieldSeen, Record
from states.vocabulary import (
    RANKS,
    Anywhere,
    Choice,
    Count,
    Delivery,
    Due,
    Guard,
    Notice,
    Process,
    Role,
    State,
    Transition,
    Unit,
)

_CITED_AT_THE_END = re.compile(r"\s*\((?P<cited>[^()]*\d[^()]*)\)(?P<stop>\.?)$")
IN_THE_DIGEST = "daily digest"
ANY_STAGE = 4  # so few stages may be missing from "any stage but ..."


def first_line(function: Callable[..., Any]) -> str:
    """The first line of a function's docstring without the rules it cites; empty where there is none."""
    said = (inspect.getdoc(function) or "").split("\n", 1)[0]
    return _CITED_AT_THE_END.sub(r"\g<stop>", said)


def cited(function: Callable[..., Any]) -> str:
    """The rules that the first line of a docstring cites, as it cites them."""
    found = _CITED_AT_THE_END.search((inspect.getdoc(function) or "").split("\n", 1)[0])
    return found["cited"] if found else ""


def in_order(process: Process, states: Iterable[State | None]) -> tuple[State, ...]:
    """States in the order in which the process lists them."""
    wanted = set(states)
    return tuple(state for state in process.states if state in wanted)


def from_words(process: Process, sources: Collection[State | None]) -> str:
    """Where a step starts, as short as can be truly said: "Rated to With Legal", "any stage but Closed"."""
    everything = tuple(process.states)
    states = in_order(process, sources)
    if not states:
        return "a new case"
    missing = [state for state in everything if state not in states]
    if not missing:
        return "any stage"
    if set(missing) <= process.final:
        return "any open stage"
    if len(missing) < ANY_STAGE < len(states):
        *others, last = (state.words for state in missing)
        return "any stage but " + (f"{', '.join(others)} and {last}" if others else last)
    return ", ".join(_runs(everything, states))


def _runs(everything: tuple[State, ...], states: tuple[State, ...]) -> list[str]:
    """States that stand next to each other in the list as one range."""
    said: list[str] = []
    run: list[State] = []
    for state in everything:
        if state in states:
            run.append(state)
            continue
        said += _run(run)
        run = []
    return said + _run(run)


def _run(run: list[State]) -> list[str]:
    if len(run) < 3:
        return [state.words for state in run]
    return [f"{run[0].words} to {run[-1].words}"]


def to_words(row: Transition) -> str:
    """Where a step leads."""
    return row.to.words if isinstance(row.to, State) else str(row.to.value)


def stays(row: Transition) -> bool:
    """Whether a step leaves the case where it is."""
    return row.to is Anywhere.SAME


def who_decides(row: Transition) -> str:
    """The posts that may decide; for a ranked post the floor (rules 0.3)."""
    if row.by >= set(Role):
        return "anyone who may open the case"
    ranked = [role for role in RANKS if role in row.by]
    named = [role for role in Role if role in row.by and role not in ranked[1:]]
    said = [_floor(role) for role in named]
    if row.by_anyone_allocated:
        said.append("anyone allocated to the child")
    return ", ".join(said)


def _floor(role: Role) -> str:
    return f"{role.value} or above" if role in RANKS[:-1] else role.value


def conditions(process: Process, row: Transition) -> tuple[str, ...]:
    """What must hold, in the words of each guard; a row that carries others' guards says whose."""
    carried = [other for other in process.rows if other.trigger in row.carries]
    theirs = {guard for other in carried for guard in other.guards}
    said = [f"All that '{other.words}' needs." for other in carried if set(other.guards) <= set(row.guards)]
    if not said:
        theirs = set()
    asked = (first_line(guard) for guard in row.guards if guard not in theirs)
    return (*said, *asked, *(f"Warns, never stops: {first_line(guard)}" for guard in row.cautions))


def guards_in_words(row: Transition) -> tuple[tuple[Guard, str, str], ...]:
    """(guard, its words, the rules it cites) of every condition of a row."""
    return tuple((guard, first_line(guard), cited(guard)) for guard in (*row.guards, *row.cautions))


def how_long(count: Count, policy: Policy) -> str:
    """The number and unit of a deadline under a policy, such as "20 working days"."""
    if count.number is None or count.unit is Unit.GIVEN:
        return "the date given"
    number = count.number(policy)
    unit = count.unit.value if number != 1 else count.unit.value.removesuffix("s")
    return f"{number} {unit}"


def anchor_words(due: Due, record: type[Record]) -> str:
    """What a deadline is counted from: a field of the record by its label, else the day it happened."""
    name, _, inner = (due.anchor or "").partition(".")
    seen = {field.name: field for field in record.fields()}.get(name)
    if seen is None:
        return "the day it happened"
    below: dict[str, FieldSeen] = {field.name: field for field in seen.rows}
    return f"'{below[inner].label if inner in below else seen.label}'"


def counted(due: Due, record: type[Record], policy: Policy) -> str:
    """When a deadline falls, in full: the number, the unit, and the day it is counted from."""
    count = due.count
    start = anchor_words(due, record)
    number = how_long(count, policy)
    if count.number is None or count.unit is Unit.GIVEN:
        return f"on the day given as {start}" if start.startswith("'") else f"on {start}"
    if count.backwards:
        return f"{number} before {start}"
    if count.not_before:
        return f"not before {number} after {start}"
    if count.beginning_with:
        return f"{number} beginning with {start}"
    return f"{number} from {start}"


def in_short(dues: Sequence[Due], policy: Policy) -> str:
    """A deadline and its number, for a narrow column; one that is counted in several ways names each."""
    return f"{dues[0].words} ({', or '.join(dict.fromkeys(_number(due.count, policy) for due in dues))})"


def _number(count: Count, policy: Policy) -> str:
    number = how_long(count, policy)
    if count.backwards:
        return f"{number} before"
    return f"not before {number}" if count.not_before else number


def only_if(choice: Choice | None) -> str:
    """When something belongs to a step, or nothing where it always does."""
    if choice is None:
        return ""
    said = first_line(choice)
    return f"if {said[0].lower()}{said[1:].rstrip('.')}" if said else "where it applies"


def opened(row: Transition) -> tuple[tuple[Due, ...], ...]:
    """The deadlines a row opens by name: one name may be counted in two ways, of which one applies."""
    named: dict[str, list[Due]] = {}
    for due in row.opens:
        named.setdefault(due.name, []).append(due)
    return tuple(map(tuple, named.values()))


def met(row: Transition) -> tuple[tuple[Choice | None, Due], ...]:
    """The deadlines a row meets, each name once, with the condition where there is one."""
    named: dict[str, tuple[Choice | None, Due]] = {}
    for due in row.meets:
        named.setdefault(due.name, (None, due))
    for choice, due in row.meets_if:
        named.setdefault(due.name, (choice, due))
    return tuple(named.values())


def told(row: Transition) -> tuple[tuple[Choice | None, Notice], ...]:
    """The notices a row sends, with the condition where there is one."""
    return (*((None, notice) for notice in row.tells), *row.tells_if)


def to_whom(notice: Notice) -> str:
    """Whom a notice goes to."""
    return ", ".join(str(one.value) for one in notice.to)


def when_told(notice: Notice) -> str:
    """How a notice goes out: as a letter, at once, or in the day's digest (design 5.12)."""
    if notice.is_letter:
        return "letter"
    return "at once" if notice.delivery is Delivery.NOW else IN_THE_DIGEST


def written_down(record: type[Record]) -> str:
    """What must be written down at a step, by the fields' labels, and how much more may be."""
    needed = dict.fromkeys(field.label for field in record.fields() if field.required)
    more = sum(1 for field in record.fields() if not field.required)
    said = "; ".join(needed) or "nothing need be"
    return f"{said} (and {more} more where known)" if more else said
