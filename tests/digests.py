"""Digests for tests: make them as the night does, hand them over, and say who read what on which day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select, update

from casework.delivery.sending import deliver_waiting
from notifications.messages import Message
from persistence.tables import Case, Digest, DigestLine, Finding, FollowUp, Outbox, Person
from tests.mailroom import ScriptedChannel
from tests.nights import LONDON, at_night, the_night
from tests.world import World


def morning(day: date, hour: int = 7, minute: int = 30) -> datetime:
    """A London clock time, by default the one at which digests leave."""
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


@dataclass(frozen=True)
class Read:
    """One line of somebody's digest: what it is about, and why they have it."""

    what: str  # the notices, or the drift rule
    because: str
    behalf_of: str | None = None
    left_out: str | None = None


def night_and_morning(world: World, day: date, **more: Any) -> list[Message]:
    """The night of a day, and its mails as they leave in the morning."""
    the_night(world, day, **more)
    return sent_at(world, morning(day))


def sent_at(world: World, now: datetime) -> list[Message]:
    """What leaves at an instant, of the acts' own follow-ups too."""
    channel = ScriptedChannel()
    with world.office.unit_of_work() as session:
        session.execute(update(FollowUp).where(FollowUp.status == "waiting").values(status="done"))
    deliver_waiting(world.office, now=now, channel=channel)
    return channel.offered


def read_on(world: World, day: date) -> dict[str, list[Read]]:
    """Everybody's digest of a day, by handle, with its lines; empty where nothing was due."""
    with world.office.reading() as session:
        handles = {person.id: person.handle for person in session.scalars(select(Person))}
        found: dict[str, list[Read]] = {}
        for digest in session.scalars(select(Digest).where(Digest.for_day == day)):
            lines = session.scalars(select(DigestLine).where(DigestLine.digest_id == digest.id)).all()
            found[handles[digest.person_id]] = sorted(
                (
                    Read(
                        what=(
                            session.get_one(Finding, line.finding_id).rule
                            if line.finding_id
                            else "+".join(session.get_one(Outbox, line.outbox_id).notices)
                        ),
                        because=line.because,
                        behalf_of=handles.get(line.behalf_of or ""),
                        left_out=line.left_out,
                    )
                    for line in lines
                ),
                key=lambda one: (one.what, one.because),
            )
        return found


def to(messages: list[Message]) -> Counter[str]:
    """How many mails went to whom, by handle."""
    return Counter(message.to_address.partition("@")[0] for message in messages)


def text_to(messages: list[Message], handle: str) -> str:
    """The text of the one mail that went to somebody."""
    (one,) = [message for message in messages if message.to_address == f"{handle}@county.example"]
    return one.rendered.text


def told_of(world: World, ref: str, notice: str) -> dict[str, str]:
    """Who was to be told of something about a child, and how their message stands, by handle."""
    with world.office.reading() as session:
        query = (
            select(Person.handle, Outbox.notices, Outbox.status)
            .join(Outbox, Outbox.recipient_id == Person.id)
            .join(Case, Case.id == Outbox.case_id)
            .where(Case.ref == ref)
        )
        return {handle: status for handle, notices, status in session.execute(query) if notice in notices}


__all__ = ["Read", "at_night", "morning", "night_and_morning", "read_on", "sent_at", "text_to", "to", "told_of"]
