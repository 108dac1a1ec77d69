"""A restricted case is there only for the people it names; for anybody else nothing tells of it (reliability R22)."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from casework.acting.commands import Command
from casework.acting.several import act_for_siblings
from casework.errors import CaseworkError, NotFound, Refused
from casework.meetings import list_meetings, record_attendance, set_chair, show_meeting
from casework.reading.queries import handover, list_cases, next_steps, to_confirm, who_was_told
from casework.reading.showing import show_case
from casework.who.access import siblings_open_to
from casework.who.people import add_cover, find_person
from persistence.tables import Event, Flag, Meeting, Outbox
from states.vocabulary import Service
from tests.county import ChildAt
from tests.rows import case_of, rows_of
from tests.world import START, World, noon

pytestmark = pytest.mark.one_database


def day(days: int) -> date:
    return START + timedelta(days)


def restrict(world: World, ref: str, on: date, *people: str) -> None:
    world.do("restrict", on, "rowan.tm", ref=ref, people=[{"person": who} for who in people])


def asks(world: World, who: str, ref: str, today: date) -> dict[str, Callable[[Any], Any]]:
    """Every way to read a child's case."""
    by = world.ids[who]
    return {
        "show": lambda s: show_case(s, ref, by=by, today=today),
        "transitions": lambda s: next_steps(s, ref, by=by, today=today),
        "who was told": lambda s: who_was_told(s, ref, by=by, today=today),
        "handover": lambda s: handover(s, ref, by=by, today=today),
        "siblings": lambda s: siblings_open_to(s, ref, by=by, today=today),
    }


def test_nobody_but_the_people_named_can_read_or_touch_a_restricted_case(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    restrict(world, ref, day(60), "rowan.tm", "oda.iro")

    for who in world.ids:
        named = who in ("rowan.tm", "oda.iro")
        for name, ask in asks(world, who, ref, day(61)).items():
            with world.office.reading() as session:
                if named:
                    ask(session)
                else:
                    with pytest.raises(NotFound, match=f"There is no case {ref} that you can open"):
                        print(who, name, ask(session))
        with world.office.reading() as session:
            lines = list_cases(session, by=world.ids[who], today=day(61), include_closed=True)
        assert [line.ref for line in lines] == ([ref] if named else []), who
        if not named:
            with pytest.raises(NotFound):
                world.do("set_latest_position", day(61), who, ref=ref)


def test_cover_does_not_open_a_restricted_case(child_at: ChildAt) -> None:
    world, ref = child_at("ASSESSMENT")
    restrict(world, ref, day(60), "rowan.tm")
    with world.office.unit_of_work() as session:
        add_cover(
            session,
            absent=find_person(session, "rowan.tm"),
            covering=find_person(session, "nell.sw"),
            from_on=day(60),
            until_on=day(90),
            reason="leave",
            recorded_by=None,
            now=noon(day(60)),
        )

    with world.office.reading() as session, pytest.raises(NotFound):
        show_case(session, ref, by=world.ids["nell.sw"], today=day(61))


def test_what_waits_for_somebody_whom_the_case_is_kept_from_is_not_listed(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    world.do("roa_ratifies", day(57), "sol.sw", ref=ref, decided_by="oda.iro")
    with world.office.reading() as session:
        assert len(to_confirm(session, by=world.ids["oda.iro"])) == 1

    restrict(world, ref, day(60), "rowan.tm", "sol.sw")

    with world.office.reading() as session:
        assert to_confirm(session, by=world.ids["oda.iro"]) == []


def test_nobody_decides_on_a_case_that_is_kept_from_them_not_even_on_paper(child_at: ChildAt) -> None:
    world, ref = child_at("RATIFICATION")
    restrict(world, ref, day(56), "rowan.tm", "sol.sw")

    with pytest.raises(Refused, match="The case is restricted, and the person who is said to have decided"):
        world.do("roa_ratifies", day(57), "sol.sw", ref=ref, decided_by="oda.iro")


@pytest.mark.parametrize(
    ("people", "ok"),
    [
        (("sol.sw",), False),
        (("imara.tm", "sol.sw"), False),  # a Team Manager, but of another team
        (("rowan.tm",), True),
        (("abel.ad", "sol.sw"), True),
    ],
)
def test_a_restriction_names_somebody_who_can_lift_it(child_at: ChildAt, people: tuple[str, ...], ok: bool) -> None:
    world, ref = child_at("RATED")
    if not ok:
        with pytest.raises(Refused, match="who can lift the restriction"):
            restrict(world, ref, day(20), *people)
        assert case_of(world, ref).restricted is False
        return

    restrict(world, ref, day(20), *people)
    world.do("lift_restriction", day(21), people[0], ref=ref)

    assert case_of(world, ref).restricted is False
    with world.office.reading() as session:
        assert show_case(session, ref, by=world.ids["tam.sgo"], today=day(21)).ref == ref


def test_only_a_named_manager_lifts_it(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    restrict(world, ref, day(20), "rowan.tm", "sol.sw")

    with pytest.raises(NotFound):
        world.do("lift_restriction", day(21), "hana.hos", ref=ref)
    with pytest.raises(Refused, match="Only Team Manager"):
        world.do("lift_restriction", day(21), "sol.sw", ref=ref)


def test_a_childs_own_meeting_is_hidden_with_the_case(child_at: ChildAt) -> None:
    world, ref = child_at("KEY_DECISION")
    world.do("schedule_kdd", day(37), "ida.saw", ref=ref, chair="quin.kdd")
    (meeting,) = rows_of(world, Meeting, body="KDD")
    restrict(world, ref, day(38), "rowan.tm")
    keeper = world.ids["ash.admin"]

    with world.office.reading() as session:
        assert meeting.ref not in {m.ref for m in list_meetings(session, by=keeper, today=day(39))}
        with pytest.raises(NotFound, match="There is no meeting"):
            show_meeting(session, meeting.ref, by=keeper, today=day(39))
    for change in (
        lambda s: set_chair(s, ref=meeting.ref, chair="wren.chair", by=keeper, today=day(39)),
        lambda s: record_attendance(
            s,
            ref=meeting.ref,
            person=None,
            service=Service.FOSTERING,
            how="apologies",
            by=keeper,
            today=day(39),
            now=noon(day(39)),
        ),
    ):
        with pytest.raises(NotFound, match="There is no meeting"), world.office.unit_of_work() as session:
            change(session)


def test_a_restricted_brother_or_sister_does_not_show(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    brother = world.open_child(day(1))
    world.do("link_sibling", day(5), "sol.sw", ref=brother, sibling=ref)  # it stands in the brother's own history
    by = world.ids["sol.sw"]
    with world.office.reading() as session:
        assert show_case(session, ref, by=by, today=day(6)).siblings == (brother,)

    restrict(world, brother, day(6), "rowan.tm")

    with world.office.reading() as session:
        assert show_case(session, ref, by=by, today=day(7)).siblings == ()
    command = Command(trigger="record_barrier", happened_on=day(7), ref=ref, record={"barriers": ["HOUSING"]})
    words = []
    for also in (brother, "SG-00000000"):
        with pytest.raises(Refused) as refused, world.office.unit_of_work() as session:
            act_for_siblings(session, command, also=[also], differences={}, by=world.actor("sol.sw"), now=noon(day(7)))
        words.append(str(refused.value).replace(also, "REF"))
    assert words[0] == words[1]


def test_the_chronology_does_not_name_a_case_that_is_kept_from_the_reader(child_at: ChildAt) -> None:
    world, ref = child_at("RATED")
    brother = world.open_child(day(1))
    world.do("link_sibling", day(5), "sol.sw", ref=ref, sibling=brother)
    restrict(world, brother, day(6), "rowan.tm")

    def shown(who: str) -> str:
        with world.office.reading() as session:
            return repr(show_case(session, ref, by=world.ids[who], today=day(7)))

    assert brother in shown("rowan.tm")
    assert brother not in shown("sol.sw")


def test_a_child_who_has_a_restricted_case_can_be_opened_again_and_those_who_know_are_told(child_at: ChildAt) -> None:
    """Whoever may not see it must not learn of it from a refusal (reliability C6)."""
    world, _ = child_at("RATED")
    hidden = world.open_child(day(1), council_id="779100")
    restrict(world, hidden, day(2), "rowan.tm")
    with pytest.raises(Refused, match="already has an open case"):
        world.do("open_case", day(3), "rowan.tm", council_id="779100")

    second = world.do("open_case", day(3), "tam.sgo", council_id="779100")

    (flag,) = rows_of(world, Flag, hidden)
    assert (flag.rule, flag.urgent, second.ref in flag.words) == ("PT-16", True, True)
    assert rows_of(world, Flag, second.ref) == []


# -- non-interference --------------------------------------------------------------------------------------


def a_morning(world: World, ref: str, other: str | None) -> list[Any]:
    """What people without access do and read in the hours in which, perhaps, a restricted case is worked on."""
    out: list[Any] = []

    def say(ask: Callable[[], Any]) -> None:
        try:
            out.append(ask())
        except CaseworkError as error:
            out.append(f"{type(error).__name__}: {error}")

    meeting = world.meeting(day(17))
    if other is not None:
        restrict(world, other, day(2), "rowan.tm", "sol.sw")
        world.do("link_sibling", day(2), "sol.sw", ref=other, sibling=ref)
        world.do("rate", day(3), "rowan.tm", ref=other)
        world.do("list_for_group", day(4), "rowan.tm", ref=other, meeting=meeting)
        world.do("set_latest_position", day(4), "sol.sw", ref=other)
    say(lambda: world.do("open_case", day(4), "tam.sgo", council_id="779200").as_json())
    say(lambda: world.do("rate", day(4), "hana.hos", ref=ref).as_json())
    say(lambda: world.do("list_for_group", day(5), "ash.admin", ref=ref, meeting=meeting).as_json())
    say(lambda: world.do("rate", day(5), "hana.hos", ref=other or "SG-00000000"))
    say(lambda: world.do("link_sibling", day(5), "tam.sgo", ref=ref, sibling=other or "SG-00000000"))
    say(lambda: world.do("merge", day(5), "dean.data", ref=ref, into=other or "SG-00000000", reason="Same child"))
    world.do("file_papers", day(8), "tam.sgo", ref=ref)
    world.attend(meeting, day(17))
    for who, service in (("fern.fostering", "Fostering"), ("sage.safeguarding", "Safeguarding")):
        world.do("add_view", day(17), who, ref=ref, voice=service, view="Settled.")
    say(lambda: world.do("group_progresses", day(17), "wren.chair", ref=ref).as_json())
    for who in ("tam.sgo", "wren.chair", "ash.admin", "lex.legal", "hana.hos", "ida.saw", "dean.data"):
        by, today = world.ids[who], day(18)
        with world.office.reading() as session:
            say(partial(list_cases, session, by=by, today=today, include_closed=True))
            say(partial(list_meetings, session, by=by, today=today))
            say(partial(to_confirm, session, by=by))
            for case in (ref, other or "SG-00000000"):
                for ask in asks(world, who, case, today).values():
                    say(partial(ask, session))
    return out


def without_ids(world: World, said: list[Any], other: str) -> str:
    """As text, with what is drawn at random named in the order in which it appears."""

    def plain(value: Any) -> Any:
        return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)

    text = json.dumps(said, default=plain, indent=1)
    for handle, person_id in world.ids.items():
        text = text.replace(person_id, handle)
    seen: dict[str, str] = {other: "REF0"}

    def name(found: re.Match[str]) -> str:
        return seen.setdefault(found.group(), f"REF{len(seen)}")

    return re.sub(r"\b(?:SG|MT)-[0-9A-Z]{8}\b|\b[0-9a-f]{32}\b", name, text)


def test_what_others_see_is_the_same_with_and_without_a_restricted_case(child_at: ChildAt) -> None:
    """Byte for byte but for references drawn at random (reliability C6)."""
    said = []
    for with_it in (False, True):
        world, ref = child_at("COHORT")
        other = world.open_child(day(0), council_id="779200") if with_it else None
        outputs = a_morning(world, ref, other)
        said.append(without_ids(world, outputs, other or "SG-00000000"))
        told = {m.recipient_id for m in rows_of(world, Outbox) if m.case_id == case_of(world, ref).id}
        said[-1] += repr(sorted(h for h, i in world.ids.items() if i in told))
        assert len(rows_of(world, Event, trigger="open_case")) == (3 if with_it else 2)
    assert said[0] == said[1]
