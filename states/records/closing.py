"""How a case ends, goes elsewhere or comes back (rules T22, T23, practice PR-5, PT-16, PT-17)."""

from __future__ import annotations

from datetime import date

from states.records.base import Record, choice, day, text, words, yes_no
from states.records.codes import WhyEnded, WhyLeft


class Reopened(Record):
    """New information brings a child back (rules T22)."""

    kind = "reopened"
    rule = "T22"

    new_information: str = words("What is new")


class Ended(Record):
    """A person closes the case; the system never does (practice PR-5)."""

    kind = "ended"
    rule = "T23"

    why: WhyEnded = choice("Why it ends")
    explanation: str = words("In plain words")
    ended_on: date | None = day("Since when, if not the day recorded", optional=True)


class Death(Record):
    """A child has died. Nothing is sent automatically to the family."""

    kind = "death"
    rule = "PR-1"

    note: str = words("What is known")


class MovedAway(Record):
    """The child's family has moved out of the authority's area."""

    kind = "moved_away"
    rule = "PR-1"

    to_authority: str = text("To which authority")
    note: str = words("What is known")


class Leaving(Record):
    """The child has left care in a way the pathway did not lead to, or the order is discharged (rules T23)."""

    kind = "leaving"
    rule = "T23"

    how: WhyLeft = choice("What has happened")
    note: str = words("What is known")


class TransferredOut(Record):
    """Another authority takes the case: handover pack and receipt (practice PT-17)."""

    kind = "transferred_out"
    rule = "PT-17"

    to_authority: str = text("To which authority")
    pack_sent_on: date = day("Handover pack sent on")
    receipt_reference: str | None = text("Receipt", optional=True)


class Merged(Record):
    """Two cases are one child: this one goes on under the other's reference (practice PT-16)."""

    kind = "merged"
    rule = "PT-16"

    into: str = text("The case that stays", "Its reference.")
    reason: str = words("How we know that it is the same child")
    checked_by_two: bool = yes_no("Have two people checked it?")
