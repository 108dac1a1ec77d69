"""Back on the agenda in time, and not round and round (rules 5.3, 5.6)."""

from __future__ import annotations

from sqlalchemy import or_, select

from casework.drift.as_of import AsOf, Columns
from persistence.tables import LoopStay
from states.deadlines import RETURN


def not_relisted(night: AsOf) -> Columns:
    """The date to return to the group has passed and the child is on no agenda."""
    return night.overdue(RETURN.name)


def round_and_round(night: AsOf) -> Columns:
    """So many rounds of further work, or so many months in it and deferred after it, end to end.

    Until a Head of Service says that it goes on (rules R-FW-2). A child who was only deferred waits for the date to
    return that the colour allows, up to twelve months (practice PT-2): that is for D-04 and D-02.
    """
    policy = night.policy.trajectory
    too_long = night.more_than_months_ago(policy.loop_months_before_head_of_service)
    return select(LoopStay.case_id.label("case_id"), LoopStay.from_on.label("since")).where(
        night.within(LoopStay.case_id),
        night.happened(LoopStay.from_on),
        or_(LoopStay.until_on.is_(None), night.to_come(LoopStay.until_on)),
        or_(LoopStay.loops >= policy.loops_before_head_of_service, LoopStay.counted_from < too_long),
        or_(LoopStay.agreed_on.is_(None), night.to_come(LoopStay.agreed_on)),
    )
