"""The long proofs: races, kills and simulated years at their full counts, run with `python -m tests.soak`.

`make test` runs the same code with small counts (tests/integration/test_races.py, test_kills.py).
"""
