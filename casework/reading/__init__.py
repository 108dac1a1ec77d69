"""What people read of cases: lists, one case now, one case on a past day."""
