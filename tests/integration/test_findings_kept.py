"""Who answers for a finding, how it goes up, what was inherited, and past nights told again: on both databases.

The children join on Monday 6 January 2025 and are to be rated by Monday 3 February; the night of Tuesday the 4th
finds them.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework import policies
from casework.acting import opening
from casework.drift import acknowledging, history
from casework.drift.findings import FindingLine
from casework.drift.rules import RULES
from casework.drift.telling import due_to_tell
from casework.errors import NotFound, Refused, Unusable
from demo.papers import paper
from persistence.tables import Acknowledgement, BacklogRelease, Case, FindingChange, FindingRung, Outbox, new_id
from tests.integration.test_night_rules import defer
from tests.nights import left, standing, the_night
from tests.rows import rows_of
from tests.world import POLICY, START, TEAM, World, leicestershire, noon

DAY = timedelta(days=1)
LATE = date(2025, 2, 4)
OFF = tuple(rule for rule in RULES if rule not in ("D-01", "D-04", "D-17"))


def adopt(world: World, **night: object) -> None:
    """Leicestershire's policy with other values for the night."""
    policy = leicestershire()
    changed = policy.model_copy(update={"night": policy.night.model_copy(update=night)})
    with world.office.unit_of_work() as session:
        policies.adopt(session, changed, file_name=POLICY.name, from_on=START, by=None, now=noon(START))


@pytest.fixture
def world(world: World) -> World:
    """Only first ratings and return dates are asked for: what else a quiet child has is not at issue here."""
    adopt(world, off=OFF)
    return world


def answer(world: World, finding: str, who: str, *, on: date = LATE, until: date, reason: str = "Rating on Monday."):
    with world.office.unit_of_work() as session:
        return acknowledging.acknowledge(
            session, finding, by=world.ids[who], reason=reason, until=until, today=on, now=noon(on)
        )


def told(world: World, on: date) -> set[tuple[str, str]]:
    """(who, why) of everything told on a date."""
    handles = {person_id: handle for handle, person_id in world.ids.items()}
    with world.office.reading() as session:
        return {(handles[who], why) for part in due_to_tell(session, on) for one in part for who, why in one.people}


def only(world: World, on: date, who: str = "rowan.tm") -> FindingLine:
    (line,) = standing(world, who, on=on)
    return line


# -- I'm dealing with it --------------------------------------------------------------------------------------


class TestAnswering:
    @pytest.fixture
    def finding(self, world) -> str:
        world.open_child()
        the_night(world, LATE)
        return only(world, LATE).id

    def test_nobody_is_told_until_the_date_has_passed(self, world, finding):
        answer(world, finding, "rowan.tm", until=date(2025, 2, 10))
        assert told(world, LATE) == set()
        assert told(world, date(2025, 2, 10)) == set()
        assert told(world, date(2025, 2, 11)) == {("rowan.tm", "Team Manager")}

    def test_it_is_back_when_the_date_has_passed_and_it_still_stands(self, world, finding):
        answer(world, finding, "rowan.tm", until=date(2025, 2, 10))
        on_the_day, after = only(world, date(2025, 2, 10)), only(world, date(2025, 2, 11))
        assert on_the_day.dealing is not None
        assert (on_the_day.dealing.person, on_the_day.back) == ("rowan.tm", False)
        assert (after.dealing, after.back) == (None, True)

    def test_it_may_be_named_by_child_and_rule(self, world, finding):
        ref = only(world, LATE).ref
        answer(world, f"{ref}:D-01", "rowan.tm", until=date(2025, 2, 10))
        assert only(world, LATE).dealing is not None
        with pytest.raises(NotFound):
            answer(world, f"{ref}:D-04", "rowan.tm", until=date(2025, 2, 10))

    def test_every_answer_is_kept_with_who_and_when(self, world, finding):
        answer(world, finding, "rowan.tm", until=date(2025, 2, 10))
        answer(world, finding, "sol.sw", on=date(2025, 2, 12), until=date(2025, 2, 20), reason="Carers were ill.")
        with world.office.reading() as session:
            said = acknowledging.answers(session, [finding])[finding]
        assert [(one.person, one.role, one.reason, one.from_on) for one in said] == [
            ("rowan.tm", "Team Manager", "Rating on Monday.", LATE),
            ("sol.sw", "child's social worker", "Carers were ill.", date(2025, 2, 12)),
        ]

    @pytest.mark.parametrize("who", ["sol.sw", "oda.iro", "tam.sgo", "hana.hos"])
    def test_somebody_allocated_and_a_manager_may(self, world, finding, who):
        assert answer(world, finding, who, until=date(2025, 2, 10)).person == who

    @pytest.mark.parametrize("who", ["lex.legal", "ava.auditor"])
    def test_somebody_who_only_reads_may_not(self, world, finding, who):
        with pytest.raises(Refused, match="allocated to the child, a manager"):
            answer(world, finding, who, until=date(2025, 2, 10))
        assert rows_of(world, Acknowledgement) == []

    @pytest.mark.parametrize("who", ["imara.tm", "nell.sw"])
    def test_for_who_may_not_open_the_child_there_is_no_such_finding(self, world, finding, who):
        with pytest.raises(NotFound):
            answer(world, finding, who, until=date(2025, 2, 10))

    def test_a_reason_and_a_date_to_come_are_asked_for_at_once(self, world, finding):
        with pytest.raises(Refused) as refused:
            answer(world, finding, "rowan.tm", until=LATE, reason="  ")
        assert [unmet.field for unmet in refused.value.reasons] == ["reason", "until"]

    @pytest.mark.parametrize(("days", "rests"), [(42, True), (43, False)])
    def test_it_rests_for_as_long_as_the_policy_lets_it_and_no_longer(self, world, finding, days, rests):
        if rests:
            assert answer(world, finding, "rowan.tm", until=LATE + days * DAY).person == "rowan.tm"
            return
        with pytest.raises(Refused, match="At most 42 days ahead"):
            answer(world, finding, "rowan.tm", until=LATE + days * DAY)

    def test_what_has_ended_needs_no_answer(self, world, finding):
        world.do("rate", LATE, "rowan.tm", ref=only(world, LATE).ref)
        the_night(world, LATE + DAY)
        with pytest.raises(Unusable, match="ended by itself"):
            answer(world, finding, "rowan.tm", on=LATE + DAY, until=date(2025, 2, 10))


# -- the ladder -----------------------------------------------------------------------------------------------


def went_up(world: World, *nights: date) -> dict[str, date]:
    """The steps that the only finding had reached after these nights."""
    for night in nights:
        the_night(world, night)
    return {row.rung: row.reached_on for row in rows_of(world, FindingRung)}


class TestGoingUp:
    """Owner at once, Team Manager after 10 working days, beyond only what is urgent: 20 and 30 (PN-2)."""

    def test_what_is_not_urgent_stops_at_the_team_manager(self, world):
        """Found on Tuesday 4 February: ten working days later is Tuesday the 18th, thirty Tuesday 18 March."""
        world.open_child()
        assert went_up(world, LATE, date(2025, 2, 17)) == {}
        assert went_up(world, date(2025, 2, 18)) == {"Team Manager": date(2025, 2, 18)}
        assert went_up(world, date(2025, 3, 18), date(2025, 4, 30)) == {"Team Manager": date(2025, 2, 18)}

    def test_what_is_urgent_goes_on_to_the_assistant_director(self, world):
        """Found on Friday 21 February: the 10th working day is 7 March, the 20th 21 March, the 30th 4 April."""
        ref = world.child_at("REVIEW_GROUP")
        defer(world, ref, return_on=date(2025, 2, 20))
        the_night(world, date(2025, 2, 21))
        urgent = next(f.id for f in standing(world, on=date(2025, 2, 21)) if f.rule == "D-04")
        for night in (date(2025, 3, 6), date(2025, 3, 7), date(2025, 3, 20), date(2025, 3, 21), date(2025, 4, 3)):
            the_night(world, night)
        assert {r.rung: r.reached_on for r in rows_of(world, FindingRung, finding_id=urgent)} == {
            "Team Manager": date(2025, 3, 7),
            "Head of Service": date(2025, 3, 21),
        }
        report = the_night(world, date(2025, 4, 4))
        assert report.escalated >= 1
        assert ("abel.ad", "Assistant Director") in told(world, date(2025, 4, 4))

    def test_each_step_is_reached_once_however_often_the_night_is_run(self, world):
        world.open_child()
        went_up(world, LATE, date(2025, 2, 18))
        before = left(world)
        assert the_night(world, date(2025, 2, 18)).before
        assert left(world) == before
        assert the_night(world, date(2025, 2, 19)).escalated == 0

    def test_it_waits_while_somebody_is_dealing_with_it(self, world):
        world.open_child()
        the_night(world, LATE)
        answer(world, only(world, LATE).id, "rowan.tm", until=date(2025, 2, 24))
        assert went_up(world, date(2025, 2, 18), date(2025, 2, 24)) == {}
        assert went_up(world, date(2025, 2, 25)) == {"Team Manager": date(2025, 2, 25)}


# -- inherited ------------------------------------------------------------------------------------------------


def mails(world: World) -> set[int | None]:
    """The children about whose missed deadlines somebody has a mail."""
    with world.office.reading() as session:
        late = select(Outbox.case_id).where(Outbox.occasion.startswith("rung:"), Outbox.occasion.contains("+"))
        return set(session.scalars(late))


class TestInherited:
    """Five children who were to be rated by 3 February; the authority goes live on 10 February, two a month."""

    LIVE = date(2025, 2, 10)

    @pytest.fixture
    def backlog(self, world) -> World:
        adopt(world, off=OFF, go_live=self.LIVE, backlog_per_month=2)
        records = [
            paper("open_case", on=START, council_id=f"B{n}", team=TEAM, eligible_on=START - 7 * n * DAY)
            for n in range(5)
        ]
        with world.office.unit_of_work() as session:
            opening.open_many(session, records, bulk_id=new_id(), by=world.actor("rowan.tm"), now=noon(START))
        return world

    def released(self, world: World) -> list[tuple[date, int]]:
        return sorted((row.released_on, row.case_id) for row in rows_of(world, BacklogRelease))

    def test_nothing_is_told_or_goes_up_before_it_is_released(self, backlog):
        the_night(backlog, date(2025, 2, 9))
        assert told(backlog, date(2025, 2, 9)) == set()
        assert all(f.inherited for f in standing(backlog, on=date(2025, 2, 9), rule="D-01"))

    def test_no_mail_is_sent_about_a_deadline_that_was_missed_before(self, backlog):
        """Ten working days after 3 February, on the 17th, a Head of Service hears of a late rating; not of these."""
        the_night(backlog, date(2025, 2, 3))
        before = mails(backlog)
        the_night(backlog, date(2025, 2, 17))
        assert mails(backlog) == before
        ref = backlog.open_child(date(2025, 1, 13))  # to be rated by Monday 10 February: not inherited
        the_night(backlog, date(2025, 2, 24))
        with backlog.office.reading() as session:
            case_id = session.scalar(select(Case.id).where(Case.ref == ref))
        assert mails(backlog) - before == {case_id}

    def test_a_set_number_of_children_is_released_each_month_the_oldest_lateness_first(self, backlog):
        nights = [self.LIVE, self.LIVE + DAY, date(2025, 3, 9), date(2025, 3, 10), date(2025, 4, 10)]
        for night in nights:
            the_night(backlog, night)
        released = self.released(backlog)
        assert [on for on, _ in released] == [
            self.LIVE, self.LIVE, date(2025, 3, 10), date(2025, 3, 10), date(2025, 4, 10),
        ]  # fmt: skip
        oldest_first = [f.ref for f in sorted(standing(backlog, on=nights[-1], rule="D-01"), key=lambda f: f.since)]
        by_release = [f.ref for f in sorted(standing(backlog, on=nights[-1], rule="D-01"), key=lambda f: f.released_on)]
        assert set(oldest_first[:2]) == set(by_release[:2])

    def test_what_is_released_is_told_and_goes_up_from_then(self, backlog):
        """Released with the night of Monday 10 February: ten working days later is Monday the 24th."""
        the_night(backlog, self.LIVE)
        assert told(backlog, self.LIVE) == {("rowan.tm", "Team Manager")}
        the_night(backlog, date(2025, 2, 21))
        assert rows_of(backlog, FindingRung) == []
        assert the_night(backlog, date(2025, 2, 24)).escalated == 2

    def test_what_lapses_after_going_live_is_told_at_once(self, backlog):
        ref = backlog.open_child(date(2025, 1, 13))  # to be rated by Monday 10 February
        the_night(backlog, date(2025, 2, 11))
        (line,) = standing(backlog, on=date(2025, 2, 11), ref=ref)
        assert not line.inherited


# -- past nights ----------------------------------------------------------------------------------------------


class TestPastNights:
    """Three children late on 4 February; one is rated that day and taken back on the 6th, one rated on the 7th."""

    @pytest.fixture
    def nights(self, world) -> list[str]:
        refs = sorted(world.open_child() for _ in range(3))
        the_night(world, LATE)
        world.do("rate", LATE, "rowan.tm", ref=refs[0])
        the_night(world, LATE + DAY)
        world.do("reverse_last", LATE + 2 * DAY, "rowan.tm", ref=refs[0])
        the_night(world, LATE + 2 * DAY)
        world.do("rate", LATE + 3 * DAY, "rowan.tm", ref=refs[1])
        the_night(world, LATE + 4 * DAY)
        return refs

    def found(self, world: World, on: date, today: date = LATE + 9 * DAY):
        with world.office.reading() as session:
            return history.found_on(session, on, by=world.ids["tam.sgo"], today=today)

    def test_each_is_told_as_it_was_written_down_even_what_came_and_went(self, world, nights):
        a, b, c = nights
        seen = {n: [f.ref for f in self.found(world, LATE + n * DAY).findings] for n in (0, 1, 2, 4)}
        assert seen == {0: [a, b, c], 1: [b, c], 2: [a, b, c], 4: [a, c]}
        assert self.found(world, LATE).kept

    def test_a_date_without_a_night_is_looked_at_again_and_says_so(self, world, nights):
        again = self.found(world, LATE + 3 * DAY)
        assert not again.kept
        assert [f.ref for f in again.findings] == nights

    def test_two_nights_are_compared(self, world, nights):
        a, b, c = nights
        with world.office.reading() as session:
            seen = history.compare(session, LATE + 4 * DAY, LATE + DAY, by=world.ids["tam.sgo"], today=LATE + 9 * DAY)
        assert (seen.earlier, seen.later) == (LATE + DAY, LATE + 4 * DAY)
        assert [[f.ref for f in group] for group in (seen.new, seen.cleared, seen.escalated, seen.same)] == [
            [a], [b], [], [c],
        ]  # fmt: skip

    def test_the_trend_counts_each_night_and_each_week(self, world, nights):
        with world.office.reading() as session:
            who = {"by": world.ids["tam.sgo"], "today": LATE + 9 * DAY, "since": LATE}
            nightly = history.trend(session, **who)
            weekly = history.trend(session, **who, weekly=True)
        assert [(s.findings, s.new, s.cleared) for s in nightly] == [
            ({"D-01": 3}, 3, 0), ({"D-01": 2}, 0, 1), ({"D-01": 3}, 1, 0), ({"D-01": 2}, 0, 1),
        ]  # fmt: skip
        assert [(s.on, s.findings, s.new, s.cleared) for s in weekly] == [(LATE + 4 * DAY, {"D-01": 2}, 4, 2)]

    def test_a_restricted_child_is_in_no_number_of_others(self, world, nights):
        people = [{"person": "rowan.tm"}, {"person": "hana.hos"}]
        world.do("restrict", LATE + 5 * DAY, "rowan.tm", ref=nights[0], people=people)
        assert [f.ref for f in self.found(world, LATE).findings] == nights[1:]
        with world.office.reading() as session:
            stands = history.trend(session, by=world.ids["tam.sgo"], today=LATE + 9 * DAY, since=LATE)
        assert stands[0].findings == {"D-01": 2}

    def test_every_change_is_appended_and_nothing_else(self, world, nights):
        assert [row.what for row in sorted(rows_of(world, FindingChange), key=lambda r: r.business_date)] == [
            *["found"] * 3, "cleared", "found again", "cleared",
        ]  # fmt: skip


def test_what_cannot_be_told_is_one_line_with_a_number(world):
    for _ in range(3):
        ref = world.open_child(date_of_birth=None)
        world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref)
    with world.office.reading() as session:
        lines = history.cannot_tell(session, by=world.ids["tam.sgo"], today=LATE)
    assert [(one.rule, one.children, one.not_known) for one in lines] == [("D-17", 3, "when they were born")]


def test_an_answer_to_what_was_late_does_not_silence_what_has_become_urgent(world):
    """Ratified on 4 March: past twelve weeks it is answered for until 30 June, past sixteen it is the Head's, too."""
    adopt(world, off=tuple(rule for rule in OFF if rule != "D-11"))
    world.child_at("ASSESSMENT")
    target, ceiling = date(2025, 5, 28), date(2025, 6, 25)
    the_night(world, target)
    line = next(one for one in standing(world, on=target) if one.rule == "D-11")
    answer(world, line.id, "rowan.tm", on=target, until=date(2025, 6, 30))
    the_night(world, ceiling - DAY)
    assert ("hana.hos", "Head of Service") not in told(world, ceiling - DAY)

    the_night(world, ceiling)
    assert ("hana.hos", "Head of Service") in told(world, ceiling)
    now = next(one for one in standing(world, on=ceiling) if one.rule == "D-11")
    assert (now.dealing, now.back) == (None, True)
