"""Handing messages over: at least once, or a named person is told it failed (reliability B.3, B.4)."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from casework.delivery.outbox import Status, hold, of_bulk, of_rung, queue, release, retry
from casework.delivery.sending import deliver_one, deliver_waiting, list_outbox, withdraw
from casework.who import people
from notifications.channels import Blame, CertainFailure, Sent, UnknownOutcome
from persistence.tables import Allocation, Case, Channel, Deadline, Outbox, Person, new_id
from states import notices
from states.notices import MAIL_NOT_DELIVERED, NT_06, NT_10_LETTER, NT_32, RATED
from states.vocabulary import Role
from tests.histories import add_event, open_case
from tests.mailroom import (
    NOW,
    ScriptedChannel,
    allocate,
    minutes,
    outcomes,
    row,
    rows,
    tell,
)

ONE_MINUTE = minutes(1)
LATER = CertainFailure("451 come again")
NO_SUCH_BOX = CertainFailure("550 5.1.1 no such mailbox", permanent=True, address_bad=True)
DOWN = CertainFailure("not reached", blame=Blame.CHANNEL)
SILENCE = UnknownOutcome("no answer after the message")


def deliver(room, channel, *, at=NOW, **given):
    return deliver_waiting(room.office, now=at, channel=channel, **given)


def deliver_until(room, channel, end, *, step=ONE_MINUTE):
    """Rounds of delivery, a minute apart, as the scheduled flow makes them."""
    at = NOW
    while at <= end:
        deliver(room, channel, at=at)
        at += step


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


# --- who gets it, in the moment of sending (R12) ---------------------------------------------------------


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
