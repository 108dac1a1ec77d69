"""What a child's episodes say: since when in care, under this legal status, with this carer (returns 5).

Episodes are given in order (`in_order`). Where the file contradicts itself the walk stops and the date is
"on or before": that is true whichever of the two rows is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from interchange.codes import NEW_CARER, NEW_LEGAL_STATUS, SAME_CARER, TEMPORARY
from interchange.returned import Episode, Qualifier, Since

CONTINUES: Final = "X1"
STARTS: Final = "S"


def in_order(episodes: Iterable[Episode]) -> list[Episode]:
    """By start, then end, then every other field, so that the order of the file's rows never matters."""
    return sorted(episodes, key=_order)


def same_row(one: Episode, other: Episode) -> bool:
    """Whether two rows say the same, wherever they stand in the file."""
    return _order(one) == _order(other)


def current_index(episodes: Sequence[Episode]) -> int | None:
    """Which episode is the child's present one: the latest open one, short breaks only if there is no other.

    A child with an open episode is never dropped because a later one ended: the missing end date may be
    the later row's mistake as well as the earlier one's (142 flags it, a person decides).
    """
    still_open = [index for index, episode in enumerate(episodes) if episode.open]
    counted = [index for index in still_open if not episodes[index].short_breaks]
    return max(counted or still_open, default=None)


def continues(before: Episode, after: Episode) -> bool:
    """Whether `after` begins no later than `before` ended: no night out of care lies between."""
    return before.ended is None or before.ended >= after.started


def left_care(episode: Episode) -> bool:
    """Whether the episode's code says that the child left care with it."""
    return episode.end_reason is not None and episode.end_reason != CONTINUES


@dataclass(frozen=True, slots=True)
class Care:
    """The present period of care: since when, and the index of its first episode in the file."""

    since: Since
    first: int


def looked_after(episodes: Sequence[Episode], current: int) -> Care:
    """The present period of care.

    Exact when that episode started the care (RNE S) or short breaks became care; else the care began on or
    before it: before the file, or in a row the file lost.
    """
    at = current
    while True:
        episode = episodes[at]
        before = episodes[at - 1] if at > 0 else None
        touching = before is not None and continues(before, episode)
        if before is not None and touching and before.short_breaks:
            return Care(Since(episode.started, Qualifier.EXACT), at)
        if episode.reason == STARTS:
            # S right after an episode that ended the same day contradicts itself (431).
            return Care(Since(episode.started, _exact_if(not touching)), at)
        if before is None or not touching or left_care(before):
            return Care(Since(episode.started, Qualifier.ON_OR_BEFORE), at)
        at -= 1


def legal_status_since(episodes: Sequence[Episode], current: int, care: Care) -> Since | None:
    """Start of the present run of one legal status; None when the status itself is unknown.

    Exact when another status came before it in the file, or when its first row says that the status changed
    (L, B, U) or care started then.
    """
    status = episodes[current].legal_status
    if status is None:
        return None
    at, first = current, care.first
    while at > first and episodes[at - 1].legal_status == status:
        at -= 1
    started = episodes[at].started
    if at > first:
        return Since(started, _exact_if(episodes[at - 1].legal_status is not None))
    if episodes[at].reason in NEW_LEGAL_STATUS:
        return Since(started, Qualifier.EXACT)
    return care.since


def placement_since(episodes: Sequence[Episode], current: int, care: Care) -> Since:
    """Since when with this carer: back through L, T and U, bridging temporary placements (returns 5).

    Exact where the walk stops at a row that says the carer changed (P, B) or care started (S); on or before
    where the file ends first. Hospital, holidays and respite do not break it (practice PT-13).
    """
    at, first = current, care.first
    while at > first:
        episode = episodes[at]
        if episode.reason in SAME_CARER:
            at -= 1
            continue
        if episode.reason is None:
            return Since(episode.started, Qualifier.ON_OR_BEFORE)
        bridged = _before_temporary(episodes, at, first)
        if bridged is None:
            return Since(episode.started, Qualifier.EXACT)
        same = _same_place(episode, episodes[bridged])
        if not same:
            return Since(episode.started, _exact_if(same is False))
        at = bridged
    episode = episodes[at]
    if episode.reason == STARTS:
        return care.since
    return Since(episode.started, _exact_if(episode.reason in NEW_CARER))


def _before_temporary(episodes: Sequence[Episode], at: int, first: int) -> int | None:
    """The last ordinary placement before the temporary ones that end at `at`; None if there were none."""
    if episodes[at].reason != "P" or episodes[at].placement in TEMPORARY:
        return None
    earlier = at - 1
    while earlier >= first and episodes[earlier].placement in TEMPORARY:
        earlier -= 1
    return earlier if first <= earlier < at - 1 else None


def _same_place(one: Episode, other: Episode) -> bool | None:
    """Whether two rows are one placement: same type, address and registered place. None: it is not proven."""
    pairs = (
        (one.placement, other.placement),
        (one.postcode or None, other.postcode or None),
        (one.urn or None, other.urn or None),
    )
    if any(left is not None and right is not None and left != right for left, right in pairs):
        return False
    placed, addressed, registered = pairs
    proven = None not in placed and None not in addressed and registered[0] == registered[1]
    return True if proven else None


def _exact_if(certain: bool) -> Qualifier:
    return Qualifier.EXACT if certain else Qualifier.ON_OR_BEFORE


def _order(episode: Episode) -> tuple[object, ...]:
    return (
        episode.started,
        episode.ended or date.max,
        episode.reason or "",
        episode.legal_status or "",
        episode.placement or "",
        episode.provider or "",
        episode.need or "",
        episode.end_reason or "",
        episode.postcode,
        episode.urn,
    )
