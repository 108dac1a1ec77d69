"""Rated in time, looked at again, listed, and the same thing in the way time after time (rules 5.1, 5.2)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from casework.drift.as_of import AsOf, Columns
from persistence.tables import BarrierSeen, Case, Deadline, Event, Record
from states.deadlines import FIRST_RATING, RERATING
from states.policy.values import Span, SpanUnit
from states.records.codes import Colour
from states.stages import RATED_TO_LEGAL, S


def not_rated(night: AsOf) -> Columns:
    """The first rating is overdue."""
    return night.overdue(FIRST_RATING.name)


def rating_old(night: AsOf) -> Columns:
    """The refresh is overdue; or nothing will call for one and the rating is older than a refresh allows."""
    old = night.more_than_months_ago(night.policy.rating.refresh_months)
    refresh = aliased(Deadline)
    of_the_case = and_(night.within(refresh.case_id), refresh.case_id == Case.id)
    stands = and_(of_the_case, refresh.name == RERATING.name, night.stands(refresh))
    return (
        select(Case.id.label("case_id"), func.coalesce(refresh.due_on, Case.rated_on).label("since"))
        .outerjoin(refresh, stands)
        .where(
            night.within(Case.id),
            or_(
                refresh.due_on < night.day,
                and_(refresh.id.is_(None), Case.rated_on < old, night.is_in(RATED_TO_LEGAL)),
            ),
        )
    )


def no_rating_date(night: AsOf) -> Columns:
    """Rated elsewhere, and nobody has said when: how old the rating is cannot be told."""
    since = Case.opened_on.label("since")
    return select(Case.id.label("case_id"), since).where(
        night.within(Case.id), Case.rated_on.is_(None), night.is_in(RATED_TO_LEGAL)
    )


# -- not listed -------------------------------------------------------------------------------------------

#: Steps with which a child stands rated and waits to be listed. Coming off an agenda starts nothing anew.
_STARTS_TO_WAIT = ("rate", "reopen", "bring_forward")


def not_listed(night: AsOf) -> Columns:
    """Rated, and on no agenda within the time that the colour allows; a new rating does not start it again.

    The dates of what was rated elsewhere are the rating's own (practice PR-4).
    """
    waits_since = (
        select(func.max(case((Event.trigger == "bring_forward", Case.rated_on), else_=Record.happened_on)))
        .select_from(Record)
        .join(Event, Event.id == Record.for_event)
        .where(
            night.within(Record.case_id, Event.case_id),
            Record.case_id == Case.id,
            Event.trigger.in_(_STARTS_TO_WAIT),
            night.happened(Record.happened_on),
            night.counts(),
        )
        .correlate(Case)
        .scalar_subquery()
    )
    colour = night.colour()
    too_long = (
        and_(colour == one.value, waits_since < night.too_long_ago(partial(listed_by, night, one.value)))
        for one in Colour
    )
    return select(Case.id.label("case_id"), waits_since.label("since"), colour.label("colour")).where(
        night.within(Case.id), night.is_in({S.RATED}), or_(*too_long)
    )


def listed_by(night: AsOf, colour: str, day: date) -> date:
    """By when a child who began to wait on a day is to be on an agenda (practice PN-3)."""
    usual = Span(night.policy.night.listing_weeks, SpanUnit.WEEKS)
    return night.calendar.add(day, night.policy.group.return_within.get(Colour(colour), usual))


def listing_was_due(night: AsOf, row: Any) -> date:
    """The day by which the child was to be listed."""
    return listed_by(night, row.colour, row.since)


# -- the same in the way -----------------------------------------------------------------------------------


def same_barrier(night: AsOf) -> Columns:
    """The same thing was named at so many ratings in a row, or at so many hearings."""
    return (
        select(BarrierSeen.case_id.label("case_id"), func.min(BarrierSeen.first_on).label("since"))
        .join(Case, Case.id == BarrierSeen.case_id)
        .where(
            night.within(BarrierSeen.case_id, Case.id),
            BarrierSeen.times >= night.policy.night.same_barrier_times,
            night.happened(BarrierSeen.seen_on),
            or_(BarrierSeen.until_on.is_(None), night.to_come(BarrierSeen.until_on)),
            night.is_in(RATED_TO_LEGAL),
        )
        .group_by(BarrierSeen.case_id)
    )
