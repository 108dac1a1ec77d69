"""A message on its way to one person, and the e-mail it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from notifications.rendering import Rendered

#: Every part in plain ASCII on the wire, so that no server need understand more.
_POLICY = SMTP.clone(cte_type="7bit")
_ID = re.compile(r"[0-9a-f]{32}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322: no quotes, no comments, no line ends
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST = 254


class NotAddressable(ValueError):
    """What stands where an address should be is not exactly one address (reliability C34)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message for one person. `id` is the outbox row's; it is the reference other channels use.

    `ended`: what the channel called earlier copies whose end is known: they are no answer to "was it accepted?".
    """

    id: str
    message_id: str
    to_address: str
    from_address: str
    from_name: str
    rendered: Rendered
    written_at: datetime
    calendar: bytes | None = None
    ended: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("a message is known by 32 hexadecimal digits")


def message_id(outbox_id: str, from_address: str) -> str:
    """The Message-ID that every repeat of a message carries (reliability B.4.3)."""
    return f"<ob-{outbox_id}@{address_of(from_address).domain}>"


def address_of(text: str) -> Address:
    """Exactly one plain mail address. Raises NotAddressable for none, several, or anything around it."""
    if not _ADDRESS.fullmatch(text) or len(text) > _LONGEST:
        raise NotAddressable("That is not one mail address.")
    username, _, domain = text.rpartition("@")
    return Address(username=username, domain=domain)


def as_email(message: Message) -> EmailMessage:
    """The e-mail: text and HTML, an entry for the diary if there is one, and nothing that invites a reply."""
    sender = address_of(message.from_address)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(message.from_name, sender.username, sender.domain)
    mail["To"] = address_of(message.to_address)
    mail["Subject"] = message.rendered.subject
    mail["Date"] = format_datetime(message.written_at)
    mail["Message-ID"] = message.message_id
    mail["Content-Language"] = "en-GB"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.rendered.text)
    mail.add_alternative(message.rendered.html, subtype="html")
    if message.calendar is not None:
        mail.add_attachment(
            message.calendar.decode(),
            subtype="calendar",
            filename="date.ics",
            params={"method": "PUBLISH"},
        )
    return mail
