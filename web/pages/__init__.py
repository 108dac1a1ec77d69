"""One module a place people go to: its addresses, and what they show."""
