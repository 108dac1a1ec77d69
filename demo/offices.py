"""The county's offices: six teams, fifty social workers and who works beside them; who is away, and who has left.

The posts that there is one of (chairs, Legal, Heads of Service) are those of `demo.staff`. All are invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from casework.who import people
from demo.names import FIRST, LAST
from demo.routes import Team
from demo.staff import MONEY_STAFF, STAFF, Post, engage_posts
from states.vocabulary import Role

TEAM_NAMES = (
    "Children in Care North",
    "Children in Care South",
    "Children in Care East",
    "Children in Care West",
    "Locality Ashdale",
    "Sixteen Plus",
)
MANAGERS = ("rowan.tm", "imara.tm", "esme.tm", "wyn.tm", "asa.tm", "sixto.tm")
CASES_OF_A_WORKER = 13.5
#: People of these posts beside those of the small demo.
ASSESSORS, SUPERVISORS, REVIEWERS = 12, 8, 10
#: Who left: how many days ago, and whether their children were handed over.
LEFT: tuple[tuple[int, bool], ...] = ((430, True), (160, True), (24, False))

_PATTERNS = {3: "123", 7: "1234", 11: "345", 15: "2345", 20: "1245"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """Everybody's id by handle, the teams of workers around a child, and who is no longer here."""

    ids: Mapping[str, str]
    workers: Mapping[str, Sequence[str]]  # a team's, by its manager
    left: Mapping[str, tuple[date, str | None]]  # worker → last day, and who took over

    def around(self, manager: str, number: int) -> Team:
        """The people around the so-many-th child of a team."""
        those = self.workers[manager]
        worker = those[number % len(those)]
        return Team(
            manager=manager,
            worker=worker,
            assessor=_nth("saw", number * 7 + len(those), ASSESSORS, ("ida.saw", "kit.saw")),
            fostering=_nth("ssw", number * 5, SUPERVISORS, ("bay.ssw",)),
            iro=_nth("iro", number * 3, REVIEWERS, ("oda.iro", "per.iro")),
            leaves=self.left.get(worker),
        )


def _nth(post: str, number: int, more: int, first: Sequence[str]) -> str:
    place = number % (more + len(first))
    return first[place] if place < len(first) else f"{FIRST[place].lower()}.{post}"


def open_offices(session: Session, *, children: int, since: date, today: date, now: datetime) -> Offices:
    """Make everybody known, with their roles since a London date, and who is away today."""
    posts, workers = _posts(round(children / CASES_OF_A_WORKER))
    ids = engage_posts(session, posts, since=since, now=now)
    left: dict[str, tuple[date, str | None]] = {}
    for place, (days, handed_over) in enumerate(LEFT):
        those = workers[MANAGERS[place]]
        if len(those) > 1:
            left[those[-1]] = (today - timedelta(days=days), those[0] if handed_over else None)
    offices = Offices(ids=ids, workers=workers, left=left)
    _away(session, offices, today=today, now=now)
    return offices


def close_accounts(session: Session, offices: Offices, now: datetime) -> None:
    """Who has left can no longer come in; what they did stays (reliability R23)."""
    for handle in offices.left:
        people.disable_person(session, who=handle, now=now)


def _posts(social_workers: int) -> tuple[list[Post], dict[str, list[str]]]:
    posts = [*STAFF, *MONEY_STAFF]
    there = {post.handle for post in posts}
    workers: dict[str, list[str]] = {manager: [] for manager in MANAGERS}
    for manager, team in zip(MANAGERS, TEAM_NAMES, strict=True):
        if manager not in there:
            name = f"{manager.split('.')[0].title()} {LAST[len(posts) % len(LAST)]}"
            posts.append(Post(manager, name, (Role.TEAM_MANAGER,), team=team))
    for number in range(max(social_workers, len(MANAGERS))):
        handle = f"{FIRST[number % len(FIRST)].lower()}{number // len(FIRST) or ''}.sw"
        post = _person(handle, number, Role.CHILDS_WORKER)
        posts.append(replace(post, working_days=_PATTERNS.get(number, "12345")))
        workers[MANAGERS[number % len(MANAGERS)]].append(handle)
    workers["rowan.tm"].insert(0, "sol.sw")
    workers["imara.tm"].insert(0, "nell.sw")
    for suffix, more, first, role in (
        ("saw", ASSESSORS, 2, Role.ASSESSMENT_WORKER),
        ("ssw", SUPERVISORS, 1, Role.SUPERVISING_WORKER),
        ("iro", REVIEWERS, 2, Role.IRO),
    ):
        for number in range(first, first + more):
            handle = f"{FIRST[number].lower()}.{suffix}"
            if handle not in there:
                posts.append(_person(handle, number + more, role))
    return posts, workers


def _person(handle: str, number: int, role: Role) -> Post:
    first = "".join(c for c in handle.split(".", maxsplit=1)[0] if c.isalpha()).title()
    return Post(handle, f"{first} {LAST[(number * 5 + len(handle)) % len(LAST)]}", (role,))


def _away(session: Session, offices: Offices, *, today: date, now: datetime) -> None:
    """Two people are away today and one was in the spring; a colleague stands in for each (C12)."""
    first, second = (offices.workers[manager] for manager in MANAGERS[:2])
    for absent, covering, begins, ends, why in (
        (first[0], first[1 % len(first)], -4, 10, "annual leave"),
        (second[0], second[1 % len(second)], -20, 40, "parental leave"),
        (MANAGERS[2], MANAGERS[3], -150, -138, "annual leave"),
    ):
        if absent == covering:
            continue
        people.add_cover(
            session,
            absent=people.find_person(session, absent),
            covering=people.find_person(session, covering),
            from_on=today + timedelta(days=begins),
            until_on=today + timedelta(days=ends),
            reason=why,
            recorded_by=offices.ids["amy.administrator"],
            now=now,
        )
