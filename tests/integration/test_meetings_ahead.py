"""The bodies' calendars, and which meeting a child makes next (practice PT-15, design 6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework import meetings
from casework.errors import NotFound, Refused, Unusable
from casework.meetings import Coming, Series
from casework.reading.queries import list_cases
from persistence.tables import Milestone
from tests.county import ChildAt
from tests.rows import asked
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def planned(
    world: World,
    *,
    body: str = "Review Group",
    since: date,
    until: date,
    who: str = "ash.admin",
    every: str | None = None,
) -> Series:
    with world.office.unit_of_work() as session:
        return meetings.plan_series(
            session,
            body=body,
            since=since,
            until=until,
            recurring=every,
            chair="wren.chair",
            starts_at="10:00",
            place="Room 1",
            by=world.ids[who],
            today=START,
            now=noon(START),
        )


def ahead(world: World, ref: str, today: date, who: str = "tam.sgo") -> tuple[Coming, ...]:
    with world.office.reading() as session:
        return meetings.meetings_ahead(session, ref, by=world.ids[who], today=today)


def test_a_calendar_is_filled_in_by_the_policy_and_only_once(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")
    spring = {"since": date(2025, 3, 1), "until": date(2025, 5, 31)}

    first = planned(world, **spring)
    again = planned(world, **spring)

    assert first.rule == "2nd Thursday of the month"
    assert [str(d.held_on) for d in first.days] == ["2025-03-13", "2025-04-10", "2025-05-08"]
    # Five working days before Thursday 8 May, over the bank holiday of Monday the 5th.
    assert str(first.days[2].papers_due_on) == "2025-04-30"
    assert {d.what for d in first.days} == {"new"}
    assert {d.what for d in again.days} == {"there already"}
    assert [d.ref for d in again.days] == [d.ref for d in first.days]


def test_a_calendar_day_on_a_bank_holiday_moves_to_the_working_day_after(child_at: ChildAt) -> None:
    # 18 April 2025 is Good Friday and the 21st Easter Monday: the next working day is Tuesday the 22nd.
    world, _ = child_at("COHORT")

    found = planned(world, since=date(2025, 4, 1), until=date(2025, 4, 30), every="3rd Friday of the month")

    assert [(str(d.by_calendar), str(d.held_on), d.what) for d in found.days] == [
        ("2025-04-18", "2025-04-22", "new, moved off a day off")
    ]


def test_only_who_keeps_meetings_fills_in_a_calendar_and_only_of_a_body_that_has_one(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")

    with pytest.raises(Refused, match="R-RG-1"):
        planned(world, since=START, until=day(90), who="sol.sw")
    with pytest.raises(Unusable, match="no calendar of its own"):
        planned(world, body="KDD", since=START, until=day(90))
    with pytest.raises(Unusable, match="2nd Thursday of the month"):
        planned(world, since=START, until=day(90), every="now and then")


def test_a_rated_child_makes_the_next_meeting_whose_papers_are_still_to_come(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    first, second = world.meeting(date(2025, 2, 13)), world.meeting(date(2025, 3, 13))

    # Papers for Thursday 13 February are due on Thursday the 6th.
    (on_the_day,) = ahead(world, ref, date(2025, 2, 6))
    (too_late,) = ahead(world, ref, date(2025, 2, 10))

    assert (on_the_day.meeting, on_the_day.missed_by, on_the_day.at_stake_days) == (first, None, 28)
    assert on_the_day.words == "Makes the Review Group of 13 February 2025 if papers are in by 6 February 2025."
    assert (too_late.meeting, too_late.misses, too_late.missed_by, too_late.costs_days) == (second, first, 2, 28)
    assert too_late.words == (
        "Misses the 13 February 2025 Review Group by 2 working days: costs four weeks. "
        "Makes the Review Group of 13 March 2025 if papers are in by 6 March 2025."
    )


def test_a_meeting_missed_long_ago_is_not_worth_a_word(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    on = day(17)
    world.hold_group(ref, _listed(world, ref), on)
    world.do("group_defers", on, "wren.chair", ref=ref, return_on="2025-03-03")
    world.meeting(date(2025, 2, 6))
    march = world.meeting(date(2025, 3, 13))

    (coming,) = ahead(world, ref, date(2025, 1, 27))

    # Due back on 3 March: the meeting of 6 February, papers 30 January, lies 22 working days before.
    assert (coming.meeting, coming.misses, coming.because) == (march, None, "the return date")


def test_late_papers_put_the_meeting_at_stake(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")  # listed for Thursday 23 January, papers due on the 16th
    world.meeting(date(2025, 2, 20))

    (in_time,) = ahead(world, ref, date(2025, 1, 16))
    (late,) = ahead(world, ref, date(2025, 1, 20))

    assert in_time.words == "On the agenda of 23 January 2025."
    assert late.words == (
        "On the agenda of 23 January 2025, but the papers are 2 working days late: the chair must accept them, "
        "or it waits until 20 February 2025: four weeks."
    )
    world.do("file_papers", date(2025, 1, 20), "rowan.tm", ref=ref, chair_accepts_late=True)
    (filed,) = ahead(world, ref, date(2025, 1, 21))
    assert filed.words == "On the agenda of 23 January 2025."


def test_a_decision_after_the_childs_review_waits_for_the_next_one(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    on = day(37)
    # The Key Decision Discussion on Friday 28 February; the review was to be on Wednesday the 26th.
    world.do("schedule_kdd", on, "ida.saw", ref=ref, held_on="2025-02-28", chair="quin.kdd", legal_adviser="lex.legal")
    world.do("schedule_review", on, "oda.iro", ref=ref, held_on="2025-02-26")

    (coming,) = ahead(world, ref, day(38))

    assert (coming.body, coming.missed_by, str(coming.held_on)) == ("ROA", 2, "2025-08-26")
    assert coming.words.startswith(
        "Misses the 26 February 2025 review (ROA) by 2 working days (the Key Decision Discussion): "
        "costs 181 days, unless the review is moved."
    )


def test_money_that_is_still_open_waits_for_the_panel_and_dmt_after_it(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    with world.office.reading() as session:
        forecast = session.scalars(select(Milestone.forecast_on).where(Milestone.name == "financial assessment")).one()
    in_three_weeks = forecast + timedelta(21)
    panel = world.meeting(in_three_weeks, body="Permanence Panel")
    early = world.meeting(in_three_weeks - timedelta(1), body="DMT")
    later = world.meeting(in_three_weeks + timedelta(14), body="DMT")

    coming = ahead(world, ref, date(2025, 3, 10))

    assert [(one.body, one.meeting) for one in coming] == [("Permanence Panel", panel), ("DMT", later)]
    assert early not in {one.meeting for one in coming}
    world.do("set_financial_position", date(2025, 3, 11), "ida.saw", ref=ref, position="no financial support sought")
    assert ahead(world, ref, date(2025, 3, 12)) == ()


def test_what_is_ahead_of_a_child_is_for_those_who_may_open_the_case(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")

    with pytest.raises(NotFound):
        ahead(world, ref, day(5), "otto.operator")


def test_a_list_names_the_next_meeting_of_every_child_in_as_many_queries_as_of_one(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")  # listed for Thursday 23 January
    later = world.meeting(date(2025, 2, 20))

    def listed() -> tuple[dict[str, Coming | None], int]:
        with world.office.reading() as session, asked(world) as statements:
            lines = list_cases(session, by=world.ids["tam.sgo"], today=day(4), with_meetings=True)
        return {line.ref: line.next_meeting for line in lines}, len(statements)

    _, of_one = listed()
    rated = [world.open_child(), world.open_child()]
    for other in rated:
        world.do("rate", day(3), "rowan.tm", ref=other)
    found, of_three = listed()

    assert of_three == of_one
    seen = found[ref]
    assert seen is not None
    assert (seen.held_on, seen.listed) == (date(2025, 1, 23), True)
    assert [one.meeting for one in (found[other] for other in rated) if one] == [seen.meeting, seen.meeting]
    assert later != seen.meeting


def _listed(world: World, ref: str) -> str:
    with world.office.reading() as session:
        seen = meetings.list_meetings(session, by=world.ids["tam.sgo"], today=START)
    return next(m.ref for m in seen if any(item.ref == ref for item in m.items))
