"""The pages for those who meet and decide, what hangs on a child's own page, and those about money."""

from __future__ import annotations

from web.pages import (
    calculator,
    catch_up,
    child_papers,
    correct,
    documents,
    finance_tracker,
    grid,
    group_table,
    meeting_calendar,
    meeting_changes,
    meeting_papers,
    meetings,
    money_desk,
    my_calendar,
    request_papers,
    reviews,
)

MEETING_PAGES = (
    documents.pages,
    child_papers.pages,
    correct.pages,
    catch_up.pages,
    meetings.pages,
    meeting_calendar.pages,
    meeting_changes.pages,
    meeting_papers.pages,
    group_table.pages,
    grid.pages,
    reviews.pages,
    my_calendar.pages,
)
MONEY_PAGES = (money_desk.pages, calculator.pages, finance_tracker.pages, request_papers.pages)
