"""The people of the demo's county: one or two of every role, all invented, no mail leaves the machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from casework.who.people import add_person, add_team, grant_role
from states.vocabulary import Role, Service


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody with their roles; `team` for a Team Manager, `service` for a member of the group."""

    handle: str
    name: str
    roles: tuple[Role, ...]
    team: str | None = None
    service: Service | None = None
    working_days: str = "12345"


STAFF: tuple[Post, ...] = (
    Post("rowan.tm", "Rowan Ashby", (Role.TEAM_MANAGER,), team="Children in Care North"),
    Post("imara.tm", "Imara Bell", (Role.TEAM_MANAGER,), team="Children in Care South"),
    Post("sol.sw", "Sol Carrow", (Role.CHILDS_WORKER,)),
    Post("nell.sw", "Nell Dunmore", (Role.CHILDS_WORKER,), working_days="123"),
    Post("ida.saw", "Ida Eastgate", (Role.ASSESSMENT_WORKER,)),
    Post("kit.saw", "Kit Farrow", (Role.ASSESSMENT_WORKER,)),
    Post("bay.ssw", "Bay Garland", (Role.SUPERVISING_WORKER,)),
    Post("oda.iro", "Oda Hartwell", (Role.IRO,)),
    Post("per.iro", "Per Inglewood", (Role.IRO,)),
    Post("uma.iromanager", "Uma Jarrow", (Role.IRO_MANAGER,)),
    Post("tam.sgo", "Tam Kestrel", (Role.SGO_TEAM,)),
    Post("wren.chair", "Wren Larkin", (Role.GROUP_CHAIR,)),
    Post("ash.admin", "Ash Marlow", (Role.GROUP_ADMINISTRATOR,)),
    Post("fern.fostering", "Fern Norwood", (Role.GROUP_MEMBER,), service=Service.FOSTERING),
    Post(
        "sage.safeguarding",
        "Sage Orton",
        (Role.GROUP_MEMBER, Role.SAFEGUARDING),
        service=Service.SAFEGUARDING,
    ),
    Post(
        "vale.school",
        "Vale Penrose",
        (Role.GROUP_MEMBER, Role.VIRTUAL_SCHOOL),
        service=Service.VIRTUAL_SCHOOL,
    ),
    # Manages a service of their own: senior enough to chair, and outside the line of the children (rules A17).
    Post("quin.kdd", "Quin Ridley", (Role.KDD_CHAIR, Role.TEAM_MANAGER), team="Permanence Service"),
    Post("lex.legal", "Lex Stanton", (Role.LEGAL,)),
    Post("hana.hos", "Hana Thorpe", (Role.HEAD_OF_SERVICE,)),
    Post("abel.ad", "Abel Underhill", (Role.ASSISTANT_DIRECTOR,)),
    Post("dara.director", "Dara Vane", (Role.DIRECTOR,)),
    Post("coral.coordinator", "Coral Wexford", (Role.CO_ORDINATOR,)),
    Post("cfs.permanence", "CFS Permanence", (Role.CFS_PERMANENCE,)),
    Post("faye.finance", "Faye Yardley", (Role.FINANCE,)),
    Post("nia.nurse", "Nia Zeal", (Role.HEALTH,)),
    Post("dean.data", "Dean Arbor", (Role.DATA_MANAGER,)),
    Post("amy.administrator", "Amy Birch", (Role.ADMINISTRATOR,)),
    Post("otto.operator", "Otto Cedar", (Role.OPERATOR,)),
    Post("ava.auditor", "Ava Dale", (Role.AUDITOR,)),
    Post("gail.guardian", "Gail Elder", (Role.GUARDIAN,)),
)


#: Who hears and signs money beside them: a panel's chair, and a second of each post that signs, for whoever
#: recommends or chairs cannot sign, and a disagreement wants another view (rules R-FIN-6, A5).
MONEY_STAFF: tuple[Post, ...] = (
    Post("piers.panel", "Piers Elmwood", (Role.PANEL_CHAIR,)),
    Post("hugo.hos", "Hugo Fenwick", (Role.HEAD_OF_SERVICE,)),
    Post("asa.ad", "Asa Granger", (Role.ASSISTANT_DIRECTOR,)),
)


def engage_for_money(session: Session, *, since: date, now: datetime) -> dict[str, str]:
    """Make those known who hear and sign money beside the staff; answers handle → id."""
    return engage_posts(session, MONEY_STAFF, since=since, now=now)


def engage(session: Session, *, since: date, now: datetime) -> dict[str, str]:
    """Make the staff known, with their roles since a London date; answers handle → id."""
    return engage_posts(session, STAFF, since=since, now=now)


def engage_posts(session: Session, posts: Iterable[Post], *, since: date, now: datetime) -> dict[str, str]:
    """Make these people known, with their roles since a London date; answers handle → id.

    `now`: when that was written down; a post given less than a day ago signs no money (reliability C13).
    """
    ids: dict[str, str] = {}
    for post in posts:
        person = add_person(
            session,
            handle=post.handle,
            name=post.name,
            email=f"{post.handle}@county.example",
            now=now,
            working_days=post.working_days,
            mailbox=post.handle == "cfs.permanence",
        )
        team = add_team(session, name=post.team) if post.team else None
        for role in post.roles:
            service = post.service if role is Role.GROUP_MEMBER else None
            grant_role(
                session,
                person=person,
                role=role,
                from_on=since,
                now=now,
                team=team if role is Role.TEAM_MANAGER else None,
                service=service,
            )
        ids[post.handle] = person.id
    return ids
