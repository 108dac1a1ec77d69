"""What a test may not reach: the world outside this machine, and in unit tests any database or socket.

The interpreter's own audit events are watched, so that it does not matter how a library imported
`socket` or `sqlite3`. libpq (psycopg) opens its connections in C: unit tests therefore also refuse
SQLAlchemy's engines and psycopg's connections (tests/unit/conftest.py).
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class OutsideConnection(AssertionError):
    """A test tried to reach another machine."""


class NotAUnitTest(AssertionError):
    """A unit test tried to use a database or a socket: it belongs in tests/integration."""


_all_closed = False


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.getaddrinfo", "sqlite3.connect"}:
        if _all_closed:
            raise NotAUnitTest(f"{event}{args[-1:]}: a unit test uses no database and no socket.")
        if event == "socket.getaddrinfo":
            host = args[0]
        elif event != "sqlite3.connect" and isinstance(args[1], tuple):
            host = args[1][0]
        else:
            return  # a file, or a socket that is a file
        if not _is_loopback(host):
            raise OutsideConnection(f"{event} {host}: tests reach this machine only.")


def watch_the_doors() -> None:
    """From now on refuse every connection that leaves this machine. An audit hook cannot be taken back."""
    sys.addaudithook(_watch)


@contextmanager
def all_doors_closed() -> Iterator[None]:
    """Inside, refuse databases and sockets altogether."""
    global _all_closed  # noqa: PLW0603 - an audit hook has no other way to be told
    _all_closed = True
    try:
        yield
    finally:
        _all_closed = False
