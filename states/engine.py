"""The engine: what a case may do next, and doing it. The only file that imports `transitions`.

The library is used for what it is good at, deciding which row applies and setting the state, and is kept
from what it does badly: functions instead of names in quotes, no automatic transitions, no callbacks
with effects, states by name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from transitions import EventData, Machine, MachineError

from states.calendar import CalendarTooShort
from states.facts import Facts, RecordIncomplete
from states.guards.envelope import FOR_ACTS, FOR_DECISIONS
from states.records.opening import BroughtForward
from states.vocabulary import Anywhere, Guard, Nature, Process, State, Transition, Unmet

NEW = "NEW"  # the state of a case that does not exist yet
Permission = Callable[[Transition], Unmet | None]


class NotPermitted(Exception):
    """The step is refused; everything that is missing is listed (rules R-SM-1).

    `by_whom`: it is not this person's to take, and nothing but who may is listed (rules 0.3).
    """

    def __init__(self, trigger: str, unmet: tuple[Unmet, ...], *, by_whom: bool = False) -> None:
        self.trigger, self.unmet, self.by_whom = trigger, unmet, by_whom
        super().__init__(f"{trigger}: " + "; ".join(u.reason for u in unmet))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A step that was taken. `flags` are conditions a fact did not meet, recorded all the same (PR-1), and cautions."""

    row: Transition
    from_state: str | None
    to_state: str
    flags: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A step that is possible from here, and what is still missing before it is.

    `flags` are what a fact would be flagged for, and cautions; they never stand in its way (practice PR-1).
    """

    row: Transition
    missing: tuple[Unmet, ...]
    flags: tuple[Unmet, ...] = ()


@dataclass
class _Walker:
    """The model the machine moves. One per thread and process, placed anew for every step."""

    state: str = NEW
    unmet: list[Unmet] = field(default_factory=list)
    flags: list[Unmet] = field(default_factory=list)
    row: Transition | None = None
    denied: bool = False

    __hash__ = object.__hash__


class _Tracks(threading.local):
    """Machines are not safe to share between threads, and cost a millisecond to build."""

    def __init__(self) -> None:
        self.built: dict[int, tuple[Process, Machine, _Walker]] = {}

    def of(self, process: Process) -> tuple[Machine, _Walker]:
        """The machine of this very process: two with one name do not share one. The process is kept alive."""
        if id(process) not in self.built:
            self.built[id(process)] = (process, *_build(process))
        _, machine, walker = self.built[id(process)]
        return machine, walker


_tracks = _Tracks()


def _build(process: Process) -> tuple[Machine, _Walker]:
    walker = _Walker()
    machine = Machine(
        model=walker,
        states=[NEW, *(s.name for s in process.states)],
        initial=NEW,
        auto_transitions=False,  # else `to_ENDED()` would walk round every guard
        send_event=True,
        model_override=False,
    )
    for row in process.rows:
        for source in row.source:
            for target in _targets(row, process, source):
                machine.add_transition(
                    row.trigger,
                    source.name if source else NEW,
                    target,
                    conditions=[_leads_to(row, target), _permits(row)],
                )
    return machine, walker


def _targets(row: Transition, process: Process, source: State | None) -> tuple[str, ...]:
    if isinstance(row.to, State):
        return (row.to.name,)
    if row.to is Anywhere.SAME:
        return (source.name if source else NEW,)
    return tuple(s.name for s in process.states)


def _leads_to(row: Transition, target: str) -> Callable[[EventData], bool]:
    def leads(event: EventData) -> bool:
        facts: Facts = event.kwargs["facts"]
        if row.to is Anywhere.BACK:
            last = facts.last_move()
            return last is not None and last.from_state == target
        if row.to is Anywhere.NAMED:
            return isinstance(facts.given, BroughtForward) and facts.given.stage == target
        return True

    return leads


def _permits(row: Transition) -> Callable[[EventData], bool]:
    def permits(event: EventData) -> bool:
        facts: Facts = event.kwargs["facts"]
        walker = cast(_Walker, event.model)
        if row.when is not None and not row.when(facts):
            return False
        walker.row = row
        denied = event.kwargs["permission"](row)
        if denied is not None:
            walker.unmet.append(denied)
            walker.denied = True
            return False
        refusing, flagging = _judge(row, facts, _anybody)
        walker.unmet.extend(refusing)
        walker.flags.extend(flagging)
        return not refusing

    return permits


def _anybody(_row: Transition) -> Unmet | None:
    return None


def _judge(row: Transition, facts: Facts, permission: Permission) -> tuple[list[Unmet], list[Unmet]]:
    """(what refuses, what only flags). A fact is never refused for what came before it (practice PR-1)."""
    refusing: list[Unmet] = []
    flagging: list[Unmet] = []
    denied = permission(row)
    if denied is not None:
        refusing.append(denied)
    envelope = FOR_DECISIONS if row.nature is Nature.DECISION else FOR_ACTS
    refusing.extend(_unmet(envelope, facts))
    if facts.given is not None:
        refusing.extend(facts.given.missing_on(facts.on))
    conditions = list(_unmet(row.guards, facts))
    (flagging if row.nature is Nature.FACT else refusing).extend(conditions)
    flagging.extend(_unmet(row.cautions, facts))
    return refusing, flagging


def _unmet(guards: tuple[Guard, ...], facts: Facts) -> Iterator[Unmet]:
    for guard in guards:
        try:
            missing = guard(facts)
        except RecordIncomplete:
            continue  # it judges the record, which is not filled in yet; its fields are asked for instead
        except CalendarTooShort as unknown:
            missing = Unmet("R-CLK-1", str(unknown))  # a date such as 0206-03-04 is a slip, not a failure
        if missing is not None:
            yield missing


def fire(process: Process, trigger: str, facts: Facts, permission: Permission) -> Fired:
    """Take a step. The guards run once, as the machine's conditions; the machine sets the state.

    Raises NotPermitted with every reason. Nothing outside this function has been touched by then.
    """
    machine, walker = _tracks.of(process)
    walker.unmet, walker.flags, walker.row, walker.denied = [], [], None, False
    start = facts.head.state or NEW
    machine.set_state(start)
    try:
        done = walker.trigger(trigger, facts=facts, permission=permission)  # type: ignore[attr-defined]
    except (MachineError, AttributeError) as refused:
        if isinstance(refused, AttributeError) and trigger in process.triggers:
            raise
        raise NotPermitted(trigger, (not_from_here(process, trigger, facts.head.state),)) from None
    row = cast("Transition | None", walker.row)  # set by the conditions, which the type checker cannot see
    if not done or row is None:
        # Where no row led anywhere (an unknown stage, nothing to take back), its own guards say why.
        reasons = tuple(walker.unmet) or explain(process, trigger, facts, permission)
        raise NotPermitted(
            trigger, reasons or (not_from_here(process, trigger, facts.head.state),), by_whom=walker.denied
        )
    return Fired(
        row=row,
        from_state=facts.head.state,
        to_state=str(walker.state),
        flags=tuple(walker.flags),
    )


def not_from_here(process: Process, trigger: str, state: str | None) -> Unmet:
    """The refusal of a step that does not start from a state (rules R-SM-1)."""
    here = f"'{process.states[state].words}'" if state else "a new case"
    if trigger not in process.triggers:
        return Unmet("R-SM-1", f"There is no step called {trigger}.")
    rows = [row for row in process.rows if row.trigger == trigger]
    sources = {source for row in rows for source in row.source if source is not None}
    step = f"'{rows[0].words}' ({trigger})"
    if not sources:
        return Unmet("R-SM-1", f"{step} opens a new case; this one is already open, in {here}.")
    possible = ", ".join(f"'{one.words}'" for one in process.states if one in sources)
    return Unmet("R-SM-1", f"{step} is not possible from {here}. It is possible from: {possible}.")


def row_for(process: Process, trigger: str, facts: Facts) -> Transition | None:
    """The row that applies, where the record is complete enough to tell; the first one otherwise."""
    state = process.states[facts.head.state] if facts.head.state else None
    rows = process.rows_for(trigger, state)
    for row in rows:
        try:
            if row.when is None or row.when(facts):
                return row
        except RecordIncomplete:
            return row
    return rows[0] if rows else None


def offers(process: Process, facts: Facts, permission: Permission) -> tuple[Offer, ...]:
    """Every step from here, in the order of the table, with what is missing (style habit 6)."""
    state = process.states[facts.head.state] if facts.head.state else None
    found: dict[str, Offer] = {}
    for row in process.rows:
        if state not in row.source or row.trigger in found:
            continue
        try:
            if row.when is not None and not row.when(facts):
                continue
        except RecordIncomplete:
            pass
        refusing, flagging = _judge(row, facts, permission)
        found[row.trigger] = Offer(row=row, missing=tuple(refusing), flags=tuple(flagging))
    return tuple(found.values())


def explain(process: Process, trigger: str, facts: Facts, permission: Permission) -> tuple[Unmet, ...]:
    """What stands against a step whose record is not complete: everything that can be judged already."""
    row = row_for(process, trigger, facts)
    if row is None:
        return (not_from_here(process, trigger, facts.head.state),)
    refusing, _ = _judge(row, facts, permission)
    return tuple(refusing)


def replay(process: Process, trigger: str, facts: Facts) -> tuple[Unmet, ...]:
    """Whether a step taken before would still hold under these facts: what no longer does (design 5.5)."""
    row = row_for(process, trigger, facts)
    return tuple(_unmet(row.guards, facts)) if row else ()


def drawn(process: Process) -> Any:
    """The machine of a process, for diagrams and tests only."""
    return _build(process)[0]
