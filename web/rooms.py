"""The pages for those who meet and decide, and what hangs on a child's own page."""

from __future__ import annotations

from web.pages import documents, grid, group_table, meeting_changes, meeting_papers, meetings

MEETING_PAGES = (
    documents.pages,
    meetings.pages,
    meeting_changes.pages,
    meeting_papers.pages,
    group_table.pages,
    grid.pages,
)
