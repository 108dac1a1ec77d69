"""Whatever anyone changes in history with direct SQL, `verify` finds it (reliability R19, T15)."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from casework.safety import seals
from casework.settings import Settings
from casework.units import Office, open_office
from persistence.audit import event_hash, record_hash
from persistence.engine import Database
from persistence.tables import Case, Event, Record, Seal, SealHead, new_id
from persistence.verification import Head, Verification, verify
from tests.histories import add_event, open_case
from tests.tampering import cut_tail, other, rewrite, seal_anew, tampering, two_sealed_nights


@pytest.fixture
def office(database_url, tmp_path) -> Iterator[Office]:
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as opened:
        yield opened


@pytest.fixture
def database(office: Office) -> Database:
    return office.database


@pytest.fixture
def sealed(office) -> Head:
    return two_sealed_nights(office)


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


HASHED = (Event, Record, Seal, SealHead)


def edits(session: Any) -> Iterator[tuple[str, Any]]:
    """Every column of every row of every hashed table, given another value, and emptied where it may be."""
    for model in HASHED:
        table: Any = model.__table__
        for row in session.execute(select(table)).mappings().all():
            this = [column == row[column.name] for column in table.primary_key]
            for column in table.columns:
                values = [other(column, row[column.name])]
                if column.nullable and row[column.name] is not None:
                    values.append(None)
                for value in values:
                    statement = update(table).where(*this).values({column.name: value})
                    yield f"{table.name}.{column.name} := {value!r}", statement


@pytest.mark.slow
def test_every_edit_of_every_column_is_found(database, sealed):
    """(reliability C41)"""
    missed, tried = [], 0
    with tampering(database) as session:
        for words, tamper in list(edits(session)):
            with session.begin_nested() as attempt:
                session.execute(tamper)
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


@pytest.mark.parametrize("column", ["role", "evidence"])
def test_text_that_was_made_bytes_is_found(sqlite_url, column):
    """SQLite would hold it, and show it alike."""
    database = Database.open(sqlite_url)
    with database.writing() as session:
        add_event(session, open_case(session, "SG-1"), evidence="Zoë’s minutes")
    with tampering(database) as session:
        session.execute(text(f"UPDATE event SET {column} = CAST({column} AS BLOB) WHERE seq = 2"))
        assert checked(session).first_bad == "SG-1/2"
    database.dispose()


# -- the policies that judged -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE policy_version SET content = '{\"kdd\": {}}'", "policy 1"),
        ("UPDATE policy_version SET content = content || ' '", "policy 1"),
        (f"UPDATE policy_version SET sha256 = '{'d' * 64}'", "policy 1"),
        ("DELETE FROM policy_version", "SG-1/1"),
        ("UPDATE policy_version SET sequence = 2", "policy 1"),
    ],
)
def test_a_policy_that_is_not_the_one_that_judged_is_found(database, sealed, change, where):
    """Decisions store the hash of the policy that judged them (design 5.7)."""
    with tampering(database) as session:
        assert checked(session).policies == 1
        session.execute(text(change))
        found = checked(session)

        assert not found.ok
        assert found.first_bad == where


def test_a_policy_rewritten_with_its_own_new_hash_is_not_the_one_that_judged(database, sealed):
    """Whoever changes the text and the hash together leaves decisions whose policy is nowhere."""
    content = '{"group": {"quorum_services": {"value": 0}}}'
    with tampering(database) as session:
        values = {"content": content, "hash": sha256(content.encode()).hexdigest()}
        session.execute(text("UPDATE policy_version SET content = :content, sha256 = :hash"), values)
        found = checked(session)

        assert [problem.where for problem in found.problems] == ["SG-1/1"]
