"""Each night's proof that leaves the database: seal all histories, keep the head outside, check against it.

A head holds counts, opaque hashes and a date, no reference and no name (reliability E.1). Whoever can
rewrite the whole database cannot rewrite the copy that was taken away before (reliability R19).
"""

from __future__ import annotations

import os
import tempfile
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from casework.errors import Unusable
from casework.units import Office
from persistence.audit import AccessHead, access_head, last_seal
from persistence.audit import seal as seal_histories
from persistence.tables import Seal
from persistence.verification import Head, Problem, Verification, access_marks, verify_access
from persistence.verification import verify as verify_histories

__all__ = ["Head", "Problem", "Verification", "read_head", "seal", "verify", "write_head"]

_HEAD = TypeAdapter(Head)


def seal(office: Office, business_date: date, now: datetime) -> Head:
    """Seal every history as of now and write the head outside the database, once per business date.

    `business_date` is the night's London date, `now` an aware instant. Called again for the date sealed
    last, it only writes the head where it is missing, as after a stop between the two. Raises Unusable when
    a head cannot be written; the seal itself then stands.
    """
    with office.database.reading_access() as log:
        reached = access_head(log)

    def once(session: Session) -> Head:
        last = last_seal(session)
        if last is not None and last.business_date == business_date:
            return _head(last)
        return _head(seal_histories(session, business_date, now, access=reached))

    head = office.in_one_unit(once)
    for folder in (office.settings.seals_folder, office.settings.seals_copy):
        if folder is not None:
            write_head(folder, head)
    return head


def write_head(folder: Path, head: Head) -> Path:
    """Write a head as `<business date>.json`, complete or not at all, for its owner only.

    A file of the same date with another content is never replaced: the new one gets its number too.
    """
    content = _HEAD.dump_json(head, indent=1) + b"\n"
    for name in (f"{head.business_date}.json", f"{head.business_date}-{head.sequence}.json"):
        path = folder / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists():
                if path.read_bytes() == content:
                    return path
                continue
            _write(path, content)
        except OSError as error:
            raise Unusable(f"The night's head cannot be written to {folder}: {error.strerror}.") from error
        return path
    raise Unusable(f"There are other heads for {head.business_date} in {folder}: check them before sealing.")


def read_head(path: Path) -> Head:
    """A head that was kept outside. Raises Unusable when the file is none."""
    try:
        return _HEAD.validate_json(path.read_bytes(), strict=False)
    except OSError as error:
        raise Unusable(f"The head {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise Unusable(f"{path} is not a head written by this system.") from error


def verify(office: Office, *, head: Head | None = None) -> Verification:
    """Check all histories, records, seals and the access log, and a head kept outside where there is one."""
    with office.database.reading() as session:
        found = verify_histories(session, head=head)
        marks = access_marks(session)
    if head is not None:
        marks.append(AccessHead(seq=head.access_seq, hash=head.access_hash))
    with office.database.reading_access() as log:
        verify_access(log, found, marks)
    return found


def _head(seal: Seal) -> Head:
    return Head(**{name: getattr(seal, name) for name in Head.__dataclass_fields__})


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".head-", delete=False) as file:  # mode 600
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
