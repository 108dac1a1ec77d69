"""A whole installation, as production runs it: `sgo up` on a database, its mail going to a real SMTP server.

Prefect's server and the worker, which schedules as well, are processes of their own under the supervisor; the SMTP
server listens on this machine, with STARTTLS and a login as a council's would.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.prefect_server import a_free_port
from tests.smtp_server import PASSWORD, USER, SmtpPeer, smtp_server
from workflows.profile import without_prefect

#: For a machine that does other work as well; no figure depends on it.
PATIENCE_SECONDS = 300.0
_STOP_SECONDS = 60.0


def until(holds: Callable[[], object], *, what: str, seconds: float = PATIENCE_SECONDS, look: float = 0.005) -> None:
    """Wait until something holds. Raises TimeoutError saying what never did."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s")
        time.sleep(look)


@contextmanager
def a_mail_server(home: Path) -> Iterator[tuple[SmtpPeer, dict[str, str]]]:
    """A running SMTP server, and the environment of an installation whose mail goes there."""
    authority = trustme.CA()
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(certificate)
    authority.cert_pem.write_to_path(str(home / "authority.pem"))
    (home / "mail-password").write_text(PASSWORD, encoding="utf-8")
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the server's library speaks of its own next version
    with smtp_server(certificate=certificate, login=True) as peer:
        yield (
            peer,
            {
                "SGO_MAIL_CHANNEL": "smtp",
                "SGO_MAIL_HOST": "127.0.0.1",
                "SGO_MAIL_PORT": str(peer.port),
                "SGO_MAIL_TLS": "starttls",
                "SGO_MAIL_CA_FILE": str(home / "authority.pem"),
                "SGO_MAIL_USER": USER,
                "SGO_MAIL_PASSWORD_FILE": str(home / "mail-password"),
                "SGO_MAIL_FROM_ADDRESS": "pathway@county.example",
            },
        )


@contextmanager
def up(home: Path, environment: dict[str, str]) -> Iterator[None]:
    """`sgo up`, ready, until the block ends. Raises TimeoutError with what it said if it never is."""
    said = home / "up.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up"],
            env={
                **without_prefect(os.environ),
                "SGO_HOME": str(home),
                "SGO_PREFECT_PORT": str(a_free_port()),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: _is_ready(home, process), what="Everything being ready", look=0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()  # its processes end with it
                process.wait()


def _is_ready(home: Path, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the installation ended: {(home / 'up.log').read_text(encoding='utf-8')[-2000:]}")
    try:
        status = json.loads((home / "status.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(status["ready"])
