"""Putting a record right: the wrong one stays, what hangs on it moves, what no longer holds is flagged (design 5.5).

The worked dates are those of rules R-ASM-2 and the Leicestershire policy: mid-point 6 weeks, target 12 weeks,
ceiling 16 weeks after ratification; start within 10 working days.
"""

import json
from datetime import date, timedelta

import pytest

from casework.acting.commands import Command
from casework.acting.previewing import Preview, preview
from casework.errors import NotFound, Refused
from casework.reading.showing import show_case
from persistence.tables import Deadline, Event, Flag, Milestone, Record
from persistence.verification import verify
from tests.county import ChildAt
from tests.rows import case_of, everything, rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


ROA = day(57)  # 4 March 2025, a Tuesday
TODAY = day(60)  # 7 March 2025, a Friday


def event_of(world: World, trigger: str) -> str:
    return next(e.id for e in rows_of(world, Event) if e.trigger == trigger)


def open_dates(world: World, ref: str) -> dict[str, date | None]:
    return {d.name: d.due_on for d in rows_of(world, Deadline, ref) if d.closed_as is None}


def would_change(world: World, ref: str, who: str, **record: object) -> Preview:
    command = Command(trigger="correct", happened_on=TODAY, ref=ref, record={"reason": "A slip.", **record})
    with world.office.unit_of_work() as session:
        return preview(session, command, by=world.actor(who), now=noon(TODAY))


def test_a_wrong_review_date_moves_the_clocks_of_the_assessment_and_no_other(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    before = open_dates(world, ref)
    assert before["assessment_target"] == date(2025, 5, 27)  # 12 weeks from 4 March

    world.do("correct", TODAY, "ida.saw", ref=ref, event=event_of(world, "roa_ratifies"), happened_on=day(52))

    after = open_dates(world, ref)  # ratified on Thursday 27 February instead
    assert {name: after[name] for name in after if after[name] != before[name]} == {
        "assessment_start": date(2025, 3, 13),
        "assessment_midpoint": date(2025, 4, 10),
        "assessment_target": date(2025, 5, 22),
        "assessment_ceiling": date(2025, 6, 19),
    }
    assert after.keys() == before.keys()
    assert case_of(world, ref).state_since == day(52)
    old = [d for d in rows_of(world, Deadline, ref, name="assessment_target") if d.closed_as == "superseded"]
    assert [d.due_on for d in old] == [date(2025, 5, 27)]


def test_the_preview_says_what_the_correction_does_and_keeps_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    roa = event_of(world, "roa_ratifies")
    before = everything(world)

    shown = would_change(
        world, ref, "ida.saw", event=roa, happened_on=day(40).isoformat(), changes="childs_views=Wants to stay."
    )

    assert everything(world) == before
    assert shown.changed == (
        ("childs_views", "Said that this is home.", "Wants to stay."),
        ("happened_on", ROA, day(40)),
    )
    world.do(
        "correct", TODAY, "ida.saw", ref=ref, event=roa, happened_on=day(40), changes="childs_views=Wants to stay."
    )
    now_open = open_dates(world, ref)
    old = {d.name: d.due_on for d in rows_of(world, Deadline, ref, closed_as="superseded")}
    assert {(m.name, m.was, m.now) for m in shown.deadlines} == {
        (name, old[name], now_open[name])
        for name in ("assessment_start", "assessment_midpoint", "assessment_target", "assessment_ceiling")
    }
    assert [(f.rule, f.words) for f in rows_of(world, Flag, ref)] == [(f.rule, f.reason) for f in shown.flags]
    assert shown.flags  # 15 February was before the Key Decision Discussion


def test_the_wrong_record_stays_and_the_history_verifies(child_at: ChildAt) -> None:
    """(reliability C46)"""
    world, ref = child_at("ASSESSMENT")
    roa = event_of(world, "roa_ratifies")

    world.do("correct", TODAY, "ida.saw", ref=ref, event=roa, changes="childs_views=Wants to stay.")
    world.do("correct", TODAY, "ida.saw", ref=ref, event=roa, changes='{"childs_views": "Wants to stay for good."}')

    versions = rows_of(world, Record, for_event=roa)
    in_place_of = {version.supersedes: version for version in versions}
    first = in_place_of[None]
    second = in_place_of[first.id]
    third = in_place_of[second.id]
    assert [version.data["childs_views"] for version in (first, second, third)] == [
        "Said that this is home.",
        "Wants to stay.",
        "Wants to stay for good.",
    ]
    with world.office.reading() as session:
        assert verify(session).ok
        line = next(
            line
            for line in show_case(session, ref, by=world.ids["ida.saw"], today=TODAY).chronology
            if line.event == roa
        )
    assert (line.standing, line.record["childs_views"]) == ("corrected", "Wants to stay for good.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event": "no-such-event", "changes": "childs_views=x"}, "no entry with this id"),
        ({}, "Say what changes"),
        ({"changes": "childs_views"}, "is not of the form field=value"),
        ({"changes": "{broken"}, "cannot be read"),
        ({"changes": "no_such_field=1"}, "There is no field 'no_such_field'"),
        ({"changes": "participation=PN9"}, "must be one of"),
        ({"changes": "childs_views="}, "is missing"),
        ({"changes": "childs_views=Said that this is home."}, "changes nothing"),
        ({"happened_on": date(2025, 3, 8)}, "still to come"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_in_words(
    child_at: ChildAt, changes: dict[str, object], words: str
) -> None:
    world, ref = child_at("ASSESSMENT")
    before = everything(world)

    with pytest.raises(Refused, match=words):
        world.do("correct", TODAY, "ida.saw", ref=ref, **{"event": event_of(world, "roa_ratifies"), **changes})

    assert everything(world) == before


def test_the_steps_that_no_longer_hold_are_flagged_once_and_cleared_when_they_hold_again(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    kdd, roa = event_of(world, "kdd_sgo_appropriate"), event_of(world, "roa_ratifies")

    world.do("correct", TODAY, "ida.saw", ref=ref, event=kdd, happened_on=day(58))  # after the review

    flags = [f for f in rows_of(world, Flag, ref) if f.cleared_by_event is None]
    assert {f.about_event for f in flags} == {roa}
    assert {f.rule for f in flags} == {"R-LAC-2", "R-SM-3"}
    assert {(f.owner, f.urgent) for f in flags} == {("Team Manager", False)}

    world.do("correct", TODAY, "ida.saw", ref=ref, event=kdd, changes="risks=None to speak of.")
    assert len(rows_of(world, Flag, ref)) == len(flags)  # flagged once

    right = world.do("correct", TODAY, "ida.saw", ref=ref, event=kdd, happened_on=day(47))
    assert {f.cleared_by_event for f in rows_of(world, Flag, ref)} == {right.event}


def test_a_correction_never_moves_a_case(child_at: ChildAt) -> None:
    world, ref = child_at("IN_COURT")
    ended = world.do("withdraw_application", day(170), "lex.legal", ref=ref)
    before = case_of(world, ref)

    with pytest.raises(Refused, match="would have led to another state"):
        world.do("correct", day(171), "rowan.tm", ref=ref, event=ended.event, changes="how=to issue it again")

    world.do("correct", day(171), "rowan.tm", ref=ref, event=ended.event, changes="reason=They have separated.")
    assert (case_of(world, ref).state, case_of(world, ref).state_event_id) == (before.state, before.state_event_id)


def test_what_a_corrected_record_newly_opens_is_opened_and_what_it_gives_up_is_not_due_any_more(
    child_at: ChildAt,
) -> None:
    world, ref = child_at("WITH_LEGAL")
    issued = world.do("application_issued", day(160), "lex.legal", ref=ref)
    assert "care_proceedings" not in open_dates(world, ref)
    changes = "in_care_proceedings=yes\ncare_proceedings_issued_on=2025-06-02"

    shown_before = open_dates(world, ref)
    world.do("correct", day(161), "ida.saw", ref=ref, event=issued.event, changes=changes)
    # 26 weeks beginning with 2 June: the last day is Sunday 30 November (rules R-CLK-3)
    assert open_dates(world, ref) == {**shown_before, "care_proceedings": date(2025, 11, 30)}

    back = "in_care_proceedings=no\ncare_proceedings_issued_on="
    world.do("correct", day(162), "ida.saw", ref=ref, event=issued.event, changes=back)
    assert open_dates(world, ref) == shown_before


def test_a_date_that_was_met_keeps_its_answer_and_says_truly_whether_it_was_late(child_at: ChildAt) -> None:
    """The assessment was complete on 6 May: late or not depends on when it was ratified."""
    world, ref = child_at("FINANCIAL_PACKAGE")
    roa = event_of(world, "roa_ratifies")
    (target,) = rows_of(world, Deadline, ref, name="assessment_target")
    assert (target.closed_as, target.due_on, target.closed_on) == ("met", date(2025, 5, 27), day(120))

    world.do("correct", day(121), "ida.saw", ref=ref, event=roa, happened_on=day(32))

    now = [d for d in rows_of(world, Deadline, ref, name="assessment_target") if d.closed_as == "met"]
    assert [(d.due_on, d.closed_on, d.closed_by_event) for d in now] == [
        (date(2025, 5, 2), day(120), target.closed_by_event)
    ]
    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["ida.saw"], today=day(121)).deadlines
    assert [d.late for d in seen if d.name == "assessment_target" and d.closed_as == "met"] == [True]


def test_a_corrected_date_of_meeting_a_deadline_moves_the_day_it_was_met(child_at: ChildAt) -> None:
    world, ref = child_at("FINANCIAL_PACKAGE")
    complete = event_of(world, "complete_assessment")

    world.do("correct", day(121), "ida.saw", ref=ref, event=complete, happened_on=day(119))

    (target,) = rows_of(world, Deadline, ref, name="assessment_target")
    assert (target.closed_as, target.closed_on) == ("met", day(119))


def test_a_direction_that_was_complied_with_by_mistake_of_another_is_due_again(child_at: ChildAt) -> None:
    world, ref = child_at("IN_COURT")
    first, second = (
        world.do("record_court_direction", day(165), "lex.legal", ref=ref, comply_by=day(180 + n)).event
        for n in range(2)
    )
    met = world.do("meet_direction", day(170), "lex.legal", ref=ref, direction=first)

    world.do("correct", day(171), "ida.saw", ref=ref, event=met.event, changes=f"direction={second}")

    how = {d.about: d.closed_as for d in rows_of(world, Deadline, ref, name="court_direction")}
    assert how == {first: None, second: "met"}


def test_corrected_content_flows_into_everything_that_shows_it(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    on = day(40)
    rated, applied, planned = (event_of(world, t) for t in ("rate", "change_applicants", "record_trajectory"))
    worker = next(e.id for e in rows_of(world, Event) if e.trigger == "allocate" and e.happened_on == day(18))
    people = '[{"name": "Hazel Quill", "kind": "applicant", "protected": false}]'
    steps = rows_of(world, Record, for_event=planned)[0].data["milestones"]
    steps[-2]["planned_on"] = "2025-12-01"

    def right(event: str, **changes: object) -> None:
        world.do("correct", on, "rowan.tm", ref=ref, event=event, **changes)

    right(rated, changes="colour=AMBER")
    right(worker, changes="person=kit.saw")
    right(applied, changes=f'{{"people": {people}}}')
    right(planned, changes=json.dumps({"milestones": steps}))

    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["rowan.tm"], today=on)
    assert seen.colour == "AMBER"
    assert [p["person"] for p in seen.people if p["role"] == "SGO assessment worker" and p["now"]] == ["kit.saw"]
    assert [c["name"] for c in seen.contacts] == ["Hazel Quill"]
    order = next(m for m in seen.milestones if m["step"] == "final hearing or order")
    assert (order["planned"], order["slip_days"]) == (date(2025, 12, 1), 0)  # it was never planned otherwise
    assert len(rows_of(world, Milestone, ref)) == 20
    with pytest.raises(NotFound), world.office.reading() as session:
        show_case(session, ref, by=world.ids["ida.saw"], today=on)


def test_a_corrected_pause_moves_what_stood_still(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    paused = world.do("pause_clock", day(60), "ida.saw", ref=ref)
    world.do("resume_clock", day(70), "ida.saw", ref=ref)
    assert open_dates(world, ref)["assessment_target"] == date(2025, 5, 27) + timedelta(10)

    world.do("correct", day(71), "ida.saw", ref=ref, event=paused.event, happened_on=day(64))

    assert open_dates(world, ref)["assessment_target"] == date(2025, 5, 27) + timedelta(6)


def test_nobody_approves_their_own_report_by_correcting_the_check(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    world.do("write_report", day(100), "ida.saw", ref=ref, author="ida.saw")
    check = world.do("check_quality", day(101), "tam.sgo", ref=ref, outcome="returned to the author")

    with pytest.raises(Refused, match="The author of the report cannot check it"):
        world.do("correct", day(102), "ida.saw", ref=ref, event=check.event, changes="outcome=agreed")

    world.do("correct", day(102), "tam.sgo", ref=ref, event=check.event, changes="outcome=agreed")


def test_a_record_cannot_be_corrected_to_name_what_is_not_there(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    listed = event_of(world, "list_for_group")
    opened = event_of(world, "open_case")
    other = world.open_child(day(1), council_id="779001")
    link = world.do("link_sibling", day(5), "sol.sw", ref=ref, sibling=other)

    for event, changes, words in (
        (listed, "meeting=MT-00000000", "no meeting with this reference"),
        (listed, "meeting=", "is missing"),
        (link.event, "sibling=SG-00000000", "There is no case SG-00000000"),
        (opened, "council_id=779001", "already has an open case"),
    ):
        with pytest.raises(Refused, match=words):
            world.do("correct", day(6), "rowan.tm", ref=ref, event=event, changes=changes)


def test_a_restriction_cannot_be_corrected_so_that_nobody_can_lift_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    people = [{"person": "rowan.tm"}, {"person": "sol.sw"}]
    restricted = world.do("restrict", day(20), "rowan.tm", ref=ref, people=people)
    only_worker = '{"people": [{"person": "sol.sw"}]}'

    with pytest.raises(Refused, match="who can lift the restriction"):
        world.do("correct", day(21), "rowan.tm", ref=ref, event=restricted.event, changes=only_worker)


def test_an_entry_that_keeps_the_record_straight_is_not_corrected_itself(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    fixed = world.do(
        "correct", TODAY, "ida.saw", ref=ref, event=event_of(world, "roa_ratifies"), changes="childs_views=Yes."
    )

    with pytest.raises(Refused, match="An entry of correct cannot be corrected"):
        world.do("correct", TODAY, "ida.saw", ref=ref, event=fixed.event, changes="reason=Another")
