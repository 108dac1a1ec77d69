"""Where a child stands on the pathway, as a line of stations: the same as a drawing and as text."""

from __future__ import annotations

from dataclasses import dataclass

from casework.reading.showing import CaseSeen
from states.stages import S

#: The way to the order; beside it lie the states in which a child waits or has left the way.
MAIN_LINE: tuple[S, ...] = (
    S.COHORT,
    S.RATED,
    S.REVIEW_GROUP,
    S.TRAJECTORY,
    S.KEY_DECISION,
    S.RATIFICATION,
    S.ASSESSMENT,
    S.FINANCIAL_PACKAGE,
    S.SIGN_OFF,
    S.WITH_LEGAL,
    S.IN_COURT,
    S.ORDER_MADE,
    S.POST_ORDER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One state on the line."""

    name: str
    words: str
    place: str  # passed | here | ahead
    number: int


def stations(case: CaseSeen) -> tuple[Station, ...]:
    """The line with the child's place on it. Off the line: the last station they reached stays the mark."""
    reached = [MAIN_LINE.index(S[line.to_state]) for line in case.chronology if S[line.to_state] in MAIN_LINE]
    on_the_line = S[case.state] in MAIN_LINE
    at = MAIN_LINE.index(S[case.state]) if on_the_line else (reached[-1] if reached else 0)
    return tuple(
        Station(
            name=state.name,
            words=state.words,
            number=number + 1,
            place="here" if number == at and on_the_line else ("passed" if number <= at else "ahead"),
        )
        for number, state in enumerate(MAIN_LINE)
    )
