"""Through GOV.UK Notify: nothing repeated that it has, and what became of a message heard until the last word."""

from datetime import timedelta

import pytest

from casework.delivery import arrivals
from casework.delivery.channels import channel_of
from casework.delivery.outbox import retry
from casework.delivery.redelivery import is_due, redeliver
from casework.delivery.sending import deliver_waiting
from casework.following.health import health
from casework.following.ledger import How
from casework.following.quarantine import quarantine
from casework.handles import release_all
from casework.settings import MailSettings, NotifySettings
from persistence.tables import Channel, Person
from states.notices import RATED
from states.vocabulary import Role
from tests.answering import answering
from tests.mailroom import CANARIES, NOW, minutes, outcomes, row, rows, tell
from tests.notify_peer import BEARER, KEY, TEMPLATE, Fault
from tests.notify_server import notify_server
from web.application import create_app
from web.pages.callbacks import LONGEST

pytestmark = pytest.mark.one_database

DAY = timedelta(days=1)


@pytest.fixture
def peer():
    with notify_server() as server:
        yield server


@pytest.fixture
def room(open_room, peer):
    notify = NotifySettings(api_key=KEY, template=TEMPLATE, address=peer.address)
    mail = MailSettings(channel="notify", timeout_seconds=2)  # an answer comes in time however busy the machine is
    return open_room(mail=mail, notify=notify)


def deliver(room, at=NOW):
    return deliver_waiting(room.office, now=at)


def ask(room, at):
    return arrivals.ask(room.office, now=at)


def sent(room, peer):
    """A message that Notify took, and its copy there."""
    (message,) = tell(room)
    assert deliver(room).sent == 1
    return message, peer.stored[-1]


def the_only_problem(room, at=NOW):
    (problem,) = (one for one in health(room.office, at).problems if one.what.startswith(("mail", "channel")))
    return problem


# -- sending ----------------------------------------------------------------------------------------------


def test_a_message_goes_through_notify_and_holds_nothing_of_the_child(room, peer):
    message, stored = sent(room, peer)

    assert stored.reference == message
    assert stored.email_address == "worker@council.example"
    assert room.ref in stored.body
    assert [word for word in CANARIES if word in stored.subject + stored.body] == []
    assert row(room, message).server_reply == f"201 {stored.id}"


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER_STORING, Fault.FAILED_AFTER, Fault.STALL_AFTER_STORING])
def test_a_message_notify_has_is_found_by_its_reference_and_not_repeated(room, peer, fault):
    peer.plan = lambda _to, number: fault if number == 1 else Fault.NONE
    (message,) = tell(room)

    first, early, again = deliver(room), deliver(room, NOW + minutes(14)), deliver(room, NOW + minutes(15))

    assert (first.unknown, early.sent, again.sent) == (1, 0, 1)
    assert peer.copies() == {message: 1}
    assert outcomes(room, message) == ["unknown", "sent"]
    assert row(room, message).their_id == peer.stored[0].id


def test_a_message_notify_does_not_have_is_sent_again(room, peer):
    peer.plan = lambda _to, number: Fault.DROP_BEFORE_STORING if number == 1 else Fault.NONE
    (message,) = tell(room)

    deliver(room)
    again = deliver(room, NOW + minutes(15))

    assert again.sent == 1
    assert peer.copies() == {message: 1}


def test_while_notify_cannot_be_asked_nothing_is_repeated(room, peer):
    peer.plan = lambda _to, _try: Fault.DROP_AFTER_STORING
    peer.asked = lambda: Fault.UNAVAILABLE
    (message,) = tell(room)
    deliver(room)

    for hour in range(1, 30):
        deliver(room, NOW + timedelta(hours=hour))
    peer.asked = lambda: Fault.NONE
    back = deliver(room, NOW + timedelta(hours=30))

    assert back.sent == 1
    assert peer.copies() == {message: 1}


def test_a_message_that_never_gets_an_answer_and_is_never_there_ends_with_a_person(room, peer):
    peer.plan = lambda to, _try: Fault.FAILED_BEFORE if to.startswith("worker") else Fault.NONE
    (message,) = tell(room)

    for quarter in range(12):
        deliver(room, NOW + minutes(15 * quarter))

    ended = row(room, message)
    assert ended.status == "needs a person"
    assert peer.tries["worker@council.example"] == 6
    assert ended.told_failed == room.manager


def test_after_a_restore_notify_is_asked_what_went_out_meanwhile(room, peer):
    (message,) = tell(room)
    with room.office.unit_of_work() as session:
        session.get_one(type(row(room, message)), message).status = "sending"
    channel_of(room.office.settings).send(_as_sent(room, message))

    with room.office.unit_of_work() as session:
        quarantine(session, since=NOW)
        release_all(session, by=room.administrator)
    released = deliver(room, NOW + DAY)

    assert released.sent == 1
    assert peer.copies() == {message: 1}


def _as_sent(room, message):
    from tests.integration.test_delivery_notify import a_message

    return a_message("worker@council.example", id=message)


# -- refusals ---------------------------------------------------------------------------------------------


def test_an_address_notify_refuses_ends_with_the_team_manager_told(room, peer):
    peer.plan = lambda to, _try: Fault.ADDRESS_BAD if to.startswith("worker") else Fault.NONE
    (message,) = tell(room)

    deliver(room)

    assert (row(room, message).status, row(room, message).told_failed) == ("dead", room.manager)
    assert [one.email_address for one in peer.stored] == ["manager@council.example"]


def test_in_trial_mode_one_person_is_refused_and_the_others_are_not(room, peer):
    peer.trial = frozenset({"iro@council.example", "manager@council.example"})
    (refused,) = tell(room)
    (taken,) = tell(room, (room.iro, Role.IRO, RATED))

    counts = deliver(room)

    assert (counts.sent, counts.failed) == (1, 1)
    assert row(room, taken).status == "sent"
    for hour in range(1, 12):
        deliver(room, NOW + timedelta(hours=hour))
    assert (row(room, refused).status, row(room, refused).told_failed) == ("dead", room.manager)


def test_a_limit_of_notifys_rests_the_channel_and_kills_no_message(room, peer):
    peer.plan = lambda _to, _try: Fault.TOO_MANY
    messages = [tell(room)[0] for _ in range(7)]

    for hour in range(24):
        deliver(room, NOW + timedelta(hours=hour))
    peer.plan = lambda _to, _try: Fault.NONE
    deliver(room, NOW + DAY)
    deliver(room, NOW + DAY + minutes(1))

    assert {row(room, message).status for message in messages} == {"sent"}


@pytest.mark.parametrize("wrong", ["key", "template"])
def test_wrong_settings_rest_the_channel_at_once_and_health_says_what_notify_said(room, peer, caplog, wrong):
    settings = room.office.settings
    differs = {"api_key": KEY[:-1] + "f"} if wrong == "key" else {"template": TEMPLATE.replace("f33", "a33")}
    bad = settings.model_copy(update={"notify": settings.notify.model_copy(update=differs)})
    messages = [tell(room)[0] for _ in range(3)]

    counts = deliver_waiting(room.office, now=NOW, channel=channel_of(bad))
    resting = deliver_waiting(room.office, now=NOW + minutes(14), channel=channel_of(bad))

    assert (counts.failed, resting.paused) == (1, 1), "one message was offered, not all of them"
    problem = the_only_problem(room)
    assert problem.what == "mail settings"
    assert ("API key not found" if wrong == "key" else "Template not found") in problem.words
    assert "paused" in caplog.text
    assert KEY[-36:] not in caplog.text + problem.words

    deliver(room, NOW + minutes(15))
    assert {row(room, message).status for message in messages} == {"sent"}
    assert not [one for one in health(room.office, NOW).problems if one.what.startswith("mail")]


def test_a_key_that_is_none_is_a_problem_before_anything_is_sent(room, tmp_path):
    file = tmp_path / "key"
    file.write_text("the wrong thing")
    settings = room.office.settings
    notify = NotifySettings(api_key_file=file, template=TEMPLATE)
    object.__setattr__(room.office, "settings", settings.model_copy(update={"notify": notify}))

    problem = the_only_problem(room)

    assert problem.what == "mail settings"
    assert f"What stands in the file {file} is no API key of GOV.UK Notify" in problem.words


# -- what became of it ------------------------------------------------------------------------------------


def test_a_delivered_message_is_asked_about_until_that_is_known_and_then_no_more(room, peer):
    message, stored = sent(room, peer)

    assert not is_due(room.office, now=NOW + minutes(1))
    assert ask(room, NOW + minutes(3)) == {"under_way": 1}
    peer.become(stored, "delivered")
    assert ask(room, NOW + minutes(4)) == {}, "not yet again"
    assert is_due(room.office, now=NOW + minutes(6))
    assert ask(room, NOW + minutes(6)) == {"delivered": 1}

    assert (row(room, message).status, row(room, message).arrival) == ("sent", "delivered")
    assert not is_due(room.office, now=NOW + DAY)


def test_a_mailbox_that_does_not_exist_is_marked_and_the_team_manager_told(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "permanent-failure")

    assert ask(room, NOW + minutes(3)) == {"dead": 1}
    deliver(room, NOW + minutes(4))

    ended = row(room, message)
    assert (ended.status, ended.arrival, ended.told_failed) == ("dead", "no such mailbox", room.manager)
    assert peer.stored[-1].email_address == "manager@council.example"
    with room.office.reading() as session:
        assert session.get_one(Person, room.worker).email_failure == "no such mailbox"


def test_an_address_that_was_mended_meanwhile_is_not_marked(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "permanent-failure")
    with room.office.unit_of_work() as session:
        session.get_one(Person, room.worker).email = "wanda.birch@council.example"

    ask(room, NOW + minutes(3))

    assert row(room, message).status == "dead"
    with room.office.reading() as session:
        assert session.get_one(Person, room.worker).email_failed_at is None


def test_a_full_mailbox_ends_the_message_and_leaves_the_address_alone(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "temporary-failure")

    ask(room, NOW + 3 * DAY)

    ended = row(room, message)
    assert (ended.status, ended.told_failed) == ("dead", room.manager)
    assert ended.reason == "it did not arrive: mailbox full, or taken for spam"
    with room.office.reading() as session:
        assert session.get_one(Person, room.worker).email_failed_at is None


def test_what_notify_could_not_hand_on_is_sent_again_under_the_same_reference(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "technical-failure")

    assert ask(room, NOW + minutes(3)) == {"failed": 1}
    assert deliver(room, NOW + minutes(3)).sent == 0
    assert deliver(room, NOW + minutes(4)).sent == 1

    assert peer.copies() == {message: 2}
    assert outcomes(room, message) == ["refused", "sent"]


def test_a_person_who_tries_a_dead_message_again_is_not_told_of_its_first_end(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "temporary-failure")
    ask(room, NOW + minutes(3))
    with room.office.unit_of_work() as session:
        retry(session, [message], by=room.administrator)
    peer.plan = lambda _to, number: Fault.DROP_BEFORE_STORING if number == 2 else Fault.NONE

    deliver(room, NOW + DAY)
    again = deliver(room, NOW + DAY + minutes(15))

    assert again.sent == 1, "the copy that failed before is no answer to whether this one was taken"
    assert row(room, message).their_id == peer.stored[-1].id != stored.id


def test_after_five_days_without_a_last_word_nobody_asks_any_more(room, peer):
    message, stored = sent(room, peer)
    peer.become(stored, "sending")

    heard = [ask(room, NOW + timedelta(hours=hour)) for hour in range(1, 24 * 7)]

    assert sum(one.get("never_said", 0) for one in heard) == 1
    assert (row(room, message).arrival, row(room, message).ask_at) == ("never said", None)
    assert peer.requests["GET /v2/notifications"] < 40


def test_a_message_notify_has_deleted_is_asked_about_once(room, peer):
    message, _ = sent(room, peer)
    peer.forget(message)

    assert ask(room, NOW + 8 * DAY) == {"forgotten": 1}
    assert row(room, message).status == "sent"


def test_a_notify_that_cannot_be_asked_rests_like_one_that_cannot_be_sent_by(room, peer):
    for _ in range(6):
        tell(room)
    deliver(room)
    peer.asked = lambda: Fault.UNAVAILABLE

    for second in range(6):
        ask(room, NOW + minutes(3) + timedelta(seconds=second))

    with room.office.reading() as session:
        assert session.get_one(Channel, "notify").paused_until == NOW + minutes(18) + timedelta(seconds=4)
    assert {one.status for one in rows(room)} == {"sent"}


def test_a_redelivery_asks_too_and_the_ledger_tells_what_was_heard(room, peer):
    _, stored = sent(room, peer)
    peer.become(stored, "delivered")

    counts = redeliver(room.office, owner="here", now=NOW + minutes(3), how=How.PLAIN)

    assert counts == {"delivered": 1}


def test_a_channel_that_was_changed_meanwhile_is_not_asked_about_the_other_ones_messages(room, peer):
    message, _ = sent(room, peer)
    by_file = room.office.settings.model_copy(update={"mail": MailSettings(folder=room.office.settings.home / "mail")})

    heard = arrivals.ask(room.office, now=NOW + minutes(3), channel=channel_of(by_file))

    assert heard == {"forgotten": 1}
    assert row(room, message).status == "sent"


# -- told without asking ----------------------------------------------------------------------------------


@pytest.fixture
def listening(room, peer, tmp_path):
    """The pages, with the address that Notify calls."""
    (tmp_path / "token").write_text(BEARER)
    settings = room.office.settings
    notify = settings.notify.model_copy(update={"callback_token_file": tmp_path / "token"})
    object.__setattr__(room.office, "settings", settings.model_copy(update={"notify": notify}))
    with answering(create_app(room.office, now=lambda: NOW + minutes(1))) as address:
        peer.callback = f"{address}/notify/callback"
        yield peer


def test_what_notify_tells_is_heard_at_once_and_not_asked_for(room, listening):
    message, stored = sent(room, listening)

    assert listening.become(stored, "delivered") == 200

    assert row(room, message).arrival == "delivered"
    assert ask(room, NOW + DAY) == {}


def test_a_bounce_that_is_told_ends_the_message_like_one_that_is_asked_for(room, listening):
    message, stored = sent(room, listening)

    assert listening.become(stored, "permanent-failure") == 200

    assert (row(room, message).status, row(room, message).told_failed) == ("dead", room.manager)


def test_a_callback_that_is_replayed_or_late_changes_nothing(room, listening):
    """(reliability C50)"""
    message, stored = sent(room, listening)
    listening.become(stored, "delivered")

    assert listening.tell(stored, status="permanent-failure") == 200
    assert listening.tell(stored, status="technical-failure") == 200

    assert (row(room, message).status, row(room, message).arrival) == ("sent", "delivered")


@pytest.mark.parametrize(
    ("differs", "status"),
    [
        ({"bearer": "a-bearer-token-of-somebody"}, 401),
        ({"bearer": ""}, 401),
        ({"status": None}, 400),
        ({"reference": "0" * 32}, 200),
        ({"reference": None}, 200),
        ({"id": "740e5834-3a29-46b4-9a6f-16142fde533a"}, 200),
    ],
)
def test_a_forged_callback_changes_nothing(room, listening, differs, status):
    """(reliability C50)"""
    message, stored = sent(room, listening)

    assert listening.tell(stored, **{"status": "permanent-failure", **differs}) == status

    assert (row(room, message).status, row(room, message).arrival) == ("sent", None)


def test_nobody_may_call_where_no_token_is_set(room):
    calls = create_app(room.office, now=lambda: NOW).test_client()

    for said in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert calls.post("/notify/callback", data=b"{}", headers=said).status_code == 401


def test_who_calls_gets_a_status_and_nothing_else(room, listening):
    """No cookie, no page, no second way in: the token is in the header of each call, and what is sent is short."""
    calls = create_app(room.office, now=lambda: NOW).test_client()
    known = {"Authorization": f"Bearer {BEARER}"}

    stranger = calls.post("/notify/callback", data=b"{}")
    answers = [calls.post("/notify/callback", data=data, headers=known) for data in (b"{}", b"\xff", b"[" * 10_000)]
    too_long = calls.post("/notify/callback", data=b"x" * (LONGEST + 1), headers=known)

    assert (stranger.status_code, stranger.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert [one.status_code for one in answers] == [400, 400, 400]
    assert too_long.status_code == 413
    assert {(one.data, one.headers.get("Set-Cookie")) for one in (stranger, *answers)} == {(b"", None)}
    assert calls.get("/notify/callback", headers=known).status_code == 405
