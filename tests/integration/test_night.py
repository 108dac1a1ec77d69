"""The night looks at every open case once a date, and can prove it: on both databases (reliability R13, R14)."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from casework import policies
from casework.acting import opening
from casework.drift.rules import in_use
from casework.errors import Conflict, Unusable
from casework.following import leases
from casework.following.ledger import RunState, runs
from casework.overnight import night_log
from casework.overnight.night import nights_due, run_due_nights, run_night, watermark
from casework.overnight.night_check import Check
from casework.settings import Settings
from casework.units import open_office
from demo.papers import paper
from demo.staff import STAFF
from persistence.tables import (
    Case,
    ErrorDetail,
    Event,
    Finding,
    Lease,
    Night,
    NightSkip,
    Outbox,
    Run,
    Rung,
    new_id,
)
from states.policy import Policy
from tests.nights import at_night, left, standing, the_night
from tests.world import POLICY, START, TEAM, World, a_world, leicestershire, noon

DAY = timedelta(days=1)
#: The children of `world` join on Monday 6 January 2025; the first rating is due on Monday 3 February.
DUE = date(2025, 2, 3)
LATE = date(2025, 2, 4)


@pytest.fixture
def empty(database_url, tmp_path) -> Iterator[World]:
    with a_world(database_url, tmp_path / "home") as world:
        yield world


@pytest.fixture
def world(empty) -> World:
    """Five children who wait for their first rating."""
    records = [paper("open_case", on=START, council_id=f"N{number}", team=TEAM) for number in range(5)]
    with empty.office.unit_of_work() as session:
        opening.open_many(session, records, bulk_id=new_id(), by=empty.actor("rowan.tm"), now=noon(START))
    return empty


def refs(world: World) -> list[str]:
    with world.office.reading() as session:
        return list(session.scalars(select(Case.ref).order_by(Case.id)))


def lines(world: World, flow: str = "overnight") -> list[tuple[str, str]]:
    """(date, state) of the ledger's lines, oldest first."""
    with world.office.reading() as session:
        found = runs(session, flow=flow, limit=1000)
    return [(str(line.business_date), line.state) for line in reversed(found)]


# -- every case, once ---------------------------------------------------------------------------------------


def test_every_open_case_is_looked_at_and_the_numbers_add_up(world):
    report = the_night(world, LATE)
    assert (report.expected, report.examined, report.skipped) == (5, 5, 0)
    assert report.findings.keys() == {rule.id for rule in in_use(leicestershire())}
    assert {rule: number for rule, number in report.findings.items() if number} == {"D-01": 5}
    assert (report.new, report.cleared, report.replay) == (5, 0, False)
    with world.office.reading() as session:
        row = session.get_one(Night, LATE)
    assert (row.status, row.expected, row.examined, row.skipped) == ("done", 5, 5, 0)
    assert row.policy_sha256 == leicestershire().sha256()


def test_a_closed_case_is_not_expected(world):
    world.do("end", LATE, "rowan.tm", ref=refs(world)[0])
    report = the_night(world, LATE)
    assert (report.expected, report.examined) == (4, 4)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1000])
def test_the_size_of_the_chunks_makes_no_difference(world, chunk):
    report = the_night(world, LATE, chunk=chunk)
    assert (report.expected, report.examined, report.findings["D-01"], report.new) == (5, 5, 5, 5)


def test_a_case_opened_or_closed_while_the_night_runs_disturbs_nothing(world, monkeypatch):
    """The list is made first: a child who joins meanwhile is for the next night, one who leaves was examined."""
    whole, once = Check._chunk, []

    def chunk(check, ids):
        if not once:
            once.append(True)
            world.open_child(LATE)
            world.do("end", LATE, "rowan.tm", ref=refs(world)[3])
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    report = the_night(world, LATE, chunk=2)
    assert (report.expected, report.examined, report.skipped) == (5, 5, 0)
    assert refs(world)[3] not in [line.ref for line in standing(world, on=LATE)]


def test_the_report_has_the_keys_that_scripts_depend_on(world):
    report = the_night(world, LATE).as_json()
    assert {
        "business_date", "replay", "expected", "examined", "skipped", "findings", "new", "cleared",
        "escalated", "digests", "seconds",
    } <= report.keys()  # fmt: skip
    # everybody but the system administrator and the operator, who have no children to do with
    assert (report["business_date"], report["escalated"], report["digests"]) == ("2025-02-04", 0, len(STAFF) - 2)


def test_an_installation_without_children_has_its_nights_too(empty):
    report = the_night(empty, LATE)
    assert (report.expected, report.examined, report.new) == (0, 0, 0)


def test_the_policy_says_which_rules_are_not_asked(world):
    changed = leicestershire()
    changed = changed.model_copy(update={"night": changed.night.model_copy(update={"off": ("D-01",)})})
    the_night(world, LATE)
    adopt(world, changed, LATE + DAY)
    report = the_night(world, LATE + DAY)
    assert "D-01" not in report.findings
    assert report.cleared == 5  # what nobody asks any more does not stand for ever


def adopt(world: World, policy: Policy, from_on: date) -> None:
    with world.office.unit_of_work() as session:
        policies.adopt(session, policy, file_name=POLICY.name, from_on=from_on, by=None, now=noon(from_on))


# -- findings -----------------------------------------------------------------------------------------------


def test_the_same_night_again_changes_nothing(world):
    the_night(world, LATE)
    before = left(world)
    again = the_night(world, LATE, now=at_night(LATE, 9))
    assert (again.expected, again.examined, again.skipped, again.findings["D-01"]) == (5, 5, 0, 5)
    assert (again.new, again.cleared, again.before) == (0, 0, True)
    assert left(world) == before
    assert lines(world) == [("2025-02-04", "completed")]


def test_the_next_night_finds_the_same_lapses_and_makes_no_new_ones(world):
    the_night(world, LATE)
    report = the_night(world, LATE + DAY)
    assert (report.findings["D-01"], report.new, report.cleared) == (5, 0, 0)
    found = standing(world, on=LATE + DAY)
    assert {(f.since, f.first_found_on, f.last_found_on) for f in found} == {(DUE, LATE, LATE + DAY)}


def test_a_finding_is_cleared_when_its_condition_ends(world):
    the_night(world, LATE)
    ref = refs(world)[0]
    world.do("rate", LATE, "rowan.tm", ref=ref)
    report = the_night(world, LATE + DAY)
    assert (report.findings["D-01"], report.new, report.cleared) == (4, 0, 1)
    (cleared,) = standing(world, on=LATE + DAY, ref=ref, include_cleared=True)
    assert (cleared.cleared_on, cleared.last_found_on) == (LATE + DAY, LATE)


def test_a_lapse_that_comes_back_is_the_same_finding(world):
    ref = refs(world)[0]
    the_night(world, LATE)
    world.do("rate", LATE, "rowan.tm", ref=ref)
    the_night(world, LATE + DAY)
    world.do("reverse_last", LATE + DAY, "rowan.tm", ref=ref)
    assert the_night(world, LATE + 2 * DAY).findings["D-01"] == 5
    (again,) = standing(world, on=LATE + 2 * DAY, ref=ref, include_cleared=True)
    assert (again.first_found_on, again.last_found_on, again.cleared_on) == (LATE, LATE + 2 * DAY, None)


def test_another_date_that_is_missed_is_another_finding(world):
    ref = refs(world)[0]
    the_night(world, LATE)
    with world.office.reading() as session:
        opened = session.scalar(select(Event.id).join(Case, Case.id == Event.case_id).where(Case.ref == ref))
    # In scope a week later in truth: due on Monday 10 February.
    world.do("correct", LATE, "rowan.tm", ref=ref, event=opened, changes="eligible_on=2025-01-13")
    the_night(world, LATE + DAY)
    assert standing(world, on=LATE, ref=ref) == []
    the_night(world, date(2025, 2, 11))
    found = standing(world, on=LATE, ref=ref, rule="D-01", include_cleared=True)
    assert [(f.since, f.cleared_on) for f in found] == [(DUE, LATE + DAY), (date(2025, 2, 10), None)]


def test_what_was_found_in_a_case_that_is_closed_now_does_not_stand(world):
    the_night(world, LATE)
    world.do("end", LATE, "rowan.tm", ref=refs(world)[0])
    report = the_night(world, LATE + DAY)
    assert (report.expected, report.findings["D-01"], report.cleared) == (4, 4, 1)


def test_another_child_makes_no_difference_to_what_is_found_in_a_child(world):
    the_night(world, LATE)
    before = [(f.ref, f.rule, f.since) for f in standing(world, on=LATE)]
    world.child_at("TRAJECTORY")
    the_night(world, LATE + DAY)
    theirs = [(f.ref, f.rule, f.since) for f in standing(world, on=LATE)]
    assert [one for one in theirs if one in before] == before


def test_in_which_order_the_children_joined_makes_no_difference(database_url, tmp_path):
    """Three children, each late in their own way, opened in two orders in one database: the same findings."""
    wants = {"a": START, "b": START + DAY, "c": START + 2 * DAY}
    with a_world(database_url, tmp_path / "home") as world:
        found = []
        for order in ("abc", "cab"):
            made = {name: world.open_child(wants[name]) for name in order}
            the_night(world, date(2025, 2, 10) + len(found) * DAY)
            seen = standing(world, on=date(2025, 2, 12))
            found.append([[(f.rule, f.since) for f in seen if f.ref == made[name]] for name in "abc"])
    assert found[0] == found[1]
    assert any(found[0])


def test_people_see_the_findings_of_the_children_they_may_open(world):
    ref, other = refs(world)[:2]
    for child in (ref, other):
        role = "child's social worker"
        world.do("allocate", START, "rowan.tm", ref=child, role=role, person="sol.sw")
    world.do(
        "restrict", LATE, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}, {"person": "hana.hos"}]
    )
    the_night(world, LATE)
    assert len(standing(world, "tam.sgo", on=LATE)) == 4
    assert ref not in [line.ref for line in standing(world, "tam.sgo", on=LATE)]
    assert len(standing(world, "rowan.tm", on=LATE)) == 5
    assert [f.ref for f in standing(world, "imara.tm", on=LATE)] == []  # another team's manager
    assert [f.ref for f in standing(world, "sol.sw", on=LATE)] == [other]  # the worker of one of them
    assert standing(world, "amy.administrator", on=LATE) == []
    assert [f.ref for f in standing(world, "tam.sgo", on=LATE, ref=other)] == [other]


def test_urgent_findings_come_first_and_say_whose_they_are(world):
    from tests.integration.test_night_rules import defer

    ref = world.child_at("REVIEW_GROUP")
    defer(world, ref, return_on=date(2025, 2, 20))
    the_night(world, date(2025, 2, 21))
    first = standing(world, on=date(2025, 2, 21))[0]
    assert (first.ref, first.rule, first.severity) == (ref, "D-04", "urgent")
    assert first.owners == ("group administrator", "Team Manager")


def test_what_was_late_before_the_authority_went_live_is_inherited(world):
    """Adopted on 6 January 2025: what was due before is brought along (PR-4)."""
    world.child_at("RATED", start=date(2024, 5, 6))  # rated on 9 May 2024, refresh due on 9 November
    the_night(world, LATE)
    found = {f.rule: f.inherited for f in standing(world, on=LATE)}
    assert (found["D-02"], found["D-01"]) == (True, False)


# -- ladders --------------------------------------------------------------------------------------------------


def test_the_night_climbs_the_ladders_of_deadlines_once(world):
    """NT-02 ten working days before 3 February 2025: on Monday 20 January, to the Team Manager."""
    assert the_night(world, date(2025, 1, 17)).rungs == 0
    report = the_night(world, date(2025, 1, 20))
    assert (report.rungs, report.notices) == (5, 5)
    the_night(world, date(2025, 1, 20))
    assert the_night(world, date(2025, 1, 21)).rungs == 0
    with world.office.reading() as session:
        mails = session.scalars(select(Outbox).where(Outbox.occasion.startswith("rung:"))).all()
    assert {(mail.recipient_id, mail.due_on, tuple(mail.notices)) for mail in mails} == {
        (world.ids["rowan.tm"], DUE, ("NT-02",))
    }


# -- replays --------------------------------------------------------------------------------------------------


def test_a_replay_stores_nothing_and_is_in_the_ledger_as_such(world):
    before = left(world)
    report = run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE, 12))
    assert (report.replay, report.expected, report.examined, report.findings["D-01"]) == (True, 5, 5, 5)
    assert (report.new, report.cleared, report.rungs, report.notices) == (0, 0, 0, 0)
    assert left(world) == before
    assert lines(world) == []
    assert lines(world, "overnight replay") == [("2025-02-04", "completed")]


def test_a_date_before_the_last_live_night_is_a_replay_whatever_is_asked(world):
    the_night(world, LATE + 10 * DAY)
    before = left(world)
    report = the_night(world, LATE, now=at_night(LATE + 10 * DAY, 12))
    assert report.replay
    assert report.findings["D-01"] == 5
    assert left(world) == before


def test_a_date_before_the_installation_is_a_replay(world):
    report = the_night(world, START - DAY, now=at_night(START, 12))
    assert (report.replay, report.expected) == (True, 0)


def test_a_replay_expects_the_cases_that_were_open_on_its_day(world):
    world.do("end", date(2025, 2, 10), "rowan.tm", ref=refs(world)[0])
    world.open_child(date(2025, 2, 12))
    today = at_night(date(2025, 2, 20))
    days = {LATE: 5, date(2025, 2, 10): 5, date(2025, 2, 11): 4, date(2025, 2, 12): 4, date(2025, 2, 13): 5}
    for day, expected in days.items():
        report = run_night(world.office, business_date=day, replay=True, now=today)
        assert (report.expected, report.examined) == (expected, expected)


def test_a_night_to_come_cannot_be_checked(world):
    with pytest.raises(Unusable, match="still to come"):
        run_night(world.office, business_date=LATE, replay=False, now=at_night(LATE - DAY, 23, 59))


# -- a case that fails ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
def test_a_case_that_cannot_be_checked_is_listed_and_stops_nobody(world, chunk):
    poisoned = refs(world)[2]
    report = the_night(world, LATE, crash_case=poisoned, chunk=chunk)
    assert (report.expected, report.examined, report.skipped) == (5, 4, 1)
    assert report.findings["D-01"] == 4
    (listed,) = report.not_checked
    assert listed.ref == poisoned
    with world.office.reading() as session:
        assert "a drill" in session.get_one(ErrorDetail, listed.error_ref).detail
        assert session.scalars(select(NightSkip.business_date)).all() == [LATE]
        row = session.get_one(Night, LATE)
    assert (row.status, row.expected, row.examined, row.skipped) == ("done", 5, 4, 1)
    # Asked again, the night says the same; the next night checks the case with the others.
    assert the_night(world, LATE).not_checked == report.not_checked
    assert the_night(world, LATE + DAY).examined == 5


def test_several_cases_that_fail_alike_are_listed_each_with_one_reference(world, monkeypatch):
    whole = Check._examine
    bad = set(refs(world)[1:4])
    with world.office.reading() as session:
        ids = set(session.scalars(select(Case.id).where(Case.ref.in_(bad))))

    def examine(check, session, some):
        if ids & set(some):
            raise ValueError("cannot be read")
        return whole(check, session, some)

    monkeypatch.setattr(Check, "_examine", examine)
    report = the_night(world, LATE)
    assert (report.expected, report.examined, report.skipped) == (5, 2, 3)
    assert {one.ref for one in report.not_checked} == bad
    assert len({one.error_ref for one in report.not_checked}) == 1


def test_what_was_found_in_a_case_that_is_not_checked_stays_as_it_was(world):
    the_night(world, LATE)
    ref = refs(world)[0]
    world.do("rate", LATE, "rowan.tm", ref=ref)
    report = the_night(world, LATE + DAY, crash_case=ref)
    assert report.cleared == 0
    assert [f.cleared_on for f in standing(world, on=LATE, ref=ref)] == [None]


def test_a_replay_lists_what_it_could_not_check_and_still_stores_nothing(world):
    before = left(world)
    report = run_night(
        world.office, business_date=LATE, replay=True, now=at_night(LATE, 12), crash_case=refs(world)[0]
    )
    assert (report.expected, report.examined, report.skipped) == (5, 4, 1)
    assert left(world) == before


def test_a_database_that_is_away_is_nobodys_fault_and_ends_the_night(world, monkeypatch):
    """A full disk must not be put down to five hundred children one after the other."""
    from sqlalchemy.exc import OperationalError

    def examine(check, session, some):
        raise OperationalError("select", {}, Exception("disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_examine", examine)
        with pytest.raises(OperationalError):
            the_night(world, LATE)
    with world.office.reading() as session:
        assert session.get_one(Night, LATE).status == "running"
        assert session.scalars(select(NightSkip.case_id)).all() == []
    assert lines(world) == [("2025-02-04", "failed")]
    assert the_night(world, LATE, now=at_night(LATE, 3)).examined == 5
    assert lines(world)[-1] == ("2025-02-04", "completed")


# -- one at a time, and taken over ------------------------------------------------------------------------------


def test_a_night_is_not_checked_by_two_at_once(world, monkeypatch):
    whole = Check._chunk
    refused = []

    def chunk(check, ids):
        for day in (LATE, LATE + DAY):  # neither this night nor another
            with pytest.raises(Conflict, match="Another process"):
                the_night(world, day, now=at_night(LATE + DAY, 2, 15) + timedelta(seconds=30))
            refused.append(day)
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    assert the_night(world, LATE, now=at_night(LATE + DAY)).examined == 5
    assert refused == [LATE, LATE + DAY]


def test_a_replay_waits_for_nobody(world, monkeypatch):
    whole, replayed = Check._chunk, []

    def chunk(check, ids):
        if not replayed:
            replayed.append(True)
            report = run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE))
            assert report.examined == 5
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    assert the_night(world, LATE).examined == 5


def test_whoever_was_taken_for_dead_writes_nothing_more(world, monkeypatch):
    """After the second chunk the lease is somebody else's: the runner stops before its third."""
    whole, chunks = Check._chunk, []

    def chunk(check, ids):
        chunks.append(ids)
        if len(chunks) == 3:
            with world.office.unit_of_work() as session:
                session.execute(update(Lease).values(owner="elsewhere:1:x"))
        return whole(check, ids)

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_chunk", chunk)
        with pytest.raises(night_log.Overtaken):
            the_night(world, LATE, chunk=1)
    with world.office.reading() as session:
        assert session.get_one(Night, LATE).status == "running"
        assert len(session.scalars(select(Finding.id)).all()) == 2
        assert session.scalars(select(Lease.owner)).all() == ["elsewhere:1:x"]


@pytest.mark.parametrize("chunks", [0, 2, 4])
def test_a_night_that_was_killed_is_taken_over_and_nothing_is_done_twice(world, chunks):
    url, home = world.office.settings.database_url, world.office.settings.home
    killed = subprocess.run(
        [sys.executable, "-m", "tests.killed_night", str(url), str(home), "2025-01-20",
         at_night(date(2025, 1, 20)).isoformat(), str(chunks)],
        check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr.decode()
    assert lines(world) == [("2025-01-20", "running")]
    with world.office.reading() as session:
        assert session.get_one(Night, date(2025, 1, 20)).examined == chunks
        assert len(session.scalars(select(Rung)).all()) == chunks

    # The process is gone and can be seen to be: nobody waits for its lease to run out.
    report = the_night(world, date(2025, 1, 20), now=at_night(date(2025, 1, 20)) + timedelta(seconds=5))
    assert (report.expected, report.examined) == (5, 5)
    assert lines(world) == [("2025-01-20", "crashed"), ("2025-01-20", "completed")]
    with world.office.reading() as session:
        assert len(session.scalars(select(Rung)).all()) == 5
        assert len(session.scalars(select(Outbox).where(Outbox.occasion.startswith("rung:"))).all()) == 5


def test_a_runner_that_cannot_be_seen_from_here_is_waited_for_until_its_lease_runs_out(world):
    now = at_night(LATE)
    assert leases.take(world.office, "overnight", owner="another-machine:7:x", now=now)
    with pytest.raises(Conflict):
        the_night(world, LATE, now=now + timedelta(seconds=39))
    assert the_night(world, LATE, now=now + timedelta(seconds=41)).examined == 5


# -- the proof that leaves the database ---------------------------------------------------------------------------


def test_each_night_seals_the_histories_and_writes_the_head_outside(world):
    the_night(world, LATE)
    the_night(world, LATE + DAY)
    heads = sorted(path.name for path in world.office.settings.seals_folder.glob("*.json"))
    assert heads == ["2025-02-04.json", "2025-02-05.json"]


def test_a_head_that_cannot_be_written_is_said_and_written_later(world):
    folder = world.office.settings.seals_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(Unusable, match="cannot be written"):
        the_night(world, LATE)
    assert lines(world) == [("2025-02-04", "completed")]  # every child was looked at all the same
    with world.office.reading() as session:
        assert session.scalars(select(Run.error_ref)).one() is not None
    folder.unlink()
    assert the_night(world, LATE).before
    assert [path.name for path in folder.glob("*.json")] == ["2025-02-04.json"]


# -- which nights -------------------------------------------------------------------------------------------------


def due(world: World, now: datetime) -> list[str]:
    return [day.isoformat() for day in nights_due(world.office, now)]


def test_the_first_night_is_the_one_after_the_installation(empty):
    """Adopted on 6 January at noon: due from 02:15 on the 7th."""
    with empty.office.reading() as session:
        assert watermark(session) == START
    assert due(empty, at_night(START, 23, 59)) == []
    assert due(empty, at_night(START + DAY, 2, 14)) == []
    assert due(empty, at_night(START + DAY, 2, 15)) == ["2025-01-07"]


def test_before_a_policy_is_adopted_no_night_is_due(database_url, tmp_path):
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as office:
        assert nights_due(office, at_night(START)) == []


def test_missed_nights_are_caught_up_in_order_and_not_more_than_the_policy_says(empty):
    assert due(empty, at_night(START + 3 * DAY)) == ["2025-01-07", "2025-01-08", "2025-01-09"]
    many = due(empty, at_night(date(2025, 3, 1)))
    assert (len(many), many[0], many[-1]) == (14, "2025-02-16", "2025-03-01")
    done = run_due_nights(empty.office, now=at_night(START + 3 * DAY))
    assert [report.business_date for report in done] == [START + n * DAY for n in (1, 2, 3)]
    assert due(empty, at_night(START + 3 * DAY, 12)) == []


def test_the_hour_is_londons_in_summer_and_in_winter(empty):
    """The clocks go forward on 30 March 2025 at 01:00 and back on 26 October at 02:00 British time."""
    the_night(empty, date(2025, 3, 29))
    assert due(empty, datetime(2025, 3, 30, 1, 14, tzinfo=UTC)) == []  # 02:14 summer time
    assert due(empty, datetime(2025, 3, 30, 1, 15, tzinfo=UTC)) == ["2025-03-30"]
    the_night(empty, date(2025, 10, 25))
    assert due(empty, datetime(2025, 10, 26, 1, 15, tzinfo=UTC)) == []  # 01:15 for the second time
    assert due(empty, datetime(2025, 10, 26, 2, 15, tzinfo=UTC)) == ["2025-10-26"]


def test_a_clock_that_was_set_back_brings_no_night_back(empty):
    the_night(empty, LATE)
    assert due(empty, at_night(LATE, 0, 15)) == []
    assert due(empty, at_night(LATE - 2 * DAY)) == []
    assert run_due_nights(empty.office, now=at_night(LATE - 2 * DAY)) == []


def test_a_night_that_was_not_finished_is_due_again(world, monkeypatch):
    class Stopped(BaseException):
        pass

    def chunk(check, ids):
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(Check, "_chunk", chunk)
        with pytest.raises(Stopped):
            the_night(world, START + DAY)
    assert due(world, at_night(START + DAY, 3)) == ["2025-01-07"]


def test_a_caught_up_night_looks_at_its_own_day(world):
    """Late on 4 February, rated on the 6th: the nights of the 5th and of the morning of the 6th find it,
    although they are checked on the 7th. The 6th is also the 31st day on which nothing has happened (D-35)."""
    the_night(world, date(2025, 2, 3))
    for ref in refs(world):
        world.do("rate", date(2025, 2, 6), "rowan.tm", ref=ref)
    done = run_due_nights(world.office, now=at_night(date(2025, 2, 7)))
    assert [(r.business_date.day, r.findings["D-01"], r.new, r.cleared) for r in done] == [
        (4, 5, 5, 0),
        (5, 5, 0, 0),
        (6, 5, 5, 0),
        (7, 0, 0, 10),
    ]


def test_only_a_live_night_moves_the_watermark(world):
    run_night(world.office, business_date=LATE, replay=True, now=at_night(LATE))
    with world.office.reading() as session:
        assert watermark(session) == START
    the_night(world, LATE)
    with world.office.reading() as session:
        assert watermark(session) == LATE


def test_a_line_in_the_ledger_says_what_the_night_did(world):
    the_night(world, LATE)
    with world.office.reading() as session:
        (line,) = runs(session, flow="overnight")
    assert (line.business_date, line.state, line.how) == (LATE, RunState.COMPLETED, "plain")
    assert line.counts == {
        "expected": 5, "examined": 5, "skipped": 0, "findings": 5, "new": 5, "cleared": 0,
        "escalated": 0, "rungs": 5, "notices": 5,
    }  # fmt: skip


def test_the_door_of_the_night_needs_at_least_a_case_in_a_chunk(empty):
    with pytest.raises(Unusable, match="at least one case"):
        the_night(empty, LATE, chunk=0)
