"""`python -m bench NAME [--quick]`: run one benchmark and print its figures as JSON (design 8).

Both sides of every comparison are measured in the same run on the same machine, and a ratio is the result: a figure
in milliseconds says as much about the machine as about the system. `--quick` shows that a benchmark works; its
figures are not for quoting. Each benchmark's docstring says what its yardstick is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from inspect import signature
from pathlib import Path

from bench.databases import DATABASES

NAMES = {
    "county": "bench.county",
    "transition": "bench.transition",
    "follow-through": "bench.follow_through",
    "overnight": "bench.overnight",
    "pages": "bench.pages",
    "start": "bench.start",
    "import": "bench.importing",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark that is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--quick", action="store_true", help="a few rounds only: does it work?")
    parser.add_argument(
        "--children",
        type=int,
        metavar="N",
        help="county, pages, import: how many, else 100,000; overnight: this one size; follow-through: on the county",
    )
    parser.add_argument(
        "--database",
        action="append",
        choices=DATABASES,
        help="overnight, follow-through: only on this one; pages: on this one, else SQLite",
    )
    parser.add_argument(
        "--home", type=Path, metavar="FOLDER", help="pages: build the county there and keep it, or use the one there"
    )
    chosen = parser.parse_args(arguments)
    run = importlib.import_module(NAMES[chosen.name]).run
    asked = {"children": chosen.children, "database": chosen.database, "home": chosen.home}
    given = {name: value for name, value in asked.items() if value is not None}
    for name in given.keys() - signature(run).parameters.keys():
        parser.error(f"{chosen.name} has no --{name}")
    print(json.dumps(run(quick=chosen.quick, **given), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
