"""The pack of a meeting: who may read it, what is in it, what is kept apart (practice PT-4, 6.5, design 5.11)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from casework import doing, policies
from casework.acting.commands import Actor
from casework.errors import NotFound, Refused
from casework.meetings import pack
from casework.meetings.pack import PackMade
from persistence.tables import Meeting
from tests.county import ChildAt
from tests.integration.test_meetings_moved import meeting_of
from tests.rows import rows_of
from tests.world import CAME, World, leicestershire, noon

pytestmark = pytest.mark.one_database

#: The child of `child_at("REVIEW_GROUP")` is heard on Thursday 23 January; papers were due on the 16th.
BEFORE = date(2025, 1, 21)


def pack_for(world: World, meeting: str, who: str = "wren.chair", on: date = BEFORE) -> PackMade:
    with world.office.reading() as session:
        return pack.pack_of(session, meeting, by=world.ids[who], now=noon(on))


def pages(made: PackMade, kind: str) -> list[str]:
    """The text of each child's page of a part: main, supplement, restricted."""
    articles = re.findall(rf'<article class="child {kind}">(.*?)</article>', made.html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", article).split()) for article in articles]


def listed(world: World, meeting: str, *, on: date = date(2025, 1, 13), **differs: Any) -> str:
    """Another child on the agenda."""
    ref = world.open_child(**differs)
    world.do("rate", date(2025, 1, 9), "rowan.tm", ref=ref)
    world.do("list_for_group", on, "ash.admin", ref=ref, meeting=meeting)
    return ref


def test_a_childs_page_has_the_position_the_views_and_the_dates(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    world.do("file_papers", date(2025, 1, 14), "rowan.tm", ref=ref)
    person, service = CAME[0]
    world.do("add_view", date(2025, 1, 15), person, ref=ref, voice=service.value, view="Settled and warm.")
    world.do("add_view", date(2025, 1, 15), "sol.sw", ref=ref, view="I want to stay.")
    world.do(
        "set_latest_position",
        date(2025, 1, 20),
        "sol.sw",
        ref=ref,
        position="Carers want to go ahead.",
        next_step="Ask the school",
        by_when="2025-01-27",
    )

    made = pack_for(world, meeting)
    [page] = pages(made, "main")

    assert made.children == (ref,)
    for words in (
        f"1 {ref} council id",
        "9 years old",
        "● GREEN appears right, nothing outstanding",
        "Latest position 20 January 2025 Carers want to go ahead.",
        "Next: Ask the school",
        "by 27 January 2025",
        "Why now newly rated",
        "first time at the group",
        "Full care order since 21 July 2022",
        "Fostering for Settled and warm.",
        "Safeguarding not written yet",
        "Child for I want to stay.",
        "Papers: in since 14 January 2025: Papers folder, item 4",
        "RAG rating refreshed Team Manager local aim",
        "□ Agree to progress",
    ):
        assert words in page, words
    assert "Thursday 23 January 2025 at 10:00, Room 1" in made.html
    assert "made for <strong>Wren Larkin</strong>" in made.html


def test_a_child_stands_by_reference_unless_the_policy_allows_names(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)

    assert "McCanary" not in pack_for(world, meeting).html

    rules = leicestershire()
    named = rules.model_copy(update={"meetings": rules.meetings.model_copy(update={"pack_shows_names": True})})
    with world.office.unit_of_work() as session:
        policies.adopt(session, named, file_name="named.toml", from_on=BEFORE, by=None, now=noon(BEFORE))
    assert "Testy McCanary, council id" in pack_for(world, meeting).html

    world.do("restrict", BEFORE, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}, {"person": "wren.chair"}])
    assert "McCanary" not in pack_for(world, meeting).html


def test_restricted_children_are_apart_for_who_may_see_them_and_absent_for_others(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    other = listed(world, meeting)
    world.do("restrict", BEFORE, "rowan.tm", ref=ref, people=[{"person": "rowan.tm"}, {"person": "wren.chair"}])

    chairs, members = pack_for(world, meeting), pack_for(world, meeting, "fern.fostering")

    assert [page.split()[1] for page in pages(chairs, "main")] == [other]
    assert [page.split()[:2] for page in pages(chairs, "restricted")] == [["R1", ref]]
    assert pages(members, "restricted") == []
    assert ref not in members.html
    assert "restricted part" not in members.html
    assert members.children == (other,)


def test_late_papers_and_late_children_go_into_a_stamped_supplement(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    in_time = listed(world, meeting)
    world.do("file_papers", date(2025, 1, 16), "rowan.tm", ref=in_time)
    world.do("file_papers", date(2025, 1, 17), "rowan.tm", ref=ref)

    [page] = pages(pack_for(world, meeting), "supplement")
    assert page.startswith(f"LATE PAPERS · 17 January 2025 · not accepted by the chair yet S1 {ref}")

    world.do("accept_late_papers", date(2025, 1, 20), "wren.chair", ref=ref)
    made = pack_for(world, meeting)
    [page] = pages(made, "supplement")
    assert page.startswith(f"LATE PAPERS · 17 January 2025 · accepted by the chair S1 {ref}")
    assert [p.split()[1] for p in pages(made, "main")] == [in_time]


def test_brothers_and_sisters_stand_one_after_the_other(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    between, sister = listed(world, meeting), listed(world, meeting)
    world.do("link_sibling", date(2025, 1, 14), "sol.sw", ref=ref, sibling=sister)

    found = [page.split()[1] for page in pages(pack_for(world, meeting), "main")]

    assert found in ([ref, sister, between], [between, ref, sister], [between, sister, ref], [sister, ref, between])
    first = pages(pack_for(world, meeting), "main")[found.index(ref)]
    assert f"{sister} (item {found.index(sister) + 1}). Brothers and sisters are heard together" in first


def test_an_urgent_decision_is_there_to_be_noted(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    meeting = world.meeting(date(2025, 2, 13))
    for person, service in CAME:
        world.do("add_view", date(2025, 1, 14), person, ref=ref, voice=service.value)
    world.do("decide_urgently", date(2025, 1, 14), "wren.chair", ref=ref, meeting=meeting)

    made = pack_for(world, meeting)

    assert "To note: urgent decisions of the chair" in made.html
    assert "Agreed to progress on 14 January 2025 by Wren Larkin." in made.html
    assert "Fostering, Safeguarding" in made.html
    assert pages(made, "main") == []


@pytest.mark.parametrize("who", ["sol.sw", "lex.legal", "otto.operator", "faye.finance"])
def test_a_pack_is_for_members_and_those_who_present(child_at: ChildAt, who: str) -> None:
    """(reliability C22)"""
    world, ref = child_at("REVIEW_GROUP")

    with pytest.raises(Refused, match="for the members of the meeting"):
        pack_for(world, meeting_of(world, ref), who)


def test_a_team_manager_finds_the_own_teams_children_and_an_unknown_meeting_nobody(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    south = listed(world, meeting)
    world.do("update_child", date(2025, 1, 14), "tam.sgo", ref=south, team="Children in Care South")

    assert pack_for(world, meeting, "rowan.tm").children == (ref,)
    assert pack_for(world, meeting, "imara.tm").children == (south,)
    with pytest.raises(NotFound):
        pack_for(world, "MT-NOTHERE1")


def test_every_record_in_a_pack_is_logged_before_it_is_given(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    meeting = meeting_of(world, ref)
    by = Actor(person_id=world.ids["wren.chair"], channel="test")

    doing.read_of_many(
        world.office,
        "pack",
        lambda session: pack.pack_of(session, meeting, by=by.person_id, now=noon(BEFORE)),
        lambda made: made.children,
        by=by,
        now=noon(BEFORE),
    )

    looks = world.office.access_log.who_looked(ref)
    assert (looks[-1].person_id, looks[-1].what, looks[-1].outcome) == (by.person_id, "read:pack", "allowed")


def test_what_people_wrote_cannot_become_part_of_the_page(child_at: ChildAt) -> None:
    """(reliability C27)"""
    world, ref = child_at("REVIEW_GROUP")
    world.do(
        "set_latest_position",
        date(2025, 1, 20),
        "sol.sw",
        ref=ref,
        position="<script>alert(1)</script> & <b>bold</b>",
        by_when="2025-01-27",
    )

    html = pack_for(world, meeting_of(world, ref)).html

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold" in html


def test_a_colour_is_never_a_colour_alone(child_at: ChildAt) -> None:
    world, ref = child_at("REVIEW_GROUP")
    html = pack_for(world, meeting_of(world, ref)).html
    written = re.findall(r"(?:background|color|border)[^;}]*#([0-9a-f]{3}(?:[0-9a-f]{3})?)\b", html)
    colours = [bytes.fromhex(c if len(c) == 6 else "".join(x * 2 for x in c)) for c in written]

    beyond_grey = {c for c in colours if max(c) - min(c) > 1}
    assert colours
    assert beyond_grey == set(), "only black, white and greys"


def test_a_pack_printed_after_its_meeting_shows_the_views_the_meeting_had(child_at: ChildAt) -> None:
    """Heard on Thursday 23 January; what a service wrote then stays, what it writes after is for the next meeting."""
    world, ref = child_at("TRAJECTORY")
    [meeting] = rows_of(world, Meeting, held_on=date(2025, 1, 23))
    world.do("distribute_minutes", date(2025, 1, 24), "ash.admin", ref=ref)
    later = {"voice": CAME[0][1].value, "view": "Has second thoughts."}
    world.do("add_view", date(2025, 1, 27), CAME[0][0], ref=ref, **later)

    [page] = pages(pack_for(world, meeting.ref, on=date(2025, 1, 28)), "main")

    assert page.count("for The placement is settled.") == len(CAME)
    assert page.count("not written yet") == 1  # the service that did not come
    assert "second thoughts" not in page
