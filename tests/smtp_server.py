"""A real SMTP server for tests, which can be told to misbehave at every point of a conversation.

It counts what it was offered and what it stored, by Message-ID, so that a test can say: none lost, and
more than one copy only where the sender could not know (reliability R10, T6).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from socket import create_connection
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "sgo", "a-pass-word-of-a-test"


class Fault(StrEnum):
    """What the server does to one try, in the order of a conversation."""

    NONE = "takes it"
    DROP_AT_GREETING = "drops the connection at the greeting"
    ADDRESS_UNKNOWN = "550 to the recipient"
    ADDRESS_LATER = "450 to the recipient"
    DROP_BEFORE_DATA = "drops the connection after the recipient"
    DROP_IN_DATA = "drops the connection in the middle of the message"
    LATER = "451 after the message"
    REFUSED = "554 after the message"
    UNKNOWN_AFTER_DATA = "550 after the message"
    DROP_WITHOUT_STORING = "drops the connection after the final dot, and stores nothing"
    DROP_AFTER_STORING = "stores it and drops the connection without an answer"
    STALL_AFTER_STORING = "stores it and never answers"
    NONSENSE = "stores it and answers what nobody can read"


#: Tries after which the sender cannot know whether the message was taken.
UNKNOWABLE = frozenset(
    {
        Fault.DROP_IN_DATA,  # the sender's last bytes may be under way when the connection goes
        Fault.DROP_WITHOUT_STORING,
        Fault.DROP_AFTER_STORING,
        Fault.STALL_AFTER_STORING,
        Fault.NONSENSE,
    }
)
Plan = Callable[[str, int], Fault]


class SmtpPeer:
    """What the server saw. `plan(recipient, try)` says what happens to a recipient's first, second … try."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.at_greeting: Callable[[int], Fault] = lambda _connection: Fault.NONE
        self.tries: Counter[str] = Counter()
        self.faults: list[tuple[str, Fault]] = []
        self.stored: list[EmailMessage] = []
        self.stored_at: list[float] = []  # by `time.perf_counter`
        self.envelopes: list[tuple[str | None, tuple[str, ...]]] = []
        self.logins: list[str] = []
        self.encrypted: list[bool] = []
        self.connections = 0
        self.port = 0
        self.start: Callable[[], None]
        self.stop: Callable[[], None]

    def copies(self) -> Counter[str]:
        """How many copies of each message were stored, by Message-ID."""
        return Counter(str(mail["Message-ID"]) for mail in self.stored)

    # -- hooks of aiosmtpd ------------------------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802 - the library's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        if self.at_greeting(self.connections) is not Fault.NONE:
            await _drop(server)
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries[address] += 1
        fault = self.plan(address, self.tries[address])
        self.faults.append((address, fault))
        envelope.fault = fault  # type: ignore[attr-defined]
        match fault:
            case Fault.ADDRESS_UNKNOWN:
                return f"550 5.1.1 <{address}>: there is no such mailbox"
            case Fault.ADDRESS_LATER:
                return "450 4.2.1 not now"
            case Fault.DROP_BEFORE_DATA:
                await _drop(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        match envelope.fault:  # type: ignore[attr-defined]
            case Fault.LATER:
                return "451 4.3.0 come again"
            case Fault.REFUSED:
                return "554 5.7.1 not this one"
            case Fault.UNKNOWN_AFTER_DATA:
                return "550 5.1.1 there is no such mailbox"
            case Fault.DROP_WITHOUT_STORING:
                await _drop(server)
        self._store(session, envelope)
        match envelope.fault:  # type: ignore[attr-defined]
            case Fault.DROP_AFTER_STORING:
                await _drop(server)
            case Fault.STALL_AFTER_STORING:
                await asyncio.sleep(3600)
            case Fault.NONSENSE:
                return "well, perhaps"
        return f"250 2.0.0 stored as {len(self.stored)}"

    def _store(self, session: Session, envelope: Envelope) -> None:
        content = envelope.original_content
        assert content is not None
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.stored_at.append(time.perf_counter())
        self.stored.append(mail)
        self.envelopes.append((envelope.mail_from, tuple(envelope.rcpt_tos)))
        self.encrypted.append(session.ssl is not None)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Let in the one user of the test."""
        right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append("in" if right else "refused")
        return AuthResult(success=right, handled=False)  # the server answers: 235 or 535


async def _drop(server: SMTP) -> None:
    """Cut the connection; the task ends with it."""
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    await asyncio.sleep(3600)


class _Conversation(SMTP):
    """The one thing hooks cannot do: to go away while the message is being sent."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if getattr(self.envelope, "fault", None) is Fault.DROP_IN_DATA:
            await self.push("354 go on")
            await self._reader.readline()
            await _drop(self)
        await super().smtp_DATA(arg)


class _Server(Controller):
    def factory(self) -> SMTP:
        return _Conversation(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        """Whichever port was free is known now; a first connection makes the server look at its settings."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        with closing(create_connection((self.hostname, self.port), timeout=5)) as connection:
            if self.ssl_context is None:
                connection.recv(100)


@contextmanager
def smtp_server(
    plan: Plan | None = None,
    *,
    certificate: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
    login: bool = False,
) -> Iterator[SmtpPeer]:
    """A running server on this machine; encrypted with `certificate`, if one is given.

    `peer.stop()` ends it, `peer.start()` starts it again on the same port.
    """
    peer = SmtpPeer(plan or (lambda _recipient, _try: Fault.NONE))
    starttls = certificate if certificate is not None and not implicit_tls else None
    running: list[_Server] = []

    def start() -> None:
        server = _Server(
            peer,
            hostname="127.0.0.1",
            port=peer.port,
            server_hostname="mail.council.example",
            ssl_context=certificate if implicit_tls else None,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=login,
            auth_require_tls=not implicit_tls,  # within TLS from the first byte it would ask for STARTTLS
            authenticator=peer.authenticate,
        )
        server.start()
        peer.port = server.port
        running.append(server)

    def stop() -> None:
        if running:
            running.pop().stop()

    peer.start, peer.stop = start, stop
    start()
    try:
        yield peer
    finally:
        stop()
