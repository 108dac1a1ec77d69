"""The rules from listing to the court, each with a child just inside and just outside its limit (rules 10).

Worked out from the rules with England's bank holidays, as in `test_night_rules.py`. The child of `tests/county.py`
is rated GREEN on Thursday 9 January 2025, agreed to progress on Thursday 23 January, allocated on the 24th, met on
Tuesday 4 February, sent on to the KDD on the 11th; the KDD is on 22 February, the ROA on Tuesday 4 March, notice on
5 March, submission on Friday 9 May.
"""

from datetime import date, timedelta

import pytest

from casework import policies
from casework.overnight.night import run_night
from casework.who.people import disable_person
from persistence.tables import Finding
from states.policy import Policy
from states.records.standing import HowMoved
from tests.integration.test_night_rules import around, defer, plan
from tests.nights import at_night, found, standing, the_night
from tests.rows import rows_of
from tests.walks import SIGNED_ELSEWHERE
from tests.world import POLICY, START, World, leicestershire, noon

pytest_plugins = ["tests.county"]

DAY = timedelta(days=1)
SAW = "SGO assessment worker"


def adopt(world: World, policy: Policy, from_on: date = START) -> None:
    with world.office.unit_of_work() as session:
        policies.adopt(session, policy, file_name=POLICY.name, from_on=from_on, by=None, now=noon(from_on))


def cannot_tell(world: World, rule: str, day: date) -> int:
    """In how many children a rule cannot tell."""
    report = run_night(world.office, business_date=day, replay=True, now=at_night(day))
    return report.missing.get(rule, 0)


def event_of(world: World, trigger: str) -> str:
    return next(r.event for r in reversed(world.results) if r.trigger == trigger)


class TestNotListed:
    """GREEN within six weeks of the rating, the others within their return interval (PN-3, PT-2)."""

    def test_green_is_found_on_the_day_after_six_weeks(self, child_at):
        world, _ = child_at("RATED")
        assert around(world, "D-03", date(2025, 2, 20)) == (0, 1)

    @pytest.mark.parametrize(
        ("colour", "last_day"),
        [("YELLOW", date(2025, 2, 20)), ("AMBER", date(2025, 7, 9)), ("RED", date(2026, 1, 9))],
    )
    def test_the_others_have_the_interval_of_their_colour(self, world, colour, last_day):
        ref = world.open_child()
        world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref, colour=colour)
        assert around(world, "D-03", last_day) == (0, 1)

    def test_is_over_when_the_child_is_listed(self, child_at):
        world, ref = child_at("RATED")
        meeting = world.meeting(date(2025, 3, 20))
        world.do("list_for_group", date(2025, 2, 20), "ash.admin", ref=ref, meeting=meeting)
        assert found(world, "D-03", date(2025, 2, 21)) == 0

    def test_neither_a_new_rating_nor_coming_off_an_agenda_starts_the_weeks_again(self, child_at):
        world, ref = child_at("RATED")
        meeting = world.meeting(date(2025, 3, 20))
        world.do("list_for_group", date(2025, 1, 10), "ash.admin", ref=ref, meeting=meeting)
        world.do("take_off_agenda", date(2025, 1, 20), "ash.admin", ref=ref)
        world.do("rerate", date(2025, 2, 3), "rowan.tm", ref=ref)
        assert around(world, "D-03", date(2025, 2, 20)) == (0, 1)

    def test_follows_a_correction_of_the_day_of_the_rating(self, child_at):
        """In truth on Tuesday 7 January: six weeks lead to Tuesday 18 February."""
        world, ref = child_at("COHORT")
        rated = world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref).event
        world.do(
            "correct", date(2025, 1, 20), "rowan.tm", ref=ref, event=rated,
            happened_on=date(2025, 1, 7), changes="reason=Said so in the supervision of that day.",
        )  # fmt: skip
        assert around(world, "D-03", date(2025, 2, 18)) == (0, 1)

    def test_looking_back_sees_the_colour_of_that_day(self, child_at):
        """AMBER since 24 February, GREEN before: late from 21 to 24 February, not after."""
        world, ref = child_at("RATED")
        world.do("rerate", date(2025, 2, 24), "rowan.tm", ref=ref, colour="AMBER")
        seen = [found(world, "D-03", date(2025, 2, day), today=date(2025, 3, 10)) for day in (20, 21, 24, 25)]
        assert seen == [0, 1, 1, 0]

    def test_a_finding_says_by_when_the_child_was_to_be_listed(self, child_at):
        world, _ = child_at("RATED")
        the_night(world, date(2025, 2, 24))
        assert [f.since for f in standing(world, on=date(2025, 2, 24), rule="D-03")] == [date(2025, 2, 20)]


class TestSameBarrier:
    """The same thing at two ratings in a row, or at two hearings in a row (R-RAG-5)."""

    def rated(self, world: World, *named: list[str]) -> str:
        ref = world.open_child()
        world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref, barriers=named[0])
        for number, barriers in enumerate(named[1:]):
            world.do("rerate", date(2025, 2, 10 + 7 * number), "rowan.tm", ref=ref, barriers=barriers)
        return ref

    def test_is_found_with_the_second_rating(self, world):
        self.rated(world, ["FAMILY_TIME", "HOUSING"], ["HOUSING"])
        assert around(world, "D-07", date(2025, 2, 9)) == (0, 1)

    def test_something_else_in_the_way_is_not_the_same(self, world):
        self.rated(world, ["FAMILY_TIME"], ["HOUSING"])
        assert found(world, "D-07", date(2025, 2, 11)) == 0

    def test_a_rating_without_it_in_between_ends_the_row(self, world):
        self.rated(world, ["HOUSING"], [], ["HOUSING"])
        assert found(world, "D-07", date(2025, 3, 1)) == 0

    def test_a_rating_and_a_hearing_are_not_two_of_a_row(self, world):
        ref = self.rated(world, ["FAMILY_TIME"])
        world.do("list_for_group", date(2025, 1, 10), "ash.admin", ref=ref, meeting=world.meeting(date(2025, 1, 23)))
        defer(world, ref, return_on=date(2025, 2, 27))
        assert found(world, "D-07", date(2025, 1, 24)) == 0

    def test_two_hearings_in_a_row_are(self, world):
        ref = self.rated(world, [])
        world.do("list_for_group", date(2025, 1, 10), "ash.admin", ref=ref, meeting=world.meeting(date(2025, 1, 23)))
        defer(world, ref, return_on=date(2025, 2, 27))
        again(world, ref, date(2025, 2, 27), "group_defers", return_on=date(2025, 4, 3))
        assert around(world, "D-07", date(2025, 2, 26)) == (0, 1)


def again(world: World, ref: str, on: date, outcome: str, **differs) -> None:
    """Listed ten days before and heard on a day."""
    meeting = world.meeting(on)
    world.do("list_for_group", on - 10 * DAY, "ash.admin", ref=ref, meeting=meeting)
    world.hold_group(ref, meeting, on)
    world.do(outcome, on, "wren.chair", ref=ref, **differs)


class TestRoundAndRound:
    """Three rounds of further work, or nine months in it and deferred after it (R-FW-2)."""

    def ask_for_work(self, child_at) -> tuple[World, str]:
        """The group asks for further work on Thursday 23 January."""
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2025, 2, 27), outcome="group_asks_further_work")
        return world, ref

    def test_nine_months_in_one_go(self, child_at):
        world, _ = self.ask_for_work(child_at)
        assert around(world, "D-08", date(2025, 10, 23)) == (0, 1)

    def test_only_the_time_of_waiting_counts_end_to_end(self, child_at):
        """23 January to 17 February are 25 days; deferred on 27 February, as if at work since 2 February."""
        world, ref = self.ask_for_work(child_at)
        world.do("record_trajectory", date(2025, 2, 10), "sol.sw", ref=ref)
        again(world, ref, date(2025, 2, 27), "group_defers", return_on=date(2025, 4, 3))
        assert around(world, "D-08", date(2025, 11, 2)) == (0, 1)

    def test_a_red_child_deferred_for_twelve_months_goes_round_no_loop(self, child_at):
        """PT-2: the return interval of RED is twelve months; its lapse is D-04's."""
        world, ref = child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2026, 1, 22), colour="RED", colour_reason="Not ready.")
        assert (found(world, "D-08", date(2026, 1, 23)), found(world, "D-04", date(2026, 1, 23))) == (0, 1)

    def test_the_third_round_of_further_work_waits_for_a_head_of_service(self, child_at):
        world, ref = child_at("TRAJECTORY")
        world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=SAW, person="ida.saw")
        world.do("needs_further_work", date(2025, 1, 27), "ida.saw", ref=ref, return_on=date(2025, 2, 27))
        for month, day in ((2, 27), (3, 27)):
            on = date(2025, month, day)
            rows = [{**row, "slip_reason": "birth family"} for row in plan(start=on - 20 * DAY)]
            world.do("record_trajectory", on - 20 * DAY, "sol.sw", ref=ref, milestones=rows)
            assert found(world, "D-08", on - DAY) == 0
            again(world, ref, on, "group_asks_further_work", return_on=on + 35 * DAY)
        assert found(world, "D-08", date(2025, 3, 27)) == 1
        world.do("continue_further_work", date(2025, 4, 1), "hana.hos", ref=ref)
        assert found(world, "D-08", date(2025, 4, 2)) == 0


class TestNotAllocated:
    """A worker within five working days of the agreement (R-ALC-1)."""

    def test_is_found_on_the_sixth_working_day(self, child_at):
        world, _ = child_at("TRAJECTORY")
        assert around(world, "D-06", date(2025, 1, 30)) == (0, 1)

    def test_counts_no_bank_holiday(self, world):
        """Agreed on Thursday 17 April: Good Friday and Easter Monday make it Monday 28 April."""
        world.child_at("TRAJECTORY", start=date(2025, 3, 31))
        assert around(world, "D-06", date(2025, 4, 28)) == (0, 1)

    def test_has_the_days_back_that_the_clock_stood(self, child_at):
        """From Monday 27 January to Sunday 2 February: five working days, so Thursday 6 February."""
        world, ref = child_at("TRAJECTORY")
        world.do("pause_clock", date(2025, 1, 27), "rowan.tm", ref=ref, expected_on=date(2025, 2, 3))
        assert found(world, "D-06", date(2025, 2, 2)) == 0
        world.do("resume_clock", date(2025, 2, 3), "rowan.tm", ref=ref)
        assert around(world, "D-06", date(2025, 2, 6)) == (0, 1)

    def test_is_over_when_somebody_is_allocated(self, child_at):
        world, ref = child_at("TRAJECTORY")
        world.do("allocate", date(2025, 1, 30), "tam.sgo", ref=ref, role=SAW, person="ida.saw")
        assert found(world, "D-06", date(2025, 1, 31)) == 0


class TestNoKdd:
    """Within 20 working days of the word that the child can progress (R-KDD-1)."""

    def test_is_found_when_the_kdd_is_overdue(self, child_at):
        """Sent on on Tuesday 11 February: Tuesday 11 March."""
        world, _ = child_at("KEY_DECISION")
        assert around(world, "D-09", date(2025, 3, 11)) == (0, 1)

    def test_is_found_when_nobody_sends_the_child_on_after_the_meeting(self, child_at):
        """The meeting of Tuesday 4 February found that the child can progress: Tuesday 4 March."""
        world, ref = child_at("TRAJECTORY")
        world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=SAW, person="ida.saw")
        world.do("invite_to_initial_meeting", date(2025, 1, 27), "ida.saw", ref=ref)
        world.do("record_initial_meeting", date(2025, 2, 4), "ida.saw", ref=ref)
        assert around(world, "D-09", date(2025, 3, 4)) == (0, 1)

    def test_counts_no_bank_holiday(self, world):
        """Sent on on Thursday 27 March: Good Friday and Easter Monday make it Monday 28 April."""
        world.child_at("KEY_DECISION", start=date(2025, 2, 19))
        assert around(world, "D-09", date(2025, 4, 28)) == (0, 1)


class TestNotRatified:
    """Within three months of the KDD (R-ROA-2)."""

    def test_is_found_on_the_day_after_three_months(self, child_at):
        world, _ = child_at("RATIFICATION")
        assert around(world, "D-10", date(2025, 5, 22)) == (0, 1)

    def test_is_over_when_the_review_ratifies_on_the_last_day(self, child_at):
        world, ref = child_at("RATIFICATION")
        world.do("roa_ratifies", date(2025, 5, 22), "oda.iro", ref=ref)
        assert found(world, "D-10", date(2025, 5, 23)) == 0


class TestAssessment:
    """Begun within 10 working days, done within 12 weeks, at the latest 16 (R-ASM-2, D-38)."""

    def test_not_begun_is_found_on_the_eleventh_working_day(self, child_at):
        world, _ = child_at("ASSESSMENT")
        assert around(world, "D-38", date(2025, 3, 18)) == (0, 1)

    def test_has_begun_when_a_check_is_asked_for(self, child_at):
        world, ref = child_at("ASSESSMENT")
        world.do("request_check", date(2025, 3, 18), "ida.saw", ref=ref, check="medical", on_whom="first applicant")
        assert found(world, "D-38", date(2025, 3, 19)) == 0

    def test_long_is_found_on_the_day_after_twelve_weeks(self, child_at):
        world, _ = child_at("ASSESSMENT")
        assert around(world, "D-11", date(2025, 5, 27)) == (0, 1)

    def test_the_same_finding_is_urgent_on_the_day_after_sixteen_weeks(self, child_at):
        world, _ = child_at("ASSESSMENT")
        seen = []
        for day in (date(2025, 5, 28), date(2025, 6, 24), date(2025, 6, 25)):
            the_night(world, day)
            seen += [(f.id, f.severity, f.owners) for f in standing(world, on=day, rule="D-11")]
        assert len({one for one, _, _ in seen}) == 1
        assert [severity for _, severity, _ in seen] == ["warn", "warn", "urgent"]
        assert seen[-1][2] == ("SGO assessment worker", "Head of Service")


class TestMoneyNotFinal:
    """The order is expected in less than eight weeks and the money is not settled."""

    @pytest.fixture
    def planned(self, child_at) -> tuple[World, str]:
        """The order is planned for Monday 2 June 2025: eight weeks before is Monday 7 April."""
        world, ref = child_at("TRAJECTORY")
        world.do("allocate", date(2025, 1, 24), "tam.sgo", ref=ref, role=SAW, person="ida.saw")
        rows = plan(**{"final hearing or order": date(2025, 6, 2)})
        rows = [row for row in rows if row["step"] != "first payment" and row["planned_on"] <= "2025-06-02"]
        world.do("record_trajectory", date(2025, 2, 5), "sol.sw", ref=ref, milestones=rows)
        return world, ref

    def test_is_found_when_less_than_eight_weeks_are_left(self, planned):
        assert around(planned[0], "D-13", date(2025, 4, 7)) == (0, 1)

    @pytest.mark.parametrize("position", ["agreed", "no financial support sought"])
    def test_is_over_when_the_money_is_final(self, planned, position):
        world, ref = planned
        on = date(2025, 4, 7)
        world.do("set_financial_position", on, "ida.saw", ref=ref, position=position, **SIGNED_ELSEWHERE)
        assert found(world, "D-13", date(2025, 4, 8)) == 0

    def test_is_found_while_it_is_only_being_assessed(self, planned):
        world, ref = planned
        world.do("set_financial_position", date(2025, 4, 7), "ida.saw", ref=ref, position="being assessed")
        assert found(world, "D-13", date(2025, 4, 8)) == 1

    def test_a_date_that_moves_while_it_stands_is_the_same_lapse(self, planned):
        world, ref = planned
        the_night(world, date(2025, 4, 8))
        rows = plan(**{"final hearing or order": date(2025, 5, 26)})
        rows = [row for row in rows if row["step"] != "first payment" and row["planned_on"] <= "2025-05-26"]
        for row in rows:
            row.setdefault("slip_reason", "court")
        world.do("record_trajectory", date(2025, 4, 8), "sol.sw", ref=ref, milestones=rows)
        the_night(world, date(2025, 4, 9))
        assert len(rows_of(world, Finding, ref, rule="D-13")) == 1


class TestCouldBeIssued:
    """With Legal and notice over for more than four weeks."""

    def test_is_found_four_weeks_after_the_first_possible_day(self, child_at):
        """Notice on 5 March: from 5 June; four weeks later is Thursday 3 July."""
        world, _ = child_at("WITH_LEGAL")
        assert around(world, "D-15", date(2025, 7, 3)) == (0, 1)

    def test_waits_while_the_clocks_stand_still(self, child_at):
        world, ref = child_at("WITH_LEGAL")
        world.do("pause_clock", date(2025, 6, 30), "rowan.tm", ref=ref, expected_on=date(2025, 8, 1))
        assert found(world, "D-15", date(2025, 7, 4)) == 0

    def test_is_over_when_the_application_is_issued(self, child_at):
        world, _ = child_at("IN_COURT")
        assert found(world, "D-15", date(2025, 7, 4)) == 0


class TestDirectionOverdue:
    """A direction is complied with by its day (R-CRT-1)."""

    def test_is_found_on_the_day_after(self, child_at):
        world, ref = child_at("RATED")
        world.do(
            "record_court_direction", date(2025, 2, 14), "lex.legal", ref=ref, comply_by=date(2025, 3, 14)
        )
        assert around(world, "D-16", date(2025, 3, 14)) == (0, 1)

    def test_does_not_wait_while_the_clocks_stand_still(self, child_at):
        world, ref = child_at("RATED")
        world.do(
            "record_court_direction", date(2025, 2, 14), "lex.legal", ref=ref, comply_by=date(2025, 3, 14)
        )
        world.do("pause_clock", date(2025, 3, 3), "rowan.tm", ref=ref, expected_on=date(2025, 5, 1))
        assert around(world, "D-16", date(2025, 3, 14)) == (0, 1)


class TestTooOldToWait:
    """Seventeen, guardianship planned, no application."""

    def rated(self, world: World, born: date | None) -> str:
        ref = world.open_child(date_of_birth=born)
        world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref)
        return ref

    def test_is_found_on_the_seventeenth_birthday(self, world):
        self.rated(world, date(2008, 3, 14))
        assert around(world, "D-17", date(2025, 3, 13)) == (0, 1)

    def test_born_on_29_february_is_seventeen_on_1_march(self, world):
        self.rated(world, date(2008, 2, 29))
        assert around(world, "D-17", date(2025, 2, 28)) == (0, 1)

    def test_a_child_whose_birthday_nobody_knows_is_counted_and_not_found(self, world):
        for _ in range(3):
            self.rated(world, None)
        assert found(world, "D-17", date(2025, 3, 14)) == 0
        assert cannot_tell(world, "D-17", date(2025, 3, 14)) == 3


class TestReviewsAndVisits:
    """Off by default; where an authority wants them, on what an import said (PN-1)."""

    @pytest.fixture
    def asked(self, world) -> World:
        policy = leicestershire()
        adopt(world, policy.model_copy(update={"night": policy.night.model_copy(update={"off": ()})}))
        return world

    def test_are_not_asked_by_default(self, world):
        world.open_child(next_review_on=date(2025, 3, 14))
        report = run_night(world.office, business_date=date(2025, 5, 1), replay=True, now=at_night(date(2025, 5, 1)))
        assert not {"D-18", "D-19", "D-29"} & report.findings.keys()

    def test_a_review_that_was_announced_is_found_on_the_day_after(self, asked):
        asked.open_child(next_review_on=date(2025, 3, 14))
        assert around(asked, "D-18", date(2025, 3, 14)) == (0, 1)

    def test_where_none_was_announced_six_months_after_the_last(self, asked):
        asked.open_child(next_review_on=None, last_review_on=date(2024, 12, 10))
        assert around(asked, "D-18", date(2025, 6, 10)) == (0, 1)

    def test_a_visit_within_a_week_of_a_placement(self, asked):
        """Placed on Monday 6 January: by Monday 13 January. That visits are told here another child's visit says."""
        asked.open_child(placement_since=START - timedelta(days=300), last_visit_on=START - timedelta(days=1))
        asked.open_child(placement_since=START)
        assert around(asked, "D-19", date(2025, 1, 13)) == (0, 1)

    def test_a_visit_to_the_placement_before_does_not_count_for_the_new_one(self, asked):
        """Visited on Monday 6 January, moved on the 20th: by the 27th, where there is a visit."""
        ref = asked.open_child(placement_since=START - timedelta(days=100), last_visit_on=START)
        moved = HowMoved.ENDED.value
        asked.do("record_placement_change", date(2025, 1, 20), "sol.sw", ref=ref, how=moved, placement_code="U6")
        assert around(asked, "D-19", date(2025, 1, 27)) == (0, 1)
        asked.do("record_visit", date(2025, 1, 28), "sol.sw", ref=ref)
        assert found(asked, "D-19", date(2025, 1, 29)) == 0
        assert found(asked, "D-19", date(2025, 1, 28), today=date(2025, 1, 29)) == 1  # as the day began

    @pytest.mark.parametrize(
        ("code", "placed", "due"),
        [
            ("U4", date(2024, 10, 1), date(2025, 2, 17)),  # the first year: six weeks from Monday 6 January
            ("U4", date(2023, 5, 1), date(2025, 4, 6)),  # to last until 18: three months
            ("U6", date(2023, 5, 1), date(2025, 2, 17)),  # not to last: six weeks still
            (None, None, date(2025, 2, 17)),  # nobody knows where and since when: the stricter of the two
        ],
    )
    def test_from_visit_to_visit(self, asked, code, placed, due):
        ref = asked.open_child(placement_code=code, placement_since=placed)
        asked.do("record_visit", START, "sol.sw", ref=ref)
        assert around(asked, "D-19", due) == (0, 1)

    def test_since_when_it_is_overdue_is_the_day_by_which_the_visit_was_due(self, asked):
        ref = asked.open_child(placement_since=date(2024, 10, 1), last_visit_on=START)
        the_night(asked, date(2025, 2, 20))
        (line,) = [one for one in standing(asked, on=date(2025, 2, 20)) if one.rule == "D-19"]
        assert (line.ref, line.since) == (ref, date(2025, 2, 17))

    def test_where_no_visit_is_known_it_cannot_be_told_and_is_one_line_with_a_number(self, asked):
        for _ in range(3):
            asked.open_child()
        assert found(asked, "D-19", date(2025, 3, 14)) == 0
        assert cannot_tell(asked, "D-19", date(2025, 3, 14)) == 3

    def test_no_plan_by_the_second_review(self, asked):
        """In care since Monday 6 January: first review by Monday 3 February, second by 3 May."""
        asked.open_child(looked_after_since=date(2025, 1, 6), permanence_plan=None)
        assert around(asked, "D-29", date(2025, 5, 3)) == (0, 1)


class TestNobodysTask:
    """An open task whose post nobody at work holds."""

    def test_is_found_when_the_worker_leaves_and_nobody_is_named(self, child_at):
        """(reliability C24)"""
        world, ref = child_at("TRAJECTORY")
        role = "child's social worker"
        world.do("allocate", date(2025, 1, 28), "rowan.tm", ref=ref, role=role, person=None)
        assert around(world, "D-36", date(2025, 1, 27)) == (0, 1)
        world.do("allocate", date(2025, 1, 29), "rowan.tm", ref=ref, role=role, person="nell.sw")
        assert found(world, "D-36", date(2025, 1, 29)) == 0

    def test_is_found_when_the_account_of_the_worker_is_closed(self, child_at):
        world, _ = child_at("TRAJECTORY")
        assert found(world, "D-36", date(2025, 1, 28)) == 0
        with world.office.unit_of_work() as session:
            disable_person(session, who="sol.sw", now=noon(date(2025, 1, 28)))
        assert found(world, "D-36", date(2025, 1, 29)) == 1

    def test_a_child_without_a_team_is_counted_and_not_found(self, world):
        for _ in range(2):
            world.open_child(team=None)
        assert found(world, "D-36", date(2025, 1, 8)) == 0
        assert cannot_tell(world, "D-36", date(2025, 1, 8)) == 2


class TestEnteredLate:
    """A decision is written down within five working days (R-SM-3)."""

    def test_is_found_from_the_sixth_working_day_on(self, child_at):
        """Taken on Thursday 9 January: Thursday the 16th is in time, Friday the 17th is not."""
        for entered, late in ((date(2025, 1, 16), 0), (date(2025, 1, 17), 1)):
            world, ref = child_at("COHORT")
            world.do(
                "rate", date(2025, 1, 9), "rowan.tm", ref=ref, today=entered,
                late_reason="Away." if late else None,
            )  # fmt: skip
            assert found(world, "D-37", entered) == late

    def test_is_shown_for_a_week(self, child_at):
        world, ref = child_at("COHORT")
        world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref, today=date(2025, 1, 17), late_reason="Away.")
        assert (found(world, "D-37", date(2025, 1, 23)), found(world, "D-37", date(2025, 1, 24))) == (1, 0)


class TestPastItsDate:
    """A value of the policy holds until the last day it was given for."""

    def test_is_found_on_the_day_after(self, world):
        policy = leicestershire()
        origin = policy.night.origin["quiet_case_days"]
        until = type(origin)(
            mark=origin.mark, source=origin.source, from_date=origin.from_date, until=date(2025, 4, 5)
        )
        night = policy.night.model_copy(update={"origin": type(policy.night.origin)(
            {**policy.night.origin, "quiet_case_days": until}
        )})  # fmt: skip
        adopt(world, policy.model_copy(update={"night": night}))
        assert around(world, "D-40", date(2025, 4, 5)) == (0, 1)
