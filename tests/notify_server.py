"""A local stand-in for GOV.UK Notify: a real HTTP server that the real client talks to, and that can misbehave."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.notify_peer import REFUSALS, STORES, TEMPLATE, Fault, NotifyPeer, Plan, Refused


class _Dropped(Exception):
    """The connection is to go away without an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: NotifyPeer

    def log_message(self, *_: object) -> None:
        """Not on the console of the tests."""

    def do_POST(self) -> None:
        self._answered(self._post)

    def do_GET(self) -> None:
        self._answered(self._get)

    def _answered(self, work: Callable[[], tuple[int, Any]]) -> None:
        self.peer.requests[f"{self.command} {urlsplit(self.path).path.rsplit('/', 1)[0]}"] += 1
        try:
            status, answer = work()
            self._write(status, json.dumps(answer).encode())
        except Refused as refused:
            self._refuse(refused)
        except (_Dropped, BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _refuse(self, refused: Refused) -> None:
        errors = [{"error": refused.kind, "message": refused.message}]
        self._write(refused.status, json.dumps({"status_code": refused.status, "errors": errors}).encode())

    def _write(self, status: int, content: bytes, kind: str = "application/json", *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection |= cut

    def _post(self) -> tuple[int, Any]:
        form = json.loads(self._body())
        peer, address = self.peer, str(form.get("email_address"))
        kind = peer.kind_of_key(self.headers.get("Authorization"))
        if self.path != "/v2/notifications/email":
            raise Refused(404, "NotFound", "Not found")
        with peer.lock:
            peer.tries[address] += 1
            fault = peer.plan(address, peer.tries[address])
            peer.faults.append((address, fault))
        if fault is Fault.DROP_UNREAD:
            raise _Dropped
        one = peer.take(form, kind) if fault in STORES else None
        self._misbehave(fault)
        assert one is not None
        answer = {
            "id": one.id,
            "reference": one.reference,
            "content": {"subject": one.subject, "body": one.body, "from_email": "sgo@notifications.example"},
            "uri": f"{peer.address}/v2/notifications/{one.id}",
            "template": {"id": TEMPLATE, "version": 1, "uri": f"{peer.address}/v2/template/{TEMPLATE}"},
            "scheduled_for": None,
        }
        if fault is Fault.CUT_ANSWER:
            self._write(201, json.dumps(answer).encode(), cut=True)
            raise _Dropped
        if fault is Fault.NONSENSE:
            self._write(201, b"<html>well, perhaps</html>", "text/html")
            raise _Dropped
        return 201, answer

    def _misbehave(self, fault: Fault) -> None:
        if fault in (Fault.DROP_BEFORE_STORING, Fault.DROP_AFTER_STORING):
            raise _Dropped
        if fault in (Fault.STALL_BEFORE_STORING, Fault.STALL_AFTER_STORING):
            self.peer.closing.wait(30)
            raise _Dropped
        if fault is Fault.SLOW:
            self.peer.closing.wait(1)
        if fault in (Fault.BAD_GATEWAY, Fault.GATEWAY_TIMEOUT):
            self._write(502 if fault is Fault.BAD_GATEWAY else 504, b"<html>gateway</html>", "text/html")
            raise _Dropped
        if fault in REFUSALS:
            raise Refused(*REFUSALS[fault])

    def _get(self) -> tuple[int, Any]:
        peer = self.peer
        kind = peer.kind_of_key(self.headers.get("Authorization"))
        self._misbehave(peer.asked())
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/v2/notifications":
            return 200, peer.page(query, kind)
        if found := re.fullmatch(r"/v2/template/([0-9a-f-]+)", path):
            return 200, peer.shown_template(found[1])
        if found := re.fullmatch(r"/v2/notifications/([0-9a-f-]+)", path):
            with peer.lock:
                for one in peer.stored:
                    if one.id == found[1]:
                        if one.status == "created":
                            one.status = peer.end(one)
                        return 200, one.as_json()
        raise Refused(404, "NoResultFound", "No result found")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@contextmanager
def notify_server(plan: Plan | None = None, *, page_size: int = 250) -> Iterator[NotifyPeer]:
    """A running server on this machine."""
    peer = NotifyPeer(plan or (lambda _recipient, _try: Fault.NONE), page_size=page_size)
    handler = type("Handler", (_Handler,), {"peer": peer})
    server = _Server(("127.0.0.1", 0), handler)
    peer.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.closing.set()
        server.shutdown()
        thread.join(5)
        server.server_close()
