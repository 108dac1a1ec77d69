"""A browser without a screen: the pages of a world, asked by somebody who is signed in.

    visitor = Pages(world).as_("rowan.tm", on=date(2025, 1, 9))
    page = visitor.get("/my-work")

Every page that is got must be well formed and must say nothing between tags that a template forgot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world import World, noon
from web.application import create_app

#: Elements that stand apart on a page: their words do not run into one another.
APART = {"dd", "dt", "div", "h1", "h2", "h3", "li", "option", "p", "span", "td", "th"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """A page as read by a machine: every element closed, every id once, its fields and links."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: dict[str, list[str]] = {}
        self.links: list[str] = []
        self.said_wrong: list[str] = []  # the ids of the messages beside the fields
        self.leads_to: list[str] = []  # where the links of the error summary go
        self._summary = 0  # how deep the error summary lies, while inside it
        self.text = ""
        self.feed(words)
        self.close()
        assert not self.open, f"never closed: {self.open}"
        assert len(self.ids) == len(set(self.ids)), f"an id twice: {sorted(self.ids)}"
        self._leads_from_the_summary_to_the_fields()

    def _leads_from_the_summary_to_the_fields(self) -> None:
        """What is wrong with a field is said beside it and in the summary, which leads there (GOV.UK error summary)."""
        lost = [one for one in self.leads_to if one not in self.ids]
        assert not lost, f"the error summary leads nowhere: {lost}"
        for said in self.said_wrong:
            field = said.removesuffix("-error")
            there = [one for one in self.leads_to if re.fullmatch(rf"{re.escape(field)}([-.].+)?", one)]
            assert there, f"the error summary does not lead to {field}: {self.leads_to}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag not in VOID:
            self.open.append(tag)
            self._summary = self._summary or (len(self.open) if "govuk-error-summary" in classes else 0)
        if "govuk-error-message" in classes and given.get("id"):
            self.said_wrong.append(str(given["id"]))
        if self._summary and tag == "a" and str(given.get("href", "")).startswith("#"):
            self.leads_to.append(str(given["href"])[1:])
        if tag in APART:
            self.text += " "
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in ("input", "select", "textarea") and given.get("name"):
            self.fields.setdefault(str(given["name"]), []).append(given.get("value") or "")
        assert "style" not in given, "an inline style"
        assert not any(name.startswith("on") for name in given), "an inline script"

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in ("path", "rect"):
            return
        assert self.open, f"</{tag}> closes nothing"
        if len(self.open) == self._summary:
            self._summary = 0
        last = self.open.pop()
        assert last == tag, f"</{tag}> closes <{last}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def line(page: Page) -> str:
    """What a page says, as one line."""
    return " ".join(page.text.split())


@dataclass
class Pages:
    """The pages of a world, at an instant that the test moves."""

    world: World
    sign_in_as: bool = True
    app: Flask = field(init=False)
    now: Any = field(init=False)

    def __post_init__(self) -> None:
        self.now = noon(date(2025, 1, 6))
        self.app = create_app(self.world.office, now=lambda: self.now, sign_in_as=self.sign_in_as)
        self.app.testing = False  # an unforeseen error is answered as it would be
        self.app.config["WTF_CSRF_ENABLED"] = False

    def stranger(self, *, at: str = "10.0.0.7") -> Visitor:
        """Somebody at a browser who has not signed in."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = at
        return Visitor(client)

    def as_(self, who: str, *, on: date | None = None) -> Visitor:
        """Somebody signs in, on a day."""
        if on is not None:
            self.now = noon(on)
        client = self.app.test_client()
        client.post("/sign-in", data={"person": self.world.ids[who]})
        return Visitor(client)


@dataclass
class Visitor:
    """Somebody at a browser."""

    client: FlaskClient

    def get(self, path: str, status: int = 200) -> Page:
        """A page that must answer so."""
        return _page(self.client.get(path), status)

    def post(self, path: str, status: int = 200, **data: Any) -> Page:
        """A form that is sent."""
        return _page(self.client.post(path, data=data), status)

    def send(self, path: str, **data: Any) -> TestResponse:
        """A form that is sent; the answer as it comes."""
        return self.client.post(path, data=data)


def _page(answer: TestResponse, status: int) -> Page:
    words = answer.get_data(as_text=True)
    said = re.sub(r"<[^>]+>|\s+", " ", words)
    assert answer.status_code == status, f"{answer.status_code}: {said[-600:]}"
    return Page("" if 300 <= status < 400 else words)


def as_form(record: dict[str, Any], on: date) -> dict[str, Any]:
    """A record as a browser would send it, with the day it happened."""
    form: dict[str, Any] = {**_date("happened_on", on)}
    for name, value in record.items():
        form |= _field(name, value)
    return form


def _field(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    if isinstance(value, date):
        return _date(name, value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return _date(name, date.fromisoformat(value))
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], dict):
            rows = {f"{name}-count": str(len(value))}
            for number, row in enumerate(value):
                for inner, one in row.items():
                    rows |= _field(f"{name}.{number}.{inner}", one)
            return rows
        return {name: [str(one) for one in value]}
    return {} if value is None else {name: str(value)}


def _date(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}
