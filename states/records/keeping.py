"""Keeping the record straight: corrections, confirmations, restrictions (design 5.5, practice PR-2)."""

from __future__ import annotations

from datetime import date

from states.records.base import Record, Row, day, person, rows, text, words


class Reversal(Record):
    """The last step is taken back (design 5.5)."""

    kind = "reversal"
    rule = "design 5.5"

    reason: str = words("Why the step is taken back")


class Correction(Record):
    """One record is put right; the wrong one stays, marked (rules R-SM-3)."""

    kind = "correction"
    rule = "R-SM-3"

    event: str = text("Which entry", "The event's id.")
    changes: str | None = words("What changes", "field=value, one a line, or JSON.", optional=True)
    happened_on: date | None = day("The true date, if the date was wrong", optional=True)
    reason: str = words("Why it was wrong")


class Confirmed(Record):
    """The person a decision was recorded for says that it is theirs (practice PR-2)."""

    kind = "confirmed"
    rule = "PR-2"

    event: str = text("Which decision", "The event's id.")
    note: str | None = words("Note", optional=True)


class Disputed(Record):
    """The person a decision was recorded for says that it is not theirs (practice PR-2)."""

    kind = "disputed"
    rule = "PR-2"

    event: str = text("Which decision", "The event's id.")
    reason: str = words("What is not right")


class FlagCleared(Record):
    """Somebody has looked at a flagged step."""

    kind = "flag_cleared"
    rule = "design 5.5"

    flag: str = text("Which flag")
    outcome: str = words("What was found and done")


class RestrictedTo(Row):
    """One of the people who may open a restricted case."""

    person: str = person("Who")


class Restricted(Record):
    """Only the people named may open this case (reliability R22)."""

    kind = "restricted"
    rule = "R22"

    reason: str = words("Why")
    people: tuple[RestrictedTo, ...] = rows("Who may open it", at_least=1)


class RestrictionLifted(Record):
    """The case is open to everyone who would see it otherwise."""

    kind = "restriction_lifted"
    rule = "R22"

    reason: str = words("Why")


class ActMoved(Record):
    """An act was entered on the wrong child: it moves, and its mails are withdrawn (practice PT-16)."""

    kind = "act_moved"
    rule = "PT-16"

    event: str = text("Which entry", "The event's id.")
    to_case: str = text("The right child's case", "Its reference.")
    reason: str = words("How it happened")
