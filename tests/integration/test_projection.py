"""Told again, a history leaves the same rows as when it happened: projections and deadlines (design 5.5)."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acting import deadlines, effects
from casework.acting.retelling import retelling
from persistence import soonest
from persistence.tables import Case, Child, Deadline, Event, Meeting
from persistence.verification import verify
from states.calendar import Calendar
from states.facts import VOIDING
from tests.county import ChildAt
from tests.walks import Walk
from tests.world import START, World, leicestershire, noon

#: How long the child has been on the way when it stands at a state.
DAYS = {
    "COHORT": 1,
    "RATED": 4,
    "REVIEW_GROUP": 5,
    "TRAJECTORY": 18,
    "KEY_DECISION": 37,
    "RATIFICATION": 48,
    "ASSESSMENT": 58,
    "SIGN_OFF": 122,
    "WITH_LEGAL": 124,
    "IN_COURT": 161,
    "ORDER_MADE": 251,
}
#: What differs each time a row is made anew.
NOT_COMPARED = {"id", "ref", "created_at", "case_id", "meeting_id"}


#: What lists are read by, worked out from the dates themselves.
SOONEST = (
    select(func.min(Deadline.due_on))
    .where(Deadline.case_id == Case.id, Deadline.closed_as.is_(None), Deadline.name.not_in(deadlines.OPENS_A_DOOR))
    .scalar_subquery()
)


def plain(row: Any) -> tuple[Any, ...]:
    names = [c.name for c in row.__table__.columns if c.name not in NOT_COMPARED]
    return tuple((name, getattr(row, name)) for name in names)


def projected(session: Session, case: Case) -> dict[str, Any]:
    """Everything the history has changed beside itself."""
    session.flush()
    own = select(Meeting).join(Event, Event.id == Meeting.event_id).where(Event.case_id == case.id)
    rows = {
        table.__tablename__: session.scalars(select(table).where(table.case_id == case.id)).all()
        for table in (*effects.PROJECTED, Child)
    }
    rows |= {"case": [case], "own meetings": session.scalars(own).all()}
    return {name: sorted((plain(row) for row in found), key=repr) for name, found in rows.items()}


def dates(session: Session, case: Case) -> dict[str, tuple[Any, ...]]:
    """Every deadline, by its id."""
    session.flush()
    return {d.id: plain(d) for d in session.scalars(select(Deadline).where(Deadline.case_id == case.id))}


def told_again(world: World, ref: str, today: date) -> tuple[Any, Any]:
    """(as it stands, as the history told again would leave it) of one case, with nothing kept."""
    with world.office.database.writing() as session:
        case = session.scalars(select(Case).where(Case.ref == ref)).one()
        child = session.get_one(Child, case.id)
        before = (projected(session, case), dates(session, case))
        again = retelling(session, case, child)
        effects.rebuild(session, case, child, again.entries, now=noon(today))
        steps = again.steps()
        entries = {entry.id: entry for entry in again.entries}
        for step in steps:
            then = again.facts_of(entries[step.event_id])
            deadlines.reanchor(session, case, then, step, by_event="nobody", on=today)
        # What a reversal itself closed, it closed because the case is not in that state any more.
        events = {event.id for event in again.events.values() if event.trigger not in VOIDING}
        corrections = {event.id for event in again.events.values() if event.trigger == "correct"}
        deadlines.refold(session, case, steps, changed=events, corrections=corrections)
        deadlines.recompute_pauses(session, case, Calendar.of(leicestershire()))
        after = (projected(session, case), dates(session, case))
        session.rollback()
    return before, after


def test_a_history_told_again_leaves_the_same_rows(child_at: ChildAt) -> None:
    """Random walks, reversals and corrections among them, from every state."""

    @settings(
        max_examples=8,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a walk takes minutes and says little
    )
    @given(data=st.data())
    def walk_and_tell_again(data: st.DataObject) -> None:
        state = data.draw(st.sampled_from(sorted(DAYS)))
        world, ref = child_at(state)
        sibling = world.open_child(START)
        walk = Walk(
            world=world,
            ref=ref,
            today=START + timedelta(DAYS[state]),
            choose=lambda options: data.draw(st.sampled_from(options)),
            sibling=sibling,
        )
        for _ in range(data.draw(st.integers(5, 40))):
            walk.step()

        for one in (ref, sibling):
            before, after = told_again(world, one, walk.today)
            assert after[0] == before[0], walk.done
            assert after[1] == before[1], walk.done
        with world.office.reading() as session:
            assert verify(session).ok
            for kept, worked_out in session.execute(select(Case.next_due, SOONEST)):
                assert kept == worked_out, walk.done

    walk_and_tell_again()


def test_the_database_keeps_the_soonest_date_of_what_can_be_late() -> None:
    """R-LAW-4: a day from which something may happen is in no list of what is due."""
    assert set(soonest.OPENS_A_DOOR) == deadlines.OPENS_A_DOOR
