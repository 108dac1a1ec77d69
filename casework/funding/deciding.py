"""The decision on one page: what is asked and costs, what was said of it, by which clause, and what can be answered.

The words are those of the paper of the same name (`casework/funding/paper_words.py`): a phone and the printed page say
the same (practice PM-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acting import deadlines
from casework.acting.deadlines import DeadlineSeen
from casework.funding.gathering import Gathered, gather
from casework.funding.paper_words import words_of
from casework.funding.second_view import Viewer, second_viewers
from casework.reading.queries import NextStep, next_steps
from documents.papers import OnePage, PaperKind
from persistence.tables import Deadline
from states import asked
from states.funding_answers import ANSWERS, Answer
from states.funding_stages import UNDER_DECISION, F
from states.processes import words_of_move
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody said of the request in this round, in their post."""

    words: str
    who: str
    on: date
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One of the three answers: the step it leads to, or what stands in the way of it."""

    answer: Answer
    step: NextStep

    @property
    def open(self) -> bool:
        """Whether it is this person's to give."""
        return self.step.allowed

    @property
    def in_the_way(self) -> tuple[Unmet, ...]:
        """Why not."""
        return self.step.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Everything whoever decides looks at, on one page."""

    ref: str
    child: str
    restricted: bool
    stands: str
    since: date
    open: bool  # on its way to a signature
    page: OnePage
    said: tuple[Said, ...]
    buttons: tuple[Button, ...]
    due: DeadlineSeen | None
    second_viewers: tuple[Viewer, ...]  # who can be asked where somebody disagrees (rules A5)


def decide(session: Session, ref: str, *, by: str, today: date, now: datetime | None = None) -> Deciding:
    """The decision on one page, with the answers this person may give. Raises NotFound, for a child's case too."""
    given = gather(session, ref, by=by, today=today, nameless=True)
    page = words_of(PaperKind.ONE_PAGE, given, version=0)
    assert isinstance(page, OnePage)
    whose = given.facts.child
    state = F[given.case.state]
    return Deciding(
        ref=ref,
        child=whose.ref if whose is not None else "",
        restricted=given.case.restricted,
        stands=state.words,
        since=given.case.state_since,
        open=state in UNDER_DECISION,
        page=page,
        said=tuple(_said(given)),
        buttons=_buttons(next_steps(session, ref, by=by, today=today, now=now)),
        due=_due(session, given, today),
        second_viewers=second_viewers(session, given.facts, given.case, by=by, policy=given.policy, now=now)
        if now is not None
        else (),
    )


def _said(given: Gathered) -> list[Said]:
    return [
        Said(
            words=words_of_move(e.trigger, e.from_state, e.to_state),
            who=given.signed(e),
            on=e.happened_on,
            said=_text(e.data),
        )
        for e in asked.this_round(given.facts)
        if e.trigger in asked.SPOKE
    ]


def _text(data: Any) -> str:
    texts = (data.get(name) for name in ("overview", "view", "reasons"))
    return next((str(text) for text in texts if text), "")


def _buttons(steps: tuple[NextStep, ...]) -> tuple[Button, ...]:
    """Of each answer the step that is theirs to take now; else the one with the fewest things in its way."""
    found = []
    for answer, triggers in ANSWERS.items():
        offered = [step for step in steps if step.trigger in triggers]
        if offered:
            found.append(Button(answer=answer, step=min(offered, key=lambda step: len(step.missing))))
    return tuple(found)


def _due(session: Session, given: Gathered, today: date) -> DeadlineSeen | None:
    """The next date that stands, the step's own before that of the whole route."""
    rows = session.scalars(
        select(Deadline).where(Deadline.case_id == given.case.id, Deadline.closed_as.is_(None))
    ).all()
    standing = sorted(rows, key=lambda row: (row.due_on is None, row.due_on or date.max, row.name))
    return deadlines.seen(standing[0], today) if standing else None
