"""What follows a committed act: runs to make, mails to send, nights to prove."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id, Word


class FollowUp(Base):
    """The intention to follow an act through: the only copy there is (design 2).

    One row per act, or one for a bulk act whose events share `bulk_id`.
    """

    __tablename__ = "follow_up"
    __table_args__ = (Index(None, "status", "created_at"), UniqueConstraint("about"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    about: Mapped[str] = mapped_column(Id)  # an event's id, or a bulk act's
    flow: Mapped[str] = mapped_column(Word)  # case.kdd_sgo_appropriate
    to_state: Mapped[str | None] = mapped_column(Word)
    status: Mapped[str] = mapped_column(Word)  # waiting | running | done | failed
    events: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error_ref: Mapped[str | None] = mapped_column(Word)


class Outbox(Base):
    """One message to one person about one occasion: written with the act, sent after it (design 5.2).

    The unique key makes "one notice per event, recipient, channel" impossible to break: a person with
    several roles gets one message, which carries every notice that was meant for them.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("occasion", "recipient_id", "channel"),
        Index(None, "status", "next_attempt_at"),
        Index(None, "event_id"),
        Index(None, "recipient_id", "sent_at"),
        Index(None, "ask_at"),
        Index(None, "case_id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    occasion: Mapped[str] = mapped_column(String(120))  # event:<id> | rung:<deadline>:<rung> | mail:<id>
    event_id: Mapped[str | None] = mapped_column(Id)
    follow_up_id: Mapped[str | None] = mapped_column(Id, index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("sgo_case.id"))
    recipient_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    because: Mapped[str] = mapped_column(Word)  # the role or party that made them a recipient
    channel: Mapped[str] = mapped_column(Word)  # mail
    notices: Mapped[list[str]]  # notice ids, most urgent first
    delivery: Mapped[str] = mapped_column(Word)  # now | digest
    due_on: Mapped[date | None]
    meeting_id: Mapped[str | None] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Word)
    # queued | sending | unknown | sent | suppressed | withdrawn | dead | quarantined | needs a person
    reason: Mapped[str | None] = mapped_column(String(300))
    message_id: Mapped[str] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    unknowns: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    server_reply: Mapped[str | None] = mapped_column(String(300))
    template_version: Mapped[str | None] = mapped_column(String(64))
    told_failed: Mapped[str | None] = mapped_column(Id)  # the person told that this message died
    their_id: Mapped[str | None] = mapped_column(String(64))  # what the channel calls it, where it can be asked
    arrival: Mapped[str | None] = mapped_column(String(64))  # what became of it there: see notifications.notify
    ask_at: Mapped[datetime | None]  # when the channel is asked about it next; None: there is nothing to ask


class Attempt(Base):
    """One try at handing a message over, written before it is made (reliability B.4)."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "outbox_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    outbox_id: Mapped[str] = mapped_column(ForeignKey("outbox.id"))
    owner: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Word)  # started | sent | refused | failed | unknown | suppressed
    detail: Mapped[str | None] = mapped_column(String(300))
    reader_id: Mapped[str | None] = mapped_column(Id)  # whom it was for: the recipient, or whoever covers
    their_id: Mapped[str | None] = mapped_column(String(64))  # what the channel calls this copy


class Channel(Base):
    """The state of a channel: the circuit breaker (reliability B.4.8)."""

    __tablename__ = "channel"
    name: Mapped[str] = mapped_column(Word, primary_key=True)
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]
    wrong_settings: Mapped[str | None] = mapped_column(String(300))  # what it says against them; None: nothing


class Run(Base):
    """The ledger: every automatic follow-up, in our own words, whether or not Prefect saw it."""

    __tablename__ = "run"
    __table_args__ = (Index(None, "started_at"), Index(None, "follow_up_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    flow: Mapped[str] = mapped_column(Word)
    about: Mapped[str | None] = mapped_column(Id)
    follow_up_id: Mapped[str | None] = mapped_column(Id)
    business_date: Mapped[date | None]
    how: Mapped[str] = mapped_column(Word)  # prefect | plain
    prefect_run_id: Mapped[str | None] = mapped_column(String(40))
    owner: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Word)  # running | completed | failed | crashed
    counts: Mapped[dict[str, Any]]
    error_ref: Mapped[str | None] = mapped_column(Word)


class ErrorDetail(Base):
    """What went wrong in full, inside the case database only (reliability E.2)."""

    __tablename__ = "error_detail"
    ref: Mapped[str] = mapped_column(Word, primary_key=True)
    at: Mapped[datetime]
    where: Mapped[str] = mapped_column(Word)
    detail: Mapped[str] = mapped_column(Text)


class Lease(Base):
    """A name held by one process for a while (worker, overnight): from our table, not Prefect's (R16)."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(Word, primary_key=True)
    owner: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[datetime]
    until: Mapped[datetime]
    beat_at: Mapped[datetime]


class Night(Base):
    """One live overnight run per business date (reliability R13). Counts reconcile (rules R-DRF-5)."""

    __tablename__ = "night"
    business_date: Mapped[date] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Word)  # running | done
    owner: Mapped[str] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    expected: Mapped[int] = mapped_column(default=0)
    examined: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any]]
    policy_sha256: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class NightSkip(Base):
    """A case a night could not check, and the reference of why (practice 5: Not checked, because)."""

    __tablename__ = "night_skip"
    business_date: Mapped[date] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    error_ref: Mapped[str] = mapped_column(Word)


class Finding(Base):
    """Something the night found: one row per rule, case and period (rules 10)."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("rule", "case_id", "period"), Index(None, "case_id", "cleared_on"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(Word)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    period: Mapped[str] = mapped_column(String(60))  # what makes it one lapse and not the next
    severity: Mapped[str] = mapped_column(Word)
    words: Mapped[str] = mapped_column(Text)
    since: Mapped[date]
    first_found_on: Mapped[date]
    last_found_on: Mapped[date]
    cleared_on: Mapped[date | None]


class FindingChange(Base):
    """What became of a finding, night by night: so that any past night can be told again (rules R-DRF-3).

    Appended by the night, in the transaction that changes the finding itself.
    """

    __tablename__ = "finding_change"
    __table_args__ = (Index(None, "finding_id", "business_date"), Index(None, "business_date"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"))
    business_date: Mapped[date]
    what: Mapped[str] = mapped_column(Word)  # found | found again | cleared | worse
    severity: Mapped[str] = mapped_column(Word)


class FindingRung(Base):
    """A step of the ladder that a finding has reached: once, by unique key (practice PN-2)."""

    __tablename__ = "finding_rung"
    __table_args__ = (Index(None, "reached_on"),)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"), primary_key=True)
    rung: Mapped[str] = mapped_column(Word, primary_key=True)  # the post it goes up to
    reached_on: Mapped[date]


class Acknowledgement(Base):
    """Somebody says: I'm dealing with it, until a date (practice 5). All of them are kept."""

    __tablename__ = "acknowledgement"
    __table_args__ = (Index(None, "finding_id", "until_on"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Word)  # the post in which they say so
    reason: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    until_on: Mapped[date]  # the last day on which it holds
    at: Mapped[datetime]


class BacklogRelease(Base):
    """A child of the opening backlog whose inherited lateness is told from this night on (practice PR-4)."""

    __tablename__ = "backlog_release"
    __table_args__ = (Index(None, "released_on"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"), primary_key=True)
    released_on: Mapped[date]


class Installation(Base):
    """Single facts about this installation: when it began, the watermark, the go-live date."""

    __tablename__ = "installation"
    name: Mapped[str] = mapped_column(Word, primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
