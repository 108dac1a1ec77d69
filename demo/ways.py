"""How the children of the county came to where they are: years of ratings, meetings and reviews, and what slipped.

The stretch from the group's agreement to the order is that of the small demo (`demo.routes`). What comes before
is here: the rounds of amber and red children, those whom the pathway does not fit, and what somebody forgot, for
the night to find. What runs beside the way stands in `demo.beside`.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from demo.beside import Beside, Setting
from demo.population import ADOPTION, FOSTER, PARENTS, Child
from demo.routes import Step, Team, Way, plan
from states.calendar import Calendar
from states.records.codes import NotApplicable
from states.stages import S

#: Outcomes that say what they mean for brothers and sisters.
_OUTCOMES = frozenset(
    {"group_progresses", "group_defers", "group_asks_further_work", "group_decides_not_to_progress", "group_adjourns"}
)
_AT_REVIEW = frozenset({"roa_ratifies", "roa_does_not_ratify", "roa_defers", "record_review"})


class Life(Way):
    """A way through the years. `forgotten`: somebody lets this child wait."""

    def __init__(
        self,
        start: date,
        team: Team,
        setting: Setting,
        child: Child,
        *,
        chance: random.Random,
        joined: date,
        related: bool,
        forgotten: bool,
        colour: str,
    ) -> None:
        record = {**child.opened(), "team": None}
        super().__init__(start, team, setting.meetings, setting.calendar, record)
        self.setting, self.who, self.chance = setting, child, chance
        self.joined, self.related, self.forgotten, self.colour = joined, related, forgotten, colour
        self.asked = False  # the group has heard this child
        self.barriers = chance.randrange(len(_BARRIERS))

    def do(self, who: str, trigger: str, **more: Any) -> None:
        """One act today, with what this child's paper says differently."""
        if trigger in _OUTCOMES and self.related:
            more.setdefault("sibling_impact", "Their plan stays as it is; they go on seeing each other every week.")
        if trigger in _AT_REVIEW and self.day < self.calendar.attains(self.who.born, 4):
            more.setdefault("participation", "PN0")
        if trigger == "order_made":
            more.setdefault("end_code", "E45" if self.who.kinship else "E46")
        if trigger == "record_court_direction" and not self.forgotten:
            more.setdefault("comply_by", self.calendar.next_working_day(self.setting.today + timedelta(days=12)))
        super().do(who, trigger, **more)

    def join(self) -> None:
        """Into the cohort, years ago; the rounds of amber and red until this stretch begins."""
        start = self.day
        if self.calendar.add_working_days(self.joined, 120) < start:
            self.day = self.calendar.next_working_day(self.joined)
            super().join()
            self.wait(9)
            self.do(self.team.manager, "rate", colour=self.colour, **_why(self.colour, self._next_barrier()))
            self.rounds(start)
            self.day = max(self.day, self.calendar.next_working_day(start))
        else:
            super().join()

    def rated(self, colour: str) -> None:
        """Rated; or rated better than before."""
        if any(step.trigger == "rate" for step in self.steps):
            self.wait(4)
            self.do(self.team.manager, "rerate", colour=colour, change="carer changed their mind")
        else:
            super().rated(colour)

    def listed(self) -> None:
        """On the agenda of a meeting to come, most with papers and the first of the services' views."""
        why = "return date" if self.asked else "newly rated"
        days = timedelta(days=_PAPERS_AHEAD)
        meeting = next(m for m in self.meetings if m >= self.setting.today + days)
        self.do("ash.admin", "list_for_group", meeting=meeting, why=why)
        if self.chance.random() < 0.7:
            self.do(self.team.manager, "file_papers")
            self.do("fern.fostering", "add_view", voice="Fostering", view="Supports the plan, with the actions agreed.")

    def heard(self, outcome: str, *, why: str = "newly rated", **differs: Any) -> None:
        """At the next meeting; a child who was there before comes back."""
        super().heard(outcome, why="return date" if self.asked else why, **differs)
        self.asked = True

    def rounds(self, until: date) -> None:
        """Deferred, and looked at again as often as the colour asks (PT-2), until a day: the return is later."""
        days = _COMES_BACK[self.colour]
        returns = self._meeting_by(self.next_meeting(18), days)
        self.heard("group_defers", return_on=returns, barriers=[self._next_barrier()])
        while returns <= until:
            before = returns
            if self.chance.random() < 0.7:
                self.day = max(self.day, self.calendar.add_working_days(returns, -6))
                again = self._meeting_by(self.day, days)
                self.do("wren.chair", "desk_review_unchanged", return_on=again)
            else:
                self.day = max(self.day, self.calendar.add_working_days(returns, -18))
                again = self._meeting_by(returns, days)
                self.heard("group_defers", return_on=again, barriers=[self._next_barrier()])
            returns = again
            if returns <= before:
                return

    def _next_barrier(self) -> str:
        """Another one each time: what stands in the way again and again is for those who were forgotten."""
        self.barriers += 0 if self.forgotten else 1
        return _BARRIERS[self.barriers % len(_BARRIERS)]

    def _meeting_by(self, day: date, days: int) -> date:
        """The last meeting within so many days of another one; of a child who is forgotten, one that has gone by."""
        within = [m for m in self.meetings if m <= day + timedelta(days=days)]
        if self.forgotten and within[-1] >= self.setting.today:
            gone = [m for m in within if self.day + timedelta(days=30) < m < self.setting.today]
            return self.chance.choice(gone[-3:]) if gone else within[-1]
        return within[-1]


#: Days within which a child of a colour is back: six months, twelve months (practice PT-2).
_COMES_BACK = {"AMBER": 178, "RED": 360}
#: A meeting is listed for so many days ahead at least, so that its papers can be in on time (practice PT-4).
_PAPERS_AHEAD = 8
_BARRIERS = ("FAMILY_TIME", "HOUSING", "FINANCE", "CARER_UNSURE", "THERAPY")


def _why(colour: str, barrier: str) -> dict[str, Any]:
    if colour in ("GREEN", "YELLOW"):
        return {}
    return {
        "reason": "The carers are committed; something has to be settled first.",
        "readiness": "Willing, not yet ready." if colour == "AMBER" else "Does not want to speak of it now.",
        "barriers": [barrier],
    }


# -- whole lives ------------------------------------------------------------------------------------------


def life(
    child: Child,
    state: S,
    team: Team,
    setting: Setting,
    *,
    team_name: str,
    chance: random.Random,
    related: bool = False,
    forgotten: bool = False,
) -> list[Step]:
    """Every act of a child's years on the pathway, up to yesterday, in the order in which they happened."""
    yesterday = setting.today - timedelta(days=1)
    since = child.looked_after_since if state is S.NOT_APPLICABLE else child.status_since
    joined = max(setting.begins, since) + timedelta(days=chance.randint(3, 15))
    if state is S.RATED:
        joined = setting.today  # nobody has heard this child yet: no rounds before
    colour = chance.choices(["AMBER", "RED"], [5, 4])[0]

    def way(start: date) -> Life:
        return Life(
            start, team, setting, child, chance=random.Random(child.number), joined=joined, related=related,
            forgotten=forgotten, colour=colour,
        )  # fmt: skip

    if state is S.NOT_APPLICABLE:
        steps = _aside(way(joined), forgotten)
    elif state is S.DEFERRED:
        steps = _deferred(way(joined), forgotten)
    elif state is S.COHORT:
        begun = setting.today - timedelta(days=chance.randint(33, 35) if forgotten else chance.randint(2, 24))
        steps = _only_joined(way(setting.calendar.previous_working_day(begun)))
    else:
        waited = _dwell(state, forgotten, chance)
        reached_by = setting.calendar.previous_working_day(setting.today - timedelta(days=waited))
        steps = plan(
            state,
            reached_by=reached_by,
            team=team,
            meetings=setting.meetings,
            calendar=setting.calendar,
            child={},
            begun=way,
        )
    beside = Beside(child=child, team=team, setting=setting, state=state, forgotten=forgotten, chance=chance)
    steps = beside.written_into(steps)
    first = replace(steps[0], differs={**steps[0].differs, "team": team_name})
    return [step for step in (first, *steps[1:]) if step.on <= yesterday]


#: How many days ago the state was reached, at least and at most; and where the child was forgotten.
_DWELLS: dict[S, tuple[tuple[int, int], tuple[int, int]]] = {
    S.RATED: ((2, 28), (60, 110)),
    S.REVIEW_GROUP: ((1, 6), (1, 6)),
    S.FURTHER_WORK: ((4, 30), (50, 80)),
    S.TRAJECTORY: ((2, 12), (40, 70)),
    S.KEY_DECISION: ((2, 20), (35, 60)),
    S.RATIFICATION: ((3, 50), (95, 130)),
    S.ASSESSMENT: ((5, 60), (92, 125)),
    S.FINANCIAL_PACKAGE: ((2, 12), (20, 30)),
    S.SIGN_OFF: ((2, 12), (30, 45)),
    S.WITH_LEGAL: ((3, 30), (60, 80)),
    S.IN_COURT: ((5, 90), (40, 90)),
    S.ORDER_MADE: ((1, 1), (6, 12)),
    S.POST_ORDER: ((10, 320), (370, 400)),
    S.NOT_PROGRESSING: ((20, 300), (370, 420)),
    S.ENDED: ((10, 500), (10, 500)),
}


def _dwell(state: S, forgotten: bool, chance: random.Random) -> int:
    usual, long = _DWELLS[state]
    return chance.randint(*(long if forgotten else usual))


def _only_joined(way: Life) -> list[Step]:
    Way.join(way)
    return way.steps


def _deferred(way: Life, forgotten: bool) -> list[Step]:
    """Amber and red: looked at again and again; forgotten, when the date to come back passed unseen."""
    Way.join(way)
    way.wait(9)
    way.do(way.team.manager, "rate", colour=way.colour, **_why(way.colour, _BARRIERS[way.barriers]))
    today = way.setting.today
    way.rounds(today - timedelta(days=way.chance.randint(25, 90)) if forgotten else today)
    return way.steps


def _aside(way: Life, forgotten: bool) -> list[Step]:
    """The pathway does not apply; looked at again each year, unless somebody forgot."""
    Way.join(way)
    way.wait(12)
    today = way.setting.today
    late = way.chance.randint(20, 70) if forgotten else 0
    reason, words = _why_aside(way.who, way.day, way.calendar)
    while True:
        span = way.chance.randint(300, 520)
        again = way.calendar.next_working_day(way.day + timedelta(days=span))
        if forgotten and again > today - timedelta(days=late):
            gone = way.calendar.next_working_day(today - timedelta(days=late))
            again = gone if gone > way.day else again
        way.do(way.team.manager, "mark_not_applicable", reason=reason, explanation=words, look_again_on=again)
        if again > today or (forgotten and again >= today - timedelta(days=late + 10)):
            return way.steps
        way.day = way.calendar.add_working_days(again, -way.chance.randint(1, 8))
        way.do(way.team.manager, "reconsider", new_information="Looked at again, as agreed.")
        way.wait(3)


def _why_aside(child: Child, on: date, calendar: Calendar) -> tuple[NotApplicable, str]:
    if child.legal_status == "V2":
        return NotApplicable.SECTION_20, "Accommodated with the parents' agreement; there is no care order."
    if child.placement == ADOPTION:
        return NotApplicable.ADOPTION, "Placed with the people who mean to adopt."
    if child.legal_status == "E1":
        return NotApplicable.PLACEMENT_ORDER, "A placement order was made; a family is being sought."
    if child.legal_status == "C1":
        return NotApplicable.INTERIM_ORDER, "Care proceedings are not over."
    if child.placement == PARENTS:
        return NotApplicable.RETURNING_HOME, "Lives at home under the care order; discharge is being prepared."
    if child.placement == FOSTER and calendar.attains(child.born, 17) <= on:
        return NotApplicable.OVER_AGE, "There is no time left for notice and court."
    return NotApplicable.NOT_MATCHED, "Not with a carer who could become special guardian."
