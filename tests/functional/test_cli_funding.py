"""Funding requests by command line: every kind and route with the right people, and what is refused (rules 7.2)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from demo.funding_papers import KINDS, funding_papers
from tests.commands import Sgo, in_world
from tests.county import ChildAt
from tests.money import ASSESSING, MEMBERS, with_money

TODAY = ASSESSING.isoformat()
#: Kind, amount, and by whom it goes from the desk to the signature.
ROUTES = [
    ("standard_allowance", "142.50", ("head_of_service_approves",)),
    ("needs_led_allowance", "260.00", ("head_of_service_agrees", "assistant_director_approves")),
    ("legal_costs", "950.00", ("head_of_service_approves",)),
    ("settling_in", "1200.00", ("head_of_service_approves",)),
    ("grant", "9999.99", ("head_of_service_approves",)),
    ("grant", "10000.00", ("assistant_director_approves",)),
    ("grant", "10000.01", ("dmt_approves", "assistant_director_approves")),
    ("grant", "20000.00", ("dmt_approves", "assistant_director_approves")),
    ("grant", "20000.01", ("dmt_approves", "director_approves")),
    ("loan", "6000.00", ("head_of_service_approves",)),
]
SIGNS = {
    "head_of_service_agrees": "hana.hos",
    "head_of_service_approves": "hana.hos",
    "assistant_director_approves": "abel.ad",
    "director_approves": "dara.director",
}
PURPOSES = (
    "day-to-day care of the child", "day-to-day care of the child", "legal costs", "therapy or specialist activity",
    "vehicle", "building work or adaptation", "furniture and equipment", "travel and family time",
    "education and training", "something else",
)  # fmt: skip
ATTENDANCE = json.dumps(
    [{"person": who, "came_as": "member"} for who in MEMBERS]
    + [{"person": "sol.sw", "came_as": "child's social worker"}]
    + [{"person": "ida.saw", "came_as": "SGO assessment worker"}]
)


@pytest.fixture
def money(child_at: ChildAt, monkeypatch: pytest.MonkeyPatch) -> tuple[Sgo, str]:
    world, child = child_at("ASSESSMENT")
    with_money(world)
    monkeypatch.setenv("SGO_CLI_DECISIONS", "on")
    sgo = in_world(world, day=ASSESSING)
    sgo.person = "ida.saw"
    return sgo, child


def words(trigger: str, **differs: str) -> list[str]:
    """A complete record as words of a command line."""
    record = {**funding_papers(ASSESSING).get(trigger, {}), **differs}
    return [f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in record.items() if v not in ([], None)]


def opened(sgo: Sgo, child: str, kind: str, **differs: str) -> str:
    asked = words("open_request", **{**KINDS[kind], **differs, "funding": kind})
    given = [word for word in asked if not word.startswith("funding=")]
    return str(sgo("funding", "open", child, "--kind", kind, *given, "--json").json["ref"])


def do(sgo: Sgo, ref: str, trigger: str, who: str, status: int = 0, **differs: str) -> dict:
    done = sgo("trigger", ref, trigger, *words(trigger, **differs), "--json", person=who, status=status)
    return done.json if status == 0 else {"rules": done.rules}


def hear(sgo: Sgo, ref: str, body: str, chair: str, trigger: str, **differs: str) -> None:
    meeting = sgo(
        "meeting", "plan", "--body", body, "--on", TODAY, "--chair", chair, "--json", person="ash.admin"
    ).json["ref"]
    do(sgo, ref, "list_request", "cfs.permanence", meeting=meeting)
    do(sgo, ref, trigger, chair, attendance=ATTENDANCE, **differs)


def shown(sgo: Sgo, ref: str, who: str = "tam.sgo") -> dict:
    return dict(sgo("funding", "show", ref, "--json", person=who).json)


def test_every_kind_and_route_is_signed_by_the_right_people(money: tuple[Sgo, str]) -> None:
    sgo, child = money
    for number, (kind, amount, steps) in enumerate(ROUTES):
        same = {"household": f"HH-{number}", "purpose_kind": PURPOSES[number], "amount": amount}
        ref = opened(sgo, child, kind, **same)
        frequency = KINDS[kind].get("frequency", "once")
        if kind.endswith("allowance"):
            do(sgo, ref, "record_means_test", "ida.saw")
        if kind == "needs_led_allowance":
            do(sgo, ref, "write_needs_assessment", "ida.saw", author="ida.saw")
        if kind in ("grant", "loan", "settling_in"):
            do(sgo, ref, "write_referral", "sol.sw", author="sol.sw", repayment="Monthly.", instalments="24")
        done = do(sgo, ref, "submit_request", "ida.saw")
        said = {"amount": amount, "frequency": frequency}
        if done["to"] == "AT_REVIEW_GROUP":
            hear(sgo, ref, "Review Group", "wren.chair", "chair_recommends", **said)
        if done["to"] == "AT_PERMANENCE_PANEL":
            hear(sgo, ref, "Permanence Panel", "piers.panel", "chair_recommends", **said)
        for step in steps:
            if step == "dmt_approves":
                hear(sgo, ref, "DMT", "asa.ad", step, amount=amount)
            elif step == "head_of_service_agrees":
                do(sgo, ref, step, SIGNS[step])
            else:
                done = do(sgo, ref, step, SIGNS[step], shown=shown(sgo, ref)["mark"], **said)
        assert done["to"] == "APPROVED", (kind, amount)
        assert shown(sgo, ref)["signatures"][0]["clause"]
    lines = sgo("funding", "list", "--child", child, "--json", person="tam.sgo").json
    assert len(lines) == len(ROUTES)
    assert sgo("case", "show", child, "--json").json["money"]["position"] == "agreed"


def test_dissent_goes_to_a_second_view_and_a_refusal_is_looked_at_again(money: tuple[Sgo, str]) -> None:
    """A5, A22: by command line, each by whoever may."""
    sgo, child = money
    ref = opened(sgo, child, "needs_led_allowance", household="HH-1")
    do(sgo, ref, "record_means_test", "ida.saw")
    do(sgo, ref, "write_needs_assessment", "ida.saw", author="ida.saw")
    do(sgo, ref, "submit_request", "ida.saw")
    agreed = {"amount": "260.00", "frequency": "each week"}
    hear(sgo, ref, "Review Group", "wren.chair", "chair_recommends", **agreed)
    assert do(sgo, ref, "head_of_service_disagrees", "hana.hos")["to"] == "SECOND_VIEW"
    assert "A5" in do(sgo, ref, "second_head_of_service_views", "hana.hos", status=3)["rules"]
    assert do(sgo, ref, "second_head_of_service_views", "hugo.hos")["to"] == "WITH_ASSISTANT_DIRECTOR"
    mark = shown(sgo, ref)["mark"]
    assert do(sgo, ref, "assistant_director_approves", "abel.ad", shown=mark, **agreed)["to"] == "APPROVED"

    ref = opened(sgo, child, "legal_costs", household="HH-2")
    do(sgo, ref, "submit_request", "ida.saw")
    assert do(sgo, ref, "head_of_service_refuses", "hana.hos", shown=shown(sgo, ref)["mark"])["to"] == "REFUSED"
    assert do(sgo, ref, "hear_representations", "ida.saw")["to"] == "WITH_ASSISTANT_DIRECTOR"
    own = {"amount": "950.00", "shown": shown(sgo, ref)["mark"]}
    assert do(sgo, ref, "assistant_director_approves", "abel.ad", **own)["to"] == "APPROVED"


def test_what_a_request_shows_and_says_when_it_is_refused(money: tuple[Sgo, str]) -> None:
    sgo, child = money
    for amount in ("0", "-5", "abc", "1.005"):
        asked = words("open_request", **KINDS["grant"], amount=amount)
        given = [word for word in asked if not word.startswith("funding=")]
        assert sgo("funding", "open", child, "--kind", "grant", *given, "--json", status=3).rules == {"R-FIN-15"}
    refs = [opened(sgo, child, "grant", amount="8000", payee=f"quote {n}") for n in range(3)]
    page = sgo("funding", "show", refs[0], person="tam.sgo").out
    assert "At £24,000.00: the Director or a more senior post, after DMT has approved." in page
    assert "The guidance contradicts itself." not in page or "Appendix D" in page
    assert "Being prepared" in sgo("funding", "list", person="tam.sgo").out
    assert sgo("case", "show", refs[0], status=2, person="tam.sgo").err
    assert "WITH_DIRECTOR" in sgo("pathway", "--process", "funding", "--format", "mermaid").out
    assert sgo("funding", "show", child, status=3, person="tam.sgo").err


def test_money_is_signed_by_command_line_only_where_that_is_switched_on(
    money: tuple[Sgo, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sgo, child = money
    ref = opened(sgo, child, "legal_costs")
    do(sgo, ref, "submit_request", "ida.saw")
    monkeypatch.delenv("SGO_CLI_DECISIONS")
    said = {"amount": "950.00", "shown": shown(sgo, ref)["mark"]}
    assert do(sgo, ref, "head_of_service_approves", "hana.hos", status=3, **said)["rules"] == {"design 7"}
    monkeypatch.setenv("SGO_CLI_DECISIONS", "on")
    assert do(sgo, ref, "head_of_service_approves", "hana.hos", **said)["to"] == "APPROVED"
    assert date.fromisoformat(shown(sgo, ref)["since"]) == ASSESSING
