"""Looking for words everywhere in a folder: plain, as UTF-16, in base64, compressed; names of files too."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
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
