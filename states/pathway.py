"""The child's pathway: every step that moves a case, in the order in which it happens.

One row says: trigger, what people call it, from, to, who may decide it, what is written down, its rule; then
the conditions, the deadlines it opens and meets, and who is told. Acts that leave the case where it is stand in
`states/acts.py`. Change a row here and the engine, the command line, the flows and the pages follow.
"""

from __future__ import annotations

from dataclasses import replace

from states import deadlines as due
from states import notices as tell
from states.acts import ACTS
from states.choices import (
    came_from,
    carers_on_record,
    conditions_set,
    loops_reached,
    out_of_the_blue,
    papers_still_to_come,
    review_far_away,
    service_has_not_written,
    service_missing,
    stage_is,
    withdrawn,
)
from states.guards import assessment, court, discussion, freshness, group, keeping, scope
from states.guards import decision as decided
from states.records import assessment as r_assessment
from states.records import closing, opening, rating, trajectory
from states.records import court as r_court
from states.records import decision as r_decision
from states.records import group as r_group
from states.records import keeping as r_keeping
from states.records.court import HowWithdrawn
from states.rows import NEW_CASE, decision, fact
from states.stages import AFTER_KDD, ANY, BEFORE_COURT, OPEN, RATED_TO_LEGAL, UNDER_WAY, WITH_ORDER, S
from states.vocabulary import Anywhere, Due, Process, Role, Transition

SAME, BACK = Anywhere.SAME, Anywhere.BACK

TEAM_MANAGER = (Role.TEAM_MANAGER,)
WORKER = (Role.ASSESSMENT_WORKER,)
WORKER_OR_MANAGER = (Role.ASSESSMENT_WORKER, Role.TEAM_MANAGER)
GROUP_CHAIR = (Role.GROUP_CHAIR,)
KDD_CHAIR = (Role.KDD_CHAIR,)
IRO = (Role.IRO,)
HEAD_OF_SERVICE = (Role.HEAD_OF_SERVICE,)
LEGAL = (Role.LEGAL,)
INTAKE = (Role.TEAM_MANAGER, Role.SGO_TEAM, Role.DATA_MANAGER)
LISTERS = (Role.GROUP_ADMINISTRATOR, Role.TEAM_MANAGER, Role.SGO_TEAM, Role.GROUP_MEMBER)

# What several outcomes have in common.
AT_A_MEETING = (group.on_an_agenda, group.quorate, group.each_service_has_its_view, group.papers_in_or_accepted)
OUTCOME = (*AT_A_MEETING, group.changed_colour_explained, group.sibling_impact_said)
NEXT_MEETING = (group.meeting_is_of_the_group, group.meeting_is_to_come)
A_DATE_TO_COME_BACK = (group.return_date_in_the_future, group.return_date_within_the_interval)
KEY_DECISION = (
    decided.no_safeguarding_open,
    decided.legal_oversight,
    decided.chair_allowed,
    discussion.chair_senior_enough,
    decided.guardianship_compared,
)
REVIEW = (decided.iro_stands_outside, decided.review_was_held, decided.review_after_the_kdd, decided.participation_fits_the_age)
ASSESSMENT_CLOCKS = (due.ASSESSMENT_START, due.MIDPOINT, due.TARGET, due.CEILING)
#: Directions are given within proceedings: when those end, what was still open has no object any more (R-CRT-1).
#: What the order itself directs is recorded after it, with its own date.
DIRECTIONS = (due.DIRECTION,)
ASSESSMENT_CLOCKS_MET = (due.ASSESSMENT_START, due.TARGET, due.CEILING)
# Submitted before the money's last stretch is walked, with the conditions of the steps left out (practice PT-9).
SUBMIT_EARLY = tuple(
    dict.fromkeys((*assessment.COMPLETE_ASSESSMENT, *assessment.AGREE_PACKAGE, *assessment.SUBMIT))
)
NOT_PROGRESSING_OPENS = (due.REOPEN_GIVEN, due.REOPEN)
LETTER_WHY_NOT = ((carers_on_record, tell.NOT_PROGRESSING_LETTER),)
FURTHER_WORK_OPENS = (due.RETURN, due.TRAJECTORY, replace(due.CONTINUE, only_if=loops_reached))


def _since(deadline: Due, field: str) -> Due:
    """A deadline of a case that is brought forward runs from the day it began elsewhere (practice PR-4)."""
    return replace(deadline, anchor=field)


#: The clocks of a case that joins at a later stage.
BROUGHT_FORWARD_OPENS: dict[S, tuple[Due, ...]] = {
    S.COHORT: (due.FIRST_RATING,),
    S.NOT_APPLICABLE: (due.LOOK_AGAIN_BROUGHT_FORWARD,),
    S.RATED: (due.RERATING,),
    S.DEFERRED: (due.RERATING, due.RETURN),
    S.FURTHER_WORK: (due.RERATING, due.RETURN),
    S.TRAJECTORY: (
        due.RERATING,
        _since(due.TRAJECTORY, "group_progressed_on"),
        _since(due.ALLOCATION, "group_progressed_on"),
    ),
    S.KEY_DECISION: (due.RERATING, due.KDD),
    S.RATIFICATION: (due.RERATING, _since(due.RATIFICATION, "kdd_on")),
    S.ASSESSMENT: tuple(_since(clock, "ratified_on") for clock in (due.MIDPOINT, due.TARGET, due.CEILING)),
    S.FINANCIAL_PACKAGE: (),
    S.SIGN_OFF: (),
    S.WITH_LEGAL: (),
    S.IN_COURT: (),
    S.ORDER_MADE: (_since(due.ORDER_FOLLOWED_UP, "order_on"),),
    S.POST_ORDER: (_since(due.PLAN_REVIEW, "order_on"),),
    S.NOT_PROGRESSING: (due.REOPEN,),
}

# fmt: off
STEPS: tuple[Transition, ...] = (
    # ── A child joins ────────────────────────────────────────────────────────────────────────────────────────
    decision("open_case", "Join the cohort", NEW_CASE, S.COHORT, INTAKE, opening.ChildOpened, "R-ELG-3",
             guards=(scope.child_is_under_eighteen,), opens=(due.FIRST_RATING,), tells=(tell.NT_01,)),
    *(decision("bring_forward", "Join at the stage reached elsewhere", NEW_CASE, stage, (*INTAKE, Role.LEGAL),
               opening.BroughtForward, "PT-17", when=stage_is(stage),
               guards=(scope.stage_is_known, scope.child_is_under_eighteen, scope.evidence_for_the_stage,
                     scope.evidence_is_past), opens=opens)
      for stage, opens in BROUGHT_FORWARD_OPENS.items()),
    decision("rate", "Rate", S.COHORT, S.RATED, TEAM_MANAGER, rating.Rating, "T1",
             guards=(scope.young_enough_to_rate, scope.colour_is_ours, scope.other_barrier_named),
             opens=(due.RERATING,), meets=(due.FIRST_RATING,), tells=(tell.RATED,)),
    decision("mark_not_applicable", "Mark that the pathway does not apply", (S.COHORT, S.RATED), S.NOT_APPLICABLE,
             TEAM_MANAGER, opening.MarkedNotApplicable, "PT-1", guards=(scope.a_date_to_look_again_or_why_not,),
             opens=(due.LOOK_AGAIN,), meets=(due.FIRST_RATING,)),
    decision("reconsider", "Bring back into scope", S.NOT_APPLICABLE, S.COHORT, TEAM_MANAGER, opening.Reconsidered,
             "PT-1", opens=(due.FIRST_RATING,), meets=(due.LOOK_AGAIN,), tells=(tell.NT_01,)),
    decision("rerate", "Rate again", RATED_TO_LEGAL, SAME, TEAM_MANAGER, rating.Rating, "R-RAG-4",
             guards=(scope.colour_is_ours, scope.other_barrier_named), opens=(due.RERATING,),
             meets=(due.RERATING, due.RERATING_AFTER_CHANGE, due.OPPOSITION_IF_AGAINST), tells=(tell.RATED,)),

    # ── The Review Group ─────────────────────────────────────────────────────────────────────────────────────
    decision("list_for_group", "Put on the agenda", (S.RATED, S.DEFERRED), S.REVIEW_GROUP, LISTERS, r_group.Listing,
             "T2", guards=NEXT_MEETING, opens=(due.PAPERS,), meets=(due.RETURN,), tells=(tell.NT_03,)),
    decision("list_for_group", "Put on the agenda again", S.FURTHER_WORK, S.REVIEW_GROUP, LISTERS, r_group.Listing,
             "T10", guards=(*NEXT_MEETING, group.trajectory_newer_than_last_seen, group.head_of_service_lets_it_go_on),
             opens=(due.PAPERS,), meets=(due.RETURN, due.TRAJECTORY), tells=(tell.NT_03,)),
    *(decision("take_off_agenda", "Take off the agenda", S.REVIEW_GROUP, back, LISTERS, r_group.OffAgenda, "T5",
               when=came_from(back), guards=(group.listed_by_a_person,))
      for back in (S.RATED, S.DEFERRED, S.FURTHER_WORK)),
    decision("group_progresses", "Agree to progress", S.REVIEW_GROUP, S.TRAJECTORY, GROUP_CHAIR,
             r_group.GroupProgresses, "T3", guards=(*OUTCOME, group.reason_for_amber_or_red),
             opens=(due.TRAJECTORY, due.ALLOCATION, due.INITIAL_MEETING_WITH_A_WORKER, due.MINUTES,
                    replace(due.OBJECTION, only_if=service_missing)),
             meets=(due.PAPERS, due.RELIST), tells=(tell.NT_04, tell.NT_06),
             tells_if=((service_missing, tell.OBJECTION_WINDOW),)),
    decision("group_defers", "Return to group later", S.REVIEW_GROUP, S.DEFERRED, GROUP_CHAIR, r_group.GroupDefers,
             "T4", guards=(*OUTCOME, *A_DATE_TO_COME_BACK),
             cautions=(group.return_date_in_time_for_the_child,), opens=(due.RETURN, due.MINUTES),
             meets=(due.PAPERS, due.RELIST), tells=(tell.NT_04,)),
    decision("group_asks_further_work", "Ask for further work", S.REVIEW_GROUP, S.FURTHER_WORK, GROUP_CHAIR,
             r_group.GroupAsksFurtherWork, "PT-3",
             guards=(*OUTCOME, *A_DATE_TO_COME_BACK, group.first_loop_within_its_months),
             opens=(*FURTHER_WORK_OPENS, due.MINUTES), meets=(due.PAPERS, due.RELIST), tells=(tell.NT_04,)),
    decision("group_decides_not_to_progress", "Decide not to progress", S.REVIEW_GROUP, S.NOT_PROGRESSING,
             GROUP_CHAIR, r_group.NotProgressing, "R-NP-1",
             guards=(*AT_A_MEETING, group.sibling_impact_said, group.look_again_or_why_never),
             opens=(*NOT_PROGRESSING_OPENS, due.MINUTES), meets=(due.PAPERS, due.RELIST),
             tells=(tell.NT_04, tell.NOT_PROGRESSING), tells_if=LETTER_WHY_NOT),
    decision("group_adjourns", "Adjourn to the next meeting", S.REVIEW_GROUP, SAME, GROUP_CHAIR, r_group.GroupAdjourns,
             "PT-3", guards=(group.on_an_agenda, *NEXT_MEETING, group.next_meeting_is_later),
             opens=(replace(due.PAPERS, only_if=papers_still_to_come),),
             tells=(tell.NT_03,)),
    *(decision("decide_urgently", words, sources, S.TRAJECTORY, GROUP_CHAIR, r_group.UrgentDecision, "PT-15",
               guards=(group.urgent_decisions_allowed, group.services_have_written, *NEXT_MEETING,
                       group.changed_colour_explained, group.sibling_impact_said, group.reason_for_amber_or_red, *more),
               opens=(due.TRAJECTORY, due.ALLOCATION, due.INITIAL_MEETING_WITH_A_WORKER, due.MINUTES, due.URGENT_NOTED,
                      replace(due.OBJECTION, only_if=service_has_not_written)),
               meets=(due.PAPERS, due.RELIST, due.RETURN), tells=(tell.NT_04, tell.NT_06, tell.URGENT_DECISION),
               tells_if=((service_has_not_written, tell.OBJECTION_WINDOW),))
      for words, sources, more in (
          ("Agree to progress, urgently between meetings", (S.RATED, S.DEFERRED, S.REVIEW_GROUP), ()),
          ("Agree to progress, urgently after further work", S.FURTHER_WORK,
           (group.trajectory_newer_than_last_seen, group.head_of_service_lets_it_go_on)))),
    decision("service_objects", "Object for a service that was missing", S.TRAJECTORY, S.REVIEW_GROUP,
             (Role.GROUP_MEMBER,), r_group.Objection, "PT-4",
             guards=(*NEXT_MEETING, group.service_was_missing, group.within_the_objection_days),
             opens=(due.PAPERS,), meets=(due.OBJECTION,), tells=(tell.SERVICE_OBJECTED,)),
    decision("desk_review_unchanged", "Review at the desk: unchanged", S.DEFERRED, SAME, GROUP_CHAIR,
             r_group.DeskReview, "PT-2", guards=(group.desk_reviews_allowed, *A_DATE_TO_COME_BACK),
             cautions=(group.return_date_in_time_for_the_child,), opens=(due.RETURN,), meets=(due.RETURN,), tells=(tell.NT_04,)),

    # ── Towards the decision ─────────────────────────────────────────────────────────────────────────────────
    decision("needs_further_work", "Ask for further work first", S.TRAJECTORY, S.FURTHER_WORK, WORKER,
             trajectory.FurtherWork, "T9",
             guards=(decided.worker_allocated, group.return_date_in_the_future, group.first_loop_within_its_months),
             opens=FURTHER_WORK_OPENS, tells=(tell.NT_06,)),
    decision("proceed_to_kdd", "Go on to the Key Decision Discussion", (S.TRAJECTORY, S.FURTHER_WORK), S.KEY_DECISION,
             WORKER, trajectory.ReadyForKdd, "T8",
             guards=(decided.group_has_progressed, decided.worker_allocated, decided.initial_meeting_lets_it_go_on,
                     decided.initial_meeting_says_go_on, decided.trajectory_complete),
             cautions=(discussion.carer_has_standing,), opens=(due.KDD,), tells=(tell.KDD_WANTED,)),
    decision("carer_declines", "Carer declines: back to the group", UNDER_WAY, S.REVIEW_GROUP, WORKER,
             r_group.BackToGroup, "R-IM-2", guards=NEXT_MEETING, opens=(due.PAPERS,), tells=(tell.BACK_TO_GROUP,)),
    decision("return_to_group", "Back to the group on new facts", UNDER_WAY, S.REVIEW_GROUP, WORKER_OR_MANAGER,
             r_group.BackToGroup, "PT-13", guards=NEXT_MEETING, opens=(due.PAPERS,), tells=(tell.BACK_TO_GROUP,)),
    decision("return_to_kdd", "Back to the Key Decision Discussion", AFTER_KDD, S.KEY_DECISION, WORKER,
             r_decision.BackToKdd, "PT-11", opens=(due.KDD,), tells=(tell.BACK_TO_KDD,)),

    # ── Key Decision Discussion and ratification ─────────────────────────────────────────────────────────────
    decision("kdd_sgo_appropriate", "KDD: special guardianship is right", S.KEY_DECISION, S.RATIFICATION, KDD_CHAIR,
             r_decision.KeyDecision, "T11", guards=KEY_DECISION,
             opens=(due.RATIFICATION, due.KDD_RECORD, replace(due.CARERS_LETTER, only_if=carers_on_record)),
             meets=(due.KDD, due.MEETING_HELD), tells=(tell.NT_10, tell.NT_10_TEAM),
             tells_if=((carers_on_record, tell.NT_10_LETTER), (review_far_away, tell.NT_11))),
    decision("kdd_further_work", "KDD: further work", S.KEY_DECISION, S.FURTHER_WORK, KDD_CHAIR,
             r_decision.KeyDecisionFurtherWork, "T12",
             guards=(*KEY_DECISION, group.return_date_in_the_future, group.first_loop_within_its_months),
             opens=(*FURTHER_WORK_OPENS, due.KDD_RECORD), meets=(due.KDD, due.MEETING_HELD),
             tells=(tell.NT_10, tell.NT_10_TEAM), tells_if=((carers_on_record, tell.NT_10_FURTHER_WORK_LETTER),)),
    decision("kdd_not_to_progress", "KDD: not to progress", S.KEY_DECISION, S.NOT_PROGRESSING, KDD_CHAIR,
             r_decision.KeyDecisionNotToProgress, "T13", guards=(*KEY_DECISION, group.look_again_or_why_never),
             opens=(*NOT_PROGRESSING_OPENS, due.KDD_RECORD), meets=(due.KDD, due.MEETING_HELD),
             tells=(tell.NT_10, tell.NT_10_TEAM, tell.NOT_PROGRESSING), tells_if=LETTER_WHY_NOT),
    decision("kdd_adjourns", "KDD: adjourned", S.KEY_DECISION, SAME, KDD_CHAIR, r_decision.KddAdjourned, "PT-3",
             guards=(discussion.next_kdd_to_come,), opens=(replace(due.MEETING_HELD, anchor="next_on"),),
             meets=(due.MEETING_HELD,), tells=(tell.NT_09,)),
    decision("roa_ratifies", "ROA: ratified", S.RATIFICATION, S.ASSESSMENT, IRO, r_decision.Ratification, "T14",
             guards=(*REVIEW, decided.plan_says_guardianship, decided.decision_covers_the_applicants),
             opens=(*ASSESSMENT_CLOCKS, replace(due.CONDITION, only_if=conditions_set)), meets=(due.RATIFICATION,),
             tells=(tell.NT_12,)),
    decision("roa_does_not_ratify", "ROA: not ratified", S.RATIFICATION, S.REVIEW_GROUP, IRO, r_decision.NotRatified,
             "T15", guards=(*REVIEW, *NEXT_MEETING), opens=(due.RELIST, due.PAPERS), tells=(tell.NT_12,)),
    decision("roa_defers", "ROA: put off", S.RATIFICATION, SAME, IRO, r_decision.RatificationDeferred, "PT-3",
             guards=(decided.iro_stands_outside, decided.review_after_the_kdd, decided.participation_fits_the_age),
             tells=(tell.NT_12,)),
    decision("override_ratification", "Go ahead without ratification", S.RATIFICATION, S.ASSESSMENT, HEAD_OF_SERVICE,
             r_decision.Override, "A6",
             guards=(decided.senior_enough_to_override, decided.a_review_has_considered_it, decided.decision_covers_the_applicants),
             opens=ASSESSMENT_CLOCKS, meets=(due.RATIFICATION,), tells=(tell.OVERRIDE, tell.NT_12)),
    decision("override_ratification", "Go ahead without ratification", S.REVIEW_GROUP, S.ASSESSMENT, HEAD_OF_SERVICE,
             r_decision.Override, "A6", guards=(decided.senior_enough_to_override, decided.last_review_did_not_ratify, decided.decision_covers_the_applicants),
             opens=ASSESSMENT_CLOCKS, meets=(due.RELIST,), tells=(tell.OVERRIDE, tell.NT_12)),

    # ── Assessment, money, Legal: side by side, joined at submission (practice PT-9) ───────────────────────────
    decision("complete_assessment", "Complete the assessment", S.ASSESSMENT, S.FINANCIAL_PACKAGE, WORKER,
             r_assessment.AssessmentComplete, "R-ASM-9", guards=assessment.COMPLETE_ASSESSMENT,
             meets=ASSESSMENT_CLOCKS_MET),
    decision("agree_package", "Agree the package", S.FINANCIAL_PACKAGE, S.SIGN_OFF, WORKER, r_assessment.PackageAgreed,
             "PT-9", guards=assessment.AGREE_PACKAGE, tells=(tell.MONEY_AGREED,)),
    decision("submit_to_legal", "Submit to Legal", S.SIGN_OFF, S.WITH_LEGAL, WORKER, r_assessment.Submission, "T16",
             guards=assessment.SUBMIT, cautions=(freshness.checks_fresh,), opens=(due.REPORTS,), tells=(tell.WITH_LEGAL,)),
    decision("submit_to_legal", "Submit to Legal", S.FINANCIAL_PACKAGE, S.WITH_LEGAL, WORKER, r_assessment.Submission,
             "PT-9", guards=SUBMIT_EARLY, cautions=(freshness.checks_fresh,), carries=("complete_assessment", "agree_package"), opens=(due.REPORTS,),
             meets=ASSESSMENT_CLOCKS_MET, tells=(tell.WITH_LEGAL,)),
    decision("submit_to_legal", "Submit to Legal", S.ASSESSMENT, S.WITH_LEGAL, WORKER, r_assessment.Submission, "PT-9",
             guards=SUBMIT_EARLY, cautions=(freshness.checks_fresh,), carries=("complete_assessment", "agree_package"), opens=(due.REPORTS,),
             meets=ASSESSMENT_CLOCKS_MET, tells=(tell.WITH_LEGAL,)),
    decision("legal_returns", "Return the file", S.WITH_LEGAL, S.ASSESSMENT, LEGAL, r_assessment.LegalReturns, "PT-3",
             tells=(tell.LEGAL_RETURNS,)),

    # ── Court: facts, recorded from any state; what is missing becomes an urgent flag (practice PR-1) ────────────
    fact("application_issued", "Application issued", BEFORE_COURT | {S.NOT_APPLICABLE, S.NOT_PROGRESSING}, S.IN_COURT,
         LEGAL, r_court.ApplicationIssued, "T17", guards=(court.submitted_before_issue, court.three_months_notice,
                                           court.proceedings_have_their_date),
         opens=(due.CARE_PROCEEDINGS,), meets=(due.REPORTS, due.EARLIEST_APPLICATION), tells=(tell.APPLICATION_ISSUED,)),
    fact("order_made", "Order made", ANY - WITH_ORDER, S.ORDER_MADE, LEGAL, r_court.OrderMade, "T18",
         guards=(court.application_before_order, court.end_code_fits_the_placement, court.order_before_eighteen),
         opens=(due.ORDER_FOLLOWED_UP,), meets=(due.CARE_PROCEEDINGS,), ends=DIRECTIONS, tells=(tell.NT_22,),
         tells_if=((carers_on_record, tell.NT_22_LETTER), (out_of_the_blue, tell.ORDER_OUT_OF_BLUE))),
    fact("court_refuses", "Court refuses", S.IN_COURT, S.NOT_PROGRESSING, LEGAL, r_court.CourtRefuses, "T20",
         guards=(court.plan_when_refused, court.review_soon_after_refusal),
         opens=(due.CARE_PLAN_REVIEW_GIVEN, due.CARE_PLAN_REVIEW, due.REOPEN_GIVEN, due.REOPEN), ends=DIRECTIONS,
         tells=(tell.APPLICATION_ENDED,)),
    fact("withdraw_application", "Application withdrawn for good", S.IN_COURT, S.NOT_PROGRESSING, LEGAL,
         r_court.ApplicationWithdrawn, "T20", when=withdrawn(HowWithdrawn.FOR_GOOD),
         guards=(court.plan_when_withdrawn_for_good,),
         opens=(due.CARE_PLAN_REVIEW, due.REOPEN_GIVEN, due.REOPEN), ends=DIRECTIONS,
         tells=(tell.APPLICATION_ENDED,)),
    fact("withdraw_application", "Application withdrawn to issue it again", S.IN_COURT, S.WITH_LEGAL, LEGAL,
         r_court.ApplicationWithdrawn, "T20", when=withdrawn(HowWithdrawn.TO_REISSUE), ends=DIRECTIONS,
         tells=(tell.APPLICATION_ENDED,)),
    decision("activate_support", "Make support live", S.ORDER_MADE, S.POST_ORDER, (Role.CO_ORDINATOR,),
             r_court.SupportActivated, "T19", guards=(court.payment_facts_where_paid,), opens=(due.PLAN_REVIEW,),
             meets=(due.ORDER_FOLLOWED_UP,)),

    # ── Stopping, coming back, closing ─────────────────────────────────────────────────────────────────────────
    decision("stop", "Stop: not to progress", RATED_TO_LEGAL, S.NOT_PROGRESSING,
             (Role.GROUP_CHAIR, Role.KDD_CHAIR, Role.HEAD_OF_SERVICE), r_group.NotProgressing, "T21",
             guards=(group.look_again_or_why_never,), opens=NOT_PROGRESSING_OPENS, tells=(tell.NOT_PROGRESSING,),
             tells_if=LETTER_WHY_NOT),
    decision("reopen", "Open again on new information", S.NOT_PROGRESSING, S.RATED, (Role.TEAM_MANAGER, Role.IRO),
             closing.Reopened, "T22", opens=(due.RERATING_AFTER_CHANGE,), meets=(due.REOPEN, due.REOPEN_GIVEN),
             tells=(tell.REOPENED,)),
    decision("end", "Close the case", OPEN, S.ENDED, TEAM_MANAGER, closing.Ended, "T23",
             guards=(scope.code_fits_the_end, scope.no_money_left_undecided), tells=(tell.CLOSED,)),
    decision("transfer_out", "Hand over to another authority", OPEN, S.ENDED, TEAM_MANAGER, closing.TransferredOut,
             "PT-17", guards=(scope.no_money_left_undecided,), tells=(tell.CLOSED,)),
    decision("merge", "Merge with the same child's other case", OPEN, S.ENDED, (Role.TEAM_MANAGER, Role.DATA_MANAGER),
             closing.Merged, "PT-16", guards=(scope.no_request_left_behind,)),
    decision("reverse_last", "Take the last step back", ANY, BACK, tuple(Role), r_keeping.Reversal, "design 5.5",
             guards=(keeping.last_step_can_be_taken_back,)),
)
# fmt: on

#: Notices that no row names, because they follow from how any act was done.
SENT_BY_ANY_ACT = (
    tell.DECISION_TO_CONFIRM,
    tell.STEP_REVERSED,
    tell.MAIL_NOT_DELIVERED,
    tell.LETTER_READY,
    tell.MEETING_INVITATION,
    tell.NT_03_AGENDA,
    tell.NT_03_SUPPLEMENT,
)

PATHWAY = Process(name="case", states=S, rows=(*STEPS, *ACTS), final=frozenset({S.ENDED}), letters="SG")
