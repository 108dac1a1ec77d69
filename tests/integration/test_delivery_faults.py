"""A mail server that misbehaves at every point, and a process killed in the middle (reliability R10, T6).

None lost; a repeat only where the outcome of a try was unknown; whoever could not be told has somebody who
knows it. On both databases, with a real server.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.delivery.sending import deliver_waiting
from casework.who import people
from notifications.channels import FileChannel, SmtpChannel
from persistence.tables import Attempt, Channel, Outbox
from states.notices import RATED
from states.vocabulary import Role
from tests.mailroom import LONG_AGO, NOW, a_mailroom, minutes, outcomes, row, rows, tell
from tests.smtp_server import UNKNOWABLE, Fault, smtp_server

OPEN = ("queued", "sending", "unknown")


@pytest.fixture
def room(database_url, tmp_path):
    with a_mailroom(database_url, tmp_path) as furnished:
        yield furnished


def smtp(peer, seconds=10.0) -> SmtpChannel:
    return SmtpChannel(host="127.0.0.1", port=peer.port, tls="none", timeout_seconds=seconds)


def lawyers(room, number) -> list[str]:
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


def next_moment(room):
    """When something is due next, or None."""
    with room.office.reading() as session:
        due = [
            one.next_attempt_at or NOW
            for one in session.scalars(select(Outbox).where(Outbox.status.in_(OPEN)))
        ]
        paused = [one.paused_until for one in session.scalars(select(Channel)) if one.paused_until]
    return max([min(due), *paused]) if due else None


def deliver_to_the_end(room, channel) -> None:
    """Rounds of delivery at the moments when something is due, until nothing is open."""
    at = NOW
    for _ in range(500):
        deliver_waiting(room.office, now=at, channel=channel)
        due = next_moment(room)
        if due is None:
            return
        at = max(due, at)
    raise AssertionError("delivery never came to an end")


def misbehave(room, *, messages, seed) -> dict[str, int]:
    """Send messages to a server that fails at random; the figures of what came of it, all checked."""
    chance = random.Random(seed)
    faults = [fault for fault in Fault if fault not in (Fault.NONE, Fault.DROP_AT_GREETING)]

    def plan(_recipient, _try):
        return chance.choice(faults) if chance.random() < 0.6 else Fault.NONE

    for person in lawyers(room, messages):
        tell(room, (person, Role.LEGAL, RATED))
    with smtp_server(plan) as peer:
        peer.at_greeting = lambda _connection: Fault.DROP_AT_GREETING if chance.random() < 0.1 else Fault.NONE
        deliver_to_the_end(room, smtp(peer, seconds=0.25))
        copies = peer.copies()
        unknowable = Counter(address for address, fault in peer.faults if fault in UNKNOWABLE)
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
        "sent": sum(one.status == "sent" for one in ours),
        "unfinished": sum(one.status in OPEN for one in ours),
        "lost": sum(one.status == "sent" and not copies[one.message_id] for one in ours),
        "given_up_and_nobody_told": len(untold),
        "repeats": sum(copies.values()) - len(copies),
        "repeats_without_an_unknown_try": sum(copies[one.message_id] > 1 + unknown[one.id] for one in ours),
        "unknown_tries": sum(unknown.values()),
        "unknown_tries_the_server_could_have_answered": max(
            0, sum(unknown.values()) - sum(unknowable.values())
        ),
        "most_copies": max(copies.values()),
    }


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_repeated_that_was_known(room):
    figures = misbehave(room, messages=30, seed=1)

    print(json.dumps(figures))  # the figures a report quotes: pytest -s
    assert figures["messages"] >= 30
    assert figures["repeats"] > 0, "the server was too kind for this test to mean anything"
    for never in (
        "unfinished",
        "lost",
        "given_up_and_nobody_told",
        "repeats_without_an_unknown_try",
        "unknown_tries_the_server_could_have_answered",
    ):
        assert figures[never] == 0, figures
    assert figures["most_copies"] <= 3


def test_a_server_that_takes_everything_gets_everything_once(room):
    for person in lawyers(room, 25):
        tell(room, (person, Role.LEGAL, RATED))
    with smtp_server() as peer:
        deliver_to_the_end(room, smtp(peer))

    assert sorted(peer.copies().values()) == [1] * 25
    assert {one.status for one in rows(room)} == {"sent"}


@pytest.mark.slow
@pytest.mark.parametrize(("when", "copies"), [("before", 1), ("after", 2)])
def test_a_deliverer_killed_in_the_middle_leaves_a_message_that_is_repeated_once(
    room, database_url, tmp_path, when, copies
):
    (message,) = tell(room)
    with smtp_server() as peer:
        killed = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.killed_deliverer",
                database_url,
                str(tmp_path),
                str(peer.port),
                when,
                NOW.isoformat(),
            ],
            check=False,
        )
        assert killed.returncode == -9
        assert row(room, message).status == "sending"

        seen = deliver_waiting(room.office, now=NOW + timedelta(seconds=1), channel=smtp(peer))
        early = deliver_waiting(room.office, now=NOW + minutes(14), channel=smtp(peer))
        repeated = deliver_waiting(room.office, now=NOW + minutes(16), channel=smtp(peer))

    assert (seen.unknown, early.sent, repeated.sent) == (1, 0, 1)
    assert list(peer.copies().values()) == [copies]
    assert outcomes(room, message) == ["unknown", "sent"]


def test_a_folder_that_takes_files_again_after_it_could_not(room, tmp_path):
    (message,) = tell(room)
    folder = tmp_path / "mail"
    folder.write_text("a file where the folder should be")

    failed = deliver_waiting(room.office, now=NOW, channel=FileChannel(folder))
    folder.unlink()
    sent = deliver_waiting(room.office, now=NOW + minutes(1), channel=FileChannel(folder))

    assert (failed.failed, sent.sent) == (1, 1)
    assert [path.name for path in folder.iterdir()] == [f"{message}.eml"]
