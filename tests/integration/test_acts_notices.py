"""Who is told of each step: a table by hand from rules 8, read against the messages an act leaves (reliability R9)."""

from datetime import date, timedelta

import pytest

from casework.overnight.ladder import ring
from persistence.tables import Case, Outbox
from tests.county import ChildAt
from tests.rows import rows_of
from tests.world import START, World, _meeting_of, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def told(world: World, event: str) -> dict[str, set[str]]:
    """Who is told of an event, and what."""
    handle = {person: name for name, person in world.ids.items()}
    mails = rows_of(world, Outbox, event_id=event)
    assert len({m.recipient_id for m in mails}) == len(mails), "somebody gets two mails about one event"
    return {handle[m.recipient_id]: set(m.notices) for m in mails}


def everyone(notice: str, *people: str) -> dict[str, set[str]]:
    return {person: {notice} for person in people}


TEAM = ("sol.sw", "ida.saw", "bay.ssw")

TABLE = [
    # a child is rated: the workers; nobody has the assessment yet, and the Team Manager typed it
    ("COHORT", "rate", 3, "rowan.tm", {}, everyone("RATED", "sol.sw", "bay.ssw")),
    # … typed by somebody else, the Team Manager hears of it for the vacancy
    ("COHORT", "rate", 3, "hana.hos", {}, everyone("RATED", "sol.sw", "bay.ssw", "rowan.tm")),
    ("RATED", "list_for_group", 4, "ash.admin", {"meeting": 17},
     everyone("NT-03", "wren.chair", "fern.fostering", "sage.safeguarding", "vale.school", "rowan.tm")),
    ("TRAJECTORY", "allocate", 18, "tam.sgo", {"role": "SGO assessment worker", "person": "ida.saw"},
     everyone("NT-07", *TEAM)),
    ("KEY_DECISION", "schedule_kdd", 37, "ida.saw", {"chair": "quin.kdd"},
     everyone("NT-09", "lex.legal", "sol.sw", "rowan.tm")),
    ("KEY_DECISION", "kdd_sgo_appropriate", 47, "quin.kdd", {"legal_adviser": "lex.legal"},
     {"oda.iro": {"NT-10"}, **everyone("NT-10-TEAM", *TEAM, "rowan.tm")}),
    ("KEY_DECISION", "return_to_group", 40, "ida.saw", {"meeting": 55},
     everyone("BACK-TO-GROUP", "wren.chair", "ash.admin", "rowan.tm", "sol.sw", "bay.ssw", "oda.iro")),
    ("RATIFICATION", "roa_ratifies", 57, "oda.iro", {},
     everyone("NT-12", "ida.saw", "lex.legal", "rowan.tm", "wren.chair")),
    ("RATIFICATION", "roa_defers", 57, "oda.iro", {},
     everyone("NT-12", "ida.saw", "lex.legal", "rowan.tm", "wren.chair")),
    ("ASSESSMENT", "record_notice_of_intention", 58, "lex.legal", {}, everyone("NT-14", "ida.saw", "sol.sw")),
    ("ASSESSMENT", "flag_safeguarding", 60, "sol.sw", {},
     everyone("NT-32", "rowan.tm", "sage.safeguarding", "oda.iro", "ida.saw")),
    ("ASSESSMENT", "raise_concern", 60, "oda.iro", {}, everyone("CONCERN", "rowan.tm", "sol.sw")),
    ("ASSESSMENT", "raise_concern", 60, "oda.iro", {"stage": "formal"},
     everyone("CONCERN-FORMAL", "rowan.tm", "hana.hos", "uma.iromanager")),
    ("ASSESSMENT", "record_placement_change", 60, "sol.sw", {},
     everyone("PLACEMENT-ENDED", "rowan.tm", "wren.chair", "ash.admin")),
    ("ASSESSMENT", "add_view", 60, "sol.sw", {"stance": "against"}, everyone("OPPOSITION", "rowan.tm")),
    ("ASSESSMENT", "stop", 60, "hana.hos", {}, everyone("NOT-PROGRESSING", *TEAM, "oda.iro", "rowan.tm")),
    ("ASSESSMENT", "return_to_kdd", 60, "ida.saw", {},
     everyone("BACK-TO-KDD", "quin.kdd", "lex.legal", "rowan.tm", "sol.sw", "bay.ssw", "oda.iro")),
    ("SIGN_OFF", "submit_to_legal", 123, "ida.saw", {}, everyone("WITH-LEGAL", "lex.legal")),
    ("WITH_LEGAL", "legal_returns", 130, "lex.legal", {},
     everyone("LEGAL-RETURNS", "ida.saw", "sol.sw", "rowan.tm")),
    ("WITH_LEGAL", "application_issued", 160, "lex.legal", {},
     everyone("APPLICATION-ISSUED", *TEAM, "oda.iro", "rowan.tm")),
    ("IN_COURT", "record_court_direction", 165, "lex.legal", {},
     everyone("NT-21-NEW", "ida.saw", "sol.sw", "rowan.tm")),
    ("IN_COURT", "order_made", 250, "lex.legal", {},
     everyone("NT-22", "sol.sw", "bay.ssw", "oda.iro", "faye.finance", "cfs.permanence", "vale.school", "nia.nurse",
              "coral.coordinator")),
    # out of the blue: the Team Manager is warned as well
    ("ASSESSMENT", "order_made", 60, "lex.legal", {},
     {**everyone("NT-22", "sol.sw", "bay.ssw", "oda.iro", "faye.finance", "cfs.permanence", "vale.school",
                 "nia.nurse", "coral.coordinator"), "rowan.tm": {"AHEAD-OF-STEPS"}}),
    ("ASSESSMENT", "end", 60, "rowan.tm", {}, everyone("CLOSED", *TEAM, "oda.iro")),
    # nothing of these needs anybody else
    ("ASSESSMENT", "set_latest_position", 60, "sol.sw", {}, {}),
    ("ASSESSMENT", "request_check", 60, "ida.saw", {}, {}),
    ("ORDER_MADE", "activate_support", 252, "coral.coordinator", {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "trigger", "on", "who", "changes", "expected"),
    TABLE,
    ids=[f"{n} {row[1]} by {row[3]}" for n, row in enumerate(TABLE)],
)
def test_a_step_tells_exactly_the_right_people(
    child_at: ChildAt,
    *,
    state: str,
    trigger: str,
    on: int,
    who: str,
    changes: dict[str, object],
    expected: dict[str, set[str]],
) -> None:
    world, ref = child_at(state)
    if "meeting" in changes:
        changes = {**changes, "meeting": world.meeting(day(int(str(changes["meeting"]))))}

    result = world.do(trigger, day(on), who, ref=ref, **changes)  # type: ignore[arg-type]

    assert told(world, result.event) == expected


def test_the_group_tells_the_workers_the_iro_and_the_service_that_was_missing(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    world.hold_group(ref, _meeting_of(world, ref), day(17))

    result = world.do("group_progresses", day(17), "wren.chair", ref=ref)

    assert told(world, result.event) == {
        "sol.sw": {"NT-04", "NT-06"},
        "rowan.tm": {"NT-04", "NT-06"},  # also for the assessment worker who is still to be named
        "bay.ssw": {"NT-04"},
        "oda.iro": {"NT-04"},
        "vale.school": {"OBJECTION-WINDOW"},
    }


def test_each_is_told_their_own_date(child_at: ChildAt) -> None:
    """The trajectory is the child's worker's in ten working days, the objection the service's in five."""
    world, ref = child_at("REVIEW_GROUP")
    world.hold_group(ref, _meeting_of(world, ref), day(17))

    result = world.do("group_progresses", day(17), "wren.chair", ref=ref)

    due = {m.recipient_id: m.due_on for m in rows_of(world, Outbox, event_id=result.event)}
    assert due[world.ids["sol.sw"]] == date(2025, 2, 6)
    assert due[world.ids["vale.school"]] == date(2025, 1, 30)
    assert due[world.ids["bay.ssw"]] is None


def test_whoever_takes_over_a_child_is_told_so_and_by_the_same_mail_what_else_is_for_them(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")

    result = world.do("allocate", day(60), "tam.sgo", ref=ref, role="SGO assessment worker", person="kit.saw")

    assert told(world, result.event) == {
        "kit.saw": {"NT-07", "HANDOVER"},
        "sol.sw": {"NT-07"},
        "bay.ssw": {"NT-07"},
    }


def test_a_decision_typed_for_another_asks_them_in_the_mail_they_get_anyway(child_at: ChildAt) -> None:
    world, ref = child_at("WITH_LEGAL")

    result = world.do("legal_returns", day(130), "sol.sw", ref=ref, decided_by="lex.legal")

    assert told(world, result.event) == {
        "lex.legal": {"CONFIRM"},
        "ida.saw": {"LEGAL-RETURNS"},
        "rowan.tm": {"LEGAL-RETURNS"},
    }


def test_mails_of_a_deadline_go_to_the_manager_where_a_post_is_vacant(child_at: ChildAt) -> None:

    world, ref = child_at("ASSESSMENT")
    for role in ("SGO assessment worker", "child's social worker"):
        world.do("allocate", day(58), "tam.sgo", ref=ref, role=role)

    with world.office.unit_of_work() as session:
        ring(session, [c.id for c in session.query(Case)], day(57 + 42), now=noon(day(57 + 42)))

    mid = [m for m in rows_of(world, Outbox) if m.notices == ["NT-13-MID"]]
    assert {m.recipient_id for m in mid} == {world.ids["rowan.tm"], world.ids["tam.sgo"]}
