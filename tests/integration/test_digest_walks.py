"""Random months of an office: nothing that is to be told is lost, and nothing is told twice (reliability R11)."""

import pytest

from casework.settings import Settings
from casework.units import open_office
from tests.digest_walk import a_walk


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_everything_is_told_once_or_kept_back_with_a_reason(database_url, tmp_path, seed):
    with open_office(Settings(home=tmp_path / "home", database_url=database_url)) as office:
        counts = a_walk(office, seed=seed, days=20)

    assert counts["messages"] > 30
    assert counts["digests"] > 50
