"""Deliver one message and be killed with -9 in the middle.

`python -m tests.killed_deliverer URL HOME PORT WHEN NOW`

WHEN is `before` (claimed, nothing said to the server yet) or `after` (the server has answered 250 and nothing
is recorded yet): the two moments that look the same afterwards (reliability R10).
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from casework.delivery.sending import deliver_waiting
from casework.settings import Settings
from casework.units import Office
from notifications.channels import Sent, SmtpChannel
from notifications.messages import Message
from persistence.engine import Database


class KilledChannel:
    """SMTP, and then nothing any more."""

    name = "smtp"

    def __init__(self, port: int, when: str) -> None:
        self.smtp = SmtpChannel(host="127.0.0.1", port=port, tls="none")
        self.when = when

    def send(self, message: Message) -> Sent:
        if self.when == "after":
            self.smtp.send(message)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    def accepted_before(self, message: Message) -> Sent | None:
        return None


if __name__ == "__main__":
    url, home, port, when, now = sys.argv[1:]
    office = Office(Settings(home=Path(home), database_url=url), Database.open(url))
    deliver_waiting(office, now=datetime.fromisoformat(now), channel=KilledChannel(int(port), when))
