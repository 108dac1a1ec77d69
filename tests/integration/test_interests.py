"""Who is too near to a child is kept from the record; who asks for too much or takes too much is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework import doing
from casework.errors import NotFound, Refused, Unusable
from casework.reading.queries import list_cases, to_confirm
from casework.reading.showing import show_case
from casework.who import interests
from casework.who.interests import Relation
from casework.who.people import add_cover, find_person
from persistence.tables import DeclaredInterest, Outbox
from tests.pages import Pages
from tests.rows import rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database

THURSDAY = START + timedelta(3)


def keep_from(world: World, ref: str, who: str, by: str) -> interests.Interest:
    return doing.keep_from(
        world.office, ref, who=who, relation=Relation.RELATIVE, by=world.actor(by), now=noon(THURSDAY)
    )


def told(world: World, notice: str) -> list[str]:
    """Whom a notice is for, by handle."""
    handles = {person_id: handle for handle, person_id in world.ids.items()}
    return sorted(handles[row.recipient_id] for row in rows_of(world, Outbox) if row.notices == [notice])


# -- too near to a child (C5) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sol.sw", "rowan.tm", "hana.hos", "ava.auditor", "dean.data"])
def test_whoever_is_too_near_to_a_child_finds_no_record_whatever_their_post(world, who):
    """reliability C5: 404 as for a record that never was, in no list, in no count; and the guardian hears of it."""
    ref, other = world.open_child(), world.open_child()
    pages = Pages(world)
    assert pages.as_(who, on=THURSDAY).client.get(f"/cases/{ref}").status_code == 200
    keep_from(world, ref, who, "gail.guardian")

    visitor = pages.as_(who)
    hidden = visitor.client.get(f"/cases/{ref}")
    never = visitor.client.get("/cases/SG-00000000")
    assert (hidden.status_code, never.status_code) == (404, 404)
    listed = visitor.get("/children").text
    assert (ref in listed, other in listed) == (False, True)
    with world.office.reading() as session:
        assert [line.ref for line in list_cases(session, by=world.ids[who], today=THURSDAY)] == [other]
    assert told(world, "TOO-NEAR") == ["gail.guardian"]
    visitor.get(f"/cases/{ref}", 404)
    assert told(world, "TOO-NEAR") == ["gail.guardian"]  # once a day


def test_no_cover_no_emergency_and_no_name_on_paper_goes_round_the_register(world):
    """reliability C5, C12: nor does a decision stand that is said to be theirs."""
    ref = world.open_child()
    keep_from(world, ref, "nell.sw", "gail.guardian")
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, "rowan.tm"),
            covering=find_person(session, "nell.sw"),
            from_on=THURSDAY,
            until_on=THURSDAY,
            reason="leave",
            recorded_by=None,
            now=noon(START),
        )
    why = "The child is missing tonight and nobody answers."

    with pytest.raises(NotFound):
        world.do("rate", THURSDAY, "nell.sw", ref=ref)
    with pytest.raises(NotFound):
        doing.open_in_emergency(world.office, ref, reason=why, by=world.actor("nell.sw"), now=noon(THURSDAY))
    keep_from(world, ref, "rowan.tm", "hana.hos")
    with pytest.raises(Refused, match="too near to this child"):
        world.do("rate", THURSDAY, "tam.sgo", ref=ref, decided_by="rowan.tm")


def test_what_waits_for_their_word_is_not_listed_and_their_mail_does_not_go(world):
    ref = world.child_at("RATIFICATION")
    day = START + timedelta(57)
    world.do("roa_ratifies", day, "sol.sw", ref=ref, decided_by="oda.iro")
    doing.keep_from(
        world.office, ref, who="oda.iro", relation=Relation.FRIEND, by=world.actor("hana.hos"), now=noon(day)
    )

    with world.office.reading() as session:
        assert to_confirm(session, by=world.ids["oda.iro"]) == []


def test_a_worker_says_so_themselves_and_the_guardian_alone_takes_it_back(world):
    ref = world.open_child()
    pages = Pages(world)
    worker = pages.as_("sol.sw", on=THURSDAY)
    assert f"/cases/{ref}/interest" in worker.get(f"/cases/{ref}").links
    assert "Say who the child is to you" in worker.post(f"/cases/{ref}/interest", 422).text
    kept = worker.post(f"/cases/{ref}/interest", relation="a relative")
    assert "The record is closed to you" in kept.text
    worker.get(f"/cases/{ref}", 404)
    worker.get("/access/interests", 403)

    guardian = pages.as_("gail.guardian")
    [line] = rows_of(world, DeclaredInterest)
    assert "A relative. Entered by sol.sw" in guardian.get("/access/interests").text
    guardian.post("/access/interests", 422, end=line.id, because="")
    guardian.post("/access/interests", 302, end=line.id, because="It was another family")
    assert "It was another family" in guardian.get("/access/interests").text
    assert worker.client.get(f"/cases/{ref}").status_code == 200


def test_nobody_enters_a_colleague_but_managers_and_who_keeps_the_register(world):
    ref = world.open_child()
    with pytest.raises(Refused):
        keep_from(world, ref, "rowan.tm", "sol.sw")
    with pytest.raises(NotFound):
        keep_from(world, ref, "sol.sw", "imara.tm")  # whose team it is not
    with pytest.raises(Unusable):
        keep_from(world, ref, "nobody", "rowan.tm")

    assert keep_from(world, ref, "sol.sw", "rowan.tm").person == "sol.sw"
    keep_from(world, ref, "sol.sw", "rowan.tm")
    guardian = Pages(world).as_("gail.guardian", on=THURSDAY)
    guardian.post("/access/interests", 422, ref=ref, who="nell.sw", relation="")
    guardian.post("/access/interests", 422, ref="SG-00000000", who="nell.sw", relation="a relative")
    guardian.post("/access/interests", 302, ref=ref.lower(), who="nell.sw", relation="a relative")
    assert len(rows_of(world, DeclaredInterest)) == 2
    with world.office.reading() as session:
        assert show_case(session, ref, by=world.ids["rowan.tm"], today=THURSDAY).ref == ref
    keep_from(world, ref, "dara.director", "gail.guardian")
    own = next(one for one in rows_of(world, DeclaredInterest) if one.person_id == world.ids["dara.director"])
    with pytest.raises(Refused, match="themselves"), world.office.unit_of_work() as session:
        interests.end(
            session, own.id, because="no", by=world.ids["dara.director"], today=THURSDAY, now=noon(THURSDAY)
        )


# -- turned away often, taken out in one go (C1, C7) ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "hears"),
    [
        ("sol.sw", ["rowan.tm"]),  # who manages the team of the child they hold
        ("nell.sw", ["gail.guardian"]),  # holds no child: nobody's team
        ("imara.tm", ["gail.guardian"]),  # manages a team themselves
    ],
)
def test_the_fifth_record_in_an_hour_that_is_not_open_to_somebody_tells_whoever_manages_them(world, who, hears):
    """reliability C1: a slip tells nobody; five within an hour tell the manager, once a day, and name no child."""
    world.child_at("ASSESSMENT")
    on = START + timedelta(80)

    def turned_away(minutes: int) -> None:
        with pytest.raises(NotFound):
            doing.read(
                world.office,
                "SG-00000000",
                "case",
                lambda session: show_case(session, "SG-00000000", by=world.ids[who], today=on),
                by=world.actor(who),
                now=noon(on) + timedelta(minutes=minutes),
            )

    for minutes in (0, 1, 2, 3, 64, 65, 66, 67):
        turned_away(minutes)
    assert told(world, "TURNED-AWAY") == []

    for minutes in (68, 69, 70):
        turned_away(minutes)

    assert told(world, "TURNED-AWAY") == hears
    assert [row.case_id for row in rows_of(world, Outbox) if row.notices == ["TURNED-AWAY"]] == [None]
