"""The SMTP channel in a real conversation: encrypted, logged in, and honest about what it knows (B.4)."""

import socket
import ssl
from datetime import UTC, datetime

import pytest
import trustme

from notifications.channels import Blame, CertainFailure, SmtpChannel, UnknownOutcome
from notifications.messages import Message, message_id
from notifications.rendering import Rendered
from persistence.tables import new_id
from tests.smtp_server import PASSWORD, USER, Fault, smtp_server

FROM = "sgo-pathway@council.example"
TO = "amina.clarke@council.example"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def certificate(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def a_message(to: str = TO) -> Message:
    outbox_id = new_id()
    return Message(
        id=outbox_id,
        message_id=message_id(outbox_id, FROM),
        to_address=to,
        from_address=FROM,
        from_name="SGO pathway",
        rendered=Rendered(
            subject="SGO pathway: a task is waiting for you",
            text="Dear Zoe\n\n.A dot\n..\n.\nThe end\n",
            html="<p>Dear Zoë</p>",
            template_version="0" * 64,
        ),
        written_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    )


def plain(port: int, **given) -> SmtpChannel:
    return SmtpChannel(host="127.0.0.1", port=port, tls="none", **given)


def test_a_message_arrives_whole_over_starttls_with_a_login(certificate, trusting):
    with smtp_server(certificate=certificate, login=True) as peer:
        channel = SmtpChannel(
            host="127.0.0.1",
            port=peer.port,
            tls="starttls",
            context=trusting,
            user=USER,
            password=PASSWORD,
        )
        message = a_message()

        sent = channel.send(message)

    (stored,) = peer.stored
    assert sent.reply == "250 2.0.0 stored as 1"
    assert peer.encrypted == [True]
    assert peer.logins == ["in"]
    assert peer.envelopes == [(FROM, (TO,))]
    assert stored["Message-ID"] == message.message_id
    text = stored.get_body(("plain",)).get_content()
    assert text.splitlines() == ["Dear Zoe", "", ".A dot", "..", ".", "The end"]
    assert "Zoë" in stored.get_body(("html",)).get_content()


def test_a_message_arrives_over_tls_from_the_first_byte(certificate, trusting):
    with smtp_server(certificate=certificate, implicit_tls=True) as peer:
        channel = SmtpChannel(host="127.0.0.1", port=peer.port, tls="tls", context=trusting)

        channel.send(a_message())

    assert len(peer.stored) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_of_nobody_we_trust_stops_everything(certificate, tls):
    with smtp_server(certificate=certificate, implicit_tls=tls == "tls") as peer:
        channel = SmtpChannel(host="127.0.0.1", port=peer.port, tls=tls)

        with pytest.raises(CertainFailure, match="certificate was refused") as failure:
            channel.send(a_message())

    assert failure.value.blame is Blame.CHANNEL
    assert peer.stored == []


def test_a_server_that_does_not_encrypt_gets_nothing(trusting):
    with smtp_server() as peer:
        channel = SmtpChannel(host="127.0.0.1", port=peer.port, tls="starttls", context=trusting)

        with pytest.raises(CertainFailure) as failure:
            channel.send(a_message())

    assert failure.value.blame is Blame.CHANNEL
    assert peer.stored == []


def test_a_wrong_password_is_the_channels_fault_and_stands_in_no_message(certificate, trusting):
    with smtp_server(certificate=certificate, login=True) as peer:
        channel = SmtpChannel(
            host="127.0.0.1",
            port=peer.port,
            tls="starttls",
            context=trusting,
            user=USER,
            password="wrong-canary",
        )

        with pytest.raises(CertainFailure) as failure:
            channel.send(a_message())

    assert failure.value.blame is Blame.CHANNEL
    assert "535" in failure.value.detail
    assert "wrong-canary" not in f"{failure.value} {failure.value.detail} {channel!r}"


def test_a_server_that_is_not_there_is_the_channels_fault():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        channel = plain(nobody.getsockname()[1])

        with pytest.raises(CertainFailure) as failure:
            channel.send(a_message())

    assert failure.value.blame is Blame.CHANNEL
    assert not failure.value.permanent


@pytest.mark.parametrize(
    ("fault", "permanent", "address_bad", "blame"),
    [
        (Fault.ADDRESS_UNKNOWN, True, True, Blame.ANSWER),
        (Fault.ADDRESS_LATER, False, False, Blame.ANSWER),
        (Fault.DROP_BEFORE_DATA, False, False, Blame.LOST),
        (Fault.LATER, False, False, Blame.ANSWER),
        (Fault.REFUSED, True, False, Blame.ANSWER),
        (Fault.UNKNOWN_AFTER_DATA, True, True, Blame.ANSWER),
    ],
)
def test_what_certainly_failed_is_told_apart(fault, permanent, address_bad, blame):
    with smtp_server(lambda _to, _try: fault) as peer, pytest.raises(CertainFailure) as failure:
        plain(peer.port).send(a_message())

    seen = failure.value
    assert (seen.permanent, seen.address_bad, seen.blame) == (permanent, address_bad, blame)
    assert peer.stored == []


def test_a_connection_dropped_at_the_greeting_is_the_channels_fault():
    with smtp_server() as peer:
        peer.at_greeting = lambda _connection: Fault.DROP_AT_GREETING

        with pytest.raises(CertainFailure) as failure:
            plain(peer.port).send(a_message())

    assert failure.value.blame is Blame.CHANNEL


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (Fault.DROP_WITHOUT_STORING, 0),
        (Fault.DROP_AFTER_STORING, 1),
        (Fault.STALL_AFTER_STORING, 1),
        (Fault.NONSENSE, 1),
    ],
)
def test_after_the_final_dot_nobody_knows(fault, stored):
    with smtp_server(lambda _to, _try: fault) as peer, pytest.raises(UnknownOutcome):
        plain(peer.port, timeout_seconds=0.5).send(a_message())

    assert len(peer.stored) == stored


def test_a_connection_lost_within_the_message_is_never_taken_for_success():
    with (
        smtp_server(lambda _to, _try: Fault.DROP_IN_DATA) as peer,
        pytest.raises((CertainFailure, UnknownOutcome)),
    ):
        plain(peer.port).send(a_message())

    assert peer.stored == []


def test_a_server_that_accepts_connections_and_says_nothing_is_given_up_on():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = plain(silent.getsockname()[1], timeout_seconds=0.2)

        with pytest.raises(CertainFailure, match=r"no answer in time|timed out") as failure:
            channel.send(a_message())

    assert failure.value.blame is Blame.CHANNEL


def test_an_address_that_is_several_is_refused_before_anything_is_said():
    with smtp_server() as peer, pytest.raises(CertainFailure) as failure:
        plain(peer.port).send(a_message("a@council.example, b@council.example"))

    assert failure.value.address_bad
    assert peer.connections == 0
