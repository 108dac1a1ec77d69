"""Who is a candidate for special guardianship: set C' of returns 5, as a predicate."""

from __future__ import annotations

from datetime import date
from typing import Final

from interchange.codes import KINSHIP, PLACEMENT
from interchange.dates import is_adult

FULL_CARE_ORDER: Final = "C2"
CANDIDATE_PLACEMENTS: Final = frozenset({"U1", "U3", "U4", "U6"})
"""Kinship first (U1, U3), then other foster care (U4, U6). Fostering for adoption has another plan."""


def candidate_reason(
    *, legal_status: str | None, placement_code: str | None, date_of_birth: date | None, on: date
) -> str | None:
    """Why a looked-after child is a candidate on that day, else None (practice PT-1: priority, not scope).

    A full care order ends at eighteen, so an unknown date of birth does not take a child out: the reason
    asks for it to be confirmed.
    """
    if legal_status != FULL_CARE_ORDER or placement_code not in CANDIDATE_PLACEMENTS:
        return None
    if date_of_birth is not None and is_adult(date_of_birth, on):
        return None
    where = PLACEMENT[placement_code]
    kinship = "kinship, first in order" if placement_code in KINSHIP else "other foster care"
    doubt = "" if date_of_birth is not None else "; date of birth unknown: confirm under 18"
    return f"Full care order ({FULL_CARE_ORDER}), {where} ({placement_code}): {kinship}{doubt}"
