"""Who may decide: posts as floors, specialists by name, anyone allocated; every cell of state, step and role."""

from itertools import groupby

import pytest

from states import engine
from states.pathway import PATHWAY
from states.permission import floor, may_decide, row_that_decides, who_may
from states.stages import S
from states.vocabulary import Role, Unmet
from tests.factories import entry, facts, filed, row

RANKED = ("Team Manager", "Head of Service", "Assistant Director", "Director")  # design 5.7, lowest first
ALLOCATED = {
    "child's social worker",
    "SGO assessment worker",
    "supervising social worker",
    "independent reviewing officer",
}


def allowed(role, asked):
    """By the words of design 5.7 and 4.2: named; or ranked as high as the lowest post named; or allocated."""
    named = {r.value for r in asked.by}
    posts = [RANKED.index(name) for name in named if name in RANKED]
    outranks = role.value in RANKED and bool(posts) and RANKED.index(role.value) >= min(posts)
    return role.value in named or outranks or (asked.by_anyone_allocated and role.value in ALLOCATED)


# --- every cell ------------------------------------------------------------------------------------------

STEPS_FROM = [
    (state, trigger) for state in (None, *S) for trigger in PATHWAY.triggers if PATHWAY.rows_for(trigger, state)
]


def asked_as(role):
    def permission(asked):
        return None if may_decide(frozenset({role}), asked) else Unmet("nobody", asked.trigger)

    return permission


@pytest.mark.parametrize("state", [None, *S], ids=lambda s: s.name if s else "NEW")
def test_in_every_state_every_step_refuses_every_role_that_may_not_decide_it(state):
    """Cells: this state × its steps × every role. The illegal steps of a state are refused for everybody
    (tests/unit/test_engine.py), so that together every cell is covered."""
    cells = refused = 0
    for trigger in [t for s, t in STEPS_FROM if s is state]:
        given = filed(trigger, source=state)
        at = facts(state, given=given)
        applying = engine.row_for(PATHWAY, trigger, at)
        assert applying is not None
        for role in Role:
            cells += 1
            told = engine.explain(PATHWAY, trigger, at, asked_as(role))
            denied = [u for u in told if u.rule == "nobody"]
            assert bool(denied) is not allowed(role, applying), (state, trigger, role)
            if denied:
                refused += 1
                with pytest.raises(engine.NotPermitted) as refusal:
                    engine.fire(PATHWAY, trigger, at, asked_as(role))
                assert denied[0] in refusal.value.unmet

    assert cells == len(Role) * sum(s is state for s, _ in STEPS_FROM)
    assert 0 < refused < cells


def test_all_rows_of_a_step_from_one_state_are_decided_by_the_same_posts():
    of_a_step = [(r.trigger, s.name if s else "", r.by, r.by_anyone_allocated) for r in PATHWAY.rows for s in r.source]
    differing = {
        key: found
        for key, rows in groupby(sorted(of_a_step, key=lambda cell: cell[:2]), key=lambda cell: cell[:2])
        if len(found := {(by, anyone) for _, _, by, anyone in rows}) > 1
    }

    assert differing == {}


# --- floors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "roles"),
    [
        # What the guidance and the design name, written out (design 4.2).
        ("rate", {"Team Manager", "Head of Service", "Assistant Director", "Director"}),
        ("override_ratification", {"Head of Service", "Assistant Director", "Director"}),
        ("stop", {"Review Group chair", "KDD chair", "Head of Service", "Assistant Director", "Director"}),
        ("group_progresses", {"Review Group chair"}),
        ("kdd_sgo_appropriate", {"KDD chair"}),
        ("roa_ratifies", {"independent reviewing officer"}),
        ("submit_to_legal", {"SGO assessment worker"}),
        ("legal_returns", {"Legal"}),
        ("activate_support", {"permanence support co-ordinator"}),
        ("order_made", {"Legal", *ALLOCATED}),  # facts: anyone allocated
        ("continue_further_work", {"Head of Service", "Assistant Director", "Director"}),
        ("reopen", {*RANKED, "independent reviewing officer"}),
        (
            "list_for_group",
            {*RANKED, "group administrator", "SGO team manager", "Review Group member"},
        ),
    ],
)
def test_the_roles_that_open_a_step_are_those_of_the_design(trigger, roles):
    assert {role.value for role in who_may(row(trigger))} == roles


def test_no_seniority_stands_in_for_a_specialist():
    assert floor(row("group_progresses")) is None
    assert may_decide(frozenset({Role.DIRECTOR}), row("group_progresses")) is False
    assert may_decide(frozenset({Role.IRO_MANAGER}), row("roa_ratifies")) is False


def test_several_roles_are_as_good_as_the_best_of_them():
    assert may_decide(frozenset({Role.FINANCE, Role.ASSISTANT_DIRECTOR}), row("rate")) is True
    assert may_decide(frozenset({Role.FINANCE, Role.AUDITOR}), row("rate")) is False


def test_nobody_without_a_role_decides_anything_but_what_is_open_to_anyone_allocated():
    nothing: frozenset[Role] = frozenset()

    assert [r.trigger for r in PATHWAY.rows if may_decide(nothing, r)] == []
    assert {r.trigger for r in PATHWAY.rows if may_decide(nothing, r, allocated=True)} == {
        r.trigger for r in PATHWAY.rows if r.by_anyone_allocated
    }


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_runs_the_system_or_audits_it_decides_nothing_on_a_child(role):
    """They answer for decisions in their own name, as anybody would, and take nothing back."""
    opened = {r.trigger for r in PATHWAY.rows if may_decide(frozenset({role}), r)}

    assert opened <= {"confirm_decision", "dispute_decision", "reverse_last"}


# --- taking back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "source", "who"),
    [
        ("rate", S.COHORT, Role.TEAM_MANAGER),
        ("group_progresses", S.REVIEW_GROUP, Role.GROUP_CHAIR),
        ("override_ratification", S.RATIFICATION, Role.HEAD_OF_SERVICE),
        ("withdraw_application", S.IN_COURT, Role.LEGAL),
    ],
)
def test_a_step_is_taken_back_by_a_role_of_that_step(last, source, who):
    taken = entry(last, source=source)
    back = row("reverse_last")

    judged = row_that_decides(PATHWAY, back, facts(S[taken.to_state], taken))

    assert judged.trigger == last
    assert may_decide(frozenset({who}), judged) is True
    assert may_decide(frozenset({Role.FINANCE}), judged) is False


def test_any_other_step_is_decided_by_its_own_roles():
    rate = row("rate")

    assert row_that_decides(PATHWAY, rate, facts(S.RATED, entry("rate"))) is rate


def test_where_there_is_nothing_to_take_back_a_condition_says_so_and_not_the_roles():
    back = row("reverse_last")

    assert row_that_decides(PATHWAY, back, facts(S.COHORT)) is back
