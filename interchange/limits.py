"""How large a file may be before it is opened (reliability C30, R17).

These are limits of the machine, not of an authority: the largest council looks after some 2,300 children,
and everything here holds a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes unless said. A caller may tighten them."""

    file_bytes: int = 100_000_000
    """One CSV or XML file."""
    line_bytes: int = 100_000
    """One line of a CSV file; one tag or text of an XML file or of a part of a workbook."""
    rows: int = 5_000_000
    """Rows of one table."""
    columns: int = 200
    workbook_bytes: int = 20_000_000
    """A workbook as it lies on disk."""
    unpacked_bytes: int = 60_000_000
    """All parts of a workbook unpacked."""
    part_tags: int = 1_000_000
    """XML tags in one part of a workbook: a part that is small in bytes may be huge in memory."""
    part_rows: int = 50_000
    """Rows of a sheet, blank ones included."""
    row_tag_bytes: int = 300
    """The tag that begins a row: its attributes stay in memory for as long as the sheet is read."""
    run_tags: int = 50_000
    """XML tags of one row, or of a part that has no rows: they are in memory at once, a kilobyte each."""
    packed_ratio: int = 250
    """How many times larger a part may become."""
    members: int = 1_000
    """Parts in a workbook."""


DEFAULT_LIMITS: Final = Limits()
