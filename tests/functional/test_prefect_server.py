"""Our Prefect server keeps to itself: a password, no second pages, nothing that leaves the machine (R25, D)."""

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from casework.settings import Settings
from tests.needs import not_available
from tests.prefect_server import Child, PrefectServer, until
from workflows import profile

pytestmark = pytest.mark.prefect

BROWSER = "text/html,application/xhtml+xml"


# --- what it answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v2/",
        "/v2/dashboard",
        "//v2/",
        "/./v2/",
        "/%76%32/",
        "/x/../v2/",
        "/api/../v2/",
        "/",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/ui-settings",
        "/api/docs",
        "/api/openapi.json",
    ],
)
@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_the_second_pages_and_whatever_needs_no_login_are_not_there(prefect_server, path, accept):
    status, _ = prefect_server.get(path, accept=accept)

    assert status == 404


@pytest.mark.parametrize("password", [None, "sgo:wrong", "", "x"])
def test_without_the_right_password_the_api_refuses(prefect_server, password):
    """(reliability C40)"""
    status, answer = prefect_server.get("/api/flows/name/none", password=password)

    assert status == (404 if password == "" else 401)
    assert password == "" or answer == {"exception_message": "Unauthorized"}


def test_a_path_that_ends_like_the_health_check_needs_the_password_too(prefect_server):
    assert prefect_server.get("/api/health", password=None)[0] == 200
    for path in ("/api/variables/name/health", "/api/flows/name/ready"):
        assert prefect_server.get(path, password=None)[0] == 401


@pytest.mark.parametrize("path", ["/api/events/in", "/api/events/out", "/api/logs/out", "/v2/x"])
def test_a_websocket_opens_to_nobody_without_the_password(prefect_server, path):
    """(reliability C40)"""
    # The server may take the connection to ask who is there; it must close it again and say nothing.
    with closing(HTTPConnection("127.0.0.1", prefect_server.settings.prefect.port, timeout=30)) as connection:
        connection.request(
            "GET",
            path,
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol": "prefect",
            },
        )
        answer = connection.getresponse()
        if answer.status == 101:
            assert connection.sock is not None
            # A masked text frame: {"type":"auth","token":null}
            said = b'{"type":"auth","token":null}'
            connection.sock.sendall(bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said)
            heard = connection.sock.recv(1000)
            assert heard[:1] in {b"\x88", b""}, heard  # a closing frame, or the end
            assert b"auth_success" not in heard
        else:
            assert answer.status in {403, 404}


def test_a_change_needs_a_token_that_no_other_page_can_have(prefect_server):
    with closing(HTTPConnection("127.0.0.1", prefect_server.settings.prefect.port, timeout=30)) as connection:
        known = profile.password(prefect_server.settings).encode()
        connection.request(
            "POST",
            "/api/flows/",
            body=json.dumps({"name": "forged"}),
            headers={"Authorization": "Basic " + b64encode(known).decode()},
        )
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (403, {"detail": "Missing CSRF token."})


def test_every_answer_forbids_a_browser_to_talk_to_anybody_else(prefect_server):
    with closing(HTTPConnection("127.0.0.1", prefect_server.settings.prefect.port, timeout=30)) as connection:
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers


def test_only_this_machine_reaches_it(prefect_server):
    """(reliability C40)"""
    assert prefect_server.settings.prefect.host == "127.0.0.1"
    listening = re.findall(
        rf"^\s*\d+: ([0-9A-F]+):{prefect_server.settings.prefect.port:04X} 0+:0000 0A",
        Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text(),
        re.MULTILINE,
    )
    assert listening == ["0100007F"]  # 127.0.0.1, as the kernel writes it


def test_what_it_writes_is_for_its_owner_alone(prefect_server):
    home = prefect_server.home

    assert home.stat().st_mode & 0o077 == 0
    open_to_others = [path.name for path in home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert open_to_others == []


# --- what it does by itself ------------------------------------------------------------------------------


def test_runs_that_no_longer_beat_are_marked_by_one_automation_however_often_it_starts(prefect_server):
    prefect_server.stop()
    prefect_server.start()

    def made():
        return prefect_server.table("SELECT name, enabled, trigger FROM automation")

    ((name, enabled, trigger),) = until(made, what="The automation")
    watched = json.loads(trigger)
    assert (name, enabled) == ("Runs that no longer beat have crashed", 1)
    assert (watched["posture"], watched["within"]) == ("Proactive", 90.0)
    assert watched["after"] == ["prefect.flow-run.heartbeat"]


# --- its settings ----------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path):
    return Settings.load({"SGO_HOME": str(tmp_path / "home")})


def test_every_variable_of_the_profile_is_one_that_prefect_knows_and_reads_as_meant(settings, tmp_path):
    said = profile.environment(settings)
    script = tmp_path / "ask.py"
    script.write_text(
        "import json, os\n"
        "from prefect.settings import Settings\n"
        "read = Settings().to_environment_variables(include_secrets=True, include_aliases=True)\n"
        "print(json.dumps(read))\n"
    )
    answer = subprocess.run(
        [sys.executable, str(script)],
        env={**profile.without_prefect(os.environ), **said},
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(answer.stdout.splitlines()[-1])
    known = {name: value for name, value in said.items() if name.startswith("PREFECT_")}
    of_logfire = {"PREFECT_LOGFIRE_ENABLED"}  # read by Prefect outside its settings

    assert sorted(known.keys() - read.keys() - of_logfire) == []
    differing = {name for name in known.keys() & read.keys() if not _same(known[name], read[name])}
    assert differing == set()


def _same(said, read):
    if "," in said:
        return set(said.split(",")) == set(read.split(","))
    return said.lower() == read.lower() or _seconds(said) == _seconds(read)


def _seconds(words):
    length = TypeAdapter(timedelta)
    try:
        return length.validate_python(float(words) if words.replace(".", "").isdigit() else words)
    except ValidationError:
        return words


def test_what_the_persons_own_shell_says_of_prefect_is_dropped(settings):
    env = {
        "PATH": "/bin",
        "PREFECT_API_URL": "https://api.prefect.cloud/api",
        "PREFECT_API_KEY": "pnu_1",
        "PREFECT_PROFILE": "cloud",
        "PREFECT__FLOW_RUN_ID": "a run that is under way",
    }

    profile.apply(settings, env)

    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert "PREFECT_API_KEY" not in env
    assert "PREFECT_PROFILE" not in env
    assert (env["PATH"], env["PREFECT__FLOW_RUN_ID"]) == ("/bin", "a run that is under way")


def test_the_password_is_made_once_for_its_owner_alone(settings):
    first = profile.password(settings)

    assert profile.password(settings) == first
    assert len(first) > 40
    assert (profile.folder(settings) / "password").stat().st_mode & 0o777 == 0o600
    other = Settings.load({"SGO_HOME": str(settings.home.with_name("other"))})
    assert profile.password(other) != first


# --- nothing leaves this machine -------------------------------------------------------------------------

_CONNECT = re.compile(r"(?:connect|sendto|sendmsg)\(.*?(sa_family=AF_INET6?, .*?)(?:\}|$)")
_LOOPBACK = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "::1"|"::ffff:127\.')


def outside(said: str) -> list[str]:
    """The addresses beyond this machine that a trace shows somebody reaching for."""
    tried = [found[1] for line in said.splitlines() if (found := _CONNECT.search(line))]
    return [each for each in tried if not _LOOPBACK.search(each)]


def test_server_and_worker_reach_for_nobody_outside(sqlite_url, tmp_path):
    from tests.functional.test_prefect import an_installation

    if shutil.which("strace") is None:
        not_available("strace", because="strace is not installed")
    home = tmp_path / "server"
    server = PrefectServer(home)
    trace = ["-m", "tests.traced", str(tmp_path / "trace")]
    env = {"SGO_HOME": str(home), "SGO_PREFECT_PORT": str(server.settings.prefect.port)}
    home.mkdir(mode=0o700)
    server.child = Child([*trace, "workflows.server"], env, home / "server.log")
    try:
        server.start()
        with an_installation(server, sqlite_url, tmp_path) as here:
            act = here.act(with_mail=True)
            worker = Child([*trace, "workflows.worker"], server.at(here.home, DATABASE_URL=here.url), home / "w")
            here.workers.append(worker)
            here.done(act)
            worker.stop()
            (line,) = here.lines(act)
            assert line.how == "prefect"
        server.stop()
    finally:
        server.kill()

    said = "".join(file.read_text(errors="replace") for file in tmp_path.glob("trace*"))
    assert _CONNECT.search(said), "the trace shows the worker's own connections to the server"
    assert outside(said) == []
