"""Taking a step back, and moving an entry to the right child (design 5.5, practice PT-16)."""

from datetime import date, datetime, timedelta

import pytest

from casework.errors import Refused
from casework.meetings import show_meeting
from casework.reading.showing import show_case
from persistence.tables import (
    Allocation,
    Attempt,
    Confirmation,
    Deadline,
    Event,
    Flag,
    Meeting,
    Milestone,
    Outbox,
    new_id,
)
from persistence.verification import verify
from tests.county import ChildAt
from tests.rows import case_of, everything, rows_of
from tests.world import START, World, _meeting_of, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def standing(world: World, ref: str) -> set[tuple[str, date | None]]:
    """The open deadlines."""
    return {(d.name, d.due_on) for d in rows_of(world, Deadline, ref) if d.closed_as is None}


def history_is_sound(world: World) -> bool:
    with world.office.reading() as session:
        return verify(session).ok


def send(world: World, event: str, at: datetime) -> set[str]:
    """Let the messages of an event have gone out; answers who got one."""
    with world.office.unit_of_work() as session:
        rows = list(session.query(Outbox).where(Outbox.event_id == event))
        for row in rows:
            row.status, row.sent_at, row.attempts = "sent", at, 1
            session.add(
                Attempt(id=new_id(), outbox_id=row.id, owner="test", started_at=at, ended_at=at, outcome="sent")
            )
        return {row.recipient_id for row in rows}


def test_taking_back_a_step_restores_state_since_and_deadlines(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    before, open_before = case_of(world, ref), standing(world, ref)
    kdd = world.do("kdd_sgo_appropriate", day(47), "quin.kdd", ref=ref, legal_adviser="lex.legal")
    assert {name for name, _ in standing(world, ref)} >= {"ratification", "kdd_record"}

    back = world.do("reverse_last", day(48), "quin.kdd", ref=ref)

    after = case_of(world, ref)
    assert (back.from_state, back.to_state) == ("RATIFICATION", "KEY_DECISION")
    assert (after.state, after.state_since) == (before.state, before.state_since)
    assert standing(world, ref) == open_before
    withdrawn = rows_of(world, Deadline, ref, closed_as="withdrawn")
    assert {d.opened_by_event for d in withdrawn} == {kdd.event}
    assert history_is_sound(world)


@pytest.mark.parametrize(
    ("state", "step", "on", "who", "changes"),
    [
        ("KEY_DECISION", "carer_declines", 40, "ida.saw", {"meeting": None}),
        ("TRAJECTORY", "needs_further_work", 30, "ida.saw", {}),
        ("RATIFICATION", "roa_ratifies", 57, "oda.iro", {}),
        ("WITH_LEGAL", "application_issued", 160, "lex.legal", {}),
        ("IN_COURT", "order_made", 250, "lex.legal", {}),
        ("RATED", "end", 20, "rowan.tm", {}),
        ("ASSESSMENT", "stop", 80, "hana.hos", {}),
    ],
)
def test_a_step_taken_back_leaves_no_trace_but_in_the_history(
    child_at: ChildAt, *, state: str, step: str, on: int, who: str, changes: dict[str, object]
) -> None:
    world, ref = child_at(state)
    if step == "needs_further_work":
        world.do("allocate", day(18), "tam.sgo", ref=ref, role="SGO assessment worker", person="ida.saw")
    if "meeting" in changes:
        changes = {"meeting": world.meeting(day(on + 14))}
    open_before = standing(world, ref)
    before = _seen(world, ref, day(on + 1))

    world.do(step, day(on), who, ref=ref, **changes)
    world.do("reverse_last", day(on + 1), who, ref=ref)

    assert _seen(world, ref, day(on + 1)) == before
    assert standing(world, ref) == open_before


def _seen(world: World, ref: str, today: date) -> dict[str, object]:
    """All that a page shows of a case, but for its history."""
    with world.office.reading() as session:
        seen = show_case(session, ref, by=world.ids["tam.sgo"], today=today)
    shown = {name: getattr(seen, name) for name in seen.__slots__}
    for name in ("version", "chronology", "deadlines", "meetings"):
        del shown[name]
    return shown


def test_a_step_is_taken_back_only_once(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("reverse_last", day(4), "rowan.tm", ref=ref)
    before = everything(world)

    with pytest.raises(Refused, match="has already been taken back once"):
        world.do("reverse_last", day(4), "rowan.tm", ref=ref)

    assert everything(world) == before
    world.do("rate", day(5), "rowan.tm", ref=ref)  # and a new step can be taken back again
    assert world.do("reverse_last", day(5), "rowan.tm", ref=ref).to_state == "COHORT"


def test_only_who_may_take_the_step_may_take_it_back(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")

    for who in ("ida.saw", "rowan.tm", "hana.hos"):  # no seniority stands in for the KDD chair
        with pytest.raises(Refused, match="Only KDD chair"):
            world.do("reverse_last", day(48), who, ref=ref)

    assert world.do("reverse_last", day(48), "quin.kdd", ref=ref).to_state == "KEY_DECISION"


def test_a_step_is_not_taken_back_after_a_letter_a_signature_or_a_decision(child_at: ChildAt) -> None:
    later = {
        "note_told": ("sol.sw", {}),
        "rerate": ("rowan.tm", {}),
        "record_on_case_system": ("ida.saw", None),  # no signature: it does not stand in the way
    }
    for act, (who, changes) in later.items():
        world, ref = child_at("RATIFICATION")
        world.do(act, day(48), who, ref=ref, **(changes or {}))
        if changes is None:
            assert world.do("reverse_last", day(49), "quin.kdd", ref=ref).to_state == "KEY_DECISION"
        else:
            with pytest.raises(Refused, match=f"after it came {act}"):
                world.do("reverse_last", day(49), "quin.kdd", ref=ref)

    world, ref = child_at("ASSESSMENT")
    back = day(100)
    world.do("draft_support_plan", back, "ida.saw", ref=ref)
    world.do("sign_support_plan", back, "ida.saw", ref=ref)
    with pytest.raises(Refused, match="after it came sign_support_plan"):
        world.do("reverse_last", back, "oda.iro", ref=ref)


def test_what_has_not_left_is_withdrawn_and_what_has_is_followed_by_one_correction(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    kdd = world.do("kdd_sgo_appropriate", day(47), "quin.kdd", ref=ref, legal_adviser="lex.legal")
    told = send(world, kdd.event, noon(day(47)))
    assert world.ids["oda.iro"] in told

    back = world.do("reverse_last", day(48), "quin.kdd", ref=ref)

    corrections = [m for m in rows_of(world, Outbox, ref) if "REVERSED" in m.notices]
    assert {m.recipient_id for m in corrections} == told
    assert len(corrections) == len(told)
    assert {(m.event_id, tuple(m.notices)) for m in corrections} == {(back.event, ("REVERSED",))}
    # the IRO had been told at once (NT-10) and is told at once again; the others read both in their digests
    at_once = {m.recipient_id for m in corrections if m.status == "queued"}
    assert at_once == {world.ids["oda.iro"]}
    assert {m.status for m in corrections if m.recipient_id not in at_once} == {"for the digest"}


def test_mails_that_had_not_left_are_withdrawn_and_nobody_hears_of_it(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    kdd = world.do("kdd_sgo_appropriate", day(47), "quin.kdd", ref=ref, legal_adviser="lex.legal")
    assert {m.status for m in rows_of(world, Outbox, event_id=kdd.event)} == {"queued", "for the digest"}

    back = world.do("reverse_last", day(48), "quin.kdd", ref=ref)

    assert {m.status for m in rows_of(world, Outbox, event_id=kdd.event)} == {"withdrawn"}
    assert rows_of(world, Outbox, event_id=back.event) == []


def test_a_reversal_recorded_for_somebody_who_had_been_told_says_both_in_one_mail(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    ratified = world.do("roa_ratifies", day(57), "sol.sw", ref=ref, decided_by="oda.iro")
    told = send(world, ratified.event, noon(day(57)))
    assert world.ids["oda.iro"] in told

    back = world.do("reverse_last", day(58), "sol.sw", ref=ref, decided_by="oda.iro")

    (mail,) = rows_of(world, Outbox, event_id=back.event, recipient_id=world.ids["oda.iro"])
    assert sorted(mail.notices) == ["CONFIRM", "REVERSED"]
    assert {c.event_id: c.status for c in rows_of(world, Confirmation, ref)} == {
        ratified.event: "withdrawn",
        back.event: "waiting",
    }


def test_taking_a_child_off_the_agenda_gives_the_return_date_back(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = _meeting_of(world, ref)
    world.hold_group(ref, meeting, day(17))
    deferred = world.do("group_defers", day(17), "wren.chair", ref=ref, return_on=day(52))
    (date_to_return,) = rows_of(world, Deadline, ref, name="return_to_group")
    listed = world.do("list_for_group", day(30), "ash.admin", ref=ref, meeting=world.meeting(day(45)))
    (met,) = rows_of(world, Deadline, ref, name="return_to_group")
    assert (met.closed_as, met.closed_by_event) == ("met", listed.event)

    off = world.do("take_off_agenda", day(31), "ash.admin", ref=ref)

    assert off.to_state == "DEFERRED"
    (again,) = rows_of(world, Deadline, ref, name="return_to_group")
    assert (again.id, again.closed_as, again.due_on) == (date_to_return.id, None, day(52))
    assert again.opened_by_event == deferred.event

    world.do("reverse_last", day(31), "ash.admin", ref=ref)  # on the agenda after all: it is met again

    assert case_of(world, ref).state == "REVIEW_GROUP"
    (met,) = rows_of(world, Deadline, ref, name="return_to_group")
    assert (met.closed_as, met.closed_by_event) == ("met", listed.event)
    assert ("papers", date(2025, 2, 13)) in standing(world, ref)  # five working days before 20 February


def test_acts_after_a_step_stand_when_it_is_taken_back_and_their_deadlines_with_them(child_at: ChildAt) -> None:
    world, ref = child_at("TRAJECTORY")
    world.do("allocate", day(18), "tam.sgo", ref=ref, role="SGO assessment worker", person="ida.saw")
    world.do("record_initial_meeting", day(29), "ida.saw", ref=ref)
    world.do("record_trajectory", day(30), "sol.sw", ref=ref)
    world.do("proceed_to_kdd", day(36), "ida.saw", ref=ref)
    world.do("schedule_kdd", day(37), "ida.saw", ref=ref, chair="quin.kdd")
    world.do("set_latest_position", day(37), "sol.sw", ref=ref, by_when=day(50))
    assert {"kdd", "kdd_held"} <= {name for name, _ in standing(world, ref)}

    world.do("reverse_last", day(38), "ida.saw", ref=ref)

    names = {name for name, _ in standing(world, ref)}
    assert {"kdd", "kdd_held"} & names == set()  # of a state the case is not in
    assert ("next_step", day(50)) in standing(world, ref)


def test_flags_of_a_step_go_with_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("order_made", day(20), "lex.legal", ref=ref)  # out of the blue
    assert {f.kind for f in rows_of(world, Flag, ref) if f.cleared_by_event is None} == {"fact out of order"}

    back = world.do("reverse_last", day(21), "lex.legal", ref=ref)

    assert {f.cleared_by_event for f in rows_of(world, Flag, ref)} == {back.event}


# -- the right child --------------------------------------------------------------------------------------


def two_children(child_at: ChildAt, state: str) -> tuple[World, str, str]:
    world, ref = child_at(state)
    return world, ref, world.open_child(day(1))


def test_an_act_on_the_wrong_child_is_done_on_the_right_one(child_at: ChildAt) -> None:
    world, wrong, right = two_children(child_at, "RATED")
    told = send(world, world.do("rerate", day(20), "rowan.tm", ref=wrong).event, noon(day(20)))
    position = world.do("set_latest_position", day(20), "sol.sw", ref=wrong, next_step="Ring the aunt")
    first = world.do("set_latest_position", day(10), "sol.sw", ref=right, next_step="Ring the school")
    assert told

    moved = world.do("move_act_to_right_child", day(21), "rowan.tm", ref=wrong, event=position.event, to_case=right)

    assert (case_of(world, wrong).state, moved.to_state) == ("RATED", "RATED")
    assert case_of(world, wrong).next_step is None
    assert case_of(world, right).next_step == "Ring the aunt"
    assert [d.closed_as for d in rows_of(world, Deadline, wrong, opened_by_event=position.event)] == ["withdrawn"]
    (their_first,) = rows_of(world, Deadline, right, opened_by_event=first.event)
    assert their_first.closed_as == "met"
    (theirs,) = [e for e in rows_of(world, Event) if e.trigger == "set_latest_position" and e.id not in
                 (position.event, first.event)]  # fmt: skip
    assert (theirs.happened_on, theirs.decided_by, theirs.recorded_by) == (
        day(20),
        world.ids["sol.sw"],
        world.ids["rowan.tm"],
    )
    assert "First entered on another child" in (theirs.late_reason or "")
    assert history_is_sound(world)


def test_the_last_step_moves_too_and_carries_the_case_back(child_at: ChildAt) -> None:
    world, wrong, right = two_children(child_at, "COHORT")
    rated = world.do("rate", day(3), "rowan.tm", ref=wrong, colour="AMBER")
    told = send(world, rated.event, noon(day(3)))

    world.do("move_act_to_right_child", day(4), "rowan.tm", ref=wrong, event=rated.event, to_case=right)

    assert (case_of(world, wrong).state, case_of(world, wrong).colour) == ("COHORT", None)
    assert case_of(world, wrong).state_since == START
    assert (case_of(world, right).state, case_of(world, right).colour) == ("RATED", "AMBER")
    assert {"first_rating"} == {name for name, _ in standing(world, wrong)}
    corrections = [m for m in rows_of(world, Outbox, wrong) if "REVERSED" in m.notices]
    assert {m.recipient_id for m in corrections} == told


def test_an_earlier_entry_that_moves_leaves_the_later_ones_as_they_are(child_at: ChildAt) -> None:
    """Three positions, the middle one was another child's: the last one stands, and one date is open."""
    world, wrong, right = two_children(child_at, "RATED")
    acts = [
        world.do("set_latest_position", day(20 + n), "sol.sw", ref=wrong, next_step=f"step {n}", by_when=day(40 + n))
        for n in range(3)
    ]

    world.do("move_act_to_right_child", day(24), "rowan.tm", ref=wrong, event=acts[1].event, to_case=right)

    assert case_of(world, wrong).next_step == "step 2"
    dates = {d.opened_by_event: d for d in rows_of(world, Deadline, wrong, name="next_step")}
    assert (dates[acts[0].event].closed_as, dates[acts[0].event].closed_by_event) == ("met", acts[2].event)
    assert dates[acts[1].event].closed_as == "withdrawn"
    assert dates[acts[2].event].closed_as is None


def test_an_entry_that_met_a_deadline_long_left_behind_does_not_open_it_again(child_at: ChildAt) -> None:
    world, wrong = child_at("KEY_DECISION")
    (trajectory,) = [e for e in rows_of(world, Event) if e.trigger == "record_trajectory"]
    right = world.open_child(day(1))
    with pytest.raises(Refused, match=r"\(record_trajectory\) is not possible from 'Not yet rated'"):
        world.do("move_act_to_right_child", day(40), "rowan.tm", ref=wrong, event=trajectory.id, to_case=right)
    right = world.child_at("TRAJECTORY")

    world.do("move_act_to_right_child", day(40), "rowan.tm", ref=wrong, event=trajectory.id, to_case=right)

    (due,) = rows_of(world, Deadline, wrong, name="trajectory")
    assert due.closed_as == "moved on"
    assert rows_of(world, Milestone, wrong) == []
    assert len(rows_of(world, Milestone, right)) == 20


def test_a_meeting_set_up_on_the_wrong_child_is_called_off(child_at: ChildAt) -> None:
    world, wrong = child_at("KEY_DECISION")
    on = day(49)
    scheduled = world.do("schedule_kdd", day(37), "ida.saw", ref=wrong, chair="quin.kdd", held_on=on)
    right = world.child_at("KEY_DECISION")

    world.do("move_act_to_right_child", day(38), "rowan.tm", ref=wrong, event=scheduled.event, to_case=right)

    (wrong_one,) = rows_of(world, Meeting, event_id=scheduled.event)
    assert wrong_one.status == "cancelled"
    theirs = [m for m in rows_of(world, Meeting, body="KDD") if m.id != wrong_one.id]
    assert [(m.status, m.held_on) for m in theirs] == [("planned", on)]
    with world.office.reading() as session:
        assert show_meeting(session, wrong_one.ref, by=world.ids["rowan.tm"], today=day(38)).status == "cancelled"


def test_an_entry_does_not_move_to_a_child_whom_the_decider_could_not_decide_for(child_at: ChildAt) -> None:
    world, wrong, _ = two_children(child_at, "RATED")
    stranger = world.do("open_case", day(1), "rowan.tm", council_id="778001", team="Children in Care North").ref
    position = world.do("set_latest_position", day(20), "sol.sw", ref=wrong)
    before = everything(world)

    with pytest.raises(Refused, match="Only"):  # sol.sw works with the one child only
        world.do("move_act_to_right_child", day(21), "rowan.tm", ref=wrong, event=position.event, to_case=stranger)

    assert everything(world) == before


# -- two cases of one child -------------------------------------------------------------------------------


def test_two_cases_of_one_child_become_one_and_both_histories_stay_readable(child_at: ChildAt) -> None:
    world, stays = child_at("TRAJECTORY")
    double = world.open_child(day(1))
    before = case_of(world, stays)

    world.do("merge", day(20), "rowan.tm", ref=double, into=stays)

    merged, after = case_of(world, double), case_of(world, stays)
    assert (merged.state, merged.closed, merged.merged_into) == ("ENDED", True, stays)
    assert (after.state, after.version, after.closed) == (before.state, before.version, False)
    with world.office.reading() as session:
        by, today = world.ids["tam.sgo"], day(21)
        assert len(show_case(session, double, by=by, today=today).chronology) >= 5
        kept = show_case(session, stays, by=by, today=today)
    assert (kept.merged_into, kept.merged_from) == (None, (double,))
    with pytest.raises(Refused, match="is closed: it cannot be the one that stays"):
        world.do("merge", day(21), "rowan.tm", ref=stays, into=double)


def test_a_merge_that_was_a_mistake_is_taken_back(child_at: ChildAt) -> None:
    world, stays = child_at("RATED")
    other = world.open_child(day(1))
    allocated = {(a.role, a.person_id) for a in rows_of(world, Allocation, other)}
    world.do("merge", day(20), "rowan.tm", ref=other, into=stays)

    world.do("reverse_last", day(21), "rowan.tm", ref=other)

    back = case_of(world, other)
    assert (back.state, back.closed, back.merged_into) == ("COHORT", False, None)
    assert {(a.role, a.person_id) for a in rows_of(world, Allocation, other)} == allocated


def test_an_order_on_a_closed_case_opens_it_again(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    world.do("end", day(20), "rowan.tm", ref=ref)

    world.do("order_made", day(30), "lex.legal", ref=ref)

    assert (case_of(world, ref).state, case_of(world, ref).closed) == ("ORDER_MADE", False)
