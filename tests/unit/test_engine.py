"""The engine: what is possible from here, taking a step, saying all that is missing, and no way round it."""

import ast
import inspect
import threading
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from transitions import Machine

from states import engine
from states.pathway import PATHWAY
from states.records.opening import ChildOpened
from states.rows import act, decision, fact
from states.stages import S
from states.vocabulary import Nature, Process, Role, Unmet
from tests.factories import anybody, entry, facts, filed, nobody

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 10)
TRIGGERS = PATHWAY.triggers
EVERYWHERE = [None, *S]


def fire(trigger, at, permission=anybody):
    return engine.fire(PATHWAY, trigger, at, permission)


def reasons(trigger, at, permission=anybody):
    with pytest.raises(engine.NotPermitted) as refused:
        fire(trigger, at, permission)
    assert refused.value.trigger == trigger
    return refused.value.unmet


# --- illegal steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", EVERYWHERE, ids=lambda s: s.name if s else "NEW")
def test_a_step_that_does_not_start_from_a_state_is_refused_there_and_nothing_has_changed(state):
    illegal = [t for t in TRIGGERS if not PATHWAY.rows_for(t, state)]
    assert illegal

    for trigger in illegal:
        at = facts(state, given=filed(trigger))
        head, entries = at.head, at.entries
        unmet = reasons(trigger, at)
        assert [u.rule for u in unmet] == ["R-SM-1"], trigger
        assert (at.head, at.entries) == (head, entries)


@pytest.mark.parametrize(
    ("trigger", "state", "says"),
    [
        ("rate", S.RATED, "'Rate' (rate) is not possible from 'Rated'. It is possible from: 'Not yet rated'."),
        ("rate", None, "'Rate' (rate) is not possible from a new case. It is possible from: 'Not yet rated'."),
        ("open_case", S.RATED, "'Join the cohort' (open_case) opens a new case; this one is already open, in 'Rated'."),
        ("make_tea", S.RATED, "There is no step called make_tea."),
        ("to_ENDED", S.RATED, "There is no step called to_ENDED."),
        ("is_RATED", S.RATED, "There is no step called is_RATED."),
        ("may_rate", S.RATED, "There is no step called may_rate."),
        ("trigger", S.RATED, "There is no step called trigger."),
        ("", S.RATED, "There is no step called ."),
    ],
)
def test_the_refusal_says_from_where_a_step_is_possible(trigger, state, says):
    at = facts(state, given=filed("rate"))

    assert [u.reason for u in reasons(trigger, at)] == [says]


def test_a_refused_step_leaves_nothing_behind_for_the_next_one():
    refused = facts(S.COHORT, given=filed("rate", colour="GREEN"), born=date(2008, 1, 1))
    allowed = facts(S.COHORT, given=filed("rate", colour="GREEN"))

    reasons("rate", refused)

    assert fire("rate", allowed).flags == ()
    assert [u.rule for u in reasons("rate", refused)] == ["R-ELG-1"]


# --- taking steps ----------------------------------------------------------------------------------------


def test_a_step_says_where_it_led_and_by_which_row():
    fired = fire("rate", facts(S.COHORT, given=filed("rate")))

    assert (fired.from_state, fired.to_state, fired.row.rule) == ("COHORT", "RATED", "T1")


def test_an_act_leaves_the_case_where_it_is():
    for state in S:
        fired = fire("update_child", facts(state, given=filed("update_child")))
        assert (fired.from_state, fired.to_state) == (state.name, state.name)


def test_a_case_is_opened_from_nothing():
    assert fire("open_case", facts(None, given=filed("open_case"))).to_state == "COHORT"


@pytest.mark.parametrize("stage", ["COHORT", "NOT_PROGRESSING"])
def test_a_case_joins_at_the_stage_its_record_names(stage):
    fired = fire("bring_forward", facts(None, given=filed("bring_forward", stage=stage)))

    assert (fired.from_state, fired.to_state) == (None, stage)


def test_what_no_row_leads_to_is_refused_by_the_conditions_of_its_rows():
    assert [u.rule for u in reasons("bring_forward", facts(None, given=filed("bring_forward", stage="NOWHERE")))] == [
        "PT-17"
    ]
    assert [u.rule for u in reasons("reverse_last", facts(S.RATED, given=filed("reverse_last")))] == ["design 5.5"]


def test_guards_are_asked_once_for_each_step():
    asked = []

    def counting(at):
        asked.append(at.on)

    process = Process(
        name="counted",
        states=S,
        rows=(decision("go", "Go", S.COHORT, S.RATED, (Role.IRO,), ChildOpened, "T1", guards=(counting,)),),
    )
    engine.fire(process, "go", facts(S.COHORT, given=filed("open_case")), anybody)

    assert asked == [TODAY]


def test_a_fault_in_a_guard_is_no_refusal():
    def faulty(at):
        return at.nothing_of_the_kind

    process = Process(
        name="faulty",
        states=S,
        rows=(decision("go", "Go", S.COHORT, S.RATED, (Role.IRO,), ChildOpened, "T1", guards=(faulty,)),),
    )

    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        engine.fire(process, "go", facts(S.COHORT, given=filed("open_case")), anybody)


# --- facts flag, decisions refuse ------------------------------------------------------------------------


def never(_at):
    return Unmet("R-X", "Never.")


def row_of(kind, **more):
    to = () if kind is act else (S.RATED,)
    return kind("go", "Go", S.COHORT, *to, (Role.IRO,), ChildOpened, "T1", guards=(never,), **more)


def trial(row):
    return Process(name="trial", states=S, rows=(row,))


def test_what_stands_against_a_decision_refuses_it_and_what_stands_against_a_fact_is_flagged():
    at = facts(S.COHORT, given=filed("open_case"))

    with pytest.raises(engine.NotPermitted):
        engine.fire(trial(row_of(decision)), "go", at, anybody)
    with pytest.raises(engine.NotPermitted):
        engine.fire(trial(row_of(act)), "go", at, anybody)
    fired = engine.fire(trial(row_of(fact)), "go", at, anybody)
    flagged_act = engine.fire(trial(row_of(act, nature=Nature.FACT)), "go", at, anybody)

    assert [flag.rule for flag in fired.flags] == [flag.rule for flag in flagged_act.flags] == ["R-X"]
    assert fired.to_state == "RATED"


def test_nobody_without_permission_records_even_a_fact():
    at = facts(S.COHORT, given=filed("open_case"))

    with pytest.raises(engine.NotPermitted) as refused:
        engine.fire(trial(row_of(fact)), "go", at, nobody)

    assert [u.rule for u in refused.value.unmet] == ["T1"]


def test_everything_that_stands_against_a_step_is_said_together():
    # Dated before the step that led here, entered late, and the guards of the row.
    at = facts(
        S.TRAJECTORY,
        entry("group_progresses", on=date(2026, 3, 3)),
        given=filed("needs_further_work", return_on=date(2026, 1, 1)),
        on=date(2026, 1, 5),
        today=TODAY,
    )

    rules = [u.rule for u in reasons("needs_further_work", at)]

    assert rules == ["R-SM-3", "R-SM-3", "R-ALC-1", "R-RG-6"]


def test_whoever_may_not_take_a_step_at_all_learns_who_may_and_no_more():
    # rules 0.3: everything else that stands against it is for those whose step it is.
    at = facts(
        S.TRAJECTORY,
        entry("group_progresses", on=date(2026, 3, 3)),
        given=filed("needs_further_work", return_on=date(2026, 1, 1)),
        on=date(2026, 1, 5),
        today=TODAY,
    )

    assert [u.rule for u in reasons("needs_further_work", at, nobody)] == ["T9"]


# --- what is offered and explained -----------------------------------------------------------------------


def test_every_step_from_a_state_is_offered_once_in_the_order_of_the_table():
    at = facts(S.RATED)

    offered = [offer.row.trigger for offer in engine.offers(PATHWAY, at, anybody)]

    assert offered == [t for t in TRIGGERS if PATHWAY.rows_for(t, S.RATED)]


def test_a_fact_is_offered_with_its_flags_and_nothing_in_its_way():
    [offer] = [o for o in engine.offers(PATHWAY, facts(S.RATED), anybody) if o.row.trigger == "order_made"]

    assert offer.missing == ()
    assert [flag.rule for flag in offer.flags] == ["PR-1"]


def test_before_the_record_is_filled_in_what_can_be_judged_already_is_said():
    at = facts(S.ASSESSMENT, given=None)

    rules = {u.rule for u in engine.explain(PATHWAY, "submit_to_legal", at, nobody)}

    assert {"PT-9", "R-ROA-1", "R-ASM-5", "R-ASM-8", "R-ASM-1", "R-ASM-4", "R-SUP-7", "R-SUP-9"} <= rules
    assert "R-ASM-11" not in rules  # the filing date is in the record


def test_a_step_that_is_not_possible_from_here_is_explained_as_such():
    assert [u.rule for u in engine.explain(PATHWAY, "rate", facts(S.RATED), anybody)] == ["R-SM-1"]


def test_replaying_a_step_says_which_of_its_conditions_no_longer_hold():
    held = facts(S.COHORT, given=filed("rate"))
    no_more = facts(S.COHORT, given=filed("rate"), born=date(2008, 1, 1))

    assert engine.replay(PATHWAY, "rate", held) == ()
    assert [u.rule for u in engine.replay(PATHWAY, "rate", no_more)] == ["R-ELG-1"]
    assert engine.replay(PATHWAY, "rate", facts(S.ENDED)) == ()


# --- no way round the engine -----------------------------------------------------------------------------


def test_no_automatic_transition_leads_round_the_guards():
    machine = engine.drawn(PATHWAY)

    assert isinstance(machine, Machine)
    assert set(machine.events) == set(TRIGGERS)
    assert [name for name in dir(machine.model) if name.startswith("to_")] == []


def test_the_machine_of_a_drawing_moves_no_case():
    drawn = engine.drawn(PATHWAY)
    drawn.set_state("ENDED")

    assert fire("rate", facts(S.COHORT, given=filed("rate"))).from_state == "COHORT"


def test_states_are_stored_by_name():
    assert set(engine.drawn(PATHWAY).states) == {engine.NEW, *(s.name for s in S)}


@cache
def code(*folders):
    """(path, syntax tree) of every module in these folders, read once."""
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


PACKAGES = ("states", "persistence", "notifications", "interchange", "casework", "workflows", "web", "cli", "demo")


def test_only_the_engine_knows_the_library_of_machines():
    importers = {
        name
        for name, tree in code(*PACKAGES)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "transitions" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "transitions")
    }

    assert importers == {"states/engine.py"}


def test_nobody_reaches_into_the_engine():
    """Its machine and its walker are its own: no other module names what begins with an underscore there."""
    reaching = {
        (name, ast.unparse(node))
        for name, tree in code(*PACKAGES)
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "engine"
            and node.attr.startswith("_")
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "states.engine"
            and any(alias.name.startswith("_") for alias in node.names)
        )
    }

    assert reaching == set()


def test_only_what_writes_an_act_down_sets_the_state_of_a_case():
    """No assignment to `….state`, no `state=` in an UPDATE, and the columns that move a case in one file alone."""
    assigned = {
        name
        for name, tree in code(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "state"
    }
    updated = {
        name
        for name, tree in code(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "values"
        and "update(Case)" in ast.unparse(node.func)
        and any(k.arg == "state" for k in node.keywords)
    }

    mapped = {
        name
        for name, tree in code(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        and {"state", "state_since"} <= {key.value for key in node.keys if isinstance(key, ast.Constant)}
    }

    assert assigned | updated == set()
    assert mapped == {"casework/acting/writing.py"}


# --- threads ---------------------------------------------------------------------------------------------


def test_two_threads_take_different_steps_without_meeting():
    start = threading.Barrier(2)
    seen: dict[str, set[tuple[str | None, str, str, int]]] = {"rate": set(), "order_made": set()}

    def walk(trigger, at):
        start.wait()
        for _ in range(200):
            fired = fire(trigger, at)
            seen[trigger].add((fired.from_state, fired.to_state, fired.row.trigger, len(fired.flags)))

    threads = [
        threading.Thread(target=walk, args=("rate", facts(S.COHORT, given=filed("rate")))),
        threading.Thread(target=walk, args=("order_made", facts(S.RATED, given=filed("order_made")))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {
        "rate": {("COHORT", "RATED", "rate", 0)},
        "order_made": {("RATED", "ORDER_MADE", "order_made", 1)},
    }


def test_a_process_is_built_once_for_each_thread(monkeypatch):
    built: list[str] = []
    build = engine._build

    def counted(process):
        built.append(process.name)
        return build(process)

    monkeypatch.setattr(engine, "_build", counted)
    process = Process(name="case", states=S, rows=PATHWAY.rows)  # the same name, another process
    at = facts(S.COHORT, given=filed("rate"))

    for _ in range(3):
        engine.fire(process, "rate", at, anybody)
    assert built == ["case"]

    thread = threading.Thread(target=engine.fire, args=(process, "rate", at, anybody))
    thread.start()
    thread.join()
    assert built == ["case", "case"]


def test_two_processes_of_one_name_do_not_share_a_machine():
    only_end = Process(name="case", states=S, rows=tuple(r for r in PATHWAY.rows if r.trigger == "end"))
    at = facts(S.COHORT, given=filed("rate"))

    fire("rate", at)
    with pytest.raises(engine.NotPermitted):
        engine.fire(only_end, "rate", at, anybody)


def test_the_engine_keeps_no_callback_that_could_have_an_effect():
    """Conditions judge; nothing hangs on before, after, on entering or leaving (style 2.1)."""
    machine = engine.drawn(PATHWAY)
    hooks = [
        hook
        for event in machine.events.values()
        for transitions in event.transitions.values()
        for transition in transitions
        for hook in (*transition.before, *transition.after, *transition.prepare)
    ]
    around = [hook for state in machine.states.values() for hook in (*state.on_enter, *state.on_exit)] + [
        *machine.before_state_change,
        *machine.after_state_change,
        *machine.finalize_event,
    ]

    assert hooks == around == []
    assert "auto_transitions=False" in inspect.getsource(engine)
