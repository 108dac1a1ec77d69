"""A desk full of money: one request in each of the places where one can wait, for one ratified child.

    there = a_full_desk(with_money(world), child, ASSESSING)
    there["panel"]                                 # the request that needs a date at the panel

`desk_template` builds it once in a process, for tests that open clones of it.
"""

from __future__ import annotations

from datetime import date, timedelta

from casework.settings import Settings
from casework.units import open_office
from tests.county import Templates, the_child, world_of
from tests.money import ASKS, ASSESSING, CHILDS, Money, with_money

PANEL, DMT, GROUP = "Permanence Panel", "DMT", "Review Group"


def a_full_desk(money: Money, child: str, day: date) -> dict[str, str]:
    """Requests by where they wait: whom it is for stands in the keys. Meetings are planned from the next week on."""
    panel = money.world.meeting(day + timedelta(21), body=PANEL, chair="piers.panel")
    money.world.meeting(day + timedelta(4), body=PANEL, chair="piers.panel")  # its papers are due already
    money.world.meeting(day + timedelta(9), body=DMT, chair="asa.ad")
    there = {
        "prepared": money.opened(child, "needs_led_allowance", day, household="HH-1"),
        "head of service": money.submitted(child, "standard_allowance", day, household="HH-2"),
        "panel": money.submitted(child, "grant", day, household="HH-3", amount="12000.00"),
        "listed": money.submitted(child, "grant", day, household="HH-4", amount="4500.00"),
        "assistant director": money.submitted(child, "grant", day, household="HH-5", amount="10000.00"),
        "approved": money.agreed(child, "settling_in", day, household="HH-6"),
        "contract": money.agreed(child, "loan", day, household="HH-7", amount="6000.00"),
        "answers": money.agreed(child, "legal_costs", day, household="HH-8", purpose_kind="legal costs"),
    }
    money.do("list_request", day, "cfs.permanence", there["listed"], meeting=panel)
    money.heard(there["assistant director"], day)
    money.do("ask_for_contract", day, CHILDS, there["contract"])
    for step in ("upload_agreement", "issue_proposal_notice"):
        money.do(step, day, ASKS, there["answers"])
    return there


def desk_template(templates: Templates) -> tuple[str, dict[str, str]]:
    """The database in which a ratified child has a full desk, and the requests on it."""

    def build(address: str) -> dict[str, str]:
        with open_office(Settings(home=templates.home, database_url=address)) as office:
            world = world_of(office)
            return a_full_desk(with_money(world), the_child(world), ASSESSING)

    return templates.made("full desk", build, upon=templates.reached("ASSESSMENT"))
