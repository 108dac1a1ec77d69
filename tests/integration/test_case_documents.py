"""The case system is the record of practice; CFS Permanence says itself what it has (practice PR-7)."""

from datetime import date

import pytest

from casework.errors import Refused
from persistence.tables import Deadline
from tests.rows import rows_of

pytestmark = pytest.mark.one_database

#: Monday 3 March 2025, in the Key Decision stage.
ON = date(2025, 3, 3)


def upload(world, ref, **differs) -> str:
    return world.do("record_on_case_system", ON, "ida.saw", ref=ref, for_cfs=True, **differs).event


def tasks(world, ref) -> dict[tuple[str, str], tuple[date, str | None]]:
    """(deadline, upload): due on, and how it ended."""
    found = [*rows_of(world, Deadline, ref, name="cfs_received"), *rows_of(world, Deadline, ref, name="cfs_tracker")]
    return {(d.name, d.about): (d.due_on, d.closed_as) for d in found}


def test_an_upload_for_cfs_permanence_is_their_task_until_they_confirm_it(child_at):
    """Received within 2 working days of Monday 3 March, on the tracker within 5: Wednesday 5 and Monday 10 March."""
    world, ref = child_at("KEY_DECISION")
    one, other = upload(world, ref), upload(world, ref, what="Genogram", reference="CS-4712")
    owed = {("cfs_received", one), ("cfs_tracker", one), ("cfs_received", other), ("cfs_tracker", other)}
    assert tasks(world, ref).keys() == owed
    assert tasks(world, ref)["cfs_received", one] == (date(2025, 3, 5), None)
    assert tasks(world, ref)["cfs_tracker", one] == (date(2025, 3, 10), None)

    world.do("receive_document", date(2025, 3, 4), "cfs.permanence", ref=ref, upload=one)
    world.do("enter_document_on_tracker", date(2025, 3, 5), "cfs.permanence", ref=ref, upload=one)
    ended = {key: how for key, (_, how) in tasks(world, ref).items()}
    assert ended == {
        ("cfs_received", one): "met",
        ("cfs_tracker", one): "met",
        ("cfs_received", other): None,
        ("cfs_tracker", other): None,
    }


def test_an_upload_that_is_not_for_them_is_nobodys_task(child_at):
    world, ref = child_at("KEY_DECISION")
    event = world.do("record_on_case_system", ON, "ida.saw", ref=ref).event
    assert tasks(world, ref) == {}
    with pytest.raises(Refused, match="made for CFS Permanence"):
        world.do("receive_document", ON, "cfs.permanence", ref=ref, upload=event)


@pytest.mark.parametrize(
    ("trigger", "who", "named", "says"),
    [
        ("receive_document", "cfs.permanence", "nothing", "No upload with this id"),
        ("enter_document_on_tracker", "cfs.permanence", None, "First confirm that the document was received"),
        ("receive_document", "ida.saw", None, "CFS Permanence"),
    ],
)
def test_what_they_confirm_is_an_upload_and_only_they_do(child_at, trigger, who, named, says):
    world, ref = child_at("KEY_DECISION")
    event = upload(world, ref)
    with pytest.raises(Refused, match=says):
        world.do(trigger, ON, who, ref=ref, upload=named or event)


def test_what_was_taken_down_again_is_no_task_any_more(child_at):
    """An upload that was corrected to be for nobody else leaves no task behind; the history keeps both."""
    world, ref = child_at("KEY_DECISION")
    event = upload(world, ref)
    world.do("correct", ON, "ida.saw", ref=ref, event=event, changes="for_cfs=no", reason="Not for them.")
    assert {how for _, how in tasks(world, ref).values()} <= {"superseded", "withdrawn"}
