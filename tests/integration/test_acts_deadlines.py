"""Which dates each step opens and meets, against a table worked by hand from rules 5.0 and the county's numbers."""

from datetime import date, timedelta

import pytest

from casework.overnight.ladder import ring
from persistence.tables import Case, Deadline, Event, Outbox, Rung
from tests.county import ChildAt
from tests.rows import rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database


def day(text: str) -> date:
    number, month = text.split()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return date(2025, months.index(month) + 1, int(number))


#: (opened by, deadline, due, closed by, how, on) of the plain way that begins on Monday 6 January 2025.
THE_WHOLE_WAY = {
    # 20 working days
    ("open_case", "first_rating", "3 Feb", "rate", "met", "9 Jan"),
    # 6 months
    ("rate", "rerating", "9 Jul", "application_issued", "moved on", "15 Jun"),
    # 5 working days before the meeting of 23 January
    ("list_for_group", "papers", "16 Jan", "file_papers", "met", "14 Jan"),
    # 10, 5, 5 and 5 working days
    ("group_progresses", "trajectory", "6 Feb", "record_trajectory", "met", "5 Feb"),
    ("group_progresses", "allocation", "30 Jan", "allocate", "met", "24 Jan"),
    ("group_progresses", "minutes", "30 Jan", None, None, None),
    ("group_progresses", "objection", "30 Jan", "proceed_to_kdd", "moved on", "11 Feb"),
    # 15 working days
    ("allocate", "initial_meeting", "14 Feb", "record_initial_meeting", "met", "4 Feb"),
    # 20 working days; the day that was set
    ("proceed_to_kdd", "kdd", "11 Mar", "kdd_sgo_appropriate", "met", "22 Feb"),
    ("schedule_kdd", "kdd_held", "22 Feb", "kdd_sgo_appropriate", "met", "22 Feb"),
    # 3 months; 5 working days from a Saturday
    ("kdd_sgo_appropriate", "ratification", "22 May", "roa_ratifies", "met", "4 Mar"),
    ("kdd_sgo_appropriate", "kdd_record", "28 Feb", None, None, None),
    ("kdd_sgo_appropriate", "carers_letter", "28 Feb", None, None, None),
    # 10 working days; 6, 12 and 16 weeks
    ("roa_ratifies", "assessment_start", "18 Mar", "request_check", "met", "5 Mar"),
    ("roa_ratifies", "assessment_midpoint", "15 Apr", "complete_assessment", "moved on", "6 May"),
    ("roa_ratifies", "assessment_target", "27 May", "complete_assessment", "met", "6 May"),
    ("roa_ratifies", "assessment_ceiling", "24 Jun", "complete_assessment", "met", "6 May"),
    # 5 working days; three months must be over
    ("record_notice_of_intention", "notice_acknowledged", "12 Mar", None, None, None),
    ("record_notice_of_intention", "earliest_application", "5 Jun", "application_issued", "met", "15 Jun"),
    # 28 days; the person answered the same day
    ("record_proposal_notice", "representations", "4 Jun", "close_representations", "met", "7 May"),
    # 10 working days before filing on 30 May, over the bank holiday of 26 May
    ("submit_to_legal", "reports_to_legal", "15 May", "application_issued", "met", "15 Jun"),
    # 1 working day from a Saturday
    ("order_made", "order_followed_up", "15 Sep", "activate_support", "met", "15 Sep"),
}


def test_the_whole_way_opens_and_meets_what_the_rules_say(child_at: ChildAt) -> None:
    world, ref = child_at("POST_ORDER")
    trigger = {e.id: e.trigger for e in rows_of(world, Event)}

    found = {
        (
            trigger[d.opened_by_event],
            d.name,
            f"{d.due_on.day} {d.due_on:%b}" if d.due_on else None,
            trigger.get(d.closed_by_event or ""),
            d.closed_as,
            f"{d.closed_on.day} {d.closed_on:%b}" if d.closed_on else None,
        )
        for d in rows_of(world, Deadline, ref)
        if d.name != "support_plan_review"
    }

    assert found == THE_WHOLE_WAY
    (review,) = rows_of(world, Deadline, ref, name="support_plan_review")
    assert (review.due_on, review.basis, review.closed_as) == (date(2026, 9, 15), "statutory", None)


@pytest.mark.parametrize(
    ("state", "trigger", "on", "who", "changes", "opened"),
    [
        ("COHORT", "mark_not_applicable", "9 Jan", "rowan.tm", {"look_again_on": day("1 Apr")},
         {"look_again": "1 Apr"}),
        ("RATED", "add_view", "13 Jan", "sol.sw", {"stance": "against"}, {"opposition": "27 Jan"}),
        ("RATED", "record_placement_change", "13 Jan", "sol.sw", {}, {"rerating_after_change": "27 Jan"}),
        ("RATED", "raise_concern", "13 Jan", "oda.iro", {}, {"iro_concern": "10 Feb"}),
        ("RATED", "rerate", "31 Jan", "rowan.tm", {}, {"rerating": "31 Jul"}),
        ("RATED", "stop", "13 Jan", "hana.hos", {"reopen_on": day("1 Sep")}, {"reopen_review": "1 Sep"}),
        ("TRAJECTORY", "needs_further_work", "4 Feb", "ida.saw", {},
         {"return_to_group": "18 Mar", "trajectory": "18 Feb"}),
        ("KEY_DECISION", "kdd_adjourns", "20 Feb", "quin.kdd", {}, {"kdd_held": "27 Feb"}),
        ("KEY_DECISION", "kdd_further_work", "22 Feb", "quin.kdd", {"legal_adviser": "lex.legal"},
         {"return_to_group": "5 Apr", "trajectory": "7 Mar", "kdd_record": "28 Feb"}),
        ("ASSESSMENT", "start_viability", "10 Mar", "ida.saw", {}, {"viability": "24 Mar"}),
        ("ASSESSMENT", "return_to_kdd", "10 Mar", "ida.saw", {}, {"kdd": "7 Apr"}),
        ("IN_COURT", "record_court_direction", "20 Jun", "lex.legal", {}, {"court_direction": "18 Jul"}),
        ("IN_COURT", "court_refuses", "1 Jul", "lex.legal", {"reopen_on": day("1 Dec")},
         {"care_plan_review": "29 Jul", "reopen_review": "1 Dec"}),
        ("RATIFICATION", "roa_does_not_ratify", "4 Mar", "oda.iro", {"meeting": "20 Mar"},
         {"relist": "1 Apr", "papers": "13 Mar"}),
    ],
)  # fmt: skip
def test_each_other_step_opens_its_dates(
    child_at: ChildAt,
    *,
    state: str,
    trigger: str,
    on: str,
    who: str,
    changes: dict[str, object],
    opened: dict[str, str],
) -> None:
    world, ref = child_at(state)
    if trigger == "needs_further_work":
        world.do("allocate", day("24 Jan"), "tam.sgo", ref=ref, role="SGO assessment worker", person=who)
    if "meeting" in changes:
        changes = {"meeting": world.meeting(day(str(changes["meeting"])))}

    result = world.do(trigger, day(on), who, ref=ref, **changes)  # type: ignore[arg-type]

    assert {d.name: d.due for d in result.deadlines} == {name: day(due) for name, due in opened.items()}


def test_a_new_date_of_one_kind_takes_the_place_of_the_old_one(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    first = world.do("schedule_kdd", day("12 Feb"), "ida.saw", ref=ref, chair="quin.kdd")
    second = world.do("schedule_kdd", day("13 Feb"), "ida.saw", ref=ref, chair="quin.kdd", held_on=day("3 Mar"))

    found = {d.opened_by_event: d for d in rows_of(world, Deadline, ref, name="kdd_held")}
    assert (found[first.event].closed_as, found[first.event].closed_by_event) == ("met", second.event)
    assert (found[second.event].closed_as, found[second.event].due_on) == (None, day("3 Mar"))


def test_directions_of_the_court_stand_side_by_side_and_a_changed_one_replaces_its_own(child_at: ChildAt) -> None:
    world, ref = child_at("IN_COURT")
    one, two = (
        world.do("record_court_direction", day("20 Jun"), "lex.legal", ref=ref, comply_by=day(f"{n} Jul")).event
        for n in (10, 20)
    )
    three = world.do(
        "record_court_direction", day("24 Jun"), "lex.legal", ref=ref, comply_by=day("5 Jul"), replaces=one
    ).event
    world.do("meet_direction", day("1 Jul"), "lex.legal", ref=ref, direction=two)

    how = {d.about: d.closed_as for d in rows_of(world, Deadline, ref, name="court_direction")}
    assert how == {one: "superseded", two: "met", three: None}


def test_an_order_ends_what_the_court_directed_for_it_and_what_it_directs_itself_has_its_own_date(
    child_at: ChildAt,
) -> None:
    """R-CRT-1: directions are given within proceedings; the order ends those (R-CRT-4)."""
    world, ref = child_at("IN_COURT")

    def direct(on: str, by: str) -> str:
        return world.do("record_court_direction", day(on), "lex.legal", ref=ref, comply_by=day(by)).event

    before = direct("20 Jun", "10 Jul")  # overdue when the order is made
    order = world.do("order_made", day("25 Jul"), "lex.legal", ref=ref).event
    after = direct("28 Jul", "29 Aug")

    found = {d.about: (d.closed_as, d.closed_by_event) for d in rows_of(world, Deadline, ref, name="court_direction")}
    assert found == {before: ("moved on", order), after: (None, None)}


# -- the ladder -------------------------------------------------------------------------------------------


def climb(world: World, *days: date) -> list[tuple[int, int]]:
    """Look at the ladders on each of these days; answers (rungs reached, notices) of each."""
    found = []
    for on in days:
        with world.office.unit_of_work() as session:
            ids = [c.id for c in session.query(Case)]
            rungs = ring(session, ids, on, now=noon(on))
            found.append((rungs.reached, rungs.notices))
    return found


def said(world: World) -> list[str]:
    """The notices of rungs, in the order in which they were written."""
    rows = [m for m in rows_of(world, Outbox) if m.occasion.startswith("rung:")]
    return [notice for m in sorted(rows, key=lambda m: (m.created_at, m.recipient_id)) for notice in m.notices]


def test_each_rung_is_climbed_once_on_its_day(child_at: ChildAt) -> None:
    """First rating due Monday 3 February: 10 working days before, and 10 after."""
    world, _ = child_at("COHORT")
    assert climb(world, day("17 Jan"), day("20 Jan"), day("20 Jan"), day("3 Feb"), day("14 Feb"), day("17 Feb")) == [
        (0, 0),
        (1, 1),  # the Team Manager
        (0, 0),
        (0, 0),
        (0, 0),
        (1, 2),  # the Team Manager and the Head of Service
    ]
    assert said(world) == ["NT-02", "NT-02-LATE", "NT-02-LATE"]


def test_rungs_that_were_passed_unseen_are_said_once_the_last_of_them(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")

    assert climb(world, day("1 Apr")) == [(2, 2)]
    assert set(said(world)) == {"NT-02-LATE"}
    assert len(rows_of(world, Rung)) == 2
    world.do("rate", day("2 Apr"), "rowan.tm", ref=ref)
    assert climb(world, day("3 Apr")) == [(0, 0)]  # what is met is not rung for


def test_the_weeks_of_an_assessment_ring_at_their_own_week(child_at: ChildAt) -> None:
    """Ratified 4 March: mid-point week 6, warning week 10, target week 12, ceiling week 16 (NT-13)."""
    world, _ = child_at("ASSESSMENT")
    start = START + timedelta(57)
    weeks = [start + timedelta(weeks=n) for n in (5, 6, 9, 10, 11, 12, 15, 16)]

    climbed = climb(world, *weeks)

    before = len([m for m in said(world) if not m.startswith("NT-13")])
    assert [n for n in said(world) if n.startswith("NT-13")] == [
        *["NT-13-MID"] * 2,
        *["NT-13-WARN"] * 2,
        *["NT-13-TARGET"] * 2,
        *["NT-13-CEILING"] * 3,  # with the Head of Service
    ]
    assert sum(notices for _, notices in climbed) == 9 + before


def test_no_rung_is_climbed_while_the_clocks_stand_still(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("pause_clock", day("10 Mar"), "ida.saw", ref=ref)

    climb(world, day("1 Jun"))

    assert [n for n in said(world) if n.startswith("NT-13")] == []
