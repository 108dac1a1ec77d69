"""How the installation is doing, for a monitor: `sgo health` (design 7).

Everything is read from our own tables and the supervisor's status file, nothing from Prefect. Facts and
counts only; nobody's name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from casework.delivery.outbox import Status as MailStatus
from casework.errors import Unusable
from casework.following import leases
from casework.following.quarantine import HELD
from casework.following.status import Status as FollowUpStatus
from casework.policies import in_force, lacking
from casework.units import Office
from persistence.tables import Channel, Digest, DigestDay, Event, FollowUp, Night, Outbox, PolicyVersion
from states.calendar import london_date

#: After this long without being done, what should be done at once is stuck (reliability R16).
STUCK_AFTER = timedelta(minutes=5)
#: What waits for a digest, or is in one, is not stuck: the digest says how it goes.
_IN_DIGESTS = (MailStatus.FOR_DIGEST, MailStatus.IN_DIGEST)
#: How long the night may take before its absence is reported.
NIGHT_TAKES = timedelta(hours=2)
#: How long after its time a digest may still wait.
DIGEST_TAKES = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that needs a person: a stable word for the monitor, and what to do in words."""

    what: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How it stands. `ok` is what the exit status says: last night is done and nothing is stuck."""

    problems: tuple[Problem, ...]
    last_night: date | None  # the latest business date that is done
    night_due: date | None  # the latest that should be
    last_digest: date | None  # the latest day all of whose digests were made
    follow_ups: dict[str, int]  # by status, done ones left out
    oldest_waiting_seconds: int | None
    messages: dict[str, int]  # by status, finished ones left out
    channels_resting: tuple[str, ...]
    worker_beat: datetime | None
    processes: dict[str, str]  # of the supervisor, by name; empty where it does not run

    @property
    def ok(self) -> bool:
        """Nothing needs a person."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The answer as stable keys."""
        return {
            "ok": self.ok,
            "problems": [{"what": one.what, "words": one.words} for one in self.problems],
            "last_night": self.last_night.isoformat() if self.last_night else None,
            "night_due": self.night_due.isoformat() if self.night_due else None,
            "last_digest": self.last_digest.isoformat() if self.last_digest else None,
            "follow_ups": self.follow_ups,
            "oldest_waiting_seconds": self.oldest_waiting_seconds,
            "messages": self.messages,
            "channels_resting": list(self.channels_resting),
            "worker_beat": self.worker_beat.isoformat() if self.worker_beat else None,
            "processes": self.processes,
        }


def health(office: Office, now: datetime) -> Health:
    """Look at everything that can stand still."""
    from casework.delivery.channels import problems_of_settings  # loads what sends mail; `reminder` needs none of it

    problems: list[Problem] = []
    with office.reading() as session:
        _clock(session, now, problems)
        _policy(session, now, problems)
        beats = _Beats.of(session, now)
        due = _night(session, now, beats, problems)
        _digests(beats, due, problems)
        follow_ups, oldest = _follow_ups(session, now, problems)
        messages = _messages(session, problems)
        resting = _channels(session, now, problems)
        beat = _worker(session, now, follow_ups, problems)
    problems += [Problem(what="mail settings", words=words) for words in problems_of_settings(office.settings)]
    processes = _processes(office, now, problems)
    return Health(
        problems=tuple(problems),
        last_night=beats.last_night,
        night_due=due,
        last_digest=beats.last_digest,
        follow_ups=follow_ups,
        oldest_waiting_seconds=oldest,
        messages=messages,
        channels_resting=resting,
        worker_beat=beat,
        processes=processes,
    )


def _clock(session: Session, now: datetime, problems: list[Problem]) -> None:
    """A clock that went back: order comes from the chain, but days would be recorded wrong (reliability R30)."""
    last = session.scalar(select(func.max(Event.recorded_at)))
    if last is not None and last > now:
        words = (
            f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC, but something was recorded at "
            f"{last:%Y-%m-%d %H:%M} UTC. Set it right (NTP): a case with an entry of a later day takes none till then."
        )
        problems.append(Problem(what="clock", words=words))


def _policy(session: Session, now: datetime, problems: list[Problem]) -> None:
    """A policy that lacks what this version of the program asks for stops every act until it is adopted anew."""
    if (words := lacking(session, london_date(now))) is not None:
        problems.append(Problem(what="policy", words=words))


@dataclass(frozen=True, slots=True)
class _Beats:
    """What the nights and the digests have come to, asked in one question: every page of one's own work asks."""

    last_night: date | None
    last_digest: date | None
    unsent: int  # digests that have not left an hour after their time
    adopted: datetime | None

    @classmethod
    def of(cls, session: Session, now: datetime) -> _Beats:
        unsent = (
            select(func.count())
            .select_from(Digest)
            .join(Outbox, Outbox.id == Digest.outbox_id)
            .where(
                Outbox.status.in_((MailStatus.QUEUED, MailStatus.UNKNOWN, MailStatus.SENDING)),
                func.coalesce(Outbox.next_attempt_at, Outbox.created_at) < now - DIGEST_TAKES,
            )
        )
        night = select(func.max(Night.business_date)).where(Night.status == "done")
        digest, adopted = select(func.max(DigestDay.for_day)), select(func.min(PolicyVersion.adopted_at))
        columns = (one.scalar_subquery() for one in (night, digest, unsent, adopted))
        return cls(*session.execute(select(*columns)).one())


def _night(session: Session, now: datetime, beats: _Beats, problems: list[Problem]) -> date | None:
    """The night that is due is done; which it is."""
    due = _night_due(session, now, beats.adopted)
    if due is not None and (beats.last_night is None or beats.last_night < due):
        problems.append(Problem(what="night", words=f"The check of the night of {due} is not done. Run: sgo overnight"))
    return due


def _digests(beats: _Beats, due: date | None, problems: list[Problem]) -> None:
    """The digests of the night that is due are made, and have left an hour after their time.

    While the night itself is missing that is said, and nothing of what would follow it.
    """
    night_is_done = due is not None and beats.last_night is not None and beats.last_night >= due
    if night_is_done and due is not None and (beats.last_digest is None or beats.last_digest < due):
        problems.append(
            Problem(what="digest", words=f"Nobody has had a digest for {due}. Run: sgo overnight, then sgo deliver")
        )
    if beats.unsent:
        problems.append(
            Problem(what="digest unsent", words=f"{beats.unsent} digests have not left at their time. Run: sgo deliver")
        )


def _missing(session: Session, now: datetime) -> tuple[Problem | None, date | None]:
    """The first that is missing of last night's check and its digests, and the date that is due."""
    problems: list[Problem] = []
    beats = _Beats.of(session, now)
    due = _night(session, now, beats, problems)
    _digests(beats, due, problems)
    return (problems[0] if problems else None), due


def reminder(session: Session, now: datetime) -> str | None:
    """What the next person who looks should know: last night's check or digest is missing (design 5.12)."""
    missing, _ = _missing(session, now)
    return missing.words if missing else None


#: The same for somebody at a page, who runs no commands.
_AT_A_PAGE = {
    "night": "The check of the night of {due} is not done.",
    "digest": "The digests of {due} are not made: nobody has been told by mail what waits.",
    "digest unsent": "Digests have not left at their time: not everybody has been told by mail what waits.",
}


def heartbeat(session: Session, now: datetime) -> str | None:
    """What whoever opens a page should know: last night's check or its digests are missing (design 5.12)."""
    missing, due = _missing(session, now)
    if missing is None:
        return None
    words = _AT_A_PAGE[missing.what].format(due=due and f"{due.day} {due:%B %Y}")
    return f"{words} Tell whoever runs the system."


def night_due(session: Session, now: datetime) -> date | None:
    """The latest business date whose night should be done by `now`; None before the first one.

    A night is due at the policy's time, and the first one is that of the day after the installation.
    """
    return _night_due(session, now, session.scalar(select(func.min(PolicyVersion.adopted_at))))


def _night_due(session: Session, now: datetime, adopted: datetime | None) -> date | None:
    if adopted is None:
        return None
    today = london_date(now)
    try:
        at = in_force(session, today).policy.night.at
    except Unusable:  # no policy that can be used: `_policy` says so
        return None
    begins = datetime.combine(today, at.at, tzinfo=ZoneInfo(at.zone))
    due = today if now >= begins + NIGHT_TAKES else today - timedelta(days=1)
    return due if due > london_date(adopted) else None


def _follow_ups(session: Session, now: datetime, problems: list[Problem]) -> tuple[dict[str, int], int | None]:
    query = select(FollowUp.status, func.count()).group_by(FollowUp.status)
    open_ = query.where(FollowUp.status != FollowUpStatus.DONE)
    counts = _by_status(session, open_)
    if failed := counts.get(FollowUpStatus.FAILED, 0):
        problems.append(
            Problem(what="follow-up failed", words=f"{failed} automatic follow-ups failed for good: sgo runs")
        )
    if held := counts.get(HELD, 0):
        problems.append(Problem(what="follow-up held", words=f"{held} automatic follow-ups are held since a restore."))
    if overdue := session.scalar(
        select(func.count())
        .select_from(FollowUp)
        .where(FollowUp.status == FollowUpStatus.RUNNING, FollowUp.lease_until < now - STUCK_AFTER)
    ):
        problems.append(Problem(what="follow-up stuck", words=f"{overdue} automatic follow-ups stopped in the middle."))
    oldest = session.scalar(
        select(func.min(func.coalesce(FollowUp.next_attempt_at, FollowUp.created_at))).where(
            FollowUp.status == FollowUpStatus.WAITING
        )
    )
    seconds = None if oldest is None else max(0, round((now - oldest).total_seconds()))
    if seconds is not None and seconds > STUCK_AFTER.total_seconds():
        problems.append(
            Problem(
                what="follow-up waiting",
                words=f"An act has waited {seconds // 60} minutes to be followed through. Run: sgo deliver",
            )
        )
    return counts, seconds


def _messages(session: Session, problems: list[Problem]) -> dict[str, int]:
    finished = (MailStatus.SENT, MailStatus.SUPPRESSED, MailStatus.WITHDRAWN, *_IN_DIGESTS)
    query = select(Outbox.status, func.count()).group_by(Outbox.status)
    counts = _by_status(session, query.where(Outbox.status.not_in(finished)))
    for status, words in (
        (MailStatus.DEAD, "messages could not be delivered"),
        (MailStatus.NEEDS_A_PERSON, "messages may have arrived or not, and a person must decide"),
        (MailStatus.QUARANTINED, "messages are held until a person releases them"),
    ):
        if number := counts.get(status, 0):
            problems.append(Problem(what=f"mail {status}", words=f"{number} {words}: sgo outbox list"))
    return counts


def _channels(session: Session, now: datetime, problems: list[Problem]) -> tuple[str, ...]:
    query = select(Channel).where(or_(Channel.paused_until > now, Channel.wrong_settings.is_not(None)))
    for channel in session.scalars(query.order_by(Channel.name)):
        if channel.wrong_settings is not None:
            words = (
                f"The channel {channel.name} refuses our settings, and no mail leaves: {channel.wrong_settings}. "
                "Mend them and start again; nothing is lost meanwhile. To try them: sgo outbox check"
            )
            problems.append(Problem(what="mail settings", words=words))
        else:
            words = f"The channel {channel.name} cannot be reached and rests for a while."
            problems.append(Problem(what="channel", words=words))
    resting = select(Channel.name).where(Channel.paused_until > now).order_by(Channel.name)
    return tuple(session.scalars(resting))


def _worker(session: Session, now: datetime, follow_ups: dict[str, int], problems: list[Problem]) -> datetime | None:
    held = leases.held(session, prefix="worker")
    if held and not any(lease.until > now for lease in held):
        problems.append(Problem(what="worker", words="The worker has stopped without saying so. Run: sgo up"))
    elif not held and follow_ups.get(FollowUpStatus.WAITING, 0):
        problems.append(
            Problem(what="worker", words="No worker runs, and acts wait for it. Run: sgo up, or sgo deliver")
        )
    return max((lease.beat_at for lease in held), default=None)


def _processes(office: Office, now: datetime, problems: list[Problem]) -> dict[str, str]:
    try:
        status = json.loads((office.settings.home / "status.json").read_text(encoding="utf-8"))
        looked_at = datetime.fromisoformat(status["looked_at"])
        parts = {str(name): str(part["state"]) for name, part in status["parts"].items()}
        starting = {
            name: datetime.fromisoformat(status["parts"][name]["since"])
            for name, state in parts.items()
            if state == "starting"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # nobody has run `sgo up` here: the processes may be kept by something else
    if set(parts.values()) == {"stopped"}:
        return parts
    if now - looked_at > STUCK_AFTER:
        problems.append(Problem(what="supervisor", words="The supervisor was killed. Run: sgo up"))
        return dict.fromkeys(parts, "unknown")
    problems += [
        Problem(what=f"process {name}", words=f"The process {name} keeps dying: see its log under logs.")
        for name, part in status["parts"].items()
        if part["state"] == "waiting" and part["restarts"] > 2
    ]
    problems += [
        Problem(
            what=f"process {name}",
            words=f"The process {name} has not been ready since {since:%Y-%m-%d %H:%M} UTC: see its log under logs.",
        )
        for name, since in starting.items()
        if now - since > STUCK_AFTER
    ]
    return parts


def _by_status(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {status: number for status, number in session.execute(query)}  # noqa: C416 - a Row is no pair
