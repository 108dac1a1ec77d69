"""The list in view as a workbook: the same rows, read and logged as a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flask import Response

from interchange.sheets import MEDIA_TYPE, Column, Value, workbook


def as_workbook(name: str, on: date, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Response:
    """A workbook to keep; its name says what and when, and nothing about a child."""
    answer = Response(workbook(name, columns, rows), mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{on.isoformat()}.xlsx"'
    return answer
