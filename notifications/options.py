"""The comparison of options, to print for carers and child: the same questions asked of every option (S1-2, PT-6).

What stands here is general and the same for everybody: it decides nothing and recommends nothing. What it says of
money and support is that it is looked at, never that it will be paid.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.contexts import as_words
from notifications.rendering import NotRendered, environment

TEMPLATE = "_options.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, and what each option says to it, in the order of `OPTIONS`."""

    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the page is filled with."""

    authority: str
    made_on: str
    our_reference: str
    child: str  # a first name, or "the child"
    options: tuple[str, ...]
    asked: tuple[Asked, ...]
    for_child: tuple[tuple[str, str], ...]


OPTIONS = (
    "Staying in foster care",
    "Special Guardianship Order",
    "Child Arrangements Order",
    "Adoption",
    "Going home",
)


def questions(*, notice_months: int) -> tuple[Asked, ...]:
    """The questions of the comparison, in plain words. `notice_months`: how long before applying you tell us."""
    asked = (
        (
            "How does it come about?",
            "It is the council's plan for the child, matched with you. You do not go to court.",
            f"You apply to the family court, and tell us in writing at least {notice_months} months before. We "
            "write a report for the court.",
            "You apply to the family court.",
            "An adoption agency assesses you first. Then you apply to the court.",
            "We look at whether it is safe and right. The court may have to end or change the care order.",
        ),
        (
            "Who approves it?",
            "The fostering panel and the council.",
            "The court. It reads our report, and hears you, the parents and the child's wishes.",
            "The court.",
            "The adoption agency, then the court.",
            "The council, at the child's reviews, and the court where an order is to end.",
        ),
        (
            "Who decides for the child?",
            "The council, with the parents. You decide what was agreed with you for every day.",
            "You do, and if you do not agree with the parents, your decision counts. They keep some say: a new "
            "surname, or more than three months abroad, needs their consent or the court's.",
            "You and the parents together. You decide what comes up while the child lives with you.",
            "You alone, as the child's legal parents. The birth parents have no say in law any more.",
            "The parents; together with the council for as long as there is a care order.",
        ),
        (
            "How long does it last?",
            "Until 18. You may agree that the young person stays on with you after that.",
            "Until 18, unless the court changes or ends it before.",
            "Until 18, unless the court changes or ends it before.",
            "For life.",
            "It has no end.",
        ),
        (
            "Who visits and reviews?",
            "A social worker visits, and there are regular reviews with an independent reviewing officer.",
            "Nobody has to: the child is no longer looked after by the council.",
            "Nobody has to.",
            "Nobody has to, once the order is made.",
            "A social worker, for as long as there is an order or a plan.",
        ),
        (
            "What support is there?",
            "The child's social worker, and a supervising social worker for you.",
            "A support plan, made with you before the order. Afterwards you can ask us to look at what you need. "
            "A child who was looked after can get help from the adoption and special guardianship support fund, "
            "and perhaps with leaving care.",
            "Less is promised by law. You can ask; the support fund may be open to a child who was looked after.",
            "You can ask us to look at what you need, and the support fund is open.",
            "Help for the family, as agreed in the child's plan.",
        ),
        (
            "What about money?",
            "A fostering allowance, and a fee where one is agreed. You cannot claim Child Benefit.",
            "An allowance if our assessment finds it is needed. We look at your means, and look again every year. "
            "You may be able to claim Child Benefit.",
            "We may pay an allowance, and do not have to. We look at your means, and look again every year. You may "
            "be able to claim Child Benefit.",
            "Help may be paid once or regularly, where it is needed. You may be able to claim Child Benefit.",
            "The parents' own income and benefits.",
        ),
        (
            "Is there other help with costs?",
            "As your fostering service agrees.",
            "We can look at settling-in costs, a grant or a loan, and the costs of legal advice.",
            "Only in some cases, above all where you fostered the child before.",
            "We can look at settling-in costs and the costs of the court.",
            "Where it helps the child to stay safely at home.",
        ),
        (
            "How does the child keep in touch with family?",
            "It stands in the care plan, and the council must help it to work.",
            "It stands in the support plan, or you decide; sometimes the court says so.",
            "The family agrees it, or the court says so.",
            "You decide; the court seldom orders it.",
            "The child lives with family. Time with others is agreed.",
        ),
    )
    return tuple(Asked(question=question, answers=answers) for question, *answers in asked)  # type: ignore[arg-type]


def for_child() -> tuple[tuple[str, str], ...]:
    """The same in words for the child, to read or to be read aloud."""
    return (
        ("Staying in foster care", "You stay where you are. The council looks after you together with your carers. "
         "A social worker visits you, and there are meetings about you that you can come to."),
        ("Special Guardianship", "You stay with the people who look after you, and a judge says that they make the "
         "decisions about you until you are 18. Your mum and dad are still your mum and dad. You would not have a "
         "social worker who must visit you, and no more meetings about being looked after."),
        ("Child Arrangements Order", "A judge says that you live with the people who look after you. They and your "
         "mum and dad decide big things together."),
        ("Adoption", "A judge says that the people who look after you are your parents for ever. You become part of "
         "their family in law."),
        ("Going home", "You live with your mum or dad again, if everybody is sure that you will be safe there."),
    )  # fmt: skip


def render_options(comparison: Comparison) -> str:
    """The comparison as one HTML page to print on A4. Raises NotRendered where a word is missing."""
    try:
        return environment().get_template(TEMPLATE).render(as_words(comparison))
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotRendered(f"{type(wrong).__name__} in {TEMPLATE}: the words do not fit.") from wrong
