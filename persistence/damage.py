"""What a database that cannot be used suffers from, in words for the person who runs it: damage, rights, space.

SQLite and PostgreSQL say it in codes; people need to know what happened and what to do next. No value of a row
is ever repeated here (reliability E.2).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

_RESTORE = (
    "Stop the system, leave the files as they are, and restore the latest backup into a new home folder: "
    "SGO_HOME=FOLDER sgo restore BACKUP. See docs/operations.md."
)
_RIGHTS = (
    "Its file, or the folder it lies in, may not be read and written by this user: "
    "look at their owner and rights, and that the disk is not mounted read-only."
)

#: SQLite's primary result codes (the low byte of an extended one).
_PERM, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _AUTH, _NOTADB = 3, 8, 10, 11, 13, 14, 23, 26
_SQLITE = {
    _CORRUPT: f"{{what}} is damaged. {_RESTORE}",
    _NOTADB: f"{{what}} is damaged, or is not a database at all. {_RESTORE}",
    _CANTOPEN: f"{{what}} cannot be opened. {_RIGHTS}",
    _READONLY: f"{{what}} cannot be written. {_RIGHTS}",
    _PERM: f"{{what}} cannot be opened. {_RIGHTS}",
    _AUTH: f"{{what}} cannot be opened. {_RIGHTS}",
    _FULL: "The disk is full: nothing was changed. Make room, then try again.",
    _IOERR: "The disk could not be read or written: nothing was changed. Look at the disk, then: sgo audit verify",
}
_PART_MISSING = re.compile(r"no such (table|column)|malformed database schema")

#: PostgreSQL's SQLSTATE, or its first two characters.
_AWAY = "The database cannot be reached. Is it running, and is its address in the settings right?"
_POSTGRES = {
    "08": _AWAY,
    "57": _AWAY,
    "28": "The database refuses the user or the password in the settings. Correct them in sgo.toml.",
    "3D": "There is no database of that name on the server. Make it, then run: sgo init",
    "42501": "The database's user may not use its tables. They belong to whoever ran sgo init: use that user.",
    "42P01": "The database lacks a table of ours. Restore the latest backup: see docs/operations.md.",
    "42703": "The database lacks a column of ours. Restore the latest backup: see docs/operations.md.",
    "53100": "The database server's disk is full: nothing was changed. Make room, then try again.",
    "53300": "The database server takes no more connections now. Try again in a moment.",
    "XX001": "The database is damaged. Stop the system and restore the latest backup: see docs/operations.md.",
    "XX002": "The database is damaged. Stop the system and restore the latest backup: see docs/operations.md.",
}


def in_words(error: BaseException, files: Sequence[Path] = ()) -> str | None:
    """What keeps the database from being used and what to do next; None for an error of another kind.

    `files` are SQLite's files, for the words: the case database first, the access log second.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, files)
    state = str(getattr(cause, "sqlstate", None) or "")
    if not state and isinstance(error, DBAPIError) and error.connection_invalidated:
        return _AWAY
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2])


def is_a_database_file(path: Path) -> bool:
    """Whether a file begins as SQLite's do, or is empty: what SQLite itself would take for a database."""
    with path.open("rb") as file:
        begins = file.read(16)
    return begins in (b"", b"SQLite format 3\0")


def _of_sqlite(cause: sqlite3.Error, files: Sequence[Path]) -> str | None:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    words = _SQLITE.get(code)
    if words is None and _PART_MISSING.search(str(cause)):
        words = f"{{what}} lacks a part of what belongs in it. {_RESTORE}"
    return words.format(what=_what(files)) if words is not None else None


def _what(files: Sequence[Path]) -> str:
    """The file to look at: where both may be meant, the one that is visibly wrong, else both by name."""
    wrong = [path for path in files if _visibly_wrong(path)]
    named = wrong or list(files)
    if not named:
        return "The database"
    return f"The database file {' or '.join(map(str, named))}"


def _visibly_wrong(path: Path) -> bool:
    try:
        return not is_a_database_file(path)
    except OSError:
        return True
