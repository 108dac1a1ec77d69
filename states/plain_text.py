"""Text that people type: what may stand in it, and what is wrong with one that may not be kept (reliability C27).

A NUL or a control character breaks databases, files and mails; a bidi override lets a line read as something it
does not say. Line ends differ by machine and are made alike.
"""

from __future__ import annotations

import re
import unicodedata

#: What never stands in a text: controls (tab and line feed apart), and what turns the direction of a whole
#: stretch. The plain direction marks and joiners stay: some scripts, and the names written in them, need them.
_NEVER = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff"
#: A whole text of several lines, and of one line: as patterns that pydantic checks by itself.
LINES = rf"^[^{_NEVER}]*$"
ONE_LINE = rf"^[^\t\n{_NEVER}]*$"

_WRONG = re.compile(f"[{_NEVER}\ud800-\udfff]")
_WRONG_IN_A_LINE = re.compile(f"[\t\n{_NEVER}\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


#: A reference as it may be typed: alone, before a rule or an entry (SG-…:D-05), or as the value of a field.
_TYPED = re.compile(r"(?P<before>[a-z_]+=)?(?P<ref>(?:sg|fr|mt)-[0-9a-z]{8})(?P<after>:.*)?", re.IGNORECASE)


def as_written(word: str) -> str:
    """A word of a command line or an address with its reference in capitals, as references are written (5.11)."""
    found = _TYPED.fullmatch(word)
    if found is None:
        return word
    return (found["before"] or "") + found["ref"].upper() + (found["after"] or "")


def made_alike(text: str) -> str:
    """The same text with every kind of line end as a line feed, and without spaces that have no width."""
    return text if text.isascii() and "\r" not in text else _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))


def what_is_wrong(text: str, *, one_line: bool) -> str | None:
    """What may not stand in a text, in words that follow "it"; None when all may."""
    found = (_WRONG_IN_A_LINE if one_line else _WRONG).search(text)
    if found is None:
        return None
    sign, place = found[0], found.start() + 1
    if sign in "\n\r\x85\u2028\u2029":
        return f"goes on in a second line after {place - 1} characters: write it in one"
    return f"holds {_name(sign)} as character {place}: take it out"


def fault_of_name(text: str, *, longest: int) -> str | None:
    """What keeps a text from being a name or another single line of at most `longest` characters."""
    if not text.strip():
        return "is empty"
    if (wrong := what_is_wrong(text, one_line=True)) is not None:
        return wrong
    return f"is too long: {len(text)} characters, at most {longest}" if len(text) > longest else None


def _name(sign: str) -> str:
    if sign == "\t":
        return "a tab"
    if sign == "\x00":
        return "a NUL character"
    if sign in _BIDI:
        return f"a sign that turns the direction of writing (U+{ord(sign):04X})"
    if unicodedata.category(sign) == "Cs":
        return "half a character"
    if unicodedata.category(sign) == "Cc":
        return f"a control character (U+{ord(sign):04X})"
    return f"an invisible character (U+{ord(sign):04X})"
