"""Setting an installation up and keeping it, by command line: people, policy, dates, letters, messages, backups."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.papers import paper
from tests.commands import ROOT, Sgo
from tests.notify_peer import KEY, TEMPLATE
from tests.notify_server import notify_server
from tests.world import POLICY, START, World

ADMINISTRATOR = ("--role", "system administrator")


@pytest.fixture
def empty(tmp_path: Path) -> Sgo:
    """A machine on which nothing has been set up."""
    return Sgo({"SGO_HOME": str(tmp_path / "home")}, START)


# -- from nothing -----------------------------------------------------------------------------------------


def test_an_installation_is_set_up_from_nothing_to_the_first_child(empty: Sgo) -> None:
    sgo = empty
    assert "sgo init" in sgo("case", "list", person="amy.administrator", status=1).err
    made = sgo("init", "--policy", str(POLICY), "--json").json
    assert (made["database"], made["policy_file"], made["people"]) == ("sqlite", "leicestershire.toml", False)
    sgo("person", "add", "rowan.tm", "--name", "Rowan Ashby", "--role", "Team Manager", status=2)
    sgo("person", "add", "amy.administrator", "--name", "Amy Birch", *ADMINISTRATOR)
    sgo("person", "add", "rowan.tm", "--name", "Rowan Ashby", status=2)  # from now on a person does it
    sgo.person = "amy.administrator"
    sgo("team", "add", "Children in Care North")
    sgo(
        *("person", "add", "rowan.tm", "--name", "Rowan Ashby", "--email", "rowan@county.example"),
        *("--role", "Team Manager", "--team", "Children in Care North", "--from", "2024-01-01"),
    )
    roles = {one["handle"]: one["roles"] for one in sgo("person", "list", "--json").json}
    assert roles["rowan.tm"] == ["Team Manager (Children in Care North)"]
    words = ["case", "open", "--council-id", "1", "--team", "Children in Care North", "--json"]
    assert sgo(*words, person="rowan.tm").json["to"] == "COHORT"


def test_setting_up_again_changes_nothing_and_never_replaces_a_policy(empty: Sgo) -> None:
    first = empty("init", "--json").json
    assert empty("init", "--json").json == first
    other = ROOT / "policies" / "example-county.toml"
    assert "sgo policy adopt" in empty("init", "--policy", str(other), status=2).err


def test_a_policy_that_cannot_be_used_leaves_nothing_behind(empty: Sgo, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[rating]\ncolours = 4\n")
    refused = empty("init", "--policy", str(bad), "--json", status=3).json["refused"]
    assert all(reason["file"] == "bad.toml" for reason in refused)
    assert not (tmp_path / "home").exists()


def test_wrong_settings_are_all_named_at_once(empty: Sgo) -> None:
    empty.environment |= {"SGO_MAIL_CHANNEL": "pigeon", "SGO_PREFECT_PORT": "high"}
    answer = empty("case", "list", person="rowan.tm", status=2)
    assert {"SGO_MAIL_CHANNEL", "SGO_PREFECT_PORT"} <= {word.rstrip(":") for word in answer.err.split()}


# -- people -----------------------------------------------------------------------------------------------


def test_only_an_administrator_changes_who_works_here_and_never_for_themselves(sgo: Sgo) -> None:
    assert sgo("person", "grant", "sol.sw", "Head of Service", "--json", person="rowan.tm", status=3).rules == {"R21"}
    own = sgo("person", "grant", "amy.administrator", "Director", "--json", person="amy.administrator", status=3)
    assert own.rules == {"C13"}
    last = sgo("person", "disable", "amy.administrator", "--json", person="amy.administrator", status=3)
    assert last.rules == {"C13"}


def test_a_role_is_given_and_ended_by_the_day(sgo: Sgo) -> None:
    sgo.person = "amy.administrator"
    words = ["fern.fostering", "Review Group chair"]
    assert "Review Group chair" in sgo("person", "grant", *words, "--json").json["roles"]
    ended = sgo("person", "end-role", *words, "--last-day", "2025-01-05", "--json").json
    assert "Review Group chair" not in ended["roles"]
    assert "does not hold" in sgo("person", "end-role", *words, status=2).err


def test_cover_lends_powers_for_a_time_and_nobody_takes_them_for_themselves(sgo: Sgo, world: World) -> None:
    ref = world.open_child()
    rate = ["trigger", ref, "rate", "--record", "-", "--json"]
    record = json.dumps(paper("rate", on=START))
    sgo(*rate, person="imara.tm", stdin=record, status=3)
    cover = ["cover", "add", "rowan.tm", "imara.tm", "--from", "2025-01-06", "--until", "2025-01-10"]
    cover += ["--reason", "leave", "--json"]
    assert sgo(*cover, person="imara.tm", status=3).rules == {"C12"}
    line = sgo(*cover, person="rowan.tm").json
    assert sgo("cover", "list", "--json").json == [line]
    assert sgo(*rate, person="imara.tm", stdin=record).json["to"] == "RATED"
    last = sgo("case", "show", ref, "--json", person="rowan.tm").json["chronology"][-1]
    assert (last["decided_by"], last["on_behalf_of"]) == ("imara.tm", "rowan.tm")
    sgo("cover", "end", line["id"], person="rowan.tm")
    sgo("case", "show", ref, person="imara.tm", status=3)


def test_cover_for_a_senior_post_is_not_arranged_from_below(sgo: Sgo) -> None:
    words = ["cover", "add", "dara.director", "hana.hos", "--from", "2025-01-06", "--until", "2025-01-10"]
    words += ["--reason", "leave", "--json"]
    assert sgo(*words, person="rowan.tm", status=3).rules == {"C12"}
    sgo(*words, person="dara.director")


# -- policy -----------------------------------------------------------------------------------------------


def test_a_policy_file_is_checked_with_every_problem_in_its_place(sgo: Sgo, tmp_path: Path) -> None:
    text = POLICY.read_text()
    wrong = text.replace("refresh_months = { value = 6", 'refresh_months = { value = "six"', 1)
    wrong = wrong.replace("first_rating_working_days", "first_rating_workin_days", 1)
    assert wrong != text
    file = tmp_path / "county.toml"
    file.write_text(wrong)
    problems = sgo("policy", "check", str(file), "--json", status=3).json
    assert {p["key"] for p in problems} >= {"rating.refresh_months", "rating.first_rating_working_days"}
    line = next(n for n, row in enumerate(wrong.splitlines(), start=1) if row.startswith("refresh_months"))
    told = sgo("policy", "check", str(file), status=3).out
    assert f"county.toml:{line}:" in told
    assert sgo("policy", "check", str(POLICY), "--json").json == []


def test_a_policy_comes_into_force_on_its_day_by_somebody_who_may(sgo: Sgo) -> None:
    other = str(ROOT / "policies" / "example-county.toml")
    words = ["policy", "adopt", other, "--from", "2025-02-01", "--json"]
    assert sgo(*words, person="rowan.tm", status=3).rules == {"R21"}
    adopted = sgo(*words, person="hana.hos").json
    authority = {
        day: sgo("policy", "show", "--on", day, "--json").json["authority"] for day in ("2025-01-31", "2025-02-01")
    }
    assert authority == {"2025-01-31": "Leicestershire County Council", "2025-02-01": adopted["authority"]}
    versions = sgo("policy", "versions", "--json").json
    assert [v["adopted_by"] for v in versions] == [None, "hana.hos"]


# -- dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["2025-04-16", "--working-days", "2"], "2025-04-22"),  # over Good Friday and Easter Monday
        (["2025-04-22", "--working-days", "-2"], "2025-04-16"),
        (["2025-01-06", "--weeks", "6"], "2025-02-17"),
        (["2025-01-06", "--days", "-7"], "2024-12-30"),
        (["2025-11-30", "--months", "3"], "2026-02-28"),
        (["2025-11-30", "--months", "3", "--not-before"], "2026-03-01"),
        (["2025-03-31", "--months", "-1"], "2025-02-28"),
    ],
)
def test_dates_are_counted_as_the_pathway_counts_them(sgo: Sgo, words: list[str], expected: str) -> None:
    assert sgo("dates", "add", *words).out == f"{expected}\n"
    assert sgo("dates", "add", *words, "--json").json == {"date": expected}


def test_dates_are_counted_without_an_installation_too_and_say_so(empty: Sgo) -> None:
    answer = empty("dates", "add", "2025-04-16", "--working-days", "2")
    assert answer.out == "2025-04-22\n"
    assert "no closedown days" in answer.err


# -- the process ------------------------------------------------------------------------------------------


def test_the_pathway_is_shown_in_every_format(sgo: Sgo) -> None:
    assert "NOT YET RATED (COHORT)" in sgo("pathway").out
    assert sgo("pathway", "--format", "mermaid").out.startswith("stateDiagram")
    assert sgo("pathway", "--format", "svg").out.startswith("<svg")
    assert {step["trigger"] for step in sgo("pathway", "--format", "json").json["steps"]} >= {"rate", "end"}


def test_what_a_step_asks_for_is_explained_without_a_case(empty: Sgo) -> None:
    explained = empty("trigger", "--explain", "rate", "--json").json
    assert explained["by"] == ["Team Manager"]
    colour = next(field for field in explained["fields"] if field["name"] == "colour")
    assert colour["options"] == ["GREEN", "YELLOW", "AMBER", "RED"]
    page = empty("trigger", "--explain", "rate").out
    assert "One of: GREEN, YELLOW, AMBER, RED" in page


# -- letters and messages ---------------------------------------------------------------------------------


def test_letters_are_listed_and_printed_into_a_new_file(sgo: Sgo, world: World, tmp_path: Path) -> None:
    ref = world.child_at("RATIFICATION")
    sgo.day = world_day(world)
    sgo("deliver")
    letters = sgo("letters", "list", ref, "--json", person="ida.saw").json
    assert {one["addressee"] for one in letters} == {"Alder Quill"}
    chosen = letters[0]["id"]
    assert "Alder Quill" in sgo("letters", "print", ref, chosen[:12], person="ida.saw").out
    file = tmp_path / "letter.html"
    sgo("letters", "print", ref, chosen, "--to", str(file), person="ida.saw")
    assert "3 Example Row" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    sgo("letters", "print", ref, chosen, "--to", str(file), person="ida.saw", status=2)  # never over another
    sgo("letters", "print", ref, chosen, person="imara.tm", status=3)


def world_day(world: World) -> date:
    """The day of the last act."""
    with world.office.reading() as session:
        from persistence.tables import Event

        return max(event.recorded_on for event in session.query(Event))


def a_mail_that_goes_at_once(world: World) -> None:
    """A decision that waits for somebody to confirm it (design 5.12)."""
    ref = world.open_child()
    world.do("rate", START + timedelta(3), "sol.sw", ref=ref, decided_by="rowan.tm")


def test_messages_are_held_and_released_by_whoever_keeps_them(sgo: Sgo, world: World) -> None:
    a_mail_that_goes_at_once(world)
    sgo.person = "otto.operator"
    waiting = sgo("outbox", "list", "--json").json
    assert waiting
    assert set(waiting[0]) >= {"id", "status", "recipient", "case_ref", "reason", "attempts", "notices"}
    one = waiting[0]["id"]
    assert sgo("outbox", "hold", one, "--json").json["messages"] == 1
    sgo("deliver")
    assert [(m["id"], m["status"]) for m in sgo("outbox", "list", "--json").json] == [(one, "quarantined")]
    assert sgo("outbox", "list", "--json", person="sol.sw", status=3).rules == {"R21"}
    sgo("outbox", "release", status=2)
    assert sgo("outbox", "release", "--all", "--json").json == {"messages": 1, "follow_ups": 0}
    sgo("deliver")
    assert sgo("outbox", "list", "--json").json == []
    assert "No message of these" in sgo("outbox", "retry", one, status=2).err


def test_whether_mail_would_leave_is_asked_before_anything_is_sent(sgo: Sgo, world: World) -> None:
    sgo.person = "otto.operator"
    assert sgo("outbox", "check", "--json").json == {"channel": "file", "ok": True, "problems": []}
    assert sgo("outbox", "check", person="sol.sw", status=3).out == ""
    with notify_server() as peer:
        sgo.environment |= {
            "SGO_MAIL_CHANNEL": "notify",
            "SGO_NOTIFY_ADDRESS": peer.address,
            "SGO_NOTIFY_TEMPLATE": TEMPLATE,
            "SGO_NOTIFY_API_KEY": KEY,
        }
        assert sgo("outbox", "check").out == "The channel notify would take mail.\n"
        peer.template["body"] = "Hello ((name))"
        (problem,) = sgo("outbox", "check", "--json", status=1).json["problems"]
        assert problem.startswith("The template at GOV.UK Notify must have ((subject)) as its subject")
        sgo.environment["SGO_NOTIFY_API_KEY"] = "the wrong thing"
        assert "is no API key of GOV.UK Notify" in sgo("outbox", "check", status=1).out
        assert "is no API key of GOV.UK Notify" in sgo("health", status=1).out
        assert peer.stored == []


def test_mail_through_notify_is_followed_to_its_end_by_one_command(sgo: Sgo, world: World) -> None:
    a_mail_that_goes_at_once(world)
    sgo.person = "otto.operator"
    with notify_server() as peer:
        peer.end = lambda one: "delivered"
        sgo.environment |= {
            "SGO_MAIL_CHANNEL": "notify",
            "SGO_NOTIFY_ADDRESS": peer.address,
            "SGO_NOTIFY_TEMPLATE": TEMPLATE,
            "SGO_NOTIFY_API_KEY": KEY,
        }
        sgo("deliver", "--json")
        assert peer.stored
        sgo.day += timedelta(1)
        assert sgo("deliver", "--json").json["arrivals"] == {"delivered": len(peer.stored)}
        assert {one["arrival"] for one in sgo("outbox", "list", "--status", "sent", "--json").json} == {"delivered"}
        assert sgo("deliver", "--json").json["arrivals"] == {}


# -- backup and audit -------------------------------------------------------------------------------------


def test_a_backup_is_restored_elsewhere_and_says_nothing_until_released(sgo: Sgo, world: World, tmp_path: Path) -> None:
    ref = world.child_at("RATED")
    copy = tmp_path / "copy"
    sgo("backup", str(copy))
    sgo("backup", str(copy), status=2)  # never over another
    other = Sgo({"SGO_HOME": str(tmp_path / "elsewhere")}, START, "amy.administrator")
    restored = other("restore", str(copy), "--json").json
    assert (restored["cases"], restored["quarantined"] > 0) == (1, True)
    other.day = date(2025, 1, 9)
    assert other("deliver", "--json").json["messages"]["sent"] == 0
    assert other("case", "show", ref, "--json", person="rowan.tm").json["state"] == "RATED"
    held = other("outbox", "release", "--all", "--json").json
    assert held == {"messages": restored["quarantined"], "follow_ups": restored["held"]}
    other("restore", str(copy), status=2)  # not onto what is there


def test_history_is_checked_against_the_head_that_was_kept_outside(sgo: Sgo, world: World, tmp_path: Path) -> None:
    world.child_at("RATED")
    sgo.day = date(2025, 1, 10)
    head = sgo("audit", "seal", "--json").json
    kept = Path(sgo.environment["SGO_HOME"]) / "seals" / "2025-01-10.json"
    assert sgo("audit", "verify", "--head", str(kept), "--json").json["ok"] is True
    forged = tmp_path / "head.json"
    forged.write_text(json.dumps({**json.loads(kept.read_text()), "root": "0" * 64}))
    found = sgo("audit", "verify", "--head", str(forged), "--json", status=1).json
    assert (found["ok"], found["events"]) == (False, head["events"])
    assert found["first_bad"] is not None
    sgo("audit", "verify", "--head", str(POLICY), status=2)


# -- files in ---------------------------------------------------------------------------------------------


def test_a_return_is_imported_once_and_bad_rows_are_listed(sgo: Sgo, tmp_path: Path) -> None:
    from tests.returns import write_return

    folder = write_return(
        tmp_path / "return",
        Episodes=[
            "101,01/04/2020,S,C2,N1,U1,PR1,,,,,,",
            "102,01/04/2021,S,C2,N1,U1,PR1,,,,,,",
            "103,never,S,C2,N1,U1,PR1,,,,,,",
        ],
    )
    sgo("import", "ssda903", str(folder), "--json", person="sol.sw", status=3)
    report = sgo("import", "ssda903", str(folder), "--json", person="dean.data").json
    assert set(report) >= {"rows", "children", "created", "changed", "unchanged", "rejected", "flagged"}
    assert (report["created"], len(report["rejected"]) > 0) == (2, True)
    assert set(report["rejected"][0]) >= {"file", "line", "column", "rule", "message"}
    again = sgo("import", "ssda903", str(folder), "--json", person="dean.data").json
    assert (again["created"], again["changed"]) == (0, 0)
    assert len(sgo("case", "list", "--json", person="dean.data").json) == 2
    page = sgo("import", "ssda903", str(folder), person="dean.data").out
    assert "Rows left out" in page


def test_a_file_of_another_shape_is_refused_whole(sgo: Sgo, tmp_path: Path) -> None:
    file = tmp_path / "Annex_A.xlsx"
    file.write_bytes(b"this is no workbook")
    refused: Any = sgo("import", "annex-a", str(file), "--json", person="dean.data", status=3).json["refused"]
    assert set(refused[0]) >= {"rule", "reason", "field", "file", "line", "column"}
    sgo("import", "annex-a", str(tmp_path / "nowhere.xlsx"), person="dean.data", status=2)


# -- the night --------------------------------------------------------------------------------------------


def test_the_night_proves_that_it_looked_at_everyone_and_a_past_one_is_a_replay(sgo: Sgo, world: World) -> None:
    world.child_at("ASSESSMENT", start=date(2024, 10, 28))
    world.child_at("RATED", start=date(2024, 10, 28))
    sgo.day = date(2025, 1, 8)
    report = sgo("overnight", "--json").json
    assert set(report) >= {
        "business_date",
        "replay",
        "expected",
        "examined",
        "skipped",
        "findings",
        "new",
        "cleared",
        "escalated",
        "digests",
        "seconds",
    }
    assert [one["business_date"] for one in report["caught_up"]] == ["2025-01-07"]
    assert (report["business_date"], report["replay"]) == ("2025-01-08", False)
    assert report["expected"] == report["examined"] + report["skipped"] == 2
    replay = sgo("overnight", "--as-of", "2025-01-06", "--json").json
    assert (replay["replay"], replay["new"]) == (True, 0)
    assert "REPLAY" in sgo("overnight", "--as-of", "2025-01-06").out
    assert "still to come" in sgo("overnight", "--as-of", "2025-02-01", status=2).err
    assert {line["flow"] for line in sgo("runs", "--json").json} >= {"overnight"}
    sgo("deliver")
    assert sgo("health", "--json").json["last_night"] == "2025-01-08"
    sgo.day = date(2025, 1, 9)
    late = sgo("health", "--json", status=1).json
    assert "night" in {problem["what"] for problem in late["problems"]}
