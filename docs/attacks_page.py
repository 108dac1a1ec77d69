"""`docs/attacks.md`: each abuse the system knows of, and the tests that hold it off."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from docs.citations import ROOT, in_prose
from docs.markdown import page, table
from states.rules import RULES

#: How many abuses the page of reliability lists.
NUMBERS = tuple(f"C{number}" for number in range(1, 51))
#: Those for which there is nothing to abuse yet, and why.
NOTHING_THERE = {
    "C42": "no support bundle and no copy for a supplier can be made; logs hold no names (tests of C36 and C39)",
    "C45": "the system makes no copy of a child's file for a subject access request",
    "C47": "the system disposes of no record: history can be neither changed nor deleted (tests of C41)",
}


def held_by(root: Path = ROOT) -> dict[str, list[str]]:
    """The tests whose own words cite each abuse, as `folder/file: test`."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        for test, words in _tests(ast.parse(path.read_text(encoding="utf-8"))):
            numbers = {one.removeprefix("reliability ") for one in in_prose(words) if one.startswith("reliability C")}
            for number in sorted(numbers):
                found.setdefault(number, []).append(f"{path.relative_to(root / 'tests').as_posix()}: {test}")
    return found


def _tests(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""


def attacks_page() -> str:
    """The whole page."""
    held = held_by()
    rows = [[n, RULES[f"reliability {n}"].words, _tested(held[n])] for n in NUMBERS if n in held]
    nothing = [[number, why] for number, why in NOTHING_THERE.items()]
    lines = [
        "Every abuse that the project's threat model lists, and what holds it off. A number is taken from the words of",
        "the tests themselves; a test fails when a number has none.",
        "",
        *table(("", "Who does what", "Held off by"), rows),
        "",
        "## Nothing there to abuse",
        "",
        *table(("", "Why"), nothing),
    ]
    return page("Abuses and what holds them off", lines)


def _tested(tests: list[str]) -> str:
    words = []
    for test in tests:
        file, _, name = test.partition(": ")
        words.append(f"{name.removeprefix('test_').replace('_', ' ')} (`tests/{file}`)")
    return "; ".join(words)
