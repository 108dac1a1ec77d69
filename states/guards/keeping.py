"""Keeping the record straight: confirming, correcting, taking back (design 5.5, practice PR-2)."""

from __future__ import annotations

from states.facts import Entry, Facts
from states.records.keeping import ActMoved, Confirmed, Correction, Disputed, Restricted
from states.vocabulary import Unmet, rank

#: Steps that cannot be taken back once something of this kind followed (design 5.5).
SIGNATURES_AND_LETTERS = frozenset(
    {
        "sign_support_plan",
        "check_quality",
        "record_proposal_notice",
        "record_decision_notice",
        "close_representations",
        "acknowledge_notice",
        "note_told",
        "confirm_decision",
    }
)
NEVER_CORRECTED = frozenset(
    {"reverse_last", "correct", "confirm_decision", "dispute_decision", "move_act_to_right_child"}
)


def _named(facts: Facts) -> Entry | None:
    named = getattr(facts.record, "event", None)
    return next((e for e in facts.entries if e.id == named), None)


def entry_is_on_the_case(facts: Facts) -> Unmet | None:
    """The entry named is part of this case's history and still counts."""
    assert isinstance(facts.record, Correction | Confirmed | Disputed | ActMoved)
    if _named(facts) is None:
        return Unmet("R-SM-3", "There is no entry with this id in the case's history, or it was taken back.", "event")
    return None


def upload_for_cfs_is_known(facts: Facts) -> Unmet | None:
    """The upload named is on the case, and was made for CFS Permanence (practice PR-7)."""
    upload = _upload(facts)
    if upload is None or not upload.data.get("for_cfs"):
        return Unmet("PR-7", "No upload with this id on the case was made for CFS Permanence.", "upload")
    return None


def upload_is_received(facts: Facts) -> Unmet | None:
    """CFS Permanence has said that it received the document (practice PR-7)."""
    upload = _upload(facts)
    if upload is not None and not any(
        e.trigger == "receive_document" and e.data.get("upload") == upload.id for e in facts.entries
    ):
        return Unmet("PR-7", "First confirm that the document was received.", "upload")
    return None


def _upload(facts: Facts) -> Entry | None:
    named = getattr(facts.record, "upload", None)
    return next((e for e in facts.entries if e.id == named and e.trigger == "record_on_case_system"), None)


def you_are_the_decider(facts: Facts) -> Unmet | None:
    """Only the person a decision is recorded for may confirm or dispute it (practice PR-2)."""
    entry = _named(facts)
    if entry is not None and facts.decided_by != entry.decided_by:
        return Unmet("PR-2", "This decision is recorded for somebody else: only they may confirm or dispute it.")
    if entry is not None and facts.recorded_by != facts.decided_by:
        return Unmet("PR-2", "Nobody may confirm a decision on another person's behalf.")
    return None


def still_to_confirm(facts: Facts) -> Unmet | None:
    """A decision is confirmed once; and once more where somebody else has corrected it since."""
    entry = _named(facts)
    if entry is not None and entry.confirmed and not _corrected_by_another_since(facts, entry):
        return Unmet("PR-2", "This decision is already confirmed.", "event")
    return None


def _corrected_by_another_since(facts: Facts, entry: Entry) -> bool:
    answered = max((e.seq for e in facts.entries if e.trigger == "confirm_decision" and e.about == entry.id), default=0)
    return any(
        e.trigger == "correct" and e.about == entry.id and e.seq > answered and e.decided_by != entry.decided_by
        for e in facts.entries
    )


def can_be_corrected(facts: Facts) -> Unmet | None:
    """Records can be put right; what keeps the record straight itself cannot (rules R-SM-3)."""
    entry = _named(facts)
    if entry is not None and entry.trigger in NEVER_CORRECTED:
        return Unmet("R-SM-3", f"An entry of {entry.trigger} cannot be corrected.", "event")
    record = facts.filed(Correction)
    if not record.changes and record.happened_on is None:
        return Unmet("R-SM-3", "Say what changes: a field, or the true date.", "changes")
    return None


def last_step_can_be_taken_back(facts: Facts) -> Unmet | None:
    """A step is taken back once, and not after a later decision, a signature or a letter (design 5.5)."""
    last = facts.last_move()
    moved = [e for e in facts.whole if e.moved]
    if moved and (last is None or moved[-1].id != last.id):  # taken back, or moved to the right child
        return Unmet("design 5.5", "The last step has already been taken back once.")
    if last is None or last.from_state is None:
        return Unmet("design 5.5", "There is no step to take back. A case opened in error is ended, with that reason.")
    later = [e for e in facts.entries if e.seq > last.seq]
    stands = [e for e in later if e.trigger in SIGNATURES_AND_LETTERS or e.nature == "decision"]
    if stands:
        return Unmet(
            "design 5.5",
            "It can be corrected, not taken back: after it came "
            + ", ".join(sorted({e.trigger for e in stands}))
            + ".",
        )
    return None


def somebody_can_lift_it(facts: Facts) -> Unmet | None:
    """Among the people a case is restricted to, somebody must be able to lift that again (R22)."""
    named = {row.person for row in facts.filed(Restricted).people}
    able = [
        p for p in facts.people.values() if p.id in named and p.enabled and any(rank(r) is not None for r in p.roles)
    ]
    if not able:
        return Unmet(
            "R22", "Name at least one Team Manager or more senior person, who can lift the restriction.", "people"
        )
    return None


def can_move_to_another_child(facts: Facts) -> Unmet | None:
    """An act can move if it left the state alone, or was the last step (practice PT-16)."""
    entry = _named(facts)
    if entry is not None and entry.trigger in NEVER_CORRECTED:
        return Unmet("PT-16", f"An entry of {entry.trigger} belongs to this history and cannot be moved.", "event")
    if entry is None or not entry.moved:
        return None
    last = facts.last_move()
    if last is None or last.id != entry.id or entry.from_state is None:
        return Unmet(
            "PT-16", "Only the last step can be moved to another child; earlier ones need correcting.", "event"
        )
    return last_step_can_be_taken_back(facts)
