"""The messages of funding requests: hand-overs, disagreement, outcome, contract (rules 8, NT-16 to NT-20).

They stand in the catalogue of `states/notices.py`. None of them says an amount, a purpose or a child.
"""

from __future__ import annotations

from states.vocabulary import Notice, Role

_WORKERS = (Role.ASSESSMENT_WORKER, Role.CHILDS_WORKER)

NT_17_HEARING = Notice(
    id="NT-17-HEARING",
    folder="funding_to_list",
    words="A funding request needs a date at a meeting",
    to=(Role.CFS_PERMANENCE, Role.GROUP_ADMINISTRATOR),
    rule="NT-17",
)
NT_17_LISTED = Notice(
    id="NT-17-LISTED",
    folder="funding_listed",
    words="A funding request is on the agenda of a meeting",
    to=(*_WORKERS, Role.PANEL_CHAIR),
    rule="NT-17",
    dated=True,
)
NT_17_MOVED = Notice(
    id="NT-17-MOVED",
    folder="funding_moved",
    words="The meeting that hears a funding request has been moved or cancelled",
    to=(*_WORKERS, Role.PANEL_CHAIR, Role.CFS_PERMANENCE),
    rule="PT-15",
    dated=True,
)
NT_17_WAITS = Notice(
    id="NT-17-WAITS",
    folder="funding_waits",
    words="A funding request has lost its meeting and needs another",
    to=(Role.CFS_PERMANENCE, Role.GROUP_ADMINISTRATOR, *_WORKERS),
    rule="PT-15",
)
NT_17_HEAD_OF_SERVICE = Notice(
    id="NT-17-HOS",
    folder="funding_with_head_of_service",
    words="A funding request waits for the Head of Service",
    to=(Role.HEAD_OF_SERVICE, Role.CFS_PERMANENCE),
    rule="NT-17",
)
NT_17_DMT = Notice(
    id="NT-17-DMT",
    folder="funding_at_dmt",
    words="A funding request goes to DMT",
    to=(Role.ASSISTANT_DIRECTOR, Role.CFS_PERMANENCE),
    rule="NT-17",
)
NT_17_ASSISTANT_DIRECTOR = Notice(
    id="NT-17-AD",
    folder="funding_with_assistant_director",
    words="A funding request waits for the Assistant Director",
    to=(Role.ASSISTANT_DIRECTOR, Role.CFS_PERMANENCE),
    rule="NT-17",
)
NT_17_DIRECTOR = Notice(
    id="NT-17-DIRECTOR",
    folder="funding_with_director",
    words="A funding request waits for the Director",
    to=(Role.DIRECTOR, Role.CFS_PERMANENCE),
    rule="NT-17",
)
NT_17_LATE = Notice(
    id="NT-17-LATE",
    folder="funding_late",
    words="A funding request is waiting longer than it should",
    to=(Role.CFS_PERMANENCE, Role.HEAD_OF_SERVICE),
    rule="NT-17",
)
NT_18 = Notice(
    id="NT-18",
    folder="funding_second_view",
    words="A second Head of Service's view is wanted",
    to=(Role.HEAD_OF_SERVICE, Role.GROUP_CHAIR, Role.ASSISTANT_DIRECTOR),
    rule="NT-18",
)
FUNDING_RETURNED = Notice(
    id="FUNDING-RETURNED",
    folder="funding_returned",
    words="A funding request has come back with questions",
    to=(*_WORKERS, Role.CFS_PERMANENCE),
    rule="R-FIN-8",
)
NT_19 = Notice(
    id="NT-19",
    folder="funding_decided",
    words="A funding request has been decided",
    to=(
        Role.ASSESSMENT_WORKER,
        Role.CHILDS_WORKER,
        Role.SUPERVISING_WORKER,
        Role.GROUP_CHAIR,
        Role.PANEL_CHAIR,
        Role.CFS_PERMANENCE,
    ),
    rule="NT-19",
)
NT_16_PROPOSED = Notice(
    id="NT-16-PROPOSED",
    folder="funding_proposal_out",
    words="A notice of proposed decision has been sent",
    to=(Role.ASSESSMENT_WORKER, Role.SUPERVISING_WORKER),
    rule="NT-16",
)
NT_20 = Notice(
    id="NT-20",
    folder="funding_contract",
    words="A contract is needed",
    to=(Role.LEGAL, Role.CHILDS_WORKER, Role.SUPERVISING_WORKER),
    rule="NT-20",
)
AGREEMENT_SENT = Notice(
    id="AGREEMENT-SENT",
    folder="funding_agreement_sent",
    words="A finance agreement waits for the tracker",
    to=(Role.CFS_PERMANENCE,),
    rule="R-FIN-10",
)
