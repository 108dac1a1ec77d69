"""The record of an act: read as its row declares it, with everything that is missing named at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from casework.acting.commands import Command
from casework.acting.covered import not_siblings, with_those_out_of_sight
from casework.acting.preparing import Prepared, facts_of
from casework.acting.returned_codes import not_of_the_return
from casework.errors import Refused, Unusable
from casework.who.access import MAY_RECORD, powers, roles_for_team
from casework.who.people import find_person, find_team
from persistence.tables import Case, Child, Confirmation, Flag, Meeting, SiblingLink, new_id
from states import engine
from states.guards.group import REVIEW_GROUP_BODY
from states.permission import may_decide
from states.plain_text import what_is_wrong
from states.processes import rows_for, state_named
from states.records import base
from states.records.funding import FundingAsked
from states.records.group import UrgentDecision
from states.records.keeping import Disputed, FlagCleared, Restricted
from states.typed_json import NotJson, read_json
from states.vocabulary import Role, Transition, Unmet

OPENING = ("open_case", "bring_forward")


#: Nobody is known beforehand: who is named is looked for.
_NOBODY: Mapping[str, str] = {}


def filed_record(session: Session, prepared: Prepared, *, known: Mapping[str, str] = _NOBODY) -> base.Record:
    """The record as its row declares it. Raises Refused with all that is missing, guards included.

    Whoever may not take the step at all learns who may, and no more (rules 0.3). `known`: people whom nobody
    needs to look for, by handle and by id.
    """
    command = prepared.command
    row = row_of(prepared)
    if row is None:
        state = prepared.case.state if prepared.case else None
        raise Refused(command.trigger, (engine.not_from_here(prepared.process, command.trigger, state),))
    _refuse_the_wrong_person(prepared)
    if beside := _texts_beside(command):
        raise Refused(command.trigger, beside)
    typed = with_those_out_of_sight(session, prepared, row.record, command.record)
    data, unknown = with_people(session, row.record, typed, known=known)
    try:
        record = row.record.model_validate(data)
    except ValidationError as wrong:
        missing = base.unmet_fields(wrong, row.record)
        judged = engine.explain(
            prepared.process, command.trigger, facts_of(session, prepared, None), prepared.permission
        )
        raise Refused(command.trigger, (*judged, *missing, *unknown)) from None
    if unknown:
        raise Refused(command.trigger, unknown)
    return record


def _refuse_the_wrong_person(prepared: Prepared) -> None:
    state = state_named(prepared.case.state) if prepared.case else None
    denied = [prepared.permission(row) for row in rows_for(prepared.command.trigger, state)]
    reasons = tuple(dict.fromkeys(unmet for unmet in denied if unmet is not None))
    if len(denied) == sum(unmet is not None for unmet in denied):
        raise Refused(prepared.command.trigger, reasons)


#: The longest text beside a record: where it is written, and why it comes late.
_LONGEST_BESIDE = 50_000


def _texts_beside(command: Command) -> tuple[Unmet, ...]:
    """What people type beside the record is text like any other (reliability C27)."""
    wrong: list[Unmet] = []
    for name, words in (("evidence", command.evidence), ("late_reason", command.late_reason)):
        if words is None:
            continue
        if fault := what_is_wrong(words, one_line=False):
            wrong.append(Unmet("reliability C27", f"'{_BESIDE[name]}' {fault}.", name))
        elif len(words) > _LONGEST_BESIDE:
            wrong.append(Unmet("reliability C27", f"'{_BESIDE[name]}' is too long: at most {_LONGEST_BESIDE}.", name))
    return tuple(wrong)


_BESIDE = {"evidence": "Evidence", "late_reason": "Why it is entered late"}


def row_of(prepared: Prepared) -> Transition | None:
    """The row that declares the record of this act; None where the step does not start from here."""
    state = state_named(prepared.case.state) if prepared.case else None
    rows = rows_for(prepared.command.trigger, state)
    return rows[0] if rows else None


def with_people(
    session: Session, record: type[base.Record], data: Mapping[str, Any], *, known: Mapping[str, str] = _NOBODY
) -> tuple[dict[str, Any], tuple[Unmet, ...]]:
    """The record with people by id: a person may be named by handle. And who is not known."""
    named = dict(data)
    unknown: list[Unmet] = []

    def resolve(value: Any, label: str, name: str) -> Any:
        if not isinstance(value, str) or not value.strip():
            return value
        try:
            return known.get(value) or find_person(session, value.strip()).id
        except Unusable as nobody:
            unknown.append(Unmet(record.rule, f"'{label}': {nobody}", name))
            return value

    for seen in record.fields():
        if seen.kind is base.Kind.PERSON and seen.name in named:
            named[seen.name] = resolve(named[seen.name], seen.label, seen.name)
        inner = [f for f in seen.rows if f.kind is base.Kind.PERSON]
        if inner and seen.name in named:
            named[seen.name] = _as_rows(named[seen.name])
        if inner and isinstance(named.get(seen.name), list):
            rows = []
            for row in named[seen.name]:
                typed = dict(row) if isinstance(row, Mapping) else row
                if isinstance(typed, dict):
                    for f in inner:
                        if f.name in typed:
                            typed[f.name] = resolve(typed[f.name], f.label, f"{seen.name}.{f.name}")
                rows.append(typed)
            named[seen.name] = rows
    return named, tuple(unknown)


def _as_rows(value: Any) -> Any:
    """Rows typed on a command line are text; what cannot be read is left for the record to refuse."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        return read_json(value)
    except NotJson:
        return value


def beyond_the_guards(session: Session, prepared: Prepared, record: base.Record) -> tuple[Unmet, ...]:
    """Conditions that look beyond this case's history, which a pure guard cannot (practice PT-16)."""
    return (
        *references(session, prepared, record, prepared.command.trigger),
        *_still_to_answer(session, record),
        *_flag_is_open(session, prepared, record),
        *_reported_to_the_next(session, prepared, record),
    )


def references(
    session: Session,
    prepared: Prepared,
    record: base.Record,
    trigger: str,
    *,
    now_names: frozenset[str] | None = None,
) -> tuple[Unmet, ...]:
    """What a record names must be there, and open to whoever records it; unknown and hidden answer alike (R22).

    `now_names` are the fields that a correction changes; None for an act, which is looked at whole.
    """
    named = record.content().keys() if now_names is None else now_names
    reasons: list[Unmet] = []
    if trigger in OPENING and "council_id" in named:
        reasons.extend(_opened_already(session, prepared, record))
    for name in ("sibling", "into", "to_case"):
        if name in named and (ref := getattr(record, name, None)) is not None:
            reasons.extend(_other_case(session, prepared, trigger, name, ref))
    if "team" in named and trigger in (*OPENING, "update_child"):
        reasons.extend(_team_is_known(session, record))
    if now_names is None and trigger in OPENING:
        reasons.extend(_team_is_within_reach(session, prepared, record))
    reasons.extend(not_of_the_return(record, named))
    if isinstance(record, FundingAsked) and "siblings" in named:
        reasons.extend(not_siblings(session, prepared, record))
    if isinstance(record, Restricted) and "people" in named:
        reasons.extend(_somebody_here_can_lift_it(session, prepared, record))
    if now_names is not None:
        reasons.extend(_meetings_are_known(session, record, now_names))
    return tuple(reasons)


def _opened_already(session: Session, prepared: Prepared, record: Any) -> Iterator[Unmet]:
    for other in open_cases_of(session, record.council_id):
        own = prepared.case is not None and other.id == prepared.case.id
        if not own and not _is_hidden(session, prepared, other):
            yield Unmet("PT-16", "This child already has an open case.", "council_id")
            return


def open_cases_of(session: Session, council_id: str) -> list[Case]:
    """The open cases of a child, by the council's own id."""
    return list(session.scalars(_OPEN_CASES, {"council_id": council_id}))


_OPEN_CASES = (
    select(Case)
    .join(Child, Child.case_id == Case.id)
    .where(Child.council_id == bindparam("council_id"), Case.closed.is_(False))
    .order_by(Case.id)
)


def flag_hidden_twins(session: Session, prepared: Prepared, record: Any, opened: Case, event_id: str) -> None:
    """A case was opened for a child who has a restricted one that must not show: those who may see it learn (C6)."""
    for other in open_cases_of(session, record.council_id):
        if other.id != opened.id and _is_hidden(session, prepared, other):
            session.add(
                Flag(
                    id=new_id(),
                    case_id=other.id,
                    event_id=event_id,
                    kind="a second case",
                    rule="PT-16",
                    words=f"A second case has been opened for this child: {opened.ref}. One of them should be merged.",
                    owner=Role.TEAM_MANAGER.value,
                    urgent=True,
                    raised_on=prepared.today,
                )
            )


def _is_hidden(session: Session, prepared: Prepared, other: Case) -> bool:
    """Whether this case is restricted to others: then nothing may tell that it is there (reliability R22)."""
    return other.restricted and not powers(session, prepared.recorder.person_id, other, prepared.today).sees


def _other_case(session: Session, prepared: Prepared, trigger: str, name: str, ref: str) -> Iterator[Unmet]:
    query = select(Case).where(Case.ref == ref)
    if name == "into":  # two cases cannot be merged into each other at once
        query = query.with_for_update().execution_options(populate_existing=True)
    other = session.scalars(query).one_or_none()
    if other is None or not powers(session, prepared.recorder.person_id, other, prepared.today).sees:
        yield Unmet("PT-16", f"There is no case {ref} that you can open.", name)
        return
    if prepared.case is not None and other.id == prepared.case.id:
        yield Unmet("PT-16", "That is this case itself.", name)
        return
    if name == "into" and other.closed:
        yield Unmet("PT-16", f"The case {ref} is closed: it cannot be the one that stays.", name)
    if name == "sibling" and prepared.case is not None:
        linked = _linked(session, prepared.case.id, other.id)
        if trigger == "link_sibling" and linked:
            yield Unmet("R-SM-4", f"{ref} is already linked as a brother or sister.", name)
        if trigger == "end_sibling_link" and not linked:
            yield Unmet("R-SM-4", f"{ref} is not linked as a brother or sister.", name)


def _linked(session: Session, one: int, other: int) -> bool:
    pair = or_(
        and_(SiblingLink.case_id == one, SiblingLink.sibling_id == other),
        and_(SiblingLink.case_id == other, SiblingLink.sibling_id == one),
    )
    return session.scalar(select(SiblingLink.id).where(pair, SiblingLink.until_on.is_(None)).limit(1)) is not None


def _team_is_known(session: Session, record: base.Record) -> Iterator[Unmet]:
    team = getattr(record, "team", None)
    if team and getattr(record, "source", "") == "typed":
        try:
            find_team(session, team)
        except Unusable as unknown:
            yield Unmet("R-ELG-4", str(unknown), "team")


def _team_is_within_reach(session: Session, prepared: Prepared, record: base.Record) -> Iterator[Unmet]:
    """A case is opened for a team by somebody whose powers reach it: its Team Manager, or a post for all teams."""
    row, name = row_of(prepared), getattr(record, "team", None)
    if row is None or not name:
        return
    try:
        team = find_team(session, name)
    except Unusable:
        return  # said already, where a team must be known
    decider, recorder = prepared.decider.person_id, prepared.recorder.person_id
    on = min(prepared.command.happened_on, prepared.today)
    decides = may_decide(roles_for_team(session, decider, team.id, on), row)
    records = decider == recorder or roles_for_team(session, recorder, team.id, prepared.today) & MAY_RECORD
    if not (decides and records):
        yield out_of_reach(team.name)


def out_of_reach(team: str) -> Unmet:
    """Why somebody opens no case for a team (reliability R21)."""
    words = f"Only the Team Manager of {team}, or somebody who works with all teams, opens a case there."
    return Unmet("R21", words, "team")


def _somebody_here_can_lift_it(session: Session, prepared: Prepared, record: Restricted) -> Iterator[Unmet]:
    """A Team Manager of another team is named in vain: they could not lift the restriction of this child."""
    if prepared.case is None:
        return
    (lift,) = rows_for("lift_restriction", state_named(prepared.case.state))
    for who in {row.person for row in record.people}:
        there = powers(session, who, prepared.case, prepared.today)
        if there.enabled and may_decide(there.roles - there.behalf.keys(), lift):
            return
    yield Unmet(
        "R22", "Name somebody who can lift the restriction: the child's Team Manager, or a more senior post.", "people"
    )


def _meetings_are_known(session: Session, record: base.Record, now_names: frozenset[str]) -> Iterator[Unmet]:
    for name, ref in record.named(base.Kind.MEETING):
        if name in now_names and session.scalar(select(Meeting.id).where(Meeting.ref == ref)) is None:
            yield Unmet(type(record).rule, "There is no meeting with this reference.", name)


def _still_to_answer(session: Session, record: base.Record) -> Iterator[Unmet]:
    """A decision is disputed once: then it waits for the Team Manager, or is confirmed after all (PR-2)."""
    if isinstance(record, Disputed):
        asked = session.get(Confirmation, record.event)
        if asked is not None and asked.status == "disputed":
            yield Unmet("PR-2", "You have already disputed this decision.", "event")


def _reported_to_the_next(session: Session, prepared: Prepared, record: base.Record) -> Iterator[Unmet]:
    """What the chair decides between meetings is reported to the next one, not to a later one (practice PT-15)."""
    if not isinstance(record, UrgentDecision):
        return
    query = select(Meeting).where(
        Meeting.body == REVIEW_GROUP_BODY,
        Meeting.status == "planned",
        Meeting.event_id.is_(None),
        Meeting.held_on >= prepared.today,
    )
    first = session.scalars(query.order_by(Meeting.held_on, Meeting.ref).limit(1)).one_or_none()
    named = session.scalar(select(Meeting.held_on).where(Meeting.ref == record.meeting))
    if first is not None and named is not None and first.held_on < named:
        yield Unmet("PT-15", f"It is reported to the next meeting: {first.ref} of {first.held_on}.", "meeting")


def _flag_is_open(session: Session, prepared: Prepared, record: base.Record) -> Iterator[Unmet]:
    if isinstance(record, FlagCleared) and prepared.case is not None:
        flag = session.get(Flag, record.flag)
        if flag is None or flag.case_id != prepared.case.id or flag.cleared_by_event is not None:
            yield Unmet("design 5.5", "There is no open flag with this id on the case.", "flag")
