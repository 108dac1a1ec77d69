"""History that is brought in many acts at once: judged and written as acts that are done one by one (design 5.1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework import policies
from casework.acting import acts
from casework.acting.chronicle import Chronicle
from casework.acting.commands import Actor, Command
from casework.acting.preparing import new_posts
from casework.errors import Refused
from casework.settings import Settings
from casework.units import Office, open_office, prepare_database
from casework.who.access import powers
from demo.calendar import at_noon
from demo.caseload import TEAM_NAMES, TEAMS, set_up, walk
from demo.papers import paper
from demo.routes import ROUTES, Step, plan
from demo.run import POLICY, policy_text
from persistence.verification import verify
from states.calendar import Calendar
from states.stages import S
from states.vocabulary import RANKS
from tests.same_rows import labelled

TODAY = date(2026, 3, 10)


@contextmanager
def an_office(home: Path) -> Iterator[tuple[Office, dict[str, str], dict[date, str]]]:
    home.mkdir()
    settings = Settings(home=home)
    prepare_database(settings)
    with open_office(settings) as office:
        staff, meetings = set_up(office, policy_text(), policy_name=POLICY, today=TODAY)
        yield office, staff, meetings


def steps_to(state: S, number: int, office: Office, meetings: dict[date, str]) -> list[Step]:
    with office.reading() as session:
        calendar = Calendar.of(policies.in_force(session, TODAY).policy)
    team = TEAMS[number % len(TEAMS)]
    child: dict[str, Any] = {
        "council_id": str(1000 + number),
        "date_of_birth": TODAY - timedelta(days=3000),
        "team": TEAM_NAMES[team.manager],
    }
    return plan(state, reached_by=TODAY, team=team, meetings=sorted(meetings), calendar=calendar, child=child)


@pytest.mark.one_database
def test_whoever_signs_in_the_demo_may_sign_on_its_first_day(tmp_path: Path) -> None:
    """Posts were given long ago: one given within a day signs no money (reliability C13)."""
    with an_office(tmp_path / "home") as (office, staff, _), office.reading() as session:
        policy = policies.in_force(session, TODAY).policy
        opens = datetime(TODAY.year, TODAY.month, TODAY.day, 8, tzinfo=UTC)
        for who in ("hana.hos", "abel.ad", "dara.director"):
            there = powers(session, staff[who], None, TODAY)
            assert there.roles & set(RANKS), who
            assert new_posts(session, there, policy, opens) == frozenset(), who


def one_by_one(office: Office, steps: list[Step], staff: dict[str, str], meetings: dict[date, str]) -> str:
    """The same steps, each as an act of its own in a unit of its own."""
    ref, last = None, ""
    for step in steps:
        differs = dict(step.differs)
        if step.meeting is not None:
            differs["meeting"] = meetings[step.meeting]
        if step.trigger == "confirm_decision":
            differs["event"] = last
        with office.unit_of_work() as session:
            result = acts.act(
                session,
                Command(
                    ref=ref,
                    trigger=step.trigger,
                    happened_on=step.on,
                    record=paper(step.trigger, on=step.on, **differs),
                    decided_by=step.decided_by,
                    quiet=True,
                ),
                by=Actor(person_id=staff[step.who], channel="demo"),
                now=at_noon(step.on),
            )
        ref, last = result.ref, result.event
    assert ref is not None
    return ref


def test_a_history_brought_in_at_once_leaves_the_rows_that_its_acts_leave_one_by_one(tmp_path: Path) -> None:
    with (
        an_office(tmp_path / "at once") as (at_once, staff, meetings),
        an_office(tmp_path / "alone") as (alone, their_staff, their_meetings),
    ):
        with at_once.unit_of_work() as session:
            chronicle = Chronicle(session)
            for number, state in enumerate(ROUTES):
                walk(chronicle, steps_to(state, number, at_once, meetings), staff=staff, meetings=meetings)
        for number, state in enumerate(ROUTES):
            one_by_one(alone, steps_to(state, number, alone, their_meetings), their_staff, their_meetings)
        with at_once.reading() as session:
            brought_in, proof = labelled(session), verify(session)
        with alone.reading() as session:
            acted = labelled(session)
    assert proof.ok, proof.problems
    assert len(brought_in["event"]) > 300
    for table, rows in acted.items():
        assert brought_in[table] == rows, table


def test_what_a_rule_refuses_it_refuses_in_the_past_too(tmp_path: Path) -> None:
    with an_office(tmp_path / "home") as (office, staff, meetings), office.unit_of_work() as session:
        steps = steps_to(S.RATED, 1, office, meetings)
        told = steps[:1]
        story = Chronicle(session).child()
        for step in told:
            story.act(
                Command(
                    trigger=step.trigger, happened_on=step.on, record=paper(step.trigger, on=step.on, **step.differs)
                ),
                by=Actor(person_id=staff[step.who]),
                now=at_noon(step.on),
            )
        with pytest.raises(Refused) as refused:
            story.act(
                Command(trigger="rate", happened_on=steps[-1].on, record=paper("rate", on=steps[-1].on)),
                by=Actor(person_id=staff["tam.sgo"]),  # sees every child, and is no manager
                now=at_noon(steps[-1].on),
            )
        assert refused.value.reasons
        session.rollback()
