"""Notice, court and order (rules 5.11). Most of these are facts: they are never refused (practice PR-1)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.records.base import Record, choice, choices, day, text, words, yes_no
from states.records.codes import EndCode, Method, NoticeExemption, PermanencePlan, WhyStopped


class NoticeOfIntention(Record):
    """Written notice that a carer means to apply (rules R-NOT-1, R-LAW-4)."""

    kind = "notice_of_intention"
    rule = "R-NOT-1"

    received_on: date = day("Received on")
    from_whom: str = text("From whom", "A role, such as 'first applicant'.")
    method: Method = choice("How it came")
    copy_reference: str = text("Where the copy is")
    to_us: bool = yes_no("Was it given to this authority?")


class NoticeAcknowledged(Record):
    """The authority has acknowledged the notice (rules R-NOT-1)."""

    kind = "notice_acknowledged"
    rule = "R-NOT-1"

    method: Method = choice("How")


class ApplicationIssued(Record):
    """The court has issued the application. *Happened on* is the day of issue (rules T17)."""

    kind = "application_issued"
    rule = "T17"

    court: str = text("Court")
    case_number: str = text("Case number")
    exemption: NoticeExemption | None = choice("If three months' notice was not needed: why", optional=True)
    in_care_proceedings: bool = yes_no("Is it made within care proceedings?")
    care_proceedings_issued_on: date | None = day(
        "If within care proceedings: issued on", "The 26 weeks run from this day.", optional=True
    )
    first_hearing_on: date | None = day("First hearing", optional=True)


class ProceedingsExtended(Record):
    """The court extends care proceedings (rules R-CRT-2)."""

    kind = "proceedings_extended"
    rule = "R-CRT-2"

    new_end_on: date = day("New end date")
    reason: str = words("The court's reason")


class CourtDirection(Record):
    """A direction of the court: a hard deadline with an owner (rules R-CRT-1)."""

    kind = "court_direction"
    rule = "R-CRT-1"

    direction: str = words("What the court directs")
    comply_by: date = day("By when")
    owner: str = text("Who must comply")
    replaces_target: bool = yes_no("Does it direct an earlier date than our own plan?")
    replaces: str | None = text(
        "The direction it changes", "The event's id, if it changes an earlier one.", optional=True
    )


class DirectionMet(Record):
    """A direction has been complied with."""

    kind = "direction_met"
    rule = "R-CRT-1"

    direction: str = text("Which direction", "The event's id.")
    note: str | None = words("Note", optional=True)


class OrderMade(Record):
    """Special guardianship is ordered. *Happened on* is the day of the order (rules T18, R-CRT-4)."""

    kind = "order_made"
    rule = "T18"

    court: str = text("Court")
    guardians: str = words("Who is named as special guardian")
    end_code: EndCode = choice("How the care period ends", "E45/E46 former foster carers, E47/E48 others.")
    provisions: str = words("What else the order provides")
    looked_after_until_now: bool = yes_no("Was the child looked after until the order?")


class CourtRefuses(Record):
    """The court does not make the order (rules T20)."""

    kind = "court_refuses"
    rule = "T20"

    reason: str = words("The court's reasons")
    review_on: date | None = day("Care plan review", "Empty: within the usual days.", optional=True)
    alternative_plan: PermanencePlan | None = choice("The plan for permanence now", optional=True)
    reopen_on: date | None = day("Look again on", "Empty: the usual interval.", optional=True)


class HowWithdrawn(StrEnum):
    """Whether an application is given up or made anew."""

    FOR_GOOD = "for good"
    TO_REISSUE = "to issue it again"


class ApplicationWithdrawn(Record):
    """The application is withdrawn: for good, or to issue it again (rules T20)."""

    kind = "application_withdrawn"
    rule = "T20"

    how: HowWithdrawn = choice("For good, or to issue again?")
    reason: str = words("Why")
    reasons: tuple[WhyStopped, ...] = choices("Reasons, if for good")
    alternative_plan: PermanencePlan | None = choice("If for good: the plan for permanence now", optional=True)
    reopen_on: date | None = day("Look again on", "Empty: the usual interval.", optional=True)


class SupportActivated(Record):
    """Support is live (rules T19). Payment facts only where support is paid."""

    kind = "support_activated"
    rule = "T19"

    plan_monitor: str = text("Who monitors the support plan", "A named person.")
    conditions_agreed_on: date | None = day("Conditions agreed by the guardian on", optional=True)
    first_payment_on: date | None = day("First payment on", optional=True)
