"""A return or an Annex A becomes cases: who joins, what changes, what is asked, on both databases (practice 7)."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import acts, opening
from casework.acting.commands import Command
from casework.errors import Refused, Unusable
from casework.importing.import_facts import new_record
from interchange.ssda903 import read_return
from persistence.tables import (
    Case,
    Child,
    Deadline,
    Event,
    FollowUp,
    Outbox,
    new_id,
)
from persistence.verification import verify
from tests.imported import (
    AT_HOME,
    EVERYBODY,
    FOSTERED,
    KIN,
    SHORT_BREAKS,
    SOUTH,
    TABLES,
    TODAY,
    YEAR_END,
    asked,
    children,
    events_of,
    everything,
    first_ratings,
    take_in,
)
from tests.rows import rows_of
from tests.world import TEAM, World, noon

pytestmark = pytest.mark.one_database

# -- who joins --------------------------------------------------------------------------------------------


def test_children_who_join_by_a_file_stand_in_lists_by_the_soonest_of_their_dates(world, files):
    take_in(world, files.a_return(*EVERYBODY))

    for case, _ in children(world).values():
        assert case.next_due == min(due.due_on for due in rows_of(world, Deadline, case.ref))


def test_every_child_with_an_open_episode_joins_and_nobody_else(world, files):
    report = take_in(world, files.a_return(*EVERYBODY))

    assert (report.children, report.cases, report.created, report.candidates) == (5, 3, 3, 2)
    assert {key: case.state for key, (case, _) in children(world).items()} == {
        "K1": "COHORT",
        "F1": "COHORT",
        "H1": "COHORT",
    }


def test_a_case_carries_what_the_file_says_and_how_well_it_knows_it(world, files):
    take_in(world, files.a_return(KIN, FOSTERED))
    case, kin = children(world)["K1"]
    _, fostered = children(world)["F1"]

    assert (case.source, case.candidate) == ("ssda903", True)
    assert case.candidate_reason is not None
    assert "kinship" in case.candidate_reason
    assert (kin.looked_after_since, kin.looked_after_exact) == (date(2024, 9, 1), True)
    assert (kin.legal_status, kin.placement_code, kin.kinship, kin.placement_provider) == (
        "C2",
        "U1",
        True,
        "PR1",
    )
    # The episode began with a new carer, in a stay that began before the file does.
    assert (fostered.looked_after_since, fostered.looked_after_exact) == (date(2024, 5, 10), False)
    assert (fostered.placement_since, fostered.placement_exact) == (date(2024, 5, 10), True)
    assert kin.fed_on == YEAR_END
    assert {"team", "worker", "carer", "permanence_plan", "given_names"} <= set(kin.unknown)


def test_everybody_joins_today_and_the_first_rating_is_due_from_then(world, files):
    """20 working days from Tuesday 8 April 2025, with Good Friday, Easter Monday and the early May bank
    holiday in between: Friday 9 May."""
    take_in(world, files.a_return(KIN))

    with world.office.reading() as session:
        event = session.scalars(select(Event)).one()
    assert (event.happened_on, event.recorded_on) == (TODAY, TODAY)
    assert first_ratings(world) == {"K1": date(2025, 5, 9)}


def test_first_ratings_are_released_as_many_a_month_as_the_policy_says(world, files):
    """40 a month: the two that are no candidates of 42 wait a month. From 8 May 20 working days, with the
    bank holiday of 26 May, lead to Friday 6 June."""
    kin = [f"C{number:02d},01/09/2024,S,C2,N1,U1,PR1,,,,,," for number in range(40)]
    take_in(world, files.a_return(AT_HOME, AT_HOME.replace("H1", "H2"), *kin))
    due = first_ratings(world)
    assert {day for key, day in due.items() if key.startswith("C")} == {date(2025, 5, 9)}
    assert (due["H1"], due["H2"]) == (date(2025, 6, 6), date(2025, 6, 6))


def test_a_young_person_of_eighteen_is_left_out_and_said(world, files):
    header = ["K1,1,01/02/2007,WBRI,UN1,,", "F1,1,15/06/2014,WBRI,UN1,,"]
    report = take_in(world, files.a_return(KIN, FOSTERED, Header=header))

    assert (report.cases, report.created, report.kept_out) == (2, 1, 1)
    line = next(line for line in report.rejected if line.rule == "R-LAW-11")
    assert (line.file, line.line, line.column) == ("header.csv", 2, "CHILD")
    assert "already 18" in line.message


def test_all_who_are_wanted_come_out_somewhere(world, files):
    take_in(world, files.a_return(KIN, FOSTERED))
    world.do("end", TODAY, "rowan.tm", ref=children(world)["F1"][0].ref)
    header = [f"{c},1,{born},WBRI,UN1,," for c, born in
              (("K1", "15/06/2014"), ("F1", "15/06/2014"), ("H1", "15/06/2014"), ("A1", "01/01/2000"))]  # fmt: skip
    moved = KIN.replace("U1", "U3")
    adult = AT_HOME.replace("H1", "A1")
    report = take_in(world, files.a_return(moved, FOSTERED, AT_HOME, adult, Header=header))

    assert (report.cases, report.created, report.changed, report.closed, report.kept_out) == (4, 1, 1, 1, 1)
    assert report.cases == (
        report.created + report.changed + report.unchanged + report.closed + report.kept_out
    )


def test_the_histories_hold_after_an_import(world, files):
    take_in(world, files.a_return(*EVERYBODY))
    with world.office.reading() as session:
        found = verify(session)
    assert (found.events, found.cases, found.found) == (3, 3, 0)


def test_the_children_are_a_teams_where_the_importer_says_whose(world, files):
    take_in(world, files.a_return(KIN), team=TEAM, who="rowan.tm")
    with world.office.reading() as session:
        assert session.scalar(select(Case.team_id)) is not None
    assert "team" not in children(world)["K1"][1].unknown


def test_a_team_that_does_not_exist_is_refused_before_anything_is_read(world, files):
    with pytest.raises(Unusable, match="no team called"):
        take_in(world, files.a_return(KIN), team="Nobody's team")
    assert everything(world)["Case"] == 0


# -- the same as one at a time ------------------------------------------------------------------------------

RANDOM = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|SG-[0-9A-Z]{8}")


class Undo(Exception):
    pass


def rows_left_by(world: World, use_case: Callable[[Session], object]) -> dict[str, list[dict[str, Any]]]:
    """Every row the use case leaves, as far as it is not random, by child. Nothing of it is kept."""
    rows: dict[str, list[dict[str, Any]]] = {}
    known = {person: handle for handle, person in world.ids.items()}

    def seen(table: Any, name: str, value: Any, of: dict[int, str]) -> Any:
        if name == "case_id" or (table is Case and name == "id"):
            return of.get(value)
        if isinstance(value, str):
            return RANDOM.sub(lambda found: known.get(found[0], "random"), value)
        return value

    with suppress(Undo), world.office.unit_of_work() as session:
        use_case(session)
        session.flush()
        of = {child.case_id: child.council_id for child in session.scalars(select(Child))}
        for table in TABLES:
            names = [column.name for column in table.__table__.columns]
            found = [
                {name: seen(table, name, getattr(row, name), of) for name in names}
                for row in session.scalars(select(table))
            ]
            rows[table.__name__] = sorted(found, key=str)
        assert verify(session).found == 0
        raise Undo
    return rows


def test_many_at_once_leave_the_rows_that_one_at_a_time_leave(world, files):
    returned = read_return(files.a_return(*EVERYBODY))
    team = {"K1": TEAM, "F1": SOUTH, "H1": None}
    records = [
        new_record(child, source="ssda903", as_at=YEAR_END, team=team[child.council_id], eligible_on=TODAY)
        for child in returned.children
        if child.why_not_a_case is None
    ]
    by, bulk_id = world.actor("dean.data"), new_id()

    def alone(session: Session) -> None:
        for record in records:
            command = Command(trigger="open_case", happened_on=TODAY, record=record, bulk_id=bulk_id)
            acts.act(session, command, by=by, now=noon(TODAY))

    def together(session: Session) -> None:
        joined = opening.open_many(session, records, bulk_id=bulk_id, by=by, now=noon(TODAY))
        assert (joined.opened, joined.left_out) == (3, [])

    one_by_one = rows_left_by(world, alone)
    assert {name: len(rows) for name, rows in one_by_one.items() if rows} == {
        "Case": 3, "Child": 3, "Event": 3, "Record": 3, "Deadline": 3, "FollowUp": 1, "Outbox": 2,
    }  # fmt: skip
    assert rows_left_by(world, together) == one_by_one


def test_whom_a_rule_keeps_out_is_kept_out_with_the_same_words(world):
    """No identifier, a birthday to come, somebody of 18, and a child who is there already, twice."""
    good = {"council_id": "A", "source": "ssda903"}
    bad = [
        {"source": "ssda903"},
        {**good, "council_id": "B", "date_of_birth": TODAY + timedelta(days=1)},
        {**good, "council_id": "C", "date_of_birth": date(2000, 1, 1)},
        good,
    ]
    by = world.actor("dean.data")
    with world.office.unit_of_work() as session:
        joined = opening.open_many(session, [good, *bad], bulk_id=new_id(), by=by, now=noon(TODAY))
    alone = []
    for record in bad:
        command = Command(trigger="open_case", happened_on=TODAY, record=record)
        with pytest.raises(Refused) as refused, world.office.unit_of_work() as session:
            acts.act(session, command, by=by, now=noon(TODAY))
        alone.append(refused.value.reasons)
    assert joined.opened == 1
    assert [one.reasons for one in joined.left_out] == alone


def test_who_may_open_no_case_opens_none_in_bulk_either(world):
    record = {"council_id": "A", "source": "ssda903"}
    with world.office.unit_of_work() as session:
        joined = opening.open_many(
            session, [record], bulk_id=new_id(), by=world.actor("sol.sw"), now=noon(TODAY)
        )
    assert (joined.opened, [one.council_id for one in joined.left_out]) == (0, ["A"])


# -- one run, one mail ------------------------------------------------------------------------------------


def test_an_import_is_one_run_and_one_mail_a_person(world, files):
    """(reliability C48)"""
    kin = [f"C{number:02d},01/09/2024,S,C2,N1,U1,PR1,,,,,," for number in range(30)]
    take_in(world, files.a_return(*kin), team=TEAM)
    with world.office.reading() as session:
        follow_up = session.scalars(select(FollowUp)).one()
        mails = session.scalars(select(Outbox)).all()
        bulk = set(session.scalars(select(Event.bulk_id)))
    assert (follow_up.flow, follow_up.events, bulk) == ("case.open_case", 30, {follow_up.about})
    # The team's manager, and nobody for the other team's.
    assert [(mail.recipient_id, mail.notices) for mail in mails] == [(world.ids["rowan.tm"], ["NT-01"])]


# -- again ------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(world, files):
    """(reliability C32)"""
    path = files.a_return(*EVERYBODY)
    take_in(world, path)
    before = everything(world)
    again = take_in(world, path, on=TODAY + timedelta(days=30))

    assert (again.created, again.changed, again.unchanged, again.missing_from_file) == (0, 0, 3, 0)
    assert everything(world) == before | {"ImportBatch": 2}


def test_a_later_file_changes_the_cases_it_has_news_of_and_no_others(world, files):
    take_in(world, files.a_return(KIN, FOSTERED))
    same = "K1,01/09/2024,S,C2,N1,U1,PR1,,,,,,"
    moved = (
        "F1,10/05/2024,P,C2,N1,U4,PR4,20/06/2025,X1,CARPL,,,",
        "F1,20/06/2025,P,C2,N1,U1,PR1,,,,,,",
    )
    report = take_in(world, files.a_return(same, *moved), on=date(2026, 4, 14))

    assert report.business_date == date(2026, 3, 31)
    assert (report.created, report.changed, report.unchanged) == (0, 1, 1)
    assert events_of(world, "F1") == ["open_case", "update_child"]
    assert events_of(world, "K1") == ["open_case"]
    _, child = children(world)["F1"]
    assert (child.placement_code, child.placement_since, child.kinship) == ("U1", date(2025, 6, 20), True)
    assert child.fed_on == date(2026, 3, 31)


def test_next_years_file_does_not_blur_when_care_began(world, files):
    """A year's return holds no earlier episode: what began before it is only known as on or before."""
    take_in(world, files.a_return(KIN))
    next_year = (
        "K1,01/09/2024,L,C2,N1,U1,PR1,01/06/2025,X1,,,,",
        "K1,01/06/2025,L,C2,N1,U1,PR1,,,,,,",
    )
    report = take_in(world, files.a_return(*next_year), on=date(2026, 4, 14))
    _, child = children(world)["K1"]
    assert (child.looked_after_since, child.looked_after_exact) == (date(2024, 9, 1), True)
    assert (child.placement_since, child.placement_exact) == (date(2024, 9, 1), True)
    assert report.changed == 0


def test_an_older_file_than_the_one_we_know_a_child_from_changes_nothing(world, files):
    old = files.a_return(KIN.replace("U1", "K2").replace("2024", "2023"))
    take_in(world, files.a_return(KIN, FOSTERED))
    report = take_in(world, old, on=TODAY + timedelta(days=1))
    assert report.business_date < YEAR_END
    assert (report.changed, report.unchanged) == (0, 1)
    assert children(world)["K1"][1].placement_code == "U1"


def test_what_a_person_wrote_after_the_day_of_the_file_stands(world, files):
    path = files.a_return(KIN, FOSTERED)
    take_in(world, path)
    ref = children(world)["K1"][0].ref
    later = TODAY + timedelta(days=2)
    world.do("update_child", later, "rowan.tm", ref=ref, placement_code="U3", source="typed")

    assert take_in(world, path, on=later + timedelta(days=1)).changed == 0
    assert children(world)["K1"][1].placement_code == "U3"
    # A file about a later day knows better.
    newer = take_in(world, files.a_return(KIN, FOSTERED.replace("10/05/2024", "10/05/2025")), on=date(2026, 4, 14))
    assert newer.business_date == date(2026, 3, 31)
    assert children(world)["K1"][1].placement_code == "U1"


def test_what_a_person_corrected_is_not_made_wrong_again_by_the_same_file(world, files):
    path = files.a_return(KIN)
    take_in(world, path)
    case, _ = children(world)["K1"]
    with world.office.reading() as session:
        event = session.scalars(select(Event.id)).one()
    later = TODAY + timedelta(days=2)
    world.do(
        "correct", later, "rowan.tm", ref=case.ref, event=event,
        changes="date_of_birth=2014-06-16", reason="The birth certificate says so.",
    )  # fmt: skip
    assert children(world)["K1"][1].date_of_birth == date(2014, 6, 16)
    assert take_in(world, path, on=later + timedelta(days=1)).changed == 0
    assert children(world)["K1"][1].date_of_birth == date(2014, 6, 16)


def test_a_return_made_within_its_year_is_true_of_no_day_to_come(world, files):
    """In January the year that ends on 31 March is still running: what is written in February is newer."""
    january, february = date(2025, 1, 14), date(2025, 2, 4)
    path = files.a_return(KIN)
    assert take_in(world, path, on=january).business_date == YEAR_END
    case, child = children(world)["K1"]
    assert child.fed_on == january
    world.do("update_child", february, "rowan.tm", ref=case.ref, placement_code="U3", source="typed")
    assert take_in(world, path, on=february + timedelta(days=1)).changed == 0
    assert children(world)["K1"][1].placement_code == "U3"


def test_a_closed_case_is_not_opened_again_but_listed(world, files):
    path = files.a_return(KIN, FOSTERED)
    take_in(world, path)
    ref = children(world)["K1"][0].ref
    world.do("end", TODAY, "rowan.tm", ref=ref)
    report = take_in(world, path, on=TODAY + timedelta(days=1))

    assert (report.created, report.changed, report.unchanged, report.closed) == (0, 0, 1, 1)
    line = next(line for line in report.flagged if line.rule == "CASE-CLOSED")
    assert (line.file, line.line) == ("header.csv", 2)
    assert ref in line.message
    assert children(world)["K1"][0].closed


# -- what is asked ----------------------------------------------------------------------------------------


def test_a_child_missing_from_the_file_is_asked_about_once_and_never_closed(world, files):
    take_in(world, files.a_return(KIN, FOSTERED, AT_HOME))
    report = take_in(world, files.a_return(KIN, on_hand := SHORT_BREAKS), on=TODAY + timedelta(days=1))
    there = children(world)

    assert on_hand
    assert report.missing_from_file == 2
    assert not any(case.closed for case, _ in there.values())
    assert asked(world)["missing from the file"] == (there["F1"][0].ref, there["H1"][0].ref)
    # A file that names them again answers the question.
    take_in(world, files.a_return(KIN, FOSTERED, AT_HOME), on=TODAY + timedelta(days=2))
    assert "missing from the file" not in asked(world)


def test_a_child_who_has_left_care_by_the_file_is_asked_about_and_not_closed(world, files):
    take_in(world, files.a_return(KIN, FOSTERED))
    left = KIN.replace("PR1,,,", "PR1,01/03/2025,E45,,")
    report = take_in(world, files.a_return(left, FOSTERED), on=TODAY + timedelta(days=1))
    ref = children(world)["K1"][0].ref

    assert (report.left_care, report.missing_from_file) == (1, 0)
    assert asked(world)["left care by the file"] == (ref,)
    world.do("end", TODAY + timedelta(days=2), "rowan.tm", ref=ref)
    assert "left care by the file" not in asked(world)


def test_a_child_with_an_order_has_left_care_and_is_not_missed(world, files):
    ref = world.child_at("ORDER_MADE", start=date(2024, 5, 6))
    report = take_in(world, files.a_return(KIN))
    assert report.missing_from_file == 0
    assert ref not in asked(world).get("missing from the file", ())


def test_one_teams_file_is_not_asked_about_the_children_of_another(world, files):
    take_in(world, files.a_return(KIN, FOSTERED), team=SOUTH)
    report = take_in(world, files.a_return(AT_HOME), team=TEAM, on=TODAY + timedelta(days=1))
    assert report.missing_from_file == 0


def test_what_the_source_could_not_say_is_one_finding_a_field_until_somebody_says_it(world, files):
    report = take_in(world, files.a_return(KIN, FOSTERED))
    refs = tuple(case.ref for case, _ in children(world).values())
    assert report.unknown["team"] == report.unknown["worker"] == 2
    assert sorted(asked(world)["unknown: team"]) == sorted(refs)

    world.do("update_child", TODAY, "rowan.tm", ref=refs[0], team=TEAM, source="typed")
    role = "child's social worker"
    world.do("allocate", TODAY, "rowan.tm", ref=refs[0], role=role, person="sol.sw")
    assert asked(world)["unknown: team"] == asked(world)["unknown: worker"] == (refs[1],)


def test_a_restricted_case_is_left_alone_and_nothing_of_it_is_said(world, files):
    take_in(world, files.a_return(KIN, FOSTERED))
    ref = children(world)["K1"][0].ref
    world.do(
        "restrict", TODAY, "rowan.tm", ref=ref, reason="Somebody on the staff knows the family.",
        people=[{"person": "rowan.tm"}, {"person": "hana.hos"}],
    )  # fmt: skip
    moved = take_in(world, files.a_return(KIN.replace("U1", "U3"), FOSTERED), on=TODAY + timedelta(days=1))
    assert (moved.created, moved.changed, moved.unchanged) == (0, 0, 2)
    assert children(world)["K1"][1].placement_code == "U1"
    gone = take_in(world, files.a_return(FOSTERED), on=TODAY + timedelta(days=2))
    assert gone.missing_from_file == 0
    assert not any(ref in refs for refs in asked(world).values())
