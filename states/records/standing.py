"""What may be recorded in many states: facts, people, family, clocks, concerns, who was told."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.records.base import Record, Row, choice, day, rows, text, words, yes_no
from states.records.codes import ContactKind, Method, PauseReason


class HowMoved(StrEnum):
    """What happened to a placement (practice PT-13)."""

    ENDED = "ended: new carers"
    STATUS = "same carers, new status or address"
    RESPITE = "respite, hospital or holiday"


class PlacementChange(Record):
    """A placement changed. Respite, hospital and holiday never break *lived with* (practice PT-13)."""

    kind = "placement_change"
    rule = "PT-13"

    how: HowMoved = choice("What happened")
    reason: str = words("Why")
    placement_code: str | None = text("Placement now", "The return's code, such as U4.", optional=True, longest=64)
    provider: str | None = text("Provider now", optional=True, longest=64)
    kinship: bool | None = yes_no("Is the carer a relative or friend?", optional=True)
    expected_on: date | None = day("If it ended: when it should be settled", optional=True)


class VisitMade(Record):
    """A social worker visited the child. *Happened on* is the day (rules R-LAC-4); the case system has the rest."""

    kind = "visit"
    rule = "R-LAC-4"

    note: str | None = text("Note", "Such as where it is written up.", optional=True, longest=300)


class Applicant(Row):
    """A person on the case: an applicant, a parent, an advocate, an agency."""

    name: str = text("Name", longest=200)
    kind: ContactKind = choice("What they are to the case")
    relationship: str | None = text("Relationship to the child", optional=True, longest=120)
    address: str | None = words("Address", optional=True)
    protected: bool = yes_no("Must the address be protected?")
    needs: str | None = words("Interpreter or communication needs", optional=True)
    until: date | None = day("If they have left: since when", optional=True)
    why_left: str | None = text("If they have left: why", optional=True, longest=300)


class ApplicantsChanged(Record):
    """Who applies, and who else belongs to the case (practice PT-11)."""

    kind = "applicants"
    rule = "PT-11"

    people: tuple[Applicant, ...] = rows("People", at_least=1)
    reason: str = words("What has changed")
    no_return_because: str | None = words(
        "If the decision need not go back to the KDD: the chair's reason", optional=True
    )


class SiblingLinked(Record):
    """A brother or sister on the pathway; each child keeps a case of their own (rules R-SM-4)."""

    kind = "sibling_linked"
    rule = "R-SM-4"

    sibling: str = text("The sibling's case", "Its reference.")
    note: str | None = words("Note", optional=True)


class SiblingUnlinked(Record):
    """A sibling link ends."""

    kind = "sibling_unlinked"
    rule = "R-SM-4"

    sibling: str = text("The sibling's case", "Its reference.")
    reason: str = words("Why")


class ClockPaused(Record):
    """Local clocks stand still for a reason; law and court go on (rules R-CLK-9)."""

    kind = "clock_paused"
    rule = "R-CLK-9"

    reason: PauseReason = choice("Why")
    expected_on: date = day("Expected to go on on")
    note: str | None = words("Note", optional=True)


class ClockResumed(Record):
    """The clocks run again."""

    kind = "clock_resumed"
    rule = "R-CLK-9"

    note: str | None = words("Note", optional=True)


class Safeguarding(Record):
    """A safeguarding concern: the assessment pauses, and people are told at once (rules R-ASM-12)."""

    kind = "safeguarding"
    rule = "R-ASM-12"

    concern: str = words("The concern")
    expected_on: date = day("Expected to be decided by")


class SafeguardingCleared(Record):
    """The safeguarding concern is settled."""

    kind = "safeguarding_cleared"
    rule = "R-ASM-12"

    outcome: str = words("Outcome")


class ConcernStage(StrEnum):
    """The stages of an IRO's concern (rules R-LAC-6)."""

    INFORMAL = "informal"
    FORMAL = "formal"


class Concern(Record):
    """The IRO raises a concern; the whole way has a fixed number of working days (practice PT-21)."""

    kind = "concern"
    rule = "R-LAC-6"

    stage: ConcernStage = choice("Stage")
    concern: str = words("The concern")


class ConcernResolved(Record):
    """The IRO's concern is settled."""

    kind = "concern_resolved"
    rule = "R-LAC-6"

    outcome: str = words("How it was settled")


class ToldOf(Record):
    """Somebody outside the system was told (practice PT-20)."""

    kind = "told"
    rule = "PT-20"

    decision: str = text("Of which decision or letter")
    who: str = text("Who was told", "A role or relationship, such as 'carers' or 'child'.")
    told_on: date = day("When")
    how: Method = choice("How")
    in_their_language: bool | None = yes_no("Translated or interpreted?", optional=True)


class Attached(Record):
    """A document that belongs to the case, kept in the case system."""

    kind = "attached"
    rule = "PR-7"

    title: str = text("What it is")
    reference: str = text("Where it is")
    dated: date = day("Dated")
