"""Values that cannot both be right, and values that the law does not allow."""

from collections.abc import Iterator
from dataclasses import dataclass

from states.policy.document import Policy


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that does not fit: `(section, key)` and why."""

    path: tuple[str, str]
    reason: str


def contradictions(policy: Policy, *, whole: bool) -> Iterator[Contradiction]:
    """Every contradiction."""
    yield from ()
