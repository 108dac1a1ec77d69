"""Acts that leave the case where it is: facts, papers, people, clocks, corrections (design 4.2).

Each has its states and roles like any step. *Anyone allocated* may do what says so, besides the posts named.
"""

from __future__ import annotations

from dataclasses import replace

from states import deadlines as due
from states import notices as tell
from states.choices import (
    carers_on_record,
    concern_is_formal,
    concern_is_informal,
    concern_is_new,
    direction_changes,
    direction_is_earlier,
    direction_is_new,
    entry_left_the_state,
    entry_moved_the_state,
    placement_ended,
    post_is_assessment_worker,
    somebody_took_over,
    view_is_against,
)
from states.guards import assessment, court, discussion, group, keeping, scope
from states.guards import decision as decided
from states.records import assessment as r_assessment
from states.records import closing, opening, rating, standing, trajectory
from states.records import court as r_court
from states.records import decision as r_decision
from states.records import group as r_group
from states.records import keeping as r_keeping
from states.rows import act, decision
from states.stages import (
    AFTER_KDD,
    ANY,
    ASSESSING,
    OPEN,
    RATED_TO_LEGAL,
    UNDER_WAY,
    S,
)
from states.vocabulary import Anywhere, Nature, Role, Transition

WORKER = (Role.ASSESSMENT_WORKER,)
CHILDS_WORKER = (Role.CHILDS_WORKER,)
WORKERS = (Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.SUPERVISING_WORKER)
WORKERS_AND_MANAGERS = (*WORKERS, Role.TEAM_MANAGER, Role.SGO_TEAM)
MANAGERS = (Role.TEAM_MANAGER, Role.SGO_TEAM)
LEGAL = (Role.LEGAL,)
EVERYBODY = tuple(Role)
ON_THE_PATHWAY = OPEN - {S.NOT_APPLICABLE}
FACT = Nature.FACT

# fmt: off
ACTS: tuple[Transition, ...] = (
    # ── Who works with the child ─────────────────────────────────────────────────────────────────────────────
    act("allocate", "Allocate a worker", OPEN, MANAGERS, trajectory.Allocated, "T6",
        guards=(decided.person_can_hold_the_post,), opens=(due.INITIAL_MEETING_AFTER_ALLOCATION,),
        meets_if=((post_is_assessment_worker, due.ALLOCATION),), tells_if=((post_is_assessment_worker, tell.NT_07), (somebody_took_over, tell.HANDOVER))),
    act("change_applicants", "Record who applies and who belongs to the case", ON_THE_PATHWAY,
        (*WORKERS_AND_MANAGERS, Role.KDD_CHAIR), standing.ApplicantsChanged, "PT-11",
        guards=(decided.applicants_change_needs_kdd_or_reason,), by_anyone_allocated=True),
    act("link_sibling", "Link a brother or sister", OPEN, WORKERS_AND_MANAGERS, standing.SiblingLinked, "R-SM-4",
        by_anyone_allocated=True),
    act("end_sibling_link", "End a sibling link", OPEN, WORKERS_AND_MANAGERS, standing.SiblingUnlinked, "R-SM-4",
        by_anyone_allocated=True),

    # ── Where things stand ───────────────────────────────────────────────────────────────────────────────────
    act("set_latest_position", "Write the latest position", OPEN, MANAGERS, rating.LatestPosition, "PR-3",
        guards=(scope.next_step_follows,), opens=(due.NEXT_STEP,), meets=(due.NEXT_STEP,), by_anyone_allocated=True),
    act("add_view", "Write down a view", OPEN, (*WORKERS_AND_MANAGERS, Role.GROUP_MEMBER, Role.GROUP_CHAIR, Role.IRO),
        r_group.View, "R-RG-3", by_anyone_allocated=True, guards=(group.service_speaks_for_itself,), opens=(due.OPPOSITION_IF_AGAINST,),
        tells_if=((view_is_against, tell.OPPOSITION_RECORDED),)),
    act("record_barrier", "Record what stands in the way", ON_THE_PATHWAY, WORKERS_AND_MANAGERS,
        rating.BarrierRecorded, "R-RAG-6", guards=(scope.other_barrier_named,), by_anyone_allocated=True),
    act("update_child", "Update what is known of the child", ANY, (*MANAGERS, Role.DATA_MANAGER), opening.ChildUpdated,
        "R-ELG-4", guards=(scope.born_before_today,), by_anyone_allocated=True),
    act("attach_document", "Note a document", OPEN, (*WORKERS_AND_MANAGERS, Role.LEGAL, Role.IRO), standing.Attached,
        "PR-7", by_anyone_allocated=True),
    act("record_on_case_system", "Note an upload to the case system", OPEN, WORKERS_AND_MANAGERS,
        r_decision.OnCaseSystem, "PR-7", opens=(due.CFS_RECEIVED, due.CFS_TRACKER), meets=(due.KDD_RECORD,),
        by_anyone_allocated=True),
    act("receive_document", "Confirm that CFS Permanence has a document", OPEN, (Role.CFS_PERMANENCE,),
        r_decision.CfsReceived, "PR-7", guards=(keeping.upload_for_cfs_is_known,), meets=(due.CFS_RECEIVED,)),
    act("enter_document_on_tracker", "Confirm that a document is on the tracker", OPEN, (Role.CFS_PERMANENCE,),
        r_decision.CfsOnTracker, "PR-7", guards=(keeping.upload_for_cfs_is_known, keeping.upload_is_received),
        meets=(due.CFS_TRACKER,)),
    act("note_told", "Note who was told", ANY, (*WORKERS_AND_MANAGERS, Role.LEGAL, Role.IRO), standing.ToldOf, "PT-20",
        meets=(due.CARERS_LETTER,), by_anyone_allocated=True),

    # ── The Review Group ─────────────────────────────────────────────────────────────────────────────────────
    act("file_papers", "File the papers for the group", S.REVIEW_GROUP,
        (*WORKERS_AND_MANAGERS, Role.GROUP_ADMINISTRATOR), r_group.Papers, "R-RG-2", meets=(due.PAPERS,)),
    act("distribute_minutes", "Distribute the group's decision", OPEN, (Role.GROUP_ADMINISTRATOR, Role.GROUP_CHAIR),
        r_group.Minutes, "R-RG-8", meets=(due.MINUTES,)),
    decision("accept_late_papers", "Accept late papers", S.REVIEW_GROUP, Anywhere.SAME, (Role.GROUP_CHAIR,),
             r_group.LatePapersAccepted, "PT-4", guards=(group.late_papers_can_be_accepted,),
             tells=(tell.LATE_PAPERS_ACCEPTED,)),
    act("note_urgent_decision", "Note the chair's urgent decision", OPEN, (Role.GROUP_ADMINISTRATOR, Role.GROUP_CHAIR),
        r_group.UrgentNoted, "PT-15",
        guards=(group.urgent_decision_waits_to_be_noted, group.meeting_is_of_the_group,
                group.noted_at_a_meeting_that_was_held), meets=(due.URGENT_NOTED,)),
    act("move_with_meeting", "Move with a meeting that is called off", OPEN,
        (Role.GROUP_ADMINISTRATOR, Role.GROUP_CHAIR, Role.SGO_TEAM), r_group.MovedWithMeeting, "PT-15",
        guards=(group.meeting_is_of_the_group, group.meeting_is_to_come, group.missed_meeting_is_called_off,
                group.child_is_at_the_missed_meeting),
        opens=(due.PAPERS_MOVED, due.RETURN_MOVED, due.RELIST_MOVED, due.URGENT_NOTED_MOVED),
        tells=(tell.MEETING_MOVED,)),
    act("continue_further_work", "Confirm that further work goes on", S.FURTHER_WORK, (Role.HEAD_OF_SERVICE,),
        trajectory.Continued, "R-FW-2", meets=(due.CONTINUE,), nature=Nature.DECISION),

    # ── Trajectory and initial meeting ───────────────────────────────────────────────────────────────────────
    act("record_trajectory", "Write the trajectory", UNDER_WAY, WORKERS, trajectory.Trajectory, "R-TRJ-1",
        guards=(decided.milestones_in_true_order, decided.moved_dates_explained),
        cautions=(decided.milestones_in_usual_order,), meets=(due.TRAJECTORY,)),
    act("record_initial_meeting", "Record the initial meeting", (S.TRAJECTORY, S.FURTHER_WORK), WORKER,
        trajectory.InitialMeeting, "R-IM-3",
        guards=(decided.worker_allocated, decided.everyone_invited, decided.information_given_first),
        meets=(due.INITIAL_MEETING,), tells=(tell.NT_08,), tells_if=((carers_on_record, tell.NT_08_LETTER),)),
    act("invite_to_initial_meeting", "Invite to the initial meeting", (S.TRAJECTORY, S.FURTHER_WORK), WORKER,
        trajectory.InitialMeetingInvited, "R-IM-1", tells=(tell.NT_08_INVITE,),
        tells_if=((carers_on_record, tell.NT_08_INVITE_LETTER),)),
    act("record_family_network_meeting", "Record a Family Network Meeting", RATED_TO_LEGAL, WORKER,
        r_assessment.FamilyNetworkMeeting, "R-ASM-8", guards=(assessment.meeting_or_reason,)),
    act("record_genogram", "Record the cultural genogram", RATED_TO_LEGAL, WORKER, r_assessment.Genogram, "R-ASM-1"),

    # ── KDD and ROA ──────────────────────────────────────────────────────────────────────────────────────────
    act("schedule_kdd", "Set the date of the KDD", S.KEY_DECISION, (*WORKER, *MANAGERS, Role.KDD_CHAIR),
        r_decision.KddScheduled, "R-KDD-1", guards=(discussion.kdd_date_to_come, discussion.named_chair_may_chair),
        cautions=(discussion.kdd_before_the_review,), opens=(due.MEETING_HELD,),
        meets=(due.MEETING_HELD,), tells=(tell.NT_09,)),
    act("schedule_review", "Set the date of the review (ROA)", OPEN, (Role.IRO, Role.IRO_MANAGER, Role.TEAM_MANAGER),
        r_decision.ReviewScheduled, "R-ROA-2", tells=(tell.ROA_DATE,), by_anyone_allocated=True),
    act("record_review", "Record a review that was held", OPEN, (Role.IRO, Role.TEAM_MANAGER), r_decision.ReviewHeld,
        "R-LAC-2", nature=FACT, guards=(decided.participation_fits_the_age,),
        meets=(due.CARE_PLAN_REVIEW,), by_anyone_allocated=True),

    act("record_visit", "Record a visit to the child", OPEN, MANAGERS, standing.VisitMade, "R-LAC-4", nature=FACT,
        by_anyone_allocated=True),

    # ── Assessment and package ───────────────────────────────────────────────────────────────────────────────
    act("request_check", "Ask for a check", AFTER_KDD, WORKER, r_assessment.CheckRequested, "R-ASM-4",
        meets=(due.ASSESSMENT_START,)),
    act("receive_check", "Record a check that came back", AFTER_KDD, WORKER, r_assessment.CheckReceived, "R-ASM-4"),
    act("record_viability", "Record a viability assessment", UNDER_WAY, WORKER, r_assessment.Viability, "R-ASM-3",
        guards=(assessment.challenge_explained,), meets=(due.VIABILITY, due.ASSESSMENT_START)),
    act("start_viability", "Start a viability assessment", UNDER_WAY, WORKER, r_assessment.ViabilityStarted, "R-ASM-3",
        opens=(due.VIABILITY,)),
    act("draft_support_plan", "Draft the support plan", AFTER_KDD, (*WORKER, Role.CHILDS_WORKER),
        r_assessment.SupportPlan, "R-ASM-6", guards=(assessment.plan_review_within_a_year,)),
    act("sign_support_plan", "Record the signatures of the support plan", AFTER_KDD, WORKER,
        r_assessment.SupportPlanSigned, "R-ASM-6", guards=(assessment.plan_drafted, assessment.signed_or_why_not)),
    act("write_report", "Write the report", ASSESSING | {S.WITH_LEGAL}, WORKER, r_assessment.Report, "R-ASM-5",
        guards=(assessment.alternative_when_negative, assessment.wishes_ascertained_before),
        meets=(due.ASSESSMENT_START,)),
    act("hold_midpoint_review", "Record the mid-point review", S.ASSESSMENT, (*WORKER, Role.SGO_TEAM),
        r_assessment.MidpointReview, "R-ASM-2", meets=(due.MIDPOINT,)),
    act("check_quality", "Check the report", ASSESSING, (Role.SGO_TEAM, Role.TEAM_MANAGER, Role.ASSESSMENT_WORKER),
        r_assessment.QualityCheck, "R-ASM-9", guards=(assessment.not_the_author,), nature=Nature.DECISION),
    act("write_statement", "Write the statement of best interests", ASSESSING, WORKER, r_assessment.Statement,
        "R-ASM-1"),
    act("meet_condition", "Record that a condition is met", ASSESSING, WORKER, r_decision.ConditionMet, "R-ROA-3",
        meets=(due.CONDITION,)),
    act("set_financial_position", "Set the financial position", UNDER_WAY, (*WORKER, Role.CFS_PERMANENCE),
        r_assessment.FinancialPosition, "PT-9", guards=(assessment.agreement_named,)),
    act("note_agreement", "Note that money was agreed and signed", OPEN, (Role.HEAD_OF_SERVICE,),
        r_assessment.FinancialPosition, "R-FIN-10", guards=(assessment.agreement_signed_here,)),
    act("record_proposal_notice", "Record the notice of proposed decision", ASSESSING, (*WORKER, *MANAGERS),
        r_assessment.ProposalNotice, "R-SUP-7", guards=(assessment.enough_time_for_representations,),
        opens=(due.REPRESENTATIONS, due.REPRESENTATIONS_GIVEN), meets=(due.REPRESENTATIONS,)),
    act("close_representations", "Close the time for representations", ASSESSING, (*WORKER, *MANAGERS),
        r_assessment.RepresentationsClosed, "R-SUP-7", guards=(assessment.representations_may_close,),
        meets=(due.REPRESENTATIONS,)),
    act("record_decision_notice", "Record the notice of decision", ASSESSING, (*WORKER, *MANAGERS),
        r_assessment.DecisionNotice, "R-SUP-9", guards=(assessment.closed_before_deciding,)),

    # ── Notice and court ─────────────────────────────────────────────────────────────────────────────────────
    act("record_notice_of_intention", "Record a carer's notice of intention", ANY, (*LEGAL, *WORKER, *MANAGERS),
        r_court.NoticeOfIntention, "R-NOT-1", nature=FACT, by_anyone_allocated=True,
        guards=(court.notice_is_past,), opens=(due.NOTICE_ACKNOWLEDGED, due.EARLIEST_APPLICATION),
        meets=(due.EARLIEST_APPLICATION,), tells=(tell.NT_14,), tells_if=((carers_on_record, tell.NT_14_LETTER),)),
    act("acknowledge_notice", "Acknowledge the notice", OPEN, (*LEGAL, *WORKER), r_court.NoticeAcknowledged, "R-NOT-1",
        meets=(due.NOTICE_ACKNOWLEDGED,)),
    act("extend_proceedings", "Record that care proceedings are extended", S.IN_COURT, LEGAL,
        r_court.ProceedingsExtended, "R-CRT-2", nature=FACT, by_anyone_allocated=True,
        guards=(court.extension_within_its_weeks,), opens=(due.CARE_PROCEEDINGS_EXTENDED,)),
    act("record_court_direction", "Record a direction of the court", ANY, LEGAL, r_court.CourtDirection, "R-CRT-1",
        nature=FACT, by_anyone_allocated=True, opens=(due.DIRECTION,),
        tells_if=((direction_is_new, tell.NT_21_NEW), (direction_changes, tell.NT_21_CHANGED),
                  (direction_is_earlier, tell.DIRECTION_BEFORE_TARGET))),
    act("meet_direction", "Record that a direction is complied with", OPEN, LEGAL, r_court.DirectionMet, "R-CRT-1",
        by_anyone_allocated=True, guards=(court.direction_is_known,), meets=(due.DIRECTION,)),

    act("review_support_plan", "Review the support plan", S.POST_ORDER, (Role.CO_ORDINATOR,),
        r_assessment.SupportPlanReviewed, "R-SUP-10", opens=(due.PLAN_REVIEW,), meets=(due.PLAN_REVIEW,)),

    # ── Facts of the child's life: never refused (practice PR-1) ─────────────────────────────────────────────
    act("record_placement_change", "Record a change of placement", ANY, WORKERS_AND_MANAGERS,
        standing.PlacementChange, "PT-13", nature=FACT, by_anyone_allocated=True, opens=(due.RERATING_AFTER_PLACEMENT,),
        tells_if=((placement_ended, tell.PLACEMENT_ENDED),)),
    act("record_death", "Record the child's death", ANY, WORKERS_AND_MANAGERS, closing.Death, "PR-1", nature=FACT,
        by_anyone_allocated=True, guards=(scope.somebody_must_look,)),
    act("record_move_away", "Record a move out of the area", ANY, WORKERS_AND_MANAGERS, closing.MovedAway, "PR-1",
        nature=FACT, by_anyone_allocated=True, guards=(scope.somebody_must_look,)),
    act("record_leaving", "Record that the child left care, or that the order ended", ANY,
        (*WORKERS_AND_MANAGERS, Role.CO_ORDINATOR, Role.LEGAL), closing.Leaving, "T23", nature=FACT,
        by_anyone_allocated=True, guards=(scope.somebody_must_look,)),

    # ── Clocks and concerns ──────────────────────────────────────────────────────────────────────────────────
    act("pause_clock", "Pause the local clocks", RATED_TO_LEGAL, (*WORKER, *MANAGERS), standing.ClockPaused, "R-CLK-9",
        guards=(court.not_paused_yet, court.resume_expected_later)),
    act("resume_clock", "Let the clocks run again", OPEN, (*WORKER, *MANAGERS), standing.ClockResumed, "R-CLK-9",
        guards=(court.is_paused,)),
    act("flag_safeguarding", "Flag a safeguarding concern", OPEN, (*WORKERS_AND_MANAGERS, Role.SAFEGUARDING, Role.IRO),
        standing.Safeguarding, "R-ASM-12", by_anyone_allocated=True,
        guards=(court.no_safeguarding_open_already, court.resume_expected_later), tells=(tell.NT_32,)),
    act("clear_safeguarding", "Clear a safeguarding concern", OPEN, (Role.TEAM_MANAGER, Role.SAFEGUARDING),
        standing.SafeguardingCleared, "R-ASM-12", guards=(court.safeguarding_is_open,), nature=Nature.DECISION,
        tells=(tell.NT_32_CLEARED,)),
    act("raise_concern", "Raise a concern", OPEN, (Role.IRO, Role.IRO_MANAGER), standing.Concern, "R-LAC-6",
        guards=(court.concern_goes_up,), opens=(replace(due.IRO_CONCERN, only_if=concern_is_new),),
        tells_if=((concern_is_informal, tell.CONCERN_RAISED), (concern_is_formal, tell.CONCERN_FORMAL))),
    act("resolve_concern", "Settle a concern", OPEN, (Role.IRO, Role.IRO_MANAGER), standing.ConcernResolved, "R-LAC-6",
        guards=(court.concern_is_open,), meets=(due.IRO_CONCERN,)),

    # ── Keeping the record straight ──────────────────────────────────────────────────────────────────────────
    act("confirm_decision", "Confirm a decision recorded in your name", ANY, EVERYBODY, r_keeping.Confirmed, "PR-2",
        guards=(keeping.entry_is_on_the_case, keeping.you_are_the_decider, keeping.still_to_confirm)),
    act("dispute_decision", "Dispute a decision recorded in your name", ANY, EVERYBODY, r_keeping.Disputed, "PR-2",
        guards=(keeping.entry_is_on_the_case, keeping.you_are_the_decider, keeping.still_to_confirm),
        tells=(tell.DECISION_DISPUTED,)),
    act("correct", "Correct a record", ANY, WORKERS_AND_MANAGERS, r_keeping.Correction, "R-SM-3",
        guards=(keeping.entry_is_on_the_case, keeping.can_be_corrected), by_anyone_allocated=True),
    act("clear_flag", "Clear a flag", ANY, (*MANAGERS, Role.LEGAL), r_keeping.FlagCleared, "design 5.5"),
    act("move_act_to_right_child", "Move an entry to the right child", ANY, MANAGERS, r_keeping.ActMoved, "PT-16",
        when=entry_left_the_state, guards=(keeping.entry_is_on_the_case, keeping.can_move_to_another_child)),
    decision("move_act_to_right_child", "Move the last step to the right child", ANY, Anywhere.BACK, MANAGERS,
             r_keeping.ActMoved, "PT-16", when=entry_moved_the_state,
             guards=(keeping.entry_is_on_the_case, keeping.can_move_to_another_child)),
    act("restrict", "Restrict who may open the case", OPEN, (Role.TEAM_MANAGER,), r_keeping.Restricted, "R22",
        guards=(keeping.somebody_can_lift_it,), nature=Nature.DECISION),
    act("lift_restriction", "Lift the restriction", ANY, (Role.TEAM_MANAGER,), r_keeping.RestrictionLifted, "R22",
        nature=Nature.DECISION),
)
# fmt: on

#: Acts that keep the record straight: always there, and never what somebody looks for first.
STRAIGHTENING = frozenset(
    {
        "correct",
        "confirm_decision",
        "dispute_decision",
        "clear_flag",
        "move_act_to_right_child",
        "restrict",
        "lift_restriction",
        "reverse_last",
    }
)
