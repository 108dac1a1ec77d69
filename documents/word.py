"""A Word paper from a template and its words: sandboxed, strict, and every value escaped (reliability C28).

A template is a .docx file with Jinja tags. Ours are written by `documents/write_templates.py`; a council may put its
own in a folder named in the settings, by the same name. Each is checked before it is used: what it may not do or
forgets to show is said in words, and then ours is not used instead in silence.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.papers import PAPERS, Paper, PaperKind

TEMPLATES: Final = Path(__file__).parent / "templates"
SUFFIX: Final = ".docx"
LARGEST, LARGEST_UNPACKED, MOST_PARTS = 2_000_000, 20_000_000, 200


class TemplateRefused(Exception):
    """A template cannot be used. `reasons` lists everything that is wrong with it."""

    def __init__(self, name: str, reasons: tuple[str, ...]) -> None:
        self.name, self.reasons = name, reasons
        super().__init__(f"The template {name} cannot be used: {'; '.join(reasons)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that was checked: its name, its content, and the hash by which a paper remembers it."""

    name: str
    content: bytes
    own: bool  # the council's own

    @property
    def sha256(self) -> str:
        """The hash of the file."""
        return sha256(self.content).hexdigest()


def template_of(kind: PaperKind, folder: Path | None = None) -> Template:
    """The council's own template of a paper where its folder has one, else ours. Raises TemplateRefused."""
    name = f"{kind}{SUFFIX}"
    own = folder is not None and (folder / name).exists()
    path = folder / name if folder is not None and own else TEMPLATES / name
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST else None
    except OSError as error:
        raise TemplateRefused(name, (f"it cannot be read: {error.strerror}",)) from None
    if content is None:
        raise TemplateRefused(name, (f"it is larger than {LARGEST // 1_000_000} MB",))
    template = Template(name=name, content=content, own=own)
    if own and (reasons := faults(template, kind)):
        raise TemplateRefused(name, reasons)
    return template


def faults(template: Template, kind: PaperKind) -> tuple[str, ...]:
    """Everything that is wrong with a template of a paper; nothing when it can be used."""
    if (unsafe := _unsafe(template.content)) is not None:
        return (unsafe,)
    from docxtpl import DocxTemplate  # slow to load, and few processes write papers

    paper = PAPERS[kind]
    try:
        used = DocxTemplate(io.BytesIO(template.content)).get_undeclared_template_variables(_environment())
    except TemplateError as error:
        return (f"a tag in it cannot be read: {error}",)
    except Exception as error:  # noqa: BLE001 - a damaged .docx fails in python-docx in dozens of ways
        return (f"it is no Word document that can be opened ({type(error).__name__})",)
    unknown = sorted(used - paper.known())
    missing = sorted(paper.must_show - used)
    found = [f"it asks for {{{{ {name} }}}}, which this paper does not have" for name in unknown]
    found += [f"it does not show {{{{ {name} }}}}, which this paper must show" for name in missing]
    if not found:
        try:
            _rendered(template, _sample(paper))
        except TemplateError as error:
            found.append(f"it cannot be filled: {error}")
        except Exception as error:  # noqa: BLE001 - tags across tables break the XML in dozens of ways
            found.append(f"what comes of it is no Word document ({type(error).__name__})")
    return tuple(found)


def fill(template: Template, paper: Paper) -> bytes:
    """The paper as a .docx file. Raises TemplateRefused where the words do not fit the template."""
    try:
        return _rendered(template, paper.words())
    except TemplateError as error:
        raise TemplateRefused(template.name, (str(error),)) from None


def _rendered(template: Template, words: dict[str, Any]) -> bytes:
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(template.content))
    document.render(words, jinja_env=_environment(), autoescape=True)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _environment() -> ImmutableSandboxedEnvironment:
    """Strict and sandboxed: nothing can be called, changed or left out. A new one each time, as docxtpl adds to it."""
    environment = ImmutableSandboxedEnvironment(loader=DictLoader({}), undefined=StrictUndefined, autoescape=True)
    environment.globals.clear()
    return environment


def _unsafe(content: bytes) -> str | None:
    """Why a file must not be opened as a Word document: not one, packed too tightly, or with macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if "word/document.xml" not in names:
                return "it is not a Word document (.docx)"
            if any("vbaproject" in name.lower() for name in names):
                return "it carries macros"
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                return "it unpacks to far more than a template could be"
    except zipfile.BadZipFile:
        return "it is not a Word document (.docx)"
    return None


def _sample(paper: type[Paper]) -> dict[str, Any]:
    """Words of the right shape for a trial: each name with something in it."""
    from documents.samples import sample_of

    return sample_of(paper).words()
