"""Every notice has its words, every folder of words belongs to a notice, and neither says too much."""

import inspect
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from notifications import contexts, rendering
from notifications.notify import flowing
from notifications.wording import WHY
from states import notices, notices_funding
from states.notices import NOTICES, SENT_BY_CASEWORK
from states.processes import ALL_ROWS
from states.vocabulary import Delivery, Notice, Party, Role

FOLDERS = sorted(folder.name for folder in rendering.TEMPLATES.iterdir() if folder.is_dir())
MAILS = [notice for notice in NOTICES.values() if not notice.is_letter]
LETTERS = [notice for notice in NOTICES.values() if notice.is_letter]
SUBJECT = "{{ system_name }}: "
#: Words of a legal step, a colour or a person that no subject may hold (reliability E.2).
NOT_IN_A_SUBJECT = re.compile(
    r"\b(court|order|legal|kdd|roa|rating|rated|assessment|safeguarding|restricted|red|amber|yellow|green"
    r"|£|guardian\w*|child\w*|carer\w*|decline\w*)\b",
    re.IGNORECASE,
)


def used(*names: str) -> set[str]:
    """The words that templates use and do not define, with those of a template they extend."""
    environment = rendering.environment()
    found: set[str] = set()
    for name in names:
        tree = environment.parse((rendering.TEMPLATES / name).read_text())
        found |= meta.find_undeclared_variables(tree)
        found |= used(*(one.template.value for one in tree.find_all(nodes.Extends)))
    return found


def declared(context: type) -> set[str]:
    return {field.name for field in fields(context)}


def test_every_notice_of_the_module_is_in_the_catalogue_under_an_id_of_its_own():
    named = (*vars(notices).values(), *vars(notices_funding).values())
    written = [value for value in named if isinstance(value, Notice)]

    assert sorted(NOTICES) == sorted(notice.id for notice in written)
    assert len({notice.folder for notice in written}) == len(written)


def test_every_notice_has_a_folder_and_every_folder_a_notice():
    assert set(FOLDERS) == {notice.folder for notice in NOTICES.values()} | {contexts.RESTRICTED_FOLDER}


def test_every_notice_is_sent_by_a_step_a_deadline_or_by_casework():
    by_rows = {notice for row in ALL_ROWS for notice in row.notices}
    dues = {due for row in ALL_ROWS for due in (*row.opens, *row.meets)}
    by_deadlines = {warn.notice for due in dues for warn in due.warns}

    assert set(NOTICES.values()) - by_rows - by_deadlines - SENT_BY_CASEWORK == set()


def test_every_notice_reaches_somebody_and_says_by_which_rule():
    assert [notice.id for notice in NOTICES.values() if not notice.to or not notice.rule] == []
    assert [notice.id for notice in LETTERS if notice.to != (Party.CARERS,)] == []


def test_everybody_who_can_be_told_can_be_told_why():
    assert set(WHY) == {str(one) for one in (*Role, *Party)}


def test_only_what_the_design_names_goes_at_once():
    # design 5.12: a decision that waits on you; NT-10 and an override (to the IRO); a new or changed court
    # direction; NT-22; NT-32. practice PT-14: tells manager and Legal at once. PN-2: court directions go the same
    # day. N-4: a failed delivery. R35, C1, C5, C7: a record opened in an
    # emergency, or asked for by who may not, or taken out. The digest itself is what all others wait for.
    at_once = {notice.id for notice in NOTICES.values() if notice.delivery is Delivery.NOW}

    assert at_once == {
        "NT-32",
        "NT-22",
        "NT-21-NEW",
        "NT-21-CHANGED",
        "NT-21",
        "DIRECTION-BEFORE-TARGET",
        "NT-10",
        "OVERRIDE",
        "EMERGENCY",
        "TURNED-AWAY",
        "TOO-NEAR",
        "LARGE-EXPORT",
        "TOO-FAST",
        "CONFIRM",
        "MAIL-FAILED",
        "DIGEST",
    }
    assert NOTICES["NT-10"].to == NOTICES["OVERRIDE"].to == (Role.IRO,)


@pytest.mark.parametrize("notice", MAILS, ids=lambda n: n.id)
def test_a_mails_words_are_exactly_those_its_context_declares(notice):
    context = contexts.WORDS[notice.folder]

    for body in ("body.txt", "body.html"):
        assert used(f"{notice.folder}/{body}") == declared(context), body
    assert used(f"{notice.folder}/subject.txt") == declared(contexts.Subject)
    assert {path.name for path in (rendering.TEMPLATES / notice.folder).iterdir()} == {
        "subject.txt",
        "body.txt",
        "body.html",
    }


@pytest.mark.parametrize("notice", LETTERS, ids=lambda n: n.id)
def test_a_letters_words_are_exactly_those_its_context_declares(notice):
    assert used(f"{notice.folder}/letter.html") == declared(contexts.LETTERS[notice.folder])
    assert [path.name for path in (rendering.TEMPLATES / notice.folder).iterdir()] == ["letter.html"]


def test_the_layouts_words_are_exactly_those_the_envelope_declares():
    for layout in ("_layout.txt", "_layout.html"):
        assert used(layout) == declared(contexts.Envelope), layout


def test_every_context_class_has_a_folder():
    families = {
        one
        for _, one in inspect.getmembers(contexts, inspect.isclass)
        if one.__module__ == contexts.__name__ and issubclass(one, (contexts.Letter, *_paragraphs()))
    }

    assert (families - {contexts.Letter}) | {contexts.DigestWords} == set(contexts.WORDS.values())


def _paragraphs() -> tuple[type, ...]:
    return (contexts.News, contexts.Task, contexts.Appointment)


@pytest.mark.parametrize("folder", [notice.folder for notice in MAILS] + [contexts.RESTRICTED_FOLDER])
def test_a_subject_is_fixed_text_that_names_no_step_and_nobody(folder):
    subject = (rendering.TEMPLATES / folder / "subject.txt").read_text().rstrip("\n")

    assert subject.startswith(SUBJECT)
    assert "\n" not in subject
    assert "{" not in subject.removeprefix(SUBJECT)
    assert not NOT_IN_A_SUBJECT.search(subject.removeprefix(SUBJECT))


def test_text_and_html_say_the_same():
    for notice in MAILS:
        folder = rendering.TEMPLATES / notice.folder
        words = [
            re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", (folder / body).read_text()).split()
            for body in ("body.txt", "body.html")
        ]
        assert words[0] == words[1], notice.folder


def test_joined_for_a_phone_a_mails_lines_are_whole_sentences():
    for notice in set(MAILS) - {notices.DIGEST}:
        meeting = contexts.MeetingSeen(held_on=date(2026, 12, 12), starts_at="10:30", place="County Hall")
        mail = contexts.Mail(
            greeting_name="Wanda Birch",
            system_name="SGO pathway",
            because=str(notice.to[0]),
            due_on=date(2026, 12, 4),
            meeting=meeting if notice.dated else None,
        )

        greeting, *lines = flowing(rendering.render([notice], mail).text).splitlines()

        assert greeting == "Dear Wanda Birch"
        assert notice.words in lines, "the heading stands alone"
        assert [line for line in lines if line and line != notice.words and line[-1] not in ".?"] == [], notice.id


def test_no_template_reaches_out_or_runs_anything():
    for path in Path(rendering.TEMPLATES).rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert not re.search(r"https?:|<script|<img|src=|url\(|@import|\|\s*safe", text), path.name


def test_abbreviations_are_spelt_out_where_a_message_first_uses_them():
    # practice 5: KDD and ROA in full at first use
    full = {"KDD": "Key Decision Discussion (KDD)", "ROA": "Review of Arrangements (ROA)"}
    for notice in NOTICES.values():
        body = "letter.html" if notice.is_letter else "body.txt"
        words = notice.words + " " + (rendering.TEMPLATES / notice.folder / body).read_text()
        said = " ".join(words.split())
        for short, long in full.items():
            first = re.search(rf"\b{short}\b", said)
            assert first is None or said[: first.end() + 1].endswith(long), notice.id


def test_letters_are_made_for_applicants_on_record_and_on_no_other_condition():
    # casework.delivery.letters writes to the applicants; a row may not make a letter depend on anything else
    conditions = {
        condition.__name__ for row in ALL_ROWS for condition, notice in row.tells_if if notice.is_letter
    }

    assert conditions == {"carers_on_record"}
    assert [row.trigger for row in ALL_ROWS if any(notice.is_letter for notice in row.tells)] == []
