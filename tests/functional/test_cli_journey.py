"""One child by command line, from the cohort to support after the order, by the right people and nobody else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from demo.papers import CHECKS, paper
from persistence.tables import Case
from tests.commands import Answer, Sgo, in_world
from tests.world import World, a_world

TEAM = "Children in Care North"


@dataclass
class OneChild:
    """A child's case at the command line: every step is first tried wrongly, then done."""

    sgo: Sgo
    world: World
    ref: str = ""

    def do(
        self, trigger: str, on: str, who: str, *, decided_by: str | None = None, status: int = 0, **differs: Any
    ) -> Answer:
        """Take a step on its day with a complete record and what differs."""
        self.sgo.day = date.fromisoformat(on)
        record = paper(trigger, on=self.sgo.day, **differs)
        words = ["trigger", self.ref, trigger, "--on", on, "--record", "-", "--json"]
        if decided_by:
            words += ["--decided-by", decided_by, "--evidence", "Minute 4"]
        return self.sgo(*words, person=who, stdin=json.dumps(record), status=status)

    def step(
        self, trigger: str, on: str, who: str, *, wrong: str, rule: str, asks: str | None, **differs: Any
    ) -> dict[str, Any]:
        """The wrong person is refused by `rule`, an empty record is asked for `asks`; then it is done."""
        before = self.version()
        refused = self.do(trigger, on, wrong, status=3, **differs)
        assert rule in refused.rules, refused.out
        if asks is not None:
            empty = self.sgo("trigger", self.ref, trigger, "--on", on, "--json", person=who, status=3).json["refused"]
            assert asks in {reason["field"] for reason in empty}, empty
        assert self.version() == before, "a refused step changed the case"
        done: dict[str, Any] = self.do(trigger, on, who, **differs).json
        assert done["version"] == before + 1
        return done

    def refused(self, trigger: str, on: str, who: str, *, rule: str, words: str, **differs: Any) -> None:
        """A step that a rule does not let through; nothing has changed then."""
        before = self.version()
        reasons = self.do(trigger, on, who, status=3, **differs).json["refused"]
        assert any(r["rule"] == rule and words in r["reason"] for r in reasons), reasons
        assert self.version() == before, "a refused step changed the case"

    def show(self) -> dict[str, Any]:
        """The case as the Team Manager sees it."""
        shown: dict[str, Any] = self.sgo("case", "show", self.ref, "--json", person="rowan.tm").json
        return shown

    def version(self) -> int:
        """How often the case has been written to."""
        with self.world.office.reading() as session:
            return session.scalars(select(Case.version).where(Case.ref == self.ref)).one()

    def meeting(self, on: str) -> str:
        """A meeting of the Review Group, planned in good time."""
        words = ("meeting", "plan", "--on", on, "--chair", "wren.chair", "--at", "10:00", "--json")
        ref: str = self.sgo(*words, person="ash.admin").json["ref"]
        return ref

    def meet(self, meeting: str, on: str) -> None:
        """The group meets: two of its services came, and said what they think of this child."""
        self.sgo.day = date.fromisoformat(on)
        for person, service in (("fern.fostering", "Fostering"), ("sage.safeguarding", "Safeguarding")):
            self.sgo("meeting", "attend", meeting, "--person", person, "--service", service, person="ash.admin")
            self.do("add_view", on, person, voice=service, view="The placement is settled.")


def test_a_child_goes_from_the_cohort_to_support_after_the_order_by_the_right_people(sgo: Sgo, world: World) -> None:
    whole_journey(sgo, world)


@pytest.mark.postgres
def test_the_same_journey_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with a_world(postgres_url, tmp_path / "home") as county:
        whole_journey(in_world(county, day=date(2025, 1, 6)), county)


def whole_journey(sgo: Sgo, world: World) -> None:
    child = OneChild(sgo, world)
    join(child)
    review_group_defers_and_looks_at_the_desk(child)
    review_group_agrees(child)
    work_towards_the_decision(child)
    key_decision_and_ratification(child)
    assessment(child)
    package_and_submission(child)
    court_and_support(child)
    history_is_whole(child)


def join(child: OneChild) -> None:
    words = ["case", "open", "--council-id", "4711", "--team", TEAM, "--given-names", "Testy"]
    words += ["--family-name", "McCanary", "--date-of-birth", "2015-12-25", "--legal-status", "C2", "--json"]
    words += ["--placement", "U1", "legal_status_since=2022-07-21", "looked_after_since=2022-04-12"]
    words += ["placement_since=2022-10-29", "kinship=yes"]
    refused = child.sgo(*words, person="sol.sw", status=3)  # a social worker does not open cases
    assert refused.rules <= {"R-ELG-3", "R22"}
    opened = child.sgo(*words, person="rowan.tm").json
    assert (opened["from"], opened["to"]) == (None, "COHORT")
    child.ref = opened["ref"]
    again = child.sgo(*words, person="rowan.tm", status=3)
    assert again.rules == {"PT-16"}  # one open case a child

    posts = {"rule": "T6", "asks": "role", "wrong": "uma.iromanager"}
    for role, person in (
        ("child's social worker", "sol.sw"),
        ("independent reviewing officer", "oda.iro"),
        ("supervising social worker", "bay.ssw"),
    ):
        child.step("allocate", "2025-01-06", "rowan.tm", role=role, person=person, **posts)
    child.step("change_applicants", "2025-01-06", "sol.sw", wrong="ava.auditor", rule="PT-11", asks="people")
    child.step(
        "rate",
        "2025-01-09",
        "rowan.tm",
        wrong="sol.sw",
        rule="T1",
        asks="colour",
        colour="AMBER",
    )
    assert child.show()["colour"] == "AMBER"


def review_group_defers_and_looks_at_the_desk(child: OneChild) -> None:
    meeting = child.meeting("2025-01-23")
    child.step(
        "list_for_group",
        "2025-01-10",
        "ash.admin",
        wrong="sol.sw",
        rule="T2",
        asks="meeting",
        meeting=meeting,
    )
    child.refused("group_defers", "2025-01-13", "wren.chair", rule="R-RG-1", words="it has not been held")
    child.step("file_papers", "2025-01-14", "rowan.tm", wrong="lex.legal", rule="R-RG-2", asks="reference")
    child.meet(meeting, "2025-01-23")
    child.refused(
        "group_defers",
        "2025-01-23",
        "wren.chair",
        rule="R-RG-6",
        words="not in the future",
        return_on=date(2025, 1, 22),
    )
    child.step(
        "group_defers",
        "2025-01-23",
        "wren.chair",
        wrong="rowan.tm",
        rule="T4",
        asks="return_on",
        return_on=date(2025, 2, 27),
    )
    child.refused(
        "desk_review_unchanged",
        "2025-01-30",
        "wren.chair",
        rule="R-RG-6",
        words="not in the future",
        return_on=date(2025, 1, 29),
    )
    done = child.step(
        "desk_review_unchanged",
        "2025-01-30",
        "wren.chair",
        wrong="ash.admin",
        rule="PT-2",
        asks="return_on",
        return_on=date(2025, 2, 27),
    )
    assert (done["from"], done["to"]) == ("DEFERRED", "DEFERRED")


def review_group_agrees(child: OneChild) -> None:
    meeting = child.meeting("2025-02-27")
    child.do("list_for_group", "2025-02-03", "fern.fostering", meeting=meeting, why="return date")
    child.do("file_papers", "2025-02-14", "rowan.tm")
    child.meet(meeting, "2025-02-27")
    child.refused(  # an amber child needs the reason for going ahead (rules T3)
        "group_progresses", "2025-02-27", "wren.chair", rule="T3", words="AMBER"
    )
    done = child.step(
        "group_progresses",
        "2025-02-27",
        "wren.chair",
        wrong="ash.admin",
        rule="T3",
        asks="reason",
        going_ahead_reason="Family time has been settled in mediation.",
    )
    assert done["to"] == "TRAJECTORY"
    assert {"name", "due", "basis"} == set(done["deadlines"][0])


def work_towards_the_decision(child: OneChild) -> None:
    child.refused("proceed_to_kdd", "2025-02-28", "tam.sgo", rule="T8", words="Only SGO assessment worker")
    child.step(
        "allocate",
        "2025-02-28",
        "tam.sgo",
        wrong="sol.sw",
        rule="T6",
        asks="role",
        role="SGO assessment worker",
        person="ida.saw",
    )
    child.refused("proceed_to_kdd", "2025-03-03", "ida.saw", rule="T8", words="The initial meeting with the carers")
    child.do("invite_to_initial_meeting", "2025-03-03", "ida.saw")
    child.step("record_initial_meeting", "2025-03-11", "ida.saw", wrong="sol.sw", rule="R-IM-3", asks="outcome")
    child.step("record_trajectory", "2025-03-12", "sol.sw", wrong="quin.kdd", rule="R-TRJ-1", asks="milestones")
    child.refused(
        "needs_further_work",
        "2025-03-13",
        "ida.saw",
        rule="R-RG-6",
        words="not in the future",
        return_on=date(2025, 3, 13),
    )
    child.step("needs_further_work", "2025-03-13", "ida.saw", wrong="sol.sw", rule="T9", asks="actions")
    child.step("proceed_to_kdd", "2025-03-20", "ida.saw", wrong="sol.sw", rule="T8", asks="reason")


def key_decision_and_ratification(child: OneChild) -> None:
    chairs = {"chair": "quin.kdd", "legal_adviser": "lex.legal"}
    child.step("schedule_kdd", "2025-03-21", "ida.saw", wrong="ava.auditor", rule="R-KDD-1", asks="held_on", **chairs)
    child.refused(  # neither an adviser who was present nor written advice (practice PT-7)
        "kdd_sgo_appropriate", "2025-03-31", "quin.kdd", rule="T11", words="legal oversight", adviser_present=False
    )
    child.step(
        "kdd_sgo_appropriate",
        "2025-03-31",
        "quin.kdd",
        wrong="ida.saw",
        rule="T11",
        asks="reasons",
        legal_adviser="lex.legal",
    )
    child.refused("submit_to_legal", "2025-04-01", "ida.saw", rule="R-SM-1", words="not possible from 'Ratification")
    # The review is on 9 April; its outcome is recorded for the IRO, with the wrong date at first.
    child.refused("roa_ratifies", "2025-04-10", "ida.saw", rule="T14", words="independent reviewing officer")
    recorded = child.do("roa_ratifies", "2025-04-10", "sol.sw", decided_by="oda.iro").json
    assert (recorded["to"], recorded["unconfirmed"]) == ("ASSESSMENT", True)
    child.refused("submit_to_legal", "2025-04-10", "ida.saw", rule="PR-2", words="has not confirmed it yet")
    waiting = child.sgo("confirmations", "--json", person="oda.iro").json
    assert waiting == [
        {
            "ref": child.ref,
            "event": recorded["event"],
            "trigger": "roa_ratifies",
            "happened_on": "2025-04-10",
        }
    ]
    child.sgo.day = date(2025, 4, 11)
    theirs = ("confirm", child.ref, recorded["event"], "--json")
    assert child.sgo(*theirs, person="sol.sw", status=3).rules == {"PR-2"}
    child.sgo(*theirs, person="oda.iro")
    assert child.sgo("confirmations", "--json", person="oda.iro").json == []
    correct_the_date(child, recorded["event"])


def correct_the_date(child: OneChild, event: str) -> None:
    """The ROA was on 9 April, not 10: only what counts from it moves."""
    child.sgo.day = date(2025, 4, 14)
    words = ["trigger", child.ref, "correct", f"event={event}", "happened_on=2025-04-09"]
    words += ["reason=A slip of the keyboard.", "--json"]
    before = due_dates(child)
    previewed = child.sgo(*words, "--preview", person="sol.sw").json
    assert previewed["changed"] == [{"field": "happened_on", "was": "2025-04-10", "will_be": "2025-04-09"}]
    assert due_dates(child) == before, "a preview changed something"
    stale = str(child.version() - 1)
    assert child.sgo(*words, "--version", stale, person="sol.sw", status=4).json == {
        "conflict": {
            "reason": f"Somebody has recorded something since: the case is at version {int(stale) + 1}, "
            f"not {stale}. Look again before you go on.",
            "current": int(stale) + 1,
        }
    }
    child.sgo(*words, "--version", str(child.version()), person="sol.sw")
    after = due_dates(child)
    moved = {name: (was, after[name]) for name, was in before.items() if after[name] != was}
    assert moved == {one["name"]: (one["was"], one["now"]) for one in previewed["deadlines"]}
    # The assessment has twelve weeks from the review: the same weekday (rules R-ASM-2, R-CLK-2).
    assert moved["assessment_target"] == ("2025-07-03", "2025-07-02")
    assert child.show()["since"] == "2025-04-09"


def due_dates(child: OneChild) -> dict[str, str | None]:
    return {d["name"]: d["due"] for d in child.show()["deadlines"] if d["closed_as"] is None}


def assessment(child: OneChild) -> None:
    child.refused(
        "record_notice_of_intention",
        "2025-04-15",
        "ava.auditor",
        rule="R-NOT-1",
        words="Only",
    )
    child.do("record_notice_of_intention", "2025-04-15", "lex.legal")
    for check, on_whom in CHECKS:
        child.do("request_check", "2025-04-15", "ida.saw", check=check, on_whom=on_whom)
    for check, on_whom in CHECKS:
        child.do("receive_check", "2025-05-15", "ida.saw", check=check, on_whom=on_whom)
    child.do("record_family_network_meeting", "2025-05-16", "ida.saw")
    child.do("record_genogram", "2025-05-16", "ida.saw")
    moved = child.step(
        "record_placement_change",
        "2025-05-17",
        "sol.sw",
        wrong="ava.auditor",
        rule="PT-13",
        asks="how",
        how="same carers, new status or address",
        placement_code="U3",
    )
    assert moved["to"] == "ASSESSMENT"
    assert child.show()["child"]["placement_code"] == "U3"
    child.do("draft_support_plan", "2025-05-20", "ida.saw")
    child.do("sign_support_plan", "2025-05-22", "ida.saw")
    child.do("write_report", "2025-06-01", "ida.saw", author="ida.saw")
    child.refused(  # the author never checks (rules R-ASM-9)
        "check_quality", "2025-06-03", "ida.saw", rule="R-ASM-9", words="author"
    )
    child.refused("complete_assessment", "2025-06-03", "ida.saw", rule="R-ASM-9", words="quality")
    child.do("check_quality", "2025-06-03", "tam.sgo")
    child.do("write_statement", "2025-06-03", "ida.saw", author="ida.saw")
    child.step("complete_assessment", "2025-06-09", "ida.saw", wrong="sol.sw", rule="R-ASM-9", asks="summary")


def package_and_submission(child: OneChild) -> None:
    child.refused("agree_package", "2025-06-09", "ida.saw", rule="R-ASM-9", words="financial decision is not final")
    child.do("set_financial_position", "2025-06-09", "ida.saw")
    child.do("record_proposal_notice", "2025-06-09", "ida.saw")
    child.do("close_representations", "2025-06-10", "ida.saw")
    child.do("record_decision_notice", "2025-06-10", "ida.saw")
    child.step("agree_package", "2025-06-10", "ida.saw", wrong="sol.sw", rule="PT-9", asks="summary")
    child.refused(
        "submit_to_legal",
        "2025-06-11",
        "ida.saw",
        rule="R-ASM-11",
        words="already past",
        filing_on=date(2025, 6, 10),
    )
    child.step("submit_to_legal", "2025-06-11", "ida.saw", wrong="sol.sw", rule="T16", asks="filing_on")


def court_and_support(child: OneChild) -> None:
    issued = child.step("application_issued", "2025-08-01", "lex.legal", wrong="ava.auditor", rule="T17", asks="court")
    assert (issued["to"], issued["flags"]) == ("IN_COURT", [])
    child.step("order_made", "2025-11-03", "lex.legal", wrong="ava.auditor", rule="T18", asks="end_code")
    done = child.step("activate_support", "2025-11-05", "coral.coordinator", wrong="sol.sw", rule="T19", asks=None)
    assert (done["from"], done["to"]) == ("ORDER_MADE", "POST_ORDER")


def history_is_whole(child: OneChild) -> None:
    shown = child.show()
    way = [line["to"] for line in shown["chronology"] if line["from"] != line["to"]]
    assert way == [
        "COHORT",
        "RATED",
        "REVIEW_GROUP",
        "DEFERRED",
        "REVIEW_GROUP",
        "TRAJECTORY",
        "FURTHER_WORK",
        "KEY_DECISION",
        "RATIFICATION",
        "ASSESSMENT",
        "FINANCIAL_PACKAGE",
        "SIGN_OFF",
        "WITH_LEGAL",
        "IN_COURT",
        "ORDER_MADE",
        "POST_ORDER",
    ]
    roa = next(line for line in shown["chronology"] if line["trigger"] == "roa_ratifies")
    assert (roa["decided_by"], roa["recorded_by"]) == ("oda.iro", "sol.sw")
    assert (roa["happened_on"], roa["recorded_on"]) == ("2025-04-09", "2025-04-10")
    assert (roa["standing"], roa["confirmation"]) == ("corrected", "confirmed")
    checked = child.sgo("audit", "verify", "--json").json
    assert (checked["ok"], checked["cases"], checked["first_bad"]) == (True, 1, None)
