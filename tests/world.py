"""A small county for tests: a database with policy and staff, and children taken along the pathway by acts.

    with a_world(database_url, tmp_path) as world:
        ref = world.child_at("ASSESSMENT")
        world.do("reverse_last", date(2025, 4, 11), "oda.iro", ref=ref)

Everything goes through `casework.doing.perform`, as the command line and the pages do. People are the demo's
(`demo/staff.py`), records are the demo's papers (`demo/papers.py`); a test says what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from casework import meetings, policies
from casework.acting.commands import Actor, Command, Result
from casework.doing import perform
from casework.settings import Settings
from casework.units import Office, open_office
from demo.papers import CHECKS, paper
from demo.staff import engage
from states.policy import Policy, load_policy
from states.vocabulary import Service

POLICY = Path(__file__).parents[1] / "policies" / "leicestershire.toml"
LONG_AGO = date(2020, 1, 1)
#: The Monday on which the standard child joins the cohort.
START = date(2025, 1, 6)
TEAM = "Children in Care North"
#: Who came to the Review Group, for which service: with the chair enough to decide (practice PT-4).
CAME = (("fern.fostering", Service.FOSTERING), ("sage.safeguarding", Service.SAFEGUARDING))

_numbers = count(1001)


@cache
def leicestershire() -> Policy:
    """The policy of the tests, read once."""
    return load_policy(POLICY.read_text(encoding="utf-8"), name=POLICY.name)


def noon(day: date) -> datetime:
    """Twelve o'clock UTC on a day: in London the same day, summer and winter."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@dataclass
class World:
    """An open office with policy and staff. `ids` gives the id of a person by handle."""

    office: Office
    ids: dict[str, str]
    results: list[Result] = field(default_factory=list)

    def do(
        self,
        trigger: str,
        on: date,
        who: str,
        *,
        ref: str | None = None,
        today: date | None = None,
        decided_by: str | None = None,
        late_reason: str | None = None,
        evidence: str | None = None,
        version: int | None = None,
        key: str | None = None,
        quiet: bool = False,
        **differs: Any,
    ) -> Result:
        """One act with a complete record, entered on the day it happened or on `today`.

        `differs` are fields of the record that are other than in the demo's papers; None leaves one out.
        """
        command = Command(
            trigger=trigger,
            happened_on=on,
            ref=ref,
            record=paper(trigger, on=on, **differs),
            decided_by=decided_by,
            late_reason=late_reason,
            evidence=evidence,
            version=version,
            key=key,
            quiet=quiet,
        )
        result = perform(self.office, command, by=self.actor(who), now=noon(today or on))
        self.results.append(result)
        return result

    def actor(self, who: str) -> Actor:
        """Somebody at the keyboard."""
        return Actor(person_id=self.ids[who], channel="test")

    def meeting(self, on: date, *, body: str = "Review Group", chair: str = "wren.chair") -> str:
        """Plan a meeting; answers its reference."""
        with self.office.unit_of_work() as session:
            return meetings.plan_meeting(
                session,
                body=body,
                held_on=on,
                chair=chair,
                starts_at="10:00",
                place="Room 1",
                by=self.ids["ash.admin"],
                today=min(on, START),
                now=noon(min(on, START)),
            ).ref

    def attend(self, meeting: str, on: date, *came: tuple[str, Service]) -> None:
        """Write down who came to a meeting; by default enough for its outcomes."""
        with self.office.unit_of_work() as session:
            for person, service in came or CAME:
                meetings.record_attendance(
                    session,
                    ref=meeting,
                    person=person,
                    service=service,
                    how="present",
                    by=self.ids["ash.admin"],
                    today=on,
                    now=noon(on),
                )

    def hold_group(self, ref: str, meeting: str, on: date) -> None:
        """Papers are in, the services have come and said what they think: the group may decide."""
        self.do("file_papers", on - timedelta(days=9), "rowan.tm", ref=ref)
        self.attend(meeting, on)
        for person, service in CAME:
            self.do("add_view", on, person, ref=ref, voice=service.value, view="The placement is settled.")

    def open_child(self, on: date = START, **differs: Any) -> str:
        """A child in COHORT with worker, IRO, supervising worker and one applicant; answers the reference."""
        given = {
            "council_id": str(next(_numbers)),
            "team": TEAM,
            "given_names": "Testy",
            "family_name": "McCanary",
            **differs,
        }
        ref = self.do("open_case", on, "rowan.tm", **given).ref
        for role, person in (
            ("child's social worker", "sol.sw"),
            ("independent reviewing officer", "oda.iro"),
            ("supervising social worker", "bay.ssw"),
        ):
            self.do("allocate", on, "rowan.tm", ref=ref, role=role, person=person)
        self.do("change_applicants", on, "sol.sw", ref=ref)
        return ref

    def child_at(self, state: str, *, start: date = START, **differs: Any) -> str:
        """A child who has been taken the plain way to a state; answers the reference.

        `differs` are what is other about the child. The days are those of `WAY`, counted from `start`.
        """
        ref = self.open_child(start, **differs)
        if state == "COHORT":
            return ref
        for reached, step in WAY:
            step(self, ref, start)
            if reached == state:
                return ref
        raise ValueError(f"the plain way does not lead through {state}")


@contextmanager
def a_world(database_url: str, home: Path) -> Iterator[World]:
    """An open office with policy and staff on a migrated, empty database."""
    with open_office(Settings(home=home, database_url=database_url)) as office:
        yield furnish(office, now=noon(START))


def furnish(office: Office, *, now: datetime, since: date = LONG_AGO) -> World:
    """Adopt the policy and engage the staff in an office without either: in force and in post since a day."""
    with office.unit_of_work() as session:
        policies.adopt(session, leicestershire(), file_name=POLICY.name, from_on=since, by=None, now=now)
        ids = engage(session, since=since, now=now)
    return World(office, ids)


# -- the plain way: from the cohort to support after the order ---------------------------------------------


def _rated(world: World, ref: str, start: date) -> None:
    world.do("rate", start + timedelta(3), "rowan.tm", ref=ref)


def _listed(world: World, ref: str, start: date) -> None:
    meeting = world.meeting(start + timedelta(17))
    world.do("list_for_group", start + timedelta(4), "ash.admin", ref=ref, meeting=meeting)


def _progressed(world: World, ref: str, start: date) -> None:
    on = start + timedelta(17)
    world.hold_group(ref, _meeting_of(world, ref), on)
    world.do("group_progresses", on, "wren.chair", ref=ref)


def _to_kdd(world: World, ref: str, start: date) -> None:
    role = "SGO assessment worker"
    world.do("allocate", start + timedelta(18), "tam.sgo", ref=ref, role=role, person="ida.saw")
    world.do("invite_to_initial_meeting", start + timedelta(21), "ida.saw", ref=ref)
    world.do("record_initial_meeting", start + timedelta(29), "ida.saw", ref=ref)
    world.do("record_trajectory", start + timedelta(30), "sol.sw", ref=ref)
    world.do("proceed_to_kdd", start + timedelta(36), "ida.saw", ref=ref)


def _decided(world: World, ref: str, start: date) -> None:
    world.do(
        "schedule_kdd",
        start + timedelta(37),
        "ida.saw",
        ref=ref,
        held_on=start + timedelta(47),
        chair="quin.kdd",
        legal_adviser="lex.legal",
    )
    world.do("kdd_sgo_appropriate", start + timedelta(47), "quin.kdd", ref=ref, legal_adviser="lex.legal")


def _ratified(world: World, ref: str, start: date) -> None:
    world.do("roa_ratifies", start + timedelta(57), "oda.iro", ref=ref)


def _assessed(world: World, ref: str, start: date) -> None:
    notice, back, end = start + timedelta(58), start + timedelta(100), start + timedelta(120)
    world.do("record_notice_of_intention", notice, "lex.legal", ref=ref)
    for check, on_whom in CHECKS:
        world.do("request_check", notice, "ida.saw", ref=ref, check=check, on_whom=on_whom)
    for check, on_whom in CHECKS:
        world.do("receive_check", back, "ida.saw", ref=ref, check=check, on_whom=on_whom)
    world.do("record_family_network_meeting", back, "ida.saw", ref=ref)
    world.do("record_genogram", back, "ida.saw", ref=ref)
    world.do("draft_support_plan", back, "ida.saw", ref=ref)
    world.do("sign_support_plan", back, "ida.saw", ref=ref)
    world.do("write_report", end, "ida.saw", ref=ref, author="ida.saw")
    world.do("check_quality", end, "tam.sgo", ref=ref)
    world.do("write_statement", end, "ida.saw", ref=ref, author="ida.saw")
    world.do("complete_assessment", end, "ida.saw", ref=ref)


def _package_agreed(world: World, ref: str, start: date) -> None:
    end = start + timedelta(121)
    world.do("set_financial_position", end, "ida.saw", ref=ref)
    world.do("record_proposal_notice", end, "ida.saw", ref=ref)
    world.do("close_representations", end, "ida.saw", ref=ref)
    world.do("record_decision_notice", end, "ida.saw", ref=ref)
    world.do("agree_package", end, "ida.saw", ref=ref)


def _submitted(world: World, ref: str, start: date) -> None:
    world.do("submit_to_legal", start + timedelta(123), "ida.saw", ref=ref)


def _issued(world: World, ref: str, start: date) -> None:
    world.do("application_issued", start + timedelta(160), "lex.legal", ref=ref)


def _ordered(world: World, ref: str, start: date) -> None:
    world.do("order_made", start + timedelta(250), "lex.legal", ref=ref)


def _supported(world: World, ref: str, start: date) -> None:
    world.do("activate_support", start + timedelta(252), "coral.coordinator", ref=ref)


def _meeting_of(world: World, ref: str) -> str:
    """The meeting a child was listed for last."""
    with world.office.reading() as session:
        seen = meetings.list_meetings(session, by=world.ids["tam.sgo"], today=START)
    return next(m.ref for m in reversed(seen) if any(item.ref == ref for item in m.items))


#: (state reached, how), in order.
WAY = (
    ("RATED", _rated),
    ("REVIEW_GROUP", _listed),
    ("TRAJECTORY", _progressed),
    ("KEY_DECISION", _to_kdd),
    ("RATIFICATION", _decided),
    ("ASSESSMENT", _ratified),
    ("FINANCIAL_PACKAGE", _assessed),
    ("SIGN_OFF", _package_agreed),
    ("WITH_LEGAL", _submitted),
    ("IN_COURT", _issued),
    ("ORDER_MADE", _ordered),
    ("POST_ORDER", _supported),
)
