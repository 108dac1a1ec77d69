"""A value is written down in one way only, and every column goes into its row's hash."""

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.audit import (
    ACCESS_FIELDS,
    EVENT_FIELDS,
    FIRST_ROOT,
    RECORD_FIELDS,
    SEAL_FIELDS,
    SealedHead,
    access_hash,
    canonical_json,
    event_hash,
    genesis_hash,
    record_hash,
    seal_root,
)
from persistence.tables import Access, Event, Record, Seal


class Colour(StrEnum):
    GREEN = "GREEN"


AT = datetime(2026, 3, 2, 9, 30, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":1}'),
        (date(2026, 3, 2), '"2026-03-02"'),
        (AT, '"2026-03-02T09:30:00.000005+00:00"'),
        (AT.astimezone(timezone(timedelta(hours=1))), '"2026-03-02T09:30:00.000005+00:00"'),
        (Colour.GREEN, '"GREEN"'),
        ("Zoe\u0308", '"Zo\u00eb"'),
        ("\n\u0303", '"\\n\u0303"'),
    ],
)
def test_a_value_is_written_in_one_way(value, written):
    assert canonical_json(value) == written


@pytest.mark.parametrize("value", [1.5, {"amount": 0.1}, b"x", {1: "x"}, {"when": {2.0}}])
def test_what_has_no_one_way_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        canonical_json(AT.replace(tzinfo=None))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_is_written_reads_back_as_the_same_value(value):
    def composed(one):
        if isinstance(one, str):
            return unicodedata.normalize("NFC", one)
        if isinstance(one, list):
            return [composed(each) for each in one]
        if isinstance(one, dict):
            return {composed(key): composed(each) for key, each in one.items()}
        return one

    assert json.loads(canonical_json(value)) == composed(value)
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@pytest.mark.parametrize(
    ("fields", "model", "own"),
    [
        (EVENT_FIELDS, Event, "hash"),
        (RECORD_FIELDS, Record, "content_hash"),
        (ACCESS_FIELDS, Access, "hash"),
        (SEAL_FIELDS, Seal, "root"),
    ],
)
def test_every_column_but_the_hash_itself_is_hashed(fields, model, own):
    assert {*fields, own} == {column.name for column in model.__table__.columns}


@pytest.mark.parametrize(
    ("hashed", "fields"),
    [
        (lambda row: event_hash("0" * 64, row), [f for f in EVENT_FIELDS if f != "previous_hash"]),
        (record_hash, RECORD_FIELDS),
        (lambda row: access_hash("0" * 64, row), [f for f in ACCESS_FIELDS if f != "previous_hash"]),
    ],
)
def test_a_change_of_any_column_changes_the_hash(hashed, fields):
    row = dict.fromkeys(fields, "as written")
    changed = {hashed({**row, field: "as forged"}) for field in fields}
    emptied = {hashed({**row, field: None}) for field in fields}

    assert len(changed | emptied | {hashed(row)}) == 2 * len(fields) + 1


def test_an_event_is_bound_to_the_one_before_it():
    assert event_hash("0" * 64, {"seq": 1}) != event_hash("1" * 64, {"seq": 1})


def test_a_column_added_later_leaves_old_hashes_as_they_are():
    assert event_hash("0" * 64, {"seq": 1, "evidence": None}) == event_hash("0" * 64, {"seq": 1})


def test_a_name_that_is_no_column_is_not_left_out_unnoticed():
    with pytest.raises(ValueError, match="event has no column colour"):
        event_hash("0" * 64, {"seq": 1, "colour": "GREEN"})


def test_a_hash_of_one_kind_never_passes_for_another():
    assert genesis_hash("SG-1") == sha256(b"sgo-genesis-v1\0SG-1").hexdigest()
    assert record_hash({"id": "1"}) != event_hash("", {"id": "1"})


def test_a_root_vouches_for_its_heads_and_their_order():
    said = dict.fromkeys(SEAL_FIELDS, 1) | {"previous_root": FIRST_ROOT}
    one, two = SealedHead(1, 3, "a" * 64), SealedHead(2, 5, "b" * 64)

    assert len({seal_root(said, heads) for heads in ([], [one], [two], [one, two], [two, one])}) == 5
