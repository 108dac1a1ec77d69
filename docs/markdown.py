"""Small pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from states.diagram.table import as_row, escaped

GENERATED = "<!-- Written by `make docs` from the code: change the code, not this page. -->"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as lines; cells are escaped, and a line break within one stays one."""
    lines = [as_row(headings), as_row(["---"] * len(headings))]
    lines += [as_row(["<br>".join(map(escaped, cell.split("\n"))) for cell in row]) for row in rows]
    return [*lines, ""]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """What most readers skip: only its summary shows until it is opened."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def page(title: str, lines: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join([f"# {title}", "", GENERATED, "", *lines]).rstrip() + "\n"
