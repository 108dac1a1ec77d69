"""Rectangles, lines and the room that text takes: enough to know that nothing drawn covers anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Widths of Helvetica and Arial in thousandths of the size; what is not named here is as wide as a digit.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 222),
    **dict.fromkeys("ftI.,:;/!()[] ·-", 278),
    **dict.fromkeys("r", 333),
    **dict.fromkeys("cksvxyzJ", 500),
    **dict.fromkeys("FTZL", 611),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833),
    **dict.fromkeys("W←→↻●✓", 1000),
}
LINE = 1.22  # the height of a line of text, in its size
_BOLD_IS_WIDER = 1.08
_TO_BE_SAFE = 1.03  # other fonts stand in where neither of the two is installed


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the drawing; y grows downwards."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """The middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def grown(self, by: float) -> Rect:
        """The same with a margin all round; a negative one shrinks it."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def covers(self, other: Rect) -> bool:
        """Whether the two share any room."""
        return _reach(self.x, self.right, other.x, other.right) and _reach(self.y, self.bottom, other.y, other.bottom)

    def holds(self, other: Rect) -> bool:
        """Whether the other lies wholly inside."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom

    def crossed_by(self, start: Point, end: Point) -> bool:
        """Whether a straight line runs through (Liang and Barsky's clipping)."""
        dx, dy = end.x - start.x, end.y - start.y
        first, last = 0.0, 1.0
        for move, room in (
            (-dx, start.x - self.x),
            (dx, self.right - start.x),
            (-dy, start.y - self.y),
            (dy, self.bottom - start.y),
        ):
            if move == 0:
                if room <= 0:
                    return False
                continue
            at = room / move
            if move < 0:
                first = max(first, at)
            else:
                last = min(last, at)
        return first < last


def crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the lines a-b and c-d cross, touch or run upon each other."""
    on_c, on_d, on_a, on_b = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if on_c == on_d == 0:  # both upon one line: do they share a stretch of it?
        return _reach(a.x, b.x, c.x, d.x) and _reach(a.y, b.y, c.y, d.y)
    return on_c * on_d <= 0 and on_a * on_b <= 0


def _side(p: Point, q: Point, r: Point) -> float:
    """On which side of the line p-q a point lies; 0 upon it."""
    return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)


def _reach(a: float, b: float, c: float, d: float) -> bool:
    return min(a, b) <= max(c, d) and min(c, d) <= max(a, b)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, never less than it is."""
    thousandths = sum(_WIDTHS.get(letter, 556) for letter in text)
    return thousandths / 1000 * size * (_BOLD_IS_WIDER if bold else 1) * _TO_BE_SAFE


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """A text in lines no wider than `width`, as even as its words allow."""
    count = len(_filled(text.split(), size, width, bold))
    narrow, wide = 0.0, width
    for _ in range(12):  # the narrowest width that needs no more lines
        middle = (narrow + wide) / 2
        if len(_filled(text.split(), size, middle, bold)) > count:
            narrow = middle
        else:
            wide = middle
    return tuple(_filled(text.split(), size, wide, bold))


def _filled(words: list[str], size: float, width: float, bold: bool) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Texts broken into lines: one alone is centred; several hang from a sign each."""

    lines: tuple[tuple[str, str], ...]  # (sign, words); a line that goes on has no sign
    indent: float  # how far the words stand in from the signs
    size: float
    width: float

    @property
    def centred(self) -> bool:
        """Whether the lines are centred rather than hung from signs."""
        return not self.indent

    @property
    def height(self) -> float:
        """The height of all lines."""
        return len(self.lines) * self.size * LINE


def set_in_lines(texts: Sequence[tuple[str, str]], size: float, width: float, *, bold: bool = False) -> Text:
    """(sign, text) pairs in lines no wider than `width`."""
    indent = max((text_width(sign, size) + size * 0.25 for sign, _ in texts if sign), default=0.0)
    lines: list[tuple[str, str]] = []
    for sign, text in texts:
        first, *others = wrapped(text, size, width - indent, bold=bold)
        lines += [(sign, first), *(("", other) for other in others)]
    widest = max((text_width(words, size, bold=bold) for _, words in lines), default=0.0)
    return Text(lines=tuple(lines), indent=indent, size=size, width=indent + widest)


def signed(texts: Sequence[str], sign: str = "·") -> list[tuple[str, str]]:
    """Texts with their signs: none where there is only one."""
    return [(sign if len(texts) > 1 else "", text) for text in texts]
