"""How a person proves who they are: a password and a second factor kept here, or the council's identity provider.

What is said of a failure never tells whether somebody has an account. Whoever signs money needs a second factor;
everybody may have one (reliability C25, A.7: 6.2.4, 6.3.3, 6.8.2).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework.errors import Refused, Unusable
from casework.settings import Post
from casework.who import passwords, second_factor
from casework.who.access import powers
from casework.who.people import find_person, find_team, grant_role
from casework.who.sign_ins import CODE, ENROLMENT, hash_of
from casework.who.staffing import ADMINISTRATORS, require
from persistence.tables import Account, HeldForm, Person, RecoveryCode, RoleGrant, Team, new_id
from states.vocabulary import RANKS, Role, Service, Unmet

#: Whose signature moves money: they sign in with two factors, and show who they are again to sign.
SIGN_MONEY: frozenset[Role] = frozenset(RANKS[1:])
#: Who gave a role that follows the identity provider's claims.
BY_PROVIDER = "identity provider"
_HELD = timedelta(days=2)
_HELD_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An account as its owner and administrators see it."""

    handle: str
    name: str
    password_at: datetime | None
    second_factor_from: datetime | None
    second_factor_needed: bool
    recovery_codes_left: int
    provider: bool
    link_until: datetime | None


def known(session: Session, person_id: str, *, today: date) -> Known:
    """What there is to say of a person's account. Raises Unusable where nobody has this id."""
    person = find_person(session, person_id)
    account = session.get(Account, person.id)
    left = session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    )
    return Known(
        handle=person.handle,
        name=person.name,
        password_at=account.password_at if account else None,
        second_factor_from=account.code_from if account else None,
        second_factor_needed=needs_second_factor(session, person.id, today),
        recovery_codes_left=left or 0,
        provider=account is not None and account.subject is not None,
        link_until=account.link_until if account else None,
    )


def shown(session: Session, *, who: str, by: str, today: date) -> Known:
    """A person's account, to an administrator. Raises Refused for anybody else."""
    require(session, by, ADMINISTRATORS, today, "account show")
    return known(session, find_person(session, who).id, today=today)


def end_sign_ins(session: Session, *, who: str, by: str, today: date, now: datetime) -> Known:
    """End every sign-in of somebody, from their next request on. They may do so themselves, or an administrator."""
    person = find_person(session, who)
    if person.id != by:
        require(session, by, ADMINISTRATORS, today, "account sign-out")
    _account(session, person, now).valid_from = now
    return known(session, person.id, today=today)


def needs_second_factor(session: Session, person_id: str, today: date) -> bool:
    """Whether one of the posts in this person's hands on a London date signs money."""
    return bool(powers(session, person_id, None, today).posts & SIGN_MONEY)


# -- the one-time link --------------------------------------------------------------------------------------


def invite(session: Session, *, who: str, by: str, today: date, now: datetime, hours: int) -> str:
    """Make a one-time link with which somebody sets their password; answers its secret part, kept nowhere else.

    An earlier link of theirs ends. A second factor stays as it is: a link alone opens no account that has one.
    Raises Refused for who is no administrator, Unusable for a mailbox and for somebody whose access has ended.
    """
    require(session, by, ADMINISTRATORS, today, "account invite")
    person = find_person(session, who)
    if person.mailbox:
        raise Unusable(f"{person.handle} is a shared mailbox: nobody signs in as it.")
    if not person.enabled:
        raise Unusable(f"The access of {person.handle} has ended.")
    token = secrets.token_urlsafe(32)
    account = _account(session, person, now)
    if account.reset_by == by and needs_second_factor(session, person.id, today):
        raise Refused("account invite", (Unmet("C13", "You have reset this account: another administrator lets in."),))
    account.link, account.link_until, account.link_by = hash_of(token), now + timedelta(hours=hours), by
    return token


def invited(session: Session, token: str, *, now: datetime) -> Person | None:
    """Whom a one-time link is for, while it is good."""
    account = session.scalars(select(Account).where(Account.link == hash_of(token))).one_or_none()
    if account is None or account.link_until is None or account.link_until <= now:
        return None
    person = session.get_one(Person, account.person_id)
    return person if person.enabled else None


def accept(session: Session, token: str, password: str, *, shortest: int, system: str, now: datetime) -> str:
    """Set a password by a one-time link, which is then used up; answers the person's id.

    Every sign-in of theirs ends. Raises Refused, naming the field, for a link or a password that will not do.
    """
    person = invited(session, token, now=now)
    if person is None:
        raise Refused("set a password", (Unmet("C25", LINK_OVER),))
    account = _account(session, person, now)
    _set_password(account, person, password, shortest=shortest, system=system, now=now)
    account.link = account.link_until = account.link_by = account.reset_by = None
    account.valid_from = now
    return person.id


LINK_OVER = "This link has been used, is too old, or was replaced by a newer one. Ask your administrator for another."


# -- passwords ----------------------------------------------------------------------------------------------


def id_of(session: Session, handle: str) -> str | None:
    """The id of whoever has this handle, or None."""
    return session.scalar(select(Person.id).where(Person.handle == handle.strip().casefold()))


def of_password(session: Session, handle: str, password: str) -> Person | None:
    """Whose handle and password these are. Takes as long for a name that nobody has."""
    person = session.scalars(select(Person).where(Person.handle == handle.strip().casefold())).one_or_none()
    account = session.get(Account, person.id) if person is not None else None
    right = passwords.is_password(account.password if account is not None else None, password)
    return person if right and person is not None and person.enabled else None


def is_own_password(session: Session, person_id: str, password: str) -> bool:
    """Whether it is this person's password."""
    account = session.get(Account, person_id)
    return passwords.is_password(account.password if account is not None else None, password)


def proves(session: Session, person_id: str, *, password: str, code: str, now: datetime) -> bool:
    """Whether somebody shows again who they are: by their password, and their code where they have one."""
    account = session.get(Account, person_id)
    if not is_own_password(session, person_id, password):
        return False
    return account is None or account.code_from is None or is_code(session, person_id, code, now=now)


def change_password(
    session: Session, person_id: str, old: str, new: str, *, shortest: int, system: str, now: datetime
) -> None:
    """Choose another password. Raises Refused, naming the field, for a wrong old or an unusable new one."""
    if not is_own_password(session, person_id, old):
        raise Refused("change the password", (Unmet("C25", "This is not your password now.", "old"),))
    person = session.get_one(Person, person_id)
    _set_password(_account(session, person, now), person, new, shortest=shortest, system=system, now=now)


def _set_password(
    account: Account, person: Person, password: str, *, shortest: int, system: str, now: datetime
) -> None:
    about = (person.handle, *person.name.split(), person.name, *person.handle.split("."), *system.split(), system)
    fault = passwords.fault_of_password(password, shortest=shortest, about=about)
    if fault is not None:
        raise Refused("set a password", (Unmet("C25", fault, "password"),))
    account.password, account.password_at = passwords.hashed(password), now


# -- the second factor --------------------------------------------------------------------------------------


def still_asked(session: Session, person_id: str, today: date) -> str | None:
    """What a password alone leaves open: the code, or setting one up where the posts ask for it; None: nothing."""
    account = session.get(Account, person_id)
    if account is not None and account.code_from is not None:
        return CODE
    return ENROLMENT if needs_second_factor(session, person_id, today) else None


def begin_second_factor(session: Session, person_id: str, *, now: datetime) -> str:
    """The key to type into an app: a new one, or the one that is still being set up. It counts once confirmed.

    Raises Refused where a second factor is in use: it has to be taken away first.
    """
    account = _account(session, session.get_one(Person, person_id), now)
    if account.code_from is not None:
        raise Refused("set up a second factor", (Unmet("C25", "You have a second factor already."),))
    if account.code_secret is None:
        account.code_secret = second_factor.new_secret()
    return account.code_secret


def confirm_second_factor(session: Session, person_id: str, code: str, *, now: datetime) -> list[str]:
    """The first code shows that the app has the key: from now on it is asked for. Answers the recovery codes."""
    account = session.get(Account, person_id)
    if account is None or account.code_secret is None or account.code_from is not None:
        raise Refused("set up a second factor", (Unmet("C25", "There is nothing to confirm: begin again."),))
    step = second_factor.step_of(code, account.code_secret, now=now, after=account.code_step)
    if step is None:
        raise Refused("set up a second factor", (Unmet("C25", WRONG_CODE, "code"),))
    account.code_from, account.code_step = now, step
    return _renew_recovery_codes(session, person_id)


WRONG_CODE = "This is not the code of the moment. Type the six digits that the app shows now; each works once."


def is_code(session: Session, person_id: str, typed: str, *, now: datetime) -> bool:
    """Whether it is the second factor's code of the moment, or a recovery code. Either is used up by it."""
    account = session.get(Account, person_id, with_for_update=True)
    if account is None or account.code_from is None or account.code_secret is None:
        return False
    step = second_factor.step_of(typed, account.code_secret, now=now, after=account.code_step)
    if step is not None:
        account.code_step = step
        return True
    spare = session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code == second_factor.kept_code(typed),
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    if spare is None:
        return False
    spare.used_at = now
    return True


def renew_own_codes(session: Session, person_id: str) -> list[str]:
    """New recovery codes, shown once; the old ones end. Raises Refused where there is no second factor."""
    account = session.get(Account, person_id)
    if account is None or account.code_from is None:
        raise Refused("recovery codes", (Unmet("C25", "You have no second factor."),))
    return _renew_recovery_codes(session, person_id)


def _renew_recovery_codes(session: Session, person_id: str) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = second_factor.new_recovery_codes()
    for code in codes:
        session.add(RecoveryCode(id=new_id(), person_id=person_id, code=second_factor.kept_code(code)))
    return codes


def remove_second_factor(session: Session, person_id: str, *, today: date) -> None:
    """Do without a second factor again. Raises Refused for whoever signs money."""
    if needs_second_factor(session, person_id, today):
        raise Refused("remove the second factor", (Unmet("C25", "Whoever signs money keeps a second factor."),))
    _forget_second_factor(session, person_id)


def reset_second_factor(session: Session, *, who: str, by: str, today: date, now: datetime) -> Known:
    """An administrator takes away a second factor that is lost with its recovery codes; every sign-in ends.

    Nobody does so for themselves, and of whoever signs money the password goes too: they come back only by a link
    that somebody else has made and with a factor of their own, so that no one administrator becomes them unseen.
    """
    require(session, by, ADMINISTRATORS, today, "account reset")
    person = find_person(session, who)
    account = session.get(Account, person.id)
    if person.id == by:
        raise Refused("account reset", (Unmet("C13", "Nobody resets their own second factor: ask a colleague."),))
    if account is None:
        raise Unusable(f"{person.handle} has no account.")
    _forget_second_factor(session, person.id)
    account.valid_from = now
    if needs_second_factor(session, person.id, today):
        account.password, account.reset_by = None, by
    return known(session, person.id, today=today)


def _forget_second_factor(session: Session, person_id: str) -> None:
    account = session.get(Account, person_id)
    if account is not None:
        account.code_secret = account.code_from = account.code_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.flush()


# -- the identity provider ------------------------------------------------------------------------------------


def link(
    session: Session, *, who: str, issuer: str, subject: str, by: str, today: date, now: datetime
) -> Known:
    """Say which subject of the identity provider somebody is. Their sign-ins end; an empty subject unlinks them.

    Raises Refused for who is no administrator and for one's own account, Unusable for a subject that is taken.
    """
    require(session, by, ADMINISTRATORS, today, "account link")
    person = find_person(session, who)
    if person.id == by and subject:
        raise Refused("account link", (Unmet("C13", "Nobody links their own account: ask a colleague."),))
    taken = session.scalar(select(Account.person_id).where(Account.issuer == issuer, Account.subject == subject))
    if subject and taken not in (None, person.id):
        raise Unusable("Somebody else is linked to this subject.")
    account = _account(session, person, now)
    account.issuer, account.subject = (issuer, subject) if subject else (None, None)
    account.valid_from = now
    session.flush()
    return known(session, person.id, today=today)


def by_provider(
    session: Session, *, issuer: str, subject: str, handle: str | None, now: datetime
) -> Person | None:
    """Whom the identity provider means: by issuer and subject, never by a mail address (A.7: 10.5.2).

    `handle`: what the claim that the settings name says; it links somebody who is not linked yet, once.
    """
    account = session.scalars(
        select(Account).where(Account.issuer == issuer, Account.subject == subject)
    ).one_or_none()
    if account is None and handle:
        person = session.scalars(select(Person).where(Person.handle == handle.strip().casefold())).one_or_none()
        if person is None or person.mailbox or not person.enabled:
            return None
        account = _account(session, person, now)
        if account.subject is not None:
            return None
        account.issuer, account.subject = issuer, subject
    if account is None:
        return None
    person = session.get_one(Person, account.person_id)
    return person if person.enabled else None


def take_posts(session: Session, person: Person, claimed: Iterable[Post], *, today: date, now: datetime) -> None:
    """Give the roles that the identity provider says, and end those that it said earlier and says no more.

    Roles given here by an administrator stay as they are. Raises Unusable for a team that is not known.
    """
    wanted = {
        (post.role, find_team(session, post.team).id if post.team else None, post.service) for post in claimed
    }
    there = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person.id, RoleGrant.granted_by == BY_PROVIDER, RoleGrant.until_on.is_(None)
        )
    )
    for grant in there:
        held = (Role(grant.role), grant.team_id, Service(grant.service) if grant.service else None)
        if held in wanted:
            wanted.remove(held)
        else:
            grant.until_on = today - timedelta(days=1)
    for role, team_id, service in sorted(wanted, key=str):
        grant_role(
            session,
            person=person,
            role=role,
            from_on=today,
            now=now,
            team=session.get(Team, team_id) if team_id else None,
            service=service,
            granted_by=BY_PROVIDER,
        )


# -- a form that came after its sign-in had ended ------------------------------------------------------------------


def hold(session: Session, *, person_id: str, path: str, fields: list[tuple[str, str]], now: datetime) -> str:
    """Keep what somebody sent when their sign-in had ended; answers the id under which they find it again."""
    session.execute(delete(HeldForm).where(HeldForm.held_at < now - _HELD))
    there = session.scalars(
        select(HeldForm.id).where(HeldForm.person_id == person_id).order_by(HeldForm.held_at.desc())
    ).all()
    session.execute(delete(HeldForm).where(HeldForm.id.in_(there[_HELD_AT_MOST - 1 :])))
    held = HeldForm(
        id=new_id(),
        person_id=person_id,
        path=path,
        fields=[{"name": name, "value": value} for name, value in fields],
        held_at=now,
    )
    session.add(held)
    return held.id


def held(session: Session, held_id: str, *, person_id: str) -> tuple[str, list[tuple[str, str]]] | None:
    """(path, fields) of a form that was kept for this person, and for nobody else."""
    found = session.get(HeldForm, held_id)
    if found is None or found.person_id != person_id:
        return None
    return found.path, [(one["name"], one["value"]) for one in found.fields]


def let_go(session: Session, held_id: str, *, person_id: str) -> None:
    """It has been sent again, or is not wanted."""
    session.execute(delete(HeldForm).where(HeldForm.id == held_id, HeldForm.person_id == person_id))


def _account(session: Session, person: Person, now: datetime) -> Account:
    account = session.get(Account, person.id)
    if account is None:
        account = Account(person_id=person.id, valid_from=now, created_at=now)
        session.add(account)
        session.flush()
    return account
