"""Since when in care, under this legal status, with this carer: the definitions of returns 5 and 0.3."""

from datetime import date

import pytest

from interchange.history import current_index, in_order, legal_status_since, looked_after, placement_since
from interchange.returned import Episode, Qualifier

EXACT, ON_OR_BEFORE = Qualifier.EXACT, Qualifier.ON_OR_BEFORE


def episode(
    started: str,
    reason: str | None,
    legal_status: str | None = "C2",
    placement: str | None = "U4",
    ended: str | None = None,
    *,
    postcode: str = "LE11AA",
    urn: str = "SC1",
    end_reason: str | None = "X1",
) -> Episode:
    return Episode(
        started=date.fromisoformat(started),
        reason=reason,
        legal_status=legal_status,
        need="N1",
        placement=placement,
        provider="PR1",
        ended=date.fromisoformat(ended) if ended else None,
        end_reason=end_reason if ended else None,
        postcode=postcode,
        urn=urn,
        line=2,
    )


def care_of(*rows: Episode) -> tuple[str, Qualifier]:
    episodes = in_order(rows)
    current = current_index(episodes)
    assert current is not None
    since = looked_after(episodes, current).since
    return since.on.isoformat(), since.qualifier


def legal_status_of(*rows: Episode) -> tuple[str, Qualifier] | None:
    episodes = in_order(rows)
    current = current_index(episodes)
    assert current is not None
    since = legal_status_since(episodes, current, looked_after(episodes, current))
    return (since.on.isoformat(), since.qualifier) if since else None


def carer_of(*rows: Episode) -> tuple[str, Qualifier]:
    episodes = in_order(rows)
    current = current_index(episodes)
    assert current is not None
    since = placement_since(episodes, current, looked_after(episodes, current))
    return since.on.isoformat(), since.qualifier


class TestPeriodOfCare:
    def test_is_exact_when_its_first_row_started_the_care(self):
        assert care_of(episode("2017-05-02", "S", ended="2017-09-01"), episode("2017-09-01", "P")) == (
            "2017-05-02",
            EXACT,
        )

    def test_is_left_censored_when_the_file_begins_with_it_already_running(self):
        """The episode open on 1 April keeps its own start; the rows before are not there (returns 0.3)."""
        assert care_of(episode("2016-11-20", "P", ended="2017-09-01"), episode("2017-09-01", "L")) == (
            "2016-11-20",
            ON_OR_BEFORE,
        )

    def test_does_not_reach_over_a_gap_into_an_earlier_period(self):
        assert care_of(
            episode("2017-04-20", "S", ended="2017-06-01", end_reason="E4A"),
            episode("2017-11-03", "S"),
        ) == ("2017-11-03", EXACT)

    def test_is_on_or_before_when_a_row_is_missing_from_the_file(self):
        """The row says it continues (P), but nothing ends on the day it begins: 433."""
        assert care_of(episode("2017-04-20", "S", ended="2017-06-01"), episode("2017-11-03", "P")) == (
            "2017-11-03",
            ON_OR_BEFORE,
        )

    def test_is_on_or_before_when_the_rows_contradict_each_other_about_leaving_care(self):
        returned_home_the_day_the_next_row_continues = (
            episode("2017-04-20", "S", ended="2017-06-01", end_reason="E4A"),
            episode("2017-06-01", "P"),
        )
        started_anew_the_day_the_last_row_continued = (
            episode("2017-04-20", "S", ended="2017-06-01"),
            episode("2017-06-01", "S"),
        )
        assert care_of(*returned_home_the_day_the_next_row_continues) == ("2017-06-01", ON_OR_BEFORE)
        assert care_of(*started_anew_the_day_the_last_row_continued) == ("2017-06-01", ON_OR_BEFORE)

    def test_leaves_out_short_breaks_that_came_before(self):
        assert care_of(
            episode("2017-04-20", "S", "V4", ended="2017-08-01"), episode("2017-08-01", "L", "C2")
        ) == ("2017-08-01", EXACT)


class TestLegalStatus:
    def test_began_where_the_file_shows_the_change(self):
        assert legal_status_of(
            episode("2016-12-01", "P", "C1", ended="2017-07-14"),
            episode("2017-07-14", "L", "C2", ended="2017-09-01"),
            episode("2017-09-01", "P", "C2"),
        ) == ("2017-07-14", EXACT)

    def test_began_with_the_care_when_it_never_changed(self):
        assert legal_status_of(
            episode("2017-05-02", "S", "C2", ended="2017-09-01"), episode("2017-09-01", "P", "C2")
        ) == ("2017-05-02", EXACT)

    def test_is_left_censored_when_the_file_begins_under_it(self):
        assert legal_status_of(episode("2016-11-20", "P", "C2")) == ("2016-11-20", ON_OR_BEFORE)

    @pytest.mark.parametrize("reason", ["L", "B", "U"])
    def test_is_exact_when_the_files_first_row_says_that_it_changed_then(self, reason):
        assert legal_status_of(episode("2016-11-20", reason, "E1")) == ("2016-11-20", EXACT)

    def test_is_not_exact_after_a_row_whose_status_cannot_be_read(self):
        assert legal_status_of(
            episode("2017-05-02", "S", None, ended="2017-09-01"), episode("2017-09-01", "P", "C2")
        ) == ("2017-09-01", ON_OR_BEFORE)

    def test_is_unknown_when_it_cannot_be_read(self):
        assert legal_status_of(episode("2017-05-02", "S", None)) is None

    def test_counts_a_placement_order_from_the_present_run_only(self):
        """Revoked and granted again: the run ends where the status changed (returns 5)."""
        assert legal_status_of(
            episode("2015-05-01", "S", "E1", ended="2016-02-01"),
            episode("2016-02-01", "L", "C2", ended="2017-05-05"),
            episode("2017-05-05", "L", "E1"),
        ) == ("2017-05-05", EXACT)


class TestTimeWithTheSameCarer:
    def test_goes_back_through_a_house_move_and_changes_of_legal_status(self):
        """T: placement changed, same carer. U: and the legal status. L: only that."""
        assert carer_of(
            episode("2015-03-01", "P", "C1", ended="2015-10-01"),
            episode("2015-10-01", "L", "C2", ended="2016-04-10"),
            episode("2016-04-10", "T", "C2", ended="2016-08-01", postcode="LE22BB"),
            episode("2016-08-01", "U", "E1", postcode="LE33CC"),
        ) == ("2015-03-01", EXACT)

    @pytest.mark.parametrize("reason", ["P", "B"])
    def test_begins_where_the_carer_changed(self, reason):
        assert carer_of(
            episode("2015-03-01", "S", "C1", ended="2016-08-01"), episode("2016-08-01", reason)
        ) == ("2016-08-01", EXACT)

    @pytest.mark.parametrize("reason", ["L", "T", "U"])
    def test_is_left_censored_when_the_file_begins_with_the_same_carer(self, reason):
        assert carer_of(episode("2016-08-01", reason)) == ("2016-08-01", ON_OR_BEFORE)

    def test_is_not_broken_by_a_stay_in_hospital(self):
        """Back at the same address after T1, although the row must say P (rule 383; practice PT-13)."""
        assert carer_of(
            episode("2015-03-01", "S", ended="2017-06-01"),
            episode("2017-06-01", "P", placement="T1", ended="2017-06-20", postcode="", urn=""),
            episode("2017-06-20", "P"),
        ) == ("2015-03-01", EXACT)

    def test_is_not_broken_by_two_temporary_rows_in_a_row(self):
        assert carer_of(
            episode("2015-03-01", "S", "C1", ended="2017-06-01"),
            episode("2017-06-01", "P", "C1", placement="T1", ended="2017-06-10", postcode="", urn=""),
            episode("2017-06-10", "L", "C2", placement="T1", ended="2017-06-20", postcode="", urn=""),
            episode("2017-06-20", "P", "C2"),
        ) == ("2015-03-01", EXACT)

    def test_begins_anew_when_the_child_came_back_to_another_address(self):
        assert carer_of(
            episode("2015-03-01", "S", ended="2017-06-01"),
            episode("2017-06-01", "P", placement="T2", ended="2017-06-20"),
            episode("2017-06-20", "P", postcode="LE99ZZ"),
        ) == ("2017-06-20", EXACT)

    def test_is_on_or_before_when_it_cannot_be_told_whether_the_child_came_back(self):
        assert carer_of(
            episode("2015-03-01", "S", ended="2017-06-01", postcode=""),
            episode("2017-06-01", "P", placement="T2", ended="2017-06-20"),
            episode("2017-06-20", "P", postcode="LE11AA"),
        ) == ("2017-06-20", ON_OR_BEFORE)

    def test_is_on_or_before_where_the_reason_cannot_be_read(self):
        assert carer_of(episode("2015-03-01", "S", ended="2017-06-01"), episode("2017-06-01", None)) == (
            "2017-06-01",
            ON_OR_BEFORE,
        )


class TestPresentEpisode:
    def test_is_the_latest_open_one(self):
        rows = in_order([episode("2017-04-20", "S"), episode("2017-06-01", "P")])
        assert current_index(rows) == 1

    def test_is_an_open_one_even_if_a_later_one_was_closed(self):
        """Which of the two rows is wrong a person decides (142); the child is not forgotten meanwhile."""
        rows = in_order([episode("2017-04-20", "S"), episode("2017-06-01", "P", ended="2017-08-01")])
        assert current_index(rows) == 0

    def test_is_short_breaks_only_if_there_is_no_other(self):
        rows = in_order([episode("2017-04-20", "S", "C2"), episode("2017-06-01", "L", "V4")])
        assert current_index(rows) == 0
        assert current_index(in_order([episode("2017-06-01", "S", "V4")])) == 0

    def test_is_none_when_all_have_ended(self):
        assert current_index([episode("2017-04-20", "S", ended="2017-08-01", end_reason="E4A")]) is None


def test_the_order_of_the_rows_never_matters():
    rows = [
        episode("2015-03-01", "S", "C1", ended="2017-06-01"),
        episode("2017-06-01", "P", "C2", ended="2017-06-20"),
        episode("2017-06-20", "L", "C2"),
    ]
    assert in_order(rows) == in_order(reversed(rows)) == rows
