"""The policy: what is in force, a file checked, a file adopted, every version (design 5.7)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import As, Json, a_day
from cli.output import Page, answer, day, moment
from cli.terminal import Terminal, an_office, at_desk

if TYPE_CHECKING:
    from states.policy import Policy

app = typer.Typer(help="The policy: show, check, adopt, versions.", no_args_is_help=True)

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A policy file, such as policies/x.toml.")]


@app.command("show")
def show(
    section: Annotated[str | None, typer.Argument(metavar="SECTION", help="Only this section, such as rating.")] = None,
    on: Annotated[
        date | None,
        typer.Option("--on", metavar="DATE", parser=a_day, help="What is in force on that day, if not today."),
    ] = None,
    json: Json = False,
) -> None:
    """Every value in force: what it is, whose authority it rests on, where it comes from."""
    from casework import policies
    from states.policy import policy_values
    from states.policy.values import plain as written

    with an_office() as here:
        with here.office.reading() as session:
            try:
                found = policies.in_force(session, on or here.today)
            except policies.PolicyLacks as lacks:
                _lacks(lacks, json)
                return
        values = [v for v in policy_values(found.policy) if section in (None, v.section)]
        if not values:
            sections = ", ".join(type(found.policy).model_fields)
            raise typer.BadParameter(f"There is no section {section!r}. Sections: {sections}.")
        data = {
            "authority": found.policy.authority.name,
            "sha256": found.sha256,
            "from": found.from_on,
            "values": [
                {
                    "section": v.section,
                    "key": v.key,
                    "value": written(v.value),
                    "mark": str(v.origin.mark),
                    "check": v.origin.check,
                    "source": v.origin.source,
                    "from": v.origin.from_date,
                }
                for v in values
            ],
        }
        answer(json, data, lambda page: _values(page, data))


def _lacks(lacks: Any, json: bool) -> None:
    """What stands in force cannot be used yet: which values are wanted."""
    data = {"lacking": [{"section": section, "key": key} for section, key in lacks.lacking], "words": str(lacks)}

    def for_people(page: Page) -> None:
        page.title("The policy in force lacks values")
        for section, key in lacks.lacking:
            page.item(f"{section}.{key}")
        page.line(str(lacks))

    answer(json, data, for_people)


def _values(page: Page, data: dict[str, Any]) -> None:
    from states.rules import MARKS

    page.title(f"{data['authority']} · in force from {day(data['from'])} · {data['sha256'][:12]}")
    section = ""
    rows: list[tuple[str, str, str]] = []
    for value in [*data["values"], {"section": None}]:
        if value["section"] != section:
            if rows:
                page.heading(section)
                page.table(("Value", "Is", "Because"), rows)
            section, rows = value["section"], []
        if section:
            because = f"{value['mark']}{'·' + value['check'] if value['check'] else ''} {value['source']}"
            rows.append((value["key"], _shown(value["value"]), because))
    page.heading("What stands before a source")
    there = {value["mark"] for value in data["values"]}
    page.table(("Mark", "Means"), [(mark, words) for mark, words in MARKS.items() if mark in there])


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_shown(one) for one in value)
        case dict():
            return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
        case _:
            return str(value)


@app.command("check")
def check(file: PolicyFile, json: Json = False) -> None:
    """Check a policy file: every problem as file:line:column key: reason. Exit status 3 if there is one."""
    from cli.failures import REFUSED, WRONG_USAGE
    from cli.output import tell
    from states.policy import PolicyRefused

    try:
        policy = read_policy(file)
    except PolicyRefused as refused:
        problems = [
            {"file": p.file, "line": p.line, "column": p.column, "key": p.key, "reason": p.reason}
            for p in refused.problems
        ]

        def for_people(page: Page) -> None:
            for p in problems:
                page.line(f"{p['file']}:{p['line']}:{p['column']} {p['key']}: {p['reason']}")

        answer(json, problems, for_people)
        tell(f"{len(problems)} problems: the file cannot be adopted.")
        raise typer.Exit(REFUSED) from None
    except OSError as error:
        tell(f"{file} cannot be read: {error.strerror}.")
        raise typer.Exit(WRONG_USAGE) from None
    words = f"{file.name}: {policy.authority.name}, {policy.sha256()[:12]}. It can be adopted."
    answer(json, [], lambda page: page.line(words))


@app.command("adopt")
def adopt(
    file: PolicyFile,
    from_: Annotated[date, typer.Option("--from", metavar="DATE", parser=a_day, help="The day it comes into force.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Put a policy in force from a day on. Versions are kept for ever; a decision stores the one that judged it."""
    from casework.who import staffing

    policy = usable_policy(file)
    with at_desk(as_) as here:
        with here.office.reading() as session:
            staffing.require(session, here.person_id, staffing.POLICY_KEEPERS, here.today, "policy adopt")
        data = put_in_force(here, policy, file.name, from_on=from_, by=here.person_id)
        answer(json, data, lambda page: _adopted(page, data))


@app.command("changes")
def changes(
    sequence: Annotated[int, typer.Argument(metavar="VERSION", help="Its number, as `sgo policy versions` shows it.")],
    json: Json = False,
) -> None:
    """What a version changed against the one adopted before it."""
    from casework import policies
    from casework.errors import NotFound

    with an_office() as here:
        with here.office.reading() as session:
            if sequence not in {one.sequence for one in policies.versions(session)}:
                raise NotFound("version of the policy")
            found = policies.changes(session, sequence)

        def for_people(page: Page) -> None:
            if not found:
                page.line("It was the first." if found is None else "No value is other than in the version before.")
                return
            rows = [(f"{one.section}.{one.key}", _shown(one.before), _shown(one.after)) for one in found]
            page.table(("Value", "Before", "Now"), rows, indent=0)

        answer(json, found, for_people)


def put_in_force(here: Terminal, policy: Policy, file_name: str, *, from_on: date, by: str | None) -> dict[str, Any]:
    """Adopt a policy; answers its line."""
    from casework import policies

    def adopted(session: Any) -> dict[str, Any]:
        version = policies.adopt(session, policy, file_name=file_name, from_on=from_on, by=by, now=here.now)
        return {
            "sequence": version.sequence,
            "sha256": version.sha256,
            "from": version.from_on,
            "file": version.file_name,
            "authority": policy.authority.name,
        }

    return here.office.in_one_unit(adopted)


def _adopted(page: Page, data: dict[str, Any]) -> None:
    page.line(
        f"{data['authority']}, version {data['sequence']}, is in force from {day(data['from'])} "
        f"({data['sha256'][:12]})."
    )


@app.command("versions")
def versions(json: Json = False) -> None:
    """Every policy that was adopted, in the order of adoption."""
    from casework import handles

    with an_office() as here:
        with here.office.reading() as session:
            lines = handles.policy_versions(session)

        def for_people(page: Page) -> None:
            if not lines:
                page.line("No policy has been adopted yet. See: sgo policy adopt")
            rows = [
                (
                    str(v.sequence),
                    day(v.from_on),
                    v.sha256[:12],
                    v.file_name,
                    v.adopted_by or "set-up",
                    moment(v.adopted_at),
                )
                for v in lines
            ]
            heads = ("Version", "In force from", "Content", "File", "Adopted by", "Adopted at")
            page.table(heads, rows, indent=0)

        answer(json, lines, for_people)


def read_policy(file: Path) -> Policy:
    """The policy in a file. Raises PolicyRefused with every problem, OSError where it cannot be read."""
    from states.policy import PolicyProblem, PolicyRefused, load_policy

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problem = PolicyProblem(file.name, 1, 1, "", "the file is not written in UTF-8")
        raise PolicyRefused((problem,)) from None
    return load_policy(text, name=file.name)


def usable_policy(file: Path) -> Policy:
    """The policy in a file. Raises PolicyRefused with every problem, Unusable where it cannot be read."""
    from casework.errors import Unusable

    try:
        return read_policy(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from None
