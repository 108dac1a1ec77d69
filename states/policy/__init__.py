"""The numbers an authority may set: dated data, never constants in code (design 5.7, rules 14)."""

from states.policy.document import Policy, policy_values
from states.policy.loading import load_policy
from states.policy.problems import PolicyProblem, PolicyRefused
from states.policy.values import LocalTime, Mark, Origin, Rung, Span, SpanUnit, Value

__all__ = [
    "LocalTime",
    "Mark",
    "Origin",
    "Policy",
    "PolicyProblem",
    "PolicyRefused",
    "Rung",
    "Span",
    "SpanUnit",
    "Value",
    "load_policy",
    "policy_values",
]
