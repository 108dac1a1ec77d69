"""Backups, seals, and the way back."""
