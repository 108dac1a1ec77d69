"""What the ledger's counts are called: it keeps short names, people read what was counted (practice 5)."""

from __future__ import annotations

from collections.abc import Mapping

#: By name: one of them, and many.
COUNTS: Mapping[str, tuple[str, str]] = {
    "cases": ("case", "cases"),
    "agendas": ("agenda", "agendas"),
    "invitations": ("invitation", "invitations"),
    "supplements": ("supplement to an agenda", "supplements to agendas"),
    "letters": ("letter", "letters"),
    "digests": ("daily summary", "daily summaries"),
    "lines": ("line in them", "lines in them"),
    "passed_on": ("passed on for who is away", "passed on for who is away"),
    "reached": ("date to warn of, or late", "dates to warn of, or late"),
    "rungs": ("date to warn of, or late", "dates to warn of, or late"),
    "notices": ("notice", "notices"),
    "expected": ("case to look at", "cases to look at"),
    "examined": ("checked", "checked"),
    "skipped": ("not checked", "not checked"),
    "findings": ("that needs attention", "that need attention"),
    "new": ("of them new", "of them new"),
    "cleared": ("settled since", "settled since"),
    "escalated": ("told to a more senior post", "told to a more senior post"),
    "sent": ("message sent", "messages sent"),
    "delivered": ("message arrived", "messages arrived"),
    "suppressed": ("message not to be sent", "messages not to be sent"),
    "failed": ("message not accepted, tried again", "messages not accepted, tried again"),
    "unknown": ("message that may have arrived", "messages that may have arrived"),
    "dead": ("message that could not be delivered", "messages that could not be delivered"),
    "needs_a_person": ("message for somebody to look at", "messages for somebody to look at"),
    "held_back": ("message held back for an hour", "messages held back for an hour"),
    "paused": ("channel resting", "channels resting"),
    "under_way": ("message still under way", "messages still under way"),
    "ignored": ("answer that says nothing new", "answers that say nothing new"),
}


def count_words(name: str, number: int) -> str:
    """A count as people read it: 2 messages sent."""
    one, many = COUNTS.get(name, (name.replace("_", " "),) * 2)
    return f"{number:,} {one if number == 1 else many}"
