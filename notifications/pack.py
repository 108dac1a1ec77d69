"""The pack of a meeting: a cover, a page per child, the supplement, the restricted children apart (practice 6.5).

Everything in it is plain text and dates in words; who may read which child was settled before. Printed in black
and white it says the same as in colour: a colour is a word with a shape, never a colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.contexts import as_words
from notifications.rendering import NotRendered, environment

TEMPLATE = "_pack.html"
#: A shape and the meaning of each colour (rules R-RAG-2), for a printer without colours.
SHAPES = {"GREEN": "●", "YELLOW": "▲", "AMBER": "◆", "RED": "■"}
MEANINGS = {
    "GREEN": "appears right, nothing outstanding",
    "YELLOW": "appears right, small tasks with a time",
    "AMBER": "substantial work first",
    "RED": "not suitable now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A colour as a word with a shape; `word` is "Not rated" where there is none."""

    word: str
    shape: str
    meaning: str
    since: str | None
    reason: str | None
    barriers: str | None

    @classmethod
    def of(cls, word: str | None, *, since: str | None = None, reason: str | None = None, barriers: str = "") -> Colour:
        """The colour with its shape and meaning."""
        known = word or ""
        return cls(
            word=word or "Not rated",
            shape=SHAPES.get(known, "○"),
            meaning=MEANINGS.get(known, ""),
            since=since,
            reason=reason,
            barriers=barriers or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Somebody's view, in their words; `stance` "not written yet" for a service that is silent."""

    whose: str
    stance: str
    words: str
    on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One step of the trajectory; `moved` says by how much and why."""

    step: str
    planned: str
    now: str
    moved: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A date that runs, with what it rests on."""

    by: str
    what: str
    who: str
    basis: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child's page, and its line in the table of the cover."""

    number: str
    ref: str
    known_as: str
    colour: Colour
    age: str
    team: str
    presented_by: str
    people: tuple[tuple[str, str], ...]
    why: str
    standing: tuple[str, ...]
    last_decision: str
    position: str
    position_on: str | None
    next_step: str | None
    views: tuple[View, ...]
    services_in: str
    milestones: tuple[Milestone, ...]
    more_milestones: int
    dues: tuple[Due, ...]
    siblings: tuple[str, ...]
    papers: str
    papers_in: str  # in two or three words
    stamp: str | None  # what is stamped on a page of the supplement


@dataclass(frozen=True, slots=True, kw_only=True)
class ToNote:
    """An urgent decision that the meeting is to note (practice PT-15)."""

    ref: str
    known_as: str
    decided: str
    reason: str
    because: str
    wrote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A funding request's page, and its line in the table of the cover. Money and dates in words."""

    number: str
    ref: str
    child: str
    kind: str
    asked: str
    purpose: str
    what_for: str
    period: str
    presented_by: tuple[str, ...]
    summary: str
    carers_views: str
    rests_on: tuple[str, ...]
    so_far: str
    counts_as: str  # the amount by which the signatory is found, and what it is counted with
    signs: str
    clause: str
    contradiction: str | None
    may_sign: tuple[str, ...]
    warning: str | None  # the chair would also decide (practice PM-3)
    papers: str
    stamp: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A whole pack, as one reader may have it."""

    authority: str
    body: str
    ref: str
    held_on: str
    starts_at: str | None
    place: str | None
    chair: str
    papers_due_on: str | None
    quorum: str | None
    apologies: tuple[str, ...]
    children: tuple[Child, ...]
    supplement: tuple[Child, ...]
    restricted: tuple[Child, ...]
    to_note: tuple[ToNote, ...]
    requests: tuple[Request, ...]
    requests_late: tuple[Request, ...]
    requests_restricted: tuple[Request, ...]
    hears_children: bool  # or money alone: the panel and DMT
    says: tuple[str, ...]  # what the meeting may say of a request
    made_for: str
    made_at: str
    outcomes: tuple[str, ...]


def render_pack(pack: Pack) -> str:
    """The pack as one HTML page to print on A4. Raises NotRendered where a word is missing."""
    try:
        return environment().get_template(TEMPLATE).render(as_words(pack))
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotRendered(f"{type(wrong).__name__} in {TEMPLATE}: the words do not fit.") from wrong
