"""Papers of a request: made once for each wording, kept with hash and version, never overwritten (rules 1.3, R18).

Whoever may open the request may make and read its papers, but the calculation sheet only who reads means tests (rules
11.1); both are written into the access log by the door they come through (`casework/doing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acting.commands import Actor
from casework.errors import NotFound, Refused, Unusable
from casework.funding import means
from casework.funding.gathering import Gathered, gather, in_words
from casework.funding.paper_words import words_of
from casework.who.access import not_hidden_from, open_case_row, powers
from casework.who.matrix import Data
from documents.calculation_sheet import calculation_paper
from documents.papers import Paper, PaperKind
from documents.word import TemplateRefused, fill, template_of
from persistence.papers import FIRST_PAPER, paper_hash
from persistence.tables import Case, FundingCover, FundingPaper, Person
from states.calendar import london_date
from states.records.funding import MeansTestDone
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper in a list."""

    ref: str
    kind: str
    words: str
    version: int
    mark: str
    sha256: str
    own_template: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKept:
    """A paper with its file. `new` says whether this time something was kept."""

    line: PaperLine
    body: bytes
    new: bool


def make_paper(
    session: Session, ref: str, kind: PaperKind, *, by: Actor, now: datetime, templates: Path | None = None
) -> PaperKept:
    """The paper as the request stands now: a new version where its words or its template have changed.

    Raises NotFound, Refused with what is missing, Unusable for a council's template that cannot be used.
    """
    today = london_date(now)
    given = gather(session, ref, by=by.person_id, today=today, kept=True)
    _may_read(session, given.case, kind, by=by.person_id, today=today)
    last = _last(session, given.case.id, kind)
    if last is not None:
        _check(last, ref)
    paper = _paper(session, given, kind, version=last.version + 1 if last else 1)
    try:
        template = template_of(kind, templates)
        if last is not None and (last.mark, last.template) == (paper.mark, template.sha256):
            return PaperKept(line=_line(session, ref, last), body=last.body, new=False)
        body = fill(template, paper)
    except TemplateRefused as refused:
        raise Unusable(str(refused)) from None
    before = session.execute(
        select(FundingPaper.sequence, FundingPaper.chain).order_by(FundingPaper.sequence.desc()).limit(1)
    ).first()
    kept = FundingPaper(
        sequence=before.sequence + 1 if before else 1,
        case_id=given.case.id,
        kind=kind.value,
        version=last.version + 1 if last else 1,
        mark=paper.mark,
        body=body,
        sha256=sha256(body).hexdigest(),
        template=template.sha256,
        own_template=template.own,
        made_by=by.person_id,
        made_at=now,
        chain="",
    )
    kept.chain = paper_hash(before.chain if before else FIRST_PAPER, kept)
    session.add(kept)
    session.flush()
    return PaperKept(line=_line(session, ref, kept), body=body, new=True)


def list_papers(session: Session, ref: str, *, by: str, now: datetime) -> list[PaperLine]:
    """Every version of every paper of a request, in the order in which they were made. Raises NotFound."""
    case = open_case_row(session, ref, by=by, today=london_date(now))
    query = select(FundingPaper).where(FundingPaper.case_id == case.id).order_by(FundingPaper.sequence)
    return [_line(session, ref, one) for one in session.scalars(query)]


def read_paper(
    session: Session, ref: str, kind: PaperKind, *, by: str, now: datetime, version: int | None = None
) -> PaperKept:
    """A version of a paper as it was made, the last one unless another is named. Raises NotFound, Unusable."""
    case = open_case_row(session, ref, by=by, today=london_date(now))
    _may_read(session, case, kind, by=by, today=london_date(now))
    found = _last(session, case.id, kind, version=version)
    if found is None:
        raise NotFound(f"{kind.words.lower()}{f', version {version},' if version else ''} of request", ref)
    _names_nobody_hidden(session, case, found, by=by)
    _check(found, ref)
    return PaperKept(line=_line(session, ref, found), body=found.body, new=False)


def _paper(session: Session, given: Gathered, kind: PaperKind, *, version: int) -> Paper:
    if kind is not PaperKind.CALCULATION_SHEET:
        return words_of(kind, given, version=version)
    done = given.facts.latest(MeansTestDone)
    if done is None:
        missing = Unmet("R-MT-8", "No means test is recorded on this request (record_means_test).")
        raise Refused(f"document {kind}", [missing])
    return calculation_paper(
        means.kept(session, done.sheet).result,
        request=given.ref,
        made_on=in_words(given.facts.today),
        version=str(version),
    )


def _may_read(session: Session, case: Case, kind: PaperKind, *, by: str, today: date) -> None:
    """The calculation sheet is the means test; the group, the reviewing officer and others read none (rules 11.1)."""
    if kind is PaperKind.CALCULATION_SHEET and Data.MEANS not in powers(session, by, case, today).reads:
        raise Refused(f"document {kind}", [Unmet("rules 11.1", "Your post reads no means test of this child.")])


def _names_nobody_hidden(session: Session, case: Case, paper: FundingPaper, *, by: str) -> None:
    """A paper names the children whom its maker may open; one of them may be hidden from its reader (R22)."""
    hidden = (
        select(FundingCover.child_case_id)
        .join(Case, Case.id == FundingCover.child_case_id)
        .where(FundingCover.case_id == case.id, Case.id != case.child_case_id, ~not_hidden_from(by))
    )
    if paper.made_by != by and session.execute(hidden.limit(1)).first() is not None:
        words = "This version was made by somebody who may read more than you. Make the paper anew: yours is for you."
        raise Refused(f"document {paper.kind}", [Unmet("R22", words)])


def _check(paper: FundingPaper, ref: str) -> None:
    """A paper whose file is not the one that was made is not shown, and nothing is built on it (reliability R18)."""
    if sha256(paper.body).hexdigest() != paper.sha256:
        raise Unusable(
            f"Version {paper.version} of {paper.kind} of {ref} is not as it was made: it was changed in the database. "
            "Run: sgo audit verify"
        )


def _last(session: Session, case_id: int, kind: PaperKind, *, version: int | None = None) -> FundingPaper | None:
    query = select(FundingPaper).where(FundingPaper.case_id == case_id, FundingPaper.kind == kind.value)
    if version is not None:
        query = query.where(FundingPaper.version == version)
    else:
        newest = (
            select(func.max(FundingPaper.version))
            .where(FundingPaper.case_id == case_id, FundingPaper.kind == kind.value)
            .scalar_subquery()
        )
        query = query.where(FundingPaper.version == newest)
    return session.scalars(query).first()


def _line(session: Session, ref: str, paper: FundingPaper) -> PaperLine:
    handle = session.scalar(select(Person.handle).where(Person.id == paper.made_by))
    return PaperLine(
        ref=ref,
        kind=paper.kind,
        words=PaperKind(paper.kind).words,
        version=paper.version,
        mark=paper.mark,
        sha256=paper.sha256,
        own_template=paper.own_template,
        made_by=handle or paper.made_by,
        made_at=paper.made_at,
    )
