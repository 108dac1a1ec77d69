"""When a Key Decision Discussion is, who chairs it, and what the carers' standing is before it (rules 5.1, 5.7)."""

from __future__ import annotations

from states import standing
from states.facts import Facts
from states.records.decision import KddScheduled
from states.vocabulary import Role, Unmet, rank


def chair_senior_enough(facts: Facts) -> Unmet | None:
    """Who chairs a Key Decision Discussion holds the post that the authority asks for, or a higher one (A17)."""
    return _too_junior(facts, facts.deciders_posts, "decided_by")


def named_chair_may_chair(facts: Facts) -> Unmet | None:
    """The chair named for a discussion works here, may chair it, and is senior enough (rules A17)."""
    named = facts.people.get(facts.filed(KddScheduled).chair)
    if named is None or not named.enabled:
        return Unmet("A17", "The chair named does not work here (any more).", "chair")
    if Role.KDD_CHAIR not in named.roles:
        return Unmet("A17", f"The person named may not be {Role.KDD_CHAIR.value}.", "chair")
    return _too_junior(facts, named.roles, "chair")


def _too_junior(facts: Facts, posts: frozenset[Role], field: str) -> Unmet | None:
    needed = facts.policy.kdd.chair_rank
    if max((rank(post) or 0 for post in posts if rank(post) is not None), default=-1) < (rank(Role(needed)) or 0):
        return Unmet("A17", f"A Key Decision Discussion is chaired by a {needed} or a more senior post.", field)
    return None


def kdd_before_the_review(facts: Facts) -> Unmet | None:
    """The discussion should be on a working day before the child's next review (practice PT-8)."""
    review = facts.head.next_review_on
    if review is None or review <= facts.on:
        return None
    latest = facts.calendar.add_working_days(review, -1)
    if latest <= facts.on:
        return Unmet(
            "PT-8",
            f"The child's review (ROA) is on {review}: too soon for a discussion before it. The next review must "
            "consider the decision; ask the IRO for an early one.",
        )
    planned = facts.filed(KddScheduled).held_on if facts.given is not None else None
    if planned is not None and planned <= latest:
        return None
    return Unmet("PT-8", f"The child's review (ROA) is on {review}: propose a day up to {latest}.", "held_on")


def kdd_date_to_come(facts: Facts) -> Unmet | None:
    """A Key Decision Discussion is arranged for a day to come (rules R-KDD-1)."""
    record = facts.filed(KddScheduled)
    if record.held_on < facts.on:
        return Unmet("R-KDD-1", f"{record.held_on} is already past.", "held_on")
    return None


def next_kdd_to_come(facts: Facts) -> Unmet | None:
    """An adjourned discussion has a next date (practice PT-3)."""
    next_on = getattr(facts.record, "next_on", None)
    if next_on is not None and next_on <= facts.on:
        return Unmet("PT-3", f"The next date {next_on} is not in the future.", "next_on")
    return None


def carer_has_standing(facts: Facts) -> Unmet | None:
    """Before the discussion it is clear by which way the carers may apply; it warns, never stops (R-ELG-5)."""
    route = standing.route(facts)
    return None if route.free else Unmet("R-ELG-5", standing.in_words(facts))
