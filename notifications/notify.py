"""Messages through GOV.UK Notify, with its official client (reliability B.3, B.4; decision 13).

One template at Notify carries every message: its subject is `((subject))`, its body `((body))`. Our message id goes
along as `reference`. Notify keeps no reference unique, but it can be asked for one: after a try whose answer was lost
nothing is repeated before it has said that it has no such message. It takes text, no files: an entry for the diary
stays behind.

An answer of 5xx is no answer: Notify may have stored the message before it failed.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from urllib3.exceptions import MaxRetryError

from notifications.channels import Arrival, Blame, CertainFailure, NotThere, Report, Sent, UnknownOutcome, arrival_of
from notifications.messages import Message, NotAddressable, address_of

#: The placeholders of the template at Notify.
PLACEHOLDERS = frozenset({"subject", "body"})
#: How wide the texts of our templates are written.
_WIDTH = 78
#: The client writes what the server answers into the log; we decide what goes there (reliability E.2).
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL + 1)


def flowing(text: str) -> str:
    """The text with the lines of each paragraph joined: Notify keeps every line end, and a phone's lines are shorter.

    A line belongs to the one before where its first word had no room there; an indented one or one with a list's
    mark stands alone.
    """
    lines: list[str] = []
    room = 0  # on the line as it was written
    for line in text.splitlines():
        first = line.split(maxsplit=1)[0] if line.strip() else ""
        alone = line[:1] in {"", " ", "*", "-", "#"}
        if not alone and lines and lines[-1] and 1 + len(first) > room:
            lines[-1] += " " + line
        else:
            lines.append(line)
        room = _WIDTH - len(line)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyChannel:
    """One connection, one message, one recipient. `key` is an API key; `reply_to_id` one of the service's."""

    key: str = field(repr=False)
    template_id: str
    address: str
    reply_to_id: str | None = None
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """What the channel is called in the record of its state."""
        return "notify"

    def send(self, message: Message) -> Sent:
        """Hand the message to Notify."""
        try:
            address_of(message.to_address)
        except NotAddressable as wrong:
            raise CertainFailure(str(wrong), permanent=True, address_bad=True) from wrong
        with self._client() as client:
            try:
                answer = client.send_email_notification(
                    email_address=message.to_address,
                    template_id=self.template_id,
                    personalisation={"subject": message.rendered.subject, "body": flowing(message.rendered.text)},
                    reference=message.id,
                    email_reply_to_id=self.reply_to_id,
                )
            except InvalidResponse as error:
                raise UnknownOutcome("accepted, with an answer that cannot be read") from error
            except HTTPError as error:
                raise _not_sent(error) from error
        their_id = _text(answer, "id")
        if not their_id:
            raise UnknownOutcome("an answer without the message's id")
        return Sent(f"201 {their_id}", their_id=their_id)

    def accepted_before(self, message: Message) -> Sent | NotThere:
        """Ask for our reference, page by page. What failed at Notify itself was not sent."""
        known = [one for one in self._with_reference(message.id) if _text(one, "id") not in message.ended]
        for one in known:
            if arrival_of(_text(one, "status")) is not Arrival.NOT_SENT:
                their_id = _text(one, "id")
                return Sent(f"found again: {their_id}", their_id=their_id)
        return NotThere()

    def report(self, their_id: str) -> Report:
        """How a message stands that Notify took."""
        with self._client() as client:
            try:
                answer = client.get_notification_by_id(their_id)
            except HTTPError as error:
                if error.response is not None and error.status_code == requests.codes.not_found:
                    return Report(arrival=Arrival.FORGOTTEN)
                raise _not_told(error) from error
            except InvalidResponse as error:
                raise _not_told(error) from error
        return Report(arrival=arrival_of(_text(answer, "status")), to_address=_text(answer, "email_address") or None)

    def problems(self) -> list[str]:
        """What keeps the channel from working, each in a sentence; nothing is sent. Empty: it works."""
        with self._client() as client:
            try:
                template = client.get_template(self.template_id)
            except (HTTPError, InvalidResponse) as error:
                if isinstance(error, HTTPError) and _status(error) == requests.codes.not_found:
                    return [f"GOV.UK Notify has no template {self.template_id} in this service (notify.template)."]
                return [f"GOV.UK Notify could not be asked: {_not_told(error).detail}."]
        if _text(template, "type") != "email":
            return [f"The template {self.template_id} is not one for e-mails (notify.template)."]
        found = frozenset(template.get("personalisation") or ())
        if found != PLACEHOLDERS:
            has = ", ".join(f"(({name}))" for name in sorted(found)) or "none"
            return [
                "The template at GOV.UK Notify must have ((subject)) as its subject and ((body)) as its message, "
                f"and no other placeholder; it has {has}."
            ]
        return []

    def _with_reference(self, reference: str) -> Iterator[dict[str, Any]]:
        with self._client() as client:
            try:
                yield from client.get_all_notifications_iterator(reference=reference, template_type="email")
            except (HTTPError, InvalidResponse) as error:
                raise _not_told(error) from error
            except (AttributeError, KeyError, TypeError) as error:  # it reads JSON of whatever shape
                raise CertainFailure("an answer that cannot be read", blame=Blame.CHANNEL) from error

    @contextlib.contextmanager
    def _client(self) -> Iterator[NotificationsAPIClient]:
        client = NotificationsAPIClient(self.key, base_url=self.address, timeout=self.timeout_seconds)
        session = client.request_session
        session.max_redirects = 0  # the key is for one address, and a POST that is sent on becomes a GET
        session.auth = lambda request: request  # not whatever a .netrc has for this host
        try:
            yield client
        finally:
            session.close()


# -- what an answer means ---------------------------------------------------------------------------------


def _not_sent(error: HTTPError) -> CertainFailure | UnknownOutcome:
    """What a failed try to send means: certain where Notify said so, or never had the request."""
    status = _status(error)
    if status is None:
        reason = _never_connected(error)
        if reason is None:
            return UnknownOutcome(f"no answer after the message: {_words(error)}")
        return CertainFailure(f"not reached: {reason}", blame=Blame.CHANNEL)
    said = f"{status} {_said(error)}"
    match status:
        case 400:
            return _bad_request(error, said)
        case 401 | 403:
            return CertainFailure(said, blame=Blame.SETTINGS)
        case 413:
            return CertainFailure(said, permanent=True)
        case 429:
            return CertainFailure(said, blame=Blame.CHANNEL)  # too many at once, or today: all of them wait
        case _ if status < 500:
            return CertainFailure(f"{said}: this is not GOV.UK Notify's address", blame=Blame.SETTINGS)
        case _:
            return UnknownOutcome(said)


def _bad_request(error: HTTPError, said: str) -> CertainFailure:
    """A 400: about the address, about who may be written to, or about our template."""
    words = _said(error).casefold().replace("’", "'")
    if "email_address" in words or "valid email address" in words:
        return CertainFailure(said, permanent=True, address_bad=True)
    if "can't send to this recipient" in words:  # trial mode, or a key for the team alone: this person only
        return CertainFailure(said, permanent=True)
    ours = ("template", "personalisation", "reply_to", "is not allowed to send")
    if any(word in words for word in ours):
        return CertainFailure(said, blame=Blame.SETTINGS)
    return CertainFailure(said, permanent=True)


def _not_told(error: HTTPError | InvalidResponse) -> CertainFailure:
    """Notify could not be asked. Nothing was sent by that, so it is certain."""
    status = _status(error)
    if status is None:
        reason = _never_connected(error)
        return CertainFailure(f"not reached: {reason or _words(error)}", blame=Blame.CHANNEL)
    blame = Blame.SETTINGS if status in (401, 403) else Blame.CHANNEL
    return CertainFailure(f"{status} {_said(error)}", blame=blame)


def _status(error: HTTPError | InvalidResponse) -> int | None:
    """The status Notify answered with; None where it did not (the client then says 503 itself)."""
    return None if error.response is None else error.response.status_code


def _said(error: HTTPError | InvalidResponse) -> str:
    """Notify's own words. They name fields and settings, never a person."""
    message = error.message
    if isinstance(message, list):
        return "; ".join(_text(one, "message") for one in message)
    return str(message or "")


def _never_connected(error: HTTPError | InvalidResponse) -> str | None:
    """Why the request certainly never left this machine, or None where it may have."""
    cause = error.__cause__ or error.__context__
    if not isinstance(cause, requests.ConnectionError):
        # an address or a header that cannot be used at all
        return "an address that cannot be used" if isinstance(cause, ValueError) else None
    if isinstance(cause, requests.ConnectTimeout):
        return "no answer in time"
    inner = cause.args[0] if cause.args else None
    if not isinstance(inner, MaxRetryError):
        return None  # the connection stood, and was lost
    if isinstance(cause, requests.exceptions.SSLError):
        return _refused_by_us(inner.reason)
    return "no connection"


def _refused_by_us(reason: BaseException | None) -> str | None:
    """Why TLS was never agreed upon; None where a connection that stood broke."""
    while reason is not None:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return f"the server's certificate was refused: {reason.verify_message}"
        if isinstance(reason, ssl.SSLError) and reason.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
            return "the server does not encrypt"
        reason = next((one for one in reason.args if isinstance(one, BaseException)), None)
    return None


def _words(error: HTTPError | InvalidResponse) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, requests.Timeout):
        return "no answer in time"
    return type(cause).__name__ if cause is not None else "an answer that cannot be read"


def _text(answer: object, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, str) else ""
