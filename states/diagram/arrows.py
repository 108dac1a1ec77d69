"""What is drawn of a process: its main way, arrows between stages, and steps that start from many stages.

Parallel steps become one arrow. A step that starts from many stages would be many arrows to one place: it is
gathered and drawn once, at the stage it leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from states.diagram.wording import in_order
from states.vocabulary import Nature, Process, State, Transition

MANY = 4  # a step that starts from so many stages is gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One line between two stages: the steps along it, and those back along it."""

    source: State
    target: State
    steps: tuple[Transition, ...]
    back: tuple[Transition, ...] = ()
    main: bool = False

    @property
    def fact(self) -> bool:
        """Whether only facts run along it: something that happens, which nobody decides."""
        return all(row.nature is Nature.FACT for row in (*self.steps, *self.back))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Steps that lead to one stage from many others, drawn once at their target."""

    target: State
    sources: frozenset[State | None]
    steps: tuple[Transition, ...]

    @property
    def fact(self) -> bool:
        """Whether only facts lead here so."""
        return all(row.nature is Nature.FACT for row in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All there is to draw of a process."""

    main_way: tuple[State, ...]
    joins: tuple[tuple[Transition, tuple[State, ...]], ...]
    arrows: tuple[Arrow, ...]
    gathered: tuple[Gathered, ...]


def _leading_elsewhere(process: Process) -> list[tuple[Transition, State]]:
    return [(row, row.to) for row in process.rows if isinstance(row.to, State)]


def main_way(process: Process) -> tuple[State, ...]:
    """The usual way: the longest one that only goes forward in the list of states, from neighbour to neighbour.

    Neighbours stand side by side or one above the other in the drawing, so whoever places a state says whether
    it is on the way. Of two ways as long, the step that stands first in the table leads. A step that leads to
    one of several stages, as the case's history has it, is not the usual way. A process may name its own.
    """
    if process.usual:
        return process.usual
    usual = [(row, target) for row, target in _leading_elsewhere(process) if row.when is None]
    order = {state: position for position, state in enumerate(process.states)}
    best: dict[State, tuple[State, ...]] = {}
    for state in reversed(tuple(process.states)):
        onward = [
            best[target]
            for row, target in usual
            if state in row.source and order[target] > order[state] and _neighbours(state, target)
        ]
        longest = max(onward, key=len, default=())  # the first of those as long: the table's order
        best[state] = (state, *longest)
    starts = [target for row, target in usual if None in row.source]
    return max((best[start] for start in starts), key=len, default=())


def _neighbours(one: State, other: State) -> bool:
    a, b = one.place, other.place
    return abs(a.column - b.column) + abs(a.row - b.row) == 1


def joining(process: Process) -> tuple[tuple[Transition, tuple[State, ...]], ...]:
    """How a case comes to be: each such trigger with the stages it leads to."""
    targets: dict[str, tuple[Transition, list[State]]] = {}
    for row, target in _leading_elsewhere(process):
        if None in row.source:
            targets.setdefault(row.trigger, (row, []))[1].append(target)
    return tuple((row, in_order(process, found)) for row, found in targets.values())


def draw(process: Process) -> Drawing:
    """Sort the rows of a process into what a reader can take in."""
    way = main_way(process)
    steps_of: dict[tuple[State, State], list[Transition]] = {}
    many: dict[tuple[State, frozenset[State | None], bool], list[Transition]] = {}
    for row, target in _leading_elsewhere(process):
        sources = frozenset(row.source) - {None, target}
        if len(sources) >= MANY:
            many.setdefault((target, sources, row.nature is Nature.FACT), []).append(row)
            continue
        for source in in_order(process, sources):
            steps_of.setdefault((source, target), []).append(row)
    arrows = [_on_the_main_way(process, source, target, steps_of) for source, target in pairwise(way)]
    arrows += _beside_it(process, steps_of)
    return Drawing(
        main_way=way,
        joins=joining(process),
        arrows=tuple(arrows),
        gathered=tuple(Gathered(target=t, sources=s, steps=tuple(rows)) for (t, s, _), rows in many.items()),
    )


def _on_the_main_way(
    process: Process, source: State, target: State, steps_of: dict[tuple[State, State], list[Transition]]
) -> Arrow:
    """The main way is always drawn; of steps that are gathered elsewhere it names the first."""
    own = steps_of.pop((source, target), None)
    if own is None:
        own = [row for row, to in _leading_elsewhere(process) if to is target and source in row.source][:1]
    return Arrow(source=source, target=target, steps=tuple(own), main=True)


def _beside_it(process: Process, steps_of: dict[tuple[State, State], list[Transition]]) -> list[Arrow]:
    """The other arrows; what runs both ways between two stages is one line."""
    arrows: list[Arrow] = []
    while steps_of:
        (source, target), steps = next(iter(steps_of.items()))
        del steps_of[source, target]
        back = steps_of.pop((target, source), [])
        arrows.append(Arrow(source=source, target=target, steps=tuple(steps), back=tuple(back)))
    return arrows
