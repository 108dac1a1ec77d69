"""Money: pounds and pence as `Decimal`, never as a float; whole pence where a database keeps it (reliability R28)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

PENNY = Decimal("0.01")
#: More than any request on this pathway can be: a slip of the keyboard (rules R-FIN-15).
MOST = Decimal("9999999.99")
_WRITTEN = re.compile(r"£? ?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)


def pounds(given: Any) -> Decimal:
    """An amount as people write it: 1234.5, "1234.50", "£1,234.50". Never more than two decimals, never below nil.

    Raises ValueError, in words for whoever typed it, for anything else (rules R-FIN-15).
    """
    if isinstance(given, bool) or given is None:
        raise ValueError(_not_money(given))
    text = repr(given) if isinstance(given, float) else str(given).strip()
    found = _WRITTEN.fullmatch(text)
    if found is None:
        below = re.fullmatch(r"[-−]\s*£?\s*[\d,.]+", text)
        raise ValueError(f"An amount must be more than nothing; it is {text}." if below else _not_money(given))
    whole, decimals = found[1].replace(",", ""), found[2] or ""
    if len(decimals) > 2:
        raise ValueError(f"An amount has at most two decimals, the pence; it is {text}.")
    amount = Decimal(f"{whole}.{decimals or '0'}").quantize(PENNY)
    if amount > MOST:
        raise ValueError(f"An amount is at most {shown(MOST)}; it is {text}.")
    return amount


def pounds_above_nil(given: Any) -> Decimal:
    """An amount that somebody asks for: more than nothing (rules R-FIN-15). Raises ValueError."""
    amount = pounds(given)
    if amount <= 0:
        raise ValueError(f"An amount must be more than nothing; it is {shown(amount)}.")
    return amount


def _not_money(given: Any) -> str:
    return f"An amount is written in pounds and pence, such as 1234.50; it is {given!a}."


#: An amount that may be nil, and one that is asked for or agreed.
Pounds = Annotated[Decimal, BeforeValidator(pounds)]
PoundsAsked = Annotated[Decimal, BeforeValidator(pounds_above_nil)]


def pence(amount: Decimal) -> int:
    """An amount of pounds as whole pence, the way it is stored. Raises ValueError for a part of a penny."""
    whole = amount / PENNY
    if whole != whole.to_integral_value():
        raise ValueError(f"{amount} is no whole number of pence")
    return int(whole)


def shown(amount: Decimal) -> str:
    """An amount as people read it: £12,345.60."""
    return f"£{amount:,.2f}"
