"""The means test: what a family can afford, and what allowance follows (rules 7.3). No I/O, no clock.

`household.py` is what is asked, `calculation.py` works it out, `result.py` is what comes of it: every step with its
words, its rule and the policy behind it. `words.py` names the lines of income and outgoings.
"""
