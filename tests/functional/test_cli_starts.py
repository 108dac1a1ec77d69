"""A command loads what it needs and no more: most of its time goes into that (never a timed test)."""

import os
import subprocess
import sys

import pytest

from tests.commands import ROOT, Sgo
from tests.world import World

SAYS = """
import sys
from cli.main import main
status = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(status)
"""
#: What reading a list never needs: the pages, the flows, spreadsheets, and all that makes and sends messages.
NEVER = {
    "fastapi", "flask", "icalendar", "jinja2", "notifications_python_client", "openpyxl", "prefect", "psycopg",
    "requests", "smtplib", "waitress", "web", "workflows",
}  # fmt: skip


def loaded(sgo: Sgo, *words: str) -> set[str]:
    """The modules a command has loaded when it ends."""
    ended = subprocess.run(
        [sys.executable, "-c", SAYS, *words],
        cwd=ROOT,
        env={**os.environ, **sgo._environment("tam.sgo")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return set(ended.stderr.split())


@pytest.mark.parametrize(
    ("words", "never"),
    [
        pytest.param(("--help",), NEVER | {"casework", "persistence", "pydantic", "sqlalchemy"}, id="help"),
        pytest.param(("case", "list"), NEVER | {"casework.delivery.sending", "casework.overnight"}, id="list"),
    ],
)
def test_a_command_loads_nothing_it_does_not_need(world: World, sgo: Sgo, words: tuple[str, ...], never: set[str]):
    unneeded = loaded(sgo, *words) & never
    assert not unneeded


def test_whoever_starts_the_processes_loads_little_itself():
    """The first page waits for it (design 8)."""
    says = "import sys, cli.main, workflows.supervisor; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", says], cwd=ROOT, capture_output=True, text=True, check=True)
    unneeded = {"casework.units", "flask", "holidays", "persistence.engine", "prefect", "sqlalchemy"}
    assert not set(ended.stdout.split()) & unneeded


def test_the_pages_start_without_what_only_few_of_them_need():
    """The first page is waited for (design 8); a workbook or the council's sign-in may take a moment longer, once."""
    says = "import sys, web.serve; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", says], cwd=ROOT, capture_output=True, text=True, check=True)
    unneeded = {"alembic", "authlib", "docx", "icalendar", "joserfc", "lxml", "openpyxl", "prefect", "requests"}
    assert not set(ended.stdout.split()) & unneeded
