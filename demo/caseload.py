"""The demo's children: invented, spread over every state, brought there by the same acts people use.

Their history opens deadlines and agendas as it happened, and sends nothing and runs nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from casework import policies
from casework.acting.chronicle import Chronicle
from casework.acting.commands import Actor, Command
from casework.overnight.night_report import NightReport
from casework.units import Office
from demo.calendar import at_noon, group_days, hold_meetings, plan_body
from demo.money import CHAIRS, around_of, ask_for_a_little
from demo.papers import paper
from demo.routes import Step, Team, plan
from demo.staff import engage, engage_for_money
from states.calendar import Calendar
from states.policy import load_policy
from states.stages import S

#: How many of forty children stand in each state: most wait early, a few are nearly home.
SPREAD: Mapping[S, int] = {
    S.COHORT: 4,
    S.NOT_APPLICABLE: 2,
    S.RATED: 4,
    S.REVIEW_GROUP: 3,
    S.DEFERRED: 4,
    S.FURTHER_WORK: 2,
    S.TRAJECTORY: 3,
    S.KEY_DECISION: 3,
    S.RATIFICATION: 2,
    S.ASSESSMENT: 3,
    S.FINANCIAL_PACKAGE: 1,
    S.SIGN_OFF: 1,
    S.WITH_LEGAL: 1,
    S.IN_COURT: 2,
    S.ORDER_MADE: 1,
    S.POST_ORDER: 2,
    S.NOT_PROGRESSING: 1,
    S.ENDED: 1,
}
GIVEN = (
    "Acorn",
    "Briar",
    "Clover",
    "Dell",
    "Elm",
    "Fallow",
    "Gale",
    "Heath",
    "Isle",
    "Juniper",
    "Kelp",
    "Linnet",
)
FAMILY = (
    "Applethwaite",
    "Brackenbury",
    "Cobblewick",
    "Duskfield",
    "Emberley",
    "Foxholme",
    "Greengale",
    "Hollowmere",
)
TEAMS = (
    Team(manager="rowan.tm", worker="sol.sw", assessor="ida.saw", fostering="bay.ssw", iro="oda.iro"),
    Team(manager="imara.tm", worker="nell.sw", assessor="kit.saw", fostering="bay.ssw", iro="per.iro"),
)
TEAM_NAMES = {"rowan.tm": "Children in Care North", "imara.tm": "Children in Care South"}
SEED = 20_211_101
MONTHS_OF_HISTORY = 36
DWELL_DAYS = (6, 12, 20, 33, 48)
#: Some have been where they are for longer: their money was asked for, heard and paid since.
LONGER_THERE: Mapping[S, int] = {S.NOT_APPLICABLE: 140, S.POST_ORDER: 270}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caseload:
    """What was built: references by state, the people's ids by handle, and the group's meetings."""

    cases: dict[S, list[str]]
    teams: dict[str, Team]  # by the case's reference
    staff: dict[str, str]
    meetings: dict[date, str]
    acts: int
    last_night: NightReport | None = None


def spread_over(children: int) -> list[S]:
    """The states of so many children, in the proportions of SPREAD, every state first once."""
    total = sum(SPREAD.values())
    wanted = list(SPREAD)[:children]
    left = children - len(wanted)
    for state, share in SPREAD.items():
        wanted += [state] * min(
            left, round((share - 1) * max(children - len(SPREAD), 0) / (total - len(SPREAD)))
        )
        left = children - len(wanted)
    return wanted + [S.COHORT] * left


def set_up(
    office: Office, policy_text: str, *, policy_name: str, today: date
) -> tuple[dict[str, str], dict[date, str]]:
    """Adopt the policy, engage the staff and put the group's meetings on the calendar."""
    since = today - timedelta(days=31 * MONTHS_OF_HISTORY)
    now = at_noon(since)
    with office.unit_of_work() as session:
        policy = load_policy(policy_text, name=policy_name)
        policies.adopt(session, policy, file_name=policy_name, from_on=since, by=None, now=now)
        staff = engage(session, since=since, now=now)
        days = group_days(since, today + timedelta(days=400))
        refs = hold_meetings(session, days, today=today, keeper=staff["ash.admin"], now=now)
    return staff, refs


def build(
    office: Office,
    policy_text: str,
    *,
    policy_name: str,
    today: date,
    children: int = 40,
    seed: int = SEED,
    on_progress: Progress | None = None,
) -> Caseload:
    """Build the caseload in an empty database, the same for the same seed and day."""
    chance = random.Random(seed)
    staff, refs = set_up(office, policy_text, policy_name=policy_name, today=today)
    with office.reading() as session:
        policy = policies.in_force(session, today).policy
    calendar = Calendar.of(policy)
    cases: dict[S, list[str]] = {}
    teams: dict[str, Team] = {}
    done = 0
    states = spread_over(children)
    for number, state in enumerate(states):
        team = TEAMS[number % len(TEAMS)]
        child = _child(number, chance, team, today)
        dwell = DWELL_DAYS[number % len(DWELL_DAYS)] + LONGER_THERE.get(state, 0)
        steps = plan(
            state,
            reached_by=today - timedelta(days=dwell),
            team=team,
            meetings=sorted(refs),
            calendar=calendar,
            child=child,
        )
        with office.unit_of_work() as session:
            ref = walk(Chronicle(session), steps, staff=staff, meetings=refs)
        cases.setdefault(state, []).append(ref)
        teams[ref] = team
        done += len(steps)
        if on_progress is not None:
            on_progress(number + 1, len(states))
    done += _ask_for_money(office, staff, refs, calendar, today=today, cases=cases, teams=teams)
    return Caseload(cases=cases, teams=teams, staff=staff, meetings=refs, acts=done)


def _ask_for_money(
    office: Office,
    staff: dict[str, str],
    group: Mapping[date, str],
    calendar: Calendar,
    *,
    today: date,
    cases: Mapping[S, list[str]],
    teams: Mapping[str, Team],
) -> int:
    """Some requests for money, at every desk, and the meetings that hear them; answers how many acts."""
    since = min(group)
    with office.unit_of_work() as session:
        staff |= engage_for_money(session, since=since, now=at_noon(since))
        days = {"Review Group": dict(group)}
        for body, starts_at in (("Permanence Panel", "13:30"), ("DMT", "09:00")):
            days[body] = plan_body(
                session,
                body,
                chair=CHAIRS[body],
                starts_at=starts_at,
                since=today - timedelta(days=200),
                until=today + timedelta(days=200),
                keeper=staff["ash.admin"],
                now=at_noon(since),
            )
        around = around_of(session, staff, days, calendar, before=today, cases=cases)
        return ask_for_a_little(around, cases=cases, teams=teams)


def walk(
    chronicle: Chronicle, steps: list[Step], *, staff: Mapping[str, str], meetings: Mapping[date, str]
) -> str:
    """Take a child along a planned way, quietly; answers the case's reference."""
    story = chronicle.child()
    last = ""
    for step in steps:
        differs: dict[str, Any] = dict(step.differs)
        if step.meeting is not None:
            differs["meeting"] = meetings[step.meeting]
        if step.trigger == "confirm_decision":
            differs["event"] = last
        result = story.act(
            Command(
                trigger=step.trigger,
                happened_on=step.on,
                record=paper(step.trigger, on=step.on, **differs),
                decided_by=step.decided_by,
            ),
            by=Actor(person_id=staff[step.who], channel="demo"),
            now=at_noon(step.on),
        )
        last = result.event
    story.keep()
    assert story.ref is not None
    return story.ref


def _child(number: int, chance: random.Random, team: Team, today: date) -> dict[str, Any]:
    age_days = chance.randint(3 * 365, 14 * 365)
    kinship = chance.random() < 0.6
    return {
        "council_id": f"{700_000 + number * 37}",
        "given_names": GIVEN[number % len(GIVEN)],
        "family_name": FAMILY[(number // 2) % len(FAMILY)],
        "date_of_birth": today - timedelta(days=age_days),
        "placement_code": "U1" if kinship else "U4",
        "kinship": kinship,
        "team": TEAM_NAMES[team.manager],
        "candidate": True,
        "candidate_reason": "full care order, long-term foster care",
    }
