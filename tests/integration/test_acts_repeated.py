"""The same act again: one effect, one answer, whoever asks and however often (reliability R4, R7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from casework.errors import CaseworkError, Conflict, KeyReused, NotFound, Refused
from casework.settings import Settings
from casework.units import open_office
from casework.who.people import disable_person
from persistence.tables import Event, IdempotencyKey, Outbox
from tests.county import ChildAt, world_of
from tests.rows import case_of, everything, rows_of
from tests.world import START, _meeting_of, noon

pytestmark = pytest.mark.one_database

TODAY = START + timedelta(4)


def test_the_same_key_and_act_give_the_same_answer_and_one_event(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
    before = everything(world)

    again = [world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1") for _ in range(3)]

    assert everything(world) == before
    assert {a.event for a in again} == {first.event}
    assert [a.as_json() for a in again] == [first.as_json()] * 3
    assert (first.repeated, again[0].repeated) == (False, True)


def test_the_same_key_for_something_else_is_a_conflict_and_changes_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
    before = everything(world)

    with pytest.raises(KeyReused, match="'k-1' was used before"):
        world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1", next_step="Ask the school")
    with pytest.raises(KeyReused):
        world.do("add_view", TODAY, "sol.sw", ref=ref, key="k-1")

    assert everything(world) == before


def test_a_key_belongs_to_the_person_who_gave_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")

    mine = world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
    theirs = world.do("set_latest_position", TODAY, "bay.ssw", ref=ref, key="k-1")

    assert mine.event != theirs.event


def test_a_refused_act_leaves_its_key_free(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    with pytest.raises(Refused):
        world.do("rate", TODAY, "rowan.tm", ref=ref, key="k-1")
    assert rows_of(world, IdempotencyKey) == []

    assert world.do("rerate", TODAY, "rowan.tm", ref=ref, key="k-1").event


def test_a_key_is_remembered_after_a_restart(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first = world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
    settings: Settings = world.office.settings
    world.office.close()

    with open_office(settings) as office:
        again = world_of(office).do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
        assert (again.event, again.repeated) == (first.event, True)


def test_a_closed_account_gets_no_answer_for_its_old_keys(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")
    with world.office.unit_of_work() as session:
        disable_person(session, who="sol.sw", now=noon(TODAY))

    with pytest.raises(NotFound):
        world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1")


@pytest.mark.parametrize("opening", [False, True])
def test_the_same_key_at_the_same_time_has_one_effect_and_one_answer(child_at: ChildAt, opening: bool) -> None:
    """(reliability C18)"""
    world, ref = child_at("RATED")
    before = case_of(world, ref).version
    start = Barrier(4)

    def ask() -> str:
        start.wait()
        if opening:
            return world.do("open_case", TODAY, "rowan.tm", key="k-1", council_id="777100").event
        return world.do("set_latest_position", TODAY, "sol.sw", ref=ref, key="k-1").event

    with ThreadPoolExecutor(4) as people:
        events = {f.result() for f in [people.submit(ask) for _ in range(4)]}

    assert len(events) == 1
    assert len(rows_of(world, Event, id=events.pop())) == 1
    assert case_of(world, ref).version == before + (0 if opening else 1)


def test_of_two_who_decide_at_once_one_decides_and_the_other_is_told(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    on = START + timedelta(17)
    world.hold_group(ref, _meeting_of(world, ref), on)
    version = case_of(world, ref).version
    start = Barrier(2)

    def decide(trigger: str) -> str:
        start.wait()
        try:
            return world.do(trigger, on, "wren.chair", ref=ref, version=version).to_state
        except CaseworkError as told:
            return type(told).__name__

    with ThreadPoolExecutor(2) as people:
        answers = [f.result() for f in [people.submit(decide, t) for t in ("group_progresses", "group_defers")]]

    assert answers.count(Conflict.__name__) == 1
    assert case_of(world, ref).state in answers
    outcomes = [e for e in rows_of(world, Event) if e.trigger in ("group_progresses", "group_defers")]
    assert len(outcomes) == 1
    assert {m.event_id for m in rows_of(world, Outbox) if "NT-04" in m.notices} == {outcomes[0].id}
