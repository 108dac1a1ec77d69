"""The chain of papers, and the check that papers and means tests are as they were made (reliability R18)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from persistence.audit import canonical_json, hash_of
from persistence.tables import Case, FundingPaper, MeansTestKept

#: What the first paper carries as the hash before it.
FIRST_PAPER = hash_of("paper", "first")
#: Every column goes into the chain but the hash itself, and the file, which `sha256` stands for.
FIELDS = tuple(sorted(c.name for c in FundingPaper.__table__.columns if c.name not in ("chain", "body")))


def paper_hash(previous: str, paper: FundingPaper) -> str:
    """The hash of a paper: over the one before it and every column."""
    row: dict[str, Any] = {name: getattr(paper, name) for name in FIELDS}
    return hash_of("paper", previous, canonical_json(row))


def verify_papers(session: Session, say: Callable[[str, str], None]) -> None:
    """Say of every paper and means test that is not as it was made where it is, and what is wrong with it."""
    previous, expected = FIRST_PAPER, 1
    refs = dict(session.execute(select(Case.id, Case.ref)).all())
    for paper in session.scalars(select(FundingPaper).order_by(FundingPaper.sequence).execution_options(yield_per=50)):
        where = f"{refs.get(paper.case_id, 'a request')}, {paper.kind} {paper.version}"
        if paper.sequence != expected:
            say(where, f"paper {expected} before it is missing")
        if sha256(paper.body).hexdigest() != paper.sha256:
            say(where, "its file is not as it was made")
        if paper_hash(previous, paper) != paper.chain:
            say(where, "does not follow on the paper before it, or was changed")
        previous, expected = paper.chain, paper.sequence + 1
        session.expunge(paper)
    for kept in session.scalars(select(MeansTestKept)):
        if sha256(kept.content.encode()).hexdigest()[:16] != kept.mark:
            say(f"means test {kept.mark}", "is not as it was worked out")
