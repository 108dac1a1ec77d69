"""The comparison of options for one child, printed for carers and child at the initial meeting (practice PT-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from casework import policies
from casework.delivery.letters import first_name
from casework.who.access import open_case_row
from notifications.options import OPTIONS, Comparison, for_child, questions, render_options
from notifications.wording import on_a_letter
from persistence.tables import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsMade:
    """The comparison as one HTML page to print: two sides for the carers, one for the child."""

    ref: str
    html: str


def comparison_of_options(session: Session, ref: str, *, by: str, today: date) -> OptionsMade:
    """The comparison with the child's first name and nothing else of the record. Raises NotFound."""
    case = open_case_row(session, ref, by=by, today=today)
    policy = policies.in_force(session, today).policy
    child = first_name(session.get(Child, case.id))
    html = render_options(
        Comparison(
            authority=policy.authority.name,
            made_on=on_a_letter(today),
            our_reference=case.ref,
            child=child,
            options=OPTIONS,
            asked=questions(notice_months=policy.legal.notice_months),
            for_child=for_child(),
        )
    )
    return OptionsMade(ref=case.ref, html=html)
