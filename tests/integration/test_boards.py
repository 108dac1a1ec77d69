"""The pages of managers and operators with a real database: figures over what one may open, and the lists behind."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from casework import doing
from casework.boards.narrowing import Wanted
from casework.boards.where import where_everyone_is
from casework.who.interests import Relation
from persistence.tables import FollowUp, Run
from tests.nights import at_night, failed_run, the_night
from tests.pages import Pages, line
from tests.queries import counting
from tests.rows import rows_of
from tests.world import START, World, a_world, noon

SOUTH = "Children in Care South"
THURSDAY = START + timedelta(3)
#: The first rating is due fifteen working days after the child joined (R-ELG-3): by then it is late (D-01).
LATER = START + timedelta(40)
#: How often each page people keep open all day may ask, whatever the county (design 8; signing in is three of them).
CEILINGS = {"/my-work": 15, "/children": 15, "/overview": 15}
BOARDS = (*CEILINGS, "/overview?as=table", "/attention", "/nights", "/nights/compare", "/runs")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with a_world(database_url, tmp_path) as county:
        yield county


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


def restricted(world: World) -> str:
    """A child who is there for their Team Manager alone."""
    ref = world.open_child()
    world.do("restrict", START, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}])
    return ref


# --- where every child is ----------------------------------------------------------------------------------


def test_the_board_counts_whom_one_may_open_and_each_figure_leads_to_its_list(world, pages):
    north, rated = world.open_child(), world.open_child()
    world.do("rate", THURSDAY, "rowan.tm", ref=rated)
    south = world.do("open_case", START, "imara.tm", council_id="S1", team=SOUTH).ref
    hidden = restricted(world)

    for who, there in (
        ("hana.hos", {north, rated, south}),
        ("rowan.tm", {north, rated, hidden}),
        ("imara.tm", {south}),
    ):
        visitor = pages.as_(who, on=THURSDAY)
        board = visitor.get("/overview")
        assert f"{len(there)} {'child' if len(there) == 1 else 'children'}" in line(board), who
        for link in [one for one in board.links if one.startswith("/children?")]:
            found = set(re.findall(r"SG-[0-9A-Z]{8}", visitor.get(link).text))
            assert found <= there, link
        assert {ref for ref in (north, rated, south, hidden) if ref in board.text} == there, who


def test_workers_are_counted_alike_over_everybody_and_over_a_few(world):
    """Whoever sees every child is counted for by leaving out the others: it comes to the same (R22, C5)."""
    sol = world.ids["sol.sw"]
    world.child_at("TRAJECTORY")  # and the trajectory is late (R-RG-5)
    own, near, over = (world.open_child() for _ in range(3))
    restricted(world)
    world.do("restrict", START, "rowan.tm", ref=own, people=[{"person": "rowan.tm"}, {"person": "hana.hos"}])
    world.do("end", THURSDAY, "rowan.tm", ref=over)
    manager = world.actor("rowan.tm")
    doing.keep_from(world.office, near, who="hana.hos", relation=Relation.RELATIVE, by=manager, now=noon(THURSDAY))
    world.do("open_case", START, "imara.tm", council_id="S1", team=SOUTH)

    def posts(who: str, **asked: str) -> tuple[int, dict[str, int], int]:
        with world.office.reading() as session:
            wanted = Wanted(**asked)
            board = where_everyone_is(session, by=world.ids[who], today=START + timedelta(120), wanted=wanted)
        mine = next(one for one in board.workers if one.id == sol)
        return board.sum.children, mine.posts, mine.late

    for who, children in (("hana.hos", 2), ("rowan.tm", 4)):
        everybody, held, late = posts(who)
        assert (everybody, held) == (children + (who == "hana.hos"), {"child's social worker": children}), who
        assert posts(who, worker=sol) == (children, held, late), who
        assert late == 1, who


def test_a_list_is_narrowed_by_state_colour_team_worker_age_and_lateness(world, pages):
    rated, unrated = world.open_child(), world.do("open_case", START, "imara.tm", council_id="S1", team=SOUTH).ref
    world.do("rate", THURSDAY, "rowan.tm", ref=rated)
    visitor = pages.as_("hana.hos", on=LATER)
    for asked, there in (
        ("", {rated, unrated}),
        ("state=RATED", {rated}),
        ("colour=none", {unrated}),
        ("colour=GREEN", {rated}),
        (f"worker={world.ids['sol.sw']}", {rated}),
        (f"worker={world.ids['kit.saw']}", set()),
        ("age=4", {rated, unrated}),
        ("age=26", set()),
        ("late=1&state=COHORT", {unrated}),
        (f"find={rated[3:7].lower()}", {rated}),
        ("state=NOWHERE&age=x&page=999", {rated, unrated}),
    ):
        page = visitor.get(f"/children?{asked}")
        assert set(re.findall(r"/cases/(SG-[0-9A-Z]{8})", " ".join(page.links))) == there, asked
    teams = re.findall(r"team=([0-9A-Za-z-]+)", " ".join(visitor.get("/overview").links))
    assert len(set(teams)) == 2


def test_no_page_asks_once_a_child(world, pages):
    world.open_child()
    the_night(world, LATER)
    visitor = pages.as_("hana.hos", on=LATER)
    few: dict[str, int] = {}
    for path in BOARDS:
        with counting(world) as asked:
            visitor.get(path)
        few[path] = len(asked)
    for _ in range(4):
        world.open_child(LATER - timedelta(days=39))
    the_night(world, LATER + timedelta(1))
    visitor = pages.as_("hana.hos", on=LATER + timedelta(1))
    for path in BOARDS:
        with counting(world) as asked:
            page = visitor.get(path)
        assert len(asked) <= few[path] + 1, path  # one a state that was empty before
        assert "SG-" in page.text or path in ("/my-work", "/overview?as=table", "/nights", "/runs"), path
    assert all(few[path] <= ceiling for path, ceiling in CEILINGS.items()), few
    assert max(few.values()) <= 36


def test_from_the_first_page_everything_is_two_clicks_away(world, pages):
    """Who is late and why; whether last night looked at everyone; what happened in the run that failed."""
    ref = world.open_child()
    the_night(world, LATER)
    run = failed_run(world, ref, noon(LATER))
    visitor = pages.as_("rowan.tm", on=LATER)
    start = visitor.get("/my-work")

    assert {"/attention", "/nights", "/runs"} <= set(start.links)
    assert "Not rated, and the first rating is overdue" in visitor.get("/attention").text
    assert "Everyone was looked at: 1 of 1" in line(visitor.get("/nights"))
    assert f"/runs/{run}" in visitor.get("/runs").links
    assert "It failed at the step “deliver notices”" in line(visitor.get(f"/runs/{run}"))


# --- Excel -------------------------------------------------------------------------------------------------


def test_the_list_in_view_opens_in_excel_with_dates_as_dates_and_nothing_that_calculates(world, pages):
    """reliability C29: what begins like a formula is text, and stays what it was."""
    nasty = '=HYPERLINK("http://x.example","y")'
    refs = [world.open_child() for _ in range(5)]
    for ref, words in zip(refs, (nasty, "+44 7700 900123", "-1", "@SUM(A1)", "plain"), strict=True):
        world.do("set_latest_position", THURSDAY, "sol.sw", ref=ref, position=words)
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    answer = visitor.client.get("/children.xlsx?order=reference")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    found = {row[0].value: row for row in sheet.iter_rows(min_row=2)}

    assert "SG-" not in answer.headers["Content-Disposition"]
    headings = [cell.value for cell in sheet[1]]
    position, since, days = (headings.index(name) for name in ("Latest position", "Since", "Days there"))
    assert set(found) == set(refs)
    assert [found[ref][position].value for ref in refs] == [nasty, "+44 7700 900123", "-1", "@SUM(A1)", "plain"]
    assert all(cell.data_type != "f" for row in found.values() for cell in row)
    assert [found[ref][position].quotePrefix for ref in refs] == [True, True, True, True, False]
    assert found[refs[0]][since].value == datetime(2025, 1, 6)  # noqa: DTZ001 - a date in a sheet has no zone
    assert found[refs[0]][days].value == 3
    looked = {look.case_ref for look in world.office.access_log.looked_at_by(world.ids["rowan.tm"])}
    assert set(refs) <= looked


# --- needs attention ---------------------------------------------------------------------------------------


def test_somebody_says_that_they_are_dealing_with_it_until_a_date(world, pages):
    world.open_child()
    the_night(world, LATER)
    visitor = pages.as_("rowan.tm", on=LATER)
    form = next(one for one in visitor.get("/attention").links if one.endswith("/dealing"))
    until = {"until-day": "1", "until-month": "3", "until-year": "2025"}

    for typed, words in (
        ({"reason": "", **until}, "Say what you are doing about it."),
        ({"reason": "I ring the team", **until, "until-day": "x"}, "Enter the date until when"),
        ({"reason": "I ring the team", **until, "until-year": "2024"}, "The date until when must lie ahead."),
    ):
        page = visitor.post(form, 422, **typed)
        assert words in page.text
        assert typed["reason"] in page.text
    visitor.get(form.replace("/dealing", "0/dealing"), 404)
    pages.as_("imara.tm", on=LATER).get(form, 404)
    visitor = pages.as_("rowan.tm", on=LATER)
    visitor.post(form, 302, reason="I ring the team", **until)

    for asked, shown in (("", True), ("dealing=somebody", True), ("dealing=nobody", False), ("dealing=back", False)):
        page = visitor.get(f"/attention?{asked}")
        assert ("rowan.tm until 1 Mar 2025: I ring the team" in line(page)) is shown, asked
    pages.now = noon(date(2025, 3, 2))
    visitor = pages.as_("rowan.tm", on=date(2025, 3, 2))
    assert "It is back" in visitor.get("/attention?dealing=back").text


def test_what_is_over_is_shown_for_four_weeks(world, pages):
    ref = world.open_child()
    the_night(world, LATER)
    world.do("rate", LATER, "rowan.tm", ref=ref, late_reason="The group asked for more.")
    the_night(world, LATER + timedelta(1))

    for days, number in ((1, 1), (29, 1), (30, 0)):
        page = pages.as_("rowan.tm", on=LATER + timedelta(days)).get("/attention?over=1&rule=D-01")
        assert f"{number} finding" in line(page), days


# --- last night --------------------------------------------------------------------------------------------


def test_last_night_is_told_over_the_cases_one_may_open_and_whole_to_operators_only(world, pages):
    """R22: a restricted case that could not be checked changes nothing of what others see."""
    open_one, hidden = world.open_child(), restricted(world)
    the_night(world, LATER, crash_case=hidden)

    for who, words, refs in (
        ("hana.hos", "Everyone was looked at: 1 of 1 open cases that you may open", set()),
        ("rowan.tm", "1 of 2 open cases that you may open could not be checked", {hidden}),
        ("imara.tm", "Everyone was looked at: 0 of 0 open cases that you may open", set()),
        ("otto.operator", "1 of 2 open cases could not be checked", set()),
    ):
        page = pages.as_(who, on=LATER).get("/nights")
        assert words in line(page), who
        assert {ref for ref in (open_one, hidden) if ref in page.text} == refs, who


def test_a_case_written_down_after_the_night_is_not_counted_as_one_it_missed(world, pages):
    world.open_child()
    the_night(world, THURSDAY)
    late = {"today": THURSDAY, "late_reason": "The list came late."}  # joined before the night, written down after it
    world.do("open_case", START, "rowan.tm", council_id="later", **late)

    assert "1 of 1 open cases" in line(pages.as_("hana.hos", on=THURSDAY).get("/nights"))


def test_a_missing_night_is_said_and_a_date_without_one_is_no_page(world, pages):
    world.open_child()
    the_night(world, THURSDAY)
    visitor = pages.as_("hana.hos", on=THURSDAY + timedelta(1))

    for page in ("/nights", "/my-work", "/attention"):
        assert "The check of the night of 10 January 2025 is not done." in visitor.get(page).text, page
    for path in ("/nights/2025-01-08", "/nights/2031-01-01", "/nights/x"):
        visitor.get(path, 404)
    assert "9 January 2025" in visitor.get("/nights/2025-01-09").text


# --- runs --------------------------------------------------------------------------------------------------


def test_a_failed_run_is_seen_by_those_who_may_open_its_child_and_tried_again_by_managers_and_operators(world, pages):
    ref = world.open_child()
    run = failed_run(world, ref, noon(THURSDAY))
    friday = THURSDAY + timedelta(2)

    for who, status in (("rowan.tm", 200), ("sol.sw", 200), ("otto.operator", 200), ("imara.tm", 404)):
        page = pages.as_(who, on=friday).get(f"/runs/{run}", status)
        assert ("Testy" in page.text) is False
        assert (ref in page.text) is (who in ("rowan.tm", "sol.sw")), who
    assert pages.as_("sol.sw", on=friday).send(f"/runs/{run}/again").status_code == 422
    assert pages.as_("imara.tm", on=friday).send(f"/runs/{run}/again").status_code == 404

    pages.as_("otto.operator", on=friday).post(f"/runs/{run}/again", 302)

    assert rows_of(world, FollowUp, id=rows_of(world, Run, id=run)[0].follow_up_id)[0].status == "waiting"
    assert pages.as_("rowan.tm", on=friday).send(f"/runs/{run}/again").status_code == 422  # once is enough


def test_the_counts_of_work_about_everybody_are_for_operators(world, pages):
    world.open_child()
    restricted(world)
    the_night(world, LATER)

    for who, seen in (("otto.operator", True), ("hana.hos", False)):
        page = pages.as_(who, on=LATER).get("/runs")
        assert "The night's check" in page.text, who
        assert ("2 cases to look at" in line(page)) is seen, who
        assert ("Messages waiting" in page.text) is seen, who


def test_an_operator_takes_up_a_missing_night_and_nobody_else_can(world, pages):
    world.open_child()
    the_night(world, THURSDAY)
    pages.as_("hana.hos", on=THURSDAY + timedelta(1)).post("/runs/night", 403)

    visitor = pages.as_("otto.operator", on=THURSDAY + timedelta(1))
    assert "Take up the missing night now" in visitor.get("/runs").text
    visitor.post("/runs/night", 302)

    import threading

    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.endswith("(_nights)"):
            thread.join(timeout=60)
    assert "Everyone was looked at" in pages.as_("hana.hos").get("/nights/2025-01-10").text
    assert at_night(THURSDAY) < pages.now
