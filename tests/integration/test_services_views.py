"""A service's view that counts is the service's own, however it comes in; families' views are anybody's to write."""

from datetime import date, timedelta

import pytest

from casework.errors import Refused
from persistence.tables import Confirmation, Event, Flag
from tests.rows import rows_of
from tests.world import START

pytestmark = pytest.mark.one_database

ON = START + timedelta(17)


@pytest.fixture
def ref(world):
    return world.child_at("REVIEW_GROUP")


def rules_of(refused):
    return {unmet.rule for unmet in refused.value.reasons}


@pytest.mark.parametrize("who", ["sol.sw", "rowan.tm", "wren.chair", "ash.admin", "sage.safeguarding"])
def test_nobody_gives_the_view_of_a_service_they_do_not_speak_for(world, ref, who):
    with pytest.raises(Refused) as refused:
        world.do("add_view", ON, who, ref=ref, voice="Fostering")
    assert rules_of(refused) == {"R-RG-3"}


@pytest.mark.parametrize(("recorder", "allowed"), [("ash.admin", True), ("wren.chair", True), ("sol.sw", False)])
def test_the_groups_chair_or_administrator_writes_down_what_a_member_said(world, ref, recorder, allowed):
    if not allowed:
        with pytest.raises(Refused) as refused:
            world.do("add_view", ON, recorder, ref=ref, voice="Fostering", decided_by="fern.fostering")
        assert rules_of(refused) == {"R-RG-3"}
        return
    world.do("add_view", ON, recorder, ref=ref, voice="Fostering", decided_by="fern.fostering")

    (event,) = [e for e in rows_of(world, Event) if e.trigger == "add_view"]
    assert (event.decided_by, event.recorded_by) == (world.ids["fern.fostering"], world.ids[recorder])


def test_a_workers_view_of_the_family_is_not_turned_into_a_services(world, ref):
    """By correction nobody says for a service what they may not say themselves (design 5.8)."""
    family = world.do("add_view", ON, "sol.sw", ref=ref, voice="carer")

    with pytest.raises(Refused) as refused:
        world.do("correct", ON, "sol.sw", ref=ref, event=family.event, changes="voice=Fostering", happened_on=None)
    assert rules_of(refused) == {"R-RG-3"}
    world.do("correct", ON, "sol.sw", ref=ref, event=family.event, changes="voice=parent", happened_on=None)


def test_a_kdd_needs_a_chair_of_the_rank_and_old_checks_only_leave_a_flag(world):
    """Rules A17 refuses; rules R-ASM-4 warns, and the warning is on record for somebody to look at."""
    ref = world.child_at("KEY_DECISION")
    at = START + timedelta(47)
    with pytest.raises(Refused) as refused:
        world.do("schedule_kdd", at, "ida.saw", ref=ref, chair="wren.chair")
    assert rules_of(refused) == {"A17"}

    ref = world.child_at("SIGN_OFF", start=START + timedelta(1))
    filing = START + timedelta(140)
    sent = START + timedelta(124)
    old = {"check": "medical", "on_whom": "first applicant", "dated": date(2022, 1, 3)}
    world.do("receive_check", sent, "ida.saw", ref=ref, **old)
    result = world.do("submit_to_legal", sent, "ida.saw", ref=ref, filing_on=filing)

    assert result.to_state == "WITH_LEGAL"
    assert [unmet.rule for unmet in result.flags] == ["R-ASM-4"]
    flags = [flag for flag in rows_of(world, Flag) if flag.event_id == result.event]
    assert [(flag.rule, flag.kind, flag.urgent) for flag in flags] == [("R-ASM-4", "worth a look", False)]
    assert rows_of(world, Confirmation) == []
