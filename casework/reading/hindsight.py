"""A case as it stood: on a past day by today's knowledge, or as it was known on a past day (design 5.5).

Everything is read off the history, never off the rows beside it, which only know today. Told for today, both say
the same, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from casework.acting import effects, effects_on_child, effects_on_time
from casework.acting.deadlines import merged
from states.counting import Standing
from states.facts import Entry
from states.history import GROUP_OUTCOMES, ROUND_STARTS
from states.records.codes import PauseReason, StepName
from states.records.standing import HowMoved
from states.stages import S

_OPENED = ("child_opened", "brought_forward")
_REVIEWED = frozenset(effects.AFTER_STEP)


@dataclass(slots=True, kw_only=True)
class AsItStood:
    """What a page shows of a case, told from the entries that count."""

    stage: str
    since: date
    closed: bool = False
    merged_into: str | None = None
    team: str | None = None
    colour: str | None = None
    child: dict[str, Any] = field(default_factory=dict)
    position: dict[str, Any] = field(default_factory=dict)
    money: dict[str, Any] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[dict[str, Any]] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    reached: dict[str, date] = field(default_factory=dict)  # milestones of this round, planned or not

    @property
    def standing(self) -> tuple[Standing, ...]:
        """The stretches in which the local clocks stood still."""
        return merged(Standing(from_on=p["from"], until_on=p["until"]) for p in self.pauses)


def as_it_stood(entries: Sequence[Entry]) -> AsItStood:
    """The case that a history leaves; `entries` are those that count, and there is at least one."""
    first = entries[0]
    told = AsItStood(stage=first.to_state, since=first.happened_on)
    told.position = dict.fromkeys(("position", "on", "next_step", "who", "by_when"))
    told.money = dict.fromkeys(("position", "agreement_ref"))
    for entry in entries:
        _tell(told, entry)
    told.people.sort(key=lambda p: (p["role"], p["from"], p["until"] is None))
    told.pauses.sort(key=lambda p: p["from"])
    return told


def _tell(told: AsItStood, entry: Entry) -> None:
    data = entry.data
    if entry.moved:
        told.stage, told.since = entry.to_state, entry.happened_on
        told.closed = entry.to_state == S.ENDED.name
    _of_the_child(told, entry)
    if entry.trigger in _REVIEWED:
        told.child |= {"last_review_on": entry.happened_on, "next_review_on": _day(data.get("next_review_on"))}
    if data.get("colour") and (entry.kind in (*_OPENED, "rating") or entry.trigger in GROUP_OUTCOMES):
        told.colour = data["colour"]
    match entry.kind:
        case "latest_position":
            told.position = {
                "position": data["position"],
                "on": entry.happened_on,
                "next_step": data["next_step"],
                "who": data["who"][:120],
                "by_when": _day(data.get("by_when")),
            }
        case "financial_position":
            agreement = (data.get("agreement_ref") or "")[:60] or None
            told.money = {"position": data["position"], "agreement_ref": agreement}
        case "allocation":
            _allocate(told, entry)
        case "applicants":
            told.contacts = [_contact(person, entry.happened_on) for person in data["people"]]
        case "merged":
            told.merged_into = data["into"]
        case "trajectory":
            _plan(told, entry)
        case "clock_paused" | "safeguarding" | "placement_change":
            _pause(told, entry)
        case "clock_resumed" | "safeguarding_cleared":
            _resume(told, entry)
        case _:
            pass  # it changes nothing that is shown beside the chronology
    _reach(told, entry)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


# -- the child --------------------------------------------------------------------------------------------


def _of_the_child(told: AsItStood, entry: Entry) -> None:
    data = entry.data
    match entry.kind:
        case "child_opened" | "brought_forward":
            exact = ("legal_status_exact", "looked_after_exact", "placement_exact")
            told.child = {
                "council_id": data["council_id"],
                **dict(_columns(data, also_empty=True)),
                **{name: bool(data.get(name, True)) for name in exact},
                "unknown": list(data.get("unknown", ())),
                "looked_after_ended_on": _day(data.get("order_on")),
                "end_code": None,
            }
            told.team = data.get("team")
        case "child_updated":
            told.child |= dict(_columns(data, also_empty=False))
            told.child["unknown"] = [name for name in told.child["unknown"] if data.get(name) is None]
            told.team = data.get("team") or told.team
        case "placement_change" if data["how"] != HowMoved.RESPITE.value:
            names = {"placement_code": "placement_code", "provider": "placement_provider", "kinship": "kinship"}
            told.child |= {to: data[name] for name, to in names.items() if data.get(name) not in (None, "")}
            if data["how"] == HowMoved.ENDED.value:
                told.child |= {"placement_since": entry.happened_on, "placement_exact": True}
        case "order_made":
            told.child["end_code"] = data.get("end_code")
            if data.get("looked_after_until_now", True):
                told.child["looked_after_ended_on"] = entry.happened_on
        case "review_scheduled":
            told.child["next_review_on"] = _day(data["held_on"])
        case _:
            pass


def _columns(data: Mapping[str, Any], *, also_empty: bool) -> Iterator[tuple[str, Any]]:
    for name in effects_on_child.CHILD_COLUMNS:
        value = data.get(name)
        if value is not None or also_empty:
            yield name, _day(value) if name in effects_on_child.DATES else value


# -- people -----------------------------------------------------------------------------------------------


def _allocate(told: AsItStood, entry: Entry) -> None:
    role, person = entry.data["role"], entry.data.get("person")
    for held in told.people:
        if held["role"] == role and held["until"] is None:
            held["until"] = max(entry.happened_on, held["from"])
    if person:
        told.people.append({"role": role, "person": person, "from": entry.happened_on, "until": None})


def _contact(person: Mapping[str, Any], since: date) -> dict[str, Any]:
    return {
        "name": person["name"],
        "kind": person["kind"],
        "relationship": person.get("relationship"),
        "address": person.get("address"),
        "protected": bool(person["protected"]),
        "needs": person.get("needs"),
        "from": since,
        "until": _day(person.get("until")),
    }


# -- clocks -----------------------------------------------------------------------------------------------


def _pause(told: AsItStood, entry: Entry) -> None:
    reason = str(entry.data.get("reason") or "")[:64]
    if entry.kind == "placement_change":
        if entry.data["how"] != HowMoved.ENDED.value:
            return
        reason = PauseReason.PLACEMENT_ENDED.value
    elif entry.kind == "safeguarding":
        reason = effects_on_time.SAFEGUARDING
    expected = _day(entry.data.get("expected_on")) or entry.happened_on
    told.pauses.append({"reason": reason, "from": entry.happened_on, "expected": expected, "until": None})


def _resume(told: AsItStood, entry: Entry) -> None:
    safeguarding = entry.kind == "safeguarding_cleared"
    for pause in told.pauses:
        if pause["until"] is None and (pause["reason"] == effects_on_time.SAFEGUARDING) == safeguarding:
            pause["until"] = max(entry.happened_on, pause["from"])


# -- the trajectory ---------------------------------------------------------------------------------------


def _plan(told: AsItStood, entry: Entry) -> None:
    there = {m["step"]: m for m in told.milestones}
    planned = []
    for row in entry.data["milestones"]:
        on, old = _day(row["planned_on"]), there.pop(row["step"], None)
        planned.append(
            {
                "step": row["step"],
                "planned": old["planned"] if old else on,
                "forecast": on,
                "done": _day(row.get("done_on")) or (old["done"] if old else None) or told.reached.get(row["step"]),
                "reason": row.get("slip_reason") or (old["reason"] if old else None),
                "owner": row["owner"][:64],
            }
        )
    kept = [left_out for left_out in there.values() if left_out["done"] is not None]
    order = [step.value for step in StepName]
    told.milestones = sorted([*planned, *kept], key=lambda m: order.index(m["step"]))


def _reach(told: AsItStood, entry: Entry) -> None:
    if entry.trigger in ROUND_STARTS:
        told.reached.clear()
    planned = {m["step"]: m for m in told.milestones}
    for step in effects_on_time.SETS_BACK.get(entry.trigger, ()):
        told.reached.pop(step.value, None)
        if step.value in planned:
            planned[step.value]["done"] = None
    for step in effects_on_time.reaches(entry):
        told.reached.setdefault(step.value, entry.happened_on)
        if step.value in planned and planned[step.value]["done"] is None:
            planned[step.value]["done"] = entry.happened_on
