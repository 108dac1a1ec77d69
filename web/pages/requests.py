"""One funding request: where it stands, what is next, what is asked and said; and the decision on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from casework.funding.deciding import decide
from casework.funding.requests import RequestSeen, show_request
from casework.reading.queries import NextStep, next_steps
from casework.who.choosing import names_of_people
from states.acts import STRAIGHTENING
from states.processes import ALL_ROWS
from states.records.base import FieldSeen
from states.records.funding import FundingAsked
from web.answers import answers_in, answers_of
from web.doors import Access, Here, access, here
from web.pages.correct import NOT_CORRECTED

pages = Blueprint("requests", __name__)
#: What is always there, and nobody looks for first.
BESIDE = frozenset({"note_told"})
TAKE_BACK = "reverse_last"
#: The fields of each kind of record, and what people call the step that leaves it.
PAPERS: dict[str, tuple[str, tuple[FieldSeen, ...]]] = {
    row.record.kind: (row.words, row.record.fields()) for row in reversed(ALL_ROWS)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Everything the page says of a request."""

    seen: RequestSeen
    steps: tuple[NextStep, ...]
    names: dict[str, str]


def page_of(me: Here, ref: str) -> str:
    """The page of one request, at the address to which mails link."""

    def look(session: Session) -> Looked:
        by, today = me.who.id, me.today
        return Looked(
            seen=show_request(session, ref, by=by, today=today),
            steps=next_steps(session, ref, by=by, today=today, now=me.now),
            names=names_of_people(session),
        )

    found = me.read(ref, "request", look)
    seen, names = found.seen, found.names
    return render_template(
        "request.html",
        seen=seen,
        steps=sorted_steps(found.steps),
        asked=answers_in(_ASKED, {**seen.asked, "siblings": None, "reason": None}, names),
        papers=[(_title(kind), answers_in(_fields(kind), said, names)) for kind, said in seen.papers.items()],
        names=names,
        answers={line.event: answers_of(line, names) for line in seen.chronology},
        to_answer=[
            line for line in seen.chronology if line.confirmation == "waiting" and line.decided_by == me.who.handle
        ],
        corrects=any(step.trigger == "correct" and is_theirs(step) for step in found.steps),
        not_corrected=NOT_CORRECTED,
        signed_last=[
            unmet for step in found.steps if step.trigger == TAKE_BACK for unmet in step.missing if unmet.rule == "R6"
        ],
        today=me.today,
        done=request.args.get("done", ""),
    )


@pages.get("/requests/<ref>/decision")
@access(Access.CASE)
def decision(ref: str) -> str:
    """The decision on one page: approve, return, refuse (practice PM-6)."""
    me = here()
    found = me.read(ref, "decision", lambda session: decide(session, ref, by=me.who.id, today=me.today, now=me.now))
    return render_template("decision.html", deciding=found, today=me.today)


def is_theirs(step: NextStep) -> bool:
    """Whether a step is this person's to do, whatever else may still be needed."""
    return not any(unmet.field == "decided_by" for unmet in step.missing)


def sorted_steps(steps: tuple[NextStep, ...]) -> dict[str, list[NextStep]]:
    """What this person can do now, what is still needed for it, what is for others, and what may be noted beside."""
    found: dict[str, list[NextStep]] = {"now": [], "needed": [], "others": [], "acts": [], "straight": []}
    for step in steps:
        if step.trigger in STRAIGHTENING:
            if step.allowed and step.trigger == TAKE_BACK:
                found["straight"].append(step)
        elif step.trigger in BESIDE:
            if step.allowed:
                found["acts"].append(step)
        elif not is_theirs(step):
            found["others"].append(step)
        else:
            found["now" if step.allowed else "needed"].append(step)
    found["now"].sort(key=lambda step: step.trigger == "withdraw_request")  # last: it ends what the others go on with
    return found


_ASKED: Mapping[str, FieldSeen] = {seen.name: seen for seen in FundingAsked.fields()}


def _fields(kind: str) -> Mapping[str, FieldSeen]:
    return {seen.name: seen for seen in PAPERS[kind][1]}


def _title(kind: str) -> str:
    return _TITLES.get(kind, PAPERS[kind][0])


_TITLES = {
    "means_test_done": "Means test",
    "needs_assessed": "Needs-led assessment (Appendix C)",
    "funding_referral": "Referral for a grant or loan",
    "funding_recommended": "Recommendation of the meeting",
    "dmt_view": "View of DMT",
}
