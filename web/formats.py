"""How values read on a page: dates, states, colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup, escape

from casework.following.count_words import count_words
from states import money
from states.calendar import LONDON
from states.funding import FUNDING
from states.means_test.result import a, to_the_penny
from states.means_test.words import Per
from states.pathway import PATHWAY
from states.policy.key_words import KEY_WORDS, SECTION_WORDS, VALUE_WORDS
from states.processes import ALL_ROWS, names_a_request, rows_of, state_named, words_of
from states.records.code_words import WORDS
from states.records.funding import FundingKind
from states.rules import MARKS

_MANY = Decimal("1e-12")
#: A colour is never told by colour alone (design 5.14).
TAGS = {"GREEN": "green", "YELLOW": "yellow", "AMBER": "orange", "RED": "red"}
COLOUR_WORDS = {"GREEN": "Green", "YELLOW": "Yellow", "AMBER": "Amber", "RED": "Red"}


#: What stands behind a date.
BASIS = {
    "statutory": "the law",
    "court direction": "the court",
    "service standard": "service standard",
    "local": "local aim",
}
#: What may be asked for, by the names that a policy file knows.
KINDS_OF_MONEY = {kind.value: kind.words for kind in FundingKind}
#: What people call each date that a step can open.
DATES = {due.name: due.words for row in ALL_ROWS for due in row.opens}
#: What became of a message.
DELIVERY = {
    "queued": "about to go out",
    "for the digest": "waits for the daily summary",
    "in a digest": "in a daily summary",
    "sending": "on its way",
    "unknown": "may have arrived; tried again with care",
    "sent": "sent",
    "suppressed": "not sent",
    "withdrawn": "withdrawn before it went",
    "dead": "could not be delivered",
    "needs a person": "waits for somebody to look at it",
    "quarantined": "held since a restore",
}


@lru_cache(maxsize=4096)  # the same few days stand on every line of a page
def day(value: date | str | None) -> str:
    """A London date as people write it: 4 March 2025."""
    if value is None or value == "":
        return "no date"
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{on.day} {on:%B %Y}"


_WRITTEN_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


_TRIGGERS = frozenset(row.trigger for row in ALL_ROWS)
#: Steps by the names they are stored under: in brackets behind what they are for, or in the middle of a sentence.
_IN_BRACKETS = re.compile(r"\(([a-z]+(?:_[a-z]+)*(?:, [a-z]+(?:_[a-z]+)*)*)(?=[,)])")
_IN_A_SENTENCE = re.compile(r"(?<![\w.])[a-z]+(?:_[a-z]+)+(?![\w.]\w)")
#: A step said twice: in its words, and by its name for who types it.
_TWICE = re.compile(r"'([^']+)' \(\1\)")
#: What to type next is no help to whoever has a page before them.
_BY_COMMAND = re.compile(r"[;,.]?\s*(?:[Ss]ee|[Rr]un|To try them|Work it out again):? `?sgo [^.;`]*`?")


def with_days(words: str) -> str:
    """A reason with dates and steps as people write them; the command line keeps them as scripts read them."""
    said, advice = _BY_COMMAND.subn("", words)
    if advice and not said.endswith("."):
        said += "."
    said = _IN_BRACKETS.sub(_bracketed, said)
    said = _TWICE.sub(r"'\1'", _IN_A_SENTENCE.sub(_in_a_sentence, said))
    return _WRITTEN_DAY.sub(lambda found: _read(found[0]), said)


def _bracketed(found: re.Match[str]) -> str:
    names = found[1].split(", ")
    return f"({'; '.join(map(words_of, names))}" if _TRIGGERS.issuperset(names) else found[0]


def _in_a_sentence(found: re.Match[str]) -> str:
    return f"'{words_of(found[0])}'" if found[0] in _TRIGGERS else found[0]


_NAMED_STEPS = re.compile(r"\(([a-z]+(?:_[a-z]+)+(?:, [a-z]+(?:_[a-z]+)+)*)\)")


def with_steps(words: str, ref: str) -> Markup:
    """A reason with its dates written out, and the steps that it names as links to their forms."""
    return Markup("").join(
        _step_links(part, ref) if at % 2 else escape(with_days(part))
        for at, part in enumerate(_NAMED_STEPS.split(words))
    )


def _step_links(names: str, ref: str) -> Markup:
    return Markup("({})").format(Markup("; ").join(_step_link(one, ref) for one in names.split(", ")))


def _step_link(trigger: str, ref: str) -> Markup:
    process = FUNDING if names_a_request(ref) else PATHWAY
    if not rows_of(process.name, trigger):
        return escape(words_of(trigger))
    address = url_for("step.show", ref=ref, trigger=trigger)
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(address, words_of(trigger))


def _read(written: str) -> str:
    try:
        return day(written)
    except ValueError:  # a reference that only looks like a date
        return written


def moment(at: datetime) -> str:
    """An instant in London: 4 March 2025, 14:05."""
    here = at.astimezone(LONDON)
    return f"{day(here.date())}, {here:%H:%M}"


def looked(what: str) -> str:
    """A line of the log of who looked, in words: read:case is `read: case`."""
    kind, _, rest = what.partition(":")
    return f"{kind}: {rest.replace('_', ' ')}" if rest else what.replace("_", " ")


def short_day(value: date | None) -> str:
    """A date where there is little room: 4 Mar 2025."""
    return "no date" if value is None else f"{value.day} {value:%b %Y}"


def away(value: date | None, today: date) -> str:
    """How far away a date is, in words."""
    if value is None:
        return "stands still"
    days = (value - today).days
    if days == 0:
        return "today"
    if days in (1, -1):
        return "tomorrow" if days == 1 else "1 day late"
    return f"in {days} days" if days > 0 else f"{-days} days late"


def state_words(name: str | None) -> str:
    """A state as people read it (practice 5)."""
    try:
        return state_named(name or "").words
    except KeyError:
        return name or "–"


def option(value: str) -> str:
    """A choice as people read it, by the words of its code where it is kept as one."""
    words = WORDS.get(value) or value.replace("_", " ")
    return words[:1].upper() + words[1:]


def deadline(name: str) -> str:
    """What people call a date, by the name it is stored under."""
    return DATES.get(name) or name.replace("_", " ")


def step(trigger: str) -> str:
    """What people call a step, by the name it is stored under; what is told of in one's own words stands so."""
    return words_of(trigger)


def delivery(status: str) -> str:
    """How a message stands, in words."""
    return DELIVERY.get(status, status)


def shown(value: Any) -> str:
    """A value of a record as a line of text."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return "; ".join(shown(one) for one in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{_called(name)}: {shown(one)}" for name, one in value.items())
    return with_days(str(value)) if _WRITTEN_DAY.fullmatch(str(value)) else str(value)


def pounds(value: Decimal | str | None) -> str:
    """An amount as people read it: £12,345.60; below nothing with a minus. What is no amount stands as it was typed."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Decimal):
        return f"−{money.shown(-value)}" if value < 0 else money.shown(value)
    try:
        return money.shown(money.pounds(value))
    except ValueError:
        return str(value)


def took(seconds: float | None) -> str:
    """How long something took."""
    if seconds is None:
        return "still running"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def in_days(number: int) -> str:
    """So many days, as people say it."""
    return "1 day" if number == 1 else f"{number} days"


def by(annual: Decimal, per: str) -> str:
    """An amount by the year as an amount a week or a month, to the penny."""
    return pounds(to_the_penny(a(Per(per), annual)))


def exact(annual: Decimal) -> str:
    """An amount with every digit it has; one that never ends with so many that nothing is hidden (rules R-MT-8)."""
    if annual == to_the_penny(annual):
        return pounds(to_the_penny(annual))
    whole = f"{annual:,.12f}".rstrip("0")
    return f"£{whole}{'' if annual == annual.quantize(_MANY) else '…'}"


def counted(counts: Mapping[str, int]) -> str:
    """What a run counted, as a line: 2 messages sent, 1 case. What is 0 is left out."""
    return ", ".join(count_words(name, number) for name, number in sorted(counts.items()) if number)


def policy_key(key: str, section: str) -> str:
    """What people call a value of the policy."""
    return KEY_WORDS.get(section, {}).get(key) or option(key)


def mark_words(mark: str) -> str:
    """Whose authority a value of the policy rests on (rules 0.1)."""
    return MARKS[mark][:1].upper() + MARKS[mark][1:]


def policy_place(name: str) -> str:
    """A value of the policy by its place in the file, such as rates.child_benefit; what is no such place stands."""
    section, _, key = name.partition(".")
    words = KEY_WORDS.get(section, {}).get(key)
    return f"{words} ({policy_section(section)})" if words else name


def policy_section(section: str) -> str:
    """What people call a part of the policy."""
    return SECTION_WORDS.get(section) or option(section)


def policy_value(value: Any) -> str:
    """A value of the policy as a line of text; what a file writes as one word is said in words."""
    if isinstance(value, list | tuple):
        return "; ".join(policy_value(one) for one in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{_called(name)}: {policy_value(one)}" for name, one in value.items()) or "none"
    return _called(value) if isinstance(value, str) else shown(value)


def _called(name: str) -> str:
    """A word of a policy file or of a record as people call it."""
    return VALUE_WORDS.get(name) or WORDS.get(name) or shown_day(name) or name.replace("_", " ")


def shown_day(name: str) -> str:
    """A date as people write it; empty for what is none."""
    return _read(name) if _WRITTEN_DAY.fullmatch(name) else ""


def add_to(app: Flask) -> None:
    """Make these known to every template."""
    for known in (
        day, looked, short_day, with_days, with_steps, away, state_words, shown, option, moment, pounds, took, counted,
        deadline, delivery, in_days, by, exact, mark_words, step, policy_key, policy_place,
        policy_section, policy_value,
    ):  # fmt: skip
        app.jinja_env.filters[known.__name__] = known
    app.jinja_env.globals.update(TAGS=TAGS, COLOUR_WORDS=COLOUR_WORDS, BASIS=BASIS, dict=dict)
