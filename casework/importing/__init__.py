"""The caseload out of statutory returns: reading, judging, opening, reporting."""
