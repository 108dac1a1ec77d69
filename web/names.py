"""Who is meant, by name: a page says "Rowan Ashby", and not the name that somebody signs in with."""

from __future__ import annotations

from flask import Flask, g

from casework.who.choosing import names_of_people
from web.entering import office


def called(who: str | None) -> str:
    """Somebody's name, from what they sign in with or from their id; anything else stands as it is.

    Everybody's name is read once for each page that asks.
    """
    if not who:
        return ""
    if "names" not in g:
        with office().reading() as session:
            g.names = names_of_people(session)
    names: dict[str, str] = g.names
    return names.get(who, who)


def add_to(app: Flask) -> None:
    """Make it known to every template."""
    app.jinja_env.filters["called"] = called
