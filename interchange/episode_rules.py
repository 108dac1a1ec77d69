"""What one child's episodes contradict: the DfE's checks on a row and on one row after another (returns 5).

Every check here only flags: the rows stay as the authority wrote them. Rules are tested against their
words, not against anyone's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from interchange.codes import ADOPTED, ADOPTIVE, FOSTER, SPECIAL_GUARDIANSHIP, TEMPORARY
from interchange.dates import is_adult, year_start
from interchange.history import CONTINUES, STARTS, left_care
from interchange.returned import Episode

Found = tuple[str, Episode, str]
"""The rule broken, the row it is flagged on, and the column to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One row of PlacedAdoption: decided that the child should be placed for adoption, perhaps reversed."""

    decided_on: date
    reversed_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the checks need beside the episodes. None for a table the return does not have."""

    born: date | None
    year_end: date
    decisions: Sequence[Decision] | None
    has_previous_permanence: bool | None


def contradictions(episodes: Sequence[Episode], around: Surroundings) -> Iterator[Found]:
    """Every rule the child's episodes break, in order of the episodes. They come `history.in_order`."""
    for index, episode in enumerate(episodes):
        yield from _alone(episode)
        yield from _in_time(episode, around)
        if index:
            before = episodes[index - 1]
            yield from _after(before, episode)
            if before.placement in TEMPORARY and episode.placement not in TEMPORARY:
                yield from _back_from_temporary(episodes, index)
        if episode.end_reason == CONTINUES and episode.ended is not None:
            following = episodes[index + 1] if index + 1 < len(episodes) else None
            if following is None or following.started != episode.ended:
                yield "388", episode, "REC"
    yield from _adoption(episodes, around)
    yield from _previous_permanence(episodes, around)


def _alone(episode: Episode) -> Iterator[Found]:
    """Codes of one row that cannot stand together. An unknown code contradicts nothing."""
    placement, legal_status = episode.placement, episode.legal_status
    if placement is None:
        return
    if placement == "P1" and legal_status == "V2":
        yield "378", episode, "LS"
    if placement in {"A5", "A6"} and legal_status not in {"E1", None}:
        yield "408", episode, "LS"
    if episode.end_reason in {"E45", "E46"} and placement not in FOSTER:
        yield "516", episode, "REC"
    if episode.provider == "PR0" and placement != "P1":
        yield "550", episode, "PLACE_PROVIDER"


def _in_time(episode: Episode, around: Surroundings) -> Iterator[Found]:
    """The row against the return's year and the child's birthday."""
    started, ended, born = episode.started, episode.ended, around.born
    if started > around.year_end:
        yield "354", episode, "DECOM"
    if ended is not None and ended > around.year_end:
        yield "385", episode, "DEC"
    if ended == started:
        yield "355", episode, "DEC"
    if born is None:
        return
    if started < born:
        yield "BORN-LATER", episode, "DECOM"
    if ended is None:
        if not episode.short_breaks and is_adult(born, around.year_end):
            yield "AGE-18", episode, "DEC"
    elif episode.end_reason in SPECIAL_GUARDIANSHIP and is_adult(born, ended):
        yield "407", episode, "REC"


def _after(before: Episode, episode: Episode) -> Iterator[Found]:
    """Two rows of a child, one after the other."""
    if before.open:
        yield "142", before, "DEC"
    elif before.ended is not None and episode.started < before.ended:
        yield "501", episode, "DECOM"
    if episode.reason == STARTS:
        if before.ended == episode.started:
            yield "431", episode, "RNE"
        return
    if episode.reason is not None:
        if left_care(before):
            yield "432", episode, "RNE"
        elif before.ended is not None and before.ended != episode.started:
            yield "433", episode, "DECOM"
    if before.need and episode.need and before.need != episode.need:
        yield "504", episode, "CIN"
    yield from _as_the_reason_says(before, episode)


def _as_the_reason_says(before: Episode, episode: Episode) -> Iterator[Found]:
    """434 to 436: what the reason for the new episode says changed is what changed."""
    if episode.reason is None or None in (before.legal_status, episode.legal_status):
        return
    legal = before.legal_status != episode.legal_status
    placement = _placement(before) != _placement(episode)
    if episode.reason == "L" and (not legal or placement):
        yield "434", episode, "RNE"
    elif episode.reason in {"P", "T"} and (legal or not placement):
        yield "435", episode, "RNE"
    elif episode.reason in {"B", "U"} and not (legal and placement):
        yield "436", episode, "RNE"


def _placement(episode: Episode) -> tuple[str | None, str | None, str, str]:
    return episode.placement, episode.provider, episode.postcode, episode.urn


def _back_from_temporary(episodes: Sequence[Episode], index: int) -> Iterator[Found]:
    """383: after hospital, holiday or respite the child is back where they were, with RNE P."""
    earlier = index - 1
    while earlier >= 0 and episodes[earlier].placement in TEMPORARY:
        earlier -= 1
    back, left = episodes[index], episodes[earlier] if earlier >= 0 else None
    if left is None or back.reason == STARTS:
        return
    if back.reason != "P" or (back.placement, back.postcode) != (left.placement, left.postcode):
        yield "383", back, "PLACE"


def _adoption(episodes: Sequence[Episode], around: Surroundings) -> Iterator[Found]:
    """551, 553, 554, 557: a placement for adoption and a placement order rest on a dated decision."""
    if around.decisions is None or not episodes:
        return
    placed = [episode for episode in episodes if episode.placement in ADOPTIVE]
    ordered = [episode for episode in episodes if episode.legal_status == "E1"]
    if not around.decisions:
        if placed:
            yield "551", placed[-1], "PLACE"
        if ordered:
            yield "553", ordered[-1], "LS"
        return
    first = min(decision.decided_on for decision in around.decisions)
    if ordered and first > ordered[0].started:
        yield "554", ordered[0], "LS"
    last = episodes[-1]
    unreversed = any(d.reversed_on is None and d.reason is None for d in around.decisions)
    if unreversed and not last.open and left_care(last) and last.end_reason not in ADOPTED:
        yield "557", last, "REC"


def _previous_permanence(episodes: Sequence[Episode], around: Surroundings) -> Iterator[Found]:
    """630: a child who started to be looked after in the year is asked about previous permanence."""
    if around.has_previous_permanence is not False:
        return
    opened = year_start(around.year_end)
    for episode in episodes:
        if episode.reason == STARTS and opened <= episode.started <= around.year_end:
            yield "630", episode, "RNE"
