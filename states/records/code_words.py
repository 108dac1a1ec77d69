"""What people call the codes that records choose from; the records keep the codes (practice 5)."""

from __future__ import annotations

from collections.abc import Mapping

from states.records.codes import Barrier, Colour, EndCode, Participation, StepName
from states.records.funding import FundingKind

#: By code. What is not here is kept in the words that people read.
WORDS: Mapping[str, str] = {
    Colour.GREEN: "Green",
    Colour.YELLOW: "Yellow",
    Colour.AMBER: "Amber",
    Colour.RED: "Red",
    Barrier.CARER_UNSURE: "The carer is unsure",
    Barrier.CARER_UNWILLING: "The carer does not want it",
    Barrier.CHILD_OPPOSED: "The child is against it",
    Barrier.PARENT_OPPOSED: "A parent is against it",
    Barrier.FAMILY_TIME: "Family time (contact)",
    Barrier.FINANCE: "Money",
    Barrier.HOUSING: "Housing",
    Barrier.HEALTH_CHILD: "The child's health",
    Barrier.HEALTH_CARER: "The carer's health",
    Barrier.EDUCATION_SUPPORT: "Support at school",
    Barrier.THERAPY: "Therapy",
    Barrier.LEGAL: "Legal questions",
    Barrier.IMMIGRATION: "Immigration status",
    Barrier.CHECKS: "Checks outstanding",
    Barrier.PLACEMENT_STABILITY: "Stability of the placement",
    Barrier.SIBLING_PLAN: "The plan for brothers and sisters",
    Barrier.IFA_FEE: "IFA fee (the agency's)",
    Barrier.OTHER: "Other",
    StepName.KDD: "Key Decision Discussion (KDD)",
    StepName.ROA: "Review of Arrangements (ROA)",
    # The codes of the return stay with their words: whoever files it knows them by their number.
    Participation.PN0: "PN0: under four at the review",
    Participation.PN1: "PN1: there, and spoke",
    Participation.PN2: "PN2: there, an advocate spoke",
    Participation.PN3: "PN3: there, and said it in symbols",
    Participation.PN4: "PN4: there, without a contribution",
    Participation.PN5: "PN5: not there, briefed an advocate",
    Participation.PN6: "PN6: not there, sent their views",
    Participation.PN7: "PN7: not there, no views sent",
    EndCode.E45: "E45: to a former foster carer who is a relative or friend",
    EndCode.E46: "E46: to a former foster carer who is neither",
    EndCode.E47: "E47: to another relative or friend",
    EndCode.E48: "E48: to somebody else",
    **{kind.value: kind.words for kind in FundingKind},
}
