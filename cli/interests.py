"""Too near to a child: the register of who is kept from which record (reliability C5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import As, Json, Ref
from cli.output import Page, answer, moment
from cli.terminal import at_desk

if TYPE_CHECKING:
    from casework.who.interests import Interest

app = typer.Typer(help="Who is too near to a child to open the record.", no_args_is_help=True)

Who = Annotated[str | None, typer.Option("--person", metavar="PERSON", help="Who is too near; you, if left out.")]
Near = Annotated[
    str, typer.Option("--relation", metavar="WHO", help="self, relative, carer, friend or other.")
]


@app.command("declare")
def declare(ref: Ref, relation: Near, person: Who = None, as_: As = None, json: Json = False) -> None:
    """Close a record to somebody who is too near to the child, at once."""
    from casework.doing import keep_from
    from casework.errors import Unusable
    from casework.who.interests import Relation

    with at_desk(as_) as here:
        if relation.upper() not in Relation.__members__:
            raise Unusable(f"--relation is one of {', '.join(name.lower() for name in Relation.__members__)}.")
        kept = keep_from(
            here.office, ref, who=person or here.person_id, relation=Relation[relation.upper()], by=here.actor,
            now=here.now,
        )  # fmt: skip
        answer(json, kept, lambda page: page.line(f"{ref} is closed to {kept.name}."))


@app.command("list")
def list_register(as_: As = None, json: Json = False) -> None:
    """The register, those lines first that hold."""
    from casework.who import interests

    with at_desk(as_) as here:
        found = here.read(
            None, "register of interests", lambda s: interests.register(s, by=here.person_id, today=here.today)
        )

        def for_people(page: Page) -> None:
            if not found:
                page.line("Nobody stands in it.")
            rows = [(one.id, one.person, one.ref, one.relation, moment(one.declared_at), _until(one)) for one in found]
            page.table(("Id", "Who", "Record", "Who the child is", "Since", "Until"), rows, indent=0, rigid=(2,))

        answer(json, found, for_people)


@app.command("end")
def end(
    interest_id: Annotated[str, typer.Argument(metavar="ID", help="As `sgo interest list` shows it.")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it is no longer so.")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Take somebody out of the register."""
    from casework.who import interests

    with at_desk(as_) as here:
        found = here.office.in_one_unit(
            lambda s: interests.end(
                s, interest_id, because=because, by=here.person_id, today=here.today, now=here.now
            )
        )
        answer(json, found, lambda page: page.line(f"{found.name} is no longer kept from {found.ref}."))


def _until(one: Interest) -> str:
    return "still" if one.ended_at is None else f"{moment(one.ended_at)}: {one.ended_because}"
