"""From a notice and its words to a message: sandboxed, strict, and the same words for everybody.

Bodies are rendered when they are sent and never stored; what is kept is the version of the templates
(reliability E.3). People's text is only ever a value, never a template (reliability C28).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from notifications.contexts import (
    LETTERS,
    RESTRICTED_FOLDER,
    RESTRICTED_HEADING,
    Envelope,
    Letter,
    Mail,
    Paragraph,
    Subject,
    as_words,
    paragraph_words,
)
from notifications.digests import DIGEST_FOLDER, DigestMail, DigestWords, digest_words, headline
from notifications.wording import one_line, why
from states.vocabulary import Notice, Party

TEMPLATES = Path(__file__).parent / "templates"
_MAIL_LAYOUT = ("_layout.txt", "_layout.html", "_parts.txt", "_parts.html")
_MAIL_FILES = ("subject.txt", "body.txt", "body.html")
_WRONG = (TemplateError, KeyError, TypeError, ValueError)  # an unknown word, template, role or type


class NotRendered(Exception):
    """A message could not be put into words; nothing has been sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A mail in words. `template_version` is the hash of every template that had a part in it."""

    subject: str
    text: str
    html: str
    template_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedLetter:
    """A letter as one HTML page to print."""

    html: str
    template_version: str


def environment() -> ImmutableSandboxedEnvironment:
    """The environment every template is rendered in: strict, sandboxed, HTML escaped."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return environment()


def render(notices: Sequence[Notice], mail: Mail) -> Rendered:
    """One mail that carries these notices, most urgent first; the first gives it its subject.

    A restricted child's mail does not say what kind of step it is about (reliability E.2).
    Raises NotRendered where a word is missing or a header would be broken.
    """
    if not notices:
        raise NotRendered("There is nothing to say.")
    if letters := [notice.id for notice in notices if notice.is_letter]:
        raise NotRendered(f"Carers get letters, not mails: {', '.join(letters)} (design 5.11).")
    folders = _folders(notices, mail)
    try:
        subject = _fill(f"{folders[0]}/subject.txt", Subject(system_name=mail.system_name))
        text = _fill("_layout.txt", _envelope(notices, mail, ".txt"))
        html = _fill("_layout.html", _envelope(notices, mail, ".html"))
    except _WRONG as wrong:
        raise NotRendered(f"{type(wrong).__name__} in {', '.join(folders)}: the words do not fit.") from wrong
    return Rendered(
        subject=_header(subject),
        text=_tidy(text),
        html=html,
        template_version=_mail_version(folders),
    )


def render_digest(mail: DigestMail) -> Rendered:
    """One person's digest. Raises NotRendered where a word is missing or a header would be broken."""
    try:
        words = digest_words(mail)
        subject = _fill(f"{DIGEST_FOLDER}/subject.txt", Subject(system_name=mail.system_name))
        text = _fill("_layout.txt", _around(mail, words, ".txt"))
        html = _fill("_layout.html", _around(mail, words, ".html"))
    except _WRONG as wrong:
        raise NotRendered(f"{type(wrong).__name__} in {DIGEST_FOLDER}: the words do not fit.") from wrong
    return Rendered(
        subject=_header(subject), text=_tidy(text), html=html, template_version=_mail_version((DIGEST_FOLDER,))
    )


def _around(mail: DigestMail, words: DigestWords, ending: str) -> Envelope:
    body = _fill(f"{DIGEST_FOLDER}/body{ending}", words)
    # already escaped by its own template, which ends in .html
    said = Markup(body) if ending == ".html" else body.strip()  # noqa: S704
    return Envelope(
        greeting_name=one_line(mail.greeting_name),
        system_name=mail.system_name,
        paragraphs=(Paragraph(heading=headline(mail), body=said),),
        case_ref=None,
        known_as=None,
        link=None,
        why=why(Party.READER),
        covering=False,
        calendar=False,
        diary_by_hand=False,
    )


def render_letter(notice: Notice, letter: Letter) -> RenderedLetter:
    """One letter, for its addressee alone. Raises NotRendered where a word is missing."""
    wanted = LETTERS.get(notice.folder)
    if wanted is None or type(letter) is not wanted:
        raise NotRendered(f"{notice.id} is not written with {type(letter).__name__}.")
    name = f"{notice.folder}/letter.html"
    try:
        html = _fill(name, letter)
    except _WRONG as wrong:
        raise NotRendered(f"{type(wrong).__name__} in {notice.folder}: the words do not fit.") from wrong
    return RenderedLetter(html=html, template_version=_version(("_letter.html", name)))


def _folders(notices: Sequence[Notice], mail: Mail) -> tuple[str, ...]:
    return (RESTRICTED_FOLDER,) if mail.restricted else tuple(notice.folder for notice in notices)


def _envelope(notices: Sequence[Notice], mail: Mail, ending: str) -> Envelope:
    paragraphs = (
        [_paragraph(RESTRICTED_FOLDER, RESTRICTED_HEADING, notices[0], mail, ending)]
        if mail.restricted
        else [_paragraph(notice.folder, notice.words, notice, mail, ending) for notice in notices]
    )
    return Envelope(
        greeting_name=one_line(mail.greeting_name),
        system_name=mail.system_name,
        paragraphs=tuple(paragraphs),
        case_ref=mail.case_ref,
        known_as=one_line(mail.known_as) if mail.known_as and not mail.restricted else None,
        link=mail.link,
        why=why(mail.because),
        covering=mail.covering,
        calendar=mail.calendar,
        diary_by_hand=mail.diary_by_hand,
    )


def _paragraph(folder: str, heading: str, notice: Notice, mail: Mail, ending: str) -> Paragraph:
    body = _fill(f"{folder}/body{ending}", paragraph_words(notice, mail))
    # already escaped by its own template, which ends in .html
    return Paragraph(heading=heading, body=Markup(body) if ending == ".html" else body.strip())  # noqa: S704


def _fill(name: str, context: Any) -> str:
    return _environment().get_template(name).render(as_words(context))


def _header(subject: str) -> str:
    subject = subject.strip()
    if subject != one_line(subject):
        raise NotRendered("A subject is one line (reliability C34).")
    return subject


def _tidy(text: str) -> str:
    """No more than one empty line in a row, and one line end at the end."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


@cache
def _mail_version(folders: tuple[str, ...]) -> str:
    return _version((*_MAIL_LAYOUT, *(f"{folder}/{file}" for folder in folders for file in _MAIL_FILES)))


def _version(names: Iterable[str]) -> str:
    sources = hashlib.sha256()
    for name in names:
        content = (TEMPLATES / name).read_bytes()
        sources.update(f"{name}\0{len(content)}\0".encode() + content)
    return sources.hexdigest()
