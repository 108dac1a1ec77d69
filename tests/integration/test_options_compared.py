"""The comparison of options, printed for carers and child at the initial meeting (practice PT-6, S1-2)."""

import re
from html import unescape

import pytest

from casework.errors import NotFound
from casework.reading.options import comparison_of_options
from notifications.options import OPTIONS, questions
from states.records.codes import Option
from tests.commands import in_world
from tests.world import START

pytestmark = pytest.mark.one_database


def seen(world, ref: str, who: str = "sol.sw") -> str:
    with world.office.reading() as session:
        made = comparison_of_options(session, ref, by=world.ids[who], today=START)
    return unescape(re.sub(r"<[^>]+>", " ", made.html))


def test_every_option_answers_every_question_that_the_rules_ask():
    """S1-2: way in, approval, responsibility, duration, supervision, support, money, other money, keeping in touch."""
    asked = questions(notice_months=3)
    assert len(asked) == 9
    assert len(OPTIONS) == len(Option)
    for one in asked:
        assert len(one.answers) == len(OPTIONS), one.question
        assert all(answer.strip() for answer in one.answers)


def test_it_is_for_this_child_and_says_nothing_of_the_record(child_at):
    world, ref = child_at("TRAJECTORY")
    page = seen(world, ref)
    assert "Where could Testy live until grown up?" in page
    assert "For Testy:" in page
    assert "at least 3 months before" in page
    assert ref in page
    assert "McCanary" not in page
    for option in OPTIONS:
        assert option in page


def test_only_who_may_open_the_child_prints_it_and_it_is_logged(child_at, tmp_path):
    world, ref = child_at("TRAJECTORY")
    with pytest.raises(NotFound):
        seen(world, ref, "faye.finance")
    file = tmp_path / "options.html"
    sgo = in_world(world, day=START)
    answer = sgo("case", "options", ref, "--out", str(file), "--json", person="sol.sw")
    assert answer.json == {"ref": ref, "file": str(file)}
    assert file.stat().st_mode & 0o777 == 0o600
    look = world.office.access_log.looked_at_by(world.ids["sol.sw"])[-1]
    assert look.what == "read:comparison of options"
    sgo("case", "options", ref, "--out", str(tmp_path / "no" / "where.html"), person="sol.sw", status=2)
