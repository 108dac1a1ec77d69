"""Whatever anyone does to a funding request in any order, the engine and an independent judge agree (R3, R5, T4)."""

import os
import random
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from states.facts import live
from states.funding import FUNDING
from states.funding_stages import UNSIGNED
from tests.stateful.money_judge import MOVES, TABLE
from tests.stateful.money_walk import MoneyWalk, run_money_machine

STEPS = int(os.environ.get("SGO_STEPS", "1500"))


def test_engine_and_judge_agree_on_every_step_of_random_requests():
    """Every state on the way to a decision is seen, and every step is taken at least once."""
    done = run_money_machine(STEPS, seed=20260302)

    assert done["divergences"] == 0
    assert done["steps"] == done["moves"] + done["refusals"] == STEPS
    assert done["refusals"] > STEPS // 10
    assert min(done["reversals"], done["signatures"]) > 0
    assert {state.name for state in UNSIGNED} <= set(done["states"])
    never = set(TABLE) - set(done["times"])
    assert len(never) <= len(TABLE) // 10, f"Of {len(TABLE)} triggers these never happened: {sorted(never)}"


def test_the_judge_speaks_of_every_step_up_to_the_decision():
    moving = {row.trigger for row in FUNDING.rows if row.to.name != "SAME" and row.source & UNSIGNED}

    assert moving - {"reverse_last"} <= MOVES


class Desk(RuleBasedStateMachine):
    """Hypothesis chooses the dice of each step, and shrinks to the shortest history that diverges."""

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.walk = MoneyWalk(random.Random(seed), Counter())

    @rule(seed=st.integers(0, 2**16))
    def somebody_tries_something(self, seed: int) -> None:
        self.walk.dice.seed(seed)
        self.walk.step()

    @invariant()
    def the_history_tells_the_state(self) -> None:
        moves = [e for e in live(self.walk.entries) if e.moved]
        assert (moves[-1].to_state if moves else "-") == self.walk.state


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=10, stateful_step_count=30, derandomize=True, deadline=None)
