"""People, teams and cover: who works here, what they may be, who stands in for whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, a_day
from cli.output import Page, answer, day, tell
from cli.terminal import an_office, at_desk
from states.vocabulary import Role, Service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from casework.who.people import PersonLine
    from casework.who.staffing import CoverLine

person = typer.Typer(help="People: add, list, give and end roles, end access.", no_args_is_help=True)
team = typer.Typer(help="Teams: add, list.", no_args_is_help=True)
cover = typer.Typer(help="Cover: who stands in for whom, from when to when.", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(metavar="PERSON", help="The handle, such as a.khan.")]
Team = Annotated[str | None, typer.Option("--team", metavar="TEAM", help="A Team Manager's team.")]
ForService = Annotated[Service | None, typer.Option("--service", help="The service a Review Group member speaks for.")]
RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", help="Such as 'Team Manager'.")]


@person.command("add")
def add(
    handle: Handle,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Their name.")],
    email: Annotated[str | None, typer.Option("--email", metavar="ADDRESS")] = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", metavar="ROLE", help="A role they hold; repeatable.")
    ] = None,
    team: Team = None,
    service: ForService = None,
    from_: Annotated[
        date | None,
        typer.Option("--from", metavar="DATE", parser=a_day, help="The first day of the roles, if not today."),
    ] = None,
    working_days: Annotated[
        str, typer.Option("--working-days", metavar="DAYS", help="1 is Monday: 123 is Monday to Wednesday.")
    ] = "12345",
    mailbox: Annotated[bool, typer.Option("--mailbox", help="A shared mailbox, not a person.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Make a person known. The first one is the system administrator, and needs no --as."""
    from casework.who import staffing
    from casework.who.people import find_person

    with an_office() as here:

        def put_down(session: Session) -> PersonLine:
            return staffing.add(
                session,
                handle=handle,
                name=name,
                email=email,
                roles=role or (),
                team=team,
                service=service,
                from_on=from_ or here.today,
                working_days=working_days,
                mailbox=mailbox,
                by=find_person(session, as_).id if as_ else None,
                today=here.today,
                now=here.now,
            )

        _show(here.office.in_one_unit(put_down), json)


@person.command("list")
def list_people(json: Json = False) -> None:
    """Everybody who is known here, with the roles they hold today."""
    from casework.who import people

    with an_office() as here:
        with here.office.reading() as session:
            lines = people.list_people(session, on=here.today)

        def for_people(page: Page) -> None:
            if not lines:
                page.line("Nobody is known here yet. Begin with: sgo person add")
            rows = [
                (one.handle, one.name, ", ".join(one.roles), "" if one.enabled else "ACCESS ENDED") for one in lines
            ]
            page.table(("Person", "Name", "Roles", ""), rows, indent=0, rigid=(0,))

        answer(json, lines, for_people)


@person.command("grant")
def grant(
    handle: Handle,
    role: RoleArgument,
    team: Team = None,
    service: ForService = None,
    from_: Annotated[
        date | None,
        typer.Option("--from", metavar="DATE", parser=a_day, help="The first day, if not today."),
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", metavar="DATE", parser=a_day, help="The last day, if there is one.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Give a role. Nobody gives one to themselves."""
    from casework.who import staffing

    with at_desk(as_) as here:
        line = here.office.in_one_unit(
            lambda session: staffing.grant(
                session,
                who=handle,
                role=role,
                team=team,
                service=service,
                from_on=from_ or here.today,
                until_on=until,
                by=here.person_id,
                today=here.today,
                now=here.now,
            )
        )
        _show(line, json)


@person.command("end-role")
def end_role(
    handle: Handle,
    role: RoleArgument,
    last_day: Annotated[
        date | None,
        typer.Option("--last-day", metavar="DATE", parser=a_day, help="The last day held, if not yesterday."),
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """End a role after its last day."""
    from datetime import timedelta

    from casework.who import staffing

    with at_desk(as_) as here:
        line, _ = here.office.in_one_unit(
            lambda session: staffing.end_role(
                session,
                who=handle,
                role=role,
                last_day=last_day or here.today - timedelta(days=1),
                by=here.person_id,
                today=here.today,
            )
        )
        _show(line, json)


@person.command("disable")
def disable(handle: Handle, as_: As = None, json: Json = False) -> None:
    """End a person's access, from their next command on. Their history stays."""
    from casework.who import staffing

    with at_desk(as_) as here:
        line = here.office.in_one_unit(
            lambda session: staffing.disable(session, who=handle, by=here.person_id, today=here.today, now=here.now)
        )
        _show(line, json)


@person.command("enable")
def enable(handle: Handle, as_: As = None, json: Json = False) -> None:
    """Open the access of somebody who had left again. Sign-ins from before stay ended."""
    from casework.who import staffing

    with at_desk(as_) as here:
        line = here.office.in_one_unit(
            lambda session: staffing.enable(session, who=handle, by=here.person_id, today=here.today)
        )
        _show(line, json)


@person.command("waiting")
def waiting(as_: As = None, json: Json = False) -> None:
    """Roles that wait for a second administrator's word."""
    from casework.who import granting, staffing

    with at_desk(as_) as here:
        with here.office.reading() as session:
            allowed = staffing.ADMINISTRATORS | granting.SENIOR
            staffing.require(session, here.person_id, allowed, here.today, "person waiting")
            found = granting.waiting(session)

        def for_people(page: Page) -> None:
            if not found:
                page.line("No role waits.")
            rows = [(one.id, one.person, one.role, one.where or "", one.asked_by) for one in found]
            page.table(("Id", "Person", "Role", "", "Asked for by"), rows, indent=0)

        answer(json, found, for_people)


@person.command("confirm")
def confirm(
    asked_id: Annotated[str, typer.Argument(metavar="ID", help="As `sgo person waiting` shows it.")],
    decline: Annotated[bool, typer.Option("--decline", help="Do not give the role.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Confirm a role that another administrator asks for."""
    from casework.who import granting

    with at_desk(as_) as here:
        here.office.in_one_unit(
            lambda session: granting.answer(
                session, asked_id, confirmed=not decline, by=here.person_id, today=here.today, now=here.now
            )
        )
        words = "declined" if decline else "confirmed"
        answer(json, {"id": asked_id, "answer": words}, lambda page: page.line(f"The role is {words}."))


def _show(line: PersonLine, json: bool) -> None:
    def for_people(page: Page) -> None:
        page.title(f"{line.handle} · {line.name}" + ("" if line.enabled else " · ACCESS ENDED"))
        page.pairs(
            (
                ("Mail:", line.email or "none"),
                ("Roles today:", ", ".join(line.roles) or "none"),
                ("Waits for a second administrator:", ", ".join(line.waiting)),
            )
        )

    answer(json, line, for_people)


# -- teams ------------------------------------------------------------------------------------------------


@team.command("add")
def add_team(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the team is called.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Make a team known."""
    from casework.who import staffing

    with at_desk(as_) as here:
        added = here.office.in_one_unit(
            lambda session: staffing.add_team(session, name=name, by=here.person_id, today=here.today).name
        )
        answer(json, {"name": added}, lambda page: page.line(added))


@team.command("list")
def list_teams(json: Json = False) -> None:
    """The teams."""
    from casework.who import staffing

    with an_office() as here:
        with here.office.reading() as session:
            names = staffing.list_teams(session)

        def for_people(page: Page) -> None:
            for name in names or ("There are no teams yet.",):
                page.line(name)

        answer(json, [{"name": name} for name in names], for_people)


# -- cover ------------------------------------------------------------------------------------------------


@cover.command("add")
def add_cover(
    absent: Annotated[str, typer.Argument(metavar="ABSENT", help="Who is away.")],
    covering: Annotated[str, typer.Argument(metavar="COVERING", help="Who stands in.")],
    from_: Annotated[date, typer.Option("--from", metavar="DATE", parser=a_day, help="The first day.")],
    until: Annotated[date, typer.Option("--until", metavar="DATE", parser=a_day, help="The last day.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, such as 'leave'.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Somebody stands in for somebody. Cover is never passed on."""
    from casework.who import staffing

    with at_desk(as_) as here:
        line = here.office.in_one_unit(
            lambda session: staffing.add_cover(
                session,
                absent=absent,
                covering=covering,
                from_on=from_,
                until_on=until,
                reason=reason,
                by=here.person_id,
                today=here.today,
                now=here.now,
            )
        )
        with here.office.reading() as session:
            lent = staffing.lent_by_cover(session, absent=absent, covering=covering, today=here.today)
        if lent:
            tell(
                f"NOTE: {line.covering} holds no post of that rank. From {day(line.from_on)} to {day(line.until_on)}"
                f" {line.covering} can read and decide everything that {line.absent} can as {', '.join(lent)}."
                f" If that is not meant: sgo cover end {line.id}"
            )
        answer(json, line, lambda page: _covers(page, [line]))


@cover.command("list")
def list_cover(
    everything: Annotated[bool, typer.Option("--all", help="Past and future cover too.")] = False,
    json: Json = False,
) -> None:
    """Who stands in for whom today."""
    from casework.who import staffing

    with an_office() as here:
        with here.office.reading() as session:
            lines = staffing.list_cover(session, on=None if everything else here.today)
        answer(json, lines, lambda page: _covers(page, lines))


@cover.command("end")
def end_cover(
    cover_id: Annotated[str, typer.Argument(metavar="COVER", help="Its id. See: sgo cover list")],
    as_: As = None,
    json: Json = False,
) -> None:
    """End cover at once."""
    from casework.who import staffing

    with at_desk(as_) as here:
        line = here.office.in_one_unit(
            lambda session: staffing.end_cover(
                session, cover_id=cover_id, by=here.person_id, today=here.today, now=here.now
            )
        )
        answer(json, line, lambda page: _covers(page, [line]))


def _covers(page: Page, lines: list[CoverLine]) -> None:
    if not lines:
        page.line("Nobody covers for anybody.")
        return
    rows = [
        (one.absent, one.covering, day(one.from_on), day(one.until_on), one.reason, one.id)
        if not one.ended
        else (one.absent, one.covering, day(one.from_on), "ENDED", one.reason, one.id)
        for one in lines
    ]
    page.table(("Away", "Stands in", "From", "Until", "Why", "Cover"), rows, indent=0, rigid=(5,))
