"""One child: latest position on top, place on the pathway, what is next and by whom, how it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from casework.funding.requests import RequestLine, list_requests
from casework.reading.follow_through import FollowedThrough, followed_through
from casework.reading.queries import NextStep, Told, steps_and_beside, who_was_told
from casework.reading.showing import CaseSeen, show_case
from casework.who.choosing import names_of_people
from casework.who.staffing import ACCESS_READERS
from states.acts import STRAIGHTENING
from states.processes import names_a_request
from states.vocabulary import Nature
from web.answers import answers_of
from web.dated_chart import dated_chart
from web.doors import Access, access, here
from web.pages import requests
from web.pathway import stations

pages = Blueprint("child", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Everything the page says of a child."""

    case: CaseSeen
    steps: tuple[NextStep, ...]
    money: tuple[RequestLine, ...]
    beside: tuple[NextStep, ...]
    told: tuple[Told, ...]
    followed: dict[str, FollowedThrough]
    names: dict[str, str]


@pages.get("/cases/<ref>")
@access(Access.CASE)
def show(ref: str) -> str:
    """The child's page, today or as at a day; the page of a funding request, which mails link to in the same way."""
    me = here()
    if names_a_request(ref):
        return requests.page_of(me, ref)
    as_at, known_at = _day("as_at"), _day("known_at")

    def look(session: Session) -> Looked:
        by, today = me.who.id, me.today
        case = show_case(session, ref, by=by, today=today, as_at=as_at, known_at=known_at)
        past = as_at is not None or known_at is not None or case.until is not None
        steps, beside = ((), ()) if past else steps_and_beside(session, ref, by=by, today=today)
        return Looked(
            case=case,
            steps=steps,
            money=() if past else tuple(list_requests(session, by=by, today=today, child=ref, include_closed=True)),
            beside=() if case.closed else beside,
            told=who_was_told(session, ref, by=by, today=today),
            followed={} if past else followed_through(session, ref, by=by, today=today),
            names=names_of_people(session),
        )

    found = me.read(ref, "case", look)
    seen = found.case
    expected = {one.step: one.expected for one in seen.path.milestones} if seen.path else {}
    return render_template(
        "child.html",
        case=seen,
        steps=sorted_steps(seen, found.steps),
        corrects=any(s.trigger == "correct" and requests.is_theirs(s) for s in found.steps),
        may_write_position=any(s.trigger == "set_latest_position" and s.allowed for s in found.steps)
        and seen.journey_shown
        and not seen.closed,
        money=found.money,
        beside=[(step, requests.is_theirs(step)) for step in found.beside],
        told=[one for one in found.told if one.how != "mail"],
        followed=found.followed,
        names=found.names,
        answers={line.event: answers_of(line, found.names) for line in seen.chronology},
        chart=dated_chart(seen.milestones, me.today, expected),
        expected=expected,
        stations=stations(seen),
        today=me.today,
        looked=bool(me.who.roles & ACCESS_READERS),
        done=request.args.get("done", ""),
    )


def sorted_steps(case: CaseSeen, steps: tuple[NextStep, ...]) -> dict[str, list[NextStep]]:
    """What this person can do now, what is still needed, what others decide, and what may be noted beside.

    Apart from these: what is written down when it has happened without us, out of the pathway's order (PR-1). What
    has nothing to act on is left out.
    """
    moves = [s for s in steps if s.to != case.state or s.nature == Nature.DECISION.value]
    kinds = ("now", "needed", "others", "acts", "happened", "straight")
    found: dict[str, list[NextStep]] = {kind: [] for kind in kinds}
    for step in steps:
        if step.idle:
            continue
        if step.trigger in STRAIGHTENING:
            if step.allowed and step.trigger in ("reverse_last", "restrict", "lift_restriction"):
                found["straight"].append(step)
        elif step.out_of_order:
            if requests.is_theirs(step):
                found["happened"].append(step)
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
