"""What a record is: fields declared once, from which forms, commands, schemas and documents follow.

A field is one of ten kinds and carries its label and hint (design 4). A record refuses what it does not
know, so that nothing typed is silently dropped.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from pydantic.fields import FieldInfo

from states.plain_text import LINES, ONE_LINE, made_alike, what_is_wrong
from states.typed_json import NotJson, read_json
from states.vocabulary import Unmet
from states.wrong_input import in_words

EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)


class Kind(StrEnum):
    """The ten kinds of field."""

    TEXT = "text"
    WORDS = "words"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    PERSON = "person"
    MEETING = "meeting"
    ROWS = "rows"


def _field(kind: Kind, label: str, hint: str, optional: bool, required_from: date | None, **more: Any) -> Any:
    extra: dict[str, JsonValue] = {"kind": kind.value, "required_from": str(required_from) if required_from else None}
    default: dict[str, Any] = {"default": None} if optional else {}
    return Field(title=label, description=hint or None, json_schema_extra=extra, **default, **more)


def text(
    label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None, longest: int = 500
) -> Any:
    """A short line of text, of at most `longest` characters."""
    return _field(
        Kind.TEXT, label, hint, optional, required_from, min_length=1, max_length=longest, pattern=ONE_LINE
    )


def words(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """Text of any length, in plain words."""
    return _field(Kind.WORDS, label, hint, optional, required_from, min_length=1, max_length=50_000, pattern=LINES)


def day(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """A London date. A year that nobody on the pathway can mean is a slip of the keyboard."""
    return _field(Kind.DATE, label, hint, optional, required_from, ge=EARLIEST, le=LATEST)


def yes_no(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """Yes or no."""
    return _field(Kind.YES_NO, label, hint, optional, required_from)


def choice(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """One of a fixed list."""
    return _field(Kind.CHOICE, label, hint, optional, required_from)


def choices(label: str, hint: str = "", *, at_least: int = 0, required_from: date | None = None) -> Any:
    """Any of a fixed list; `at_least` says how many are needed."""
    extra: dict[str, JsonValue] = {
        "kind": Kind.CHOICES.value,
        "required_from": str(required_from) if required_from else None,
    }
    default: dict[str, Any] = {} if at_least else {"default": ()}
    return Field(title=label, description=hint or None, json_schema_extra=extra, min_length=at_least, **default)


def number(label: str, hint: str = "", *, optional: bool = False, at_least: int = 0) -> Any:
    """A whole number."""
    return _field(Kind.NUMBER, label, hint, optional, None, ge=at_least)


def money(label: str, hint: str = "", *, optional: bool = False) -> Any:
    """Pounds and pence: a number of the type `states.money.Pounds` or `PoundsAsked`."""
    found = _field(Kind.NUMBER, label, hint, optional, None)
    found.json_schema_extra["money"] = True
    return found


def person(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """Somebody who is known to the system, by handle or id."""
    return _field(Kind.PERSON, label, hint, optional, required_from, min_length=1, max_length=60, pattern=ONE_LINE)


def meeting(label: str, hint: str = "", *, optional: bool = False, required_from: date | None = None) -> Any:
    """A meeting, by its reference."""
    return _field(Kind.MEETING, label, hint, optional, required_from, min_length=1, max_length=20, pattern=ONE_LINE)


def rows(label: str, hint: str = "", *, at_least: int = 0) -> Any:
    """A list of rows of one shape: one level deep, never more."""
    default: dict[str, Any] = {} if at_least else {"default": ()}
    extra: dict[str, JsonValue] = {"kind": Kind.ROWS.value, "required_from": None}
    return Field(title=label, description=hint or None, json_schema_extra=extra, min_length=at_least, **default)


_TYPED_TEXT = frozenset({Kind.TEXT, Kind.WORDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """A field as a form, a command or a document sees it."""

    name: str
    label: str
    hint: str
    kind: Kind
    required: bool
    options: tuple[str, ...]
    rows: tuple[FieldSeen, ...]
    required_from: date | None
    money: bool = False  # a number of pounds and pence


#: Made ready when the first is filled in: for all of them together that took 0.2 s of every start.
_AS_WRITTEN = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class Row(BaseModel):
    """One row of a repeating field."""

    model_config = _AS_WRITTEN

    @model_validator(mode="before")
    @classmethod
    def _made_alike(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: made_alike(one) if isinstance(one, str) else one for name, one in data.items()}


class Record(BaseModel):
    """What must be written down at a step."""

    model_config = _AS_WRITTEN

    kind: ClassVar[str] = ""
    rule: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1

    @model_validator(mode="before")
    @classmethod
    def _from_a_command_line(cls, data: Any) -> Any:
        """Lists typed on one line: `A,B` for choices, JSON for rows; an empty answer is no answer."""
        if not isinstance(data, Mapping):
            return data
        typed = dict(data)
        for seen in cls.fields():
            value = typed.get(seen.name)
            if not isinstance(value, str):
                continue
            if not value.strip():
                del typed[seen.name]
            elif seen.kind in _TYPED_TEXT:
                typed[seen.name] = made_alike(value)
            elif seen.kind is Kind.CHOICES:
                typed[seen.name] = [part.strip() for part in value.split(",") if part.strip()]
            elif seen.kind is Kind.ROWS and value.lstrip().startswith("["):
                try:
                    typed[seen.name] = read_json(value)
                except NotJson as wrong:
                    raise ValueError(f"'{seen.label}' {wrong}.") from None
        return typed

    @classmethod
    @cache
    def fields(cls) -> tuple[FieldSeen, ...]:
        """The record's fields in order."""
        return tuple(_seen(name, info) for name, info in cls.model_fields.items())

    def content(self) -> dict[str, Any]:
        """The record as JSON-ready values; dates as ISO text."""
        return self.model_dump(mode="json")

    def missing_on(self, on: date) -> tuple[Unmet, ...]:
        """What a record of this day must say and does not: fields that are required only since a date (design 4).

        Records of earlier days stay readable and right without them.
        """
        found: list[Unmet] = []
        for seen in self.fields():
            value = getattr(self, seen.name)
            if _wanted(seen, value, on):
                reason = f"'{seen.label}' is missing: it is needed since {seen.required_from}."
                found.append(Unmet(self.rule, reason, seen.name))
            for number, row in enumerate(value if seen.rows else (), start=1):
                found.extend(
                    Unmet(
                        self.rule,
                        f"'{seen.label}', row {number}, '{inner.label}' is missing: it is needed since "
                        f"{inner.required_from}.",
                        f"{seen.name}.{inner.name}",
                    )
                    for inner in seen.rows
                    if _wanted(inner, getattr(row, inner.name), on)
                )
        return tuple(found)

    def named(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """(field, value) of every person or meeting this record names."""
        for seen in self.fields():
            value = getattr(self, seen.name)
            if seen.kind is kind and value:
                yield seen.name, value
            elif seen.kind is Kind.ROWS:
                for row in value:
                    for inner in seen.rows:
                        if inner.kind is kind and getattr(row, inner.name):
                            yield f"{seen.name}.{inner.name}", getattr(row, inner.name)


def _wanted(seen: FieldSeen, value: Any, on: date) -> bool:
    return seen.required_from is not None and on >= seen.required_from and (value is None or value == ())


def kind_of(info: FieldInfo) -> Kind:
    """The kind of a declared field."""
    extra = info.json_schema_extra
    assert isinstance(extra, dict), "every field of a record is declared with one of the ten kinds"
    return Kind(str(extra["kind"]))


def _seen(name: str, info: FieldInfo) -> FieldSeen:
    extra = info.json_schema_extra
    assert isinstance(extra, dict)
    inner = _inner_type(info.annotation)
    options: tuple[str, ...] = ()
    below: tuple[FieldSeen, ...] = ()
    if isinstance(inner, type) and issubclass(inner, Enum):
        options = tuple(str(member.value) for member in inner)
    if isinstance(inner, type) and issubclass(inner, Row):
        below = tuple(_seen(n, i) for n, i in inner.model_fields.items())
    since = extra.get("required_from")
    return FieldSeen(
        name=name,
        label=info.title or name,
        hint=info.description or "",
        kind=kind_of(info),
        required=info.is_required(),
        options=options,
        rows=below,
        required_from=date.fromisoformat(str(since)) if since else None,
        money=bool(extra.get("money")),
    )


def _inner_type(annotation: Any) -> Any:
    """The type inside `X | None` or `tuple[X, ...]`."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _inner_type(next(a for a in get_args(annotation) if a is not type(None)))
    if origin is tuple:
        return get_args(annotation)[0]
    return annotation


def unmet_fields(wrong: ValidationError, record: type[Record]) -> tuple[Unmet, ...]:
    """Every fault of a record, in words that say which field and what to do."""
    return tuple(_unmet(error, record) for error in wrong.errors(include_url=False) if not _only_follows(error))


def _only_follows(error: Any) -> bool:
    """A list counts as too short for pydantic when its rows are wrong: those are said by themselves."""
    given = error.get("input")
    return error["type"] == "too_short" and isinstance(given, list) and len(given) >= error["ctx"]["min_length"]


def _unmet(error: Any, record: type[Record]) -> Unmet:
    path = [str(part) for part in error["loc"]]
    where, asked = _place(error["loc"], record)
    return Unmet(record.rule, _reason(error, where, asked), ".".join(path) or None)


def _place(loc: tuple[int | str, ...], record: type[Record]) -> tuple[str, FieldInfo | None]:
    """Where a fault is, by the labels people read, and the field it is in."""
    info = record.model_fields.get(str(loc[0])) if loc else None
    if info is None:
        return (f"'{loc[0]}'" if loc else "What was given"), None
    where = f"'{info.title or loc[0]}'"
    if len(loc) == 1:
        return where, info
    number = int(loc[1]) + 1 if str(loc[1]).isdigit() else loc[1]
    if kind_of(info) is not Kind.ROWS:
        return f"{where}, entry {number}", info
    if len(loc) == 2:
        return f"{where}, row {number}", info
    inner = _inner_type(info.annotation)
    below = inner.model_fields.get(str(loc[2])) if hasattr(inner, "model_fields") else None
    return f"{where}, row {number}, '{(below.title if below else None) or loc[2]}'", below


def not_a_day_of_ours(where: str, on: date) -> str | None:
    """What is wrong with a day so early or late that it is a slip of the keyboard; None for any other."""
    return None if EARLIEST <= on <= LATEST else _not_a_day_of(where, on)


def _not_a_day_of(where: str, given: Any) -> str:
    return f"{where} must be a date from {EARLIEST} to {LATEST}; it is {given!s}."


def _reason(error: Any, where: str, asked: FieldInfo | None) -> str:
    kind, given = error["type"], error.get("input")
    match kind:
        case "missing":
            return f"{where} is missing."
        case "extra_forbidden":
            return f"There is no field '{error['loc'][-1]}' in this record."
        case "value_error":
            return str(error["ctx"]["error"])
        case "greater_than_equal" | "less_than_equal" if asked and kind_of(asked) is Kind.DATE:
            return _not_a_day_of(where, given)
        case "string_pattern_mismatch" if isinstance(given, str) and asked is not None:
            wrong = what_is_wrong(given.strip(), one_line=kind_of(asked) is not Kind.WORDS)
            return f"{where} {wrong or in_words(kind)}."
        case _:
            words = f"{where} {in_words(kind, error.get('ctx'))}"
            return f"{words}." if kind in _SAYS_ENOUGH else f"{words}; it is {_shown(given)}."


#: Faults whose words need no look at what was given; a text of ten pages is not repeated.
_SAYS_ENOUGH = frozenset({"too_short", "string_too_short", "too_long", "string_too_long", "string_unicode"})


def _shown(given: Any) -> str:
    words = ascii(given)
    return words if len(words) <= 80 else f"{words[:77]}..."
