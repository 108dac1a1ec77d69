"""A ratified child with funding requests on several desks, and their pages: for the tests of the money's pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from casework.acting.commands import Command
from casework.doing import perform
from casework.settings import Settings
from casework.units import open_office
from demo.papers import paper
from tests.county import the_child, world_of
from tests.money import ASKS, ASSESSING, Money, with_money
from tests.pages import Page, Pages, Visitor, as_form
from tests.rows import case_of
from tests.world import noon

DAY = ASSESSING
LATER = DAY + timedelta(1)


@dataclass
class Desk:
    """A ratified child with requests on several desks."""

    money: Money
    child: str
    refs: dict[str, str]
    pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        self.pages = Pages(self.money.world)

    def as_(self, who: str) -> Visitor:
        return self.pages.as_(who, on=LATER)

    def step(self, name: str, trigger: str) -> str:
        return f"/cases/{self.refs[name]}/step/{trigger}"

    def tried(self, visitor: Visitor, path: str, sent: dict[str, Any]) -> int:
        """What the page answers, whatever it is."""
        return visitor.client.post(path, data=sent).status_code

    def something_happens(self, name: str) -> None:
        """Somebody else notes something on a request meanwhile."""
        told = {"decision": "The carers know.", "who": "Carers", "told_on": LATER.isoformat(), "how": "telephone"}
        command = Command(ref=self.refs[name], trigger="note_told", happened_on=LATER, record=told)
        perform(self.money.world.office, command, by=self.money.world.actor(ASKS), now=noon(LATER))

    def state(self, name: str) -> str:
        return str(case_of(self.money.world, self.refs[name]).state)

    def typed(self, form: Page, trigger: str, **differs: Any) -> dict[str, Any]:
        """A complete record over what the form began with."""
        begun = {name: values[0] for name, values in form.fields.items() if name in ("version", "key", "shown")}
        own = {**paper(trigger, on=LATER), **differs}
        own.pop("shown", None)
        return {**begun, **as_form(own, LATER)}


def furnish_desks(address: str, home: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    with open_office(Settings(home=home, database_url=address)) as office:
        money = with_money(world_of(office))
        child = the_child(money.world)
        needs = money.submitted(child, "needs_led_allowance", DAY, household="HH-1")
        money.heard(needs, DAY)
        money.do("head_of_service_agrees", DAY, "hana.hos", needs)
        grant = money.submitted(child, "grant", DAY, household="HH-2", amount="9000")
        money.heard(grant, DAY)
        training = {"amount": "15000", "purpose_kind": "education and training"}
        large = money.submitted(child, "grant", DAY, household="HH-3", **training)
        money.heard(large, DAY)
        loan = money.submitted(child, "loan", DAY, household="HH-4", purpose_kind="travel and family time")
        money.listed(loan, DAY, held_on=DAY + timedelta(7))
        unlisted = money.submitted(child, "settling_in", DAY, household="HH-5", purpose_kind="something else")
        draft = money.opened(child, "standard_allowance", DAY, household="HH-6")
        refs = {"child": child, "needs": needs, "grant": grant, "large": large, "loan": loan, "draft": draft}
        return {**refs, "settling": unlisted}, money.kinds
