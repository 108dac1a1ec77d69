"""Templates are compiled once in a process, however many applications it makes: the tests make hundreds."""

from __future__ import annotations

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

_KEPT: dict[tuple[str, str], CodeType] = {}


class CompiledOnce(BytecodeCache):
    """Kept in memory, by name and content: nothing compiled is read from a disk where it could be exchanged."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is kept of a template, if it still says the same."""
        bucket.code = _KEPT.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            _KEPT[bucket.key, bucket.checksum] = bucket.code
