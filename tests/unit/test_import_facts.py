"""What a file says that is news for a case, and what it must not blur or undo (practice 7, returns 0.3)."""

from datetime import date
from typing import Any

from casework.importing.import_facts import new_record, news, team_named
from interchange.returned import Qualifier, ReturnedChild
from states.records.opening import ChildOpened

AS_AT = date(2018, 3, 31)
NOTHING: frozenset[str] = frozenset()


def a_child(**differs: Any) -> ReturnedChild:
    facts: dict[str, Any] = {
        "council_id": "A1",
        "sex": "1",
        "date_of_birth": date(2012, 6, 15),
        "legal_status": "C2",
        "legal_status_since": date(2016, 5, 1),
        "legal_status_since_qualifier": Qualifier.EXACT,
        "looked_after_since": date(2015, 9, 2),
        "looked_after_since_qualifier": Qualifier.EXACT,
        "placement_code": "U3",
        "placement_since": date(2016, 1, 10),
        "placement_since_qualifier": Qualifier.EXACT,
        "placement_provider": "PR1",
        "last_review_on": date(2018, 1, 20),
        "candidate": True,
        "candidate_reason": "Full care order",
        "open": True,
    }
    return ReturnedChild(**{**facts, **differs})


def as_known(child: ReturnedChild, **differs: Any) -> dict[str, Any]:
    """The columns of a case that was opened from a child of a file."""
    record = ChildOpened.model_validate(
        new_record(child, source="ssda903", as_at=AS_AT, team=None, eligible_on=AS_AT)
    )
    return {**{name: getattr(record, name) for name in type(record).model_fields}, **differs}


def on_or_before(day: date, name: str = "looked_after_since") -> dict[str, Any]:
    return {name: day, f"{name}_qualifier": Qualifier.ON_OR_BEFORE}


def test_the_same_child_again_is_no_news() -> None:
    assert news(a_child(), as_known(a_child()), keep=NOTHING) == {}


def test_a_case_says_what_the_file_could_not() -> None:
    known = as_known(a_child(last_review_on=None, placement_provider=None))
    assert set(known["unknown"]) == {
        "given_names", "family_name", "next_review_on", "worker", "carer", "permanence_plan", "team",
        "last_review_on", "placement_provider",
    }  # fmt: skip


def test_a_placement_that_changed_is_news_with_who_the_carers_are() -> None:
    moved = a_child(placement_code="U4", placement_since=date(2018, 6, 1))
    assert news(moved, as_known(a_child()), keep=NOTHING) == {
        "placement_code": "U4",
        "kinship": False,
        "placement_since": date(2018, 6, 1),
        "placement_exact": True,
    }


def test_what_a_file_does_not_say_stays_as_it_is() -> None:
    silent = a_child(sex=None, date_of_birth=None, placement_provider=None, last_review_on=None)
    assert news(silent, as_known(a_child()), keep=NOTHING) == {}


def test_on_or_before_never_blurs_an_earlier_date_that_is_known() -> None:
    """Next year's return begins with the episode open on 1 April: all it knows is "on or before"."""
    later = a_child(**on_or_before(date(2017, 11, 3)))
    assert news(later, as_known(a_child()), keep=NOTHING) == {}


def test_on_or_before_an_earlier_day_than_known_is_news() -> None:
    known = as_known(a_child())
    earlier = a_child(**on_or_before(date(2014, 2, 1)))
    assert news(earlier, known, keep=NOTHING) == {
        "looked_after_since": date(2014, 2, 1),
        "looked_after_exact": False,
    }


def test_an_exact_date_replaces_a_blurred_one_and_not_the_other_way_round() -> None:
    blurred, exact = a_child(**on_or_before(date(2015, 9, 2))), a_child()
    assert news(exact, as_known(blurred), keep=NOTHING) == {
        "looked_after_since": date(2015, 9, 2),
        "looked_after_exact": True,
    }
    assert news(blurred, as_known(exact), keep=NOTHING) == {}


def test_on_or_before_a_day_after_we_last_heard_may_be_another_stay_and_is_taken() -> None:
    """The file may have lost a gap in between: what was exact before proves nothing about now."""
    later = a_child(**on_or_before(date(2019, 2, 1)))
    assert news(later, as_known(a_child()), keep=NOTHING)["looked_after_since"] == date(2019, 2, 1)


def test_a_new_legal_status_brings_its_own_date_however_well_it_is_known() -> None:
    ordered = a_child(
        legal_status="E1",
        **on_or_before(date(2017, 12, 1), "legal_status_since"),
        **on_or_before(date(2017, 12, 1), "placement_order_since"),
    )
    assert news(ordered, as_known(a_child()), keep=NOTHING) == {
        "legal_status": "E1",
        "legal_status_since": date(2017, 12, 1),
        "legal_status_exact": False,
        "placement_order_since": date(2017, 12, 1),
    }


def test_the_date_of_a_placement_order_is_not_blurred_either() -> None:
    exact = {
        "legal_status": "E1",
        "placement_order_since": date(2016, 5, 1),
        "placement_order_since_qualifier": Qualifier.EXACT,
    }
    blurred = {
        "legal_status": "E1",
        **on_or_before(date(2017, 10, 1), "legal_status_since"),
        **on_or_before(date(2017, 10, 1), "placement_order_since"),
    }
    assert news(a_child(**blurred), as_known(a_child(**exact)), keep=NOTHING) == {}


def test_an_earlier_review_than_the_one_known_is_no_news() -> None:
    assert news(a_child(last_review_on=date(2017, 7, 1)), as_known(a_child()), keep=NOTHING) == {}
    assert news(a_child(last_review_on=date(2018, 3, 1)), as_known(a_child()), keep=NOTHING) == {
        "last_review_on": date(2018, 3, 1)
    }


def test_who_is_no_candidate_any_more_has_no_reason_either() -> None:
    assert news(a_child(candidate=False, candidate_reason=None), as_known(a_child()), keep=NOTHING) == {
        "candidate": False,
        "candidate_reason": None,
    }


def test_what_a_person_wrote_since_stands_and_so_does_what_follows_from_it() -> None:
    file = a_child(placement_code="K2", candidate=False, candidate_reason=None, sex="2")
    kept = frozenset({"placement_code", "kinship"})
    assert news(file, as_known(a_child()), keep=kept) == {"sex": "2"}


def test_a_plan_longer_than_its_column_is_cut_and_is_no_news_the_second_time() -> None:
    wordy = a_child(permanence_plan="c) plan " * 40)
    known = as_known(wordy)
    assert len(known["permanence_plan"]) <= 120
    assert news(wordy, known, keep=NOTHING) == {}


def test_a_team_nobody_named_is_no_team() -> None:
    assert team_named(a_child()) is None
    assert team_named(a_child(allocated_team="Children in Care North")) == "Children in Care North"
