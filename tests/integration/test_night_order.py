"""What is found in a child does not depend on who joined when, nor on any other child (reliability R14)."""

from datetime import date, timedelta
from random import Random

import pytest

from tests.nights import standing, the_night
from tests.world import START, World, a_world

NIGHT = date(2025, 8, 1)
#: Children who are late in their own ways: the state they have reached, and how many weeks after the first.
KINDS = (("COHORT", 0), ("RATED", 2), ("REVIEW_GROUP", 1), ("TRAJECTORY", 3), ("KEY_DECISION", 0), ("RATIFICATION", 4))


def child(world: World, state: str, weeks: int) -> str:
    """One of them."""
    return world.child_at(state, start=START + timedelta(weeks=weeks))


def found(world: World, chunk: int) -> dict[str, list[tuple[str, date, str]]]:
    """What the night finds, by child."""
    the_night(world, NIGHT, chunk=chunk)
    lines: dict[str, list[tuple[str, date, str]]] = {}
    for line in standing(world, on=NIGHT):
        lines.setdefault(line.ref, []).append((line.rule, line.since, line.severity))
    return {ref: sorted(found) for ref, found in lines.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_and_an_unrelated_child_make_no_difference(database_url, tmp_path, seed):
    chance = Random(seed)
    chosen = chance.sample(KINDS, 4)
    with a_world(database_url, tmp_path / "home") as world:
        first = {kind: child(world, *kind) for kind in chosen}
        again = {kind: child(world, *kind) for kind in chance.sample(chosen, len(chosen))}
        world.child_at("ASSESSMENT")  # nobody's brother or sister
        seen = found(world, chunk=chance.choice([1, 2, 5, 1000]))
    for kind in chosen:
        assert seen[first[kind]] == seen[again[kind]], kind
    assert all(seen[first[kind]] for kind in chosen)
