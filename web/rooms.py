"""The pages for those who meet and decide, and what hangs on a child's own page."""

from __future__ import annotations

from web.pages import (
    catch_up,
    child_papers,
    correct,
    documents,
    grid,
    group_table,
    meeting_changes,
    meeting_papers,
    meetings,
    my_calendar,
    reviews,
)

MEETING_PAGES = (
    documents.pages,
    child_papers.pages,
    correct.pages,
    catch_up.pages,
    meetings.pages,
    meeting_changes.pages,
    meeting_papers.pages,
    group_table.pages,
    grid.pages,
    reviews.pages,
    my_calendar.pages,
)
