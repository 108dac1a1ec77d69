"""`sgo demo`: a whole installation on an invented county, from nothing, on this machine only.

Builds the database, says what last night found in it, starts the processes, does the ten acts of a
morning, and says where to look. Everything lies in one folder of its own, which each start makes anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from casework.delivery import outbox
from casework.drift import findings
from casework.drift.rules import Severity
from casework.errors import Unusable
from casework.following import follow_up, ledger
from casework.overnight import night
from casework.settings import Settings
from casework.units import Office, open_office, prepare_database
from demo.caseload import Caseload, build
from demo.county import build_county
from demo.live import Done, do_the_morning
from demo.population import COUNTY
from states.calendar import london_date
from states.commitments import FinancialYear
from states.stages import S

Say = Callable[[str], None]
MARK = ".sgo-demo"
POLICY = "leicestershire.toml"
#: From so many children on, the demo is the county.
A_COUNTY = 100
#: How long the demo waits for its processes as long as they live: a slow machine is no fault.
READY_SECONDS = 300.0
#: How often it says for which it still waits.
STILL_SECONDS = 30.0
FOLLOWED_SECONDS = 60.0


def main(
    *,
    children: int = COUNTY,
    port: int = 4200,
    once: bool = False,
    env: Mapping[str, str],
    say: Say,
    stay: bool = True,
) -> int:
    """Run the demo; answers the exit status. `once`: one night and its summary, no processes.

    `stay`: keep running until Ctrl-C. Raises Unusable for a folder that is not the demo's to wipe.
    """
    home = fresh_home(env)
    env = {**env, "SGO_PREFECT_PORT": str(port), "SGO_WEB_SIGN_IN_AS": "true"}  # an invented county
    at = Settings.load(env, home=home).web
    env = {"SGO_LINK_BASE": f"http://{at.host}:{at.port}", **env}  # mails lead to the pages
    settings = Settings.load(env, home=home)
    began = time.monotonic()
    prepare_database(settings)
    with open_office(settings, checkpoints=True) as office:
        today = london_date(_now())
        caseload = _built(office, children, today, say)
        office.database.take_stock()
        office.database.checkpoint()
        say(f"{caseload.acts:,} acts of history: {time.monotonic() - began:.0f} s")
        say("")
        say_last_night(office, caseload, today=today, say=say)
        if once:
            return 0
    with _running(home, env, port, say):
        with open_office(settings) as office:
            say("")
            say("A morning's work, as ten people do it:")
            for done in do_the_morning(office, caseload, today=today, clock=_now):
                say_done(done, say)
            _wait_for_follow_ups(office, say)
            say_where_to_look(settings, office, caseload, say)
        if stay:
            _until_stopped()
    return 0


def _built(office: Office, children: int, today: date, say: Say) -> Caseload:
    """The county, or for a few children the small caseload, with its last night looked at."""
    if children >= A_COUNTY:
        return build_county(
            office,
            policy_with_budgets(today, children),
            policy_name=POLICY,
            now=_now(),
            children=children,
            on_progress=_progress(say, "lives told"),
        )
    caseload = build(
        office,
        policy_with_budgets(today, children),
        policy_name=POLICY,
        today=today,
        children=children,
        on_progress=_progress(say, "children brought to where they are"),
    )
    return replace(caseload, last_night=night.run_night(office, business_date=today, replay=False, now=_now()))


def policy_text() -> str:
    """The policy that ships with the system."""
    return (Path(__file__).parents[1] / "policies" / POLICY).read_text(encoding="utf-8")


#: What a county of COUNTY children sets aside in a year, by kind: invented.
BUDGET = {
    "standard_allowance": 180_000,
    "needs_led_allowance": 90_000,
    "grant": 120_000,
    "loan": 40_000,
    "legal_costs": 15_000,
    "settling_in": 20_000,
}
_FEWEST_THOUSANDS = 15


def policy_with_budgets(today: date, children: int) -> str:
    """The same, with an invented budget for this financial year and the next (practice PM-7)."""
    year = FinancialYear.of(today)
    share = {kind: max(_FEWEST_THOUSANDS, round(pounds * children / COUNTY / 1000)) for kind, pounds in BUDGET.items()}
    kinds = ", ".join(f"{kind} = {thousands * 1000}" for kind, thousands in share.items())
    value = ", ".join(f'"{one}" = {{ {kinds} }}' for one in (year, year.next))
    given = f"budgets = {{ value = {{ {value} }}"
    text, replaced = re.subn(r"(?m)^budgets = \{ value = \{\}", given, policy_text())
    assert replaced == 1, "the policy that ships leaves the budgets to the council"
    return text


def fresh_home(env: Mapping[str, str]) -> Path:
    """The demo's own folder, empty. Refuses a folder that holds anything but an earlier demo."""
    home = Path(env.get("SGO_HOME") or Path.cwd() / ".demo").expanduser().absolute()
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise Unusable(
                f"{home} is not empty and not an earlier demo: nothing was touched. "
                "Set SGO_HOME to an empty folder."
            )
        if _alive(home):
            raise Unusable(f"A demo is running in {home}. Stop it first (Ctrl-C in its window).")
        shutil.rmtree(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)  # also where somebody made the folder before
    (home / MARK).write_text(
        "This folder belongs to the demo and is wiped at each start.\n", encoding="utf-8"
    )
    return home


def _alive(home: Path) -> bool:
    try:
        status = json.loads((home / "status.json").read_text(encoding="utf-8"))
        os.kill(int(status["supervisor"]), 0)
    except (OSError, ValueError, KeyError):
        return False
    return any(part["process"] for part in status["parts"].values())


def _now() -> datetime:
    return datetime.now(UTC)


def _progress(say: Say, what: str) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        if done == of or done % (10 if of < A_COUNTY else 120) == 0:
            say(f"  {done} of {of} {what}")

    return told


# -- the processes ----------------------------------------------------------------------------------------


@contextmanager
def _running(home: Path, env: Mapping[str, str], port: int, say: Say) -> Iterator[None]:
    """`sgo up` in a process of its own, until the block ends."""
    say("Starting the pages, Prefect's server, the worker and the scheduler …")
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "cli", "up"],
        env={**env, "SGO_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    was = signal.signal(signal.SIGTERM, _stop)  # a closed terminal stops what we started, too
    try:
        _until_ready(home, child.poll, say, port=port, clock=time.monotonic, pause=time.sleep)
        say(f"Everything is ready: {time.monotonic() - began:.1f} s")
        yield
    finally:
        signal.signal(signal.SIGTERM, was)
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            child.kill()


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _until_ready(
    home: Path,
    ended: Callable[[], int | None],
    say: Say,
    *,
    port: int,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> None:
    """Wait until every process answers, and say of each when it does.

    Raises Unusable, with what is not ready, its log and what works without it, when they ended (`ended`: their
    exit status) or READY_SECONDS are over.
    """
    began = clock()
    told: dict[str, str] = {}
    still = began + STILL_SECONDS
    while True:
        found = _states(home)
        for part, state in found.items():
            if state == "ready" != told.get(part):
                say(f"  {part} is ready ({clock() - began:.0f} s)")
            elif told.get(part) == "starting" and state == "waiting":
                say(f"  {part} has ended and is started again; see {home / 'logs' / part}.log")
        told = found
        waiting = [part for part, state in found.items() if state != "ready"]
        if found and not waiting:
            return
        if ended() is not None:
            raise Unusable(f"The processes have ended. Is port {port} in use?\n{_what_there_is(home, waiting)}")
        if clock() - began > READY_SECONDS:
            raise Unusable(f"Not ready after {READY_SECONDS:.0f} s.\n{_what_there_is(home, waiting)}")
        if clock() > still:
            say(f"  still waiting for {', '.join(waiting) or 'the first sign'} ({clock() - began:.0f} s)")
            still = clock() + STILL_SECONDS
        pause(0.2)


def _states(home: Path) -> dict[str, str]:
    """How each process stands by what the supervisor wrote last; nothing before its first look."""
    try:
        parts = json.loads((home / "status.json").read_text(encoding="utf-8"))["parts"]
        return {name: part["state"] for name, part in parts.items()}
    except (OSError, ValueError, KeyError):
        return {}


def _what_there_is(home: Path, waiting: list[str]) -> str:
    """What is not ready and where it says why; and what can be done all the same: the county is there."""
    logs = home / "logs"
    lines = [f"  {part} is not ready: {logs / part}.log" for part in waiting] or [f"  What they said: {logs}"]
    return "\n".join(
        [
            *lines,
            "The county is there all the same. Every command works on it; only mails and follow-ups wait:",
            f"  export SGO_HOME={home} SGO_PERSON=rowan.tm",
            "  .venv/bin/sgo case list",
            "  .venv/bin/sgo up            the processes once more, on the same county",
        ]
    )


def _wait_for_follow_ups(office: Office, say: Say) -> None:
    began = time.monotonic()
    waiting = 1
    while waiting and time.monotonic() - began < FOLLOWED_SECONDS:
        with office.reading() as session:
            waiting = follow_up.waiting(session)
        time.sleep(0.2 if waiting else 0)
    if waiting:
        say(f"{waiting} follow-ups still wait; see: sgo runs")
    else:
        say(f"All automatic follow-ups are done: {time.monotonic() - began:.1f} s after the last act")


def _until_stopped() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


# -- words ------------------------------------------------------------------------------------------------


def say_last_night(office: Office, caseload: Caseload, *, today: date, say: Say) -> None:
    """What last night found, as a manager would say it: how many children wait for somebody, and why."""
    report = caseload.last_night
    assert report is not None
    with office.reading() as session:
        found = [
            line
            for line in findings.list_findings(session, by=caseload.staff["hana.hos"], today=today)
            if line.severity != Severity.INFO
        ]
    waiting = {line.ref for line in found}
    urgent = {line.ref for line in found if line.severity == Severity.URGENT}
    say(
        f"Last night looked at {report.examined} of {report.expected} open cases"
        + (f"; {report.skipped} could not be checked" if report.skipped else "")
        + f". {len(waiting)} need somebody today, {len(urgent)} of them urgently:"
    )
    why = Counter(line.words for line in found)
    for words, number in why.most_common():
        since = min(line.since for line in found if line.words == words)
        say(f"  {number:>4}  {words} (the longest since {since.day} {since:%B %Y})")


def say_done(done: Done, say: Say) -> None:
    """One act: what happened, how long the person waited, and what it set off."""
    result = done.result
    where = (
        result.from_state
        if result.from_state == result.to_state
        else f"{result.from_state} → {result.to_state}"
    )
    say(f"  {done.act.words}")
    dates = ", ".join(f"{d.name} {d.due}" for d in result.deadlines if d.due) or "none"
    say(f"      {result.ref} {where}   {done.who}, {done.milliseconds:.0f} ms   dates: {dates}")


def say_where_to_look(settings: Settings, office: Office, caseload: Caseload, say: Say) -> None:
    """What a newcomer can look at and try."""
    with office.reading() as session:
        runs = ledger.runs(session, limit=100)
        mails = outbox.list_outbox(session, statuses=("sent",))
    mailbox = settings.mail.folder
    example = caseload.cases[S.COHORT][-1]  # not one of the morning's, where there are several
    team = caseload.teams[example]
    say("")
    say(f"{len(runs)} runs in the ledger, {len(mails)} mails in {mailbox}")
    say("")
    say(f"Where to look: {settings.link_base}  (sign in as anyone you like)")
    say("")
    say("Or in a second window:")
    say(f"  export SGO_HOME={settings.home} SGO_PERSON={team.manager}")
    for command, what in (
        (".venv/bin/sgo case list", "where every child is, late first"),
        (f".venv/bin/sgo case show {example}", "one child on a page"),
        (f".venv/bin/sgo transitions {example}", "what can be done next, and what is still needed"),
        (".venv/bin/sgo funding list", "the requests for money, and where each stands"),
        (".venv/bin/sgo digest show", "what waits on you today, as the day's one mail says it"),
        (".venv/bin/sgo runs", "every automatic follow-up"),
        (f"ls {mailbox}", "what went at once, and the day's digests"),
        (".venv/bin/sgo drift list", "what the nights found"),
        (".venv/bin/sgo pathway", "the pathway as a table; --stage NAME: one stage of it"),
        (".venv/bin/sgo means-test --example", "a household to fill in for the means test"),
    ):
        say(f"  {command:<40}  {what}")
    say("")
    say("What to try: be refused, as a social worker who may not rate:")
    say(f"  .venv/bin/sgo trigger {example} rate --as {team.worker} colour=GREEN")
    say("Ctrl-C stops everything. Nothing has left this machine.")
