"""Each rule of the night with a child just inside and just outside its limit (rules 10).

The dates are worked out from the rules, with England's bank holidays, not from what the code answers. The child
of `tests/county.py` joins on Monday 6 January 2025, is rated GREEN on Thursday 9 January, listed on the 10th and
agreed to progress on Thursday 23 January; the trajectory is written on Wednesday 5 February.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from demo.papers import milestones
from tests.nights import found
from tests.world import START, World

pytest_plugins = ["tests.county"]

DAY = timedelta(days=1)


def around(world: World, rule: str, last_good: date, **more: Any) -> tuple[int, int]:
    """What the rule finds on the last day that is in time, and on the day after."""
    return found(world, rule, last_good, **more), found(world, rule, last_good + DAY, **more)


# -- D-01: not rated in time --------------------------------------------------------------------------------


class TestNotRated:
    """Within 20 working days of coming into scope, the last day included (R-ELG-3, R-CLK-2)."""

    def test_is_found_on_the_day_after_the_twentieth_working_day(self, child_at):
        world, _ = child_at("COHORT")
        assert around(world, "D-01", date(2025, 2, 3)) == (0, 1)

    def test_counts_no_bank_holiday(self, world):
        """From Tuesday 8 April: Good Friday, Easter Monday and the early May holiday make it Friday 9 May."""
        world.open_child(date(2025, 4, 8))
        assert around(world, "D-01", date(2025, 5, 9)) == (0, 1)

    def test_is_over_when_the_child_is_rated_on_the_last_day(self, child_at):
        world, ref = child_at("COHORT")
        world.do("rate", date(2025, 2, 3), "rowan.tm", ref=ref)
        assert found(world, "D-01", date(2025, 2, 4)) == 0

    def test_is_over_when_the_pathway_does_not_apply(self, child_at):
        world, ref = child_at("COHORT")
        world.do("mark_not_applicable", date(2025, 2, 10), "rowan.tm", ref=ref)
        assert found(world, "D-01", date(2025, 2, 10)) == 0

    def test_does_not_wait_while_a_safeguarding_concern_is_open(self, world):
        """A date to look at the child never stands still: a concern is a reason to look (rules 0.3)."""
        ref = world.open_child(date(2025, 4, 8))
        world.do("flag_safeguarding", date(2025, 4, 28), "sol.sw", ref=ref)
        assert around(world, "D-01", date(2025, 5, 9)) == (0, 1)

    def test_follows_a_correction_of_the_day_it_counts_from(self, world):
        """In scope from Tuesday 15 April in truth: 20 working days lead to Friday 16 May."""
        ref = world.open_child(date(2025, 4, 8))
        opened = next(r.event for r in world.results if r.trigger == "open_case")
        world.do(
            "correct", date(2025, 4, 16), "rowan.tm", ref=ref, event=opened,
            changes="eligible_on=2025-04-15",
        )  # fmt: skip
        assert around(world, "D-01", date(2025, 5, 16)) == (0, 1)

    def test_does_not_find_somebody_whose_first_rating_is_for_later(self, world):
        """Of a large file the children come into scope month by month (PR-4)."""
        world.open_child(START, eligible_on=date(2025, 6, 2))
        # 20 working days from Monday 2 June, no holiday in between: Monday 30 June.
        assert around(world, "D-01", date(2025, 6, 30)) == (0, 1)


# -- D-02: the rating is old --------------------------------------------------------------------------------


class TestRatingOld:
    """Looked at again at least every six months (R-RAG-4)."""

    def test_is_found_on_the_day_after_six_months(self, child_at):
        world, _ = child_at("RATED")
        assert around(world, "D-02", date(2025, 7, 9)) == (0, 1)

    def test_ends_with_the_month_where_the_day_does_not_exist(self, world):
        ref = world.open_child(date(2025, 8, 11))
        world.do("rate", date(2025, 8, 31), "rowan.tm", ref=ref)
        assert around(world, "D-02", date(2026, 2, 28)) == (0, 1)

    def test_is_over_when_the_child_is_rated_again_on_the_last_day(self, child_at):
        world, ref = child_at("RATED")
        world.do("rerate", date(2025, 7, 9), "rowan.tm", ref=ref)
        assert around(world, "D-02", date(2026, 1, 9)) == (0, 1)

    def test_finds_an_amber_child_who_is_deferred_all_the_same(self, child_at):
        """No child is kept from sight by a colour: the alarm is that nobody looked again (design 6)."""
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2025, 7, 22))
        assert around(world, "D-02", date(2025, 7, 9)) == (0, 1)

    def test_does_not_wait_while_the_clock_stands(self, child_at):
        """Whatever else is paused, somebody looks at the child again (rules 0.3)."""
        world, ref = child_at("RATED")
        world.do("pause_clock", date(2025, 7, 1), "rowan.tm", ref=ref)
        assert around(world, "D-02", date(2025, 7, 9)) == (0, 1)

    def test_finds_an_old_rating_that_no_refresh_is_waiting_for(self, child_at):
        """Stopped and opened again: the new clock asks for a look after the change, and the rating of
        9 January is no younger for it."""
        world, ref = child_at("RATED")
        world.do("stop", date(2025, 2, 3), "hana.hos", ref=ref)
        assert found(world, "D-02", date(2025, 8, 1)) == 0  # no rating is wanted of a child who was stopped
        world.do("reopen", date(2025, 4, 1), "rowan.tm", ref=ref)
        assert around(world, "D-02", date(2025, 7, 9)) == (0, 1)


# -- D-04: not back on the agenda -----------------------------------------------------------------------------


def defer(world: World, ref: str, *, return_on: date, outcome: str = "group_defers", **differs: Any) -> None:
    """Returned to the group's agenda later, by the meeting of 23 January; or with further work."""
    from tests.world import _meeting_of

    on = date(2025, 1, 23)
    world.hold_group(ref, _meeting_of(world, ref), on)
    world.do(outcome, on, "wren.chair", ref=ref, return_on=return_on, **differs)


class TestNotRelisted:
    """The return date has passed and the child is on no agenda (R-RG-4)."""

    RETURN = date(2025, 2, 27)

    @pytest.fixture
    def deferred(self, child_at) -> tuple[World, str]:
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=self.RETURN)
        return world, ref

    def test_is_found_on_the_day_after_the_return_date(self, deferred):
        assert around(deferred[0], "D-04", self.RETURN) == (0, 1)

    def test_is_over_when_the_child_is_listed_on_that_day(self, deferred):
        world, ref = deferred
        meeting = world.meeting(date(2025, 3, 27))
        world.do("list_for_group", self.RETURN, "ash.admin", ref=ref, meeting=meeting)
        assert found(world, "D-04", self.RETURN + DAY) == 0

    def test_is_found_again_when_the_child_is_taken_off_the_agenda(self, deferred):
        world, ref = deferred
        meeting = world.meeting(date(2025, 3, 27))
        world.do("list_for_group", date(2025, 2, 20), "ash.admin", ref=ref, meeting=meeting)
        assert found(world, "D-04", date(2025, 3, 3)) == 0
        world.do("take_off_agenda", date(2025, 3, 4), "ash.admin", ref=ref)
        assert found(world, "D-04", date(2025, 3, 4)) == 1

    def test_follows_a_new_date_given_at_the_desk(self, deferred):
        world, ref = deferred
        world.do("desk_review_unchanged", date(2025, 2, 20), "wren.chair", ref=ref, return_on=date(2025, 3, 27))
        assert around(world, "D-04", date(2025, 3, 27)) == (0, 1)

    def test_follows_a_correction_of_the_date(self, deferred):
        world, ref = deferred
        decided = next(r.event for r in world.results if r.trigger == "group_defers")
        world.do(
            "correct", date(2025, 1, 28), "rowan.tm", ref=ref, event=decided, changes="return_on=2025-02-20"
        )
        assert around(world, "D-04", date(2025, 2, 20)) == (0, 1)

    def test_a_date_to_look_again_never_stands_still(self, deferred):
        """Whatever else is paused: somebody looks at the child on the day they said (rules 0.3)."""
        world, ref = deferred
        world.do("pause_clock", date(2025, 2, 20), "rowan.tm", ref=ref)
        assert around(world, "D-04", self.RETURN) == (0, 1)


# -- D-05: off the trajectory ---------------------------------------------------------------------------------


class TestTrajectoryOverdue:
    """Due ten working days after the group agreed; found when more than ten working days late (R-RG-5)."""

    def test_is_found_on_the_eleventh_working_day_after_it_was_due(self, child_at):
        """Agreed on Thursday 23 January, due on Thursday 6 February, ten days late on Thursday the 20th."""
        world, _ = child_at("TRAJECTORY")
        assert around(world, "D-05", date(2025, 2, 20)) == (0, 1)

    def test_counts_no_bank_holiday(self, world):
        """Agreed on Thursday 27 March, due on Thursday 10 April; Good Friday and Easter Monday make
        Monday 28 April the tenth working day after."""
        world.child_at("TRAJECTORY", start=date(2025, 3, 10))
        assert around(world, "D-05", date(2025, 4, 28)) == (0, 1)

    def test_a_weekend_makes_nobody_later(self, world):
        """Agreed on Friday 24 January, due on Friday 7 February; ten days late on Friday the 21st, and still
        on Saturday and Sunday."""
        world.child_at("TRAJECTORY", start=date(2025, 1, 7))
        assert around(world, "D-05", date(2025, 2, 23)) == (0, 1)

    def test_waits_while_the_clock_stands_and_for_as_long_after(self, child_at):
        """Paused from Monday 3 to Monday 10 February: five working days, so due on Thursday 13 February and
        ten days late on Thursday the 27th."""
        world, ref = child_at("TRAJECTORY")
        world.do("pause_clock", date(2025, 2, 3), "rowan.tm", ref=ref)
        assert found(world, "D-05", date(2025, 2, 21)) == 0
        world.do("resume_clock", date(2025, 2, 10), "rowan.tm", ref=ref)
        assert around(world, "D-05", date(2025, 2, 27)) == (0, 1)


WRITTEN = date(2025, 2, 5)


def plan(*, start: date = WRITTEN, **dates: date | None) -> list[dict[str, Any]]:
    """A trajectory whose initial meeting was held; `KDD=day` moves a step."""
    rows = milestones(start)
    for row in rows:
        if row["step"] == "initial meeting":
            row["done_on"] = "2025-02-04"
        if moved := dates.get(row["step"]):
            row |= {"planned_on": moved.isoformat(), "slip_reason": "worker"}
    return rows


class TestMilestonePassed:
    """A date of the child's own trajectory has passed and the step was not reached (R-TRJ-2)."""

    KDD = date(2025, 2, 20)

    @pytest.fixture
    def planned(self, child_at) -> tuple[World, str]:
        """The KDD is planned for 20 February; nothing before it is."""
        world, ref = child_at("TRAJECTORY")
        role = "SGO assessment worker"
        world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=role, person="ida.saw")
        rows = plan(KDD=self.KDD)
        world.do("record_trajectory", WRITTEN, "sol.sw", ref=ref, milestones=rows)
        return world, ref

    def test_is_found_on_the_day_after_it_was_planned(self, planned):
        assert around(planned[0], "D-05", self.KDD) == (0, 1)

    def test_is_not_found_when_it_was_moved_in_time_with_a_reason(self, planned):
        world, ref = planned
        later = plan(KDD=date(2025, 3, 3))
        for row in later:
            if row["step"] == "ROA":
                row |= {"planned_on": "2025-03-10", "slip_reason": "worker"}
        world.do("record_trajectory", date(2025, 2, 18), "sol.sw", ref=ref, milestones=later)
        assert around(world, "D-05", date(2025, 3, 3)) == (0, 1)

    def test_waits_while_the_clocks_stand_still_and_is_found_the_night_they_run(self, planned):
        world, ref = planned
        world.do("pause_clock", date(2025, 2, 17), "rowan.tm", ref=ref)
        assert found(world, "D-05", date(2025, 3, 3)) == 0
        world.do("resume_clock", date(2025, 3, 10), "rowan.tm", ref=ref)
        assert (found(world, "D-05", date(2025, 3, 9), today=date(2025, 3, 10))) == 0
        assert found(world, "D-05", date(2025, 3, 10)) == 1

    def test_is_over_when_the_child_is_not_on_the_way_any_more(self, planned):
        world, ref = planned
        assert found(world, "D-05", date(2025, 2, 21)) == 1
        world.do("stop", date(2025, 2, 21), "hana.hos", ref=ref)
        assert found(world, "D-05", date(2025, 2, 21)) == 0


# -- D-35: quiet ----------------------------------------------------------------------------------------------


class TestQuiet:
    """Nothing has happened for 30 days and nothing is planned. The last event is of Thursday 9 January."""

    LAST_GOOD = date(2025, 2, 8)

    def test_is_found_on_the_thirty_first_day(self, child_at):
        world, _ = child_at("RATED")
        assert around(world, "D-35", self.LAST_GOOD) == (0, 1)

    def test_anything_that_happens_starts_the_days_anew(self, child_at):
        world, ref = child_at("RATED")
        world.do("add_view", date(2025, 2, 8), "sol.sw", ref=ref)
        assert around(world, "D-35", date(2025, 3, 10)) == (0, 1)

    def test_a_next_step_with_a_date_is_a_plan_until_the_date_has_passed(self, child_at):
        world, ref = child_at("RATED")
        by_when = date(2025, 2, 20)
        world.do("set_latest_position", date(2025, 1, 10), "rowan.tm", ref=ref, by_when=by_when)
        assert around(world, "D-35", by_when) == (0, 1)

    def test_a_meeting_ahead_is_a_plan_until_its_day(self, child_at):
        world, ref = child_at("RATED")
        meeting = world.meeting(date(2025, 3, 20))
        world.do("list_for_group", date(2025, 1, 10), "ash.admin", ref=ref, meeting=meeting)
        assert around(world, "D-35", date(2025, 3, 20)) == (0, 1)

    def test_a_child_with_a_return_date_is_not_quiet_but_waiting(self, child_at):
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2025, 4, 24))
        assert around(world, "D-35", date(2025, 4, 24)) == (0, 1)

    def test_a_paused_child_is_waited_for_until_the_day_the_pause_was_to_end(self, child_at):
        world, ref = child_at("RATED")
        end = date(2025, 3, 14)
        world.do("pause_clock", date(2025, 1, 10), "rowan.tm", ref=ref, expected_on=end)
        assert around(world, "D-35", end) == (0, 1)

    def test_where_somebody_said_why_there_is_no_date_silence_was_decided(self, child_at):
        world, ref = child_at("COHORT")
        world.do(
            "mark_not_applicable", date(2025, 1, 9), "rowan.tm", ref=ref, look_again_on=None,
            no_date_reason="Goes home in spring; the plan is made.",
        )  # fmt: skip
        assert found(world, "D-35", date(2025, 6, 1)) == 0

    def test_a_date_to_look_again_that_went_by_is_not_silence(self, child_at):
        world, ref = child_at("COHORT")
        again = date(2025, 3, 20)
        world.do("mark_not_applicable", date(2025, 1, 9), "rowan.tm", ref=ref, look_again_on=again)
        assert around(world, "D-35", again) == (0, 1)


# -- looking back ---------------------------------------------------------------------------------------------


class TestLookingBack:
    """A replay shows the day as it began, which is when its night ran, by what is known today (rules 10)."""

    def test_finds_what_was_late_then_and_has_been_done_since(self, child_at):
        world, ref = child_at("COHORT")  # due on 3 February
        world.do("rate", date(2025, 2, 10), "rowan.tm", ref=ref)
        seen = [found(world, "D-01", date(2025, 2, day), today=date(2025, 3, 3)) for day in (3, 4, 9, 10, 11)]
        assert seen == [0, 1, 1, 1, 0]

    def test_finds_a_rating_that_was_old_until_it_was_looked_at_again(self, child_at):
        world, ref = child_at("RATED")
        world.do("rerate", date(2025, 7, 21), "rowan.tm", ref=ref)
        seen = [found(world, "D-02", date(2025, 7, day), today=date(2025, 9, 1)) for day in (9, 10, 21, 22)]
        assert seen == [0, 1, 1, 0]

    def test_shows_a_date_as_it_was_corrected_since_and_not_the_slip(self, child_at):
        """Return typed as 13 February, in truth 27 February: nobody was late in between."""
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2025, 2, 13))
        decided = next(r.event for r in world.results if r.trigger == "group_defers")
        world.do(
            "correct", date(2025, 2, 18), "rowan.tm", ref=ref, event=decided, changes="return_on=2025-02-27"
        )
        seen = [found(world, "D-04", date(2025, 2, day), today=date(2025, 3, 3)) for day in (14, 17, 27, 28)]
        assert seen == [0, 0, 0, 1]

    def test_does_not_count_what_was_taken_back(self, child_at):
        """The rating of 3 February was a mistake and was reversed: the child was late on the 4th."""
        world, ref = child_at("COHORT")
        world.do("rate", date(2025, 2, 3), "rowan.tm", ref=ref)
        assert found(world, "D-01", date(2025, 2, 5), today=date(2025, 2, 6)) == 0
        world.do("reverse_last", date(2025, 2, 10), "rowan.tm", ref=ref)
        assert found(world, "D-01", date(2025, 2, 5), today=date(2025, 2, 12)) == 1
        assert found(world, "D-02", date(2025, 9, 1), today=date(2025, 9, 1)) == 0

    def test_knows_when_a_case_was_quiet_although_it_is_busy_now(self, child_at):
        world, ref = child_at("RATED")
        world.do("add_view", date(2025, 3, 10), "sol.sw", ref=ref)
        seen = [
            found(world, "D-35", day, today=date(2025, 3, 12))
            for day in (date(2025, 2, 8), date(2025, 2, 9), date(2025, 3, 10), date(2025, 3, 11))
        ]
        assert seen == [0, 1, 1, 0]

    def test_knows_the_milestone_that_was_reached_too_late(self, child_at):
        """A Family Network Meeting planned for 21 February was held on the 25th."""
        world, ref = child_at("TRAJECTORY")
        role = "SGO assessment worker"
        world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=role, person="ida.saw")
        rows = plan(**{"KDD": date(2025, 3, 3), "family network meeting": date(2025, 2, 21)})
        world.do("record_trajectory", WRITTEN, "sol.sw", ref=ref, milestones=rows)
        world.do("record_family_network_meeting", date(2025, 2, 25), "ida.saw", ref=ref)
        seen = [found(world, "D-05", date(2025, 2, day), today=date(2025, 2, 27)) for day in (21, 22, 25, 26)]
        assert seen == [0, 1, 1, 0]

    def test_does_not_look_at_a_child_who_had_not_joined(self, world):
        world.open_child(date(2025, 3, 3))
        with_nobody = found(world, "D-35", date(2025, 2, 10), today=date(2025, 3, 4))
        assert with_nobody == 0
