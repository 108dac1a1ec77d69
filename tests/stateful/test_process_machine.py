"""Whatever anyone does to a case in any order, the engine and an independent model agree (style habit 23)."""

import os
import random
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from states.facts import live
from states.pathway import PATHWAY
from tests.stateful.model import TABLE
from tests.stateful.walk import Walk, run_process_machine

STEPS = int(os.environ.get("SGO_STEPS", "5000"))


def test_engine_and_model_agree_on_every_step_of_random_histories():
    """Diverged carries the history; every state is seen, and most steps are taken at least once."""
    done = run_process_machine(STEPS, seed=20260302)

    assert done["divergences"] == 0
    assert done["steps"] == done["moves"] + done["refusals"] == STEPS
    assert done["refusals"] > STEPS // 10
    assert min(done["reversals"], done["corrections"], done["moved to another child"]) > 0
    assert done["states_visited"] == sorted(PATHWAY.states.__members__)
    never = set(TABLE) - set(done["triggers_fired"])
    assert len(never) <= len(TABLE) // 10, f"Of {len(TABLE)} triggers these never happened: {sorted(never)}"


def test_the_model_speaks_of_every_step_that_moves_a_case():
    moving = {r.trigger for r in PATHWAY.rows if r.to.name != "SAME"}

    assert moving - set(TABLE) == set()


class Office(RuleBasedStateMachine):
    """Hypothesis chooses the dice of each step, and shrinks to the shortest history that diverges."""

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.walk = Walk(random.Random(seed), Counter())

    @rule(seed=st.integers(0, 2**16))
    def somebody_tries_something(self, seed: int) -> None:
        self.walk.dice.seed(seed)
        self.walk.step()

    @invariant()
    def the_history_tells_the_state(self) -> None:
        moves = [e for e in live(self.walk.entries) if e.moved]
        assert (moves[-1].to_state if moves else None) == self.walk.state


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=40, stateful_step_count=40, derandomize=True, deadline=None)
