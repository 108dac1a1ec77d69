"""The digest in plain values, and the words its template may use (design 5.12).

One a day: what waits on its reader, what is coming up, what happened; late first, each line with its reason and
the way to it. Like every mail it names nobody and says nothing of a child beyond an opaque reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from notifications.wording import WHY, in_words, one_line

DIGEST_FOLDER = "digest"


class Group(StrEnum):
    """The parts of a digest, in this order."""

    WAITS = "Waits on you"
    COMING = "Coming up"
    NEWS = "For your information"


class Mark(StrEnum):
    """What stands before a line that cannot wait, the worst first."""

    URGENT = "Urgent"
    LATE = "Late"
    ATTENTION = "Needs attention"


_NO_MARK = len(Mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One line. `because` is a Role's or Party's words."""

    group: Group
    words: str
    because: str
    case_ref: str | None = None
    known_as: str | None = None
    link: str | None = None
    due_on: date | None = None
    since: date | None = None  # of a finding: since when it lapses
    held_on: date | None = None  # of a meeting
    starts_at: str | None = None
    place: str | None = None
    cancelled: bool = False
    mark: Mark | None = None
    covering: bool = False
    also: tuple[str, ...] = ()  # what is asked of the reader in the same matter


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCount:
    """A rule in a team: how many children stand in it now, and a week before."""

    rule: str
    words: str
    team: str
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekWorst:
    """One of the ten that need somebody most."""

    rule: str
    words: str
    case_ref: str
    team: str
    since: date
    urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPage:
    """The one page a week of a Head of Service (practice PN-2)."""

    on: date
    counts: tuple[WeekCount, ...] = ()
    worst: tuple[WeekWorst, ...] = ()
    now: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMail:
    """All that is known when a digest is written. It names nobody but its reader."""

    greeting_name: str
    system_name: str
    for_day: date
    entries: tuple[DigestEntry, ...] = ()
    still_open: tuple[str, ...] = ()  # references of earlier lines that are still open and late
    more_open: int = 0  # how many more than those
    page: WeekPage | None = None
    calendar: bool = False


# --- the words of the template ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWords:
    """One line as the template says it."""

    words: str
    when: str | None
    mark: str | None
    case_ref: str | None
    known_as: str | None
    link: str | None
    why: str
    covering: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWords:
    """One part of a digest."""

    heading: str
    lines: tuple[LineWords, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """One line of the week's page: what it is, how many there are, and in which teams, the most first."""

    rule: str
    words: str
    now: int
    before: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """The week's page as the template says it."""

    trend: str
    counts: tuple[WeekCount, ...]
    rules: tuple[RuleWords, ...]
    worst: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWords:
    """`digest/body.txt` and `digest/body.html`."""

    groups: tuple[GroupWords, ...]
    nothing: str | None
    still_open: str | None
    no_links: bool
    calendar: bool
    page: PageWords | None


def in_order(entries: tuple[DigestEntry, ...]) -> dict[Group, list[DigestEntry]]:
    """The lines by part, in the order of the parts: late first, then by date, then by child."""
    found: dict[Group, list[DigestEntry]] = {}
    for group in Group:
        lines = [one for one in entries if one.group is group]
        if lines:
            found[group] = sorted(lines, key=_urgency)
    return found


def _urgency(entry: DigestEntry) -> tuple[int, date, str, str]:
    on = entry.since or entry.due_on or entry.held_on or date.max
    return (list(Mark).index(entry.mark) if entry.mark else _NO_MARK, on, entry.case_ref or "", entry.words)


def headline(mail: DigestMail) -> str:
    """The day, and how much of it: Monday 3 March 2025: 2 wait on you, 1 late."""
    waits = [entry for entry in mail.entries if entry.group is Group.WAITS]
    late = sum(entry.mark in (Mark.URGENT, Mark.LATE) for entry in mail.entries)
    said = "nothing new waits on you" if not waits else f"{len(waits)} {'waits' if len(waits) == 1 else 'wait'} on you"
    return f"{in_words(mail.for_day)}: {said}{f', {late} late or urgent' if late else ''}"


def digest_words(mail: DigestMail) -> DigestWords:
    """The words of a digest. Raises KeyError where nobody has words for why a line is in it."""
    groups = tuple(
        GroupWords(heading=group.value, lines=tuple(_line(entry) for entry in lines))
        for group, lines in in_order(mail.entries).items()
    )
    return DigestWords(
        groups=groups,
        nothing=None if groups else nothing_due(mail),
        still_open=_still_open(mail),
        no_links=any(entry.case_ref and not entry.link for entry in mail.entries),
        calendar=mail.calendar,
        page=_page(mail.page) if mail.page else None,
    )


def nothing_due(mail: DigestMail) -> str:
    """Said on a day without lines, so that silence never means a broken job (design 5.12)."""
    if mail.still_open or mail.more_open:
        return "Nothing new today."
    return "Nothing is due: nothing new has come, and nothing that you were told of is late."


def _still_open(mail: DigestMail) -> str | None:
    if not mail.still_open and not mail.more_open:
        return None
    more = f" and {mail.more_open} more" if mail.more_open else ""
    return f"From earlier days, something is still open and late for {', '.join(mail.still_open)}{more}."


def _line(entry: DigestEntry) -> LineWords:
    return LineWords(
        words=what(entry),
        when=when(entry),
        mark=entry.mark.value if entry.mark else None,
        case_ref=entry.case_ref,
        known_as=one_line(entry.known_as) if entry.known_as else None,
        link=entry.link,
        why=WHY.get(entry.because, entry.because),
        covering=entry.covering,
    )


def what(entry: DigestEntry) -> str:
    """What it is about: what was found, and what is asked of the reader in the same matter, in one line."""
    return " – ".join((entry.words, *(f"{one[:1].lower()}{one[1:]}" for one in entry.also)))


def when(entry: DigestEntry) -> str | None:
    """Until when, since when, or on which day; None where there is no date."""
    if entry.cancelled:
        return "Cancelled"
    if entry.held_on is not None:
        at = f" at {entry.starts_at}" if entry.starts_at else ""
        return f"On {in_words(entry.held_on)}{at}{f', {entry.place}' if entry.place else ''}"
    if entry.since is not None:
        asked = f"; it was to be done by {in_words(entry.due_on)}" if entry.due_on is not None else ""
        return f"Since {in_words(entry.since)}{asked}"
    if entry.due_on is not None:
        return f"{'Was due by' if entry.mark is Mark.LATE else 'By'} {in_words(entry.due_on)}"
    return None


def _page(page: WeekPage) -> PageWords:
    return PageWords(
        trend=f"{page.now} need{'s' if page.now == 1 else ''} attention, {_against(page.now, page.before)}.",
        counts=page.counts,
        rules=tuple(_of_rule(list(counts)) for _, counts in groupby(page.counts, key=lambda one: one.rule)),
        worst=tuple(
            f"{one.case_ref} ({one.team}): {one.words}, since {in_words(one.since)}{' – urgent' if one.urgent else ''}"
            for one in page.worst
        ),
    )


def _of_rule(counts: list[WeekCount]) -> RuleWords:
    """The teams of one rule in a line: a page is read in a minute, a table of rules and teams is not."""
    there = sorted((one for one in counts if one.now), key=lambda one: (-one.now, one.team))
    return RuleWords(
        rule=counts[0].rule,
        words=counts[0].words,
        now=sum(one.now for one in counts),
        before=sum(one.before for one in counts),
        where=", ".join(f"{one.team} {one.now}" for one in there),
    )


def _against(now: int, before: int) -> str:
    return "as many as a week ago" if now == before else f"a week ago it was {before}"
