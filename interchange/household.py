"""The form of a means test as a file, TOML or JSON: read whole, or refused with every fault in its place.

An example with every field stands beside this file: `examples/household.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import ValidationError

from interchange.json_places import JsonPlaces
from interchange.problems import shown_name
from states.means_test.household import Household
from states.policy.locating import Locations
from states.records.base import unmet_fields
from states.typed_json import NotJson, read_json
from states.vocabulary import Unmet

EXAMPLE: Final = Path(__file__).parent / "examples" / "household.toml"
LARGEST: Final = 500_000
"""Bytes: a household's form is a page or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong: the file's name, line and column (from 1), the field, the rule, and why."""

    file: str
    line: int
    column: int
    field: str
    rule: str
    reason: str

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}:{self.column} {field}{self.reason} ({self.rule})"


class HouseholdRefused(Exception):
    """The file cannot be used. `faults` lists everything that is wrong with it at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        super().__init__("\n".join(map(str, self.faults)))


class _Places(Protocol):
    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdFile:
    """A file that was read: what it asks, and where each field stands."""

    name: str
    asked: Household
    places: _Places

    def refused(self, reasons: Iterable[Unmet]) -> HouseholdRefused:
        """What keeps the household from being tested, each in its place in this file."""
        return HouseholdRefused(_faults(self.name, reasons, self.places))


def read_household(path: Path) -> HouseholdFile:
    """The form in a TOML or JSON file. Raises HouseholdRefused with everything that is wrong, OSError."""
    with path.open("rb") as file:
        return household_of(file.read(LARGEST + 1), name=path.name)


def household_of(raw: bytes, *, name: str) -> HouseholdFile:
    """The form in what was handed over, by the file's name. Raises HouseholdRefused with everything that is wrong."""
    path = Path(name)
    name = shown_name(path)
    if len(raw) > LARGEST:
        raise HouseholdRefused([_fault(name, "the file is far larger than such a form can be", "reliability C30")])
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise HouseholdRefused([_fault(name, "the file is not written in UTF-8", "R-MT-1")]) from None
    tables, places = _read(text, name, as_json=_is_json(path, text))
    try:
        asked = Household.model_validate(tables)
    except ValidationError as wrong:
        raise HouseholdRefused(_faults(name, unmet_fields(wrong, Household), places)) from None
    return HouseholdFile(name=name, asked=asked, places=places)


def _is_json(path: Path, text: str) -> bool:
    """By the name; a file of another name, such as standard input's, is JSON where it begins with a brace."""
    return path.suffix.lower() == ".json" or (path.suffix.lower() != ".toml" and text.lstrip().startswith("{"))


def _read(text: str, name: str, *, as_json: bool) -> tuple[Any, _Places]:
    try:
        if as_json:
            return read_json(text), JsonPlaces(text)
        return tomllib.loads(text, parse_float=Decimal), Locations(text)
    except NotJson as wrong:
        raise HouseholdRefused([_fault(name, f"the file {wrong}", "R-MT-1")]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise HouseholdRefused([_fault(name, f"the file cannot be read as TOML: {wrong}", "R-MT-1")]) from None


def _fault(name: str, reason: str, rule: str) -> Fault:
    return Fault(file=name, line=1, column=1, field="", rule=rule, reason=reason)


def _faults(name: str, reasons: Iterable[Unmet], places: _Places) -> list[Fault]:
    faults = []
    for unmet in reasons:
        path = tuple(int(part) if part.isdigit() else part for part in (unmet.field or "").split(".") if part)
        line, column = places.place(path)
        faults.append(
            Fault(
                file=name,
                line=line,
                column=column,
                field=".".join(str(part + 1) if isinstance(part, int) else part for part in path),
                rule=unmet.rule,
                reason=unmet.reason,
            )
        )
    return faults
