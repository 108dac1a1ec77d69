"""Following acts through without Prefect: claims, steps, failures, on both databases (reliability R16)."""

import socket
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from casework.errors import CaseworkError
from casework.following import follow_up, ledger
from casework.following.follow_up import LEASE, TRY_AGAIN_AFTER
from casework.following.ledger import How
from casework.following.status import Status
from persistence.tables import FollowUp, new_id
from tests.histories import add_event, open_case
from tests.mailroom import CANARIES, NOW, minutes, rows, tell

US = "here:1:20261123T090000Z"
THEM = "there:2:20261123T090000Z"


def after_an_act(room, *, flow="case.rate", at=NOW, about=None):
    """The follow-up an act leaves behind; answers its id."""
    with room.office.unit_of_work() as session:
        row = FollowUp(
            id=new_id(),
            about=about or new_id(),
            flow=flow,
            to_state="RATED",
            status=Status.WAITING,
            created_at=at,
        )
        session.add(row)
        return row.id


def standing(room, follow_up_id):
    with room.office.reading() as session:
        return session.get_one(FollowUp, follow_up_id)


def lines(room):
    with room.office.reading() as session:
        return list(reversed(ledger.runs(session)))


def follow(room, *, at=NOW, owner=US, **given):
    return follow_up.drain(room.office, owner=owner, clock=lambda: at, **given)


def mails(room):
    return sorted(Path(room.office.settings.mail.folder).glob("*.eml"))


# --- the whole way ---------------------------------------------------------------------------------------


def test_an_act_is_followed_through_its_mail_leaves_and_the_ledger_says_so(room):
    act = after_an_act(room)
    tell(room, follow_up_id=act)

    drained = follow(room)

    assert (drained.done, drained.failed) == (1, 0)
    assert standing(room, act).status == "done"
    assert [row.status for row in rows(room)] == ["sent"]
    assert len(mails(room)) == 1
    (line,) = lines(room)
    assert (line.flow, line.how, line.state) == ("case.rate", "plain", "completed")
    assert line.counts["sent"] == 1


def test_following_through_twice_changes_nothing(room):
    """(reliability C39)"""
    act = after_an_act(room)
    tell(room, follow_up_id=act)
    follow(room)
    again = room.office

    for _, step in follow_up.STEPS:
        step(again, act, now=NOW + minutes(1))
    second = follow(room, at=NOW + minutes(1))

    assert second.done == 0
    assert len(mails(room)) == 1
    assert len(lines(room)) == 1


def test_only_the_acts_own_mail_leaves_with_it(room):
    act, other = after_an_act(room), after_an_act(room, at=NOW + minutes(9))
    tell(room, follow_up_id=act)
    tell(room, follow_up_id=other)

    follow(room, limit=1)

    assert sorted(row.status for row in rows(room)) == ["queued", "sent"]


def test_acts_are_followed_in_the_order_they_were_committed(room):
    third = after_an_act(room, at=NOW + minutes(2), flow="case.end")
    first = after_an_act(room, at=NOW, flow="case.rate")
    second = after_an_act(room, at=NOW + minutes(1), flow="case.rerate")

    follow(room, at=NOW + minutes(3))

    assert {standing(room, each).status for each in (first, second, third)} == {"done"}
    assert [line.follow_up_id for line in sorted(lines(room), key=lambda line: line.flow)] == [
        third,
        first,
        second,
    ]


def test_a_bulk_act_is_one_run_over_all_its_cases(room):
    with room.office.unit_of_work() as session:
        bulk = new_id()
        cases = [open_case(session, f"SG-BULK000{number}") for number in range(3)]
        for case in cases:
            add_event(session, case, bulk_id=bulk)
        case_ids = [case.id for case in cases]
    act = after_an_act(room, about=bulk)

    with room.office.reading() as session:
        found = follow_up.cases_of(session, act)
    follow(room)

    assert found == sorted(case_ids)
    (line,) = lines(room)
    assert line.counts["cases"] == 3


# --- claims ----------------------------------------------------------------------------------------------


def test_what_one_worker_holds_no_other_takes(room):
    act = after_an_act(room)

    mine = follow_up.claim_next(room.office, owner=US, now=NOW)
    theirs = follow_up.claim_next(room.office, owner=THEM, now=NOW + minutes(1))

    assert mine.id == act
    assert theirs is None


def test_two_workers_that_look_at_once_share_the_work(room):
    acts = {after_an_act(room) for _ in range(20)}
    together, taken = Barrier(2), {US: [], THEM: []}

    def work(owner):
        together.wait()
        while claim := follow_up.claim_next(room.office, owner=owner, now=NOW):
            taken[owner].append(claim.id)

    workers = [Thread(target=work, args=(owner,)) for owner in taken]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(taken[US] + taken[THEM]) == sorted(acts)


def test_a_worker_that_fell_silent_is_taken_over_within_five_minutes(room):
    act = after_an_act(room)
    held = follow_up.claim_next(room.office, owner=THEM, now=NOW)
    follow_up.begin(room.office, act, owner=THEM, how=How.PREFECT, now=NOW)

    early = follow_up.claim_next(room.office, owner=US, now=NOW + LEASE - timedelta(seconds=1))
    late = follow_up.claim_next(room.office, owner=US, now=NOW + LEASE)

    assert timedelta(minutes=5) >= LEASE
    assert early is None
    assert (late.id, late.attempts) == (held.id, 2)
    assert [line.state for line in lines(room)] == ["crashed"]


def test_a_worker_that_beats_keeps_what_it_holds(room):
    act = after_an_act(room)
    follow_up.claim_next(room.office, owner=US, now=NOW)

    kept = follow_up.beat(room.office, act, owner=US, now=NOW + minutes(1))
    not_theirs = follow_up.beat(room.office, act, owner=THEM, now=NOW + minutes(1))

    assert (kept, not_theirs) == (True, False)
    assert follow_up.claim_next(room.office, owner=THEM, now=NOW + LEASE) is None


def test_a_run_that_was_taken_over_can_no_longer_begin(room):
    act = after_an_act(room)
    follow_up.claim_next(room.office, owner=THEM, now=NOW)
    follow_up.claim_next(room.office, owner=US, now=NOW + LEASE)

    begun = follow_up.begin(room.office, act, owner=THEM, how=How.PREFECT, now=NOW + LEASE)

    assert begun is None
    assert lines(room) == []


def test_a_run_that_was_overtaken_and_ends_all_the_same_does_no_harm(room):
    act = after_an_act(room)
    tell(room, follow_up_id=act)
    follow_up.claim_next(room.office, owner=THEM, now=NOW)
    theirs = follow_up.begin(room.office, act, owner=THEM, how=How.PREFECT, now=NOW)
    follow(room, at=NOW + LEASE)

    follow_up.finish(room.office, act, theirs, counts={"sent": 1}, now=NOW + LEASE + minutes(1))

    assert standing(room, act).done_at == NOW + LEASE
    assert sorted(line.state for line in lines(room)) == ["completed", "crashed"]
    assert len(mails(room)) == 1


def test_what_a_process_held_that_is_gone_from_this_machine_is_free_at_once(room):
    act = after_an_act(room)
    no_such_process = f"{socket.gethostname()}:4194999:20261123T090000Z"
    follow_up.claim_next(room.office, owner=no_such_process, now=NOW)

    freed = follow_up.free_what_the_gone_held(room.office, now=NOW + timedelta(seconds=3))

    assert freed == 1
    assert follow_up.claim_next(room.office, owner=US, now=NOW + timedelta(seconds=3)).id == act


def test_what_a_process_holds_on_another_machine_waits_for_its_lease(room):
    after_an_act(room)
    follow_up.claim_next(room.office, owner=THEM, now=NOW)

    freed = follow_up.free_what_the_gone_held(room.office, now=NOW + minutes(1))

    assert freed == 0


def test_a_claim_put_back_is_free_at_once_and_was_no_try(room):
    act = after_an_act(room)
    follow_up.claim_next(room.office, owner=US, now=NOW)

    follow_up.put_back(room.office, act, owner=US, now=NOW)

    again = follow_up.claim_next(room.office, owner=THEM, now=NOW)
    assert (again.id, again.attempts) == (act, 1)


# --- what goes wrong -------------------------------------------------------------------------------------


@pytest.fixture
def broken_step(monkeypatch):
    """The deadlines cannot be checked, and the error is full of what must stay inside."""

    def check(office, follow_up_id, *, now):
        raise CaseworkError("no deadline for " + ", ".join(CANARIES))

    steps = (follow_up.STEPS[0], ("check deadlines", check), follow_up.STEPS[2])
    monkeypatch.setattr(follow_up, "STEPS", steps)


def test_a_step_that_fails_is_kept_behind_a_reference_and_tried_again_later(room, broken_step, monkeypatch):
    act = after_an_act(room)
    tell(room, follow_up_id=act)

    drained = follow(room)

    row = standing(room, act)
    assert (drained.done, drained.failed) == (0, 1)
    assert (row.status, row.next_attempt_at) == ("waiting", NOW + TRY_AGAIN_AFTER[0])
    (line,) = lines(room)
    assert (line.state, line.error_ref) == ("failed", row.error_ref)
    assert not any(canary in repr(line) for canary in CANARIES)
    with room.office.reading() as session:
        assert "Tobiwren" in ledger.detail_of(session, row.error_ref)
    assert follow_up.claim_next(room.office, owner=US, now=NOW + timedelta(seconds=59)) is None

    monkeypatch.undo()
    follow(room, at=NOW + TRY_AGAIN_AFTER[0])

    assert (standing(room, act).status, standing(room, act).error_ref) == ("done", None)
    assert len(mails(room)) == 1  # what had been sent was not sent again


def test_one_act_that_fails_does_not_stop_the_next(room, broken_step):
    after_an_act(room)
    after_an_act(room)

    drained = follow(room)

    assert drained.failed == 2


def test_after_the_last_try_a_follow_up_waits_for_a_person(room, broken_step, monkeypatch):
    act = after_an_act(room)
    at = NOW
    for pause in (*TRY_AGAIN_AFTER, timedelta(days=1)):
        follow(room, at=at)
        at += pause

    assert standing(room, act).status == "failed"
    assert len(lines(room)) == len(TRY_AGAIN_AFTER) + 1
    assert follow_up.claim_next(room.office, owner=US, now=at) is None

    monkeypatch.undo()
    with room.office.unit_of_work() as session:
        assert follow_up.retry(session, act)
        assert not follow_up.retry(session, new_id())
    follow(room, at=at)
    assert standing(room, act).status == "done"


def test_a_mail_server_that_is_away_does_not_hold_the_follow_up(room, monkeypatch):
    act = after_an_act(room)
    tell(room, follow_up_id=act)
    room.office.settings.mail.folder.parent.mkdir(exist_ok=True)
    room.office.settings.mail.folder.write_text("a file where the folder should be")

    follow(room)

    assert standing(room, act).status == "done"
    (message,) = rows(room)
    assert message.status in {"queued", "unknown"}
    assert message.next_attempt_at > NOW


def test_a_drain_does_no_more_than_it_was_asked_for(room):
    for _ in range(3):
        after_an_act(room)

    drained = follow(room, limit=2)

    with room.office.reading() as session:
        assert (drained.done, follow_up.waiting(session)) == (2, 1)
