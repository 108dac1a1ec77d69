"""Administration: people, their roles and accounts, teams, cover. Every change is a casework function's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework.errors import CaseworkError, NotFound, Refused, Unusable
from casework.who import accounts, granting, people, staffing
from casework.who.people import PersonLine
from states.vocabulary import ALLOCATED, Role, Service
from web.doors import Access, Here, access, here
from web.formats import with_days
from web.forms import date_text

pages = Blueprint("administration", __name__)
Answer = str | Response | tuple[str, int]

KEEPERS = staffing.ADMINISTRATORS
CONFIRMERS = staffing.ADMINISTRATORS | granting.SENIOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Everything about one person that an administrator keeps."""

    line: PersonLine
    held: list[tuple[str, str | None, date, date | None]]
    waiting: list[granting.Asked]
    account: accounts.Known
    cover: list[staffing.CoverLine]
    teams: list[str]


@pages.get("/administration")
@access(Access.POSTS, posts=CONFIRMERS)
def show() -> str:
    """What there is to keep, and the roles that wait for a second person."""
    me = here()
    with me.office.reading() as session:
        waiting = granting.waiting(session)
    return render_template("administration.html", waiting=waiting, me=me.who.handle, done=request.args.get("done", ""))


@pages.post("/administration/roles/<asked_id>")
@access(Access.POSTS, posts=CONFIRMERS, proved=True)
def answer_role(asked_id: str) -> Response:
    """Confirm or decline a role that a colleague asks for."""
    me = here()
    confirmed = request.form.get("answer") == "confirm"
    me.office.in_one_unit(
        lambda session: granting.answer(
            session, asked_id, confirmed=confirmed, by=me.who.id, today=me.today, now=me.now
        )
    )
    return redirect(url_for("administration.show", done="confirmed" if confirmed else "declined"))


# -- people -----------------------------------------------------------------------------------------------


@pages.get("/administration/people")
@access(Access.POSTS, posts=KEEPERS)
def everybody() -> str:
    """Everybody who is known here, and a form for somebody new."""
    return _everybody(here(), {})


@pages.post("/administration/people")
@access(Access.POSTS, posts=KEEPERS, proved=True)
def add() -> Answer:
    """Make somebody known. Roles are given on their own page."""
    me = here()
    given = {name: request.form.get(name, "").strip() for name in ("handle", "name", "email")}

    def put_down(session: Session) -> PersonLine:
        return staffing.add(
            session,
            handle=given["handle"],
            name=given["name"],
            email=given["email"] or None,
            roles=(),
            team=None,
            service=None,
            from_on=me.today,
            working_days="".join(sorted(request.form.getlist("working_days"))) or "12345",
            mailbox=False,
            by=me.who.id,
            today=me.today,
            now=me.now,
        )

    try:
        line = me.office.in_one_unit(put_down)
    except (Refused, Unusable) as error:
        return _everybody(me, given, wrong=_wrong(error, "handle")), 422
    return redirect(url_for("administration.person", person_id=line.id, done="added"))


@pages.get("/administration/people/<person_id>")
@access(Access.POSTS, posts=KEEPERS)
def person(person_id: str) -> str:
    """One person: roles, account, cover, working days."""
    return _person(here(), person_id)


#: Where on the page it is said what is wrong with a change, where that is not called as its button is.
FIELDS = {
    "give": "role",
    "end": "role",
    "describe": "name",
    "reset": "invite",
    "sign-out": "invite",
    "enable": "disable",
}


@pages.post("/administration/people/<person_id>")
@access(Access.POSTS, posts=KEEPERS, proved=True)
def change(person_id: str) -> Answer:
    """Change one thing about a person: which one, the button says."""
    me = here()
    action = request.form.get("action", "")
    use_case = ACTIONS.get(action)
    if use_case is None:
        abort(404)
    try:
        with me.office.reading() as session:
            people.find_person(session, person_id)
    except Unusable:
        raise NotFound("person") from None
    try:
        said = me.office.in_one_unit(lambda session: use_case(session, me, person_id))
    except (Refused, Unusable) as error:
        return _person(me, person_id, wrong=_wrong(error, FIELDS.get(action, action))), 422
    if action == "invite":  # the link is shown once, on the answer itself: it stands in no address
        return _person(me, person_id, link=said)
    return redirect(url_for("administration.person", person_id=person_id, done=action))


def _give(session: Session, me: Here, who: str) -> None:
    role, _, where = request.form.get("role", "").partition("@")
    try:
        wanted = Role(role)
    except ValueError:
        raise Unusable("Choose a role.") from None
    staffing.grant(
        session,
        who=who,
        role=wanted,
        team=where or None if wanted is Role.TEAM_MANAGER else None,
        service=Service(where) if wanted is Role.GROUP_MEMBER and where in set(Service) else None,
        from_on=_day("from", me.today) or me.today,
        until_on=_day("until", None),
        by=me.who.id,
        today=me.today,
        now=me.now,
    )


def _end(session: Session, me: Here, who: str) -> None:
    role = request.form.get("role", "")
    if role not in set(Role):
        raise Unusable("Choose a role.")
    last_day = me.today - timedelta(days=1)
    staffing.end_role(session, who=who, role=Role(role), last_day=last_day, by=me.who.id, today=me.today)


def _invite(session: Session, me: Here, who: str) -> str:
    settings = me.office.settings
    token = accounts.invite(
        session, who=who, by=me.who.id, today=me.today, now=me.now, hours=settings.sign_in.link_hours
    )
    base = settings.link_base or request.host_url.rstrip("/")
    return base + url_for("sign_in.link", token=token)


def _describe(session: Session, me: Here, who: str) -> None:
    staffing.describe(
        session,
        who=who,
        name=request.form.get("name", ""),
        email=request.form.get("email", "").strip() or None,
        working_days="".join(sorted(request.form.getlist("working_days"))),
        by=me.who.id,
        today=me.today,
    )


#: What the buttons of a person's page do.
ACTIONS: dict[str, Callable[[Session, Here, str], Any]] = {
    "give": _give,
    "end": _end,
    "describe": _describe,
    "invite": _invite,
    "reset": lambda s, me, who: accounts.reset_second_factor(s, who=who, by=me.who.id, today=me.today, now=me.now),
    "sign-out": lambda s, me, who: accounts.end_sign_ins(s, who=who, by=me.who.id, today=me.today, now=me.now),
    "disable": lambda s, me, who: staffing.disable(s, who=who, by=me.who.id, today=me.today, now=me.now),
    "enable": lambda s, me, who: staffing.enable(s, who=who, by=me.who.id, today=me.today),
}


# -- teams and cover ------------------------------------------------------------------------------------------


@pages.route("/administration/teams", methods=["GET", "POST"])
@access(Access.POSTS, posts=KEEPERS)
def teams() -> Answer:
    """The teams, and a new one."""
    me = here()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            me.office.in_one_unit(
                lambda session: staffing.add_team(
                    session, name=request.form.get("name", ""), by=me.who.id, today=me.today
                ).name
            )
            return redirect(url_for("administration.teams"))
        except (Refused, Unusable) as error:
            wrong = _wrong(error, "name")
    with me.office.reading() as session:
        names = staffing.list_teams(session)
    return render_template("teams.html", names=names, wrong=wrong), 422 if wrong else 200


@pages.route("/administration/cover", methods=["GET", "POST"])
@access(Access.POSTS, posts=staffing.COVER_KEEPERS)
def cover() -> Answer:
    """Who stands in for whom, and a new one; ending is one button."""
    me = here()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        wrong = {} if request.form.get("end") else _left_out_of_cover()
        try:
            if not wrong:
                new = me.office.in_one_unit(lambda session: _cover(session, me))
                return redirect(url_for("administration.cover", new=new))
        except (Refused, Unusable) as error:
            wrong = _wrong(error, "" if request.form.get("end") else "covering")
    with me.office.reading() as session:
        lines = staffing.list_cover(session)
        lent = {
            one.id: staffing.lent_by_cover(session, absent=one.absent, covering=one.covering, today=me.today)
            for one in lines
            if not one.ended and one.until_on >= me.today
        }
        all_people = people.list_people(session, on=me.today)
        everyone = [one for one in all_people if one.enabled and not one.mailbox]
    page = render_template(
        "cover.html",
        names={one.handle: one.name for one in all_people},
        lines=lines,
        lent=lent,
        new=request.args.get("new", ""),
        people=everyone,
        wrong=wrong,
        given=request.form,
        today=me.today,
    )
    return page, 422 if wrong else 200


def _left_out_of_cover() -> dict[str, str]:
    """What the form for new cover lacks, all at once, by the field where it is to be typed."""
    asked = {"absent": "Choose who is away.", "covering": "Choose who stands in."}
    wrong = {field: words for field, words in asked.items() if not request.form.get(field)}
    days: dict[str, date] = {}
    for field, words in (("from", "the first day"), ("until", "the last day")):
        try:
            given = _day(field, None)
        except Unusable as error:
            wrong[f"{field}-day"] = str(error)
            continue
        if given is None:
            wrong[f"{field}-day"] = f"Give {words}."
        else:
            days[field] = given
    if len(days) == len(("from", "until")) and days["until"] < days["from"]:
        wrong["until-day"] = "The last day is before the first."
    if not request.form.get("reason", "").strip():
        wrong["reason"] = "Say why, in a word or two."
    return wrong


def _cover(session: Session, me: Here) -> str | None:
    """Write cover down, and answer its id; or end it."""
    if ended := request.form.get("end"):
        staffing.end_cover(session, cover_id=ended, by=me.who.id, today=me.today, now=me.now)
        return None
    from_on, until_on = _day("from", None), _day("until", None)
    assert from_on is not None, "the form has been looked at"
    assert until_on is not None, "the form has been looked at"
    return staffing.add_cover(
        session,
        absent=request.form.get("absent", ""),
        covering=request.form.get("covering", ""),
        from_on=from_on,
        until_on=until_on,
        reason=request.form.get("reason", ""),
        by=me.who.id,
        today=me.today,
        now=me.now,
    ).id


# -- inside -----------------------------------------------------------------------------------------------


def _everybody(me: Here, given: dict[str, str], *, wrong: dict[str, str] | None = None) -> str:
    with me.office.reading() as session:
        lines = people.list_people(session, on=me.today)
    return render_template("people.html", lines=lines, given=given, wrong=wrong or {})


def _person(me: Here, person_id: str, *, wrong: dict[str, str] | None = None, link: str | None = None) -> str:
    with me.office.reading() as session:
        try:
            found = people.find_person(session, person_id)
        except Unusable:
            raise NotFound("person") from None
        seen = Somebody(
            line=staffing.line(session, found, me.today),
            held=granting.held_now(session, found.id, me.today),
            waiting=[one for one in granting.waiting(session) if one.person == found.handle],
            account=accounts.shown(session, who=found.id, by=me.who.id, today=me.today),
            cover=[
                one
                for one in staffing.list_cover(session)
                if found.handle in (one.absent, one.covering) and not one.ended and one.until_on >= me.today
            ],
            teams=staffing.list_teams(session),
        )
    return render_template(
        "person.html",
        seen=seen,
        roles=_choices(seen.teams),
        wrong=wrong or {},
        link=link,
        hours=me.office.settings.sign_in.link_hours,
        done=request.args.get("done", ""),
        me=me.who.handle,
    )


def _choices(teams: list[str]) -> list[tuple[str, str]]:
    """Every role as (value, words): a Team Manager's for each team, a group member's for each service."""
    found: list[tuple[str, str]] = []
    for role in Role:
        if role is Role.TEAM_MANAGER:
            found += [(f"{role.value}@{team}", f"{role.value}: {team}") for team in teams]
        elif role is Role.GROUP_MEMBER:
            found += [(f"{role.value}@{service.value}", f"{role.value}: {service.value}") for service in Service]
        else:
            words = f"{role.value} (each child is allocated)" if role in ALLOCATED else role.value
            found.append((role.value, words))
    return found


def _wrong(error: CaseworkError, field: str) -> dict[str, str]:
    if isinstance(error, Refused):
        return {field: with_days(" ".join(unmet.reason for unmet in error.reasons))}
    return {field: with_days(str(error))}


def _day(name: str, default: date | None) -> date | None:
    parts = {part: request.form.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year")}
    if not any(parts.values()):
        return default
    try:
        return date.fromisoformat(date_text(parts))
    except ValueError:
        raise Unusable("This is not a date: write it such as 27 3 2026.") from None
