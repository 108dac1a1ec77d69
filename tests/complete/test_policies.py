"""Every policy file is complete, says where each value comes from, and holds what the register says."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.calendar import Calendar, bank_holidays, known_years
from states.policy import Mark, Policy, load_policy, policy_values
from states.policy.values import plain

FOLDER = Path(__file__).parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.toml"))


def policy_in(name: str) -> Policy:
    return load_policy((FOLDER / name).read_text(encoding="utf-8"), name=name)


#: The register (rules 14) as corrected by practice.md, for the sections that the pathway reads: written out
#: from those pages, so that the file and the register are compared and not the file with itself.
REGISTER: dict[str, dict[str, tuple[Any, str]]] = {
    "calendar": {
        "region": ("GB-ENG", "DEF"),
        "closedown_days": ([], "DEF"),
        "statutory_deadlines_roll": (False, "DEF"),
        "leap_birthday": ("1 March", "DEF"),
    },
    "scope": {
        "max_age_at_rating": ("17 years 6 months", "DEF"),
        "priority": (["kinship long-term", "long-term fostering", "kinship not matched", "other"], "SEED"),
        "locality_counts_from": ("transfer decided", "DEF"),
    },
    "rating": {
        "colours": (["GREEN", "YELLOW", "AMBER", "RED"], "SEED"),
        "first_rating_working_days": (20, "DEF"),
        "refresh_months": (6, "DEF"),
        "after_material_change_working_days": (10, "DEF"),
        "progress_without_reason": (["GREEN", "YELLOW"], "SEED"),
    },
    "group": {
        "services": (["Fostering", "Safeguarding", "Virtual School"], "SEED"),
        "quorum_services": (2, "DEF"),
        "objection_working_days": (5, "DEF"),
        "papers_working_days_before": (5, "DEF"),
        "minutes_working_days": (5, "DEF"),
        "meets": ("monthly", "DEF"),
        "return_within": ({"YELLOW": "6 weeks", "AMBER": "6 months", "RED": "12 months"}, "DEF"),
        "longest_return": ("12 months", "DEF"),
    },
    "trajectory": {
        "due_working_days": (10, "DEF"),
        "allocation_working_days": (5, "DEF"),
        "initial_meeting_working_days": (15, "DEF"),
        "further_work_first_loop_months": (3, "DEF"),
        "loops_before_head_of_service": (3, "DEF"),
        "loop_months_before_head_of_service": (9, "DEF"),
    },
    "kdd": {
        "due_working_days": (20, "DEF"),
        "record_working_days": (5, "DEF"),
        "chair_may_be_in_line": (True, "DEF"),
        "legal_advice": ("present or written", "SEED"),
    },
    "roa": {
        "bring_forward_after_days": (56, "DEF"),
        "late_after_months": (3, "DEF"),
        "override_rank": ("Head of Service", "DEF"),
        "not_ratified_relist_working_days": (20, "DEF"),
    },
    "assessment": {
        "start": ("after_ratification", "DEF"),
        "target_weeks": (12, "NSG"),
        "ceiling_weeks": (16, "DEF"),
        "midpoint_week": (6, "DEF"),
        "viability_working_days": (10, "DEF"),
        "content_fresh_months": (6, "DEF"),
        "wishes_fresh_months": (3, "DEF"),
        "checks_fresh_years": (2, "DEF"),
        "references": (3, "DEF"),
    },
    "legal": {
        "reports_working_days_before_filing": (10, "DEF"),
        "notice_months": (3, "ACT"),
        "notice_acknowledged_working_days": (5, "DEF"),
    },
    "court": {
        "care_proceedings_weeks": (26, "ACT"),
        "extension_weeks": (8, "ACT"),
        "review_after_refusal_days": (28, "DEF"),
    },
    "not_progressing": {"reopen_review_months": (12, "DEF")},
    "reviews": {
        "first_working_days": (20, "REG"),
        "second_months": (3, "REG"),
        "then_months": (6, "REG"),
        "visit_first_weeks": (1, "REG"),
        "visit_weeks": (6, "REG"),
        "visit_then_months": (3, "REG"),
        "iro_dispute_working_days": (20, "SG"),
    },
    "finance": {
        "kinds": (
            ["standard_allowance", "needs_led_allowance", "grant", "loan", "legal_costs", "settling_in"],
            "SEED",
        ),
        "head_of_service_below": (10000, "SEED"),
        "assistant_director_up_to": (20000, "SEED"),
        "director_above": (20000, "SEED"),
        "dmt_above": (10000, "SEED"),
        "tier_source": ("procedure", "DEF"),
        "aggregate_months": (12, "DEF"),
        "standard_allowance_signed_by": ("Head of Service", "DEF"),
        "legal_costs_signed_by": ("Head of Service", "DEF"),
        "settling_in_by": ("the grant tiers", "DEF"),
        "needs_led_signed_by": ("Assistant Director", "SEED"),
        "annual_value_director_above": ("off", "DEF"),
        "second_view": ("advisory", "DEF"),
        "split_below_first_tier_decided_by": ("Assistant Director", "DEF"),
        "dmt_refusal": ("blocks below Director", "DEF"),
        "contract_for": ({"loan": 0, "grant": 10000, "property": 0, "vehicle": 0}, "DEF"),
        "decision_record_mandatory_for": ("Director", "SEED"),
    },
    "finance_days": {
        "chair": (2, "DEF"),
        "head_of_service": (5, "DEF"),
        "second_head_of_service": (5, "DEF"),
        "assistant_director": (5, "DEF"),
        "dmt": (20, "DEF"),
        "director": (10, "DEF"),
        "sign_off_to_tracker": (2, "DEF"),
        "route_without_dmt": (30, "DEF"),
        "route_with_dmt": (45, "DEF"),
    },
    "notices": {"representations_days": (28, "UNC"), "representations_floor_days": (14, "DEF")},
    "means_test": {
        "income_share_kept": ("0.8", "NSG"),
        "contribution_rate": ("0.5", "NSG"),
        "core_cost_factor": ("1.25", "NSG"),
        "passport": ("sole_income", "DEF"),
        "child_benefit_deduction": ("unless_passported", "UNC"),
        "small_award_below": ("1", "DEF"),
        "child_disability_benefits": ("disregarded", "DEF"),
    },
    "post_order": {"plan_review_months": (12, "REG"), "statement_form_weeks_before": (8, "DEF")},
    "night": {
        "at": ("02:15 Europe/London", "DEF"),
        "catch_up_nights": (14, "DEF"),
        "quiet_case_days": (30, "DEF"),
        "ladder_working_days": (
            [
                {"after": 0, "to": "owner", "urgent_only": False},
                {"after": 10, "to": "Team Manager", "urgent_only": False},
                {"after": 20, "to": "Head of Service", "urgent_only": True},
                {"after": 30, "to": "Assistant Director", "urgent_only": True},
            ],
            "DEF",
        ),
        "off": (["D-18", "D-19", "D-29"], "DEF"),
        "go_live": ("date of adoption", "DEF"),
        "backlog_per_month": (40, "DEF"),
    },
    "mail": {
        "initials_allowed": (False, "DEF"),
        "per_person_cap_per_hour": (20, "DEF"),
        "digest_at": ("07:30", "DEF"),
    },
    "records": {
        "looked_after_years_from_birth": (75, "REG"),
        "death_before_18_years": (15, "REG"),
        "adoption_years": (100, "REG"),
        "finance_years": (6, "DEF"),
    },
}

#: What the rules say elsewhere and the register does not list: added under its section.
ADDED: dict[str, dict[str, Any]] = {
    "post_order": {"allowance_review_months": 12},
    "scope": {"carer_lived_with_years": 1, "ends_at_age": 18},
    "group": {
        "decisions_told_working_days": 5,
        "longer_return_rank": "Head of Service",
        "return_before_age": 17,
        "desk_review_allowed": True,
        "urgent_decision_allowed": True,
        "urgent_views_working_days": 10,
    },
    "meetings": {
        "calendars": {
            "Review Group": "2nd Thursday of the month",
            "Permanence Panel": "1st Wednesday of the month",
            "DMT": "every 2 weeks from 2026-01-06",
        },
        "on_a_day_off": "the working day after",
        "planned_ahead_months": 12,
        "papers_working_days_before": {"Permanence Panel": 5, "DMT": 5},
        "invitation_working_days_before": 20,
        "agenda_working_days_before": 4,
        "agenda_items": {"Review Group": 15, "Permanence Panel": 8, "DMT": 6},
        "near_miss_working_days": 10,
        "pack_shows_names": False,
    },
    "trajectory": {"weeks_before_order": None, "continue_working_days": 10},
    "kdd": {"chair_rank": "Team Manager"},
    "assessment": {"start_working_days": 10, "warning_week": 10, "per_worker": 6, "family_network_meetings": 1},
    "legal": {"letter_working_days": 5},
    "court": {"order_recorded_working_days": 1, "minimum_weeks": 12},
    "means_test": {
        "passport_benefits": None,
        "means_tested_benefits": None,
        "former_foster_carers": "not means-tested",
        "former_foster_carer_years": 2,
        "paid_per": "week",
    },
    "rates": {
        "region": "Rest of England",
        "local_allowance": [],
        "national_minimum_allowance": None,
        "personal_allowances": None,
        "child_benefit": None,
    },
    "views": {"opposition_prompt_working_days": 10},
    "warn": {
        "rating_working_days": 10,
        "rating_late_head_of_service_working_days": 10,
        "return_working_days": 10,
        "application_days": 14,
        "representations_days": 7,
        "court_direction_working_days": [10, 5, 2],
    },
    "night": {
        "alert_again_days": 7,
        "dealt_with_days_at_most": 42,
        "head_of_service_page_on": "Monday",
        "listing_weeks": 6,
        "trajectory_overdue_working_days": 10,
        "same_barrier_times": 2,
        "money_before_order_weeks": 8,
        "application_possible_weeks": 4,
        "no_application_at_age": 17,
        "not_closed_urgent_working_days": 10,
    },
    "mail": {
        "council_id_allowed": False,
        "retry_minutes": [1, 5, 15, 60, 240],
        "unknown_retry_minutes": 15,
        "unknown_repeats": 2,
        "pause_after_failures": 5,
    },
    "finance": {"quorum_members": 2, "budgets": {}, "signing_hours_after_grant": 24},
    "finance_days": {"contract": 30, "needs_led": 10, "listing": 5},
    "records": {
        "contact_working_days": 2,
        "late_entry_working_days": 5,
        "cfs_received_working_days": 2,
        "cfs_tracker_working_days": 5,
        "emergency_access_hours": 8,
        "emergency_review_working_days": 1,
        "turned_away_in_an_hour": 5,
        "export_told_from": 100,
        "export_at_most": 1000,
        "searches_in_a_minute": 60,
        "exports_in_an_hour": 20,
        "too_fast_in_an_hour": 10,
    },
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_is_accepted_and_comes_back_from_the_store(file: Path):
    policy = policy_in(file.name)
    assert Policy.from_canonical_json(policy.canonical_json()) == policy
    assert Calendar.of(policy).region == policy.calendar.region


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_value_of_a_shipped_file_says_where_it_comes_from(file: Path):
    for value in policy_values(policy_in(file.name)):
        where = f"{value.section}.{value.key}"
        assert value.origin.source.strip(), where
        assert value.origin.from_date <= date(2026, 11, 1), where
        if value.origin.mark in (Mark.ACT, Mark.REG, Mark.SG, Mark.NSG):
            assert value.origin.check, f"{where} names the law or guidance: say how far that was checked"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_keeps_the_order_of_the_register(file: Path):
    text = (FOLDER / file.name).read_text(encoding="utf-8")
    at = [text.index(f"\n[{section}]") for section in Policy.model_fields]
    assert at == sorted(at)
    assert policy_in(file.name).authority.mailbox.endswith(".example"), "no shipped file can reach anybody"


def test_leicestershire_has_the_values_and_marks_of_the_register():
    shipped = {(value.section, value.key): value for value in policy_values(policy_in("leicestershire.toml"))}
    for section, values in REGISTER.items():
        for key, (number, mark) in values.items():
            value = shipped[section, key]
            assert (plain(value.value), value.origin.mark) == (number, mark), f"{section}.{key}"


def test_leicestershire_has_the_values_the_rules_name_elsewhere():
    shipped = {
        (value.section, value.key): plain(value.value)
        for value in policy_values(policy_in("leicestershire.toml"))
    }
    for section, values in ADDED.items():
        for key, number in values.items():
            assert number is None or shipped[section, key] == number, f"{section}.{key}"


#: Rules 7.4, as printed there: by tax year and region, for ages from 0, 3, 5, 11 and 16.
NATIONAL_MINIMUM = {
    (2024, "London"): [191, 195, 217, 248, 289],
    (2024, "South East"): [183, 189, 208, 238, 278],
    (2024, "Rest of England"): [165, 170, 187, 213, 249],
    (2025, "London"): [198, 201, 225, 257, 299],
    (2025, "South East"): [189, 196, 216, 247, 288],
    (2025, "Rest of England"): [170, 176, 194, 220, 258],
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_has_the_national_minimum_of_each_year_and_region(file: Path):
    tables = policy_in(file.name).rates.national_minimum_allowance
    assert {(table.from_on.year, table.region): [band.pounds for band in table.bands] for table in tables} == (
        NATIONAL_MINIMUM
    )
    assert {tuple(band.from_age for band in table.bands) for table in tables} == {(0, 3, 5, 11, 16)}
    assert {table.per for table in tables} == {"week"}


def test_no_value_stands_in_the_policy_that_neither_list_knows():
    known = {(section, key) for listed in (REGISTER, ADDED) for section in listed for key in listed[section]}
    shipped = {(value.section, value.key) for value in policy_values(policy_in("leicestershire.toml"))}
    assert shipped - known == {("authority", "name"), ("authority", "mailbox")}
    assert known <= shipped


def test_another_county_differs_in_twenty_values_and_needs_nothing_but_its_file():
    pairs = zip(
        policy_values(policy_in("leicestershire.toml")),
        policy_values(policy_in("example-county.toml")),
        strict=True,
    )
    differing = [(ours.section, ours.key) for ours, theirs in pairs if ours.value != theirs.value]
    assert len(differing) >= 20
    assert {section for section, _ in differing} >= {
        "calendar",
        "rating",
        "group",
        "kdd",
        "roa",
        "assessment",
        "night",
    }


def test_the_other_county_counts_its_own_days():
    policy = policy_in("example-county.toml")
    calendar = Calendar.of(policy)
    # First rating within 15 working days of 14 December 2026: Christmas, its substitute day, New Year's
    # Day and the three closedown days are skipped, so the 15th is Tuesday 12 January 2027.
    assert calendar.add_working_days(date(2026, 12, 14), policy.rating.first_rating_working_days) == date(
        2027, 1, 12
    )
    assert calendar.attains(date(2008, 2, 29), 18) == date(2026, 2, 28)


def test_the_bank_holidays_of_the_coming_year_are_in_the_library():
    coming = (datetime.now(tz=UTC) + timedelta(days=365)).year
    assert known_years("GB-ENG")[1] >= coming
    assert len(bank_holidays("GB-ENG", coming)) >= 8, (
        f"The bank holidays of {coming} are missing: raise the pin of `holidays` in pyproject.toml, and read "
        "its changes, for a moved holiday moves deadlines."
    )


@pytest.mark.parametrize(
    ("year", "announced"),
    [
        (2025, ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]),
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
        (2028, ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"]),
    ],
)
def test_the_library_agrees_with_the_announced_bank_holidays_of_england(year: int, announced: list[str]):
    weekdays = sorted(day for day in bank_holidays("GB-ENG", year) if day.weekday() < 5)
    assert weekdays == [date.fromisoformat(f"{year}-{day}") for day in announced]
