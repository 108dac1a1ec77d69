"""Notice, court, order and what follows (rules 5.11). On facts these flag, they never refuse (PR-1)."""

from __future__ import annotations

from states import history
from states.facts import Facts
from states.records.codes import EndCode, FinancePosition
from states.records.court import (
    ApplicationIssued,
    ApplicationWithdrawn,
    CourtRefuses,
    DirectionMet,
    HowWithdrawn,
    NoticeOfIntention,
    OrderMade,
    ProceedingsExtended,
    SupportActivated,
)
from states.records.standing import ClockPaused, Concern, ConcernStage, Safeguarding
from states.vocabulary import Unmet

FOSTER_CARE = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})  # the return's codes (rules R-CRT-4)
FORMER_FOSTER_CARER = frozenset({EndCode.E45, EndCode.E46})


def three_months_notice(facts: Facts) -> Unmet | None:
    """More than three months lie between notice and application, unless exempt (rules R-LAW-4, T17)."""
    record = facts.filed(ApplicationIssued)
    if record.exemption is not None:
        return None
    notice = facts.latest(NoticeOfIntention)
    if notice is None:
        return Unmet(
            "T17", "The application was issued without a notice of intention on record, and no exemption is given."
        )
    earliest = facts.calendar.add_months_not_before(notice.received_on, facts.policy.legal.notice_months)
    if facts.on < earliest:
        return Unmet("T17", f"The application was issued before {earliest}, three months after the notice.")
    return None


def submitted_before_issue(facts: Facts) -> Unmet | None:
    """An application normally follows our submission to Legal."""
    if facts.head.state != "WITH_LEGAL":
        return Unmet(
            "PR-1", f"The application was issued while the case was in {facts.head.state}: steps before it are missing."
        )
    return None


def application_before_order(facts: Facts) -> Unmet | None:
    """An order normally follows an application on record; out of the blue it is urgent (practice PR-1)."""
    if facts.head.state != "IN_COURT":
        return Unmet(
            "PR-1", f"The order was made while the case was in {facts.head.state}: steps before it are missing."
        )
    return None


def end_code_fits_the_placement(facts: Facts) -> Unmet | None:
    """E45 and E46 are for former foster carers: the last placement was U1 to U6 (rule 516 of the return)."""
    record = facts.filed(OrderMade)
    placement = facts.head.placement_code
    if record.end_code in FORMER_FOSTER_CARER and placement is not None and placement not in FOSTER_CARE:
        return Unmet(
            "R-CRT-4", f"{record.end_code.value} needs a foster placement; the last one on record is {placement}."
        )
    return None


def order_before_eighteen(facts: Facts) -> Unmet | None:
    """A special guardianship end code after the 18th birthday is an error (rule 407 of the return)."""
    birth = facts.head.date_of_birth
    if birth is not None and facts.on > facts.calendar.attains(birth, facts.policy.scope.ends_at_age):
        return Unmet("R-CRT-4", "The order is dated after the child's eighteenth birthday.")
    return None


def plan_when_refused(facts: Facts) -> Unmet | None:
    """A refused application needs another plan for permanence (rules R-NP-1)."""
    if facts.filed(CourtRefuses).alternative_plan is None:
        return Unmet(
            "R-NP-1", "The court has refused and no other plan for permanence is recorded.", "alternative_plan"
        )
    return None


def review_soon_after_refusal(facts: Facts) -> Unmet | None:
    """The care plan is reviewed within so many days of a refusal (rules T20)."""
    record = facts.filed(CourtRefuses)
    latest = facts.calendar.add_days(facts.on, facts.policy.court.review_after_refusal_days)
    if record.review_on is not None and record.review_on > latest:
        return Unmet("T20", f"The care plan review should be by {latest}.", "review_on")
    return None


def proceedings_have_their_date(facts: Facts) -> Unmet | None:
    """Twenty-six weeks run from the day the care proceedings were issued, which must be known (R-LAW-13)."""
    record = facts.filed(ApplicationIssued)
    if record.in_care_proceedings and record.care_proceedings_issued_on is None:
        return Unmet("R-CRT-2", "Give the day on which the care proceedings were issued.", "care_proceedings_issued_on")
    return None


def plan_when_withdrawn_for_good(facts: Facts) -> Unmet | None:
    """Giving an application up needs another plan for permanence (rules R-NP-1)."""
    record = facts.filed(ApplicationWithdrawn)
    if record.how is HowWithdrawn.FOR_GOOD and record.alternative_plan is None:
        return Unmet("R-NP-1", "The application is withdrawn for good and no other plan for permanence is recorded.")
    return None


def direction_is_known(facts: Facts) -> Unmet | None:
    """A direction that is met was recorded before (rules R-CRT-1)."""
    named = facts.filed(DirectionMet).direction
    if not any(e.id == named and e.trigger == "record_court_direction" for e in facts.entries):
        return Unmet("R-CRT-1", "There is no court direction with this id on the case.", "direction")
    return None


def notice_is_past(facts: Facts) -> Unmet | None:
    """A notice was received on a day that has been."""
    record = facts.filed(NoticeOfIntention)
    if record.received_on > facts.today:
        return Unmet("R-NOT-1", f"{record.received_on} is still to come.", "received_on")
    return None


def payment_facts_where_paid(facts: Facts) -> Unmet | None:
    """Where support is paid: conditions agreed and the first payment's date (rules T19, R-MON-5)."""
    record = facts.filed(SupportActivated)
    if facts.head.finance_position != FinancePosition.AGREED.value:
        return None
    needed = {
        "conditions_agreed_on": "the day on which the guardian agreed the conditions",
        "first_payment_on": "the date of the first payment",
    }
    missing = {field: words for field, words in needed.items() if getattr(record, field) is None}
    if missing:
        return Unmet("T19", f"Support is paid: give {' and '.join(missing.values())}.", next(iter(missing)))
    return None


def resume_expected_later(facts: Facts) -> Unmet | None:
    """A pause has a day on which it is expected to end (rules R-CLK-9)."""
    record = facts.record
    assert isinstance(record, ClockPaused | Safeguarding)
    if record.expected_on <= facts.on:
        return Unmet("R-CLK-9", f"The expected day {record.expected_on} is not in the future.", "expected_on")
    return None


def not_paused_yet(facts: Facts) -> Unmet | None:
    """A clock that stands still cannot be paused again."""
    stopped = history.standing_still(facts)
    if stopped is not None:
        return Unmet("R-CLK-9", f"The clocks already stand still since {stopped.happened_on}.")
    return None


def is_paused(facts: Facts) -> Unmet | None:
    """Only a clock that stands still can be resumed."""
    stopped = history.standing_still(facts)
    if stopped is None:
        return Unmet("R-CLK-9", "The clocks are not paused.")
    if facts.on < stopped.happened_on:
        return Unmet("R-CLK-9", f"The clocks only stand still since {stopped.happened_on}.", "happened_on")
    return None


def safeguarding_is_open(facts: Facts) -> Unmet | None:
    """Only an open concern can be cleared (rules R-ASM-12)."""
    if not history.safeguarding_open(facts):
        return Unmet("R-ASM-12", "No safeguarding concern is open.")
    return None


def no_safeguarding_open_already(facts: Facts) -> Unmet | None:
    """One concern at a time: add to it by a view or a document."""
    if history.safeguarding_open(facts):
        return Unmet("R-ASM-12", "A safeguarding concern is already open.")
    return None


def concern_is_open(facts: Facts) -> Unmet | None:
    """Only a concern that was raised can be settled (rules R-LAC-6)."""
    last = facts.last("raise_concern", "resolve_concern")
    if last is None or last.trigger != "raise_concern":
        return Unmet("R-LAC-6", "No concern of the IRO is open.")
    return None


def concern_goes_up(facts: Facts) -> Unmet | None:
    """A second concern while one is open raises it to formal (practice PT-21)."""
    record = facts.filed(Concern)
    last = facts.last("raise_concern", "resolve_concern")
    if last is not None and last.trigger == "raise_concern" and record.stage is not ConcernStage.FORMAL:
        return Unmet("R-LAC-6", "An informal concern is already open: raise it to formal, or settle it.", "stage")
    return None


def extension_within_its_weeks(facts: Facts) -> Unmet | None:
    """Care proceedings are extended by so many weeks at a time, each with its reason (rules R-LAW-13)."""
    record = facts.filed(ProceedingsExtended)
    issued = facts.latest_entry(ApplicationIssued)
    before = facts.latest(ProceedingsExtended)
    if issued is None:
        return Unmet("R-CRT-2", "No application is on record whose proceedings could be extended.")
    court = facts.policy.court
    began = ApplicationIssued.model_validate(issued.data).care_proceedings_issued_on or issued.happened_on
    first_end = facts.calendar.beginning_with_weeks(began, court.care_proceedings_weeks)
    ends = before.new_end_on if before else first_end
    if record.new_end_on > facts.calendar.add_weeks(ends, court.extension_weeks):
        return Unmet(
            "R-LAW-13",
            f"Proceedings that end on {ends} are extended by at most {court.extension_weeks} weeks at a time.",
            "new_end_on",
        )
    return None
