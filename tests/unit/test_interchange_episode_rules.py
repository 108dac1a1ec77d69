"""The DfE's checks, tested against their words (903_2024_25_rule_info, returns 1 and 5), not against code."""

from datetime import date

import pytest

from interchange.episode_rules import Decision, Surroundings, contradictions
from interchange.history import in_order
from interchange.returned import Episode

END = date(2018, 3, 31)
BORN = date(2008, 5, 15)


def row(text: str) -> Episode:
    """`started reason status placement provider ended end need postcode urn`, a dot for blank."""
    cells = [None if cell == "." else cell for cell in text.split()] + [None] * 10
    started, reason, status, placement, provider, ended, end, need, postcode, urn = cells[:10]
    assert started is not None
    return Episode(
        started=date.fromisoformat(started), reason=reason, legal_status=status, placement=placement,
        provider=provider or "PR1", ended=date.fromisoformat(ended) if ended else None, end_reason=end,
        need=need or "N1", postcode=postcode or "LE11AA", urn=urn or "SC1", line=2,
    )  # fmt: skip


def broken_by(
    *rows: str,
    born: date | None = BORN,
    decisions: list[Decision] | None = None,
    has_previous_permanence: bool | None = None,
) -> list[str]:
    around = Surroundings(
        born=born, year_end=END, decisions=decisions, has_previous_permanence=has_previous_permanence
    )
    return [rule for rule, _, _ in contradictions(in_order(map(row, rows)), around)]


ONE_ROW = [
    ("354", "2018-04-05 S C2 U4", "2018-03-31 S C2 U4"),
    ("385", "2017-05-01 S C2 U4 PR1 2018-04-01 E4A", "2017-05-01 S C2 U4 PR1 2018-03-31 E4A"),
    ("355", "2017-05-01 S C2 U4 PR1 2017-05-01 E4A", "2017-05-01 S C2 U4 PR1 2017-05-02 E4A"),
    ("378", "2017-05-01 S V2 P1", "2017-05-01 S C2 P1"),
    ("408", "2017-05-01 S C2 A5", "2017-05-01 S E1 A5"),
    ("408", "2017-05-01 S C2 A6", "2017-05-01 S C2 A4"),
    ("516", "2017-05-01 S C2 K2 PR1 2017-06-01 E45", "2017-05-01 S C2 U1 PR1 2017-06-01 E45"),
    ("516", "2017-05-01 S C2 P1 PR1 2017-06-01 E46", "2017-05-01 S C2 K2 PR1 2017-06-01 E47"),
    ("550", "2017-05-01 S C2 U4 PR0", "2017-05-01 S C2 P1 PR0"),
    ("388", "2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-05-01 S C2 U4 PR1 2017-06-01 E4A"),
]


@pytest.mark.parametrize(("rule", "broken", "kept"), ONE_ROW)
def test_a_row_alone_breaks_the_rule_or_keeps_it(rule, broken, kept):
    assert rule in broken_by(broken)
    assert rule not in broken_by(kept)


TWO_ROWS = [
    ("142", ("2017-05-01 S C2 U4", "2017-06-01 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6")),
    ("388", ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-09 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6")),
    ("431", ("2017-05-01 S C2 U4 PR1 2017-06-01 E4A", "2017-06-01 S C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 E4A", "2017-06-02 S C2 U6")),
    ("432", ("2017-05-01 S C2 U4 PR1 2017-06-01 E4A", "2017-07-01 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 E4A", "2017-07-01 S C2 U6")),
    ("433", ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-02 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6")),
    ("434", ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 L C2 U6"),
            ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 L C2 U4")),
    ("434", ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 L C2 U4"),
            ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 L C2 U4")),
    ("435", ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6")),
    ("435", ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 T C2 U4"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 T C2 U4 PR1 . . N1 LE22BB")),
    ("436", ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 B C1 U6"),
            ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 B C2 U6")),
    ("436", ("2017-05-01 S C1 U4 PR1 2017-06-01 X1", "2017-06-01 U C2 U4"),
            ("2017-05-01 S C1 U3 PR1 2017-06-01 X1", "2017-06-01 U C2 U1")),
    ("501", ("2017-05-01 S C2 U4 PR1 2017-06-10 X1", "2017-06-01 P C2 U6"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 X1", "2017-06-01 P C2 U6")),
    ("504", ("2017-05-01 S C2 U4 PR1 2017-06-01 X1 N1", "2017-06-01 P C2 U6 PR1 . . N3"),
            ("2017-05-01 S C2 U4 PR1 2017-06-01 E4A N1", "2017-07-01 S C2 U6 PR1 . . N3")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "broken", "kept"), TWO_ROWS)
def test_two_rows_break_the_rule_or_keep_it(rule, broken, kept):
    assert rule in broken_by(*broken)
    assert rule not in broken_by(*kept)


class TestReturnFromTemporaryPlacement:
    """383: a child in a temporary placement must subsequently return to their normal placement."""

    BEFORE = "2017-05-01 S C2 U4 PR1 2017-06-01 X1"
    HOSPITAL = "2017-06-01 P C2 T1 . 2017-06-10 X1 N1 CV11AA"

    @pytest.mark.parametrize(
        "back",
        [
            "2017-06-10 P C2 U6",
            "2017-06-10 P C2 U4 PR1 . . N1 LE99ZZ",
            "2017-06-10 T C2 U4",
        ],
        ids=["another placement", "another address", "not as a change of placement"],
    )
    def test_is_broken_by(self, back):
        assert "383" in broken_by(self.BEFORE, self.HOSPITAL, back)

    def test_is_kept_by_going_back(self):
        assert "383" not in broken_by(self.BEFORE, self.HOSPITAL, "2017-06-10 P C2 U4")

    def test_is_not_judged_when_the_placement_before_is_not_in_the_file(self):
        assert "383" not in broken_by(self.HOSPITAL, "2017-06-10 P C2 U4")


class TestAdoption:
    DECIDED = Decision(decided_on=date(2017, 5, 20), reversed_on=None, reason=None)
    REVERSED = Decision(decided_on=date(2017, 5, 20), reversed_on=date(2017, 9, 1), reason="RD1")

    def test_a_placement_for_adoption_needs_a_dated_decision(self):
        assert "551" in broken_by("2017-06-01 S E1 A5", decisions=[])
        assert "551" not in broken_by("2017-06-01 S E1 A5", decisions=[self.DECIDED])

    def test_a_placement_order_needs_a_dated_decision(self):
        assert "553" in broken_by("2017-06-01 S E1 U6", decisions=[])
        assert "553" not in broken_by("2017-06-01 S E1 U6", decisions=[self.DECIDED])

    def test_the_decision_is_on_or_before_the_placement_order(self):
        assert "554" in broken_by("2017-05-19 S E1 U6", decisions=[self.DECIDED])
        assert "554" not in broken_by("2017-05-20 S E1 U6", decisions=[self.DECIDED])

    def test_leaving_care_otherwise_than_by_adoption_needs_the_decision_reversed(self):
        left = "2017-06-01 S E1 U6 PR1 2017-12-01 E4A"
        adopted = "2017-06-01 S E1 A5 PR1 2017-12-01 E12"
        assert "557" in broken_by(left, decisions=[self.DECIDED])
        assert "557" not in broken_by(left, decisions=[self.REVERSED])
        assert "557" not in broken_by(adopted, decisions=[self.DECIDED])

    def test_is_not_judged_when_the_return_has_no_such_table(self):
        assert broken_by("2017-06-01 S E1 A5", decisions=None) == []

    def test_says_nothing_of_a_child_without_episodes(self):
        assert broken_by(decisions=[self.DECIDED]) == []


class TestPreviousPermanence:
    """630: information on previous permanence should be returned for children who started in the year."""

    def test_is_asked_of_children_who_started_in_the_year(self):
        assert "630" in broken_by("2017-04-01 S C2 U4", has_previous_permanence=False)
        assert "630" not in broken_by("2017-04-01 S C2 U4", has_previous_permanence=True)

    def test_is_not_asked_of_children_who_started_before(self):
        assert "630" not in broken_by("2017-03-31 S C2 U4", has_previous_permanence=False)


class TestBirthdays:
    def test_special_guardianship_at_eighteen_is_pointed_at(self):
        ended = "2017-05-01 S C2 U1 PR1 2017-12-01 E45"
        assert "407" in broken_by(ended, born=date(1999, 12, 1))
        assert "407" not in broken_by(ended, born=date(1999, 12, 2))

    def test_an_open_episode_of_an_adult_is_pointed_at(self):
        assert "AGE-18" in broken_by("2017-05-01 S C2 U4", born=date(2000, 3, 31))
        assert "AGE-18" not in broken_by("2017-05-01 S C2 U4", born=date(2000, 4, 1))

    def test_an_episode_before_birth_is_pointed_at(self):
        assert "BORN-LATER" in broken_by("2017-05-01 S C2 U4", born=date(2017, 5, 2))
        assert "BORN-LATER" not in broken_by("2017-05-01 S C2 U4", born=date(2017, 5, 1))


def test_an_unknown_code_contradicts_nothing():
    assert broken_by("2017-05-01 S . . . 2017-06-01 E45", "2017-06-01 . . .") == []


def test_a_year_as_it_should_be_breaks_nothing():
    assert (
        broken_by(
            "2017-05-01 S C1 U3 PR1 2017-09-01 X1",
            "2017-09-01 L C2 U3 PR1 2017-12-01 X1",
            "2017-12-01 P C2 T2 . 2017-12-10 X1 N1 EX11AA",
            "2017-12-10 P C2 U3",
            decisions=[],
            has_previous_permanence=True,
        )
        == []
    )
