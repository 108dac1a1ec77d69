"""The codes of the SSDA903 return, all years together (returns 1, "Code sets").

Codes a later year dropped are accepted, because history keeps them; none of them is ever written. Each
table maps a code to its meaning in the words of the field, "" where the public record gives none.
"""

from __future__ import annotations

from typing import Final

LEGAL_STATUS: Final = {
    "C1": "interim care order",
    "C2": "full care order",
    "D1": "freeing order (before 2006)",
    "E1": "placement order",
    "J1": "remanded to local authority accommodation",
    "J2": "detained under PACE",
    "J3": "youth rehabilitation order with residence",
    "L1": "police protection",
    "L2": "emergency protection order",
    "L3": "child assessment order",
    "V2": "accommodated under section 20",
    "V3": "short breaks, each recorded",
    "V4": "short breaks under an agreement",
}

PLACEMENT: Final = {
    "A3": "placed for adoption with consent, with the current foster carer",
    "A4": "placed for adoption with consent, not with the current foster carer",
    "A5": "placed for adoption under a placement order, with the current foster carer",
    "A6": "placed for adoption under a placement order, not with the current foster carer",
    "H5": "semi-independent living (to 2024/25)",
    "K1": "secure children's home",
    "K2": "children's home",
    "K3": "supported accommodation",
    "P1": "placed with own parents or a person with parental responsibility",
    "P2": "independent living (to 2024/25)",
    "P3": "residential employment",
    "R1": "residential care home",
    "R2": "NHS or other health establishment",
    "R3": "family centre or mother and baby unit",
    "R5": "young offender institution",
    "S1": "residential school",
    "T0": "temporary placement",
    "T1": "temporary: hospital",
    "T2": "temporary: holiday",
    "T3": "temporary: while the carers are on holiday",
    "T4": "temporary: up to seven days",
    "U1": "kinship foster placement, long term",
    "U2": "kinship foster placement, fostering for adoption",
    "U3": "kinship foster placement, not long term",
    "U4": "foster placement, long term",
    "U5": "foster placement, fostering for adoption",
    "U6": "foster placement, not long term",
    "Z1": "other placement (to 2024/25)",
    "Z11": "", "Z12": "", "Z13": "", "Z14": "",
}

REASON_FOR_EPISODE: Final = {
    "S": "started to be looked after",
    "L": "legal status changed",
    "P": "placement and carer changed",
    "T": "placement changed, same carer",
    "B": "legal status, placement and carer changed",
    "U": "legal status and placement changed, same carer",
}

REASON_CEASED: Final = {
    "X1": "continues in a new episode",
    "E11": "adopted, unopposed", "E12": "adopted, consent dispensed with",
    "E13": "left to parents or relatives without parental responsibility",
    "E14": "remand ended", "E15": "age assessed as 18 or over", "E16": "moved abroad",
    "E17": "18 or over, stayed with carers",
    "E2": "died", "E3": "care taken over by another authority",
    "E41": "residence or child arrangements order",
    "E43": "special guardianship, former foster carer (to 2017/18)",
    "E44": "special guardianship, other carer (to 2017/18)",
    "E45": "special guardianship, former foster carer, relative or friend",
    "E46": "special guardianship, former foster carer, other",
    "E47": "special guardianship, other carer, relative or friend",
    "E48": "special guardianship, other carer, other",
    "E4A": "returned to parents or relatives, planned",
    "E4B": "returned to parents or relatives, unplanned",
    "E5": "independent living with support", "E6": "independent living without support",
    "E7": "adult residential care", "E8": "other", "E9": "sentenced to custody",
}

NEED: Final = {
    "N1": "abuse or neglect", "N2": "child's disability", "N3": "parental illness or disability",
    "N4": "family in acute stress", "N5": "family dysfunction", "N6": "socially unacceptable behaviour",
    "N7": "low income", "N8": "absent parenting",
}

PROVIDER: Final = {
    "PR0": "parent", "PR1": "own provision", "PR2": "another local authority",
    "PR3": "other public provision",
    "PR4": "private", "PR5": "voluntary",
}

PLACE_CHANGE: Final = frozenset({
    "CARPL", "CLOSE", "ALLEG", "STAND", "APPRR", "CREQB", "CREQO", "CHILD", "LAREQ", "PLACE", "CUSTOD",
    "OTHER",
})

ETHNICITY: Final = frozenset({
    "WBRI", "WIRI", "WOTH", "WIRT", "WROM", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN",
    "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT",
})

SEX: Final = {"1": "M", "2": "F", "M": "M", "F": "F", "U": "U"}
"""1 and 2 until 2023/24, then M, F and U: one alphabet, so that two years compare."""

REVIEW: Final = frozenset({"PN0", "PN1", "PN2", "PN3", "PN4", "PN5", "PN6", "PN7"})
PREVIOUS_PERMANENCE: Final = {
    "P1": "adoption", "P2": "special guardianship", "P3": "residence or child arrangements order",
    "P4": "unknown", "Z1": "none",
}
ADOPTION_REVERSED: Final = frozenset({"RD1", "RD2", "RD3", "RD4"})

SHORT_BREAKS: Final = frozenset({"V3", "V4"})
"""Left out of every count of looked-after children (returns 1)."""

KINSHIP: Final = frozenset({"U1", "U2", "U3"})
FOSTER: Final = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})
ADOPTIVE: Final = frozenset({"A3", "A4", "A5", "A6"})
TEMPORARY: Final = frozenset({"T0", "T1", "T2", "T3", "T4"})
SPECIAL_GUARDIANSHIP: Final = frozenset({"E43", "E44", "E45", "E46", "E47", "E48"})
ADOPTED: Final = frozenset({"E11", "E12"})
SAME_CARER: Final = frozenset({"L", "T", "U"})
NEW_CARER: Final = frozenset({"P", "B"})
NEW_LEGAL_STATUS: Final = frozenset({"L", "B", "U"})
