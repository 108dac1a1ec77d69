"""A whole policy: its sections, and the form in which a version is stored and recognised (design 5.7)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from states.policy import sections as s
from states.policy.problems import Path, PolicyRefused, problems_of
from states.policy.values import Origin, Value, plain


class Policy(BaseModel):
    """The numbers one authority has set: `policy.rating.first_rating_working_days` is a plain int."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: s.Authority
    calendar: s.CalendarPolicy
    scope: s.Scope
    rating: s.RatingPolicy
    group: s.GroupPolicy
    meetings: s.MeetingsPolicy
    trajectory: s.TrajectoryPolicy
    kdd: s.KddPolicy
    roa: s.RoaPolicy
    assessment: s.AssessmentPolicy
    legal: s.LegalPolicy
    court: s.CourtPolicy
    not_progressing: s.NotProgressingPolicy
    reviews: s.ReviewsPolicy
    finance: s.FinancePolicy
    finance_days: s.FinanceDaysPolicy
    notices: s.NoticesPolicy
    means_test: s.MeansTestPolicy
    rates: s.RatesPolicy
    post_order: s.PostOrderPolicy
    views: s.ViewsPolicy
    warn: s.WarnPolicy
    night: s.NightPolicy
    mail: s.MailPolicy
    records: s.RecordsPolicy

    def canonical_json(self) -> str:
        """The content in one fixed form: sorted keys, no floats. Equal policies give equal text."""
        tables: dict[str, dict[str, Any]] = {}
        for section, key, value, origin in policy_values(self):
            tables.setdefault(section, {})[key] = {"value": plain(value)} | _about(origin)
        return json.dumps(tables, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def sha256(self) -> str:
        """The hash of the content, by which a stored version is recognised."""
        return sha256(self.canonical_json().encode()).hexdigest()

    @classmethod
    def from_canonical_json(cls, text: str) -> Self:
        """The policy that `canonical_json` wrote.

        A stored version is not asked again whether it contradicts itself: it was, when it was
        adopted. Raises PolicyRefused if it does not fit this version of the program.
        """
        return cls.from_tables(json.loads(text), name="stored policy")

    @classmethod
    def as_stored(cls, text: str) -> dict[str, dict[str, Any]]:
        """The tables of a stored version, without what this version of the program has no use for any more."""
        tables: dict[str, dict[str, Any]] = json.loads(text)
        return {
            section: {key: value for key, value in tables[section].items() if key in names}
            for section, names in cls._names().items()
            if section in tables
        }

    @classmethod
    def lacking(cls, tables: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
        """The (section, key) of every value that this version of the program needs and the tables do not have."""
        return tuple(
            (section, key)
            for section, names in cls._names().items()
            for key in names
            if key not in tables.get(section, {})
        )

    @classmethod
    def _names(cls) -> dict[str, tuple[str, ...]]:
        kinds = {name: field.annotation for name, field in cls.model_fields.items()}
        return {
            name: kind.names()
            for name, kind in kinds.items()
            if isinstance(kind, type) and issubclass(kind, s.Section)
        }

    @classmethod
    def from_tables(cls, tables: Mapping[str, Any], *, name: str) -> Self:
        """A policy from nested `{section: {key: {value, mark, source, from}}}`. Raises PolicyRefused."""
        try:
            return cls.model_validate(tables)
        except ValidationError as error:
            raise PolicyRefused(problems_of(error, cls, name=name, place=_nowhere)) from None


def _nowhere(_path: Path) -> tuple[int, int]:
    return 1, 1


def policy_values(policy: Policy) -> Iterator[Value]:
    """Every value with its place and origin, in the order of the register: for `sgo policy show`."""
    for section in type(policy).model_fields:
        values: s.Section = getattr(policy, section)
        for key in values.names():
            yield Value(section, key, getattr(values, key), values.origin[key])


def _about(origin: Origin) -> dict[str, str]:
    about = {"mark": str(origin.mark), "source": origin.source, "from": origin.from_date.isoformat()}
    until = {"until": origin.until.isoformat()} if origin.until else {}
    return about | ({"check": origin.check} if origin.check else {}) | until
