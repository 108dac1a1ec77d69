"""Every deadline of the pathway: whose it is, what it is counted from, when somebody is warned.

The numbers are policy (rules 14); how they are counted is `states/counting.py`. To add one: a line here, its
number in the policy types and files, and its name in the row that opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from states import notices as n
from states.choices import (
    moves_and_papers_to_come,
    noting_moves,
    placement_ended,
    post_is_assessment_worker,
    relisting_moves,
    return_moves,
    view_is_against,
)
from states.counting import AS_GIVEN, Number, days, months, not_before_months, weeks, working_days, working_days_before
from states.facts import Facts
from states.history import this_round
from states.records.trajectory import Allocated
from states.stages import ASSESSING, BEFORE_COURT, OPEN, RATED_TO_LEGAL, UNDER_WAY, S
from states.vocabulary import Basis, Count, Due, Notice, Role, Unit, Warn


def _before(notice: Notice, number: Number, unit: Unit = Unit.WORKING_DAYS) -> Warn:
    return Warn(notice=notice, numbers=lambda p: (number(p),), unit=unit)


def _on_the_day(notice: Notice) -> Warn:
    return Warn(notice=notice, numbers=lambda p: (0,), unit=Unit.DAYS)


def _after(notice: Notice, number: Number, unit: Unit = Unit.WORKING_DAYS) -> Warn:
    return Warn(notice=notice, numbers=lambda p: (number(p),), unit=unit, after=True)


def _no_worker_yet(facts: Facts) -> bool:
    return facts.holder(Role.ASSESSMENT_WORKER) is None


def _first_assessment_worker(facts: Facts) -> bool:
    """The first worker of this round is named: another one later does not start the days again (R-IM-1)."""
    held = any(
        e.kind == Allocated.kind and e.data.get("role") == Role.ASSESSMENT_WORKER.value and e.data.get("person")
        for e in this_round(facts)
    )
    return post_is_assessment_worker(facts) and not held and _not_met_yet(facts)


def _not_met_yet(facts: Facts) -> bool:
    """The carers have not been met in this round (practice PT-5)."""
    return not any(e.trigger == "record_initial_meeting" for e in this_round(facts))


def _allocated_already(facts: Facts) -> bool:
    """A worker was there before the group agreed, and has not met the carers: the days run from here."""
    return facts.holder(Role.ASSESSMENT_WORKER) is not None and _not_met_yet(facts)


def _gives(field: str) -> Callable[[Facts], bool]:
    return lambda facts: bool(getattr(facts.record, field, None))


def _gives_neither(*fields: str) -> Callable[[Facts], bool]:
    return lambda facts: not any(getattr(facts.record, field, None) for field in fields)


def _due(name: str, words: str, owner: Role, count: Count, rule: str, **more: Any) -> Due:
    return Due(name=name, words=words, owner=owner, count=count, rule=rule, **{"basis": Basis.LOCAL, **more})


# --- cohort and rating -------------------------------------------------------------------------------
FIRST_RATING = _due(
    "first_rating",
    "First RAG rating",
    Role.TEAM_MANAGER,
    working_days(lambda p: p.rating.first_rating_working_days),
    "R-ELG-3",
    anchor="eligible_on",
    while_in=frozenset({S.COHORT}),
    warns=(
        _before(n.NT_02_DUE, lambda p: p.warn.rating_working_days),
        _after(n.NT_02_LATE, lambda p: p.warn.rating_late_head_of_service_working_days),
    ),
    runs_on=True,
)
RERATING = _due(
    "rerating",
    "RAG rating refreshed",
    Role.TEAM_MANAGER,
    months(lambda p: p.rating.refresh_months),
    "R-RAG-4",
    anchor="rated_on",
    while_in=RATED_TO_LEGAL,
    warns=(
        _before(n.NT_02_DUE, lambda p: p.warn.rating_working_days),
        _after(n.NT_02_LATE, lambda p: p.warn.rating_late_head_of_service_working_days),
    ),
    runs_on=True,
)
RERATING_AFTER_CHANGE = _due(
    "rerating_after_change",
    "RAG rating looked at again after a change",
    Role.TEAM_MANAGER,
    working_days(lambda p: p.rating.after_material_change_working_days),
    "R-RAG-4",
    while_in=RATED_TO_LEGAL,
    runs_on=True,
)
RERATING_AFTER_PLACEMENT = replace(RERATING_AFTER_CHANGE, only_if=placement_ended)
LOOK_AGAIN = _due(
    "look_again",
    "Whether the pathway applies looked at again",
    Role.TEAM_MANAGER,
    AS_GIVEN,
    "PT-1",
    anchor="look_again_on",
    while_in=frozenset({S.NOT_APPLICABLE}),
    only_if=_gives("look_again_on"),
    runs_on=True,
)
LOOK_AGAIN_BROUGHT_FORWARD = replace(LOOK_AGAIN, anchor="return_on", only_if=_gives("return_on"))
# --- the Review Group --------------------------------------------------------------------------------
PAPERS = _due(
    "papers",
    "Papers in for the Review Group",
    Role.TEAM_MANAGER,
    working_days_before(lambda p: p.group.papers_working_days_before),
    "R-RG-2",
    anchor="meeting",
    while_in=frozenset({S.REVIEW_GROUP}),
    runs_on=True,
)
RETURN = _due(
    "return_to_group",
    "Back on the Review Group's agenda",
    Role.GROUP_ADMINISTRATOR,
    AS_GIVEN,
    "R-RG-4",
    anchor="return_on",
    while_in=frozenset({S.DEFERRED, S.FURTHER_WORK}),
    warns=(
        _before(n.NT_05, lambda p: p.warn.return_working_days),
        _on_the_day(n.NT_05),
    ),
    runs_on=True,
)
RELIST = _due(
    "relist",
    "Heard by the Review Group after the review did not ratify",
    Role.GROUP_ADMINISTRATOR,
    working_days(lambda p: p.roa.not_ratified_relist_working_days),
    "A6",
    while_in=frozenset({S.REVIEW_GROUP}),
    runs_on=True,
)
MINUTES = _due(
    "minutes",
    "Decision of the Review Group distributed",
    Role.GROUP_ADMINISTRATOR,
    # One act distributes minutes and decision; the shorter time counts for both (rules 5.0, R-RG-8).
    working_days(lambda p: min(p.group.minutes_working_days, p.group.decisions_told_working_days)),
    "R-RG-8",
    runs_on=True,
)
OBJECTION = _due(
    "objection",
    "Time for a missing service to object",
    Role.GROUP_MEMBER,
    working_days(lambda p: p.group.objection_working_days),
    "PT-4",
    while_in=frozenset({S.TRAJECTORY}),
    runs_on=True,
)
URGENT_NOTED = _due(
    "urgent_noted",
    "Urgent decision reported to the Review Group",
    Role.GROUP_ADMINISTRATOR,
    AS_GIVEN,
    "PT-15",
    anchor="meeting",
    while_in=OPEN,
    runs_on=True,
)
# A meeting that is called off takes its dates with it: from the meeting instead (practice PT-15).
PAPERS_MOVED = replace(PAPERS, only_if=moves_and_papers_to_come)
RETURN_MOVED = replace(RETURN, anchor="meeting", only_if=return_moves)
RELIST_MOVED = replace(RELIST, count=AS_GIVEN, anchor="meeting", only_if=relisting_moves)
URGENT_NOTED_MOVED = replace(URGENT_NOTED, only_if=noting_moves)
# --- trajectory, allocation, further work ------------------------------------------------------------
TRAJECTORY = _due(
    "trajectory",
    "Trajectory completed",
    Role.CHILDS_WORKER,
    working_days(lambda p: p.trajectory.due_working_days),
    "R-RG-5",
    while_in=frozenset({S.TRAJECTORY, S.FURTHER_WORK}),
    warns=(_on_the_day(n.NT_06), _after(n.NT_06_LATE, lambda p: 1)),
)
ALLOCATION = _due(
    "allocation",
    "SGO assessment worker allocated",
    Role.SGO_TEAM,
    working_days(lambda p: p.trajectory.allocation_working_days),
    "R-ALC-1",
    while_in=UNDER_WAY,
    only_if=_no_worker_yet,
)
INITIAL_MEETING = _due(
    "initial_meeting",
    "Initial meeting with carers held",
    Role.ASSESSMENT_WORKER,
    working_days(lambda p: p.trajectory.initial_meeting_working_days),
    "R-IM-1",
    while_in=frozenset({S.TRAJECTORY, S.FURTHER_WORK}),
)
INITIAL_MEETING_WITH_A_WORKER = replace(INITIAL_MEETING, only_if=_allocated_already)
INITIAL_MEETING_AFTER_ALLOCATION = replace(INITIAL_MEETING, only_if=_first_assessment_worker)
CONTINUE = _due(
    "continue_or_stop",
    "Head of Service says whether further work goes on",
    Role.HEAD_OF_SERVICE,
    working_days(lambda p: p.trajectory.continue_working_days),
    "R-FW-2",
    while_in=frozenset({S.FURTHER_WORK}),
    runs_on=True,
)
# --- KDD and ROA ---------------------------------------------------------------------------------------
KDD = _due(
    "kdd",
    "Key Decision Discussion held",
    Role.TEAM_MANAGER,
    working_days(lambda p: p.kdd.due_working_days),
    "R-KDD-1",
    while_in=frozenset({S.KEY_DECISION}),
)
KDD_RECORD = _due(
    "kdd_record",
    "Key Decision Discussion recorded on the case system",
    Role.ASSESSMENT_WORKER,
    working_days(lambda p: p.kdd.record_working_days),
    "R-KDD-5",
)
CFS_RECEIVED = _due(
    "cfs_received",
    "Receipt of a document confirmed by CFS Permanence",
    Role.CFS_PERMANENCE,
    working_days(lambda p: p.records.cfs_received_working_days),
    "PR-7",
    many=True,
    while_in=OPEN,
    only_if=_gives("for_cfs"),
)
CFS_TRACKER = _due(
    "cfs_tracker",
    "Document on the tracker of CFS Permanence",
    Role.CFS_PERMANENCE,
    working_days(lambda p: p.records.cfs_tracker_working_days),
    "PR-7",
    many=True,
    while_in=OPEN,
    only_if=_gives("for_cfs"),
)
CARERS_LETTER = _due(
    "carers_letter",
    "Letter to the carers sent",
    Role.ASSESSMENT_WORKER,
    working_days(lambda p: p.legal.letter_working_days),
    "R-KDD-4",
)
RATIFICATION = _due(
    "ratification",
    "Decision ratified at the child's review (ROA)",
    Role.IRO,
    months(lambda p: p.roa.late_after_months),
    "R-ROA-2",
    while_in=frozenset({S.RATIFICATION}),
)
CONDITION = _due(
    "condition",
    "Condition of the ratification met",
    Role.ASSESSMENT_WORKER,
    AS_GIVEN,
    "R-ROA-3",
    anchor="conditions.by_when",
    while_in=ASSESSING,
    many=True,
)
# --- assessment ----------------------------------------------------------------------------------------
#: The day from which the assessment's clocks run: what the authority's policy names (rules A8).
ASSESSMENT_MAY_START = "the day the assessment may start"
ASSESSMENT_START = _due(
    "assessment_start",
    "Assessment started",
    Role.ASSESSMENT_WORKER,
    working_days(lambda p: p.assessment.start_working_days),
    "D-38",
    anchor=ASSESSMENT_MAY_START,
    while_in=ASSESSING,
)
MIDPOINT = _due(
    "assessment_midpoint",
    "Mid-point review of the assessment",
    Role.SGO_TEAM,
    weeks(lambda p: p.assessment.midpoint_week),
    "R-ASM-2",
    anchor=ASSESSMENT_MAY_START,
    basis=Basis.SERVICE,
    while_in=frozenset({S.ASSESSMENT}),
    warns=(_on_the_day(n.NT_13_MIDPOINT),),
)
TARGET = _due(
    "assessment_target",
    "Assessment complete (target)",
    Role.ASSESSMENT_WORKER,
    weeks(lambda p: p.assessment.target_weeks),
    "R-ASM-2",
    anchor=ASSESSMENT_MAY_START,
    basis=Basis.SERVICE,
    while_in=frozenset({S.ASSESSMENT}),
    warns=(
        Warn(
            notice=n.NT_13_WARNING,
            numbers=lambda p: (p.assessment.warning_week,),
            unit=Unit.WEEKS,
            from_anchor=True,
        ),
        _on_the_day(n.NT_13_TARGET),
    ),
)
CEILING = _due(
    "assessment_ceiling",
    "Assessment complete (at the latest)",
    Role.ASSESSMENT_WORKER,
    weeks(lambda p: p.assessment.ceiling_weeks),
    "R-ASM-2",
    anchor=ASSESSMENT_MAY_START,
    basis=Basis.SERVICE,
    while_in=frozenset({S.ASSESSMENT}),
    warns=(_on_the_day(n.NT_13_CEILING),),
)
VIABILITY = _due(
    "viability",
    "Viability assessment written",
    Role.ASSESSMENT_WORKER,
    working_days(lambda p: p.assessment.viability_working_days),
    "R-ASM-3",
    while_in=UNDER_WAY,
)
PLAN_REVIEW = _due(
    "support_plan_review",
    "Support plan reviewed",
    Role.CO_ORDINATOR,
    months(lambda p: p.post_order.plan_review_months),
    "R-SUP-10",
    basis=Basis.STATUTORY,
    while_in=frozenset({S.POST_ORDER}),
)
# --- notices, Legal, court ----------------------------------------------------------------------------
REPRESENTATIONS = _due(
    "representations",
    "Time for representations on the proposal",
    Role.ASSESSMENT_WORKER,
    days(lambda p: p.notices.representations_days),
    "R-SUP-8",
    # The number is the authority's; that the time stated in the notice is given is law (R-SUP-7): it never pauses.
    basis=Basis.STATUTORY,
    anchor="sent_on",
    while_in=BEFORE_COURT,
    warns=(
        _before(n.NT_16_NEAR, lambda p: p.warn.representations_days, Unit.DAYS),
        _on_the_day(n.NT_16_OVER),
    ),
    only_if=_gives_neither("representations_close_on"),
)
REPRESENTATIONS_GIVEN = replace(
    REPRESENTATIONS,
    count=AS_GIVEN,
    anchor="representations_close_on",
    only_if=_gives("representations_close_on"),
)
NOTICE_ACKNOWLEDGED = _due(
    "notice_acknowledged",
    "Notice of intention acknowledged",
    Role.LEGAL,
    working_days(lambda p: p.legal.notice_acknowledged_working_days),
    "R-NOT-1",
    anchor="received_on",
)
EARLIEST_APPLICATION = _due(
    "earliest_application",
    "First day on which the carers may apply",
    Role.LEGAL,
    not_before_months(lambda p: p.legal.notice_months),
    "R-LAW-4",
    basis=Basis.STATUTORY,
    anchor="received_on",
    while_in=BEFORE_COURT | {S.NOT_APPLICABLE, S.NOT_PROGRESSING},  # carers may apply without us (R-NOT-2)
    warns=(_before(n.NT_15, lambda p: p.warn.application_days, Unit.DAYS),),
)
REPORTS = _due(
    "reports_to_legal",
    "Reports complete with Legal before filing",
    Role.LEGAL,
    working_days_before(lambda p: p.legal.reports_working_days_before_filing),
    "R-ASM-11",
    anchor="filing_on",
    while_in=frozenset({S.WITH_LEGAL}),
)
DIRECTION = _due(
    "court_direction",
    "Court direction complied with",
    Role.LEGAL,
    AS_GIVEN,
    "R-CRT-1",
    basis=Basis.COURT,
    anchor="comply_by",
    many=True,
    while_in=OPEN,
    warns=(Warn(notice=n.NT_21, numbers=lambda p: p.warn.court_direction_working_days, unit=Unit.WORKING_DAYS),),
)
CARE_PROCEEDINGS = _due(
    "care_proceedings",
    "Care proceedings concluded",
    Role.LEGAL,
    Count(unit=Unit.WEEKS, number=lambda p: p.court.care_proceedings_weeks, beginning_with=True),
    "R-LAW-13",
    basis=Basis.STATUTORY,
    anchor="care_proceedings_issued_on",
    while_in=frozenset({S.IN_COURT}),
    # Without the day of issue there is no date: a wrong deadline is worse than none (rules R-CRT-2).
    only_if=_gives("care_proceedings_issued_on"),
)
CARE_PROCEEDINGS_EXTENDED = replace(CARE_PROCEEDINGS, count=AS_GIVEN, anchor="new_end_on", only_if=None)
ORDER_FOLLOWED_UP = _due(
    "order_followed_up",
    "Support after the order made live",
    Role.CO_ORDINATOR,
    working_days(lambda p: p.court.order_recorded_working_days),
    "R-CRT-5",
    while_in=frozenset({S.ORDER_MADE}),
)
CARE_PLAN_REVIEW_GIVEN = _due(
    "care_plan_review",
    "Care plan reviewed after court",
    Role.IRO,
    AS_GIVEN,
    "T20",
    anchor="review_on",
    only_if=_gives("review_on"),
    runs_on=True,
)
CARE_PLAN_REVIEW = _due(
    "care_plan_review",
    "Care plan reviewed after court",
    Role.IRO,
    days(lambda p: p.court.review_after_refusal_days),
    "T20",
    only_if=_gives_neither("review_on"),
    runs_on=True,
)
# --- not progressing ----------------------------------------------------------------------------------
REOPEN_GIVEN = _due(
    "reopen_review",
    "Decision not to progress looked at again",
    Role.TEAM_MANAGER,
    AS_GIVEN,
    "R-NP-1",
    anchor="reopen_on",
    while_in=frozenset({S.NOT_PROGRESSING}),
    only_if=_gives("reopen_on"),
    runs_on=True,
)
REOPEN = _due(
    "reopen_review",
    "Decision not to progress looked at again",
    Role.TEAM_MANAGER,
    months(lambda p: p.not_progressing.reopen_review_months),
    "R-NP-1",
    while_in=frozenset({S.NOT_PROGRESSING}),
    only_if=_gives_neither("reopen_on", "no_reopen_reason"),
    runs_on=True,
)
# --- standing -----------------------------------------------------------------------------------------
OPPOSITION_IF_AGAINST = _due(
    "opposition",
    "What a view against the plan means looked at",
    Role.TEAM_MANAGER,
    working_days(lambda p: p.views.opposition_prompt_working_days),
    "PT-12",
    many=True,
    while_in=OPEN,
    only_if=view_is_against,
    runs_on=True,
)
IRO_CONCERN = _due(
    "iro_concern",
    "IRO's concern settled",
    Role.TEAM_MANAGER,
    working_days(lambda p: p.reviews.iro_dispute_working_days),
    "R-LAC-6",
    basis=Basis.STATUTORY,
    while_in=OPEN,
)
NEXT_STEP = _due(
    "next_step",
    "Next step from the latest position",
    Role.CHILDS_WORKER,
    AS_GIVEN,
    "PR-3",
    anchor="by_when",
    while_in=OPEN,
    runs_on=True,
)
MEETING_HELD = _due(
    "kdd_held",
    "Key Decision Discussion on its date",
    Role.KDD_CHAIR,
    AS_GIVEN,
    "R-KDD-1",
    anchor="held_on",
    while_in=frozenset({S.KEY_DECISION}),
)

ALL_DUES: tuple[Due, ...] = tuple(value for value in globals().copy().values() if isinstance(value, Due))
