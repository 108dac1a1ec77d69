"""A funding request by the pages: signed after a proof, as it was read, and the decision on one page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from states import asked
from states.funding import FUNDING
from tests.money import ASKS
from tests.money_desks import LATER, Desk
from tests.pages import as_form, line

# --- signing -------------------------------------------------------------------------------------------------------


def test_whoever_signs_has_the_request_before_them_shows_who_they_are_and_loses_nothing(desk):
    """A.7 7.5.3: the proof is asked of the signature, of nothing before it; what was typed is kept."""
    visitor = desk.as_("abel.ad")
    path = desk.step("needs", "assistant_director_approves")
    desk.pages.now += timedelta(minutes=6)
    form = visitor.get(path)
    typed = desk.typed(form, "assistant_director_approves", **_asked(desk, "needs"))

    look = visitor.post(path, action="look", **typed)
    asked_for = visitor.send(path, action="do", **typed)

    assert "The request moves from With the Assistant Director to Agreed: notices and papers." in line(look)
    assert asked_for.location.startswith("/prove?next=")
    assert desk.state("needs") == "WITH_ASSISTANT_DIRECTOR"
    visitor.get(asked_for.location)
    held = visitor.get(visitor.send("/prove").location)
    kept = {name: values for name, values in held.fields.items() if name != "csrf_token"}
    assert kept["reasons"] == [typed["reasons"]]
    done = visitor.send(path, **kept)
    assert "is recorded." in visitor.get(done.location).text
    assert desk.state("needs") == "APPROVED"


def _asked(desk: Desk, name: str) -> dict[str, Any]:
    asked_for = desk.money.seen(desk.refs[name], LATER).asked
    return {key: asked_for[key] for key in ("amount", "frequency")}


def test_steps_that_sign_nothing_ask_for_no_proof(desk):
    visitor = desk.as_("abel.ad")
    desk.pages.now += timedelta(minutes=6)
    path = desk.step("needs", "assistant_director_returns")

    visitor.post(path, 302, action="do", **desk.typed(visitor.get(path), "assistant_director_returns"))

    assert desk.state("needs") == "RETURNED"


def test_every_step_in_which_somebody_speaks_for_money_or_signs_it_asks_for_a_proof():
    signs = {row.trigger for row in FUNDING.rows if row.signs}

    assert signs == {*asked.APPROVALS, *asked.REFUSALS, *asked.SPOKE, "sign_off", "confirm_decision"}
    assert all(row.signs for row in FUNDING.rows if row.trigger in signs)


@pytest.mark.parametrize(
    ("who", "name", "trigger", "rule"),
    [
        ("asa.ad", "large", "assistant_director_approves", "R-FIN-6"),  # chaired DMT
        ("hana.hos", "large", "assistant_director_approves", "R-FIN-3"),
        (ASKS, "grant", "head_of_service_approves", "R-FIN-3"),
        ("hana.hos", "grant", "head_of_service_refuses", "A5"),
    ],
)
def test_the_wrong_person_is_refused_with_the_rule_on_form_and_act(desk, who, name, trigger, rule):
    visitor = desk.as_(who)
    path = desk.step(name, trigger)
    form = visitor.get(path)

    refused = visitor.post(path, 422, action="do", **desk.typed(form, trigger, **_amounts(desk, name, trigger)))

    assert f"({rule})" in refused.text
    assert desk.state(name) in ("WITH_HEAD_OF_SERVICE", "WITH_ASSISTANT_DIRECTOR")


def _amounts(desk: Desk, name: str, trigger: str) -> dict[str, Any]:
    return _asked(desk, name) if trigger.endswith("_approves") else {}


def test_what_was_read_is_what_is_signed_and_a_change_is_read_again(desk):
    """R6: another request of the household moves what this one is counted with, and no version."""
    visitor = desk.as_("hana.hos")
    path = desk.step("grant", "head_of_service_approves")
    typed = desk.typed(visitor.get(path), "head_of_service_approves", **_asked(desk, "grant"))
    kind = desk.money.seen(desk.refs["grant"], LATER).asked["purpose_kind"]
    desk.money.opened(desk.child, "grant", LATER, household="HH-2", amount="100", purpose_kind=kind)

    refused = visitor.post(path, 422, action="look", **typed)
    assert "It has changed since you opened this form." in refused.text
    assert "#shown" in refused.links
    again = visitor.post(path, action="read-again", **typed)

    assert again.fields["shown"] != [typed["shown"]]
    assert typed["reasons"] in visitor.client.post(path, data={"action": "read-again", **typed}).get_data(as_text=True)
    visitor.post(path, action="look", **{**typed, "shown": again.fields["shown"][0]})


def test_somebody_who_was_overtaken_sees_what_happened_on_the_request_beside_what_they_wrote(desk):
    visitor = desk.as_("abel.ad")
    path = desk.step("needs", "assistant_director_refuses")
    typed = desk.typed(visitor.get(path), "assistant_director_refuses", reasons="Too early.")
    desk.something_happens("needs")

    page = visitor.post(path, 409, action="do", **typed)

    assert "Something happened on this request" in page.text
    assert "The carers know." in page.text
    assert "Too early." in page.text


def test_a_signature_recorded_for_somebody_has_effect_when_they_confirm_it_by_page(desk):
    writer = desk.as_("tam.sgo")
    path = desk.step("needs", "assistant_director_approves")
    typed = desk.typed(writer.get(path), "assistant_director_approves", **_asked(desk, "needs"))
    writer.post(path, 302, action="do", decided_by="abel.ad", **typed)
    assert "Not confirmed yet" in writer.get(f"/cases/{desk.refs['needs']}").text
    assert f"/cases/{desk.refs['needs']}" in writer.get("/my-work").links

    signatory = desk.as_("abel.ad")
    assert "was recorded in your name by" in signatory.get(f"/cases/{desk.refs['needs']}").text
    link = next(one for one in signatory.get("/my-work").links if "/confirm_decision" in one)
    form = signatory.get(link)
    sent = {"event": form.fields["event"][0], "version": form.fields["version"][0], **as_form({}, LATER)}
    desk.pages.now += timedelta(minutes=6)
    proof = signatory.send(link.partition("?")[0], action="do", **sent)
    assert proof.location.startswith("/prove")
    signatory.send("/prove")
    signatory.post(link.partition("?")[0], 302, action="do", **sent)

    assert "Not confirmed yet" not in signatory.get(f"/cases/{desk.refs['needs']}").text
    assert "upload_agreement" in " ".join(desk.as_(ASKS).get("/my-work").links)


# --- the decision on one page --------------------------------------------------------------------------------------


def test_the_decision_on_one_page_says_what_is_asked_and_leads_to_the_right_steps(desk):
    """PM-6: what is asked, cost, recommendation, dissent, clause; approve, return, refuse."""
    ref = desk.refs["needs"]
    page = desk.as_("abel.ad").get(f"/requests/{ref}/decision")
    said = line(page)

    for words in ("This year", "A full year", "Until eighteen", "Recommendation", "Dissent", "By which clause"):
        assert words in said
    assert "To agree" in said
    assert "Hana" in said
    for trigger in ("approves", "returns", "refuses"):
        assert desk.step("needs", f"assistant_director_{trigger}") in page.links


def test_a_chair_who_would_also_sign_is_told_what_stands_in_the_way(desk):
    page = desk.as_("asa.ad").get(f"/requests/{desk.refs['large']}/decision")

    assert "chaired the hearing at DMT" in line(page)
    assert "(R-FIN-6)" in page.text


def test_a_head_of_service_disagrees_where_a_meeting_recommended_and_passes_on_what_others_sign(desk):
    page = desk.as_("hana.hos").get(f"/requests/{desk.refs['grant']}/decision")

    assert desk.step("grant", "head_of_service_approves") in page.links
    assert desk.step("grant", "head_of_service_disagrees") in page.links


def test_nobody_finds_a_decision_page_for_a_child_or_for_no_request(desk):
    visitor = desk.as_("abel.ad")

    for ref in (desk.child, "FR-00000000"):
        visitor.get(f"/requests/{ref}/decision", 404)
