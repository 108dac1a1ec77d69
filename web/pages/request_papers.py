"""A request's documents: seven Word papers made, kept and read again; what goes into other systems (practice PR-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from casework import doing
from casework.errors import NotFound, Refused, Unusable
from casework.funding import papers
from casework.funding.papers import PaperKept, PaperLine
from casework.funding.requests import RequestSeen, show_request
from documents.papers import PaperKind
from documents.pdf import NoPdf, office, pdf_of
from states.vocabulary import Unmet
from web.doors import Access, access, here

pages = Blueprint("request_papers", __name__)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: What goes into other systems, in its order: the step, what it is, whose it is, its own day and what it says.
ELSEWHERE = (
    ("upload_agreement", "Added to the case system and sent to CFS Permanence", "the assessment worker", "uploaded_on"),
    ("receive_agreement", "Received by CFS Permanence", "CFS Permanence", "received_on"),
    ("enter_on_tracker", "Entered on the finance tracker", "CFS Permanence", "entered_on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One kind of paper: its versions, the last first."""

    kind: PaperKind
    versions: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be done in another system, and whether it was in this round. `on`: as its record says."""

    words: str
    whose: str
    done: bool
    on: date | None
    by: str
    reference: str


@pages.get("/requests/<ref>/papers")
@access(Access.CASE)
def show(ref: str) -> str:
    """Every paper with its versions, and the tasks of the agreement."""
    return _page(ref)


@pages.post("/requests/<ref>/papers")
@access(Access.CASE)
def make(ref: str) -> Answer | tuple[str, int]:
    """Make a paper as the request stands now. With nothing changed it is the version there is."""
    me = here()
    kind = _kind(request.form.get("kind", ""))
    try:
        kept = doing.read_and_keep(
            me.office,
            ref,
            f"document {kind}",
            lambda session: papers.make_paper(
                session, ref, kind, by=me.actor, now=me.now, templates=me.office.settings.templates_folder
            ),
            by=me.actor,
            now=me.now,
        )
    except Refused as refused:
        return _page(ref, kind=kind, wrong=refused.reasons), 422
    except Unusable as unusable:
        return _page(ref, kind=kind, wrong=(Unmet("", str(unusable)),)), 422
    how = "new" if kept.new else "same"
    return redirect(url_for("request_papers.show", ref=ref, made=kind.value, how=how, _anchor=kind.value))


@pages.get("/requests/<ref>/papers/<kind>/<int:version>.docx")
@access(Access.CASE)
def word(ref: str, kind: str, version: int) -> Response:
    """A version as it was made."""
    kept = _read(ref, kind, version)
    return _file(kept.body, WORD, f"{ref}-{kind}-{version}.docx")


@pages.get("/requests/<ref>/papers/<kind>/<int:version>.pdf")
@access(Access.CASE)
def pdf(ref: str, kind: str, version: int) -> Response:
    """The same as PDF, where LibreOffice is installed."""
    kept = _read(ref, kind, version)
    try:
        return _file(pdf_of(kept.body), "application/pdf", f"{ref}-{kind}-{version}.pdf")
    except NoPdf as none:
        raise Unusable(str(none)) from None


def _read(ref: str, kind: str, version: int) -> PaperKept:
    me, wanted = here(), _kind(kind)
    return me.read(
        ref,
        f"document {wanted}",
        lambda session: papers.read_paper(session, ref, wanted, by=me.who.id, now=me.now, version=version),
    )


def _kind(given: str) -> PaperKind:
    try:
        return PaperKind(given)
    except ValueError:
        raise NotFound("document", given[:40]) from None


def _file(body: bytes, mimetype: str, name: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(ref: str, *, kind: PaperKind | None = None, wrong: tuple[Unmet, ...] = ()) -> str:
    me = here()

    def look(session: Session) -> tuple[RequestSeen, list[PaperLine]]:
        seen = show_request(session, ref, by=me.who.id, today=me.today)
        return seen, papers.list_papers(session, ref, by=me.who.id, now=me.now)

    seen, lines = me.read(ref, "documents", look)
    made = [Made(kind=one, versions=tuple(x for x in reversed(lines) if x.kind == one)) for one in PaperKind]
    just = next((one for one in made if one.kind == request.args.get("made") and not wrong), None)
    return render_template(
        "request_papers.html",
        seen=seen,
        made=made,
        just=just,
        new=request.args.get("how") == "new",
        kind=kind,
        wrong=wrong,
        tasks=_tasks(seen),
        with_pdf=office() is not None,
    )


def _tasks(seen: RequestSeen) -> list[Task]:
    """What has been put into other systems in this round; nothing while no decision agrees to anything."""
    if not any(one.agreed for one in seen.signatures):
        return []
    stand = [line for line in seen.chronology if line.standing == "stands"]
    begins = max((number for number, line in enumerate(stand) if line.trigger == "open_new_round"), default=0)
    by_step = {line.trigger: line for line in stand[begins:]}
    found = []
    for step, words, whose, field in ELSEWHERE:
        line = by_step.get(step)
        said = line.record if line is not None else {}
        found.append(
            Task(
                words=words,
                whose=whose,
                done=line is not None,
                on=date.fromisoformat(str(said[field])) if said.get(field) else None,
                by=line.decided_by if line is not None else "",
                reference=str(said.get("reference") or said.get("supplier_number") or ""),
            )
        )
    return found
