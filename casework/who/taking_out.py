"""When a list may leave as a file: a long one with a reason that somebody can read afterwards (reliability C7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from casework import policies
from casework.errors import Refused, Unusable
from casework.units import Office
from casework.who.pace import Asking
from casework.who.people import LONGEST_REASON, a_line
from states.calendar import london_date
from states.vocabulary import Unmet

RULE = "reliability C7"
SHORTEST = 10


class ReasonNeeded(Refused):
    """A long list leaves with a reason only. `listed`: how many children or requests are in it."""

    def __init__(self, listed: int, words: str) -> None:
        self.listed = listed
        super().__init__("export", (Unmet(RULE, words, "reason"),))


class ListTooLong(Refused):
    """More than leaves in one file, whatever for. `listed`: how many children or requests are in it."""

    def __init__(self, listed: int, at_most: int) -> None:
        self.listed = listed
        words = (
            f"This list is too long for one file: it has {listed:,} on it, and at most {at_most:,} leave at a time. "
            "Narrow it first, by team for example, and take it out in parts."
        )
        super().__init__("export", (Unmet(RULE, words),))


def how_many(refs: Sequence[str]) -> int:
    """How many children, or requests, a list is of: those of whichever it holds more."""
    return max(Counter(ref[:2] for ref in set(refs)).values(), default=0)


def long_from(office: Office, now: datetime) -> int:
    """From how many on a list is long, by the policy."""
    with office.reading() as session:
        return policies.in_force(session, london_date(now)).policy.records.export_told_from


def at_most(office: Office, now: datetime) -> int:
    """How many children or requests leave in one file, by the policy."""
    with office.reading() as session:
        return policies.in_force(session, london_date(now)).policy.records.export_at_most


def reason_given(reason: str | None, listed: int) -> str:
    """The reason in one line. Raises ReasonNeeded where it is none that says anything."""
    if not (reason or "").strip():
        raise ReasonNeeded(listed, f"This list is long ({listed}): say what you take it out for.")
    try:
        said = a_line(reason or "", what="What you take it out for", longest=LONGEST_REASON)
    except Unusable as wrong:
        raise ReasonNeeded(listed, str(wrong)) from None
    if len(said) < SHORTEST:
        raise ReasonNeeded(listed, "Say in a few words what you take it out for: somebody will read it.")
    return said


def reasons_of(office: Office, *, since: datetime | None = None) -> dict[tuple[str, datetime, str], str]:
    """What long lists were taken out for, by the person, the instant and the words of the log's own lines."""
    return {
        (one.person_id, one.at, f"read:{Asking.EXPORT.value} {one.what}"): one.reason
        for one in office.access_log.taken_out(since=since)
        if one.reason
    }
