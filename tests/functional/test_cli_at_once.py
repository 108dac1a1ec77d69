"""What people need around the steps: hints, drafts, text to copy, many children at once (PR-6, PT-2, PT-8, PT-19)."""

import json
from datetime import date, timedelta

from tests.commands import in_world
from tests.world import START


def test_the_kdd_is_proposed_before_the_known_review_and_the_standing_is_said(world):
    ref = world.child_at("KEY_DECISION", placement_code="U4", legal_status="C2", placement_since=date(2024, 9, 2))
    today = START + timedelta(37)  # Wednesday 12 February 2025
    sgo = in_world(world, day=today)
    world.do("schedule_review", today, "oda.iro", ref=ref, held_on=date(2025, 3, 10))  # a Monday

    steps = {one["trigger"]: one for one in sgo("transitions", ref, "--json", person="ida.saw").json}
    (hint,) = steps["schedule_kdd"]["hints"]
    assert hint["rule"] == "PT-8"
    assert "up to 2025-03-07" in hint["reason"]  # the Friday before
    assert "Worth knowing" in sgo("transitions", ref, person="ida.saw").out

    said = sgo("case", "standing", ref, "--json", person="ida.saw").json
    assert (said["route"], said["free"], said["lived_since"]) == ("CONSENT", False, "2024-09-02")
    assert "from 2025-09-02" in said["words"]  # a year with them


def test_a_trajectory_is_drafted_backwards_and_can_be_recorded_as_it_is(world, tmp_path):
    ref = world.child_at("TRAJECTORY")
    sgo = in_world(world, day=START + timedelta(18))

    drafted = sgo("case", "draft-trajectory", ref, "--order-on", "2026-03-02", "--json", person="sol.sw").json

    planned = {m["step"]: m["planned_on"] for m in drafted["record"]["milestones"]}
    assert planned["final hearing or order"] == "2026-03-02"
    assert planned["application"] == "2025-12-08"  # twelve weeks before
    assert planned["KDD"] == "2025-06-23"  # thirty-six
    assert planned["first payment"] == "2026-03-16"  # two weeks after
    assert planned["proposal notice"] == "2025-10-20"  # nineteen
    assert drafted["past"] == []
    easter = sgo("case", "draft-trajectory", ref, "--order-on", "2026-12-28", "--json", person="sol.sw").json
    days = {m["step"]: m["planned_on"] for m in easter["record"]["milestones"]}
    # 28 December 2026 is a bank holiday: the hearing's date stands as given; 38 weeks before 28 December would be
    # Easter Monday 6 April; the KDD at 36 weeks is Monday 20 April.
    assert (days["final hearing or order"], days["KDD"]) == ("2026-12-28", "2026-04-20")
    assert days["financial assessment"] == "2026-07-13"

    rest = {
        "dependencies": "Checks before the report.",
        "carers_position": "Willing.",
        "childs_position": "Wants to stay.",
        "family_time": "Monthly.",
        "would_stop": "A move.",
    }
    file = tmp_path / "trajectory.json"
    file.write_text(json.dumps({**drafted["record"], **rest}), encoding="utf-8")
    sgo("trigger", ref, "record_trajectory", "--record", str(file), person="sol.sw")
    again = sgo("case", "draft-trajectory", ref, "--order-on", "2025-03-31", "--json", person="sol.sw").json
    assert "KDD" in again["past"]  # thirty-six weeks before a day so near are gone


def test_an_act_can_be_copied_as_text_and_keeps_what_is_protected(world):
    ref = world.child_at("RATIFICATION")
    people = [{"name": "Alder Quill", "kind": "applicant", "protected": True, "address": "1 Hidden Lane"}]
    kdd = next(r for r in world.results if r.ref == ref and r.trigger == "kdd_sgo_appropriate")
    world.do("change_applicants", START + timedelta(50), "sol.sw", ref=ref, people=people)
    sgo = in_world(world, day=START + timedelta(50))

    last = sgo("case", "text", ref, "--json", person="sol.sw").json
    assert "Alder Quill" in last["text"]
    assert "Hidden Lane" not in last["text"]
    chosen = sgo("case", "text", ref, "--event", kdd.event, "--json", person="sol.sw").json["text"]
    assert chosen.startswith("KDD: special guardianship is right (22 February 2025)")
    assert "Decided by: Quin Ridley (KDD chair)" in chosen
    assert "Legal adviser: Lex Stanton" in chosen
    assert "Was the legal adviser present?: yes" in chosen
    assert "Next dates:" in chosen
    assert f"SGO pathway {ref}" in chosen
    sgo("case", "text", ref, "--event", "nothing", person="sol.sw", status=3)


def test_a_desk_review_in_bulk_answers_for_each_child(world):
    """PT-2: unchanged, for many at once; a child who is not put off holds up nobody else."""
    waiting, other = [_deferred(world) for _ in range(2)], world.open_child()
    sgo = in_world(world, day=START + timedelta(60))
    words = [word for ref in (*waiting, other, waiting[0]) for word in ("--ref", ref)]

    done = sgo(
        "bulk", "desk_review_unchanged", *words, "return_on=2025-04-14", "reason=Unchanged.", "--json",
        person="wren.chair", status=3,
    ).json  # fmt: skip

    assert [one["ref"] for one in done["results"]] == [*waiting, other]
    assert [one.get("to") for one in done["results"]] == ["DEFERRED", "DEFERRED", None]
    assert done["refused"] == 1
    assert done["results"][2]["refused"][0]["rule"] == "R-SM-1"


def _deferred(world):
    ref = world.child_at("REVIEW_GROUP")
    on = START + timedelta(17)
    with world.office.reading() as session:
        from casework import meetings

        seen = meetings.list_meetings(session, by=world.ids["tam.sgo"], today=START)
    world.hold_group(ref, next(m.ref for m in reversed(seen) if any(i.ref == ref for i in m.items)), on)
    world.do("group_defers", on, "wren.chair", ref=ref, return_on=date(2025, 3, 17))
    return ref


def test_everything_a_worker_holds_passes_to_another_with_a_result_each(world):
    """PT-19: bulk reassignment; the handover is in the new worker's sheet."""
    first, second = world.open_child(), world.open_child()
    closed = world.open_child()
    world.do("end", START + timedelta(2), "rowan.tm", ref=closed, why="opened in error")
    sgo = in_world(world, day=START + timedelta(10))
    words = ("--from", "sol.sw", "--no-conflict", "--handover", "The carers were promised a call on Friday.")

    refused = sgo("reassign", *words, "--to", "kit.saw", "--json", person="rowan.tm", status=3).json
    assert [one["refused"][0]["rule"] for one in refused["results"]] == ["T6", "T6"]
    done = sgo("reassign", *words, "--to", "nell.sw", "--json", person="rowan.tm").json

    assert [one["ref"] for one in done["results"]] == [first, second]
    sheet = sgo("case", "handover", first, "--json", person="nell.sw").json
    assert sheet["promises"] == ["The carers were promised a call on Friday."]
    again = sgo("reassign", *words, "--to", "nell.sw", "--json", person="rowan.tm").json
    assert again["results"] == []
