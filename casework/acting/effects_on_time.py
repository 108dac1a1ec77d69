"""What an entry changes on the child's trajectory, and in how long the local clocks stand still (design 5.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import bindparam, select, update

from casework.acting import loading
from casework.acting.applied import Applied
from casework.straight import change, table_of
from persistence.tables import (
    Milestone,
    Pause,
    new_id,
)
from states.facts import Entry, live
from states.history import BACK_BEFORE_KDD, ROUND_STARTS
from states.records.codes import FinancePosition, StepName

#: Steps after which milestones that had been reached lie ahead again (practice PT-11, PT-3).
SETS_BACK: dict[str, tuple[StepName, ...]] = {
    **dict.fromkeys(BACK_BEFORE_KDD, (StepName.KDD, StepName.ROA, StepName.REPORTS_TO_LEGAL)),
    "roa_does_not_ratify": (StepName.KDD, StepName.ROA),
    "legal_returns": (StepName.REPORTS_TO_LEGAL,),
    "withdraw_application": (StepName.APPLICATION,),
}
#: The milestone of the child's trajectory that a step reaches (rules R-TRJ-2).
REACHES: dict[str, tuple[StepName, ...]] = {
    "record_initial_meeting": (StepName.INITIAL_MEETING,),
    "kdd_sgo_appropriate": (StepName.KDD,),
    "roa_ratifies": (StepName.ROA,),
    "override_ratification": (StepName.ROA,),
    "record_notice_of_intention": (StepName.NOTICE,),
    "request_check": (StepName.CHECKS_REQUESTED, StepName.ASSESSMENT_START),
    "record_family_network_meeting": (StepName.FAMILY_NETWORK_MEETING,),
    "record_genogram": (StepName.GENOGRAM,),
    "hold_midpoint_review": (StepName.MIDPOINT,),
    "draft_support_plan": (StepName.SUPPORT_PLAN,),
    "record_proposal_notice": (StepName.PROPOSAL_NOTICE,),
    "close_representations": (StepName.REPRESENTATIONS_END,),
    "complete_assessment": (StepName.CHECKS_RETURNED,),
    "submit_to_legal": (StepName.REPORTS_TO_LEGAL,),
    "application_issued": (StepName.APPLICATION,),
    "order_made": (StepName.ORDER,),
    "activate_support": (StepName.FIRST_PAYMENT,),
}
MONEY_REACHES: dict[str, tuple[StepName, ...]] = {
    FinancePosition.BEING_ASSESSED.value: (StepName.FINANCIAL_ASSESSMENT,),
    FinancePosition.AGREED.value: (StepName.FINANCE_DECISION,),
}



def trajectory(one: Applied) -> None:
    """The milestones as they are planned now; the first dates stay the baseline."""
    version = 1 + max(
        one.session.scalars(select(Milestone.trajectory_version).where(Milestone.case_id == one.case.id)),
        default=0,
    )
    there = {
        m.name: m for m in one.session.scalars(select(Milestone).where(Milestone.case_id == one.case.id))
    }
    order = [step.value for step in StepName]
    for row in one.data["milestones"]:
        planned = date.fromisoformat(row["planned_on"])
        done = date.fromisoformat(row["done_on"]) if row.get("done_on") else None
        old = there.pop(row["step"], None)
        if old is None:
            one.session.add(
                Milestone(
                    id=new_id(),
                    case_id=one.case.id,
                    name=row["step"],
                    position=order.index(row["step"]),
                    baseline_on=planned,
                    forecast_on=planned,
                    done_on=done,
                    owner=row["owner"][:64],
                    slip_reason=row.get("slip_reason"),
                    trajectory_version=version,
                    event_id=one.entry.id,
                )
            )
        else:
            old.forecast_on, old.owner = planned, row["owner"][:64]
            old.done_on = done or old.done_on
            old.slip_reason = row.get("slip_reason") or old.slip_reason
            old.trajectory_version, old.event_id = version, one.entry.id
    for left_out in there.values():
        if left_out.done_on is None:
            one.session.delete(left_out)
    one.session.flush()
    for step, on in _reached_before(one).items():
        _done(one, step, on)


def _reached_before(one: Applied) -> dict[StepName, date]:
    """What this round had reached before the trajectory was written: done, though nobody says so (PT-5)."""
    reached: dict[StepName, date] = {}
    for entry in live(loading.load_entries(one.session, one.case.id)):
        if entry.seq >= one.entry.seq:
            break
        if entry.trigger in ROUND_STARTS:
            reached.clear()
        for step in SETS_BACK.get(entry.trigger, ()):
            reached.pop(step, None)
        for step in reaches(entry):
            reached.setdefault(step, entry.happened_on)
    return reached


def reaches(entry: Entry) -> tuple[StepName, ...]:
    """The milestones that an entry reaches (rules R-TRJ-2)."""
    if entry.trigger == "set_financial_position":
        return MONEY_REACHES.get(entry.data["position"], ())
    return REACHES.get(entry.trigger, ())


def reach(one: Applied) -> None:
    """Milestones that the step reaches, and those it sets back."""
    for step in SETS_BACK.get(one.entry.trigger, ()):
        change(one.session, _SET_BACK, [{"case": one.case.id, "step": step.value}])
    for step in reaches(one.entry):
        _done(one, step, one.entry.happened_on)


def _done(one: Applied, step: StepName, on: date) -> None:
    change(one.session, _REACHED, [{"case": one.case.id, "step": step.value, "on": on}])


_OF_STEP = (
    table_of(Milestone).c.case_id == bindparam("case"),
    table_of(Milestone).c.name == bindparam("step"),
)
_SET_BACK = update(table_of(Milestone)).where(*_OF_STEP).values(done_on=None)
_REACHED = (
    update(table_of(Milestone))
    .where(*_OF_STEP, table_of(Milestone).c.done_on.is_(None))
    .values(done_on=bindparam("on"))
)


def pause(one: Applied) -> None:
    """The local clocks stand still."""
    one.session.add(
        Pause(
            id=new_id(),
            case_id=one.case.id,
            reason=str(one.data.get("reason") or "safeguarding enquiry")[:64],
            from_on=one.entry.happened_on,
            expected_on=one.day("expected_on") or one.entry.happened_on,
            event_id=one.entry.id,
        )
    )


def resume(*kinds: str) -> Callable[[Applied], None]:
    """What ends such a pause: of the clocks, or of a safeguarding enquiry."""

    def end(one: Applied) -> None:
        for stop in one.session.scalars(
            select(Pause).where(Pause.case_id == one.case.id, Pause.until_on.is_(None))
        ):
            if (stop.reason == SAFEGUARDING) == ("safeguarding" in kinds):
                stop.until_on = max(one.entry.happened_on, stop.from_on)
                stop.ended_by_event = one.entry.id

    return end


SAFEGUARDING = "safeguarding"


def safeguarding(one: Applied) -> None:
    """The local clocks stand still while a safeguarding enquiry is open."""
    one.data["reason"] = SAFEGUARDING
    pause(one)
