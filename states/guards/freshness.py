"""How old a report, the child's wishes and the checks may be when they go to Legal (R-ASM-4, R-ASM-9, R-ASM-10)."""

from __future__ import annotations

from states import history
from states.facts import Facts
from states.records.assessment import CheckReceived, Submission
from states.records.codes import CheckKind
from states.vocabulary import Unmet

#: Checks that are out of date after some years (rules R-ASM-4).
GROW_OLD = frozenset({CheckKind.DBS, CheckKind.MEDICAL})


def wishes_fresh(facts: Facts) -> Unmet | None:
    """The child's wishes are recent (rules R-ASM-9)."""
    known = history.childs_wishes_on(facts)
    months = facts.policy.assessment.wishes_fresh_months
    if known is None or facts.calendar.add_months_by(known, months) < facts.on:
        seen = f"last recorded on {known}" if known else "not recorded"
        return Unmet("R-ASM-9", f"The child's wishes must be no older than {months} months ({seen}): add a view.")
    return None


def report_fresh(facts: Facts) -> Unmet | None:
    """Old content is brought up to date before filing (rules R-ASM-10)."""
    found = history.latest_report(facts)
    record = facts.filed(Submission)
    months = facts.policy.assessment.content_fresh_months
    if found is not None and facts.calendar.add_months_by(found[0].happened_on, months) < record.filing_on:
        return Unmet("R-ASM-10", f"The report will be older than {months} months when it is filed: update it.")
    return None


def checks_fresh(facts: Facts) -> Unmet | None:
    """Criminal records checks and medicals should not be too old on the day of filing (rules R-ASM-4)."""
    filing = facts.filed(Submission).filing_on
    years = facts.policy.assessment.checks_fresh_years
    last: dict[tuple[CheckKind, str], CheckReceived] = {}
    for _, check in facts.all(CheckReceived):
        if check.check in GROW_OLD:
            last[check.check, check.on_whom] = check
    old = [
        f"{kind.value} on {whom} (dated {check.dated})"
        for (kind, whom), check in last.items()
        if facts.calendar.add_months_by(check.dated, 12 * years) < filing
        or (check.valid_until is not None and check.valid_until < filing)
    ]
    if old:
        return Unmet("R-ASM-4", f"Older than {years} years, or no longer valid, when filed: " + "; ".join(old) + ".")
    return None
