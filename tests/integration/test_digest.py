"""One digest a day for each person: who reads what, on which day, and that nothing is lost or said twice.

The days are those of January 2025: Monday 6 January is the first; Monday 6 January 2025 to Friday 10 January is the
first week. Who is told what is worked out from rules 8, practice PT-19 and design 5.12.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from casework.digest import building, reading
from casework.errors import Refused
from casework.following.health import health, heartbeat
from casework.overnight.night import digests_due, run_due_nights
from casework.who import people
from persistence.tables import Case, Digest, DigestDay, DigestLine, Outbox
from states.vocabulary import Role
from tests.digests import Read, morning, night_and_morning, read_on, sent_at, text_to, to, told_of
from tests.nights import at_night, the_night
from tests.world import START, TEAM, World, noon

pytestmark = pytest.mark.one_database

MON, TUE, WED, THU, FRI = (START + timedelta(days=n) for n in range(5))
NEXT_MON = START + timedelta(days=7)


def give(world: World, ref: str, role: str, person: str, on: date) -> None:
    world.do("allocate", on, "rowan.tm", ref=ref, role=role, person=person)


def cover(world: World, absent: str, covering: str, first: date, last: date) -> None:
    with world.office.unit_of_work() as session:
        people.add_cover(
            session,
            absent=people.find_person(session, absent),
            covering=people.find_person(session, covering),
            from_on=first,
            until_on=last,
            reason="leave",
            recorded_by=None,
            now=noon(first),
        )


def rated(world: World, on: date = THU, **child: str) -> str:
    """A child with worker, IRO and supervising worker who is rated on a day: RATED goes to the two workers."""
    ref = world.open_child()
    world.do("rate", on, "rowan.tm", ref=ref, **child)
    return ref


# -- a day's digest ---------------------------------------------------------------------------------------


def test_what_happened_is_in_the_next_mornings_digest_and_in_no_other(world):
    before = night_and_morning(world, THU)
    rated(world)  # at noon
    friday = night_and_morning(world, FRI)
    monday = night_and_morning(world, NEXT_MON)

    assert Read("RATED", Role.CHILDS_WORKER) in read_on(world, FRI)["sol.sw"]
    assert Read("RATED", Role.SUPERVISING_WORKER) in read_on(world, FRI)["bay.ssw"]
    for day in (THU, NEXT_MON):
        assert [line for lines in read_on(world, day).values() for line in lines if line.what == "RATED"] == []
    assert {to(mails)["sol.sw"] for mails in (before, friday, monday)} == {1}
    assert "A child has been rated" in text_to(friday, "sol.sw")
    assert "Because you are the child's social worker." in text_to(friday, "sol.sw")


def test_on_a_day_without_lines_nothing_due_is_said(world):
    mails = night_and_morning(world, MON)

    assert to(mails)["wren.chair"] == 1
    assert "Nothing is due" in text_to(mails, "wren.chair")
    assert to(mails)["amy.administrator"] == 0  # has no children to do with, and nothing failed


def test_a_person_with_several_roles_gets_one_digest_with_one_line(world):
    # sage.safeguarding is a member of the group and the safeguarding lead
    mails = night_and_morning(world, MON)

    assert to(mails)["sage.safeguarding"] == 1


def test_digests_leave_at_the_policys_time_and_not_in_the_night(world):
    rated(world)
    the_night(world, FRI)

    assert sent_at(world, morning(FRI, 7, 29)) == []
    assert to(sent_at(world, morning(FRI, 7, 30)))["sol.sw"] == 1
    assert sent_at(world, morning(FRI, 9)) == []


def test_nobody_gets_one_on_a_weekend_or_a_bank_holiday(world):
    saturday, good_friday = date(2025, 1, 11), date(2025, 4, 18)

    assert night_and_morning(world, saturday) == []
    assert night_and_morning(world, good_friday) == []
    assert read_on(world, good_friday) == {}


def test_a_task_that_is_done_before_the_digest_goes_is_not_asked_for(world):
    """A new child is to be rated by the Team Manager, who does it the same day (practice PT-18)."""
    ref = world.do(
        "open_case", THU, "hana.hos", council_id="771", team=TEAM, given_names="Testy", family_name="McCanary"
    ).ref
    assert told_of(world, ref, "NT-01")["rowan.tm"] == "for the digest"
    world.do("rate", THU, "rowan.tm", ref=ref)
    the_night(world, FRI)

    assert told_of(world, ref, "NT-01")["rowan.tm"] == "suppressed"
    assert [line for line in read_on(world, FRI)["rowan.tm"] if "NT-01" in line.what] == []


def test_a_decision_recorded_in_somebodys_name_does_not_wait(world):
    """practice PR-2: who decided is asked at once; the child's workers read it in their digests."""
    ref = world.open_child()
    world.do("rate", THU, "sol.sw", ref=ref, decided_by="rowan.tm")
    mails = sent_at(world, noon(THU) + timedelta(minutes=5))

    assert to(mails) == {"rowan.tm": 1}
    assert told_of(world, ref, "RATED")["bay.ssw"] == "for the digest"


def test_what_cannot_wait_goes_before_the_digests(world):
    ref = world.open_child()
    the_night(world, FRI)
    world.do("flag_safeguarding", FRI, "sol.sw", ref=ref)
    mails = sent_at(world, noon(FRI))

    # NT-32: the Team Manager, the safeguarding lead and the IRO (nobody is the assessment worker yet)
    assert len(mails) > 20
    assert {mail.to_address.partition("@")[0] for mail in mails[:3]} == {"rowan.tm", "sage.safeguarding", "oda.iro"}


def test_a_line_can_be_found_by_its_reference_where_there_are_no_pages(world):
    ref = rated(world)
    text = text_to(night_and_morning(world, FRI), "sol.sw")

    assert ref in text
    assert "sgo case show" in text
    assert "http" not in text


def test_what_is_late_comes_first_and_what_stays_late_is_not_said_again_as_new(world):
    """The first rating is due on Monday 3 February; NT-02 at -10 working days, NT-02-LATE at +10: 17 February.

    D-01 finds it on the night of 4 February, and is told again a week later (rules 10). Looked at are the days on
    which something is said, and those before and after.
    """
    ref = world.open_child()
    told = {}
    for month, number in ((1, 17), (1, 20), (1, 21), (2, 3), (2, 4), (2, 5), (2, 10), (2, 11), (2, 17)):
        day = date(2025, month, number)
        night_and_morning(world, day)
        lines = [line.what for line in read_on(world, day).get("rowan.tm", [])]
        if lines:
            told[day] = lines

    assert told[date(2025, 1, 20)] == ["NT-02"]
    assert told[date(2025, 2, 4)] == ["D-01"]
    assert told[date(2025, 2, 11)] == ["D-01"]
    assert "NT-02-LATE" in told[date(2025, 2, 17)]
    assert told.keys().isdisjoint({date(2025, 1, 17), date(2025, 1, 21), date(2025, 2, 3), date(2025, 2, 5)})
    with world.office.reading() as session:
        seen = reading.show(
            session,
            world.office.settings,
            by=world.ids["rowan.tm"],
            of=None,
            on=date(2025, 2, 5),
            today=date(2025, 2, 5),
        )
    assert "Nothing new" in seen.words
    assert seen.still_open == (ref,)


def not_rated(world: World) -> str:
    """A child whose first rating is due on Monday 3 February, and of whom something was written that day."""
    ref = world.open_child()
    world.do("set_latest_position", date(2025, 2, 3), "rowan.tm", ref=ref)
    return ref


def test_a_task_and_what_was_found_in_its_matter_are_one_line_that_says_both(world):
    """One alert for a rule and a child (rules 10): a rating that is late is a task of NT-02 and a finding of D-01.

    NT-02-LATE comes ten working days after the 3rd, on the 17th, the first night that is looked at here.
    """
    ref = not_rated(world)
    text = " ".join(text_to(night_and_morning(world, date(2025, 2, 17)), "rowan.tm").split())

    assert {"D-01", "NT-02-LATE"} <= {line.what for line in read_on(world, date(2025, 2, 17))["rowan.tm"]}
    assert text.count(ref) == 1
    assert "Late: Not rated, and the first rating is overdue – a " in text
    assert "– a rating is late" in text
    assert "it was to be done by Monday 3 February 2025" in text
    assert "1 waits on you, 1 late or urgent" in text
    assert text_to(night_and_morning(world, date(2025, 2, 18)), "rowan.tm").count(ref) == 1  # it is still open
    again = text_to(night_and_morning(world, date(2025, 2, 24)), "rowan.tm")  # found, and told again after a week
    assert "Not rated" in again
    assert again.count(ref) == 1


def test_a_task_that_follows_what_was_found_names_the_child_once(world):
    """D-01 is told on Tuesday the 11th and again on the 18th; the task comes on the 17th."""
    ref = not_rated(world)
    night_and_morning(world, date(2025, 2, 11))
    text = text_to(night_and_morning(world, date(2025, 2, 17)), "rowan.tm")

    assert "D-01" not in {line.what for line in read_on(world, date(2025, 2, 17))["rowan.tm"]}
    assert "Late: A rating is late" in text
    assert text.count(ref) == 1


def test_what_is_about_another_matter_stays_a_line_of_its_own(world):
    """Nothing of the child for thirty days (D-35) is not that the rating is late (D-01, NT-02-LATE)."""
    ref = world.open_child()
    text = text_to(night_and_morning(world, date(2025, 2, 17)), "rowan.tm")

    assert "2 wait on you" in text
    assert text.count(ref) == 2


# -- journeys: who is told what on which day ----------------------------------------------------------------


def test_who_works_monday_to_wednesday_reads_thursdays_line_on_monday(world):
    ref = world.open_child()
    give(world, ref, "child's social worker", "nell.sw", TUE)
    world.do("rate", THU, "rowan.tm", ref=ref)
    friday, monday = night_and_morning(world, FRI), night_and_morning(world, NEXT_MON)

    assert to(friday)["nell.sw"] == 0
    assert Read("RATED", Role.SUPERVISING_WORKER) in read_on(world, FRI)["bay.ssw"]
    assert to(monday)["nell.sw"] == 1
    assert Read("RATED", Role.CHILDS_WORKER) in read_on(world, NEXT_MON)["nell.sw"]


def test_what_is_urgent_reaches_the_team_manager_while_its_reader_is_not_at_work(world):
    """An order made on a Thursday: nell.sw, Monday to Wednesday, has it in the mailbox, the Team Manager on the
    day; on a Tuesday the worker alone is told (NT-22 is not for Team Managers)."""
    for on, also in ((THU + timedelta(days=273), 1), (TUE + timedelta(days=273), 0)):
        ref = world.child_at("IN_COURT")
        give(world, ref, "child's social worker", "nell.sw", date(2025, 9, 1))
        sent_at(world, noon(on - timedelta(days=1)))
        world.do("order_made", on, "lex.legal", ref=ref)
        mails = sent_at(world, noon(on) + timedelta(minutes=5))

        assert (to(mails)["nell.sw"], to(mails)["rowan.tm"]) == (1, also), on
        if also:
            assert "a colleague it is for is not at work" in text_to(mails, "rowan.tm")


def test_a_leavers_lines_go_to_who_took_over_or_to_the_team_manager(world):
    taken_over, left_alone = rated(world), rated(world)
    give(world, taken_over, "child's social worker", "nell.sw", THU)  # who works Monday to Wednesday
    with world.office.unit_of_work() as session:
        people.disable_person(session, who="sol.sw", now=noon(THU))
    mails = night_and_morning(world, FRI)
    night_and_morning(world, NEXT_MON)

    assert to(mails)["sol.sw"] == 0
    assert "sol.sw" not in read_on(world, FRI)
    assert Read("RATED", Role.TEAM_MANAGER) in read_on(world, FRI)["rowan.tm"]
    assert Read("RATED", Role.CHILDS_WORKER) in read_on(world, NEXT_MON)["nell.sw"]
    assert told_of(world, left_alone, "RATED") == {
        "sol.sw": "suppressed",
        "bay.ssw": "sent",
        "rowan.tm": "sent",
    }
    assert told_of(world, taken_over, "RATED") == {"sol.sw": "suppressed", "bay.ssw": "sent", "nell.sw": "sent"}


def test_a_manager_who_covers_another_gets_theirs_marked_so(world):
    """The first warning that a rating is due comes on Monday 20 January, while rowan.tm is away."""
    world.open_child()
    monday = date(2025, 1, 20)
    cover(world, "rowan.tm", "imara.tm", monday, monday + timedelta(days=1))
    mails = night_and_morning(world, monday)
    after = night_and_morning(world, monday + timedelta(days=2))

    assert read_on(world, monday)["imara.tm"] == [Read("NT-02", Role.TEAM_MANAGER, behalf_of="rowan.tm")]
    assert "for a colleague you are covering" in text_to(mails, "imara.tm")
    assert to(mails)["rowan.tm"] == 0  # away and covered: nobody reads an empty digest
    assert "Nothing" in text_to(after, "rowan.tm")


def test_who_has_no_address_reads_the_digest_on_the_screen(world):
    rated(world)
    with world.office.unit_of_work() as session:
        people.find_person(session, "sol.sw").email = None
    mails = night_and_morning(world, FRI)

    assert to(mails)["sol.sw"] == 0
    with world.office.reading() as session:
        settings = world.office.settings
        seen = reading.show(session, settings, by=world.ids["sol.sw"], of=None, on=FRI, today=FRI)
    assert (seen.status, [line.words for line in seen.lines]) == ("suppressed", ["A child has been rated"])


# -- asked again in the moment it is sent (R12) ---------------------------------------------------------------


def test_a_line_is_not_said_to_who_may_no_longer_open_the_child(world):
    ref = rated(world)
    the_night(world, FRI)
    world.do("restrict", FRI, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}])
    mails = sent_at(world, morning(FRI))

    assert ref not in text_to(mails, "sol.sw")
    assert "Nothing is due" in text_to(mails, "sol.sw")
    assert [line.left_out for line in read_on(world, FRI)["sol.sw"]] == ["no longer entitled to this child"]
    assert told_of(world, ref, "RATED")["sol.sw"] == "suppressed"


def test_a_step_taken_back_before_the_morning_is_not_told(world):
    ref = rated(world)
    the_night(world, FRI)
    world.do("reverse_last", FRI, "rowan.tm", ref=ref, today=FRI)
    mails = sent_at(world, morning(FRI, 13))

    assert "A child has been rated" not in text_to(mails, "sol.sw")
    assert told_of(world, ref, "RATED")["sol.sw"] == "withdrawn"
    assert told_of(world, ref, "REVERSED") == {}


def test_cover_that_begins_in_the_morning_takes_the_lines_to_the_next_digest(world):
    rated(world)
    the_night(world, FRI)
    cover(world, "sol.sw", "ida.saw", FRI, NEXT_MON)
    friday = sent_at(world, morning(FRI))
    night_and_morning(world, NEXT_MON)

    assert "A child has been rated" not in text_to(friday, "sol.sw")
    assert Read("RATED", Role.CHILDS_WORKER, behalf_of="sol.sw") in read_on(world, NEXT_MON)["ida.saw"]


# -- once, whatever happens -----------------------------------------------------------------------------------


def count(world: World) -> tuple[int, ...]:
    with world.office.reading() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Digest, DigestLine, DigestDay, Outbox)
        )


def test_the_same_night_twice_makes_nothing_again(world):
    rated(world)
    first = the_night(world, FRI)
    there = count(world)
    again = the_night(world, FRI, now=at_night(FRI, 6))

    assert first.digests > 20
    assert again.digests == 0
    assert count(world) == there


def test_fourteen_missed_nights_end_in_one_digest(world):
    rated(world)
    the_night(world, FRI)
    sent_at(world, morning(FRI))
    back = FRI + timedelta(days=20)  # Thursday 30 January
    reports = run_due_nights(world.office, now=at_night(back, 9))
    mails = sent_at(world, at_night(back, 9))

    assert len(reports) == 14
    assert [report.digests > 0 for report in reports] == [False] * 13 + [True]
    assert to(mails)["rowan.tm"] == 1
    with world.office.reading() as session:
        days = set(session.scalars(select(Digest.for_day)))
    assert days == {FRI, back}


def test_a_past_date_and_a_clock_set_back_make_no_digest(world):
    the_night(world, FRI)
    there = count(world)
    the_night(world, THU, now=at_night(FRI, 8))  # a replay
    run_due_nights(world.office, now=at_night(THU, 8))  # the clock is a day back

    assert count(world) == there


def test_whoever_is_stopped_in_the_middle_leaves_whole_digests_and_the_next_makes_the_rest(world, monkeypatch):
    rated(world)
    made = building._make
    done = []

    def stopped(session, **given):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(given["person_id"])
        return made(session, **given)

    monkeypatch.setattr(building, "_make", stopped)
    with pytest.raises(KeyboardInterrupt):
        the_night(world, FRI)
    monkeypatch.setattr(building, "_make", made)
    half = count(world)
    assert half[0] == 3
    assert digests_due(world.office, at_night(FRI, 3))

    run_due_nights(world.office, now=at_night(FRI, 3))
    mails = sent_at(world, morning(FRI))

    assert not digests_due(world.office, at_night(FRI, 4))
    assert set(to(mails).values()) == {1}
    assert Read("RATED", Role.CHILDS_WORKER) in read_on(world, FRI)["sol.sw"]


def test_one_digest_that_cannot_be_made_stops_no_other_and_is_tried_again(world, monkeypatch):
    rated(world)
    made = building._make

    def poisoned(session, **given):
        if given["person_id"] == world.ids["sol.sw"]:
            raise ValueError("a drill")
        return made(session, **given)

    monkeypatch.setattr(building, "_make", poisoned)
    the_night(world, FRI)
    monkeypatch.setattr(building, "_make", made)
    assert "sol.sw" not in read_on(world, FRI)
    assert "bay.ssw" in read_on(world, FRI)

    run_due_nights(world.office, now=at_night(FRI, 2, 20))  # too soon
    assert "sol.sw" not in read_on(world, FRI)
    run_due_nights(world.office, now=at_night(FRI, 2, 45))
    assert Read("RATED", Role.CHILDS_WORKER) in read_on(world, FRI)["sol.sw"]


def test_a_message_whose_reader_cannot_be_found_out_waits_and_stops_nobody(world, monkeypatch):
    one, other = rated(world), rated(world)
    asked = building.reader_of

    def poisoned(session, row, *, on):
        if row.case_id == poison:
            raise ValueError("a drill")
        return asked(session, row, on=on)

    with world.office.reading() as session:
        poison = session.scalars(select(Case.id).where(Case.ref == one)).one()
    monkeypatch.setattr(building, "reader_of", poisoned)
    the_night(world, FRI)

    assert told_of(world, other, "RATED")["sol.sw"] == "in a digest"
    assert told_of(world, one, "RATED")["sol.sw"] == "for the digest"
    assert "digest" not in problems(world, morning(FRI))


# -- the heartbeat --------------------------------------------------------------------------------------------


def problems(world: World, now) -> set[str]:
    return {one.what for one in health(world.office, now).problems}


def test_a_missing_digest_and_one_that_does_not_leave_are_alarmed(world, monkeypatch):
    world.open_child()
    monkeypatch.setattr(building, "build", lambda *_, **__: building.Built())
    the_night(world, TUE)
    assert "digest" in problems(world, morning(TUE))
    assert "digests of 7 January 2025 are not made" in at_a_page(world, morning(TUE))
    monkeypatch.undo()

    run_due_nights(world.office, now=morning(TUE, 6))
    assert "digest" not in problems(world, morning(TUE))
    assert "digest unsent" not in problems(world, morning(TUE, 8, 29))
    assert "digest unsent" in problems(world, morning(TUE, 8, 31))
    assert "have not left" in at_a_page(world, morning(TUE, 8, 31))
    sent_at(world, morning(TUE, 8, 32))
    assert "digest unsent" not in problems(world, morning(TUE, 8, 33))
    assert at_a_page(world, morning(TUE, 8, 33)) == ""


def at_a_page(world: World, now) -> str:
    """What the next person who opens a page is told."""
    with world.office.reading() as session:
        return heartbeat(session, now) or ""


# -- read on the screen ---------------------------------------------------------------------------------------


def test_managers_read_their_peoples_digests_as_far_as_they_may_open_the_children(world):
    rated(world)
    night_and_morning(world, FRI)
    settings = world.office.settings
    with world.office.reading() as session:

        def shown(by: str, of: str | None = None):
            return reading.show(session, settings, by=world.ids[by], of=of, on=FRI, today=FRI)

        assert [line.words for line in shown("rowan.tm", "sol.sw").lines] == ["A child has been rated"]
        assert shown("imara.tm", "sol.sw").lines == ()  # another team's child
        assert [line.words for line in shown("sol.sw").lines] == ["A child has been rated"]
        with pytest.raises(Refused):
            shown("bay.ssw", "sol.sw")
        team = reading.team(session, settings, by=world.ids["rowan.tm"], on=FRI, today=FRI)
        assert "sol.sw" in {one.person for one in team}
        (numbers,) = reading.counts(session, by=world.ids["otto.operator"], today=FRI, limit=5)
        assert (numbers.complete, numbers.waiting, numbers.sent > 20) == (True, 0, True)
        with pytest.raises(Refused):
            reading.counts(session, by=world.ids["sol.sw"], today=FRI, limit=5)


def test_a_head_of_service_gets_one_page_a_week_with_the_worst_and_the_trend(world):
    """Two children whose first rating was due on 3 February stand in D-01 from the night of the 4th.

    Nothing happened to them since 6 January, so from 6 February they stand in D-35, too.
    """
    first, second = world.open_child(), world.open_child()
    pages = []
    for number in (3, 4, 5, 6, 7, 10, 11, 14, 17, 18):  # working days of February, the 3rd a Monday
        day = date(2025, 2, number)
        mails = night_and_morning(world, day)
        if to(mails)["hana.hos"] and "Your week" in text_to(mails, "hana.hos"):
            pages.append(day)
    assert pages == [date(2025, 2, 3), date(2025, 2, 10), date(2025, 2, 17)]
    with world.office.reading() as session:
        seen = reading.show(
            session,
            world.office.settings,
            by=world.ids["hana.hos"],
            of=None,
            on=date(2025, 2, 10),
            today=date(2025, 2, 10),
        )
    assert seen.page is not None
    assert seen.page.trend == "4 need attention, a week ago it was 0."
    assert [(one.rule, one.now, one.before, one.where) for one in seen.page.rules if one.rule == "D-01"] == [
        ("D-01", 2, 0, f"{TEAM} 2")
    ]
    (row,) = [one for one in seen.page.counts if one.rule == "D-01"]
    assert (row.team, row.now, row.before) == (TEAM, 2, 0)
    assert {one.split(" ")[0] for one in seen.page.worst} == {first, second}
