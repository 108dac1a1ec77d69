"""The pages of those who meet and decide: a meeting, its changes, the Review Group's table, grids (practice 6.1)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.county import ChildAt, Templates
from tests.integration.test_meetings_moved import agenda, meeting_of
from tests.pages import Page, Pages, Visitor, as_form, line
from tests.rows import Queries, case_of
from tests.world import CAME, START, World

#: The child of `child_at("REVIEW_GROUP")` is heard on Thursday 23 January; papers were due on the 16th.
HELD = START + timedelta(17)
BEFORE = START + timedelta(15)


BOTH = pytest.mark.parametrize(
    "templates", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def templates(request: pytest.FixtureRequest) -> Templates:
    """What a page says does not depend on the database; what it asks of it is tried on both."""
    found: Templates = request.getfixturevalue(f"_{getattr(request, 'param', 'sqlite')}_children")
    return found


def another(world: World, meeting: str) -> str:
    """One more child on the agenda, whose papers are in."""
    ref = world.open_child()
    world.do("rate", START + timedelta(3), "rowan.tm", ref=ref)
    world.do("list_for_group", START + timedelta(4), "ash.admin", ref=ref, meeting=meeting)
    world.do("file_papers", START + timedelta(8), "rowan.tm", ref=ref)
    return ref


def row(page: Page, ref: str, **typed: Any) -> dict[str, Any]:
    """What a browser sends of one row of the table."""
    form: dict[str, Any] = {f"{ref}.version": page.fields[f"{ref}.version"][0]}
    return form | {f"{ref}.{name}": value for name, value in typed.items()}


def views(**stances: str) -> dict[str, str]:
    """The services' views as they are typed."""
    typed = {}
    for service, stance in stances.items():
        typed |= {f"view.{service}.stance": stance, f"view.{service}.words": "Settled and warm."}
    return typed


READY = {"outcome": "group_progresses", "reason": "All is ready.", **views(Fostering="for", Safeguarding="for")}


def day_in(name: str, on: date) -> dict[str, str]:
    """A date as it stands in its three boxes."""
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


# --- a meeting ---------------------------------------------------------------------------------------------


def test_the_page_of_a_meeting_says_when_who_what_is_on_it_and_what_is_late(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    chair = Pages(world).as_("wren.chair", on=BEFORE)

    page = chair.get(f"/meetings/{meeting}")

    said = line(page)
    assert "Review Group, 23 January 2025" in said
    assert "Papers due 16 January 2025" in said
    assert "Wren Larkin" in said
    assert f"{ref} Children in Care North Green newly rated not in yet File them" in said
    assert f"/cases/{ref}/step/file_papers" in page.links
    assert f"/meetings/{meeting}" in chair.get("/meetings").links
    assert "not written down yet" in line(chair.get(f"/meetings/{meeting}/table"))


def test_who_came_is_written_down_and_makes_a_quorum(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path = f"/meetings/{meeting_of(world, ref)}"
    admin = Pages(world).as_("ash.admin", on=HELD)

    assert "There is none yet." in line(admin.get(path))
    for person, service in CAME:
        admin.post(path, 302, action="attend", person=person, service=service.value, how="present")

    said = line(admin.get(path))
    assert "Fern Norwood for Fostering: there" in said
    assert "There is one." in said
    refused = admin.post(path, 422, action="attend", person="fern.fostering", service="Virtual School", how="present")
    assert "already speaks for Fostering" in refused.text


def test_whoever_keeps_no_meetings_reads_one_and_changes_nothing(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path = f"/meetings/{meeting_of(world, ref)}"
    worker = Pages(world).as_("sol.sw", on=BEFORE)

    page = worker.get(path)
    refused = worker.post(path, 422, action="chair", chair="sol.sw")
    worker.post(f"{path}/cancel", 422, action="do", reason="Because")

    assert not any(link.endswith(("/move", "/cancel")) for link in page.links)
    assert "may keep meetings" in refused.text
    assert "Wren Larkin" in worker.get(path).text


def test_a_meeting_is_moved_after_a_look_at_whom_it_takes_along(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    old = meeting_of(world, ref)
    admin = Pages(world).as_("ash.admin", on=BEFORE)
    typed = {**as_form({"held_on": date(2025, 2, 6)}, BEFORE), "reason": "The room is flooded"}

    silent = admin.post(f"/meetings/{old}/move", 422, action="look", **{**typed, "reason": ""})
    look = admin.post(f"/meetings/{old}/move", action="look", **typed)
    assert agenda(world, ref) == [(HELD, "listed")]
    done = admin.send(f"/meetings/{old}/move", action="do", **typed)

    assert "Say why" in silent.text
    assert silent.fields["held_on-month"] == ["2"]
    assert ref in look.text
    assert "30 Jan 2025 was 16 Jan 2025" in line(look)
    assert "Rowan Ashby" in look.text
    assert agenda(world, ref) == [(HELD, "missed: meeting moved"), (date(2025, 2, 6), "listed")]
    assert "takes the place of the meeting of 23 January 2025" in line(admin.get(done.location))
    assert "has been moved: The room is flooded" in line(admin.get(f"/meetings/{old}"))

    admin.post(f"/meetings/{old}/put-back", 302, action="do", reason="It is dry again")
    assert (HELD, "listed") in agenda(world, ref)


def test_a_meeting_is_planned_from_its_page_or_refused_in_words(child_at: ChildAt) -> None:
    world, _ref = child_at("COHORT")
    pages = Pages(world)
    admin = pages.as_("ash.admin", on=BEFORE)
    typed = {"body": "Review Group", "starts_at": "10:00", **as_form({"held_on": date(2025, 3, 6)}, BEFORE)}

    wrong = admin.post("/meetings/new", 422, **{**typed, "starts_at": "ten"})
    made = admin.send("/meetings/new", **typed)
    refused = pages.as_("sol.sw").post("/meetings/new", 422, **typed)

    assert "is not a time of day" in wrong.text
    assert "Papers due 27 February 2025" in line(admin.get(made.location))
    assert "may keep meetings" in refused.text


def test_the_pack_is_shown_with_its_own_styles_and_no_others(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    pages = Pages(world)
    path = f"/meetings/{meeting_of(world, ref)}/pack"

    answer = pages.as_("wren.chair", on=BEFORE).client.get(path)
    refused = pages.as_("sol.sw", on=BEFORE).get(path, 422)

    assert ref in answer.get_data(as_text=True)
    assert re.search(r"style-src 'self' 'sha256-[A-Za-z0-9+/=]{44}';", answer.headers["Content-Security-Policy"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert ref not in refused.text


# --- the table -----------------------------------------------------------------------------------------------


def at_the_table(world: World, ref: str, who: str = "wren.chair") -> tuple[str, Visitor, Page]:
    """A meeting with its services there, and its table before somebody."""
    meeting = meeting_of(world, ref)
    world.do("file_papers", START + timedelta(8), "rowan.tm", ref=ref)
    world.attend(meeting, HELD)
    visitor = Pages(world).as_(who, on=HELD)
    return f"/meetings/{meeting}/table", visitor, visitor.get(f"/meetings/{meeting}/table")


def test_the_chair_saves_a_row_and_what_is_typed_in_the_others_stands(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    other = another(world, meeting_of(world, ref))
    path, chair, page = at_the_table(world, ref)
    typed = {
        **row(page, ref, **READY),
        **row(page, other, outcome="group_defers", reason="Half typed"),
        "key": page.fields["key"][0],
    }

    saved = chair.post(path, action=f"save:{ref}", **typed)

    assert case_of(world, ref).state == "TRAJECTORY"
    assert case_of(world, other).state == "REVIEW_GROUP"
    said = line(saved)
    assert "Saved" in said
    assert "provisional until 30 January 2025" in said.replace("Provisional", "provisional")  # no Virtual School
    assert "Half typed" in saved.text
    assert f"{other}.outcome" in saved.fields
    assert f"{ref}.outcome" not in saved.fields
    again = chair.post(path, action=f"save:{ref}", **typed)  # a second click changes nothing more
    assert "Saved" not in line(again) or case_of(world, ref).state == "TRAJECTORY"
    assert line(chair.get(path)).count("Settled and warm.") == 2


@BOTH
def test_everything_missing_is_said_beside_its_row_and_of_that_child_nothing_is_kept(child_at: ChildAt) -> None:
    """All of one child or nothing: the views that were typed are not written down when the outcome is refused."""
    world, ref = child_at("REVIEW_GROUP")
    other = another(world, meeting_of(world, ref))
    path, chair, page = at_the_table(world, ref)
    given = views(Fostering="for", Safeguarding="unsure")
    typed = {
        **row(page, ref, outcome="group_defers", reason="Not yet.", **given),
        **row(page, other, outcome="group_progresses", reason="Ready.", **given),
    }
    before = case_of(world, ref).version

    answered = chair.post(path, 422, action="save", **typed)

    assert case_of(world, other).state == "TRAJECTORY"
    assert case_of(world, ref).version == before
    said = line(answered)
    assert f"{ref}: 'Return to group on' is missing." in said
    assert f"{ref}: 'Actions with their owners'" in said
    assert f"#{ref}.return_on-day" in answered.links
    assert "Settled and warm." in answered.text
    full = {
        **row(answered, ref, outcome="group_defers", reason="Not yet.", **given),
        **day_in(f"{ref}.return_on", date(2025, 2, 20)),
        f"{ref}.barriers": ["FAMILY_TIME"],
        f"{ref}.actions-count": "1",
        f"{ref}.actions.0.what": "Ask the school",
        f"{ref}.actions.0.who": "social worker",
        **day_in(f"{ref}.actions.0.by_when", date(2025, 2, 6)),
    }
    done = chair.post(path, action="save", **full)
    assert case_of(world, ref).state == "DEFERRED"
    assert "Return to group on 20 February 2025." in line(done)
    assert "Every child has an outcome." in line(done)


def test_who_was_overtaken_in_a_row_sees_what_happened_and_keeps_what_was_typed(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path, chair, page = at_the_table(world, ref)
    typed = row(page, ref, **READY)
    world.do("set_latest_position", HELD, "sol.sw", ref=ref, position="The aunt has been taken ill.")

    overtaken = chair.post(path, 409, action=f"save:{ref}", **typed)

    assert "The aunt has been taken ill." in overtaken.text
    assert "All is ready." in overtaken.text
    assert case_of(world, ref).state == "REVIEW_GROUP"
    chair.post(path, action=f"save:{ref}", **{**typed, **row(overtaken, ref)})
    assert case_of(world, ref).state == "TRAJECTORY"


def test_the_administrator_writes_down_what_the_chair_decides_and_the_chair_is_asked(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path, admin, page = at_the_table(world, ref, "ash.admin")
    typed = row(page, ref, **READY)

    saved = admin.post(path, action="save", **typed)

    assert "Waits for Wren Larkin to confirm" in line(saved)
    chair = Pages(world).as_("wren.chair", on=HELD)
    assert any("/confirm_decision" in link for link in chair.get("/my-work").links)


def test_a_service_that_nobody_came_for_has_no_view_written_down(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path, chair, page = at_the_table(world, ref)

    refused = chair.post(path, 422, action="save", **row(page, ref, **{"view.Virtual School.stance": "for"}))

    assert "who came, or wrote, for Virtual School" in refused.text


def test_what_is_typed_and_not_saved_is_kept_for_whoever_typed_it(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path, chair, page = at_the_table(world, ref)

    chair.post(path, 302, action="keep", **row(page, ref, reason="Half a thought"))
    by_script = chair.client.post(path, data={"action": "keep"}, headers={"X-Requested-With": "table"})

    assert by_script.status_code == 204
    assert "Half a thought" in chair.get(path).text
    assert "Half a thought" not in Pages(world).as_("ash.admin", on=HELD).get(path).text
    assert path in chair.get("/my-work").links


def test_minutes_are_ready_and_written_down_as_distributed_for_every_child(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    path, chair, page = at_the_table(world, ref)
    chair.post(path, action="save", **row(page, ref, **READY))
    minutes = path.replace("/table", "/minutes")

    assert "All is ready." in chair.get(minutes).text
    assert "Give the minute reference." in chair.post(minutes, 422, reference="", sent_to="Workers").text
    done = chair.post(minutes, reference="M 12", sent_to="Workers, IROs")

    assert f"{ref}: written down as distributed" in line(done)
    assert "Not distributed yet" not in line(chair.get(minutes))


# --- grids ---------------------------------------------------------------------------------------------------


def test_many_children_are_rated_at_once_with_a_result_for_each(child_at: ChildAt) -> None:
    world, ref = child_at("COHORT")
    other, third = world.open_child(), world.open_child()
    manager = Pages(world).as_("rowan.tm", on=START + timedelta(3))
    page = manager.get("/grid/rate")
    whole = {"colour": "GREEN", "reason": "Settled.", "readiness": "Asked for it."}
    known = {"childs_view_known": "yes", "carers_view_known": "no"}

    answered = manager.post(
        "/grid/rate",
        422,
        **row(page, ref, **whole, **known),
        **row(page, other, colour="AMBER", reason="Half typed"),
        **row(page, third),
    )

    said = line(answered)
    assert [case_of(world, one).state for one in (ref, other, third)] == ["RATED", "COHORT", "COHORT"]
    assert "Done for 1 of 2" in said
    assert f"{other}: 'What shows that the child and carers are ready, or not' is missing." in said
    assert "Half typed" in answered.text


def test_children_are_put_on_an_agenda_together(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    meeting = world.meeting(date(2025, 2, 13))
    admin = Pages(world).as_("ash.admin", on=START + timedelta(4))
    page = admin.get(f"/grid/list?meeting={meeting}")

    refused = admin.post("/grid/list", 422, **row(page, ref, do="list"))
    done = admin.post("/grid/list", meeting=meeting, **row(page, ref, do="list"))

    assert "'Which meeting' is missing." in refused.text
    assert "Done for 1 of 1" in line(done)
    assert agenda(world, ref) == [(date(2025, 2, 13), "listed")]


def test_a_desk_review_changes_nothing_for_most_and_calls_one_in(child_at: ChildAt) -> None:
    """PT-2: unchanged in bulk, and any member may call one child in."""
    world, first = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, first)
    second = another(world, meeting)
    for ref in (first, second):
        world.hold_group(ref, meeting, HELD)
        world.do("group_defers", HELD, "wren.chair", ref=ref)
    later = world.meeting(date(2025, 2, 20))
    pages = Pages(world)
    chair, member = pages.as_("wren.chair", on=HELD + timedelta(7)), pages.as_("fern.fostering")
    page = chair.get("/grid/desk-review")
    on = day_in("return_on", date(2025, 2, 27))

    done = chair.post("/grid/desk-review", reason="Nothing new.", **row(page, first, do="unchanged", **on))
    called = member.post("/grid/desk-review", meeting=later, **row(page, second, do="call-in"))

    assert "Done for 1 of 1" in line(done)
    assert "Done for 1 of 1" in line(called)
    assert [case_of(world, ref).state for ref in (first, second)] == ["DEFERRED", "REVIEW_GROUP"]


# --- what holds for all of them -----------------------------------------------------------------------------


PATHS = ("/meetings", "/meetings/{}", "/meetings/{}/table", "/meetings/{}/minutes", "/grid/list", "/grid/rate")


@BOTH
def test_no_page_asks_the_database_once_more_for_each_child(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    pages = Pages(world)
    chair = pages.as_("tam.sgo", on=HELD)
    paths = [path.format(meeting) for path in PATHS]
    for path in paths:
        chair.get(path)  # what is read once and kept

    def count() -> dict[str, int]:
        counted = {}
        for path in paths:
            with Queries(world) as queries:
                chair.get(path)
            counted[path] = queries.number
        return counted

    few = count()
    for _ in range(3):
        another(world, meeting)
        world.open_child()
        world.meeting(HELD + timedelta(7))

    assert count() == few
    assert max(few.values()) <= 60


@BOTH
def test_a_restricted_child_changes_not_one_byte_of_what_others_see(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    hidden = another(world, meeting)
    people = [{"person": who} for who in ("rowan.tm", "sol.sw")]
    world.do("restrict", START + timedelta(9), "rowan.tm", ref=hidden, people=people)
    pages = Pages(world)
    chair, named = pages.as_("wren.chair", on=BEFORE), pages.as_("rowan.tm", on=BEFORE)

    def seen(visitor: Visitor) -> list[str]:
        raw = (visitor.client.get(path.format(meeting)).get_data(as_text=True) for path in PATHS)
        return [re.sub(r'nonce="[^"]+"|name="(csrf_token|key)" value="[^"]+"', "", page) for page in raw]

    with_it = seen(chair)
    assert hidden in "".join(seen(named))
    assert hidden not in "".join(with_it)
    world.do("set_latest_position", BEFORE, "sol.sw", ref=hidden, position="Nobody may read this.")
    world.do("add_view", BEFORE, "sol.sw", ref=hidden, view="I want to stay.")
    assert seen(chair) == with_it
    typed = {f"{hidden}.version": "1", f"{hidden}.outcome": "group_progresses", f"{hidden}.reason": "Guess"}
    chair.post(f"/meetings/{meeting}/table", action="save", **typed)
    assert case_of(world, hidden).state == "REVIEW_GROUP"
