"""The process table is whole: every stage has a way in and out, nothing is half filled or for nothing."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from states import deadlines, deadlines_funding, guards
from states.deadlines import ALL_DUES
from states.facts import Entry, Facts, Head
from states.guards.envelope import FOR_ACTS, FOR_DECISIONS
from states.guards.scope import EVIDENCE_FOR
from states.notices import NOTICES
from states.pathway import PATHWAY, SENT_BY_ANY_ACT
from states.policy import load_policy
from states.processes import ALL_ROWS
from states.records.base import FieldSeen, Kind, Record
from states.records.court import ApplicationWithdrawn, HowWithdrawn
from states.records.keeping import ActMoved
from states.records.opening import BroughtForward
from states.rules import rule_of
from states.stages import S
from states.vocabulary import Anywhere, Due, State, Transition

ROWS = PATHWAY.rows
#: Every deadline that is written down, of every process.
EVERY_DUE = (*ALL_DUES, *(due for due in vars(deadlines_funding).values() if isinstance(due, Due)))
POLICIES = sorted((Path(__file__).parents[2] / "policies").glob("*.toml"))

#: Every step and act that the design promises (design 4.2); the table may have more.
PROMISED = set(
    """
    open_case bring_forward rate mark_not_applicable reconsider rerate list_for_group take_off_agenda
    group_progresses group_defers group_asks_further_work group_decides_not_to_progress group_adjourns
    service_objects desk_review_unchanged needs_further_work proceed_to_kdd carer_declines
    return_to_group return_to_kdd kdd_sgo_appropriate kdd_further_work kdd_not_to_progress kdd_adjourns
    roa_ratifies roa_does_not_ratify roa_defers override_ratification complete_assessment agree_package
    submit_to_legal legal_returns application_issued order_made court_refuses withdraw_application
    activate_support stop reopen end reverse_last

    allocate record_initial_meeting record_trajectory set_latest_position add_view record_barrier
    request_check receive_check record_viability record_family_network_meeting record_genogram
    draft_support_plan record_notice_of_intention record_court_direction record_review record_visit
    record_placement_change change_applicants link_sibling end_sibling_link pause_clock resume_clock
    flag_safeguarding clear_safeguarding raise_concern resolve_concern note_told attach_document
    check_quality write_statement sign_support_plan record_proposal_notice record_decision_notice
    schedule_kdd schedule_review continue_further_work record_death record_move_away record_leaving transfer_out
    restrict lift_restriction merge move_act_to_right_child correct confirm_decision dispute_decision
    """.split()  # noqa: SIM905 -- a list of 86 quoted names is harder to read
)
#: Steps that close a case: not a way on.
CLOSING = {"end", "transfer_out", "merge"}
#: Stages that lead nowhere but to the end, and why that is right.
ONLY_TO_THE_END = {"POST_ORDER": "the order is made and support runs: what comes after is closing"}
#: Deadlines that no step meets, and why; a date that only tells somebody something may stand here.
NEVER_MET: dict[str, str] = {}
#: Notices that no step sends, and what does.
SENT_LATER = {
    "DIGEST": "the night sends it, whatever the steps of the day (design 5.12)",
    "EMERGENCY": "opening a record in an emergency is no step of the child's (reliability R35)",
    "TURNED-AWAY": "the log of who looked sends it (reliability C1)",
    "TOO-NEAR": "the log of who looked sends it (reliability C5)",
    "LARGE-EXPORT": "the log of who looked sends it (reliability C7)",
    "TOO-FAST": "the log of who looked sends it (reliability C48)",
}


def leading(rows: Iterable[Transition] = ROWS) -> list[tuple[Transition, State]]:
    return [(row, row.to) for row in rows if isinstance(row.to, State)]


def reached_from(start: State, rows: Iterable[Transition]) -> set[State]:
    reached, edge = {start}, [start]
    while edge:
        state = edge.pop()
        onward = {target for row, target in leading(rows) if state in row.source} - reached
        reached |= onward
        edge += onward
    return reached


def source_of(row: Transition) -> str:
    return "-".join([row.trigger, *sorted(state.name for state in row.source if state)])


def names(rows: Iterable[Transition]) -> list[str]:
    return sorted(row.trigger for row in rows)


# --- stages ----------------------------------------------------------------------------------------------


def test_every_stage_can_be_reached_from_a_new_case_step_by_step():
    step_by_step = [row for row in ROWS if row.trigger != "bring_forward"]
    [start] = [target for row, target in leading(step_by_step) if None in row.source]

    assert set(S) - reached_from(start, step_by_step) == set(), "No row leads to these stages."


@pytest.mark.parametrize("state", [state for state in S if state not in PATHWAY.final], ids=lambda s: s.name)
def test_every_open_stage_leads_to_an_end(state):
    assert reached_from(state, ROWS) & PATHWAY.final


@pytest.mark.parametrize("state", [state for state in S if state not in PATHWAY.final], ids=lambda s: s.name)
def test_no_stage_is_a_dead_end(state):
    onward = {target for row, target in leading() if state in row.source and row.trigger not in CLOSING}

    assert bool(onward - {state}) is (state.name not in ONLY_TO_THE_END), f"{state.name} leads only to the end."


def test_two_stages_never_stand_in_one_place_of_the_drawing_or_share_words():
    assert len({(state.place.column, state.place.row) for state in S}) == len(S)
    assert len({state.words for state in S}) == len(S)


# --- rows ------------------------------------------------------------------------------------------------


def test_every_step_and_act_that_was_promised_is_there():
    assert PROMISED - set(PATHWAY.triggers) == set()


def test_every_row_says_who_what_is_written_down_and_by_which_rule():
    half = [row for row in ROWS if not (row.by and row.words and row.rule and row.record.kind)]

    assert names(half) == []


def test_every_row_starts_and_ends_at_stages_of_the_process():
    assert {state for row in ROWS for state in row.source} <= {None, *S}
    assert {target for _, target in leading()} <= set(S)
    assert names(row for row in ROWS if row.to is Anywhere.NAMED) == []


def test_no_row_leads_back_to_the_stage_it_starts_from_under_another_name():
    assert names(row for row, target in leading() if target in row.source) == []


def test_the_words_of_a_row_tell_it_from_every_other_row_of_its_stage():
    said: dict[tuple[State | None, str], set[str]] = {}
    for row in ROWS:
        for state in row.source:
            said.setdefault((state, row.words), set()).add(row.trigger)

    assert {key: found for key, found in said.items() if len(found) > 1} == {}


def test_a_row_carries_only_triggers_that_there_are():
    assert {trigger for row in ROWS for trigger in row.carries} <= set(PATHWAY.triggers)


@pytest.mark.parametrize("row", [row for row in ROWS if row.carries], ids=source_of)
def test_a_row_that_carries_others_has_their_conditions_and_meets_their_deadlines(row):
    for other in (o for o in ROWS if o.trigger in row.carries):
        assert set(other.guards) <= set(row.guards), other.trigger
        assert {due.name for due in other.meets} <= {due.name for due in row.meets}, other.trigger


# --- of several rows of one trigger exactly one applies ---------------------------------------------------


def facts(record: Record | None = None, *history: Entry) -> Facts:
    """No more facts than the choice between rows looks at."""
    day = date(2026, 3, 4)
    return Facts(
        head=Head(ref="A", state="REVIEW_GROUP"), entries=history, given=record, on=day, today=day,
        decided_by="p", recorded_by="p", policy=cast(Any, None), calendar=cast(Any, None),
    )  # fmt: skip


def entry(trigger: str, from_state: State | None, to_state: State) -> Entry:
    """One line of history; only the step and its two stages matter here."""
    day = date(2026, 3, 4)
    return Entry(
        id="1", seq=1, trigger=trigger, from_state=from_state.name if from_state else None, to_state=to_state.name,
        happened_on=day, recorded_on=day, decided_by="p", recorded_by="p", role="group administrator",
        confirmed=True, kind="listing", data={},
    )  # fmt: skip


def targets_of(trigger: str) -> list[State]:
    return [target for row, target in leading() if row.trigger == trigger]


#: Every way in which the facts can differ for a trigger that has several rows from one stage.
VARIANTS: dict[str, Callable[[], list[Facts]]] = {
    "bring_forward": lambda: [
        facts(BroughtForward.model_construct(stage=target.name)) for target in targets_of("bring_forward")
    ],
    "take_off_agenda": lambda: [
        facts(None, entry("list_for_group", state, S.REVIEW_GROUP))
        for row in ROWS
        if row.trigger == "list_for_group"
        for state in row.source
    ],
    "move_act_to_right_child": lambda: [
        facts(ActMoved.model_construct(event="1"), entry("rate", S.COHORT, S.RATED)),
        facts(ActMoved.model_construct(event="1"), entry("note_told", S.RATED, S.RATED)),
    ],
    "withdraw_application": lambda: [facts(ApplicationWithdrawn.model_construct(how=how)) for how in HowWithdrawn],
}


def several() -> dict[tuple[str, State | None], list[Transition]]:
    together: dict[tuple[str, State | None], list[Transition]] = {}
    for row in ROWS:
        for state in row.source:
            together.setdefault((row.trigger, state), []).append(row)
    return {key: rows for key, rows in together.items() if len(rows) > 1}


def test_where_a_trigger_has_several_rows_from_one_stage_it_is_known_how_they_differ():
    assert {trigger for trigger, _ in several()} == set(VARIANTS), (
        "The first of several rows would win in silence: give each a `when`, and add the ways in which facts "
        "can differ to VARIANTS."
    )


@pytest.mark.parametrize(("trigger", "state"), sorted(several(), key=str), ids=str)
def test_of_several_rows_exactly_one_applies_whatever_the_facts(trigger, state):
    rows = several()[trigger, state]

    for variant in VARIANTS[trigger]():
        assert sum(1 for row in rows if row.when is not None and row.when(variant)) == 1


def test_what_a_child_brings_along_is_known_for_every_stage_a_child_may_join_at():
    assert set(EVIDENCE_FOR) == set(targets_of("bring_forward"))
    assert set(S) - set(EVIDENCE_FOR) == {S.REVIEW_GROUP, S.ENDED}, "May a child join here? (practice PT-17)"


def test_a_row_alone_makes_no_choice():
    chosen = {id(row) for rows in several().values() for row in rows}

    assert names(row for row in ROWS if row.when is not None and id(row) not in chosen) == []


# --- guards, deadlines, notices ---------------------------------------------------------------------------


def modules_of(package: ModuleType) -> list[ModuleType]:
    return [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]


def test_every_guard_is_used_and_says_in_its_first_line_what_must_hold():
    used = {guard for row in ALL_ROWS for guard in (*row.guards, *row.cautions)} | {*FOR_DECISIONS, *FOR_ACTS}
    written = {
        function
        for module in modules_of(guards)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }

    assert {f"{f.__module__}.{f.__name__}" for f in written - used} == set(), "A guard nobody asks: name it in a row."
    assert {f.__name__ for f in used if not inspect.getdoc(f)} == set()


def test_every_deadline_is_opened_and_every_opened_one_is_met():
    written = {due.name for due in EVERY_DUE}
    opened = {due.name for row in ALL_ROWS for due in row.opens}
    met = {due.name for row in ALL_ROWS for due in (*row.meets, *(due for _, due in row.meets_if))}

    assert written - opened == set(), "A deadline that no row opens."
    assert met - opened == set(), "A row meets a deadline that no row opens."
    assert opened - met == set(NEVER_MET), "A deadline that no row meets: name it under `meets`, or say here why not."


def test_deadlines_of_one_name_say_the_same_of_it():
    said: dict[str, set[tuple[Any, ...]]] = {}
    for due in (due for row in ALL_ROWS for due in row.opens):
        said.setdefault(due.name, set()).add((due.words, due.owner, due.basis, due.rule, due.while_in))

    assert {name for name, ways in said.items() if len(ways) > 1} == set()


def test_a_deadline_is_counted_from_a_date_of_the_record_or_from_the_day_it_happened():
    """A misspelt field would be silent: at least one record of the rows that open a deadline must have it."""
    missing = set()
    counted = (due for due in EVERY_DUE if due.anchor)
    for due in (due for due in counted if due.anchor != deadlines.ASSESSMENT_MAY_START):  # by the policy (A8)
        first = str(due.anchor).partition(".")[0]
        records = [row.record for row in ALL_ROWS if due.name in {opened.name for opened in row.opens}]
        if not any(first in record.model_fields for record in records):
            missing.add(f"{due.name}: {due.anchor}")

    assert missing == set()


@pytest.mark.parametrize("file", POLICIES, ids=lambda file: file.stem)
def test_every_policy_has_the_number_of_every_deadline_and_warning(file):
    policy = load_policy(file.read_text(encoding="utf-8"), name=file.name)

    for due in EVERY_DUE:
        assert due.count.number is None or isinstance(due.count.number(policy), int), due.name
        for warn in due.warns:
            assert all(isinstance(number, int) for number in warn.numbers(policy)), due.name


def test_every_notice_is_sent_by_a_row_a_deadline_or_any_act():
    by_rows = {notice.id for row in ALL_ROWS for notice in row.notices}
    by_deadlines = {warn.notice.id for row in ALL_ROWS for due in row.opens for warn in due.warns}
    by_any_act = {notice.id for notice in SENT_BY_ANY_ACT}

    assert by_any_act & (by_rows | by_deadlines) == set(), "What a row sends need not be among SENT_BY_ANY_ACT."
    assert set(NOTICES) - by_rows - by_deadlines - by_any_act == set(SENT_LATER)
    assert by_rows | by_deadlines | by_any_act <= set(NOTICES)


def test_a_letter_is_sent_only_where_there_is_somebody_to_write_to():
    unasked = [row for row in ALL_ROWS for notice in row.tells if notice.is_letter]

    assert names(unasked) == [], "Name a letter under tells_if, with carers_on_record."


# --- records ---------------------------------------------------------------------------------------------

RECORDS = sorted({row.record for row in ALL_ROWS}, key=lambda record: record.kind)


def fields_of(fields: tuple[FieldSeen, ...]) -> list[FieldSeen]:
    return [inner for field in fields for inner in (field, *fields_of(field.rows))]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)
def test_every_field_of_a_record_has_a_label_and_one_of_ten_kinds(record):
    for field in fields_of(record.fields()):
        assert field.kind in Kind
        assert field.label != field.name, f"{field.name} has no label"
        assert (field.kind in {Kind.CHOICE, Kind.CHOICES}) or not field.options
    assert len(Kind) == 10


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)
def test_rows_in_a_record_are_one_level_deep(record):
    for field in record.fields():
        assert bool(field.rows) is (field.kind is Kind.ROWS)
        assert not [inner for inner in field.rows if inner.rows]


def test_every_record_has_a_kind_and_a_rule_of_its_own():
    assert len({record.kind for record in RECORDS}) == len(RECORDS)
    assert [record.kind for record in RECORDS if not (record.kind and record.rule and inspect.getdoc(record))] == []


def test_every_rule_that_the_table_names_is_explained():
    named = {row.rule for row in ALL_ROWS} | {record.rule for record in RECORDS}
    named |= {due.rule for due in EVERY_DUE} | {notice.rule for notice in NOTICES.values()}

    assert {number for number in named if rule_of(number) is None} == set(), (
        "Add a line to the module of its page in states/rules/."
    )
