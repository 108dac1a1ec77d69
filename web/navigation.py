"""The bar on every page: the same places in the same order, each for those whose work it is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, url_for

from casework.who.matrix import SIGHT, Data
from casework.who.visitors import Visitor
from states.vocabulary import Role

#: Who keeps the system running and sees no child: there is nothing for them among the children.
WITHOUT_CHILDREN = frozenset({Role.ADMINISTRATOR, Role.OPERATOR})
EVERYBODY = frozenset(Role)
WITH_CHILDREN = EVERYBODY - WITHOUT_CHILDREN
#: Whose work has to do with money (rules 11.1); what each sees of it is asked request by request.
SEES_MONEY = frozenset(role for role, sight in SIGHT.items() if Data.MONEY in sight.reads)
READS_MEANS = frozenset(role for role, sight in SIGHT.items() if Data.MEANS in sight.reads)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the bar: the blueprints it stands for, its words, where it leads, and for whom it is."""

    blueprints: tuple[str, ...]
    words: str
    endpoint: str
    roles: frozenset[Role] = EVERYBODY


MEETINGS = ("meetings", "meeting_calendar", "meeting_changes", "meeting_papers", "table", "grid")
CHILDREN = ("children", "child", "requests", "step", "documents", "child_papers", "correct", "catch_up")
PLACES = (
    Place(("my_work", "my_calendar"), "My work", "my_work.show"),
    Place(CHILDREN, "Children", "children.show", WITH_CHILDREN),
    Place(MEETINGS, "Meetings", "meetings.every", WITH_CHILDREN),
    Place(("money_desk", "calculator", "request_papers", "finance_tracker"), "Money", "money_desk.show", SEES_MONEY),
    Place(("reviews",), "Reviews", "reviews.show", frozenset({Role.IRO, Role.IRO_MANAGER})),
    Place(("overview", "flow", "passing_on"), "Overview", "overview.show", WITH_CHILDREN),
    Place(("attention",), "Needs attention", "attention.show", WITH_CHILDREN),
    Place(("nights",), "Last night", "nights.last"),
    Place(("runs",), "Runs", "runs.show"),
    Place(("help",), "Help", "help.show"),
)


def places(who: Visitor, blueprint: str | None) -> list[dict[str, object]]:
    """The bar for somebody on a page, as the design system's component takes it."""
    return [
        {"text": one.words, "href": url_for(one.endpoint), "active": blueprint in one.blueprints}
        for one in PLACES
        if who.roles & one.roles or one.roles == EVERYBODY
    ]


def add_to(app: Flask) -> None:
    """Make the bar known to every template."""
    app.jinja_env.globals["places"] = places
