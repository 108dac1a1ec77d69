"""How the rules are written down: a line for each, read into `Rule` values when they are imported."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Whose authority a rule rests on; after `·` how far the text was checked.
MARKS = {
    "ACT": "statute",
    "REG": "regulation",
    "SG": "statutory guidance, to be followed unless there is good reason",
    "NSG": "national guidance without statutory force, models, the courts' guidance",
    "LP": "a policy of a local authority",
    "CASE": "a decision of a court or of the Ombudsman",
    "SEED": "said in one of the documents this pathway comes from",
    "DEF": "no source found: a default that an authority may change",
    "UNC": "uncertain, or the sources conflict",
    "OURS": "a decision or a promise of this project",
}
CHECKS = {
    "v": "the passage was read",
    "p": "the document is known, the passage was not read",
    "k": "professional knowledge, to be checked before go-live",
}
_MARK = re.compile(rf"(?:{'|'.join(MARKS)})(?:·[vpk])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule that the code cites: its number, whose authority it rests on, and its words."""

    number: str
    mark: str
    source: str
    words: str


def read(lines: str) -> dict[str, Rule]:
    """Rules from text, a line each: `number | mark | source | words`; what is indented goes on from before.

    Raises ValueError for a line of another shape, an unknown mark or a number that comes twice.
    """
    rules: dict[str, Rule] = {}
    for line in re.sub(r"\n\s+", " ", lines).strip().splitlines():
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 4 or not all(parts):
            raise ValueError(f"a rule is written as `number | mark | source | words`, not: {line}")
        number, mark, source, words = parts
        if not all(_MARK.fullmatch(one) for one in mark.split(", ")):
            raise ValueError(f"{number}: {mark} is none of {', '.join(MARKS)}, alone or with ·v, ·p or ·k")
        if number in rules:
            raise ValueError(f"{number} stands in the list twice")
        rules[number] = Rule(number=number, mark=mark, source=source, words=words)
    return rules
