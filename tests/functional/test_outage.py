"""The worker and Prefect go away while people work: the short version of `make soak` (reliability R15, R16)."""

import pytest

from tests.soak.outage import Lengths, run_outage

SHORT = Lengths(prefect=5, smtp=0, between=0, patience=1, children=60)


@pytest.mark.prefect
@pytest.mark.slow
def test_whatever_goes_away_every_act_is_followed_through_and_every_message_leaves_once(
    prefect_server, sqlite_url, tmp_path
):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    found = run_outage(sqlite_url, home, prefect_server, SHORT)

    assert found["wrong"] == {}, found["failures"]
    assert not found["failed"]
    assert found["acts_while_prefect_was_away"] > 0
    assert (found["killed_run"][0], found["killed_run"][-1]) == ("crashed", "completed")
    assert found["runs"]["prefect completed"] > 0
