"""The words of every rule that the code cites, with its authority and its source.

A number in a refusal, a row or a comment resolves here and in `docs/rules.md`, which is generated from it. To
add one: a line `number | mark | source | words` in the module of its page. A test names what is missing.
"""

from states.rules.defaults import DEFAULTS
from states.rules.design import DESIGN
from states.rules.means_test import MEANS_TEST
from states.rules.money import MONEY
from states.rules.pathway import PATHWAY
from states.rules.practice import PRACTICE
from states.rules.reading import CHECKS, MARKS, Rule
from states.rules.reliability import RELIABILITY

#: Every rule by its number, page by page.
RULES: dict[str, Rule] = {**PATHWAY, **MEANS_TEST, **DEFAULTS, **MONEY, **PRACTICE, **DESIGN, **RELIABILITY}

__all__ = ["CHECKS", "MARKS", "RULES", "Rule", "rule_of"]


def rule_of(number: str) -> Rule | None:
    """The rule of a number as rows and refusals write it (`R22` is the reliability page's)."""
    return RULES.get(number) or RULES.get(f"reliability {number}")
