"""A child on one page, for a person: the latest position on top, then what is next and by when (practice 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import Page, day
from cli.step_sheet import state_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.acting.deadlines import DeadlineSeen
    from casework.meetings import Coming
    from casework.reading.lines import Line
    from casework.reading.queries import CaseLine, Handover
    from casework.reading.showing import CaseSeen
    from casework.reading.trajectory import Path

#: What stands behind a deadline, in words.
BASIS = {
    "statutory": "the law",
    "court direction": "the court",
    "service standard": "service standard",
    "local": "local aim",
}


def listed(page: Page, lines: Sequence[CaseLine]) -> None:
    """The list of children."""
    if not lines:
        page.line("No children that you can open.")
        return
    rows, styles = [], []
    for line in lines:
        late = f"LATE ×{line.overdue}" if line.overdue else day(line.next_due)
        if line.flags:
            late += f" · {line.flags} to look at"
        rows.append(
            (
                line.ref,
                line.words,
                line.colour or "–",
                late,
                _meeting(line.next_meeting),
                line.next_step or line.latest_position or "",
            )
        )
        styles.append("bold" if line.overdue else None)
    heads = ("Case", "Stage", "Colour", "Next date", "Next meeting", "Next step")
    page.table(heads, rows, indent=0, rigid=(0,), styles=styles)
    page.line()
    page.line(f"{len(lines)} {'child' if len(lines) == 1 else 'children'}")


def _meeting(coming: Coming | None) -> str:
    """The next meeting in a few words: "Review Group 14 May", "ROA 3 Jun (on agenda)", "misses 9 Apr by 2 days"."""
    if coming is None:
        return "–"
    if coming.held_on is None:
        return f"{coming.body}: none planned"
    words = f"{coming.body} {day(coming.held_on)}"
    if coming.listed:
        words += ", papers late" if coming.missed_by else ", on the agenda"
    elif coming.missed_on is not None and coming.missed_by:
        days = "1 day" if coming.missed_by == 1 else f"{coming.missed_by} days"
        words += f"; misses {day(coming.missed_on)} by {days}"
    return words


def sheet(page: Page, seen: CaseSeen) -> None:
    """The one-page sheet."""
    _top(page, seen)
    _position(page, seen)
    _flags(page, seen.flags)
    _deadlines(page, seen.deadlines)
    if seen.next_meetings:
        page.heading("Next meetings")
        for one in seen.next_meetings:
            page.item(one.words)
    _people(page, seen)
    _trajectory(page, seen)
    _chronology(page, seen.chronology)


def _top(page: Page, seen: CaseSeen) -> None:
    child = seen.child
    name = " ".join(part for part in (child["given_names"], child["family_name"]) if part) or "name not known"
    born = f"born {day(child['date_of_birth'])}" if child["date_of_birth"] else "date of birth not known"
    page.title(f"{seen.ref} · {name} · {born} · council id {child['council_id']}")
    facts = [f"{state_words(seen.state)} since {day(seen.since)}", seen.colour or "no colour"]
    facts += [seen.team or "no team", f"version {seen.version}"]
    page.line(" · ".join(facts))
    if seen.as_at:
        page.line(f"What is true of {day(seen.as_at)}, as known today.", style="bold")
    if seen.known_at:
        page.line(f"What had been recorded by {day(seen.known_at)}.", style="bold")
    if seen.restricted:
        page.line("RESTRICTED: only the people named may open this case.", style="bold")
    if seen.merged_into:
        page.line(f"MERGED: the case goes on as {seen.merged_into}.", style="bold")
    elif seen.closed:
        page.line("CLOSED", style="bold")


def _position(page: Page, seen: CaseSeen) -> None:
    position = seen.position
    page.heading(f"Latest position, {day(position['on'])}" if position["on"] else "Latest position")
    page.line(position["position"] or "None has been written yet.", indent=2)
    if position["next_step"]:
        who = f" ({position['who']})" if position["who"] else ""
        by = f", by {day(position['by_when'])}" if position["by_when"] else ""
        page.line(f"Next step: {position['next_step']}{who}{by}", indent=2)
    if seen.money["position"]:
        page.line(f"Money: {seen.money['position']}", indent=2)


def _flags(page: Page, flags: Sequence[dict[str, Any]]) -> None:
    if flags:
        page.heading("Needs attention")
        for flag in flags:
            urgent = "URGENT: " if flag["urgent"] else ""
            page.item(f"{urgent}{flag['words']} ({flag['rule']}; for {flag['owner']}) [{flag['flag']}]")


def _deadlines(page: Page, deadlines: Sequence[DeadlineSeen]) -> None:
    still_open = [one for one in deadlines if one.closed_as is None]
    missed = [one for one in deadlines if one.late]
    page.heading("Dates")
    if not still_open and not missed:
        page.line("Nothing is due.", indent=2)
    rows, styles = [], []
    for one in sorted(still_open, key=lambda d: not d.overdue):
        rows.append((_when(one), one.words, one.owner, BASIS.get(one.basis, one.basis)))
        styles.append("bold" if one.overdue else None)
    for one in missed:
        was = f"{day(one.due)}: done late, {day(one.closed_on)}"
        rows.append((was, one.words, one.owner, BASIS.get(one.basis, one.basis)))
        styles.append(None)
    page.table(("When", "What", "Who", "Set by"), rows, styles=styles)


def _when(one: DeadlineSeen) -> str:
    if one.paused:
        return "paused"
    return f"LATE since {day(one.due)}" if one.overdue else day(one.due)


def _people(page: Page, seen: CaseSeen) -> None:
    page.heading("People")
    rows = [(p["role"], p["person"] or "–", f"since {day(p['from'])}") for p in seen.people if p["now"]]
    for contact in seen.contacts:
        needs = f"needs: {contact['needs']}" if contact["needs"] else ""
        kind = contact["kind"] + (f", {contact['relationship']}" if contact["relationship"] else "")
        rows.append((kind, contact["name"], needs))
    if not rows:
        page.line("Nobody is allocated yet.", indent=2)
    page.table((), [(f"{role}:", who, more) for role, who, more in rows])
    if seen.siblings:
        page.line(f"Brothers and sisters: {', '.join(seen.siblings)}", indent=2)


def _trajectory(page: Page, seen: CaseSeen) -> None:
    if not seen.milestones:
        return
    page.heading("Trajectory")
    if seen.path is not None:
        path(page, seen.path)
        return
    rows = []
    for one in seen.milestones:
        moved = ""
        if one["slip_days"]:
            moved = f"moved {one['slip_days']:+d} days" + (f": {one['reason']}" if one["reason"] else "")
        now = f"done {day(one['done'])}" if one["done"] else day(one["forecast"])
        rows.append((one["step"], day(one["planned"]), now, moved))
    page.table(("Milestone", "Planned", "Now", "Date moved"), rows)


def path(page: Page, seen: Path) -> None:
    """The child's own trajectory, and where it leads."""
    rows, styles = [], []
    for one in seen.milestones:
        now = f"done {day(one.done)}" if one.done else day(one.forecast)
        if one.late_days:
            now += f", LATE by {one.late_days} days"
        elif not one.done and one.expected != one.forecast:
            now += f", expected {day(one.expected)}"
        moved = [f"{day(m.was)} to {day(m.now)}" + (f" ({m.reason})" if m.reason else "") for m in one.moves]
        slip = f"{one.slip_days:+d} days" if one.slip_days else ""
        rows.append((one.step, day(one.planned), now, slip, "; ".join(moved)))
        styles.append("bold" if one.late_days else None)
    page.table(("Milestone", "Planned at first", "Now", "Moved", "Each time, and why"), rows, styles=styles)
    if seen.order_expected is not None:
        words = f"Order planned at first for {day(seen.order_planned)}, now for {day(seen.order_forecast)}"
        if seen.expected_because is not None:
            words += f"; to be expected on {day(seen.order_expected)}, because of: {seen.expected_because}"
        page.line(f"{words}.", indent=2)
    if seen.at_stake is not None:
        page.line(seen.at_stake.words, indent=2)


def _chronology(page: Page, lines: Sequence[Line]) -> None:
    page.heading("What happened")
    rows, styles = [], []
    for line in reversed(lines):
        rows.append((day(line.happened_on), day(line.recorded_on), _what(line), _who(line)))
        styles.append("dim" if line.standing == "taken back" else None)
    page.table(("Happened on", "Recorded on", "What", "Who"), rows, styles=styles, rigid=(0, 1))


def _what(line: Line) -> str:
    words = line.words
    if line.from_state != line.to_state:
        words += f" → {line.to_state}"
    if line.standing != "stands":
        words += f" ({line.standing.upper()})"
    if line.confirmation == "waiting":
        words += " (UNCONFIRMED)"
    elif line.confirmation == "disputed":
        words += " (DISPUTED)"
    return words


def _who(line: Line) -> str:
    who = line.decided_by
    if line.on_behalf_of:
        who += f" for {line.on_behalf_of}"
    return who if line.decided_by == line.recorded_by else f"{who}, recorded by {line.recorded_by}"


def handover(page: Page, seen: Handover) -> None:
    """The handover sheet."""
    page.title(f"{seen.ref}: handover · {seen.state}")
    page.heading("Latest position")
    page.line(seen.latest_position or "None has been written yet.", indent=2)
    if seen.next_step:
        page.line(f"Next step: {seen.next_step}", indent=2)
    if seen.promises:
        page.heading("Promises and what to know")
        for promise in seen.promises:
            page.item(promise)
    _flags(page, seen.open_flags)
    page.heading("Next dates")
    rows = [(_when(one), one.words, one.owner) for one in seen.next_dates]
    page.table(("When", "What", "Who"), rows)
    if seen.actions:
        page.heading("Actions agreed")
        actions = [(day(a.get("by_when")), a.get("what", ""), a.get("who", "")) for a in seen.actions]
        page.table(("By", "What", "Who"), actions)
    page.heading("People")
    page.table((), [(f"{p['role']}:", p["person"] or "–", f"since {day(p['from'])}") for p in seen.people])
