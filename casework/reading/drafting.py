"""What the system can write down before people do: a trajectory backwards from the order, text to copy (PR-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import loading
from casework.acting.retelling import row_of
from casework.errors import NotFound
from casework.reading.lines import Line
from casework.reading.showing import CaseSeen, show_case
from casework.who.access import open_case_row
from casework.who.choosing import names_of_people
from notifications.wording import on_a_letter
from persistence.tables import Child, Milestone
from states import standing
from states.calendar import Calendar
from states.facts import Facts, live
from states.records.base import FieldSeen, Kind
from states.records.code_words import WORDS
from states.records.codes import StepName
from states.standing import Route
from states.vocabulary import Role

#: Whose a milestone usually is; whoever writes the trajectory changes what differs (rules R-TRJ-1).
USUALLY = {
    StepName.KDD: Role.TEAM_MANAGER.value,
    StepName.ROA: Role.IRO.value,
    StepName.NOTICE: "carers",
    StepName.FINANCE_DECISION: Role.HEAD_OF_SERVICE.value,
    StepName.APPLICATION: "carers",
    StepName.FIRST_HEARING: "court",
    StepName.ORDER: "court",
    StepName.FIRST_PAYMENT: Role.CO_ORDINATOR.value,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDrafted:
    """A milestone as the policy's durations place it."""

    step: str
    planned_on: date
    owner: str
    done_on: date | None
    past: bool  # still to do, and the day is gone: the target is too near


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryDrafted:
    """A trajectory to start from: people change only what differs (practice PR-6)."""

    ref: str
    target_order_on: date
    milestones: tuple[MilestoneDrafted, ...]

    @property
    def record(self) -> dict[str, Any]:
        """The part of the trajectory's record that is filled in, for `sgo trigger REF record_trajectory --record`."""
        return {
            "target_order_on": self.target_order_on.isoformat(),
            "milestones": [
                {
                    "step": m.step,
                    "planned_on": m.planned_on.isoformat(),
                    "owner": m.owner,
                    **({"done_on": m.done_on.isoformat()} if m.done_on else {}),
                }
                for m in self.milestones
            ],
        }


def draft_trajectory(session: Session, ref: str, *, order_on: date, by: str, today: date) -> TrajectoryDrafted:
    """The usual milestones, counted backwards from the target order by the policy's weeks (practice PR-6).

    What is done keeps its day. A day off moves to the working day before it; after the order, to the one after.
    Raises NotFound.
    """
    case = open_case_row(session, ref, by=by, today=today)
    policy = policies.in_force(session, today).policy
    calendar = Calendar.of(policy)
    written = {m.name: m for m in session.scalars(select(Milestone).where(Milestone.case_id == case.id))}
    drafted = []
    for step, weeks in policy.trajectory.weeks_before_order.items():
        there = written.get(step.value)
        done_on = there.done_on if there else None
        planned_on = done_on or _working(calendar, order_on - timedelta(weeks=weeks), later=weeks < 0)
        drafted.append(
            MilestoneDrafted(
                step=step.value,
                planned_on=planned_on if step is not StepName.ORDER or done_on else order_on,
                owner=(there.owner if there else None) or USUALLY.get(step, Role.ASSESSMENT_WORKER.value),
                done_on=done_on,
                past=done_on is None and planned_on < today,
            )
        )
    return TrajectoryDrafted(
        ref=ref,
        target_order_on=order_on,
        milestones=tuple(sorted(drafted, key=lambda m: (m.planned_on, list(StepName).index(StepName(m.step))))),
    )


def _working(calendar: Calendar, day: date, *, later: bool) -> date:
    return calendar.next_working_day(day) if later else calendar.previous_working_day(day)


# -- by which way the carers may apply ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSeen:
    """By which way the carers may apply (rules R-ELG-5, R-LAW-3). It informs; it stops nothing."""

    ref: str
    route: Route
    words: str
    lived_since: date | None


def carer_standing(session: Session, ref: str, *, by: str, today: date) -> StandingSeen:
    """By which way the carers may apply, by what is recorded today. Raises NotFound."""
    case = open_case_row(session, ref, by=by, today=today)
    facts = _facts(session, case, by=by, today=today)
    return StandingSeen(
        ref=ref,
        route=standing.route(facts),
        words=standing.in_words(facts),
        lived_since=facts.head.lived_with_carers_since,
    )


def _facts(session: Session, case: Any, *, by: str, today: date) -> Facts:
    child = session.get_one(Child, case.id)
    return loading.facts_for(
        session,
        head=loading.head_of(case, child),
        whole=loading.load_entries(session, case.id),
        record=None,
        on=today,
        today=today,
        decided_by=by,
        recorded_by=by,
        policy=policies.in_force(session, today),
        case_id=case.id,
    )


# -- text for the case system ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TextToCopy:
    """What was done, as text for the case system, which is the record of practice (practice PR-6, PR-7)."""

    ref: str
    event: str
    text: str


def text_for_case_system(
    session: Session, ref: str, *, by: str, today: date, event: str | None = None
) -> TextToCopy:
    """One act as text that can be copied into the case system: the one named, or the last that stands.

    Protected addresses and cases the reader may not open are left out, as everywhere. Raises NotFound for a case or
    an entry that is not there.
    """
    seen = show_case(session, ref, by=by, today=today)
    lines = [line for line in seen.chronology if line.standing != "taken back"]
    chosen = next((line for line in reversed(lines) if event in (None, line.event)), None)
    if chosen is None:
        raise NotFound("entry", event or "")
    entries = {e.id: e for e in live(loading.load_entries(session, open_case_row(session, ref, by=by, today=today).id))}
    row = row_of(entries[chosen.event])
    names = names_of_people(session)
    fields = row.record.fields() if row is not None else ()
    return TextToCopy(ref=ref, event=chosen.event, text="\n".join(_text(seen, chosen, fields, names)) + "\n")


def _text(seen: CaseSeen, line: Line, fields: tuple[FieldSeen, ...], names: Mapping[str, str]) -> list[str]:
    text = [f"{line.words} ({on_a_letter(line.happened_on)})", ""]
    decided_by, recorded_by = (names.get(who, who) for who in (line.decided_by, line.recorded_by))
    people = f"Decided by: {decided_by} ({line.role})" if line.role else f"By: {decided_by}"
    text.append(people if decided_by == recorded_by else f"{people}, recorded by {recorded_by}")
    if line.confirmation in ("waiting", "disputed"):
        said = "not yet confirmed" if line.confirmation == "waiting" else "disputed"
        text.append(f"This decision is {said} by the person it is recorded for.")
    if line.evidence:
        text.append(f"Evidence: {line.evidence}")
    text.append("")
    for field in fields:
        text.extend(_answered(field, line.record.get(field.name), names))
    dates = [one for one in seen.deadlines if one.closed_as is None and one.due is not None]
    if dates:
        text += ["", "Next dates:"]
        text += [f"- {on_a_letter(one.due)}: {one.words} ({one.owner})" for one in dates if one.due is not None]
    text += ["", f"SGO pathway {seen.ref}, entry {line.seq}, entered {on_a_letter(line.recorded_on)}."]
    return text


def _answered(field: FieldSeen, value: Any, names: Mapping[str, str]) -> list[str]:
    if value in (None, [], ()):
        return []
    if field.kind is Kind.ROWS and isinstance(value, list):
        rows = ["; ".join(part for f in field.rows for part in _answered(f, one.get(f.name), names)) for one in value]
        return [f"{field.label}:", *(f"- {row}" for row in rows)]
    return [f"{field.label}: {_said(field, value, names)}"]


def _said(field: FieldSeen, value: Any, names: Mapping[str, str]) -> str:
    match field.kind:
        case Kind.YES_NO:
            return "yes" if value else "no"
        case Kind.DATE:
            return on_a_letter(date.fromisoformat(value))
        case Kind.PERSON:
            return names.get(value, value)
        case Kind.CHOICES:
            return ", ".join(WORDS.get(one, one) for one in value)
        case Kind.CHOICE:
            return WORDS.get(value, str(value))
        case _:
            return str(value)
