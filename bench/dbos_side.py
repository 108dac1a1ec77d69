"""The other yardstick of `bench transition`: a three-step DBOS workflow on the same PostgreSQL.

DBOS keeps every step of a workflow in PostgreSQL, as we keep every act. Its steps do nothing here, so what is measured
is the keeping alone; ours judge and write a whole transition in one commit. It is installed by `make bench-setup`, or
lives in an environment of its own whose Python SGO_BENCH_DBOS_PYTHON names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.databases import Postgres
from bench.facts import spread

WORKFLOW = Path(__file__).with_name("dbos_workflow.py")


def compare(postgres: Postgres, *, ours_ms: float, quick: bool) -> dict[str, Any]:
    """DBOS's figures, and how many of our transitions fit into one of its workflows. Says so where it is missing."""
    python = os.environ.get("SGO_BENCH_DBOS_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import dbos"], capture_output=True, check=False).returncode:
        return {"missing": "DBOS is not installed: make bench-setup"}
    postgres.fresh("bench_dbos", migrated=False)
    address = postgres.plain("bench_dbos")
    done = subprocess.run(
        [python, str(WORKFLOW), address, "30" if quick else "300"], capture_output=True, text=True, check=True
    )
    workflow = spread(json.loads(done.stdout.strip().splitlines()[-1]))
    return {"three_step_workflow": workflow, "times_as_fast": round(workflow["p50_ms"] / ours_ms, 2)}
