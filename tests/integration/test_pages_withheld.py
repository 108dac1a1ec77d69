"""What a page does not show a reader it does not state either; what no form of ours sends is refused in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.reading.my_work import met_by
from casework.reading.queries import CaseLine, list_cases
from persistence.tables import AgendaItem, Case, Event, Meeting
from states.vocabulary import Role
from tests.county import ChildAt, Templates
from tests.money import with_money
from tests.pages import Pages, as_form, line
from tests.rows import rows_of
from tests.world import START, World

#: The child of `child_at("RATED")` was rated three days after it joined.
AFTER = START + timedelta(10)


@pytest.fixture
def templates(_sqlite_children: Templates) -> Templates:
    """What a page says does not depend on the database."""
    return _sqlite_children


def paid_child(child_at: ChildAt) -> tuple[World, str]:
    """A child with a colour and a latest position whom a finance officer may open, for it is in court (rules 11.1)."""
    world, ref = child_at("RATED")
    world.do("set_latest_position", AFTER, "sol.sw", ref=ref, position="Carers want it.", next_step="Ask the school")
    world.do("application_issued", AFTER, "lex.legal", ref=ref)
    return world, ref


# --- what is withheld ----------------------------------------------------------------------------------------


def test_what_is_hidden_from_a_reader_is_said_to_be_hidden_and_not_to_be_empty(child_at: ChildAt) -> None:
    """Rules 11.1: a finance officer reads neither colour nor latest position; the worker reads both."""
    world, ref = paid_child(child_at)
    pages = Pages(world)

    for page in (f"/cases/{ref}", f"/cases/{ref}/sheet"):
        hers, his = line(pages.as_("faye.finance", on=AFTER).get(page)), line(pages.as_("sol.sw", on=AFTER).get(page))
        assert "not shown to you" in hers
        for untrue in ("not rated", "Nobody has written one yet", "Green", "Carers want it.", "Write where things"):
            assert untrue not in hers, (page, untrue)
        assert "Green" in his
        assert "Carers want it." in his
        assert "not shown to you" not in his


def test_who_may_write_where_things_stand_is_led_to_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    form = f"/cases/{ref}/step/set_latest_position"

    assert form in Pages(world).as_("sol.sw", on=AFTER).get(f"/cases/{ref}").links
    assert form not in Pages(world).as_("lex.legal", on=AFTER).get(f"/cases/{ref}").links


def test_boards_and_lists_leave_out_what_the_childs_page_does_not_show(child_at: ChildAt) -> None:
    """The same answer everywhere: the children are counted and listed, without colour, position and next step."""
    world, ref = paid_child(child_at)
    pages = Pages(world)
    hers, his = pages.as_("faye.finance", on=AFTER), pages.as_("rowan.tm", on=AFTER)

    for path in ("/overview", "/overview?as=table", "/children"):
        told, all_of_it = line(hers.get(path)), line(his.get(path))
        assert "Green" in all_of_it, path
        for withheld in ("Green", "No rating", "not rated", "Carers want it.", "Ask the school"):
            assert withheld not in told, (path, withheld)
    assert ref in line(hers.get("/overview"))
    assert ref in line(hers.get("/children"))
    assert ref not in line(hers.get("/children?colour=GREEN"))
    assert ref in line(his.get("/children?colour=GREEN"))
    assert [one.colour for one in listed(world, "faye.finance")] == [None]
    assert [(one.colour, one.next_step) for one in listed(world, "sol.sw")] == [("GREEN", "Ask the school")]


def test_grids_tables_and_reports_leave_it_out_too(child_at: ChildAt) -> None:
    """Rules 11.1 on every page that names children in rows: said to be hidden to finance, whole to the manager."""
    world, ref = child_at("TRAJECTORY")
    on = AFTER + timedelta(40)
    world.do("allocate", on, "tam.sgo", ref=ref, role="SGO assessment worker", person="ida.saw")
    world.do("set_latest_position", on, "sol.sw", ref=ref, position="Carers want it.", next_step="Ask the school")
    meeting = met_about(world, ref)
    world.do("application_issued", on, "lex.legal", ref=ref)
    pages = Pages(world)
    hers, his = pages.as_("faye.finance", on=on), pages.as_("rowan.tm", on=on)
    everywhere = (
        "/overview/sgo-team", "/overview/meetings", "/overview/flow", "/overview/report",
        f"/meetings/{meeting}", f"/meetings/{meeting}/table", f"/meetings/{meeting}/minutes",
    )  # fmt: skip

    told = {path: line(hers.get(path)) for path in everywhere}
    whole = {path: line(his.get(path)) for path in everywhere}

    for path in everywhere:
        for withheld in ("Green", "Carers want it.", "Ask the school", "Ready to progress", "No rating", "not rated"):
            assert withheld not in told[path], (path, withheld)
    for path in (everywhere[0], *everywhere[4:]):
        assert ref in told[path]
        assert "not shown to you" in told[path]
        assert "not shown to you" not in whole[path]
        assert "Green" in whole[path] or path.endswith("minutes")
    for path in everywhere[2:4]:
        assert "Of 1 child the planned dates are not shown to you" in told[path]
    assert "By rating" in whole["/overview/report"]
    assert "By rating" not in told["/overview/report"]


def test_a_grid_leaves_it_out_too(child_at: ChildAt) -> None:
    """CFS Permanence opens children under way and reads no journey of them (rules 11.1)."""
    world, ref = child_at("REVIEW_GROUP")
    on = START + timedelta(17)
    world.hold_group(ref, met_about(world, ref), on)
    world.do("group_asks_further_work", on, "wren.chair", ref=ref, return_on=on + timedelta(28))
    world.do("set_latest_position", on, "sol.sw", ref=ref, position="Carers want it.", next_step="Ask the school")
    pages = Pages(world)
    hers, his = (line(pages.as_(who, on=on).get("/grid/list")) for who in ("cfs.permanence", "rowan.tm"))

    assert ref in hers
    assert "not shown to you" in hers
    assert "Carers want it." not in hers
    assert "Carers want it." in his


def met_about(world: World, ref: str) -> str:
    """The meeting that heard a child."""
    case = next(one for one in rows_of(world, Case) if one.ref == ref)
    item = next(one for one in rows_of(world, AgendaItem) if one.case_id == case.id)
    return next(one.ref for one in rows_of(world, Meeting) if one.id == item.meeting_id)


def listed(world: World, who: str) -> list[CaseLine]:
    with world.office.reading() as session:
        return list_cases(session, by=world.ids[who], today=AFTER)


@pytest.mark.parametrize(
    ("deadline", "state", "post", "step"),
    [
        ("kdd_held", "KEY_DECISION", Role.TEAM_MANAGER, None),  # the chair decides, and any of several things
        ("papers", "REVIEW_GROUP", Role.CHILDS_WORKER, "file_papers"),
        ("trajectory", "FURTHER_WORK", Role.CHILDS_WORKER, "record_trajectory"),
        ("ratification", "RATIFICATION", Role.IRO, None),  # ratified, or gone ahead without
        ("first_rating", "COHORT", Role.TEAM_MANAGER, "rate"),
    ],
)
def test_my_work_leads_to_a_form_only_where_it_prejudges_nothing(
    deadline: str, state: str, post: Role, step: str | None
) -> None:
    assert met_by(deadline, state, post) == step


# --- what no form of ours sends --------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["26", "0026", "1899", "2150"])
def test_a_day_of_another_age_is_a_slip_and_not_a_question_of_posts(child_at: ChildAt, year: str) -> None:
    """The same words as for every other date, and nothing of who may do it: nobody held a post in the year 26."""
    world, ref = child_at("COHORT")
    sent = {**as_form({"colour": "GREEN", "reasons": "Settled."}, AFTER), "happened_on-year": year}

    said = line(Pages(world).as_("rowan.tm", on=AFTER).post(f"/cases/{ref}/step/rate", 422, **sent))

    assert "must be a date from 1 January 1900 to 31 December 2099" in said
    assert "may do this" not in said


@pytest.mark.parametrize("differs", [{"version": "abc"}, {"version": ""}, {"key": ""}, {"action": "bewitch"}])
def test_a_form_that_was_changed_on_its_way_does_nothing(child_at: ChildAt, differs: dict[str, str]) -> None:
    world, ref = child_at("COHORT")
    manager, path = Pages(world).as_("rowan.tm", on=AFTER), f"/cases/{ref}/step/rate"
    whole = {name: manager.get(path).fields[name][0] for name in ("key", "version")}
    before = len(rows_of(world, Event))

    said = line(manager.post(path, 400, **{"action": "do", **whole, **differs, **as_form({"colour": "GREEN"}, AFTER)}))

    assert "nothing was done" in said
    assert len(rows_of(world, Event)) == before


def test_a_funding_request_has_no_page_that_is_a_childs(child_at: ChildAt) -> None:
    """One habit: there is no such page, whichever it is."""
    world, ref = child_at("ASSESSMENT")
    on = START + timedelta(58)
    asked = with_money(world).opened(ref, "grant", on)
    worker = Pages(world).as_("sol.sw", on=on)

    worker.get(f"/cases/{asked}")
    for page in ("sheet", "documents", "options", "text", "interest", "documents/" + "0" * 32):
        worker.get(f"/cases/{asked}/{page}", 404)
