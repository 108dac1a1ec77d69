"""A database that cannot be used is said in plain words, with what to do next, by every command."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands import Sgo
from tests.world import World

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("case", "list", "--as", "rowan.tm"),
    ("case", "show", "SG-AAAAAAAA", "--as", "rowan.tm"),
    ("case", "open", "--council-id", "77", "--as", "rowan.tm"),
    ("trigger", "SG-AAAAAAAA", "rate", "--as", "rowan.tm"),
    ("transitions", "SG-AAAAAAAA", "--as", "rowan.tm"),
    ("confirmations", "--as", "rowan.tm"),
    ("meeting", "list", "--as", "rowan.tm"),
    ("person", "list"),
    ("team", "list"),
    ("cover", "list"),
    ("policy", "show"),
    ("policy", "versions"),
    ("overnight",),
    ("deliver",),
    ("runs",),
    ("health",),
    ("outbox", "list", "--as", "rowan.tm"),
    ("audit", "verify"),
    ("backup", "elsewhere"),
    ("init",),
)


def _random(file: Path) -> None:
    file.write_bytes(os.urandom(200_000))


def _words(file: Path) -> None:
    file.write_text("Dear all, the database has moved to the other server.\n")


def _truncated(file: Path) -> None:
    os.truncate(file, 40_000)


def _holes(file: Path) -> None:
    with file.open("r+b") as there:
        there.seek(4096)
        there.write(os.urandom(file.stat().st_size - 4096))


def _emptied(file: Path) -> None:
    os.truncate(file, 0)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as ours:
        ours.execute("UPDATE alembic_version SET version_num = '9999'")
        ours.commit()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "random bytes": (_random, "sgo restore BACKUP"),
    "not a database": (_words, "sgo restore BACKUP"),
    "truncated": (_truncated, "sgo restore BACKUP"),
    "overwritten in the middle": (_holes, "sgo restore BACKUP"),
    "emptied": (_emptied, "sgo restore BACKUP"),
    "gone": (Path.unlink, "sgo restore BACKUP"),
    "not to be opened": (_folder, "look at their owner and rights"),
    "another program's": (_of_another_program, "move the file away and run: sgo init"),
    "of a newer version": (_newer, "upgrade the programs"),
}


def _files(world: World) -> tuple[Path, Path]:
    file = Path(world.office.settings.database_url.removeprefix("sqlite:///"))
    world.office.close()
    for leftover in file.parent.glob("*.db"):  # what still stands in the log belongs into the file
        with closing(sqlite3.connect(leftover)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file, file.with_name("access.db")


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_command_says_what_to_do_with_a_database_that_cannot_be_used(
    sgo: Sgo, world: World, damage: str
) -> None:
    world.open_child()
    file, _ = _files(world)
    harm, words = DAMAGES[damage]
    harm(file)
    for command in COMMANDS:
        said = sgo(*command, status=1).err
        assert words in said, (command, said)
        assert "should not have" not in said, (command, said)
        assert "Traceback" not in said, (command, said)


def test_a_damaged_access_log_is_named_as_the_file_to_look_at(sgo: Sgo, world: World) -> None:
    world.open_child()
    _, log = _files(world)
    _random(log)
    for command in COMMANDS:
        said = sgo(*command, status=1).err
        assert str(log) in said, (command, said)
        assert "sgo restore BACKUP" in said, (command, said)


def test_damage_found_in_the_middle_of_a_command_has_the_same_words(sgo: Sgo, world: World) -> None:
    world.open_child()
    file, _ = _files(world)
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'person'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as there:
        there.seek((page - 1) * size)
        there.write(os.urandom(size))
    said = sgo("person", "list", status=1).err
    assert "damaged" in said
    assert "sgo restore BACKUP" in said


def test_an_emptied_database_is_not_begun_anew_until_somebody_says_so(sgo: Sgo, world: World) -> None:
    world.open_child()
    file, log = _files(world)
    _emptied(file)
    sgo("init", status=1)
    assert _tables(file) == 0
    shutil.move(log, log.with_suffix(".old"))
    sgo("init")
    assert _tables(file) > 20


def _tables(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        found: int = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    return found
