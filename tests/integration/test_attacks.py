"""Abuses that belong to no other file: ids of others, meetings after the meeting, the last second of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.acting.commands import Command
from casework.delivery.letters import make_for
from casework.doing import perform
from casework.errors import NotFound, Refused, Unusable
from casework.who.people import add_person, disable_person
from demo.papers import paper
from persistence.tables import Event, FollowUp, Meeting
from tests.county import ChildAt
from tests.pages import Pages
from tests.rows import rows_of
from tests.world import CAME, START, World, noon

pytestmark = pytest.mark.one_database

THURSDAY = START + timedelta(3)


def test_the_own_id_of_another_childs_entry_or_letter_opens_nothing(child_at: ChildAt) -> None:
    """Neither under that child's reference nor under one's own, nor by a text or a calendar (reliability C2)."""
    world, hidden = child_at("ASSESSMENT")
    own = world.do("open_case", START + timedelta(61), "imara.tm", council_id="S1", team="Children in Care South").ref
    events = [event.id for event in rows_of(world, Event, hidden)]
    for follow_up in rows_of(world, FollowUp):
        make_for(world.office, follow_up.id, now=noon(START + timedelta(61)))
    visitor = Pages(world).as_("imara.tm", on=START + timedelta(62))
    visitor.get(f"/cases/{own}/text")
    letter = Pages(world).as_("sol.sw", on=START + timedelta(62)).get(f"/cases/{hidden}/documents").links
    letters = [link.rpartition("/")[2] for link in letter if f"/cases/{hidden}/documents/" in link]
    assert letters

    wanted = [f"/cases/{ref}/documents/{one}" for ref in (hidden, own) for one in letters]
    wanted += [f"/cases/{ref}/text?event={one}" for ref in (hidden, own) for one in events]
    wanted += [f"/cases/{ref}/correct/{one}" for ref in (hidden, own) for one in events]
    found = {path: visitor.client.get(path).status_code for path in wanted}

    assert {path: status for path, status in found.items() if status != 404} == {}
    denied = world.office.access_log.of_kind("", outcome="denied", since=datetime(2025, 1, 1, tzinfo=UTC))
    assert [look.case_ref for look in denied].count(hidden) == len([path for path in wanted if hidden in path])


def test_who_was_not_there_makes_no_quorum_and_nothing_is_decided_twice(world: World) -> None:
    """Counted from who came; what is said afterwards stands after the decision, with its own date (reliability C20)."""
    ref = world.child_at("REVIEW_GROUP")
    on = START + timedelta(17)
    [meeting] = [row.ref for row in rows_of(world, Meeting)]
    world.do("file_papers", on - timedelta(days=9), "rowan.tm", ref=ref)
    world.attend(meeting, on, CAME[0])
    with pytest.raises(Refused) as refused:
        world.do("group_progresses", on, "wren.chair", ref=ref)
    assert "PT-4" in {unmet.rule for unmet in refused.value.reasons}

    world.attend(meeting, on)
    for person, service in CAME:
        world.do("add_view", on, person, ref=ref, voice=service.value)
    decided = world.do("group_progresses", on, "wren.chair", ref=ref).event
    with pytest.raises(Refused):
        world.do("group_defers", on, "wren.chair", ref=ref)
    later = world.do("add_view", on + timedelta(1), "fern.fostering", ref=ref, voice="Fostering").event

    history = sorted(rows_of(world, Event, ref), key=lambda event: event.seq)
    assert [event.id for event in history][-2:] == [decided, later]
    assert history[-1].happened_on == on + timedelta(1)


@pytest.mark.parametrize(
    ("instant", "day", "to_come"),
    [
        (datetime(2025, 6, 10, 22, 59, 59, tzinfo=UTC), date(2025, 6, 10), date(2025, 6, 11)),  # summer
        (datetime(2025, 6, 10, 23, 0, 0, tzinfo=UTC), date(2025, 6, 11), date(2025, 6, 12)),  # midnight in London
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), date(2025, 10, 26), date(2025, 10, 27)),  # 01:30, the first
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), date(2025, 10, 26), date(2025, 10, 27)),  # 01:30, the second
        (datetime(2025, 10, 26, 23, 59, 59, tzinfo=UTC), date(2025, 10, 26), date(2025, 10, 27)),
    ],
)
def test_the_last_second_of_a_day_is_that_day_in_london(
    world: World, instant: datetime, day: date, to_come: date
) -> None:
    """What happened is judged by London's date; when it was written down is kept as an instant (reliability C49)."""
    ref = world.open_child()
    at = {
        on: Command(trigger="set_latest_position", happened_on=on, ref=ref, record=paper("set_latest_position", on=on))
        for on in (day, to_come)
    }

    with pytest.raises(Refused):
        perform(world.office, at[to_come], by=world.actor("sol.sw"), now=instant)
    event = perform(world.office, at[day], by=world.actor("sol.sw"), now=instant).event

    [row] = rows_of(world, Event, id=event)
    assert (row.happened_on, row.recorded_at) == (day, instant)


def test_nobody_gives_a_child_to_nobody(world: World) -> None:
    """Work changes hands by naming somebody who works here; a post left empty is found (reliability C24)."""
    ref = world.open_child()
    with world.office.unit_of_work() as session:
        add_person(session, handle="gone.away", name="Gone", email=None, now=noon(START))
        disable_person(session, who="gone.away", now=noon(START))
    for person in ("nobody", "gone.away"):
        with pytest.raises((Refused, NotFound, Unusable)):
            world.do("allocate", THURSDAY, "rowan.tm", ref=ref, role="child's social worker", person=person)
