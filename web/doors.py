"""Who is at the browser, and the doors they go through: every look and every act by `casework.doing`.

Each route says who may use it; one that does not say is refused when the application is made (reliability R21).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.acting.commands import Actor, Command, Result
from casework.errors import NotFound
from casework.units import Office
from casework.who.sign_ins import Browser
from casework.who.visitors import Visitor
from states.calendar import london_date
from states.processes import names_a_request
from states.vocabulary import Role
from web import entering
from web.entering import now, office

T = TypeVar("T")
P = ParamSpec("P")
CHANNEL = "page"


class Access(Enum):
    """Who may ask for a page at all. What they then see of a child is asked again by the case itself."""

    ANYONE = "anyone, signed in or not: nothing about a child"
    MACHINE = "a machine that shows a token of its own with every call: nothing is shown to it"
    SIGNED_IN = "anyone signed in: only what is theirs"
    CASE = "anyone signed in who may open the case; for others there is no such page"
    CHILD = "anyone signed in who may open the child's case; of a funding request there is no such page"
    MEETING = "anyone signed in who may see the meeting, with those of its children whom they may open"
    POSTS = "whoever holds one of the posts named, or covers for somebody who does"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a route says of who may use it."""

    level: Access
    posts: frozenset[Role] = frozenset()
    proved: bool = False


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
    browser: Browser

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

    def read_list(self, what: str, query: Callable[[Session], T], *, searched: bool) -> T:
        """Read a list; one that they narrowed or leaf through (`searched`) as fast as one person may."""
        if not searched:
            return self.read(None, what, query)
        return doing.search(self.office, what, query, by=self.actor, now=self.now)

    def read_many(self, what: str, query: Callable[[Session], T], refs: Callable[[T], Sequence[str]]) -> T:
        """Read something of many children; a line for each of them is written down before it is shown."""
        return doing.read_of_many(self.office, what, query, refs, by=self.actor, now=self.now)

    def change(self, use_case: Callable[[Session], T]) -> T:
        """Change something that is no child's, such as a meeting, in one unit of work."""
        return self.office.in_one_unit(use_case)

    def proof_first(self) -> Response | None:
        """Where they go to show again who they are, before something that only some posts of a form ask for.

        None for whoever has done so within the last minutes. What they typed is kept while they do.
        """
        return None if entering.is_fresh(self.browser) else entering.to_proof(self.browser)

    def perform(self, command: Command) -> Result:
        """Do one act."""
        return doing.perform(self.office, command, by=self.actor, now=self.now)


def here() -> Here:
    """Who asks, and when. Only inside a route that is not open to anyone."""
    found: Here = g.here
    return found


def access(
    level: Access, *, posts: Iterable[Role] = (), proved: bool = False
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Say who may ask for a page, and send everybody else to sign in.

    `posts`: for Access.POSTS, the posts that open the page; it names its own people, so a refusal says which.
    `proved`: whoever asks must have shown within the last minutes who they are (reliability A.7: 7.5.3): for what
    signs money, opens a restricted record or gives powers. What they typed is kept while they do.
    """
    door = Door(level=level, posts=frozenset(posts), proved=proved)
    if (level is Access.POSTS) != bool(door.posts):
        raise ValueError("Access.POSTS names its posts, and no other level does")

    def declare(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            if level in (Access.ANYONE, Access.MACHINE):
                return view(*args, **kwargs)
            found = entering.signed_in()
            if found is None:
                return entering.to_sign_in()
            g.here = Here(office=office(), now=now(), who=found.who, browser=found.browser)
            if level is Access.POSTS and not door.posts & found.who.roles:
                raise NotForYou(door.posts)
            if proved and not entering.is_fresh(found.browser):
                return entering.to_proof(found.browser)
            if level is Access.CHILD and names_a_request(ref := str(kwargs["ref"])):
                raise NotFound("case", ref)
            return view(*args, **kwargs)

        guarded.access = level  # type: ignore[attr-defined]
        guarded.door = door  # type: ignore[attr-defined]
        return guarded

    return declare


def door_of(view: object) -> Door | None:
    """What a route says of who may use it; None for one that says nothing."""
    door = getattr(view, "door", None)
    return door if isinstance(door, Door) else None


def guard_every_route(app: Flask) -> None:
    """Refuse an application in which a route does not say who may use it."""
    silent = [
        name for name, view in app.view_functions.items() if door_of(view) is None
    ]
    if silent:
        raise RuntimeError(f"Say with @access who may use: {', '.join(sorted(silent))}")
