"""One run over the open cases of a date: chunk by chunk, a case that fails alone (design 5.10, rules R-DRF-4).

`examined` are the ids that the driver's own query gave back, case by case in the order of their ids, over the
list made before anything was looked at; with those that were skipped they are that list again, or the run
fails.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from casework.drift import escalation, findings
from casework.drift.as_of import AsOf
from casework.drift.looking import count_missing, look
from casework.drift.rules import DriftRule, in_use
from casework.errors import Busy
from casework.following import ledger
from casework.overnight import ladder
from casework.overnight.night_log import Claim, Overtaken
from casework.overnight.night_report import NightReport, NotChecked
from casework.units import NoDatabase, Office
from persistence.engine import DatabaseError
from persistence.tables import Case

#: Not one case's fault: the database is away, full or taken. The run ends and is begun again later.
_NOT_THE_CASE = (Busy, NoDatabase, DatabaseError, InterfaceError, OperationalError, Overtaken)


@dataclass(slots=True)
class _Tally:
    """What the chunks have come to so far."""

    examined: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    rungs: int = 0
    notices: int = 0
    escalated: int = 0

    def add(self, other: _Tally) -> None:
        """Another chunk."""
        self.examined += other.examined
        self.findings.update(other.findings)
        self.missing.update(other.missing)
        self.rungs += other.rungs
        self.notices += other.notices
        self.escalated += other.escalated


class Check:
    """One run over the open cases. Live when it has a `claim`, which it must still hold at every chunk."""

    def __init__(
        self, office: Office, as_of: AsOf, *, now: datetime, chunk: int, crash_case: str | None
    ) -> None:
        self.office, self.as_of, self.now, self.chunk = office, as_of, now, chunk
        self.rules: tuple[DriftRule, ...] = in_use(as_of.policy)
        self.claim: Claim | None = None
        self.expected = 0
        self.tally = _Tally()
        self.skipped: list[tuple[int, str]] = []
        self._crash_case = crash_case
        self._crash_id: int | None = None
        self._errors: dict[tuple[str, str], str] = {}
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return round(time.monotonic() - self._began, 3)

    @property
    def moment(self) -> datetime:
        """What the caller's clock says by now."""
        return self.now + timedelta(seconds=self.seconds)

    def run(self) -> None:
        """Look at every case that was open, chunk by chunk in the order of their ids (rules R-DRF-5)."""
        open_ids = self._open_ids()
        self.expected = len(open_ids)
        for start in range(0, len(open_ids), self.chunk):
            self._look_at(open_ids[start : start + self.chunk])
        if self.expected != self.tally.examined + len(self.skipped):
            raise AssertionError(
                f"{self.expected} cases were open, {self.tally.examined} were checked and "
                f"{len(self.skipped)} skipped: the night cannot vouch for the rest."
            )

    def _open_ids(self) -> Sequence[int]:
        """The open cases, before anything is looked at. A replay's are those that were open on its day."""
        to_look_at = self.as_of.open_cases(replay=self.claim is None)
        with self.office.reading() as session:
            if self._crash_case is not None:
                self._crash_id = session.scalar(select(Case.id).where(Case.ref == self._crash_case))
            return session.scalars(select(Case.id).where(to_look_at).order_by(Case.id)).all()

    def _look_at(self, ids: Sequence[int]) -> None:
        """A chunk, all of it kept or none. One that fails is halved until the case is found (R-DRF-4)."""
        try:
            tally = self._chunk(ids)
        except _NOT_THE_CASE:
            raise
        except Exception as error:  # noqa: BLE001 - kept in full under a reference, and the case is listed
            if len(ids) > 1:
                half = len(ids) // 2
                self._look_at(ids[:half])
                self._look_at(ids[half:])
            else:
                self._skip(ids[0], error)
        else:
            self.tally.add(tally)

    def _chunk(self, ids: Sequence[int]) -> _Tally:
        if self.claim is None:
            with self.office.reading() as session:
                return self._examine(session, ids)
        claim, moment = self.claim, self.moment

        def in_one_unit(session: Session) -> _Tally:
            claim.still_ours(session, moment)
            tally = self._examine(session, ids)
            claim.progress(session, tally.examined)
            return tally

        return self.office.in_one_unit(in_one_unit)

    def _examine(self, session: Session, ids: Sequence[int]) -> _Tally:
        first, last = ids[0], ids[-1]
        wanted = frozenset(ids)
        rows = session.scalars(select(Case.id).where(Case.id.between(first, last)).order_by(Case.id))
        here = [case_id for case_id in rows if case_id in wanted]
        if self._crash_id in wanted:
            raise RuntimeError("This case was to fail: a drill.")
        found = look(session, self.as_of, self.rules, wanted)
        tally = _Tally(examined=len(here))
        tally.findings.update({rule: len(cases) for rule, cases in found.items()})
        tally.missing.update(count_missing(session, self.as_of, self.rules, wanted))
        if self.claim is not None:
            findings.keep(session, here, found, on=self.as_of.day)
            rungs = ladder.ring(session, here, self.as_of.day, now=self.now)
            tally.rungs, tally.notices = rungs.reached, rungs.notices
            tally.escalated = escalation.climb(session, here, self.as_of)
        return tally

    def _skip(self, case_id: int, error: Exception) -> None:
        """List a case that could not be checked. The same error is kept once, however many it hits."""
        kind = (type(error).__name__, str(error))
        if kind not in self._errors:
            self._errors[kind] = ledger.error(self.office, where="night", exc=error, now=self.now)
        self.skipped.append((case_id, self._errors[kind]))
        if self.claim is not None:
            claim, moment, ref = self.claim, self.moment, self._errors[kind]
            self.office.in_one_unit(lambda session: claim.skip(session, case_id, ref, moment))

    def _number(self, rule: DriftRule) -> int:
        """How many findings a rule has: in children, or in what the authority itself keeps."""
        if rule.of_the_authority is not None:
            return len(rule.of_the_authority(self.as_of))
        return self.tally.findings[rule.id]

    def report(self) -> NightReport:
        """The numbers."""
        with self.office.reading() as session:
            not_checked = tuple(_refs(session, self.skipped))
        return NightReport(
            business_date=self.as_of.day,
            replay=self.claim is None,
            expected=self.expected,
            examined=self.tally.examined,
            skipped=len(self.skipped),
            findings={rule.id: self._number(rule) for rule in self.rules},
            missing={rule: number for rule, number in sorted(self.tally.missing.items()) if number},
            rungs=self.tally.rungs,
            notices=self.tally.notices,
            escalated=self.tally.escalated,
            seconds=self.seconds,
            not_checked=not_checked,
        )


def _refs(session: Session, skipped: Sequence[tuple[int, str]]) -> Iterator[NotChecked]:
    for case_id, error_ref in skipped:
        ref = session.scalar(select(Case.ref).where(Case.id == case_id))
        yield NotChecked(ref=ref or "", error_ref=error_ref)
