"""The states of a funding request (rules 7.1) and the sets of them that rules speak of.

Stored by name, in the same column as a child's: no name stands in both (`tests/complete/test_funding_table.py`).
"""

from __future__ import annotations

from states.vocabulary import Place, State


class F(State):
    """Where a request for money is on its way to a signature and a payment."""

    PREPARING = Place("Being prepared", 0, 0)
    AT_REVIEW_GROUP = Place("Before the Review Group", 1, 0)
    AT_PERMANENCE_PANEL = Place("Before the Permanence Panel", 1, 1)
    WITH_HEAD_OF_SERVICE = Place("With the Head of Service", 2, 0)
    SECOND_VIEW = Place("With a second Head of Service", 2, 1)
    AT_DMT = Place("Before DMT", 2, 2)
    WITH_ASSISTANT_DIRECTOR = Place("With the Assistant Director", 3, 0)
    WITH_DIRECTOR = Place("With the Director", 3, 1)
    RETURNED = Place("Returned with questions", 0, 1)
    APPROVED = Place("Agreed: notices and papers", 4, 0)
    CONTRACT_PENDING = Place("Contract being made", 4, 2)
    SIGNED_OFF = Place("Signed off: payable", 4, 1)
    REFUSED = Place("Refused", 3, 2)
    REQUEST_CLOSED = Place("Request closed", 0, 2)


#: A meeting hears it.
HEARD = frozenset({F.AT_REVIEW_GROUP, F.AT_PERMANENCE_PANEL})
#: A post has it on the desk.
ON_A_DESK = frozenset({F.WITH_HEAD_OF_SERVICE, F.SECOND_VIEW, F.WITH_ASSISTANT_DIRECTOR, F.WITH_DIRECTOR})
#: On its way from submission to a signature.
UNDER_DECISION = HEARD | ON_A_DESK | {F.AT_DMT}
#: Nobody has signed yet: what is asked for may still change.
UNSIGNED = UNDER_DECISION | {F.PREPARING, F.RETURNED}
#: Agreed and signed: frozen (reliability R6).
SIGNED = frozenset({F.APPROVED, F.CONTRACT_PENDING, F.SIGNED_OFF})
#: Decided either way.
DECIDED = SIGNED | {F.REFUSED}
#: Every state but the last.
OPEN_REQUEST = frozenset(F) - {F.REQUEST_CLOSED}
ANY_REQUEST = frozenset(F)
