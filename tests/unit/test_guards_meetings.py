"""Meetings called off, the chair's urgent decision, late papers (practice PT-4, PT-15)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from states import choices, history
from states.facts import Entry, Facts
from states.guards import group
from states.stages import S
from tests.factories import entry, facts, filed, group_meeting, judged, policy

TODAY = date(2026, 3, 10)  # a Tuesday
#: Ten working days before: Tuesday 24 February 2026.
FRESH, STALE = date(2026, 2, 24), date(2026, 2, 23)


# --- going along with a meeting ---------------------------------------------------------------------------


def going(*entries: Entry, state: S = S.REVIEW_GROUP, gone: Any = None, listed: str = "MT-0", **record: Any) -> Facts:
    """A child who is to go from MT-0, called off, to MT-1."""
    old = gone or group_meeting("MT-0", on=date(2026, 3, 12), status="cancelled")
    new = group_meeting("MT-1", on=date(2026, 4, 9))
    on_it = group_meeting(listed, on=date(2026, 3, 12), status="cancelled")
    return facts(
        state,
        entry("list_for_group", source=S.RATED, on=date(2026, 2, 20), meeting="MT-0"),
        *entries,
        given=filed("move_with_meeting", **{"missed": "MT-0", "meeting": "MT-1", **record}),
        meetings={"MT-0": old, "MT-1": new},
        listed=on_it if state is S.REVIEW_GROUP else None,
    )


def moved(**record: Any) -> Entry:
    return entry("move_with_meeting", source=S.REVIEW_GROUP, **{"missed": "MT-0", "meeting": "MT-1", **record})


@pytest.mark.parametrize(
    ("status", "rule"), [("planned", "PT-15"), ("held", "PT-15"), ("cancelled", None), ("moved", None)]
)
def test_a_child_leaves_a_meeting_only_when_that_is_called_off(status, rule):
    missed = group_meeting("MT-0", on=date(2026, 3, 12), status=status)

    assert judged(group.missed_meeting_is_called_off, going(gone=missed)) == rule


def test_a_meeting_called_off_later_had_not_been_called_off_by_then():
    later = group_meeting("MT-0", status="cancelled", called_off_on=date(2026, 3, 11))

    assert not later.called_off(date(2026, 3, 10))
    assert later.called_off(date(2026, 3, 11))


def test_a_child_comes_back_only_to_the_meeting_it_came_from():
    back = {"missed": "MT-1", "meeting": "MT-0", "how": "takes place after all"}

    assert judged(group.missed_meeting_is_called_off, going(**back)) == "PT-15"
    assert judged(group.missed_meeting_is_called_off, going(moved(), **back)) is None
    assert judged(group.missed_meeting_is_called_off, going(moved(missed="MT-8"), **back)) == "PT-15"


def test_only_a_child_on_the_agenda_of_the_missed_meeting_goes_along():
    assert judged(group.child_is_at_the_missed_meeting, going()) is None
    assert judged(group.child_is_at_the_missed_meeting, going(listed="MT-7")) == "PT-15"
    assert judged(group.child_is_at_the_missed_meeting, going(state=S.RATED)) == "PT-15"


@pytest.mark.parametrize(("return_on", "rule"), [(date(2026, 3, 12), None), (date(2026, 3, 13), "PT-15")])
def test_a_child_due_back_on_the_day_of_the_missed_meeting_goes_along(return_on, rule):
    deferred = entry("group_defers", source=S.REVIEW_GROUP, return_on=return_on)
    at = going(deferred, state=S.DEFERRED, business="due back on its agenda")

    assert judged(group.child_is_at_the_missed_meeting, at) == rule


def test_a_child_due_back_at_a_meeting_it_went_to_before_goes_along_again():
    deferred = entry("group_defers", source=S.REVIEW_GROUP, return_on=date(2026, 2, 5))
    before = moved(missed="MT-8", meeting="MT-0", business="due back on its agenda")
    at = going(deferred, before, state=S.DEFERRED, business="due back on its agenda")

    assert judged(group.child_is_at_the_missed_meeting, at) is None


def test_an_urgent_decision_to_be_noted_goes_along_until_it_is_noted():
    urgent = entry("decide_urgently", source=S.RATED, meeting="MT-0")
    noted = entry("note_urgent_decision", source=S.TRAJECTORY, meeting="MT-0")
    note = {"state": S.TRAJECTORY, "business": "an urgent decision to be noted"}

    assert judged(group.child_is_at_the_missed_meeting, going(urgent, **note)) is None
    assert judged(group.child_is_at_the_missed_meeting, going(urgent, noted, **note)) == "PT-15"


def test_papers_are_asked_for_again_only_while_they_are_to_come_and_there_is_time():
    filed_already = entry("file_papers", source=S.REVIEW_GROUP)
    too_soon = going()
    soon = facts(
        S.REVIEW_GROUP,
        given=too_soon.given,
        meetings={"MT-1": group_meeting("MT-1", on=date(2026, 3, 16))},  # papers were due on the 9th
    )

    assert choices.moves_and_papers_to_come(going())
    assert not choices.moves_and_papers_to_come(going(filed_already))
    assert not choices.moves_and_papers_to_come(soon)


def test_a_child_not_ratified_gets_until_the_meeting_only_where_its_days_are_not_enough():
    # Twenty working days from 10 February 2026 is 10 March; from 12 March it is 13 April, over Easter.
    early = entry("roa_does_not_ratify", source=S.RATIFICATION, on=date(2026, 2, 10), meeting="MT-0")
    late = entry("roa_does_not_ratify", source=S.RATIFICATION, on=date(2026, 3, 12), meeting="MT-0")

    assert choices.relisting_moves(going(early))
    assert not choices.relisting_moves(going(late))
    assert not choices.relisting_moves(going())


# --- the chair decides between meetings ------------------------------------------------------------------


def urgently(*entries: Entry, state: S = S.RATED, rules: Any = None, **record: Any) -> Facts:
    return facts(
        state,
        *entries,
        given=filed("decide_urgently", **record),
        meetings={"MT-1": group_meeting("MT-1", on=date(2026, 4, 9))},
        policy=rules,
    )


def wrote(voice: str, on: date = FRESH) -> Entry:
    return entry("add_view", source=S.RATED, on=on, voice=voice)


def test_an_authority_may_do_without_urgent_decisions():
    without = policy(group={"urgent_decision_allowed": False})

    assert judged(group.urgent_decisions_allowed, urgently()) is None
    assert judged(group.urgent_decisions_allowed, urgently(rules=without)) == "PT-15"


@pytest.mark.parametrize(
    ("views", "rule"),
    [
        ([wrote("Fostering"), wrote("Safeguarding")], None),
        ([wrote("Fostering")], "PT-15"),
        ([wrote("Fostering"), wrote("Safeguarding", STALE)], "PT-15"),
        ([wrote("Fostering"), wrote("Fostering"), wrote("child")], "PT-15"),
        ([wrote("Fostering"), wrote("Safeguarding", date(2026, 3, 10))], None),
    ],
)
def test_the_chair_decides_urgently_on_as_many_fresh_written_views_as_make_a_quorum(views, rule):
    assert judged(group.services_have_written, urgently(*views)) == rule


def test_a_service_that_had_not_written_is_missing_and_may_object():
    views = (wrote("Fostering"), wrote("Safeguarding"))
    decided = entry("decide_urgently", source=S.RATED, on=TODAY)
    afterwards = wrote("Virtual School", TODAY)

    assert history.missing_services(urgently(*views)) == {"Virtual School"}
    assert history.missing_services(facts(S.TRAJECTORY, *views, decided, afterwards)) == {"Virtual School"}
    assert choices.service_has_not_written(urgently(*views))


def test_the_objection_to_an_urgent_decision_is_the_missing_services_own():
    views = (wrote("Fostering"), wrote("Safeguarding"))
    decided = entry("decide_urgently", source=S.RATED, on=TODAY)

    def objecting(service: str) -> Facts:
        given = filed("service_objects", service=service)
        return facts(S.TRAJECTORY, *views, decided, given=given, deciders_services=frozenset({service}))

    assert judged(group.service_was_missing, objecting("Virtual School")) is None
    assert judged(group.service_was_missing, objecting("Fostering")) == "PT-4"
    assert judged(group.within_the_objection_days, objecting("Virtual School")) is None


def test_an_urgent_decision_counts_as_agreement_to_progress():
    decided = entry("decide_urgently", source=S.RATED)

    assert history.group_progressed(facts(S.TRAJECTORY, decided))


def noting(*entries: Entry, meeting: Any = None, on: date = TODAY) -> Facts:
    at = meeting or group_meeting("MT-1", on=date(2026, 3, 10))
    given = filed("note_urgent_decision", meeting="MT-1")
    return facts(S.TRAJECTORY, *entries, given=given, meetings={"MT-1": at}, on=on)


def test_there_must_be_an_urgent_decision_to_note():
    decided = entry("decide_urgently", source=S.RATED, on=date(2026, 3, 2))
    noted = entry("note_urgent_decision", source=S.TRAJECTORY)

    assert judged(group.urgent_decision_waits_to_be_noted, noting()) == "PT-15"
    assert judged(group.urgent_decision_waits_to_be_noted, noting(decided)) is None
    assert judged(group.urgent_decision_waits_to_be_noted, noting(decided, noted)) == "PT-15"


@pytest.mark.parametrize(
    ("held_on", "rule"), [(date(2026, 3, 10), None), (date(2026, 3, 12), "PT-15"), (date(2026, 2, 12), "PT-15")]
)
def test_it_is_noted_at_a_meeting_after_it_that_has_taken_place(held_on, rule):
    decided = entry("decide_urgently", source=S.RATED, on=date(2026, 3, 2))
    at = noting(decided, meeting=group_meeting("MT-1", on=held_on))

    assert judged(group.noted_at_a_meeting_that_was_held, at) == rule


# --- late papers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "rule"), [(date(2026, 3, 5), "PT-4"), (date(2026, 3, 6), None)])
def test_papers_are_accepted_late_once_their_day_is_over(on, rule):
    # Five working days before Thursday 12 March: Thursday the 5th.
    at = facts(
        S.REVIEW_GROUP,
        given=filed("accept_late_papers", on=on),
        listed=group_meeting(on=date(2026, 3, 12)),
        on=on,
    )

    assert judged(group.late_papers_can_be_accepted, at) == rule


def test_late_papers_count_once_the_chair_has_accepted_them():
    listed = entry("list_for_group", source=S.RATED, on=date(2026, 2, 20))
    late = entry("file_papers", source=S.REVIEW_GROUP, on=date(2026, 3, 9))
    accepted = entry("accept_late_papers", source=S.REVIEW_GROUP, on=date(2026, 3, 9))

    def deciding(*entries: Entry) -> Facts:
        at = group_meeting(on=TODAY)
        return facts(S.REVIEW_GROUP, *entries, given=filed("group_progresses"), listed=at)

    assert judged(group.papers_in_or_accepted, deciding(listed, late)) == "PT-4"
    assert judged(group.papers_in_or_accepted, deciding(listed, late, accepted)) is None
    assert judged(group.papers_in_or_accepted, deciding(accepted, listed, late)) == "PT-4"
