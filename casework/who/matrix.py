"""Who sees what: the one table (rules 11.1, reliability R21). What is not in it is denied.

A person sees a case by a post: which children it opens (the relation), in which states, and which kinds of record
it reads of them. A restricted case is opened by none of these, only to the people it names, and to somebody who
opens it in an emergency (R22, R35). `docs/who-sees-what.md` is made from this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from states.stages import BEFORE_COURT, OPEN, UNDER_WAY, WITH_ORDER, S
from states.vocabulary import Role


class Scope(Enum):
    """Which cases a role opens."""

    OWN = "the children they are allocated to"
    TEAM = "their team's children, and those no team has yet"
    ALL = "every child"
    NONE = "no child"


class Data(Enum):
    """Kinds of record, as the rows of rules 11.1 have them."""

    CASE = "who the child is, who works with them, where they stand, what was ordered"
    JOURNEY = "colour, latest position, trajectory, meetings and decisions"
    COURT = "what the court directs and what is filed"
    ASSESSMENT = "assessment of the carers, and its review"
    CHECKS = "references, medical and DBS checks"
    MEANS = "means test"
    MONEY = "package, requests and decisions of money"
    SUPPORT = "support plan"
    LEGAL = "legal advice"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a role sees: which cases, in which states, and what of them."""

    scope: Scope
    states: frozenset[S]
    reads: frozenset[Data]


_ANY = frozenset(S)
_GROUP = _ANY - {S.COHORT, S.NOT_APPLICABLE}
_PAID = WITH_ORDER | {S.FINANCIAL_PACKAGE, S.SIGN_OFF, S.WITH_LEGAL, S.IN_COURT}
_CASE, _JOURNEY, _COURT, _ASSESSMENT, _CHECKS, _MEANS, _MONEY, _SUPPORT, _LEGAL = Data


def _reads(*kinds: Data) -> frozenset[Data]:
    return frozenset({_CASE, *kinds})


_ALL_BUT_LEGAL = _reads(_JOURNEY, _COURT, _ASSESSMENT, _CHECKS, _MEANS, _MONEY, _SUPPORT)
_WORKER = _reads(_JOURNEY, _COURT, _ASSESSMENT, _MEANS, _MONEY, _SUPPORT, _LEGAL)
_REVIEW = _reads(_JOURNEY, _COURT, _ASSESSMENT, _MONEY, _SUPPORT)
_PANEL = _reads(_JOURNEY, _MONEY, _SUPPORT)
_PAYS = _reads(_MEANS, _MONEY, _SUPPORT)

#: The matrix of rules 11.1, role by role. What is not here is denied.
SIGHT: Mapping[Role, Sight] = {
    Role.CHILDS_WORKER: Sight(Scope.OWN, _ANY, _WORKER),
    Role.ASSESSMENT_WORKER: Sight(Scope.OWN, _ANY, _ALL_BUT_LEGAL | {_LEGAL}),
    Role.SUPERVISING_WORKER: Sight(Scope.OWN, _ANY, _REVIEW),
    Role.IRO: Sight(Scope.OWN, _ANY, _REVIEW),
    Role.IRO_MANAGER: Sight(Scope.ALL, _ANY, _REVIEW),
    Role.TEAM_MANAGER: Sight(Scope.TEAM, _ANY, _ALL_BUT_LEGAL | {_LEGAL}),
    Role.HEAD_OF_SERVICE: Sight(Scope.ALL, _ANY, _WORKER),
    Role.ASSISTANT_DIRECTOR: Sight(Scope.ALL, _ANY, _WORKER),
    Role.DIRECTOR: Sight(Scope.ALL, _ANY, _WORKER),
    Role.SGO_TEAM: Sight(Scope.ALL, _ANY, _ALL_BUT_LEGAL | {_LEGAL}),
    Role.GROUP_ADMINISTRATOR: Sight(Scope.ALL, _GROUP, _PANEL),
    Role.GROUP_CHAIR: Sight(Scope.ALL, _GROUP, _PANEL),
    Role.GROUP_MEMBER: Sight(Scope.ALL, _GROUP, _PANEL),
    Role.KDD_CHAIR: Sight(
        Scope.ALL, UNDER_WAY | {S.REVIEW_GROUP, S.NOT_PROGRESSING}, (_REVIEW | {_CHECKS, _LEGAL})
    ),
    Role.LEGAL: Sight(Scope.ALL, _ANY, _REVIEW | {_CHECKS, _LEGAL}),
    Role.CO_ORDINATOR: Sight(Scope.ALL, _PAID, _PAYS),
    Role.PANEL_CHAIR: Sight(Scope.ALL, _GROUP, _PANEL | {_MEANS}),
    Role.CFS_PERMANENCE: Sight(Scope.ALL, (UNDER_WAY & BEFORE_COURT) | WITH_ORDER | {S.IN_COURT}, _PAYS),
    Role.FINANCE: Sight(Scope.ALL, _PAID, _reads(_MEANS, _MONEY)),
    Role.VIRTUAL_SCHOOL: Sight(Scope.ALL, WITH_ORDER, _reads(_SUPPORT)),
    Role.HEALTH: Sight(Scope.ALL, WITH_ORDER, _reads(_SUPPORT)),
    Role.SAFEGUARDING: Sight(Scope.ALL, OPEN, _reads(_JOURNEY, _COURT, _ASSESSMENT)),
    Role.DATA_MANAGER: Sight(Scope.ALL, _ANY, _reads(_JOURNEY, _COURT, _MONEY, _SUPPORT)),
    Role.AUDITOR: Sight(Scope.ALL, _ANY, _reads(_JOURNEY, _COURT, _ASSESSMENT, _MEANS, _MONEY, _SUPPORT)),
    Role.GUARDIAN: Sight(Scope.NONE, frozenset(), frozenset()),
    Role.ADMINISTRATOR: Sight(Scope.NONE, frozenset(), frozenset()),
    Role.OPERATOR: Sight(Scope.NONE, frozenset(), frozenset()),
}
#: What somebody reads who sees a case by none of these posts: whom it names, and who is asked to confirm a decision.
NAMED_READS = _reads(_JOURNEY, _SUPPORT)
#: What is read of a record that was opened in an emergency: what keeps a child safe, no money, no legal advice.
EMERGENCY_READS = _reads(_JOURNEY, _COURT, _ASSESSMENT, _CHECKS, _SUPPORT)

#: What kind of record each step leaves, where it is not part of the journey; some fields are of another kind.
_KINDS: Mapping[Data, str] = {
    _CASE: (
        "child_opened brought_forward child_updated not_applicable reconsidered reopened ended death moved_away "
        "transferred_out merged placement_change applicants sibling_linked sibling_unlinked allocation attached told "
        "order_made support_activated reversal correction confirmed disputed flag_cleared restricted "
        "restriction_lifted act_moved on_case_system"
    ),
    _COURT: (
        "submission legal_returns notice_of_intention notice_acknowledged application_issued proceedings_extended "
        "court_direction direction_met court_refuses application_withdrawn"
    ),
    _ASSESSMENT: (
        "viability viability_started midpoint_review family_network_meeting genogram report quality_check statement "
        "assessment_complete"
    ),
    _CHECKS: "check_requested check_received",
    _MEANS: "financial_position means_test_done",
    _MONEY: (
        "package_agreed proposal_notice representations_closed decision_notice needs_assessed second_view dmt_view "
        "conditions_agreed contract_asked contract_signed agreement_uploaded agreement_received agreement_on_tracker "
        "payment"
    ),
    _SUPPORT: "support_plan support_plan_reviewed support_plan_signed",
}
_OF: Mapping[str, Data] = {kind: data for data, kinds in _KINDS.items() for kind in kinds.split()}
_FIELDS: Mapping[str, Data] = {"legal_analysis": _LEGAL, "written_advice": _LEGAL}


def data_of(kind: str) -> Data:
    """What kind of record a step leaves (by its record's `kind`)."""
    return Data.MONEY if kind.startswith("funding_") else _OF.get(kind, Data.JOURNEY)


def data_of_field(name: str, kind: str) -> Data:
    """What kind of record one field is."""
    return _FIELDS.get(name, data_of(kind))


def reads_of(roles: Iterable[Role]) -> frozenset[Data]:
    """What the posts together read of a case that they open."""
    return frozenset().union(*(SIGHT[role].reads for role in roles))
