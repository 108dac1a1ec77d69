"""Rating, barriers and the latest position (rules 5.2, practice PR-3)."""

from __future__ import annotations

from datetime import date

from states.records.base import Record, choice, choices, day, text, words, yes_no
from states.records.codes import Barrier, Colour, MaterialChange


class Rating(Record):
    """The Team Manager's proposal of a colour (rules R-RAG-1). The group confirms or changes it."""

    kind = "rating"
    rule = "R-RAG-1"

    colour: Colour = choice("Colour", "GREEN ready, YELLOW small tasks, AMBER substantial work first, RED not now.")
    reason: str = words("Why this colour")
    barriers: tuple[Barrier, ...] = choices("What stands in the way")
    other_barrier: str | None = text("If other: what", optional=True)
    readiness: str = words("What shows that the child and carers are ready, or not")
    childs_view_known: bool = yes_no("Is the child's view known?")
    carers_view_known: bool = yes_no("Is the carer's view known?")
    change: MaterialChange | None = choice("What prompted a new rating", optional=True)


class BarrierRecorded(Record):
    """Something that stands in the way, found between ratings."""

    kind = "barrier"
    rule = "R-RAG-6"

    barriers: tuple[Barrier, ...] = choices("What stands in the way", at_least=1)
    other_barrier: str | None = text("If other: what", optional=True)
    action: str = words("What will be done about it")


class LatestPosition(Record):
    """Where things stand today: the column every tracker has (practice PR-3)."""

    kind = "latest_position"
    rule = "PR-3"

    position: str = words("Latest position")
    next_step: str = words("Next step")
    who: str = text("Who", longest=120)
    by_when: date = day("By when")
