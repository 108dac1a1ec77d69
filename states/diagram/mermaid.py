"""A process as a Mermaid state diagram: as much as a reader can take in, the rest in the table."""

from __future__ import annotations

from collections.abc import Iterable

from states.diagram.arrows import draw
from states.diagram.wording import from_words
from states.vocabulary import Process, Transition

AT_MOST = 3  # steps named on one arrow; more are counted


def as_mermaid(process: Process) -> str:
    """A process as text that Mermaid draws; a step that starts from many stages has one source of its own."""
    drawing = draw(process)
    lines = ["stateDiagram-v2", "    direction LR"]
    lines += [f"    {state.name} : {_plain(state.words)}" for state in process.states]
    for row, targets in drawing.joins:
        if len(targets) == 1:
            lines.append(f"    [*] --> {targets[0].name} : {_plain(row.words)}")
    for arrow in drawing.arrows:
        lines.append(f"    {arrow.source.name} --> {arrow.target.name} : {_said(arrow.steps)}")
        if arrow.back:
            lines.append(f"    {arrow.target.name} --> {arrow.source.name} : {_said(arrow.back)}")
    for number, gathered in enumerate(drawing.gathered, start=1):
        lines.append(f"    from_{number} : from {_plain(from_words(process, gathered.sources))}")
        lines.append(f"    from_{number} --> {gathered.target.name} : {_said(gathered.steps)}")
    lines += [f"    {state.name} --> [*]" for state in process.states if state in process.final]
    return "\n".join(lines) + "\n"


def _said(steps: Iterable[Transition]) -> str:
    said = list(dict.fromkeys(_plain(row.words) for row in steps))
    if len(said) > AT_MOST:
        said = [*said[: AT_MOST - 1], f"and {len(said) - AT_MOST + 1} more"]
    return ", or ".join(said)


def _plain(words: str) -> str:
    """Without the signs that mean something to Mermaid."""
    return words.replace(": ", " – ").replace(":", " –").replace(";", ",").replace("#", "no. ")
