"""Our Prefect server: on this machine, behind a password, and nothing but what we need of it.

Run as `python -m workflows.server`. Prefect answers under `/v2` with pages that call an analytics host
even when they are switched off, and shows `/docs` and its like without a login (reliability 0.1.6, P16).
So its application is served behind a gate that knows the API and, where an operator asked for them, the
pages of the first user interface. Everything else is 404.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from casework.loading import loading
from casework.settings import Settings
from workflows import profile

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger("sgo.server")
_HIDDEN = ("/v2", "/docs", "/redoc", "/openapi.json", "/api/docs", "/api/redoc", "/api/openapi.json")
#: A browser that shows the first pages talks to this server and to nobody else.
_POLICY = b"default-src 'self' 'unsafe-inline' data: blob:; connect-src 'self'; frame-ancestors 'none'"


class Gate:
    """Lets through the API, and the first pages if `ui`; answers 404 to all else."""

    def __init__(self, app: App, *, ui: bool) -> None:
        self._app, self._ui = app, ui

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI hands it over."""
        if scope["type"] == "lifespan" or self.opens(str(scope["path"])):
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    def opens(self, path: str) -> bool:
        """Whether a path is let through."""
        plain = "/" + "/".join(part for part in path.split("/") if part not in {"", "."})
        if ".." in plain.split("/"):
            return False
        if any(plain == hidden or plain.startswith(hidden + "/") for hidden in _HIDDEN):
            return False
        return self._ui or plain == "/api" or plain.startswith("/api/")


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_headers(int(message["status"]))]
        await send(message)

    return sending


def _headers(status: int) -> list[tuple[bytes, bytes]]:
    if status != 503:
        return [(b"content-security-policy", _POLICY)]
    # Two of the server's own services met in its SQLite database. Its client would wait for 2 s.
    return [(b"content-security-policy", _POLICY), (b"retry-after", b"0.1")]


def build(settings: Settings) -> Gate:
    """Prefect's application behind the gate. `profile.apply` must have been called."""
    with loading():
        import prefect
        from prefect.server.api.server import create_app

    # Prefect mounts whatever pages it finds here: the second ones are not to be found.
    prefect.__ui_v2_static_path__ = Path(profile.folder(settings)) / "no-second-pages"
    app = create_app(final=True)
    _let_runs_be_planned()
    return Gate(app, ui=settings.prefect.ui)


def _let_runs_be_planned() -> None:
    """Prefect 3.8 plans runs with one bulk insert that hands over each run's state beside its columns.

    SQLAlchemy 2.0 left the state out by itself; 2.1 asks for a rule and refuses without one, so that no
    planned run would ever be made. The rule: leave it out, Prefect stores it by another statement.
    """
    from prefect.server.database.orm_models import FlowRun

    state: Any = FlowRun.__dict__["state"]
    if getattr(state, "bulk_dml_setter", None) is None:
        state.bulk_dml_setter = lambda _model, _columns, _value: None


async def serve(settings: Settings) -> int:
    """Serve until told to stop. Answers the exit status: 1 where the server could not start."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            build(settings),
            host=settings.prefect.host,
            port=settings.prefect.port,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.05)
    if server.started:
        await _make_automations()
    await serving
    return 0 if server.started else 1


async def _make_automations() -> None:
    from workflows.automations import make_automations

    try:
        await make_automations()
    except Exception as error:  # noqa: BLE001 - a server without its automation serves; the next start tries again
        _LOG.warning("The automation for killed runs was not made (%s).", type(error).__name__)


def main() -> int:
    """The Prefect server of this installation."""
    settings = Settings.load(os.environ)
    settings.prepare_home()
    profile.apply(settings)
    os.chdir(profile.folder(settings))  # a prefect.toml or .env lying about elsewhere is not read
    return asyncio.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main())
