"""A year of a body's meetings planned by page: every day is looked at first; there is a way back (practice PT-15)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from persistence.tables import Meeting
from tests.pages import Page, Pages, Visitor, line
from tests.rows import rows_of
from tests.world import START, World

AT = "/meetings/calendar"
ONE = pytest.mark.one_database
YEAR = {"since-day": "1", "since-month": "4", "since-year": "2025",
        "until-day": "31", "until-month": "10", "until-year": "2025"}  # fmt: skip
#: The last Monday of the month: 26 May and 25 August 2025 are bank holidays in England.
MONDAYS = {"body": "Permanence Panel", "how": "monthly", "nth": "last", "weekday": "Monday", **YEAR}


def keeper(world: World, who: str = "ash.admin") -> Visitor:
    return Pages(world).as_(who, on=START)


def planned(world: World) -> list[str]:
    return sorted(str(one.held_on) for one in rows_of(world, Meeting) if one.status == "planned")


def confirmed(look: Page, **typed: Any) -> dict[str, Any]:
    return {"action": "do", "mark": look.fields["mark"][0], **typed}


def test_a_year_is_looked_at_day_by_day_then_planned_once_and_called_off_again(world: World) -> None:
    """R-CLK-1, PT-15: a bank holiday is named and gives way as the policy says; what is there is not made twice."""
    visitor = keeper(world)

    look = visitor.post(AT, action="look", **MONDAYS)
    assert planned(world) == []
    said = line(look)
    assert "Last Monday of the month: 7 new of 7." in said
    assert "Tue 27 May 2025 19 May 2025 new, moved off a day off 26 May 2025 is Spring Bank Holiday" in said
    assert "Tue 26 Aug 2025" in said
    visitor.post(AT, 302, **confirmed(look, **MONDAYS))
    days = ["2025-04-28", "2025-05-27", "2025-06-30", "2025-07-28", "2025-08-26", "2025-09-29", "2025-10-27"]
    assert planned(world) == days

    again = visitor.post(AT, action="look", **MONDAYS)
    assert "0 new of 7" in line(again)
    assert "there already" in again.text
    assert "Plan these" not in again.text

    form = visitor.client.get(f"{AT}?body=Permanence+Panel").get_data(as_text=True)
    refs = [one.ref for one in sorted(rows_of(world, Meeting), key=lambda one: one.held_on)][-2:]
    assert all(f'value="{ref}"' in form for ref in refs)
    ticked = {"body": "Permanence Panel", "refs": refs}
    assert "Say why" in visitor.post(f"{AT}/call-off", 422, action="look", **ticked).text
    check = visitor.post(f"{AT}/call-off", action="look", reason="The room is let.", **ticked)
    assert "Call off these 2 meetings?" in check.text
    assert planned(world) == days
    visitor.post(f"{AT}/call-off", 302, action="do", reason="The room is let.", **ticked)
    assert planned(world) == days[:-2]
    assert line(visitor.post(AT, action="look", **MONDAYS)).count("was called off: it stays so") == 2


@ONE
def test_what_was_looked_at_is_what_is_planned(world: World) -> None:
    visitor = keeper(world)
    look = visitor.post(AT, action="look", **MONDAYS)
    world.meeting(date(2025, 6, 30), body="Permanence Panel", chair="wren.chair")

    stale = visitor.post(AT, 409, **confirmed(look, **MONDAYS))

    assert "Look at the days again" in stale.text
    assert stale.fields["since-year"] == ["2025"]
    assert planned(world) == ["2025-06-30"]


@ONE
def test_days_that_clash_are_said(world: World) -> None:
    """One chair or one room cannot do two things at once; another time of the day is no clash."""
    visitor = keeper(world)
    world.meeting(date(2025, 4, 28), body="Review Group", chair="wren.chair")

    same = visitor.post(AT, action="look", chair="wren.chair", **MONDAYS)
    other = visitor.post(AT, action="look", chair="quin.kdd", **MONDAYS)

    assert "Review Group 10:00 the same chair" in line(same) or "Review Group the same chair" in line(same)
    assert "the same chair" not in other.text
    assert "Review Group" in other.text


@ONE
def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(world: World) -> None:
    typed = {
        **MONDAYS, "nth": "", "starts_at": "ten", "chair": "nobody.here", "place": "Room\x00",
        "until-year": "2024", "since-day": "28",
    }  # fmt: skip
    page = keeper(world).post(AT, 422, action="look", **typed)

    for words in ("Choose which weekday", "time of day", "nobody.here", "The place", "would end on 31 October 2024"):
        assert words in line(page), words
    assert page.fields["starts_at"] == ["ten"]
    assert page.fields["since-day"] == ["28"]
    assert planned(world) == []


@ONE
@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"since-day": ""}, "From: enter a day"),
        ({"since-year": "2024"}, "which is past"),
        ({"until-year": "2028"}, "24 months at most"),
        ({"until-year": "2190"}, "bank holidays of 2190 are not known"),
        ({"how": "weekly", "weeks": "0"}, "every how many weeks"),
        ({"how": "policy", "body": "KDD"}, "has no calendar of its own"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_in_words(world: World, differs: dict[str, str], words: str) -> None:
    assert words in line(keeper(world).post(AT, 422, action="look", **{**MONDAYS, **differs}))


@ONE
def test_every_so_many_weeks_is_counted_from_the_first_day_and_ends_as_the_policy_plans_ahead(world: World) -> None:
    typed = {"body": "DMT", "how": "weekly", "weeks": "4", "since-day": "8", "since-month": "1", "since-year": "2025"}

    said = line(keeper(world).post(AT, action="look", **typed))

    assert "Every 4 weeks from 8 January 2025: 14 new of 14." in said
    assert "Wed 7 Jan 2026" in said


@ONE
@pytest.mark.parametrize(("who", "body", "allowed"), [
    ("cfs.permanence", "Permanence Panel", True),
    ("cfs.permanence", "Review Group", False),
    ("rowan.tm", "Review Group", True),
])  # fmt: skip
def test_whose_a_calendar_is_is_asked_of_the_body(world: World, who: str, body: str, allowed: bool) -> None:
    page = keeper(world, who).post(AT, 200 if allowed else 422, action="look", **{**MONDAYS, "body": body})

    assert ("may keep meetings" in page.text) != allowed


@ONE
def test_a_meeting_somebody_is_listed_for_is_not_called_off_with_the_empty_ones(world: World) -> None:
    meeting, empty = world.meeting(START + timedelta(30)), world.meeting(START + timedelta(60))
    ref = world.open_child()
    world.do("rate", START + timedelta(3), "rowan.tm", ref=ref)
    world.do("list_for_group", START + timedelta(4), "ash.admin", ref=ref, meeting=meeting)
    visitor = Pages(world).as_("ash.admin", on=START + timedelta(5))
    form = visitor.client.get(AT).get_data(as_text=True)
    assert f'value="{empty}"' in form
    assert f'value="{meeting}"' not in form

    typed = {"body": "Review Group", "reason": "A slip.", "refs": [meeting, empty], "action": "do"}
    assert "somebody is listed" in visitor.post(f"{AT}/call-off", 422, **typed).text
    assert len(planned(world)) == 2
