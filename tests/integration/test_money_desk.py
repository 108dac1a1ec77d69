"""The money desk: what waits for whom and how long, hearings and papers, clocks, orders that come, the budget (6.4)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from casework import policies
from casework.funding.desk import Asked, Desk, money_desk
from casework.reading.showing import show_case
from states.policy import load_policy
from states.records.codes import StepName
from tests.county import Templates, the_child
from tests.desk import desk_template
from tests.money import ASSESSING, CHILDS, Money
from tests.pages import Pages, line
from tests.queries import counting
from tests.world import noon

DAY = ASSESSING
#: Twelve calendar days later, eight of them working days.
LATER = DAY + timedelta(12)


@pytest.fixture
def desk(_sqlite_children: Templates, tmp_path: Path) -> Iterator[tuple[Money, str, dict[str, str]]]:
    """A ratified child with a request in each of the places where one can wait; on SQLite, as all pages of lists."""
    template, there = desk_template(_sqlite_children)
    with _sqlite_children.world(template, tmp_path / "home") as world:
        yield Money(world), the_child(world), there


def seen(money: Money, who: str = "faye.finance", **asked) -> Desk:
    with money.world.office.reading() as session:
        return money_desk(session, by=money.world.ids[who], today=LATER, asked=Asked(**asked))


def test_each_request_says_whom_it_waits_for_what_they_do_and_how_many_working_days(desk):
    """R-FIN-12 counts turn-rounds in working days; who is next is rules 7.1's, the panel's papers are PT-4's."""
    money, _, there = desk
    waits = {one.ref: one for one in seen(money).waiting}
    workers = "Ida Eastgate, Sol Carrow"

    assert {where: (waits[ref].whom, waits[ref].what) for where, ref in there.items()} == {
        "prepared": (workers, "To prepare and submit it"),
        "head of service": ("Head of Service", "To agree, or to say why not"),
        "panel": ("CFS Permanence", "To put it on an agenda of the Permanence Panel"),
        "listed": ("The Permanence Panel", "To hear it"),
        "assistant director": ("Director", "To decide"),  # 14,500 of one purpose for one child: counted together
        "approved": (
            workers,
            "Send the notice of proposed decision; add the agreement to the case system and send it",
        ),
        "contract": (
            f"{workers}, Legal",
            "Send the notice of proposed decision; add the agreement to the case system and send it; "
            "record the signed contract",
        ),
        "answers": (
            f"{workers}, CFS Permanence",
            "Close the time for representations; confirm that the agreement was received",
        ),
    }
    assert {one.working_days for one in waits.values()} == {8}
    over = waits[there["head of service"]]
    assert (over.due_on, over.over) == (DAY + timedelta(7), 3)  # five working days of Head of Service
    assert next(iter(waits.values())).over == max(one.over for one in waits.values())


def test_the_next_meeting_to_make_is_the_one_whose_papers_are_still_to_come(desk):
    money, _, there = desk
    with money.world.office.reading() as session:
        early = money_desk(session, by=money.world.ids["faye.finance"], today=DAY + timedelta(1), asked=Asked())
    panel = next(one for one in early.hearings if one.body == "Permanence Panel")

    assert panel.to_list == (there["panel"],)
    assert [one.held_on for one in panel.meetings] == [DAY + timedelta(4), DAY + timedelta(21)]
    assert panel.meetings[0].working_days < 0
    assert panel.makes.held_on == DAY + timedelta(21)
    assert panel.meetings[1].listed == (there["listed"],)
    later = {one.body: one.coming for one in early.hearings}
    assert later == {"Review Group": (there["prepared"],), "Permanence Panel": (), "DMT": (there["panel"],)}


def test_clocks_of_notices_contract_and_papers_run_in_their_own_days(desk):
    """NT-16: 28 calendar days to answer from the day the notice was sent; NT-20: the contract in working days."""
    money, _, there = desk
    clocks = {(one.ref, one.words): one for one in seen(money).clocks}
    answers = clocks[there["answers"], "Time for representations on proposed money"]
    upload = clocks[there["approved"], "Finance agreement added to the case system and sent to CFS Permanence"]

    assert (answers.from_on, answers.due_on, answers.left, answers.unit) == (DAY, DAY + timedelta(28), 16, "day")
    assert (upload.due_on, upload.left, upload.unit) == (DAY + timedelta(2), -6, "working day")
    assert (there["contract"], "Contract signed") in clocks


def test_the_list_is_narrowed_by_kind_team_lateness_and_children_outside_the_pathway(desk):
    money, _, there = desk
    team = seen(money).teams[0][0]

    def refs(**asked) -> set[str]:
        return {one.ref for one in seen(money, **asked).waiting}

    assert refs(kind="loan") == {there["contract"]}
    assert refs(team=team) == set(there.values())
    assert refs(team="none") == refs(finance_only=True) == set()
    assert refs(late=True) == {there[one] for one in ("head of service", "approved", "contract", "answers")}
    assert Asked.of({"kind": "anything", "late": "1"}) == Asked(late=True)


def test_a_request_of_a_child_outside_the_pathway_is_marked_as_money_only(desk):
    """PM-4: the locality worker prepares where the child is in no pathway."""
    money, _, _ = desk
    ref = money.world.open_child(DAY)
    money.world.do("mark_not_applicable", DAY, "rowan.tm", ref=ref)
    request = money.opened(ref, "legal_costs", DAY, who=CHILDS, household="HH-20", purpose_kind="legal costs")
    [only] = seen(money, finance_only=True).waiting

    assert (only.ref, only.finance_only, only.whom) == (request, True, "Sol Carrow")


def test_an_order_that_comes_with_no_money_agreed_is_on_the_desk(desk):
    """Practice 6.4: "order in 8 weeks, money not agreed"; the weeks are the policy's (D-13)."""
    money, child, there = desk
    order_on = _forecast(money, child)
    for before, found in ((timedelta(weeks=8), []), (timedelta(weeks=8) - timedelta(1), [child])):
        with money.world.office.reading() as session:
            there_now = money_desk(
                session, by=money.world.ids["hana.hos"], today=order_on - before, asked=Asked()
            )
        assert [one.ref for one in there_now.soon] == found, before
    [soon] = there_now.soon
    assert {ref for ref, _ in soon.requests} == set(there.values())
    assert soon.position == "agreed in part"


def _forecast(money: Money, child: str) -> date:
    with money.world.office.reading() as session:
        case = show_case(session, child, by=money.world.ids["hana.hos"], today=LATER)
    return next(one["forecast"] for one in case.milestones if one["step"] == StepName.ORDER.value)


def test_the_page_is_for_who_has_to_do_with_money_and_shows_each_what_they_may_open(desk):
    money, child, there = desk
    world = money.world
    pages = Pages(world)
    everything = pages.as_("faye.finance", on=LATER).get("/money")

    assert "8 requests wait, 4 longer than they should" in line(everything)
    assert {f"/cases/{ref}" for ref in (*there.values(), child)} <= set(everything.links)
    assert "Committed against budget" in everything.text
    assert "Committed" not in pages.as_("oda.iro", on=LATER).get("/money").text  # the tracker is not theirs
    assert "No request that you may open waits" in line(pages.as_("nell.sw", on=LATER).get("/money"))
    for nobody in ("nia.nurse", "otto.operator", "amy.administrator"):
        pages.as_(nobody, on=LATER).get("/money", 403)
    world.do("restrict", LATER, "rowan.tm", ref=child, people=[{"person": "rowan.tm"}])
    hidden = pages.as_("faye.finance", on=LATER).get("/money")
    assert not re.findall(r"(?:FR|SG)-[0-9A-Z]{8}", hidden.text)
    assert set(there.values()) <= set(re.findall(r"FR-\w{8}", pages.as_("rowan.tm", on=LATER).get("/money").text))


def test_what_is_committed_stands_against_the_budget_of_this_year_and_next(desk):
    """PM-7, by hand: of the loans' 40,000 of 2025/26 are 6,000 committed; 2024/25 has no budget."""
    money, _, _ = desk
    text = (Path(__file__).parents[2] / "policies" / "example-county.toml").read_text(encoding="utf-8")
    with money.world.office.unit_of_work() as session:
        policies.adopt(
            session,
            load_policy(text, name="example-county.toml"),
            file_name="example-county.toml",
            from_on=LATER,
            by=None,
            now=noon(DAY),
        )
    page = line(Pages(money.world).as_("faye.finance", on=LATER).get("/money"))

    assert "Loan 1 £0.00 not entered not entered £6,000.00 £40,000.00 £34,000.00" in page
    assert "Loan: committed 6000, left 34000." in page


def test_the_desk_asks_no_more_of_the_database_for_more_requests(desk):
    money, child, _ = desk
    visitor = Pages(money.world).as_("faye.finance", on=LATER)
    visitor.get("/money")
    with counting(money.world) as few:
        visitor.get("/money")
    for number in range(4):
        money.agreed(child, "settling_in", LATER, household=f"HH-3{number}")
        money.submitted(child, "grant", LATER, household=f"HH-4{number}", amount="3000.00")
    visitor = Pages(money.world).as_("faye.finance", on=LATER)
    visitor.get("/money")
    with counting(money.world) as many:
        page = visitor.get("/money")

    assert "16 requests wait" in line(page)
    assert len(many) == len(few) <= 40


#: Every list that leaves as a file.
FILES = ("/children.xlsx", "/attention.xlsx", "/money.xlsx", "/money/tracker.xlsx")
#: One of each kind of reader: own children, own team, another team, all children, money alone, none.
READERS = ("sol.sw", "rowan.tm", "imara.tm", "hana.hos", "faye.finance", "otto.operator")


def test_no_file_holds_what_its_taker_may_not_open_and_each_child_in_it_is_logged(desk):
    """reliability C7, R22: rules 11.1 say whom each post may open; a file is no way round them."""
    money, child, there = desk
    world = money.world
    south = world.do("open_case", LATER, "imara.tm", council_id="=1+1", team="Children in Care South").ref
    held: dict[tuple[str, str], set[str]] = {}
    for who in READERS:
        visitor = Pages(world).as_(who, on=LATER)
        for file in FILES:
            answer = visitor.client.get(file)
            assert answer.status_code in (200, 403, 404), (who, file)
            if answer.status_code != 200:
                continue
            cells = [cell for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows() for cell in row]
            sums = [str(cell.value) for cell in cells if cell.data_type == "f"]  # none but the tracker's own
            assert [one for one in sums if not one.startswith("=SUBTOTAL(109,")] == [], (who, file)
            held[who, file] = set(re.findall(r"(?:SG|FR)-[0-9A-Z]{8}", " ".join(str(cell.value) for cell in cells)))
        found = set().union(*(refs for (one, _), refs in held.items() if one == who))
        shut = {ref for ref in found if visitor.client.get(f"/cases/{ref}").status_code != 200}
        # Finance opens requests and no child: a request says for whom it is by the child's reference alone.
        assert shut <= ({child} if who == "faye.finance" else set()), who
        logged = world.office.access_log.of_kind("read:export", since=noon(LATER), person_id=world.ids[who])
        assert found <= {look.case_ref for look in logged}, who

    assert held["imara.tm", "/children.xlsx"] == {south}
    assert south not in held["rowan.tm", "/children.xlsx"]
    assert south in held["hana.hos", "/children.xlsx"]
    assert set(there.values()) & held["faye.finance", "/money.xlsx"]
    assert not any(refs for (who, _), refs in held.items() if who == "otto.operator")


def test_the_list_in_view_opens_in_excel_and_every_child_in_it_is_logged(desk):
    money, child, there = desk
    world = money.world
    client = Pages(world).as_("faye.finance", on=LATER).client
    answer = client.get("/money.xlsx?kind=grant")
    [head, *rows] = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)

    grants = {there[one] for one in ("panel", "listed", "assistant director")}
    assert {row[0] for row in rows} == grants
    assert dict(zip(head, rows[0], strict=True))["Since"].date() == DAY
    assert {row[4] for row in rows} == {12000, 4500, 10000}
    looks = world.office.access_log.of_kind("read:export of money desk", since=noon(DAY))
    assert {one.case_ref for one in looks} == {*grants, child, None}


def test_my_meetings_say_what_is_on_the_agenda_and_fold_what_is_far_away(desk):
    money, _, _there = desk
    money.world.meeting(LATER + timedelta(70), body="Permanence Panel", chair="piers.panel")

    shown, _, folded = (
        Pages(money.world).as_("piers.panel", on=LATER).client.get("/my-work").get_data(as_text=True)
        .partition("Later meetings: 1")
    )  # fmt: skip

    assert "1 request on the agenda" in " ".join(shown.split())
    assert "nothing yet on the agenda" in " ".join(folded.split())
