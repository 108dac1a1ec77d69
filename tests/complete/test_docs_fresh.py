"""The documentation is true: what is generated is what the code says now, and what is linked is there."""

import re
from pathlib import Path

import pytest

from docs import generate
from states.stages import S

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PARTS_OF_A_DECISION = ["Context", "Decision", "Why", "Consequences"]


def test_the_generated_pages_are_what_the_code_would_write_now():
    found = generate.stale()

    assert not found, generate.summary(found)


def test_a_page_that_is_out_of_date_is_named_with_what_differs(tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("# Title\n\nold\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {page: lambda: "# Title\n\nnew\n"})

    assert generate.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "docs/page.md is not up to date (2 lines differ)" in said
    assert "-old" in said
    assert "+new" in said
    assert page.read_text() == "# Title\n\nold\n"


def test_the_pages_are_written_once_and_then_up_to_date(tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {page: lambda: "# Title\n"})

    assert generate.main([]) == 0
    assert page.read_text() == "# Title\n"
    assert generate.main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_something(page):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page):
    """Paths in backticks, such as `states/pathway.py`; what is only an example stands in angle brackets."""
    named = re.findall(
        r"`((?:states|policies|persistence|notifications|interchange|documents|casework|workflows|cli|demo|docs|tests)"
        r"/[\w./-]*)`",
        page.read_text(encoding="utf-8"),
    )

    assert [name for name in named if not (DOCS.parent / name).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_every_decision_says_its_context_what_was_decided_why_and_what_follows(page):
    lines = page.read_text(encoding="utf-8").splitlines()

    assert lines[0].startswith(f"# {int(page.name[:4])}. ")
    assert [line[3:] for line in lines if line.startswith("## ")] == PARTS_OF_A_DECISION


def test_decisions_are_numbered_without_a_gap():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_glossary_explains_every_stage_by_its_words_and_its_name():
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")

    assert [state.name for state in S if f"`{state.name}`" not in glossary or state.words not in glossary] == []
