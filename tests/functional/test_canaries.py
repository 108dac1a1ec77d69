"""Nothing personal leaves the case database: one installation, canaries in every field, then a scan (design 5.11).

Every name, address and free text that is typed holds the word WORD, and the child has a birth date that stands nowhere
else. Acts are done and refused, followed through by Prefect and without it, by mail, by letters, by imports and by a
night; a template fails, a message dies, a flow fails, a case cannot be checked. Then whatever others can see is looked
through (reliability E), and at the end once more, with one canary planted in each place.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from sqlalchemy import func, select

from casework import policies
from casework.following.status import Status
from casework.settings import Settings
from casework.units import open_office
from demo.papers import paper
from notifications import rendering
from persistence.tables import Attempt, FollowUp, NightSkip, Outbox, Run
from states.pathway import PATHWAY
from states.records.base import FieldSeen, Kind
from tests.commands import Sgo, in_world
from tests.factories import policy
from tests.prefect_server import Child, PrefectServer, until
from tests.returns import write_return, write_workbook
from tests.scanning import hits, write_out
from tests.smtp_server import Fault, SmtpPeer, smtp_server
from tests.walks import PLAIN
from tests.wire import Wire, a_wire
from tests.world import LONG_AGO, START, WAY, World, furnish, noon

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

WORD = "Quokkarine"
BORN = date(2013, 8, 17)
CANARIES = (WORD, "2013-08-17", "17/08/2013", "17 August 2013", "17 Aug 2013", "20130817")
#: A person whose mail address nobody has: a message to them dies.
UNREACHABLE = "lex.legal"
#: How many runs go by Prefect before the worker is stopped; the rest go plainly.
BY_PREFECT = 10
#: Free text by its kind of field, but in truth a code, a time, a name of ours or a reference.
NOT_TYPED = frozenset(
    {
        *("council_id", "sex", "legal_status", "placement_code", "placement_provider", "permanence_plan", "team"),
        *("source", "stage", "sibling", "into", "to_case", "event", "flag", "changes", "starts_at", "replaces"),
    }
)
#: What others than the case database's readers see of our own tables: the ledger and all that goes with it.
LEDGER = (
    *("follow_up", "run", "outbox", "attempt", "channel", "lease", "night", "night_skip", "finding", "installation"),
    *("seal", "seal_head"),
)


# -- typing ---------------------------------------------------------------------------------------------------


def typed(trigger: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record with a canary in every field in which somebody can type words."""
    fields = [one for row in PATHWAY.rows if row.trigger == trigger for one in row.record.fields()]
    return _typed(fields, record) | {name: BORN.isoformat() for name in ("date_of_birth",) if name in record}


def _typed(fields: Iterable[FieldSeen], record: dict[str, Any]) -> dict[str, Any]:
    filled = dict(record)
    for one in fields:
        if one.kind in {Kind.TEXT, Kind.WORDS} and one.name not in NOT_TYPED:
            filled[one.name] = f"{WORD} {one.name}"
        elif one.rows and isinstance(filled.get(one.name), list):
            filled[one.name] = [_typed(one.rows, row) for row in filled[one.name]]
    return filled


class TypingWorld(World):
    """A world in which people type canaries wherever they may; where that is refused, the plain words follow."""

    def do(self, trigger: str, on: date, who: str, **given: Any) -> Any:
        """One act, typed."""
        known = World.do.__kwdefaults__
        how = {name: value for name, value in given.items() if name in known}
        differs = {name: value for name, value in given.items() if name not in known}
        record = typed(trigger, paper(trigger, on=on, **differs))
        return super().do(trigger, on, who, **how, **{**record, **{n: differs[n] for n in differs if n in NOT_TYPED}})


# -- what others can see --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """Everything outside the case database that an installation leaves behind or sends."""

    prefect: Path  # Prefect's folder, its database and logs in it
    home: Path  # SGO_HOME with all that is in it but the case database
    database: Path
    mails: list[EmailMessage]
    said: dict[str, str]  # standard output and error of the processes, standard error of the commands
    wire: bytes

    def laid_out(self, folder: Path, places: Iterable[str] | None = None) -> Path:
        """One folder to be scanned, with a folder in it for each place (`places`: for these alone)."""
        lay_out: dict[str, Callable[[Path], object]] = {
            "prefect files": lambda to: shutil.copytree(self.prefect, to),
            "prefect tables": lambda to: write_out(self.prefect / "prefect.db", to),
            "ledger": lambda to: write_out(self.database, to, only=LEDGER),
            "home": lambda to: _copied(self.home, to, but=("sgo.db", "prefect")),
            "wire": lambda to: _write(to / "wire", self.wire),
            "said": lambda to: [_write(to / name, words.encode()) for name, words in self.said.items()],
            "mails": lambda to: [
                _write(to / f"{number:04}-{name}", content)
                for number, mail in enumerate(self.mails)
                for name, content in _parts(mail)
            ],
        }
        for place in lay_out if places is None else places:
            lay_out[place](folder / place)
        return folder


def _parts(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    yield "headers", "\n".join(f"{name}: {value}" for name, value in mail.items()).encode()
    yield "raw", mail.as_bytes()
    for number, part in enumerate(mail.walk()):
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            yield f"part-{number}", str(part.get_filename()).encode() + b"\n" + content


def _copied(source: Path, to: Path, *, but: tuple[str, ...]) -> None:
    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if Path(folder) == source and name.startswith(but)}

    shutil.copytree(source, to, ignore=left_out)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# -- the story ------------------------------------------------------------------------------------------------


@dataclass
class Story:
    """One installation from its first child to its scan."""

    world: TypingWorld
    sgo: Sgo
    server: PrefectServer
    wire: Wire
    peer: SmtpPeer
    mail: dict[str, str]
    files: Path
    said: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    tried: Counter[str] = field(default_factory=Counter)

    def command(self, *words: str, person: str, stdin: str = "") -> int:
        """A command as somebody types it; what it says on standard error is kept."""
        answer = self.sgo(*words, person=person, stdin=stdin, status=None)
        self.said[f"command-{len(self.said):04}"] = answer.err
        return answer.status

    # acts

    def walk(self) -> None:
        """One child all the way, and at every stage another, on whom everything else is tried."""
        self.world.child_at("POST_ORDER", given_names=WORD, family_name=WORD)
        for state in ("COHORT", *(reached for reached, _ in WAY)):
            ref = self._there(state)
            self.sgo.day = START + timedelta(300)
            for trigger in PATHWAY.triggers:
                starts_here = PATHWAY.rows_for(trigger, PATHWAY.states[state])
                if starts_here and trigger not in self.done and self.tried[trigger] < 2:
                    self.tried[trigger] += 1
                    self.attempt(ref, trigger)

    def _there(self, state: str) -> str:
        before = len(self.world.results)
        ref = self.world.child_at(state)
        with self.world.office.unit_of_work() as session:  # the way there was told once already
            ids = [result.follow_up for result in self.world.results[before:]]
            for row in session.scalars(select(FollowUp).where(FollowUp.id.in_(ids))):
                row.status = Status.DONE
            for mail in session.scalars(select(Outbox).where(Outbox.follow_up_id.in_(ids))):
                mail.status = "withdrawn"
        return ref

    def attempt(self, ref: str, trigger: str) -> None:
        """An act by command line, typed in full; most are refused, with whatever was typed."""
        people = [who for name, who in PLAIN if name == trigger] or ["rowan.tm", "ida.saw"]
        record = json.dumps(typed(trigger, paper(trigger, on=self.sgo.day)), default=str)
        for who in people:
            words = ("trigger", ref, trigger, "--record", "-", "--on", self.sgo.day.isoformat())
            if self.command(*words, person=who, stdin=record) == 0:
                self.done.add(trigger)
                return

    # what follows

    def worker(self, *arguments: str) -> Child:
        """A worker whose way to Prefect is the wire."""
        home = self.world.office.settings.home
        port = str(self.wire.port)
        url = self.world.office.settings.database_url
        env = self.server.at(home, DATABASE_URL=url, **self.mail) | {"SGO_PREFECT_PORT": port}
        return Child(list(arguments), env, self.files / f"worker-{len(self.said)}.log")

    def follow(self) -> None:
        """Runs by Prefect, one that fails among them; then the rest without it, some with a broken template."""
        home = self.world.office.settings.home
        worker = self.worker("-m", "workflows.worker")
        until(lambda: self._runs("completed") >= BY_PREFECT, what="The runs by Prefect")
        self._ended(worker)
        (home / "canary").write_text("; ".join(CANARIES))
        before = self._runs("failed")
        failing = self.worker("-m", "tests.odd_worker", "fails")
        until(lambda: self._runs("failed") > before, what="The failure")
        self._ended(failing)
        (home / "canary").unlink()

    def _ended(self, worker: Child) -> None:
        worker.stop()
        self.said[worker.log.name] = worker.said()

    def _runs(self, state: str) -> int:
        with self.world.office.reading() as session:
            return (
                session.scalar(select(func.count()).select_from(Run).where(Run.state == state, Run.how == "prefect"))
                or 0
            )

    def deliver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rest without Prefect: at first with templates that fail over what they were given."""

        whole = rendering._fill
        left = iter(range(3))

        def broken(name: str, context: Any) -> str:
            if next(left, None) is not None:
                raise UndefinedError(f"{name}: {'; '.join(CANARIES)}")
            return whole(name, context)

        monkeypatch.setattr(rendering, "_fill", broken)
        self.command("deliver", person="otto.operator")

    def import_files(self) -> None:
        """A workbook and a return with rows nobody can use."""
        worker = {"Allocated Worker": f"{WORD} Worker", "Allocated Team": f"{WORD} Team"}
        rows = [
            {"Child Unique ID": "7781", "Date of Birth": f"{WORD} 31/02/2013", **worker},
            {"Child Unique ID": f"{WORD}-7782", "Date of Birth": BORN, "Gender": WORD, **worker},
        ]
        workbook = write_workbook(self.files / "annex.xlsx", rows)
        self.command("import", "annex-a", str(workbook), person="dean.data")
        episodes = [f"{WORD}1,{WORD},S,C2,N1,U4,PR0,,,,,,", "77,01/04/2019,S,XX,N1,U4,PR0,,,,,,"]
        header = [f"{WORD}1,1,17/08/2013,WBRI,{WORD},,", "77,1,17/08/2013,WBRI,UN1,,"]
        returned = write_return(self.files / "return", Episodes=episodes, Header=header)
        self.command("import", "ssda903", str(returned), person="dean.data")

    def night(self) -> None:
        """A night that cannot check one case: a date of it is words by now."""
        path = Path(self.world.office.settings.database_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as connection, connection:
            poisoned = connection.execute(
                "UPDATE deadline SET due_on = ? WHERE closed_as IS NULL AND due_on IS NOT NULL AND case_id = "
                "(SELECT id FROM sgo_case WHERE state = 'ASSESSMENT' AND NOT closed LIMIT 1)",
                [f"0013-{WORD}"],
            )
            assert poisoned.rowcount
        self.sgo.day = START + timedelta(301)  # a Monday, so that everybody's digest is made, too
        self.command("overnight", person="otto.operator")


@pytest.fixture
def story(prefect_server: PrefectServer, sqlite_url: str, tmp_path: Path) -> Iterator[Story]:
    """An installation whose mail goes to a real SMTP server and whose Prefect is at the end of a wire."""
    home = tmp_path / "home"

    def plan(address: str, _try: int) -> Fault:
        return Fault.ADDRESS_UNKNOWN if address.startswith(UNREACHABLE) else Fault.NONE

    with smtp_server(plan) as peer, a_wire(prefect_server.settings.prefect.port) as wire:
        mail = {
            "SGO_MAIL_CHANNEL": "smtp",
            "SGO_MAIL_HOST": "127.0.0.1",
            "SGO_MAIL_PORT": str(peer.port),
            "SGO_MAIL_TLS": "none",
        }
        with open_office(Settings(home=home, database_url=sqlite_url)) as office:
            small = furnish(office, now=noon(START))
            with office.unit_of_work() as session:  # so that no message waits for the next hour
                policies.adopt(
                    session,
                    policy(mail={"per_person_cap_per_hour": 1_000}),
                    file_name="no-cap.toml",
                    from_on=LONG_AGO,
                    by=None,
                    now=noon(START) + timedelta(hours=1),
                )
            world = TypingWorld(office, small.ids)
            sgo = in_world(world, day=START)
            sgo.environment.update(mail)
            (tmp_path / "files").mkdir()
            yield Story(world, sgo, prefect_server, wire, peer, mail, tmp_path / "files")


def test_nothing_of_a_child_leaves_the_case_database_whatever_happens(story, tmp_path, monkeypatch):
    story.walk()
    story.import_files()
    story.night()
    story.follow()
    story.deliver(monkeypatch)

    settings = story.world.office.settings
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    sources = Sources(
        prefect=story.server.home,
        home=settings.home,
        database=database,
        mails=story.peer.stored,
        said={**story.said, "prefect server": story.server.child.said()},
        wire=story.wire.everything(),
    )

    # It all happened: typed, kept, sent, refused, failed, dead, skipped.
    with story.world.office.reading() as session:
        assert session.scalars(select(NightSkip.case_id)).all()
        assert "failed" in set(session.scalars(select(Run.state)))
        assert "plain" in set(session.scalars(select(Run.how)))
        assert {"sent", "refused"} <= set(session.scalars(select(Attempt.outcome)))
        assert "dead" in set(session.scalars(select(Outbox.status)))
    write_out(database, tmp_path / "case database")
    fields = {
        f"{WORD} {one.name}".encode()
        for row in PATHWAY.rows
        if row.trigger in story.done | {result.trigger for result in story.world.results}
        for one in row.record.fields()
        if one.kind in {Kind.TEXT, Kind.WORDS} and one.name not in NOT_TYPED
    }
    kept = b"".join(path.read_bytes() for path in (tmp_path / "case database").iterdir())
    assert [each for each in sorted(fields) if each not in kept] == []
    assert BORN.isoformat().encode() in kept
    assert len(sources.mails) > 20
    assert any(url.endswith("/set_state") for url in story.wire.urls())

    assert hits(sources.laid_out(tmp_path / "scanned"), CANARIES) == []

    for number, (name, planted) in enumerate(_planted(sources, tmp_path).items()):
        place = name.partition(":")[0]
        assert hits(planted.laid_out(tmp_path / f"planted-{number}", [place]), [WORD]), f"not found: {name}"


def _planted(sources: Sources, folder: Path) -> dict[str, Sources]:
    """The same once more for each place, with one canary there."""
    mail = sources.mails[0]
    return {
        "prefect files:name": replace(sources, prefect=_altered(sources.prefect, folder, _a_named_file)),
        "prefect tables": replace(sources, prefect=_altered(sources.prefect, folder, _a_row_of_prefect)),
        "ledger": replace(sources, database=_altered(sources.database.parent, folder, _a_count) / "sgo.db"),
        "home:a file": replace(sources, home=_altered(sources.home, folder, _a_log_line)),
        "home:a name": replace(sources, home=_altered(sources.home, folder, _a_named_file)),
        "said": replace(sources, said={**sources.said, "command": f"refused: {WORD}"}),
        "wire": replace(sources, wire=sources.wire + f"GET /api/flows/{WORD} HTTP/1.1\r\n".encode()),
        "mails:subject": replace(sources, mails=[_mail(mail, subject=WORD)]),
        "mails:text": replace(sources, mails=[_mail(mail, text=f"about {WORD}, ä")]),
        "mails:html": replace(sources, mails=[_mail(mail, html=f"<p>{WORD}</p>")]),
        "mails:diary": replace(sources, mails=[_mail(mail, diary=f"SUMMARY:{WORD}")]),
    }


def _altered(source: Path, folder: Path, alter: Callable[[Path], None]) -> Path:
    copy = folder / f"altered-{alter.__name__}-{len(list(folder.iterdir()))}"
    shutil.copytree(source, copy)
    alter(copy)
    return copy


def _a_named_file(folder: Path) -> None:
    (folder / f"{WORD}.txt").touch()


def _a_log_line(folder: Path) -> None:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / "worker.log").write_text(f"WARNING for {WORD}")


def _a_row_of_prefect(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "prefect.db")) as connection, connection:
        connection.execute("UPDATE flow_run SET name = ? WHERE id = (SELECT id FROM flow_run LIMIT 1)", [WORD])


def _a_count(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "sgo.db")) as connection, connection:
        connection.execute("UPDATE run SET counts = json_object(?, 1)", [WORD])


def _mail(like: EmailMessage, *, subject: str = "", text: str = "", html: str = "", diary: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = like["To"], subject or "Something waits"
    mail.set_content(text or "Something waits.", cte="base64")
    mail.add_alternative(html or "<p>Something waits.</p>", subtype="html", cte="base64")
    mail.add_attachment((diary or "SUMMARY:A date").encode(), maintype="text", subtype="calendar", filename="date.ics")
    return mail
