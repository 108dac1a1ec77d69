"""What runs beside a child's way in the county: ratings refreshed, reviews, positions, handovers, dates that move.

Each is written into a way that is planned already, on days on which an office is open.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from casework.acting.effects_on_time import REACHES
from demo.population import Child
from demo.routes import Step, Team
from states.calendar import Calendar
from states.policy import Policy
from states.records.codes import SlipReason, StepName
from states.stages import S
from states.standing import TO_LAST
from states.vocabulary import Role

_NO_LONGER_RATED = frozenset(
    {"application_issued", "order_made", "group_decides_not_to_progress", "mark_not_applicable", "end"}
)
#: Milestones that no act of these routes reaches: no trajectory of the county has them.
_NOT_PLANNED = frozenset({StepName.FIRST_HEARING, StepName.FINANCIAL_ASSESSMENT, StepName.FINANCE_DECISION})
_WHY_IT_SLIPPED = (
    SlipReason.CHECKS,
    SlipReason.CARER,
    SlipReason.FAMILY,
    SlipReason.MEETING_CANCELLED,
    SlipReason.WORKER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every life in the county has in common."""

    today: date
    begins: date  # the first day of the system
    meetings: list[date]
    policy: Policy
    calendar: Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A child on a way, and who and what is around."""

    child: Child
    team: Team
    setting: Setting
    state: S
    forgotten: bool
    chance: random.Random

    def written_into(self, steps: list[Step]) -> list[Step]:
        """The steps with everything that runs beside them."""
        steps = self._rating_kept_fresh(steps)
        steps = self._visits(self._reviews(steps))
        steps = self._position(steps)
        steps = self._handed_over(steps)
        return self._trajectories(steps)

    def _rating_kept_fresh(self, steps: list[Step]) -> list[Step]:
        new: list[Step] = []
        rated: date | None = None
        paper: dict[str, Any] = {}
        until = self.setting.today - timedelta(days=1)
        forgotten = self.forgotten and self.state is S.RATED
        for step in [*steps, Step(on=until, who="", trigger="")]:
            while rated is not None and not forgotten:
                again = self.setting.calendar.next_working_day(rated + timedelta(days=160))
                if again >= min(step.on, until):
                    break
                new.append(Step(on=again, who=self.team.manager, trigger="rerate", differs=paper))
                rated = again
            if step.trigger in ("rate", "rerate"):
                rated, paper = step.on, {k: v for k, v in step.differs.items() if k not in ("change", "barriers")}
            elif step.trigger in _NO_LONGER_RATED:
                rated = None
        return _inserted(steps, new)

    def _reviews(self, steps: list[Step]) -> list[Step]:
        """Reviews twice a year for those on the way; of the others the case system says when they were."""
        calendar, today = self.setting.calendar, self.setting.today
        last = calendar.previous_working_day(today - timedelta(days=self.chance.randint(12, 160)))
        following = calendar.next_working_day(last + timedelta(days=170))
        if self.state in (S.ENDED, S.POST_ORDER, S.ORDER_MADE):
            return steps
        if self.state is S.NOT_APPLICABLE or steps[0].on >= last:
            fed = calendar.previous_working_day(today - timedelta(days=self.chance.randint(1, 20)))
            if fed <= steps[0].on:
                return steps
            facts = {"last_review_on": last, "next_review_on": following, "fed_on": fed}
            return _inserted(steps, [Step(on=fed, who="dean.data", trigger="update_child", differs=facts)])
        new = []
        while last > max(steps[0].on, today - timedelta(days=560)):
            under_four = last < calendar.attains(self.child.born, 4)
            differs = {"participation": "PN0" if under_four else "PN1", "next_review_on": following}
            new.append(Step(on=last, who=self.team.iro, trigger="record_review", differs=differs))
            following, last = last, calendar.previous_working_day(last - timedelta(days=175))
        return _inserted(steps, new)

    def _visits(self, steps: list[Step]) -> list[Step]:
        """The last visit (rules R-LAC-4): written by the worker, or told by the case system with its other dates."""
        if self.state in (S.ENDED, S.POST_ORDER, S.ORDER_MADE):
            return steps
        chance = random.Random(self.child.number)  # its own, so that nothing else of the county depends on it
        settled = self.child.placement_code in TO_LAST and (self.setting.today - self.child.placement_since).days > 400
        days = chance.randint(95, 120) if self.forgotten else chance.randint(3, 80 if settled else 38)
        on = self.setting.calendar.previous_working_day(self.setting.today - timedelta(days=days))
        fed = next((n for n, step in enumerate(steps) if "last_review_on" in step.differs), None)
        if fed is not None:
            told = replace(steps[fed], differs={**steps[fed].differs, "last_visit_on": min(on, steps[fed].on)})
            return [*steps[:fed], told, *steps[fed + 1 :]]
        if on < max(steps[0].on, self.child.placement_since):
            return steps
        return _inserted(steps, [Step(on=on, who=self.team.worker_on(on), trigger="record_visit")])

    def _position(self, steps: list[Step]) -> list[Step]:
        """Where things stand, for children somebody works with; and what comes next, by a day to come."""
        if self.forgotten or self.state in (S.COHORT, S.NOT_APPLICABLE, S.ENDED, S.POST_ORDER, S.NOT_PROGRESSING):
            return steps
        on = self.setting.calendar.previous_working_day(self.setting.today - timedelta(days=self.chance.randint(1, 18)))
        if on < steps[-1].on:
            return steps
        position, next_step = self.chance.choice(_POSITIONS)
        ahead = self.setting.today + timedelta(days=self.chance.randint(3, 30))
        by_when = self.setting.calendar.next_working_day(ahead)
        differs = {"position": position, "next_step": next_step, "by_when": by_when}
        written = Step(on=on, who=self.team.worker_on(on), trigger="set_latest_position", differs=differs)
        return _inserted(steps, [written])

    def _handed_over(self, steps: list[Step]) -> list[Step]:
        """The worker leaves: somebody else takes the self.child over, with what was promised."""
        if self.team.leaves is None or self.team.leaves[1] is None or steps[-1].trigger == "end":
            return steps
        on = self.setting.calendar.next_working_day(self.team.leaves[0])
        if not steps[0].on < on < self.setting.today:
            return steps
        differs = {
            "role": Role.CHILDS_WORKER.value,
            "person": self.team.leaves[1],
            "handover": "Visits on Tuesdays; the carers were promised an answer about the extension.",
        }
        taken_over = Step(on=on, who=self.team.manager, trigger="allocate", differs=differs)
        before = [step for step in steps if step.on < on]
        return [*before, taken_over, *steps[len(before) :]]

    def _trajectories(self, steps: list[Step]) -> list[Step]:
        """The dates of each trajectory: what was reached stands near its day, the rest lies ahead; some moved."""
        first = next((step for step in steps if step.trigger == "record_trajectory"), None)
        if first is None:
            return steps
        planned = _dates(steps, self.setting, late=self.chance.randint(20, 45) if self.forgotten else 0)
        slips = self.chance.random() < 0.4
        ahead = sorted(on for on in planned.values() if on > first.on + timedelta(days=40))
        if not slips or not ahead:
            return [_with_dates(s, planned) if s is first else s for s in steps]
        days, since = self.chance.randint(14, 45), ahead[0]
        floor = max((on for on in planned.values() if on < since), default=first.on + timedelta(days=8))
        earlier = {
            name: max(floor, on - timedelta(days=days)) if on >= since else on
            for name, on in planned.items()
        }
        moved_on = self.setting.calendar.next_working_day(since - timedelta(days=days + 3))
        out = [_with_dates(s, earlier) if s is first else s for s in steps]
        if not first.on < moved_on < self.setting.today or not _under_way(steps, moved_on):
            return [_with_dates(s, planned) if s is first else s for s in steps]
        reason = self.chance.choice(_WHY_IT_SLIPPED)
        moved = {name for name in planned if planned[name] != earlier[name]}
        who = self.team.worker_on(moved_on, instead=self.team.assessor)
        written = Step(on=moved_on, who=who, trigger="record_trajectory")
        return _inserted(out, [_with_dates(written, planned, why=dict.fromkeys(moved, reason.value))])


def _inserted(steps: list[Step], new: Iterable[Step]) -> list[Step]:
    """With these, each after whatever happened on its day before."""
    return sorted([*steps, *new], key=lambda step: step.on)  # stable: a day keeps its order


_POSITIONS = (
    ("Carers have the written information and are talking it over.", "Ring the carers"),
    ("The school's report is in; family time went well twice.", "Visit after half-term"),
    ("Waiting for the housing association's answer.", "Write to housing again"),
    ("The carers asked what happens to the allowance.", "Send the example calculation"),
    ("The aunt would take weekends; the network meeting can be set.", "Find a date for the network meeting"),
)


def _under_way(steps: list[Step], on: date) -> bool:
    begun = next((s.on for s in steps if s.trigger == "group_progresses"), None)
    over = [s.on for s in steps if s.trigger in ("application_issued", "list_for_group") and begun and s.on > begun]
    return begun is not None and begun < on and (not over or on < over[0])


def _dates(steps: list[Step], setting: Setting, *, late: int) -> dict[StepName, date]:
    """When each milestone was reached, or by the policy's weeks is to be; `late`: the next ones have gone by."""
    reached: dict[StepName, date] = {}
    for step in steps:
        for name in REACHES.get(step.trigger, ()):
            reached.setdefault(name, step.on)
    names = [name for name in StepName if name not in _NOT_PLANNED]
    weeks = {name: setting.policy.trajectory.weeks_before_order[name] for name in names}
    open_ = [name for name in names if name not in reached]
    if not open_:
        return reached
    order = setting.today + timedelta(weeks=max(weeks[name] for name in open_), days=10 - late - (12 if late else 0))
    ahead = {name: setting.calendar.next_working_day(order - timedelta(weeks=weeks[name])) for name in open_}
    return {name: reached.get(name) or ahead[name] for name in names}


def _with_dates(step: Step, dates: dict[StepName, date], *, why: dict[StepName, str] | None = None) -> Step:
    milestones = [
        {
            "step": name.value,
            "planned_on": on.isoformat(),
            "owner": "child's social worker" if place < 4 else "SGO assessment worker",
            **({"slip_reason": why[name]} if why and name in why else {}),
        }
        for place, (name, on) in enumerate(dates.items())
    ]
    return replace(
        step, differs={**step.differs, "milestones": milestones, "target_order_on": dates[StepName.ORDER]}
    )
