"""The one page a week of a Head of Service: what stands, by rule and team, against last week (practice PN-2).

Worked out from the findings as of a day, for what its reader may open: the same page comes out whenever it is made.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.drift import inherited
from casework.drift.rules import RULES
from casework.who.access import visible
from casework.who.people import held_on
from notifications.contexts import RESTRICTED_HEADING
from notifications.digests import WeekCount, WeekPage, WeekWorst
from persistence.tables import Case, Digest, Finding, Team
from states.policy import Policy
from states.vocabulary import Role

_WEEK = timedelta(days=7)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORST = 10
_NO_TEAM = "no team yet"


def is_wanted(session: Session, person_id: str, day: date, policy: Policy) -> bool:
    """Whether a person's digest of a day carries the page: the first on or after the policy's weekday."""
    if all(held.role is not Role.HEAD_OF_SERVICE for _, held in held_on(session, [person_id], day)):
        return False
    back = (day.weekday() - _DAYS.index(policy.night.head_of_service_page_on)) % 7
    this_week = exists().where(
        Digest.person_id == person_id, Digest.with_page, Digest.for_day >= day - timedelta(days=back)
    )
    return not session.scalar(select(this_week))


def page_of(session: Session, person_id: str, *, on: date) -> WeekPage:
    """The page as of a London date; the week before is the same weekday seven days earlier."""
    here = [visible(session, person_id, on), inherited.may_be_told(inherited.went_live(session, on), on)]
    now, before = _counts(session, here, on), _counts(session, here, on - _WEEK)
    teams = {team.id: team.name for team in session.scalars(select(Team))}
    return WeekPage(
        on=on,
        counts=tuple(
            WeekCount(
                rule=rule,
                words=RULES[rule].words if rule in RULES else "",
                team=teams.get(team_id or "", _NO_TEAM),
                now=now[rule, team_id],
                before=before[rule, team_id],
            )
            for rule, team_id in sorted(
                now.keys() | before.keys(), key=lambda one: (one[0], teams.get(one[1] or "", ""))
            )
        ),
        worst=_worst(session, here, on, teams),
        now=now.total(),
        before=before.total(),
    )


def _stood(on: date) -> list[ColumnElement[bool]]:
    return [Finding.first_found_on <= on, or_(Finding.cleared_on.is_(None), Finding.cleared_on > on)]


def _counts(session: Session, here: list[ColumnElement[bool]], on: date) -> Counter[tuple[str, str | None]]:
    query = (
        select(Finding.rule, Case.team_id, func.count())
        .join(Case, Case.id == Finding.case_id)
        .where(*here, *_stood(on))
        .group_by(Finding.rule, Case.team_id)
    )
    return Counter({(rule, team_id): number for rule, team_id, number in session.execute(query)})


def _worst(
    session: Session, here: list[ColumnElement[bool]], on: date, teams: dict[str, str]
) -> tuple[WeekWorst, ...]:
    query = (
        select(Finding, Case)
        .join(Case, Case.id == Finding.case_id)
        .where(*here, *_stood(on))
        .order_by((Finding.severity != "urgent"), Finding.since, Case.ref, Finding.rule)
        .limit(_WORST)
    )
    return tuple(
        WeekWorst(
            rule=finding.rule,
            words=RESTRICTED_HEADING if case.restricted else finding.words,
            case_ref=case.ref,
            team=teams.get(case.team_id or "", _NO_TEAM),
            since=finding.since,
            urgent=finding.severity == "urgent",
        )
        for finding, case in session.execute(query)
    )
