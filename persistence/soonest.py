"""The soonest date that stands on each case, kept by the database itself beside the dates it follows from.

Lists are read by it and boards count who is late by it, over every case at once: worked out on reading it would
cost a pass over all dates there are. A trigger keeps it, so that no act, pause, correction or import can forget it.
"""

from __future__ import annotations

#: The column of the case row that is kept here: whoever writes whole rows leaves it alone.
KEPT = "next_due"
#: Dates from which something may happen: nothing is late on such a day (rules R-LAW-4).
OPENS_A_DOOR = ("earliest_application",)

_SOONEST = (
    "UPDATE sgo_case SET next_due = (SELECT min(due_on) FROM deadline WHERE case_id = {case} "
    "AND closed_as IS NULL AND name NOT IN ({doors})) WHERE id = {case}"
)


def soonest_ddl(dialect: str) -> list[str]:
    """The statements that keep `sgo_case.next_due`, and that set it for the cases there are."""
    return [*_triggers(dialect), _soonest("sgo_case.id").rsplit(" WHERE ", 1)[0]]


def _soonest(case: str) -> str:
    return _SOONEST.format(case=case, doors=", ".join(f"'{name}'" for name in OPENS_A_DOOR))


def _triggers(dialect: str) -> list[str]:
    events = {"insert": "INSERT", "update": "UPDATE OF due_on, closed_as", "delete": "DELETE"}
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER deadline_soonest_{name} AFTER {event} ON deadline "
            f"BEGIN {_soonest('OLD.case_id' if name == 'delete' else 'NEW.case_id')}; END"
            for name, event in events.items()
        ]
    return [
        "CREATE OR REPLACE FUNCTION sgo_soonest() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN {_soonest('OLD.case_id')}; ELSE {_soonest('NEW.case_id')}; END IF; "
        "RETURN NULL; END $$",
        f"CREATE TRIGGER deadline_soonest AFTER {' OR '.join(events.values())} ON deadline "
        "FOR EACH ROW EXECUTE FUNCTION sgo_soonest()",
    ]
