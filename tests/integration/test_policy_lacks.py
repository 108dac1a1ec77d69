"""A policy adopted before the program learnt to ask for a value: said with its key, and mended by adopting anew."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256

import pytest

from casework import policies
from casework.following.health import health
from persistence.tables import PolicyVersion
from tests.commands import in_world
from tests.world import POLICY, START, leicestershire, noon

KEY = ("rating", "first_rating_working_days")


@pytest.fixture
def lacking(world) -> str:
    """An older policy in force from the start, without one value, and with one that is no longer asked for."""
    tables = json.loads(leicestershire().canonical_json())
    del tables[KEY[0]][KEY[1]]
    tables["group"]["of_former_times"] = {"value": 7, "mark": "DEF", "source": "x", "from": "2020-01-01"}
    content = json.dumps(tables, sort_keys=True)
    with world.office.unit_of_work() as session:
        session.add(
            PolicyVersion(
                sequence=2,
                sha256=sha256(content.encode()).hexdigest(),
                from_on=date(2021, 1, 1),
                content=content,
                file_name="old.toml",
                adopted_by=None,
                adopted_at=noon(START),
            )
        )
    return sha256(content.encode()).hexdigest()


def test_the_key_is_named_and_what_to_do(world, lacking):
    with world.office.reading() as session, pytest.raises(policies.PolicyLacks) as lacks:
        policies.in_force(session, START)

    assert lacks.value.lacking == (KEY,)
    assert "rating.first_rating_working_days" in str(lacks.value)
    assert "sgo policy adopt FILE --from DATE --as PERSON" in str(lacks.value)
    with world.office.reading() as session:
        assert policies.lacking(session, START) == str(lacks.value)  # what `sgo init` says after an upgrade
    assert "policy" in [problem.what for problem in health(world.office, noon(START)).problems]


def test_bringing_an_installation_up_to_date_says_what_its_policy_lacks(world, lacking):
    sgo = in_world(world, day=START)

    assert "rating.first_rating_working_days" in sgo("init", "--json").json["policy_lacks"]
    assert "Nobody can work yet." in sgo("init").out


def test_the_next_version_that_has_it_mends_past_days_too_and_no_stored_hash_changes(world, lacking):
    with world.office.unit_of_work() as session:
        policies.adopt(
            session, leicestershire(), file_name=POLICY.name, from_on=START + timedelta(9), by=None, now=noon(START)
        )
    with world.office.reading() as session:
        found = policies.in_force(session, START)

    assert found.sha256 == lacking
    assert found.policy.rating.first_rating_working_days == leicestershire().rating.first_rating_working_days
