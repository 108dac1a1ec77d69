"""A process as a drawing: plain SVG, for black and white, for a screen reader, and without other files.

Only presentation attributes are used, so that a page with a strict content security policy shows it too.
"""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from math import hypot

from states.diagram.geometry import LINE, Point, Rect, Text, set_in_lines
from states.diagram.layout import LABEL, NAME, Box, Label, Line, Plan, Tab, lay_out
from states.vocabulary import Anywhere, Process, State

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
INK, QUIET, PAPER, MAIN, SEEN = "#111111", "#4d4d4d", "#ffffff", "#12385b", "#e3e8ee"
DASHES = "7 5"
TITLES = {"case": "The way to a Special Guardianship Order"}
HEAD = 9.0  # the length of an arrow's head


def as_svg(process: Process, *, here: State | None = None, visited: Collection[State] = ()) -> str:
    """A process as one SVG. With `here`, where one case is; with `visited`, where it has been."""
    plan = lay_out(process)
    title = TITLES.get(process.name, f"The {process.name} process")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {plan.width:g} {plan.height:g}" role="img"'
        f' aria-labelledby="{process.name}-title {process.name}-desc" font-family="{FONT}">',
        f'<title id="{process.name}-title">{escape(title)}</title>',
        f'<desc id="{process.name}-desc">{escape(_described(plan, here, visited))}</desc>',
        f'<rect width="{plan.width:g}" height="{plan.height:g}" fill="{PAPER}"/>',
        *_heading(plan, here),
        *(part for line in plan.lines.values() for part in _line(line)),
        *(part for label in plan.labels.values() for part in _label(label)),
        *(part for tab in plan.tabs for part in _tab(tab)),
        *(part for box in plan.boxes.values() for part in _box(plan, box, here, visited)),
        *_legend(plan, here, visited),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(plan: Plan, here: State | None, visited: Collection[State]) -> str:
    """What the drawing shows, for whoever does not see it."""
    said = ["The main way: " + ", then ".join(state.words for state in plan.main_way) + "."]
    others = [state.words for state in plan.process.states if state not in plan.main_way]
    if others:
        said.append("Beside it: " + ", ".join(others) + ".")
    if here is not None:
        said.append(f"This case is at: {here.words}.")
    if visited:
        been = ", ".join(state.words for state in plan.process.states if state in visited)
        said.append(f"It has been at: {been}.")
    return " ".join(said)


def _text(words: str, x: float, y: float, size: float, **more: str) -> str:
    """One line of text with its baseline at `y`."""
    attributes = _attributes({"font_size": f"{size:g}", "fill": INK, **more})
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'


def _rect(room: Rect, **more: str) -> str:
    place = f'x="{room.x:.1f}" y="{room.y:.1f}" width="{room.width:.1f}" height="{room.height:.1f}"'
    return f"<rect {place} {_attributes(more)}/>"


def _attributes(given: dict[str, str]) -> str:
    return " ".join(f'{name.replace("_", "-")}="{escape(value)}"' for name, value in given.items())


def _texts(text: Text, room: Rect, top: float, **more: str) -> list[str]:
    """Lines of text in a room from `top` down: centred, or hanging from their signs."""
    baselines = [top + text.size * 0.93 + number * text.size * LINE for number in range(len(text.lines))]
    if text.centred:
        centred = {"text_anchor": "middle", **more}
        return [
            _text(words, room.centre.x, y, text.size, **centred)
            for (_, words), y in zip(text.lines, baselines, strict=True)
        ]
    left = room.centre.x - text.width / 2
    drawn = []
    for (sign, words), y in zip(text.lines, baselines, strict=True):
        drawn += [_text(sign, left, y, text.size, **more)] if sign else []
        drawn.append(_text(words, left + text.indent, y, text.size, **more))
    return drawn


def _heading(plan: Plan, here: State | None) -> list[str]:
    words = TITLES.get(plan.process.name, f"The {plan.process.name} process")
    told = "The thick line is the usual way; the other steps lead aside, back or out."
    if here is not None:
        told = f"This child is at: {here.words}."
    return [
        _text(words, 36, 44, 26, font_weight="bold"),
        _text(told, 36, 70, LABEL, fill=QUIET),
    ]


def _line(line: Line) -> list[str]:
    ink, width = (MAIN, 5.0) if line.main else (INK, 1.5)
    dashes = f' stroke-dasharray="{DASHES}"' if line.fact else ""
    length = HEAD * (1.9 if line.main else 1.2)
    points = list(line.points)
    points[-1] = _short_of(points[-2], points[-1], length * 0.7)
    if line.back:
        points[0] = _short_of(points[1], points[0], length * 0.7)
    way = " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)
    drawn = [f'<polyline points="{way}" fill="none" stroke="{ink}" stroke-width="{width:g}"{dashes}/>']
    drawn.append(_head(line.points[-2], line.points[-1], length, ink))
    if line.back:
        drawn.append(_head(line.points[1], line.points[0], length, ink))
    return drawn


def _short_of(start: Point, end: Point, by: float) -> Point:
    length = hypot(end.x - start.x, end.y - start.y)
    return Point(end.x - (end.x - start.x) / length * by, end.y - (end.y - start.y) / length * by)


def _head(start: Point, end: Point, length: float, ink: str) -> str:
    whole = hypot(end.x - start.x, end.y - start.y)
    along = Point((end.x - start.x) / whole, (end.y - start.y) / whole)
    base = Point(end.x - along.x * length, end.y - along.y * length)
    half = length * 0.45
    left, right = (
        Point(base.x - along.y * half, base.y + along.x * half),
        Point(base.x + along.y * half, base.y - along.x * half),
    )
    corners = " ".join(f"{corner.x:.1f},{corner.y:.1f}" for corner in (end, left, right))
    return f'<polygon points="{corners}" fill="{ink}"/>'


def _label(label: Label) -> list[str]:
    room = label.rect
    more = {"font_weight": "bold", "fill": MAIN} if label.main else {}
    return [_rect(room.grown(1), fill=PAPER), *_texts(label.text, room, room.y, **more)]


def _tab(tab: Tab) -> list[str]:
    dashes = {"stroke_dasharray": DASHES} if tab.line.fact else {}
    top = tab.rect.y + 5
    return [
        *_line(tab.line),
        _rect(tab.rect, rx="13", fill=PAPER, stroke=QUIET, stroke_width="1.2", **dashes),
        *_texts(tab.text, tab.rect, top),
        *_texts(tab.source, tab.rect, top + tab.text.height, font_style="italic", fill=QUIET),
    ]


def _box(plan: Plan, box: Box, here: State | None, visited: Collection[State]) -> list[str]:
    room, state = box.rect, box.state
    at_this = state is here
    fill = MAIN if at_this else SEEN if state in visited else PAPER
    ink, quiet = (PAPER, PAPER) if at_this else (INK, QUIET)
    edge, width = (MAIN, "3.2") if box.main else (INK, "1.5")
    drawn = [
        f'<g id="{plan.process.name}-{state.name}">',
        _rect(room, rx="6", fill=fill, stroke=edge, stroke_width=width),
    ]
    if state in plan.process.final:
        inner = PAPER if at_this else edge
        drawn.append(_rect(room.grown(-5), rx="4", fill="none", stroke=inner, stroke_width="1.2"))
    top = room.centre.y - (box.words.height + NAME * LINE + box.stays.height) / 2
    drawn += _texts(box.words, room, top, font_weight="bold", fill=ink)
    name = set_in_lines([("", state.name)], NAME, room.width)
    drawn += _texts(name, room, top + box.words.height, fill=quiet)
    drawn += _texts(box.stays, room, top + box.words.height + name.height, fill=quiet)
    if at_this:
        drawn.append(_text("●", room.right - 20, room.y + 19, LABEL, fill=ink))
    elif state in visited:
        drawn.append(_text("✓", room.right - 20, room.y + 19, LABEL, font_weight="bold"))
    drawn.append("</g>")
    return drawn


def _legend(plan: Plan, here: State | None, visited: Collection[State]) -> list[str]:
    """How to read the drawing, and what it leaves out."""
    room, step = plan.legend, LABEL * 1.5
    left, top = room.x + 12, room.y + 18
    keys = (
        (Line(points=_key(left, top), main=True), "the main way"),
        (Line(points=_key(left, top + step)), "another step; two heads: there and back"),
        (Line(points=_key(left, top + 2 * step), fact=True), "a fact: recorded whenever it happens"),
    )
    drawn: list[str] = []
    for number, (line, words) in enumerate(keys):
        drawn += [*_line(line), _text(words, left + 62, top + LABEL / 3 + number * step, LABEL)]
    staying = sum(1 for row in plan.process.rows if row.to is Anywhere.SAME)
    notes = [
        "Rounded: steps that come here from further away.",
        f"↻ A step that stays in its stage. {staying} steps and acts do; the table has them all.",
    ]
    notes += plan.notes
    if here is not None or visited:
        notes.append("Dark: where the child is. Grey with a tick: where the child has been.")
    text = set_in_lines([("·", note) for note in notes], LABEL, room.width - 24)
    around = Rect(room.x, room.y, room.width, 18 + 2.6 * step + text.height + 12)
    return [
        _rect(around, fill="none", stroke=QUIET, stroke_width="0.8"),
        *drawn,
        *_texts(text, Rect(left, 0, text.width, 0), top + 2.6 * step),
    ]


def _key(x: float, y: float) -> tuple[Point, Point]:
    return Point(x, y), Point(x + 50, y)
