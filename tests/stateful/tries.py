"""What somebody may try next on an invented case: the usual step, or anything at all, soundly recorded or spoilt."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

from demo.papers import CHECKS, paper
from states.facts import Entry, live
from states.pathway import PATHWAY
from states.vocabulary import Role
from tests.stateful.model import IRO, RANKS, SAW, SERVICES, STRAIGHTENS, TABLE, Step
from tests.stateful.referee import Model

START = date(2026, 3, 2)
PEOPLE: dict[str, set[str]] = {"ann": {SAW, IRO}, "bo": {"Team Manager"}, "cy": {"Head of Service"}, "dee": {SAW}}
VIEWS = [("add_view", {"voice": v}) for v in ("Fostering", "Safeguarding")] + [("add_view", {})]
ASK = [("request_check", {"check": c, "on_whom": w}) for c, w in CHECKS]
GET = [("receive_check", {"check": c, "on_whom": w}) for c, w in CHECKS]
#: The usual way on from each state, round and round.
FORWARD: dict[str | None, list[tuple[str, dict[str, Any]]]] = {
    None: [("open_case", {})],
    "COHORT": [("rate", {})],
    "NOT_APPLICABLE": [("reconsider", {})],
    "RATED": [("list_for_group", {})],
    "REVIEW_GROUP": [
        ("file_papers", {"chair_accepts_late": True}),
        *VIEWS,
        ("group_progresses", {}),
        ("group_defers", {}),
        ("group_asks_further_work", {}),
        ("group_progresses", {}),
        ("group_adjourns", {}),
    ],
    "DEFERRED": [*VIEWS, ("decide_urgently", {}), ("desk_review_unchanged", {}), ("list_for_group", {})],
    "TRAJECTORY": [
        ("service_objects", {}),
        ("allocate", {}),
        ("change_applicants", {}),
        ("record_trajectory", {}),
        ("record_initial_meeting", {}),
        ("proceed_to_kdd", {}),
    ],
    "FURTHER_WORK": [
        ("record_trajectory", {}),
        ("continue_further_work", {}),
        ("list_for_group", {}),
        ("proceed_to_kdd", {}),
    ],
    "KEY_DECISION": [("kdd_adjourns", {}), *[("kdd_sgo_appropriate", {})] * 3],
    "RATIFICATION": [
        ("record_review", {}),
        ("roa_defers", {}),
        ("roa_does_not_ratify", {}),
        *[("roa_ratifies", {})] * 4,
        ("override_ratification", {}),
    ],
    "ASSESSMENT": [
        *ASK,
        ("record_family_network_meeting", {}),
        ("record_genogram", {}),
        *GET,
        ("draft_support_plan", {}),
        ("write_report", {}),
        ("check_quality", {}),
        ("complete_assessment", {}),
        ("resume_clock", {}),
    ],
    "FINANCIAL_PACKAGE": [("set_financial_position", {}), ("agree_package", {})],
    "SIGN_OFF": [
        ("record_notice_of_intention", {}),
        ("set_financial_position", {}),
        ("record_proposal_notice", {}),
        ("close_representations", {}),
        ("record_decision_notice", {}),
        ("draft_support_plan", {}),
        ("sign_support_plan", {}),
        ("write_statement", {}),
        ("add_view", {}),
        ("write_report", {}),
        ("check_quality", {}),
        ("submit_to_legal", {}),
        ("clear_safeguarding", {}),
    ],
    "WITH_LEGAL": [("legal_returns", {}), ("application_issued", {}), ("application_issued", {})],
    "IN_COURT": [("withdraw_application", {}), ("court_refuses", {}), ("order_made", {})],
    "ORDER_MADE": [("activate_support", {})],
    "POST_ORDER": [("note_told", {})],
    "NOT_PROGRESSING": [("reopen", {})],
    "ENDED": [("note_told", {})],
}
#: Where the usual thing is one of several, in no order.
ONE_OF_SEVERAL = {"KEY_DECISION", "RATIFICATION", "WITH_LEGAL", "IN_COURT"}
#: Submitted from the assessment itself, where the money is final (PT-9).
EARLY = FORWARD["ASSESSMENT"][:-2] + FORWARD["SIGN_OFF"]
#: Steps that end a walk or turn it back are tried less often than the rest.
RARE = {
    "end",
    "transfer_out",
    "merge",
    "stop",
    "carer_declines",
    "return_to_group",
    "order_made",
    "flag_safeguarding",
    "record_placement_change",
    "record_death",
    "record_leaving",
    "pause_clock",
    "change_applicants",
}
NAMES_A_MEETING = {
    "list_for_group",
    "decide_urgently",
    "group_adjourns",
    "service_objects",
    "carer_declines",
    "return_to_group",
    "roa_does_not_ratify",
}
AGREED = {
    "position": "agreed",
    "agreement_ref": "FA-1",
    "agreed_elsewhere": "Another county's panel, 3 March 2026.",
    "elsewhere_prepared_by": "A worker there",
    "elsewhere_decided_by": "Their Head of Service",
}
#: What was written down wrongly, and what is true: every one a record that stands by itself.
PUT_RIGHT: dict[str, list[dict[str, Any]]] = {
    "rate": [{"colour": c} for c in ("GREEN", "YELLOW", "AMBER", "RED")],
    "rerate": [{"colour": c} for c in ("GREEN", "YELLOW", "AMBER", "RED")],
    "allocate": [{"person": "ann"}, {"person": "dee"}],
    "add_view": [{"voice": "child"}, {"voice": "Fostering"}, {"voice": "Safeguarding"}],
    "record_initial_meeting": [{"outcome": "further work"}, {"outcome": "can progress without delay"}],
    "set_financial_position": [
        {**AGREED, "agreement_ref": "FA-2"},
        {"position": "being assessed", "agreement_ref": None},
    ],
    "check_quality": [{"outcome": "returned to the author"}, {"outcome": "agreed"}],
    "record_review": [{"considered_plan": True}, {"considered_plan": False}],
    "write_report": [{"author": "ann"}, {"author": "bo"}],
}
#: Complete records that chance may still make wrong: another service, stage, check or meeting than fits.
CHANCE = {
    "correct", "move_act_to_right_child", "service_objects", "bring_forward", "confirm_decision", "open_case",
    "check_quality", *NAMES_A_MEETING,
}  # fmt: skip


class Tries:
    """One invented case, and the dice that say what is tried on it."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.born = dice.choice((None, START - timedelta(dice.randint(400, 6500)), START - timedelta(3300)))
        self.siblings = dice.random() < 0.2
        self.today, self.state = START, None  # type: tuple[date, str | None]
        self.entries: list[Entry] = []
        self.meetings: dict[str, dict[str, Any]] = {}
        self.model = Model(self.born, self.siblings)
        self.cursor = 0
        self.early = dice.random() < 0.4

    def make(self) -> Step:
        """Something somebody tries."""
        dice = self.dice
        usual = dice.random() < 0.75
        if usual and (self.state is not None or dice.random() < 0.5):
            ways = EARLY if self.state == "ASSESSMENT" and self.early else FORWARD[self.state]
            self.cursor += dice.random() < 0.03  # something is forgotten until the next round
            trigger, differs = dice.choice(ways) if self.state in ONE_OF_SEVERAL else ways[self.cursor % len(ways)]
            self.cursor += 1
        else:
            anything = dice.random() < 0.2
            triggers = [t for t, row in TABLE.items() if anything or self.state in row[1]]
            weights = [0.15 if t in RARE else 2.0 if t == "reverse_last" else 1.0 for t in triggers]
            trigger, differs = dice.choices(triggers, weights)[0], {}
        self.today += timedelta(dice.choice((0, 0, 0, 1, 2, 5, 12)) if usual else dice.randint(0, 60))
        wrong = dice.random() < (0.15 if usual else 0.4)
        fault = dice.choice(("record", "record", "record", "roles", "day", "late")) if wrong else None
        listed = self.listed()
        if listed and self.today < listed["held_on"] and (trigger.startswith("group_") and fault != "day"):
            self.today = listed["held_on"]
        back = {"day": (-1, -9, -40, 3), "late": (-9, -20)}
        on = self.today + timedelta(dice.choice(back.get(fault or "", (0,))))
        return self.fill(trigger, differs, on, fault, listed)

    def listed(self) -> dict[str, Any] | None:
        """The meeting whose agenda the child is on, or was on last."""
        for entry in reversed(live(self.entries)):
            if entry.trigger == "take_off_agenda":
                return None
            if "meeting" in entry.data and entry.trigger != "decide_urgently":  # reported there, not on its agenda
                return self.meetings.get(entry.data["meeting"])
        return None

    def fill(
        self, trigger: str, differs: dict[str, Any], on: date, fault: str | None, listed: dict[str, Any] | None
    ) -> Step:
        """The step with its record, by somebody."""
        dice = self.dice
        content = paper(trigger, on=on, **{**self.sound(trigger, on), **differs})
        if fault == "record":
            content |= dice.choice(self.spoilt(trigger, on))
        content = {k: v for k, v in content.items() if v is not None}
        asked = trigger
        if trigger == "reverse_last" and (last := self.model.last_move()):
            asked = last["trigger"]
        who = TABLE[asked][3] or set(Role)
        roles = {dice.choice(sorted(r.value for r in Role if r.value in who or "everybody" in who) or ["operator"])}
        if fault == "roles" or dice.random() < 0.05:
            roles = dice.choice((set(dice.sample([r.value for r in Role], dice.randint(0, 3))), set(RANKS[2:])))
        by = "bo" if trigger == "check_quality" and fault is None else dice.choice(("ann", "ann", "bo", "dee"))
        recorder = by if dice.random() < 0.9 else "ann"
        if trigger in ("correct", "move_act_to_right_child"):
            content |= self.about_an_entry(trigger, fault)
        if trigger == "confirm_decision":
            waiting = [e for e in live(self.entries) if not e.confirmed] or self.entries
            named = dice.choice(waiting) if waiting else None
            content["event"] = named.id if named else "none"
            by = recorder = named.decided_by if named and fault is None else by
        return {
            "id": f"e{len(self.entries)}",
            "seq": len(self.entries),
            "trigger": trigger,
            "on": on,
            "today": self.today,
            "by": by,
            "recorder": recorder,
            "confirmed": by == recorder,
            "roles": roles,
            "role": min(roles, default=""),
            "services": self.services(content, fault),
            "posts": roles | ({RANKS[0]} if fault is None or dice.random() < 0.5 else set()),
            "recorders": {"Team Manager" if fault and dice.random() < 0.5 else "group administrator"},
            "paper": content,
            "named": self.meetings.get(content.get("meeting", "")),
            "listed": listed,
            "people": PEOPLE,
            "late_reason": None if fault == "late" else "Was on leave.",
            "sound": fault is None,
        }

    def about_an_entry(self, trigger: str, fault: str | None) -> dict[str, Any]:
        """Which entry is put right, and how; or which stands on the wrong child: mostly the last, or nearly."""
        there = list(live(self.entries))
        if trigger == "correct":
            there = [e for e in there if e.trigger in PUT_RIGHT] if fault is None else there
            one = self.dice.choice(there[-6:]) if there else None
            if one is not None and one.trigger not in (*PUT_RIGHT, *STRAIGHTENS):
                return {"event": one.id, "changes": None}  # what else there is to put right, casework judges
            right = self.dice.choice(PUT_RIGHT.get(one.trigger if one else "", [{"reason": "Another."}]))
            return {"event": one.id if one else "none", "changes": json.dumps(right)}
        chosen = self.dice.choice(there[-3:]) if there and (fault is None or self.dice.random() < 0.5) else None
        return {"event": chosen.id if chosen else "none", "to_case": "OTHER"}

    def services(self, content: dict[str, Any], fault: str | None) -> set[str]:
        """The services for which the decider speaks: whoever gives a service's view soundly speaks for it."""
        spoken = set(self.dice.sample(sorted(SERVICES), self.dice.randint(1, 3)))
        return spoken | ({content["voice"]} & SERVICES if fault is None and "voice" in content else set())

    def meeting(self, held_on: date) -> str:
        """A meeting, mostly attended well."""
        dice, ref = self.dice, f"M{len(self.meetings)}"
        self.meetings[ref] = {
            "ref": ref,
            "held_on": held_on,
            "body": "Review Group" if dice.random() < 0.97 else "Permanence Panel",
            "status": "cancelled" if dice.random() < 0.03 else "planned",
            "chair": "wren" if dice.random() < 0.95 else None,
            "there": set(dice.sample(["Fostering", "Safeguarding", "Virtual School"], dice.choice((0, 1, 2, 2, 3)))),
        }
        return ref

    def sound(self, trigger: str, on: date) -> dict[str, Any]:
        """What a complete record needs beyond the usual paper: people, a meeting, the child's age."""
        dice = self.dice
        years = None if self.born is None else (on - self.born).days / 365.25
        differs: dict[str, dict[str, Any]] = {
            "open_case": {"date_of_birth": self.born},
            "bring_forward": {
                "date_of_birth": self.born,
                "stage": dice.choice(list(PATHWAY.states.__members__)),
                "colour": "YELLOW",
                **{
                    f: on - timedelta(30)
                    for f in (
                        "rated_on",
                        "group_progressed_on",
                        "initial_meeting_on",
                        "kdd_on",
                        "ratified_on",
                        "submitted_on",
                        "issued_on",
                        "order_on",
                    )
                },
                "return_on": on + timedelta(20),
            },
            "rate": {"colour": dice.choice(("GREEN", "YELLOW", "AMBER", "RED"))},
            "rerate": {"colour": dice.choice(("GREEN", "YELLOW", "AMBER", "RED"))},
            "decide_urgently": {
                "going_ahead_reason": "The family asks for it.",
                **({"sibling_impact": "They stay together."} if self.siblings else {}),
            },
            "group_progresses": {"going_ahead_reason": "The family asks for it."},
            "desk_review_unchanged": {"return_on": on + timedelta(35)},
            "service_objects": {"service": dice.choice(sorted(self.missing() or SERVICES))},
            "add_view": {"voice": dice.choice(("child", "Fostering", "Safeguarding", "Virtual School"))},
            "allocate": {"role": SAW, "person": dice.choice(("ann", "dee"))},
            "write_report": {"author": "ann"},
            "write_statement": {"author": "ann"},
            "merge": {"into": "OTHER"},
            "record_trajectory": {"milestones": self.milestones(on)},
            "withdraw_application": {"how": dice.choice(("for good", "to issue it again"))},
            "set_financial_position": dice.choice(({}, AGREED)),
            "activate_support": {"conditions_agreed_on": on, "first_payment_on": on},
            "application_issued": {"exemption": None},
        }
        more = differs.get(trigger, {})
        if trigger.startswith("kdd_") and trigger != "kdd_adjourns":
            more = {**more, "legal_adviser": "lex"}
        if trigger in ("roa_ratifies", "roa_does_not_ratify", "roa_defers", "record_review") and years is not None:
            more = {**more, "participation": "PN0" if years < 4 else "PN1"}
        if trigger.startswith("group_") and trigger != "group_adjourns" and self.siblings:
            more = {**more, "sibling_impact": "They stay together."}
        if trigger in NAMES_A_MEETING:
            after = self.listed() if trigger == "group_adjourns" else None
            more = {
                **more,
                "meeting": self.meeting(max(on, after["held_on"] if after else on) + timedelta(dice.randint(1, 12))),
            }
        return more

    def missing(self) -> set[str]:
        """The services that were not heard when the group last progressed the child."""
        agreed = self.model.memory.progressed
        return agreed[1] if agreed else set()

    def milestones(self, on: date) -> list[dict[str, Any]]:
        """The standard trajectory, each planned date on its own way."""
        rows: list[dict[str, Any]] = [
            {**row, "slip_reason": "birth family"} for row in paper("record_trajectory", on=on)["milestones"]
        ]
        return [{k: v for k, v in row.items() if v is not None} for row in rows]

    def spoilt(self, trigger: str, on: date) -> list[dict[str, Any]]:
        """Ways in which a record is well-formed and wrong."""
        past, far = (on - timedelta(1)).isoformat(), (on + timedelta(500)).isoformat()
        short = (on + timedelta(10)).isoformat()
        returns: list[dict[str, Any]] = [
            {"return_on": past},
            {"return_on": on.isoformat()},
            {"return_on": far},
            {"return_on": (on + timedelta(200)).isoformat(), "longer_reason": "Exams."},
            {"return_on": (on + timedelta(200)).isoformat(), "longer_reason": "Exams.", "longer_agreed_by": "cy"},
            {"return_on": (on + timedelta(200)).isoformat(), "longer_reason": "Exams.", "longer_agreed_by": "bo"},
        ]
        colours: list[dict[str, Any]] = [
            {"colour": "RED"},
            {"colour": "RED", "colour_reason": "News."},
            {"sibling_impact": None},
        ]
        agreed = [{k: v for k, v in r.items() if k != "longer_agreed_by"} for r in returns]
        again: list[dict[str, Any]] = [
            {"reopen_on": past},
            {"reopen_on": far},
            {"reopen_on": far, "no_reopen_reason": "Never."},
        ]
        key: list[dict[str, Any]] = [
            {"adviser_present": False},
            {"legal_adviser": None},
            {"adviser_present": False, "written_advice": "L-1"},
            {"options": [{"option": o, "points_for": "a", "points_against": "b"} for o in ("adoption", "return home")]},
        ]
        met = [{"meeting": "none"}, {"meeting": self.meeting(on - timedelta(3))}] if trigger in NAMES_A_MEETING else []
        review: list[dict[str, Any]] = [{"participation": "PN0"}, {"participation": "PN3"}]
        rows = paper("record_trajectory", on=on)["milestones"]
        person = {"name": "Rowan Pell", "kind": "applicant", "protected": False}
        wrong: dict[str, list[dict[str, Any]]] = {
            "bring_forward": [
                {"rated_on": None},
                {"kdd_on": far},
                {"kdd_on": None},
                {"stage": "NOWHERE"},
                {"ratified_on": None},
                {"unsupported_application": True, "group_progressed_on": None},
                {"initial_meeting_on": None},
            ],
            "rate": [{"barriers": ["OTHER"]}, {"barriers": ["OTHER"], "other_barrier": "Noise."}],
            "rerate": [{"barriers": ["OTHER"]}],
            "mark_not_applicable": [
                {"look_again_on": past},
                {"look_again_on": None, "no_date_reason": "Adopted soon."},
            ],
            "group_progresses": [{"going_ahead_reason": None}, *colours],
            "decide_urgently": [{"going_ahead_reason": None}, *colours],
            "group_defers": [*returns, *colours],
            "group_asks_further_work": [*returns, *colours],
            "group_decides_not_to_progress": [*again, {"sibling_impact": None}],
            "stop": again,
            "desk_review_unchanged": returns,
            "needs_further_work": agreed,
            "kdd_further_work": [*agreed, *key],
            "kdd_sgo_appropriate": key,
            "kdd_not_to_progress": [*key, *again],
            "kdd_adjourns": [{"next_on": past}],
            "roa_ratifies": [{"review_held": False}, {"plan_updated": False}, *review],
            "roa_does_not_ratify": [{"review_held": False}, *review],
            "roa_defers": review,
            "record_review": [{"considered_plan": False}],
            "end": [{"why": "turned eighteen"}],
            "activate_support": [{"first_payment_on": None}],
            "allocate": [{"no_conflict": False}, {"person": "bo"}, {"person": None}, {"person": "nobody"}],
            "change_applicants": [
                {"people": [person]},
                {"people": [person], "no_return_because": "A formality."},
                {"people": [{**person, "until": past}]},
                {"people": [{**person, "kind": "parent"}]},
            ],
            "record_trajectory": [
                {"milestones": [*rows, rows[0]]},
                {"milestones": rows},
                {"milestones": rows[:1]},
                {"milestones": [{**r, "planned_on": past} if r["step"] == "ROA" else r for r in rows]},
            ],
            "record_initial_meeting": [
                {"outcome": "further work"},
                {"outcome": "carer declines"},
                {"carers_invited": False},
                {"information_given_on": short},
            ],
            "record_family_network_meeting": [
                {"held": False},
                {"held": False, "not_held_reason": "No family."},
                {"family_plan": None},
            ],
            "draft_support_plan": [
                {"review_on": past},
                {"review_on": far},
                {"needs": paper("draft_support_plan", on=on)["needs"][:2]},
            ],
            "sign_support_plan": [{"signed": False}, {"signed": False, "disagreement": "On therapy."}],
            "write_report": [
                {"recommends": False},
                {"recommends": False, "alternative": "Fostering"},
                {"childs_wishes_on": short},
                {"sections": paper("write_report", on=on)["sections"][:4]},
            ],
            "check_quality": [{"outcome": "returned to the author"}],
            "set_financial_position": [
                {"position": "agreed"},
                {**AGREED, "agreed_elsewhere": None},
                {**AGREED, "elsewhere_decided_by": None},
                {**AGREED, "elsewhere_prepared_by": AGREED["elsewhere_decided_by"]},
                {"position": "being assessed", "agreement_ref": None},
            ],
            "record_proposal_notice": [
                {"sent_on": far},
                {"representations_close_on": short},
                {"representations_close_on": (on + timedelta(20)).isoformat()},
                {"representations_close_on": (on + timedelta(20)).isoformat(), "shortened_because": "Court."},
            ],
            "close_representations": [
                {"how": "the period is over"},
                {"how": "representations received"},
                {"how": "representations received", "answer": "Heard."},
            ],
            "record_decision_notice": [{"sent_on": far}, {"sent_on": past}],
            "pause_clock": [{"expected_on": past}],
            "flag_safeguarding": [{"expected_on": on.isoformat()}],
            "record_placement_change": [{"how": "respite, hospital or holiday"}],
            "submit_to_legal": [
                {"filing_on": past},
                {"filing_on": far},
                {"advice_offered_on": short},
                {"notice_exemption": "leave of the court"},
            ],
        }
        unharmed: dict[str, Any] = {}
        return [unharmed, *met, *wrong.get(trigger, [])]
