"""The carer's calculation sheet: the same steps as the means test, to be read by people who are no accountants.

The Ombudsman found fault with awards that nobody explained (R-MT-8): so the answer comes first, then every step in
words, then whose numbers they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.papers import CalculationPaper, FigureChild, FigureLine, NumberShown
from states.means_test.rates import in_words
from states.means_test.result import Award, MeansTest, Step, Used, a, to_the_penny
from states.means_test.words import Per
from states.money import shown
from states.rules import CHECKS, MARKS

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "calculation_sheet.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A line of the sheet; `apart` says why it is not counted."""

    words: str
    weekly: str
    monthly: str
    apart: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step of the sheet, with the lines it is made of."""

    letter: str
    title: str
    words: str
    weekly: str
    monthly: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChild:
    """A child's part of the sheet."""

    name: str
    age: str
    steps: tuple[ShownStep, ...]
    share: ShownStep | None
    weekly: str
    monthly: str
    nil_because: str
    birthday: str
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole sheet in words."""

    authority: str
    on: str
    illustration: bool
    names: str
    per: str
    total: str
    children: tuple[ShownChild, ...]
    steps: tuple[ShownStep, ...]
    not_tested_because: str
    stand_ins: tuple[str, ...]
    numbers: tuple[tuple[str, str, str, str], ...]
    mark: str
    policy: str


def sheet_of(result: MeansTest) -> Sheet:
    """The words of a sheet; figures shown to the penny, though only the award is rounded."""
    number = len(result.children)
    return Sheet(
        authority=result.authority,
        on=in_words(result.on),
        illustration=result.is_illustration,
        names=_and([child.name for child in result.children]),
        per=result.per,
        total=shown(result.total) if number > 1 else "",
        children=tuple(_child(child, result.steps[-1], number) for child in result.children),
        steps=tuple(_step(step) for step in result.steps),
        not_tested_because=result.not_tested_because,
        stand_ins=result.stand_ins,
        numbers=_numbers(result),
        mark=result.mark,
        policy=result.policy_sha256[:12],
    )


def render_sheet(result: MeansTest) -> str:
    """The sheet as one HTML page to print on A4."""
    return _environment().get_template(TEMPLATE).render(sheet=sheet_of(result))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _and(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _pounds(annual: Decimal, per: Per) -> str:
    amount = to_the_penny(a(per, annual))
    return f"−{shown(-amount)}" if amount < 0 else shown(amount)


def _step(step: Step) -> ShownStep:
    return ShownStep(
        letter=step.letter,
        title=step.title,
        words=step.words,
        weekly=_pounds(step.annual, Per.WEEK),
        monthly=_pounds(step.annual, Per.MONTH),
        lines=tuple(
            ShownLine(
                words=line.words,
                weekly=_pounds(line.annual, Per.WEEK) if line.counted else "not counted",
                monthly=_pounds(line.annual, Per.MONTH) if line.counted else "",
                apart="" if line.counted else line.why,
            )
            for line in step.lines
        ),
    )


def _child(award: Award, contribution: Step, number: int) -> ShownChild:
    share = None
    if number > 1:
        shared = contribution.annual / number
        share = ShownStep(
            letter="F",
            title="This child's share of the contribution",
            words=f"F, shared equally between the {number} children.",
            weekly=_pounds(shared, Per.WEEK),
            monthly=_pounds(shared, Per.MONTH),
            lines=(),
        )
    change = award.next_change
    birthday = (
        f"From {award.name}'s birthday on {in_words(change.on)} the allowance for the next age group is used: "
        f"{shown(change.award)} a {award.per}, if nothing else changes."
        if change
        else ""
    )
    return ShownChild(
        name=award.name,
        age=f"{award.age} years old",
        steps=tuple(_step(step) for step in award.steps),
        share=share,
        weekly=shown(award.weekly),
        monthly=shown(award.monthly),
        nil_because=award.nil_because,
        birthday=birthday,
        last_day=in_words(award.ends_on - timedelta(days=1)),
    )


_NAMES = {
    "means_test.income_share_kept": "Share of income that is looked at",
    "means_test.contribution_rate": "Share of what is left that is contributed",
    "means_test.core_cost_factor": "Living costs, as a multiple of the personal allowances",
    "means_test.passport": "When no means test is made",
    "means_test.passport_benefits": "Benefits with which no means test is made",
    "means_test.child_benefit_deduction": "When Child Benefit is taken off",
    "means_test.small_award_below": "Least amount that is paid, in pounds a week",
    "means_test.child_disability_benefits": "Disability benefits of the child",
    "means_test.former_foster_carers": "Former foster carers",
    "means_test.former_foster_carer_years": "Years for which that holds",
    "means_test.paid_per": "Paid by the",
    "rates.local_allowance": "The council's fostering allowance",
    "rates.national_minimum_allowance": "National minimum fostering allowance",
    "rates.personal_allowances": "Personal allowances of Income Support",
    "rates.child_benefit": "Child Benefit",
}
_VALUES = {
    "sole_income": "when such a benefit is the only income",
    "any_receipt": "when such a benefit is received",
    "never": "never",
    "always": "always",
    "unless_passported": "unless no means test is made",
    "unless_any_means_tested_benefit": "unless any means-tested benefit is received",
}


def _numbers(result: MeansTest) -> tuple[tuple[str, str, str, str], ...]:
    """Every policy value a step used, once: what it is, what it says, whose authority, where it stands."""
    steps = (*result.steps, *(step for child in result.children for step in child.steps))
    used = {(one.key, one.value): one for step in steps for one in step.uses}
    return tuple(
        (_NAMES[one.key], _VALUES.get(one.value, one.value), _authority(one), one.source) for one in used.values()
    )


def _authority(one: Used) -> str:
    words = MARKS[one.mark]
    return f"{words}; {CHECKS[one.check]}" if one.check else words


def calculation_paper(result: MeansTest, *, request: str, made_on: str, version: str) -> CalculationPaper:
    """The same sheet as a Word paper of a request."""
    sheet = sheet_of(result)
    tested = (
        "We start from the fostering allowance. We look at what comes into your home and what you have to pay for, and "
        "work out how much of it you could put towards the children this is for. The allowance is the first less the "
        "second."
    )
    untested = (
        f"{sheet.not_tested_because} So your income and what you pay out were not looked at, and you are not asked to "
        "contribute. The allowance is the most that can be paid."
    )
    return CalculationPaper(
        authority=sheet.authority,
        request=request,
        made_on=made_on,
        version=version,
        on=sheet.on,
        names=sheet.names,
        illustration=sheet.illustration,
        in_short=untested if sheet.not_tested_because else tested,
        total=f"Together {sheet.total} a {sheet.per}." if sheet.total else "",
        lines=_figures(sheet.steps),
        children=tuple(
            FigureChild(
                name=child.name,
                age=child.age,
                answer=child.nil_because or _answer(child, sheet.per),
                lines=_figures((child.steps[0], *((child.share,) if child.share else ()), child.steps[1])),
                birthday=child.birthday,
                last_day=child.last_day,
            )
            for child in sheet.children
        ),
        stand_ins=sheet.stand_ins,
        numbers=tuple(
            NumberShown(what=what, says=says, whose=whose, source=source)
            for what, says, whose, source in sheet.numbers
        ),
        calculation=f"Calculation {sheet.mark} under policy {sheet.policy}.",
    )


def _answer(child: ShownChild, per: str) -> str:
    first, other = f"{child.weekly} a week", f"{child.monthly} a month"
    if per == "month":
        first, other = other, first
    return f"{first}, the same as {other}"


def _figures(steps: Iterable[ShownStep]) -> tuple[FigureLine, ...]:
    """Steps and what they are made of, one below the other."""
    lines: list[FigureLine] = []
    for step in steps:
        lines.append(
            FigureLine(
                letter=step.letter, title=step.title, words=step.words, weekly=step.weekly, monthly=step.monthly
            )
        )
        lines += [
            FigureLine(
                letter="",
                title=f"– {line.words}",
                words=f"Not counted: {line.apart}" if line.apart else "",
                weekly=line.weekly,
                monthly=line.monthly,
            )
            for line in step.lines
        ]
    return tuple(lines)
