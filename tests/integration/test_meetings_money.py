"""Funding requests at meetings: on the agenda, in the pack and the minutes, and along with what is moved (PT-15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework import meetings
from casework.errors import Refused
from casework.meetings import agendas
from casework.meetings.minutes import minutes_of
from casework.meetings.money import RequestHeard, requests_heard
from persistence.tables import AgendaItem, Deadline, Outbox
from persistence.verification import verify
from tests.county import ChildAt
from tests.integration.test_meetings_moved import cancelled, do, moved, put_back
from tests.integration.test_meetings_pack import pack_for, pages
from tests.money import ASSESSING, MEMBERS, Money, with_money
from tests.rows import case_of, rows_of
from tests.world import noon

pytestmark = pytest.mark.one_database

DAY = ASSESSING  # Wednesday 19 March 2025
#: A meeting four weeks on; the panel's papers are due five working days before, which Easter does not touch.
MEETS, NEXT = DAY + timedelta(days=21), DAY + timedelta(days=49)


@pytest.fixture
def money(child_at: ChildAt) -> tuple[Money, str]:
    world, child = child_at("ASSESSMENT")
    return with_money(world), child


def listed(money: Money, child: str, *, chair: str = "piers.panel", **differs: str) -> tuple[str, str]:
    """A grant on the panel's agenda; answers the request and the meeting."""
    ref = money.submitted(child, "grant", DAY, **differs)
    return ref, money.listed(ref, DAY, held_on=MEETS, chair=chair)


def agenda(money: Money, ref: str) -> list[tuple[str, str]]:
    return [(one["ref"], one["status"]) for one in money.seen(ref, DAY).hearings]


def on_the_agenda(money: Money, meeting: str) -> RequestHeard:
    """The one request of a meeting, as the meeting is shown to its keeper."""
    by = money.world.ids["cfs.permanence"]
    with money.world.office.reading() as session:
        line = meetings.show_meeting(session, meeting, by=by, today=DAY)
        [heard] = requests_heard(session, meeting, line.requests, by=by, today=DAY)
    return heard


def due(money: Money, ref: str, name: str) -> list[date | None]:
    return [one.due_on for one in rows_of(money.world, Deadline, ref, name=name, closed_as=None)]


# -- on the agenda -------------------------------------------------------------------------------------------------


def test_an_agenda_says_of_each_request_what_is_asked_and_who_may_sign(money):
    money, child = money
    ref, meeting = listed(money, child, amount="15000")
    with money.world.office.reading() as session:
        line = meetings.show_meeting(session, meeting, by=money.world.ids["piers.panel"], today=DAY)
    [item], heard = line.requests, on_the_agenda(money, meeting)

    assert (item.ref, item.child, item.words, item.amount, item.status) == (ref, child, "grant", 15000, "to be heard")
    assert (heard.post, heard.dmt, heard.so_far) == ("Assistant Director", True, "Nothing has been recommended yet.")
    assert "between £10,000 - £20,000" in heard.clause
    assert {one.post for one in heard.may_sign} == {"Assistant Director", "Director"}
    assert heard.warning is None


def test_a_chair_who_would_also_decide_is_warned_with_who_else_may_sign(money):
    money, child = money  # practice PM-3
    _, meeting = listed(money, child, chair="hana.hos")

    heard = on_the_agenda(money, meeting)

    names = {one.name for one in heard.may_sign}
    assert "Hana Thorpe" not in names
    assert "The chair is also Head of Service" in (heard.warning or "")
    assert all(name in (heard.warning or "") for name in names)
    assert {one.post for one in heard.may_sign} == {"Head of Service", "Assistant Director", "Director"}


def test_what_a_request_makes_and_misses_is_said_in_working_days(money):
    money, child = money
    ref = money.prepared(child, "grant", DAY, amount="15000")
    soon = money.world.meeting(date(2025, 3, 25), body="Permanence Panel", chair="piers.panel")
    later = money.world.meeting(date(2025, 4, 22), body="Permanence Panel", chair="piers.panel")
    dmt = money.world.meeting(date(2025, 4, 30), body="DMT", chair="asa.ad")
    with money.world.office.reading() as session:
        panel, then = meetings.meetings_ahead(session, ref, by=money.world.ids["tam.sgo"], today=DAY)

    # Papers for Tuesday 25 March were due on Tuesday the 18th, five working days before; today is Wednesday the 19th.
    assert (panel.misses, panel.missed_by, panel.costs_days) == (soon, 1, 28)
    assert (panel.meeting, then.meeting) == (later, dmt)
    money.do("submit_request", DAY, "ida.saw", ref)
    money.do("list_request", DAY, "cfs.permanence", ref, meeting=soon)
    with money.world.office.reading() as session:
        panel, _ = meetings.meetings_ahead(session, ref, by=money.world.ids["tam.sgo"], today=DAY)
    assert panel.words == (
        "On the agenda of 25 March 2025, but it was submitted one working day after the papers were due: "
        "the chair must accept it, or it waits until 22 April 2025: four weeks."
    )


def test_the_panel_has_an_agenda_that_goes_out_once_and_a_supplement_for_what_is_listed_later(money):
    money, child = money
    _, meeting = listed(money, child)

    def sent(on: date) -> dict[str, int]:
        with money.world.office.unit_of_work() as session:
            done = agendas.send_due(session, now=noon(on))
        return {"agendas": done.agendas, "supplements": done.supplements}

    out = MEETS - timedelta(days=5)
    assert sent(out) == {"agendas": 1, "supplements": 0}
    assert sent(out) == {"agendas": 0, "supplements": 0}
    monday = out + timedelta(days=3)
    late = money.submitted(child, "grant", monday, amount="700", purpose_kind="furniture and equipment")
    money.do("list_request", monday, "cfs.permanence", late, meeting=meeting)
    with money.world.office.unit_of_work() as session:
        assert agendas.send_due(session, now=noon(monday + timedelta(days=1))).supplements == 1
    told = {row.recipient_id for row in rows_of(money.world, Outbox) if row.meeting_id and row.case_id is None}
    assert {money.world.ids["piers.panel"], money.world.ids["cfs.permanence"]} <= told


# -- pack and minutes ----------------------------------------------------------------------------------------------


def test_the_pack_has_a_numbered_page_for_each_request_late_ones_stamped_and_restricted_ones_apart(money):
    money, child = money
    ref, meeting = listed(money, child, amount="15000", chair="hana.hos")
    after_papers = MEETS - timedelta(days=6)
    late = money.submitted(child, "grant", after_papers, amount="700", purpose_kind="furniture and equipment")
    money.do("list_request", after_papers, "cfs.permanence", late, meeting=meeting)

    made = pack_for(money.world, meeting, "cfs.permanence", after_papers)
    [main], [supplement] = pages(made, "request main"), pages(made, "request supplement")
    for words in (
        "M1 Grant: £15,000.00 once",
        f"{ref} for {child} · vehicle",
        "Presented by",
        "The carers write: They have written that they can manage all else.",
        "Referral of 19 March 2025",
        "Assistant Director or a more senior post, after DMT has approved , at £15,000.00.",
        "Appendix D",
        "□ Recommend □ Do not recommend □ Return with questions □ Adjourn",
    ):
        assert words in main, (words, main)
    assert supplement.startswith("LATE PAPERS · 3 April 2025 · due 2 April 2025 SM1 Grant: £700.00 once")
    assert set(made.children) == {ref, late}
    assert "No child is on the agenda" not in made.html

    named = [{"person": "rowan.tm"}, {"person": "hana.hos"}]
    money.world.do("restrict", after_papers, "rowan.tm", ref=child, people=named)
    others, chairs = (pack_for(money.world, meeting, who, after_papers) for who in ("cfs.permanence", "hana.hos"))
    assert pages(others, "request main") == []
    assert ref not in others.html
    assert [page[:3].strip() for page in pages(chairs, "request restricted")] == ["RM1", "LAT"]


def test_the_minutes_say_the_outcome_who_was_there_with_which_interest_and_the_quorum(money):
    money, child = money
    ref, meeting = listed(money, child)
    attendance = money.attendance("lex.legal", came_as="member")
    interests = [{"person": "lex.legal", "interest": "Knows the supplier.", "took_part": False}]
    money.do(
        "chair_recommends", MEETS, "piers.panel", ref,
        attendance=attendance, interests=interests, dissent="One member would lend instead.",
    )  # fmt: skip
    with money.world.office.reading() as session:
        [said] = minutes_of(session, meeting, by=money.world.ids["cfs.permanence"], today=MEETS).requests
        hidden = minutes_of(session, meeting, by=money.world.ids["nia.nurse"], today=MEETS).requests

    assert (said.ref, said.outcome, said.amount, said.frequency) == (ref, "Recommended", 8000, "once")
    assert (said.members, said.needed, said.dissent) == (len(MEMBERS), 2, "One member would lend instead.")
    assert any("Knows the supplier. (left for the item)" in one for one in said.interests)
    assert len(said.attendance) == 5
    assert hidden == ()  # a health adviser opens no money


# -- moved, cancelled, put back ------------------------------------------------------------------------------------


def test_a_request_goes_where_its_meeting_goes_in_one_act_and_those_concerned_are_told(money):
    money, child = money
    ref, meeting = listed(money, child)

    done = do(money.world, moved(meeting, NEXT), DAY, "cfs.permanence")

    [went] = done.requests
    # Papers: five working days before Wednesday 9 April, and before Wednesday 7 May with the bank holiday between.
    assert (went.ref, went.child, went.waits) == (ref, child, False)
    assert (went.papers_were_due, went.papers_due) == (date(2025, 4, 2), date(2025, 4, 29))
    assert agenda(money, ref) == [(meeting, "missed: meeting moved"), (done.instead, "request")]
    assert {"ida.saw", "sol.sw", "piers.panel"} <= set(done.told)
    money.do("chair_recommends", NEXT, "piers.panel", ref, attendance=money.attendance())
    assert money.state(ref, NEXT) == "WITH_HEAD_OF_SERVICE"


def test_a_request_without_another_meeting_waits_with_a_task_and_comes_back_when_it_takes_place_after_all(money):
    money, child = money
    ref, meeting = listed(money, child)

    done = do(money.world, cancelled(meeting), DAY, "cfs.permanence")

    assert [went.waits for went in done.requests] == [True]
    assert agenda(money, ref) == [(meeting, "missed: meeting cancelled")]
    assert due(money, ref, "funding_listing") == [date(2025, 3, 26)]  # five working days
    assert due(money, ref, "funding_chair") == []
    with pytest.raises(Refused):
        money.do("chair_recommends", MEETS, "piers.panel", ref, attendance=money.attendance())

    back = do(money.world, put_back(meeting), DAY, "cfs.permanence")

    assert [went.ref for went in back.requests] == [ref]
    assert agenda(money, ref) == [(meeting, "request")]
    assert due(money, ref, "funding_listing") == []
    with money.world.office.reading() as session:
        assert verify(session).ok


def test_children_and_requests_of_one_group_go_together_and_come_back_together(money):
    money, child = money
    world = money.world
    meeting = world.meeting(MEETS)
    other = world.open_child(DAY)
    world.do("rate", DAY, "rowan.tm", ref=other)
    world.do("list_for_group", DAY, "ash.admin", ref=other, meeting=meeting)
    ref = money.submitted(child, "needs_led_allowance", DAY)
    money.do("list_request", DAY, "cfs.permanence", ref, meeting=meeting)
    after = world.meeting(NEXT)

    done = do(world, cancelled(meeting), DAY)

    assert ([went.ref for went in done.children], [went.ref for went in done.requests]) == ([other], [ref])
    assert agenda(money, ref) == [(meeting, "missed: meeting cancelled"), (after, "request")]
    assert len(done.told) == len(set(done.told))
    do(world, put_back(meeting), DAY)
    assert agenda(money, ref)[0] == (meeting, "request")
    assert [item.status for item in rows_of(world, AgendaItem, other)] == ["listed", "put back"]
    assert case_of(world, ref).state == "AT_REVIEW_GROUP"


def test_who_keeps_the_group_but_not_the_panel_is_told_who_does(money):
    money, child = money
    _, meeting = listed(money, child)
    with pytest.raises(Refused) as refused:
        do(money.world, cancelled(meeting), DAY, "rowan.tm")
    assert "CFS Permanence" in refused.value.reasons[0].reason
    group = money.world.meeting(NEXT)
    with pytest.raises(Refused):
        do(money.world, cancelled(group), DAY, "cfs.permanence")
