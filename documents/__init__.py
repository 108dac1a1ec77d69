"""Papers that leave the system: from typed rows to HTML, Word and PDF. No database, no clock.

Templates are rendered in a sandbox, strictly: a word that is missing is a fault, never a gap on paper.
"""
