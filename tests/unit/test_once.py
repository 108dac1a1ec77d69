"""A look asks the database once for each thing, and a unit that may write every time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from casework.once import once, remember


def test_a_look_is_told_once_and_a_unit_that_may_write_every_time():
    asked: list[tuple[int, str]] = []

    @once
    def question(session: Session, number: int, *, word: str = "") -> object:
        asked.append((number, word))
        return None  # an answer too

    with Session() as looks, Session() as another, Session() as writes:
        remember(looks)
        remember(another)
        for session in (looks, looks, another, writes, writes):
            question(session, 1)
        question(looks, 2)
        question(looks, 1, word="else")
        question(looks, 1, word="else")

    assert asked == [(1, ""), (1, ""), (1, ""), (1, ""), (2, ""), (1, "else")]
