"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from persistence.append_only import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _people()
    _cases()
    _dates()
    _what_happened()
    _proof()
    _follow_through()
    _nights()
    _digests()
    protected = ["event", "record", "seal", "seal_head", "policy_version", "finding_change", "acknowledgement"]
    if dialect == "postgresql":  # on SQLite the log of who looked is a file of its own
        _create_access_log()
        protected.append("access")
    for statement in protect(tuple(protected), dialect):
        op.execute(statement)


def _people() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_failure", sa.String(length=500), nullable=True),
        sa.Column("mailbox", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.String(length=7), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("handle", name=op.f("uq_person_handle")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("service", sa.String(length=64), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.String(length=32), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_role_grant_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_index(op.f("ix_role_grant_role"), "role_grant", ["role"], unique=False)
    op.create_table(
        "cover",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("absent_id", sa.String(length=32), nullable=False),
        sa.Column("covering_id", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["absent_id"], ["person.id"], name=op.f("fk_cover_absent_id")),
        sa.ForeignKeyConstraint(["covering_id"], ["person.id"], name=op.f("fk_cover_covering_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )
    op.create_index(op.f("ix_cover_absent_id"), "cover", ["absent_id"], unique=False)
    op.create_index(op.f("ix_cover_covering_id"), "cover", ["covering_id"], unique=False)


def _cases() -> None:
    op.create_table(
        "sgo_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state_since", sa.Date(), nullable=False),
        sa.Column("state_event_id", sa.String(length=32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.String(length=20), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("colour", sa.String(length=64), nullable=True),
        sa.Column("rated_on", sa.Date(), nullable=True),
        sa.Column("candidate", sa.Boolean(), nullable=False),
        sa.Column("candidate_reason", sa.String(length=200), nullable=True),
        sa.Column("latest_position", sa.Text(), nullable=True),
        sa.Column("position_on", sa.Date(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_who", sa.String(length=120), nullable=True),
        sa.Column("next_step_by", sa.Date(), nullable=True),
        sa.Column("finance_position", sa.String(length=64), nullable=True),
        sa.Column("agreement_ref", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_event_on", sa.Date(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_sgo_case_version_never_negative")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sgo_case_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sgo_case")),
        sa.UniqueConstraint("ref", name=op.f("uq_sgo_case_ref")),
    )
    op.create_index(op.f("ix_sgo_case_state_closed"), "sgo_case", ["state", "closed"], unique=False)
    op.create_index(op.f("ix_sgo_case_team_id"), "sgo_case", ["team_id"], unique=False)
    op.create_table(
        "child",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.String(length=40), nullable=False),
        sa.Column("given_names", sa.String(length=120), nullable=True),
        sa.Column("family_name", sa.String(length=120), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=64), nullable=True),
        sa.Column("legal_status", sa.String(length=64), nullable=True),
        sa.Column("legal_status_since", sa.Date(), nullable=True),
        sa.Column("legal_status_exact", sa.Boolean(), nullable=False),
        sa.Column("looked_after_since", sa.Date(), nullable=True),
        sa.Column("looked_after_exact", sa.Boolean(), nullable=False),
        sa.Column("placement_code", sa.String(length=64), nullable=True),
        sa.Column("placement_since", sa.Date(), nullable=True),
        sa.Column("placement_exact", sa.Boolean(), nullable=False),
        sa.Column("placement_provider", sa.String(length=64), nullable=True),
        sa.Column("kinship", sa.Boolean(), nullable=True),
        sa.Column("permanence_plan", sa.String(length=120), nullable=True),
        sa.Column("placement_order_since", sa.Date(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("last_review_on", sa.Date(), nullable=True),
        sa.Column("looked_after_ended_on", sa.Date(), nullable=True),
        sa.Column("end_code", sa.String(length=64), nullable=True),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("fed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_child_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_child")),
    )
    op.create_index(op.f("ix_child_council_id"), "child", ["council_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("relationship", sa.String(length=120), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("why_ended", sa.String(length=300), nullable=True),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_contact_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_case_id"), "contact", ["case_id"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_allocation_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_allocation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index(op.f("ix_allocation_case_id"), "allocation", ["case_id"], unique=False)
    op.create_index(op.f("ix_allocation_person_id"), "allocation", ["person_id"], unique=False)
    op.create_table(
        "access_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_access_grant_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_access_grant_case_id_person_id")),
    )
    op.create_table(
        "sibling_link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("sibling_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_sibling_link_case_id")),
        sa.ForeignKeyConstraint(["sibling_id"], ["sgo_case.id"], name=op.f("fk_sibling_link_sibling_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sibling_link")),
        sa.UniqueConstraint(
            "case_id", "sibling_id", "from_on", name=op.f("uq_sibling_link_case_id_sibling_id_from_on")
        ),
    )
    op.create_index(op.f("ix_sibling_link_sibling_id"), "sibling_link", ["sibling_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.String(length=5), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("chair_id", sa.String(length=32), nullable=True),
        sa.Column("papers_due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=True),
        sa.Column("instead_id", sa.String(length=32), nullable=True),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.Column("called_off_by", sa.String(length=32), nullable=True),
        sa.Column("called_off_because", sa.String(length=300), nullable=True),
        sa.Column("calendar_id", sa.String(length=32), nullable=True),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agenda_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supplement_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chair_id"], ["person.id"], name=op.f("fk_meeting_chair_id")),
        sa.ForeignKeyConstraint(["instead_id"], ["meeting.id"], name=op.f("fk_meeting_instead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("event_id", name=op.f("uq_meeting_event_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_meeting_ref")),
    )
    op.create_index(op.f("ix_meeting_body_held_on"), "meeting", ["body", "held_on"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("service", sa.String(length=64), nullable=True),
        sa.Column("how", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
    )
    op.create_index(op.f("ix_attendance_meeting_id"), "attendance", ["meeting_id"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_agenda_item_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_case_id"), "agenda_item", ["case_id"], unique=False)
    op.create_index(op.f("ix_agenda_item_meeting_id"), "agenda_item", ["meeting_id"], unique=False)


def _dates() -> None:
    op.create_table(
        "deadline",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("anchored_to", sa.String(length=64), nullable=True),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by_event", sa.String(length=32), nullable=False),
        sa.Column("closed_by_event", sa.String(length=32), nullable=True),
        sa.Column("closed_as", sa.String(length=64), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_deadline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(
        "ix_deadline_standing",
        "deadline",
        ["case_id", "name", "due_on"],
        unique=False,
        sqlite_where=sa.text("closed_as IS NULL"),
        postgresql_where=sa.text("closed_as IS NULL"),
    )
    op.create_index(op.f("ix_deadline_case_id_closed_as"), "deadline", ["case_id", "closed_as"], unique=False)
    op.create_index(op.f("ix_deadline_closed_by_event"), "deadline", ["closed_by_event"], unique=False)
    op.create_index("ix_deadline_open_due", "deadline", ["due_on", "closed_as"], unique=False)
    op.create_index(op.f("ix_deadline_opened_by_event"), "deadline", ["opened_by_event"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_pause_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_case_id"), "pause", ["case_id"], unique=False)
    op.create_table(
        "rung",
        sa.Column("deadline_id", sa.String(length=32), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_rung_deadline_id")),
        sa.PrimaryKeyConstraint("deadline_id", "rung", name=op.f("pk_rung")),
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("baseline_on", sa.Date(), nullable=False),
        sa.Column("forecast_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("slip_reason", sa.String(length=64), nullable=True),
        sa.Column("trajectory_version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_milestone_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("case_id", "name", name=op.f("uq_milestone_case_id_name")),
    )
    op.create_index(op.f("ix_milestone_case_id_done_on"), "milestone", ["case_id", "done_on"], unique=False)
    _standing_in_the_way()


def _standing_in_the_way() -> None:
    op.create_table(
        "barrier_seen",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_barrier_seen_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrier_seen")),
    )
    op.create_index(
        op.f("ix_barrier_seen_case_id_until_on"), "barrier_seen", ["case_id", "until_on"], unique=False
    )
    op.create_table(
        "loop_stay",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("loops", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("this_round", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("ended_by_event", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_loop_stay_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loop_stay")),
    )
    op.create_index(op.f("ix_loop_stay_case_id_until_on"), "loop_stay", ["case_id", "until_on"], unique=False)


def _what_happened() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=64), nullable=False),
        sa.Column("nature", sa.String(length=64), nullable=False),
        sa.Column("from_state", sa.String(length=64), nullable=True),
        sa.Column("to_state", sa.String(length=64), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("os_user", sa.String(length=60), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("record_id", sa.String(length=32), nullable=True),
        sa.Column("record_hash", sa.String(length=64), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("bulk_id", sa.String(length=32), nullable=True),
        sa.Column("about_event", sa.String(length=32), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_event_case_id_seq")),
    )
    op.create_index(op.f("ix_event_bulk_id"), "event", ["bulk_id"], unique=False)
    op.create_index(op.f("ix_event_recorded_at"), "event", ["recorded_at"], unique=False)
    op.create_index(
        op.f("ix_event_recorded_on_case_id"), "event", ["recorded_on", "case_id"], unique=False
    )
    op.create_table(
        "record",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("for_event", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("supersedes", sa.String(length=32), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_record_case_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_record_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index(op.f("ix_record_case_id"), "record", ["case_id"], unique=False)
    op.create_index(op.f("ix_record_event_id"), "record", ["event_id"], unique=False)
    op.create_table(
        "confirmation",
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("decider_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("answered_by_event", sa.String(length=32), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_confirmation_case_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["person.id"], name=op.f("fk_confirmation_decider_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_confirmation_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_confirmation")),
    )
    op.create_index(op.f("ix_confirmation_case_id"), "confirmation", ["case_id"], unique=False)
    op.create_index(op.f("ix_confirmation_decider_id"), "confirmation", ["decider_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_draft_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("person_id", "case_id", "trigger", name=op.f("pk_draft")),
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("about_event", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("cleared_by_event", sa.String(length=32), nullable=True),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_flag_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index(
        op.f("ix_flag_case_id_cleared_by_event"), "flag", ["case_id", "cleared_by_event"], unique=False
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("template_version", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_document_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_case_id"), "document", ["case_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("actor_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("imported_by", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )


def _proof() -> None:
    op.create_table(
        "policy_version",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("adopted_by", sa.String(length=32), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "seal",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("access_seq", sa.Integer(), nullable=False),
        sa.Column("access_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_root", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_seal")),
    )
    op.create_table(
        "seal_head",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_seal_head_case_id")),
        sa.ForeignKeyConstraint(["sequence"], ["seal.sequence"], name=op.f("fk_seal_head_sequence")),
        sa.PrimaryKeyConstraint("sequence", "case_id", name=op.f("pk_seal_head")),
    )
    op.create_index(op.f("ix_seal_head_case_id_seq"), "seal_head", ["case_id", "seq"], unique=False)


def _follow_through() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.String(length=64), nullable=False),
        sa.Column("to_state", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=120), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_ref", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("about", name=op.f("uq_follow_up_about")),
    )
    op.create_index(
        op.f("ix_follow_up_status_created_at"), "follow_up", ["status", "created_at"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=True),
        sa.Column("follow_up_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("recipient_id", sa.String(length=32), nullable=False),
        sa.Column("because", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("meeting_id", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=120), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("server_reply", sa.String(length=300), nullable=True),
        sa.Column("template_version", sa.String(length=64), nullable=True),
        sa.Column("told_failed", sa.String(length=32), nullable=True),
        sa.Column("their_id", sa.String(length=64), nullable=True),
        sa.Column("arrival", sa.String(length=64), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_outbox_case_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_outbox_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "occasion", "recipient_id", "channel", name=op.f("uq_outbox_occasion_recipient_id_channel")
        ),
    )
    op.create_index(op.f("ix_outbox_ask_at"), "outbox", ["ask_at"], unique=False)
    op.create_index(op.f("ix_outbox_event_id"), "outbox", ["event_id"], unique=False)
    op.create_index(op.f("ix_outbox_follow_up_id"), "outbox", ["follow_up_id"], unique=False)
    op.create_index(
        op.f("ix_outbox_recipient_id_sent_at"), "outbox", ["recipient_id", "sent_at"], unique=False
    )
    op.create_index(
        op.f("ix_outbox_status_next_attempt_at"), "outbox", ["status", "next_attempt_at"], unique=False
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("outbox_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=True),
        sa.Column("reader_id", sa.String(length=32), nullable=True),
        sa.Column("their_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_outbox_id"), "attempt", ["outbox_id"], unique=False)
    op.create_table(
        "channel",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong_settings", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=True),
        sa.Column("follow_up_id", sa.String(length=32), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=True),
        sa.Column("how", sa.String(length=64), nullable=False),
        sa.Column("prefect_run_id", sa.String(length=40), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error_ref", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_follow_up_id"), "run", ["follow_up_id"], unique=False)
    op.create_index(op.f("ix_run_started_at"), "run", ["started_at"], unique=False)
    op.create_table(
        "error_detail",
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("where", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_error_detail")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )


def _nights() -> None:
    op.create_table(
        "night",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_night")),
    )
    op.create_table(
        "night_skip",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("error_ref", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_night_skip_case_id")),
        sa.PrimaryKeyConstraint("business_date", "case_id", name=op.f("pk_night_skip")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=60), nullable=False),
        sa.Column("severity", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("first_found_on", sa.Date(), nullable=False),
        sa.Column("last_found_on", sa.Date(), nullable=False),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_finding_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("rule", "case_id", "period", name=op.f("uq_finding_rule_case_id_period")),
    )
    op.create_index(op.f("ix_finding_case_id_cleared_on"), "finding", ["case_id", "cleared_on"], unique=False)
    _of_findings()
    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )


def _of_findings() -> None:
    op.create_table(
        "finding_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_finding_change_finding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_change")),
    )
    op.create_index(
        op.f("ix_finding_change_finding_id_business_date"),
        "finding_change",
        ["finding_id", "business_date"],
        unique=False,
    )
    op.create_index(
        op.f("ix_finding_change_business_date"), "finding_change", ["business_date"], unique=False
    )
    op.create_table(
        "finding_rung",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("rung", sa.String(length=64), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_finding_rung_finding_id")),
        sa.PrimaryKeyConstraint("finding_id", "rung", name=op.f("pk_finding_rung")),
    )
    op.create_index(op.f("ix_finding_rung_reached_on"), "finding_rung", ["reached_on"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_acknowledgement_finding_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acknowledgement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
    )
    op.create_index(
        op.f("ix_acknowledgement_finding_id_until_on"),
        "acknowledgement",
        ["finding_id", "until_on"],
        unique=False,
    )
    op.create_table(
        "backlog_release",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sgo_case.id"], name=op.f("fk_backlog_release_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_backlog_release")),
    )
    op.create_index(op.f("ix_backlog_release_released_on"), "backlog_release", ["released_on"], unique=False)


def _digests() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("for_day", sa.Date(), nullable=False),
        sa.Column("outbox_id", sa.String(length=32), nullable=False),
        sa.Column("with_page", sa.Boolean(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_digest_outbox_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_digest_outbox_id")),
        sa.UniqueConstraint("person_id", "for_day", name=op.f("uq_digest_person_id_for_day")),
    )
    op.create_index(op.f("ix_digest_for_day"), "digest", ["for_day"], unique=False)
    op.create_table(
        "digest_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest_id", sa.String(length=32), nullable=False),
        sa.Column("outbox_id", sa.String(length=32), nullable=True),
        sa.Column("finding_id", sa.String(length=32), nullable=True),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("behalf_of", sa.String(length=32), nullable=True),
        sa.Column("left_out", sa.String(length=300), nullable=True),
        sa.CheckConstraint("(outbox_id IS NULL) <> (finding_id IS NULL)", name=op.f("ck_digest_line_one_source")),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_line_digest_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_digest_line_finding_id")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_digest_line_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_line")),
        sa.UniqueConstraint("digest_id", "finding_id", name=op.f("uq_digest_line_digest_id_finding_id")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_digest_line_outbox_id")),
    )
    op.create_index(op.f("ix_digest_line_finding_id"), "digest_line", ["finding_id"], unique=False)
    op.create_table(
        "digest_day",
        sa.Column("for_day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("for_day", name=op.f("pk_digest_day")),
    )


def _create_access_log() -> None:
    op.create_table(
        "access",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=True),
        sa.Column("case_ref", sa.String(length=20), nullable=True),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("os_user", sa.String(length=60), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_access")),
    )
    op.create_index(op.f("ix_access_case_ref"), "access", ["case_ref"], unique=False)
    op.create_index(op.f("ix_access_person_id"), "access", ["person_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("History is not taken back: restore the backup made before the upgrade.")
