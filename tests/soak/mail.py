"""A mail server or GOV.UK Notify that misbehaves at every point, and deliverers killed in the middle (R10, T6).

`soak` sends hundreds of messages by SMTP and through Notify, on both databases, and accounts for every one: none lost;
a copy too many only where the outcome of a try was unknown; whoever could not be told has somebody who knows it. The
servers are real and run in this process; the deliverer that is killed is another, as
`python -m tests.soak.mail URL HOME CHANNEL WHERE SEED KILLS`, and forks: what it forks delivers, at the moments when
something is due, until it is killed with -9.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.databases import Postgres, fresh_sqlite
from casework.delivery import arrivals
from casework.delivery.sending import deliver_waiting
from casework.units import Office, open_office
from casework.who import people
from notifications.channels import Channel as Way
from notifications.channels import SmtpChannel
from notifications.notify import NotifyChannel
from persistence.tables import Attempt, Channel, Outbox
from states.notices import RATED
from states.vocabulary import Role
from tests import notify_peer, smtp_server
from tests.mailroom import LONG_AGO, NOW, Mailroom, a_mailroom, rows, tell
from tests.notify_server import notify_server
from tests.soak.office import settings

OPEN = ("queued", "sending", "unknown")
_ROOT = Path(__file__).parents[2]
_TIMEOUT = 0.25
_LIFE = (0.02, 0.6)  # how long a deliverer lives, in seconds
_UNREAD = 0.2  # what a killed one had sent, the server has read by then
#: What must be none of.
NEVER = (
    "unfinished",
    "lost",
    "given_up_and_nobody_told",
    "repeats_without_an_unknown_try",
    "unknown_tries_without_a_cause",
)


def way_of(channel: str, where: str) -> Way:
    """The channel to a server of these tests: its port, or its address."""
    if channel == "smtp":
        return SmtpChannel(host="127.0.0.1", port=int(where), tls="none", timeout_seconds=_TIMEOUT)
    return NotifyChannel(key=notify_peer.KEY, template_id=notify_peer.TEMPLATE, address=where, timeout_seconds=_TIMEOUT)


# -- the deliverer ----------------------------------------------------------------------------------------


def next_moment(office: Office) -> datetime | None:
    """When something is due next, or None."""
    with office.reading() as session:
        due = [one.next_attempt_at or NOW for one in session.scalars(select(Outbox).where(Outbox.status.in_(OPEN)))]
        due += list(session.scalars(select(Outbox.ask_at).where(Outbox.ask_at.is_not(None))))
        paused = [one.paused_until for one in session.scalars(select(Channel)) if one.paused_until]
    return max([min(due), *paused]) if due else None


def deliver_to_the_end(office: Office, way: Way) -> None:
    """Rounds of delivery at the moments when something is due, until nothing is open and nothing is to be asked."""
    with office.reading() as session:
        at = session.scalar(select(func.max(Attempt.started_at))) or NOW
    for _ in range(2000):
        deliver_waiting(office, now=at, channel=way)
        arrivals.ask(office, now=at, channel=way)
        due = next_moment(office)
        if due is None:
            return
        at = max(due, at)
    raise AssertionError("delivery never came to an end")


def deliver_and_be_killed(url: str, home: Path, way: Way, *, seed: int, kills: int) -> int:
    """Let forked deliverers live for a moment each, and the last one until the end; answers how many were killed."""
    chance = random.Random(seed)
    killed = 0
    while True:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with open_office(settings(url, home)) as office:
                    deliver_to_the_end(office, way)
                status = 0
            finally:
                os._exit(status)
        if killed < kills:
            time.sleep(chance.uniform(*_LIFE))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status):
                raise AssertionError("a deliverer failed")
            return killed
        killed += 1
        time.sleep(_UNREAD)


# -- the servers ------------------------------------------------------------------------------------------


class _Smtp:
    """A mail server that fails at random."""

    def __init__(self, peer: smtp_server.SmtpPeer) -> None:
        self.peer, self.where = peer, str(peer.port)

    def copies(self) -> Counter[str]:
        """Copies of each message that somebody may read, by the id of its row."""
        return Counter({one[4:36]: number for one, number in self.peer.copies().items()})

    def unknowable(self) -> int:
        """Tries after which the sender could not know."""
        return sum(fault in smtp_server.UNKNOWABLE for _, fault in self.peer.faults)


class _Notify:
    """GOV.UK Notify, failing at random."""

    def __init__(self, peer: notify_peer.NotifyPeer) -> None:
        self.peer, self.where = peer, peer.address

    def copies(self) -> Counter[str]:
        """The same; what Notify could not hand on, nobody reads."""
        sent = [one.reference or "" for one in self.peer.stored if one.status != "technical-failure"]
        return Counter(sent)

    def unknowable(self) -> int:
        """Tries after which the sender could not know."""
        return sum(fault in notify_peer.UNKNOWABLE for _, fault in self.peer.faults)


@contextmanager
def misbehaving(channel: str, seed: int) -> Iterator[_Smtp | _Notify]:
    """A server that does something wrong in six of ten tries."""
    chance = random.Random(seed)
    if channel == "smtp":
        kinds = smtp_server.Fault
        wrong = [one for one in kinds if one not in (kinds.NONE, kinds.DROP_AT_GREETING)]
        with smtp_server.smtp_server(
            lambda _to, _try: chance.choice(wrong) if chance.random() < 0.6 else kinds.NONE
        ) as peer:
            peer.at_greeting = lambda _: kinds.DROP_AT_GREETING if chance.random() < 0.1 else kinds.NONE
            yield _Smtp(peer)
        return
    faults = notify_peer.Fault
    amiss = [one for one in faults if one is not faults.NONE]
    when_asked = [faults.UNAVAILABLE, faults.STALL_BEFORE_STORING, faults.DROP_BEFORE_STORING, faults.TOO_FAST]
    ends = ["delivered"] * 6 + ["sending", "permanent-failure", "temporary-failure", "technical-failure"]
    with notify_server(
        lambda _to, _try: chance.choice(amiss) if chance.random() < 0.6 else faults.NONE, page_size=2
    ) as notify:
        notify.asked = lambda: chance.choice(when_asked) if chance.random() < 0.2 else faults.NONE
        notify.end = lambda _one: chance.choice(ends)
        yield _Notify(notify)


# -- the account ------------------------------------------------------------------------------------------


def lawyers(room: Mailroom, number: int) -> list[str]:
    """As many people as there are messages, so that no cap holds one back."""
    with room.office.unit_of_work() as session:
        made = [
            people.add_person(
                session, handle=f"legal-{n}", name=f"Lee Gal {n}", email=f"legal-{n}@council.example", now=NOW
            )
            for n in range(number)
        ]
        for person in made:
            people.grant_role(session, person=person, role=Role.LEGAL, from_on=LONG_AGO, now=NOW)
        return [person.id for person in made]


def run_mail(url: str, home: Path, channel: str, *, messages: int, seed: int, kills: int = 0) -> dict[str, Any]:
    """Send messages to a server that fails at random; the figures of what came of it, all counted."""
    began = time.monotonic()
    with a_mailroom(url, home) as room:
        for person in lawyers(room, messages):
            tell(room, (person, Role.LEGAL, RATED))
        with misbehaving(channel, seed) as server:
            killed = 0
            if kills:
                killed = _elsewhere(url, home, channel, server.where, seed=seed, kills=kills)
            else:
                deliver_to_the_end(room.office, way_of(channel, server.where))
            copies, unknowable = server.copies(), server.unknowable()
        figures = account(room, copies, unknowable=unknowable, killed=killed)
    figures["seconds"] = round(time.monotonic() - began, 1)
    return figures


def account(room: Mailroom, copies: Counter[str], *, unknowable: int, killed: int) -> dict[str, Any]:
    """What became of every message, compared with the copies the server has."""
    with room.office.reading() as session:
        tries = list(session.execute(select(Attempt.outbox_id, Attempt.outcome)))
    unknown = Counter(outbox_id for outbox_id, outcome in tries if outcome == "unknown")
    ours = rows(room)
    untold = [
        one
        for one in ours
        if one.status in ("dead", "needs a person")
        and one.told_failed is None
        and "nobody could be told" not in (one.reason or "")
    ]
    return {
        "messages": len(ours),
        "tries": len(tries),
        "kills": killed,
        "sent": sum(one.status == "sent" for one in ours),
        "ended_with_somebody_told": sum(one.told_failed is not None for one in ours),
        "unfinished": sum(one.status in OPEN or one.ask_at is not None for one in ours),
        "lost": sum(one.status == "sent" and not copies[one.id] for one in ours),
        "given_up_and_nobody_told": len(untold),
        "repeats": sum(copies.values()) - len(copies),
        "repeats_without_an_unknown_try": sum(copies[one.id] > 1 + unknown[one.id] for one in ours),
        "unknown_tries": sum(unknown.values()),
        "unknown_tries_without_a_cause": max(0, sum(unknown.values()) - unknowable - killed),
        "most_copies": max(copies.values()),
    }


def _elsewhere(url: str, home: Path, channel: str, where: str, *, seed: int, kills: int) -> int:
    arguments = [url, str(home), channel, where, str(seed), str(kills)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.mail", *arguments], cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return int(json.loads(done.stdout)["kills"])


def soak(*, quick: bool, seed: int) -> dict[str, Any]:
    """Three hundred messages and a hundred kills, by each channel on each database."""
    messages, kills = (30, 5) if quick else (300, 100)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="sgo-soak-") as folder, Postgres.started() as postgres:
        for channel in ("smtp", "notify"):
            for engine in ("sqlite", "postgresql"):
                home = Path(folder) / f"{channel}-{engine}"
                home.mkdir()
                url = fresh_sqlite(home) if engine == "sqlite" else postgres.fresh(f"soak_mail_{channel}")
                found[f"{channel}, {engine}"] = run_mail(url, home, channel, messages=messages, seed=seed, kills=kills)
    wrong = [name for name, figures in found.items() if any(figures[never] for never in NEVER)]
    return {**found, "failed": bool(wrong)}


if __name__ == "__main__":
    database, folder_, kind, at_, seed_, times = sys.argv[1:]
    number = deliver_and_be_killed(database, Path(folder_), way_of(kind, at_), seed=int(seed_), kills=int(times))
    print(json.dumps({"kills": number}))
