"""The county of the tests itself: the plain way leads where it says, on both databases."""

from pathlib import Path

from tests.world import WAY, a_world


def test_the_plain_way_leads_from_the_cohort_to_support_after_the_order(
    database_url: str, tmp_path: Path
) -> None:
    with a_world(database_url, tmp_path / "home") as world:
        world.child_at("POST_ORDER")
        moved = [r.to_state for r in world.results if r.from_state != r.to_state]
        assert moved == ["COHORT", *(state for state, _ in WAY)]
