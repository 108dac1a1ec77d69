"""Nobody decides what they prepared, assessed, recommended or chaired, by whichever route they come (R5, C8 to C13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from casework import meetings, policies
from casework.acting.commands import Command
from casework.each_child import do_each
from casework.errors import Refused
from casework.funding.deciding import decide
from casework.reading.queries import next_steps
from casework.who.people import add_cover, end_role, find_person, grant_role
from demo.funding_papers import KINDS
from demo.papers import paper
from states.vocabulary import Role
from tests.county import ChildAt
from tests.money import ASKS, ASSESSING, CHILDS, Money, with_money
from tests.rows import case_of
from tests.world import leicestershire, noon

pytestmark = pytest.mark.one_database

DAY = ASSESSING
BEFORE = DAY - timedelta(days=10)
SIGNS = "head_of_service_approves"


@pytest.fixture
def money(child_at: ChildAt) -> tuple[Money, str]:
    world, child = child_at("ASSESSMENT")
    return with_money(world), child


def given(money: Money, who: str, role: Role, *, at: date = BEFORE, by: str | None = None, hours: int = 0) -> None:
    """A post from a day on, given at noon of that day or some hours later."""
    with money.world.office.unit_of_work() as session:
        grant_role(
            session,
            person=find_person(session, who),
            role=role,
            from_on=at,
            now=noon(at) + timedelta(hours=hours),
            granted_by=money.world.ids[by] if by else None,
        )


def covers(money: Money, deputy: str, absent: str, *, until: date = DAY) -> None:
    with money.world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, absent),
            covering=find_person(session, deputy),
            from_on=BEFORE,
            until_on=until,
            reason="leave",
            recorded_by=None,
            now=noon(BEFORE),
        )


def chaired(money: Money, child: str, who: str = "hana.hos") -> str:
    """A grant that a Head of Service has recommended as the panel's chair: it lies on the desks of their post."""
    given(money, who, Role.PANEL_CHAIR)
    ref = money.submitted(child, "grant", DAY)
    money.listed(ref, DAY, chair=who)
    money.do("chair_recommends", DAY, who, ref, attendance=money.attendance())
    return ref


def refused_by(money: Money, ref: str, who: str, trigger: str = SIGNS, **more: Any) -> set[str]:
    with pytest.raises(Refused) as refused:
        money.do(trigger, DAY, who, ref, **more)
    assert money.state(ref, DAY) == "WITH_HEAD_OF_SERVICE"
    return {unmet.rule for unmet in refused.value.reasons}


# -- who took part, in which way -----------------------------------------------------------------------------------


def prepared(money: Money, child: str) -> str:
    given(money, ASKS, Role.HEAD_OF_SERVICE)
    return money.submitted(child, "standard_allowance", DAY)


def wrote_the_referral(money: Money, child: str) -> str:
    given(money, CHILDS, Role.HEAD_OF_SERVICE)
    ref = money.submitted(child, "grant", DAY)
    money.heard(ref, DAY)
    return ref


def corrected_it(money: Money, child: str) -> str:
    given(money, "tam.sgo", Role.HEAD_OF_SERVICE)
    ref = money.prepared(child, "standard_allowance", DAY)
    opened = money.seen(ref, DAY).chronology[0].event
    money.do("correct", DAY, "tam.sgo", ref, event=opened, changes="cost_code=CF-02", reason="A slip.")
    money.do("submit_request", DAY, ASKS, ref)
    return ref


def chaired_and_took_it_back(money: Money, child: str) -> str:
    ref = chaired(money, child)
    recommended_anew(money, ref)
    return ref


def recommended_anew(money: Money, ref: str) -> None:
    """The chair takes the recommendation back, and another chair makes it."""
    money.do("reverse_last", DAY, "hana.hos", ref, reason="Too early.")
    meeting = money.seen(ref, DAY).hearings[-1]["ref"]
    with money.world.office.unit_of_work() as session:
        meetings.set_chair(session, ref=meeting, chair="piers.panel", by=money.world.ids["cfs.permanence"], today=DAY)
    money.do("chair_recommends", DAY, "piers.panel", ref, attendance=money.attendance())


PARTS: dict[str, tuple[Callable[[Money, str], str], str]] = {
    "chaired and recommended": (chaired, "hana.hos"),
    "prepared and submitted": (prepared, ASKS),
    "wrote the referral": (wrote_the_referral, CHILDS),
    "corrected what is asked": (corrected_it, "tam.sgo"),
    "chaired, and took it back": (chaired_and_took_it_back, "hana.hos"),
}


@pytest.mark.parametrize("part", PARTS)
def test_who_took_part_signs_by_no_route(money, part):
    money, child = money
    made, who = PARTS[part]
    ref = made(money, child)
    covers(money, who, "hugo.hos")  # a post that is not theirs by themselves either
    tries = 0
    for trigger, more in ((SIGNS, {}), ("head_of_service_refuses", {}), ("head_of_service_disagrees", {})):
        if trigger == "head_of_service_disagrees" and part == "prepared and submitted":
            continue  # no meeting, so nothing to disagree with
        assert "R-FIN-6" in refused_by(money, ref, who, trigger, **more)
        for recorder in ("cfs.permanence", "hugo.hos"):  # decided by: recorded by somebody else in their name
            assert "R-FIN-6" in refused_by(money, ref, recorder, trigger, decided_by=who, **more)
        tries += 3
    assert tries >= 6
    assert "R-FIN-6" in refused_by(money, ref, who, "head_of_service_returns")  # an outcome too (R-FIN-8)
    money.do(SIGNS, DAY, "hugo.hos", ref)
    assert money.state(ref, DAY) == "APPROVED"


# -- recommended and decided by the same person: every route by its name -------------------------------------------


def by_command(money: Money, ref: str) -> None:
    money.do(SIGNS, DAY, "hana.hos", ref)


def by_decided_by(money: Money, ref: str) -> None:
    money.do(SIGNS, DAY, "cfs.permanence", ref, decided_by="hana.hos")


def by_cover(money: Money, ref: str) -> None:
    covers(money, "tam.sgo", "hana.hos")
    money.do(SIGNS, DAY, "tam.sgo", ref)


def by_bulk(money: Money, ref: str) -> None:
    command = Command(trigger=SIGNS, happened_on=DAY, ref=ref, record=record_for(money, ref))
    (done,) = do_each(money.world.office, [command], by=money.world.actor("hana.hos"), now=noon(DAY))
    assert done.result is None
    raise Refused(SIGNS, done.reasons)


def by_correction(money: Money, ref: str) -> None:
    """Whoever wrote the referral has it put down as somebody else's."""
    wrote = next(line for line in money.seen(ref, DAY).chronology if line.trigger == "write_referral")
    money.do("correct", DAY, ASKS, ref, event=wrote.event, changes="author=tam.sgo", reason="Another's.")


def by_import(money: Money, ref: str) -> None:
    """As an agreement of another system, brought in as evidence."""
    one = {"elsewhere_prepared_by": "Hana Thorpe, chair", "elsewhere_decided_by": "Hana Thorpe, Head of Service"}
    evidence = {"agreement_ref": "AG-1", "agreed_elsewhere": "In the old system, on 3 March.", **one}
    child = money.seen(ref, DAY).child
    money.world.do("set_financial_position", DAY, "ida.saw", ref=child, position="agreed", **evidence)


def by_reversal(money: Money, ref: str) -> None:
    """The recommendation is taken back and somebody else makes it."""
    recommended_anew(money, ref)
    money.do(SIGNS, DAY, "hana.hos", ref)


BY = {
    "command": by_command,
    "cover": by_cover,
    "bulk": by_bulk,
    "correction": by_correction,
    "import": by_import,
    "decided by": by_decided_by,
    "reversal": by_reversal,
}


@pytest.mark.parametrize("route", BY)
def test_the_same_person_recommending_and_deciding_is_refused_by(money, route):
    """R-FIN-6, R5, C8, C11: and nothing of it is left."""
    money, child = money
    ref = money.prepared(child, "grant", DAY) if route == "correction" else chaired(money, child)
    with pytest.raises(Refused) as refused:
        BY[route](money, ref)
    assert "R-FIN-6" in {unmet.rule for unmet in refused.value.reasons}
    assert money.seen(ref, DAY).signatures == ()
    assert case_of(money.world, child).agreement_ref is None


def test_whoever_prepared_it_takes_it_back_or_withdraws_and_is_told_so(money):
    """R-FIN-6, R-FIN-8: not by a question to themselves; back on their own desk they change it and send it again."""
    money, child = money
    ref = prepared(money, child)
    with pytest.raises(Refused) as refused:
        money.do("head_of_service_returns", DAY, ASKS, ref)
    (reason,) = refused.value.reasons
    assert (reason.rule, reason.reason.startswith("You prepared or assessed the request")) == ("R-FIN-6", True)
    for way in ("reverse_last", "withdraw_request"):
        assert f"({way})" in reason.reason
    money.do("reverse_last", DAY, ASKS, ref, reason="Sent too early.")
    money.do("revise_request", DAY, ASKS, ref, funding="standard_allowance", **KINDS["standard_allowance"])
    money.do("submit_request", DAY, ASKS, ref)
    money.do("withdraw_request", DAY, ASKS, ref)
    assert money.state(ref, DAY) == "REQUEST_CLOSED"


def test_in_bulk_one_may_not_be_signed_and_the_others_are(money):
    money, child = money
    recommended = chaired(money, child)
    other = money.submitted(child, "legal_costs", DAY, household="HH-2")
    commands = [
        Command(trigger=SIGNS, happened_on=DAY, ref=ref, record=record_for(money, ref)) for ref in (recommended, other)
    ]

    first, second = do_each(money.world.office, commands, by=money.world.actor("hana.hos"), now=noon(DAY))

    assert {unmet.rule for unmet in first.reasons} == {"R-FIN-6"}
    assert second.result is not None
    assert (money.state(recommended, DAY), money.state(other, DAY)) == ("WITH_HEAD_OF_SERVICE", "APPROVED")


def record_for(money: Money, ref: str) -> dict[str, Any]:
    own = {"legal costs": {"amount": "950.00"}}.get(money.seen(ref, DAY).words, {})
    return paper(SIGNS, on=DAY, shown=money.mark(ref, DAY), **own)


# -- through cover, and at the second view -------------------------------------------------------------------------


def test_a_deputy_is_bound_by_what_the_absent_person_did_and_by_the_days_of_the_cover(money):
    """C11: delegation creates nothing; C12: not after its end, and not passed on."""
    money, child = money
    ref = chaired(money, child)
    covers(money, "tam.sgo", "hana.hos")
    covers(money, "imara.tm", "tam.sgo")
    assert "R-FIN-6" in refused_by(money, ref, "tam.sgo")  # in the place of whoever recommended
    assert refused_by(money, ref, "imara.tm")  # passed on: it is no post of theirs
    covers(money, "quin.kdd", "hugo.hos", until=DAY - timedelta(days=1))
    assert refused_by(money, ref, "quin.kdd")  # it ended yesterday
    covers(money, "lex.legal", "hugo.hos")

    money.do(SIGNS, DAY, "lex.legal", ref)
    assert money.state(ref, DAY) == "APPROVED"


def test_the_second_view_is_not_the_firsts_nor_of_somebody_in_the_childs_line(money):
    """C9, C10: by person, through cover, for somebody else, and by the posts on record, not by their word alone."""
    money, child = money
    ref = money.submitted(child, "grant", DAY)
    money.heard(ref, DAY)
    money.do("head_of_service_disagrees", DAY, "hana.hos", ref)
    covers(money, "hana.hos", "hugo.hos")
    given(money, "rowan.tm", Role.HEAD_OF_SERVICE)
    for who, decided_by in (
        ("hana.hos", None), ("tam.sgo", "hana.hos"), ("rowan.tm", None), ("tam.sgo", "rowan.tm"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            money.do("second_head_of_service_views", DAY, who, ref, decided_by=decided_by, in_line=False)
        assert "A5" in {unmet.rule for unmet in refused.value.reasons}
    money.do("second_head_of_service_views", DAY, "hugo.hos", ref)


def test_who_refused_does_not_look_at_the_representations(money):
    money, child = money
    given(money, "abel.ad", Role.DIRECTOR)
    ref = money.submitted(child, "needs_led_allowance", DAY)
    money.heard(ref, DAY)
    money.do("head_of_service_agrees", DAY, "hana.hos", ref)
    money.do("assistant_director_refuses", DAY, "abel.ad", ref)
    money.do("hear_representations", DAY, ASKS, ref)
    with pytest.raises(Refused) as refused:
        money.do("director_approves", DAY, "abel.ad", ref)
    assert "A22" in {unmet.rule for unmet in refused.value.reasons}


# -- a post that is new --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "by", "signs"), [(0, None, False), (-23, None, False), (-24, None, True), (-48, "self", False)]
)
def test_a_post_given_within_a_day_or_by_its_holder_signs_nothing(money, hours, by, signs):
    money, child = money  # C13
    given(money, "lex.legal", Role.HEAD_OF_SERVICE, at=DAY, hours=hours, by="lex.legal" if by else None)
    ref = money.submitted(child, "standard_allowance", DAY)
    if signs:
        money.do(SIGNS, DAY, "lex.legal", ref)
        return
    assert refused_by(money, ref, "lex.legal") == {"C13"}
    assert refused_by(money, ref, "cfs.permanence", decided_by="lex.legal") == {"C13"}
    assert refused_by(money, ref, "lex.legal", "head_of_service_refuses") == {"C13"}


@pytest.mark.parametrize(("hours", "rules"), [(-23, {"C13"}), (-24, set())])
def test_that_a_post_is_too_new_is_said_beforehand(money, hours, rules):
    money, child = money  # C13
    given(money, "lex.legal", Role.HEAD_OF_SERVICE, at=DAY, hours=hours)
    ref = money.submitted(child, "standard_allowance", DAY)
    for trigger in (SIGNS, "head_of_service_refuses"):
        assert said_beforehand(money, ref, "lex.legal", trigger) == rules
    with money.world.office.reading() as session:
        page = decide(session, ref, by=money.world.ids["lex.legal"], today=DAY, now=noon(DAY))
    approve = next(one for one in page.buttons if one.answer == "approve")
    assert {unmet.rule for unmet in approve.in_the_way} == rules


@pytest.mark.parametrize(("hours", "rules"), [(-23, {"C13"}), (-24, set())])
def test_who_will_be_asked_for_a_second_view_and_cannot_yet_is_shown_beforehand(money, hours, rules):
    """C13, A5: to whoever disagrees, before they do; and to the one who is asked, whatever the sum."""
    money, child = money
    given(money, "lex.legal", Role.HEAD_OF_SERVICE, at=DAY, hours=hours)
    given(money, "ava.auditor", Role.HEAD_OF_SERVICE, by="ava.auditor")
    given(money, "rowan.tm", Role.HEAD_OF_SERVICE)  # in the child's line
    ref = money.submitted(child, "needs_led_allowance", DAY)
    money.heard(ref, DAY)
    before = viewers(money, ref, "hana.hos")
    assert before == {"Hugo Fenwick": True, "Lex Stanton": not rules, "Ava Dale": False}
    money.do("head_of_service_disagrees", DAY, "hana.hos", ref)
    assert viewers(money, ref, "lex.legal") == before
    step = "second_head_of_service_views"
    assert said_beforehand(money, ref, "lex.legal", step) == rules
    if rules:
        with pytest.raises(Refused) as refused:
            money.do(step, DAY, "lex.legal", ref, in_line=False)
        assert {unmet.rule for unmet in refused.value.reasons} == rules
    money.do(step, DAY, "hugo.hos", ref, in_line=False)


def viewers(money: Money, ref: str, who: str) -> dict[str, bool]:
    """Who can give a second view, as somebody reads it, and whether they can now."""
    with money.world.office.reading() as session:
        seen = decide(session, ref, by=money.world.ids[who], today=DAY, now=noon(DAY)).second_viewers
    return {one.name: one.from_ is None and not one.never for one in seen}


def test_that_nobody_signs_by_command_line_here_is_said_beforehand(money):
    money, child = money  # design 7
    ref = money.submitted(child, "standard_allowance", DAY)
    assert said_beforehand(money, ref, "hana.hos", SIGNS) == set()
    assert said_beforehand(money, ref, "hana.hos", SIGNS, signs_money=False) == {"design 7"}
    assert said_beforehand(money, ref, "hana.hos", "head_of_service_returns", signs_money=False) == set()


def said_beforehand(money: Money, ref: str, who: str, trigger: str, *, signs_money: bool = True) -> set[str]:
    with money.world.office.reading() as session:
        by = money.world.ids[who]
        steps = next_steps(session, ref, by=by, today=DAY, now=noon(DAY), signs_money=signs_money)
    step = next(one for one in steps if one.trigger == trigger)
    assert step.allowed is not bool(step.missing)
    return {unmet.rule for unmet in step.missing}


def test_a_post_of_old_that_ended_and_was_given_again_is_new(money):
    money, child = money
    given(money, "lex.legal", Role.HEAD_OF_SERVICE)
    ref = money.submitted(child, "standard_allowance", DAY)
    with money.world.office.unit_of_work() as session:
        lex = find_person(session, "lex.legal")
        end_role(session, person=lex, role=Role.HEAD_OF_SERVICE, last_day=DAY - timedelta(days=1))
    given(money, "lex.legal", Role.HEAD_OF_SERVICE, at=DAY)
    assert refused_by(money, ref, "lex.legal") == {"C13"}


def test_how_long_a_post_must_be_held_is_the_authoritys(money):
    money, child = money
    rules = leicestershire()
    hour = rules.model_copy(update={"finance": rules.finance.model_copy(update={"signing_hours_after_grant": 1})})
    with money.world.office.unit_of_work() as session:
        policies.adopt(session, hour, file_name="hour.toml", from_on=BEFORE, by=None, now=noon(BEFORE))
    given(money, "lex.legal", Role.HEAD_OF_SERVICE, at=DAY, hours=-1)
    ref = money.submitted(child, "standard_allowance", DAY)
    money.do(SIGNS, DAY, "lex.legal", ref)


# -- by correction ----------------------------------------------------------------------------------


def test_no_correction_says_that_somebody_else_wrote_the_referral(money):
    money, child = money
    ref = money.prepared(child, "grant", DAY)
    wrote = next(line for line in money.seen(ref, DAY).chronology if line.trigger == "write_referral")
    with pytest.raises(Refused) as refused:
        money.do("correct", DAY, ASKS, ref, event=wrote.event, changes="author=tam.sgo", reason="x")
    assert "R-FIN-6" in {unmet.rule for unmet in refused.value.reasons}
    money.do("correct", DAY, ASKS, ref, event=wrote.event, changes="tenure=rented privately", reason="x")


@pytest.mark.parametrize("wrote", [ASKS, CHILDS])
def test_who_wrote_it_in_an_earlier_round_does_not_sign_it_in_a_later_one(money, wrote):
    """The referral and the request of the first round are what is signed in the second (rules R-FIN-6)."""
    money, child = money
    ref = money.prepared(child, "grant", DAY, who="tam.sgo")  # the child's worker wrote the referral
    if wrote == ASKS:
        money.do("revise_request", DAY, ASKS, ref, amount="7900")
    money.do("submit_request", DAY, "tam.sgo", ref)
    money.heard(ref, DAY)
    money.signed(ref, DAY)
    money.do("open_new_round", DAY, "tam.sgo", ref)
    money.do("submit_request", DAY, "tam.sgo", ref)
    money.heard(ref, DAY)
    given(money, wrote, Role.HEAD_OF_SERVICE)
    with pytest.raises(Refused) as apart:
        money.do("head_of_service_approves", DAY, wrote, ref)
    assert "R-FIN-6" in {unmet.rule for unmet in apart.value.reasons}

    money.do("head_of_service_approves", DAY, "hana.hos", ref)  # who signed the first round may sign the second
    assert money.state(ref, DAY) == "APPROVED"
