"""A funding request by the pages: asked, prepared, entered late, put right, taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from demo.funding_papers import KINDS
from demo.papers import paper
from states import asked
from states.funding import FUNDING
from states.records.funding import FundingRevised
from tests.money import ASKS
from tests.money_desks import LATER, Desk
from tests.pages import Visitor, as_form, line
from tests.world import START

# --- asking --------------------------------------------------------------------------------------------------------


def test_a_request_is_opened_from_the_childs_page_by_the_same_act_as_the_command(desk):
    visitor = desk.as_(ASKS)
    path = f"/cases/{desk.child}/step/open_request"
    assert path in visitor.get(f"/cases/{desk.child}").links
    form = visitor.get(path)
    typed = as_form({**paper("open_request", on=LATER, funding="grant"), "amount": "£1,250.50"}, LATER)

    look = visitor.post(path, action="look", key=form.fields["key"][0], **typed)
    opened = visitor.send(path, action="do", key=form.fields["key"][0], **typed)
    again = visitor.send(path, action="do", key=form.fields["key"][0], **typed)

    assert "£1,250.50" in look.text
    assert "Being prepared" in look.text
    ref = re.search(r"FR-\w{8}", opened.location)[0]
    assert again.location == opened.location
    page = visitor.get(opened.location)
    assert "Open a funding request is recorded." in page.text
    assert "£1,250.50" in page.text
    assert f"/cases/{ref}" in visitor.get(f"/cases/{desk.child}").links


@pytest.mark.parametrize("amount", ["0", "-5", "abc", "1.005"])
def test_an_amount_that_is_none_is_refused_beside_its_field_and_stands_as_typed(desk, amount):
    visitor = desk.as_(ASKS)
    typed = as_form(paper("open_request", on=LATER, funding="grant", amount=amount), LATER)

    page = visitor.post(f"/cases/{desk.child}/step/open_request", 422, action="do", **typed)

    assert "#amount" in page.links
    assert page.fields["amount"] == [amount]


def test_a_child_for_whom_nothing_is_decided_yet_has_no_request_and_the_page_says_why(desk):
    early = desk.money.world.open_child(START + timedelta(60))
    visitor = desk.as_("sol.sw")

    assert "(PT-9)" in visitor.get(f"/cases/{early}").text
    typed = as_form(paper("open_request", on=LATER, funding="grant"), LATER)
    assert "(PT-9)" in visitor.post(f"/cases/{early}/step/open_request", 422, action="do", **typed).text


def test_a_kept_request_comes_back_with_what_was_typed(desk):
    visitor = desk.as_(ASKS)
    path = f"/cases/{desk.child}/step/open_request"
    visitor.post(path, 302, action="keep", **as_form({"purpose": "Half a thought"}, LATER))

    assert path in visitor.get("/my-work").links
    assert "Half a thought" in visitor.client.get(path).get_data(as_text=True)


def test_every_step_of_a_request_has_a_form_with_every_field_of_its_record(desk):
    visitor = desk.as_("tam.sgo")
    visitor.get(desk.step("needs", "open_request"), 404)
    visitor.get(desk.step("needs", "rate"), 404)
    visitor.get(f"/cases/{desk.child}/step/submit_request", 404)

    for trigger in FUNDING.triggers[1:]:
        page = visitor.get(desk.step("needs", trigger))
        shown = {name.removeprefix("record-").partition("-")[0].partition(".")[0] for name in page.fields}
        records = {row.record for row in FUNDING.rows if row.trigger == trigger}
        assert any({seen.name for seen in record.fields()} <= shown for record in records), trigger


def test_a_form_is_called_by_where_it_leads_for_this_kind(desk):
    """A standard allowance goes to the Head of Service, whatever the first row of its step says (R-FIN-1)."""
    page = desk.as_(ASKS).get(desk.step("draft", "submit_request"))

    assert "Submit: with the Head of Service" in page.text
    assert desk.step("draft", "record_means_test") in page.links  # what is still needed leads to its form


def test_what_is_asked_is_changed_from_what_stands_there(desk):
    visitor = desk.as_(ASKS)
    form = visitor.get(desk.step("draft", "revise_request"))

    assert form.fields["amount"] == ["142.50"]
    assert form.fields["household"] == ["HH-6"]
    assert form.fields["starts_on-year"][0].isdigit()


# --- several past steps, and putting right -------------------------------------------------------------------------


def on_the_list(desk: Desk, visitor: Visitor, name: str, trigger: str, **differs: Any) -> None:
    """A past step is filled in from what its form begins with, and put on the list."""
    path = f"/cases/{desk.refs[name]}/catch-up/{trigger}"
    visitor.post(path, 302, action="put", **desk.typed(visitor.get(path), trigger, **differs))


def test_past_steps_of_a_request_are_entered_in_order_at_once_or_not_at_all(desk):
    """Practice PT-18: looked at together first; what was looked at is what is entered (R7)."""
    visitor = desk.as_(ASKS)
    path = f"/cases/{desk.refs['draft']}/catch-up"
    assert path in visitor.get(f"/cases/{desk.refs['draft']}").links
    on_the_list(desk, visitor, "draft", "submit_request")
    refused = visitor.post(path, 422, action="look")
    assert "Step 1, Submit: " in line(refused)
    assert desk.state("draft") == "PREPARING"

    on_the_list(desk, visitor, "draft", "record_means_test")
    visitor.post(path, 302, action="remove:0")
    on_the_list(desk, visitor, "draft", "submit_request")
    look = visitor.post(path, action="look")
    assert "The request would then be at: With the Head of Service" in line(look)
    desk.something_happens("draft")
    known = {name: look.fields[name][0] for name in ("key", "version")}
    assert "nothing was entered" in visitor.post(path, 409, action="do", **known).text
    again = visitor.post(path, action="look")
    known = {name: again.fields[name][0] for name in ("key", "version")}
    visitor.post(path, 302, action="do", **known)

    seen = desk.money.seen(desk.refs["draft"], LATER)
    assert seen.state == "WITH_HEAD_OF_SERVICE"
    assert [one.trigger for one in seen.chronology][-2:] == ["record_means_test", "submit_request"]
    assert "Take it off the list" not in visitor.get(path).text


def test_past_steps_of_a_request_are_not_caught_up_with_around_the_proof(desk):
    """Reliability R6, A.7 7.5.3: who speaks for money shows again who they are; a signature has a form of its own."""
    path = f"/cases/{desk.refs['loan']}/catch-up"
    visitor = desk.as_("piers.panel")
    offered = visitor.client.get(path).get_data(as_text=True)
    assert 'value="chair_recommends"' in offered
    for trigger in (*asked.APPROVALS, *asked.REFUSALS, "confirm_decision"):
        assert f'value="{trigger}"' not in offered
        visitor.get(f"{path}/{trigger}", 404)
    attendance = {"attendance": desk.money.attendance(), "amount": "3000"}
    on_the_list(desk, visitor, "loan", "chair_recommends", **attendance)
    desk.pages.now += timedelta(minutes=6)

    assert visitor.send(path, action="do").location.startswith("/prove?next=")


def test_a_record_of_a_request_is_put_right_after_a_look_at_what_changes(desk):
    """Design 5.5, R-SM-3: was and will be, beside each other; the request stays where it is; who may not is refused."""
    ref = desk.refs["draft"]
    visitor = desk.as_(ASKS)
    page = visitor.get(f"/cases/{ref}")
    path = next(link for link in page.links if "/correct/" in link)
    form = visitor.get(path)
    assert "Not changed here, for it names other cases" in form.text
    own = {k: v for k, v in form.fields.items() if k not in ("csrf_token", "action", "why", "purpose")}
    sent = {name: values[0] for name, values in own.items()} | _chosen(visitor, path)
    sent |= {"purpose": "Clothes for school."}
    assert "'Why it was wrong' is missing." in visitor.post(path, 422, action="look", **sent).text
    look = visitor.post(path, action="look", **sent, why="A slip of the keyboard.")
    assert "Clothes for school." in look.text
    desk.something_happens("draft")
    stale = visitor.post(path, 409, action="do", **sent, why="A slip of the keyboard.")
    assert "Clothes for school." in stale.fields["purpose"][0] + stale.text
    sent["version"] = stale.fields["version"][0]
    visitor.post(path, 302, action="do", **sent, why="A slip of the keyboard.")

    seen = desk.money.seen(ref, LATER)
    assert (seen.asked["purpose"], seen.state) == ("Clothes for school.", "PREPARING")
    assert not any("/correct/" in link for link in desk.as_("hana.hos").get(f"/cases/{ref}").links)


def _chosen(visitor: Visitor, path: str) -> dict[str, str]:
    """What is chosen in the lists and round buttons of a form."""
    words = visitor.client.get(path).get_data(as_text=True)
    radios = dict(re.findall(r'<input[^>]*name="([^"]+)" type="radio" value="([^"]*)"[^>]* checked', words))
    lists = re.findall(r'<select[^>]*name="([^"]+)".*?<option value="([^"]*)"[^>]* selected', words, re.DOTALL)
    return {**radios, **dict(lists)}


def test_what_was_signed_is_neither_put_right_nor_taken_back_and_the_page_says_so(desk):
    """Reliability R6, C16."""
    path = desk.step("grant", "head_of_service_approves")
    signatory = desk.as_("hana.hos")
    typed = desk.typed(signatory.get(path), "head_of_service_approves", amount="9000", frequency="once")
    signatory.post(path, 302, action="do", **typed)
    ref, worker = desk.refs["grant"], desk.as_(ASKS)
    page = worker.get(f"/cases/{ref}")
    first = desk.money.seen(ref, LATER).chronology[0].event

    assert "Signed: it changes in a new round only (R6)." in page.text
    assert "A signature is not taken back" in page.text
    assert not any("/correct/" in link for link in page.links)
    form = worker.get(f"/cases/{ref}/correct/{first}")
    assert any(link.endswith("/step/open_new_round") for link in form.links)
    assert "purpose" not in form.fields
    tried = worker.post(f"/cases/{ref}/correct/{first}", 422, action="do", purpose="Another.", why="A slip.")
    assert "(R6)" in tried.text
    back = as_form({"reason": "A slip."}, LATER)
    assert "(R6)" in signatory.post(desk.step("grant", "reverse_last"), 422, action="do", **back).text
    assert desk.state("grant") == "APPROVED"


#: What is asked, each field as a browser would send it otherwise.
OTHERWISE: dict[str, Any] = {
    "funding": "loan", "timing": "after the order", "purpose_kind": "something else", "purpose": "Something else.",
    "amount": "1.00", "frequency": "in instalments: the amount is the whole", "starts_on": LATER, "ends_on": LATER,
    "household": "HH-9", "payee": "somebody else", "cost_code": "X", "tied_to": "property", "remuneration": "5.00",
    "remuneration_because": "x", "linked_to": "FR-1",
}  # fmt: skip


def test_no_field_of_a_signed_request_changes_by_any_page(desk):
    """Reliability R6, C16: by the form for changes, by putting right, and by entering past steps."""
    ref, money = desk.refs["grant"], desk.money
    money.do("head_of_service_approves", LATER, "hana.hos", ref)
    before, worker = money.seen(ref, LATER), desk.as_(ASKS)
    first = before.chronology[0].event
    whole = {**KINDS["grant"], "funding": "grant", "household": "HH-2", "amount": "9000"}
    assert set(OTHERWISE) | {"siblings", "reason", "because"} >= {one.name for one in FundingRevised.fields()}
    for name, value in OTHERWISE.items():
        sent = as_form({**paper("revise_request", on=LATER), **whole, name: value}, LATER)
        for path, more in (
            (desk.step("grant", "revise_request"), {}),
            (f"/cases/{ref}/correct/{first}", {"why": "A slip."}),
        ):
            assert desk.tried(worker, path, {**sent, **more, "action": "do"}) in (404, 409, 422), (name, path)
    after = money.seen(ref, LATER)
    assert (after.asked, after.version, after.mark) == (before.asked, before.version, before.mark)
    assert after.signatures == before.signatures


def test_the_last_step_of_a_request_is_taken_back_by_page(desk):
    """Design 5.5: by whoever may take it; it is looked at first."""
    path = desk.step("settling", "reverse_last")
    worker = desk.as_(ASKS)
    assert path in worker.get(f"/cases/{desk.refs['settling']}").links
    sent = as_form({"reason": "Sent too early."}, LATER)

    assert "to Being prepared" in line(worker.post(path, action="look", **sent))
    worker.post(path, 302, action="do", **sent)

    assert desk.state("settling") == "PREPARING"
