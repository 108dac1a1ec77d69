"""A child's own dates as a drawing: planned, forecast, done, on one line of time (design 5.14).

Shapes carry the meaning, not colour: it reads in black and white, and the table beside it says the same in words.
Only places are worked out here; the template draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ROW, TOP, LEFT, RIGHT, WIDTH = 30, 34, 200, 24, 900
_LEAST_DAYS = 60
_TICKS_AT_MOST = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One milestone of the drawing: where its marks stand. None where there is no such date."""

    words: str
    y: int
    planned: float
    forecast: float | None  # still to do: by when it is expected now
    done: float | None
    late: bool  # still to do, and its day has passed

    @property
    def now(self) -> float:
        """Where it stands: done, else expected."""
        return self.done if self.done is not None else (self.forecast or self.planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The first of a month on the line of time."""

    x: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedChart:
    """The drawing, in its own units."""

    width: int
    height: int
    left: int
    right: int
    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]
    today: float | None
    words: str


def dated_chart(
    milestones: Sequence[dict[str, Any]], today: date, expected: Mapping[str, date] | None = None
) -> DatedChart | None:
    """The drawing of a trajectory on a London date; None where nothing is planned.

    `expected`: by when each step is to be expected with what is late today, where that is known.
    """
    if not milestones:
        return None
    late = {m["step"] for m in milestones if not m["done"] and m["forecast"] < today}
    milestones = [{**m, "forecast": (expected or {}).get(m["step"], m["forecast"])} for m in milestones]
    days = [m[name] for m in milestones for name in ("planned", "forecast", "done") if m[name]]
    first, last = min(days), max(days)
    if (last - first).days < _LEAST_DAYS:
        last = first + timedelta(_LEAST_DAYS)
    first, last = first - timedelta(10), last + timedelta(10)
    if first - timedelta(90) < today < last + timedelta(90):
        first, last = min(first, today - timedelta(5)), max(last, today + timedelta(5))
    scale = (WIDTH - LEFT - RIGHT) / (last - first).days

    def at(on: date) -> float:
        return float(round(LEFT + (on - first).days * scale, 1))

    steps = tuple(
        Step(
            words=m["step"],
            y=TOP + ROW * number + ROW // 2,
            planned=at(m["planned"]),
            forecast=at(m["forecast"]) if not m["done"] else None,
            done=at(m["done"]) if m["done"] else None,
            late=m["step"] in late,
        )
        for number, m in enumerate(milestones)
    )
    moved = sum(1 for m in milestones if m["slip_days"])
    done = sum(1 for m in milestones if m["done"])
    return DatedChart(
        width=WIDTH,
        height=TOP + ROW * len(milestones) + 10,
        left=LEFT,
        right=WIDTH - RIGHT,
        steps=steps,
        ticks=tuple(Tick(x=at(on), words=f"{on:%b} {on.year}") for on in _months(first, last)),
        today=at(today) if first <= today <= last else None,
        words=f"{len(milestones)} steps, {done} done, {moved} with a date that moved. The table below says the same.",
    )


def _months(first: date, last: date) -> list[date]:
    """The firsts of months in a stretch, so many apart that their words have room."""
    months = (last.year - first.year) * 12 + last.month - first.month
    apart = next(n for n in (1, 2, 3, 6, 12, 24, 60) if months // n <= _TICKS_AT_MOST or n == 60)
    found = []
    for number in range(months + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        on = date(year, month + 1, 1)
        if first <= on <= last and number % apart == 0:
            found.append(on)
    return found
