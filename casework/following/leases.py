"""Named leases: a name one process holds for a while, kept in our own table (reliability R16).

A process that dies stops beating; whoever waits for the name has it at the latest when the lease runs
out, and at once where it can see that the holder's process is gone. Prefect's view of what runs is never
asked: a killed runner's run stays `Running` there (reliability 0.1.4).
"""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.units import Office
from persistence.tables import Lease

#: How long a name is held without a beat. Three beats of ten seconds may be lost.
LASTS = timedelta(seconds=40)


def owner_of_this_process(started: datetime) -> str:
    """What this process signs its leases with: host, process id and when it started (reliability B.4.1)."""
    return f"{socket.gethostname()}:{os.getpid()}:{started.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def is_gone(owner: str) -> bool:
    """Whether the owner's process certainly no longer runs: it was on this machine and its id is unused.

    False whenever that cannot be seen from here (another machine, an id used again): the lease then decides.
    """
    host, _, rest = owner.partition(":")
    process, _, _ = rest.partition(":")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def take(office: Office, name: str, *, owner: str, now: datetime, lasts: timedelta = LASTS) -> bool:
    """Take a name, or keep it: True if it is now `owner`'s until `now + lasts`.

    False while another process holds it and may be alive.
    """
    try:
        with office.unit_of_work() as session:
            lease = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).one_or_none()
            if lease is None:
                session.add(Lease(name=name, owner=owner, taken_at=now, until=now + lasts, beat_at=now))
                return True
            if lease.owner != owner:
                if lease.until > now and not is_gone(lease.owner):
                    return False
                lease.owner, lease.taken_at = owner, now
            lease.until, lease.beat_at = now + lasts, now
            return True
    except IntegrityError:  # two processes wrote the first row at the same moment: the other has the name
        return False


def beat(office: Office, name: str, *, owner: str, now: datetime, lasts: timedelta = LASTS) -> bool:
    """Say that the holder is alive. False if the name is no longer its: it must stop what it does."""
    with office.unit_of_work() as session:
        lease = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).one_or_none()
        if lease is None or lease.owner != owner:
            return False
        lease.until, lease.beat_at = now + lasts, now
        return True


def release(office: Office, name: str, *, owner: str) -> None:
    """Give the name up, if it is still the owner's."""
    with office.unit_of_work() as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))


def held(session: Session, *, prefix: str = "") -> list[Lease]:
    """Every lease whose name starts with `prefix`, run out or not, in the order of the names."""
    return list(session.scalars(select(Lease).where(Lease.name.startswith(prefix)).order_by(Lease.name)))
