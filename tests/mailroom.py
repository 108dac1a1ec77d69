"""An office with a few invented people and one child, for tests of messages and letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import policies
from casework.delivery.outbox import queue
from casework.delivery.sending import deliver_waiting
from casework.settings import Settings
from casework.units import Office
from casework.who import people
from notifications.channels import Blame, CertainFailure, Sent, UnknownOutcome
from notifications.messages import Message
from persistence.engine import Database
from persistence.tables import Allocation, Attempt, Child, Contact, Outbox, new_id
from states.notices import RATED
from states.policy import Policy, load_policy
from states.vocabulary import Notice, Role
from tests.histories import open_case

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
TODAY = date(2026, 11, 23)
LONG_AGO = date(2020, 1, 1)
POLICY = Path(__file__).parents[1] / "policies" / "leicestershire.toml"
#: What must never be in a mail: the child, the carers, and what was written about them.
CANARIES = ("Tobiwren", "Canarfield", "LCS-770077", "Oriolebeck", "14 Siskin Lane", "Finchley-position")


@dataclass(frozen=True)
class Mailroom:
    """The ids of the office's people and of its one child."""

    office: Office
    case_id: int
    ref: str
    team_id: str
    worker: str  # the child's social worker
    assessor: str  # the SGO assessment worker
    iro: str
    manager: str
    administrator: str
    clock: list[datetime] = field(default_factory=lambda: [NOW])


@contextmanager
def a_mailroom(database_url: str, home: Path, **settings: Any):
    """An open office on an empty, migrated database."""
    with closing(an_office(database_url, home, **settings)) as office:
        yield furnish(office)


def an_office(database_url: str, home: Path, **settings: Any) -> Office:
    """An open office of these settings."""
    return Office(Settings(home=home, database_url=database_url, **settings), Database.open(database_url))


@cache
def leicestershire() -> Policy:
    """The policy of the tests, read once."""
    return load_policy(POLICY.read_text(), name=POLICY.name)


def furnish(office: Office) -> Mailroom:
    """Put a policy, four colleagues, an administrator and a child into an empty office."""
    with office.unit_of_work() as session:
        policies.adopt(session, leicestershire(), file_name=POLICY.name, from_on=LONG_AGO, by=None, now=NOW)
        team = people.add_team(session, name="Children in Care North")
        case = open_case(session, "SG-7K4QM2XD")
        case.team_id, case.state = team.id, "RATED"
        case.latest_position = "Finchley-position"
        session.add(
            Child(
                case_id=case.id,
                council_id="LCS-770077",
                given_names="Tobiwren Joe",
                family_name="Canarfield",
                unknown=[],
            )
        )
        ids = {
            handle: people.add_person(
                session, handle=handle, name=name, email=f"{handle}@council.example", now=NOW
            )
            for handle, name in {
                "worker": "Wanda Birch",
                "assessor": "Amina Clarke",
                "iro": "Ira Rowan",
                "manager": "Tess Maple",
                "admin": "Ada Min",
            }.items()
        }
        for role, handle in {
            Role.CHILDS_WORKER: "worker",
            Role.ASSESSMENT_WORKER: "assessor",
            Role.IRO: "iro",
        }.items():
            allocate(session, case.id, role, ids[handle].id)
        people.grant_role(
            session, person=ids["manager"], role=Role.TEAM_MANAGER, team=team, from_on=LONG_AGO, now=NOW
        )
        people.grant_role(session, person=ids["admin"], role=Role.ADMINISTRATOR, from_on=LONG_AGO, now=NOW)
        return Mailroom(
            office=office,
            case_id=case.id,
            ref=case.ref,
            team_id=team.id,
            worker=ids["worker"].id,
            assessor=ids["assessor"].id,
            iro=ids["iro"].id,
            manager=ids["manager"].id,
            administrator=ids["admin"].id,
        )


def allocate(
    session: Any, case_id: int, role: Role, person_id: str, *, from_on: date = LONG_AGO
) -> Allocation:
    """Give somebody a post on the child."""
    row = Allocation(
        id=new_id(), case_id=case_id, role=role, person_id=person_id, from_on=from_on, event_id=new_id()
    )
    session.add(row)
    session.flush()
    return row


def an_applicant(session: Any, room: Mailroom, *, name: str = "Maria Oriolebeck", **given: Any) -> Contact:
    """A carer who applies, with an address of their own."""
    row = Contact(
        id=new_id(),
        case_id=room.case_id,
        **{
            "kind": "applicant",
            "name": name,
            "address": "14 Siskin Lane\nExampleton\nEX1 2MP",
            "from_on": LONG_AGO,
            "event_id": new_id(),
            **given,
        },
    )
    session.add(row)
    session.flush()
    return row


def tell(
    room: Mailroom, *recipients: tuple[str, str, Notice], occasion: str | None = None, **given: Any
) -> list[str]:
    """Queue messages about the child that go at once; without recipients, one to the child's social worker.

    With `at_once=()` they go as their notices say: in a digest, most of them.
    """
    recipients = recipients or ((room.worker, Role.CHILDS_WORKER, RATED),)
    with room.office.unit_of_work() as session:
        return list(
            queue(
                session,
                **{
                    "occasion": occasion or f"event:{new_id()}",
                    "recipients": recipients,
                    "now": NOW,
                    "case_id": room.case_id,
                    "at_once": {person for person, _, _ in recipients},
                    **given,
                },
            )
        )


def rows(room: Mailroom, *ids: str) -> list[Outbox]:
    """Outbox rows in the order they were written; all of them without ids."""
    with room.office.reading() as session:
        query = select(Outbox).order_by(Outbox.created_at, Outbox.id)
        found = list(session.scalars(query))
    return [row for row in found if not ids or row.id in ids]


def row(room: Mailroom, outbox_id: str) -> Outbox:
    """One outbox row."""
    (one,) = rows(room, outbox_id)
    return one


def outcomes(room: Mailroom, outbox_id: str) -> list[str]:
    """What became of each try of a message, in their order."""
    with room.office.reading() as session:
        query = select(Attempt.outcome).where(Attempt.outbox_id == outbox_id)
        return list(session.scalars(query.order_by(Attempt.started_at)))


Outcome = Sent | CertainFailure | UnknownOutcome


class ScriptedChannel:
    """A channel that does what the test says, try by try; the last outcome goes on for ever."""

    name = "scripted"

    def __init__(
        self, outcomes: Iterable[Outcome] = (), before_answer: Callable[[Message], None] | None = None
    ):
        self.outcomes = list(outcomes) or [Sent("250 ok")]
        self.before_answer = before_answer
        self.offered: list[Message] = []

    def send(self, message: Message) -> Sent:
        self.offered.append(message)
        if self.before_answer is not None:
            self.before_answer(message)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Sent):
            return outcome
        raise outcome

    def accepted_before(self, message: Message) -> Sent | None:
        return None

    @property
    def addresses(self) -> list[str]:
        """To whom messages were offered."""
        return [message.to_address for message in self.offered]


def minutes(number: float) -> timedelta:
    """A length of time."""
    return timedelta(minutes=number)


ONE_MINUTE = minutes(1)
LATER = CertainFailure("451 come again")
NO_SUCH_BOX = CertainFailure("550 5.1.1 no such mailbox", permanent=True, address_bad=True)
DOWN = CertainFailure("not reached", blame=Blame.CHANNEL)
SILENCE = UnknownOutcome("no answer after the message")


def deliver(room: Mailroom, channel: ScriptedChannel, *, at: datetime = NOW, **given: Any) -> Any:
    """One round of delivery."""
    return deliver_waiting(room.office, now=at, channel=channel, **given)


def deliver_until(room: Mailroom, channel: ScriptedChannel, end: datetime, *, step: timedelta = ONE_MINUTE) -> None:
    """Rounds of delivery, a minute apart, as the scheduled flow makes them."""
    at = NOW
    while at <= end:
        deliver(room, channel, at=at)
        at += step
