"""Which words of the field stand in a page (practice 5)."""

from __future__ import annotations

import pytest

from web.words import explained


def said(content: str) -> set[str]:
    return {term.words for term in explained(content)}


def test_a_term_is_found_by_its_short_and_by_its_long_name_and_once():
    by_either = said("<p>The KDD is held.</p>") | said("<p>the key decision discussion is held</p>")
    assert len(by_either) == 1
    assert said("<p>KDD</p><p>Key Decision Discussion</p>") == by_either


@pytest.mark.parametrize(
    "content",
    ["<p>an unKDDed child</p>", "<p>kdd</p>", '<a href="/kdd" title="KDD">the date</a>', "<p>by road</p>", ""],
    ids=["part of a word", "short and not in capitals", "in a tag", "ROA within road", "nothing"],
)
def test_what_only_looks_like_a_term_is_none(content):
    assert said(content) == set()
