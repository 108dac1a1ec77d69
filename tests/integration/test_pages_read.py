"""How pages read: what is set apart, what is left out, what stands on top, and references however they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from casework.reading.queries import NextStep, next_steps
from casework.who.people import end_role, find_person
from persistence.tables import Case, Deadline, Flag
from states.offering import USUAL
from states.pathway import PATHWAY
from states.processes import ALL_ROWS
from states.records.base import FieldSeen
from states.vocabulary import Nature, Role
from tests.county import ChildAt, Templates
from tests.pages import Pages, line
from tests.rows import case_of, rows_of
from tests.world import START, World
from web.formats import DATES, option

#: The child of `child_at("ASSESSMENT")` was ratified on 4 March 2025.
AFTER = START + timedelta(58)


@pytest.fixture
def templates(_sqlite_children: Templates) -> Templates:
    """What a page says does not depend on the database."""
    return _sqlite_children


def steps(world: World, ref: str, who: str, on: date = AFTER) -> dict[str, NextStep]:
    with world.office.reading() as session:
        return {one.trigger: one for one in next_steps(session, ref, by=world.ids[who], today=on)}


# --- what is set apart -------------------------------------------------------------------------------------


def test_facts_out_of_their_order_stand_under_a_heading_of_their_own(child_at: ChildAt) -> None:
    """Practice PR-1: an order from the cohort is recorded when it has happened, and is nobody's next step."""
    world, ref = child_at("ASSESSMENT")

    said = line(Pages(world).as_("sol.sw", on=AFTER).get(f"/cases/{ref}"))

    ordinary, heading, apart = said.partition("What can happen next")[2].partition("If it happened without us")
    assert heading
    apart = apart.partition("Dates")[0]
    for fact in ("Order made", "Application issued", "Record the child's death", "Record a move out of the area"):
        assert fact in apart, fact
        assert fact not in ordinary, fact
    assert "Record a visit to the child" in ordinary


def test_in_court_the_order_is_the_ordinary_next_step(child_at: ChildAt) -> None:
    world, ref = child_at("IN_COURT")
    found = steps(world, ref, "lex.legal", START + timedelta(400))

    assert {name for name, step in found.items() if step.out_of_order} == {
        "record_death", "record_leaving", "record_move_away", "record_notice_of_intention", "record_placement_change",
    }  # fmt: skip


def test_of_every_fact_it_is_said_where_it_is_an_ordinary_step() -> None:
    assert set(USUAL) == {row.trigger for row in PATHWAY.rows if row.nature is Nature.FACT}


# --- what has nothing to act on ----------------------------------------------------------------------------


def test_an_act_with_nothing_to_act_on_is_not_offered(child_at: ChildAt) -> None:
    """No concern to clear, no clock that stands still, no direction to meet: none of these is in the list."""
    world, ref = child_at("ASSESSMENT")
    nothing = {
        "clear_safeguarding": "rowan.tm", "resume_clock": "rowan.tm", "resolve_concern": "oda.iro",
        "lift_restriction": "rowan.tm", "end_sibling_link": "sol.sw", "meet_condition": "ida.saw",
        "acknowledge_notice": "lex.legal", "meet_direction": "lex.legal", "receive_document": "cfs.permanence",
        "check_quality": "tam.sgo",
    }  # fmt: skip

    assert {name: steps(world, ref, who)[name].idle for name, who in nothing.items()} == dict.fromkeys(nothing, True)
    said = line(Pages(world).as_("rowan.tm", on=AFTER).get(f"/cases/{ref}"))
    for words in ("Clear a safeguarding concern", "Let the clocks run again", "Lift the restriction", "Check the rep"):
        assert words not in said, words


def test_it_is_offered_when_there_is_something(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    sibling = world.open_child()
    on = START + timedelta(60)
    world.do("link_sibling", on, "sol.sw", ref=ref, sibling=sibling)
    world.do("record_court_direction", on, "lex.legal", ref=ref)
    world.do("record_notice_of_intention", on, "lex.legal", ref=ref)
    world.do("raise_concern", on, "oda.iro", ref=ref)
    world.do("flag_safeguarding", on, "sol.sw", ref=ref)
    world.do("record_on_case_system", on, "sol.sw", ref=ref, for_cfs=True)
    something = {
        "clear_safeguarding": "rowan.tm", "resolve_concern": "oda.iro", "end_sibling_link": "sol.sw",
        "acknowledge_notice": "lex.legal", "meet_direction": "lex.legal", "receive_document": "cfs.permanence",
    }  # fmt: skip

    found = {name: steps(world, ref, who, on)[name].idle for name, who in something.items()}

    assert found == dict.fromkeys(something, False)
    assert "Clear a safeguarding concern" in line(Pages(world).as_("rowan.tm", on=on).get(f"/cases/{ref}"))


# --- what stands on top --------------------------------------------------------------------------------------


def test_a_childs_name_and_age_stand_on_top_and_not_in_the_title(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    on = START + timedelta(5)
    known = {"given_names": "Ada", "family_name": "Example", "date_of_birth": "2016-01-10"}
    world.do("update_child", on, "rowan.tm", ref=ref, **known)
    raw = Pages(world).as_("sol.sw", on=on).client.get(f"/cases/{ref}").get_data(as_text=True)

    title, heading = raw.partition("</title>")[0], raw.partition("</h1>")[2].partition("<h2")[0]

    assert "Ada Example, 9 years old" in heading
    assert "Ada" not in title


# --- references --------------------------------------------------------------------------------------------------


def test_a_reference_is_known_however_it_is_typed(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    worker = Pages(world).as_("sol.sw", on=AFTER)

    assert ref in line(worker.get(f"/cases/{ref.lower()}"))
    assert ref in line(worker.get(f"/cases/{ref.lower()}/step/set_latest_position"))
    assert ref in line(worker.get(f"/children?find={ref.lower()}"))
    assert worker.client.get("/children?find=fr-7k4qm2xd").location == "/cases/FR-7K4QM2XD"
    assert worker.client.get("/children?find=mt-7k4qm2xd").location == "/meetings/MT-7K4QM2XD"
    worker.get("/cases/sg-00000000", 404)


# --- my work -----------------------------------------------------------------------------------------------------


def test_what_is_due_later_than_in_eight_weeks_is_folded_and_nothing_late_ever_is(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    own = {case.id for case in rows_of(world, Case) if case.ref == ref}
    dues = [one.due_on for one in rows_of(world, Deadline) if one.case_id in own and one.closed_as is None]
    for on in (AFTER, AFTER + timedelta(30), AFTER + timedelta(400)):
        raw = worker_on(world, on)
        shown, folds, folded = raw.partition("<details")
        assert raw.count('<details class="govuk-details"') <= 1
        assert "sgo-late" not in folded.partition("</details>")[0]
        later = sum(due is not None and due > on + timedelta(weeks=8) for due in dues)
        assert bool(folds) == ("Later: " in raw)
        if on == AFTER:
            assert later > 0
            assert folds
            assert "In the next eight weeks" in shown
        if on > AFTER + timedelta(300):
            assert not folds
            assert "days late" in shown


def worker_on(world: World, on: date) -> str:
    return Pages(world).as_("ida.saw", on=on).client.get("/my-work").get_data(as_text=True)


# --- whom a form offers, and in which words ----------------------------------------------------------------------


def test_who_decided_offers_those_who_may_and_nobody_who_could_not(child_at: ChildAt) -> None:
    """Practice PR-2: the child's Team Manager and more senior posts may rate; a solicitor or another team's may not."""
    world, ref = child_at("COHORT")
    page = Pages(world).as_("sol.sw", on=START).client.get(f"/cases/{ref}/step/rate").get_data(as_text=True)

    listed = page.partition('id="decided_by"')[2].partition("</select>")[0]
    offered = set(re.findall(r'<option value="([a-z.-]+)"', listed))

    assert {"rowan.tm", "hana.hos", "abel.ad", "dara.director"} <= offered
    assert offered.isdisjoint({"lex.legal", "imara.tm", "faye.finance", "sol.sw", "oda.iro", "amy.administrator"})


def test_who_held_the_post_before_may_still_have_decided(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    with world.office.unit_of_work() as session:
        end_role(session, person=find_person(session, "rowan.tm"), role=Role.TEAM_MANAGER, last_day=START)
    on = START + timedelta(2)
    page = Pages(world).as_("sol.sw", on=on).client.get(f"/cases/{ref}/step/rate").get_data(as_text=True)

    assert 'value="rowan.tm"' in page.partition('label="Held such a post before"')[2].partition("</select>")[0]


def test_every_code_that_people_choose_from_has_words() -> None:
    """No machine's word on a page: neither capitals nor underscores, but for the names that the field itself uses."""
    known = {"CFS", "DBS", "DMT", "EHRIA", "IFA", "IRO", "KDD", "RAG", "ROA", "SGO"}
    raw = set()
    for row in ALL_ROWS:
        for seen in _all_fields(row.record.fields()):
            for code in (seen.label, *map(option, seen.options)):
                shouted = set(re.findall(r"\b[A-Z]{3,}\b", code)) - known
                if "_" in code or shouted or (code in seen.options and re.fullmatch(r"[A-Z]+[0-9]+", code)):
                    raw.add(code)
    assert raw == set()
    assert [name for name in DATES if not DATES[name] or "_" in DATES[name]] == []


def _all_fields(fields: Iterable[FieldSeen]) -> Iterable[FieldSeen]:
    for seen in fields:
        yield seen
        yield from _all_fields(seen.rows)


def test_cover_that_lends_a_higher_rank_says_so_on_its_page(child_at: ChildAt) -> None:
    world, _ = child_at("COHORT")
    pages = Pages(world)
    admin = pages.as_("amy.administrator", on=START)
    days = {"from-day": "7", "from-month": "1", "from-year": "2025", "until-day": "9", "until-month": "1"}

    admin.post(
        "/administration/cover", 302, absent="hana.hos", covering="nell.sw", reason="Leave", **days,
        **{"until-year": "2025"},
    )  # fmt: skip

    said = line(admin.get("/administration/cover"))
    assert "Lends a higher rank" in said
    assert "Head of Service" in said


# --- who and what is meant ---------------------------------------------------------------------------------


def test_people_are_called_by_their_names(child_at: ChildAt) -> None:
    """Practice PT-20: who looked and who decided is read by people, and by whoever reads the case file."""
    world, ref = child_at("ASSESSMENT")
    world.meeting(AFTER + timedelta(7))
    cover = {"absent": "sol.sw", "covering": "nell.sw", "reason": "annual leave"}
    pages = Pages(world)
    manager = pages.as_("rowan.tm", on=AFTER)
    days = {"from-day": "10", "from-month": "3", "from-year": "2025"}
    until = {"until-day": "20", "until-month": "3", "until-year": "2025"}
    manager.post("/administration/cover", 302, **cover, **days, **until)
    position = {"position": "All is well.", "next_step": "Visit", "who": "Sol", "action": "look", "version": "1"}

    seen = {
        "/meetings": ("Wren Larkin", "wren.chair"),
        f"/cases/{ref}/who-looked": ("Rowan Ashby", "rowan.tm"),
        "/administration/cover": ("Sol Carrow", "End cover of sol.sw"),
    }
    for path, (name, handle) in seen.items():
        said = line(manager.get(path))
        assert name in said, path
        assert handle not in said, path
    overtaken = line(manager.post(f"/cases/{ref}/step/set_latest_position", 409, **position, **_on(AFTER)))
    assert "by Quin Ridley (KDD chair)" in overtaken


def _on(day: date) -> dict[str, str]:
    days = {"happened_on": day, "by_when": day + timedelta(7)}
    parts = {name: {"day": one.day, "month": one.month, "year": one.year} for name, one in days.items()}
    return {f"{name}-{part}": str(value) for name, one in parts.items() for part, value in one.items()}


def test_the_first_day_on_which_carers_may_apply_is_never_late(child_at: ChildAt) -> None:
    """R-LAW-4: it opens a door, and nobody has missed it who has not gone through yet."""
    world, ref = child_at("RATED")
    world.do("record_notice_of_intention", AFTER, "lex.legal", ref=ref)
    opens = next(one for one in rows_of(world, Deadline) if one.name == "earliest_application")
    assert opens.due_on is not None

    said = line(Pages(world).as_("sol.sw", on=opens.due_on + timedelta(3)).get(f"/cases/{ref}/sheet"))

    before = said.partition(": First day on which the carers may apply")[0]
    assert before.endswith("reached")


def test_what_is_late_stands_before_what_is_to_be_looked_at(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    flag = {"id": "f" * 32, "event_id": "e" * 32, "kind": "invalidated", "words": "Look at it", "rule": "R-RG-6"}
    with world.office.unit_of_work() as session:
        case_id = case_of(world, ref).id
        owner = "Team Manager"
        session.add(Flag(**flag, case_id=case_id, owner=owner, raised_on=AFTER, urgent=False))

    said = line(Pages(world).as_("rowan.tm", on=AFTER + timedelta(400)).get("/my-work"))

    assert 0 < said.index("Late (") < said.index("To look at (")


def test_a_place_that_is_not_open_is_not_offered(child_at: ChildAt) -> None:
    world, _ = child_at("ASSESSMENT")
    pages = Pages(world)

    assert "/pass-on" in pages.as_("rowan.tm", on=AFTER).get("/overview").links
    assert "/pass-on" not in pages.as_("sol.sw", on=AFTER).get("/overview").links


def test_the_words_of_the_field_are_explained_where_they_stand(child_at: ChildAt) -> None:
    """Practice 5: on the child's page and on the form, each word that is there and none that is not."""
    world, ref = child_at("RATED")
    visitor = Pages(world).as_("rowan.tm", on=AFTER)

    page, form, board = (visitor.get(at) for at in (f"/cases/{ref}", f"/cases/{ref}/step/list_for_group", "/overview"))

    assert "SGO Review Group" in line(page).partition("What the words on this page mean")[2]
    assert "Mosaic, LCS, case system" in line(form).partition("What the words on this page mean")[2]
    assert "SSDA903" not in line(page)
    assert "What the words on this page mean" not in board.text
