"""What people might write down at each step: complete, invented, and plain.

The demo, the tests and the benchmarks use these, so each says only what matters to it:
`paper("group_defers", return_on=date(2026, 9, 1))`. No real person is in them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from demo.funding_papers import funding_papers
from states.calendar import Calendar
from states.records.codes import CheckKind, NeedArea, ReportSection, StepName

_OPTIONS = [
    {
        "option": "special guardianship order",
        "points_for": "This is the only home the child remembers; the carers want to decide day to day.",
        "points_against": "Some help that comes with being looked after would end.",
    },
    {
        "option": "long-term fostering",
        "points_for": "Nothing would change in the short term.",
        "points_against": "The child would stay in care, with reviews and changing workers, to eighteen.",
    },
]
_ACTIONS = [
    {"what": "Talk with the birth family about family time", "who": "child's social worker", "by_when": None}
]


def actions(on: date, *, days: int = 28) -> list[dict[str, Any]]:
    """One action agreed on a day."""
    return [{**_ACTIONS[0], "by_when": (on + timedelta(days=days)).isoformat()}]


def milestones(start: date, *, weeks: int = 40) -> list[dict[str, Any]]:
    """A whole trajectory from a day to an order so many weeks later, in the standard order."""
    step = weeks * 7 / (len(StepName) - 1)
    return [
        {
            "step": name.value,
            "planned_on": (start + timedelta(days=round(step * i))).isoformat(),
            "owner": "child's social worker" if i < 4 else "SGO assessment worker",
        }
        for i, name in enumerate(StepName)
    ]


def paper(trigger: str, *, on: date, **differs: Any) -> dict[str, Any]:
    """A complete record for a trigger as it would be written on a London date, with what differs."""
    made = _papers(on).get(trigger) or funding_papers(on).get(trigger, {})
    given = {**made, **differs}
    return {k: _plain(v) for k, v in given.items() if v is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _day(on: date, days: int) -> str:
    return (on + timedelta(days=days)).isoformat()


_OFFICES = Calendar()


def _office_day(on: date, days: int) -> str:
    """A day on which people meet: the next one on which offices are open."""
    return _OFFICES.next_working_day(on + timedelta(days=days)).isoformat()


def _key_decision(on: date) -> dict[str, Any]:
    return {
        "attended": "Chair, all three workers, legal adviser",
        "adviser_present": True,
        "chair_in_line": False,
        "options": _OPTIONS,
        "legal_analysis": "The threshold was found when the care order was made; nothing has changed since.",
        "childs_wishes": "Wants to stay, and asked whether the social workers would stop coming to school.",
        "carers_wishes": "Want to be the ones who sign the forms.",
        "parents_wishes": "Mother agrees; father has not answered two letters.",
        "family_time": "Four times a year, supported by the carers.",
        "risks": "Family time could become difficult if the mother's health changes.",
        "support_and_money": "Support plan with therapy; a means test will be needed.",
        "bottom_lines": "Family time stays supported for the first year.",
        "reasons": "Special guardianship gives this child security for life in the only home they know.",
        "actions": actions(on),
    }


def _opened(on: date) -> dict[str, Any]:
    return {
        "council_id": "000000",
        "legal_status": "C2",
        "legal_status_since": _day(on, -900),
        "looked_after_since": _day(on, -1000),
        "placement_code": "U1",
        "placement_since": _day(on, -800),
        "placement_provider": "PR1",
        "kinship": True,
        "permanence_plan": "long-term fostering",
        "date_of_birth": _day(on, -3300),
    }


def _rated() -> dict[str, Any]:
    return {
        "colour": "GREEN",
        "reason": "Settled for years with carers who want this.",
        "readiness": "Carers asked for it at the last review; the child talks of staying for good.",
        "childs_view_known": True,
        "carers_view_known": True,
    }


def _stopped(on: date) -> dict[str, Any]:
    return {
        "reasons": ["another plan is better"],
        "explanation": "Staying in long-term foster care suits this child better.",
        "alternative_plan": "long-term foster care, formally matched",
        "alternative_detail": "Matching panel in the spring.",
        "told": [{"who": "carers", "told_on": on.isoformat(), "how": "in person"}],
    }


@lru_cache(maxsize=256)
def _papers(on: date) -> dict[str, dict[str, Any]]:
    """One complete record for every trigger, as of a day."""
    opened = _opened(on)
    rated = _rated()
    stopped = _stopped(on)
    return {
        "open_case": opened,
        "bring_forward": {
            **opened,
            "external_evidence": "Minutes of the earlier tracker, kept in the case system.",
        },
        "rate": rated,
        "rerate": {**rated, "change": "regular refresh"},
        "mark_not_applicable": {
            "reason": "accommodated under section 20",
            "explanation": "There is no care order.",
            "look_again_on": _day(on, 180),
        },
        "reconsider": {"new_information": "A care order has been made."},
        "list_for_group": {"why": "newly rated"},
        "take_off_agenda": {"reason": "The carers are on holiday on that day."},
        "file_papers": {
            "reference": "Papers folder, item 4",
            "placement_and_family_time": True,
            "education": True,
            "last_review": True,
        },
        "add_view": {
            "voice": "child",
            "stance": "for",
            "view": "I want to stay here until I am grown up.",
        },
        "group_progresses": {"reason": "Everyone is willing and nothing stands in the way."},
        "group_defers": {
            "reason": "Family time has to be settled first.",
            "return_on": _day(on, 35),
            "barriers": ["FAMILY_TIME"],
            "actions": actions(on),
        },
        "group_asks_further_work": {
            "reason": "The carers want to know more about support.",
            "return_on": _day(on, 35),
            "actions": actions(on),
        },
        "group_decides_not_to_progress": stopped,
        "decide_urgently": {
            "reason": "Everyone is willing and nothing stands in the way.",
            "urgent_because": "The carers move house before the next meeting and the school place depends on it.",
        },
        "note_urgent_decision": {"remarks": "Noted without remarks."},
        "accept_late_papers": {"reason": "The health summary came from another county."},
        "move_with_meeting": {
            "how": "cancelled",
            "business": "to be heard",
            "reason": "The building is closed.",
        },
        "wait_for_meeting": {"how": "cancelled", "reason": "The building is closed."},
        "group_adjourns": {"reason": "The education summary was missing."},
        "service_objects": {
            "service": "Virtual School",
            "reason": "The school place depends on being looked after until July.",
        },
        "desk_review_unchanged": {
            "return_on": _day(on, 150),
            "reason": "The housing move has not happened.",
        },
        "needs_further_work": {
            "reason": "Grandparents need a plan for family time.",
            "actions": actions(on),
            "return_on": _day(on, 42),
        },
        "continue_further_work": {"reason": "One more meeting with the family is worth it."},
        "proceed_to_kdd": {"reason": "The carers are sure and the plan is clear."},
        "carer_declines": {
            "reason": "The carers want to stay foster carers for now.",
            "carers_words": "We are not saying never.",
        },
        "return_to_group": {"reason": "The placement ended."},
        "return_to_kdd": {"reason": "The viability assessment of the second applicant is negative."},
        "schedule_kdd": {"held_on": _office_day(on, 10), "starts_at": "10:30"},
        "kdd_sgo_appropriate": _key_decision(on),
        "kdd_further_work": {**_key_decision(on), "return_on": _day(on, 42)},
        "kdd_not_to_progress": {
            **_key_decision(on),
            "stopped": ["another plan is better"],
            "explanation": "Staying in long-term foster care suits this child better.",
            "alternative_plan": "long-term foster care, formally matched",
            "alternative_detail": "Matching panel in the spring.",
        },
        "kdd_adjourns": {"reason": "The legal adviser was called to court.", "next_on": _office_day(on, 7)},
        "schedule_review": {"held_on": _office_day(on, 40), "brought_forward": False},
        "record_review": {
            "considered_plan": True,
            "participation": "PN1",
            "note": "The review heard the plan and asked for the school's view.",
            "next_review_on": _office_day(on, 170),
        },
        "roa_ratifies": {
            "review_held": True,
            "participation": "PN1",
            "childs_views": "Said that this is home.",
            "parents_views": "Mother agrees.",
            "reasons": "The review agrees that this is the right plan.",
            "plan_updated": True,
        },
        "roa_does_not_ratify": {
            "review_held": True,
            "participation": "PN1",
            "childs_views": "Is not sure yet.",
            "reasons": "The child should be asked again with an advocate.",
        },
        "roa_defers": {
            "participation": "PN1",
            "reasons": "The school's view was missing.",
            "next_review_on": _office_day(on, 21),
        },
        "override_ratification": {
            "reasons": "The child has waited two years and every service supports the plan.",
            "iro_view": "The IRO would have liked an advocate's report first.",
        },
        "allocate": {"no_conflict": True},
        "change_applicants": {
            "reason": "First entry.",
            "people": [
                {
                    "name": "Alder Quill",
                    "kind": "applicant",
                    "relationship": "grandparent",
                    "address": "3 Example Row\nSampleton",
                    "protected": False,
                }
            ],
        },
        "set_latest_position": {
            "position": "Carers have the written information and are talking it over.",
            "next_step": "Ring the carers",
            "who": "child's social worker",
            "by_when": _day(on, 14),
        },
        "record_barrier": {"barriers": ["HOUSING"], "action": "Letter of support to housing."},
        "update_child": {"source": "case system"},
        "record_visit": {},
        "attach_document": {
            "title": "School report",
            "reference": "Case system",
            "dated": _day(on, -10),
        },
        "receive_document": {},
        "enter_document_on_tracker": {"row": "T-2025-31"},
        "record_on_case_system": {"what": "KDD record", "reference": "CS-4711"},
        "note_told": {
            "decision": "KDD outcome",
            "who": "carers",
            "told_on": on.isoformat(),
            "how": "post",
        },
        "distribute_minutes": {"reference": "Minutes, item 4", "sent_to": "all workers and the IRO"},
        "record_trajectory": {
            "milestones": milestones(on),
            "target_order_on": _day(on, 270),
            "dependencies": "The support plan waits for the therapist's letter.",
            "carers_position": "Willing, with questions about money.",
            "childs_position": "Wants to stay.",
            "family_time": "A plan for four times a year.",
            "would_stop": "If the carers' health got worse.",
        },
        "invite_to_initial_meeting": {
            "held_on": _office_day(on, 7),
            "starts_at": "14:00",
            "place": "The carers' home",
        },
        "record_initial_meeting": {
            "outcome": "can progress without delay",
            "childs_worker_invited": True,
            "carers_invited": True,
            "supervising_worker_invited": True,
            "attended": "Both carers and all three workers",
            "information_given_on": _day(on, -7),
            "information_given": "The order, looked-after status, money, benefits, support, advice",
            "options_compared_given": True,
            "childs_view": "Wants to stay.",
            "carers_view": "Want to go ahead.",
        },
        "record_family_network_meeting": {
            "held": True,
            "attended": "Grandparents, aunt, mother",
            "family_plan": "The aunt takes the child for a weekend each month.",
            "contingency_carer": "The aunt",
        },
        "record_genogram": {
            "reference": "Case system",
            "summary": "Three generations, two languages.",
        },
        "request_check": {"check": "enhanced DBS", "on_whom": "first applicant"},
        "receive_check": {
            "check": "enhanced DBS",
            "on_whom": "first applicant",
            "outcome": "clear",
            "dated": _day(on, -3),
        },
        "start_viability": {"of_whom": "second applicant"},
        "record_viability": {"positive": True, "summary": "Knows the child well."},
        "draft_support_plan": {
            "needs": [
                {
                    "area": area.value,
                    "need": "As assessed",
                    "service": "As agreed with the carers",
                    "provider": "Permanence support team",
                    "frequency": "monthly",
                    "starts": "with the order",
                    "aim": "Reviewed with the plan",
                }
                for area in NeedArea
            ],
            "financial_support": "As the financial decision says.",
            "family_time": "Four times a year, the carers take the lead.",
            "contingency": "The aunt steps in.",
            "monitor": "Permanence support co-ordinator",
            "review_on": _day(on, 300),
        },
        "sign_support_plan": {"signed": True, "signed_by": "Both carers and the authority"},
        "write_report": {
            "qualification": "Social Work England registered",
            "sections": [
                {"section": s.value, "content": f"Written for section {s.value}."} for s in ReportSection
            ],
            "recommends": True,
            "childs_wishes_on": _day(on, -5),
        },
        "hold_midpoint_review": {"on_course": True, "note": "References are outstanding."},
        "check_quality": {
            "outcome": "agreed",
            "comments": "Clear, balanced, the child's voice is there.",
        },
        "write_statement": {"statement": "This order gives the child a home for life with people they love."},
        "meet_condition": {"condition": "1"},
        "set_financial_position": {"position": "no financial support sought"},
        "note_agreement": {"position": "agreed", "agreement_ref": "FR-0A1B2C3D"},
        "record_proposal_notice": {"sent_on": on.isoformat(), "method": "post"},
        "close_representations": {"how": "the person said they are satisfied"},
        "record_decision_notice": {"sent_on": on.isoformat(), "method": "post"},
        "complete_assessment": {"summary": "A positive assessment; the plan is signed."},
        "agree_package": {"summary": "No money is sought; support by the team."},
        "submit_to_legal": {
            "filing_on": _day(on, 21),
            "advice_offered_on": _day(on, -30),
            "bundle": ["report", "support plan", "statement"],
        },
        "legal_returns": {"reasons": "Section 6 needs the medical adviser's summary."},
        "record_notice_of_intention": {
            "received_on": on.isoformat(),
            "from_whom": "first applicant",
            "method": "post",
            "copy_reference": "Case system",
            "to_us": True,
        },
        "acknowledge_notice": {"method": "post"},
        "application_issued": {
            "court": "Family Court at Sampleton",
            "case_number": "SN00C00000",
            "in_care_proceedings": False,
        },
        "extend_proceedings": {
            "new_end_on": _day(on, 42),
            "reason": "An expert's report is needed to decide the case justly.",
        },
        "record_court_direction": {
            "direction": "File an addendum on family time.",
            "comply_by": _day(on, 28),
            "owner": "SGO assessment worker",
            "replaces_target": False,
        },
        "order_made": {
            "court": "Family Court at Sampleton",
            "guardians": "Both applicants",
            "end_code": "E45",
            "provisions": "Family time as in the support plan.",
            "looked_after_until_now": True,
        },
        "court_refuses": {
            "reason": "The court wants long-term foster care to go on.",
            "alternative_plan": "long-term foster care, formally matched",
        },
        "withdraw_application": {
            "how": "for good",
            "reason": "The carers have separated.",
            "reasons": ["carer does not want it"],
            "alternative_plan": "long-term foster care, formally matched",
        },
        "activate_support": {"plan_monitor": "Permanence support co-ordinator"},
        "review_support_plan": {"outcome": "Going well; therapy ends in the summer."},
        "stop": stopped,
        "reopen": {"new_information": "The carers have changed their minds."},
        "end": {"why": "left care in another way", "explanation": "Moved in with an uncle."},
        "transfer_out": {"to_authority": "Another County", "pack_sent_on": on.isoformat()},
        "merge": {"reason": "Same name, birthday and school.", "checked_by_two": True},
        "reverse_last": {"reason": "Entered by mistake."},
        "link_sibling": {},
        "end_sibling_link": {"reason": "Entered by mistake."},
        "pause_clock": {"reason": "child or carer is ill", "expected_on": _day(on, 28)},
        "resume_clock": {},
        "flag_safeguarding": {
            "concern": "A neighbour has made an allegation.",
            "expected_on": _day(on, 21),
        },
        "clear_safeguarding": {"outcome": "Looked into, no further action."},
        "raise_concern": {"stage": "informal", "concern": "The child has waited four months."},
        "resolve_concern": {"outcome": "A date was agreed."},
        "record_placement_change": {"how": "ended: new carers", "reason": "Carer's illness."},
        "record_death": {"note": "Told by the hospital."},
        "record_move_away": {"to_authority": "Another County", "note": "New job."},
        "record_leaving": {"how": "returned home", "note": "The assessment of the parents was positive."},
        "restrict": {"reason": "A relative works here."},
        "lift_restriction": {"reason": "The relative has left."},
        "confirm_decision": {},
        "dispute_decision": {"reason": "I did not say that."},
        "correct": {"reason": "A slip of the keyboard."},
        "clear_flag": {"outcome": "Looked at; nothing to do."},
        "move_act_to_right_child": {"reason": "Two cases were open side by side."},
        "meet_direction": {},
    }


#: The checks a complete assessment has back (rules R-ASM-4), with three references.
CHECKS: tuple[tuple[str, str], ...] = (
    (CheckKind.DBS.value, "first applicant"),
    (CheckKind.MEDICAL.value, "first applicant"),
    (CheckKind.LOCAL_AUTHORITY.value, "first applicant"),
    (CheckKind.HOME.value, "first applicant"),
    (CheckKind.REFERENCE.value, "first referee"),
    (CheckKind.REFERENCE.value, "second referee"),
    (CheckKind.REFERENCE.value, "third referee"),
)
