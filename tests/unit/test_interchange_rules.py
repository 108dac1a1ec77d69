"""The visible list of rules: what refuses, rejects and flags (practice 7)."""

import ast
from pathlib import Path

import interchange
from interchange.problems import (
    RULES,
    Effect,
    FileRefused,
    Problem,
    Problems,
    Severity,
    by_rule,
    refusal,
    shown_name,
)
from interchange.rules import NOT_JUDGED

SOURCES = [path for path in Path(interchange.__file__).parent.glob("*.py") if path.name != "rules.py"]


def words_in_the_code() -> set[str]:
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_rule_of_the_list_is_used_and_none_is_listed_for_show():
    assert RULES.keys() - words_in_the_code() == set()


def test_the_validation_worth_having_is_there_or_says_why_not():
    """returns 5, last line: cheap checks that catch most damage."""
    worth_having = {
        "101", "102", "103", "141", "142", "143", "144", "145", "146", "147", "148", "149", "355", "356",
        "378", "383", "408", "431", "432", "433", "434", "435", "436", "501", "502", "504", "516", "550",
        "551", "553", "554", "557", "559", "560", "630", "INT03", "INT12", "INT17",
    }  # fmt: skip
    assert worth_having <= RULES.keys() | NOT_JUDGED.keys()


def test_a_row_is_rejected_only_when_it_cannot_be_used():
    """No child, no readable start or end, or perhaps another child's; all else is flagged."""
    rejects = {code for code, rule in RULES.items() if rule.effect is Effect.REJECTS}
    assert rejects == {
        "ROW-CELLS", "ROW-CHILD", "ROW-NOTHING", "YEAR-FAR", "CELL-CEASED", "LIST10-BIRTH",
        "141", "147", "356", "115", "116", "166", "INT02", "INT07", "INT08", "INT12", "INT16", "INT17",
    }  # fmt: skip


def test_every_rule_says_in_words_what_is_wrong_and_where_it_comes_from():
    for rule in RULES.values():
        assert rule.words.endswith((".", "?")), rule.code
        assert len(rule.words.split()) > 3, rule.code
        assert rule.source.startswith(("DfE rule", "practice", "returns", "reliability")), rule.code


def test_a_problem_names_file_line_column_and_rule_in_words():
    problems = Problems()
    problems.note("144", "episodes.csv", 7, "LS", "C9")
    (problem,) = problems.flagged
    assert problem == Problem(
        file="episodes.csv", line=7, column="LS", rule="144",
        message="The legal status is not one of the codes; it is unknown. It says “C9”.",
    )  # fmt: skip
    assert problem.severity is Severity.FLAG
    assert str(problem) == f"episodes.csv, line 7, column LS: {problem.message} (144)"


def test_what_is_left_out_stands_apart_from_what_is_only_flagged():
    problems = Problems()
    problems.note("141", "episodes.csv", 9, "DECOM", "soon")
    problems.note("148", "episodes.csv", 3, "REC")
    problems.note("148", "episodes.csv", 2, "REC")
    rejected, flagged = problems.listed()
    assert [(p.rule, p.line, p.severity) for p in rejected] == [("141", 9, Severity.REJECT)]
    assert [(p.rule, p.line) for p in flagged] == [("148", 2), ("148", 3)]
    assert by_rule(flagged) == {"148": 2}


def test_a_long_or_hostile_text_is_shortened_before_it_is_quoted():
    message = Problems().message("144", "<script>\x1b[2J" + "x" * 2_000_000)
    assert len(message) < 250
    assert "\x1b" not in message


def test_a_blank_cell_is_said_to_be_blank():
    assert Problems().message("143", "").endswith("It is blank.")


def test_a_refusal_lists_every_fault_at_once():
    refused = FileRefused(
        [*refusal("FILE-NO-HEADER", "a.csv").problems, *refusal("FILE-EMPTY", "b.csv").problems]
    )
    assert [p.rule for p in refused.problems] == ["FILE-NO-HEADER", "FILE-EMPTY"]
    assert "a.csv" in str(refused)
    assert "b.csv" in str(refused)


class TestShownName:
    def test_is_the_base_name_only(self):
        assert shown_name("/home/someone/secret folder/episodes.csv") == "episodes.csv"
        assert shown_name("../../etc/passwd") == "passwd"

    def test_has_no_turning_or_invisible_characters(self):
        assert shown_name("cod\u202eexe.doc\x07") == "codexe.doc"

    def test_is_never_long(self):
        assert len(shown_name("x" * 300 + ".csv")) == 100
