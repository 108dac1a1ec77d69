"""A process as data with stable keys, for programs: keys are added, never renamed (design 7)."""

from __future__ import annotations

import json
from typing import Any

from states.diagram.arrows import main_way
from states.diagram.wording import (
    counted,
    guards_in_words,
    in_order,
    met,
    only_if,
    told,
    when_told,
    who_decides,
)
from states.policy import Policy
from states.records.base import FieldSeen, Record
from states.vocabulary import Due, Notice, Process, Role, State, Transition


def as_data(process: Process, policy: Policy) -> dict[str, Any]:
    """A process as plain values: its stages, and every step with all that its row says."""
    way = main_way(process)
    return {
        "process": process.name,
        "main_way": [state.name for state in way],
        "states": [_state(process, state, state in way) for state in process.states],
        "steps": [_step(process, row, policy) for row in process.rows],
    }


def as_json(process: Process, policy: Policy) -> str:
    """The same as JSON text."""
    return json.dumps(as_data(process, policy), ensure_ascii=False, indent=2) + "\n"


def _state(process: Process, state: State, on_main_way: bool) -> dict[str, Any]:
    return {
        "name": state.name,
        "words": state.words,
        "column": state.place.column,
        "row": state.place.row,
        "main": on_main_way,
        "final": state in process.final,
    }


def _step(process: Process, row: Transition, policy: Policy) -> dict[str, Any]:
    return {
        "trigger": row.trigger,
        "words": row.words,
        "nature": row.nature.value,
        "new": None in row.source,
        "from": [state.name for state in in_order(process, row.source)],
        "to": row.to.name,
        "by": [role.value for role in Role if role in row.by],
        "by_anyone_allocated": row.by_anyone_allocated,
        "by_words": who_decides(row),
        "rule": row.rule,
        "chosen": only_if(row.when),
        "record": {"kind": row.record.kind, "rule": row.record.rule, "fields": _fields(row.record.fields())},
        "conditions": [
            {"name": guard.__name__, "words": words, "rules": rules} for guard, words, rules in guards_in_words(row)
        ],
        "carries": list(row.carries),
        "opens": [_due(due, row.record, policy) for due in row.opens],
        "meets": [{"name": due.name, "when": only_if(choice)} for choice, due in met(row)],
        "ends": [due.name for due in row.ends],
        "tells": [_notice(notice, only_if(choice)) for choice, notice in told(row)],
    }


def _fields(fields: tuple[FieldSeen, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "label": field.label,
            "hint": field.hint,
            "kind": field.kind.value,
            "required": field.required,
            "options": list(field.options),
            "fields": _fields(field.rows),
        }
        for field in fields
    ]


def _due(due: Due, record: type[Record], policy: Policy) -> dict[str, Any]:
    return {
        "name": due.name,
        "words": due.words,
        "owner": due.owner.value,
        "basis": due.basis.value,
        "number": due.count.number(policy) if due.count.number else None,
        "unit": due.count.unit.value,
        "counted": counted(due, record, policy),
        "rule": due.rule,
        "when": only_if(due.only_if),
    }


def _notice(notice: Notice, when: str) -> dict[str, Any]:
    return {
        "id": notice.id,
        "words": notice.words,
        "to": [str(one.value) for one in notice.to],
        "delivery": "letter" if notice.is_letter else notice.delivery.value,
        "how": when_told(notice),
        "when": when,
    }
