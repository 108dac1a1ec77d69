"""Files that a command writes for whoever asked for it."""

from __future__ import annotations

import os
from pathlib import Path


def write_for_oneself(file: Path, content: str | bytes) -> None:
    """Write a file that only the person who asked for it can read. Raises OSError."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(data)
