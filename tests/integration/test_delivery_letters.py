"""Letters to carers: written once for each applicant, with nobody else's address (design 5.11, PT-20)."""

from datetime import date
from hashlib import sha256

import pytest
from sqlalchemy import select, update

from casework.delivery.letters import letters_of, list_letters, make_for, read_letter
from casework.errors import CaseworkError, NotFound
from casework.who import people
from persistence.tables import Allocation, Case, Child, Document, FollowUp, new_id
from states.pathway import PATHWAY
from states.stages import S
from states.vocabulary import Anywhere
from tests.histories import add_event
from tests.mailroom import NOW, an_applicant, rows

pytestmark = pytest.mark.one_database

KDD = {"trigger": "kdd_sgo_appropriate", "from_state": "KEY_DECISION", "to_state": "RATIFICATION"}


def happens(room, **given) -> str:
    """Something happens to the child; answers the id of its follow-up."""
    with room.office.unit_of_work() as session:
        case = session.get_one(Case, room.case_id)
        event = add_event(session, case, **{"happened_on": date(2026, 11, 20)} | given)
        follow_up = FollowUp(
            id=new_id(), about=event.id, flow=f"case.{event.trigger}", status="running", created_at=NOW
        )
        session.add(follow_up)
        return follow_up.id


def letters(room) -> list[str]:
    with room.office.reading() as session:
        return [read_letter(session, line.id)[1].decode() for line in list_letters(session, room.case_id)]


def write_to(room, **given):
    with room.office.unit_of_work() as session:
        return an_applicant(session, room, **given)


def test_the_carers_are_told_of_the_decision_and_of_the_notice_they_must_give(room):
    write_to(room)

    counts = make_for(room.office, happens(room, **KDD), now=NOW)

    (letter,) = letters(room)
    assert counts == {"letters": 1}
    for words in (
        "Leicestershire County Council",
        "Dear Maria Oriolebeck",
        "14 Siskin Lane<br>",
        "23 November 2026",
        "Our reference: SG-7K4QM2XD",
        "Special Guardianship is our plan for Tobiwren",
        "On 20 November 2026",
        "at least 3 months before",
        "Amina Clarke",
        "SGO assessment worker",
        "interpreter",
    ):
        assert words in letter, words


def test_a_letter_is_made_once_however_often_it_is_asked_for(room):
    write_to(room)
    follow_up = happens(room, **KDD)

    assert [make_for(room.office, follow_up, now=NOW)["letters"] for _ in range(3)] == [1, 0, 0]
    assert len(letters(room)) == 1
    assert len(rows(room)) == 1


def test_each_applicant_gets_a_letter_with_their_own_address_and_nobody_elses(room):
    write_to(room, name="Maria Oriolebeck", address="14 Siskin Lane", protected=True)
    write_to(room, name="Jon Fulmar", address="3 Heron Court")
    write_to(room, name="Pat Merlin", address="9 Secret Road", kind="parent", protected=True)

    make_for(room.office, happens(room, **KDD), now=NOW)

    first, second = sorted(letters(room), key=lambda letter: "Jon Fulmar" in letter)
    assert "14 Siskin Lane" in first
    assert "3 Heron Court" in second
    for letter, others in ((first, ("Heron", "Fulmar")), (second, ("Siskin", "Oriolebeck"))):
        assert [word for word in (*others, "Merlin", "Secret Road") if word in letter] == []


def test_an_applicant_who_has_left_gets_no_letter(room):
    write_to(room, until_on=date(2026, 11, 1), why_ended="separated")

    assert make_for(room.office, happens(room, **KDD), now=NOW) == {"letters": 0}


def test_a_letter_leaves_lines_where_no_address_is_known(room):
    write_to(room, address=None)

    make_for(room.office, happens(room, **KDD), now=NOW)

    assert letters(room)[0].count('class="fill"') == 3


def test_the_worker_is_told_that_a_letter_waits_and_until_when_it_goes_out(room):
    write_to(room)

    make_for(room.office, happens(room, **KDD), now=NOW)

    (note,) = rows(room)
    # five working days from Monday 23 November; it waits for the worker's digest
    assert (note.recipient_id, note.notices, note.due_on) == (room.assessor, ["LETTER-READY"], date(2026, 11, 30))
    assert note.status == "for the digest"


def test_without_an_assessment_worker_the_childs_social_worker_writes(room):
    write_to(room)
    with room.office.unit_of_work() as session:
        session.execute(
            update(Allocation).where(Allocation.person_id == room.assessor).values(until_on=date(2026, 11, 1))
        )

    make_for(room.office, happens(room, **KDD), now=NOW)

    assert "Wanda Birch<br>Child&#39;s social worker" in letters(room)[0]


def test_an_invitation_names_day_time_and_place(room):
    write_to(room)

    make_for(
        room.office,
        happens(
            room,
            trigger="invite_to_initial_meeting",
            from_state="TRAJECTORY",
            to_state="TRAJECTORY",
            data={"held_on": "2026-12-04", "starts_at": "10.30", "place": "Your home"},
        ),
        now=NOW,
    )

    (letter,) = letters(room)
    assert "<strong>Friday 4 December 2026 at 10:30</strong>" in letter
    assert "<p>Your home</p>" in letter


def test_a_notice_is_acknowledged_with_the_first_day_on_which_they_may_apply(room):
    # rules R-CLK-4: notice given 30 November 2025 means not before 1 March 2026
    write_to(room)

    make_for(
        room.office,
        happens(
            room,
            trigger="record_notice_of_intention",
            from_state="ASSESSMENT",
            to_state="ASSESSMENT",
            data={"received_on": "2025-11-30", "to_us": True},
        ),
        now=NOW,
    )

    (letter,) = letters(room)
    assert "We received your notice on <strong>30 November 2025</strong>" in letter
    assert "apply to the court is <strong>1 March 2026</strong>" in letter


def test_a_notice_given_to_another_authority_is_not_acknowledged_by_us(room):
    write_to(room)
    follow_up = happens(
        room,
        trigger="record_notice_of_intention",
        from_state="ASSESSMENT",
        to_state="ASSESSMENT",
        data={"received_on": "2025-11-30", "to_us": False},
    )

    assert make_for(room.office, follow_up, now=NOW) == {"letters": 0}


def test_the_order_is_told_with_its_day_and_without_a_name_where_none_is_known(room):
    write_to(room)
    with room.office.unit_of_work() as session:
        session.get_one(Child, room.case_id).given_names = None

    make_for(
        room.office,
        happens(room, trigger="order_made", from_state="IN_COURT", to_state="ORDER_MADE"),
        now=NOW,
    )

    assert "On 20 November 2026 the court made a Special Guardianship Order for the child" in letters(room)[0]


def test_a_step_without_letters_makes_none(room):
    write_to(room)

    assert make_for(
        room.office, happens(room, trigger="rate", from_state="COHORT", to_state="RATED"), now=NOW
    ) == {"letters": 0}


def test_a_step_that_was_taken_back_before_its_letter_was_made_makes_none(room):
    write_to(room)
    follow_up = happens(room, **KDD)
    with room.office.unit_of_work() as session:
        about = session.get_one(FollowUp, follow_up).about
        case = session.get_one(Case, room.case_id)
        add_event(session, case, trigger="reverse_last", about_event=about)

    assert make_for(room.office, follow_up, now=NOW) == {"letters": 0}


def test_a_follow_up_that_is_gone_makes_no_letters(room):
    assert make_for(room.office, "f" * 32, now=NOW) == {"letters": 0}


def test_a_letter_shows_to_whom_and_what_they_need_to_read_it(room):
    write_to(room, needs="Polish interpreter")
    make_for(room.office, happens(room, **KDD), now=NOW)

    with room.office.reading() as session:
        (line,) = list_letters(session, room.case_id)
        document = session.get_one(Document, line.id)

    assert (line.addressee, line.needs, line.kind) == ("Maria Oriolebeck", "Polish interpreter", "NT-10L")
    assert line.sha256 == sha256(document.body).hexdigest()
    assert len(document.template_version) == 64


def test_a_letter_that_was_changed_afterwards_is_not_given_out(room):
    write_to(room)
    make_for(room.office, happens(room, **KDD), now=NOW)
    with room.office.unit_of_work() as session:
        document = session.scalars(select(Document)).one()
        document.body = document.body.replace(b"3 months", b"1 month")

    with room.office.reading() as session, pytest.raises(CaseworkError, match="do not send it"):
        read_letter(session, document.id)


def test_a_letter_that_does_not_exist_is_not_found(room):
    with room.office.reading() as session, pytest.raises(NotFound):
        read_letter(session, "f" * 32)


def test_whatever_people_typed_is_text_in_a_letter(room):
    write_to(room, name="<script>alert(1)</script>\nEvil", address="{{ 7*7 }}\n<b>Lane</b>")
    make_for(room.office, happens(room, **KDD), now=NOW)

    (letter,) = letters(room)

    assert "<script>" not in letter
    assert "Dear &lt;script&gt;alert(1)&lt;/script&gt; Evil" in letter
    assert "{{ 7*7 }}<br>" in letter
    assert "&lt;b&gt;Lane&lt;/b&gt;" in letter


def test_every_row_that_names_a_letter_makes_it(room):
    write_to(room)
    for row in PATHWAY.rows:
        wanted = {notice.id for notice in row.notices if notice.is_letter}
        for source in wanted and row.source:
            to = source if isinstance(row.to, Anywhere) else row.to
            follow_up = happens(
                room,
                trigger=row.trigger,
                from_state=source and source.name,
                to_state=to.name if isinstance(to, S) else "COHORT",
                data={"received_on": "2026-11-20"},
            )
            with room.office.reading() as session:
                about = session.get_one(FollowUp, follow_up).about
            make_for(room.office, follow_up, now=NOW)

            with room.office.reading() as session:
                made = session.scalars(select(Document.kind).where(Document.event_id == about))
                assert set(made) == wanted, row.trigger


def test_a_bulk_act_makes_the_letters_of_all_its_events(room):
    write_to(room)
    bulk = new_id()
    for _ in range(2):
        happens(room, bulk_id=bulk, **KDD)
    with room.office.unit_of_work() as session:
        session.add(
            FollowUp(
                id="b" * 32,
                about=bulk,
                flow="case.kdd_sgo_appropriate",
                status="running",
                events=2,
                created_at=NOW,
            )
        )

    assert make_for(room.office, "b" * 32, now=NOW) == {"letters": 2}


def test_an_event_of_no_row_names_no_letter(room):
    with room.office.unit_of_work() as session:
        event = add_event(session, session.get_one(Case, room.case_id), trigger="something_old")

        assert letters_of(event) == ()


def test_people_who_left_write_no_letters(room):
    write_to(room)
    with room.office.unit_of_work() as session:
        people.disable_person(session, who="assessor", now=NOW)

    make_for(room.office, happens(room, **KDD), now=NOW)

    assert "Amina Clarke" not in letters(room)[0]
