"""Backup while people work, and a restore that proves itself and says nothing to anybody (reliability R26).

A backup is a folder: the case database, the log of who looked, the night heads and a manifest that says how
many rows of what, where the chain stood, and the hash of every file. A restore checks all of it before the
database is put in its place, and leaves every waiting message in quarantine: what went out after the backup
would otherwise go out again (reliability 0.1.11).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.following.quarantine import Quarantined, quarantine
from casework.safety import postgres_programs
from casework.settings import FILE_NAME, Settings
from casework.units import Office
from persistence.audit import hash_of
from persistence.engine import Database, database_url, default_access_url, sqlite_path
from persistence.schema import HISTORY, Standing, migrate, models_of, schema_version, standing
from persistence.tables import AccessBase
from persistence.verification import Verification, access_marks, verify, verify_access

_MANIFEST = "manifest.json"
_DATABASE, _ACCESS, _DUMP, _SEALS = "sgo.db", "access.db", "sgo.dump", "seals"


class Manifest(BaseModel):
    """What a backup holds, and how to know that it is whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_at: datetime
    database: str  # sqlite | postgresql
    schema_version: str
    rows: dict[str, int]  # by table
    chain: str  # one hash over the head of every case's chain
    files: dict[str, str]  # name → SHA-256


class Restored(BaseModel):
    """What a restore brought back."""

    model_config = ConfigDict(frozen=True)

    made_at: datetime
    cases: int
    events: int
    quarantined: int  # messages that wait for a person to release them
    held: int  # automatic follow-ups that wait likewise


# -- backup -----------------------------------------------------------------------------------------------


def backup(office: Office, dest: Path, *, now: datetime) -> Manifest:
    """Write a backup into the new folder `dest`, complete or not at all, while others go on writing.

    Raises Unusable, in words, when `dest` is taken or the backup cannot be made.
    """
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        raise Unusable(f"There is something in {dest} already: a backup never overwrites. Name a new folder.")
    partial = dest.with_name(f".{dest.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        if office.database.dialect == "sqlite":
            rows, chain, version = _copy_sqlite(office.database, partial)
        else:
            rows, chain, version = _dump_postgres(office, partial)
        if office.settings.seals_folder.is_dir():
            shutil.copytree(office.settings.seals_folder, partial / _SEALS)
        manifest = Manifest(
            made_at=now,
            database=office.database.dialect,
            schema_version=version,
            rows=rows,
            chain=chain,
            files={name: _sha256(partial / name) for name in _files(partial)},
        )
        (partial / _MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        _make_lasting(partial)
        if dest.exists():
            dest.rmdir()
        partial.rename(dest)
    except (OSError, sqlite3.Error) as error:
        raise Unusable(f"The backup could not be written to {dest}: {error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _copy_sqlite(database: Database, folder: Path) -> tuple[dict[str, int], str, str]:
    # The log of who looked comes second: it then reaches at least as far as the seals say.
    for source, name in ((database.url, _DATABASE), (database.access_url, _ACCESS)):
        with closing(sqlite3.connect(sqlite_path(source), isolation_level=None)) as connection:
            # One moment of the database, without what deleted rows have left behind (reliability 0.1.8).
            connection.execute("VACUUM INTO ?", (str(folder / name),))
        (folder / name).chmod(0o600)
    address = f"sqlite:///{folder / _DATABASE}"
    version = schema_version(address) or ""
    with _opened(address, f"sqlite:///{folder / _ACCESS}") as copy:
        return *_fingerprint(copy), version


def _dump_postgres(office: Office, folder: Path) -> tuple[dict[str, int], str, str]:
    with office.database.reading() as session:  # the dump and the counts see the same moment
        snapshot: str = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        postgres_programs.dump(office.settings, folder / _DUMP, snapshot=snapshot)
        rows, chain = _count(session.connection(), models_of("postgresql")), _chain(session)
    return rows, chain, schema_version(office.settings.database_address) or ""


# -- restore ----------------------------------------------------------------------------------------------


def restore(src: Path, settings: Settings) -> Restored:
    """Restore a backup into an empty installation, with every waiting message in quarantine.

    Nothing is put in place before files, counts, chain head and the whole chain are what they were. An older
    backup is migrated. Raises Unusable, in words, when anything is not right or something is there already.
    """
    manifest = _read_manifest(src)
    address = database_url(settings.database_address)
    if address.get_backend_name() != manifest.database:
        raise Unusable(
            f"This backup is of a {manifest.database} database, "
            f"the settings name one of {address.get_backend_name()}."
        )
    if manifest.schema_version not in HISTORY:
        raise Unusable("This backup was made by a newer version of the system: upgrade the programs.")
    _refuse_a_used_home(settings)
    settings.prepare_home()
    how = _restore_sqlite if manifest.database == "sqlite" else _restore_postgres
    found, waiting = how(src, settings, manifest)
    if (src / _SEALS).is_dir():
        shutil.copytree(src / _SEALS, settings.seals_folder, dirs_exist_ok=True)
    return Restored(
        made_at=manifest.made_at,
        cases=found.cases,
        events=found.events,
        quarantined=waiting.messages,
        held=waiting.follow_ups,
    )


def _restore_sqlite(src: Path, settings: Settings, manifest: Manifest) -> tuple[Verification, Quarantined]:
    address = database_url(settings.database_address)
    access = database_url(settings.access_url) if settings.access_url else default_access_url(address)
    places = {sqlite_path(access): src / _ACCESS, sqlite_path(address): src / _DATABASE}
    drafts = {place: place.with_name(place.name + ".restoring") for place in places}
    try:
        for place, source in places.items():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(source, drafts[place])
            drafts[place].chmod(0o600)
        url, access_url = (f"sqlite:///{drafts[sqlite_path(one)]}" for one in (address, access))
        found, waiting = _prove(url, access_url, manifest)
        for place, draft in drafts.items():
            _sync(draft)
            draft.rename(place)  # the case database last: with it the installation is there
            _sync(place.parent)
    except (OSError, sqlite3.Error) as error:
        raise Unusable(f"The backup could not be restored: {error}.") from error
    finally:
        for draft in drafts.values():
            for leftover in draft.parent.glob(draft.name + "*"):
                leftover.unlink()
    return found, waiting


def _restore_postgres(src: Path, settings: Settings, manifest: Manifest) -> tuple[Verification, Quarantined]:
    postgres_programs.load(settings, src / _DUMP)
    try:
        return _prove(settings.database_address, None, manifest)
    except Unusable as error:
        raise Unusable(f"{error} Drop what was restored into the database before anyone uses it.") from error


def _prove(url: str, access_url: str | None, manifest: Manifest) -> tuple[Verification, Quarantined]:
    """Compare what was restored with the manifest, migrate, verify the chain, quarantine."""
    with _opened(url, access_url) as database:
        rows, chain = _fingerprint(database, tables=frozenset(manifest.rows))
    if rows != manifest.rows:
        other = sorted(name for name in manifest.rows if rows.get(name) != manifest.rows[name])
        raise Unusable(f"The backup is not whole: other row counts than its manifest in {', '.join(other)}.")
    if chain != manifest.chain:
        raise Unusable("The backup is not what was backed up: its chain of events ends elsewhere.")
    migrate(url, access_url=access_url)
    with _opened(url, access_url) as database:
        with database.reading() as session:
            found = verify(session)
            marks = access_marks(session)
        with database.reading_access() as log:
            verify_access(log, found, marks)
        if not found.ok:
            raise Unusable(
                f"The backup's history is not as it was written, first at {found.first_bad}: "
                f"{found.problems[0].what}. Nothing may rest on it."
            )
        with database.writing() as session:
            waiting = quarantine(session, since=manifest.made_at)
        if database.dialect == "sqlite":
            with database.reading() as session:
                if session.execute(text("PRAGMA integrity_check")).scalar_one() != "ok":
                    raise Unusable("The backup's database file is damaged.")
    return found, waiting


def _refuse_a_used_home(settings: Settings) -> None:
    secrets = (settings.mail.password_file, settings.mail.ca_file, settings.database_password_file)
    ours = {settings.home / FILE_NAME, *secrets}
    used = (
        [path.name for path in settings.home.glob("*") if path not in ours] if settings.home.is_dir() else []
    )
    if used:
        raise Unusable(
            f"The folder {settings.home} is in use ({', '.join(sorted(used)[:3])}). "
            "A backup is restored into an empty one; move this one away first."
        )
    if standing(settings.database_address, access_url=settings.access_url) is not Standing.MISSING:
        raise Unusable(
            "There is a database at that address already. A backup is restored where there is none."
        )


def _read_manifest(src: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((src / _MANIFEST).read_bytes())
        files = {name: _sha256(src / name) for name in _files(src)}
    except (OSError, ValidationError) as error:
        raise Unusable(f"{src} is not a backup made by this system.") from error
    if wrong := sorted(
        name for name in files.keys() | manifest.files.keys() if files.get(name) != manifest.files.get(name)
    ):
        raise Unusable(
            f"The backup is not whole: {', '.join(wrong)} is missing, added or not what was written."
        )
    return manifest


# -- fingerprints and files -------------------------------------------------------------------------------


@contextmanager
def _opened(url: str, access_url: str | None) -> Iterator[Database]:
    database = Database.open(url, access_url=access_url)
    try:
        yield database
    finally:
        database.dispose()


def _fingerprint(database: Database, *, tables: frozenset[str] | None = None) -> tuple[dict[str, int], str]:
    """The rows of each table (of those named, where an older backup had fewer) and the chain's head."""
    with database.reading() as session:
        rows = _count(session.connection(), models_of(database.dialect), tables)
        chain = _chain(session)
    if database.dialect == "sqlite":
        with database.reading_access() as log:
            rows |= _count(log.connection(), [AccessBase.metadata], tables)
    return rows, chain


def _count(connection: Connection, models: list[Any], tables: frozenset[str] | None = None) -> dict[str, int]:
    names = [name for model in models for name in sorted(model.tables) if tables is None or name in tables]
    return {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()  # noqa: S608
        for name in names
    }


def _chain(session: Session) -> str:
    """One hash over the head of every case's chain, whichever version of the schema holds them."""
    heads = hashlib.sha256()
    for row in session.execute(text("SELECT ref, last_seq, head_hash FROM sgo_case ORDER BY id")):
        heads.update(f"{row.ref}:{row.last_seq}:{row.head_hash}\n".encode())
    return hash_of("backup", heads.hexdigest())


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != _MANIFEST
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_lasting(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
