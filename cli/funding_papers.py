"""`sgo funding`: the papers of a request, its means test, and the finance tracker (practice PM-5, PR-7)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, On, Ref
from cli.output import Page, answer, day, moment
from cli.terminal import at_desk

if TYPE_CHECKING:
    from casework.funding.papers import PaperLine
    from documents.papers import PaperKind
    from interchange.tracker_reading import Reconciliation

tracker = typer.Typer(help="The finance tracker: write the workbook, hold finance's against it.", no_args_is_help=True)

KINDS = "needs-assessment, agreement, decision-record, proposal-notice, decision-notice, calculation-sheet, one-page"
_SHOWN = 40


def add_to(app: typer.Typer) -> None:
    """Add the commands to `sgo funding`."""
    app.command("document")(document)
    app.command("documents")(documents)
    app.command("means-test")(means_test)
    app.add_typer(tracker, name="tracker")


def document(
    ref: Ref,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {KINDS}.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where to; a name that ends in .pdf makes a PDF.")
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="A version that was made before, as it was made.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Make a paper of a request and write it to a file. It is kept with its version and hash, never overwritten.

    Made again with nothing changed, it is the same version. A PDF needs LibreOffice; the Word file never does.
    """
    from casework import doing
    from casework.funding import papers

    wanted = _kind(kind)
    with at_desk(as_) as here:
        if version is not None:
            kept = here.read(
                ref,
                f"document {wanted}",
                lambda s: papers.read_paper(s, ref, wanted, by=here.person_id, now=here.now, version=version),
            )
        else:
            kept = doing.read_and_keep(
                here.office,
                ref,
                f"document {wanted}",
                lambda s: papers.make_paper(
                    s, ref, wanted, by=here.actor, now=here.now, templates=here.office.settings.templates_folder
                ),
                by=here.actor,
                now=here.now,
            )
        file = to or Path(f"{ref}-{wanted}-{kept.line.version}.docx")
        _write(file, kept.body)
        said = {"file": str(file), "new": kept.new, **vars_of(kept.line)}
        words = f"{file}: {kept.line.words}, version {kept.line.version}{'' if kept.new else ', made before'}."
        answer(json, said, lambda page: page.line(words))


def vars_of(line: PaperLine) -> dict[str, object]:
    """A paper's line by its names."""
    from dataclasses import asdict

    return asdict(line)


def _kind(given: str) -> PaperKind:
    from documents.papers import PaperKind

    try:
        return PaperKind(given)
    except ValueError:
        raise typer.BadParameter(f"There is no document {given!r}. Documents: {', '.join(PaperKind)}.") from None


def _write(file: Path, word: bytes) -> None:
    from casework.errors import Unusable
    from cli.files import write_for_oneself
    from documents.pdf import NoPdf, pdf_of

    try:
        write_for_oneself(file, pdf_of(word) if file.suffix.lower() == ".pdf" else word)
    except NoPdf as none:
        raise Unusable(f"{none} The paper is kept: write it with a name that ends in .docx.") from None
    except OSError as error:
        raise Unusable(f"The document cannot be written to {file}: {error.strerror}.") from None


def documents(ref: Ref, as_: As = None, json: Json = False) -> None:
    """Every version of every paper of a request: who made it, when, its mark and its hash."""
    from casework.funding import papers

    with at_desk(as_) as here:
        lines = here.read(
            ref, "documents", lambda s: papers.list_papers(s, ref, by=here.person_id, now=here.now)
        )

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No paper of this request has been made. See: sgo funding document --help")
            rows = [
                (one.words, str(one.version), one.mark, one.sha256[:12], one.made_by, moment(one.made_at))
                for one in lines
            ]
            page.table(("Document", "Version", "Mark", "File", "Made by", "Made at"), rows, indent=0)

        answer(json, lines, for_people)


def means_test(
    ref: Ref,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The household: see `sgo means-test --example`.")
    ] = None,
    mark: Annotated[
        str | None, typer.Option("--mark", metavar="MARK", help="One that is kept already: of a brother or sister.")
    ] = None,
    on: On = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Work out a means test under the policy of its day, keep it, and record it on a request, in one go.

    Brothers and sisters share one: give the others --mark.
    """
    from casework.acting.commands import Command
    from casework.errors import Unusable
    from casework.funding import means
    from cli.means_test import show
    from interchange.household import read_household
    from states.means_test.calculation import MeansTestRefused

    if (file is None) == (mark is None):
        raise typer.BadParameter("Give either a FILE or --mark.")
    try:
        given = read_household(file) if file is not None else None
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from None
    with at_desk(as_) as here:
        command = Command(trigger=means.TRIGGER, ref=ref, happened_on=on or here.today, record={})
        try:
            done = here.perform_many(
                lambda s: means.record_new(s, ref, given.asked, by=here.actor, now=here.now, on=on)
                if given is not None
                else means.record_kept(s, ref, mark or "", by=here.actor, now=here.now, on=on),
                command,
            )
        except MeansTestRefused as refused:
            assert given is not None
            raise given.refused(refused.reasons) from None
        said = {
            "request": ref,
            "mark": done.result.mark,
            "weekly": str(done.award.weekly),
            "monthly": str(done.award.monthly),
            "household": list(done.shared_with),
            "means_test": done.result.content(),
        }

        def for_people(page: Page) -> None:
            show(page, done.result)
            page.line(f"Recorded on {ref}, with the sheet: sgo funding document {ref} calculation-sheet")
            for other in done.shared_with:
                page.line(f"Of the same household: sgo funding means-test {other} --mark {done.result.mark}")

        answer(json, said, for_people)


@tracker.command("export")
def export(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The workbook to write, such as tracker.xlsx.")],
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="TEXT", help="What for: asked of a long tracker. No names."),
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Write the tracker as an Excel workbook: every agreed sum, its changes, committed against budget by kind."""
    from casework import doing
    from casework.errors import Unusable
    from casework.funding import tracker as kept
    from cli.files import write_for_oneself
    from interchange.tracker_book import tracker_book

    with at_desk(as_) as here:
        made = doing.take_out(
            here.office,
            "finance tracker",
            lambda session: kept.tracker(session, by=here.person_id, now=here.now),
            lambda made: [row.request for row in made.rows],
            by=here.actor,
            now=here.now,
            reason=reason,
        )
        try:
            write_for_oneself(to, tracker_book(made))
        except OSError as error:
            raise Unusable(f"The tracker cannot be written to {to}: {error.strerror}.") from None
        said = {"file": str(to), "rows": len(made.rows), "changes": len(made.changes), "as_at": made.as_at}
        answer(json, said, lambda page: page.line(f"{to}: {len(made.rows)} agreed sums as at {day(made.as_at)}."))


@tracker.command("reconcile")
def reconcile(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Finance's workbook, with the tracker's headings.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Hold finance's workbook against ours, cell by cell. Nothing is changed; exit status 3 for a file refused."""
    from casework import doing
    from casework.funding import tracker as kept

    with at_desk(as_) as here:
        found = doing.read_of_many(
            here.office,
            "finance tracker reconciled",
            lambda session: kept.reconcile(session, file, by=here.person_id, now=here.now),
            lambda _: [],
            by=here.actor,
            now=here.now,
        )
        answer(json, found, lambda page: _differences(page, found))


def _differences(page: Page, found: Reconciliation) -> None:
    number = len(found.differences)
    page.title(
        f"{found.file}, sheet {found.sheet}: {number} {'difference' if number == 1 else 'differences'} "
        f"in {found.cells} cells ({found.our_rows} rows of ours, {found.their_rows} of theirs)"
    )
    rows = [
        (
            one.request,
            str(one.row or "–"),
            one.column or "whole row",
            one.ours,
            f"{one.theirs}{'' if one.why == 'differs' else f' ({one.why})'}",
        )
        for one in found.differences[:_SHOWN]
    ]
    page.table(("Request", "Row", "Column", "Ours", "Theirs"), rows, rigid=(0, 1))
    if number > _SHOWN:
        page.line(f"… and {number - _SHOWN} more. All of them: --json", indent=2)
    if found.ignored_columns:
        page.line(f"Not looked at: {', '.join(found.ignored_columns)}.", indent=2)
