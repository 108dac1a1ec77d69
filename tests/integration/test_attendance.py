"""For a service of the Review Group speaks its member, or a substitute who is named (rules R-RG-1, practice PT-4)."""

from datetime import date, timedelta

import pytest

from casework.errors import Refused
from casework.meetings import record_attendance, show_meeting
from casework.who import people
from states.vocabulary import Service
from tests.world import START, noon

pytestmark = pytest.mark.one_database

HELD = START + timedelta(17)
FOSTERING, SCHOOL = Service.FOSTERING, Service.VIRTUAL_SCHOOL


@pytest.fixture
def came(world):
    """Write down who came to a meeting of the group; answers what the meeting shows."""
    meeting = world.meeting(HELD)

    def came(person: str | None, service: Service | None, how: str = "present", **more: str):
        with world.office.unit_of_work() as session:
            record_attendance(
                session,
                ref=meeting,
                person=person,
                service=service,
                how=how,
                by=world.ids["ash.admin"],
                today=HELD,
                now=noon(HELD),
                **more,
            )
        with world.office.reading() as session:
            return show_meeting(session, meeting, by=world.ids["ash.admin"], today=HELD).attendance

    return came


@pytest.mark.parametrize(
    ("given", "more", "shown"),
    [
        (("fern.fostering", FOSTERING, "present"), {}, ("fern.fostering", "Fostering", "present")),
        (("sol.sw", FOSTERING, "present"), {"substitute_for": "fern.fostering"},
         ("sol.sw", "Fostering", "present, for fern.fostering")),
        (("sol.sw", FOSTERING, "written view"), {"substitute_for": "fern.fostering"},
         ("sol.sw", "Fostering", "written view, for fern.fostering")),
        (("sol.sw", FOSTERING, "apologies"), {}, ("sol.sw", "Fostering", "apologies")),
        (("sol.sw", None, "present"), {}, ("sol.sw", None, "present")),
        ((None, FOSTERING, "written view"), {}, (None, "Fostering", "written view")),
        ((None, FOSTERING, "apologies"), {}, (None, "Fostering", "apologies")),
    ],
)  # fmt: skip
def test_members_and_named_substitutes_speak_and_anybody_may_have_been_there(came, given, more, shown):
    assert came(*given, **more) == (shown,)


@pytest.mark.parametrize(
    ("person", "service", "more", "refused"),
    [
        ("sol.sw", FOSTERING, {}, {("PT-4", "substitute_for")}),
        ("fern.fostering", SCHOOL, {}, {("PT-4", "substitute_for")}),
        ("ash.admin", FOSTERING, {}, {("PT-4", "substitute_for")}),
        ("sol.sw", SCHOOL, {"substitute_for": "fern.fostering"}, {("R-RG-1", "substitute_for")}),
        ("sol.sw", FOSTERING, {"substitute_for": "nell.sw"}, {("R-RG-1", "substitute_for")}),
        ("fern.fostering", FOSTERING, {"substitute_for": "fern.fostering"}, {("R-RG-1", "substitute_for")}),
        (None, FOSTERING, {}, {("R-RG-1", "person")}),
    ],
)
def test_nobody_speaks_for_a_service_that_is_not_theirs(came, person, service, more, refused):
    with pytest.raises(Refused) as why:
        came(person, service, **more)
    assert {(unmet.rule, unmet.field) for unmet in why.value.reasons} == refused


def test_who_covers_for_a_member_on_the_day_is_one(world, came):
    with pytest.raises(Refused):
        came("sol.sw", FOSTERING)
    with world.office.unit_of_work() as session:
        people.add_cover(
            session,
            absent=people.find_person(session, "fern.fostering"),
            covering=people.find_person(session, "sol.sw"),
            reason="Leave.",
            recorded_by=world.ids["ash.admin"],
            from_on=HELD - timedelta(2),
            until_on=HELD + timedelta(2),
            now=noon(START),
        )
    assert came("sol.sw", FOSTERING) == (("sol.sw", "Fostering", "present"),)


def test_a_substitute_who_turns_out_to_have_been_the_member_is_put_right(came):
    came("fern.fostering", FOSTERING, "apologies")
    assert came("fern.fostering", FOSTERING) == (("fern.fostering", "Fostering", "present"),)


def test_a_body_without_services_asks_for_no_membership(world):
    """A panel's own papers say who sits on it (the rule is the Review Group's)."""
    panel = world.meeting(HELD, body="Permanence Panel")
    with world.office.unit_of_work() as session:
        record_attendance(
            session, ref=panel, person="sol.sw", service=FOSTERING, how="present",
            by=world.ids["ash.admin"], today=date(2025, 1, 23), now=noon(HELD),
        )  # fmt: skip
