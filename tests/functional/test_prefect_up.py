"""`sgo up`: everything is started, what dies is started again, and all of it ends together (design 2)."""

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from casework.errors import Unusable
from casework.settings import Settings
from tests.functional.test_prefect import Installation
from tests.mailroom import a_mailroom
from tests.prefect_server import Child, PrefectServer, until
from workflows import supervisor as supervisor_module
from workflows.supervisor import AlreadyRunning, Part, Supervisor

RUN_IT = "import os, sys; from casework.settings import Settings; from workflows.supervisor import up; "
RUN_IT += "sys.exit(up(Settings.load(os.environ), say=lambda words: print(words, flush=True)))"


def alive(process_id):
    """Whether a process runs; one that ended and was not asked for its status does not."""
    try:
        with open(f"/proc/{process_id}/stat") as file:  # noqa: PTH123 - a file of the kernel
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def status_of(home):
    try:
        return json.loads((home / "status.json").read_text())
    except FileNotFoundError:
        return {"ready": False, "parts": {}}


# --- the supervisor, with small processes ----------------------------------------------------------------


@pytest.fixture
def settings(tmp_path):
    found = Settings.load({"SGO_HOME": str(tmp_path / "home")})
    found.prepare_home()
    return found


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Makes a module that a part can run."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(name, code):
        (tmp_path / f"{name}.py").write_text(code)
        return name

    return make


@contextmanager
def supervised(settings, *parts, start_again=(0.1,)):
    stop, said = threading.Event(), []
    supervisor = Supervisor(settings, parts, stop=stop, say=said.append, start_again=start_again)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join(timeout=60)
        assert not thread.is_alive()


SLEEPS = "import time\nprint('here', flush=True)\ntime.sleep(600)\n"
WATCHES = "from workflows import process\nprocess.run_until_told(lambda stop: stop.wait(), log_level='INFO')\n"


def test_what_dies_is_started_again_and_the_status_says_how_often(settings, module):
    part = Part(name="short", module=module("short", "raise SystemExit(7)"), ready=lambda: False)

    with supervised(settings, part) as said:
        status = until(
            lambda: (s := status_of(settings.home))["parts"].get("short", {}).get("restarts", 0) > 1 and s,
            what="Two restarts",
        )

    assert not status["ready"]
    assert any("short ended with status 7" in line for line in said)


def test_a_process_that_keeps_dying_is_started_less_and_less_often(settings, module):
    part = Part(name="short", module=module("short", "raise SystemExit(7)"), ready=lambda: False)

    with supervised(settings, part, start_again=(0.0, 0.0, 600.0)) as said:
        until(lambda: any("in 600 s" in line for line in said), what="The long pause")
        time.sleep(1)

    assert status_of(settings.home)["parts"]["short"]["restarts"] == 3


def test_everything_is_ready_when_every_part_answers(settings, module):
    answers = []
    slow = Part(name="slow", module=module("slow", SLEEPS), ready=lambda: bool(answers))
    quick = Part(name="quick", module=module("quick", SLEEPS), ready=lambda: True)

    with supervised(settings, slow, quick) as said:
        until(lambda: "quick is ready" in said, what="The quick one")
        early = status_of(settings.home)["ready"]
        answers.append(1)
        until(lambda: status_of(settings.home)["ready"], what="Everything")

    assert not early
    assert any(line.startswith("everything is ready") for line in said)


def test_a_part_may_tell_by_itself_that_it_is_ready(settings, module, tmp_path):
    waits = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n    time.sleep(0.05)\n"
    tells = f"from workflows import process\n{waits}process.tell_ready()\nprocess.tell_ready()\n{SLEEPS}"
    part = Part(name="tells", module=module("tells", tells))

    with supervised(settings, part) as said:
        until(lambda: status_of(settings.home)["parts"].get("tells", {}).get("state") == "starting", what="The start")
        early = list(said)
        (tmp_path / "go").touch()
        until(lambda: status_of(settings.home)["ready"], what="The word of the process")

    assert early == []
    assert said[0] == "tells is ready"


def test_where_no_part_can_run_the_reason_is_told_instead_of_starting_them_again(settings, module):
    def not_usable():
        raise Unusable("There is no database yet.")

    short = Part(name="short", module=module("short", "raise SystemExit(1)"))
    other = Part(name="other", module=module("other", SLEEPS))
    supervisor = Supervisor(settings, (short, other), stop=threading.Event(), say=print, usable=not_usable)

    with pytest.raises(Unusable, match="no database yet"):
        supervisor.run()

    assert {part["state"] for part in status_of(settings.home)["parts"].values()} == {"stopped"}


def test_what_is_used_by_another_part_stops_after_it(settings, module, tmp_path):
    """The run at hand is finished with Prefect, not against its absence."""
    ended = tmp_path / "ended"
    code = "from workflows import process\nimport pathlib, time\n"
    code += "def work(stop):\n    process.tell_ready()\n    stop.wait()\n    time.sleep({slow})\n"
    code += f"    with pathlib.Path({str(ended)!r}).open('a') as file:\n        file.write('{{name}} ')\n"
    code += "process.run_until_told(work, log_level='INFO')\n"
    server = Part(name="server", module=module("server", code.format(name="server", slow=0)))
    user = Part(name="user", module=module("user", code.format(name="user", slow=1)), uses="server")

    with supervised(settings, server, user):
        until(lambda: status_of(settings.home)["ready"], what="Both")

    assert ended.read_text() == "user server "


def test_what_nobody_waits_for_gives_way_to_the_pages(settings, module, monkeypatch):
    """The first page within seconds (design 8); but what never answers holds nothing up for long."""
    answers = []
    pages = Part(name="pages", module=module("pages", SLEEPS), ready=lambda: bool(answers))
    worker = Part(name="worker", module=module("worker", SLEEPS), ready=lambda: True, after="pages")

    def state_of(part):
        return status_of(settings.home)["parts"].get(part, {}).get("state")

    monkeypatch.setattr(supervisor_module, "HEAD_START_SECONDS", 3600.0)
    with supervised(settings, pages, worker) as said:
        until(lambda: state_of("pages") == "starting", what="The pages")
        meanwhile = state_of("worker")
        answers.append(1)
        until(lambda: "worker is ready" in said, what="The worker")
    assert meanwhile == "waiting"

    answers.clear()
    monkeypatch.setattr(supervisor_module, "HEAD_START_SECONDS", 0.0)
    with supervised(settings, pages, worker) as said:
        until(lambda: "worker is ready" in said, what="The worker without pages")
    assert "pages is ready" not in said


def test_what_a_process_says_stands_in_its_log_with_the_time(settings, module):
    part = Part(name="quick", module=module("quick", SLEEPS), ready=lambda: True)
    log = settings.home / "logs" / "quick.log"

    with supervised(settings, part):
        until(lambda: log.exists() and log.read_text(), what="The line")

    moment, _, words = log.read_text().strip().partition(" ")
    assert datetime.fromisoformat(moment).tzinfo is not None
    assert words == "here"
    assert log.stat().st_mode & 0o077 == 0


def test_stopping_ends_the_processes_and_what_they_started(settings, module, tmp_path):
    code = f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])\n"
    code += f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\nchild.wait()\n"
    part = Part(name="parent", module=module("parent", code), ready=lambda: True)

    with supervised(settings, part):
        until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text(), what="The child")
        parent = status_of(settings.home)["parts"]["parent"]["process"]

    until(lambda: not alive(int((tmp_path / "child").read_text())), what="The end of the grandchild")
    assert not alive(parent)
    assert status_of(settings.home)["parts"]["parent"]["state"] == "stopped"


def test_a_second_supervisor_of_the_same_home_is_refused(settings, module):
    part = Part(name="quick", module=module("quick", SLEEPS), ready=lambda: True)

    with supervised(settings, part):
        until(lambda: status_of(settings.home)["ready"], what="The first one")
        second = Supervisor(settings, (part,), stop=threading.Event(), say=print)
        with pytest.raises(AlreadyRunning, match="running already"):
            second.run()


def test_processes_end_when_their_supervisor_is_killed(settings, module, tmp_path):
    module("watches", WATCHES)
    script = tmp_path / "supervise.py"
    script.write_text(
        "import os, threading\n"
        "from casework.settings import Settings\n"
        "from workflows.supervisor import Part, Supervisor\n"
        "part = Part(name='watches', module='watches', ready=lambda: True)\n"
        "Supervisor(Settings.load(os.environ), (part,), stop=threading.Event(), say=print).run()\n"
    )
    env = {"SGO_HOME": str(settings.home), "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path.cwd())])}
    supervisor = Child([str(script)], env, tmp_path / "said")
    until(lambda: status_of(settings.home)["ready"], what="The process")
    child = status_of(settings.home)["parts"]["watches"]["process"]

    os.kill(supervisor.process.pid, signal.SIGKILL)
    supervisor.process.wait()

    until(lambda: not alive(child), what="The end of the process")


# --- the installation ------------------------------------------------------------------------------------


@pytest.mark.prefect
@pytest.mark.slow
def test_an_installation_starts_heals_plans_its_nights_and_ends(sqlite_url, tmp_path):
    home = tmp_path / "installation"
    home.mkdir(mode=0o700)
    server = PrefectServer(home)
    with a_mailroom(sqlite_url, home) as room:
        here = Installation(room, server, sqlite_url)
        env = {**server.at(home, DATABASE_URL=sqlite_url), "PYTHONPATH": str(Path.cwd())}
        ups = Child(["-c", RUN_IT], env, tmp_path / "said")
        try:
            until(lambda: status_of(home)["ready"], what="Everything being ready")
            first = here.act(with_mail=True)
            here.done(first)

            # Every process is killed; each is started again and all are ready once more.
            parts = status_of(home)["parts"]
            assert set(parts) == {"pages", "prefect", "worker"}
            for part in parts.values():
                os.kill(part["process"], signal.SIGKILL)
            until(
                lambda: (s := status_of(home))["ready"] and all(part["restarts"] == 1 for part in s["parts"].values()),
                what="Everything being ready again",
            )
            second = here.act(with_mail=True)
            here.done(second)
            planned = until(lambda: _planned(server), what="The planned runs")
            processes = [part["process"] for part in status_of(home)["parts"].values()]

            ups.process.terminate()
            status = ups.process.wait(timeout=120)
        finally:
            ups.kill()

    assert status == 0, ups.said()
    assert not any(alive(each) for each in processes)
    assert len(here.mails()) == 2
    london = ZoneInfo("Europe/London")
    nights = {f"{at.astimezone(london):%H:%M}" for name, at in planned if name == "overnight"}
    minutes = {at.minute % 15 for name, at in planned if name == "redeliver"}
    assert nights == {"02:15"}
    assert minutes == {0}


def _planned(server):
    found = server.table(
        "SELECT flow.name, flow_run.expected_start_time FROM flow_run JOIN flow ON flow.id = flow_run.flow_id"
        " WHERE flow_run.state_name = 'Scheduled' AND flow_run.auto_scheduled"
    )
    times = [(name, datetime.fromisoformat(f"{at}+00:00")) for name, at in found]
    return {name for name, _ in times} == {"agendas", "overnight", "redeliver"} and times
