"""Every rule that the code cites is explained in the project, and no explanation is left without its rule."""

import pytest

from docs.citations import citations, in_policy, in_prose, in_python
from docs.rules_page import PARTS, part_of
from states.policy import Mark
from states.rules import CHECKS, MARKS, RULES, rule_of
from states.rules.reading import read

CITED = citations()


def test_every_rule_that_is_cited_has_its_words():
    missing = {
        number: sorted(where.kept_in | where.tested_in) for number, where in CITED.items() if number not in RULES
    }

    assert not missing, "Add a line to the module of its page in states/rules/, for example:\n" + "\n".join(
        f"{number} | DEF | no source found | What it says in plain words.   (cited in {', '.join(files)})"
        for number, files in sorted(missing.items())
    )


def test_every_rule_that_has_words_is_cited():
    never = sorted(set(RULES) - set(CITED))

    assert not never, f"No code cites these any more: take their lines out of states/rules/: {', '.join(never)}"


def test_every_rule_says_whose_authority_it_rests_on():
    assert [rule.number for rule in RULES.values() if not (rule.words and rule.mark and rule.source)] == []


def test_the_marks_of_rules_are_those_of_policy_values_and_one_for_ourselves():
    assert set(MARKS) == {mark.value for mark in Mark} | {"OURS"}
    assert set(CHECKS) == {"v", "p", "k"}


def test_every_rule_has_its_part_of_the_page():
    assert {part_of(number) for number in RULES} == set(range(len(PARTS)))


def test_a_rule_is_found_by_the_number_that_a_row_or_a_refusal_names():
    assert rule_of("R-RAG-4") is RULES["R-RAG-4"]
    assert rule_of("R22") is RULES["reliability R22"]
    assert rule_of("X-99") is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("so (rules R-RG-3, T4)", ["R-RG-3", "T4"]),
        ("(practice PT-2, A10)", ["PT-2", "A10"]),
        ("(rules T16, reliability T4)", ["T16", "reliability T4"]),
        (
            "(reliability R4, R9–R12 and B.4)",
            ["reliability R4", "reliability R9", "reliability R12", "reliability B.4"],
        ),
        ("as design 5.5 says, and design 2.", ["design 5.5", "design 2"]),
        ("(rules 5.10, 9)", ["rules 5.10", "rules 9"]),
        ("PR-1 alone, D-04, NT-10, N-2, S1-2", ["PR-1", "D-04", "NT-10", "N-2", "S1-2"]),
        ("placements U1 to U6, code P1, T2 on its own, 5.5 litres", []),
    ],
)
def test_a_citation_is_read_as_people_write_it(text, numbers):
    assert list(dict.fromkeys(in_prose(text))) == numbers


def test_comments_docstrings_and_rule_numbers_are_read_and_other_code_is_not():
    module = "\n".join(
        [
            '"""What it is for (rules R-SM-3)."""',
            "PR2 = 5  # design 5.7",
            'row("T14", "A6", "text about nothing")',
            "T9 = R_RAG_4 = 'a word'",
        ]
    )

    assert set(in_python(module, values=True)) == {"R-SM-3", "design 5.7", "T14", "A6"}
    assert set(in_python(module, values=False)) == {"R-SM-3", "design 5.7"}


def test_the_source_of_a_policy_value_cites_too():
    line = 'x = { value = 1, mark = "DEF", source = "R-ELG-3, A9; Children Act 1989 s14A(5)" }  # PN-1'

    assert set(in_policy(line)) == {"R-ELG-3", "A9", "PN-1"}


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("R-X-1 | DEF | words without a source", "is written as"),
        ("R-X-1 | GUESS | nowhere | words", "R-X-1: GUESS is none of"),
        ("R-X-1 | DEF | a | words\nR-X-1 | DEF | a | words", "R-X-1 stands in the list twice"),
    ],
)
def test_a_rule_that_is_written_down_wrongly_says_what_is_wrong(lines, complaint):
    with pytest.raises(ValueError, match=complaint):
        read(lines)


def test_a_rule_may_go_on_over_several_lines():
    [rule] = read("R-X-1 | REG·v, DEF | some\n    regulations | words\n    and words").values()

    assert (rule.mark, rule.source, rule.words) == ("REG·v, DEF", "some regulations", "words and words")
