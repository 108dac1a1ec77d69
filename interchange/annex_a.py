"""Read Annex A, the workbook made for inspections: List 8 (children in care) and List 10 (adoption).

It holds the dates that a single year's return has lost (returns 0.3), the permanence plan and who is
allocated, and it knows no next review and no carer. Columns are given as Excel letters in every problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from interchange import codes, workbook
from interchange.annex_columns import LIST_8, LIST_10, Columns, find_columns, sheet_of
from interchange.candidates import candidate_reason
from interchange.cells import (
    CEASED_CODE,
    ETHNIC_CODE,
    LEGAL_CODE,
    LEGAL_WORDS,
    NEED_CODE,
    PLACEMENT_CODE,
    PLACEMENT_WORDS,
    PROVIDER_CODE,
    Row,
    sex_of,
)
from interchange.children import LEFT_CARE, PLACEMENT_ORDER, SHORT_BREAKS_ONLY
from interchange.dates import is_adult, year_end, year_label
from interchange.limits import DEFAULT_LIMITS, Limits
from interchange.problems import Problems, refusal
from interchange.returned import UNKNOWN, Qualifier, Return, ReturnedChild, TableRead

SOURCE: Final = "annex-a"
COMPANY: Final = timedelta(days=92)
"""How near to the latest date another row's must lie for it to be believed as the day of the list."""


def read_annex_a(
    path: str | Path, *, limits: Limits = DEFAULT_LIMITS, business_date: date | None = None
) -> Return:
    """Read the workbook's List 8 and, where there is one, List 10.

    The day it speaks of is `business_date`, or else the latest date in List 8 that is not alone
    (`_day_of_list`): the list was made on it or soon after. Raises `FileRefused` for a structural fault.
    """
    problems = Problems()
    with workbook.opened(Path(path), limits) as book:
        sheet = sheet_of(book, LIST_8)
        if sheet is None:
            raise refusal("SHEET-MISSING", book.name)
        columns = find_columns(book, sheet, LIST_8, problems)
        rows = [
            Row(book, columns, number, cells, problems)
            for number, cells in book.rows(sheet)
            if number > columns.row
        ]
        _refuse_formulas_only(book, columns, rows)
        entries = _entries(rows)
        tables = [TableRead(LIST_8.name, book.name, len(rows), True)]
        adoptions: dict[str, _Adoption] = {}
        adoption_sheet = sheet_of(book, LIST_10)
        if adoption_sheet is None or adoption_sheet == sheet:
            problems.note("TABLE-ABSENT", book.name, None, None, sheet=LIST_10.name)
        else:
            adoption_columns = find_columns(book, adoption_sheet, LIST_10, problems)
            adoption_rows = [
                Row(book, adoption_columns, number, cells, problems)
                for number, cells in book.rows(adoption_sheet)
                if number > adoption_columns.row
            ]
            tables.append(TableRead(LIST_10.name, book.name, len(adoption_rows), True))
            adoptions = _adoptions(adoption_rows, entries)
        on = business_date or _day_of_list(entries)
        if on is None:
            raise refusal("FILE-NO-DATES", book.name, sheet=sheet)
        children = tuple(
            _child(entries[council_id], adoptions.get(council_id), on) for council_id in sorted(entries)
        )
    rejected, flagged = problems.listed()
    return Return(
        source=SOURCE,
        year=year_label(year_end(on)),
        business_date=on,
        tables=tuple(tables),
        children=children,
        rejected=rejected,
        flagged=flagged,
    )


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One row of List 8 as it was read; dates are not yet held against the day of the list."""

    row: Row
    council_id: str
    born: date | None
    started: date | None
    legal_since: date | None
    placed_since: date | None
    reviewed: date | None
    ceased: date | None
    seen: date | None
    legal: str | None
    placement: str | None

    @property
    def dates(self) -> tuple[date, ...]:
        """Everything that had happened when the list was made."""
        happened = (self.started, self.legal_since, self.placed_since, self.reviewed, self.ceased, self.seen)
        return tuple(day for day in happened if day is not None)

    @property
    def rank(self) -> tuple[object, ...]:
        """Of two rows of a child the one still in care, else the later; the order of rows never matters."""
        earliest = date.min
        return (
            self.ceased is None,
            self.started or earliest,
            self.legal_since or earliest,
            self.placed_since or earliest,
            self.reviewed or earliest,
            self.ceased or earliest,
            self.legal or "",
            self.placement or "",
            tuple(str(cell.value) for cell in self.row.cells),
        )


@dataclass(frozen=True, slots=True)
class _Adoption:
    """What List 10 says of a child."""

    decided: date | None
    ordered: date | None
    placed: date | None
    reversed: date | None


def _refuse_formulas_only(book: workbook.Book, columns: Columns, rows: list[Row]) -> None:
    """A workbook saved without results has no identifier in any row: nothing in it can be believed."""
    if rows and all(row.cell("child").unsaved for row in rows):
        raise refusal("BOOK-FORMULAS", book.name, column=columns.letter("child"), sheet=columns.sheet)


def _entries(rows: list[Row]) -> dict[str, _Entry]:
    """List 8's rows by child, one each."""
    entries: dict[str, _Entry] = {}
    for entry in _readable(rows):
        known = entries.setdefault(entry.council_id, entry)
        if known is entry:
            continue
        kept, other = (entry, known) if entry.rank > known.rank else (known, entry)
        other.row.note("ROW-TWICE" if entry.rank == known.rank else "ROW-PERIODS", "child")
        entries[entry.council_id] = kept
    return entries


def _readable(rows: list[Row]) -> Iterator[_Entry]:
    """The rows that can be used: a child, something about care, and whether it has ended."""
    for row in rows:
        council_id = row.child()
        if council_id is None:
            row.note("ROW-CHILD", "child")
            continue
        if all(row.blank(field) for field in ("born", "started", "legal", "placement")):
            row.note("ROW-NOTHING", "child")
            continue
        ceased = row.day("ceased")
        if ceased is None and not row.blank("ceased"):
            row.note("CELL-CEASED", "ceased")
            continue
        seen = [day for day in (row.day("seen"), row.day("iro_seen")) if day is not None]
        yield _Entry(
            row=row,
            council_id=council_id,
            born=row.day("born"),
            started=row.day("started"),
            legal_since=row.day("legal_since"),
            placed_since=row.day("placed_since"),
            reviewed=row.day("reviewed"),
            ceased=ceased,
            seen=max(seen, default=None),
            legal=row.code("legal", LEGAL_CODE, codes.LEGAL_STATUS, LEGAL_WORDS),
            placement=row.code("placement", PLACEMENT_CODE, codes.PLACEMENT, PLACEMENT_WORDS),
        )


def _adoptions(rows: list[Row], entries: dict[str, _Entry]) -> dict[str, _Adoption]:
    """List 10's rows of children on List 8; of several decisions the latest."""
    found: dict[str, list[_Adoption]] = {}
    for row in rows:
        council_id = row.child()
        if council_id is None:
            row.note("ROW-CHILD", "child")
            continue
        adoption = _Adoption(row.day("decided"), row.day("ordered"), row.day("placed"), row.day("reversed"))
        born, entry = row.day("born"), entries.get(council_id)
        if entry is None:
            row.note("LIST10-CHILD", "child")
        elif born is not None and entry.born is not None and born != entry.born:
            row.note("LIST10-BIRTH", "born")
        else:
            found.setdefault(council_id, []).append(adoption)
    return {council_id: max(several, key=_latest) for council_id, several in found.items()}


def _latest(adoption: _Adoption) -> tuple[date, ...]:
    days = (adoption.decided, adoption.ordered, adoption.placed, adoption.reversed)
    return tuple(day or date.min for day in days)


def _day_of_list(entries: dict[str, _Entry]) -> date | None:
    """The latest thing that had happened to a child of the list, unless it stands far off alone."""
    latest = sorted((max(entry.dates) for entry in entries.values() if entry.dates), reverse=True)
    for day, next_day in pairwise(latest):
        if day - next_day <= COMPANY:
            return day
    return latest[0] if latest else None


def _child(entry: _Entry, adoption: _Adoption | None, on: date) -> ReturnedChild:
    """The child as the list shows it on its day. "Start of most recent placement" begins anew when the same
    carer moves house or changes agency (returns 3), so it is on or before; the other dates are exact.
    """
    row = entry.row
    born = _not_later(entry, "born", entry.born, on)
    started = _not_later(entry, "started", entry.started, on)
    legal_since = _not_later(entry, "legal_since", entry.legal_since, on)
    placed_since = _not_later(entry, "placed_since", entry.placed_since, on)
    open_ = entry.ceased is None
    if born is not None:
        for field, day in (
            ("started", started),
            ("legal_since", legal_since),
            ("placed_since", placed_since),
        ):
            if day is not None and day < born:
                row.note("BORN-LATER", field)
        if open_ and is_adult(born, on):
            row.note("AGE-18", "ceased")
    if entry.ceased is not None and started is not None and entry.ceased < started:
        row.note("CEASED-EARLIER", "ceased")
    ordered = (
        (adoption.ordered if adoption else None) or legal_since if entry.legal == PLACEMENT_ORDER else None
    )
    reason = candidate_reason(
        legal_status=entry.legal, placement_code=entry.placement, date_of_birth=born, on=on
    )
    return ReturnedChild(
        council_id=entry.council_id,
        sex=sex_of(row.text("sex")),
        date_of_birth=born,
        ethnicity=row.code("ethnicity", ETHNIC_CODE, codes.ETHNICITY),
        need=row.code("need", NEED_CODE, codes.NEED),
        legal_status=entry.legal if open_ else None,
        legal_status_since=legal_since if open_ else None,
        legal_status_since_qualifier=_qualified(legal_since, Qualifier.EXACT) if open_ else None,
        looked_after_since=started if open_ else None,
        looked_after_since_qualifier=_qualified(started, Qualifier.EXACT) if open_ else None,
        placement_code=entry.placement if open_ else None,
        placement_since=placed_since if open_ else None,
        placement_since_qualifier=_qualified(placed_since, Qualifier.ON_OR_BEFORE) if open_ else None,
        placement_provider=row.code("provider", PROVIDER_CODE, codes.PROVIDER) if open_ else None,
        placement_order_since=ordered if open_ else None,
        placement_order_since_qualifier=_qualified(ordered, Qualifier.EXACT) if open_ else None,
        adoption_decision_on=adoption.decided if adoption else None,
        adoption_decision_reversed_on=adoption.reversed if adoption else None,
        placed_for_adoption_on=adoption.placed if adoption else None,
        last_review_on=_not_later(entry, "reviewed", entry.reviewed, on),
        last_visit_on=_not_later(entry, "seen", row.day("seen"), on),
        permanence_plan=row.text("plan"),
        allocated_team=row.text("team") or UNKNOWN,
        allocated_worker=row.text("worker") or UNKNOWN,
        candidate=open_ and reason is not None,
        candidate_reason=reason if open_ else None,
        open=open_,
        why_not_a_case=_why_not(entry),
        ended_on=entry.ceased,
        end_reason=row.code("ceased_why", CEASED_CODE, codes.REASON_CEASED),
        file=row.book.name,
        sheet=row.columns.sheet,
        line=row.number,
    )


def _not_later(entry: _Entry, field: str, day: date | None, on: date) -> date | None:
    """A start or a review cannot lie after the day of the list; then it is unknown."""
    if day is not None and day > on:
        entry.row.note("CELL-LATER", field)
        return None
    return day


def _qualified(day: date | None, qualifier: Qualifier) -> Qualifier | None:
    return None if day is None else qualifier


def _why_not(entry: _Entry) -> str | None:
    if entry.ceased is not None:
        return LEFT_CARE
    return SHORT_BREAKS_ONLY if entry.legal in codes.SHORT_BREAKS else None
