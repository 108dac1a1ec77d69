"""`docs/who-sees-what.md`: the one table of access, and what every page says of who may use it."""

from __future__ import annotations

from flask import Flask

from casework.who.matrix import EMERGENCY_READS, NAMED_READS, SIGHT, Data
from casework.who.staffing import ACCESS_READERS, EMERGENCY_REVIEWERS, REPORT_READERS
from docs.markdown import page, table
from states.processes import PROCESSES
from states.stages import S
from states.vocabulary import Anywhere, Role
from web.application import EVERY_PAGE
from web.doors import Access, door_of

SHORT = {
    Data.CASE: "case",
    Data.JOURNEY: "journey",
    Data.COURT: "court",
    Data.ASSESSMENT: "assessment",
    Data.CHECKS: "checks",
    Data.MEANS: "means",
    Data.MONEY: "money",
    Data.SUPPORT: "support",
    Data.LEGAL: "legal",
}


def access_page() -> str:
    """The whole page."""
    return page("Who sees what", [*_children(), *_records(), *_restricted(), *_proofs(), *_pages()])


def _children() -> list[str]:
    rows = [[role.value, sight.scope.value, _states(sight.states)] for role, sight in SIGHT.items()]
    return [
        "What is not here is denied. A post opens children by its relation to them and by where they stand. Who covers",
        "for somebody has their posts on those days. Who is asked to confirm a decision may open that child till then.",
        "",
        "## Which children a post opens",
        "",
        *table(("Post", "Opens", "While the child is"), rows),
    ]


def _records() -> list[str]:
    rows = [[role.value, *_marks(SIGHT[role].reads)] for role in SIGHT if SIGHT[role].reads]
    rows += [["whom a restricted record names, at least", *_marks(NAMED_READS)]]
    rows += [["whoever opened it in an emergency", *_marks(EMERGENCY_READS)]]
    kinds = [[SHORT[kind], kind.value] for kind in Data]
    return [
        "## Which kinds of record it reads of them",
        "",
        "Of the others it sees the line in the history, without what was written down. Protected addresses are shown",
        "to nobody: they stand only in the letter to that person.",
        "",
        *table(("Post", *(SHORT[kind] for kind in Data)), rows),
        *table(("Kind", "What it is"), kinds),
    ]


def _restricted() -> list[str]:
    return [
        "## Restricted records",
        "",
        "No post opens a restricted record, cover does not either: only the people it names. For everybody else it is",
        "not there. Whoever works with children may open one in an emergency, with a reason, for the hours of the",
        f"policy, to read only. It is told at once, and reviewed by: {_posts(EMERGENCY_REVIEWERS - {Role.AUDITOR})}.",
        "",
        f"Who looked at a record is answered to those who may open it and are {_posts(ACCESS_READERS)}, and to the",
        f"{Role.GUARDIAN.value}. What a colleague looked at: {_posts(REPORT_READERS)}.",
        "",
    ]


def _proofs() -> list[str]:
    """The steps before which somebody shows again who they are, by process."""
    steps = [
        row.words
        for process in PROCESSES.values()
        for row in process.rows
        if row.signs and not isinstance(row.to, Anywhere)
    ]
    return [
        "## Steps that ask for a fresh proof",
        "",
        "Whoever puts their name to money shows again who they are, unless they have done so within the last minutes,",
        "when they confirm one of these steps. What they typed is kept. The same holds for confirming a decision on",
        "money that somebody else has recorded.",
        "",
        *(f"- {words}" for words in dict.fromkeys(steps)),
        "",
    ]


def _pages() -> list[str]:
    app = Flask("docs", static_folder=None)
    for pages in EVERY_PAGE:
        app.register_blueprint(pages)
    rows = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        door = door_of(app.view_functions[rule.endpoint])
        if door is None:
            continue
        who = _posts(door.posts) if door.level is Access.POSTS else door.level.value
        again = ", after a fresh proof of who they are" if door.proved else ""
        rows.append([rule.rule, ", ".join(sorted((rule.methods or set()) & {"GET", "POST"})), who + again])
    return ["## Pages", "", *table(("Address", "", "Who"), rows)]


def _marks(reads: frozenset[Data]) -> list[str]:
    return ["yes" if kind in reads else "–" for kind in Data]


def _states(states: frozenset[S]) -> str:
    if not states:
        return "–"
    if states == frozenset(S):
        return "in any state"
    left_out = [state.words for state in S if state not in states]
    if len(left_out) <= 4:
        return f"in any state but {', '.join(left_out)}"
    return ", ".join(state.words for state in S if state in states)


def _posts(roles: frozenset[Role]) -> str:
    return ", ".join(role.value for role in Role if role in roles)
