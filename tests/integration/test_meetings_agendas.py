"""Invitations, agendas and supplements on their days, each once; minutes (practice PT-4, R-RG-8, NT-03)."""

from __future__ import annotations

from datetime import date

import pytest

from casework import meetings
from casework.acting.commands import Actor
from casework.errors import Refused
from casework.following.ledger import How
from casework.meetings import agendas, minutes
from persistence.tables import Meeting, Outbox, Run
from tests.county import ChildAt
from tests.integration.test_meetings_moved import due, meeting_of
from tests.rows import rows_of
from tests.world import World, noon

pytestmark = pytest.mark.one_database

#: The child of `child_at("REVIEW_GROUP")` is on the agenda of Thursday 23 January 2025.
JANUARY = date(2025, 1, 23)
#: Twenty working days before Thursday 13 March: Thursday 13 February; four: Friday 7 March.
MARCH, INVITED, AGENDA = date(2025, 3, 13), date(2025, 2, 13), date(2025, 3, 7)
MEMBERS = {"wren.chair", "ash.admin", "fern.fostering", "sage.safeguarding", "vale.school"}


def send_out(world: World, on: date) -> dict[str, int]:
    return agendas.send_out(world.office, owner="test", now=noon(on), how=How.PLAIN)


def told(world: World, notice: str) -> list[str]:
    """The handles of those who were told, sorted; one for each message."""
    handles = {person: handle for handle, person in world.ids.items()}
    return sorted(handles[row.recipient_id] for row in rows_of(world, Outbox) if row.notices == [notice])


def test_everyone_is_invited_once_on_the_day_that_the_policy_sets(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")
    world.meeting(MARCH)

    assert send_out(world, date(2025, 2, 12)) == {}
    assert send_out(world, INVITED) == {"invitations": 1}
    assert send_out(world, INVITED) == {}
    assert send_out(world, date(2025, 2, 14)) == {}

    assert told(world, "MEETING-INVITATION") == sorted(MEMBERS)
    [run] = rows_of(world, Run, flow="agendas")
    assert run.counts == {"invitations": 1}


def test_the_agenda_goes_to_the_members_and_to_who_presents_a_child(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    meeting = world.meeting(MARCH)
    world.do("list_for_group", date(2025, 1, 13), "ash.admin", ref=ref, meeting=meeting)
    send_out(world, INVITED)

    assert send_out(world, date(2025, 3, 6)) == {}
    assert send_out(world, AGENDA) == {"agendas": 1}
    assert send_out(world, AGENDA) == {}

    assert told(world, "NT-03-AGENDA") == sorted(MEMBERS | {"rowan.tm"})
    [kept] = rows_of(world, Meeting)
    assert kept.agenda_at == noon(AGENDA)


def test_a_meeting_planned_late_has_its_agenda_and_no_invitation_besides(child_at: ChildAt) -> None:
    world, _ = child_at("REVIEW_GROUP")

    assert send_out(world, date(2025, 1, 17)) == {"agendas": 1}
    assert told(world, "MEETING-INVITATION") == []


def test_late_papers_and_late_children_go_out_as_a_supplement(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    send_out(world, date(2025, 1, 17))

    world.do("file_papers", date(2025, 1, 20), "rowan.tm", ref=ref)
    assert send_out(world, date(2025, 1, 21)) == {"supplements": 1}
    assert send_out(world, date(2025, 1, 22)) == {}

    late = world.child_at("RATED", start=date(2025, 1, 13))
    world.do("list_for_group", date(2025, 1, 22), "ash.admin", ref=late, meeting=meeting_of(world, ref))
    assert send_out(world, JANUARY) == {"supplements": 1}


def test_a_restricted_child_listed_late_is_not_told_of_to_everyone(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    send_out(world, date(2025, 1, 17))
    people = [{"person": who} for who in ("rowan.tm", "ash.admin")]
    world.do("restrict", date(2025, 1, 20), "rowan.tm", ref=ref, people=people)
    world.do("file_papers", date(2025, 1, 20), "rowan.tm", ref=ref)

    assert send_out(world, date(2025, 1, 21)) == {}


def test_a_meeting_that_is_called_off_invites_nobody_and_a_moved_one_has_its_own_agenda(child_at: ChildAt) -> None:
    world, _ = child_at("REVIEW_GROUP")
    [meeting] = rows_of(world, Meeting)
    send_out(world, date(2025, 1, 17))
    by = Actor(person_id=world.ids["ash.admin"], channel="test")
    with world.office.unit_of_work() as session:
        meetings.move_meeting(
            session, ref=meeting.ref, to=date(2025, 2, 6), reason="Snow.", by=by, now=noon(date(2025, 1, 20))
        )

    assert send_out(world, date(2025, 1, 21)) == {}
    # Four working days before Thursday 6 February: Friday 31 January.
    assert send_out(world, date(2025, 1, 31)) == {"agendas": 1}


def test_a_panel_is_invited_by_its_own_posts(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")
    world.meeting(MARCH, body="Permanence Panel", chair="hana.hos")

    assert send_out(world, INVITED) == {"invitations": 1}
    assert told(world, "MEETING-INVITATION") == ["cfs.permanence", "hana.hos"]


def test_minutes_say_who_came_and_what_was_decided_and_are_distributed_at_once(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    world.hold_group(ref, meeting, JANUARY)
    world.do("group_defers", JANUARY, "wren.chair", ref=ref, return_on="2025-02-20")
    by = Actor(person_id=world.ids["ash.admin"], channel="test")

    with world.office.reading() as session:
        kept = minutes.minutes_of(session, meeting, by=by.person_id, today=JANUARY)
    with world.office.unit_of_work() as session:
        done = minutes.distribute(
            session, meeting, reference="Minute 7", sent_to="workers, IRO", by=by, now=noon(date(2025, 1, 24))
        )
    with world.office.unit_of_work() as session:
        again = minutes.distribute(
            session, meeting, reference="Minute 7", sent_to="workers, IRO", by=by, now=noon(date(2025, 1, 24))
        )

    assert kept.chair == "Wren Larkin"
    assert ("Fern Norwood", "Fostering", "present") in kept.attendance
    [outcome] = kept.outcomes
    assert (outcome.ref, outcome.return_on, outcome.distributed) == (ref, "2025-02-20", False)
    assert outcome.reason == "Family time has to be settled first."
    assert [action["who"] for action in outcome.actions]
    assert [(one.ref, one.done) for one in done] == [(ref, True)]
    assert again == ()
    assert due(world, ref, "minutes") == []


def test_there_are_no_minutes_before_the_meeting(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")

    with world.office.reading() as session, pytest.raises(Refused, match="no minutes yet"):
        minutes.minutes_of(session, meeting_of(world, ref), by=world.ids["ash.admin"], today=date(2025, 1, 22))
