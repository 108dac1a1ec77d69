"""The funding request's table is whole, in the manner of the pathway's: what both share is tested there."""

from collections.abc import Iterable

import pytest

from states.funding import FUNDING
from states.funding_stages import F
from states.pathway import PATHWAY
from states.permission import may_decide
from states.stages import S
from states.vocabulary import Anywhere, Role, State, Transition
from tests.complete.test_pathway_table import leading, names, reached_from

ROWS = FUNDING.rows
#: Rules 7.2, practice PM-4, PR-7: who may take each step that signs, views or keeps the tracker; floors.
SIGNING = {
    "head_of_service_approves": Role.HEAD_OF_SERVICE,
    "head_of_service_agrees": Role.HEAD_OF_SERVICE,
    "head_of_service_disagrees": Role.HEAD_OF_SERVICE,
    "head_of_service_refuses": Role.HEAD_OF_SERVICE,
    "head_of_service_returns": Role.HEAD_OF_SERVICE,
    "second_head_of_service_views": Role.HEAD_OF_SERVICE,
    "dmt_approves": Role.ASSISTANT_DIRECTOR,
    "dmt_refuses": Role.ASSISTANT_DIRECTOR,
    "assistant_director_approves": Role.ASSISTANT_DIRECTOR,
    "assistant_director_refuses": Role.ASSISTANT_DIRECTOR,
    "assistant_director_returns": Role.ASSISTANT_DIRECTOR,
    "take_to_director": Role.ASSISTANT_DIRECTOR,
    "director_approves": Role.DIRECTOR,
    "director_refuses": Role.DIRECTOR,
    "director_returns": Role.DIRECTOR,
}
RANKED = (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR)


def test_no_state_or_notice_of_a_request_can_be_taken_for_a_childs():
    assert set(F.__members__) & set(S.__members__) == set()


def test_every_stage_is_reached_from_a_new_request_and_leads_to_its_end():
    assert set(F) - reached_from(F.PREPARING, ROWS) == set()
    for state in set(F) - FUNDING.final:
        assert reached_from(state, ROWS) & FUNDING.final, state.name


@pytest.mark.parametrize("state", sorted(set(F) - FUNDING.final, key=lambda s: s.name), ids=lambda s: s.name)
def test_no_stage_is_a_dead_end(state):
    onward = {target for row, target in leading(ROWS) if state in row.source and row.trigger != "close_request"}

    assert onward - {state}


def test_two_stages_never_stand_in_one_place_of_the_drawing_or_share_words():
    assert len({(state.place.column, state.place.row) for state in F}) == len(F)
    assert len({state.words for state in F}) == len(F)


def test_rows_start_and_end_at_stages_of_the_process_and_not_where_they_started():
    assert {state for row in ROWS for state in row.source} <= {None, *F}
    assert {target for _, target in leading(ROWS)} <= set(F)
    assert names(row for row in ROWS if row.to is Anywhere.NAMED) == []
    assert names(row for row, target in leading(ROWS) if target in row.source) == []


def test_the_words_of_a_row_tell_it_from_every_other_row_of_its_stage():
    said: dict[tuple[State | None, str], set[str]] = {}
    for row in ROWS:
        for state in row.source:
            said.setdefault((state, row.words), set()).add(row.trigger)

    assert {key: found for key, found in said.items() if len(found) > 1} == {}


def test_where_a_trigger_has_several_rows_from_one_stage_each_says_when_it_applies():
    together: dict[tuple[str, State | None], list[Transition]] = {}
    for row in ROWS:
        for state in row.source:
            together.setdefault((row.trigger, state), []).append(row)

    unclear = {key for key, rows in together.items() if len(rows) > 1 and any(row.when is None for row in rows)}
    alone = [rows[0].trigger for rows in together.values() if len(rows) == 1 and rows[0].when is not None]
    assert unclear == set()
    assert alone == []


def test_what_both_processes_have_means_the_same_in_both():
    shared = set(FUNDING.triggers) & set(PATHWAY.triggers)

    keeping = {"reverse_last", "note_told", "confirm_decision", "dispute_decision", "correct", "clear_flag"}
    assert shared == {*keeping, "move_with_meeting"}
    for trigger in shared:
        records = {row.record for process in (FUNDING, PATHWAY) for row in process.rows if row.trigger == trigger}
        assert len(records) == 1, trigger


def test_the_post_of_a_signature_is_a_floor_and_nobody_below_it_or_beside_it_signs():
    assert set(SIGNING) == {row.trigger for row in ROWS if row.by & set(RANKED[1:]) and row.trigger in SIGNING}
    for trigger, floor in SIGNING.items():
        rows = [row for row in ROWS if row.trigger == trigger]
        for role in Role:
            allowed = role in RANKED and RANKED.index(role) >= RANKED.index(floor)
            assert all(may_decide(frozenset({role}), row) is allowed for row in rows), f"{trigger}: {role.value}"


def test_nobody_allocated_signs_recommends_or_keeps_the_tracker_for_being_allocated():
    opened = {row.trigger for row in ROWS if may_decide(frozenset(), row, allocated=True)}

    assert opened == {"record_payment", "note_told"}


def triggers_from(state: F, rows: Iterable[Transition] = ROWS) -> set[str]:
    return {row.trigger for row in rows if state in row.source}


def test_nothing_that_is_asked_for_can_be_changed_once_it_is_signed():
    changing = {"revise_request", "record_means_test", "write_needs_assessment", "write_referral"}

    for state in (F.APPROVED, F.CONTRACT_PENDING, F.SIGNED_OFF, F.REFUSED):
        assert triggers_from(state) & changing == set(), state.name
        assert "open_new_round" in triggers_from(state)
