"""What a monitor is told: nothing is stuck, or what is (design 7, `sgo health`)."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from casework.delivery import outbox, redelivery
from casework.following import leases
from casework.following.health import health, night_due
from casework.following.ledger import How
from casework.following.status import Status
from persistence.tables import Channel, DigestDay, FollowUp, Night, Outbox, new_id
from tests.mailroom import NOW, minutes, rows, tell

pytestmark = pytest.mark.one_database

WORKER = "here:1:20261123T090000Z"
INSTALLED = NOW  # the mailroom's policy was adopted then


def a_follow_up(room, **given):
    with room.office.unit_of_work() as session:
        session.add(
            FollowUp(
                **{
                    "id": new_id(),
                    "about": new_id(),
                    "flow": "case.rate",
                    "status": Status.WAITING,
                    "created_at": NOW,
                    **given,
                }
            )
        )


def a_night(room, business_date, status="done"):
    with room.office.unit_of_work() as session:
        session.add(
            Night(
                business_date=business_date,
                run_id=new_id(),
                status=status,
                owner=WORKER,
                summary={},
                policy_sha256="0" * 64,
                started_at=NOW,
            )
        )


def problems(room, at=NOW):
    return {one.what for one in health(room.office, at).problems}


def test_an_installation_of_today_with_nothing_to_do_is_well(room):
    found = health(room.office, NOW)

    assert found.ok
    assert (found.last_night, found.night_due, found.oldest_waiting_seconds) == (None, None, None)


def test_the_answer_is_json_with_its_keys(room):
    a_follow_up(room)

    answer = json.loads(json.dumps(health(room.office, NOW + minutes(1)).as_json()))

    assert answer["oldest_waiting_seconds"] == 60
    assert answer["follow_ups"] == {"waiting": 1}
    assert set(answer) == {
        "ok",
        "problems",
        "last_night",
        "night_due",
        "last_digest",
        "follow_ups",
        "oldest_waiting_seconds",
        "messages",
        "channels_resting",
        "worker_beat",
        "processes",
    }


# --- the night -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # Installed on Monday 23 November 2026; the night is at 02:15 in London and may take two hours.
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 24, 4, 14, tzinfo=UTC), None),
        (datetime(2026, 11, 24, 4, 15, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 25, 4, 14, tzinfo=UTC), date(2026, 11, 24)),
        # In summer 02:15 in London is 01:15 UTC.
        (datetime(2027, 7, 1, 3, 14, tzinfo=UTC), date(2027, 6, 30)),
        (datetime(2027, 7, 1, 3, 15, tzinfo=UTC), date(2027, 7, 1)),
    ],
)
def test_a_night_is_due_two_hours_after_the_policys_time_in_london(room, now, due):
    with room.office.reading() as session:
        assert night_due(session, now) == due


def test_a_night_that_was_not_done_is_a_problem_and_one_that_was_is_none(room):
    morning = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    a_night(room, date(2026, 11, 24))
    a_night(room, date(2026, 11, 25), status="running")
    before = problems(room, morning)

    a_night(room, date(2026, 11, 26))

    assert before == {"night"}
    assert problems(room, morning) == {"digest"}
    with room.office.unit_of_work() as session:
        session.add(DigestDay(for_day=date(2026, 11, 26), people=5, lines=0, built_at=morning))
    assert problems(room, morning) == set()


# --- follow-ups ------------------------------------------------------------------------------------------


def test_an_act_that_waits_longer_than_five_minutes_is_a_problem(room):
    leases.take(room.office, "worker", owner=WORKER, now=NOW, lasts=timedelta(hours=1))
    a_follow_up(room)

    assert problems(room, NOW + minutes(5)) == set()
    assert problems(room, NOW + minutes(5) + timedelta(seconds=1)) == {"follow-up waiting"}


def test_an_act_that_is_to_be_tried_again_later_is_not_yet_late(room):
    leases.take(room.office, "worker", owner=WORKER, now=NOW, lasts=timedelta(hours=1))
    a_follow_up(room, next_attempt_at=NOW + minutes(15))

    assert problems(room, NOW + minutes(15)) == set()


@pytest.mark.parametrize(
    ("standing", "problem"),
    [
        ({"status": "failed"}, "follow-up failed"),
        ({"status": "held"}, "follow-up held"),
        ({"status": "running", "lease_until": NOW - minutes(6)}, "follow-up stuck"),
    ],
)
def test_a_follow_up_that_needs_a_person_is_a_problem(room, standing, problem):
    a_follow_up(room, **standing)

    assert problems(room) == {problem}


# --- messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["dead", "needs a person", "quarantined"])
def test_a_message_that_needs_a_person_is_a_problem(room, status):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        session.get_one(Outbox, message).status = status

    assert problems(room) == {f"mail {status}"}


def test_a_channel_that_rests_is_a_problem(room):
    with room.office.unit_of_work() as session:
        session.add(Channel(name="smtp", failures_in_a_row=5, paused_until=NOW + minutes(10)))

    assert problems(room) == {"channel"}
    assert problems(room, NOW + minutes(10)) == set()


# --- processes -------------------------------------------------------------------------------------------


def test_a_worker_that_stopped_without_saying_so_is_a_problem(room):
    leases.take(room.office, "worker", owner=WORKER, now=NOW)

    assert problems(room, NOW) == set()
    assert problems(room, NOW + leases.LASTS) == {"worker"}


def test_work_that_waits_while_no_worker_runs_is_a_problem_at_once(room):
    a_follow_up(room)

    assert problems(room, NOW) == {"worker"}


def status_of(room, at, **parts):
    room.office.settings.home.mkdir(exist_ok=True)
    (room.office.settings.home / "status.json").write_text(json.dumps({"looked_at": at.isoformat(), "parts": parts}))


def test_a_process_that_keeps_dying_is_a_problem(room):
    status_of(
        room,
        NOW,
        prefect={"state": "waiting", "restarts": 3},
        worker={"state": "ready", "restarts": 9},
    )

    assert problems(room) == {"process prefect"}
    assert health(room.office, NOW).processes == {"prefect": "waiting", "worker": "ready"}


def test_a_process_that_does_not_become_ready_is_a_problem_after_five_minutes(room):
    def at(now):
        status_of(
            room,
            now,
            prefect={"state": "ready", "since": NOW.isoformat(), "restarts": 0},
            worker={"state": "starting", "since": NOW.isoformat(), "restarts": 0},
        )
        return problems(room, now)

    assert at(NOW + minutes(5)) == set()
    assert at(NOW + minutes(6)) == {"process worker"}


def test_a_supervisor_that_was_killed_is_a_problem_and_one_that_stopped_is_none(room):
    status_of(room, NOW, worker={"state": "ready", "restarts": 0})
    killed = problems(room, NOW + minutes(6))
    status_of(room, NOW, worker={"state": "stopped", "restarts": 0})

    assert killed == {"supervisor"}
    assert problems(room, NOW + minutes(6)) == set()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"parts": {}}', '{"looked_at": 1, "parts": {}}'])
def test_a_status_that_cannot_be_read_is_no_problem_of_the_case_work(room, content):
    room.office.settings.home.mkdir(exist_ok=True)
    (room.office.settings.home / "status.json").write_text(content)

    assert health(room.office, NOW).ok


# --- what no follow-up sends -----------------------------------------------------------------------------


def test_a_message_without_a_follow_up_is_due_at_once(room):
    assert not redelivery.is_due(room.office, now=NOW)
    tell(room)
    assert redelivery.is_due(room.office, now=NOW)

    counts = redelivery.redeliver(room.office, owner=WORKER, now=NOW, how=How.PLAIN)

    assert counts == {"sent": 1}
    assert not redelivery.is_due(room.office, now=NOW)


def test_a_message_of_an_act_that_is_still_to_be_followed_is_left_to_its_run(room):
    a_follow_up(room, id="f" * 32)
    tell(room, follow_up_id="f" * 32)

    assert not redelivery.is_due(room.office, now=NOW)


def test_a_message_to_be_tried_again_is_due_at_its_time_whoever_it_belongs_to(room):
    a_follow_up(room, id="f" * 32)
    (message,) = tell(room, follow_up_id="f" * 32)
    with room.office.unit_of_work() as session:
        session.get_one(Outbox, message).next_attempt_at = NOW + minutes(5)

    assert not redelivery.is_due(room.office, now=NOW + minutes(4))
    assert redelivery.is_due(room.office, now=NOW + minutes(5))


def test_nothing_is_due_while_the_channel_rests(room):
    tell(room)
    with room.office.unit_of_work() as session:
        session.add(Channel(name="file", failures_in_a_row=5, paused_until=NOW + minutes(10)))

    assert not redelivery.is_due(room.office, now=NOW)


def test_a_held_message_is_never_due(room):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        outbox.hold(session, [message], by="admin")

    redelivery.redeliver(room.office, owner=WORKER, now=NOW, how=How.PLAIN)

    assert not redelivery.is_due(room.office, now=NOW)
    assert [row.status for row in rows(room)] == ["quarantined"]
