"""`docs/rules.md`: every rule the code cites, in plain words, and where it is kept and tested."""

from __future__ import annotations

import re
from collections.abc import Mapping

from docs.citations import Cited
from docs.markdown import page, table
from states.rules import CHECKS, MARKS, Rule

PARTS = (
    ("The clocks and the law around the pathway", r"R-(CLK|LAW|LAC|SUP|REV)-"),
    ("The money", r"R-(MON|FIN|NLA|MT)-"),
    ("The steps", r"T\d|R-SM-"),
    ("Stage by stage", r"R-(ELG|RAG|RG|TRJ|ALC|IM|FW|KDD|ROA|ASM|NOT|CRT|NP)-"),
    ("Records", r"R-(REC|DRF)-"),
    ("Where the sources are silent", r"A\d"),
    ("What the night looks for", r"D-"),
    ("Notices and how they go out", r"NT?-"),
    ("What the source documents ask for", r"S\d-"),
    ("Parts of the rules as a whole", r"rules "),
    ("What the people who do the work need", r"P[TRNM]-|practice "),
    ("How the system is built", r"design "),
    ("What it promises, and the dangers it knows of", r"reliability "),
)
INTRODUCTION = """\
A number in a refusal, in the process table or in a comment of the code is explained here. The words are
ours and short; they are no legal advice. Where a mark says DEF, UNC or k, an authority decides and can
change it in its policy file. Where *practice* and another rule differ, *practice* holds."""


def part_of(number: str) -> int:
    """Which part of the page a rule belongs to."""
    return next(place for place, (_, pattern) in enumerate(PARTS) if re.match(pattern, number))


def rules_page(rules: Mapping[str, Rule], cited: Mapping[str, Cited]) -> str:
    """The whole page."""
    lines = [INTRODUCTION, "", "## Marks", ""]
    lines += table(["Mark", "Whose authority"], [(f"`{mark}`", words) for mark, words in MARKS.items()])
    lines += table(["After `·`", "How far it was checked"], [(f"`{c}`", words) for c, words in CHECKS.items()])
    for place, (heading, _) in enumerate(PARTS):
        here = sorted((rule for rule in rules.values() if part_of(rule.number) == place), key=_in_order)
        if here:
            cells = [_cells(rule, cited.get(rule.number, Cited())) for rule in here]
            lines += [f"## {heading}", "", *table(HEADINGS, cells)]
    return page("The rules this system keeps", lines)


HEADINGS = ("Rule", "In plain words", "Mark", "Source", "Kept in", "Tested in")


def _cells(rule: Rule, cited: Cited) -> tuple[str, ...]:
    kept, tested = ("\n".join(sorted(files)) or "–" for files in (cited.kept_in, cited.tested_in))
    return rule.number, rule.words, rule.mark, rule.source, kept, tested


def _in_order(rule: Rule) -> tuple[tuple[str, int], ...]:
    """By letters and then by number, so that T2 stands before T10."""
    return tuple((letters, int(digits or 0)) for letters, digits in re.findall(r"(\D+)(\d*)", rule.number))
