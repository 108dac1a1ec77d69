"""From the agreement to progress to the ratified decision (rules 5.4 to 5.8, practice PT-5 to PT-8)."""

from __future__ import annotations

from datetime import date

from states import history
from states.facts import Facts
from states.records.codes import Option, Participation, StepName
from states.records.decision import (
    KeyDecision,
    NotRatified,
    Ratification,
    RatificationDeferred,
    ReviewHeld,
)
from states.records.standing import ApplicantsChanged
from states.records.trajectory import Allocated, InitialMeeting, MeetingOutcome, Trajectory
from states.vocabulary import Role, Unmet, rank

#: True dependencies only (practice PT-10): everything else in a trajectory may be in any order.
TRUE_ORDER: tuple[tuple[StepName, StepName], ...] = (
    (StepName.KDD, StepName.ROA),
    (StepName.NOTICE, StepName.APPLICATION),
)
#: The rest of the usual order, as far as it follows from what the milestones are (rules R-TRJ-2, R-TRJ-3).
USUAL_ORDER: tuple[tuple[StepName, StepName], ...] = (
    (StepName.INITIAL_MEETING, StepName.KDD),
    (StepName.ROA, StepName.ASSESSMENT_START),
    (StepName.ASSESSMENT_START, StepName.MIDPOINT),
    (StepName.CHECKS_REQUESTED, StepName.CHECKS_RETURNED),
    (StepName.FINANCIAL_ASSESSMENT, StepName.FINANCE_DECISION),
    (StepName.FINANCE_DECISION, StepName.PROPOSAL_NOTICE),
    (StepName.PROPOSAL_NOTICE, StepName.REPRESENTATIONS_END),
    (StepName.REPRESENTATIONS_END, StepName.REPORTS_TO_LEGAL),
    (StepName.REPORTS_TO_LEGAL, StepName.APPLICATION),
    (StepName.APPLICATION, StepName.FIRST_HEARING),
    (StepName.FIRST_HEARING, StepName.ORDER),
    (StepName.ORDER, StepName.FIRST_PAYMENT),
)
REPRESENTED_UNDER_FOUR = 4  # the return's own definition of code PN0 (rules R-ROA-4)


def group_has_progressed(facts: Facts) -> Unmet | None:
    """Only a child whom the group has progressed goes to the KDD (practice PT-5)."""
    if not history.group_progressed(facts):
        return Unmet("PT-5", "The Review Group has not agreed to progress this child: list the child for a meeting.")
    return None


def worker_allocated(facts: Facts) -> Unmet | None:
    """A named SGO assessment worker holds the case (rules R-ALC-1)."""
    if facts.holder(Role.ASSESSMENT_WORKER) is None:
        return Unmet("R-ALC-1", "No SGO assessment worker is allocated (allocate).")
    return None


def initial_meeting_lets_it_go_on(facts: Facts) -> Unmet | None:
    """The initial meeting is recorded; it is kept through further work (practice PT-5, rules T8)."""
    met = facts.latest(InitialMeeting, history.this_round(facts))
    if met is None:
        forward = history.brought_forward(facts)
        if forward is not None and forward.initial_meeting_on is not None:
            return None
        return Unmet("T8", "The initial meeting with the carers has not been recorded (record_initial_meeting).")
    return None


def trajectory_complete(facts: Facts) -> Unmet | None:
    """The trajectory is written, with the dates of KDD, ROA and order (rules T8, R-TRJ-1)."""
    written = facts.latest(Trajectory, history.this_round(facts))
    if written is None:
        return Unmet("T8", "The trajectory has not been written (record_trajectory).")
    planned = {m.step for m in written.milestones}
    lacking = [s.value for s in (StepName.KDD, StepName.ROA, StepName.ORDER) if s not in planned]
    if lacking:
        return Unmet("R-TRJ-1", "The trajectory has no date for: " + ", ".join(lacking) + ".")
    return None


def milestones_in_true_order(facts: Facts) -> Unmet | None:
    """KDD before ROA, notice before application; the rest only warns (practice PT-10)."""
    record = facts.filed(Trajectory)
    planned = {m.step: m.planned_on for m in record.milestones}
    if len(planned) < len(record.milestones):
        return Unmet("R-TRJ-3", "A milestone stands in the trajectory twice.", "milestones")
    for first, second in TRUE_ORDER:
        if first in planned and second in planned and planned[second] < planned[first]:
            return Unmet(
                "PT-10",
                f"{second.value} ({planned[second]}) cannot come before {first.value} ({planned[first]}).",
                "milestones",
            )
    return None


def milestones_in_usual_order(facts: Facts) -> Unmet | None:
    """The rest of the usual order only warns (practice PT-10, rules R-TRJ-3)."""
    planned = {m.step: m.planned_on for m in facts.filed(Trajectory).milestones}
    early = [
        f"{second.value} ({planned[second]}) is planned before {first.value} ({planned[first]})"
        for first, second in USUAL_ORDER
        if first in planned and second in planned and planned[second] < planned[first]
    ]
    return Unmet("PT-10", "Is this meant? " + "; ".join(early) + ".", "milestones") if early else None


def moved_dates_explained(facts: Facts) -> Unmet | None:
    """A date that moves, later or earlier, has its reason each time (rules R-TRJ-3, design 6).

    A milestone that was left out for a while is still measured by the date it last had.
    """
    old: dict[StepName, date] = {}
    for _, before in facts.all(Trajectory, history.this_round(facts)):
        old |= {m.step: m.planned_on for m in before.milestones}
    unexplained = [
        m.step.value
        for m in facts.filed(Trajectory).milestones
        if old.get(m.step, m.planned_on) != m.planned_on and m.done_on is None and m.slip_reason is None
    ]
    if unexplained:
        return Unmet("R-TRJ-3", "Say why the date moved: " + ", ".join(unexplained) + ".", "milestones")
    return None


def everyone_invited(facts: Facts) -> Unmet | None:
    """The child's worker, the carers and their worker are asked to the initial meeting (rules T7)."""
    record = facts.filed(InitialMeeting)
    missing = [
        who
        for who, asked in (
            ("the child's social worker", record.childs_worker_invited),
            ("the carers", record.carers_invited),
            ("the supervising social worker", record.supervising_worker_invited),
        )
        if not asked
    ]
    if missing:
        return Unmet("T7", "To the initial meeting must also be invited: " + ", ".join(missing) + ".")
    return None


def information_given_first(facts: Facts) -> Unmet | None:
    """Carers have the written information before the meeting (rules R-IM-1)."""
    record = facts.filed(InitialMeeting)
    if record.information_given_on > facts.on:
        return Unmet(
            "R-IM-1", "The written information must reach the carers before the meeting.", "information_given_on"
        )
    return None


def initial_meeting_says_go_on(facts: Facts) -> Unmet | None:
    """Only a child who can progress without delay goes on; further work that was agreed is done first (T8).

    A carer who declines goes to the group, not to the KDD (rules R-IM-2). After further work the meeting
    that asked for it need not be held again (practice PT-5).
    """
    this_round = history.this_round(facts)
    met = facts.latest_entry(InitialMeeting, this_round)
    if met is None:
        return None
    outcome = InitialMeeting.model_validate(met.data).outcome
    if outcome is MeetingOutcome.CARER_DECLINES:
        return Unmet(
            "R-IM-2", "At the initial meeting the carer declined: use carer_declines, or record a new meeting."
        )
    worked = any(e.trigger in history.FURTHER_WORK_STEPS and e.seq > met.seq for e in this_round)
    if outcome is MeetingOutcome.FURTHER_WORK and not worked:
        return Unmet(
            "T8", "The initial meeting asked for further work: use needs_further_work, or record a new meeting."
        )
    return None


def person_can_hold_the_post(facts: Facts) -> Unmet | None:
    """A named person who works here, may hold the post and has no conflict (rules T6)."""
    record = facts.filed(Allocated)
    if record.person is None:
        return None
    if not record.no_conflict:
        return Unmet("T6", "A person with a conflict of interest cannot be allocated.", "no_conflict")
    seen = facts.people.get(record.person)
    if seen is None or not seen.enabled:
        return Unmet("T6", "This person does not work here (any more).", "person")
    if Role(record.role.value) not in seen.roles:
        return Unmet("T6", f"This person may not be {record.role.value}.", "person")
    return None


def no_safeguarding_open(facts: Facts) -> Unmet | None:
    """An open safeguarding concern is settled first (rules R-ASM-12)."""
    if history.safeguarding_open(facts):
        return Unmet("R-ASM-12", "A safeguarding concern is open: it must be cleared first (clear_safeguarding).")
    return None


def legal_oversight(facts: Facts) -> Unmet | None:
    """A legal adviser is present, or written legal advice is attached (rules T11, practice PT-7)."""
    record = facts.record
    assert isinstance(record, KeyDecision)
    present = record.adviser_present and record.legal_adviser is not None
    if facts.policy.kdd.legal_advice == "present":
        ok, words = present, "name the legal adviser who was present"
    else:
        ok, words = (
            present or record.written_advice is not None,
            ("name the legal adviser who was present, or give the reference of written advice"),
        )
    return None if ok else Unmet("T11", f"A Key Decision Discussion needs legal oversight: {words}.", "legal_adviser")


def chair_allowed(facts: Facts) -> Unmet | None:
    """A chair in the child's line of management is recorded, and allowed if policy says so (PT-7)."""
    record = facts.record
    assert isinstance(record, KeyDecision)
    if record.chair_in_line and not facts.policy.kdd.chair_may_be_in_line:
        return Unmet("PT-7", "The chair may not be in the child's line of management.", "chair_in_line")
    return None


def guardianship_compared(facts: Facts) -> Unmet | None:
    """The options compared include special guardianship and at least one other (rules R-KDD-2, S1-2)."""
    record = facts.record
    assert isinstance(record, KeyDecision)
    options = {o.option for o in record.options}
    if Option.SGO not in options or len(options) < 2:
        return Unmet("R-KDD-2", "Compare special guardianship with at least one other option.", "options")
    return None


def review_was_held(facts: Facts) -> Unmet | None:
    """Ratification happens at a review that was actually held (rules T14)."""
    record = facts.record
    assert isinstance(record, Ratification | NotRatified)
    if not record.review_held:
        return Unmet("T14", "The review was not held on this day: give the date on which it was.", "review_held")
    return None


def iro_stands_outside(facts: Facts) -> Unmet | None:
    """The IRO is outside the child's case: nobody who works with the child decides in that post, by cover
    neither (rules 1.1, R-LAC-2)."""
    workers = (Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.SUPERVISING_WORKER)
    if facts.decided_by in {facts.holder(role) for role in workers}:
        return Unmet("R-LAC-2", "Somebody who works with this child cannot decide as its IRO.", "decided_by")
    return None


def review_after_the_kdd(facts: Facts) -> Unmet | None:
    """The review considers a decision that has been taken (rules R-LAC-2)."""
    decided = history.kdd_positive_on(facts)
    if decided is None:
        return Unmet("R-LAC-2", "No Key Decision Discussion has found special guardianship right.")
    if facts.on < decided:
        return Unmet(
            "R-LAC-2", f"The review of {facts.on} was before the Key Decision Discussion ({decided}).", "happened_on"
        )
    return None


def participation_fits_the_age(facts: Facts) -> Unmet | None:
    """PN0 is for children under four at the review, PN1 to PN7 for the others (rules R-ROA-4)."""
    record = facts.record
    assert isinstance(record, Ratification | NotRatified | RatificationDeferred | ReviewHeld)
    age = history.age(facts)
    if age is None:
        return None
    under = age < REPRESENTED_UNDER_FOUR
    if under != (record.participation is Participation.PN0):
        need = "PN0" if under else "one of PN1 to PN7"
        return Unmet("R-ROA-4", f"At the child's age on {facts.on} the code must be {need}.", "participation")
    return None


def plan_says_guardianship(facts: Facts) -> Unmet | None:
    """A ratified decision changes the permanence plan (rules R-ROA-3)."""
    if not facts.filed(Ratification).plan_updated:
        return Unmet("R-ROA-3", "The permanence plan must be updated to special guardianship.", "plan_updated")
    return None


def a_review_has_considered_it(facts: Facts) -> Unmet | None:
    """An override needs a review, held since the KDD, that has considered the plan (rules A6, R-LAC-2)."""
    since = facts.since(*history.ROUND_STARTS, "kdd_sgo_appropriate")
    decided = history.kdd_positive_on(facts)
    considered = any(e.trigger in ("roa_defers", "roa_does_not_ratify") for e in since) or any(
        record.considered_plan and (decided is None or entry.happened_on >= decided)
        for entry, record in facts.all(ReviewHeld, since)
    )
    if not considered:
        return Unmet("R-LAC-2", "No review held since the Key Decision Discussion has considered the plan.")
    return None


def senior_enough_to_override(facts: Facts) -> Unmet | None:
    """The authority says how senior an override must be; the table's Head of Service is the least (A6)."""
    needed = facts.policy.roa.override_rank
    held = max((rank(role) or 0 for role in facts.deciders_roles), default=0)
    if held < (rank(Role(needed)) or 0):
        return Unmet(
            "A6", f"Under this authority's policy only a {needed} or more senior post may go ahead.", "decided_by"
        )
    return None


def last_review_did_not_ratify(facts: Facts) -> Unmet | None:
    """From the group's agenda only a refusal at the last review can be overridden (design 4.2)."""
    last = facts.last_move()
    came = facts.last(*history.INTO_GROUP_BY_EVENT, "list_for_group", *history.GROUP_OUTCOMES)
    if last is None or came is None or came.trigger != "roa_does_not_ratify":
        return Unmet("A6", "Only a decision that the last review did not ratify, and the group has not decided since.")
    return None


def applicants_change_needs_kdd_or_reason(facts: Facts) -> Unmet | None:
    """A change of applicants goes back to the KDD, unless its chair records why not (practice PT-11).

    Judged when the case next moves on: see `decision_covers_the_applicants`.
    """
    record = facts.filed(ApplicantsChanged)
    if not any(p.until is None for p in record.people):
        return Unmet("PT-11", "At least one person must stay on the case.", "people")
    return None


def decision_covers_the_applicants(facts: Facts) -> Unmet | None:
    """Since the KDD the applicants have not changed, or its chair has said why that does not matter (PT-11).

    Other people on the case come and go freely. The first list of applicants, if it is only written down after
    the KDD, is the one it decided on.
    """
    kdd = facts.last("kdd_sgo_appropriate")
    since = facts.since(*history.ROUND_STARTS, "kdd_sgo_appropriate")
    before = facts.entries[: len(facts.entries) - len(since)]
    lists = [entry for entry, _ in facts.all(ApplicantsChanged, since)]
    decided_on = history.applicants(facts, before)
    if decided_on is None and lists:
        decided_on = history.applicants(facts, lists[:1])
    now = history.applicants(facts, facts.entries)
    if now == decided_on:
        return None
    excused = any(
        history.applicants(facts, [entry]) == now
        and entry.data.get("no_return_because")
        and (entry.role == Role.KDD_CHAIR.value or (kdd is not None and entry.decided_by == kdd.decided_by))
        for entry in lists
    )
    if not excused:
        return Unmet(
            "PT-11",
            "The applicants have changed since the Key Decision Discussion: go back to it (return_to_kdd), or let "
            "its chair record why not (change_applicants).",
        )
    return None
