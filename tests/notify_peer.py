"""What the stand-in for GOV.UK Notify holds, checks and says; `tests.notify_server` puts it on the network.

It does what Notify's public API does where that matters here: tokens are verified with the secret of an API key,
`reference` is kept and is not unique, a list is filtered by it and comes newest first in pages, keys of one kind see
only their own messages, errors carry Notify's words and statuses, and what became of a message is told with a bearer
token to whoever wants to know. Like `tests/smtp_server.py` it counts what it stored, so that a test can say: none lost,
and more than one copy only where the sender could not know (reliability R10, T6).
"""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from notifications_python_client.authentication import decode_jwt_token, get_token_issuer
from notifications_python_client.errors import TokenDecodeError, TokenError, TokenExpiredError

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEAM_SECRET = "c4a2b1de-7c1e-4f5a-9d35-0b8f3f9f2a11"
KEY = f"sgo-{SERVICE}-{SECRET}"
TEAM_KEY = f"sgo_team-{SERVICE}-{TEAM_SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
BEARER = "a-bearer-token-of-a-test"


class Fault(StrEnum):
    """What the server does to one try to send."""

    NONE = "takes it"
    DROP_UNREAD = "drops the connection before it has read anything"
    DROP_BEFORE_STORING = "drops the connection, and stores nothing"
    DROP_AFTER_STORING = "stores it and drops the connection without an answer"
    STALL_BEFORE_STORING = "never answers, and stores nothing"
    STALL_AFTER_STORING = "stores it and never answers"
    SLOW = "stores it, and the answer comes too late"
    CUT_ANSWER = "stores it and breaks off in the middle of the answer"
    NONSENSE = "stores it and answers what nobody can read"
    FAILED_BEFORE = "500, and stores nothing"
    FAILED_AFTER = "500, and has stored it"
    BAD_GATEWAY = "502 from the machine in front, and has stored it"
    UNAVAILABLE = "503, and stores nothing"
    GATEWAY_TIMEOUT = "504 from the machine in front, and has stored it"
    TOO_FAST = "429: too many requests in a minute"
    TOO_MANY = "429: too many messages today"
    ADDRESS_BAD = "400: the address"
    NOT_ON_THE_TEAM = "400: not on the team's list, in trial mode"


#: Tries after which the sender cannot know whether the message was taken.
UNKNOWABLE = frozenset(Fault) - {
    Fault.NONE,
    Fault.TOO_FAST,
    Fault.TOO_MANY,
    Fault.ADDRESS_BAD,
    Fault.NOT_ON_THE_TEAM,
}
STORES = frozenset(
    {
        Fault.NONE,
        Fault.DROP_AFTER_STORING,
        Fault.STALL_AFTER_STORING,
        Fault.SLOW,
        Fault.CUT_ANSWER,
        Fault.NONSENSE,
        Fault.FAILED_AFTER,
        Fault.BAD_GATEWAY,
        Fault.GATEWAY_TIMEOUT,
    }
)
REFUSALS: dict[Fault, tuple[int, str, str]] = {
    Fault.FAILED_BEFORE: (500, "Exception", "Internal server error"),
    Fault.FAILED_AFTER: (500, "Exception", "Internal server error"),
    Fault.UNAVAILABLE: (503, "Exception", "Service unavailable"),
    Fault.TOO_FAST: (
        429,
        "RateLimitError",
        "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds",
    ),
    Fault.TOO_MANY: (429, "TooManyRequestsError", "Exceeded send limits (50) for today"),
    Fault.ADDRESS_BAD: (400, "ValidationError", "email_address Not a valid email address"),
    Fault.NOT_ON_THE_TEAM: (
        400,
        "BadRequestError",
        "Can’t send to this recipient when service is in trial mode – see "
        "https://www.notifications.service.gov.uk/trial-mode",
    ),
}
Plan = Callable[[str, int], Fault]


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        self.status, self.kind, self.message = status, kind, message
        super().__init__(message)


@dataclass
class Stored:
    """One message at Notify."""

    id: str
    reference: str | None
    email_address: str
    subject: str
    body: str
    key_kind: str
    created_at: datetime
    status: str = "created"
    completed_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """What the API shows of it."""
        lines = {f"line_{n}": None for n in range(1, 8)}
        return {
            "id": self.id,
            "reference": self.reference,
            "email_address": self.email_address,
            "phone_number": None,
            **lines,
            "postcode": None,
            "type": "email",
            "status": self.status,
            "template": {"id": TEMPLATE, "version": 1, "uri": f"/v2/template/{TEMPLATE}"},
            "subject": self.subject,
            "body": self.body,
            "created_at": _instant(self.created_at),
            "sent_at": None,
            "completed_at": _instant(self.completed_at) if self.completed_at else None,
            "scheduled_for": None,
        }


@dataclass
class NotifyPeer:
    """What the server holds and saw. `plan(recipient, try)` says what happens to a recipient's first, second … try."""

    plan: Plan
    page_size: int = 250
    asked: Callable[[], Fault] = lambda: Fault.NONE  # what happens to a question
    end: Callable[[Stored], str] = lambda one: one.status  # what becomes of a message, by the time it is asked about
    trial: frozenset[str] | None = None  # in trial mode: the addresses that may be written to
    template: dict[str, Any] = field(
        default_factory=lambda: {"type": "email", "subject": "((subject))", "body": "((body))"}
    )
    address: str = ""
    callback: str | None = None
    ahead: timedelta = timedelta()  # how far its clock is before ours
    stored: list[Stored] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)

    def copies(self) -> Counter[str]:
        """How many copies of each message were stored, by our reference."""
        with self.lock:
            return Counter(one.reference or "" for one in self.stored)

    def become(self, one: Stored, status: str) -> int | None:
        """Say what became of a message; answers how the listener answered, if there is one."""
        with self.lock:
            one.status, one.completed_at = status, datetime.now(UTC)
        return self.tell(one) if self.callback else None

    def tell(self, one: Stored, bearer: str = BEARER, **differs: Any) -> int:
        """Tell the listener about a message; answers its status."""
        said = {
            "id": one.id,
            "reference": one.reference,
            "to": one.email_address,
            "status": one.status,
            "created_at": _instant(one.created_at),
            "completed_at": _instant(one.completed_at) if one.completed_at else None,
            "sent_at": None,
            "notification_type": "email",
            **differs,
        }
        request = urllib.request.Request(
            self.callback or "",
            data=json.dumps(said).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def forget(self, *references: str) -> None:
        """The retention of seven days is over."""
        with self.lock:
            self.stored = [one for one in self.stored if one.reference not in references]

    # -- the API ------------------------------------------------------------------------------------------

    def kind_of_key(self, header: str | None) -> str:
        """Whose request it is. Raises Refused with Notify's words."""
        if not header:
            raise Refused(401, "AuthError", "Unauthorized: authentication token must be provided")
        if not header.lower().startswith("bearer "):
            raise Refused(401, "AuthError", "Unauthorized: authentication bearer scheme must be used")
        token = header[7:]
        try:
            if get_token_issuer(token) != SERVICE:
                raise Refused(403, "AuthError", "Invalid token: service not found")
            for secret, kind in ((SECRET, "live"), (TEAM_SECRET, "team")):
                try:
                    decode_jwt_token(token, secret)
                except TokenDecodeError:
                    continue
                if abs(self.ahead) > timedelta(seconds=30):
                    raise TokenExpiredError("Token has expired")
                return kind
        except TokenExpiredError:
            raise Refused(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds") from None
        except TokenError:
            raise Refused(403, "AuthError", "Invalid token: signature, api token is not valid") from None
        raise Refused(403, "AuthError", "Invalid token: API key not found")

    def take(self, form: dict[str, Any], kind: str) -> Stored:
        """Check and store a message. Raises Refused with Notify's words."""
        address = form.get("email_address")
        if not isinstance(address, str) or not re.fullmatch(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+", address):
            raise Refused(400, "ValidationError", "email_address Not a valid email address")
        if (kind == "team" or self.trial is not None) and address not in (self.trial or frozenset()):
            words = "using a team-only API key" if kind == "team" else "when service is in trial mode"
            raise Refused(400, "BadRequestError", f"Can’t send to this recipient {words}")
        if form.get("template_id") != TEMPLATE:
            raise Refused(400, "BadRequestError", "Template not found")
        given = form.get("personalisation") or {}
        wanted = re.findall(r"\(\((\w+)\)\)", self.template["subject"] + self.template["body"])
        if missing := [name for name in wanted if name not in given]:
            raise Refused(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")
        one = Stored(
            id=str(uuid4()),
            reference=form.get("reference"),
            email_address=address,
            subject=given.get("subject", ""),
            body=given.get("body", ""),
            key_kind=kind,
            created_at=datetime.now(UTC),
        )
        with self.lock:
            self.stored.append(one)
        return one

    def page(self, query: dict[str, list[str]], kind: str) -> dict[str, Any]:
        """Messages, newest first, one page of them, with links."""
        if strange := set(query) - {"reference", "status", "template_type", "older_than", "include_jobs"}:
            raise Refused(400, "ValidationError", f"Additional properties are not allowed ({strange})")
        with self.lock:
            found = [one for one in reversed(self.stored) if one.key_kind == kind]
        if reference := query.get("reference"):
            found = [one for one in found if one.reference == reference[0]]
        if statuses := query.get("status"):
            found = [one for one in found if one.status in statuses]
        if older := query.get("older_than"):
            at = next((number for number, one in enumerate(found) if one.id == older[0]), len(found))
            found = found[at + 1 :]
        found = found[: self.page_size]
        links = {"current": f"{self.address}/v2/notifications?{urlencode(query, doseq=True)}"}
        if found:
            onward = urlencode({**query, "older_than": [found[-1].id]}, doseq=True)
            links["next"] = f"{self.address}/v2/notifications?{onward}"
        return {"notifications": [one.as_json() for one in found], "links": links}

    def shown_template(self, template_id: str) -> dict[str, Any]:
        """The template, if it is ours."""
        if template_id != TEMPLATE:
            raise Refused(404, "NoResultFound", "No result found")
        words = self.template["subject"] + self.template["body"]
        names = {name: {"required": True} for name in re.findall(r"\(\((\w+)\)\)", words)}
        return {"id": TEMPLATE, "version": 1, "name": "SGO pathway", "personalisation": names, **self.template}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
