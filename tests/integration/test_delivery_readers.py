"""Who gets a message, looked at in the moment in which it is sent (reliability R12)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.who import people
from persistence.tables import Allocation, Case, Outbox, Person
from states import notices
from states.notices import NT_32, RATED
from states.vocabulary import Role
from tests.mailroom import (
    NOW,
    ScriptedChannel,
    allocate,
    deliver,
    outcomes,
    row,
    tell,
)


def leave(session, room):
    people.disable_person(session, who="worker", now=NOW)


def lose_the_child(session, room):
    (post,) = session.scalars(select(Allocation).where(Allocation.person_id == room.worker))
    post.until_on = NOW.date()


def be_kept_out(session, room):
    session.get_one(Case, room.case_id).restricted = True


@pytest.mark.parametrize(
    ("what_happens", "reason"),
    [
        (leave, "the account is closed"),
        (lose_the_child, "no longer entitled"),
        (be_kept_out, "no longer entitled"),
    ],
)
def test_nobody_is_told_who_lost_the_child_between_the_act_and_the_mail(room, what_happens, reason):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        what_happens(session, room)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert "worker@council.example" not in channel.addresses
    assert row(room, message).status == "suppressed"
    assert reason in row(room, message).reason
    assert outcomes(room, message) == ["suppressed"]


def test_a_leavers_message_goes_to_whoever_holds_the_post_now(room):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        lose_the_child(session, room)
        new = people.add_person(session, handle="new", name="Nell Wood", email="new@council.example", now=NOW)
        allocate(session, room.case_id, Role.CHILDS_WORKER, new.id)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["new@council.example"]
    assert "passed on" in row(room, message).reason


def test_with_nobody_in_the_post_a_leavers_message_goes_to_the_team_manager(room):
    tell(room)
    with room.office.unit_of_work() as session:
        leave(session, room)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["manager@council.example"]


def test_whoever_was_told_already_is_not_told_again_for_a_leaver(room):
    tell(room, (room.worker, Role.CHILDS_WORKER, RATED), (room.manager, Role.TEAM_MANAGER, RATED))
    with room.office.unit_of_work() as session:
        leave(session, room)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["manager@council.example"]


def cover(room, *, absent="worker", covering="assessor"):
    with room.office.unit_of_work() as session:
        people.add_cover(
            session,
            absent=people.find_person(session, absent),
            covering=people.find_person(session, covering),
            from_on=NOW.date(),
            until_on=NOW.date() + timedelta(days=7),
            reason="leave",
            recorded_by=None,
            now=NOW,
        )


def test_whoever_covers_gets_the_absent_persons_message(room):
    cover(room, covering="iro")
    tell(room)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["iro@council.example"]
    assert "Dear Ira Rowan" in channel.offered[0].rendered.text
    assert "you are covering for a colleague" in channel.offered[0].rendered.text


def test_whoever_covers_and_is_told_anyway_gets_one_message(room):
    cover(room, covering="iro")
    absent, _ = tell(room, (room.worker, Role.CHILDS_WORKER, RATED), (room.iro, Role.IRO, RATED))
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["iro@council.example"]
    assert row(room, absent).status == "suppressed"


@pytest.mark.parametrize("second", ["is not at work today", "is covered by the same person"])
def test_whoever_has_read_it_for_one_colleague_does_not_get_it_again_for_another(room, second):
    """PT-19: the manager covers the worker; the assessor, told of the same urgent thing, is away too."""
    cover(room, covering="manager")
    if second == "is covered by the same person":
        cover(room, covering="manager", absent="assessor")
    else:
        with room.office.unit_of_work() as session:
            today = NOW.isoweekday()
            session.get_one(Person, room.assessor).working_days = "12345".replace(str(today), "")
    channel = ScriptedChannel()

    tell(room, (room.worker, Role.CHILDS_WORKER, NT_32), occasion="event:one")
    deliver(room, channel)
    tell(room, (room.assessor, Role.ASSESSMENT_WORKER, NT_32), occasion="event:one")
    deliver(room, channel)

    assert channel.addresses.count("manager@council.example") == 1


def test_a_decision_to_confirm_waits_for_the_person_in_whose_name_it_is(room):
    cover(room, covering="iro")
    tell(room, (room.worker, "the person the decision is recorded for", notices.DECISION_TO_CONFIRM))
    channel = ScriptedChannel()

    deliver(room, channel)

    assert channel.addresses == ["worker@council.example"]


def test_cover_is_over_when_it_is_over(room):
    cover(room, covering="iro")
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        session.get_one(Outbox, message).next_attempt_at = NOW + timedelta(days=8)
    channel = ScriptedChannel()

    deliver(room, channel, at=NOW + timedelta(days=8))

    assert channel.addresses == ["worker@council.example"]


def test_a_restricted_childs_mail_never_goes_to_a_shared_mailbox(room):
    """(reliability C38)"""
    with room.office.unit_of_work() as session:
        people.find_person(session, "worker").mailbox = True
        be_kept_out(session, room)
    (message,) = tell(room)
    channel = ScriptedChannel()

    deliver(room, channel)

    assert "worker@council.example" not in channel.addresses
    assert "shared mailbox" in row(room, message).reason


def test_what_is_not_urgent_waits_for_the_digest_and_never_goes_by_itself(room):
    (message,) = tell(room, at_once=())
    channel = ScriptedChannel()

    deliver(room, channel)

    assert row(room, message).status == "for the digest"
    assert channel.offered == []


def test_where_something_urgent_has_no_address_somebody_is_told(room):
    with room.office.unit_of_work() as session:
        people.find_person(session, "worker").email = None
    (message,) = tell(room, (room.worker, Role.ASSESSMENT_WORKER, NT_32))
    channel = ScriptedChannel()

    deliver(room, channel)

    assert (row(room, message).status, row(room, message).told_failed) == ("dead", room.manager)
    assert channel.addresses == ["manager@council.example"]
