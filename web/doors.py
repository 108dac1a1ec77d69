"""Who is at the browser, and the doors they go through: every look and every act by `casework.doing`.

Each route says who may use it; one that does not say is refused when the application is made (reliability R21).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting.commands import Actor, Command, Result
from casework.units import Office
from casework.who.visitors import Visitor, visitor
from states.calendar import london_date
from states.vocabulary import Role

T = TypeVar("T")
P = ParamSpec("P")
CHANNEL = "page"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


class Access(Enum):
    """Who may ask for a page at all. What they then see of a child is asked again by the case itself."""

    ANYONE = "anyone, signed in or not: nothing about a child"
    SIGNED_IN = "anyone signed in: only what is theirs"
    CASE = "anyone signed in who may open the case; for others there is no such page"
    POSTS = "whoever holds one of the posts named, or covers for somebody who does"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a route says of who may use it."""

    level: Access
    posts: frozenset[Role] = frozenset()


class NotForYou(Exception):
    """A page that is no secret, asked for by somebody without one of its posts."""

    def __init__(self, posts: frozenset[Role]) -> None:
        self.posts = tuple(sorted(role.value for role in posts))
        super().__init__(f"Only {', '.join(self.posts)} may open this page.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Somebody at the browser, at one instant."""

    office: Office
    now: datetime
    who: Visitor

    @property
    def today(self) -> date:
        """The London date."""
        return london_date(self.now)

    @property
    def actor(self) -> Actor:
        """Whoever asks, as the history names them."""
        return Actor(person_id=self.who.id, channel=CHANNEL)

    def read(self, ref: str | None, what: str, query: Callable[[Session], T]) -> T:
        """Read something of a child, or a list of children; written down before it is shown."""
        return doing.read(self.office, ref, what, query, by=self.actor, now=self.now)

    def perform(self, command: Command) -> Result:
        """Do one act."""
        return doing.perform(self.office, command, by=self.actor, now=self.now)


def here() -> Here:
    """Who asks, and when. Only inside a route that is not open to anyone."""
    found: Here = g.here
    return found


def office() -> Office:
    """The installation."""
    return cast("Office", current_app.config["OFFICE"])


def now() -> datetime:
    """This instant, UTC."""
    clock: Callable[[], datetime] = current_app.config["NOW"]
    return clock()


def access(level: Access, *, posts: Iterable[Role] = ()) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Say who may ask for a page, and send everybody else to sign in.

    `posts`: for Access.POSTS, the posts that open the page; it names its own people, so a refusal says which.
    """
    door = Door(level=level, posts=frozenset(posts))
    if (level is Access.POSTS) != bool(door.posts):
        raise ValueError("Access.POSTS names its posts, and no other level does")

    def declare(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            if level is Access.ANYONE:
                return view(*args, **kwargs)
            found = someone()
            if found is None:
                return _to_sign_in()
            g.here = found
            if level is Access.POSTS and not door.posts & found.who.roles:
                raise NotForYou(door.posts)
            return view(*args, **kwargs)

        guarded.access = level  # type: ignore[attr-defined]
        guarded.door = door  # type: ignore[attr-defined]
        return guarded

    return declare


def guard_every_route(app: Flask) -> None:
    """Refuse an application in which a route does not say who may use it."""
    silent = [
        name for name, view in app.view_functions.items() if not isinstance(getattr(view, "door", None), Door)
    ]
    if silent:
        raise RuntimeError(f"Say with @access who may use: {', '.join(sorted(silent))}")


# -- signing in -------------------------------------------------------------------------------------------


def sign_in(person_id: str) -> None:
    """From here on the browser is this person's. A new cookie: nothing of an earlier sign-in is kept."""
    session.clear()
    session.permanent = True
    session.update(person=person_id, since=now().isoformat(), seen=now().isoformat())


def sign_out() -> None:
    """Nobody is signed in any more."""
    session.clear()


def someone() -> Here | None:
    """Who is signed in: still working here, not idle for too long, and not signed in since yesterday (R23)."""
    person_id, since, seen = session.get("person"), session.get("since"), session.get("seen")
    if not (person_id and since and seen):
        return None
    instant = now()
    if instant - datetime.fromisoformat(seen) > IDLE or instant - datetime.fromisoformat(since) > LONGEST:
        sign_out()
        return None
    with office().reading() as reading:
        who = visitor(reading, person_id, on=london_date(instant))
    if who is None:
        sign_out()
        return None
    session["seen"] = instant.isoformat()
    return Here(office=office(), now=instant, who=who)


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.choose", next=wanted))


def own_path(path: str | None) -> str:
    """A path of this site, and nothing else (C26)."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return url_for("my_work.show")
    return path
