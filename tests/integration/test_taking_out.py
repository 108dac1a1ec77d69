"""Lists that leave as a file, and how fast one person may ask for them (reliability C7, C48)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from casework import doing, handles
from casework.who.pace import Asking, TooFast, keep_to_it
from casework.who.taking_out import ListTooLong, ReasonNeeded
from persistence.tables import Outbox
from tests.pages import Pages
from tests.rows import rows_of
from tests.world import START, World, noon

THURSDAY = START + timedelta(3)
WHAT_FOR = "Figures for the quarterly meeting."
ONE = pytest.mark.one_database


def told(world: World, notice: str) -> list[str]:
    """Whom a notice is for, by handle."""
    known = {person_id: handle for handle, person_id in world.ids.items()}
    return sorted(known[row.recipient_id] for row in rows_of(world, Outbox) if row.notices == [notice])


@ONE
def test_a_long_list_that_is_taken_out_is_reported_and_the_guardian_is_told(world, monkeypatch):
    """reliability C7: only what is open to them, whatever the address asks for; each child logged; a long one told."""
    monkeypatch.setattr("casework.who.taking_out.long_from", lambda *_: 3)
    own = [world.open_child() for _ in range(2)]
    south = world.do("open_case", START, "imara.tm", council_id="S1", team="Children in Care South").ref
    pages = Pages(world)
    manager = pages.as_("rowan.tm", on=THURSDAY)

    for address in ("/children.xlsx", "/children.xlsx?team=*", "/children.xlsx?team=Children+in+Care+South"):
        assert manager.client.get(address).status_code == 200
    looked = {look.case_ref for look in world.office.access_log.of_kind("export", since=noon(START))}
    assert looked == {*own, None}
    assert south not in looked
    assert told(world, "LARGE-EXPORT") == []
    third = world.open_child()
    asked = manager.get("/children.xlsx?order=reference")
    assert "There are 3 on this list" in asked.text
    for empty in ("", "  ", "why not"):
        again = manager.post("/children.xlsx?order=reference", 422, reason=empty)
        assert again.fields["reason"] == [] or empty.strip() in again.text
    assert told(world, "LARGE-EXPORT") == []
    pages.now += timedelta(minutes=6)  # whoever takes a long list out shows again that it is them
    proof = manager.send("/children.xlsx?order=reference", reason=WHAT_FOR)
    assert proof.location.startswith("/prove?next=")
    manager.send("/prove")
    file = manager.send("/children.xlsx?order=reference", reason=WHAT_FOR)
    assert load_workbook(BytesIO(file.data)).active.max_row == 4

    assert told(world, "LARGE-EXPORT") == ["gail.guardian"]
    guardian = pages.as_("gail.guardian")
    reported = guardian.get("/access").text
    assert "read: export of children" in reported
    assert WHAT_FOR in reported
    for page in (f"/cases/{third}/who-looked", f"/access/people/{world.ids['rowan.tm']}"):
        assert WHAT_FOR in guardian.get(page).text


@ONE
def test_a_list_that_is_too_long_leaves_in_parts_only_whatever_the_reason(world, monkeypatch):
    """reliability C7: the size of a file is limited by the policy; nothing leaves, and the try stands in the log."""
    monkeypatch.setattr("casework.who.taking_out.at_most", lambda *_: 2)
    for _ in range(2):
        world.open_child()
    manager = Pages(world).as_("rowan.tm", on=THURSDAY)
    assert manager.client.get("/children.xlsx").status_code == 200  # as many as may leave
    world.open_child()

    said = manager.get("/children.xlsx", 422).text
    assert "it has 3 on it, and at most 2 leave at a time" in said
    assert "Go back and narrow the list" in said
    assert "too long for one file" in manager.post("/children.xlsx", 422, reason=WHAT_FOR).text
    [left] = world.office.access_log.taken_out(since=noon(START))
    assert left.listed == 2
    assert len(world.office.access_log.of_kind("too long to take out", outcome="refused", since=noon(START))) == 2
    assert "ask why" not in Pages(world).as_("gail.guardian", on=THURSDAY).get("/access").text
    with pytest.raises(ListTooLong, match="Narrow it first"):
        doing.take_out(
            world.office, "children", lambda _: ["SG-1", "SG-2", "SG-3"], lambda found: found,
            by=world.actor("rowan.tm"), now=noon(THURSDAY), reason=WHAT_FOR,
        )  # fmt: skip


def test_a_list_taken_out_by_command_asks_what_for_too(world, monkeypatch):
    """reliability C7: nothing leaves without a reason where the list is long; what was said is kept with it."""
    monkeypatch.setattr("casework.who.taking_out.long_from", lambda *_: 2)
    refs = [world.open_child() for _ in range(2)]

    def take(reason: str | None, at: int = 0) -> list[str]:
        when = noon(THURSDAY) + timedelta(minutes=at)
        return doing.take_out(
            world.office, "children", lambda _: refs, lambda found: found,
            by=world.actor("rowan.tm"), now=when, reason=reason,
        )  # fmt: skip

    with pytest.raises(ReasonNeeded, match=r"This list is long \(2\)"):
        take(None)
    assert world.office.access_log.taken_out() == []
    assert take(WHAT_FOR) == refs
    [left] = world.office.access_log.taken_out(since=noon(THURSDAY))
    assert (left.reason, left.listed, left.what) == (WHAT_FOR, 2, "children")
    assert {one.reason for one in handles.who_looked(world.office, refs[0]) if "export" in one.what} == {WHAT_FOR}


@ONE
def test_who_asks_faster_than_one_person_may_is_held_back_told_when_and_reported_when_it_goes_on(world, monkeypatch):
    """reliability C48: sixty searches a minute and twenty lists an hour by one person, and nobody else is held back."""
    world.open_child()
    pages = Pages(world)
    manager, other = pages.as_("rowan.tm", on=THURSDAY), pages.as_("hana.hos")
    plain = [manager.client.get("/children").status_code for _ in range(3)]
    with monkeypatch.context() as unwritten:  # what the page looks like is another test's
        unwritten.setattr("flask.templating._render", lambda *_: "")
        answers = [manager.client.get(f"/children?find=SG-{n}").status_code for n in range(61)]
    assert plain == [200] * 3
    assert answers == [200] * 60 + [429]

    pages.now += timedelta(seconds=20)
    held = manager.client.get("/attention?late=1&rule=D-01")
    assert held.headers["Retry-After"] == "40"
    assert "You have searched 60 times within a minute" in held.get_data(as_text=True)
    assert "Try again in 40 seconds." in held.get_data(as_text=True)
    assert other.client.get("/children?find=SG").status_code == 200
    assert told(world, "TOO-FAST") == []
    for _ in range(8):
        manager.client.get("/children?find=SG")
    assert told(world, "TOO-FAST") == ["gail.guardian"]  # imara would be asked of somebody who holds no post in a team
    reported = pages.as_("gail.guardian").get("/access").text
    assert "Held back in the last 4 weeks" in reported
    assert "ask why" in reported
    pages.now += timedelta(seconds=41)
    assert manager.client.get("/children?find=SG").status_code == 200

    files = [manager.client.get("/children.xlsx").status_code for _ in range(21)]
    assert files == [200] * 20 + [429]
    assert "Try again in 60 minutes." in manager.client.get("/children.xlsx").get_data(as_text=True)
    kept = manager.post("/children.xlsx", 429, reason=WHAT_FOR)
    assert WHAT_FOR in kept.text


def test_the_pace_is_counted_in_the_log_of_either_database(world):
    """reliability C48: of one person, of one kind, within the window, and what was refused counts for nothing."""
    world.open_child()
    by, at = world.actor("rowan.tm"), noon(THURSDAY)

    def asked(who: str, seconds: int) -> None:
        doing.search(world.office, "cases", lambda _: None, by=world.actor(who), now=at + timedelta(seconds=seconds))

    for second in range(60):
        asked("rowan.tm", second)
    for second in (60 - 1, 59):
        with pytest.raises(TooFast) as held:
            asked("rowan.tm", second)
        assert held.value.again_in == timedelta(seconds=1)
    asked("imara.tm", 59)
    keep_to_it(world.office, Asking.EXPORT, person_id=by.person_id, now=at + timedelta(seconds=59))
    asked("rowan.tm", 60)
