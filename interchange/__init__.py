"""Files ⇄ typed rows: the statutory returns an authority already makes. No database, no clock.

`ssda903.read_return` reads the yearly return on children looked after, `annex_a.read_annex_a` the
inspection workbook; both give a `returned.Return`. What a file gets wrong is listed, never guessed:
`problems.RULES` is the visible list of what refuses a file, what leaves a row out and what is only
flagged (practice 7).
"""
