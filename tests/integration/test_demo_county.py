"""The invented county: a history that holds, of acts done in office hours, with nights that looked at everyone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.county import multiply
from casework import policies
from casework.drift.as_of import AsOf
from casework.drift.rules import RULES
from casework.funding import means
from casework.settings import Settings
from casework.units import Office, open_office, prepare_database
from demo.county import NIGHTS, County, build_county
from demo.live import acts_of, do_the_morning
from demo.run import POLICY, policy_text, say_last_night
from persistence.tables import (
    AgendaItem,
    Case,
    Child,
    Confirmation,
    Event,
    Finding,
    FollowUp,
    FundingRequest,
    FundingSignature,
    Meeting,
    Milestone,
    Outbox,
    Person,
    Record,
    Run,
    SiblingLink,
)
from persistence.verification import verify
from states.calendar import Calendar, london_date
from states.funding_stages import SIGNED, UNDER_DECISION
from states.records.funding import FundingKind, MeansTestDone
from states.stages import S
from tests.integration.test_projection import told_again
from tests.same_rows import labelled
from tests.world import World

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = london_date(NOW)
CHILDREN = 110


@contextmanager
def a_county(
    home: Path, *, children: int = CHILDREN, seed: int = 5, url: str | None = None
) -> Iterator[tuple[Office, County]]:
    home.mkdir()
    settings = Settings(home=home) if url is None else Settings(home=home, database_url=url)
    prepare_database(settings)
    with open_office(settings) as office:
        yield (
            office,
            build_county(office, policy_text(), policy_name=POLICY, now=NOW, children=children, seed=seed),
        )


#: What is built once is one process's.
@pytest.fixture(scope="module", params=[pytest.param(None, marks=pytest.mark.xdist_group("county"), id="built once")])
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, County]]:
    with a_county(tmp_path_factory.mktemp("county") / "home") as there:
        yield there


@pytest.fixture
def session(built: tuple[Office, County]) -> Iterator[Session]:
    with built[0].reading() as session:
        yield session


def test_its_history_is_as_it_was_written(session: Session) -> None:
    proof = verify(session)
    assert proof.ok, proof.problems
    assert proof.cases >= CHILDREN
    assert proof.events > 15 * CHILDREN


def test_nobody_acts_when_the_office_is_closed(session: Session) -> None:
    calendar = Calendar()
    days = session.execute(select(Event.trigger, Event.happened_on).distinct()).all()
    assert [one for one in days if not calendar.is_working_day(one.happened_on)] == []
    held = session.execute(select(Meeting.body, Meeting.held_on).distinct()).all()
    assert [one for one in held if not calendar.is_working_day(one.held_on)] == []
    reviews = session.scalars(select(Child.next_review_on).where(Child.next_review_on.is_not(None))).all()
    assert [day for day in reviews if day is not None and not calendar.is_working_day(day)] == []


def test_its_history_told_again_leaves_the_same_rows(built: tuple[Office, County]) -> None:
    office, there = built
    world = World(office, dict(there.staff))
    for state, refs in there.cases.items():
        for ref in (refs[0], refs[-1]):
            before, after = told_again(world, ref, TODAY)
            assert after == before, (state, ref)


def test_nobody_is_on_the_way_before_they_are_looked_after(session: Session) -> None:
    joined = select(Child.council_id).join(Event, Event.case_id == Child.case_id).where(Event.seq == 1)
    assert session.scalars(joined.where(Event.happened_on < Child.looked_after_since)).all() == []


def test_every_stage_has_a_child_in_it(built: tuple[Office, County], session: Session) -> None:
    _, there = built
    stands = dict(session.execute(select(Case.ref, Case.state)).all())
    assert set(there.cases) == set(S)
    for state, refs in there.cases.items():
        assert {stands[ref] for ref in refs} <= {state.name}, state


def test_the_next_meeting_has_children_on_its_agenda_and_no_past_one_waits_for_outcomes(session: Session) -> None:
    listed = select(Meeting.held_on).join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
    days = session.scalars(listed.where(AgendaItem.status == "listed")).all()
    assert days
    assert min(days) > TODAY
    assert session.scalar(select(func.count()).where(Meeting.held_on < TODAY, Meeting.body == "Review Group"))


def test_each_of_the_last_nights_looked_at_everybody(built: tuple[Office, County], session: Session) -> None:
    _, there = built
    assert [(one.examined, one.skipped) for one in there.nights] == [(one.expected, 0) for one in there.nights]
    assert len(there.nights) == NIGHTS == session.scalar(select(func.count()).where(Run.flow == "overnight"))
    assert there.nights[-1].business_date == TODAY
    open_cases = session.scalar(select(func.count()).where(Case.closed.is_(False), Case.child_case_id.is_(None)))
    assert there.nights[-1].expected == open_cases
    found = session.scalars(select(Finding.rule).where(Finding.cleared_on.is_(None))).all()
    assert len(set(found)) >= 3
    assert session.scalar(select(func.count()).where(Finding.first_found_on > there.nights[0].business_date))


def test_money_is_asked_for_and_signed_and_some_of_it_waits(session: Session) -> None:
    asked = session.execute(
        select(FundingRequest.kind, Case.state).join(Case, Case.id == FundingRequest.case_id)
    ).all()
    assert len({one.kind for one in asked}) >= 3
    states = {one.state for one in asked}
    assert states & {state.name for state in SIGNED}
    assert states & {state.name for state in UNDER_DECISION}
    assert session.scalar(select(func.count()).select_from(FundingSignature))
    money = select(Finding.rule).where(Finding.rule.in_(("D-12", "D-14", "D-39")), Finding.cleared_on.is_(None))
    assert set(session.scalars(money))


def test_every_means_test_is_kept_with_its_steps_and_comes_to_what_is_asked(session: Session) -> None:
    query = select(FundingRequest.kind, FundingRequest.asked_pence, Record.data).join(
        Record, Record.case_id == FundingRequest.case_id
    )
    tested = session.execute(query.where(Record.kind == MeansTestDone.kind)).all()
    assert tested
    for kind, asked, record in tested:
        award = means.kept(session, record["sheet"]).result.children[0]
        assert record["weekly_award"] == str(award.weekly)
        if kind == FundingKind.STANDARD_ALLOWANCE:
            assert award.weekly * 100 == asked


def test_its_past_sent_nothing_and_ran_nothing(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 0
    said = session.scalars(select(Outbox.occasion)).all()
    assert said
    assert {occasion.split(":")[0] for occasion in said} <= {"rung", "digest", "finding", "night"}


def test_dates_have_moved_for_reasons_and_people_have_come_and_gone(session: Session) -> None:
    assert session.scalar(select(func.count()).where(Milestone.slip_reason.is_not(None)))
    assert session.scalar(select(func.count()).where(Milestone.forecast_on > Milestone.baseline_on))
    assert session.scalar(select(func.count()).select_from(SiblingLink))
    assert session.scalar(select(func.count()).where(Person.enabled.is_(False)))
    heard = select(AgendaItem.case_id).group_by(AgendaItem.case_id).having(func.count() > 2).subquery()
    assert session.scalar(select(func.count()).select_from(heard))
    assert session.scalar(select(func.count()).where(Confirmation.status == "confirmed"))


def test_the_first_words_say_what_last_night_found(built: tuple[Office, County]) -> None:
    office, there = built
    said: list[str] = []
    say_last_night(office, there, today=TODAY, say=said.append)
    night = there.nights[-1]
    assert said[0].startswith(f"Last night looked at {night.examined} of {night.expected} open cases. ")
    assert "need somebody today" in said[0]
    assert len(said) > 2
    assert not any("D-0" in line for line in said)


@pytest.mark.postgres
def test_the_same_seed_builds_the_same_rows_on_either_database(tmp_path: Path, postgres_url: str) -> None:
    rows = []
    for name, url in (("sqlite", None), ("postgresql", postgres_url)):
        with a_county(tmp_path / name, children=36, seed=9, url=url) as (office, _), office.reading() as session:
            rows.append(labelled(session))
            assert verify(session).ok
    assert rows[0] == rows[1]


def test_a_morning_of_ten_acts_goes_through(tmp_path: Path) -> None:
    with a_county(tmp_path / "home") as (office, there):
        done = list(do_the_morning(office, there, today=TODAY, clock=lambda: NOW))
        assert [one.act.trigger for one in done] == [act.trigger for act in acts_of(TODAY, there)]
        with office.reading() as session:
            assert verify(session).ok


def test_a_county_multiplied_row_by_row_has_chains_that_hold(tmp_path: Path) -> None:
    with a_county(tmp_path / "home", children=36) as (office, there):
        before = sum(map(len, there.cases.values()))
        assert multiply(office, 150) == 150 - before
        with office.reading() as session:
            proof = verify(session)
            children = select(Case.ref, Case.id).where(Case.child_case_id.is_(None))
            refs = session.execute(children.order_by(Case.id)).all()
            asked = session.scalar(select(func.count()).where(Case.child_case_id.is_not(None))) or 0
        assert proof.ok, proof.problems
        assert proof.cases - asked == 150 == len({one.ref for one in refs})
        world = World(office, dict(there.staff))
        for one in refs[-3:]:
            was, again = told_again(world, one.ref, TODAY)
            assert again == was, one.ref


def test_most_children_have_been_visited_and_some_not_in_time(session: Session) -> None:
    """D-19 is off in the county as in an office; where it is switched on it has something to find (rules R-LAC-4)."""
    policy = policies.in_force(session, TODAY).policy
    night = AsOf(day=TODAY, today=TODAY, policy=policy, calendar=Calendar.of(policy))
    every = {"first_case": 1, "last_case": 10**6}
    late = session.execute(RULES["D-19"].find(night), every).all()
    unknown = session.execute(RULES["D-19"].missing(night), every).all()
    looked_after = session.scalar(select(func.count()).where(Child.looked_after_ended_on.is_(None)))
    assert 0 < len(late) < looked_after / 5
    assert len(unknown) < looked_after / 5
