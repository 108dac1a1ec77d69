"""The states of a child's case (design 4.1) and the sets of them that rules speak of.

Stored by name. The words are what people read (practice 5); column and row say where the diagram draws it.
"""

from __future__ import annotations

from states.vocabulary import Place, State


class S(State):
    """Where a child is on the way to a permanent home."""

    COHORT = Place("Not yet rated", 0, 0)
    NOT_APPLICABLE = Place("Pathway does not apply", 0, 1)
    RATED = Place("Rated", 1, 0)
    REVIEW_GROUP = Place("On the Review Group's agenda", 2, 0)
    DEFERRED = Place("Return to group", 2, 1)
    FURTHER_WORK = Place("Further work", 3, 1)
    TRAJECTORY = Place("Progress agreed", 3, 0)
    KEY_DECISION = Place("Key Decision Discussion (KDD)", 4, 0)
    RATIFICATION = Place("Ratification at the Review of Arrangements (ROA)", 4, 1)
    ASSESSMENT = Place("Assessment", 4, 2)
    FINANCIAL_PACKAGE = Place("Financial package", 3, 2)
    SIGN_OFF = Place("Money agreed: notices and filing", 2, 2)
    WITH_LEGAL = Place("With Legal", 1, 2)
    IN_COURT = Place("In court", 0, 2)
    ORDER_MADE = Place("Order made", 0, 3)
    POST_ORDER = Place("Support after the order", 1, 3)
    NOT_PROGRESSING = Place("Not progressing", 1, 1)
    ENDED = Place("Closed", 2, 3)


#: Open and before the court has it (design 4.2).
BEFORE_COURT = frozenset(
    {
        S.COHORT,
        S.RATED,
        S.REVIEW_GROUP,
        S.DEFERRED,
        S.FURTHER_WORK,
        S.TRAJECTORY,
        S.KEY_DECISION,
        S.RATIFICATION,
        S.ASSESSMENT,
        S.FINANCIAL_PACKAGE,
        S.SIGN_OFF,
        S.WITH_LEGAL,
    }
)
#: Rated, and not yet in court.
RATED_TO_LEGAL = BEFORE_COURT - {S.COHORT}
#: The work has begun: from the group's agreement to Legal.
UNDER_WAY = frozenset(
    {
        S.TRAJECTORY,
        S.FURTHER_WORK,
        S.KEY_DECISION,
        S.RATIFICATION,
        S.ASSESSMENT,
        S.FINANCIAL_PACKAGE,
        S.SIGN_OFF,
        S.WITH_LEGAL,
    }
)
#: Assessment and money, side by side (practice PT-9).
ASSESSING = frozenset({S.ASSESSMENT, S.FINANCIAL_PACKAGE, S.SIGN_OFF})
#: From the ratified decision until Legal has the file.
AFTER_KDD = frozenset({S.RATIFICATION, S.ASSESSMENT, S.FINANCIAL_PACKAGE, S.SIGN_OFF, S.WITH_LEGAL})
#: Every state but the last.
OPEN = frozenset(S) - {S.ENDED}
#: An order has been made.
WITH_ORDER = frozenset({S.ORDER_MADE, S.POST_ORDER})
ANY = frozenset(S)
