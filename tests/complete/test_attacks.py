"""Each abuse of the threat model has its test, or a reason why there is nothing to abuse (docs/attacks.md)."""

from docs.attacks_page import NOTHING_THERE, NUMBERS, held_by

HELD = held_by()


def test_each_abuse_has_its_test_or_a_reason():
    assert {number for number in NUMBERS if number not in HELD} == set(NOTHING_THERE)


def test_no_test_cites_an_abuse_that_is_none():
    assert set(HELD) <= set(NUMBERS)
