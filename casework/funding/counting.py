"""What a request is counted together with, as far as its reader may know (rules R-FIN-4, A24; reliability R22).

Money of one household and purpose counts as one sum, also where it is a brother's or sister's whom the reader may not
open. That another request counts is said to everybody; which one, only to whoever may open it; what all of it comes to,
to whoever may open all of it and to whoever signs, who must know by which sum the signature is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.who.access import powers, visible_requests
from persistence.tables import Case
from states import asked
from states.facts import Facts
from states.money import shown
from states.vocabulary import Role, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The sum by which the signatory is found, in pounds; None where this reader may not know it."""

    total: Decimal | None
    own: Decimal  # the highest that this request itself has named
    named: tuple[tuple[str, Decimal], ...] = ()  # the others that the reader may open, with their value
    others: int = 0  # those that the reader may not open

    @property
    def at(self) -> str:
        """At which amount the signatory is found: "£8,000.00, counted together with another request"."""
        if self.total is not None:
            return shown(self.total)
        return f"{shown(self.own)}, counted together with {self.words}"

    @property
    def words(self) -> str:
        """What it is counted together with; empty where it is nothing."""
        named = ", ".join(f"{ref} ({shown(value)})" for ref, value in self.named)
        hidden = asked.others_in_words(self.others) if self.others else ""
        return " and ".join(part for part in (named, hidden) if part)


def counted_for(session: Session, facts: Facts, case: Case, *, by: str, today: date) -> Counted:
    """What a request is counted with, for one reader on a London date."""
    beside = asked.counted_with(facts)
    total, own = asked.amount_for_tier(facts), max(asked.values_in_round(facts))
    if not beside:
        return Counted(total=total, own=own)
    refs = [other.ref for other in beside]
    there = set(session.scalars(select(Case.ref).where(Case.ref.in_(refs), visible_requests(session, by, today))))
    others = len(beside) - len(there)
    return Counted(
        total=total if not others or _signs_money(session, case, by, today) else None,
        own=own,
        named=tuple((other.ref, other.value) for other in beside if other.ref in there),
        others=others,
    )


def counted_on_paper(facts: Facts) -> Counted:
    """The same for a paper that is kept: whoever may open the request reads it, so it names no other."""
    beside = asked.counted_with(facts)
    total = asked.amount_for_tier(facts) if asked.may_say_the_sum(facts) else None
    return Counted(total=total, own=max(asked.values_in_round(facts)), others=len(beside))


def _signs_money(session: Session, case: Case, by: str, today: date) -> bool:
    """Whether they hold, or stand in for, a post that signs money (rules R-FIN-3)."""
    least = rank(Role.HEAD_OF_SERVICE)
    assert least is not None
    return any((rank(role) or 0) >= least for role in powers(session, by, case, today).roles)
