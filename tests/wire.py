"""A wire between a client and a server of this machine, which keeps every byte that the client says."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_REQUEST = re.compile(rb"^(?:GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.1\r$", re.MULTILINE)


@dataclass
class Wire:
    """What went over it, connection by connection."""

    port: int
    said: list[bytearray] = field(default_factory=list)

    def everything(self) -> bytes:
        """All the client said: request lines, headers and bodies. What goes by websocket is masked."""
        return b"\n".join(bytes(each) for each in list(self.said))

    def urls(self) -> set[str]:
        """Every address the client asked for."""
        return {url.decode() for url in _REQUEST.findall(self.everything())}


@contextmanager
def a_wire(to_port: int) -> Iterator[Wire]:
    """Listens on a port of its own and hands everything on to `to_port`, both ways."""
    listener = socket.create_server(("127.0.0.1", 0))
    wire = Wire(listener.getsockname()[1])
    ends: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed: the test is through
            try:
                server = socket.create_connection(("127.0.0.1", to_port))
            except OSError:
                client.close()
                continue
            ends.extend((client, server))
            wire.said.append(said := bytearray())
            for one, other, kept in ((client, server, said), (server, client, None)):
                threading.Thread(target=_hand_on, args=(one, other, kept), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield wire
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(timeout=10)
        for end in ends:
            end.close()


def _hand_on(one: socket.socket, other: socket.socket, kept: bytearray | None) -> None:
    with suppress(OSError):
        while some := one.recv(65536):
            if kept is not None:
                kept += some
            other.sendall(some)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
