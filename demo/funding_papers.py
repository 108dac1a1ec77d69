"""Complete, invented records for the steps of a funding request, as they would be written on a London date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

_NEED = {
    "need": "Somebody at home after school who knows what upsets them.",
    "met_by_carers": "One of the carers is at home three afternoons a week.",
    "funding_adds": "The other two afternoons: fewer working hours.",
}
_SIGNED: dict[str, Any] = {
    "title": "Support for a special guardianship household",
    "reasons": "The need is shown, the means test was looked at, and the carers cannot meet it alone.",
    "alternatives": "A service instead of money: none is near enough. Doing nothing: the placement would be at risk.",
    "background_documents": "The request, its assessment or referral, and the minutes of the hearing.",
    "officers_consulted": "Legal, Finance, the head of the Virtual School",
    "equality": "No effect on protected groups beyond the child's own needs, which are met.",
}


def _day(on: date, days: int) -> str:
    return (on + timedelta(days=days)).isoformat()


def funding_papers(on: date) -> dict[str, dict[str, Any]]:
    """The records by trigger. Who came to a hearing, and the mark of what was seen, differ each time."""
    today = on.isoformat()
    asked: dict[str, Any] = {
        "funding": "grant",
        "timing": "before the order",
        "purpose_kind": "vehicle",
        "purpose": "A car with room for the wheelchair, so that all can travel together.",
        "amount": "8000.00",
        "frequency": "once",
        "starts_on": _day(on, 30),
        "household": "HH-1001",
        "payee": "carers, supplier 40017",
        "cost_code": "CF-SGO-01",
    }
    return {
        "open_request": asked,
        "revise_request": {**asked, "reason": "A newer quote."},
        "record_means_test": {
            "illustrative": False,
            "tested_on": today,
            "weekly_award": "142.50",
            "passported": False,
            "sheet": "0123456789abcdef",
            "rates": "national minimum 2025/26, rest of England",
            "explained_on": today,
        },
        "write_needs_assessment": {
            "oversight_reason": "Financial request",
            "financial_request": "An allowance above the standard one, for fewer working hours.",
            "past_harm": "Neglect before the age of two; looked after since then.",
            "identity": "Knows the family's story and keeps both surnames.",
            "health": "Asthma; two appointments a month.",
            "education": "A plan for special educational needs; extra help twice a week.",
            "development": "Needs the same grown-up after school each day.",
            "family": "Sees the mother six times a year, supported.",
            "carers_part": "Steadiness, and time.",
            "childs_voice": "Likes it when somebody is home.",
            "childs_voice_on": today,
            "needs": [{"horizon": horizon, **_NEED} for horizon in ("now", "medium term", "long term")],
        },
        "write_referral": {
            "purpose": "A car with room for the wheelchair.",
            "benefit": "The child goes where the family goes.",
            "tenure": "not about the home",
            "quotes": [{"supplier": "Hilltop Motors", "amount": "8000.00", "dated": today}],
            "alternatives": "Taxis: dearer within a year. A loan of a car: none with a ramp.",
            "siblings": "None",
        },
        "submit_request": {
            "summary": "Asked for what the assessment shows is needed.",
            "carers_views": "They have written that they can manage all else.",
        },
        "chair_recommends": {
            "supports": True,
            "amount": asked["amount"],
            "frequency": asked["frequency"],
            "overview": "The need is plain and the amount is the lowest quote.",
        },
        "dmt_approves": {"amount": asked["amount"], "reasons": "Within the budget."},
        "dmt_refuses": {"amount": asked["amount"], "reasons": "The budget does not bear it."},
        "chair_returns": {"questions": "Is there a second quote?", "due_on": _day(on, 14)},
        "head_of_service_returns": {"questions": "Is there a second quote?", "due_on": _day(on, 14)},
        "assistant_director_returns": {"questions": "What does the school pay?", "due_on": _day(on, 14)},
        "director_returns": {"questions": "What does the school pay?", "due_on": _day(on, 14)},
        "adjourn_hearing": {"reason": "The child's worker did not attend and nobody stood in."},
        "head_of_service_agrees": {"view": "Agreed with the recommendation."},
        "take_to_director": {"view": "DMT has refused; the child's need is urgent."},
        "head_of_service_disagrees": {"reasons": "The same could be had for less."},
        "second_head_of_service_views": {
            "supports_request": True,
            "reasons": "The cheaper one has no ramp.",
            "in_line": False,
        },
        **{
            trigger: {
                **_SIGNED,
                "amount": asked["amount"],
                "frequency": asked["frequency"],
                "starts_on": _day(on, 30),
                "effective_from": today,
                "purpose": asked["purpose"],
                "budget_code": "B-4410",
                "method": "The lowest of the quotes.",
                "conditions": "none",
                "review": "Once, when it is paid.",
            }
            for trigger in ("head_of_service_approves", "assistant_director_approves", "director_approves")
        },
        **{
            trigger: {**_SIGNED, "reasons": "The need can be met by the school's own service."}
            for trigger in ("head_of_service_refuses", "assistant_director_refuses", "director_refuses")
        },
        "answer_questions": {"answer": "There is: it is dearer."},
        "take_up_again": {"reason": "The amount has changed."},
        "open_new_round": {"reason": "The need has grown."},
        "withdraw_request": {"reason": "The carers have bought a car themselves.", "carers_told": True},
        "hear_representations": {"representations": "The school's service has closed.", "new_information": "A letter."},
        "issue_proposal_notice": {
            "sent_on": today,
            "method": "post",
            "needs": "Travelling together.",
            "basis": "The lowest of two quotes.",
            "services": "None beside the money.",
            "proposed_amount": "The amount agreed, once.",
            "conditions": "none",
            "plan": "The support plan, second version.",
            "how_to_answer": "In writing or by telephone to the SGO team.",
        },
        "close_funding_representations": {"how": "the person said they are satisfied"},
        "issue_decision_notice": {
            "sent_on": today,
            "method": "post",
            "reasons": "As proposed.",
            "plan_and_monitor": "The support plan; the co-ordinator watches over it.",
            "how_determined": "The lowest of two quotes.",
            "payment": "Once, within a month.",
            "conditions": "none",
            "review": "When it is paid.",
            "responsibilities": "The authority pays, the carers buy and insure.",
        },
        "agree_conditions": {"agreed_on": today, "tell_at_once": True, "yearly_statement": True},
        "ask_for_contract": {"asked_on": today, "advised_on": today, "what_for": "Repayment, and the car itself."},
        "record_contract": {
            "signed_on": today,
            "advice_given_on": today,
            "reference": "LG-2044",
            "charge": "not about property",
        },
        "upload_agreement": {"uploaded_on": today, "reference": "MOS-77120", "sent_on": today},
        "receive_agreement": {"received_on": today},
        "enter_on_tracker": {"entered_on": today, "supplier_number": "40017"},
        "sign_off": {"pay_from": today},
        "review_allowance": {
            "statement_on": today,
            "outcome": "stays as it is",
            "found": "Means and needs are as they were; the child still lives there.",
        },
        "record_payment": {"amount": asked["amount"], "reference": "PAY-1"},
        "close_request": {"why": "paid in full"},
    }


#: What differs where the request is of another kind: an allowance, a loan, costs.
KINDS: dict[str, dict[str, Any]] = {
    "standard_allowance": {
        "purpose_kind": "day-to-day care of the child",
        "purpose": "The standard allowance at the scheme's rates.",
        "amount": "142.50",
        "frequency": "each week",
    },
    "needs_led_allowance": {
        "purpose_kind": "therapy or specialist activity",
        "purpose": "Fewer working hours, to be there after school.",
        "amount": "260.00",
        "frequency": "each week",
    },
    "grant": {},
    "loan": {
        "purpose_kind": "building work or adaptation",
        "purpose": "A bedroom of their own.",
        "tied_to": "property",
    },
    "legal_costs": {"purpose_kind": "legal costs", "purpose": "The carers' own solicitor.", "amount": "950.00"},
    "settling_in": {
        "purpose_kind": "furniture and equipment",
        "purpose": "A bed, a desk, a bicycle.",
        "amount": "1200.00",
    },
}
