"""The GOV.UK Notify channel in a real conversation: the official client, and honest about what it knows (B.4)."""

import logging
import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme

from notifications.channels import Arrival, Blame, CertainFailure, NotThere, ReportsArrival, UnknownOutcome
from notifications.messages import Message, message_id
from notifications.notify import NotifyChannel
from notifications.rendering import Rendered
from persistence.tables import new_id
from tests.notify_peer import KEY, STORES, TEAM_KEY, TEMPLATE, UNKNOWABLE, Fault
from tests.notify_server import notify_server

TO = "amina.clarke@council.example"
FROM = "sgo-pathway@council.example"


def a_message(to: str = TO, **given) -> Message:
    outbox_id = new_id()
    return Message(
        **{
            "id": outbox_id,
            "message_id": message_id(outbox_id, FROM),
            "to_address": to,
            "from_address": FROM,
            "from_name": "SGO pathway",
            "rendered": Rendered(
                subject="SGO pathway: a task is waiting for you",
                text="Dear Zoë\n\nSomething waits.\n",
                html="<p>Dear Zoë</p>",
                template_version="0" * 64,
            ),
            "written_at": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
            **given,
        }
    )


def channel(peer, **given) -> NotifyChannel:
    return NotifyChannel(**{"key": KEY, "template_id": TEMPLATE, "address": peer.address, **given})


def always(fault):
    return lambda _to, _try: fault


def test_a_message_arrives_whole_under_our_reference():
    with notify_server() as peer:
        message = a_message()

        sent = channel(peer).send(message)

    (stored,) = peer.stored
    assert sent.their_id == stored.id
    assert (stored.reference, stored.email_address) == (message.id, TO)
    assert stored.subject == "SGO pathway: a task is waiting for you"
    assert stored.body == "Dear Zoë\n\nSomething waits.\n"


def test_whoever_holds_the_channel_sees_no_key():
    with notify_server() as peer:
        assert KEY[-36:] not in repr(channel(peer))


@pytest.mark.parametrize(
    ("fault", "permanent", "address_bad", "blame"),
    [
        (Fault.ADDRESS_BAD, True, True, Blame.ANSWER),
        (Fault.NOT_ON_THE_TEAM, True, False, Blame.ANSWER),
        (Fault.TOO_FAST, False, False, Blame.CHANNEL),
        (Fault.TOO_MANY, False, False, Blame.CHANNEL),
    ],
)
def test_what_notify_refuses_is_told_apart(fault, permanent, address_bad, blame):
    with notify_server(always(fault)) as peer, pytest.raises(CertainFailure) as failure:
        channel(peer).send(a_message())

    seen = failure.value
    assert (seen.permanent, seen.address_bad, seen.blame) == (permanent, address_bad, blame)
    assert peer.stored == []


@pytest.mark.parametrize("fault", sorted(UNKNOWABLE))
def test_without_an_answer_that_can_be_read_nobody_knows(fault):
    with notify_server(always(fault)) as peer, pytest.raises(UnknownOutcome):
        channel(peer, timeout_seconds=0.3).send(a_message())

    assert len(peer.stored) == (fault in STORES)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"key": KEY[:-1] + "f"}, "403 Invalid token: API key not found"),
        ({"key": KEY.replace("26785a09", "26785a00")}, "403 Invalid token: service not found"),
        ({"template_id": TEMPLATE.replace("f33", "a33")}, "400 Template not found"),
        ({"key": TEAM_KEY}, "400 Can’t send to this recipient using a team-only API key"),
    ],
)
def test_a_wrong_setting_is_said_in_notifys_words(given, words):
    with notify_server() as peer, pytest.raises(CertainFailure) as failure:
        channel(peer, **given).send(a_message())

    assert failure.value.detail == words
    assert failure.value.blame is (Blame.ANSWER if "recipient" in words else Blame.SETTINGS)
    assert peer.stored == []


def test_a_clock_that_is_wrong_is_a_setting():
    with notify_server() as peer:
        peer.ahead = timedelta(minutes=2)

        with pytest.raises(CertainFailure, match="system clock") as failure:
            channel(peer).send(a_message())

    assert failure.value.blame is Blame.SETTINGS


def test_an_address_of_something_else_is_a_setting():
    with (
        notify_server() as peer,
        _elsewhere(peer.address) as elsewhere,
        pytest.raises(CertainFailure, match=r"not GOV\.UK Notify's address") as failure,
    ):
        channel(peer, address=elsewhere).send(a_message())

    assert failure.value.blame is Blame.SETTINGS
    assert peer.stored == [], "nothing follows a redirection"


def test_a_server_that_is_not_there_certainly_got_nothing():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        with pytest.raises(CertainFailure, match="not reached") as failure:
            NotifyChannel(key=KEY, template_id=TEMPLATE, address=away).send(a_message())

    assert (failure.value.blame, failure.value.permanent) == (Blame.CHANNEL, False)


def test_a_server_nobody_vouches_for_gets_nothing():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        address = f"https://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(CertainFailure, match="certificate was refused") as failure:
            NotifyChannel(key=KEY, template_id=TEMPLATE, address=address).send(a_message())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert failure.value.blame is Blame.CHANNEL


def test_a_server_that_does_not_encrypt_where_it_should_gets_nothing():
    with notify_server() as peer:
        address = peer.address.replace("http://", "https://")

        with pytest.raises(CertainFailure, match="does not encrypt"):
            channel(peer, address=address).send(a_message())

    assert peer.requests.total() == 0


def test_an_address_that_is_several_is_refused_before_anything_is_said():
    with notify_server() as peer, pytest.raises(CertainFailure) as failure:
        channel(peer).send(a_message("a@council.example, b@council.example"))

    assert failure.value.address_bad
    assert peer.requests.total() == 0


# -- asking for our reference -----------------------------------------------------------------------------


def test_a_message_whose_answer_was_lost_is_found_again():
    with notify_server(always(Fault.DROP_AFTER_STORING)) as peer:
        message = a_message()
        with pytest.raises(UnknownOutcome):
            channel(peer).send(message)

        before = channel(peer).accepted_before(message)

    assert before.their_id == peer.stored[0].id


def test_a_message_that_was_never_stored_is_known_not_to_be_there():
    with notify_server(always(Fault.DROP_BEFORE_STORING)) as peer:
        message = a_message()
        with pytest.raises(UnknownOutcome):
            channel(peer).send(message)

        assert channel(peer).accepted_before(message) == NotThere()


def test_a_reference_is_not_unique_and_every_page_of_it_is_looked_at():
    with notify_server(page_size=2) as peer:
        message = a_message()
        ids = [channel(peer).send(message).their_id for _ in range(5)]
        for one in peer.stored[1:]:
            one.status = "technical-failure"

        before = channel(peer).accepted_before(message)

    assert len(set(ids)) == 5
    assert before.their_id == ids[0], "it stands on the third page"


def test_copies_whose_end_is_known_are_no_answer():
    with notify_server() as peer:
        first = a_message()
        ended = channel(peer).send(first).their_id
        again = a_message(id=first.id, ended=frozenset({ended}))

        assert channel(peer).accepted_before(again) == NotThere()


def test_a_key_of_another_kind_does_not_see_the_message():
    with notify_server() as peer:
        message = a_message()
        channel(peer).send(message)

        assert channel(peer, key=TEAM_KEY).accepted_before(message) == NotThere()


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.STALL_BEFORE_STORING, Fault.TOO_FAST])
def test_where_notify_cannot_be_asked_nothing_is_known(fault):
    with notify_server() as peer:
        peer.asked = lambda: fault

        with pytest.raises(CertainFailure) as failure:
            channel(peer, timeout_seconds=0.3).accepted_before(a_message())

    assert failure.value.blame is Blame.CHANNEL


# -- what became of it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "arrival"),
    [
        ("created", Arrival.UNDER_WAY),
        ("sending", Arrival.UNDER_WAY),
        ("delivered", Arrival.DELIVERED),
        ("permanent-failure", Arrival.NO_MAILBOX),
        ("temporary-failure", Arrival.NOT_TAKEN),
        ("technical-failure", Arrival.NOT_SENT),
    ],
)
def test_what_became_of_a_message_is_asked_by_its_id(status, arrival):
    with notify_server() as peer:
        sent = channel(peer).send(a_message())
        peer.become(peer.stored[0], status)

        report = channel(peer).report(sent.their_id)

    assert (report.arrival, report.to_address) == (arrival, TO)


def test_what_notify_has_deleted_is_no_longer_known():
    with notify_server() as peer:
        sent = channel(peer).send(a_message())
        peer.forget(peer.stored[0].reference)

        assert channel(peer).report(sent.their_id).arrival is Arrival.FORGOTTEN
        assert isinstance(channel(peer), ReportsArrival)


# -- the settings, looked at ------------------------------------------------------------------------------


def test_a_channel_that_would_work_has_no_problems_and_sends_nothing():
    with notify_server() as peer:
        assert channel(peer).problems() == []
        assert peer.stored == []


@pytest.mark.parametrize(
    ("given", "template", "words"),
    [
        ({"key": KEY[:-1] + "f"}, {}, "403 Invalid token: API key not found"),
        ({"template_id": TEMPLATE.replace("f33", "a33")}, {}, "has no template a33"),
        ({}, {"type": "sms"}, "not one for e-mails"),
        ({}, {"body": "((body)) ((name))"}, r"it has \(\(body\)\), \(\(name\)\), \(\(subject\)\)"),
        ({}, {"subject": "News", "body": "Hello"}, "it has none"),
    ],
)
def test_what_keeps_the_channel_from_working_is_said_plainly(given, template, words):
    with notify_server() as peer:
        peer.template |= template

        (problem,) = channel(peer, **given).problems()

    assert re.search(words, problem), problem


def test_the_client_writes_nothing_into_our_log(caplog):
    caplog.set_level(logging.DEBUG)
    with notify_server(always(Fault.ADDRESS_BAD)) as peer, pytest.raises(CertainFailure):
        channel(peer).send(a_message())

    assert TO not in caplog.text
    assert [one for one in caplog.records if one.name.startswith("notifications_python_client")] == []


class _Moved(BaseHTTPRequestHandler):
    to = ""

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307)
        self.send_header("Location", f"{self.to}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()


class _elsewhere:  # noqa: N801 - reads as a sentence where it is used
    """A server that sends everybody somewhere else."""

    def __init__(self, to):
        self.server = HTTPServer(("127.0.0.1", 0), type("Moved", (_Moved,), {"to": to}))
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
