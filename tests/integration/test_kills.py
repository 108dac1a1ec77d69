"""A process killed in the middle of acts loses nothing and leaves no half act (reliability R1, R2; `make soak`)."""

import pytest

from tests.soak.kills import run_kills

KILLS = 50


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_torn_by_kills(database_url, tmp_path):
    figures = run_kills(database_url, tmp_path / "home", times=KILLS, seed=20260302)

    assert (figures["lost"], figures["torn"], figures["chain_broken"], figures["failures"]) == (0, 0, 0, [])
    assert figures["kills"] == KILLS
    assert figures["acknowledged"] >= KILLS // 2  # it was at work when it was killed
    assert figures["in_the_act"] > 0
