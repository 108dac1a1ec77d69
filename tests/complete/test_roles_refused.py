"""Every role that may not decide a row is refused, every role that may is let through: each cell once (design 4.2)."""

from states.pathway import PATHWAY
from states.permission import may_decide
from states.vocabulary import Role
from tests.stateful.model import OWN, TABLE, may

#: By the model's own table. `reverse_last` takes the roles of the step taken back: judged in the walks.
ROWS = [row for row in PATHWAY.rows if row.trigger in TABLE and row.trigger != "reverse_last"]
CELLS = [(row, role) for row in ROWS for role in Role]


def test_exactly_the_roles_of_the_design_may_decide_each_row():
    wrong = [
        f"{row.trigger}: {role.value} {'may' if allowed else 'may not'} (the model says otherwise)"
        for row, role in CELLS
        if (allowed := may_decide(frozenset({role}), row)) != may(row.trigger, {role.value})
    ]

    refused = sum(not may(row.trigger, {role.value}) for row, role in CELLS)
    assert wrong == [], f"{len(wrong)} of {len(CELLS)} cells ({refused} refusals):\n" + "\n".join(wrong)
    assert 0 < refused < len(CELLS)


def test_nobody_without_a_role_decides_anything():
    assert [row.trigger for row in PATHWAY.rows if may_decide(frozenset(), row)] == []


def test_a_post_on_the_child_opens_what_the_design_leaves_to_anyone_allocated_and_nothing_else():
    opened = {row.trigger for row in ROWS if may_decide(frozenset(), row, allocated=True)}

    assert opened == {trigger for trigger, (_, _, _, who) in TABLE.items() if who >= OWN}


def test_a_more_senior_post_may_always_decide_what_a_lower_one_may():
    ranked = [Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR]
    for row in PATHWAY.rows:
        allowed = [may_decide(frozenset({role}), row) for role in ranked]
        assert allowed == sorted(allowed), row.trigger
