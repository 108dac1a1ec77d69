"""The words of the field, explained on the page on which they stand (practice 5)."""

from __future__ import annotations

import re
from functools import cache

from flask import Flask, render_template, request
from markupsafe import Markup

from web.pages.helping import Term, glossary

#: Where people meet these words at work: a child's page, a request's, and the form of a step.
EXPLAINED = frozenset({"child", "step"})
#: The parts of the glossary that hold words of the field and not those of this system.
PARTS = frozenset({"Stages", "Meetings, decisions, papers", "Law and data"})
_TAGS = re.compile(r"<[^>]+>")


@cache
def _names() -> tuple[re.Pattern[str], dict[str, Term]]:
    """What to look for, and what each means: a term goes by its short and by its long name."""
    found: dict[str, Term] = {}
    for term in (term for part in glossary() if part.title in PARTS for term in part.terms):
        for name in re.split(r"[,()]", term.words):
            for called in {name.strip(), name.strip().removeprefix("SGO ")} - {""}:
                found.setdefault(called if called.isupper() else called.casefold(), term)
    longest_first = sorted(found, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE), found


def explained(content: str) -> list[Term]:
    """The terms that stand in a page, by the alphabet. A short name counts in capitals only."""
    pattern, terms = _names()
    said = set(pattern.findall(_TAGS.sub(" ", content)))
    met = {term for name in said if (term := terms.get(name) or terms.get(name.casefold())) is not None}
    return sorted(met, key=lambda term: term.words.casefold())


def _with_words(content: str) -> Markup:
    """A page and, folded at its end, what its words mean."""
    body = Markup(content)  # noqa: S704 - what the template has made, escaped already
    if request.blueprint not in EXPLAINED or not (terms := explained(content)):
        return body
    return body + Markup(render_template("parts/words.html", terms=terms))  # noqa: S704


def add_to(app: Flask) -> None:
    """Make it known to every template."""
    app.jinja_env.filters["with_words"] = _with_words
