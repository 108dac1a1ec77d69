"""A funding request by the pages: what waits for whom, and who sees what."""

from __future__ import annotations

import re

from demo.staff import MONEY_STAFF, STAFF
from tests.county import ChildAt
from tests.money import ASKS, CHILDS, with_money
from tests.money_desks import DAY, LATER, Desk
from tests.pages import Pages, line
from tests.queries import counting

# --- what waits for whom -------------------------------------------------------------------------------------------


def waiting(desk: Desk, who: str) -> set[tuple[str, str]]:
    """(request, where one click leads) of what waits for somebody."""
    by_ref = {ref: name for name, ref in desk.refs.items()}
    page = desk.as_(who).get("/my-work").links
    steps = [re.fullmatch(r"/cases/(FR-\w{8})/step/(\w+)", one) for one in page]
    pages = [re.fullmatch(r"/requests/(FR-\w{8})/(decision)", one) for one in page]
    return {(by_ref[found[1]], found[2]) for found in (*steps, *pages) if found}


def test_what_waits_for_each_is_one_click_from_their_work(desk):
    """Practice 6: to prepare, list, hear, sign; and nobody signs what they heard in the chair."""
    expected = {
        ASKS: {("draft", "submit_request")},
        CHILDS: {("draft", "submit_request")},
        "cfs.permanence": {("settling", "list_request")} if desk.state("settling").startswith("AT") else set(),
        "piers.panel": {("loan", "decision")},
        "hana.hos": {("grant", "decision")},
        "hugo.hos": {("grant", "decision")},
        "abel.ad": {("needs", "decision"), ("large", "decision")},
        "asa.ad": {("needs", "decision")},  # of the large grant they chaired DMT
        "dara.director": set(),
        "oda.iro": set(),
        "nell.sw": set(),
    }
    if not desk.state("settling").startswith("AT"):
        for who in ("hana.hos", "hugo.hos"):
            expected[who] |= {("settling", "decision")}

    assert {who: waiting(desk, who) for who in expected} == expected


def test_the_papers_after_a_signature_wait_for_one_after_the_other(desk):
    money, ref = desk.money, desk.refs["needs"]
    money.signed(ref, LATER)
    assert {"upload_agreement", "issue_proposal_notice"} == _steps_of(desk, ASKS, "needs")
    money.do("upload_agreement", LATER, ASKS, ref)
    money.do("issue_proposal_notice", LATER, ASKS, ref)
    assert _steps_of(desk, "cfs.permanence", "needs") == {"receive_agreement"}
    assert _steps_of(desk, ASKS, "needs") == {"close_funding_representations"}
    for trigger, who in (
        ("receive_agreement", "cfs.permanence"),
        ("enter_on_tracker", "cfs.permanence"),
        ("close_funding_representations", ASKS),
        ("issue_decision_notice", ASKS),
    ):
        money.do(trigger, LATER, who, ref)
    assert _steps_of(desk, ASKS, "needs") == {"agree_conditions"}
    money.do("agree_conditions", LATER, ASKS, ref)
    assert _steps_of(desk, "cfs.permanence", "needs") == {"sign_off"}


def _steps_of(desk: Desk, who: str, name: str) -> set[str]:
    return {step for request, step in waiting(desk, who) if request == name}


def test_what_somebody_sent_on_says_where_it_is_and_since_when(desk):
    page = line(desk.as_(ASKS).get("/my-work"))

    assert f"{desk.refs['needs']}: needs-led allowance for {desk.child}, with the Assistant Director since" in page
    assert "What you sent that waits on others" in page


def test_my_work_asks_no_more_of_the_database_when_there_are_more_requests(desk):
    visitor = desk.as_("hana.hos")
    visitor.get("/my-work")
    with counting(desk.money.world) as few:
        visitor.get("/my-work")
    for number in range(3):
        ref = desk.money.submitted(desk.child, "standard_allowance", LATER, household=f"HH-1{number}")
        assert desk.money.state(ref, LATER) == "WITH_HEAD_OF_SERVICE"
    with counting(desk.money.world) as more:
        page = visitor.get("/my-work")

    assert page.text.count("Decide: agree, return or refuse") == 4 + desk.state("settling").startswith("WITH")
    assert len(more) == len(few)


#: How often the pages of one request may ask, however many requests the child has.
CEILINGS = {"/cases/{}": 28, "/requests/{}/decision": 24, "/cases/{}/step/head_of_service_approves": 44}


def test_the_pages_of_a_request_ask_no_more_of_the_database_when_there_are_more_requests(desk):
    visitor, world = desk.as_("hana.hos"), desk.money.world
    ref = desk.money.submitted(desk.child, "standard_allowance", LATER, household="HH-10")

    def count() -> dict[str, int]:
        counted = {}
        for path in CEILINGS:
            visitor.get(path.format(ref))  # what is read once and kept is read here
            with counting(world) as asked:
                visitor.get(path.format(ref))
            counted[path] = len(asked)
        return counted

    few = count()
    for number in range(3):
        desk.money.submitted(desk.child, "standard_allowance", LATER, household=f"HH-2{number}")
    assert count() == few
    assert all(few[path] <= ceiling for path, ceiling in CEILINGS.items()), few


def test_every_page_of_a_request_is_read_from_either_database(child_at: ChildAt) -> None:
    world, child = child_at("ASSESSMENT")
    money = with_money(world)
    ref = money.submitted(child, "standard_allowance", DAY)
    signatory = Pages(world).as_("hana.hos", on=LATER)

    assert f"/requests/{ref}/decision" in signatory.get("/my-work").links
    for path in (f"/requests/{ref}/decision", f"/cases/{ref}", f"/cases/{ref}/step/head_of_service_approves"):
        assert "Head of Service" in signatory.get(path).text
    assert ref in Pages(world).as_(ASKS, on=LATER).get(f"/cases/{child}").text


# --- who sees what -------------------------------------------------------------------------------------------------

#: Who opens the requests of a child of the team North, from rules 11.1: its money, not health, school or safeguarding.
SEES = {
    "rowan.tm", "sol.sw", "ida.saw", "oda.iro", "bay.ssw", "hana.hos", "hugo.hos", "abel.ad", "asa.ad", "dara.director",
    "tam.sgo", "lex.legal", "dean.data", "ava.auditor", "uma.iromanager", "ash.admin", "wren.chair", "quin.kdd",
    "coral.coordinator", "piers.panel", "cfs.permanence", "faye.finance", "fern.fostering", "sage.safeguarding",
    "vale.school",
}  # fmt: skip


#: Of every kind: two who open the request, two who do not, and two whom the restricted child names.
SOME = ("dara.director", "faye.finance", "nia.nurse", "imara.tm", "rowan.tm", "abel.ad")


def test_a_request_is_open_to_whom_the_childs_money_is_and_to_nobody_of_a_restricted_child(desk, monkeypatch):
    """R21, R22: by every post, and on every route of a request; before and after the child is restricted."""
    ref = desk.refs["needs"]
    decision, *others = f"/requests/{ref}/decision", f"/cases/{ref}", f"/cases/{ref}/step/assistant_director_approves"
    posts = sorted({post.handle for post in (*STAFF, *MONEY_STAFF)})

    def opens(who: str, paths: list[str]) -> set[str]:
        client = desk.as_(who).client
        return {path for path in paths if client.get(path).status_code == 200}

    with monkeypatch.context() as unwritten:  # who may see it is decided before it is written
        unwritten.setattr("flask.templating._render", lambda *_: "")
        assert {who for who in posts if opens(who, [decision])} == SEES
        before = {who: opens(who, others) for who in SOME}
        named = [{"person": who} for who in ("rowan.tm", "abel.ad")]
        desk.money.world.do("restrict", LATER, "rowan.tm", ref=desk.child, people=named)
        after = {who: opens(who, [decision, *others]) for who in SOME}

    assert before == {who: set(others) if who in SEES else set() for who in SOME}
    assert after == {who: {decision, *others} if who in ("rowan.tm", "abel.ad") else set() for who in SOME}
    assert waiting(desk, "asa.ad") == set()
    assert waiting(desk, "abel.ad") == {("needs", "decision"), ("large", "decision")}
    assert ref not in desk.as_("dara.director").get("/my-work").text


def test_who_does_not_read_means_sees_the_line_of_a_means_test_and_not_what_it_says(desk):
    page = {who: desk.as_(who).get(f"/cases/{desk.refs['needs']}").text for who in ("lex.legal", "abel.ad")}

    assert "not shown to you" in page["lex.legal"]
    assert "Award each week, per child" not in page["lex.legal"]
    assert "Award each week, per child" in page["abel.ad"]
