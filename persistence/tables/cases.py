"""The case, the child it is about, and the people, meetings and dates around it.

The case row is the truth (design 5.1); everything else here is what acts have written beside it.
Names stand in `child` and `contact` only, so that they can be found, protected and one day erased.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id, Word


class Case(Base):
    """One child's way through the pathway; or a funding request, which is a process of its own beside a child's.

    A request's team and restriction are its child's, kept alike by `casework.acting.effects`.
    """

    __tablename__ = "sgo_case"
    __table_args__ = (
        CheckConstraint("version >= 0", name="version_never_negative"),
        Index(None, "state", "closed", "state_since"),
        Index(None, "team_id", "closed"),
        # Only those that have one: most cases are no child's of another, and an index of them would mislead.
        Index(
            "ix_sgo_case_child_case_id",
            "child_case_id",
            sqlite_where=text("child_case_id IS NOT NULL"),
            postgresql_where=text("child_case_id IS NOT NULL"),
        ),
        Index(  # only those that went into another, which are few
            "ix_sgo_case_merged_into",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index(  # only those that are restricted: whom to leave out of what somebody sees
            "ix_sgo_case_restricted",
            "restricted",
            sqlite_where=text("restricted IS 1"),
            postgresql_where=text("restricted IS true"),
        ),
        # What lists ask in this order, and all that the board counts by.
        Index(None, "closed", "next_due", "restricted", "child_case_id"),
        Index(
            "ix_sgo_case_board",
            *("closed", "state", "colour", "team_id", "state_since", "next_due", "restricted", "child_case_id"),
        ),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    process: Mapped[str] = mapped_column(Word)
    child_case_id: Mapped[int | None] = mapped_column(ForeignKey("sgo_case.id"))  # of a funding request: whose it is
    state: Mapped[str] = mapped_column(Word)
    version: Mapped[int]
    state_since: Mapped[date]
    state_event_id: Mapped[str] = mapped_column(Id)
    opened_on: Mapped[date]
    closed: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[str | None] = mapped_column(String(20))
    restricted: Mapped[bool] = mapped_column(default=False)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))
    colour: Mapped[str | None] = mapped_column(Word)
    rated_on: Mapped[date | None]
    candidate: Mapped[bool] = mapped_column(default=False)
    candidate_reason: Mapped[str | None] = mapped_column(String(200))
    latest_position: Mapped[str | None] = mapped_column(Text)
    position_on: Mapped[date | None]
    next_step: Mapped[str | None] = mapped_column(Text)
    next_step_who: Mapped[str | None] = mapped_column(String(120))
    next_step_by: Mapped[date | None]
    next_due: Mapped[date | None]  # the soonest date that stands; kept by the database (persistence.soonest)
    finance_position: Mapped[str | None] = mapped_column(Word)
    agreement_ref: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(Word)  # typed | ssda903 | annex_a | transfer | court
    last_seq: Mapped[int]
    last_event_on: Mapped[date]
    head_hash: Mapped[str] = mapped_column(String(64))


class Child(Base):
    """Who the case is about, as the council's case system knows them. A date may be `on_or_before`."""

    __tablename__ = "child"
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    council_id: Mapped[str] = mapped_column(String(40), index=True)
    given_names: Mapped[str | None] = mapped_column(String(120))
    family_name: Mapped[str | None] = mapped_column(String(120))
    date_of_birth: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(Word)
    legal_status: Mapped[str | None] = mapped_column(Word)
    legal_status_since: Mapped[date | None]
    legal_status_exact: Mapped[bool] = mapped_column(default=True)
    looked_after_since: Mapped[date | None]
    looked_after_exact: Mapped[bool] = mapped_column(default=True)
    placement_code: Mapped[str | None] = mapped_column(Word)
    placement_since: Mapped[date | None]
    placement_exact: Mapped[bool] = mapped_column(default=True)
    placement_provider: Mapped[str | None] = mapped_column(Word)
    kinship: Mapped[bool | None]
    permanence_plan: Mapped[str | None] = mapped_column(String(120))
    placement_order_since: Mapped[date | None]
    next_review_on: Mapped[date | None]  # the child's next ROA, where anyone has told us
    last_review_on: Mapped[date | None]
    looked_after_ended_on: Mapped[date | None]
    end_code: Mapped[str | None] = mapped_column(Word)
    unknown: Mapped[list[str]]  # what the source could not say (practice 7)
    fed_on: Mapped[date | None]


class Visit(Base):
    """A social worker's statutory visit to the child: a dated fact, written here or told by the case system."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("case_id", "visited_on"), Index(None, "visited_on"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    visited_on: Mapped[date]
    event_id: Mapped[str] = mapped_column(Id)


class Contact(Base):
    """Applicants, parents, agencies, advocates: dated people without accounts (practice PT-11)."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "case_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    kind: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(String(200))
    relationship: Mapped[str | None] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(Text)
    protected: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[str | None] = mapped_column(Text)  # interpreter, large print (practice PT-20)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    why_ended: Mapped[str | None] = mapped_column(String(300))
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class Allocation(Base):
    """Who holds a post on this child, and since when. History is kept (rules R-ALC-1)."""

    __tablename__ = "allocation"
    __table_args__ = (  # each says all that is asked of it: who a child's people are, and whose children are whose
        Index(None, "case_id", "role", "until_on", "from_on", "person_id"),
        Index(None, "person_id", "role", "until_on", "from_on", "case_id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    role: Mapped[str] = mapped_column(Word)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]  # the first day no longer held
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class AccessGrant(Base):
    """Who may see a restricted case (reliability R22)."""

    __tablename__ = "access_grant"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    event_id: Mapped[str] = mapped_column(Id)


class EmergencyAccess(Base):
    """A restricted record that somebody opened in an emergency: why, until when, and what its review found (R35)."""

    __tablename__ = "emergency_access"
    __table_args__ = (Index(None, "case_id", "person_id"), Index(None, "person_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    opened_at: Mapped[datetime]
    until_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(Word)
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(Id)
    justified: Mapped[bool | None]
    review: Mapped[str | None] = mapped_column(String(1000))


class SiblingLink(Base):
    """Two children who are brothers or sisters; each keeps a case of their own (rules R-SM-4)."""

    __tablename__ = "sibling_link"
    __table_args__ = (UniqueConstraint("case_id", "sibling_id", "from_on"), Index(None, "sibling_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    sibling_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class Meeting(Base):
    """A dated meeting of a body: Review Group, KDD, ROA (design: a meeting here is a row)."""

    __tablename__ = "meeting"
    __table_args__ = (
        Index(None, "body", "held_on"),
        Index(  # those that hear many children: of one child's own there are as many as children
            "ix_meeting_of_many",
            "held_on",
            sqlite_where=text("event_id IS NULL"),
            postgresql_where=text("event_id IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    body: Mapped[str] = mapped_column(Word)
    held_on: Mapped[date]
    starts_at: Mapped[str | None] = mapped_column(String(5))
    place: Mapped[str | None] = mapped_column(String(200))
    chair_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    papers_due_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Word, default="planned")  # planned | held | cancelled | moved
    event_id: Mapped[str | None] = mapped_column(Id, unique=True)  # the act that set it up, for one child's meeting
    instead_id: Mapped[str | None] = mapped_column(ForeignKey("meeting.id"))  # called off: where its children went
    called_off_on: Mapped[date | None]
    called_off_by: Mapped[str | None] = mapped_column(Id)
    called_off_because: Mapped[str | None] = mapped_column(String(300))
    calendar_id: Mapped[str | None] = mapped_column(Id)  # moved here: the meeting whose diary entry this one goes on
    calendar_sequence: Mapped[int] = mapped_column(default=0)  # grows with each change of the diary entry
    invited_at: Mapped[datetime | None]
    agenda_at: Mapped[datetime | None]  # what is listed or filed after this goes into a supplement
    supplement_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class Attendance(Base):
    """Who came to a meeting, for which service."""

    __tablename__ = "attendance"
    __table_args__ = (Index(None, "meeting_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str | None] = mapped_column(Word)
    how: Mapped[str] = mapped_column(Word)  # present | apologies | written view
    substitute_for: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # the member whose place was taken
    recorded_by: Mapped[str | None] = mapped_column(Id)
    recorded_at: Mapped[datetime]


class AgendaItem(Base):
    """A child on the agenda of a meeting."""

    __tablename__ = "agenda_item"
    __table_args__ = (Index(None, "meeting_id"), Index(None, "case_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meeting.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    status: Mapped[str] = mapped_column(Word)
    # listed | heard | taken off | adjourned | missed: meeting cancelled | missed: meeting moved | put back
    # decided between meetings | to note | noted
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class Deadline(Base):
    """A date by which something must be done. Overdue is derived on reading (design 5.6)."""

    __tablename__ = "deadline"
    __table_args__ = (
        Index(None, "case_id", "closed_as"),
        Index("ix_deadline_open_due", "due_on", "closed_as"),
        # What stands of a post: somebody's work.
        Index(
            "ix_deadline_of_post",
            "owner",
            "due_on",
            "case_id",
            "name",
            sqlite_where=text("closed_as IS NULL"),
            postgresql_where=text("closed_as IS NULL"),
        ),
        # What stands of a case, of its many: what the night asks of by name, time after time.
        Index(
            "ix_deadline_standing",
            "case_id",
            "name",
            "due_on",
            sqlite_where=text("closed_as IS NULL"),
            postgresql_where=text("closed_as IS NULL"),
        ),
        Index(None, "opened_by_event"),
        Index(None, "closed_by_event"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    name: Mapped[str] = mapped_column(Word)
    words: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(Word)
    basis: Mapped[str] = mapped_column(Word)
    rule: Mapped[str] = mapped_column(Word)
    unit: Mapped[str] = mapped_column(Word)
    anchor_on: Mapped[date]
    first_due_on: Mapped[date]  # before any pause
    due_on: Mapped[date | None]  # empty while a pause is open
    anchored_to: Mapped[str | None] = mapped_column(Word)  # the record's field; None: the day it happened
    about: Mapped[str | None] = mapped_column(Word)  # which of many: a service, a check, an event
    opened_on: Mapped[date]
    opened_by_event: Mapped[str] = mapped_column(Id)
    closed_by_event: Mapped[str | None] = mapped_column(Id)
    closed_as: Mapped[str | None] = mapped_column(Word)  # met | moved on | superseded | withdrawn
    closed_on: Mapped[date | None]


class Pause(Base):
    """A stretch in which the local clocks of a case stand still (rules R-CLK-9)."""

    __tablename__ = "pause"
    __table_args__ = (Index(None, "case_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    reason: Mapped[str] = mapped_column(Word)
    from_on: Mapped[date]
    expected_on: Mapped[date]
    until_on: Mapped[date | None]
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class Rung(Base):
    """A rung of a deadline's ladder that has been climbed: once, by unique key (design 5.6)."""

    __tablename__ = "rung"
    deadline_id: Mapped[str] = mapped_column(ForeignKey("deadline.id"), primary_key=True)
    rung: Mapped[str] = mapped_column(String(40), primary_key=True)
    reached_on: Mapped[date]
    at: Mapped[datetime]


class Milestone(Base):
    """One step of the child's own trajectory: planned at first, forecast now, done (rules R-TRJ)."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("case_id", "name"), Index(None, "case_id", "done_on"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    name: Mapped[str] = mapped_column(Word)
    position: Mapped[int]
    baseline_on: Mapped[date]
    forecast_on: Mapped[date]
    done_on: Mapped[date | None]
    owner: Mapped[str] = mapped_column(Word)
    slip_reason: Mapped[str | None] = mapped_column(Word)
    trajectory_version: Mapped[int]
    event_id: Mapped[str] = mapped_column(Id)


class BarrierSeen(Base):
    """Something that stood in the way at a rating or a hearing, and for how many in a row by then (rules R-RAG-5)."""

    __tablename__ = "barrier_seen"
    __table_args__ = (Index(None, "case_id", "until_on"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    series: Mapped[str] = mapped_column(Word)  # rating | hearing
    code: Mapped[str] = mapped_column(Word)
    times: Mapped[int]  # in a row, this one included
    first_on: Mapped[date]  # the first of them
    seen_on: Mapped[date]
    until_on: Mapped[date | None]  # when the next rating or hearing took its place
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class LoopStay(Base):
    """A stretch in which the child is in further work, or deferred after it (rules R-FW-2).

    `counted_from` is when all such stretches of this round would have begun if nothing had lain between them: so
    how long they come to is asked by comparing one date.
    """

    __tablename__ = "loop_stay"
    __table_args__ = (Index(None, "case_id", "until_on"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    counted_from: Mapped[date]
    loops: Mapped[int]  # rounds of further work in a row, this one included
    agreed_on: Mapped[date | None]  # a Head of Service has said that it goes on
    this_round: Mapped[bool] = mapped_column(default=True)
    event_id: Mapped[str] = mapped_column(Id)
    ended_by_event: Mapped[str | None] = mapped_column(Id)


class Document(Base):
    """A document the system made, kept in the case database and never overwritten (reliability R18)."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "case_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    event_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Word)
    title: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(Word)
    body: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    template_version: Mapped[str | None] = mapped_column(String(64))


class ImportBatch(Base):
    """One file taken in: what it was and what became of its rows."""

    __tablename__ = "import_batch"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Word)
    sha256: Mapped[str] = mapped_column(String(64))
    business_date: Mapped[date]
    imported_by: Mapped[str] = mapped_column(Id)
    imported_at: Mapped[datetime]
    summary: Mapped[dict[str, Any]]
