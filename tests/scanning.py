"""Looking for words everywhere in a folder: plain, as UTF-16, in base64, compressed; names of files too."""

from __future__ import annotations

import base64
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path


def everything_under(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every byte of every file, and what stands in it once more in base64 or compressed; and every name."""
    for path in sorted(folder.rglob("*")):
        yield path, str(path.relative_to(folder)).encode()
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path, content
        for piece in re.findall(rb"[A-Za-z0-9+/_-]{24,}={0,2}", content):
            for altered in (piece, piece.replace(b"-", b"+").replace(b"_", b"/")):
                try:
                    plain = base64.b64decode(altered + b"=" * (-len(altered) % 4))
                except ValueError:
                    continue
                yield path, plain
                if plain[:1] == b"\x78":
                    try:
                        yield path, zlib.decompress(plain)
                    except zlib.error:
                        continue


def hits(folder: Path, words: Iterable[str]) -> list[tuple[str, bytes]]:
    """Which word stands in which file, as it is spelt there. Capitals make no difference."""
    spellings = {word.lower().encode(how) for word in words for how in ("utf-8", "utf-16-le")}
    return sorted(
        {
            (str(path.relative_to(folder)), word)
            for path, content in everything_under(folder)
            for word in spellings
            if word in content.lower()
        }
    )


def write_out(database: Path, folder: Path, *, only: Iterable[str] | None = None) -> list[str]:
    """Every row of every table of an SQLite database (`only` these) as text, a file for each; their names.

    A value that does not fit a page lies in pieces in the file itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        wanted = sorted(there if only is None else set(only))
        assert set(wanted) <= there, f"there is no table {set(wanted) - there}"
        for table in wanted:
            rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
            lines = ("\t".join(v.hex() if isinstance(v, bytes) else str(v) for v in row) for row in rows)
            (folder / f"{table}.txt").write_text("\n".join(lines), encoding="utf-8")
    return wanted
