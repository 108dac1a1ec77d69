"""No word of the code reaches whoever reads a page: reasons, fields, choices, policy, counts (practice 5)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from casework.delivery import arrivals
from casework.delivery.outbox import Status
from casework.delivery.sending import DeliveryCounts
from casework.following.count_words import COUNTS, count_words
from casework.meetings.agendas import SentOut
from casework.overnight.ladder import Rungs
from states.policy import Policy, policy_values
from states.policy.key_words import KEY_WORDS, SECTION_WORDS
from states.policy.values import plain
from states.processes import ALL_ROWS
from states.records.base import FieldSeen
from tests.factories import leicestershire
from web import formats
from web.answers import label_of

ROOT = Path(__file__).parents[2]
#: A name of the code, an option of a command, a command, or a state or code in capitals.
CODE = re.compile(r"(?<![\w.@/])(?:[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z]+)+|--[a-z][a-z-]+|sgo [a-z]+)(?![\w@])")
#: Where what is said can reach a page. What only runs the machinery speaks to whoever types commands.
SPOKEN = (
    "states/guards", "states/records", "states/engine.py", "states/permission.py", "states/standing.py",
    "casework/acting", "casework/boards", "casework/digest", "casework/drift", "casework/funding",
    "casework/meetings", "casework/reading", "casework/who",
)  # fmt: skip
#: Lists of names for the code itself, and what is said at a terminal alone.
NOT_SAID = ("casework/who/matrix.py", "casework/who/passwords.py")
AT_A_TERMINAL = ("Say who you are: --as", "The first person keeps all others", "by command line here")


def sentences(path: Path) -> Iterator[str]:
    """Every text of a file that is a sentence, with "…" for what is put in; no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    beside = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            beside.update(id(part) for part in node.values)
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in beside:
            yield node.value


def spoken() -> Iterator[Path]:
    for place in SPOKEN:
        at = ROOT / place
        yield from (at.rglob("*.py") if at.is_dir() else (at,))


def test_no_reason_says_a_name_of_the_code_on_a_page():
    said = [
        (str(path.relative_to(ROOT)), words)
        for path in spoken()
        if str(path.relative_to(ROOT)) not in NOT_SAID
        for words in sentences(path)
        if " " in words.strip() and not words.startswith(AT_A_TERMINAL) and not any(t in words for t in AT_A_TERMINAL)
    ]
    assert len(said) > 1000, "the walk has lost its way"
    bare = [(where, words) for where, words in said if CODE.search(formats.with_days(words))]
    assert bare == []


def every_field() -> Iterator[FieldSeen]:
    for row in ALL_ROWS:
        for seen in row.record.fields():
            yield seen
            yield from seen.rows


def test_every_field_of_every_record_has_a_label_a_hint_and_choices_in_words():
    bare = []
    for seen in every_field():
        words = (label_of(seen), seen.hint, *(formats.option(value) for value in seen.options))
        bare += [(seen.name, one) for one in words if CODE.search(one) or re.fullmatch(r"[A-Z]{2,}", one)]
    assert bare == []


def test_every_step_state_and_date_has_words():
    for row in ALL_ROWS:
        assert not CODE.search(formats.step(row.trigger)), row.trigger
        for due in row.opens:
            assert not CODE.search(formats.deadline(due.name)), due.name


def test_every_value_of_the_policy_is_called_by_words_and_no_words_are_left_over():
    known = {section: set(Policy.model_fields[section].annotation.names()) for section in Policy.model_fields}
    assert set(SECTION_WORDS) == set(known)
    assert {section: set(keys) for section, keys in KEY_WORDS.items()} == known
    words = [*SECTION_WORDS.values(), *(one for keys in KEY_WORDS.values() for one in keys.values())]
    assert [one for one in words if CODE.search(one)] == []
    for section, keys in KEY_WORDS.items():
        assert len(set(keys.values())) == len(keys), f"two values of {section} have the same words"


def test_a_value_of_the_policy_reads_as_words():
    said = {
        f"{one.section}.{one.key}": formats.policy_value(plain(one.value)) for one in policy_values(leicestershire())
    }
    assert {place: words for place, words in said.items() if CODE.search(words)} == {}
    assert said["finance.kinds"].startswith("standard means-tested allowance; needs-led allowance")


def test_everything_the_ledger_counts_has_words():
    counted = {one.name for kind in (DeliveryCounts, SentOut, Rungs) for one in fields(kind)}
    assert {*counted, *arrivals.NOTHING_NEW} <= set(COUNTS)
    assert count_words("cases", 1) == "1 case"
    assert count_words("passed_on", 2) == "2 passed on for who is away"
    assert formats.counted({"sent": 1200, "dead": 0}) == "1,200 messages sent"


def test_every_status_of_a_message_has_words():
    assert set(formats.DELIVERY) >= {status.value for status in Status} - {"unknown"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x is nobody's name here. See: sgo person list", "x is nobody's name here."),
        ("The clock is wrong; see sgo health.", "The clock is wrong."),
        (
            "The contract is not signed (ask_for_contract, record_contract).",
            "The contract is not signed (Ask for a contract; Record the signed contract).",
        ),
        ("'Rate' (rate) is not possible from a new case.", "'Rate' is not possible from a new case."),
        ("It was so: use return_to_kdd.", "It was so: use 'Back to the Key Decision Discussion'."),
    ],
)
def test_a_reason_on_a_page_names_steps_and_not_commands(written, said):
    assert formats.with_days(written) == said
