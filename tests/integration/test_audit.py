"""Whatever anyone changes in history with direct SQL, `verify` finds it (reliability R19, T15)."""

import contextlib
import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Date, Integer, delete, insert, select, text, update

from casework import seals
from casework.access_log import AccessLog, Look, NotLogged
from casework.errors import Unusable
from casework.settings import Settings
from casework.units import Office, open_office
from persistence.append_only import ACCESS_APPEND_ONLY, APPEND_ONLY, unprotect
from persistence.audit import AccessHead, event_hash, genesis_hash, record_hash, seal, seal_root
from persistence.engine import Database
from persistence.tables import Access, Case, Event, Record, Seal, SealHead, new_id
from persistence.tables.base import Instant
from persistence.verification import Head, Verification, access_marks, verify, verify_access
from tests.histories import add_event, open_case

MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
NIGHT = datetime(2026, 3, 10, 2, 15, tzinfo=UTC)


@pytest.fixture
def office(database_url, tmp_path) -> Iterator[Office]:
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as opened:
        yield opened


@pytest.fixture
def database(office) -> Database:
    return office.database


@pytest.fixture
def sealed(office) -> Head:
    """Three histories with records, two nights sealed, and one more act since. The last night's head."""
    log = AccessLog(office.database)
    with office.unit_of_work() as session:
        cases = [open_case(session, f"SG-{number}") for number in (1, 2, 3)]
        for case in cases:
            add_event(
                session, case, trigger="rate", to_state="RATED", data={"colour": "GREEN", "by": ["a", "b"]}
            )
            add_event(session, case, evidence="Zoë’s minutes", os_user="mo", bulk_id="e" * 32)
    log.write([look("SG-1"), look("SG-2")])
    seals.seal(office, MONDAY, NIGHT - timedelta(days=1))
    with office.unit_of_work() as session:
        for case in session.scalars(select(Case).where(Case.ref != "SG-3").order_by(Case.id)):
            add_event(session, case, data={"position": "settled", "pence": 12_345})
    log.write([look("SG-3")])
    head = seals.seal(office, TUESDAY, NIGHT)
    with office.unit_of_work() as session:
        add_event(
            session, session.scalars(select(Case).where(Case.ref == "SG-2")).one(), late_reason="was away"
        )
    return head


def look(ref: str) -> Look:
    return Look(
        at=NIGHT,
        person_id="a" * 32,
        what="read:case",
        outcome="allowed",
        channel="page",
        case_ref=ref,
        rules=("R22",),
    )


@contextlib.contextmanager
def tampering(database: Database) -> Iterator[Any]:
    """A session that may do anything, and whose doings are undone."""
    with database.writing() as session:
        if database.dialect == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for statement in unprotect(APPEND_ONLY, "sqlite"):
                session.execute(text(statement))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no keys
        yield session
        session.rollback()


def checked(session: Any, head: Head | None = None) -> Verification:
    session.flush()
    session.expire_all()
    return verify(session, head=head)


# -- the untouched history --------------------------------------------------------------------------------


def test_an_untouched_history_is_as_it_was_written(office, sealed):
    found = seals.verify(office, head=sealed)

    assert found.problems == []
    assert found.ok
    assert found.first_bad is None
    assert (found.cases, found.events, found.records, found.seals, found.reads) == (3, 12, 5, 2, 3)


def test_an_empty_database_is_in_order(office):
    found = seals.verify(office)

    assert found.ok
    assert (found.cases, found.events) == (0, 0)


def test_a_history_longer_than_one_reading_is_checked_whole(database, monkeypatch):
    monkeypatch.setattr("persistence.verification._CASES_AT_ONCE", 2)
    with database.writing() as session:
        for number in range(5):
            open_case(session, f"SG-{number}")

    with database.reading() as session:
        found = verify(session)
    assert (found.cases, found.events, found.ok) == (5, 5, True)


# -- tampering with single values -------------------------------------------------------------------------


def other(column: Any, value: Any) -> Any:
    """Something else that the column could hold."""
    kind = column.type
    if isinstance(kind, Instant):
        return (value or NIGHT) + timedelta(microseconds=1)
    if isinstance(kind, Date):
        return (value or MONDAY) + timedelta(days=1)
    if isinstance(kind, Integer):
        return (value or 0) + 1_000
    if isinstance(kind, JSON):
        return {"colour": "RED"} if isinstance(value, dict) else ["R23"]
    return "forged" if value is None else value[:-1] + ("0" if value[-1] != "0" else "1")


HASHED = (Event, Record, Seal, SealHead)


def edits(session: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every column of every row of every hashed table, given another value, and emptied where it may be."""
    for model in HASHED:
        table = model.__table__
        for row in session.execute(select(table)).mappings().all():
            this = [column == row[column.name] for column in table.primary_key]
            for column in table.columns:
                values = [other(column, row[column.name])]
                if column.nullable and row[column.name] is not None:
                    values.append(None)
                for value in values:
                    statement = update(table).where(*this).values({column.name: value})
                    yield f"{table.name}.{column.name} := {value!r}", lambda s=statement: session.execute(s)


@pytest.mark.slow
def test_every_edit_of_every_column_is_found(database, sealed):
    missed, tried = [], 0
    with tampering(database) as session:
        for words, tamper in list(edits(session)):
            with session.begin_nested() as attempt:
                tamper()
                tried += 1
                if checked(session).ok:
                    missed.append(words)
                attempt.rollback()
    assert missed == []
    assert tried > 350


@pytest.mark.parametrize("column", ["ref", "state", "last_seq", "head_hash", "id"])
def test_a_case_row_that_does_not_fit_its_history_is_found(database, sealed, column):
    with tampering(database) as session:
        value = session.scalars(select(Case.__table__.c[column]).where(Case.id == 2)).one()
        session.execute(
            update(Case).where(Case.id == 2).values({column: other(Case.__table__.c[column], value)})
        )
        assert not checked(session).ok


@pytest.mark.parametrize("data", ["{", '{"colour": "GREEN", "by": ["a", "b"], "x": 1}', "null", "[1.0]"])
def test_a_record_that_is_no_longer_readable_is_found(database, sealed, data):
    with tampering(database) as session:
        if database.dialect == "postgresql" and data == "{":
            data = "{}"  # it keeps JSON well-formed by itself
        session.execute(text("UPDATE record SET data = :data WHERE case_id = 1"), {"data": data})
        found = checked(session)
        assert found.first_bad == "SG-1/2"


# -- tampering with rows ----------------------------------------------------------------------------------


def test_the_first_problem_is_named_by_case_and_sequence(database, sealed):
    with tampering(database) as session:
        session.execute(update(Event).where(Event.case_id == 2, Event.seq == 3).values(role="court"))
        found = checked(session)

    assert found.first_bad == "SG-2/3"
    assert [problem.what for problem in found.problems] == ["is not as it was written"]


@pytest.mark.parametrize("seq", [1, 2, 3, 4, 5])
def test_a_deleted_event_is_found(database, sealed, seq):
    with tampering(database) as session:
        session.execute(delete(Record).where(Record.event_id.in_(select(Event.id).where(Event.seq == seq))))
        session.execute(delete(Event).where(Event.case_id == 2, Event.seq == seq))
        assert checked(session).first_bad == f"SG-2/{seq}"


def test_a_deleted_record_is_found(database, sealed):
    with tampering(database) as session:
        session.execute(delete(Record).where(Record.case_id == 1, Record.supersedes.is_(None)))
        assert checked(session).first_bad == "SG-1/2"


def test_a_deleted_case_is_found(database, sealed):
    with tampering(database) as session:
        for model in (Record, Event):
            session.execute(delete(model).where(model.case_id == 3))
        session.execute(delete(Case).where(Case.id == 3))
        assert not checked(session).ok


def test_events_without_their_case_are_found(database, sealed):
    with tampering(database) as session:
        session.execute(delete(Case).where(Case.id == 3))
        assert "case 3" in {problem.where for problem in checked(session).problems}


def test_an_inserted_event_is_found(database, sealed):
    with tampering(database) as session:
        forged = dict(
            session.execute(select(Event.__table__).where(Event.case_id == 1, Event.seq == 3))
            .mappings()
            .one()
        )
        forged |= {"id": new_id(), "seq": 5, "previous_hash": forged["hash"]}
        forged["hash"] = event_hash(forged["previous_hash"], forged)
        session.execute(insert(Event), [forged])
        assert checked(session).first_bad == "SG-1/5"


def test_an_inserted_record_is_found(database, sealed):
    with tampering(database) as session:
        forged = dict(
            session.execute(select(Record.__table__).where(Record.case_id == 1).limit(1)).mappings().one()
        )
        forged["id"] = new_id()
        forged["content_hash"] = record_hash(forged)
        session.execute(insert(Record), [forged])
        assert [problem.what for problem in checked(session).problems] == [
            "a record that its event does not know"
        ]


def test_two_swapped_events_are_found(database, sealed):
    with tampering(database) as session:
        for seq, to in ((2, 1_000), (3, 2), (1_000, 3)):
            session.execute(update(Event).where(Event.case_id == 1, Event.seq == seq).values(seq=to))
        assert checked(session).first_bad == "SG-1/2"


# -- rewriting with the chain -----------------------------------------------------------------------------


def cut_tail(session: Any, ref: str, upto: int) -> None:
    """Cut a history and make its case agree, as someone who knows the chain would."""
    case = session.scalars(select(Case).where(Case.ref == ref)).one()
    gone = select(Event.id).where(Event.case_id == case.id, Event.seq > upto)
    session.execute(delete(Record).where(Record.event_id.in_(gone)))
    session.execute(delete(Event).where(Event.case_id == case.id, Event.seq > upto))
    last = session.scalars(select(Event).where(Event.case_id == case.id, Event.seq == upto)).one()
    case.last_seq, case.head_hash, case.state = upto, last.hash, last.to_state
    session.flush()


def rewrite(session: Any, ref: str, seq: int, **changes: Any) -> None:
    """Change an event and hash everything after it anew, the case row included."""
    case = session.scalars(select(Case).where(Case.ref == ref)).one()
    link = genesis_hash(ref)
    events = session.execute(
        select(Event.__table__).where(Event.case_id == case.id).order_by(Event.seq)
    ).mappings()
    for row in events.all():
        fields = {**row, **(changes if row["seq"] == seq else {}), "previous_hash": link}
        fields["hash"] = link = event_hash(link, fields)
        session.execute(update(Event).where(Event.id == row["id"]).values(fields))
    case.head_hash = link
    session.flush()


def seal_anew(session: Any) -> None:
    """Make every seal fit what now stands there."""
    root = None
    for old in session.execute(select(Seal.__table__).order_by(Seal.sequence)).mappings().all():
        heads = []
        for head in session.scalars(
            select(SealHead).where(SealHead.sequence == old["sequence"]).order_by(SealHead.case_id)
        ).all():
            kept = session.scalars(
                select(Event)
                .where(Event.case_id == head.case_id, Event.seq <= head.seq)
                .order_by(Event.seq.desc())
                .limit(1)
            ).one()
            session.execute(
                update(SealHead)
                .where(SealHead.sequence == head.sequence, SealHead.case_id == head.case_id)
                .values(seq=kept.seq, hash=kept.hash)
            )
            heads.append(seals_head(head.case_id, kept))
        fields = {**old, "previous_root": root or old["previous_root"]}
        fields["root"] = root = seal_root(fields, heads)
        session.execute(update(Seal).where(Seal.sequence == old["sequence"]).values(fields))


def seals_head(case_id: int, event: Event) -> Any:
    from persistence.audit import SealedHead

    return SealedHead(case_id, event.seq, event.hash)


@pytest.mark.parametrize(("ref", "upto"), [("SG-1", 3), ("SG-2", 3), ("SG-3", 1)])
def test_a_tail_cut_below_the_last_seal_is_found(database, sealed, ref, upto):
    with tampering(database) as session:
        cut_tail(session, ref, upto)
        found = checked(session)

    assert not found.ok
    assert found.first_bad is not None
    assert found.first_bad.startswith(ref)


def test_a_rewrite_from_any_event_on_is_found(database, sealed):
    for seq in (1, 2, 3, 4):
        with tampering(database) as session:
            rewrite(session, "SG-2", seq, decided_by="d" * 32)
            assert not checked(session).ok


def test_a_rewrite_of_everything_passes_inside_and_is_found_by_the_head_kept_outside(database, sealed):
    with tampering(database) as session:
        rewrite(session, "SG-2", 2, decided_by="d" * 32)
        seal_anew(session)

        assert checked(session).ok  # why a head must leave the database
        found = checked(session, head=sealed)
    assert found.first_bad == "seal 2"
    assert "rewritten since the head of 2026-03-10" in found.problems[0].what


def test_nights_cut_off_with_their_seals_are_found_by_the_head_kept_outside(database, sealed):
    with tampering(database) as session:
        for ref in ("SG-1", "SG-2"):
            cut_tail(session, ref, 3)
        session.execute(delete(SealHead).where(SealHead.sequence == 2))
        session.execute(delete(Seal).where(Seal.sequence == 2))

        assert checked(session).ok
        found = checked(session, head=sealed)
    assert "cut off since the head of 2026-03-10" in found.problems[0].what


@pytest.mark.parametrize("sequence", [1, 2])
def test_a_deleted_seal_is_found(database, sealed, sequence):
    with tampering(database) as session:
        session.execute(delete(Seal).where(Seal.sequence == sequence))
        assert not checked(session).ok


def test_many_problems_are_counted_and_the_first_hundred_listed(database, monkeypatch):
    monkeypatch.setattr("persistence.verification._LISTED", 2)
    with database.writing() as session:
        for number in range(4):
            open_case(session, f"SG-{number}")
    with tampering(database) as session:
        session.execute(update(Event).values(role="court"))
        found = checked(session)

    assert found.found == 4
    assert len(found.problems) == 2


# -- seals ------------------------------------------------------------------------------------------------


def test_a_night_seals_the_histories_that_moved_and_counts_them_all(database, sealed):
    with database.reading() as session:
        nights = session.scalars(select(Seal).order_by(Seal.sequence)).all()
        heads = session.execute(select(SealHead.sequence, SealHead.case_id, SealHead.seq)).all()

    assert [(night.business_date, night.cases, night.events) for night in nights] == [
        (MONDAY, 3, 9),
        (TUESDAY, 3, 11),
    ]
    assert sorted(tuple(head) for head in heads) == [(1, 1, 3), (1, 2, 3), (1, 3, 3), (2, 1, 4), (2, 2, 4)]
    assert nights[1].previous_root == nights[0].root


def test_a_night_is_sealed_once_and_its_head_is_written_again_where_it_is_missing(office, sealed):
    path = office.settings.seals_folder / "2026-03-10.json"
    before = path.read_bytes()
    path.unlink()

    assert seals.seal(office, TUESDAY, NIGHT + timedelta(hours=1)) == sealed
    assert path.read_bytes() == before


def test_a_head_is_for_its_owner_only_and_names_nobody(office, sealed):
    path = office.settings.seals_folder / "2026-03-10.json"

    assert stat.filemode(path.stat().st_mode) == "-rw-------"
    assert seals.read_head(path) == sealed
    assert set(json.loads(path.read_text())) == {
        "sequence",
        "business_date",
        "sealed_at",
        "cases",
        "events",
        "access_seq",
        "access_hash",
        "previous_root",
        "root",
    }
    assert "SG-" not in path.read_text()


def test_a_head_goes_to_the_second_place_too(database_url, tmp_path):
    away = tmp_path / "away"
    settings = Settings(home=tmp_path / "home", database_url=database_url, seals_copy=away)
    with open_office(settings) as office:
        seals.seal(office, MONDAY, NIGHT)

    assert (away / "2026-03-09.json").read_bytes() == (settings.seals_folder / "2026-03-09.json").read_bytes()


def test_another_head_of_the_same_date_is_never_replaced(office, sealed, tmp_path):
    first = seals.write_head(tmp_path / "kept", sealed)
    forged = Head(
        **{name: getattr(sealed, name) for name in sealed.__dataclass_fields__} | {"root": "f" * 64}
    )

    assert seals.write_head(tmp_path / "kept", forged) != first
    assert seals.read_head(first) == sealed


@pytest.mark.parametrize("content", ["", "{}", "not a head"])
def test_a_file_that_is_no_head_is_refused_in_words(tmp_path, content):
    path = tmp_path / "head.json"
    path.write_text(content)

    with pytest.raises(Unusable, match="not a head"):
        seals.read_head(path)


# -- the access log ---------------------------------------------------------------------------------------


def test_who_looked_at_a_child_is_answered(office):
    office.access_log.write([look("SG-1"), look("SG-2")])
    office.access_log.write([look("SG-1")])

    assert [one.case_ref for one in office.access_log.who_looked("SG-1")] == ["SG-1", "SG-1"]
    assert office.access_log.who_looked("SG-1", since=NIGHT + timedelta(seconds=1)) == []
    assert len(office.access_log.looked_at_by("a" * 32)) == 3
    assert office.access_log.who_looked("SG-1")[0] == look("SG-1")


def test_a_read_that_cannot_be_logged_is_refused(sqlite_url, tmp_path):
    with open_office(Settings(home=tmp_path / "home", database_url=sqlite_url)) as office:
        (tmp_path / "database" / "access.db").unlink()

        with pytest.raises(NotLogged, match="cannot be shown"):
            office.access_log.write([look("SG-1")])


def test_looks_of_many_people_at_once_make_one_chain(database):
    from concurrent.futures import ThreadPoolExecutor

    log = AccessLog(database)
    with ThreadPoolExecutor(4) as people:
        for done in [people.submit(log.write, [look(f"SG-{number}")] * 3) for number in range(20)]:
            done.result()

    found = Verification()
    with database.reading_access() as session:
        verify_access(session, found)
    assert (found.reads, found.problems) == (60, [])


@contextlib.contextmanager
def tampering_with_the_log(database: Database) -> Iterator[Any]:
    with database.access() as session:
        if database.dialect == "sqlite":
            for statement in unprotect(ACCESS_APPEND_ONLY, "sqlite"):
                session.execute(text(statement))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def checked_log(database: Database, session: Any) -> Verification:
    found = Verification()
    with database.reading() as cases:
        marks = access_marks(cases)
    verify_access(session, found, marks)
    return found


@pytest.mark.parametrize("column", [column.name for column in Access.__table__.columns])
def test_an_edited_look_is_found(database, sealed, column):
    with tampering_with_the_log(database) as session:
        row = session.execute(select(Access.__table__).where(Access.seq == 2)).mappings().one()
        value = other(Access.__table__.c[column], row[column])
        session.execute(update(Access).where(Access.seq == 2).values({column: value}))
        assert not checked_log(database, session).ok


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_deleted_look_is_found(database, sealed, seq):
    with tampering_with_the_log(database) as session:
        session.execute(delete(Access).where(Access.seq == seq))
        assert checked_log(database, session).first_bad == f"access {seq}"


def test_a_lost_access_log_is_found_by_the_seals(database, sealed):
    with tampering_with_the_log(database) as session:
        session.execute(delete(Access))
        assert checked_log(database, session).found == 2


def test_sealing_needs_no_access_log_to_have_been_written(database):
    with database.writing() as session:
        assert seal(session, MONDAY, NIGHT).access_seq == AccessHead().seq == 0
