"""The words each template may use, as types. A missing word or one too many is an error, never a blank.

A mail is an `Envelope` around paragraphs, one for each notice; a paragraph has the words of its family.
A letter has its own class. Everything in them is plain text: no rows, no sessions, no dates to format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any

from notifications.digests import DIGEST_FOLDER, DigestWords
from notifications.wording import in_words
from states.notices import NOTICES
from states.vocabulary import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSeen:
    """What a mail and a calendar may know of a meeting. `place` only for a room of the council."""

    held_on: date
    starts_at: str | None = None  # 10:30, Europe/London
    place: str | None = None
    cancelled: bool = False
    instead_of: date | None = None  # the day of the meeting that this one takes the place of
    body: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """All that is known when a mail is written. It has no field for a name other than the reader's own."""

    greeting_name: str
    system_name: str
    because: str  # a Role's or Party's words
    case_ref: str | None = None
    known_as: str | None = None  # initials or the council's id, where the authority's policy allows it
    link: str | None = None
    covering: bool = False
    restricted: bool = False
    due_on: date | None = None
    meeting: MeetingSeen | None = None
    calendar: bool = False  # an entry for the diary goes with it
    diary_by_hand: bool = False  # the channel cannot carry one


# --- the words of the templates --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One notice inside a mail: its kind of step, and what its own folder says."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`_layout.txt` and `_layout.html`: what stands around the paragraphs."""

    greeting_name: str
    system_name: str
    paragraphs: tuple[Paragraph, ...]
    case_ref: str | None
    known_as: str | None
    link: str | None
    why: str
    covering: bool
    calendar: bool
    diary_by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`subject.txt`: fixed text and the system's name, nothing else (reliability E.2)."""

    system_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something has happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something is wanted, until a date. No date: a pause is open, or none has been set."""

    due_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A date to keep."""

    held_on: str | None
    starts_at: str | None
    place: str | None
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BodysMeeting(Appointment):
    """A meeting of a body for many children: which body, and the reference by which it is found."""

    body: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedMeeting(BodysMeeting):
    """A meeting that is called off, or takes the place of another."""

    instead_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What every letter carries. `address` is the addressee's own and nobody else's (practice PT-20)."""

    authority: str
    made_on: str
    our_reference: str
    addressee: str
    address: tuple[str, ...]
    child: str  # a first name, or "the child you care for"
    writer: str
    writer_post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLetter(Letter):
    """A decision of a meeting."""

    decided_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KddLetter(DecisionLetter):
    """The plan is special guardianship: notice is wanted so many months before an application (R-KDD-4)."""

    notice_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLetter(Letter):
    """An invitation; needs are asked in every one (practice PT-20)."""

    held_on: str | None
    starts_at: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceivedLetter(Letter):
    """The authority acknowledges a notice of intention (rules R-NOT-1)."""

    received_on: str
    earliest_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLetter(Letter):
    """The order has been made."""

    ordered_on: str


ParagraphWords = News | Task | Appointment | DigestWords
LETTERS: Mapping[str, type[Letter]] = MappingProxyType(
    {
        "initial_meeting_invite_letter": InvitationLetter,
        "initial_meeting_outcome_letter": DecisionLetter,
        "kdd_positive_letter": KddLetter,
        "kdd_further_work_letter": DecisionLetter,
        "notice_acknowledged_letter": NoticeReceivedLetter,
        "order_made_letter": OrderLetter,
        "not_progressing_letter": DecisionLetter,
    }
)
_TASKS = frozenset(
    {
        "application_date",
        "assessment_ceiling",
        "assessment_midpoint",
        "assessment_target",
        "assessment_warning",
        "allocated",
        "concern",
        "concern_formal",
        "court_direction_changed",
        "court_direction_due",
        "court_direction_new",
        "decision_to_confirm",
        "direction_before_target",
        "funding_agreement_sent",
        "funding_at_dmt",
        "funding_contract",
        "funding_late",
        "funding_returned",
        "funding_second_view",
        "funding_to_list",
        "funding_waits",
        "funding_with_assistant_director",
        "funding_with_director",
        "funding_with_head_of_service",
        "handover",
        "kdd_outcome_iro",
        "kdd_wanted",
        "letter_ready",
        "money_agreed",
        "newly_eligible",
        "notice_of_intention",
        "objection_window",
        "opposition",
        "rating_due",
        "rating_late",
        "return_date",
        "representations_near",
        "representations_over",
        "roa_far_away",
        "trajectory_due",
        "trajectory_late",
        "with_legal",
    }
)
#: Folders about a whole meeting.
_MEETINGS: Mapping[str, type[Appointment]] = MappingProxyType(
    {
        "meeting_moved": MovedMeeting,
        "funding_moved": MovedMeeting,
        "meeting_invitation": BodysMeeting,
        "agenda_published": BodysMeeting,
        "agenda_supplement": BodysMeeting,
    }
)
#: What a mail about a restricted child says instead of the kind of step (reliability E.2).
RESTRICTED_FOLDER = "_restricted"
RESTRICTED_HEADING = "Something waits for you"


def is_task(notice: Notice) -> bool:
    """Whether a notice asks its reader for something, and does not only say what has happened."""
    return notice.folder in _TASKS


def family(folder: str, *, dated: bool) -> type[ParagraphWords]:
    """The class whose fields are exactly the words of a mail's folder."""
    if folder == DIGEST_FOLDER:
        return DigestWords
    if dated:
        return _MEETINGS.get(folder, Appointment)
    return Task if folder in _TASKS or folder == RESTRICTED_FOLDER else News


#: For each folder of templates, the words it may use.
WORDS: Mapping[str, type[ParagraphWords] | type[Letter]] = MappingProxyType(
    {RESTRICTED_FOLDER: Task}
    | {
        notice.folder: LETTERS[notice.folder]
        if notice.is_letter
        else family(notice.folder, dated=notice.dated)
        for notice in NOTICES.values()
    }
)


def paragraph_words(notice: Notice, mail: Mail) -> ParagraphWords:
    """The words of one notice's paragraph in a mail."""
    meeting = mail.meeting
    due = in_words(mail.due_on) if mail.due_on else None
    if mail.restricted:
        return Task(due_on=due or (in_words(meeting.held_on) if meeting else None))
    if notice.dated:
        kept: dict[str, Any] = {
            "held_on": in_words(meeting.held_on) if meeting else None,
            "starts_at": meeting.starts_at if meeting else None,
            "place": meeting.place if meeting else None,
            "cancelled": meeting.cancelled if meeting else False,
        }
        kind = _MEETINGS.get(notice.folder, Appointment)
        if kind is not Appointment:
            kept |= {"body": meeting.body if meeting else "", "ref": meeting.ref if meeting else ""}
        if kind is MovedMeeting:
            before = meeting.instead_of if meeting else None
            kept["instead_of"] = in_words(before) if before else None
        return kind(**kept)
    return Task(due_on=due) if family(notice.folder, dated=False) is Task else News()


def as_words(context: Any) -> dict[str, Any]:
    """The fields of a context by name, not copied: what a template gets."""
    return {field.name: getattr(context, field.name) for field in fields(context)}
