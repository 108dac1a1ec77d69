"""What becomes of the children of a file: who joins, who is told apart, who is asked about (practice PR-4 and 7).

Every child with an open episode, short breaks apart, joins by the act `open_case`; a case that is there learns
what is new by `update_child`, and nothing where nothing is. The same file again therefore changes nothing.
Nobody is closed because a file does not name them, and a closed case is not opened again: both are asked about,
once for the whole file.

Of a case that the importer may not open nothing is changed and nothing is said. That a child is still so is no
change: how fresh the facts of an unchanged child are is the day of the last file that names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policies
from casework.acting import opening
from casework.acting.acts import act
from casework.acting.commands import Actor, Command
from casework.acting.filing import out_of_reach
from casework.errors import Refused
from casework.importing.first_ratings import spread
from casework.importing.import_facts import LONGEST_ID, new_record, news, team_named, written_since
from casework.importing.import_report import CASE_CLOSED, ID_TOO_LONG, ImportLine, ImportReport
from casework.who.access import roles_for_team, visible
from casework.who.people import find_team
from interchange.returned import Return, ReturnedChild
from persistence.tables import Case, Child, Team, Visit, new_id
from states.calendar import london_date
from states.pathway import PATHWAY
from states.permission import may_decide
from states.stages import BEFORE_COURT, S
from states.vocabulary import Unmet

#: Says what is being done, how far it has come, and of how many.
Progress = Callable[[str, int, int], None]

_AT_ONCE = 500
_LAST_VISIT = select(func.max(Visit.visited_on)).where(Visit.case_id == Case.id).scalar_subquery()
#: A child with an order has left care, and no return names them any more.
_IN_CARE = BEFORE_COURT | {S.NOT_APPLICABLE, S.NOT_PROGRESSING, S.IN_COURT}


class Children:
    """The children of one file, brought in within the caller's unit. `as_at`: the London date it is true of."""

    def __init__(
        self,
        session: Session,
        returned: Return,
        *,
        as_at: date,
        source: str,
        team: str | None,
        by: Actor,
        now: datetime,
        on_progress: Progress | None,
    ) -> None:
        self.session, self.returned, self.source, self.by, self.now = session, returned, source, by, now
        self.today, self.as_at, self.batch = london_date(now), as_at, new_id()
        self._teams = _Teams(session, team)
        self._say: Progress = on_progress or (lambda *_: None)
        self._created = self._changed = self._unchanged = self._closed = 0
        self._kept_out: list[ImportLine] = []
        self._pointed_at: list[ImportLine] = []
        self._unknown: Counter[str] = Counter()
        self._missing: list[int] = []
        self._left: list[int] = []

    def bring_in(self) -> ImportReport:
        """Open, update and ask. Nothing is kept before the caller's unit ends."""
        wanted = [child for child in self.returned.children if child.why_not_a_case is None]
        self._open(list(self._learn(wanted)))
        self._say("looking for who is not in the file", len(wanted), len(wanted))
        self._look_for_the_others()
        return ImportReport(
            batch=self.batch,
            source=self.source,
            business_date=self.returned.business_date,
            rows=self.returned.rows,
            children=len(self.returned.children),
            cases=len(wanted),
            candidates=sum(child.candidate for child in wanted),
            created=self._created,
            changed=self._changed,
            unchanged=self._unchanged,
            kept_out=len(self._kept_out),
            closed=self._closed,
            missing_from_file=len(self._missing),
            left_care=len(self._left),
            unknown=dict(sorted(self._unknown.items())),
            rejected=(*map(ImportLine.of, self.returned.rejected), *self._kept_out),
            flagged=(*map(ImportLine.of, self.returned.flagged), *self._pointed_at),
        )

    def asked_about(self) -> dict[str, Any]:
        """What is kept with the batch for `casework.importing.import_findings`: opaque ids only."""
        return {"team": self._teams.given, "missing": self._missing, "left": self._left}

    # -- cases that are there -----------------------------------------------------------------------------

    def _learn(self, wanted: Sequence[ReturnedChild]) -> Iterator[ReturnedChild]:
        """Bring what is new to the cases that are there; answers the children without one."""
        there, done = iter(wanted), 0
        while some := list(islice(there, _AT_ONCE)):
            known = self._known([child.council_id for child in some])
            open_ = [one["id"] for one in known.values() if not one["closed"]]
            since = written_since(self.session, open_, self.as_at)
            for child in some:
                one = known.get(child.council_id)
                if one is None:
                    yield child
                elif one["closed"]:
                    self._stays_closed(child, one)
                else:
                    self._tell_case(child, one, since.get(one["id"], frozenset()))
            done += len(some)
            self._say("looking at the cases that are there", done, len(wanted))

    def _known(self, ids: Sequence[str]) -> dict[str, Mapping[Any, Any]]:
        """The case of each of these children, the open one where there are several, and what stands there."""
        rows = self.session.execute(
            select(
                Case.id,
                Case.ref,
                Case.closed,
                Case.team_id,
                Case.candidate,
                Case.candidate_reason,
                visible(self.session, self.by.person_id, self.today).label("sees"),
                _LAST_VISIT.label("last_visit_on"),
                *(column for column in Child.__table__.columns if column.name != "case_id"),
            )
            .join(Child, Child.case_id == Case.id)
            .where(Child.council_id.in_(ids), Case.merged_into.is_(None))
            .order_by(Case.closed.desc(), Case.id.desc())
        ).mappings()
        return {row["council_id"]: row for row in rows}

    def _stays_closed(self, child: ReturnedChild, known: Mapping[Any, Any]) -> None:
        self._closed += 1
        if known["sees"]:
            words = f"In care by this file, but the case {known['ref']} is closed. It stays so: a person decides."
            self._pointed_at.append(_line(child, CASE_CLOSED, words))

    def _tell_case(self, child: ReturnedChild, known: Mapping[Any, Any], keep: frozenset[str]) -> None:
        changed = self._news(child, known, keep) if known["sees"] else {}
        if not changed:
            self._unchanged += 1
            return
        command = Command(
            trigger="update_child",
            ref=known["ref"],
            happened_on=self.today,
            record={**changed, "source": self.source, "fed_on": self.as_at},
            bulk_id=self.batch,
        )
        try:
            act(self.session, command, by=self.by, now=self.now)
        except Refused as refused:
            self._kept_out.append(_refused(child, refused.reasons))
        else:
            self._changed += 1

    def _news(self, child: ReturnedChild, known: Mapping[Any, Any], keep: frozenset[str]) -> dict[str, Any]:
        """What the file changes about a child, and about whose child it is."""
        if known["fed_on"] is not None and known["fed_on"] > self.as_at:
            return {}  # an older file than the one we know the child from
        changed = news(child, known, keep=keep)
        team = self._teams.of(child)
        if team is not None and "team" not in keep:
            moved = self._teams.names(child) and known["team_id"] != self._teams.id_of(team)
            if moved or known["team_id"] is None:
                changed["team"] = team
        return changed

    # -- cases to open ------------------------------------------------------------------------------------

    def _open(self, fresh: Sequence[ReturnedChild]) -> None:
        """Open a case for each child without one, in the order in which first ratings fall due."""
        too_long = "The child's identifier is longer than any this system can hold."
        self._kept_out += [_line(c, ID_TOO_LONG, too_long) for c in fresh if len(c.council_id) > LONGEST_ID]
        fits = {c.council_id: c for c in fresh if len(c.council_id) <= LONGEST_ID and self._is_ours(c)}
        policy = policies.in_force(self.session, self.today).policy
        records = [
            new_record(
                child,
                source=self.source,
                as_at=self.as_at,
                team=self._teams.of(child),
                eligible_on=in_scope,
            )
            for child, in_scope in spread(fits.values(), today=self.today, policy=policy)
        ]
        joined = opening.open_many(
            self.session,
            records,
            bulk_id=self.batch,
            by=self.by,
            now=self.now,
            on_progress=lambda done: self._say("opening cases", done, len(records)),
        )
        self._created = joined.opened
        for one in joined.left_out:
            self._kept_out.append(_refused(fits.pop(one.council_id), one.reasons))
        for record in records:
            if record["council_id"] in fits:
                self._unknown.update(record["unknown"])

    def _is_ours(self, child: ReturnedChild) -> bool:
        """Whether the importer opens cases for the child's team; a child of another is left out, and said (R21)."""
        team = self._teams.of(child)
        if team is None or self._teams.within_reach(team, by=self.by.person_id, on=self.today):
            return True
        self._kept_out.append(_refused(child, [out_of_reach(team)]))
        return False

    # -- the others ---------------------------------------------------------------------------------------

    def _look_for_the_others(self) -> None:
        """Open cases of children whom the file does not name, and of those who have left care by it."""
        query = (
            select(Case.id, Child.council_id)
            .join(Child, Child.case_id == Case.id)
            .where(
                Case.closed.is_(False),
                Case.state.in_([state.name for state in _IN_CARE]),
                visible(self.session, self.by.person_id, self.today),
            )
            .order_by(Case.id)
        )
        if self._teams.given is not None:  # one team's file is not asked about the children of another
            query = query.where(Case.team_id == self._teams.given)
        in_care = {child.council_id: child.why_not_a_case is None for child in self.returned.children}
        for case_id, council_id in self.session.execute(query):
            if council_id not in in_care:
                self._missing.append(case_id)
            elif not in_care[council_id]:
                self._left.append(case_id)


class _Teams:
    """The teams we know, and which of them a child of the file belongs to."""

    def __init__(self, session: Session, given: str | None) -> None:
        self._session, self._reached = session, dict[str, bool]()
        self._ids = {name: team_id for name, team_id in session.execute(select(Team.name, Team.id))}  # noqa: C416
        team = find_team(session, given) if given is not None else None
        self.given = team.id if team else None
        self._name = team.name if team else None

    def names(self, child: ReturnedChild) -> bool:
        """Whether the file itself names a team that we know."""
        return team_named(child) in self._ids

    def of(self, child: ReturnedChild) -> str | None:
        """The name of the child's team: the one the file names if we know it, else the one given."""
        return team_named(child) if self.names(child) else self._name

    def id_of(self, name: str) -> str:
        """A known team's id."""
        return self._ids[name]

    def within_reach(self, name: str, *, by: str, on: date) -> bool:
        """Whether somebody opens cases for a team: its Team Manager, or a post that works with all of them."""
        if name not in self._reached:
            roles = roles_for_team(self._session, by, self.id_of(name), on)
            self._reached[name] = any(may_decide(roles, row) for row in PATHWAY.rows_for(opening.OPEN, None))
        return self._reached[name]


def _line(child: ReturnedChild, rule: str, message: str) -> ImportLine:
    return ImportLine(
        file=child.file, line=child.line, column="CHILD", rule=rule, message=message, sheet=child.sheet
    )


def _refused(child: ReturnedChild, reasons: Iterable[Unmet]) -> ImportLine:
    """One line, whatever the number of reasons: a child is left out once."""
    first, *others = reasons
    words = " ".join(one.reason for one in (first, *others))
    return _line(child, first.rule, f"Not taken in: {words}")
