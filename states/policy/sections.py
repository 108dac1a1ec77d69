"""One class per section of the policy register (rules 14); each key is a value an authority may set.

A key's name ends in its unit. What a number means is in the rule named beside it; its authority
mark and source are in the file, kept here as `origin`. A Policy holds no clock and reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from states.means_test.words import MeansTestedBenefit
from states.policy.rates import Allowances, ChildBenefitTables, Factor, Pence, PersonalTables, Share
from states.policy.recurring import Body, Recurring
from states.policy.values import (
    Count,
    Counts,
    Day,
    DriftId,
    FinancialYearWords,
    Flag,
    Frozen,
    GoLive,
    LocalTime,
    MailAddress,
    OffOrPounds,
    Origins,
    PostOrTiers,
    PoundsByWord,
    RankedPost,
    Rung,
    Span,
    Spans,
    TimeOfDay,
    Weeks,
    WholePounds,
    WordList,
    Words,
)
from states.records.codes import Colour
from states.records.funding import FundingKind
from states.vocabulary import Service

Colours = Annotated[tuple[Colour, ...], Field(min_length=1)]
Budgets = Annotated[
    Mapping[FinancialYearWords, Annotated[Mapping[FundingKind, WholePounds], AfterValidator(Frozen)]],
    AfterValidator(Frozen),
]
Benefits = Annotated[tuple[MeansTestedBenefit, ...], Field(min_length=1)]
Services = Annotated[tuple[Service, ...], Field(min_length=1)]
Recurrings = Annotated[Mapping[Body, Recurring], Field(min_length=1), AfterValidator(Frozen)]
ByBody = Annotated[Mapping[Body, Count], AfterValidator(Frozen)]


def split_tables(tables: Mapping[str, Any]) -> dict[str, Any]:
    """`{key: {value, mark, source, from}}` as plain values and, under `origin`, what is said about them.

    What is not such a table is left under `origin`, whose check refuses it in its place.
    """
    values: dict[str, Any] = {}
    origin: dict[str, Any] = {}
    for key, table in tables.items():
        if key == "origin":
            raise ValueError("there is no such key: origin")
        if not isinstance(table, Mapping):
            origin[key] = table
            continue
        if "value" in table:
            values[key] = table["value"]
        about = {name: part for name, part in table.items() if name not in ("value", "from")}
        origin[key] = about | ({"from_date": table["from"]} if "from" in table else {})
    return values | {"origin": origin}


class Section(BaseModel):
    """A section: plain values as attributes, and for each of them its `Origin` in `origin[key]`.

    Made from `{key: {value, mark, source, from}}` tables, as a policy file has them, or from
    plain values with `origin` given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origins

    @model_validator(mode="before")
    @classmethod
    def _split(cls, tables: Any) -> Any:
        if not isinstance(tables, Mapping) or isinstance(tables.get("origin"), Frozen):
            return tables
        return split_tables(tables)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The keys a policy file must give for this section, in order."""
        return tuple(name for name in cls.model_fields if name != "origin")


class Authority(Section):
    """Who this policy belongs to."""

    name: Words
    mailbox: MailAddress  # the Review Group's shared address: R-RG-7


class CalendarPolicy(Section):
    """Working days and the dates that need a choice (rules 2)."""

    region: Words  # R-CLK-1
    closedown_days: tuple[Day, ...]  # R-CLK-1: local clocks skip them, statutory ones do not
    statutory_deadlines_roll: Flag  # R-CLK-6: true brings one on a day off forward, never back
    leap_birthday: Literal["1 March", "28 February"]  # R-CLK-7


class Scope(Section):
    """Which children are on the pathway (practice PT-1)."""

    max_age_at_rating: Span  # R-ELG-1
    priority: WordList  # practice PT-1, highest first
    locality_counts_from: Literal["transfer decided", "transfer done"]  # A26
    carer_lived_with_years: Count  # R-ELG-5
    ends_at_age: Count  # R-LAW-11, practice PR-5


class RatingPolicy(Section):
    """RAG rating (rules 5.2)."""

    colours: Colours  # R-RAG-1, readiest first
    first_rating_working_days: Count  # R-ELG-3
    refresh_months: Count  # R-RAG-4
    after_material_change_working_days: Count  # R-RAG-4
    progress_without_reason: tuple[Colour, ...]  # R-RAG-3


class GroupPolicy(Section):
    """The SGO Review Group (rules 5.3)."""

    services: Services  # R-RG-1
    quorum_services: Count  # practice PT-4: besides the chair
    objection_working_days: Count  # practice PT-4
    papers_working_days_before: Count  # practice PT-4
    minutes_working_days: Count  # rules 5.0
    decisions_told_working_days: Count  # R-RG-8
    meets: Literal["weekly", "fortnightly", "monthly"]
    return_within: Spans  # practice PT-2: by colour
    longest_return: Span  # A10: nobody may set a later return date
    longer_return_rank: RankedPost  # R-RG-4: who gives the reason for going past return_within
    return_before_age: Count  # R-RG-6
    desk_review_allowed: Flag  # practice PT-2
    urgent_decision_allowed: Flag  # practice PT-15: the chair, between meetings
    urgent_views_working_days: Count  # practice PT-15: how fresh the written views must be


class MeetingsPolicy(Section):
    """Calendars of the bodies, and what goes out before a meeting (practice PT-4, PT-15)."""

    calendars: Recurrings  # when each body meets
    on_a_day_off: Literal["the working day after", "the working day before", "no meeting"]
    planned_ahead_months: Count  # how far a calendar is filled in at a time
    papers_working_days_before: ByBody  # for bodies other than the Review Group
    invitation_working_days_before: Count
    agenda_working_days_before: Count
    agenda_items: ByBody  # how many children one meeting has time for: practice 6
    near_miss_working_days: Count  # a meeting missed by no more than this is worth a word
    pack_shows_names: Flag  # or children by reference and the council's id alone: design 5.11


class TrajectoryPolicy(Section):
    """The trajectory, allocation, the initial meeting and further work (rules 5.4 to 5.6)."""

    due_working_days: Count  # R-RG-5
    allocation_working_days: Count  # R-RG-5
    initial_meeting_working_days: Count  # R-IM-1
    further_work_first_loop_months: Count  # R-FW-1
    loops_before_head_of_service: Count  # R-FW-2
    loop_months_before_head_of_service: Count  # R-FW-2
    continue_working_days: Count  # R-FW-2: a Head of Service answers within this
    weeks_before_order: Weeks  # practice PR-6: where a milestone is pre-filled; below 0 is after the order


class KddPolicy(Section):
    """The Key Decision Discussion (rules 5.7)."""

    due_working_days: Count  # R-KDD-1
    record_working_days: Count  # R-KDD-5
    chair_rank: RankedPost  # A17: this post or a more senior one
    chair_may_be_in_line: Flag  # practice PT-7
    legal_advice: Literal["present or written", "present"]  # practice PT-7


class RoaPolicy(Section):
    """Ratification at the child's review (rules 5.8)."""

    bring_forward_after_days: Count  # practice PT-8
    late_after_months: Count  # R-ROA-2, D-10
    override_rank: RankedPost  # A6
    not_ratified_relist_working_days: Count  # A6


class AssessmentPolicy(Section):
    """The assessment, its checks and how fresh they must be (rules 5.9)."""

    start: Literal["after_ratification", "after_kdd"]  # A8
    start_working_days: Count  # D-38
    target_weeks: Count  # R-ASM-2
    ceiling_weeks: Count  # R-ASM-2
    midpoint_week: Count  # R-ASM-2
    warning_week: Count  # NT-13
    per_worker: Count  # how many assessments one worker carries: practice 6
    viability_working_days: Count  # R-ASM-3
    content_fresh_months: Count  # R-ASM-10
    wishes_fresh_months: Count  # R-ASM-9
    checks_fresh_years: Count  # R-ASM-4
    references: Count  # R-ASM-4
    family_network_meetings: Count  # R-ASM-8


class LegalPolicy(Section):
    """Reports, the notice of intention and letters to carers (rules 5.11)."""

    reports_working_days_before_filing: Count  # R-ASM-11
    notice_months: Count  # R-LAW-4
    notice_acknowledged_working_days: Count  # R-NOT-1
    letter_working_days: Count  # a letter to carers is sent within this


class CourtPolicy(Section):
    """Proceedings (rules 5.11)."""

    care_proceedings_weeks: Count  # R-LAW-13
    extension_weeks: Count  # R-LAW-13
    review_after_refusal_days: Count  # T20
    order_recorded_working_days: Count  # rules 5.0
    minimum_weeks: Count  # the least a court needs from application to order: R-ELG-1


class NotProgressingPolicy(Section):
    """The decision not to progress (rules 5.12)."""

    reopen_review_months: Count  # R-NP-1


class ReviewsPolicy(Section):
    """Looked-after reviews: kept by the case system, shown here as imported (rules 3.4, practice PN-1)."""

    first_working_days: Count  # R-LAC-1
    second_months: Count  # R-LAC-1
    then_months: Count  # R-LAC-1
    visit_first_weeks: Count  # R-LAC-4: from the day of a placement
    visit_weeks: Count  # R-LAC-4: from visit to visit, in a placement's first year and where it is not to last
    visit_then_months: Count  # R-LAC-4: from visit to visit after the first year, where it is to last to 18
    iro_dispute_working_days: Count  # R-LAC-6, practice PT-21


class FinancePolicy(Section):
    """Kinds of funding, and who decides what at which amount, in whole pounds (rules 7.2, practice PM-1).

    What the numbers mean together is in `states/authority.py`.
    """

    kinds: WordList  # practice PM-1: what may be asked for; a kind that nobody signs is refused
    head_of_service_below: WholePounds  # R-FIN-3: exclusive
    assistant_director_up_to: WholePounds  # R-FIN-3: inclusive
    director_above: WholePounds  # R-FIN-3
    dmt_above: WholePounds  # R-FIN-3: exclusive
    tier_source: Literal["procedure", "appendix_d", "strict_up"]  # A1: which text counts where the two differ
    aggregate_months: Count  # R-FIN-4, A24
    standard_allowance_signed_by: RankedPost  # practice PM-1
    legal_costs_signed_by: RankedPost  # practice PM-1
    settling_in_by: PostOrTiers  # practice PM-1
    needs_led_signed_by: RankedPost  # A2
    annual_value_director_above: OffOrPounds  # practice PM-2
    second_view: Literal["advisory", "off"]  # A5: off, and a dissent goes straight up
    split_below_first_tier_decided_by: RankedPost  # A5
    dmt_refusal: Literal["blocks below Director", "advises"]  # A4
    contract_for: PoundsByWord  # R-FIN-9, A19: from which amount
    decision_record_mandatory_for: RankedPost  # A25: this post and those above
    budgets: Budgets  # practice PM-7: by financial year and kind, in whole pounds
    quorum_members: Count  # practice PM-4: of a Permanence Panel or DMT, besides the chair
    signing_hours_after_grant: Count  # reliability C13: a post given less long ago signs nothing


class FinanceDaysPolicy(Section):
    """How long each step of a funding request may take, in working days (R-FIN-12)."""

    chair: Count
    head_of_service: Count
    second_head_of_service: Count
    assistant_director: Count
    dmt: Count
    director: Count
    sign_off_to_tracker: Count  # R-FIN-10
    route_without_dmt: Count
    route_with_dmt: Count
    contract: Count  # D-39
    needs_led: Count  # R-NLA-3
    listing: Count  # practice PT-15: a request whose meeting was called off is on the agenda of another


class NoticesPolicy(Section):
    """Time for representations on proposed support (R-SUP-8)."""

    representations_days: Count
    representations_floor_days: Count


class MeansTestPolicy(Section):
    """The means test: how income, outgoings and an allowance become an award (rules 7.3)."""

    income_share_kept: Share  # R-MT-1: what is left of income after the disregard
    contribution_rate: Share  # R-MT-1
    core_cost_factor: Factor  # R-MT-1
    passport: Literal["sole_income", "any_receipt"]  # R-MT-4
    passport_benefits: Benefits  # R-MT-4: Income Support and what counts like it
    child_benefit_deduction: Literal[
        "never", "unless_passported", "unless_any_means_tested_benefit", "always"
    ]  # R-MT-5
    means_tested_benefits: Benefits  # R-MT-5: further ones, beside those of the passport
    small_award_below: Pence  # R-MT-9: a week
    child_disability_benefits: Literal["disregarded", "counted"]  # R-MT-2
    former_foster_carers: Literal["not means-tested", "means-tested"]  # R-MT-11
    former_foster_carer_years: Count  # R-MT-11: from the order
    paid_per: Literal["week", "month"]  # R-MT-8


class RatesPolicy(Section):
    """The rates the means test reads, as dated tables (rules 7.4)."""

    region: Words  # whose national minimum holds
    national_minimum_allowance: Allowances  # rules 7.4
    local_allowance: Allowances  # R-MON-9: the authority's own; without one the minimum stands in
    personal_allowances: PersonalTables  # R-MT-1
    child_benefit: ChildBenefitTables  # R-MT-5


class PostOrderPolicy(Section):
    """After the order (rules 9)."""

    plan_review_months: Count  # R-ASM-6, R-SUP-10
    allowance_review_months: Count  # R-REV-1, A32
    statement_form_weeks_before: Count  # R-REV-1: when the annual statement's form goes out


class ViewsPolicy(Section):
    """What the child, parents and carers say (practice PT-12)."""

    opposition_prompt_working_days: Count


class WarnPolicy(Section):
    """How long before a date somebody is told (rules 8)."""

    rating_working_days: Count  # NT-02
    rating_late_head_of_service_working_days: Count  # NT-02: after it was due
    return_working_days: Count  # NT-05
    application_days: Count  # NT-15
    representations_days: Count  # NT-16
    court_direction_working_days: Counts  # NT-21, first warning first


class NightPolicy(Section):
    """The overnight check and its thresholds (rules 10, practice 3)."""

    at: LocalTime  # R-CLK-8, reliability P10
    catch_up_nights: Count  # design 5.10
    ladder_working_days: tuple[Rung, ...]  # practice PN-2
    alert_again_days: Count  # rules 10
    dealt_with_days_at_most: Count  # rules 10: an answer is no way to silence a finding
    head_of_service_page_on: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]  # practice PN-2
    off: tuple[DriftId, ...]  # practice PN-1
    go_live: GoLive  # practice PR-4
    backlog_per_month: Count  # practice PR-4
    listing_weeks: Count  # D-03, practice PN-3: for a colour without a return interval
    trajectory_overdue_working_days: Count  # D-05
    same_barrier_times: Count  # D-07
    money_before_order_weeks: Count  # D-13
    application_possible_weeks: Count  # D-15
    no_application_at_age: Count  # D-17
    quiet_case_days: Count  # D-35
    not_closed_urgent_working_days: Count  # D-41: after somebody was asked


class MailPolicy(Section):
    """What a mail may say, when it goes, and how often it is tried (design 5.12, reliability B.4)."""

    initials_allowed: Flag  # practice 5
    council_id_allowed: Flag  # practice 5
    per_person_cap_per_hour: Count
    digest_at: TimeOfDay
    retry_minutes: Counts
    unknown_retry_minutes: Count
    unknown_repeats: Count
    pause_after_failures: Count


class RecordsPolicy(Section):
    """How long records are kept and how soon they are made (rules 11)."""

    looked_after_years_from_birth: Count  # R-REC-1
    death_before_18_years: Count  # R-REC-1
    adoption_years: Count  # R-REC-2
    finance_years: Count  # R-REC-3
    contact_working_days: Count  # R-REC-5
    late_entry_working_days: Count  # R-SM-3, D-37: a decision entered later needs a reason
    cfs_received_working_days: Count  # PR-7: from the upload
    cfs_tracker_working_days: Count  # PR-7: from the upload
    emergency_access_hours: Count  # reliability R35: how long a record stays open that was opened in an emergency
    emergency_review_working_days: Count  # reliability R35: by when its review is due
    turned_away_in_an_hour: Count  # reliability C1: so often, and whoever manages them is told
    export_told_from: Count  # reliability C7: a list of so many leaves with a reason, and the guardian is told
    export_at_most: Count  # reliability C7: a longer list leaves in parts
    searches_in_a_minute: Count  # reliability C48: so many by one person, and no more
    exports_in_an_hour: Count  # reliability C48: so many lists by one person, and no more
    too_fast_in_an_hour: Count  # reliability C48: held back so often, and whoever manages them is told
