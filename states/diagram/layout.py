"""Where everything on the drawing of a process goes, so that no line crosses a box or a text.

The stages stand in the grid that the process gives them. Arrows run between neighbours, or along a lane
between two rows. What cannot be drawn without crossing something is named at the stage it leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot

from states.diagram.arrows import Arrow, Gathered, draw
from states.diagram.geometry import LINE, Point, Rect, Text, crosses, set_in_lines, signed
from states.diagram.wording import from_words
from states.vocabulary import Anywhere, Nature, Process, State, Transition

BOX_WIDTH, BOX_HEIGHT = 208.0, 102.0
GUTTER, GAP = 134.0, 150.0  # between columns, between rows
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 36.0, 186.0, 124.0
LANE_FIRST, LANE_NEXT = 30.0, 44.0
INSET = 20.0  # how far from its corner a diagonal leaves a box
BESIDE = 29.0  # how far the second line between two boxes runs beside the first
TAB_AWAY = 26.0  # the length of a tab's arrow
LABEL, WORDS, NAME = 14.0, 17.0, 11.5  # sizes of text
ASIDE = (0.0, 30.0, -30.0, 60.0, -60.0, 85.0, -85.0)  # where a tab's arrow meets its box
AT_MOST = 3  # steps named on one arrow; more are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A stage: its words, its name, and the steps that stay in it."""

    state: State
    rect: Rect
    words: Text
    stays: Text
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An arrow's line, corner by corner; `back` puts a head on both ends."""

    points: tuple[Point, ...]
    main: bool = False
    fact: bool = False
    back: bool = False

    @property
    def segments(self) -> tuple[tuple[Point, Point], ...]:
        """Its straight pieces."""
        return tuple(pairwise(self.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text of one or more lines in its own room."""

    rect: Rect
    text: Text
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A note at a stage: the steps that lead here from elsewhere, and from where."""

    rect: Rect
    text: Text
    source: Text
    line: Line


@dataclass(slots=True, kw_only=True)
class Plan:
    """A whole drawing, ready to be written as SVG."""

    process: Process
    width: float
    height: float
    main_way: tuple[State, ...] = ()
    boxes: dict[State, Box] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    tabs: list[Tab] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what there was no room to draw
    legend: Rect = field(default_factory=lambda: Rect(0, 0, 0, 0))

    def is_free(self, room: Rect, *, but_line: int | None = None) -> bool:
        """Whether nothing is drawn in a room yet; `but_line` may run through."""
        if not Rect(4, 60, self.width - 8, self.height - 64).holds(room):
            return False
        taken = [self.legend, *(box.rect for box in self.boxes.values())]
        taken += [*(label.rect for label in self.labels.values()), *(tab.rect for tab in self.tabs)]
        if any(room.grown(4).covers(other) for other in taken):
            return False
        lines = [line for number, line in self.lines.items() if number != but_line]
        lines += [tab.line for tab in self.tabs]
        return not any(room.grown(4).crossed_by(*piece) for line in lines for piece in line.segments)

    def is_open(self, line: Line, *ends: State) -> bool:
        """Whether a line crosses no box (but those of its ends), no text and no other line."""
        for start, end in line.segments:
            others = [box.rect.grown(3) for state, box in self.boxes.items() if state not in ends]
            others += [box.rect.grown(-1) for state, box in self.boxes.items() if state in ends]
            others += [label.rect for label in self.labels.values()] + [tab.rect for tab in self.tabs]
            if any(room.crossed_by(start, end) for room in others):
                return False
            drawn = [*self.lines.values(), *(tab.line for tab in self.tabs)]
            if any(crosses(start, end, *piece) for other in drawn for piece in other.segments):
                return False
        return True


def lay_out(process: Process) -> Plan:
    """The whole drawing of a process."""
    drawing = draw(process)
    columns = max(state.place.column for state in process.states) + 1
    rows = max(state.place.row for state in process.states) + 1
    plan = Plan(
        process=process,
        width=2 * MARGIN_X + columns * BOX_WIDTH + (columns - 1) * GUTTER,
        height=MARGIN_TOP + rows * BOX_HEIGHT + (rows - 1) * GAP + MARGIN_BOTTOM,
        main_way=drawing.main_way,
    )
    for state in process.states:
        plan.boxes[state] = _box(process, state, main=state in drawing.main_way)
    _place_legend(plan, columns, rows)
    arrows = _in_turn(drawing.arrows)
    not_drawn = [arrow for number, arrow in enumerate(arrows) if not _line(plan, number, arrow)]
    not_drawn += [arrow for number, arrow in enumerate(arrows) if not _label(plan, number, arrow)]
    for row, targets in drawing.joins:
        if len(targets) == 1:
            _tab(plan, Gathered(target=targets[0], sources=frozenset({None}), steps=(row,)))
        else:
            plan.notes.append(f"{row.words}: straight to {from_words(process, targets)}.")
    for gathered in _with_what_is_left(list(drawing.gathered), not_drawn):
        _tab(plan, gathered)
    back = {row.words: row for row in process.rows if row.to is Anywhere.BACK}
    if back:
        where = from_words(process, {state for row in back.values() for state in row.source})
        plan.notes.append(f"{', '.join(back)}: from {where} to {Anywhere.BACK.value}.")
    return plan


def _box(process: Process, state: State, *, main: bool) -> Box:
    rect = Rect(
        MARGIN_X + state.place.column * (BOX_WIDTH + GUTTER),
        MARGIN_TOP + state.place.row * (BOX_HEIGHT + GAP),
        BOX_WIDTH,
        BOX_HEIGHT,
    )
    staying = [
        row.words
        for row in process.rows
        if row.source == {state} and row.to is Anywhere.SAME and row.nature is Nature.DECISION
    ]
    words = set_in_lines([("", state.words)], WORDS, BOX_WIDTH - 16, bold=True)
    stays = set_in_lines([("", f"↻ {said}") for said in staying], NAME, BOX_WIDTH - 16)
    height, width = words.height + NAME * LINE + stays.height, max(words.width, stays.width)
    if height > BOX_HEIGHT - 6 or width > BOX_WIDTH - 10:
        raise ValueError(f"the words of {state.name} do not fit its box")
    return Box(state=state, rect=rect, words=words, stays=stays, main=main)


def _place_legend(plan: Plan, columns: int, rows: int) -> None:
    """The legend takes the last two cells of the last row where they are free, else a strip below."""
    last = {state.place.column for state in plan.process.states if state.place.row == rows - 1}
    top = MARGIN_TOP + (rows - 1) * (BOX_HEIGHT + GAP)
    if columns > 2 and not last & {columns - 1, columns - 2}:
        left = MARGIN_X + (columns - 2) * (BOX_WIDTH + GUTTER)
        plan.legend = Rect(left, top - 8, plan.width - MARGIN_X - left, BOX_HEIGHT + MARGIN_BOTTOM - 12)
        return
    plan.legend = Rect(MARGIN_X, plan.height, plan.width - 2 * MARGIN_X, 150)
    plan.height += 170


def _in_turn(arrows: tuple[Arrow, ...]) -> list[Arrow]:
    """The main way first; then neighbours; then the longer ways, shortest first."""
    return sorted(arrows, key=lambda arrow: (not arrow.main, *_apart(arrow)))


def _apart(arrow: Arrow) -> tuple[int, int]:
    source, target = arrow.source.place, arrow.target.place
    across, down = abs(source.column - target.column), abs(source.row - target.row)
    return max(across, down), across + down


def _line(plan: Plan, number: int, arrow: Arrow) -> bool:
    """Draw an arrow's line if there is a way for it."""
    for points in _ways(plan, arrow):
        line = Line(points=points, main=arrow.main, fact=arrow.fact, back=bool(arrow.back))
        if plan.is_open(line, arrow.source, arrow.target):
            plan.lines[number] = line
            return True
    if arrow.main:
        raise ValueError(f"the main way from {arrow.source.name} to {arrow.target.name} cannot be drawn")
    return False


def _ways(plan: Plan, arrow: Arrow) -> Iterator[tuple[Point, ...]]:
    """The ways an arrow may take, the best first."""
    a, b = plan.boxes[arrow.source].rect, plan.boxes[arrow.target].rect
    across = arrow.target.place.column - arrow.source.place.column
    down = arrow.target.place.row - arrow.source.place.row
    right = 1 if across > 0 else -1
    below = 1 if down > 0 else -1
    if down == 0 and abs(across) == 1:
        for beside in (0.0, BESIDE, -BESIDE):
            y = a.centre.y + beside
            yield Point(a.right if right > 0 else a.x, y), Point(b.x if right > 0 else b.right, y)
    elif across == 0 and abs(down) == 1:
        for beside in (0.0, 2 * BESIDE, -2 * BESIDE):
            x = a.centre.x + beside
            yield Point(x, a.bottom if below > 0 else a.y), Point(x, b.y if below > 0 else b.bottom)
    elif abs(across) == 1 and abs(down) == 1:
        start = Point(a.right - INSET if right > 0 else a.x + INSET, a.bottom if below > 0 else a.y)
        end = Point(b.x + INSET if right > 0 else b.right - INSET, b.y if below > 0 else b.bottom)
        yield start, end
    elif down == 0:
        yield from _lanes(a, b, right)


def _lanes(a: Rect, b: Rect, right: int) -> Iterator[tuple[Point, ...]]:
    """Along the room below the row, or above it; a longer lane runs outside a shorter one."""
    for lane in range(3):
        away = LANE_FIRST + lane * LANE_NEXT
        start, end = a.centre.x + right * 20, b.centre.x - right * (62 - 40 * lane)
        for y, edge_a, edge_b in ((a.bottom + away, a.bottom, b.bottom), (a.y - away, a.y, b.y)):
            yield Point(start, edge_a), Point(start, y), Point(end, y), Point(end, edge_b)


# --- texts -----------------------------------------------------------------------------------------------


def _said(steps: tuple[Transition, ...]) -> list[str]:
    said = list(dict.fromkeys(row.words for row in steps))
    if len(said) <= AT_MOST:
        return said
    return [*said[: AT_MOST - 1], f"and {len(said) - AT_MOST + 1} more"]


def _arrowheads(line: Line) -> tuple[str, str]:
    """Signs for there and back along a line, for a label that names both."""
    start, end = line.points[0], line.points[-1]
    if abs(end.y - start.y) > 1:
        return ("↓", "↑") if end.y > start.y else ("↑", "↓")
    return ("→", "←") if end.x > start.x else ("←", "→")


def _label(plan: Plan, number: int, arrow: Arrow) -> bool:
    """Place the label of an arrow's line in the first room that is free; without one the line goes too."""
    if number not in plan.lines:
        return True
    line = plan.lines[number]
    there, back = _arrowheads(line)
    texts = signed(_said(arrow.steps))
    if arrow.back:
        texts = [(there, said) for said in _said(arrow.steps)] + [(back, said) for said in _said(arrow.back)]
    for width in (GUTTER - 12, 150.0, 180.0, 100.0, 230.0):
        text = set_in_lines(texts, LABEL, width, bold=arrow.main)
        for room in _rooms_along(line, text.width, text.height):
            if plan.is_free(room) or (not arrow.main and plan.is_free(room, but_line=number)):
                plan.labels[number] = Label(rect=room, text=text, main=arrow.main)
                return True
    if not arrow.main:
        del plan.lines[number]
    return False


def _rooms_along(line: Line, width: float, height: float) -> Iterator[Rect]:
    """Rooms beside a line, then upon it; its longest piece first."""
    start, end = max(line.segments, key=lambda piece: hypot(piece[0].x - piece[1].x, piece[0].y - piece[1].y))
    places = [
        Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)
        for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
    ]
    level = abs(start.y - end.y) < 1
    for at in places:
        if abs(start.x - end.x) >= 1:
            yield Rect(at.x - width / 2, at.y - height - 6, width, height)
            yield Rect(at.x - width / 2, at.y + 6, width, height)
        if not level:
            yield Rect(at.x + 8, at.y - height / 2, width, height)
            yield Rect(at.x - width - 8, at.y - height / 2, width, height)
    if not level:
        for at in places:
            yield Rect(at.x - width / 2, at.y - height / 2, width, height)


def _with_what_is_left(gathered: list[Gathered], arrows: list[Arrow]) -> list[Gathered]:
    """What could not be drawn as a line joins what leads to the same stage anyway, or has its own note."""
    for arrow in arrows:
        for target, source, steps in (
            (arrow.target, arrow.source, arrow.steps),
            (arrow.source, arrow.target, arrow.back),
        ):
            if steps:
                _gather(gathered, target, source, steps)
    return gathered


def _gather(gathered: list[Gathered], target: State, source: State, steps: tuple[Transition, ...]) -> None:
    fact = all(row.nature is Nature.FACT for row in steps)
    for position, one in enumerate(gathered):
        if one.target is target and source in one.sources and one.fact is fact:
            gathered[position] = Gathered(target=target, sources=one.sources, steps=(*one.steps, *steps))
            return
    gathered.append(Gathered(target=target, sources=frozenset({source}), steps=steps))


def _tab(plan: Plan, gathered: Gathered) -> None:
    """Place a note at its stage, on the first side where there is room; without any it goes to the legend."""
    box = plan.boxes[gathered.target].rect
    said = list(dict.fromkeys(row.words for row in gathered.steps))
    where = from_words(plan.process, gathered.sources)
    where = where if gathered.sources == {None} else f"from {where}"
    low = gathered.target.place.row > max(state.place.row for state in plan.process.states) / 2
    for width in (200.0, 176.0, 240.0, 150.0, 290.0):
        text = set_in_lines(signed(said), LABEL, width)
        source = set_in_lines([("" if text.centred else " ", where)], LABEL, width)
        size = max(text.width, source.width) + 20, text.height + source.height + 10
        for room, points in _sides(box, *size, below_first=low):
            line = Line(points=points, fact=gathered.fact)
            if plan.is_free(room) and plan.is_open(line, gathered.target):
                plan.tabs.append(Tab(rect=room, text=text, source=source, line=line))
                return
    plan.notes.append(f"{', '.join(said)}: {where} to {gathered.target.words}.")


def _sides(box: Rect, width: float, height: float, *, below_first: bool) -> Iterator[tuple[Rect, tuple[Point, Point]]]:
    """Rooms around a box with the short arrow that leads from each into the box; those outside first."""
    for away in (TAB_AWAY, TAB_AWAY + 26):
        for below in (below_first, not below_first):
            for by, lean in [(aside, lean) for aside in ASIDE for lean in (0.0, aside, -aside)]:
                x = box.centre.x + by
                left = min(max(x - width / 2 + lean, x - width + 14), x - 14)
                room = Rect(left, box.bottom + away if below else box.y - away - height, width, height)
                near, edge = (room.y, box.bottom) if below else (room.bottom, box.y)
                yield room, (Point(x, near), Point(x, edge))
        for y in (box.centre.y, box.centre.y + 24, box.centre.y - 24):
            beside = Rect(box.right + away, y - height / 2, width, height)
            yield beside, (Point(beside.x, y), Point(box.right, y))
            before = Rect(box.x - away - width, y - height / 2, width, height)
            yield before, (Point(before.right, y), Point(box.x, y))
