"""A channel that misbehaves at every point, and a process killed in the middle (reliability R10, T6).

None lost; a repeat only where the outcome of a try was unknown; whoever could not be told has somebody who
knows it. On both databases, with a real server.
"""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from casework.delivery.sending import deliver_waiting
from notifications.channels import FileChannel, SmtpChannel
from states.notices import RATED
from states.vocabulary import Role
from tests.mailroom import NOW, minutes, outcomes, row, rows, tell
from tests.smtp_server import smtp_server
from tests.soak.mail import NEVER, deliver_to_the_end, lawyers, run_mail


def smtp(peer, seconds=10.0) -> SmtpChannel:
    return SmtpChannel(host="127.0.0.1", port=peer.port, tls="none", timeout_seconds=seconds)


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["smtp", "notify"])
def test_nothing_is_lost_and_nothing_repeated_that_was_known(database_url, tmp_path, channel):
    figures = run_mail(database_url, tmp_path, channel, messages=30, seed=1)

    print(json.dumps(figures))  # the figures a report quotes: pytest -s
    assert figures["messages"] >= 30
    assert figures["unknown_tries"] > 10, "the server was too kind for this test to mean anything"
    assert {name: figures[name] for name in NEVER} == dict.fromkeys(NEVER, 0), figures
    # a mail server cannot be asked whether it has a message; Notify can
    assert figures["repeats"] > 0 if channel == "smtp" else figures["repeats"] == 0
    assert figures["most_copies"] <= 3


@pytest.mark.slow
def test_deliverers_that_are_killed_lose_nothing_and_repeat_only_what_they_cannot_know(database_url, tmp_path):
    figures = run_mail(database_url, tmp_path, "notify", messages=12, seed=2, kills=3)

    assert figures["kills"] > 0
    assert {name: figures[name] for name in NEVER} == dict.fromkeys(NEVER, 0), figures


def test_a_server_that_takes_everything_gets_everything_once(room):
    for person in lawyers(room, 25):
        tell(room, (person, Role.LEGAL, RATED))
    with smtp_server() as peer:
        deliver_to_the_end(room.office, smtp(peer))

    assert sorted(peer.copies().values()) == [1] * 25
    assert {one.status for one in rows(room)} == {"sent"}


@pytest.mark.slow
@pytest.mark.parametrize(("when", "copies"), [("before", 1), ("after", 2)])
def test_a_deliverer_killed_in_the_middle_leaves_a_message_that_is_repeated_once(
    room, tmp_path, when, copies
):
    (message,) = tell(room)
    with smtp_server() as peer:
        killed = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.killed_deliverer",
                room.office.settings.database_url,
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
