"""The command line as a public interface: JSON keys, exit statuses, who is asked for, what is never shown.

Keys may be added, never renamed or taken away: scripts of councils stand on them (design 7).
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.output import clean
from demo.papers import paper
from tests.commands import ROOT, Sgo
from tests.world import START, World

RESULT = {"ref", "trigger", "from", "to", "event", "version", "deadlines", "notices", "flags", "unconfirmed"}
FIELD = {"name", "label", "hint", "kind", "required", "options", "rows", "required_from", "money"}


def typed(trigger: str, on: date, **differs: Any) -> list[str]:
    """A complete record as a person would type it: field=value."""
    record = paper(trigger, on=on, **differs)
    return [f"{name}={_typed(value)}" for name, value in record.items()]


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value)


# -- JSON -------------------------------------------------------------------------------------------------


def test_an_act_answers_with_the_keys_of_the_contract(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    done = sgo("trigger", ref, "rate", *typed("rate", START), "--json", person="rowan.tm").json
    assert set(done) >= RESULT
    assert (done["ref"], done["trigger"], done["from"], done["to"]) == (ref, "rate", "COHORT", "RATED")
    assert done["deadlines"][0].keys() == {"name", "due", "basis"}
    assert date.fromisoformat(done["deadlines"][0]["due"]) > START


def test_what_can_be_done_answers_with_the_keys_of_the_contract(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    steps = {s["trigger"]: s for s in sgo("transitions", ref, "--json", person="rowan.tm").json}
    assert set(steps["rate"]) >= {"trigger", "to", "allowed", "missing", "fields", "words", "nature", "by"}
    assert (steps["rate"]["to"], steps["rate"]["allowed"], steps["rate"]["missing"]) == ("RATED", True, [])
    assert set(steps["rate"]["fields"][0]) == FIELD
    others = {s["trigger"]: s for s in sgo("transitions", ref, "--json", person="sol.sw").json}
    assert others["rate"]["allowed"] is False
    assert set(others["rate"]["missing"][0]) >= {"rule", "reason"}


def test_a_case_is_shown_with_stable_keys(sgo: Sgo, world: World) -> None:
    ref = world.child_at("ASSESSMENT")
    sgo.day = world.results[-1].deadlines[0].due or START
    shown = sgo("case", "show", ref, "--json", person="rowan.tm").json
    assert set(shown) >= {
        "ref",
        "version",
        "state",
        "words",
        "since",
        "closed",
        "merged_into",
        "restricted",
        "team",
        "colour",
        "child",
        "position",
        "money",
        "people",
        "contacts",
        "siblings",
        "deadlines",
        "milestones",
        "pauses",
        "meetings",
        "flags",
        "chronology",
        "as_at",
        "known_at",
    }
    assert set(shown["deadlines"][0]) >= {"name", "words", "owner", "basis", "rule", "due", "overdue", "late"}
    assert set(shown["chronology"][0]) >= {
        "event",
        "seq",
        "trigger",
        "words",
        "from",
        "to",
        "happened_on",
        "recorded_on",
        "decided_by",
        "recorded_by",
        "role",
        "confirmation",
        "standing",
        "record",
        "reason",
        "evidence",
    }
    assert set(shown["milestones"][0]) >= {"step", "planned", "forecast", "done", "slip_days", "reason"}
    assert set(shown["position"]) == {"position", "on", "next_step", "who", "by_when"}


def test_lists_answer_with_stable_keys(sgo: Sgo, world: World) -> None:
    ref = world.child_at("REVIEW_GROUP")
    sgo.person = "tam.sgo"
    case = sgo("case", "list", "--json").json[0]
    assert set(case) >= {"ref", "state", "words", "since", "colour", "team", "overdue", "next_due", "flags"}
    assert (case["next_meeting"]["body"], case["next_meeting"]["listed"]) == ("Review Group", True)
    assert "Review Group 23 Jan 2025," in sgo("case", "list").out
    meeting = sgo("meeting", "list", "--json").json[0]
    assert set(meeting) >= {"ref", "body", "held_on", "chair", "papers_due_on", "status", "items", "attendance"}
    listed = {"ref": ref, "status": "listed", "state": "REVIEW_GROUP", "journey_shown": True, "colour": "GREEN"}
    assert meeting["items"] == [listed]
    person = sgo("person", "list", "--json").json[0]
    assert set(person) == {"handle", "name", "email", "enabled", "working_days", "mailbox", "roles", "id", "waiting"}
    assert sgo("team", "list", "--json").json == [
        {"name": "Children in Care North"},
        {"name": "Children in Care South"},
        {"name": "Permanence Service"},
    ]
    assert sgo("cover", "list", "--json").json == []
    assert sgo("case", "list", "--state", "COHORT", "--json").json == []


def test_what_needs_attention_is_listed_answered_for_and_told_again(sgo: Sgo, world: World) -> None:
    """To be rated by Monday 3 February 2025: found in the night of the 4th."""
    ref = world.open_child()
    sgo.day, sgo.person = date(2025, 2, 4), "rowan.tm"
    assert sgo("overnight", "--json").json["findings"]["D-01"] == 1
    (found,) = [one for one in sgo("drift", "list", "--json").json["findings"] if one["rule"] == "D-01"]
    assert set(found) >= {"id", "rule", "severity", "words", "owners", "ref", "since", "inherited", "dealing", "back"}
    assert (found["ref"], found["since"], found["dealing"]) == (ref, "2025-02-03", None)
    until = ("--until", "2025-02-10")
    refused = sgo("drift", "acknowledge", f"{ref}:D-01", "--reason", " ", *until, "--json", status=3)
    assert refused.rules == {"rules 10"}
    said = sgo("drift", "acknowledge", found["id"], "--reason", "Rating on Thursday.", *until, "--json").json
    assert (said["person"], said["until_on"]) == ("rowan.tm", "2025-02-10")
    (line,) = sgo("drift", "list", "--rule", "D-01", "--json").json["findings"]
    assert line["dealing"]["reason"] == "Rating on Thursday."
    then = sgo("drift", "list", "--as-of", "2025-02-04", "--json").json
    assert (then["kept"], [one["ref"] for one in then["findings"] if one["rule"] == "D-01"]) == (True, [ref])
    compared = sgo("drift", "compare", "2025-02-03", "2025-02-04", "--json").json
    assert set(compared) >= {"earlier", "later", "kept", "new", "cleared", "escalated", "same"}
    assert "D-01" in {one["rule"] for one in compared["new"]}
    assert sgo("drift", "trend", "--json").json[-1]["findings"]["D-01"] == 1
    assert sgo("trajectory", ref, "--json").json["milestones"] == []
    sgo("drift", "acknowledge", f"{ref}:D-01", "--reason", "Not mine.", *until, person="imara.tm", status=3)


def test_keeping_the_installation_answers_with_stable_keys(sgo: Sgo, world: World, tmp_path: Path) -> None:
    world.child_at("RATED")
    assert sgo("health", "--json", status=1).json["problems"][0]["what"] == "clock"  # still the day the child joined
    sgo.day = START + timedelta(days=3)
    assert set(sgo("deliver", "--json").json) == {"done", "failed", "counts", "messages", "arrivals"}
    assert set(sgo("runs", "--json").json[0]) >= {"id", "flow", "how", "started_at", "state", "counts", "seconds"}
    health = sgo("health", "--json", status=1).json
    assert set(health) >= {"ok", "problems", "last_night", "night_due", "follow_ups", "messages", "processes"}
    verified = sgo("audit", "verify", "--json").json
    assert set(verified) >= {"events", "cases", "ok", "first_bad"}
    assert set(sgo("audit", "seal", "--json").json) >= {"business_date", "sequence", "cases", "events", "root"}
    manifest = sgo("backup", str(tmp_path / "copy"), "--json").json
    assert set(manifest) >= {"made_at", "database", "rows", "chain", "files"}
    policy = sgo("policy", "show", "rating", "--json").json
    assert set(policy) == {"authority", "sha256", "from", "values"}
    assert set(policy["values"][0]) == {"section", "key", "value", "mark", "check", "source", "from"}
    assert sgo("policy", "versions", "--json").json[0].keys() >= {"sequence", "sha256", "from_on", "adopted_by"}


def test_a_refusal_lists_everything_that_is_missing_with_its_rule(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    not_theirs = sgo("trigger", ref, "rate", "colour=PURPLE", "--json", person="sol.sw", status=3)
    assert not_theirs.rules == {"T1"}  # not by a social worker, who is asked for nothing more (rules 0.3)
    refused = sgo("trigger", ref, "rate", "colour=PURPLE", "--json", person="rowan.tm", status=3)
    reasons = refused.json["refused"]
    assert all(set(reason) == {"rule", "reason", "field"} for reason in reasons)
    assert {"colour", "reason", "readiness"} <= {reason["field"] for reason in reasons}
    assert refused.err == ""


def test_people_read_the_refusal_on_standard_error(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    refused = sgo("trigger", ref, "rate", "colour=GREEN", person="rowan.tm", status=3)
    assert refused.out == ""
    assert "nothing was changed" in refused.err
    assert "is missing. (" in refused.err


# -- exit statuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["trigger"],
        ["trigger", "SG-7K4QM2XD", "rait", "a=b"],
        ["trigger", "SG-7K4QM2XD", "rate", "colour"],
        ["trigger", "SG-7K4QM2XD", "rate", "colour=GREEN", "colour=RED"],
        ["trigger", "SG-7K4QM2XD", "rate", "--record", "nowhere.json"],
        ["trigger", "SG-7K4QM2XD", "rate", "--on", "yesterday"],
        ["trigger", "SG-7K4QM2XD", "rate", "--preview"],
        ["case", "list", "--state", "NOWHERE"],
        ["dates", "add", "2025-01-06"],
        ["dates", "add", "2025-01-06", "--weeks", "1", "--months", "1"],
        ["meeting", "plan", "--on", "2025-02-01", "--body", "The Choir"],
        ["pathway", "--format", "poster"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(sgo: Sgo, words: list[str]) -> None:
    person = "ash.admin" if words[0] == "meeting" else "rowan.tm"
    answer = sgo(*words, person=person, status=2)
    assert answer.out == ""
    assert answer.err


def test_a_mistyped_step_names_the_nearest(sgo: Sgo) -> None:
    answer = sgo("trigger", "SG-7K4QM2XD", "roa_ratify", person="rowan.tm", status=2)
    assert "roa_ratifies" in answer.err


def test_whoever_touches_a_child_says_who_they_are(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    for words in (
        ["case", "list"],
        ["case", "show", ref],
        ["case", "handover", ref],
        ["case", "told", ref],
        ["transitions", ref],
        ["trigger", ref, "rate", "colour=GREEN"],
        ["confirmations"],
        ["letters", "list", ref],
        ["outbox", "list"],
        ["outbox", "check"],
        ["meeting", "list"],
        ["audit", "who-looked", ref],
    ):
        assert "--as" in sgo(*words, status=2).err
        assert sgo(*words, person="nobody.here", status=2).out == ""


def test_an_unknown_and_a_hidden_case_answer_alike(sgo: Sgo, world: World) -> None:
    hidden = world.open_child()
    unknown = "SG-00000000"
    for words in (
        ["case", "show"],
        ["case", "handover"],
        ["case", "told"],
        ["transitions"],
        ["letters", "list"],
        ["audit", "who-looked"],
        ["trigger", "TRIGGER"],
    ):
        answers = []
        for ref in (hidden, unknown):
            given = [ref, "rate", "colour=GREEN"] if words[0] == "trigger" else [ref]
            said = sgo(*[w for w in words if w != "TRIGGER"], *given, "--json", person="imara.tm", status=3)
            answers.append(said.out.replace(ref, "REF") + said.err.replace(ref, "REF"))
        assert answers[0] == answers[1]


def test_a_person_whose_access_ended_sees_nothing_from_the_next_command_on(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    sgo("case", "show", ref, person="sol.sw")
    sgo("person", "disable", "sol.sw", person="amy.administrator")
    sgo("case", "show", ref, person="sol.sw", status=3)
    assert sgo("case", "list", "--json", person="sol.sw").json == []


def test_a_stale_version_is_a_conflict_and_the_same_key_is_done_once(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    words = ["trigger", ref, "add_view", *typed("add_view", START), "--key", "k1", "--json"]
    first = sgo(*words, person="sol.sw").json
    again = sgo(*words, person="sol.sw").json
    assert (again["event"], again["repeated"]) == (first["event"], True)
    other = [*words[:3], *typed("add_view", START, view="Something else."), "--key", "k1", "--json"]
    sgo(*other, person="sol.sw", status=4)
    stale = [*words[:-3], "--version", str(first["version"] - 1), "--json"]
    assert sgo(*stale, person="sol.sw", status=4).json["conflict"]["current"] == first["version"]


# -- facts, confirmation, catching up, brothers and sisters -------------------------------------------------


def test_an_order_out_of_the_blue_is_recorded_and_flagged_as_urgent(sgo: Sgo, world: World) -> None:
    ref = world.child_at("ASSESSMENT")
    sgo.day = date(2025, 4, 1)
    done = sgo("trigger", ref, "order_made", *typed("order_made", sgo.day), "--json", person="lex.legal").json
    assert (done["from"], done["to"]) == ("ASSESSMENT", "ORDER_MADE")
    assert any("ASSESSMENT" in flag["reason"] for flag in done["flags"])
    shown = sgo("case", "show", ref, person="rowan.tm").out
    assert "Needs attention" in shown
    assert "URGENT: The order was made while the case was in ASSESSMENT" in shown


def test_a_dispute_is_an_urgent_finding_of_the_team_manager(sgo: Sgo, world: World) -> None:
    ref = world.child_at("RATIFICATION")
    on = date(2025, 3, 4)
    sgo.day = on
    words = ["trigger", ref, "roa_ratifies", *typed("roa_ratifies", on), "--decided-by", "oda.iro", "--json"]
    event = sgo(*words, person="sol.sw").json["event"]
    sgo("dispute", ref, event, "--reason", "I asked for another review.", person="sol.sw", status=3)
    sgo("dispute", ref, event, "--reason", "I asked for another review.", person="oda.iro")
    flags = sgo("case", "show", ref, "--json", person="rowan.tm").json["flags"]
    assert [(f["kind"], f["urgent"], f["owner"]) for f in flags] == [("disputed decision", True, "Team Manager")]


def test_several_past_acts_are_entered_in_order_and_only_the_last_one_speaks(
    sgo: Sgo, world: World, tmp_path: Path
) -> None:
    ref = world.child_at("KEY_DECISION")
    sgo.day = date(2025, 3, 31)
    acts = [
        {
            "trigger": "schedule_kdd",
            "on": "2025-02-12",
            "record": paper("schedule_kdd", on=date(2025, 2, 12), chair="quin.kdd", legal_adviser="lex.legal"),
        },
        {
            "trigger": "set_latest_position",
            "on": "2025-02-14",
            "record": paper("set_latest_position", on=date(2025, 2, 14)),
        },
    ]
    file = tmp_path / "back-from-leave.json"
    file.write_text(json.dumps(acts))
    done = sgo("catch-up", ref, str(file), "--late-reason", "Back from leave", "--json", person="ida.saw").json[
        "results"
    ]
    assert [one["trigger"] for one in done] == ["schedule_kdd", "set_latest_position"]
    assert done[0]["notices"] == []
    chronology = sgo("case", "show", ref, "--json", person="ida.saw").json["chronology"]
    assert [(c["happened_on"], c["recorded_on"]) for c in chronology[-2:]] == [
        ("2025-02-12", "2025-03-31"),
        ("2025-02-14", "2025-03-31"),
    ]


def test_of_acts_that_are_caught_up_all_are_entered_or_none(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    acts = [
        {"trigger": "set_latest_position", "on": "2025-01-06", "record": paper("set_latest_position", on=START)},
        {"trigger": "rate", "on": "2025-01-06", "record": {}},
    ]
    before = sgo("case", "show", ref, "--json", person="rowan.tm").json["version"]
    refused = sgo("catch-up", ref, "-", "--json", person="rowan.tm", stdin=json.dumps(acts), status=3)
    assert "colour" in {reason["field"] for reason in refused.json["refused"]}
    assert sgo("case", "show", ref, "--json", person="rowan.tm").json["version"] == before


def test_what_is_entered_once_is_applied_to_the_chosen_brothers_and_sisters(
    sgo: Sgo, world: World, tmp_path: Path
) -> None:
    ref, sister, stranger = world.open_child(), world.open_child(), world.open_child()
    sgo("trigger", ref, "link_sibling", f"sibling={sister}", person="sol.sw")
    differ = tmp_path / "differ.json"
    differ.write_text(json.dumps({sister: {"view": "I want to stay with my brother."}}))
    words = ["trigger", ref, "add_view", *typed("add_view", START), "--json"]
    done = sgo(*words, "--also", sister, "--differences", str(differ), person="sol.sw").json["results"]
    assert {one["ref"] for one in done} == {ref, sister}
    hers = sgo("case", "show", sister, "--json", person="sol.sw").json["chronology"][-1]
    assert hers["record"]["view"] == "I want to stay with my brother."
    refused = sgo(*words, "--also", stranger, person="sol.sw", status=3)
    assert refused.rules == {"PR-6"}


def test_a_child_joins_at_the_stage_reached_elsewhere_with_evidence(sgo: Sgo) -> None:
    words = ["case", "open", "--council-id", "88", "--team", "Children in Care North", "--stage", "DEFERRED"]
    words += ["rated_on=2024-11-04", "colour=AMBER", "return_on=2025-04-01", "--json"]
    without = sgo(*words, person="rowan.tm", status=3)
    assert "external_evidence" in {reason["field"] for reason in without.json["refused"]}
    done = sgo(*words, "--evidence", "Minutes of the old tracker, row 14", person="rowan.tm").json
    assert (done["from"], done["to"], done["trigger"]) == (None, "DEFERRED", "bring_forward")


# -- what is written down, and what is never shown ----------------------------------------------------------


def test_the_event_keeps_the_channel_and_the_operating_systems_user(sgo: Sgo, world: World) -> None:
    import os
    import pwd

    from persistence.tables import Event

    ref = world.open_child()
    sgo("trigger", ref, "rate", *typed("rate", START), person="rowan.tm")
    with world.office.reading() as session:
        event = session.query(Event).filter_by(trigger="rate").one()
        assert (event.channel, event.os_user) == ("command line", pwd.getpwuid(os.getuid()).pw_name)


def test_every_look_is_written_down_before_the_answer_and_a_denied_one_too(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    sgo("case", "show", ref, person="sol.sw")
    sgo("transitions", ref, person="sol.sw")
    sgo("case", "show", ref, person="imara.tm", status=3)
    sgo("trigger", ref, "rate", person="sol.sw", status=3)
    looks = sgo("audit", "who-looked", ref, "--json", person="rowan.tm").json
    assert [(one["person"], one["what"], one["outcome"]) for one in looks] == [
        ("sol.sw", "read:case", "allowed"),
        ("sol.sw", "read:transitions", "allowed"),
        ("imara.tm", "read:case", "denied"),
        ("sol.sw", "act:rate", "refused"),
        ("rowan.tm", "read:who looked", "allowed"),
    ]
    assert sgo("audit", "who-looked", ref, "--json", person="sol.sw", status=3).rules == {"R20"}


@pytest.mark.parametrize(
    "words",
    [
        ["case", "list"],
        ["case", "show", "REF"],
        ["case", "handover", "REF"],
        ["case", "told", "REF"],
        ["transitions", "REF"],
        ["letters", "list", "REF"],
        ["audit", "who-looked", "REF"],
        ["confirmations"],
        ["meeting", "list"],
        ["drift", "list"],
        ["drift", "compare", "2025-01-08", "2025-01-09"],
        ["drift", "trend"],
        ["trajectory", "REF"],
        ["trigger", "REF", "correct", "EVENT", "changes=colour=RED", "reason=A slip.", "--preview"],
    ],
)
def test_every_command_that_shows_a_child_leaves_one_line_in_the_log(sgo: Sgo, world: World, words: list[str]) -> None:
    ref = world.child_at("RATED")
    event = next(result.event for result in world.results if result.trigger == "rate")
    sgo.day = date(2025, 1, 9)
    before = len(world.office.access_log.looked_at_by(world.ids["rowan.tm"]))
    sgo(*[{"REF": ref, "EVENT": f"event={event}"}.get(word, word) for word in words], person="rowan.tm")
    looks = world.office.access_log.looked_at_by(world.ids["rowan.tm"])[before:]
    assert [(look.outcome, look.case_ref) for look in looks] == [("allowed", ref if "REF" in words else None)]


def test_every_command_that_names_a_case_asks_who_is_there() -> None:
    from typer.main import get_command

    from cli.main import app

    def commands(group: Any) -> list[Any]:
        below = getattr(group, "commands", None)
        return [group] if below is None else [found for one in below.values() for found in commands(one)]

    named = [
        command
        for command in commands(get_command(app))
        if {"ref", "meeting", "ids"} & {param.name for param in command.params}
    ]
    assert len(named) > 15
    for command in named:
        assert "as_" in {param.name for param in command.params}, command.name


def test_what_cannot_be_written_down_is_not_shown(sgo: Sgo, world: World, monkeypatch: Any) -> None:
    from casework.who.access_log import AccessLog, NotLogged

    ref = world.open_child()

    def full(*_: object) -> None:
        raise NotLogged

    monkeypatch.setattr(AccessLog, "write", full)
    answer = sgo("case", "show", ref, person="sol.sw", status=1)
    assert answer.out == ""
    assert "McCanary" not in answer.err


def test_what_nobody_foresaw_is_kept_behind_a_reference(sgo: Sgo, world: World, monkeypatch: Any) -> None:
    from casework.following import ledger
    from casework.reading import showing

    ref = world.open_child()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Testy McCanary lives in Siskin Lane")

    monkeypatch.setattr(showing, "show_case", broken)
    answer = sgo("case", "show", ref, "--json", person="sol.sw", status=1)
    assert answer.out == ""
    assert "McCanary" not in answer.err
    assert "Traceback" not in answer.err
    reference = answer.err.split()[-1]
    with world.office.reading() as session:
        assert "Siskin Lane" in (ledger.detail_of(session, reference) or "")


def test_no_record_can_write_to_the_terminal(sgo: Sgo, world: World) -> None:
    ref = world.open_child(given_names="Te\u200fsty")  # a mark that some scripts need is kept, and not shown raw
    assert "\u200f" not in sgo("case", "show", ref, person="rowan.tm").out
    written_before = clean("Bad\x1b]0;owned\x07 Mc\u202eCanary")
    assert not set(written_before) & {"\x1b", "\x07", "\u202e"}


def test_pages_for_people_are_plain_and_at_most_a_hundred_columns_wide(sgo: Sgo, world: World) -> None:
    ref = world.child_at("FINANCIAL_PACKAGE")
    sgo.day = date(2025, 6, 2)
    for words in (["case", "show", ref], ["transitions", ref], ["case", "list"], ["case", "handover", ref]):
        page = sgo(*words, person="ida.saw").out
        assert "\x1b" not in page
        assert max(len(line) for line in page.splitlines()) <= 100


def test_the_sheet_begins_with_where_things_stand_and_puts_what_is_late_first(sgo: Sgo, world: World) -> None:
    ref = world.child_at("ASSESSMENT")
    sgo.day = date(2025, 3, 10)
    position = ["position=The carers wait for the doctor.", "next_step=Ring the surgery", "who=Ida"]
    sgo("trigger", ref, "set_latest_position", *position, "by_when=2025-03-17", person="ida.saw")
    lines = sgo("case", "show", ref, person="ida.saw").out.splitlines()
    assert "Testy McCanary" in lines[0]
    assert "Assessment (ASSESSMENT)" in lines[1]
    top = [line.strip() for line in lines if line.strip()]
    assert top[2:5] == [
        "Latest position, 10 Mar 2025",
        "The carers wait for the doctor.",
        "Next step: Ring the surgery (Ida), by 17 Mar 2025",
    ]
    dates = top[top.index("Dates") + 2 :]
    assert dates[0].startswith("LATE since ")


# -- the clock, the start -----------------------------------------------------------------------------------


def test_no_option_sets_the_day_and_the_environment_does_so_only_in_tests(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    for option in ("--today", "--now"):
        sgo("case", "show", ref, option, "2030-01-01", person="sol.sw", status=2)
    answer = subprocess.run(
        [sys.executable, "-m", "cli", "audit", "seal", "--json"],
        cwd=ROOT,
        env={**sgo.environment, "SGO_NOW": "2031-05-05T12:00:00+00:00", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout)["business_date"] != "2031-05-05"


def test_help_starts_without_the_database_the_orchestrator_or_excel() -> None:
    code = (
        "import sys; from cli.main import main; status = main(['--help']);"
        "print(sorted(m for m in ('sqlalchemy', 'prefect', 'openpyxl', 'transitions', 'pydantic')"
        " if m in sys.modules), file=sys.stderr); sys.exit(status)"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]"
    assert "trigger" in answer.stdout


def test_a_script_meets_the_same_in_a_process_of_its_own(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    record = json.dumps(paper("rate", on=START))
    done = sgo.process("trigger", ref, "rate", "--record", "-", "--json", person="rowan.tm", stdin=record).json
    assert done["to"] == "RATED"
    assert sgo.process("case", "show", ref, "--json", person="imara.tm", status=3).rules == {"R22"}
    assert "Traceback" not in sgo.process("case", "show", ref, status=2).err


def test_a_terminal_that_cannot_show_a_character_shows_another(sgo: Sgo, world: World) -> None:
    ref = world.open_child(given_names="Zoë")
    sgo.environment |= {"PYTHONIOENCODING": "ascii"}
    assert "Zo? McCanary" in sgo.process("case", "show", ref, person="rowan.tm").out
    assert sgo.process("case", "show", ref, "--json", person="rowan.tm").json["child"]["given_names"] == "Zoë"


def test_every_command_says_in_help_what_it_does(sgo: Sgo) -> None:
    from typer.main import get_command

    from cli.main import app

    def commands(group: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        below = getattr(group, "commands", None)
        if below is None:
            assert group.help, path
            return [path]
        return [found for name, one in below.items() for found in commands(one, (*path, name))]

    found = commands(get_command(app), ())
    assert {path[0] for path in found} >= {
        "demo", "up", "init", "person", "team", "cover", "case", "transitions", "trigger", "catch-up", "confirm",
        "dispute", "confirmations", "meeting", "runs", "overnight", "deliver", "outbox", "letters", "dates",
        "import", "pathway", "policy", "audit", "backup", "restore", "health", "digest",
    }  # fmt: skip
    for path in found:
        assert sgo(*path, "--help").out.startswith("Usage: sgo ")
