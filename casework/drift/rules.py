"""What the night looks for: one line of the catalogue a rule, each a single `Select` (rules 10, design 5.10).

To add a rule: a function that answers (case, since when) for the night it is given, and a line below. Its
numbers are policy; its dates come from `AsOf`. A rule that the policy lists under `night.off` is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, exists, func, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from casework.drift.as_of import AsOf, Columns
from persistence.tables import AgendaItem, Case, Deadline, Event, Meeting, Milestone
from states.deadlines import FIRST_RATING, RERATING, RETURN, TRAJECTORY
from states.policy import Policy
from states.stages import RATED_TO_LEGAL, UNDER_WAY, S
from states.vocabulary import Role


class Severity(StrEnum):
    """How bad it is (rules 10)."""

    INFO = "info"
    WARN = "warn"
    URGENT = "urgent"


#: Which cases of a chunk, and since which date each: `since` tells one lapse from the next.
Find = Callable[[AsOf], Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRule:
    """One rule of the night. One finding a rule, case and `since`: the next lapse is a new finding."""

    id: str
    severity: Severity
    owners: tuple[Role, ...]
    words: str  # as people read it (practice 5); nothing about the child
    source: str
    find: Find


def _not_rated(night: AsOf) -> Columns:
    return night.overdue(FIRST_RATING.name)


def _rating_old(night: AsOf) -> Columns:
    """The refresh is overdue; or nothing will call for one and the rating is older than a refresh allows."""
    old = night.more_than_months_ago(night.policy.rating.refresh_months)
    refresh = aliased(Deadline)
    stands = and_(refresh.case_id == Case.id, refresh.name == RERATING.name, night.stands(refresh))
    return (
        select(Case.id.label("case_id"), func.coalesce(refresh.due_on, Case.rated_on).label("since"))
        .outerjoin(refresh, stands)
        .where(
            night.within(Case.id),
            or_(
                refresh.due_on < night.day,
                and_(
                    refresh.id.is_(None),
                    Case.rated_on < old,
                    night.state().in_([state.name for state in RATED_TO_LEGAL]),
                ),
            ),
        )
    )


def _not_relisted(night: AsOf) -> Columns:
    return night.overdue(RETURN.name)


def _off_the_trajectory(night: AsOf) -> Columns:
    """The trajectory is long overdue, or the next of its own dates has gone by unmet.

    While the clocks stand still the dates wait with them: on the night after, what has passed is found.
    """
    late = night.overdue_by_more_than(night.policy.night.trajectory_overdue_working_days)
    on_the_way = [state.name for state in UNDER_WAY | {S.IN_COURT, S.ORDER_MADE}]
    passed = (
        select(Milestone.case_id.label("case_id"), func.min(Milestone.forecast_on).label("since"))
        .join(Case, Case.id == Milestone.case_id)
        .where(
            night.within(Milestone.case_id),
            night.unmet(),
            Milestone.forecast_on < night.day,
            night.state().in_(on_the_way),
            not_(night.paused(Milestone.case_id)),
        )
        .group_by(Milestone.case_id)
    )
    both = union_all(night.overdue(TRAJECTORY.name, before=late), passed).subquery()
    return select(both.c.case_id, func.min(both.c.since).label("since")).group_by(both.c.case_id)


def _quiet(night: AsOf) -> Columns:
    """Nothing has happened, and nothing is to happen: no deadline, meeting, milestone or end of a pause ahead.

    That a rating will be due for its refresh moves nobody on, so it is no plan. Where the pathway does not
    apply, or was stopped, and a person has said why there is no date to look again, silence was decided
    (rules 0.3); a date to look again that has gone by is not silence.
    """
    quiet = night.more_than_days_ago(night.policy.night.quiet_case_days)
    of_the_case = and_(Deadline.case_id == Case.id, night.stands())
    own = select(Event.id).where(Event.case_id == Case.id, Event.id == Meeting.event_id).exists()
    planned = and_(Meeting.held_on >= night.day, Meeting.status == "planned")
    ahead = (
        exists().where(of_the_case, Deadline.due_on >= night.day, Deadline.name != RERATING.name),
        exists().where(
            AgendaItem.case_id == Case.id,
            AgendaItem.status == "listed",
            Meeting.id == AgendaItem.meeting_id,
            planned,
        ),
        exists().where(planned, own),
        exists().where(Milestone.case_id == Case.id, night.unmet(), Milestone.forecast_on >= night.day),
        night.paused(Case.id, until_after=True),
    )
    put_aside = night.state().in_([S.NOT_APPLICABLE.name, S.NOT_PROGRESSING.name])
    return select(Case.id.label("case_id"), night.last_event().label("since")).where(
        night.within(Case.id),
        night.last_event() < quiet,
        *(not_(one) for one in ahead),
        or_(not_(put_aside), exists().where(of_the_case)),
    )


# fmt: off
CATALOGUE: tuple[DriftRule, ...] = (
    DriftRule(id="D-01", severity=Severity.WARN, owners=(Role.TEAM_MANAGER,), find=_not_rated,
              words="Not rated, and the first rating is overdue", source="rules 10, R-ELG-3"),
    DriftRule(id="D-02", severity=Severity.WARN, owners=(Role.TEAM_MANAGER,), find=_rating_old,
              words="The rating has not been looked at again in time", source="rules 10, R-RAG-4"),
    DriftRule(id="D-04", severity=Severity.URGENT, owners=(Role.GROUP_ADMINISTRATOR, Role.TEAM_MANAGER),
              find=_not_relisted, words="The date to return to the Review Group has passed: not on an agenda",
              source="rules 10, R-RG-4"),
    DriftRule(id="D-05", severity=Severity.WARN, owners=(Role.CHILDS_WORKER, Role.TEAM_MANAGER),
              find=_off_the_trajectory, words="The trajectory is overdue, or one of its dates has passed unmet",
              source="rules 10, R-RG-5, R-TRJ-2"),
    DriftRule(id="D-35", severity=Severity.WARN, owners=(Role.CHILDS_WORKER, Role.TEAM_MANAGER), find=_quiet,
              words="Nothing has happened for a while and nothing is planned", source="rules 10"),
)
# fmt: on

RULES: dict[str, DriftRule] = {rule.id: rule for rule in CATALOGUE}


def in_use(policy: Policy) -> tuple[DriftRule, ...]:
    """The rules the policy has not switched off (practice PN-1)."""
    return tuple(rule for rule in CATALOGUE if rule.id not in policy.night.off)
