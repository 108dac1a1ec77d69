"""The next meeting of each body that a child needs, and what it misses: by how much, at what cost (design 6).

*Ready* is the first day on which the child could be heard: today, or the date on record before which it
makes no sense. What is not on record is not guessed: then there is no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Date, bindparam, func, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from casework import policies
from casework.meetings.keeping import PLANNED
from casework.once import once
from casework.straight import rows
from persistence.tables import AgendaItem, Case, Child, Deadline, Event, Meeting, Milestone
from states.calendar import Calendar
from states.deadlines import PAPERS, RETURN
from states.policy import Policy
from states.policy.recurring import Body
from states.records.codes import FinancePosition, StepName
from states.sittings import Making, Sitting, in_weeks, making
from states.stages import S

ROA, KDD = "ROA", "KDD"
_AT_A_TIME = 500
#: Stages from which the Review Group is next.
FOR_THE_GROUP = frozenset({S.RATED.name, S.DEFERRED.name, S.FURTHER_WORK.name})
#: Stages in which the child's next review is what the plan waits for (rules R-ROA-1).
BEFORE_THE_REVIEW = frozenset({S.TRAJECTORY.name, S.FURTHER_WORK.name, S.KEY_DECISION.name, S.RATIFICATION.name})
#: Stages in which money is prepared (practice PT-9).
PREPARING_MONEY = frozenset({S.ASSESSMENT.name, S.FINANCIAL_PACKAGE.name})
MONEY_SETTLED = frozenset({FinancePosition.AGREED.value, FinancePosition.NOT_SOUGHT.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next meeting of one body for a child. Days are working days, cost and stake calendar days."""

    body: str
    meeting: str | None  # its reference; None where it is only expected
    held_on: date | None
    papers_due_on: date | None
    listed: bool
    ready_on: date
    because: str  # what says when the child is ready
    misses: str | None  # the meeting just before, which the child misses
    missed_on: date | None
    missed_by: int | None
    costs_days: int | None
    at_stake_days: int | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is on record about when a child is ready."""

    case: Case
    next_review_on: date | None
    returns_on: date | None
    papers_late: date | None  # the papers of its meeting were due then, and are not in
    listed: Sitting | None
    kdd_on: date | None
    money_on: date | None


@once
def next_meetings(session: Session, case: Case, today: date) -> tuple[Coming, ...]:
    """The next meetings a child needs, on a London date: Review Group, review (ROA), panel and DMT."""
    return next_meetings_of(session, [case], today)[case.id]


def next_meetings_of(session: Session, cases: Sequence[Case], today: date) -> dict[int, tuple[Coming, ...]]:
    """The same for many children, by case id: one query for each few hundred of them."""
    policy = policies.in_force(session, today).policy
    sittings = sittings_to_come(session, today)
    found: dict[int, tuple[Coming, ...]] = {}
    for first in range(0, len(cases), _AT_A_TIME):
        chunk = cases[first : first + _AT_A_TIME]
        known = _known(session, chunk, today)
        found |= {case.id: tuple(_of(known[case.id], sittings, policy, today)) for case in chunk}
    return found


def soonest_of(ahead: Sequence[Coming]) -> Coming | None:
    """The first of a child's meetings to be held; of those nobody has planned yet, any."""
    return min(ahead, key=lambda one: (one.held_on is None, one.held_on or date.max), default=None)


def _of(
    known: _Known, sittings: Mapping[str, Sequence[Sitting]], policy: Policy, today: date
) -> Iterable[Coming]:
    calendar = Calendar.of(policy)
    state = known.case.state
    group = sittings.get(Body.REVIEW_GROUP, ())
    if known.listed is not None and state == S.REVIEW_GROUP.name:
        yield _listed(known, group, calendar, today)
    elif state in FOR_THE_GROUP and group:
        ready, because = _ready_for_the_group(known, today)
        yield coming_of(Body.REVIEW_GROUP, making(group, ready_on=ready, calendar=calendar), ready, because, policy)
    if state in BEFORE_THE_REVIEW and known.next_review_on is not None and known.next_review_on >= today:
        after = calendar.add_months_by(known.next_review_on, policy.reviews.then_months)
        reviews = [Sitting(body=ROA, held_on=known.next_review_on), Sitting(body=ROA, held_on=after)]
        ready, because = _ready_for_the_review(known, today)
        if because:
            yield coming_of(ROA, making(reviews, ready_on=ready, calendar=calendar), ready, because, policy)
    if state in PREPARING_MONEY and known.case.finance_position not in MONEY_SETTLED:
        yield from _money(known, sittings, policy, today)


def _ready_for_the_group(known: _Known, today: date) -> tuple[date, str]:
    if known.returns_on is not None and known.returns_on > today:
        return known.returns_on, "the return date"
    return today, "today"


def _ready_for_the_review(known: _Known, today: date) -> tuple[date, str]:
    if known.case.state == S.RATIFICATION.name:
        return today, "today"
    if known.kdd_on is None:
        return today, ""  # no date of a Key Decision Discussion on record: nothing to say yet
    return max(known.kdd_on, today), "the Key Decision Discussion"


def _money(known: _Known, sittings: Mapping[str, Sequence[Sitting]], policy: Policy, today: date) -> Iterable[Coming]:
    """A grant or loan goes to the Permanence Panel, and above the tier to DMT after it (R-FIN-2, R-FIN-5)."""
    calendar = Calendar.of(policy)
    ready, because = max(known.money_on or today, today), "the financial assessment" if known.money_on else "today"
    for body in (Body.PERMANENCE_PANEL, Body.DMT):
        if not sittings.get(body):
            continue
        found = coming_of(body, making(sittings[body], ready_on=ready, calendar=calendar), ready, because, policy)
        yield found
        if found.held_on is None:
            return
        ready, because = calendar.next_working_day(date.fromordinal(found.held_on.toordinal() + 1)), "the panel"


def _listed(known: _Known, group: Sequence[Sitting], calendar: Calendar, today: date) -> Coming:
    """On an agenda: what late papers put at stake."""
    assert known.listed is not None
    if known.papers_late is None:
        return on_the_agenda(known.listed, group, ready_on=today)
    late = calendar.working_days_between(known.papers_late, today)
    said = f"but the papers are {working_days_in_words(late)} late: the chair must accept them"
    return on_the_agenda(known.listed, group, ready_on=today, late=late, said=said)


def on_the_agenda(
    listed: Sitting, sittings: Sequence[Sitting], *, ready_on: date, late: int | None = None, said: str = ""
) -> Coming:
    """The meeting somebody is listed for. `late`: by how many working days its papers are, `said` in words."""
    then = next((one for one in sittings if one.held_on > listed.held_on), None)
    stake = (then.held_on - listed.held_on).days if then else None
    words = f"On the agenda of {day_in_words(listed.held_on)}"
    if late is not None:
        words += f", {said}"
        words += f", or it waits until {day_in_words(then.held_on)}: {in_weeks(stake or 0)}" if then else ""
    return Coming(
        body=listed.body,
        meeting=listed.ref,
        held_on=listed.held_on,
        papers_due_on=listed.papers_due_on,
        listed=True,
        ready_on=ready_on,
        because="on the agenda",
        misses=None,
        missed_on=None,
        missed_by=late,
        costs_days=None,
        at_stake_days=stake,
        words=f"{words}.",
    )


def coming_of(body: str, made: Making, ready_on: date, because: str, policy: Policy) -> Coming:
    """The next meeting of a body for somebody ready on a London date; a near miss is said, a far one is not."""
    missed = made.missed
    if missed is not None and missed.working_days > policy.meetings.near_miss_working_days:
        missed = None
    return Coming(
        body=body,
        meeting=made.makes.ref if made.makes else None,
        held_on=made.makes.held_on if made.makes else None,
        papers_due_on=made.makes.papers_due_on if made.makes else None,
        listed=False,
        ready_on=ready_on,
        because=because,
        misses=missed.sitting.ref if missed else None,
        missed_on=missed.sitting.held_on if missed else None,
        missed_by=missed.working_days if missed else None,
        costs_days=missed.costs_days if missed else None,
        at_stake_days=made.at_stake_days,
        words=_words(body, made, because, missed is not None),
    )


def _words(body: str, made: Making, because: str, near: bool) -> str:
    """One or two sentences: "Misses the 12 December panel by two days: costs four weeks"."""
    if made.makes is None:
        return f"No meeting of the {body} is planned that it could make: plan one."
    if body == ROA:
        line = f"Next review (ROA) {day_in_words(made.makes.held_on)}"
        line += "." if made.missed is None else ", as far as reviews go by the calendar."
    else:
        line = f"Makes the {body} of {day_in_words(made.makes.held_on)}"
        line += f" if papers are in by {day_in_words(made.makes.papers_due_on)}." if made.makes.papers_due_on else "."
    if near and made.missed is not None:
        which = "review (ROA)" if body == ROA else body
        cost = in_weeks(made.missed.costs_days)
        unless = ", unless the review is moved" if body == ROA else ""
        by = f" ({because})" if because != "today" else ""
        line = (
            f"Misses the {day_in_words(made.missed.sitting.held_on)} {which} by "
            f"{working_days_in_words(made.missed.working_days)}{by}: costs {cost}{unless}. {line}"
        )
    return line


def working_days_in_words(number: int) -> str:
    """A number of working days as people say it."""
    return "one working day" if number == 1 else f"{number} working days"


def day_in_words(on: date) -> str:
    """A day as people write it."""
    return f"{on.day} {on:%B %Y}"


# -- what is on record ------------------------------------------------------------------------------------


@once
def sittings_to_come(session: Session, today: date) -> Mapping[str, Sequence[Sitting]]:
    """The meetings to come of every body that hears many children."""
    found: dict[str, list[Sitting]] = {}
    for row in rows(session, _SITTINGS, today=today):
        found.setdefault(row.body, []).append(
            Sitting(body=row.body, held_on=row.held_on, ref=row.ref, papers_due_on=row.papers_due_on)
        )
    return found


_TODAY = bindparam("today", type_=Date)
_SITTINGS = (
    select(Meeting.body, Meeting.held_on, Meeting.ref, Meeting.papers_due_on)
    .where(
        Meeting.body.in_(list(Body)),
        Meeting.held_on >= _TODAY,
        Meeting.status == PLANNED,
        Meeting.event_id.is_(None),
    )
    .order_by(Meeting.held_on, Meeting.ref)
)


def sitting_of(meeting: Meeting) -> Sitting:
    """A meeting as the arithmetic sees it."""
    return Sitting(
        body=meeting.body, held_on=meeting.held_on, ref=meeting.ref, papers_due_on=meeting.papers_due_on
    )


_REVIEW, _LISTED, _DISCUSSED = "next review", "listed", "discussed"
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_ON_RECORD: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(  # the first names the columns, and gives them their types
        AgendaItem.case_id,
        literal_column(f"'{_LISTED}'").label("what"),
        Meeting.held_on.label("on"),
        Meeting.ref,
        Meeting.body,
        Meeting.papers_due_on,
    )
    .join(Meeting, Meeting.id == AgendaItem.meeting_id)
    .where(AgendaItem.case_id.in_(_IDS), AgendaItem.status == "listed"),
    select(
        Child.case_id, literal_column(f"'{_REVIEW}'"), Child.next_review_on, null(), null(), null()
    ).where(Child.case_id.in_(_IDS)),
    select(Deadline.case_id, Deadline.name, Deadline.due_on, null(), null(), null()).where(
        Deadline.case_id.in_(_IDS), Deadline.closed_as.is_(None), Deadline.name.in_((RETURN.name, PAPERS.name))
    ),
    select(Event.case_id, literal_column(f"'{_DISCUSSED}'"), func.min(Meeting.held_on), null(), null(), null())
    .join(Event, Event.id == Meeting.event_id)
    .where(Event.case_id.in_(_IDS), Meeting.body == KDD, Meeting.status == PLANNED, Meeting.held_on >= _TODAY)
    .group_by(Event.case_id),
    select(Milestone.case_id, Milestone.name, Milestone.forecast_on, null(), null(), null()).where(
        Milestone.case_id.in_(_IDS),
        Milestone.done_on.is_(None),
        Milestone.name.in_((StepName.KDD.value, StepName.FINANCIAL_ASSESSMENT.value)),
    ),
)


def _known(session: Session, cases: Sequence[Case], today: date) -> dict[int, _Known]:
    listed: dict[int, Sitting] = {}
    dates: dict[tuple[int, str], date | None] = {}
    for row in rows(session, _ON_RECORD, ids=[case.id for case in cases], today=today):
        dates[row.case_id, row.what] = row.on
        if row.what == _LISTED:
            listed[row.case_id] = Sitting(
                body=row.body, held_on=row.on, ref=row.ref, papers_due_on=row.papers_due_on
            )
    found: dict[int, _Known] = {}
    for case in cases:
        papers = dates.get((case.id, PAPERS.name))
        found[case.id] = _Known(
            case=case,
            next_review_on=dates.get((case.id, _REVIEW)),
            returns_on=dates.get((case.id, RETURN.name)),
            papers_late=papers if papers is not None and papers < today else None,
            listed=listed.get(case.id),
            kdd_on=dates.get((case.id, _DISCUSSED)) or dates.get((case.id, StepName.KDD.value)),
            money_on=dates.get((case.id, StepName.FINANCIAL_ASSESSMENT.value)),
        )
    return found
