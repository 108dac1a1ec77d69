"""A process can be seen: what is drawn is true, readable, and hides nothing."""

import json
import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace
from typing import Any, cast

import pytest

from states.diagram import as_data, as_json, as_markdown, as_mermaid, as_svg, as_table, main_way
from states.diagram.arrows import draw
from states.diagram.geometry import Point, Rect, crosses, set_in_lines, text_width, wrapped
from states.diagram.layout import Plan, lay_out
from states.diagram.wording import conditions, first_line, from_words, only_if, who_decides
from states.facts import Facts
from states.notices import NT_01, NT_10, NT_10_LETTER
from states.pathway import PATHWAY
from states.policy import Policy
from states.records.base import Record, day, text
from states.rows import NEW_CASE, act, decision, fact
from states.stages import S
from states.vocabulary import Anywhere, Basis, Count, Due, Place, Process, Role, State, Unit, Unmet

SVG = "{http://www.w3.org/2000/svg}"
POLICY = cast(Policy, SimpleNamespace(authority=SimpleNamespace(name="Rutland"), days=20, months=1))
MANAGER, CHAIR = (Role.TEAM_MANAGER,), (Role.GROUP_CHAIR,)


class Way(State):
    ASKED = Place("Asked for", 0, 0)
    HEARD = Place("Heard", 1, 0)
    AGREED = Place("Agreed", 2, 0)
    WAITING = Place("Waiting", 1, 1)
    PAID = Place("Paid & <closed>", 2, 1)


class Asking(Record):
    kind = "asking"

    reason: str = text("Why it is asked")
    wanted_on: object = day("Wanted on", optional=True)


def reason_is_good(facts: Facts) -> Unmet | None:
    """The reason is a good one (rules T1, practice PR-2).

    More is said here, for developers.
    """


def somebody_waits(facts: Facts) -> bool:
    """Somebody waits for the money."""
    return True


def nobody_said_why(facts: Facts) -> bool:
    return True


ANSWER = Due(
    name="answer",
    words="Answer given",
    owner=Role.TEAM_MANAGER,
    basis=Basis.LOCAL,
    count=Count(unit=Unit.WORKING_DAYS, number=lambda policy: cast(Any, policy).days),
    rule="R-ELG-3",
    anchor="wanted_on",
)


def a_process(*more: Any, **others: Any) -> Process:
    rows = (
        decision("ask", "Ask", NEW_CASE, Way.ASKED, MANAGER, Asking, "T1", opens=(ANSWER,), tells=(NT_01,)),
        decision(
            "hear",
            "Hear it",
            Way.ASKED,
            Way.HEARD,
            CHAIR,
            Asking,
            "T2",
            guards=(reason_is_good,),
            meets=(ANSWER,),
        ),
        decision("agree", "Agree", Way.HEARD, Way.AGREED, CHAIR, Asking, "T3", tells=(NT_10,)),
        decision("pay", "Pay", Way.AGREED, Way.PAID, MANAGER, Asking, "T4"),
        *more,
    )
    return Process(name="asking", states=Way, rows=rows, final=frozenset({Way.PAID}), **others)


def arrow_between(process: Process, source: Way, target: Way) -> Any:
    return next(a for a in draw(process).arrows if (a.source, a.target) == (source, target))


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


# --- what is drawn ---------------------------------------------------------------------------------------


def test_the_main_way_of_a_case_runs_from_the_first_rating_to_the_end():
    assert [state.name for state in main_way(PATHWAY)] == [
        "COHORT", "RATED", "REVIEW_GROUP", "TRAJECTORY", "KEY_DECISION", "RATIFICATION", "ASSESSMENT",
        "FINANCIAL_PACKAGE", "SIGN_OFF", "WITH_LEGAL", "IN_COURT", "ORDER_MADE", "POST_ORDER", "ENDED",
    ]  # fmt: skip


def test_of_two_ways_as_long_the_one_that_stands_first_in_the_table_is_the_main_way():
    process = a_process(
        decision("wait", "Wait", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5"),
        decision("pay_late", "Pay late", Way.WAITING, Way.PAID, MANAGER, Asking, "T6"),
    )

    assert main_way(process) == (Way.ASKED, Way.HEARD, Way.AGREED, Way.PAID)


def test_parallel_steps_are_one_arrow():
    process = a_process(decision("agree_late", "Agree late", Way.HEARD, Way.AGREED, CHAIR, Asking, "T5"))

    assert [row.words for row in arrow_between(process, Way.HEARD, Way.AGREED).steps] == [
        "Agree",
        "Agree late",
    ]


def test_more_than_three_parallel_steps_are_counted():
    more = [
        decision(f"wait_{n}", f"Wait {n}", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5") for n in ("a", "b", "c", "d")
    ]

    drawn = texts(as_svg(a_process(*more)))
    assert "Wait a" in drawn
    assert "and 2 more" in drawn
    assert "Wait c" not in drawn


def test_there_and_back_is_one_arrow():
    process = a_process(
        decision("wait", "Wait", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5"),
        decision("go_on", "Go on", Way.WAITING, Way.HEARD, CHAIR, Asking, "T6"),
    )

    arrow = arrow_between(process, Way.HEARD, Way.WAITING)
    assert [row.words for row in arrow.back] == ["Go on"]
    assert sum(1 for a in draw(process).arrows if Way.WAITING in (a.source, a.target)) == 1


def test_a_step_from_many_stages_is_drawn_once_where_it_leads_to():
    anywhere = (Way.ASKED, Way.HEARD, Way.AGREED, Way.WAITING)
    process = a_process(decision("stop", "Stop", anywhere, Way.PAID, CHAIR, Asking, "T5"))

    [gathered] = draw(process).gathered
    assert gathered.sources == set(anywhere)
    assert not [a for a in draw(process).arrows if Way.ASKED is a.source and Way.PAID is a.target]
    assert "from any open stage" in texts(as_svg(process))


def test_a_step_that_no_line_can_show_is_named_where_it_leads_to():
    process = a_process(decision("ask_again", "Ask again", Way.PAID, Way.ASKED, CHAIR, Asking, "T5"))

    assert {"Ask again", "from Paid & <closed>"} <= set(texts(as_svg(process)))


def test_what_there_is_no_room_to_draw_is_named_in_the_legend(monkeypatch):
    monkeypatch.setattr(Plan, "is_free", lambda *_, **__: False)
    process = a_process(decision("wait", "Wait for money", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5"))

    plan = lay_out(process)
    assert {"Ask: a new case to Asked for.", "Wait for money: from Heard to Waiting."} < set(plan.notes)
    assert len(plan.lines) == 3  # the main way stays, though its steps are named below


def test_a_stage_that_stands_apart_is_not_on_the_main_way():
    process = a_process(
        decision("wait", "Wait", Way.AGREED, Way.WAITING, CHAIR, Asking, "T5"),
        decision("pay_late", "Pay late", Way.WAITING, Way.PAID, MANAGER, Asking, "T6"),
    )

    assert main_way(process) == (Way.ASKED, Way.HEARD, Way.AGREED, Way.PAID)  # longer, but not to a neighbour


def test_every_step_that_leads_elsewhere_is_named_in_the_drawing_of_the_pathway():
    drawn = " ".join(said for said in texts(as_svg(PATHWAY)) if len(said) > 1)

    leading = {row.words for row in PATHWAY.rows if isinstance(row.to, State)}
    assert [words for words in leading if words not in drawn] == []


# --- how it is drawn -------------------------------------------------------------------------------------


def test_nothing_in_the_drawing_covers_anything_else():
    plan = lay_out(PATHWAY)
    boxes = [box.rect for box in plan.boxes.values()]
    rooms = [label.rect for label in plan.labels.values()] + [tab.rect for tab in plan.tabs] + [plan.legend]

    together = boxes + rooms
    assert not [(a, b) for i, a in enumerate(together) for b in together[i + 1 :] if a.covers(b)]


def test_every_text_stands_inside_its_box_and_the_drawing():
    plan = lay_out(PATHWAY)

    paper = Rect(0, 0, plan.width, plan.height)
    assert all(paper.holds(label.rect) for label in plan.labels.values())
    assert all(paper.holds(tab.rect) for tab in plan.tabs)
    for box in plan.boxes.values():
        assert box.words.width < box.rect.width
        assert box.words.height + box.stays.height < box.rect.height


def test_no_line_crosses_a_box_a_text_or_another_line():
    plan = lay_out(PATHWAY)
    lines = [*plan.lines.values(), *(tab.line for tab in plan.tabs)]
    pieces = [(line, piece) for line in lines for piece in line.segments]

    for line, piece in pieces:
        assert not [box for box in plan.boxes.values() if box.rect.grown(-1).crossed_by(*piece)]
        assert not [tab for tab in plan.tabs if tab.line is not line and tab.rect.crossed_by(*piece)]
        assert not [other for other, another in pieces if other is not line and crosses(*piece, *another)]
    for number, label in plan.labels.items():
        others = [line for key, line in plan.lines.items() if key != number] + [tab.line for tab in plan.tabs]
        assert not [line for line in others for piece in line.segments if label.rect.crossed_by(*piece)]


def test_a_sheet_of_a4_on_its_side_holds_the_drawing():
    plan = lay_out(PATHWAY)

    assert 1.2 < plan.width / plan.height < 1.7


def test_the_drawing_speaks_to_whoever_cannot_see_it():
    root = ET.fromstring(as_svg(PATHWAY))

    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "Not yet rated, then Rated, then On the Review Group's agenda" in (desc.text or "")
    assert all(state.words in (desc.text or "") for state in S)


def test_the_drawing_needs_nothing_else_and_obeys_a_strict_page():
    svg = as_svg(PATHWAY)

    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<style|<script|\sstyle=|@import|<image|<use|\son\w+=", svg)


def test_the_place_of_a_case_is_dark_and_what_it_has_passed_is_ticked():
    svg = as_svg(PATHWAY, here=S.KEY_DECISION, visited=(S.COHORT, S.RATED))
    root = ET.fromstring(svg)

    def fill(state: S) -> str | None:
        group = next(g for g in root.iter(f"{SVG}g") if g.get("id") == f"case-{state.name}")
        return next(group.iter(f"{SVG}rect")).get("fill")

    assert len({fill(S.KEY_DECISION), fill(S.RATED), fill(S.ENDED)}) == 3
    assert sum(1 for said in texts(svg) if said == "✓") == 2
    assert "This case is at: Key Decision Discussion (KDD). It has been at: Not yet rated, Rated." in svg


def test_signs_that_mean_something_to_svg_are_written_out():
    assert "Paid &amp; &lt;closed&gt;" in as_svg(a_process())


def test_words_that_do_not_fit_their_box_are_refused():
    class Long(State):
        ONE = Place("A stage with a very, very long name that goes on over one line and the next and more", 0, 0)

    with pytest.raises(ValueError, match="the words of ONE do not fit"):
        lay_out(Process(name="long", states=Long, rows=()))


def test_a_line_that_only_touches_a_rectangles_edge_does_not_run_through_it():
    room = Rect(10, 10, 20, 10)

    assert room.crossed_by(Point(0, 0), Point(40, 30))
    assert not room.crossed_by(Point(0, 10), Point(40, 10))
    assert not room.crossed_by(Point(0, 0), Point(9, 40))


def test_lines_that_run_upon_each_other_cross():
    assert crosses(Point(0, 0), Point(10, 0), Point(5, 0), Point(20, 0))
    assert not crosses(Point(0, 0), Point(10, 0), Point(11, 0), Point(20, 0))
    assert not crosses(Point(0, 0), Point(10, 0), Point(0, 1), Point(10, 1))


def test_text_is_broken_evenly_and_never_wider_than_its_room():
    lines = wrapped("Ratification at the Review of Arrangements (ROA)", 17, 190, bold=True)

    assert " ".join(lines) == "Ratification at the Review of Arrangements (ROA)"
    assert all(text_width(line, 17, bold=True) <= 190 for line in lines)
    assert max(map(len, lines)) - min(map(len, lines)) < 12


def test_several_texts_hang_from_their_signs():
    listed = set_in_lines([("·", "One thing"), ("·", "Another thing that needs two lines")], 14, 120)

    assert [sign for sign, _ in listed.lines] == ["·", "·", "", ""][: len(listed.lines)]
    assert not listed.centred


# --- the table -------------------------------------------------------------------------------------------


def test_no_line_of_the_table_is_wider_than_the_terminal():
    for width in (140, 200):
        assert max(map(len, as_table(a_process(), POLICY, width=width).splitlines())) <= width


def test_the_table_says_of_a_step_all_that_its_row_says():
    table = as_table(a_process(), POLICY, width=400)

    [asking] = [line for line in table.splitlines() if line.startswith("Ask ")]
    assert "a new case → Asked for" in asking
    assert "Team Manager or above" in asking
    assert "Why it is asked (and 1 more where known)" in asking
    assert "Opens: Answer given (20 working days)" in asking
    [hearing] = [line for line in table.splitlines() if line.startswith("Hear it")]
    assert "The reason is a good one." in hearing
    assert "Meets: Answer given" in hearing
    [agreeing] = [line for line in table.splitlines() if line.startswith("Agree ")]
    assert "At once: independent reviewing officer" in agreeing


def test_a_deadlines_number_is_the_policys():
    other = cast(Policy, SimpleNamespace(authority=SimpleNamespace(name="Rutland"), days=1))

    assert "(20 working days)" in as_markdown(a_process(), POLICY)
    assert "(1 working day)" in as_markdown(a_process(), other)


def test_steps_stand_under_the_stage_they_start_from():
    table = as_table(a_process(act("note", "Note", tuple(Way), CHAIR, Asking, "T5")), POLICY)

    headings = [line for line in table.splitlines() if line.isupper()]
    assert headings == [
        "A NEW CASE",
        "ASKED FOR (ASKED)",
        "HEARD (HEARD)",
        "AGREED (AGREED)",
        "AT SEVERAL STAGES",
    ]


def test_rows_that_differ_only_in_where_they_lead_stand_together():
    back = [
        decision("undo", "Undo", Way.AGREED, to, CHAIR, Asking, "T5", when=somebody_waits)
        for to in (Way.ASKED, Way.HEARD)
    ]

    table = as_markdown(a_process(*back), POLICY)
    assert table.count("**Undo**") == 1
    assert "Agreed → Asked for or Heard, as the history has it" in table


def test_a_row_that_carries_the_conditions_of_another_says_whose():
    process = a_process(
        decision(
            "hurry",
            "Hurry",
            Way.ASKED,
            Way.AGREED,
            CHAIR,
            Asking,
            "T5",
            guards=(reason_is_good,),
            carries=("hear",),
        )
    )

    assert conditions(process, process.rows[-1]) == ("All that 'Hear it' needs.",)


def test_a_bar_in_a_text_does_not_break_the_table():
    process = a_process(decision("odd", "This | that", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5"))

    rows = [line for line in as_markdown(process, POLICY).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {8}


# --- the words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({None}, "a new case"),
        (set(S), "any stage"),
        (set(S) - {S.ENDED}, "any open stage"),
        (set(S) - {S.ORDER_MADE, S.POST_ORDER}, "any stage but Order made and Support after the order"),
        (set(S) - {S.RATED, S.IN_COURT, S.ENDED}, "any stage but Rated, In court and Closed"),
        ({S.COHORT, S.RATED}, "Not yet rated, Rated"),
        ({S.ASSESSMENT, S.FINANCIAL_PACKAGE, S.SIGN_OFF}, "Assessment to Money agreed: notices and filing"),
    ],
)
def test_where_a_step_starts_is_said_as_short_as_it_is_true(sources, said):
    assert from_words(PATHWAY, sources) == said


def test_a_ranked_post_is_a_floor_and_a_specialist_is_not():
    row = decision("x", "X", Way.ASKED, Way.HEARD, (Role.HEAD_OF_SERVICE, Role.LEGAL), Asking, "T1")

    assert who_decides(row) == "Head of Service or above, Legal"


def test_facts_may_be_recorded_by_anyone_allocated():
    row = fact("x", "X", Way.ASKED, Way.HEARD, (Role.LEGAL,), Asking, "T1")

    assert who_decides(row) == "Legal, anyone allocated to the child"


def test_a_condition_is_said_without_the_rules_it_cites():
    assert first_line(reason_is_good) == "The reason is a good one."


def test_when_something_belongs_to_a_step_is_said_even_where_nobody_wrote_it_down():
    assert only_if(None) == ""
    assert only_if(somebody_waits) == "if somebody waits for the money"
    assert only_if(nobody_said_why) == "where it applies"


# --- for programs ----------------------------------------------------------------------------------------


def test_the_keys_of_the_json_stay_as_they_are():
    data = json.loads(as_json(a_process(), POLICY))

    assert set(data) == {"process", "main_way", "states", "steps"}
    assert set(data["states"][0]) == {"name", "words", "column", "row", "main", "final"}
    assert set(data["steps"][0]) == {
        "trigger", "words", "nature", "new", "from", "to", "by", "by_anyone_allocated", "by_words", "rule", "chosen",
        "record", "conditions", "carries", "opens", "meets", "ends", "tells",
    }  # fmt: skip
    assert set(data["steps"][0]["opens"][0]) == {
        "name", "words", "owner", "basis", "number", "unit", "counted", "rule", "when",
    }  # fmt: skip
    assert set(data["steps"][0]["tells"][0]) == {"id", "words", "to", "delivery", "how", "when"}
    assert set(data["steps"][1]["conditions"][0]) == {"name", "words", "rules"}
    assert set(data["steps"][0]["record"]["fields"][0]) == {
        "name", "label", "hint", "kind", "required", "options", "fields",
    }  # fmt: skip


def test_the_json_holds_what_the_row_says():
    [asking, hearing, *_] = as_data(a_process(), POLICY)["steps"]

    assert (asking["new"], asking["from"], asking["to"]) == (True, [], "ASKED")
    assert (asking["opens"][0]["number"], asking["opens"][0]["counted"]) == (
        20,
        "20 working days from 'Wanted on'",
    )
    assert hearing["conditions"] == [
        {"name": "reason_is_good", "words": "The reason is a good one.", "rules": "rules T1, practice PR-2"}
    ]
    assert hearing["meets"] == [{"name": "answer", "when": ""}]


def test_a_letter_is_told_apart_from_a_mail():
    process = a_process(
        decision("write", "Write", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5", tells=(NT_10, NT_10_LETTER))
    )

    assert [told["delivery"] for told in as_data(process, POLICY)["steps"][-1]["tells"]] == ["now", "letter"]


def test_mermaid_gets_no_sign_that_it_would_read_as_its_own():
    process = a_process(decision("wait", "KDD: wait; #1", Way.HEARD, Way.WAITING, CHAIR, Asking, "T5"))

    labels = [line.split(" : ", 1)[1] for line in as_mermaid(process).splitlines() if " : " in line]
    assert "KDD – wait, no. 1" in labels
    assert not [label for label in labels if set(label) & set(":;#")]


def test_mermaid_shows_every_stage_the_start_and_the_end():
    lines = as_mermaid(a_process()).splitlines()

    assert [line.split(" : ")[0].strip() for line in lines[2:7]] == [state.name for state in Way]
    assert "    [*] --> ASKED : Ask" in lines
    assert lines[-1] == "    PAID --> [*]"


def test_a_step_back_to_where_the_case_came_from_is_named_beside_the_drawing():
    process = a_process(decision("undo", "Undo", tuple(Way), Anywhere.BACK, CHAIR, Asking, "T5"))

    assert "Undo: from any stage to the state before the last step." in " ".join(texts(as_svg(process)))
