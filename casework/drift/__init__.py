"""Drift: what the night looks for in every open case, what it found, and who may read it (rules 10).

`rules.CATALOGUE` is the list; `casework.overnight.night` runs it.
"""
