"""The visible list: which rule refuses a file, which leaves a row out, which only flags it (practice 7).

Rows are read top to bottom by a data manager. A row is rejected only when it cannot be used at all: no
child, no readable start, or it seems to be about another child. The Department for Education's rules keep
their numbers (returns 5; their wording is in its own guide, these are our words); ours begin with a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What happens when a rule is broken."""

    REFUSES = "the whole file is refused"
    REJECTS = "the row is left out and listed"
    FLAGS = "the row is used and listed"


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule: what it does, in words for the person who mends the file, and where it comes from."""

    code: str
    effect: Effect
    words: str
    source: str


REFUSES, REJECTS, FLAGS = Effect.REFUSES, Effect.REJECTS, Effect.FLAGS
HOSTILE = "reliability C30"

_RULES: tuple[tuple[str, Effect, str] | tuple[str, Effect, str, str], ...] = (
    # --- The file itself ---------------------------------------------------------------------------------
    ("FILE-MISSING", REFUSES, "There is no such file, or it cannot be read."),
    ("FILE-NONE", REFUSES, "There is no return here: no CSV or XML file was found."),
    ("FILE-SIZE", REFUSES, "The file is larger than an import may be.", HOSTILE),
    ("FILE-EMPTY", REFUSES, "The file is empty."),
    ("FILE-BINARY", REFUSES,
     "This is not a text file (it holds NUL bytes). Save it as “CSV UTF-8”.", HOSTILE),
    ("FILE-ENCODING", REFUSES, "The text is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”."),
    ("FILE-LINE", REFUSES,
     "A line or cell is longer than any in a return: a quotation mark is not closed?", HOSTILE),
    ("FILE-QUOTES", REFUSES, "The quotation marks do not match, so cells cannot be told apart."),
    ("FILE-ROWS", REFUSES, "There are more rows or columns than an import may have.", HOSTILE),
    ("FILE-TABLE", REFUSES, "The first line is not the header row of any table of the return."),
    ("FILE-MIXED", REFUSES,
     "A return is a set of CSV files or one XML file, never both and never two XML files.",
     "returns 1"),
    ("FILE-TWICE", REFUSES, "Two files hold the same table. Import one year's return at a time."),
    ("FILE-NO-HEADER", REFUSES, "A return needs its Header table."),
    ("FILE-NO-EPISODES", REFUSES, "A return needs its Episodes table."),
    ("FILE-NO-DATES", REFUSES, "No episode has a readable start date, so the return's year cannot be told."),
    ("COLUMN-MISSING", REFUSES, "A column of the table is missing."),
    ("COLUMN-UNKNOWN", REFUSES, "The table has a column that the return does not have.", "reliability C31"),
    ("COLUMN-TWICE", REFUSES, "The same column stands twice.", "reliability R17"),
    ("XML-DTD", REFUSES, "The XML declares a document type or entities, which a return never does.", HOSTILE),
    ("XML-BROKEN", REFUSES, "The XML is not well formed."),
    ("XML-ROOT", REFUSES,
     "The XML is not an SSDA903 return (its first element is not EXPSSDA903).", "returns 1"),
    ("BOOK-TYPE", REFUSES, "This is not an Excel workbook (.xlsx).", HOSTILE),
    ("BOOK-LOCKED", REFUSES,
     "The workbook has a password or is in the old .xls format. Save it as plain .xlsx.",
     HOSTILE),
    ("BOOK-MACROS", REFUSES, "The workbook carries macros. Save it as .xlsx without them.", HOSTILE),
    ("BOOK-BOMB", REFUSES, "The workbook unpacks to far more than a return could be.", HOSTILE),
    ("BOOK-DAMAGED", REFUSES, "The workbook is damaged and cannot be read."),
    ("BOOK-FORMULAS", REFUSES,
     "The workbook holds formulas without their results. Open it in Excel and save it.",
     HOSTILE),
    ("SHEET-MISSING", REFUSES, "The workbook has no List 8 (children in care) sheet.", "returns 3"),
    ("SHEET-TWICE", REFUSES, "Two sheets could be the same list."),
    ("SHEET-HEADINGS", REFUSES, "The row of headings was not found on the sheet."),
    # --- What was found about a whole file ---------------------------------------------------------------
    ("FILE-IGNORED", FLAGS, "The folder also holds this file, which is not part of a return."),
    ("FILE-WINDOWS", FLAGS, "The text is Windows-1252, not UTF-8; it was read as such."),
    ("TABLE-ABSENT", FLAGS, "The return has no such table, so the rules that need it were not judged."),
    ("COLUMN-IGNORED", FLAGS, "This column is not one of the list's; it was not read.", "reliability C31"),
    ("COLUMN-ABSENT", FLAGS, "The list lacks this column; what it would say is unknown."),
    # --- Any row -----------------------------------------------------------------------------------------
    ("ROW-CELLS", REJECTS, "The row has not as many cells as the header row, so they cannot be told apart."),
    ("ROW-CHILD", REJECTS, "The child's identifier is blank or cannot be one."),
    ("ROW-TWICE", FLAGS, "The same row stands twice; it was used once."),
    ("CHILD-LENGTH", FLAGS,
     "The child's identifier has more than the ten characters a return allows.", "returns 1"),
    # --- Header ------------------------------------------------------------------------------------------
    ("101", FLAGS, "The sex is not one of the codes; it is unknown."),
    ("102", FLAGS, "The date of birth is not a date; it is unknown."),
    ("103", FLAGS, "The ethnicity is not one of the codes; it is unknown."),
    ("301", FLAGS, "The date of birth is after the end of the return's year; it is unknown."),
    ("INT32", FLAGS, "The child stands twice in the Header; where the rows differ the value is unknown."),
    # --- Episodes: the row itself ------------------------------------------------------------------------
    ("141", REJECTS, "The date the episode began is not a date."),
    ("143", FLAGS, "The reason for the new episode is not one of the codes; it is unknown."),
    ("144", FLAGS, "The legal status is not one of the codes; it is unknown."),
    ("145", FLAGS, "The category of need is not one of the codes; it is unknown."),
    ("146", FLAGS, "The placement type is not one of the codes; it is unknown."),
    ("147", REJECTS, "The date the episode ceased is not a date, so it cannot be told whether it is open."),
    ("148", FLAGS,
     "An end date needs a reason and a reason an end date. Without a date the episode is open."),
    ("149", FLAGS, "The reason the episode ceased is not one of the codes; it is unknown."),
    ("178", FLAGS, "The placement provider is not one of the codes; it is unknown."),
    ("1009", FLAGS, "The reason for the placement change is not one of the codes."),
    ("354", FLAGS, "The episode began after the end of the return's year."),
    ("385", FLAGS, "The episode ceased after the end of the return's year."),
    ("YEAR-FAR", REJECTS,
     "The episode begins more than a year after the return's year: the date is mistyped."),
    ("355", FLAGS, "The episode ends on the day it began."),
    ("356", REJECTS, "The episode ends before it began."),
    ("378", FLAGS, "A child placed with a parent cannot be accommodated under section 20 (V2)."),
    ("408", FLAGS, "Placed for adoption under a placement order (A5, A6), but the legal status is not E1."),
    ("516", FLAGS,
     "SGO to a former foster carer (E45, E46), but the placement is not foster care (U1 to U6)."),
    ("550", FLAGS, "The provider PR0 belongs only to placement with a parent (P1)."),
    ("407", FLAGS, "Ended by special guardianship although the young person was 18 or over."),
    ("BORN-LATER", FLAGS, "The date is before the child's date of birth."),
    ("AGE-18", FLAGS, "The episode is open although the young person is 18 or over."),
    # --- Episodes: one after another ---------------------------------------------------------------------
    ("142", FLAGS, "A later episode has begun but this one has no end date."),
    ("383", FLAGS,
     "After a temporary placement (T0 to T4) the child must return to the placement before it."),
    ("388", FLAGS, "The episode ends with X1 (continues) but no episode continues it."),
    ("431", FLAGS, "Started to be looked after (S), but the episode before ended the same day."),
    ("432", FLAGS, "The child had left care at the end of the episode before, so this one should say S."),
    ("433", FLAGS, "The episode should begin on the day the one before ended."),
    ("434", FLAGS, "Only the legal status should have changed (L), but the rows say otherwise."),
    ("435", FLAGS, "Only the placement should have changed (P, T), but the rows say otherwise."),
    ("436", FLAGS, "Both legal status and placement should have changed (B, U), but the rows say otherwise."),
    ("501", FLAGS, "The episode begins before the one before it has ended."),
    ("504", FLAGS, "The category of need differs from the episode before in the same period of care."),
    # --- Tables against each other -----------------------------------------------------------------------
    ("INT02", REJECTS, "The child is not in the Header."),
    ("INT03", FLAGS, "The child is not in the Header: date of birth and sex are unknown."),
    ("INT07", REJECTS, "The child is not in the Header."),
    ("INT08", REJECTS, "The child is not in the Header."),
    ("INT12", REJECTS, "The date of birth differs from the Header's: this row may be another child's."),
    ("INT16", REJECTS, "The date of birth differs from the Header's: this row may be another child's."),
    ("INT17", REJECTS, "The date of birth differs from the Header's: this row may be another child's."),
    ("INT35", FLAGS, "The child stands twice with different previous permanence; it is unknown."),
    ("115", REJECTS, "The date of the decision to place for adoption is not a date."),
    ("116", REJECTS, "The date the decision to place for adoption was reversed is not a date."),
    ("119", FLAGS, "A reversed decision to place for adoption needs both its date and its reason."),
    ("120", FLAGS, "The reason the decision to place for adoption was reversed is not one of the codes."),
    ("166", REJECTS, "The date of the review is not a date."),
    ("167", FLAGS, "How the child took part in the review is not one of the codes."),
    ("REVIEW-LATER", FLAGS, "The review is after the end of the return's year; it is not the latest review."),
    ("551", FLAGS, "Placed for adoption without a date of the decision to place for adoption."),
    ("553", FLAGS, "A placement order without a date of the decision to place for adoption."),
    ("554", FLAGS, "The decision to place for adoption is later than the placement order."),
    ("557", FLAGS,
     "Left care without adoption, but the decision to place for adoption is not shown reversed."),
    ("630", FLAGS, "Started to be looked after in the year without information on previous permanence."),
    ("631", FLAGS, "The previous permanence is not one of the codes; it is unknown."),
    ("632", FLAGS, "The date of the previous permanence order is not a date."),
    # --- Annex A -----------------------------------------------------------------------------------------
    ("CELL-DATE", FLAGS, "This is not a date; what it would say is unknown."),
    ("CELL-CEASED", REJECTS, "The date the child ceased to be looked after cannot be read: in care or not?"),
    ("CELL-TEXT-DATE", FLAGS, "The date is typed as text; it was read day first."),
    ("CELL-SERIAL", FLAGS, "The date is a plain number; it was read as Excel's day number."),
    ("CELL-FORMULA", FLAGS, "A formula stands here; the result saved with it was used."),
    ("CELL-NO-RESULT", FLAGS, "A formula without a saved result; what it would say is unknown."),
    ("CELL-ERROR", FLAGS, "The cell holds an Excel error; what it would say is unknown."),
    ("CELL-LATER", FLAGS, "The date is later than the day the list was made; it is unknown."),
    ("CELL-CODE", FLAGS, "No code or wording of the list was recognised; it is unknown.", "returns 3"),
    ("ROW-NOTHING", REJECTS, "The row has an identifier and nothing else about a child in care."),
    ("ROW-PERIODS", FLAGS, "The child stands twice; the period still open, or else the latest, was used."),
    ("CEASED-EARLIER", FLAGS, "Ceased to be looked after before starting to be."),
    ("LIST10-CHILD", FLAGS, "The child is not on List 8, so this row says nothing about a child in care."),
    ("LIST10-BIRTH", REJECTS, "The date of birth differs from List 8's: this row may be another child's.",
     "reliability C32"),
)


def _source(code: str, named: tuple[str, ...]) -> str:
    """Where a rule comes from: named in its row, else the DfE for its numbers, practice 7 for our words."""
    if named:
        return named[0]
    return f"DfE rule {code}" if code.removeprefix("INT").isdigit() else "practice 7"


RULES: dict[str, RowRule] = {
    code: RowRule(code, effect, words, _source(code, tuple(named))) for code, effect, words, *named in _RULES
}
if len(RULES) != len(_RULES):
    raise AssertionError("a rule stands twice in the list of import rules")

NOT_JUDGED: dict[str, str] = {
    "502": "needs last year's return: its open episode must be this year's first.",
    "559": "needs last year's return: was the decision to place for adoption in it?",
    "560": "needs last year's return: has the date of the decision changed?",
}
"""Rules worth having that one year's files cannot answer."""
