"""A test whose need is not met is skipped loudly, or failed where the run says that the need must be met."""

import os
from typing import NoReturn

import pytest


def not_available(need: str, *, because: str) -> NoReturn:
    """Skip the test, or fail it under `SGO_REQUIRE_<NEED>=1` (as .ci/run sets it)."""
    variable = f"SGO_REQUIRE_{need.upper()}"
    if os.environ.get(variable) == "1":
        pytest.fail(f"{need} is required ({variable}=1) and missing: {because}", pytrace=False)
    pytest.skip(f"NOT TESTED: {need}: {because}")
