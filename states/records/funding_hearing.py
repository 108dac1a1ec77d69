"""Hearings of a funding request: who was there, with which interest, and what was recommended (practice PM-4)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.money import PoundsAsked
from states.records.base import Record, Row, choice, day, meeting, money, person, rows, words, yes_no
from states.records.funding import Frequency
from states.records.group import MeetingChange


class FundingListed(Record):
    """A request is put on the agenda of a meeting that hears it (rules R-FIN-2)."""

    kind = "funding_listed"
    rule = "R-FIN-2"

    meeting: str = meeting("Which meeting")
    note: str | None = words("Note for the meeting", optional=True)


class FundingSubmitted(Record):
    """A request goes to whoever hears or decides it."""

    kind = "funding_submitted"
    rule = "R-FIN-1"

    summary: str = words("Summary, for whoever decides")
    carers_views: str = words("What the carers say, in writing")


class CameAs(StrEnum):
    """In which part somebody came to a hearing."""

    ASSESSMENT_WORKER = "SGO assessment worker"
    CHILDS_WORKER = "child's social worker"
    MEMBER = "member"
    ADVISER = "adviser"


class FundingAttendance(Row):
    """Somebody at the hearing."""

    person: str = person("Who")
    came_as: CameAs = choice("As")
    substitute: bool | None = yes_no("As a substitute?", optional=True)


class FundingInterest(Row):
    """An interest that somebody at a hearing declared, and whether they took part all the same."""

    person: str = person("Who")
    interest: str = words("The interest")
    took_part: bool = yes_no("Did they take part?")


class FundingRecommended(Record):
    """The chair's initial recommendation, a decision in principle (rules R-FIN-1, R-FIN-2)."""

    kind = "funding_recommended"
    rule = "R-FIN-1"

    supports: bool = yes_no("Does the meeting support the request?")
    amount: PoundsAsked | None = money("Amount recommended in pounds", optional=True)
    frequency: Frequency | None = choice("How often", optional=True)
    overview: str = words("Overview and recommendation")
    dissent: str | None = words("Dissent", optional=True)
    conditions: str | None = words("Conditions recommended", optional=True)
    attendance: tuple[FundingAttendance, ...] = rows("Who was there, besides the chair", at_least=1)
    interests: tuple[FundingInterest, ...] = rows("Interests declared")


class FundingAdjourned(Record):
    """The hearing is put off to a later meeting (practice PM-4)."""

    kind = "funding_adjourned"
    rule = "PM-4"

    meeting: str = meeting("Next meeting")
    reason: str = words("Why", "For example: the child's worker did not attend and nobody stood in.")


class HearingLost(Record):
    """The meeting that was to hear a request does not take place, and there is no other yet (practice PT-15)."""

    kind = "hearing_lost"
    rule = "PT-15"

    missed: str = meeting("Meeting that is missed")
    how: MeetingChange = choice("What became of it")
    reason: str = words("Why")


class FundingReturned(Record):
    """A request is returned with questions (rules R-FIN-8)."""

    kind = "funding_returned"
    rule = "R-FIN-8"

    questions: str = words("Questions")
    due_on: date = day("Answers by")


class FundingPassedOn(Record):
    """A view on a request that somebody more senior decides (rules R-FIN-1)."""

    kind = "funding_passed_on"
    rule = "R-FIN-1"

    view: str = words("Overview and recommendation")


class FundingDissent(Record):
    """A Head of Service disagrees with the recommendation (rules A5)."""

    kind = "funding_dissent"
    rule = "A5"

    reasons: str = words("Why")


class SecondView(Record):
    """Another Head of Service's view on a disagreement: a view, not the decision (rules A5)."""

    kind = "second_view"
    rule = "A5"

    supports_request: bool = yes_no("Does this view support the recommendation?")
    reasons: str = words("Why")
    in_line: bool = yes_no("Are you in the child's line of management?")


class DmtView(Record):
    """What DMT says: a condition of the decision, not the decision itself (rules A4)."""

    kind = "dmt_view"
    rule = "A4"

    amount: PoundsAsked = money("Amount considered in pounds")
    reasons: str = words("Reasons")
    attendance: tuple[FundingAttendance, ...] = rows("Who was there, besides the chair", at_least=1)
    interests: tuple[FundingInterest, ...] = rows("Interests declared")
