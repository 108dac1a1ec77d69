"""A form from a record's declaration, and a record from what was posted (design 4: fields declared once).

Nothing is judged here: what was typed goes to the act as it is, and what the act refuses comes back beside the
field it is about, with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from casework.errors import Unusable
from states.records.base import FieldSeen, Kind, Record
from states.vocabulary import Unmet
from web.date_boxes import as_iso
from web.formats import with_days

YES_NO = (("yes", "Yes"), ("no", "No"))
#: Above the record on every form: when it happened, and who decided.
ENVELOPE = ("happened_on", "decided_by", "late_reason", "evidence")
ROWS_AT_MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in a form: text by field name, lists for choices, rows as forms of their own."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What stands in a field of one line."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def date_part(self, name: str, part: str) -> str:
        """Day, month or year of a date field."""
        value = self.values.get(name)
        return str(value.get(part, "")) if isinstance(value, Mapping) else ""

    def chosen(self, name: str) -> list[str]:
        """What is ticked."""
        value = self.values.get(name, [])
        return list(value) if isinstance(value, list) else []

    def rows(self, name: str) -> list[Typed]:
        """The rows of a repeating field."""
        value = self.values.get(name, [])
        return [Typed(values=row) for row in value] if isinstance(value, list) else []


def name_of(seen: FieldSeen, prefix: str = "") -> str:
    """The name of a field in the form: one that stands above every record keeps its name for itself."""
    own = f"record-{seen.name}" if seen.name in ENVELOPE and not prefix else seen.name
    return f"{prefix}{own}"


def posted(form: MultiDict[str, str], fields: Sequence[FieldSeen], prefix: str = "") -> dict[str, Any]:
    """What was typed, field by field, as it stands in the form. `add` and `remove` buttons change the rows."""
    values: dict[str, Any] = {}
    for seen in fields:
        name = name_of(seen, prefix)
        match seen.kind:
            case Kind.DATE:
                values[seen.name] = {part: form.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year")}
            case Kind.CHOICES if seen.options:
                values[seen.name] = form.getlist(name)
            case Kind.CHOICES:  # a list in one's own words, a line each
                lines = "\n".join(form.getlist(name)).splitlines()
                values[seen.name] = [line.strip() for line in lines if line.strip()]
            case Kind.ROWS:
                values[seen.name] = _rows(form, seen, name)
            case _:
                values[seen.name] = form.get(name, "")
    return values


def _rows(form: MultiDict[str, str], seen: FieldSeen, name: str) -> list[dict[str, Any]]:
    try:
        count = min(int(form.get(f"{name}-count", "0")), ROWS_AT_MOST)
    except ValueError:
        count = 0
    rows = [posted(form, seen.rows, f"{name}.{number}.") for number in range(count)]
    action = form.get("action", "")
    if action == f"add:{name}":
        rows.append({})
    elif action.startswith(f"remove:{name}:"):
        number = action.rpartition(":")[2]
        if number.isdigit() and int(number) < len(rows):
            del rows[int(number)]
    return rows


def posted_date(form: MultiDict[str, str], name: str) -> dict[str, str]:
    """The three boxes of a date that stands above, or beside, a record."""
    return {part: form.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year")}


def day_of(value: Any, label: str) -> date:
    """A date typed in three boxes. Raises Unusable where it is none."""
    text = date_text(value)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{label}: enter a day, such as 27 3 2026.") from None


def parts_of(on: date | None) -> dict[str, str]:
    """A date as it stands in three boxes."""
    return {} if on is None else {"day": str(on.day), "month": str(on.month), "year": str(on.year)}


def date_text(value: Any) -> str:
    """A date typed in three boxes as ISO text; what is no date is passed on as typed, to be refused in words."""
    if not isinstance(value, Mapping):
        return ""
    return as_iso(value)


def record_of(values: Mapping[str, Any], fields: Sequence[FieldSeen]) -> dict[str, Any]:
    """The record that an act takes: what was left empty is left out."""
    record: dict[str, Any] = {}
    for seen in fields:
        value = values.get(seen.name)
        if seen.kind is Kind.DATE:
            value = date_text(value)
        elif seen.kind is Kind.ROWS:
            value = [row for row in (record_of(one, seen.rows) for one in value or []) if row]
        if value not in ("", None, []):
            record[seen.name] = value
    return record


def without_empty_rows(values: Mapping[str, Any], fields: Sequence[FieldSeen]) -> dict[str, Any]:
    """The same form without the rows in which nothing was typed: what is said of a row is said of the one shown."""
    kept = dict(values)
    for seen in fields:
        if seen.kind is Kind.ROWS:
            kept[seen.name] = [row for row in values.get(seen.name, []) if record_of(row, seen.rows)]
    return kept


def as_posted(values: Mapping[str, Any], fields: Sequence[FieldSeen], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The form as a browser sends it, name by name: for a page that carries it on unseen."""
    for seen in fields:
        name, value = name_of(seen, prefix), values.get(seen.name)
        match seen.kind:
            case Kind.DATE:
                parts = value if isinstance(value, Mapping) else {}
                yield from ((f"{name}-{part}", str(parts.get(part, ""))) for part in ("day", "month", "year"))
            case Kind.CHOICES:
                yield from ((name, str(one)) for one in value or [])
            case Kind.ROWS:
                rows = value or []
                yield f"{name}-count", str(len(rows))
                for number, row in enumerate(rows):
                    yield from as_posted(row, seen.rows, f"{name}.{number}.")
            case _:
                yield name, str(value or "")


def empty_rows(record: type[Record]) -> dict[str, Any]:
    """A form that is opened: repeating fields begin with as many rows as are needed, one at least."""
    return {seen.name: [{}] for seen in record.fields() if seen.kind is Kind.ROWS and seen.required}


def from_record(content: Mapping[str, Any], fields: Sequence[FieldSeen]) -> dict[str, Any]:
    """A form filled from a record that is there: for a correction, or from what is known already."""
    values: dict[str, Any] = {}
    for seen in fields:
        value = content.get(seen.name)
        match seen.kind:
            case Kind.DATE:
                values[seen.name] = parts_from(value)
            case Kind.CHOICES:
                values[seen.name] = list(value or [])
            case Kind.ROWS:
                values[seen.name] = [from_record(row, seen.rows) for row in value or []]
            case Kind.YES_NO:
                values[seen.name] = "" if value is None else "yes" if value else "no"
            case _:
                values[seen.name] = "" if value is None else str(value)
    return values


def parts_from(value: Any) -> dict[str, str]:
    """A date kept as ISO text as it stands in three boxes; of anything else nothing."""
    try:
        return parts_of(date.fromisoformat(value) if isinstance(value, str) else None)
    except ValueError:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What is still needed, by field, and in a list with links for the top of the page."""

    listed: tuple[Unmet, ...] = ()
    fields: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    prefix: str = ""  # of the form's fields, where a page has a form for each of many children

    def of(self, name: str) -> str:
        """What is wrong with a field, in words; empty when nothing is."""
        own = name.removeprefix(self.prefix)
        return " ".join(unmet.reason for unmet in self.listed if unmet.field == own)

    def summary(self) -> list[dict[str, str]]:
        """Every reason, linked to its field where it has one on this form."""
        return [self._line(unmet) for unmet in self.listed]

    def _line(self, unmet: Unmet) -> dict[str, str]:
        words = f"{unmet.reason} ({unmet.rule})" if unmet.rule else unmet.reason
        name = unmet.field or ""
        root = name.split(".", 1)[0]
        if root not in self.fields and (root not in ENVELOPE or self.prefix):
            return {"text": words}
        last = name.rpartition(".")[2]
        day = "-day" if name in self.dates or last in self.dates else ""
        return {"text": words, "href": f"#{self.prefix}{name}{day}"}


def errors(reasons: Sequence[Unmet], fields: Sequence[FieldSeen], *, prefix: str = "") -> Errors:
    """The reasons of a refusal as a form shows them, with dates as people write them."""
    dates = {seen.name for seen in fields if seen.kind is Kind.DATE}
    dates |= {inner.name for seen in fields for inner in seen.rows if inner.kind is Kind.DATE}
    return Errors(
        listed=tuple(replace(unmet, reason=with_days(unmet.reason)) for unmet in reasons),
        fields=frozenset(seen.name for seen in fields),
        dates=frozenset(dates | {"happened_on"}),
        prefix=prefix,
    )
