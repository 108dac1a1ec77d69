"""A channel that cannot be reached rests, and somebody is alarmed once (reliability B.4.8)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from persistence.tables import Channel
from states.policy import Policy

log = logging.getLogger(__name__)


def is_paused(session: Session, name: str, *, now: datetime) -> bool:
    """Whether the channel rests at `now`. When the rest is over one message tries it again."""
    until = session.scalar(select(Channel.paused_until).where(Channel.name == name))
    return until is not None and until > now


def worked(session: Session, name: str) -> None:
    """The channel answered: whatever was counted against it is forgotten."""
    row = session.get(Channel, name)
    if row is not None and row.failures_in_a_row:
        row.failures_in_a_row, row.paused_until, row.alarmed_at, row.wrong_settings = 0, None, None, None


def answered(session: Session, name: str) -> None:
    """The channel answered a question. That it would take mail with our settings is not said by that."""
    row = session.get(Channel, name)
    if row is not None and row.wrong_settings is None:
        worked(session, name)


def failed(
    session: Session, name: str, *, policy: Policy, now: datetime, wrong_settings: str | None = None
) -> bool:
    """Count a failed connection. Answers whether the channel rests now.

    `wrong_settings`: what the channel says against our settings. It rests at once then: the next message would
    be refused as well. The alarm is a line in the log and `alarmed_at`, which `sgo health` reads: a mail could
    not leave.
    """
    row = session.get(Channel, name, with_for_update=True)
    if row is None:
        row = Channel(name=name, failures_in_a_row=0)
        session.add(row)
    row.failures_in_a_row += 1
    row.wrong_settings = wrong_settings
    if wrong_settings is None and row.failures_in_a_row < policy.mail.pause_after_failures:
        return False
    row.paused_until = now + timedelta(minutes=policy.mail.unknown_retry_minutes)
    if row.alarmed_at is None:
        row.alarmed_at = now
        log.error("channel %s paused after %d failed connections in a row", name, row.failures_in_a_row)
    return True
