"""Funding requests as people see them: the list, one request, who has to sign it (rules 7)."""
