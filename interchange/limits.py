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
    """One line of a CSV file, one text of an XML file."""
    rows: int = 5_000_000
    """Rows of one table."""
    columns: int = 200
    workbook_bytes: int = 20_000_000
    """A workbook as it lies on disk."""
    unpacked_bytes: int = 60_000_000
    """All parts of a workbook unpacked."""
    part_elements: int = 2_000_000
    """XML tags in one part of a workbook: a part is small in bytes and huge in memory."""
    packed_ratio: int = 250
    """How many times larger a part may become."""
    members: int = 1_000
    """Parts in a workbook."""


DEFAULT_LIMITS: Final = Limits()
