"""Word papers: our templates are what the script writes, each is filled whole, and no template does more than show."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from documents.papers import PAPERS, AgreementPaper, OnePage, Paper, PaperKind, ProposalNoticePaper
from documents.pdf import NoPdf, pdf_of
from documents.samples import sample_of
from documents.word import TEMPLATES, Template, TemplateRefused, fill, template_of
from documents.write_templates import written


def said_in(content: bytes) -> str:
    """Every word of a Word file: body, tables, head and foot."""
    word = Document(io.BytesIO(content))
    section = word.sections[0]
    parts = [word.element.body, section.header._element, section.footer._element]
    lines = []
    for part in parts:
        for paragraph in part.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"):
            texts = [t.text or "" for t in paragraph.iter() if t.tag.endswith("}t")]
            lines.append("".join(texts))
    return "\n".join(lines)


def paper_of(kind: PaperKind) -> Paper:
    return sample_of(PAPERS[kind])


def own_template(folder: Path, kind: PaperKind, *lines: str) -> Path:
    """A council's own template with these lines."""
    word = Document()
    for line in lines:
        word.add_paragraph(line)
    file = folder / f"{kind}.docx"
    word.save(file)
    return file


def all_of(kind: PaperKind) -> list[str]:
    """Lines that show everything the paper must show."""
    return [f"{{{{ {name} }}}}" for name in sorted(PAPERS[kind].must_show)]


@pytest.mark.parametrize("kind", PaperKind)
def test_each_template_is_what_the_script_writes(kind):
    assert (TEMPLATES / f"{kind}.docx").read_bytes() == written(kind), "Run: python -m documents.write_templates"


@pytest.mark.parametrize("kind", PaperKind)
def test_each_template_shows_everything_its_paper_must_show_and_nothing_else(kind, tmp_path):
    (tmp_path / f"{kind}.docx").write_bytes((TEMPLATES / f"{kind}.docx").read_bytes())

    assert template_of(kind, tmp_path).own


@pytest.mark.parametrize("kind", PaperKind)
def test_each_paper_is_filled_whole(kind):
    paper = paper_of(kind)
    text = said_in(fill(template_of(kind), paper))

    assert "{{" not in text
    assert "{%" not in text
    for name in paper.must_show - {"boxes", "children", "needs", "lines", "numbers", "stand_ins", "illustration"}:
        assert f"Sample: {name}" in text, name
    assert paper.mark in text
    assert "Confidential" in text


def test_what_people_typed_is_only_ever_text():
    """(reliability C28)"""
    hostile = "A & B <w:br/> {{ 7*7 }} {% for x in y %}\nsecond line “quoted” ☐"
    paper = replace(sample_of(ProposalNoticePaper), needs=hostile)
    content = fill(template_of(PaperKind.PROPOSAL_NOTICE), paper)

    text = said_in(content)
    assert "A & B <w:br/> {{ 7*7 }} {% for x in y %}" in text
    assert "49" not in text
    assert "second line “quoted” ☐" in text
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "<w:br/>" in xml, "a new line is a new line"


def test_an_empty_part_leaves_no_empty_label():
    paper = replace(sample_of(AgreementPaper), contradiction="", decision_record_needed=False)
    text = said_in(fill(template_of(PaperKind.AGREEMENT), paper))

    assert "An Officer Decision Record is to be completed" not in text
    assert "Sample: contradiction" not in text


def test_a_box_that_is_not_needed_says_why_and_asks_for_no_signature():
    boxes = sample_of(AgreementPaper).boxes
    signed, idle = boxes[0], replace(boxes[1], needed=False, title="Director", note="not needed below £20,000.00")
    text = said_in(fill(template_of(PaperKind.AGREEMENT), replace(sample_of(AgreementPaper), boxes=(signed, idle))))

    assert "Director – not needed below £20,000.00" in text
    assert text.count("Sample: signed_by") == 1


def test_equal_words_have_an_equal_mark_whatever_the_version_and_the_day():
    page = sample_of(OnePage)

    assert replace(page, version="2", made_on="later").mark == page.mark
    assert replace(page, asked="more").mark != page.mark
    assert sample_of(AgreementPaper).mark != page.mark


# --- A council's own template -------------------------------------------------------------------------------


def test_a_councils_own_template_is_used_instead_of_ours(tmp_path):
    own_template(tmp_path, PaperKind.ONE_PAGE, "Our own paper for {{ request }}", *all_of(PaperKind.ONE_PAGE))

    template = template_of(PaperKind.ONE_PAGE, tmp_path)
    assert template.own
    assert "Our own paper for Sample: request" in said_in(fill(template, sample_of(OnePage)))
    assert not template_of(PaperKind.AGREEMENT, tmp_path).own, "where it has none, ours is used"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{{ secret }}", "asks for {{ secret }}, which this paper does not have"),
        ("{{ children[0].address }}", "cannot be filled: "),
        ("{{ authority.__class__.__mro__ }}", "cannot be filled: "),
        ("{{ ''.__class__ }}", "cannot be filled: "),
        ("{% for n in range(1000000000) %}x{% endfor %}", "asks for {{ range }}"),
        ("{{ cycler }}", "asks for {{ cycler }}"),
        ("{% if asked %}", "a tag in it cannot be read"),
        ("{% include 'x' %}", "cannot be"),
        ("{{ asked", "a tag in it cannot be read"),
    ],
)
def test_a_template_that_would_do_more_than_show_is_refused_with_the_reason(tmp_path, line, reason):
    own_template(tmp_path, PaperKind.ONE_PAGE, line, *all_of(PaperKind.ONE_PAGE))
    with pytest.raises(TemplateRefused) as refused:
        template_of(PaperKind.ONE_PAGE, tmp_path)

    assert any(reason in one for one in refused.value.reasons), refused.value.reasons
    assert "one-page.docx" in str(refused.value)


def test_a_notice_without_what_the_law_wants_in_it_is_refused_with_everything_that_is_missing(tmp_path):
    own_template(tmp_path, PaperKind.PROPOSAL_NOTICE, "{{ needs }} {{ basis }} {{ plan }} {{ conditions }}")
    with pytest.raises(TemplateRefused) as refused:
        template_of(PaperKind.PROPOSAL_NOTICE, tmp_path)

    missing = ["answer_until", "how_to_answer", "proposed_amount", "services"]
    assert refused.value.reasons == tuple(
        f"it does not show {{{{ {name} }}}}, which this paper must show" for name in missing
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a Word document"),
        (b"not a zip", "not a Word document"),
        ("zip", "not a Word document"),
        ("macros", "macros"),
        ("bomb", "unpacks to far more"),
        ("damaged", "can be opened"),
    ],
)
def test_a_file_that_is_no_safe_word_document_is_refused(tmp_path, content, reason):
    """(reliability C33)"""
    file = tmp_path / "agreement.docx"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        parts = {
            "zip": {"a.txt": b"x"},
            "macros": {"word/document.xml": b"<x/>", "word/vbaProject.bin": b"x"},
            "bomb": {"word/document.xml": b"0" * 20_000_001},
            "damaged": {"word/document.xml": b"<w:document", "[Content_Types].xml": b"<Types/>"},
        }[content]
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for name, part in parts.items():
                package.writestr(name, part)
    with pytest.raises(TemplateRefused) as refused:
        template_of(PaperKind.AGREEMENT, tmp_path)

    assert any(reason in one for one in refused.value.reasons), refused.value.reasons


def test_words_that_do_not_fit_are_an_error_and_never_a_gap():
    template = Template(name="x.docx", content=written(PaperKind.AGREEMENT), own=False)
    with pytest.raises(TemplateRefused, match="is undefined"):
        fill(template, sample_of(OnePage))


# --- PDF ----------------------------------------------------------------------------------------------------


def test_without_libreoffice_there_is_no_pdf_and_the_word_file_is_the_paper(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoPdf, match="not installed"):
        pdf_of(b"x")


@pytest.mark.parametrize(
    ("does", "made"),
    [
        ('while [ "$1" != --outdir ]; do shift; done; printf %%PDF-1.7 > "$2/paper.pdf"', b"%PDF-1.7"),
        ("exit 1", None),
        ("exit 0", None),
    ],
)
def test_what_libreoffice_makes_is_taken_and_its_failure_is_said(monkeypatch, tmp_path, does, made):
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    if made is None:
        with pytest.raises(NoPdf, match="could not"):
            pdf_of(b"x")
    else:
        assert pdf_of(b"x") == made
