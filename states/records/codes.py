"""The fixed lists that records choose from (rules 14, reference tables)."""

from __future__ import annotations

from enum import StrEnum


class Colour(StrEnum):
    """How ready a child's plan is (rules R-RAG-2). Ordered for sorting only."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    AMBER = "AMBER"
    RED = "RED"


class Barrier(StrEnum):
    """What stands in the way (rules R-RAG-6)."""

    CARER_UNSURE = "CARER_UNSURE"
    CARER_UNWILLING = "CARER_UNWILLING"
    CHILD_OPPOSED = "CHILD_OPPOSED"
    PARENT_OPPOSED = "PARENT_OPPOSED"
    FAMILY_TIME = "FAMILY_TIME"
    FINANCE = "FINANCE"
    HOUSING = "HOUSING"
    HEALTH_CHILD = "HEALTH_CHILD"
    HEALTH_CARER = "HEALTH_CARER"
    EDUCATION_SUPPORT = "EDUCATION_SUPPORT"
    THERAPY = "THERAPY"
    LEGAL = "LEGAL"
    IMMIGRATION = "IMMIGRATION"
    CHECKS = "CHECKS"
    PLACEMENT_STABILITY = "PLACEMENT_STABILITY"
    SIBLING_PLAN = "SIBLING_PLAN"
    IFA_FEE = "IFA_FEE"
    OTHER = "OTHER"


class MaterialChange(StrEnum):
    """What makes a child be rated again (rules R-RAG-4)."""

    PLACEMENT_MOVE = "placement move"
    ALLEGATION = "new allegation"
    LEGAL_STATUS = "change of legal status"
    CARER = "carer changed their mind"
    PLAN = "review changed the permanence plan"
    BIRTH_FAMILY = "change in the birth family"
    REFRESH = "regular refresh"
    OTHER = "other"


class NotApplicable(StrEnum):
    """Why a child is outside the pathway for now (practice PT-1)."""

    SECTION_20 = "accommodated under section 20"
    PLACEMENT_ORDER = "placement order"
    INTERIM_ORDER = "interim care order"
    NOT_MATCHED = "not yet matched"
    RETURNING_HOME = "plan to return home"
    ADOPTION = "plan of adoption"
    OVER_AGE = "too near eighteen"
    OTHER = "other"


class PermanencePlan(StrEnum):
    """The other ways to permanence (rules 12.2, S1-1)."""

    LONG_TERM_FOSTERING = "long-term foster care, formally matched"
    CONNECTED_PERSON = "connected person, without an order"
    SGO = "special guardianship"
    CAO = "child arrangements order"
    ADOPTION = "adoption"
    RETURN_HOME = "return home"
    RESIDENTIAL = "residential care"
    INDEPENDENCE = "preparing for independence"


class Option(StrEnum):
    """The options compared at the Key Decision Discussion (rules R-KDD-2)."""

    LONG_TERM_FOSTERING = "long-term fostering"
    SGO = "special guardianship order"
    CAO = "child arrangements order"
    ADOPTION = "adoption"
    RETURN_HOME = "return home"


class WhyStopped(StrEnum):
    """Why a child does not go on (rules R-NP-1)."""

    NOT_IN_INTERESTS = "not in the child's best interests"
    CARER_UNWILLING = "carer does not want it"
    CHILD_OPPOSED = "child does not want it"
    ASSESSMENT_NEGATIVE = "assessment is negative"
    PLACEMENT_ENDED = "placement ended"
    OTHER_PLAN_BETTER = "another plan is better"
    NO_SUPPORT_PACKAGE = "support could not be agreed"
    COURT_REFUSED = "court refused"
    WITHDRAWN = "application withdrawn"
    OTHER = "other"


class Participation(StrEnum):
    """How the child took part in the review (the return's codes; rules R-ROA-3, R-ROA-4)."""

    PN0 = "PN0"
    PN1 = "PN1"
    PN2 = "PN2"
    PN3 = "PN3"
    PN4 = "PN4"
    PN5 = "PN5"
    PN6 = "PN6"
    PN7 = "PN7"


class Voice(StrEnum):
    """Whose view it is (rules R-RG-3, practice PT-12)."""

    CHILD = "child"
    PARENT = "parent"
    CARER = "carer"
    FOSTERING = "Fostering"
    SAFEGUARDING = "Safeguarding"
    VIRTUAL_SCHOOL = "Virtual School"
    OTHER = "other"


class Stance(StrEnum):
    """Which way a view points."""

    FOR = "for"
    UNSURE = "unsure"
    AGAINST = "against"
    NOT_GIVEN = "not given"


class CheckKind(StrEnum):
    """The checks of an assessment (rules R-ASM-4)."""

    DBS = "enhanced DBS"
    MEDICAL = "medical"
    REFERENCE = "personal reference"
    LOCAL_AUTHORITY = "local authority"
    FORMER_PARTNER = "former partner or adult child"
    OVERSEAS = "overseas"
    HOME = "home health and safety"


class PauseReason(StrEnum):
    """Why a local clock may stand still (rules R-CLK-9)."""

    COURT_DIRECTION = "court direction"
    ILLNESS = "child or carer is ill"
    OTHER_AUTHORITY = "waiting for another authority or overseas"
    SAFEGUARDING = "safeguarding enquiry"
    STANDARDS_OF_CARE = "allegation or standards of care concern"
    PLACEMENT_ENDED = "placement ended"


class SlipReason(StrEnum):
    """Why a milestone's date moved (practice 6.5: whose reason it was)."""

    WORKER = "worker"
    CARER = "carer"
    CHILD = "child"
    FAMILY = "birth family"
    COURT = "court"
    CHECKS = "checks"
    MEETING_CANCELLED = "meeting cancelled"
    FINANCE = "finance"
    OTHER = "other"


class StepName(StrEnum):
    """The standard milestones of a trajectory, in their order (rules R-TRJ-2)."""

    INITIAL_MEETING = "initial meeting"
    KDD = "KDD"
    ROA = "ROA"
    NOTICE = "notice of intention"
    ASSESSMENT_START = "assessment start"
    CHECKS_REQUESTED = "checks requested"
    CHECKS_RETURNED = "checks returned"
    FAMILY_NETWORK_MEETING = "family network meeting"
    GENOGRAM = "genogram"
    MIDPOINT = "assessment mid-point"
    SUPPORT_PLAN = "support plan draft"
    FINANCIAL_ASSESSMENT = "financial assessment"
    FINANCE_DECISION = "finance decision"
    PROPOSAL_NOTICE = "proposal notice"
    REPRESENTATIONS_END = "representations end"
    REPORTS_TO_LEGAL = "reports to Legal"
    APPLICATION = "application"
    FIRST_HEARING = "first hearing"
    ORDER = "final hearing or order"
    FIRST_PAYMENT = "first payment"


class FinancePosition(StrEnum):
    """Where the money stands, as the case knows it."""

    NOT_STARTED = "not started"
    BEING_ASSESSED = "being assessed"
    AGREED = "agreed"
    NOT_SOUGHT = "no financial support sought"


class EndCode(StrEnum):
    """The return's codes for an order of special guardianship (rules R-CRT-4)."""

    E45 = "E45"
    E46 = "E46"
    E47 = "E47"
    E48 = "E48"


class WhyEnded(StrEnum):
    """Why a case ends (rules T23)."""

    EIGHTEEN = "turned eighteen"
    DIED = "died"
    MOVED_AUTHORITY = "moved to another authority"
    ADOPTED = "adopted"
    RETURNED_HOME = "returned home"
    ORDER_DISCHARGED = "order discharged"
    LEFT_CARE = "left care in another way"
    OPENED_IN_ERROR = "opened in error"
    MERGED = "merged with another case"


class WhyLeft(StrEnum):
    """How a child left care, or an order its force, without a step of the pathway (rules T23)."""

    RETURNED_HOME = "returned home"
    ADOPTED = "adopted"
    ORDER_DISCHARGED = "order discharged"
    LEFT_CARE = "left care in another way"


class ContactKind(StrEnum):
    """People on the case without accounts (practice PT-11)."""

    APPLICANT = "applicant"
    PARENT = "parent"
    IFA_WORKER = "fostering agency worker"
    AGENCY = "agency"
    ADVOCATE = "advocate"
    INTERPRETER = "interpreter"
    GUARDIAN = "children's guardian"
    OTHER = "other"


class Method(StrEnum):
    """How somebody was told or a notice was sent (rules N-2)."""

    POST = "post"
    SECURE_EMAIL = "secure e-mail"
    BY_HAND = "by hand"
    IN_PERSON = "in person"
    TELEPHONE = "telephone"


class NoticeExemption(StrEnum):
    """Why three months' notice was not needed (rules R-LAW-5, R-NOT-1)."""

    LEAVE = "leave of the court"
    OWN_MOTION = "the court asked for the report itself"
    EXISTING_PROCEEDINGS = "existing proceedings"


class ReportSection(StrEnum):
    """The prescribed headings of the report to the court (rules 5.10)."""

    CHILD = "1 the child"
    FAMILY = "2 the child's family"
    WISHES = "3 wishes and feelings"
    GUARDIAN = "4 the prospective guardian"
    AUTHORITY = "5 the authority"
    MEDICAL = "6 medical summary"
    IMPLICATIONS = "7 implications"
    MERITS = "8 relative merits"
    RECOMMENDATION = "9 recommendation"
    CONTACT = "10 recommendation on contact"


class NeedArea(StrEnum):
    """What a support plan must cover (rules R-ASM-6)."""

    HEALTH = "health"
    EDUCATION = "education"
    EMOTIONAL = "emotional and behavioural"
    IDENTITY = "identity"
    FAMILY = "family relationships and family time"
    SELF_CARE = "self-care"
