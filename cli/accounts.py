"""Accounts: how people sign in to the pages. What an administrator does for them; passwords are never seen here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json
from cli.output import Page, answer, moment, tell
from cli.terminal import at_desk

if TYPE_CHECKING:
    from casework.who.accounts import Known

app = typer.Typer(help="Accounts: how people sign in to the pages.", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(metavar="PERSON", help="The handle, such as a.khan.")]


@app.command("invite")
def invite(handle: Handle, as_: As = None, json: Json = False) -> None:
    """Make a one-time link with which somebody sets their password. It is printed here and sent nowhere."""
    from casework.who import accounts

    with at_desk(as_) as here:
        settings = here.office.settings
        token = here.office.in_one_unit(
            lambda session: accounts.invite(
                session,
                who=handle,
                by=here.person_id,
                today=here.today,
                now=here.now,
                hours=settings.sign_in.link_hours,
            )
        )
        base = settings.link_base or f"http://{settings.web.host}:{settings.web.port}"
        link = f"{base}/set-password/{token}"

        def for_people(_page: Page) -> None:
            print(link)  # in one piece, however long

        answer(json, {"person": handle, "link": link, "hours": settings.sign_in.link_hours}, for_people)
        if not json:
            tell(
                f"Give this to {handle} yourself, in person or by a way that only they read. It works once, for "
                f"{settings.sign_in.link_hours} hours."
            )


@app.command("show")
def show(handle: Handle, as_: As = None, json: Json = False) -> None:
    """How somebody signs in."""
    from casework.who import accounts

    with at_desk(as_) as here:
        with here.office.reading() as session:
            known = accounts.shown(session, who=handle, by=here.person_id, today=here.today)
        _show(known, json)


@app.command("reset")
def reset(handle: Handle, as_: As = None, json: Json = False) -> None:
    """Take away a second factor that is lost with its recovery codes. Every sign-in of theirs ends.

    Of whoever signs money the password goes too, and another administrator makes the link that lets them in again.
    """
    from casework.who import accounts

    with at_desk(as_) as here:
        known = here.office.in_one_unit(
            lambda session: accounts.reset_second_factor(
                session, who=handle, by=here.person_id, today=here.today, now=here.now
            )
        )
        _show(known, json)


@app.command("link")
def link(
    handle: Handle,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="What the page showed them; '' to unlink.")
    ],
    as_: As = None,
    json: Json = False,
) -> None:
    """Say which subject of the identity provider somebody is. Every sign-in of theirs ends."""
    from casework.errors import Unusable
    from casework.who import accounts

    with at_desk(as_) as here:
        issuer = here.office.settings.provider.issuer
        if not issuer:
            raise Unusable("No identity provider has been set up: see docs/operations.md.")
        known = here.office.in_one_unit(
            lambda session: accounts.link(
                session,
                who=handle,
                issuer=issuer,
                subject=subject.strip(),
                by=here.person_id,
                today=here.today,
                now=here.now,
            )
        )
        _show(known, json)


@app.command("sign-out")
def sign_out(handle: Handle, as_: As = None, json: Json = False) -> None:
    """End every sign-in of somebody, as when a laptop is lost."""
    from casework.who import accounts

    with at_desk(as_) as here:
        known = here.office.in_one_unit(
            lambda session: accounts.end_sign_ins(
                session, who=handle, by=here.person_id, today=here.today, now=here.now
            )
        )
        _show(known, json)


def _show(known: Known, json: bool) -> None:
    def for_people(page: Page) -> None:
        page.title(f"{known.handle} · {known.name}")
        factor = "needed, not set up yet" if known.second_factor_needed else "none"
        if known.second_factor_from:
            factor = f"since {moment(known.second_factor_from)}, {known.recovery_codes_left} recovery codes left"
        page.pairs(
            (
                ("Password:", f"set on {moment(known.password_at)}" if known.password_at else "none"),
                ("Second factor:", factor),
                ("Identity provider:", "linked" if known.provider else "not linked"),
                ("One-time link:", f"until {moment(known.link_until)}" if known.link_until else "none"),
            )
        )

    answer(json, known, for_people)
