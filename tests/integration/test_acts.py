"""One act is one transaction: all of it is there afterwards, or nothing is (reliability R1, rules R-SM-1)."""

from datetime import date, timedelta

import pytest

from casework.errors import Conflict, NotFound, Refused, Unusable
from persistence.tables import Child, Confirmation, Deadline, Event, FollowUp, Outbox, Record
from tests.county import ChildAt
from tests.rows import Stopped, case_of, everything, rows_of, stopping_at
from tests.world import START, World

KDD_DAY = START + timedelta(47)


def positive_kdd(world: World, ref: str, **more: object) -> object:
    return world.do("kdd_sgo_appropriate", KDD_DAY, "quin.kdd", ref=ref, legal_adviser="lex.legal", **more)


def test_a_step_leaves_event_record_state_deadlines_messages_and_follow_up_together(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    before = case_of(world, ref)

    result = positive_kdd(world, ref)

    after = case_of(world, ref)
    assert (after.state, after.version, after.last_seq) == ("RATIFICATION", before.version + 1, before.last_seq + 1)
    assert (after.state_since, after.state_event_id) == (KDD_DAY, result.event)
    (event,) = rows_of(world, Event, id=result.event)
    assert (event.from_state, event.to_state, event.happened_on) == ("KEY_DECISION", "RATIFICATION", KDD_DAY)
    assert (event.decided_by, event.recorded_by, event.role) == (world.ids["quin.kdd"],) * 2 + ("KDD chair",)
    assert (event.previous_hash, event.hash) == (before.head_hash, after.head_hash)
    (record,) = rows_of(world, Record, event_id=result.event)
    assert (record.kind, record.data["adviser_present"]) == ("key_decision", True)
    assert {d.name for d in rows_of(world, Deadline, ref, opened_by_event=result.event)} == {
        "ratification",
        "kdd_record",
        "carers_letter",
    }
    assert {d.name for d in rows_of(world, Deadline, ref, closed_by_event=result.event, closed_as="met")} == {"kdd"}
    (follow_up,) = rows_of(world, FollowUp, about=result.event)
    assert (follow_up.flow, follow_up.status) == ("case.kdd_sgo_appropriate", "waiting")
    messages = rows_of(world, Outbox, ref, event_id=result.event)
    assert messages
    assert {m.follow_up_id for m in messages} == {follow_up.id}


@pytest.mark.parametrize("step", ["decide", "take back", "correct", "open"])
def test_whichever_write_fails_nothing_of_the_act_is_kept(child_at: ChildAt, step: str) -> None:
    world, ref = child_at("KEY_DECISION")
    kdd = world.do("set_latest_position", KDD_DAY, "sol.sw", ref=ref)

    def act() -> object:
        match step:
            case "decide":
                return positive_kdd(world, ref)
            case "take back":
                return world.do("reverse_last", KDD_DAY, "ida.saw", ref=ref)
            case "correct":
                return world.do("correct", KDD_DAY, "sol.sw", ref=ref, event=kdd.event, changes="who=the carers")
            case _:
                return world.do("open_case", KDD_DAY, "rowan.tm", council_id="777001", team="Children in Care North")

    before = everything(world)
    failed_at = 0
    while True:
        with stopping_at(world, failed_at + 1) as written:
            try:
                act()
                break
            except Stopped:
                failed_at += 1
        assert everything(world) == before, f"something was kept although this failed: {written[-1]}"
    assert failed_at >= 5
    assert everything(world) != before


def refusals(world: World, ref: str) -> list[tuple[type[Exception], dict[str, object]]]:
    """(what it raises, the act) of acts that are refused, each for another reason."""
    today = KDD_DAY
    return [
        (Refused, {"trigger": "kdd_sgo_appropriate", "on": today, "who": "quin.kdd", "reasons": None}),
        (Refused, {"trigger": "kdd_sgo_appropriate", "on": today, "who": "ida.saw", "legal_adviser": "lex.legal"}),
        (Refused, {"trigger": "kdd_sgo_appropriate", "on": today, "who": "quin.kdd", "adviser_present": False}),
        (Refused, {"trigger": "rate", "on": today, "who": "rowan.tm"}),
        (Refused, {"trigger": "no_such_step", "on": today, "who": "rowan.tm"}),
        (Refused, {"trigger": "set_latest_position", "on": today, "who": "sol.sw", "colour": "mauve"}),
        (Refused, {"trigger": "allocate", "on": today, "who": "tam.sgo", "role": "SGO assessment worker",
                   "person": "nobody.here"}),
        (Refused, {"trigger": "clear_flag", "on": today, "who": "rowan.tm", "flag": "no such flag"}),
        (Refused, {"trigger": "link_sibling", "on": today, "who": "sol.sw", "sibling": "SG-00000000"}),
        (Refused, {"trigger": "link_sibling", "on": today, "who": "sol.sw", "sibling": ref}),
        (Refused, {"trigger": "return_to_group", "on": today, "who": "ida.saw", "meeting": "MT-00000000"}),
        (Refused, {"trigger": "set_latest_position", "on": today + timedelta(9), "who": "sol.sw", "today": today}),
        (Conflict, {"trigger": "set_latest_position", "on": today, "who": "sol.sw", "version": 1}),
        (Unusable, {"trigger": "set_latest_position", "on": today, "who": "sol.sw", "decided_by": "nobody.here"}),
        (NotFound, {"trigger": "set_latest_position", "on": today, "who": "kit.saw"}),
    ]  # fmt: skip


def test_what_is_refused_changes_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    before = everything(world)

    for raised, act in refusals(world, ref):
        with pytest.raises(raised):
            world.do(ref=ref, **act)  # type: ignore[arg-type]
        assert everything(world) == before, act


def test_a_refusal_lists_everything_that_is_missing_at_once(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")

    with pytest.raises(Refused) as refused:
        world.do(
            "kdd_sgo_appropriate",
            KDD_DAY,
            "quin.kdd",
            ref=ref,
            reasons=None,
            risks=None,
            legal_adviser="nobody.here",
        )

    words = [r.reason for r in refused.value.reasons]
    assert any("'Reasons for the decision' is missing" in w for w in words)
    assert any("'Risks' is missing" in w for w in words)
    assert any("Nobody here is called 'nobody.here'" in w for w in words)


def test_an_unknown_and_a_hidden_reference_answer_alike(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")

    def words(reference: str, **act: object) -> str:
        with pytest.raises((NotFound, Refused)) as raised:
            world.do(ref=reference, **act)  # type: ignore[arg-type]
        return str(raised.value).replace(reference, "REF")

    hidden = {"trigger": "set_latest_position", "on": KDD_DAY, "who": "kit.saw"}  # not allocated to this child
    assert words(ref, **hidden) == words("SG-00000000", **hidden)
    assert words(ref, **hidden) == "There is no case REF that you can open."


def test_somebody_who_may_not_open_a_case_is_told_who_may(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")

    with pytest.raises(Refused, match="Only SGO team manager, Team Manager, data manager "):
        world.do("open_case", START, "sol.sw", council_id="777002")


def test_a_case_that_was_acted_on_in_between_is_a_conflict(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    seen = case_of(world, ref).version
    world.do("set_latest_position", date(2025, 1, 20), "sol.sw", ref=ref)

    with pytest.raises(Conflict) as conflict:
        world.do("set_latest_position", date(2025, 1, 20), "sol.sw", ref=ref, version=seen)

    assert conflict.value.current == seen + 1
    assert f"is at version {seen + 1}, not {seen}" in str(conflict.value)
    assert world.do("set_latest_position", date(2025, 1, 20), "sol.sw", ref=ref, version=seen + 1)


def test_a_case_opened_twice_is_refused_while_the_first_is_open(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    council_id = rows_of(world, Child, ref)[0].council_id

    with pytest.raises(Refused, match="This child already has an open case"):
        world.do("open_case", date(2025, 1, 20), "rowan.tm", council_id=council_id)
    with pytest.raises(Refused, match="This child already has an open case"):
        world.do("bring_forward", date(2025, 1, 20), "rowan.tm", council_id=council_id, stage="RATED",
                 colour="GREEN", rated_on=date(2024, 12, 1))  # fmt: skip

    world.do("end", date(2025, 1, 21), "rowan.tm", ref=ref)
    again = world.do("open_case", date(2025, 1, 22), "rowan.tm", council_id=council_id)
    assert again.ref != ref


def test_a_decision_typed_for_somebody_else_waits_for_them(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")

    result = world.do("roa_ratifies", START + timedelta(57), "sol.sw", ref=ref, decided_by="oda.iro")

    assert (result.to_state, result.unconfirmed) == ("ASSESSMENT", True)
    (waiting,) = rows_of(world, Confirmation, ref)
    assert (waiting.event_id, waiting.decider_id, waiting.status) == (result.event, world.ids["oda.iro"], "waiting")
    (mail,) = rows_of(world, Outbox, event_id=result.event, recipient_id=world.ids["oda.iro"])
    assert mail.notices == ["CONFIRM"]
