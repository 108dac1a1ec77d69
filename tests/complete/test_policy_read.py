"""Every number an authority may set is read by what is shipped: a value that changes nothing is a false promise."""

import ast
from collections.abc import Iterator
from pathlib import Path

from states.policy import Policy
from states.policy.sections import Section

ROOT = Path(__file__).parents[2]
SHIPPED = ("states", "casework", "notifications", "interchange", "documents", "workflows", "cli")
#: Where a value is only declared, or compared with other values and with the law before a policy is adopted.
DECLARED = {ROOT / "states" / "policy" / name for name in ("sections.py", "contradictions.py", "law.py")}

#: What nothing reads yet, and why. The list may only shrink: a value that is read must leave it.
WAITS: dict[str, str] = {
    "authority.mailbox": "no mail goes to the group as a whole yet (R-RG-7)",
    "scope.locality_counts_from": "no source says yet when a transfer from a locality team was decided (A26)",
    "court.minimum_weeks": "a policy is checked against it when it is adopted (R-ELG-1)",
    "records.looked_after_years_from_birth": "nothing is deleted in this version; the law is checked at adoption",
    "records.death_before_18_years": "nothing is deleted in this version; the law is checked at adoption",
    "records.adoption_years": "nothing is deleted in this version; the law is checked at adoption",
    "records.finance_years": "nothing is deleted in this version; it comes with the money",
    "records.contact_working_days": "visits and contact belong to the case system (PN-1)",
}


def leaves() -> set[str]:
    return {f"{section}.{key}" for section, kind in KINDS.items() for key in kind.names()}


KINDS: dict[str, type[Section]] = {
    name: info.annotation
    for name, info in Policy.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, Section)
}


def section_of(node: ast.expr | None) -> str | None:
    """The section an expression stands for: `….group`, wherever the policy came from."""
    return node.attr if isinstance(node, ast.Attribute) and node.attr in KINDS else None


def names_for_sections(function: ast.AST) -> dict[str, str]:
    """Names in a function that hold a section: assigned from one, or declared to be one."""
    held: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            section = section_of(node.value)
            held |= {node.targets[0].id: section} if section is not None else {}
        if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name | ast.Attribute):
            said = node.annotation.id if isinstance(node.annotation, ast.Name) else node.annotation.attr
            found = next((section for section, kind in KINDS.items() if kind.__name__ == said), None)
            held |= {node.arg: found} if found is not None else {}
    return held


def read_in(tree: ast.Module) -> Iterator[str]:
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for scope in (tree, *functions):
        held = names_for_sections(scope) if scope is not tree else {}
        for node in ast.walk(scope):
            if not isinstance(node, ast.Attribute):
                continue
            section = section_of(node.value)
            if section is None and isinstance(node.value, ast.Name):
                section = held.get(node.value.id)
            if section is not None:
                yield f"{section}.{node.attr}"


def read_anywhere() -> set[str]:
    files = [file for folder in SHIPPED for file in (ROOT / folder).rglob("*.py") if file not in DECLARED]
    return {leaf for file in files for leaf in read_in(ast.parse(file.read_text(encoding="utf-8")))} & leaves()


def test_every_value_of_the_policy_is_read_by_shipped_code_or_says_why_not():
    unread = leaves() - read_anywhere()

    assert unread - set(WAITS) == set(), "A value that nothing reads: read it, or say in WAITS what it waits for."
    assert set(WAITS) - unread == set(), "These are read by now: take them out of WAITS."
    assert all(WAITS.values())


def test_a_value_counts_as_read_only_where_its_section_is_asked():
    text = """
def one(policy, other):
    group = policy.group
    return group.quorum_services + other.minutes_working_days + policy.kdd.chair_rank
def two(group):
    return group.longest_return
def three(calendar: CalendarPolicy):
    return calendar.region
"""
    assert set(read_in(ast.parse(text))) == {"group.quorum_services", "kdd.chair_rank", "calendar.region"}
