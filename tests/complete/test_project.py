"""What the project says of itself is true: pins, names, commands; and nothing points at one machine."""

import os
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
PINNED_IN = {
    "requirements.txt": RUNTIME,
    "requirements-dev.txt": RUNTIME + GROUPS["dev"] + PROJECT["build-system"]["requires"],
    "requirements-bench.txt": GROUPS["bench"],
}
A_PIN = re.compile(r"(?P<name>[a-z0-9.-]+)==(?P<version>\S+)( ; [^;]+?)?( --hash=sha256:[0-9a-f]{64})+")


def _lines(file: str) -> list[str]:
    return (ROOT / file).read_text().replace(" \\\n    ", " ").splitlines()


def _pins(file: str) -> dict[str, Version]:
    pins = [A_PIN.fullmatch(line) for line in _lines(file)]
    return {canonicalize_name(pin["name"]): Version(pin["version"]) for pin in pins if pin}


def _tracked_texts() -> dict[str, str]:
    """Every text file of the repository by name. Without git (an unpacked archive) there is none to judge."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        try:
            texts[name] = (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):  # an image; a file just removed
            continue
    return texts


@pytest.mark.parametrize("file", PINNED_IN)
def test_every_requirement_is_one_pin_with_hashes_and_no_address(file):
    not_a_pin = [line for line in _lines(file) if not A_PIN.fullmatch(line)]

    assert not not_a_pin
    assert _pins(file)


@pytest.mark.parametrize("file", PINNED_IN)
def test_everything_that_is_asked_for_is_pinned_to_a_version_that_suits(file):
    pins = _pins(file)

    for asked in map(Requirement, PINNED_IN[file]):
        name = canonicalize_name(asked.name)
        assert name in pins, f"{name} is not pinned in {file}. Run: make requirements"
        assert pins[name] in asked.specifier, f"{file} pins {name} {pins[name]}, asked for: {asked}"


def test_the_tests_run_what_the_system_runs():
    development = _pins("requirements-dev.txt").items()

    assert _pins("requirements.txt").items() <= development


def test_what_the_benchmarks_compare_with_stays_out_of_the_environment():
    compared_with = {canonicalize_name(Requirement(asked).name) for asked in GROUPS["bench"]}

    assert not compared_with & _pins("requirements-dev.txt").keys()


def test_the_benchmarks_measure_what_the_system_runs():
    ours, theirs = _pins("requirements-dev.txt"), _pins("requirements-bench.txt")

    assert all(ours[name] == theirs[name] for name in ours.keys() & theirs.keys())


def test_fastapi_stays_below_the_version_that_prefects_server_does_not_start_with():
    [fastapi] = [asked for asked in map(Requirement, RUNTIME) if asked.name == "fastapi"]

    assert "0.150.0" in fastapi.specifier
    assert "0.155.0" not in fastapi.specifier


def test_the_bank_holidays_change_only_when_somebody_decides_so():
    [holidays] = [asked for asked in map(Requirement, RUNTIME) if asked.name == "holidays"]

    assert [clause.operator for clause in holidays.specifier] == ["=="]


def test_a_lock_that_holds_addresses_is_not_committed():
    tracked = _tracked_texts()

    assert not {"uv.lock", "pylock.toml"} & tracked.keys()
    assert {"uv.lock", "pylock.toml"} <= set((ROOT / ".gitignore").read_text().split())


def test_no_file_holds_the_address_of_a_package_index():
    names = ["pypi" r"\.org", "python" "hosted", "npm" r"js\.(org|com)", "npm" "mirror"]
    address = re.compile("|".join([*names, r"(index|registry)[-_]url\s*="]), re.IGNORECASE)

    assert [name for name, text in _tracked_texts().items() if address.search(text)] == []


def test_nothing_points_at_the_machine_or_the_folder_it_was_written_in():
    place = re.compile("|".join(["(?<![\\w.])/(wo" "rk|home|opt|root)/", r"\.\./sha" "red"]))

    found = {name for name, text in _tracked_texts().items() if place.search(text)}
    assert not {name for name in found if not name.startswith("tests/")}


def test_no_installed_package_has_a_name_of_ours():
    ours = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}

    provided = packages_distributions()
    # The design system's macros ship their own `tests` by mistake; ours come first on every path we run from.
    known = {PROJECT["project"]["name"], "govuk-frontend-jinja"}
    others = {name: set(provided.get(name, ())) - known for name in ours}
    assert {name: whose for name, whose in others.items() if whose} == {}


def test_every_package_of_code_is_installed():
    packaged = set(PROJECT["tool"]["setuptools"]["packages"]["find"]["include"])
    folders = {init.parent.name for init in ROOT.glob("*/__init__.py")} - {"tests", "docs", "bench"}

    assert {pattern for name in folders for pattern in (name, f"{name}.*")} <= packaged


def test_make_alone_says_what_can_be_made():
    made = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)

    targets = re.findall(r"^([a-z.-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test", "check", "soak", "docs"} <= set(targets)
    assert all(f"make {target} " in made.stdout for target in targets)


def test_the_check_of_every_change_can_be_started():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
