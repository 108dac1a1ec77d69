"""Codes of the return that people type: known to the importer, or refused with the nearest that are (returns 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from interchange.codes import LEGAL_STATUS, PLACEMENT, PROVIDER
from states.records import base
from states.vocabulary import Unmet

#: The fields of records that hold a code, whichever record they stand in.
CODED: Mapping[str, Mapping[str, str]] = {
    "legal_status": LEGAL_STATUS,
    "placement_code": PLACEMENT,
    "placement_provider": PROVIDER,
}
_NEAR = 4


def not_of_the_return(record: base.Record, named: Collection[str]) -> Iterator[Unmet]:
    """Every code among the named fields that is none of the return's, with those that may be meant (R-ELG-4)."""
    for seen in record.fields():
        codes = CODED.get(seen.name)
        value = getattr(record, seen.name)
        if codes is None or seen.name not in named or value is None or value in codes:
            continue
        yield Unmet(
            type(record).rule,
            f"'{seen.label}': there is no code {value!r} in the return. {_meant(value, codes)}",
            seen.name,
        )


def _meant(value: str, codes: Mapping[str, str]) -> str:
    """The codes nearest to what was typed, by the code or by its words; where none is near, all of them."""
    typed = value.strip()
    letter = typed[:1].upper()
    by_code = get_close_matches(typed.upper(), codes, n=_NEAR, cutoff=0.5)
    by_words = [code for code, words in codes.items() if len(typed) > 2 and typed.lower() in words.lower()]
    by_letter = [code for code in codes if code.startswith(letter) and len(typed) <= 3]
    near = list(dict.fromkeys((*by_code, *by_words, *by_letter)))[:_NEAR]
    if not near:
        return f"Codes: {', '.join(codes)}."
    said = (f"{code} ({codes[code]})" if codes[code] else code for code in near)
    return f"Did you mean {' or '.join(said)}?"
