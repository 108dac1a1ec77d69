"""Funding requests from what is asked to what is signed: every kind and route with the right people (rules 7.2)."""

from datetime import timedelta
from json import dumps

import pytest

from casework.acting.commands import Command
from casework.doing import keep_from
from casework.each_child import do_each
from casework.errors import NotFound, Refused
from casework.funding.requests import list_requests
from casework.who.interests import Relation
from casework.who.people import add_cover, find_person, grant_role
from demo.papers import paper
from persistence.verification import verify
from states.records.funding import PurposeKind
from states.vocabulary import Role
from tests.county import ChildAt
from tests.money import ASKS, ASSESSING, CHILDS, Money, position, rules_of, with_money
from tests.pages import Pages
from tests.world import START, noon

DAY = ASSESSING


ROUTES = [
    ("standard_allowance", {}, "WITH_HEAD_OF_SERVICE"),
    ("legal_costs", {}, "WITH_HEAD_OF_SERVICE"),
    ("settling_in", {}, "WITH_HEAD_OF_SERVICE"),
    ("grant", {"amount": "9999.99"}, "WITH_HEAD_OF_SERVICE"),
    ("grant", {"amount": "10000.00"}, "WITH_ASSISTANT_DIRECTOR"),
    ("grant", {"amount": "10000.01"}, "WITH_ASSISTANT_DIRECTOR"),
    ("grant", {"amount": "20000.00"}, "WITH_ASSISTANT_DIRECTOR"),
    ("grant", {"amount": "20000.01"}, "WITH_DIRECTOR"),
    ("loan", {"amount": "6000.00"}, "WITH_HEAD_OF_SERVICE"),
    ("needs_led_allowance", {}, "WITH_ASSISTANT_DIRECTOR"),
]
PURPOSES = [purpose.value for purpose in PurposeKind if purpose is not PurposeKind.LEGAL] * 2


def test_every_kind_goes_its_way_to_the_post_that_signs_it(assessed):
    money, child = assessed
    for number, (kind, differs, desk) in enumerate(ROUTES):
        purpose = "legal costs" if kind == "legal_costs" else PURPOSES[number]  # or they would be counted together
        ref = money.submitted(child, kind, DAY, household=f"HH-{number}", purpose_kind=purpose, **differs)
        if money.state(ref, DAY) != "WITH_HEAD_OF_SERVICE":
            money.heard(ref, DAY)
        if kind == "needs_led_allowance":
            money.do("head_of_service_agrees", DAY, "hana.hos", ref)
        assert money.state(ref, DAY) == desk, (kind, differs)
        money.signed(ref, DAY)
        assert money.state(ref, DAY) == "APPROVED"



# -- dissent, DMT, questions, refusal ----------------------------------------------------------------------------


def needs_led_with_head_of_service(money: Money, child: str) -> str:
    ref = money.submitted(child, "needs_led_allowance", DAY)
    money.heard(ref, DAY)
    return ref


def test_a_dissent_is_seen_by_a_second_head_of_service_and_the_assistant_director_decides(assessed):
    """(reliability C9, C10)"""
    money, child = assessed
    ref = needs_led_with_head_of_service(money, child)

    told = money.do("head_of_service_disagrees", DAY, "hana.hos", ref)
    assert money.state(ref, DAY) == "SECOND_VIEW"
    assert "NT-18" in told.notices
    with pytest.raises(Refused) as same:  # another person
        money.do("second_head_of_service_views", DAY, "hana.hos", ref)
    assert "A5" in rules_of(same.value)
    with pytest.raises(Refused) as in_line:  # outside the line
        money.do("second_head_of_service_views", DAY, "hugo.hos", ref, in_line=True)
    assert rules_of(in_line.value) == {"A5"}
    money.do("second_head_of_service_views", DAY, "hugo.hos", ref, supports_request=False)
    assert money.state(ref, DAY) == "WITH_ASSISTANT_DIRECTOR"  # A5: a view, even where both are against
    money.signed(ref, DAY)

    steps = [one["step"] for one in money.seen(ref, DAY).said]
    assert steps == ["chair_recommends", "head_of_service_disagrees", "second_head_of_service_views"]


@pytest.mark.parametrize(("supports", "then"), [(False, "REFUSED"), (True, "WITH_ASSISTANT_DIRECTOR")])
def test_two_against_a_small_grant_refuse_it_and_a_split_goes_up(assessed, supports, then):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY)
    money.heard(ref, DAY)
    with pytest.raises(Refused) as alone:
        money.do("head_of_service_refuses", DAY, "hana.hos", ref)
    assert rules_of(alone.value) == {"A5"}
    money.do("head_of_service_disagrees", DAY, "hana.hos", ref)
    money.do("second_head_of_service_views", DAY, "hugo.hos", ref, supports_request=supports)

    assert money.state(ref, DAY) == then


def test_what_dmt_refuses_only_the_director_can_agree_to(assessed):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY, amount="15000")
    money.listed(ref, DAY)
    money.do("chair_recommends", DAY, "piers.panel", ref, attendance=money.attendance())
    money.listed(ref, DAY)
    money.do("dmt_refuses", DAY, "asa.ad", ref, attendance=money.attendance())
    with pytest.raises(Refused) as blocked:
        money.signed(ref, DAY)
    assert "A4" in rules_of(blocked.value)
    money.do("take_to_director", DAY, "abel.ad", ref)
    money.signed(ref, DAY)

    assert money.state(ref, DAY) == "APPROVED"


def test_questions_go_back_to_whoever_asked_and_a_changed_request_starts_again_without_falling(assessed):
    """(reliability C15)"""
    money, child = assessed
    ref = money.submitted(child, "grant", DAY, amount="21000")
    money.heard(ref, DAY)
    money.do("director_returns", DAY, "dara.director", ref)
    money.do("answer_questions", DAY, ASKS, ref)
    assert money.state(ref, DAY) == "WITH_DIRECTOR"
    money.do("director_returns", DAY, "dara.director", ref)
    money.do("revise_request", DAY, ASKS, ref, amount="5000")
    with pytest.raises(Refused):
        money.do("answer_questions", DAY, ASKS, ref)
    money.do("take_up_again", DAY, ASKS, ref)

    seen = money.seen(ref, DAY)  # A23: it was 21,000 once
    assert (seen.authority.post, seen.asked["amount"]) == ("Director", "5000.00")


def test_what_was_asked_first_counts_though_less_is_asked_before_anybody_has_heard_it(assessed):
    money, child = assessed  # A23: 21,000 was asked for; the list and the desk say the same
    ref = money.prepared(child, "grant", DAY, amount="21000")
    money.do("revise_request", DAY, ASKS, ref, amount="5000")

    seen = money.seen(ref, DAY)
    with money.world.office.reading() as session:
        [line] = list_requests(session, by=money.world.ids["tam.sgo"], today=DAY, child=child)
    assert (seen.authority.post, seen.authority.counted.total, line.value) == ("Director", 21000, 21000)


def test_a_refusal_is_looked_at_again_by_somebody_more_senior(assessed):
    money, child = assessed
    ref = needs_led_with_head_of_service(money, child)
    money.do("head_of_service_agrees", DAY, "hana.hos", ref)
    money.do("assistant_director_refuses", DAY, "abel.ad", ref)
    money.do("issue_proposal_notice", DAY, ASKS, ref)
    with pytest.raises(Refused) as early:
        money.do("close_request", DAY, "cfs.permanence", ref, why="refused, and the time for representations is over")
    assert rules_of(early.value) == {"R-SUP-7"}
    money.do("hear_representations", DAY, ASKS, ref)
    assert money.state(ref, DAY) == "WITH_DIRECTOR"
    money.signed(ref, DAY)

    assert money.state(ref, DAY) == "APPROVED"


# -- who may not sign ----------------------------------------------------------------------------------------------


def test_who_recommended_or_prepared_signs_by_no_route(assessed):
    """reliability R5, C8, C11: by command, for somebody else, through cover."""
    money, child = assessed
    world = money.world
    ref = money.submitted(child, "grant", DAY)
    money.listed(ref, DAY, chair="hana.hos")
    with world.office.unit_of_work() as session:
        hana, hugo = find_person(session, "hana.hos"), find_person(session, "hugo.hos")
        grant_role(session, person=hana, role=Role.PANEL_CHAIR, from_on=DAY, now=noon(DAY))
        days = {"from_on": DAY, "until_on": DAY, "now": noon(DAY)}
        add_cover(session, absent=hana, covering=hugo, reason="leave", recorded_by=None, **days)
    money.do("chair_recommends", DAY, "hana.hos", ref, attendance=money.attendance())

    for who, decided_by in (("hana.hos", None), ("tam.sgo", "hana.hos"), ("cfs.permanence", "hana.hos")):
        with pytest.raises(Refused) as refused:
            money.do("head_of_service_approves", DAY, who, ref, decided_by=decided_by)
        assert "R-FIN-6" in rules_of(refused.value)
    money.do("head_of_service_approves", DAY, "hugo.hos", ref)  # their own post, not the one they cover


def test_who_wrote_the_referral_does_not_sign_with_another_hat(assessed):
    money, child = assessed
    with money.world.office.unit_of_work() as session:
        worker = find_person(session, CHILDS)
        grant_role(session, person=worker, role=Role.DIRECTOR, from_on=DAY, now=noon(START))
    ref = money.submitted(child, "grant", DAY)
    money.heard(ref, DAY)

    with pytest.raises(Refused) as refused:
        money.do("head_of_service_approves", DAY, CHILDS, ref)
    assert rules_of(refused.value) == {"R-FIN-6"}


def test_whoever_has_an_interest_neither_chairs_nor_sits_in_judgement(assessed):
    """Said at the hearing; and who is too near to the child reads none of its papers (reliability C21)."""
    money, child = assessed
    ref = money.submitted(child, "grant", DAY)
    money.listed(ref, DAY)

    def recommend(**more):
        money.do("chair_recommends", DAY, "piers.panel", ref, **{"attendance": money.attendance(), **more})

    for who, took_part in (("piers.panel", False), ("fern.fostering", True)):
        with pytest.raises(Refused) as refused:
            recommend(interests=[{"person": who, "interest": "A neighbour", "took_part": took_part}])
        assert "R-FIN-6" in rules_of(refused.value)
    with pytest.raises(Refused) as few:  # nobody with an interest is one of the quorum
        recommend(interests=[{"person": "fern.fostering", "interest": "A neighbour", "took_part": False}])
    assert "PM-4" in rules_of(few.value)
    money.seen(ref, DAY, "piers.panel")
    keep_from(
        money.world.office, child, who="piers.panel", relation=Relation.FRIEND, by=money.world.actor("hana.hos"),
        now=noon(DAY),
    )  # fmt: skip
    with pytest.raises(NotFound):
        money.seen(ref, DAY, "piers.panel")


def test_three_requests_that_split_a_larger_one_are_counted_together(assessed):
    """(reliability C14)"""
    money, child = assessed
    refs = [money.submitted(child, "grant", DAY, amount="8000", payee=f"carers, quote {n}") for n in range(3)]
    money.listed(refs[0], DAY)
    money.do("chair_recommends", DAY, "piers.panel", refs[0], attendance=money.attendance())

    seen = money.seen(refs[0], DAY)
    assert (seen.authority.post, seen.authority.counted.total, seen.state) == ("Director", 24000, "AT_DMT")
    assert {ref for ref, _ in seen.authority.counted.named} == set(refs[1:])


@pytest.mark.parametrize("spelling", ["hh-1001", "HH 1001", "HH1001", "HH\u20131001"])
def test_another_spelling_of_the_household_splits_no_sum(assessed, spelling):
    """A second child of the household, its number typed otherwise: 16,000, not twice 8,000 (C14, rules R-FIN-4)."""
    money, child = assessed
    other = money.world.child_at("ASSESSMENT")
    money.submitted(child, "grant", DAY, amount="8000", household="HH-1001")
    ref = money.submitted(other, "grant", DAY, amount="8000", household=spelling)

    assert money.seen(ref, DAY).authority.counted.total == 16000
    assert money.seen(ref, DAY).authority.post == "Assistant Director"


@pytest.mark.parametrize("amount", ["0", "-5", "abc", "1.005", ""])
def test_an_amount_that_is_none_is_refused(assessed, amount):
    money, child = assessed
    with pytest.raises(Refused) as refused:
        money.opened(child, "grant", DAY, amount=amount)
    assert rules_of(refused.value) == {"R-FIN-15"}


def test_the_chair_who_would_also_sign_is_warned_when_the_agenda_is_made(assessed):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY)
    meeting = money.world.meeting(DAY, body="Permanence Panel", chair="hana.hos")
    warned = money.do("list_request", DAY, "cfs.permanence", ref, meeting=meeting)

    assert [flag.rule for flag in warned.flags] == ["PM-3"]
    assert "more senior post" in warned.flags[0].reason


# -- signed means frozen -------------------------------------------------------------------------------------------


def test_a_signature_for_somebody_else_has_effect_when_they_confirm_it(assessed):
    money, child = assessed
    ref = money.submitted(child, "standard_allowance", DAY)
    signed = money.do("head_of_service_approves", DAY, "tam.sgo", ref, decided_by="hana.hos")
    assert signed.unconfirmed
    assert position(money, child) == (None, None)
    with pytest.raises(Refused) as early:
        money.do("upload_agreement", DAY, ASKS, ref)
    assert rules_of(early.value) == {"PR-2"}
    with pytest.raises(Refused):
        money.do("confirm_decision", DAY, "tam.sgo", ref, event=signed.event)
    money.do("confirm_decision", DAY, "hana.hos", ref, event=signed.event)

    assert position(money, child) == ("agreed", ref)
    money.do("upload_agreement", DAY, ASKS, ref)


def test_what_was_read_is_what_is_signed(assessed):
    """(reliability C19)"""
    money, child = assessed
    ref = money.prepared(child, "grant", DAY)
    read = money.mark(ref, DAY)
    money.do("revise_request", DAY, ASKS, ref, amount="8100")
    money.kinds[ref]["amount"] = "8100"
    money.do("submit_request", DAY, ASKS, ref)
    money.heard(ref, DAY)
    with pytest.raises(Refused) as refused:
        money.signed(ref, DAY, shown=read)
    assert rules_of(refused.value) == {"R6"}


FIELDS = {
    "amount": "1.00", "purpose": "Something else", "payee": "somebody else", "starts_on": "2026-01-01",
    "ends_on": "2027-01-01", "household": "HH-9", "frequency": "in instalments: the amount is the whole",
    "funding": "loan", "timing": "after the order", "purpose_kind": "something else", "cost_code": "X",
    "tied_to": "property", "siblings": [], "remuneration": "5", "remuneration_because": "x", "linked_to": "FR-1",
}  # fmt: skip


def test_no_field_of_a_signed_request_changes_by_any_route(assessed):
    """reliability R6, C16: by revising, for somebody else, in bulk, correcting either way, and taking back."""
    money, child = assessed
    ref = money.agreed(child, "grant", DAY)
    before = money.seen(ref, DAY)
    entries = {line.trigger: line.event for line in before.chronology}
    tries = 0
    for name, value in FIELDS.items():
        for more in ({}, {"decided_by": "tam.sgo"}):
            with pytest.raises(Refused):
                money.do("revise_request", DAY, ASKS, ref, **{name: value}, **more)
        command = Command(
            trigger="revise_request", happened_on=DAY, ref=ref, record=paper("revise_request", on=DAY, **{name: value})
        )
        [bulk] = do_each(money.world.office, [command], by=money.world.actor(ASKS), now=noon(DAY))
        assert bulk.result is None
        for trigger in ("open_request", "chair_recommends", "write_referral", "head_of_service_approves"):
            for changes in (f"{name}={value}", dumps({name: value})):
                with pytest.raises(Refused):
                    money.do("correct", DAY, ASKS, ref, event=entries[trigger], changes=changes, reason="x")
        tries += 11
    for who in ("hana.hos", "tam.sgo", "abel.ad"):
        with pytest.raises(Refused):
            money.do("reverse_last", DAY, who, ref, reason="a slip")
    # As an item of a meeting: neither heard again, nor listed, put off, moved or left waiting with one.
    panel = money.world.meeting(DAY, body="Permanence Panel", chair="piers.panel")
    heard_at = before.hearings[0]["ref"]
    for trigger, who, more in (
        ("list_request", "cfs.permanence", {"meeting": panel}),
        ("adjourn_hearing", "cfs.permanence", {"meeting": panel}),
        ("move_with_meeting", "cfs.permanence", {"missed": heard_at, "meeting": panel}),
        ("wait_for_meeting", "cfs.permanence", {"missed": heard_at}),
        ("chair_recommends", "piers.panel", {"amount": "1.00", "attendance": money.attendance()}),
        ("dmt_approves", "asa.ad", {"amount": "1.00", "attendance": money.attendance()}),
    ):
        with pytest.raises(Refused):
            money.do(trigger, DAY, who, ref, **more)
    assert tries == 11 * len(FIELDS) == 176
    after = money.seen(ref, DAY)
    assert (after.asked, after.signatures, after.version) == (before.asked, before.signatures, before.version)
    assert (after.papers, after.said, after.hearings) == (before.papers, before.said, before.hearings)
    with money.world.office.reading() as session:
        assert verify(session).ok


def test_a_later_change_is_a_new_round_and_the_signature_of_the_last_one_stays(assessed):
    money, child = assessed
    ref = money.agreed(child, "needs_led_allowance", DAY)
    money.do("open_new_round", DAY, ASKS, ref)
    money.do("revise_request", DAY, ASKS, ref, funding="needs_led_allowance", frequency="each week", amount="280",
             purpose_kind="therapy or specialist activity")  # fmt: skip
    money.kinds[ref]["amount"] = "280"
    first = money.seen(ref, DAY).chronology[0].event
    with pytest.raises(Refused) as frozen:
        money.do("correct", DAY, ASKS, ref, event=first, changes="amount=1", reason="x")
    assert "R6" in rules_of(frozen.value)
    money.do("submit_request", DAY, ASKS, ref)
    money.heard(ref, DAY)
    money.signed(ref, DAY)

    seen = money.seen(ref, DAY)
    assert [signed.amount for signed in seen.signatures] == [260, 280]
    assert seen.rounds == 2


def test_before_the_kdd_there_is_no_money_and_before_ratification_an_illustration(child_at: ChildAt):
    world, child = child_at("KEY_DECISION")
    money, on = with_money(world), START + timedelta(40)
    with pytest.raises(Refused) as early:
        money.opened(child, "grant", on)
    assert rules_of(early.value) == {"PT-9"}
    world.do("schedule_kdd", on, "ida.saw", ref=child, held_on=on, chair="quin.kdd", legal_adviser="lex.legal")
    world.do("kdd_sgo_appropriate", on, "quin.kdd", ref=child, legal_adviser="lex.legal")
    ref = money.opened(child, "standard_allowance", on)
    with pytest.raises(Refused) as formal:
        money.do("record_means_test", on, ASKS, ref)
    assert rules_of(formal.value) == {"R-MT-10"}
    money.do("record_means_test", on, ASKS, ref, illustrative=True)
    with pytest.raises(Refused) as submitted:
        money.do("submit_request", on, ASKS, ref)
    assert {"PT-9", "R-MT-10"} <= rules_of(submitted.value)
    assert not money.seen(ref, on).formal


def test_a_child_outside_the_pathway_may_have_requests(child_at: ChildAt):
    world, child = child_at("RATED")
    money, on = with_money(world), START + timedelta(5)
    world.do("mark_not_applicable", on, "rowan.tm", ref=child)
    ref = money.opened(child, "grant", on, who=CHILDS)

    money.do("write_referral", on, CHILDS, ref, author=CHILDS)
    money.do("submit_request", on, CHILDS, ref)
    assert money.state(ref, on) == "AT_PERMANENCE_PANEL"


def test_a_placement_that_ends_stops_the_money_and_its_clocks(assessed):
    money, child = assessed
    ref = money.submitted(child, "standard_allowance", DAY)
    later = DAY + timedelta(2)
    money.world.do("record_placement_change", later, "sol.sw", ref=child)
    assert {one.due for one in money.seen(ref, later).deadlines if one.closed_as is None} == {None}
    money.do("head_of_service_returns", later, "hana.hos", ref)
    with pytest.raises(Refused) as stopped:
        money.do("answer_questions", later, ASKS, ref)
    assert rules_of(stopped.value) == {"PT-13"}


def test_a_restricted_childs_requests_are_as_hidden_as_the_child(assessed):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY)
    money.world.do("restrict", DAY, "rowan.tm", ref=child, reason="x", people=[{"person": "rowan.tm"}])

    with pytest.raises(NotFound):
        money.seen(ref, DAY, "dara.director")
    assert money.seen(ref, DAY, "rowan.tm").restricted
    with money.world.office.reading() as session:
        assert list_requests(session, by=money.world.ids["dara.director"], today=DAY) == []
        assert [one.ref for one in list_requests(session, by=money.world.ids["rowan.tm"], today=DAY)] == [ref]


def test_the_page_of_a_request_says_who_signs_and_by_which_clause(assessed):
    money, child = assessed
    ref = money.submitted(child, "grant", DAY, amount="10000.01")
    page = Pages(money.world).as_("tam.sgo", on=DAY).get(f"/cases/{ref}")

    assert "At £10,000.01: the Assistant Director or a more senior post, after DMT has approved." in page.text
    assert "The guidance contradicts itself." in page.text
    assert money.mark(ref, DAY) in page.text
