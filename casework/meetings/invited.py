"""Who belongs at a meeting of a body: its members, the chair, and who presents the children (rules 1.2, NT-03)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from persistence.tables import AgendaItem, Case, Meeting, Person, RoleGrant
from states.policy.recurring import Body
from states.vocabulary import Role

#: The posts that sit in each body, or keep it.
MEMBERS: Mapping[str, tuple[Role, ...]] = {
    Body.REVIEW_GROUP: (Role.GROUP_CHAIR, Role.GROUP_MEMBER, Role.GROUP_ADMINISTRATOR),
    Body.PERMANENCE_PANEL: (Role.PANEL_CHAIR, Role.CFS_PERMANENCE, Role.HEAD_OF_SERVICE),
    Body.DMT: (Role.HEAD_OF_SERVICE, Role.ASSISTANT_DIRECTOR, Role.DIRECTOR),
}


def invited_to(session: Session, meeting: Meeting, on: date) -> list[str]:
    """The people at work who are invited to a meeting on a London date, by id, in a fixed order."""
    roles = [role.value for role in MEMBERS.get(meeting.body, ())]
    at_work = and_(Person.id == RoleGrant.person_id, Person.enabled)
    held = (RoleGrant.from_on <= on, or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on))
    members = set(
        session.scalars(select(RoleGrant.person_id).join(Person, at_work).where(RoleGrant.role.in_(roles), *held))
    )
    presenting = set(
        session.scalars(
            select(RoleGrant.person_id)
            .join(Person, at_work)
            .join(Case, or_(Case.team_id == RoleGrant.team_id, RoleGrant.team_id.is_(None)))
            .join(AgendaItem, AgendaItem.case_id == Case.id)
            .where(
                RoleGrant.role == Role.TEAM_MANAGER.value,
                *held,
                AgendaItem.meeting_id == meeting.id,
                AgendaItem.status == "listed",
                Case.restricted.is_(False),
            )
        )
    )
    chair = {meeting.chair_id} if meeting.chair_id else set()
    return sorted(members | presenting | chair)
