"""What each notice looks like, with invented words: for whoever keeps the system."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from casework.errors import NotFound
from notifications.contexts import LETTERS, Letter, Mail, MeetingSeen
from notifications.rendering import render, render_letter
from states.notices import DIGEST, NOTICES
from states.vocabulary import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One notice of the catalogue."""

    id: str
    words: str
    to: tuple[str, ...]
    how: str  # at once | in the digest | letter
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A notice as it would be read. `subject` is None for a letter."""

    line: NoticeLine
    subject: str | None
    text: str | None
    html: str | None


def catalogue() -> list[NoticeLine]:
    """Every notice, most urgent first."""
    return [_line(notice) for notice in NOTICES.values()]


def preview(notice_id: str, *, system_name: str, today: date) -> Previewed:
    """One notice with an invented reader, reference and date. Raises NotFound for an id that no notice has."""
    notice = NOTICES.get(notice_id)
    if notice is None:
        raise NotFound("notice")
    line = _line(notice)
    if notice.is_letter:
        return Previewed(line=line, subject=None, text=None, html=_letter(notice, today))
    if notice is DIGEST:
        return Previewed(line=line, subject=None, text=None, html=None)
    mail = render(
        [notice],
        Mail(
            greeting_name="Alex Example",
            system_name=system_name,
            because=str(notice.to[0]),
            case_ref="SG-EXAMPLE1",
            due_on=today,
            meeting=MeetingSeen(held_on=today, starts_at="10:00", body="Review Group", ref="MT-EXAMPLE1"),
        ),
    )
    return Previewed(line=line, subject=mail.subject, text=mail.text, html=None)


def _line(notice: Notice) -> NoticeLine:
    how = "letter" if notice.is_letter else ("at once" if notice.delivery.value == "now" else "in the digest")
    return NoticeLine(
        id=notice.id, words=notice.words, to=tuple(str(one) for one in notice.to), how=how, rule=notice.rule
    )


def _letter(notice: Notice, today: date) -> str:
    kind: type[Letter] = LETTERS[notice.folder]
    values: dict[str, Any] = {field.name: _invented(field.name, str(field.type), today) for field in fields(kind)}
    return render_letter(notice, kind(**values)).html


def _invented(name: str, kind: str, today: date) -> Any:
    if "bool" in kind:
        return True
    if "int" in kind:
        return 3
    if "tuple" in kind:
        return ()
    if name.endswith("_on") or "date" in name:
        return f"{today.day} {today:%B %Y}"
    return f"[{name.replace('_', ' ')}]"
