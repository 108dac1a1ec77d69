"""Keeping an installation: set it up, run it, follow acts through, the night, backups, health."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import clock
from cli.options import Json, a_day
from cli.output import Page, answer, day, moment, plain, tell
from cli.terminal import an_office, settings

if TYPE_CHECKING:
    from casework.following.health import Health

RUNNING = "The installation"
#: The policy that a new installation begins with, unless another is named.
SHIPPED_POLICY = Path(__file__).parents[1] / "policies" / "leicestershire.toml"


def add_to(app: typer.Typer) -> None:
    """The commands of this room."""
    for name, command in (
        ("demo", demo),
        ("init", init),
        ("up", up),
        ("deliver", deliver),
        ("overnight", overnight),
        ("runs", runs),
        ("health", health),
        ("backup", backup),
        ("restore", restore),
    ):
        app.command(name, rich_help_panel=RUNNING)(command)


def demo(
    children: Annotated[
        int, typer.Option("--children", metavar="N", min=1, help="How many; 40: a small caseload, there in seconds.")
    ] = 694,
    port: Annotated[int, typer.Option("--port", metavar="P", help="Prefect's port on this machine.")] = 4200,
    once: Annotated[bool, typer.Option("--once", help="Set up, run one night, print the summary, and end.")] = False,
) -> None:
    """The whole system on an invented county, on this machine only."""
    import os

    from demo import run

    raise typer.Exit(run.main(children=children, port=port, once=once, env=os.environ, say=typer.echo))


def init(
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="The authority's policy; else the one that comes with it."),
    ] = None,
    json: Json = False,
) -> None:
    """Create the database or bring it up to date, and adopt a first policy."""
    from casework.units import prepare_database

    first = _first_policy(policy)
    prepare_database(settings())
    with an_office() as here:
        from casework import handles, policies
        from casework.errors import Unusable
        from casework.who import staffing
        from cli.policy import put_in_force

        with here.office.reading() as session:
            there = handles.policy_versions(session)
            nobody = staffing.nobody_yet(session)
        if there and policy is not None and first.sha256() not in {one.sha256 for one in there}:
            raise Unusable(
                "A policy is in force here already. Another one: sgo policy adopt FILE --from DATE --as PERSON"
            )
        if not there:
            name = (policy or SHIPPED_POLICY).name
            put_in_force(here, first, name, from_on=here.today, by=None)
            with here.office.reading() as session:
                there = handles.policy_versions(session)
        with here.office.reading() as session:
            lacks = policies.lacking(session, here.today)
        data = {
            "home": here.office.settings.home,
            "database": here.office.database.dialect,
            "policy": there[-1].sha256,
            "policy_file": there[-1].file_name,
            "policy_lacks": lacks,
            "people": not nobody,
        }

        def for_people(page: Page) -> None:
            page.line(f"The database is ready ({data['database']}), in {data['home']}.")
            page.line(f"Policy: {data['policy_file']}. Is it yours? sgo policy show")
            if lacks is not None:
                page.line(f"Nobody can work yet. {lacks}")
            if nobody:
                page.line('Next: sgo person add HANDLE --name NAME --role "system administrator"')

        answer(json, data, for_people)


def _first_policy(file: Path | None) -> Any:
    """Checked before anything is made: a file that cannot be used leaves nothing behind."""
    from cli.policy import usable_policy

    return usable_policy(file or SHIPPED_POLICY)


def up() -> None:
    """Run everything on an existing database: Prefect, worker, scheduler, pages. Ctrl-C ends it."""
    from workflows import supervisor

    raise typer.Exit(supervisor.up(settings(), say=tell))


def deliver(
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many runs.")] = None,
    json: Json = False,
) -> None:
    """Follow everything through that waits, and send what is due: once, and without Prefect."""
    from casework.delivery import arrivals, sending
    from casework.following import follow_up
    from casework.following.count_words import count_words
    from casework.following.leases import owner_of_this_process

    with an_office() as here:
        owner = owner_of_this_process(here.now)
        drained = follow_up.drain(here.office, owner=owner, clock=clock.now, limit=limit)
        rest = sending.deliver_waiting(here.office, now=clock.now())
        heard = arrivals.ask(here.office, now=clock.now())
        data = {
            "done": drained.done,
            "failed": drained.failed,
            "counts": dict(drained.counts),
            "messages": plain(rest),
            "arrivals": heard,
        }

        def for_people(page: Page) -> None:
            page.line(f"{drained.done} acts followed through, {drained.failed} failed.")
            for name, number in sorted(drained.counts.items()):
                page.line(count_words(name, number), indent=2)
            sent = {name: number for name, number in plain(rest).items() if number}
            if sent:
                words = ", ".join(count_words(name, n) for name, n in sent.items())
                page.line(f"Other messages: {words}")
            if heard:
                words = ", ".join(count_words(name, n) for name, n in sorted(heard.items()))
                page.line(f"Messages that went earlier: {words}")

        answer(json, data, for_people)
    if drained.failed:
        tell("Some follow-ups failed and are tried again by themselves. See: sgo runs")
        raise typer.Exit(1)


def overnight(
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            parser=a_day,
            help="Another business date. A past night is a replay: nothing is stored, nothing is sent.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Look at every open case, as the night does, and prove that all were looked at."""
    from casework.overnight import night

    with an_office() as here:
        if as_of is not None:
            reports = [night.run_night(here.office, business_date=as_of, replay=False, now=here.now)]
        else:  # what was missed, oldest first; where nothing is due, today
            reports = night.run_due_nights(here.office, now=here.now) or [
                night.run_night(here.office, business_date=here.today, replay=False, now=here.now)
            ]
        found = [report.as_json() for report in reports]
        data = {**found[-1], "caught_up": found[:-1]}

        def for_people(page: Page) -> None:
            for number, one in enumerate(found):
                if number:
                    page.line()
                _night(page, one)

        answer(json, data, for_people)
    if any(one["skipped"] for one in found):
        tell("Some cases could not be checked: see sgo runs.")


def _night(page: Page, report: dict[str, Any]) -> None:
    title = f"Night of {day(report['business_date'])}"
    page.title(title + (" (REPLAY: nothing was stored, nobody is told)" if report["replay"] else ""))
    page.line(
        f"Open cases {report['expected']} · checked {report['examined']} · not checked "
        f"{report['skipped']} · {report['seconds']:.1f} s",
        indent=2,
    )
    page.line(f"Needs attention: new {report['new']} · cleared {report['cleared']}", indent=2)
    for one in report["not_checked"]:
        page.item(f"NOT CHECKED: {one['ref']}, reference {one['error']}")
    page.table(("Rule", "Children", "What it is"), _findings(report["findings"]), rigid=(0,))
    for rule, number in report["cannot_tell"].items():
        page.item(f"{rule} cannot tell in {number} {'child' if number == 1 else 'children'}: see sgo drift list")


def _findings(found: dict[str, int]) -> list[tuple[str, str, str]]:
    from casework.drift.rules import CATALOGUE

    words = {rule.id: rule.words for rule in CATALOGUE}
    return [(rule, str(number), words.get(rule, "")) for rule, number in sorted(found.items()) if number]


def runs(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1)] = 20,
    flow: Annotated[str | None, typer.Option("--flow", metavar="NAME", help="Such as case.rate.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="running, completed, failed or crashed.")
    ] = None,
    json: Json = False,
) -> None:
    """Automatic work, newest first: every run, in our own words, with Prefect or without."""
    from casework.following import ledger
    from casework.following.count_words import count_words

    if state is not None and state not in set(ledger.RunState):
        raise typer.BadParameter(f"There is no state {state!r}: {', '.join(ledger.RunState)}.")
    with an_office() as here:
        with here.office.reading() as session:
            lines = ledger.runs(session, limit=limit, flow=flow, state=ledger.RunState(state) if state else None)
        data = [{**plain(line), "seconds": line.seconds} for line in lines]

        def for_people(page: Page) -> None:
            if not lines:
                page.line("Nothing has run yet.")
                return
            rows = []
            for line in lines:
                counts = ", ".join(
                    count_words(name, n) for name, n in sorted(line.counts.items()) if isinstance(n, int) and n
                )
                seconds = "" if line.seconds is None else f"{line.seconds:.1f}"
                detail = f"reference {line.error_ref}" if line.error_ref else counts
                rows.append((moment(line.started_at), line.flow, line.state, line.how, seconds, detail))
            page.table(("Started", "What", "State", "How", "Seconds", "Counts"), rows, indent=0, rigid=(0, 1, 2))

        answer(json, data, for_people)


def health(json: Json = False) -> None:
    """For a monitor: exit status 0 when last night is done and nothing is stuck, else 1."""
    from casework.following import health as looks

    with an_office() as here:
        found = looks.health(here.office, here.now)
        answer(json, found.as_json(), lambda page: _healthy(page, found))
    if not found.ok:
        raise typer.Exit(1)


def _healthy(page: Page, found: Health) -> None:
    page.title("All is well." if found.ok else "Something needs a person.")
    for problem in found.problems:
        page.item(f"{problem.what}: {problem.words}")
    page.pairs(
        (
            ("Last night done:", day(found.last_night) if found.last_night else "none yet"),
            ("Acts waiting:", ", ".join(f"{k} {v}" for k, v in found.follow_ups.items()) or "none"),
            ("Messages waiting:", ", ".join(f"{k} {v}" for k, v in found.messages.items()) or "none"),
            ("Processes:", ", ".join(f"{k} {v}" for k, v in found.processes.items())),
        )
    )


def backup(dest: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder.")], json: Json = False) -> None:
    """Make a backup while people work: a folder with a manifest. It holds children's data: keep it so."""
    from casework.safety import backup as backups

    with an_office() as here:
        manifest = backups.backup(here.office, dest, now=here.now)
    rows = sum(manifest.rows.values())
    answer(json, manifest.model_dump(), lambda page: page.line(f"{rows} rows are in {dest}."))


def restore(src: Annotated[Path, typer.Argument(metavar="SRC", help="A backup.")], json: Json = False) -> None:
    """Restore a backup into an empty installation. Everything is checked; no message leaves until released."""
    from casework.safety import backup as backups

    restored = backups.restore(src, settings())

    def for_people(page: Page) -> None:
        page.line(f"{restored.cases} cases with {restored.events} events are back, as of {moment(restored.made_at)}.")
        page.line(f"Held until you release them: {restored.quarantined} messages, {restored.held} follow-ups.")
        page.line("Look first: sgo outbox list. Then: sgo outbox release --all")

    answer(json, restored.model_dump(), for_people)
