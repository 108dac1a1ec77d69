"""When the first ratings of an imported cohort fall due: spread over the months by priority (practice PT-1, PR-4).

Everybody in care is rated, but not in the first four weeks. The children of one file queue up: candidates for
the Review Group first, then the others; within each by the authority's own order of priority; the older child
first, who has less time. Each month takes as many as the policy releases (`night.backlog_per_month`): the first
lot is in scope from today, the next from this day next month, and so on. Nobody is put off beyond the day on
which the rating would come too late for their age (rules R-ELG-1). A file with fewer new children than a month
takes, as every night's is once the backlog is in, changes nothing for them: they are in scope from today.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from interchange.returned import ReturnedChild
from states.calendar import Calendar
from states.policy import Policy

#: The words of the policy's order of priority, by the return's placement code. Any other code is OTHER.
PRIORITY = {"U1": "kinship long-term", "U4": "long-term fostering", "U3": "kinship not matched"}
OTHER = "other"


def spread(children: Iterable[ReturnedChild], *, today: date, policy: Policy) -> list[tuple[ReturnedChild, date]]:
    """The children in the order of their first ratings, each with the London date they are in scope from."""
    calendar = Calendar.of(policy)
    rank = {words: place for place, words in enumerate(policy.scope.priority)}

    def place(child: ReturnedChild) -> tuple[bool, int, date, str]:
        words = PRIORITY.get(child.placement_code or "", OTHER)
        born = child.date_of_birth or date.max
        return not child.candidate, rank.get(words, len(rank)), born, child.council_id

    queue = sorted(children, key=place)
    return [
        (child, _in_scope(child, number // policy.night.backlog_per_month, today, policy, calendar))
        for number, child in enumerate(queue)
    ]


def _in_scope(child: ReturnedChild, months: int, today: date, policy: Policy, calendar: Calendar) -> date:
    if months == 0:
        return today
    too_old = calendar.reaches(child.date_of_birth or today, policy.scope.max_age_at_rating)
    last = calendar.add_working_days(too_old, -policy.rating.first_rating_working_days - 1)
    return max(today, min(calendar.add_months_by(today, months), last))
