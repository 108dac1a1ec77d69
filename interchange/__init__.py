"""Files ⇄ typed rows: the statutory returns an authority already makes. No database, no clock.

`ssda903.read_return` reads the yearly return on children looked after, `annex_a.read_annex_a` the
inspection workbook; both give a `returned.Return`. What a file gets wrong is listed, never guessed:
`problems.RULES` is the visible list of what refuses a file, what leaves a row out and what is only
flagged (practice 7).
"""

import os

# openpyxl takes lxml where another package has brought it, and lxml reads entities that defusedxml refuses.
# This stands before anything here imports openpyxl, so that a hostile workbook is refused (reliability R17).
os.environ["OPENPYXL_LXML"] = "False"
