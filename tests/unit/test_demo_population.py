"""The invented county is spread as an English council's children are: each marginal against the published number.

Leicestershire, children looked after on 31 March 2025 (Department for Education). A share that the table of cells
fixes must be met exactly; one that is drawn may differ by two standard deviations of a draw.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from math import sqrt

import pytest

from demo.population import COUNTY, Child, county, shared_out
from states.calendar import Calendar

TODAY = date(2026, 3, 10)
FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")

# fmt: off
PUBLISHED: dict[str, tuple[Callable[[Child], bool], int]] = {
    "full care order":          (lambda c: c.legal_status == "C2", 390),
    "interim care order":       (lambda c: c.legal_status == "C1", 101),
    "placement order":          (lambda c: c.legal_status == "E1", 52),
    "accommodated":             (lambda c: c.legal_status == "V2", 151),
    "foster placement":         (lambda c: c.placement_code in FOSTER, 407),
    "placed with parents":      (lambda c: c.placement_code == "P1", 31),
    "placed for adoption":      (lambda c: c.placement_code in ("A3", "A4", "A5", "A6"), 16),
    "secure or children's home": (lambda c: c.placement_code in ("K1", "K2"), 95),
    "supported accommodation":  (lambda c: c.placement_code == "K3", 109),
    "under one":                (lambda c: age(c) == 0, 31),
    "one to four":              (lambda c: 1 <= age(c) <= 4, 102),
    "five to nine":             (lambda c: 5 <= age(c) <= 9, 130),
    "ten to fifteen":           (lambda c: 10 <= age(c) <= 15, 217),
    "sixteen and over":         (lambda c: 16 <= age(c) <= 17, 214),
    "boys":                     (lambda c: c.sex == "M", 413),
    "girls":                    (lambda c: c.sex == "F", 281),
    "a year and longer":        (lambda c: c.looked_after_since <= date(2025, 3, 10), 479),
    "unaccompanied":            (lambda c: c.unaccompanied, 74),
    "with a voluntary provider": (lambda c: c.provider == "PR5", 32),
    "with parents as provider": (lambda c: c.provider == "PR0", 31),
}
DRAWN: dict[str, tuple[Callable[[Child], bool], float]] = {
    # of all children; the county's own provision and private provision
    "own provision":            (lambda c: c.provider == "PR1", 268 / 694),
    "private provision":        (lambda c: c.provider == "PR4", 335 / 694),
    # of all children: kinship foster care, England at 31 March 2024 (24 of a hundred foster placements)
    "kinship foster care":      (lambda c: c.kinship, 407 / 694 * 0.24),
}
# fmt: on


def age(child: Child) -> int:
    return Calendar().age_on(child.born, TODAY)


@pytest.fixture(scope="module", params=[1, 20_211_101])
def children(request: pytest.FixtureRequest) -> list[Child]:
    return county(COUNTY, today=TODAY, chance=random.Random(request.param))


@pytest.mark.parametrize("share", PUBLISHED)
def test_a_share_of_the_county_is_the_published_one(share: str, children: list[Child]) -> None:
    belongs, published = PUBLISHED[share]
    assert sum(map(belongs, children)) == published


@pytest.mark.parametrize("share", DRAWN)
def test_a_share_that_is_drawn_is_near_the_published_one(share: str, children: list[Child]) -> None:
    belongs, published = DRAWN[share]
    allowed = 2 * sqrt(published * (1 - published) / COUNTY) + 0.01
    assert abs(sum(map(belongs, children)) / COUNTY - published) <= allowed


def test_what_the_return_forbids_is_not_in_the_county(children: list[Child]) -> None:
    for child in children:
        assert child.placement_code not in ("A5", "A6") or child.legal_status == "E1"  # rule 408
        assert child.placement_code != "K3" or age(child) >= 16  # rule 371
        assert (child.placement_code == "P1") == (child.provider == "PR0")
        assert child.placement_code != "P1" or child.legal_status != "V2"
        assert child.born <= child.looked_after_since <= child.status_since <= TODAY
        assert child.looked_after_since <= child.placement_since <= TODAY


def test_brothers_and_sisters_share_a_name_and_a_legal_status(children: list[Child]) -> None:
    families: dict[int, list[Child]] = {}
    for child in children:
        families.setdefault(child.family, []).append(child)
    together = [family for family in families.values() if len(family) > 1]
    assert sum(map(len, together)) >= COUNTY // 8
    for family in together:
        assert len({(c.family_name, c.legal_status) for c in family}) == 1


def test_the_same_seed_gives_the_same_children_and_another_seed_others() -> None:
    def drawn(seed: int) -> list[Child]:
        return county(200, today=TODAY, chance=random.Random(seed))

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


@pytest.mark.parametrize("number", [100, 457, 2_317])
def test_a_county_of_another_size_has_the_same_shares(number: int) -> None:
    found = Counter(c.legal_status for c in county(number, today=TODAY, chance=random.Random(3)))
    assert sum(found.values()) == number
    for status, share in (("C2", 390 / 694), ("C1", 101 / 694), ("E1", 52 / 694), ("V2", 151 / 694)):
        assert abs(found[status] / number - share) <= 0.05


def test_a_total_is_shared_out_to_the_last_one() -> None:
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(shared_out(694, [413, 281, 5])) == 694
