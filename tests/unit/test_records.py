"""What is written down: fields declared once, typed lines understood, every fault named in plain words."""

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from states.engine import NotPermitted, fire
from states.pathway import PATHWAY
from states.records import base
from states.records.base import Kind, Record, Row, day, kind_of, number, rows, text, unmet_fields, words
from states.records.court import CourtDirection, OrderMade
from states.records.decision import KeyDecision, Ratification
from states.records.group import GroupDefers, View
from states.records.opening import BroughtForward, ChildOpened
from states.records.rating import Rating
from states.records.trajectory import Allocated, Trajectory
from states.stages import S
from states.vocabulary import Process
from tests.factories import anybody, facts, filed, row

TODAY = date(2026, 3, 10)
RECORDS = sorted({row.record for row in PATHWAY.rows}, key=lambda record: record.__name__)


def faults(record, **given):
    with pytest.raises(ValidationError) as wrong:
        record.model_validate(given)
    return unmet_fields(wrong.value, record)


def said(record, **given):
    return {unmet.field: unmet.reason for unmet in faults(record, **given)}


# --- every record ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_a_record_says_what_it_is_its_rule_and_its_fields(record):
    assert record.kind
    assert record.rule
    assert (record.__doc__ or "").strip()
    assert all(field.label for field in record.fields())


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_every_field_is_of_one_of_the_ten_kinds_and_rows_are_one_level_deep(record):
    assert len(Kind) == 10
    for field in record.fields():
        assert isinstance(field.kind, Kind)
        assert bool(field.rows) is (field.kind is Kind.ROWS)
        assert all(inner.kind is not Kind.ROWS for inner in field.rows)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_a_field_with_a_fixed_list_shows_its_options(record):
    for field in record.fields():
        if field.kind is Kind.CHOICE:
            assert field.options, field.name


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_a_record_refuses_what_it_does_not_know(record):
    unmet = [u for u in faults(record, no_such_field="x") if u.field == "no_such_field"]

    assert [(u.rule, u.reason) for u in unmet] == [(record.rule, "There is no field 'no_such_field' in this record.")]


@pytest.mark.parametrize("trigger", PATHWAY.triggers)
def test_a_record_reads_back_what_it_wrote(trigger):
    given = filed(trigger)

    assert type(given).model_validate(given.content()) == given


def test_one_kind_of_record_has_one_shape():
    by_kind: dict[str, set[type[Record]]] = {}
    for record in RECORDS:
        by_kind.setdefault(record.kind, set()).add(record)

    assert {kind: sorted(r.__name__ for r in found) for kind, found in by_kind.items() if len(found) > 1} == {}


# --- every fault at once, in plain words -----------------------------------------------------------------


def test_every_missing_field_is_named_by_its_label_at_once():
    told = said(GroupDefers)

    assert told == {
        "reason": "'Why the group decided this' is missing.",
        "return_on": "'Return to group on' is missing.",
        "barriers": "'What stands in the way' is missing.",
        "actions": "'Actions with their owners' is missing.",
    }
    assert {unmet.rule for unmet in faults(GroupDefers)} == {"R-RG-4"}


@pytest.mark.parametrize(
    ("record", "field", "given", "reason"),
    [
        (
            Rating,
            "colour",
            "PURPLE",
            "'Colour' must be one of 'GREEN', 'YELLOW', 'AMBER' or 'RED'; it is 'PURPLE'.",
        ),
        (
            GroupDefers,
            "return_on",
            "next week",
            "'Return to group on' must be a date such as 2026-03-04; it is 'next week'.",
        ),
        (
            GroupDefers,
            "return_on",
            "0206-03-04",
            "'Return to group on' must be a date from 1900-01-01 to 2099-12-31; it is 0206-03-04.",
        ),
        (
            GroupDefers,
            "return_on",
            date(2260, 3, 4),
            "'Return to group on' must be a date from 1900-01-01 to 2099-12-31; it is 2260-03-04.",
        ),
        (Rating, "childs_view_known", "perhaps", "'Is the child's view known?' must be yes or no; it is 'perhaps'."),
        (GroupDefers, "actions", [], "'Actions with their owners' needs at least 1 entry."),
        (GroupDefers, "barriers", "", "'What stands in the way' is missing."),
        (CourtDirection, "owner", "x" * 501, "'Who must comply' is too long: at most 500."),
        (CourtDirection, "direction", "   ", "'What the court directs' is missing."),
    ],
)
def test_a_wrong_answer_is_refused_in_words_that_say_what_to_do(record, field, given, reason):
    assert said(record, **{field: given})[field] == reason


def test_a_fault_in_a_row_says_which_row_and_which_field():
    milestones = [
        {"step": "KDD", "planned_on": "2026-05-01", "owner": "worker"},
        {"step": "ROA", "planned_on": "soon"},
    ]

    told = said(Trajectory, milestones=milestones)

    assert told["milestones.1.planned_on"] == (
        "'Milestones', row 2, 'Planned for' must be a date such as 2026-03-04; it is 'soon'."
    )
    assert told["milestones.1.owner"] == "'Milestones', row 2, 'Owner' is missing."


def test_a_number_below_its_least_is_not_called_a_date():
    class Counted(Record):
        """A count."""

        kind: ClassVar[str] = "counted"
        many: int = number("How many", at_least=1)

    assert said(Counted, many="0") == {"many": "'How many' must be at least 1; it is '0'."}


# --- what people type ------------------------------------------------------------------------------------


def test_choices_are_typed_on_one_line_and_rows_as_json():
    typed = GroupDefers.model_validate(
        {
            "reason": "Housing first.",
            "return_on": "2026-04-14",
            "barriers": "HOUSING, FAMILY_TIME",
            "actions": '[{"what": "Ring housing", "who": "worker", "by_when": "2026-03-24"}]',
        }
    )

    assert [b.value for b in typed.barriers] == ["HOUSING", "FAMILY_TIME"]
    assert typed.actions[0].by_when == date(2026, 3, 24)


def test_a_list_that_cannot_be_read_is_refused_by_its_label():
    told = [u.reason for u in faults(GroupDefers, actions="[{what: Ring housing}]")]

    assert len(told) == 1
    assert told[0].startswith("'Actions with their owners' is not JSON: line 1, column 3")


def test_an_empty_answer_is_no_answer():
    typed = View.model_validate({"voice": "child", "stance": "for", "view": "Stay.", "through": "  "})

    assert typed.through is None


@pytest.mark.parametrize(("typed", "meant"), [("yes", True), ("no", False), ("true", True), (False, False)])
def test_yes_and_no_are_understood(typed, meant):
    given: dict[str, Any] = {"colour": "RED", "reason": "r", "readiness": "r", "carers_view_known": True}

    assert Rating.model_validate({**given, "childs_view_known": typed}).childs_view_known is meant


def test_what_is_typed_keeps_no_blanks_around_it():
    assert View.model_validate({"voice": "child", "stance": "for", "view": "  Stay.  "}).view == "Stay."


def test_a_record_cannot_be_changed_after_it_was_written():
    given = filed("rate")

    with pytest.raises(ValidationError):
        setattr(given, "reason", "Another")  # noqa: B010 - a type checker would not let it stand


# --- what a record names ---------------------------------------------------------------------------------


def test_a_record_tells_the_people_and_meetings_it_names():
    decided = filed("kdd_sgo_appropriate", legal_adviser="adviser")
    listed = filed("list_for_group", meeting="MT-7")
    named = filed("restrict", people=[{"person": "p1"}, {"person": "p2"}])

    assert list(decided.named(Kind.PERSON)) == [("legal_adviser", "adviser")]
    assert list(listed.named(Kind.MEETING)) == [("meeting", "MT-7")]
    assert list(named.named(Kind.PERSON)) == [("people.person", "p1"), ("people.person", "p2")]


def test_nobody_is_named_where_a_field_is_empty():
    assert list(filed("allocate", person=None).named(Kind.PERSON)) == []


# --- what the rules ask to be written down ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "needed"),
    [
        (Rating, {"colour", "reason", "readiness", "childs_view_known", "carers_view_known"}),  # R-RAG-1
        (Trajectory, {"milestones", "target_order_on", "dependencies", "carers_position", "childs_position"}),
        (
            KeyDecision,
            {
                "attended",
                "options",
                "legal_analysis",
                "childs_wishes",
                "carers_wishes",
                "parents_wishes",
                "family_time",
                "risks",
                "support_and_money",
                "bottom_lines",
                "reasons",
            },
        ),  # R-KDD-2
        (Ratification, {"participation", "childs_views", "parents_views", "reasons", "plan_updated"}),  # R-ROA-3
        (OrderMade, {"court", "guardians", "end_code", "provisions"}),  # T18
    ],
)
def test_what_the_rules_name_is_required(record, needed):
    assert needed <= {field.name for field in record.fields() if field.required}


def test_what_a_source_cannot_say_of_a_child_stays_empty():
    opened = ChildOpened.model_validate({"council_id": "000001"})

    assert (opened.given_names, opened.date_of_birth, opened.source) == (None, None, "typed")
    assert opened.legal_status_exact is True


def test_a_stage_brought_forward_asks_for_its_evidence():
    assert set(said(BroughtForward, council_id="000001")) == {"stage", "external_evidence"}


def test_a_post_may_fall_empty():
    assert Allocated.model_validate({"role": "SGO assessment worker", "no_conflict": True}).person is None


def test_a_field_that_is_new_says_since_when_it_is_required():
    class Later(Record):
        """A record with a newer field."""

        kind: ClassVar[str] = "later"
        old: str = text("Old")
        new: date | None = day("New", optional=True, required_from=date(2026, 4, 1))

    seen = {field.name: field.required_from for field in Later.fields()}

    assert seen == {"old": None, "new": date(2026, 4, 1)}


def test_rows_within_rows_are_seen_with_their_own_labels():
    class Line(Row):
        """One line."""

        note: str = words("Note", "In plain words")

    class Lined(Record):
        """A record with lines."""

        kind: ClassVar[str] = "lined"
        lines: tuple[Line, ...] = rows("Lines")

    [lines] = Lined.fields()

    assert [(f.name, f.label, f.hint, f.required) for f in lines.rows] == [("note", "Note", "In plain words", True)]
    assert kind_of(Lined.model_fields["lines"]) is Kind.ROWS


# --- fields that are required since a date ---------------------------------------------------------------------


class NewlyAsked(base.Row):
    """A row with a field that is asked for since a date."""

    name: str = base.text("Name")
    since_spring: str | None = base.text("Also", optional=True, required_from=date(2026, 4, 1))


class Grown(base.Record):
    """A record that grew two fields in spring."""

    kind = "grown"
    rule = "PR-2"

    old: str = base.text("Old")
    new: date | None = base.day("New", optional=True, required_from=date(2026, 4, 1))
    several: tuple[str, ...] = base.choices("Several", required_from=date(2026, 4, 1))
    people: tuple[NewlyAsked, ...] = base.rows("People")


def test_a_field_is_asked_for_from_its_day_on_and_not_before():
    bare = Grown(old="x", people=(NewlyAsked(name="A"), NewlyAsked(name="B", since_spring="y")))

    assert bare.missing_on(date(2026, 3, 31)) == ()
    assert [unmet.field for unmet in bare.missing_on(date(2026, 4, 1))] == ["new", "several", "people.since_spring"]
    assert "row 1, 'Also'" in bare.missing_on(date(2026, 4, 1))[2].reason
    full = Grown(old="x", new=date(2026, 1, 1), several=("a",))
    assert full.missing_on(date(2026, 5, 1)) == ()


@pytest.mark.parametrize(("on", "missing"), [(date(2026, 3, 31), []), (date(2026, 4, 1), ["new", "several"])])
def test_a_step_whose_record_lacks_what_is_asked_since_is_refused(on, missing):
    """All of it at once, and a fact too: as with any field that is missing."""
    rows = [replace(row(trigger), record=Grown) for trigger in ("open_case", "order_made")]
    process = Process(name="grown", states=S, rows=tuple(replace(r, guards=(), when=None) for r in rows))

    for one, state in zip(rows, (None, S.IN_COURT), strict=True):
        at = facts(state, given=Grown(old="x"), on=on)
        found = []
        try:
            fire(process, one.trigger, at, anybody)
        except NotPermitted as refused:
            found = [unmet.field for unmet in refused.unmet]
        assert found == missing


# --- no words but our own --------------------------------------------------------------------------------

#: What no person shall read: pydantic's and Python's own words.
FOREIGN_WORDS = (
    "Input should", "Field required", "Extra inputs", "Value error", "valid string", "valid integer", "valid list",
    "String should", "pydantic", "type=", "should have at", "should match", "unable to", "Unable to", "Expecting",
    "cannot be understood", "instance of", "expected string", "dictionary", "tuple", "NoneType",
)
WRONG_VALUES: tuple[Any, ...] = (
    "", "x", "x" * 60_000, 7, -1, 10**30, 1.5, float("nan"), True, None, [], ["x"], [7], [None], [[]], {}, {"x": 1},
    [{}], [{"x": 1}],
    "0000-00-00", "2026-02-30", "2026-03-04T10:00:00", "1066-10-14", "9999-12-31", "a\x00b", "a\u202eb",
    "a\r\nb", "a\x1b[31mb", "[", "[{]", '[{"a": 1, "a": 2}]', "[NaN]", "\ud800", b"bytes", date(1066, 10, 14), object(),
)  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.__name__)
def test_whatever_is_wrong_with_any_field_is_said_in_our_own_words(record):
    refused = 0
    for seen in record.fields():
        below = [{inner.name: value} for inner in seen.rows for value in WRONG_VALUES]
        for value in (*WRONG_VALUES, *([one] for one in below)):
            try:
                record.model_validate({seen.name: value})
            except ValidationError as wrong:
                refused += 1
                for unmet in unmet_fields(wrong, record):
                    assert not [words for words in FOREIGN_WORDS if words in unmet.reason], (seen.name, value, unmet)
                    assert unmet.reason.endswith((".", "?")), unmet
                    assert len(unmet.reason) < 2000, unmet
    assert refused or not record.fields()


def test_what_was_given_as_a_whole_must_be_a_table():
    with pytest.raises(ValidationError) as wrong:
        ChildOpened.model_validate(["x"])

    (unmet,) = unmet_fields(wrong.value, ChildOpened)
    assert unmet.reason == "What was given must be a table of names and values; it is ['x']."


# --- text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Set\x00tled", "holds a NUL character as character 4: take it out"),
        ("Set\x1b[31mtled", "holds a control character (U+001B) as character 4: take it out"),
        ("Set\u202etled", "holds a sign that turns the direction of writing (U+202E) as character 4: take it out"),
        ("Set\ud83dtled", "holds half a character: take it out"),
    ],
)
def test_signs_that_break_or_deceive_are_refused_in_every_text_with_the_field_named(text, words):
    told = said(View, voice="child", view=text, stance="for")
    assert told["view"] == f"'In their words, as far as possible' {words}."
    assert words in said(ChildOpened, council_id="1", given_names=text)["given_names"]


def test_line_ends_of_every_machine_are_the_same_text():
    written = {
        View.model_validate({"voice": "child", "view": f"One.{end}Two.", "stance": "for"}).view
        for end in ("\n", "\r\n", "\r", "\u2028")
    }

    assert written == {"One.\nTwo."}


def test_a_name_is_one_line_of_a_sensible_length():
    assert "write it in one" in said(ChildOpened, council_id="1", given_names="Ada\r\nBcc: all")["given_names"]
    assert said(ChildOpened, council_id="1", family_name="x" * 121)["family_name"] == (
        "'Family name' is too long: at most 120."
    )


def test_the_marks_and_joiners_that_some_scripts_need_are_kept():
    name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200f\u0639\u0644\u06cc"

    assert ChildOpened.model_validate({"council_id": "1", "given_names": name}).given_names == name
