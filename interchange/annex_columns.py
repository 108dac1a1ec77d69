"""The headings of Annex A's lists, found whatever the authority made of them (returns 3).

Case, curly quotes, stray brackets and spaces do not matter. A heading of ours is found by its words; one
that the list has and we do not read is known; any other column is ignored and flagged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from interchange.problems import FileRefused, Problem, Problems, refusal, shown_value
from interchange.workbook import Book, Cell, column_letter

DEEPEST_HEADING: Final = 25
"""Rows from the top in which headings are looked for: some authorities put a title above them."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column we read: Annex A's own title, the words that make it, whether it is needed."""

    field: str
    title: str
    words: str
    required: bool = False
    missed: bool = True
    """Whether anything about the child stays unknown without it."""


@dataclass(frozen=True, slots=True)
class ListForm:
    """One list of Annex A: how its sheet may be called, what is read, what is known but not read."""

    name: str
    sheet: str
    headings: tuple[Heading, ...]
    known: str


CHILD_WORDS: Final = r"child(ren)?( s)?( unique)? (id|identifier)( number)?|unique( child)? id"

LIST_8: Final = ListForm(
    "List 8",
    r"list 0?8|children in care|children looked after|looked after children|cla|lac",
    (
        Heading("child", "Child Unique ID", CHILD_WORDS, required=True),
        Heading("sex", "Gender", r"gender|sex"),
        Heading("ethnicity", "Ethnicity", r"ethnicity|ethnic (group|origin|background)"),
        Heading("born", "Date of Birth", r"date of birth|dob|birth date", required=True),
        Heading(
            "started",
            "Date Started to be Looked After",
            r"date( the child)? started to be looked after",
            required=True,
        ),
        Heading("need", "Child's Category of Need", r"(child s )?category of need"),
        Heading(
            "legal_since",
            "Start date of current legal status",
            r"(start date|date) of( the)? current legal status|legal status start date",
            required=True,
        ),
        Heading("legal", "Child's Legal Status", r"(child s )?(current )?legal status", required=True),
        Heading(
            "reviewed",
            "Date of Latest Statutory Review",
            r"date of( the)? (latest|last|most recent) statutory review",
        ),
        Heading(
            "plan",
            "What is the permanence plan for this child?",
            r"what is the permanence plan( for this child)?|permanence plan",
        ),
        Heading(
            "ceased",
            "Date Ceased to be Looked After",
            r"date( the child)? ceased to be looked after",
            required=True,
        ),
        Heading(
            "ceased_why", "Reason Ceased to be Looked After", r"reason( the child)? ceased to be looked after"
        ),
        Heading(
            "placed_since",
            "Start Date of Most Recent Placement",
            r"start date of( the)? (most recent|latest|current) placement|placement start date",
            required=True,
        ),
        Heading("placement", "Placement Type", r"placement type|type of placement", required=True),
        Heading("provider", "Placement Provider", r"placement provider|provider of placement"),
        Heading("team", "Allocated Team", r"allocated team|team"),
        Heading("worker", "Allocated Worker", r"allocated (social )?worker|social worker"),
        Heading(
            "seen", "Date of Last Social Work Visit", r"date of( the)? last social work visit", missed=False
        ),
        Heading(
            "iro_seen",
            "Date of Last IRO Visit / Contact to the Child",
            r"date of( the)? last iro visit( contact to the child)?",
            missed=False,
        ),
    ),
    r"age.*|unaccompanied asylum.*|does the child have a disability|is this a second or subsequent.*"
    r"|date of last (health|dental).*|number of (placements|episodes).*|placement (postcode|location)"
    r"|urn of placement|la of placement|(was|did) the child .*return interview.*",
)

LIST_10: Final = ListForm(
    "List 10",
    r"list 10|adoption",
    (
        Heading("child", "Child Unique ID", CHILD_WORDS, required=True),
        Heading("born", "Date of Birth", r"date of birth|dob|birth date", required=True),
        Heading(
            "decided",
            "Date of Decision that Child Should be Placed for Adoption",
            r"date of( the)? decision that( the)? child should be placed for adoption",
        ),
        Heading("ordered", "Date of Placement Order", r"date of( the)? placement order", required=True),
        Heading("placed", "Date Placed for Adoption", r"date( the child was)? placed for adoption"),
        Heading(
            "reversed",
            "Date of Decision that Child Should No Longer be Placed for Adoption",
            r"date of( the)? decision that( the)? child should no longer be placed for adoption",
        ),
    ),
    r"family identifier|gender|sex|ethnicity|age.*|does the child have a disability"
    r"|date the child entered care|date of matching.*|date of adoption order|reason.*"
    r"|date the child was placed for fostering.*|.*concurrent.*",
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a list's columns are on its sheet: fields to indices (from 0), and the row of headings."""

    sheet: str
    row: int
    at: dict[str, int]

    def letter(self, field: str) -> str:
        """The column's letter, as Excel shows it."""
        return column_letter(self.at[field])


def plain(text: object) -> str:
    """A heading's words: lower case letters and digits, one space between, at most 200 characters."""
    folded = unicodedata.normalize("NFKC", str(text)[:200]).lower()
    return " ".join(re.findall(r"[a-z0-9]+", folded))


def sheet_of(book: Book, form: ListForm) -> str | None:
    """The sheet that is this list: by its name, else the only one with the list's headings; None if none is.

    Raises `FileRefused` when two sheets could be it.
    """
    names = {sheet: plain(sheet) for sheet in book.sheets}
    exact = [sheet for sheet, words in names.items() if re.fullmatch(form.sheet, words)]
    found = exact or [sheet for sheet, words in names.items() if re.search(rf"\b({form.sheet})\b", words)]
    found = found or [sheet for sheet in book.sheets if _has_headings(book, sheet, form)]
    if len(found) > 1:
        raise refusal("SHEET-TWICE", book.name, f"{form.name}: {', '.join(map(shown_value, found))}.")
    return found[0] if found else None


def find_columns(book: Book, sheet: str, form: ListForm, problems: Problems) -> Columns:
    """The row of headings and each field's column. Raises `FileRefused` naming what is missing or twice."""
    row, cells = _heading_row(book, sheet, form)
    words = [plain(cell.value) if cell.value is not None else "" for cell in cells]
    at: dict[str, int] = {}
    faults: list[Problem] = []
    claimed: set[int] = set()

    def fault(rule: str, letter: str | None, heading: object) -> Problem:
        words = f"{problems.message(rule)} It is “{shown_value(str(heading))}”."
        return Problem(book.name, row, letter, rule, words, sheet)

    for heading in form.headings:
        found = [index for index, text in enumerate(words) if text and re.fullmatch(heading.words, text)]
        claimed.update(found)
        if len(found) > 1:
            letter = column_letter(found[1])
            faults.append(fault("COLUMN-TWICE", letter, cells[found[1]].value))
        elif found:
            at[heading.field] = found[0]
        elif heading.required:
            faults.append(fault("COLUMN-MISSING", None, heading.title))
        elif heading.missed:
            problems.note("COLUMN-ABSENT", book.name, row, None, heading.title, sheet)
    if faults:
        raise FileRefused(faults)
    for index, text in enumerate(words):
        if text and index not in claimed and not re.fullmatch(form.known, text):
            problems.note(
                "COLUMN-IGNORED", book.name, row, column_letter(index), str(cells[index].value), sheet
            )
    return Columns(sheet, row, at)


def _has_headings(book: Book, sheet: str, form: ListForm) -> bool:
    """Whether some row near the top has every heading the list cannot do without."""
    return _best_row(book, sheet, [heading for heading in form.headings if heading.required])[0] == sum(
        heading.required for heading in form.headings
    )


def _heading_row(book: Book, sheet: str, form: ListForm) -> tuple[int, Sequence[Cell]]:
    """The row of headings. Half of what is required is enough, so that the message can name the rest."""
    score, row, cells = _best_row(book, sheet, form.headings)
    if score * 2 < sum(heading.required for heading in form.headings):
        raise refusal("SHEET-HEADINGS", book.name, sheet=sheet)
    return row, cells


def _best_row(book: Book, sheet: str, headings: Sequence[Heading]) -> tuple[int, int, Sequence[Cell]]:
    """How many of the headings the best row has, its number and its cells; the first of equal rows."""
    best: tuple[int, int, Sequence[Cell]] = (0, 0, ())
    for number, cells in book.rows(sheet):
        if number > DEEPEST_HEADING:
            break
        words = [plain(cell.value) for cell in cells if isinstance(cell.value, str)]
        score = sum(any(re.fullmatch(heading.words, text) for text in words) for heading in headings)
        if score > best[0]:
            best = (score, number, cells)
    return best
