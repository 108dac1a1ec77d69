"""Dependencies point one way (design 3), and the processes know only four libraries."""

import ast
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PROJECT["tool"]["importlinter"]
STATES_MAY_KNOW = {"transitions", "pydantic", "pydantic_core", "holidays", "dateutil"}
CLOCKS = {"now", "today", "utcnow"}
NOT_PURE = {
    "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "random", "shutil", "smtplib", "socket",
    "sqlite3", "subprocess", "tempfile", "time", "urllib",
}  # fmt: skip


@pytest.fixture(scope="module")
def states() -> grimp.ImportGraph:
    return grimp.build_graph("states", include_external_packages=True, cache_dir=None)


def _imported_from_outside(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    ours = {module for module in graph.modules if module.partition(".")[0] == "states"}
    outside: dict[str, set[str]] = {}
    for module in ours:
        for imported in graph.find_modules_directly_imported_by(module) - ours:
            outside.setdefault(imported.partition(".")[0], set()).add(module)
    return outside


def test_every_contract_about_the_layers_is_kept(monkeypatch):
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == 0, "Run `make layers` to see which import breaks which contract."


def test_every_package_of_code_stands_in_the_contracts():
    folders = {init.parent.name for init in ROOT.glob("*/__init__.py")} - {"tests", "docs", "bench"}

    assert folders == set(CONTRACTS["root_packages"])


def test_the_processes_know_only_the_libraries_they_need(states):
    outside = _imported_from_outside(states)

    libraries = {name: where for name, where in outside.items() if name not in sys.stdlib_module_names}
    assert libraries.keys() <= STATES_MAY_KNOW, libraries


def test_the_processes_import_nothing_that_reads_writes_or_waits(states):
    outside = _imported_from_outside(states)

    assert not {name: where for name, where in outside.items() if name in NOT_PURE}


def test_the_processes_read_no_clock_and_open_no_file():
    read = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "states").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", "") in CLOCKS or getattr(node.func, "id", "") == "open")
    ]
    assert read == [], "Today comes in as an argument."
