"""Answer browsers on this machine: waitress, behind a proxy or by itself (design 5.14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import waitress

from casework.units import Office
from web.application import create_app

THREADS = 8


def serve(office: Office, *, host: str, port: int, now: Callable[[], datetime], sign_in_as: bool) -> None:
    """Answer until the process is told to end. Raises OSError when the port is taken."""
    app = create_app(office, now=now, sign_in_as=sign_in_as)
    waitress.serve(app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True)
