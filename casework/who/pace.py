"""How fast one person may search and take lists out (reliability C48): numbers of the policy, counted in the log.

What was refused does not count: whoever waits is let in again when they were told they would be.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from casework import policies
from casework.errors import Refused, Unusable
from casework.units import Office
from states.calendar import london_date
from states.policy.sections import RecordsPolicy
from states.vocabulary import Unmet

RULE = "reliability C48"


class Asking(StrEnum):
    """What is counted, as the log of who looked calls it."""

    SEARCH = "search of"
    EXPORT = "export of"


class TooFast(Refused):
    """More than one person may ask for in a while. `again_in`: how long until they may."""

    def __init__(self, asking: Asking, most: int, again_in: timedelta) -> None:
        self.again_in = again_in
        done, within = {
            Asking.SEARCH: (f"searched {most} times", "a minute"),
            Asking.EXPORT: (f"taken out {most} lists", "an hour"),
        }[asking]
        words = f"You have {done} within {within}, and more is not let through. Try again {_in_words(again_in)}."
        super().__init__(asking.value.partition(" ")[0], (Unmet(RULE, words),))

    @property
    def words(self) -> str:
        """What happened, and when to try again."""
        return self.reasons[0].reason


def keep_to_it(office: Office, asking: Asking, *, person_id: str, now: datetime) -> None:
    """Raises TooFast for whoever has asked as often as the policy lets one person ask."""
    with office.reading() as session:
        try:
            policy = policies.in_force(session, london_date(now)).policy.records
        except Unusable:  # before a policy is adopted nothing is here to search for
            return
    most, within = _limit(policy, asking)
    asked = office.access_log.last_asked(person_id, f"read:{asking.value}", since=now - within, at_most=most)
    if len(asked) >= most:
        raise TooFast(asking, most, asked[-1] + within - now)


def _limit(policy: RecordsPolicy, asking: Asking) -> tuple[int, timedelta]:
    if asking is Asking.SEARCH:
        return policy.searches_in_a_minute, timedelta(minutes=1)
    return policy.exports_in_an_hour, timedelta(hours=1)


def _in_words(wait: timedelta) -> str:
    seconds = max(1, -(-int(wait.total_seconds() * 1000) // 1000))
    if seconds <= 90:
        return "in 1 second" if seconds == 1 else f"in {seconds} seconds"
    return f"in {-(-seconds // 60)} minutes"
