"""What the papers of a request are filled from: its history, its children, its carers, and people by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework import policies
from casework.errors import NotFound
from casework.funding.counting import Counted, counted_for, counted_on_paper
from casework.funding.requests import facts_today
from casework.who.access import open_case_row, powers, siblings_open_to
from documents.papers import NOT_RECORDED, ChildShown
from persistence.tables import Case, Child, Contact, FundingCover, Person
from states.calendar import Calendar
from states.facts import Entry, Facts
from states.policy import Policy
from states.processes import is_request
from states.records.funding import Frequency

TIMES_A_YEAR = {
    Frequency.ONCE: 0,
    Frequency.INSTALMENTS: 0,
    Frequency.WEEKLY: 52,
    Frequency.FOUR_WEEKLY: 13,
    Frequency.MONTHLY: 12,
    Frequency.YEARLY: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything a paper of one request is filled from, as its reader may know it."""

    case: Case
    facts: Facts
    policy: Policy
    children: tuple[ChildShown, ...]
    born: date | None  # the child the request belongs to
    carers: str
    names: dict[str, str]
    counted: Counted

    @property
    def ref(self) -> str:
        """The request's reference."""
        return self.case.ref

    @property
    def about(self) -> str:
        """The children's names in a sentence."""
        return in_a_sentence([child.name for child in self.children])

    def who(self, person_id: str | None) -> str:
        """Somebody by name."""
        return self.names.get(person_id or "", person_id or NOT_RECORDED)

    def signed(self, entry: Entry) -> str:
        """Who gave a view or a signature, in which post, and who wrote it down where that was somebody else."""
        words = f"{self.who(entry.decided_by)}, {entry.role}"
        if entry.recorded_by != entry.decided_by:
            said = "confirmed" if entry.confirmed else "NOT YET CONFIRMED"
            words += f" (recorded by {self.who(entry.recorded_by)}; {said})"
        return words

    def eighteen_on(self) -> date | None:
        """The birthday on which the child's order ends."""
        return Calendar.of(self.policy).attains(self.born, self.policy.scope.ends_at_age) if self.born else None


def gather(session: Session, ref: str, *, by: str, today: date, kept: bool = False, nameless: bool = False) -> Gathered:
    """What a person may put on paper of a request. Raises NotFound, for a child's case too.

    `kept`: the paper stays for others to read, and says only what whoever opens the request may know. `nameless`: for
    who may open the request but not the child too, without names and birthday; else NotFound.
    """
    case = open_case_row(session, ref, by=by, today=today)
    if not is_request(case.process) or case.child_case_id is None:
        raise NotFound("request", ref)
    whose = session.get_one(Case, case.child_case_id)
    unnamed = nameless and not powers(session, by, whose, today).sees
    facts = facts_today(session, case, by=by, today=today)
    return Gathered(
        case=case,
        facts=facts,
        counted=counted_on_paper(facts) if kept else counted_for(session, facts, case, by=by, today=today),
        policy=policies.in_force(session, today).policy,
        children=(_unnamed(whose.ref),) if unnamed else _children(session, case, whose, by=by, today=today),
        born=None if unnamed else session.get_one(Child, whose.id).date_of_birth,
        carers=NOT_RECORDED if unnamed else _carers(session, whose.id, today),
        names=dict(session.execute(select(Person.id, Person.name)).all()),
    )


def _unnamed(ref: str) -> ChildShown:
    return ChildShown(name=f"The child {ref}", council_id=NOT_RECORDED, born="")


def _children(session: Session, case: Case, whose: Case, *, by: str, today: date) -> tuple[ChildShown, ...]:
    """The children it is for; a brother or sister who must not show is not on paper either (reliability R22)."""
    query = (
        select(Case.ref, Child)
        .join(FundingCover, FundingCover.child_case_id == Case.id)
        .join(Child, Child.case_id == Case.id)
        .where(FundingCover.case_id == case.id)
        .order_by(Case.id != whose.id, Case.id)
    )
    may = {whose.ref, *siblings_open_to(session, whose.ref, by=by, today=today)}
    return tuple(
        ChildShown(
            name=" ".join(filter(None, (child.given_names, child.family_name))) or f"The child {ref}",
            council_id=child.council_id,
            born=in_words(child.date_of_birth),
        )
        for ref, child in session.execute(query)
        if ref in may
    )


def _carers(session: Session, child_case_id: int, today: date) -> str:
    """The applicants of the day by name; never an address (practice PT-20)."""
    query = select(Contact.name).where(
        Contact.case_id == child_case_id,
        Contact.kind == "applicant",
        Contact.from_on <= today,
        or_(Contact.until_on.is_(None), Contact.until_on > today),
    )
    return in_a_sentence(list(session.scalars(query.order_by(Contact.from_on, Contact.id)))) or NOT_RECORDED


def in_words(on: date | None) -> str:
    """A date as people write it: 6 January 2026."""
    return f"{on.day} {on:%B %Y}" if on else NOT_RECORDED


def in_a_sentence(names: Sequence[str]) -> str:
    """Names in a sentence: "Robin, Wren and Linden"."""
    if not names:
        return ""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
