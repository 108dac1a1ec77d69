"""How a command that fails says so, and its exit status (design 7).

0 done · 2 wrong usage · 3 refused by a rule or by access: nothing changed, and an unknown and a hidden reference
answer alike · 4 somebody was first: `--version` is no longer current · 130 stopped by whoever ran it
(Ctrl-C) · 1 anything else.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cli.options import json_is_asked
from cli.output import print_json, tell

DONE, OTHER, WRONG_USAGE, REFUSED, CONFLICT = 0, 1, 2, 3, 4
#: What a shell expects of a command that was stopped by SIGINT.
INTERRUPTED = 130


def report(error: Exception) -> int:
    """Say what went wrong, in words; answers the exit status. Never a traceback, never a child's data."""
    import typer

    from casework.errors import CaseworkError
    from cli.terminal import Interrupted, Unexpected, in_our_words
    from interchange.household import HouseholdRefused
    from states.policy import PolicyRefused

    match error:
        case typer.TyperException():
            return _usage(error)
        case PolicyRefused():
            return _refused(str(error), policy_problems(error))
        case HouseholdRefused():
            return _refused(
                f"The file is refused; nothing was worked out. To put right:\n{error}",
                [asdict(fault) for fault in error.faults],
            )
        case CaseworkError():
            return _casework(error)
        case Interrupted():
            tell(error.words)
            return INTERRUPTED
        case Unexpected():
            tell(error.words)
            return OTHER
        case typer.Abort():
            tell("Stopped.")
            return OTHER
        case _:
            tell(in_our_words(error))
            return OTHER


def _casework(error: Exception) -> int:
    from casework.errors import Conflict, NotFound, Refused, Unusable
    from casework.importing.import_report import FileRefused

    match error:
        case FileRefused():
            lines = [f"{error.trigger} is refused; nothing was changed:"]
            lines += [f"  - {line.message} ({line.rule})" for line in error.lines]
            return _refused("\n".join(lines), [_of_a_file(line) for line in error.lines])
        case Refused():
            lines = [f"{error.trigger} is refused; nothing was changed. Still needed:"]
            lines += [f"  - {unmet.reason} ({unmet.rule})" for unmet in error.reasons]
            return _refused(
                "\n".join(lines),
                [{"rule": u.rule, "reason": u.reason, "field": u.field} for u in error.reasons],
            )
        case NotFound():
            words = str(error) + _other_command(error.what, error.ref)
            return _refused(words, [{"rule": "R22", "reason": words, "field": None}])
        case Conflict():
            if json_is_asked():
                print_json({"conflict": {"reason": str(error), "current": error.current}})
            tell(str(error))
            return CONFLICT
        case Unusable():
            tell(str(error))
            return WRONG_USAGE
        case _:
            tell(str(error))
            return OTHER


def _other_command(what: str, ref: str) -> str:
    """Where a reference of the other kind is shown: its letters say of what kind it is, not whether it is known."""
    match what, ref[:3]:
        case "request", "SG-":
            return f" SG-… names a child: sgo case show {ref}"
        case "case", "FR-":
            return f" FR-… names a funding request: sgo funding show {ref}"
    return ""


def _refused(words: str, reasons: list[dict[str, Any]]) -> int:
    if json_is_asked():
        print_json({"refused": reasons})
    else:
        tell(words)
    return REFUSED


def policy_problems(error: Any) -> list[dict[str, Any]]:
    """Every problem of a policy file, with its place."""
    return [
        {
            "rule": "design 5.7",
            "reason": problem.reason,
            "field": problem.key or None,
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
        }
        for problem in error.problems
    ]


def _of_a_file(line: Any) -> dict[str, Any]:
    return {"rule": line.rule, "reason": line.message, "field": line.column, **line.as_json()}


def _usage(error: Any) -> int:
    """Click shows which command was meant and how to ask for help; our own words have no command."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        tell(f"Error: {error.format_message()}")
    return int(getattr(error, "exit_code", OTHER))
