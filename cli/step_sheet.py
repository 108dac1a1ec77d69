"""Steps on the screen: what can be done, what is still needed, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import Page, day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.acting.commands import Result
    from casework.handles import CaseHead
    from casework.reading.queries import NextStep
    from states.records.base import FieldSeen
    from states.vocabulary import Transition

#: Refusals that say only that somebody else decides this.
_NOT_YOURS = "decided_by"


def steps(page: Page, case: CaseHead, found: Sequence[NextStep]) -> None:
    """What can be done now, what is still needed, and what others decide."""
    from states.acts import STRAIGHTENING
    from states.processes import is_request

    found = [step for step in found if not step.idle]
    happened = [step for step in found if step.out_of_order and not _for_others(step)]
    ordinary = [step for step in found if not step.out_of_order]
    page.title(f"{case.ref} · {state_words(case.state)} since {day(case.since)} · version {case.version}")
    moves = [step for step in ordinary if step.to != case.state or step.nature == "decision"]
    moves = [step for step in moves if step.trigger not in STRAIGHTENING]
    mine = [step for step in moves if not _for_others(step)]
    _now(page, [step for step in mine if step.allowed])
    _still_needed(page, [step for step in mine if not step.allowed])
    _others(page, [step for step in moves if _for_others(step)], why=is_request(case.process))
    _worth_knowing(page, [step for step in found if step.allowed or not _for_others(step)])
    _names(page, "You may also record", [step for step in ordinary if step not in moves and step.allowed])
    _names(page, "If it happened without us", happened)
    page.line()
    page.line("What a step asks for: sgo trigger --explain TRIGGER")


def _names(page: Page, heading: str, found: Sequence[NextStep]) -> None:
    if found:
        page.heading(heading)
        page.line(", ".join(step.trigger for step in found), indent=2)


def _for_others(step: NextStep) -> bool:
    return any(unmet.field == _NOT_YOURS for unmet in step.missing)


def _now(page: Page, found: Sequence[NextStep]) -> None:
    page.heading("You can do now")
    if not found:
        page.line("Nothing moves this case on today by you.", indent=2)
        return
    rows = [(step.trigger, step.words, state_words(step.to), _asked(step)) for step in found]
    page.table(("Step", "What it is", "Leads to", "Write down"), rows, rigid=(0,))


def _still_needed(page: Page, found: Sequence[NextStep]) -> None:
    if not found:
        return
    page.heading("Still needed")
    for step in found:
        page.line(f"{step.trigger}: {step.words}", indent=2)
        for unmet in step.missing:
            page.item(f"{unmet.reason} ({unmet.rule})", indent=4)


def _worth_knowing(page: Page, found: Sequence[NextStep]) -> None:
    """What warns and stops nobody (practice PT-8, rules R-ELG-5)."""
    hints = [(step.trigger, unmet) for step in found for unmet in step.hints]
    if not hints:
        return
    page.heading("Worth knowing")
    for trigger, unmet in hints:
        page.item(f"{trigger}: {unmet.reason} ({unmet.rule})")


def _others(page: Page, found: Sequence[NextStep], *, why: bool) -> None:
    """`why`: with why each is not this person's: of money, somebody whose post it is may have had a part (R-FIN-6)."""
    if not found:
        return
    page.heading("For others to decide")
    for step in found:
        page.line(f"{step.trigger}: {step.words} ({', '.join(step.by)})", indent=2)
        for unmet in step.missing:
            if unmet.field != _NOT_YOURS:
                page.item(f"still needed: {unmet.reason} ({unmet.rule})", indent=4)
            elif why:
                page.item(f"why not you: {unmet.reason} ({unmet.rule})", indent=4)


def _asked(step: NextStep) -> str:
    needed = [field.name for field in step.fields if field.required]
    return ", ".join(needed[:4]) + (" …" if len(needed) > 4 else "")


def state_words(state: str | None) -> str:
    """A state as people read it, with its name."""
    from states.processes import state_named

    if state is None:
        return "–"
    try:
        return f"{state_named(state).words} ({state})"
    except KeyError:
        return state


def result(page: Page, done: Result) -> None:
    """What an act did."""
    from states.processes import state_named, words_of_move

    words = words_of_move(done.trigger, done.from_state, done.to_state)
    page.title(f"{done.ref}: {words}" + (" (done before, under the same key)" if done.repeated else ""))
    if done.from_state != done.to_state:
        was = state_named(done.from_state).words if done.from_state else "new"
        page.line(f"{was} → {state_words(done.to_state)}", indent=2)
    for deadline in done.deadlines:
        page.line(f"Opened: {deadline_words(deadline.name)} by {day(deadline.due)} ({deadline.basis})", indent=2)
    for flag in done.flags:
        page.line(f"NEEDS ATTENTION: {flag.reason} ({flag.rule})", indent=2, style="bold")
    if done.unconfirmed:
        page.line("Unconfirmed: it waits for the person who decided.", indent=2)
    if done.notices:
        page.line(f"Messages follow: {', '.join(done.notices)}", indent=2)
    page.line(f"Entry {done.event} · version {done.version}", indent=2, style="dim")


def deadline_words(name: str) -> str:
    """What a deadline is called."""
    from states.processes import ALL_ROWS

    return next((due.words for row in ALL_ROWS for due in row.opens if due.name == name), name)


def preview(page: Page, found: dict[str, Any]) -> None:
    """What a correction would change; nothing has been."""
    page.title("Preview: nothing has been changed")
    page.heading("Would change")
    rows = [(c["field"], _shown(c["was"]), _shown(c["will_be"])) for c in found["changed"]]
    page.table(("Field", "Was", "Will be"), rows)
    if found["deadlines"]:
        page.heading("Deadlines would move")
        moved = [(d["words"], day(d["was"]), day(d["now"])) for d in found["deadlines"]]
        page.table(("Deadline", "Was", "Will be"), moved)
    if found["flags"]:
        page.heading("Later steps would be flagged")
        for flag in found["flags"]:
            page.item(f"{flag['reason']} ({flag['rule']})")


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)


# -- what a step asks for ---------------------------------------------------------------------------------


def explained(page: Page, rows: Sequence[Transition]) -> None:
    """A step: from where, by whom, and every field of its record."""
    first = rows[0]
    names = tuple(dict.fromkeys((row.words, row.rule) for row in rows))
    page.title(f"{first.trigger}: " + "; or ".join(f"{words} ({rule})" for words, rule in names))
    by = sorted({role.value for row in rows for role in row.by})
    who = "anybody" if len(by) > 20 else ", ".join(by)
    if any(row.by_anyone_allocated for row in rows):
        who += ", and anyone who works with the child"
    page.line(f"Who: {who}", indent=2)
    if first.nature.value == "fact":
        page.line("A fact: never refused for what came before it; what is missing is flagged.", indent=2)
    for record in dict.fromkeys(row.record for row in rows):
        page.heading("What is written down")
        found = record.fields()
        if not found:
            page.line("Nothing but the day.", indent=2)
        for field in found:
            _field(page, field, indent=2)


def _field(page: Page, field: FieldSeen, *, indent: int) -> None:
    need = "needed" if field.required else "may be left out"
    page.line(f"{field.name}  {field.label} ({_kind(field)}, {need})", indent=indent)
    if field.hint:
        page.line(field.hint, indent=indent + 4, style="dim")
    if field.options:
        page.line("One of: " + ", ".join(field.options), indent=indent + 4)
    for inner in field.rows:
        _field(page, inner, indent=indent + 4)


_KINDS = {
    "text": "text",
    "words": "words",
    "date": "date",
    "yes_no": "yes or no",
    "choice": "one of a list",
    "choices": "any of a list: A,B",
    "number": "number",
    "person": "a person's handle",
    "meeting": "a meeting's reference",
    "rows": "rows: a JSON list",
}


def _kind(field: FieldSeen) -> str:
    return _KINDS.get(field.kind.value, field.kind.value)
