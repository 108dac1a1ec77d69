"""What no test may do, tried: reach another machine; see or keep a setting of the person who runs it."""

import os
import socket

import pytest

from tests.doors import OutsideConnection

ANOTHER_MACHINE = "192.0.2.1"  # reserved for documentation: nobody answers there


def test_no_test_connects_to_another_machine():
    with pytest.raises(OutsideConnection), socket.socket() as ours:
        ours.connect((ANOTHER_MACHINE, 25))


def test_no_test_sends_to_another_machine():
    with pytest.raises(OutsideConnection), socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.sendto(b"x", (ANOTHER_MACHINE, 53))


def test_no_test_asks_for_the_address_of_another_machine():
    with pytest.raises(OutsideConnection):
        socket.getaddrinfo("a-council.example", 443)


def test_this_machine_may_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        accepted, _ = server.accept()
        accepted.close()


def test_the_data_folder_of_a_test_is_its_own(tmp_path):
    assert os.environ["SGO_HOME"] == str(tmp_path / "sgo-home")
    assert "DATABASE_URL" not in os.environ
