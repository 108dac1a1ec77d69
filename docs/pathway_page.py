"""`docs/pathway.md`: the whole process for people: drawing, stages, steps, deadlines, notices, records."""

from __future__ import annotations

from docs.markdown import folded, page, table
from states.diagram import as_markdown, as_mermaid, main_way
from states.diagram.arrows import MANY
from states.diagram.wording import (
    counted,
    first_line,
    from_words,
    only_if,
    to_whom,
    when_told,
    who_decides,
)
from states.funding import FUNDING
from states.notices import NOTICES
from states.notices_funding import NT_17_LATE
from states.pathway import PATHWAY
from states.policy import Policy
from states.records.base import FieldSeen, Kind, Record
from states.vocabulary import Due, Notice, Process, State, Transition, Warn

INTRODUCTION = """\
Every child who may leave care through a Special Guardianship Order is a case, and a case is always at one
stage of this way. People take the steps; nothing moves or closes by itself. A **decision** is taken by
the posts named and is refused, with everything that is still needed, until its conditions hold. A
**fact** is written down whenever it happens; what was missing is flagged for somebody to look at. An
**act** leaves the case where it is.

"Or above" means that a more senior post may always decide. Besides the conditions of its row, every
decision has three: it has not happened in the future, it follows the step that led to it, and one that is
entered late says why. The numbers on this page are those of {authority} (`policies/leicestershire.toml`);
another authority has its own. The numbers of rules are explained in [rules.md](rules.md), the words in
the [glossary](glossary.md)."""

FIELD_WORDS = {
    Kind.TEXT: "a line of text",
    Kind.WORDS: "text",
    Kind.DATE: "a date",
    Kind.YES_NO: "yes or no",
    Kind.CHOICE: "one of a list",
    Kind.CHOICES: "any of a list",
    Kind.NUMBER: "a whole number",
    Kind.PERSON: "a person",
    Kind.MEETING: "a meeting",
    Kind.ROWS: "rows",
}


REQUESTS = """\
A request for money is a process of its own beside the child's: it has a reference, a history and a version of its
own, and always belongs to one child. It begins as an illustration once a Key Decision Discussion (KDD) has found
special guardianship right; from ratification it goes to whoever hears and decides it. Which post signs at which
amount is on [its own page](delegated-authority.md).

What was signed is frozen: a later change is a new round. A signature that somebody else has recorded has no effect
until the signatory confirms it. Nobody decides what they prepared, assessed, recommended or heard in the chair. The
numbers on this page are those of {authority} (`policies/leicestershire.toml`); the numbers of rules are explained in
[rules.md](rules.md), the words in the [glossary](glossary.md)."""


def pathway_page(process: Process, policy: Policy) -> str:
    """The page of the child's pathway."""
    return _page("The pathway", INTRODUCTION, "pathway.svg", process, policy)


def funding_page(process: Process, policy: Policy) -> str:
    """The page of the funding request."""
    return _page("The funding request", REQUESTS, "funding.svg", process, policy)


def _page(title: str, introduction: str, drawing: str, process: Process, policy: Policy) -> str:
    lines = [introduction.format(authority=policy.authority.name), "", "## At a glance", ""]
    lines += [f"![The stages and the steps between them]({drawing})", "", "The usual way, in words:", ""]
    lines += [f"{place}. {state.words}" for place, state in enumerate(main_way(process), start=1)]
    lines += ["", *folded("The same as a Mermaid diagram", ["```mermaid", *as_mermaid(process).splitlines(), "```"])]
    lines += ["## The stages", "", *_stages(process)]
    lines += ["## The steps, stage by stage", "", as_markdown(process, policy)]
    lines += ["## The deadlines", "", DEADLINES, "", *_deadlines(process, policy)]
    lines += ["## Who is told", "", NOTES, "", *_notices(process)]
    lines += ["## What is written down", "", *_records(process)]
    return page(title, lines)


# --- stages ----------------------------------------------------------------------------------------------


STAGES = {
    "COHORT": "The child is in scope and waits for a first colour.",
    "NOT_APPLICABLE": "Special guardianship is not in question now; why, and until when, is on record.",
    "RATED": "The child has a colour and waits to be heard by the Review Group.",
    "REVIEW_GROUP": "The child is on the agenda of a dated meeting; papers and the services' views come in.",
    "DEFERRED": "Not yet: the group has set a date on which the child comes back.",
    "FURTHER_WORK": "Something has to be worked on first, with actions, owners and a date to come back.",
    "TRAJECTORY": "The group agrees: a worker is named, carers are met, a dated plan is written.",
    "KEY_DECISION": "A discussion with legal oversight decides whether this is right for the child.",
    "RATIFICATION": "The child's next review considers the decision and ratifies it, or does not.",
    "ASSESSMENT": "Carers are assessed, the support plan is written; requests for money run beside it.",
    "FINANCIAL_PACKAGE": "The assessment is done; the money is still being decided.",
    "SIGN_OFF": "The money is agreed: notices go out, the plan is signed, the file is put together.",
    "WITH_LEGAL": "Legal has the file and prepares the application.",
    "IN_COURT": "The application is issued; the court's dates and directions rule.",
    "ORDER_MADE": "The order is made: the child is no longer looked after; support has to start.",
    "POST_ORDER": "The family lives with the order; the support plan is reviewed each year.",
    "NOT_PROGRESSING": "Decided against for now: another plan for permanence, and a date to look again.",
    "ENDED": "A person has closed the case and said why.",
    "PREPARING": "What is asked for, why, and what it rests on; before ratification an illustration.",
    "AT_REVIEW_GROUP": "A needs-led allowance waits for, or is at, a meeting of the Review Group.",
    "AT_PERMANENCE_PANEL": "A grant, a loan or settling-in costs wait for, or are at, a Permanence Panel.",
    "WITH_HEAD_OF_SERVICE": "The Head of Service signs it, or says what they think and passes it on.",
    "SECOND_VIEW": "The Head of Service disagrees with the meeting: another one gives a view.",
    "AT_DMT": "Above its limit DMT approves before anybody signs.",
    "WITH_ASSISTANT_DIRECTOR": "The Assistant Director signs it, refuses it, or takes it to the Director.",
    "WITH_DIRECTOR": "The Director signs it or refuses it.",
    "RETURNED": "Somebody has asked questions; the answers go back to whoever asked.",
    "APPROVED": "Signed and frozen: notices, conditions, papers for the case system and the tracker.",
    "CONTRACT_PENDING": "Signed; a contract is being drawn up, and the carers take their own advice.",
    "SIGNED_OFF": "Everything that payment waits for is there.",
    "REFUSED": "Refused with reasons; there is time for representations, which somebody else looks at.",
    "REQUEST_CLOSED": "Withdrawn, refused for good, or paid to its end.",
}
EVERYWHERE = """\
The table names the steps that start from this stage or from a few; those that start from many stages stand
below under *At several stages*."""


def _stages(process: Process) -> list[str]:
    headings = ("Stage", "Name", "What it means", "Who moves it on, and where to", "Its own clocks")
    return [*table(headings, [_stage(process, state) for state in process.states]), EVERYWHERE, ""]


def _stage(process: Process, state: State) -> tuple[str, ...]:
    onward = [row for row in process.rows if state in row.source and len(row.source) < MANY]
    steps = dict.fromkeys(
        f"{row.words} → {row.to.words} ({who_decides(row)})" for row in onward if isinstance(row.to, State)
    )
    clocks = dict.fromkeys(
        due.words for row in process.rows for due in row.opens if due.while_in and due.while_in == {state}
    )
    meaning = STAGES.get(state.name, "")
    return state.words, f"`{state.name}`", meaning, "\n".join(steps), "\n".join(clocks)


# --- deadlines -------------------------------------------------------------------------------------------

DEADLINES = """\
A deadline that the law or the court sets never stands still and its breach stays visible. Local ones and
service standards may be paused with a reason. Leaving the stages named closes a deadline that has lost
its purpose."""


def _deadlines(process: Process, policy: Policy) -> list[str]:
    headings = ("Deadline", "Whose", "When", "Basis", "Opened by", "Met by", "Somebody is told", "Rule")
    opened: dict[str, list[tuple[Due, Transition]]] = {}
    for row in process.rows:
        for due in row.opens:
            opened.setdefault(due.name, []).append((due, row))
    return table(headings, [_deadline(process, policy, pairs) for pairs in opened.values()])


def _deadline(process: Process, policy: Policy, pairs: list[tuple[Due, Transition]]) -> tuple[str, ...]:
    due = pairs[0][0]
    when = dict.fromkeys(counted(one, row.record, policy) for one, row in pairs)
    opening = dict.fromkeys(row.words for _, row in pairs)
    meeting = dict.fromkeys(
        row.words
        for row in process.rows
        if due.name in {one.name for one in (*row.meets, *(one for _, one in row.meets_if))}
    )
    leaving = f"\nonly while at: {from_words(process, due.while_in)}" if due.while_in else ""
    return (
        f"{due.words}\n`{due.name}`",
        due.owner.value,
        "\nor ".join(when) + leaving,
        due.basis.value,
        "\n".join(opening),
        "\n".join(meeting),
        "\n".join(_warned(warn, policy) for warn in due.warns),
        due.rule,
    )


def _warned(warn: Warn, policy: Policy) -> str:
    """When a notice about a deadline goes out: "10 and 5 working days before: A court direction is due"."""
    numbers = [number for number in warn.numbers(policy) if number]
    if not numbers:
        return f"on the day: {warn.notice.words}"
    unit = warn.unit.value if numbers != [1] else warn.unit.value.removesuffix("s")
    side = "after it starts" if warn.from_anchor else "after" if warn.after else "before"
    return f"{' and '.join(map(str, numbers))} {unit} {side}: {warn.notice.words}"


# --- notices ---------------------------------------------------------------------------------------------

NOTES = """\
Messages name the kind of step and a reference that says nothing about the child. Most wait for the
person's daily digest; a few go at once. Carers get letters. Who may not open the case at the time of
sending is not told."""


def _notices(process: Process) -> list[str]:
    headings = ("Notice", "To", "How", "Sent", "Rule")
    own = {notice for row in process.rows for notice in row.notices}
    own |= {warn.notice for row in process.rows for due in row.opens for warn in due.warns}
    if process.name == PATHWAY.name:  # and what no process names
        own |= set(NOTICES.values()) - {notice for row in FUNDING.rows for notice in row.notices} - {NT_17_LATE}
    return table(headings, [_notice(process, notice) for notice in NOTICES.values() if notice in own])


def _notice(process: Process, notice: Notice) -> tuple[str, ...]:
    sent: dict[str, None] = {}
    for row in process.rows:
        for choice, told in (*((None, one) for one in row.tells), *row.tells_if):
            if told == notice:
                sent[f"{row.words}{', ' + only_if(choice) if choice else ''}"] = None
    for due in (due for row in process.rows for due in row.opens):
        if notice in {warn.notice for warn in due.warns}:
            sent[f"deadline: {due.words}"] = None
    how = f"{when_told(notice)}, with a calendar entry" if notice.dated else when_told(notice)
    return (
        f"{notice.words}\n`{notice.id}`",
        to_whom(notice),
        how,
        "\n".join(sent) or "by any step it concerns",
        notice.rule,
    )


# --- records ---------------------------------------------------------------------------------------------


def _records(process: Process) -> list[str]:
    steps: dict[type[Record], dict[str, None]] = {}
    for row in process.rows:
        steps.setdefault(row.record, {})[row.words] = None
    lines: list[str] = []
    for record, used in steps.items():
        filled = f"`{record.kind}` ({record.rule}). Filled in at: {'; '.join(used)}."
        lines += [f"### {_title(record)}", "", filled, ""]
        lines += table(("Field", "What", "Needed", "Help"), _fields(record.fields()))
    return lines


def _title(record: type[Record]) -> str:
    """What a record is: the first sentence of its docstring, without the rules it cites."""
    return first_line(record).split(". ")[0].partition(" (")[0].rstrip(".")


def _fields(fields: tuple[FieldSeen, ...], under: str = "") -> list[tuple[str, str, str, str]]:
    lines: list[tuple[str, str, str, str]] = []
    for field in fields:
        what = FIELD_WORDS[field.kind]
        if field.options:
            what = f"{what}: {'; '.join(field.options)}"
        since = f", from {field.required_from}" if field.required_from else ""
        needed = f"yes{since}" if field.required else "where known"
        lines.append((f"{under}{field.label}\n`{field.name}`", what, needed, field.hint))
        lines += _fields(field.rows, f"{under}{field.label}: ")
    return lines
