"""How messages leave: into a folder, by SMTP, or through GOV.UK Notify (`notifications.notify`).

A channel says exactly one of three things about a message: it was accepted (`Sent`), it certainly was not
(`CertainFailure`), or nobody can know (`UnknownOutcome`: the connection went after the final dot). Only
the third may ever lead to a second copy (reliability R10, B.3).
"""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from notifications.messages import Message, NotAddressable, address_of, as_email
from notifications.wording import one_line

_DETAIL = 300
_GOODBYE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel has taken the message over; `reply` is what it answered, `their_id` its own name for it."""

    reply: str
    their_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotThere:
    """The channel was asked and has no such message: every earlier try certainly failed."""


class Blame(StrEnum):
    """What kept a message from leaving."""

    ANSWER = "the server refused the message"
    LOST = "the connection was lost before the message was complete"
    CHANNEL = "the channel could not be used at all"
    SETTINGS = "the channel refuses our settings, and will until somebody changes them"


class CertainFailure(Exception):
    """The message has certainly not been accepted.

    `permanent`: the server says that trying again will not help. `address_bad`: because of the address.
    """

    def __init__(
        self, detail: str, *, permanent: bool = False, address_bad: bool = False, blame: Blame = Blame.ANSWER
    ) -> None:
        self.detail = one_line(detail)[:_DETAIL]
        self.permanent = permanent
        self.address_bad = address_bad
        self.blame = blame
        super().__init__(self.detail)


class UnknownOutcome(Exception):
    """The message was complete and no answer came: it may or may not have been accepted."""

    def __init__(self, detail: str) -> None:
        self.detail = one_line(detail)[:_DETAIL]
        super().__init__(self.detail)


class Channel(Protocol):
    """A way for messages to leave."""

    @property
    def name(self) -> str:
        """What the channel is called in the record of its state."""

    def send(self, message: Message) -> Sent:
        """Hand one message over. Raises CertainFailure or UnknownOutcome, and nothing else."""

    def accepted_before(self, message: Message) -> Sent | NotThere | None:
        """Whether an earlier try was accepted after all, where the channel can tell by our reference.

        Asked before a message with an unknown outcome is repeated; None where nobody can tell.
        Raises CertainFailure where the channel could not be asked.
        """

    def problems(self) -> list[str]:
        """What keeps the channel from taking mail, each in a sentence. Nothing is sent. Empty: it works."""


class Arrival(StrEnum):
    """What became of a message that a channel took."""

    UNDER_WAY = "under way"
    DELIVERED = "delivered"  # to the mail server of the recipient; whether it is read, nobody knows
    NO_MAILBOX = "no such mailbox"
    NOT_TAKEN = "mailbox full, or taken for spam"
    NOT_SENT = "not sent, by a fault behind the channel"
    FORGOTTEN = "no longer known"  # GOV.UK Notify keeps a message for seven days


#: GOV.UK Notify's own words; whatever is not among them is on its way.
_ARRIVALS = {
    "delivered": Arrival.DELIVERED,
    "permanent-failure": Arrival.NO_MAILBOX,
    "temporary-failure": Arrival.NOT_TAKEN,
    "technical-failure": Arrival.NOT_SENT,
}


def arrival_of(status: str) -> Arrival:
    """What one of GOV.UK Notify's statuses means."""
    return _ARRIVALS.get(status, Arrival.UNDER_WAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a message stands at the channel, and where it went."""

    arrival: Arrival
    to_address: str | None = None


@runtime_checkable
class ReportsArrival(Protocol):
    """A channel that can be asked later what became of a message it took."""

    def report(self, their_id: str) -> Report:
        """How the message stands. Raises CertainFailure where the channel could not be asked."""


@dataclass(frozen=True, slots=True)
class FileChannel:
    """Messages as `.eml` files in a folder that only its owner can open. Sends nothing anywhere."""

    folder: Path

    @property
    def name(self) -> str:
        """What the channel is called in the record of its state."""
        return "file"

    def send(self, message: Message) -> Sent:
        """Write the message whole or not at all: a repeat takes the place of the first copy."""
        content = _content(message)
        path = self._path(message)
        unfinished = path.with_suffix(".part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                unfinished.unlink()
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            _sync(self.folder)
        except OSError as error:
            raise CertainFailure(f"file: {error.strerror or error}", blame=Blame.CHANNEL) from error
        return Sent("written to a file")

    def accepted_before(self, message: Message) -> Sent | None:
        """A file that stands in the folder was accepted."""
        return Sent("written to a file before") if self._path(message).exists() else None

    def problems(self) -> list[str]:
        """Whether files can be written where they should stand."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                return []
        except OSError as error:
            return [f"Mails cannot be written into {self.folder}: {error.strerror or type(error).__name__}."]

    def _path(self, message: Message) -> Path:
        return self.folder / f"{message.id}.eml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpChannel:
    """One connection, one message, one recipient. `context` verifies the server's certificate."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    context: ssl.SSLContext | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """What the channel is called in the record of its state."""
        return "smtp"

    def accepted_before(self, message: Message) -> Sent | None:  # noqa: ARG002 - other channels need it
        """SMTP cannot tell."""
        return None

    def send(self, message: Message) -> Sent:
        """Hand the message to the server. Every step waits `timeout_seconds` at most."""
        content = _content(message)
        with self._connection(helo=address_of(message.from_address).domain) as server:
            with _until_complete():
                _expect(server.mail(message.from_address), step="MAIL")
                _expect(server.rcpt(message.to_address), step="RCPT")
                _expect(server.docmd("DATA"), step="DATA", wanted=3)
                server.send(_dotted(content))
            # From the final dot on the message may be theirs, whatever happens to the connection.
            try:
                server.send(b".\r\n")
                reply = server.getreply()
            except (smtplib.SMTPException, OSError) as error:
                raise UnknownOutcome(f"no answer after the message: {_words(error)}") from error
            if reply[0] // 100 not in (2, 4, 5):
                raise UnknownOutcome(f"no answer that can be read after the message: {_said(reply)}")
            _expect(reply, step="the message")
            return Sent(_said(reply))

    def problems(self) -> list[str]:
        """Connect, encrypt and log in, and leave again."""
        try:
            with self._connection(helo=None):
                return []
        except CertainFailure as failure:
            return [f"The mail server {self.host} cannot be used: {failure.detail}."]

    @contextlib.contextmanager
    def _connection(self, *, helo: str | None) -> Iterator[smtplib.SMTP]:
        """A greeted, encrypted, authenticated connection; whatever fails here is the channel's fault."""
        server: smtplib.SMTP | None = None
        try:
            try:
                server = self._opened(helo)
            except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: a name it cannot send
                raise CertainFailure(f"not reached: {_words(error)}", blame=Blame.CHANNEL) from error
            yield server
        finally:
            if server is not None:
                _leave(server)

    def _opened(self, helo: str | None) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, helo, timeout=self.timeout_seconds, context=context)
            if self.tls == "tls"
            else smtplib.SMTP(self.host, self.port, helo, timeout=self.timeout_seconds)
        )
        try:
            # The message and its final dot are two writes: the second must not wait for the first one's receipt,
            # which a system may put off for 40 ms.
            assert server.sock is not None
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.ehlo_or_helo_if_needed()
            if self.tls == "starttls":
                server.starttls(context=context)  # raises where the server does not offer it
                server.ehlo_or_helo_if_needed()
            if self.user is not None:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server


def _leave(server: smtplib.SMTP) -> None:
    """Say good-bye, and do not wait long for the answer: the outcome of the message is known by now."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if server.sock is not None:
            server.sock.settimeout(_GOODBYE_SECONDS)
            server.quit()
    server.close()


@contextlib.contextmanager
def _until_complete() -> Iterator[None]:
    """Before the final dot a lost connection is a certain failure: the server never had the whole message."""
    try:
        yield
    except (smtplib.SMTPException, OSError) as error:
        raise CertainFailure(f"connection lost: {_words(error)}", blame=Blame.LOST) from error


def _expect(reply: tuple[int, bytes], *, step: str, wanted: int = 2) -> None:
    """Raise CertainFailure unless the answer is of the wanted class."""
    code = reply[0]
    if code // 100 == wanted:
        return
    # 552: this message is too large, which says nothing about the next one
    sender_refused = step == "MAIL" and code // 100 == 5 and code != 552
    if code in (421, 530, 535, 538) or sender_refused:
        raise CertainFailure(f"{step}: {_said(reply)}", blame=Blame.CHANNEL)
    raise CertainFailure(
        f"{step}: {_said(reply)}",
        permanent=code // 100 == 5,
        address_bad=step != "MAIL" and _about_the_address(reply),
    )


def _about_the_address(reply: tuple[int, bytes]) -> bool:
    """Whether a refusal means that there is no such mailbox: RFC 5321 codes, refined by RFC 3463 ones."""
    refined = re.match(rb"5\.(\d+)\.(\d+)\b", reply[1].lstrip())
    if refined is not None:
        return refined[1] == b"1" or (refined[1], refined[2]) == (b"2", b"1")
    return reply[0] in (550, 551, 553)


def _content(message: Message) -> bytes:
    try:
        address_of(message.to_address)
    except NotAddressable as wrong:
        raise CertainFailure(str(wrong), permanent=True, address_bad=True) from wrong
    try:
        return as_email(message).as_bytes()
    except NotAddressable as wrong:
        raise CertainFailure(
            "The sender's address in the settings: " + str(wrong), blame=Blame.CHANNEL
        ) from wrong


def _dotted(content: bytes) -> bytes:
    """The message as DATA carries it, up to the final dot (RFC 5321 4.5.2)."""
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _said(reply: tuple[int, bytes]) -> str:
    return one_line(f"{reply[0]} {reply[1].decode('ascii', 'replace')}")[:_DETAIL]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode('ascii', 'replace') if isinstance(words, bytes) else words}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate was refused: {error.verify_message}"
    if isinstance(error, (TimeoutError, socket.gaierror)):
        return "no answer in time" if isinstance(error, TimeoutError) else "no such host"
    return f"{type(error).__name__} {error}"


def _sync(folder: Path) -> None:
    """Make the new name in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
