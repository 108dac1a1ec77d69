"""A caseload for benchmarks: children with twenty years of history, written by the acts people do.

Twenty years are 40 events, 25 deadlines of which 3 are open, and a trajectory of 12 milestones (design 8).
Everything is invented; people and papers are the demo's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import meetings, policies
from casework.acting import acts
from casework.acting.commands import Actor, Command
from casework.settings import Settings
from casework.units import Office, open_office
from demo.papers import milestones, paper
from demo.staff import engage
from persistence.tables import Deadline, Event, Milestone
from states.policy import load_policy
from states.records.codes import StepName
from states.vocabulary import Service

POLICY = Path(__file__).parents[1] / "policies" / "leicestershire.toml"
LONG_AGO = date(2015, 1, 1)
START = date(2024, 1, 8)
#: The day on which a child with all its history is ready for the Key Decision Discussion.
READY = START + timedelta(560)
EVENTS, DEADLINES, OPEN_DEADLINES, MILESTONES = 40, 25, 3, 12

_numbers = count(100_001)


def at(day: date) -> datetime:
    """Noon UTC on a day: the same day in London, summer and winter."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@dataclass(slots=True)
class County:
    """An open office with policy and staff; `ids` gives the id of a person by handle."""

    office: Office
    ids: dict[str, str] = field(default_factory=dict)

    def command(self, ref: str | None, trigger: str, on: date, *, quiet: bool = False, **record: Any) -> Command:
        """A step with a complete record, and what differs in it."""
        return Command(ref=ref, trigger=trigger, happened_on=on, record=paper(trigger, on=on, **record), quiet=quiet)

    def actor(self, who: str) -> Actor:
        """Somebody at the keyboard."""
        return Actor(person_id=self.ids[who], channel="bench")

    def child(self, session: Session) -> str:
        """A child with twenty years of history, whose next step is `proceed_to_kdd`; its reference."""
        return _History(self, session).written()


def furnish(url: str, home: Path, *, now: datetime | None = None) -> County:
    """Open an office on an empty, migrated database and put policy and staff into it, at `now` or long ago."""
    now = now or at(START)
    office = open_office(Settings(home=home, database_url=url), checkpoints=True)
    with office.unit_of_work() as session:
        policy = load_policy(POLICY.read_text(encoding="utf-8"), name=POLICY.name)
        policies.adopt(session, policy, file_name=POLICY.name, from_on=LONG_AGO, by=None, now=now)
        ids = engage(session, since=LONG_AGO, now=now)
    return County(office, ids)


class _History:
    def __init__(self, county: County, session: Session) -> None:
        self.county, self.session, self.ref = county, session, ""

    def do(self, day: int, trigger: str, who: str, **record: Any) -> None:
        on = START + timedelta(day)
        command = self.county.command(self.ref or None, trigger, on, quiet=True, **record)
        self.ref = acts.act(self.session, command, by=self.county.actor(who), now=at(on)).ref

    def written(self) -> str:
        self._to_the_group()
        self._through_the_group()
        self._years_go_by()
        self._has_the_size()
        return self.ref

    def _to_the_group(self) -> None:
        self.do(0, "open_case", "rowan.tm", council_id=str(next(_numbers)), team="Children in Care North")
        for role, who in (
            ("child's social worker", "sol.sw"),
            ("independent reviewing officer", "oda.iro"),
            ("supervising social worker", "bay.ssw"),
        ):
            self.do(0, "allocate", "rowan.tm", role=role, person=who)
        self.do(1, "change_applicants", "sol.sw")
        self.do(3, "rate", "rowan.tm")

    def _through_the_group(self) -> None:
        held = START + timedelta(17)
        by, now = self.county.ids["ash.admin"], at(START)
        meeting = meetings.plan_meeting(
            self.session,
            body="Review Group",
            held_on=held,
            chair="wren.chair",
            starts_at="10:00",
            place="Room 1",
            by=by,
            today=START,
            now=now,
        ).ref
        self.do(4, "list_for_group", "ash.admin", meeting=meeting)
        self.do(8, "file_papers", "rowan.tm")
        for person, service in (
            ("fern.fostering", Service.FOSTERING),
            ("sage.safeguarding", Service.SAFEGUARDING),
        ):
            meetings.record_attendance(
                self.session,
                ref=meeting,
                person=person,
                service=service,
                how="present",
                by=by,
                today=held,
                now=at(held),
            )
            self.do(17, "add_view", person, voice=service.value, view="The placement is settled.")
        self.do(17, "group_progresses", "wren.chair")
        self.do(18, "allocate", "tam.sgo", role="SGO assessment worker", person="ida.saw")
        self.do(19, "distribute_minutes", "ash.admin")
        self.do(21, "invite_to_initial_meeting", "ida.saw")
        self.do(29, "record_initial_meeting", "ida.saw")
        planned = milestones(START + timedelta(30))
        planned = [*planned[: MILESTONES - 1], next(m for m in planned if m["step"] == StepName.ORDER.value)]
        self.do(30, "record_trajectory", "sol.sw", milestones=planned)

    def _years_go_by(self) -> None:
        months = [(40 + 28 * month, "set_latest_position", "sol.sw") for month in range(11)]
        quarters = [(50 + 85 * quarter, "rerate", "rowan.tm") for quarter in range(6)]
        for day, trigger, who in sorted(months + quarters):  # as the clock goes
            self.do(day, trigger, who)
        while self._count(Event) < EVENTS:
            self.do(500, "attach_document", "sol.sw")

    def _has_the_size(self) -> None:
        found = (
            self._count(Event),
            self._count(Deadline),
            self._count(Deadline, Deadline.closed_as.is_(None)),
            self._count(Milestone),
        )
        assert found == (EVENTS, DEADLINES, OPEN_DEADLINES, MILESTONES), found

    def _count(self, table: Any, *conditions: Any) -> int:
        from persistence.tables import Case

        self.session.flush()
        query = select(func.count()).select_from(table).join(Case, Case.id == table.case_id)
        return self.session.scalar(query.where(Case.ref == self.ref, *conditions)) or 0
