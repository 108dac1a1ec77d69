"""How people prove who they are, and the browsers that have done so (reliability C23, C25, R23).

Accounts are part of the case database. Sign-ins and failed attempts lie beside the log of who looked: a page that
notes that it was asked for never waits for the writer of cases (design 5.4). No password and no token is kept,
only what they hash to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from persistence.tables.base import AccessBase, Base, Id, Word

#: SHA-256 of a random token, in hexadecimal digits.
Hashed = String(64)


class Account(Base):
    """How one person signs in: by password and code here, or as a subject of the identity provider."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(200))  # Argon2id, with its parameters
    password_at: Mapped[datetime | None]
    code_secret: Mapped[str | None] = mapped_column(String(64))  # of the second factor, base32
    code_from: Mapped[datetime | None]  # None: being set up, and asked of nobody yet
    code_step: Mapped[int | None]  # the last step of 30 s whose code was used: never again
    issuer: Mapped[str | None] = mapped_column(String(300))
    subject: Mapped[str | None] = mapped_column(String(255))
    link: Mapped[str | None] = mapped_column(Hashed, unique=True)  # the one-time link to set a password
    link_until: Mapped[datetime | None]
    link_by: Mapped[str | None] = mapped_column(Id)
    reset_by: Mapped[str | None] = mapped_column(Id)  # whoever took the second factor away
    valid_from: Mapped[datetime]  # sign-ins begun earlier are over
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of the codes that stand in for a lost second factor, each good for one sign-in."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index(None, "person_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("account.person_id"))
    code: Mapped[str] = mapped_column(Hashed)
    used_at: Mapped[datetime | None]


class HeldForm(Base):
    """What somebody sent after their sign-in had ended: given back to them alone when they are in again."""

    __tablename__ = "held_form"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[dict[str, Any]]]
    held_at: Mapped[datetime]


class SignIn(AccessBase):
    """One browser that is somebody's, or will be once the second factor is given."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "person_id"),)
    id: Mapped[str] = mapped_column(Hashed, primary_key=True)  # of the token in the cookie
    person_id: Mapped[str] = mapped_column(Id)
    how: Mapped[str] = mapped_column(Word)  # password | password and code | provider | invented
    waits_for: Mapped[str | None] = mapped_column(Word)  # code | second factor
    address: Mapped[str] = mapped_column(Hashed)  # where it came from
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]  # when they last showed who they are
    ended_at: Mapped[datetime | None]


class FailedSignIn(AccessBase):
    """An attempt that failed. The account and the address are hashes: nobody's typing mistake is kept."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "account", "at"), Index(None, "address", "at"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str] = mapped_column(Hashed)
    address: Mapped[str] = mapped_column(Hashed)
