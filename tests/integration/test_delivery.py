"""Handing messages over: at least once, or a named person is told it failed (reliability B.3, B.4)."""

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import IntegrityError

from casework.delivery.outbox import Status, hold, of_bulk, of_rung, queue, release, retry
from casework.delivery.sending import deliver_one, list_outbox, withdraw
from notifications.channels import Sent
from persistence.tables import Deadline, Outbox, new_id
from states.notices import NT_06, NT_10_LETTER, NT_32, RATED
from states.vocabulary import Role
from tests.histories import add_event, open_case
from tests.mailroom import (
    LATER,
    NOW,
    SILENCE,
    ScriptedChannel,
    allocate,
    deliver,
    deliver_until,
    minutes,
    outcomes,
    row,
    rows,
    tell,
)

# --- writing ---------------------------------------------------------------------------------------------


def test_several_notices_for_one_person_are_one_message_most_urgent_first(room):
    (message,) = tell(room, (room.worker, Role.CHILDS_WORKER, NT_06), (room.worker, Role.TEAM_MANAGER, NT_32))

    written = row(room, message)
    assert written.notices == ["NT-32", "NT-06"]
    assert (written.delivery, written.because) == ("now", Role.CHILDS_WORKER)


def test_the_same_occasion_told_again_adds_what_is_new_and_no_message(room):
    (first,) = tell(room, (room.worker, Role.CHILDS_WORKER, RATED), occasion="event:1")
    again = tell(
        room,
        (room.worker, Role.CHILDS_WORKER, RATED),
        (room.worker, Role.CHILDS_WORKER, NT_06),
        occasion="event:1",
    )

    assert again == [first]
    assert row(room, first).notices == ["RATED", "NT-06"]


def test_what_has_left_is_not_added_to(room):
    tell(room, (room.worker, Role.CHILDS_WORKER, RATED), occasion="event:1")
    deliver(room, ScriptedChannel())

    tell(room, (room.worker, Role.CHILDS_WORKER, RATED), occasion="event:1")
    with pytest.raises(ValueError, match="has left"):
        tell(room, (room.worker, Role.CHILDS_WORKER, NT_06), occasion="event:1")

    assert len(rows(room)) == 1


def test_a_letter_is_not_queued_as_a_mail(room):
    with pytest.raises(ValueError, match="is a letter"):
        tell(room, (room.worker, Role.CHILDS_WORKER, NT_10_LETTER))


def test_nobody_is_told_for_a_reason_without_words(room):
    with pytest.raises(ValueError, match="why"):
        tell(room, (room.worker, "neighbour", RATED))


# --- sending ---------------------------------------------------------------------------------------------


def test_a_message_is_sent_once_and_the_answer_kept(room):
    (message,) = tell(room)
    channel = ScriptedChannel([Sent("250 2.0.0 queued as 7F3")])

    counts = deliver(room, channel)
    again = deliver(room, channel)

    sent = row(room, message)
    assert (counts.sent, again.sent) == (1, 0)
    assert (sent.status, sent.server_reply) == ("sent", "250 2.0.0 queued as 7F3")
    assert sent.template_version == channel.offered[0].rendered.template_version
    assert sent.message_id == channel.offered[0].message_id == f"<ob-{message}@localhost>"
    assert outcomes(room, message) == ["sent"]


def test_a_mail_holds_the_reference_and_how_to_find_it_and_nothing_of_the_child(room):
    """(reliability C36)"""
    tell(room, due_on=date(2026, 12, 4))
    channel = ScriptedChannel()

    deliver(room, channel)

    text = channel.offered[0].rendered.text
    assert "Dear Wanda Birch" in text
    assert f"Reference: {room.ref}" in text
    assert f"sgo case show {room.ref}" in text
    assert "http" not in text  # no address of pages is set
    assert "you are the child's social worker" in text


def test_only_one_follow_ups_messages_are_sent_when_only_they_are_asked_for(room):
    tell(room)
    tell(room, (room.iro, Role.IRO, RATED), follow_up_id="f" * 32)
    channel = ScriptedChannel()

    deliver(room, channel, only_follow_up="f" * 32)

    assert channel.addresses == ["iro@council.example"]


def test_no_more_than_the_limit_is_sent(room):
    for _ in range(3):
        tell(room)

    assert deliver(room, ScriptedChannel(), limit=2).sent == 2
    assert deliver_one(room.office, now=NOW, channel=ScriptedChannel()).sent == 1


# --- taking back -----------------------------------------------------------------------------------------


def test_what_has_not_left_is_withdrawn_and_who_was_told_is_named(room):
    event = new_id()
    sent, waiting = (
        tell(room, (person, role, RATED), event_id=event, occasion=f"event:{event}:{role}")[0]
        for person, role in ((room.worker, Role.CHILDS_WORKER), (room.iro, Role.IRO))
    )
    deliver(room, ScriptedChannel(), limit=1)

    with room.office.unit_of_work() as session:
        told = withdraw(session, event, reason="the step was taken back")

    left = {sent: room.worker, waiting: room.iro}
    (gone,) = [one for one in (sent, waiting) if row(room, one).status == "sent"]
    (kept,) = [one for one in (sent, waiting) if row(room, one).status == "withdrawn"]
    assert [one.person_id for one in told] == [left[gone]]
    assert deliver(room, ScriptedChannel()).sent == 0
    assert row(room, kept).reason == "the step was taken back"


def test_what_may_have_arrived_counts_as_told_when_it_is_withdrawn(room):
    event = new_id()
    (message,) = tell(room, event_id=event)
    deliver(room, ScriptedChannel([SILENCE]))

    with room.office.unit_of_work() as session:
        told = withdraw(session, event, reason="the step was taken back")

    assert [one.person_id for one in told] == [room.worker]
    assert row(room, message).status == "withdrawn"


def test_a_message_withdrawn_while_it_is_under_way_is_recorded_as_sent(room):
    event = new_id()
    (message,) = tell(room, event_id=event)
    told = []

    def take_back(_message):
        with room.office.unit_of_work() as session:
            told.extend(withdraw(session, event, reason="the step was taken back"))

    deliver(room, ScriptedChannel([Sent("250")], before_answer=take_back))

    assert row(room, message).status == "sent"
    assert [one.person_id for one in told] == [room.worker]


def test_a_message_withdrawn_while_it_is_refused_is_not_tried_again(room):
    event = new_id()
    (message,) = tell(room, event_id=event)

    def take_back(_message):
        with room.office.unit_of_work() as session:
            withdraw(session, event, reason="the step was taken back")

    deliver(room, ScriptedChannel([LATER], before_answer=take_back))

    assert row(room, message).status == "withdrawn"
    assert deliver(room, ScriptedChannel(), at=NOW + minutes(60)).sent == 0


def bulk(room, *, restricted=False) -> tuple[str, list[str]]:
    """Two children in one bulk act, told of in one message."""
    with room.office.unit_of_work() as session:
        events = []
        for ref in ("SG-AAAAAAA1", "SG-AAAAAAA2"):
            case = open_case(session, ref)
            case.restricted = restricted
            allocate(session, case.id, Role.CHILDS_WORKER, room.worker)
            events.append(add_event(session, case, trigger="rate", bulk_id="b" * 32).id)
    tell(room, occasion=of_bulk("b" * 32, "rate"), event_id=events[0], case_id=None)
    return room.worker, events


@pytest.mark.parametrize("which", [0, 1])
def test_a_bulk_acts_joint_message_goes_out_and_its_readers_are_told_of_one_child_taken_back(room, which):
    worker, events = bulk(room)

    with room.office.unit_of_work() as session:
        told = withdraw(session, events[which], reason="the step was taken back")

    assert [one.person_id for one in told] == [worker]
    assert deliver(room, ScriptedChannel()).sent == 1


def test_a_bulk_acts_message_goes_only_to_who_may_still_see_one_of_its_children(room):
    bulk(room, restricted=True)
    channel = ScriptedChannel()

    counts = deliver(room, channel)

    assert (counts.suppressed, channel.offered) == (1, [])


@pytest.mark.parametrize(("closed_as", "sent"), [(None, 1), ("met", 0), ("superseded", 0)])
def test_nobody_is_chased_for_a_deadline_that_is_closed_by_the_time_the_mail_goes(room, closed_as, sent):
    with room.office.unit_of_work() as session:
        deadline = Deadline(
            id=new_id(),
            case_id=room.case_id,
            name="trajectory",
            words="Trajectory completed",
            owner=Role.CHILDS_WORKER,
            basis="service standard",
            rule="R-RG-5",
            unit="working days",
            anchor_on=NOW.date(),
            opened_on=NOW.date(),
            first_due_on=date(2026, 12, 7),
            due_on=date(2026, 12, 7),
            opened_by_event=new_id(),
            closed_as=closed_as,
        )
        session.add(deadline)
    tell(room, occasion=of_rung(deadline.id, "NT-06-10"))

    assert deliver(room, ScriptedChannel()).sent == sent


def test_each_role_is_told_its_own_date(room):
    tell(
        room,
        (room.worker, Role.CHILDS_WORKER, NT_06),
        (room.iro, Role.IRO, RATED),
        due_on={Role.CHILDS_WORKER.value: date(2026, 12, 7)},
    )

    assert {one.because: one.due_on for one in rows(room)} == {
        Role.CHILDS_WORKER: date(2026, 12, 7),
        Role.IRO: None,
    }


# --- what a person does with it --------------------------------------------------------------------------


def test_a_dead_message_is_tried_again_from_the_start_when_a_person_says_so(room):
    (message,) = tell(room)
    deliver_until(room, ScriptedChannel([LATER]), NOW + minutes(322))
    assert row(room, message).status == "dead"

    with room.office.unit_of_work() as session:
        assert retry(session, [message], by=room.administrator) == 1
    deliver(room, ScriptedChannel([LATER]), at=NOW + minutes(323))

    assert row(room, message).status == "queued"
    assert row(room, message).attempts == 1


def test_what_is_held_stays_until_a_person_releases_it(room):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        hold(session, [message], by=room.administrator)
    assert deliver(room, ScriptedChannel()).sent == 0

    with room.office.unit_of_work() as session:
        assert release(session, None, by=room.administrator) == 1

    assert row(room, message).reason == f"released by {room.administrator}"
    assert deliver(room, ScriptedChannel()).sent == 1


@pytest.mark.parametrize("command", [retry, release, hold])
def test_a_message_in_another_state_is_refused_and_nothing_changes(room, command):
    (message,) = tell(room)
    deliver(room, ScriptedChannel())

    with pytest.raises(Exception, match=message), room.office.unit_of_work() as session:
        command(session, [message], by=room.administrator)

    assert row(room, message).status == "sent"


def test_the_list_shows_what_is_not_finished_well(room):
    tell(room)
    deliver(room, ScriptedChannel())
    (waiting,) = tell(room, due_on=date(2026, 12, 4))

    with room.office.reading() as session:
        (line,) = list_outbox(session)
        everything = list_outbox(session, statuses=list(Status))

    assert (line.id, line.recipient, line.case_ref) == (waiting, "worker", room.ref)
    assert len(everything) == 2


def test_an_unknown_status_is_refused_by_name(room):
    with room.office.reading() as session, pytest.raises(Exception, match="no status lost"):
        list_outbox(session, statuses=["lost"])


# --- several processes -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_deliverers_at_once_send_every_message_once(room):
    messages = {
        tell(room, (person, role, RATED))[0]
        for _ in range(10)
        for person, role in ((room.worker, Role.CHILDS_WORKER), (room.iro, Role.IRO))
    }
    channel = ScriptedChannel()
    start = Barrier(2)
    failed = []

    def run(number):
        try:
            start.wait()
            deliver(room, channel, owner=f"test:{number}:x")
        except BaseException as error:  # noqa: BLE001 - a thread's error is the test's
            failed.append(error)

    threads = [Thread(target=run, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert sorted(offered.id for offered in channel.offered) == sorted(messages)
    assert {one.status for one in rows(room)} == {"sent"}


def test_one_message_for_one_occasion_and_person_is_kept_by_the_database_itself(room):
    (message,) = tell(room, occasion="event:1")
    one = row(room, message)
    values = {column.name: getattr(one, column.name) for column in Outbox.__table__.columns}

    def write_again():
        with room.office.unit_of_work() as session:
            session.add(Outbox(**values | {"id": new_id()}))

    with pytest.raises(IntegrityError):
        write_again()


def test_nothing_is_written_of_an_occasion_whose_unit_fails(room):
    def fail_after_queueing():
        with room.office.unit_of_work() as session:
            queue(
                session,
                occasion="event:1",
                recipients=[(room.worker, Role.CHILDS_WORKER, RATED)],
                now=NOW,
                case_id=room.case_id,
            )
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_queueing()

    assert rows(room) == []
