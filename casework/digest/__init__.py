"""The digest: one message a day for each person, on the days they work (design 5.12, reliability R11, R12).

`building` makes the day's digests after the night, `members` looks at every line again before it is said,
`lines` puts rows into plain values, `week` is the page of a Head of Service, `reading` shows digests to people.
"""
