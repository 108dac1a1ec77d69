"""Two processes decide the same thing at once: one wins, the other is told (reliability R4; in full: `make soak`)."""

import pytest

from tests.soak.races import run_races

RACES = 200


@pytest.mark.slow
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(database_url, tmp_path):
    """(reliability C17)"""
    figures = run_races(database_url, tmp_path / "home", races=RACES, seed=20260302)

    assert (figures.double, figures.undecided, figures.torn, figures.chain_broken) == (0, 0, 0, 0)
    assert (figures.untold, figures.failures) == (0, [])
    # Every race had a loser: refused because the step is no longer possible, or because the form was of an older
    # version; or it was the same form, and both got the one answer.
    assert sum(figures.losers.values()) == figures.races == RACES
    assert set(figures.losers) == {"refused", "conflict", "the same answer"}
