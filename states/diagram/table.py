"""A process as a table for a team manager: in the terminal, and as Markdown for a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from states.diagram.arrows import MANY
from states.diagram.wording import (
    IN_THE_DIGEST,
    conditions,
    from_words,
    in_order,
    in_short,
    met,
    only_if,
    opened,
    stays,
    to_words,
    told,
    when_told,
    who_decides,
    written_down,
)
from states.policy import Policy
from states.vocabulary import Due, Process, State, Transition

HEADINGS = ("Step", "From → to", "Who decides", "Written down", "Needed first", "Deadlines", "Who is told")
SHARES = (16, 15, 15, 18, 31, 24, 21)  # of the width, in a terminal
JOINING, SEVERAL = "A new case", "At several stages"


def grouped(process: Process) -> Iterator[tuple[str, list[tuple[Transition, ...]]]]:
    """The rows by the stage they start from, in the order of the stages; those of many stages last.

    A row that starts from two or three stages stands with the first of them. Rows that differ only in where
    they lead, and in the clocks of that stage, stand together.
    """
    groups: dict[State | str, list[Transition]] = {key: [] for key in (JOINING, *process.states, SEVERAL)}
    for row in process.rows:
        states = in_order(process, row.source)
        group = JOINING if not states else states[0] if len(states) < MANY else SEVERAL
        groups[group].append(row)
    for group, rows in groups.items():
        if rows:
            together: dict[tuple[object, ...], list[Transition]] = {}
            for row in sorted(rows, key=stays):  # first what leads on, then what stays
                alike = (row.trigger, row.words, row.source, row.record, row.guards)
                together.setdefault(alike, []).append(row)
            name = f"{group.words} ({group.name})" if isinstance(group, State) else group
            yield name, list(map(tuple, together.values()))


def cells(process: Process, rows: tuple[Transition, ...], policy: Policy) -> tuple[tuple[str, ...], ...]:
    """Rows that stand together as seven cells, each of one or more paragraphs."""
    row = rows[0]
    return (
        (row.words, row.trigger),
        (_route(process, rows),),
        (who_decides(row),),
        (written_down(row.record),),
        conditions(process, row),
        _deadlines(rows, policy),
        _told(row),
    )


def _route(process: Process, rows: tuple[Transition, ...]) -> str:
    source = from_words(process, rows[0].source)
    if stays(rows[0]):
        return source
    if len(rows) == 1:
        return f"{source} → {to_words(rows[0])}"
    if None in rows[0].source:
        return f"{source} → the stage that the record names"
    return f"{source} → {' or '.join(to_words(row) for row in rows)}, as the history has it"


def _deadlines(rows: tuple[Transition, ...], policy: Policy) -> tuple[str, ...]:
    row = rows[0]
    if len({other.opens for other in rows}) > 1:
        return ("Opens: the clocks of the stage reached, from the days on which they began elsewhere",)
    opening = [f"Opens: {in_short(dues, policy)}{_when(_if_one(dues))}" for dues in opened(row)]
    meeting = (f"Meets: {due.words}{_when(only_if(choice))}" for choice, due in met(row))
    return (*opening, *meeting, *(f"Ends, met or not: {due.words}" for due in row.ends))


def _if_one(dues: Sequence[Due]) -> str:
    return only_if(dues[0].only_if) if len(dues) == 1 else ""


def _when(said: str) -> str:
    return f", {said}" if said else ""


def _told(row: Transition) -> tuple[str, ...]:
    """Who is told, each once: at once, in the digest, or by letter; what has a condition comes last."""
    people: dict[tuple[str, str], dict[str, None]] = {}
    for choice, notice in told(row):
        named = people.setdefault((when_told(notice), only_if(choice)), {})
        named.update(dict.fromkeys(str(one.value) for one in notice.to))
    return tuple(
        f"{'' if how == IN_THE_DIGEST else how.capitalize() + ': '}{', '.join(named)}{_when(when)}"
        for (how, when), named in sorted(people.items(), key=lambda item: (item[0][1] != "", item[0][0]))
    )


def as_table(process: Process, policy: Policy, *, width: int = 140) -> str:
    """A process as text in columns, for a terminal of `width` characters."""
    room = width - 2 * (len(SHARES) - 1)
    widths = [room * share // sum(SHARES) for share in SHARES]
    widths[4] += room - sum(widths)
    lines = [f"The {process.name} process, with the numbers of {policy.authority.name}"]
    for group, together in grouped(process):
        lines += ["", group.upper(), "═" * width, *_in_columns([(heading,) for heading in HEADINGS], widths)]
        for rows in together:
            lines += ["─" * width, *_in_columns(cells(process, rows, policy), widths)]
    return "\n".join(lines) + "\n"


def _in_columns(texts: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    columns = [
        [part for text in column for part in _paragraph(text, width, hanging=len(column) > 1 and place > 1)]
        for place, (column, width) in enumerate(zip(texts, widths, strict=True))
    ]
    height = max(len(column) for column in columns)
    return [
        "  ".join(
            (column[line] if line < len(column) else "").ljust(width)
            for column, width in zip(columns, widths, strict=True)
        ).rstrip()
        for line in range(height)
    ]


def _paragraph(text: str, width: int, *, hanging: bool) -> list[str]:
    """A text in lines of `width`; the names of triggers break after an underscore."""
    first, rest = ("· ", "  ") if hanging else ("", "")
    lines = textwrap.wrap(
        text.replace("_", "_ "), width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
    return [line.replace("_ ", "_") for line in lines]


def as_markdown(process: Process, policy: Policy, *, heading: str = "###") -> str:
    """A process as Markdown, a table for each stage."""
    parts: list[str] = []
    for group, together in grouped(process):
        parts += [f"{heading} {group}", "", as_row(HEADINGS), as_row(["---"] * len(HEADINGS))]
        for rows in together:
            name, *others = cells(process, rows, policy)
            step = f"**{escaped(name[0])}**<br>`{name[1]}`<br>{rows[0].rule}"
            parts.append(as_row([step, *("<br>".join(map(escaped, cell)) for cell in others)]))
        parts.append("")
    return "\n".join(parts)


def as_row(cells: Sequence[str]) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A text that may stand in a cell of a Markdown table; what is between backticks stays as it is."""
    spans = text.split("`")
    spans[::2] = [
        span.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_").replace("|", "\\|") for span in spans[::2]
    ]
    return "`".join(spans)
