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
_TEXT = re.compile(r">([^<]+)<")


@cache
def _names() -> dict[str, Term]:
    """What each name means: a term goes by its short and by its long name, and a short one in capitals only."""
    found: dict[str, Term] = {}
    for term in (term for part in glossary() if part.title in PARTS for term in part.terms):
        for name in re.split(r"[,()]", term.words):
            for called in {name.strip(), name.strip().removeprefix("SGO ")} - {""}:
                found.setdefault(called if called.isupper() else called.casefold(), term)
    return found


def explained(content: str) -> list[Term]:
    """The terms that stand in a page, by the alphabet.

    Each name is looked for by itself: one pattern of them all takes as long as the rest of a child's page.
    """
    written = " ".join(_TEXT.findall(content))
    folded = written.casefold()
    met = {term for name, term in _names().items() if _stands(name, written if name.isupper() else folded)}
    return sorted(met, key=lambda term: term.words.casefold())


def _stands(name: str, text: str) -> bool:
    """Whether a name stands there as a word, and not as a part of another."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            return True
        at = text.find(name, end)
    return False


def _with_words(content: str) -> Markup:
    """A page and, folded at its end, what its words mean."""
    body = Markup(content)  # noqa: S704 - what the template has made, escaped already
    if request.blueprint not in EXPLAINED or not (terms := explained(content)):
        return body
    return body + Markup(render_template("parts/words.html", terms=terms))  # noqa: S704


def add_to(app: Flask) -> None:
    """Make it known to every template."""
    app.jinja_env.filters["with_words"] = _with_words
