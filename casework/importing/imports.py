"""Taking a file in: the yearly return and Annex A become cases in the cohort (design 7, practice PR-4 and 7).

Who may, what the file is, and one unit of work in which all of it is kept or nothing; what becomes of each
child is `casework.importing.import_children`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acting.commands import Actor
from casework.errors import Refused
from casework.importing.import_children import Children, Progress
from casework.importing.import_report import FileRefused, ImportReport
from casework.units import Office
from casework.who.access import powers
from casework.who.access_log import Look
from casework.who.people import find_team
from interchange import problems
from interchange.annex_a import read_annex_a
from interchange.returned import Return
from interchange.ssda903 import read_return
from persistence.tables import ImportBatch
from states.calendar import london_date
from states.vocabulary import Role, Unmet, rank

SSDA903, ANNEX_A = "ssda903", "annex_a"
#: Any fixed number: on PostgreSQL one file is taken in at a time under this lock. SQLite has one writer anyway.
_ONE_AT_A_TIME = 7_405_903


def import_ssda903(
    office: Office,
    paths: Sequence[Path],
    *,
    team: str | None = None,
    by: Actor,
    now: datetime,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Take in a yearly return: CSV files and folders, or one XML file. `team`: whose children these are.

    Raises Refused for anybody but a data manager or a Team Manager, FileRefused for a file that cannot be
    used as a whole, Unusable for an unknown team, Busy. In all these cases nothing has been changed.
    """
    taking = _Taking(office, SSDA903, team=team, by=by, now=now, on_progress=on_progress)
    return taking.take(lambda: read_return(list(paths)), paths)


def import_annex_a(
    office: Office,
    file: Path,
    *,
    team: str | None = None,
    by: Actor,
    now: datetime,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Take in List 8 and List 10 of an Annex A workbook. Raises what `import_ssda903` raises."""
    taking = _Taking(office, ANNEX_A, team=team, by=by, now=now, on_progress=on_progress)
    return taking.take(lambda: read_annex_a(file), [file])


def was_kept(office: Office, *, by: Actor, now: datetime) -> bool:
    """Whether the file that this person took in at this instant is kept: asked after an interruption."""
    with office.reading() as session:
        query = select(ImportBatch.id).where(ImportBatch.imported_by == by.person_id, ImportBatch.imported_at == now)
        return session.scalars(query).first() is not None


class _Taking:
    """One file being taken in."""

    def __init__(
        self,
        office: Office,
        source: str,
        *,
        team: str | None,
        by: Actor,
        now: datetime,
        on_progress: Progress | None,
    ) -> None:
        self.office, self.source, self.team, self.by, self.now = office, source, team, by, now
        self.what = f"import_{source}"
        self.on_progress = on_progress

    def take(self, read: Callable[[], Return], paths: Sequence[Path]) -> ImportReport:
        """Read the file, then bring it in, in one unit."""
        with self.office.reading() as session:
            self._may_import(session)
            if self.team is not None:
                find_team(session, self.team)
        try:
            returned = read()
        except problems.FileRefused as refused:
            raise FileRefused.because(self.what, refused) from None
        digest = _digest(paths)
        return self.office.in_one_unit(lambda session: self._bring_in(session, returned, digest))

    def _bring_in(self, session: Session, returned: Return, digest: str) -> ImportReport:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        self._may_import(session)
        children = Children(
            session,
            returned,
            as_at=self._as_at(session, returned, digest),
            source=self.source,
            team=self.team,
            by=self.by,
            now=self.now,
            on_progress=self.on_progress,
        )
        report = children.bring_in()
        session.add(
            ImportBatch(
                id=report.batch,
                kind=self.source,
                sha256=digest,
                business_date=returned.business_date,
                imported_by=self.by.person_id,
                imported_at=self.now,
                summary={**report.numbers(), **children.asked_about()},
            )
        )
        return report

    def _as_at(self, session: Session, returned: Return, digest: str) -> date:
        """The day the file is true of: no later than the day this very file was first seen here.

        A return that is made within its year speaks of a 31 March still to come.
        """
        seen = session.scalar(select(func.min(ImportBatch.imported_at)).where(ImportBatch.sha256 == digest))
        return min(returned.business_date, london_date(seen or self.now), london_date(self.now))

    def _may_import(self, session: Session) -> None:
        """A data manager, a Team Manager or a more senior post (rules R-ELG-3, 0.3)."""
        today = london_date(self.now)
        who = powers(session, self.by.person_id, None, today)
        if who.enabled and (
            Role.DATA_MANAGER in who.roles or any(rank(role) is not None for role in who.roles)
        ):
            return
        reason = Unmet("R-ELG-3", "Only a data manager or a Team Manager may import a file.")
        self.office.access_log.write(
            [
                Look(
                    at=self.now,
                    person_id=self.by.person_id,
                    what=f"act:{self.what}",
                    outcome="refused",
                    rules=(reason.rule,),
                    channel=self.by.channel,
                    os_user=self.by.os_user,
                )
            ]
        )
        raise Refused(self.what, (reason,))


def _digest(paths: Iterable[Path]) -> str:
    """One hash over the files, whatever order they were named in."""
    files = sorted(
        {path.resolve() for given in map(Path, paths) for path in (given.iterdir() if given.is_dir() else [given])}
    )
    hashes = sorted(_hash(file) for file in files if file.is_file())
    return sha256("".join(hashes).encode()).hexdigest()


def _hash(file: Path) -> str:
    with file.open("rb") as raw:
        hashed = sha256()
        while piece := raw.read(1 << 20):
            hashed.update(piece)
    return hashed.hexdigest()
