"""What keeps a means test from being worked out, all of it at once, in words for whoever fills in the form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from states.calendar import Calendar
from states.means_test.household import Household
from states.means_test.words import Part
from states.policy import Policy
from states.policy.rates import RateTable, table_on
from states.vocabulary import Unmet

ADULT, NO_LONGER_DEPENDENT = 18, 20


def still_needed(asked: Household, policy: Policy) -> tuple[Unmet, ...]:
    """Everything that is wrong or missing; nothing when the means test can be worked out."""
    calendar = Calendar.of(policy)
    return (
        *_household(asked, calendar),
        *_children(asked, calendar, policy.scope.ends_at_age),
        *_rates(asked.on, policy),
        *_order(asked),
    )


def _household(asked: Household, calendar: Calendar) -> Iterator[Unmet]:
    parts = [member.part for member in asked.household]
    if Part.CARER not in parts:
        yield Unmet("R-MT-1", "A household has a carer: name at least one.", "household")
    partners = parts.count(Part.PARTNER)
    if partners > 1 or (partners and parts.count(Part.CARER) > 1):
        yield Unmet(
            "R-MT-1", "A couple is one carer and one partner; two carers who are no couple are two carers.", "household"
        )
    for number, member in enumerate(asked.household):
        where = f"household.{number}.born"
        if member.born > asked.on:
            yield Unmet("R-MT-6", f"{_who(member.name, number)} is not born on {asked.on}.", where)
            continue
        age = calendar.age_on(member.born, asked.on)
        if member.part is Part.DEPENDENT_CHILD and age >= NO_LONGER_DEPENDENT:
            yield Unmet(
                "R-MT-6",
                f"{_who(member.name, number)} is {age}: from {NO_LONGER_DEPENDENT} on somebody is no dependent child, "
                "but may be a dependent adult.",
                where,
            )
        if member.part is not Part.DEPENDENT_CHILD and age < ADULT:
            yield Unmet("R-MT-1", f"{_who(member.name, number)} is {age} and so no {member.part}.", where)


def _who(name: str | None, number: int) -> str:
    return name or f"Person {number + 1} of the household"


def _children(asked: Household, calendar: Calendar, ends_at: int) -> Iterator[Unmet]:
    seen: set[str] = set()
    for number, child in enumerate(asked.children):
        if child.name.casefold() in seen:
            yield Unmet("R-MT-7", f"{child.name} stands twice: each child once.", f"children.{number}.name")
        seen.add(child.name.casefold())
        if child.born > asked.on:
            yield Unmet("R-MT-1", f"{child.name} is not born on {asked.on}.", f"children.{number}.born")
        elif calendar.age_on(child.born, asked.on) >= ends_at:
            yield Unmet(
                "R-LAW-11", f"{child.name} is {ends_at} or over, and the order is over.", f"children.{number}.born"
            )


def _rates(on: date, policy: Policy) -> Iterator[Unmet]:
    rates = policy.rates
    national = [table for table in rates.national_minimum_allowance if table.region == rates.region]
    tables: tuple[tuple[str, list[list[RateTable]]], ...] = (
        ("fostering allowance", [list(rates.local_allowance), list(national)]),
        ("personal allowance", [list(rates.personal_allowances)]),
        ("Child Benefit", [list(rates.child_benefit)]),
    )
    for what, choices in tables:
        if all(table_on(choice, on) is None for choice in choices):
            first = min((table.from_on for choice in choices for table in choice), default=None)
            begins = f"; the first begins on {first}" if first else ""
            yield Unmet("R-MT-1", f"No rate of {what} is known for {on}{begins}.", "on")


def _order(asked: Household) -> Iterator[Unmet]:
    if asked.order_made_on is not None and asked.order_made_on > asked.on:
        yield Unmet("R-MT-11", f"An order of {asked.order_made_on} is not made on {asked.on}.", "order_made_on")
