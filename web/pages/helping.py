"""Help: what each word means, why something cannot be done, who may use these pages, and what is kept about people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, g, render_template, request

from casework.drift.rules import RULES as NIGHT
from states.rules import rule_of
from web import entering
from web.doors import Access, Here, access

pages = Blueprint("help", __name__)
GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


@dataclass(frozen=True, slots=True)
class Term:
    """A word: what people read, what the code calls it, and what it means."""

    words: str
    code: str
    means: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the glossary."""

    title: str
    terms: tuple[Term, ...]


@cache
def glossary() -> tuple[Part, ...]:
    """The project's own glossary, part by part; what people read stands first."""
    parts: list[Part] = []
    for section in re.split(r"^## ", GLOSSARY.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        rows = [
            [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
            for line in body.splitlines()
            if line.startswith("|")
        ]
        if len(rows) < 3:
            continue
        headings = [cell.casefold() for cell in rows[0]]
        parts.append(Part(title.strip(), _as_read([_term(headings, row) for row in rows[2:]])))
    return tuple(parts)


def _as_read(terms: list[Term]) -> tuple[Term, ...]:
    """Each word once: what the code keeps apart is one thing to whoever reads it."""
    found: dict[str, Term] = {}
    for term in terms:
        before = found.get(term.words)
        found[term.words] = term if before is None else _together(before, term)
    return tuple(found.values())


def _term(headings: list[str], row: list[str]) -> Term:
    given = dict(zip(headings, row, strict=False))
    code = given.get("in the code", "")
    shown = given.get("on the screen", "") or row[0]
    words = code if shown in ("–", "the same", "") else shown
    return Term(words=words, code=code, means=row[-1])


def _together(one: Term, other: Term) -> Term:
    return Term(words=one.words, code=f"{one.code}, {other.code}", means=f"{one.means}. {other.means}")


@pages.get("/help")
@access(Access.SIGNED_IN)
def show() -> str:
    """Every word that is used here, and where to read on."""
    find = request.args.get("find", "").strip()
    parts = [
        Part(part.title, tuple(term for term in part.terms if _fits(find, term.words, term.code, term.means)))
        for part in glossary()
    ]
    return render_template("help.html", parts=[part for part in parts if part.terms], find=find)


def _fits(find: str, *words: str) -> bool:
    return any(find.casefold() in one.casefold() for one in words)


@pages.get("/help/why")
@access(Access.SIGNED_IN)
def why() -> str:
    """Why can't I do this? The words of a rule, by its number; and the usual reasons."""
    asked = request.args.get("rule", "").strip()
    numbers = [one.strip() for one in re.split(r"[,;]", asked) if one.strip()][:10]
    found = [(number, words) for number in numbers if (words := _words_of(number))]
    return render_template("help_why.html", asked=asked, found=found)


def _words_of(number: str) -> str | None:
    """What a rule says, or what a rule of the night looks for."""
    rule = rule_of(number) or rule_of(number.upper())
    if rule is not None:
        return rule.words
    return NIGHT[number.upper()].words if number.upper() in NIGHT else None


@pages.get("/accessibility")
@access(Access.ANYONE)
def accessibility() -> str:
    """The accessibility statement."""
    _greet()
    return render_template("accessibility.html")


@pages.get("/privacy")
@access(Access.ANYONE)
def privacy() -> str:
    """What is kept about children and about those who work here, and who sees it."""
    _greet()
    return render_template("privacy.html")


def _greet() -> None:
    """A page for anyone has the bar of places, too, for whoever is signed in."""
    found = entering.signed_in()
    if found is not None:
        g.here = Here(office=entering.office(), now=entering.now(), who=found.who, browser=found.browser)
