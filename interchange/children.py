"""From a return's rows to its children: one for every child that the Header or the Episodes name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, TypedDict

from interchange.candidates import candidate_reason
from interchange.dates import last_night, year_end
from interchange.episode_rules import Surroundings, contradictions
from interchange.history import (
    CONTINUES,
    current_index,
    in_order,
    legal_status_since,
    looked_after,
    placement_since,
    same_row,
)
from interchange.problems import Problems
from interchange.returned import Episode, ReturnedChild
from interchange.rows import Reading

NO_EPISODE: Final = "no episode in the return"
LEFT_CARE: Final = "left care"
LOST: Final = "the last episode says it continues (X1) but nothing continues it"
SHORT_BREAKS_ONLY: Final = "short breaks only (V3, V4)"
PLACEMENT_ORDER: Final = "E1"

A_YEAR: Final = timedelta(days=366)


def inferred_business_date(episodes: Iterable[Episode]) -> date | None:
    """The 31 March a return speaks of: the end of the collection year that the most episodes fit.

    An episode fits a year when it began by its 31 March and is open, or ended in that year (an end on
    1 April still belongs to the night before). Of equal years the earliest. One mistyped date therefore
    never moves the year of a whole return. None when there is no episode.
    """
    still_open: Counter[date] = Counter()
    ended: Counter[date] = Counter()
    years: set[date] = set()
    for episode in episodes:
        began = year_end(episode.started)
        if episode.ended is None:
            still_open[began] += 1
            years.add(began)
        else:
            finished = year_end(max(last_night(episode.ended), episode.started))
            ended[finished] += 1
            years |= {began, finished}

    def fitting(year: date) -> int:
        return ended[year] + sum(count for began, count in still_open.items() if began <= year)

    return max(sorted(years), key=fitting, default=None)


def child_from(council_id: str, reading: Reading, problems: Problems) -> ReturnedChild:
    """One child, with what its rows contradict noted in `problems`.

    Takes the child's episodes out of `reading`: a hundred thousand children need not lie in memory twice.
    """
    rows = reading.episodes.pop(council_id, [])
    header = reading.headers.get(council_id)
    born = header.born if header is not None else None
    end = year_end(reading.business_date)
    if header is not None and born is not None and born > end:
        problems.note("301", reading.header_file, header.line, "DOB")
        born = None
    episodes = _usable(rows, reading.episodes_file, end, problems)
    if header is None and rows:
        line = min(episode.line for episode in rows)
        problems.note("INT03", reading.episodes_file, line, "CHILD")
    decisions = reading.decisions.get(council_id, []) if reading.decisions is not None else None
    around = Surroundings(
        born=born,
        year_end=end,
        decisions=decisions,
        has_previous_permanence=None if reading.permanence is None else council_id in reading.permanence,
    )
    for rule, episode, column in contradictions(episodes, around):
        problems.note(rule, reading.episodes_file, episode.line, column)
    about = _About(
        council_id=council_id,
        sex=header.sex if header is not None else None,
        date_of_birth=born,
        ethnicity=header.ethnicity if header is not None else None,
        adoption_decision_on=decisions[-1].decided_on if decisions else None,
        adoption_decision_reversed_on=decisions[-1].reversed_on if decisions else None,
        previous_permanence=(reading.permanence or {}).get(council_id),
        last_review_on=reading.last_reviews.get(council_id),
        episodes=tuple(episodes) if reading.keep_episodes else (),
        file=reading.header_file if header is not None else reading.episodes_file,
        line=header.line if header is not None else None,
    )
    current = current_index(episodes)
    return _not_in_care(about, episodes) if current is None else _in_care(about, episodes, current, reading)


class _About(TypedDict):
    """What is known of a child whether in care or not."""

    council_id: str
    sex: str | None
    date_of_birth: date | None
    ethnicity: str | None
    adoption_decision_on: date | None
    adoption_decision_reversed_on: date | None
    previous_permanence: str | None
    last_review_on: date | None
    episodes: tuple[Episode, ...]
    file: str
    line: int | None


def _usable(rows: Iterable[Episode], file: str, end: date, problems: Problems) -> list[Episode]:
    """The child's episodes in order, each once, without those that begin impossibly late."""
    episodes: list[Episode] = []
    for episode in in_order(rows):
        if episode.started > end + A_YEAR:
            problems.note("YEAR-FAR", file, episode.line, "DECOM", f"{episode.started:%d/%m/%Y}")
        elif episodes and same_row(episodes[-1], episode):
            problems.note("ROW-TWICE", file, episode.line, None)
        else:
            episodes.append(episode)
    return episodes


def _not_in_care(about: _About, episodes: Sequence[Episode]) -> ReturnedChild:
    """A child whose episodes are all closed: how it ended, and nothing about the present."""
    if not episodes:
        return ReturnedChild(**about, open=False, why_not_a_case=NO_EPISODE)
    last = episodes[-1]
    why = LOST if last.end_reason == CONTINUES else LEFT_CARE
    return ReturnedChild(
        **about, open=False, why_not_a_case=why, ended_on=last.ended, end_reason=last.end_reason
    )


def _in_care(about: _About, episodes: Sequence[Episode], current: int, reading: Reading) -> ReturnedChild:
    """The open episode's facts, each date as exact as the file allows."""
    episode = episodes[current]
    care = looked_after(episodes, current)
    legal = legal_status_since(episodes, current, care)
    placed = placement_since(episodes, current, care)
    ordered = legal if episode.legal_status == PLACEMENT_ORDER else None
    reason = candidate_reason(
        legal_status=episode.legal_status,
        placement_code=episode.placement,
        date_of_birth=about["date_of_birth"],
        on=reading.business_date,
    )
    return ReturnedChild(
        **about,
        open=True,
        why_not_a_case=SHORT_BREAKS_ONLY if episode.short_breaks else None,
        need=episode.need,
        legal_status=episode.legal_status,
        legal_status_since=legal.on if legal else None,
        legal_status_since_qualifier=legal.qualifier if legal else None,
        looked_after_since=care.since.on,
        looked_after_since_qualifier=care.since.qualifier,
        placement_code=episode.placement,
        placement_since=placed.on,
        placement_since_qualifier=placed.qualifier,
        placement_provider=episode.provider,
        placement_order_since=ordered.on if ordered else None,
        placement_order_since_qualifier=ordered.qualifier if ordered else None,
        candidate=reason is not None,
        candidate_reason=reason,
    )
