"""The ledger of automatic work, and the names processes hold (reliability E.2, R16)."""

import os
import socket
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from casework.following import leases, ledger
from casework.following.ledger import How, RunState
from persistence.tables import new_id
from tests.mailroom import CANARIES, NOW, minutes

US = "here:1:20261123T090000Z"
THEM = "there:2:20261123T090000Z"


@pytest.fixture
def office(room):
    return room.office


def a_run(office, *, flow="case.rate", at=NOW, **given):
    with office.unit_of_work() as session:
        return ledger.start(session, **{"flow": flow, "owner": US, "how": How.PLAIN, "now": at, **given})


def runs(office, **which):
    with office.reading() as session:
        return ledger.runs(session, **which)


# --- lines -----------------------------------------------------------------------------------------------


def test_a_run_is_running_until_it_is_finished_and_then_says_how_long_it_took(office):
    run = a_run(office)
    (running,) = runs(office)

    with office.unit_of_work() as session:
        ledger.finish(session, run, now=NOW + timedelta(seconds=3), counts={"sent": 2})

    (finished,) = runs(office)
    assert (running.state, running.seconds) == ("running", None)
    assert (finished.state, finished.seconds, finished.counts) == ("completed", 3.0, {"sent": 2})


def test_a_line_that_was_closed_as_crashed_stays_so(office):
    act = new_id()
    run = a_run(office, follow_up_id=act)
    with office.unit_of_work() as session:
        closed = ledger.close_abandoned(session, act, now=NOW + minutes(2))
    with office.unit_of_work() as session:
        ledger.finish(session, run, now=NOW + minutes(3), counts={"sent": 1})

    (line,) = runs(office)
    assert closed == 1
    assert (line.state, line.finished_at) == ("crashed", NOW + minutes(2))


def test_the_newest_lines_come_first_and_can_be_chosen(office):
    a_run(office, flow="case.rate", at=NOW)
    later = a_run(office, flow="overnight", at=NOW + minutes(5))
    with office.unit_of_work() as session:
        ledger.finish(session, later, now=NOW + minutes(6), counts={}, state=RunState.FAILED)

    assert [line.flow for line in runs(office)] == ["overnight", "case.rate"]
    assert [line.flow for line in runs(office, limit=1)] == ["overnight"]
    assert [line.flow for line in runs(office, flow="case.rate")] == ["case.rate"]
    assert [line.flow for line in runs(office, state=RunState.FAILED)] == ["overnight"]
    assert [line.flow for line in runs(office, since=NOW + minutes(1))] == ["overnight"]


# --- errors ----------------------------------------------------------------------------------------------


def what_went_wrong():
    try:
        raise ValueError("the home of " + ", ".join(CANARIES))
    except ValueError as error:
        return error


def test_an_error_is_kept_in_full_and_only_a_reference_comes_back(office):
    ref = ledger.error(office, where="check deadlines", exc=what_went_wrong(), now=NOW)

    assert len(ref) == 6
    assert ref.startswith("E-")
    with office.reading() as session:
        detail = ledger.detail_of(session, ref)
    assert all(canary in detail for canary in CANARIES)
    assert "what_went_wrong" in detail


def test_a_reference_that_nothing_stands_behind_answers_none(office):
    with office.reading() as session:
        assert ledger.detail_of(session, "E-0000") is None


def test_what_errors_said_is_forgotten_after_thirty_days(office):
    old = ledger.error(office, where="make documents", exc=what_went_wrong(), now=NOW - timedelta(days=31))
    new = ledger.error(office, where="make documents", exc=what_went_wrong(), now=NOW - timedelta(days=29))

    with office.unit_of_work() as session:
        gone = ledger.forget_old_details(session, now=NOW)

    with office.reading() as session:
        assert gone == 1
        assert ledger.detail_of(session, old) is None
        assert ledger.detail_of(session, new) is not None


# --- names -----------------------------------------------------------------------------------------------


def test_a_name_is_one_processs_until_its_lease_runs_out(office):
    first = leases.take(office, "worker", owner=US, now=NOW)
    refused = leases.take(office, "worker", owner=THEM, now=NOW + leases.LASTS - timedelta(seconds=1))
    taken_over = leases.take(office, "worker", owner=THEM, now=NOW + leases.LASTS)
    lost = leases.beat(office, "worker", owner=US, now=NOW + leases.LASTS)

    assert (first, refused, taken_over, lost) == (True, False, True, False)
    assert timedelta(minutes=5) >= leases.LASTS


def test_a_name_that_is_beaten_for_is_kept(office):
    leases.take(office, "worker", owner=US, now=NOW)
    leases.beat(office, "worker", owner=US, now=NOW + timedelta(seconds=30))

    assert not leases.take(office, "worker", owner=THEM, now=NOW + leases.LASTS)
    assert leases.take(office, "worker", owner=US, now=NOW + leases.LASTS)


def test_a_name_of_a_process_that_is_gone_from_this_machine_is_free_at_once(office):
    gone = f"{socket.gethostname()}:4194999:20261123T090000Z"
    leases.take(office, "worker", owner=gone, now=NOW)

    assert leases.take(office, "worker", owner=US, now=NOW + timedelta(seconds=1))


def test_a_name_of_a_process_that_runs_is_not_free(office):
    leases.take(office, "worker", owner=leases.owner_of_this_process(NOW), now=NOW)

    assert not leases.take(office, "worker", owner=US, now=NOW + timedelta(seconds=1))


def test_a_name_given_up_is_free_and_nobody_elses_is_given_up(office):
    leases.take(office, "worker", owner=US, now=NOW)
    leases.release(office, "worker", owner=THEM)
    still = not leases.take(office, "worker", owner=THEM, now=NOW)
    leases.release(office, "worker", owner=US)

    assert still
    assert leases.take(office, "worker", owner=THEM, now=NOW)


def test_of_eight_that_reach_for_a_name_at_once_one_has_it(office):
    together, has = Barrier(8), []

    def reach(number):
        together.wait()
        if leases.take(office, "overnight", owner=f"there:{number}:x", now=NOW):
            has.append(number)

    threads = [Thread(target=reach, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(has) == 1


def test_an_owner_names_the_machine_the_process_and_its_start():
    assert leases.owner_of_this_process(NOW) == f"{socket.gethostname()}:{os.getpid()}:20261123T090000Z"


@pytest.mark.parametrize("owner", ["", "here", "there:1:x", f"{socket.gethostname()}:x:y"])
def test_an_owner_that_cannot_be_seen_from_here_is_not_called_gone(owner):
    assert not leases.is_gone(owner)
