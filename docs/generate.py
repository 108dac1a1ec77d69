"""Write the generated pages: `python -m docs.generate`. With `--check`, only say what is out of date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from docs.access_page import access_page
from docs.attacks_page import attacks_page
from docs.authority_page import authority_page
from docs.citations import ROOT, citations
from docs.pathway_page import funding_page, pathway_page
from docs.rules_page import rules_page
from states.diagram import as_svg
from states.funding import FUNDING
from states.pathway import PATHWAY
from states.policy import Policy, load_policy
from states.rules import RULES

EXAMPLE = ROOT / "policies" / "leicestershire.toml"
SHOWN = 20  # lines of a difference


def _policy() -> Policy:
    return load_policy(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)


#: Every generated page and what writes it.
PAGES: dict[Path, Callable[[], str]] = {
    ROOT / "docs" / "pathway.svg": lambda: as_svg(PATHWAY),
    ROOT / "docs" / "pathway.md": lambda: pathway_page(PATHWAY, _policy()),
    ROOT / "docs" / "funding.svg": lambda: as_svg(FUNDING),
    ROOT / "docs" / "funding.md": lambda: funding_page(FUNDING, _policy()),
    ROOT / "docs" / "delegated-authority.md": lambda: authority_page(_policy()),
    ROOT / "docs" / "who-sees-what.md": access_page,
    ROOT / "docs" / "attacks.md": attacks_page,
    ROOT / "docs" / "rules.md": lambda: rules_page(RULES, citations()),
}


def stale() -> dict[Path, list[str]]:
    """The pages that are not what the code would write now, each with how it differs."""
    found: dict[Path, list[str]] = {}
    for path, write in PAGES.items():
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        wanted = write()
        if there != wanted:
            name = path.relative_to(ROOT).as_posix()
            found[path] = list(unified_diff(there.splitlines(), wanted.splitlines(), name, name, n=0, lineterm=""))
    return found


def summary(found: dict[Path, list[str]]) -> str:
    """What differs, short enough to read."""
    parts = []
    for path, lines in found.items():
        changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]
        parts.append(f"{path.relative_to(ROOT)} is not up to date ({len(changed)} lines differ):")
        parts += [f"  {line[:160]}" for line in changed[:SHOWN]]
        parts += ["  …"] if len(changed) > SHOWN else []
    return "\n".join([*parts, "Run: make docs"])


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or check them; 1 when a check finds one out of date."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    chosen = parser.parse_args(arguments)
    found = stale()
    if chosen.check:
        print(summary(found) if found else "The generated pages are up to date.")
        return int(bool(found))
    for path in found:
        path.write_text(PAGES[path](), encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
