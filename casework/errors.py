"""How an act can fail, in words for people. The command line and the pages map these to exit codes.

Nothing has changed when one of these is raised: the unit of work it happened in is rolled back whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from states.vocabulary import Unmet


class CaseworkError(Exception):
    """Anything a person can understand and act on."""


class Refused(CaseworkError):
    """A rule or access refuses the act. Everything that is missing is listed at once (rules R-SM-1)."""

    def __init__(self, trigger: str, reasons: Sequence[Unmet]) -> None:
        self.trigger = trigger
        self.reasons = tuple(reasons)
        listed = "; ".join(f"{r.reason} ({r.rule})" for r in self.reasons)
        super().__init__(f"{trigger} was refused: {listed}")


class NotFound(CaseworkError):
    """No such thing, or not for this person: both answer alike (reliability R22)."""

    def __init__(self, what: str = "case", ref: str = "") -> None:
        self.what, self.ref = what, ref
        words = f"There is no {what} {ref} that you can open." if ref else f"There is no such {what}."
        super().__init__(words)


class Conflict(CaseworkError):
    """Somebody else was first: the version is no longer current, or the decision has been made."""

    def __init__(self, message: str, *, current: int | None = None) -> None:
        self.current = current
        super().__init__(message)


class KeyReused(Conflict):
    """The same idempotency key came with another content (reliability R7)."""


class Unusable(CaseworkError):
    """What was given cannot be read or does not name anything: wrong usage."""


class Busy(CaseworkError):
    """The database could not take the act now; nothing was done and it can be tried again."""
