"""Decided by is not recorded by: who may write down what another decided, and what they do about it (PR-2)."""

from datetime import timedelta

import pytest

from casework.errors import NotFound, Refused
from casework.reading.queries import to_confirm
from casework.reading.showing import show_case
from casework.who.people import add_cover, end_role, find_person
from persistence.tables import Confirmation, Event, Flag, Outbox
from states.vocabulary import Role
from tests.county import ChildAt
from tests.rows import case_of, everything, rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database

ROA = START + timedelta(57)
LATER = START + timedelta(60)


def ratified_for_the_iro(world: World, ref: str) -> str:
    """The child's worker records what the IRO decided; answers the event."""
    return world.do("roa_ratifies", ROA, "sol.sw", ref=ref, decided_by="oda.iro").event


def waiting(world: World, who: str) -> list[str]:
    with world.office.reading() as session:
        return [event for _, event, _, _ in to_confirm(session, by=world.ids[who])]


def status(world: World, event: str) -> str:
    (row,) = rows_of(world, Confirmation, event_id=event)
    return row.status


@pytest.mark.parametrize(
    ("recorder", "raised"),
    [("ava.auditor", Refused), ("fern.fostering", Refused), ("cfs.permanence", Refused), ("nell.sw", NotFound)],
)
def test_who_has_no_write_access_to_the_child_records_nobodys_decision(
    child_at: ChildAt, recorder: str, raised: type[Exception]
) -> None:
    world, ref = child_at("RATIFICATION")
    before = everything(world)

    with pytest.raises(raised) as refused:
        world.do("roa_ratifies", ROA, recorder, ref=ref, decided_by="oda.iro")

    assert everything(world) == before
    if isinstance(refused.value, Refused):
        assert [r.rule for r in refused.value.reasons] == ["PR-2"]


def test_whoever_records_never_becomes_the_one_who_decided(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    with pytest.raises(Refused, match="Only independent reviewing officer"):
        world.do("roa_ratifies", ROA, "sol.sw", ref=ref)  # in their own name
    with pytest.raises(Refused, match="Only independent reviewing officer"):
        world.do("roa_ratifies", ROA, "sol.sw", ref=ref, decided_by="bay.ssw")  # in the name of one who may not

    event = ratified_for_the_iro(world, ref)

    (row,) = rows_of(world, Event, id=event)
    assert (row.decided_by, row.recorded_by) == (world.ids["oda.iro"], world.ids["sol.sw"])
    assert row.role == "independent reviewing officer"


def test_the_decider_alone_confirms_not_the_recorder_and_nobody_by_cover(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    event = ratified_for_the_iro(world, ref)
    assert (waiting(world, "oda.iro"), waiting(world, "sol.sw")) == ([event], [])
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, "oda.iro"),
            covering=find_person(session, "per.iro"),
            from_on=ROA,
            until_on=LATER,
            reason="leave",
            recorded_by=None,
            now=noon(ROA),
        )

    for trigger in ("confirm_decision", "dispute_decision"):
        for who in ("sol.sw", "per.iro", "rowan.tm"):
            with pytest.raises(Refused, match="recorded for somebody else"):
                world.do(trigger, LATER, who, ref=ref, event=event)
        with pytest.raises(Refused, match="on another person's behalf"):
            world.do(trigger, LATER, "sol.sw", ref=ref, decided_by="oda.iro", event=event)
    assert status(world, event) == "waiting"

    world.do("confirm_decision", LATER, "oda.iro", ref=ref, event=event)

    assert (status(world, event), waiting(world, "oda.iro")) == ("confirmed", [])
    with pytest.raises(Refused, match="already confirmed"):
        world.do("confirm_decision", LATER, "oda.iro", ref=ref, event=event)


def test_nothing_goes_to_legal_before_the_iro_has_confirmed(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    event = ratified_for_the_iro(world, ref)

    def still_needed() -> list[str]:
        with pytest.raises(Refused) as refused:
            world.do("submit_to_legal", LATER, "ida.saw", ref=ref)
        return [r.reason for r in refused.value.reasons]

    unconfirmed = "The ratification was recorded for somebody else, who has not confirmed it yet."
    assert unconfirmed in still_needed()
    world.do("confirm_decision", LATER, "oda.iro", ref=ref, event=event)
    assert unconfirmed not in still_needed()


def test_a_dispute_is_an_urgent_flag_and_the_recorder_and_the_team_manager_hear_of_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    event = ratified_for_the_iro(world, ref)

    disputed = world.do("dispute_decision", LATER, "oda.iro", ref=ref, event=event)

    assert case_of(world, ref).state == "ASSESSMENT"  # the state never moves by itself
    assert status(world, event) == "disputed"
    (flag,) = rows_of(world, Flag, ref)
    assert (flag.kind, flag.about_event, flag.urgent, flag.owner) == ("disputed decision", event, True, "Team Manager")
    told = {m.recipient_id for m in rows_of(world, Outbox, event_id=disputed.event)}
    assert told == {world.ids["sol.sw"], world.ids["rowan.tm"]}
    with pytest.raises(Refused, match="already disputed"):
        world.do("dispute_decision", LATER, "oda.iro", ref=ref, event=event)

    world.do("confirm_decision", LATER, "oda.iro", ref=ref, event=event)  # they looked again
    (flag,) = rows_of(world, Flag, ref)
    assert (status(world, event), flag.cleared_by_event is not None) == ("confirmed", True)


def test_a_fact_recorded_for_somebody_needs_no_confirmation(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")

    result = world.do("record_notice_of_intention", ROA, "sol.sw", ref=ref, decided_by="lex.legal")

    assert result.unconfirmed is False
    assert (rows_of(world, Confirmation, ref), waiting(world, "lex.legal")) == ([], [])
    assert all("CONFIRM" not in m.notices for m in rows_of(world, Outbox, event_id=result.event))


def test_whoever_decided_may_still_answer_after_their_post_has_gone(child_at: ChildAt) -> None:
    """The IRO hands the child over and leaves the post: the decision in their name is theirs all the same."""
    world, ref = child_at("RATIFICATION")
    event = ratified_for_the_iro(world, ref)
    world.do("allocate", ROA, "rowan.tm", ref=ref, role="independent reviewing officer", person="per.iro")
    with world.office.unit_of_work() as session:
        end_role(session, person=find_person(session, "oda.iro"), role=Role.IRO, last_day=ROA)

    world.do("confirm_decision", LATER, "oda.iro", ref=ref, event=event)

    assert status(world, event) == "confirmed"
    (answer,) = [e for e in rows_of(world, Event) if e.trigger == "confirm_decision"]
    assert answer.role == "independent reviewing officer"
    with pytest.raises(NotFound), world.office.reading() as session:  # and with the answer their sight ends
        show_case(session, ref, by=world.ids["oda.iro"], today=LATER)


def test_a_decision_corrected_by_somebody_else_may_be_disputed_once_more(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    event = world.do("roa_ratifies", ROA, "oda.iro", ref=ref).event

    corrected = world.do("correct", LATER, "rowan.tm", ref=ref, event=event, changes="reasons=Something else")

    (mail,) = rows_of(world, Outbox, occasion=f"event:{corrected.event}")
    assert (mail.recipient_id, mail.notices) == (world.ids["oda.iro"], ["CONFIRM"])
    world.do("dispute_decision", LATER, "oda.iro", ref=ref, event=event)
    assert status(world, event) == "disputed"
