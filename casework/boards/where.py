"""Where every child is: by state and colour, with how long they have been there; by team and by worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, case, exists, func, select, union_all
from sqlalchemy.orm import Session

from casework.boards.narrowing import AGES, NONE, WORKERS, Wanted, late, on_day
from casework.who.access import kept_from, reads_journey, visible
from persistence.tables import Allocation, Case, Deadline, Person, Team
from states.stages import S
from states.vocabulary import Role

#: How many children a lane of the board shows by name, the longest there first.
SHOWN = 5
#: On the pathway and after it; those to whom it does not apply come last. Closed ones are nowhere on it.
ON_THE_PATHWAY = tuple(state for state in S if state not in (S.ENDED, S.NOT_APPLICABLE))
PLACES = (*ON_THE_PATHWAY, S.NOT_APPLICABLE)


@dataclass(slots=True)
class Sum:
    """So many children: of them late, by colour, by age; and since when the longest is where it is."""

    children: int = 0
    late: int = 0
    colours: Counter[str] = field(default_factory=Counter)
    ages: Counter[str] = field(default_factory=Counter)
    longest: date | None = None

    def add(self, row: Any) -> None:
        """A group of children more: of one state, colour and team."""
        self.children += row.number
        self.late += row.late
        if row.rated:
            self.colours[row.colour or NONE] += row.rated
        at_least = [row.number, *(getattr(row, f"from_{age.name}") for age in AGES[1:]), 0]
        for age, (so_long, longer) in zip(AGES, pairwise(at_least), strict=True):
            if so_long > longer:
                self.ages[age.name] += so_long - longer
        self.longest = min(filter(None, (self.longest, row.longest)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A child in a lane of the board."""

    ref: str
    colour: str | None
    since: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One state: its children in figures, and those who have been there longest."""

    state: str
    words: str
    on_the_pathway: bool
    sum: Sum
    oldest: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTeam:
    """A team's children. `id` is `none` for those whom no team has yet."""

    id: str
    name: str
    sum: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWorker:
    """The children on whom somebody holds a post, by post; and how many of them have a late date of that post."""

    id: str
    name: str
    posts: dict[str, int]
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where every child is whom the asker may open and asked for."""

    sum: Sum
    lanes: tuple[Lane, ...]
    teams: tuple[OfTeam, ...]
    workers: tuple[OfWorker, ...]
    colours: tuple[str, ...]  # those there are, `none` last


def where_everyone_is(session: Session, *, by: str, today: date, wanted: Wanted) -> Board:
    """The board on a London date: nine questions at most, however many children there are."""
    sees = [visible(session, by, today), *wanted.conditions(today)]
    shown = reads_journey(session, by, today)
    # One pass in the order of an index: whoever reads no colour of a child counts it, under no colour.
    group = (Case.state, Case.colour, Case.team_id)
    query = (
        select(
            *group,
            func.count().label("number"),
            func.count().filter(shown).label("rated"),
            func.count().filter(Case.next_due < today).label("late"),
            func.min(Case.state_since).label("longest"),
            *(
                func.count().filter(Case.state_since <= today - timedelta(days=age.from_days)).label(f"from_{age.name}")
                for age in AGES[1:]
            ),
        )
        .where(*sees)
        .group_by(*group)
    )
    everyone, by_state, by_team = Sum(), {state.name: Sum() for state in PLACES}, dict[str, Sum]()
    for row in session.execute(query):
        everyone.add(row)
        by_state.setdefault(row.state, Sum()).add(row)
        by_team.setdefault(row.team_id or NONE, Sum()).add(row)
    there = [state for state, found in by_state.items() if found.children]
    others = _others(session, by, today, wanted)
    oldest = _oldest(session, sees, shown, there, today)
    names: dict[str, str] = dict(session.execute(select(Team.id, Team.name)).all())
    names[NONE] = "No team yet"
    return Board(
        sum=everyone,
        lanes=tuple(
            Lane(
                state=state,
                words=S[state].words,
                on_the_pathway=S[state] in ON_THE_PATHWAY,
                sum=found,
                oldest=tuple(oldest.get(state, ())),
            )
            for state, found in by_state.items()
        ),
        teams=tuple(
            OfTeam(id=team, name=names[team], sum=by_team[team])
            for team in sorted(by_team, key=lambda one: (one == NONE, names[one]))
        ),
        workers=tuple(_workers(session, sees, others, today)),
        colours=tuple(sorted(everyone.colours, key=_readiest_first)),
    )


def _readiest_first(colour: str) -> tuple[bool, int]:
    order = ("GREEN", "YELLOW", "AMBER", "RED")
    return colour == NONE, order.index(colour) if colour in order else len(order)


def _oldest(
    session: Session, sees: Sequence[Any], shown: ColumnElement[bool], states: Iterable[str], today: date
) -> dict[str, list[Standing]]:
    """The few who have been longest in each state, in one question."""
    parts = [
        select(Case.ref, Case.state, case((shown, Case.colour)).label("colour"), Case.state_since)
        .where(*sees, Case.state == state)
        .order_by(Case.state_since, Case.id)
        .limit(SHOWN)
        .subquery()
        for state in states
    ]
    if not parts:
        return {}
    found: dict[str, list[Standing]] = {}
    for row in session.execute(union_all(*(select(part) for part in parts)).order_by("state_since", "ref")):
        days = (today - row.state_since).days
        one = Standing(ref=row.ref, colour=row.colour, since=row.state_since, days=days)
        found.setdefault(row.state, []).append(one)
    return found


def _others(session: Session, by: str, today: date, wanted: Wanted) -> CompoundSelect[int] | None:
    """The cases that are not on the board of whoever sees every child; None where it is quicker to say which are."""
    kept = kept_from(session, by, today)
    if kept is None or wanted != Wanted():
        return None
    return union_all(select(Case.id).where(Case.closed.is_(True)), *kept)


def _workers(
    session: Session, sees: Sequence[ColumnElement[bool]], others: CompoundSelect[int] | None, today: date
) -> list[OfWorker]:
    of_workers = [role.value for role in WORKERS]
    posts = (Allocation.role.in_(of_workers), on_day(today))
    whose = (Allocation.person_id, Allocation.role)
    numbers = select(*whose, func.count()).where(*posts).group_by(*whose)
    of_those = Allocation.case_id.in_(select(Case.id).where(*sees)) if others is None else None
    held: dict[tuple[str, str], int] = {}
    if of_those is not None:
        held = {(person, role): number for person, role, number in session.execute(numbers.where(of_those))}
    else:
        assert others is not None
        held = _all_held(session, today)
        for person, role, number in session.execute(numbers.where(Allocation.case_id.in_(others))):
            held[person, role] -= number
        of_those = Allocation.case_id.not_in(others)
    # The few that are late first: PostgreSQL would sort every allocation there is.
    late_of_post = select(Deadline.case_id, Deadline.owner).where(Deadline.owner.in_(of_workers), late(today))
    late_ones = late_of_post.distinct().subquery()
    late_here = (
        select(*whose, func.count(Allocation.case_id.distinct()))
        .join(late_ones, and_(late_ones.c.case_id == Allocation.case_id, late_ones.c.owner == Allocation.role))
        .where(*posts, of_those)
        .group_by(*whose)
    )
    late_by: Counter[str] = Counter()
    for person, _, number in session.execute(late_here):
        late_by[person] += number
    by_post: dict[str, dict[str, int]] = {}
    for (person, role), number in held.items():
        if number:
            by_post.setdefault(person, {})[role] = number
    people = select(Person.id, Person.name).where(Person.id.in_(by_post)).order_by(Person.name, Person.id)
    return [
        OfWorker(id=one, name=name, posts=by_post[one], late=late_by[one]) for one, name in session.execute(people)
    ]


def _all_held(session: Session, today: date) -> dict[tuple[str, str], int]:
    """How often each person holds each worker's post, whichever case it is on: counted within an index."""

    def so_many(role: Role, until: ColumnElement[bool]) -> ColumnElement[int]:
        theirs = (Allocation.person_id == Person.id, Allocation.role == role.value, Allocation.from_on <= today)
        return select(func.count()).select_from(Allocation).where(*theirs, until).correlate(Person).scalar_subquery()

    numbers = [
        so_many(role, Allocation.until_on.is_(None)) + so_many(role, Allocation.until_on > today) for role in WORKERS
    ]
    return {
        (person, role.value): number
        for person, *counted in session.execute(select(Person.id, *numbers))
        for role, number in zip(WORKERS, counted, strict=True)
    }


def teams_and_workers(session: Session, *, by: str, today: date) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(id, name) of the teams and of the workers of the children whom somebody may open: to choose from."""
    sees = and_(visible(session, by, today), Case.closed.is_(False))
    of_team = exists().where(Case.team_id == Team.id, sees).correlate(Team)
    held = (
        select(Allocation.id)
        .join(Case, Case.id == Allocation.case_id)
        .where(Allocation.person_id == Person.id, Allocation.role.in_([r.value for r in WORKERS]), on_day(today), sees)
        .correlate(Person)
    )
    # Looked for until the first: of EXISTS, PostgreSQL makes a join of both whole tables.
    one_of_theirs = held.limit(1).scalar_subquery().is_not(None)
    teams = select(Team.id, Team.name).where(of_team).order_by(Team.name)
    workers = select(Person.id, Person.name).where(one_of_theirs).order_by(Person.name)
    return (
        [(one, name) for one, name in session.execute(teams)],
        [(one, name) for one, name in session.execute(workers)],
    )
