"""`python -m tests.soak [NAME …] [--quick] [--seed N]`: the long proofs, and one JSON summary of what they found.

Without names, all of them: hours. Each says in its module what it proves. What is 0 in N tries is under 3/N for certain
enough (the rule of three), and never "never". The exit status is 1 if anything failed; the seed makes it again.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from typing import Any

from bench.facts import machine
from tests.soak.races import DATABASES

#: Each module has `soak(quick=…, seed=…)`, whose answer says under `failed` whether anything was not as it must be.
NAMES = {
    "races": "tests.soak.races",
    "signatures": "tests.soak.signatures",
    "kills": "tests.soak.kills",
    "nights": "tests.soak.nights",
    "digests": "tests.soak.digests",
    "machine": "tests.soak.machine",
    "money": "tests.soak.money_machine",
    "roles": "tests.soak.roles",
    "mutations": "tests.soak.mutations",
    "mail": "tests.soak.mail",
    "outage": "tests.soak.outage",
}


def main(arguments: list[str] | None = None) -> int:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small counts: minutes")
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long Prefect is away in `outage`")
    parser.add_argument("--on", choices=DATABASES, help="`races` and `signatures` on this database alone")
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.names) - set(NAMES)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(NAMES)}")
    started = time.monotonic()
    found = {}
    for name in chosen.names or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        more: dict[str, Any] = {"minutes": chosen.minutes} if name == "outage" else {}
        if name in ("races", "signatures"):
            more["on"] = chosen.on
        found[name] = importlib.import_module(NAMES[name]).soak(quick=chosen.quick, seed=chosen.seed, **more)
    failed = [name for name, figures in found.items() if figures["failed"]]
    summary = {
        "soak": found,
        "machine": machine(),
        "seed": chosen.seed,
        "quick": chosen.quick,
        "seconds": round(time.monotonic() - started, 1),
        "failed": failed,
    }
    print(json.dumps(summary, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
