"""People, what they may be, whom they cover for, and the teams they work in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import Base, Id, Word


class Team(Base):
    """A team of the authority."""

    __tablename__ = "team"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Person(Base):
    """Anyone who acts or decides, with an account or without (practice PR-2), or a shared mailbox."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    handle: Mapped[str] = mapped_column(String(60), unique=True)  # how commands name a person
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    email_failed_at: Mapped[datetime | None]
    email_failure: Mapped[str | None] = mapped_column(String(500))
    mailbox: Mapped[bool] = mapped_column(default=False)  # a shared address, not somebody
    working_days: Mapped[str] = mapped_column(String(7), default="12345")  # ISO weekdays
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role held for a time, for a team (a Team Manager) or a service (a Review Group member)."""

    __tablename__ = "role_grant"
    __table_args__ = (Index(None, "person_id"), Index(None, "role"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Word)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))
    service: Mapped[str | None] = mapped_column(Word)
    from_on: Mapped[date]
    until_on: Mapped[date | None]  # last day held
    granted_by: Mapped[str | None] = mapped_column(Id)
    granted_at: Mapped[datetime]


class AskedGrant(Base):
    """A role that one administrator wants to give, and that waits for a second one's word (reliability C13)."""

    __tablename__ = "asked_grant"
    __table_args__ = (Index(None, "person_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Word)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))
    service: Mapped[str | None] = mapped_column(Word)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Word)  # confirmed | declined
    answered_by: Mapped[str | None] = mapped_column(Id)
    answered_at: Mapped[datetime | None]


class DeclaredInterest(Base):
    """Somebody who is to be kept from one child: it is themselves, a relative, a friend (reliability C5)."""

    __tablename__ = "declared_interest"
    __table_args__ = (Index(None, "case_id", "person_id"), Index(None, "person_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("sgo_case.id"))
    relation: Mapped[str] = mapped_column(Word)
    declared_by: Mapped[str] = mapped_column(Id)
    declared_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(200))


class Cover(Base):
    """One person standing in for another between two dates. Single-step; never passed on (C12)."""

    __tablename__ = "cover"
    __table_args__ = (Index(None, "absent_id"), Index(None, "covering_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    absent_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    covering_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]  # last day covered
    reason: Mapped[str] = mapped_column(String(200))
    recorded_by: Mapped[str | None] = mapped_column(Id)
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
