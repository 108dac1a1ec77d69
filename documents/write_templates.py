"""Write our Word templates: `python -m documents.write_templates`. What stands in them can be read here.

Appendix C, Appendix D and the Officer Decision Record keep the sections, their order and their words of the forms
that the guidance gives (SEED 003); the rest is ours. The files are kept beside this one, so that a council can
take one, change it and put it in its own folder.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from docx.document import Document as Word
from docx.shared import Pt

from documents.papers import PaperKind
from documents.template_parts import boxed, labelled, listed, new_paper, para, signatures, tag
from documents.word import SUFFIX, TEMPLATES

PICTURE = "docProps/thumbnail.jpeg"  # of the library's own empty paper
CHILDREN_HEADS = ("Child or young person", "Case system id", "Date of birth")
CHILDREN_CELLS = ("{{ child.name }}", "{{ child.council_id }}", "{{ child.born }}")


def needs_assessment() -> Word:
    """Appendix C."""
    word = new_paper("Needs assessment: special guardianship funding request", PaperKind.NEEDS_ASSESSMENT.short)
    labelled(
        word,
        ("Worker completing assessment", "{{ worker }}"),
        ("Date", "{{ written_on }}"),
        ("When", "The money is for the time {{ timing }}."),
    )
    _children(word)
    labelled(word, ("Carer(s)", "{{ carers }}"))
    boxed(word, "Purpose of/reason for management oversight", "{{ oversight_reason }}")
    boxed(word, "Financial request", "{{ financial_request }}")
    word.add_heading("Needs assessment", level=2)
    boxed(word, "Past harm/reason for becoming looked after", "{{ past_harm }}")
    required = "and what is required from the carer(s) to meet these needs now and in the future"
    for heading, what, name in (
        ("Identity", "identity needs", "identity"),
        ("Health", "health needs", "health"),
        ("Education", "educational needs", "education"),
        ("Social, emotional and behavioural development", "social, emotional and behavioural needs", "development"),
    ):
        boxed(word, heading, f"{{{{ {name} }}}}", hint=f"The child's {what} {required}.")
    boxed(word, "Family relationships and contact (family time)", "{{ family }}")
    boxed(word, "What is required from carer(s)?", "{{ carers_part }}")
    word.add_heading("Needs now, in the medium term and in the long term", level=2)
    listed(
        word,
        ("When", "The child's need", "How the carers meet it", "What the funding adds"),
        "need in needs",
        ("{{ need.horizon }}", "{{ need.need }}", "{{ need.met_by_carers }}", "{{ need.funding_adds }}"),
        (24, 50, 50, 50),
    )
    tag(word, "if differences")
    boxed(word, "How the children's needs differ", "{{ differences }}")
    tag(word, "endif")
    boxed(word, "Child's voice", "{{ childs_voice }}", hint="Heard on {{ voice_heard_on }}.")
    boxed(word, "Decision", "{{ decision }}")
    boxed(word, "Actions", "{{ actions }}")
    return word


def agreement() -> Word:
    """Appendix D, with a box for each signatory."""
    word = new_paper("Financial agreement sign off", PaperKind.AGREEMENT.short)
    para(word, "{{ kind_words }}, {{ timing }}. {{ status }}", bold=True)
    _children(word)
    labelled(
        word,
        ("Carer(s)", "{{ carers }}"),
        ("Amount", "{{ amount }}"),
        ("Period", "{{ period }}"),
        ("In a full year", "{{ full_year }}"),
        ("Budget code", "{{ budget_code }}"),
    )
    boxed(word, "Background/reason for decision/financial implications", "{{ background }}")
    boxed(
        word, "Detail of any alternative options considered when making this decision", "{{ alternatives }}"
    )
    boxed(word, "Background documents", "{{ documents }}")
    boxed(word, "Conditions", "{{ conditions }}")
    word.add_heading("Recommendation and signatures", level=2)
    tag(word, "for box in boxes")
    tag(word, "if box.needed")
    para(word, "{{ box.title }}", bold=True, keep=True, before=9)
    labelled(
        word,
        ("Amount", "{{ box.amount }}"),
        ("Overview and recommendation", "{{ box.overview }}"),
        ("Signed", "{{ box.signed_by }}"),
        ("Date", "{{ box.signed_on }}"),
        together=True,
    )
    tag(word, "if box.prompt")
    para(word, "{{ box.prompt }}", size=9)
    tag(word, "endif")
    tag(word, "if box.note")
    para(word, "{{ box.note }}", size=9)
    tag(word, "endif")
    tag(word, "endif")
    tag(word, "if not box.needed")
    para(word, "{{ box.title }} – {{ box.note }}", size=9.5)
    tag(word, "endif")
    tag(word, "endfor")
    _authority(word)
    tag(word, "if decision_record_needed")
    para(word, "An Officer Decision Record is to be completed with this agreement.", bold=True)
    tag(word, "endif")
    return word


def decision_record() -> Word:
    """The Officer Decision Record of Appendix D."""
    word = new_paper("Officer Decision Record", PaperKind.DECISION_RECORD.short)
    labelled(
        word,
        ("Decision title", "{{ title }}"),
        ("Decision maker", "{{ decision_maker }}"),
        ("Date of decision", "{{ decided_on }}"),
        ("Date decision effective from", "{{ effective_from }}"),
        ("Background/reason for decision/financial implications", "{{ background }}"),
        ("Detail of any alternative options considered when making this decision", "{{ alternatives }}"),
        ("Officers consulted as part of decision", "{{ consulted }}"),
        ("Decision", "{{ decision }}"),
        ("EHRIA implications", "{{ equality }}"),
        ("Conflicts of interest declared", "{{ interests }}"),
        ("Background documents", "{{ documents }}"),
        ("Authority to decide", "{{ clause }}"),
    )
    tag(word, "if contradiction")
    para(word, "{{ contradiction }}", size=9)
    tag(word, "endif")
    para(word, "{{ confirmed }}", keep=True)
    signatures(word, "Signed", "Date")
    para(
        word,
        "Kept for six years, its background papers for four. Not for publication: it holds personal information "
        "about a child.",
        size=9,
    )
    return word


def proposal_notice() -> Word:
    """The notice of proposed decision."""
    word = new_paper("Notice of proposed decision: special guardianship support", PaperKind.PROPOSAL_NOTICE.short)
    _letter(word)
    para(
        word,
        "We are writing to tell you what we propose, before anything is decided. You can tell us what you think of it "
        "until {{ answer_until }}. No decision is made before then, unless you tell us that you are satisfied.",
    )
    boxed(word, "What {{ about }} and your family need", "{{ needs }}")
    boxed(word, "How we work out financial support", "{{ basis }}")
    boxed(word, "Services we propose", "{{ services }}")
    boxed(word, "The amount we propose", "{{ proposed_amount }}")
    boxed(word, "Conditions we propose", "{{ conditions }}")
    boxed(word, "The draft plan", "{{ plan }}")
    boxed(word, "How to tell us what you think, by {{ answer_until }}", "{{ how_to_answer }}")
    tag(word, "if shortened_because")
    para(word, "The time to answer is shorter than usual: {{ shortened_because }}")
    tag(word, "endif")
    _close(word)
    return word


def decision_notice() -> Word:
    """The notice of decision, and what the carers agree to tell the council."""
    word = new_paper("Notice of decision: special guardianship support", PaperKind.DECISION_NOTICE.short)
    _letter(word)
    tag(word, "if agreed")
    para(word, "We have decided to give financial support for {{ about }}. This notice says what, and why.")
    tag(word, "endif")
    tag(word, "if not agreed")
    para(word, "We have decided not to give the financial support asked for {{ about }}. This notice says why.")
    tag(word, "endif")
    boxed(word, "Our decision and the reasons for it", "{{ reasons }}")
    boxed(word, "What is paid", "{{ payment }}")
    boxed(word, "How the amount is worked out", "{{ how_determined }}")
    boxed(word, "Conditions, until when, and what follows if they are not met", "{{ conditions }}")
    tag(word, "if charge_warning")
    boxed(word, "IMPORTANT: your home", "{{ charge_warning }}")
    tag(word, "endif")
    boxed(word, "The support plan, and who watches over it", "{{ plan_and_monitor }}")
    boxed(word, "How it is reviewed, changed and ended", "{{ review }}")
    boxed(word, "What each side is responsible for", "{{ responsibilities }}")
    _close(word)
    tag(word, "if periodic")
    word.add_heading("What you agree to tell us", level=2)
    para(word, "Regular money is paid once you have signed this. You agree to tell us at once of:", keep=True)
    for line in (
        "a change of your address;",
        "the child's death;",
        "the child no longer having a home with you, leaving full-time education or training and starting work, "
        "qualifying for a benefit in their own right, or turning 18;",
        "a change in your means or in the child's needs.",
    ):
        para(word, f"•  {line}", keep=True).paragraph_format.left_indent = Pt(12)
    para(
        word,
        "If you tell us by word of mouth, you confirm it in writing within 7 days. Once a year you send us a statement "
        "of your means, the child's needs, your address, and whether the child still lives with you.",
        keep=True,
    )
    signatures(word, "Signed (1)", "Signed (2)", "Date")
    tag(word, "endif")
    return word


def one_page() -> Word:
    """The decision on one page."""
    word = new_paper("Decision wanted: one page", PaperKind.ONE_PAGE.short)
    para(word, "{{ kind_words }}, {{ timing }}. To be decided by: {{ who_signs }}", bold=True)
    labelled(
        word,
        ("What is asked", "{{ asked }}"),
        ("Why", "{{ why }}"),
    )
    _children(word)
    labelled(
        word,
        ("Cost this year", "{{ this_year }}"),
        ("In a full year", "{{ full_year }}"),
        ("Until the eighteenth birthday", "{{ to_eighteen }}"),
    )
    labelled(
        word,
        ("Recommendation", "{{ recommendation }}"),
        ("Dissent", "{{ dissent }}"),
        ("Second view", "{{ second_view }}"),
        ("DMT", "{{ dmt }}"),
        ("Carers' views", "{{ carers_views }}"),
        ("Clause", "{{ clause }}"),
    )
    tag(word, "if contradiction")
    para(word, "{{ contradiction }}", size=9)
    tag(word, "endif")
    labelled(
        word,
        ("Decision", "☐ Approve     ☐ Return with questions     ☐ Refuse"),
        ("Reasons or questions", "\n\n"),
    )
    signatures(word, "Signed, post and date")
    para(word, "The request as you read it has the mark {{ shown_mark }}: it is asked for at the signature.", size=9)
    return word


def calculation_sheet() -> Word:
    """The carer's calculation sheet."""
    word = new_paper("How the allowance was worked out", PaperKind.CALCULATION_SHEET.short)
    tag(word, "if illustration")
    boxed(
        word,
        "Illustration only",
        "This shows what the allowance might be. Nothing has been decided, and the decision may be different.",
    )
    tag(word, "endif")
    para(word, "For {{ names }}, as things were on {{ on }}.", keep=True)
    listed(word, ("For", "The allowance"), "child in children", ("{{ child.name }}", "{{ child.answer }}"), (58, 116))
    tag(word, "if total")
    para(word, "{{ total }}", bold=True)
    tag(word, "endif")
    word.add_heading("In short", level=2)
    para(word, "{{ in_short }}")
    tag(word, "if stand_ins")
    para(word, "Some rates are stand-ins:", bold=True, keep=True)
    tag(word, "for one in stand_ins")
    para(word, "•  {{ one }}").paragraph_format.left_indent = Pt(12)
    tag(word, "endfor")
    tag(word, "endif")
    word.add_heading("Your household", level=2)
    _figures(word, "line in lines")
    tag(word, "for child in children")
    para(word, "{{ child.name }}, {{ child.age }}", bold=True, size=12.5, keep=True)
    _figures(word, "line in child.lines")
    tag(word, "if child.birthday")
    para(word, "{{ child.birthday }}")
    tag(word, "endif")
    para(
        word,
        "The allowance can be paid until {{ child.last_day }}, the day before the eighteenth birthday. After that it "
        "goes on only if the council decides so, because the young person is still in full-time education or training.",
    )
    tag(word, "endfor")
    word.add_heading("What you can do", level=2)
    for line in (
        "Check every figure. If one is wrong or something is missing, tell us and it is worked out again.",
        "Tell us of outgoings that are not on this sheet, or of anything in your circumstances that makes it unfair "
        "to you, such as the way Child Benefit is treated. We look at it and answer with reasons.",
        "Ask us to go through this sheet with you.",
    ):
        para(word, f"•  {line}").paragraph_format.left_indent = Pt(12)
    word.add_heading("Where the numbers come from", level=2)
    listed(
        word,
        ("What", "What it says", "Whose authority", "Source"),
        "one in numbers",
        ("{{ one.what }}", "{{ one.says }}", "{{ one.whose }}", "{{ one.source }}"),
        (38, 52, 44, 40),
        size=8.5,
    )
    para(
        word,
        "Figures are shown to the nearest penny, but were worked out without rounding; only the allowance itself is "
        "rounded, a half penny upwards. A year has 52 weeks or 12 months here. {{ calculation }}",
        size=9,
    )
    return word


def _children(word: Word) -> None:
    listed(word, CHILDREN_HEADS, "child in children", CHILDREN_CELLS, (74, 50, 50))


def _figures(word: Word, loop: str) -> None:
    listed(
        word,
        ("", "", "a week", "a month"),
        loop,
        (
            "{{ line.letter }}",
            "{{ line.title }}{% if line.words %}\n{{ line.words }}{% endif %}",
            "{{ line.weekly }}",
            "{{ line.monthly }}",
        ),
        (10, 108, 28, 28),
        right=frozenset({2, 3}),
        size=9.5,
    )


def _letter(word: Word) -> None:
    para(word, "{{ to }}")
    para(word, "{{ sent_on }}")
    para(word, "About: {{ about }}", bold=True)


def _close(word: Word) -> None:
    para(word, "{{ contact }}")


def _authority(word: Word) -> None:
    labelled(word, ("Authority to decide", "{{ clause }}"))
    tag(word, "if contradiction")
    para(word, "{{ contradiction }}", size=9)
    tag(word, "endif")


WRITERS: dict[PaperKind, Callable[[], Word]] = {
    PaperKind.NEEDS_ASSESSMENT: needs_assessment,
    PaperKind.AGREEMENT: agreement,
    PaperKind.DECISION_RECORD: decision_record,
    PaperKind.PROPOSAL_NOTICE: proposal_notice,
    PaperKind.DECISION_NOTICE: decision_notice,
    PaperKind.CALCULATION_SHEET: calculation_sheet,
    PaperKind.ONE_PAGE: one_page,
}


def written(kind: PaperKind) -> bytes:
    """A template as a file: the same bytes each time, so that a review sees only what changed."""
    word = WRITERS[kind]()
    word.core_properties.author = "SGO pathway"
    word.core_properties.title = kind.words
    raw = io.BytesIO()
    word.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for name in sorted(package.namelist(), key=lambda part: (part != "[Content_Types].xml", part)):
            if name == PICTURE:
                continue
            content = package.read(name)
            if name == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*%s[^>]*/>" % PICTURE.encode(), b"", content)
            again.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def main(folder: Path = TEMPLATES) -> None:
    """Write every template."""
    for kind in PaperKind:
        (folder / f"{kind}{SUFFIX}").write_bytes(written(kind))
        sys.stdout.write(f"{kind}{SUFFIX}\n")


if __name__ == "__main__":
    main()
