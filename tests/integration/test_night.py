"""The night looks at every open case once a date, and can prove it: on both databases (reliability R13, R14)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework import policies
from casework.drift.rules import in_use
from casework.errors import Unusable
from casework.following.ledger import RunState, runs
from casework.overnight.night_check import Check
from demo.staff import STAFF
from persistence.tables import (
    Case,
    Event,
    Night,
    Outbox,
)
from states.policy import Policy
from tests.nights import at_night, left, lines, refs, standing, the_night
from tests.world import POLICY, START, World, leicestershire, noon

DAY = timedelta(days=1)
#: The children of `world` join on Monday 6 January 2025; the first rating is due on Monday 3 February.
DUE = date(2025, 2, 3)
LATE = date(2025, 2, 4)


@pytest.fixture
def world(five_waiting: World) -> World:
    """Five children who wait for their first rating."""
    return five_waiting


# -- every case, once ---------------------------------------------------------------------------------------


def test_every_open_case_is_looked_at_and_the_numbers_add_up(world):
    report = the_night(world, LATE)
    assert (report.expected, report.examined, report.skipped) == (5, 5, 0)
    assert report.findings.keys() == {rule.id for rule in in_use(leicestershire())}
    assert {rule: number for rule, number in report.findings.items() if number} == {"D-01": 5}
    assert (report.new, report.cleared, report.replay) == (5, 0, False)
    with world.office.reading() as session:
        row = session.get_one(Night, LATE)
    assert (row.status, row.expected, row.examined, row.skipped) == ("done", 5, 5, 0)
    assert row.policy_sha256 == leicestershire().sha256()


def test_a_closed_case_is_not_expected(world):
    world.do("end", LATE, "rowan.tm", ref=refs(world)[0])
    report = the_night(world, LATE)
    assert (report.expected, report.examined) == (4, 4)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1000])
def test_the_size_of_the_chunks_makes_no_difference(world, chunk):
    report = the_night(world, LATE, chunk=chunk)
    assert (report.expected, report.examined, report.findings["D-01"], report.new) == (5, 5, 5, 5)


def test_a_case_opened_or_closed_while_the_night_runs_disturbs_nothing(world, monkeypatch):
    """The list is made first: a child who joins meanwhile is for the next night, one who leaves was examined."""
    whole, once = Check._chunk, []

    def chunk(check, ids):
        if not once:
            once.append(True)
            world.open_child(LATE)
            world.do("end", LATE, "rowan.tm", ref=refs(world)[3])
        return whole(check, ids)

    monkeypatch.setattr(Check, "_chunk", chunk)
    report = the_night(world, LATE, chunk=2)
    assert (report.expected, report.examined, report.skipped) == (5, 5, 0)
    assert refs(world)[3] not in [line.ref for line in standing(world, on=LATE)]


def test_the_report_has_the_keys_that_scripts_depend_on(world):
    report = the_night(world, LATE).as_json()
    assert {
        "business_date", "replay", "expected", "examined", "skipped", "findings", "new", "cleared",
        "escalated", "digests", "seconds",
    } <= report.keys()  # fmt: skip
    # everybody but system administrator, operator and information guardian, who have no children to do with
    assert (report["business_date"], report["escalated"], report["digests"]) == ("2025-02-04", 0, len(STAFF) - 3)


def test_an_installation_without_children_has_its_nights_too(county):
    report = the_night(county, LATE)
    assert (report.expected, report.examined, report.new) == (0, 0, 0)


def test_the_policy_says_which_rules_are_not_asked(world):
    changed = leicestershire()
    changed = changed.model_copy(update={"night": changed.night.model_copy(update={"off": ("D-01",)})})
    the_night(world, LATE)
    adopt(world, changed, LATE + DAY)
    report = the_night(world, LATE + DAY)
    assert "D-01" not in report.findings
    assert report.cleared == 5  # what nobody asks any more does not stand for ever


def adopt(world: World, policy: Policy, from_on: date) -> None:
    with world.office.unit_of_work() as session:
        policies.adopt(session, policy, file_name=POLICY.name, from_on=from_on, by=None, now=noon(from_on))


# -- findings -----------------------------------------------------------------------------------------------


def test_the_same_night_again_changes_nothing(world):
    the_night(world, LATE)
    before = left(world)
    again = the_night(world, LATE, now=at_night(LATE, 9))
    assert (again.expected, again.examined, again.skipped, again.findings["D-01"]) == (5, 5, 0, 5)
    assert (again.new, again.cleared, again.before) == (0, 0, True)
    assert left(world) == before
    assert lines(world) == [("2025-02-04", "completed")]


def test_the_next_night_finds_the_same_lapses_and_makes_no_new_ones(world):
    the_night(world, LATE)
    report = the_night(world, LATE + DAY)
    assert (report.findings["D-01"], report.new, report.cleared) == (5, 0, 0)
    found = standing(world, on=LATE + DAY)
    assert {(f.since, f.first_found_on, f.last_found_on) for f in found} == {(DUE, LATE, LATE + DAY)}


def test_a_finding_is_cleared_when_its_condition_ends(world):
    the_night(world, LATE)
    ref = refs(world)[0]
    world.do("rate", LATE, "rowan.tm", ref=ref)
    report = the_night(world, LATE + DAY)
    assert (report.findings["D-01"], report.new, report.cleared) == (4, 0, 1)
    (cleared,) = standing(world, on=LATE + DAY, ref=ref, include_cleared=True)
    assert (cleared.cleared_on, cleared.last_found_on) == (LATE + DAY, LATE)


def test_a_lapse_that_comes_back_is_the_same_finding(world):
    ref = refs(world)[0]
    the_night(world, LATE)
    world.do("rate", LATE, "rowan.tm", ref=ref)
    the_night(world, LATE + DAY)
    world.do("reverse_last", LATE + DAY, "rowan.tm", ref=ref)
    assert the_night(world, LATE + 2 * DAY).findings["D-01"] == 5
    (again,) = standing(world, on=LATE + 2 * DAY, ref=ref, include_cleared=True)
    assert (again.first_found_on, again.last_found_on, again.cleared_on) == (LATE, LATE + 2 * DAY, None)


def test_another_date_that_is_missed_is_another_finding(world):
    ref = refs(world)[0]
    the_night(world, LATE)
    with world.office.reading() as session:
        opened = session.scalar(select(Event.id).join(Case, Case.id == Event.case_id).where(Case.ref == ref))
    # In scope a week later in truth: due on Monday 10 February.
    world.do("correct", LATE, "rowan.tm", ref=ref, event=opened, changes="eligible_on=2025-01-13")
    the_night(world, LATE + DAY)
    assert standing(world, on=LATE, ref=ref) == []
    the_night(world, date(2025, 2, 11))
    found = standing(world, on=LATE, ref=ref, rule="D-01", include_cleared=True)
    assert [(f.since, f.cleared_on) for f in found] == [(DUE, LATE + DAY), (date(2025, 2, 10), None)]


def test_what_was_found_in_a_case_that_is_closed_now_does_not_stand(world):
    the_night(world, LATE)
    world.do("end", LATE, "rowan.tm", ref=refs(world)[0])
    report = the_night(world, LATE + DAY)
    assert (report.expected, report.findings["D-01"], report.cleared) == (4, 4, 1)


def test_another_child_makes_no_difference_to_what_is_found_in_a_child(world):
    the_night(world, LATE)
    before = [(f.ref, f.rule, f.since) for f in standing(world, on=LATE)]
    world.child_at("TRAJECTORY")
    the_night(world, LATE + DAY)
    theirs = [(f.ref, f.rule, f.since) for f in standing(world, on=LATE)]
    assert [one for one in theirs if one in before] == before


def test_in_which_order_the_children_joined_makes_no_difference(county):
    """Three children, each late in their own way, opened in two orders in one database: the same findings."""
    wants = {"a": START, "b": START + DAY, "c": START + 2 * DAY}
    found = []
    for order in ("abc", "cab"):
        made = {name: county.open_child(wants[name]) for name in order}
        the_night(county, date(2025, 2, 10) + len(found) * DAY)
        seen = standing(county, on=date(2025, 2, 12))
        found.append([[(f.rule, f.since) for f in seen if f.ref == made[name]] for name in "abc"])
    assert found[0] == found[1]
    assert any(found[0])


def test_people_see_the_findings_of_the_children_they_may_open(world):
    ref, other = refs(world)[:2]
    for child in (ref, other):
        role = "child's social worker"
        world.do("allocate", START, "rowan.tm", ref=child, role=role, person="sol.sw")
    world.do(
        "restrict", LATE, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}, {"person": "hana.hos"}]
    )
    the_night(world, LATE)
    assert len(standing(world, "tam.sgo", on=LATE)) == 4
    assert ref not in [line.ref for line in standing(world, "tam.sgo", on=LATE)]
    assert len(standing(world, "rowan.tm", on=LATE)) == 5
    assert [f.ref for f in standing(world, "imara.tm", on=LATE)] == []  # another team's manager
    assert [f.ref for f in standing(world, "sol.sw", on=LATE)] == [other]  # the worker of one of them
    assert standing(world, "amy.administrator", on=LATE) == []
    assert [f.ref for f in standing(world, "tam.sgo", on=LATE, ref=other)] == [other]


def test_urgent_findings_come_first_and_say_whose_they_are(world):
    from tests.integration.test_night_rules import defer

    ref = world.child_at("REVIEW_GROUP")
    defer(world, ref, return_on=date(2025, 2, 20))
    the_night(world, date(2025, 2, 21))
    first = standing(world, on=date(2025, 2, 21))[0]
    assert (first.ref, first.rule, first.severity) == (ref, "D-04", "urgent")
    assert first.owners == ("group administrator", "Team Manager")


def test_what_was_late_before_the_authority_went_live_is_inherited(world):
    """Adopted on 6 January 2025: what was due before is brought along (PR-4)."""
    world.child_at("RATED", start=date(2024, 5, 6))  # rated on 9 May 2024, refresh due on 9 November
    the_night(world, LATE)
    found = {f.rule: f.inherited for f in standing(world, on=LATE)}
    assert (found["D-02"], found["D-01"]) == (True, False)


# -- ladders --------------------------------------------------------------------------------------------------


def test_the_night_climbs_the_ladders_of_deadlines_once(world):
    """NT-02 ten working days before 3 February 2025: on Monday 20 January, to the Team Manager."""
    assert the_night(world, date(2025, 1, 17)).rungs == 0
    report = the_night(world, date(2025, 1, 20))
    assert (report.rungs, report.notices) == (5, 5)
    the_night(world, date(2025, 1, 20))
    assert the_night(world, date(2025, 1, 21)).rungs == 0
    with world.office.reading() as session:
        mails = session.scalars(select(Outbox).where(Outbox.occasion.startswith("rung:"))).all()
    assert {(mail.recipient_id, mail.due_on, tuple(mail.notices)) for mail in mails} == {
        (world.ids["rowan.tm"], DUE, ("NT-02",))
    }


def test_a_line_in_the_ledger_says_what_the_night_did(world):
    the_night(world, LATE)
    with world.office.reading() as session:
        (line,) = runs(session, flow="overnight")
    assert (line.business_date, line.state, line.how) == (LATE, RunState.COMPLETED, "plain")
    assert line.counts == {
        "expected": 5, "examined": 5, "skipped": 0, "findings": 5, "new": 5, "cleared": 0,
        "escalated": 0, "rungs": 5, "notices": 5,
    }  # fmt: skip


def test_the_door_of_the_night_needs_at_least_a_case_in_a_chunk(county):
    with pytest.raises(Unusable, match="at least one case"):
        the_night(county, LATE, chunk=0)
