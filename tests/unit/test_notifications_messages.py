"""Headers, addresses and the entry for the diary (design 5.11, reliability B.4.3, C34)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar_entry import Entry, calendar_file
from notifications.messages import Message, NotAddressable, address_of, as_email, message_id
from notifications.notify import flowing
from notifications.rendering import Rendered

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ID = "0123456789abcdef" * 2
MESSAGE = Message(
    id=ID,
    message_id=message_id(ID, "sgo-pathway@council.example"),
    to_address="amina.clarke@council.example",
    from_address="sgo-pathway@council.example",
    from_name="SGO pathway",
    rendered=Rendered(
        subject="SGO pathway: a task is waiting for you",
        text="Dear Zoë\n\n.A line that starts with a dot\n",
        html="<p>Dear Zoë</p>",
        template_version="0" * 64,
    ),
    written_at=NOW,
)
ENTRY = Entry(
    uid="meeting-ab12@council.example",
    sequence=0,
    title="Review Group",
    held_on=date(2026, 12, 12),
    starts_at="10:30",
    place="County Hall",
    link="http://127.0.0.1:8000/meetings/MT-1",
)


def test_a_mail_carries_the_headers_that_keep_robots_and_repeats_quiet():
    """(reliability C37)"""
    mail = as_email(MESSAGE)

    assert mail["Message-ID"] == f"<ob-{ID}@council.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["From"] == "SGO pathway <sgo-pathway@council.example>"
    assert mail["To"] == "amina.clarke@council.example"
    assert mail["Date"] == "Sun, 22 Nov 2026 09:30:00 +0000"


def test_a_mail_is_plain_text_and_html_that_any_server_takes():
    mail = as_email(MESSAGE)
    wire = mail.as_bytes()

    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert wire.isascii()
    assert max(len(line) for line in wire.splitlines()) <= 998
    assert "Dear Zoë" in mail.get_body(("plain",)).get_content()


def test_the_only_attachment_is_the_date():
    mail = as_email(replace(MESSAGE, calendar=calendar_file(ENTRY, now=NOW)))

    (attached,) = mail.iter_attachments()

    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "date.ics"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("where", ["subject", "from_name", "to_address", "from_address", "message_id"])
def test_a_line_end_in_a_header_is_refused(where, line_end):
    """(reliability C34)"""
    injected = f"x@council.example{line_end}Bcc: all@council.example"
    if where == "subject":
        message = replace(MESSAGE, rendered=replace(MESSAGE.rendered, subject=injected))
    else:
        message = replace(MESSAGE, **{where: injected})

    with pytest.raises(ValueError, match=r"mail address|CR or LF|linefeed|newline"):
        as_email(message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "@council.example",
        "a@",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "Amina <a@b.example>",
        "a@b.example\n",
        " a@b.example",
        "a b@c.example",
        "zoë@council.example",
        '"a b"@c.example',
    ],
)
def test_anything_but_one_address_is_refused(text):
    """(reliability C34)"""
    with pytest.raises(NotAddressable):
        address_of(text)


@given(
    st.text(max_size=40) | st.from_regex(r"[a-z\".@\[\]()\\\\]{1,20}@[a-z.\[\]\\\\]{1,10}", fullmatch=True)
)
def test_any_text_is_one_address_or_refused_in_words(text):
    try:
        address = address_of(text)
    except NotAddressable:
        return
    assert text.count("@") >= 1
    assert address.username
    assert address.domain


def test_a_message_is_known_by_an_opaque_id_that_cannot_leave_its_folder():
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        replace(MESSAGE, id="../../etc/passwd")


def read(entry: Entry) -> icalendar.Event:
    calendar = icalendar.Calendar.from_ical(calendar_file(entry, now=NOW))
    assert str(calendar["METHOD"]) == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    return event


def test_an_entry_is_published_private_and_invites_nobody():
    event = read(ENTRY)

    assert str(event["CLASS"]) == "PRIVATE"
    assert str(event["STATUS"]) == "CONFIRMED"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event
    assert "VALARM" not in calendar_file(ENTRY, now=NOW).decode()


@pytest.mark.parametrize(
    ("held_on", "utc_hour"),
    [(date(2026, 12, 12), 10), (date(2027, 6, 12), 9), (date(2027, 3, 28), 9), (date(2027, 10, 31), 10)],
)
def test_a_time_is_london_time_in_winter_and_summer(held_on, utc_hour):
    start = read(replace(ENTRY, held_on=held_on))["DTSTART"].dt

    assert start.tzinfo is not None
    assert start.astimezone(UTC).hour == utc_hour
    assert start.strftime("%H:%M") == "10:30"


def test_an_entry_brings_the_rules_of_its_time_zone():
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/London" in calendar_file(ENTRY, now=NOW)
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/London" in calendar_file(now=NOW)  # an empty one is a calendar too


def test_a_date_without_a_time_is_a_whole_day():
    assert read(replace(ENTRY, starts_at=None))["DTSTART"].dt == date(2026, 12, 12)


def test_a_moved_meeting_keeps_its_uid_and_counts_on():
    first, moved = read(ENTRY), read(replace(ENTRY, sequence=1, held_on=date(2026, 12, 19)))

    assert first["UID"] == moved["UID"]
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)


def test_a_cancelled_meeting_says_so():
    assert str(read(replace(ENTRY, cancelled=True))["STATUS"]) == "CANCELLED"


def test_a_line_end_in_a_title_adds_no_line_to_the_file():
    text = calendar_file(replace(ENTRY, title="Panel\r\nATTENDEE:x\nEND:VEVENT; a, b"), now=NOW)
    lines = re.sub(rb"\r\n ", b"", text).split(b"\r\n")

    assert [line for line in lines if line.startswith((b"ATTENDEE", b"SUMMARY"))] == [
        rb"SUMMARY:Panel ATTENDEE:x END:VEVENT\; a\, b"
    ]


def test_lines_are_joined_where_a_word_had_no_room_and_nowhere_else():
    written = (
        "A heading\n"
        "By Friday 4 December 2026.\n\n"
        "Somebody else has recorded a decision as yours. Please open the child's page,\n"
        "read what was recorded, and choose.\n\n"
        "* one line of a list that is as long as a line can be in the texts that we write\n"
        "  and what belongs to it\n"
        "* another\n"
    )

    assert flowing(written).splitlines() == [
        "A heading",
        "By Friday 4 December 2026.",
        "",
        "Somebody else has recorded a decision as yours. "
        "Please open the child's page, read what was recorded, and choose.",
        "",
        "* one line of a list that is as long as a line can be in the texts that we write",
        "  and what belongs to it",
        "* another",
    ]
