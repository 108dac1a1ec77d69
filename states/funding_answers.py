"""The three answers to a request, whoever gives them: agree, return with questions, refuse (practice PM-6)."""

from __future__ import annotations

from enum import StrEnum

from states import asked
from states.guards.funding import RETURNS


class Answer(StrEnum):
    """What whoever has a request before them may say."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


#: The steps by which each answer is given, on every desk and in every meeting.
ANSWERS: dict[Answer, frozenset[str]] = {
    Answer.APPROVE: frozenset(
        {
            *asked.APPROVALS,
            "chair_recommends",
            "dmt_approves",
            "head_of_service_agrees",
            "second_head_of_service_views",
        }
    ),
    Answer.RETURN: frozenset(RETURNS),
    Answer.REFUSE: frozenset({*asked.REFUSALS, "head_of_service_disagrees", "dmt_refuses"})
    - {"second_head_of_service_views"},
}
