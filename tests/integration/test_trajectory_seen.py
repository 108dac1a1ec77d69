"""A child's own trajectory as people see it: moves with reasons, the order to be expected, what a missed meeting costs.

The child is agreed to progress on Thursday 23 January 2025; the trajectory is written on Wednesday 5 February.
"""

from datetime import date

import pytest

from casework.errors import NotFound
from casework.reading.trajectory import Path, expected_dates, trajectory
from persistence.tables import Milestone
from tests.world import World

pytestmark = pytest.mark.one_database

WRITTEN = date(2025, 2, 5)


def seen(world: World, ref: str, on: date, who: str = "sol.sw") -> Path:
    with world.office.reading() as session:
        return trajectory(session, ref, by=world.ids[who], today=on)


def rows(**planned: tuple[date, str | None]) -> list[dict[str, object]]:
    """Milestones: initial meeting (held), KDD, ROA, order."""
    steps = {"kdd": "KDD", "roa": "ROA", "order": "final hearing or order"}
    first = {"step": "initial meeting", "planned_on": "2025-02-04", "done_on": "2025-02-04", "owner": "ida.saw"}
    return [
        first,
        *(
            {"step": steps[name], "planned_on": on.isoformat(), "owner": "ida.saw", "slip_reason": reason}
            for name, (on, reason) in planned.items()
        ),
    ]


@pytest.fixture
def planned(world) -> tuple[World, str]:
    """KDD on Thursday 27 February, ROA on 20 March, order on 1 October."""
    ref = world.child_at("TRAJECTORY")
    role = "SGO assessment worker"
    world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=role, person="ida.saw")
    plan = rows(kdd=(date(2025, 2, 27), None), roa=(date(2025, 3, 20), None), order=(date(2025, 10, 1), None))
    world.do("record_trajectory", WRITTEN, "sol.sw", ref=ref, milestones=plan)
    return world, ref


def of(path: Path, step: str):
    return next(one for one in path.milestones if one.step == step)


def test_what_goes_as_planned_leads_to_the_order_as_planned(planned):
    path = seen(*planned, date(2025, 2, 27))
    assert (path.order_planned, path.order_forecast, path.order_expected) == (date(2025, 10, 1),) * 3
    assert path.expected_because is None
    assert of(path, "initial meeting").done == date(2025, 2, 4)


def test_a_milestone_that_is_late_moves_the_order_day_by_day(planned):
    """KDD planned for 27 February and not held: on 9 March ten days late, so the order on 11 October."""
    path = seen(*planned, date(2025, 3, 9))
    assert of(path, "KDD").late_days == 10
    assert (path.order_expected, path.expected_because) == (date(2025, 10, 11), "KDD")
    assert path.order_forecast == date(2025, 10, 1)


def test_of_several_that_are_late_the_latest_says_when(planned):
    """On 25 March the KDD is 26 days late and the ROA five: 27 October."""
    path = seen(*planned, date(2025, 3, 25))
    assert (of(path, "KDD").late_days, of(path, "ROA").late_days) == (26, 5)
    assert path.order_expected == date(2025, 10, 27)


def test_every_date_after_a_late_step_moves_with_it_and_the_last_is_the_orders(planned):
    """On 9 March the KDD is ten days late: it can be held that day at the soonest, and the ROA on 30 March."""
    path = seen(*planned, date(2025, 3, 9))
    assert [one.expected for one in path.milestones] == [
        date(2025, 2, 4), date(2025, 3, 9), date(2025, 3, 30), date(2025, 10, 11),
    ]  # fmt: skip
    assert path.milestones[-1].expected == path.order_expected


def test_a_step_the_child_was_taken_past_holds_nothing_up():
    """No genogram was ever written down, and the reports are with Legal: on 1 June the order is as it was planned."""

    def row(step: str, on: date, done: date | None = None) -> Milestone:
        return Milestone(name=step, forecast_on=on, done_on=done)

    genogram, order = row("genogram", date(2025, 3, 1)), row("final hearing or order", date(2025, 10, 1))
    reports = row("reports to Legal", date(2025, 5, 1), date(2025, 5, 6))
    notice = row("application", date(2025, 5, 25))
    today = date(2025, 6, 1)

    assert expected_dates([genogram, reports, order], today)[order.name] == (date(2025, 10, 1), None)
    moved = expected_dates([genogram, reports, notice, order], today)  # the application is seven days late
    assert moved[order.name] == (date(2025, 10, 8), "application")


def test_each_move_is_kept_with_its_reason_and_they_add_up(planned):
    world, ref = planned
    for on, order, why in (
        (date(2025, 2, 20), date(2025, 10, 15), "checks"),
        (date(2025, 3, 3), date(2025, 11, 12), "court"),
    ):
        plan = rows(kdd=(date(2025, 2, 27), None), roa=(date(2025, 3, 20), None), order=(order, why))
        world.do("record_trajectory", on, "sol.sw", ref=ref, milestones=plan)
    order = of(seen(world, ref, date(2025, 2, 27)), "final hearing or order")
    assert [(m.on, m.was, m.now, m.reason) for m in order.moves] == [
        (date(2025, 2, 20), date(2025, 10, 1), date(2025, 10, 15), "checks"),
        (date(2025, 3, 3), date(2025, 10, 15), date(2025, 11, 12), "court"),
    ]
    assert (order.planned, order.forecast, order.slip_days) == (date(2025, 10, 1), date(2025, 11, 12), 42)


def test_what_missing_the_next_meeting_costs(world):
    """On the agenda of 23 January; the group meets again on 27 February: five weeks."""
    ref = world.child_at("REVIEW_GROUP")
    world.meeting(date(2025, 2, 27))
    at_stake = seen(world, ref, date(2025, 1, 13)).at_stake
    assert at_stake is not None
    assert (at_stake.held_on, at_stake.then, at_stake.days) == (date(2025, 1, 23), date(2025, 2, 27), 35)
    assert "five weeks" in at_stake.words


def test_where_no_later_meeting_is_planned_nothing_is_foretold(world):
    ref = world.child_at("REVIEW_GROUP")
    assert seen(world, ref, date(2025, 1, 13)).at_stake is None


def test_a_child_who_is_not_open_to_somebody_has_no_trajectory(planned):
    world, ref = planned
    with pytest.raises(NotFound):
        seen(world, ref, date(2025, 2, 27), who="nell.sw")


def test_without_a_trajectory_there_is_no_order_to_expect(world):
    path = seen(world, world.open_child(), date(2025, 1, 10))
    assert (path.milestones, path.order_expected, path.order_planned) == ((), None, None)


def test_the_order_that_was_made_is_not_expected_any_more(planned):
    world, ref = planned
    world.do("order_made", date(2025, 9, 1), "lex.legal", ref=ref)
    path = seen(world, ref, date(2025, 9, 2))
    assert (path.order_on, path.order_expected) == (date(2025, 9, 1), None)
    assert of(path, "final hearing or order").slip_days == -30
