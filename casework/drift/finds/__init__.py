"""How each rule of the night finds its children: one `Select` a rule, by the stage it looks at (design 5.10).

Which rules there are, whose they are and what they say stands in `casework.drift.rules`.
"""
