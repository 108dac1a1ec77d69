"""The child's page and what hangs on it: chart, follow-up, corrections, past steps, sheet, text (PT-18)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from demo.papers import paper
from persistence.tables import Event
from tests.county import ChildAt, Templates
from tests.pages import Pages, Visitor, as_form, line
from tests.rows import Queries, case_of, rows_of
from tests.world import START, World

BOTH = pytest.mark.parametrize(
    "templates", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
#: The child of `child_at("ASSESSMENT")` was ratified on 4 March 2025.
RATIFIED = START + timedelta(57)
AFTER = RATIFIED + timedelta(1)


@pytest.fixture
def templates(request: pytest.FixtureRequest) -> Templates:
    """What a page says does not depend on the database; what it asks of it is tried on both."""
    found: Templates = request.getfixturevalue(f"_{getattr(request, 'param', 'sqlite')}_children")
    return found


def event(world: World, trigger: str) -> str:
    """The id of the last entry of a step."""
    return next(e.id for e in sorted(rows_of(world, Event), key=lambda e: -e.seq) if e.trigger == trigger)


# --- what it says ------------------------------------------------------------------------------------------


def test_the_trajectory_is_drawn_beside_its_table_and_says_the_same_in_words(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    worker = Pages(world).as_("sol.sw", on=AFTER)

    raw = worker.client.get(f"/cases/{ref}").get_data(as_text=True)
    svg = raw.partition("<svg")[2].partition("</svg>")[0]

    assert 'role="img"' in svg
    assert "The table below says the same." in svg
    table = raw.partition("planned at first, expected now, done</caption>")[2].partition("</table>")[0]
    steps = table.count('scope="row"')
    assert svg.count('class="planned"') == steps > 5
    assert svg.count('class="done"') + svg.count('class="forecast') == steps
    assert "style=" not in svg


def test_each_step_says_what_followed_by_itself_and_who_was_told_and_whether_it_went(child_at: ChildAt) -> None:
    """Practice PT-20: for every decision who was told what, when, how, and how the message stands."""
    world, ref = child_at("RATED")

    said = line(Pages(world).as_("rowan.tm", on=AFTER).get(f"/cases/{ref}"))

    assert "What followed by itself" in said
    assert re.search(r"Automatic follow-up: waits its turn", said)
    assert re.search(r"in the daily summary\. Waits for the daily summary", said)
    assert "Decided by Rowan Ashby (Team Manager)" in said


def test_the_page_of_a_past_day_can_be_asked_for_and_offers_nothing_to_do(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    worker = Pages(world).as_("sol.sw", on=AFTER)

    now = worker.get(f"/cases/{ref}")
    then = worker.get(f"/cases/{ref}?known_at={(START + timedelta(20)).isoformat()}")

    assert {"as_at", "known_at"} <= set(now.fields)
    assert "What had been recorded by 26 January 2025" in line(then)
    assert not any("/step/" in link or "/correct/" in link for link in then.links)


def test_the_sheet_holds_a_child_on_one_page(child_at: ChildAt) -> None:
    """Practice 6.3: where, since when, next step, who, when, what blocks, words, key dates, money position."""
    world, ref = child_at("ASSESSMENT")
    world.do("set_latest_position", AFTER, "sol.sw", ref=ref, position="Carers want it.", next_step="Ask the school")
    world.do("add_view", AFTER, "sol.sw", ref=ref, view="I want to stay.")

    said = line(Pages(world).as_("sol.sw", on=AFTER).get(f"/cases/{ref}/sheet"))

    for expected in (
        "Assessment since 4 March 2025",
        "Carers want it.",
        "Next: Ask the school",
        "What blocks",
        "I want to stay.",
        "Key dates",
        "order expected",
        "Money: not settled yet",
        "Sol Carrow",
    ):
        assert expected in said, expected


def test_a_step_is_there_as_text_for_the_case_system(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    worker = Pages(world).as_("sol.sw", on=AFTER)

    last = worker.get(f"/cases/{ref}/text").text
    rated = worker.get(f"/cases/{ref}/text?event={event(world, 'rate')}").text

    assert "ratif" in last.lower()
    assert "Why this colour: Settled for years" in rated
    worker.get(f"/cases/{ref}/text?event=nothing", 404)


# --- putting one entry right ---------------------------------------------------------------------------------


def test_a_correction_is_looked_at_before_it_counts(child_at: ChildAt) -> None:
    """Design 5.5: what changes, which dates move, whose conditions no longer hold; the state stays."""
    world, ref = child_at("ASSESSMENT")
    path = f"/cases/{ref}/correct/{event(world, 'roa_ratifies')}"
    iro = Pages(world).as_("oda.iro", on=AFTER)
    version = iro.get(path).fields["version"][0]
    sent = {"version": version, **as_form(paper("roa_ratifies", on=RATIFIED), RATIFIED - timedelta(2))}

    silent = iro.post(path, 422, action="look", **sent)
    look = iro.post(path, action="look", **{**sent, "why": "The minutes say the second."})
    before = line(iro.get(f"/cases/{ref}"))
    key = look.fields["key"][0]
    done = iro.send(path, action="do", **{**sent, "why": "The minutes say the second.", "key": key})

    assert "'Why it was wrong' is missing." in silent.text
    assert "nothing has been changed yet" in look.text
    assert re.search(r"\d+ \w+ 2025 becomes \d+ \w+ 2025", line(look))
    assert " 2 March 2025, recorded" not in before
    assert done.status_code == 302
    after = line(iro.get(f"/cases/{ref}"))
    assert "2 March 2025, recorded on 4 March 2025." in after
    assert "corrected" in after
    assert case_of(world, ref).state == "ASSESSMENT"


def test_nobody_is_shown_a_protected_address_to_change_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    hidden = {"name": "Hazel Hidden", "kind": "applicant", "relationship": "aunt"}
    people = [{**hidden, "address": "7 Canary Close", "protected": True}]
    world.do("change_applicants", AFTER, "sol.sw", ref=ref, people=people)

    page = Pages(world).as_("sol.sw", on=AFTER).get(f"/cases/{ref}/correct/{event(world, 'change_applicants')}")

    assert "Canary Close" not in page.text
    assert "it holds a protected address" in page.text
    assert not any("address" in name for name in page.fields)


# --- several past steps --------------------------------------------------------------------------------------


def test_several_past_steps_are_entered_together_in_the_order_of_their_dates(child_at: ChildAt) -> None:
    """PT-18: true dates rule, one line says that it was entered late, all or none."""
    world, ref = child_at("COHORT")
    meeting = world.meeting(START + timedelta(40))
    manager = Pages(world).as_("rowan.tm", on=START + timedelta(10))
    path = f"/cases/{ref}/catch-up"
    rating = {"colour": "GREEN", "reason": "Settled.", "readiness": "Asked.", "childs_view_known": True}
    listed = {"meeting": meeting, "why": "newly rated"}

    manager.post(path, 422, action="add", trigger="")
    assert manager.send(path, action="add", trigger="rate").location == f"{path}/rate"
    manager.post(f"{path}/list_for_group", 302, action="put", **as_form(listed, START + timedelta(9)))
    nonsense = {**as_form(rating, AFTER), "happened_on-day": "31", "happened_on-month": "2"}
    assert "enter a day" in manager.post(f"{path}/rate", 422, action="put", **nonsense).text
    manager.post(f"{path}/rate", 302, action="put", **as_form(rating, START + timedelta(8)))
    refused = manager.post(path, 422, action="look")
    assert "Step 1, Rate: 'Is the carer's view known?' is missing." in line(refused)
    assert f"{path}/rate?step=0" in refused.links
    again = manager.get(f"{path}/rate?step=0")
    assert "Settled." in again.text
    assert again.fields["instead"] == ["0"]
    full = as_form({**rating, "carers_view_known": False}, START + timedelta(8))
    manager.post(f"{path}/rate", 302, action="put", instead="0", **full)
    manager.post(f"{path}/list_for_group", 302, action="put", **as_form(listed, START + timedelta(9)))
    manager.post(path, 302, action="remove:2")
    look = manager.post(path, action="look")

    assert "Not yet rated → Rated" in line(look)
    assert case_of(world, ref).state == "COHORT"
    assert f"Several past steps, {ref}" in line(manager.get("/my-work"))
    manager.post(path, 302, action="do", key=look.fields["key"][0])
    assert case_of(world, ref).state == "REVIEW_GROUP"
    assert "/catch-up" not in " ".join(manager.get("/my-work").links)


def test_a_list_that_is_full_says_so_and_drops_nothing(child_at: ChildAt, monkeypatch: pytest.MonkeyPatch) -> None:
    """PT-18: what is on the list stays there, and what was typed stays in its form."""
    monkeypatch.setattr("web.pages.catch_up.AT_MOST", 1)
    world, ref = child_at("COHORT")
    manager = Pages(world).as_("rowan.tm", on=START + timedelta(10))
    path = f"/cases/{ref}/catch-up/set_latest_position"
    first, second = ({"position": words, "next_step": "Visit", "who": "Sol"} for words in ("Later.", "Earlier."))

    manager.post(path, 302, action="put", **as_form(first, START + timedelta(9)))
    full = manager.post(path, 422, action="put", **as_form(second, START + timedelta(8)))

    assert "it takes no more" in full.text
    assert "Earlier." in full.text
    assert "Later." in manager.get(f"/cases/{ref}/catch-up").text


# --- brothers and sisters ------------------------------------------------------------------------------------


def test_what_is_the_same_for_brothers_and_sisters_is_entered_once(child_at: ChildAt) -> None:
    """PR-6: for those chosen, all or none; a decision is made for each child by themselves (R-SM-4)."""
    world, ref = child_at("COHORT")
    brother, sister = world.open_child(START), world.open_child(START)
    for one in (brother, sister):
        world.do("link_sibling", START + timedelta(1), "sol.sw", ref=ref, sibling=one)
    on = START + timedelta(2)
    pages = Pages(world)
    worker = pages.as_("sol.sw", on=on)
    path = f"/cases/{ref}/step/set_latest_position"
    typed = {"position": "Both are well.", "next_step": "Visit", "who": "Sol", "by_when": "2025-02-03"}

    form = worker.get(path)
    made = {name: form.fields[name][0] for name in ("key", "version")}
    sent = {**as_form(typed, on), **made, "also": [brother]}
    assert sorted(form.fields["also"]) == sorted([brother, sister])
    assert "also" not in pages.as_("rowan.tm", on=on).get(f"/cases/{ref}/step/rate").fields
    worker = pages.as_("sol.sw", on=on)
    look = worker.post(path, action="look", **sent)
    assert f"The same for {brother}" in line(look)
    assert look.fields["also"] == [brother]
    first, second = (worker.send(path, action="do", **sent) for _ in range(2))

    assert first.status_code == second.status_code == 302
    assert first.location == second.location
    positions = [e for e in rows_of(world, Event) if e.trigger == "set_latest_position"]
    assert sorted(e.case_id for e in positions) == sorted(case_of(world, one).id for one in (ref, brother))


def test_what_differs_for_a_brother_or_sister_stands_beside_what_is_the_same(child_at: ChildAt) -> None:
    """PR-6: entered once, differences per child; a difference for somebody not chosen is said and never lost."""
    world, ref = child_at("COHORT")
    brother, sister = sorted(world.open_child(START) for _ in range(2))
    for one in (brother, sister):
        world.do("link_sibling", START + timedelta(1), "sol.sw", ref=ref, sibling=one)
    on = START + timedelta(2)
    worker = Pages(world).as_("sol.sw", on=on)
    path = f"/cases/{ref}/step/set_latest_position"
    typed = {"position": "All are well.", "next_step": "Visit", "who": "Sol", "by_when": "2025-02-03"}
    sent = as_form(typed, on) | {
        f"{brother}.position": "He has moved school.",
        f"{brother}.by_when-day": "10",
        f"{brother}.by_when-month": "2",
        f"{brother}.by_when-year": "2025",
    }

    forgotten = worker.send(path, action="look", also=[sister], **sent)
    assert forgotten.status_code == 422
    assert f"{brother} is not among the chosen children" in forgotten.text
    assert "He has moved school." in forgotten.text
    nobody = worker.send(path, action="do", **sent)
    assert (nobody.status_code, "He has moved school." in nobody.text) == (422, True)

    worker.post(path, 302, action="keep", also=[brother, sister], **sent)
    left = worker.get(path)
    assert "He has moved school." in left.text
    assert [left.fields[f"{one}.by_when-day"] for one in (brother, sister)] == [["10"], [""]]

    look = worker.post(path, action="look", also=[brother, sister], **sent)
    assert f"Different for {brother}" in line(look)
    assert f"Different for {sister}" not in line(look)
    on_it_goes = {name: given for name, given in look.fields.items() if name not in ("csrf_token", "action")}
    worker.post(path, 302, action="do", **on_it_goes)

    def position(one: str) -> tuple[str, date]:
        case = case_of(world, one)
        assert case.next_step_by is not None
        return case.latest_position, case.next_step_by

    same = ("All are well.", date(2025, 2, 3))
    assert {one: position(one) for one in (ref, brother, sister)} == {
        ref: same,
        sister: same,
        brother: ("He has moved school.", date(2025, 2, 10)),
    }


# --- what holds for all of them ------------------------------------------------------------------------------

#: How often each page may ask, however long the history: no question is asked twice, and signing in is three of them.
CEILINGS = {
    "/cases/{}": 31,
    "/cases/{}/sheet": 30,
    "/cases/{}/documents": 28,
    "/cases/{}/text": 28,
    "/cases/{}/catch-up": 12,
}
PATHS = tuple(CEILINGS)


@BOTH
def test_no_page_of_a_child_asks_once_more_for_each_line_of_the_history(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    worker = Pages(world).as_("sol.sw", on=AFTER)

    def count() -> dict[str, int]:
        counted = {}
        for path in PATHS:
            with Queries(world) as queries:
                worker.get(path.format(ref))
            counted[path] = queries.number
        return counted

    count()  # what is read once and kept
    few = count()
    for number in range(4):
        world.do("set_latest_position", AFTER, "sol.sw", ref=ref, position=f"Still the same {number}.")

    assert count() == few
    assert all(few[path] <= ceiling for path, ceiling in CEILINGS.items()), few


def test_pages_of_a_hidden_child_and_of_none_answer_alike(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    stranger = Pages(world).as_("imara.tm", on=AFTER)
    paths = [*PATHS, "/cases/{}/correct/" + event(world, "rate"), "/cases/{}/catch-up/rate"]

    for path in paths:
        hidden, never = (_bare(stranger, path.format(one)) for one in (ref, "SG-00000000"))
        assert hidden == never, path
        assert ref not in hidden


def _bare(visitor: Visitor, path: str) -> str:
    answer = visitor.client.get(path)
    assert answer.status_code == 404, path
    return re.sub(r'nonce="[^"]+"|csrf_token" value="[^"]+"', "", answer.get_data(as_text=True))


def test_the_last_day_of_a_month_is_a_day(child_at: ChildAt) -> None:
    """A guard against a form that says one day and sends another: the box for a day is told as it was typed."""
    world, ref = child_at("COHORT")
    manager = Pages(world).as_("rowan.tm", on=date(2025, 1, 31))

    manager.post(f"/cases/{ref}/catch-up/set_latest_position", 302, action="put", **_position(date(2025, 1, 31)))

    assert "31 January 2025" in line(manager.get(f"/cases/{ref}/catch-up"))


def _position(on: date) -> dict[str, str]:
    return as_form({"position": "Well.", "next_step": "Ask", "who": "me", "by_when": on + timedelta(3)}, on)


# --- one's own calendar --------------------------------------------------------------------------------------


def test_a_diary_fetches_ones_own_meetings_by_a_secret_address_that_can_be_taken_back(child_at: ChildAt) -> None:
    """A title from a fixed list, the time, the link; no name and no child (design 5.11, reliability C23)."""
    world, ref = child_at("KEY_DECISION")
    meeting = world.meeting(START + timedelta(60))
    pages = Pages(world)
    chair = pages.as_("wren.chair", on=START + timedelta(37))

    page = chair.post("/my-work/calendar", action="make")
    path = re.search(r"(/calendar/\S+\.ics)", page.text)
    assert path is not None
    nobody = pages.app.test_client()
    file = nobody.get(path[1])
    words = file.get_data(as_text=True)

    assert file.content_type.startswith("text/calendar")
    assert "SUMMARY:Review Group" in words
    assert "DTSTART;TZID=Europe/London:20250307T100000" in words
    for private in (ref, "Testy", "McCanary", "Larkin", "wren", world.ids["wren.chair"]):
        assert private not in words
    assert f"/meetings/{meeting}" in chair.get("/my-work").links
    chair.post("/my-work/calendar", action="revoke")
    assert nobody.get(path[1]).status_code == 404
    assert nobody.get("/calendar/guess.ics").status_code == 404
