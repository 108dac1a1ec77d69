"""The county: every child in its care on the pathway or beside it, three years of history, ten nights looked at.

Deterministic from a seed and a day. The history is told by the same acts that people use, many in a unit of work,
and sends nothing and runs nothing; the last ten nights run as they run in an office, each over the case as it stood.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from casework import meetings, policies
from casework.acting import acts
from casework.acting.chronicle import Chronicle
from casework.acting.commands import Actor, Command
from casework.overnight import night
from casework.overnight.night_report import NightReport
from casework.policies import InForce
from casework.units import Office
from demo.beside import Setting
from demo.calendar import LONDON, at_noon, plan_body
from demo.caseload import Caseload
from demo.money import CHAIRS, ask_for_money
from demo.offices import MANAGERS, TEAM_NAMES, Offices, close_accounts, open_offices
from demo.papers import paper
from demo.population import COUNTY, FOSTER, Child, county, left_care
from demo.routes import Step, Team
from demo.ways import life
from states.calendar import Calendar, london_date
from states.policy import load_policy
from states.stages import S
from states.vocabulary import Service

YEARS = 3
NIGHTS = 10
SEED = 20_211_101
AT_ONCE = 60  # children told in one unit of work

# fmt: off
#: Where children under a full care order in foster care stand, of so many as there are in 694.
ON_THE_WAY: Mapping[S, int] = {
    S.COHORT: 10, S.RATED: 20, S.REVIEW_GROUP: 14, S.DEFERRED: 75, S.FURTHER_WORK: 10, S.TRAJECTORY: 14,
    S.KEY_DECISION: 7, S.RATIFICATION: 7, S.ASSESSMENT: 18, S.FINANCIAL_PACKAGE: 4, S.SIGN_OFF: 3, S.WITH_LEGAL: 5,
    S.IN_COURT: 10, S.NOT_PROGRESSING: 8, S.NOT_APPLICABLE: 30,
}
#: Who left care: at home with their special guardians, or in another way.
LEFT: Mapping[S, int] = {S.ORDER_MADE: 2, S.POST_ORDER: 28, S.ENDED: 12}
#: How many of each somebody forgot, of so many as there are in 694.
FORGOTTEN: Mapping[S, int] = {
    S.COHORT: 2, S.RATED: 2, S.DEFERRED: 6, S.FURTHER_WORK: 1, S.TRAJECTORY: 2, S.KEY_DECISION: 1, S.RATIFICATION: 1,
    S.ASSESSMENT: 3, S.FINANCIAL_PACKAGE: 1, S.SIGN_OFF: 1, S.ORDER_MADE: 1, S.POST_ORDER: 1, S.NOT_APPLICABLE: 5,
}
#: Those who came last have only begun; ways that take years are those of children who are here for years.
NEW = 165  # days under the order
BEGUN = (S.COHORT, S.RATED, S.REVIEW_GROUP)
LONGEST_FIRST = (
    S.IN_COURT, S.WITH_LEGAL, S.SIGN_OFF, S.FINANCIAL_PACKAGE, S.ASSESSMENT, S.RATIFICATION, S.KEY_DECISION,
    S.FURTHER_WORK, S.TRAJECTORY, S.NOT_PROGRESSING, S.DEFERRED,
)
# fmt: on
#: Stages in which two children act on one morning (`demo.live`).
TWICE = frozenset({S.KEY_DECISION, S.IN_COURT})
#: What goes on whatever becomes of a child's money.
_BESIDE = frozenset(
    {"set_latest_position", "update_child", "record_visit", "record_review", "rerate", "add_view", "allocate"}
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A child, where they are to stand, and every act that leads there."""

    child: Child
    state: S
    team: Team
    steps: list[Step]
    plain: bool  # nobody forgot this child, and nothing about them is unusual: for the acts of a morning


@dataclass(frozen=True, slots=True, kw_only=True)
class County(Caseload):
    """What was built, and what its nights came to."""

    nights: Sequence[NightReport]


def build_county(
    office: Office,
    policy_text: str,
    *,
    policy_name: str,
    now: datetime,
    children: int,
    seed: int = SEED,
    on_progress: Progress | None = None,
) -> County:
    """Build the county in an empty database as it stands at an instant, last night included."""
    today = london_date(now)
    last_night = today if now >= _night(today) else today - timedelta(days=1)
    first_night = last_night - timedelta(days=NIGHTS - 1)
    chance = random.Random(seed)
    offices, setting, days = _open(office, policy_text, policy_name, children=children, today=last_night)
    lives = plan_lives(children, setting, offices, chance)
    refs = days["Review Group"]
    cases: dict[S, list[str]] = {}
    teams: dict[str, Team] = {}
    plain: Counter[S] = Counter()
    told = _Told(office, offices.ids, refs)
    for start in range(0, len(lives), AT_ONCE):
        for one, ref in told.history(lives[start : start + AT_ONCE], before=first_night):
            there = cases.setdefault(one.state, [])
            there.insert(plain[one.state] if one.plain else len(there), ref)
            plain[one.state] += one.plain
            teams[ref] = one.team
        if on_progress is not None:
            on_progress(min(start + AT_ONCE, len(lives)), len(lives))
    quiet = {state: [ref for ref in there if not told.comes_to(ref)] for state, there in cases.items()}

    def asked(session: Session, before: date, *, this_week: bool = False) -> None:
        told.acts += ask_for_money(
            session, offices.ids, days, setting.calendar,
            before=before, cases=quiet, teams=teams, children=children, this_week=this_week,
        )  # fmt: skip

    with office.unit_of_work() as session:
        asked(session, first_night)
        close_accounts(session, offices, _night(first_night))
    lately = setting.calendar.add_working_days(last_night, -3)
    reports = []
    for number in range(NIGHTS):
        day = first_night + timedelta(days=number)
        reports.append(night.run_night(office, business_date=day, replay=False, now=_night(day)))
        told.day(day)
        if day == lately:
            with office.unit_of_work() as session:
                asked(session, day + timedelta(days=1), this_week=True)
    return County(
        cases=cases, teams=teams, staff=dict(offices.ids), meetings=refs, acts=told.acts, nights=reports,
        last_night=reports[-1],
    )  # fmt: skip


def _night(day: date) -> datetime:
    """When the night of a London date begins (design 5.10)."""
    return datetime.combine(day, time(2, 15), tzinfo=LONDON)


def _open(
    office: Office, policy_text: str, policy_name: str, *, children: int, today: date
) -> tuple[Offices, Setting, dict[str, dict[date, str]]]:
    """The policy in force, everybody at work, and the meetings of three years and one to come."""
    since = date(today.year - YEARS, today.month, 1)
    then = at_noon(since)
    with office.unit_of_work() as session:
        policy = load_policy(policy_text, name=policy_name)
        policies.adopt(session, policy, file_name=policy_name, from_on=since, by=None, now=then)
        offices = open_offices(session, children=children, since=since, today=today, now=then)
        keeper = offices.ids["ash.admin"]
        refs: dict[str, dict[date, str]] = {}
        for body, starts_at, from_on in (
            ("Review Group", "10:00", since),
            ("Permanence Panel", "13:30", today - timedelta(days=200)),
            ("DMT", "09:00", today - timedelta(days=200)),
        ):
            refs[body] = plan_body(
                session,
                body,
                chair=CHAIRS[body],
                starts_at=starts_at,
                since=from_on,
                until=today + timedelta(days=400),
                keeper=keeper,
                now=then,
            )
        group = refs["Review Group"]
        for day in (held for held in group if held < today):
            for handle, service in (
                ("fern.fostering", Service.FOSTERING),
                ("sage.safeguarding", Service.SAFEGUARDING),
                ("vale.school", Service.VIRTUAL_SCHOOL),
            ):
                meetings.record_attendance(
                    session,
                    ref=group[day],
                    person=handle,
                    service=service,
                    how="present",
                    by=keeper,
                    today=day,
                    now=at_noon(day),
                )
    setting = Setting(
        today=today, begins=since, meetings=sorted(group), policy=policy, calendar=Calendar.of(policy)
    )
    return offices, setting, refs


# -- plans ------------------------------------------------------------------------------------------------


def plan_lives(children: int, setting: Setting, offices: Offices, chance: random.Random) -> list[Planned]:
    """Where each child stands and how they came there; brothers and sisters in one team, one after the other."""
    inside = county(children, today=setting.today, chance=chance)
    placed = _stages(inside, setting, chance)
    gone = [state for state, number in LEFT.items() for _ in range(_scaled(number, children))]
    outside = left_care(len(gone), first=children, today=setting.today, chance=chance)
    everybody = [*((c, placed[c.number]) for c in inside), *zip(outside, gone, strict=True)]
    forgotten = {
        child.number
        for state, number in FORGOTTEN.items()
        for child in [c for c, s in everybody if s is state][: _scaled(number, children)]
    }
    families: dict[int, list[tuple[Child, S]]] = {}
    for child, state in everybody:
        families.setdefault(child.family, []).append((child, state))
    lives: list[Planned] = []
    for number, family in enumerate(families.values()):
        place = number % len(MANAGERS)
        team = offices.around(MANAGERS[place], number // len(MANAGERS))
        for child, state in family:
            steps = life(
                child,
                state,
                team,
                setting,
                team_name=TEAM_NAMES[place],
                chance=chance,
                related=len(family) > 1,
                forgotten=child.number in forgotten,
            )
            school_age = setting.calendar.attains(child.born, 5) <= setting.today
            plain = school_age and child.number not in forgotten and team.leaves is None
            lives.append(Planned(child=child, state=state, team=team, steps=steps, plain=plain))
    return lives


def _scaled(number: int, children: int, *, least: int = 1) -> int:
    return max(least, round(number * children / COUNTY))


def _stages(inside: Sequence[Child], setting: Setting, chance: random.Random) -> dict[int, S]:
    """The stage of each child looked after, by number: who is in foster care under a care order is on the way."""
    found = {child.number: S.NOT_APPLICABLE for child in inside}
    calendar, soon = setting.calendar, setting.today + timedelta(days=30)
    able = [
        c for c in inside
        if c.legal_status == "C2" and c.placement == FOSTER and calendar.attains(c.born, 17) > soon
    ]  # fmt: skip
    chance.shuffle(able)
    able.sort(key=lambda c: min((setting.today - c.status_since).days, 1200) // 100, reverse=True)
    new = [c for c in able if (setting.today - c.status_since).days < NEW]
    able = [c for c in able if (setting.today - c.status_since).days >= NEW]
    for child in new[: _scaled(ON_THE_WAY[S.COHORT], len(inside))]:
        found[child.number] = S.COHORT
    for state in (*BEGUN, *LONGEST_FIRST):
        there = sum(stage is state for stage in found.values())
        for _ in range(_scaled(ON_THE_WAY[state], len(inside), least=2 if state in TWICE else 1) - there):
            if able:
                found[able.pop(-1 if state in BEGUN else 0).number] = state
    return found


# -- telling ----------------------------------------------------------------------------------------------


class _Told:
    """Plans becoming history: years of it at once, then day by day."""

    def __init__(self, office: Office, staff: Mapping[str, str], meetings_by_day: Mapping[date, str]) -> None:
        self.office, self.staff, self.meetings = office, staff, meetings_by_day
        self.acts = 0
        self._policies: dict[date, InForce] = {}
        self._to_come: dict[date, list[tuple[str, Step]]] = {}
        self._family: dict[int, tuple[str, date]] = {}  # the first told of each: reference, and when they joined

    def history(self, lives: Sequence[Planned], *, before: date) -> list[tuple[Planned, str]]:
        """Tell what happened before a date, in one unit; what came later is kept for its day."""
        with self.office.unit_of_work() as session:
            chronicle = Chronicle(session, in_force=self._policies)
            return [(one, self._one(chronicle, one, before)) for one in lives]

    def _one(self, chronicle: Chronicle, one: Planned, before: date) -> str:
        steps = self._with_family(one)
        past = [step for step in steps if step.on < before]
        story = chronicle.child()
        last = ""
        for step in past or steps[:1]:  # a child who joined this week is told with the past, to be there
            result = story.act(self._command(step, None, last), by=self._actor(step), now=at_noon(step.on))
            last = result.event
            self.acts += 1
        story.keep()
        assert story.ref is not None
        for step in steps[len(past) or 1 :]:
            self._to_come.setdefault(step.on, []).append((story.ref, step))
        self._family.setdefault(one.child.family, (story.ref, steps[0].on))
        return story.ref

    def _with_family(self, one: Planned) -> list[Step]:
        """The steps, and the link to the brother or sister who was told before."""
        first = self._family.get(one.child.family)
        if first is None:
            return one.steps
        ref, joined = first
        on = max(joined, one.steps[0].on)
        link = Step(on=on, who=one.team.manager, trigger="link_sibling", differs={"sibling": ref})
        place = next((n for n, s in enumerate(one.steps) if s.on > on), len(one.steps))
        if any(step.trigger == "end" and step.on <= on for step in one.steps):
            return one.steps
        return [*one.steps[:place], link, *one.steps[place:]]

    def comes_to(self, ref: str) -> bool:
        """Whether a step that money could stand in the way of is still to be told of a child."""
        return any(
            ref == one and step.trigger not in _BESIDE for steps in self._to_come.values() for one, step in steps
        )

    def day(self, day: date) -> None:
        """Do the acts of one of the last days, one by one."""
        with self.office.unit_of_work() as session:
            last: dict[str, str] = {}
            for ref, step in self._to_come.pop(day, ()):
                command = self._command(step, ref, last.get(ref, ""))
                result = acts.act(session, command, by=self._actor(step), now=at_noon(day))
                last[ref] = result.event
                self.acts += 1

    def _command(self, step: Step, ref: str | None, last: str) -> Command:
        differs = dict(step.differs)
        if step.meeting is not None:
            differs["meeting"] = self.meetings[step.meeting]
        if step.trigger == "confirm_decision":
            differs["event"] = last
        return Command(
            ref=ref,
            trigger=step.trigger,
            happened_on=step.on,
            record=paper(step.trigger, on=step.on, **differs),
            decided_by=step.decided_by,
            quiet=True,
        )

    def _actor(self, step: Step) -> Actor:
        return Actor(person_id=self.staff[step.who], channel="demo")

