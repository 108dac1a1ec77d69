"""By which way the carers may apply to the court (rules R-LAW-3, R-ELG-5). Pure; shown, never a condition."""

from __future__ import annotations

from enum import Enum

from states.facts import Facts

#: The return's codes: fostered by a relative or friend (U1 to U3), or by somebody else (U4 to U6).
FOSTERED = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})
#: The return's codes of foster placements that are to last until the child is 18: with relatives, with others.
TO_LAST = frozenset({"U1", "U4"})
#: The return's codes of a care order, interim and full. The authority may then consent (R-LAW-3).
IN_CARE = frozenset(f"C{order}" for order in (1, 2))
WITH_ANYONE_YEARS = 3  # three of the last five years, whoever it is with: the Act's number (R-LAW-3)


class Route(Enum):
    """A way to apply without the court's leave; the others need it. Each with its words and whether it is free."""

    FOSTER_PARENT = ("as foster parent with whom the child has lived long enough", True)
    RELATIVE = ("as relative with whom the child has lived long enough", True)
    LIVED_LONG = ("as somebody with whom the child has lived for three of the last five years", True)
    CONSENT = ("with the consent of the authority, as the child is in care", False)
    LEAVE = ("only with the leave of the court", False)
    UNKNOWN = ("not known: nobody has said since when the child lives with these carers", False)

    def __init__(self, words: str, free: bool) -> None:
        self.words = words
        self.free = free


def route(facts: Facts) -> Route:
    """The way that is open on the day it happens, by what is recorded of the child.

    *Lived with* runs from the placement's start; respite, hospital and holiday do not break it (practice PT-13).
    """
    head, since = facts.head, facts.head.lived_with_carers_since
    if since is not None and since <= facts.on:
        years = facts.policy.scope.carer_lived_with_years
        if facts.calendar.add_months_by(since, 12 * years) <= facts.on:
            if head.placement_code in FOSTERED:
                return Route.FOSTER_PARENT
            if head.kinship:
                return Route.RELATIVE
        if facts.calendar.add_months_by(since, 12 * WITH_ANYONE_YEARS) <= facts.on:
            return Route.LIVED_LONG
    if head.legal_status in IN_CARE:
        return Route.CONSENT
    return Route.UNKNOWN if since is None else Route.LEAVE


def in_words(facts: Facts) -> str:
    """One sentence for people: which way, and from when the carers need nobody's consent."""
    way, since = route(facts), facts.head.lived_with_carers_since
    may = "How the carers may apply is" if way is Route.UNKNOWN else "The carers may apply"
    said = f"{may} {way.words}"
    if way.free or since is None:
        return f"{said} (R-LAW-3)."
    years = facts.policy.scope.carer_lived_with_years
    free_on = facts.calendar.add_months_by(since, 12 * years)
    if free_on <= facts.on:  # long enough, but neither foster parents nor known to be relatives
        return f"{said} (R-LAW-3). Whether they are relatives or foster parents has not been said."
    return f"{said}; as foster parents or relatives by themselves from {free_on} (R-LAW-3)."
