"""The parts our Word templates are made of: plain, printable in black and white, with tables that do not break.

No crest, no colour, no picture. Only `documents/write_templates.py` uses these; what fills a template is in `word.py`.
"""

from __future__ import annotations

from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

FONT = "Arial"
WIDTH_MM = 174.0
_GREY = "E6E6E6"


def new_paper(title: str, foot_name: str, *, confidential: bool = True) -> Word:
    """An empty A4 paper: the council at the head, the paper's name, version and mark at the foot of every page."""
    word = Document()
    section = word.sections[0]
    section.page_height, section.page_width = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.header_distance = section.footer_distance = Mm(9)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(4)
    for level, size in ((1, 17), (2, 12.5)):
        style = word.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(size), True
        style.font.color.rgb = None
        _plain_heading(style)
        style.paragraph_format.space_before = Pt(0 if level == 1 else 10)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
    for name in ("Header", "Footer"):
        word.styles[name].paragraph_format.tab_stops.clear_all()
    head = section.header.paragraphs[0]
    _tabbed(head)
    head.add_run("{{ authority }}").bold = True
    if confidential:
        head.add_run("\tConfidential")
    foot = section.footer.paragraphs[0]
    _tabbed(foot)
    foot.add_run(f"{foot_name} · {{{{ request }}}} · version {{{{ version }}}} · {{{{ mark }}}}\tPage ")
    _field(foot, "PAGE")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES")
    for run in (*head.runs, *foot.runs):
        run.font.size = Pt(8.5)
    word.add_heading(title, level=1)
    return word


def _plain_heading(style: Any) -> None:
    """Word's own headings are blue and of another font: ours are neither."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), FONT)


def _tabbed(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.tab_stops.clear_all()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM), alignment=2)


def _field(paragraph: Paragraph, name: str) -> None:
    """A number that Word works out: the page, or how many there are."""
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, name), ("separate", None), ("text", "1"), ("end", None)):
        if kind == "text":
            run.text = text or ""
            run = paragraph.add_run()
            continue
        run = paragraph.add_run() if kind != "begin" else run
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = f" {name} "
        run._r.append(element)


def para(
    word: Word,
    text: str,
    *,
    bold: bool = False,
    size: float | None = None,
    keep: bool = False,
    before: float | None = None,
) -> Paragraph:
    """A paragraph; `keep` holds it on the page of what follows; `before`: space above it, in points."""
    paragraph = word.add_paragraph()
    run = paragraph.add_run(text)
    run.bold = bold
    if size is not None:
        run.font.size = Pt(size)
    paragraph.paragraph_format.keep_with_next = keep
    if before is not None:
        paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def tag(word: Word, text: str) -> None:
    """A line that holds nothing but a tag, such as `{%p if x %}`: the line itself is gone afterwards."""
    word.add_paragraph(f"{{%p {text} %}}")


def labelled(word: Word, *rows: tuple[str, str], label_mm: float = 48, together: bool = False) -> Table:
    """Labels on the left, what stands beside them on the right. A row is never broken over two pages.

    `together`: neither is the table, as a signatory's box must not be.
    """
    table = _table(word, (label_mm, WIDTH_MM - label_mm))
    for label, value in rows:
        row = table.add_row()
        _whole(row)
        _fill(row.cells[0], label, bold=True, shaded=True)
        _fill(row.cells[1], value)
    if together:
        for row in table.rows[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    return _closed(word, table)


def boxed(word: Word, heading: str, text: str, *, hint: str = "") -> Table:
    """A box with its heading above, as on the form. A long text may go on over the page, its heading not alone."""
    table = _table(word, (WIDTH_MM,))
    head = table.add_row()
    _whole(head)
    _fill(head.cells[0], heading, bold=True, shaded=True)
    head.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    if hint:
        small = head.cells[0].add_paragraph()
        small.add_run(hint).font.size = Pt(9)
        small.paragraph_format.keep_with_next = True
        small.paragraph_format.space_after = Pt(2)
    _fill(table.add_row().cells[0], text)
    return _closed(word, table)


def listed(
    word: Word, heads: tuple[str, ...], loop: str, cells: tuple[str, ...], widths: tuple[float, ...],
    *, right: frozenset[int] = frozenset(), size: float = 10,
) -> Table:  # fmt: skip
    """A table with a row for each item: `loop` is `line in lines`. The heads stand on every page."""
    table = _table(word, widths)
    head = table.add_row()
    _whole(head)
    _repeated(head)
    for number, text in enumerate(heads):
        _fill(head.cells[number], text, bold=True, shaded=True, size=size)
    _tag_row(table, f"for {loop}")
    row = table.add_row()
    _whole(row)
    for number, text in enumerate(cells):
        _fill(row.cells[number], text, size=size)
    _tag_row(table, "endfor")
    for line in (head, row):
        for number in right:
            line.cells[number].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return _closed(word, table)


def signatures(word: Word, *lines: str) -> Table:
    """Room for a hand: the label, and space above a line to sign on."""
    table = _table(word, (48, WIDTH_MM - 48))
    for line in lines:
        row = table.add_row()
        _whole(row)
        row.height = Mm(12)
        _fill(row.cells[0], line, bold=True, shaded=True)
        _fill(row.cells[1], " ")
    return _closed(word, table)


def _table(word: Word, widths: tuple[float, ...]) -> Table:
    table: Table = word.add_table(rows=0, cols=len(widths))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    indent = OxmlElement("w:tblInd")  # the lines of a table stand under those of the text
    indent.set(qn("w:w"), "108")
    indent.set(qn("w:type"), "dxa")
    table._tbl.tblPr.append(indent)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width * (WIDTH_MM - 1.5) / sum(widths))
    return table


def _closed(word: Word, table: Table) -> Table:
    """Each cell has its width, as LibreOffice asks the cell and Word the column; a little room below."""
    for row in table.rows:
        for cell, column in zip(row.cells, table.columns, strict=True):
            cell.width = column.width
    room = word.add_paragraph()
    room.paragraph_format.space_after = Pt(0)
    room.add_run().font.size = Pt(5)
    room.paragraph_format.line_spacing = Pt(7)
    return table


def _fill(cell: _Cell, text: str, *, bold: bool = False, shaded: bool = False, size: float | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.space_before = Pt(2)
    run = paragraph.add_run(text)
    run.bold = bold
    if size is not None:
        run.font.size = Pt(size)
    if shaded:
        shade = OxmlElement("w:shd")
        for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", _GREY)):
            shade.set(qn(name), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _tag_row(table: Table, text: str) -> None:
    table.add_row().cells[0].paragraphs[0].add_run(f"{{%tr {text} %}}")


def _whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _repeated(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
