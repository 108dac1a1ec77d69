"""How a child comes onto the pathway, and what is known about them (rules 5.1)."""

from __future__ import annotations

from datetime import date

from pydantic import model_validator

from states.records.base import Record, choice, choices, day, text, words, yes_no
from states.records.codes import Colour, NotApplicable


class ChildOpened(Record):
    """A child joins the cohort (rules R-ELG-4). What a source cannot say stays empty and is queried."""

    kind = "child_opened"
    rule = "R-ELG-4"

    council_id: str = text("The council's id for the child", "As in the case system.", longest=40)
    given_names: str | None = text("Given names", optional=True, longest=120)
    family_name: str | None = text("Family name", optional=True, longest=120)
    date_of_birth: date | None = day("Date of birth", optional=True)
    sex: str | None = text("Sex, as returned", optional=True, longest=64)
    legal_status: str | None = text("Legal status", "The return's code, such as C2.", optional=True, longest=64)
    legal_status_since: date | None = day("Legal status since", optional=True)
    legal_status_exact: bool = yes_no("Is that date exact?", "No: on or before that date.")
    looked_after_since: date | None = day("Looked after since", optional=True)
    looked_after_exact: bool = yes_no("Is that date exact?", "No: on or before that date.")
    placement_code: str | None = text("Placement", "The return's code, such as U1.", optional=True, longest=64)
    placement_since: date | None = day("With these carers since", optional=True)
    placement_exact: bool = yes_no("Is that date exact?", "No: on or before that date.")
    placement_provider: str | None = text("Placement provider", optional=True, longest=64)
    kinship: bool | None = yes_no("Is the carer a relative or friend?", optional=True)
    permanence_plan: str | None = text("Permanence plan", optional=True, longest=120)
    placement_order_since: date | None = day("Placement order since", optional=True)
    next_review_on: date | None = day("Next review (ROA)", optional=True)
    last_review_on: date | None = day("Last review (ROA)", optional=True)
    last_visit_on: date | None = day("Last visit by a social worker", optional=True)
    team: str | None = text("Team", optional=True, longest=120)
    eligible_on: date | None = day(
        "In scope since", "The first rating is due from this day; empty: today.", optional=True
    )
    candidate: bool = yes_no("Already a candidate for the Review Group?")
    candidate_reason: str | None = text("Why a candidate", optional=True, longest=200)
    unsupported_application: bool = yes_no(
        "Did a carer give notice without the pathway?", "The duty to investigate and report applies all the same."
    )
    unknown: tuple[str, ...] = choices("What the source could not say")
    source: str = text("Where this comes from", longest=64)
    fed_on: date | None = day("True as at", optional=True)

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: object) -> object:
        if isinstance(data, dict):
            given = {k: v for k, v in data.items() if v is not None}
            return {
                "legal_status_exact": True,
                "looked_after_exact": True,
                "placement_exact": True,
                "candidate": False,
                "unsupported_application": False,
                "source": "typed",
                **given,
            }
        return data


class BroughtForward(ChildOpened):
    """A child joins at the stage they have reached elsewhere (practice PR-4, PT-17).

    Decisions taken before are carried as external evidence: what, by whom, when, and where it is written.
    """

    kind = "brought_forward"
    rule = "PT-17"

    stage: str = text("The stage reached", "The name of the state, such as DEFERRED.")
    external_evidence: str = words("Evidence", "Which decisions, by whom, when, and where they are recorded.")
    colour: Colour | None = choice("RAG colour", optional=True)
    rated_on: date | None = day("Rated on", optional=True)
    return_on: date | None = day("Return to group on", optional=True)
    group_progressed_on: date | None = day("Group agreed to progress on", optional=True)
    initial_meeting_on: date | None = day("Initial meeting held on", optional=True)
    kdd_on: date | None = day("KDD decided on", optional=True)
    ratified_on: date | None = day("Ratified at the ROA on", optional=True)
    submitted_on: date | None = day("Submitted to Legal on", optional=True)
    issued_on: date | None = day("Application issued on", optional=True)
    order_on: date | None = day("Order made on", optional=True)
    no_return_reason: str | None = words("If there is no date to look again, why", optional=True)


class ChildUpdated(Record):
    """New facts about the child from the case system or a person."""

    kind = "child_updated"
    rule = "R-ELG-4"

    given_names: str | None = text("Given names", optional=True, longest=120)
    family_name: str | None = text("Family name", optional=True, longest=120)
    date_of_birth: date | None = day("Date of birth", optional=True)
    sex: str | None = text("Sex, as returned", optional=True, longest=64)
    legal_status: str | None = text("Legal status", optional=True, longest=64)
    legal_status_since: date | None = day("Legal status since", optional=True)
    legal_status_exact: bool | None = yes_no("Is that date exact?", optional=True)
    looked_after_since: date | None = day("Looked after since", optional=True)
    looked_after_exact: bool | None = yes_no("Is that date exact?", optional=True)
    placement_code: str | None = text("Placement", optional=True, longest=64)
    placement_since: date | None = day("With these carers since", optional=True)
    placement_exact: bool | None = yes_no("Is that date exact?", optional=True)
    placement_provider: str | None = text("Placement provider", optional=True, longest=64)
    kinship: bool | None = yes_no("Is the carer a relative or friend?", optional=True)
    permanence_plan: str | None = text("Permanence plan", optional=True, longest=120)
    placement_order_since: date | None = day("Placement order since", optional=True)
    next_review_on: date | None = day("Next review (ROA)", optional=True)
    last_review_on: date | None = day("Last review (ROA)", optional=True)
    last_visit_on: date | None = day("Last visit by a social worker", optional=True)
    team: str | None = text("Team", optional=True, longest=120)
    candidate: bool | None = yes_no("Candidate for the Review Group?", optional=True)
    candidate_reason: str | None = text("Why a candidate", optional=True, longest=200)
    source: str = text("Where this comes from", longest=64)
    fed_on: date | None = day("True as at", optional=True)


class MarkedNotApplicable(Record):
    """A child is outside the pathway for now: why, and when to look again (practice PT-1)."""

    kind = "not_applicable"
    rule = "PT-1"

    reason: NotApplicable = choice("Why the pathway does not apply")
    explanation: str = words("In plain words")
    look_again_on: date | None = day("Look again on", optional=True)
    no_date_reason: str | None = words("If there is no date to look again, why", optional=True)


class Reconsidered(Record):
    """A child comes back into scope."""

    kind = "reconsidered"
    rule = "PT-1"

    new_information: str = words("What has changed")
