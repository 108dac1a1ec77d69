"""What people typed, as the record of an act: `--record FILE|-` with `field=value` over it, and files of acts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import Unusable
from states.typed_json import NotJson, read_json

if TYPE_CHECKING:
    from casework.acting.commands import Command

#: The keys of one act in a file for `sgo catch-up`.
ACT_KEYS = ("trigger", "on", "record", "decided_by", "evidence", "late_reason")


def read_record(file: str | None, typed: Sequence[str] | None) -> dict[str, Any]:
    """The fields of a record. Raises Unusable for a file that is no JSON object or a word without `=`."""
    record = {} if file is None else _object(_json(file), file)
    seen: set[str] = set()
    for word in typed or ():
        name, equals, value = word.partition("=")
        name = name.strip()
        if not equals or not name:
            raise Unusable(f"{word!r} is not of the form field=value.")
        if name in seen:
            raise Unusable(f"The field {name} is given twice. Several choices are written {name}=A,B")
        seen.add(name)
        record[name] = value
    return record


def read_acts(file: str, *, ref: str, late_reason: str | None) -> list[Command]:
    """The acts of a file: a JSON list of objects with trigger, on, record and what else an act has.

    Raises Unusable for what is not of that form, naming the act.
    """
    given = _json(file)
    if not isinstance(given, list) or not given:
        raise Unusable(f"{_name(file)} must hold a JSON list of acts, each with trigger, on and record.")
    return [_act(one, number, ref, late_reason) for number, one in enumerate(given, start=1)]


def read_differences(file: str | None, refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What differs for brothers and sisters: a JSON object of records by reference. Raises Unusable."""
    if file is None:
        return {}
    given = _object(_json(file), file)
    if strange := sorted(set(given) - set(refs)):
        raise Unusable(f"{_name(file)} names {', '.join(strange)}: name them with --also too.")
    return {ref: _object(differs, file) for ref, differs in given.items()}


def check_trigger(trigger: str) -> None:
    """Raises Unusable for a step that does not exist, with the nearest that does."""
    from difflib import get_close_matches

    from states.processes import ALL_ROWS

    triggers = list(dict.fromkeys(row.trigger for row in ALL_ROWS))
    if trigger not in triggers:
        near = get_close_matches(trigger, triggers, n=3)
        meant = f" Did you mean {', '.join(near)}?" if near else ""
        raise Unusable(f"There is no step called {trigger!r}.{meant} See: sgo transitions REF")


def _act(given: Any, number: int, ref: str, late_reason: str | None) -> Command:
    from casework.acting.commands import Command

    where = f"Act {number}"
    if not isinstance(given, dict):
        raise Unusable(f"{where} must be a JSON object with trigger, on and record.")
    if strange := sorted(set(given) - set(ACT_KEYS)):
        raise Unusable(f"{where} has no use for {', '.join(strange)}. It may have: {', '.join(ACT_KEYS)}.")
    record = given.get("record", {})
    if not isinstance(given.get("trigger"), str) or not isinstance(record, dict):
        raise Unusable(f"{where} needs a trigger, and a record that is a JSON object.")
    check_trigger(given["trigger"])
    try:
        on = date.fromisoformat(given.get("on", ""))
    except (TypeError, ValueError):
        raise Unusable(f"{where} needs the day it happened: on, such as 2025-03-04.") from None
    words = {key: given.get(key) for key in ("decided_by", "evidence", "late_reason")}
    for key, value in words.items():
        if value is not None and not isinstance(value, str):
            raise Unusable(f"{where}: {key} must be text.")
    return Command(
        ref=ref,
        trigger=given["trigger"],
        happened_on=on,
        record=record,
        decided_by=words["decided_by"],
        evidence=words["evidence"],
        late_reason=words["late_reason"] or late_reason,
    )


def _json(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(f"{_name(file)} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable(f"{_name(file)} is not written in UTF-8.") from None
    try:
        return read_json(text)
    except NotJson as wrong:
        raise Unusable(f"{_name(file)} {wrong}.") from None


def _object(given: Any, file: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Unusable(f"{_name(file)} must hold a JSON object: field names and their values.")
    return given


def _name(file: str) -> str:
    return "What came in" if file == "-" else file
