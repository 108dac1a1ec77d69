"""The funding request: every step from what is asked for to what may be paid, in the order in which it happens.

A row says what a row of `states/pathway.py` says. Which post signs at which amount is not here but in the policy and
`states/authority.py`; the rows lead to the desks, the guards let only who may sign. What was signed is frozen: what
has to change after that changes in a new round. Rows with `signs` are those in which somebody puts their name to money.
"""

from __future__ import annotations

from states import deadlines_funding as due
from states import notices as common
from states import notices_funding as tell
from states.funding_choices import (
    goes_after_hearing,
    goes_up_to,
    looked_at_again_by,
    passed_straight_up_to,
    returned_from,
    second_view_is_asked,
    second_view_leads_to,
    submitted_to,
)
from states.funding_stages import (
    ANY_REQUEST,
    DECIDED,
    HEARD,
    OPEN_REQUEST,
    SIGNED,
    UNSIGNED,
    F,
)
from states.guards import funding as asking
from states.guards import funding_moved as moved
from states.guards import funding_notices as after
from states.guards import funding_signing as signing
from states.guards import keeping
from states.records import funding as r_funding
from states.records import funding_decision as r_decision
from states.records import funding_hearing as r_hearing
from states.records import group as r_group
from states.records import keeping as r_keeping
from states.records import standing
from states.rows import NEW_CASE, act, decision, fact
from states.vocabulary import Anywhere, Due, Notice, Process, Role

SAME, BACK = Anywhere.SAME, Anywhere.BACK

WORKERS = (Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER)
PREPARERS = (*WORKERS, Role.SGO_TEAM)
LISTERS = (Role.CFS_PERMANENCE, Role.GROUP_ADMINISTRATOR)
#: Who may call off a meeting that hears requests: whoever keeps the Review Group, the panel or DMT.
KEEPERS = (*LISTERS, Role.GROUP_CHAIR, Role.PANEL_CHAIR, Role.SGO_TEAM)
HEAD_OF_SERVICE = (Role.HEAD_OF_SERVICE,)
ASSISTANT_DIRECTOR = (Role.ASSISTANT_DIRECTOR,)
DIRECTOR = (Role.DIRECTOR,)
CFS = (Role.CFS_PERMANENCE,)
#: Where a request can be worked on by those who prepare it.
WORKED_ON = (F.PREPARING, F.RETURNED)
#: Every turn-round of a step on the way to the signature, and of the whole route.
STEP_CLOCKS = (
    due.CHAIR,
    due.HEAD_OF_SERVICE,
    due.SECOND_HEAD_OF_SERVICE,
    due.ASSISTANT_DIRECTOR,
    due.DMT,
    due.DIRECTOR,
)
ROUTE_CLOCKS = (due.ROUTE, due.ROUTE_WITH_DMT)
DECIDED_MEETS = (*STEP_CLOCKS, *ROUTE_CLOCKS)

#: What a desk or a meeting opens when a request arrives there, and who is told.
ARRIVES: dict[F, tuple[tuple[Due, ...], tuple[Notice, ...]]] = {
    F.AT_REVIEW_GROUP: ((), (tell.NT_17_HEARING,)),
    F.AT_PERMANENCE_PANEL: ((), (tell.NT_17_HEARING,)),
    F.WITH_HEAD_OF_SERVICE: ((due.HEAD_OF_SERVICE,), (tell.NT_17_HEAD_OF_SERVICE,)),
    F.SECOND_VIEW: ((due.SECOND_HEAD_OF_SERVICE,), (tell.NT_18,)),
    F.AT_DMT: ((due.DMT,), (tell.NT_17_DMT,)),
    F.WITH_ASSISTANT_DIRECTOR: ((due.ASSISTANT_DIRECTOR,), (tell.NT_17_ASSISTANT_DIRECTOR,)),
    F.WITH_DIRECTOR: ((due.DIRECTOR,), (tell.NT_17_DIRECTOR,)),
    F.REFUSED: ((), (tell.NT_19,)),
}
SENIOR_DESKS = (F.WITH_ASSISTANT_DIRECTOR, F.WITH_DIRECTOR)
FIRST_DESKS = (F.AT_REVIEW_GROUP, F.AT_PERMANENCE_PANEL, F.WITH_HEAD_OF_SERVICE, *SENIOR_DESKS)

# fmt: off
STEPS = (
    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────
    decision("open_request", "Open a funding request", NEW_CASE, F.PREPARING, PREPARERS, r_funding.FundingAsked,
             "R-FIN-15", guards=(asking.child_may_have_requests, *asking.ASK)),
    *(decision("submit_request", f"Submit: {state.words[0].lower()}{state.words[1:]}", F.PREPARING, state, PREPARERS,
               r_hearing.FundingSubmitted, "R-FIN-1", when=submitted_to(state), guards=asking.SUBMIT,
               opens=(*ROUTE_CLOCKS, *ARRIVES[state][0]), meets=(due.NEEDS_LED,), tells=ARRIVES[state][1])
      for state in FIRST_DESKS),

    # ── Hearings: Review Group, Permanence Panel, DMT ────────────────────────────────────────────────────────────
    *(decision("chair_recommends", f"Recommend: then {state.words[0].lower()}{state.words[1:]}", heard, state,
               (Role.GROUP_CHAIR, Role.PANEL_CHAIR), r_hearing.FundingRecommended, rule, when=when,
               guards=(*asking.HEARING, asking.workers_were_there, asking.recommendation_says_how_much),
               opens=ARRIVES[state][0], meets=(due.CHAIR,), tells=ARRIVES[state][1], signs=True)
      for heard, state, rule, when in (
          (F.AT_REVIEW_GROUP, F.WITH_HEAD_OF_SERVICE, "R-FIN-1", None),
          *((F.AT_PERMANENCE_PANEL, state, "R-FIN-2", goes_after_hearing(state))
            for state in (F.WITH_HEAD_OF_SERVICE, F.AT_DMT, *SENIOR_DESKS)))),
    decision("chair_returns", "Return with questions from the hearing", HEARD, F.RETURNED,
             (Role.GROUP_CHAIR, Role.PANEL_CHAIR), r_hearing.FundingReturned, "R-FIN-8",
             guards=(asking.heard_at_its_meeting, asking.chair_speaks_for_the_meeting, asking.answers_are_to_come),
             opens=(due.ANSWERS,), meets=(due.CHAIR,), tells=(tell.FUNDING_RETURNED,)),
    *(decision(trigger, words, F.AT_DMT, state, ASSISTANT_DIRECTOR, r_hearing.DmtView, rule, when=goes_up_to(state),
               guards=asking.HEARING, opens=ARRIVES[state][0], meets=(due.DMT,), tells=ARRIVES[state][1], signs=True)
      for trigger, said, rule in (("dmt_approves", "DMT approves", "R-FIN-5"), ("dmt_refuses", "DMT refuses", "A4"))
      for state, words in ((F.WITH_ASSISTANT_DIRECTOR, f"{said}: then the Assistant Director"),
                           (F.WITH_DIRECTOR, f"{said}: then the Director"))),

    # ── The Head of Service ──────────────────────────────────────────────────────────────────────────────────────
    decision("head_of_service_approves", "Agree and sign as Head of Service", F.WITH_HEAD_OF_SERVICE, F.APPROVED,
             HEAD_OF_SERVICE, r_decision.FundingApproved, "R-FIN-3", guards=signing.AGREEING,
             cautions=(signing.child_still_needs_it,), opens=(due.UPLOAD,), meets=DECIDED_MEETS, tells=(tell.NT_19,),
             signs=True),
    *(decision("head_of_service_agrees", words, F.WITH_HEAD_OF_SERVICE, state, HEAD_OF_SERVICE,
               r_hearing.FundingPassedOn, "R-FIN-1", when=goes_up_to(state),
               guards=(signing.stands_apart, signing.somebody_more_senior_decides), opens=ARRIVES[state][0],
               meets=(due.HEAD_OF_SERVICE,), tells=ARRIVES[state][1], signs=True)
      for state, words in ((F.WITH_ASSISTANT_DIRECTOR, "Agree, and pass on to the Assistant Director"),
                           (F.WITH_DIRECTOR, "Agree, and pass on to the Director"))),
    decision("head_of_service_disagrees", "Disagree: ask a second Head of Service", F.WITH_HEAD_OF_SERVICE,
             F.SECOND_VIEW, HEAD_OF_SERVICE, r_hearing.FundingDissent, "A5", when=second_view_is_asked,
             guards=(signing.stands_apart, signing.there_is_a_recommendation), opens=(due.SECOND_HEAD_OF_SERVICE,),
             meets=(due.HEAD_OF_SERVICE,), tells=(tell.NT_18,), signs=True),
    *(decision("head_of_service_disagrees", f"Disagree: then {state.words[0].lower()}{state.words[1:]}",
               F.WITH_HEAD_OF_SERVICE, state, HEAD_OF_SERVICE, r_hearing.FundingDissent, "A5",
               when=passed_straight_up_to(state), guards=(signing.stands_apart, signing.there_is_a_recommendation),
               opens=ARRIVES[state][0], meets=(due.HEAD_OF_SERVICE,), tells=ARRIVES[state][1], signs=True)
      for state in SENIOR_DESKS),
    decision("head_of_service_refuses", "Refuse as Head of Service", F.WITH_HEAD_OF_SERVICE, F.REFUSED,
             HEAD_OF_SERVICE, r_decision.FundingRefused, "R-FIN-8",
             guards=(*signing.SIGNING, signing.no_recommendation_to_disagree_with), meets=DECIDED_MEETS,
             tells=(tell.NT_19,), signs=True),
    *(decision("second_head_of_service_views", f"Give the second view: then {state.words[0].lower()}{state.words[1:]}",
               F.SECOND_VIEW, state, HEAD_OF_SERVICE, r_hearing.SecondView, "A5", when=second_view_leads_to(state),
               guards=(signing.second_is_somebody_else, signing.post_is_not_new), opens=ARRIVES[state][0], meets=meets,
               tells=ARRIVES[state][1], signs=True)
      for state, meets in ((F.WITH_ASSISTANT_DIRECTOR, (due.SECOND_HEAD_OF_SERVICE,)),
                           (F.WITH_DIRECTOR, (due.SECOND_HEAD_OF_SERVICE,)), (F.REFUSED, DECIDED_MEETS))),

    # ── Assistant Director and Director ──────────────────────────────────────────────────────────────────────────
    decision("assistant_director_approves", "Agree and sign as Assistant Director", F.WITH_ASSISTANT_DIRECTOR,
             F.APPROVED, ASSISTANT_DIRECTOR, r_decision.FundingApproved, "R-FIN-3", guards=signing.AGREEING,
             cautions=(signing.child_still_needs_it,), opens=(due.UPLOAD,), meets=DECIDED_MEETS, tells=(tell.NT_19,),
             signs=True),
    decision("assistant_director_refuses", "Refuse as Assistant Director", F.WITH_ASSISTANT_DIRECTOR, F.REFUSED,
             ASSISTANT_DIRECTOR, r_decision.FundingRefused, "A22", guards=signing.SIGNING, meets=DECIDED_MEETS,
             tells=(tell.NT_19,), signs=True),
    decision("take_to_director", "Take it to the Director", F.WITH_ASSISTANT_DIRECTOR, F.WITH_DIRECTOR,
             ASSISTANT_DIRECTOR, r_hearing.FundingPassedOn, "A4", guards=(signing.stands_apart,),
             opens=(due.DIRECTOR,), meets=(due.ASSISTANT_DIRECTOR,), tells=(tell.NT_17_DIRECTOR,), signs=True),
    decision("director_approves", "Agree and sign as Director", F.WITH_DIRECTOR, F.APPROVED, DIRECTOR,
             r_decision.FundingApproved, "R-FIN-3", guards=signing.AGREEING,
             cautions=(signing.child_still_needs_it,), opens=(due.UPLOAD,), meets=DECIDED_MEETS, tells=(tell.NT_19,),
             signs=True),
    decision("director_refuses", "Refuse as Director", F.WITH_DIRECTOR, F.REFUSED, DIRECTOR,
             r_decision.FundingRefused, "R-FIN-8", guards=signing.SIGNING, meets=DECIDED_MEETS, tells=(tell.NT_19,),
             signs=True),

    # ── Returned with questions, and back ────────────────────────────────────────────────────────────────────────
    *(decision(trigger, "Return with questions", state, F.RETURNED, by, r_hearing.FundingReturned, "R-FIN-8",
               guards=(signing.returned_by_somebody_apart, asking.answers_are_to_come), opens=(due.ANSWERS,),
               meets=(clock,),
               tells=(tell.FUNDING_RETURNED,))
      for trigger, state, by, clock in (
          ("head_of_service_returns", F.WITH_HEAD_OF_SERVICE, HEAD_OF_SERVICE, due.HEAD_OF_SERVICE),
          ("assistant_director_returns", F.WITH_ASSISTANT_DIRECTOR, ASSISTANT_DIRECTOR, due.ASSISTANT_DIRECTOR),
          ("director_returns", F.WITH_DIRECTOR, DIRECTOR, due.DIRECTOR))),
    *(decision("answer_questions", f"Answer: back {state.words[0].lower()}{state.words[1:]}", F.RETURNED, state,
               PREPARERS, r_funding.FundingAnswered, "R-FIN-8", when=returned_from(state),
               guards=(asking.nothing_revised_since_returned, asking.placement_stands), opens=ARRIVES[state][0],
               meets=(due.ANSWERS,), tells=ARRIVES[state][1])
      for state in FIRST_DESKS),
    decision("take_up_again", "Take it up again and change it", F.RETURNED, F.PREPARING, PREPARERS,
             r_funding.FundingTakenUp, "R-FIN-8", meets=(due.ANSWERS,)),
    decision("withdraw_request", "Withdraw the request", UNSIGNED, F.REQUEST_CLOSED, (*PREPARERS, Role.TEAM_MANAGER),
             r_funding.FundingWithdrawn, "R-FIN-8", meets=ROUTE_CLOCKS),

    # ── After a refusal ──────────────────────────────────────────────────────────────────────────────────────────
    *(decision("hear_representations", f"Representations: then {state.words[0].lower()}{state.words[1:]}", F.REFUSED,
               state, PREPARERS, r_decision.FundingLookedAtAgain, "A22", when=looked_at_again_by(state),
               opens=ARRIVES[state][0], meets=(due.REPRESENTATIONS,), tells=ARRIVES[state][1])
      for state in SENIOR_DESKS),

    # ── After the signature ──────────────────────────────────────────────────────────────────────────────────────
    decision("ask_for_contract", "Ask for a contract", F.APPROVED, F.CONTRACT_PENDING, WORKERS,
             r_decision.ContractAsked, "R-FIN-9",
             guards=(signing.signature_confirmed, after.contract_is_needed, after.carers_were_advised_first),
             opens=(due.CONTRACT,), tells=(tell.NT_20,)),
    decision("sign_off", "Sign off: payable", (F.APPROVED, F.CONTRACT_PENDING), F.SIGNED_OFF, CFS,
             r_funding.FundingSignedOff, "R-FIN-14",
             guards=(*after.PAYABLE, after.on_the_tracker, asking.placement_stands), opens=(due.REVIEW,),
             signs=True),
    decision("open_new_round", "Open a new round", DECIDED, F.PREPARING, PREPARERS, r_funding.FundingTakenUp, "R6"),
    decision("close_request", "Close the request", (F.REFUSED, F.SIGNED_OFF), F.REQUEST_CLOSED,
             (*CFS, Role.TEAM_MANAGER), r_funding.FundingClosed, "PR-5", guards=(after.refusal_is_over,)),
    decision("reverse_last", "Take the last step back", ANY_REQUEST, BACK, tuple(Role), r_keeping.Reversal,
             "design 5.5", guards=(keeping.last_step_can_be_taken_back, signing.no_signature_is_taken_back)),
)

ACTS = (
    # ── While it is prepared ─────────────────────────────────────────────────────────────────────────────────────
    act("revise_request", "Change what is asked for", WORKED_ON, PREPARERS, r_funding.FundingRevised, "A23",
        guards=asking.ASK),
    act("record_means_test", "Record a means test", WORKED_ON, PREPARERS, r_funding.MeansTestDone, "R-MT-10",
        guards=(asking.illustration_before_ratification,), opens=(due.NEEDS_LED,)),
    act("write_needs_assessment", "Write the needs-led assessment (Appendix C)", WORKED_ON, PREPARERS,
        r_funding.NeedsAssessed, "R-NLA-1", guards=(asking.every_horizon_is_covered, asking.voice_heard_before)),
    act("write_referral", "Write the referral for a grant or loan", WORKED_ON, PREPARERS, r_funding.FundingReferral,
        "PM-4", guards=(asking.referral_fits_the_kind,)),

    # ── Hearings ─────────────────────────────────────────────────────────────────────────────────────────────────
    act("list_request", "Put the request on an agenda", HEARD | {F.AT_DMT}, LISTERS, r_hearing.FundingListed,
        "R-FIN-2", guards=(asking.meeting_hears_this,), cautions=(asking.chair_would_also_decide,),
        opens=(due.CHAIR,), meets=(due.CHAIR, due.LISTING), tells=(tell.NT_17_LISTED,)),
    decision("adjourn_hearing", "Adjourn to a later meeting", HEARD | {F.AT_DMT}, SAME,
             (Role.GROUP_CHAIR, Role.PANEL_CHAIR, Role.ASSISTANT_DIRECTOR, *LISTERS),
             r_hearing.FundingAdjourned, "PM-4",
             guards=(asking.meeting_hears_this, asking.adjourned_to_a_later_meeting), opens=(due.CHAIR,),
             meets=(due.CHAIR, due.LISTING), tells=(tell.NT_17_LISTED,)),
    act("move_with_meeting", "Move with a meeting that is called off", HEARD | {F.AT_DMT}, KEEPERS,
        r_group.MovedWithMeeting, "PT-15",
        guards=(asking.meeting_hears_this, moved.missed_meeting_is_called_off, moved.request_is_at_the_missed_meeting),
        opens=(due.CHAIR,), meets=(due.CHAIR, due.LISTING), tells=(tell.NT_17_MOVED,)),
    act("wait_for_meeting", "Wait for another meeting: the one that was to hear it is called off",
        HEARD | {F.AT_DMT}, KEEPERS, r_hearing.HearingLost, "PT-15",
        guards=(moved.missed_meeting_is_called_off, moved.request_is_at_the_missed_meeting),
        opens=(due.LISTING,), meets=(due.CHAIR,), tells=(tell.NT_17_WAITS,)),

    # ── After the signature ──────────────────────────────────────────────────────────────────────────────────────
    act("issue_proposal_notice", "Record the notice of proposed decision on money", DECIDED, WORKERS,
        r_decision.FundingProposal, "R-SUP-7", guards=(after.decision_stands, after.enough_time_to_answer),
        opens=(due.REPRESENTATIONS, due.REPRESENTATIONS_GIVEN), meets=(due.REPRESENTATIONS,),
        tells=(tell.NT_16_PROPOSED,)),
    act("close_funding_representations", "Close the time for representations on money", DECIDED, WORKERS,
        r_decision.FundingRepresentations, "R-SUP-7", guards=(after.time_to_answer_may_close,),
        meets=(due.REPRESENTATIONS,)),
    act("issue_decision_notice", "Record the notice of decision on money", DECIDED, WORKERS,
        r_decision.FundingDecisionNotice, "R-SUP-9",
        guards=(after.representations_closed, after.decision_notice_after_that, after.charge_is_said_plainly)),
    act("agree_conditions", "Record that the carers agree the conditions", SIGNED, WORKERS,
        r_decision.ConditionsAgreed, "R-MON-5", guards=(after.conditions_complete,)),
    act("record_contract", "Record the signed contract", F.CONTRACT_PENDING, (*WORKERS, Role.LEGAL),
        r_decision.ContractSigned, "R-FIN-9", guards=(after.advice_before_signing,), meets=(due.CONTRACT,)),
    act("upload_agreement", "Note that the agreement is in the case system and sent on", SIGNED, WORKERS,
        r_funding.AgreementUploaded, "R-FIN-10", guards=(signing.signature_confirmed,), opens=(due.TRACKER,),
        meets=(due.UPLOAD,), tells=(tell.AGREEMENT_SENT,)),
    act("receive_agreement", "Confirm that the agreement was received", SIGNED, CFS, r_funding.AgreementReceived,
        "PR-7", guards=(after.uploaded_before,)),
    act("enter_on_tracker", "Confirm that the agreement is on the tracker", SIGNED, CFS,
        r_funding.AgreementOnTracker, "R-FIN-10", guards=(after.uploaded_before, after.entered_once),
        meets=(due.TRACKER,)),
    act("review_allowance", "Record the annual review of the allowance", F.SIGNED_OFF,
        (Role.CO_ORDINATOR, *CFS, *PREPARERS), r_funding.FundingReviewed, "R-REV-1",
        guards=(after.paid_again_and_again, after.statement_has_come), opens=(due.REVIEW_AGAIN,), meets=(due.REVIEW,)),
    fact("record_payment", "Record a payment", ANY_REQUEST, SAME, (Role.FINANCE, *CFS), r_funding.Payment, "R-FIN-14",
         guards=after.PAID),

    # ── Keeping the record straight ──────────────────────────────────────────────────────────────────────────────
    act("note_told", "Note who was told", ANY_REQUEST, PREPARERS, standing.ToldOf, "PT-20", by_anyone_allocated=True),
    act("confirm_decision", "Confirm a decision recorded in your name", ANY_REQUEST, tuple(Role), r_keeping.Confirmed,
        "PR-2", guards=(keeping.entry_is_on_the_case, keeping.you_are_the_decider, keeping.still_to_confirm),
        signs=True),
    act("dispute_decision", "Dispute a decision recorded in your name", ANY_REQUEST, tuple(Role), r_keeping.Disputed,
        "PR-2", guards=(keeping.entry_is_on_the_case, keeping.you_are_the_decider, keeping.still_to_confirm),
        tells=(common.DECISION_DISPUTED,)),
    act("correct", "Correct a record", OPEN_REQUEST, PREPARERS, r_keeping.Correction, "R-SM-3",
        guards=(keeping.entry_is_on_the_case, keeping.can_be_corrected, signing.nothing_signed_is_corrected)),
    act("clear_flag", "Clear a flag", ANY_REQUEST, (Role.TEAM_MANAGER, Role.SGO_TEAM, *CFS), r_keeping.FlagCleared,
        "design 5.5"),
)
# fmt: on

FUNDING = Process(
    name="funding",
    states=F,
    rows=(*STEPS, *ACTS),
    final=frozenset({F.REQUEST_CLOSED}),
    usual=(
        F.PREPARING,
        F.AT_REVIEW_GROUP,
        F.WITH_HEAD_OF_SERVICE,
        F.WITH_ASSISTANT_DIRECTOR,
        F.APPROVED,
        F.SIGNED_OFF,
    ),
    letters="FR",
)

