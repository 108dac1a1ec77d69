"""Flow, meetings ahead, the SGO team's board, the monthly report, passing children on, and help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from casework.boards.flow import quantile
from casework.boards.narrowing import Wanted
from casework.boards.report import monthly
from casework.settings import SettingsRefused
from tests.pages import Pages, line
from tests.queries import counting
from tests.world import START, World, a_world

THURSDAY = START + timedelta(3)
PAGES = (
    "/overview/flow", "/overview/meetings", "/overview/sgo-team", "/overview/report", "/pass-on", "/help", "/help/why",
    "/accessibility", "/privacy",
)  # fmt: skip


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with a_world(database_url, tmp_path) as county:
        yield county


@pytest.fixture
def pages(world: World) -> Pages:
    return Pages(world)


@pytest.mark.parametrize(
    ("days", "part", "value"),
    [([], 0.5, 0), ([7], 0.25, 7), ([1, 2, 3, 4], 0.5, 2), ([10, 20, 30], 0.5, 20), ([0, 100], 0.75, 75)],
)
def test_a_part_of_the_children_are_through_within_so_many_days(days, part, value):
    assert quantile(days, part) == value


def test_what_one_child_went_through_is_told_by_stage_month_and_worker(world, pages):
    """Rated after 3 days, listed after 4, progressed after 17, decided on day 47, ratified on day 57 (tests.world)."""
    ref = world.child_at("ASSESSMENT")
    on = START + timedelta(58 + 14)  # the assessment began with the ratification: its third week
    visitor = pages.as_("tam.sgo", on=on)

    flow = line(visitor.get("/overview/flow"))
    assert "Not yet rated 1 3 3 3 3 days" in flow
    assert "Progress agreed 1 19 19 19 19 days" in flow  # day 17 to 36
    assert "March 2025 0 0 1 0 0 0 February 2025 0 1 0 0 0 0" in flow  # decided on 22 February, ratified on 4 March
    board = line(visitor.get("/overview/sgo-team"))
    assert "Ida Eastgate 1 6 now" in board
    assert "week 3 of 12" in board
    assert ref in board
    for path in PAGES:
        with counting(world) as asked:
            visitor.get(path)
        assert len(asked) <= 40, path
    assert f"/cases/{ref}" not in pages.as_("imara.tm", on=on).get("/overview/sgo-team").links


def test_a_month_adds_up_with_the_children_behind_each_figure(world):
    """One there all along and late, one who joined and was rated, one who joined and left: 1 + 2 - 1 = 2."""
    stuck = world.open_child()
    february = START + timedelta(30)  # 5 February
    joined = world.open_child(february)
    world.do("rate", february + timedelta(3), "rowan.tm", ref=joined)
    gone = world.do("open_case", february, "rowan.tm", council_id="gone").ref
    world.do("end", february + timedelta(2), "rowan.tm", ref=gone)
    april = date(2025, 4, 2)

    def month(day: date, today: date, who: str = "rowan.tm") -> object:
        with world.office.reading() as session:
            return monthly(session, by=world.ids[who], today=today, month=day, wanted=Wanted())

    for today in (april, date(2025, 2, 28)):  # looked back on, and while it is the month
        found = month(february, today)
        assert found.all.opening == (stuck,), today
        assert set(found.all.came) == {joined, gone}
        assert found.all.went == (gone,)
        assert set(found.all.closing) == {stuck, joined}
        by_stage = {one.name: one for one in found.stages}
        assert by_stage["COHORT"].closing == (stuck,)
        assert by_stage["RATED"].came == (joined,)
        for one in (*found.stages, *found.colours):
            assert len(one.opening) + len(one.came) - len(one.went) == len(one.closing), one
    assert [one.ref for one in month(date(2025, 3, 1), april).stuck][:1] == [stuck]
    assert month(february, april, "imara.tm").all.closing == ()


def test_who_misses_the_next_meeting_is_on_a_page_two_clicks_away(world, pages):
    """Rated on a Thursday; the papers of the meeting eight days later were due the day before: it is missed."""
    ref = world.open_child()
    world.do("rate", THURSDAY, "rowan.tm", ref=ref)
    world.meeting(THURSDAY + timedelta(6))
    world.meeting(THURSDAY + timedelta(34))
    visitor = pages.as_("rowan.tm", on=THURSDAY)

    assert "/overview/meetings" in visitor.get("/overview").links
    page = visitor.get("/overview/meetings")
    assert f"/cases/{ref}" in page.links
    assert "Misses the 15 January 2025 Review Group" in line(page)
    assert "4 weeks" in line(page)
    assert "Review Group, 12 Feb 2025" in line(page)
    assert ref not in pages.as_("imara.tm", on=THURSDAY).get("/overview/meetings").text


def test_children_are_passed_on_each_by_themselves_with_a_result_per_child(world, pages):
    """(reliability C24)"""
    first, second = world.open_child(), world.open_child()
    world.do("end", THURSDAY, "rowan.tm", ref=second)
    third = world.open_child(THURSDAY)
    visitor = pages.as_("rowan.tm", on=THURSDAY)
    leaving = world.ids["sol.sw"]
    form = visitor.get(f"/pass-on?from={leaving}")
    post = "child's social worker"
    chosen = [f"{first}:{post}", f"{third}:{post}"]
    typed = {"from": leaving, "to": "nell.sw", "no_conflict": "yes", "handover": "The aunt rings on Mondays."}
    when = {"on-day": "9", "on-month": "1", "on-year": "2025"}
    assert sorted(form.fields["chosen"]) == sorted(chosen)

    page = visitor.post("/pass-on", 422, **{**typed, **when, "to": "", "no_conflict": ""})
    assert "Choose at least one child." in page.text
    assert "Say who takes them over. (R-ALC-1)" in page.text
    assert "The aunt rings on Mondays." in page.text
    pages.as_("sol.sw", on=THURSDAY).get("/pass-on", 403)

    visitor = pages.as_("rowan.tm", on=THURSDAY)
    page = visitor.post("/pass-on", chosen=chosen, **{**typed, "no_conflict": "no"}, **when)
    assert "0 of 2 passed on" in line(page)
    assert page.text.count("Not passed on") == 2
    page = visitor.post("/pass-on", chosen=chosen[:1], **typed, **when)
    assert "1 of 1 passed on" in line(page)
    assert visitor.get(f"/pass-on?from={leaving}").fields["chosen"] == chosen[1:]


def test_words_and_rules_are_explained(world, pages):
    visitor = pages.as_("sol.sw", on=THURSDAY)

    assert "Still needed" in visitor.get("/help").text
    assert "No word like that" in visitor.get("/help?find=xyzzy").text
    for asked, words in (("PT-19", "PT-19"), ("r22", "cannot tell that it exists"), ("D-05", "rajectory")):
        assert words in visitor.get(f"/help/why?rule={asked}").text, asked
    assert "no rule of that number" in visitor.get("/help/why?rule=X-1").text
    stranger = pages.app.test_client()
    assert stranger.get("/accessibility").status_code == 200
    assert stranger.get("/privacy").status_code == 200


def test_a_council_puts_its_name_and_a_colour_that_can_be_read_on_every_page(world, tmp_path):
    from casework.settings import Settings

    for colour, words in (("#ffdd00", "too light"), ("blue", "not a colour"), ("#12345", "not a colour")):
        with pytest.raises(SettingsRefused, match=words):
            Settings.load({"SGO_COUNCIL_COLOUR": colour}, home=tmp_path)
    settings = Settings.load({"SGO_COUNCIL_COLOUR": "#00703C", "SGO_COUNCIL_NAME": "Testshire"}, home=tmp_path)
    world.office = replace(world.office, settings=settings)
    visitor = Pages(world).as_("sol.sw", on=THURSDAY)
    page = visitor.client.get("/my-work").get_data(as_text=True)
    sheet = next(part for part in page.split('"') if part.endswith("/council.css"))

    assert "Testshire: SGO pathway" in page
    assert b"#00703c" in visitor.client.get(sheet).data
    assert visitor.client.get(sheet.replace("/assets/", "/assets/0")).status_code == 404
