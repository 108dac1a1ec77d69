"""What somebody wants to record, who they are, and what came of it: the values an act takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from casework.errors import Unusable
from persistence.audit import canonical_json, hash_of
from states.vocabulary import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is at the keyboard, and how they came in."""

    person_id: str
    channel: str = "command line"
    os_user: str | None = None
    signs_money: bool = True  # by command line only where the installation allows it (design 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody wants to record. `ref` is empty for a case that is still to be opened.

    `happened_on` is a London date. `decided_by` is a handle or id; empty: the actor. `quiet` is for history that
    is brought in: it opens deadlines, and sends nothing and runs nothing. `with_meeting` is casework's own word: the
    act is about a whole meeting, and each child goes with it, also one whom its keeper may not see (PT-15).
    `about`: of a funding request that is still to be opened, the reference of its child's case.
    """

    trigger: str
    happened_on: date
    ref: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    decided_by: str | None = None
    evidence: str | None = None
    late_reason: str | None = None
    version: int | None = None
    key: str | None = None
    bulk_id: str | None = None
    quiet: bool = False
    with_meeting: bool = False
    about: str | None = None

    def body_hash(self) -> str:
        """What makes two commands the same (reliability R7). Raises Unusable for what is no text."""
        body = {
            "ref": self.ref,
            "trigger": self.trigger,
            "on": self.happened_on,
            "record": dict(self.record),
            "decided_by": self.decided_by,
            "evidence": self.evidence,
            "late_reason": self.late_reason,
            "about": self.about,
        }
        try:
            return hash_of("command", canonical_json(_without_floats(body)))
        except UnicodeEncodeError:
            raise Unusable("What was given holds half a character somewhere: take it out.") from None


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {str(k): _without_floats(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(v) for v in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A deadline an act opened."""

    name: str
    due: date | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an act did (design 7: the keys of `sgo trigger --json`)."""

    ref: str
    trigger: str
    from_state: str | None
    to_state: str
    event: str
    version: int
    deadlines: tuple[Opened, ...] = ()
    notices: tuple[str, ...] = ()
    flags: tuple[Unmet, ...] = ()
    unconfirmed: bool = False
    follow_up: str | None = None
    repeated: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as stable keys."""
        return {
            "ref": self.ref,
            "trigger": self.trigger,
            "from": self.from_state,
            "to": self.to_state,
            "event": self.event,
            "version": self.version,
            "deadlines": [
                {"name": d.name, "due": d.due.isoformat() if d.due else None, "basis": d.basis}
                for d in self.deadlines
            ],
            "notices": list(self.notices),
            "flags": [{"rule": f.rule, "reason": f.reason} for f in self.flags],
            "unconfirmed": self.unconfirmed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The stored answer of an act that was done before."""
        return cls(
            ref=data["ref"],
            trigger=data["trigger"],
            from_state=data["from"],
            to_state=data["to"],
            event=data["event"],
            version=data["version"],
            deadlines=tuple(
                Opened(
                    name=d["name"], due=date.fromisoformat(d["due"]) if d["due"] else None, basis=d["basis"]
                )
                for d in data["deadlines"]
            ),
            notices=tuple(data["notices"]),
            flags=tuple(Unmet(f["rule"], f["reason"]) for f in data["flags"]),
            unconfirmed=data["unconfirmed"],
            repeated=True,
        )
