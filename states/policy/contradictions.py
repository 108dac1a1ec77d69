"""Values that cannot both be right, and values that the law does not allow.

Each check is one small generator over a policy; add one by writing it and naming it in `CHECKS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import pairwise

import holidays
from dateutil.relativedelta import relativedelta

from states.means_test.words import TIMES_A_YEAR, Per
from states.policy.document import Policy
from states.policy.law import LAWS
from states.policy.problems import Contradiction
from states.policy.rates import AllowanceTable, table_on
from states.policy.recurring import Body
from states.policy.values import Span, SpanUnit
from states.records.codes import StepName
from states.records.funding import FundingKind, TiedTo
from states.vocabulary import RANKS, Role

#: Kinds for which somebody signs.
SIGNED_KINDS = frozenset(kind.value for kind in FundingKind)


def contradictions(policy: Policy, *, whole: bool) -> Iterator[Contradiction]:
    """Every contradiction in a policy. Where it is not `whole`, a check of absent values is left out."""
    for check in CHECKS:
        try:
            yield from check(policy)
        except (AttributeError, KeyError):
            if whole:
                raise


Check = Callable[[Policy], Iterator[Contradiction]]


@dataclass(frozen=True, slots=True)
class Ordered:
    """One value that must stay below another, each given as "section.key"."""

    low: str
    high: str
    or_equal: bool = False
    why: str = ""

    def __call__(self, policy: Policy) -> Iterator[Contradiction]:
        low, high = _number(policy, self.low), _number(policy, self.high)
        if low > high or (low == high and not self.or_equal):
            words = "at most" if self.or_equal else "less than"
            section, key = self.low.split(".")
            yield Contradiction(
                (section, key), f"must be {words} {self.high} ({high}); it says {low}. {self.why}".rstrip()
            )


def _number(policy: Policy, path: str) -> int:
    section, key = path.split(".")
    number: int = getattr(getattr(policy, section), key)
    return number


ORDERS = (
    Ordered(
        "assessment.midpoint_week", "assessment.target_weeks", why="The mid-point comes first (R-ASM-2)."
    ),
    Ordered("assessment.midpoint_week", "assessment.warning_week", why="The mid-point comes first (NT-13)."),
    Ordered("assessment.warning_week", "assessment.target_weeks", why="A warning comes before (NT-13)."),
    Ordered("assessment.target_weeks", "assessment.ceiling_weeks", or_equal=True, why="(R-ASM-2)"),
    Ordered(
        "notices.representations_floor_days", "notices.representations_days", or_equal=True, why="(R-SUP-8)"
    ),
    Ordered(
        "warn.representations_days", "notices.representations_days", why="A warning comes before (NT-16)."
    ),
    Ordered(
        "warn.rating_working_days", "rating.first_rating_working_days", why="A warning comes before (NT-02)."
    ),
    Ordered(
        "trajectory.further_work_first_loop_months",
        "trajectory.loop_months_before_head_of_service",
        or_equal=True,
        why="The first loop alone would go to the Head of Service (R-FW-2).",
    ),
    Ordered("group.return_before_age", "scope.ends_at_age", why="(R-RG-6)"),
    Ordered("night.no_application_at_age", "scope.ends_at_age", why="(D-17)"),
)


def quorum_can_be_reached(policy: Policy) -> Iterator[Contradiction]:
    """The chair and so many of the services (practice PT-4)."""
    services = len(policy.group.services)
    if policy.group.quorum_services > services:
        yield Contradiction(
            ("group", "quorum_services"),
            f"must be at most {services}, the number of group.services; "
            f"it says {policy.group.quorum_services} (PT-4)",
        )


def nothing_is_named_twice(policy: Policy) -> Iterator[Contradiction]:
    """Lists in which each name stands once."""
    lists: tuple[tuple[str, str, Callable[[], Iterable[object]]], ...] = (
        ("rating", "colours", lambda: policy.rating.colours),
        ("rating", "progress_without_reason", lambda: policy.rating.progress_without_reason),
        ("group", "services", lambda: policy.group.services),
        ("scope", "priority", lambda: policy.scope.priority),
        ("night", "off", lambda: policy.night.off),
        ("calendar", "closedown_days", lambda: policy.calendar.closedown_days),
    )
    for section, key, read in lists:
        try:
            twice = [str(name) for name, times in Counter(read()).items() if times > 1]
        except AttributeError:
            continue
        if twice:
            yield Contradiction((section, key), f"names {', '.join(twice)} more than once")


def colours_without_a_reason_are_known(policy: Policy) -> Iterator[Contradiction]:
    """A colour that may progress without a reason is one that children are rated with (R-RAG-3)."""
    for colour in policy.rating.progress_without_reason:
        if colour not in policy.rating.colours:
            yield Contradiction(
                ("rating", "progress_without_reason"),
                f"names {colour}, which is not in rating.colours (R-RAG-3)",
            )


def colours_with_a_return_are_known(policy: Policy) -> Iterator[Contradiction]:
    """A return interval is for a colour that children are rated with (R-RG-4)."""
    for colour in policy.group.return_within:
        if colour not in policy.rating.colours:
            yield Contradiction(
                ("group", "return_within"), f"names {colour}, which is not in rating.colours (R-RG-4)"
            )


def colours_that_wait_have_a_return(policy: Policy) -> Iterator[Contradiction]:
    """A child who does not simply progress comes back by a date (R-RAG-3, S3-3)."""
    for colour in policy.rating.colours:
        if colour not in policy.rating.progress_without_reason and colour not in policy.group.return_within:
            yield Contradiction(
                ("group", "return_within"),
                f"has no interval for {colour}; such a child may not wait without a return date (R-RAG-3)",
            )


def returns_are_no_longer_than_the_longest(policy: Policy) -> Iterator[Contradiction]:
    """Nobody sets a return date past the longest (A10)."""
    longest = policy.group.longest_return
    for colour, within in policy.group.return_within.items():
        if within.rough_days > longest.rough_days:
            yield Contradiction(
                ("group", "return_within"),
                f"{colour} is {within}, longer than group.longest_return, which is {longest} (A10)",
            )


def return_is_warned_of_in_time(policy: Policy) -> Iterator[Contradiction]:
    """The warning of a return date comes after the date was set (NT-05)."""
    warned = Span(policy.warn.return_working_days, SpanUnit.WORKING_DAYS)
    for colour, within in policy.group.return_within.items():
        if warned.rough_days >= within.rough_days:
            yield Contradiction(
                ("warn", "return_working_days"),
                f"{warned} is not less than the return interval of {colour}, which is {within} (NT-05)",
            )


def review_is_brought_forward_before_it_is_late(policy: Policy) -> Iterator[Contradiction]:
    """The prompt to bring a review forward comes before the finding that it is late (PT-8, D-10)."""
    prompt = Span(policy.roa.bring_forward_after_days, SpanUnit.DAYS)
    late = Span(policy.roa.late_after_months, SpanUnit.MONTHS)
    if prompt.rough_days >= late.rough_days:
        yield Contradiction(
            ("roa", "bring_forward_after_days"),
            f"{prompt} is not less than roa.late_after_months, {late} (D-10)",
        )


def rating_leaves_time_for_court(policy: Policy) -> Iterator[Contradiction]:
    """The oldest child rated can still get notice, application and order before eighteen (R-ELG-1)."""
    oldest, end = policy.scope.max_age_at_rating, policy.scope.ends_at_age
    born = date(2000, 1, 1)
    months = oldest.count * (12 if oldest.unit is SpanUnit.YEARS else 1)
    if oldest.unit not in (SpanUnit.MONTHS, SpanUnit.YEARS):
        yield Contradiction(
            ("scope", "max_age_at_rating"), f'must be in years and months; it says "{oldest}"'
        )
        return
    order = born + relativedelta(months=months + policy.legal.notice_months, weeks=policy.court.minimum_weeks)
    if order > born + relativedelta(years=end):
        yield Contradiction(
            ("scope", "max_age_at_rating"),
            f"{oldest} leaves no time before {end} for {policy.legal.notice_months} months' "
            f"notice and {policy.court.minimum_weeks} weeks in court (court.minimum_weeks, R-ELG-1)",
        )


def trajectory_can_be_followed(policy: Policy) -> Iterator[Contradiction]:
    """Pre-filled dates name every milestone and keep the true dependencies (PR-6, PT-10)."""
    weeks = policy.trajectory.weeks_before_order
    where = ("trajectory", "weeks_before_order")
    missing = [step for step in StepName if step not in weeks]
    if missing:
        yield Contradiction(where, f"has no number for {', '.join(missing)}")
    chain = (StepName.KDD, StepName.ROA, StepName.APPLICATION, StepName.ORDER)
    placed = [step for step in chain if step in weeks]
    for first, then in pairwise(placed):
        if weeks[first] < weeks[then]:
            yield Contradiction(where, f"puts {first} after {then} (PT-10)")
    if StepName.NOTICE in weeks and StepName.APPLICATION in weeks:
        between = Span(max(weeks[StepName.NOTICE] - weeks[StepName.APPLICATION], 0), SpanUnit.WEEKS)
        notice = Span(policy.legal.notice_months, SpanUnit.MONTHS)
        if between.rough_days < notice.rough_days:
            yield Contradiction(
                where, f"leaves {between} from notice to application; it takes {notice} (R-LAW-4)"
            )


def region_is_known(policy: Policy) -> Iterator[Contradiction]:
    """Bank holidays are known for the region (R-CLK-1)."""
    country, _, part = policy.calendar.region.partition("-")
    if part not in holidays.list_supported_countries().get(country, ()):
        yield Contradiction(
            ("calendar", "region"),
            f'no bank holidays are known for "{policy.calendar.region}"; England is "GB-ENG" (R-CLK-1)',
        )


def night_is_at_a_time_that_exists_once(policy: Policy) -> Iterator[Contradiction]:
    """London's clocks change between 01:00 and 02:00: that hour is missing or there twice (R-CLK-8)."""
    at = policy.night.at
    if at.zone != "Europe/London":
        yield Contradiction(
            ("night", "at"), f'must be in Europe/London, as every date is; it says "{at.zone}" (R-CLK-8)'
        )
    elif time(1, 0) <= at.at < time(2, 0):
        yield Contradiction(
            ("night", "at"),
            f"may not be from 01:00 to 01:59, as the clocks change; it says {at.at:%H:%M} (reliability P10)",
        )


def digest_comes_after_the_night(policy: Policy) -> Iterator[Contradiction]:
    """The digest tells what the night found (design 5.12)."""
    night, digest = policy.night.at.at, policy.mail.digest_at
    if digest <= night:
        yield Contradiction(
            ("mail", "digest_at"),
            f"must be later than night.at ({night:%H:%M}); it says {digest:%H:%M}",
        )


def ladder_climbs(policy: Policy) -> Iterator[Contradiction]:
    """Each rung is later and higher than the one before (rules 10)."""
    rungs = policy.night.ladder_working_days
    order = ("owner", *RANKS)
    for lower, upper in pairwise(rungs):
        if upper.after <= lower.after or order.index(upper.to) <= order.index(lower.to):
            yield Contradiction(
                ("night", "ladder_working_days"),
                f"must climb: {lower.to} after {lower.after}, then {upper.to} after {upper.after} (rules 10)",
            )


def ladder_passes_the_manager_only_for_urgent(policy: Policy) -> Iterator[Contradiction]:
    """Above the Team Manager the ladder is for urgent findings (practice PN-2)."""
    for rung in policy.night.ladder_working_days:
        if rung.to not in ("owner", Role.TEAM_MANAGER) and not rung.urgent_only:
            yield Contradiction(
                ("night", "ladder_working_days"), f"{rung.to} must have urgent_only = true (PN-2)"
            )


def court_warnings_come_nearer(policy: Policy) -> Iterator[Contradiction]:
    """Each warning of a court direction is nearer to the date than the one before (NT-21)."""
    days = policy.warn.court_direction_working_days
    if any(first <= then for first, then in pairwise(days)):
        yield Contradiction(
            ("warn", "court_direction_working_days"), f"must go down; it says {_listed(days)} (NT-21)"
        )


def mail_waits_longer_each_time(policy: Policy) -> Iterator[Contradiction]:
    """Each retry waits longer than the one before (reliability B.4)."""
    minutes = policy.mail.retry_minutes
    if any(first >= then for first, then in pairwise(minutes)):
        yield Contradiction(
            ("mail", "retry_minutes"), f"must go up; it says {_listed(minutes)} (reliability B.4)"
        )


def calendar_says_how_often_the_group_meets(policy: Policy) -> Iterator[Contradiction]:
    """The Review Group's calendar is as frequent as `group.meets` says (practice PT-15)."""
    calendar = policy.meetings.calendars.get(Body.REVIEW_GROUP)
    often = {None: "monthly", 1: "weekly", 2: "fortnightly"}
    if calendar is not None and policy.group.meets != often.get(calendar.every_weeks):
        yield Contradiction(
            ("meetings", "calendars"),
            f"the Review Group meets {policy.group.meets} (group.meets), but its calendar says {calendar}",
        )


def agenda_goes_out_between_papers_and_meeting(policy: Policy) -> Iterator[Contradiction]:
    """An agenda goes out when the papers are in, and after the invitation (practice PT-4)."""
    agenda = policy.meetings.agenda_working_days_before
    if agenda > policy.group.papers_working_days_before:
        yield Contradiction(
            ("meetings", "agenda_working_days_before"),
            f"must be at most group.papers_working_days_before ({policy.group.papers_working_days_before}), or the "
            f"agenda goes out before the papers are due; it says {agenda}",
        )
    if agenda >= policy.meetings.invitation_working_days_before:
        yield Contradiction(
            ("meetings", "agenda_working_days_before"),
            f"must be less than meetings.invitation_working_days_before "
            f"({policy.meetings.invitation_working_days_before}); it says {agenda}",
        )


def region_has_a_national_minimum(policy: Policy) -> Iterator[Contradiction]:
    """The region is one that the table of the national minimum has (rules 7.4)."""
    known = list(dict.fromkeys(table.region for table in policy.rates.national_minimum_allowance))
    if policy.rates.region not in known:
        yield Contradiction(
            ("rates", "region"),
            f"must be one of {', '.join(known)}, as in rates.national_minimum_allowance; "
            f'it says "{policy.rates.region}"',
        )


def local_allowance_is_one_table_a_day(policy: Policy) -> Iterator[Contradiction]:
    """The authority's own allowance is for one place: which of two would hold is not said (R-MON-9)."""
    places = sorted({table.region for table in policy.rates.local_allowance})
    if len(places) > 1:
        yield Contradiction(
            ("rates", "local_allowance"), f"must be for one region; it is for {' and '.join(places)} (R-MON-9)"
        )


def local_allowance_reaches_the_national_minimum(policy: Policy) -> Iterator[Contradiction]:
    """No carer is measured by less than the national minimum of the region (rules 7.4)."""
    rates = policy.rates
    national = [table for table in rates.national_minimum_allowance if table.region == rates.region]
    days = {table.from_on for table in (*rates.local_allowance, *national)}
    for on in sorted(days):
        local, least = table_on(rates.local_allowance, on), table_on(national, on)
        if local is None or least is None:
            continue
        low = next((age for age in range(policy.scope.ends_at_age) if _a_year(local, age) < _a_year(least, age)), None)
        if low is not None:
            yield Contradiction(
                ("rates", "local_allowance"),
                f"is below the national minimum on {on} at the age of {low}: {local.band_at(low).pounds:f} a "
                f"{local.per}, where {least.region} has {least.band_at(low).pounds:f} a {least.per} (rules 7.4)",
            )
            return


def _a_year(table: AllowanceTable, age: int) -> Decimal:
    return table.band_at(age).pounds * TIMES_A_YEAR[Per(table.per)]


def every_kind_is_signed_by_somebody(policy: Policy) -> Iterator[Contradiction]:
    """A kind of funding without a tier is refused: nobody could sign it (practice PM-1)."""
    for kind in policy.finance.kinds:
        if kind not in SIGNED_KINDS:
            known = ", ".join(sorted(SIGNED_KINDS))
            reason = f"{kind} has no tier: nobody would sign it. Known: {known} (PM-1)"
            yield Contradiction(("finance", "kinds"), reason)


def tiers_leave_no_gap(policy: Policy) -> Iterator[Contradiction]:
    """Where one post's amounts end, the next one's begin (R-FIN-3)."""
    finance = policy.finance
    if finance.director_above != finance.assistant_director_up_to:
        yield Contradiction(
            ("finance", "director_above"),
            f"must be finance.assistant_director_up_to ({finance.assistant_director_up_to}), or amounts between are "
            f"nobody's or two posts'; it says {finance.director_above} (R-FIN-3)",
        )


def money_is_signed_at_a_desk_there_is(policy: Policy) -> Iterator[Contradiction]:
    """The lowest post that signs money is the Head of Service; a split goes above them (R-FIN-3, A5)."""
    finance, low = policy.finance, RANKS.index(Role.HEAD_OF_SERVICE)
    for key in ("standard_allowance_signed_by", "legal_costs_signed_by", "needs_led_signed_by", "settling_in_by"):
        post = getattr(finance, key)
        if post in RANKS and RANKS.index(post) < low:
            yield Contradiction(("finance", key), f"must be {Role.HEAD_OF_SERVICE} or more senior; it says {post}")
    if RANKS.index(finance.split_below_first_tier_decided_by) <= low:
        yield Contradiction(
            ("finance", "split_below_first_tier_decided_by"),
            f"must be more senior than the {Role.HEAD_OF_SERVICE}s who disagree (A5)",
        )


def contracts_name_what_there_is(policy: Policy) -> Iterator[Contradiction]:
    """A contract is asked for by kind, or by what the money is tied to (R-FIN-9)."""
    known = {*SIGNED_KINDS, *(tied.value for tied in TiedTo)}
    for word in policy.finance.contract_for:
        if word not in known:
            reason = f"{word} is neither a kind nor property or vehicle (R-FIN-9)"
            yield Contradiction(("finance", "contract_for"), reason)


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


CHECKS: tuple[Check, ...] = (
    *LAWS,
    *ORDERS,
    quorum_can_be_reached,
    nothing_is_named_twice,
    colours_without_a_reason_are_known,
    colours_with_a_return_are_known,
    colours_that_wait_have_a_return,
    returns_are_no_longer_than_the_longest,
    return_is_warned_of_in_time,
    review_is_brought_forward_before_it_is_late,
    rating_leaves_time_for_court,
    trajectory_can_be_followed,
    region_is_known,
    night_is_at_a_time_that_exists_once,
    digest_comes_after_the_night,
    ladder_climbs,
    ladder_passes_the_manager_only_for_urgent,
    court_warnings_come_nearer,
    mail_waits_longer_each_time,
    calendar_says_how_often_the_group_meets,
    agenda_goes_out_between_papers_and_meeting,
    region_has_a_national_minimum,
    local_allowance_is_one_table_a_day,
    local_allowance_reaches_the_national_minimum,
    every_kind_is_signed_by_somebody,
    tiers_leave_no_gap,
    money_is_signed_at_a_desk_there_is,
    contracts_name_what_there_is,
)
