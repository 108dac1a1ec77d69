"""One child: latest position on top, place on the pathway, what is next and by whom, how it came to be."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from casework.reading.queries import NextStep, Told, next_steps, who_was_told
from casework.reading.showing import CaseSeen, show_case
from states.acts import STRAIGHTENING
from states.vocabulary import Nature
from web.doors import Access, access, here
from web.pathway import stations

pages = Blueprint("child", __name__)


@pages.get("/cases/<ref>")
@access(Access.CASE)
def show(ref: str) -> str:
    """The child's page, today or as at a day."""
    me = here()
    as_at, known_at = _day("as_at"), _day("known_at")

    def look(session: Session) -> tuple[CaseSeen, tuple[NextStep, ...], tuple[Told, ...]]:
        seen = show_case(session, ref, by=me.who.id, today=me.today, as_at=as_at, known_at=known_at)
        steps = () if as_at or known_at else next_steps(session, ref, by=me.who.id, today=me.today)
        return seen, steps, who_was_told(session, ref, by=me.who.id, today=me.today)

    seen, steps, told = me.read(ref, "case", look)
    return render_template(
        "child.html",
        case=seen,
        steps=sorted_steps(seen, steps),
        told=told,
        stations=stations(seen),
        today=me.today,
        done=request.args.get("done", ""),
    )


def sorted_steps(case: CaseSeen, steps: tuple[NextStep, ...]) -> dict[str, list[NextStep]]:
    """What this person can do now, what is still needed, what others decide, and what may be noted beside."""
    moves = [s for s in steps if s.to != case.state or s.nature == Nature.DECISION.value]
    found: dict[str, list[NextStep]] = {"now": [], "needed": [], "others": [], "acts": [], "straight": []}
    for step in steps:
        if step.trigger in STRAIGHTENING:
            if step.allowed and step.trigger in ("reverse_last", "restrict", "lift_restriction"):
                found["straight"].append(step)
        elif step not in moves:
            if step.allowed:
                found["acts"].append(step)
        elif any(unmet.field == "decided_by" for unmet in step.missing):
            found["others"].append(step)
        elif step.allowed:
            found["now"].append(step)
        else:
            found["needed"].append(step)
    return found


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
