"""The county's children: invented, and spread as the children looked after by one English council are.

The numbers are published ones for 31 March 2025 (694 children: legal status, placement, age, sex, provider, a year
and longer in care, unaccompanied). They stand in one table of cells, so that every total is the sum of a column
and what cannot be, such as a placement order at sixteen, is not there. For another number of children the cells
are scaled. No name is anybody's.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from demo.names import FAMILY_ENDS, FAMILY_STARTS, GIVEN

COUNTY = 694

#: Ages in years: first and last of each band of the return.
BANDS: Mapping[str, tuple[int, int]] = {"0": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10-15": (10, 15), "16+": (16, 17)}
FOSTER, PARENTS, ADOPTION, HOME, SUPPORTED, OTHER = "foster", "parents", "adoption", "home", "supported", "other"

# fmt: off
#: (legal status, age band): how many children in each placement.
CELLS: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("C2", "0"):     {PARENTS: 1, FOSTER: 2},
    ("C2", "1-4"):   {PARENTS: 6, FOSTER: 29},
    ("C2", "5-9"):   {PARENTS: 9, HOME: 2, FOSTER: 74},
    ("C2", "10-15"): {PARENTS: 8, HOME: 50, OTHER: 9, FOSTER: 86},
    ("C2", "16+"):   {PARENTS: 1, HOME: 18, OTHER: 10, SUPPORTED: 41, FOSTER: 44},
    ("C1", "0"):     {OTHER: 5, FOSTER: 11},
    ("C1", "1-4"):   {PARENTS: 2, FOSTER: 25},
    ("C1", "5-9"):   {PARENTS: 2, FOSTER: 24},
    ("C1", "10-15"): {PARENTS: 2, HOME: 3, FOSTER: 22},
    ("C1", "16+"):   {FOSTER: 5},
    ("E1", "0"):     {ADOPTION: 1, FOSTER: 7},
    ("E1", "1-4"):   {ADOPTION: 12, FOSTER: 22},
    ("E1", "5-9"):   {ADOPTION: 3, FOSTER: 7},
    ("V2", "0"):     {FOSTER: 4},
    ("V2", "1-4"):   {FOSTER: 6},
    ("V2", "5-9"):   {FOSTER: 9},
    ("V2", "10-15"): {HOME: 14, OTHER: 6, FOSTER: 17},
    ("V2", "16+"):   {HOME: 8, OTHER: 6, SUPPORTED: 68, FOSTER: 13},
}
#: Unaccompanied children, of those accommodated.
UNACCOMPANIED: Mapping[tuple[str, str], int] = {("10-15", FOSTER): 9, ("16+", FOSTER): 11, ("16+", SUPPORTED): 54}
#: A year and longer in care, by legal status.
A_YEAR_AND_LONGER: Mapping[str, int] = {"C2": 349, "C1": 18, "E1": 42, "V2": 70}
#: Codes of the return for each placement, in shares of a hundred.
CODES: Mapping[str, Mapping[str, int]] = {
    FOSTER: {"U1": 10, "U3": 14, "U4": 38, "U6": 38},
    PARENTS: {"P1": 100},
    ADOPTION: {"A5": 30, "A6": 70},
    HOME: {"K2": 97, "K1": 3},
    SUPPORTED: {"K3": 100},
    OTHER: {"R3": 14, "S1": 11, "Z11": 75},
}
# fmt: on
BOYS, GIRLS = 413, 281
#: Foster placements of a child whose carer is a relative or friend.
KINSHIP = frozenset({"U1", "U2", "U3"})
OWN, PRIVATE = "PR1", "PR4"
OWN_AND_PRIVATE_CARERS = (252, 155)
VOLUNTARY = 32



@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One invented child looked after by the county today."""

    number: int
    given_names: str
    family_name: str
    family: int  # brothers and sisters share it
    sex: str
    born: date
    legal_status: str
    status_since: date
    looked_after_since: date
    placement: str
    placement_code: str
    placement_since: date
    provider: str | None
    unaccompanied: bool

    @property
    def kinship(self) -> bool:
        """Whether a relative or friend looks after the child."""
        return self.placement_code in KINSHIP

    def opened(self) -> dict[str, Any]:
        """What is written down when the child joins the cohort."""
        return {
            "council_id": f"{700_000 + self.number * 37}",
            "given_names": self.given_names,
            "family_name": self.family_name,
            "date_of_birth": self.born,
            "sex": self.sex,
            "legal_status": self.legal_status,
            "legal_status_since": self.status_since,
            "looked_after_since": self.looked_after_since,
            "placement_code": self.placement_code,
            "placement_since": self.placement_since,
            "placement_provider": self.provider,
            "kinship": self.kinship,
            "placement_order_since": self.status_since if self.legal_status == "E1" else None,
            "permanence_plan": None,
        }


def county(children: int, *, today: date, chance: random.Random) -> list[Child]:
    """So many children looked after on a London date, the same for the same chance."""
    cells = [
        (status, band, placement, number)
        for (status, band), placements in CELLS.items()
        for placement, number in placements.items()
    ]
    wanted = shared_out(children, [number for *_, number in cells])
    slots = [cell[:3] for cell, number in zip(cells, wanted, strict=True) for _ in range(number)]
    scale = children / COUNTY
    alone = _alone(slots, scale)
    long = _long(slots, scale, alone, chance)
    codes = _codes(slots, chance)
    providers = _providers(slots, codes, children, chance)
    sexes = shared_out(children, [BOYS, GIRLS])
    sex = ["M"] * sexes[0] + ["F"] * sexes[1]
    chance.shuffle(sex)
    order = list(range(children))
    chance.shuffle(order)
    families = _families(slots, alone, chance)
    found = []
    for number, slot in enumerate(order):
        status, band, placement = slots[slot]
        born, since = _lived(band, slot in long, status, today, chance)
        status_since = _within(since, today, {"C2": 0.2, "C1": 0.1, "E1": 0.5, "V2": 0.0}[status], chance)
        family = families[slot]
        found.append(
            Child(
                number=number,
                given_names=GIVEN[chance.randrange(len(GIVEN))],
                family_name=_surname(family),
                family=family,
                sex=sex[slot],
                born=born,
                legal_status=status,
                status_since=status_since,
                looked_after_since=since,
                placement=placement,
                placement_code=codes[slot],
                placement_since=_within(since, today, chance.random() ** 2, chance),
                provider=providers[slot],
                unaccompanied=slot in alone,
            )
        )
    return found


def shared_out(total: int, shares: Sequence[int]) -> list[int]:
    """Whole numbers in the proportion of the shares that add up to the total: the largest remainders round up."""
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    out = [int(number) for number in exact]
    rest = sorted(range(len(shares)), key=lambda i: (out[i] - exact[i], i))
    for i in rest[: total - sum(out)]:
        out[i] += 1
    return out


def _alone(slots: Sequence[tuple[str, str, str]], scale: float) -> set[int]:
    found: set[int] = set()
    for (band, placement), number in UNACCOMPANIED.items():
        there = [i for i, slot in enumerate(slots) if slot == ("V2", band, placement)]
        found.update(there[: round(number * scale)])
    return found


def _long(
    slots: Sequence[tuple[str, str, str]], scale: float, alone: set[int], chance: random.Random
) -> set[int]:
    """Who has been in care for a year: nobody under one, and of the unaccompanied the fewest."""
    found: set[int] = set()
    for status, number in A_YEAR_AND_LONGER.items():
        there = [i for i, (of, band, _) in enumerate(slots) if of == status and band != "0"]
        chance.shuffle(there)
        there.sort(key=lambda i: i in alone)
        found.update(there[: round(number * scale)])
    return found


def _codes(slots: Sequence[tuple[str, str, str]], chance: random.Random) -> list[str]:
    found = [""] * len(slots)
    for placement, shares in CODES.items():
        there = [i for i, slot in enumerate(slots) if slot[2] == placement]
        numbers = shared_out(len(there), list(shares.values()))
        codes = [code for code, number in zip(shares, numbers, strict=True) for _ in range(number)]
        chance.shuffle(codes)
        for i, code in zip(there, codes, strict=True):
            found[i] = code
    return found


def _providers(
    slots: Sequence[tuple[str, str, str]], codes: Sequence[str], children: int, chance: random.Random
) -> list[str | None]:
    """Parents look after their own; homes are private, carers mostly the council's; of some nobody has said."""
    carers = [i for i, slot in enumerate(slots) if slot[2] == FOSTER]
    chance.shuffle(carers)
    own = set(carers[: shared_out(len(carers), OWN_AND_PRIVATE_CARERS)[0]])
    found: list[str | None] = []
    for i, (_, _, placement) in enumerate(slots):
        if placement == PARENTS:
            found.append("PR0")
        elif placement == ADOPTION or i in own:
            found.append(OWN)
        else:
            found.append(None if codes[i] == "Z11" else PRIVATE)
    private = [i for i, provider in enumerate(found) if provider == PRIVATE]
    for i in chance.sample(private, min(round(VOLUNTARY * children / COUNTY), len(private))):
        found[i] = "PR5"
    return found


def _families(slots: Sequence[tuple[str, str, str]], alone: set[int], chance: random.Random) -> list[int]:
    """Which family each child is of: two in five in care with a brother or sister, of one legal status."""
    found = list(range(len(slots)))
    for status in ("C2", "C1", "E1"):
        there = [i for i, slot in enumerate(slots) if slot[0] == status and slot[2] == FOSTER and i not in alone]
        chance.shuffle(there)
        there = there[: len(there) * 2 // 5]
        while len(there) > 1:
            together = [there.pop() for _ in range(min(len(there), 3 if chance.random() < 0.3 else 2))]
            for one in together:
                found[one] = together[0]
    return found


def _surname(family: int) -> str:
    start, end = divmod(family * 5, len(FAMILY_ENDS))
    return FAMILY_STARTS[start % len(FAMILY_STARTS)] + FAMILY_ENDS[end]


def _lived(band: str, long: bool, status: str, today: date, chance: random.Random) -> tuple[date, date]:
    """(born, looked after since) of a child of this age who has, or has not, been in care for a year."""
    first, last = BANDS[band]
    youngest = max(first * 366, 40, 390 if long else 0)
    age = chance.randint(youngest, (last + 1) * 365 - 2)
    if long:
        longest = min(age, 12 * 365)
        years = (1.0, 0.45) if status == "C2" else (0.35, 0.2)
        in_care = 370 + int((longest - 370) * years[0] * chance.random() ** (1 / (1 + years[1])) * 0.8)
    else:
        in_care = chance.randint(35, min(age, 355))
    return today - timedelta(days=age), today - timedelta(days=in_care)


def _within(since: date, today: date, share: float, chance: random.Random) -> date:
    """A day between two, about so far along."""
    days = (today - since).days
    return since + timedelta(days=int(days * min(0.95, max(0.0, share * (0.5 + chance.random())))))


def left_care(number: int, *, first: int, today: date, chance: random.Random) -> list[Child]:
    """Children who have left through an order, or on their way out; most of them small when they did."""
    found = []
    for place in range(number):
        years = chance.choices([4, 6, 9, 12], [35, 30, 20, 15])[0]
        born = today - timedelta(days=years * 365 + chance.randint(0, 700))
        since = today - timedelta(days=chance.randint(1250, 1450))
        code = chance.choices(["U1", "U3", "U4", "U6"], [35, 30, 20, 15])[0]
        found.append(
            Child(
                number=first + place,
                given_names=GIVEN[chance.randrange(len(GIVEN))],
                family_name=_surname(first + place),
                family=first + place,
                sex=chance.choice("MF"),
                born=born,
                legal_status="C2",
                status_since=since + timedelta(days=120),
                looked_after_since=since,
                placement=FOSTER,
                placement_code=code,
                placement_since=since + timedelta(days=60),
                provider=OWN,
                unaccompanied=False,
            )
        )
    return found
