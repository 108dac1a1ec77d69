"""Reading a year's return: who is in care, since when, who is a candidate, and what the file gets wrong."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.children import inferred_business_date
from interchange.problems import by_rule
from interchange.returned import Episode, Qualifier, Return, ReturnedChild, cases_of, not_cases_of
from interchange.ssda903 import read_return
from tests.returns import write_return, write_table

EXACT, ON_OR_BEFORE = Qualifier.EXACT, Qualifier.ON_OR_BEFORE


def only_child(returned: Return) -> ReturnedChild:
    (child,) = returned.children
    return child


class TestChildInCare:
    def test_is_described_by_the_open_episode(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=["000123,2,15/06/2014,WBRI,UN1,,"],
            Episodes=[
                "000123,02/05/2017,S,C1,N1,U3,PR1,14/07/2017,X1,,LE1 1AA,LE2 2BB,SC1",
                "000123,14/07/2017,L,C2,N1,U3,PR1,,,,LE1 1AA,LE2 2BB,SC1",
            ],
        )
        child = only_child(read_return(folder))
        assert child.council_id == "000123", "leading zeros are part of the identifier"
        assert (child.sex, child.date_of_birth, child.ethnicity) == ("F", date(2014, 6, 15), "WBRI")
        assert (child.legal_status, child.legal_status_since) == ("C2", date(2017, 7, 14))
        assert (child.looked_after_since, child.looked_after_since_qualifier) == (date(2017, 5, 2), EXACT)
        assert (child.placement_code, child.placement_provider, child.kinship) == ("U3", "PR1", True)
        assert (child.placement_since, child.placement_since_qualifier) == (date(2017, 5, 2), EXACT)
        assert child.open
        assert child.why_not_a_case is None
        assert len(child.episodes) == 2
        assert (child.file, child.line) == ("header.csv", 2)

    def test_has_a_team_worker_and_plan_that_the_return_cannot_name(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
        child = only_child(read_return(folder))
        assert (child.allocated_team, child.allocated_worker, child.permanence_plan) == (
            "unknown",
            "unknown",
            None,
        )

    def test_has_a_placement_order_since_the_first_episode_of_its_run(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Episodes=[
                "A1,02/05/2017,S,C1,N1,U6,PR1,14/07/2017,X1,,,,",
                "A1,14/07/2017,L,E1,N1,U6,PR1,01/09/2017,X1,,,,",
                "A1,01/09/2017,P,E1,N1,A6,PR1,,,,,,",
            ],
        )
        child = only_child(read_return(folder))
        assert (child.placement_order_since, child.placement_order_since_qualifier) == (
            date(2017, 7, 14),
            EXACT,
        )

    def test_may_have_a_date_of_birth_that_is_an_estimate(self, tmp_path):
        """An unknown day is returned as the 15th (returns 5)."""
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
        child = only_child(read_return(folder))
        assert child.date_of_birth_may_be_estimated
        assert not replace(child, date_of_birth=date(2014, 6, 14)).date_of_birth_may_be_estimated

    def test_keeps_no_home_address(self, tmp_path):
        folder = write_return(
            tmp_path / "return", Episodes=["A1,02/05/2017,S,C2,N1,U4,PR1,,,,LE1 9ZZ,LE2 2BB,"]
        )
        child = only_child(read_return(folder))
        assert "LE1" not in repr(child)
        assert not any("LE19ZZ" in str(getattr(e, name)) for e in child.episodes for name in e.__slots__)


class TestWhoBecomesACase:
    def test_everyone_with_an_open_episode_but_not_short_breaks(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=[f"{child},1,15/06/2014,WBRI,UN1,," for child in ("A1", "A2", "A3", "A4", "A5", "A6")],
            Episodes=[
                "A1,02/05/2017,S,V2,N1,K2,PR1,,,,,,",
                "A2,02/05/2017,S,V3,N1,R1,PR1,,,,,,",
                "A3,02/05/2017,S,V4,N1,R1,PR1,,,,,,",
                "A4,02/05/2017,S,C2,N1,U4,PR1,09/09/2017,E4A,,,,",
                "A5,02/05/2017,S,C2,N1,U4,PR1,09/09/2017,X1,,,,",
            ],
        )
        returned = read_return(folder)
        assert [child.council_id for child in cases_of(returned)] == ["A1"]
        assert not_cases_of(returned) == {
            "short breaks only (V3, V4)": 2,
            "left care": 1,
            "the last episode says it continues (X1) but nothing continues it": 1,
            "no episode in the return": 1,
        }
        assert len(returned.children) == 6

    def test_an_end_reason_without_an_end_date_does_not_close_an_episode(self, tmp_path):
        """Every open row of the public sample has a reason: it is flagged (148), never dropped."""
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,E45,,,,")
        returned = read_return(folder)
        assert len(cases_of(returned)) == 1
        assert by_rule(returned.flagged)["148"] == 1

    def test_a_child_whose_codes_cannot_be_read_is_still_not_forgotten(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,?,?,?,?,?,,,,,,")
        returned = read_return(folder)
        (child,) = cases_of(returned)
        assert (child.legal_status, child.placement_code, child.kinship) == (None, None, None)
        assert {"143", "144", "145", "146", "178"} <= by_rule(returned.flagged).keys()

    def test_a_child_missing_from_the_header_is_still_not_forgotten(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=["A2,1,15/06/2014,WBRI,UN1,,"],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
        )
        returned = read_return(folder)
        (child,) = cases_of(returned)
        assert (child.date_of_birth, child.sex) == (None, None)
        assert by_rule(returned.flagged)["INT03"] == 1
        assert child.candidate
        assert child.candidate_reason is not None
        assert "confirm under 18" in child.candidate_reason


class TestCandidates:
    """Set C' of returns 5: a full care order and U1, U3 (kinship first), U4 or U6, under 18."""

    @pytest.mark.parametrize("placement", ["U1", "U3", "U4", "U6"])
    def test_are_children_under_a_full_care_order_in_foster_care(self, tmp_path, placement):
        folder = write_return(tmp_path / "return", Episodes=f"A1,02/05/2017,S,C2,N1,{placement},PR1,,,,,,")
        child = only_child(read_return(folder))
        assert child.candidate
        assert child.candidate_reason is not None
        assert placement in child.candidate_reason
        assert ("kinship" in child.candidate_reason) is (placement in {"U1", "U3"})
        assert len(child.candidate_reason) <= 200

    @pytest.mark.parametrize(("status", "placement"), [("C1", "U1"), ("E1", "U4"), ("V2", "U3"), ("D1", "U6"),
                                                       ("C2", "U2"), ("C2", "U5"), ("C2", "P1"), ("C2", "K2"),
                                                       ("C2", "A5"), ("C2", "T1"), ("C2", "?")])  # fmt: skip
    def test_are_no_others(self, tmp_path, status, placement):
        folder = write_return(
            tmp_path / "return", Episodes=f"A1,02/05/2017,S,{status},N1,{placement},PR1,,,,,,"
        )
        assert not only_child(read_return(folder)).candidate

    @pytest.mark.parametrize(("born", "candidate"), [("31/03/2000", False), ("01/04/2000", True)])
    def test_are_under_eighteen_on_the_day_the_return_speaks_of(self, tmp_path, born, candidate):
        folder = write_return(
            tmp_path / "return",
            Header=[f"A1,1,{born},WBRI,UN1,,"],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
        )
        assert only_child(read_return(folder)).candidate is candidate


class TestTheDayItSpeaksOf:
    def test_is_the_31_march_that_ends_the_year_of_its_episodes(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Episodes=["A1,02/05/2015,S,C2,N1,U4,PR1,09/09/2017,X1,,,,", "A1,09/09/2017,P,C2,N1,U4,PR1,,,,,,"],
        )
        returned = read_return(folder)
        assert (returned.year, returned.business_date) == ("2017/18", date(2018, 3, 31))

    def test_is_not_moved_by_an_end_on_1_april_or_by_one_mistyped_date(self, tmp_path):
        rows = [f"A{n},02/05/2017,S,C2,N1,U4,PR1,0{n}/09/2017,E4A,,,," for n in range(1, 8)]
        folder = write_return(
            tmp_path / "return",
            Episodes=[
                *rows,
                "B1,02/05/2017,S,C2,N1,U4,PR1,01/04/2018,E4A,,,,",
                "B2,02/05/2081,S,C2,N1,U4,PR1,,,,,,",
            ],
        )
        returned = read_return(folder)
        assert returned.business_date == date(2018, 3, 31)
        assert by_rule(returned.flagged)["385"] == 1
        assert [(p.rule, p.line) for p in returned.rejected] == [("YEAR-FAR", 10)]

    def test_can_be_said_by_the_caller(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
        returned = read_return(folder, business_date=date(2019, 11, 5))
        assert (returned.year, returned.business_date) == ("2019/20", date(2019, 11, 5))

    def test_is_none_of_no_episodes(self):
        assert inferred_business_date([]) is None

    @given(st.lists(st.dates(date(2015, 4, 1), date(2016, 3, 31)), min_size=1, max_size=20))
    def test_is_the_years_end_whenever_every_episode_began_in_it(self, starts):
        episodes = [
            Episode(started=day, reason="S", legal_status="C2", need=None, placement=None, provider=None,
                    ended=None, end_reason=None, postcode="", urn="", line=2)
            for day in starts
        ]  # fmt: skip
        assert inferred_business_date(episodes) == date(2016, 3, 31)


class TestRowsLeftOut:
    @pytest.mark.parametrize(
        ("rule", "column", "row"),
        [
            ("141", "DECOM", "A1,2017-05-02,S,C2,N1,U4,PR1,,,,,,"),
            ("147", "DEC", "A1,02/05/2017,S,C2,N1,U4,PR1,soon,E4A,,,,"),
            ("356", "DEC", "A1,02/05/2017,S,C2,N1,U4,PR1,01/05/2017,E4A,,,,"),
            ("ROW-CHILD", "CHILD", ",02/05/2017,S,C2,N1,U4,PR1,,,,,,"),
            ("ROW-CHILD", "CHILD", "=1+1,02/05/2017,S,C2,N1,U4,PR1,,,,,,"),
            ("ROW-CELLS", None, "A1,02/05/2017,S,C2"),
            ("ROW-CELLS", None, "A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,,one too many"),
        ],
    )
    def test_are_listed_with_file_line_column_and_rule(self, tmp_path, rule, column, row):
        folder = write_return(
            tmp_path / "return",
            Header=["A1,1,15/06/2014,WBRI,UN1,,", "OK,1,15/06/2014,WBRI,UN1,,"],
            Episodes=["OK,02/05/2017,S,C2,N1,U4,PR1,,,,,,", row],
        )
        returned = read_return(folder)
        (problem,) = returned.rejected
        assert (problem.file, problem.line, problem.column, problem.rule) == ("episodes.csv", 3, column, rule)
        assert [child.council_id for child in cases_of(returned)] == ["OK"], "the good rows go in"

    @pytest.mark.parametrize(
        ("rule", "table", "row"),
        [
            ("INT17", "Reviews", "A1,16/06/2014,01/09/2017,PN1"),
            ("INT08", "Reviews", "A9,15/06/2014,01/09/2017,PN1"),
            ("166", "Reviews", "A1,15/06/2014,,PN1"),
            ("INT12", "PlacedAdoption", "A1,16/06/2014,01/09/2017,,"),
            ("INT02", "PlacedAdoption", "A9,15/06/2014,01/09/2017,,"),
            ("115", "PlacedAdoption", "A1,15/06/2014,32/09/2017,,"),
            ("116", "PlacedAdoption", "A1,15/06/2014,01/09/2017,32/09/2017,RD1"),
            ("INT16", "PrevPerm", "A1,16/06/2014,P2,E06000001,01/02/2012"),
            ("INT07", "PrevPerm", "A9,15/06/2014,P2,E06000001,01/02/2012"),
            ("ROW-CHILD", "Reviews", "@SUM,15/06/2014,01/09/2017,PN1"),
        ],
    )
    def test_include_rows_that_may_be_about_another_child(self, tmp_path, rule, table, row):
        """Identifier and date of birth disagree: a row moved by one is refused (reliability C32)."""
        tables = {"Episodes": "A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,", table: [row]}
        returned = read_return(write_return(tmp_path / "return", **tables))
        assert [(p.rule, p.file, p.line) for p in returned.rejected] == [(rule, f"{table.lower()}.csv", 2)]
        child = only_child(returned)
        assert (child.last_review_on, child.adoption_decision_on, child.previous_permanence) == (
            None,
            None,
            None,
        )


class TestRowsOnlyFlagged:
    def test_are_used_with_the_unreadable_value_unknown(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=["A1,9,01/13/2014,MARS,UN1,,"],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
        )
        returned = read_return(folder)
        child = only_child(returned)
        assert (child.sex, child.date_of_birth, child.ethnicity) == (None, None, None)
        flagged = [(p.rule, p.column) for p in returned.flagged if p.file == "header.csv"]
        assert flagged == [("101", "SEX"), ("102", "DOB"), ("103", "ETHNIC")]

    def test_a_birth_after_the_year_is_unknown(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=["A1,1,01/04/2018,WBRI,UN1,,"],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
        )
        returned = read_return(folder)
        assert only_child(returned).date_of_birth is None
        assert by_rule(returned.flagged)["301"] == 1

    @pytest.mark.parametrize("sex", ["1", "M", "m"])
    def test_codes_of_every_year_are_read_and_need_no_flag(self, tmp_path, sex):
        """SEX 1/2 until 2023/24; legacy placements, exit codes and legal statuses stay in history."""
        folder = write_return(
            tmp_path / "return",
            Header=[f"A1,{sex},15/06/2014,WBRI,UN1,,"],
            Episodes=[
                "a1,02/05/2016,s,d1,n1,h5,pr1,02/05/2017,e43,,,,",
                "A1,09/06/2017,S,C2,N1,Z11,,,,,,,",
            ],
        )
        returned = read_return(folder)
        child = only_child(returned)
        assert child.sex == "M"
        assert child.episodes[0].end_reason == "E43"
        assert child.episodes[0].placement == "H5"
        assert not by_rule(returned.flagged).keys() & {"101", "144", "146", "149", "178"}

    def test_header_rows_that_differ_leave_only_what_they_agree_on(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=["A1,1,15/06/2014,WBRI,UN1,,", "A1,1,16/06/2014,WBRI,UN1,,", "A1,1,15/06/2014,WBRI,UN1,,"],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
        )
        returned = read_return(folder)
        child = only_child(returned)
        assert (child.sex, child.date_of_birth) == ("M", None)
        assert by_rule(returned.flagged)["INT32"] == 2

    def test_a_row_that_stands_twice_is_used_once(self, tmp_path):
        row = "A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,"
        returned = read_return(write_return(tmp_path / "return", Episodes=[row, row]))
        assert len(only_child(returned).episodes) == 1
        assert [(p.rule, p.line) for p in returned.flagged if p.rule == "ROW-TWICE"] == [("ROW-TWICE", 3)]

    def test_tables_that_are_absent_are_said_once_not_once_a_child(self, tmp_path):
        rows = [f"A{n},02/05/2017,S,E1,N1,A5,PR1,,,,,," for n in range(50)]
        returned = read_return(write_return(tmp_path / "return", Episodes=rows))
        assert by_rule(returned.flagged) == {"TABLE-ABSENT": 3}


class TestOtherTables:
    def test_give_the_latest_review_of_the_year(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
            Reviews=[
                "A1,15/06/2014,30/05/2017,PN0",
                "A1,15/06/2014,11/12/2017,PN1",
                "A1,15/06/2014,01/10/2017,PN9",
                "A1,15/06/2014,01/04/2018,PN1",
            ],
        )
        returned = read_return(folder)
        assert only_child(returned).last_review_on == date(2017, 12, 11)
        assert [(p.rule, p.line) for p in returned.flagged if p.file == "reviews.csv"] == [
            ("167", 4),
            ("REVIEW-LATER", 5),
        ]

    def test_give_the_decision_to_place_for_adoption_and_its_reversal(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
            PlacedAdoption=[
                "A1,15/06/2014,11/12/2017,,",
                "A1,15/06/2014,01/06/2017,01/09/2017,RD1",
            ],
        )
        child = only_child(read_return(folder))
        assert (child.adoption_decision_on, child.adoption_decision_reversed_on) == (date(2017, 12, 11), None)

    @pytest.mark.parametrize("rows", [["XXX"], ["RD1", ""]])
    def test_flag_a_reversal_that_is_incomplete_or_coded_wrongly(self, tmp_path, rows):
        folder = write_return(
            tmp_path / "return",
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
            PlacedAdoption=[f"A1,15/06/2014,11/12/2017,01/02/2018,{reason}" for reason in rows],
        )
        returned = read_return(folder)
        assert {"119", "120"} & by_rule(returned.flagged).keys()
        assert only_child(returned).adoption_decision_reversed_on == date(2018, 2, 1)

    def test_give_previous_permanence_with_dates_known_in_part(self, tmp_path):
        folder = write_return(
            tmp_path / "return",
            Header=[f"A{n},1,15/06/2014,WBRI,UN1,," for n in range(1, 5)],
            Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,",
            PrevPerm=[
                "A1,15/06/2014,P2,E06000001,zz/05/2012",
                "A2,15/06/2014,P9,,",
                "A3,15/06/2014,P1,,31/31/2012",
                "A4,15/06/2014,P1,,",
                "A4,15/06/2014,P3,,",
            ],
        )
        returned = read_return(folder)
        assert [child.previous_permanence for child in returned.children] == ["P2", None, "P1", None]
        assert [(p.rule, p.line) for p in returned.flagged if p.file == "prevperm.csv"] == [
            ("631", 3),
            ("632", 4),
            ("INT35", 6),
        ]

    def test_are_counted_even_when_they_say_nothing_here(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
        (folder / "missing.csv").write_text(
            "CHILD,DOB,MISSING,MIS_START,MIS_END\nA1,15/06/2014,M,01/05/2017,\n"
        )
        returned = read_return(folder)
        assert [(t.table, t.rows, t.used) for t in returned.tables] == [
            ("Header", 1, True),
            ("Episodes", 1, True),
            ("Missing", 1, False),
        ]
        assert returned.rows == 3


def as_told(returned: Return) -> list[ReturnedChild]:
    """The children without the lines they stood on, which is all that the order of rows may change."""
    return [
        replace(child, line=None, episodes=tuple(replace(e, line=0) for e in child.episodes))
        for child in returned.children
    ]


class TestSameInputSameOutput:
    EPISODES = (
        "A1,02/05/2017,S,C1,N1,U3,PR1,14/07/2017,X1,,,LE2 2BB,SC1",
        "A1,14/07/2017,L,C2,N1,U3,PR1,,,,,LE2 2BB,SC1",
        "A2,02/05/2016,P,C2,N1,U4,PR1,,X1,,,,",
        "A2,02/05/2016,P,E1,N1,A5,PR1,,X1,,,,",
        "A3,09/01/2018,S,V4,N1,R1,PR1,,,,,,",
        "A3,09/01/2018,S,V4,N1,R1,PR1,,,,,,",
        "A4,bad,S,V4,N1,R1,PR1,,,,,,",
    )

    def test_twice(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes=self.EPISODES)
        assert read_return(folder) == read_return(folder)

    @given(order=st.permutations(EPISODES))
    def test_in_whatever_order_the_rows_stand(self, tmp_path_factory, order):
        folder = tmp_path_factory.mktemp("order")
        first = read_return(write_return(folder / "first", Episodes=self.EPISODES))
        again = read_return(write_return(folder / "again", Episodes=order))
        assert as_told(again) == as_told(first)
        assert by_rule(again.rejected) == by_rule(first.rejected)

    def test_in_whatever_order_files_and_columns_stand(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes=self.EPISODES)
        other = tmp_path / "other"
        other.mkdir()
        for name in ("header.csv", "episodes.csv"):
            lines = [line.split(",") for line in (folder / name).read_text().splitlines()]
            turned = "\r\n".join(",".join(reversed(cells)) for cells in lines)
            (other / f"z-{name[0]}.CSV").write_text(turned)
        files = sorted(other.iterdir(), reverse=True)
        assert [replace(child, file="") for child in as_told(read_return(files))] == [
            replace(child, file="") for child in as_told(read_return(folder))
        ]

    def test_with_or_without_the_rows_kept(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes=self.EPISODES)
        kept, dropped = read_return(folder), read_return(folder, keep_episodes=False)
        assert dropped.children == tuple(replace(child, episodes=()) for child in kept.children)
        assert (dropped.rejected, dropped.flagged) == (kept.rejected, kept.flagged)

    def test_named_by_folder_by_file_or_by_both(self, tmp_path):
        folder = write_return(tmp_path / "return", Episodes=self.EPISODES)
        files = [folder / "header.csv", folder / "episodes.csv"]
        assert read_return(files) == read_return(str(folder)) == read_return([folder, *files])


def test_windows_1252_is_read_and_flagged(tmp_path):
    folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
    (folder / "header.csv").write_bytes(
        "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\nA1,1,15/06/2014,WBRI,José,,\r\n".encode("cp1252")
    )
    returned = read_return(folder)
    assert by_rule(returned.flagged)["FILE-WINDOWS"] == 1
    assert only_child(returned).date_of_birth == date(2014, 6, 15)


def test_a_byte_order_mark_blank_lines_and_empty_columns_do_no_harm(tmp_path):
    folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
    (folder / "header.csv").write_bytes(
        b"\xef\xbb\xbfChild, Sex ,DOB,ETHNIC,UPN,MOTHER,MC_DOB,,\r\n\r\n"
        b' "A1" , 1,15/06/2014,WBRI,UN1,,,,\r\n,,,,,,,,\r\n'.replace(b' "A1" ', b'"A1 "')
    )
    returned = read_return(folder)
    assert (only_child(returned).council_id, only_child(returned).sex) == ("A1", "M")
    assert returned.rejected == ()


def test_an_identifier_longer_than_a_return_allows_is_kept_and_flagged(tmp_path):
    folder = write_return(tmp_path / "return", Episodes="DEMO-0000001,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
    returned = read_return(folder)
    assert only_child(returned).council_id == "DEMO-0000001"
    assert by_rule(returned.flagged)["CHILD-LENGTH"] == 1


def test_a_file_of_the_folder_that_is_no_part_of_the_return_is_named(tmp_path):
    folder = write_return(tmp_path / "return", Episodes="A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,")
    (folder / "notes.docx").write_bytes(b"PK")
    (folder / ".hidden").write_bytes(b"")
    (folder / "older").mkdir()
    returned = read_return(folder)
    assert [p.file for p in returned.flagged if p.rule == "FILE-IGNORED"] == ["notes.docx"]


def test_one_table_may_be_named_as_anything(tmp_path):
    header = write_table(tmp_path, "Header", "A1,1,15/06/2014,WBRI,UN1,,", name="Übersicht (final) v2.txt")
    episodes = write_table(tmp_path, "Episodes", "A1,02/05/2017,S,C2,N1,U4,PR1,,,,,,", name="header.csv")
    assert len(cases_of(read_return([header, episodes]))) == 1
