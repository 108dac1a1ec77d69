"""Too near to a child: saying so oneself or for a colleague, and the register of everybody who is (reliability C5)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casework import doing
from casework.errors import NotFound, Refused, Unusable
from casework.who import interests
from casework.who.access import open_case_row
from casework.who.choosing import to_choose_from
from casework.who.interests import MAY_ENTER, REGISTER_KEEPERS, Interest, Relation
from web.doors import Access, Here, access, here

pages = Blueprint("interests", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/cases/<ref>/interest")
@access(Access.CHILD)
def ask(ref: str) -> str:
    """Say that somebody is too near to this child."""
    return _form(here(), ref)


@pages.post("/cases/<ref>/interest")
@access(Access.CHILD)
def declare(ref: str) -> Answer:
    """Close the record to that person from now on."""
    me = here()
    who, relation = request.form.get("who", "") or me.who.handle, request.form.get("relation", "")
    wrong = {}
    if relation not in set(Relation):
        wrong["relation"] = "Say who the child is to you."
    else:
        try:
            kept = doing.keep_from(me.office, ref, who=who, relation=Relation(relation), by=me.actor, now=me.now)
        except Unusable as error:
            wrong["who"] = str(error)
        else:
            return render_template("interest_kept.html", kept=kept, mine=kept.person == me.who.handle)
    return _form(me, ref, wrong=wrong, who=who, relation=relation), 422


@pages.get("/access/interests")
@access(Access.POSTS, posts=REGISTER_KEEPERS)
def register() -> str:
    """Everybody who is kept from a child, and who was."""
    return _register(here())


@pages.post("/access/interests")
@access(Access.POSTS, posts=REGISTER_KEEPERS)
def change() -> Answer:
    """Enter somebody, or take somebody out."""
    me = here()
    given = {name: request.form.get(name, "").strip() for name in ("ref", "who", "relation", "because", "end")}
    wrong: dict[str, str] = {}
    try:
        if given["end"]:
            me.change(
                lambda session: interests.end(
                    session, given["end"], because=given["because"], by=me.who.id, today=me.today, now=me.now
                )
            )
            return redirect(url_for("interests.register", done="ended"))
        if given["relation"] not in set(Relation):
            wrong["relation"] = "Say who the child is to them."
        else:
            relation = Relation(given["relation"])
            doing.keep_from(
                me.office, given["ref"].upper(), who=given["who"], relation=relation, by=me.actor, now=me.now
            )
            return redirect(url_for("interests.register", done="entered"))
    except NotFound:
        wrong["ref"] = "There is no record of this reference."
    except Refused as error:
        wrong[f"because-{given['end']}"] = error.reasons[0].reason
    except Unusable as error:
        wrong[f"because-{given['end']}" if given["end"] else "who"] = str(error)
    return _register(me, wrong=wrong, given=given), 422


def _form(me: Here, ref: str, *, wrong: dict[str, str] | None = None, who: str = "", relation: str = "") -> str:
    def look(session: Session) -> tuple[tuple[str, str], ...]:
        open_case_row(session, ref, by=me.who.id, today=me.today)
        return to_choose_from(session, today=me.today).people if me.who.roles & MAY_ENTER else ()

    people = me.read(ref, "interest", look)
    return render_template(
        "interest.html",
        ref=ref,
        people=people,
        me=me.who.handle,
        relations=list(Relation),
        wrong=wrong or {},
        who=who or me.who.handle,
        relation=relation,
    )


def _register(me: Here, *, wrong: dict[str, str] | None = None, given: dict[str, str] | None = None) -> str:
    def look(session: Session) -> tuple[list[Interest], tuple[tuple[str, str], ...]]:
        found = interests.register(session, by=me.who.id, today=me.today)
        return found, to_choose_from(session, today=me.today).people

    lines, people = me.read(None, "register of interests", look)
    return render_template(
        "interests.html",
        lines=lines,
        people=people,
        relations=list(Relation),
        wrong=wrong or {},
        given=given or {},
        done=request.args.get("done", ""),
    )
