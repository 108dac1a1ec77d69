"""A message that is refused, or of which nobody knows; a channel that rests; the cap (reliability B.3, B.4)."""

from datetime import timedelta

import pytest

from notifications.channels import Sent
from persistence.tables import Channel, Outbox, Person
from states.notices import MAIL_NOT_DELIVERED, NT_32, RATED
from states.vocabulary import Role
from tests.mailroom import (
    DOWN,
    LATER,
    NO_SUCH_BOX,
    NOW,
    SILENCE,
    ScriptedChannel,
    deliver,
    deliver_until,
    minutes,
    outcomes,
    row,
    rows,
    tell,
)

# --- certain failures ------------------------------------------------------------------------------------


def test_a_refused_message_is_tried_after_1_5_15_60_and_240_minutes_and_then_dies(room):
    (message,) = tell(room)
    tried = []
    at = NOW

    while row(room, message).status == "queued":
        channel = ScriptedChannel([LATER])
        deliver(room, channel, at=at)
        tried += [(at - NOW) / minutes(1)] * (message in [m.id for m in channel.offered])
        at += minutes(1)

    dead = row(room, message)
    assert tried == [0, 1, 6, 21, 81, 321]
    assert (dead.status, dead.told_failed) == ("dead", room.manager)


def test_the_team_manager_is_told_of_a_message_that_died(room):
    tell(room)
    deliver_until(room, ScriptedChannel([LATER] * 6 + [Sent("250")]), NOW + minutes(321))

    (told,) = [one for one in rows(room) if one.notices == [MAIL_NOT_DELIVERED.id]]
    assert (told.recipient_id, told.status, told.case_id) == (room.manager, "sent", room.case_id)


def test_an_address_that_does_not_exist_is_marked_and_told_of_once(room):
    first, second, third = (tell(room)[0] for _ in range(3))
    channel = ScriptedChannel([NO_SUCH_BOX, Sent("250")])

    deliver(room, channel)

    with room.office.reading() as session:
        person = session.get_one(Person, room.worker)
    assert person.email_failed_at is not None
    assert person.email_failure == "550 5.1.1 no such mailbox"
    assert channel.addresses == ["worker@council.example", "manager@council.example"]
    for message in (first, second, third):
        assert (row(room, message).status, row(room, message).told_failed) == ("dead", room.manager)


def test_where_the_team_manager_cannot_be_told_an_administrator_is_and_then_nobody(room):
    tell(room)
    channel = ScriptedChannel([NO_SUCH_BOX])

    deliver(room, channel)

    assert channel.addresses == [
        "worker@council.example",
        "manager@council.example",
        "admin@council.example",
    ]
    last = next(one for one in rows(room) if one.recipient_id == room.administrator)
    assert last.case_id is None
    assert last.told_failed is None
    assert "nobody could be told" in last.reason
    assert room.ref not in channel.offered[-1].rendered.text


def test_a_message_about_a_failure_that_is_only_refused_goes_no_further_than_an_administrator(room):
    tell(room)

    deliver_until(room, ScriptedChannel([LATER]), NOW + minutes(4 * 330), step=minutes(1))

    assert [one.status for one in rows(room)] == ["dead"] * 3


# --- nobody knows ----------------------------------------------------------------------------------------


def test_a_message_of_unknown_outcome_is_repeated_twice_under_one_id_and_then_needs_a_person(room):
    (message,) = tell(room)
    channel = ScriptedChannel([SILENCE, SILENCE, SILENCE, Sent("250")])

    deliver_until(room, channel, NOW + minutes(60))

    ours = [offered for offered in channel.offered if offered.id == message]
    assert [(one.written_at - NOW) // minutes(1) for one in ours] == [0, 15, 30]
    assert {one.message_id for one in ours} == {f"<ob-{message}@localhost>"}
    assert row(room, message).status == "needs a person"
    assert row(room, message).told_failed == room.manager
    assert outcomes(room, message) == ["unknown", "unknown", "unknown"]


def test_a_channel_that_knows_our_reference_is_asked_before_anything_is_repeated(room):
    (message,) = tell(room)

    class Remembers(ScriptedChannel):
        def accepted_before(self, message):
            return Sent("accepted at the first try")

    channel = Remembers([SILENCE])
    deliver(room, channel)
    deliver(room, channel, at=NOW + minutes(15))

    assert len(channel.offered) == 1
    assert (row(room, message).status, row(room, message).server_reply) == (
        "sent",
        "accepted at the first try",
    )


def test_a_claim_that_ran_out_counts_as_unknown_and_waits(room):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        claimed = session.get_one(Outbox, message)
        claimed.status, claimed.lease_owner, claimed.lease_until = "sending", "elsewhere:1:x", NOW
    channel = ScriptedChannel()

    counts = deliver(room, channel, at=NOW + minutes(3))

    assert (counts.unknown, channel.offered) == (1, [])
    assert row(room, message).next_attempt_at == pytest.approx(NOW + minutes(18), abs=timedelta(minutes=1))


def test_a_claim_of_another_machine_is_left_alone_while_it_holds(room):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        claimed = session.get_one(Outbox, message)
        claimed.status, claimed.lease_owner = "sending", "elsewhere:1:x"
        claimed.lease_until = NOW + minutes(2)
    channel = ScriptedChannel()

    deliver(room, channel, at=NOW + minutes(1))

    assert channel.offered == []
    assert row(room, message).status == "sending"


# --- the channel -----------------------------------------------------------------------------------------


def channel_row(room) -> Channel:
    with room.office.reading() as session:
        return session.get_one(Channel, "scripted")


def test_five_failed_connections_in_a_row_rest_the_channel_and_alarm_once(room, caplog):
    for _ in range(8):
        tell(room)
    channel = ScriptedChannel([DOWN])

    counts = deliver(room, channel)
    resting = deliver(room, channel, at=NOW + minutes(2))
    deliver(room, channel, at=NOW + minutes(16))

    assert (counts.failed, resting.paused) == (5, 1)
    assert len(channel.offered) == 6  # after the rest one message tries the way
    assert channel_row(room).failures_in_a_row == 6
    assert [record.levelname for record in caplog.records if "paused" in record.message] == ["ERROR"]


def test_a_channel_that_is_down_for_a_week_kills_no_message(room):
    (message,) = tell(room)

    deliver_until(room, ScriptedChannel([DOWN]), NOW + timedelta(days=7), step=timedelta(hours=6))
    deliver(room, ScriptedChannel(), at=NOW + timedelta(days=8))

    assert row(room, message).status == "sent"
    assert channel_row(room).failures_in_a_row == 0
    assert channel_row(room).paused_until is None
    assert channel_row(room).alarmed_at is None


def test_an_answer_of_any_kind_shows_that_the_channel_works(room):
    for _ in range(9):
        tell(room)
    channel = ScriptedChannel([*[DOWN] * 4, LATER, *[DOWN] * 4])

    assert deliver(room, channel).paused == 0
    assert len(channel.offered) == 9


# --- the cap ---------------------------------------------------------------------------------------------


def test_no_more_than_the_cap_goes_to_one_person_in_an_hour(room):
    for _ in range(23):
        tell(room)
    channel = ScriptedChannel()

    first = deliver(room, channel)
    second = deliver(room, channel, at=NOW + minutes(59))
    third = deliver(room, channel, at=NOW + minutes(61))

    assert (first.sent, first.held_back) == (20, 3)
    assert (second.sent, third.sent) == (0, 3)


def test_one_persons_cap_holds_nobody_else_back(room):
    for _ in range(21):
        tell(room)
    tell(room, (room.iro, Role.IRO, RATED))
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses.count("iro@council.example") == 1


def test_a_safeguarding_flag_waits_for_no_cap(room):
    for _ in range(21):
        tell(room)
    deliver(room, ScriptedChannel())
    tell(room, (room.worker, Role.ASSESSMENT_WORKER, NT_32))

    assert deliver(room, ScriptedChannel()).sent == 1
