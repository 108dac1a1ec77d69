"""Small returns and workbooks for tests, written as an authority's system would write them.

The column names stand here in full, not taken from the code under test.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

COLUMNS = {
    "Header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "Episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
    "HOME_POST,PL_POST,URN",
    "Reviews": "CHILD,DOB,REVIEW,REVIEW_CODE",
    "PlacedAdoption": "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED",
    "PrevPerm": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM",
}

LIST_8 = (
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)",
    "Date Started to be Looked After", "Child's Category of Need", "Start date of current legal status",
    "Child's Legal Status", "Date of Latest Statutory Review", "What is the permanence plan for this child?",
    "Date Ceased to be Looked After", "Reason Ceased to be Looked After",
    "Start Date of Most Recent Placement", "Placement Type", "Placement Provider", "Allocated Team",
    "Allocated Worker",
)  # fmt: skip

LIST_10 = (
    "Child Unique ID", "Date of Birth", "Date of Decision that Child Should be Placed for Adoption",
    "Date of Placement Order", "Date Placed for Adoption",
    "Date of Decision that Child Should No Longer be Placed for Adoption",
)  # fmt: skip


def write_table(folder: Path, table: str, rows: str | Iterable[str], name: str | None = None) -> Path:
    """One table as CSV: its header row and the lines given."""
    lines = rows.split() if isinstance(rows, str) else list(rows)
    path = folder / (name or f"{table.lower()}.csv")
    path.write_text("\n".join([COLUMNS[table], *lines, ""]), encoding="utf-8")
    return path


def write_return(folder: Path, **tables: str | Iterable[str]) -> Path:
    """A folder with the tables given, by name; the Header is made from the Episodes if it is not given."""
    if "Header" not in tables:
        episodes = tables["Episodes"]
        rows = episodes.split() if isinstance(episodes, str) else episodes
        children = dict.fromkeys(row.partition(",")[0] for row in rows)
        tables["Header"] = [f"{child},1,15/06/2014,WBRI,UN1,," for child in children]
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        write_table(folder, table, rows)
    return folder


def write_workbook(
    path: Path,
    rows: Sequence[dict[str, Any]],
    *,
    headings: Sequence[str] = LIST_8,
    sheet: str = "List 8",
    adoptions: Sequence[dict[str, Any]] | None = None,
    above: Sequence[Sequence[Any]] = (),
) -> Path:
    """An Annex A with a List 8 (and List 10): each row names the headings it fills."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, columns, filled in ((sheet, headings, rows), ("List 10", LIST_10, adoptions)):
        if filled is None:
            continue
        page = book.create_sheet(title)
        for line in above:
            page.append(line)
        page.append(list(columns))
        for row in filled:
            page.append([row.get(column) for column in columns])
    book.save(path)
    return path
