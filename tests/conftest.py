"""What holds for every test: nothing leaves this machine, nothing leaks, and what was not tested is said.

Settings of a run, by environment variable:
  SGO_TEST_POSTGRES_URL   use this PostgreSQL server (a role that may create databases) instead of our own
  SGO_REQUIRE_POSTGRES=1  a PostgreSQL that cannot start fails the tests that need it (otherwise: skipped)
  SGO_REQUIRE_BROWSER=1   the same for a missing Chromium
  SGO_TEST_BOTH=1         every test on both databases, those too that say the same of both
  HYPOTHESIS_PROFILE      `test` (default) or `soak`
"""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

import interchange  # noqa: F401 - decides how openpyxl reads, before a test imports openpyxl
from tests.doors import watch_the_doors

# Every process a test starts would compile two thousand modules anew where the environment forbids to keep them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The tests' files live in memory where there is room: each SQLite commit waits for the disk, and no test switches
# the machine off. `--basetemp` and PYTEST_DEBUG_TEMPROOT go before this.
MEMORY = Path("/dev/shm")
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

pytest_plugins = ["tests.databases", "tests.county", "tests.browsers", "tests.prefect_server"]

TESTS = Path(__file__).parent
DATABASES = ("sqlite", "postgres")
OURS = ("SGO_", "DATABASE_URL")
OF_THE_RUN = ("SGO_TEST_", "SGO_REQUIRE_")

watch_the_doors()

# No test depends on the time it takes, on this machine or a slower one.
settings.register_profile(
    "test", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("soak", settings.get_profile("test"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def _our_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(OURS) and not name.startswith(OF_THE_RUN)
    }


@pytest.fixture(autouse=True)
def an_environment_of_its_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """No setting of the person who runs the tests reaches them, and no test leaves one behind."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _our_environment():
            patch.delenv(name)
        if TESTS / "unit" not in request.path.parents:
            patch.setenv("SGO_HOME", str(request.getfixturevalue("tmp_path") / "sgo-home"))
        before = _our_environment()
        yield
        left = _our_environment().items() ^ before.items()
        for name, _ in left:
            patch.delenv(name, raising=False)
    assert not left, f"The test changed the environment and left it so: {left}"


@pytest.fixture(autouse=True)
def prefects_open_connections_end_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Prefect leaves unclosed is collected within its own test, not blamed on a later one."""
    yield
    if request.node.get_closest_marker("prefect"):
        gc.collect()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All tests of a real Prefect server share one process, for one server (it takes 15 s to start)."""
    elsewhere = [item for item in items if _runs_on_the_other_database(item)]
    left_out = set(map(id, elsewhere))
    if elsewhere:
        items[:] = [item for item in items if id(item) not in left_out]
        config.hook.pytest_deselected(items=elsewhere)
    for item in items:
        if item.get_closest_marker("prefect"):
            item.add_marker(pytest.mark.xdist_group("prefect"))
            # Prefect's client does not close the connections of an event loop that ends.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))


def _runs_on_the_other_database(item: pytest.Item) -> bool:
    """Of a module whose tests say the same of both databases each test runs on one, and as many on each."""
    if item.get_closest_marker("one_database") is None or "SGO_TEST_BOTH" in os.environ:
        return False
    chosen = getattr(item, "callspec", None)
    kind = chosen and (chosen.params.get("templates") or chosen.params.get("database_url"))
    if kind not in DATABASES:
        return False
    return kind != DATABASES[crc32(item.nodeid.replace(kind, "").encode()) % len(DATABASES)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be tested is said at the end, where it is read (tests/needs.py skips so)."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple) and "NOT TESTED" in report.longrepr[2]:
            reason = report.longrepr[2].partition("NOT TESTED: ")[2]
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, tests in reasons.items():
        terminalreporter.write_line(f"NOT TESTED ({tests} tests): {reason}", red=True, bold=True)
