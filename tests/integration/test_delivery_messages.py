"""What leaves in a mail file: a reference, a link, a date for the diary, and never a child (R24, E.2)."""

import stat
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes, policy

import icalendar
import pytest

from casework import policies
from casework.delivery.sending import channel_of, deliver_waiting
from casework.settings import MailSettings, Settings
from notifications.channels import FileChannel, SmtpChannel
from persistence.tables import AccessGrant, Case, Meeting, Outbox, new_id, new_ref
from states import notices
from states.notices import DIGEST, NOTICES
from states.policy import load_policy
from states.vocabulary import Role
from tests.mailroom import (
    CANARIES,
    NOW,
    POLICY,
    TODAY,
    ScriptedChannel,
    an_applicant,
    minutes,
    tell,
)

pytestmark = pytest.mark.one_database


def mails(room):
    folder = room.office.settings.mail.folder
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.iterdir())]


def everything_in(mail) -> str:
    """Every header and every part, decoded: a canary in base64 is found as well."""
    parts = [str(part.get_content()) for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


@contextmanager
def a_meeting(room, *, body="Review Group", place="County Hall, Room 4", **given):
    with room.office.unit_of_work() as session:
        meeting = Meeting(
            id=new_id(),
            ref=new_ref("MT"),
            body=body,
            held_on=date(2026, 12, 12),
            starts_at="10.30",
            place=place,
            created_at=NOW,
            **given,
        )
        session.add(meeting)
        session.flush()
        yield session, meeting


def diary(message) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(message.calendar).walk("VEVENT")
    return event


def deliver(room, *, at=NOW) -> ScriptedChannel:
    channel = ScriptedChannel()
    deliver_waiting(room.office, now=at, channel=channel)
    return channel


def test_no_mail_of_any_kind_holds_anything_of_the_child_or_carers(room):
    with room.office.unit_of_work() as session:
        an_applicant(session, room)
    with a_meeting(room, body="Review of Arrangements", place="14 Siskin Lane") as (_, meeting):
        pass
    # A digest is made of lines, not of one step: tests/functional/test_canaries.py looks through real ones.
    every = [notice for notice in NOTICES.values() if not notice.is_letter and notice is not DIGEST]
    for notice in every:
        tell(
            room,
            (room.worker, Role.CHILDS_WORKER, notice),
            due_on=date(2026, 12, 4),
            meeting_id=meeting.id if notice.dated else None,
        )

    for hour in range(10):  # over the cap of an hour, some wait for the next
        deliver_waiting(room.office, now=NOW + timedelta(hours=hour, minutes=hour))

    sent = mails(room)
    assert len(sent) == len(every)
    for mail in sent:
        found = [canary for canary in CANARIES if canary.casefold() in everything_in(mail).casefold()]
        assert found == [], mail["Subject"]


def test_a_mail_file_is_named_by_an_opaque_id_and_only_its_owner_can_open_it(room):
    (message,) = tell(room)

    deliver_waiting(room.office, now=NOW)

    folder = room.office.settings.mail.folder
    (file,) = folder.iterdir()
    assert file.name == f"{message}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_was_written_is_not_written_again_when_nobody_recorded_it(room):
    (message,) = tell(room)
    deliver_waiting(room.office, now=NOW)
    with room.office.unit_of_work() as session:
        row = session.get_one(Outbox, message)
        row.status, row.sent_at, row.unknowns = "unknown", None, 1
    file = next(room.office.settings.mail.folder.iterdir())
    written = file.stat().st_mtime_ns

    again = deliver_waiting(room.office, now=NOW + minutes(15))

    assert again.sent == 1
    assert file.stat().st_mtime_ns == written


def test_a_review_groups_date_comes_with_its_room_and_time(room):
    with a_meeting(room) as (_, meeting):
        pass
    tell(room, (room.manager, Role.TEAM_MANAGER, notices.NT_03), meeting_id=meeting.id)

    (message,) = deliver(room).offered

    event = diary(message)
    assert "Saturday 12 December 2026 at 10:30, County Hall, Room 4." in message.rendered.text
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Review Group", "County Hall, Room 4")
    assert "URL" not in event  # no address of pages is set: nothing is named that nobody can open
    assert event["DTSTART"].dt.isoformat() == "2026-12-12T10:30:00+00:00"


def test_a_place_that_may_be_somebodys_home_is_not_in_a_mail(room):
    with a_meeting(room, body="Initial meeting", place="14 Siskin Lane") as (_, meeting):
        pass
    tell(room, (room.worker, Role.CHILDS_WORKER, notices.NT_08_INVITE), meeting_id=meeting.id)

    (message,) = deliver(room).offered

    assert "Siskin" not in message.rendered.text
    assert "LOCATION" not in diary(message)


def test_a_moved_meeting_is_the_same_entry_counted_on(room):
    with a_meeting(room) as (_, meeting):
        pass
    to = (room.manager, Role.TEAM_MANAGER, notices.NT_03)
    tell(room, to, meeting_id=meeting.id)
    (first,) = deliver(room).offered
    with room.office.unit_of_work() as session:
        session.get_one(Meeting, meeting.id).held_on = date(2026, 12, 19)
    moved_to = (room.manager, Role.TEAM_MANAGER, notices.MEETING_MOVED)
    tell(room, moved_to, meeting_id=meeting.id, now=NOW + minutes(5))

    (second,) = deliver(room, at=NOW + minutes(5)).offered

    assert diary(first)["UID"] == diary(second)["UID"]
    assert (diary(first)["SEQUENCE"], diary(second)["SEQUENCE"]) == (0, 1)
    assert diary(second)["DTSTART"].dt.date() == date(2026, 12, 19)


def test_a_cancelled_meeting_is_cancelled_in_the_diary(room):
    with a_meeting(room, status="cancelled") as (_, meeting):
        pass
    tell(room, (room.manager, Role.TEAM_MANAGER, notices.MEETING_MOVED), meeting_id=meeting.id)

    (message,) = deliver(room).offered

    assert str(diary(message)["STATUS"]) == "CANCELLED"


def test_a_deadline_is_never_taken_for_the_date_of_a_meeting(room):
    tell(room, (room.worker, Role.CHILDS_WORKER, notices.NT_09), due_on=date(2026, 12, 7))

    (message,) = deliver(room).offered

    assert message.calendar is None
    assert "7 December" not in message.rendered.text


@pytest.mark.parametrize(
    ("body", "title"),
    [("KDD", "Key Decision Discussion (KDD)"), ("ROA", "Review of Arrangements (ROA)")],
)
def test_the_diary_spells_out_what_kind_of_meeting_it_is(room, body, title):
    with a_meeting(room, body=body) as (_, meeting):
        pass
    tell(room, (room.worker, Role.CHILDS_WORKER, notices.NT_09), meeting_id=meeting.id)

    (message,) = deliver(room).offered

    assert str(diary(message)["SUMMARY"]) == title


def test_a_restricted_childs_mail_and_diary_say_nothing_but_that_something_waits(room):
    with a_meeting(room) as (session, meeting):
        session.get_one(Case, room.case_id).restricted = True
        session.add(AccessGrant(id=new_id(), case_id=room.case_id, person_id=room.manager, event_id=new_id()))
    tell(room, (room.manager, Role.TEAM_MANAGER, notices.NT_03), meeting_id=meeting.id)

    (message,) = deliver(room).offered

    said = message.rendered.text + message.calendar.decode()
    assert message.rendered.subject == "SGO pathway: a task is waiting for you"
    assert str(diary(message)["SUMMARY"]) == "Appointment"
    assert [word for word in ("Review Group", "County Hall", "estricted") if word in said] == []


@pytest.mark.parametrize(
    ("initials", "council_id", "shown"),
    [("false", "false", None), ("true", "false", "(TC)"), ("true", "true", "(TC, LCS-770077)")],
)
def test_initials_and_the_councils_id_appear_only_where_the_policy_allows_them(
    room, initials, council_id, shown
):
    words = POLICY.read_text()
    for key, value in (("initials_allowed", initials), ("council_id_allowed", council_id)):
        words = words.replace(f"{key} = {{ value = false", f"{key} = {{ value = {value}")
    with room.office.unit_of_work() as session:
        allowed = load_policy(words, name="allowed.toml")
        policies.adopt(session, allowed, file_name="allowed.toml", from_on=TODAY, by=None, now=NOW)
    tell(room)

    (message,) = deliver(room).offered

    reference = next(line for line in message.rendered.text.splitlines() if line.startswith("Reference"))
    assert reference == f"Reference: {room.ref}" + (f" {shown}" if shown else "")
    assert "TC" not in message.rendered.subject


def test_the_settings_name_the_channel(tmp_path):
    (tmp_path / "password").write_text("secret\n")
    files = Settings(home=tmp_path)
    smtp = Settings(
        home=tmp_path,
        mail=MailSettings(
            channel="smtp",
            host="mail.council.example",
            port=587,
            user="sgo",
            password_file=tmp_path / "password",
        ),
    )

    assert channel_of(files) == FileChannel(tmp_path / "mail")
    channel = channel_of(smtp)
    assert isinstance(channel, SmtpChannel)
    assert (channel.host, channel.tls, channel.password) == ("mail.council.example", "starttls", "secret")
    assert "secret" not in repr(channel)


def test_nothing_to_send_leaves_no_trace(room):
    assert deliver(room).offered == []
    assert not room.office.settings.mail.folder.exists()
