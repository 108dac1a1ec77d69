"""Completeness tests: every X has its Y, and no Y lacks an X. They fail for whatever is added half.

Write one when a change needs two places. They look at tables, folders and configuration, not at behaviour.
"""
