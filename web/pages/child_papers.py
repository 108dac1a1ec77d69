"""A child on one page, the options compared, to print (practice 6.3, PT-6); a step as text for the case system."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from casework.reading.drafting import StandingSeen, carer_standing, text_for_case_system
from casework.reading.lines import Line
from casework.reading.options import comparison_of_options
from casework.reading.queries import NextStep, next_steps
from casework.reading.showing import CaseSeen, show_case
from casework.who.choosing import names_of_people
from states.records.codes import Voice
from states.vocabulary import Unmet
from web.doors import Access, access, here
from web.pathway import MAIN_LINE, stations
from web.printing import printable

pages = Blueprint("child_papers", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one page about a child needs."""

    case: CaseSeen
    steps: tuple[NextStep, ...]
    names: dict[str, str]
    standing: StandingSeen


@pages.get("/cases/<ref>/sheet")
@access(Access.CHILD)
def sheet(ref: str) -> str:
    """The one-page sheet."""
    me = here()

    def look(session: Session) -> Sheet:
        by, today = me.who.id, me.today
        return Sheet(
            case=show_case(session, ref, by=by, today=today),
            steps=next_steps(session, ref, by=by, today=today),
            names=names_of_people(session),
            standing=carer_standing(session, ref, by=by, today=today),
        )

    seen = me.read(ref, "sheet", look)
    case = seen.case
    views = [
        (voice.value, said) for voice in (Voice.CHILD, Voice.CARER) if (said := _last_view(case, voice)) is not None
    ]
    return render_template(
        "sheet.html",
        case=case,
        names=seen.names,
        standing=seen.standing,
        blocks=_blocks(case, seen.steps),
        stations=stations(case),
        views=views,
        today=me.today,
    )


def _blocks(case: CaseSeen, steps: tuple[NextStep, ...]) -> list[tuple[str, tuple[Unmet, ...]]]:
    """What the next step on the way still needs, whoever takes it: that it is not the reader's is no obstacle."""
    line = [state.name for state in MAIN_LINE]
    at = line.index(case.state) if case.state in line else -1
    ahead = [step for step in steps if step.to in line and line.index(step.to) > at]
    found = []
    for step in sorted(ahead, key=lambda one: line.index(one.to))[:1]:
        missing = tuple(unmet for unmet in step.missing if unmet.field != "decided_by")
        if missing:
            found.append((step.words, missing))
    return found


def _last_view(case: CaseSeen, voice: Voice) -> Line | None:
    lines = (line for line in reversed(case.chronology) if line.standing != "taken back")
    return next((line for line in lines if line.trigger == "add_view" and line.record.get("voice") == voice), None)


@pages.get("/cases/<ref>/options")
@access(Access.CHILD)
def options(ref: str) -> Response:
    """What each way to a home would mean for this child, to print for carers and child (practice PT-6)."""
    me = here()
    made = me.read(
        ref, "options compared", lambda session: comparison_of_options(session, ref, by=me.who.id, today=me.today)
    )
    return printable(made.html)


@pages.get("/cases/<ref>/text")
@access(Access.CHILD)
def text(ref: str) -> str:
    """One step, or the last that stands, as text to copy into the case system, which is the record of practice."""
    me = here()
    event = request.args.get("event") or None
    copy = me.read(
        ref,
        "text",
        lambda session: text_for_case_system(session, ref, by=me.who.id, today=me.today, event=event),
    )
    return render_template("text.html", copy=copy)
