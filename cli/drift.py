"""What needs attention: what the nights found, who is dealing with it, and how it goes from night to night."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import As, Json, Ref, a_day
from cli.output import Page, answer, day, plain
from cli.terminal import Desk, at_desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.drift.findings import FindingLine
    from casework.drift.history import Compared, FoundThen, LookBack, Stand

app = typer.Typer(help="Drift and delay: what needs attention, and who deals with it.", no_args_is_help=True)

Rule = Annotated[str | None, typer.Option("--rule", metavar="RULE", help="Only this rule, such as D-04.")]


@app.command("list")
def list_findings(
    rule: Rule = None,
    ref: Annotated[str | None, typer.Option("--case", metavar="REF", help="Only this child.")] = None,
    as_of: Annotated[
        date | None,
        typer.Option("--as-of", metavar="DATE", parser=a_day, help="What was found on a past date."),
    ] = None,
    cleared: Annotated[bool, typer.Option("--cleared", help="Also what has ended.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1)] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """What needs attention: urgent first, then the oldest."""
    with at_desk(as_) as here:
        if as_of is not None:
            _on_a_past_date(here, as_of, rule, ref, json)
            return
        from casework.drift import findings, history

        def query(session: Any) -> dict[str, Any]:
            who: dict[str, Any] = {"by": here.person_id, "today": here.today}
            lines = findings.list_findings(
                session, rule=rule, ref=ref, include_cleared=cleared, limit=limit, **who
            )
            everything = rule is None and ref is None
            return {
                "findings": lines,
                "cannot_tell": history.cannot_tell(session, **who) if everything else [],
                "authority": history.of_the_authority(session, here.today) if everything else [],
            }

        seen = here.read(ref, "drift", query)
        data = {
            "findings": [plain(one) for one in seen["findings"]],
            "cannot_tell": [plain(one) for one in seen["cannot_tell"]],
            "authority": [{"rule": r, "words": words, "what": list(what)} for r, words, what in seen["authority"]],
        }

        def for_people(page: Page) -> None:
            _listed(page, seen["findings"])
            for one in seen["cannot_tell"]:
                page.item(f"CANNOT TELL ({one.rule}): of {one.children} children nobody has said {one.not_known}.")
            if seen["authority"]:
                page.heading("Of the authority, not of a child")
            for number, words, what in seen["authority"]:
                page.item(f"{words} ({number}): {', '.join(what)}")

        answer(json, data, for_people)


def _listed(page: Page, lines: Sequence[FindingLine]) -> None:
    if not lines:
        page.line("Nothing needs attention in the children you can open.")
        return
    rows, styles = [], []
    for line in lines:
        urgent = line.severity == "urgent"
        rows.append((line.ref, line.rule, ("URGENT " if urgent else "") + line.words, day(line.since), _state(line)))
        styles.append("bold" if urgent else None)
    heads = ("Child", "Rule", "What needs attention", "Since", "How it stands")
    page.table(heads, rows, indent=0, rigid=(0, 1), styles=styles)
    page.line()
    children = len({line.ref for line in lines})
    page.line(f"{len(lines)} in {children} {'child' if children == 1 else 'children'}.")
    page.line("To say that you are dealing with one: sgo drift acknowledge REF:RULE --reason … --until DATE")


def _state(line: FindingLine) -> str:
    words = []
    if line.cleared_on:
        words.append(f"ended {day(line.cleared_on)}")
    if line.inherited:
        told = f", told of since {day(line.released_on)}" if line.released_on else ""
        words.append("late already when the child was taken over" + told)
    if line.dealing:
        words.append(f"{line.dealing.person} is dealing with it until {day(line.dealing.until_on)}")
    if line.back:
        words.append("BACK: it was to be done by now")
    if line.went_up_to:
        words.append("gone up to " + ", ".join(line.went_up_to))
    return " · ".join([*words, "for " + ", ".join(line.owners)])


def _on_a_past_date(here: Desk, as_of: date, rule: str | None, ref: str | None, json: bool) -> None:
    from casework.drift import history

    def query(session: Any) -> LookBack:
        return history.found_on(session, as_of, by=here.person_id, today=here.today)

    seen = here.read(ref, "drift", query)
    lines = [one for one in seen.findings if rule in (None, one.rule) and ref in (None, one.ref)]

    def for_people(page: Page) -> None:
        how = "as the night wrote it down" if seen.kept else "looked at again now: there was no night of that date"
        page.title(f"What was found on {day(seen.on)} ({how})")
        _then(page, lines)

    answer(json, {"as_of": seen.on, "kept": seen.kept, "findings": [plain(one) for one in lines]}, for_people)


def _then(page: Page, lines: Sequence[FoundThen]) -> None:
    if not lines:
        page.line("Nothing.", indent=2)
        return
    rows = [
        (one.ref, one.rule, ("URGENT " if one.severity == "urgent" else "") + one.words, day(one.since))
        for one in lines
    ]
    page.table(("Child", "Rule", "What", "Since"), rows, rigid=(0, 1))


@app.command("acknowledge")
def acknowledge(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="REF:RULE, such as SG-7K4QM2XD:D-05, or its id.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you are doing about it.")],
    until: Annotated[date, typer.Option("--until", metavar="DATE", parser=a_day, help="By when it will be done.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """I'm dealing with it: nobody else is told until the date you give; if it still stands then, it is back."""
    from casework.acting.commands import Command
    from casework.drift import acknowledging

    with at_desk(as_) as here:
        logged = Command(trigger="acknowledge", happened_on=here.today, ref=finding.partition(":")[0])
        said = here.perform_many(
            lambda session: acknowledging.acknowledge(
                session,
                finding,
                by=here.person_id,
                reason=reason,
                until=until,
                today=here.today,
                now=here.now,
            ),
            logged,
        )
        words = f"You are dealing with it until {day(said.until_on)}. If it still stands then, it is back on the list."
        answer(json, {"finding": finding, **asdict(said)}, lambda page: page.line(words))


@app.command("compare")
def compare(
    one: Annotated[date, typer.Argument(metavar="DATE", parser=a_day)],
    other: Annotated[date, typer.Argument(metavar="DATE", parser=a_day)],
    as_: As = None,
    json: Json = False,
) -> None:
    """Two nights side by side: what is new, what is over, what went up or got worse."""
    from casework.drift import history

    with at_desk(as_) as here:

        def query(session: Any) -> Compared:
            return history.compare(session, one, other, by=here.person_id, today=here.today)

        seen = here.read(None, "drift", query)

        def for_people(page: Page) -> None:
            page.title(f"From {day(seen.earlier)} to {day(seen.later)}")
            for words, lines in (
                ("New", seen.new),
                ("Over", seen.cleared),
                ("Gone up or worse", seen.escalated),
            ):
                page.heading(f"{words}: {len(lines)}")
                _then(page, lines)
            page.line()
            page.line(f"As it was: {len(seen.same)}")

        answer(json, seen, for_people)


@app.command("trend")
def trend(
    since: Annotated[
        date | None, typer.Option("--since", metavar="DATE", parser=a_day, help="From this night on; else four weeks.")
    ] = None,
    weekly: Annotated[bool, typer.Option("--weekly", help="The last night of each week.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """How many findings stood after each night, by rule, and what came and went."""
    from casework.drift import history

    with at_desk(as_) as here:

        def query(session: Any) -> list[Stand]:
            first = since or here.today - timedelta(weeks=4)
            return history.trend(session, by=here.person_id, today=here.today, since=first, weekly=weekly)

        seen = here.read(None, "drift", query)

        def for_people(page: Page) -> None:
            if not seen:
                page.line("There was no night in that time.")
                return
            rules = sorted({rule for stand in seen for rule in stand.findings})
            rows = [
                (day(s.on), *(str(s.findings.get(rule, 0)) for rule in rules), str(s.new), str(s.cleared))
                for s in seen
            ]
            page.table(("Night of", *rules, "New", "Over"), rows, indent=0, rigid=(0,))

        answer(json, seen, for_people)


def trajectory(ref: Ref, as_: As = None, json: Json = False) -> None:
    """A child's own path in dates: planned at first, now, done, each move and why, and where it leads."""
    from casework.reading import trajectory as paths
    from cli import case_sheet

    with at_desk(as_) as here:

        def query(session: Any) -> paths.Path:
            return paths.trajectory(session, ref, by=here.person_id, today=here.today)

        seen = here.read(ref, "trajectory", query)

        def for_people(page: Page) -> None:
            page.title(f"{seen.ref}: trajectory")
            if not seen.milestones:
                page.line("No trajectory has been written yet.", indent=2)
                return
            case_sheet.path(page, seen)

        answer(json, seen, for_people)
