"""What became of messages a channel took: asked, or told by it, until there is a last word (reliability B.3).

GOV.UK Notify accepts first and delivers later. Its "delivered" means that the recipient's mail server took the
message. What did not arrive ends like any refused message: with a named person told. SMTP never says.
"""

from __future__ import annotations

import hmac
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.delivery import breaker, outcomes
from casework.delivery.channels import channel_of
from casework.delivery.outbox import Status
from casework.policies import in_force
from casework.units import Office
from notifications.channels import Arrival, Blame, CertainFailure, Channel, Report, ReportsArrival, arrival_of
from persistence.tables import Attempt, Outbox
from states.calendar import london_date

#: When the first look is due; each later one after as long again, but within the longest time between two.
_FIRST = timedelta(minutes=2)
_LONGEST = timedelta(hours=6)
#: Notify tries for three days. After this long without a last word there will be none.
_PATIENCE = timedelta(days=5)
NEVER_SAID = "never said"
#: Counts that say that nothing has changed.
NOTHING_NEW = frozenset({"under_way", "ignored"})
_LAST_WORDS = frozenset({Arrival.DELIVERED, Arrival.FORGOTTEN})


class Callback(BaseModel):
    """What of a callback matters to us."""

    id: str
    reference: str | None = None
    to: str | None = None
    status: str


def await_word(row: Outbox, their_id: str | None, *, now: datetime) -> None:
    """Note how the channel can be asked about a message it has just taken."""
    row.their_id, row.arrival = their_id, None
    row.ask_at = now + _FIRST if their_id is not None else None


def are_due(session: Session, *, now: datetime) -> bool:
    """Whether the channel is to be asked about a message."""
    return session.scalar(select(Outbox.id).where(Outbox.ask_at <= now).limit(1)) is not None


def ask(office: Office, *, now: datetime, limit: int | None = None, channel: Channel | None = None) -> dict[str, int]:
    """Ask about the messages whose time has come, at most `limit`; answers what was heard, counted.

    Stops where the channel cannot be asked; that counts against it as a message that could not leave does.
    """
    heard: Counter[str] = Counter()
    way = channel or channel_of(office.settings)
    with office.reading() as session:
        if breaker.is_paused(session, way.name, now=now):
            return {}
        query = select(Outbox.id, Outbox.their_id).where(Outbox.ask_at <= now).order_by(Outbox.ask_at, Outbox.id)
        due = [(row_id, their_id) for row_id, their_id in session.execute(query.limit(limit))]
    for row_id, their_id in due:
        try:
            if not isinstance(way, ReportsArrival) or their_id is None:
                report = Report(arrival=Arrival.FORGOTTEN)  # it went by a channel that is not in use any more
            else:
                report = way.report(their_id)
        except CertainFailure as failure:
            _could_not_ask(office, way.name, failure, now)
            break
        office.in_one_unit(partial(breaker.answered, name=way.name))
        heard[office.in_one_unit(partial(hear, row_id=row_id, their_id=their_id, report=report, now=now))] += 1
    return dict(heard)


def told(office: Office, *, authorization: str | None, body: bytes, now: datetime) -> int:
    """Hear what GOV.UK Notify says by itself (a callback), for whatever serves our pages; answers an HTTP status.

    401 without the bearer token of `notify.callback_token_file`, compared in constant time; 400 for what cannot be
    read. A message that is not ours, or has had its last word, is ignored: that is 200, so that Notify does not say it
    again (C50). Raises SettingsRefused where the token cannot be read.
    """
    token = office.settings.notify.callback_token()
    if token is None or not hmac.compare_digest((authorization or "").encode(), f"Bearer {token}".encode()):
        return 401
    try:
        said = Callback.model_validate_json(body)
    except ValidationError:
        return 400
    report = Report(arrival=arrival_of(said.status), to_address=said.to)
    office.in_one_unit(partial(hear, row_id=said.reference or "", their_id=said.id, report=report, now=now))
    return 200


def hear(session: Session, *, row_id: str, their_id: str | None, report: Report, now: datetime) -> str:
    """Record what a channel says about a message; answers how it is counted.

    Nothing goes back: after a last word, or about a copy that is not the latest, whatever is said is ignored (C50).
    """
    row = session.get(Outbox, row_id, with_for_update=True)
    if row is None or row.their_id != their_id or row.ask_at is None:
        return "ignored"
    if row.status != Status.SENT:
        row.ask_at = None
        return "ignored"
    arrival = report.arrival
    if arrival is Arrival.UNDER_WAY:
        age = now - (row.sent_at or now)
        if age < _PATIENCE:
            row.ask_at = now + min(max(age, _FIRST), _LONGEST)
            return "under_way"
        row.arrival, row.ask_at = NEVER_SAID, None
        return "never_said"
    row.arrival, row.ask_at = arrival.value, None
    if arrival in _LAST_WORDS:
        return arrival.name.lower()
    attempt = session.scalars(
        select(Attempt).where(Attempt.outbox_id == row.id, Attempt.their_id == their_id).limit(1)
    ).one_or_none()
    if attempt is not None:
        attempt.outcome, attempt.detail = "refused", arrival.value
    reader_id = attempt.reader_id if attempt is not None and attempt.reader_id else row.recipient_id
    if arrival is Arrival.NOT_SENT:
        row.sent_at = None
        policy = in_force(session, london_date(now)).policy
        return outcomes.failed(session, row, reader_id, CertainFailure(arrival.value), policy=policy, now=now)
    return outcomes.bounced(session, row, reader_id, report.to_address, arrival, now=now)


def _could_not_ask(office: Office, name: str, failure: CertainFailure, now: datetime) -> None:
    wrong = failure.detail if failure.blame is Blame.SETTINGS else None

    def count(session: Session) -> None:
        policy = in_force(session, london_date(now)).policy
        breaker.failed(session, name, policy=policy, now=now, wrong_settings=wrong)

    office.in_one_unit(count)
