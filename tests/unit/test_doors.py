"""The guards of the unit tests are guarded: each door is tried once."""

import socket
import sqlite3

import psycopg
import pytest
import sqlalchemy

from tests.doors import NotAUnitTest


def test_a_unit_test_cannot_open_a_socket():
    with pytest.raises(NotAUnitTest):
        socket.create_connection(("127.0.0.1", 9))


def test_a_unit_test_cannot_open_a_database_file():
    with pytest.raises(NotAUnitTest):
        sqlite3.connect(":memory:")


def test_a_unit_test_cannot_make_an_engine():
    with pytest.raises(NotAUnitTest):
        sqlalchemy.create_engine("sqlite://")


def test_a_unit_test_cannot_reach_postgresql():
    with pytest.raises(NotAUnitTest):
        psycopg.connect("host=/nowhere")
