"""The kinds of value a policy file can hold, each with its own way of being read and written.

Every value in a policy file says where it comes from: an authority mark (rules 0.1), how far
that was checked (rules 0.2), a source, and the day it took effect. That is its `Origin`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StrictStr,
)
from pydantic_core import CoreSchema, core_schema

from states.policy.recurring import Recurring
from states.records.codes import Colour, StepName
from states.vocabulary import RANKS, Role

K = TypeVar("K")
V = TypeVar("V")


class Mark(StrEnum):
    """Whose authority a value rests on (rules 0.1)."""

    ACT = "ACT"  # statute
    REG = "REG"  # regulation
    SG = "SG"  # statutory guidance
    NSG = "NSG"  # non-statutory national guidance
    LP = "LP"  # local policy of a named authority
    CASE = "CASE"  # a court's or the Ombudsman's decision
    SEED = "SEED"  # a document the pathway was built from
    DEF = "DEF"  # no source found: a default proposed here
    UNC = "UNC"  # uncertain, or sources conflict


Check = Literal[
    "v", "p", "k"
]  # rules 0.2: read · document known · professional knowledge, still to be checked


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a date such as 2026-12-24")


Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[StrictStr, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one value comes from, and the London date it took effect."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    mark: Mark
    source: Words
    from_date: Day
    check: Check | None = None
    until: Day | None = None  # the last day for which it was given, such as a tax year's (D-40)


class SpanUnit(StrEnum):
    """What a `Span` counts."""

    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


_PLAIN_SPAN = re.compile(r"(\d{1,6}) (working day|day|week|month|year)s?")
_YEARS_AND_MONTHS = re.compile(r"(\d{1,3}) ?(?:y|years?) ?(\d{1,2}) ?(?:m|months?)")
_ROUGH_DAYS = {
    SpanUnit.DAYS: Fraction(1),
    SpanUnit.WORKING_DAYS: Fraction(7, 5),
    SpanUnit.WEEKS: Fraction(7),
    SpanUnit.MONTHS: Fraction(3652425, 120000),
    SpanUnit.YEARS: Fraction(3652425, 10000),
}
_THOUSAND_YEARS = 1000 * _ROUGH_DAYS[SpanUnit.YEARS]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in one unit: `Span(6, SpanUnit.WEEKS)`. In a policy file: "6 weeks", "17y6m"."""

    count: int
    unit: SpanUnit

    def __post_init__(self) -> None:
        if self.count < 0 or self.rough_days > _THOUSAND_YEARS:
            raise ValueError("a length of time cannot be negative, nor longer than 1000 years")

    @classmethod
    def parse(cls, words: object) -> Self:
        """Read "6 weeks", "20 working days", "12 months", "17y6m" or "17 years 6 months".

        Raises ValueError, in words for a policy officer, for anything else.
        """
        if isinstance(words, cls):
            return words
        if isinstance(words, str):
            if plain := _PLAIN_SPAN.fullmatch(words):
                return cls(int(plain[1]), SpanUnit(plain[2] + "s"))
            both = _YEARS_AND_MONTHS.fullmatch(words)
            if both and int(both[2]) < 12:
                return cls(int(both[1]) * 12 + int(both[2]), SpanUnit.MONTHS)
        raise ValueError('must be a length of time in quotes, such as "6 weeks", "12 months" or "17y6m"')

    def __str__(self) -> str:
        if self.unit is SpanUnit.MONTHS and self.count > 24 and self.count % 12:
            years, months = divmod(self.count, 12)
            return f"{Span(years, SpanUnit.YEARS)} {Span(months, SpanUnit.MONTHS)}"
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"

    @property
    def rough_days(self) -> Fraction:
        """About how many days this is: to compare two spans, never to work out a date."""
        return self.count * _ROUGH_DAYS[self.unit]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)


def _time_of_day(words: object) -> time:
    if isinstance(words, time) and words.tzinfo is None:
        return words
    if isinstance(words, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", words):
        return time.fromisoformat(words)
    raise ValueError('must be a time of day in quotes, such as "07:30"')


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A time of day in a named zone. In a policy file: "02:15 Europe/London"."""

    at: time
    zone: str

    @classmethod
    def parse(cls, words: object) -> Self:
        """Read "02:15 Europe/London". Raises ValueError for anything else."""
        if isinstance(words, cls):
            return words
        if isinstance(words, str) and len(parts := words.split(" ")) == 2:
            try:
                return cls(_time_of_day(parts[0]), parts[1])
            except ValueError:
                pass
        raise ValueError('must be a time and a zone in quotes, such as "02:15 Europe/London"')

    def __str__(self) -> str:
        return f"{self.at:%H:%M} {self.zone}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)


class Frozen(Mapping[K, V]):
    """A read-only mapping that can be hashed."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def _mail_address(words: str) -> str:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", words):
        return words
    raise ValueError("must be a mail address")


MailAddress = Annotated[StrictStr, AfterValidator(_mail_address)]


def _ranked(post: object) -> object:
    if post in RANKS:
        return post
    raise ValueError(f"must be one of {', '.join(RANKS)}")


def _on_the_ladder(post: object) -> object:
    if post == "owner" or post in RANKS:
        return post
    raise ValueError(f"must be one of owner, {', '.join(RANKS)}")


RankedPost = Annotated[Role, BeforeValidator(_ranked)]

GRANT_TIERS: Final = "the grant tiers"


def _post_or_tiers(post: object) -> object:
    if post in RANKS or post == GRANT_TIERS:
        return post
    raise ValueError(f"must be one of {GRANT_TIERS}, {', '.join(RANKS)}")


PostOrTiers = Annotated[Literal["the grant tiers"] | Role, BeforeValidator(_post_or_tiers)]


def _off_or_pounds(value: object) -> object:
    if value == "off" or (isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10_000_000):
        return value
    raise ValueError('must be "off" or whole pounds without quotes')


OffOrPounds = Annotated[Literal["off"] | int, BeforeValidator(_off_or_pounds)]


def _go_live(value: object) -> object:
    if value == "date of adoption":
        return value
    try:
        return _day(value)
    except ValueError as not_a_day:
        raise ValueError(f'{not_a_day} or "date of adoption"') from None


GoLive = Annotated[Literal["date of adoption"] | date, BeforeValidator(_go_live)]


class Rung(BaseModel):
    """One step of the ladder: after so many working days a finding also goes to this post (practice PN-2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Annotated[int, Field(strict=True, ge=0)]
    to: Annotated[Literal["owner"] | Role, BeforeValidator(_on_the_ladder)]
    urgent_only: Annotated[bool, Field(strict=True)] = False


class Value(NamedTuple):
    """One value of a policy, with its place: what `sgo policy show` prints."""

    section: str
    key: str
    value: object
    origin: Origin


Count = Annotated[int, Field(strict=True, gt=0, le=1000)]
Week = Annotated[int, Field(strict=True, ge=-520, le=520)]
WholePounds = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Flag = Annotated[bool, Field(strict=True)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Counts = Annotated[tuple[Count, ...], Field(min_length=1)]
WordList = Annotated[tuple[Words, ...], Field(min_length=1)]
Spans = Annotated[Mapping[Colour, Span], Field(min_length=1), AfterValidator(Frozen)]
Weeks = Annotated[Mapping[StepName, Week], Field(min_length=1), AfterValidator(Frozen)]
Origins = Annotated[Mapping[str, Origin], AfterValidator(Frozen)]
FinancialYearWords = Annotated[StrictStr, Field(pattern=r"^20\d\d/\d\d$")]
PoundsByWord = Annotated[Mapping[Words, WholePounds], AfterValidator(Frozen)]
DriftId = Annotated[StrictStr, Field(pattern=r"^D-\d\d$")]


def plain(value: object) -> Any:
    """A policy value as JSON can hold it, the way a policy file writes it."""
    match value:
        case BaseModel():
            fields = type(value).model_fields
            return {field.alias or name: plain(getattr(value, name)) for name, field in fields.items()}
        case Decimal():
            return f"{value.normalize() + 0:f}"
        case time():
            return f"{value:%H:%M}"
        case date():
            return value.isoformat()
        case Span() | LocalTime() | Recurring():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple():
            return [plain(item) for item in value]
        case _:
            return value
