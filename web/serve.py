"""Answer browsers on this machine: waitress, behind a proxy or by itself (design 5.14)."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import datetime

import waitress

from casework.units import Office
from web.application import create_app

THREADS = 8
#: What is believed of the proxy that the settings name, and of nobody else (reliability A.7: 4.1.3).
FORWARDED = {"x-forwarded-for", "x-forwarded-proto"}


def serve(office: Office, *, host: str, port: int, now: Callable[[], datetime], sign_in_as: bool) -> None:
    """Answer until the process is told to end. Raises OSError when the port is taken."""
    app = create_app(office, now=now, sign_in_as=sign_in_as)
    # What a process has once it is ready stays: looking through it for rubbish made one page in a hundred slow.
    gc.freeze()
    proxy = office.settings.web.proxy
    believed = {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": FORWARDED} if proxy else {}
    waitress.serve(
        app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True, **believed
    )
