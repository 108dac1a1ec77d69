"""The few words that messages share: dates, and why somebody gets one.

Nothing here, and nothing in a mail, says anything about a child beyond an opaque reference (rules N-1,
reliability E.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from states.vocabulary import Party, Role

#: Why somebody gets a message, by the role or party they got it as. Follows "You get this because".
WHY: Mapping[str, str] = MappingProxyType(
    {
        Role.CHILDS_WORKER: "you are the child's social worker",
        Role.ASSESSMENT_WORKER: "you are the SGO assessment worker",
        Role.SUPERVISING_WORKER: "you are the carers' supervising social worker",
        Role.IRO: "you are the independent reviewing officer",
        Role.IRO_MANAGER: "you manage the independent reviewing officers",
        Role.TEAM_MANAGER: "you are the Team Manager",
        Role.HEAD_OF_SERVICE: "you are the Head of Service",
        Role.ASSISTANT_DIRECTOR: "you are the Assistant Director",
        Role.DIRECTOR: "you are the Director",
        Role.SGO_TEAM: "you manage the SGO team",
        Role.GROUP_ADMINISTRATOR: "you administer the Review Group",
        Role.GROUP_CHAIR: "you chair the Review Group",
        Role.GROUP_MEMBER: "you are a member of the Review Group",
        Role.KDD_CHAIR: "you chair Key Decision Discussions",
        Role.LEGAL: "you are the legal adviser",
        Role.CO_ORDINATOR: "you co-ordinate permanence support",
        Role.PANEL_CHAIR: "you chair the Permanence Panel",
        Role.CFS_PERMANENCE: "you are part of CFS Permanence",
        Role.FINANCE: "you look after the payments",
        Role.VIRTUAL_SCHOOL: "you are part of the Virtual School",
        Role.HEALTH: "you are the looked-after children's nurse",
        Role.SAFEGUARDING: "you are the safeguarding lead",
        Role.DATA_MANAGER: "you look after the data",
        Role.ADMINISTRATOR: "you administer this system",
        Role.OPERATOR: "you operate this system",
        Role.AUDITOR: "you audit this system",
        Role.GUARDIAN: "you guard the information about children",
        Party.DECIDER: "the decision is recorded in your name",
        Party.RECORDER: "you recorded the step",
        Party.TOLD_BEFORE: "you were told about this step before",
        Party.MISSING_SERVICE: "your service could not be at the meeting",
        Party.CARERS: "you are the child's carer",
        Party.NEW_HOLDER: "the work has passed to you",
        Party.READER: "you work on this pathway: one message every day you work, also when nothing is due",
        Party.STAND_IN: "it is urgent and a colleague it is for is not at work",
        Party.INVITED: "you are invited to the meeting",
    }
)


def why(because: str) -> str:
    """The words that follow "You get this because". Raises KeyError for no role or party."""
    return WHY[because]


def in_words(day: date) -> str:
    """A London date as people write it: Friday 4 December 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def on_a_letter(day: date) -> str:
    """A London date as letters carry it: 4 December 2026."""
    return f"{day.day} {day:%B %Y}"


def time_of_day(text: str | None) -> str | None:
    """A time as 10:30 from what people type (10:30, 10.30, 9:05), or None: no free text in mails."""
    found = re.fullmatch(r"\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*", text or "")
    return f"{int(found[1]):02}:{found[2]}" if found else None


def one_line(text: str) -> str:
    """Text with every run of white space and every control character made one space (reliability C34)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
