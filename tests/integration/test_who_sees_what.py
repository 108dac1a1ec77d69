"""Who sees what (rules 11.1, R21, R22, R35): every role on every route, restricted cases, emergencies.

The routes come from the route table itself. What is expected of a child's pages stands here, written from the rules
and not from the code's table; what is expected of the other pages is what each route declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from casework import doing
from casework.errors import NotFound, Refused, Unusable
from casework.reading.showing import show_case
from casework.who import emergency
from casework.who.people import add_cover, add_person, find_person, grant_role
from demo.staff import STAFF
from persistence.tables import Outbox
from states.vocabulary import Role
from tests.county import FURNISHED, ChildAt, Templates
from tests.pages import Pages, as_form
from tests.rows import rows_of
from tests.world import START, World, noon
from web.doors import Access, door_of

THURSDAY = START + timedelta(3)
#: Pages of a case that is named in their address.
OF_A_CASE = (Access.CASE, Access.CHILD)
ALL = {
    "hana.hos", "abel.ad", "dara.director", "tam.sgo", "lex.legal", "dean.data", "ava.auditor", "uma.iromanager",
    "sage.safeguarding",
}  # fmt: skip
#: Who may open a child not yet rated, of the team North, with three workers (rules 11.1).
NORTH = {"rowan.tm", "sol.sw", "oda.iro", "bay.ssw", *ALL}
#: The same of the team South, with no worker.
SOUTH = {"imara.tm", *ALL}
#: Whom the restricted child of the team North names.
NAMED = {"rowan.tm", "oda.iro"}
#: Pages that a child's page leads to and that one post has although it opens no child.
ALSO = {("access_reports.who_looked", "gail.guardian")}


@pytest.fixture
def world(_sqlite_children: Templates, tmp_path: Path) -> Iterator[World]:
    """On SQLite only: access is decided by the same code on both (tests/integration/test_access.py)."""
    with _sqlite_children.world(_sqlite_children.reached(FURNISHED), tmp_path / "home") as county:
        yield county


@pytest.fixture
def children(world: World) -> dict[str, set[str]]:
    """Three children by reference, and who may open each."""
    north, hidden = world.open_child(), world.open_child()
    south = world.do("open_case", START, "imara.tm", council_id="S1", team="Children in Care South").ref
    restrict(world, hidden)
    return {north: NORTH, south: SOUTH, hidden: NAMED}


def restrict(world: World, ref: str) -> None:
    world.do("restrict", START, "rowan.tm", ref=ref, people=[{"person": who} for who in sorted(NAMED)])


#: The first of every role.
ONE_OF_EACH = [
    post
    for number, post in enumerate(STAFF)
    if set(post.roles) - {role for earlier in STAFF[:number] for role in earlier.roles}
]


def _two_of(children: dict[str, set[str]], who: str) -> list[tuple[str, set[str]]]:
    """A child that somebody may open, where there is one, and one that they may not, the restricted one first."""
    found = reversed(children.items())
    by_answer = {who in may: (ref, may) for ref, may in sorted(found, key=lambda one: who not in one[1])}
    return list(by_answer.values())


def ask(client: FlaskClient, method: str, path: str) -> int:
    return client.open(path, method=method).status_code


def test_every_role_on_every_route_sees_what_the_rules_say_and_nothing_else(world, children, monkeypatch):
    """0 unexpected allow, 0 unexpected deny, over the routes and one or two of every role (reliability R21, C2)."""
    pages = Pages(world)
    pages.now = noon(THURSDAY)
    monkeypatch.setattr("flask.templating._render", lambda *_: "")  # who may see it is decided before it is written
    wrong: list[str] = []
    cells = 0
    for post in ONE_OF_EACH:
        client = pages.as_(post.handle).client
        held = set(post.roles)
        for rule in pages.app.url_map.iter_rules():
            door = door_of(pages.app.view_functions[rule.endpoint])
            for method in sorted(rule.methods & {"GET", "POST"}):
                if door.level not in (*OF_A_CASE, Access.SIGNED_IN, Access.POSTS):
                    continue
                if (door.proved and method == "POST" and door.level not in OF_A_CASE):
                    continue  # nothing about a child; or asks first who is there, tested in test_sign_in.py
                if door.level in OF_A_CASE:
                    for ref, may in _two_of(children, post.handle):
                        cells += 1
                        allowed = post.handle in may or (rule.endpoint, post.handle) in ALSO
                        status = ask(client, method, _path(rule.rule, ref))
                        exact = rule.arguments <= {"ref", "trigger"} and rule.rule.startswith("/cases/<ref>")
                        found_wrong = (status == 404) == allowed if exact and method == "GET" else not allowed
                        if (found_wrong and not (not allowed and status == 404)) or status >= 500:
                            wrong.append(f"{post.handle} {method} {rule.rule}: {status}")
                    continue
                cells += 1
                allowed = door.level is Access.SIGNED_IN or bool(door.posts & held)
                status = ask(client, method, _path(rule.rule, "SG-00000000"))
                if (status == 403) == allowed or status >= 500:
                    wrong.append(f"{post.handle} {method} {rule.rule}: {status}")

    assert wrong == []
    assert cells > 20 * len(ONE_OF_EACH)


def _path(rule: str, ref: str) -> str:
    known = {"ref": ref, "trigger": "rate"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found[1], "0" * 32), rule)


def test_every_role_is_in_the_crawl():
    assert set(Role) - {role for post in ONE_OF_EACH for role in post.roles} <= {Role.PANEL_CHAIR}


def test_a_restricted_child_changes_not_one_byte_of_what_others_see(world):
    """reliability R22, C6: every page that needs no reference and another child's page, before and after."""
    other = world.open_child()
    pages = Pages(world)
    pages.now = noon(THURSDAY)
    others = "imara.tm hana.hos ava.auditor dean.data wren.chair sol.sw gail.guardian".split()  # noqa: SIM905 - operators see runs whole
    before = {who: _everything(pages, who, other) for who in others}

    restrict(world, world.open_child())
    after = {who: _everything(pages, who, other) for who in others}

    assert [
        (who, path) for who in others for path in before[who] if before[who][path] != after[who][path]
    ] == []
    assert min(map(len, before.values())) >= 5


#: What the looking itself changes: the log of who looked, and one's own sign-ins.
_MOVES = ("/access", "/account", "/prove", "/sign-in", "/set-password")


def _everything(pages: Pages, who: str, ref: str) -> dict[str, bytes]:
    client = pages.as_(who).client
    found = {}
    for rule in pages.app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and not rule.rule.startswith(_MOVES):
            answer = client.get(rule.rule)
            found[rule.rule] = _cells(answer.data) if rule.rule.endswith(".xlsx") else _plain(answer.data)
    found[f"/cases/{ref}"] = _plain(client.get(f"/cases/{ref}").data)
    return found


def _cells(workbook: bytes) -> bytes:
    """What stands in a workbook; its file also holds the second in which it was written."""
    if not workbook.startswith(b"PK"):
        return _plain(workbook)
    sheets = load_workbook(BytesIO(workbook)).worksheets
    return repr([[sheet.title, list(sheet.iter_rows(values_only=True))] for sheet in sheets]).encode()


def _plain(page: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]+"|csrf_token" value="[^"]+"|name="key" value="[^"]+"', b"", page)


def test_pages_that_are_about_no_child_do_not_open_with_a_childs_reference(world, children):
    """C2: an id of one kind in the place of another answers like one that never was."""
    client = Pages(world).as_("hana.hos", on=THURSDAY).client
    hidden = list(children)[2]

    for path in (f"/held/{hidden}", f"/access/people/{hidden}"):
        assert client.get(path).status_code in (403, 404)


# --- what is read of a case that one may open ----------------------------------------------------------------------


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_a_post_reads_the_kinds_of_record_that_the_rules_give_it(child_at: ChildAt):
    """Rules 11.1, row by row, on one child with checks, assessment, means and a support plan."""
    world, ref = child_at("SIGN_OFF")
    rows = {
        "group_progresses": "R R R R R R – R",
        "write_report": "R R R R – R – R",
        "receive_check": "– R R R – – – –",
        "set_financial_position": "R R – – R – R R",
        "agree_package": "R R R R R R R R",
        "draft_support_plan": "R R R R R R R R",
    }
    people = "sol.sw rowan.tm quin.kdd lex.legal wren.chair oda.iro coral.coordinator ava.auditor".split()  # noqa: SIM905
    cells = {trigger: zip(people, row.split(), strict=True) for trigger, row in rows.items()}
    expected = {(trigger, who): cell == "R" for trigger, row in cells.items() for who, cell in row}
    # The rules give the group a summary of the assessment and the means test, which is the line without its record,
    # and the CFS columns no rating; whoever chairs Key Decisions, here, manages a team elsewhere.
    expected["set_financial_position", "wren.chair"] = False

    found = {}
    for who in people:
        with world.office.reading() as session:
            seen = show_case(session, ref, by=world.ids[who], today=START + timedelta(130))
        for trigger in rows:
            line = next(one for one in seen.chronology if one.trigger == trigger)
            found[trigger, who] = bool(line.record)

    assert {cell: found[cell] for cell in found if found[cell] != expected[cell]} == {}


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_who_only_pays_sees_neither_colour_nor_position(child_at: ChildAt):
    world, ref = child_at("SIGN_OFF")
    world.do("set_latest_position", START + timedelta(130), "sol.sw", ref=ref)
    seen = {}
    for who in ("rowan.tm", "faye.finance"):
        with world.office.reading() as session:
            seen[who] = show_case(session, ref, by=world.ids[who], today=START + timedelta(130))

    assert seen["rowan.tm"].colour
    assert (seen["faye.finance"].colour, seen["faye.finance"].position, seen["faye.finance"].path) == (None, {}, None)
    assert "legal advice" in seen["faye.finance"].withheld
    assert seen["rowan.tm"].withheld == ()


# --- opened in an emergency ------------------------------------------------------------------------------------------


WHY = "The child is missing tonight and nobody of the team answers."


def opened(world: World, ref: str, who: str, *, reason: str = WHY) -> emergency.Opened:
    return doing.open_in_emergency(world.office, ref, reason=reason, by=world.actor(who), now=noon(THURSDAY))


def test_a_record_opened_in_an_emergency_is_open_for_eight_hours_to_read_only(world):
    """reliability R35, C44: in one form, with a reason; the guardian is told at once; nothing may be decided by it."""
    ref = world.open_child()
    restrict(world, ref)
    pages = Pages(world)
    visitor = pages.as_("nell.sw", on=THURSDAY)
    visitor.get(f"/cases/{ref}", 404)

    visitor.post("/emergency", 422, ref=ref, reason="please")
    visitor.post("/emergency", 302, ref=ref.lower(), reason=WHY)
    page = visitor.get(f"/cases/{ref}")

    assert "until 9 January 2025, 20:00" in page.text
    assert not any("/step/" in link for link in page.links)
    typed = {"position": "Here", "next_step": "Call", "who": "nell.sw", "by_when": THURSDAY}
    visitor.post(f"/cases/{ref}/step/set_latest_position", 404, action="do", **as_form(typed, THURSDAY))
    for who in ("imara.tm", "kit.saw", "gail.guardian"):
        pages.as_(who).get(f"/cases/{ref}", 404)
    [told] = [row for row in rows_of(world, Outbox) if row.notices == ["EMERGENCY"]]
    assert (told.recipient_id, told.case_id, told.delivery) == (world.ids["gail.guardian"], None, "now")
    again = pages.as_("nell.sw")
    for minutes, status in ((479, 200), (480, 404)):
        pages.now = noon(THURSDAY) + timedelta(minutes=minutes)
        assert pages.as_("nell.sw").client.get(f"/cases/{ref}").status_code == status
    assert again.client.get(f"/cases/{ref}").status_code in (302, 404)


def test_the_guardian_reviews_it_once_and_nobody_their_own(world):
    ref = world.open_child()
    restrict(world, ref)
    opened(world, ref, "nell.sw")
    own = opened(world, ref, "dara.director")
    pages = Pages(world)
    guardian = pages.as_("gail.guardian", on=THURSDAY)
    page = guardian.get("/access")
    first = re.search(r"/access/emergency/(\w{32})", str(page.fields) + _links(guardian, "/access"))[1]

    assert page.text.count(WHY) == 2
    assert "2 to answer" in guardian.get("/my-work").text
    assert "Nothing waits on you" in pages.as_("dara.director").get("/my-work").text  # not late yet
    guardian = pages.as_("gail.guardian")
    assert "The review is due by 10 January 2025" in page.text
    guardian.post(f"/access/emergency/{first}", 422, words="She was found.")
    guardian.post(f"/access/emergency/{first}", 302, justified="yes", words="She was found; it was right.")
    guardian.post(f"/access/emergency/{first}", 422, justified="no", words="On second thoughts")
    assert "1 to answer" in guardian.get("/my-work").text
    assert "It was right, says Gail Elder" in guardian.get("/access").text
    with pytest.raises(Refused, match="opened themselves"), world.office.unit_of_work() as session:
        emergency.review(
            session,
            own.id,
            justified=True,
            words="fine",
            by=world.ids["dara.director"],
            today=THURSDAY,
            now=noon(THURSDAY),
        )


def _links(visitor, path: str) -> str:
    return visitor.client.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "reason", "error"),
    [
        ("amy.administrator", WHY, Refused),
        ("otto.operator", WHY, Refused),
        ("gail.guardian", WHY, Refused),
        ("rowan.tm", WHY, Unusable),  # it is open to them as it is
        ("nell.sw", "", Unusable),
        ("nell.sw", "now", Unusable),
    ],
)
def test_who_has_no_need_or_gives_no_reason_is_refused_and_written_down(world, who, reason, error):
    ref = world.open_child()
    restrict(world, ref)

    with pytest.raises(error):
        opened(world, ref, who, reason=reason)

    if who != "rowan.tm":
        with world.office.reading() as session, pytest.raises(NotFound):
            show_case(session, ref, by=world.ids[who], today=THURSDAY)


def test_an_emergency_is_written_down_with_who_and_which_and_also_when_it_was_denied(world):
    ref = world.open_child()
    restrict(world, ref)
    opened(world, ref, "nell.sw")
    with pytest.raises(NotFound):
        opened(world, "SG-00000000", "nell.sw")

    looks = world.office.access_log.of_kind("emergency", since=noon(START))
    assert [(one.case_ref, one.outcome) for one in looks] == [("SG-00000000", "denied"), (ref, "allowed")]


# --- who looked ------------------------------------------------------------------------------------------


def test_who_looked_is_a_page_for_managers_auditors_and_the_guardian(world):
    ref = world.open_child()
    pages = Pages(world)
    pages.as_("sol.sw", on=THURSDAY).get(f"/cases/{ref}")

    page = pages.as_("rowan.tm").get(f"/cases/{ref}/who-looked")

    assert "Sol Carrow" in page.text
    pages.as_("sol.sw").get(f"/cases/{ref}/who-looked", 422)
    pages.as_("gail.guardian").get(f"/cases/{ref}/who-looked")
    pages.as_("gail.guardian").get(f"/cases/{ref}", 404)
    pages.as_("imara.tm").get(f"/cases/{ref}/who-looked", 404)


def test_somebody_who_tries_other_peoples_children_shows_in_the_report(world):
    """reliability C1: every attempt is written down, and five within an hour are marked."""
    refs = [world.open_child() for _ in range(5)]
    pages = Pages(world)
    curious = pages.as_("imara.tm", on=THURSDAY)
    for ref in refs:
        curious.get(f"/cases/{ref}", 404)

    report = " ".join(pages.as_("gail.guardian").get("/access").text.split())
    own = pages.as_("gail.guardian").get(f"/access/people/{world.ids['imara.tm']}")

    assert re.search(r"Imara Bell\s*5\s*5 ask why", report)
    assert own.text.count("denied") == 5


def test_a_report_names_no_restricted_child_to_who_may_not_open_it(world):
    """R22: an auditor reads the report without the lines of a restricted child; the guardian reads all."""
    ref = world.open_child()
    restrict(world, ref)
    pages = Pages(world)
    pages.as_("rowan.tm", on=THURSDAY).get(f"/cases/{ref}")
    path = f"/access/people/{world.ids['rowan.tm']}"

    assert ref in pages.as_("gail.guardian").get(path).text
    assert ref not in pages.as_("ava.auditor").get(path).text


def test_cover_brings_the_posts_pages_and_not_a_restricted_child(world):
    """reliability C12: what somebody covers for ends with the day, and opens no restricted record."""
    ref = world.open_child()
    restrict(world, ref)
    open_ref = world.open_child()
    with world.office.unit_of_work() as session:
        person = add_person(session, handle="new.tm", name="New", email=None, now=noon(START))
        grant_role(session, person=person, role=Role.VIRTUAL_SCHOOL, from_on=START, now=noon(START))
        world.ids["new.tm"] = person.id
        add_cover(
            session,
            absent=find_person(session, "rowan.tm"),
            covering=person,
            from_on=THURSDAY,
            until_on=THURSDAY,
            reason="leave",
            recorded_by=None,
            now=noon(START),
        )
    pages = Pages(world)

    assert pages.as_("new.tm", on=THURSDAY).client.get(f"/cases/{open_ref}").status_code == 200
    assert pages.as_("new.tm", on=THURSDAY).client.get(f"/cases/{ref}").status_code == 404
    assert pages.as_("new.tm", on=THURSDAY + timedelta(1)).client.get(f"/cases/{open_ref}").status_code == 404
