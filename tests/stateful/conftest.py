"""Stateful tests: whatever anyone does in any order, what must hold still holds (reliability T4).

Write one when a promise is about sequences of acts. Hypothesis chooses them; a plain model judges.
"""
