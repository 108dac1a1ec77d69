"""What a mail says and does not say, and that a broken word is an error (reliability E.2, C27, C28, C34)."""

from dataclasses import fields, replace
from datetime import date

import pytest
from jinja2.exceptions import SecurityError, UndefinedError

from notifications import rendering
from notifications.contexts import LETTERS, DecisionLetter, KddLetter, Mail, MeetingSeen
from notifications.rendering import NotRendered, render, render_letter
from notifications.wording import in_words, one_line, time_of_day, why
from states import notices
from states.notices import NOTICES
from states.vocabulary import Role

MAIL = Mail(
    greeting_name="Amina Clarke",
    system_name="SGO pathway",
    because=Role.TEAM_MANAGER,
    case_ref="SG-7K4QM2XD",
    link="http://127.0.0.1:8000/cases/SG-7K4QM2XD",
    due_on=date(2026, 12, 4),
)
LETTER = {
    "authority": "Exampleshire County Council",
    "made_on": "22 November 2026",
    "our_reference": "SG-7K4QM2XD",
    "addressee": "Maria Okafor",
    "address": ("14 Example Lane", "EX1 2MP"),
    "child": "Tobi",
    "writer": "Amina Clarke",
    "writer_post": "SGO assessment worker",
}


def test_a_mail_says_what_waits_until_when_where_and_why():
    mail = render([notices.NT_02_DUE], MAIL)

    assert mail.subject == "SGO pathway: a date is coming up"
    assert mail.text.startswith("Dear Amina Clarke\n\nA rating is due\nBy Friday 4 December 2026.\n")
    assert "Reference: SG-7K4QM2XD\n" in mail.text
    assert "http://127.0.0.1:8000/cases/SG-7K4QM2XD" in mail.text
    assert "sgo case show" not in mail.text
    assert "You get this because you are the Team Manager." in mail.text
    assert "nobody reads replies" in mail.text


def test_several_notices_are_one_mail_and_the_first_gives_the_subject():
    mail = render([notices.NT_32, notices.NT_06], MAIL)

    assert mail.subject == "SGO pathway: please look at this now"
    assert mail.text.index("A safeguarding concern") < mail.text.index("A trajectory to write")


def test_a_meeting_is_named_by_day_time_and_room():
    meeting = MeetingSeen(held_on=date(2026, 12, 12), starts_at="10:30", place="County Hall")

    text = render([notices.NT_03], replace(MAIL, meeting=meeting, calendar=True)).text

    assert "Saturday 12 December 2026 at 10:30, County Hall." in text
    assert "The date is attached for your diary." in text


def test_a_cancelled_meeting_is_said_to_be_cancelled():
    meeting = MeetingSeen(held_on=date(2026, 12, 12), starts_at="10:30", cancelled=True)

    text = render([notices.MEETING_MOVED], replace(MAIL, meeting=meeting)).text

    assert "Cancelled." in text
    assert "The meeting on Saturday 12 December 2026 does not take place." in text.replace("\n", " ")
    assert "at 10:30" not in text


def test_a_moved_meeting_says_what_it_takes_the_place_of_and_how_it_is_found():
    meeting = MeetingSeen(
        held_on=date(2026, 12, 12), instead_of=date(2026, 12, 5), body="Review Group", ref="MT-7K4QM2XD"
    )

    text = render([notices.MEETING_MOVED], replace(MAIL, meeting=meeting)).text

    assert "Review Group, MT-7K4QM2XD" in text
    assert "Saturday 12 December 2026." in text
    assert "takes the place of the meeting on Saturday 5 December 2026" in text


def test_a_restricted_childs_mail_does_not_say_what_kind_of_step_it_is():
    every = {
        notice.id: render([notice], replace(MAIL, restricted=True, known_as="T.O."))
        for notice in NOTICES.values()
        if not notice.is_letter
    }

    assert len({(mail.subject, mail.text, mail.html) for mail in every.values()}) == 1
    assert "Something waits for you" in every["NT-32"].text
    assert "T.O." not in every["NT-32"].text


def test_somebody_who_covers_is_told_so():
    assert "you are covering for a colleague" in render([notices.RATED], replace(MAIL, covering=True)).text


def test_initials_stand_beside_the_reference_only_where_they_are_given():
    assert "Reference: SG-7K4QM2XD (T.O.)" in render([notices.RATED], replace(MAIL, known_as="T.O.")).text


def test_a_mail_without_a_child_has_no_reference():
    text = render([notices.MAIL_NOT_DELIVERED], replace(MAIL, case_ref=None)).text

    assert "Reference" not in text


def test_text_that_looks_like_a_template_is_printed_as_it_is():
    """(reliability C28)"""
    mail = render([notices.RATED], replace(MAIL, greeting_name="{{ 7*7 }} <script>alert(1)</script>"))

    assert "Dear {{ 7*7 }} <script>alert(1)</script>\n" in mail.text
    assert "Dear {{ 7*7 }} &lt;script&gt;alert(1)&lt;/script&gt;<" in mail.html


def test_a_name_with_a_line_end_stays_on_its_line():
    mail = render([notices.RATED], replace(MAIL, greeting_name="Amina\r\nBcc: all@council.example"))

    assert "\r" not in mail.text
    assert "Dear Amina Bcc: all@council.example\n" in mail.text


def test_a_system_name_with_a_line_end_is_refused():
    with pytest.raises(NotRendered, match="one line"):
        render([notices.RATED], replace(MAIL, system_name="SGO\nBcc: all@council.example"))


def test_a_letter_is_never_a_mail():
    with pytest.raises(NotRendered, match="letters, not mails"):
        render([notices.NT_10_LETTER], MAIL)


def test_nothing_to_say_is_refused():
    with pytest.raises(NotRendered):
        render([], MAIL)


def test_a_role_without_words_is_refused():
    with pytest.raises(NotRendered):
        render([notices.RATED], replace(MAIL, because="somebody"))


def test_the_version_changes_with_the_templates_that_have_a_part():
    one = render([notices.RATED], MAIL).template_version
    two = render([notices.RATED, notices.NT_06], MAIL).template_version

    assert one == render([notices.RATED], replace(MAIL, greeting_name="Bo Ali")).template_version
    assert one != two
    assert len(one) == 64


def test_a_missing_word_is_an_error_and_not_a_blank():
    with pytest.raises(UndefinedError):
        rendering.environment().from_string("Dear {{ nobody }}").render()


def test_templates_cannot_reach_behind_their_values():
    with pytest.raises(SecurityError):
        rendering.environment().from_string("{{ ''.__class__.__mro__ }}").render()


@pytest.mark.parametrize("folder", sorted(LETTERS))
def test_every_letter_is_written_from_its_own_words(folder):
    context = LETTERS[folder]
    own = {field.name for field in fields(context)} - set(LETTER)
    words = LETTER | {name: 3 if name == "notice_months" else f"the {name}" for name in own}
    notice = next(notice for notice in NOTICES.values() if notice.folder == folder)

    html = render_letter(notice, context(**words)).html

    assert "14 Example Lane<br>" in html
    assert all(str(words[name]) in html for name in own)


def test_a_letter_without_an_address_leaves_lines_to_fill_in():
    letter = DecisionLetter(**(LETTER | {"address": ()}), decided_on="20 November 2026")

    assert render_letter(notices.NOT_PROGRESSING_LETTER, letter).html.count('class="fill"') == 3


def test_a_letters_words_are_escaped():
    letter = KddLetter(**(LETTER | {"child": "<b>Tobi"}), decided_on="20 November 2026", notice_months=3)

    html = render_letter(notices.NT_10_LETTER, letter).html

    assert "&lt;b&gt;Tobi" in html
    assert "<b>Tobi" not in html


def test_a_letter_with_another_letters_words_is_refused():
    letter = DecisionLetter(**LETTER, decided_on="20 November 2026")

    with pytest.raises(NotRendered):
        render_letter(notices.NT_10_LETTER, letter)


def test_dates_and_times_are_written_as_people_write_them():
    assert in_words(date(2026, 12, 4)) == "Friday 4 December 2026"
    assert [time_of_day(text) for text in ("10:30", "9.05", " 14:00 ")] == ["10:30", "09:05", "14:00"]
    assert [time_of_day(text) for text in (None, "", "half ten", "25:00", "10:30 at Gran's")] == [None] * 5


def test_one_line_takes_out_every_line_end_and_control_character():
    assert one_line("a\r\nb\x00c\u2028d  e") == "a b c d e"


def test_why_refuses_what_nobody_is():
    assert why(Role.IRO) == "you are the independent reviewing officer"
    with pytest.raises(KeyError):
        why("neighbour")
