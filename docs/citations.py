"""Which rules the code and the tests cite, and where: found by reading comments, docstrings and rule numbers.

A citation is a number with its page where the number alone could be another page's: `rules T16`,
`reliability R4`, `design 5.5`. Numbers that only one page has may stand alone: `R-RAG-4`, `PT-2`, `PR-1`,
`D-04`, `NT-10`. After a page's name a list may follow: `rules R-RG-3, T4`.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = (
    "states", "policies", "persistence", "notifications", "interchange", "documents", "casework", "workflows",
    "web", "cli", "demo", "bench",
)  # fmt: skip
PAGES = "rules|practice|design|reliability"
ALONE = r"R-[A-Z]{2,4}-\d+|P[TRNM]-\d+|D-\d\d|NT-\d\d|N-\d|S\d-\d+"
ON_A_PAGE = rf"{ALONE}|[TARCP]\d{{1,2}}|[A-E]\.\d(?:\.\d+)?|\d+(?:\.\d+)*"
AND = r"(?:, (?:and )?| and | or | to |–|\.\.)"
_LIST = re.compile(rf"\b(?P<page>{PAGES}) (?P<items>(?:{ON_A_PAGE})(?:{AND}(?:{ON_A_PAGE})\b)*)")
_ALONE = re.compile(rf"\b(?:{ALONE})\b")
_ITEM = re.compile(ON_A_PAGE)
_NUMBER = re.compile(rf"(?:(?P<page>{PAGES}) )?(?P<item>{ON_A_PAGE})")
_SOURCE = re.compile(r'\bsource = "(?P<source>[^"]*)"')
_SHORT = re.compile(r"(?<![\w.])[TA]\d{1,2}(?![\w.])")
#: Files in which codes of a return look like numbers of rules.
CODES_NOT_RULES = frozenset({"states/records/codes.py"})
#: The rules themselves, and tests that cite only to show how.
CITE_NOTHING = ("states/rules/", "tests/complete/test_rules_cited.py", "tests/unit/test_diagram.py")


@dataclass(slots=True)
class Cited:
    """Where one number is cited: files of code and of tests."""

    kept_in: set[str] = field(default_factory=set)
    tested_in: set[str] = field(default_factory=set)


def number_of(page: str | None, item: str) -> str:
    """The one way to write a cited number: alone where only one page has it, else with its page."""
    if re.fullmatch(ALONE, item):
        return item
    if re.fullmatch(r"[TA]\d+", item) and page != "reliability":
        return item
    if re.fullmatch(r"[TRCP]\d+|[A-E]\.\d(?:\.\d+)?", item):
        return f"reliability {item}"
    return f"{page} {item}"


def in_prose(text: str) -> Iterator[str]:
    """The numbers that a comment or a docstring cites."""
    for found in _LIST.finditer(text):
        for item in _ITEM.findall(found["items"]):
            yield number_of(found["page"], item)
    for found in _ALONE.finditer(text):
        yield found[0]


def as_a_value(text: str) -> str | None:
    """The number that a string is, such as the `rule` of a row; None where it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None or (found["page"] is None and found["item"][0].isdigit()):
        return None
    return number_of(found["page"], found["item"])


def in_python(source: str, *, values: bool) -> Iterator[str]:
    """The numbers cited in a module. With `values`, strings that are a number and nothing else count too."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from in_prose(token.string)
        elif token.type == tokenize.STRING:
            inside = token.string.strip("rbfuRBFU").strip("\"'")
            value = as_a_value(inside)
            if value is None:
                yield from in_prose(inside)
            elif values or _ALONE.fullmatch(inside):
                yield value


def in_policy(text: str) -> Iterator[str]:
    """The numbers cited in a policy file: in its comments, and in the source of each value."""
    yield from in_prose(text)
    for found in _SOURCE.finditer(text):
        yield from _SHORT.findall(found["source"])


def citations(root: Path = ROOT) -> dict[str, Cited]:
    """Every cited number with the files that cite it, by paths from the project's folder."""
    found: dict[str, Cited] = {}
    for folder in (*CODE, "tests"):
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            for number in _in_file(path, name):
                cited = found.setdefault(number, Cited())
                (cited.tested_in if folder == "tests" else cited.kept_in).add(name)
    return found


def _in_file(path: Path, name: str) -> Iterator[str]:
    if name.startswith(CITE_NOTHING):
        return
    if path.suffix == ".toml":
        yield from in_policy(path.read_text(encoding="utf-8"))
    elif path.suffix == ".py":
        values = name.startswith("states/") and name not in CODES_NOT_RULES
        yield from in_python(path.read_text(encoding="utf-8"), values=values)
