"""The SGO Review Group: listing, views, outcomes (rules 5.3, practice PT-2 to PT-4)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from states.records.base import Record, choice, choices, day, meeting, person, rows, text, words, yes_no
from states.records.codes import Barrier, Colour, PermanencePlan, Stance, Voice, WhyStopped
from states.records.shared import Action, Told


class WhyListed(StrEnum):
    """What brings a child to the group."""

    RATED = "newly rated"
    RETURN_DATE = "return date"
    RESUBMITTED = "resubmitted after further work"
    CALLED_IN = "called in by a member"


class Listing(Record):
    """A child is put on a dated agenda. Listing first, papers after (practice PT-4)."""

    kind = "listing"
    rule = "PT-4"

    meeting: str = meeting("Which meeting")
    why: WhyListed = choice("Why now")
    note: str | None = words("Anything the group should know", optional=True)


class OffAgenda(Record):
    """A child comes off the agenda again."""

    kind = "off_agenda"
    rule = "T5"

    reason: str = words("Why the child comes off the agenda")


class Papers(Record):
    """The papers for the group are in; late ones need the chair's word (rules R-RG-2, practice PT-4)."""

    kind = "papers"
    rule = "R-RG-2"

    reference: str = text("Where the papers are")
    placement_and_family_time: bool = yes_no("Placement and family time summary included?")
    education: bool = yes_no("Education summary included?")
    last_review: bool = yes_no("Last review date and plan included?")
    chair_accepts_late: bool | None = yes_no("If late: has the chair accepted them?", optional=True)


class View(Record):
    """A dated view on the plan: the child's, a parent's, a carer's, or a service's (rules R-RG-3, PT-12)."""

    kind = "view"
    rule = "R-RG-3"

    voice: Voice = choice("Whose view")
    stance: Stance = choice("For special guardianship?")
    view: str = words("In their words, as far as possible")
    through: str | None = text("Given through", "An advocate or interpreter, where there was one.", optional=True)


class GroupOutcome(Record):
    """What every outcome of the group writes down."""

    rule = "R-RG-4"

    reason: str = words("Why the group decided this")
    colour: Colour | None = choice("Colour, if the group changes it", optional=True)
    colour_reason: str | None = words("Why the colour changes", optional=True)
    sibling_impact: str | None = words(
        "What this means for brothers and sisters", "Needed where siblings are linked.", optional=True
    )


class GroupProgresses(GroupOutcome):
    """The group agrees to progress (rules T3, R-RG-5)."""

    kind = "group_progresses"

    going_ahead_reason: str | None = words("Reason for going ahead with an amber or red child", optional=True)
    actions: tuple[Action, ...] = rows("Actions")


class UrgentDecision(GroupProgresses):
    """The chair agrees to progress between two meetings, on written views. It decides nothing about money (PT-15)."""

    kind = "urgent_decision"
    rule = "PT-15"

    urgent_because: str = words("Why it cannot wait for the next meeting")
    meeting: str = meeting("Reported to which meeting", "The next one of the Review Group.")


class UrgentNoted(Record):
    """A meeting of the group has noted the chair's urgent decision (practice PT-15)."""

    kind = "urgent_noted"
    rule = "PT-15"

    meeting: str = meeting("Noted at which meeting")
    remarks: str | None = words("What the group said", optional=True)


class LatePapersAccepted(Record):
    """The chair accepts late papers (practice PT-4)."""

    kind = "late_papers_accepted"
    rule = "PT-4"

    reason: str = words("Why the papers are accepted late")


class GroupDefers(GroupOutcome):
    """Not in a position to progress: a date to come back (rules T4, R-RG-4)."""

    kind = "group_defers"

    return_on: date = day("Return to group on")
    barriers: tuple[Barrier, ...] = choices("What stands in the way", at_least=1)
    actions: tuple[Action, ...] = rows("Actions with their owners", at_least=1)
    longer_reason: str | None = words("If longer than the usual interval: the reason", optional=True)
    longer_agreed_by: str | None = person("Head of Service who agreed to the longer interval", optional=True)


class GroupAsksFurtherWork(GroupOutcome):
    """More work with carers and family, and a date (practice PT-3, rules R-FW-1)."""

    kind = "group_asks_further_work"

    return_on: date = day("Return to group on")
    actions: tuple[Action, ...] = rows("Actions with their owners", at_least=1)
    longer_reason: str | None = words("If longer than the usual interval: the reason", optional=True)
    longer_agreed_by: str | None = person("Head of Service who agreed to the longer interval", optional=True)


class NotProgressing(Record):
    """A decision not to go on: it needs another plan for permanence (rules R-NP-1)."""

    kind = "not_progressing"
    rule = "R-NP-1"

    reasons: tuple[WhyStopped, ...] = choices("Reasons", at_least=1)
    explanation: str = words("In plain words, as the child may one day read it")
    alternative_plan: PermanencePlan = choice("The other plan for permanence")
    alternative_detail: str = words("What will be done to reach it")
    told: tuple[Told, ...] = rows("Who has been told: child, carers, parents, IRO")
    reopen_on: date | None = day("Look again on", "Empty: the usual interval.", optional=True)
    no_reopen_reason: str | None = words("If it should never be looked at again, why", optional=True)
    sibling_impact: str | None = words(
        "What this means for brothers and sisters", "Needed from the group where siblings are linked.", optional=True
    )


class GroupAdjourns(Record):
    """The group could not decide: the next meeting (practice PT-3)."""

    kind = "group_adjourns"
    rule = "R-RG-4"

    meeting: str = meeting("Next meeting")
    reason: str = words("Why it was adjourned")


class Objection(Record):
    """A service that was missing objects within its days (practice PT-4)."""

    kind = "objection"
    rule = "PT-4"

    service: Voice = choice("Which service")
    reason: str = words("Why it objects")
    meeting: str = meeting("Next meeting")


class DeskReview(Record):
    """Looked at between meetings: unchanged, with the next date (practice PT-2)."""

    kind = "desk_review"
    rule = "PT-2"

    return_on: date = day("Return to group on")
    reason: str = words("Why nothing has changed")
    longer_reason: str | None = words("If longer than the usual interval: the reason", optional=True)
    longer_agreed_by: str | None = person("Head of Service who agreed to the longer interval", optional=True)


class BackToGroup(Record):
    """A child goes back to the group, with the next meeting named (rules R-IM-2, practice PT-13)."""

    kind = "back_to_group"
    rule = "PT-13"

    reason: str = words("What has happened")
    carers_words: str | None = words("In the carers' own words", optional=True)
    meeting: str = meeting("Next meeting")


class Business(StrEnum):
    """What a child is at a meeting for."""

    LISTED = "to be heard"
    TO_NOTE = "an urgent decision to be noted"
    RETURNS = "due back on its agenda"


class MeetingChange(StrEnum):
    """What became of a meeting."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    PUT_BACK = "takes place after all"


class MovedWithMeeting(Record):
    """A child goes where its meeting goes; what is missed by this is nobody's fault (practice PT-15)."""

    kind = "moved_with_meeting"
    rule = "PT-15"

    missed: str = meeting("Meeting that is missed")
    meeting: str = meeting("Meeting instead")
    how: MeetingChange = choice("What became of the meeting that is missed")
    business: Business = choice("What the child is there for")
    reason: str = words("Why")


class Minutes(Record):
    """The decision has been distributed (rules R-RG-8)."""

    kind = "minutes"
    rule = "R-RG-8"

    reference: str = text("Minute reference")
    sent_to: str = text("To whom")
