"""Every kind of message the pathway sends: to whom, when, and in what words (rules 8, design 5.12).

A row of a process table names these under `tells`, a deadline under `warns`. `words` is the kind of
step as people read it; it never says anything about a child. The text around it lives in
`notifications/templates/<folder>/`. A notice to the carers is a letter and never a mail (design 5.11).
"""

from __future__ import annotations

from states import notices_funding
from states.vocabulary import Delivery, Notice, Party, Role

_WORKERS = (Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.SUPERVISING_WORKER)

# --- at once: the short list of design 5.12, most urgent first ------------------------------------------

NT_32 = Notice(
    id="NT-32",
    folder="safeguarding",
    words="A safeguarding concern has been flagged",
    to=(Role.TEAM_MANAGER, Role.SAFEGUARDING, Role.IRO, Role.ASSESSMENT_WORKER),
    delivery=Delivery.NOW,
    rule="NT-32",
)
NT_22 = Notice(
    id="NT-22",
    folder="order_made",
    words="A court order has been made",
    to=(
        Role.CHILDS_WORKER,
        Role.SUPERVISING_WORKER,
        Role.IRO,
        Role.FINANCE,
        Role.CFS_PERMANENCE,
        Role.VIRTUAL_SCHOOL,
        Role.HEALTH,
        Role.CO_ORDINATOR,
        Role.LEGAL,  # who tells the parents (R-CRT-5)
    ),
    delivery=Delivery.NOW,
    rule="R-CRT-5",
)
NT_21_NEW = Notice(
    id="NT-21-NEW",
    folder="court_direction_new",
    words="A new court direction",
    # a direction's owner is one of the two workers (R-CRT-1), so both are told
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.LEGAL, Role.TEAM_MANAGER),
    delivery=Delivery.NOW,
    rule="NT-21",
)
NT_21_CHANGED = Notice(
    id="NT-21-CHANGED",
    folder="court_direction_changed",
    words="A changed court direction",
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.LEGAL, Role.TEAM_MANAGER),
    delivery=Delivery.NOW,
    rule="NT-21",
)
DIRECTION_BEFORE_TARGET = Notice(
    id="DIRECTION-BEFORE-TARGET",
    folder="direction_before_target",
    words="The court wants something earlier than planned",
    to=(Role.TEAM_MANAGER, Role.LEGAL),
    delivery=Delivery.NOW,
    rule="PT-14",
)
NT_10 = Notice(
    id="NT-10",
    folder="kdd_outcome_iro",
    words="The outcome of a Key Decision Discussion (KDD)",
    to=(Role.IRO,),
    delivery=Delivery.NOW,
    rule="R-KDD-4",
)
OVERRIDE = Notice(
    id="OVERRIDE",
    folder="override",
    words="A Head of Service has decided to go ahead without ratification",
    to=(Role.IRO,),
    delivery=Delivery.NOW,
    rule="A6",
)
DECISION_TO_CONFIRM = Notice(
    id="CONFIRM",
    folder="decision_to_confirm",
    words="A decision recorded in your name",
    to=(Party.DECIDER,),
    delivery=Delivery.NOW,
    rule="PR-2",
)
MAIL_NOT_DELIVERED = Notice(
    id="MAIL-FAILED",
    folder="mail_not_delivered",
    words="A message could not be delivered",
    to=(Role.TEAM_MANAGER,),  # or an administrator, where the case has no Team Manager
    delivery=Delivery.NOW,
    rule="N-4",
)

EMERGENCY = Notice(
    id="EMERGENCY",
    folder="emergency_access",
    words="Somebody opened a record in an emergency",
    to=(Role.GUARDIAN,),  # or a Director, where there is none
    delivery=Delivery.NOW,
    rule="R35",
)

TURNED_AWAY = Notice(
    id="TURNED-AWAY",
    folder="turned_away",
    words="Somebody was turned away often",
    to=(Role.TEAM_MANAGER,),  # or the information guardian, where nobody manages them
    delivery=Delivery.NOW,
    rule="reliability C1",
)
TOO_NEAR = Notice(
    id="TOO-NEAR",
    folder="too_near",
    words="Somebody asked for a child they are too near to",
    to=(Role.GUARDIAN,),  # or a Director, where there is none
    delivery=Delivery.NOW,
    rule="reliability C5",
)
LARGE_EXPORT = Notice(
    id="LARGE-EXPORT",
    folder="large_export",
    words="Somebody took a long list out",
    to=(Role.GUARDIAN,),  # or a Director, where there is none
    delivery=Delivery.NOW,
    rule="reliability C7",
)

TOO_FAST = Notice(
    id="TOO-FAST",
    folder="too_fast",
    words="Somebody asked for lists again and again",
    to=(Role.TEAM_MANAGER,),  # or the information guardian, where nobody manages them
    delivery=Delivery.NOW,
    rule="reliability C48",
)

# --- the pathway, in its order ---------------------------------------------------------------------------

NT_01 = Notice(
    id="NT-01",
    folder="newly_eligible",
    words="A child to rate",
    to=(Role.TEAM_MANAGER,),
    rule="NT-01",
)
NT_02_DUE = Notice(
    id="NT-02",
    folder="rating_due",
    words="A rating is due",
    to=(Role.TEAM_MANAGER,),
    rule="NT-02",
)
NT_02_LATE = Notice(
    id="NT-02-LATE",
    folder="rating_late",
    words="A rating is late",
    to=(Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE),
    rule="NT-02",
)
RATED = Notice(
    id="RATED",
    folder="rated",
    words="A child has been rated",
    to=_WORKERS,
    rule="rules 5.2",
)
NT_03 = Notice(
    id="NT-03",
    folder="agenda",
    words="A child on the Review Group's agenda",
    to=(Role.GROUP_CHAIR, Role.GROUP_MEMBER, Role.TEAM_MANAGER),
    dated=True,
    rule="NT-03",
)
MEETING_MOVED = Notice(
    id="MEETING-MOVED",
    folder="meeting_moved",
    words="A meeting has been moved or cancelled",
    to=(Role.GROUP_CHAIR, Role.GROUP_MEMBER, Role.GROUP_ADMINISTRATOR, Role.TEAM_MANAGER, *_WORKERS),
    dated=True,
    rule="PT-15",
)
LATE_PAPERS_ACCEPTED = Notice(
    id="LATE-PAPERS",
    folder="late_papers_accepted",
    words="Late papers accepted by the chair",
    to=(Role.TEAM_MANAGER, Role.GROUP_ADMINISTRATOR, Role.CHILDS_WORKER),
    rule="PT-4",
)
URGENT_DECISION = Notice(
    id="URGENT-DECISION",
    folder="urgent_decision",
    words="An urgent decision of the chair between two meetings",
    to=(Role.GROUP_MEMBER, Role.GROUP_ADMINISTRATOR, Role.HEAD_OF_SERVICE),
    rule="PT-15",
)
MEETING_INVITATION = Notice(
    id="MEETING-INVITATION",
    folder="meeting_invitation",
    words="A meeting to come",
    to=(Party.INVITED,),
    dated=True,
    rule="PT-4",
)
NT_03_AGENDA = Notice(
    id="NT-03-AGENDA",
    folder="agenda_published",
    words="The agenda of a meeting",
    to=(Party.INVITED,),
    dated=True,
    rule="NT-03",
)
NT_03_SUPPLEMENT = Notice(
    id="NT-03-SUPPLEMENT",
    folder="agenda_supplement",
    words="A supplement to an agenda: late papers or late children",
    to=(Party.INVITED,),
    dated=True,
    rule="PT-4",
)
NT_04 = Notice(
    id="NT-04",
    folder="group_decision",
    words="A decision of the Review Group",
    to=(
        Role.CHILDS_WORKER,
        Role.TEAM_MANAGER,
        Role.SUPERVISING_WORKER,
        Role.ASSESSMENT_WORKER,
        Role.IRO,
    ),
    rule="R-RG-8",
)
OBJECTION_WINDOW = Notice(
    id="OBJECTION-WINDOW",
    folder="objection_window",
    words="A decision made without your service's view",
    to=(Party.MISSING_SERVICE,),
    rule="PT-4",
)
SERVICE_OBJECTED = Notice(
    id="SERVICE-OBJECTED",
    folder="service_objected",
    words="A service has objected: back to the Review Group",
    to=(
        Role.GROUP_CHAIR,
        Role.GROUP_ADMINISTRATOR,
        Role.TEAM_MANAGER,
        Role.CHILDS_WORKER,
        Role.ASSESSMENT_WORKER,
    ),
    rule="PT-4",
)
NT_05 = Notice(
    id="NT-05",
    folder="return_date",
    words="A child's return to the Review Group",
    to=(Role.TEAM_MANAGER, Role.GROUP_ADMINISTRATOR),
    rule="NT-05",
)
NT_06 = Notice(
    id="NT-06",
    folder="trajectory_due",
    words="A trajectory to write",
    to=(Role.CHILDS_WORKER, Role.TEAM_MANAGER),
    rule="NT-06",
)
NT_06_LATE = Notice(
    id="NT-06-LATE",
    folder="trajectory_late",
    words="A trajectory is late",
    to=(Role.CHILDS_WORKER, Role.TEAM_MANAGER),
    rule="NT-06",
)
NT_07 = Notice(
    id="NT-07",
    folder="allocated",
    words="A child has been allocated",
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.SUPERVISING_WORKER),
    rule="NT-07",
)
HANDOVER = Notice(
    id="HANDOVER",
    folder="handover",
    words="A child has passed to you",
    to=(Party.NEW_HOLDER,),
    rule="PT-19",
)
NT_08_INVITE = Notice(
    id="NT-08-INVITE",
    folder="initial_meeting_invite",
    words="An initial meeting",
    to=(Role.CHILDS_WORKER, Role.SUPERVISING_WORKER),
    dated=True,
    rule="NT-08",
)
NT_08_INVITE_LETTER = Notice(
    id="NT-08L-INVITE",
    folder="initial_meeting_invite_letter",
    words="Letter: invitation to the initial meeting",
    to=(Party.CARERS,),
    rule="NT-08",
)
NT_08 = Notice(
    id="NT-08",
    folder="initial_meeting_outcome",
    words="The outcome of an initial meeting",
    to=(Role.CHILDS_WORKER, Role.SUPERVISING_WORKER),
    rule="NT-08",
)
NT_08_LETTER = Notice(
    id="NT-08L",
    folder="initial_meeting_outcome_letter",
    words="Letter: after the initial meeting",
    to=(Party.CARERS,),
    rule="NT-08",
)
BACK_TO_GROUP = Notice(
    id="BACK-TO-GROUP",
    folder="back_to_group",
    words="A child goes back to the Review Group",
    to=(Role.GROUP_CHAIR, Role.GROUP_ADMINISTRATOR, Role.TEAM_MANAGER, *_WORKERS, Role.IRO),
    rule="PT-13",
)
KDD_WANTED = Notice(
    id="KDD-WANTED",
    folder="kdd_wanted",
    words="A Key Decision Discussion (KDD) to arrange",
    to=(Role.KDD_CHAIR, Role.TEAM_MANAGER),
    rule="R-KDD-1",
)
NT_09 = Notice(
    id="NT-09",
    folder="kdd_scheduled",
    words="The date of a Key Decision Discussion (KDD)",
    to=(Role.LEGAL, Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.TEAM_MANAGER),
    dated=True,
    rule="NT-09",
)
NT_10_TEAM = Notice(
    id="NT-10-TEAM",
    folder="kdd_outcome",
    words="The outcome of a Key Decision Discussion (KDD)",
    to=(Role.SUPERVISING_WORKER, Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.TEAM_MANAGER),
    rule="NT-10",
)
NT_10_LETTER = Notice(
    id="NT-10L",
    folder="kdd_positive_letter",
    words="Letter: Special Guardianship is the plan, and the notice the carers must give",
    to=(Party.CARERS,),
    rule="R-KDD-4",
)
NT_10_FURTHER_WORK_LETTER = Notice(
    id="NT-10L-FURTHER",
    folder="kdd_further_work_letter",
    words="Letter: more work is needed before a decision",
    to=(Party.CARERS,),
    rule="NT-10",
)
ROA_DATE = Notice(
    id="ROA-DATE",
    folder="roa_scheduled",
    words="The date of a Review of Arrangements (ROA)",
    to=(Role.IRO, Role.CHILDS_WORKER, Role.ASSESSMENT_WORKER, Role.TEAM_MANAGER),
    dated=True,
    rule="PT-8",
)
NT_11 = Notice(
    id="NT-11",
    folder="roa_far_away",
    words="Can a Review of Arrangements (ROA) be brought forward?",
    to=(Role.IRO, Role.TEAM_MANAGER),
    rule="R-ROA-2",
)
NT_12 = Notice(
    id="NT-12",
    folder="roa_outcome",
    words="The outcome of a Review of Arrangements (ROA)",
    to=(Role.ASSESSMENT_WORKER, Role.LEGAL, Role.TEAM_MANAGER, Role.GROUP_CHAIR),
    rule="NT-12",
)
BACK_TO_KDD = Notice(
    id="BACK-TO-KDD",
    folder="back_to_kdd",
    words="A child goes back to a Key Decision Discussion (KDD)",
    to=(Role.KDD_CHAIR, Role.LEGAL, Role.TEAM_MANAGER, *_WORKERS, Role.IRO),
    rule="PT-11",
)
NT_13_MIDPOINT = Notice(
    id="NT-13-MID",
    folder="assessment_midpoint",
    words="An assessment is half way: mid-point review",
    to=(Role.ASSESSMENT_WORKER, Role.SGO_TEAM),
    rule="NT-13",
)
NT_13_WARNING = Notice(
    id="NT-13-WARN",
    folder="assessment_warning",
    words="An assessment is close to its target date",
    to=(Role.ASSESSMENT_WORKER, Role.SGO_TEAM),
    rule="NT-13",
)
NT_13_TARGET = Notice(
    id="NT-13-TARGET",
    folder="assessment_target",
    words="An assessment has reached its target date",
    to=(Role.ASSESSMENT_WORKER, Role.SGO_TEAM),
    rule="NT-13",
)
NT_13_CEILING = Notice(
    id="NT-13-CEILING",
    folder="assessment_ceiling",
    words="An assessment has reached its longest time",
    to=(Role.ASSESSMENT_WORKER, Role.SGO_TEAM, Role.HEAD_OF_SERVICE),
    rule="NT-13",
)
NT_14 = Notice(
    id="NT-14",
    folder="notice_of_intention",
    words="A notice of intention to apply has been received",
    to=(Role.LEGAL, Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER),
    rule="NT-14",
)
NT_14_LETTER = Notice(
    id="NT-14L",
    folder="notice_acknowledged_letter",
    words="Letter: we have received your notice of intention",
    to=(Party.CARERS,),
    rule="R-NOT-1",
)
NT_15 = Notice(
    id="NT-15",
    folder="application_date",
    words="The earliest application date is near",
    to=(Role.LEGAL, Role.ASSESSMENT_WORKER),
    rule="NT-15",
)
NT_16_NEAR = Notice(
    id="NT-16-NEAR",
    folder="representations_near",
    words="The time for representations is nearly over",
    to=(Role.ASSESSMENT_WORKER,),
    rule="NT-16",
)
NT_16_OVER = Notice(
    id="NT-16-OVER",
    folder="representations_over",
    words="The last day for representations",
    to=(Role.ASSESSMENT_WORKER,),
    rule="NT-16",
)
MONEY_AGREED = Notice(
    id="MONEY-AGREED",
    folder="money_agreed",
    words="Money agreed: notices and filing",
    to=(Role.CFS_PERMANENCE, Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER),
    rule="rules 5.0",
)
WITH_LEGAL = Notice(
    id="WITH-LEGAL",
    folder="with_legal",
    words="A file has come to Legal",
    to=(Role.LEGAL,),
    rule="R-ASM-11",
)
LEGAL_RETURNS = Notice(
    id="LEGAL-RETURNS",
    folder="legal_returns",
    words="Legal has returned a file",
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.TEAM_MANAGER),
    rule="PT-3",
)
APPLICATION_ISSUED = Notice(
    id="APPLICATION-ISSUED",
    folder="application_issued",
    words="An application has been issued",
    to=(*_WORKERS, Role.IRO, Role.TEAM_MANAGER, Role.LEGAL),
    rule="T17",
)
NT_21 = Notice(
    id="NT-21",
    folder="court_direction_due",
    words="A court direction is due",
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER, Role.LEGAL, Role.TEAM_MANAGER),
    delivery=Delivery.NOW,  # the only rung that does not wait for the digest: the same day (practice PN-2)
    rule="NT-21",
)
ORDER_OUT_OF_BLUE = Notice(
    id="AHEAD-OF-STEPS",
    folder="ahead_of_steps",
    words="Something has happened at court before the steps that lead to it",
    to=(Role.TEAM_MANAGER, Role.LEGAL),
    rule="PR-1",
)
NT_22_LETTER = Notice(
    id="NT-22L",
    folder="order_made_letter",
    words="Letter: the order has been made",
    to=(Party.CARERS,),
    rule="R-CRT-5",
)
APPLICATION_ENDED = Notice(
    id="APPLICATION-ENDED",
    folder="application_ended",
    words="An application has ended without an order",
    to=(*_WORKERS, Role.IRO, Role.TEAM_MANAGER, Role.LEGAL),
    rule="T20",
)
NOT_PROGRESSING = Notice(
    id="NOT-PROGRESSING",
    folder="not_progressing",
    words="A decision not to progress",
    to=(*_WORKERS, Role.IRO, Role.TEAM_MANAGER),
    rule="R-NP-1",
)
NOT_PROGRESSING_LETTER = Notice(
    id="NOT-PROGRESSING-L",
    folder="not_progressing_letter",
    words="Letter: Special Guardianship is not the plan for now",
    to=(Party.CARERS,),
    rule="R-NP-1",
)
REOPENED = Notice(
    id="REOPENED",
    folder="reopened",
    words="A child is back on the pathway",
    to=(*_WORKERS, Role.IRO, Role.TEAM_MANAGER),
    rule="T22",
)
CLOSED = Notice(
    id="CLOSED",
    folder="closed",
    words="A child's record has been closed",
    to=(*_WORKERS, Role.IRO, Role.TEAM_MANAGER),
    rule="T23",
)

# --- what can come at any time ---------------------------------------------------------------------------

NT_32_CLEARED = Notice(
    id="NT-32-CLEARED",
    folder="safeguarding_cleared",
    words="A safeguarding concern has been cleared",
    to=(Role.TEAM_MANAGER, Role.SAFEGUARDING, Role.IRO, Role.ASSESSMENT_WORKER),
    rule="R-ASM-12",
)
DECISION_DISPUTED = Notice(
    id="DISPUTED",
    folder="decision_disputed",
    words="A recorded decision is disputed",
    to=(Party.RECORDER, Role.TEAM_MANAGER),
    rule="PR-2",
)
STEP_REVERSED = Notice(
    id="REVERSED",
    folder="step_reversed",
    words="An earlier message no longer holds",
    to=(Party.TOLD_BEFORE,),
    rule="design 5.5",
)
OPPOSITION_RECORDED = Notice(
    id="OPPOSITION",
    folder="opposition",
    words="A view against the plan has been recorded",
    to=(Role.TEAM_MANAGER,),
    rule="PT-12",
)
CONCERN_RAISED = Notice(
    id="CONCERN",
    folder="concern",
    words="The independent reviewing officer has raised a concern",
    to=(Role.TEAM_MANAGER, Role.CHILDS_WORKER),
    rule="PT-21",
)
CONCERN_FORMAL = Notice(
    id="CONCERN-FORMAL",
    folder="concern_formal",
    words="The independent reviewing officer has raised a formal concern",
    to=(Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.IRO_MANAGER),
    rule="R-LAC-6",
)
PLACEMENT_ENDED = Notice(
    id="PLACEMENT-ENDED",
    folder="placement_ended",
    words="A placement has ended",
    to=(Role.TEAM_MANAGER, Role.GROUP_CHAIR, Role.GROUP_ADMINISTRATOR),
    rule="PT-13",
)
LETTER_READY = Notice(
    id="LETTER-READY",
    folder="letter_ready",
    words="A letter to print and send",
    to=(Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER),  # the first of the two who is allocated
    rule="N-2",
)

DIGEST = Notice(
    id="DIGEST",
    folder="digest",
    words="Your day",
    to=(Party.READER,),
    delivery=Delivery.NOW,  # it is itself what the others wait for
    rule="design 5.12",
)

#: Sent by casework itself, so no row of a process table need name them.
SENT_BY_CASEWORK: frozenset[Notice] = frozenset(
    {
        DECISION_TO_CONFIRM,
        DECISION_DISPUTED,
        STEP_REVERSED,
        MAIL_NOT_DELIVERED,
        EMERGENCY,
        TURNED_AWAY,
        TOO_NEAR,
        LARGE_EXPORT,
        TOO_FAST,
        MEETING_MOVED,
        MEETING_INVITATION,
        NT_03_AGENDA,
        NT_03_SUPPLEMENT,
        HANDOVER,
        LETTER_READY,
        DIGEST,
    }
)

#: Every notice by its id, most urgent first.
NOTICES: dict[str, Notice] = {
    notice.id: notice
    for notice in (*globals().copy().values(), *vars(notices_funding).values())
    if isinstance(notice, Notice)
}


def by_urgency(notices: frozenset[Notice] | set[Notice] | tuple[Notice, ...]) -> tuple[Notice, ...]:
    """The notices once each, most urgent first: that one gives a joint message its subject."""
    order = list(NOTICES)
    return tuple(sorted(set(notices), key=lambda notice: order.index(notice.id)))
