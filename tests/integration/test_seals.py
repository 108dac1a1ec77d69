"""Each night all histories are sealed, once, and the head leaves the database."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.errors import Unusable
from casework.safety import seals
from casework.settings import Settings
from casework.units import Office, open_office
from persistence.audit import AccessHead, seal
from persistence.engine import Database
from persistence.tables import Seal, SealHead
from persistence.verification import Head
from tests.tampering import MONDAY, NIGHT, TUESDAY, two_sealed_nights


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
    """(reliability C41)"""
    away = tmp_path / "away"
    settings = Settings(home=tmp_path / "home", database_url=database_url, seals_copy=away)
    with open_office(settings) as office:
        seals.seal(office, MONDAY, NIGHT)

    assert (away / "2026-03-09.json").read_bytes() == (settings.seals_folder / "2026-03-09.json").read_bytes()


def test_another_head_of_the_same_date_is_never_replaced(office, sealed, tmp_path):
    first = seals.write_head(tmp_path / "kept", sealed)
    forged = replace(sealed, root="f" * 64)

    assert seals.write_head(tmp_path / "kept", forged) != first
    assert seals.read_head(first) == sealed


@pytest.mark.parametrize("content", ["", "{}", "not a head"])
def test_a_file_that_is_no_head_is_refused_in_words(tmp_path, content):
    path = tmp_path / "head.json"
    path.write_text(content)

    with pytest.raises(Unusable, match="not a head"):
        seals.read_head(path)


def test_sealing_needs_no_access_log_to_have_been_written(database):
    with database.writing() as session:
        assert seal(session, MONDAY, NIGHT).access_seq == AccessHead().seq == 0
