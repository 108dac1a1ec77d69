"""An application on a real port of this machine, while a test runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server

#: So often, in seconds, it looks whether it is to end.
_LOOKS = 0.05


@contextmanager
def answering(app: Any) -> Iterator[str]:
    """The application (WSGI) answers, each request in a thread of its own; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(_LOOKS,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
