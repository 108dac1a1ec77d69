"""What of Prefect's server is let through: the API, the first pages where asked for, and nothing else."""

import asyncio

import pytest

from workflows.server import Gate


async def never(scope, receive, send):
    raise AssertionError("this must not be let through")


def through(gate, scope):
    """What a gate answers to one connection."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(gate(scope, receive, send))
    return sent


@pytest.mark.parametrize("path", ["/api", "/api/flows/", "/api/health", "//api//flows"])
def test_the_api_is_let_through(path):
    assert Gate(never, ui=False).opens(path)


@pytest.mark.parametrize("path", ["/", "/runs", "/assets/index.js", "/ui-settings", "/apis"])
def test_the_first_pages_only_where_they_were_asked_for(path):
    assert not Gate(never, ui=False).opens(path)
    assert Gate(never, ui=True).opens(path)


@pytest.mark.parametrize("ui", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v2/",
        "//v2",
        "/./v2/runs",
        "/runs/../v2",
        "/api/../v2",
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
        "/openapi.json",
        "/api/docs",
        "/api/openapi.json",
    ],
)
def test_the_second_pages_and_the_descriptions_never(path, ui):
    gate = Gate(never, ui=ui)

    sent = through(gate, {"type": "http", "path": path})

    assert not gate.opens(path)
    assert [message.get("status") for message in sent] == [404, None]


def test_a_websocket_that_is_not_let_through_is_closed():
    assert through(Gate(never, ui=False), {"type": "websocket", "path": "/v2/x"}) == [
        {"type": "websocket.close", "code": 1008}
    ]


@pytest.mark.parametrize(
    ("status", "headers"),
    [(200, {b"content-security-policy"}), (503, {b"content-security-policy", b"retry-after"})],
)
def test_an_answer_forbids_a_browser_other_hosts_and_a_busy_one_says_come_again_soon(status, headers):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b"."})

    start, body = through(Gate(app, ui=False), {"type": "http", "path": "/api/flows/"})

    assert {name for name, _ in start["headers"]} == headers | {b"x"}
    assert body == {"type": "http.response.body", "body": b"."}
